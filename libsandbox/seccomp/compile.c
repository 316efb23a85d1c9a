/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Profile to program, by libseccomp. See filter.h. Not built without it.
 *
 * Pages: seccomp_rule_add(3), seccomp_attr_set(3), seccomp_export_bpf(3).
 */
#include <errno.h>
#include <seccomp.h>

#include "libbase/cleanup.h"
#include "libbase/fd.h"
#include "libbase/socket.h"
#include "libbase/text.h"
#include "libsandbox/seccomp/calls.h"
#include "libsandbox/seccomp/filter.h"
#include "libsandbox/seccomp/names.h"
#include "libsandbox/seccomp/preface.h"
#include "libspec/names.h"

/* From here on a binary tree of the call numbers pays: libseccomp takes twice as long for it. */
#define TREE_RULES_MIN 33
#define TREE           2 /* of SCMP_FLTATR_CTL_OPTIMIZE */

#define ARGUMENTS_MAX 6

struct compiler {
	const struct spec_seccomp *spec;
	struct arena *arena;
	struct error *err;
	scmp_filter_ctx filter;
	uint32_t default_action;
	struct preface preface;
	const char **skipped; /* room for every name */
	size_t skipped_count;
};

static void filter_release(scmp_filter_ctx *filter)
{
	if (*filter)
		seccomp_release(*filter);
}

static uint32_t action_of(int action, struct opt_u32 errno_ret)
{
	return seccomp_action_number(action, errno_ret.set ? errno_ret.value : EPERM);
}

static size_t rules_count(const struct spec_seccomp *spec)
{
	size_t count = 0;

	for (size_t i = 0; i < spec->syscalls.count; i++)
		count += spec->syscalls.items[i].names.count;
	return count;
}

/* -- architectures --------------------------------------------------------------------------------------------------------------------- */

static int arch_add(struct compiler *compiler, const struct name *arch)
{
	struct preface *preface = &compiler->preface;
	struct seccomp_abi abi;
	int r;

	if (!seccomp_abi_find(arch->value, &abi)) {
		char version[SECCOMP_VERSION_SIZE];

		seccomp_version_text(version);
		return error_say(compiler->err, -EOPNOTSUPP, "/linux/seccomp/architectures: libseccomp %s does not know %s",
				 version, arch->text);
	}
	if (abi.token == preface->abis[0].abi.token)
		return 0;
	r = seccomp_arch_add(compiler->filter, abi.token);
	if (r == -EDOM)
		return error_say(compiler->err, r, "/linux/seccomp/architectures: the byte order of %s is not this machine's",
				 arch->text);
	if (r < 0)
		return error_set(compiler->err, r, "/linux/seccomp/architectures: %s", arch->text);
	preface->abis[preface->abi_count++].abi = abi;
	return 0;
}

static int archs_add(struct compiler *compiler)
{
	_Static_assert(PREFACE_ABIS_MAX >= 24, "the native one and all of names_seccomp_archs");
	compiler->preface.abis[compiler->preface.abi_count++].abi = seccomp_abi_native();
	for (size_t i = 0; i < names_seccomp_archs.count; i++) {
		const struct name *arch = &names_seccomp_archs.names[i];
		int r = 0;

		if (compiler->spec->architectures.bits >> (arch->value - 1) & 1)
			r = arch_add(compiler, arch);
		if (r < 0)
			return r;
	}
	return 0;
}

/* -- rules ----------------------------------------------------------------------------------------------------------------------------- */

static void name_skip(struct compiler *compiler, const char *name)
{
	for (size_t i = 0; i < compiler->skipped_count; i++) {
		if (text_equal(compiler->skipped[i], name))
			return;
	}
	compiler->skipped[compiler->skipped_count++] = name;
}

static void last_raise(struct preface_abi *at, uint32_t number)
{
	/* Numbers behind the end are of no order that tells new from old. */
	if ((at->abi.end == 0 || number < at->abi.end) && number > at->last)
		at->last = number;
}

