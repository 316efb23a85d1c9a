/* SPDX-License-Identifier: Apache-2.0 */
/* Rows: orlop's own record of a container. No specification has it; what is named as in the state document means the same. */
#include "libspec/parse/tables.h"

static const struct field record_rows[] = {
	ROW_PLAIN_U32(struct record, "version", version, REQUIRED),
	ROW_STRING(struct record, "ociVersion", oci_version, REQUIRED),
	ROW_STRING(struct record, "id", id, REQUIRED),
	ROW_STRING(struct record, "bundle", bundle, REQUIRED),
	ROW_STRING(struct record, "rootfs", rootfs, OPTIONAL),
	ROW_STRING(struct record, "created", created, OPTIONAL),
	ROW_PLAIN_I64(struct record, "pid", pid, BOUNDED(0, FIELD_ALWAYS)),
	ROW_PLAIN_U64(struct record, "startTime", start_time, OPTIONAL),
	ROW_PLAIN_U32(struct record, "owner", owner, FLAGS(FIELD_ALWAYS)),
	ROW_BOOL(struct record, "ready", ready, OPTIONAL),
	ROW_BOOL(struct record, "systemd", systemd, OPTIONAL),
	ROW_STRING(struct record, "cgroupMount", cgroup_mount, OPTIONAL),
	ROW_STRING(struct record, "cgroupPath", cgroup_path, OPTIONAL),
	ROW_STRING(struct record, "unit", unit, OPTIONAL),
	ROW_BOOL(struct record, "userManager", user_manager, OPTIONAL),
	ROW_STRING(struct record, "rdtClass", rdt_class, OPTIONAL),
	ROW_STRING(struct record, "rdtGroup", rdt_group, OPTIONAL),
	ROW_STRING(struct record, "rdtMonitor", rdt_monitor, OPTIONAL),
	ROW_BOOL(struct record, "ownPids", own_pids, OPTIONAL),
	ROW_BOOL(struct record, "noNewKeyring", no_new_keyring, OPTIONAL),
	ROW_BOOL(struct record, "poststop", poststop, OPTIONAL),
	ROW_BOOL(struct record, "poststart", poststart, OPTIONAL),
	ROW_PAIRS(struct record, "annotations", annotations, OPTIONAL),
	ROW_OBJECT(struct record, "resources", resources, fields_resources, OPTIONAL),
};
FIELDS(fields_record, record_rows);
