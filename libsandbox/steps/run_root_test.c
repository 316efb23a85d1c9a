/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Walks the rows about the root file system in their order, from real configs, in throw-away namespaces; looks at what a program in the
 * container would find.
 */
#include "libsandbox/steps/run.h"

#include <dirent.h>
#include <grp.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/vfs.h>

#include <linux/magic.h>

#include "libbase/path.h"
#include "libbase/proc.h"
#include "libbase/socket.h"
#include "libsandbox/root/fixture.h"
#include "libspec/load.h"

#define BUNDLE SCRATCH "/bundle"
#define ROOT   BUNDLE "/rootfs"

/* One container: a config (quotes written as '), what prepares the root, and what looks at it from inside. */
struct scene {
	const char *config;
	void (*prepare)(void);
	void (*look)(struct sandbox *sandbox);
	const char *want_error; /* NULL: it works */
	bool no_pivot;
	bool nested;  /* the host side is root of a user namespace only */
	bool as_user; /* the host side is nobody in particular */
	bool long_way;
};

struct stage {
	const struct scene *scene;
	struct sandbox sandbox;
	struct arena arena;
	struct problems problems;
	struct host host;
	struct error err;
};

static void plan_make(struct stage *stage)
{
	const struct spec *spec;
	char *json = arena_string(&stage->arena, stage->scene->config);
	const struct plan_options options = {
		.id = "test",
		.bundle = BUNDLE,
		.detach = true,
		.console_socket = strstr(stage->scene->config, "'terminal':true") != NULL,
		.no_pivot = stage->scene->no_pivot,
		.rootless = stage->scene->as_user || stage->scene->nested ? ROOTLESS_TRUE : ROOTLESS_FALSE,
	};

	WANT(json);
	for (char *at = json; (at = strchr(at, '\''));)
		*at = '"';
	problems_init(&stage->problems, &stage->arena);
	WANT_OK(host_probe(&stage->arena, &stage->host, &stage->err), &stage->err);
	WANT_OK(spec_load_bytes("config.json", json, strlen(json), &stage->arena, &stage->problems, &spec, &stage->err),
		&stage->err);
	WANT_OK(plan_build(spec, &stage->host, &options, &stage->arena, &stage->problems, &stage->sandbox.plan,
			   &stage->err),
		&stage->err);
}

/* Another descriptor of the mount of what stands for our own program. */
static int spare_copy = FD_NONE;

static void sandbox_prepare(struct sandbox *sandbox)
{
	int *const fds[] = {
		&sandbox->message_fd,  &sandbox->cgroup_fd,   &sandbox->root_fd,           &sandbox->null_fd,
		&sandbox->console_fd,  &sandbox->terminal_fd, &sandbox->user_namespace_fd, &sandbox->proc_fd,
		&sandbox->own_proc_fd, &sandbox->own_sys_fd,  &sandbox->own_dev_fd,        &sandbox->spare_fd,
		&sandbox->dialogue_fd,
	};

	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		*fds[i] = FD_NONE;
	for (size_t i = 0; i < NAMESPACE_TYPES; i++)
		sandbox->namespace_fds[i] = FD_NONE;
	sandbox->proc_fd = proc_open();
	WANT(sandbox->proc_fd >= 0);
	sandbox->spare_fd = open_tree(AT_FDCWD, "/proc/uptime", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	spare_copy = sandbox->spare_fd >= 0 ? fcntl(sandbox->spare_fd, F_DUPFD_CLOEXEC, 0) : FD_NONE;
}

static int spare_change(void)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_NODEV };

	return mount_setattr(spare_copy, "", AT_EMPTY_PATH, &attr, sizeof(attr)) < 0 ? -errno : 0;
}

static int init_walk(struct stage *stage)
{
	int (*const rows[])(struct sandbox * sandbox, struct error * err) = {
		run_root,    run_mounts,         run_mounts_network,  run_mounts_devices,
		run_devices, run_pivot,          run_console,         run_cwd_make,
		run_sysctl,  run_read_only_late, run_read_only_paths, run_masked_paths,
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int r;

		if (rows[i] == run_console && !stage->sandbox.plan->process.terminal)
			continue;
		r = rows[i](&stage->sandbox, &stage->err);
		if (r < 0)
			return r;
	}
	return 0;
}

