/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The library's face: make a container from a plan, let it start, run a process in it.
 *
 *     sandbox_create   walks steps_create on the host side; init walks its own rows in the clone, then waits at the gate
 *     sandbox_ready    its end: waits until init has come to the gate. In between the caller may do what needs init's pid only
 *     sandbox_permit   lets init pass the gate at once when it comes there: between the two above, for who has nothing left to do before
 *     sandbox_release  lets the init of sandbox_create go on over the dialogue (`run`), and hears how execve went
 *     sandbox_start    the same for a container another process created (`start`)
 *     sandbox_exec     walks steps_exec: a process that joins a running container
 *
 * The struct holds every live descriptor of the operation; only steps change it. Init is a clone of the caller without an exec in between: it
 * inherits the struct and the descriptors, so both sides read the same plan. All descriptors are close-on-exec.
 *
 * On failure each returns -errno with `err` told ("step 'mounts': mount '/data': ..."), after undoing what was done: no process, mount,
 * cgroup or descriptor is left. sandbox_cleanup closes what is still open, after success as after failure; it never kills anything.
 */
#ifndef ORLOP_LIBSANDBOX_SANDBOX_H
#define ORLOP_LIBSANDBOX_SANDBOX_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "libbase/error.h"
#include "libbase/fd.h"
#include "libbase/trace.h"
#include "libsandbox/host.h"
#include "libsandbox/plan.h"
#include "libsandbox/systemd_program.h"
#include "libspec/state.h"

struct seccomp_program; /* libsandbox/seccomp/filter.h */
struct cache_key;       /* libsandbox/seccomp/cache.h */
struct birth_page;      /* libsandbox/steps/birth.h */
struct bus;             /* libsandbox/cgroup/bus.h */

struct sandbox {
	/* Set by the caller; borrowed. */
	const struct plan *plan;
	const struct host *host;
	struct state state; /* the container's state document: hooks get it with their point's status and the pid */
	char *const *environment; /* the runtime's own: what runtime-namespace hooks without `env` inherit */
	int bundle_fd;            /* where hooks in the runtime namespace run; FD_NONE: where the caller is */
	int state_fd;        /* directory that holds the gate; FD_NONE: no gate, `run` releases over the dialogue */
	int console_fd;      /* connected --console-socket, or FD_NONE: then the master stays in terminal_fd */
	int pidfd_socket_fd; /* connected --pidfd-socket, or FD_NONE */
	int state_root_fd;   /* directory with the cache of seccomp programs; FD_NONE: each is compiled */
	int lock_fd;         /* the caller's flock(2), which init must not inherit; FD_NONE */
	/* Init's part of getting off the program file, before it lets go of the host's mounts; NULL: nothing is left of it. */
	int (*init_move)(const void *context);
	const void *init_move_context;
	int spare_fd;          /* the mount of the program file, see run_spawn; FD_NONE */
	int interrupt_fd;      /* readable: the caller wants no more of it; waits end with -EINTR. FD_NONE */
	const char *fail_step; /* "host:limits" or "init:mounts": that step fails with EIO (fault injection), or NULL */
	const char *hold_step; /* likewise: before that step its side waits, as "orlop:held", for a signal; or NULL */
	bool exec;             /* the steps are exec's: the program joins, it does not become init */
	pid_t target_pid;      /* exec: the container's init on the host */
	int target_pidfd;      /* exec: the same; what was found by the number is its own as long as this lives */
	bool ignore_init_cgroup; /* exec --cgroup: the cgroup is as the plan says */
	bool moves_in;           /* init is moved into its cgroup instead of being born there */
	bool leaves_network;     /* whatever the caller does afterwards, nothing depends on its network namespace: it
				    may find itself in the container's */

	const struct systemd_program *systemd; /* where the plan has a unit */

	struct arena *caller_arena; /* exec: where plan, spec and host are, which the process does not need; or NULL */

