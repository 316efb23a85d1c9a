/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts plan_build is made of, one file per subject; each fills its members of the plan and adds its violations.
 */
#ifndef ORLOP_LIBSANDBOX_PLAN_BUILD_H
#define ORLOP_LIBSANDBOX_PLAN_BUILD_H

#include "libsandbox/plan.h"

struct plan_work {
	const struct spec *spec;
	const struct host *host;
	const struct plan_options *options;
	struct arena *arena;
	struct problems *problems;
	struct plan *plan;
	bool exec; /* a process joins: what is the container's was told when that was made */
};

/* Return 0 or -ENOMEM; everything else is a problem. Called in this order. */
int plan_namespaces_build(
	struct plan_work *work); /* namespaces.c: namespaces, time offsets, names, sysctl, net devices, rootless */
int plan_ids_build(struct plan_work *work);       /* ids.c */
int plan_root_build(struct plan_work *work);      /* mounts.c: root, mounts, masked and read-only paths */
int plan_devices_build(struct plan_work *work);   /* devices.c: nodes and symlinks */
int plan_process_build(struct plan_work *work);   /* process.c */
int plan_seccomp_build(struct plan_work *work);   /* seccomp.c */
int plan_rdt_build(struct plan_work *work);       /* rdt.c: the resctrl group */
int plan_cgroup_build(struct plan_work *work);    /* cgroup.c: driver, path, unit, properties */
int plan_resources_build(struct plan_work *work); /* resources.c: limits and device rules */
int plan_mounts_split(struct plan_work *work);    /* mounts.c: which mounts wait for what */
int plan_steps_build(struct plan_work *work);     /* steps.c: walks the step tables */

/* Where a map puts an id on the host; the overflow id when it is not mapped. ids.c. */
uint32_t plan_id_to_host(const struct spec_id_maps *maps, uint32_t id);

#endif
