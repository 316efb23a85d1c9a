/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The spec's numbers as cgroup v2 texts: one function per row of the table, which is their only caller.
 *
 * Each has the contract of resource_row.convert. Ranges were checked by libspec/check/resources.c; what remains here are the rules that
 * a conversion itself needs.
 */
#ifndef ORLOP_LIBSANDBOX_RESOURCE_CONVERT_H
#define ORLOP_LIBSANDBOX_RESOURCE_CONVERT_H

#include "libsandbox/cgroup/resource_table.h"

int resource_convert_pids(const struct resource_row *row, struct resource_work *work);
int resource_convert_memory_low(const struct resource_row *row, struct resource_work *work);
int resource_convert_memory_swap(const struct resource_row *row, struct resource_work *work);
int resource_convert_memory_max(const struct resource_row *row, struct resource_work *work);
int resource_convert_io_weight(const struct resource_row *row, struct resource_work *work);
int resource_convert_io_bfq_weight(const struct resource_row *row, struct resource_work *work);
int resource_convert_io_max(const struct resource_row *row, struct resource_work *work);
int resource_convert_cpu_weight(const struct resource_row *row, struct resource_work *work);
int resource_convert_cpu_idle(const struct resource_row *row, struct resource_work *work);
int resource_convert_cpu_max(const struct resource_row *row, struct resource_work *work);
int resource_convert_cpu_burst(const struct resource_row *row, struct resource_work *work);
int resource_convert_cpuset_cpus(const struct resource_row *row, struct resource_work *work);
int resource_convert_cpuset_mems(const struct resource_row *row, struct resource_work *work);
int resource_convert_hugetlb_rsvd(const struct resource_row *row, struct resource_work *work);
int resource_convert_hugetlb(const struct resource_row *row, struct resource_work *work);
int resource_convert_rdma(const struct resource_row *row, struct resource_work *work);

#endif
