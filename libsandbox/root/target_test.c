/* SPDX-License-Identifier: Apache-2.0 */
/* Checks where mounts may go, in roots whose owner wants them elsewhere. */
#include "libsandbox/root/target.h"

#include <signal.h>

#include "libsandbox/root/fixture.h"
#include "libsandbox/root/tree.h"

/* What stands at (SCRATCH/root)/name. */
static void link_make(const char *text, const char *path)
{
	char at[256];

	snprintf(at, sizeof(at), SCRATCH "/root%s", path);
	WANT(symlink(text, at) == 0);
}

static struct plan_mount filesystem(const char *type, const char *destination)
{
	return (struct plan_mount){ .kind = MOUNT_FILESYSTEM, .type = type, .destination = destination };
}

static struct plan_mount bind(const char *destination)
{
	return (struct plan_mount){ .kind = MOUNT_BIND, .source = "/x", .destination = destination };
}

/* Of all mounts of this process. */
static struct target_own *own_of_all(void)
{
	static struct target_own own = { .dev_fd = FD_NONE, .sys_fd = FD_NONE, .entered_fd = FD_NONE };

	return &own;
}

static void open_want_with(int root, struct target_own *own, struct plan_mount mount, int source, const char *where)
{
	_cleanup_(target_cleanup) struct target target = TARGET_INIT;
	struct stat st, want;
	struct error err;

	ERROR_INIT(&err);
	WANT_OK(target_open(root, own, &mount, source, &target, &err), &err);
	WANT(fstat(target.fd, &st) == 0 && stat(where, &want) == 0);
	WANT(st.st_dev == want.st_dev && st.st_ino == want.st_ino);
	WANT(fcntl(target.fd, F_GETFD) & FD_CLOEXEC);
}

/* Wants the target to be the file or directory at `where`, or the error; also by who knows of the targets before. */
static void open_want(int root, struct plan_mount mount, int source, const char *where)
{
	open_want_with(root, NULL, mount, source, where);
	open_want_with(root, own_of_all(), mount, source, where);
}

static void refuse_want_with(int root, struct target_own *own, struct plan_mount mount, int source, int code,
			     const char *text)
{
	struct target target = TARGET_INIT;
	struct error err;

	ERROR_INIT(&err);
	WANT_INT(target_open(root, own, &mount, source, &target, &err), code);
	WANT_HAS(error_text(&err), text);
	WANT_INT(target.fd, FD_NONE);
}

static void refuse_want(int root, struct plan_mount mount, int source, int code, const char *text)
{
	refuse_want_with(root, NULL, mount, source, code, text);
	refuse_want_with(root, own_of_all(), mount, source, code, text);
}

/* The place is found, the kernel refuses, and is explained. */
static void kind_refuse_want(int root, struct plan_mount mount, int source, const char *text)
{
	_cleanup_(target_cleanup) struct target target = TARGET_INIT;
	_cleanup_(fd_cleanup) int tree = tree_clone(source, "", AT_EMPTY_PATH);
	struct error err;
	int r;

	ERROR_INIT(&err);
	WANT_OK(target_open(root, NULL, &mount, source, &target, &err), &err);
	r = tree_attach(tree, target.fd);
	WANT(r < 0);
	WANT_INT(target_explain(&target, tree, error_set(&err, r, "move_mount"), &err), -ENOTDIR);
	WANT_HAS(error_text(&err), text);
}

