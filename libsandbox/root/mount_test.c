/* SPDX-License-Identifier: Apache-2.0 */
/* Checks whole mounts of a plan: that they are there, with what was asked for, and how they fail. */
#include "libsandbox/root/mount.h"

#include <sys/vfs.h>
#include <sys/xattr.h>

#include <linux/magic.h>

#include "libsandbox/root/mount_fixture.h"
#include "libsandbox/root/source.h"
#include "libspec/names.h"

#define WORDS(...)                                                          \
	{                                                                   \
		.items = (const char *const[]){ __VA_ARGS__ },              \
		.count = ARRAY_SIZE(((const char *const[]){ __VA_ARGS__ })) \
	}

static void filesystems_run(bool long_way)
{
	_cleanup_(fd_cleanup) int root = FD_NONE;
	struct mount_site site;
	struct stat st;

	scratch_make();
	root = root_make();
	site = site_of(root);
	if (long_way)
		short_ways_deny();
	mount_want(&site, (struct plan_mount){ .kind = MOUNT_FILESYSTEM,
					       .destination = "/proc",
					       .type = "proc",
					       .source = "proc",
					       .attr_set = MOUNT_ATTR_NOSUID });
	WANT(access(SCRATCH "/root/proc/self/comm", F_OK) == 0);
	WANT(mount_flags(SCRATCH "/root/proc") & ST_NOSUID);
	/* A tmpfs looks like the directory that was there, unless it was told or there was none. */
	WANT(mkdir(SCRATCH "/root/old", 01711) == 0 && chmod(SCRATCH "/root/old", 01711) == 0);
	WANT(mkdir(SCRATCH "/root/told", 01711) == 0);
	mount_want(&site, (struct plan_mount){
				  .kind = MOUNT_FILESYSTEM, .destination = "/old", .type = "tmpfs", .source = "t" });
	WANT(stat(SCRATCH "/root/old", &st) == 0 && (st.st_mode & 07777) == 01711);
	mount_want(&site, (struct plan_mount){ .kind = MOUNT_FILESYSTEM,
					       .destination = "/told",
					       .type = "tmpfs",
					       .source = "t",
					       .super = WORDS("size=1m", "mode=0700") });
	WANT(stat(SCRATCH "/root/told", &st) == 0 && (st.st_mode & 07777) == 0700);
	mount_want(&site, (struct plan_mount){
				  .kind = MOUNT_FILESYSTEM, .destination = "/new", .type = "tmpfs", .source = "t" });
	WANT(stat(SCRATCH "/root/new", &st) == 0 && (st.st_mode & 07777) == 01777);
	mount_want(&site, (struct plan_mount){ .kind = MOUNT_FILESYSTEM,
					       .destination = "/late",
					       .type = "tmpfs",
					       .attr_set = MOUNT_ATTR_RDONLY,
					       .readonly_late = true });
	mount_refuse(&site,
		     (struct plan_mount){ .kind = MOUNT_FILESYSTEM,
					  .destination = "/bad",
					  .type = "tmpfs",
					  .source = "t",
					  .super = WORDS("size=x") },
		     -EINVAL, "mount '/bad': option 'size': tmpfs: Bad value for 'size'");
}

static void filesystems_body(void)
{
	filesystems_run(false);
}

static void filesystems_long_body(void)
{
	filesystems_run(true);
}

TEST(file_systems_are_mounted)
{
	child_run(filesystems_body);
}

TEST(file_systems_are_mounted_the_long_way_too)
{
	child_run(filesystems_long_body);
}

static void sources_make(void)
{
	WANT(mkdir(SCRATCH "/src", 0755) == 0);
	WANT(mount("tmpfs", SCRATCH "/src", "tmpfs", MS_NOEXEC, NULL) == 0);
	WANT(mkdir(SCRATCH "/src/sub", 0755) == 0);
	WANT(mount("tmpfs", SCRATCH "/src/sub", "tmpfs", 0, NULL) == 0);
	text_write(SCRATCH "/src/file", "source");
	text_write(SCRATCH "/src/sub/file", "below");
	WANT(symlink("file", SCRATCH "/src/link") == 0);
}

