/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The facts of the machine: one row each, with the part that finds it, and their text form.
 *
 * Not for: finding them (libsandbox/host/probe.c), deciding by them (libsandbox/plan).
 */
#include "libsandbox/host.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "libbase/text.h"
#include "libsandbox/host/probe.h"
#include "libspec/names.h"

/* -- the rows ---------------------------------------------------------------------------------------------------------- */

enum fact_kind {
	FACT_U32 = 1,
	FACT_U64,
	FACT_HEX,
	FACT_BOOL,
	FACT_CGROUP, /* enum host_cgroup */
	FACT_TEXT,   /* the rest of the line */
	FACT_WORDS,  /* struct spec_strings, separated by blanks */
	FACT_FLAGS,  /* bits of names_seccomp_flags, as its words */
};

struct fact {
	const char *name;
	int kind; /* enum fact_kind */
	int part; /* enum host_part: whose probe finds it */
	size_t offset;
};

/* The member's name is the fact's name; a kind that does not fit the member does not compile. */
#define FACT(word, fact_kind, type, found_by)                                                        \
	{                                                                                            \
		.name = #word, .kind = (fact_kind), .part = (found_by),                              \
		.offset = offsetof(struct host, word) + _Generic(((struct host *)0)->word, type : 0) \
	}

static const struct fact facts[] = {
	FACT(kernel_major, FACT_U32, uint32_t, HOST_KERNEL),
	FACT(kernel_minor, FACT_U32, uint32_t, HOST_KERNEL),
	FACT(euid, FACT_U32, uint32_t, HOST_IDS),
	FACT(egid, FACT_U32, uint32_t, HOST_IDS),
	FACT(ids_equal, FACT_BOOL, bool, HOST_IDS),
	FACT(groups_none, FACT_BOOL, bool, HOST_IDS),
	FACT(in_user_namespace, FACT_BOOL, bool, HOST_IDS),
	FACT(setgroups_denied, FACT_BOOL, bool, HOST_IDS),
	FACT(signals_ignored, FACT_HEX, uint64_t, HOST_IDS),
	FACT(caps_effective, FACT_HEX, uint64_t, HOST_IDS),
	FACT(caps_bounding, FACT_HEX, uint64_t, HOST_IDS),
	FACT(caps_last, FACT_U64, uint64_t, HOST_IDS),
	FACT(cgroup, FACT_CGROUP, int, HOST_CGROUP),
	FACT(cgroup_mount, FACT_TEXT, const char *, HOST_CGROUP),
	FACT(cgroup_own, FACT_TEXT, const char *, HOST_CGROUP_OWN),
	FACT(controllers, FACT_WORDS, struct spec_strings, HOST_CONTROLLERS),
	FACT(cgroup_bfq, FACT_BOOL, bool, HOST_BFQ),
	FACT(systemd, FACT_BOOL, bool, HOST_SYSTEMD),
	FACT(apparmor, FACT_BOOL, bool, HOST_LSM),
	FACT(selinux, FACT_BOOL, bool, HOST_LSM),
	FACT(seccomp, FACT_BOOL, bool, HOST_SECCOMP),
	FACT(seccomp_flags, FACT_FLAGS, uint64_t, HOST_SECCOMP),
	FACT(user_namespaces, FACT_BOOL, bool, HOST_NAMESPACES),
	FACT(time_namespaces, FACT_BOOL, bool, HOST_NAMESPACES),
	FACT(resctrl, FACT_BOOL, bool, HOST_RESCTRL),
	FACT(cpus, FACT_U32, uint32_t, HOST_CPUS),
	FACT(newuidmap, FACT_TEXT, const char *, HOST_ID_HELPERS),
	FACT(newgidmap, FACT_TEXT, const char *, HOST_ID_HELPERS),
};

static const char *const cgroup_words[] = {
	[HOST_CGROUP_NONE] = "none",
	[HOST_CGROUP_UNIFIED] = "unified",
	[HOST_CGROUP_HYBRID] = "hybrid",
};

bool host_has_controller(const struct host *host, const char *name)
{
	for (size_t i = 0; i < host->controllers.count; i++) {
		if (text_equal(host->controllers.items[i], name))
			return true;
	}
	return false;
}

