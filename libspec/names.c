/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The name tables, but for seccomp's words (names_seccomp.c), and the look-ups on them.
 *
 * Not for: mount option words, whose rows carry behaviour (libsandbox/root/mount_options.c).
 * Read: runtime-spec config.md, config-linux.md, runtime.md; uapi capability.h, sched.h, ioprio.h, mempolicy.h, signal(7).
 */
#include "libspec/names.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/ioprio.h>
#include <linux/mempolicy.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdbool.h>
#include <strings.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/resource.h>

#include "libbase/cleanup.h"
#include "libbase/kernel.h"
#include "libbase/text.h"

const struct name *name_find(const struct name_table *table, const char *text)
{
	for (size_t i = 0; i < table->count; i++) {
		if (text_equal(table->names[i].text, text))
			return &table->names[i];
	}
	return NULL;
}

const struct name *name_of(const struct name_table *table, int value)
{
	for (size_t i = 0; i < table->count; i++) {
		if (table->names[i].value == value)
			return &table->names[i];
	}
	return NULL;
}

const char *name_text(const struct name_table *table, int value)
{
	const struct name *name = name_of(table, value);

	return name ? name->text : NULL;
}

#define TABLE(words, rows)                                                  \
	{                                                                   \
		.what = (words), .names = (rows), .count = ARRAY_SIZE(rows) \
	}

static const struct name namespaces[] = {
	{ "cgroup", NAMESPACE_CGROUP, CLONE_NEWCGROUP }, { "ipc", NAMESPACE_IPC, CLONE_NEWIPC },
	{ "mount", NAMESPACE_MOUNT, CLONE_NEWNS },       { "network", NAMESPACE_NETWORK, CLONE_NEWNET },
	{ "pid", NAMESPACE_PID, CLONE_NEWPID },          { "time", NAMESPACE_TIME, CLONE_NEWTIME },
	{ "user", NAMESPACE_USER, CLONE_NEWUSER },       { "uts", NAMESPACE_UTS, CLONE_NEWUTS },
};
const struct name_table names_namespaces = TABLE("namespace type", namespaces);

static const struct name propagations[] = {
	{ "private", PROPAGATION_PRIVATE, MS_PRIVATE },
	{ "shared", PROPAGATION_SHARED, MS_SHARED },
	{ "slave", PROPAGATION_SLAVE, MS_SLAVE },
	{ "unbindable", PROPAGATION_UNBINDABLE, MS_UNBINDABLE },
	{ "rprivate", PROPAGATION_RPRIVATE, MS_PRIVATE | MS_REC },
	{ "rshared", PROPAGATION_RSHARED, MS_SHARED | MS_REC },
	{ "rslave", PROPAGATION_RSLAVE, MS_SLAVE | MS_REC },
	{ "runbindable", PROPAGATION_RUNBINDABLE, MS_UNBINDABLE | MS_REC },
};
const struct name_table names_propagations = TABLE("rootfs propagation", propagations);

#define CAPABILITY(word)                  \
	{                                 \
#word, (word) + 1, (word) \
	}
