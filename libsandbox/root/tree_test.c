/* SPDX-License-Identifier: Apache-2.0 */
/* Checks cloning, changing and attaching mount trees against what the kernel then says of them. */
#include "libsandbox/root/tree.h"

#include "libsandbox/root/fixture.h"
#include "libspec/names.h"

/* SCRATCH/a, a mount with the mount SCRATCH/a/b and a file, and SCRATCH/to. */
static void places_make(void)
{
	WANT(mkdir(SCRATCH "/a", 0755) == 0 && mkdir(SCRATCH "/to", 0755) == 0);
	WANT(mount("tmpfs", SCRATCH "/a", "tmpfs", 0, NULL) == 0);
	WANT(mkdir(SCRATCH "/a/b", 0755) == 0);
	WANT(mount("tmpfs", SCRATCH "/a/b", "tmpfs", 0, NULL) == 0);
	text_write(SCRATCH "/a/b/file", "below");
}

static void attach_at(int tree, const char *path)
{
	_cleanup_(fd_cleanup) int place = open(path, O_PATH | O_CLOEXEC);

	WANT(place >= 0);
	WANT_INT(tree_attach(tree, place), 0);
}

static void clone_body(void)
{
	_cleanup_(fd_cleanup) int flat = FD_NONE, whole = FD_NONE;

	scratch_make();
	places_make();
	flat = tree_clone(AT_FDCWD, SCRATCH "/a", 0);
	whole = tree_clone(AT_FDCWD, SCRATCH "/a", AT_RECURSIVE);
	WANT(flat >= 0 && whole >= 0);
	WANT(fcntl(flat, F_GETFD) & FD_CLOEXEC);
	WANT_INT(tree_clone(AT_FDCWD, SCRATCH "/none", 0), -ENOENT);
	attach_at(flat, SCRATCH "/to");
	WANT(access(SCRATCH "/to/b", F_OK) == 0 && access(SCRATCH "/to/b/file", F_OK) < 0);
	attach_at(whole, SCRATCH "/to");
	WANT(text_is(SCRATCH "/to/b/file", "below"));
	/* An attached tree moves. */
	WANT(mkdir(SCRATCH "/else", 0755) == 0);
	attach_at(whole, SCRATCH "/else");
	WANT(text_is(SCRATCH "/else/b/file", "below"));
	WANT(access(SCRATCH "/to/b/file", F_OK) < 0);
}

TEST(trees_are_cloned_and_attached)
{
	child_run(clone_body);
}

static void change_body(void)
{
	static const struct {
		uint64_t attr;
		unsigned long flag;
	} cases[] = {
		{ MOUNT_ATTR_RDONLY, ST_RDONLY },   { MOUNT_ATTR_NOSUID, ST_NOSUID },
		{ MOUNT_ATTR_NODEV, ST_NODEV },     { MOUNT_ATTR_NOEXEC, ST_NOEXEC },
		{ MOUNT_ATTR_NOATIME, ST_NOATIME }, { MOUNT_ATTR_NODIRATIME, ST_NODIRATIME },
	};
	_cleanup_(fd_cleanup) int tree = FD_NONE;

	scratch_make();
	places_make();
	tree = tree_clone(AT_FDCWD, SCRATCH "/a", AT_RECURSIVE);
	WANT(tree >= 0);
	attach_at(tree, SCRATCH "/to");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		WANT_INT(tree_change(tree, cases[i].attr, 0, false), 0);
		WANT(mount_flags(SCRATCH "/to") & cases[i].flag);
		WANT(!(mount_flags(SCRATCH "/to/b") & cases[i].flag));
		WANT_INT(tree_change(tree, cases[i].attr, 0, true), 0);
		WANT(mount_flags(SCRATCH "/to/b") & cases[i].flag);
		WANT_INT(tree_change(tree, 0, cases[i].attr, true), 0);
		WANT(!(mount_flags(SCRATCH "/to") & cases[i].flag));
		WANT(!(mount_flags(SCRATCH "/to/b") & cases[i].flag));
		/* The mount that it was cloned from is another. */
		WANT(!(mount_flags(SCRATCH "/a") & cases[i].flag));
	}
	WANT_INT(tree_change(-1, 0, 0, true), 0);
	WANT_INT(tree_change(-1, MOUNT_ATTR_RDONLY, 0, true), -EBADF);
}

