/* SPDX-License-Identifier: Apache-2.0 */
/* Profiles become programs: asked call by call, compared with the profile. What the kernel makes of them is kernel_test.c's. */
#include "libsandbox/seccomp/filter.h"

#include <stdio.h>
#include <sys/syscall.h>

#include "libbase/cleanup.h"
#include "libbase/clock.h"
#include "libbase/fd.h"
#include "libsandbox/seccomp/machine_fixture.h"
#include "libsandbox/seccomp/names.h"
#include "libsandbox/seccomp/oracle_fixture.h"
#include "libsandbox/seccomp/profile_fixture.h"

#define ERRNO(number) (SECCOMP_RET_ERRNO | (number))

static uint32_t ask(const struct profile *profile, long number, uint64_t arg0, uint64_t arg1)
{
	const uint64_t args[6] = { arg0, arg1 };

	return machine_ask(&profile->program.filter, seccomp_abi_native().audit, (uint32_t)number, args);
}

/* -- small profiles -------------------------------------------------------------------------------------------------------------------- */

TEST(every_action_comes_out)
{
	static const struct {
		const char *words;
		uint32_t answer;
	} rows[] = {
		{ "'action':'SCMP_ACT_KILL'", SECCOMP_RET_KILL_THREAD },
		{ "'action':'SCMP_ACT_KILL_THREAD'", SECCOMP_RET_KILL_THREAD },
		{ "'action':'SCMP_ACT_KILL_PROCESS'", SECCOMP_RET_KILL_PROCESS },
		{ "'action':'SCMP_ACT_TRAP'", SECCOMP_RET_TRAP },
		{ "'action':'SCMP_ACT_ERRNO'", ERRNO(EPERM) },
		{ "'action':'SCMP_ACT_ERRNO','errnoRet':0", ERRNO(0) },
		{ "'action':'SCMP_ACT_ERRNO','errnoRet':13", ERRNO(13) },
		{ "'action':'SCMP_ACT_TRACE'", SECCOMP_RET_TRACE | 1 },
		{ "'action':'SCMP_ACT_TRACE','errnoRet':900", SECCOMP_RET_TRACE | 900 },
		{ "'action':'SCMP_ACT_LOG'", SECCOMP_RET_LOG },
		{ "'action':'SCMP_ACT_NOTIFY'", SECCOMP_RET_USER_NOTIF },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		PROFILE(p);
		profile_make(&p,
			     arena_printf(&p.arena,
					  "'defaultAction':'SCMP_ACT_ALLOW','listenerPath':'/a','syscalls':[{'names':"
					  "['mkdir'],%s}]",
					  rows[i].words));
		CHECK_INT(ask(&p, SYS_mkdir, 0, 0), rows[i].answer);
		CHECK_INT(ask(&p, SYS_rmdir, 0, 0), SECCOMP_RET_ALLOW);
	}
}

TEST(the_default_is_for_all_the_rest)
{
	static const struct {
		const char *words;
		uint32_t usual, newer;
	} rows[] = {
		{ "'defaultAction':'SCMP_ACT_ERRNO'", ERRNO(EPERM), ERRNO(ENOSYS) },
		{ "'defaultAction':'SCMP_ACT_ERRNO','defaultErrnoRet':38", ERRNO(ENOSYS), ERRNO(ENOSYS) },
		{ "'defaultAction':'SCMP_ACT_ERRNO','defaultErrnoRet':2", ERRNO(2), ERRNO(ENOSYS) },
		{ "'defaultAction':'SCMP_ACT_KILL_PROCESS'", SECCOMP_RET_KILL_PROCESS, ERRNO(ENOSYS) },
		{ "'defaultAction':'SCMP_ACT_KILL'", SECCOMP_RET_KILL_THREAD, ERRNO(ENOSYS) },
		{ "'defaultAction':'SCMP_ACT_TRAP'", SECCOMP_RET_TRAP, ERRNO(ENOSYS) },
		{ "'defaultAction':'SCMP_ACT_LOG'", SECCOMP_RET_LOG, SECCOMP_RET_LOG },
		{ "'defaultAction':'SCMP_ACT_TRACE'", SECCOMP_RET_TRACE | 1, SECCOMP_RET_TRACE | 1 },
		{ "'defaultAction':'SCMP_ACT_ALLOW'", SECCOMP_RET_ALLOW, SECCOMP_RET_ALLOW },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		PROFILE(p);
		profile_make(&p, arena_printf(&p.arena, "%s,'syscalls':[{'names':['openat2'],'action':'%s'}]",
					      rows[i].words,
					      rows[i].usual == SECCOMP_RET_ALLOW ? "SCMP_ACT_KILL" : "SCMP_ACT_ALLOW"));
		CHECK_INT(ask(&p, SYS_mkdir, 0, 0), rows[i].usual);
		CHECK_INT(ask(&p, SYS_openat2 - 1, 0, 0), rows[i].usual);
		CHECK_INT(ask(&p, SYS_openat2 + 1, 0, 0), rows[i].newer);
		CHECK_INT(ask(&p, 10000, 0, 0), rows[i].newer);
	}
}