static void links_body(void)
{
	_cleanup_(fd_cleanup) int root = FD_NONE, file = FD_NONE;

	scratch_make();
	root = root_make();
	text_write(SCRATCH "/file", "");
	file = open(SCRATCH "/file", O_PATH | O_CLOEXEC);
	WANT(mkdir(SCRATCH "/root/etc", 0755) == 0 && mkdir(SCRATCH "/victim", 0755) == 0);
	link_make(SCRATCH "/victim", "/absolute");
	link_make("../../../../../.." SCRATCH "/victim/up", "/relative");
	link_make("/run/stub", "/etc/resolv.conf");
	link_make("loop", "/loop");
	/* Resolved in the root, made there, and the place outside is left alone. */
	open_want(root, filesystem("tmpfs", "/absolute/sub"), FD_NONE, SCRATCH "/root" SCRATCH "/victim/sub");
	open_want(root, filesystem("tmpfs", "/relative"), FD_NONE, SCRATCH "/root" SCRATCH "/victim/up");
	open_want(root, bind("/etc/resolv.conf"), file, SCRATCH "/root/run/stub");
	open_want(root, bind("/a/b/c"), file, SCRATCH "/root/a/b/c");
	WANT(rmdir(SCRATCH "/victim") == 0);
	refuse_want(root, filesystem("tmpfs", "/loop"), FD_NONE, -ELOOP, "symbolic links");
}

TEST(links_stay_in_the_root)
{
	child_run(links_body);
}

static void kinds_body(void)
{
	_cleanup_(fd_cleanup) int root = FD_NONE, file = FD_NONE, directory = FD_NONE;
	struct plan_mount nofollow = bind("/link");
	struct stat st;

	scratch_make();
	root = root_make();
	text_write(SCRATCH "/root/file", "");
	WANT(mkdir(SCRATCH "/root/dir", 0700) == 0);
	file = open(SCRATCH "/root/file", O_PATH | O_CLOEXEC);
	directory = open(SCRATCH "/root/dir", O_PATH | O_CLOEXEC);
	kind_refuse_want(root, bind("/dir"), file, "a file goes on a directory");
	kind_refuse_want(root, bind("/file"), directory, "a directory goes on something else");
	refuse_want(root, filesystem("tmpfs", "/file"), FD_NONE, -ENOTDIR, "not a directory");
	refuse_want(root, bind("/file/x"), file, -ENOTDIR, "not a directory");
	open_want(root, bind("/new/dir"), directory, SCRATCH "/root/new/dir");
	WANT(stat(SCRATCH "/root/new/dir", &st) == 0 && (st.st_mode & 07777) == 0755);
	open_want(root, bind("/new/file"), file, SCRATCH "/root/new/file");
	WANT(stat(SCRATCH "/root/new/file", &st) == 0 && S_ISREG(st.st_mode) && st.st_size == 0);
	/* A link that is not followed is a place like a file. */
	link_make("/dir", "/link");
	nofollow.destination_nofollow = true;
	{
		_cleanup_(target_cleanup) struct target target = TARGET_INIT;
		struct error err;

		ERROR_INIT(&err);
		WANT_OK(target_open(root, NULL, &nofollow, file, &target, &err), &err);
		WANT(fstat(target.fd, &st) == 0 && S_ISLNK(st.st_mode) && !target.made && !target.covers);
		/* What the kernel has refused for another reason keeps that. */
		WANT_INT(target_explain(&target, file, error_set(&err, -EPERM, "move_mount"), &err), -EPERM);
		WANT_HAS(error_text(&err), "move_mount");
	}
	kind_refuse_want(root, nofollow, directory, "a directory goes on something else");
}

TEST(files_go_on_files_and_directories_on_directories)
{
	child_run(kinds_body);
}

static void root_body(void)
{
	_cleanup_(fd_cleanup) int root = FD_NONE;

	scratch_make();
	root = root_make();
	link_make("/", "/slash");
	link_make("../..", "/up");
	refuse_want(root, filesystem("tmpfs", "/"), FD_NONE, -EBUSY, "is on the top of rootfs");
	refuse_want(root, filesystem("tmpfs", "/slash"), FD_NONE, -EBUSY,
		    "mountpoint \"/slash\" is on the top of rootfs");
	refuse_want(root, filesystem("tmpfs", "/up"), FD_NONE, -EBUSY, "is on the top of rootfs");
	/* The same directory as a mount of its own is another place. */
	WANT(mkdir(SCRATCH "/root/self", 0755) == 0);
	WANT(mount(SCRATCH "/root", SCRATCH "/root/self", NULL, MS_BIND, NULL) == 0);
	open_want(root, filesystem("tmpfs", "/self"), FD_NONE, SCRATCH "/root/self");
}

