/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See control.h. Read: the kernel's cgroup-v2.rst, "Core Interface Files".
 */
#include "libsandbox/cgroup/control.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "libbase/clock.h"
#include "libbase/fd.h"
#include "libbase/path.h"
#include "libbase/text.h"
#include "libsandbox/cgroup/file.h"

/* -- events ---------------------------------------------------------------------------------------------------------------- */

static int events_parse(int fd, struct cgroup_events *ret)
{
	char text[256], key[32], value[32];
	ssize_t length = pread(fd, text, sizeof(text) - 1, 0);
	const char *rest = text;

	if (length < 0)
		return -errno;
	text[length] = '\0';
	*ret = (struct cgroup_events){ 0 };
	while (cgroup_word_next(&rest, key, sizeof(key)) && cgroup_word_next(&rest, value, sizeof(value))) {
		if (text_equal(key, "populated"))
			ret->populated = !text_equal(value, "0");
		else if (text_equal(key, "frozen"))
			ret->frozen = !text_equal(value, "0");
	}
	return 0;
}

int cgroup_events_read(int cgroup_fd, struct cgroup_events *ret)
{
	_cleanup_(fd_cleanup) int fd = path_open_beneath(cgroup_fd, "cgroup.events", O_RDONLY, 0);

	if (fd < 0)
		return fd == -ENOENT ? -ENODEV : fd;
	return events_parse(fd, ret);
}

int cgroup_events_read_place(const char *mount, const char *path, struct cgroup_events *ret)
{
	_cleanup_(fd_cleanup) int fd = cgroup_open_place(mount, path, "cgroup.events", O_RDONLY | O_NONBLOCK);

	return fd < 0 ? fd : events_parse(fd, ret);
}

enum wanted { WANT_FROZEN, WANT_THAWED, WANT_EMPTY };

static bool events_are(const struct cgroup_events *events, enum wanted wanted)
{
	switch (wanted) {
	case WANT_FROZEN:
		return events->frozen;
	case WANT_THAWED:
		/* Processes that die while they are thawed can leave their cgroup "frozen" for ever, empty as it is. */
		return !events->frozen || !events->populated;
	default:
		return !events->populated;
	}
}

/* 0, -ETIMEDOUT, -ENODEV or another errno. Each change wakes the poll; reading first arms it. */
static int events_wait(int cgroup_fd, enum wanted wanted, int timeout_ms)
{
	_cleanup_(fd_cleanup) int fd = path_open_beneath(cgroup_fd, "cgroup.events", O_RDONLY, 0);
	int64_t deadline = clock_deadline_ns(timeout_ms);
	struct cgroup_events events = { 0 };
	struct pollfd poll_fd = { .fd = fd, .events = POLLPRI };

	if (fd < 0)
		return fd == -ENOENT ? -ENODEV : fd;
	for (;;) {
		int r = events_parse(fd, &events);
		int left = clock_left_ms(deadline);

		if (r < 0)
			return r;
		if (events_are(&events, wanted))
			return 0;
		if (left == 0)
			return -ETIMEDOUT;
		if (poll(&poll_fd, 1, left) < 0 && errno != EINTR)
			return -errno;
	}
}

static void pause_ms(int ms)
{
	const struct timespec pause = { .tv_nsec = ms * 1000000L };

	(void)nanosleep(&pause, NULL);
}

/* -- freezer --------------------------------------------------------------------------------------------------------------- */

/* Is it this cgroup itself that was told to freeze? -errno for one that is gone. */
static int freeze_asked(int cgroup_fd)
{
	char state[8];
	int r = cgroup_file_read_small(cgroup_fd, "cgroup.freeze", state, sizeof(state));

	if (r < 0)
		return r == -ENOENT ? -ENODEV : r;
	return text_equal(state, "1");
}

#define SETTLE_MS 20

int cgroup_freeze(int cgroup_fd, int timeout_ms, struct error *err)
{
	struct cgroup_events events = { 0 };
	/* "frozen" left over from an earlier freeze would be taken for the end of this one: give the processes time to get there. */
	bool left_over = freeze_asked(cgroup_fd) == 0 && cgroup_events_read(cgroup_fd, &events) == 0 && events.frozen;
	int r = cgroup_file_write(cgroup_fd, "cgroup.freeze", "1", 1);

	if (r < 0)
		return error_set(err, r == -ENOENT ? -ENODEV : r, "freeze the cgroup");
	if (left_over)
		pause_ms(SETTLE_MS);
	r = events_wait(cgroup_fd, WANT_FROZEN, timeout_ms);
	if (r == 0)
		return 0;
	(void)!cgroup_file_write(cgroup_fd, "cgroup.freeze", "0", 1);
	if (r == -ETIMEDOUT)
		return error_say(err, r, "the cgroup did not freeze in %d ms, and was thawed again", timeout_ms);
	return error_set(err, r, "wait for the cgroup to freeze");
}

