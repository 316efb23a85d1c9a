/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes init: a clone of the host side, straight into its new namespaces and its cgroup.
 *
 *     direct      the host side clones init
 *     via joiner  the host side forks a joiner, which enters the joined namespaces (or writes time offsets), clones init as the host side's
 *                 own child (CLONE_PARENT) and leaves: a pid or time namespace takes effect for children only, and entering a user namespace
 *                 cannot be taken back
 *
 * Pages: clone(2), setns(2), pid_namespaces(7), time_namespaces(7), user_namespaces(7).
 */
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "libbase/clock.h"
#include "libbase/kernel.h"
#include "libbase/socket.h"
#include "libsandbox/cgroup/bus.h"
#include "libsandbox/cgroup/control.h"
#include "libsandbox/ns/join.h"
#include "libsandbox/ns/time.h"
#include "libsandbox/steps/birth.h"
#include "libsandbox/steps/init.h"
#include "libsandbox/steps/run.h"
#include "libsandbox/steps/sync.h"
#include "libsandbox/steps/when.h"

#define JOINER_TIMEOUT_MS 30000
#define LEAVE_TIMEOUT_MS  5000

/*
 * Who owns the unit's cgroup may still not be let in: the kernel wants the files of the common ancestor to be his as well, and the user's session
 * stands outside of what his service manager was given (the kernel's cgroup-v2.rst, "Delegation Containment"). Then "unit-attach" moves it.
 */
static bool may_be_attached(const struct sandbox *sandbox, int error_number)
{
	return sandbox->exec && sandbox->plan->cgroup.unit &&
	       (error_number == EACCES || error_number == EPERM || error_number == ENOENT);
}

/* Without the cgroup namespace, whose root would be the caller's cgroup: init makes it when it is in its own. */
static pid_t clone_init(struct sandbox *sandbox, uint64_t flags, int *ret_pidfd)
{
	struct clone_args args = {
		.flags = (flags & ~(uint64_t)CLONE_NEWCGROUP) | CLONE_PIDFD | CLONE_CLEAR_SIGHAND,
		.pidfd = (uint64_t)(uintptr_t)ret_pidfd,
		.exit_signal = flags & CLONE_PARENT ? 0 : SIGCHLD,
	};
	pid_t pid;

	if (sandbox->cgroup_fd >= 0 && !sandbox->moves_in) {
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = (uint64_t)sandbox->cgroup_fd;
	}
	pid = kernel_clone3(&args, sizeof(args));
	if (pid < 0 && (args.flags & CLONE_INTO_CGROUP) && may_be_attached(sandbox, errno)) {
		args.flags &= ~CLONE_INTO_CGROUP;
		pid = kernel_clone3(&args, sizeof(args));
	}
	return pid;
}

/* Born elsewhere, it waits for its cgroup before all else: its table may have no row for that. */
static bool is_moved_in(const struct sandbox *sandbox)
{
	return sandbox->moves_in && sandbox->cgroup_fd >= 0;
}

/* In the clone: become the init side. The host's end must close here, or its death would not be seen. */
static _Noreturn void init_enter(struct sandbox *sandbox, int host_end, int init_end, struct error *err)
{
	bus_leave(sandbox->bus);
	(void)fd_close(host_end);
	sandbox->dialogue_fd = init_end;
	sandbox->init_pidfd = fd_close(sandbox->init_pidfd);
	if (is_moved_in(sandbox) && sync_read(init_end, MESSAGE_GO, err) < 0)
		_exit(EXIT_FAILURE);
	init_main(sandbox, err);
}

static int spawn_direct(struct sandbox *sandbox, int host_end, int init_end, struct error *err)
{
	const struct plan_namespaces *namespaces = &sandbox->plan->namespaces;
	const uint64_t flags = namespaces->new_flags & ~namespaces->handed_flags;
	pid_t pid = clone_init(sandbox, flags, &sandbox->init_pidfd);
	int code = pid < 0 ? -errno : 0, followed = 0;

	/* The kernel says that the container's cgroup takes no processes any more: seldom, so that nobody looks before. */
	if (code == -EBUSY && sandbox->exec)
		followed = run_cgroup_follow(sandbox, err);
	if (followed > 0) {
		pid = clone_init(sandbox, flags, &sandbox->init_pidfd);
		code = pid < 0 ? -errno : 0;
	}
	if (pid == 0)
		init_enter(sandbox, host_end, init_end, err);
	if (pid < 0) {
		sandbox->init_pidfd = FD_NONE;
		return followed < 0 ? followed : error_set(err, code, "clone init");
	}
	sandbox->init_pid = pid;
	return 0;
}

