/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checks opening by intent against real trees with hostile symlinks, lexical paths, and whole files.
 */
#include "libbase/path.h"

#include "libbase/path_fixture.h"

#include <limits.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static void check_content(int fd, const char *want)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	char *text = NULL;

	CHECK(fd >= 0);
	CHECK(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	CHECK_INT(fd_read_all(fd, 4096, &arena, &text, NULL), 0);
	fd_close(fd);
	CHECK_TEXT(text, want);
}

TEST(in_root_keeps_links_inside)
{
	TREE(tree);

	check_content(path_open_in_root(tree.root, "/dir/file", O_RDONLY, 0), "inside");
	check_content(path_open_in_root(tree.root, "dir//./file", O_RDONLY, 0), "inside");
	check_content(path_open_in_root(tree.root, "to_dir/file", O_RDONLY, 0), "inside");
	check_content(path_open_in_root(tree.root, "to_file", O_RDONLY, 0), "inside");
	check_content(path_open_in_root(tree.root, "up", O_RDONLY, 0), "of the container");
	check_content(path_open_in_root(tree.root, "absolute", O_RDONLY, 0), "of the container");
	check_content(path_open_in_root(tree.root, "../../../../etc/passwd", O_RDONLY, 0), "of the container");
	CHECK_INT(path_open_in_root(tree.root, "../outside/secret", O_RDONLY, 0), -ENOENT);
	CHECK_INT(path_open_in_root(tree.root, "dir/out/secret", O_RDONLY, 0), -ENOENT);
	CHECK_INT(path_open_in_root(tree.root, "loop", O_RDONLY, 0), -ELOOP);
	CHECK_INT(path_open_in_root(tree.root, "magic/etc/passwd", O_RDONLY, 0), -ENOENT);
	CHECK_INT(path_open_in_root(tree.root, "", O_RDONLY, 0), -ENOENT);
}

TEST(in_root_refuses_magic_links)
{
	_cleanup_(fd_cleanup) int slash = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	CHECK(slash >= 0);
	if (access("/proc/self/fd", F_OK) < 0)
		check_skip("no /proc");
	CHECK_INT(path_open_in_root(slash, "/proc/self/root/etc/passwd", O_RDONLY, 0), -ELOOP);
	CHECK_INT(path_open_in_root(slash, "/proc/self/exe", O_RDONLY, 0), -ELOOP);
	CHECK_INT(path_open_in_root(slash, "/proc/self/fd/0", O_RDONLY, 0), -ELOOP);
}

TEST(beneath_refuses_links_and_dots)
{
	TREE(tree);

	check_content(path_open_beneath(tree.root, "dir/file", O_RDONLY, 0), "inside");
	CHECK_INT(path_open_beneath(tree.root, "to_file", O_RDONLY, 0), -ELOOP);
	CHECK_INT(path_open_beneath(tree.root, "to_dir/file", O_RDONLY, 0), -ELOOP);
	CHECK_INT(path_open_beneath(tree.root, "../outside/secret", O_RDONLY, 0), -EXDEV);
	CHECK_INT(path_open_beneath(tree.root, "dir/../dir/file", O_RDONLY, 0), -EXDEV);
	CHECK_INT(path_open_beneath(tree.root, "/dir/file", O_RDONLY, 0), -EXDEV);
	CHECK_INT(path_open_beneath(tree.root, "up", O_RDONLY, 0), -ELOOP);
}

TEST(host_follows_links)
{
	TREE(tree);

	check_content(path_open_host(tree.root, "dir/out/secret", O_RDONLY, 0), "secret");
	check_content(path_open_host(tree.root, "../outside/secret", O_RDONLY, 0), "secret");
}

TEST(open_creates_with_a_mode)
{
	struct stat st;
	TREE(tree);

	/* A mode without O_CREAT is what openat takes and openat2 alone refuses. */
	check_content(path_open_beneath(tree.root, "dir/file", O_RDONLY, 0644), "inside");
	check_content(path_open_beneath(tree.root, "dir/new", O_RDWR | O_CREAT | O_EXCL, 0600), "");
	CHECK_INT(fstatat(tree.root, "dir/new", &st, 0), 0);
	CHECK_INT(st.st_mode & 07777, 0600);
	CHECK_INT(path_open_beneath(tree.root, "dir/new", O_RDWR | O_CREAT | O_EXCL, 0600), -EEXIST);
	check_content(path_open_beneath(tree.root, "dir", O_RDWR | O_TMPFILE, 0600), "");
}

TEST(names)
{
	CHECK(path_is_absolute("/") && path_is_absolute("/a") && !path_is_absolute("a") && !path_is_absolute(""));
	CHECK(!path_is_absolute(NULL));
	CHECK(path_is_name("a") && path_is_name("...") && path_is_name(".a") && path_is_name(" "));
	CHECK(!path_is_name("") && !path_is_name(".") && !path_is_name("..") && !path_is_name("a/b") &&
	      !path_is_name("/"));
	CHECK(!path_is_name(NULL));
}