static struct plan_mount bind(const char *source, const char *destination)
{
	return (struct plan_mount){ .kind = MOUNT_BIND, .source = source, .destination = destination };
}

static void binds_body(void)
{
	_cleanup_(fd_cleanup) int root = FD_NONE;
	struct mount_site site;
	struct plan_mount wanted;

	scratch_make();
	root = root_make();
	site = site_of(root);
	sources_make();
	mount_want(&site, bind(SCRATCH "/src", "/flat"));
	WANT(text_is(SCRATCH "/root/flat/file", "source"));
	WANT(access(SCRATCH "/root/flat/sub/file", F_OK) < 0);
	WANT(mount_flags(SCRATCH "/root/flat") & ST_NOEXEC);
	wanted = bind(SCRATCH "/src", "/deep/er");
	wanted.recursive = true;
	wanted.attr_set = MOUNT_ATTR_RDONLY;
	wanted.attr_clear = MOUNT_ATTR_NOEXEC;
	mount_want(&site, wanted);
	WANT(text_is(SCRATCH "/root/deep/er/sub/file", "below"));
	WANT_INT(mount_flags(SCRATCH "/root/deep/er") & (ST_RDONLY | ST_NOEXEC), ST_RDONLY);
	WANT_INT(mount_flags(SCRATCH "/root/deep/er/sub") & ST_RDONLY, 0);
	wanted.destination = "/rro";
	wanted.attr_set = 0;
	wanted.recursive_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV;
	mount_want(&site, wanted);
	WANT(mount_flags(SCRATCH "/root/rro/sub") & ST_RDONLY && mount_flags(SCRATCH "/root/rro/sub") & ST_NODEV);
	/* The source keeps what it has. */
	WANT_INT(mount_flags(SCRATCH "/src") & (ST_RDONLY | ST_NOEXEC | ST_NODEV), ST_NOEXEC);
	mount_want(&site, bind(SCRATCH "/src/file", "/etc/hostname"));
	WANT(text_is(SCRATCH "/root/etc/hostname", "source"));
	/* On top of one another. */
	mount_want(&site, bind(SCRATCH "/src/sub/file", "/etc/hostname"));
	WANT(text_is(SCRATCH "/root/etc/hostname", "below"));
	wanted = bind(SCRATCH "/src", "/late");
	wanted.attr_set = MOUNT_ATTR_RDONLY;
	wanted.readonly_late = true;
	mount_want(&site, wanted);
	mount_refuse(&site, bind(SCRATCH "/src/none", "/x"), -ENOENT,
		     "mount '/x': open_tree '" SCRATCH "/src/none': No such file or directory");
	mount_refuse(&site, bind(SCRATCH "/src/file", "/flat"), -ENOTDIR, "mount '/flat': ");
	mount_refuse(&site, bind(SCRATCH "/src", "/etc/hostname"), -ENOTDIR, "not a directory");
	WANT_INT(access(SCRATCH "/root/x", F_OK), -1);
}

TEST(directories_and_files_are_bound)
{
	child_run(binds_body);
}

static void links_body(void)
{
	_cleanup_(fd_cleanup) int root = FD_NONE;
	struct mount_site site;
	struct plan_mount wanted;
	char text[64];

	scratch_make();
	root = root_make();
	site = site_of(root);
	sources_make();
	mount_want(&site, bind(SCRATCH "/src/link", "/followed"));
	WANT(text_is(SCRATCH "/root/followed", "source"));
	wanted = bind(SCRATCH "/src/link", "/etc/copied");
	wanted.copy_symlink = true;
	mount_want(&site, wanted);
	WANT_INT(readlink(SCRATCH "/root/etc/copied", text, sizeof(text)), 4);
	mount_want(&site, wanted);
	wanted.destination = "/followed";
	mount_refuse(&site, wanted, -EEXIST, "mount '/followed': make the link: File exists");
	/* What is no link is bound. */
	wanted = bind(SCRATCH "/src/file", "/plain");
	wanted.copy_symlink = true;
	mount_want(&site, wanted);
	WANT(text_is(SCRATCH "/root/plain", "source"));
	/* A link over a link. */
	WANT(symlink("/victim", SCRATCH "/root/there") == 0);
	wanted = bind(SCRATCH "/src/link", "/there");
	wanted.source_nofollow = wanted.destination_nofollow = true;
	mount_want(&site, wanted);
	WANT_INT(readlink(SCRATCH "/root/there", text, sizeof(text)), 4);
	WANT(memcmp(text, "file", 4) == 0);
}