static _Noreturn void init_run(struct stage *stage, int go_fd)
{
	char byte;
	int r;

	WANT_INT(read(go_fd, &byte, 1), 1);
	if (stage->sandbox.plan->namespaces.new_flags & CLONE_NEWUSER)
		WANT(setresgid(0, 0, 0) == 0 && setresuid(0, 0, 0) == 0);
	WANT(setsid() > 0);
	if (stage->sandbox.plan->namespaces.new_flags & CLONE_NEWCGROUP)
		WANT(unshare(CLONE_NEWCGROUP) == 0);
	if (stage->scene->long_way)
		short_ways_deny();
	r = init_walk(stage);
	if (stage->scene->want_error) {
		WANT(r < 0);
		WANT_HAS(error_text(&stage->err), stage->scene->want_error);
		_exit(0);
	}
	WANT_OK(r, &stage->err);
	stage->scene->look(&stage->sandbox);
	_exit(0);
}

static void maps_write(struct stage *stage, pid_t pid)
{
	const struct plan_ids *ids = &stage->sandbox.plan->ids;
	char path[64], text[256];

	if (!(stage->sandbox.plan->namespaces.new_flags & CLONE_NEWUSER))
		return;
	if (geteuid() != 0) {
		snprintf(path, sizeof(path), "/proc/%d/setgroups", pid);
		text_write(path, "deny");
	}
	snprintf(path, sizeof(path), "/proc/%d/uid_map", pid);
	snprintf(text, sizeof(text), "%u %u %u\n", ids->uid_maps.items[0].container_id, ids->uid_maps.items[0].host_id,
		 ids->uid_maps.items[0].size);
	text_write(path, text);
	snprintf(path, sizeof(path), "/proc/%d/gid_map", pid);
	text_write(path, text);
}

#define SOME_USER 4242

static void user_become(void)
{
	WANT(chown(ROOT, SOME_USER, SOME_USER) == 0);
	WANT(setgroups(0, NULL) == 0);
	WANT(setresgid(SOME_USER, SOME_USER, SOME_USER) == 0 && setresuid(SOME_USER, SOME_USER, SOME_USER) == 0);
	/* So that the map files of our children are ours. */
	WANT(prctl(PR_SET_DUMPABLE, 1) == 0);
}

static const struct scene *scene_now;

