/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From config.json's cgroup v1 numbers to cgroup v2 texts. See resource_convert.h.
 *
 * Read: runtime-spec config-linux.md, "Control groups".
 */
#include "libsandbox/cgroup/resource_convert.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "libbase/text.h"

#define CPU_SHARES_LEAST   2
#define CPU_SHARES_DEFAULT 1024
#define CPU_SHARES_MOST    262144

/*
 * The curve needs a logarithm and a power. libm would be one more library to load at every start, so they are series here; a test compares every
 * number of shares that there is with libm's result.
 */
#define LN_2  0.693147180559945309417232121458
#define LN_10 2.30258509299404568401799145468

/* The base 2 logarithm of `number`, at least 1: its highest bit, and ln((1 + s) / (1 - s)) = 2 (s + s^3/3 + s^5/5 ...) for the rest, below 2. */
static double logarithm(uint64_t number)
{
	int bits = 63 - __builtin_clzll(number);
	double rest = (double)number / (double)(UINT64_C(1) << bits);
	double s = (rest - 1) / (rest + 1), power = s, sum = 0;

	for (int n = 1; n < 40; n += 2) {
		sum += power / n;
		power *= s * s;
	}
	return bits + 2 * sum / LN_2;
}

/* 10 to the power of `exponent`, at least 0: whole tens, and the series of e^x for the rest. */
static double power_of_ten(double exponent)
{
	double tens = 1, term = 1, sum = 1;

	for (int left = (int)exponent; left > 0; left--)
		tens *= 10;
	exponent -= (int)exponent;
	for (int n = 1; n < 40; n++) {
		term *= exponent * LN_10 / n;
		sum += term;
	}
	return tens * sum;
}

uint64_t resource_cpu_weight(uint64_t shares)
{
	double l, weight;

	if (shares == 0)
		return 0;
	if (shares <= CPU_SHARES_LEAST)
		return 1;
	if (shares >= CPU_SHARES_MOST)
		return 10000;
	/* The one value between whose result is a whole number: there, rounding up must not meet a last bit. */
	if (shares == CPU_SHARES_DEFAULT)
		return 100;
	l = logarithm(shares);
	weight = power_of_ten((l * l + 125 * l) / 612 - 7.0 / 34);
	return (uint64_t)weight + ((double)(uint64_t)weight < weight);
}

uint64_t resource_io_weight(uint64_t weight)
{
	return weight < 10 ? weight : 1 + (weight - 10) * 9999 / 990;
}

static int number_add(const struct resource_row *row, struct resource_work *work, uint64_t number)
{
	return resource_add(work, row, row->file, arena_printf(work->arena, "%" PRIu64, number));
}

int resource_convert_pids(const struct resource_row *row, struct resource_work *work)
{
	const struct spec_pids *pids = work->resources->pids;

	if (!pids || !pids->limit.set)
		return 0;
	if (pids->limit.value < 0)
		return resource_add(work, row, row->file, "max");
	/* systemd knows no 0; a container's first process is there before the limit, so 1 forbids as much. */
	return number_add(row, work, pids->limit.value == 0 ? 1 : (uint64_t)pids->limit.value);
}

/* 0 is how engines say "not set". */
static int memory_add(const struct resource_row *row, struct resource_work *work, struct opt_i64 bytes)
{
	if (bytes.value == 0)
		return 0;
	if (bytes.value < 0)
		return resource_add(work, row, row->file, "max");
	return number_add(row, work, (uint64_t)bytes.value);
}

int resource_convert_memory_low(const struct resource_row *row, struct resource_work *work)
{
	const struct spec_memory *memory = work->resources->memory;

	return memory ? memory_add(row, work, memory->reservation) : 0;
}

int resource_convert_memory_max(const struct resource_row *row, struct resource_work *work)
{
	const struct spec_memory *memory = work->resources->memory;

	return memory ? memory_add(row, work, memory->limit) : 0;
}

/* The spec's value is memory and swap together, the kernel's is swap alone. */
static int swap_add(const struct resource_row *row, struct resource_work *work, int64_t limit, int64_t swap)
{
	const char *path = arena_printf(work->arena, "%s%s", work->where, row->field);

	if (!path)
		return -ENOMEM;
	/* Who lifts the limit on memory and is silent on swap meant both: so it was with v1's memory.memsw. */
	if (swap < 0 || (swap == 0 && limit < 0))
		return resource_add(work, row, row->file, "max");
	if (swap == 0)
		return 0;
	if (limit < 0)
		return number_add(row, work, (uint64_t)swap);
	if (limit == 0) {
		problem_error(work->problems, 0, path, "unable to set swap limit without memory limit");
		return -EINVAL;
	}
	if (swap < limit) {
		problem_error(work->problems, 0, path,
			      "memory+swap limit should be >= memory limit, got %" PRId64 " and %" PRId64, swap, limit);
		return -EINVAL;
	}
	return number_add(row, work, (uint64_t)(swap - limit));
}

