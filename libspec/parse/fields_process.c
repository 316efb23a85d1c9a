/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows: process. Source: runtime-spec config.md, "Process"; order as runc writes.
 */
#include "libspec/parse/tables.h"

static const struct field console_size_rows[] = {
	ROW_PLAIN_U64(struct spec_console_size, "height", height, REQUIRED),
	ROW_PLAIN_U64(struct spec_console_size, "width", width, REQUIRED),
};
FIELDS(fields_console_size, console_size_rows);

static const struct field user_rows[] = {
	ROW_U32(struct spec_user, "uid", uid, OPTIONAL),
	ROW_U32(struct spec_user, "gid", gid, OPTIONAL),
	ROW_U32(struct spec_user, "umask", umask, OPTIONAL),
	ROW_U32S(struct spec_user, "additionalGids", additional_gids, OPTIONAL),
	ROW_STRING(struct spec_user, "username", username, NOT_ACTED_ON("for Windows")),
};
FIELDS(fields_user, user_rows);

#define ROW_CAPABILITIES(word, member) \
	ROW_MASK(struct spec_capabilities, word, member, names_capabilities, FLAGS(FIELD_KEEP_UNKNOWN))
static const struct field capabilities_rows[] = {
	ROW_CAPABILITIES("bounding", bounding),       ROW_CAPABILITIES("effective", effective),
	ROW_CAPABILITIES("inheritable", inheritable), ROW_CAPABILITIES("permitted", permitted),
	ROW_CAPABILITIES("ambient", ambient),
};
FIELDS(fields_capabilities, capabilities_rows);

static const struct field rlimit_rows[] = {
	ROW_ENUM(struct spec_rlimit, "type", type, names_rlimits, REQUIRED),
	ROW_PLAIN_U64(struct spec_rlimit, "hard", hard, REQUIRED),
	ROW_PLAIN_U64(struct spec_rlimit, "soft", soft, REQUIRED),
};
FIELDS(fields_rlimit, rlimit_rows);

static const struct field scheduler_rows[] = {
	ROW_ENUM(struct spec_scheduler, "policy", policy, names_scheduler_policies, REQUIRED),
	ROW_I32(struct spec_scheduler, "nice", nice, OPTIONAL),
	ROW_I32(struct spec_scheduler, "priority", priority, OPTIONAL),
	ROW_MASK(struct spec_scheduler, "flags", flags, names_scheduler_flags, OPTIONAL),
	ROW_U64(struct spec_scheduler, "runtime", runtime, OPTIONAL),
	ROW_U64(struct spec_scheduler, "deadline", deadline, OPTIONAL),
	ROW_U64(struct spec_scheduler, "period", period, OPTIONAL),
};
FIELDS(fields_scheduler, scheduler_rows);

static const struct field io_priority_rows[] = {
	ROW_ENUM(struct spec_io_priority, "class", class, names_io_classes, REQUIRED),
	ROW_I32(struct spec_io_priority, "priority", priority, OPTIONAL),
};
FIELDS(fields_io_priority, io_priority_rows);

static const struct field cpu_affinity_rows[] = {
	ROW_STRING(struct spec_cpu_affinity, "initial", initial, OPTIONAL),
	ROW_STRING(struct spec_cpu_affinity, "final", final, OPTIONAL),
};
FIELDS(fields_cpu_affinity, cpu_affinity_rows);

static const struct field process_rows[] = {
	ROW_BOOL(struct spec_process, "terminal", terminal, OPTIONAL),
	ROW_OBJECT(struct spec_process, "consoleSize", console_size, fields_console_size, OPTIONAL),
	ROW_OBJECT(struct spec_process, "user", user, fields_user, OPTIONAL),
	ROW_STRINGS(struct spec_process, "args", args, OPTIONAL),
	ROW_STRING(struct spec_process, "commandLine", command_line, NOT_ACTED_ON("for Windows")),
	ROW_STRINGS(struct spec_process, "env", env, OPTIONAL),
	ROW_STRING(struct spec_process, "cwd", cwd, REQUIRED_OR("Cwd property must not be empty")), /* runc's */
	ROW_OBJECT(struct spec_process, "capabilities", capabilities, fields_capabilities, OPTIONAL),
	ROW_OBJECTS(struct spec_process, "rlimits", rlimits, fields_rlimit, OPTIONAL),
	ROW_BOOL(struct spec_process, "noNewPrivileges", no_new_privileges, OPTIONAL),
	ROW_STRING(struct spec_process, "apparmorProfile", apparmor_profile, OPTIONAL),
	ROW_I32(struct spec_process, "oomScoreAdj", oom_score_adj, OPTIONAL),
	ROW_OBJECT(struct spec_process, "scheduler", scheduler, fields_scheduler, OPTIONAL),
	ROW_STRING(struct spec_process, "selinuxLabel", selinux_label, OPTIONAL),
	ROW_OBJECT(struct spec_process, "ioPriority", io_priority, fields_io_priority, OPTIONAL),
	ROW_OBJECT(struct spec_process, "execCPUAffinity", exec_cpu_affinity, fields_cpu_affinity, OPTIONAL),
};
FIELDS(fields_process, process_rows);
