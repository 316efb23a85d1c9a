/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `orlop update`: other limits for a container that lives.
 *
 * The change comes from the options, or whole from a document; it is laid over what is recorded, everything is checked at once, and it is
 * applied all or not at all (libsandbox/control.h). The record then says what holds.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "libbase/log.h"
#include "libbase/text.h"
#include "libsandbox/rdt.h"
#include "libsandbox/stats.h"
#include "libspec/load.h"
#include "runtime/commands.h"
#include "runtime/container.h"
#include "runtime/container_cgroup.h"
#include "runtime/resources_merge.h"
#include "runtime/systemd_program.h"
#include "runtime/warnings.h"

#define DOCUMENT_OPTIONS "update"

struct updating {
	struct call *call;
	const struct options_update *options;
	struct container container;
	struct control control;
	const char *document; /* what messages call the change */
	struct problems problems;
	const struct spec *spec;
	struct host host;
	struct resources_merge merge;
	struct limits limits;
};

static void updating_cleanup(struct updating *updating)
{
	control_cleanup(&updating->control);
	container_close(&updating->container);
}

/* -- the change -------------------------------------------------------------------------------------------------------------- */

/* Of what the options say; the document of --resources takes their place. */
static int options_resources(const struct options_update *options, struct arena *arena,
			     const struct spec_resources **ret)
{
	struct spec_resources *resources = arena_new(arena, struct spec_resources);
	struct spec_memory *memory = arena_new(arena, struct spec_memory);
	struct spec_cpu *cpu = arena_new(arena, struct spec_cpu);
	struct spec_pids *pids = arena_new(arena, struct spec_pids);
	struct spec_block_io *block_io = arena_new(arena, struct spec_block_io);

	if (!resources || !memory || !cpu || !pids || !block_io)
		return -ENOMEM;
	*memory = (struct spec_memory){
		.limit = options->memory,
		.reservation = options->memory_reservation,
		.swap = options->memory_swap,
	};
	*cpu = (struct spec_cpu){
		.shares = options->cpu_share,
		.quota = options->cpu_quota,
		.burst = options->cpu_burst,
		.period = options->cpu_period,
		.realtime_runtime = options->cpu_rt_runtime,
		.realtime_period = options->cpu_rt_period,
		.cpus = options->cpuset_cpus,
		.mems = options->cpuset_mems,
		.idle = options->cpu_idle,
	};
	pids->limit = options->pids_limit;
	block_io->weight = (struct opt_u16){ options->blkio_weight.set, (uint16_t)options->blkio_weight.value };
	*resources = (struct spec_resources){ .memory = memory, .cpu = cpu, .pids = pids, .block_io = block_io };
	*ret = resources;
	return 0;
}

static int change_read(struct updating *updating, const struct spec_resources **ret, struct error *err)
{
	const struct options_update *options = updating->options;
	int r;

	if (options->resources) {
		updating->document = text_equal(options->resources, "-") ? "standard input" : options->resources;
		return resources_load(AT_FDCWD, options->resources, updating->call->arena, &updating->problems, ret,
				      err);
	}
	updating->document = DOCUMENT_OPTIONS;
	r = options_resources(options, updating->call->arena, ret);
	if (r < 0)
		return error_set(err, r, "read the options");
	return resources_verify(updating->document, *ret, &updating->problems, err);
}

static const struct spec_resources *recorded_resources(const struct updating *updating)
{
	static const struct spec_resources none;
	const struct spec_resources *config = updating->spec->os_linux->resources;

	if (updating->container.record.resources)
		return updating->container.record.resources;
	return config ? config : &none;
}

static int reveal(struct updating *updating)
{
	const struct limits *limits = &updating->limits;
	struct arena *arena = updating->call->arena;
	const char **files = arena_calloc(arena, limits->count, sizeof(*files));

	if (!files)
		return -ENOMEM;
	for (size_t i = 0; i < limits->count; i++)
		files[i] = limits->items[i].file;
	return resources_merge_reveal(&updating->merge, files, limits->count, arena);
}

