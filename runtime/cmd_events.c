/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `orlop events`: what a container uses, every few seconds or once, and each kill for want of memory; one JSON object a line, as runc has
 * it, until the container's last process is gone.
 */
#include <errno.h>
#include <poll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "libbase/log.h"
#include "libbase/text.h"
#include "libsandbox/rdt.h"
#include "libsandbox/stats.h"
#include "runtime/commands.h"
#include "runtime/container.h"
#include "runtime/container_cgroup.h"
#include "runtime/output.h"

#define INTERVAL_DEFAULT_NS INT64_C(5000000000)
#define NS_PER_SECOND       INT64_C(1000000000)

/* -- the objects ------------------------------------------------------------------------------------------------------------- */

static void event_begin(struct json_writer *json, struct text_buffer *text, const char *type, const char *id)
{
	json_writer_init(json, text, "");
	json_object_begin(json, NULL);
	json_string(json, "type", type);
	json_string(json, "id", id);
}

static int event_end(struct json_writer *json, struct text_buffer *text, struct error *err)
{
	int r;

	json_object_end(json);
	r = json_writer_finish(json);
	text_append(text, "\n");
	return r < 0 ? error_set(err, r, "write an event") : output_write(text, err);
}

static int rdt_write(const struct record *record, struct json_writer *json, struct error *err)
{
	_cleanup_(fd_cleanup) int root_fd = FD_NONE;
	int r = 0;

	json_object_begin(json, "intel_rdt");
	if (record->rdt_class) {
		root_fd = rdt_open(RDT_ROOT, err);
		r = root_fd < 0 ? root_fd : rdt_stats_write(root_fd, record->rdt_class, record->rdt_monitor, json, err);
	}
	json_object_end(json);
	return r;
}

static int stats_tell(const struct container *container, const struct control *control, struct error *err)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer text = TEXT_BUFFER_INIT;
	struct json_writer json;
	int r;

	event_begin(&json, &text, "stats", container->id);
	json_object_begin(&json, "data");
	r = stats_write(control, &json, err);
	if (r == 0)
		r = rdt_write(&container->record, &json, err);
	if (r < 0)
		return r;
	json_null(&json, "network_interfaces");
	json_object_end(&json);
	return event_end(&json, &text, err);
}

static int oom_tell(const struct container *container, struct error *err)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer text = TEXT_BUFFER_INIT;
	struct json_writer json;

	event_begin(&json, &text, "oom", container->id);
	return event_end(&json, &text, err);
}

/* -- the stream -------------------------------------------------------------------------------------------------------------- */

static int timer_make(int64_t interval_ns, struct error *err)
{
	const struct timespec interval = { .tv_sec = interval_ns / NS_PER_SECOND,
					   .tv_nsec = interval_ns % NS_PER_SECOND };
	const struct itimerspec setting = { .it_interval = interval, .it_value = interval };
	_cleanup_(fd_cleanup) int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);

	if (fd < 0 || timerfd_settime(fd, 0, &setting, NULL) < 0)
		return error_set(err, -errno, "make a timer");
	return fd_take(&fd);
}

/* Intervals that nobody looked at are one. */
static bool timer_is_due(int timer_fd)
{
	uint64_t count;

	return read(timer_fd, &count, sizeof(count)) == (ssize_t)sizeof(count);
}

/* 1: the container has ended. */
static int look(const struct container *container, struct stats_watch *watch, struct error *err)
{
	uint64_t kills = 0;
	bool ended = false;
	int r = stats_watch_look(watch, &kills, &ended, err);

	for (; r == 0 && kills > 0; kills--)
		r = oom_tell(container, err);
	return r == 0 ? ended : r;
}

static int stream(const struct container *container, const struct control *control, int timer_fd,
		  struct stats_watch *watch, struct error *err)
{
	struct pollfd items[] = {
		{ .fd = timer_fd, .events = POLLIN },
		{ .fd = watch->cgroup_fd, .events = POLLPRI },
		{ .fd = watch->memory_fd, .events = POLLPRI },
	};

	for (;;) {
		int r = look(container, watch, err);

		if (r != 0)
			return r < 0 ? r : 0;
		if (timer_is_due(timer_fd)) {
			r = stats_tell(container, control, err);
			/* Gone between the look and the reading. */
			if (r < 0)
				return r == -ENODEV ? 0 : r;
		}
		if (poll(items, ARRAY_SIZE(items), -1) < 0 && errno != EINTR)
			return error_set(err, -errno, "wait for events");
	}
}

static int watch(const struct container *container, const struct control *control, int64_t interval_ns,
		 struct error *err)
{
	_cleanup_(stats_watch_cleanup) struct stats_watch stats_watch = STATS_WATCH_INIT;
	_cleanup_(fd_cleanup) int timer_fd = timer_make(interval_ns, err);
	int r = timer_fd < 0 ? timer_fd : stats_watch_open(&stats_watch, control, err);

	if (r == -ENODEV)
		return 0;
	return r < 0 ? r : stream(container, control, timer_fd, &stats_watch, err);
}

static int run_events(struct call *call, struct error *err)
{
	const struct options_events *given = &call->options->events;
	const int64_t interval_ns = given->interval_ns.set ? given->interval_ns.value : INTERVAL_DEFAULT_NS;
	_cleanup_(container_close) struct container container = CONTAINER_INIT;
	_cleanup_(control_cleanup) struct control control = CONTROL_INIT;
	int r = container_open(&container, call->globals, call->arguments[0], false, call->arena, err);

	if (r < 0)
		return r;
	if (interval_ns <= 0)
		return error_say(err, -EINVAL, "duration interval must be greater than 0");
	r = container_allows(&container, VERB_EVENTS, err);
	if (r == 0)
		r = container_cgroup_open(&container, &control, err);
	if (r < 0)
		return r;
	return given->stats ? stats_tell(&container, &control, err) : watch(&container, &control, interval_ns, err);
}

static const struct cli_option options[] = {
	CLI_OPTION(CLI_DURATION, "interval", NULL, struct options_events, interval_ns, .value = "DURATION",
		   .help = "time between statistics (default: 5s)"),
	CLI_OPTION(CLI_BOOL, "stats", NULL, struct options_events, stats, .help = "tell the statistics once, and end"),
};

const struct command command_events = {
	.name = "events",
	.summary = "tell what a container uses, and when it is out of memory",
	.arguments = "ID",
	.description =
		"One JSON object a line: \"stats\" with each interval, \"oom\" with each process that was killed for\n"
		"want of memory. It ends when the container's last process is gone.",
	.least = 1,
	.most = 1,
	.syntax = { .options = options, .option_count = ARRAY_SIZE(options) },
	.run = run_events,
};
