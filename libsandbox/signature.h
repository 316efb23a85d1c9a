/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signatures of D-Bus values, "a(sv)": which types stand in one. Pure.
 *
 * Read: the D-Bus specification, "Type Signatures".
 */
#ifndef ORLOP_LIBSANDBOX_SIGNATURE_H
#define ORLOP_LIBSANDBOX_SIGNATURE_H

#include <stddef.h>

/* The length of the complete type that stands at the start; 0: none. `basic` has the letters that stand for themselves; at most `depth` types are nested. */
size_t signature_type_length(const char *signature, const char *basic, unsigned int depth);

#endif
