/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checks the numbers and layouts of libbase/kernel.h against the running kernel; what that kernel does not know yet is skipped.
 */
#include "libbase/kernel.h"

#include "conformance/unit/check.h"
#include "libbase/cleanup.h"
#include "libbase/fd.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/vfs.h>
#include <sys/wait.h>

#include <linux/magic.h>
#include <linux/seccomp.h>

TEST(openat2_resolves)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_BENEATH };
	_cleanup_(fd_cleanup) int slash = open("/", O_PATH | O_CLOEXEC);
	_cleanup_(fd_cleanup) int fd = kernel_openat2(slash, "tmp", &how, sizeof(how));

	CHECK(fd >= 0);
	CHECK_INT(kernel_openat2(slash, "/tmp", &how, sizeof(how)), -1);
	CHECK_INT(errno, EXDEV);
}

TEST(clone3_gives_a_pidfd)
{
	int pidfd = FD_NONE;
	struct clone_args args = { .flags = CLONE_PIDFD, .pidfd = (uintptr_t)&pidfd, .exit_signal = SIGCHLD };
	siginfo_t info = { 0 };
	pid_t pid = kernel_clone3(&args, sizeof(args));

	CHECK(pid >= 0);
	if (pid == 0)
		_exit(42);
	CHECK_INT(waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED), 0);
	CHECK_INT(info.si_pid, pid);
	CHECK_INT(info.si_status, 42);
	fd_close(pidfd);
}

TEST(pidfd_info_has_this_layout)
{
	_cleanup_(fd_cleanup) int pidfd = pidfd_open(getpid(), 0);
	struct kernel_pidfd_info info = { .mask = PIDFD_INFO_PID | PIDFD_INFO_CREDS };

	CHECK(pidfd >= 0);
	CHECK_INT(sizeof(info), 64);
	if (kernel_pidfd_info(pidfd, &info) < 0)
		check_skip("PIDFD_GET_INFO: Linux 6.13");
	CHECK_INT(info.pid, getpid());
	CHECK_INT(info.ppid, getppid());
	CHECK_INT(info.euid, geteuid());
	CHECK_INT(info.egid, getegid());
}

TEST(pidfd_gives_namespaces)
{
	_cleanup_(fd_cleanup) int pidfd = pidfd_open(getpid(), 0);
	static const struct {
		unsigned long request;
		int type;
	} cases[] = {
		{ PIDFD_GET_MNT_NAMESPACE, CLONE_NEWNS },        { PIDFD_GET_PID_NAMESPACE, CLONE_NEWPID },
		{ PIDFD_GET_NET_NAMESPACE, CLONE_NEWNET },       { PIDFD_GET_USER_NAMESPACE, CLONE_NEWUSER },
		{ PIDFD_GET_UTS_NAMESPACE, CLONE_NEWUTS },       { PIDFD_GET_IPC_NAMESPACE, CLONE_NEWIPC },
		{ PIDFD_GET_CGROUP_NAMESPACE, CLONE_NEWCGROUP }, { PIDFD_GET_TIME_NAMESPACE, CLONE_NEWTIME },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(fd_cleanup) int ns = ioctl(pidfd, cases[i].request, 0);

		if (ns < 0)
			check_skip("PIDFD_GET_*_NAMESPACE: Linux 6.11");
		CHECK_INT(ioctl(ns, NS_GET_NSTYPE), cases[i].type);
	}
}

TEST(statmount_has_this_layout)
{
	union {
		struct kernel_statmount mount;
		char bytes[4096];
	} to;
	struct kernel_mnt_id_req req = { .size = sizeof(req),
					 .param = STATMOUNT_SB_BASIC | STATMOUNT_MNT_BASIC | STATMOUNT_MNT_POINT |
						  STATMOUNT_FS_TYPE };
	struct statx stx;

	CHECK_INT(sizeof(struct kernel_statmount), 512);
	CHECK_INT(sizeof(req), 32);
	CHECK_INT(statx(AT_FDCWD, "/proc", 0, STATX_MNT_ID_UNIQUE, &stx), 0);
	if (!(stx.stx_mask & STATX_MNT_ID_UNIQUE))
		check_skip("STATX_MNT_ID_UNIQUE: Linux 6.8");
	req.mnt_id = stx.stx_mnt_id;
	if (kernel_statmount(&req, &to.mount, sizeof(to), 0) < 0 && errno == ENOSYS)
		check_skip("statmount: Linux 6.8");
	CHECK_INT(to.mount.mask & req.param, req.param);
	CHECK(to.mount.mnt_id == stx.stx_mnt_id);
	CHECK_INT(to.mount.sb_magic, PROC_SUPER_MAGIC);
	CHECK_TEXT(to.mount.str + to.mount.fs_type, "proc");
	CHECK_TEXT(to.mount.str + to.mount.mnt_point, "/proc");
}

TEST(listmount_lists)
{
	struct kernel_mnt_id_req req = { .size = sizeof(req), .mnt_id = LSMT_ROOT };
	uint64_t ids[64];
	ssize_t count = kernel_listmount(&req, ids, ARRAY_SIZE(ids), 0);

	if (count < 0 && errno == ENOSYS)
		check_skip("listmount: Linux 6.8");
	CHECK(count > 0);
}

TEST(sched_setattr_takes_the_struct)
{
	struct kernel_sched_attr attr = { .size = sizeof(attr), .sched_nice = 5 };
	int status;
	pid_t pid = fork();

	CHECK_INT(sizeof(attr), 56);
	if (pid == 0)
		_exit(kernel_sched_setattr(0, &attr, 0) == 0 && getpriority(PRIO_PROCESS, 0) == 5 ? 0 : 1);
	CHECK_INT(waitpid(pid, &status, 0), pid);
	CHECK_INT(status, 0);
}

TEST(other_calls_reach_the_kernel)
{
	uint32_t action = SECCOMP_RET_ALLOW;
	_cleanup_(fd_cleanup) int fd = open("/tmp", O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
	_cleanup_(fd_cleanup) int tree = FD_NONE;
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSYMFOLLOW };

	CHECK_INT(kernel_seccomp(SECCOMP_GET_ACTION_AVAIL, 0, &action), 0);
	/* IOPRIO_WHO_PROCESS, class best effort, level 7 */
	CHECK_INT(kernel_ioprio_set(1, 0, 2 << 13 | 7), 0);
	CHECK_INT(kernel_pivot_root("/nowhere", "/nowhere"), -1);
	CHECK(errno == ENOENT || errno == EPERM);
	CHECK(kernel_fchmodat2(fd, "", 0644, AT_EMPTY_PATH) == 0 || errno == ENOSYS);
	CHECK(kernel_bpf(-1, NULL, 0) == -1 && errno != ENOSYS);
	CHECK(kernel_set_mempolicy(0, NULL, 0) == 0 || errno == ENOSYS || errno == EPERM);
	CHECK(kernel_keyctl(-1, 0, 0, 0, 0) == -1 && (errno == EOPNOTSUPP || errno == ENOSYS || errno == EPERM));
	tree = kernel_open_tree_attr(AT_FDCWD, "/tmp", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC, &attr, sizeof(attr));
	CHECK(tree >= 0 || errno == ENOSYS || errno == EPERM);
	if (tree >= 0)
		CHECK_INT(openat(tree, "orlop-x", O_WRONLY | O_CREAT, 0600) == -1 ? errno : 0, EROFS);
}
