/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules on `linux.resources`. They hold for config.json and for `update --resources` alike, so each looks at values that stand in one
 * document only; what needs the limits of a whole config is a row of checks_linux.
 *
 * Not for: which controllers the host has, or units and conversions (libsandbox/cgroup).
 * Read: runtime-spec config-linux.md, "Control groups"; the kernel's cgroup-v2.rst.
 */
#include <string.h>

#include "libbase/text.h"
#include "libspec/check/check.h"
#include "libspec/check/rule.h"

#define RESOURCES "/linux/resources"

static const struct spec_resources *resources_of(const struct spec *spec)
{
	return spec->os_linux ? spec->os_linux->resources : NULL;
}

static void rule_memory_value(struct problems *problems, const char *path, struct opt_i64 value)
{
	if (value.set && value.value < -1)
		problem_error(problems, 0, path, "want bytes, or -1 for no limit, got %lld", (long long)value.value);
}

static void rule_memory(const struct spec *spec, struct problems *problems)
{
	const struct spec_resources *resources = resources_of(spec);

	if (!resources || !resources->memory)
		return;
	const struct spec_memory *memory = resources->memory;

	rule_memory_value(problems, RESOURCES "/memory/limit", memory->limit);
	rule_memory_value(problems, RESOURCES "/memory/reservation", memory->reservation);
	rule_memory_value(problems, RESOURCES "/memory/swap", memory->swap);
	if (memory->swappiness.set && memory->swappiness.value > 100)
		problem_error(problems, 0, RESOURCES "/memory/swappiness", "want 0 to 100, got %llu",
			      (unsigned long long)memory->swappiness.value);
}

void rule_memory_swap(const struct spec *spec, struct problems *problems)
{
	const struct spec_resources *resources = resources_of(spec);

	if (!resources || !resources->memory)
		return;
	int64_t limit = resources->memory->limit.value; /* absent is the same as 0 here: not limited by us */
	int64_t swap = resources->memory->swap.value;

	/* -1 is "no limit"; below that is told by rule_memory. */
	if (swap <= 0 || limit < 0)
		return;
	if (limit == 0)
		problem_error(problems, 0, RESOURCES "/memory/swap", "unable to set swap limit without memory limit");
	else if (swap < limit)
		problem_error(problems, 0, RESOURCES "/memory/swap",
			      "memory+swap limit should be >= memory limit, got %lld and %lld", (long long)swap,
			      (long long)limit);
}

/* CPU bandwidth bounds of the kernel (kernel/sched/core.c): 1 ms to 1 s, in microseconds. */
#define BANDWIDTH_MIN 1000
#define BANDWIDTH_MAX 1000000

static void rule_cpu(const struct spec *spec, struct problems *problems)
{
	const struct spec_resources *resources = resources_of(spec);

	if (!resources || !resources->cpu)
		return;
	const struct spec_cpu *cpu = resources->cpu;

	if (cpu->quota.value > 0 && cpu->quota.value < BANDWIDTH_MIN)
		problem_error(problems, 0, RESOURCES "/cpu/quota",
			      "want at least %d microseconds, or 0 or less for no limit, got %lld", BANDWIDTH_MIN,
			      (long long)cpu->quota.value);
	if (cpu->period.value != 0 && (cpu->period.value < BANDWIDTH_MIN || cpu->period.value > BANDWIDTH_MAX))
		problem_error(problems, 0, RESOURCES "/cpu/period", "want %d to %d microseconds, got %llu",
			      BANDWIDTH_MIN, BANDWIDTH_MAX, (unsigned long long)cpu->period.value);
	if (cpu->quota.value > 0 && cpu->burst.value > (uint64_t)cpu->quota.value)
		problem_error(problems, 0, RESOURCES "/cpu/burst", "want at most the quota %lld, got %llu",
			      (long long)cpu->quota.value, (unsigned long long)cpu->burst.value);
	if (cpu->idle.set && cpu->idle.value != 0 && cpu->idle.value != 1)
		problem_error(problems, 0, RESOURCES "/cpu/idle", "want 0 or 1, got %lld", (long long)cpu->idle.value);
	rule_ranges(problems, RESOURCES "/cpu/cpus", cpu->cpus);
	rule_ranges(problems, RESOURCES "/cpu/mems", cpu->mems);
}

static void rule_weight(struct problems *problems, const char *path, struct opt_u16 weight)
{
	/* 0 is how engines say "not set". */
	if (weight.set && weight.value != 0 && (weight.value < 10 || weight.value > 1000))
		problem_error(problems, 0, path, "want 10 to 1000, or 0 for none, got %u", weight.value);
}

static void rule_device_number(struct problems *problems, const char *path, int64_t major, int64_t minor)
{
	if (major < 0)
		problem_error(problems, 0, rule_path("%s/major", path).text, "want 0 or more, got %lld",
			      (long long)major);
	if (minor < 0)
		problem_error(problems, 0, rule_path("%s/minor", path).text, "want 0 or more, got %lld",
			      (long long)minor);
}

