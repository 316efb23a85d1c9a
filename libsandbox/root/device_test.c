/* SPDX-License-Identifier: Apache-2.0 */
/* Checks device nodes and links, in /dev directories that somebody prepared. */
#include "libsandbox/root/device.h"

#include <sys/vfs.h>

#include "libsandbox/root/fixture.h"
#include "libsandbox/root/tree.h"

#define NODE(where, a, b)                                                           \
	{                                                                           \
		.path = (where), .mode = S_IFCHR | 0666, .major = (a), .minor = (b) \
	}

static const struct plan_device null_device = NODE("/dev/null", 1, 3);

static void node_want(const char *path, mode_t mode, unsigned int major_number, unsigned int minor_number)
{
	struct stat st;

	WANT(lstat(path, &st) == 0);
	WANT_INT(st.st_mode, mode);
	WANT(st.st_rdev == makedev(major_number, minor_number));
}

static void refuse_want(int root, const struct plan_device *device, int code, const char *text)
{
	struct error err;

	ERROR_INIT(&err);
	WANT_INT(devices_make(root, FD_NONE, false, device, 1, &err), code);
	WANT_HAS(error_text(&err), text);
}

static void nodes_body(void)
{
	static const struct plan_device devices[] = {
		NODE("/dev/null", 1, 3),
		NODE("/dev/full", 1, 7),
		{ .path = "/dev/net/tun", .mode = S_IFCHR | 0640, .major = 10, .minor = 200, .uid = 12, .gid = 34 },
		{ .path = "/dev/disk", .mode = S_IFBLK | 0600, .major = 8, .minor = 1 },
		{ .path = "/run/fifo", .mode = S_IFIFO | 01622, .uid = 5 },
		{ .path = "/top", .mode = S_IFCHR | 0444, .major = 1, .minor = 5 },
	};
	_cleanup_(fd_cleanup) int root = FD_NONE;
	struct stat st, again;
	struct error err;

	ERROR_INIT(&err);
	scratch_make();
	root = root_make();
	WANT_OK(devices_make(root, FD_NONE, false, devices, ARRAY_SIZE(devices), &err), &err);
	node_want(SCRATCH "/root/dev/null", S_IFCHR | 0666, 1, 3);
	node_want(SCRATCH "/root/dev/full", S_IFCHR | 0666, 1, 7);
	node_want(SCRATCH "/root/dev/net/tun", S_IFCHR | 0640, 10, 200);
	node_want(SCRATCH "/root/dev/disk", S_IFBLK | 0600, 8, 1);
	node_want(SCRATCH "/root/run/fifo", S_IFIFO | 01622, 0, 0);
	node_want(SCRATCH "/root/top", S_IFCHR | 0444, 1, 5);
	WANT(lstat(SCRATCH "/root/dev/net/tun", &st) == 0 && st.st_uid == 12 && st.st_gid == 34);
	WANT(lstat(SCRATCH "/root/run/fifo", &st) == 0 && st.st_uid == 5 && st.st_gid == 0);
	/* What is right stays. */
	WANT(lstat(SCRATCH "/root/dev/null", &st) == 0);
	WANT_OK(devices_make(root, FD_NONE, false, devices, ARRAY_SIZE(devices), &err), &err);
	WANT(lstat(SCRATCH "/root/dev/null", &again) == 0 && st.st_ino == again.st_ino);
}

TEST(nodes_are_made)
{
	child_run(nodes_body);
}

static void group_body(void)
{
	static const struct plan_device plain[] = { NODE("/dev/null", 1, 3), NODE("/dev/full", 1, 7) };
	_cleanup_(fd_cleanup) int root = FD_NONE, dev = FD_NONE;
	struct stat st;
	struct error err;

	ERROR_INIT(&err);
	scratch_make();
	root = root_make();
	WANT(mkdir(SCRATCH "/root/dev", 0755) == 0 && chown(SCRATCH "/root/dev", 0, 5) == 0);
	WANT(chmod(SCRATCH "/root/dev", 02755) == 0);
	dev = open(SCRATCH "/root/dev", O_PATH | O_CLOEXEC);
	WANT_OK(devices_make(root, dev, false, plain, 1, &err), &err);
	WANT(lstat(SCRATCH "/root/dev/null", &st) == 0 && st.st_uid == 0 && st.st_gid == 0);
	/* Who says that it has no such bit is believed. */
	WANT_OK(devices_make(root, dev, true, plain + 1, 1, &err), &err);
	WANT(lstat(SCRATCH "/root/dev/full", &st) == 0 && st.st_gid == 5);
}

