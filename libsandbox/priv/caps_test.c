/* SPDX-License-Identifier: Apache-2.0 */
/* Capability sets as the kernel shows them after they were applied, for root and for others. */
#include "libsandbox/priv/caps.h"

#include <grp.h>
#include <linux/capability.h>
#include <signal.h>
#include <sys/prctl.h>

#include "libsandbox/priv/fixture.h"
#include "libsandbox/priv/session.h"
#include "libsandbox/priv/user.h"

#define BIT(capability) (UINT64_C(1) << (capability))
#define LAST            CAP_CHECKPOINT_RESTORE /* each kernel above the floor knows it */

static void want_set(const char *name, uint64_t set)
{
	char text[4096], line[64];

	snprintf(line, sizeof(line), "%s:\t%016llx\n", name, (unsigned long long)set);
	WANT_HAS(text_read("/proc/self/status", text), line);
}

static void want_sets(uint64_t bounding, uint64_t permitted, uint64_t effective, uint64_t inheritable, uint64_t ambient)
{
	want_set("CapBnd", bounding);
	want_set("CapPrm", permitted);
	want_set("CapEff", effective);
	want_set("CapInh", inheritable);
	want_set("CapAmb", ambient);
}

static uint64_t bounding_read(void)
{
	uint64_t set = 0;

	for (unsigned int number = 0; number < 64; number++)
		set |= prctl(PR_CAPBSET_READ, number) == 1 ? BIT(number) : 0;
	return set;
}

static void apply(const struct plan_process *process)
{
	struct error err;

	ERROR_INIT(&err);
	WANT_OK(capabilities_bound(&process->capabilities, bounding_read(), LAST, &err), &err);
	WANT_OK(user_switch(process, &(const struct user_ids){ 0 }, false, &err), &err);
	WANT_OK(capabilities_apply(&process->capabilities, &err), &err);
}

CHILD(root_gets_exactly_the_sets)
{
	const uint64_t some = BIT(CAP_KILL) | BIT(CAP_CHOWN) | BIT(CAP_AUDIT_READ), one = BIT(CAP_KILL);
	const struct plan_process process = {
		.capabilities = { .bounding = some,
				  .permitted = some,
				  .effective = one,
				  .inheritable = 0,
				  .ambient = 0 },
	};

	need_root();
	apply(&process);
	want_sets(some, some, one, 0, 0);
}

/* What is not in the set need not be known to be dropped; what may be in it is dropped up to the last that the kernel has. */
CHILD(the_bounding_set_is_the_same_however_much_is_known)
{
	const struct plan_capabilities some = { .bounding = BIT(CAP_KILL) | BIT(CAP_CHOWN) | BIT(CAP_AUDIT_READ) };
	const struct plan_capabilities one = { .bounding = BIT(CAP_KILL) };
	struct error err;
	uint64_t had;

	ERROR_INIT(&err);
	need_root();
	had = bounding_read();
	WANT_OK(capabilities_bound(&some, had, LAST, &err), &err);
	want_set("CapBnd", some.bounding & had);
	WANT_OK(capabilities_bound(&one, bounding_read(), LAST, &err), &err);
	want_set("CapBnd", one.bounding & had);
	WANT(unshare(CLONE_NEWUSER) == 0);
	had = bounding_read();
	WANT(had >> LAST & 1);
	/* As if only this one were known to be. */
	WANT_OK(capabilities_bound(&some, UINT64_MAX, CAP_KILL, &err), &err);
	want_set("CapBnd", some.bounding);
	WANT_OK(capabilities_bound(&one, UINT64_MAX, LAST, &err), &err);
	want_set("CapBnd", one.bounding);
}

CHILD(nothing_means_nothing)
{
	const struct plan_process process = { .uid = 0 };

	need_root();
	apply(&process);
	want_sets(0, 0, 0, 0, 0);
}

CHILD(another_user_keeps_them_over_the_change)
{
	const uint64_t some = BIT(CAP_KILL) | BIT(CAP_NET_RAW);
	const struct plan_process process = {
		.uid = 1000,
		.gid = 1000,
		.capabilities = { .bounding = some,
				  .permitted = some,
				  .effective = some,
				  .inheritable = some,
				  .ambient = BIT(CAP_NET_RAW) },
	};

	need_root();
	apply(&process);
	want_sets(some, some, some, some, BIT(CAP_NET_RAW));
	WANT_INT(prctl(PR_GET_KEEPCAPS), 0);
}

/* CVE-2016-8867: what is effective in the config must not reach a program that another user executes. */
CHILD(without_ambient_ones_another_users_program_has_none)
{
	const uint64_t some = BIT(CAP_KILL) | BIT(CAP_NET_RAW);
	const struct plan_process process = {
		.uid = 1000,
		.gid = 1000,
		.capabilities = { .bounding = some, .permitted = some, .effective = some },
	};
	int status, pipe_fds[2];
	char line[256] = "";
	pid_t pid;

	need_root();
	WANT(pipe(pipe_fds) == 0);
	pid = fork();
	if (pid == 0) {
		apply(&process);
		dup2(pipe_fds[1], STDOUT_FILENO);
		execl("/bin/grep", "grep", "-h", "CapEff\\|CapPrm", "/proc/self/status", (char *)NULL);
		_exit(1);
	}
	WANT(waitpid(pid, &status, 0) == pid && status == 0);
	WANT(read(pipe_fds[0], line, sizeof(line) - 1) > 0);
	WANT_TEXT(line, "CapPrm:\t0000000000000000\nCapEff:\t0000000000000000\n");
}