bool host_has_capability(const struct host *host, int capability)
{
	return capability >= 0 && capability < 64 && (host->caps_effective >> capability & 1);
}

static int (*const probes[])(struct arena *arena, struct host *host, struct error *err) = {
	[HOST_KERNEL] = host_probe_kernel,           [HOST_IDS] = host_probe_ids,
	[HOST_CGROUP] = host_probe_cgroup,           [HOST_CGROUP_OWN] = host_probe_cgroup_own,
	[HOST_CONTROLLERS] = host_probe_controllers, [HOST_BFQ] = host_probe_bfq,
	[HOST_SYSTEMD] = host_probe_systemd,         [HOST_LSM] = host_probe_lsm,
	[HOST_SECCOMP] = host_probe_seccomp,         [HOST_NAMESPACES] = host_probe_namespaces,
	[HOST_RESCTRL] = host_probe_resctrl,         [HOST_CPUS] = host_probe_cpus,
	[HOST_ID_HELPERS] = host_probe_id_helpers,
};

int host_probe_parts(unsigned int parts, struct arena *arena, struct host *ret, struct error *err)
{
	*ret = (struct host){ 0 };
	for (size_t part = 0; part < ARRAY_SIZE(probes); part++) {
		int r;

		if (!(parts & HOST_PART(part)))
			continue;
		r = probes[part](arena, ret, err);
		if (r < 0)
			return r;
	}
	return 0;
}

int host_probe(struct arena *arena, struct host *ret, struct error *err)
{
	return host_probe_parts(HOST_PARTS_ALL, arena, ret, err);
}

/* -- the text form ----------------------------------------------------------------------------------------------------- */

#define NOTHING "-"

static int hex_parse(const char *text, uint64_t *ret)
{
	const char *digits = "0123456789abcdef";
	const char *at = text_after(text, "0x");
	uint64_t value = 0;

	if (!at || !*at || strlen(at) > 16)
		return -EINVAL;
	for (; *at; at++) {
		const char *digit = strchr(digits, *at);

		if (!digit)
			return -EINVAL;
		value = value << 4 | (uint64_t)(digit - digits);
	}
	*ret = value;
	return 0;
}

static int flags_parse(const char *text, struct arena *arena, uint64_t *ret)
{
	struct spec_strings words;
	uint64_t bits = 0;
	int r = host_words_parse(text, arena, &words);

	if (r < 0)
		return r;
	for (size_t i = 0; i < words.count; i++) {
		const struct name *flag = name_find(&names_seccomp_flags, words.items[i]);

		if (!flag)
			return -EINVAL;
		bits |= UINT64_C(1) << (flag->value - 1);
	}
	*ret = bits;
	return 0;
}

static int cgroup_parse(const char *text, int *ret)
{
	for (size_t i = HOST_CGROUP_NONE; i < ARRAY_SIZE(cgroup_words); i++) {
		if (text_equal(cgroup_words[i], text)) {
			*ret = (int)i;
			return 0;
		}
	}
	return -EINVAL;
}

static int bool_parse(const char *text, bool *ret)
{
	if (!text_equal(text, "yes") && !text_equal(text, "no"))
		return -EINVAL;
	*ret = text_equal(text, "yes");
	return 0;
}

static int text_parse(const char *text, struct arena *arena, const char **ret)
{
	*ret = text_equal(text, NOTHING) ? NULL : arena_string(arena, text);
	return *ret || text_equal(text, NOTHING) ? 0 : -ENOMEM;
}

static int fact_parse(const struct fact *fact, const char *value, struct arena *arena, struct host *host)
{
	void *member = (char *)host + fact->offset;
	uint64_t number = 0;
	int r;

	switch (fact->kind) {
	case FACT_U32:
		r = number_parse_u64(value, UINT32_MAX, &number);
		*(uint32_t *)member = (uint32_t)number;
		return r;
	case FACT_U64:
		return number_parse_u64(value, UINT64_MAX, (uint64_t *)member);
	case FACT_HEX:
		return hex_parse(value, member);
	case FACT_BOOL:
		return bool_parse(value, member);
	case FACT_CGROUP:
		return cgroup_parse(value, member);
	case FACT_TEXT:
		return text_parse(value, arena, member);
	case FACT_WORDS:
		return host_words_parse(text_equal(value, NOTHING) ? "" : value, arena, member);
	case FACT_FLAGS:
		return flags_parse(text_equal(value, NOTHING) ? "" : value, arena, member);
	default:
		return -EINVAL;
	}
}

