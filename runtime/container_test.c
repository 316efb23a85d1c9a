/* SPDX-License-Identifier: Apache-2.0 */
/* How a container stands, by what is in its directory; what each verb says to that; its end. No container is made: a child stands in for init. */
#include "runtime/container.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conformance/unit/check.h"
#include "libbase/path.h"

struct place {
	char path[40];
	struct globals globals;
	int root_fd;
	int dir_fd;
	pid_t pid;
	struct record record;
	struct arena arena;
	struct error err;
};

static void place_cleanup(struct place *place)
{
	if (place->pid > 0) {
		(void)kill(place->pid, SIGKILL);
		(void)waitpid(place->pid, NULL, 0);
	}
	fd_cleanup(&place->dir_fd);
	(void)record_directory_remove(AT_FDCWD, place->path, place->root_fd, false, NULL);
	fd_cleanup(&place->root_fd);
	arena_cleanup(&place->arena);
}

static void place_make(struct place *place)
{
	*place = (struct place){ .path = "/tmp/orlop-container-XXXXXX", .root_fd = FD_NONE, .dir_fd = FD_NONE };
	ERROR_INIT(&place->err);
	CHECK(mkdtemp(place->path));
	place->globals.state_root = place->path;
	place->root_fd = path_open_host(AT_FDCWD, place->path, O_RDONLY | O_DIRECTORY, 0);
	place->dir_fd = record_directory_make(place->root_fd, "web", &place->err);
	CHECK(place->dir_fd >= 0);
	place->pid = fork();
	if (place->pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		(void)pause();
		_exit(0);
	}
	place->record = (struct record){
		.oci_version = "1.0.2", .id = "web", .bundle = "/b", .pid = place->pid, .ready = { true, true }
	};
	CHECK_INT(process_start_time(place->pid, &place->record.start_time), 0);
	CHECK_INT(record_save(place->dir_fd, &place->record, &place->err), 0);
	CHECK_INT(flock(place->dir_fd, LOCK_UN), 0);
}

#define PLACE(name)                                         \
	_cleanup_(place_cleanup) struct place name = { 0 }; \
	place_make(&name)

static int status(struct place *place)
{
	_cleanup_(container_close) struct container container = CONTAINER_INIT;
	int r = container_open(&container, &place->globals, "web", false, &place->arena, &place->err);

	return r < 0 ? r : container.status;
}

static void init_end(struct place *place)
{
	CHECK_INT(kill(place->pid, SIGKILL), 0);
	CHECK_INT(waitpid(place->pid, NULL, 0), place->pid);
	place->pid = 0;
}

TEST(status_by_what_is_there)
{
	PLACE(place);

	CHECK_INT(status(&place), STATUS_RUNNING);
	CHECK_INT(mkfifoat(place.dir_fd, "gate", 0600), 0);
	CHECK_INT(status(&place), STATUS_CREATED);
	init_end(&place);
	CHECK_INT(status(&place), STATUS_STOPPED);
}

TEST(status_creating)
{
	PLACE(place);

	place.record.ready.value = false;
	CHECK_INT(record_save(place.dir_fd, &place.record, &place.err), 0);
	CHECK_INT(flock(place.dir_fd, LOCK_EX), 0);
	CHECK_INT(status(&place), STATUS_CREATING);
	/* Its maker is dead. */
	CHECK_INT(flock(place.dir_fd, LOCK_UN), 0);
	CHECK_INT(status(&place), STATUS_STOPPED);
}

TEST(absent_and_broken)
{
	_cleanup_(container_close) struct container container = CONTAINER_INIT;
	PLACE(place);

	CHECK_INT(container_open(&container, &place.globals, "no", false, &place.arena, &place.err), -ENOENT);
	CHECK_TEXT(place.err.text, "container does not exist");
	CHECK(container.dir_fd < 0);
	container_close(&container);
	CHECK_INT(container_open(&container, &place.globals, "../web", false, &place.arena, &place.err), -EINVAL);
	CHECK_TEXT(place.err.text, "invalid container ID format");
	container_close(&container);

	place.globals.state_root = "/nonexistent/root";
	CHECK_INT(container_open(&container, &place.globals, "web", false, &place.arena, &place.err), -ENOENT);
	CHECK_TEXT(place.err.text, "container does not exist");
	container_close(&container);
	place.globals.state_root = place.path;

	CHECK_INT(path_write_file_atomic(place.dir_fd, RECORD_NAME, "{", 1, 0600), 0);
	CHECK_INT(container_open(&container, &place.globals, "web", true, &place.arena, &place.err), -EINVAL);
	CHECK_HAS(place.err.text, "container 'web' is broken: ");
	CHECK_INT(container_destroy(&container, true, &place.arena, &place.err), 0);
	container_close(&container);
	CHECK_INT(faccessat(place.root_fd, "web", F_OK, 0), -1);
}

