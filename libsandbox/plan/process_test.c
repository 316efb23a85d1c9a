/* SPDX-License-Identifier: Apache-2.0 */
/* plan_process_build: environment, groups, capabilities, terminal rules, and labels that the host cannot give. */
#include <linux/capability.h>

#include "conformance/unit/check.h"
#include "libsandbox/plan/fixture.h"

static void build(struct fixture *fixture, const char *process)
{
	CHECK_INT(fixture_load(fixture, "", process, ""), 0);
	CHECK_INT(plan_process_build(&fixture->work), 0);
}

/* All of envp, separated by '|'. */
static const char *environment(struct fixture *fixture)
{
	const char *text = "";

	for (char *const *at = fixture->plan.process.envp; *at; at++)
		text = arena_printf(&fixture->arena, "%s%s%s", text, *text ? "|" : "", *at);
	return text;
}

TEST(words_are_terminated)
{
	FIXTURE(f);
	build(&f, "'args':['echo','','a b']");
	CHECK_TEXT(f.plan.process.argv[0], "echo");
	CHECK_TEXT(f.plan.process.argv[1], "");
	CHECK_TEXT(f.plan.process.argv[2], "a b");
	CHECK(!f.plan.process.argv[3]);
	CHECK(!f.plan.process.envp[0]);
	CHECK(f.plan.process.home_unset);
}

TEST(of_variables_given_twice_the_last_stands_at_its_place)
{
	FIXTURE(f);
	build(&f, "'env':['A=1','B=2','AB=3','A=4','C=','A=5','B=']");
	CHECK_TEXT(environment(&f), "AB=3|C=|A=5|B=");
}