TEST(nodes_do_not_get_the_group_of_their_directory)
{
	child_run(group_body);
}

static void replaced_body(void)
{
	_cleanup_(fd_cleanup) int root = FD_NONE;
	struct stat st;
	struct error err;

	ERROR_INIT(&err);
	scratch_make();
	root = root_make();
	text_write(SCRATCH "/victim", "untouched");
	WANT(chmod(SCRATCH "/victim", 0600) == 0 && mkdir(SCRATCH "/root/dev", 0755) == 0);
	/* CVE-2025-31133, CVE-2026-88265: a link in place of a node, to the host's file or to another device. */
	WANT(symlink("../../victim", SCRATCH "/root/dev/null") == 0);
	WANT_OK(devices_make(root, FD_NONE, false, &null_device, 1, &err), &err);
	node_want(SCRATCH "/root/dev/null", S_IFCHR | 0666, 1, 3);
	WANT(unlink(SCRATCH "/root/dev/null") == 0 &&
	     mknod(SCRATCH "/root/dev/null", S_IFCHR | 0666, makedev(1, 5)) == 0);
	WANT_OK(devices_make(root, FD_NONE, false, &null_device, 1, &err), &err);
	node_want(SCRATCH "/root/dev/null", S_IFCHR | 0666, 1, 3);
	WANT(chmod(SCRATCH "/root/dev/null", 0600) == 0 && chown(SCRATCH "/root/dev/null", 7, 7) == 0);
	WANT_OK(devices_make(root, FD_NONE, false, &null_device, 1, &err), &err);
	node_want(SCRATCH "/root/dev/null", S_IFCHR | 0666, 1, 3);
	WANT(lstat(SCRATCH "/root/dev/null", &st) == 0 && st.st_uid == 0 && st.st_gid == 0);
	WANT(unlink(SCRATCH "/root/dev/null") == 0);
	text_write(SCRATCH "/root/dev/null", "a file");
	WANT_OK(devices_make(root, FD_NONE, false, &null_device, 1, &err), &err);
	node_want(SCRATCH "/root/dev/null", S_IFCHR | 0666, 1, 3);
	WANT(unlink(SCRATCH "/root/dev/null") == 0 && mkdir(SCRATCH "/root/dev/null", 0755) == 0);
	refuse_want(root, &null_device, -EISDIR, "device '/dev/null': remove what has its name: Is a directory");
	WANT(lstat(SCRATCH "/victim", &st) == 0 && st.st_mode == (S_IFREG | 0600) &&
	     text_is(SCRATCH "/victim", "untouched"));
}

TEST(what_is_no_such_node_is_replaced)
{
	child_run(replaced_body);
}

/* CVE-2026-41579, CVE-2026-47766: /dev leads elsewhere. */
static void linked_dev_body(void)
{
	static const char *const targets[] = { SCRATCH "/victim", "../victim", "../../../../.." SCRATCH "/victim",
					       "bound",           "nowhere",   "/proc/self/cwd" };
	static const struct plan_symlink ptmx = { "/dev/ptmx", "pts/ptmx" };
	static const struct plan_device below = NODE("/dev/x/y", 1, 3);
	_cleanup_(fd_cleanup) int root = FD_NONE;
	struct error err;

	scratch_make();
	root = root_make();
	WANT(mkdir(SCRATCH "/victim", 0755) == 0 && mkdir(SCRATCH "/root/bound", 0755) == 0);
	text_write(SCRATCH "/victim/ptmx", "host's");
	WANT(mount(SCRATCH "/victim", SCRATCH "/root/bound", NULL, MS_BIND, NULL) == 0);
	for (size_t i = 0; i < ARRAY_SIZE(targets); i++) {
		WANT(symlink(targets[i], SCRATCH "/root/dev") == 0);
		refuse_want(root, &null_device, -ELOOP, "device '/dev/null': '/dev/' is reached by a symlink");
		ERROR_INIT(&err);
		WANT_INT(device_links_make(root, FD_NONE, &ptmx, 1, &err), -ELOOP);
		WANT_HAS(error_text(&err), "link '/dev/ptmx': ");
		WANT(unlink(SCRATCH "/root/dev") == 0);
	}
	WANT(mkdir(SCRATCH "/root/dev", 0755) == 0 && symlink("../bound", SCRATCH "/root/dev/x") == 0);
	refuse_want(root, &below, -ELOOP, "device '/dev/x/y': ");
	WANT(text_is(SCRATCH "/victim/ptmx", "host's"));
	WANT(unlink(SCRATCH "/victim/ptmx") == 0);
	WANT(umount2(SCRATCH "/root/bound", MNT_DETACH) == 0 && rmdir(SCRATCH "/victim") == 0);
}