TEST(a_profile_that_names_no_call_knows_all)
{
	PROFILE(p);
	profile_make(&p, "'defaultAction':'SCMP_ACT_ERRNO'");
	CHECK_INT(ask(&p, SYS_mkdir, 0, 0), ERRNO(EPERM));
	CHECK_INT(ask(&p, 10000, 0, 0), ERRNO(EPERM));
}

/* A rule that says what the default says still tells that its author knew the call. */
TEST(a_rule_as_the_default_counts_as_known)
{
	PROFILE(p);
	profile_make(&p, "'defaultAction':'SCMP_ACT_ERRNO','syscalls':[{'names':['read'],'action':'SCMP_ACT_ALLOW'},"
			 "{'names':['openat2'],'action':'SCMP_ACT_ERRNO'}]");
	CHECK_INT(ask(&p, SYS_openat2, 0, 0), ERRNO(EPERM));
	CHECK_INT(ask(&p, SYS_openat2 + 1, 0, 0), ERRNO(ENOSYS));
}

TEST(every_operator_compares_all_64_bits)
{
	static const uint64_t values[] = { 0,
					   1,
					   0x7fffffff,
					   0x80000000,
					   0xfffffffe,
					   0xffffffff,
					   UINT64_C(1) << 32,
					   (UINT64_C(1) << 32) + 1,
					   INT64_MAX,
					   INT64_MIN,
					   UINT64_C(0xff00000001),
					   UINT64_MAX };

	for (size_t op = 0; op < names_seccomp_operators.count; op++) {
		for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
			PROFILE(p);
			profile_make(&p,
				     arena_printf(&p.arena,
						  "'defaultAction':'SCMP_ACT_ERRNO','syscalls':[{'names':['mkdir'],"
						  "'action':'SCMP_ACT_ALLOW','args':[{'index':1,'op':'%s','value':"
						  "%llu,'valueTwo':%llu}]}]",
						  names_seccomp_operators.names[op].text, (unsigned long long)values[i],
						  (unsigned long long)(values[i] & 0xff00000001)));
			for (size_t j = 0; j < ARRAY_SIZE(values); j++) {
				const uint64_t args[6] = { 5, values[j] };
				const struct spec_seccomp_arg *arg = &p.plan.spec->syscalls.items[0].args.items[0];

				CHECK_INT(ask(&p, SYS_mkdir, 5, values[j]),
					  model_condition(arg, args) ? SECCOMP_RET_ALLOW : ERRNO(EPERM));
			}
		}
	}
}

TEST(conditions_on_different_arguments_must_all_hold)
{
	PROFILE(p);
	profile_make(&p,
		     "'defaultAction':'SCMP_ACT_ERRNO','syscalls':[{'names':['mkdir'],'action':'SCMP_ACT_ALLOW',"
		     "'args':[{'index':0,'op':'SCMP_CMP_EQ','value':1},{'index':1,'op':'SCMP_CMP_GT','value':9}]}]");
	CHECK_INT(ask(&p, SYS_mkdir, 1, 10), SECCOMP_RET_ALLOW);
	CHECK_INT(ask(&p, SYS_mkdir, 1, 9), ERRNO(EPERM));
	CHECK_INT(ask(&p, SYS_mkdir, 2, 10), ERRNO(EPERM));
	CHECK_INT(ask(&p, SYS_mkdir, 0, 0), ERRNO(EPERM));
}