static const struct name capabilities[] = {
	CAPABILITY(CAP_AUDIT_CONTROL),   CAPABILITY(CAP_AUDIT_READ),   CAPABILITY(CAP_AUDIT_WRITE),
	CAPABILITY(CAP_BLOCK_SUSPEND),   CAPABILITY(CAP_BPF),          CAPABILITY(CAP_CHECKPOINT_RESTORE),
	CAPABILITY(CAP_CHOWN),           CAPABILITY(CAP_DAC_OVERRIDE), CAPABILITY(CAP_DAC_READ_SEARCH),
	CAPABILITY(CAP_FOWNER),          CAPABILITY(CAP_FSETID),       CAPABILITY(CAP_IPC_LOCK),
	CAPABILITY(CAP_IPC_OWNER),       CAPABILITY(CAP_KILL),         CAPABILITY(CAP_LEASE),
	CAPABILITY(CAP_LINUX_IMMUTABLE), CAPABILITY(CAP_MAC_ADMIN),    CAPABILITY(CAP_MAC_OVERRIDE),
	CAPABILITY(CAP_MKNOD),           CAPABILITY(CAP_NET_ADMIN),    CAPABILITY(CAP_NET_BIND_SERVICE),
	CAPABILITY(CAP_NET_BROADCAST),   CAPABILITY(CAP_NET_RAW),      CAPABILITY(CAP_PERFMON),
	CAPABILITY(CAP_SETFCAP),         CAPABILITY(CAP_SETGID),       CAPABILITY(CAP_SETPCAP),
	CAPABILITY(CAP_SETUID),          CAPABILITY(CAP_SYSLOG),       CAPABILITY(CAP_SYS_ADMIN),
	CAPABILITY(CAP_SYS_BOOT),        CAPABILITY(CAP_SYS_CHROOT),   CAPABILITY(CAP_SYS_MODULE),
	CAPABILITY(CAP_SYS_NICE),        CAPABILITY(CAP_SYS_PACCT),    CAPABILITY(CAP_SYS_PTRACE),
	CAPABILITY(CAP_SYS_RAWIO),       CAPABILITY(CAP_SYS_RESOURCE), CAPABILITY(CAP_SYS_TIME),
	CAPABILITY(CAP_SYS_TTY_CONFIG),  CAPABILITY(CAP_WAKE_ALARM),
};
const struct name_table names_capabilities = TABLE("capability", capabilities);

#define RLIMIT(word)                                 \
	{                                            \
#word, (int)(word) + 1, (long)(word) \
	}
static const struct name rlimits[] = {
	RLIMIT(RLIMIT_AS),     RLIMIT(RLIMIT_CORE),   RLIMIT(RLIMIT_CPU),        RLIMIT(RLIMIT_DATA),
	RLIMIT(RLIMIT_FSIZE),  RLIMIT(RLIMIT_LOCKS),  RLIMIT(RLIMIT_MEMLOCK),    RLIMIT(RLIMIT_MSGQUEUE),
	RLIMIT(RLIMIT_NICE),   RLIMIT(RLIMIT_NOFILE), RLIMIT(RLIMIT_NPROC),      RLIMIT(RLIMIT_RSS),
	RLIMIT(RLIMIT_RTPRIO), RLIMIT(RLIMIT_RTTIME), RLIMIT(RLIMIT_SIGPENDING), RLIMIT(RLIMIT_STACK),
};
const struct name_table names_rlimits = TABLE("rlimit type", rlimits);

#define SIGNAL(word)                  \
	{                             \
#word, (word), (word) \
	}
static const struct name signals[] = {
	SIGNAL(SIGHUP),
	SIGNAL(SIGINT),
	SIGNAL(SIGQUIT),
	SIGNAL(SIGILL),
	SIGNAL(SIGTRAP),
	SIGNAL(SIGABRT),
	SIGNAL(SIGIOT),
	SIGNAL(SIGBUS),
	SIGNAL(SIGFPE),
	SIGNAL(SIGKILL),
	SIGNAL(SIGUSR1),
	SIGNAL(SIGSEGV),
	SIGNAL(SIGUSR2),
	SIGNAL(SIGPIPE),
	SIGNAL(SIGALRM),
	SIGNAL(SIGTERM),
	SIGNAL(SIGSTKFLT),
	SIGNAL(SIGCHLD),
	SIGNAL(SIGCLD),
	SIGNAL(SIGCONT),
	SIGNAL(SIGSTOP),
	SIGNAL(SIGTSTP),
	SIGNAL(SIGTTIN),
	SIGNAL(SIGTTOU),
	SIGNAL(SIGURG),
	SIGNAL(SIGXCPU),
	SIGNAL(SIGXFSZ),
	SIGNAL(SIGVTALRM),
	SIGNAL(SIGPROF),
	SIGNAL(SIGWINCH),
	SIGNAL(SIGIO),
	SIGNAL(SIGPOLL),
	SIGNAL(SIGPWR),
	SIGNAL(SIGSYS),
	{ "SIGUNUSED", SIGSYS, SIGSYS }, /* glibc dropped the macro, not the number */
};
const struct name_table names_signals = TABLE("signal", signals);

