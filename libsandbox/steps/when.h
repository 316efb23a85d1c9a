/* SPDX-License-Identifier: Apache-2.0 */
/* The predicates of the step tables: pure questions to a plan, one line each. */
#ifndef ORLOP_LIBSANDBOX_WHEN_H
#define ORLOP_LIBSANDBOX_WHEN_H

#include <stdbool.h>

#include "libsandbox/plan.h"

bool when_always(const struct plan *plan);
/* Some row reads or writes the host's procfs: a mount of its own, which costs more than ten rows. */
bool when_procfs(const struct plan *plan);
bool when_joined_namespaces(const struct plan *plan);
bool when_init_joins(const struct plan *plan);
bool when_init_joins_cgroup(const struct plan *plan);
bool when_born_last(const struct plan *plan);
bool when_born_first(const struct plan *plan);
bool when_born_traced(const struct plan *plan);
bool when_born_filtered(const struct plan *plan);
bool when_new_user_namespace(const struct plan *plan);
bool when_id_maps(const struct plan *plan);
bool when_time_offsets(const struct plan *plan);
bool when_cgroup_files(const struct plan *plan);
bool when_cgroup_unit(const struct plan *plan);
bool when_unit_connect(const struct plan *plan);
bool when_cgroup(const struct plan *plan);
bool when_cgroup_delegated(const struct plan *plan);
bool when_new_cgroup_namespace(const struct plan *plan);
bool when_limit_files(const struct plan *plan);
bool when_limit_rest(const struct plan *plan);
bool when_device_program(const struct plan *plan);
bool when_devices_awaited(const struct plan *plan);
bool when_unit_device_program(const struct plan *plan);
bool when_intel_rdt(const struct plan *plan);
bool when_net_devices(const struct plan *plan);
bool when_born_network(const struct plan *plan);
bool when_handed_network(const struct plan *plan);
bool when_go(const struct plan *plan);
bool when_exec_go(const struct plan *plan);
bool when_loopback_awaited(const struct plan *plan);
bool when_loopback_beside(const struct plan *plan);
bool when_own_mounts(const struct plan *plan);
bool when_shared_mounts(const struct plan *plan);
bool when_mounts(const struct plan *plan);
bool when_mounts_network(const struct plan *plan);
bool when_mounts_devices(const struct plan *plan);
bool when_devices_early(const struct plan *plan);
bool when_devices(const struct plan *plan);
bool when_pivot_early(const struct plan *plan);
bool when_pivot_late(const struct plan *plan);
bool when_runtime_hooks(const struct plan *plan);
bool when_container_hooks(const struct plan *plan);
bool when_start_hooks(const struct plan *plan);
bool when_poststart_hooks(const struct plan *plan);
bool when_terminal(const struct plan *plan);
bool when_names(const struct plan *plan);
bool when_sysctl(const struct plan *plan);
bool when_readonly_paths(const struct plan *plan);
bool when_masked_paths(const struct plan *plan);
bool when_late_readonly(const struct plan *plan);
bool when_rlimits(const struct plan *plan);
bool when_oom_score(const struct plan *plan);
bool when_keyring(const struct plan *plan);
bool when_scheduling(const struct plan *plan);
bool when_label(const struct plan *plan);
bool when_no_new_privileges(const struct plan *plan);
bool when_seccomp(const struct plan *plan);
bool when_seccomp_early(const struct plan *plan);
bool when_seccomp_late(const struct plan *plan);
bool when_seccomp_born(const struct plan *plan);
bool when_listener_early(const struct plan *plan);
bool when_listener_late(const struct plan *plan);
bool when_listener_born(const struct plan *plan);

#endif
