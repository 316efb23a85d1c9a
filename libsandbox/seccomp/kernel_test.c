/* SPDX-License-Identifier: Apache-2.0 */
/* Programs in force: what the kernel answers to real calls under real profiles. Each is loaded in a child. */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conformance/unit/check.h"
#include "libbase/cleanup.h"
#include "libbase/fd.h"
#include "libbase/kernel.h"
#include "libsandbox/seccomp/filter.h"
#include "libsandbox/seccomp/profile_fixture.h"

/* -- every number ----------------------------------------------------------------------------------------------------------------------
 * Below the profile's filter lies another one: what the profile lets through ends there with an errno of its own, and so no call is ever made,
 * reboot(2) no more than exit(2). Of two filters' answers the kernel takes the stricter, of two errnos that of the newer filter. The child
 * writes what it hears to shared memory, and is started again behind a number that killed it. */

#define PASSED_ERRNO 999

enum outcome { PASSED = PASSED_ERRNO, TRAPPED = 5000, KILLED, PENDING };

struct board {
	volatile int at;
	volatile int outcome[NUMBERS_MAX];
};

static struct board *board;

/* SIGILL. Not exit, which is a call, and not a function that is known not to return: sanitizers make calls before those. */
static inline void child_end(void)
{
	for (;;)
		__asm__ volatile("ud2");
}

static void trap_heard(int signal)
{
	(void)signal;
	board->outcome[board->at] = TRAPPED;
	child_end();
}

static int net_load(void)
{
	struct sock_filter instructions[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_seccomp, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SECCOMP_SET_MODE_FILTER, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | PASSED_ERRNO),
	};
	struct sock_fprog program = { ARRAY_SIZE(instructions), instructions };

	return kernel_seccomp(SECCOMP_SET_MODE_FILTER, 0, &program);
}

/* The kernel lets these pass unfiltered, and kills whom they are not meant for. */
static bool number_is_probe(int number)
{
	return number == 335 || number == 336; /* uretprobe, uprobe */
}

static void numbers_try(const struct seccomp_program *program, int from)
{
	struct sigaction action = { .sa_handler = trap_heard, .sa_flags = SA_NODEFER };
	struct rlimit none = { 0 };

	(void)setrlimit(RLIMIT_CORE, &none);
	(void)signal(SIGILL, SIG_DFL);
	(void)sigaction(SIGSYS, &action, NULL);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || net_load() < 0 || seccomp_program_load(program, 0, NULL) < 0)
		_exit(1);
	for (int number = from; number < NUMBERS_MAX; number++) {
		if (number_is_probe(number))
			continue;
		board->at = number;
		board->outcome[number] = syscall(number, 0, 0, 0, 0, 0, 0) < 0 ? errno : 0;
	}
	board->at = NUMBERS_MAX;
	child_end();
}

static void numbers_hear(const struct seccomp_program *program)
{
	int status, from = 0;

	for (int i = 0; i < NUMBERS_MAX; i++)
		board->outcome[i] = PENDING;
	while (from < NUMBERS_MAX) {
		pid_t pid = fork();

		if (pid == 0)
			numbers_try(program, from);
		CHECK_INT(waitpid(pid, &status, 0), pid);
		CHECK(WIFSIGNALED(status));
		if (WTERMSIG(status) == SIGSYS)
			board->outcome[board->at] = KILLED;
		else
			CHECK_INT(WTERMSIG(status), SIGILL);
		from = board->at + 1;
	}
}

static int outcome_of(uint32_t action)
{
	switch (action & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_KILL_PROCESS:
	case SECCOMP_RET_KILL_THREAD:
		return KILLED;
	case SECCOMP_RET_TRAP:
		return TRAPPED;
	case SECCOMP_RET_ERRNO:
		return (int)(action & SECCOMP_RET_DATA);
	default:
		return PASSED;
	}
}

/* With one call that is newer than libseccomp may be. */
static char *name_of_number(int number)
{
	char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_X86_64, number);

	return !name && number == 462 ? strdup("mseal") : name;
}

