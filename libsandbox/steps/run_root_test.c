/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Walks the rows about the root file system in their order, from real configs, in throw-away namespaces; looks at what a program in the
 * container would find.
 */
#include "libsandbox/steps/run.h"

#include <sys/ioctl.h>
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
	bool as_user; /* the host side is root of a user namespace only */
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
		.rootless = stage->scene->as_user ? ROOTLESS_TRUE : ROOTLESS_FALSE,
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

static void sandbox_prepare(struct sandbox *sandbox)
{
	int *const fds[] = {
		&sandbox->message_fd, &sandbox->cgroup_fd,   &sandbox->root_fd,           &sandbox->null_fd,
		&sandbox->console_fd, &sandbox->terminal_fd, &sandbox->user_namespace_fd, &sandbox->proc_fd,
	};

	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		*fds[i] = FD_NONE;
	for (size_t i = 0; i < NAMESPACE_TYPES; i++)
		sandbox->namespace_fds[i] = FD_NONE;
	sandbox->proc_fd = proc_open();
	WANT(sandbox->proc_fd >= 0);
}

static int init_walk(struct stage *stage)
{
	int (*const rows[])(struct sandbox * sandbox, struct error * err) = {
		run_root,     run_mounts, run_devices,        run_pivot,           run_console,
		run_cwd_make, run_sysctl, run_read_only_late, run_read_only_paths, run_masked_paths,
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
	snprintf(path, sizeof(path), "/proc/%d/uid_map", pid);
	snprintf(text, sizeof(text), "%u %u %u\n", ids->uid_maps.items[0].container_id, ids->uid_maps.items[0].host_id,
		 ids->uid_maps.items[0].size);
	text_write(path, text);
	snprintf(path, sizeof(path), "/proc/%d/gid_map", pid);
	text_write(path, text);
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
	stage.scene->as_user ? scratch_make_as_user() : scratch_make();
	WANT(mkdir(BUNDLE, 0755) == 0 && mkdir(ROOT, 0755) == 0);
	if (stage.scene->prepare)
		stage.scene->prepare();
	plan_make(&stage);
	sandbox_prepare(&stage.sandbox);
	r = run_sources(&stage.sandbox, &stage.err);
	if (r < 0 && stage.scene->want_error) {
		WANT_HAS(error_text(&stage.err), stage.scene->want_error);
		return;
	}
	WANT_OK(r, &stage.err);
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
#define DEFAULT_MOUNTS                                                                                              \
	"{'destination':'/proc','type':'proc','source':'proc'},"                                                    \
	"{'destination':'/dev','type':'tmpfs','source':'tmpfs','options':['nosuid','strictatime','mode=755',"       \
	"'size=65536k']},"                                                                                          \
	"{'destination':'/dev/pts','type':'devpts','source':'devpts','options':['nosuid','noexec','newinstance',"   \
	"'ptmxmode=0666','mode=0620','gid=5']},"                                                                    \
	"{'destination':'/dev/shm','type':'tmpfs','source':'shm','options':['nosuid','noexec','nodev','mode=1777'," \
	"'size=65536k']},"                                                                                          \
	"{'destination':'/dev/mqueue','type':'mqueue','source':'mqueue','options':['nosuid','noexec','nodev']},"    \
	"{'destination':'/sys','type':'sysfs','source':'sysfs','options':['nosuid','noexec','nodev','ro']},"        \
	"{'destination':'/sys/fs/cgroup','type':'cgroup','source':'cgroup','options':['nosuid','noexec','nodev',"   \
	"'relatime','ro']}"
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

static bool is_null_device(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3);
}

static void default_look(struct sandbox *sandbox)
{
	struct stat st;
	char text[64];

	(void)sandbox;
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
	WANT(is_null_device("/proc/kcore") || access("/proc/kcore", F_OK) < 0);
	WANT(is_null_device("/proc/timer_list") || access("/proc/timer_list", F_OK) < 0);
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
