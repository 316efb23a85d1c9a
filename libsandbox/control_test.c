/* SPDX-License-Identifier: Apache-2.0 */
/* A recorded place and the processes there, on the real kernel. */
#include "libsandbox/control.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>

#include "conformance/unit/check.h"
#include "libsandbox/cgroup/test_tree.h"

static struct control open_control(const struct tree *tree)
{
	struct control control = CONTROL_INIT;
	struct error err;

	ERROR_INIT(&err);
	CHECK_INT(control_open(&control, tree->mount, tree->path, &err), 0);
	return control;
}

TEST(a_place_that_is_not_there)
{
	struct tree tree = tree_open("gone");
	struct control control;
	struct error err;

	ERROR_INIT(&err);
	CHECK_INT(control_open(&control, tree.mount, "/orlop-test-no-such-group", &err), -ENOENT);
	CHECK_INT(control.mount_fd, FD_NONE);
	CHECK_INT(control.cgroup_fd, FD_NONE);
	check_not_missing(error_text(&err));
	CHECK_INT(control_open(&control, "/proc", "/", &err), -EINVAL);
	CHECK(control_open(&control, tree.mount, "/../..", &err) < 0);
	tree_close(&tree);
}

TEST(freeze_and_thaw)
{
	struct tree tree = tree_open("freeze");
	pid_t child = child_in(tree.fd);
	struct control control = open_control(&tree);
	struct error err;
	char above[PATH_MAX];
	int length;

	ERROR_INIT(&err);
	CHECK(!control_is_frozen(tree.mount, tree.path));
	CHECK_INT(control_freeze(&control, &err), 0);
	CHECK(control_is_frozen(tree.mount, tree.path));
	CHECK(!control_is_frozen(tree.mount, "/orlop-test-no-such-group"));
	CHECK(!control_is_frozen("/nowhere", tree.path));
	/* A name that fits by halves only: the same answers. */
	length = snprintf(above, sizeof(above), "%s", tree.mount);
	while ((size_t)length < sizeof(above) - 8)
		above[length++] = '/';
	above[length] = '\0';
	CHECK(control_is_frozen(above, tree.path));
	CHECK_INT(control_thaw(&control, &err), 0);
	CHECK(!control_is_frozen(tree.mount, tree.path));
	CHECK(!control_is_frozen(above, tree.path));
	CHECK_INT(kill(child, SIGKILL), 0);
	CHECK_INT(child_signal(child), SIGKILL);
	control_cleanup(&control);
	tree_close(&tree);
}

TEST(a_signal_reaches_all_here_and_below)
{
	struct tree tree = tree_open("signal");
	int below = directory_in(tree.fd, "below");
	pid_t first = child_in(tree.fd), second = child_in(below);
	struct control control = open_control(&tree);
	struct error err;

	ERROR_INIT(&err);
	CHECK_INT(control_signal(&control, SIGUSR1, &err), 0);
	CHECK_INT(child_signal(first), SIGUSR1);
	CHECK_INT(child_signal(second), SIGUSR1);
	fd_close(below);
	control_cleanup(&control);
	tree_close(&tree);
}

TEST(pids_are_those_of_the_tree_in_order)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	struct tree tree = tree_open("pids");
	int below = directory_in(tree.fd, "below");
	pid_t children[] = { child_in(below), child_in(tree.fd), child_in(below) };
	struct control control = open_control(&tree);
	struct error err;
	pid_t *pids;
	size_t count;

	ERROR_INIT(&err);
	CHECK_INT(control_pids(&control, &arena, &pids, &count, &err), 0);
	CHECK_INT(count, 3);
	for (size_t i = 1; i < count; i++)
		CHECK(pids[i - 1] < pids[i]);
	for (size_t i = 0; i < ARRAY_SIZE(children); i++)
		CHECK(pids[0] == children[i] || pids[1] == children[i] || pids[2] == children[i]);
	fd_close(below);
	control_cleanup(&control);
	tree_close(&tree);
}

TEST(removal_takes_processes_and_groups_along)
{
	struct tree tree = tree_open("remove");
	int below = directory_in(tree.fd, "below");
	pid_t child = child_in(below);
	struct control control = open_control(&tree), again = open_control(&tree);
	struct error err;

	ERROR_INIT(&err);
	CHECK_INT(control_freeze(&control, &err), 0);
	/* Whoever reaps it: a zombie does not hold its cgroup. */
	CHECK_INT(control_remove(&control, &err), 0);
	CHECK_INT(child_signal(child), SIGKILL);
	CHECK_INT(control_open(&control, tree.mount, tree.path, &err), -ENOENT);
	/* The slower of two removers is not told off. */
	CHECK_INT(control_remove(&again, &err), 0);
	fd_close(below);
	control_cleanup(&again);
	tree_close(&tree);
}

static const char *file_text(const struct control *control, const char *file, struct arena *arena)
{
	char *text = NULL;

	CHECK_INT(cgroup_file_read(control->cgroup_fd, file, arena, &text), 0);
	return text;
}

TEST(limits_are_changed_together_or_not_at_all)
{
	static struct plan_resource items[] = {
		{ .file = "cgroup.max.depth", .value = "3" },
		{ .file = "cgroup.max.descendants", .value = "7" },
	};
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	struct tree tree = tree_open("apply");
	struct control control = open_control(&tree);
	const struct limits limits = { .items = items, .count = ARRAY_SIZE(items) };
	struct error err;

	ERROR_INIT(&err);
	CHECK_INT(control_apply(&control, &limits, &err), 0);
	CHECK_TEXT(file_text(&control, "cgroup.max.depth", &arena), "3");
	CHECK_TEXT(file_text(&control, "cgroup.max.descendants", &arena), "7");
	items[0].value = "max";
	items[1].value = "many";
	CHECK_INT(control_apply(&control, &limits, &err), -EINVAL);
	CHECK_HAS(error_text(&err), "write 'many' to cgroup.max.descendants");
	CHECK_TEXT(file_text(&control, "cgroup.max.depth", &arena), "3");
	CHECK_TEXT(file_text(&control, "cgroup.max.descendants", &arena), "7");
	items[1].file = "memory.nonsense";
	CHECK_INT(control_apply(&control, &limits, &err), -ENOTSUP);
	CHECK_TEXT(file_text(&control, "cgroup.max.depth", &arena), "3");
	control_cleanup(&control);
	tree_close(&tree);
}