static void numbers_check(const struct profile *profile, const char *what)
{
	static const uint64_t none[6] = { 0 };
	uint32_t last = model_last(profile->plan.spec, SCMP_ARCH_X86_64, 0);

	board = mmap(NULL, sizeof(*board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(board != MAP_FAILED);
	numbers_hear(&profile->program);
	for (int number = 0; number < NUMBERS_MAX; number++) {
		char *name = name_of_number(number);
		uint32_t action = model_ask(profile->plan.spec, name, (uint32_t)number > last, none);

		if (!number_is_probe(number) && board->outcome[number] != outcome_of(action))
			check_fail(__FILE__, __LINE__, "%s: %d (%s): got %d, want %d", what, number, name ? name : "?",
				   board->outcome[number], outcome_of(action));
		free(name);
	}
	CHECK_INT(munmap(board, sizeof(*board)), 0);
}

TEST(every_number_under_engines_profiles)
{
	static const char *const files[] = { "docker-default.json", "docker-options.json", "podman-default.json",
					     "podman-options.json" };

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		PROFILE(p);
		profile_read(&p, files[i]);
		CHECK_INT(profile_compile(&p), 0);
		numbers_check(&p, files[i]);
	}
}

#define MAY_BE_DONE                                                                                                \
	"'defaultAction':'SCMP_ACT_ERRNO','defaultErrnoRet':77,'syscalls':[{'names':['read','write','exit_group'," \
	"'execve','close','fstat'],'action':'SCMP_ACT_ALLOW'},{'names':['clone3'],'action':'SCMP_ACT_ERRNO',"      \
	"'errnoRet':38},{'names':['openat2'],'action':'SCMP_ACT_LOG'},{'names':['mount'],'action':'SCMP_ACT_TRAP'}]"
#define MAY_NOT_BE_DONE                                                                                            \
	"'defaultAction':'SCMP_ACT_ALLOW','syscalls':[{'names':['mkdir','mkdirat','mount','reboot','kexec_load']," \
	"'action':'SCMP_ACT_ERRNO'},{'names':['getppid','mseal'],'action':'SCMP_ACT_KILL_PROCESS'},{'names':"      \
	"['getuid'],'action':'SCMP_ACT_KILL'},{'names':['getgid','personality'],'action':'SCMP_ACT_TRAP'},"        \
	"{'names':['chroot'],'action':'SCMP_ACT_ERRNO','errnoRet':0}]"
#define ELSE_KILLED                                                                                             \
	"'defaultAction':'SCMP_ACT_KILL_PROCESS','syscalls':[{'names':['read','write','exit_group','openat2']," \
	"'action':'SCMP_ACT_ALLOW'},{'names':['close'],'action':'SCMP_ACT_TRACE'}]"
#define ELSE_TRAPPED "'defaultAction':'SCMP_ACT_TRAP','syscalls':[{'names':['io_setup'],'action':'SCMP_ACT_ALLOW'}]"

TEST(every_number_under_lists)
{
	static const char *const lists[] = { MAY_BE_DONE, MAY_NOT_BE_DONE, ELSE_KILLED, ELSE_TRAPPED };

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		PROFILE(p);
		profile_make(&p, lists[i]);
		numbers_check(&p, lists[i]);
	}
}

/* -- single calls ----------------------------------------------------------------------------------------------------------------------
 * Children end with a status of their own, by the raw call: their profiles let it through. */

#define FINE 0

/* Runs `body` in a child under the program; returns wait(2)'s status. */
static int child_run(const struct profile *profile, int (*body)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		struct rlimit none = { 0 };

		(void)setrlimit(RLIMIT_CORE, &none);
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
		    seccomp_program_load(&profile->program, profile->plan.flags, NULL) < 0)
			_exit(99);
		_exit(body());
	}
	CHECK_INT(waitpid(pid, &status, 0), pid);
	return status;
}

#define FORBIDDEN "/tmp/orlop-seccomp-forbidden"

static int body_mkdir(void)
{
	if (mkdir(FORBIDDEN, 0700) == 0 || errno != EACCES)
		return 1;
	return mkdirat(AT_FDCWD, FORBIDDEN, 0700) == 0 || errno != EACCES ? 2 : FINE;
}

TEST(a_directory_is_not_made)
{
	PROFILE(p);
	profile_make(&p, "'defaultAction':'SCMP_ACT_ALLOW','syscalls':[{'names':['mkdir','mkdirat'],"
			 "'action':'SCMP_ACT_ERRNO','errnoRet':13}]");
	CHECK_INT(child_run(&p, body_mkdir), 0);
	CHECK(access(FORBIDDEN, F_OK) < 0);
}

