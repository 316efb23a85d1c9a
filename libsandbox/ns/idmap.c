/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Id maps. See idmap.h.
 *
 * Read: user_namespaces(7), newuidmap(1).
 */
#include "libsandbox/ns/idmap.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "libbase/proc.h"
#include "libbase/process.h"
#include "libbase/text.h"

#define PROC_PATH_MAX     64
#define HELPER_TIMEOUT_MS 30000 /* their file may be in LDAP */

/* -- by the kernel's files --------------------------------------------------------------------------------------------------- */

static int file_write(const struct idmap_target *target, const char *file, const char *bytes, size_t length,
		      struct error *err)
{
	char path[PROC_PATH_MAX];
	int r;

	(void)snprintf(path, sizeof(path), "%d/%s", (int)target->pid, file);
	r = proc_write(target->proc_fd, path, bytes, length);
	return r < 0 ? error_set(err, r, "write '%.*s' to /proc/%s", (int)strcspn(bytes, "\n"), bytes, path) : 0;
}

static int map_write(const struct idmap_target *target, const char *file, const struct spec_id_maps *maps,
		     struct error *err)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer text = TEXT_BUFFER_INIT;
	int r;

	for (size_t i = 0; i < maps->count; i++)
		text_append_format(&text, "%u %u %u\n", maps->items[i].container_id, maps->items[i].host_id,
				   maps->items[i].size);
	if (text.failed)
		return error_set(err, -ENOMEM, "write %s", file);
	if (text.length == 0)
		return 0;
	r = file_write(target, file, text.bytes, text.length, err);
	if (r == -EINVAL)
		return error_wrap(err,
				  "the kernel refuses the map (%zu entries, %zu bytes; it takes 340 entries that do "
				  "not overlap, within a page)",
				  maps->count, text.length);
	return r;
}

/* -- by the helpers ------------------------------------------------------------------------------------------------------------ */

/* The last line that it said, without its line end. */
static const char *last_words(struct process_tail *tail)
{
	char *line;

	while (tail->length > 0 && (tail->bytes[tail->length - 1] == '\n' || tail->bytes[tail->length - 1] == '\r'))
		tail->length--;
	tail->bytes[tail->length] = '\0';
	line = strrchr(tail->bytes, '\n');
	return line ? line + 1 : tail->bytes;
}

static int helper_failed(const char *helper, struct process_result *result, struct error *err)
{
	const char *words = last_words(&result->err);

	if (result->timed_out)
		return error_say(err, -ETIMEDOUT, "%s did not end within %d s", helper, HELPER_TIMEOUT_MS / 1000);
	if (WIFSIGNALED(result->status))
		return error_say(err, -EIO, "%s was killed by signal %d: %s", helper, WTERMSIG(result->status), words);
	return error_say(err, -EPERM, "%s failed with status %d: %s", helper, WEXITSTATUS(result->status), words);
}

/* "newuidmap PID 0 1000 1 1 100000 65536" */
static int helper_run(const char *helper, pid_t pid, const struct spec_id_maps *maps, struct error *err)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	char **argv = arena_calloc(&arena, 3 + 3 * maps->count, sizeof(*argv));
	struct process_options options = PROCESS_OPTIONS_INIT;
	struct process_result result;
	size_t count = 0;
	int r;

	if (maps->count == 0)
		return 0;
	if (!argv)
		return error_set(err, -ENOMEM, "run %s", helper);
	argv[count++] = arena_string(&arena, helper);
	argv[count++] = arena_printf(&arena, "%d", (int)pid);
	for (size_t i = 0; i < maps->count; i++) {
		argv[count++] = arena_printf(&arena, "%u", maps->items[i].container_id);
		argv[count++] = arena_printf(&arena, "%u", maps->items[i].host_id);
		argv[count++] = arena_printf(&arena, "%u", maps->items[i].size);
	}
	for (size_t i = 0; i < count; i++) {
		if (!argv[i])
			return error_set(err, -ENOMEM, "run %s", helper);
	}
	options.path = helper;
	options.argv = argv;
	options.timeout_ms = HELPER_TIMEOUT_MS;
	r = process_run(&options, &result);
	if (r < 0)
		return error_set(err, r, "run %s", helper);
	if (result.timed_out || result.status != 0)
		return helper_failed(helper, &result, err);
	return 0;
}

/* ------------------------------------------------------------------------------------------------------------------------------ */

int idmap_write(const struct idmap_target *target, const struct plan_ids *ids, struct error *err)
{
	int r = 0;

	if (ids->deny_setgroups)
		r = file_write(target, "setgroups", "deny", strlen("deny"), err);
	if (r < 0)
		return r;
	if (ids->writer == ID_WRITER_HELPERS) {
		r = helper_run(target->newuidmap, target->pid, &ids->uid_maps, err);
		return r < 0 ? r : helper_run(target->newgidmap, target->pid, &ids->gid_maps, err);
	}
	r = map_write(target, "uid_map", &ids->uid_maps, err);
	return r < 0 ? r : map_write(target, "gid_map", &ids->gid_maps, err);
}