/* Whatever the rule says: who names a call knows it, and those before it. */
static void name_known(struct compiler *compiler, const char *name)
{
	for (size_t i = 0; i < compiler->preface.abi_count; i++) {
		struct preface_abi *at = &compiler->preface.abis[i];
		int number = seccomp_syscall_resolve_name_arch(at->abi.token, name);

		if (number >= 0)
			last_raise(at, (uint32_t)number);
	}
}

/* A rule for a call that libseccomp does not know. */
static void rule_add_new(struct compiler *compiler, const struct spec_seccomp_call *call, const char *name)
{
	struct preface *preface = &compiler->preface;
	uint32_t action = action_of(call->action, call->errno_ret);
	bool there = action == compiler->default_action;
	uint32_t number;

	if (!call_number(name, &number) || call->args.count > 0) {
		name_skip(compiler, name);
		return;
	}
	for (size_t i = 0; i < preface->abi_count; i++)
		last_raise(&preface->abis[i], preface->abis[i].abi.first + number);
	for (size_t i = 0; i < preface->rule_count; i++)
		there = there || preface->rules[i].number == number;
	if (!there && preface->rule_count < PREFACE_RULES_MAX)
		preface->rules[preface->rule_count++] = (struct preface_rule){ number, action };
}

static bool argument_repeats(const struct spec_seccomp_call *call)
{
	unsigned int seen = 0;

	for (size_t i = 0; i < call->args.count; i++) {
		unsigned int bit = 1U << call->args.items[i].index;

		if (seen & bit)
			return true;
		seen |= bit;
	}
	return false;
}

static struct scmp_arg_cmp condition_of(const struct spec_seccomp_arg *arg)
{
	return (struct scmp_arg_cmp){
		.arg = arg->index,
		.op = (enum scmp_compare)seccomp_operator_number(arg->op),
		.datum_a = arg->value, /* of MASKED_EQ: the mask */
		.datum_b = arg->op == SECCOMP_MASKED_EQ ? arg->value_two : 0,
	};
}

static int rule_add(struct compiler *compiler, const struct spec_seccomp_call *call, int number)
{
	uint32_t action = action_of(call->action, call->errno_ret);
	struct scmp_arg_cmp conditions[ARGUMENTS_MAX];
	int r = 0;

	if (argument_repeats(call)) {
		for (size_t i = 0; i < call->args.count && r == 0; i++) {
			conditions[0] = condition_of(&call->args.items[i]);
			r = seccomp_rule_add_array(compiler->filter, action, number, 1, conditions);
		}
		return r;
	}
	for (size_t i = 0; i < call->args.count; i++)
		conditions[i] = condition_of(&call->args.items[i]);
	return seccomp_rule_add_array(compiler->filter, action, number, (unsigned int)call->args.count, conditions);
}

static int call_add(struct compiler *compiler, size_t at)
{
	const struct spec_seccomp_call *call = &compiler->spec->syscalls.items[at];
	bool as_default = action_of(call->action, call->errno_ret) == compiler->default_action;

	for (size_t i = 0; i < call->args.count; i++) {
		if (call->args.items[i].index >= ARGUMENTS_MAX)
			return error_say(compiler->err, -EINVAL, "/linux/seccomp/syscalls/%zu/args/%zu/index: want 0 to %d",
					 at, i, ARGUMENTS_MAX - 1);
	}
	for (size_t i = 0; i < call->names.count; i++) {
		const char *name = call->names.items[i];
		int number = seccomp_syscall_resolve_name(name);
		int r;

		if (number == __NR_SCMP_ERROR) {
			rule_add_new(compiler, call, name);
			continue;
		}
		name_known(compiler, name);
		r = as_default ? 0 : rule_add(compiler, call, number);
		if (r == -EEXIST)
			return error_say(compiler->err, r,
					 "/linux/seccomp/syscalls/%zu: another rule for '%s' has the same conditions and "
					 "another action",
					 at, name);
		if (r < 0)
			return error_set(compiler->err, r, "/linux/seccomp/syscalls/%zu: rule for '%s'", at, name);
	}
	return 0;
}

