/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The floor: the kernel's own price of a container. It makes the calls that the config of `orlop spec` asks for and nothing else: no JSON, no
 * record, no check, no error but death. What a runtime takes longer than this is the runtime's.
 *
 *     floor [--filter FILE] [--binds N] [--masks N] [--memory BYTES] [--create] ROOTFS CGROUP NAME PROGRAM [ARGUMENT...]
 *     floor --delete CGROUP NAME
 *
 * ROOTFS has proc, dev and sys; CGROUP is a cgroup2 directory ("-": none is made); FILE is a seccomp program as bench_filter writes it. /dev/null
 * is bound, read-only, to the files /tmp/m0 to N - 1, and covers /tmp/k0 to N - 1. BYTES are the cgroup's memory.max. Ends with the
 * program's exit status; with --create when all is done but its execve, and --delete kills such a one.
 * Not for: anything but measuring. What is wrong in its arguments is wrong in the container.
 */
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/keyctl.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "libbase/cleanup.h"
#include "libbase/kernel.h"

#define FILTER_MOST  4096
#define FILES_MOST   1024
#define CAPS_KEPT    (1U << CAP_KILL | 1U << CAP_NET_BIND_SERVICE | 1U << CAP_AUDIT_WRITE)
#define NAMESPACES   (CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID | CLONE_NEWNET)
#define SEALED       (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)
#define DEVICE(t, a) ((uint32_t)(a) << 16 | (t))
#define INSTRUCTIONS 64

struct call {
	const char *rootfs;
	const char *cgroup;
	const char *name;
	char **argv;
	unsigned long binds, masks;
	const char *memory;
	bool create;
	int ready; /* of --create: init writes here when it waits */
	struct sock_filter filter[FILTER_MOST];
	unsigned short filter_length;
};

static _Noreturn void die(const char *what)
{
	perror(what);
	_exit(99);
}

static int must(int r, const char *what)
{
	if (r < 0)
		die(what);
	return r;
}

/* -- the device program ------------------------------------------------------------------------------------------------------------------ */

struct program {
	struct bpf_insn code[INSTRUCTIONS];
	unsigned int length;
};

static void emit(struct program *program, unsigned int code, unsigned int dst, unsigned int src, int off, int imm)
{
	program->code[program->length++] = (struct bpf_insn){
		.code = (uint8_t)code,
		.dst_reg = (uint8_t)(dst & 15),
		.src_reg = (uint8_t)(src & 15),
		.off = (int16_t)off,
		.imm = imm,
	};
}

