/* SPDX-License-Identifier: Apache-2.0 */
/* Checks that the attached root becomes "/" and that nothing of the host's stays in reach; and attaching itself. */
#include "libsandbox/root/pivot.h"

#include <sys/vfs.h>

#include <linux/magic.h>

#include "libbase/proc.h"
#include "libsandbox/root/fixture.h"
#include "libsandbox/root/rootfs.h"
#include "libspec/names.h"

/* SCRATCH/root as a detached tree, with what tells it from others. */
static int tree_make(bool *ret_slave)
{
	_cleanup_(fd_cleanup) int directory = FD_NONE;
	struct error err;
	int tree;

	ERROR_INIT(&err);
	WANT(mkdir(SCRATCH "/root", 0755) == 0 && mkdir(SCRATCH "/root/sub", 0755) == 0);
	WANT(mkdir(SCRATCH "/root/proc", 0755) == 0);
	text_write(SCRATCH "/root/mark", "the root");
	text_write(SCRATCH "/host", "the host");
	directory = rootfs_open(SCRATCH "/root", &err);
	WANT_OK(directory, &err);
	tree = rootfs_clone(directory, ret_slave);
	WANT(tree >= 0);
	return tree;
}

static void gone_want(void)
{
	char line[4096], text[64];

	WANT(text_is("/mark", "the root") && text_is("/../../mark", "the root"));
	WANT(access(SCRATCH, F_OK) < 0 && access("/etc", F_OK) < 0);
	WANT(getcwd(text, sizeof(text)) && strcmp(text, "/") == 0);
	WANT(mount("proc", "/proc", "proc", 0, NULL) == 0);
	WANT(mountinfo_find("/", line));
	WANT(!mountinfo_find("/host", line) && !mountinfo_find("/sys", line) && !mountinfo_find("/dev", line));
}

static void pivot_body(void)
{
	_cleanup_(fd_cleanup) int tree = FD_NONE;
	struct error err;
	bool slave;

	ERROR_INIT(&err);
	scratch_make();
	tree = tree_make(&slave);
	WANT_OK(rootfs_attach(tree, slave, SCRATCH "/root", true, &err), &err);
	/* Where the host has it, as hooks look for it. */
	WANT(mount("tmpfs", SCRATCH "/root/sub", "tmpfs", 0, NULL) == 0);
	text_write(SCRATCH "/root/sub/x", "by its name on the host");
	WANT_OK(pivot_root_to(tree, &err), &err);
	WANT(text_is("/sub/x", "by its name on the host"));
	gone_want();
}

TEST(the_root_is_pivoted)
{
	child_run(pivot_body);
}

static void pivot_unnamed_body(void)
{
	_cleanup_(fd_cleanup) int tree = FD_NONE;
	struct error err;
	bool slave;

	ERROR_INIT(&err);
	scratch_make();
	tree = tree_make(&slave);
	WANT_OK(rootfs_attach(tree, slave, SCRATCH "/root", false, &err), &err);
	/* Nobody's sight has changed. */
	WANT(access(SCRATCH "/root/mark", F_OK) == 0 && access("/mark", F_OK) < 0);
	WANT(mkdirat(tree, "sub/y", 0755) == 0);
	WANT_OK(pivot_root_to(tree, &err), &err);
	WANT(text_is("/mark", "the root") && access("/sub/y", F_OK) == 0);
	gone_want();
}

TEST(the_root_is_pivoted_from_on_top_of_the_hosts)
{
	child_run(pivot_unnamed_body);
}

static void pivot_as_user_body(void)
{
	_cleanup_(fd_cleanup) int tree = FD_NONE;
	struct error err;
	bool slave;

	ERROR_INIT(&err);
	scratch_make();
	tree = tree_make(&slave);
	/* Out of reach for who is nobody there: it lands on "/". */
	WANT(chmod(SCRATCH, 0700) == 0 && chown(SCRATCH, 4242, 4242) == 0);
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
		_exit(SKIPPED);
	WANT_OK(rootfs_attach(tree, slave, SCRATCH "/root", true, &err), &err);
	WANT_OK(pivot_root_to(tree, &err), &err);
	WANT(text_is("/mark", "the root") && access(SCRATCH, F_OK) < 0 && access("/etc", F_OK) < 0);
}

