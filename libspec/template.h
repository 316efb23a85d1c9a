/* SPDX-License-Identifier: Apache-2.0 */
/* What `orlop spec` writes: a config for a shell in ./rootfs that runs as it is, with the same meaning as runc's template. */
#ifndef ORLOP_LIBSPEC_TEMPLATE_H
#define ORLOP_LIBSPEC_TEMPLATE_H

#include "libbase/arena.h"
#include "libspec/spec.h"

/* The version of the runtime-spec that orlop writes, and the oldest it reads. */
#define SPEC_VERSION     "1.3.0"
#define SPEC_VERSION_MIN "1.0.0"

struct template_options {
	bool rootless; /* a user namespace with one id, no network namespace, no resources */
	uint32_t uid;  /* host ids for the rootless maps */
	uint32_t gid;
};

/* Lives in `arena`; NULL when memory is gone. */
const struct spec *spec_template(struct arena *arena, const struct template_options *options);

#endif