static const struct name scheduler_policies[] = {
	{ "SCHED_OTHER", SCHEDULER_OTHER, SCHED_NORMAL },
	{ "SCHED_FIFO", SCHEDULER_FIFO, SCHED_FIFO },
	{ "SCHED_RR", SCHEDULER_RR, SCHED_RR },
	{ "SCHED_BATCH", SCHEDULER_BATCH, SCHED_BATCH },
	{ "SCHED_ISO", SCHEDULER_ISO, 4 }, /* reserved in the kernel's header, never implemented upstream */
	{ "SCHED_IDLE", SCHEDULER_IDLE, SCHED_IDLE },
	{ "SCHED_DEADLINE", SCHEDULER_DEADLINE, SCHED_DEADLINE },
};
const struct name_table names_scheduler_policies = TABLE("scheduler policy", scheduler_policies);

static const struct name scheduler_flags[] = {
	{ "SCHED_FLAG_RESET_ON_FORK", 1, SCHED_FLAG_RESET_ON_FORK },
	{ "SCHED_FLAG_RECLAIM", 2, SCHED_FLAG_RECLAIM },
	{ "SCHED_FLAG_DL_OVERRUN", 3, SCHED_FLAG_DL_OVERRUN },
	{ "SCHED_FLAG_KEEP_POLICY", 4, SCHED_FLAG_KEEP_POLICY },
	{ "SCHED_FLAG_KEEP_PARAMS", 5, SCHED_FLAG_KEEP_PARAMS },
	{ "SCHED_FLAG_UTIL_CLAMP_MIN", 6, SCHED_FLAG_UTIL_CLAMP_MIN },
	{ "SCHED_FLAG_UTIL_CLAMP_MAX", 7, SCHED_FLAG_UTIL_CLAMP_MAX },
};
const struct name_table names_scheduler_flags = TABLE("scheduler flag", scheduler_flags);

static const struct name io_classes[] = {
	{ "IOPRIO_CLASS_RT", IO_CLASS_RT, IOPRIO_CLASS_RT },
	{ "IOPRIO_CLASS_BE", IO_CLASS_BE, IOPRIO_CLASS_BE },
	{ "IOPRIO_CLASS_IDLE", IO_CLASS_IDLE, IOPRIO_CLASS_IDLE },
};
const struct name_table names_io_classes = TABLE("I/O priority class", io_classes);

static const struct name personalities[] = {
	{ "LINUX", PERSONALITY_LINUX, PER_LINUX },
	{ "LINUX32", PERSONALITY_LINUX32, PER_LINUX32 },
};
const struct name_table names_personalities = TABLE("personality domain", personalities);

static const struct name memory_modes[] = {
	{ "MPOL_BIND", MEMORY_BIND, MPOL_BIND },
	{ "MPOL_DEFAULT", MEMORY_DEFAULT, MPOL_DEFAULT },
	{ "MPOL_INTERLEAVE", MEMORY_INTERLEAVE, MPOL_INTERLEAVE },
	{ "MPOL_LOCAL", MEMORY_LOCAL, MPOL_LOCAL },
	{ "MPOL_PREFERRED", MEMORY_PREFERRED, MPOL_PREFERRED },
	{ "MPOL_PREFERRED_MANY", MEMORY_PREFERRED_MANY, MPOL_PREFERRED_MANY },
	{ "MPOL_WEIGHTED_INTERLEAVE", MEMORY_WEIGHTED_INTERLEAVE,
	  6 }, /* MPOL_WEIGHTED_INTERLEAVE, an enumerator since 6.9 */
};
const struct name_table names_memory_modes = TABLE("memory policy mode", memory_modes);

static const struct name memory_flags[] = {
	{ "MPOL_F_NUMA_BALANCING", 1, MPOL_F_NUMA_BALANCING },
	{ "MPOL_F_RELATIVE_NODES", 2, MPOL_F_RELATIVE_NODES },
	{ "MPOL_F_STATIC_NODES", 3, MPOL_F_STATIC_NODES },
};
const struct name_table names_memory_flags = TABLE("memory policy flag", memory_flags);