TEST(an_unreachable_root_is_pivoted_too)
{
	child_run(pivot_as_user_body);
}

static void slash_body(void)
{
	_cleanup_(fd_cleanup) int directory = FD_NONE, tree = FD_NONE;
	struct error err;
	bool slave;

	ERROR_INIT(&err);
	scratch_make();
	text_write(SCRATCH "/mark", "of the host");
	directory = rootfs_open("/", &err);
	WANT_OK(directory, &err);
	tree = rootfs_clone(directory, &slave);
	WANT(tree >= 0);
	WANT_OK(rootfs_attach(tree, slave, "/", true, &err), &err);
	WANT_OK(pivot_root_to(tree, &err), &err);
	WANT(text_is(SCRATCH "/mark", "of the host"));
}

TEST(the_hosts_own_root_will_do)
{
	child_run(slash_body);
}

/* A procfs and a sysfs that stand where nobody expects them. */
static void elsewhere_mount(void)
{
	WANT(mkdir(SCRATCH "/pro c", 0755) == 0 && mkdir(SCRATCH "/sys\\fs", 0755) == 0);
	WANT(mount("proc", SCRATCH "/pro c", "proc", 0, NULL) == 0 &&
	     mount("sysfs", SCRATCH "/sys\\fs", "sysfs", 0, NULL) == 0);
}

/* Of the host's tree, by a descriptor that is below nothing: none is to be seen. */
static void elsewhere_want_hidden(int host_fd)
{
	struct statfs fs;

	WANT(fchdir(host_fd) == 0);
	WANT(statfs(&SCRATCH "/pro c"[1], &fs) == 0 && fs.f_type != PROC_SUPER_MAGIC);
	WANT(statfs(&SCRATCH "/sys\\fs"[1], &fs) == 0 && fs.f_type != SYSFS_MAGIC);
}

