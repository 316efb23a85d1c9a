/* SPDX-License-Identifier: Apache-2.0 */
/* Checks the terminal, and /dev directories that want it to be something else. */
#include "libsandbox/root/console.h"

#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <termios.h>

#include "libbase/socket.h"
#include "libsandbox/root/fixture.h"

static const struct console_options plain = { .bind = true };

/* A root with a devpts, and the caller as a session leader without a terminal. */
static int place_make(void)
{
	int root = root_make();

	WANT(mkdir(SCRATCH "/root/dev", 0755) == 0 && mkdir(SCRATCH "/root/dev/pts", 0755) == 0);
	WANT(mount("devpts", SCRATCH "/root/dev/pts", "devpts", 0, "newinstance,ptmxmode=0666,mode=0620,gid=5") == 0);
	WANT(setsid() > 0 || getsid(0) == getpid());
	/* The end of the master is not to be the end of the test. */
	WANT(signal(SIGHUP, SIG_IGN) != SIG_ERR);
	text_write(SCRATCH "/victim", "host's");
	return root;
}

static bool is_slave(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISCHR(st.st_mode) && major(st.st_rdev) == 136;
}

static void console_body(void)
{
	static const struct console_options options = {
		.uid = 1234, .size_set = true, .height = 33, .width = 77, .bind = true
	};
	_cleanup_(fd_cleanup) int root = FD_NONE, master = FD_NONE;
	struct winsize size;
	struct stat st, bound;
	struct error err;
	char text[16];
	int log;

	ERROR_INIT(&err);
	scratch_make();
	root = place_make();
	/* What WANT prints must not land in the terminal. */
	log = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 10);
	master = console_make(root, &options, &err);
	WANT(dup2(log, STDERR_FILENO) >= 0);
	WANT_OK(master, &err);
	WANT(fcntl(master, F_GETFD) & FD_CLOEXEC);
	WANT(isatty(0) && isatty(1) && (fcntl(0, F_GETFD) & FD_CLOEXEC) == 0);
	WANT(ioctl(0, TIOCGWINSZ, &size) == 0 && size.ws_row == 33 && size.ws_col == 77);
	WANT(tcgetsid(0) == getpid());
	WANT(fstat(0, &st) == 0 && st.st_uid == 1234 && st.st_gid == 5 && (st.st_mode & 07777) == 0620);
	WANT(stat(SCRATCH "/root/dev/console", &bound) == 0 && bound.st_rdev == st.st_rdev);
	WANT(mount_flags(SCRATCH "/root/dev/console") & ST_NOSUID &&
	     mount_flags(SCRATCH "/root/dev/console") & ST_NOEXEC);
	WANT_INT(write(1, "hello", 5), 5);
	WANT_INT(read(master, text, sizeof(text)), 5);
	WANT(memcmp(text, "hello", 5) == 0);
}

TEST(the_terminal_is_made)
{
	child_run(console_body);
}

/* Fresh sessions for each try: a session leader has one terminal only. */
static void try_in_session(int root, const struct console_options *options, int code, const char *text)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		struct error err;
		int log = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 10), r;

		ERROR_INIT(&err);
		WANT(setsid() > 0);
		r = console_make(root, options, &err);
		WANT(dup2(log, STDERR_FILENO) >= 0);
		if (code == 0)
			WANT_OK(r, &err);
		else
			WANT_INT(r, code);
		WANT_HAS(code ? error_text(&err) : text, text);
		_exit(0);
	}
	WANT_INT(waitpid(pid, &status, 0), pid);
	WANT_INT(status, 0);
}

