/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kernel interfaces that the C library or the installed kernel headers may lack, and nothing else: numbers, structs, one-line wrappers.
 *
 * Wrappers behave as libc's: >= 0, or -1 with errno set. Structs that grew over time are our own copies ("struct kernel_x"), because
 * the headers of the build host may know a shorter one. Include this in place of <linux/mount.h>, <linux/sched.h>, <linux/openat2.h>
 * and <sys/syscall.h>: their order matters.
 *
 * Numbers: include/uapi of Linux 6.18; OPEN_TREE_NAMESPACE of 7.0.
 */
#ifndef ORLOP_LIBBASE_KERNEL_H
#define ORLOP_LIBBASE_KERNEL_H

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef __GLIBC__
#include <sys/pidfd.h>
#else
#include <linux/close_range.h>
#include <linux/mount.h>
#ifndef STATX_BASIC_STATS /* musl has it since 1.2.4 */
#include <linux/stat.h>
#define KERNEL_STATX
#endif
#endif
#include <linux/nsfs.h>
#include <linux/openat2.h>
#include <linux/sched.h>

/* From 424 on a number is the same on every architecture we build for. */
#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif
#ifndef SYS_open_tree
#define SYS_open_tree  428
#define SYS_move_mount 429
#define SYS_fsopen     430
#define SYS_fsconfig   431
#define SYS_fsmount    432
#define SYS_fspick     433
#endif
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_clone3
#define SYS_clone3 435
#endif
#ifndef SYS_openat2
#define SYS_openat2 437
#endif
#ifndef SYS_close_range
#define SYS_close_range 436
#endif
#ifndef SYS_pidfd_getfd
#define SYS_pidfd_getfd 438
#endif
#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif
#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif
#ifndef SYS_statmount
#define SYS_statmount 457
#endif
#ifndef SYS_listmount
#define SYS_listmount 458
#endif
#ifndef SYS_lsm_set_self_attr
#define SYS_lsm_set_self_attr 460
#endif
#ifndef SYS_open_tree_attr
#define SYS_open_tree_attr 467
#endif

/* clone3(2) */
#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif
#ifndef CLONE_CLEAR_SIGHAND
#define CLONE_CLEAR_SIGHAND 0x100000000ULL
#endif
#ifndef CLONE_INTO_CGROUP
#define CLONE_INTO_CGROUP 0x200000000ULL
#endif

/* Listeners of seccomp filters (6.6). */
#ifndef SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP 1UL
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS      _IOW('!', 4, uint64_t)
#endif

/* Mounts. FSCONFIG_CMD_CREATE_EXCL (6.6) is an enumerator in newer headers, with this value. */
#define FSCONFIG_CMD_CREATE_EXCL 8
#ifndef MOUNT_ATTR_IDMAP
#define MOUNT_ATTR_IDMAP 0x00100000
#endif
#ifndef MOUNT_ATTR_NOSYMFOLLOW
#define MOUNT_ATTR_NOSYMFOLLOW 0x00200000
#endif
#ifndef MS_NOSYMFOLLOW
#define MS_NOSYMFOLLOW 256
#endif
#ifndef MOVE_MOUNT_SET_GROUP
#define MOVE_MOUNT_SET_GROUP 0x00000100
#endif
#ifndef MOVE_MOUNT_BENEATH /* 6.5 */
#define MOVE_MOUNT_BENEATH 0x00000200
#endif
#ifndef OPEN_TREE_NAMESPACE /* 7.0 */
#define OPEN_TREE_NAMESPACE (1 << 1)
#endif

/* statmount(2), listmount(2): 6.8 */
#ifndef LSMT_ROOT
#define LSMT_ROOT 0xffffffffffffffffULL
#endif
#ifndef LISTMOUNT_REVERSE
#define LISTMOUNT_REVERSE (1 << 0)
#endif
#ifndef STATMOUNT_SB_BASIC
#define STATMOUNT_SB_BASIC       0x00000001U
#define STATMOUNT_MNT_BASIC      0x00000002U
#define STATMOUNT_PROPAGATE_FROM 0x00000004U
#define STATMOUNT_MNT_ROOT       0x00000008U
#define STATMOUNT_MNT_POINT      0x00000010U
#define STATMOUNT_FS_TYPE        0x00000020U
#endif
#ifndef STATMOUNT_MNT_NS_ID
#define STATMOUNT_MNT_NS_ID 0x00000040U
#endif
#ifndef STATMOUNT_MNT_OPTS
#define STATMOUNT_MNT_OPTS 0x00000080U
#endif
#ifndef STATMOUNT_FS_SUBTYPE
#define STATMOUNT_FS_SUBTYPE 0x00000100U
#endif
#ifndef STATMOUNT_SB_SOURCE
#define STATMOUNT_SB_SOURCE 0x00000200U
#endif
#ifndef STATX_MNT_ID_UNIQUE
#define STATX_MNT_ID_UNIQUE 0x00004000U
#endif

