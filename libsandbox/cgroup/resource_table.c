/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rows, and what can be told from a row and a text alone. See resource_table.h.
 *
 * Not for: turning the spec's numbers into texts (resource_convert.c); collecting the limits of one container (plan/limits.c).
 * Read: the kernel's cgroup-v2.rst; systemd.resource-control(5).
 */
#include "libsandbox/cgroup/resource_table.h"

#include <errno.h>
#include <string.h>

#include "libbase/text.h"
#include "libsandbox/cgroup/resource_convert.h"

static const char *const controller_names[] = {
	[CONTROLLER_CPU] = "cpu",   [CONTROLLER_CPUSET] = "cpuset", [CONTROLLER_MEMORY] = "memory",
	[CONTROLLER_IO] = "io",     [CONTROLLER_PIDS] = "pids",     [CONTROLLER_HUGETLB] = "hugetlb",
	[CONTROLLER_RDMA] = "rdma", [CONTROLLER_MISC] = "misc",
};

const char *resource_controller_name(int controller)
{
	if (controller <= 0 || (size_t)controller >= ARRAY_SIZE(controller_names))
		return NULL;
	return controller_names[controller];
}

int resource_controller_of_file(const char *file)
{
	size_t length = strcspn(file, ".");

	for (int i = 1; (size_t)i < ARRAY_SIZE(controller_names); i++) {
		if (strlen(controller_names[i]) == length && strncmp(controller_names[i], file, length) == 0)
			return i;
	}
	return 0;
}

/*
 * The order of writing. A fresh cgroup takes any order but for the lines with a comment; a live one may refuse a value until a later one
 * is written (a burst above the old quota), which the writer meets by a second round.
 */
