/* SPDX-License-Identifier: Apache-2.0 */
/* The host facts: their text form there and back, the kernel floor, and the probes held against this machine's own files. */
#include "libsandbox/host.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conformance/unit/check.h"
#include "libbase/text.h"

static const char sample[] = "# a laptop\n"
			     "kernel_major 6\n"
			     "kernel_minor 1\n"
			     "euid 1000\n"
			     "egid 100\n"
			     "\n"
			     "in_user_namespace no\n"
			     "  caps_effective\t0x1ffffffffff\n"
			     "caps_last 40\n"
			     "cgroup unified\n"
			     "cgroup_mount /sys/fs/cgroup\n"
			     "cgroup_own /user.slice/a b.scope\n"
			     "controllers cpu memory pids\n"
			     "seccomp yes\n"
			     "seccomp_flags SECCOMP_FILTER_FLAG_LOG SECCOMP_FILTER_FLAG_TSYNC\n"
			     "cpus 8\n"
			     "newuidmap /usr/bin/newuidmap\n"
			     "newgidmap -";

TEST(a_text_is_read)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	struct error err;
	struct host host;

	ERROR_INIT(&err);
	CHECK_INT(host_parse(sample, &arena, &host, &err), 0);
	CHECK_INT(host.kernel_major, 6);
	CHECK_INT(host.kernel_minor, 1);
	CHECK_INT(host.euid, 1000);
	CHECK_INT(host.egid, 100);
	CHECK(!host.in_user_namespace);
	CHECK(host.caps_effective == UINT64_C(0x1ffffffffff));
	CHECK_INT(host.caps_last, 40);
	CHECK_INT(host.cgroup, HOST_CGROUP_UNIFIED);
	CHECK_TEXT(host.cgroup_mount, "/sys/fs/cgroup");
	CHECK_TEXT(host.cgroup_own, "/user.slice/a b.scope");
	CHECK_INT(host.controllers.count, 3);
	CHECK(host_has_controller(&host, "memory"));
	CHECK(!host_has_controller(&host, "mem"));
	CHECK(!host_has_controller(&host, "io"));
	CHECK(host.seccomp);
	CHECK_INT(host.seccomp_flags, 1 | 4);
	CHECK_TEXT(host.newuidmap, "/usr/bin/newuidmap");
	CHECK(!host.newgidmap);
	CHECK(host_has_capability(&host, CAP_SYS_ADMIN));
	CHECK(!host_has_capability(&host, 41));
	CHECK(!host_has_capability(&host, 64));
	CHECK(!host_has_capability(&host, -1));
}

TEST(what_is_written_is_read_back)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer first = TEXT_BUFFER_INIT;
	_cleanup_(text_buffer_cleanup) struct text_buffer second = TEXT_BUFFER_INIT;
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	struct error err;
	struct host host;

	ERROR_INIT(&err);
	CHECK_INT(host_parse(sample, &arena, &host, &err), 0);
	host_write(&host, &first);
	CHECK_INT(host_parse(first.bytes, &arena, &host, &err), 0);
	host_write(&host, &second);
	CHECK_TEXT(second.bytes, first.bytes);
	CHECK_HAS(second.bytes, "\ncontrollers        cpu memory pids\n");
	CHECK_HAS(second.bytes, "\nnewgidmap          -\n");
	CHECK_HAS(second.bytes, "\nselinux            no\n");
}

TEST(what_was_probed_is_read_back)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer first = TEXT_BUFFER_INIT;
	_cleanup_(text_buffer_cleanup) struct text_buffer second = TEXT_BUFFER_INIT;
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	struct error err;
	struct host host;

	ERROR_INIT(&err);
	CHECK_INT(host_probe(&arena, &host, &err), 0);
	host_write(&host, &first);
	CHECK_INT(host_parse(first.bytes, &arena, &host, &err), 0);
	host_write(&host, &second);
	CHECK_TEXT(second.bytes, first.bytes);
}