/* Offsets can be written as long as nobody is in the namespace: unshared here, entered by init's birth. */
static int clocks_unshare(struct sandbox *sandbox, struct error *err)
{
	if (unshare(CLONE_NEWTIME) < 0)
		return error_set(err, -errno, "unshare the time namespace");
	return time_offsets_write(sandbox->proc_fd, sandbox->plan->time_offsets, sandbox->plan->time_offset_count, err);
}

/*
 * Who may not set clocks here may do so in a user namespace of his own: it has to come first then, and is the container's. Its maps are written
 * through init, as ever. Its /proc files must be the caller's until then, so the joiner is dumpable, and init is born so.
 */
static int clocks_prepare(struct sandbox *sandbox, uint64_t *flags, struct error *err)
{
	int r = clocks_unshare(sandbox, err);

	if (r == -EPERM && (*flags & CLONE_NEWUSER)) {
		if (unshare(CLONE_NEWUSER) < 0)
			return error_set(err, -errno, "unshare the user namespace");
		*flags &= ~(uint64_t)CLONE_NEWUSER;
		(void)prctl(PR_SET_DUMPABLE, 1);
		r = clocks_unshare(sandbox, err);
	}
	*flags &= ~(uint64_t)CLONE_NEWTIME;
	return r;
}

/* Where cgroup2 is mounted with nsdelegate, a process in a cgroup namespace cannot clone into a cgroup from outside of it. */
static int joiner_enter(const struct sandbox *sandbox, struct error *err)
{
	const struct plan_namespaces *namespaces = &sandbox->plan->namespaces;
	int fds[NAMESPACE_TYPES];

	if (namespaces->of_target)
		return namespaces_join_process(sandbox->target_pidfd,
					       namespaces->join_flags & ~(uint64_t)CLONE_NEWCGROUP, err);
	for (size_t i = 0; i < NAMESPACE_TYPES; i++) {
		const struct name *name = namespaces->items[i].name;

		fds[i] = name && name->value == NAMESPACE_CGROUP ? FD_NONE : sandbox->namespace_fds[i];
	}
	return namespaces_join(namespaces, fds, err);
}

/* The joiner: enter what is joined, prepare what init is to be born into, clone it, tell the host side its pid. */
static int joiner_work(struct sandbox *sandbox, int host_end, int init_end, int tell_fd, struct error *err)
{
	const struct plan *plan = sandbox->plan;
	uint64_t flags = plan->namespaces.new_flags;
	_cleanup_(fd_cleanup) int pidfd = FD_NONE;
	pid_t pid;
	int r = joiner_enter(sandbox, err);

	if (r < 0)
		return r;
	if (plan->time_offset_count > 0) {
		r = clocks_prepare(sandbox, &flags, err);
		if (r < 0)
			return r;
	}
	pid = clone_init(sandbox, flags | CLONE_PARENT, &pidfd);
	if (pid == 0) {
		/* The joiner's death must be seen, too. */
		(void)fd_close(tell_fd);
		init_enter(sandbox, host_end, init_end, err);
	}
	if (pid < 0)
		return error_set(err, -errno, "clone init");
	/* The joiner's own pid namespace stays what it was: its number of init is the host side's. */
	r = sync_send(tell_fd, MESSAGE_SPAWNED, (int32_t)pid, NULL, pidfd);
	return r < 0 ? error_set(err, r, "tell init's pid") : 0;
}

static _Noreturn void joiner_main(struct sandbox *sandbox, int host_end, int init_end, int tell_fd)
{
	struct error err;
	int r;

	ERROR_INIT(&err);
	(void)prctl(PR_SET_NAME, "orlop:join");
	(void)prctl(PR_SET_DUMPABLE, 0);
	sandbox->spare_fd = fd_close(sandbox->spare_fd);
	r = joiner_work(sandbox, host_end, init_end, tell_fd, &err);
	if (r < 0)
		sync_send_error(tell_fd, &err);
	_exit(r < 0 ? EXIT_FAILURE : EXIT_SUCCESS);
}

static int spawn_joined(struct sandbox *sandbox, int host_end, int init_end, struct error *err)
{
	_cleanup_(fd_cleanup) int hear_fd = FD_NONE, tell_fd = FD_NONE;
	int pair[2], status, r;
	pid_t joiner;

	r = socket_pair(pair);
	if (r < 0)
		return error_set(err, r, "make the joiner's socket");
	hear_fd = pair[0];
	tell_fd = pair[1];
	joiner = fork();
	if (joiner == 0)
		joiner_main(sandbox, host_end, init_end, tell_fd);
	if (joiner < 0)
		return error_set(err, -errno, "fork the joiner");
	fd_cleanup(&tell_fd);
	r = sync_expect_spawned(hear_fd, joiner, clock_deadline_ns(JOINER_TIMEOUT_MS), &sandbox->init_pid,
				&sandbox->init_pidfd, err);
	if (r == -ETIMEDOUT)
		(void)kill(joiner, SIGKILL);
	while (waitpid(joiner, &status, 0) < 0 && errno == EINTR)
		;
	if (r == -ECONNRESET)
		return error_say(err, -ECHILD, "the joiner died (wait status 0x%x)", (unsigned int)status);
	return r;
}

