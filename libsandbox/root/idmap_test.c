/* SPDX-License-Identifier: Apache-2.0 */
/* Checks that id-mapped mounts show the mapped owners, and how they fail. */
#include "libsandbox/root/idmap.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>

#include "libbase/clock.h"
#include "libbase/kernel.h"
#include "libbase/proc.h"
#include "libbase/socket.h"
#include "libsandbox/root/fixture.h"
#include "libsandbox/root/tree.h"

static const struct spec_id_map some_map[] = { { 0, 100000, 1000 }, { 5000, 7000, 1 } };
static const struct spec_id_maps some = { some_map, 2 };

static void attach_at(int tree, const char *path)
{
	_cleanup_(fd_cleanup) int place = open(path, O_PATH | O_CLOEXEC);

	WANT_INT(tree_attach(tree, place), 0);
}

static void mapped_body(void)
{
	_cleanup_(fd_cleanup) int proc = proc_open(), namespace = FD_NONE, tree = FD_NONE, whole = FD_NONE;
	struct stat st;
	struct error err;

	ERROR_INIT(&err);
	scratch_make();
	WANT(mkdir(SCRATCH "/src", 0755) == 0 && mkdir(SCRATCH "/to", 0755) == 0 &&
	     mkdir(SCRATCH "/src/sub", 0755) == 0);
	WANT(mount("tmpfs", SCRATCH "/src/sub", "tmpfs", 0, NULL) == 0);
	text_write(SCRATCH "/src/file", "x");
	text_write(SCRATCH "/src/sub/file", "x");
	WANT(chown(SCRATCH "/src/file", 5, 5000) == 0 && chown(SCRATCH "/src/sub/file", 5, 5) == 0);
	namespace = idmap_namespace(proc, &some, &some, &err);
	WANT_OK(namespace, &err);
	WANT(fcntl(namespace, F_GETFD) & FD_CLOEXEC);
	/* The process that made it is gone. */
	WANT(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD);
	tree = tree_clone(AT_FDCWD, SCRATCH "/src", AT_RECURSIVE);
	WANT_OK(idmap_apply(tree, namespace, false, &err), &err);
	attach_at(tree, SCRATCH "/to");
	WANT(stat(SCRATCH "/to/file", &st) == 0);
	WANT_INT(st.st_uid, 100005);
	WANT_INT(st.st_gid, 7000);
	WANT(stat(SCRATCH "/to/sub/file", &st) == 0 && st.st_uid == 5);
	whole = tree_clone(AT_FDCWD, SCRATCH "/src", AT_RECURSIVE);
	WANT_OK(idmap_apply(whole, namespace, true, &err), &err);
	attach_at(whole, SCRATCH "/to");
	WANT(stat(SCRATCH "/to/sub/file", &st) == 0 && st.st_uid == 100005);
	/* The source is as it was. */
	WANT(stat(SCRATCH "/src/file", &st) == 0 && st.st_uid == 5);
}

TEST(owners_are_mapped)
{
	child_run(mapped_body);
}

static void refused_body(void)
{
	static const struct spec_id_map overlap_map[] = { { 0, 100000, 1000 }, { 10, 200000, 1000 } };
	static const struct spec_id_maps overlap = { overlap_map, 2 }, none = { NULL, 0 };
	_cleanup_(fd_cleanup) int proc = proc_open(), namespace = FD_NONE, tree = FD_NONE, procfs = FD_NONE;
	struct error err;

	ERROR_INIT(&err);
	scratch_make();
	WANT_INT(idmap_namespace(proc, &overlap, &some, &err), -EINVAL);
	WANT_HAS(error_text(&err), "write the uid map of an id-mapped mount");
	WANT_INT(idmap_namespace(proc, &some, &overlap, &err), -EINVAL);
	WANT_HAS(error_text(&err), "write the gid map of an id-mapped mount");
	WANT_INT(idmap_namespace(proc, &some, &none, &err), -EINVAL);
	WANT_HAS(error_text(&err), "id-mapped mounts must have both uid and gid mappings specified");
	WANT(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD);
	namespace = idmap_namespace(proc, &some, &some, &err);
	WANT_OK(namespace, &err);
	tree = tree_clone(AT_FDCWD, SCRATCH, 0);
	WANT_OK(idmap_apply(tree, namespace, false, &err), &err);
	WANT_INT(idmap_apply(tree, namespace, false, &err), -EPERM);
	WANT_HAS(error_text(&err), "id-mapped already");
	procfs = tree_clone(AT_FDCWD, "/proc", 0);
	WANT_INT(idmap_apply(procfs, namespace, false, &err), -EINVAL);
	WANT_HAS(error_text(&err), "cannot be id-mapped");
}

TEST(refusals_are_told)
{
	child_run(refused_body);
}

/* -- who makes the namespace is killed ------------------------------------------------------------------------------------------------ */

static pid_t maker;
static int tell_fd;

/* In the namespace's process, when it asks to die with its maker: it is held up there until it is too late for that. */
static void maker_awaited(int number)
{
	const pid_t own = getpid();

	(void)number;
	(void)!write(tell_fd, &own, sizeof(own));
	while (getppid() == maker)
		(void)usleep(1000);
}

/* Dies at the first file that is opened, which is the map's. */
static void maker_body(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_prctl, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PR_SET_PDEATHSIG, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog filter = { ARRAY_SIZE(code), code };
	const struct sigaction await = { .sa_handler = maker_awaited };
	_cleanup_(fd_cleanup) int proc = proc_open();
	struct error err;

	ERROR_INIT(&err);
	maker = getpid();
	WANT_INT(sigaction(SIGSYS, &await, NULL), 0);
	WANT_INT(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
	WANT_INT(kernel_seccomp(SECCOMP_SET_MODE_FILTER, 0, &filter), 0);
	(void)!idmap_namespace(proc, &some, &some, &err);
	_exit(SKIPPED);
}

TEST(nobody_is_left_by_a_maker_that_was_killed)
{
	_cleanup_(fd_cleanup) int hear_fd = FD_NONE;
	int ends[2], status, r;
	pid_t pid, holder = 0;

	CHECK_INT(pipe2(ends, O_CLOEXEC), 0);
	hear_fd = ends[0];
	tell_fd = ends[1];
	pid = fork();
	CHECK(pid >= 0);
	if (pid == 0)
		maker_body();
	fd_cleanup(&tell_fd);
	CHECK_INT(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == SKIPPED)
		check_skip("no right to make a user namespace");
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
	CHECK_INT(read(hear_fd, &holder, sizeof(holder)), sizeof(holder));
	/* The pipe's other end is its own. */
	r = socket_wait(hear_fd, POLLIN, clock_deadline_ns(20000));
	if (r < 0)
		(void)kill(holder, SIGKILL);
	CHECK(r > 0);
}
