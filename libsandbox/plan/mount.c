/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One mount: what kind it is, where it comes from and with what.
 *
 * Not for: which destinations are allowed (libspec/check/mounts.c) or the mounting (libsandbox/root).
 * Read: runtime-spec config.md "Mounts"; mount_setattr(2), fsconfig(2).
 */
#include <errno.h>
#include <linux/mount.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "libbase/path.h"
#include "libbase/text.h"
#include "libsandbox/plan/mount.h"

/* One mount on its way from the spec to the plan. */
struct mount_work {
	struct plan_work *plan;
	const struct spec_mount *spec;
	struct mount_words words;
	struct plan_mount *to;
};

_printf_(3, 4) static void mount_error(struct mount_work *work, const char *member, const char *format, ...)
{
	char path[64], text[512];
	va_list arguments;

	va_start(arguments, format);
	if (vsnprintf(text, sizeof(text), format, arguments) < 0)
		text[0] = '\0';
	va_end(arguments);
	snprintf(path, sizeof(path), "/mounts/%zu%s", work->to->index, member);
	problem_error(work->plan->problems, 0, path, "%s", text);
}

static bool type_is(const struct mount_work *work, const char *type)
{
	return text_equal(work->spec->type, type);
}

static int kind_of(const struct mount_work *work)
{
	if (work->words.remount)
		return MOUNT_REMOUNT;
	if (work->words.bind)
		return MOUNT_BIND;
	if (type_is(work, "cgroup") || type_is(work, "cgroup2"))
		return MOUNT_CGROUP;
	return MOUNT_FILESYSTEM;
}

static int source_decide(struct mount_work *work)
{
	const struct spec_mount *spec = work->spec;
	struct plan_mount *to = work->to;

	switch (to->kind) {
	case MOUNT_BIND:
		if (text_is_empty(spec->source)) {
			mount_error(work, "/source", "want the path that is bound, got ''");
			return 0;
		}
		/* An absolute one is left as it was written: cleaning "/link/.." would change what it names. */
		to->source = path_is_absolute(spec->source)
				     ? spec->source
				     : path_join(work->plan->arena, work->plan->options->bundle, spec->source);
		return to->source ? 0 : -ENOMEM;
	case MOUNT_CGROUP:
		to->type = "cgroup2";
		to->source = text_is_empty(spec->source) ? spec->type : spec->source;
		return 0;
	case MOUNT_FILESYSTEM:
		if (text_is_empty(spec->type))
			mount_error(work, "/type", "want a file system type, or 'bind' or 'rbind' among the options");
		else if (type_is(work, "bind") || type_is(work, "rbind"))
			mount_error(work, "/type", "'%s' is no file system: want 'bind' or 'rbind' among the options",
				    spec->type);
		to->type = spec->type;
		to->source = text_is_empty(spec->source) ? spec->type : spec->source;
		return 0;
	default:
		return 0;
	}
}

/* A mount that is new has nothing below it, so "all below" is the mount itself. */
static void attributes_decide(struct mount_work *work)
{
	const struct mount_words *words = &work->words;
	struct plan_mount *to = work->to;

	if (to->kind == MOUNT_BIND || to->kind == MOUNT_REMOUNT) {
		to->attr_set = words->attr_set;
		to->attr_clear = words->attr_clear;
		to->recursive_set = words->recursive_set;
		to->recursive_clear = words->recursive_clear;
		return;
	}
	to->attr_set = (words->attr_set & ~words->recursive_clear) | words->recursive_set;
	to->attr_clear = (words->attr_clear & ~words->recursive_set) | words->recursive_clear;
}

/* "uid=" and "gid=" are read in the user namespace that mounts. Numbers that are not plain are the file system's to judge. */
static bool id_word_is_mapped(const char *word, const struct plan_ids *ids)
{
	const char *number = text_after(word, "uid=");
	const struct spec_id_maps *maps = number ? &ids->uid_maps : &ids->gid_maps;
	uint64_t id;

	if (!number)
		number = text_after(word, "gid=");
	if (!number || number_parse_u64(number, UINT32_MAX, &id) < 0)
		return true;
	for (size_t i = 0; i < maps->count; i++) {
		if (id >= maps->items[i].container_id && id - maps->items[i].container_id < maps->items[i].size)
			return true;
	}
	return false;
}

static void id_words_check(struct mount_work *work)
{
	const struct spec_strings *data = &work->words.data;

	if (!(work->plan->plan->namespaces.new_flags & CLONE_NEWUSER))
		return;
	for (size_t i = 0; i < data->count; i++) {
		if (!id_word_is_mapped(data->items[i], &work->plan->plan->ids))
			mount_error(work, "/options", "'%s' names an id that the user namespace does not map",
				    data->items[i]);
	}
}

/* The VFS's words first; the order between them and the file system's own means nothing to the kernel. */
static int super_join(struct mount_work *work, bool readonly)
{
	const struct mount_words *words = &work->words;
	size_t count = words->vfs.count + words->data.count + (readonly ? 1 : 0), at = 0;
	const char **items = arena_calloc(work->plan->arena, count, sizeof(*items));

	if (!items)
		return -ENOMEM;
	if (readonly)
		items[at++] = "ro";
	for (size_t i = 0; i < words->vfs.count; i++)
		items[at++] = words->vfs.items[i];
	for (size_t i = 0; i < words->data.count; i++)
		items[at++] = words->data.items[i];
	work->to->super = (struct spec_strings){ .items = items, .count = count };
	return 0;
}

