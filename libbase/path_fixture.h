/* SPDX-License-Identifier: Apache-2.0 */
/* For the tests of path.h: a real tree with hostile symlinks. */
#ifndef ORLOP_LIBBASE_PATH_FIXTURE_H
#define ORLOP_LIBBASE_PATH_FIXTURE_H

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conformance/unit/check.h"
#include "libbase/fd.h"

/* A tree under /tmp: outside/secret, root/{dir/file,etc/passwd and the links below}. */
struct tree {
	char path[64];
	int fd, root;
};

static const struct {
	const char *target, *name;
} tree_links[] = {
	{ "../../../../../../etc/passwd", "root/up" },
	{ "/etc/passwd", "root/absolute" },
	{ "../../outside", "root/dir/out" },
	{ "/dir", "root/to_dir" },
	{ "dir/file", "root/to_file" },
	{ "/nowhere/at/all", "root/dangling" },
	{ "loop", "root/loop" },
	{ "/proc/self/root", "root/magic" },
};

static inline int tree_entry_remove(const char *path, const struct stat *st, int type, struct FTW *walk)
{
	(void)st;
	(void)walk;
	return unlinkat(AT_FDCWD, path, type == FTW_DP ? AT_REMOVEDIR : 0);
}

static inline void tree_cleanup(struct tree *tree)
{
	fd_close(tree->root);
	fd_close(tree->fd);
	if (tree->path[0])
		nftw(tree->path, tree_entry_remove, 16, FTW_DEPTH | FTW_PHYS);
}

static inline void tree_file_make(int dir_fd, const char *name, const char *text)
{
	_cleanup_(fd_cleanup) int fd = openat(dir_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

	CHECK(fd >= 0);
	CHECK_INT(fd_write_all(fd, text, strlen(text)), 0);
}

static inline void tree_make(struct tree *tree)
{
	memcpy(tree->path, "/tmp/orlop-path-XXXXXX", sizeof("/tmp/orlop-path-XXXXXX"));
	tree->fd = tree->root = FD_NONE;
	CHECK(mkdtemp(tree->path));
	tree->fd = open(tree->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	CHECK(tree->fd >= 0);
	CHECK_INT(mkdirat(tree->fd, "outside", 0755), 0);
	CHECK_INT(mkdirat(tree->fd, "root", 0755), 0);
	CHECK_INT(mkdirat(tree->fd, "root/dir", 0755), 0);
	CHECK_INT(mkdirat(tree->fd, "root/etc", 0755), 0);
	tree_file_make(tree->fd, "outside/secret", "secret");
	tree_file_make(tree->fd, "root/dir/file", "inside");
	tree_file_make(tree->fd, "root/etc/passwd", "of the container");
	for (size_t i = 0; i < ARRAY_SIZE(tree_links); i++)
		CHECK_INT(symlinkat(tree_links[i].target, tree->fd, tree_links[i].name), 0);
	tree->root = openat(tree->fd, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	CHECK(tree->root >= 0);
}

#define TREE(tree)                                                                     \
	_cleanup_(tree_cleanup) struct tree tree = { .fd = FD_NONE, .root = FD_NONE }; \
	tree_make(&(tree))

#endif
