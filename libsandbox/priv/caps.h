/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The five capability sets. Bare system calls: no library is needed for two structs and a few prctl.
 *
 * Read: capabilities(7).
 */
#ifndef ORLOP_LIBSANDBOX_PRIV_CAPS_H
#define ORLOP_LIBSANDBOX_PRIV_CAPS_H

#include <stdint.h>

#include "libbase/error.h"
#include "libsandbox/plan.h"

/* Before the ids change: drops from the bounding set all that is not in `capabilities->bounding`. `had`: what may be in it, UINT64_MAX when that is not
 * known. `last`: the kernel knows all up to this one. */
int capabilities_bound(const struct plan_capabilities *capabilities, uint64_t had, uint64_t last, struct error *err)
	_warn_unused_;

/*
 * After the ids changed (permitted must have survived that: PR_SET_KEEPCAPS): permitted, effective, inheritable and ambient, exactly. An
 * ambient capability that the kernel denies is left out, as other runtimes do.
 */
int capabilities_apply(const struct plan_capabilities *capabilities, struct error *err) _warn_unused_;

#endif
