/* SPDX-License-Identifier: Apache-2.0 */
/* Making a container. See create.h. */
#include "runtime/create.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "hooks/hooks.h"
#include "libbase/kernel.h"
#include "libbase/log.h"
#include "libbase/path.h"
#include "libbase/socket.h"
#include "libbase/text.h"
#include "libsandbox/control.h"
#include "libsandbox/plan.h"
#include "libsandbox/rdt.h"
#include "libspec/load.h"
#include "runtime/create_file.h"
#include "runtime/pid_file.h"
#include "runtime/systemd_program.h"
#include "runtime/terminal.h"
#include "runtime/timing.h"
#include "runtime/version.h"
#include "runtime/warnings.h"

#define DESCRIPTORS_OWN (20 + FD_LEFT_MAX)

/* -- what the caller handed over ---------------------------------------------------------------------------------------------- */

/* What came through execve is not close-on-exec; all of ours is. */
static bool fd_is_the_callers(uint64_t fd)
{
	int flags = fd <= INT_MAX ? fcntl((int)fd, F_GETFD) : -1;

	return flags >= 0 && !(flags & FD_CLOEXEC);
}

int preserved_fds_check(uint32_t listen_fds, uint64_t count, struct error *err)
{
	const uint64_t first = UINT64_C(3) + listen_fds;

	for (uint64_t fd = 3; fd < first; fd++)
		if (!fd_is_the_callers(fd))
			return error_set(err, -EBADF, "LISTEN_FDS is %u: descriptor %llu", listen_fds,
					 (unsigned long long)fd);
	for (uint64_t i = 0; i < count; i++)
		if (!fd_is_the_callers(first + i))
			return error_set(err, -EBADF, "unable to stat preserved-fd %llu (of %llu)",
					 (unsigned long long)i, (unsigned long long)count);
	return 0;
}

int socket_option_connect(const char *option, const char *path, struct error *err)
{
	int fd;

	if (text_is_empty(path))
		return FD_NONE;
	fd = socket_connect(AT_FDCWD, path, SOCK_STREAM);
	return fd < 0 ? error_set(err, fd, "--%s: connect to '%s'", option, path) : fd;
}

int pidfd_send(int socket_fd, int pidfd, const char *word, struct error *err)
{
	int r = socket_fd >= 0 ? socket_send(socket_fd, word, strlen(word), &pidfd, 1) : 0;

	return r < 0 ? error_set(err, r, "--pidfd-socket: send the pidfd") : 0;
}

static int sockets_connect(struct creation *creation, struct error *err)
{
	const struct options_create *options = creation->options;
	struct sandbox *sandbox = &creation->sandbox;

	sandbox->console_fd = socket_option_connect("console-socket", options->console_socket, err);
	if (sandbox->console_fd < 0 && sandbox->console_fd != FD_NONE)
		return sandbox->console_fd;
	sandbox->pidfd_socket_fd = socket_option_connect("pidfd-socket", options->pidfd_socket, err);
	return sandbox->pidfd_socket_fd < 0 && sandbox->pidfd_socket_fd != FD_NONE ? sandbox->pidfd_socket_fd : 0;
}

/* -- the plan ----------------------------------------------------------------------------------------------------------------- */

/* Read once: what is planned is what is kept for later commands. */
static int config_load(struct creation *creation, struct problems *problems, struct error *err)
{
	const bool given = !text_is_empty(creation->options->config);
	const char *name = given ? creation->options->config : BUNDLE_CONFIG_NAME;
	_cleanup_(fd_leave) int fd = path_open_document(given ? AT_FDCWD : creation->bundle.fd, name);
	char *bytes;
	int r = fd < 0 ? fd : fd_read_regular(fd, SPEC_BYTES_MAX, creation->arena, &bytes, &creation->config_length);

	if (r == -ENOENT)
		return error_say(err, r, "JSON specification file %s not found", name);
	if (r < 0)
		return error_set(err, r, "%s", name);
	creation->config_bytes = bytes;
	return spec_load_bytes(BUNDLE_CONFIG_NAME, bytes, creation->config_length, creation->arena, problems,
			       &creation->bundle.spec, err);
}

static int notify_directory(const struct creation *creation, const char **ret, struct error *err)
{
	*ret = NULL;
	if (!creation->globals->environment.notify_socket)
		return 0;
	*ret = arena_printf(creation->arena, "%s/%s/" NOTIFY_DIRECTORY, creation->globals->state_root, creation->id);
	return *ret ? 0 : error_set(err, -ENOMEM, "notify socket");
}