TEST(two_conditions_on_one_argument_are_alternatives)
{
	PROFILE(p);
	profile_make(&p, "'defaultAction':'SCMP_ACT_ERRNO','syscalls':[{'names':['mkdir'],'action':'SCMP_ACT_ALLOW',"
			 "'args':[{'index':0,'op':'SCMP_CMP_EQ','value':1},{'index':0,'op':'SCMP_CMP_EQ','value':4},"
			 "{'index':1,'op':'SCMP_CMP_EQ','value':7}]}]");
	CHECK_INT(ask(&p, SYS_mkdir, 1, 0), SECCOMP_RET_ALLOW);
	CHECK_INT(ask(&p, SYS_mkdir, 4, 0), SECCOMP_RET_ALLOW);
	CHECK_INT(ask(&p, SYS_mkdir, 9, 7), SECCOMP_RET_ALLOW);
	CHECK_INT(ask(&p, SYS_mkdir, 9, 0), ERRNO(EPERM));
}

/* libseccomp 2.5.4 merges such rules into one tree, in which a call that none allows finds a way through. */
TEST(rules_that_compare_one_argument_do_not_mix)
{
	PROFILE(p);
	profile_make(&p, "'defaultAction':'SCMP_ACT_ERRNO','syscalls':["
			 "{'names':['mkdir'],'action':'SCMP_ACT_ALLOW','args':[{'index':1,'op':'SCMP_CMP_LT','value':"
			 "4294967295}]},"
			 "{'names':['mkdir'],'action':'SCMP_ACT_ALLOW','args':[{'index':1,'op':'SCMP_CMP_GE','value':"
			 "18446744073709551615}]}]");
	CHECK_INT(ask(&p, SYS_mkdir, 0, 0xfffffffe), SECCOMP_RET_ALLOW);
	CHECK_INT(ask(&p, SYS_mkdir, 0, 0xffffffff), ERRNO(EPERM));
	CHECK_INT(ask(&p, SYS_mkdir, 0, 0x100000000), ERRNO(EPERM));
	CHECK_INT(ask(&p, SYS_mkdir, 0, UINT64_MAX - 1), ERRNO(EPERM));
	CHECK_INT(ask(&p, SYS_mkdir, 0, UINT64_MAX), SECCOMP_RET_ALLOW);
}

TEST(a_rule_without_conditions_stands_for_its_call)
{
	PROFILE(p);
	profile_make(&p,
		     "'defaultAction':'SCMP_ACT_ERRNO','syscalls':["
		     "{'names':['mkdir'],'action':'SCMP_ACT_KILL','args':[{'index':0,'op':'SCMP_CMP_EQ','value':1}]},"
		     "{'names':['mkdir','rmdir'],'action':'SCMP_ACT_ALLOW'},"
		     "{'names':['rmdir'],'action':'SCMP_ACT_KILL'}]");
	CHECK_INT(ask(&p, SYS_mkdir, 1, 0), SECCOMP_RET_ALLOW);
	CHECK_INT(ask(&p, SYS_rmdir, 0, 0), SECCOMP_RET_ALLOW);
}

TEST(rules_that_contradict_each_other_are_refused)
{
	PROFILE(p);
	profile_parse(
		&p, "'defaultAction':'SCMP_ACT_ERRNO','syscalls':["
		    "{'names':['mkdir'],'action':'SCMP_ACT_KILL','args':[{'index':0,'op':'SCMP_CMP_EQ','value':1}]},"
		    "{'names':['mkdir'],'action':'SCMP_ACT_ALLOW','args':[{'index':0,'op':'SCMP_CMP_EQ','value':1}]}]");
	CHECK_INT(profile_compile(&p), -EEXIST);
	CHECK_TEXT(error_text(&p.err),
		   "/linux/seccomp/syscalls/1: rule 0 for 'mkdir' has the same conditions and another "
		   "action");
}

TEST(names_that_nobody_knows_have_no_rule)
{
	PROFILE(p);
	profile_make(&p, "'defaultAction':'SCMP_ACT_ERRNO','syscalls':["
			 "{'names':['frobnicate','mkdir','Read'],'action':'SCMP_ACT_ALLOW'},"
			 "{'names':['frobnicate'],'action':'SCMP_ACT_ALLOW'}]");
	CHECK_INT(ask(&p, SYS_mkdir, 0, 0), SECCOMP_RET_ALLOW);
	CHECK_INT(ask(&p, SYS_read, 0, 0), ERRNO(EPERM));
}

