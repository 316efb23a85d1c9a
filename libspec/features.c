/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The features document. See features.h.
 *
 * Not for: finding out the facts (libsandbox/host) or writing JSON (write.c).
 */
#include "libspec/features.h"

#include <stdlib.h>
#include <string.h>

#include "libspec/template.h"

static const struct opt_bool yes = { .set = true, .value = true };
static const struct opt_bool no = { .set = true, .value = false };

static struct opt_bool said(bool value)
{
	return value ? yes : no;
}

/* The words of a table whose bit is set in `bits`; false when memory is gone. */
static bool words_of(struct arena *arena, const struct name_table *table, uint64_t bits, struct spec_strings *to)
{
	const char **items = arena_calloc(arena, table->count + 1, sizeof(*items));
	size_t count = 0;

	if (!items)
		return false;
	for (size_t i = 0; i < table->count; i++) {
		if (bits & (UINT64_C(1) << (table->names[i].value - 1)))
			items[count++] = table->names[i].text;
	}
	*to = (struct spec_strings){ .items = items, .count = count };
	return true;
}

static int word_compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* A sorted copy without repeated words. */
static bool words_sorted(struct arena *arena, const struct spec_strings *from, struct spec_strings *to)
{
	const char **items = arena_calloc(arena, from->count + 1, sizeof(*items));
	size_t count = 0;

	if (!items)
		return false;
	for (size_t i = 0; i < from->count; i++)
		items[i] = from->items[i];
	qsort(items, from->count, sizeof(*items), word_compare);
	for (size_t i = 0; i < from->count; i++) {
		if (count == 0 || strcmp(items[count - 1], items[i]) != 0)
			items[count++] = items[i];
	}
	*to = (struct spec_strings){ .items = items, .count = count };
	return true;
}

static const struct features_enabled *enabled(struct arena *arena, bool value)
{
	struct features_enabled *to = arena_new(arena, struct features_enabled);

	if (to)
		to->enabled = said(value);
	return to;
}

static const struct features_seccomp *seccomp_build(struct arena *arena, const struct features_facts *facts)
{
	struct features_seccomp *seccomp = arena_new(arena, struct features_seccomp);

	if (!seccomp)
		return NULL;
	seccomp->enabled = said(facts->seccomp);
	if (!facts->seccomp)
		return seccomp;
	bool have_archs = facts->seccomp_archs.items
				  ? words_sorted(arena, &facts->seccomp_archs, &seccomp->archs)
				  : words_of(arena, &names_seccomp_archs, UINT64_MAX, &seccomp->archs);
	if (!have_archs || !words_of(arena, &names_seccomp_actions, UINT64_MAX, &seccomp->actions) ||
	    !words_of(arena, &names_seccomp_operators, UINT64_MAX, &seccomp->operators) ||
	    !words_of(arena, &names_seccomp_flags, UINT64_MAX, &seccomp->known_flags) ||
	    !words_of(arena, &names_seccomp_flags, facts->seccomp_flags, &seccomp->supported_flags))
		return NULL;
	return seccomp;
}

static bool linux_small_build(struct arena *arena, const struct features_facts *facts, struct features_linux *to)
{
	struct features_cgroup *cgroup = arena_new(arena, struct features_cgroup);
	struct features_intel_rdt *intel_rdt = arena_new(arena, struct features_intel_rdt);
	struct features_mount_extensions *extensions = arena_new(arena, struct features_mount_extensions);

	if (!cgroup || !intel_rdt || !extensions)
		return false;
	cgroup->v1 = no;
	cgroup->v2 = yes;
	cgroup->systemd = said(facts->cgroup_systemd);
	cgroup->systemd_user = said(facts->cgroup_systemd_user);
	cgroup->rdma = said(facts->cgroup_rdma);
	intel_rdt->enabled = said(facts->intel_rdt);
	intel_rdt->schemata = said(facts->intel_rdt);
	intel_rdt->monitoring = said(facts->intel_rdt);
	extensions->idmap = enabled(arena, facts->idmap);

	to->cgroup = cgroup;
	to->intel_rdt = intel_rdt;
	to->mount_extensions = extensions;
	to->apparmor = enabled(arena, facts->apparmor);
	to->selinux = enabled(arena, facts->selinux);
	to->net_devices = enabled(arena, facts->net_devices);
	return extensions->idmap && to->apparmor && to->selinux && to->net_devices;
}

static const struct features_linux *linux_build(struct arena *arena, const struct features_facts *facts)
{
	struct features_linux *to = arena_new(arena, struct features_linux);
	struct features_memory_policy *memory_policy = arena_new(arena, struct features_memory_policy);

	if (!to || !memory_policy)
		return NULL;
	if (!words_of(arena, &names_memory_modes, UINT64_MAX, &memory_policy->modes) ||
	    !words_of(arena, &names_memory_flags, UINT64_MAX, &memory_policy->flags) ||
	    !words_of(arena, &names_namespaces, UINT64_MAX, &to->namespaces) ||
	    !words_of(arena, &names_capabilities, UINT64_MAX, &to->capabilities) ||
	    !linux_small_build(arena, facts, to))
		return NULL;
	to->memory_policy = memory_policy;
	to->seccomp = seccomp_build(arena, facts);
	return to->seccomp ? to : NULL;
}

static bool annotations_build(struct arena *arena, const struct features_facts *facts, struct spec_pairs *to)
{
	const struct spec_pair all[] = {
		/* Sorted by key, as runc's JSON is. */
		{ FEATURES_ANNOTATION_LIBSECCOMP, facts->seccomp ? facts->libseccomp_version : NULL },
		{ FEATURES_ANNOTATION_COMMIT, facts->commit },
		{ FEATURES_ANNOTATION_APPARMOR, facts->host_apparmor },
		{ FEATURES_ANNOTATION_SELINUX, facts->host_selinux },
		{ FEATURES_ANNOTATION_VERSION, facts->version },
		{ FEATURES_ANNOTATION_CHECKPOINT, facts->checkpoint ? "true" : "false" },
	};
	struct spec_pair *items = arena_calloc(arena, ARRAY_SIZE(all), sizeof(*items));
	size_t count = 0;

	if (!items)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		if (all[i].value)
			items[count++] = all[i];
	}
	*to = (struct spec_pairs){ .items = items, .count = count };
	return true;
}

const struct features *features_build(struct arena *arena, const struct features_facts *facts)
{
	/* Annotations of a config that change what the runtime does on the host; "." at the end means a prefix. */
	static const char *const unsafe[] = { "bundle", "org.systemd.property.", "org.criu.config" };
	struct features *features = arena_new(arena, struct features);

	if (!features)
		return NULL;
	features->oci_version_min = SPEC_VERSION_MIN;
	features->oci_version_max = SPEC_VERSION;
	features->potentially_unsafe_config_annotations =
		(struct spec_strings){ .items = unsafe, .count = ARRAY_SIZE(unsafe) };
	features->os_linux = linux_build(arena, facts);
	if (!features->os_linux || !words_of(arena, &names_hooks, UINT64_MAX, &features->hooks) ||
	    !words_sorted(arena, &facts->mount_options, &features->mount_options) ||
	    !annotations_build(arena, facts, &features->annotations))
		return NULL;
	return features;
}
