/* SPDX-License-Identifier: Apache-2.0 */
/* See systemd.h. */
#include "libsandbox/cgroup/bus_program/systemd.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <systemd/sd-bus.h>

#include "libbase/clock.h"
#include "libbase/text.h"

#define MANAGER_NAME      "org.freedesktop.systemd1"
#define MANAGER_PATH      "/org/freedesktop/systemd1"
#define MANAGER_INTERFACE "org.freedesktop.systemd1.Manager"

#define JOB_RULE                                                                                        \
	"type='signal',sender='" MANAGER_NAME "',path='" MANAGER_PATH "',interface='" MANAGER_INTERFACE \
	"',member='JobRemoved'"

struct systemd {
	sd_bus *connection;
	int64_t deadline_ns;
	bool user;
	bool watched;   /* it was asked to tell of jobs */
	int watch_code; /* -errno: that was refused */
};

/* -- errors ------------------------------------------------------------------------------------------------------------------- */

static const struct {
	const char *name;
	int code;
} error_rows[] = {
	{ "org.freedesktop.systemd1.UnitExists", -EEXIST },
	{ "org.freedesktop.systemd1.NoSuchUnit", -ENOENT },
	{ "org.freedesktop.DBus.Error.PropertyReadOnly", -EOPNOTSUPP },
	{ "org.freedesktop.DBus.Error.UnknownProperty", -EOPNOTSUPP },
	/* What the bus says of a peer that left it; sd-bus's own time-out is below. */
	{ "org.freedesktop.DBus.Error.NoReply", -ECONNRESET },
	{ "org.freedesktop.DBus.Error.Timeout", -ETIMEDOUT },
	{ "org.freedesktop.DBus.Error.TimedOut", -ETIMEDOUT },
	{ "org.freedesktop.DBus.Error.Disconnected", -ECONNRESET },
	{ "org.freedesktop.DBus.Error.ServiceUnknown", -ECONNRESET },
	{ "org.freedesktop.DBus.Error.NameHasNoOwner", -ECONNRESET },
};

static const char *manager_text(const struct systemd *systemd)
{
	return systemd->user ? "the user's systemd" : "systemd";
}

static bool is_disconnected(int code)
{
	return code == -ECONNRESET || code == -ENOTCONN || code == -EPIPE || code == -ESHUTDOWN;
}

static int failure_tell(const struct systemd *systemd, int code, struct error *err)
{
	if (code == -ETIMEDOUT)
		return error_say(err, code, "%s does not answer", manager_text(systemd));
	if (is_disconnected(code))
		return error_say(err, -ECONNRESET, "%s went away while it was asked", manager_text(systemd));
	return error_set(err, code, "ask %s", manager_text(systemd));
}

/* What a call gave; `error` is freed. */
static int call_end(const struct systemd *systemd, int code, sd_bus_error *error, struct error *err)
{
	int r = code;

	if (code >= 0)
		return 0;
	if (error->name) {
		r = -sd_bus_error_get_errno(error);
		for (size_t i = 0; i < ARRAY_SIZE(error_rows); i++) {
			if (text_equal(error->name, error_rows[i].name))
				r = error_rows[i].code;
		}
		if (r >= 0)
			r = -EIO;
	}
	/* What sd-bus makes itself of a dead or silent peer says less than we can. */
	if (!error->message || r == -ETIMEDOUT || is_disconnected(r))
		r = failure_tell(systemd, r, err);
	else
		error_say(err, r, "%s", error->message);
	sd_bus_error_free(error);
	return r;
}

/* -- the connection --------------------------------------------------------------------------------------------------------------- */

static uint64_t left_us(const struct systemd *systemd)
{
	int left_ms = clock_left_ms(systemd->deadline_ns);

	/* 0 would mean the library's own default. */
	return left_ms > 0 ? (uint64_t)left_ms * 1000 : 1;
}

static int address_open(struct systemd *systemd, const char *address, bool is_bus)
{
	int r = sd_bus_new(&systemd->connection);

	if (r >= 0)
		r = sd_bus_set_address(systemd->connection, address);
	if (r >= 0)
		r = sd_bus_set_bus_client(systemd->connection, is_bus);
	if (r >= 0)
		r = sd_bus_start(systemd->connection);
	if (r < 0)
		systemd->connection = sd_bus_close_unref(systemd->connection);
	return r;
}

/* The manager listens on a socket of its own, for root alone: without a bus daemon in between, which is to be greeted, told what to pass on, and woken for
 * each message. systemctl goes this way, too. Who names a bus is taken at his word. */