static void rule_throttle(struct problems *problems, const char *member, const struct spec_throttle_devices *devices)
{
	for (size_t i = 0; i < devices->count; i++)
		rule_device_number(problems, rule_path(RESOURCES "/blockIO/%s/%zu", member, i).text,
				   devices->items[i].major, devices->items[i].minor);
}

static void rule_block_io(const struct spec *spec, struct problems *problems)
{
	const struct spec_resources *resources = resources_of(spec);

	if (!resources || !resources->block_io)
		return;
	const struct spec_block_io *block_io = resources->block_io;

	rule_weight(problems, RESOURCES "/blockIO/weight", block_io->weight);
	for (size_t i = 0; i < block_io->weight_device.count; i++) {
		const struct spec_weight_device *device = &block_io->weight_device.items[i];
		struct rule_path path = rule_path(RESOURCES "/blockIO/weightDevice/%zu", i);

		rule_device_number(problems, path.text, device->major, device->minor);
		rule_weight(problems, rule_path("%s/weight", path.text).text, device->weight);
		if (!device->weight.set && !device->leaf_weight.set)
			problem_warning(problems, 0, path.text,
					"has no effect: neither weight nor leafWeight is given");
	}
	rule_throttle(problems, "throttleReadBpsDevice", &block_io->throttle_read_bps);
	rule_throttle(problems, "throttleWriteBpsDevice", &block_io->throttle_write_bps);
	rule_throttle(problems, "throttleReadIOPSDevice", &block_io->throttle_read_iops);
	rule_throttle(problems, "throttleWriteIOPSDevice", &block_io->throttle_write_iops);
}

/* ^[1-9][0-9]*[KMG]B$ */
static bool is_page_size(const char *text)
{
	if (text[0] < '1' || text[0] > '9')
		return false;
	const char *unit = text + strspn(text, "0123456789");

	return (unit[0] == 'K' || unit[0] == 'M' || unit[0] == 'G') && text_equal(unit + 1, "B");
}

static void rule_hugepages(const struct spec *spec, struct problems *problems)
{
	const struct spec_resources *resources = resources_of(spec);

	for (size_t i = 0; resources && i < resources->hugepage_limits.count; i++) {
		const char *size = resources->hugepage_limits.items[i].page_size;

		if (size && !is_page_size(size))
			problem_error(problems, 0, rule_path(RESOURCES "/hugepageLimits/%zu/pageSize", i).text,
				      "want a size like 64KB, 2MB or 1GB, got '%s'", rule_quote(size).text);
	}
}

static void rule_rdma(const struct spec *spec, struct problems *problems)
{
	const struct spec_resources *resources = resources_of(spec);

	/* rdma.max is a line of words: a blank in the name would change what is limited. */
	for (size_t i = 0; resources && i < resources->rdma.count; i++) {
		const char *key = resources->rdma.items[i].key;

		if (text_is_empty(key) || strpbrk(key, " \t\n/"))
			problem_error(problems, 0, rule_key_path(RESOURCES "/rdma", key ? key : "").text,
				      "want the name of a device, got '%s'", rule_quote(key).text);
	}
}

/* Files of the cgroup core that move, kill or freeze processes or change the tree, which is the runtime's own business. */
static const char *const unified_refused[] = {
	"cgroup.procs", "cgroup.threads", "cgroup.kill", "cgroup.freeze", "cgroup.subtree_control", "cgroup.type",
};

/* Every file of a cgroup is named in printable ASCII without blanks. */
static bool is_file_name(const char *key)
{
	for (; *key; key++) {
		if (*key <= ' ' || *key > '~')
			return false;
	}
	return true;
}

static void rule_unified_key(struct problems *problems, const char *key)
{
	struct rule_path path = rule_key_path(RESOURCES "/unified", key);
	const char *dot = strchr(key, '.');

	if (strchr(key, '/')) {
		problem_error(problems, 0, path.text, "unified resource \"%s\" must be a file name (no slashes)",
			      rule_quote(key).text);
		return;
	}
	if (!is_file_name(key)) {
		problem_error(problems, 0, path.text, "unified resource \"%s\" must be a file name (no blanks)",
			      rule_quote(key).text);
		return;
	}
	if (!dot || dot == key || !dot[1]) {
		problem_error(problems, 0, path.text,
			      "unified resource \"%s\" must be in the form CONTROLLER.PARAMETER", rule_quote(key).text);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(unified_refused); i++) {
		if (text_equal(key, unified_refused[i]))
			problem_error(problems, 0, path.text,
				      "unified resource \"%s\" can't be set: only the runtime may", key);
	}
}

