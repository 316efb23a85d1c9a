/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cache and memory bandwidth: groups of resctrl, their schemata, who is in them, what they measure.
 *
 * A group is named by its path below the root: "web", "." for the default one, "web/mon_groups/web" for one that only measures. Every call is
 * given the root's directory, so that a test can give it another tree.
 *
 * Read: the kernel's resctrl.rst; runtime-spec config-linux.md, "IntelRdt".
 */
#ifndef ORLOP_LIBSANDBOX_RDT_H
#define ORLOP_LIBSANDBOX_RDT_H

#include <stdbool.h>
#include <sys/types.h>

#include "libbase/error.h"
#include "libbase/json_writer.h"
#include "libspec/spec.h"

#define RDT_ROOT "/sys/fs/resctrl"

/* The root's directory; -ENOTSUP when resctrl is not mounted there. */
int rdt_open(const char *path, struct error *err) _warn_unused_;
bool rdt_group_exists(int root_fd, const char *group);

/*
 * Makes the group unless it is there. `must_exist`: one that is not there is an error (closID without schemata). *ret_made tells which it was:
 * a new one wants rdt_schemata_write, one that was there rdt_schemata_check.
 */
int rdt_group_make(int root_fd, const char *group, bool must_exist, bool *ret_made, struct error *err) _warn_unused_;
/* Writes l3CacheSchema with memBwSchema, then the lines of schemata. A line of memory bandwidth in l3CacheSchema gives way to memBwSchema. */
int rdt_schemata_write(int root_fd, const char *group, const struct spec_intel_rdt *rdt, struct error *err)
	_warn_unused_;
/* -EINVAL when the group has not what is asked for: it is others' as well, so nothing is written. */
int rdt_schemata_check(int root_fd, const char *group, const struct spec_intel_rdt *rdt, struct error *err)
	_warn_unused_;
/* Moves one thread; those that it makes later are born in the group. */
int rdt_enter(int root_fd, const char *group, pid_t pid, struct error *err) _warn_unused_;
/* That there is none is no error. Whoever was in it is in its parent then. */
int rdt_remove(int root_fd, const char *group, struct error *err) _warn_unused_;

/* Members of runc's `intel_rdt` object, into the object that is open. What the machine does not have is left out. `monitor`: of whom to
 * tell the measurements; NULL: the group's own. */
int rdt_stats_write(int root_fd, const char *group, const char *monitor, struct json_writer *json, struct error *err)
	_warn_unused_;

#endif
