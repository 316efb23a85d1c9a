/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Backwards through the list, because the last rule decides: what a request still asks for is kept in a register, allowing rules take
 * from it, denying rules end it. See devices_bpf.h.
 *
 * Read: bpf(2); the kernel's Documentation/bpf/; cgroup_dev_func_proto in kernel/bpf/cgroup.c.
 */
#include "libsandbox/cgroup/devices_bpf.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "libbase/fd.h"
#include "libbase/kernel.h"
#include "libbase/text.h"

/* -- instructions -------------------------------------------------------------------------------------------------------- */

#define ACCESS_ALL (BPF_DEVCG_ACC_MKNOD | BPF_DEVCG_ACC_READ | BPF_DEVCG_ACC_WRITE)

enum { PROLOGUE = 8, RULE_MOST = 9, EPILOGUE = 1 };

/*
 * r0 the answer, 0 until some rule allows; r2 the type; r3 the accesses not decided yet; r4 a number.
 *
 * The numbers are loaded anew for each compare: kept in registers, what a compare taught the verifier of them would make each of its ways
 * to the next rule another one, and it walks them all; it gives up at a million steps, some hundred rules.
 */
enum { ANSWER = BPF_REG_0, CONTEXT = BPF_REG_1, TYPE = BPF_REG_2, WANTED = BPF_REG_3, NUMBER = BPF_REG_4 };

struct writer {
	struct bpf_insn *insns;
	size_t count;
	bool closed; /* nothing can come behind the last instruction */
};

static void emit(struct writer *to, unsigned int code, unsigned int target, int offset, uint32_t immediate)
{
	to->insns[to->count++] = (struct bpf_insn){
		.code = (uint8_t)code,
		.dst_reg = target & 0xf,
		.off = (int16_t)offset,
		.imm = (int32_t)immediate,
	};
}

static void emit_field(struct writer *to, unsigned int target, size_t offset)
{
	emit(to, BPF_LDX | BPF_MEM | BPF_W, target, (int)offset, 0);
	to->insns[to->count - 1].src_reg = CONTEXT;
}

static void emit_allow(struct writer *to)
{
	emit(to, BPF_ALU64 | BPF_MOV | BPF_K, ANSWER, 0, 1);
	emit(to, BPF_JMP | BPF_EXIT, 0, 0, 0);
}

static void emit_prologue(struct writer *to)
{
	emit_field(to, TYPE, offsetof(struct bpf_cgroup_dev_ctx, access_type));
	emit_field(to, WANTED, offsetof(struct bpf_cgroup_dev_ctx, access_type));
	emit(to, BPF_ALU | BPF_AND | BPF_K, TYPE, 0, 0xffff);
	emit(to, BPF_ALU | BPF_RSH | BPF_K, WANTED, 0, 16);
	emit(to, BPF_ALU64 | BPF_MOV | BPF_K, ANSWER, 0, 0);
	emit(to, BPF_JMP32 | BPF_JNE | BPF_K, WANTED, 2, 0);
	emit_allow(to);
}

struct match {
	bool allow;
	uint32_t type;   /* BPF_DEVCG_DEV_*; 0: any */
	uint32_t access; /* BPF_DEVCG_ACC_* */
	int64_t major;   /* -1: any */
	int64_t minor;
};

/* `rest` is what a request can still want here: a rule for all of it needs no look at WANTED. */
static void emit_match(struct writer *to, const struct match *match, uint32_t rest)
{
	bool whole = (match->access & rest) == rest;
	size_t jumps[3], jump_count = 0;

	if (match->type) {
		jumps[jump_count++] = to->count;
		emit(to, BPF_JMP32 | BPF_JNE | BPF_K, TYPE, 0, match->type);
	}
	if (match->major >= 0) {
		emit_field(to, NUMBER, offsetof(struct bpf_cgroup_dev_ctx, major));
		jumps[jump_count++] = to->count;
		emit(to, BPF_JMP32 | BPF_JNE | BPF_K, NUMBER, 0, (uint32_t)match->major);
	}
	if (match->minor >= 0) {
		emit_field(to, NUMBER, offsetof(struct bpf_cgroup_dev_ctx, minor));
		jumps[jump_count++] = to->count;
		emit(to, BPF_JMP32 | BPF_JNE | BPF_K, NUMBER, 0, (uint32_t)match->minor);
	}
	if (match->allow) {
		if (!whole) {
			emit(to, BPF_ALU | BPF_AND | BPF_K, WANTED, 0, ACCESS_ALL & ~match->access);
			emit(to, BPF_JMP32 | BPF_JNE | BPF_K, WANTED, 2, 0);
		}
		emit_allow(to);
	} else {
		if (!whole) {
			emit(to, BPF_JMP32 | BPF_JSET | BPF_K, WANTED, 1, match->access);
			emit(to, BPF_JMP | BPF_JA, 0, 1, 0);
		}
		emit(to, BPF_JMP | BPF_EXIT, 0, 0, 0);
	}
	for (size_t i = 0; i < jump_count; i++)
		to->insns[jumps[i]].off = (int16_t)(to->count - jumps[i] - 1);
	to->closed = whole && jump_count == 0;
}

