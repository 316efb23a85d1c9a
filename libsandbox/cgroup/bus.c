/* SPDX-License-Identifier: Apache-2.0 */
/* See bus.h. */
#include "libsandbox/cgroup/bus.h"

#include <dlfcn.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <systemd/sd-bus.h>

#include "libbase/clock.h"
#include "libbase/text.h"

#define LIBRARY "libsystemd.so.0"

#define MANAGER_NAME      "org.freedesktop.systemd1"
#define MANAGER_PATH      "/org/freedesktop/systemd1"
#define MANAGER_INTERFACE "org.freedesktop.systemd1.Manager"

#define JOB_RULE                                                                                        \
	"type='signal',sender='" MANAGER_NAME "',path='" MANAGER_PATH "',interface='" MANAGER_INTERFACE \
	"',member='JobRemoved'"

/* -- the library ------------------------------------------------------------------------------------------------------------- */

/* Every call that is made: a member of the struct and a row of the table. */
#define CALLS(CALL)                          \
	CALL(sd_bus_call)                    \
	CALL(sd_bus_call_method)             \
	CALL(sd_bus_close_unref)             \
	CALL(sd_bus_error_free)              \
	CALL(sd_bus_error_get_errno)         \
	CALL(sd_bus_get_property)            \
	CALL(sd_bus_is_bus_client)           \
	CALL(sd_bus_is_ready)                \
	CALL(sd_bus_message_append)          \
	CALL(sd_bus_message_append_basic)    \
	CALL(sd_bus_message_close_container) \
	CALL(sd_bus_message_is_signal)       \
	CALL(sd_bus_message_new_method_call) \
	CALL(sd_bus_message_open_container)  \
	CALL(sd_bus_message_read)            \
	CALL(sd_bus_message_unref)           \
	CALL(sd_bus_new)                     \
	CALL(sd_bus_open_system)             \
	CALL(sd_bus_open_user)               \
	CALL(sd_bus_process)                 \
	CALL(sd_bus_set_address)             \
	CALL(sd_bus_set_bus_client)          \
	CALL(sd_bus_set_method_call_timeout) \
	CALL(sd_bus_start)                   \
	CALL(sd_bus_wait)

struct bus {
	void *library;
	sd_bus *connection;
	int64_t deadline_ns;
	bool user;
#define CALL_MEMBER(name) __typeof__(name) *name;
	CALLS(CALL_MEMBER)
#undef CALL_MEMBER
};

static const struct {
	const char *name;
	size_t offset;
} call_rows[] = {
#define CALL_ROW(name) { #name, offsetof(struct bus, name) },
	CALLS(CALL_ROW)
#undef CALL_ROW
};

/* The handle stays open to the end of the process: libraries that it drew in may not like to go. */
static int library_load(struct bus *bus, struct error *err)
{
	void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);

	if (!library)
		return error_say(err, -ENOTSUP, "the systemd driver needs %s, which cannot be loaded", LIBRARY);
	bus->library = library;
	for (size_t i = 0; i < ARRAY_SIZE(call_rows); i++) {
		void *address = dlsym(library, call_rows[i].name);

		if (!address)
			return error_say(err, -ENOTSUP, "%s is too old: it has no %s", LIBRARY, call_rows[i].name);
		memcpy((char *)bus + call_rows[i].offset, &address, sizeof(address));
	}
	return 0;
}

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

static const char *manager_text(const struct bus *bus)
{
	return bus->user ? "the user's systemd" : "systemd";
}

static bool is_disconnected(int code)
{
	return code == -ECONNRESET || code == -ENOTCONN || code == -EPIPE || code == -ESHUTDOWN;
}

static int failure_tell(const struct bus *bus, int code, struct error *err)
{
	if (code == -ETIMEDOUT)
		return error_say(err, code, "%s does not answer", manager_text(bus));
	if (is_disconnected(code))
		return error_say(err, -ECONNRESET, "%s went away while it was asked", manager_text(bus));
	return error_set(err, code, "ask %s", manager_text(bus));
}

/* What a call gave; `error` is freed. */
static int call_end(const struct bus *bus, int code, sd_bus_error *error, struct error *err)
{
	int r = code;

	if (code >= 0)
		return 0;
	if (error->name) {
		r = -bus->sd_bus_error_get_errno(error);
		for (size_t i = 0; i < ARRAY_SIZE(error_rows); i++) {
			if (text_equal(error->name, error_rows[i].name))
				r = error_rows[i].code;
		}
		if (r >= 0)
			r = -EIO;
	}
	/* What sd-bus makes itself of a dead or silent peer says less than we can. */
	if (!error->message || r == -ETIMEDOUT || is_disconnected(r))
		r = failure_tell(bus, r, err);
	else
		error_say(err, r, "%s", error->message);
	bus->sd_bus_error_free(error);
	return r;
}

