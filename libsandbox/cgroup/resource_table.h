/* SPDX-License-Identifier: Apache-2.0 */
/*
 * THE table of resources: one row per limit, from the spec's number to cgroup v2's file and systemd's property.
 *
 *     spec -> canonical v2 value (row.convert) -> `unified` overrides by file name -> files, or properties
 *
 * Units are converted once, at the first arrow; systemd's units once, at the last. The order of rows is the order of writing.
 */
#ifndef ORLOP_LIBSANDBOX_RESOURCE_TABLE_H
#define ORLOP_LIBSANDBOX_RESOURCE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libbase/arena.h"
#include "libsandbox/plan.h"
#include "libspec/problem.h"
#include "libspec/spec.h"

enum resource_controller {
	CONTROLLER_CPU = 1,
	CONTROLLER_CPUSET,
	CONTROLLER_MEMORY,
	CONTROLLER_IO,
	CONTROLLER_PIDS,
	CONTROLLER_HUGETLB,
	CONTROLLER_RDMA,
	CONTROLLER_MISC,
};
#define RESOURCE_CONTROLLER_BIT(controller) (UINT64_C(1) << (controller)) /* of plan_cgroup.controllers */

/* "memory"; NULL for what is none. The other way is by the part of a file's name before its first dot; 0 for what is none of these. */
const char *resource_controller_name(int controller);
int resource_controller_of_file(const char *file);

/* How systemd wants the value (org.freedesktop.systemd1(5)). */
enum resource_property_type {
	PROPERTY_NONE = 0,
	PROPERTY_U64,          /* t: bytes or a count; UINT64_MAX: infinity */
	PROPERTY_USEC_PER_SEC, /* t: quota and period as microseconds per second, rounded up to 10 ms */
	PROPERTY_CPU_SET,      /* ay: bit mask */
	PROPERTY_OOM_POLICY,   /* s: 0 is "continue", 1 is "kill"; only when the unit is made */
	PROPERTY_CPU_IDLE,     /* t: 1 makes the property 0 and takes the place of cpu.weight's; 0 sets nothing */
};

/* A row fills `out` from the resources and says how many values it made (0: not asked for), or -EINVAL after adding a problem, or -ENOMEM. */
struct resource_out {
	struct plan_resource *items;
	size_t count;
	size_t capacity;
};
struct resource_work {
	const struct spec_resources *resources;
	const struct host *host;
	struct arena *arena;
	struct problems *problems;
	struct resource_out *out;
	const char *where; /* JSON path of the resources: "/linux/resources", or "" for a document of their own */
	const char *field; /* below `where`, of the value that was made last: for messages */
};

struct resource_row {
	const char
		*field;   /* "/memory/limit" below /linux/resources; several stand with blanks between; "" for rows that
				 * only `unified` reaches */
	const char *file; /* "memory.max"; a '*' stands for a part that the value names (hugetlb.*.max) */
	int controller;   /* enum resource_controller */
	const char *property;   /* "MemoryMax", or NULL: always by file */
	const char *property_2; /* CPUQuotaPeriodUSec beside CPUQuotaPerSecUSec */
	int property_type;      /* enum resource_property_type */
	uint32_t systemd_since; /* the version that has the property; 0: all that orlop runs with */
	const char *option;     /* of `orlop update`: "--memory", several with blanks between, or NULL */
	const char
		*nothing; /* the value that asks for nothing: what the kernel does by itself; NULL: every value asks */
	uint64_t number_least; /* systemd refuses less */
	int (*convert)(const struct resource_row *row, struct resource_work *work);
};

extern const struct resource_row resource_rows[];
extern const size_t resource_rows_count;

/* The row of a file name ("memory.max", "hugetlb.2MB.max"), or NULL. */
const struct resource_row *resource_row_of_file(const char *file);

/* The property's number from the text of the row's file: UINT64_MAX for "max"; microseconds per second for cpu.max. False when the row has
 * no property that is a number, or the text is none: then only the file can take it. */
bool resource_number(const struct resource_row *row, const char *value, uint64_t *ret);
/* "50000 100000", "max", "max 20000": UINT64_MAX for no quota, the kernel's 100 ms where no period is given. False: not such a text. */
bool resource_cpu_max_parse(const char *value, uint64_t *quota_us, uint64_t *period_us);
/* The value is what the kernel does without it, so that a missing controller is no loss. */
bool resource_asks_nothing(const struct plan_resource *resource);

/* Adds a value to work->out, in place of an earlier one for the same file; `value` NULL stands for memory that was not had. Returns 1 or
 * -ENOMEM. */
int resource_add(struct resource_work *work, const struct resource_row *row, const char *file, const char *value);

/* The 2025 formula (runc >= 1.3.2, crun >= 1.23, systemd's own scale): 0 stays 0 (unset), 2 or less is 1, 1024 is 100, 262144 is 10000. */
uint64_t resource_cpu_weight(uint64_t shares);
/* blkio weight 10..1000 to io.weight 1..10000; 0 stays 0. */
uint64_t resource_io_weight(uint64_t weight);

#endif