TEST(nothing_goes_on_the_root)
{
	child_run(root_body);
}

/* CVE-2019-19921, CVE-2023-27561, CVE-2023-28642, CVE-2025-54867: what stands where proc or sysfs goes. */
static void real_directories_body(void)
{
	static const char *const kinds[] = {
		"/target", "target", "../../target", "/nowhere", "link", "/proc/self/root"
	};
	static const char *const types[] = { "proc", "sysfs" };
	_cleanup_(fd_cleanup) int root = FD_NONE;

	scratch_make();
	root = root_make();
	WANT(mkdir(SCRATCH "/root/target", 0755) == 0);
	for (size_t t = 0; t < ARRAY_SIZE(types); t++) {
		const char *destination = t == 0 ? "/proc" : "/sys";
		char path[64];

		snprintf(path, sizeof(path), SCRATCH "/root%s", destination);
		for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
			WANT(symlink(kinds[i], path) == 0);
			refuse_want(root, filesystem(types[t], destination), FD_NONE, -ELOOP,
				    "must be mounted on ordinary directory");
			WANT(unlink(path) == 0);
		}
		text_write(path, "");
		refuse_want(root, filesystem(types[t], destination), FD_NONE, -ENOTDIR, "not a directory");
		WANT(unlink(path) == 0 && mkfifo(path, 0600) == 0);
		refuse_want(root, filesystem(types[t], destination), FD_NONE, -ENOTDIR, "not a directory");
		WANT(unlink(path) == 0);
		open_want(root, filesystem(types[t], destination), FD_NONE, path);
	}
	link_make("/target", "/way");
	refuse_want(root, filesystem("sysfs", "/way/sys"), FD_NONE, -ELOOP, "must be mounted on ordinary directory");
	WANT(access(SCRATCH "/root/target/sys", F_OK) < 0 && access(SCRATCH "/root/nowhere", F_OK) < 0);
}

TEST(proc_and_sysfs_go_on_real_directories)
{
	child_run(real_directories_body);
}

static void procfs_body(void)
{
	_cleanup_(fd_cleanup) int root = FD_NONE, file = FD_NONE, directory = FD_NONE, proc = FD_NONE, self = FD_NONE;

	scratch_make();
	root = root_make();
	text_write(SCRATCH "/file", "");
	file = open(SCRATCH "/file", O_PATH | O_CLOEXEC);
	directory = open(SCRATCH, O_PATH | O_CLOEXEC);
	proc = open("/proc", O_PATH | O_CLOEXEC);
	self = open("/proc/self", O_PATH | O_CLOEXEC);
	WANT(mkdir(SCRATCH "/root/proc", 0755) == 0);
	/* From here on the root is known to be no procfs. */
	open_want(root, filesystem("tmpfs", "/plain"), FD_NONE, SCRATCH "/root/plain");
	open_want(root, bind("/plain"), directory, SCRATCH "/root/plain");
	WANT(own_of_all()->root.plain);
	refuse_want(root, filesystem("tmpfs", "/proc"), FD_NONE, -EPERM, "because it is not of type proc");
	refuse_want(root, bind("/proc"), directory, -EPERM, "because it is not of type proc");
	refuse_want(root, bind("/proc"), self, -EPERM, "because it is not of type proc");
	open_want(root, bind("/proc"), proc, SCRATCH "/root/proc");
	WANT(mount("proc", SCRATCH "/root/proc", "proc", 0, NULL) == 0);
	open_want(root, filesystem("proc", "/proc"), FD_NONE, SCRATCH "/root/proc");
	/* By its own name one of the few files; by a link none. */
	open_want(root, bind("/proc/uptime"), file, SCRATCH "/root/proc/uptime");
	link_make("proc/uptime", "/time");
	link_make("/proc/self", "/a");
	link_make("/proc", "/p");
	refuse_want(root, bind("/time"), file, -EPERM, "\"/time\" cannot be mounted because it is inside /proc");
	refuse_want(root, bind("/a/attr"), directory, -EPERM, "inside /proc");
	refuse_want(root, filesystem("tmpfs", "/a/attr"), FD_NONE, -EPERM, "inside /proc");
	refuse_want(root, filesystem("tmpfs", "/p"), FD_NONE, -EPERM, "inside /proc");
	refuse_want(root, bind("/p/sys/kernel"), directory, -EPERM, "inside /proc");
	refuse_want(root, bind("/proc/self/comm"), file, -ELOOP, "symlink");
	refuse_want(root, bind("/p/self/root/x"), file, -ELOOP, "symbolic links");
}

