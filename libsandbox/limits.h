/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The limits that resources ask for, in cgroup v2 form: what a plan holds, and what `orlop update` applies to a live container.
 */
#ifndef ORLOP_LIBSANDBOX_LIMITS_H
#define ORLOP_LIBSANDBOX_LIMITS_H

#include "libsandbox/plan.h"

struct limits {
	const struct plan_resource
		*items; /* in the order of writing: rows of the table, then other `unified` keys, sorted */
	size_t count;
	uint64_t controllers; /* RESOURCE_CONTROLLER_BIT of those that they need */
};

/*
 * Pure. `where` is the JSON path of the resources ("/linux/resources", or "" for a document of their own). A limit whose controller the
 * host lacks is a problem, unless it asks for nothing. Everything made lives in `arena`. Returns 0 or -ENOMEM; the rest is problems.
 */
int limits_build(const struct spec_resources *resources, const struct host *host, const char *where,
		 struct arena *arena, struct problems *problems, struct limits *ret);

#endif