TEST(clean_is_lexical)
{
	static const struct {
		const char *path, *want;
	} cases[] = {
		{ "", "." },
		{ ".", "." },
		{ "/", "/" },
		{ "//", "/" },
		{ "/.", "/" },
		{ "/..", "/" },
		{ "/../../a", "/a" },
		{ "//a/./b/../c/", "/a/c" },
		{ "a/..", "." },
		{ "a/../..", ".." },
		{ "../a", "../a" },
		{ "../../a/../b", "../../b" },
		{ "a/b/../../..", ".." },
		{ "/a/b/..", "/a" },
		{ "/a/..", "/" },
		{ "a/./b//", "a/b" },
		{ "./a", "a" },
		{ "...", "..." },
		{ "/a/..b", "/a/..b" },
		{ "a/b/..", "a" },
		{ "../..", "../.." },
		{ "..a/..", "." },
		{ "/..a/../b", "/b" },
		{ "a../..", "." },
	};
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		CHECK_TEXT(path_clean(&arena, cases[i].path), cases[i].want);
}

TEST(join_is_clean)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	_cleanup_(arena_cleanup) struct arena tiny = { .limit = 1 };

	CHECK_TEXT(path_join(&arena, "/a", "b/../c"), "/a/c");
	CHECK_TEXT(path_join(&arena, "/a/", "/b//"), "/b");
	CHECK_TEXT(path_join(&arena, "/a", "../../.."), "/");
	CHECK_TEXT(path_join(&arena, "", "b"), "b");
	CHECK_TEXT(path_join(&arena, "a", ""), "a");
	CHECK_TEXT(path_join(&arena, "/", "b"), "/b");
	CHECK(!path_join(&tiny, "a", "b"));
	CHECK(!path_clean(&tiny, "a"));
}

TEST(read_file_takes_regular_files_only)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	size_t length = 0;
	char *text = NULL;
	TREE(tree);

	CHECK_INT(path_read_file(tree.root, "dir/file", 6, &arena, &text, &length), 0);
	CHECK_TEXT(text, "inside");
	CHECK_INT(length, 6);
	CHECK_INT(path_read_file(tree.root, "dir/file", 5, &arena, &text, &length), -EFBIG);
	CHECK_INT(path_read_file(tree.root, "dir", 100, &arena, &text, &length), -EISDIR);
	CHECK_INT(path_read_file(tree.root, "missing", 100, &arena, &text, &length), -ENOENT);
	CHECK_INT(path_read_file(tree.root, "loop", 100, &arena, &text, &length), -ELOOP);
	CHECK_INT(mkfifoat(tree.root, "fifo", 0600), 0);
	CHECK_INT(path_read_file(tree.root, "fifo", 100, &arena, &text, &length), -EINVAL);
	CHECK_INT(path_read_file(AT_FDCWD, "/dev/null", 100, &arena, &text, &length), -EINVAL);
}

static int document_read(int dir_fd, const char *path, struct arena *arena, char **ret)
{
	_cleanup_(fd_cleanup) int fd = path_open_document(dir_fd, path);

	return fd < 0 ? fd : fd_read_regular(fd, 6, arena, ret, NULL);
}

TEST(documents_are_read_as_files_are)
{
	static const char *const names[] = { "dir/file", "dir",    "missing", "loop",
					     "fifo",     "socket", "giant",   "/dev/null" };
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	_cleanup_(fd_cleanup) int giant_fd = FD_NONE;
	TREE(tree);

	CHECK_INT(mkfifoat(tree.root, "fifo", 0600), 0);
	CHECK_INT(mknodat(tree.root, "socket", S_IFSOCK | 0600, 0), 0);
	giant_fd = openat(tree.root, "giant", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	CHECK_INT(ftruncate(giant_fd, (off_t)1 << 40), 0);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		char *text = NULL, *same = NULL;

		CHECK_INT(document_read(tree.root, names[i], &arena, &text),
			  path_read_file(tree.root, names[i], 6, &arena, &same, NULL));
		if (same)
			CHECK_TEXT(text, same);
	}
}

TEST(read_file_of_a_sparse_giant_reads_nothing)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	_cleanup_(fd_cleanup) int fd = FD_NONE;
	char *text = NULL;
	TREE(tree);

	fd = openat(tree.root, "giant", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	CHECK(fd >= 0);
	CHECK_INT(ftruncate(fd, (off_t)1 << 40), 0);
	CHECK_INT(path_read_file(tree.root, "giant", 1 << 20, &arena, &text, NULL), -EFBIG);
	CHECK_INT(arena.held, 0);
}

TEST(read_file_of_procfs_has_no_size)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	char *text = NULL;

	if (access("/proc/self/status", R_OK) < 0)
		check_skip("no /proc");
	CHECK_INT(path_read_file(AT_FDCWD, "/proc/self/status", 1 << 20, &arena, &text, NULL), 0);
	CHECK_HAS(text, "Name:");
	CHECK_INT(path_read_file(AT_FDCWD, "/proc/self/status", 16, &arena, &text, NULL), -EFBIG);
}

