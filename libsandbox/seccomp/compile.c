/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Profile to program. See filter.h. Not built without libseccomp, which knows the numbers of calls.
 *
 * libseccomp could write the program as well. It takes 10 ms for Docker's profile, where this takes a quarter of one; and where several rules of
 * one call compare the same argument, libseccomp 2.5.4 lets calls pass that no rule allows.
 */
#include <errno.h>
#include <linux/seccomp.h>
#include <stdlib.h>

#include "libbase/cleanup.h"
#include "libsandbox/seccomp/emit.h"
#include "libsandbox/seccomp/filter.h"
#include "libsandbox/seccomp/names.h"
#include "libsandbox/seccomp/numbers.h"
#include "libspec/names.h"

#define ARGUMENTS_MAX   6
#define ABIS_MAX        24 /* the native one and all of names_seccomp_archs */
#define RET_ENOSYS      (SECCOMP_RET_ERRNO | ENOSYS)
#define RET_OTHER       SECCOMP_RET_KILL_THREAD /* for architectures that are not in the profile */
#define NO_CALL         UINT32_MAX              /* the number when a tracer said: skip it */
#define HOST_BIG_ENDIAN (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)

/* One set of calls. */
struct target {
	struct numbers numbers;
	bool named;    /* by the profile: at least one */
	uint32_t last; /* the highest number that it names */
	struct emit_rule *rules;
	size_t rule_count;
};

struct compiler {
	const struct spec_seccomp *spec;
	struct arena *arena;
	struct error *err;
	uint32_t default_action;
	bool enosys; /* for calls that the profile's author did not know */
	size_t name_count;
	struct target targets[ABIS_MAX];
	size_t target_count;
	struct emit_block blocks[ABIS_MAX];
	size_t block_count;
};

static uint32_t action_of(int action, struct opt_u32 errno_ret)
{
	return seccomp_action_number(action, errno_ret.set ? errno_ret.value : EPERM);
}

/* -- architectures --------------------------------------------------------------------------------------------------------------------- */

static int target_add(struct compiler *compiler, const struct name *arch)
{
	struct seccomp_abi abi;

	if (!seccomp_abi_find(arch->value, &abi)) {
		char version[SECCOMP_VERSION_SIZE];

		seccomp_version_text(version);
		return error_say(compiler->err, -EOPNOTSUPP,
				 "/linux/seccomp/architectures: libseccomp %s does not know %s", version, arch->text);
	}
	if (abi.token == compiler->targets[0].numbers.abi.token)
		return 0;
	if (abi.big_endian != HOST_BIG_ENDIAN)
		return error_say(compiler->err, -EDOM,
				 "/linux/seccomp/architectures: the byte order of %s is not this machine's",
				 arch->text);
	compiler->targets[compiler->target_count++].numbers.abi = abi;
	return 0;
}

static int targets_add(struct compiler *compiler)
{
	compiler->targets[compiler->target_count++].numbers.abi = seccomp_abi_native();
	for (size_t i = 0; i < names_seccomp_archs.count; i++) {
		const struct name *arch = &names_seccomp_archs.names[i];
		int r = 0;

		if (compiler->spec->architectures.bits >> (arch->value - 1) & 1)
			r = target_add(compiler, arch);
		if (r < 0)
			return r;
	}
	return 0;
}

/* -- rules ----------------------------------------------------------------------------------------------------------------------------- */

static void rule_add(struct compiler *compiler, struct target *target, const struct spec_seccomp_call *call,
		     const char *name)
{
	const struct seccomp_abi *abi = &target->numbers.abi;
	uint32_t action = action_of(call->action, call->errno_ret);
	struct call_place places[CALL_PLACES_MAX];
	size_t count = numbers_find(&target->numbers, name, places);

	for (size_t i = 0; i < count; i++) {
		/* Whatever the rule says: who names a call knows it. */
		if (!abi->private_from || places[i].number < abi->private_from) {
			target->named = true;
			if (places[i].number > target->last)
				target->last = places[i].number;
		}
		if (action == compiler->default_action)
			continue;
		target->rules[target->rule_count] = (struct emit_rule){
			.number = places[i].number,
			.action = action,
			.call = call,
			.sub = places[i].sub,
			.order = (uint32_t)target->rule_count,
		};
		target->rule_count++;
	}
}

static int rule_compare(const void *a, const void *b)
{
	const struct emit_rule *left = a, *right = b;

	if (left->number != right->number)
		return left->number < right->number ? -1 : 1;
	return left->order < right->order ? -1 : left->order > right->order;
}