struct kernel_mnt_id_req {
	uint32_t size; /* 24: without mnt_ns_id; 32 since 6.11 */
	uint32_t spare;
	uint64_t mnt_id;
	uint64_t param;
	uint64_t mnt_ns_id;
};

/* Members that say [str] are offsets into str[]. */
struct kernel_statmount {
	uint32_t size;
	uint32_t mnt_opts; /* [str] */
	uint64_t mask;
	uint32_t sb_dev_major;
	uint32_t sb_dev_minor;
	uint64_t sb_magic;
	uint32_t sb_flags;
	uint32_t fs_type; /* [str] */
	uint64_t mnt_id;
	uint64_t mnt_parent_id;
	uint32_t mnt_id_old;
	uint32_t mnt_parent_id_old;
	uint64_t mnt_attr;
	uint64_t mnt_propagation;
	uint64_t mnt_peer_group;
	uint64_t mnt_master;
	uint64_t propagate_from;
	uint32_t mnt_root;  /* [str] */
	uint32_t mnt_point; /* [str] */
	uint64_t mnt_ns_id;
	uint32_t fs_subtype; /* [str] */
	uint32_t sb_source;  /* [str] */
	uint32_t opt_num;
	uint32_t opt_array; /* [str] */
	uint32_t opt_sec_num;
	uint32_t opt_sec_array; /* [str] */
	uint64_t supported_mask;
	uint32_t mnt_uidmap_num;
	uint32_t mnt_uidmap; /* [str] */
	uint32_t mnt_gidmap_num;
	uint32_t mnt_gidmap; /* [str] */
	uint64_t spare[43];
	char str[];
};

/* memfd_create(2) */
#ifndef MFD_EXEC /* 6.3 */
#define MFD_EXEC 0x0010U
#endif

/* elf(5): packed relative relocations */
#ifndef DT_RELRSZ
#define DT_RELRSZ 35
#define DT_RELR   36
#endif

/* pidfds */
#ifndef SO_PEERPIDFD /* 6.5 */
#define SO_PEERPIDFD 77
#endif
#ifndef PIDFD_NONBLOCK
#define PIDFD_NONBLOCK O_NONBLOCK
#endif
#ifndef PIDFD_THREAD /* 6.9 */
#define PIDFD_THREAD O_EXCL
#endif
#ifndef PIDFD_SIGNAL_THREAD /* 6.9 */
#define PIDFD_SIGNAL_THREAD        (1UL << 0)
#define PIDFD_SIGNAL_THREAD_GROUP  (1UL << 1)
#define PIDFD_SIGNAL_PROCESS_GROUP (1UL << 2)
#endif
#ifndef PIDFD_GET_CGROUP_NAMESPACE /* 6.11 */
#define PIDFD_GET_CGROUP_NAMESPACE            _IO(0xFF, 1)
#define PIDFD_GET_IPC_NAMESPACE               _IO(0xFF, 2)
#define PIDFD_GET_MNT_NAMESPACE               _IO(0xFF, 3)
#define PIDFD_GET_NET_NAMESPACE               _IO(0xFF, 4)
#define PIDFD_GET_PID_NAMESPACE               _IO(0xFF, 5)
#define PIDFD_GET_PID_FOR_CHILDREN_NAMESPACE  _IO(0xFF, 6)
#define PIDFD_GET_TIME_NAMESPACE              _IO(0xFF, 7)
#define PIDFD_GET_TIME_FOR_CHILDREN_NAMESPACE _IO(0xFF, 8)
#define PIDFD_GET_USER_NAMESPACE              _IO(0xFF, 9)
#define PIDFD_GET_UTS_NAMESPACE               _IO(0xFF, 10)
#endif
#ifndef PIDFD_INFO_PID /* 6.13 */
#define PIDFD_INFO_PID      (1UL << 0)
#define PIDFD_INFO_CREDS    (1UL << 1)
#define PIDFD_INFO_CGROUPID (1UL << 2)
#endif
#ifndef PIDFD_INFO_EXIT /* 6.15 */
#define PIDFD_INFO_EXIT (1UL << 3)
#endif