static int super_decide(struct mount_work *work)
{
	const struct mount_words *words = &work->words;

	if (words->bind) {
		if (words->data.count > 0)
			mount_error(work, "/options",
				    "bind mounts cannot have any filesystem-specific options applied, got '%s'",
				    words->data.items[0]);
		for (size_t i = 0; i < words->vfs.count; i++) {
			char path[64];
			snprintf(path, sizeof(path), "/mounts/%zu/options", work->to->index);
			problem_warning(work->plan->problems, 0, path,
					"'%s' has no effect on a bind mount: it belongs to the file system",
					words->vfs.items[i]);
		}
		return 0;
	}
	id_words_check(work);
	/* Without the superblock's own "ro" the kernel opens the device for writing, which a read-only one refuses. Superblocks that
	 * have no device may be shared with mounts that must stay writable. */
	bool readonly = work->to->kind == MOUNT_FILESYSTEM && work->to->attr_set & MOUNT_ATTR_RDONLY &&
			work->to->source && path_is_absolute(work->to->source);
	return super_join(work, readonly);
}

/* A context that the config chose for this mount wins; these file systems do not take one (mqueue is labelled file by file). */
static void label_decide(struct mount_work *work)
{
	if (work->to->kind != MOUNT_FILESYSTEM || type_is(work, "proc") || type_is(work, "sysfs") ||
	    type_is(work, "mqueue"))
		return;
	for (size_t i = 0; i < work->words.data.count; i++) {
		if (text_starts(work->words.data.items[i], "context="))
			return;
	}
	work->to->label = work->plan->plan->mount_context;
}

static void flags_decide(struct mount_work *work)
{
	const struct mount_words *words = &work->words;
	struct plan_mount *to = work->to;

	if (words->tmpcopyup && (to->kind != MOUNT_FILESYSTEM || !type_is(work, "tmpfs")))
		mount_error(work, "/options", "'tmpcopyup' is for type tmpfs only");
	if (words->copy_symlink && to->kind != MOUNT_BIND)
		mount_error(work, "/options", "'copy-symlink' is for bind mounts only");
	if (words->source_nofollow && to->kind != MOUNT_BIND)
		mount_error(work, "/options", "'src-nofollow' is for bind mounts only");
	to->tmpcopyup = words->tmpcopyup;
	to->copy_symlink = words->copy_symlink;
	to->source_nofollow = words->source_nofollow;
	to->destination_nofollow = words->destination_nofollow;
	/* Nodes and links are made in /dev, and mount points in a tmpfs, after it was mounted. */
	to->readonly_late =
		to->attr_set & MOUNT_ATTR_RDONLY &&
		(text_equal(to->destination, "/dev") || (to->kind == MOUNT_FILESYSTEM && type_is(work, "tmpfs")));
}

static int idmap_maps_decide(struct mount_work *work)
{
	const struct plan_ids *ids = &work->plan->plan->ids;
	struct plan_mount *to = work->to;
	const char *reason = NULL;

	/* The maps of the spec win over crun's way of writing them: podman gives both, the first already moved. */
	if (work->spec->uid_mappings.count > 0 || work->spec->gid_mappings.count > 0) {
		to->uid_maps = work->spec->uid_mappings;
		to->gid_maps = work->spec->gid_mappings;
	} else if (work->words.idmap_maps) {
		int r = mount_maps_parse(work->words.idmap_maps, &ids->uid_maps, &ids->gid_maps, work->plan->arena,
					 &to->uid_maps, &to->gid_maps, &reason);
		if (r == -ENOMEM)
			return r;
		if (r < 0) {
			mount_error(work, "/options", "'idmap=%s': %s", work->words.idmap_maps, reason);
			return 0;
		}
	} else {
		to->idmap = IDMAP_CONTAINER;
		if (!spec_has_namespace(work->plan->spec, NAMESPACE_USER))
			mount_error(work, "", "id-mapped mounts must have both uid and gid mappings specified");
		return 0;
	}
	to->idmap = IDMAP_OWN;
	if (to->uid_maps.count == 0 || to->gid_maps.count == 0)
		mount_error(work, "", "id-mapped mounts must have both uid and gid mappings specified");
	return 0;
}

static int idmap_decide(struct mount_work *work)
{
	const struct spec_mount *spec = work->spec;

	if (!work->words.idmap && spec->uid_mappings.count == 0 && spec->gid_mappings.count == 0)
		return 0;
	if (work->to->kind != MOUNT_BIND) {
		mount_error(work, "", "id-mapped mounts are only supported for bind-mounts");
		return 0;
	}
	if (work->plan->host->euid != 0) {
		mount_error(work, "", "id-mapped mounts are not supported for rootless containers");
		return 0;
	}
	work->to->idmap_recursive = work->words.idmap_recursive;
	return idmap_maps_decide(work);
}

int mount_plan(struct plan_work *plan, size_t index, struct plan_mount *ret)
{
	struct mount_work work = { .plan = plan, .spec = &plan->spec->mounts.items[index], .to = ret };

	*ret = (struct plan_mount){ .index = index };
	int r = mount_options_apply(&work.spec->options, index, plan->arena, plan->problems, &work.words);
	if (r < 0)
		return r;
	ret->destination = path_join(plan->arena, "/", work.spec->destination);
	if (!ret->destination)
		return -ENOMEM;
	ret->kind = kind_of(&work);
	ret->recursive = work.words.recursive;
	ret->propagations = work.words.propagations;
	ret->propagation_count = work.words.propagation_count;
	r = source_decide(&work);
	if (r < 0)
		return r;
	attributes_decide(&work);
	flags_decide(&work);
	r = super_decide(&work);
	if (r < 0)
		return r;
	label_decide(&work);
	return idmap_decide(&work);
}
