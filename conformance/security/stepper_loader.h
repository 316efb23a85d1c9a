/* SPDX-License-Identifier: Apache-2.0 */
/* Which calls are not the command's own: those of the program loader and of a sanitizer's runtime. */
#ifndef ORLOP_CONFORMANCE_SECURITY_STEPPER_LOADER_H
#define ORLOP_CONFORMANCE_SECURITY_STEPPER_LOADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOADER_PLACES_MAX 64

struct loader_place {
	uint64_t first, end;
	bool skips;
};

/* What is known of the command's address space; its clones have the same. */
struct loader {
	struct loader_place places[LOADER_PLACES_MAX];
	size_t count;
};

/* Whether the instruction at this address of the process belongs to a library whose calls are not looked at. */
bool loader_has(struct loader *loader, uint32_t pid, uint64_t address);

/* Another program is executed. */
void loader_forget(struct loader *loader);

#endif
