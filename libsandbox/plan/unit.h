/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words of systemd that a plan needs: "slice:prefix:name", names of units and slices, properties from annotations. Pure text.
 *
 * Not for: talking to systemd (cgroup/bus.c).
 * Read: systemd.unit(5), systemd.slice(5).
 */
#ifndef ORLOP_LIBSANDBOX_PLAN_UNIT_H
#define ORLOP_LIBSANDBOX_PLAN_UNIT_H

#include <stdbool.h>

#include "libbase/arena.h"
#include "libsandbox/plan.h"

#define UNIT_SLICE_SUFFIX ".slice"
#define UNIT_NAME_MAX     255

struct unit_parts {
	const char *slice; /* "" when it was left out */
	const char *prefix;
	const char *name;
};

/* Exactly three parts with ':' between. 0, -EINVAL or -ENOMEM. */
int unit_parts_read(const char *text, struct arena *arena, struct unit_parts *ret);

/* "prefix-name.scope"; "name.scope" without a prefix; the name itself when it is one of a slice. NULL when memory is gone. */
char *unit_name(const struct unit_parts *parts, struct arena *arena);
bool unit_name_is_valid(const char *name);

/* "a-b.slice" becomes "/a.slice/a-b.slice", "-.slice" becomes "/". 0, -EINVAL (no name of a slice) or -ENOMEM. */
int unit_slice_path(const char *slice, struct arena *arena, char **ret);

/*
 * The documented names of times end in "Sec", those on the bus in "USec": such a name is changed, and its value, a number of seconds,
 * becomes "uint64 <microseconds>". Everything else stays as it is. 0, -EINVAL (no number) or -ENOMEM.
 */
int unit_property_read(const char *name, const char *value, struct arena *arena, struct plan_property *ret);

#endif
