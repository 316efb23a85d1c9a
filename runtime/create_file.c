/* SPDX-License-Identifier: Apache-2.0 */
/* The runtime's own file. See create_file.h. */
#include "runtime/create_file.h"

#include <linux/capability.h>
#include <sched.h>

#include "runtime/self_exe.h"

static bool has_hooks(const struct spec *spec)
{
	for (int point = 1; point <= HOOK_POINTS; point++)
		if (spec_hooks_at(spec, point).count > 0)
			return true;
	return false;
}

/*
 * With a pid namespace of its own the container sees nothing of what runs from the file but init, and nobody of it is in there before init passes
 * READY. So it is enough that init moves, and the host side, which is waited for, need not: init does it where it would wait for the network namespace.
 * Hooks are strangers, who may run what the container has; and who may trace could look into the host side by way of a /proc of the host's that he was given.
 */
static bool is_for_init(const struct creation *creation)
{
	const struct plan *plan = creation->plan;
	const uint64_t flags = plan->namespaces.new_flags;

	return (flags & CLONE_NEWPID) && (flags & CLONE_NEWNS) && !(flags & CLONE_NEWUSER) &&
	       plan->namespaces.handed_flags && !plan->namespaces.via_joiner && plan->root.pivot &&
	       !(plan->process.capabilities.bounding >> CAP_SYS_PTRACE & 1) && !has_hooks(plan->spec) &&
	       !creation->host.in_user_namespace && host_has_capability(&creation->host, CAP_SYS_ADMIN);
}

static int init_move(const void *context)
{
	const struct creation *creation = context;

	return self_exe_move(creation->file_fd, creation->globals);
}

int creation_file_seal(struct creation *creation, struct error *err)
{
	struct sandbox *sandbox = &creation->sandbox;
	int r = self_exe_seal(creation->globals, creation->arena, &sandbox->spare_fd,
			      is_for_init(creation) ? &creation->file_fd : NULL, err);

	if (r == 0 && creation->file_fd >= 0) {
		sandbox->init_move = init_move;
		sandbox->init_move_context = creation;
	}
	return r;
}