static int system_connect(struct systemd *systemd, const char *named)
{
	if (!named && address_open(systemd, "unix:path=/run/systemd/private", false) >= 0)
		return 0;
	return sd_bus_open_system(&systemd->connection);
}

/* The environment names the user's bus; of who has none (a session made by su) the usual places are tried. */
static int user_connect(struct systemd *systemd, struct arena *arena)
{
	int r = sd_bus_open_user(&systemd->connection);
	const char *address;

	if (r >= 0)
		return 0;
	address = arena_printf(arena, "unix:path=/run/user/%u/bus", (unsigned int)geteuid());
	if (address && address_open(systemd, address, true) >= 0)
		return 0;
	address = arena_printf(arena, "unix:path=/run/user/%u/systemd/private", (unsigned int)geteuid());
	return address && address_open(systemd, address, false) >= 0 ? 0 : r;
}

static int wait_more(struct systemd *systemd)
{
	int r;

	if (clock_left_ms(systemd->deadline_ns) == 0)
		return -ETIMEDOUT;
	r = sd_bus_wait(systemd->connection, left_us(systemd));
	return r == -EINTR ? 0 : r;
}

/* The library would wait for the handshake as long as it likes. */
static int handshake_wait(struct systemd *systemd)
{
	for (;;) {
		int r = sd_bus_is_ready(systemd->connection);

		if (r != 0)
			return r;
		r = sd_bus_process(systemd->connection, NULL);
		if (r == 0)
			r = wait_more(systemd);
		if (r < 0)
			return r;
	}
}

static int connect_tell(const struct systemd *systemd, int code, struct error *err)
{
	if (code == -ETIMEDOUT || is_disconnected(code))
		return failure_tell(systemd, code, err);
	/* Not "No such file or directory": engines take these words for a program that is missing in the container. */
	if (code == -ENOENT || code == -ECONNREFUSED || code == -ENOMEDIUM)
		return error_say(err, -ECONNREFUSED, "%s cannot be reached: no bus (%s)", manager_text(systemd),
				 systemd->user ? "DBUS_SESSION_BUS_ADDRESS, XDG_RUNTIME_DIR/bus"
					       : "/run/dbus/system_bus_socket, /run/systemd/private");
	return error_set(err, code, "connect to %s", manager_text(systemd));
}

int systemd_open(bool user, const char *system_bus, int64_t deadline_ns, struct arena *arena, struct systemd **ret,
		 struct error *err)
{
	struct systemd *systemd = arena_new(arena, struct systemd);
	int r;

	if (!systemd)
		return error_set(err, -ENOMEM, "connect to systemd");
	*systemd = (struct systemd){ .deadline_ns = deadline_ns, .user = user };
	r = user ? user_connect(systemd, arena) : system_connect(systemd, system_bus);
	if (r >= 0)
		r = sd_bus_set_method_call_timeout(systemd->connection, left_us(systemd));
	if (r >= 0)
		r = handshake_wait(systemd);
	if (r < 0) {
		systemd_close(systemd);
		return connect_tell(systemd, r, err);
	}
	*ret = systemd;
	return 0;
}

void systemd_close(struct systemd *systemd)
{
	/* Not flushed: each call had its answer, and a peer that is gone would keep us. */
	if (systemd && systemd->connection)
		systemd->connection = sd_bus_close_unref(systemd->connection);
}

/* -- values ----------------------------------------------------------------------------------------------------------------------- */

static int variant_append(sd_bus_message *message, const struct plan_variant *value);

/* An array's signature without the 'a', a struct's without its parentheses. */
static int items_append(sd_bus_message *message, const struct plan_variant *value)
{
	char contents[PLAN_VARIANT_SIGNATURE_MAX + 1];
	bool is_array = value->signature[0] == 'a';
	size_t length = strlen(value->signature) - (is_array ? 1 : 2);
	int r;

	if (length > PLAN_VARIANT_SIGNATURE_MAX)
		return -EINVAL;
	memcpy(contents, value->signature + 1, length);
	contents[length] = '\0';
	r = sd_bus_message_open_container(message, is_array ? SD_BUS_TYPE_ARRAY : SD_BUS_TYPE_STRUCT, contents);
	for (size_t i = 0; r >= 0 && i < value->count; i++)
		r = variant_append(message, &value->items[i]);
	return r < 0 ? r : sd_bus_message_close_container(message);
}

