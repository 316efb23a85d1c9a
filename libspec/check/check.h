/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules a parsed document must obey, as a table of pure functions: each looks at the document only (no system call, no host fact) and
 * adds every violation it finds to `problems` with its JSON path and line 0; the loader fills in the line from the path.
 *
 * Rules that need a fact of the host (an LSM, a controller, being rootless) live in libsandbox/plan.
 */
#ifndef ORLOP_LIBSPEC_CHECK_H
#define ORLOP_LIBSPEC_CHECK_H

#include "libspec/problem.h"
#include "libspec/spec.h"

struct check_row {
	const char *name; /* "process-cwd" */
	const char *rule; /* one sentence, for docs/generated/checks.md */
	void (*run)(const struct spec *spec, struct problems *problems);
};

extern const struct check_row checks_process[]; /* rules on spec->process alone: also run for `exec --process` */
extern const size_t checks_process_count;
extern const struct check_row
	checks_resources[]; /* rules on spec->os_linux->resources alone: also run for `update --resources` */
extern const size_t checks_resources_count;
extern const struct check_row checks_mounts[];
extern const size_t checks_mounts_count;
extern const struct check_row checks_namespaces[];
extern const size_t checks_namespaces_count;
extern const struct check_row checks_linux[];
extern const size_t checks_linux_count;

/* All five tables. */
void spec_check(const struct spec *spec, struct problems *problems);
/* For documents that are a process or resources by themselves: the paths of their problems start at the document, not at "/process". */
void process_check(const struct spec_process *process, struct problems *problems);
void resources_check(const struct spec_resources *resources, struct problems *problems);

#endif