struct kernel_pidfd_info {
	uint64_t mask; /* in: PIDFD_INFO_* wanted; out: what was filled */
	uint64_t cgroupid;
	uint32_t pid, tgid, ppid;
	uint32_t ruid, rgid, euid, egid, suid, sgid, fsuid, fsgid;
	int32_t exit_code; /* a wait(2) status */
};

/* The size is part of the number: this asks for the first published struct, which every kernel that knows the call fills. */
#define KERNEL_PIDFD_GET_INFO _IOWR(0xFF, 11, struct kernel_pidfd_info)

/* Namespace files */
#ifndef NS_GET_MNTNS_ID /* 6.11 */
#define NS_GET_MNTNS_ID        _IOR(NSIO, 0x5, uint64_t)
#define NS_GET_PID_FROM_PIDNS  _IOR(NSIO, 0x6, int)
#define NS_GET_TGID_FROM_PIDNS _IOR(NSIO, 0x7, int)
#define NS_GET_PID_IN_PIDNS    _IOR(NSIO, 0x8, int)
#define NS_GET_TGID_IN_PIDNS   _IOR(NSIO, 0x9, int)
#endif

/* sched_setattr(2); <linux/sched/types.h> cannot stand beside <sched.h>. */
struct kernel_sched_attr {
	uint32_t size;
	uint32_t sched_policy;
	uint64_t sched_flags;
	int32_t sched_nice;
	uint32_t sched_priority;
	uint64_t sched_runtime;
	uint64_t sched_deadline;
	uint64_t sched_period;
	uint32_t sched_util_min;
	uint32_t sched_util_max;
};

/* Another name of SIGCHLD. */
#ifndef SIGCLD
#define SIGCLD SIGCHLD
#endif

/* What glibc has had since 2.36; musl has none of it. */
#ifndef __GLIBC__
static inline int close_range(unsigned int first, unsigned int last, int flags)
{
	return (int)syscall(SYS_close_range, first, last, flags);
}

#ifdef KERNEL_STATX
static inline int statx(int dir_fd, const char *path, int flags, unsigned int mask, struct statx *to)
{
	return (int)syscall(SYS_statx, dir_fd, path, flags, mask, to);
}
#endif

static inline int fsopen(const char *type, unsigned int flags)
{
	return (int)syscall(SYS_fsopen, type, flags);
}

static inline int fsconfig(int fd, unsigned int command, const char *key, const void *value, int number)
{
	return (int)syscall(SYS_fsconfig, fd, command, key, value, number);
}

static inline int fsmount(int fd, unsigned int flags, unsigned int attributes)
{
	return (int)syscall(SYS_fsmount, fd, flags, attributes);
}

static inline int fspick(int dir_fd, const char *path, unsigned int flags)
{
	return (int)syscall(SYS_fspick, dir_fd, path, flags);
}

static inline int open_tree(int dir_fd, const char *path, unsigned int flags)
{
	return (int)syscall(SYS_open_tree, dir_fd, path, flags);
}

static inline int move_mount(int from_fd, const char *from, int to_fd, const char *to, unsigned int flags)
{
	return (int)syscall(SYS_move_mount, from_fd, from, to_fd, to, flags);
}

static inline int mount_setattr(int dir_fd, const char *path, unsigned int flags, struct mount_attr *attr, size_t size)
{
	return (int)syscall(SYS_mount_setattr, dir_fd, path, flags, attr, size);
}

static inline int pidfd_open(pid_t pid, unsigned int flags)
{
	return (int)syscall(SYS_pidfd_open, pid, flags);
}

static inline int pidfd_getfd(int pidfd, int fd, unsigned int flags)
{
	return (int)syscall(SYS_pidfd_getfd, pidfd, fd, flags);
}

static inline int pidfd_send_signal(int pidfd, int number, siginfo_t *info, unsigned int flags)
{
	return (int)syscall(SYS_pidfd_send_signal, pidfd, number, info, flags);
}
#endif