static void rule_unified(const struct spec *spec, struct problems *problems)
{
	const struct spec_resources *resources = resources_of(spec);

	for (size_t i = 0; resources && i < resources->unified.count; i++)
		rule_unified_key(problems, resources->unified.items[i].key);
}

static void rule_device_rule(struct problems *problems, size_t at, const struct spec_device_rule *rule)
{
	struct rule_path path = rule_path(RESOURCES "/devices/%zu", at);

	if (rule->type == DEVICE_UNBUFFERED || rule->type == DEVICE_FIFO)
		problem_error(problems, 0, rule_path("%s/type", path.text).text,
			      "want a, b or c: invalid cgroup device type \"%s\"",
			      name_text(&names_device_types, rule->type));
	if (rule->access && !rule->access[0])
		problem_error(problems, 0, rule_path("%s/access", path.text).text,
			      "device access at %zu field cannot be empty", at);
	else if (rule->access && rule->access[strspn(rule->access, "rwm")])
		problem_error(problems, 0, rule_path("%s/access", path.text).text, "want letters of 'rwm', got '%s'",
			      rule_quote(rule->access).text);
	if (rule->major.set && rule->major.value < -1)
		problem_error(problems, 0, rule_path("%s/major", path.text).text,
			      "want a number, or -1 for all, got %lld", (long long)rule->major.value);
	if (rule->minor.set && rule->minor.value < -1)
		problem_error(problems, 0, rule_path("%s/minor", path.text).text,
			      "want a number, or -1 for all, got %lld", (long long)rule->minor.value);
}

static void rule_device_rules(const struct spec *spec, struct problems *problems)
{
	const struct spec_resources *resources = resources_of(spec);

	for (size_t i = 0; resources && i < resources->devices.count; i++)
		rule_device_rule(problems, i, &resources->devices.items[i]);
}

static void warn_v1(struct problems *problems, bool asked, const char *path)
{
	if (asked)
		problem_warning(problems, 0, path, "has no effect: cgroup v2 has no such setting");
}

static void rule_v1_only(const struct spec *spec, struct problems *problems)
{
	const struct spec_resources *resources = resources_of(spec);

	if (!resources)
		return;
	if (resources->memory) {
		const struct spec_memory *memory = resources->memory;

		/* runc's words, for those who look for them. */
		if (memory->kernel.set || memory->kernel_tcp.set)
			problem_warning(problems, 0, RESOURCES "/memory",
					"Kernel memory settings are ignored and will be removed");
		warn_v1(problems, memory->swappiness.set, RESOURCES "/memory/swappiness");
		warn_v1(problems, memory->disable_oom_killer.value, RESOURCES "/memory/disableOOMKiller");
		warn_v1(problems, memory->use_hierarchy.set && !memory->use_hierarchy.value,
			RESOURCES "/memory/useHierarchy");
	}
	if (resources->cpu) {
		/* Engines write 0 for "not set". */
		warn_v1(problems, resources->cpu->realtime_runtime.value != 0, RESOURCES "/cpu/realtimeRuntime");
		warn_v1(problems, resources->cpu->realtime_period.value != 0, RESOURCES "/cpu/realtimePeriod");
	}
	if (resources->block_io) {
		const struct spec_block_io *block_io = resources->block_io;

		warn_v1(problems, block_io->leaf_weight.value != 0, RESOURCES "/blockIO/leafWeight");
		for (size_t i = 0; i < block_io->weight_device.count; i++)
			warn_v1(problems, block_io->weight_device.items[i].leaf_weight.value != 0,
				rule_path(RESOURCES "/blockIO/weightDevice/%zu/leafWeight", i).text);
	}
	if (resources->network) {
		warn_v1(problems, resources->network->class_id.value != 0, RESOURCES "/network/classID");
		warn_v1(problems, resources->network->priorities.count > 0, RESOURCES "/network/priorities");
	}
}

const struct check_row checks_resources[] = {
	{ "resources-devices", "a device rule has type a, b or c, access letters of rwm, and numbers of at least -1",
	  rule_device_rules },
	{ "resources-memory", "memory values are bytes or -1, swappiness is from 0 to 100", rule_memory },
	{ "resources-cpu",
	  "cpu period and quota are in the kernel's range, burst is not above quota, idle is 0 or 1, lists are like "
	  "0-3,7",
	  rule_cpu },
	{ "resources-block-io", "block I/O weights are 0 or from 10 to 1000, device numbers are not negative",
	  rule_block_io },
	{ "resources-hugepages", "a huge page size is like 2MB", rule_hugepages },
	{ "resources-rdma", "an RDMA device has a name of one word", rule_rdma },
	{ "resources-unified",
	  "a unified key is CONTROLLER.PARAMETER without blanks or slashes, and none of the cgroup core's own files",
	  rule_unified },
	{ "resources-v1-only", "warns of settings that only cgroup v1 has", rule_v1_only },
};
const size_t checks_resources_count = ARRAY_SIZE(checks_resources);
