/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plan's file system, shown: root, mounts, devices, links, hidden and read-only paths.
 *
 * Not for: layout (report.c).
 */
#include <sys/stat.h>

#include "libbase/kernel.h"
#include "libsandbox/plan/print.h"
#include "libsandbox/root/mount_options.h"

static void words_add(struct print_words *words, const char *word)
{
	if (words->count < PRINT_WORDS_MAX)
		words->items[words->count++] = word;
}

/* The row of `kind` that clears the most of `bits`, or NULL: "relatime" takes the whole field of access times, "atime" a part. */
static const struct mount_option *clearing_row(int kind, uint64_t bits)
{
	const struct mount_option *best = NULL;

	for (size_t i = 0; i < mount_options_count; i++) {
		const struct mount_option *row = &mount_options[i];

		if (row->kind != kind || row->set != 0 || row->clear == 0 || (bits & row->clear) != row->clear)
			continue;
		if (!best || __builtin_popcountll(row->clear) > __builtin_popcountll(best->clear))
			best = row;
	}
	return best;
}

/* Attribute bits back to words, by the table that they came from. */
static void attributes_add(struct print_words *words, int kind, uint64_t set, uint64_t clear)
{
	const struct mount_option *row;

	for (size_t i = 0; i < mount_options_count; i++) {
		row = &mount_options[i];
		if (row->kind == kind && row->set != 0 && (set & row->set) == row->set)
			words_add(words, row->name);
	}
	/* Access times are one field: to set a value the whole field is cleared. */
	if (set & MOUNT_ATTR__ATIME)
		clear &= ~(uint64_t)MOUNT_ATTR__ATIME;
	while ((row = clearing_row(kind, clear))) {
		words_add(words, row->name);
		clear &= ~row->clear;
	}
}

static const char *mount_type(const struct plan_mount *mount)
{
	switch (mount->kind) {
	case MOUNT_BIND:
		return mount->recursive ? "rbind" : "bind";
	case MOUNT_REMOUNT:
		return "remount";
	default:
		return mount->type;
	}
}

/* Within a row there is no list for people: "0:100000:65536", as options write them. */
static void print_mount_maps(struct report *report, const char *key, const struct spec_id_maps *maps)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer text = TEXT_BUFFER_INIT;

	if (report_is_json(report)) {
		print_id_maps(report, key, maps);
		return;
	}
	for (size_t i = 0; i < maps->count; i++)
		text_append_format(&text, "%s%u:%u:%u", i > 0 ? "," : "", maps->items[i].container_id,
				   maps->items[i].host_id, maps->items[i].size);
	report_text(report, key, text.bytes);
}

static void print_mount(struct report *report, const struct plan_mount *mount)
{
	static const char *const idmaps[] = {
		[IDMAP_NONE] = NULL, [IDMAP_CONTAINER] = "container", [IDMAP_OWN] = "own"
	};
	struct print_words words = { 0 };
	struct spec_strings options;

	attributes_add(&words, MOUNT_OPTION_ATTR, mount->attr_set, mount->attr_clear);
	attributes_add(&words, MOUNT_OPTION_RECURSIVE, mount->recursive_set, mount->recursive_clear);
	for (size_t i = 0; i < mount->propagation_count; i++)
		words_add(&words, name_text(&names_propagations, mount->propagations[i]));
	options = print_strings(&words);

	report_row_begin(report);
	report_cell_u64(report, "index", mount->index);
	report_cell(report, "destination", mount->destination);
	report_cell(report, "type", mount_type(mount));
	report_cell(report, "source", mount->source);
	report_cell_words(report, "options", &options);
	report_words(report, "superblock", &mount->super);
	report_text(report, "label", mount->label);
	report_text(report, "idMap", idmaps[mount->idmap]);
	report_bool(report, "idMapRecursive", mount->idmap_recursive);
	if (mount->idmap == IDMAP_OWN) {
		print_mount_maps(report, "uidMaps", &mount->uid_maps);
		print_mount_maps(report, "gidMaps", &mount->gid_maps);
	}
	report_bool(report, "copyUp", mount->tmpcopyup);
	report_bool(report, "copySymlink", mount->copy_symlink);
	report_bool(report, "sourceNofollow", mount->source_nofollow);
	report_bool(report, "destinationNofollow", mount->destination_nofollow);
	report_bool(report, "readOnlyLate", mount->readonly_late);
	report_row_end(report);
}

static void print_devices(struct report *report, const struct plan *plan)
{
	report_list_begin(report, "devices");
	for (size_t i = 0; i < plan->device_count; i++) {
		const struct plan_device *device = &plan->devices[i];
		char type = S_ISBLK(device->mode) ? 'b' : S_ISFIFO(device->mode) ? 'p' : 'c';

		report_row_begin(report);
		report_cell(report, "path", device->path);
		if (type == 'p')
			report_cell(report, "device", "p");
		else
			report_cell_format(report, "device", "%c %u:%u", type, device->major, device->minor);
		report_cell_format(report, "mode", "%04o", device->mode & 07777);
		report_cell_format(report, "owner", "%u:%u", device->uid, device->gid);
		report_bool(report, "bind", device->bind);
		report_bool(report, "standard", device->standard);
		report_row_end(report);
	}
	report_list_end(report);

	report_list_begin(report, "links");
	for (size_t i = 0; i < plan->symlink_count; i++) {
		report_row_begin(report);
		report_cell(report, "path", plan->symlinks[i].path);
		report_cell(report, "target", plan->symlinks[i].target);
		report_row_end(report);
	}
	report_list_end(report);
}

void plan_print_root(struct report *report, const struct plan *plan)
{
	report_line_begin(report, "root");
	report_cell(report, "path", plan->root.path);
	report_bool(report, "readOnly", plan->root.readonly);
	if (plan->root.own_mounts) {
		report_text(report, "propagation", name_text(&names_propagations, plan->root.propagation));
		report_text(report, "entered", plan->root.pivot ? "by pivot_root" : "by chroot");
	}
	report_bool(report, "mountsOfTheHost", !plan->root.own_mounts);
	report_line_end(report);

	report_list_begin(report, "mounts");
	for (size_t i = 0; i < plan->mount_count; i++)
		print_mount(report, &plan->mounts[i]);
	report_list_end(report);

	report_bool(report, "devOfTheHost", plan->root.own_mounts && !plan->dev_setup);
	print_devices(report, plan);
	report_words(report, "maskedPaths", &plan->masked_paths);
	report_words(report, "readonlyPaths", &plan->readonly_paths);
}