int resource_convert_memory_swap(const struct resource_row *row, struct resource_work *work)
{
	const struct spec_memory *memory = work->resources->memory;
	int made = memory ? swap_add(row, work, memory->limit.value, memory->swap.value) : 0;

	if (made > 0) {
		struct plan_resource *resource = &work->out->items[work->out->count - 1];

		/* A kernel without swap accounting has no such file; no swap and any swap are what it does then. */
		resource->optional = text_equal(resource->value, "max") || text_equal(resource->value, "0");
	}
	return made;
}

static uint64_t block_weight(const struct resource_work *work)
{
	const struct spec_block_io *block_io = work->resources->block_io;

	return block_io ? block_io->weight.value : 0;
}

int resource_convert_io_weight(const struct resource_row *row, struct resource_work *work)
{
	uint64_t weight = work->host->cgroup_bfq ? 0 : block_weight(work);

	return weight ? number_add(row, work, resource_io_weight(weight)) : 0;
}

static int weight_devices_warn(struct resource_work *work, size_t index)
{
	const char *path = arena_printf(work->arena, "%s/blockIO/weightDevice/%zu", work->where, index);

	if (!path)
		return -ENOMEM;
	problem_warning(work->problems, 0, path, "not set: the kernel has no io.bfq.weight");
	return 0;
}

int resource_convert_io_bfq_weight(const struct resource_row *row, struct resource_work *work)
{
	const struct spec_block_io *block_io = work->resources->block_io;
	_cleanup_(text_buffer_cleanup) struct text_buffer lines = TEXT_BUFFER_INIT;

	if (!block_io)
		return 0;
	if (block_weight(work) && work->host->cgroup_bfq)
		text_append_format(&lines, "%" PRIu64 "\n", block_weight(work));
	for (size_t i = 0; i < block_io->weight_device.count; i++) {
		const struct spec_weight_device *device = &block_io->weight_device.items[i];

		if (device->weight.value == 0)
			continue;
		if (!work->host->cgroup_bfq)
			return weight_devices_warn(work, i);
		work->field = "/blockIO/weightDevice";
		text_append_format(&lines, "%" PRId64 ":%" PRId64 " %u\n", device->major, device->minor,
				   device->weight.value);
	}
	if (block_weight(work))
		work->field = "/blockIO/weight";
	if (lines.length == 0)
		return lines.failed ? -ENOMEM : 0;
	return resource_add(work, row, row->file,
			    lines.failed ? NULL : arena_copy(work->arena, lines.bytes, lines.length - 1));
}

static void throttle_append(struct resource_work *work, struct text_buffer *lines, const char *field, const char *key,
			    const struct spec_throttle_devices *devices)
{
	for (size_t i = 0; i < devices->count; i++) {
		const struct spec_throttle_device *device = &devices->items[i];

		text_append_format(lines, "%s%" PRId64 ":%" PRId64 " %s=", lines->length ? "\n" : "", device->major,
				   device->minor, key);
		/* v1 takes a rate of 0 as "no limit"; v2 refuses it. */
		if (device->rate.value == 0) {
			text_append(lines, "max");
			continue;
		}
		text_append_format(lines, "%" PRIu64, device->rate.value);
		work->field = field;
	}
}

int resource_convert_io_max(const struct resource_row *row, struct resource_work *work)
{
	const struct spec_block_io *block_io = work->resources->block_io;
	_cleanup_(text_buffer_cleanup) struct text_buffer lines = TEXT_BUFFER_INIT;

	if (!block_io)
		return 0;
	throttle_append(work, &lines, "/blockIO/throttleReadBpsDevice", "rbps", &block_io->throttle_read_bps);
	throttle_append(work, &lines, "/blockIO/throttleWriteBpsDevice", "wbps", &block_io->throttle_write_bps);
	throttle_append(work, &lines, "/blockIO/throttleReadIOPSDevice", "riops", &block_io->throttle_read_iops);
	throttle_append(work, &lines, "/blockIO/throttleWriteIOPSDevice", "wiops", &block_io->throttle_write_iops);
	if (lines.failed)
		return -ENOMEM;
	return lines.length ? resource_add(work, row, row->file, arena_string(work->arena, lines.bytes)) : 0;
}

