/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The values of options that are more than a string or a plain number, in the forms that runc's callers write.
 *
 * Each returns 0, -EINVAL (not of the form) or -ERANGE (of the form, but too large); `*ret` is untouched on failure.
 */
#ifndef ORLOP_RUNTIME_CLI_VALUE_H
#define ORLOP_RUNTIME_CLI_VALUE_H

#include <stdbool.h>
#include <stdint.h>

#include "libbase/cleanup.h"

/* 1 t T TRUE true True 0 f F FALSE false False: the set of Go's ParseBool. */
int cli_bool_parse(const char *text, bool *ret) _warn_unused_;

/* Bytes: digits, up to four digits of fraction, perhaps a blank, a letter of "kmgtp" in either case for powers of 1024, "i" and "b" for
 * show. "-1" is -1: no limit. */
int cli_size_parse(const char *text, int64_t *ret) _warn_unused_;

/* Nanoseconds from Go's form: "1h15m30.5s", "250ms", "-2s", "0". Units: ns us ms s m h; each number has one. */
int cli_duration_parse(const char *text, int64_t *ret) _warn_unused_;

#endif
