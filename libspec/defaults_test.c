/* SPDX-License-Identifier: Apache-2.0 */
/* What an absent property becomes; what was given stays. */
#include "conformance/unit/check.h"
#include "libspec/defaults.h"

#include <errno.h>

TEST(an_empty_spec_gets_linux_and_nothing_else)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	struct spec spec = { 0 };

	CHECK_INT(spec_defaults(&spec, &arena), 0);
	CHECK(spec.os_linux);
	CHECK_INT(spec.os_linux->rootfs_propagation, PROPAGATION_RSLAVE);
	CHECK(!spec.process);
	CHECK(!spec.hooks);
	CHECK(!spec.os_linux->resources);
	CHECK(!spec.os_linux->seccomp);
	CHECK_INT(spec.mounts.count, 0);
}

TEST(given_propagation_stays)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	const struct spec_linux os_linux = { .rootfs_propagation = PROPAGATION_SHARED };
	struct spec spec = { .os_linux = &os_linux };

	CHECK_INT(spec_defaults(&spec, &arena), 0);
	CHECK_INT(spec.os_linux->rootfs_propagation, PROPAGATION_SHARED);
}

TEST(init_gets_a_user_and_a_umask)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	const struct spec_process process = { .cwd = "/" };
	struct spec spec = { .process = &process };

	CHECK_INT(spec_defaults(&spec, &arena), 0);
	CHECK_TEXT(spec.process->cwd, "/");
	CHECK(spec.process->user->uid.set && spec.process->user->gid.set && spec.process->user->umask.set);
	CHECK_INT(spec.process->user->uid.value, 0);
	CHECK_INT(spec.process->user->gid.value, 0);
	CHECK_INT(spec.process->user->umask.value, 0022);
	CHECK(!spec.process->capabilities);
	CHECK(!spec.process->env.items);
}

TEST(a_given_user_stays)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	static const uint32_t groups[] = { 5 };
	const struct spec_user user = {
		.uid = { .set = true, .value = 7 },
		.umask = { .set = true, .value = 0 },
		.additional_gids = { .items = groups, .count = 1 },
	};
	const struct spec_process process = { .user = &user };
	struct spec spec = { .process = &process };

	CHECK_INT(spec_defaults(&spec, &arena), 0);
	CHECK_INT(spec.process->user->uid.value, 7);
	CHECK(spec.process->user->gid.set);
	CHECK_INT(spec.process->user->umask.value, 0);
	CHECK_INT(spec.process->user->additional_gids.items[0], 5);
}

TEST(exec_keeps_an_absent_umask_absent)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	struct spec_process process = { 0 };

	CHECK_INT(process_defaults(&process, &arena), 0);
	CHECK(process.user->uid.set && process.user->gid.set);
	CHECK(!process.user->umask.set);
}

TEST(scheduler_values_become_zero)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	const struct spec_scheduler scheduler = { .policy = SCHEDULER_FIFO, .priority = { .set = true, .value = 3 } };
	struct spec_process process = { .scheduler = &scheduler };

	CHECK_INT(process_defaults(&process, &arena), 0);
	CHECK_INT(process.scheduler->priority.value, 3);
	CHECK(process.scheduler->nice.set && process.scheduler->runtime.set && process.scheduler->period.set);
	CHECK_INT(process.scheduler->nice.value, 0);
}

TEST(hooks_get_their_path_as_args)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	static const char *const args[] = { "x", "y" };
	const struct spec_hook list[] = { { .path = "/a" }, { .path = "/b", .args = { .items = args, .count = 2 } } };
	const struct spec_hooks hooks = { .points = { [HOOK_POSTSTOP - 1] = { .items = list, .count = 2 } } };
	struct spec spec = { .hooks = &hooks };

	CHECK_INT(spec_defaults(&spec, &arena), 0);
	const struct spec_hook_list ret = spec_hooks_at(&spec, HOOK_POSTSTOP);
	CHECK_INT(ret.count, 2);
	CHECK_INT(ret.items[0].args.count, 1);
	CHECK_TEXT(ret.items[0].args.items[0], "/a");
	CHECK_INT(ret.items[1].args.count, 2);
	CHECK_TEXT(ret.items[1].args.items[0], "x");
	CHECK(!ret.items[0].env.items);
	CHECK_INT(spec_hooks_at(&spec, HOOK_PRESTART).count, 0);
}