static int plan_make(struct creation *creation, struct problems *problems, struct error *err)
{
	const struct globals *globals = creation->globals;
	const struct options_create *given = creation->options;
	struct plan_options options = {
		.id = creation->id,
		.bundle = creation->bundle.path,
		.cgroup_driver = globals->cgroup_driver,
		.rootless = globals->rootless,
		.no_pivot = given->no_pivot,
		.no_new_keyring = given->no_new_keyring,
		.console_socket = !text_is_empty(given->console_socket),
		.detach = creation->detach,
		.preserve_fds = (uint32_t)given->preserve_fds.value,
		.listen_fds = globals->environment.listen_fds,
		.notify_socket = globals->environment.notify_socket,
	};
	int r = config_load(creation, problems, err);

	if (r == 0)
		r = host_probe_parts(plan_host_parts(creation->bundle.spec, globals->cgroup_driver), creation->arena,
				     &creation->host, err);
	if (r == 0)
		r = notify_directory(creation, &options.notify_directory, err);
	if (r < 0)
		return r;
	r = plan_build(creation->bundle.spec, &creation->host, &options, creation->arena, problems, &creation->plan,
		       err);
	if (r != -EINVAL || problems->errors == 0)
		return r;
	spec_locate_bytes(creation->config_bytes, creation->config_length, problems);
	return problems_tell(problems, BUNDLE_CONFIG_NAME, err);
}

/*
 * Taking back what was made needs descriptors too: who has too few is told before anything is made. One by one: the root's tree, sockets, pidfd,
 * cgroup, namespaces and what is open for a moment only.
 */
static int descriptors_check(const struct creation *creation, struct error *err)
{
	const struct plan *plan = creation->plan;
	uint64_t wanted = UINT64_C(0) + DESCRIPTORS_OWN + plan->process.preserve_fds;
	struct rlimit limit;

	for (size_t i = 0; i < plan->mount_count; i++)
		wanted += plan->mounts[i].kind == MOUNT_BIND;
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur >= wanted)
		return 0;
	return error_say(err, -EMFILE,
			 "too many open files: this container takes up to %llu descriptors, the limit (ulimit -n) is "
			 "lower",
			 (unsigned long long)wanted);
}

static int plan_read(struct creation *creation, struct error *err)
{
	struct problems problems;
	int r = bundle_open(creation->options->bundle, creation->arena, &creation->bundle, err);

	if (r < 0)
		return r;
	problems_init(&problems, creation->arena);
	r = plan_make(creation, &problems, err);
	/* Warnings of a refused config are worth reading too. */
	warnings_log(&problems, BUNDLE_CONFIG_NAME);
	return r < 0 ? r : descriptors_check(creation, err);
}

/* -- the record --------------------------------------------------------------------------------------------------------------- */

static const char *time_now(struct arena *arena)
{
	char text[TIME_TEXT_SIZE];
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	time_format_rfc3339_nano(text, now.tv_sec, now.tv_nsec);
	return arena_string(arena, text);
}

static void cgroup_record(struct creation *creation, bool is_ours)
{
	const struct plan_cgroup *cgroup = &creation->plan->cgroup;
	struct record *record = &creation->container.record;

	is_ours = is_ours && cgroup->driver != CGROUP_DRIVER_DISABLED;
	record->cgroup_mount = is_ours ? cgroup->mount : NULL;
	record->cgroup_path = is_ours ? cgroup->path : NULL;
	record->unit = is_ours ? cgroup->unit : NULL;
	record->user_manager = (struct opt_bool){ is_ours && cgroup->user_manager, cgroup->user_manager };
	record->systemd = (struct opt_bool){ true, is_ours && cgroup->driver == CGROUP_DRIVER_SYSTEMD };
}

static bool cgroup_exists(struct creation *creation)
{
	const struct plan_cgroup *cgroup = &creation->plan->cgroup;
	int fd;

	if (cgroup->driver == CGROUP_DRIVER_DISABLED)
		return false;
	fd = control_mount_open(cgroup->mount, NULL);
	if (fd < 0)
		return fd != -ENOENT;
	creation->sandbox.cgroup_mount_fd = creation->container.cgroup_mount_fd = fd;
	return control_may_exist(fd, cgroup->path);
}

