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
	WANT_INT(tree_change(fd, 0, MOUNT_ATTR_RDONLY, false), 0);
	text_write(SCRATCH "/one", "");
	WANT(open(SCRATCH "/two", O_WRONLY | O_CREAT | O_CLOEXEC, 0600) < 0 && errno == ENOSPC);
}

TEST(the_empty_one_stays_empty)
{
	child_run(empty_body);
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