TEST(bad_lines_are_named)
{
	static const struct {
		const char *text, *message;
	} rows[] = {
		{ "euid 0\nshoe_size 43\n", "line 2: no fact is called 'shoe_size'" },
		{ "euid x", "line 1: 'euid' cannot be 'x'" },
		{ "euid 4294967296", "'euid' cannot be '4294967296'" },
		{ "euid -1", "'euid' cannot be '-1'" },
		{ "euid", "'euid' cannot be ''" },
		{ "systemd true", "'systemd' cannot be 'true'" },
		{ "cgroup v1", "'cgroup' cannot be 'v1'" },
		{ "caps_effective 1ff", "'caps_effective' cannot be '1ff'" },
		{ "caps_effective 0x", "'caps_effective' cannot be '0x'" },
		{ "caps_effective 0x1ffffffffffffffff", "cannot be" },
		{ "seccomp_flags LOG", "'seccomp_flags' cannot be 'LOG'" },
		{ "# twice\n\nseccomp no\nseccomp no", "line 4: 'seccomp' was given before" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
		struct error err;
		struct host host;

		ERROR_INIT(&err);
		CHECK_INT(host_parse(rows[i].text, &arena, &host, &err), -EINVAL);
		CHECK_HAS(err.text, rows[i].message);
	}
}

TEST(an_empty_text_is_a_host_without_anything)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	struct host host;

	CHECK_INT(host_parse("", &arena, &host, NULL), 0);
	CHECK_INT(host.cgroup, HOST_CGROUP_NONE);
	CHECK(!host.cgroup_mount);
	CHECK(!host.seccomp);
}

TEST(old_kernels_are_refused_with_a_clear_word)
{
	struct error err;
	uint32_t major, minor;

	ERROR_INIT(&err);
	CHECK_INT(host_kernel_parse("5.10.0", &major, &minor, &err), -ENOSYS);
	CHECK_TEXT(err.text, "Linux 5.14 or newer is needed, this is 5.10.0");
	CHECK_INT(host_kernel_parse("4.18.0-553.el8.x86_64", &major, &minor, &err), -ENOSYS);
	CHECK_INT(host_kernel_parse("5.13.99", &major, &minor, &err), -ENOSYS);
	CHECK_INT(host_kernel_parse("5.14.0-427.el9", &major, &minor, &err), 0);
	CHECK_INT(minor, 14);
	CHECK_INT(host_kernel_parse("6.1", &major, &minor, &err), 0);
	CHECK_INT(major, 6);
	CHECK_INT(minor, 1);
	CHECK_INT(host_kernel_parse("10.0-rc1", &major, &minor, &err), 0);
	CHECK_INT(host_kernel_parse("six", &major, &minor, &err), -EINVAL);
	CHECK_INT(host_kernel_parse("6", &major, &minor, &err), -EINVAL);
	CHECK_INT(host_kernel_parse("6.", &major, &minor, &err), -EINVAL);
}

static bool file_has_line(const char *path, const char *wanted)
{
	char line[4096];
	bool found = false;
	FILE *file = fopen(path, "re");

	CHECK(file != NULL);
	while (!found && fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		found = text_equal(line, wanted);
	}
	(void)fclose(file);
	return found;
}