static int body_docker(void)
{
	/* Ordinary children are allowed, new namespaces are not; neither is the call that hides its flags in memory. */
	long pid = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);

	if (pid == 0)
		_exit(0);
	if (pid < 0 || waitpid((pid_t)pid, NULL, 0) != pid)
		return 1;
	if (syscall(SYS_clone, SIGCHLD | CLONE_NEWUSER, 0, 0, 0, 0) >= 0 || errno != EPERM)
		return 2;
	if (syscall(SYS_clone, SIGCHLD | CLONE_NEWNET, 0, 0, 0, 0) >= 0 || errno != EPERM)
		return 3;
	if (syscall(SYS_clone3, 0, 0) >= 0 || errno != ENOSYS)
		return 4;
	if (syscall(SYS_personality, 0xffffffff) < 0 || syscall(SYS_personality, 0) < 0)
		return 5;
	if (syscall(SYS_personality, 0x0400000) >= 0 || errno != EPERM)
		return 6;
	if (syscall(SYS_mount, 0, 0, 0, 0, 0) >= 0 || errno != EPERM)
		return 7;
	/* Not even on the kernel's list. */
	return syscall(1000) >= 0 || errno != ENOSYS ? 8 : FINE;
}

TEST(dockers_profile_is_in_force)
{
	PROFILE(p);
	profile_read(&p, "docker-default.json");
	CHECK_INT(profile_compile(&p), 0);
	CHECK_INT(child_run(&p, body_docker), 0);
}

static int body_getppid(void)
{
	return syscall(SYS_getppid) == getppid() ? FINE : 1;
}

TEST(actions_that_let_pass_or_kill)
{
	static const struct {
		const char *action;
		int signal;
	} rows[] = {
		{ "SCMP_ACT_ALLOW", 0 },
		{ "SCMP_ACT_LOG", 0 },
		{ "SCMP_ACT_TRAP", SIGSYS },
		{ "SCMP_ACT_KILL", SIGSYS },
		{ "SCMP_ACT_KILL_THREAD", SIGSYS },
		{ "SCMP_ACT_KILL_PROCESS", SIGSYS },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		PROFILE(p);
		int status;

		profile_make(
			&p,
			arena_printf(&p.arena,
				     "'defaultAction':'SCMP_ACT_%s','syscalls':[{'names':['getppid'],'action':'%s'}]",
				     i == 0 ? "LOG" : "ALLOW", rows[i].action));
		status = child_run(&p, body_getppid);
		CHECK_INT(WIFSIGNALED(status) ? WTERMSIG(status) : 0, rows[i].signal);
		CHECK_INT(WIFSIGNALED(status) ? 0 : WEXITSTATUS(status), 0);
	}
}

#define BY_SECCOMP 1 /* si_code of SIGSYS; SYS_SECCOMP of the kernel, which libc lacks */

static void trap_number(int signal, siginfo_t *info, void *context)
{
	(void)context;
	_exit(signal == SIGSYS && info->si_code == BY_SECCOMP && info->si_syscall == SYS_getppid ? FINE : 1);
}

static int body_trap(void)
{
	struct sigaction action = { .sa_sigaction = trap_number, .sa_flags = SA_SIGINFO };

	(void)sigaction(SIGSYS, &action, NULL);
	(void)syscall(SYS_getppid);
	return 2;
}

TEST(a_trap_tells_the_call)
{
	PROFILE(p);
	profile_make(&p,
		     "'defaultAction':'SCMP_ACT_ALLOW','syscalls':[{'names':['getppid'],'action':'SCMP_ACT_TRAP'}]");
	CHECK_INT(child_run(&p, body_trap), 0);
}

static int body_halves(void)
{
	/* ioctl on no descriptor: EBADF is the kernel's own answer, 100 the filter's. */
	static const struct {
		uint64_t request;
		int answer;
	} rows[] = {
		{ 0x5412, 100 },
		{ 0x5413, EBADF },
		{ 0x100005412, EBADF },
		{ 0xffffffff00005412, EBADF },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (syscall(SYS_ioctl, -1, rows[i].request, 0) >= 0 || errno != rows[i].answer)
			return (int)i + 1;
	}
	return FINE;
}

TEST(both_halves_of_an_argument_count)
{
	PROFILE(p);
	profile_make(&p, "'defaultAction':'SCMP_ACT_ALLOW','syscalls':[{'names':['ioctl'],'action':'SCMP_ACT_ERRNO',"
			 "'errnoRet':100,'args':[{'index':1,'value':21522,'op':'SCMP_CMP_EQ'}]}]");
	CHECK_INT(child_run(&p, body_halves), 0);
}

