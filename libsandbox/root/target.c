/* SPDX-License-Identifier: Apache-2.0 */
/* Where a mount goes. See target.h. */
#include "libsandbox/root/target.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/magic.h>

#include "libbase/kernel.h"
#include "libbase/path.h"
#include "libbase/text.h"

#define DIRECTORY_MODE (S_IFDIR | 0755)
#define FILE_MODE      (S_IFREG | 0644)

/* Fixed by the kernel; a directory in procfs has another one. */
#define PROC_ROOT_INO 1

void target_cleanup(struct target *target)
{
	fd_leave(&target->fd);
}

static bool is_procfs(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC;
}

static bool is_proc(const struct plan_mount *mount)
{
	return text_equal(mount->destination, "/proc") || text_starts(mount->destination, "/proc/");
}

/* proc and sysfs, and all that goes to /proc or below it: names there are trusted by whoever comes later, so no link may lead elsewhere. */
static bool wants_real_directory(const struct plan_mount *mount)
{
	if (mount->kind == MOUNT_FILESYSTEM && (text_equal(mount->type, "proc") || text_equal(mount->type, "sysfs")))
		return true;
	return is_proc(mount);
}

/* The type of what will be mounted decides what is made. `source_fd` FD_NONE: a new file system, whose root is a directory. */
static int is_directory(int source_fd, bool *ret, struct error *err)
{
	struct stat st = { .st_mode = S_IFDIR };

	if (source_fd >= 0 && fstat(source_fd, &st) < 0)
		return error_set(err, -errno, "look at the source");
	*ret = S_ISDIR(st.st_mode);
	return 0;
}

static int strict_open(int root_fd, const struct plan_mount *mount, int source_fd, struct target *ret,
		       struct error *err)
{
	const char *below = mount->destination + 1;
	int fd = path_open_beneath(root_fd, below, O_PATH, 0);
	bool directory = false;
	int r = fd == -ENOENT ? is_directory(source_fd, &directory, err) : 0;

	if (r < 0)
		return r;
	if (directory) {
		ret->made = true;
		fd = path_make_directories_beneath(root_fd, below, DIRECTORY_MODE & 07777);
	}
	/* Words of runc's that callers look for. */
	if (fd == -ELOOP)
		return error_say(err, fd, "'%s' must be mounted on ordinary directory, there is a symlink on the way",
				 mount->type ? mount->type : "it");
	return fd < 0 ? error_set(err, fd, "open the destination") : fd;
}

static int missing_make(int root_fd, const struct plan_mount *mount, int source_fd, struct error *err)
{
	bool directory;
	int r = is_directory(source_fd, &directory, err);

	if (r < 0)
		return r;
	r = path_make_missing_in_root(root_fd, mount->destination, directory ? DIRECTORY_MODE : FILE_MODE);
	return r < 0 ? error_set(err, r, "make the destination") : r;
}

static int place_open(int root_fd, const struct plan_mount *mount, int source_fd, struct target *ret, struct error *err)
{
	int fd = FD_NONE;

	if (wants_real_directory(mount))
		return strict_open(root_fd, mount, source_fd, ret, err);
	if (source_fd < 0 && text_equal(mount->destination, "/dev"))
		fd = path_open_beneath(root_fd, "dev", O_PATH | O_DIRECTORY, 0);
	ret->straight = fd >= 0;
	if (fd >= 0)
		return fd;
	fd = -ENOENT;
	if (mount->destination_nofollow)
		fd = path_open_in_root(root_fd, mount->destination, O_PATH | O_NOFOLLOW, 0);
	if (fd == -ENOENT)
		fd = path_open_in_root(root_fd, mount->destination, O_PATH, 0);
	ret->made = fd == -ENOENT;
	if (ret->made)
		return missing_make(root_fd, mount, source_fd, err);
	return fd < 0 ? error_set(err, fd, "open the destination") : fd;
}

/* Most places are not the top of any mount. */
static bool may_be_a_top(const struct statx *st)
{
	return !(st->stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) || st->stx_attributes & STATX_ATTR_MOUNT_ROOT;
}

/* Whether it is the root's own mount, not just the same directory bound elsewhere. */
static bool is_root(int root_fd, const struct statx *st)
{
	struct statx root;

	if (statx(root_fd, "", AT_EMPTY_PATH, STATX_INO | STATX_MNT_ID, &root) < 0)
		return true;
	return root.stx_ino == st->stx_ino && root.stx_dev_major == st->stx_dev_major &&
	       root.stx_dev_minor == st->stx_dev_minor && root.stx_mnt_id == st->stx_mnt_id;
}

bool target_root_is_plain(int root_fd, struct target_own *own)
{
	if (!own->root.known)
		(void)rootfs_look(root_fd, &own->root);
	return own->root.plain;
}

static bool is_in_procfs(int root_fd, struct target_own *own, int fd, const struct statx *st)
{
	/* File systems without a device, such as procfs, have numbers with the major 0. */
	if (st->stx_dev_major != 0)
		return false;
	if (own && target_root_is_plain(root_fd, own) && own->root.mount == st->stx_mnt_id)
		return false;
	return is_procfs(fd);
}

/* For /proc itself. `source_fd` FD_NONE: a new file system. */
static int proc_check(const struct plan_mount *mount, int source_fd, struct error *err)
{
	struct stat source;

	if (source_fd < 0 && text_equal(mount->type, "proc"))
		return 0;
	if (source_fd >= 0 && is_procfs(source_fd) && fstat(source_fd, &source) == 0 && source.st_ino == PROC_ROOT_INO)
		return 0;
	return error_say(err, -EPERM, "\"/proc\" cannot be mounted because it is not of type proc");
}

