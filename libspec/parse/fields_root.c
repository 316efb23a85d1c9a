/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows: the top of config.json, root, mounts, hooks. Source: runtime-spec config.md; order as runc writes.
 */
#include "libspec/parse/tables.h"

static const struct field root_rows[] = {
	ROW_STRING(struct spec_root, "path", path, REQUIRED),
	ROW_BOOL(struct spec_root, "readonly", readonly, OPTIONAL),
};
FIELDS(fields_root, root_rows);

static const struct field id_map_rows[] = {
	ROW_PLAIN_U32(struct spec_id_map, "containerID", container_id, REQUIRED),
	ROW_PLAIN_U32(struct spec_id_map, "hostID", host_id, REQUIRED),
	ROW_PLAIN_U32(struct spec_id_map, "size", size, REQUIRED),
};
FIELDS(fields_id_map, id_map_rows);

static const struct field mount_rows[] = {
	ROW_STRING(struct spec_mount, "destination", destination, REQUIRED),
	ROW_STRING(struct spec_mount, "type", type, OPTIONAL),
	ROW_STRING(struct spec_mount, "source", source, OPTIONAL),
	ROW_STRINGS(struct spec_mount, "options", options, OPTIONAL),
	ROW_OBJECTS(struct spec_mount, "uidMappings", uid_mappings, fields_id_map, OPTIONAL),
	ROW_OBJECTS(struct spec_mount, "gidMappings", gid_mappings, fields_id_map, OPTIONAL),
};
FIELDS(fields_mount, mount_rows);

static const struct field hook_rows[] = {
	ROW_STRING(struct spec_hook, "path", path, REQUIRED),
	ROW_STRINGS(struct spec_hook, "args", args, OPTIONAL),
	ROW_STRINGS(struct spec_hook, "env", env, OPTIONAL),
	ROW_I64(struct spec_hook, "timeout", timeout, BOUNDED(1, 0)),
};
FIELDS(fields_hook, hook_rows);

#define ROW_HOOKS(word, point) ROW_OBJECTS(struct spec_hooks, word, points[(point)-1], fields_hook, OPTIONAL)
static const struct field hooks_rows[] = {
	ROW_HOOKS("prestart", HOOK_PRESTART),
	ROW_HOOKS("createRuntime", HOOK_CREATE_RUNTIME),
	ROW_HOOKS("createContainer", HOOK_CREATE_CONTAINER),
	ROW_HOOKS("startContainer", HOOK_START_CONTAINER),
	ROW_HOOKS("poststart", HOOK_POSTSTART),
	ROW_HOOKS("poststop", HOOK_POSTSTOP),
};
FIELDS(fields_hooks, hooks_rows);

static const struct field spec_rows[] = {
	ROW_STRING(struct spec, "ociVersion", oci_version, REQUIRED),
	ROW_OBJECT(struct spec, "process", process, fields_process, OPTIONAL),
	ROW_OBJECT(struct spec, "root", root, fields_root, OPTIONAL),
	ROW_STRING(struct spec, "hostname", hostname, OPTIONAL),
	ROW_STRING(struct spec, "domainname", domainname, OPTIONAL),
	ROW_OBJECTS(struct spec, "mounts", mounts, fields_mount, OPTIONAL),
	ROW_OBJECT(struct spec, "hooks", hooks, fields_hooks, OPTIONAL),
	ROW_PAIRS(struct spec, "annotations", annotations, OPTIONAL),
	ROW_OBJECT(struct spec, "linux", os_linux, fields_linux, OPTIONAL),
	ROW_IGNORED("solaris", "orlop runs on Linux"),
	ROW_IGNORED("windows", "orlop runs on Linux"),
	ROW_OBJECT(struct spec, "vm", vm, fields_vm, NOT_ACTED_ON("orlop starts processes, not virtual machines")),
	ROW_IGNORED("zos", "orlop runs on Linux"),
	ROW_IGNORED("freebsd", "orlop runs on Linux"),
};
FIELDS(fields_spec, spec_rows);
