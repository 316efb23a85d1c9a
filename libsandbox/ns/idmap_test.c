/* SPDX-License-Identifier: Apache-2.0 */
/* Id maps of a child in a new user namespace: written by us, and by helpers that are scripts of the test. */
#include "libsandbox/ns/idmap.h"

#include <signal.h>

#include "libbase/proc.h"
#include "libsandbox/ns/fixture.h"

static pid_t held(void)
{
	struct clone_args args = { .flags = CLONE_NEWUSER, .exit_signal = SIGCHLD };
	pid_t pid;

	need_root();
	pid = kernel_clone3(&args, sizeof(args));
	if (pid == 0)
		wait_for_parent();
	if (pid < 0)
		SKIP("no right to make a user namespace");
	return pid;
}

static const char *file_of(pid_t pid, const char *name, char to[4096])
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	return text_read(path, to);
}

static const struct spec_id_map two[] = { { 0, 100000, 1000 }, { 1000, 300000, 5 } };
static const struct spec_id_map one[] = { { 0, 200000, 65536 } };
static const struct spec_id_map overlapping[] = { { 0, 100000, 10 }, { 5, 200000, 10 } };

CHILD(both_maps_are_written)
{
	const struct plan_ids ids = { .uid_maps = { two, 2 }, .gid_maps = { one, 1 }, .writer = ID_WRITER_DIRECT };
	struct idmap_target target = { .proc_fd = proc_open(), .pid = held() };
	char text[4096];
	struct error err;

	ERROR_INIT(&err);
	WANT_OK(idmap_write(&target, &ids, &err), &err);
	WANT_TEXT(file_of(target.pid, "uid_map", text),
		  "         0     100000       1000\n      1000     300000          5\n");
	WANT_TEXT(file_of(target.pid, "gid_map", text), "         0     200000      65536\n");
	WANT_TEXT(file_of(target.pid, "setgroups", text), "allow\n");
	/* A map is written once. */
	WANT_INT(idmap_write(&target, &ids, &err), -EPERM);
	WANT_HAS(err.text, "write '0 100000 1000' to /proc/");
	WANT_HAS(err.text, "/uid_map: Operation not permitted");
	kill(target.pid, SIGKILL);
}

CHILD(setgroups_is_denied_on_demand)
{
	const struct plan_ids ids = {
		.uid_maps = { one, 1 }, .gid_maps = { one, 1 }, .writer = ID_WRITER_DIRECT, .deny_setgroups = true
	};
	struct idmap_target target = { .proc_fd = proc_open(), .pid = held() };
	char text[4096];
	struct error err;

	ERROR_INIT(&err);
	WANT_OK(idmap_write(&target, &ids, &err), &err);
	WANT_TEXT(file_of(target.pid, "setgroups", text), "deny\n");
	kill(target.pid, SIGKILL);
}

CHILD(a_map_that_the_kernel_refuses_is_explained)
{
	const struct plan_ids ids = { .uid_maps = { overlapping, 2 }, .writer = ID_WRITER_DIRECT };
	struct idmap_target target = { .proc_fd = proc_open(), .pid = held() };
	struct error err;

	ERROR_INIT(&err);
	WANT_INT(idmap_write(&target, &ids, &err), -EINVAL);
	WANT_HAS(err.text, "the kernel refuses the map (2 entries");
	kill(target.pid, SIGKILL);
}

static void script(const char *path, const char *body)
{
	text_write(path, body);
	WANT(chmod(path, 0755) == 0);
}

CHILD(helpers_get_the_maps_as_words_and_no_environment)
{
	const struct plan_ids ids = { .uid_maps = { two, 2 }, .gid_maps = { one, 1 }, .writer = ID_WRITER_HELPERS };
	struct idmap_target target = {
		.proc_fd = FD_NONE, .pid = 4242, .newuidmap = SCRATCH "/uidmap", .newgidmap = SCRATCH "/gidmap"
	};
	char text[4096];
	struct error err;

	ERROR_INIT(&err);
	scratch_make();
	WANT(setenv("LD_MARK", "leaked", 1) == 0);
	script(SCRATCH "/uidmap", "#!/bin/sh\necho \"$0 $* ($LD_MARK)\" >" SCRATCH "/uid\n");
	script(SCRATCH "/gidmap", "#!/bin/sh\necho \"$0 $* ($LD_MARK)\" >" SCRATCH "/gid\n");
	WANT_OK(idmap_write(&target, &ids, &err), &err);
	WANT_TEXT(text_read(SCRATCH "/uid", text), SCRATCH "/uidmap 4242 0 100000 1000 1000 300000 5 ()\n");
	WANT_TEXT(text_read(SCRATCH "/gid", text), SCRATCH "/gidmap 4242 0 200000 65536 ()\n");
}

CHILD(what_a_helper_complains_of_is_passed_on)
{
	const struct plan_ids ids = { .uid_maps = { one, 1 }, .gid_maps = { one, 1 }, .writer = ID_WRITER_HELPERS };
	struct idmap_target target = {
		.proc_fd = FD_NONE, .pid = 1, .newuidmap = SCRATCH "/uidmap", .newgidmap = SCRATCH "/missing"
	};
	struct error err;

	ERROR_INIT(&err);
	scratch_make();
	script(SCRATCH "/uidmap", "#!/bin/sh\necho first >&2\necho 'range [0-65536) not allowed' >&2\nexit 3\n");
	WANT_INT(idmap_write(&target, &ids, &err), -EPERM);
	WANT_TEXT(err.text, SCRATCH "/uidmap failed with status 3: range [0-65536) not allowed");
	script(SCRATCH "/uidmap", "#!/bin/sh\n");
	WANT_INT(idmap_write(&target, &ids, &err), -ENOENT);
	WANT_TEXT(err.text, "run " SCRATCH "/missing: No such file or directory");
}