/* What would hold afterwards must be as good as a config: a burst above the new quota is found here, not halfway. */
static int whole_check(struct updating *updating, struct error *err)
{
	struct problems problems;

	problems_init(&problems, updating->call->arena);
	return resources_verify(updating->document, &updating->merge.whole, &problems, err);
}

static int limits_plan(struct updating *updating, struct error *err)
{
	struct call *call = updating->call;
	const struct spec_resources *change = NULL;
	int r = change_read(updating, &change, err);

	if (r < 0)
		return r;
	r = host_probe_parts(HOST_PART(HOST_CGROUP) | HOST_PART(HOST_CGROUP_OWN) | HOST_PART(HOST_CONTROLLERS) |
				     HOST_PART(HOST_BFQ),
			     call->arena, &updating->host, err);
	if (r < 0)
		return r;
	r = resources_merge(recorded_resources(updating), change, call->arena, &updating->merge);
	if (r == 0)
		r = limits_build(&updating->merge.written, &updating->host, "", call->arena, &updating->problems,
				 &updating->limits);
	if (r == 0)
		r = reveal(updating);
	if (r < 0)
		return error_set(err, r, "read the limits");
	r = problems_tell(&updating->problems, updating->document, err);
	return r < 0 ? r : whole_check(updating, err);
}

/* -- cache and memory bandwidth ---------------------------------------------------------------------------------------------- */

static bool wants_rdt(const struct options_update *options)
{
	return !text_is_empty(options->l3_cache_schema) || !text_is_empty(options->mem_bw_schema);
}

static int rdt_check(const struct updating *updating, struct error *err)
{
	if (!wants_rdt(updating->options) || updating->container.record.rdt_class)
		return 0;
	return error_say(err, -EINVAL, "updating a non-existent Intel RDT configuration is not supported");
}

static int rdt_apply(const struct updating *updating, struct error *err)
{
	const struct spec_intel_rdt rdt = {
		.l3_cache_schema = updating->options->l3_cache_schema,
		.mem_bw_schema = updating->options->mem_bw_schema,
	};
	_cleanup_(fd_cleanup) int root_fd = FD_NONE;

	if (!wants_rdt(updating->options))
		return 0;
	root_fd = rdt_open(RDT_ROOT, err);
	return root_fd < 0 ? root_fd : rdt_schemata_write(root_fd, updating->container.record.rdt_class, &rdt, err);
}

/* -- the whole --------------------------------------------------------------------------------------------------------------- */

static int limits_apply(struct updating *updating, struct error *err)
{
	int r;

	if (updating->limits.count == 0)
		return 0;
	r = container_cgroup_open(&updating->container, &updating->control, err);
	if (r == 0 && updating->control.unit)
		updating->control.program = systemd_program_find(updating->call->globals, updating->call->arena);
	if (r == 0 && updating->merge.written.memory)
		r = stats_check_memory(&updating->control, updating->merge.written.memory, err);
	return r < 0 ? r : control_apply(&updating->control, &updating->limits, err);
}

static int update(struct updating *updating, struct error *err)
{
	struct call *call = updating->call;
	struct container *container = &updating->container;
	int r = container_open(container, call->globals, call->arguments[0], true, call->arena, err);

	if (r == 0)
		r = container_allows(container, VERB_UPDATE, err);
	if (r == 0)
		r = container_spec(container, call->arena, &updating->spec, err);
	if (r == 0)
		r = limits_plan(updating, err);
	if (r == 0)
		r = rdt_check(updating, err);
	if (r == 0)
		r = limits_apply(updating, err);
	if (r == 0)
		r = rdt_apply(updating, err);
	if (r < 0)
		return r;
	if (updating->limits.count == 0)
		return 0;
	/* Rules for devices stay config.json's. */
	memset(&updating->merge.whole.devices, 0, sizeof(updating->merge.whole.devices));
	container->record.resources = &updating->merge.whole;
	return record_save(container->dir_fd, &container->record, err);
}

