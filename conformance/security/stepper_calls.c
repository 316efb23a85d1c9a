/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table. Errors are those of the call's page in the manual that a machine under load or a strange policy can give; calls whose failure says
 * nothing (close, exit, getpid) are not here.
 */
#include "conformance/security/stepper_calls.h"

#include <sys/syscall.h>

#include "libbase/cleanup.h"
#include "libbase/kernel.h"
#include "libbase/text.h"

#define NONE (-1)

/* clang-format off */
#define CALL(name, path, errors) { SYS_##name, path, false, #name, errors }
#define EXEC(name, path, errors) { SYS_##name, path, true, #name, errors }

const struct stepper_call stepper_calls[] = {
	CALL(openat, 1, "EMFILE,ENOMEM,EINTR"),
	CALL(openat2, 1, "EMFILE,EACCES,EAGAIN,EINTR"),
	CALL(open_tree, 1, "ENOMEM,EPERM"),
	CALL(move_mount, 1, "ENOMEM,EPERM"),
	CALL(fsopen, NONE, "ENOMEM,EPERM"),
	CALL(fsconfig, NONE, "ENOMEM,EPERM,EINVAL"),
	CALL(fsmount, NONE, "ENOMEM,EPERM,EMFILE"),
	CALL(mount_setattr, 1, "ENOMEM,EPERM"),
	CALL(mount, 1, "ENOMEM,EPERM"),
	CALL(umount2, 0, "EPERM,ENOMEM"),
	CALL(pivot_root, 0, "EPERM,ENOMEM"),
	CALL(chroot, 0, "EPERM"),
	CALL(chdir, 0, "EACCES,ENOMEM"),
	CALL(fchdir, NONE, "EACCES"),
	CALL(mkdirat, 1, "ENOSPC,EACCES"),
	CALL(mknodat, 1, "ENOSPC,EPERM"),
	CALL(symlinkat, 1, "ENOSPC,EACCES"),
	CALL(linkat, 1, "ENOSPC,EPERM"),
	CALL(renameat2, 1, "ENOSPC,EACCES"),
	CALL(renameat, 1, "ENOSPC,EACCES"),
	CALL(unlinkat, 1, "EACCES,EBUSY"),
	CALL(fchownat, 1, "EPERM,EROFS"),
	CALL(fchmodat, 1, "EPERM"),
	CALL(fchown, NONE, "EPERM,EROFS"),
	CALL(fchmod, NONE, "EPERM"),
	CALL(ftruncate, NONE, "ENOSPC"),
	CALL(newfstatat, 1, "ENOMEM"),
	CALL(fstat, NONE, "ENOMEM"),
	CALL(statx, 1, "ENOMEM"),
	CALL(fstatfs, NONE, "ENOMEM"),
	CALL(faccessat2, 1, "EACCES"),
	CALL(readlinkat, 1, "ENOMEM"),
	CALL(getdents64, NONE, "ENOMEM"),
	CALL(read, NONE, "EINTR,EIO"),
	CALL(write, NONE, "EINTR,ENOSPC,EPERM"),
	CALL(lseek, NONE, "EINVAL"),
	CALL(fcntl, NONE, "EMFILE"),
	CALL(ioctl, NONE, "EPERM"),
	CALL(flock, NONE, "EINTR,ENOMEM"),
	CALL(dup3, NONE, "EMFILE"),
	CALL(pipe2, NONE, "EMFILE"),
	CALL(memfd_create, NONE, "ENOMEM,EMFILE"),
	CALL(mmap, NONE, "ENOMEM"),
	CALL(mprotect, NONE, "ENOMEM"),
	CALL(brk, NONE, "ENOMEM"),
	CALL(getrandom, NONE, "EINTR"),
	CALL(close_range, NONE, "EPERM,ENOMEM"),
	CALL(ppoll, NONE, "EINTR,ENOMEM"),
	CALL(signalfd4, NONE, "EMFILE,ENOMEM"),
	CALL(rt_sigaction, NONE, "EINVAL"),
	CALL(rt_sigprocmask, NONE, "EINVAL"),
	CALL(socket, NONE, "EMFILE,ENOMEM"),
	CALL(socketpair, NONE, "EMFILE,ENOMEM"),
	CALL(connect, NONE, "EAGAIN,ECONNREFUSED,EINTR"),
	CALL(sendmsg, NONE, "EINTR,ENOMEM,EPIPE"),
	CALL(recvmsg, NONE, "EINTR,ENOMEM,EMFILE"),
	CALL(sendto, NONE, "EINTR,ENOMEM"),
	CALL(recvfrom, NONE, "EINTR,ENOMEM"),
	CALL(clone, NONE, "EAGAIN,ENOMEM"),
	CALL(clone3, NONE, "EAGAIN,ENOMEM,EPERM"),
	CALL(unshare, NONE, "EPERM,ENOMEM"),
	CALL(setns, NONE, "EPERM,ENOMEM"),
	CALL(waitid, NONE, "EINTR"),
	CALL(wait4, NONE, "EINTR"),
	CALL(pidfd_open, NONE, "EMFILE,ENOMEM"),
	CALL(pidfd_send_signal, NONE, "EPERM"),
	CALL(pidfd_getfd, NONE, "EPERM,EMFILE"),
	CALL(kill, NONE, "EPERM"),
	CALL(prctl, NONE, "EPERM,EINVAL"),
	CALL(prlimit64, NONE, "EPERM"),
	CALL(capget, NONE, "EINVAL"),
	CALL(capset, NONE, "EPERM"),
	CALL(setgroups, NONE, "EPERM,ENOMEM"),
	CALL(setresuid, NONE, "EAGAIN,EPERM"),
	CALL(setresgid, NONE, "EPERM"),
	CALL(setsid, NONE, "EPERM"),
	CALL(setpriority, NONE, "EPERM"),
	CALL(ioprio_set, NONE, "EPERM"),
	CALL(sched_setattr, NONE, "EPERM"),
	CALL(sched_setaffinity, NONE, "EINVAL,EPERM"),
	CALL(sethostname, NONE, "EPERM"),
	CALL(setdomainname, NONE, "EPERM"),
	CALL(personality, NONE, "EINVAL"),
	CALL(keyctl, NONE, "EDQUOT,ENOMEM"),
	CALL(bpf, NONE, "EPERM,ENOMEM"),
	CALL(seccomp, NONE, "ENOMEM,EINVAL,EACCES"),
	CALL(getcwd, NONE, "ENOMEM"),
	CALL(uname, NONE, "EFAULT"),
	CALL(setxattr, 0, "EPERM"),
	EXEC(execve, 0, "ENOMEM,EACCES"),
	EXEC(execveat, 1, "ENOMEM,EACCES"),
#ifdef SYS_open /* architectures of the first hour have the old forms too */
	CALL(open, 0, "EMFILE,ENOMEM,EINTR"),
	CALL(mkdir, 0, "ENOSPC,EACCES"),
	CALL(rename, 0, "ENOSPC,EACCES"),
	CALL(unlink, 0, "EACCES"),
	CALL(rmdir, 0, "EBUSY"),
	CALL(stat, 0, "ENOMEM"),
	CALL(readlink, 0, "ENOMEM"),
	CALL(access, 0, "EACCES"),
	CALL(dup2, NONE, "EMFILE"),
	CALL(poll, NONE, "EINTR,ENOMEM"),
	CALL(fork, NONE, "EAGAIN,ENOMEM"),
	CALL(vfork, NONE, "EAGAIN,ENOMEM"),
#endif
};
/* clang-format on */
const size_t stepper_call_count = ARRAY_SIZE(stepper_calls);
_Static_assert(ARRAY_SIZE(stepper_calls) <= STEPPER_CALLS_MAX, "the filter has room for every call");

const struct stepper_call *stepper_call_find(int number)
{
	for (size_t i = 0; i < stepper_call_count; i++)
		if (stepper_calls[i].number == number)
			return &stepper_calls[i];
	return NULL;
}

const struct stepper_call *stepper_call_named(const char *name)
{
	for (size_t i = 0; i < stepper_call_count; i++)
		if (text_equal(stepper_calls[i].name, name))
			return &stepper_calls[i];
	return NULL;
}
