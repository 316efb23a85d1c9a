/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order in which a process joins a running container. Tables only; compare with create.c: what is not here is the container's already.
 *
 * A pid namespace is for children only. So there are two processes, and the clone of the second is a row:
 *
 *     host:     cgroup . spawn . GO >>  .................................  born ............. START >>
 *     joiner:            >> GO . namespaces . label . filter . user . birth
 *     process:                                                          . session . >> START . program
 *
 * What is born is seen in the container at once, and has by then what the program will have: who may trace it wins nothing (birth.h). Only where
 * the filter does not let the joiner bear it, it is born first (spawn.c) and walks the joiner's rows itself.
 */
#include "libbase/cleanup.h"
#include "libsandbox/steps/rows.h"
#include "libsandbox/steps/run.h"
#include "libsandbox/steps/step.h"
#include "libsandbox/steps/when.h"

static const struct step exec_rows[] = {
	HOST("namespaces-open", when_joined_namespaces, run_namespaces_open, NULL, "open the container's namespaces"),
	HOST("cgroup-open", when_cgroup, run_cgroup_open, NULL, "open the container's cgroup"),
	HOST("seccomp-compile", when_seccomp, run_seccomp_compile, NULL,
	     "find the container's seccomp filter in the cache, or compile it"),
	HOST("birth-choose", when_born_filtered, run_birth_choose, NULL,
	     "see whether the joiner can bear the process behind the filter"),
	/* Inherited by the clone: where it runs until it is in the cgroup (runtime-spec, "execCPUAffinity"). */
	HOST("cpu-affinity", when_always, run_cpu_affinity, NULL, "set the initial CPU affinity"),
	/* In the cgroup from birth on, so that what it bears is there as well without any right to it. */
	HOST("spawn", when_always, run_spawn, undo_spawn, "clone what joins into the container's cgroup"),
	HOST("unit-attach", when_cgroup_unit, run_unit_attach, NULL,
	     "let systemd move it to the cgroup that it could not be cloned into"),
	HOST("rdt-enter", when_intel_rdt, run_rdt_enter, NULL, "move it into the container's resctrl group"),
	HOST("rlimits", when_rlimits, run_rlimits, NULL, "raise its hard resource limits where it may not"),
	HOST("oom-score", when_oom_score, run_oom_score, NULL, "set its OOM score adjustment"),
	FROM_HOST("go", when_exec_go, MESSAGE_GO, NULL, NULL, "the cgroup is entered: go on"),
	HOST("seccomp-keep", when_seccomp, run_seccomp_keep, NULL, "keep the seccomp filter if it is new to the cache"),

	INIT("namespaces-join", when_init_joins, run_namespaces_join, "enter the container's namespaces"),
	INIT("session", when_always, run_session, "become a session leader, id 0 of the user namespace"),
	/* Only in the cgroup: see the joiner in spawn.c. */
	INIT("cgroup-namespace-join", when_init_joins_cgroup, run_cgroup_namespace_join,
	     "enter the joined cgroup namespace"),
	INIT("keyring", when_keyring, run_keyring, "join the container's session keyring"),
	FROM_INIT("console", when_terminal, MESSAGE_CONSOLE, run_console, run_console_received,
		  "open a terminal in the container's devpts, hand its master over"),
	INIT("scheduling", when_scheduling, run_scheduling, "set scheduler, io priority, personality, memory policy"),
	INIT("lookup", when_always, run_lookup, "find the program in the container"),
	INIT("label", when_label, run_label, "set the AppArmor or SELinux label for exec"),
	INIT("no-new-privileges", when_no_new_privileges, run_no_new_privileges, "set no_new_privs"),
	/* Before any filter, which may not let them. */
	INIT("libraries", when_born_traced, run_libraries, "make the host's libraries memory of the process's own"),
	INIT("birth-pack", when_born_last, run_birth_pack, "lay aside what of the plan the process needs"),
	INIT("descriptors", when_born_last, run_descriptors, "close all that is not the process's, the dialogue too"),
	INIT("seccomp-early", when_seccomp_early, run_seccomp, "load the seccomp filter while still privileged"),
	FROM_INIT("at-listener", when_listener_early, MESSAGE_AT_LISTENER, run_listener_offer, run_listener,
		  "the filter is loaded: its listener is fetched and sent to the agent"),
	FROM_HOST("listener-sent", when_listener_early, MESSAGE_LISTENER_SENT, NULL, run_listener_drop,
		  "the agent has the listener"),
	INIT("user", when_always, run_user,
	     "close other descriptors, set groups, ids, capabilities, working directory, umask"),
	INIT("seccomp-late", when_seccomp_late, run_seccomp, "load the seccomp filter"),
	FROM_INIT("at-listener-late", when_listener_late, MESSAGE_AT_LISTENER, run_listener_offer, run_listener,
		  "the filter is loaded: its listener is fetched"),
	FROM_HOST("listener-sent-late", when_listener_late, MESSAGE_LISTENER_SENT, NULL, run_listener_drop,
		  "the host side has the listener"),
	FROM_INIT("ready", when_born_first, MESSAGE_READY, NULL, NULL, "everything is set up"),
	INIT("birth", when_born_last, run_birth, "clone the process into the container's pid namespace, and leave"),
	HOST("born", when_born_last, run_born, NULL, "wait until the joiner left, take over the process"),
	INIT("session-own", when_born_last, run_session_own, "become a session leader in the container"),
	INIT("seccomp-born", when_seccomp_born, run_seccomp, "load the seccomp filter that forbids to clone"),
	HOST("listener-agent", when_listener_born, run_listener_agent, NULL, "send the listener to the agent"),
};

const struct step_table steps_exec = { "exec", exec_rows, ARRAY_SIZE(exec_rows) };