/* If type, major and minor (-1: any) fit, allowed. */
static void allow(struct program *program, int type, int major, int minor)
{
	int skip = 3 + (minor >= 0);

	emit(program, BPF_JMP | BPF_JNE | BPF_K, 2, 0, skip, type);
	emit(program, BPF_JMP | BPF_JNE | BPF_K, 4, 0, skip - 1, major);
	if (minor >= 0)
		emit(program, BPF_JMP | BPF_JNE | BPF_K, 5, 0, 2, minor);
	emit(program, BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 1);
	emit(program, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

/* What runc's default list lets through: mknod of all, and the usual character devices. */
static void device_program_attach(int cgroup_fd)
{
	static const int devices[][2] = { { 1, 3 }, { 1, 8 }, { 1, 7 },    { 5, 0 },
					  { 1, 5 }, { 1, 9 }, { 136, -1 }, { 5, 2 } };
	struct program program = { .length = 0 };
	union bpf_attr attr = { .prog_type = BPF_PROG_TYPE_CGROUP_DEVICE };
	int fd;

	emit(&program, BPF_LDX | BPF_MEM | BPF_W, 2, 1, 0, 0);
	emit(&program, BPF_ALU64 | BPF_MOV | BPF_X, 3, 2, 0, 0);
	emit(&program, BPF_ALU64 | BPF_RSH | BPF_K, 3, 0, 0, 16);
	emit(&program, BPF_ALU64 | BPF_AND | BPF_K, 2, 0, 0, 0xffff);
	emit(&program, BPF_LDX | BPF_MEM | BPF_W, 4, 1, 4, 0);
	emit(&program, BPF_LDX | BPF_MEM | BPF_W, 5, 1, 8, 0);
	emit(&program, BPF_JMP | BPF_JNE | BPF_K, 3, 0, 2, BPF_DEVCG_ACC_MKNOD);
	emit(&program, BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 1);
	emit(&program, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
	for (size_t i = 0; i < ARRAY_SIZE(devices); i++)
		allow(&program, BPF_DEVCG_DEV_CHAR, devices[i][0], devices[i][1]);
	emit(&program, BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 0);
	emit(&program, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);

	attr.insns = (uint64_t)(uintptr_t)program.code;
	attr.insn_cnt = program.length;
	attr.license = (uint64_t)(uintptr_t) "Apache-2.0";
	fd = must((int)syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr)), "bpf: load");
	memset(&attr, 0, sizeof(attr));
	attr.target_fd = (uint32_t)cgroup_fd;
	attr.attach_bpf_fd = (uint32_t)fd;
	attr.attach_type = BPF_CGROUP_DEVICE;
	attr.attach_flags = BPF_F_ALLOW_MULTI;
	must((int)syscall(SYS_bpf, BPF_PROG_ATTACH, &attr, sizeof(attr)), "bpf: attach");
	close(fd);
}

/* -- mounts ------------------------------------------------------------------------------------------------------------------------------ */

/* `options` are pairs, "" being a flag's second. */
static int filesystem(const char *type, const char *const *options, uint64_t attributes)
{
	int context = must(fsopen(type, FSOPEN_CLOEXEC), type);
	int fd;

	for (; options && *options; options += 2) {
		bool flag = !*options[1];

		must(fsconfig(context, flag ? FSCONFIG_SET_FLAG : FSCONFIG_SET_STRING, options[0],
			      flag ? NULL : options[1], 0),
		     options[0]);
	}
	must(fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0), type);
	fd = must(fsmount(context, FSMOUNT_CLOEXEC, (unsigned int)attributes), type);
	close(context);
	return fd;
}

static void put(int root, int fd, const char *path)
{
	must(move_mount(fd, "", root, path, MOVE_MOUNT_F_EMPTY_PATH), path);
	close(fd);
}

static void mounts_make(int root)
{
	static const char *const proc[] = { "source", "proc", NULL };
	static const char *const dev[] = { "source", "tmpfs", "mode", "755", "size", "65536k", NULL };
	static const char *const pts[] = { "source", "devpts", "newinstance", "",  "ptmxmode", "0666",
					   "mode",   "0620",   "gid",         "5", NULL };
	static const char *const shm[] = { "source", "shm", "mode", "1777", "size", "65536k", NULL };
	static const char *const queues[] = { "source", "mqueue", NULL };
	static const char *const sys[] = { "source", "sysfs", NULL };
	static const char *const cgroup[] = { "source", "cgroup", NULL };

	put(root, filesystem("proc", proc, 0), "proc");
	put(root, filesystem("tmpfs", dev, MOUNT_ATTR_NOSUID | MOUNT_ATTR_STRICTATIME), "dev");
	must(mkdirat(root, "dev/pts", 0755), "pts");
	put(root, filesystem("devpts", pts, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC), "dev/pts");
	must(mkdirat(root, "dev/shm", 0755), "shm");
	put(root, filesystem("tmpfs", shm, SEALED), "dev/shm");
	must(mkdirat(root, "dev/mqueue", 0755), "mqueue");
	put(root, filesystem("mqueue", queues, SEALED), "dev/mqueue");
	put(root, filesystem("sysfs", sys, SEALED | MOUNT_ATTR_RDONLY), "sys");
	put(root, filesystem("cgroup2", cgroup, SEALED | MOUNT_ATTR_RDONLY), "sys/fs/cgroup");
}

