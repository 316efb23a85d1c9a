/* SPDX-License-Identifier: Apache-2.0 */
/* Statistics and the watch on a cgroup of the machine's. */
#include "libsandbox/stats.h"

#include "conformance/unit/check.h"
#include "libsandbox/cgroup/stats_fixture.h"
#include "libsandbox/cgroup/test_tree.h"

TEST(a_real_cgroup_counts_processes)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer text = TEXT_BUFFER_INIT;
	struct tree cgroup = tree_open("stats");
	_cleanup_(fd_cleanup) int below = directory_in(cgroup.fd, "below");
	pid_t pid = child_in(below);

	print(cgroup.fd, &text);
	CHECK_HAS(text.bytes, "\"pids\":{\"current\":1");
	CHECK_HAS(text.bytes, "{\"cpu\":{\"usage\":{\"");
	CHECK_INT(kill(pid, SIGKILL), 0);
	CHECK_INT(child_signal(pid), SIGKILL);
	tree_close(&cgroup);
}

TEST(the_watch_sees_the_end)
{
	struct tree cgroup = tree_open("watch");
	const struct control control = control_of(cgroup.fd);
	_cleanup_(stats_watch_cleanup) struct stats_watch watch = STATS_WATCH_INIT;
	pid_t pid = child_in(cgroup.fd);
	uint64_t kills;
	bool ended;

	CHECK_INT(stats_watch_open(&watch, &control, NULL), 0);
	CHECK_INT(stats_watch_look(&watch, &kills, &ended, NULL), 0);
	CHECK(!ended && kills == 0);
	CHECK_INT(kill(pid, SIGKILL), 0);
	CHECK_INT(child_signal(pid), SIGKILL);
	CHECK_INT(cgroup_wait_empty(cgroup.fd, 5000, NULL), 0);
	CHECK_INT(stats_watch_look(&watch, &kills, &ended, NULL), 0);
	CHECK(ended);
	CHECK_INT(cgroup_remove(cgroup.mount_fd, cgroup.path, 5000, NULL), 0);
	CHECK_INT(stats_watch_look(&watch, &kills, &ended, NULL), 0);
	CHECK(ended);
	CHECK_INT(stats_watch_open(&watch, &control, NULL), -ENODEV);
	tree_close(&cgroup);
}