	/* Owned; made and closed by steps. */
	struct trace trace;
	struct arena arena; /* what steps allocate */
	int side;           /* enum step_side: which process this is */
	int proc_fd;        /* host side: verified procfs of the host */
	uint64_t done[2];   /* bits of the host rows of the table that ran: what undo takes back */
	int message_fd;     /* descriptor that goes out with the next message, or came in with the last */
	int message_code;   /* a number, likewise */
	int dialogue_fd;    /* this side's end */
	int tell_fd; /* exec: where this side writes, when dialogue_fd is a pipe that it reads from; else FD_NONE */
	int up_fds[2], down_fds[2]; /* exec: the pipes of what is born last; until then */
	struct arena pack;          /* exec: what of the plan is born with the process */
	const struct plan *packed;  /* exec: the same, as a plan that has nothing else */
	const struct seccomp_program *packed_program;
	struct birth_page *birth; /* exec: what host side and joiner share */
	int joiner_fds[2];        /* exec, host side: pidfd and dialogue of the joiner, when it is gone */
	struct plan revised;      /* exec: `plan` may become this one on the way */
	bool told;                /* host side: the error of a row is the other side's whole story */
	bool crowded;             /* host side: there was no room for the process beside the joiner */
	int init_pidfd;           /* host side */
	struct bus *bus;          /* host side, from "unit-connect" to "unit-start"; in the arena */
	pid_t init_pid;           /* as the host side sees it; 0: none */
	int64_t born_after_ns;    /* host side: clock_boot_ns before its clone, */
	int64_t born_before_ns;   /* and after it */
	bool stillborn;           /* init was gone before it did anything */
	bool permitted;           /* host side: init has been told to start */
	bool astray;              /* host side: it could not leave the container's network namespace, and must end */
	int cgroup_mount_fd;      /* where cgroup2 is, opened once, by the caller or a step; closed by nobody */
	int cgroup_fd;            /* the container's cgroup directory */
	const char *cgroup_path;  /* where it is below the mount; NULL: where the plan says; in the arena */
	bool cgroup_made;         /* by us: undo removes it */
	bool rdt_made;            /* the resctrl group, by us */
	bool rdt_monitor_made;    /* the group that measures */
	int root_fd; /* the root file system: a detached tree until "root" attaches it in init, then the attached root */
	int *source_fds;             /* one a mount of the plan: the detached tree of a bind, or FD_NONE */
	bool root_is_slave;          /* see rootfs_clone */
	bool root_known, root_plain; /* see struct rootfs_facts */
	uint64_t root_mount;
	bool sources_unsettled;             /* see source_open */
	int own_proc_fd, own_sys_fd;        /* init side: the mounts of /proc and /sys */
	int own_dev_fd;                     /* init side: the new tmpfs at /dev, while nothing is on top of it */
	bool devices_stand;                 /* init side: the nodes are in that one */
	int null_fd;                        /* the host's null device as a tree: what masks files */
	bool sources_late;                  /* the host side may not clone mounts: init does, in its own namespace */
	int namespace_fds[NAMESPACE_TYPES]; /* joined ones, by index of plan->namespaces.items */
	bool keeps_sent_fd;                 /* host side: the next message's descriptor becomes */
	int sent_fd;                        /* this, which is closed in the end */
	int device_program_fd;              /* host side: likewise */
	int network_socket_fd;     /* host side: a socket in the network namespace that it made, until lo is up */
	int user_namespace_fd;     /* for idmapped mounts, or FD_NONE */
	int terminal_fd;           /* host side: the master */
	int program_fd;            /* init side: what "lookup" found, O_PATH */
	const char *program_path;  /* init side: its path in the container */
	char *const *program_envp; /* init side: the plan's environment, HOME filled in */
	bool groups_denied;        /* init side: the joined user namespace forbids setgroups */
	int gate_wake_fd;          /* init side: start writes one byte here */
	int gate_report_fd;        /* init side: frames about the start; closed by execve */
	const struct seccomp_program *seccomp_program; /* compiled on the host side, loaded by init; in the arena */
	const struct cache_key
		*seccomp_key;      /* by which the cache is to keep it; NULL: it is there, or there is no cache */
	int64_t agent_deadline_ns; /* host side: until then the agent must have let init come to READY */
	int listener_fd; /* init side: the seccomp listener, until execve; host side: on its way to the agent */
};

/* All descriptors FD_NONE, all else zero. */
void sandbox_init(struct sandbox *sandbox);
/* Returns when all that is left to do is init's. */
int sandbox_create(struct sandbox *sandbox, struct error *err);
/* Returns when init has done that too. It may be another init then than sandbox_create's: see init_pid. */
int sandbox_ready(struct sandbox *sandbox, struct error *err);
/* After sandbox_create, where there is no gate: START waits for init. What fails before the program still is sandbox_ready's to tell. */
int sandbox_permit(struct sandbox *sandbox, struct error *err);
/* Returns when the program runs (execve worked) or with the reason why not; startContainer hooks run in between, in init. */
int sandbox_release(struct sandbox *sandbox, struct error *err);
int sandbox_exec(struct sandbox *sandbox, struct error *err);
/* Whether a container waits for start. `state_fd` is the directory that was sandbox_create's. */
bool sandbox_waits(int state_fd);
/* Lets it go on, hears what becomes of it. `pidfd` is init's. -EALREADY: it waits no more; else what init reports. */
int sandbox_start(int state_fd, int pidfd, struct error *err);
/* Ends an init that waits and that nobody knows by its pid: its maker died. Nothing when there is none. */
int sandbox_abandon(int state_fd, struct error *err);
/* Undoes a sandbox_create or sandbox_ready that succeeded: kills init, removes the cgroup. For callers whose own later work failed. */
void sandbox_undo(struct sandbox *sandbox);
/* What row `i` of the table took; false behind the last row. `ns` is negative for a row that did not run, or did not end. Init's stamps are its
 * word. */
struct sandbox_time {
	const char *side; /* "host", "init" */
	const char *step;
	int64_t ns;
};
bool sandbox_time_at(const struct sandbox *sandbox, size_t i, struct sandbox_time *ret);
void sandbox_cleanup(struct sandbox *sandbox);

#endif
