/* SPDX-License-Identifier: Apache-2.0 */
/* The container's terminal. See console.h. */
#include "libsandbox/root/console.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <termios.h>
#include <unistd.h>

#include <linux/magic.h>

#include "libbase/fd.h"
#include "libbase/kernel.h"
#include "libbase/path.h"
#include "libbase/socket.h"
#include "libsandbox/root/place.h"
#include "libsandbox/root/tree.h"

#define PTMX_MAJOR 5
#define PTMX_MINOR 2
/* Fixed by the kernel: the root of a devpts, and its ptmx. */
#define DEVPTS_ROOT_INO 1
#define DEVPTS_PTMX_INO 2

#define CONSOLE_MODE 0600

/* What callers see as the payload of the message that carries the master. */
#define MASTER_NAME "/dev/ptmx"

/* A whole devpts has nothing in it that its users put there, so names below it are safe to open. */
static int devpts_open(int root_fd)
{
	_cleanup_(fd_cleanup) int fd = path_open_beneath(root_fd, "dev/pts", O_PATH | O_DIRECTORY, 0);
	struct statfs fs;
	struct stat st;

	if (fd < 0)
		return fd;
	if (fstatfs(fd, &fs) < 0 || fstat(fd, &st) < 0)
		return -errno;
	return fs.f_type == DEVPTS_SUPER_MAGIC && st.st_ino == DEVPTS_ROOT_INO ? fd_take(&fd) : -EXDEV;
}

static int master_open(int root_fd, struct error *err)
{
	_cleanup_(fd_cleanup) int devpts = devpts_open(root_fd);
	_cleanup_(fd_cleanup) int fd = FD_NONE;
	struct stat st;

	if (devpts == -EXDEV)
		return error_say(err, devpts, "'/dev/pts' is not the root of a devpts: a terminal needs one");
	if (devpts < 0)
		return error_set(err, devpts, "open '/dev/pts'");
	fd = path_open_on_mount(devpts, "ptmx", O_RDWR | O_NOCTTY | O_NOFOLLOW, 0);
	if (fd < 0)
		return error_set(err, fd, "open '/dev/pts/ptmx'");
	if (fstat(fd, &st) < 0)
		return error_set(err, -errno, "look at '/dev/pts/ptmx'");
	if (!S_ISCHR(st.st_mode) || st.st_rdev != makedev(PTMX_MAJOR, PTMX_MINOR) || st.st_ino != DEVPTS_PTMX_INO)
		return error_say(err, -EXDEV, "'/dev/pts/ptmx' is not what the kernel made there");
	return fd_take(&fd);
}

static int slave_open(int master_fd, const struct console_options *options, struct error *err)
{
	_cleanup_(fd_cleanup) int fd = FD_NONE;
	const struct winsize size = { .ws_row = options->height, .ws_col = options->width };
	int unlock = 0;

	if (ioctl(master_fd, TIOCSPTLCK, &unlock) < 0)
		return error_set(err, -errno, "unlock the terminal");
	fd = ioctl(master_fd, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return error_set(err, -errno, "open the terminal of the master");
	if (options->size_set && ioctl(fd, TIOCSWINSZ, &size) < 0)
		return error_set(err, -errno, "set the terminal's size");
	/* Its group is the mount's option gid=. */
	if (options->uid != 0 && fchown(fd, options->uid, (gid_t)-1) < 0 && errno != EPERM && errno != EINVAL)
		return error_set(err, -errno, "give the terminal to uid %u", options->uid);
	return fd_take(&fd);
}

static int console_bind(int root_fd, int slave_fd, struct error *err)
{
	_cleanup_(fd_cleanup) int dev = path_open_beneath(root_fd, "dev", O_PATH | O_DIRECTORY, 0);
	_cleanup_(fd_cleanup) int tree = FD_NONE;
	_cleanup_(fd_cleanup) int place = FD_NONE;
	int r;

	if (dev < 0)
		return error_set(err, dev, "open '/dev'");
	place = place_file_open(dev, "console", CONSOLE_MODE);
	if (place < 0)
		return error_set(err, place, "make '/dev/console'");
	tree = tree_clone(slave_fd, "", AT_EMPTY_PATH);
	if (tree < 0)
		return error_set(err, tree, "clone the terminal for '/dev/console'");
	r = tree_make_private(tree, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
	if (r == 0)
		r = tree_attach(tree, place);
	return r < 0 ? error_set(err, r, "mount '/dev/console'") : 0;
}

static int terminal_take(int slave_fd, bool lend, struct error *err)
{
	if (!lend && ioctl(slave_fd, TIOCSCTTY, 0) < 0)
		return error_set(err, -errno, "make it the controlling terminal");
	for (int fd = 0; fd <= 2; fd++)
		if (dup2(slave_fd, fd) < 0)
			return error_set(err, -errno, "make it descriptor %d", fd);
	return 0;
}

int console_make(int root_fd, const struct console_options *options, struct error *err)
{
	_cleanup_(fd_cleanup) int master = master_open(root_fd, err);
	_cleanup_(fd_cleanup) int slave = FD_NONE;
	int r;

	if (master < 0)
		return master;
	slave = slave_open(master, options, err);
	if (slave < 0)
		return slave;
	r = options->bind ? console_bind(root_fd, slave, err) : 0;
	if (r == 0)
		r = terminal_take(slave, options->lend, err);
	return r < 0 ? r : fd_take(&master);
}

int console_check(int fd, struct error *err)
{
	unsigned int number;

	return ioctl(fd, TIOCGPTN, &number) < 0
		       ? error_say(err, -EPROTO, "the descriptor that init sent is no terminal")
		       : 0;
}

int console_send(int socket_fd, int master_fd, struct error *err)
{
	int r = socket_send(socket_fd, MASTER_NAME, strlen(MASTER_NAME), &master_fd, 1);

	return r < 0 ? error_set(err, r, "send the terminal to the console socket") : 0;
}
