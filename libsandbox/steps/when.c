/* SPDX-License-Identifier: Apache-2.0 */
/* The predicates of the step tables. They look at the plan only. */
#include "libsandbox/steps/when.h"

#include <sched.h>

#include "libbase/text.h"

bool when_always(const struct plan *plan)
{
	(void)plan;
	return true;
}

bool when_joined_namespaces(const struct plan *plan)
{
	return plan->namespaces.join_flags != 0;
}

/* Where there is a joiner it did it. */
bool when_init_joins(const struct plan *plan)
{
	return when_joined_namespaces(plan) && !plan->namespaces.via_joiner;
}

bool when_init_joins_cgroup(const struct plan *plan)
{
	return plan->namespaces.via_joiner && (plan->namespaces.join_flags & CLONE_NEWCGROUP);
}

bool when_born_last(const struct plan *plan)
{
	return plan->namespaces.born_last;
}

bool when_born_first(const struct plan *plan)
{
	return !plan->namespaces.born_last;
}

bool when_born_traced(const struct plan *plan)
{
	return when_born_last(plan) && plan->namespaces.traced;
}

bool when_born_filtered(const struct plan *plan)
{
	return when_born_last(plan) && when_seccomp(plan);
}

bool when_new_user_namespace(const struct plan *plan)
{
	return plan->namespaces.new_flags & CLONE_NEWUSER;
}

bool when_id_maps(const struct plan *plan)
{
	return when_new_user_namespace(plan) && plan->ids.writer != ID_WRITER_NONE;
}

bool when_time_offsets(const struct plan *plan)
{
	return plan->time_offset_count > 0;
}

bool when_cgroup_files(const struct plan *plan)
{
	return plan->cgroup.driver == CGROUP_DRIVER_CGROUPFS;
}

bool when_cgroup_unit(const struct plan *plan)
{
	return plan->cgroup.driver == CGROUP_DRIVER_SYSTEMD;
}

/* Whoever is in a joined pid namespace may see init before it has closed what it inherits; the connection is made after its birth then. */
bool when_unit_connect(const struct plan *plan)
{
	return when_cgroup_unit(plan) && !plan->namespaces.via_joiner;
}

bool when_cgroup(const struct plan *plan)
{
	return when_cgroup_files(plan) || when_cgroup_unit(plan);
}

bool when_cgroup_delegated(const struct plan *plan)
{
	return when_cgroup(plan) && plan->cgroup.delegate;
}

bool when_new_cgroup_namespace(const struct plan *plan)
{
	return plan->namespaces.new_flags & CLONE_NEWCGROUP;
}

bool when_limit_files(const struct plan *plan)
{
	return when_cgroup_files(plan) && plan->cgroup.resource_count > 0;
}

bool when_limit_rest(const struct plan *plan)
{
	return when_cgroup_unit(plan) && plan->cgroup.resource_count > 0;
}

bool when_device_program(const struct plan *plan)
{
	return when_cgroup_files(plan) && plan->cgroup.device_program;
}

bool when_devices_awaited(const struct plan *plan)
{
	return when_device_program(plan) && (when_mounts_devices(plan) || when_container_hooks(plan));
}

bool when_unit_device_program(const struct plan *plan)
{
	return when_cgroup_unit(plan) && plan->cgroup.device_program;
}

bool when_intel_rdt(const struct plan *plan)
{
	return plan->intel_rdt;
}

static bool when_mapped_mounts(const struct plan *plan)
{
	for (size_t i = 0; i < plan->mount_count; i++) {
		if (plan->mounts[i].idmap != IDMAP_NONE)
			return true;
	}
	return false;
}

bool when_procfs(const struct plan *plan)
{
	return when_new_user_namespace(plan) || when_mapped_mounts(plan) || when_time_offsets(plan) ||
	       when_net_devices(plan) || when_sysctl(plan) || when_oom_score(plan) || when_label(plan) ||
	       when_cgroup_unit(plan) || (plan->root.own_mounts && !plan->root.pivot);
}

bool when_net_devices(const struct plan *plan)
{
	return plan->net_device_count > 0;
}

bool when_born_network(const struct plan *plan)
{
	return plan->namespaces.new_flags & ~plan->namespaces.handed_flags & CLONE_NEWNET;
}

bool when_handed_network(const struct plan *plan)
{
	return plan->namespaces.handed_flags & CLONE_NEWNET;
}

static bool is_changed_when_born(const struct plan *plan)
{
	return when_cgroup_unit(plan) || when_intel_rdt(plan) || when_rlimits(plan) || when_oom_score(plan);
}

/* Where nothing was done to init since its birth, which was in its cgroup, it need not wait. But that the host side is gone, perhaps before init could
 * ask to die with it, only a message shows that init waits for: the network namespace comes with the next one. */
bool when_go(const struct plan *plan)
{
	return !when_handed_network(plan) || plan->namespaces.via_joiner || when_cgroup_delegated(plan) ||
	       when_new_user_namespace(plan) || when_net_devices(plan) || is_changed_when_born(plan);
}

/* The joiner, as exec's plan has no network of its own. What it bears waits for start, and sees then whether the host side is there. */
bool when_exec_go(const struct plan *plan)
{
	return !when_born_last(plan) || is_changed_when_born(plan);
}

/* Nobody but who runs before the program could see it down: hooks, and sysctls of the interface. */
bool when_loopback_awaited(const struct plan *plan)
{
	return when_handed_network(plan) && (when_container_hooks(plan) || when_sysctl(plan));
}