CHILD(ambient_ones_that_the_kernel_denies_are_left_out)
{
	const uint64_t some = BIT(CAP_KILL) | BIT(CAP_NET_RAW);
	const struct plan_process process = {
		.capabilities = { .bounding = some, .permitted = some, .inheritable = BIT(CAP_KILL), .ambient = some },
	};

	need_root();
	apply(&process);
	want_sets(some, some, 0, BIT(CAP_KILL), BIT(CAP_KILL));
}

CHILD(what_was_ambient_before_is_not_after)
{
	const uint64_t one = BIT(CAP_KILL);
	struct plan_process process = {
		.capabilities = { .bounding = one, .permitted = one, .inheritable = one, .ambient = one },
	};
	struct error err;

	ERROR_INIT(&err);
	need_root();
	apply(&process);
	want_sets(one, one, 0, one, one);
	process.capabilities.ambient = 0;
	WANT_OK(capabilities_apply(&process.capabilities, &err), &err);
	want_sets(one, one, 0, one, 0);
}

CHILD(what_was_ambient_goes_with_what_was_inheritable)
{
	const uint64_t one = BIT(CAP_KILL);
	struct plan_process process = {
		.capabilities = { .bounding = one, .permitted = one, .inheritable = one, .ambient = one },
	};
	struct error err;

	ERROR_INIT(&err);
	need_root();
	apply(&process);
	want_sets(one, one, 0, one, one);
	process.capabilities.ambient = process.capabilities.inheritable = 0;
	WANT_OK(capabilities_apply(&process.capabilities, &err), &err);
	want_sets(one, one, 0, 0, 0);
}

CHILD(a_capability_that_we_lack_is_named)
{
	struct plan_capabilities capabilities = { .permitted = BIT(CAP_KILL) };
	struct error err;

	ERROR_INIT(&err);
	need_root();
	WANT_OK(capabilities_apply(&capabilities, &err), &err);
	capabilities.permitted |= BIT(CAP_BPF);
	WANT_INT(capabilities_apply(&capabilities, &err), -EPERM);
	WANT_TEXT(err.text, "set capabilities: CAP_BPF is not ours to give: Operation not permitted");
	/* CAP_SETPCAP is gone as well. */
	WANT_INT(capabilities_bound(&capabilities, UINT64_MAX, LAST, &err), -EPERM);
	WANT_TEXT(err.text, "drop CAP_CHOWN from the bounding set: Operation not permitted");
}

/* What "user" leaves of an init that is hidden and dies with its parent: its status from the ids on, and its guards. */
static void identity_show(const struct plan_process *process, const struct user_ids *have, char to[4096])
{
	char text[4096];
	int signal = -1, changed;
	struct error err;

	ERROR_INIT(&err);
	WANT(prctl(PR_SET_PDEATHSIG, SIGKILL) == 0);
	WANT_OK(session_hide(&err), &err);
	WANT_OK(capabilities_bound(&process->capabilities, UINT64_MAX, LAST, &err), &err);
	changed = user_switch(process, have, false, &err);
	WANT_OK(changed, &err);
	WANT_INT(changed, !have->known || process->uid != have->uid || process->gid != have->gid);
	WANT_OK(capabilities_apply(&process->capabilities, &err), &err);
	if (changed)
		WANT_OK(session_guard(true, &err), &err);
	WANT(prctl(PR_GET_PDEATHSIG, &signal) == 0);
	WANT_INT(signal, SIGKILL);
	WANT_INT(prctl(PR_GET_DUMPABLE), 0);
	WANT(strstr(text_read("/proc/self/status", text), "\nUid:") != NULL);
	snprintf(to, 4096, "%s", strstr(text, "\nUid:"));
	*strstr(to, "\nNStgid:") = '\0';
	strncat(to, strstr(text, "\nCapInh:"), 1024);
	*strstr(to, "\nSeccomp:") = '\0';
}

CHILD(ids_that_are_there_already_are_left_with_the_same_result)
{
	static const uint32_t targets[][2] = { { 0, 0 }, { 0, 10 }, { 1000, 0 }, { 1000, 10 } };
	static const uint32_t groups[] = { 20 };
	const struct user_ids haves[] = { { 0 }, { .known = true } };
	const gid_t before[] = { 27 };
	char(*shown)[4096] = mmap(NULL, 2 * sizeof(*shown), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	need_root();
	WANT(shown != MAP_FAILED);
	WANT(setgroups(1, before) == 0);
	for (size_t i = 0; i < 4; i++) {
		const struct plan_process process = {
			.uid = targets[i][0],
			.gid = targets[i][1],
			.groups = { groups, 1 },
			.set_groups = true,
			.capabilities = { .bounding = BIT(CAP_KILL),
					  .permitted = BIT(CAP_KILL),
					  .effective = BIT(CAP_KILL) },
		};

		for (size_t way = 0; way < 2; way++) {
			int status;
			pid_t pid = fork();

			if (pid == 0) {
				identity_show(&process, &haves[way], shown[way]);
				_exit(0);
			}
			WANT(waitpid(pid, &status, 0) == pid && status == 0);
		}
		WANT_TEXT(shown[1], shown[0]);
		WANT_HAS(shown[0], "\nGroups:\t20 \n");
	}
}
