/* SPDX-License-Identifier: Apache-2.0 */
/* Device nodes and links. See device.h. */
#include "libsandbox/root/device.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "libbase/fd.h"
#include "libbase/kernel.h"
#include "libbase/path.h"
#include "libbase/text.h"
#include "libsandbox/root/place.h"
#include "libsandbox/root/symlink.h"
#include "libsandbox/root/tree.h"
#include "libspec/names.h"

#define DIRECTORY_MODE 0755
#define FILE_MODE      0644

/* What binds of nodes get: a node on such a mount is still a device. */
#define BIND_ATTRIBUTES (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC)

/* The directory that the last device or link was in: nearly all are in /dev. */
struct directory {
	int root_fd, dev_fd; /* borrowed */
	bool dev_plain;      /* see devices_make */
	int fd;              /* may be dev_fd */
	const char *path;    /* its name is the first `length` bytes, with a slash at the end */
	size_t length;
	enum {
		GROUP_UNKNOWN = 0,
		GROUP_GIVEN,
		GROUP_NOT_GIVEN
	} group; /* its set-gid bit gives its own to what is made in it */
};

static struct directory directory_none(int root_fd, int dev_fd)
{
	return (struct directory){ .root_fd = root_fd, .dev_fd = dev_fd, .fd = FD_NONE };
}

static void directory_cleanup(struct directory *directory)
{
	if (directory->fd != directory->dev_fd)
		fd_leave(&directory->fd);
	directory->fd = FD_NONE;
}

static _noinline_ int directory_make(const struct directory *directory, const char *path, size_t length, bool in_dev,
				     struct error *err)
{
	int from = in_dev ? directory->dev_fd : directory->root_fd, fd;
	char wanted[PATH_MAX];
	const char *below;

	if (length >= sizeof(wanted))
		return error_say(err, -EINVAL, "'%s' is no place for a device", path);
	memcpy(wanted, path, length);
	wanted[length] = '\0';
	below = wanted + (in_dev ? strlen("/dev/") : 1);
	fd = path_make_directories_beneath(from, *below ? below : ".", DIRECTORY_MODE);
	if (fd == -ELOOP)
		return error_say(err, -ELOOP, "'%s' is reached by a symlink: devices are made in real directories only",
				 wanted);
	return fd < 0 ? error_set(err, fd, "directory '%s'", wanted) : fd;
}

static int directory_open(const struct directory *directory, const char *path, size_t length, struct error *err)
{
	bool in_dev = directory->dev_fd >= 0 && text_starts(path, "/dev/");

	return in_dev && length == strlen("/dev/") ? directory->dev_fd
						   : directory_make(directory, path, length, in_dev, err);
}

/* Makes `directory` that of `path`, and returns the last component. */
static int directory_enter(struct directory *directory, const char *path, const char **ret_name, struct error *err)
{
	const char *name = strrchr(path, '/') + 1;
	size_t length = (size_t)(name - path);
	int fd;

	*ret_name = name;
	if (!path_is_name(name))
		return error_say(err, -EINVAL, "'%s' is no place for a device", path);
	if (directory->fd >= 0 && length == directory->length && memcmp(path, directory->path, length) == 0)
		return 0;
	fd = directory_open(directory, path, length, err);
	if (fd < 0)
		return fd;
	directory_cleanup(directory);
	directory->fd = fd;
	directory->path = path;
	directory->length = length;
	directory->group = fd == directory->dev_fd && directory->dev_plain ? GROUP_NOT_GIVEN : GROUP_UNKNOWN;
	return 0;
}

static bool directory_gives_group(struct directory *directory)
{
	struct stat st;

	if (directory->group == GROUP_UNKNOWN)
		directory->group =
			fstat(directory->fd, &st) == 0 && !(st.st_mode & S_ISGID) ? GROUP_NOT_GIVEN : GROUP_GIVEN;
	return directory->group == GROUP_GIVEN;
}

static bool same_device(const struct plan_device *device, const struct stat *st)
{
	if ((st->st_mode & S_IFMT) != (device->mode & S_IFMT))
		return false;
	return S_ISFIFO(device->mode) || st->st_rdev == makedev(device->major, device->minor);
}

static bool is_as_wanted(const struct plan_device *device, int dir_fd, const char *name)
{
	struct stat st;

	return fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && same_device(device, &st) &&
	       (st.st_mode & 07777) == (device->mode & 07777) && st.st_uid == device->uid && st.st_gid == device->gid;
}

static int node_own(const struct plan_device *device, int dir_fd, const char *name)
{
	_cleanup_(fd_cleanup) int fd = path_open_beneath(dir_fd, name, O_PATH | O_NOFOLLOW, 0);
	struct stat st;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (!same_device(device, &st))
		return -ESTALE;
	return fchownat(fd, "", device->uid, device->gid, AT_EMPTY_PATH) < 0 ? -errno : 0;
}

static int node_make(const struct plan_device *device, struct directory *directory, const char *name)
{
	dev_t number = S_ISFIFO(device->mode) ? 0 : makedev(device->major, device->minor);
	int r = mknodat(directory->fd, name, device->mode, number) < 0 ? -errno : 0;

	if (r < 0 || (device->uid == 0 && device->gid == 0 && !directory_gives_group(directory)))
		return r;
	return node_own(device, directory->fd, name);
}