static int rules_collect(struct compiler *compiler, struct target *target)
{
	const struct spec_seccomp *spec = compiler->spec;

	target->rules =
		arena_calloc(compiler->arena, compiler->name_count * CALL_PLACES_MAX + 1, sizeof(*target->rules));
	if (!target->rules)
		return error_set(compiler->err, -ENOMEM, "make room for rules");
	for (size_t i = 0; i < spec->syscalls.count; i++) {
		for (size_t j = 0; j < spec->syscalls.items[i].names.count; j++)
			rule_add(compiler, target, &spec->syscalls.items[i], spec->syscalls.items[i].names.items[j]);
	}
	qsort(target->rules, target->rule_count, sizeof(*target->rules), rule_compare);
	return 0;
}

static bool call_has(const struct spec_seccomp_call *call, const struct spec_seccomp_arg *arg)
{
	for (size_t i = 0; i < call->args.count; i++) {
		const struct spec_seccomp_arg *other = &call->args.items[i];

		if (other->index == arg->index && other->op == arg->op && other->value == arg->value &&
		    (arg->op != SECCOMP_MASKED_EQ || other->value_two == arg->value_two))
			return true;
	}
	return false;
}

static bool rules_contradict(const struct emit_rule *a, const struct emit_rule *b)
{
	if (a->action == b->action || a->sub != b->sub || a->call->args.count != b->call->args.count)
		return false;
	for (size_t i = 0; i < a->call->args.count; i++) {
		if (!call_has(b->call, &a->call->args.items[i]))
			return false;
	}
	return true;
}

static int rules_agree(struct compiler *compiler, const struct emit_rule *rules, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		for (size_t j = i + 1; j < count; j++) {
			if (rules_contradict(&rules[i], &rules[j]))
				return error_say(
					compiler->err, -EEXIST,
					"/linux/seccomp/syscalls/%zu: rule %zu for '%s' has the same conditions "
					"and another action",
					(size_t)(rules[j].call - compiler->spec->syscalls.items),
					(size_t)(rules[i].call - compiler->spec->syscalls.items),
					rules[j].call->names.items[0]);
		}
	}
	return 0;
}

/* -- ranges ---------------------------------------------------------------------------------------------------------------------------- */

struct ranges {
	struct emit_range *items;
	size_t count;
};

static void range_add(struct ranges *ranges, const struct emit_range *range)
{
	const struct emit_range *last;

	if (ranges->count > 0 && ranges->items[ranges->count - 1].from == range->from)
		ranges->count--;
	last = ranges->count > 0 ? &ranges->items[ranges->count - 1] : NULL;
	if (!last || last->action != range->action || last->rule_count > 0 || range->rule_count > 0)
		ranges->items[ranges->count++] = *range;
}

static void range_add_action(struct ranges *ranges, uint32_t from, uint32_t action)
{
	range_add(ranges, &(const struct emit_range){ .from = from, .action = action });
}

/* The answer for a number that has no rule. */
static uint32_t usual_action(const struct compiler *compiler, const struct target *target, uint32_t number)
{
	const struct seccomp_abi *abi = &target->numbers.abi;

	if (!compiler->enosys || !target->named || (abi->private_from && number >= abi->private_from))
		return compiler->default_action;
	return number > target->last || (abi->unknown_is_0 && number == 0) ? RET_ENOSYS : compiler->default_action;
}

/* What the rules for one number say: one without conditions stands for all. */
static int range_add_rules(struct compiler *compiler, const struct target *target, const struct emit_rule *rules,
			   size_t count, struct ranges *to)
{
	int r;

	for (size_t i = 0; i < count; i++) {
		if (rules[i].sub == 0 && rules[i].call->args.count == 0) {
			range_add_action(to, rules->number, rules[i].action);
			return 0;
		}
	}
	r = rules_agree(compiler, rules, count);
	if (r < 0)
		return r;
	range_add(to, &(const struct emit_range){ .from = rules->number,
						  .action = compiler->default_action,
						  .rules = rules,
						  .rule_count = count,
						  .narrow = target->numbers.abi.narrow });
	return 0;
}

/* The rules from `*at` on for numbers up to `to_number`. */
static int ranges_add_rules(struct compiler *compiler, const struct target *target, uint32_t to_number, size_t *at,
			    struct ranges *to)
{
	while (*at < target->rule_count && target->rules[*at].number <= to_number) {
		const struct emit_rule *rules = &target->rules[*at];
		size_t count = 1;
		int r;

		while (*at + count < target->rule_count && rules[count].number == rules->number)
			count++;
		r = range_add_rules(compiler, target, rules, count, to);
		if (r < 0)
			return r;
		range_add_action(to, rules->number + 1, usual_action(compiler, target, rules->number + 1));
		*at += count;
	}
	return 0;
}