static void devices_make(int root)
{
	static const struct {
		const char *path;
		unsigned int major, minor;
	} nodes[] = { { "dev/null", 1, 3 },   { "dev/zero", 1, 5 },    { "dev/full", 1, 7 },
		      { "dev/random", 1, 8 }, { "dev/urandom", 1, 9 }, { "dev/tty", 5, 0 } };
	static const char *const links[][2] = {
		{ "/proc/self/fd", "dev/fd" },       { "/proc/self/fd/0", "dev/stdin" },
		{ "/proc/self/fd/1", "dev/stdout" }, { "/proc/self/fd/2", "dev/stderr" },
		{ "/proc/kcore", "dev/core" },       { "pts/ptmx", "dev/ptmx" },
	};

	umask(0);
	for (size_t i = 0; i < ARRAY_SIZE(nodes); i++)
		must(mknodat(root, nodes[i].path, S_IFCHR | 0666, makedev(nodes[i].major, nodes[i].minor)),
		     nodes[i].path);
	for (size_t i = 0; i < ARRAY_SIZE(links); i++)
		must(symlinkat(links[i][0], root, links[i][1]), links[i][1]);
	umask(022);
}

static void paths_hide(const struct call *call, int root, int null)
{
	static const char *const read_only[] = { "proc/bus", "proc/fs", "proc/irq", "proc/sys", "proc/sysrq-trigger" };
	static const char *const masked[] = {
		"proc/acpi",       "proc/asound",      "proc/kcore",       "proc/keys",    "proc/latency_stats",
		"proc/timer_list", "proc/timer_stats", "proc/sched_debug", "sys/firmware", "proc/scsi",
	};
	static const char *const empty[] = { "source", "tmpfs", "nr_blocks", "1", "nr_inodes", "2", NULL };
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY };
	int covers[] = { null, -1 };
	bool used[2] = { false };
	struct stat st;

	for (size_t i = 0; i < ARRAY_SIZE(read_only); i++) {
		int fd = open_tree(root, read_only[i], OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);

		if (fd < 0)
			continue;
		must(mount_setattr(fd, "", AT_EMPTY_PATH | AT_RECURSIVE, &attr, sizeof(attr)), read_only[i]);
		put(root, fd, read_only[i]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(masked) && call->masks == 0; i++) {
		int kind, fd;

		if (fstatat(root, masked[i], &st, 0) < 0)
			continue;
		kind = S_ISDIR(st.st_mode);
		if (kind && covers[1] < 0)
			covers[1] = filesystem("tmpfs", empty, SEALED | MOUNT_ATTR_RDONLY);
		/* Before Linux 6.15 only an attached tree can be cloned. */
		fd = used[kind] ? open_tree(covers[kind], "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH)
				: covers[kind];
		must(move_mount(must(fd, "mask"), "", root, masked[i], MOVE_MOUNT_F_EMPTY_PATH), masked[i]);
		if (used[kind])
			close(fd);
		used[kind] = true;
	}
}

/* The files are there: runtimes that ran before made them. */
static void many_mount(const struct call *call, int root, int null)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY };
	char path[32];
	int fd;

	for (unsigned long i = 0; i < call->binds; i++) {
		snprintf(path, sizeof(path), "tmp/m%lu", i);
		fd = must(open_tree(AT_FDCWD, "/dev/null", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC), "/dev/null");
		must(mount_setattr(fd, "", AT_EMPTY_PATH, &attr, sizeof(attr)), path);
		put(root, fd, path);
	}
	for (unsigned long i = 0; i < call->masks; i++) {
		snprintf(path, sizeof(path), "tmp/k%lu", i);
		/* Before Linux 6.15 only an attached tree can be cloned: what is attached first is the one that the others copy. */
		fd = i ? open_tree(null, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH) : null;
		must(move_mount(must(fd, path), "", root, path, MOVE_MOUNT_F_EMPTY_PATH), path);
		if (i)
			close(fd);
	}
}

/* -- init -------------------------------------------------------------------------------------------------------------------------------- */