TEST(links_are_copied_or_bound_as_links)
{
	child_run(links_body);
}

static void propagations_body(void)
{
	static const int shared[] = { PROPAGATION_RSHARED }, both[] = { PROPAGATION_SLAVE, PROPAGATION_SHARED },
			 alone[] = { PROPAGATION_RPRIVATE };
	_cleanup_(fd_cleanup) int root = FD_NONE;
	struct mount_site site;
	struct plan_mount wanted;

	scratch_make();
	root = root_make();
	site = site_of(root);
	sources_make();
	WANT(mount(NULL, SCRATCH "/src", NULL, MS_SHARED | MS_REC, NULL) == 0);
	/* Nothing said: it hears of the host's mounts, and tells none of its own. */
	wanted = bind(SCRATCH "/src", "/plain");
	wanted.recursive = true;
	mount_want(&site, wanted);
	WANT(line_has(SCRATCH "/root/plain", " master:") && !line_has(SCRATCH "/root/plain", " shared:"));
	WANT(line_has(SCRATCH "/root/plain/sub", " master:") && !line_has(SCRATCH "/root/plain/sub", " shared:"));
	WANT(mkdir(SCRATCH "/src/later", 0755) == 0 && mount("tmpfs", SCRATCH "/src/later", "tmpfs", 0, NULL) == 0);
	text_write(SCRATCH "/src/later/x", "came in");
	WANT(text_is(SCRATCH "/root/plain/later/x", "came in"));
	wanted.destination = "/shared";
	wanted.propagations = shared;
	wanted.propagation_count = 1;
	mount_want(&site, wanted);
	WANT(line_has(SCRATCH "/root/shared", " master:") && line_has(SCRATCH "/root/shared", " shared:"));
	wanted.destination = "/both";
	wanted.propagations = both;
	wanted.propagation_count = 2;
	mount_want(&site, wanted);
	WANT(line_has(SCRATCH "/root/both", " shared:") && line_has(SCRATCH "/root/both", " master:"));
	WANT(!line_has(SCRATCH "/root/both/sub", " shared:"));
	wanted.destination = "/alone";
	wanted.propagations = alone;
	wanted.propagation_count = 1;
	mount_want(&site, wanted);
	WANT(!line_has(SCRATCH "/root/alone", " master:") && !line_has(SCRATCH "/root/alone/sub", " shared:"));
	/* A namespace that shares: the mount stays the host's peer, and its mounts go out. */
	site.propagation = PROPAGATION_SHARED;
	wanted.destination = "/peer";
	wanted.propagations = shared;
	mount_want(&site, wanted);
	WANT(!line_has(SCRATCH "/root/peer", " master:") && line_has(SCRATCH "/root/peer", " shared:"));
	WANT(mkdir(SCRATCH "/src/out", 0755) == 0);
	WANT(mount("tmpfs", SCRATCH "/root/peer/out", "tmpfs", 0, NULL) == 0);
	text_write(SCRATCH "/root/peer/out/x", "went out");
	WANT(text_is(SCRATCH "/src/out/x", "went out"));
	site.propagation = PROPAGATION_PRIVATE;
	wanted.destination = "/private";
	wanted.propagation_count = 0;
	mount_want(&site, wanted);
	WANT(!line_has(SCRATCH "/root/private", " master:") && !line_has(SCRATCH "/root/private", " shared:"));
}

TEST(propagation_starts_where_the_namespace_does)
{
	child_run(propagations_body);
}

static void place_of(const char *path, char to[4096])
{
	char line[4096];

	WANT(mountinfo_find(path, line));
	snprintf(to, 4096, "%s", strstr(line, path) + strlen(path));
}

