/* SPDX-License-Identifier: Apache-2.0 */
/* What a manager is asked, call by call, by the real program over a bus that takes notes: no more than one method call where the manager is of today, and
 * what follows where it refuses. */

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <systemd/sd-bus.h>

#include "conformance/unit/check.h"
#include "libbase/fd.h"
#include "libbase/process.h"
#include "libbase/socket.h"
#include "libbase/text.h"
#include "libsandbox/cgroup/bus.h"
#include "libsandbox/cgroup/driver_systemd.h"
#include "libsandbox/cgroup/resource_table.h"

/* What it is like; `notes` are the members that were called, with a blank behind each. */
struct manager {
	const char *lacks; /* a property; "": none */
	bool refuses_match;
	char *notes;
	pid_t pid;
	char path[64];
};

#define NOTES_MAX 4096

static void note(const struct manager *manager, const char *member)
{
	size_t length = strlen(manager->notes);

	(void)snprintf(manager->notes + length, NOTES_MAX - length, "%s ", member);
}

/* -- the manager ------------------------------------------------------------------------------------------------------------------- */

static bool properties_have(sd_bus_message *call, const char *name)
{
	const char *given;
	bool found = false;

	if (sd_bus_message_enter_container(call, 'a', "(sv)") < 0)
		_exit(1);
	while (sd_bus_message_enter_container(call, 'r', "sv") > 0) {
		if (sd_bus_message_read(call, "s", &given) < 0 || sd_bus_message_skip(call, "v") < 0 ||
		    sd_bus_message_exit_container(call) < 0)
			_exit(1);
		found = found || text_equal(given, name);
	}
	return found;
}

static int unit_start_answer(const struct manager *manager, sd_bus_message *call)
{
	const char *unit, *mode;
	int r = sd_bus_message_read(call, "ss", &unit, &mode);

	if (r >= 0 && properties_have(call, manager->lacks))
		return sd_bus_reply_method_errorf(call, "org.freedesktop.DBus.Error.PropertyReadOnly",
						  "Cannot set property %s, or unknown property.", manager->lacks);
	if (r >= 0)
		r = sd_bus_reply_method_return(call, "o", "/job/1");
	/* Of another's job first. */
	for (uint32_t id = 2; r >= 0 && id >= 1; id--)
		r = sd_bus_emit_signal(sd_bus_message_get_bus(call), "/org/freedesktop/systemd1",
				       "org.freedesktop.systemd1.Manager", "JobRemoved", "uoss", id,
				       id == 1 ? "/job/1" : "/job/2", unit, id == 1 ? "done" : "failed");
	return r;
}

static int call_answer(sd_bus_message *call, void *data, sd_bus_error *ret)
{
	const struct manager *manager = data;
	const char *member = sd_bus_message_get_member(call);
	uint8_t type;

	(void)ret;
	if (sd_bus_message_get_type(call, &type) < 0 || type != SD_BUS_MESSAGE_METHOD_CALL)
		return 0;
	note(manager, member);
	if (text_equal(member, "Hello"))
		return sd_bus_reply_method_return(call, "s", ":1.7");
	if (text_equal(member, "AddMatch") && manager->refuses_match)
		return sd_bus_reply_method_errorf(call, "org.freedesktop.DBus.Error.LimitsExceeded", "too many");
	if (text_equal(member, "Get"))
		return sd_bus_reply_method_return(call, "v", "s", "v251.4-test");
	if (text_equal(member, "StartTransientUnit"))
		return unit_start_answer(manager, call);
	return sd_bus_reply_method_return(call, "");
}

static _Noreturn void manager_main(struct manager *manager, int listen_fd, pid_t parent)
{
	const sd_id128_t id = { .bytes = { 1 } };
	int fd = process_follow(parent) < 0 ? FD_NONE : socket_accept(listen_fd);
	sd_bus *bus = NULL;

	if (fd < 0 || sd_bus_new(&bus) < 0 || sd_bus_set_fd(bus, fd, fd) < 0 || sd_bus_set_server(bus, 1, id) < 0 ||
	    sd_bus_negotiate_fds(bus, 1) < 0 || sd_bus_add_filter(bus, NULL, call_answer, manager) < 0 ||
	    sd_bus_start(bus) < 0)
		_exit(1);
	for (;;) {
		int r = sd_bus_process(bus, NULL);

		if (r < 0 || (r == 0 && sd_bus_wait(bus, UINT64_MAX) < 0))
			_exit(0);
	}
}

