/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every value that the runtime-spec (or, where it is silent, runc) gives a property that was not written. Runs between parsing and
 * checking, on the still writable documents; nothing else in the project knows a default of config.json.
 *
 * After spec_defaults: `os_linux` is not NULL; where there is a process its `user` is not NULL and has uid, gid set; hooks have args;
 * device rules have type and access; devices have a file mode.
 */
#ifndef ORLOP_LIBSPEC_DEFAULTS_H
#define ORLOP_LIBSPEC_DEFAULTS_H

#include "libbase/arena.h"
#include "libspec/spec.h"

/* Return 0 or -ENOMEM. New memory comes from `arena`. */
int spec_defaults(struct spec *spec, struct arena *arena);
int process_defaults(struct spec_process *process, struct arena *arena);
int resources_defaults(struct spec_resources *resources, struct arena *arena);

#endif
