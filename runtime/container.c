/* SPDX-License-Identifier: Apache-2.0 */
/* How a container stands, and what may be done with it. See container.h. */
#include "runtime/container.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "hooks/hooks.h"
#include "libbase/clock.h"
#include "libbase/kernel.h"
#include "libbase/log.h"
#include "libbase/path.h"
#include "libbase/socket.h"
#include "libbase/text.h"
#include "libsandbox/control.h"
#include "libsandbox/rdt.h"
#include "libsandbox/sandbox.h"
#include "libspec/load.h"
#include "runtime/container_id.h"
#include "runtime/systemd_program.h"
#include "runtime/version.h"

/* -- open -------------------------------------------------------------------------------------------------------------------- */

int container_open(struct container *container, const struct globals *globals, const char *id, bool lock,
		   struct arena *arena, struct error *err)
{
	int r;

	*container = CONTAINER_INIT;
	container->id = id;
	container->globals = globals;
	container->locked = lock;
	container->status = STATUS_STOPPED;
	r = container_id_check(id, err);
	if (r < 0)
		return r;
	container->root_fd = record_root_open(globals->state_root, false, err);
	if (container->root_fd == -ENOENT)
		return error_say(err, -ENOENT, "container does not exist");
	if (container->root_fd < 0)
		return container->root_fd;
	container->dir_fd = record_directory_open(container->root_fd, id, lock, err);
	if (container->dir_fd < 0)
		return container->dir_fd;
	r = record_load(container->dir_fd, arena, &container->record, err);
	if (r == -ENOENT)
		return error_say(err, r, "container does not exist");
	if (r < 0)
		return error_wrap(err, "container '%s' is broken", id);
	container_refresh(container);
	return 0;
}

static bool is_frozen(const struct record *record)
{
	return record->cgroup_mount && record->cgroup_path &&
	       control_is_frozen(record->cgroup_mount, record->cgroup_path);
}

int container_lock(struct container *container, struct error *err)
{
	int r = record_directory_lock(container->dir_fd, err);

	container->locked = r == 0;
	return r;
}

static int look(const struct container *container)
{
	const struct record *record = &container->record;

	/* While it is made, its maker holds the lock; a maker that died left nothing alive, or at least nothing of use. */
	if (!record->ready.value)
		return !container->locked && record_directory_locked(container->root_fd, container->id)
			       ? STATUS_CREATING
			       : STATUS_STOPPED;
	if (container->pidfd < 0)
		return STATUS_STOPPED;
	if (is_frozen(record))
		return STATUS_PAUSED;
	return sandbox_waits(container->dir_fd) ? STATUS_CREATED : STATUS_RUNNING;
}

void container_refresh(struct container *container)
{
	int r = record_process_open(&container->record);

	fd_cleanup(&container->pidfd);
	container->pidfd = r < 0 ? FD_NONE : r;
	container->pidfd_error = r < 0 ? r : 0;
	container->status = look(container);
}

void container_close(struct container *container)
{
	fd_leave(&container->pidfd);
	fd_leave(&container->dir_fd);
	fd_leave(&container->root_fd);
}

int container_spec(const struct container *container, struct arena *arena, const struct spec **ret, struct error *err)
{
	struct problems problems;

	problems_init(&problems, arena);
	return spec_load(container->dir_fd, RECORD_CONFIG, arena, &problems, ret, err);
}

int container_bundle(const struct container *container)
{
	int fd = path_open_host(AT_FDCWD, container->record.bundle, O_PATH | O_DIRECTORY, 0);

	return fd < 0 ? FD_NONE : fd;
}

/* -- what may be done --------------------------------------------------------------------------------------------------------- */