static void manager_start(struct manager *manager)
{
	const pid_t parent = getpid();
	char address[96];
	int listen_fd;

	(void)snprintf(manager->path, sizeof(manager->path), "/tmp/orlop-manager-%d", (int)parent);
	(void)unlink(manager->path);
	manager->notes = mmap(NULL, NOTES_MAX, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(manager->notes != MAP_FAILED);
	listen_fd = socket_listen(AT_FDCWD, manager->path, SOCK_STREAM, 0700, 4);
	CHECK(listen_fd >= 0);
	(void)snprintf(address, sizeof(address), "unix:path=%s", manager->path);
	CHECK_INT(setenv("DBUS_SYSTEM_BUS_ADDRESS", address, 1), 0);
	manager->pid = fork();
	if (manager->pid == 0)
		manager_main(manager, listen_fd, parent);
	fd_close(listen_fd);
}

static void manager_end(struct manager *manager, const char *notes)
{
	(void)waitpid(manager->pid, NULL, 0);
	(void)unlink(manager->path);
	CHECK_TEXT(manager->notes, notes);
	(void)munmap(manager->notes, NOTES_MAX);
}

/* -- what is asked ------------------------------------------------------------------------------------------------------------------- */

/* Of whoever built it. */
static struct systemd_program program_of(void)
{
	struct systemd_program program = { .paths = { BUS_PROGRAM }, .environment = environ };
	struct stat st;

	CHECK_INT(stat(BUS_PROGRAM, &st), 0);
	program.owner = st.st_uid;
	program.group = st.st_gid;
	return program;
}

static struct plan_resource limit(const char *file, const char *value)
{
	struct plan_resource resource = { .row = resource_row_of_file(file), .file = file, .value = value };

	resource.has_number = resource.row && resource_number(resource.row, value, &resource.number);
	return resource;
}

static int start_on(struct manager *manager, const struct plan_resource *limits, size_t count, struct error *err)
{
	const struct plan_cgroup cgroup = {
		.slice = "a.slice", .unit = "x.scope", .resources = limits, .resource_count = count
	};
	const struct unit_process process = { .pid = getpid(), .pidfd = STDIN_FILENO };
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	_cleanup_(bus_cleanup) struct bus *bus = NULL;
	struct systemd_program program;
	int r;

	manager_start(manager);
	program = program_of();
	r = unit_connect(&program, &cgroup, &arena, &bus, err);
	return r < 0 ? r : unit_start(bus, &cgroup, "web", &process, err);
}

TEST(a_start_is_one_call_and_one_signal)
{
	const struct plan_resource limits[] = { limit("memory.max", "1048576"), limit("cpu.max", "33333 100000") };
	struct manager manager = { .lacks = "" };

	CHECK_INT(start_on(&manager, limits, ARRAY_SIZE(limits), NULL), 0);
	/* Two of them are the bus's own. */
	manager_end(&manager, "Hello AddMatch StartTransientUnit ");
}

TEST(a_manager_that_takes_no_pidfds_is_given_the_pid)
{
	struct manager manager = { .lacks = "PIDFDs" };

	CHECK_INT(start_on(&manager, NULL, 0, NULL), 0);
	manager_end(&manager, "Hello AddMatch StartTransientUnit StartTransientUnit ");
}

TEST(what_a_manager_lacks_is_left_out)
{
	struct manager manager = { .lacks = "IOAccounting" };

	CHECK_INT(start_on(&manager, NULL, 0, NULL), 0);
	manager_end(&manager, "Hello AddMatch StartTransientUnit StartTransientUnit ");
}

TEST(what_makes_no_unit_without_is_told)
{
	struct manager manager = { .lacks = "Slice" };
	struct error err;

	ERROR_INIT(&err);
	CHECK_INT(start_on(&manager, NULL, 0, &err), -EOPNOTSUPP);
	CHECK_TEXT(error_text(&err),
		   "unable to start unit \"x.scope\": Cannot set property Slice, or unknown property.");
	manager_end(&manager, "Hello AddMatch StartTransientUnit ResetFailedUnit ");
}

TEST(a_limit_that_newer_managers_have_asks_for_the_version)
{
	const struct plan_resource limits[] = { limit("memory.oom.group", "1"), limit("cpu.idle", "1") };
	struct manager manager = { .lacks = "OOMPolicy" };

	CHECK_INT(start_on(&manager, limits, ARRAY_SIZE(limits), NULL), 0);
	manager_end(&manager, "Hello Get AddMatch StartTransientUnit ");
}

TEST(a_bus_that_passes_no_signal_on_is_told)
{
	struct manager manager = { .lacks = "", .refuses_match = true };
	struct error err;

	ERROR_INIT(&err);
	CHECK_INT(start_on(&manager, NULL, 0, &err), -ENOBUFS);
	CHECK_HAS(error_text(&err), "unable to start unit \"x.scope\": ask systemd: ");
	manager_end(&manager, "Hello AddMatch StartTransientUnit ResetFailedUnit ");
}

/* The answer to the last call comes when what was asked for before is done. */
TEST(a_change_is_one_call_and_a_question)
{
	const struct plan_resource limits[] = { limit("memory.max", "1048576") };
	struct manager manager = { .lacks = "" };
	struct systemd_program program;

	manager_start(&manager);
	program = program_of();
	CHECK_INT(unit_change(&program, "x.scope", false, limits, ARRAY_SIZE(limits), NULL), 0);
	manager_end(&manager, "Hello SetUnitProperties Get ");
}