/* -- the connection --------------------------------------------------------------------------------------------------------------- */

static uint64_t left_us(const struct bus *bus)
{
	int left_ms = clock_left_ms(bus->deadline_ns);

	/* 0 would mean the library's own default. */
	return left_ms > 0 ? (uint64_t)left_ms * 1000 : 1;
}

static int address_open(struct bus *bus, const char *address, bool is_bus)
{
	int r = bus->sd_bus_new(&bus->connection);

	if (r >= 0)
		r = bus->sd_bus_set_address(bus->connection, address);
	if (r >= 0)
		r = bus->sd_bus_set_bus_client(bus->connection, is_bus);
	if (r >= 0)
		r = bus->sd_bus_start(bus->connection);
	if (r < 0)
		bus->connection = bus->sd_bus_close_unref(bus->connection);
	return r;
}

/* Without a bus daemon the manager still listens on a socket of its own; root alone may use the system's. */
static int system_connect(struct bus *bus)
{
	int r = bus->sd_bus_open_system(&bus->connection);

	return r < 0 && address_open(bus, "unix:path=/run/systemd/private", false) >= 0 ? 0 : r;
}

/* The environment names the user's bus; of who has none (a session made by su) the usual places are tried. */
static int user_connect(struct bus *bus, struct arena *arena)
{
	int r = bus->sd_bus_open_user(&bus->connection);
	const char *address;

	if (r >= 0)
		return 0;
	address = arena_printf(arena, "unix:path=/run/user/%u/bus", (unsigned int)geteuid());
	if (address && address_open(bus, address, true) >= 0)
		return 0;
	address = arena_printf(arena, "unix:path=/run/user/%u/systemd/private", (unsigned int)geteuid());
	return address && address_open(bus, address, false) >= 0 ? 0 : r;
}

static int wait_more(struct bus *bus)
{
	int r;

	if (clock_left_ms(bus->deadline_ns) == 0)
		return -ETIMEDOUT;
	r = bus->sd_bus_wait(bus->connection, left_us(bus));
	return r == -EINTR ? 0 : r;
}

/* The library would wait for the handshake as long as it likes. */
static int handshake_wait(struct bus *bus)
{
	for (;;) {
		int r = bus->sd_bus_is_ready(bus->connection);

		if (r != 0)
			return r;
		r = bus->sd_bus_process(bus->connection, NULL);
		if (r == 0)
			r = wait_more(bus);
		if (r < 0)
			return r;
	}
}

static int connect_tell(const struct bus *bus, int code, struct error *err)
{
	if (code == -ETIMEDOUT || is_disconnected(code))
		return failure_tell(bus, code, err);
	/* Not "No such file or directory": engines take these words for a program that is missing in the container. */
	if (code == -ENOENT || code == -ECONNREFUSED || code == -ENOMEDIUM)
		return error_say(err, -ECONNREFUSED, "%s cannot be reached: no bus (%s)", manager_text(bus),
				 bus->user ? "DBUS_SESSION_BUS_ADDRESS, XDG_RUNTIME_DIR/bus"
					   : "/run/dbus/system_bus_socket, /run/systemd/private");
	return error_set(err, code, "connect to %s", manager_text(bus));
}

int bus_open(bool user, int timeout_ms, struct arena *arena, struct bus **ret, struct error *err)
{
	struct bus *bus = arena_new(arena, struct bus);
	int r;

	if (!bus)
		return error_set(err, -ENOMEM, "connect to systemd");
	*bus = (struct bus){ .deadline_ns = clock_deadline_ns(timeout_ms), .user = user };
	r = library_load(bus, err);
	if (r < 0)
		return r;
	r = user ? user_connect(bus, arena) : system_connect(bus);
	if (r >= 0)
		r = bus->sd_bus_set_method_call_timeout(bus->connection, left_us(bus));
	if (r >= 0)
		r = handshake_wait(bus);
	if (r < 0) {
		bus_close(bus);
		return connect_tell(bus, r, err);
	}
	*ret = bus;
	return 0;
}

void bus_close(struct bus *bus)
{
	/* Not flushed: each call had its answer, and a peer that is gone would keep us. */
	if (bus && bus->connection)
		bus->connection = bus->sd_bus_close_unref(bus->connection);
}

/* -- values ----------------------------------------------------------------------------------------------------------------------- */

