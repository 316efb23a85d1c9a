/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads a value in GVariant text notation, as org.systemd.property.* annotations have it. Pure.
 *
 *     'text' "text" true 17 -3 1.5            s s b i i d
 *     uint64 17   @t 17   byte 0x1f           t t y (also int16 uint16 int32 uint32 int64 double objectpath signature)
 *     ['a', 'b']  @as []  [('/dev/null', 'rw')] (1, 'x')
 *
 * Not for: dictionaries, maybes and variants in variants, which no property of a unit needs.
 * Read: the GVariant text format of GLib.
 */
#ifndef ORLOP_LIBSANDBOX_PLAN_VARIANT_H
#define ORLOP_LIBSANDBOX_PLAN_VARIANT_H

#include "libbase/arena.h"
#include "libsandbox/plan.h"

/* 0, -EINVAL (*ret_problem says what was wanted, in a constant text) or -ENOMEM. */
int variant_read(const char *text, struct arena *arena, const struct plan_variant **ret, const char **ret_problem);

#endif