static void move_body(void)
{
	_cleanup_(fd_cleanup) int tree = FD_NONE, before = FD_NONE, proc = proc_open();
	struct error err;
	bool slave;
	struct statfs fs;

	ERROR_INIT(&err);
	scratch_make();
	tree = tree_make(&slave);
	elsewhere_mount();
	before = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	WANT_OK(rootfs_attach(tree, slave, SCRATCH "/root", true, &err), &err);
	/* The container's own stays; in a user namespace there may be none. */
	WANT(mount("proc", SCRATCH "/root/proc", "proc", 0, NULL) == 0 || errno == EPERM);
	WANT_OK(pivot_move_to(tree, proc, NULL, &err), &err);
	WANT(text_is("/mark", "the root") && access(SCRATCH, F_OK) < 0 && access("/etc", F_OK) < 0);
	WANT(chdir("..") == 0 && text_is("mark", "the root"));
	/* Whoever could still see the host's tree finds no procfs and no sysfs in it. */
	WANT(fchdir(before) == 0);
	WANT(statfs("proc", &fs) < 0 || fs.f_type != PROC_SUPER_MAGIC);
	WANT(statfs("sys", &fs) < 0 || fs.f_type != SYSFS_MAGIC);
	elsewhere_want_hidden(before);
	WANT(statfs("/proc", &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC);
}

TEST(the_root_is_moved)
{
	child_run(move_body);
}

static void move_as_user_body(void)
{
	_cleanup_(fd_cleanup) int tree = FD_NONE, before = FD_NONE, proc = proc_open();
	struct error err;
	bool slave;
	struct statfs fs;

	ERROR_INIT(&err);
	scratch_make();
	tree = tree_make(&slave);
	elsewhere_mount();
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
		_exit(SKIPPED);
	before = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	WANT_OK(rootfs_attach(tree, slave, SCRATCH "/root", true, &err), &err);
	/* The container's own stays; in a user namespace there may be none. */
	WANT(mount("proc", SCRATCH "/root/proc", "proc", 0, NULL) == 0 || errno == EPERM);
	WANT_OK(pivot_move_to(tree, proc, NULL, &err), &err);
	WANT(text_is("/mark", "the root"));
	/* What is locked cannot be unmounted: it is covered. */
	WANT(fchdir(before) == 0);
	WANT(statfs("proc", &fs) == 0 && fs.f_type != PROC_SUPER_MAGIC);
	WANT(statfs("sys", &fs) == 0 && fs.f_type != SYSFS_MAGIC);
	elsewhere_want_hidden(before);
}

TEST(locked_remains_are_covered)
{
	child_run(move_as_user_body);
}

static void propagate_body(void)
{
	_cleanup_(fd_cleanup) int tree = FD_NONE;
	struct error err;
	bool slave;
	char line[4096];

	ERROR_INIT(&err);
	scratch_make();
	tree = tree_make(&slave);
	WANT_OK(rootfs_attach(tree, slave, SCRATCH "/root", true, &err), &err);
	WANT_OK(pivot_root_to(tree, &err), &err);
	WANT(mount("proc", "/proc", "proc", 0, NULL) == 0);
	WANT_OK(pivot_propagate(tree, 0, &err), &err);
	WANT(mountinfo_find("/", line) && !strstr(line, " shared:") && !strstr(line, " master:"));
	WANT_OK(pivot_propagate(tree, PROPAGATION_SHARED, &err), &err);
	WANT(mountinfo_find("/", line) && strstr(line, " shared:"));
	WANT_OK(pivot_propagate(tree, PROPAGATION_RUNBINDABLE, &err), &err);
	WANT(mountinfo_find("/proc", line) && strstr(line, " unbindable"));
}

TEST(the_new_root_gets_its_propagation)
{
	child_run(propagate_body);
}

/* What is mounted in the container must not show on the host, whatever the host shares. */
static void shared_body(void)
{
	_cleanup_(fd_cleanup) int tree = FD_NONE;
	struct error err;
	bool slave;
	int status;
	pid_t pid;

	ERROR_INIT(&err);
	scratch_make();
	WANT(mount(NULL, "/", NULL, MS_REC | MS_SHARED, NULL) == 0);
	tree = tree_make(&slave);
	WANT(mount("tmpfs", SCRATCH "/root/sub", "tmpfs", 0, NULL) == 0);
	pid = fork();
	if (pid == 0) {
		WANT(unshare(CLONE_NEWNS) == 0);
		WANT_OK(rootfs_attach(tree, slave, SCRATCH "/root", true, &err), &err);
		WANT(mount("tmpfs", SCRATCH "/root/proc", "tmpfs", 0, NULL) == 0);
		text_write(SCRATCH "/root/proc/x", "inside");
		WANT_OK(pivot_root_to(tree, &err), &err);
		WANT(text_is("/proc/x", "inside"));
		_exit(0);
	}
	WANT_INT(waitpid(pid, &status, 0), pid);
	WANT_INT(status, 0);
	WANT(access(SCRATCH "/root/proc/x", F_OK) < 0 && text_is(SCRATCH "/host", "the host"));
	WANT(access("/proc/self", F_OK) == 0);
	WANT_INT(umount2(SCRATCH "/root/sub", 0), 0);
}

TEST(nothing_goes_back_to_the_host)
{
	child_run(shared_body);
}

static void released_run(bool long_way)
{
	_cleanup_(fd_cleanup) int directory = FD_NONE, tree = FD_NONE, proc = FD_NONE;
	struct error err;
	char line[4096];
	int status;
	bool slave;
	pid_t pid;

	ERROR_INIT(&err);
	scratch_make();
	WANT(mount("tmpfs", SCRATCH, "tmpfs", 0, NULL) == 0);
	WANT(mount(NULL, SCRATCH, NULL, MS_SHARED, NULL) == 0);
	WANT(mkdir(SCRATCH "/root", 0755) == 0 && mkdir(SCRATCH "/root/sub", 0755) == 0);
	WANT(mkdir(SCRATCH "/root/proc", 0755) == 0);
	WANT(mount("tmpfs", SCRATCH "/root/sub", "tmpfs", 0, NULL) == 0);
	if (long_way)
		short_ways_deny();
	directory = open(SCRATCH "/root", O_PATH | O_CLOEXEC);
	tree = rootfs_clone(directory, &slave);
	WANT(tree >= 0 && slave == !long_way);
	/* Here the namespace stays that it is a slave of. */
	pid = fork();
	if (pid == 0) {
		WANT(unshare(CLONE_NEWNS) == 0);
		WANT_OK(rootfs_attach(tree, slave, SCRATCH "/root", false, &err), &err);
		WANT_OK(pivot_root_to(tree, &err), &err);
		proc = proc_open();
		WANT(move_mount(proc, "", AT_FDCWD, "/proc", MOVE_MOUNT_F_EMPTY_PATH) == 0);
		WANT(mountinfo_find("/", line) && !strstr(line, " shared:") && !strstr(line, " master:"));
		WANT(mountinfo_find("/sub", line) && !strstr(line, " shared:") && strstr(line, " master:"));
		_exit(0);
	}
	WANT(waitpid(pid, &status, 0) == pid && status == 0);
}

static void released_body(void)
{
	released_run(false);
}

static void released_long_body(void)
{
	released_run(true);
}

TEST(what_is_below_the_root_hears_of_the_host_and_the_root_itself_does_not)
{
	child_run(released_body);
}

TEST(the_same_comes_of_two_calls)
{
	child_run(released_long_body);
}

static void open_refuse(const char *path, int code, const char *text)
{
	struct error err;

	ERROR_INIT(&err);
	WANT_INT(rootfs_open(path, &err), code);
	WANT_HAS(error_text(&err), text);
}

static void copy_body(void)
{
	_cleanup_(fd_cleanup) int fd = FD_NONE;
	struct rootfs_facts facts = { .known = false }, looked;
	char line[4096];

	scratch_make();
	WANT(mount("tmpfs", SCRATCH, "tmpfs", 0, NULL) == 0 && mount(NULL, SCRATCH, NULL, MS_SHARED, NULL) == 0);
	WANT(mkdir(SCRATCH "/root", 0755) == 0 && mkdir(SCRATCH "/root/sub", 0755) == 0);
	WANT(mkdir(SCRATCH "/place", 0755) == 0 && symlink("root", SCRATCH "/link") == 0);
	WANT(mount("tmpfs", SCRATCH "/root/sub", "tmpfs", 0, NULL) == 0);
	text_write(SCRATCH "/host", "the host");
	WANT_INT(rootfs_copy(SCRATCH "/none", &facts), FD_NONE);
	WANT_INT(rootfs_copy(SCRATCH "/host", &facts), FD_NONE);
	WANT_INT(rootfs_copy(SCRATCH "/link", &facts), FD_NONE);
	WANT(!facts.known);
	fd = rootfs_copy(SCRATCH "/root", &facts);
	WANT(fd >= 0);
	WANT(move_mount(fd, "", AT_FDCWD, SCRATCH "/place", MOVE_MOUNT_F_EMPTY_PATH) == 0);
	/* Where it is attached makes no difference. */
	WANT(rootfs_look(fd, &looked) && looked.mount == facts.mount && facts.known && facts.plain && looked.plain);
	WANT(mountinfo_find(SCRATCH "/place", line) && strstr(line, " master:"));
	WANT(mountinfo_find(SCRATCH "/place/sub", line) && strstr(line, " master:"));
	short_ways_deny();
	WANT_INT(rootfs_copy(SCRATCH "/root", &facts), FD_NONE);
}

TEST(the_short_way_takes_what_the_long_one_does)
{
	child_run(copy_body);
}

static void open_body(void)
{
	_cleanup_(fd_cleanup) int tree = FD_NONE, fd = FD_NONE;
	struct error err;
	bool slave;

	ERROR_INIT(&err);
	scratch_make();
	tree = tree_make(&slave);
	WANT(symlink("root", SCRATCH "/link") == 0);
	open_refuse(SCRATCH "/none", -ENOENT, "root '" SCRATCH "/none': No such file or directory");
	open_refuse(SCRATCH "/host", -ENOTDIR, "root '" SCRATCH "/host': not a directory, or a symlink");
	open_refuse(SCRATCH "/link", -ENOTDIR, "not a directory, or a symlink");
	fd = rootfs_open(SCRATCH "/link/sub", &err);
	WANT_OK(fd, &err);
	/* Another directory in its place. */
	WANT(rename(SCRATCH "/root", SCRATCH "/moved") == 0 && mkdir(SCRATCH "/root", 0755) == 0);
	WANT_INT(rootfs_attach(tree, slave, SCRATCH "/root", true, &err), -ESTALE);
	WANT_HAS(error_text(&err), "another directory took its place");
}

TEST(only_the_directory_itself_will_do)
{
	child_run(open_body);
}