static const struct name device_types[] = {
	{ "a", DEVICE_ALL, 0 },        { "b", DEVICE_BLOCK, 0 }, { "c", DEVICE_CHAR, 0 },
	{ "u", DEVICE_UNBUFFERED, 0 }, { "p", DEVICE_FIFO, 0 },
};
const struct name_table names_device_types = TABLE("device type", device_types);

static const struct name statuses[] = {
	{ "creating", STATUS_CREATING, 0 }, { "created", STATUS_CREATED, 0 }, { "running", STATUS_RUNNING, 0 },
	{ "paused", STATUS_PAUSED, 0 },     { "stopped", STATUS_STOPPED, 0 },
};
const struct name_table names_statuses = TABLE("container status", statuses);

static const struct name vm_formats[] = {
	{ "raw", VM_RAW, 0 },   { "qcow2", VM_QCOW2, 0 }, { "vdi", VM_VDI, 0 },
	{ "vmdk", VM_VMDK, 0 }, { "vhd", VM_VHD, 0 },
};
const struct name_table names_vm_formats = TABLE("VM image format", vm_formats);

static const struct name hooks[] = {
	{ "prestart", HOOK_PRESTART, 0 },
	{ "createRuntime", HOOK_CREATE_RUNTIME, 0 },
	{ "createContainer", HOOK_CREATE_CONTAINER, 0 },
	{ "startContainer", HOOK_START_CONTAINER, 0 },
	{ "poststart", HOOK_POSTSTART, 0 },
	{ "poststop", HOOK_POSTSTOP, 0 },
};
const struct name_table names_hooks = TABLE("hook point", hooks);

const struct name_table_list names_all[] = {
	{ "namespaces", &names_namespaces },
	{ "propagations", &names_propagations },
	{ "capabilities", &names_capabilities },
	{ "rlimits", &names_rlimits },
	{ "signals", &names_signals },
	{ "scheduler_policies", &names_scheduler_policies },
	{ "scheduler_flags", &names_scheduler_flags },
	{ "io_classes", &names_io_classes },
	{ "personalities", &names_personalities },
	{ "memory_modes", &names_memory_modes },
	{ "memory_flags", &names_memory_flags },
	{ "seccomp_actions", &names_seccomp_actions },
	{ "seccomp_operators", &names_seccomp_operators },
	{ "seccomp_archs", &names_seccomp_archs },
	{ "seccomp_flags", &names_seccomp_flags },
	{ "device_types", &names_device_types },
	{ "statuses", &names_statuses },
	{ "vm_formats", &names_vm_formats },
	{ "hooks", &names_hooks },
};
const size_t names_all_count = ARRAY_SIZE(names_all);

/* What every caller means by RTMIN: glibc's number, whatever libc this is built with (musl keeps one more for itself). */
#define SIGNAL_RTMIN 34
#define SIGNAL_RTMAX 64

/* "RTMIN", "RTMIN+3", "RTMAX-2" (without "SIG"), or -EINVAL. */
static int signal_parse_realtime(const char *text)
{
	char head[6] = "";
	uint64_t offset = 0;

	for (size_t i = 0; i + 1 < sizeof(head) && text[i]; i++)
		head[i] = text[i];

	bool from_min = text_equal_fold(head, "RTMIN");
	if (!from_min && !text_equal_fold(head, "RTMAX"))
		return -EINVAL;

	const char *rest = text + sizeof(head) - 1;
	if (*rest) {
		if (*rest != (from_min ? '+' : '-'))
			return -EINVAL;
		if (number_parse_u64(rest + 1, SIGNAL_RTMAX - SIGNAL_RTMIN, &offset) < 0)
			return -EINVAL;
	}
	return from_min ? SIGNAL_RTMIN + (int)offset : SIGNAL_RTMAX - (int)offset;
}

int signal_parse(const char *text)
{
	uint64_t number;

	if (text_is_empty(text))
		return -EINVAL;
	if (number_parse_u64(text, SIGNAL_RTMAX, &number) == 0)
		return (int)number;

	bool has_prefix = strncasecmp(text, "SIG", 3) == 0;
	const char *word = has_prefix ? text + 3 : text;
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
		if (text_equal_fold(signals[i].text + 3, word))
			return signals[i].value;
	}
	return signal_parse_realtime(word);
}
