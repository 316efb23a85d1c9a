/* SPDX-License-Identifier: Apache-2.0 */
/* Ids and groups, the working directory's place, and homes in hostile passwd files. */
#include "libsandbox/priv/user.h"

#include <grp.h>
#include <signal.h>

#include "libsandbox/priv/fixture.h"

/* -- ids --------------------------------------------------------------------------------------------------------------------- */

static const struct user_ids nobody_knows;

CHILD(ids_and_groups_are_exactly_those)
{
	static const uint32_t wanted[] = { 20, 30 };
	const gid_t before[] = { 0, 27, 1000 };
	const struct plan_process process = { .uid = 1000, .gid = 10, .groups = { wanted, 2 }, .set_groups = true };
	gid_t groups[8];
	struct error err;
	uid_t r, e, s;

	ERROR_INIT(&err);
	need_root();
	WANT(setgroups(3, before) == 0);
	WANT_OK(user_switch(&process, &nobody_knows, false, &err), &err);
	WANT(getresuid(&r, &e, &s) == 0 && r == 1000 && e == 1000 && s == 1000);
	WANT(getresgid(&r, &e, &s) == 0 && r == 10 && e == 10 && s == 10);
	WANT_INT(getgroups(8, groups), 2);
	WANT(groups[0] == 20 && groups[1] == 30);
}

CHILD(no_groups_means_none)
{
	const gid_t before[] = { 0, 27, 1000 };
	const struct plan_process process = { .uid = 1000, .gid = 10, .set_groups = true };
	struct error err;

	ERROR_INIT(&err);
	need_root();
	WANT(setgroups(3, before) == 0);
	WANT_OK(user_switch(&process, &nobody_knows, false, &err), &err);
	WANT_INT(getgroups(0, NULL), 0);
}

CHILD(groups_that_are_none_already_become_those_that_are_wanted)
{
	static const uint32_t wanted[] = { 20 };
	static const struct user_ids none = { .groups_none = true };
	struct plan_process process = { .set_groups = true };
	gid_t groups[8];
	struct error err;

	ERROR_INIT(&err);
	need_root();
	WANT(setgroups(0, NULL) == 0);
	WANT_OK(user_switch(&process, &none, false, &err), &err);
	WANT_INT(getgroups(8, groups), 0);
	process.groups = (struct spec_u32s){ wanted, 1 };
	WANT_OK(user_switch(&process, &none, false, &err), &err);
	WANT_INT(getgroups(8, groups), 1);
	WANT_INT(groups[0], 20);
}

CHILD(groups_that_may_not_be_set_are_an_error_if_any_is_wanted)
{
	static const uint32_t wanted[] = { 20 };
	const gid_t before[] = { 27 };
	struct plan_process process = { .uid = 1000, .gid = 10, .groups = { wanted, 1 }, .set_groups = true };
	struct error err;

	ERROR_INIT(&err);
	need_root();
	WANT(setgroups(1, before) == 0);
	WANT_INT(user_switch(&process, &nobody_knows, true, &err), -EPERM);
	WANT_HAS(err.text, "cannot set any additional groups in a rootless container");
	process.groups.count = 0;
	WANT_OK(user_switch(&process, &nobody_knows, true, &err), &err);
	WANT_INT(getgroups(0, NULL), 1);
}

/* A user namespace with ids 0 to 9. */
static void few_ids(void)
{
	int pipe_fds[2], status;
	char byte, path[64];
	pid_t pid;

	need_root();
	WANT(pipe(pipe_fds) == 0);
	pid = fork();
	if (pid == 0) {
		snprintf(path, sizeof(path), "/proc/%d/uid_map", (int)getppid());
		(void)!read(pipe_fds[0], &byte, 1);
		text_write(path, "0 100000 10\n");
		snprintf(path, sizeof(path), "/proc/%d/gid_map", (int)getppid());
		text_write(path, "0 100000 10\n");
		_exit(0);
	}
	if (unshare(CLONE_NEWUSER) < 0)
		SKIP("no right to make a user namespace");
	WANT(write(pipe_fds[1], "x", 1) == 1);
	WANT(waitpid(pid, &status, 0) == pid && status == 0);
	WANT(setresgid(0, 0, 0) == 0 && setresuid(0, 0, 0) == 0);
}

CHILD(ids_without_mapping_are_named)
{
	static const uint32_t wanted[] = { 3, 77 };
	struct plan_process process = { .uid = 1234, .gid = 5 };
	struct error err;

	ERROR_INIT(&err);
	few_ids();
	WANT_INT(user_switch(&process, &nobody_knows, false, &err), -EINVAL);
	WANT_TEXT(err.text, "cannot setuid to unmapped uid 1234 in user namespace");
	process.gid = 10;
	WANT_INT(user_switch(&process, &nobody_knows, false, &err), -EINVAL);
	WANT_TEXT(err.text, "cannot setgid to unmapped gid 10 in user namespace");
	process.set_groups = true;
	process.groups = (struct spec_u32s){ wanted, 2 };
	WANT_INT(user_switch(&process, &nobody_knows, false, &err), -EINVAL);
	WANT_TEXT(err.text, "cannot setgroups to a gid that is unmapped in user namespace");
}

