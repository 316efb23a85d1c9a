/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For tests: a profile out of JSON, its program, and what the program is to say of a call: read off the profile with another hand than the
 * compiler's, from the call's number to its name.
 */
#ifndef ORLOP_LIBSANDBOX_SECCOMP_PROFILE_FIXTURE_H
#define ORLOP_LIBSANDBOX_SECCOMP_PROFILE_FIXTURE_H

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/unit/check.h"
#include "libbase/text.h"
#include "libsandbox/seccomp/filter.h"
#include "libspec/load.h"

#define NUMBERS_MAX 520 /* above the last call of any architecture that counts from 0 */

struct profile {
	struct arena arena;
	struct problems problems;
	struct error err;
	struct plan_seccomp plan;
	struct seccomp_program program;
};

static inline void profile_cleanup(struct profile *profile)
{
	arena_cleanup(&profile->arena);
}

#define PROFILE(name)                                           \
	_cleanup_(profile_cleanup) struct profile name = { 0 }; \
	profile_prepare(&name)

static inline void profile_prepare(struct profile *profile)
{
	ERROR_INIT(&profile->err);
	problems_init(&profile->problems, &profile->arena);
}

static inline void profile_take(struct profile *profile, int loaded, const struct spec *spec)
{
	if (loaded < 0)
		check_fail(__FILE__, __LINE__, "%s", error_text(&profile->err));
	CHECK(spec->os_linux && spec->os_linux->seccomp);
	profile->plan.spec = spec->os_linux->seccomp;
}

/* The members of /linux/seccomp, with ' for ". */
static inline void profile_parse(struct profile *profile, const char *members)
{
	const struct spec *spec = NULL;
	char *json = arena_printf(&profile->arena,
				  "{'ociVersion':'1.3.0','root':{'path':'r'},'process':{'cwd':'/','args':['x']},"
				  "'linux':{'seccomp':{%s}}}",
				  members);
	int r;

	CHECK(json);
	for (char *at = json; (at = strchr(at, '\''));)
		*at = '"';
	r = spec_load_bytes("config.json", json, strlen(json), &profile->arena, &profile->problems, &spec,
			    &profile->err);
	profile_take(profile, r, spec);
}

/* Of a real engine's config.json. */
static inline void profile_read(struct profile *profile, const char *file)
{
	const struct spec *spec = NULL;
	char *path = arena_printf(&profile->arena, "%s/%s", CONFIGS, file);
	int r;

	CHECK(path);
	r = spec_load(AT_FDCWD, path, &profile->arena, &profile->problems, &spec, &profile->err);
	profile_take(profile, r, spec);
}

static inline int profile_compile(struct profile *profile)
{
	return seccomp_compile(&profile->plan, &profile->arena, &profile->program, &profile->err);
}

static inline void profile_make(struct profile *profile, const char *members)
{
	profile_parse(profile, members);
	if (profile_compile(profile) < 0)
		check_fail(__FILE__, __LINE__, "%s", error_text(&profile->err));
}

/* -- what the profile says ------------------------------------------------------------------------------------------------------------- */

static inline uint32_t model_action(int action, struct opt_u32 errno_ret)
{
	switch (action) {
	case SECCOMP_KILL_PROCESS:
		return SECCOMP_RET_KILL_PROCESS;
	case SECCOMP_TRAP:
		return SECCOMP_RET_TRAP;
	case SECCOMP_ERRNO:
		return SECCOMP_RET_ERRNO | errno_ret.value;
	case SECCOMP_TRACE:
		return SECCOMP_RET_TRACE | errno_ret.value;
	case SECCOMP_ALLOW:
		return SECCOMP_RET_ALLOW;
	case SECCOMP_LOG:
		return SECCOMP_RET_LOG;
	case SECCOMP_NOTIFY:
		return SECCOMP_RET_USER_NOTIF;
	default:
		return SECCOMP_RET_KILL_THREAD;
	}
}

static inline bool model_condition(const struct spec_seccomp_arg *arg, const uint64_t args[6])
{
	uint64_t value = args[arg->index];

	switch (arg->op) {
	case SECCOMP_NE:
		return value != arg->value;
	case SECCOMP_LT:
		return value < arg->value;
	case SECCOMP_LE:
		return value <= arg->value;
	case SECCOMP_EQ:
		return value == arg->value;
	case SECCOMP_GE:
		return value >= arg->value;
	case SECCOMP_GT:
		return value > arg->value;
	default:
		/* libseccomp, and so runc, cuts the second value to the mask as well. */
		return (value & arg->value) == (arg->value_two & arg->value);
	}
}

