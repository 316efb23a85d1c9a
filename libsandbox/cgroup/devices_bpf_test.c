/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program against the meaning of the list, on an interpreter of its few instructions; then in the kernel, on a cgroup of its own.
 */
#include "libsandbox/cgroup/devices_bpf.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conformance/unit/check.h"
#include "libbase/fd.h"
#include "libbase/text.h"

#define RULE(allowed, kind, at_major, at_minor, r, w, m)                                                   \
	{                                                                                                  \
		.allow = (allowed), .type = (kind), .major = (at_major), .minor = (at_minor), .read = (r), \
		.write = (w), .mknod = (m)                                                                 \
	}

struct request {
	bool block;
	uint32_t major, minor;
	uint32_t access; /* BPF_DEVCG_ACC_* */
};

/* -- what a list means, rule by rule ------------------------------------------------------------------------------------------ */

static bool rule_names(const struct plan_device_rule *rule, const struct request *request, uint32_t bit)
{
	if ((rule->type == 'c' && request->block) || (rule->type == 'b' && !request->block))
		return false;
	if (rule->major >= 0 && rule->major != request->major)
		return false;
	if (rule->minor >= 0 && rule->minor != request->minor)
		return false;
	return (bit == BPF_DEVCG_ACC_READ && rule->read) || (bit == BPF_DEVCG_ACC_WRITE && rule->write) ||
	       (bit == BPF_DEVCG_ACC_MKNOD && rule->mknod);
}

static bool list_allows(const struct plan_device_rule *rules, size_t count, const struct request *request)
{
	for (uint32_t bit = 1; bit <= 4; bit <<= 1) {
		bool allowed = false;

		if (!(request->access & bit))
			continue;
		for (size_t i = 0; i < count; i++) {
			if (rule_names(&rules[i], request, bit))
				allowed = rules[i].allow;
		}
		if (!allowed)
			return false;
	}
	return true;
}

/* -- the interpreter ------------------------------------------------------------------------------------------------------------ */

static uint64_t field_of(const struct request *request, int offset)
{
	if (offset == 0)
		return request->access << 16 | (request->block ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR);
	CHECK(offset == 4 || offset == 8);
	return offset == 4 ? request->major : request->minor;
}

/* One instruction; returns how far to jump beside the step to the next. */
static int insn_run(const struct bpf_insn *insn, uint64_t registers[11], const struct request *request)
{
	uint64_t *to = &registers[insn->dst_reg];
	const uint32_t immediate = (uint32_t)insn->imm;

	switch (insn->code) {
	case BPF_LDX | BPF_MEM | BPF_W:
		CHECK_INT(insn->src_reg, 1);
		*to = field_of(request, insn->off);
		return 0;
	case BPF_ALU | BPF_AND | BPF_K:
		*to = (uint32_t)*to & immediate;
		return 0;
	case BPF_ALU | BPF_RSH | BPF_K:
		*to = (uint32_t)*to >> immediate;
		return 0;
	case BPF_ALU64 | BPF_MOV | BPF_K:
		*to = (uint64_t)(int64_t)insn->imm;
		return 0;
	case BPF_JMP32 | BPF_JNE | BPF_K:
		return (uint32_t)*to != immediate ? insn->off : 0;
	case BPF_JMP32 | BPF_JSET | BPF_K:
		return (uint32_t)*to & immediate ? insn->off : 0;
	case BPF_JMP | BPF_JA:
		return insn->off;
	default:
		check_fail(__FILE__, __LINE__, "instruction 0x%x", insn->code);
	}
}

static bool program_allows(const struct bpf_insn *program, size_t count, const struct request *request)
{
	uint64_t registers[11];

	memset(registers, 0xa5, sizeof(registers));
	for (size_t at = 0; at < count; at++) {
		if (program[at].code == (BPF_JMP | BPF_EXIT)) {
			CHECK(registers[0] <= 1);
			return registers[0];
		}
		int jump = insn_run(&program[at], registers, request);

		CHECK(jump >= 0);
		at += (size_t)jump;
	}
	check_fail(__FILE__, __LINE__, "ran off the end");
}