TEST(a_linked_dev_is_refused)
{
	child_run(linked_dev_body);
}

static void link_want(const char *path, const char *want)
{
	char text[64];
	ssize_t length = readlink(path, text, sizeof(text));

	WANT_INT(length, strlen(want));
	WANT(memcmp(text, want, (size_t)length) == 0);
}

static void links_body(void)
{
	static const struct plan_symlink links[] = { { "/dev/fd", "/proc/self/fd" }, { "/dev/ptmx", "pts/ptmx" } };
	_cleanup_(fd_cleanup) int root = FD_NONE;
	struct error err;

	ERROR_INIT(&err);
	scratch_make();
	root = root_make();
	WANT_OK(device_links_make(root, FD_NONE, links, 2, &err), &err);
	WANT_OK(device_links_make(root, FD_NONE, links, 2, &err), &err);
	link_want(SCRATCH "/root/dev/fd", "/proc/self/fd");
	link_want(SCRATCH "/root/dev/ptmx", "pts/ptmx");
	WANT(unlink(SCRATCH "/root/dev/ptmx") == 0 && unlink(SCRATCH "/root/dev/fd") == 0);
	WANT(symlink("/victim", SCRATCH "/root/dev/ptmx") == 0 && mkdir(SCRATCH "/root/dev/fd", 0755) == 0);
	WANT_OK(device_links_make(root, FD_NONE, links, 2, &err), &err);
	link_want(SCRATCH "/root/dev/ptmx", "pts/ptmx");
	WANT(unlink(SCRATCH "/root/dev/ptmx") == 0 &&
	     mknod(SCRATCH "/root/dev/ptmx", S_IFCHR | 0666, makedev(5, 2)) == 0);
	WANT_OK(device_links_make(root, FD_NONE, links, 2, &err), &err);
	link_want(SCRATCH "/root/dev/ptmx", "pts/ptmx");
	WANT(unlink(SCRATCH "/root/dev/ptmx") == 0 && mkdir(SCRATCH "/root/dev/ptmx", 0755) == 0);
	WANT_INT(device_links_make(root, FD_NONE, links, 2, &err), -EISDIR);
	WANT_HAS(error_text(&err), "link '/dev/ptmx': Is a directory");
	/* A read-only root that has them already. */
	WANT(rmdir(SCRATCH "/root/dev/ptmx") == 0 && symlink("pts/ptmx", SCRATCH "/root/dev/ptmx") == 0);
	WANT(devices_make(root, FD_NONE, false, &null_device, 1, &err) == 0);
	WANT(mount(NULL, SCRATCH "/root", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) == 0);
	WANT_OK(device_links_make(root, FD_NONE, links, 2, &err), &err);
	WANT_OK(devices_make(root, FD_NONE, false, &null_device, 1, &err), &err);
	refuse_want(root, &(const struct plan_device)NODE("/dev/zero", 1, 5), -EROFS, "device '/dev/zero': ");
}

static void core_body(void)
{
	static const struct plan_symlink core = { "/dev/core", "/proc/kcore" };
	_cleanup_(fd_cleanup) int root = FD_NONE;
	struct error err;
	bool there;

	ERROR_INIT(&err);
	scratch_make();
	root = root_make();
	there = access("/proc/kcore", F_OK) == 0;
	WANT_OK(device_links_make(root, FD_NONE, &core, 1, &err), &err);
	WANT_INT(access(SCRATCH "/root/dev/core", F_OK) == 0, there);
	(void)unlink(SCRATCH "/root/dev/core");
	WANT(mount("tmpfs", "/proc", "tmpfs", 0, NULL) == 0);
	WANT_OK(device_links_make(root, FD_NONE, &core, 1, &err), &err);
	WANT(faccessat(AT_FDCWD, SCRATCH "/root/dev/core", F_OK, AT_SYMLINK_NOFOLLOW) < 0);
	/* Only for its existence is asked: who may not read it gets the link too. */
	WANT(symlink("nowhere", "/proc/kcore") == 0);
	WANT_OK(device_links_make(root, FD_NONE, &core, 1, &err), &err);
	link_want(SCRATCH "/root/dev/core", "/proc/kcore");
}

