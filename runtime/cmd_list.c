/* SPDX-License-Identifier: Apache-2.0 */
/* `orlop list`: all containers of the state directory, in runc's forms. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libbase/json_writer.h"
#include "libbase/path.h"
#include "libspec/write.h"
#include "runtime/commands.h"
#include "runtime/container.h"
#include "runtime/container_id.h"
#include "runtime/output.h"
#include "runtime/owner.h"
#include "runtime/table.h"

struct listing {
	struct arena *arena;
	const char **ids;
	size_t id_count, id_room;
	struct state *states; /* room for all ids */
	size_t state_count;
};

static void directory_cleanup(DIR **directory)
{
	if (*directory)
		(void)closedir(*directory);
}

static int id_add(struct listing *listing, const char *id)
{
	if (listing->id_count == listing->id_room) {
		listing->id_room = listing->id_room ? 2 * listing->id_room : 64;
		listing->ids = arena_grow(listing->arena, listing->ids, listing->id_count, listing->id_room,
					  sizeof(*listing->ids));
		if (!listing->ids)
			return -ENOMEM;
	}
	listing->ids[listing->id_count] = arena_string(listing->arena, id);
	return listing->ids[listing->id_count++] ? 0 : -ENOMEM;
}

static int id_compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int ids_read(struct listing *listing, int root_fd, struct error *err)
{
	_cleanup_(directory_cleanup) DIR *directory = NULL;
	int fd = path_open_beneath(root_fd, ".", O_RDONLY | O_DIRECTORY, 0);
	struct dirent *entry;

	if (fd < 0)
		return error_set(err, fd, "read the state directory");
	directory = fdopendir(fd);
	if (!directory) {
		fd_close(fd);
		return error_set(err, -ENOMEM, "read the state directory");
	}
	while ((errno = 0, entry = readdir(directory))) {
		struct stat st;

		/* What no id names is not a container. */
		if (container_id_check(entry->d_name, NULL) < 0 ||
		    fstatat(root_fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISDIR(st.st_mode))
			continue;
		if (id_add(listing, entry->d_name) < 0)
			return error_set(err, -ENOMEM, "list");
	}
	if (errno)
		return error_set(err, -errno, "read the state directory");
	if (listing->id_count > 1)
		qsort(listing->ids, listing->id_count, sizeof(*listing->ids), id_compare);
	return 0;
}

/* One container that cannot be read must not hide the others; one that was deleted meanwhile is not worth a word. */
static void complain(int root_fd, const char *id, const struct error *err)
{
	struct stat st;

	if (fstatat(root_fd, id, &st, AT_SYMLINK_NOFOLLOW) == 0)
		(void)fprintf(stderr, "load container %s: %s\n", id, error_text(err));
}

static int state_add(struct listing *listing, const struct globals *globals, int root_fd, const char *id)
{
	_cleanup_(container_close) struct container container = CONTAINER_INIT;
	struct state state;
	struct error err;
	int r;

	ERROR_INIT(&err);
	r = container_open(&container, globals, id, false, listing->arena, &err);
	if (r < 0) {
		complain(root_fd, id, &err);
		return 0;
	}
	container_state(&container, &state);
	state.owner = owner_name(container.record.owner, listing->arena);
	if (!state.owner)
		return -ENOMEM;
	listing->states[listing->state_count++] = state;
	return 0;
}

static int listing_fill(struct listing *listing, const struct globals *globals, struct error *err)
{
	_cleanup_(fd_cleanup) int root_fd = record_root_open(globals->state_root, false, err);
	int r;

	/* Nobody has made a container yet; but a directory that was asked for by name must be there. */
	if (root_fd == -ENOENT && !globals->options.root)
		return 0;
	if (root_fd < 0)
		return root_fd;
	r = ids_read(listing, root_fd, err);
	if (r < 0)
		return r;
	listing->states = arena_calloc(listing->arena, listing->id_count, sizeof(*listing->states));
	if (!listing->states && listing->id_count > 0)
		return error_set(err, -ENOMEM, "list");
	for (size_t i = 0; i < listing->id_count; i++)
		if (state_add(listing, globals, root_fd, listing->ids[i]) < 0)
			return error_set(err, -ENOMEM, "list");
	return 0;
}

static void ids_write(const struct listing *listing, struct text_buffer *to)
{
	for (size_t i = 0; i < listing->state_count; i++)
		text_append_format(to, "%s\n", listing->states[i].id);
}

static int json_write(const struct listing *listing, struct text_buffer *to)
{
	struct json_writer json;
	int r;

	json_writer_init(&json, to, "");
	if (listing->state_count == 0) {
		json_null(&json, NULL);
	} else {
		json_array_begin(&json, NULL);
		for (size_t i = 0; i < listing->state_count; i++)
			state_write(&json, NULL, &listing->states[i]);
		json_array_end(&json);
	}
	r = json_writer_finish(&json);
	text_append(to, "\n");
	return r;
}

static int states_write(const struct listing *listing, struct text_buffer *to)
{
	static const char *const head[] = { "ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER" };
	const size_t columns = ARRAY_SIZE(head);
	const char **cells = arena_calloc(listing->arena, (listing->state_count + 1) * columns, sizeof(*cells));

	if (!cells)
		return -ENOMEM;
	memcpy(cells, head, sizeof(head));
	for (size_t i = 0; i < listing->state_count; i++) {
		const struct state *state = &listing->states[i];
		const char **row = cells + (i + 1) * columns;

		row[0] = state->id;
		row[1] = arena_printf(listing->arena, "%lld", (long long)state->pid);
		row[2] = name_text(&names_statuses, state->status);
		row[3] = state->bundle;
		row[4] = state->created ? state->created : "";
		row[5] = state->owner;
		if (!row[1] || !row[2])
			return -ENOMEM;
	}
	table_write(to, cells, listing->state_count + 1, columns);
	return 0;
}

static int run_list(struct call *call, struct error *err)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer text = TEXT_BUFFER_INIT;
	struct listing listing = { .arena = call->arena };
	const struct options_list *options = &call->options->list;
	int r;

	r = listing_fill(&listing, call->globals, err);
	if (r < 0)
		return r;
	if (options->quiet)
		ids_write(&listing, &text);
	else
		r = options->format == OUTPUT_JSON ? json_write(&listing, &text) : states_write(&listing, &text);
	return r < 0 ? error_set(err, r, "list") : output_write(&text, err);
}

static const struct cli_option options[] = {
	CLI_OPTION(CLI_WORD, "format", "f", struct options_list, format, .help = "form of the list (default: table)",
		   .words = &output_formats),
	CLI_OPTION(CLI_BOOL, "quiet", "q", struct options_list, quiet, .help = "only the ids"),
};

const struct command command_list = {
	.name = "list",
	.summary = "list the containers of the state directory",
	.description = "A container whose record cannot be read is told of on standard error and left out.",
	.syntax = { .options = options, .option_count = ARRAY_SIZE(options) },
	.run = run_list,
};