static uint64_t random_next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* Few numbers, so that rules meet; the extremes of 32 bits and one beyond, where signs and widths go wrong. */
static int64_t random_number(uint64_t *state, bool rule)
{
	static const int64_t numbers[] = { 0,          1,  2,  3,  0x7fffffff,          0x80000000,
					   0xffffffff, -1, -1, -1, INT64_C(0x100000001) };

	return numbers[random_next(state) % (rule ? ARRAY_SIZE(numbers) : 7)];
}

static void rules_random(uint64_t *state, struct plan_device_rule *rules, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		uint64_t access = random_next(state) % 10;

		rules[i] = (struct plan_device_rule)RULE(random_next(state) & 1, "abc"[random_next(state) % 3],
							 random_number(state, true), random_number(state, true),
							 (access & 1) || access > 7, (access & 2) || access > 7,
							 (access & 4) || access > 7);
	}
}

static void lists_compare(const struct plan_device_rule *rules, size_t rule_count, uint64_t *state, size_t requests)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	const struct bpf_insn *program;
	size_t count;

	CHECK_INT(devices_program_build(rules, rule_count, &arena, &program, &count), 0);
	for (size_t i = 0; i < requests; i++) {
		const struct request request = { .block = random_next(state) & 1,
						 .major = (uint32_t)random_number(state, false),
						 .minor = (uint32_t)random_number(state, false),
						 .access = (uint32_t)(random_next(state) % 8) };

		if (program_allows(program, count, &request) != list_allows(rules, rule_count, &request))
			check_fail(__FILE__, __LINE__, "%zu rules: %c %u:%u access %u", rule_count,
				   request.block ? 'b' : 'c', request.major, request.minor, request.access);
	}
}

TEST(programs_mean_what_lists_mean)
{
	struct plan_device_rule rules[12];
	uint64_t state = 0x9e3779b97f4a7c15;

	for (int i = 0; i < 20000; i++) {
		size_t count = random_next(&state) % (ARRAY_SIZE(rules) + 1);

		rules_random(&state, rules, count);
		lists_compare(rules, count, &state, 60);
	}
}

static size_t program_length(const struct plan_device_rule *rules, size_t count)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	const struct bpf_insn *program;
	size_t length = 0;

	CHECK_INT(devices_program_build(rules, count, &arena, &program, &length), 0);
	return length;
}

TEST(programs_are_compact)
{
	static const struct plan_device_rule deny_all = RULE(false, 'a', -1, -1, true, true, true);
	static const struct plan_device_rule shadowed[] = {
		RULE(true, 'c', 1, 3, true, true, true),
		RULE(false, 'b', 8, 0, true, false, false),
		RULE(true, 'a', -1, -1, true, true, true),
	};
	static const struct plan_device_rule one[] = { RULE(false, 'a', -1, -1, true, true, true),
						       RULE(true, 'c', 1, 3, true, true, true) };
	size_t empty = program_length(NULL, 0);

	CHECK(empty <= 9);
	/* Denying at the start says nothing; what stands before an all-allowing rule is never asked. */
	CHECK_INT(program_length(&deny_all, 1), (int64_t)empty);
	CHECK_INT(program_length(shadowed, 3), (int64_t)empty - 1 + 2);
	CHECK_INT(program_length(one, 2), (int64_t)empty + 7);
}

TEST(too_many_rules)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	struct plan_device_rule *rules = arena_calloc(&arena, DEVICES_RULES_MAX + 2, sizeof(*rules));
	const struct bpf_insn *program;
	struct error err;
	size_t count;
	int fd;

	CHECK(rules);
	for (size_t i = 0; i < DEVICES_RULES_MAX + 2; i++)
		rules[i] = (struct plan_device_rule)RULE(true, 'c', (int64_t)i, 1, true, true, true);
	rules[0].allow = false;
	CHECK_INT(devices_program_build(rules, DEVICES_RULES_MAX + 1, &arena, &program, &count), 0);
	CHECK_INT(devices_program_build(rules, DEVICES_RULES_MAX + 2, &arena, &program, &count), -E2BIG);
	ERROR_INIT(&err);
	CHECK_INT(devices_apply(FD_NONE, rules, DEVICES_RULES_MAX + 2, false, &fd, &err), -E2BIG);
	CHECK_INT(fd, FD_NONE);
	CHECK_HAS(err.text, "too many device rules");
}

