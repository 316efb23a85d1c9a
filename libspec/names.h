/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words of the runtime-spec and the numbers behind them: one table per domain, read by the parser, the writer, `orlop features`, the
 * docs, and every floor above.
 *
 * A table's values are small and positive; 0 means "not given". The order is the one `features` prints.
 */
#ifndef ORLOP_LIBSPEC_NAMES_H
#define ORLOP_LIBSPEC_NAMES_H

#include <stddef.h>
#include <stdint.h>

struct name {
	const char *text;
	int value;   /* the enum below, > 0 */
	long kernel; /* the kernel's number (CLONE_, RLIMIT_, CAP_, SCHED_, signal, ...); 0 where there is none */
};

struct name_table {
	const char *what; /* "namespace type": for messages */
	const struct name *names;
	size_t count;
};

/* The row, or NULL. Exact match. */
const struct name *name_find(const struct name_table *table, const char *text);
const struct name *name_of(const struct name_table *table, int value);
/* The text of a value, or NULL. Where several names share a value the first is the canonical one. */
const char *name_text(const struct name_table *table, int value);

enum spec_namespace_type {
	NAMESPACE_CGROUP = 1,
	NAMESPACE_IPC,
	NAMESPACE_MOUNT,
	NAMESPACE_NETWORK,
	NAMESPACE_PID,
	NAMESPACE_TIME,
	NAMESPACE_USER,
	NAMESPACE_UTS,
};
#define NAMESPACE_TYPES 8

enum spec_propagation {
	PROPAGATION_PRIVATE = 1,
	PROPAGATION_SHARED,
	PROPAGATION_SLAVE,
	PROPAGATION_UNBINDABLE,
	PROPAGATION_RPRIVATE,
	PROPAGATION_RSHARED,
	PROPAGATION_RSLAVE,
	PROPAGATION_RUNBINDABLE,
};

enum spec_scheduler_policy {
	SCHEDULER_OTHER = 1,
	SCHEDULER_FIFO,
	SCHEDULER_RR,
	SCHEDULER_BATCH,
	SCHEDULER_ISO,
	SCHEDULER_IDLE,
	SCHEDULER_DEADLINE,
};

enum spec_io_class { IO_CLASS_RT = 1, IO_CLASS_BE, IO_CLASS_IDLE };

enum spec_personality_domain { PERSONALITY_LINUX = 1, PERSONALITY_LINUX32 };

enum spec_memory_mode {
	MEMORY_DEFAULT = 1,
	MEMORY_BIND,
	MEMORY_INTERLEAVE,
	MEMORY_WEIGHTED_INTERLEAVE,
	MEMORY_PREFERRED,
	MEMORY_PREFERRED_MANY,
	MEMORY_LOCAL,
};

enum spec_seccomp_action {
	SECCOMP_KILL = 1, /* the same as SECCOMP_KILL_THREAD */
	SECCOMP_KILL_PROCESS,
	SECCOMP_KILL_THREAD,
	SECCOMP_TRAP,
	SECCOMP_ERRNO,
	SECCOMP_TRACE,
	SECCOMP_ALLOW,
	SECCOMP_LOG,
	SECCOMP_NOTIFY,
};

enum spec_seccomp_operator {
	SECCOMP_NE = 1,
	SECCOMP_LT,
	SECCOMP_LE,
	SECCOMP_EQ,
	SECCOMP_GE,
	SECCOMP_GT,
	SECCOMP_MASKED_EQ,
};

enum spec_device_type { DEVICE_ALL = 1, DEVICE_CHAR, DEVICE_BLOCK, DEVICE_UNBUFFERED, DEVICE_FIFO };

enum spec_status { STATUS_CREATING = 1, STATUS_CREATED, STATUS_RUNNING, STATUS_PAUSED, STATUS_STOPPED };

enum spec_vm_format { VM_RAW = 1, VM_QCOW2, VM_VDI, VM_VMDK, VM_VHD };

/* In the order of time; names_hooks is the public list of hook points. */
enum spec_hook_point {
	HOOK_PRESTART = 1,
	HOOK_CREATE_RUNTIME,
	HOOK_CREATE_CONTAINER,
	HOOK_START_CONTAINER,
	HOOK_POSTSTART,
	HOOK_POSTSTOP,
};
#define HOOK_POINTS 6

extern const struct name_table names_namespaces;   /* kernel: CLONE_NEW* */
extern const struct name_table names_propagations; /* kernel: MS_* (with MS_REC) */
extern const struct name_table
	names_capabilities; /* value: capability number + 1; kernel: capability number; all the kernel has (41) */
extern const struct name_table names_rlimits; /* kernel: RLIMIT_*, value: kernel + 1; the 16 */
extern const struct name_table names_signals; /* "SIGTERM"; value and kernel: the number; SIGRTMIN+n are not rows */
extern const struct name_table names_scheduler_policies;
extern const struct name_table names_scheduler_flags; /* kernel: SCHED_FLAG_* */
extern const struct name_table names_io_classes;      /* kernel: IOPRIO_CLASS_* */
extern const struct name_table names_personalities;   /* kernel: PER_LINUX, PER_LINUX32 */
extern const struct name_table names_memory_modes;    /* kernel: MPOL_* */
extern const struct name_table names_memory_flags;    /* kernel: MPOL_F_* */
extern const struct name_table names_seccomp_actions;
extern const struct name_table names_seccomp_operators;
extern const struct name_table names_seccomp_archs; /* the 23 */
extern const struct name_table names_seccomp_flags; /* kernel: SECCOMP_FILTER_FLAG_* */
extern const struct name_table names_device_types;
extern const struct name_table names_statuses;
extern const struct name_table names_vm_formats;
extern const struct name_table names_hooks;

/* Every table, for the generic round-trip test and the generated docs. */
struct name_table_list {
	const char *symbol; /* "namespaces" */
	const struct name_table *table;
};
extern const struct name_table_list names_all[];
extern const size_t names_all_count;

/* "TERM", "SIGTERM", "sigterm", "15", "RTMIN+3": a signal number (0 is allowed as a number), or -EINVAL. */
int signal_parse(const char *text);

#endif
