/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checks that what is missing is made in the root and nowhere else, whatever the links in it say and however they change meanwhile.
 */
#include "libbase/path_fixture.h"

#include <limits.h>
#include <signal.h>
#include <sys/wait.h>

#include "libbase/path.h"

static void check_made(const struct tree *tree, const char *path, const char *where)
{
	_cleanup_(fd_cleanup) int fd = path_make_directories_in_root(tree->root, path, 0777);
	struct stat made, want;

	CHECK(fd >= 0);
	CHECK_INT(fcntl(fd, F_GETFL) & (O_PATH | O_DIRECTORY), O_PATH | O_DIRECTORY);
	CHECK(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	CHECK_INT(fstat(fd, &made), 0);
	CHECK_INT(fstatat(tree->fd, where, &want, AT_SYMLINK_NOFOLLOW), 0);
	CHECK(made.st_ino == want.st_ino && made.st_dev == want.st_dev);
}

TEST(directories_are_made_in_root)
{
	struct stat st;
	mode_t saved = umask(077);
	TREE(tree);

	check_made(&tree, "/", "root");
	check_made(&tree, ".", "root");
	check_made(&tree, "dir", "root/dir");
	check_made(&tree, "//a/./b//c/", "root/a/b/c");
	check_made(&tree, "a/b/d", "root/a/b/d");
	check_made(&tree, "to_dir/e/f", "root/dir/e/f");
	CHECK_INT(umask(saved), 077);
	CHECK_INT(fstatat(tree.fd, "root/a/b", &st, 0), 0);
	CHECK_INT(st.st_mode & 07777, 0777);
	CHECK_INT(fstatat(tree.fd, "root/dir/e/f", &st, 0), 0);
	CHECK_INT(st.st_mode & 07777, 0777);
}

static void check_exists(const struct tree *tree, const char *path, mode_t type)
{
	struct stat st;

	CHECK_INT(fstatat(tree->fd, path, &st, AT_SYMLINK_NOFOLLOW), 0);
	CHECK_INT(st.st_mode & S_IFMT, type);
}

TEST(directories_never_leave_the_root)
{
	TREE(tree);

	CHECK_INT(path_make_directories_in_root(tree.root, "to_file", 0755), -ENOTDIR);
	CHECK_INT(path_make_directories_in_root(tree.root, "dir/file/x", 0755), -ENOTDIR);
	CHECK_INT(path_make_directories_in_root(tree.root, "loop/x", 0755), -ELOOP);
	CHECK_INT(path_make_directories_in_root(tree.root, "a/../b", 0755), -EINVAL);
	CHECK_INT(path_make_directories_in_root(tree.root, "..", 0755), -EINVAL);
	CHECK_INT(path_make_directories_in_root(tree.root, "", 0755), -ENOENT);
	/* A link that goes up stays in the root, where its target is made. */
	check_made(&tree, "dir/out/x", "root/outside/x");
	CHECK_INT(faccessat(tree.fd, "outside/x", F_OK, 0), -1);
	CHECK_INT(symlinkat("../../etc", tree.fd, "root/dir/etc_up"), 0);
	check_made(&tree, "dir/etc_up/new", "root/etc/new");
}

TEST(targets_of_dangling_links_are_made)
{
	TREE(tree);

	check_made(&tree, "dangling/x", "root/nowhere/at/all/x");
	check_exists(&tree, "root/dangling", S_IFLNK);
	/* A link to a link, the second relative to its own directory. */
	CHECK_INT(mkdirat(tree.root, "var", 0755), 0);
	CHECK_INT(symlinkat("../run", tree.root, "var/run"), 0);
	CHECK_INT(symlinkat("var/run/lock", tree.root, "lock"), 0);
	check_made(&tree, "lock/a", "root/run/lock/a");
	/* ".." behind a link to a directory is that directory's parent, not the link's. */
	CHECK_INT(symlinkat("to_dir/../beside", tree.root, "deep"), 0);
	check_made(&tree, "deep", "root/beside");
	CHECK_INT(symlinkat("/nowhere/../../../high", tree.root, "dir/above"), 0);
	check_made(&tree, "dir/above/y", "root/high/y");
	CHECK_INT(symlinkat("/new/place", tree.root, "dir/from_the_top"), 0);
	check_made(&tree, "dir/from_the_top/z", "root/new/place/z");
	CHECK_INT(symlinkat("b1", tree.root, "b2"), 0);
	CHECK_INT(symlinkat("b2", tree.root, "b1"), 0);
	CHECK_INT(path_make_directories_in_root(tree.root, "b1", 0755), -ELOOP);
}

TEST(chains_of_links_are_bounded)
{
	char name[32], text[PATH_MAX];
	TREE(tree);

	for (int i = 0; i < 60; i++) {
		snprintf(name, sizeof(name), "chain%d", i);
		snprintf(text, sizeof(text), "chain%d", i + 1);
		CHECK_INT(symlinkat(text, tree.root, name), 0);
	}
	CHECK_INT(path_make_directories_in_root(tree.root, "chain0", 0755), -ELOOP);
	check_made(&tree, "chain30", "root/chain60");
	/* The text of a link and what is behind it together are a path too. */
	memset(text, 'x', sizeof(text));
	for (size_t i = 200; i < sizeof(text); i += 200)
		text[i] = '/';
	text[PATH_MAX - 100] = '\0';
	CHECK_INT(symlinkat(text, tree.root, "long"), 0);
	memmove(text + 5, text, 200);
	memcpy(text, "long/", 5);
	text[200] = '\0';
	CHECK_INT(path_make_directories_in_root(tree.root, text, 0755), -ENAMETOOLONG);
}

static void check_file(const struct tree *tree, const char *path, const char *where, off_t size)
{
	_cleanup_(fd_cleanup) int fd = path_make_in_root(tree->root, path, S_IFREG | 0640, NULL);
	struct stat made, want;

	CHECK(fd >= 0);
	CHECK(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	CHECK_INT(fstat(fd, &made), 0);
	CHECK_INT(fstatat(tree->fd, where, &want, AT_SYMLINK_NOFOLLOW), 0);
	CHECK(made.st_ino == want.st_ino && made.st_dev == want.st_dev);
	CHECK_INT(want.st_size, size);
}

TEST(files_are_made_in_root)
{
	struct stat st;
	mode_t saved = umask(077);
	TREE(tree);

	check_file(&tree, "a/b/file", "root/a/b/file", 0);
	check_file(&tree, "/dir/file", "root/dir/file", 6);
	check_file(&tree, "to_file", "root/dir/file", 6);
	check_file(&tree, "dangling", "root/nowhere/at/all", 0);
	check_file(&tree, "dir/out/new", "root/outside/new", 0);
	check_exists(&tree, "root/dangling", S_IFLNK);
	CHECK_INT(faccessat(tree.fd, "outside/new", F_OK, 0), -1);
	CHECK_INT(umask(saved), 077);
	CHECK_INT(fstatat(tree.fd, "root/a/b/file", &st, 0), 0);
	CHECK_INT(st.st_mode & 07777, 0640);
	CHECK_INT(fstatat(tree.fd, "root/a/b", &st, 0), 0);
	CHECK_INT(st.st_mode & 07777, 0755);
	CHECK_INT(path_make_in_root(tree.root, "dir/file/x", S_IFREG | 0644, NULL), -ENOTDIR);
	CHECK_INT(path_make_in_root(tree.root, "../x", S_IFREG | 0644, NULL), -EINVAL);
}

static void check_says_made(const struct tree *tree, const char *path, bool want)
{
	_cleanup_(fd_cleanup) int fd = FD_NONE;
	bool made = !want;

	fd = path_make_in_root(tree->root, path, S_IFDIR | 0755, &made);
	CHECK(fd >= 0);
	CHECK_INT(made, want);
}

TEST(what_was_missing_is_told)
{
	TREE(tree);

	check_says_made(&tree, "dir", false);
	check_says_made(&tree, "to_dir", false);
	check_says_made(&tree, "dir/one", true);
	check_says_made(&tree, "dir/one", false);
	check_says_made(&tree, "a/b/c", true);
	check_says_made(&tree, "dangling", true);
	check_says_made(&tree, "dangling", false);
}

TEST(beneath_takes_real_directories_only)
{
	_cleanup_(fd_cleanup) int made = FD_NONE;
	TREE(tree);

	made = path_make_directories_beneath(tree.root, "dir/x//y", 0755);
	CHECK(made >= 0);
	check_exists(&tree, "root/dir/x/y", S_IFDIR);
	CHECK_INT(path_make_directories_beneath(tree.root, "to_dir/z", 0755), -ELOOP);
	CHECK_INT(path_make_directories_beneath(tree.root, "dir/out/z", 0755), -ELOOP);
	CHECK_INT(path_make_directories_beneath(tree.root, "dangling", 0755), -ELOOP);
	CHECK_INT(path_make_directories_beneath(tree.root, "dir/file/z", 0755), -ENOTDIR);
	CHECK_INT(path_make_directories_beneath(tree.root, "a/../b", 0755), -EXDEV);
	CHECK_INT(faccessat(tree.root, "dir/z", F_OK, 0), -1);
	CHECK_INT(faccessat(tree.root, "a", F_OK, 0), -1);
}

TEST(directories_have_bounded_names)
{
	char path[PATH_MAX * 2];
	TREE(tree);

	memset(path, 'n', sizeof(path));
	path[300] = '\0';
	CHECK_INT(path_make_directories_in_root(tree.root, path, 0755), -ENAMETOOLONG);
	for (size_t i = 0; i < sizeof(path); i++)
		path[i] = i % 2 ? 'x' : '/';
	path[sizeof(path) - 1] = '\0';
	CHECK_INT(path_make_directories_in_root(tree.root, path, 0755), -ENAMETOOLONG);
	CHECK_INT(faccessat(tree.root, "x", F_OK, 0), -1);
}

/* Swaps root/race between a directory and symlinks out of the root until killed, or until nothing works any more. */
static void race_swap(const struct tree *tree)
{
	int made;

	do {
		/* A step may fail, the directory may be in use: the next round tries again. */
		unlinkat(tree->root, "race", 0);
		unlinkat(tree->root, "race", AT_REMOVEDIR);
		made = symlinkat("../outside", tree->root, "race") == 0 || errno == EEXIST;
		unlinkat(tree->root, "race", 0);
		made &= symlinkat("/proc/self/cwd", tree->root, "race") == 0 || errno == EEXIST;
		unlinkat(tree->root, "race", 0);
		made &= mkdirat(tree->root, "race", 0755) == 0 || errno == EEXIST;
	} while (made);
}

TEST(directories_survive_a_racing_swapper)
{
	pid_t pid;
	int status;
	TREE(tree);

	pid = fork();
	CHECK(pid >= 0);
	if (pid == 0) {
		race_swap(&tree);
		_exit(0);
	}
	for (int i = 0; i < 2000; i++) {
		char path[32];
		int fd;

		snprintf(path, sizeof(path), "race/d%d", i);
		fd = path_make_directories_in_root(tree.root, path, 0755);
		fd_close(fd);
		snprintf(path, sizeof(path), "outside/d%d", i);
		if (faccessat(tree.fd, path, F_OK, 0) == 0)
			break;
		if (fd >= 0)
			unlinkat(tree.root, path + strlen("outside/"), AT_REMOVEDIR);
	}
	kill(pid, SIGKILL);
	CHECK_INT(waitpid(pid, &status, 0), pid);
	/* rmdir says ENOTEMPTY when anything was made in there. */
	CHECK_INT(unlinkat(tree.fd, "outside/secret", 0), 0);
	CHECK_INT(unlinkat(tree.fd, "outside", AT_REMOVEDIR), 0);
}