static void rdt_record(struct creation *creation, bool group_is_ours, bool monitor_is_ours)
{
	const struct plan *plan = creation->plan;
	struct record *record = &creation->container.record;

	record->rdt_class = plan->rdt_group;
	record->rdt_group = plan->rdt_own && group_is_ours ? plan->rdt_group : NULL;
	record->rdt_monitor = monitor_is_ours ? plan->rdt_monitor : NULL;
}

/* As with the cgroup: what is there already is not ours. */
static void rdt_record_planned(struct creation *creation)
{
	const struct plan *plan = creation->plan;
	_cleanup_(fd_cleanup) int root_fd = plan->intel_rdt ? rdt_open(RDT_ROOT, NULL) : FD_NONE;

	if (root_fd >= 0)
		rdt_record(creation, !rdt_group_exists(root_fd, plan->rdt_group),
			   plan->rdt_monitor && !rdt_group_exists(root_fd, plan->rdt_monitor));
}

static int record_begin(struct creation *creation, struct error *err)
{
	const struct plan *plan = creation->plan;
	const struct spec *spec = plan->spec;
	struct container *container = &creation->container;

	container->record = (struct record){
		.oci_version = spec->oci_version,
		.id = creation->id,
		.bundle = plan->bundle,
		.rootfs = plan->root.path,
		.created = time_now(creation->arena),
		.owner = creation->host.euid,
		.own_pids = { true, (plan->namespaces.new_flags & CLONE_NEWPID) != 0 },
		.no_new_keyring = { true, creation->options->no_new_keyring },
		.poststart = { true, spec_hooks_at(spec, HOOK_POSTSTART).count > 0 },
		.poststop = { true, spec_hooks_at(spec, HOOK_POSTSTOP).count > 0 },
		.annotations = spec->annotations,
	};
	/* Killed from here on, orlop leaves a record by which all can be found. A cgroup that is there already may be another container's. */
	cgroup_record(creation, !cgroup_exists(creation));
	rdt_record_planned(creation);
	return record_save(container->dir_fd, &container->record, err);
}

static int config_keep(const struct creation *creation, struct error *err)
{
	/* Nobody reads it before the record says that the container is there. */
	int r = path_write_file_new(creation->container.dir_fd, RECORD_CONFIG, creation->config_bytes,
				    creation->config_length, 0600);

	return r < 0 ? error_set(err, r, "write " RECORD_CONFIG) : 0;
}

/* Of what is left when orlop is killed only poststop hooks want the config. */
static bool config_is_kept_first(const struct creation *creation)
{
	return creation->container.record.poststop.value;
}

static int directory_fill(struct creation *creation, struct error *err)
{
	struct container *container = &creation->container;
	int r = record_begin(creation, err);

	if (r == 0 && config_is_kept_first(creation))
		r = config_keep(creation, err);
	if (r == 0 && creation->globals->environment.notify_socket)
		r = notify_prepare(container->dir_fd, err);
	return r;
}

static int directory_make(struct creation *creation, struct error *err)
{
	struct container *container = &creation->container;

	container->id = creation->id;
	container->globals = creation->globals;
	container->locked = true;
	container->root_fd = record_root_open(creation->globals->state_root, true, err);
	if (container->root_fd < 0)
		return container->root_fd;
	container->dir_fd = record_directory_make(container->root_fd, creation->id, err);
	if (container->dir_fd < 0 && container->dir_fd != -EEXIST)
		return error_wrap(err, "state directory '%s'", creation->globals->state_root);
	return container->dir_fd < 0 ? container->dir_fd : 0;
}

/* The record of a container that is whole, but for its being so: written while init works, which is not to wait for it. */
static int record_complete(struct creation *creation, struct error *err)
{
	struct container *container = &creation->container;
	struct sandbox *sandbox = &creation->sandbox;
	int r = process_start_time_between(sandbox->init_pid, sandbox->born_after_ns, sandbox->born_before_ns,
					   &container->record.start_time);

	if (r < 0)
		return error_set(err, r, "look up the container's init");
	container->record.pid = sandbox->init_pid;
	container->record.ready = (struct opt_bool){ true, true };
	cgroup_record(creation, sandbox->cgroup_fd >= 0);
	rdt_record(creation, sandbox->rdt_made, sandbox->rdt_monitor_made);
	if (sandbox->cgroup_path) {
		container->record.cgroup_path = arena_string(creation->arena, sandbox->cgroup_path);
		if (!container->record.cgroup_path)
			return error_set(err, -ENOMEM, "keep the container's record");
	}
	return record_draft(container->dir_fd, &container->record, &creation->draft, err);
}

