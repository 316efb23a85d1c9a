/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a container sees, said by a program that runs in it: one fact a line, "key value...". Static, so that any root file system will do.
 *
 *     payload [SECTION...]      the sections named, or all: ids caps process limits signals sched fds namespaces mounts env tty
 *
 * For the suites in conformance/bats. Facts come from system calls where there is one; without /proc those that need it are left out.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "libbase/arena.h"
#include "libbase/fd.h"
#include "libbase/path.h"
#include "libbase/text.h"

#define PROC_BYTES_MAX ((size_t)4 << 20)

/* NULL: it cannot be read. */
static char *read_file(const char *path, struct arena *arena)
{
	_cleanup_(fd_cleanup) int fd = path_open_host(AT_FDCWD, path, O_RDONLY, 0);
	size_t length;
	char *text;

	return fd >= 0 && fd_read_all(fd, PROC_BYTES_MAX, arena, &text, &length) == 0 ? text : NULL;
}

static void print_word_of_file(const char *key, const char *path)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	char *text = read_file(path, &arena);

	if (text)
		printf("%s %.*s\n", key, (int)strcspn(text, "\n"), text);
}

static void print_ids(void)
{
	uid_t uids[3];
	gid_t gids[3], groups[65536];
	int count;

	if (getresuid(&uids[0], &uids[1], &uids[2]) == 0)
		printf("uid %u %u %u\n", uids[0], uids[1], uids[2]);
	if (getresgid(&gids[0], &gids[1], &gids[2]) == 0)
		printf("gid %u %u %u\n", gids[0], gids[1], gids[2]);
	count = getgroups((int)ARRAY_SIZE(groups), groups);
	printf("groups");
	for (int i = 0; i < count; i++)
		printf(" %u", groups[i]);
	printf("\n");
	print_word_of_file("uid_map", "/proc/self/uid_map");
	print_word_of_file("gid_map", "/proc/self/gid_map");
	print_word_of_file("setgroups", "/proc/self/setgroups");
	print_word_of_file("loginuid", "/proc/self/loginuid");
}

static uint64_t caps_by_prctl(int option, unsigned long argument)
{
	uint64_t bits = 0;

	for (unsigned long cap = 0; cap < 64; cap++) {
		int r = option == PR_CAPBSET_READ ? prctl(option, cap, 0, 0, 0) : prctl(option, argument, cap, 0, 0);

		if (r == 1)
			bits |= UINT64_C(1) << cap;
	}
	return bits;
}

static void print_caps(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { 0 };

	printf("caps.bounding %016llx\n", (unsigned long long)caps_by_prctl(PR_CAPBSET_READ, 0));
	printf("caps.ambient %016llx\n", (unsigned long long)caps_by_prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET));
	if (syscall(SYS_capget, &header, data) == 0) {
		printf("caps.effective %08x%08x\n", data[1].effective, data[0].effective);
		printf("caps.permitted %08x%08x\n", data[1].permitted, data[0].permitted);
		printf("caps.inheritable %08x%08x\n", data[1].inheritable, data[0].inheritable);
	}
	printf("securebits %#x\n", (unsigned int)prctl(PR_GET_SECUREBITS, 0, 0, 0, 0));
}

static void print_process(void)
{
	char directory[4096];
	struct utsname names;
	mode_t mask = umask(0);
	int signal = 0;

	umask(mask);
	printf("pid %d\nppid %d\nsid %d\npgid %d\n", getpid(), getppid(), getsid(0), getpgid(0));
	printf("cwd %s\n", getcwd(directory, sizeof(directory)) ? directory : "(none)");
	printf("umask %04o\n", mask);
	if (uname(&names) == 0)
		printf("hostname %s\ndomainname %s\nmachine %s\n", names.nodename, names.domainname, names.machine);
	printf("no_new_privs %d\n", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
	printf("dumpable %d\n", prctl(PR_GET_DUMPABLE, 0, 0, 0, 0));
	printf("keepcaps %d\n", prctl(PR_GET_KEEPCAPS, 0, 0, 0, 0));
	if (prctl(PR_GET_PDEATHSIG, &signal, 0, 0, 0) == 0)
		printf("pdeathsig %d\n", signal);
	printf("personality %#x\n", (unsigned int)personality(0xffffffff));
	print_word_of_file("oom_score_adj", "/proc/self/oom_score_adj");
	print_word_of_file("cgroup", "/proc/self/cgroup");
	print_word_of_file("label", "/proc/self/attr/current");
	print_word_of_file("comm", "/proc/self/comm");
}

static const struct {
	const char *name;
	int number;
} limits[] = {
	{ "AS", RLIMIT_AS },           { "CORE", RLIMIT_CORE },         { "CPU", RLIMIT_CPU },
	{ "DATA", RLIMIT_DATA },       { "FSIZE", RLIMIT_FSIZE },       { "LOCKS", RLIMIT_LOCKS },
	{ "MEMLOCK", RLIMIT_MEMLOCK }, { "MSGQUEUE", RLIMIT_MSGQUEUE }, { "NICE", RLIMIT_NICE },
	{ "NOFILE", RLIMIT_NOFILE },   { "NPROC", RLIMIT_NPROC },       { "RSS", RLIMIT_RSS },
	{ "RTPRIO", RLIMIT_RTPRIO },   { "RTTIME", RLIMIT_RTTIME },     { "SIGPENDING", RLIMIT_SIGPENDING },
	{ "STACK", RLIMIT_STACK },
};

static void print_limit(rlim_t value)
{
	if (value == RLIM_INFINITY)
		printf(" unlimited");
	else
		printf(" %llu", (unsigned long long)value);
}

static void print_limits(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
		struct rlimit limit;

		if (prlimit(0, (__rlimit_resource_t)limits[i].number, NULL, &limit) < 0)
			continue;
		printf("rlimit.%s", limits[i].name);
		print_limit(limit.rlim_cur);
		print_limit(limit.rlim_max);
		printf("\n");
	}
}