TEST(the_probes_agree_with_the_kernels_files)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	struct error err;
	struct host host;
	char line[4200];
	struct utsname name;
	uint32_t major, minor;

	ERROR_INIT(&err);
	CHECK_INT(host_probe(&arena, &host, &err), 0);
	CHECK(host.kernel_major > 5 || host.kernel_minor >= 14);
	CHECK_INT(uname(&name), 0);
	CHECK_INT(host_kernel_parse(name.release, &major, &minor, &err), 0);
	CHECK_INT(host.kernel_major, major);
	CHECK_INT(host.kernel_minor, minor);
	CHECK_INT(host.euid, geteuid());
	(void)snprintf(line, sizeof(line), "CapEff:\t%016llx", (unsigned long long)host.caps_effective);
	CHECK(file_has_line("/proc/self/status", line));
	(void)snprintf(line, sizeof(line), "CapBnd:\t%016llx", (unsigned long long)host.caps_bounding);
	CHECK(file_has_line("/proc/self/status", line));
	CHECK(host.caps_last < 64 && host.caps_bounding >> host.caps_last <= 1);
	(void)snprintf(line, sizeof(line), "%llu", (unsigned long long)host.caps_last);
	/* Nobody has a name for the one behind CAP_CHECKPOINT_RESTORE yet. */
	if (host.caps_bounding >> host.caps_last & 1 || host.caps_last < CAP_LAST_CAP)
		CHECK(file_has_line("/proc/sys/kernel/cap_last_cap", line));
	CHECK(host.cpus > 0);
	if (host.cgroup != HOST_CGROUP_NONE) {
		(void)snprintf(line, sizeof(line), "0::%s", host.cgroup_own);
		CHECK(file_has_line("/proc/self/cgroup", line));
	}
	if (host.newuidmap)
		CHECK(access(host.newuidmap, X_OK) == 0);
}

static bool ids_probe(struct host *ret)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;

	return host_probe_parts(HOST_PART(HOST_IDS), &arena, ret, NULL) == 0;
}

/* What a child has ended with, true or false; anything else fails the test. */
static bool child_says(pid_t pid)
{
	int status;

	CHECK_INT(waitpid(pid, &status, 0), pid);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) <= 1);
	return WEXITSTATUS(status);
}

/* Of root: real, effective and saved ids, the uids last. */
static bool ids_are_equal(const uid_t uids[3], const gid_t gids[3])
{
	pid_t pid = fork();

	if (pid == 0) {
		struct host host;

		if (setresgid(gids[0], gids[1], gids[2]) < 0 || setresuid(uids[0], uids[1], uids[2]) < 0 ||
		    !ids_probe(&host) || host.euid != uids[1] || host.egid != gids[1])
			_exit(2);
		_exit(host.ids_equal);
	}
	return child_says(pid);
}

TEST(ids_are_equal_only_if_all_are)
{
	if (geteuid() != 0)
		check_skip("needs root");
	CHECK(ids_are_equal((uid_t[]){ 0, 0, 0 }, (gid_t[]){ 0, 0, 0 }));
	CHECK(ids_are_equal((uid_t[]){ 7, 7, 7 }, (gid_t[]){ 8, 8, 8 }));
	CHECK(!ids_are_equal((uid_t[]){ 7, 0, 0 }, (gid_t[]){ 0, 0, 0 }));
	CHECK(!ids_are_equal((uid_t[]){ 0, 0, 7 }, (gid_t[]){ 0, 0, 0 }));
	CHECK(!ids_are_equal((uid_t[]){ 0, 0, 0 }, (gid_t[]){ 7, 0, 0 }));
	CHECK(!ids_are_equal((uid_t[]){ 0, 0, 0 }, (gid_t[]){ 0, 0, 7 }));
}

/* Of root. */
static bool groups_are_none(size_t count, const gid_t *groups)
{
	pid_t pid = fork();

	if (pid == 0) {
		struct host host;

		_exit(setgroups(count, groups) < 0 || !ids_probe(&host) ? 2 : host.groups_none);
	}
	return child_says(pid);
}

TEST(groups_are_none_only_without_any)
{
	if (geteuid() != 0)
		check_skip("needs root");
	CHECK(groups_are_none(0, NULL));
	CHECK(!groups_are_none(1, (gid_t[]){ 0 }));
	CHECK(!groups_are_none(2, (gid_t[]){ 7, 20 }));
}

TEST(parts_that_were_not_asked_for_stay_zero)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	struct host host;

	CHECK_INT(host_probe_parts(HOST_PART(HOST_KERNEL) | HOST_PART(HOST_CPUS), &arena, &host, NULL), 0);
	CHECK(host.kernel_major >= 5);
	CHECK(host.cpus > 0);
	CHECK_INT(host.cgroup, 0);
	CHECK(!host.cgroup_own);
	CHECK_INT(host.caps_last, 0);
	CHECK(!host.seccomp);
}
