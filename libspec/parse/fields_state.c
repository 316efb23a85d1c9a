/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows: the documents that a runtime writes, state and features. Source: runtime-spec runtime.md, features.md,
 * features-linux.md; runc's additions are marked as extensions. Order as runc writes.
 */
#include "libspec/parse/tables.h"

static const struct field state_rows[] = {
	ROW_STRING(struct state, "ociVersion", oci_version, REQUIRED),
	ROW_STRING(struct state, "id", id, REQUIRED),
	ROW_PLAIN_I64(struct state, "pid", pid, BOUNDED(0, FIELD_ALWAYS)),
	ROW_ENUM(struct state, "status", status, names_statuses, REQUIRED),
	ROW_STRING(struct state, "bundle", bundle, REQUIRED),
	ROW_STRING(struct state, "rootfs", rootfs, FLAGS(FIELD_EXTENSION)),
	ROW_STRING(struct state, "created", created, FLAGS(FIELD_EXTENSION)),
	ROW_PAIRS(struct state, "annotations", annotations, OPTIONAL),
	ROW_STRING(struct state, "owner", owner, FLAGS(FIELD_EXTENSION)),
};
FIELDS(fields_state, state_rows);

static const struct field features_cgroup_rows[] = {
	ROW_BOOL(struct features_cgroup, "v1", v1, OPTIONAL),
	ROW_BOOL(struct features_cgroup, "v2", v2, OPTIONAL),
	ROW_BOOL(struct features_cgroup, "systemd", systemd, OPTIONAL),
	ROW_BOOL(struct features_cgroup, "systemdUser", systemd_user, OPTIONAL),
	ROW_BOOL(struct features_cgroup, "rdma", rdma, OPTIONAL),
};
FIELDS(fields_features_cgroup, features_cgroup_rows);

static const struct field features_seccomp_rows[] = {
	ROW_BOOL(struct features_seccomp, "enabled", enabled, OPTIONAL),
	ROW_STRINGS(struct features_seccomp, "actions", actions, OPTIONAL),
	ROW_STRINGS(struct features_seccomp, "operators", operators, OPTIONAL),
	ROW_STRINGS(struct features_seccomp, "archs", archs, OPTIONAL),
	ROW_STRINGS(struct features_seccomp, "knownFlags", known_flags, OPTIONAL),
	ROW_STRINGS(struct features_seccomp, "supportedFlags", supported_flags, OPTIONAL),
};
FIELDS(fields_features_seccomp, features_seccomp_rows);

static const struct field features_enabled_rows[] = {
	ROW_BOOL(struct features_enabled, "enabled", enabled, OPTIONAL),
};
FIELDS(fields_features_enabled, features_enabled_rows);

static const struct field features_rdt_rows[] = {
	ROW_BOOL(struct features_intel_rdt, "enabled", enabled, OPTIONAL),
	ROW_BOOL(struct features_intel_rdt, "schemata", schemata, FLAGS(FIELD_EXTENSION)),
	ROW_BOOL(struct features_intel_rdt, "monitoring", monitoring, FLAGS(FIELD_EXTENSION)),
};
FIELDS(fields_features_rdt, features_rdt_rows);

static const struct field features_memory_policy_rows[] = {
	ROW_STRINGS(struct features_memory_policy, "modes", modes, FLAGS(FIELD_EXTENSION)),
	ROW_STRINGS(struct features_memory_policy, "flags", flags, FLAGS(FIELD_EXTENSION)),
};
FIELDS(fields_features_memory_policy, features_memory_policy_rows);

static const struct field features_mounts_rows[] = {
	ROW_OBJECT(struct features_mount_extensions, "idmap", idmap, fields_features_enabled, OPTIONAL),
};
FIELDS(fields_features_mounts, features_mounts_rows);

static const struct field features_linux_rows[] = {
	ROW_STRINGS(struct features_linux, "namespaces", namespaces, OPTIONAL),
	ROW_STRINGS(struct features_linux, "capabilities", capabilities, OPTIONAL),
	ROW_OBJECT(struct features_linux, "cgroup", cgroup, fields_features_cgroup, OPTIONAL),
	ROW_OBJECT(struct features_linux, "seccomp", seccomp, fields_features_seccomp, OPTIONAL),
	ROW_OBJECT(struct features_linux, "apparmor", apparmor, fields_features_enabled, OPTIONAL),
	ROW_OBJECT(struct features_linux, "selinux", selinux, fields_features_enabled, OPTIONAL),
	ROW_OBJECT(struct features_linux, "intelRdt", intel_rdt, fields_features_rdt, OPTIONAL),
	ROW_OBJECT(struct features_linux, "memoryPolicy", memory_policy, fields_features_memory_policy,
		   FLAGS(FIELD_EXTENSION)),
	ROW_OBJECT(struct features_linux, "mountExtensions", mount_extensions, fields_features_mounts, OPTIONAL),
	ROW_OBJECT(struct features_linux, "netDevices", net_devices, fields_features_enabled, OPTIONAL),
};
FIELDS(fields_features_linux, features_linux_rows);

static const struct field features_rows[] = {
	ROW_STRING(struct features, "ociVersionMin", oci_version_min, REQUIRED),
	ROW_STRING(struct features, "ociVersionMax", oci_version_max, REQUIRED),
	ROW_STRINGS(struct features, "hooks", hooks, OPTIONAL),
	ROW_STRINGS(struct features, "mountOptions", mount_options, OPTIONAL),
	ROW_OBJECT(struct features, "linux", os_linux, fields_features_linux, OPTIONAL),
	ROW_PAIRS(struct features, "annotations", annotations, OPTIONAL),
	ROW_STRINGS(struct features, "potentiallyUnsafeConfigAnnotations", potentially_unsafe_config_annotations,
		    OPTIONAL),
};
FIELDS(fields_features, features_rows);