TEST(an_empty_home_counts_as_missing)
{
	static const struct {
		const char *env, *want;
		bool unset;
	} rows[] = {
		{ "'env':['A=1','HOME=','B=2']", "A=1|B=2", true },
		{ "'env':['HOME=/root']", "HOME=/root", false },
		{ "'env':['HOME=/root','HOME=']", "", true },
		{ "'env':['HOME=','HOME=/x']", "HOME=/x", false },
		{ "'env':['HOMES=','XHOME=']", "HOMES=|XHOME=", true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		FIXTURE(f);
		build(&f, rows[i].env);
		CHECK_TEXT(environment(&f), rows[i].want);
		CHECK_INT(f.plan.process.home_unset, rows[i].unset);
	}
}

TEST(sockets_of_the_caller_reach_the_environment)
{
	FIXTURE(f);
	f.options.listen_fds = 2;
	f.options.preserve_fds = 3;
	f.options.notify_socket = "/run/host.sock";
	build(&f, "'env':['LISTEN_PID=77','NOTIFY_SOCKET=/mine','X=1']");
	CHECK_TEXT(environment(&f), "X=1|LISTEN_FDS=2|LISTEN_PID=1|NOTIFY_SOCKET=/run/notify/notify.sock");
	CHECK_INT(f.plan.process.preserve_fds, 5);
}

TEST(too_many_descriptors_are_refused)
{
	FIXTURE(f);
	f.options.preserve_fds = UINT32_MAX;
	f.options.listen_fds = UINT32_MAX;
	build(&f, "");
	CHECK_HAS(fixture_error(&f), "cannot preserve 8589934590 file descriptors");
}

TEST(ten_thousand_variables_are_sorted_out)
{
	FIXTURE(f);
	_cleanup_(text_buffer_cleanup) struct text_buffer env = TEXT_BUFFER_INIT;
	size_t count = 0;

	for (int i = 0; i < 10000; i++)
		text_append_format(&env, "%s'V%d=%d'", i ? "," : "'env':[", i % 2500, i);
	text_append(&env, "]");
	build(&f, env.bytes);
	while (f.plan.process.envp[count])
		count++;
	CHECK_INT(count, 2500);
	CHECK_TEXT(f.plan.process.envp[0], "V0=7500");
	CHECK_TEXT(f.plan.process.envp[2499], "V2499=9999");
}

TEST(the_umask_has_the_engines_default)
{
	FIXTURE(f);
	build(&f, "'user':{'uid':3,'gid':4,'additionalGids':[5,6]}");
	CHECK(f.plan.process.set_umask);
	CHECK_INT(f.plan.process.umask, 022);
	CHECK_INT(f.plan.process.uid, 3);
	CHECK_INT(f.plan.process.gid, 4);
	CHECK(f.plan.process.set_groups);
	CHECK_INT(f.plan.process.groups.count, 2);

	FIXTURE(given);
	build(&given, "'user':{'uid':0,'gid':0,'umask':0}");
	CHECK_INT(given.plan.process.umask, 0);
}

TEST(groups_where_setgroups_is_denied)
{
	FIXTURE(f);
	f.plan.ids.deny_setgroups = true;
	build(&f, "'user':{'uid':0,'gid':0,'additionalGids':[5]}");
	CHECK(!f.plan.process.set_groups);
	CHECK_HAS(fixture_error(&f), "cannot set any additional groups in a rootless container");

	FIXTURE(inherited);
	inherited.host.setgroups_denied = true;
	build(&inherited, "'user':{'uid':0,'gid':0}");
	CHECK(!inherited.plan.process.set_groups);
	CHECK_TEXT(fixture_error(&inherited), "");
}

TEST(capabilities_that_were_not_given_are_none)
{
	FIXTURE(f);
	build(&f, "");
	CHECK_INT(f.plan.process.capabilities.bounding | f.plan.process.capabilities.permitted, 0);

	FIXTURE(none);
	build(&none, "'capabilities':{}");
	CHECK_INT(none.plan.process.capabilities.bounding, 0);
}

TEST(capabilities_are_what_the_kernel_will_grant)
{
	FIXTURE(f);
	const struct plan_capabilities *capabilities = &f.plan.process.capabilities;
	uint64_t kill = UINT64_C(1) << CAP_KILL, chown = UINT64_C(1) << CAP_CHOWN, bpf = UINT64_C(1) << CAP_BPF;

	f.host.caps_last = CAP_AUDIT_READ;
	build(&f, "'capabilities':{'bounding':['CAP_KILL','CAP_CHOWN','CAP_BPF'],'permitted':['CAP_KILL','CAP_CHOWN'],"
		  "'effective':['CAP_KILL','CAP_SYS_ADMIN'],'inheritable':['CAP_CHOWN'],"
		  "'ambient':['CAP_CHOWN','CAP_KILL']}");
	CHECK(capabilities->bounding == (kill | chown));
	CHECK(!(capabilities->bounding & bpf));
	CHECK(capabilities->permitted == (kill | chown));
	CHECK(capabilities->effective == kill);
	CHECK(capabilities->inheritable == chown);
	CHECK(capabilities->ambient == chown);
	CHECK_TEXT(fixture_error(&f), "");
	for (unsigned int i = 0; i < f.problems.count; i++) {
		if (strstr(f.problems.items[i]->text, "ignoring CAP_BPF: this kernel does not know it"))
			return;
	}
	CHECK(!"warned of CAP_BPF");
}

TEST(terminal_and_console_socket_go_together)
{
	static const struct {
		bool terminal, detach, socket;
		const char *message;
	} rows[] = {
		{ false, false, false, "" },
		{ false, true, false, "" },
		{ true, false, false, "" },
		{ true, true, true, "" },
		{ true, true, false, "cannot allocate tty if orlop will detach without setting console socket" },
		{ true, false, true, "cannot use console socket if orlop will not detach or allocate tty" },
		{ false, true, true, "cannot use console socket if orlop will not detach or allocate tty" },
		{ false, false, true, "cannot use console socket if orlop will not detach or allocate tty" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		FIXTURE(f);
		f.options.detach = rows[i].detach;
		f.options.console_socket = rows[i].socket;
		build(&f, rows[i].terminal ? "'terminal':true" : "");
		CHECK_TEXT(fixture_error(&f), rows[i].message);
		CHECK_INT(f.plan.process.terminal, rows[i].terminal);
	}
}

TEST(the_console_size_counts_with_a_terminal_only)
{
	FIXTURE(f);
	build(&f, "'terminal':true,'consoleSize':{'height':24,'width':80}");
	CHECK(f.plan.process.console_size_set);
	CHECK_INT(f.plan.process.console_height, 24);
	CHECK_INT(f.plan.process.console_width, 80);

	FIXTURE(none);
	build(&none, "'consoleSize':{'height':24,'width':80}");
	CHECK(!none.plan.process.console_size_set);
}

TEST(labels_that_cannot_be_given_are_refused)
{
	FIXTURE(f);
	f.host.apparmor = f.host.selinux = false;
	build(&f, "'apparmorProfile':'p','selinuxLabel':'a:b:c:s0'");
	CHECK_INT(f.problems.errors, 2);
	CHECK_HAS(f.problems.items[0]->text, "apparmor: config provided but apparmor not supported");
	CHECK_HAS(f.problems.items[1]->text, "selinux label is specified in config, but selinux is disabled");

	FIXTURE(empty);
	empty.host.apparmor = empty.host.selinux = false;
	build(&empty, "'apparmorProfile':'','selinuxLabel':''");
	CHECK_TEXT(fixture_error(&empty), "");
}

TEST(a_deadline_and_a_cpuset_exclude_each_other)
{
	static const char deadline[] =
		"'scheduler':{'policy':'SCHED_DEADLINE','runtime':42000,'deadline':1000000,'period':1000000}";
	static const struct {
		const char *process, *os_linux;
		bool refused;
	} rows[] = {
		{ deadline, "'resources':{'cpu':{'cpus':'0'}}", true },
		{ deadline, "'resources':{'unified':{'cpuset.cpus':'0'}}", true },
		{ deadline, "'resources':{'cpu':{'mems':'0'}}", false },
		{ deadline, "", false },
		{ "'scheduler':{'policy':'SCHED_BATCH'}", "'resources':{'cpu':{'cpus':'0'}}", false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		FIXTURE(f);
		CHECK_INT(fixture_load(&f, "", rows[i].process, rows[i].os_linux), 0);
		CHECK_INT(plan_process_build(&f.work), 0);
		if (rows[i].refused)
			CHECK_HAS(fixture_error(&f), "process scheduler can't be used together with AllowedCPUs");
		else
			CHECK_TEXT(fixture_error(&f), "");
	}
}

TEST(the_keyring_can_be_left_out)
{
	FIXTURE(f);
	build(&f, "");
	CHECK(f.plan.process.keyring);

	FIXTURE(kept);
	kept.options.no_new_keyring = true;
	build(&kept, "");
	CHECK(!kept.plan.process.keyring);
}
