/* SPDX-License-Identifier: Apache-2.0 */
/* What a user's id is called, for people to read. */
#ifndef ORLOP_RUNTIME_OWNER_H
#define ORLOP_RUNTIME_OWNER_H

#include <stdint.h>

#include "libbase/arena.h"

/* The name that /etc/passwd gives it, else "#1000". NULL when memory is gone. */
const char *owner_name(uint32_t uid, struct arena *arena);
/* The same from the text of such a file. */
const char *owner_name_in(const char *passwd, uint32_t uid, struct arena *arena);

#endif