const struct resource_row resource_rows[] = {
	{ .field = "/pids/limit",
	  .file = "pids.max",
	  .controller = CONTROLLER_PIDS,
	  .property = "TasksMax",
	  .property_type = PROPERTY_U64,
	  .number_least = 1,
	  .option = "--pids-limit",
	  .nothing = "max",
	  .convert = resource_convert_pids },
	{ .field = "",
	  .file = "memory.min",
	  .controller = CONTROLLER_MEMORY,
	  .property = "MemoryMin",
	  .property_type = PROPERTY_U64 },
	{ .field = "/memory/reservation",
	  .file = "memory.low",
	  .controller = CONTROLLER_MEMORY,
	  .property = "MemoryLow",
	  .property_type = PROPERTY_U64,
	  .option = "--memory-reservation",
	  .nothing = "max", /* what -1 becomes, and v1's soft limit of -1 asks for nothing */
	  .convert = resource_convert_memory_low },
	/* Before the limits that make the kernel reclaim: what has to go may go to swap. */
	{ .field = "/memory/swap",
	  .file = "memory.swap.max",
	  .controller = CONTROLLER_MEMORY,
	  .property = "MemorySwapMax",
	  .property_type = PROPERTY_U64,
	  .option = "--memory-swap",
	  .nothing = "max",
	  .convert = resource_convert_memory_swap },
	{ .field = "",
	  .file = "memory.zswap.max",
	  .controller = CONTROLLER_MEMORY,
	  .property = "MemoryZSwapMax",
	  .property_type = PROPERTY_U64,
	  .systemd_since = 253 },
	{ .field = "",
	  .file = "memory.high",
	  .controller = CONTROLLER_MEMORY,
	  .property = "MemoryHigh",
	  .property_type = PROPERTY_U64 },
	{ .field = "/memory/limit",
	  .file = "memory.max",
	  .controller = CONTROLLER_MEMORY,
	  .property = "MemoryMax",
	  .property_type = PROPERTY_U64,
	  .option = "--memory",
	  .nothing = "max",
	  .convert = resource_convert_memory_max },
	{ .field = "",
	  .file = "memory.oom.group",
	  .controller = CONTROLLER_MEMORY,
	  .property = "OOMPolicy",
	  .property_type = PROPERTY_OOM_POLICY,
	  .systemd_since = 253 },
	{ .field = "/blockIO/weight",
	  .file = "io.weight",
	  .controller = CONTROLLER_IO,
	  .property = "IOWeight",
	  .property_type = PROPERTY_U64,
	  .number_least = 1,
	  .option = "--blkio-weight",
	  .nothing = "100",
	  .convert = resource_convert_io_weight },
	{ .field = "/blockIO/weight /blockIO/weightDevice",
	  .file = "io.bfq.weight",
	  .controller = CONTROLLER_IO,
	  .option = "--blkio-weight",
	  .nothing = "100",
	  .convert = resource_convert_io_bfq_weight },
	{ .field = "/blockIO/throttleReadBpsDevice /blockIO/throttleWriteBpsDevice /blockIO/throttleReadIOPSDevice "
		   "/blockIO/throttleWriteIOPSDevice",
	  .file = "io.max",
	  .controller = CONTROLLER_IO,
	  .nothing = "max",
	  .convert = resource_convert_io_max },
	/* Before cpu.idle: an idle group refuses a weight. */
	{ .field = "/cpu/shares",
	  .file = "cpu.weight",
	  .controller = CONTROLLER_CPU,
	  .property = "CPUWeight",
	  .property_type = PROPERTY_U64,
	  .number_least = 1,
	  .option = "--cpu-share",
	  .nothing = "100",
	  .convert = resource_convert_cpu_weight },
	{ .field = "/cpu/idle",
	  .file = "cpu.idle",
	  .controller = CONTROLLER_CPU,
	  .property = "CPUWeight",
	  .property_type = PROPERTY_CPU_IDLE,
	  .systemd_since = 252,
	  .option = "--cpu-idle",
	  .nothing = "0",
	  .convert = resource_convert_cpu_idle },
	{ .field = "/cpu/quota /cpu/period",
	  .file = "cpu.max",
	  .controller = CONTROLLER_CPU,
	  .property = "CPUQuotaPerSecUSec",
	  .property_2 = "CPUQuotaPeriodUSec",
	  .property_type = PROPERTY_USEC_PER_SEC,
	  .option = "--cpu-quota --cpu-period",
	  .nothing = "max",
	  .convert = resource_convert_cpu_max },
	{ .field = "/cpu/burst",
	  .file = "cpu.max.burst",
	  .controller = CONTROLLER_CPU,
	  .option = "--cpu-burst",
	  .nothing = "0",
	  .convert = resource_convert_cpu_burst },
	{ .field = "/cpu/cpus",
	  .file = "cpuset.cpus",
	  .controller = CONTROLLER_CPUSET,
	  .property = "AllowedCPUs",
	  .property_type = PROPERTY_CPU_SET,
	  .option = "--cpuset-cpus",
	  .convert = resource_convert_cpuset_cpus },
	{ .field = "/cpu/mems",
	  .file = "cpuset.mems",
	  .controller = CONTROLLER_CPUSET,
	  .property = "AllowedMemoryNodes",
	  .property_type = PROPERTY_CPU_SET,
	  .option = "--cpuset-mems",
	  .convert = resource_convert_cpuset_mems },
	/* The spec wants the limit on reservations set before the one on use. */
	{ .field = "/hugepageLimits",
	  .file = "hugetlb.*.rsvd.max",
	  .controller = CONTROLLER_HUGETLB,
	  .nothing = "max",
	  .convert = resource_convert_hugetlb_rsvd },
	{ .field = "/hugepageLimits",
	  .file = "hugetlb.*.max",
	  .controller = CONTROLLER_HUGETLB,
	  .nothing = "max",
	  .convert = resource_convert_hugetlb },
	{ .field = "/rdma", .file = "rdma.max", .controller = CONTROLLER_RDMA, .convert = resource_convert_rdma },
};
const size_t resource_rows_count = ARRAY_SIZE(resource_rows);

/* The star stands for one part between dots. */
static bool file_matches(const char *pattern, const char *file)
{
	const char *star = strchr(pattern, '*');

	if (!star)
		return text_equal(pattern, file);
	size_t before = (size_t)(star - pattern);

	if (strncmp(pattern, file, before) != 0)
		return false;
	size_t part = strcspn(file + before, ".");

	return part > 0 && text_equal(star + 1, file + before + part);
}

const struct resource_row *resource_row_of_file(const char *file)
{
	for (size_t i = 0; i < resource_rows_count; i++) {
		if (file_matches(resource_rows[i].file, file))
			return &resource_rows[i];
	}
	return NULL;
}

/* Copies what stands between blanks at both ends; false when it does not fit or is nothing. The kernel takes such blanks too. */
static bool value_trim(const char *value, char *to, size_t size)
{
	value += strspn(value, " \t\n");
	size_t length = strlen(value);

	while (length > 0 && strchr(" \t\n", value[length - 1]))
		length--;
	if (length == 0 || length >= size)
		return false;
	memcpy(to, value, length);
	to[length] = '\0';
	return true;
}

/* The kernel reads memory sizes with these suffixes. Changes `text`. */
static unsigned int suffix_take(char *text)
{
	static const char suffixes[] = "KMGTPE";
	size_t last = strlen(text) - 1;
	const char *suffix = text[last] ? strchr(suffixes, text[last] & ~0x20) : NULL;

	if (!suffix || last == 0)
		return 0;
	text[last] = '\0';
	return (unsigned int)(suffix - suffixes + 1) * 10;
}