TEST(devices_get_modes_without_types)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	const struct spec_device devices[] = {
		{ .type = DEVICE_CHAR, .path = "/a" },
		{ .type = DEVICE_CHAR, .path = "/b", .file_mode = { .set = true, .value = 0020640 } },
		{ .type = DEVICE_CHAR, .path = "/c", .file_mode = { .set = true, .value = 0 } },
	};
	const struct spec_linux os_linux = { .devices = { .items = devices, .count = 3 } };
	struct spec spec = { .os_linux = &os_linux };

	CHECK_INT(spec_defaults(&spec, &arena), 0);
	CHECK_INT(spec.os_linux->devices.items[0].file_mode.value, 0666);
	CHECK_INT(spec.os_linux->devices.items[1].file_mode.value, 0640);
	CHECK_INT(spec.os_linux->devices.items[2].file_mode.value, 0);
	CHECK_INT(devices[1].file_mode.value, 0020640);
}

TEST(device_rules_become_wildcards)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	const struct spec_device_rule rules[] = {
		{ .allow = { .set = true } },
		{ .type = DEVICE_CHAR, .access = "r", .major = { .set = true, .value = 1 } },
	};
	struct spec_resources resources = { .devices = { .items = rules, .count = 2 } };

	CHECK_INT(resources_defaults(&resources, &arena), 0);
	CHECK_INT(resources.devices.items[0].type, DEVICE_ALL);
	CHECK_TEXT(resources.devices.items[0].access, "rwm");
	CHECK_INT(resources.devices.items[0].major.value, -1);
	CHECK_INT(resources.devices.items[0].minor.value, -1);
	CHECK_INT(resources.devices.items[1].type, DEVICE_CHAR);
	CHECK_TEXT(resources.devices.items[1].access, "r");
	CHECK_INT(resources.devices.items[1].major.value, 1);
	CHECK_INT(resources.devices.items[1].minor.value, -1);
	CHECK(!resources.devices.items[1].allow.value);
}

TEST(resources_of_a_spec_get_theirs_too)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	const struct spec_device_rule rule = { 0 };
	const struct spec_resources resources = { .devices = { .items = &rule, .count = 1 } };
	const struct spec_linux os_linux = { .resources = &resources };
	struct spec spec = { .os_linux = &os_linux };

	CHECK_INT(spec_defaults(&spec, &arena), 0);
	CHECK_TEXT(spec.os_linux->resources->devices.items[0].access, "rwm");
}

TEST(seccomp_errno_is_eperm_where_it_is_taken)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	const struct spec_seccomp_call calls[] = {
		{ .action = SECCOMP_ERRNO },
		{ .action = SECCOMP_TRACE, .errno_ret = { .set = true, .value = 9 } },
		{ .action = SECCOMP_KILL },
		{ .action = SECCOMP_TRACE },
	};
	const struct spec_seccomp seccomp = {
		.default_action = SECCOMP_ERRNO,
		.syscalls = { .items = calls, .count = 4 },
	};
	const struct spec_linux os_linux = { .seccomp = &seccomp };
	struct spec spec = { .os_linux = &os_linux };

	CHECK_INT(spec_defaults(&spec, &arena), 0);
	const struct spec_seccomp *ret = spec.os_linux->seccomp;
	CHECK(ret->default_errno_ret.set);
	CHECK_INT(ret->default_errno_ret.value, EPERM);
	CHECK_INT(ret->syscalls.items[0].errno_ret.value, EPERM);
	CHECK_INT(ret->syscalls.items[1].errno_ret.value, 9);
	CHECK(!ret->syscalls.items[2].errno_ret.set);
	CHECK_INT(ret->syscalls.items[3].errno_ret.value, EPERM);
	CHECK(!ret->flags.set); /* absent flags are the plan's to decide */
}

TEST(seccomp_that_allows_gets_no_errno)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	const struct spec_seccomp seccomp = { .default_action = SECCOMP_ALLOW };
	const struct spec_linux os_linux = { .seccomp = &seccomp };
	struct spec spec = { .os_linux = &os_linux };

	CHECK_INT(spec_defaults(&spec, &arena), 0);
	CHECK(!spec.os_linux->seccomp->default_errno_ret.set);
}

TEST(time_offsets_have_both_parts)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	const struct spec_time_offset boottime = { .secs = { .set = true, .value = -3 } };
	const struct spec_time_offsets offsets = { .boottime = &boottime };
	const struct spec_linux os_linux = { .time_offsets = &offsets };
	struct spec spec = { .os_linux = &os_linux };

	CHECK_INT(spec_defaults(&spec, &arena), 0);
	CHECK_INT(spec.os_linux->time_offsets->boottime->secs.value, -3);
	CHECK(spec.os_linux->time_offsets->boottime->nanosecs.set);
	CHECK(!spec.os_linux->time_offsets->monotonic);
}

TEST(memory_that_is_gone_is_told)
{
	_cleanup_(arena_cleanup) struct arena arena = { .limit = 1 };
	struct spec_process process = { 0 };
	struct spec spec = { 0 };

	CHECK_INT(spec_defaults(&spec, &arena), -ENOMEM);
	CHECK_INT(process_defaults(&process, &arena), -ENOMEM);
}