/* file_setattr (469, Linux 6.17) is newer than libseccomp 2.6.0; whichever of the two knows it, the answer is the same. */
TEST(calls_newer_than_libseccomp_have_their_rules)
{
	PROFILE(allow);
	profile_make(&allow, "'defaultAction':'SCMP_ACT_ERRNO','architectures':['SCMP_ARCH_X86_64','SCMP_ARCH_X86'],"
			     "'syscalls':[{'names':['file_setattr','mkdir'],'action':'SCMP_ACT_ALLOW'}]");
	CHECK_INT(ask(&allow, 469, 0, 0), SECCOMP_RET_ALLOW);
	CHECK_INT(machine_ask(&allow.program.filter, AUDIT_ARCH_I386, 469, NULL), SECCOMP_RET_ALLOW);
	CHECK_INT(ask(&allow, 468, 0, 0), ERRNO(EPERM));
	CHECK_INT(ask(&allow, 470, 0, 0), ERRNO(ENOSYS));

	PROFILE(forbid);
	profile_make(&forbid, "'defaultAction':'SCMP_ACT_ALLOW','syscalls':["
			      "{'names':['file_setattr'],'action':'SCMP_ACT_KILL_PROCESS'}]");
	CHECK_INT(ask(&forbid, 469, 0, 0), SECCOMP_RET_KILL_PROCESS);
	CHECK_INT(ask(&forbid, 470, 0, 0), SECCOMP_RET_ALLOW);

	PROFILE(usual);
	profile_make(&usual, "'defaultAction':'SCMP_ACT_ERRNO','syscalls':[{'names':['file_setattr'],'action':"
			     "'SCMP_ACT_ERRNO'},{'names':['file_setattr'],'action':'SCMP_ACT_ALLOW'}]");
	CHECK_INT(ask(&usual, 469, 0, 0), SECCOMP_RET_ALLOW);
}

/* -- architectures --------------------------------------------------------------------------------------------------------------------- */

TEST(an_architecture_that_is_not_in_is_killed)
{
	PROFILE(p);
	profile_make(&p, "'defaultAction':'SCMP_ACT_ALLOW','architectures':['SCMP_ARCH_X86_64'],'syscalls':["
			 "{'names':['mkdir'],'action':'SCMP_ACT_ERRNO'}]");
	CHECK_INT(machine_ask(&p.program.filter, AUDIT_ARCH_I386, 20, NULL), SECCOMP_RET_KILL_THREAD);
	CHECK_INT(machine_ask(&p.program.filter, AUDIT_ARCH_AARCH64, 20, NULL), SECCOMP_RET_KILL_THREAD);
	CHECK_INT(machine_ask(&p.program.filter, AUDIT_ARCH_X86_64, 0x40000000 + 20, NULL), SECCOMP_RET_KILL_THREAD);
}

TEST(the_native_architecture_is_always_in)
{
	PROFILE(none);
	profile_make(&none,
		     "'defaultAction':'SCMP_ACT_ERRNO','syscalls':[{'names':['mkdir'],'action':'SCMP_ACT_ALLOW'}]");
	CHECK_INT(ask(&none, SYS_mkdir, 0, 0), SECCOMP_RET_ALLOW);

	PROFILE(other);
	profile_make(&other, "'defaultAction':'SCMP_ACT_ERRNO','architectures':['SCMP_ARCH_AARCH64','SCMP_ARCH_ARM'],"
			     "'syscalls':[{'names':['mkdirat','set_tls'],'action':'SCMP_ACT_ALLOW'}]");
	CHECK_INT(ask(&other, SYS_mkdirat, 0, 0), SECCOMP_RET_ALLOW);
	CHECK_INT(machine_ask(&other.program.filter, AUDIT_ARCH_AARCH64, 34, NULL), SECCOMP_RET_ALLOW);
	CHECK_INT(machine_ask(&other.program.filter, AUDIT_ARCH_AARCH64, 33, NULL), ERRNO(EPERM));
	CHECK_INT(machine_ask(&other.program.filter, AUDIT_ARCH_AARCH64, 35, NULL), ERRNO(ENOSYS));
	CHECK_INT(machine_ask(&other.program.filter, AUDIT_ARCH_ARM, 323, NULL), SECCOMP_RET_ALLOW);
	/* set_tls, one of ARM's own, is not the newest call of all. */
	CHECK_INT(machine_ask(&other.program.filter, AUDIT_ARCH_ARM, 0xf0005, NULL), SECCOMP_RET_ALLOW);
	CHECK_INT(machine_ask(&other.program.filter, AUDIT_ARCH_ARM, 324, NULL), ERRNO(ENOSYS));
}

