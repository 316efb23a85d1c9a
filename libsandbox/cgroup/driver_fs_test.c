/* SPDX-License-Identifier: Apache-2.0 */
/* Making, limiting, handing over and removing, in the machine's own cgroup2 tree. */
#include "libsandbox/cgroup/driver_fs.h"

#include <limits.h>
#include <sched.h>

#include "conformance/unit/check.h"
#include "libsandbox/cgroup/resource_table.h"
#include "libsandbox/cgroup/test_tree.h"

static struct error err;

static const char *path_of(const struct tree *tree, const char *below)
{
	static char path[PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/%s", tree->path, below);
	return path;
}

/* A message with the path of the test's cgroup in it. */
static const char *message_of(const struct tree *tree, const char *before, const char *behind)
{
	static char text[PATH_MAX];

	(void)snprintf(text, sizeof(text), "%s%s%s", before, tree->path, behind);
	return text;
}

static bool exists(const struct tree *tree, const char *below)
{
	return faccessat(tree->fd, below, F_OK, 0) == 0;
}

static bool root_has(const struct tree *tree, const char *controller)
{
	char text[512];

	CHECK_INT(cgroup_file_read_small(tree->mount_fd, "cgroup.controllers", text, sizeof(text)), 0);
	return cgroup_words_have(text, controller);
}

static const char *value_in(int fd, const char *file)
{
	static char text[256];
	int r = cgroup_file_read_small(fd, file, text, sizeof(text));

	if (r < 0)
		check_fail(__FILE__, __LINE__, "%s: %s", file, error_name(r));
	return text;
}

TEST(the_mount_is_verified)
{
	ERROR_INIT(&err);
	CHECK_INT(cgroup_mount_open("/tmp", &err), -EINVAL);
	CHECK_HAS(err.text, "/tmp is not cgroup v2");
	CHECK_INT(cgroup_mount_open("/nowhere/at/all", &err), -ENOENT);
	check_not_missing(err.text);
}

TEST(paths_stay_below_the_mount)
{
	_cleanup_(tree_close) struct tree tree = tree_open("paths");
	bool made;

	CHECK(cgroup_open(tree.mount_fd, "/../..", &err) < 0);
	CHECK(cgroup_make(tree.mount_fd, path_of(&tree, "../../x"), 0, &made, &err) < 0);
	CHECK_INT(cgroup_make(tree.mount_fd, "/", 0, &made, &err), -EINVAL);
	CHECK_HAS(err.text, "root cgroup");
	CHECK_INT(cgroup_remove(tree.mount_fd, "/", 0, &err), -EINVAL);
	CHECK_INT(cgroup_open(tree.mount_fd, path_of(&tree, "none"), &err), -ENOENT);
	check_not_missing(err.text);
}

TEST(a_whole_name_leads_to_the_same_cgroup_or_nowhere)
{
	_cleanup_(tree_close) struct tree tree = tree_open("place");
	_cleanup_(fd_cleanup) int by_name = FD_NONE, by_mount = FD_NONE;
	char link[64], mount[PATH_MAX] = "", long_path[PATH_MAX];
	struct stat named, opened;

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", tree.mount_fd);
	CHECK(readlink(link, mount, sizeof(mount) - 1) > 0);
	CHECK_INT(mkdirat(tree.fd, "a", 0755), 0);
	by_name = cgroup_open_place(mount, path_of(&tree, "a"), NULL, O_RDONLY | O_DIRECTORY);
	by_mount = cgroup_open(tree.mount_fd, path_of(&tree, "a"), &err);
	CHECK(fstat(by_name, &named) == 0 && fstat(by_mount, &opened) == 0);
	CHECK(named.st_ino == opened.st_ino && named.st_dev == opened.st_dev);
	CHECK(fcntl(by_name, F_GETFD) & FD_CLOEXEC);
	CHECK_INT(cgroup_open_place(mount, path_of(&tree, "none"), NULL, O_RDONLY | O_DIRECTORY), -ENOENT);
	CHECK_INT(cgroup_open_place(mount, path_of(&tree, "a/../a"), NULL, O_RDONLY | O_DIRECTORY), -EXDEV);
	CHECK_INT(cgroup_open_place(mount, "/..", NULL, O_RDONLY | O_DIRECTORY), -EXDEV);
	CHECK_INT(cgroup_open_place(mount, "a", NULL, O_RDONLY | O_DIRECTORY), -EXDEV);
	CHECK_INT(cgroup_open_place(mount, path_of(&tree, "a/cgroup.procs"), NULL, O_RDONLY | O_DIRECTORY), -ENOTDIR);
	CHECK_INT(cgroup_open_place("/tmp", "/", NULL, O_RDONLY | O_DIRECTORY), -EINVAL);
	memset(long_path, '/', sizeof(long_path) - 1);
	long_path[sizeof(long_path) - 1] = '\0';
	CHECK_INT(cgroup_open_place(mount, long_path, NULL, O_RDONLY | O_DIRECTORY), -ENAMETOOLONG);
}

TEST(missing_levels_are_made)
{
	_cleanup_(tree_close) struct tree tree = tree_open("make");
	_cleanup_(fd_cleanup) int fd = FD_NONE;
	_cleanup_(fd_cleanup) int beside = FD_NONE;
	_cleanup_(fd_cleanup) int again = FD_NONE;
	bool made = false;

	fd = cgroup_make(tree.mount_fd, path_of(&tree, "a/b/c"), 0, &made, &err);
	CHECK(fd >= 0 && made);
	CHECK(exists(&tree, "a/b/c/cgroup.procs"));
	child_in(fd);
	/* Beside a used one; and one that was there without processes is taken. */
	beside = cgroup_make(tree.mount_fd, path_of(&tree, "a/b/d"), 0, &made, &err);
	CHECK(beside >= 0 && made);
	again = cgroup_make(tree.mount_fd, path_of(&tree, "a/b/d"), 0, &made, &err);
	CHECK(again >= 0 && !made);
}

/* Right below the root of the whole tree nothing is looked for; what there would be to see is as everywhere else. */
TEST(below_the_root_all_is_plain)
{
	_cleanup_(tree_close) struct tree tree = tree_open("plain");
	_cleanup_(fd_cleanup) int fd = FD_NONE, again = FD_NONE;
	struct cgroup_events events = { true, true };
	char path[64], type[32] = "";
	bool made = false;

	(void)snprintf(path, sizeof(path), "/orlop-test-below-%d", (int)getpid());
	fd = cgroup_make(tree.mount_fd, path, 0, &made, &err);
	CHECK(fd >= 0 && made);
	CHECK_INT(cgroup_file_read_small(fd, "cgroup.type", type, sizeof(type)), 0);
	CHECK_TEXT(type, "domain");
	CHECK_INT(cgroup_events_read(fd, &events), 0);
	CHECK(!events.populated && !events.frozen);
	again = cgroup_make(tree.mount_fd, path, 0, &made, &err);
	CHECK(again >= 0 && !made);
	CHECK_INT(cgroup_remove(tree.mount_fd, path, 2000, &err), 0);
	/* As a cgroup namespace has it: another root than that, with threads. */
	CHECK_INT(cgroup_file_write(tree.fd, "cgroup.type", "threaded", 8), 0);
	CHECK_INT(cgroup_make(tree.fd, "/below", RESOURCE_CONTROLLER_BIT(CONTROLLER_MEMORY), &made, &err), -EOPNOTSUPP);
}

TEST(a_used_cgroup_is_refused)
{
	_cleanup_(tree_close) struct tree tree = tree_open("used");
	_cleanup_(fd_cleanup) int below = directory_in(tree.fd, "below");
	bool made;

	child_in(below);
	child_in(tree.fd);
	CHECK_INT(cgroup_make(tree.mount_fd, tree.path, 0, &made, &err), -EBUSY);
	CHECK_TEXT(err.text, "container's cgroup is not empty: 2 process(es) found");
	CHECK(exists(&tree, "below"));
}

TEST(a_frozen_cgroup_is_refused_and_nothing_stays)
{
	_cleanup_(tree_close) struct tree tree = tree_open("frozen");
	bool made;

	CHECK_INT(cgroup_file_write(tree.fd, "cgroup.freeze", "1", 1), 0);
	CHECK_INT(cgroup_make(tree.mount_fd, path_of(&tree, "a/b"), 0, &made, &err), -EBUSY);
	CHECK_TEXT(err.text, "container's cgroup unexpectedly frozen");
	CHECK(!exists(&tree, "a"));
}

/* A process that dies while it is thawed can leave its cgroup "frozen": such a one is as good as new. */
TEST(a_cgroup_that_was_frozen_once_is_taken)
{
	_cleanup_(tree_close) struct tree tree = tree_open("was-frozen");

	for (int i = 0; i < 20; i++) {
		pid_t pid = child_in(tree.fd);
		bool made;
		int fd;

		CHECK_INT(cgroup_signal(tree.fd, SIGUSR1, &err), 0);
		CHECK_INT(child_signal(pid), SIGUSR1);
		CHECK_INT(cgroup_wait_empty(tree.fd, 5000, &err), 0);
		fd = cgroup_make(tree.mount_fd, tree.path, 0, &made, &err);
		if (fd < 0)
			check_fail(__FILE__, __LINE__, "%s", err.text);
		fd_close(fd);
	}
}

TEST(controllers_are_handed_down)
{
	_cleanup_(tree_close) struct tree tree = tree_open("controllers");
	_cleanup_(fd_cleanup) int fd = FD_NONE;
	bool made;

	if (!root_has(&tree, "hugetlb"))
		check_skip("no hugetlb controller");
	fd = cgroup_make(tree.mount_fd, path_of(&tree, "a/b"), RESOURCE_CONTROLLER_BIT(CONTROLLER_HUGETLB), &made,
			 &err);
	if (fd < 0)
		check_fail(__FILE__, __LINE__, "%s", err.text);
	CHECK(cgroup_words_have(value_in(fd, "cgroup.controllers"), "hugetlb"));
}

TEST(one_controller_is_handed_down_to_a_cgroup_that_is_there)
{
	_cleanup_(tree_close) struct tree tree = tree_open("handed");
	_cleanup_(fd_cleanup) int fd = FD_NONE;
	uint64_t hugetlb = RESOURCE_CONTROLLER_BIT(CONTROLLER_HUGETLB);

	if (!root_has(&tree, "hugetlb"))
		check_skip("no hugetlb controller");
	CHECK_INT(mkdirat(tree.fd, "a", 0755), 0);
	CHECK_INT(mkdirat(tree.fd, "a/b", 0755), 0);
	fd = cgroup_open(tree.mount_fd, path_of(&tree, "a/b"), &err);
	CHECK(fd >= 0);
	CHECK_INT(cgroup_controllers_enable(tree.mount_fd, path_of(&tree, "a/b"), fd, 0, &err), 0);
	CHECK(!cgroup_words_have(value_in(fd, "cgroup.controllers"), "hugetlb"));
	CHECK_INT(cgroup_controllers_enable(tree.mount_fd, path_of(&tree, "a/b"), fd, hugetlb, &err), 0);
	CHECK(cgroup_words_have(value_in(fd, "cgroup.controllers"), "hugetlb"));
}

TEST(a_needed_controller_that_the_host_lacks)
{
	_cleanup_(tree_close) struct tree tree = tree_open("lacking");
	bool made;

	if (root_has(&tree, "rdma"))
		check_skip("this host has the rdma controller");
	CHECK_INT(cgroup_make(tree.mount_fd, path_of(&tree, "a/b"), RESOURCE_CONTROLLER_BIT(CONTROLLER_RDMA), &made,
			      &err),
		  -ENOTSUP);
	CHECK_HAS(err.text, message_of(&tree, "the rdma controller is not available in cgroup '", "/a/b'"));
	CHECK(!exists(&tree, "a"));
}

TEST(a_level_with_processes_hands_nothing_down)
{
	_cleanup_(tree_close) struct tree tree = tree_open("busy");
	bool made;

	if (!root_has(&tree, "hugetlb"))
		check_skip("no hugetlb controller");
	child_in(tree.fd);
	CHECK_INT(cgroup_make(tree.mount_fd, path_of(&tree, "a"), RESOURCE_CONTROLLER_BIT(CONTROLLER_HUGETLB), &made,
			      &err),
		  -EBUSY);
	CHECK_HAS(err.text, message_of(&tree, "'", "' cannot hand it down, it has processes of its own"));
	CHECK(!exists(&tree, "a"));
	/* Who needs none does not care. */
	int fd = cgroup_make(tree.mount_fd, path_of(&tree, "a"), 0, &made, &err);

	CHECK(fd >= 0);
	fd_close(fd);
}

TEST(below_threads_only_threads)
{
	_cleanup_(tree_close) struct tree tree = tree_open("threaded");
	_cleanup_(fd_cleanup) int below = directory_in(tree.fd, "below");
	_cleanup_(fd_cleanup) int fd = FD_NONE;
	bool made;

	CHECK_INT(cgroup_file_write(below, "cgroup.type", "threaded", strlen("threaded")), 0);
	CHECK_INT(cgroup_make(tree.mount_fd, path_of(&tree, "new"), RESOURCE_CONTROLLER_BIT(CONTROLLER_HUGETLB), &made,
			      &err),
		  -EOPNOTSUPP);
	CHECK_TEXT(err.text, message_of(&tree, "cannot enter cgroupv2 \"",
					"/new\" with domain controllers -- it is in an invalid state"));
	CHECK(!exists(&tree, "new"));
	fd = cgroup_make(tree.mount_fd, path_of(&tree, "new"), 0, &made, &err);
	CHECK(fd >= 0);
	CHECK_TEXT(value_in(fd, "cgroup.type"), "threaded");
}

TEST(limits_are_written_line_by_line)
{
	_cleanup_(tree_close) struct tree tree = tree_open("apply");
	static const struct plan_resource resources[] = {
		{ .file = "cgroup.max.depth", .value = "5\n7\n" },
		{ .file = "memory.swap.max", .value = "0", .optional = true },
		{ .file = "cgroup.max.descendants", .value = "9" },
	};

	if (root_has(&tree, "memory"))
		check_skip("the file that should be missing is there");
	CHECK_INT(cgroup_apply(tree.fd, resources, 3, &err), 0);
	CHECK_TEXT(value_in(tree.fd, "cgroup.max.depth"), "7");
	CHECK_TEXT(value_in(tree.fd, "cgroup.max.descendants"), "9");
}

TEST(a_real_limit)
{
	_cleanup_(tree_close) struct tree tree = tree_open("hugetlb");
	_cleanup_(fd_cleanup) int fd = FD_NONE;
	const struct plan_resource resources[] = {
		{ .row = resource_row_of_file("hugetlb.2MB.rsvd.max"), .file = "hugetlb.2MB.rsvd.max", .value = "max" },
		{ .row = resource_row_of_file("hugetlb.2MB.max"), .file = "hugetlb.2MB.max", .value = "4194304" },
	};
	bool made;

	if (!root_has(&tree, "hugetlb") || access("/sys/kernel/mm/hugepages/hugepages-2048kB", F_OK) < 0)
		check_skip("no hugetlb controller for 2 MB pages");
	fd = cgroup_make(tree.mount_fd, path_of(&tree, "a"), RESOURCE_CONTROLLER_BIT(CONTROLLER_HUGETLB), &made, &err);
	CHECK(fd >= 0);
	CHECK_INT(cgroup_apply(fd, resources, 2, &err), 0);
	CHECK_TEXT(value_in(fd, "hugetlb.2MB.max"), "4194304");
}

TEST(a_refused_limit_is_named)
{
	_cleanup_(tree_close) struct tree tree = tree_open("refused");
	const struct plan_resource bad = { .file = "cgroup.max.depth", .value = "3\nmany" };
	const struct plan_resource missing = { .row = resource_row_of_file("memory.zswap.max"),
					       .file = "memory.zswap.max.none",
					       .value = "1" };
	const struct plan_resource of_field = { .row = resource_row_of_file("pids.max"),
						.file = "cgroup.max.descendants",
						.value = "x" };

	CHECK_INT(cgroup_apply(tree.fd, &bad, 1, &err), -EINVAL);
	CHECK_TEXT(err.text, "write 'many' to cgroup.max.depth: Invalid argument");
	CHECK_INT(cgroup_apply(tree.fd, &missing, 1, &err), -ENOTSUP);
	CHECK_TEXT(err.text, "write '1' to memory.zswap.max.none: this kernel or cgroup has no such limit");
	CHECK_INT(cgroup_apply(tree.fd, &of_field, 1, &err), -EINVAL);
	CHECK_TEXT(err.text, "write 'x' to cgroup.max.descendants (/linux/resources/pids/limit): Invalid argument");
}

/* Files of the kernel of which one is refused with EINVAL until the other is written; any directory serves. */
static int ports_apply(void)
{
	static const struct plan_resource resources[] = {
		{ .file = "ip_local_port_range", .value = "500 60000" },
		{ .file = "ip_unprivileged_port_start", .value = "400" },
	};
	char text[64];
	int fd;

	if (unshare(CLONE_NEWNET) < 0)
		return 2;
	fd = open("/proc/sys/net/ipv4", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || cgroup_file_write(fd, "ip_local_port_range", "500 60000", 9) != -EINVAL)
		return 2;
	if (cgroup_apply(fd, resources, 2, NULL) < 0 ||
	    cgroup_file_read_small(fd, "ip_local_port_range", text, sizeof(text)) < 0)
		return 1;
	return strcmp(text, "500\t60000") != 0;
}

TEST(what_depends_on_a_later_limit_is_tried_again)
{
	int status = 0;
	pid_t pid = fork();

	CHECK(pid >= 0);
	if (pid == 0)
		_exit(ports_apply());
	CHECK(waitpid(pid, &status, 0) == pid);
	CHECK(WIFEXITED(status));
	if (WEXITSTATUS(status) == 2)
		check_skip("no two such files without a network namespace");
	CHECK_INT(WEXITSTATUS(status), 0);
}

TEST(delegation_gives_the_named_files_only)
{
	_cleanup_(tree_close) struct tree tree = tree_open("delegate");
	struct stat st;

	if (geteuid() != 0)
		check_skip("needs root");
	CHECK_INT(cgroup_delegate(tree.fd, 12345, &err), 0);
	CHECK(fstat(tree.fd, &st) == 0);
	CHECK_INT(st.st_uid, 12345);
	CHECK_INT(st.st_gid, 0);
	CHECK(fstatat(tree.fd, "cgroup.procs", &st, 0) == 0);
	CHECK_INT(st.st_uid, 12345);
	CHECK(fstatat(tree.fd, "cgroup.subtree_control", &st, 0) == 0);
	CHECK_INT(st.st_uid, 12345);
	CHECK(fstatat(tree.fd, "cgroup.freeze", &st, 0) == 0);
	CHECK_INT(st.st_uid, 0);
}

TEST(a_tree_is_removed_deepest_first)
{
	_cleanup_(tree_close) struct tree tree = tree_open("remove");
	_cleanup_(fd_cleanup) int deep = FD_NONE;
	char name[32];

	CHECK_INT(cgroup_remove(tree.mount_fd, path_of(&tree, "none"), 0, &err), 0);
	CHECK_INT(cgroup_remove(tree.mount_fd, path_of(&tree, "none/at/all"), 0, &err), 0);
	for (int i = 0; i < 20; i++) {
		(void)snprintf(name, sizeof(name), "wide-%d", i);
		int fd = directory_in(tree.fd, name);

		fd_close(directory_in(fd, "x"));
		fd_close(fd);
	}
	/* Deeper than the levels that are kept in mind, with branches on the way. */
	deep = directory_in(tree.fd, "deep");
	for (int i = 0; i < 150; i++) {
		int next = directory_in(deep, "d");

		if (i % 10 == 0)
			fd_close(directory_in(deep, "e"));
		fd_close(deep);
		deep = next;
	}
	if (cgroup_remove(tree.mount_fd, tree.path, 10000, &err) < 0)
		check_fail(__FILE__, __LINE__, "%s", err.text);
	CHECK(faccessat(tree.mount_fd, tree.path + 1, F_OK, 0) < 0);
}

TEST(a_tree_with_processes_is_waited_for)
{
	_cleanup_(tree_close) struct tree tree = tree_open("wait-remove");
	_cleanup_(fd_cleanup) int below = directory_in(tree.fd, "below");
	pid_t pid = child_in(below), killer;

	CHECK_INT(cgroup_remove(tree.mount_fd, tree.path, 30, &err), -EBUSY);
	CHECK_HAS(err.text, message_of(&tree, "remove cgroup '", "': "));
	CHECK_HAS(err.text, "still has processes");
	killer = fork();
	CHECK(killer >= 0);
	if (killer == 0) {
		usleep(30000);
		_exit(kill(pid, SIGKILL) < 0);
	}
	CHECK_INT(cgroup_remove(tree.mount_fd, tree.path, 5000, &err), 0);
	CHECK(faccessat(tree.mount_fd, tree.path + 1, F_OK, 0) < 0);
}

TEST(denials_are_told_from_other_errors)
{
	CHECK(cgroup_is_denied(-EACCES) && cgroup_is_denied(-EPERM) && cgroup_is_denied(-EROFS));
	CHECK(!cgroup_is_denied(0) && !cgroup_is_denied(-EBUSY) && !cgroup_is_denied(-ENOENT));
}

TEST(a_stranger_is_denied)
{
	_cleanup_(tree_close) struct tree tree = tree_open("denied");
	int status = 0;
	pid_t pid;

	if (geteuid() != 0)
		check_skip("needs root");
	pid = fork();
	CHECK(pid >= 0);
	if (pid == 0) {
		bool made;

		if (setresuid(4321, 4321, 4321) < 0)
			_exit(2);
		_exit(!cgroup_is_denied(cgroup_make(tree.mount_fd, path_of(&tree, "a/b"), 0, &made, &err)) ||
		      !strstr(err.text, message_of(&tree, "make cgroup '", "/a': Permission denied")));
	}
	CHECK(waitpid(pid, &status, 0) == pid);
	CHECK_INT(status, 0);
}