bool when_loopback_beside(const struct plan *plan)
{
	return when_handed_network(plan) && !when_loopback_awaited(plan);
}

bool when_own_mounts(const struct plan *plan)
{
	return plan->root.own_mounts;
}

/* The host's mounts are the container's as well: then its root is entered by chroot. */
bool when_shared_mounts(const struct plan *plan)
{
	return !plan->root.own_mounts;
}

bool when_mounts(const struct plan *plan)
{
	return when_own_mounts(plan) && plan->mounts_network > 0;
}

bool when_mounts_network(const struct plan *plan)
{
	return when_own_mounts(plan) && plan->mounts_devices > plan->mounts_network;
}

bool when_mounts_devices(const struct plan *plan)
{
	return when_own_mounts(plan) && plan->mount_count > plan->mounts_devices;
}

bool when_devices(const struct plan *plan)
{
	return when_own_mounts(plan) && (plan->device_count > 0 || plan->symlink_count > 0);
}

/* Of those that wait for the network namespace: a cgroup that its own namespace does not show is bound from the host's mount, and what goes on a
 * node of /dev has to be there before it. */
static bool is_possible_after_pivot(const struct plan *plan, const struct plan_mount *mount)
{
	const char *below = text_after(mount->destination, "/dev");

	if (below && (*below == '\0' || *below == '/'))
		return false;
	return mount->kind != MOUNT_CGROUP || plan->namespaces.new_flags & CLONE_NEWCGROUP;
}

bool when_pivot_early(const struct plan *plan)
{
	if (!when_handed_network(plan) || !when_own_mounts(plan) || !plan->root.pivot || when_mounts_devices(plan) ||
	    when_runtime_hooks(plan) || when_container_hooks(plan))
		return false;
	for (size_t i = plan->mounts_network; i < plan->mount_count; i++)
		if (!is_possible_after_pivot(plan, &plan->mounts[i]))
			return false;
	return true;
}

bool when_pivot_late(const struct plan *plan)
{
	return when_own_mounts(plan) && !when_pivot_early(plan);
}

bool when_devices_early(const struct plan *plan)
{
	return when_devices(plan) && when_pivot_early(plan);
}

bool when_runtime_hooks(const struct plan *plan)
{
	return spec_hooks_at(plan->spec, HOOK_PRESTART).count > 0 ||
	       spec_hooks_at(plan->spec, HOOK_CREATE_RUNTIME).count > 0;
}

bool when_container_hooks(const struct plan *plan)
{
	return spec_hooks_at(plan->spec, HOOK_CREATE_CONTAINER).count > 0;
}

bool when_start_hooks(const struct plan *plan)
{
	return spec_hooks_at(plan->spec, HOOK_START_CONTAINER).count > 0;
}

bool when_poststart_hooks(const struct plan *plan)
{
	return spec_hooks_at(plan->spec, HOOK_POSTSTART).count > 0;
}

bool when_terminal(const struct plan *plan)
{
	return plan->process.terminal;
}

bool when_names(const struct plan *plan)
{
	return plan->hostname || plan->domainname;
}

bool when_sysctl(const struct plan *plan)
{
	return plan->sysctl.count > 0;
}

bool when_readonly_paths(const struct plan *plan)
{
	return when_own_mounts(plan) && plan->readonly_paths.count > 0;
}

bool when_masked_paths(const struct plan *plan)
{
	return when_own_mounts(plan) && plan->masked_paths.count > 0;
}

bool when_late_readonly(const struct plan *plan)
{
	if (!when_own_mounts(plan))
		return false;
	for (size_t i = 0; i < plan->mount_count; i++) {
		if (plan->mounts[i].readonly_late)
			return true;
	}
	return plan->root.readonly;
}

bool when_rlimits(const struct plan *plan)
{
	return plan->process.spec->rlimits.count > 0 &&
	       (plan->namespaces.new_flags | plan->namespaces.join_flags) & CLONE_NEWUSER;
}

bool when_oom_score(const struct plan *plan)
{
	return plan->process.spec->oom_score_adj.set;
}

bool when_keyring(const struct plan *plan)
{
	return plan->process.keyring;
}

bool when_scheduling(const struct plan *plan)
{
	const struct spec_process *process = plan->process.spec;

	return process->scheduler || process->io_priority || plan->spec->os_linux->personality ||
	       plan->spec->os_linux->memory_policy;
}

bool when_label(const struct plan *plan)
{
	return plan->process.spec->apparmor_profile || plan->process.spec->selinux_label;
}

bool when_no_new_privileges(const struct plan *plan)
{
	return plan->process.spec->no_new_privileges.value;
}

bool when_seccomp(const struct plan *plan)
{
	return plan->seccomp.load > SECCOMP_LOAD_NONE;
}

bool when_seccomp_early(const struct plan *plan)
{
	return plan->seccomp.load == SECCOMP_LOAD_EARLY;
}

bool when_seccomp_late(const struct plan *plan)
{
	return plan->seccomp.load == SECCOMP_LOAD_LATE;
}

bool when_seccomp_born(const struct plan *plan)
{
	return plan->seccomp.load == SECCOMP_LOAD_BORN;
}

bool when_listener_early(const struct plan *plan)
{
	return when_seccomp_early(plan) && plan->seccomp.notify;
}

bool when_listener_late(const struct plan *plan)
{
	return when_seccomp_late(plan) && plan->seccomp.notify;
}

/* The agent is told the pid of the program's process. */
bool when_listener_born(const struct plan *plan)
{
	return when_born_last(plan) && when_seccomp(plan) && plan->seccomp.notify;
}
