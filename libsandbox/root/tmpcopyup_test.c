/* SPDX-License-Identifier: Apache-2.0 */
/* Checks that a tree is copied whole, as it is, and that nothing outside it is. */
#include "libsandbox/root/tmpcopyup.h"

#include <sys/time.h>
#include <sys/xattr.h>

#include "libsandbox/root/fixture.h"

static void copy_do(int code)
{
	_cleanup_(fd_cleanup) int from = open(SCRATCH "/from", O_PATH | O_CLOEXEC);
	_cleanup_(fd_cleanup) int to = open(SCRATCH "/to", O_PATH | O_CLOEXEC);
	struct error err;

	ERROR_INIT(&err);
	if (code == 0)
		WANT_OK(tmpcopyup_copy(from, to, &err), &err);
	else
		WANT_INT(tmpcopyup_copy(from, to, &err), code);
}

static void places_make(void)
{
	WANT(mkdir(SCRATCH "/from", 0755) == 0 && mkdir(SCRATCH "/to", 0755) == 0);
	WANT(mount("tmpfs", SCRATCH "/to", "tmpfs", 0, NULL) == 0);
}

static void whole_body(void)
{
	const struct timespec old[2] = { { .tv_sec = 1000 }, { .tv_sec = 2000 } };
	struct stat st;
	char text[64], big[70000];
	int fd;

	scratch_make();
	places_make();
	WANT(chmod(SCRATCH "/from", 01750) == 0 && chown(SCRATCH "/from", 3, 4) == 0);
	WANT(mkdir(SCRATCH "/from/sub", 0700) == 0 && mkdir(SCRATCH "/from/sub/deeper", 02711) == 0);
	WANT(chmod(SCRATCH "/from/sub/deeper", 02711) == 0);
	text_write(SCRATCH "/from/sub/deeper/file", "content");
	WANT(chown(SCRATCH "/from/sub/deeper/file", 11, 12) == 0 && chmod(SCRATCH "/from/sub/deeper/file", 04755) == 0);
	WANT(utimensat(AT_FDCWD, SCRATCH "/from/sub/deeper/file", old, 0) == 0);
	text_write(SCRATCH "/from/secret", "unreadable");
	WANT(chmod(SCRATCH "/from/secret", 0) == 0);
	WANT(symlink("/victim", SCRATCH "/from/link") == 0 && lchown(SCRATCH "/from/link", 7, 8) == 0);
	WANT(mkfifo(SCRATCH "/from/fifo", 0600) == 0 &&
	     mknod(SCRATCH "/from/node", S_IFCHR | 0600, makedev(1, 3)) == 0);
	memset(big, 'b', sizeof(big));
	fd = open(SCRATCH "/from/big", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	WANT(fd_write_all(fd, big, sizeof(big)) == 0 && fsetxattr(fd, "trusted.test", "value", 5, 0) == 0);
	close(fd);
	copy_do(0);
	WANT(stat(SCRATCH "/to", &st) == 0 && (st.st_mode & 07777) == 01750 && st.st_uid == 3 && st.st_gid == 4);
	WANT(stat(SCRATCH "/to/sub/deeper", &st) == 0 && (st.st_mode & 07777) == 02711);
	WANT(stat(SCRATCH "/to/sub/deeper/file", &st) == 0 && (st.st_mode & 07777) == 04755);
	WANT(st.st_uid == 11 && st.st_gid == 12 && st.st_mtim.tv_sec == 2000);
	WANT(text_is(SCRATCH "/to/sub/deeper/file", "content"));
	WANT(stat(SCRATCH "/to/secret", &st) == 0 && (st.st_mode & 07777) == 0 && st.st_size == 10);
	WANT_INT(readlink(SCRATCH "/to/link", text, sizeof(text)), 7);
	WANT(lstat(SCRATCH "/to/link", &st) == 0 && st.st_uid == 7 && st.st_gid == 8);
	WANT(access(SCRATCH "/to/fifo", F_OK) < 0 && access(SCRATCH "/to/node", F_OK) < 0);
	WANT(stat(SCRATCH "/to/big", &st) == 0 && st.st_size == sizeof(big));
	WANT_INT(getxattr(SCRATCH "/to/big", "trusted.test", text, sizeof(text)), 5);
	WANT(stat(SCRATCH "/from/secret", &st) == 0 && st.st_size == 10);
}

TEST(trees_are_copied_whole)
{
	child_run(whole_body);
}

static void mounts_body(void)
{
	scratch_make();
	places_make();
	WANT(mkdir(SCRATCH "/from/mounted", 0755) == 0);
	WANT(mount("tmpfs", SCRATCH "/from/mounted", "tmpfs", 0, NULL) == 0);
	text_write(SCRATCH "/from/mounted/x", "of another mount");
	text_write(SCRATCH "/from/file", "under");
	WANT(mount("/dev/null", SCRATCH "/from/file", NULL, MS_BIND, NULL) == 0);
	text_write(SCRATCH "/from/plain", "plain");
	copy_do(0);
	WANT(access(SCRATCH "/to/mounted/x", F_OK) < 0 && access(SCRATCH "/to/file", F_OK) < 0);
	WANT(text_is(SCRATCH "/to/plain", "plain"));
}

TEST(other_mounts_stay_out)
{
	child_run(mounts_body);
}

static void bounds_body(void)
{
	scratch_make();
	places_make();
	WANT(chdir(SCRATCH "/from") == 0);
	for (int i = 0; i < 200; i++)
		WANT(mkdir("d", 0755) == 0 && chdir("d") == 0);
	copy_do(-ELOOP);
}

TEST(depth_is_bounded)
{
	child_run(bounds_body);
}

static void full_body(void)
{
	static char big[1 << 20];
	int fd;

	scratch_make();
	places_make();
	WANT(mount("tmpfs", SCRATCH "/to", "tmpfs", MS_REMOUNT, "size=64k") == 0);
	fd = open(SCRATCH "/from/big", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	WANT(fd_write_all(fd, big, sizeof(big)) == 0);
	close(fd);
	copy_do(-ENOSPC);
}

TEST(a_full_tmpfs_is_an_error)
{
	child_run(full_body);
}

/* An owner that is not mapped is not kept, and then no set-id bit is. */
static void unmapped_body(void)
{
	_cleanup_(fd_cleanup) int from = FD_NONE, to = FD_NONE;
	struct error err;
	struct stat st;

	ERROR_INIT(&err);
	scratch_make();
	places_make();
	text_write(SCRATCH "/from/tool", "x");
	WANT(chown(SCRATCH "/from/tool", 4242, 4242) == 0 && chmod(SCRATCH "/from/tool", 06755) == 0);
	from = open(SCRATCH "/from", O_PATH | O_CLOEXEC);
	scratch_make_as_user();
	to = open(SCRATCH, O_PATH | O_CLOEXEC);
	WANT_OK(tmpcopyup_copy(from, to, &err), &err);
	WANT(stat(SCRATCH "/tool", &st) == 0);
	WANT_INT(st.st_uid, 0);
	WANT_INT(st.st_mode & 07777, 0755);
}

TEST(unmapped_owners_lose_their_set_id_bits)
{
	child_run(unmapped_body);
}
