/* SPDX-License-Identifier: Apache-2.0 */
/* Checks new file systems: their words, their attributes, and what the kernel says when it does not like them. */
#include "libsandbox/root/filesystem.h"

#include "libsandbox/root/fixture.h"
#include "libsandbox/root/tree.h"

#define WORDS(...)                                                                    \
	(&(const struct spec_strings){ .items = (const char *const[]){ __VA_ARGS__ }, \
				       .count = ARRAY_SIZE(((const char *const[]){ __VA_ARGS__ })) })

static void place(int fd)
{
	_cleanup_(fd_cleanup) int to = open(SCRATCH, O_PATH | O_CLOEXEC);

	WANT_INT(tree_attach(fd, to), 0);
}

static void made_body(void)
{
	const struct filesystem tmpfs = {
		.type = "tmpfs",
		.source = "named",
		.words = WORDS("size=64k", "nr_inodes=7"),
		.mode = "mode=0751",
		.attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NOATIME,
	};
	_cleanup_(fd_cleanup) int fd = FD_NONE;
	struct statvfs fs;
	struct stat st;
	struct error err;
	char line[4096];

	ERROR_INIT(&err);
	scratch_make();
	fd = filesystem_make(&tmpfs, &err);
	WANT_OK(fd, &err);
	WANT(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	place(fd);
	WANT(statvfs(SCRATCH, &fs) == 0);
	WANT_INT(fs.f_blocks * fs.f_frsize, 65536);
	WANT_INT(fs.f_files, 7);
	WANT_INT(fs.f_flag & (ST_NOSUID | ST_NODEV | ST_NOEXEC | ST_NOATIME | ST_RDONLY),
		 ST_NOSUID | ST_NODEV | ST_NOEXEC | ST_NOATIME);
	WANT(stat(SCRATCH, &st) == 0 && (st.st_mode & 07777) == 0751);
	WANT(mountinfo_find(SCRATCH, line));
	WANT_HAS(line, " - tmpfs named ");
}

#define LAYERS 20

/* A layer with its own file in it, on a path of some hundred bytes; the third has signs in its name that overlay takes for its own. */
static void layer_make(int number, char path[256])
{
	char file[300];

	(void)snprintf(path, 256, SCRATCH "/%s%0100d", number == 3 ? "a:b\\" : "layer-", number);
	WANT(mkdir(path, 0755) == 0);
	(void)snprintf(file, sizeof(file), "%s/file%d", path, number);
	WANT(mknod(file, S_IFREG | 0644, 0) == 0);
}

static void layers_body(void)
{
	char word[LAYERS * 256] = "lowerdir=", path[256], *end = word + strlen(word);
	_cleanup_(fd_cleanup) int fd = FD_NONE;
	struct filesystem overlay = { .type = "overlay", .source = "overlay" };
	struct error err;

	ERROR_INIT(&err);
	scratch_make();
	for (int i = 0; i < LAYERS; i++) {
		layer_make(i, path);
		if (i > 0)
			*end++ = ':';
		for (const char *at = path; *at; at++) {
			if (*at == ':' || *at == '\\')
				*end++ = '\\';
			*end++ = *at;
		}
	}
	*end = '\0';
	overlay.words = WORDS(word);
	fd = filesystem_make(&overlay, &err);
	if (fd == -ENODEV)
		_exit(SKIPPED);
	WANT_OK(fd, &err);
	for (int i = 0; i < LAYERS; i++) {
		(void)snprintf(path, sizeof(path), "file%d", i);
		WANT(faccessat(fd, path, F_OK, 0) == 0);
	}
}

TEST(many_layers_of_an_overlay)
{
	child_run(layers_body);
}

static void layer_too_long_body(void)
{
	char word[1024];
	struct filesystem overlay = { .type = "overlay", .source = "overlay" };
	struct error err;

	ERROR_INIT(&err);
	scratch_make();
	(void)snprintf(word, sizeof(word), "lowerdir=" SCRATCH ":/%0300d", 1);
	overlay.words = WORDS(word);
	WANT_INT(filesystem_make(&overlay, &err), -E2BIG);
	WANT_HAS(error_text(&err), "option 'lowerdir': layer '/000");
	/* Of the others there is only one. */
	(void)snprintf(word, sizeof(word), "upperdir=/%0300d", 1);
	WANT_INT(filesystem_make(&overlay, &err), -E2BIG);
	WANT_HAS(error_text(&err), "option 'upperdir' with 301 bytes: longer than the 255 bytes");
}

TEST(a_layer_that_is_too_long_is_named)
{
	child_run(layer_too_long_body);
}

TEST(file_systems_get_their_words)
{
	child_run(made_body);
}

static void refused(const struct filesystem *filesystem, int code, const char *text)
{
	struct error err;

	ERROR_INIT(&err);
	WANT_INT(filesystem_make(filesystem, &err), code);
	WANT_HAS(error_text(&err), text);
}

static void refused_body(void)
{
	char long_word[600];

	scratch_make();
	refused(&(struct filesystem){ .type = "nosuchfs" }, -ENODEV, "file system 'nosuchfs': No such device");
	refused(&(struct filesystem){ .type = "tmpfs", .words = WORDS("size=bogus") }, -EINVAL,
		"option 'size': tmpfs: Bad value for 'size': Invalid argument");
	refused(&(struct filesystem){ .type = "tmpfs", .words = WORDS("mode=0755", "what") }, -EINVAL,
		"option 'what': tmpfs: Unknown parameter 'what'");
	refused(&(struct filesystem){ .type = "tmpfs", .words = WORDS("what=ever") }, -EINVAL,
		"tmpfs: Unknown parameter 'what'");
	refused(&(struct filesystem){ .type = "tmpfs", .label = "context" }, -EINVAL, "'context'");
	refused(&(struct filesystem){ .type = "tmpfs", .words = WORDS("") }, -EINVAL, "option ''");
	refused(&(struct filesystem){ .type = "ext4", .source = "/none" }, -ENOENT, "ext4");
	memset(long_word, 'x', sizeof(long_word) - 1);
	long_word[sizeof(long_word) - 1] = '\0';
	refused(&(struct filesystem){ .type = "tmpfs", .words = WORDS(long_word) }, -E2BIG, "longer than the 255");
	long_word[4] = '=';
	refused(&(struct filesystem){ .type = "tmpfs", .words = WORDS(long_word) }, -E2BIG, "option 'xxxx'");
	long_word[4] = 'x';
	long_word[500] = '=';
	refused(&(struct filesystem){ .type = "tmpfs", .words = WORDS(long_word) }, -EINVAL, "no file system");
}

TEST(the_kernels_own_words_are_told)
{
	child_run(refused_body);
}

static void empty_body(void)
{
	_cleanup_(fd_cleanup) int fd = FD_NONE;
	struct error err;

	ERROR_INIT(&err);
	scratch_make();
	fd = filesystem_make_empty(MOUNT_ATTR_RDONLY, NULL, &err);
	WANT_OK(fd, &err);
	place(fd);
	WANT(mount_flags(SCRATCH) & ST_RDONLY && mount_flags(SCRATCH) & ST_NODEV);
	WANT(mkdir(SCRATCH "/x", 0755) < 0 && errno == EROFS);
	/* Nor when somebody may make it writable. */
	WANT_INT(tree_change(fd, 0, MOUNT_ATTR_RDONLY, false), 0);
	WANT(mkdir(SCRATCH "/x", 0755) < 0 && errno == EROFS);
	WANT_OK(filesystem_reconfigure(fd, WORDS("rw"), &err), &err);
	text_write(SCRATCH "/one", "");
	WANT(open(SCRATCH "/two", O_WRONLY | O_CREAT | O_CLOEXEC, 0600) < 0 && errno == ENOSPC);
}

TEST(the_empty_one_stays_empty)
{
	child_run(empty_body);
}

/* -- the two ways ------------------------------------------------------------------------------------------------------------------ */

/* What mountinfo says behind the mount point, and the root's mode: all that there is to be seen of a mount and its superblock. */
static void look(const char *path, char to[4096])
{
	char line[4096];
	const char *at = line;
	struct statvfs fs;
	struct stat st;

	WANT(mountinfo_find(path, line));
	for (int i = 0; i < 5; i++)
		at = strchr(at, ' ') + 1;
	WANT(stat(path, &st) == 0 && statvfs(path, &fs) == 0);
	snprintf(to, 4096, "%s mode=%o uid=%u gid=%u flags=%lx blocks=%lu files=%lu", at, st.st_mode, st.st_uid,
		 st.st_gid, fs.f_flag, fs.f_blocks, fs.f_files);
}

static void both_want(const struct filesystem *filesystem)
{
	_cleanup_(fd_cleanup) int put = open(SCRATCH "/put", O_PATH | O_CLOEXEC), made = FD_NONE;
	_cleanup_(fd_cleanup) int attached = open(SCRATCH "/made", O_PATH | O_CLOEXEC);
	char first[4096], second[4096];
	struct error err;

	ERROR_INIT(&err);
	WANT(filesystem_put(filesystem, put));
	made = filesystem_make(filesystem, &err);
	WANT_OK(made, &err);
	WANT_INT(tree_attach(made, attached), 0);
	look(SCRATCH "/put", first);
	look(SCRATCH "/made", second);
	WANT_HAS(first, second);
	WANT_HAS(second, first);
	WANT(chdir("/") == 0 && umount2(SCRATCH "/put", MNT_DETACH) == 0 && umount2(SCRATCH "/made", MNT_DETACH) == 0);
}

/* Every set of the attributes that can be asked for, of which those for the time of access exclude each other. */
static void attributes_want(struct filesystem filesystem, const struct spec_strings *read_only)
{
	static const uint64_t bits[] = { MOUNT_ATTR_NOSUID, MOUNT_ATTR_NODEV, MOUNT_ATTR_NOEXEC, MOUNT_ATTR_NODIRATIME,
					 MOUNT_ATTR_NOSYMFOLLOW };
	static const uint64_t times[] = { MOUNT_ATTR_RELATIME, MOUNT_ATTR_NOATIME, MOUNT_ATTR_STRICTATIME };
	const struct spec_strings *words = filesystem.words;

	for (unsigned int set = 0; set < 1U << ARRAY_SIZE(bits); set++) {
		for (size_t time = 0; time < ARRAY_SIZE(times); time++) {
			filesystem.attributes = times[time];
			for (size_t i = 0; i < ARRAY_SIZE(bits); i++)
				filesystem.attributes |= set >> i & 1 ? bits[i] : 0;
			filesystem.words = words;
			both_want(&filesystem);
			filesystem.attributes |= MOUNT_ATTR_RDONLY;
			filesystem.words = read_only;
			both_want(&filesystem);
		}
	}
}

/* Read-only mounts of a superblock that others write to. */
static void shared_want(void)
{
	const struct filesystem filesystem = { .type = "cgroup2", .source = "cgroup", .shared = true };
	char before[4096], after[4096];

	WANT(mkdir(SCRATCH "/held", 0755) == 0 && mount("cgroup", SCRATCH "/held", "cgroup2", 0, NULL) == 0);
	look(SCRATCH "/held", before);
	attributes_want(filesystem, NULL);
	look(SCRATCH "/held", after);
	WANT_HAS(before, after);
	WANT_HAS(after, before);
}

static void ways_body(void)
{
	scratch_make();
	WANT(mkdir(SCRATCH "/put", 0755) == 0 && mkdir(SCRATCH "/made", 0755) == 0);
	attributes_want((struct filesystem){ .type = "tmpfs", .source = "tmpfs" }, WORDS("ro"));
	both_want(&(struct filesystem){ .type = "tmpfs", .source = "shm", .words = WORDS("mode=1777", "size=65536k") });
	both_want(&(struct filesystem){
		.type = "tmpfs", .source = "a source", .words = WORDS("size=10%", "nr_inodes=2k") });
	both_want(&(struct filesystem){ .type = "tmpfs",
					.source = "x,y",
					.words = WORDS("uid=5", "gid=6", "size=1m", "size=100k"),
					.mode = "mode=0700" });
	both_want(&(struct filesystem){
		.type = "tmpfs", .source = "tmpfs", .words = WORDS("nr_blocks=1", "nr_inodes=2", "mode=0555") });
	both_want(&(struct filesystem){ .type = "devpts",
					.source = "devpts",
					.words = WORDS("newinstance", "ptmxmode=0666", "mode=0620", "gid=5", "max=100"),
					.attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC });
	if (unshare(CLONE_NEWIPC) == 0)
		both_want(&(struct filesystem){ .type = "mqueue", .source = "mqueue", .attributes = MOUNT_ATTR_NODEV });
	both_want(&(struct filesystem){ .type = "cgroup2", .source = "cgroup", .attributes = MOUNT_ATTR_NOSUID });
	shared_want();
}

TEST(both_ways_make_the_same_mount)
{
	child_run(ways_body);
}

static void put_refuse(struct filesystem filesystem)
{
	_cleanup_(fd_cleanup) int place = open(SCRATCH "/put", O_PATH | O_CLOEXEC);

	WANT(!filesystem_put(&filesystem, place));
	WANT(mount_flags(SCRATCH "/put") == mount_flags(SCRATCH));
}

static void not_put_body(void)
{
	char word[300] = "size=", source[300];
	_cleanup_(fd_cleanup) int file = FD_NONE;

	scratch_make();
	WANT(mkdir(SCRATCH "/put", 0755) == 0);
	text_write(SCRATCH "/file", "");
	file = open(SCRATCH "/file", O_PATH | O_CLOEXEC);
	/* Cut or read in another way by mount(2), or of the superblock there and of the mount here. */
	put_refuse((struct filesystem){ .type = "tmpfs", .source = "t", .words = WORDS("mpol=bind:0,1") });
	put_refuse((struct filesystem){ .type = "tmpfs", .source = "t", .words = WORDS("size=1m,mode=0777") });
	put_refuse((struct filesystem){ .type = "tmpfs", .source = "t", .words = WORDS("mode=\"0777\"") });
	put_refuse((struct filesystem){ .type = "tmpfs", .source = "t", .words = WORDS("mode=") });
	put_refuse((struct filesystem){ .type = "tmpfs", .source = "t", .words = WORDS("=x") });
	put_refuse((struct filesystem){ .type = "tmpfs", .source = "t", .words = WORDS("") });
	put_refuse((struct filesystem){ .type = "tmpfs", .source = "t", .words = WORDS("sync") });
	put_refuse((struct filesystem){ .type = "tmpfs", .source = "t", .words = WORDS("context=a") });
	put_refuse((struct filesystem){ .type = "tmpfs", .source = "t", .label = "context=a" });
	put_refuse((struct filesystem){ .type = "tmpfs", .source = "t", .words = WORDS("ro") });
	put_refuse((struct filesystem){ .type = "tmpfs", .source = "t", .attributes = MOUNT_ATTR_RDONLY });
	put_refuse((struct filesystem){ .type = "tmpfs", .source = "t", .attributes = MOUNT_ATTR_IDMAP });
	put_refuse((struct filesystem){ .type = "tmpfs" });
	put_refuse((struct filesystem){ .type = "tmpfs", .source = "" });
	put_refuse((struct filesystem){ .type = "cgroup2",
					.source = "cgroup",
					.attributes = MOUNT_ATTR_RDONLY,
					.words = WORDS("ro"),
					.shared = true });
	put_refuse((struct filesystem){ .type = "cgroup2", .source = "cgroup", .attributes = MOUNT_ATTR_RDONLY });
	put_refuse((struct filesystem){ .type = "proc", .source = "proc" });
	put_refuse((struct filesystem){ .type = "sysfs", .source = "sysfs" });
	/* What the kernel does not like, and what is too long for it. */
	put_refuse((struct filesystem){ .type = "tmpfs", .source = "t", .words = WORDS("size=x") });
	put_refuse((struct filesystem){ .type = "mqueue", .source = "t", .words = WORDS("size=1") });
	memset(word + 5, '0', sizeof(word) - 6);
	word[sizeof(word) - 1] = '\0';
	put_refuse((struct filesystem){ .type = "tmpfs", .source = "t", .words = WORDS(word) });
	memset(source, 's', sizeof(source) - 1);
	source[sizeof(source) - 1] = '\0';
	put_refuse((struct filesystem){ .type = "tmpfs", .source = source });
	/* No directory. */
	WANT(!filesystem_put(&(struct filesystem){ .type = "tmpfs", .source = "t" }, file));
	WANT(!filesystem_put(&(struct filesystem){ .type = "tmpfs", .source = "t" }, FD_NONE));
}

TEST(mount_2_gets_only_what_it_takes_as_it_is)
{
	child_run(not_put_body);
}

static void reconfigure_body(void)
{
	_cleanup_(fd_cleanup) int fd = FD_NONE;
	struct statvfs fs;
	struct error err;

	ERROR_INIT(&err);
	scratch_make();
	fd = open(SCRATCH, O_PATH | O_CLOEXEC);
	WANT_OK(filesystem_reconfigure(fd, WORDS("size=128k"), &err), &err);
	WANT(statvfs(SCRATCH, &fs) == 0 && fs.f_blocks * fs.f_frsize == 131072);
	WANT_INT(filesystem_reconfigure(fd, WORDS("size=none"), &err), -EINVAL);
	WANT_HAS(error_text(&err), "Bad value for 'size'");
	fd_cleanup(&fd);
	WANT(mkdir(SCRATCH "/sub", 0755) == 0);
	fd = open(SCRATCH "/sub", O_PATH | O_CLOEXEC);
	WANT_INT(filesystem_reconfigure(fd, WORDS("size=64k"), &err), -EINVAL);
}

TEST(superblocks_are_reconfigured)
{
	child_run(reconfigure_body);
}
