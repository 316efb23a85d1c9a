/* SPDX-License-Identifier: Apache-2.0 */
/* Scheduler, I/O priority and personality as the kernel reports them back. */
#include "libsandbox/priv/scheduling.h"

#include <linux/ioprio.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/utsname.h>

#include "libsandbox/priv/fixture.h"

CHILD(nice_and_policy_are_set)
{
	const struct spec_scheduler scheduler = {
		.policy = SCHEDULER_BATCH, .nice = { true, 7 }, .flags = { .set = true, .bits = 1 } /* RESET_ON_FORK */
	};
	struct error err;

	ERROR_INIT(&err);
	WANT_OK(scheduler_set(&scheduler, &err), &err);
	WANT_INT(sched_getscheduler(0), SCHED_BATCH | SCHED_RESET_ON_FORK);
	WANT_INT(getpriority(PRIO_PROCESS, 0), 7);
}

CHILD(what_the_kernel_refuses_is_named)
{
	const struct spec_scheduler fifo = { .policy = SCHEDULER_FIFO, .priority = { true, 10 } };
	const struct spec_scheduler iso = { .policy = SCHEDULER_ISO };
	struct error err;

	ERROR_INIT(&err);
	need_root();
	WANT_INT(scheduler_set(&iso, &err), -EINVAL);
	WANT_HAS(err.text, "set scheduler SCHED_ISO, nice 0, priority 0: Invalid argument");
	WANT(setresuid(1234, 1234, 1234) == 0);
	WANT_INT(scheduler_set(&fifo, &err), -EPERM);
	WANT_HAS(err.text, "set scheduler SCHED_FIFO, nice 0, priority 10: Operation not permitted");
}

CHILD(io_priority_is_the_groups)
{
	const struct spec_io_priority priority = { .class = IO_CLASS_BE, .priority = { true, 6 } };
	const struct spec_io_priority idle = { .class = IO_CLASS_IDLE };
	struct error err;
	int status;
	pid_t pid;

	ERROR_INIT(&err);
	WANT(setsid() > 0);
	pid = fork(); /* in the same group, changed from outside */
	if (pid == 0) {
		for (int i = 0; i < 500; i++) {
			if (syscall(SYS_ioprio_get, IOPRIO_WHO_PROCESS, 0) == IOPRIO_PRIO_VALUE(IOPRIO_CLASS_BE, 6))
				_exit(0);
			usleep(10000);
		}
		_exit(1);
	}
	WANT_OK(io_priority_set(&priority, &err), &err);
	WANT_INT(syscall(SYS_ioprio_get, IOPRIO_WHO_PROCESS, 0), IOPRIO_PRIO_VALUE(IOPRIO_CLASS_BE, 6));
	WANT(waitpid(pid, &status, 0) == pid && status == 0);
	WANT_OK(io_priority_set(&idle, &err), &err);
	WANT_INT(syscall(SYS_ioprio_get, IOPRIO_WHO_PROCESS, 0), IOPRIO_PRIO_VALUE(IOPRIO_CLASS_IDLE, 0));
}

CHILD(personalities_are_set)
{
	const struct spec_personality linux32 = { .domain = PERSONALITY_LINUX32 },
				      plain = { .domain = PERSONALITY_LINUX };
	struct error err;

	ERROR_INIT(&err);
	WANT_OK(personality_set(&linux32, &err), &err);
	WANT_INT(personality(0xffffffff), PER_LINUX32);
	WANT_OK(personality_set(&plain, &err), &err);
	WANT_INT(personality(0xffffffff), PER_LINUX);
}