static bool number_parse(const struct resource_row *row, char *text, uint64_t *ret)
{
	uint64_t number;
	unsigned int shift = 0;

	if (text_equal(text, "max")) {
		*ret = UINT64_MAX;
		return true;
	}
	if (row->controller == CONTROLLER_MEMORY)
		shift = suffix_take(text);
	if (number_parse_u64(text, UINT64_MAX >> shift, &number) < 0)
		return false;
	number <<= shift;
	*ret = number < row->number_least ? row->number_least : number;
	return true;
}

#define CPU_PERIOD_DEFAULT_US UINT64_C(100000)
#define QUOTA_STEP_US         UINT64_C(10000) /* systemd keeps whole percents of a second */

/* Rounded up: children of the unit can then be given all that was asked for. */
static uint64_t quota_per_second(uint64_t quota_us, uint64_t period_us)
{
	uint64_t product;

	if (__builtin_mul_overflow(quota_us, 1000000, &product))
		return UINT64_MAX;
	return (product / period_us + QUOTA_STEP_US - 1) / QUOTA_STEP_US * QUOTA_STEP_US;
}

bool resource_cpu_max_parse(const char *value, uint64_t *quota_us, uint64_t *period_us)
{
	char text[64];
	uint64_t quota = UINT64_MAX, period = CPU_PERIOD_DEFAULT_US;

	if (!value_trim(value, text, sizeof(text)))
		return false;
	char *rest = text + strcspn(text, " \t");

	if (*rest) {
		*rest++ = '\0';
		rest += strspn(rest, " \t");
		if (number_parse_u64(rest, UINT64_MAX, &period) < 0 || period == 0)
			return false;
	}
	if (!text_equal(text, "max") && number_parse_u64(text, UINT64_MAX - 1, &quota) < 0)
		return false;
	*quota_us = quota;
	*period_us = period;
	return true;
}

bool resource_number(const struct resource_row *row, const char *value, uint64_t *ret)
{
	char text[64];
	uint64_t quota, period;

	if (!row->property || !value_trim(value, text, sizeof(text)))
		return false;
	switch (row->property_type) {
	case PROPERTY_U64:
		/* io.weight shows and takes its first line as "default 100". */
		if (row->controller == CONTROLLER_IO && text_starts(text, "default "))
			return number_parse(row, text + strlen("default "), ret);
		return number_parse(row, text, ret);
	case PROPERTY_USEC_PER_SEC:
		if (!resource_cpu_max_parse(text, &quota, &period))
			return false;
		*ret = quota_per_second(quota, period);
		return true;
	case PROPERTY_OOM_POLICY:
	case PROPERTY_CPU_IDLE:
		return number_parse_u64(text, 1, ret) == 0;
	default:
		return false;
	}
}

/* A line is "max", "max 100000" or "8:0 rbps=max". */
static bool line_asks_nothing(const char *line, size_t length, const char *nothing)
{
	const char *equals = memchr(line, '=', length);
	const char *word = equals ? equals + 1 : line;
	size_t left = length - (size_t)(word - line), end = 0;

	while (end < left && word[end] != ' ')
		end++;
	return end == strlen(nothing) && memcmp(word, nothing, end) == 0;
}

bool resource_asks_nothing(const struct plan_resource *resource)
{
	if (!resource->row || !resource->row->nothing)
		return false;
	for (const char *line = resource->value; *line;) {
		size_t length = strcspn(line, "\n");

		if (!line_asks_nothing(line, length, resource->row->nothing))
			return false;
		line += length + (line[length] == '\n');
	}
	return true;
}

int resource_add(struct resource_work *work, const struct resource_row *row, const char *file, const char *value)
{
	struct resource_out *out = work->out;
	struct plan_resource *slot = NULL;

	if (!file || !value)
		return -ENOMEM;
	for (size_t i = 0; i < out->count && !slot; i++) {
		if (text_equal(out->items[i].file, file))
			slot = &out->items[i];
	}
	if (!slot) {
		if (out->count == out->capacity) {
			size_t wanted = out->capacity ? 2 * out->capacity : 16;
			void *grown = arena_grow(work->arena, out->items, out->capacity, wanted, sizeof(*out->items));

			if (!grown)
				return -ENOMEM;
			out->items = grown;
			out->capacity = wanted;
		}
		slot = &out->items[out->count++];
	}
	*slot = (struct plan_resource){ .row = row, .file = file, .value = value };
	slot->has_number = row && resource_number(row, value, &slot->number);
	return 1;
}
