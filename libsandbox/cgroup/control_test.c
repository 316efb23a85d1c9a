/* SPDX-License-Identifier: Apache-2.0 */
/* On real processes in the machine's own cgroup2 tree. */
#include "libsandbox/cgroup/control.h"

#include <sys/mman.h>

#include "conformance/unit/check.h"
#include "libsandbox/cgroup/test_tree.h"

#define SOON_MS 5000

static struct error err;

TEST(a_frozen_cgroup_stands_still)
{
	_cleanup_(tree_close) struct tree tree = tree_open("freeze");
	volatile unsigned long *count =
		mmap(NULL, sizeof(*count), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct cgroup_events events;
	unsigned long seen;
	pid_t pid;

	CHECK(count != MAP_FAILED);
	pid = fork();
	CHECK(pid >= 0);
	if (pid == 0) {
		for (;;)
			(*count)++;
	}
	CHECK_INT(cgroup_move(tree.fd, pid, &err), 0);
	CHECK_INT(cgroup_freeze(tree.fd, SOON_MS, &err), 0);
	CHECK_INT(cgroup_events_read(tree.fd, &events), 0);
	CHECK(events.frozen && events.populated);
	seen = *count;
	usleep(20000);
	CHECK(*count == seen);
	CHECK_INT(cgroup_thaw(tree.fd, SOON_MS, &err), 0);
	for (int i = 0; i < 500 && *count == seen; i++)
		usleep(10000);
	CHECK(*count != seen);
	/* Both again: no error. */
	CHECK_INT(cgroup_thaw(tree.fd, SOON_MS, &err), 0);
	CHECK_INT(cgroup_freeze(tree.fd, SOON_MS, &err), 0);
	CHECK_INT(cgroup_freeze(tree.fd, SOON_MS, &err), 0);
	/* A frozen one is killed all the same. */
	CHECK_INT(cgroup_kill(tree.fd, &err), 0);
	CHECK_INT(child_signal(pid), SIGKILL);
	CHECK(munmap((void *)(uintptr_t)count, sizeof(*count)) == 0);
}

TEST(a_cgroup_above_can_keep_it_frozen)
{
	_cleanup_(tree_close) struct tree tree = tree_open("frozen-above");
	_cleanup_(fd_cleanup) int below = directory_in(tree.fd, "below");

	child_in(below);
	CHECK_INT(cgroup_freeze(tree.fd, SOON_MS, &err), 0);
	ERROR_INIT(&err);
	CHECK_INT(cgroup_thaw(below, 50, &err), -EBUSY);
	CHECK_HAS(err.text, "one above it is frozen");
	CHECK_INT(cgroup_thaw(tree.fd, SOON_MS, &err), 0);
}

TEST(kill_reaches_everything_below)
{
	_cleanup_(tree_close) struct tree tree = tree_open("kill");
	_cleanup_(fd_cleanup) int below = directory_in(tree.fd, "below");
	struct cgroup_events events;
	pid_t here = child_in(tree.fd), there = child_in(below);

	ERROR_INIT(&err);
	CHECK_INT(cgroup_wait_empty(tree.fd, 20, &err), -ETIMEDOUT);
	CHECK_HAS(err.text, "still has processes after 20 ms");
	CHECK_INT(cgroup_kill(tree.fd, &err), 0);
	CHECK_INT(child_signal(here), SIGKILL);
	CHECK_INT(child_signal(there), SIGKILL);
	CHECK_INT(cgroup_wait_empty(tree.fd, SOON_MS, &err), 0);
	CHECK_INT(cgroup_events_read(tree.fd, &events), 0);
	CHECK(!events.populated);
	/* Nobody left: still no error. */
	CHECK_INT(cgroup_kill(tree.fd, &err), 0);
}

static bool pids_have(const pid_t *pids, size_t count, pid_t pid)
{
	for (size_t i = 0; i < count; i++) {
		if (pids[i] == pid)
			return true;
	}
	return false;
}

TEST(processes_are_listed_here_and_below)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	_cleanup_(tree_close) struct tree tree = tree_open("pids");
	_cleanup_(fd_cleanup) int below = directory_in(tree.fd, "below");
	_cleanup_(fd_cleanup) int deeper = directory_in(below, "deeper");
	pid_t *pids, children[200];
	size_t count;

	CHECK_INT(cgroup_pids(tree.fd, true, &arena, &pids, &count, &err), 0);
	CHECK_INT(count, 0);
	for (size_t i = 0; i < ARRAY_SIZE(children); i++)
		children[i] = child_in(i < 2 ? tree.fd : i < 5 ? below : deeper);
	CHECK_INT(cgroup_pids(tree.fd, false, &arena, &pids, &count, &err), 0);
	CHECK_INT(count, 2);
	CHECK_INT(cgroup_pids(below, false, &arena, &pids, &count, &err), 0);
	CHECK_INT(count, 3);
	CHECK_INT(cgroup_pids(tree.fd, true, &arena, &pids, &count, &err), 0);
	CHECK_INT(count, ARRAY_SIZE(children));
	for (size_t i = 0; i < ARRAY_SIZE(children); i++)
		CHECK(pids_have(pids, count, children[i]));
}