static void loopback_up(void)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = must(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket");

	must(ioctl(fd, SIOCSIFFLAGS, &request), "lo");
	close(fd);
}

static void root_enter(const struct call *call, int root, int null)
{
	struct mount_attr slave = { .propagation = MS_SLAVE };
	struct mount_attr locked = { .attr_set = MOUNT_ATTR_RDONLY };

	must(mount_setattr(AT_FDCWD, "/", AT_RECURSIVE, &slave, sizeof(slave)), "slave");
	must(mount_setattr(root, "", AT_EMPTY_PATH | AT_RECURSIVE, &slave, sizeof(slave)), "slave");
	must(move_mount(root, "", AT_FDCWD, call->rootfs, MOVE_MOUNT_F_EMPTY_PATH), "rootfs");
	mounts_make(root);
	devices_make(root);
	many_mount(call, root, null);
	must(fchdir(root), "fchdir");
	must((int)kernel_pivot_root(".", "."), "pivot_root");
	must(umount2(".", MNT_DETACH), "umount2");
	must(chdir("/"), "chdir");
	must(sethostname("orlop", 5), "sethostname");
	must(mount_setattr(root, "", AT_EMPTY_PATH, &locked, sizeof(locked)), "read-only");
	paths_hide(call, root, null);
}

static void rights_drop(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { { .effective = CAPS_KEPT, .permitted = CAPS_KEPT }, { 0 } };
	const struct rlimit files = { FILES_MOST, FILES_MOST };

	must(setrlimit(RLIMIT_NOFILE, &files), "setrlimit");
	must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs");
	for (unsigned int i = 0; i <= CAP_LAST_CAP; i++) {
		if (i > 31 || !(CAPS_KEPT >> i & 1))
			must(prctl(PR_CAPBSET_DROP, i, 0, 0, 0), "drop");
	}
	must((int)syscall(SYS_setgroups, 0, NULL), "setgroups");
	must(setresgid(0, 0, 0), "setresgid");
	must(setresuid(0, 0, 0), "setresuid");
	must((int)syscall(SYS_capset, &header, data), "capset");
}

static _Noreturn void init_main(struct call *call, int root, int null)
{
	struct sock_fprog filter = { call->filter_length, call->filter };
	char *environment[] = { (char[]){ "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" },
				(char[]){ "TERM=xterm" }, NULL };
	int key;

	must(setsid(), "setsid");
	key = must((int)syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, call->name), "keyctl");
	must((int)syscall(SYS_keyctl, KEYCTL_SETPERM, key, 0x3f130000), "keyctl");
	must(unshare(CLONE_NEWCGROUP), "unshare");
	loopback_up();
	root_enter(call, root, null);
	must(close_range(3, ~0U, CLOSE_RANGE_CLOEXEC), "close_range");
	rights_drop();
	if (filter.len > 0)
		must((int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter), "seccomp");
	if (call->create) {
		must((int)write(call->ready, "", 1), "write");
		pause();
	}
	execve(call->argv[0], call->argv, environment);
	die(call->argv[0]);
}

/* -- the host side ----------------------------------------------------------------------------------------------------------------------- */

static void file_write(int directory, const char *name, const char *text)
{
	int fd = must(openat(directory, name, O_WRONLY | O_CLOEXEC), name);

	must((int)write(fd, text, strlen(text)), name);
	close(fd);
}

/* What --create made: whoever is in the cgroup dies, and it goes once they are gone. */
static int container_delete(const char *cgroup, const char *name)
{
	int parent = must(open(cgroup, O_RDONLY | O_DIRECTORY | O_CLOEXEC), cgroup);
	int group = must(openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC), name);
	struct pollfd events = { .fd = must(openat(group, "cgroup.events", O_RDONLY | O_CLOEXEC), "cgroup.events"),
				 .events = POLLPRI };
	char text[64];

	file_write(group, "cgroup.kill", "1");
	for (;;) {
		ssize_t length = pread(events.fd, text, sizeof(text) - 1, 0);

		text[length > 0 ? length : 0] = '\0';
		if (length <= 0 || strstr(text, "populated 0"))
			break;
		poll(&events, 1, 100);
	}
	return must(unlinkat(parent, name, AT_REMOVEDIR), name);
}