/* What is not here is allowed. The words are runc's, which engines look for; "{id}" and "{status}" are filled in. */
static const struct {
	int verb;   /* enum container_verb */
	int status; /* enum spec_status */
	const char *refusal;
} refusals[] = {
	{ VERB_START, STATUS_CREATING, "cannot start a container in the {status} state" },
	{ VERB_START, STATUS_RUNNING, "cannot start an already running container" },
	{ VERB_START, STATUS_PAUSED, "cannot start a container in the {status} state" },
	{ VERB_START, STATUS_STOPPED, "cannot start a container that has stopped" },
	{ VERB_KILL, STATUS_CREATING, "container not running" },
	{ VERB_KILL, STATUS_STOPPED, "container not running" },
	{ VERB_DELETE, STATUS_CREATING, "cannot delete container {id} that is not stopped: {status}" },
	{ VERB_DELETE, STATUS_RUNNING, "cannot delete container {id} that is not stopped: {status}" },
	{ VERB_DELETE, STATUS_PAUSED, "cannot delete container {id} that is not stopped: {status}" },
	{ VERB_EXEC, STATUS_CREATING, "cannot exec in a container in the {status} state" },
	{ VERB_EXEC, STATUS_PAUSED, "cannot exec in a paused container (use --ignore-paused to override)" },
	{ VERB_EXEC, STATUS_STOPPED, "cannot exec in a stopped container" },
	{ VERB_EXEC_PAUSED, STATUS_CREATING, "cannot exec in a container in the {status} state" },
	{ VERB_EXEC_PAUSED, STATUS_STOPPED, "cannot exec in a stopped container" },
	{ VERB_PAUSE, STATUS_CREATING, "container not running" },
	{ VERB_PAUSE, STATUS_PAUSED, "container not running" },
	{ VERB_PAUSE, STATUS_STOPPED, "container not running" },
	{ VERB_RESUME, STATUS_CREATING, "container not paused" },
	{ VERB_RESUME, STATUS_CREATED, "container not paused" },
	{ VERB_RESUME, STATUS_RUNNING, "container not paused" },
	{ VERB_RESUME, STATUS_STOPPED, "container not paused" },
	{ VERB_UPDATE, STATUS_CREATING, "container not running" },
	{ VERB_UPDATE, STATUS_STOPPED, "container not running" },
	{ VERB_EVENTS, STATUS_CREATING, "container with id {id} is not running" },
	{ VERB_EVENTS, STATUS_STOPPED, "container with id {id} is not running" },
	{ VERB_CHECKPOINT, STATUS_CREATING, "Container cannot be checkpointed in {status} state" },
	{ VERB_CHECKPOINT, STATUS_CREATED, "Container cannot be checkpointed in {status} state" },
	{ VERB_CHECKPOINT, STATUS_STOPPED, "Container cannot be checkpointed in {status} state" },
};

static int refuse(const struct container *container, const char *refusal, struct error *err)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer text = TEXT_BUFFER_INIT;
	int code = container->status == STATUS_STOPPED ? -ESRCH : -EBUSY;

	while (*refusal) {
		const char *rest;

		if ((rest = text_after(refusal, "{id}"))) {
			text_append(&text, container->id);
		} else if ((rest = text_after(refusal, "{status}"))) {
			text_append(&text, name_text(&names_statuses, container->status));
		} else {
			rest = refusal + 1;
			text_append_bytes(&text, refusal, 1);
		}
		refusal = rest;
	}
	return error_say(err, code, "%s", text.failed ? "not in this state" : text.bytes);
}

int container_allows(const struct container *container, enum container_verb verb, struct error *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(refusals); i++)
		if (refusals[i].verb == (int)verb && refusals[i].status == container->status)
			return refuse(container, refusals[i].refusal, err);
	return 0;
}

/* -- state ------------------------------------------------------------------------------------------------------------------- */

void container_state(const struct container *container, struct state *ret)
{
	const struct record *record = &container->record;

	*ret = (struct state){
		.oci_version = VERSION_SPEC,
		.id = record->id,
		.pid = container->status == STATUS_STOPPED ? 0 : record->pid,
		.status = container->status,
		.bundle = record->bundle,
		.rootfs = record->rootfs,
		.created = record->created,
		.annotations = record->annotations,
		.owner = "",
	};
}

/* -- the end ----------------------------------------------------------------------------------------------------------------- */

