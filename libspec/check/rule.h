/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What several groups of rules share: places and quoted values for messages, and rules on shapes that occur in more than one place.
 *
 * Nothing here allocates: a hostile document may break a rule a million times, but only the problems that are kept take memory.
 * Use the returned texts within the full expression: `problem_error(problems, 0, rule_path("/process/env/%zu", i).text, ...)`.
 */
#ifndef ORLOP_LIBSPEC_CHECK_RULE_H
#define ORLOP_LIBSPEC_CHECK_RULE_H

#include <stdbool.h>

#include "libbase/cleanup.h"
#include "libspec/problem.h"
#include "libspec/spec.h"

struct rule_path {
	char text[256];
};
struct rule_quote {
	char text[72];
};

/* A JSON pointer, cut when it does not fit. */
struct rule_path rule_path(const char *format, ...) _printf_(1, 2);
/* The member `key` of the object at `object`, escaped as RFC 6901 wants it. */
struct rule_path rule_key_path(const char *object, const char *key);
/* A value from the document, printable, at most 64 characters and then "...". NULL is shown as "". */
struct rule_quote rule_quote(const char *text);

bool rule_has_newline(const char *text);
/* ".." as one of the components. */
bool rule_climbs(const char *path);

/* Every entry is NAME=value with a name. */
void rule_environment(struct problems *problems, enum problem_severity severity, const char *path,
		      const struct spec_strings *env);
/* What the kernel demands of uid_map and gid_map (user_namespaces(7)). */
void rule_id_maps(struct problems *problems, const char *path, const struct spec_id_maps *maps);
/* "0-3,7"; NULL and "" are fine. */
void rule_ranges(struct problems *problems, const char *path, const char *text);
/* Every item is an absolute path. */
void rule_absolute_paths(struct problems *problems, const char *path, const struct spec_strings *paths);

/* Rules on the document as a whole (document.c) and on seccomp (seccomp.c), rows of checks_linux. */
void rule_oci_version(const struct spec *spec, struct problems *problems);
void rule_process_present(const struct spec *spec, struct problems *problems);
void rule_hooks(const struct spec *spec, struct problems *problems);
void rule_systemd_properties(const struct spec *spec, struct problems *problems);
void rule_seccomp_default(const struct spec *spec, struct problems *problems);
void rule_seccomp_listener(const struct spec *spec, struct problems *problems);
void rule_seccomp_syscalls(const struct spec *spec, struct problems *problems);
/* A row of checks_namespaces (sysctl.c). */
void rule_sysctl(const struct spec *spec, struct problems *problems);
/* A row of checks_linux (resources.c): it needs the limits of the whole config, while `update` adds to those that stand. */
void rule_memory_swap(const struct spec *spec, struct problems *problems);

#endif
