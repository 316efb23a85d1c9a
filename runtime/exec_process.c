/* SPDX-License-Identifier: Apache-2.0 */
/* Options over the container's process. See exec_process.h. */
#include "runtime/exec_process.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "libbase/path.h"
#include "libbase/text.h"
#include "libspec/load.h"
#include "libspec/names.h"

static int memory_gone(struct error *err)
{
	return error_set(err, -ENOMEM, "process");
}

static int environment_add(struct spec_process *process, const struct cli_strings *more, struct arena *arena,
			   struct error *err)
{
	const size_t had = process->env.count;
	const char **items;

	if (more->count == 0)
		return 0;
	items = arena_calloc(arena, had + more->count, sizeof(*items));
	if (!items)
		return memory_gone(err);
	for (size_t i = 0; i < had; i++)
		items[i] = process->env.items[i];
	for (size_t i = 0; i < more->count; i++) {
		if (!strchr(more->items[i], '=') || more->items[i][0] == '=')
			return error_say(err, -EINVAL, "--env: want NAME=VALUE, got '%s'", more->items[i]);
		items[had + i] = more->items[i];
	}
	process->env = (struct spec_strings){ items, had + more->count };
	return 0;
}

static int id_read(const char *text, struct opt_u32 *ret, struct error *err)
{
	uint64_t id;

	/* The last one stands for "no id" in the kernel. */
	if (number_parse_u64(text, UINT32_MAX - 1, &id) < 0)
		return error_say(err, -EINVAL, "--user: want UID or UID:GID as numbers, got '%s'", text);
	*ret = (struct opt_u32){ true, (uint32_t)id };
	return 0;
}

static int user_set(struct spec_user *user, const char *text, struct arena *arena, struct error *err)
{
	char *uid, *colon;
	int r = 0;

	if (text_is_empty(text))
		return 0;
	uid = arena_string(arena, text);
	if (!uid)
		return memory_gone(err);
	colon = strchr(uid, ':');
	if (colon) {
		*colon = '\0';
		r = id_read(colon + 1, &user->gid, err);
	}
	return r < 0 ? r : id_read(uid, &user->uid, err);
}

static int groups_add(struct spec_user *user, const struct cli_strings *more, struct arena *arena, struct error *err)
{
	const size_t had = user->additional_gids.count;
	uint32_t *items;

	if (more->count == 0)
		return 0;
	items = arena_calloc(arena, had + more->count, sizeof(*items));
	if (!items)
		return memory_gone(err);
	if (had > 0)
		memcpy(items, user->additional_gids.items, had * sizeof(*items));
	for (size_t i = 0; i < more->count; i++) {
		uint64_t gid;

		if (number_parse_u64(more->items[i], UINT32_MAX - 1, &gid) < 0)
			return error_say(err, -EINVAL, "--additional-gids: want a number, got '%s'", more->items[i]);
		items[had + i] = (uint32_t)gid;
	}
	user->additional_gids = (struct spec_u32s){ items, had + more->count };
	return 0;
}

static void mask_add(struct opt_mask *mask, uint64_t bits)
{
	mask->set = true;
	mask->bits |= bits;
}

static int capabilities_add(struct spec_process *process, const struct cli_strings *more, struct arena *arena,
			    struct error *err)
{
	struct spec_capabilities *sets;
	uint64_t bits = 0;

	for (size_t i = 0; i < more->count; i++) {
		const struct name *name = name_find(&names_capabilities, more->items[i]);

		if (!name)
			return error_say(err, -EINVAL, "unknown capability \"%s\"", more->items[i]);
		bits |= UINT64_C(1) << (name->value - 1);
	}
	if (bits == 0)
		return 0;
	sets = arena_new(arena, struct spec_capabilities);
	if (!sets)
		return memory_gone(err);
	if (process->capabilities)
		*sets = *process->capabilities;
	mask_add(&sets->bounding, bits);
	mask_add(&sets->effective, bits);
	mask_add(&sets->permitted, bits);
	/* The kernel takes no ambient one that is not inheritable. */
	if (sets->inheritable.set && sets->inheritable.bits)
		mask_add(&sets->ambient, bits & sets->inheritable.bits);
	process->capabilities = sets;
	return 0;
}

static int process_merge(const struct options_exec *options, struct spec_process *process, struct spec_user *user,
			 struct arena *arena, struct error *err)
{
	int r = environment_add(process, &options->environment, arena, err);

	if (r == 0)
		r = user_set(user, options->user, arena, err);
	if (r == 0)
		r = groups_add(user, &options->groups, arena, err);
	if (r == 0)
		r = capabilities_add(process, &options->capabilities, arena, err);
	if (r < 0)
		return r;
	process->user = user;
	process->terminal = (struct opt_bool){ true, options->tty };
	if (!text_is_empty(options->cwd))
		process->cwd = options->cwd;
	if (!path_is_absolute(process->cwd))
		return error_say(err, -EINVAL, "Cwd must be an absolute path");
	if (!text_is_empty(options->process_label))
		process->selinux_label = options->process_label;
	if (!text_is_empty(options->apparmor))
		process->apparmor_profile = options->apparmor;
	if (options->no_new_privs)
		process->no_new_privileges = (struct opt_bool){ true, true };
	return 0;
}

/* A document without a label must not make a process of the container less confined than the container. */
static void labels_inherit(const struct spec *spec, struct spec_process *process)
{
	if (!spec->process)
		return;
	if (!process->apparmor_profile)
		process->apparmor_profile = spec->process->apparmor_profile;
	if (!process->selinux_label)
		process->selinux_label = spec->process->selinux_label;
}

static int process_read(const char *path, const struct spec *spec, struct arena *arena, struct problems *problems,
			const struct spec_process **ret, struct error *err)
{
	const struct spec_process *loaded;
	struct spec_process *process;
	int r = process_load(AT_FDCWD, path, arena, problems, &loaded, err);

	if (r < 0)
		return r;
	process = arena_new(arena, struct spec_process);
	if (!process)
		return memory_gone(err);
	*process = *loaded;
	labels_inherit(spec, process);
	*ret = process;
	return r;
}

int exec_process_read(const struct options_exec *options, const char *const *words, size_t count,
		      const struct spec *spec, struct arena *arena, struct problems *problems,
		      const struct spec_process **ret, struct error *err)
{
	struct spec_process *process;
	struct spec_user *user;
	int r;

	if (!text_is_empty(options->process))
		return process_read(options->process, spec, arena, problems, ret, err);
	if (count == 0)
		return error_say(err, -EINVAL, "exec args cannot be empty");
	if (!spec->process)
		return error_say(err, -EINVAL, "process property must not be empty");
	process = arena_new(arena, struct spec_process);
	user = arena_new(arena, struct spec_user);
	if (!process || !user)
		return memory_gone(err);
	*process = *spec->process;
	*user = *spec->process->user;
	process->args = (struct spec_strings){ words, count };
	r = process_merge(options, process, user, arena, err);
	if (r == 0)
		*ret = process;
	return r;
}