static int variant_append(sd_bus_message *message, const struct plan_variant *value)
{
	const char type = value->signature[0];
	/* The library reads as many bytes as the type has. */
	const uint64_t number = value->number;
	const uint32_t number_32 = (uint32_t)number;
	const uint16_t number_16 = (uint16_t)number;
	const uint8_t number_8 = (uint8_t)number;
	const int fd = (int)number;
	const void *bytes = NULL;

	switch (type) {
	case 'a':
	case '(':
		return items_append(message, value);
	case 's':
	case 'o':
	case 'g':
		bytes = value->text;
		break;
	case 'd':
		bytes = &value->real;
		break;
	case 't':
	case 'x':
		bytes = &number;
		break;
	case 'b':
	case 'u':
	case 'i':
		bytes = &number_32;
		break;
	case 'q':
	case 'n':
		bytes = &number_16;
		break;
	case 'y':
		bytes = &number_8;
		break;
	case 'h':
		bytes = &fd;
		break;
	default:
		return -EINVAL;
	}
	return sd_bus_message_append_basic(message, type, bytes);
}

static int property_append(sd_bus_message *message, const struct bus_property *property)
{
	int r = sd_bus_message_open_container(message, SD_BUS_TYPE_STRUCT, "sv");

	if (r >= 0)
		r = sd_bus_message_append(message, "s", property->name);
	if (r >= 0)
		r = sd_bus_message_open_container(message, SD_BUS_TYPE_VARIANT, property->value->signature);
	if (r >= 0)
		r = variant_append(message, property->value);
	if (r >= 0)
		r = sd_bus_message_close_container(message);
	return r < 0 ? r : sd_bus_message_close_container(message);
}

static int properties_append(sd_bus_message *message, const struct bus_property *properties, size_t count)
{
	int r = sd_bus_message_open_container(message, SD_BUS_TYPE_ARRAY, "(sv)");

	for (size_t i = 0; r >= 0 && i < count; i++)
		r = property_append(message, &properties[i]);
	return r < 0 ? r : sd_bus_message_close_container(message);
}

/* -- calls ------------------------------------------------------------------------------------------------------------------------ */

int systemd_version(struct systemd *systemd, uint32_t *ret, struct error *err)
{
	sd_bus_error error = SD_BUS_ERROR_NULL;
	sd_bus_message *reply = NULL;
	const char *text = NULL;
	uint32_t version = 0;
	int r = sd_bus_get_property(systemd->connection, MANAGER_NAME, MANAGER_PATH, MANAGER_INTERFACE, "Version",
				    &error, &reply, "s");

	r = call_end(systemd, r, &error, err);
	if (r < 0)
		return r;
	r = sd_bus_message_read(reply, "s", &text);
	if (r >= 0) {
		text += strcspn(text, "0123456789");
		while (*text >= '0' && *text <= '9' && version < 100000)
			version = version * 10 + (uint32_t)(*text++ - '0');
	}
	sd_bus_message_unref(reply);
	if (r < 0)
		return failure_tell(systemd, r, err);
	*ret = version;
	return 0;
}

/* 1: it is the end of this job, and *ret_done says whether the job did what it should; `text` is its result. */
static int job_end_read(sd_bus_message *message, const char *job, char text[32])
{
	const char *path, *unit, *result;
	uint32_t id;
	int r;

	if (sd_bus_message_is_signal(message, MANAGER_INTERFACE, "JobRemoved") <= 0)
		return 0;
	r = sd_bus_message_read(message, "uoss", &id, &path, &unit, &result);
	if (r < 0)
		return r;
	if (!text_equal(path, job))
		return 0;
	memset(text, 0, 32);
	memcpy(text, result, strnlen(result, 31));
	return 1;
}

static int job_wait(struct systemd *systemd, const char *job, struct error *err)
{
	char result[32];

	for (;;) {
		sd_bus_message *message = NULL;
		int r = sd_bus_process(systemd->connection, &message);

		if (message) {
			r = job_end_read(message, job, result);
			sd_bus_message_unref(message);
			if (r > 0)
				break;
			/* Not ours: there may be more without waiting. */
			if (r == 0)
				continue;
		}
		if (r == 0)
			r = wait_more(systemd);
		if (r >= 0)
			r = systemd->watch_code;
		if (r < 0)
			return failure_tell(systemd, r, err);
	}
	return text_equal(result, "done") ? 0 : error_say(err, -EIO, "the job ended with '%s'", result);
}

static int job_watch_answered(sd_bus_message *reply, void *data, sd_bus_error *ret)
{
	struct systemd *systemd = data;

	(void)ret;
	if (sd_bus_message_is_method_error(reply, NULL) > 0)
		systemd->watch_code = -sd_bus_message_get_errno(reply);
	return 1;
}

