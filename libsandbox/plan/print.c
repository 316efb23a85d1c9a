/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a plan looks like: the walk over it, for both formats of report.h.
 *
 * Every word comes from a name table. Not for: layout (report.c), nor the parts that have files of their own (print.h).
 */
#include "libsandbox/plan/print.h"

#include "libbase/cleanup.h"
#include "libbase/kernel.h"

struct print_words print_mask_words(const struct name_table *table, uint64_t bits)
{
	struct print_words words = { 0 };

	for (size_t i = 0; i < table->count && words.count < PRINT_WORDS_MAX; i++) {
		int value = table->names[i].value;

		if (value <= 64 && (bits >> (value - 1) & 1))
			words.items[words.count++] = table->names[i].text;
	}
	return words;
}

struct print_words print_kernel_words(const struct name_table *table, uint64_t flags)
{
	struct print_words words = { 0 };

	for (size_t i = 0; i < table->count && words.count < PRINT_WORDS_MAX; i++) {
		uint64_t bits = (uint64_t)table->names[i].kernel;

		if (bits != 0 && (flags & bits) == bits)
			words.items[words.count++] = table->names[i].text;
	}
	return words;
}

struct spec_strings print_strings(const struct print_words *words)
{
	return (struct spec_strings){ words->items, words->count };
}

void print_mask(struct report *report, const char *key, const struct name_table *table, uint64_t bits)
{
	struct print_words words = print_mask_words(table, bits);
	struct spec_strings strings = print_strings(&words);

	report_words(report, key, &strings);
}

void print_id_maps(struct report *report, const char *key, const struct spec_id_maps *maps)
{
	report_list_begin(report, key);
	for (size_t i = 0; i < maps->count; i++) {
		report_row_begin(report);
		report_u64(report, "container", maps->items[i].container_id);
		report_u64(report, "host", maps->items[i].host_id);
		report_u64(report, "size", maps->items[i].size);
		report_row_end(report);
	}
	report_list_end(report);
}

/* -- namespaces -------------------------------------------------------------------------------------------------------- */

static void print_namespaces(struct report *report, const struct plan *plan)
{
	const struct plan_namespaces *namespaces = &plan->namespaces;
	struct print_words new = { 0 }, handed = { 0 };
	struct spec_strings strings;

	for (size_t i = 0; i < namespaces->count; i++) {
		const struct name *name = namespaces->items[i].name;

		if (!namespaces->items[i].path)
			new.items[new.count++] = name->text;
		if (namespaces->handed_flags & (uint64_t)name->kernel)
			handed.items[handed.count++] = name->text;
	}
	report_section_begin(report, "namespaces");
	strings = print_strings(&new);
	report_words(report, "new", &strings);
	strings = print_strings(&handed);
	report_words(report, "handedOver", &strings);
	report_list_begin(report, "joined");
	for (size_t i = 0; i < namespaces->count; i++) {
		if (!namespaces->items[i].path)
			continue;
		report_row_begin(report);
		report_cell(report, "type", namespaces->items[i].name->text);
		report_cell(report, "path", namespaces->items[i].path);
		report_row_end(report);
	}
	report_list_end(report);
	report_bool(report, "viaJoiner", namespaces->via_joiner);
	report_section_end(report);
}

static void print_ids(struct report *report, const struct plan *plan)
{
	static const char *const writers[] = {
		[ID_WRITER_NONE] = NULL,
		[ID_WRITER_DIRECT] = "orlop",
		[ID_WRITER_HELPERS] = "newuidmap and newgidmap",
	};
	const struct plan_ids *ids = &plan->ids;

	if (!((plan->namespaces.new_flags | plan->namespaces.join_flags) & CLONE_NEWUSER))
		return;
	report_section_begin(report, "ids");
	report_line_begin(report, "root");
	report_u64(report, "uid", ids->root_uid);
	report_u64(report, "gid", ids->root_gid);
	report_line_end(report);
	report_text(report, "mapsBy", writers[ids->writer]);
	report_bool(report, "denySetgroups", ids->deny_setgroups);
	print_id_maps(report, "uidMaps", &ids->uid_maps);
	print_id_maps(report, "gidMaps", &ids->gid_maps);
	report_section_end(report);
}

