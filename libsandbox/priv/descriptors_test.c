/* SPDX-License-Identifier: Apache-2.0 */
/* What is open after the cut, and whose standard streams are. */
#include "libsandbox/priv/descriptors.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>

#include "libsandbox/priv/fixture.h"

static void close_from(int first)
{
	WANT(close_range((unsigned int)first, ~0U, 0) == 0);
}

static int placed(int number, const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);

	WANT(fd >= 0);
	if (fd != number) {
		WANT(dup3(fd, number, O_CLOEXEC) == number);
		close(fd);
	}
	return number;
}

CHILD(all_but_the_kept_are_closed)
{
	int keep[] = { FD_NONE, 90, 7, FD_NONE, 8, 4 };
	struct error err;

	ERROR_INIT(&err);
	close_from(3);
	for (int fd = 3; fd < 12; fd++)
		placed(fd, "/dev/null");
	placed(90, "/dev/null");
	placed(91, "/dev/null");
	placed(200, "/dev/null");
	WANT_OK(descriptors_close_others(2, keep, ARRAY_SIZE(keep), false, &err), &err);
	for (int fd = 0; fd < 256; fd++) {
		bool wanted = fd <= 4 || fd == 7 || fd == 8 || fd == 90;

		WANT_INT(fcntl(fd, F_GETFD) >= 0, wanted);
	}
}

CHILD(without_any_to_keep_only_three_stay)
{
	struct error err;
	int none;

	ERROR_INIT(&err);
	placed(30, "/dev/null");
	WANT_OK(descriptors_close_others(0, &none, 0, false, &err), &err);
	for (int fd = 3; fd < 64; fd++)
		WANT(fcntl(fd, F_GETFD) < 0);
	WANT(fcntl(2, F_GETFD) >= 0);
}

/* As a filter that was written before close_range(2). */
static void close_range_deny(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_close_range, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = { ARRAY_SIZE(filter), filter };

	WANT(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	WANT(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
}

CHILD(only_the_containers_own_filter_may_leave_them_open)
{
	struct error err;
	int none;

	ERROR_INIT(&err);
	placed(30, "/dev/null");
	close_range_deny();
	WANT_OK(descriptors_close_others(0, &none, 0, true, &err), &err);
	WANT(fcntl(30, F_GETFD) & FD_CLOEXEC);
	WANT_INT(descriptors_close_others(0, &none, 0, false, &err), -EPERM);
	WANT_TEXT(err.text, "close other descriptors: Operation not permitted");
}

CHILD(preserved_ones_survive_execve_or_are_missed)
{
	struct error err;

	ERROR_INIT(&err);
	close_from(3);
	placed(3, "/dev/null");
	placed(4, "/dev/zero");
	WANT(fcntl(3, F_GETFD) & FD_CLOEXEC);
	WANT_OK(descriptors_preserve(2, &err), &err);
	WANT_INT(fcntl(3, F_GETFD), 0);
	WANT_INT(fcntl(4, F_GETFD), 0);
	WANT_INT(descriptors_preserve(3, &err), -EBADF);
	WANT_TEXT(err.text, "unable to stat preserved-fd 2 (of 3): Bad file descriptor");
	WANT_OK(descriptors_preserve(0, &err), &err);
}

static void want_owner(const char *path, uid_t uid)
{
	struct stat st;

	WANT(stat(path, &st) == 0);
	WANT_INT(st.st_uid, uid);
}

CHILD(standard_streams_become_the_users_but_not_null)
{
	struct stat null_before, null_after, st;
	struct error err;
	int pipe_fds[2];

	ERROR_INIT(&err);
	scratch_make();
	WANT(stat("/dev/null", &null_before) == 0);
	text_write(SCRATCH "/log", "");
	WANT(chown(SCRATCH "/log", 0, 55) == 0);
	WANT(pipe(pipe_fds) == 0);
	WANT(dup2(open("/dev/null", O_RDWR | O_CLOEXEC), 0) == 0);
	WANT(dup2(open(SCRATCH "/log", O_RDWR | O_CLOEXEC), 1) == 1);
	int told = dup(2);
	WANT(dup2(pipe_fds[1], 2) == 2);
	int r = descriptors_chown(1234, &err);
	WANT(fstat(2, &st) == 0);
	WANT(dup2(told, 2) == 2);
	WANT_INT(r, 0);
	WANT_INT(st.st_uid, 1234);
	want_owner(SCRATCH "/log", 1234);
	WANT(stat(SCRATCH "/log", &st) == 0);
	WANT_INT(st.st_gid, 55);
	WANT(stat("/dev/null", &null_after) == 0);
	WANT_INT(null_after.st_uid, null_before.st_uid);
	WANT_INT(null_after.st_ctim.tv_sec, null_before.st_ctim.tv_sec);
}

CHILD(devices_and_files_that_are_read_stay_the_host_s)
{
	struct stat before, after;
	struct error err;

	ERROR_INIT(&err);
	scratch_make();
	text_write(SCRATCH "/input", "");
	WANT(dup2(open(SCRATCH "/input", O_RDONLY | O_CLOEXEC), 0) == 0);
	WANT(dup2(open("/dev/zero", O_RDWR | O_CLOEXEC), 1) == 1);
	WANT(fstat(1, &before) == 0);
	WANT_OK(descriptors_chown(1234, &err), &err);
	want_owner(SCRATCH "/input", 0);
	WANT(fstat(1, &after) == 0);
	WANT_INT(after.st_ctim.tv_sec, before.st_ctim.tv_sec);
	WANT_INT(after.st_uid, before.st_uid);
}

CHILD(a_stream_that_may_not_be_given_is_left)
{
	struct error err;

	ERROR_INIT(&err);
	scratch_make();
	text_write(SCRATCH "/log", "");
	WANT(dup2(open(SCRATCH "/log", O_RDONLY | O_CLOEXEC), 0) == 0);
	WANT(mount(NULL, SCRATCH, NULL, MS_REMOUNT | MS_RDONLY, NULL) == 0);
	WANT_OK(descriptors_chown(0, &err), &err);
	WANT_OK(descriptors_chown(1234, &err), &err);
	want_owner(SCRATCH "/log", 0);
}
