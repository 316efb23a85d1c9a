/* SPDX-License-Identifier: Apache-2.0 */
/* Opening and joining namespaces, against the kernel: what is refused, and the order that two user namespaces make necessary. */
#include "libsandbox/ns/join.h"

#include <signal.h>
#include <sys/prctl.h>

#include "libsandbox/ns/fixture.h"
#include "libspec/names.h"

static void add(struct plan_namespaces *to, int type, const char *path)
{
	to->items[to->count++] = (struct plan_namespace){ .name = name_of(&names_namespaces, type), .path = path };
}

static int open_fds(void)
{
	int count = 0;

	for (int fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

static void refused(int type, const char *path, const char *words)
{
	struct plan_namespaces namespaces = { .count = 0 };
	int fds[NAMESPACE_TYPES], before = open_fds();
	struct error err;

	ERROR_INIT(&err);
	add(&namespaces, NAMESPACE_UTS, "/proc/self/ns/uts");
	add(&namespaces, type, path);
	CHECK(namespaces_open(&namespaces, fds, &err) < 0);
	CHECK_HAS(err.text, words);
	CHECK_INT(fds[0], FD_NONE);
	CHECK_INT(open_fds(), before);
}

TEST(what_is_no_such_namespace_is_refused)
{
	char fifo[] = "/tmp/orlop-ns-XXXXXX";

	refused(NAMESPACE_NETWORK, "/proc/self/ns/pid",
		"namespace 'network' at '/proc/self/ns/pid': is a pid namespace");
	refused(NAMESPACE_PID, "/proc/self/ns/mnt", "is a mount namespace");
	refused(NAMESPACE_NETWORK, "/etc/passwd", "namespace 'network' at '/etc/passwd': is not a namespace");
	refused(NAMESPACE_NETWORK, "/proc/self/status", "is not a namespace");
	refused(NAMESPACE_IPC, "/nowhere/at/all", "namespace 'ipc' at '/nowhere/at/all': No such file or directory");

	CHECK(mkdtemp(fifo));
	CHECK_INT(rmdir(fifo), 0);
	CHECK_INT(mkfifo(fifo, 0600), 0);
	refused(NAMESPACE_IPC, fifo, "is not a namespace"); /* and does not wait for a writer */
	unlink(fifo);
}

TEST(new_ones_get_no_descriptor)
{
	struct plan_namespaces namespaces = { .count = 0 };
	int fds[NAMESPACE_TYPES];
	struct error err;

	ERROR_INIT(&err);
	add(&namespaces, NAMESPACE_NETWORK, NULL);
	add(&namespaces, NAMESPACE_IPC, "/proc/self/ns/ipc");
	CHECK_INT(namespaces_open(&namespaces, fds, &err), 0);
	CHECK_INT(fds[0], FD_NONE);
	CHECK(fds[1] >= 0);
	CHECK(fcntl(fds[1], F_GETFD) & FD_CLOEXEC);
	CHECK_INT(fds[2], FD_NONE);
	fd_close(fds[1]);
}

/* A process that waits in namespaces of its own until its parent is gone. */
static pid_t hold(int flags_first, int flags_then)
{
	int pipe_fds[2];
	char byte;
	pid_t pid;

	WANT(pipe2(pipe_fds, O_CLOEXEC) == 0);
	pid = fork();
	WANT(pid >= 0);
	if (pid == 0) {
		bool made = unshare(flags_first) == 0 && (flags_then == 0 || unshare(flags_then) == 0);

		(void)!write(pipe_fds[1], made ? "1" : "0", 1);
		wait_for_parent();
	}
	WANT(read(pipe_fds[0], &byte, 1) == 1);
	if (byte != '1') {
		kill(pid, SIGKILL);
		SKIP("no right to make the namespaces");
	}
	close(pipe_fds[0]);
	close(pipe_fds[1]);
	return pid;
}

static const char *ns_path(pid_t pid, const char *name, char to[64])
{
	snprintf(to, 64, "/proc/%d/ns/%s", (int)pid, name);
	return to;
}

/* Links are read before: they may be out of reach from inside. */
static void link_read(const char *path, char to[64])
{
	ssize_t n = readlink(path, to, 63);

	WANT(n > 0);
	to[n] = '\0';
}

static void want_in(const char *link)
{
	char path[64], ours[64];

	WANT(link);
	snprintf(path, sizeof(path), "/proc/self/ns/%.*s", (int)strcspn(link, ":"), link ? link : "");
	link_read(path, ours);
	WANT_TEXT(ours, link);
}

/* Nobody special owns a user namespace and what is in it: the others open up only behind the user namespace. */
CHILD(namespaces_of_a_user_namespace_are_joined_behind_it)
{
	struct plan_namespaces namespaces = { .count = 0 };
	int fds[NAMESPACE_TYPES];
	char user[64], net[64], uts[64], links[3][64];
	struct error err;
	pid_t pid;

	ERROR_INIT(&err);
	need_root();
	WANT(setresgid(1234, 1234, 1234) == 0 && setresuid(1234, 1234, 1234) == 0);
	/* commit_creds() made us undumpable, which hides our children's files in /proc from us. */
	WANT(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == 0);
	pid = hold(CLONE_NEWUSER, CLONE_NEWNET | CLONE_NEWUTS);
	add(&namespaces, NAMESPACE_USER, ns_path(pid, "user", user));
	add(&namespaces, NAMESPACE_NETWORK, ns_path(pid, "net", net));
	add(&namespaces, NAMESPACE_UTS, ns_path(pid, "uts", uts));
	WANT_OK(namespaces_open(&namespaces, fds, &err), &err);
	WANT(setns(fds[1], CLONE_NEWNET) < 0);
	link_read(user, links[0]);
	link_read(net, links[1]);
	link_read(uts, links[2]);
	WANT_OK(namespaces_join(&namespaces, fds, &err), &err);
	for (int i = 0; i < 3; i++)
		want_in(links[i]);
	kill(pid, SIGKILL);
}

/* One that the host owns is closed to whoever has entered the user namespace. */
CHILD(namespaces_of_the_host_are_joined_before_it)
{
	struct plan_namespaces namespaces = { .count = 0 };
	int fds[NAMESPACE_TYPES];
	char user[64], ipc[64], mnt[64], links[3][64];
	pid_t inner, outer;
	struct error err;

	ERROR_INIT(&err);
	need_root();
	inner = hold(CLONE_NEWUSER, CLONE_NEWNS);
	outer = hold(CLONE_NEWIPC, 0);
	add(&namespaces, NAMESPACE_USER, ns_path(inner, "user", user));
	add(&namespaces, NAMESPACE_IPC, ns_path(outer, "ipc", ipc));
	add(&namespaces, NAMESPACE_MOUNT, ns_path(inner, "mnt", mnt));
	link_read(user, links[0]);
	link_read(ipc, links[1]);
	link_read(mnt, links[2]);
	WANT_OK(namespaces_open(&namespaces, fds, &err), &err);
	WANT_OK(namespaces_join(&namespaces, fds, &err), &err);
	for (int i = 0; i < 3; i++)
		want_in(links[i]);
	kill(inner, SIGKILL);
	kill(outer, SIGKILL);
}

CHILD(a_denial_names_the_namespace)
{
	struct plan_namespaces namespaces = { .count = 0 };
	int fds[NAMESPACE_TYPES];
	struct error err;

	ERROR_INIT(&err);
	need_root();
	add(&namespaces, NAMESPACE_NETWORK, "/proc/self/ns/net");
	WANT_OK(namespaces_open(&namespaces, fds, &err), &err);
	WANT(setresuid(1234, 1234, 1234) == 0);
	WANT_INT(namespaces_join(&namespaces, fds, &err), -EPERM);
	WANT_TEXT(err.text, "join namespace 'network' at '/proc/self/ns/net': Operation not permitted");
}

CHILD(our_own_user_namespace_cannot_be_joined)
{
	struct plan_namespaces namespaces = { .count = 0 };
	int fds[NAMESPACE_TYPES];
	struct error err;

	ERROR_INIT(&err);
	need_root();
	add(&namespaces, NAMESPACE_USER, "/proc/self/ns/user");
	WANT_OK(namespaces_open(&namespaces, fds, &err), &err);
	WANT_INT(namespaces_join(&namespaces, fds, &err), -EINVAL);
	WANT_HAS(err.text, "join namespace 'user' at '/proc/self/ns/user': it is the one that we are in already");
}

CHILD(a_cgroup_namespace_is_left_for_a_new_one)
{
	char before[64] = "", after[64] = "";
	struct error err;

	ERROR_INIT(&err);
	need_root();
	WANT(readlink("/proc/self/ns/cgroup", before, sizeof(before) - 1) > 0);
	WANT_OK(cgroup_namespace_unshare(&err), &err);
	WANT(readlink("/proc/self/ns/cgroup", after, sizeof(after) - 1) > 0);
	WANT(strcmp(before, after) != 0);
}

CHILD(who_is_dead_has_no_namespaces_to_join)
{
	struct error err;
	int pidfd;
	pid_t pid;

	ERROR_INIT(&err);
	need_root();
	pid = fork();
	if (pid == 0)
		_exit(0);
	pidfd = pidfd_open(pid, 0);
	WANT(pidfd >= 0);
	for (int reaped = 0; reaped < 2; reaped++) {
		siginfo_t info;

		WANT(waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED | (reaped ? 0 : WNOWAIT)) == 0);
		WANT_INT(namespaces_join_process(pidfd, CLONE_NEWUTS | CLONE_NEWNS, &err), -ESRCH);
		WANT_TEXT(err.text, "the container's init has ended");
	}
	WANT_INT(namespaces_join_process(pidfd, CLONE_NEWUTS, &err), -ESRCH);
}

/* What run_stands_at_root believes. */
CHILD(who_joins_a_mount_namespace_stands_at_its_root)
{
	struct stat here, root;
	struct error err;
	char path[64];
	int pidfd, ready[2];
	pid_t pid;

	ERROR_INIT(&err);
	need_root();
	WANT(pipe(ready) == 0);
	pid = fork();
	if (pid == 0) {
		WANT(unshare(CLONE_NEWNS) == 0 && write(ready[1], "x", 1) == 1);
		wait_for_parent();
	}
	pidfd = pidfd_open(pid, 0);
	WANT(pidfd >= 0 && read(ready[0], path, 1) == 1);
	WANT(chdir("/proc/self") == 0);
	WANT_OK(namespaces_join_process(pidfd, CLONE_NEWNS, &err), &err);
	WANT(stat(".", &here) == 0 && stat("/", &root) == 0);
	WANT(here.st_ino == root.st_ino && here.st_dev == root.st_dev);
	WANT(getcwd(path, sizeof(path)));
	WANT_TEXT(path, "/");
	WANT(kill(pid, SIGKILL) == 0);
}