/* -- the list ------------------------------------------------------------------------------------------------------------ */

static uint32_t access_of(const struct plan_device_rule *rule)
{
	return (rule->read ? BPF_DEVCG_ACC_READ : 0U) | (rule->write ? BPF_DEVCG_ACC_WRITE : 0U) |
	       (rule->mknod ? BPF_DEVCG_ACC_MKNOD : 0U);
}

/* Numbers that no device has, so no rule for them can ever matter. */
static bool never_matches(const struct plan_device_rule *rule)
{
	return rule->major > UINT32_MAX || rule->minor > UINT32_MAX;
}

/* The accesses that no later rule has decided for every device of the type: earlier rules on others are dead. */
struct undecided {
	uint32_t chars;
	uint32_t blocks;
};

static void emit_rule(struct writer *to, const struct plan_device_rule *rule, struct undecided *undecided)
{
	uint32_t chars = rule->type == 'b' ? 0 : access_of(rule) & undecided->chars;
	uint32_t blocks = rule->type == 'c' ? 0 : access_of(rule) & undecided->blocks;
	struct match match = { .allow = rule->allow,
			       .access = chars,
			       .major = rule->major < 0 ? -1 : rule->major,
			       .minor = rule->minor < 0 ? -1 : rule->minor };

	if (chars && chars == blocks && undecided->chars == undecided->blocks) {
		emit_match(to, &match, undecided->chars);
	} else {
		match.type = BPF_DEVCG_DEV_CHAR;
		if (chars)
			emit_match(to, &match, undecided->chars);
		match.type = BPF_DEVCG_DEV_BLOCK;
		match.access = blocks;
		if (blocks)
			emit_match(to, &match, undecided->blocks);
	}
	if (rule->major < 0 && rule->minor < 0) {
		undecided->chars &= ~chars;
		undecided->blocks &= ~blocks;
	}
}

int devices_program_build(const struct plan_device_rule *rules, size_t count, struct arena *arena,
			  const struct bpf_insn **ret, size_t *ret_count)
{
	struct undecided undecided = { .chars = ACCESS_ALL, .blocks = ACCESS_ALL };
	struct writer to = { 0 };
	size_t first = 0;

	/* Nothing is allowed before the first rule: denying it says nothing new. */
	while (first < count && !rules[first].allow)
		first++;
	if (count - first > DEVICES_RULES_MAX)
		return -E2BIG;
	to.insns = arena_calloc(arena, PROLOGUE + 2 * RULE_MOST * (count - first) + EPILOGUE, sizeof(*to.insns));
	if (!to.insns)
		return -ENOMEM;
	emit_prologue(&to);
	while (count > first && (undecided.chars || undecided.blocks)) {
		count--;
		if (!never_matches(&rules[count]))
			emit_rule(&to, &rules[count], &undecided);
	}
	/* The verifier refuses what cannot be reached. */
	if (!to.closed)
		emit(&to, BPF_JMP | BPF_EXIT, 0, 0, 0);
	*ret = to.insns;
	*ret_count = to.count;
	return 0;
}

/* -- the kernel ------------------------------------------------------------------------------------------------------------ */

/* RLIMIT_MEMLOCK is left alone: since Linux 5.11 programs are charged to the memory cgroup. */
static int program_load(const struct bpf_insn *program, size_t count, char *log, size_t log_size)
{
	union bpf_attr attr = { 0 };
	int fd;

	attr.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
	attr.expected_attach_type = BPF_CGROUP_DEVICE;
	attr.insns = (uintptr_t)program;
	attr.insn_cnt = (uint32_t)count;
	attr.license = (uintptr_t) "Apache-2.0";
	memcpy(attr.prog_name, "orlop_devices", sizeof("orlop_devices"));
	if (log) {
		attr.log_level = 1;
		attr.log_buf = (uintptr_t)log;
		attr.log_size = (uint32_t)log_size;
	}
	fd = kernel_bpf(BPF_PROG_LOAD, &attr, sizeof(attr));
	return fd < 0 ? -errno : fd;
}

/* The complaint stands before the statistics line, at the end. */
static const char *log_last_line(char *log)
{
	char *statistics = strstr(log, "processed ");
	size_t length;
	char *line;

	if (statistics)
		*statistics = '\0';
	length = strlen(log);
	while (length > 0 && log[length - 1] == '\n')
		log[--length] = '\0';
	line = strrchr(log, '\n');
	return line ? line + 1 : log;
}