static void scene_body(void)
{
	static struct stage stage;
	const uint64_t clone_flags =
		CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWUSER;
	struct clone_args args = { .exit_signal = SIGCHLD };
	int status, go[2], r;
	pid_t pid;

	stage.scene = scene_now;
	stage.scene->nested ? scratch_make_as_user() : scratch_make();
	WANT(mkdir(BUNDLE, 0755) == 0 && mkdir(ROOT, 0755) == 0);
	if (stage.scene->prepare)
		stage.scene->prepare();
	if (stage.scene->as_user)
		user_become();
	plan_make(&stage);
	sandbox_prepare(&stage.sandbox);
	r = run_sources(&stage.sandbox, &stage.err);
	if (r < 0 && stage.scene->want_error) {
		WANT_HAS(error_text(&stage.err), stage.scene->want_error);
		return;
	}
	WANT_OK(r, &stage.err);
	/* Any will do for one of its own. */
	if (geteuid() == 0 && !stage.scene->nested && stage.host.cgroup_mount)
		stage.sandbox.cgroup_fd = open(stage.host.cgroup_mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	WANT(pipe2(go, O_CLOEXEC) == 0);
	args.flags = stage.sandbox.plan->namespaces.new_flags & clone_flags;
	pid = kernel_clone3(&args, sizeof(args));
	WANT(pid >= 0);
	if (pid == 0)
		init_run(&stage, go[0]);
	maps_write(&stage, pid);
	WANT_INT(write(go[1], "", 1), 1);
	WANT_INT(waitpid(pid, &status, 0), pid);
	WANT_INT(status, 0);
}

static void scene_run(const struct scene *scene)
{
	scene_now = scene;
	child_run(scene_body);
}

#define HEAD    "{'ociVersion':'1.2.0','root':{'path':'rootfs','readonly':true},"
#define PROCESS "'process':{'cwd':'/','args':['sh']},"
#define MOUNTS(pts)                                                                                                 \
	"{'destination':'/proc','type':'proc','source':'proc'},"                                                    \
	"{'destination':'/dev','type':'tmpfs','source':'tmpfs','options':['nosuid','strictatime','mode=755',"       \
	"'size=65536k']},"                                                                                          \
	"{'destination':'/dev/pts','type':'devpts','source':'devpts','options':['nosuid','noexec','newinstance',"   \
	"'ptmxmode=0666','mode=0620'" pts "]},"                                                                     \
	"{'destination':'/dev/shm','type':'tmpfs','source':'shm','options':['nosuid','noexec','nodev','mode=1777'," \
	"'size=65536k']},"                                                                                          \
	"{'destination':'/dev/mqueue','type':'mqueue','source':'mqueue','options':['nosuid','noexec','nodev']},"    \
	"{'destination':'/sys','type':'sysfs','source':'sysfs','options':['nosuid','noexec','nodev','ro']},"        \
	"{'destination':'/sys/fs/cgroup','type':'cgroup','source':'cgroup','options':['nosuid','noexec','nodev',"   \
	"'relatime','ro']}"
#define DEFAULT_MOUNTS MOUNTS(",'gid=5'")
#define NAMESPACES                                                                                        \
	"'namespaces':[{'type':'pid'},{'type':'network'},{'type':'ipc'},{'type':'uts'},{'type':'mount'}," \
	"{'type':'cgroup'}]"
#define PATHS                                                                                          \
	"'maskedPaths':['/proc/acpi','/proc/asound','/proc/kcore','/proc/keys','/proc/latency_stats'," \
	"'/proc/timer_list','/proc/timer_stats','/proc/sched_debug','/sys/firmware','/proc/scsi'],"    \
	"'readonlyPaths':['/proc/bus','/proc/fs','/proc/irq','/proc/sys','/proc/sysrq-trigger']"

static long magic_of(const char *path)
{
	struct statfs fs;

	WANT(statfs(path, &fs) == 0);
	return (long)fs.f_type;
}

static void default_look(struct sandbox *sandbox)
{
	struct stat st;
	char text[64];

	/* It went with the host's mounts, where they went: then no descriptor of it is good for anything any more. */
	WANT_INT(sandbox->spare_fd, FD_NONE);
	WANT_INT(spare_change(), sandbox->plan->root.pivot ? -EINVAL : 0);
	WANT_INT(magic_of("/proc"), PROC_SUPER_MAGIC);
	WANT_INT(magic_of("/dev"), TMPFS_MAGIC);
	WANT_INT(magic_of("/dev/pts"), DEVPTS_SUPER_MAGIC);
	WANT_INT(magic_of("/sys"), SYSFS_MAGIC);
	WANT_INT(magic_of("/sys/fs/cgroup"), CGROUP2_SUPER_MAGIC);
	WANT(mount_flags("/") & ST_RDONLY);
	WANT(mount_flags("/sys") & ST_RDONLY);
	WANT(mount_flags("/sys/fs/cgroup") & ST_RDONLY);
	WANT(!(mount_flags("/dev") & ST_RDONLY));
	WANT_INT(mount_flags("/dev/shm") & (ST_NOSUID | ST_NODEV | ST_NOEXEC), ST_NOSUID | ST_NODEV | ST_NOEXEC);
	WANT_INT(mkdir("/new", 0755), -1);
	WANT_INT(errno, EROFS);
	WANT(stat("/dev/zero", &st) == 0 && st.st_rdev == makedev(1, 5) && (st.st_mode & 07777) == 0666);
	WANT(stat("/dev/shm", &st) == 0 && (st.st_mode & 07777) == 01777);
	WANT_INT(readlink("/dev/ptmx", text, sizeof(text)), 8);
	WANT(memcmp(text, "pts/ptmx", 8) == 0);
	WANT(is_null("/proc/kcore") || access("/proc/kcore", F_OK) < 0);
	WANT(is_null("/proc/timer_list") || access("/proc/timer_list", F_OK) < 0);
	WANT(mount_flags("/proc/sys") & ST_RDONLY);
	WANT(mount_flags("/proc/irq") & ST_RDONLY);
	WANT(!(mount_flags("/proc") & ST_RDONLY));
	WANT(access(SCRATCH, F_OK) < 0 && access("/etc", F_OK) < 0);
	WANT(getpid() == 1 && access("/proc/1", F_OK) == 0 && access("/proc/2", F_OK) < 0);
}

TEST(the_default_config)
{
	static const struct scene scene = {
		.config = HEAD PROCESS "'mounts':[" DEFAULT_MOUNTS "],'linux':{" PATHS "," NAMESPACES "}}",
		.look = default_look,
	};

	scene_run(&scene);
}

#define SEEN_SIZE (64 << 10)

/* Shared with the children: what a program would see of its mounts, and of /dev. */
static char *seen_now;

_printf_(1, 2) static void see(const char *format, ...)
{
	size_t used = strlen(seen_now);
	va_list arguments;

	va_start(arguments, format);
	WANT(vsnprintf(seen_now + used, SEEN_SIZE - used, format, arguments) < (int)(SEEN_SIZE - used));
	va_end(arguments);
}

static void nodes_see(void)
{
	DIR *directory = opendir("/dev");
	const struct dirent *entry;
	struct stat st;

	WANT(directory);
	while ((entry = readdir(directory))) {
		WANT(fstatat(dirfd(directory), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0);
		see("%s %o %u:%u %jx\n", entry->d_name, st.st_mode, st.st_uid, st.st_gid, (uintmax_t)st.st_rdev);
	}
	closedir(directory);
}

static void directories_make(void)
{
	WANT(mkdir(ROOT "/proc", 0755) == 0 && mkdir(ROOT "/dev", 0755) == 0 && mkdir(ROOT "/sys", 0755) == 0);
}

static void default_see(struct sandbox *sandbox)
{
	default_look(sandbox);
	mountinfo_see(seen_now, SEEN_SIZE);
	nodes_see();
}

TEST(the_long_way_leads_to_the_same)
{
#define CONFIG                                                                                                     \
	HEAD PROCESS "'mounts':[" DEFAULT_MOUNTS ",{'destination':'/dev/own','type':'tmpfs','source':'own'},"      \
		     "{'destination':'/own','type':'tmpfs','source':'tmp','options':['size=1m']}],'linux':{" PATHS \
		     "," NAMESPACES "}}"
	static const struct scene scenes[] = {
		{ .config = CONFIG, .prepare = directories_make, .look = default_see },
		{ .config = CONFIG, .prepare = directories_make, .look = default_see, .long_way = true },
	};
	char *first;

	seen_now = shared_make(SEEN_SIZE);
	scene_run(&scenes[0]);
	first = strdup(seen_now);
	CHECK(first && strstr(first, "cgroup2") && strstr(first, "urandom"));
	seen_now[0] = '\0';
	scene_run(&scenes[1]);
	CHECK_TEXT(seen_now, first);
	free(first);
	munmap(seen_now, SEEN_SIZE);
}

#define USER_NAMESPACES                                                                                   \
	"'namespaces':[{'type':'pid'},{'type':'network'},{'type':'ipc'},{'type':'uts'},{'type':'mount'}," \
	"{'type':'cgroup'},{'type':'user'}]"
#define MAPS                                                              \
	"'uidMappings':[{'containerID':0,'hostID':100000,'size':65536}]," \
	"'gidMappings':[{'containerID':0,'hostID':100000,'size':65536}]"

static void root_give(void)
{
	WANT(chown(ROOT, 100000, 100000) == 0);
	/* Only root may look in here: sources are opened by the host side. */
	WANT(mkdir(SCRATCH "/private", 0700) == 0 && mkdir(SCRATCH "/private/data", 0755) == 0);
	text_write(SCRATCH "/private/data/x", "from a private place");
	WANT(chown(SCRATCH "/private/data/x", 5, 5) == 0);
}

static void user_look(struct sandbox *sandbox)
{
	struct stat st;

	default_look(sandbox);
	WANT(stat("/proc", &st) == 0);
	/* Nodes are the host's. */
	WANT(stat("/dev/null", &st) == 0 && st.st_uid == 65534);
	WANT(text_is("/data/x", "from a private place"));
	WANT(stat("/data/x", &st) == 0 && st.st_uid == 5 && st.st_gid == 5);
	WANT(stat("/other/x", &st) == 0 && st.st_uid == 1005 && st.st_gid == 2005);
}

TEST(a_user_namespace_of_its_own)
{
	static const struct scene scene = {
		.config = HEAD PROCESS "'mounts':[" DEFAULT_MOUNTS ",{'destination':'/data','source':'" SCRATCH
				       "/private/data',"
				       "'options':['rbind','idmap']}"
				       ",{'destination':'/other','source':'" SCRATCH "/private/data',"
				       "'options':['bind'],"
				       "'uidMappings':[{'containerID':0,'hostID':101000,'size':10}],"
				       "'gidMappings':[{'containerID':0,'hostID':102000,'size':10}]}"
				       "],'linux':{" PATHS "," MAPS "," USER_NAMESPACES "}}",
		.prepare = root_give,
		.look = user_look,
	};

	scene_run(&scene);
}

static void rootless_prepare(void)
{
	WANT(mkdir(SCRATCH "/data", 0755) == 0);
	text_write(SCRATCH "/data/x", "the user's");
}

static void rootless_look(struct sandbox *sandbox)
{
	(void)sandbox;
	WANT_INT(magic_of("/proc"), PROC_SUPER_MAGIC);
	WANT(mount_flags("/") & ST_RDONLY);
	WANT(is_null("/dev/null") && is_null("/proc/timer_list"));
	WANT(text_is("/data/x", "the user's") && mount_flags("/data") & ST_RDONLY);
	WANT(access(SCRATCH, F_OK) < 0);
}

static void late_look(struct sandbox *sandbox)
{
	WANT(sandbox->sources_late);
	rootless_look(sandbox);
}

#define ROOTLESS_CONFIG(id)                                                                                 \
	HEAD PROCESS "'mounts':[" MOUNTS("") ",{'destination':'/data','source':'" SCRATCH "/data',"         \
					     "'options':['rbind','ro']}],'linux':{" PATHS                   \
					     ",'uidMappings':[{'containerID':0,'hostID':" id ",'size':1}]," \
					     "'gidMappings':[{'containerID':0,'hostID':" id                 \
					     ",'size':1}]," USER_NAMESPACES "}}"

TEST(a_host_side_in_a_user_namespace)
{
	static const struct scene scene = {
		.config = ROOTLESS_CONFIG("0"), .prepare = rootless_prepare, .look = rootless_look, .nested = true
	};

	scene_run(&scene);
}

TEST(a_host_side_without_rights)
{
	static const struct scene scene = {
		.config = ROOTLESS_CONFIG("4242"), .prepare = rootless_prepare, .look = late_look, .as_user = true
	};

	scene_run(&scene);
}

TEST(a_root_that_is_moved)
{
	static const struct scene scene = {
		.config = HEAD PROCESS "'mounts':[" DEFAULT_MOUNTS "],'linux':{" PATHS "," NAMESPACES "}}",
		.look = default_look,
		.no_pivot = true,
	};

	scene_run(&scene);
}

static void terminal_look(struct sandbox *sandbox)
{
	_cleanup_(socket_fds_cleanup) struct socket_fds fds = SOCKET_FDS_INIT;
	struct winsize size;
	struct stat st, console;
	struct error err;
	char text[64];
	int pair[2];

	ERROR_INIT(&err);
	WANT(fstat(0, &st) == 0 && stat("/dev/console", &console) == 0 && st.st_rdev == console.st_rdev);
	WANT(st.st_uid == 7 && ioctl(0, TIOCGWINSZ, &size) == 0 && size.ws_row == 10 && size.ws_col == 20);
	/* What the host side does with the master: keeps it, or hands it on. */
	WANT(sandbox->message_fd >= 0);
	WANT_OK(run_console_received(sandbox, &err), &err);
	WANT(sandbox->terminal_fd >= 0 && sandbox->message_fd == FD_NONE);
	sandbox->message_fd = fd_take(&sandbox->terminal_fd);
	WANT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
	sandbox->console_fd = pair[0];
	WANT_OK(run_console_received(sandbox, &err), &err);
	WANT(sandbox->terminal_fd == FD_NONE && sandbox->message_fd == FD_NONE && sandbox->console_fd == FD_NONE);
	WANT_INT(socket_receive(pair[1], text, sizeof(text), &fds), 9);
	WANT_INT(fds.count, 1);
	WANT_INT(run_console_received(sandbox, &err), -EPROTO);
}

TEST(a_terminal)
{
	static const struct scene scene = {
		.config = HEAD "'process':{'cwd':'/','args':['sh'],'terminal':true,'user':{'uid':7,'gid':8},"
			       "'consoleSize':{'height':10,'width':20}},'mounts':[" DEFAULT_MOUNTS
			       "],'linux':{" NAMESPACES "}}",
		.look = terminal_look,
	};

	scene_run(&scene);
}

static void various_prepare(void)
{
	WANT(symlink("/run/user", ROOT "/home") == 0);
	WANT(mkdir(ROOT "/up", 0710) == 0);
	text_write(ROOT "/up/file", "of the image");
	WANT(mkdir(ROOT "/kernel", 0755) == 0);
	text_write(ROOT "/kernel/secret", "x");
}

static void various_look(struct sandbox *sandbox)
{
	struct stat st;
	int fd;

	(void)sandbox;
	/* The working directory, by a link that led nowhere. */
	WANT(stat("/run/user/me", &st) == 0 && S_ISDIR(st.st_mode) && (st.st_mode & 07777) == 0755 && st.st_uid == 0);
	WANT(text_is("/proc/sys/net/ipv4/ip_unprivileged_port_start", "99\n"));
	WANT(text_is("/up/file", "of the image") && stat("/up", &st) == 0 && (st.st_mode & 07777) == 0710);
	WANT(mount_flags("/up") & ST_RDONLY && mount_flags("/dev") & ST_RDONLY && mount_flags("/ro") & ST_RDONLY);
	/* In the read-only tmpfs there is what was mounted in it. */
	WANT_INT(magic_of("/ro/in"), PROC_SUPER_MAGIC);
	WANT(!(mount_flags("/") & ST_RDONLY));
	WANT(stat("/dev/fuse", &st) == 0 && st.st_rdev == makedev(10, 229) && (st.st_mode & 07777) == 0640);
	WANT(mount_flags("/kernel/secret") & ST_RDONLY);
	fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	WANT(fd >= 0 && write(fd, "x", 1) == 1);
}

TEST(all_the_rest)
{
	static const struct scene scene = {
		.config = "{'ociVersion':'1.2.0','root':{'path':'rootfs'},'process':{'cwd':'/home/me','args':['sh']},"
			  "'mounts':[{'destination':'/proc','type':'proc','source':'proc'},"
			  "{'destination':'/dev','type':'tmpfs','source':'tmpfs','options':['ro','mode=755']},"
			  "{'destination':'/up','type':'tmpfs','source':'tmpfs','options':['tmpcopyup','ro']},"
			  "{'destination':'/ro','type':'tmpfs','source':'tmpfs','options':['ro','size=1m']},"
			  "{'destination':'/ro/in','source':'/proc','options':['bind']}],"
			  "'linux':{'sysctl':{'net.ipv4.ip_unprivileged_port_start':'99'},"
			  "'devices':[{'path':'/dev/fuse','type':'c','major':10,'minor':229,'fileMode':416}],"
			  "'maskedPaths':['/kernel/secret']," NAMESPACES "}}",
		.prepare = various_prepare,
		.look = various_look,
	};

	scene_run(&scene);
}

static void linked_dev_prepare(void)
{
	WANT(mkdir(SCRATCH "/victim", 0755) == 0 && symlink(SCRATCH "/victim", ROOT "/dev") == 0);
}

static void root_remove(void)
{
	WANT(rmdir(ROOT) == 0);
}

TEST(errors_name_the_place)
{
	static const struct scene scenes[] = {
		{ .config = HEAD PROCESS "'linux':{" NAMESPACES "}}",
		  .prepare = root_remove,
		  .want_error = "root '" ROOT "': No such file or directory" },
		{ .config = HEAD PROCESS "'mounts':[{'destination':'/x','source':'/none','options':['bind']}],"
					 "'linux':{" NAMESPACES "}}",
		  .want_error = "mount '/x': open_tree '/none': No such file or directory" },
		{ .config = HEAD PROCESS "'mounts':[{'destination':'/x','type':'nofs'}],'linux':{" NAMESPACES "}}",
		  .want_error = "mount '/x': file system 'nofs': No such device" },
		{ .config = HEAD PROCESS "'linux':{" NAMESPACES "}}",
		  .prepare = linked_dev_prepare,
		  .want_error = "device '/dev/null': '/dev/' is reached by a symlink" },
		{ .config = HEAD "'process':{'cwd':'/proc/self/fd/7','args':['sh']},"
				 "'mounts':[{'destination':'/proc','type':'proc','source':'proc'}],'linux':{" NAMESPACES
				 "}}",
		  .want_error = "working directory '/proc/self/fd/7': " },
		{ .config = HEAD PROCESS "'mounts':[{'destination':'/proc','type':'proc','source':'proc'}],"
					 "'linux':{'sysctl':{'net.core.none':'1'}," NAMESPACES "}}",
		  .want_error = "sysctl 'net/core/none': write '1': No such file or directory" },
		{ .config = HEAD PROCESS "'mounts':[{'destination':'/x','source':'/proc','options':['bind'],"
					 "'uidMappings':[{'containerID':0,'hostID':9,'size':1}],"
					 "'gidMappings':[{'containerID':0,'hostID':9,'size':1}]}],"
					 "'linux':{" NAMESPACES "}}",
		  .want_error = "mount '/x': id map: the file system of the source cannot be id-mapped" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(scenes); i++)
		scene_run(&scenes[i]);
}
