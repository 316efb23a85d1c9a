/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order in which a container is made. Tables only: what a row does is in the leaf it names, why it stands where it stands is said
 * here.
 *
 *     host:  spawn . id-maps . cgroup . GO >>  ............  << AT_HOOKS . hooks . HOOKS_DONE >>  ........  << READY
 *     init:                           >> GO . mounts . AT_HOOKS >>  ............  >> HOOKS_DONE . pivot . user . READY >>
 *
 * Pages to read: namespaces(7), user_namespaces(7), cgroup_namespaces(7), pivot_root(2), seccomp(2), capabilities(7).
 */
#include "libbase/cleanup.h"
#include "libsandbox/steps/step.h"
#include "libsandbox/steps/when.h"

#define HOST(step_name, wanted, phrase)                                                                        \
	{                                                                                                      \
		.name = (step_name), .side = STEP_HOST, .kind = STEP_DO, .when = (wanted), .summary = (phrase) \
	}
#define INIT(step_name, wanted, phrase)                                                                        \
	{                                                                                                      \
		.name = (step_name), .side = STEP_INIT, .kind = STEP_DO, .when = (wanted), .summary = (phrase) \
	}
/* A message is two rows: whoever sends stands first. */
#define FROM_HOST(step_name, wanted, what, phrase)                                                                \
	{ .name = (step_name),                                                                                    \
	  .side = STEP_HOST,                                                                                      \
	  .kind = STEP_SEND,                                                                                      \
	  .message = (what),                                                                                      \
	  .when = (wanted),                                                                                       \
	  .summary = (phrase) },                                                                                  \
	{                                                                                                         \
		.name = (step_name), .side = STEP_INIT, .kind = STEP_EXPECT, .message = (what), .when = (wanted), \
		.summary = "wait for it"                                                                          \
	}
#define FROM_INIT(step_name, wanted, what, phrase)                                                                \
	{ .name = (step_name),                                                                                    \
	  .side = STEP_INIT,                                                                                      \
	  .kind = STEP_SEND,                                                                                      \
	  .message = (what),                                                                                      \
	  .when = (wanted),                                                                                       \
	  .summary = (phrase) },                                                                                  \
	{                                                                                                         \
		.name = (step_name), .side = STEP_HOST, .kind = STEP_EXPECT, .message = (what), .when = (wanted), \
		.summary = "wait for it"                                                                          \
	}