/* A root that is itself in a procfs: nothing in it is taken for plain, nor is a procfs that is mounted in a plain one. */
static void procfs_root_body(void)
{
	_cleanup_(fd_cleanup) int root = open("/proc", O_PATH | O_CLOEXEC), plain = FD_NONE;
	_cleanup_(fd_cleanup) int file = FD_NONE, directory = FD_NONE;

	scratch_make();
	text_write(SCRATCH "/file", "");
	file = open(SCRATCH "/file", O_PATH | O_CLOEXEC);
	directory = open(SCRATCH, O_PATH | O_CLOEXEC);
	refuse_want(root, bind("/uptime"), file, -EPERM, "inside /proc");
	refuse_want(root, bind("/sys/kernel"), directory, -EPERM, "inside /proc");
	WANT(own_of_all()->root.known && !own_of_all()->root.plain);
	*own_of_all() = TARGET_OWN_INIT;
	plain = root_make();
	WANT(mkdir(SCRATCH "/root/p", 0755) == 0 && mkdir(SCRATCH "/root/d", 0755) == 0);
	WANT(mount("/proc/sys", SCRATCH "/root/p", NULL, MS_BIND, NULL) == 0);
	open_want(plain, bind("/d"), directory, SCRATCH "/root/d");
	WANT(own_of_all()->root.plain);
	refuse_want(plain, bind("/p"), directory, -EPERM, "inside /proc");
	refuse_want(plain, bind("/p/kernel"), directory, -EPERM, "inside /proc");
	refuse_want(plain, bind("/d/../p/kernel"), directory, -EPERM, "inside /proc");
	refuse_want(plain, bind("/."), directory, -EBUSY, "top of rootfs");
	refuse_want(plain, bind("/"), directory, -EBUSY, "top of rootfs");
	refuse_want(plain, bind("//"), directory, -EBUSY, "top of rootfs");
}

TEST(a_procfs_is_known_wherever_it_is)
{
	child_run(procfs_root_body);
}

TEST(procfs_is_not_mounted_on)
{
	child_run(procfs_body);
}

/* CVE-2021-30465, CVE-2024-45310: another container changes the tree while a place is looked for. */
static void race_body(void)
{
	_cleanup_(fd_cleanup) int root = FD_NONE;
	pid_t pid;

	scratch_make();
	root = root_make();
	WANT(mkdir(SCRATCH "/victim", 0755) == 0 && mkdir(SCRATCH "/root/v", 0755) == 0);
	WANT(mkdir(SCRATCH "/root/v/a", 0755) == 0 && symlink("../../victim", SCRATCH "/root/v/l") == 0);
	pid = fork();
	if (pid == 0)
		for (;;)
			(void)renameat2(AT_FDCWD, SCRATCH "/root/v/a", AT_FDCWD, SCRATCH "/root/v/l", RENAME_EXCHANGE);
	for (int i = 0; i < 3000; i++) {
		_cleanup_(target_cleanup) struct target target = TARGET_INIT;
		char destination[32];
		const struct plan_mount mount = filesystem("tmpfs", destination);

		snprintf(destination, sizeof(destination), "/v/a/b%d/c", i);
		(void)!target_open(root, NULL, &mount, FD_NONE, &target, NULL);
	}
	WANT(kill(pid, SIGKILL) == 0 && waitpid(pid, NULL, 0) == pid);
	/* Not empty if anything was made there. */
	WANT(rmdir(SCRATCH "/victim") == 0);
}

TEST(races_do_not_leave_the_root)
{
	child_run(race_body);
}