TEST(a_core_that_the_host_lacks)
{
	child_run(core_body);
}

TEST(links_are_made)
{
	child_run(links_body);
}

static void bound_run(bool long_way)
{
	static const struct plan_device wrong = {
		.path = "/dev/null", .mode = S_IFCHR | 0666, .major = 1, .minor = 8, .bind = true
	};
	static const struct plan_device none = {
		.path = "/dev/none", .mode = S_IFCHR | 0666, .major = 1, .minor = 8, .bind = true
	};
	struct plan_device bound = null_device;
	_cleanup_(fd_cleanup) int root = FD_NONE;
	struct error err;

	ERROR_INIT(&err);
	scratch_make_as_user();
	root = root_make();
	text_write(SCRATCH "/victim", "untouched");
	WANT(mkdir(SCRATCH "/root/dev", 0755) == 0 && symlink("../../victim", SCRATCH "/root/dev/null") == 0);
	bound.bind = true;
	if (long_way)
		short_ways_deny();
	WANT_OK(devices_make(root, FD_NONE, false, &bound, 1, &err), &err);
	node_want(SCRATCH "/root/dev/null", S_IFCHR | 0666, 1, 3);
	WANT(mount_flags(SCRATCH "/root/dev/null") & ST_NOSUID && mount_flags(SCRATCH "/root/dev/null") & ST_NOEXEC);
	WANT(!(mount_flags(SCRATCH "/root/dev/null") & ST_NODEV));
	/* mknod is not for a user namespace: the same without being told. */
	WANT(umount2(SCRATCH "/root/dev/null", MNT_DETACH) == 0 && unlink(SCRATCH "/root/dev/null") == 0);
	WANT_OK(devices_make(root, FD_NONE, false, &null_device, 1, &err), &err);
	node_want(SCRATCH "/root/dev/null", S_IFCHR | 0666, 1, 3);
	refuse_want(root, &wrong, -ENODEV, "device '/dev/null': the host's '/dev/null' is not device 1:8");
	refuse_want(root, &none, -ENOENT, "device '/dev/none': the host's '/dev/none': No such file");
	WANT(text_is(SCRATCH "/victim", "untouched"));
}

static void bound_body(void)
{
	bound_run(false);
}

static void bound_long_body(void)
{
	bound_run(true);
}

TEST(host_nodes_are_bound)
{
	child_run(bound_body);
	child_run(bound_long_body);
}

static void null_run(bool long_way)
{
	_cleanup_(fd_cleanup) int fd = FD_NONE;
	struct error err;
	struct stat st;
	char line[4096];

	ERROR_INIT(&err);
	scratch_make();
	text_write(SCRATCH "/fake", "");
	text_write(SCRATCH "/place", "");
	WANT(mount("tmpfs", "/dev", "tmpfs", 0, NULL) == 0 && mount(NULL, "/dev", NULL, MS_SHARED, NULL) == 0);
	WANT(mknod("/dev/null", S_IFCHR | 0666, makedev(1, 3)) == 0);
	/* Whatever the host has there, only the null device will do, and no link to it. */
	WANT(mount(SCRATCH "/fake", "/dev/null", NULL, MS_BIND, NULL) == 0);
	if (long_way)
		short_ways_deny();
	WANT_INT(device_null_open(&err), -ENODEV);
	WANT_HAS(error_text(&err), "is not device 1:3");
	WANT(umount2("/dev/null", MNT_DETACH) == 0 && rename("/dev/null", "/dev/other") == 0);
	WANT_INT(device_null_open(&err), -ENOENT);
	WANT(symlink("other", "/dev/null") == 0);
	WANT_INT(device_null_open(&err), -ENODEV);
	WANT(unlink("/dev/null") == 0 && rename("/dev/other", "/dev/null") == 0);
	fd = device_null_open(&err);
	WANT_OK(fd, &err);
	WANT(fstat(fd, &st) == 0 && S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3));
	WANT(move_mount(fd, "", AT_FDCWD, SCRATCH "/place", MOVE_MOUNT_F_EMPTY_PATH) == 0);
	WANT(mountinfo_find(SCRATCH "/place", line) && !strstr(line, " shared:") && !strstr(line, " master:"));
	WANT(strstr(line, " ro,nosuid,noexec,"));
}

static void null_body(void)
{
	null_run(false);
}

static void null_long_body(void)
{
	null_run(true);
}

TEST(the_null_device_is_checked)
{
	child_run(null_body);
	child_run(null_long_body);
}