TEST(an_architecture_that_cannot_be_is_told)
{
	PROFILE(order);
	profile_parse(&order, "'defaultAction':'SCMP_ACT_ERRNO','architectures':['SCMP_ARCH_S390X']");
	CHECK_INT(profile_compile(&order), -EDOM);
	CHECK_TEXT(error_text(&order.err),
		   "/linux/seccomp/architectures: the byte order of SCMP_ARCH_S390X is not this machine's");

	struct seccomp_abi abi;

	if (seccomp_abi_find(name_find(&names_seccomp_archs, "SCMP_ARCH_SH")->value, &abi))
		check_skip("this libseccomp knows all architectures");
	PROFILE(unknown);
	profile_parse(&unknown, "'defaultAction':'SCMP_ACT_ERRNO','architectures':['SCMP_ARCH_SH']");
	CHECK_INT(profile_compile(&unknown), -EOPNOTSUPP);
	CHECK_HAS(error_text(&unknown.err), "does not know SCMP_ARCH_SH");
}

/* i386 has socketcall(2) and ipc(2); a kernel since 4.3 has numbers of their own for what is behind them as well. */
TEST(calls_behind_one_number_are_told_apart)
{
	PROFILE(p);
	struct sock_fprog other;

	profile_make(
		&p, "'defaultAction':'SCMP_ACT_ERRNO','architectures':['SCMP_ARCH_X86'],'syscalls':["
		    "{'names':['connect','accept','semop','shmget','cachestat'],'action':'SCMP_ACT_ALLOW'},"
		    "{'names':['socket'],'action':'SCMP_ACT_ALLOW','args':[{'index':0,'op':'SCMP_CMP_NE','value':40}]},"
		    "{'names':['bind'],'action':'SCMP_ACT_ALLOW','args':[{'index':2,'op':'SCMP_CMP_LE','value':16}]},"
		    "{'names':['listen'],'action':'SCMP_ACT_ALLOW','args':[{'index':0,'op':'SCMP_CMP_EQ','value':3},"
		    "{'index':0,'op':'SCMP_CMP_EQ','value':4}]},"
		    "{'names':['msgget'],'action':'SCMP_ACT_KILL'}]");
	other = libseccomp_program(&p.arena, p.plan.spec);
	for (uint32_t number = 0; number <= 450; number++) {
		for (uint64_t first = 0; first <= 45; first++) {
			for (uint64_t third = 15; third <= 18; third++) {
				const uint64_t args[6] = { first, 7, third };
				uint32_t got = machine_ask(&p.program.filter, AUDIT_ARCH_I386, number, args);
				uint32_t want = machine_ask(&other, AUDIT_ARCH_I386, number, args);

				if (got != want)
					check_fail(__FILE__, __LINE__, "%u(%llu, 7, %llu): got 0x%x, want 0x%x", number,
						   (unsigned long long)first, (unsigned long long)third, got, want);
			}
		}
	}
	/* socketcall: connect is 3, listen 4, shutdown 13; ipc: semop is 1, msgget 13. */
	CHECK_INT(machine_ask(&p.program.filter, AUDIT_ARCH_I386, 102, (const uint64_t[6]){ 3 }), SECCOMP_RET_ALLOW);
	CHECK_INT(machine_ask(&p.program.filter, AUDIT_ARCH_I386, 102, (const uint64_t[6]){ 13 }), ERRNO(EPERM));
	CHECK_INT(machine_ask(&p.program.filter, AUDIT_ARCH_I386, 117, (const uint64_t[6]){ 1 }), SECCOMP_RET_ALLOW);
	CHECK_INT(machine_ask(&p.program.filter, AUDIT_ARCH_I386, 117, (const uint64_t[6]){ 13 }),
		  SECCOMP_RET_KILL_THREAD);
	CHECK_INT(machine_ask(&p.program.filter, AUDIT_ARCH_I386, 362, NULL), SECCOMP_RET_ALLOW);
}