/* CVE-2025-52565, CVE-2026-88264 */
static void hostile_console_body(void)
{
	static const char *const links[] = { SCRATCH "/victim", SCRATCH "/new",
					     "../../victim",    "../../../../.." SCRATCH "/new",
					     "../key",          "console" };
	_cleanup_(fd_cleanup) int root = FD_NONE;
	struct stat st;

	scratch_make();
	root = place_make();
	text_write(SCRATCH "/root/key", "image's");
	for (size_t i = 0; i < ARRAY_SIZE(links); i++) {
		WANT(symlink(links[i], SCRATCH "/root/dev/console") == 0);
		try_in_session(root, &plain, 0, "");
		WANT(is_slave(SCRATCH "/root/dev/console"));
		WANT(umount2(SCRATCH "/root/dev/console", MNT_DETACH) == 0 && unlink(SCRATCH "/root/dev/console") == 0);
	}
	WANT(text_is(SCRATCH "/victim", "host's") && text_is(SCRATCH "/root/key", "image's"));
	WANT(access(SCRATCH "/new", F_OK) < 0 && stat(SCRATCH "/victim", &st) == 0 && st.st_uid == 0);
	/* What is there but no link and no directory is mounted on. */
	WANT(mkfifo(SCRATCH "/root/dev/console", 0600) == 0);
	try_in_session(root, &plain, 0, "");
	WANT(is_slave(SCRATCH "/root/dev/console"));
	WANT(umount2(SCRATCH "/root/dev/console", MNT_DETACH) == 0 && unlink(SCRATCH "/root/dev/console") == 0);
	WANT(mknod(SCRATCH "/root/dev/console", S_IFCHR | 04666, makedev(5, 1)) == 0);
	try_in_session(root, &plain, 0, "");
	WANT(is_slave(SCRATCH "/root/dev/console"));
	WANT(umount2(SCRATCH "/root/dev/console", MNT_DETACH) == 0 && unlink(SCRATCH "/root/dev/console") == 0);
	WANT(mkdir(SCRATCH "/root/dev/console", 0755) == 0);
	try_in_session(root, &plain, -EISDIR, "make '/dev/console': Is a directory");
	/* A root that cannot be written to: a link stays, and is refused. */
	WANT(rmdir(SCRATCH "/root/dev/console") == 0 && symlink("../key", SCRATCH "/root/dev/console") == 0);
	WANT(mount(NULL, SCRATCH "/root", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) == 0);
	try_in_session(root, &plain, -EROFS, "make '/dev/console'");
	WANT(text_is(SCRATCH "/root/key", "image's"));
	try_in_session(root, &(const struct console_options){ .bind = false }, 0, "");
}

TEST(hostile_consoles_lead_nowhere)
{
	child_run(hostile_console_body);
}

static void hostile_devpts_body(void)
{
	_cleanup_(fd_cleanup) int root = FD_NONE;

	scratch_make();
	root = place_make();
	WANT(mkdir(SCRATCH "/root/fake", 0755) == 0);
	WANT(mknod(SCRATCH "/root/fake/ptmx", S_IFCHR | 0666, makedev(5, 2)) == 0);
	WANT(mount(SCRATCH "/root/fake", SCRATCH "/root/dev/pts", NULL, MS_BIND, NULL) == 0);
	try_in_session(root, &plain, -EXDEV, "not the root of a devpts");
	WANT(umount2(SCRATCH "/root/dev/pts", MNT_DETACH) == 0);
	/* Something mounted over the multiplexer. */
	WANT(mount(SCRATCH "/root/fake/ptmx", SCRATCH "/root/dev/pts/ptmx", NULL, MS_BIND, NULL) == 0);
	try_in_session(root, &plain, -EXDEV, "open '/dev/pts/ptmx'");
	WANT(umount2(SCRATCH "/root/dev/pts/ptmx", MNT_DETACH) == 0 &&
	     umount2(SCRATCH "/root/dev/pts", MNT_DETACH) == 0);
	try_in_session(root, &plain, -EXDEV, "not the root of a devpts");
	/* A tmpfs numbers its first inodes like a devpts. */
	WANT(mount("tmpfs", SCRATCH "/root/dev/pts", "tmpfs", 0, NULL) == 0);
	WANT(mknod(SCRATCH "/root/dev/pts/ptmx", S_IFCHR | 0666, makedev(5, 2)) == 0);
	try_in_session(root, &plain, -EXDEV, "not the root of a devpts");
	WANT(umount2(SCRATCH "/root/dev/pts", MNT_DETACH) == 0);
	WANT(rmdir(SCRATCH "/root/dev/pts") == 0);
	try_in_session(root, &plain, -ENOENT, "open '/dev/pts'");
	WANT(symlink("/fake", SCRATCH "/root/dev/pts") == 0);
	try_in_session(root, &plain, -ELOOP, "open '/dev/pts'");
}

TEST(only_a_real_devpts_will_do)
{
	child_run(hostile_devpts_body);
}

static void send_body(void)
{
	_cleanup_(socket_fds_cleanup) struct socket_fds fds = SOCKET_FDS_INIT;
	int pair[2], master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	struct error err;
	char text[64];

	ERROR_INIT(&err);
	WANT(master >= 0 && socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
	WANT_OK(console_send(pair[0], master, &err), &err);
	WANT_INT(socket_receive(pair[1], text, sizeof(text), &fds), 9);
	WANT(memcmp(text, "/dev/ptmx", 9) == 0);
	WANT_INT(fds.count, 1);
	WANT(ptsname(fds.fds[0]) != NULL);
	close(pair[1]);
	WANT_INT(console_send(pair[0], master, &err), -EPIPE);
	WANT_HAS(error_text(&err), "console socket");
}

TEST(the_master_is_sent)
{
	child_run(send_body);
}