static int below_proc_check(const struct plan_mount *mount, int source_fd, struct error *err)
{
	/* Reached without a link, by a name of the short list that the check of the config lets through. */
	if (source_fd >= 0 && text_starts(mount->destination, "/proc/"))
		return 0;
	return error_say(err, -EPERM, "\"%s\" cannot be mounted because it is inside /proc", mount->destination);
}

/*
 * Where nearly all goes: a file or directory in the root's own mount, by a path without links. That is not the root itself, nor the top of another
 * mount, nor in a procfs, and there is nothing to be looked at. Whether a file goes on a file is the kernel's to say.
 */
static int plain_open(int root_fd, struct target_own *own, const struct plan_mount *mount, bool directory)
{
	const char *below = mount->destination + 1;

	/* "." and "" would be the root, whatever is in front of them. */
	if (!own || !*below || strstr(mount->destination, "/.") || (own->dev_fd >= 0 && text_starts(below, "dev/")))
		return FD_NONE;
	if (is_proc(mount) && !(directory && text_equal(below, "proc") && text_equal(mount->type, "proc")))
		return FD_NONE;
	if (!target_root_is_plain(root_fd, own))
		return FD_NONE;
	return path_open_on_mount(root_fd, below, directory ? O_PATH | O_DIRECTORY : O_PATH, 0);
}

static int target_look(int root_fd, struct target_own *own, const struct plan_mount *mount, int source_fd,
		       struct target *ret, struct error *err)
{
	_cleanup_(target_cleanup) struct target target = TARGET_INIT;
	struct statx st;
	int r = 0;

	target.fd = place_open(root_fd, mount, source_fd, &target, err);
	if (target.fd == -ENOTDIR)
		return error_say(err, -ENOTDIR, "something in the way of the destination is not a directory");
	if (target.fd < 0)
		return target.fd;
	if (statx(target.fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_MNT_ID, &st) < 0)
		return error_set(err, -errno, "look at the destination");
	target.covers = may_be_a_top(&st);
	if (source_fd < 0 && !S_ISDIR(st.stx_mode))
		return error_say(err, -ENOTDIR, "the destination is not a directory");
	if (target.covers && is_root(root_fd, &st))
		return error_say(err, -EBUSY, "mountpoint \"%s\" is on the top of rootfs", mount->destination);
	if (text_equal(mount->destination, "/proc"))
		r = proc_check(mount, source_fd, err);
	else if (is_in_procfs(root_fd, own, target.fd, &st))
		r = below_proc_check(mount, source_fd, err);
	if (r < 0)
		return r;
	*ret = target;
	ret->fd = fd_take(&target.fd);
	return 0;
}

int target_open(int root_fd, struct target_own *own, const struct plan_mount *mount, int source_fd, struct target *ret,
		struct error *err)
{
	const bool directory = source_fd < 0;
	int fd = plain_open(root_fd, own, mount, directory);

	if (fd < 0)
		return target_look(root_fd, own, mount, source_fd, ret, err);
	*ret = (struct target){ .fd = fd,
				.dir_fd = FD_NONE,
				.straight = directory && text_equal(mount->destination, "/dev") };
	return 0;
}

int target_explain(const struct target *target, int source_fd, int code, struct error *err)
{
	bool directory, wanted;

	if (is_directory(source_fd, &directory, NULL) < 0 || is_directory(target->fd, &wanted, NULL) < 0 ||
	    directory == wanted)
		return code;
	return directory ? error_say(err, -ENOTDIR,
				     "a directory goes on something else: the destination is not a directory")
			 : error_say(err, -ENOTDIR, "a file goes on a directory: the source is not a directory");
}

void target_own_forget(struct target_own *own)
{
	own->dev_fd = own->sys_fd = own->entered_fd = FD_NONE;
}

int target_open_name(struct target *target, struct error *err)
{
	int fd = target->fd;

	if (target->name)
		fd = path_open_on_mount(target->dir_fd, target->name, O_PATH | O_DIRECTORY | O_NOFOLLOW, 0);
	if (fd < 0)
		return error_set(err, fd, "open the destination");
	target->fd = fd;
	target->name = NULL;
	return 0;
}

bool target_own_enter(struct target_own *own, int fd)
{
	if (own->entered_fd != fd)
		own->entered_fd = fchdir(fd) == 0 ? fd : FD_NONE;
	return own->entered_fd >= 0;
}

static bool open_in_dev(const struct target_own *own, const struct plan_mount *mount, struct target *ret)
{
	const char *name = own->dev_fd >= 0 ? text_after(mount->destination, "/dev/") : NULL;

	if (!name || !path_is_name(name) || mkdirat(own->dev_fd, name, DIRECTORY_MODE & 07777) < 0)
		return false;
	*ret = (struct target){ .fd = FD_NONE, .dir_fd = own->dev_fd, .name = name, .made = true };
	return true;
}

static bool open_in_sys(const struct target_own *own, const struct plan_mount *mount, struct target *ret)
{
	/* A tmpfs asks for the mode of what it covers. */
	const bool any_mode = !text_equal(mount->type, "tmpfs");
	const char *below = own->sys_fd >= 0 && any_mode ? text_after(mount->destination, "/sys/") : NULL;
	int fd = below ? path_open_on_mount(own->sys_fd, below, O_PATH | O_DIRECTORY | O_NOFOLLOW, 0) : FD_NONE;

	if (fd >= 0)
		*ret = (struct target){ .fd = fd, .dir_fd = FD_NONE };
	return fd >= 0;
}

bool target_open_own(const struct target_own *own, const struct plan_mount *mount, struct target *ret)
{
	return own && (open_in_dev(own, mount, ret) || open_in_sys(own, mount, ret));
}