/* All conditions must hold, but two on one argument are alternatives. */
static inline bool model_matches(const struct spec_seccomp_call *call, const uint64_t args[6])
{
	size_t held = 0, of_arg[6] = { 0 };
	bool repeats = false;

	for (size_t i = 0; i < call->args.count; i++) {
		held += model_condition(&call->args.items[i], args);
		repeats = repeats || of_arg[call->args.items[i].index]++ > 0;
	}
	return repeats ? held > 0 : held == call->args.count;
}

static inline bool model_names(const struct spec_seccomp_call *call, const char *name)
{
	for (size_t i = 0; i < call->names.count; i++) {
		if (strcmp(call->names.items[i], name) == 0)
			return true;
	}
	return false;
}

static inline bool model_knows(const struct spec_seccomp *spec, const char *name)
{
	for (size_t i = 0; i < spec->syscalls.count; i++) {
		if (model_names(&spec->syscalls.items[i], name))
			return true;
	}
	return false;
}

/* `token`: SCMP_ARCH_*. Highest number below NUMBERS_MAX, counted from `first`, whose call the profile names. */
static inline uint32_t model_last(const struct spec_seccomp *spec, uint32_t token, uint32_t first)
{
	uint32_t last = 0;

	for (uint32_t number = first; number < first + NUMBERS_MAX; number++) {
		char *name = seccomp_syscall_resolve_num_arch(token, (int)number);

		if (name && model_knows(spec, name))
			last = number;
		free(name);
	}
	return last;
}

/* The rule without conditions that stands for the call, or NULL. */
static inline const struct spec_seccomp_call *model_whole(const struct spec_seccomp *spec, uint32_t usual,
							  const char *name)
{
	for (size_t i = 0; i < spec->syscalls.count; i++) {
		const struct spec_seccomp_call *call = &spec->syscalls.items[i];

		if (call->args.count == 0 && model_action(call->action, call->errno_ret) != usual &&
		    model_names(call, name))
			return call;
	}
	return NULL;
}

/* The answer for a call of that name (NULL: libseccomp knows none); `is_new`: its number is above model_last. */
static inline uint32_t model_ask(const struct spec_seccomp *spec, const char *name, bool is_new, const uint64_t args[6])
{
	uint32_t usual = model_action(spec->default_action, spec->default_errno_ret);
	bool mild = usual == SECCOMP_RET_ALLOW || usual == SECCOMP_RET_LOG ||
		    (usual & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_TRACE;
	const struct spec_seccomp_call *whole = name ? model_whole(spec, usual, name) : NULL;

	if (is_new && !mild)
		return SECCOMP_RET_ERRNO | ENOSYS;
	if (whole)
		return model_action(whole->action, whole->errno_ret);
	for (size_t i = 0; name && i < spec->syscalls.count; i++) {
		const struct spec_seccomp_call *call = &spec->syscalls.items[i];
		uint32_t action = model_action(call->action, call->errno_ret);

		if (action != usual && model_names(call, name) && model_matches(call, args))
			return action;
	}
	return usual;
}

/* -- chance ---------------------------------------------------------------------------------------------------------------------------- */

static uint32_t chance_state = 1;

static inline uint32_t chance(uint32_t below)
{
	chance_state = chance_state * 1664525 + 1013904223;
	return (chance_state >> 8) % below;
}

static inline uint64_t chance_value(void)
{
	static const uint64_t values[] = { 0,          1,           2,          0x7fffffff, 0x80000000,
					   0xffffffff, 0x100000000, 1ULL << 63, UINT64_MAX, 0x100000001 };

	return values[chance(ARRAY_SIZE(values))] + (chance(8) == 0 ? chance(3) : 0);
}

static inline const char *chance_profile(struct arena *arena, uint32_t calls)
{
	static const char *const names[] = { "mkdir", "rmdir", "openat2", "getpid" };
	struct text_buffer text = TEXT_BUFFER_INIT;
	const char *comma = "";
	char *copy;

	text_append(&text, "'defaultAction':'SCMP_ACT_ERRNO','syscalls':[");
	for (uint32_t i = 0; i < calls; i++) {
		uint32_t args = chance(4);

		text_append_format(&text, "%s{'names':['%s'],'action':'SCMP_ACT_ALLOW','args':[", comma,
				   names[chance(ARRAY_SIZE(names))]);
		for (uint32_t j = 0; j < args; j++)
			text_append_format(&text, "%s{'index':%u,'op':'%s','value':%llu,'valueTwo':%llu}", j ? "," : "",
					   chance(3), names_seccomp_operators.names[chance(7)].text,
					   (unsigned long long)chance_value(), (unsigned long long)chance_value());
		text_append(&text, "]}");
		comma = ",";
	}
	text_append(&text, "]");
	copy = arena_string(arena, text.bytes);
	text_buffer_cleanup(&text);
	return copy;
}

#endif