static int init_kill(const struct container *container, struct error *err)
{
	int r = container->pidfd_error;

	/* Who has nothing left to look with has not seen it dead. */
	if (r == -EMFILE || r == -ENFILE || r == -ENOMEM)
		return error_set(err, r, "look for the container's init");
	if (container->pidfd < 0)
		return 0;
	(void)pidfd_send_signal(container->pidfd, SIGKILL, NULL, 0);
	r = socket_wait(container->pidfd, POLLIN, clock_deadline_ns(CONTROL_TIMEOUT_MS));
	if (r == -ETIMEDOUT)
		return error_say(err, -EBUSY, "container init still running");
	return r < 0 ? error_set(err, r, "wait for the container's init") : 0;
}

/* Whatever else runs in it goes with it: without a pid namespace init's death ended nobody else. */
static int cgroup_remove(const struct container *container, struct arena *arena, struct error *err)
{
	_cleanup_(fd_cleanup) int mount_fd = FD_NONE;
	_cleanup_(control_cleanup) struct control control = CONTROL_INIT;
	const struct record *record = &container->record;
	const struct systemd_program *program;
	int r;

	if (!record->cgroup_mount || !record->cgroup_path)
		return 0;
	if (container->cgroup_mount_fd < 0)
		mount_fd = control_mount_open(record->cgroup_mount, NULL);
	if (!record->systemd.value &&
	    control_remove_empty(mount_fd < 0 ? container->cgroup_mount_fd : mount_fd, record->cgroup_path))
		return 0;
	program = record->systemd.value && record->unit ? systemd_program_find(container->globals, arena) : NULL;
	r = control_open(&control, record->cgroup_mount, record->cgroup_path, err);
	if (r == -ENOENT)
		return record->systemd.value && record->unit
			       ? control_unit_stop(program, record->unit, record->user_manager.value, err)
			       : 0;
	if (r < 0)
		return r;
	control.program = program;
	control.unit = record->systemd.value ? record->unit : NULL;
	control.user_manager = record->user_manager.value;
	return control_remove(&control, err);
}

/* What measures first: it is below the other. */
static int rdt_groups_remove(const struct record *record, struct error *err)
{
	_cleanup_(fd_cleanup) int root_fd = FD_NONE;
	int r = 0;

	if (!record->rdt_group && !record->rdt_monitor)
		return 0;
	root_fd = rdt_open(RDT_ROOT, err);
	if (root_fd < 0)
		return root_fd == -ENOTSUP ? 0 : root_fd;
	if (record->rdt_monitor)
		r = rdt_remove(root_fd, record->rdt_monitor, err);
	if (r == 0 && record->rdt_group)
		r = rdt_remove(root_fd, record->rdt_group, err);
	return r;
}

static int groups_remove(const struct container *container, bool force, struct arena *arena, struct error *err)
{
	int r = cgroup_remove(container, arena, err);

	if (r == 0)
		r = rdt_groups_remove(&container->record, err);
	if (r == 0 || !force)
		return r;
	log_warning("%s", error_text(err));
	return 0;
}

static void poststop(const struct container *container, const struct spec *spec)
{
	_cleanup_(fd_cleanup) int bundle_fd = container_bundle(container);
	struct state state;
	struct error err;

	ERROR_INIT(&err);
	container_state(container, &state);
	if (hooks_run(spec, HOOK_POSTSTOP, &state, environ, bundle_fd, FD_NONE, &err) < 0)
		log_warning("%s", error_text(&err));
}

int container_destroy(struct container *container, bool force, struct arena *arena, struct error *err)
{
	const struct spec *spec = NULL;
	int r;

	/* Before its file goes. A container that cannot be read any more must still be deleted. */
	if (container->record.poststop.value && container_spec(container, arena, &spec, err) < 0)
		log_warning("poststop hooks: %s", error_text(err));
	r = init_kill(container, err);
	if (r == 0 && !container->record.ready.value)
		r = sandbox_abandon(container->dir_fd, err);
	if (r == 0)
		r = groups_remove(container, force, arena, err);
	if (r == 0)
		r = record_directory_remove(container->root_fd, container->id, container->dir_fd,
					    container->record.ready.value && container->status == STATUS_STOPPED, err);
	if (r < 0)
		return error_wrap(err, "unable to destroy container");
	fd_cleanup(&container->pidfd);
	container->status = STATUS_STOPPED;
	if (spec)
		poststop(container, spec);
	return 0;
}