static int rules_add(struct compiler *compiler)
{
	size_t count = rules_count(compiler->spec);
	int r = 0;

	if (count >= TREE_RULES_MIN)
		r = seccomp_attr_set(compiler->filter, SCMP_FLTATR_CTL_OPTIMIZE, TREE);
	if (r < 0)
		return error_set(compiler->err, r, "ask libseccomp for a binary tree");
	compiler->skipped = arena_calloc(compiler->arena, count + 1, sizeof(*compiler->skipped));
	if (!compiler->skipped)
		return error_set(compiler->err, -ENOMEM, "note the skipped names");
	for (size_t i = 0; i < compiler->spec->syscalls.count; i++) {
		r = call_add(compiler, i);
		if (r < 0)
			return r;
	}
	return 0;
}

/* -- the program ----------------------------------------------------------------------------------------------------------------------- */

/* Takes libseccomp's program, which it writes to a descriptor only. A message that is too long for the socket is an error, where a pipe of a user
 * who has many would block, and a memfd may be forbidden by vm.memfd_noexec. */
static int filter_export(struct compiler *compiler, struct sock_filter *to, size_t *ret)
{
	int pair[2];
	int r = socket_pair(pair);
	ssize_t n = 0;

	if (r < 0)
		return error_set(compiler->err, r, "make a socket for the program");
	r = seccomp_export_bpf(compiler->filter, pair[1]);
	(void)fd_close(pair[1]);
	if (r == 0)
		n = socket_receive(pair[0], to, BPF_MAXINSNS * sizeof(*to), NULL);
	(void)fd_close(pair[0]);
	if (n == -EMSGSIZE)
		return error_say(compiler->err, -E2BIG, "the profile makes more than %d instructions", BPF_MAXINSNS);
	if (r < 0 || n <= 0)
		return error_set(compiler->err, r < 0 ? r : n < 0 ? (int)n : -EIO, "export the program");
	*ret = (size_t)n / sizeof(*to);
	return 0;
}

static int program_make(struct compiler *compiler, struct seccomp_program *ret)
{
	struct preface *preface = &compiler->preface;
	struct sock_filter *program =
		arena_calloc(compiler->arena, PREFACE_MAX + BPF_MAXINSNS, sizeof(struct sock_filter));
	size_t before, behind = 0;
	int r;

	if (!program)
		return error_set(compiler->err, -ENOMEM, "make room for the program");
	before = preface_write(preface, program);
	r = filter_export(compiler, program + before, &behind);
	if (r < 0)
		return r;
	if (before + behind > BPF_MAXINSNS)
		return error_say(compiler->err, -E2BIG, "the profile makes %zu instructions, the kernel takes %d",
				 before + behind, BPF_MAXINSNS);
	ret->filter = (struct sock_fprog){ (unsigned short)(before + behind), program };
	ret->skipped = (struct spec_strings){ compiler->skipped, compiler->skipped_count };
	return 0;
}

/* Whether the default answer is one that a new call can live with: it is let through, or it already is ENOSYS. */
static bool default_is_mild(const struct spec_seccomp *spec, uint32_t action)
{
	return spec->default_action == SECCOMP_ALLOW || spec->default_action == SECCOMP_LOG ||
	       spec->default_action == SECCOMP_TRACE || action == SCMP_ACT_ERRNO(ENOSYS);
}

int seccomp_compile(const struct plan_seccomp *plan, struct arena *arena, struct seccomp_program *ret,
		    struct error *err)
{
	_cleanup_(filter_release) scmp_filter_ctx filter = NULL;
	const struct spec_seccomp *spec = plan->spec;
	struct compiler compiler = { .spec = spec, .arena = arena, .err = err };
	int r;

	compiler.default_action = action_of(spec->default_action, spec->default_errno_ret);
	compiler.preface.enosys = !default_is_mild(spec, compiler.default_action);
	filter = seccomp_init(compiler.default_action);
	if (!filter)
		return error_say(err, -EINVAL, "/linux/seccomp/defaultAction: libseccomp does not take %s",
				 name_text(&names_seccomp_actions, spec->default_action));
	compiler.filter = filter;
	r = archs_add(&compiler);
	if (r < 0)
		return r;
	r = rules_add(&compiler);
	if (r < 0)
		return r;
	return program_make(&compiler, ret);
}