/* Another number, not below `least`, for the same file; close-on-exec. musl's fcntl(2) would set that a second time. */
static inline int kernel_dup(int fd, int least)
{
	return (int)syscall(SYS_fcntl, fd, F_DUPFD_CLOEXEC, least);
}

/* Of this one process: libc's own would see to other threads, of which there are none. */
static inline int kernel_setresuid(uid_t real, uid_t effective, uid_t saved)
{
	return (int)syscall(SYS_setresuid, real, effective, saved);
}

static inline int kernel_setresgid(gid_t real, gid_t effective, gid_t saved)
{
	return (int)syscall(SYS_setresgid, real, effective, saved);
}

static inline int kernel_setgroups(size_t count, const gid_t *groups)
{
	return (int)syscall(SYS_setgroups, count, groups);
}

/* `resource` has types of its own in each libc. */
static inline int kernel_prlimit(pid_t pid, int resource, const struct rlimit *limit, struct rlimit *old)
{
	return (int)syscall(SYS_prlimit64, pid, resource, limit, old);
}

/* To what it is by default, of every number: libc keeps some to itself. */
static inline int kernel_signal_default(int number)
{
	const uint64_t fallback[4] = { 0 };

	return (int)syscall(SYS_rt_sigaction, number, fallback, NULL, sizeof(uint64_t));
}

static inline int kernel_openat2(int dir_fd, const char *path, const struct open_how *how, size_t size)
{
	return (int)syscall(SYS_openat2, dir_fd, path, how, size);
}

/* As fork: without a stack of its own in `args` the child goes on with a copy of the caller's (no CLONE_VM). */
static inline pid_t kernel_clone3(struct clone_args *args, size_t size)
{
	return (pid_t)syscall(SYS_clone3, args, size);
}

static inline int kernel_fchmodat2(int dir_fd, const char *path, mode_t mode, int flags)
{
	return (int)syscall(SYS_fchmodat2, dir_fd, path, mode, flags);
}

static inline int kernel_open_tree_attr(int dir_fd, const char *path, unsigned int flags, struct mount_attr *attr,
					size_t size)
{
	return (int)syscall(SYS_open_tree_attr, dir_fd, path, flags, attr, size);
}

static inline int kernel_statmount(const struct kernel_mnt_id_req *req, struct kernel_statmount *to, size_t size,
				   unsigned int flags)
{
	return (int)syscall(SYS_statmount, req, to, size, flags);
}

static inline ssize_t kernel_listmount(const struct kernel_mnt_id_req *req, uint64_t *ids, size_t count,
				       unsigned int flags)
{
	return (ssize_t)syscall(SYS_listmount, req, ids, count, flags);
}

static inline int kernel_pidfd_info(int pidfd, struct kernel_pidfd_info *info)
{
	/* The request is an int in one libc and a long in the other. */
	return (int)syscall(SYS_ioctl, pidfd, KERNEL_PIDFD_GET_INFO, info);
}

static inline int kernel_pivot_root(const char *new_root, const char *put_old)
{
	return (int)syscall(SYS_pivot_root, new_root, put_old);
}

static inline int kernel_sched_setattr(pid_t pid, const struct kernel_sched_attr *attr, unsigned int flags)
{
	return (int)syscall(SYS_sched_setattr, pid, attr, flags);
}

static inline int kernel_ioprio_set(int which, int who, int value)
{
	return (int)syscall(SYS_ioprio_set, which, who, value);
}

static inline long kernel_keyctl(int command, unsigned long a, unsigned long b, unsigned long c, unsigned long d)
{
	return syscall(SYS_keyctl, command, a, b, c, d);
}

static inline int kernel_seccomp(unsigned int operation, unsigned int flags, void *argument)
{
	return (int)syscall(SYS_seccomp, operation, flags, argument);
}

/* `attributes` is a union bpf_attr of `size` bytes. */
static inline int kernel_bpf(int command, void *attributes, unsigned int size)
{
	return (int)syscall(SYS_bpf, command, attributes, size);
}

static inline int kernel_set_mempolicy(int mode, const unsigned long *nodes, unsigned long max_node)
{
	return (int)syscall(SYS_set_mempolicy, mode, nodes, max_node);
}

#endif