/* The lock goes after it: from here on the container is everybody's. */
static int record_finish(struct creation *creation, struct error *err)
{
	struct container *container = &creation->container;
	int r = 0;

	/* The first init came to nothing, another took its place. */
	if (container->record.pid != creation->sandbox.init_pid) {
		creation->published = false;
		r = record_complete(creation, err);
	}
	if (r == 0 && !creation->published)
		r = record_publish(container->dir_fd, &creation->draft, err);
	if (r == 0)
		container->status = STATUS_CREATED;
	return r;
}

/* -- the whole ---------------------------------------------------------------------------------------------------------------- */

/* Nothing is left, and that is told to no one: the first failure is the one that counts. */
static void creation_undo(struct creation *creation)
{
	struct container *container = &creation->container;
	struct error err;

	ERROR_INIT(&err);
	if (creation->hooks_ran)
		sandbox_undo(&creation->sandbox);
	else
		container->record.poststop.value = false;
	if (creation->pid_file_written)
		pid_file_remove(creation->options->pid_file);
	/* They are the host's, and where this is now is not. */
	if (creation->sandbox.astray)
		container->record.poststop.value = false;
	/* The sandbox has taken back its groups; one by that name may be another's. */
	cgroup_record(creation, false);
	rdt_record(creation, false, false);
	if (container->dir_fd >= 0)
		(void)container_destroy(container, true, creation->arena, &err);
	fd_cleanup(&container->dir_fd);
}

/* Hooks after the container's start and end, and a notify socket, whose name may be one of our network namespace alone. */
static bool network_matters_afterwards(const struct creation *creation)
{
	const struct record *record = &creation->container.record;

	return record->poststart.value || record->poststop.value || creation->globals->environment.notify_socket;
}

/* Of `run`: nobody is to see init, or its terminal, between its being ready and its program. */
static bool is_permitted_early(const struct creation *creation)
{
	const struct spec *spec = creation->plan->spec;

	return !creation->waits && creation->sandbox.pidfd_socket_fd < 0 && creation->sandbox.terminal_fd < 0 &&
	       spec_hooks_at(spec, HOOK_CREATE_CONTAINER).count == 0 &&
	       spec_hooks_at(spec, HOOK_START_CONTAINER).count == 0;
}

/*
 * Init is on its way, and all that it needed is done. Who comes now, or after this process was killed, finds all by the record, so init may as well
 * go on without stopping when it is ready; only what later commands want beyond that is written meanwhile.
 */
static int record_and_permit(struct creation *creation, struct error *err)
{
	const bool early = is_permitted_early(creation);
	const bool config_first = config_is_kept_first(creation);
	int r = early || config_first ? 0 : config_keep(creation, err);

	if (r == 0)
		r = record_complete(creation, err);
	if (r < 0 || !early)
		return r;
	r = record_publish(creation->container.dir_fd, &creation->draft, err);
	creation->published = r == 0;
	if (r == 0)
		r = sandbox_permit(&creation->sandbox, err);
	return r == 0 && !config_first ? config_keep(creation, err) : r;
}

static int sandbox_make(struct creation *creation, struct error *err)
{
	struct container *container = &creation->container;
	struct sandbox *sandbox = &creation->sandbox;
	int r;

	sandbox->plan = creation->plan;
	sandbox->host = &creation->host;
	sandbox->state = (struct state){
		.oci_version = VERSION_SPEC,
		.id = creation->id,
		.bundle = creation->plan->bundle,
		.annotations = creation->plan->spec->annotations,
	};
	if (sandbox->plan->cgroup.unit)
		sandbox->systemd = systemd_program_find(creation->globals, creation->arena);
	sandbox->environment = environ;
	sandbox->bundle_fd = creation->bundle.fd;
	sandbox->fail_step = creation->globals->options.fail_step;
	sandbox->hold_step = creation->globals->options.hold_step;
	sandbox->state_fd = creation->waits ? container->dir_fd : FD_NONE;
	if (!creation->globals->options.no_seccomp_cache)
		sandbox->state_root_fd = container->root_fd;
	sandbox->lock_fd = container->dir_fd;
	sandbox->interrupt_fd = creation->signals.interrupt_fd;
	sandbox->leaves_network = !network_matters_afterwards(creation);
	creation->hooks_ran = true;
	r = sandbox_create(sandbox, err);
	if (r == 0)
		r = record_and_permit(creation, err);
	if (r == 0)
		r = sandbox_ready(sandbox, err);
	timing_log(sandbox, creation->globals);
	return r;
}

