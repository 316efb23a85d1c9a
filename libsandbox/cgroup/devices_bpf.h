/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Device rules as a program that cgroup v2 asks: list to instructions (pure), then load and attach.
 *
 * What a list means (runtime-spec config-linux.md, "Allowed Device list"; cgroup v1's devices.allow and devices.deny in order): each access
 * of a request (read, write, mknod) is decided by the last rule that names it for that device; nothing is allowed that no rule names; a
 * request passes when all of its accesses do. A request for no access at all (access(2) with F_OK) passes.
 *
 * Not for: the default rules (plan/resources.c), DeviceAllow= of systemd (driver_systemd.c).
 */
#ifndef ORLOP_LIBSANDBOX_DEVICES_BPF_H
#define ORLOP_LIBSANDBOX_DEVICES_BPF_H

#include <stddef.h>
#include <stdint.h>

#include <linux/bpf.h>

#include "libbase/arena.h"
#include "libbase/error.h"
#include "libsandbox/plan.h"

/* What the kernel's verifier takes without knowing the list; a list of every node of a large machine is a small part of it. */
#define DEVICES_RULES_MAX 4000

/* A program without jumps backwards, in `arena`. 0, -ENOMEM, or -E2BIG for more than DEVICES_RULES_MAX rules that matter. Quiet. */
int devices_program_build(const struct plan_device_rule *rules, size_t count, struct arena *arena,
			  const struct bpf_insn **ret, size_t *ret_count) _warn_unused_;

/* Returns the program's fd. `err` has the last words of the verifier where it has said any. */
int devices_program_load(const struct bpf_insn *program, size_t count, struct error *err) _warn_unused_;

/* The ids of the programs attached to the cgroup itself (not to those above). Returns how many there are; at most DEVICES_PROGRAMS_MAX. */
#define DEVICES_PROGRAMS_MAX 64
int devices_program_query(int cgroup_fd, uint32_t ids[DEVICES_PROGRAMS_MAX], struct error *err) _warn_unused_;

/* Makes it the only one of the cgroup itself, without a moment in which no program stands: in place of the old one where there is one,
 * else the old ones go after it came. Programs that we may not open stay: all that are attached must allow. The kernel keeps the program
 * as long as the cgroup is there. */
int devices_program_attach(int cgroup_fd, int program_fd, struct error *err) _warn_unused_;

/* Build, load, attach. *ret_program_fd, whatever is returned: the program, for whom there may be a better moment to close it; or FD_NONE. */
int devices_apply(int cgroup_fd, const struct plan_device_rule *rules, size_t count, bool is_new, int *ret_program_fd,
		  struct error *err) _warn_unused_;

#endif