static int target_ranges(struct compiler *compiler, const struct target *target, struct ranges *to)
{
	const struct seccomp_abi *abi = &target->numbers.abi;
	size_t at = 0;
	int r;

	range_add_action(to, abi->first, usual_action(compiler, target, abi->first));
	if (abi->unknown_is_0)
		range_add_action(to, 1, usual_action(compiler, target, 1));
	if (target->named) {
		r = ranges_add_rules(compiler, target, target->last, &at, to);
		if (r < 0)
			return r;
		range_add_action(to, target->last + 1, usual_action(compiler, target, target->last + 1));
	}
	if (abi->private_from)
		range_add_action(to, abi->private_from, compiler->default_action);
	r = ranges_add_rules(compiler, target, UINT32_MAX, &at, to);
	if (r == 0 && abi->end)
		range_add_action(to, abi->end, RET_OTHER);
	return r;
}

/* All that share the kernel's word for the architecture with this one: x86_64 and x32, the first by its numbers first. */
static int block_add(struct compiler *compiler, uint32_t audit)
{
	struct ranges ranges = { 0 };
	size_t room = 8;
	int r = 0;

	for (size_t i = 0; i < compiler->block_count; i++) {
		if (compiler->blocks[i].audit == audit)
			return 0;
	}
	for (size_t i = 0; i < compiler->target_count; i++)
		room += 8 + 2 * compiler->targets[i].rule_count;
	ranges.items = arena_calloc(compiler->arena, room, sizeof(*ranges.items));
	if (!ranges.items)
		return error_set(compiler->err, -ENOMEM, "make room for ranges");
	range_add_action(&ranges, 0, RET_OTHER);
	for (int above = 0; above < 2 && r == 0; above++) {
		for (size_t i = 0; i < compiler->target_count && r == 0; i++) {
			const struct target *target = &compiler->targets[i];

			if (target->numbers.abi.audit == audit && (target->numbers.abi.first > 0) == above)
				r = target_ranges(compiler, target, &ranges);
		}
	}
	if (ranges.items[ranges.count - 1].action == RET_OTHER)
		range_add_action(&ranges, NO_CALL, compiler->default_action);
	compiler->blocks[compiler->block_count++] = (struct emit_block){ audit, ranges.items, ranges.count };
	return r;
}

/* -- the program ----------------------------------------------------------------------------------------------------------------------- */

static int program_write(struct compiler *compiler, struct seccomp_program *ret)
{
	struct sock_filter *program = arena_calloc(compiler->arena, BPF_MAXINSNS, sizeof(*program));
	ssize_t count;

	if (!program)
		return error_set(compiler->err, -ENOMEM, "make room for the program");
	count = emit_program(compiler->blocks, compiler->block_count, RET_OTHER, program, BPF_MAXINSNS);
	if (count < 0)
		return error_say(
			compiler->err, (int)count,
			"/linux/seccomp: the profile makes more than the %d instructions that the kernel takes",
			BPF_MAXINSNS);
	ret->filter = (struct sock_fprog){ (unsigned short)count, program };
	return 0;
}

static int program_make(struct compiler *compiler, struct seccomp_program *ret)
{
	int r = targets_add(compiler);

	for (size_t i = 0; i < compiler->target_count && r == 0; i++)
		r = rules_collect(compiler, &compiler->targets[i]);
	for (size_t i = 0; i < compiler->target_count && r == 0; i++)
		r = block_add(compiler, compiler->targets[i].numbers.abi.audit);
	return r == 0 ? program_write(compiler, ret) : r;
}

static int rules_check(struct compiler *compiler)
{
	const struct spec_seccomp *spec = compiler->spec;

	for (size_t i = 0; i < spec->syscalls.count; i++) {
		const struct spec_seccomp_call *call = &spec->syscalls.items[i];

		compiler->name_count += call->names.count;
		for (size_t j = 0; j < call->args.count; j++) {
			if (call->args.items[j].index >= ARGUMENTS_MAX)
				return error_say(compiler->err, -EINVAL,
						 "/linux/seccomp/syscalls/%zu/args/%zu/index: want 0 to %d", i, j,
						 ARGUMENTS_MAX - 1);
		}
	}
	return 0;
}

/* Whether the default answer is one that a new call can live with: it is let through, or it already is ENOSYS. */
static bool default_is_mild(const struct spec_seccomp *spec, uint32_t action)
{
	return spec->default_action == SECCOMP_ALLOW || spec->default_action == SECCOMP_LOG ||
	       spec->default_action == SECCOMP_TRACE || action == RET_ENOSYS;
}

int seccomp_compile(const struct plan_seccomp *plan, struct arena *arena, struct seccomp_program *ret,
		    struct error *err)
{
	const struct spec_seccomp *spec = plan->spec;
	struct compiler compiler = { .spec = spec, .arena = arena, .err = err };
	int r;

	compiler.default_action = action_of(spec->default_action, spec->default_errno_ret);
	compiler.enosys = !default_is_mild(spec, compiler.default_action);
	r = rules_check(&compiler);
	if (r == 0)
		r = program_make(&compiler, ret);
	return r;
}
