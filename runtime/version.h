/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What `orlop --version` prints. Callers parse it: the first line is "orlop version X", then "commit: " and "spec: "; no other line may
 * hold the word "version" (dockerd takes the last line that does).
 */
#ifndef ORLOP_RUNTIME_VERSION_H
#define ORLOP_RUNTIME_VERSION_H

#include "libbase/text.h"

/* The runtime-spec that orlop implements. */
#define VERSION_SPEC "1.3.0"

/* What the build was made from. */
extern const char version_number[];
extern const char version_commit[];

void version_write(struct text_buffer *to);

#endif
