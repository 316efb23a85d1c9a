/* SPDX-License-Identifier: Apache-2.0 */
/* The words of tables that are private to libsandbox, as lists: for the document that `orlop features` prints. */
#ifndef ORLOP_LIBSANDBOX_VOCABULARY_H
#define ORLOP_LIBSANDBOX_VOCABULARY_H

#include "libbase/arena.h"
#include "libspec/spec.h"

/* The mount options of the runtime-spec and runc, sorted; words that only orlop or crun knows are left out, since `features` promises
 * portability. Returns 0 or -ENOMEM; the list is in `arena`. */
int vocabulary_mount_options(struct arena *arena, struct spec_strings *ret);

struct vocabulary_seccomp {
	bool built;                /* with libseccomp */
	struct spec_strings archs; /* those it can make filters for */
	const char *version;       /* its own, "2.5.4"; NULL */
};
int vocabulary_seccomp(struct arena *arena, struct vocabulary_seccomp *ret);

#endif