/* -- the other architecture ------------------------------------------------------------------------------------------------------------- */

static long call_32(long number, long argument)
{
	long r;

	__asm__ volatile("int $0x80"
			 : "=a"(r)
			 : "a"(number), "b"(argument), "c"(0), "d"(0)
			 : "memory", "r8", "r9", "r10", "r11");
	return r;
}

#define GETPID_32 20
#define MKDIR_32  39

static int body_getpid_32(void)
{
	return call_32(GETPID_32, 0) == getpid() ? FINE : 1;
}

static int body_mkdir_32(void)
{
	return call_32(MKDIR_32, 0) == -EXDEV ? FINE : 1;
}

static int body_new_32(void)
{
	return call_32(1000, 0) == -ENOSYS ? FINE : 1;
}

static void machine_can_32(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		struct rlimit none = { 0 };

		(void)setrlimit(RLIMIT_CORE, &none);
		_exit(body_getpid_32());
	}
	CHECK_INT(waitpid(pid, &status, 0), pid);
	if (status != 0)
		check_skip("this kernel runs no 32-bit calls");
}

#define LIST_32 "'syscalls':[{'names':['mkdir'],'action':'SCMP_ACT_ERRNO','errnoRet':18}]"

TEST(calls_of_32_bits_have_the_same_rules)
{
	machine_can_32();
	PROFILE(p);
	profile_make(&p,
		     "'defaultAction':'SCMP_ACT_ALLOW','architectures':['SCMP_ARCH_X86_64','SCMP_ARCH_X86']," LIST_32);
	CHECK_INT(child_run(&p, body_getpid_32), 0);
	CHECK_INT(child_run(&p, body_mkdir_32), 0);

	PROFILE(docker);
	profile_read(&docker, "docker-default.json");
	CHECK_INT(profile_compile(&docker), 0);
	CHECK_INT(child_run(&docker, body_getpid_32), 0);
	CHECK_INT(child_run(&docker, body_new_32), 0);
}

TEST(calls_of_32_bits_kill_where_they_are_not_in_the_profile)
{
	int status;

	machine_can_32();
	PROFILE(p);
	profile_make(&p, "'defaultAction':'SCMP_ACT_ALLOW'," LIST_32);
	status = child_run(&p, body_getpid_32);
	CHECK(WIFSIGNALED(status));
	CHECK_INT(WTERMSIG(status), SIGSYS);
}

/* -- loading --------------------------------------------------------------------------------------------------------------------------- */

static int flags_work(const struct profile *profile, uint64_t flags)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		int fd;

		(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
		fd = seccomp_program_load(&profile->program, flags, NULL);
		if (fd < 0)
			_exit(1);
		if (!(flags & SECCOMP_FILTER_FLAG_NEW_LISTENER))
			_exit(fd == 0 ? FINE : 2);
		_exit(fd > 2 && fcntl(fd, F_GETFD) == FD_CLOEXEC ? FINE : 3);
	}
	CHECK_INT(waitpid(pid, &status, 0), pid);
	return status;
}

TEST(flags_go_with_it)
{
	PROFILE(p);
	profile_make(&p, "'defaultAction':'SCMP_ACT_ALLOW','listenerPath':'/a','syscalls':[{'names':['mkdir'],"
			 "'action':'SCMP_ACT_NOTIFY'}]");
	CHECK_INT(flags_work(&p, 0), 0);
	CHECK_INT(flags_work(&p, SECCOMP_FILTER_FLAG_LOG | SECCOMP_FILTER_FLAG_SPEC_ALLOW), 0);
	CHECK_INT(flags_work(&p, SECCOMP_FILTER_FLAG_NEW_LISTENER), 0);
	CHECK_INT(flags_work(&p, SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV), 0);
}

TEST(without_the_right_to_it_the_reason_is_told)
{
	PROFILE(p);
	int status;
	pid_t pid;

	profile_make(&p, "'defaultAction':'SCMP_ACT_ALLOW'");
	pid = fork();
	if (pid == 0) {
		struct error err;

		ERROR_INIT(&err);
		if (setresuid(65534, 65534, 65534) < 0)
			_exit(2);
		_exit(seccomp_program_load(&p.program, 0, &err) == -EACCES && strstr(err.text, "load a filter of ") &&
				      strstr(err.text, "Permission denied")
			      ? FINE
			      : 1);
	}
	CHECK_INT(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 2)
		check_skip("needs root to become somebody else");
	CHECK_INT(status, 0);
}
