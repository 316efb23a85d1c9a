/* SPDX-License-Identifier: Apache-2.0 */
/*
 * UTF-8 for text that is shown or quoted: is the next sequence valid, and may it reach a terminal as it is?
 *
 * Not for: case, width, normal forms.
 */
#ifndef ORLOP_LIBBASE_UTF8_H
#define ORLOP_LIBBASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Length (1 to 4) of the valid sequence at the start of `bytes` and its code point, or 0: invalid, overlong, a surrogate or cut. */
size_t utf8_decode(const char *bytes, size_t length, uint32_t *ret);

/* False for controls (C0, DEL, C1), blanks other than ' ', format characters (bidi overrides, zero width, BOM), private use and
 * noncharacters: what Go's strconv.IsPrint refuses, but for code points that are not assigned yet. */
bool utf8_is_printable(uint32_t point);

/* `length`, less an incomplete sequence at the end: for text that was cut at a byte count. */
size_t utf8_trim_cut(const char *bytes, size_t length);

#endif