int cgroup_thaw(int cgroup_fd, int timeout_ms, struct error *err)
{
	int r = cgroup_file_write(cgroup_fd, "cgroup.freeze", "0", 1);

	if (r < 0)
		return error_set(err, r == -ENOENT ? -ENODEV : r, "thaw the cgroup");
	r = events_wait(cgroup_fd, WANT_THAWED, timeout_ms);
	if (r == -ETIMEDOUT)
		return error_say(err, -EBUSY, "the cgroup was thawed, but one above it is frozen");
	return r < 0 ? error_set(err, r, "wait for the cgroup to thaw") : 0;
}

/* -- processes ----------------------------------------------------------------------------------------------------------------- */

struct pid_list {
	struct arena *arena;
	pid_t *items;
	size_t count;
	size_t capacity;
};

static int pid_add(struct pid_list *list, pid_t pid)
{
	if (list->count == list->capacity) {
		size_t wanted = list->capacity ? 2 * list->capacity : 64;
		pid_t *grown = arena_grow(list->arena, list->items, list->capacity, wanted, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		list->items = grown;
		list->capacity = wanted;
	}
	list->items[list->count++] = pid;
	return 0;
}

static int pids_here(int cgroup_fd, struct pid_list *list)
{
	char *text = NULL, word[24];
	int r = cgroup_file_read(cgroup_fd, "cgroup.procs", list->arena, &text);

	if (r == -EOPNOTSUPP)
		r = cgroup_file_read(cgroup_fd, "cgroup.threads", list->arena, &text);
	if (r < 0)
		return r;
	for (const char *rest = text; cgroup_word_next(&rest, word, sizeof(word));) {
		int64_t pid;

		/* 0 stands for a process that our pid namespace does not show. */
		if (number_parse_i64(word, 1, INT32_MAX, &pid) < 0)
			continue;
		r = pid_add(list, (pid_t)pid);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Each level holds two descriptors. A container that nests deeper hides nothing from cgroup.kill. */
#define DEPTH_MAX 64

static void dir_cleanup(DIR **dir)
{
	if (*dir)
		(void)closedir(*dir);
}

static int pids_below(int cgroup_fd, struct pid_list *list, unsigned int depth)
{
	_cleanup_(dir_cleanup) DIR *dir = NULL;
	int r = pids_here(cgroup_fd, list);
	int fd;

	if (r < 0)
		return depth > 0 && (r == -ENOENT || r == -ENODEV) ? 0 : r;
	if (depth == DEPTH_MAX)
		return -ELOOP;
	fd = path_open_beneath(cgroup_fd, ".", O_RDONLY | O_DIRECTORY, 0);
	if (fd < 0)
		return fd;
	dir = fdopendir(fd);
	if (!dir) {
		fd_close(fd);
		return -ENOMEM;
	}
	for (struct dirent *entry; (entry = readdir(dir));) {
		_cleanup_(fd_cleanup) int child = FD_NONE;

		if (entry->d_type != DT_DIR || !path_is_name(entry->d_name))
			continue;
		child = path_open_beneath(cgroup_fd, entry->d_name, O_RDONLY | O_DIRECTORY, 0);
		if (child == -ENOENT)
			continue;
		r = child < 0 ? child : pids_below(child, list, depth + 1);
		if (r < 0)
			return r;
	}
	return 0;
}

int cgroup_pids(int cgroup_fd, bool below, struct arena *arena, pid_t **ret, size_t *ret_count, struct error *err)
{
	struct pid_list list = { .arena = arena };
	int r = below ? pids_below(cgroup_fd, &list, 0) : pids_here(cgroup_fd, &list);

	if (r == -ELOOP)
		return error_say(err, r, "cgroups are nested deeper than %d", DEPTH_MAX);
	if (r < 0)
		return error_set(err, r == -ENOENT ? -ENODEV : r, "list the processes of the cgroup");
	*ret = list.items;
	*ret_count = list.count;
	return 0;
}

/* -- signals ------------------------------------------------------------------------------------------------------------------- */

static int pids_signal(int cgroup_fd, int signal, size_t *ret_count, struct error *err)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	pid_t *pids = NULL;
	size_t count = 0;
	int r = cgroup_pids(cgroup_fd, true, &arena, &pids, &count, err);

	*ret_count = count;
	for (size_t i = 0; r == 0 && i < count; i++) {
		/* Who ended meanwhile needs no signal. */
		if (kill(pids[i], signal) < 0 && errno != ESRCH)
			r = error_set(err, -errno, "send signal %d to process %d", signal, (int)pids[i]);
	}
	return r;
}

#define FREEZE_TIMEOUT_MS 2000

int cgroup_signal(int cgroup_fd, int signal, struct error *err)
{
	struct cgroup_events events = { 0 };
	bool frozen_before;
	size_t count;
	int r;

	if (signal == SIGKILL)
		return cgroup_kill(cgroup_fd, err);
	r = freeze_asked(cgroup_fd);
	frozen_before = r > 0;
	if (r == 0)
		r = cgroup_events_read(cgroup_fd, &events);
	if (r < 0)
		return error_set(err, r, "read the state of the cgroup");
	/* By one above. */
	frozen_before = frozen_before || events.frozen;
	/* Without the right or the time to freeze, those that were there at least get it. */
	if (!frozen_before && cgroup_freeze(cgroup_fd, FREEZE_TIMEOUT_MS, NULL) < 0)
		frozen_before = true;
	r = pids_signal(cgroup_fd, signal, &count, err);
	if (!frozen_before) {
		int thawed = cgroup_thaw(cgroup_fd, FREEZE_TIMEOUT_MS, r < 0 ? NULL : err);

		r = r < 0 ? r : thawed;
	}
	return r;
}

/* Enough for anything but a fork bomb, and that one cannot be won against one by one. */
#define KILL_ROUNDS 100

static int kill_one_by_one(int cgroup_fd, struct error *err)
{
	for (int round = 0; round < KILL_ROUNDS; round++) {
		struct cgroup_events events = { 0 };
		size_t count = 0;
		int r = pids_signal(cgroup_fd, SIGKILL, &count, err);

		if (r < 0)
			return r;
		/* Frozen processes die of SIGKILL too (unlike v1's). */
		if (count == 0 || cgroup_events_read(cgroup_fd, &events) < 0 || !events.populated)
			return 0;
		pause_ms(1);
	}
	return 0;
}

int cgroup_kill(int cgroup_fd, struct error *err)
{
	int r = cgroup_file_write(cgroup_fd, "cgroup.kill", "1", 1);

	/* A threaded cgroup refuses it; a delegated one may not have handed it over. */
	if (r == -EOPNOTSUPP || cgroup_is_denied(r))
		return kill_one_by_one(cgroup_fd, err);
	if (r == -ENOENT || r == -ENODEV)
		return error_say(err, -ENODEV, "the cgroup is gone");
	return r < 0 ? error_set(err, r, "kill the cgroup") : 0;
}

int cgroup_wait_empty(int cgroup_fd, int timeout_ms, struct error *err)
{
	int r = events_wait(cgroup_fd, WANT_EMPTY, timeout_ms);

	/* Whoever removed it found it empty. */
	if (r == 0 || r == -ENODEV)
		return 0;
	if (r == -ETIMEDOUT)
		return error_say(err, r, "the cgroup still has processes after %d ms", timeout_ms);
	return error_set(err, r, "wait for the cgroup's processes to end");
}

/* -- moving ---------------------------------------------------------------------------------------------------------------------- */

#define MOVE_TRIES 10

int cgroup_move(int cgroup_fd, pid_t pid, struct error *err)
{
	char number[16];
	int length = snprintf(number, sizeof(number), "%d", (int)pid);
	int r = -EINVAL;

	/* A task that is still being forked is refused with EINVAL, for a moment. */
	for (int try = 0; try < MOVE_TRIES && r == -EINVAL; try++) {
		if (try > 0)
			pause_ms(2 * try);
		r = cgroup_file_write(cgroup_fd, "cgroup.procs", number, (size_t)length);
	}
	if (r == -ENOENT || r == -ENODEV)
		return error_say(err, -ENODEV, "move process %s into the cgroup: the cgroup is gone", number);
	if (r == -EBUSY)
		return error_set(err, r, "move process %s into a cgroup that hands controllers to others", number);
	return r < 0 ? error_set(err, r, "move process %s into the cgroup", number) : 0;
}