static int creation_fill(struct creation *creation, struct error *err)
{
	const struct environment *environment = &creation->globals->environment;
	int r = directory_fill(creation, err);

	if (r == 0 && environment->notify_socket && !creation->waits)
		r = notify_listen(&creation->notify, creation->container.dir_fd, environment->notify_socket, getpid(),
				  err);
	if (r == 0)
		r = sandbox_make(creation, err);
	if (r == 0)
		r = pidfd_send(creation->sandbox.pidfd_socket_fd, creation->sandbox.init_pidfd, "standard", err);
	if (r == 0)
		r = record_finish(creation, err);
	return r;
}

/* Init's death ends all in its pid namespace, and they are its children. What is left are the host's programs: hooks, and what speaks to systemd. */
static bool orphans_may_come(const struct plan *plan)
{
	return !(plan->namespaces.new_flags & CLONE_NEWPID) || plan->spec->hooks || plan->cgroup.unit;
}

static int subreaper_become(struct creation *creation, struct error *err)
{
	creation->subreaper = creation->subreaper && orphans_may_come(creation->plan);
	/* Before the first child: it is inherited by no one, and counts for all orphans from then on. */
	if (creation->subreaper && prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
		return error_set(err, -errno, "become a subreaper");
	return 0;
}

void creation_prepare(struct creation *creation)
{
	creation->bundle = BUNDLE_INIT;
	creation->container = CONTAINER_INIT;
	creation->signals = SIGNALS_INIT;
	creation->notify = NOTIFY_INIT;
	creation->file_fd = FD_NONE;
	sandbox_init(&creation->sandbox);
}

int creation_make(struct creation *creation, struct error *err)
{
	const struct options_create *options = creation->options;
	int r = preserved_fds_check(creation->globals->environment.listen_fds, options->preserve_fds.value, err);

	if (r == 0)
		r = plan_read(creation, err);
	if (r == 0)
		r = creation_file_seal(creation, err);
	if (r == 0)
		r = sockets_connect(creation, err);
	if (r == 0)
		r = subreaper_become(creation, err);
	if (r == 0)
		r = signals_hold(&creation->signals, !creation->detach, creation->host.signals_ignored, err);
	if (r == 0)
		r = directory_make(creation, err);
	if (r < 0)
		return r;
	r = creation_fill(creation, err);
	if (r < 0) {
		creation->interrupted = r == -EINTR;
		creation_undo(creation);
		return r;
	}
	(void)flock(creation->container.dir_fd, LOCK_UN);
	creation->container.locked = false;
	return 0;
}

int creation_release(struct creation *creation, struct error *err)
{
	struct state state;
	int r;

	terminal_prepare(creation->sandbox.terminal_fd);
	r = sandbox_release(&creation->sandbox, err);

	if (r == 0 && creation->container.record.poststart.value) {
		creation->container.status = STATUS_RUNNING;
		container_state(&creation->container, &state);
		r = hooks_run(creation->plan->spec, HOOK_POSTSTART, &state, environ, creation->bundle.fd,
			      creation->signals.interrupt_fd, err);
	}
	if (r < 0) {
		creation->interrupted = r == -EINTR;
		creation_undo(creation);
	}
	return r;
}

int creation_publish(struct creation *creation, struct error *err)
{
	const char *path = creation->options->pid_file;
	int r = 0;

	if (!text_is_empty(path)) {
		r = pid_file_write(path, creation->sandbox.init_pid, err);
		creation->pid_file_written = r == 0;
	}
	/* The last moment to want no more of it: what comes later finds it made, and is no failure. */
	if (r == 0 && creation->detach)
		r = signals_check(&creation->signals, err);
	creation->interrupted = creation->detach;
	if (r < 0)
		creation_undo(creation);
	return r;
}

void creation_cleanup(struct creation *creation)
{
	signals_release(&creation->signals, creation->interrupted);
	notify_cleanup(&creation->notify);
	/* The command ends here, and its end closes what is open, by no call at all. */
	arena_leave(&creation->sandbox.arena);
}