static int line_parse(char *line, struct arena *arena, struct host *host, uint64_t *seen, struct error *err)
{
	const char *name = line + strspn(line, " \t");
	size_t length = strcspn(name, " \t");
	char *value = line + (name - line) + length;

	if (*name == '\0' || *name == '#')
		return 0;
	while (*value == ' ' || *value == '\t')
		*value++ = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(facts); i++) {
		int r;

		if (!text_equal(facts[i].name, name))
			continue;
		if (*seen & UINT64_C(1) << i)
			return error_say(err, -EINVAL, "'%s' was given before", name);
		*seen |= UINT64_C(1) << i;
		r = fact_parse(&facts[i], value, arena, host);
		if (r == -ENOMEM)
			return error_set(err, r, "'%s'", name);
		if (r < 0)
			return error_say(err, -EINVAL, "'%s' cannot be '%s'", name, value);
		return 0;
	}
	return error_say(err, -EINVAL, "no fact is called '%s'", name);
}

int host_parse(const char *text, struct arena *arena, struct host *ret, struct error *err)
{
	uint64_t seen = 0;
	unsigned int number = 0;

	*ret = (struct host){ .cgroup = HOST_CGROUP_NONE };
	while (*text) {
		size_t length = strcspn(text, "\n");
		char *line = arena_copy(arena, text, length);
		int r;

		number++;
		if (!line)
			return error_set(err, -ENOMEM, "host facts");
		r = line_parse(line, arena, ret, &seen, err);
		if (r < 0) {
			error_wrap(err, "host facts: line %u", number);
			return r;
		}
		text += length + (text[length] == '\n');
	}
	return 0;
}

static void printable_append(struct text_buffer *to, const char *text)
{
	char part[4 * PATH_MAX];

	text_append_bytes(to, part, text_printable(part, sizeof(part), text, strlen(text)));
}

static void words_append(struct text_buffer *to, const struct spec_strings *words)
{
	for (size_t i = 0; i < words->count; i++) {
		text_append(to, i > 0 ? " " : "");
		printable_append(to, words->items[i]);
	}
	if (words->count == 0)
		text_append(to, NOTHING);
}

static void flags_append(struct text_buffer *to, uint64_t bits)
{
	bool some = false;

	for (size_t i = 0; i < names_seccomp_flags.count; i++) {
		const struct name *flag = &names_seccomp_flags.names[i];

		if (!(bits & UINT64_C(1) << (flag->value - 1)))
			continue;
		text_append_format(to, "%s%s", some ? " " : "", flag->text);
		some = true;
	}
	if (!some)
		text_append(to, NOTHING);
}

static void fact_append(const struct fact *fact, const struct host *host, struct text_buffer *to)
{
	const void *member = (const char *)host + fact->offset;

	switch (fact->kind) {
	case FACT_U32:
		text_append_format(to, "%u", *(const uint32_t *)member);
		return;
	case FACT_U64:
		text_append_format(to, "%llu", (unsigned long long)*(const uint64_t *)member);
		return;
	case FACT_HEX:
		text_append_format(to, "0x%llx", (unsigned long long)*(const uint64_t *)member);
		return;
	case FACT_BOOL:
		text_append(to, *(const bool *)member ? "yes" : "no");
		return;
	case FACT_CGROUP:
		text_append(to, cgroup_words[*(const int *)member]);
		return;
	case FACT_TEXT:
		printable_append(to, *(const char *const *)member ? *(const char *const *)member : NOTHING);
		return;
	case FACT_WORDS:
		words_append(to, member);
		return;
	case FACT_FLAGS:
		flags_append(to, *(const uint64_t *)member);
		return;
	default:
		return;
	}
}

void host_write(const struct host *host, struct text_buffer *to)
{
	for (size_t i = 0; i < ARRAY_SIZE(facts); i++) {
		text_append_format(to, "%-18s ", facts[i].name);
		fact_append(&facts[i], host, to);
		text_append(to, "\n");
	}
}
