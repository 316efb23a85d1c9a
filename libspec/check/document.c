/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules on the document as a whole: its version, its process, its hooks, its annotations.
 *
 * Not for: what stands inside `process` (process.c) or `linux` (linux.c).
 * Read: runtime-spec config.md; https://semver.org version 2.0.0.
 */
#include <string.h>

#include "libbase/path.h"
#include "libbase/text.h"
#include "libspec/check/rule.h"

static const char digits[] = "0123456789";
static const char identifier[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-";

/* Steps over a number without leading zeros. */
static bool skip_number(const char **at)
{
	size_t length = strspn(*at, digits);

	if (length == 0 || (length > 1 && **at == '0'))
		return false;
	*at += length;
	return true;
}

/* Steps over "alpha.1", words of letters, digits and hyphens. */
static bool skip_words(const char **at)
{
	for (;;) {
		size_t length = strspn(*at, identifier);

		if (length == 0)
			return false;
		*at += length;
		if (**at != '.')
			return true;
		(*at)++;
	}
}

/* A semantic version with major version 1. */
static bool is_version_one(const char *text)
{
	const char *at = text_after(text, "1.");

	if (!at || !skip_number(&at) || *at++ != '.' || !skip_number(&at))
		return false;
	if (*at == '-') {
		at++;
		if (!skip_words(&at))
			return false;
	}
	if (*at == '+') {
		at++;
		if (!skip_words(&at))
			return false;
	}
	return !*at;
}

void rule_oci_version(const struct spec *spec, struct problems *problems)
{
	if (text_is_empty(spec->oci_version))
		problem_error(problems, 0, "/ociVersion", "want the version of the runtime-spec, like '1.3.0', got ''");
	else if (!is_version_one(spec->oci_version))
		problem_error(problems, 0, "/ociVersion", "want a version 1.MINOR.PATCH, got '%s'",
			      rule_quote(spec->oci_version).text);
}

/* The spec wants a process at start only; peers want it at create, where init is made ready to become it. */
void rule_process_present(const struct spec *spec, struct problems *problems)
{
	if (!spec->process)
		problem_error(problems, 0, "/process", "process property must not be empty");
}

static void rule_hook(struct problems *problems, const char *path, const struct spec_hook *hook)
{
	if (!path_is_absolute(hook->path))
		problem_error(problems, 0, rule_path("%s/path", path).text, "want an absolute path, got '%s'",
			      rule_quote(hook->path).text);
	if (hook->timeout.set && hook->timeout.value <= 0)
		problem_error(problems, 0, rule_path("%s/timeout", path).text, "want at least 1 second, got %lld",
			      (long long)hook->timeout.value);
	/* Peers pass anything on to a hook. */
	rule_environment(problems, PROBLEM_WARNING, rule_path("%s/env", path).text, &hook->env);
}

void rule_hooks(const struct spec *spec, struct problems *problems)
{
	for (size_t row = 0; row < names_hooks.count; row++) {
		const struct name *point = &names_hooks.names[row];
		struct spec_hook_list list = spec_hooks_at(spec, (enum spec_hook_point)point->value);

		for (size_t i = 0; i < list.count; i++)
			rule_hook(problems, rule_path("/hooks/%s/%zu", point->text, i).text, &list.items[i]);
	}
}

#define PROPERTY_PREFIX "org.systemd.property."
#define PROPERTY_LENGTH 3

void rule_systemd_properties(const struct spec *spec, struct problems *problems)
{
	for (size_t i = 0; i < spec->annotations.count; i++) {
		const char *key = spec->annotations.items[i].key;
		const char *name = text_after(key, PROPERTY_PREFIX);
		const char *what = NULL;

		if (!name)
			continue;
		size_t letters = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
		if (name[letters])
			what = "contains non-alphabetic character";
		else if (letters < PROPERTY_LENGTH)
			what = "too short";
		if (what)
			problem_error(problems, 0, rule_key_path("/annotations", key).text,
				      "annotation %s name incorrect: %s", rule_quote(key).text, what);
	}
}