static const struct step create_rows[] = {
	/* The cgroup first: clone3 then puts init into it from birth, so nothing of it is ever charged elsewhere. */
	HOST("cgroup-make", when_cgroup_files, "make the cgroup and enable its controllers"),
	HOST("limits", when_limit_files, "write the limits before anything runs under them"),
	HOST("spawn", when_always, "clone init into its new namespaces and its cgroup"),
	/* Only a process outside the new user namespace may write more than its own id, and init is nobody until it is done. */
	HOST("id-maps", when_id_maps, "write the user and group id maps"),
	/* systemd takes a live pid only, so its unit comes after the clone, and its limits come with the unit. */
	HOST("cgroup-unit", when_cgroup_unit, "ask systemd for a scope with the limits, move init into it"),
	HOST("unit-limits", when_limit_rest, "write the limits that systemd has no property for"),
	HOST("device-program", when_device_program, "attach the device rules to the cgroup"),
	HOST("cgroup-delegate", when_cgroup_delegated, "hand the cgroup's files to the container's root"),
	HOST("intel-rdt", when_intel_rdt, "make the resctrl group and put init into it"),
	/* The parent sets them: a hard limit may be raised by the host side's privilege, not by init's. */
	HOST("rlimits", when_rlimits, "set the resource limits of init by prlimit"),
	HOST("oom-score", when_oom_score, "set init's OOM score adjustment"),
	HOST("net-devices", when_net_devices, "move network devices into the container"),
	FROM_HOST("go", when_always, MESSAGE_GO, "ids, cgroup and devices are ready: init may go on"),

	INIT("session", when_always, "become a session leader, id 0 of its user namespace"),
	INIT("keyring", when_keyring, "join a session keyring of its own"),
	/* Only now: the namespace's root is the cgroup that init is in when it unshares. */
	INIT("cgroup-namespace", when_new_cgroup_namespace, "unshare the cgroup namespace inside the cgroup"),
	INIT("loopback", when_new_network, "bring up the loopback interface"),
	INIT("root", when_own_mounts, "set propagation and clone the root file system's mount"),
	INIT("mounts", when_mounts, "make every mount of the config, in order"),
	INIT("devices", when_devices, "make device nodes and links in /dev"),
	/* prestart and createRuntime: mounts and namespaces exist, the root is still the host's (runtime-spec, "Lifecycle"). */
	FROM_INIT("at-hooks", when_runtime_hooks, MESSAGE_AT_HOOKS, "mounts stand: the runtime hooks may run"),
	HOST("hooks-runtime", when_runtime_hooks, "run prestart and createRuntime hooks"),
	FROM_HOST("hooks-done", when_runtime_hooks, MESSAGE_HOOKS_DONE, "the runtime hooks ran"),
	INIT("hooks-create-container", when_container_hooks, "run createContainer hooks in the container's namespaces"),
	INIT("pivot", when_own_mounts, "make the root file system the root, let go of the host's"),
	/* After the pivot: the slave must come from the container's own devpts. */
	INIT("console", when_terminal, "open the terminal in the container's devpts, bind /dev/console"),
	FROM_INIT("console-sent", when_terminal, MESSAGE_CONSOLE, "hand the terminal's master over"),
	INIT("cwd-make", when_own_mounts, "make the working directory if it is missing"),
	INIT("names", when_names, "set host name and domain name"),
	INIT("sysctl", when_sysctl, "write the sysctls through a verified procfs"),
	/* Hooks and mounts above needed to write here. */
	INIT("read-only-late", when_late_readonly, "make the root, /dev and tmpfs mounts read-only"),
	INIT("read-only-paths", when_readonly_paths, "bind the read-only paths"),
	INIT("masked-paths", when_masked_paths, "hide the masked paths"),
	INIT("scheduling", when_scheduling, "set scheduler, io priority, personality, memory policy"),
	/* A missing program is an error of create, not of start. */
	INIT("lookup", when_always, "find the program in the container"),
	INIT("label", when_label, "set the AppArmor or SELinux label for exec"),
	INIT("no-new-privileges", when_no_new_privileges, "set no_new_privs"),
	/* Without no_new_privs a filter needs CAP_SYS_ADMIN, which "user" drops. */
	INIT("seccomp-early", when_seccomp_early, "load the seccomp filter while still privileged"),
	INIT("user", when_always, "close other descriptors, set groups, ids, capabilities, working directory, umask"),
	/* With no_new_privs as late as can be: fewer of orlop's own calls must be allowed. */
	INIT("seccomp-late", when_seccomp_late, "load the seccomp filter"),
	FROM_INIT("at-listener", when_listener, MESSAGE_AT_LISTENER,
		  "the filter is loaded: its listener can be fetched"),
	HOST("listener", when_listener, "fetch the seccomp listener and send it to its agent"),
	FROM_HOST("listener-sent", when_listener, MESSAGE_LISTENER_SENT, "the agent has the listener"),
	FROM_INIT("ready", when_always, MESSAGE_READY, "everything is set up: wait for start"),
	HOST("record", when_always, "write the state record: the container is created"),
};

const struct step_table steps_create = { "create", create_rows, ARRAY_SIZE(create_rows) };

static const struct step start_rows[] = {
	HOST("gate-open", when_always, "tell the waiting init to go on"),
	INIT("hooks-start-container", when_start_hooks, "run startContainer hooks in the container"),
	INIT("exec", when_always, "execute the program"),
	HOST("gate-wait", when_always, "wait until the program runs, or hear why not"),
	HOST("hooks-poststart", when_poststart_hooks, "run poststart hooks"),
};

const struct step_table steps_start = { "start", start_rows, ARRAY_SIZE(start_rows) };
