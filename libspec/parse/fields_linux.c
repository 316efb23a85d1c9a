/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows: linux, but for resources and seccomp. Source: runtime-spec config-linux.md; order as runc writes.
 */
#include "libspec/parse/tables.h"

static const struct field namespace_rows[] = {
	ROW_ENUM(struct spec_namespace, "type", type, names_namespaces, REQUIRED),
	ROW_STRING(struct spec_namespace, "path", path, OPTIONAL),
};
FIELDS(fields_namespace, namespace_rows);

static const struct field device_rows[] = {
	ROW_STRING(struct spec_device, "path", path, REQUIRED),
	ROW_ENUM(struct spec_device, "type", type, names_device_types, BOUNDED(DEVICE_CHAR, FIELD_REQUIRED)),
	ROW_I64(struct spec_device, "major", major, OPTIONAL),
	ROW_I64(struct spec_device, "minor", minor, OPTIONAL),
	ROW_U32(struct spec_device, "fileMode", file_mode, OPTIONAL),
	ROW_U32(struct spec_device, "uid", uid, OPTIONAL),
	ROW_U32(struct spec_device, "gid", gid, OPTIONAL),
};
FIELDS(fields_device, device_rows);

static const struct field net_device_rows[] = {
	ROW_STRING(struct spec_net_device, "name", name, OPTIONAL),
};
FIELDS(fields_net_device, net_device_rows);

static const struct field intel_rdt_rows[] = {
	ROW_STRING(struct spec_intel_rdt, "closID", clos_id, OPTIONAL),
	ROW_STRINGS(struct spec_intel_rdt, "schemata", schemata, OPTIONAL),
	ROW_STRING(struct spec_intel_rdt, "l3CacheSchema", l3_cache_schema, OPTIONAL),
	ROW_STRING(struct spec_intel_rdt, "memBwSchema", mem_bw_schema, OPTIONAL),
	ROW_BOOL(struct spec_intel_rdt, "enableMonitoring", enable_monitoring, OPTIONAL),
	ROW_IGNORED("enableCMT", "replaced by enableMonitoring in runtime-spec 1.3"),
	ROW_IGNORED("enableMBM", "replaced by enableMonitoring in runtime-spec 1.3"),
};
FIELDS(fields_intel_rdt, intel_rdt_rows);

static const struct field memory_policy_rows[] = {
	ROW_ENUM(struct spec_memory_policy, "mode", mode, names_memory_modes, OPTIONAL),
	ROW_STRING(struct spec_memory_policy, "nodes", nodes, OPTIONAL),
	ROW_MASK(struct spec_memory_policy, "flags", flags, names_memory_flags, OPTIONAL),
};
FIELDS(fields_memory_policy, memory_policy_rows);

static const struct field personality_rows[] = {
	ROW_ENUM(struct spec_personality, "domain", domain, names_personalities, OPTIONAL),
	ROW_STRINGS(struct spec_personality, "flags", flags, NOT_ACTED_ON("the specification defines no flag")),
};
FIELDS(fields_personality, personality_rows);

static const struct field time_offset_rows[] = {
	ROW_I64(struct spec_time_offset, "secs", secs, OPTIONAL),
	ROW_U32(struct spec_time_offset, "nanosecs", nanosecs, OPTIONAL),
};
FIELDS(fields_time_offset, time_offset_rows);

static const struct field time_offsets_rows[] = {
	ROW_OBJECT(struct spec_time_offsets, "boottime", boottime, fields_time_offset, OPTIONAL),
	ROW_OBJECT(struct spec_time_offsets, "monotonic", monotonic, fields_time_offset, OPTIONAL),
};
FIELDS(fields_time_offsets, time_offsets_rows);

static const struct field linux_rows[] = {
	ROW_OBJECTS(struct spec_linux, "uidMappings", uid_mappings, fields_id_map, OPTIONAL),
	ROW_OBJECTS(struct spec_linux, "gidMappings", gid_mappings, fields_id_map, OPTIONAL),
	ROW_PAIRS(struct spec_linux, "sysctl", sysctl, OPTIONAL),
	ROW_OBJECT(struct spec_linux, "resources", resources, fields_resources, OPTIONAL),
	ROW_STRING(struct spec_linux, "cgroupsPath", cgroups_path, OPTIONAL),
	ROW_OBJECTS(struct spec_linux, "namespaces", namespaces, fields_namespace, OPTIONAL),
	ROW_OBJECTS(struct spec_linux, "devices", devices, fields_device, OPTIONAL),
	ROW_MAP(struct spec_linux, "netDevices", net_devices, fields_net_device, OPTIONAL),
	ROW_OBJECT(struct spec_linux, "seccomp", seccomp, fields_seccomp, OPTIONAL),
	ROW_ENUM(struct spec_linux, "rootfsPropagation", rootfs_propagation, names_propagations, OPTIONAL),
	ROW_STRINGS(struct spec_linux, "maskedPaths", masked_paths, OPTIONAL),
	ROW_STRINGS(struct spec_linux, "readonlyPaths", readonly_paths, OPTIONAL),
	ROW_STRING(struct spec_linux, "mountLabel", mount_label, OPTIONAL),
	ROW_OBJECT(struct spec_linux, "intelRdt", intel_rdt, fields_intel_rdt, OPTIONAL),
	ROW_OBJECT(struct spec_linux, "memoryPolicy", memory_policy, fields_memory_policy, OPTIONAL),
	ROW_OBJECT(struct spec_linux, "personality", personality, fields_personality, OPTIONAL),
	ROW_OBJECT(struct spec_linux, "timeOffsets", time_offsets, fields_time_offsets, OPTIONAL),
};
FIELDS(fields_linux, linux_rows);