static void one_mount_body(void)
{
	static const int starts[] = { PROPAGATION_PRIVATE,
				      PROPAGATION_RPRIVATE,
				      PROPAGATION_SLAVE,
				      PROPAGATION_RSLAVE,
				      PROPAGATION_SHARED,
				      PROPAGATION_RSHARED,
				      0 };
	static const uint64_t sets[][2] = { { 0, 0 },
					    { MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV, 0 },
					    { MOUNT_ATTR_NOATIME, MOUNT_ATTR__ATIME },
					    { MOUNT_ATTR_NOSUID, MOUNT_ATTR_NOEXEC } };
	char alone[4096], later[4096], tree[4096];
	_cleanup_(fd_cleanup) int root = FD_NONE;
	struct mount_site site;

	scratch_make();
	root = root_make();
	site = site_of(root);
	sources_make();
	WANT(mount(NULL, SCRATCH "/src", NULL, MS_SHARED | MS_REC, NULL) == 0);
	/* A tree of one mount that is settled when it is opened, or by one call later, or by those for trees: the same comes out. */
	for (size_t i = 0; i < ARRAY_SIZE(starts) * ARRAY_SIZE(sets); i++) {
		struct plan_mount wanted = bind(SCRATCH "/src/sub", "/alone");

		site.propagation = starts[i / ARRAY_SIZE(sets)];
		wanted.attr_set = sets[i % ARRAY_SIZE(sets)][0];
		wanted.attr_clear = sets[i % ARRAY_SIZE(sets)][1];
		site.sources_settled = true;
		mount_want(&site, wanted);
		wanted.destination = "/later";
		site.sources_settled = false;
		mount_want(&site, wanted);
		wanted.destination = "/tree";
		wanted.recursive = true;
		mount_want(&site, wanted);
		place_of(SCRATCH "/root/alone", alone);
		place_of(SCRATCH "/root/later", later);
		place_of(SCRATCH "/root/tree", tree);
		WANT(strcmp(alone, later) == 0);
		WANT(strcmp(alone, tree) == 0);
		WANT(umount2(SCRATCH "/root/alone", MNT_DETACH) == 0);
		WANT(umount2(SCRATCH "/root/later", MNT_DETACH) == 0);
		WANT(umount2(SCRATCH "/root/tree", MNT_DETACH) == 0);
	}
}

TEST(one_mount_is_settled_as_a_tree_is)
{
	child_run(one_mount_body);
}

static void remount_body(void)
{
	_cleanup_(fd_cleanup) int root = FD_NONE;
	struct mount_site site;
	struct statvfs fs;

	scratch_make();
	root = root_make();
	site = site_of(root);
	mount_want(&site, (struct plan_mount){ .kind = MOUNT_FILESYSTEM, .destination = "/t", .type = "tmpfs" });
	mount_want(&site, (struct plan_mount){ .kind = MOUNT_REMOUNT,
					       .destination = "/t",
					       .attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV,
					       .super = WORDS("size=64k") });
	WANT(statvfs(SCRATCH "/root/t", &fs) == 0 && fs.f_blocks * fs.f_frsize == 65536);
	WANT_INT(fs.f_flag & (ST_RDONLY | ST_NODEV), ST_RDONLY | ST_NODEV);
	mount_want(&site,
		   (struct plan_mount){ .kind = MOUNT_REMOUNT, .destination = "/t", .attr_clear = MOUNT_ATTR_RDONLY });
	WANT_INT(mount_flags(SCRATCH "/root/t") & (ST_RDONLY | ST_NODEV), ST_NODEV);
	WANT(mkdir(SCRATCH "/root/t/dir", 0755) == 0);
	mount_refuse(
		&site,
		(struct plan_mount){ .kind = MOUNT_REMOUNT, .destination = "/t/dir", .attr_set = MOUNT_ATTR_RDONLY },
		-EINVAL, "mount '/t/dir': ");
	mount_refuse(
		&site,
		(struct plan_mount){ .kind = MOUNT_REMOUNT, .destination = "/none", .attr_set = MOUNT_ATTR_RDONLY },
		-ENOENT, "mount '/none': open what is to be remounted: No such file");
}