static int variant_append(const struct bus *bus, sd_bus_message *message, const struct plan_variant *value);

/* An array's signature without the 'a', a struct's without its parentheses. */
static int items_append(const struct bus *bus, sd_bus_message *message, const struct plan_variant *value)
{
	char contents[PLAN_VARIANT_SIGNATURE_MAX + 1];
	bool is_array = value->signature[0] == 'a';
	size_t length = strlen(value->signature) - (is_array ? 1 : 2);
	int r;

	if (length > PLAN_VARIANT_SIGNATURE_MAX)
		return -EINVAL;
	memcpy(contents, value->signature + 1, length);
	contents[length] = '\0';
	r = bus->sd_bus_message_open_container(message, is_array ? SD_BUS_TYPE_ARRAY : SD_BUS_TYPE_STRUCT, contents);
	for (size_t i = 0; r >= 0 && i < value->count; i++)
		r = variant_append(bus, message, &value->items[i]);
	return r < 0 ? r : bus->sd_bus_message_close_container(message);
}

static int variant_append(const struct bus *bus, sd_bus_message *message, const struct plan_variant *value)
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
		return items_append(bus, message, value);
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
	return bus->sd_bus_message_append_basic(message, type, bytes);
}

static int property_append(const struct bus *bus, sd_bus_message *message, const struct bus_property *property)
{
	int r = bus->sd_bus_message_open_container(message, SD_BUS_TYPE_STRUCT, "sv");

	if (r >= 0)
		r = bus->sd_bus_message_append(message, "s", property->name);
	if (r >= 0)
		r = bus->sd_bus_message_open_container(message, SD_BUS_TYPE_VARIANT, property->value->signature);
	if (r >= 0)
		r = variant_append(bus, message, property->value);
	if (r >= 0)
		r = bus->sd_bus_message_close_container(message);
	return r < 0 ? r : bus->sd_bus_message_close_container(message);
}

static int properties_append(const struct bus *bus, sd_bus_message *message, const struct bus_property *properties,
			     size_t count)
{
	int r = bus->sd_bus_message_open_container(message, SD_BUS_TYPE_ARRAY, "(sv)");

	for (size_t i = 0; r >= 0 && i < count; i++)
		r = property_append(bus, message, &properties[i]);
	return r < 0 ? r : bus->sd_bus_message_close_container(message);
}

/* -- calls ------------------------------------------------------------------------------------------------------------------------ */

int bus_version(struct bus *bus, uint32_t *ret, struct error *err)
{
	sd_bus_error error = SD_BUS_ERROR_NULL;
	sd_bus_message *reply = NULL;
	const char *text = NULL;
	uint32_t version = 0;
	int r = bus->sd_bus_get_property(bus->connection, MANAGER_NAME, MANAGER_PATH, MANAGER_INTERFACE, "Version",
					 &error, &reply, "s");

	r = call_end(bus, r, &error, err);
	if (r < 0)
		return r;
	r = bus->sd_bus_message_read(reply, "s", &text);
	if (r >= 0) {
		text += strcspn(text, "0123456789");
		while (*text >= '0' && *text <= '9' && version < 100000)
			version = version * 10 + (uint32_t)(*text++ - '0');
	}
	bus->sd_bus_message_unref(reply);
	if (r < 0)
		return failure_tell(bus, r, err);
	*ret = version;
	return 0;
}

/* 1: it is the end of this job, and *ret_done says whether the job did what it should; `text` is its result. */
static int job_end_read(const struct bus *bus, sd_bus_message *message, const char *job, char text[32])
{
	const char *path, *unit, *result;
	uint32_t id;
	int r;

	if (bus->sd_bus_message_is_signal(message, MANAGER_INTERFACE, "JobRemoved") <= 0)
		return 0;
	r = bus->sd_bus_message_read(message, "uoss", &id, &path, &unit, &result);
	if (r < 0)
		return r;
	if (!text_equal(path, job))
		return 0;
	memset(text, 0, 32);
	memcpy(text, result, strnlen(result, 31));
	return 1;
}

static int job_wait(struct bus *bus, const char *job, struct error *err)
{
	char result[32];

	for (;;) {
		sd_bus_message *message = NULL;
		int r = bus->sd_bus_process(bus->connection, &message);

		if (message) {
			r = job_end_read(bus, message, job, result);
			bus->sd_bus_message_unref(message);
			if (r > 0)
				break;
			/* Not ours: there may be more without waiting. */
			if (r == 0)
				continue;
		}
		if (r == 0)
			r = wait_more(bus);
		if (r < 0)
			return failure_tell(bus, r, err);
	}
	return text_equal(result, "done") ? 0 : error_say(err, -EIO, "the job ended with '%s'", result);
}