int resource_convert_cpu_weight(const struct resource_row *row, struct resource_work *work)
{
	const struct spec_cpu *cpu = work->resources->cpu;

	if (!cpu || cpu->shares.value == 0)
		return 0;
	if (cpu->idle.value == 1) {
		const char *path = arena_printf(work->arena, "%s%s", work->where, row->field);

		if (!path)
			return -ENOMEM;
		problem_warning(work->problems, 0, path, "not set: a group with cpu.idle 1 has no weight");
		return 0;
	}
	return number_add(row, work, resource_cpu_weight(cpu->shares.value));
}

int resource_convert_cpu_idle(const struct resource_row *row, struct resource_work *work)
{
	const struct spec_cpu *cpu = work->resources->cpu;

	if (!cpu || !cpu->idle.set)
		return 0;
	return resource_add(work, row, row->file, arena_printf(work->arena, "%" PRId64, cpu->idle.value));
}

int resource_convert_cpu_max(const struct resource_row *row, struct resource_work *work)
{
	const struct spec_cpu *cpu = work->resources->cpu;
	char *value;

	if (!cpu || (cpu->quota.value == 0 && cpu->period.value == 0))
		return 0;
	/* The file takes both or the first; 100 ms is the kernel's default. */
	uint64_t period = cpu->period.value ? cpu->period.value : 100000;

	work->field = cpu->quota.value ? "/cpu/quota" : "/cpu/period";
	if (cpu->quota.value > 0)
		value = arena_printf(work->arena, "%" PRId64 " %" PRIu64, cpu->quota.value, period);
	else
		value = arena_printf(work->arena, "max %" PRIu64, period);
	return resource_add(work, row, row->file, value);
}

int resource_convert_cpu_burst(const struct resource_row *row, struct resource_work *work)
{
	const struct spec_cpu *cpu = work->resources->cpu;

	return cpu && cpu->burst.set ? number_add(row, work, cpu->burst.value) : 0;
}

static int set_add(const struct resource_row *row, struct resource_work *work, const char *set)
{
	return text_is_empty(set) ? 0 : resource_add(work, row, row->file, set);
}

int resource_convert_cpuset_cpus(const struct resource_row *row, struct resource_work *work)
{
	return work->resources->cpu ? set_add(row, work, work->resources->cpu->cpus) : 0;
}

int resource_convert_cpuset_mems(const struct resource_row *row, struct resource_work *work)
{
	return work->resources->cpu ? set_add(row, work, work->resources->cpu->mems) : 0;
}

/* The row's file with the page size in place of the star. */
static int hugetlb_add(const struct resource_row *row, struct resource_work *work,
		       const struct spec_hugepage_limit *limit)
{
	const char *star = strchrnul(row->file, '*');
	char *file = arena_printf(work->arena, "%.*s%s%s", (int)(star - row->file), row->file, limit->page_size,
				  *star ? star + 1 : "");

	if (limit->limit == UINT64_MAX)
		return resource_add(work, row, file, "max");
	return resource_add(work, row, file, arena_printf(work->arena, "%" PRIu64, limit->limit));
}

int resource_convert_hugetlb(const struct resource_row *row, struct resource_work *work)
{
	size_t before = work->out->count;

	for (size_t i = 0; i < work->resources->hugepage_limits.count; i++) {
		int r = hugetlb_add(row, work, &work->resources->hugepage_limits.items[i]);

		if (r < 0)
			return r;
	}
	return (int)(work->out->count - before);
}

int resource_convert_hugetlb_rsvd(const struct resource_row *row, struct resource_work *work)
{
	size_t before = work->out->count;
	int made = resource_convert_hugetlb(row, work);

	/* Since Linux 5.7, but not on every architecture's page sizes. */
	for (size_t i = before; i < work->out->count; i++)
		work->out->items[i].optional = true;
	return made;
}

int resource_convert_rdma(const struct resource_row *row, struct resource_work *work)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer lines = TEXT_BUFFER_INIT;

	for (size_t i = 0; i < work->resources->rdma.count; i++) {
		const struct spec_rdma *device = &work->resources->rdma.items[i];

		if (!device->hca_handles.set && !device->hca_objects.set)
			continue;
		text_append_format(&lines, "%s%s", lines.length ? "\n" : "", device->key);
		if (device->hca_handles.set)
			text_append_format(&lines, " hca_handle=%" PRIu32, device->hca_handles.value);
		if (device->hca_objects.set)
			text_append_format(&lines, " hca_object=%" PRIu32, device->hca_objects.value);
	}
	if (lines.failed)
		return -ENOMEM;
	return lines.length ? resource_add(work, row, row->file, arena_string(work->arena, lines.bytes)) : 0;
}