TEST(mounts_are_remounted)
{
	child_run(remount_body);
}

static void locked_body(void)
{
	_cleanup_(fd_cleanup) int root = FD_NONE;
	struct mount_site site;
	struct plan_mount wanted = bind(SCRATCH "/src", "/x");

	scratch_make();
	root = root_make();
	sources_make();
	WANT(mount(NULL, SCRATCH "/src", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NODEV, NULL) == 0);
	WANT(mkdir(SCRATCH "/root/x", 0755) == 0);
	fd_cleanup(&root);
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
		_exit(SKIPPED);
	root = open(SCRATCH "/root", O_PATH | O_CLOEXEC);
	site = site_of(root);
	wanted.recursive = true;
	wanted.attr_clear = MOUNT_ATTR_RDONLY;
	mount_refuse(&site, wanted, -EPERM, "cannot clear locked flags");
	wanted.attr_clear = MOUNT_ATTR__ATIME;
	wanted.attr_set = MOUNT_ATTR_NOATIME;
	mount_refuse(&site, wanted, -EPERM, "cannot change locked atime flags");
	wanted.attr_clear = wanted.attr_set = 0;
	wanted.recursive_set = MOUNT_ATTR_NOSUID;
	mount_want(&site, wanted);
	WANT_INT(mount_flags(SCRATCH "/root/x/sub") & (ST_RDONLY | ST_NOSUID), ST_NOSUID);
	WANT_INT(mount_flags(SCRATCH "/root/x") & (ST_RDONLY | ST_NOSUID), ST_RDONLY | ST_NOSUID);
}

TEST(locked_attributes_are_told)
{
	child_run(locked_body);
}

static void cgroup_body(void)
{
	const struct plan_cgroup cgroup = { .mount = "/sys/fs/cgroup/unified", .path = "/none/of/these" };
	const struct plan_mount mount = { .kind = MOUNT_CGROUP,
					  .destination = "/sys/fs/cgroup",
					  .type = "cgroup2",
					  .source = "cgroup",
					  .attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID };
	_cleanup_(fd_cleanup) int root = FD_NONE;
	struct mount_site site;
	struct statfs fs;

	if (statfs(cgroup.mount, &fs) < 0 || fs.f_type != CGROUP2_SUPER_MAGIC)
		_exit(SKIPPED);
	scratch_make();
	root = root_make();
	site = site_of(root);
	site.cgroup = &cgroup;
	/* Without a cgroup namespace: the host's tree. */
	mount_want(&site, mount);
	WANT(statfs(SCRATCH "/root/sys/fs/cgroup", &fs) == 0 && fs.f_type == CGROUP2_SUPER_MAGIC);
	WANT(mount_flags(SCRATCH "/root/sys/fs/cgroup") & ST_RDONLY);
	WANT(access(SCRATCH "/root/sys/fs/cgroup/cgroup.procs", F_OK) == 0);
	/* With one: a mount of its own. */
	site.cgroup_namespace = true;
	mount_want(&site, mount);
	WANT(statfs(SCRATCH "/root/sys/fs/cgroup", &fs) == 0 && fs.f_type == CGROUP2_SUPER_MAGIC);
	WANT(mount_flags(SCRATCH "/root/sys/fs/cgroup") & ST_RDONLY);
	/* In a user namespace without a cgroup namespace of its own the kernel refuses that: then its cgroup, which is not there. */
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
		_exit(SKIPPED);
	fd_cleanup(&root);
	root = open(SCRATCH "/root", O_PATH | O_CLOEXEC);
	site.root_fd = root;
	mount_want(&site, mount);
	WANT(statfs(SCRATCH "/root/sys/fs/cgroup", &fs) == 0 && fs.f_type == TMPFS_MAGIC);
	WANT(mount_flags(SCRATCH "/root/sys/fs/cgroup") & ST_RDONLY);
}

TEST(cgroups_are_shown)
{
	child_run(cgroup_body);
}
