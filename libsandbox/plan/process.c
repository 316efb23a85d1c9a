/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The process as it will be executed: words, environment, ids, capabilities, terminal, descriptors.
 *
 * Not for: what needs no decision; the steps read that from the spec.
 * Read: runtime-spec config.md, "Process"; capabilities(7), sd_listen_fds(3), sd_notify(3).
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "libbase/text.h"
#include "libsandbox/plan/build.h"

#define UMASK_DEFAULT 0022 /* of runc and crun: images count on it, whatever the caller of the runtime has */

/* Where the container finds the socket that stands in for the host's; the path is runc's. */
#define NOTIFY_SOCKET_PATH "/run/notify/notify.sock"

/* -- words and environment --------------------------------------------------------------------------------------------- */

static char **words_copy(struct arena *arena, const struct spec_strings *words, size_t more)
{
	char **copy = arena_calloc(arena, words->count + more + 1, sizeof(*copy));

	for (size_t i = 0; copy && i < words->count; i++) {
		copy[i] = arena_string(arena, words->items[i]);
		if (!copy[i])
			return NULL;
	}
	return copy;
}

struct variable {
	char *entry; /* "NAME=value" */
	size_t name_length;
	size_t position;
};

static int variable_compare(const void *left, const void *right)
{
	const struct variable *a = left, *b = right;
	size_t shorter = a->name_length < b->name_length ? a->name_length : b->name_length;
	int order = memcmp(a->entry, b->entry, shorter);

	if (order != 0)
		return order;
	if (a->name_length != b->name_length)
		return a->name_length < b->name_length ? -1 : 1;
	return a->position < b->position ? -1 : 1;
}

/* Of entries with one name only the last stays: programs differ in which one they would take. Sorting keeps thousands of them cheap. */
static int environment_unique(struct arena *arena, char **entries, size_t *count)
{
	struct variable *variables = arena_calloc(arena, *count + 1, sizeof(*variables));
	size_t kept = 0;

	if (!variables)
		return -ENOMEM;
	for (size_t i = 0; i < *count; i++)
		variables[i] = (struct variable){ entries[i], strcspn(entries[i], "="), i };
	qsort(variables, *count, sizeof(*variables), variable_compare);
	for (size_t i = 0; i + 1 < *count; i++) {
		const struct variable *here = &variables[i], *next = &variables[i + 1];

		if (here->name_length == next->name_length && !memcmp(here->entry, next->entry, here->name_length))
			entries[here->position] = NULL;
	}
	for (size_t i = 0; i < *count; i++) {
		if (entries[i])
			entries[kept++] = entries[i];
	}
	entries[kept] = NULL;
	*count = kept;
	return 0;
}

/* HOME is the one variable that is filled in; an empty one counts as missing. */
static bool home_take(char **entries, size_t *count)
{
	for (size_t i = 0; i < *count; i++) {
		const char *value = text_after(entries[i], "HOME=");

		if (!value)
			continue;
		if (*value)
			return false;
		memmove(entries + i, entries + i + 1, (*count - i) * sizeof(*entries));
		--*count;
		return true;
	}
	return true;
}

static int environment_build(struct plan_work *work, const struct spec_process *spec)
{
	const struct plan_options *options = work->options;
	struct plan_process *to = &work->plan->process;
	size_t count = spec->env.count;
	char **entries = words_copy(work->arena, &spec->env, 3);
	int r;

	if (!entries)
		return -ENOMEM;
	if (options->listen_fds > 0) {
		/* The program is the first process of its namespace; without one its pid is not known yet, and runc says 1 too. */
		entries[count++] = arena_printf(work->arena, "LISTEN_FDS=%u", options->listen_fds);
		entries[count++] = arena_string(work->arena, "LISTEN_PID=1");
		if (!entries[count - 1] || !entries[count - 2])
			return -ENOMEM;
	}
	if (!text_is_empty(options->notify_socket)) {
		entries[count] = arena_string(work->arena, "NOTIFY_SOCKET=" NOTIFY_SOCKET_PATH);
		if (!entries[count++])
			return -ENOMEM;
	}
	r = environment_unique(work->arena, entries, &count);
	if (r < 0)
		return r;
	to->home_unset = home_take(entries, &count);
	to->envp = entries;
	return 0;
}

/* -- ids and capabilities ---------------------------------------------------------------------------------------------- */

static void user_build(struct plan_work *work, const struct spec_user *user)
{
	struct plan_process *to = &work->plan->process;

	to->uid = user->uid.value;
	to->gid = user->gid.value;
	to->groups = user->additional_gids;
	to->set_umask = true;
	to->umask = user->umask.set ? user->umask.value : UMASK_DEFAULT;
	/* A list that is empty is set too, else the process would keep the runtime's own groups. */
	to->set_groups = !work->plan->ids.deny_setgroups && !work->host->setgroups_denied;
	if (!to->set_groups && to->groups.count > 0)
		problem_error(work->problems, 0, "/process/user/additionalGids",
			      "cannot set any additional groups in a rootless container: setgroups is denied in its "
			      "user namespace");
}