/*
 * A joiner that died may have cloned an init that it did not tell of. Without a host side that one leaves; when its end of the dialogue is closed it
 * is gone.
 */
static void untold_init_dismiss(int dialogue_fd)
{
	int64_t deadline_ns = clock_deadline_ns(LEAVE_TIMEOUT_MS);
	int r = shutdown(dialogue_fd, SHUT_WR);

	while (r >= 0 && !(r & POLLHUP))
		r = socket_wait(dialogue_fd, 0, deadline_ns);
}

/*
 * As long as the descriptor of its mount is open, somebody with the right to mount could make the runtime's file writable (runtime/self_exe.h). But the
 * kernel takes its time for the last close of it. So init has the last one, and closes it where it has time (run_pivot), long before READY, unless
 * processes of the container see init before that, and its /proc/PID/exe.
 */
static bool is_seen_at_once(const struct plan *plan)
{
	return !plan->namespaces.born_last &&
	       (!(plan->namespaces.new_flags & CLONE_NEWPID) || when_container_hooks(plan));
}

static int init_move_in(const struct sandbox *sandbox, struct error *err)
{
	int r = cgroup_move(sandbox->cgroup_fd, sandbox->init_pid, err);

	if (r < 0)
		return r;
	r = sync_send(sandbox->dialogue_fd, MESSAGE_GO, 0, NULL, FD_NONE);
	/* One that is gone will be seen to be. */
	return r < 0 && r != -EPIPE ? error_set(err, r, "tell init that it is in its cgroup") : 0;
}

/* Before the clone: a joiner sees the container's /proc, who is moved there is born by then, and systemd is told a cgroup by its name. */
static bool follows_at_once(const struct sandbox *sandbox)
{
	const struct plan *plan = sandbox->plan;

	return sandbox->exec && (plan->namespaces.via_joiner || sandbox->moves_in || plan->cgroup.unit);
}

int run_spawn(struct sandbox *sandbox, struct error *err)
{
	int pair[2];
	int r = socket_pair(pair);

	if (r < 0)
		return error_set(err, r, "make the dialogue's socket");
	sandbox->dialogue_fd = pair[0];
	if (is_seen_at_once(sandbox->plan))
		fd_cleanup(&sandbox->spare_fd);
	r = sandbox->plan->namespaces.born_last ? birth_prepare(sandbox, err) : 0;
	if (r == 0 && follows_at_once(sandbox))
		r = run_cgroup_follow(sandbox, err);
	sandbox->born_after_ns = clock_boot_ns();
	if (r >= 0)
		r = sandbox->plan->namespaces.via_joiner ? spawn_joined(sandbox, pair[0], pair[1], err)
							 : spawn_direct(sandbox, pair[0], pair[1], err);
	sandbox->born_before_ns = clock_boot_ns();
	(void)fd_close(pair[1]);
	/* Init has its own, unless a joiner made it. */
	fd_cleanup(&sandbox->spare_fd);
	if (r == 0)
		r = birth_allow(sandbox, err);
	if (r < 0 && sandbox->plan->namespaces.via_joiner)
		untold_init_dismiss(pair[0]);
	/* Its end of file is the process's to make. The other pipe's reader stays: nobody who is gone shall raise SIGPIPE. */
	fd_cleanup(&sandbox->up_fds[1]);
	sandbox->state.pid = sandbox->init_pid;
	return r == 0 && is_moved_in(sandbox) ? init_move_in(sandbox, err) : r;
}

static void init_end(struct sandbox *sandbox)
{
	siginfo_t info;

	sandbox->stillborn =
		sandbox->cgroup_fd >= 0 && !sandbox->moves_in && trace_began(&sandbox->trace, TRACE_INIT) < 0;
	(void)pidfd_send_signal(sandbox->init_pidfd, SIGKILL, NULL, 0);
	while (waitid(P_PIDFD, (id_t)sandbox->init_pidfd, &info, WEXITED) < 0 && errno == EINTR)
		;
	sandbox->init_pidfd = fd_close(sandbox->init_pidfd);
	sandbox->init_pid = 0;
}

void undo_spawn(struct sandbox *sandbox)
{
	if (sandbox->init_pidfd >= 0)
		init_end(sandbox);
	birth_undo(sandbox);
}
