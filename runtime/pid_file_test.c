/* SPDX-License-Identifier: Apache-2.0 */
/* What engines read from a pid file, and what is left when it cannot be written. */
#include "runtime/pid_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conformance/unit/check.h"
#include "libbase/fd.h"

static void expect_content(const char *path, const char *want)
{
	char bytes[32] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	CHECK(fd >= 0);
	CHECK(read(fd, bytes, sizeof(bytes) - 1) >= 0);
	fd_close(fd);
	CHECK_TEXT(bytes, want);
}

static int count_entries(const char *path)
{
	DIR *dir = opendir(path);
	int count = -2;

	CHECK(dir);
	while (readdir(dir))
		count++;
	(void)closedir(dir);
	return count;
}

TEST(pid_file)
{
	char directory[] = "/tmp/orlop-pid-XXXXXX", path[64], left[64];
	mode_t old = umask(022);
	struct error err;
	struct stat st;

	ERROR_INIT(&err);
	CHECK(mkdtemp(directory));
	(void)snprintf(path, sizeof(path), "%s/init.pid", directory);
	(void)snprintf(left, sizeof(left), "%s/.init.pid", directory);
	CHECK_INT(pid_file_write(path, 12345, &err), 0);
	umask(old);
	expect_content(path, "12345");
	CHECK_INT(stat(path, &st), 0);
	CHECK_INT(st.st_mode, S_IFREG | 0644);
	CHECK_INT(count_entries(directory), 1);

	/* Over an old one, and over what a killed writer left behind. */
	CHECK_INT(symlink("/etc/passwd", left), 0);
	CHECK_INT(pid_file_write(path, 7, &err), 0);
	expect_content(path, "7");
	CHECK_INT(count_entries(directory), 1);

	/* A directory in its place: nothing stays. */
	pid_file_remove(path);
	CHECK_INT(count_entries(directory), 0);
	CHECK_INT(mkdir(path, 0700), 0);
	CHECK(pid_file_write(path, 8, &err) < 0);
	CHECK_HAS(err.text, path);
	CHECK_INT(count_entries(directory), 1);
	CHECK_INT(rmdir(path), 0);
	CHECK_INT(rmdir(directory), 0);
	CHECK_INT(pid_file_write(path, 9, &err), -ENOENT);
	CHECK(pid_file_write("/tmp/", 9, &err) < 0);
}

TEST(pid_file_relative)
{
	char directory[] = "/tmp/orlop-pid-XXXXXX";
	struct error err;

	ERROR_INIT(&err);
	CHECK(mkdtemp(directory));
	CHECK_INT(chdir(directory), 0);
	CHECK_INT(pid_file_write("pid", 1, &err), 0);
	expect_content("pid", "1");
	pid_file_remove("pid");
	CHECK_INT(chdir("/"), 0);
	CHECK_INT(rmdir(directory), 0);
}