static uint64_t mask_known(struct plan_work *work, const char *path, const struct opt_mask *mask)
{
	uint64_t bits = mask->bits;

	for (size_t i = 0; i < names_capabilities.count; i++) {
		const struct name *name = &names_capabilities.names[i];
		uint64_t bit = UINT64_C(1) << name->kernel;

		if (!(bits & bit) || (uint64_t)name->kernel <= work->host->caps_last)
			continue;
		bits &= ~bit;
		problem_warning(work->problems, 0, path, "ignoring %s: this kernel does not know it", name->text);
	}
	return bits;
}

static void capabilities_build(struct plan_work *work, const struct spec_capabilities *spec)
{
	struct plan_capabilities *to = &work->plan->process.capabilities;

	if (!spec)
		return;
	to->bounding = mask_known(work, "/process/capabilities/bounding", &spec->bounding);
	to->permitted = mask_known(work, "/process/capabilities/permitted", &spec->permitted);
	to->inheritable = mask_known(work, "/process/capabilities/inheritable", &spec->inheritable);
	/* The kernel refuses a whole set for one bit too many; libspec warned of these. */
	to->effective = mask_known(work, "/process/capabilities/effective", &spec->effective) & to->permitted;
	to->ambient =
		mask_known(work, "/process/capabilities/ambient", &spec->ambient) & to->permitted & to->inheritable;
}

/* -- terminal, descriptors, labels, scheduling --------------------------------------------------------------------------- */

static void terminal_build(struct plan_work *work, const struct spec_process *spec)
{
	const struct plan_options *options = work->options;
	struct plan_process *to = &work->plan->process;

	to->terminal = spec->terminal.value;
	if (to->terminal && spec->console_size) {
		to->console_size_set = true;
		to->console_height = (uint16_t)spec->console_size->height;
		to->console_width = (uint16_t)spec->console_size->width;
	}
	if (to->terminal && options->detach && !options->console_socket)
		problem_error(work->problems, 0, "/process/terminal",
			      "cannot allocate tty if orlop will detach without setting console socket");
	if (options->console_socket && !(to->terminal && options->detach))
		problem_error(work->problems, 0, "/process/terminal",
			      "cannot use console socket if orlop will not detach or allocate tty");
}

static void descriptors_build(struct plan_work *work)
{
	uint64_t count = (uint64_t)work->options->preserve_fds + work->options->listen_fds;

	if (count > INT_MAX - 3) {
		problem_error(work->problems, 0, "", "cannot preserve %llu file descriptors",
			      (unsigned long long)count);
		count = 0;
	}
	work->plan->process.preserve_fds = (uint32_t)count;
}

static void labels_check(struct plan_work *work, const struct spec_process *spec)
{
	if (!text_is_empty(spec->apparmor_profile) && !work->host->apparmor)
		problem_error(work->problems, 0, "/process/apparmorProfile",
			      "apparmor: config provided but apparmor not supported");
	if (!text_is_empty(spec->selinux_label) && !work->host->selinux)
		problem_error(work->problems, 0, "/process/selinuxLabel",
			      "selinux label is specified in config, but selinux is disabled or not supported");
}

/* The kernel admits a deadline task only where it may run on every CPU, so that it can tell whether there is enough time for all. */
static void scheduler_check(struct plan_work *work, const struct spec_process *spec)
{
	const struct spec_resources *resources = work->spec->os_linux->resources;
	bool has_cpus;

	if (!spec->scheduler || spec->scheduler->policy != SCHEDULER_DEADLINE || !resources)
		return;
	has_cpus = resources->cpu && !text_is_empty(resources->cpu->cpus);
	for (size_t i = 0; i < resources->unified.count; i++)
		has_cpus = has_cpus || text_equal(resources->unified.items[i].key, "cpuset.cpus");
	if (has_cpus)
		problem_error(work->problems, 0, "/process/scheduler",
			      "process scheduler can't be used together with AllowedCPUs: SCHED_DEADLINE must be free "
			      "to run on every CPU");
}

int plan_process_build(struct plan_work *work)
{
	const struct spec_process *spec = work->spec->process;
	struct plan_process *to = &work->plan->process;
	int r;

	if (!spec) {
		problem_error(work->problems, 0, "/process", "process property must not be empty");
		return 0;
	}
	to->spec = spec;
	to->argv = words_copy(work->arena, &spec->args, 0);
	if (!to->argv)
		return -ENOMEM;
	r = environment_build(work, spec);
	if (r < 0)
		return r;
	user_build(work, spec->user);
	capabilities_build(work, spec->capabilities);
	terminal_build(work, spec);
	descriptors_build(work);
	labels_check(work, spec);
	scheduler_check(work, spec);
	to->keyring = !work->options->no_new_keyring;
	return 0;
}