/* On a bus signals come to who asked for them; the manager's own socket hands out all. Before the job, so that its end is not missed: the bus takes what
 * one client says in turns, so its answer is not waited for. */
static int job_watch(struct systemd *systemd, struct error *err)
{
	int r = 0;

	if (!systemd->watched && sd_bus_is_bus_client(systemd->connection) > 0)
		r = sd_bus_call_method_async(systemd->connection, NULL, "org.freedesktop.DBus", "/org/freedesktop/DBus",
					     "org.freedesktop.DBus", "AddMatch", job_watch_answered, systemd, "s",
					     JOB_RULE);
	systemd->watched = r >= 0;
	return r < 0 ? failure_tell(systemd, r, err) : 0;
}

static int job_reply_wait(struct systemd *systemd, sd_bus_message *reply, struct error *err)
{
	const char *job;
	int r = sd_bus_message_read(reply, "o", &job);

	r = r < 0 ? failure_tell(systemd, r, err) : job_wait(systemd, job, err);
	sd_bus_message_unref(reply);
	return r;
}

int systemd_unit_start(struct systemd *systemd, const char *unit, const struct bus_property *properties, size_t count,
		       struct error *err)
{
	sd_bus_error error = SD_BUS_ERROR_NULL;
	sd_bus_message *message = NULL, *reply = NULL;
	int r = job_watch(systemd, err);

	if (r < 0)
		return r;
	r = sd_bus_message_new_method_call(systemd->connection, &message, MANAGER_NAME, MANAGER_PATH, MANAGER_INTERFACE,
					   "StartTransientUnit");
	if (r >= 0)
		r = sd_bus_message_append(message, "ss", unit, "replace");
	if (r >= 0)
		r = properties_append(message, properties, count);
	/* No auxiliary units. */
	if (r >= 0)
		r = sd_bus_message_append(message, "a(sa(sv))", 0);
	if (r >= 0)
		r = sd_bus_call(systemd->connection, message, left_us(systemd), &error, &reply);
	sd_bus_message_unref(message);
	r = call_end(systemd, r, &error, err);
	return r < 0 ? r : job_reply_wait(systemd, reply, err);
}

int systemd_unit_stop(struct systemd *systemd, const char *unit, struct error *err)
{
	sd_bus_error error = SD_BUS_ERROR_NULL;
	sd_bus_message *reply = NULL;
	int r = job_watch(systemd, err);

	if (r < 0)
		return r;
	r = sd_bus_call_method(systemd->connection, MANAGER_NAME, MANAGER_PATH, MANAGER_INTERFACE, "StopUnit", &error,
			       &reply, "ss", unit, "replace");
	r = call_end(systemd, r, &error, err);
	return r < 0 ? r : job_reply_wait(systemd, reply, err);
}

int systemd_unit_reset(struct systemd *systemd, const char *unit, struct error *err)
{
	sd_bus_error error = SD_BUS_ERROR_NULL;
	int r = sd_bus_call_method(systemd->connection, MANAGER_NAME, MANAGER_PATH, MANAGER_INTERFACE,
				   "ResetFailedUnit", &error, NULL, "s", unit);

	return call_end(systemd, r, &error, err);
}

int systemd_unit_set(struct systemd *systemd, const char *unit, const struct bus_property *properties, size_t count,
		     struct error *err)
{
	sd_bus_error error = SD_BUS_ERROR_NULL;
	sd_bus_message *message = NULL;
	int r = sd_bus_message_new_method_call(systemd->connection, &message, MANAGER_NAME, MANAGER_PATH,
					       MANAGER_INTERFACE, "SetUnitProperties");

	if (r >= 0)
		r = sd_bus_message_append(message, "sb", unit, 1);
	if (r >= 0)
		r = properties_append(message, properties, count);
	if (r >= 0)
		r = sd_bus_call(systemd->connection, message, left_us(systemd), &error, NULL);
	sd_bus_message_unref(message);
	return call_end(systemd, r, &error, err);
}

int systemd_unit_attach(struct systemd *systemd, const char *unit, const char *below, pid_t pid, struct error *err)
{
	sd_bus_error error = SD_BUS_ERROR_NULL;
	int r = sd_bus_call_method(systemd->connection, MANAGER_NAME, MANAGER_PATH, MANAGER_INTERFACE,
				   "AttachProcessesToUnit", &error, NULL, "ssau", unit, below, 1, (uint32_t)pid);

	return call_end(systemd, r, &error, err);
}