static int run_update(struct call *call, struct error *err)
{
	_cleanup_(updating_cleanup) struct updating updating = {
		.call = call,
		.options = &call->options->update,
		.container = CONTAINER_INIT,
		.control = CONTROL_INIT,
		.document = DOCUMENT_OPTIONS,
	};
	int r;

	problems_init(&updating.problems, call->arena);
	if (updating.options->kernel_memory || updating.options->kernel_memory_tcp)
		log_warning("Kernel memory settings are ignored and will be removed");
	r = update(&updating, err);
	warnings_log(&updating.problems, updating.document);
	return r;
}

#define OPTION(kind, name, letter, member, ...) \
	CLI_OPTION(kind, name, letter, struct options_update, member, __VA_ARGS__)

static const struct cli_option options[] = {
	OPTION(CLI_PATH, "resources", "r", resources, .value = "FILE",
	       .help = "take the limits from this JSON document (linux.resources; - is standard input), not from "
		       "options"),
	OPTION(CLI_U64, "blkio-weight", NULL, blkio_weight, .value = "WEIGHT", .max = UINT16_MAX,
	       .help = "block I/O weight, 10 to 1000"),
	OPTION(CLI_U64, "cpu-period", NULL, cpu_period, .value = "USEC", .help = "period of the CPU quota"),
	OPTION(CLI_INT, "cpu-quota", NULL, cpu_quota, .value = "USEC", .help = "CPU time in a period; -1: no limit"),
	OPTION(CLI_U64, "cpu-burst", NULL, cpu_burst, .value = "USEC",
	       .help = "CPU time that may be saved up beyond the quota"),
	OPTION(CLI_U64, "cpu-share", NULL, cpu_share, .value = "SHARES", .help = "relative CPU weight, 2 to 262144"),
	OPTION(CLI_U64, "cpu-rt-period", NULL, cpu_rt_period, .value = "USEC",
	       .help = "has no effect: cgroup v2 has no realtime limits"),
	OPTION(CLI_INT, "cpu-rt-runtime", NULL, cpu_rt_runtime, .value = "USEC",
	       .help = "has no effect: cgroup v2 has no realtime limits"),
	OPTION(CLI_STRING, "cpuset-cpus", NULL, cpuset_cpus, .value = "LIST", .help = "CPUs it may run on: 0-3,7"),
	OPTION(CLI_STRING, "cpuset-mems", NULL, cpuset_mems, .value = "LIST", .help = "memory nodes it may use"),
	OPTION(CLI_INT, "cpu-idle", NULL, cpu_idle, .value = "0|1", .help = "run only when nobody else wants the CPU"),
	OPTION(CLI_STRING, "kernel-memory", NULL, kernel_memory, .flags = CLI_HIDDEN, .value = "BYTES",
	       .help = "ignored"),
	OPTION(CLI_STRING, "kernel-memory-tcp", NULL, kernel_memory_tcp, .flags = CLI_HIDDEN, .value = "BYTES",
	       .help = "ignored"),
	OPTION(CLI_SIZE, "memory", NULL, memory, .value = "BYTES", .help = "memory limit: 512m, 1g; -1: none"),
	OPTION(CLI_SIZE, "memory-reservation", NULL, memory_reservation, .value = "BYTES",
	       .help = "memory that is left to it under pressure"),
	OPTION(CLI_SIZE, "memory-swap", NULL, memory_swap, .value = "BYTES",
	       .help = "limit of memory and swap together; -1: no limit of swap"),
	OPTION(CLI_INT, "pids-limit", NULL, pids_limit, .value = "N", .help = "most processes and threads; -1: any"),
	OPTION(CLI_STRING, "l3-cache-schema", NULL, l3_cache_schema, .value = "SCHEMA",
	       .help = "resctrl schema of the L3 cache"),
	OPTION(CLI_STRING, "mem-bw-schema", NULL, mem_bw_schema, .value = "SCHEMA",
	       .help = "resctrl schema of the memory bandwidth"),
};

const struct command command_update = {
	.name = "update",
	.summary = "change the limits of a container",
	.arguments = "ID",
	.description =
		"Limits that are not named stay. A period without a quota, or memory without swap, keeps the other\n"
		"half. When one of the limits is refused none is changed. Device rules cannot be changed.",
	.least = 1,
	.most = 1,
	.syntax = { .options = options, .option_count = ARRAY_SIZE(options) },
	.run = run_update,
};
