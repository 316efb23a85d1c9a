/* SPDX-License-Identifier: Apache-2.0 */
/* Making the container's root "/". See pivot.h. */
#include "libsandbox/root/pivot.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <linux/magic.h>

#include "libbase/fd.h"
#include "libbase/kernel.h"
#include "libbase/path.h"
#include "libbase/proc.h"
#include "libbase/text.h"
#include "libsandbox/root/filesystem.h"
#include "libsandbox/root/tree.h"
#include "libspec/names.h"

#define MOUNTINFO_MAX (16 << 20)

int pivot_root_to(int root_fd, struct error *err)
{
	if (fchdir(root_fd) < 0)
		return error_set(err, -errno, "enter the root");
	/* The old root lands on top of the new one, where "." finds it: no directory in the image is needed. It was made a slave of the
	 * host's when the root was attached, so the unmount stays here. */
	if (kernel_pivot_root(".", ".") < 0)
		return error_set(err, -errno, "pivot_root");
	if (umount2(".", MNT_DETACH) < 0)
		return error_set(err, -errno, "unmount the old root");
	return 0;
}

/* Unmounts all that is mounted at `path` as long as it is a file system of this kind; what is locked there is covered. */
static int remains_hide(const char *path, long magic, const char *context, struct error *err)
{
	_cleanup_(fd_cleanup) int cover = FD_NONE;
	_cleanup_(fd_cleanup) int fd = FD_NONE;
	struct statfs fs;
	int r;

	for (;;) {
		fd_cleanup(&fd);
		fd = path_open_host(AT_FDCWD, path, O_PATH | O_DIRECTORY | O_NOFOLLOW, 0);
		if (fd < 0)
			return fd == -ENOENT || fd == -ENOTDIR || fd == -ELOOP ? 0
									       : error_set(err, fd, "open '%s'", path);
		if (fstatfs(fd, &fs) < 0)
			return error_set(err, -errno, "look at '%s'", path);
		if ((unsigned long)fs.f_type != (unsigned long)magic)
			return 0;
		if (fchdir(fd) < 0)
			return error_set(err, -errno, "enter '%s'", path);
		if (umount2(".", MNT_DETACH) < 0)
			break;
	}
	if (errno != EINVAL && errno != EPERM)
		return error_set(err, -errno, "unmount '%s'", path);
	cover = filesystem_make_empty(MOUNT_ATTR_RDONLY, context, err);
	if (cover < 0)
		return cover;
	r = tree_attach(cover, fd);
	return r < 0 ? error_set(err, r, "cover '%s'", path) : 0;
}

/* "\\040" and the like, in place (proc_pid_mountinfo(5)). */
static void octal_decode(char *text)
{
	char *to = text;

	while (*text) {
		if (text[0] == '\\' && strspn(text + 1, "01234567") >= 3) {
			*to++ = (char)((text[1] - '0') << 6 | (text[2] - '0') << 3 | (text[3] - '0'));
			text += 4;
		} else {
			*to++ = *text++;
		}
	}
	*to = '\0';
}

struct remain {
	uint64_t id;
	const char *root, *place, *type;
};

/* "36 35 98:0 /root /place rw,noatime master:1 - type source options"; cuts the line up. */
static bool remain_parse(char *line, struct remain *ret)
{
	char *words[5], *type = strstr(line, " - ");

	if (!type)
		return false;
	type += strlen(" - ");
	type[strcspn(type, " ")] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		words[i] = strsep(&line, " ");
		if (!words[i])
			return false;
	}
	octal_decode(words[4]);
	ret->root = words[3];
	ret->place = words[4];
	ret->type = type;
	return number_parse_u64(words[0], UINT64_MAX, &ret->id) == 0;
}

static bool is_below(const char *place, const char *top)
{
	const char *rest = text_after(place, top);

	return rest && (*rest == '\0' || *rest == '/');
}

static int remains_read(int proc_fd, struct arena *arena, struct remain **ret, size_t *ret_count, struct error *err)
{
	char *text, *line;
	size_t length, count = 1;
	int r = proc_read(proc_fd, "thread-self/mountinfo", MOUNTINFO_MAX, arena, &text, &length);

	if (r < 0)
		return error_set(err, r, "read mountinfo");
	for (size_t i = 0; i < length; i++)
		count += text[i] == '\n';
	*ret = arena_calloc(arena, count, sizeof(**ret));
	if (!*ret)
		return error_set(err, -ENOMEM, "read mountinfo");
	*ret_count = 0;
	while ((line = strsep(&text, "\n")))
		if (remain_parse(line, *ret + *ret_count))
			(*ret_count)++;
	return 0;
}

/* The whole ones, wherever they are: by one of them the kernel would let the container mount a whole one of its own. */
static int remains_hide_all(int root_fd, int proc_fd, const char *context, struct error *err)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	const char *top = NULL;
	struct remain *remains = NULL;
	struct statx st;
	size_t count = 0;
	int r = remains_read(proc_fd, &arena, &remains, &count, err);

	if (r < 0)
		return r;
	if (statx(root_fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &st) < 0)
		return error_set(err, -errno, "look at the root");
	for (size_t i = 0; i < count; i++)
		if (remains[i].id == st.stx_mnt_id)
			top = remains[i].place;
	if (!top)
		return error_say(err, -ESTALE, "the root is not mounted");
	/* On "/" itself: nothing else is in reach. */
	for (size_t i = count; r == 0 && i-- > 0 && !text_equal(top, "/");) {
		bool is_proc = text_equal(remains[i].type, "proc");

		if ((!is_proc && !text_equal(remains[i].type, "sysfs")) || !text_equal(remains[i].root, "/") ||
		    is_below(remains[i].place, top))
			continue;
		r = remains_hide(remains[i].place, is_proc ? PROC_SUPER_MAGIC : SYSFS_MAGIC, context, err);
	}
	return r;
}

int pivot_move_to(int root_fd, int proc_fd, const char *context, struct error *err)
{
	_cleanup_(fd_cleanup) int slash = path_open_host(AT_FDCWD, "/", O_PATH | O_DIRECTORY, 0);
	int r;

	if (slash < 0)
		return error_set(err, slash, "open '/'");
	r = remains_hide("/proc", PROC_SUPER_MAGIC, context, err);
	if (r == 0)
		r = remains_hide("/sys", SYSFS_MAGIC, context, err);
	if (r == 0)
		r = remains_hide_all(root_fd, proc_fd, context, err);
	if (r < 0)
		return r;
	r = tree_attach(root_fd, slash);
	if (r < 0)
		return error_set(err, r, "move the root to '/'");
	if (fchdir(root_fd) < 0 || chroot(".") < 0 || chdir("/") < 0)
		return error_set(err, -errno, "enter the root");
	return 0;
}

int pivot_propagate(int root_fd, int propagation, struct error *err)
{
	int r = propagation ? tree_propagate(root_fd, propagation) : 0;

	return r < 0 ? error_set(err, r, "make the root %s", name_text(&names_propagations, propagation)) : 0;
}