/* On a bus signals come to who asked for them; the manager's own socket hands out all. Before the job, so that its end is not missed. */
static int job_watch(struct bus *bus, struct error *err)
{
	sd_bus_error error = SD_BUS_ERROR_NULL;
	int r;

	if (bus->sd_bus_is_bus_client(bus->connection) <= 0)
		return 0;
	r = bus->sd_bus_call_method(bus->connection, "org.freedesktop.DBus", "/org/freedesktop/DBus",
				    "org.freedesktop.DBus", "AddMatch", &error, NULL, "s", JOB_RULE);
	return call_end(bus, r, &error, err);
}

static int job_reply_wait(struct bus *bus, sd_bus_message *reply, struct error *err)
{
	const char *job;
	int r = bus->sd_bus_message_read(reply, "o", &job);

	r = r < 0 ? failure_tell(bus, r, err) : job_wait(bus, job, err);
	bus->sd_bus_message_unref(reply);
	return r;
}

int bus_unit_start(struct bus *bus, const char *unit, const struct bus_property *properties, size_t count,
		   struct error *err)
{
	sd_bus_error error = SD_BUS_ERROR_NULL;
	sd_bus_message *message = NULL, *reply = NULL;
	int r = job_watch(bus, err);

	if (r < 0)
		return r;
	r = bus->sd_bus_message_new_method_call(bus->connection, &message, MANAGER_NAME, MANAGER_PATH,
						MANAGER_INTERFACE, "StartTransientUnit");
	if (r >= 0)
		r = bus->sd_bus_message_append(message, "ss", unit, "replace");
	if (r >= 0)
		r = properties_append(bus, message, properties, count);
	/* No auxiliary units. */
	if (r >= 0)
		r = bus->sd_bus_message_append(message, "a(sa(sv))", 0);
	if (r >= 0)
		r = bus->sd_bus_call(bus->connection, message, left_us(bus), &error, &reply);
	bus->sd_bus_message_unref(message);
	r = call_end(bus, r, &error, err);
	return r < 0 ? r : job_reply_wait(bus, reply, err);
}

int bus_unit_stop(struct bus *bus, const char *unit, struct error *err)
{
	sd_bus_error error = SD_BUS_ERROR_NULL;
	sd_bus_message *reply = NULL;
	int r = job_watch(bus, err);

	if (r < 0)
		return r;
	r = bus->sd_bus_call_method(bus->connection, MANAGER_NAME, MANAGER_PATH, MANAGER_INTERFACE, "StopUnit", &error,
				    &reply, "ss", unit, "replace");
	r = call_end(bus, r, &error, err);
	return r < 0 ? r : job_reply_wait(bus, reply, err);
}

int bus_unit_reset(struct bus *bus, const char *unit, struct error *err)
{
	sd_bus_error error = SD_BUS_ERROR_NULL;
	int r = bus->sd_bus_call_method(bus->connection, MANAGER_NAME, MANAGER_PATH, MANAGER_INTERFACE,
					"ResetFailedUnit", &error, NULL, "s", unit);

	return call_end(bus, r, &error, err);
}

int bus_unit_set(struct bus *bus, const char *unit, const struct bus_property *properties, size_t count,
		 struct error *err)
{
	sd_bus_error error = SD_BUS_ERROR_NULL;
	sd_bus_message *message = NULL;
	int r = bus->sd_bus_message_new_method_call(bus->connection, &message, MANAGER_NAME, MANAGER_PATH,
						    MANAGER_INTERFACE, "SetUnitProperties");

	if (r >= 0)
		r = bus->sd_bus_message_append(message, "sb", unit, 1);
	if (r >= 0)
		r = properties_append(bus, message, properties, count);
	if (r >= 0)
		r = bus->sd_bus_call(bus->connection, message, left_us(bus), &error, NULL);
	bus->sd_bus_message_unref(message);
	return call_end(bus, r, &error, err);
}

int bus_unit_attach(struct bus *bus, const char *unit, const char *below, pid_t pid, struct error *err)
{
	sd_bus_error error = SD_BUS_ERROR_NULL;
	int r = bus->sd_bus_call_method(bus->connection, MANAGER_NAME, MANAGER_PATH, MANAGER_INTERFACE,
					"AttachProcessesToUnit", &error, NULL, "ssau", unit, below, 1, (uint32_t)pid);

	return call_end(bus, r, &error, err);
}