TEST(threads_are_listed_where_processes_cannot_be)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	_cleanup_(tree_close) struct tree tree = tree_open("threads");
	_cleanup_(fd_cleanup) int below = directory_in(tree.fd, "below");
	pid_t *pids, pid;
	size_t count;
	char number[16];

	CHECK_INT(cgroup_file_write(below, "cgroup.type", "threaded", strlen("threaded")), 0);
	pid = child_in(tree.fd);
	snprintf(number, sizeof(number), "%d", (int)pid);
	CHECK_INT(cgroup_file_write(below, "cgroup.threads", number, strlen(number)), 0);
	CHECK_INT(cgroup_pids(below, true, &arena, &pids, &count, &err), 0);
	CHECK_INT(count, 1);
	CHECK_INT(pids[0], pid);
	/* cgroup.kill is refused here: one by one then. */
	CHECK_INT(cgroup_kill(below, &err), 0);
	CHECK_INT(child_signal(pid), SIGKILL);
}

TEST(a_signal_goes_to_all_once)
{
	_cleanup_(tree_close) struct tree tree = tree_open("signal");
	_cleanup_(fd_cleanup) int below = directory_in(tree.fd, "below");
	pid_t here = child_in(tree.fd), there = child_in(below);
	char state[8];

	CHECK_INT(cgroup_signal(tree.fd, SIGUSR1, &err), 0);
	CHECK_INT(child_signal(here), SIGUSR1);
	CHECK_INT(child_signal(there), SIGUSR1);

	/* Frozen before, frozen after. Whether a deadly signal wakes a frozen process at once is up to chance. */
	here = child_in(tree.fd);
	CHECK_INT(cgroup_freeze(tree.fd, SOON_MS, &err), 0);
	CHECK_INT(cgroup_signal(tree.fd, SIGTERM, &err), 0);
	CHECK_INT(cgroup_file_read_small(tree.fd, "cgroup.freeze", state, sizeof(state)), 0);
	CHECK_TEXT(state, "1");
	CHECK_INT(cgroup_thaw(tree.fd, SOON_MS, &err), 0);
	CHECK_INT(child_signal(here), SIGTERM);

	here = child_in(tree.fd);
	CHECK_INT(cgroup_signal(tree.fd, SIGKILL, &err), 0);
	CHECK_INT(child_signal(here), SIGKILL);
}

TEST(a_signal_without_processes)
{
	_cleanup_(tree_close) struct tree tree = tree_open("signal-empty");
	struct cgroup_events events;

	CHECK_INT(cgroup_signal(tree.fd, SIGTERM, &err), 0);
	CHECK_INT(cgroup_events_read(tree.fd, &events), 0);
	CHECK(!events.frozen);
}

TEST(a_process_that_is_gone_cannot_be_moved)
{
	_cleanup_(tree_close) struct tree tree = tree_open("move");
	pid_t pid = child_in(tree.fd);

	CHECK_INT(cgroup_kill(tree.fd, &err), 0);
	CHECK_INT(child_signal(pid), SIGKILL);
	CHECK_INT(cgroup_move(tree.fd, pid, &err), -ESRCH);
}

TEST(a_cgroup_that_was_removed)
{
	_cleanup_(tree_close) struct tree tree = tree_open("gone");
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	_cleanup_(fd_cleanup) int gone = directory_in(tree.fd, "gone");
	struct cgroup_events events;
	pid_t *pids;
	size_t count;

	CHECK(unlinkat(tree.fd, "gone", AT_REMOVEDIR) == 0);
	CHECK_INT(cgroup_events_read(gone, &events), -ENODEV);
	CHECK_INT(cgroup_wait_empty(gone, 0, &err), 0);
	CHECK_INT(cgroup_kill(gone, &err), -ENODEV);
	check_not_missing(err.text);
	CHECK_INT(cgroup_freeze(gone, 0, &err), -ENODEV);
	check_not_missing(err.text);
	CHECK_INT(cgroup_thaw(gone, 0, &err), -ENODEV);
	check_not_missing(err.text);
	CHECK_INT(cgroup_move(gone, getpid(), &err), -ENODEV);
	check_not_missing(err.text);
	CHECK_INT(cgroup_pids(gone, true, &arena, &pids, &count, &err), -ENODEV);
	check_not_missing(err.text);
	CHECK_INT(cgroup_signal(gone, SIGTERM, &err), -ENODEV);
	check_not_missing(err.text);
}

TEST(a_removed_cgroup_ends_a_wait)
{
	_cleanup_(tree_close) struct tree tree = tree_open("wait");
	pid_t pid = child_in(tree.fd), killer = fork();

	CHECK(killer >= 0);
	if (killer == 0) {
		usleep(50000);
		_exit(kill(pid, SIGKILL) < 0);
	}
	CHECK_INT(cgroup_wait_empty(tree.fd, SOON_MS, &err), 0);
}