/* -- the kernel ------------------------------------------------------------------------------------------------------------------ */

static int load_or_skip(const struct bpf_insn *program, size_t count)
{
	struct error err;

	ERROR_INIT(&err);
	int fd = devices_program_load(program, count, &err);

	if (fd == -EPERM)
		check_skip("no right to load BPF programs");
	if (fd < 0)
		check_fail(__FILE__, __LINE__, "%s", err.text);
	return fd;
}

TEST(the_kernel_takes_every_program)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	const struct bpf_insn *program;
	struct plan_device_rule rules[40];
	uint64_t state = 42;
	size_t count;

	for (int i = 0; i < 300; i++) {
		size_t rule_count = random_next(&state) % (ARRAY_SIZE(rules) + 1);

		rules_random(&state, rules, rule_count);
		CHECK_INT(devices_program_build(rules, rule_count, &arena, &program, &count), 0);
		fd_close(load_or_skip(program, count));
	}
}

/* Every shape at its worst: other numbers and other accesses in each rule leave the verifier the least to cut short. */
TEST(the_kernel_takes_the_longest_program)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	struct plan_device_rule *rules = arena_calloc(&arena, DEVICES_RULES_MAX, sizeof(*rules));
	const struct bpf_insn *program;
	size_t count;

	CHECK(rules);
	for (int shape = 0; shape < 3; shape++) {
		for (size_t i = 0; i < DEVICES_RULES_MAX; i++) {
			rules[i] = (struct plan_device_rule)RULE(shape != 2 || i == 0 || i % 2, i % 3 ? 'c' : 'b',
								 (int64_t)i, (int64_t)i + 5, true, true, false);
			if (shape > 0)
				rules[i].write = i % 5 > 1;
		}
		CHECK_INT(devices_program_build(rules, DEVICES_RULES_MAX, &arena, &program, &count), 0);
		fd_close(load_or_skip(program, count));
	}
}

TEST(the_verifier_is_quoted)
{
	/* Falls off its end without an answer. */
	static const struct bpf_insn program[] = { { .code = BPF_JMP | BPF_EXIT } };
	struct error err;
	int fd;

	ERROR_INIT(&err);
	fd = devices_program_load(program, 1, &err);
	if (fd == -EPERM)
		check_skip("no right to load BPF programs");
	CHECK_INT(fd, -EACCES);
	CHECK_HAS(err.text, "load the device program (1 instructions; the kernel says: R0 !read_ok");
}

static const char *const tree_places[] = { "/sys/fs/cgroup/cgroup.procs", "/sys/fs/cgroup/unified/cgroup.procs" };

struct cgroup {
	char path[200];
	int fd;
};

static void cgroup_cleanup(struct cgroup *cgroup)
{
	fd_close(cgroup->fd);
	if (cgroup->path[0])
		rmdir(cgroup->path);
}

