/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a container uses, as its cgroup tells; and when it was out of memory. For `orlop events` and `update`.
 *
 * Not for: resctrl (rdt.h).
 */
#ifndef ORLOP_LIBSANDBOX_STATS_H
#define ORLOP_LIBSANDBOX_STATS_H

#include <stdbool.h>
#include <stdint.h>

#include "libbase/error.h"
#include "libbase/json_writer.h"
#include "libsandbox/control.h"
#include "libspec/spec.h"

/*
 * The members `cpu`, `cpuset`, `memory`, `pids`, `blkio` and `hugetlb` of runc's statistics, into the object that is open. What the cgroup has
 * no file for is 0 or left out, as runc does it. -ENODEV: the cgroup is gone.
 */
int stats_write(const struct control *control, struct json_writer *json, struct error *err) _warn_unused_;

/* memory.checkBeforeUpdate: -EBUSY when it is set and more is in use than `memory` would allow. */
int stats_check_memory(const struct control *control, const struct spec_memory *memory, struct error *err)
	_warn_unused_;

/* Until the last process is gone: each kill for want of memory. */
struct stats_watch {
	int cgroup_fd; /* cgroup.events: poll for POLLPRI */
	int memory_fd; /* memory.events, likewise; FD_NONE without a memory controller */
	uint64_t kills;
};
#define STATS_WATCH_INIT ((struct stats_watch){ .cgroup_fd = FD_NONE, .memory_fd = FD_NONE })

/* What was before is not told. */
int stats_watch_open(struct stats_watch *watch, const struct control *control, struct error *err) _warn_unused_;
void stats_watch_cleanup(struct stats_watch *watch);
/* After a poll, which this arms again: the kills since the last look, and whether the container has ended. */
int stats_watch_look(struct stats_watch *watch, uint64_t *ret_kills, bool *ret_ended, struct error *err) _warn_unused_;

#endif
