/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows: linux.resources, also the document of `update --resources`. Source: runtime-spec config-linux.md, "Control
 * groups"; order as runc writes. What only cgroup v1 could do is read, written back, and not acted on.
 */
#include "libspec/parse/tables.h"

static const struct field device_rule_rows[] = {
	ROW_BOOL(struct spec_device_rule, "allow", allow, REQUIRED),
	ROW_ENUM(struct spec_device_rule, "type", type, names_device_types, OPTIONAL),
	ROW_I64(struct spec_device_rule, "major", major, OPTIONAL),
	ROW_I64(struct spec_device_rule, "minor", minor, OPTIONAL),
	ROW_STRING(struct spec_device_rule, "access", access, OPTIONAL),
};
FIELDS(fields_device_rule, device_rule_rows);

static const struct field memory_rows[] = {
	ROW_I64(struct spec_memory, "limit", limit, OPTIONAL),
	ROW_I64(struct spec_memory, "reservation", reservation, OPTIONAL),
	ROW_I64(struct spec_memory, "swap", swap, OPTIONAL),
	ROW_I64(struct spec_memory, "kernel", kernel, NOT_ACTED_ON("cgroup v2 has no limit for kernel memory alone")),
	ROW_I64(struct spec_memory, "kernelTCP", kernel_tcp,
		NOT_ACTED_ON("cgroup v2 has no limit for socket memory alone")),
	ROW_U64(struct spec_memory, "swappiness", swappiness, NOT_ACTED_ON("cgroup v2 has no swappiness of a group")),
	ROW_BOOL(struct spec_memory, "disableOOMKiller", disable_oom_killer,
		 NOT_ACTED_ON("cgroup v2 cannot switch the OOM killer off")),
	ROW_BOOL(struct spec_memory, "useHierarchy", use_hierarchy,
		 NOT_ACTED_ON("cgroup v2 always accounts by hierarchy")),
	ROW_BOOL(struct spec_memory, "checkBeforeUpdate", check_before_update, OPTIONAL),
};
FIELDS(fields_memory, memory_rows);

static const struct field cpu_rows[] = {
	ROW_U64(struct spec_cpu, "shares", shares, OPTIONAL),
	ROW_I64(struct spec_cpu, "quota", quota, OPTIONAL),
	ROW_U64(struct spec_cpu, "burst", burst, OPTIONAL),
	ROW_U64(struct spec_cpu, "period", period, OPTIONAL),
	ROW_I64(struct spec_cpu, "realtimeRuntime", realtime_runtime,
		NOT_ACTED_ON("cgroup v2 has no realtime limits of a group")),
	ROW_U64(struct spec_cpu, "realtimePeriod", realtime_period,
		NOT_ACTED_ON("cgroup v2 has no realtime limits of a group")),
	ROW_STRING(struct spec_cpu, "cpus", cpus, OPTIONAL),
	ROW_STRING(struct spec_cpu, "mems", mems, OPTIONAL),
	ROW_I64(struct spec_cpu, "idle", idle, OPTIONAL),
};
FIELDS(fields_cpu, cpu_rows);

static const struct field pids_rows[] = {
	ROW_I64(struct spec_pids, "limit", limit, OPTIONAL),
};
FIELDS(fields_pids, pids_rows);

static const struct field weight_device_rows[] = {
	ROW_PLAIN_I64(struct spec_weight_device, "major", major, REQUIRED),
	ROW_PLAIN_I64(struct spec_weight_device, "minor", minor, REQUIRED),
	ROW_U16(struct spec_weight_device, "weight", weight, OPTIONAL),
	ROW_U16(struct spec_weight_device, "leafWeight", leaf_weight, NOT_ACTED_ON("cgroup v2 has no leaf weight")),
};
FIELDS(fields_weight_device, weight_device_rows);

static const struct field throttle_device_rows[] = {
	ROW_PLAIN_I64(struct spec_throttle_device, "major", major, REQUIRED),
	ROW_PLAIN_I64(struct spec_throttle_device, "minor", minor, REQUIRED),
	ROW_U64(struct spec_throttle_device, "rate", rate, OPTIONAL),
};
FIELDS(fields_throttle_device, throttle_device_rows);

#define ROW_THROTTLE(word, member) ROW_OBJECTS(struct spec_block_io, word, member, fields_throttle_device, OPTIONAL)
static const struct field block_io_rows[] = {
	ROW_U16(struct spec_block_io, "weight", weight, OPTIONAL),
	ROW_U16(struct spec_block_io, "leafWeight", leaf_weight, NOT_ACTED_ON("cgroup v2 has no leaf weight")),
	ROW_OBJECTS(struct spec_block_io, "weightDevice", weight_device, fields_weight_device, OPTIONAL),
	ROW_THROTTLE("throttleReadBpsDevice", throttle_read_bps),
	ROW_THROTTLE("throttleWriteBpsDevice", throttle_write_bps),
	ROW_THROTTLE("throttleReadIOPSDevice", throttle_read_iops),
	ROW_THROTTLE("throttleWriteIOPSDevice", throttle_write_iops),
};
FIELDS(fields_block_io, block_io_rows);

static const struct field hugepage_limit_rows[] = {
	ROW_STRING(struct spec_hugepage_limit, "pageSize", page_size, REQUIRED),
	ROW_PLAIN_U64(struct spec_hugepage_limit, "limit", limit, REQUIRED),
};
FIELDS(fields_hugepage_limit, hugepage_limit_rows);

static const struct field net_priority_rows[] = {
	ROW_STRING(struct spec_net_priority, "name", name, REQUIRED),
	ROW_PLAIN_U32(struct spec_net_priority, "priority", priority, REQUIRED),
};
FIELDS(fields_net_priority, net_priority_rows);

static const struct field net_class_rows[] = {
	ROW_U32(struct spec_net_class, "classID", class_id, OPTIONAL),
	ROW_OBJECTS(struct spec_net_class, "priorities", priorities, fields_net_priority, OPTIONAL),
};
FIELDS(fields_net_class, net_class_rows);

static const struct field rdma_rows[] = {
	ROW_U32(struct spec_rdma, "hcaHandles", hca_handles, OPTIONAL),
	ROW_U32(struct spec_rdma, "hcaObjects", hca_objects, OPTIONAL),
};
FIELDS(fields_rdma, rdma_rows);

static const struct field resources_rows[] = {
	ROW_OBJECTS(struct spec_resources, "devices", devices, fields_device_rule, OPTIONAL),
	ROW_OBJECT(struct spec_resources, "memory", memory, fields_memory, OPTIONAL),
	ROW_OBJECT(struct spec_resources, "cpu", cpu, fields_cpu, OPTIONAL),
	ROW_OBJECT(struct spec_resources, "pids", pids, fields_pids, OPTIONAL),
	ROW_OBJECT(struct spec_resources, "blockIO", block_io, fields_block_io, OPTIONAL),
	ROW_OBJECTS(struct spec_resources, "hugepageLimits", hugepage_limits, fields_hugepage_limit, OPTIONAL),
	ROW_OBJECT(struct spec_resources, "network", network, fields_net_class,
		   NOT_ACTED_ON("cgroup v2 has no network controllers")),
	ROW_MAP(struct spec_resources, "rdma", rdma, fields_rdma, OPTIONAL),
	ROW_PAIRS(struct spec_resources, "unified", unified, OPTIONAL),
};
FIELDS(fields_resources, resources_rows);