TEST(numbers_that_begin_elsewhere)
{
	static const struct {
		uint32_t audit, first;
	} rows[] = {
		{ AUDIT_ARCH_MIPSEL, 4000 },
		{ AUDIT_ARCH_MIPSEL64, 5000 },
		{ AUDIT_ARCH_MIPSEL64N32, 6000 },
	};
	PROFILE(p);

	profile_make(&p, "'defaultAction':'SCMP_ACT_ERRNO','architectures':['SCMP_ARCH_MIPSEL','SCMP_ARCH_MIPSEL64',"
			 "'SCMP_ARCH_MIPSEL64N32'],'syscalls':[{'names':['pidfd_open','file_setattr'],"
			 "'action':'SCMP_ACT_ALLOW'}]");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint32_t audit = rows[i].audit, first = rows[i].first;

		CHECK_INT(machine_ask(&p.program.filter, audit, first + 434, NULL), SECCOMP_RET_ALLOW);
		CHECK_INT(machine_ask(&p.program.filter, audit, first + 469, NULL), SECCOMP_RET_ALLOW);
		CHECK_INT(machine_ask(&p.program.filter, audit, first + 433, NULL), ERRNO(EPERM));
		CHECK_INT(machine_ask(&p.program.filter, audit, first + 470, NULL), ERRNO(ENOSYS));
		CHECK_INT(machine_ask(&p.program.filter, audit, 434, NULL), SECCOMP_RET_KILL_THREAD);
	}
}

/* A tracer takes a call back by the number -1: that must not kill. */
TEST(no_call_is_as_the_default)
{
	PROFILE(without);
	profile_make(&without,
		     "'defaultAction':'SCMP_ACT_ERRNO','syscalls':[{'names':['read'],'action':'SCMP_ACT_ALLOW'}]");
	CHECK_INT(ask(&without, UINT32_MAX, 0, 0), ERRNO(EPERM));
	CHECK_INT(ask(&without, UINT32_MAX - 1, 0, 0), SECCOMP_RET_KILL_THREAD);
	/* read(2) is number 0, and the last that this profile knows. */
	CHECK_INT(ask(&without, 1, 0, 0), ERRNO(ENOSYS));
}

/* -- real profiles --------------------------------------------------------------------------------------------------------------------- */

static const uint64_t arguments[][6] = {
	{ 0 },
	{ 1, 1, 1, 1, 1, 1 },
	{ 8, 16, 9 },
	{ 16, 3, 9 },
	{ 16, 3, 0 },
	{ 131072, 131072, 131080, 0xffffffff },
	{ 131080 },
	{ 0xffffffff },
	{ UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX },
	{ 0x10000000 },
	{ 0x7e020000 },
	{ 0x11, 0x22, 0x33 },
};

static const struct {
	uint32_t token, audit, first;
} sets[] = {
	{ SCMP_ARCH_X86_64, AUDIT_ARCH_X86_64, 0 },
	{ SCMP_ARCH_X32, AUDIT_ARCH_X86_64, 0x40000000 },
	{ SCMP_ARCH_X86, AUDIT_ARCH_I386, 0 },
};

static const char *const files[] = { "docker-default.json", "docker-options.json", "podman-default.json",
				     "podman-options.json", "docker-bench.json" };

/* Every number of x86_64 with every row of arguments. */
TEST(real_profiles_mean_what_they_say)
{
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		PROFILE(p);
		uint32_t last;

		profile_read(&p, files[i]);
		CHECK_INT(profile_compile(&p), 0);
		last = model_last(p.plan.spec, SCMP_ARCH_X86_64, 0);
		for (uint32_t number = 0; number < NUMBERS_MAX; number++) {
			char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_X86_64, (int)number);

			for (size_t j = 0; j < ARRAY_SIZE(arguments); j++) {
				uint32_t got = machine_ask(&p.program.filter, AUDIT_ARCH_X86_64, number, arguments[j]);
				uint32_t want = model_ask(p.plan.spec, name, number > last, arguments[j]);

				if (got != want)
					check_fail(__FILE__, __LINE__, "%u (%s), arguments %zu: got 0x%x, want 0x%x",
						   number, name ? name : "?", j, got, want);
			}
			free(name);
		}
	}
}

static void numbers_compare(const struct profile *profile, const struct sock_fprog *other, size_t set)
{
	uint32_t first = sets[set].first, last = model_last(profile->plan.spec, sets[set].token, first);

	for (uint32_t number = first; number < first + NUMBERS_MAX; number++) {
		for (size_t i = 0; i < ARRAY_SIZE(arguments); i++) {
			uint32_t got = machine_ask(&profile->program.filter, sets[set].audit, number, arguments[i]);
			uint32_t want = machine_ask(other, sets[set].audit, number, arguments[i]);

			if (number > last)
				want = ERRNO(ENOSYS);
			if (got != want)
				check_fail(__FILE__, __LINE__, "0x%x: 0x%x, arguments %zu: got 0x%x, want 0x%x",
					   sets[set].token, number, i, got, want);
		}
	}
}