TEST(every_attribute_is_set_and_cleared)
{
	child_run(change_body);
}

static void busy_body(void)
{
	_cleanup_(fd_cleanup) int tree = FD_NONE, writer = FD_NONE;

	scratch_make();
	places_make();
	tree = open(SCRATCH "/a", O_PATH | O_CLOEXEC);
	writer = open(SCRATCH "/a/new", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	WANT(tree >= 0 && writer >= 0);
	WANT_INT(tree_change(tree, MOUNT_ATTR_RDONLY, 0, false), -EBUSY);
}

TEST(a_writer_keeps_a_mount_writable)
{
	child_run(busy_body);
}

static void propagation_want(int tree, int propagation, const char *has, const char *has_not)
{
	char line[4096], below[4096];
	bool recursive = propagation >= PROPAGATION_RPRIVATE;

	WANT_INT(tree_propagate(tree, propagation), 0);
	WANT(mountinfo_find(SCRATCH "/to", line) && mountinfo_find(SCRATCH "/to/b", below));
	WANT(!has || strstr(line, has));
	WANT(!has_not || !strstr(line, has_not));
	if (recursive) {
		WANT(!has || strstr(below, has));
		WANT(!has_not || !strstr(below, has_not));
	}
}

static void propagate_body(void)
{
	_cleanup_(fd_cleanup) int tree = FD_NONE;
	char line[4096];

	scratch_make();
	places_make();
	WANT(mount(NULL, SCRATCH "/a", NULL, MS_SHARED | MS_REC, NULL) == 0);
	tree = tree_clone(AT_FDCWD, SCRATCH "/a", AT_RECURSIVE);
	WANT(tree >= 0);
	attach_at(tree, SCRATCH "/to");
	propagation_want(tree, PROPAGATION_SLAVE, " master:", " shared:");
	WANT(mountinfo_find(SCRATCH "/to/b", line) && strstr(line, " shared:") && !strstr(line, " master:"));
	propagation_want(tree, PROPAGATION_RSLAVE, " master:", " shared:");
	propagation_want(tree, PROPAGATION_RSHARED, " shared:", NULL);
	propagation_want(tree, PROPAGATION_RPRIVATE, NULL, " shared:");
	propagation_want(tree, PROPAGATION_RPRIVATE, NULL, " master:");
	propagation_want(tree, PROPAGATION_SHARED, " shared:", " master:");
	propagation_want(tree, PROPAGATION_PRIVATE, NULL, " shared:");
	propagation_want(tree, PROPAGATION_RUNBINDABLE, " unbindable", NULL);
	WANT_INT(tree_clone(AT_FDCWD, SCRATCH "/to", 0), -EINVAL);
	WANT_INT(tree_propagate(tree, 0), -EINVAL);
	WANT_INT(tree_propagate(tree, PROPAGATION_RUNBINDABLE + 1), -EINVAL);
}

TEST(every_propagation_is_set)
{
	child_run(propagate_body);
}

static void locked_body(void)
{
	_cleanup_(fd_cleanup) int tree = FD_NONE;

	scratch_make();
	places_make();
	WANT(mount(NULL, SCRATCH "/a", NULL, MS_REMOUNT | MS_BIND | MS_NOSUID | MS_NOATIME, NULL) == 0);
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
		_exit(SKIPPED);
	/* What this user namespace got from outside may not be undone in it. */
	WANT_INT(tree_clone(AT_FDCWD, SCRATCH "/a", 0), -EINVAL);
	tree = tree_clone(AT_FDCWD, SCRATCH "/a", AT_RECURSIVE);
	WANT(tree >= 0);
	WANT_INT(tree_change(tree, 0, MOUNT_ATTR_NOSUID, false), -EPERM);
	WANT_INT(tree_change(tree, MOUNT_ATTR_STRICTATIME, 0, false), -EPERM);
	WANT_INT(tree_change(tree, MOUNT_ATTR_NODEV, 0, false), 0);
}

TEST(locked_attributes_stay)
{
	child_run(locked_body);
}
