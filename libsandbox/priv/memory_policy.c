/* SPDX-License-Identifier: Apache-2.0 */
/* Memory policy. See memory_policy.h. */
#include "libsandbox/priv/memory_policy.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "libbase/kernel.h"
#include "libspec/names.h"
#include "libspec/ranges.h"

#define WORD_BITS  (sizeof(unsigned long) * CHAR_BIT)
#define MASK_WORDS (RANGES_NUMBER_MAX / WORD_BITS + 1)

/* Sets the bits of the list; *ret_bits: how many are in use, 0 for an empty list. */
static int mask_fill(const char *nodes, unsigned long mask[MASK_WORDS], size_t *ret_bits)
{
	const char *rest = nodes ? nodes : "";
	uint32_t first, last;
	int r;

	*ret_bits = 0;
	while ((r = ranges_next(&rest, &first, &last)) > 0) {
		for (uint32_t node = first; node <= last; node++)
			mask[node / WORD_BITS] |= 1UL << (node % WORD_BITS);
		if (last + 1 > *ret_bits)
			*ret_bits = last + 1;
	}
	return r;
}

int memory_policy_set(const struct spec_memory_policy *policy, struct error *err)
{
	const struct name *mode = name_of(&names_memory_modes, policy->mode);
	const char *nodes = policy->nodes ? policy->nodes : "";
	unsigned long mask[MASK_WORDS];
	int flags = (int)mode->kernel;
	size_t bits;
	int r;

	memset(mask, 0, sizeof(mask));
	r = mask_fill(nodes, mask, &bits);
	if (r < 0)
		return error_say(err, r, "memory policy %s: '%s' is not a list of nodes", mode->text, nodes);
	for (size_t i = 0; i < names_memory_flags.count; i++) {
		if (policy->flags.bits & (UINT64_C(1) << (names_memory_flags.names[i].value - 1)))
			flags |= (int)names_memory_flags.names[i].kernel;
	}
	/* The kernel looks at one bit less than it is told. */
	if (kernel_set_mempolicy(flags, bits > 0 ? mask : NULL, bits > 0 ? bits + 1 : 0) < 0)
		return error_set(err, -errno, "set memory policy %s on nodes '%s'", mode->text, nodes);
	return 0;
}