/* What runc loads, but for calls that the profile does not know: runc puts ENOSYS before libseccomp's program. */
TEST(real_profiles_mean_what_libseccomp_makes_of_them)
{
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		PROFILE(p);
		struct sock_fprog other;

		profile_read(&p, files[i]);
		CHECK_INT(profile_compile(&p), 0);
		other = libseccomp_program(&p.arena, p.plan.spec);
		printf("# %s: %u instructions, libseccomp %u\n", files[i], (unsigned int)p.program.filter.len,
		       (unsigned int)other.len);
		for (size_t s = 0; s < ARRAY_SIZE(sets); s++)
			numbers_compare(&p, &other, s);
		CHECK_INT(machine_ask(&p.program.filter, AUDIT_ARCH_AARCH64, 0, NULL), SECCOMP_RET_KILL_THREAD);
		CHECK_INT(machine_ask(&other, AUDIT_ARCH_AARCH64, 0, NULL), SECCOMP_RET_KILL_THREAD);
	}
}

TEST(compiling_dockers_profile_takes_milliseconds)
{
	int64_t best = INT64_MAX;

	for (int i = 0; i < 5; i++) {
		PROFILE(p);
		int64_t begin;

		profile_read(&p, "docker-default.json");
		begin = clock_now_ns();
		CHECK_INT(profile_compile(&p), 0);
		if (clock_now_ns() - begin < best)
			best = clock_now_ns() - begin;
		if (i == 0)
			printf("# %u instructions\n", (unsigned int)p.program.filter.len);
	}
	printf("# best of 5: %lld us\n", (long long)best / 1000);
	CHECK(best < INT64_C(2000) * 1000000);
}

/* -- chance ---------------------------------------------------------------------------------------------------------------------------- */

/* Profiles of chance with one action, so that no rules contradict each other; arguments are near what the conditions say. */
TEST(profiles_of_chance_mean_what_they_say)
{
	static const long numbers[] = { SYS_mkdir, SYS_rmdir, SYS_openat2, SYS_getpid, SYS_read };

	for (int round = 0; round < 400; round++) {
		PROFILE(p);
		const char *members = chance_profile(&p.arena, 1 + chance(8));
		uint32_t last;

		profile_make(&p, members);
		last = model_last(p.plan.spec, SCMP_ARCH_X86_64, 0);
		for (int i = 0; i < 200; i++) {
			const uint64_t args[6] = { chance_value(), chance_value(), chance_value() };
			long number = numbers[chance(ARRAY_SIZE(numbers))];
			char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_X86_64, (int)number);
			uint32_t want = model_ask(p.plan.spec, name, number > last, args);
			uint32_t got = machine_ask(&p.program.filter, AUDIT_ARCH_X86_64, (uint32_t)number, args);

			if (got != want)
				check_fail(__FILE__, __LINE__, "%s(0x%llx, 0x%llx, 0x%llx): got 0x%x, want 0x%x of %s",
					   name, (unsigned long long)args[0], (unsigned long long)args[1],
					   (unsigned long long)args[2], got, want, members);
			free(name);
		}
	}
}

/* -- limits ---------------------------------------------------------------------------------------------------------------------------- */

TEST(a_profile_that_makes_too_many_instructions_is_refused)
{
	PROFILE(p);
	struct text_buffer text = TEXT_BUFFER_INIT;

	text_append(&text,
		    "'defaultAction':'SCMP_ACT_ERRNO','syscalls':[{'names':['getpid'],'action':'SCMP_ACT_ALLOW'}");
	for (int i = 0; i < 4096; i++)
		text_append_format(
			&text,
			",{'names':['mkdir'],'action':'SCMP_ACT_ALLOW','args':[{'index':0,'op':'SCMP_CMP_EQ',"
			"'value':%d}]}",
			i);
	text_append(&text, "]");
	profile_parse(&p, text.bytes);
	text_buffer_cleanup(&text);
	CHECK_INT(profile_compile(&p), -E2BIG);
	CHECK_HAS(error_text(&p.err), "instructions");
}