/* -- working directory ----------------------------------------------------------------------------------------------------------- */

static const char breakout[] = "current working directory is outside of container mount namespace root -- possible "
			       "container breakout detected";

CHILD(a_directory_of_the_host_is_noticed)
{
	int host_fd = open("/usr", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct error err;

	ERROR_INIT(&err);
	scratch_make();
	WANT(mkdir(SCRATCH "/in", 0755) == 0);
	WANT(chroot(SCRATCH) == 0);
	WANT_OK(cwd_enter("/in", &err), &err);
	WANT_OK(cwd_verify(&err), &err);
	WANT(fchdir(host_fd) == 0);
	WANT_INT(cwd_verify(&err), -EXDEV);
	WANT_TEXT(err.text, breakout);
	/* Gone while we stand in it. */
	WANT_OK(cwd_enter("/in", &err), &err);
	WANT(rmdir("/in") == 0);
	WANT(cwd_verify(&err) < 0);
	WANT_TEXT(err.text, breakout);
}

CHILD(a_way_in_that_fails_is_told)
{
	struct error err;

	ERROR_INIT(&err);
	scratch_make();
	WANT_INT(cwd_enter("/nowhere", &err), -ENOENT);
	WANT_TEXT(err.text, "chdir to cwd (\"/nowhere\") set in config.json failed: No such file or directory");
	WANT(mkdir(SCRATCH "/closed", 0700) == 0);
	WANT(setresuid(1234, 1234, 1234) == 0);
	WANT_INT(cwd_enter(SCRATCH "/closed", &err), -EACCES);
}

/* -- homes ------------------------------------------------------------------------------------------------------------------------- */

static void want_home(uint32_t uid, const char *home)
{
	_cleanup_(fd_cleanup) int root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	const char *found;
	struct error err;

	ERROR_INIT(&err);
	WANT_OK(home_find(root_fd, uid, &arena, &found, &err), &err);
	WANT_TEXT(found, home);
}

static void passwd_root(void)
{
	scratch_make();
	WANT(mkdir(SCRATCH "/etc", 0755) == 0);
	WANT(chroot(SCRATCH) == 0 && chdir("/") == 0);
}

CHILD(homes_are_found_by_number)
{
	passwd_root();
	text_write("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\n"
				  "\n"
				  "# 1000:x\n"
				  "short:x:1000\n"
				  "noshell:x:1001:1:g:/home/noshell\n"
				  "1000:x:1002:0::/numeric:/bin/sh\n"
				  "wrap:x:4294967296:0::/wrap:\n"
				  "plus:x:+7:0::/plus:\n"
				  "first:x:1003:0::/first:\n"
				  "second:x:1003:0::/second:\n"
				  "empty:x:1004:0:::\n"
				  "last:x:1005:0::/last:/bin/sh");
	want_home(0, "/root");
	want_home(1000, "/");
	want_home(1001, "/home/noshell");
	want_home(1002, "/numeric");
	want_home(1003, "/first");
	want_home(1004, "/");
	want_home(1005, "/last");
	want_home(7, "/");
	want_home(4294967295U, "/");
}

CHILD(a_passwd_that_is_none_is_no_harm)
{
	int fd;

	passwd_root();
	want_home(0, "/"); /* missing */
	WANT(mkfifo("/etc/passwd", 0644) == 0);
	want_home(0, "/");
	fd = open("/etc/passwd", O_RDWR | O_CLOEXEC);
	WANT(write(fd, "root:x:0:0::/fifo:\n", 19) == 19);
	want_home(0, "/");
	close(fd);
	WANT(unlink("/etc/passwd") == 0);
	WANT(mkdir("/etc/passwd", 0755) == 0);
	want_home(0, "/");
	WANT(rmdir("/etc/passwd") == 0);
	WANT(symlink("passwd", "/etc/passwd") == 0);
	want_home(0, "/");
	WANT(unlink("/etc/passwd") == 0);
	text_write("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\n");
	WANT(truncate("/etc/passwd", INT64_C(1) << 32) == 0);
	want_home(0, "/"); /* without reading it all */
}

CHILD(a_link_stays_inside_the_root)
{
	passwd_root();
	WANT(symlink("/../../store/passwd", "/etc/passwd") == 0);
	WANT(mkdir("/store", 0755) == 0);
	text_write("/store/passwd", "a:x:5:5::/inside:\n");
	want_home(5, "/inside");
}
