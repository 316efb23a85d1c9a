/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows: linux.seccomp. Source: runtime-spec config-linux.md, "Seccomp"; order as runc writes.
 */
#include "libspec/parse/tables.h"

static const struct field seccomp_arg_rows[] = {
	ROW_PLAIN_U32(struct spec_seccomp_arg, "index", index, REQUIRED),
	ROW_PLAIN_U64(struct spec_seccomp_arg, "value", value, REQUIRED),
	ROW_PLAIN_U64(struct spec_seccomp_arg, "valueTwo", value_two, OPTIONAL),
	ROW_ENUM(struct spec_seccomp_arg, "op", op, names_seccomp_operators, REQUIRED),
};
FIELDS(fields_seccomp_arg, seccomp_arg_rows);

static const struct field seccomp_call_rows[] = {
	ROW_STRINGS(struct spec_seccomp_call, "names", names, FLAGS(FIELD_REQUIRED | FIELD_NOT_EMPTY)),
	ROW_ENUM(struct spec_seccomp_call, "action", action, names_seccomp_actions, REQUIRED),
	ROW_U32(struct spec_seccomp_call, "errnoRet", errno_ret, OPTIONAL),
	ROW_OBJECTS(struct spec_seccomp_call, "args", args, fields_seccomp_arg, OPTIONAL),
};
FIELDS(fields_seccomp_call, seccomp_call_rows);

static const struct field seccomp_rows[] = {
	ROW_ENUM(struct spec_seccomp, "defaultAction", default_action, names_seccomp_actions, FLAGS(FIELD_BLANK)),
	ROW_U32(struct spec_seccomp, "defaultErrnoRet", default_errno_ret, OPTIONAL),
	ROW_MASK(struct spec_seccomp, "architectures", architectures, names_seccomp_archs, OPTIONAL),
	ROW_MASK(struct spec_seccomp, "flags", flags, names_seccomp_flags, OPTIONAL),
	ROW_STRING(struct spec_seccomp, "listenerPath", listener_path, OPTIONAL),
	ROW_STRING(struct spec_seccomp, "listenerMetadata", listener_metadata, OPTIONAL),
	ROW_OBJECTS(struct spec_seccomp, "syscalls", syscalls, fields_seccomp_call, OPTIONAL),
};
FIELDS(fields_seccomp, seccomp_rows);
