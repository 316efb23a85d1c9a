/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table. Errors are those of the call's page in the manual that a machine under load or a strange policy can give. Rows without errors are
 * names for lists: a failure of these says nothing.
 */
#include "conformance/security/stepper_calls.h"

#include <errno.h>
#include <sys/syscall.h>

#include "conformance/security/stepper_transfer.h"
#include "libbase/cleanup.h"
#include "libbase/kernel.h"
#include "libbase/text.h"

#define NONE (-1)

/* clang-format off */
#define CALL(name, path, errors) { SYS_##name, path, false, #name, errors }
#define EXEC(name, path, errors) { SYS_##name, path, true, #name, errors }

const struct stepper_call stepper_calls[] = {
	CALL(openat, 1, "EMFILE,ENOMEM,EPERM,EINTR,ENOSPC"),
	CALL(openat2, 1, "EMFILE,ENOMEM,EPERM,EACCES,EAGAIN,EINTR,ENOSPC"),
	CALL(open_tree, 1, "ENOMEM,EPERM,EMFILE,ENOSPC"),
	CALL(move_mount, 1, "ENOMEM,EPERM,ENOSPC"),
	CALL(fsopen, NONE, "ENOMEM,EPERM,EMFILE"),
	CALL(fsconfig, NONE, "ENOMEM,EPERM,EINVAL,EINTR"),
	CALL(fsmount, NONE, "ENOMEM,EPERM,EMFILE,EINTR"),
	CALL(mount_setattr, 1, "ENOMEM,EPERM"),
	CALL(mount, 1, "ENOMEM,EPERM,ENOSPC"),
	CALL(umount2, 0, "EPERM,ENOMEM,EBUSY"),
	CALL(pivot_root, 0, "EPERM,ENOMEM"),
	CALL(chroot, 0, "EPERM,ENOMEM"),
	CALL(chdir, 0, "EACCES,ENOMEM"),
	CALL(fchdir, NONE, "EACCES"),
	CALL(mkdirat, 1, "ENOSPC,EACCES,EPERM,ENOMEM"),
	CALL(mknodat, 1, "ENOSPC,EPERM,ENOMEM"),
	CALL(symlinkat, 1, "ENOSPC,EACCES,ENOMEM"),
	CALL(linkat, 1, "ENOSPC,EPERM,ENOMEM"),
	CALL(renameat2, 1, "ENOSPC,EACCES,ENOMEM"),
	CALL(renameat, 1, "ENOSPC,EACCES,ENOMEM"),
	CALL(unlinkat, 1, "EACCES,EPERM,EBUSY,ENOMEM"),
	CALL(fchownat, 1, "EPERM,EROFS,ENOSPC"),
	CALL(fchmodat, 1, "EPERM,EROFS"),
	CALL(fchown, NONE, "EPERM,EROFS,ENOSPC"),
	CALL(fchmod, NONE, "EPERM,EROFS"),
	CALL(ftruncate, NONE, "ENOSPC,EINTR,EPERM"),
	CALL(newfstatat, 1, "ENOMEM,EACCES"),
	CALL(fstat, NONE, "ENOMEM"),
	CALL(statx, 1, "ENOMEM,EACCES"),
	CALL(statfs, 0, "ENOMEM,EACCES,EINTR"),
	CALL(fstatfs, NONE, "ENOMEM,EINTR"),
	CALL(faccessat2, 1, "EACCES,ENOMEM"),
	CALL(readlinkat, 1, "ENOMEM,EACCES"),
	CALL(getdents64, NONE, "ENOMEM"),
	CALL(read, NONE, "EINTR,EIO,ENOMEM,EAGAIN," TRANSFER_SHORT),
	CALL(pread64, NONE, "EINTR,EIO,ENOMEM"),
	CALL(write, NONE, "EINTR,ENOSPC,EPERM,ENOMEM,EAGAIN," TRANSFER_SHORT),
	CALL(lseek, NONE, "EINVAL"),
	CALL(fcntl, NONE, "EMFILE,EPERM"),
	CALL(ioctl, NONE, "EPERM,ENOMEM,EINTR"),
	CALL(flock, NONE, "EINTR,ENOMEM,EAGAIN"),
	CALL(dup3, NONE, "EMFILE,EINTR"),
	CALL(pipe2, NONE, "EMFILE"),
	CALL(memfd_create, NONE, "ENOMEM,EMFILE,EPERM"),
	CALL(mmap, NONE, "ENOMEM"),
	CALL(mprotect, NONE, "ENOMEM"),
	CALL(mremap, NONE, "ENOMEM"),
	CALL(brk, NONE, NULL), /* it answers with the end of the heap as it was */
	CALL(getrandom, NONE, "EINTR,EAGAIN"),
	CALL(close_range, NONE, "EPERM,ENOMEM,EMFILE"),
	CALL(ppoll, NONE, "EINTR,ENOMEM"),
	CALL(signalfd4, NONE, "EMFILE,ENOMEM"),
	CALL(rt_sigaction, NONE, NULL),
	CALL(rt_sigprocmask, NONE, NULL),
	CALL(socket, NONE, "EMFILE,ENOMEM,EPERM"),
	CALL(socketpair, NONE, "EMFILE,ENOMEM"),
	CALL(connect, NONE, "EAGAIN,ECONNREFUSED,EINTR,EPERM"),
	CALL(bind, NONE, "ENOMEM,EACCES,ENOSPC"),
	CALL(listen, NONE, "EADDRINUSE"),
	CALL(accept4, NONE, "EMFILE,ENOMEM,EINTR,EAGAIN"),
	CALL(setsockopt, NONE, "ENOMEM,EPERM"),
	CALL(getsockopt, NONE, "ENOMEM"),
	CALL(sendmsg, NONE, "EINTR,ENOMEM,EAGAIN"),
	CALL(recvmsg, NONE, "EINTR,ENOMEM,EMFILE,EAGAIN"),
	CALL(sendto, NONE, "EINTR,ENOMEM,EAGAIN"),
	CALL(recvfrom, NONE, "EINTR,ENOMEM,EAGAIN"),
	CALL(clone, NONE, "EAGAIN,ENOMEM,EPERM"),
	CALL(clone3, NONE, "EAGAIN,ENOMEM,EPERM,ENOSPC"),
	CALL(unshare, NONE, "EPERM,ENOMEM,ENOSPC"),
	CALL(setns, NONE, "EPERM,ENOMEM"),
	CALL(waitid, NONE, "EINTR"),
	CALL(wait4, NONE, "EINTR"),
	CALL(pidfd_open, NONE, "EMFILE,ENOMEM"),
	CALL(pidfd_send_signal, NONE, "EPERM,EAGAIN"),
	CALL(pidfd_getfd, NONE, "EPERM,EMFILE"),
	CALL(kill, NONE, "EPERM,EAGAIN"),
	CALL(prctl, NONE, "EPERM,EINVAL,ENOMEM"),
	CALL(prlimit64, NONE, "EPERM"),
	CALL(capget, NONE, "EINVAL"),
	CALL(capset, NONE, "EPERM,ENOMEM"),
	CALL(setgroups, NONE, "EPERM,ENOMEM"),
	CALL(setresuid, NONE, "EAGAIN,EPERM,ENOMEM"),
	CALL(setresgid, NONE, "EPERM,ENOMEM"),
	CALL(setsid, NONE, "EPERM"),
	CALL(setpriority, NONE, "EPERM"),
	CALL(ioprio_set, NONE, "EPERM,ENOMEM"),
	CALL(sched_setattr, NONE, "EPERM"),
	CALL(sched_setaffinity, NONE, "EINVAL,EPERM,ENOMEM"),
	CALL(sethostname, NONE, "EPERM"),
	CALL(setdomainname, NONE, "EPERM"),
	CALL(personality, NONE, "EINVAL"),
	CALL(keyctl, NONE, "EDQUOT,ENOMEM,EPERM,EINTR"),
	CALL(bpf, NONE, "EPERM,ENOMEM,EAGAIN,EMFILE,ENOSPC"),
	CALL(seccomp, NONE, "ENOMEM,EINVAL,EACCES,EMFILE"),
	CALL(getcwd, NONE, "ENOMEM"),
	CALL(uname, NONE, "EFAULT"),
	CALL(setxattr, 0, "EPERM,ENOSPC,ENOMEM"),
	EXEC(execve, 0, "ENOMEM,EACCES,EPERM,EAGAIN,EMFILE"),
	EXEC(execveat, 1, "ENOMEM,EACCES,EPERM,EAGAIN,EMFILE"),
	CALL(close, NONE, NULL),
	CALL(exit_group, NONE, NULL),
	CALL(umask, NONE, NULL),
	CALL(geteuid, NONE, NULL),
	CALL(set_robust_list, NONE, NULL),
#ifdef SYS_open /* architectures of the first hour have the old forms too */
	CALL(open, 0, "EMFILE,ENOMEM,EPERM,EINTR"),
	CALL(mkdir, 0, "ENOSPC,EACCES,ENOMEM"),
	CALL(rename, 0, "ENOSPC,EACCES,ENOMEM"),
	CALL(unlink, 0, "EACCES,ENOMEM"),
	CALL(rmdir, 0, "EBUSY,ENOMEM"),
	CALL(stat, 0, "ENOMEM,EACCES"),
	CALL(readlink, 0, "ENOMEM,EACCES"),
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

int stepper_error_named(const char *name)
{
	static const struct {
		const char *name;
		int code;
	} errors[] = {
		{ "EACCES", EACCES },
		{ "EADDRINUSE", EADDRINUSE },
		{ "EAGAIN", EAGAIN },
		{ "EBUSY", EBUSY },
		{ "ECONNREFUSED", ECONNREFUSED },
		{ "EDQUOT", EDQUOT },
		{ "EFAULT", EFAULT },
		{ "EINTR", EINTR },
		{ "EIO", EIO },
		{ "EINVAL", EINVAL },
		{ "EMFILE", EMFILE },
		{ "ENOMEM", ENOMEM },
		{ "ENOSPC", ENOSPC },
		{ "EPERM", EPERM },
		{ "EROFS", EROFS },
	};

	for (size_t i = 0; i < ARRAY_SIZE(errors); i++)
		if (text_equal(errors[i].name, name))
			return errors[i].code;
	return -1;
}