static int contain(struct call *call)
{
	int gate[2] = { -1, -1 };
	const bool grouped = strcmp(call->cgroup, "-") != 0;
	struct clone_args args = { .flags = NAMESPACES | CLONE_CLEAR_SIGHAND, .exit_signal = SIGCHLD };
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC,
				   .propagation = MS_PRIVATE };
	int parent = -1, group = -1, root, null, status;
	pid_t pid;
	char byte;

	root = must(open_tree(AT_FDCWD, call->rootfs, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE), "open_tree");
	null = must(open_tree(AT_FDCWD, "/dev/null", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC), "/dev/null");
	must(mount_setattr(null, "", AT_EMPTY_PATH, &attr, sizeof(attr)), "/dev/null");
	if (grouped) {
		parent = must(open(call->cgroup, O_RDONLY | O_DIRECTORY | O_CLOEXEC), call->cgroup);
		must(mkdirat(parent, call->name, 0755), call->name);
		group = must(openat(parent, call->name, O_RDONLY | O_DIRECTORY | O_CLOEXEC), call->name);
		if (call->memory)
			file_write(group, "memory.max", call->memory);
		device_program_attach(group);
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = (uint64_t)group;
	}
	if (call->create)
		must(pipe2(gate, O_CLOEXEC), "pipe2");
	call->ready = gate[1];
	pid = must((pid_t)kernel_clone3(&args, sizeof(args)), "clone3");
	if (pid == 0)
		init_main(call, root, null);
	close(root);
	close(null);
	if (call->create) {
		close(gate[1]);
		return read(gate[0], &byte, 1) == 1 ? 0 : 99;
	}
	must(waitpid(pid, &status, 0), "waitpid");
	if (grouped)
		must(unlinkat(parent, call->name, AT_REMOVEDIR), call->name);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void filter_read(struct call *call, const char *path)
{
	int fd = must(open(path, O_RDONLY | O_CLOEXEC), path);
	ssize_t length = read(fd, call->filter, sizeof(call->filter));

	if (length <= 0)
		die(path);
	call->filter_length = (unsigned short)((size_t)length / sizeof(call->filter[0]));
	close(fd);
}

static unsigned long number_read(const char *text)
{
	unsigned long number = 0;

	for (; *text >= '0' && *text <= '9'; text++)
		number = number * 10 + (unsigned long)(*text - '0');
	return number;
}

/* Returns how many words it took. */
static int option_read(struct call *call, char **argv)
{
	if (strcmp(argv[0], "--create") == 0) {
		call->create = true;
		return 1;
	}
	if (!argv[1])
		return 0;
	if (strcmp(argv[0], "--filter") == 0)
		filter_read(call, argv[1]);
	else if (strcmp(argv[0], "--binds") == 0)
		call->binds = number_read(argv[1]);
	else if (strcmp(argv[0], "--masks") == 0)
		call->masks = number_read(argv[1]);
	else if (strcmp(argv[0], "--memory") == 0)
		call->memory = argv[1];
	else
		return 0;
	return 2;
}

int main(int argc, char **argv)
{
	static struct call call;
	int at = 1, taken;

	if (argc == 4 && strcmp(argv[1], "--delete") == 0)
		return container_delete(argv[2], argv[3]);
	while (at < argc && argv[at][0] == '-' && (taken = option_read(&call, argv + at)) > 0)
		at += taken;
	if (argc - at < 4) {
		fputs("usage: floor [OPTION...] ROOTFS CGROUP NAME PROGRAM [ARGUMENT...]\n", stderr);
		return 99;
	}
	call.rootfs = argv[at];
	call.cgroup = argv[at + 1];
	call.name = argv[at + 2];
	call.argv = argv + at + 3;
	return contain(&call);
}
