/* SPDX-License-Identifier: Apache-2.0 */
/* Checks the mounts that init finds without names, and those that it makes by them, whoever changes the root meanwhile. */
#include "libsandbox/root/mount.h"

#include "libsandbox/root/mount_fixture.h"

/* Takes what is kept out of the site, as its owner does. */
static int dev_want(const struct mount_site *site, struct plan_mount mount)
{
	int source = FD_NONE;
	struct error err;

	ERROR_INIT(&err);
	WANT_OK(mount_make(site, &mount, &source, &err), &err);
	WANT_INT(site->own->dev_fd, source);
	return source;
}

/* As somebody who has the root file system too, but not our mounts. */
static void rename_elsewhere(const char *from, const char *to)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		bool moved = unshare(CLONE_NEWNS) == 0 && umount2(from, MNT_DETACH) == 0 && rename(from, to) == 0;

		_exit(moved ? 0 : 1);
	}
	WANT(waitpid(pid, &status, 0) == pid && status == 0);
}

static void own_body(void)
{
	_cleanup_(fd_cleanup) int root = FD_NONE, dev = FD_NONE;
	struct target_own own = TARGET_OWN_INIT;
	struct mount_site site;
	struct stat st;

	scratch_make();
	root = root_make();
	site = site_of(root);
	site.own = &own;
	WANT(mkdir(SCRATCH "/root/dev", 0755) == 0 && symlink("dev", SCRATCH "/root/alias") == 0);
	dev = dev_want(&site, tmpfs_at("/dev"));
	WANT(dev >= 0);
	/* The name of the place is another's now; what belongs into the mount goes there. */
	rename_elsewhere(SCRATCH "/root/dev", SCRATCH "/root/moved");
	WANT(mkdir(SCRATCH "/root/dev", 0700) == 0);
	mount_want(&site, tmpfs_at("/dev/shm"));
	WANT(line_has(SCRATCH "/root/moved/shm", "- tmpfs /dev/shm"));
	WANT(stat(SCRATCH "/root/moved/shm", &st) == 0 && (st.st_mode & 07777) == 01777);
	WANT(access(SCRATCH "/root/dev/shm", F_OK) < 0);
	WANT(rmdir(SCRATCH "/root/dev") == 0);
	rename_elsewhere(SCRATCH "/root/moved", SCRATCH "/root/dev");
	/* What is there is looked at, as ever: another mount on top of it. */
	mount_want(&site,
		   (struct plan_mount){
			   .kind = MOUNT_FILESYSTEM, .destination = "/dev/shm", .type = "tmpfs", .source = "second" });
	WANT(line_has(SCRATCH "/root/dev/shm", "- tmpfs second"));
	WANT_INT(own.dev_fd, FD_NONE);
	own.dev_fd = dev;
	/* Somewhere else: it stays. On top of it by another name: what follows goes there. */
	mount_want(&site, tmpfs_at("/elsewhere"));
	WANT_INT(own.dev_fd, dev);
	mount_want(&site, tmpfs_at("/alias"));
	WANT_INT(own.dev_fd, FD_NONE);
	mount_want(&site, tmpfs_at("/dev/x"));
	WANT(line_has(SCRATCH "/root/dev", "- tmpfs /alias") && faccessat(dev, "x", F_OK, 0) < 0);
	WANT(faccessat(dev, "shm", F_OK, 0) == 0 && line_has(SCRATCH "/root/dev/x", "- tmpfs /dev/x"));
}

TEST(what_init_made_itself_is_found_without_names)
{
	child_run(own_body);
}

static bool is_plain_with(const char *first, const char *second)
{
	const char *const words[] = { "gid=5", first, second };
	const struct plan_mount mount = { .super = { .items = words, .count = ARRAY_SIZE(words) } };

	return mount_has_plain_mode(&mount);
}

TEST(only_a_mode_that_is_sure_is_plain)
{
	CHECK(is_plain_with("mode=755", "size=1m") && is_plain_with("size=1m", "mode=01777"));
	CHECK(!is_plain_with("mode=2755", "size=1m") && !is_plain_with("mode=02000", "size=1m"));
	CHECK(!is_plain_with("size=1m", "nr_inodes=5"));
	CHECK(!is_plain_with("mode=755", "mode=755") && !is_plain_with("mode=0x1ff", "size=1m"));
	CHECK(!is_plain_with("mode=789", "size=1m"));
}

static void linked_dev_body(void)
{
	_cleanup_(fd_cleanup) int root = FD_NONE;
	struct target_own own = TARGET_OWN_INIT;
	struct mount_site site;

	scratch_make();
	root = root_make();
	site = site_of(root);
	site.own = &own;
	WANT(mkdir(SCRATCH "/root/real", 0755) == 0 && symlink("real", SCRATCH "/root/dev") == 0);
	WANT_INT(dev_want(&site, tmpfs_at("/dev")), FD_NONE);
	WANT(line_has(SCRATCH "/root/real", "- tmpfs /dev"));
}

TEST(a_dev_that_is_a_link_is_not_kept)
{
	child_run(linked_dev_body);
}

static void usual_links_body(void)
{
	static const char *const types[] = { "proc", "sysfs" };
	static const char *const places[] = { "/proc", "/sys" };
	_cleanup_(fd_cleanup) int root = FD_NONE;
	struct target_own own = TARGET_OWN_INIT;
	struct mount_site site;
	char path[64];

	scratch_make();
	root = root_make();
	site = site_of(root);
	site.own = &own;
	WANT(mkdir(SCRATCH "/root/real", 0755) == 0);
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		const struct plan_mount wanted = {
			.kind = MOUNT_FILESYSTEM, .destination = places[i], .type = types[i], .source = types[i]
		};

		snprintf(path, sizeof(path), SCRATCH "/root%s", places[i]);
		WANT(symlink("real", path) == 0);
		mount_refuse(&site, wanted, -ELOOP, "there is a symlink on the way");
		WANT(!mountinfo_find(SCRATCH "/root/real", (char[4096]){ 0 }) && unlink(path) == 0);
		text_write(path, "");
		mount_refuse(&site, wanted, -ENOTDIR, "not a directory");
		WANT(unlink(path) == 0);
		/* Made when it is missing; the second time it is there, and covered. */
		mount_want(&site, wanted);
		mount_want(&site, wanted);
		WANT(umount2(path, 0) == 0 && umount2(path, 0) == 0 && umount2(path, 0) < 0);
	}
}

TEST(proc_and_sysfs_go_on_real_directories_only)
{
	child_run(usual_links_body);
}