/* FD_NONE: the long way says why. What is copied is looked at afterwards, as nothing happens by copying it. */
static int host_node_copy(const struct plan_device *device, uint64_t attributes)
{
	_cleanup_(fd_cleanup) int tree =
		tree_clone_settled(AT_FDCWD, device->path, AT_SYMLINK_NOFOLLOW, PROPAGATION_PRIVATE, attributes, 0);
	struct stat st;

	return tree >= 0 && fstat(tree, &st) == 0 && same_device(device, &st) ? fd_take(&tree) : FD_NONE;
}

static int host_node_copy_long(const struct plan_device *device, uint64_t attributes, struct error *err)
{
	_cleanup_(fd_cleanup) int fd = path_open_host(AT_FDCWD, device->path, O_PATH | O_NOFOLLOW, 0);
	_cleanup_(fd_cleanup) int tree = FD_NONE;
	struct stat st;
	int r;

	if (fd < 0)
		return error_set(err, fd, "the host's '%s'", device->path);
	if (fstat(fd, &st) < 0)
		return error_set(err, -errno, "the host's '%s'", device->path);
	if (!same_device(device, &st))
		return error_say(err, -ENODEV, "the host's '%s' is not device %u:%u", device->path, device->major,
				 device->minor);
	tree = tree_clone(fd, "", AT_EMPTY_PATH);
	if (tree < 0)
		return error_set(err, tree, "open_tree '%s'", device->path);
	r = tree_make_private(tree, attributes);
	return r < 0 ? error_set(err, r, "mount_setattr '%s'", device->path) : fd_take(&tree);
}

/* The host's node as a detached tree. Its name proves nothing: the type and number of what was opened do. */
static int host_node_open(const struct plan_device *device, uint64_t attributes, struct error *err)
{
	int tree = host_node_copy(device, attributes);

	return tree < 0 ? host_node_copy_long(device, attributes, err) : tree;
}

static int node_bind(const struct plan_device *device, int dir_fd, const char *name, struct error *err)
{
	_cleanup_(fd_cleanup) int tree = host_node_open(device, BIND_ATTRIBUTES, err);
	_cleanup_(fd_cleanup) int place = FD_NONE;
	int r;

	if (tree < 0)
		return tree;
	place = place_file_open(dir_fd, name, FILE_MODE);
	if (place < 0)
		return error_set(err, place, "make a file to mount on");
	r = tree_attach(tree, place);
	return r < 0 ? error_set(err, r, "move_mount") : 0;
}

static int device_make(const struct plan_device *device, struct directory *directory, const char *name,
		       struct error *err)
{
	int r;

	if (device->bind)
		return node_bind(device, directory->fd, name, err);
	r = node_make(device, directory, name);
	if (r == -EEXIST || r == -EROFS) {
		if (is_as_wanted(device, directory->fd, name))
			return 0;
		if (unlinkat(directory->fd, name, 0) < 0)
			return error_set(err, -errno, "remove what has its name");
		r = node_make(device, directory, name);
	}
	if (r == -EPERM && !S_ISFIFO(device->mode))
		return node_bind(device, directory->fd, name, err);
	return r < 0 ? error_set(err, r, "mknod") : 0;
}

int devices_make(int root_fd, int dev_fd, bool dev_plain, const struct plan_device *devices, size_t count,
		 struct error *err)
{
	_cleanup_(directory_cleanup) struct directory directory = directory_none(root_fd, dev_fd);

	directory.dev_plain = dev_plain;
	for (size_t i = 0; i < count; i++) {
		const char *name;
		int r = directory_enter(&directory, devices[i].path, &name, err);

		if (r == 0)
			r = device_make(&devices[i], &directory, name, err);
		if (r < 0)
			return error_wrap(err, "device '%s'", devices[i].path);
	}
	return 0;
}

/* Not every kernel has /proc/kcore. The root is still the host's here. */
static bool is_of_a_missing_core(const struct plan_symlink *link)
{
	return text_equal(link->path, "/dev/core") && faccessat(AT_FDCWD, link->target, F_OK, AT_SYMLINK_NOFOLLOW) < 0;
}

int device_links_make(int root_fd, int dev_fd, const struct plan_symlink *links, size_t count, struct error *err)
{
	_cleanup_(directory_cleanup) struct directory directory = directory_none(root_fd, dev_fd);

	for (size_t i = 0; i < count; i++) {
		const char *name;
		/* Any other file there could be a terminal multiplexer of the host's. */
		bool replace = text_equal(links[i].path, "/dev/ptmx");
		int r = directory_enter(&directory, links[i].path, &name, err);

		if (r < 0)
			return error_wrap(err, "link '%s'", links[i].path);
		if (is_of_a_missing_core(&links[i]))
			continue;
		r = symlink_make(directory.fd, name, links[i].target, replace);
		if (r < 0 && (replace || r != -EEXIST))
			return error_set(err, r, "link '%s'", links[i].path);
	}
	return 0;
}

int device_null_open(struct error *err)
{
	const struct plan_device null = { .path = "/dev/null", .mode = S_IFCHR, .major = 1, .minor = 3 };

	return host_node_open(&null, BIND_ATTRIBUTES | MOUNT_ATTR_RDONLY, err);
}