/* The lines of /proc/self/status that no call tells. */
static void print_signals(void)
{
	static const struct {
		const char *line, *key;
	} lines[] = {
		{ "SigPnd:\t", "signals.pending" },
		{ "SigBlk:\t", "signals.blocked" },
		{ "SigIgn:\t", "signals.ignored" },
		{ "Seccomp:\t", "seccomp" },
		{ "Seccomp_filters:\t", "seccomp.filters" },
		{ "NSpid:\t", "nspid" },
		{ "NStgid:\t", "nstgid" },
		{ "Speculation_Store_Bypass:\t", "speculation" },
	};
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	const char *status = read_file("/proc/self/status", &arena);

	while (status && *status) {
		size_t length = strcspn(status, "\n");

		for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
			const char *value = text_after(status, lines[i].line);

			if (value)
				printf("%s %.*s\n", lines[i].key, (int)(status + length - value), value);
		}
		status += length + (status[length] == '\n');
	}
}

static void print_sched(void)
{
	struct sched_param parameter;
	cpu_set_t cpus;
	int policy = sched_getscheduler(0);

	if (sched_getparam(0, &parameter) == 0)
		printf("scheduler %d %d\n", policy, parameter.sched_priority);
	errno = 0;
	printf("nice %d\n", getpriority(PRIO_PROCESS, 0));
	/* IOPRIO_WHO_PROCESS; class in the top three bits of sixteen. */
	printf("ioprio %ld %ld\n", syscall(SYS_ioprio_get, 1, 0) >> 13, syscall(SYS_ioprio_get, 1, 0) & 0x1fff);
	if (sched_getaffinity(0, sizeof(cpus), &cpus) == 0) {
		printf("cpus");
		for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
			if (CPU_ISSET(cpu, &cpus))
				printf(" %d", cpu);
		printf("\n");
	}
}

static void print_fds(void)
{
	struct rlimit limit = { .rlim_cur = 1024 };

	(void)getrlimit(RLIMIT_NOFILE, &limit);
	for (int fd = 0; fd < (int)limit.rlim_cur && fd < 65536; fd++) {
		char link[64], target[4096] = "?";
		int flags = fcntl(fd, F_GETFL);
		ssize_t length;

		if (flags < 0)
			continue;
		(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
		length = readlink(link, target, sizeof(target) - 1);
		target[length > 0 ? length : 1] = '\0';
		printf("fd.%d %s %o\n", fd, target, (unsigned int)flags);
	}
}

static void print_namespaces(void)
{
	static const char *const names[] = { "cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		char link[64], target[128];
		ssize_t length;

		(void)snprintf(link, sizeof(link), "/proc/self/ns/%s", names[i]);
		length = readlink(link, target, sizeof(target) - 1);
		if (length > 0)
			printf("ns.%s %.*s\n", names[i], (int)length, target);
	}
}

static void print_mounts(void)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	const char *text = read_file("/proc/self/mountinfo", &arena);

	while (text && *text) {
		size_t length = strcspn(text, "\n");

		printf("mount %.*s\n", (int)length, text);
		text += length + (text[length] == '\n');
	}
}

static void print_env(void)
{
	for (char **entry = environ; *entry; entry++)
		printf("env %s\n", *entry);
}

static void print_tty(void)
{
	struct winsize size;

	for (int fd = 0; fd < 3; fd++)
		printf("tty.%d %d\n", fd, isatty(fd));
	if (ioctl(0, TIOCGWINSZ, &size) == 0)
		printf("tty.size %u %u\n", size.ws_row, size.ws_col);
}

static const struct {
	const char *name;
	void (*print)(void);
} sections[] = {
	{ "ids", print_ids },         { "caps", print_caps },
	{ "process", print_process }, { "limits", print_limits },
	{ "signals", print_signals }, { "sched", print_sched },
	{ "fds", print_fds },         { "namespaces", print_namespaces },
	{ "mounts", print_mounts },   { "env", print_env },
	{ "tty", print_tty },
};

static bool is_wanted(const char *name, int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (text_equal(name, argv[i]))
			return true;
	return argc < 2;
}

int main(int argc, char **argv)
{
	for (size_t i = 0; i < ARRAY_SIZE(sections); i++)
		if (is_wanted(sections[i].name, argc, argv))
			sections[i].print();
	return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