TEST(write_file_new_takes_no_ones_place)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	struct rlimit saved, none;
	sigset_t xfsz, mask;
	char *text = NULL;
	struct stat st;
	TREE(tree);

	CHECK_INT(path_write_file_new(tree.root, "new", "new", 3, 0640), 0);
	CHECK_INT(path_read_file(tree.root, "new", 100, &arena, &text, NULL), 0);
	CHECK_TEXT(text, "new");
	CHECK_INT(fstatat(tree.root, "new", &st, 0), 0);
	CHECK_INT(st.st_mode & 07777, 0640);
	CHECK_INT(path_write_file_new(tree.root, "new", "other", 5, 0600), -EEXIST);
	CHECK_INT(path_write_file_new(tree.root, "loop", "other", 5, 0600), -EEXIST);
	CHECK_INT(path_write_file_new(tree.root, "../x", "x", 1, 0600), -EINVAL);
	CHECK_INT(path_read_file(tree.root, "new", 100, &arena, &text, NULL), 0);
	CHECK_TEXT(text, "new");
	/* Nothing of it stays where it does not fit. */
	CHECK_INT(getrlimit(RLIMIT_FSIZE, &saved), 0);
	none = (struct rlimit){ 1, saved.rlim_max };
	sigemptyset(&xfsz);
	sigaddset(&xfsz, SIGXFSZ);
	CHECK_INT(sigprocmask(SIG_BLOCK, &xfsz, &mask), 0);
	CHECK_INT(setrlimit(RLIMIT_FSIZE, &none), 0);
	CHECK_INT(path_write_file_new(tree.root, "full", "full", 4, 0600), -EFBIG);
	CHECK_INT(setrlimit(RLIMIT_FSIZE, &saved), 0);
	CHECK_INT(fstatat(tree.root, "full", &st, 0), -1);
	CHECK_INT(sigwaitinfo(&xfsz, NULL), SIGXFSZ);
	CHECK_INT(sigprocmask(SIG_SETMASK, &mask, NULL), 0);
}

TEST(write_file_replaces_whole)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	_cleanup_(fd_cleanup) int dir = FD_NONE;
	mode_t saved = umask(077);
	char *text = NULL;
	struct stat st;
	TREE(tree);

	dir = openat(tree.root, "dir", O_PATH | O_DIRECTORY | O_CLOEXEC);
	CHECK_INT(path_write_file_atomic(dir, "file", "new", 3, 0644), 0);
	umask(saved);
	CHECK_INT(path_read_file(dir, "file", 100, &arena, &text, NULL), 0);
	CHECK_TEXT(text, "new");
	CHECK_INT(fstatat(dir, "file", &st, 0), 0);
	CHECK_INT(st.st_mode & 07777, 0644);
	CHECK_INT(path_write_file_atomic(dir, "empty", "", 0, 0600), 0);
	/* A symlink of that name is replaced, not followed. */
	CHECK_INT(symlinkat("../../outside/secret", dir, "link"), 0);
	CHECK_INT(path_write_file_atomic(dir, "link", "mine", 4, 0600), 0);
	CHECK_INT(path_read_file(tree.fd, "outside/secret", 100, &arena, &text, NULL), 0);
	CHECK_TEXT(text, "secret");
	/* A directory of that name cannot be, and nothing stays behind. */
	CHECK_INT(path_write_file_atomic(tree.root, "dir", "x", 1, 0600), -EISDIR);
	CHECK_INT(path_write_file_atomic(dir, "../x", "x", 1, 0600), -EINVAL);
	CHECK_INT(unlinkat(dir, "file", 0) | unlinkat(dir, "empty", 0) | unlinkat(dir, "link", 0) |
			  unlinkat(dir, "out", 0),
		  0);
	CHECK_INT(unlinkat(tree.root, "dir", AT_REMOVEDIR), 0);
}

/* From now on the caller dies as soon as it gives a file its name. */
static void die_at_naming(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_linkat, 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_renameat2, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_renameat, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = { ARRAY_SIZE(filter), filter };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
		_exit(2);
}

TEST(of_a_new_file_whose_writer_is_killed_nothing_stays)
{
	_cleanup_(fd_cleanup) int dir = FD_NONE;
	int status, nameless;
	pid_t pid;
	TREE(tree);

	nameless = openat(tree.root, ".", O_WRONLY | O_TMPFILE | O_CLOEXEC, 0600);
	if (nameless < 0) {
		CHECK(errno == EOPNOTSUPP || errno == EISDIR);
		check_skip("the file system has no files without a name");
	}
	fd_close(nameless);
	CHECK_INT(mkdirat(tree.root, "new", 0700), 0);
	dir = openat(tree.root, "new", O_PATH | O_DIRECTORY | O_CLOEXEC);
	pid = fork();
	CHECK(pid >= 0);
	if (pid == 0) {
		die_at_naming();
		_exit(path_write_file_atomic(dir, "file", "new", 3, 0644) == 0 ? 0 : 1);
	}
	CHECK_INT(waitpid(pid, &status, 0), pid);
	CHECK(WIFSIGNALED(status));
	CHECK_INT(WTERMSIG(status), SIGSYS);
	/* Empty, or it would stay. */
	CHECK_INT(unlinkat(tree.root, "new", AT_REMOVEDIR), 0);
}
