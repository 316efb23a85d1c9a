/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order in which a container is made. Tables only: what a row does is in the leaf it calls; why it stands where it stands is said
 * here.
 *
 *     host:  cgroup . spawn . GO >> network . NETWORK >> lo . device rules .................  << AT_HOOKS . hooks . HOOKS_DONE >> ....  << READY
 *     init:              >> GO . root . mounts . >> NETWORK . sysfs, cgroup . devices . AT_HOOKS >> .......  >> HOOKS_DONE . pivot . user . READY >>
 *
 * Pages to read: namespaces(7), user_namespaces(7), cgroup_namespaces(7), pivot_root(2), seccomp(2), capabilities(7).
 */
#include "libbase/cleanup.h"
#include "libsandbox/steps/rows.h"
#include "libsandbox/steps/run.h"
#include "libsandbox/steps/step.h"
#include "libsandbox/steps/when.h"

static const struct step create_rows[] = {
	/* Everything that is opened by a name on the host is opened before the clone: init inherits descriptors, never names. */
	/* First of all: it takes as long as most of what follows until the clone, which is meanwhile. */
	HOST("unit-connect", when_unit_connect, run_unit_connect, undo_unit_connect,
	     "start orlop-systemd, which connects to systemd"),
	HOST("namespaces-open", when_joined_namespaces, run_namespaces_open, NULL, "open the namespaces to join"),
	HOST("sources", when_own_mounts, run_sources, NULL, "open the root file system and the sources of bind mounts"),
	/* It allocates: not in init, where every page is the container's. */
	HOST("seccomp-compile", when_seccomp, run_seccomp_compile, NULL,
	     "find the seccomp filter in the cache, or compile it"),
	HOST("gate-make", when_always, run_gate_make, undo_gate_make, "make the gate that start will open"),
	/* The cgroup first: clone3 then puts init into it from birth, so nothing of it is ever charged elsewhere. */
	HOST("cgroup-make", when_cgroup_files, run_cgroup_make, undo_cgroup_make,
	     "make the cgroup and enable its controllers"),
	HOST("limits", when_limit_files, run_limits, NULL, "write the limits before anything runs under them"),
	HOST("rdt-make", when_intel_rdt, run_rdt_make, undo_rdt_make, "make the resctrl group, write its schemata"),
	HOST("spawn", when_always, run_spawn, undo_spawn, "clone init into its new namespaces and its cgroup"),
	/* systemd takes processes that are there, and moves them: from a user's session it alone may. Nothing of the container runs yet. */
	HOST("unit-start", when_cgroup_unit, run_unit_start, undo_unit_start,
	     "let systemd make a unit with its limits, and init in it"),
	HOST("unit-limits", when_limit_rest, run_limits, NULL, "write the limits exactly, and those systemd lacks"),
	HOST("unit-device-program", when_unit_device_program, run_device_program, NULL,
	     "attach the device rules to the unit's cgroup"),
	HOST("delegate", when_cgroup_delegated, run_delegate, NULL, "give the cgroup's files to the container's user"),
	/* While it is one thread: all that it makes later is born in the group. */
	HOST("rdt-enter", when_intel_rdt, run_rdt_enter, NULL, "move init into the resctrl group"),
	/* Only a process outside the new user namespace may write more than its own id, and init is nobody until it is done. */
	HOST("id-maps", when_id_maps, run_id_maps, NULL, "write the user and group id maps"),
	/* A hard limit may be raised by the host side's privilege, not by that of a user namespace. */
	HOST("rlimits", when_rlimits, run_rlimits, NULL, "raise the hard resource limits of init where it may not"),
	HOST("oom-score", when_oom_score, run_oom_score, NULL, "set init's OOM score adjustment"),
	HOST("net-devices", when_net_devices, run_net_devices, NULL, "move network devices into the container"),
	FROM_HOST("go", when_go, MESSAGE_GO, NULL, NULL, "ids, cgroup and limits are ready: init may go on"),

	INIT("session", when_always, run_session, "become a session leader, id 0 of its user namespace"),
	INIT("namespaces-join", when_init_joins, run_namespaces_join, "enter the joined namespaces"),
	/* Only in the cgroup: see the joiner in spawn.c. */
	INIT("cgroup-namespace-join", when_init_joins_cgroup, run_cgroup_namespace_join,
	     "enter the joined cgroup namespace"),
	INIT("keyring", when_keyring, run_keyring, "join a session keyring of its own"),
	/* Only now: the namespace's root is the cgroup that init is in when it unshares. */
	INIT("cgroup-namespace", when_new_cgroup_namespace, run_cgroup_namespace,
	     "unshare the cgroup namespace inside the cgroup"),
	INIT("loopback", when_born_network, run_loopback, "bring up the loopback interface"),
	INIT("root", when_own_mounts, run_root, "set propagation and attach the root file system"),
	/* A network namespace takes the kernel longer than all others together, so the host side makes it while init does what is no matter of it. */
	HOST("network-make", when_handed_network, run_network_make, NULL, "make the network namespace, and come back"),
	HOST("network-loopback", when_loopback_awaited, run_network_loopback, NULL,
	     "bring up its loopback interface: hooks and sysctls meet it so"),
	INIT("mounts", when_mounts, run_mounts,
	     "make the mounts of the config, in order, as far as nothing is missing"),
	/* Letting go of the host's mounts is waiting for other processors, so init does it while it waits for the network namespace: where all that is
	 * left to be mounted does without the host's names, and nobody else is to see the mounts before. */
	INIT("devices-early", when_devices_early, run_devices, "make device nodes and links in /dev already"),
	INIT("pivot-early", when_pivot_early, run_pivot, "make the root file system the root, let go of the host's"),
	/* From here on init may do whatever depends on it. A sysfs shows the network devices of who mounts it. */
	FROM_HOST("network-enter", when_handed_network, MESSAGE_NETWORK, NULL, run_network_enter,
		  "hand the network namespace over: init enters it"),
	HOST("network-loopback-beside", when_loopback_beside, run_network_loopback, NULL,
	     "bring up the loopback interface in the network namespace"),
	INIT("mounts-network", when_mounts_network, run_mounts_network,
	     "make the mounts that depend on the network namespace, and those behind"),
	/* The kernel takes its time to verify and translate the program as well. The rules let everybody make any node and open what init itself opens;
	 * but a mount may open a block device, and hooks are strangers. All else comes after the host side has heard of READY. */
	HOST("device-program", when_device_program, run_device_program, NULL, "attach the device rules to the cgroup"),
	FROM_HOST("devices-ruled", when_devices_awaited, MESSAGE_DEVICES_RULED, NULL, NULL,
		  "the device rules are in force: init may open devices and run hooks"),
	HOST("seccomp-keep", when_seccomp, run_seccomp_keep, NULL, "keep the seccomp filter if it is new to the cache"),
	INIT("mounts-devices", when_mounts_devices, run_mounts_devices,
	     "make the mounts that may open a device, and those behind"),
	/* Once more where a mount since then went over /dev, by whatever name. */
	INIT("devices", when_devices, run_devices, "make device nodes and links in /dev"),
	/* prestart and createRuntime: mounts and namespaces exist, the root is still the host's (runtime-spec, "Lifecycle"). */
	FROM_INIT("at-hooks", when_runtime_hooks, MESSAGE_AT_HOOKS, NULL, NULL,
		  "mounts stand: the runtime hooks may run"),
	HOST("hooks-runtime", when_runtime_hooks, run_hooks_runtime, NULL, "run prestart and createRuntime hooks"),
	FROM_HOST("hooks-done", when_runtime_hooks, MESSAGE_HOOKS_DONE, NULL, NULL, "the runtime hooks ran"),
	INIT("hooks-create-container", when_container_hooks, run_hooks_create_container,
	     "run createContainer hooks in the container's namespaces"),
	INIT("pivot", when_pivot_late, run_pivot, "make the root file system the root, let go of the host's"),
	INIT("chroot", when_shared_mounts, run_chroot, "enter the root file system without mounts of its own"),
	/* After the pivot: the terminal comes from the container's own devpts. */
	FROM_INIT("console", when_terminal, MESSAGE_CONSOLE, run_console, run_console_received,
		  "open a terminal in the container's devpts, hand its master over"),
	INIT("cwd-make", when_own_mounts, run_cwd_make, "make the working directory if it is missing"),
	INIT("names", when_names, run_names, "set host name and domain name"),
	INIT("sysctl", when_sysctl, run_sysctl, "write the sysctls through a verified procfs"),
	/* Hooks and mounts above needed to write here. */
	INIT("read-only-late", when_late_readonly, run_read_only_late,
	     "make the root, /dev and tmpfs mounts read-only"),
	INIT("read-only-paths", when_readonly_paths, run_read_only_paths, "bind the read-only paths"),
	INIT("masked-paths", when_masked_paths, run_masked_paths, "hide the masked paths"),
	INIT("scheduling", when_scheduling, run_scheduling, "set scheduler, io priority, personality, memory policy"),
	/* A missing program is an error of create, not of start. */
	INIT("lookup", when_always, run_lookup, "find the program in the container"),
	INIT("label", when_label, run_label, "set the AppArmor or SELinux label for exec"),
	INIT("no-new-privileges", when_no_new_privileges, run_no_new_privileges, "set no_new_privs"),
	/* Without no_new_privs a filter needs CAP_SYS_ADMIN, which "user" drops. */
	INIT("seccomp-early", when_seccomp_early, run_seccomp, "load the seccomp filter while still privileged"),
	/* At once: the agent must be there for the calls of "user". */
	FROM_INIT("at-listener", when_listener_early, MESSAGE_AT_LISTENER, run_listener_offer, run_listener,
		  "the filter is loaded: its listener is fetched and sent to the agent"),
	FROM_HOST("listener-sent", when_listener_early, MESSAGE_LISTENER_SENT, NULL, run_listener_drop,
		  "the agent has the listener"),
	INIT("user", when_always, run_user,
	     "close other descriptors, set groups, ids, capabilities, working directory, umask"),
	/* With no_new_privs as late as can be: fewer of orlop's own calls must be allowed. */
	INIT("seccomp-late", when_seccomp_late, run_seccomp, "load the seccomp filter"),
	FROM_INIT("at-listener-late", when_listener_late, MESSAGE_AT_LISTENER, run_listener_offer, run_listener,
		  "the filter is loaded: its listener is fetched and sent to the agent"),
	FROM_HOST("listener-sent-late", when_listener_late, MESSAGE_LISTENER_SENT, NULL, run_listener_drop,
		  "the agent has the listener"),
	FROM_INIT("ready", when_always, MESSAGE_READY, NULL, NULL, "everything is set up: wait for start"),
};

const struct step_table steps_create = { "create", create_rows, ARRAY_SIZE(create_rows) };

/* Init's way from the gate to the program. The host side has no rows: `start` is another process, without a plan. */
static const struct step start_rows[] = {
	INIT("gate", when_always, run_gate_wait, "wait for start"),
	INIT("hooks-start-container", when_start_hooks, run_hooks_start_container,
	     "run startContainer hooks in the container"),
	INIT("program", when_always, run_program, "execute the program"),
};

const struct step_table steps_start = { "start", start_rows, ARRAY_SIZE(start_rows) };