int devices_program_load(const struct bpf_insn *program, size_t count, struct error *err)
{
	char log[8192] = "";
	int fd = program_load(program, count, NULL, 0);

	/* The log costs time and can itself fail the call, so it is asked for only when there is a complaint to read. */
	if (fd == -EINVAL || fd == -EACCES || fd == -E2BIG || fd == -EFAULT)
		(void)fd_close(program_load(program, count, log, sizeof(log)));
	if (fd >= 0)
		return fd;
	log[sizeof(log) - 1] = '\0';
	if (log[0])
		return error_set(err, fd, "load the device program (%zu instructions; the kernel says: %s)", count,
				 log_last_line(log));
	return error_set(err, fd, "load the device program (%zu instructions)", count);
}

int devices_program_query(int cgroup_fd, uint32_t ids[DEVICES_PROGRAMS_MAX], struct error *err)
{
	union bpf_attr attr = { 0 };

	attr.query.target_fd = (uint32_t)cgroup_fd;
	attr.query.attach_type = BPF_CGROUP_DEVICE;
	attr.query.prog_ids = (uintptr_t)ids;
	attr.query.prog_cnt = DEVICES_PROGRAMS_MAX;
	if (kernel_bpf(BPF_PROG_QUERY, &attr, sizeof(attr)) < 0)
		return error_set(err, -errno, "ask for the device programs of the cgroup");
	return (int)attr.query.prog_cnt;
}

static int program_open(uint32_t id)
{
	union bpf_attr attr = { 0 };
	int fd;

	attr.prog_id = id;
	fd = kernel_bpf(BPF_PROG_GET_FD_BY_ID, &attr, sizeof(attr));
	return fd < 0 ? -errno : fd;
}

/* `replaced_fd`: FD_NONE to attach beside what is there. */
static int program_attach(int cgroup_fd, int program_fd, int replaced_fd)
{
	union bpf_attr attr = { 0 };

	attr.target_fd = (uint32_t)cgroup_fd;
	attr.attach_bpf_fd = (uint32_t)program_fd;
	attr.attach_type = BPF_CGROUP_DEVICE;
	attr.attach_flags = BPF_F_ALLOW_MULTI;
	if (replaced_fd >= 0) {
		attr.attach_flags |= BPF_F_REPLACE;
		attr.replace_bpf_fd = (uint32_t)replaced_fd;
	}
	return kernel_bpf(BPF_PROG_ATTACH, &attr, sizeof(attr)) < 0 ? -errno : 0;
}

static int program_detach(int cgroup_fd, uint32_t id, struct error *err)
{
	union bpf_attr attr = { 0 };
	_cleanup_(fd_cleanup) int fd = program_open(id);

	/* Gone already, or another's that we may not touch. */
	if (fd < 0)
		return 0;
	attr.target_fd = (uint32_t)cgroup_fd;
	attr.attach_bpf_fd = (uint32_t)fd;
	attr.attach_type = BPF_CGROUP_DEVICE;
	if (kernel_bpf(BPF_PROG_DETACH, &attr, sizeof(attr)) < 0 && errno != ENOENT)
		return error_set(err, -errno, "detach device program %u from the cgroup", id);
	return 0;
}

int devices_program_attach(int cgroup_fd, int program_fd, struct error *err)
{
	_cleanup_(fd_cleanup) int replaced = FD_NONE;
	uint32_t ids[DEVICES_PROGRAMS_MAX];
	int count = devices_program_query(cgroup_fd, ids, err);
	int r;

	if (count < 0)
		return count;
	if (count == 1)
		replaced = program_open(ids[0]);
	r = program_attach(cgroup_fd, program_fd, replaced);
	if (r < 0)
		return error_set(err, r, "attach the device program to the cgroup");
	if (replaced >= 0)
		return 0;
	for (int i = 0; i < count; i++) {
		r = program_detach(cgroup_fd, ids[i], err);
		if (r < 0)
			return r;
	}
	return 0;
}

int devices_apply(int cgroup_fd, const struct plan_device_rule *rules, size_t count, bool is_new, int *ret_program_fd,
		  struct error *err)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	const struct bpf_insn *program;
	size_t length;
	int fd, r = devices_program_build(rules, count, &arena, &program, &length);

	*ret_program_fd = FD_NONE;
	if (r == -E2BIG)
		return error_say(err, r, "too many device rules: %zu, at most %d can be kept", count,
				 DEVICES_RULES_MAX);
	if (r < 0)
		return error_set(err, r, "translate %zu device rules", count);
	fd = devices_program_load(program, length, err);
	if (fd < 0)
		return fd;
	*ret_program_fd = fd;
	if (!is_new)
		return devices_program_attach(cgroup_fd, fd, err);
	r = program_attach(cgroup_fd, fd, FD_NONE);
	return r < 0 ? error_set(err, r, "attach the device program to the cgroup") : 0;
}
