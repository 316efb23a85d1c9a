/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The record: what orlop keeps of a container between its commands, as a document of its own. Where it lives and what it means is
 * runtime/record.h.
 */
#ifndef ORLOP_LIBSPEC_RECORD_H
#define ORLOP_LIBSPEC_RECORD_H

#include "libspec/spec.h"

#define RECORD_VERSION 1

struct record {
	uint32_t version;
	const char *oci_version; /* of the config */
	const char *id;
	const char *bundle;
	const char *rootfs;
	const char *created;      /* RFC 3339 with nanoseconds, UTC */
	int64_t pid;              /* init on the host; 0: was never made */
	uint64_t start_time;      /* of pid, in clock ticks since boot */
	uint32_t owner;           /* uid that created it */
	struct opt_bool ready;    /* create came to its end; else the status is "creating" while the creator lives */
	struct opt_bool systemd;  /* the cgroup is a systemd unit's */
	const char *cgroup_mount; /* NULL: no cgroup */
	const char *cgroup_path;  /* below cgroup_mount */
	const char *unit;
	struct opt_bool user_manager; /* the unit is of the user's service manager */
	const char *
		rdt_class; /* the resctrl group it is in, whoever made it; ".": the default one; NULL: not our business */
	const char *rdt_group;    /* the same when it was made for this container alone; NULL: it stays */
	const char *rdt_monitor;  /* monitoring group made for it, below resctrl: "web/mon_groups/web"; NULL: none */
	struct opt_bool own_pids; /* init's death kills all: it has a pid namespace of its own */
	struct opt_bool no_new_keyring; /* the container kept its creator's session keyring; so does exec */
	struct opt_bool poststop;       /* there are poststop hooks: delete must read config.json */
	struct opt_bool poststart;      /* the same for start */
	struct spec_pairs annotations;
	const struct spec_resources *resources; /* as they were updated; NULL: those of config.json hold */
};

#endif
