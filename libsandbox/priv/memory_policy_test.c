/* SPDX-License-Identifier: Apache-2.0 */
/* NUMA policies as the kernel reports them back. */
#include "libsandbox/priv/memory_policy.h"

#include <linux/mempolicy.h>

#include "libsandbox/priv/fixture.h"

static void current(int *mode, unsigned long *first_word)
{
	unsigned long mask[64] = { 0 };

	WANT(syscall(SYS_get_mempolicy, mode, mask, sizeof(mask) * 8, NULL, 0) == 0);
	*first_word = mask[0];
}

CHILD(a_policy_on_a_node_is_set_and_taken_back)
{
	struct spec_memory_policy policy = {
		.mode = MEMORY_BIND, .nodes = "0", .flags = { .set = true, .bits = 1 << 2 } /* STATIC_NODES */
	};
	unsigned long nodes;
	struct error err;
	int mode, r;

	ERROR_INIT(&err);
	r = memory_policy_set(&policy, &err);
	if (r == -ENOSYS)
		SKIP("a kernel without NUMA");
	WANT_OK(r, &err);
	current(&mode, &nodes);
	WANT_INT(mode, MPOL_BIND | MPOL_F_STATIC_NODES);
	WANT_INT(nodes, 1);
	policy = (struct spec_memory_policy){ .mode = MEMORY_DEFAULT };
	WANT_OK(memory_policy_set(&policy, &err), &err);
	current(&mode, &nodes);
	WANT_INT(mode, MPOL_DEFAULT);
	policy = (struct spec_memory_policy){ .mode = MEMORY_LOCAL, .nodes = "" };
	WANT_OK(memory_policy_set(&policy, &err), &err);
}

CHILD(nodes_that_are_not_there_are_named)
{
	struct spec_memory_policy policy = { .mode = MEMORY_BIND, .nodes = "60000" };
	struct error err;
	int r;

	ERROR_INIT(&err);
	r = memory_policy_set(&policy, &err);
	if (r == -ENOSYS)
		SKIP("a kernel without NUMA");
	WANT_INT(r, -EINVAL);
	WANT_TEXT(err.text, "set memory policy MPOL_BIND on nodes '60000': Invalid argument");
	policy.nodes = "0-";
	WANT(memory_policy_set(&policy, &err) < 0);
	WANT_TEXT(err.text, "memory policy MPOL_BIND: '0-' is not a list of nodes");
}
