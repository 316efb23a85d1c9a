/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the rows of the step tables call, by file. Each is a few lines: it takes what its leaf needs out of the sandbox, calls the leaf, and
 * keeps what came back. Return 0 or -errno with `err` told; the engine adds the step's name.
 */
#ifndef ORLOP_LIBSANDBOX_RUN_H
#define ORLOP_LIBSANDBOX_RUN_H

#include "libbase/error.h"
#include "libsandbox/sandbox.h"

/* spawn.c: processes */
int run_spawn(struct sandbox *sandbox,
	      struct error *err);         /* clone3, or the joiner that clones; init goes on in steps_run of its side */
void undo_spawn(struct sandbox *sandbox); /* SIGKILL through the pidfd, then reap */

/* birth.c: exec's last clone */
int run_birth_choose(struct sandbox *sandbox, struct error *err); /* host, before spawn */
int run_birth_pack(struct sandbox *sandbox, struct error *err);   /* joiner, when the program is known */
int run_birth(struct sandbox *sandbox, struct error *err);       /* joiner: does not return in it, but in the process */
int run_session_own(struct sandbox *sandbox, struct error *err); /* process */
int run_born(struct sandbox *sandbox, struct error *err);        /* host, after it */

/* run_namespaces.c: ns/ */
int run_namespaces_open(struct sandbox *sandbox, struct error *err);       /* host, before spawn */
int run_namespaces_join(struct sandbox *sandbox, struct error *err);       /* init, when no joiner did it */
int run_cgroup_namespace_join(struct sandbox *sandbox, struct error *err); /* init, when a joiner did the others */
int run_id_maps(struct sandbox *sandbox, struct error *err);
int run_cgroup_namespace(struct sandbox *sandbox, struct error *err);
int run_loopback(struct sandbox *sandbox, struct error *err);
int run_network_make(struct sandbox *sandbox, struct error *err); /* host; it goes out with the next message */
int run_network_loopback(struct sandbox *sandbox, struct error *err);
int run_network_enter(struct sandbox *sandbox, struct error *err); /* init, after it came */
int run_names(struct sandbox *sandbox, struct error *err);
int run_net_devices(struct sandbox *sandbox, struct error *err);

/* run_cgroup.c: cgroup/ */
int run_cgroup_make(struct sandbox *sandbox, struct error *err);
void undo_cgroup_make(struct sandbox *sandbox);
int run_unit_connect(struct sandbox *sandbox, struct error *err);
void undo_unit_connect(struct sandbox *sandbox);
int run_unit_start(struct sandbox *sandbox, struct error *err);
void undo_unit_start(struct sandbox *sandbox);
int run_delegate(struct sandbox *sandbox, struct error *err);
int run_cgroup_open(struct sandbox *sandbox, struct error *err); /* exec: the container's */
int run_unit_attach(struct sandbox *sandbox, struct error *err); /* exec: when the clone was refused the cgroup */
int run_limits(struct sandbox *sandbox, struct error *err);
int run_device_program(struct sandbox *sandbox, struct error *err);

/* run_rdt.c: rdt/ */
int run_rdt_make(struct sandbox *sandbox, struct error *err); /* host, before spawn */
void undo_rdt_make(struct sandbox *sandbox);
int run_rdt_enter(struct sandbox *sandbox, struct error *err); /* host, after it */

/* run_root.c: root/ */
int run_sources(struct sandbox *sandbox,
		struct error *err); /* host, before spawn: the root's tree and every bind source */
int run_root(struct sandbox *sandbox, struct error *err);
int run_mounts(struct sandbox *sandbox, struct error *err);
int run_mounts_network(struct sandbox *sandbox, struct error *err);
int run_mounts_devices(struct sandbox *sandbox, struct error *err);
int run_devices(struct sandbox *sandbox, struct error *err);
int run_pivot(struct sandbox *sandbox, struct error *err);
int run_chroot(struct sandbox *sandbox, struct error *err); /* init.c: without a mount namespace of its own */
/* No row: exec's cgroup becomes that of the container's init where no process can be put into the container's own; 1 then, else 0. */
int run_cgroup_follow(struct sandbox *sandbox, struct error *err);
bool run_stands_at_root(const struct sandbox *sandbox);        /* no row: the caller is in the container's "/" */
int run_root_open(struct sandbox *sandbox, struct error *err); /* no row: root_fd is the container's "/" afterwards */
int run_console(struct sandbox *sandbox,
		struct error *err); /* opens the pair; the master goes out with the next message */
int run_cwd_make(struct sandbox *sandbox, struct error *err);
int run_sysctl(struct sandbox *sandbox, struct error *err);
int run_read_only_late(struct sandbox *sandbox, struct error *err);
int run_read_only_paths(struct sandbox *sandbox, struct error *err);
int run_masked_paths(struct sandbox *sandbox, struct error *err);

/* run_process.c: priv/, lsm/, seccomp/ */
int run_cpu_affinity(struct sandbox *sandbox, struct error *err); /* exec: host, before spawn */
int run_session(struct sandbox *sandbox, struct error *err);
int run_keyring(struct sandbox *sandbox, struct error *err);
int run_rlimits(struct sandbox *sandbox, struct error *err);   /* host */
int run_oom_score(struct sandbox *sandbox, struct error *err); /* host */
int run_scheduling(struct sandbox *sandbox, struct error *err);
int run_lookup(struct sandbox *sandbox, struct error *err);
int run_label(struct sandbox *sandbox, struct error *err);
int run_no_new_privileges(struct sandbox *sandbox, struct error *err);
int run_seccomp_compile(struct sandbox *sandbox, struct error *err); /* host, before spawn */
int run_seccomp_keep(struct sandbox *sandbox, struct error *err);    /* host, while init is at work */
int run_seccomp(struct sandbox *sandbox, struct error *err);
int run_descriptors(struct sandbox *sandbox, struct error *err); /* exec: joiner, before "user" would do it */
int run_libraries(struct sandbox *sandbox, struct error *err);   /* exec: joiner */
int run_user(struct sandbox *sandbox, struct error *err);
int run_listener_offer(struct sandbox *sandbox, struct error *err); /* init, before AT_LISTENER */
int run_listener(struct sandbox *sandbox, struct error *err);       /* host, after it */
int run_listener_agent(struct sandbox *sandbox, struct error *err); /* host, when the process is there */
int run_listener_drop(struct sandbox *sandbox, struct error *err);  /* init, after LISTENER_SENT */
int run_program(struct sandbox *sandbox, struct error *err);        /* execve: returns only on failure */

/* run_hooks.c: hooks/ */
int run_hooks_runtime(struct sandbox *sandbox, struct error *err);          /* host */
int run_hooks_create_container(struct sandbox *sandbox, struct error *err); /* init */
int run_hooks_start_container(struct sandbox *sandbox, struct error *err);  /* init */

/* gate.c */
int run_gate_make(struct sandbox *sandbox, struct error *err); /* host, before spawn */
void undo_gate_make(struct sandbox *sandbox);
int run_gate_wait(struct sandbox *sandbox, struct error *err); /* init */

/* run_root.c, host side */
int run_console_received(struct sandbox *sandbox, struct error *err); /* host: on to the console socket, or kept */

#endif