static void print_inside(struct report *report, const struct plan *plan)
{
	report_text(report, "hostname", plan->hostname);
	report_text(report, "domainname", plan->domainname);

	report_list_begin(report, "clocks");
	for (size_t i = 0; i < plan->time_offset_count; i++) {
		report_row_begin(report);
		report_cell(report, "clock", plan->time_offsets[i].clock);
		report_number(report, "secs", plan->time_offsets[i].secs);
		report_u64(report, "nanosecs", plan->time_offsets[i].nanosecs);
		report_row_end(report);
	}
	report_list_end(report);

	report_list_begin(report, "sysctl");
	for (size_t i = 0; i < plan->sysctl.count; i++) {
		report_row_begin(report);
		report_cell(report, "name", plan->sysctl.items[i].key);
		report_cell(report, "value", plan->sysctl.items[i].value);
		report_row_end(report);
	}
	report_list_end(report);

	report_list_begin(report, "netDevices");
	for (size_t i = 0; i < plan->net_device_count; i++) {
		report_row_begin(report);
		report_cell(report, "host", plan->net_devices[i].key);
		report_text(report, "as", plan->net_devices[i].name);
		report_row_end(report);
	}
	report_list_end(report);
}

/* -- what is left of the spec ------------------------------------------------------------------------------------------ */

static void print_personality(struct report *report, const struct spec_linux *os_linux)
{
	const struct spec_memory_policy *policy = os_linux->memory_policy;

	if (os_linux->personality)
		report_text(report, "personality", name_text(&names_personalities, os_linux->personality->domain));
	if (!policy)
		return;
	report_line_begin(report, "memoryPolicy");
	report_cell(report, "mode", name_text(&names_memory_modes, policy->mode));
	report_text(report, "nodes", policy->nodes);
	print_mask(report, "flags", &names_memory_flags, policy->flags.bits);
	report_line_end(report);
}

static void print_hook(struct report *report, const char *point, const struct spec_hook *hook)
{
	report_row_begin(report);
	report_cell(report, "point", point);
	report_cell(report, "path", hook->path);
	report_cell_words(report, "args", &hook->args);
	if (hook->timeout.set)
		report_number(report, "timeout", hook->timeout.value);
	/* Not given is not the same as none: then the hook has the caller's. */
	if (hook->env.items)
		report_set(report, "env", &hook->env);
	report_row_end(report);
}

static void print_hooks(struct report *report, const struct spec *spec)
{
	report_list_begin(report, "hooks");
	for (size_t i = 0; i < names_hooks.count; i++) {
		struct spec_hook_list hooks = spec_hooks_at(spec, (enum spec_hook_point)names_hooks.names[i].value);

		for (size_t j = 0; j < hooks.count; j++)
			print_hook(report, names_hooks.names[i].text, &hooks.items[j]);
	}
	report_list_end(report);
}

static void print_steps(struct report *report, const struct plan *plan)
{
	report_list_begin(report, "steps");
	for (size_t i = 0; i < plan->step_count; i++) {
		report_row_begin(report);
		report_cell(report, "side", plan->steps[i].side);
		report_cell(report, "name", plan->steps[i].name);
		report_cell(report, "summary", plan->steps[i].summary);
		report_row_end(report);
	}
	report_list_end(report);
}

int plan_print(const struct plan *plan, enum plan_format format, struct text_buffer *to)
{
	struct report report;

	report_open(&report, format, to);
	report_text(&report, "container", plan->id);
	report_text(&report, "bundle", plan->bundle);
	report_bool(&report, "rootless", plan->rootless);
	plan_print_process(&report, plan);
	print_namespaces(&report, plan);
	print_ids(&report, plan);
	print_inside(&report, plan);
	plan_print_root(&report, plan);
	plan_print_limits(&report, plan);
	plan_print_seccomp(&report, plan);
	print_personality(&report, plan->spec->os_linux);
	print_hooks(&report, plan->spec);
	print_steps(&report, plan);
	return report_close(&report);
}