static const char *refusal(enum container_verb verb, int its_status, int code)
{
	static struct error err;
	const struct container container = { .id = "web", .status = its_status };

	ERROR_INIT(&err);
	CHECK_INT(container_allows(&container, verb, &err), code);
	return err.text;
}

TEST(verbs)
{
	CHECK_TEXT(refusal(VERB_START, STATUS_CREATED, 0), "");
	CHECK_TEXT(refusal(VERB_START, STATUS_RUNNING, -EBUSY), "cannot start an already running container");
	CHECK_TEXT(refusal(VERB_START, STATUS_PAUSED, -EBUSY), "cannot start a container in the paused state");
	CHECK_TEXT(refusal(VERB_START, STATUS_STOPPED, -ESRCH), "cannot start a container that has stopped");
	CHECK_TEXT(refusal(VERB_KILL, STATUS_CREATED, 0), "");
	CHECK_TEXT(refusal(VERB_KILL, STATUS_PAUSED, 0), "");
	CHECK_TEXT(refusal(VERB_KILL, STATUS_STOPPED, -ESRCH), "container not running");
	CHECK_TEXT(refusal(VERB_DELETE, STATUS_RUNNING, -EBUSY),
		   "cannot delete container web that is not stopped: running");
	CHECK_TEXT(refusal(VERB_DELETE, STATUS_PAUSED, -EBUSY),
		   "cannot delete container web that is not stopped: paused");
	CHECK_TEXT(refusal(VERB_DELETE, STATUS_CREATED, 0), "");
	CHECK_TEXT(refusal(VERB_DELETE, STATUS_STOPPED, 0), "");
	CHECK_TEXT(refusal(VERB_EXEC, STATUS_CREATED, 0), "");
	CHECK_TEXT(refusal(VERB_EXEC, STATUS_STOPPED, -ESRCH), "cannot exec in a stopped container");
	CHECK_TEXT(refusal(VERB_EXEC, STATUS_PAUSED, -EBUSY),
		   "cannot exec in a paused container (use --ignore-paused to override)");
	CHECK_TEXT(refusal(VERB_EXEC_PAUSED, STATUS_PAUSED, 0), "");
	CHECK_TEXT(refusal(VERB_RESUME, STATUS_RUNNING, -EBUSY), "container not paused");
	CHECK_TEXT(refusal(VERB_RESUME, STATUS_PAUSED, 0), "");
	CHECK_TEXT(refusal(VERB_CHECKPOINT, STATUS_CREATED, -EBUSY),
		   "Container cannot be checkpointed in created state");
	/* --force and ps ask nothing. */
	for (int its = STATUS_CREATING; its <= STATUS_STOPPED; its++) {
		CHECK_TEXT(refusal(VERB_DELETE_FORCE, its, 0), "");
		CHECK_TEXT(refusal(VERB_PS, its, 0), "");
	}
}

TEST(state)
{
	_cleanup_(container_close) struct container container = CONTAINER_INIT;
	struct state state;
	PLACE(place);

	CHECK_INT(container_open(&container, &place.globals, "web", false, &place.arena, &place.err), 0);
	container_state(&container, &state);
	CHECK_INT(state.pid, place.pid);
	CHECK_INT(state.status, STATUS_RUNNING);
	CHECK_TEXT(state.owner, "");
	init_end(&place);
	container_refresh(&container);
	container_state(&container, &state);
	CHECK_INT(state.status, STATUS_STOPPED);
	CHECK_INT(state.pid, 0);
}

TEST(destroy_kills)
{
	_cleanup_(container_close) struct container container = CONTAINER_INIT;
	PLACE(place);
	int its_status;

	CHECK_INT(container_open(&container, &place.globals, "web", true, &place.arena, &place.err), 0);
	CHECK_INT(container_destroy(&container, false, &place.arena, &place.err), 0);
	CHECK_INT(waitpid(place.pid, &its_status, 0), place.pid);
	place.pid = 0;
	CHECK(WIFSIGNALED(its_status) && WTERMSIG(its_status) == SIGKILL);
	CHECK_INT(faccessat(place.root_fd, "web", F_OK, 0), -1);
}