static void cgroup_make_or_skip(struct cgroup *cgroup)
{
	for (size_t i = 0; i < ARRAY_SIZE(tree_places); i++) {
		const char *place = tree_places[i];

		if (access(place, W_OK) < 0)
			continue;
		snprintf(cgroup->path, sizeof(cgroup->path), "%.*s/orlop-test-devices-%d",
			 (int)(strrchr(place, '/') - place), place, (int)getpid());
		if (mkdir(cgroup->path, 0755) < 0) {
			cgroup->path[0] = '\0';
			continue;
		}
		cgroup->fd = open(cgroup->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		CHECK(cgroup->fd >= 0);
		return;
	}
	check_skip("no cgroup2 tree to write to");
}

/* Runs in a child inside the cgroup. Exit status: bits of what was refused with EPERM; 64: something else happened. */
enum { NULL_RW = 1, ZERO_R = 2, ZERO_W = 4, FULL_RW = 8, MKNOD = 16 };

static int open_refused(const char *path, int flags, int bit)
{
	int fd = open(path, flags | O_CLOEXEC);

	if (fd >= 0)
		return close(fd), 0;
	return errno == EPERM ? bit : 64;
}

static int probes_run(int cgroup_fd)
{
	char node[] = "/tmp/orlop-test-node-XXXXXX";
	int procs = openat(cgroup_fd, "cgroup.procs", O_WRONLY | O_CLOEXEC);
	int refused = 0, fd;

	if (procs < 0 || write(procs, "0", 1) != 1)
		return 64;
	refused |= open_refused("/dev/null", O_RDWR, NULL_RW);
	refused |= open_refused("/dev/zero", O_RDONLY, ZERO_R);
	refused |= open_refused("/dev/zero", O_WRONLY, ZERO_W);
	refused |= open_refused("/dev/full", O_RDWR, FULL_RW);
	fd = mkstemp(node);
	if (fd < 0 || close(fd) < 0 || unlink(node) < 0)
		return 64;
	if (mknod(node, S_IFCHR | 0600, makedev(1, 5)) < 0)
		refused |= errno == EPERM ? MKNOD : 64;
	else
		unlink(node);
	return refused;
}

static int probes_in(const struct cgroup *cgroup)
{
	int status = 0;
	pid_t pid = fork();

	CHECK(pid >= 0);
	if (pid == 0)
		_exit(probes_run(cgroup->fd));
	CHECK(waitpid(pid, &status, 0) == pid);
	CHECK(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void apply_or_skip(const struct cgroup *cgroup, const struct plan_device_rule *rules, size_t count)
{
	_cleanup_(fd_cleanup) int fd = FD_NONE;
	struct error err;
	int r;

	ERROR_INIT(&err);
	r = devices_apply(cgroup->fd, rules, count, false, &fd, &err);
	if (r == -EPERM)
		check_skip("no right to load or attach BPF programs");
	if (r < 0)
		check_fail(__FILE__, __LINE__, "%s", err.text);
}

TEST(a_cgroup_keeps_its_rules)
{
	static const struct plan_device_rule first[] = {
		RULE(false, 'a', -1, -1, true, true, true),  RULE(true, 'c', 1, 3, true, true, true),
		RULE(true, 'c', 1, 7, true, false, false),   RULE(true, 'c', 1, 7, false, true, false),
		RULE(true, 'c', -1, -1, false, false, true),
	};
	static const struct plan_device_rule second[] = {
		RULE(true, 'a', -1, -1, true, true, true),
		RULE(false, 'c', 1, 5, false, true, true),
	};
	_cleanup_(cgroup_cleanup) struct cgroup cgroup = { .fd = FD_NONE };
	uint32_t ids[DEVICES_PROGRAMS_MAX], old_id;

	if (geteuid() != 0)
		check_skip("needs root");
	cgroup_make_or_skip(&cgroup);
	if (probes_in(&cgroup) != 0)
		check_skip("devices are restricted here already");
	CHECK_INT(devices_program_query(cgroup.fd, ids, NULL), 0);

	apply_or_skip(&cgroup, first, ARRAY_SIZE(first));
	CHECK_INT(devices_program_query(cgroup.fd, ids, NULL), 1);
	/* full is opened for reading and writing at once: two rules together allow it. */
	CHECK_INT(probes_in(&cgroup), ZERO_R | ZERO_W);

	old_id = ids[0];
	apply_or_skip(&cgroup, second, ARRAY_SIZE(second));
	CHECK_INT(devices_program_query(cgroup.fd, ids, NULL), 1);
	CHECK(ids[0] != old_id);
	CHECK_INT(probes_in(&cgroup), ZERO_W | MKNOD);

	apply_or_skip(&cgroup, NULL, 0);
	CHECK_INT(probes_in(&cgroup), NULL_RW | ZERO_R | ZERO_W | FULL_RW | MKNOD);
}

TEST(attach_says_what_failed)
{
	_cleanup_(fd_cleanup) int not_a_cgroup = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct error err;

	ERROR_INIT(&err);
	CHECK(devices_program_attach(not_a_cgroup, not_a_cgroup, &err) < 0);
	CHECK_HAS(err.text, "ask for the device programs of the cgroup");
}
