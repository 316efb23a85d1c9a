/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rule on `linux.sysctl`: /proc/sys is only partly namespaced, and only what belongs to a namespace of the container may be set.
 *
 * Not for: a joined network namespace that is the host's own, which only the host can tell (libsandbox/plan).
 * Read: sysctl(8); ipc/ipc_sysctl.c, net/sysctl_net.c, kernel/ucount.c, kernel/utsname_sysctl.c of the kernel.
 */
#include "libspec/sysctl.h"
#include "libbase/text.h"
#include "libspec/check/rule.h"

struct sysctl_row {
	const char *path; /* a whole path, or with '/' at its end all below */
	enum spec_namespace_type namespace;
	const char *before; /* the message, around the name, when the namespace is not there */
	const char *after;
};

#define NEEDS_IPC     NAMESPACE_IPC, "sysctl \"", "\" is not allowed in the hosts ipc namespace"
#define NEEDS_NETWORK NAMESPACE_NETWORK, "sysctl \"", "\" not allowed in host network namespace"
#define NEEDS_USER    NAMESPACE_USER, "setting ucounts without a user namespace not allowed: ", ""
#define NEEDS_UTS     NAMESPACE_UTS, "sysctl \"", "\" is not in a separate kernel namespace"

static const struct sysctl_row rows[] = {
	{ "kernel/msgmax", NEEDS_IPC },   { "kernel/msgmnb", NEEDS_IPC },
	{ "kernel/msgmni", NEEDS_IPC },   { "kernel/sem", NEEDS_IPC },
	{ "kernel/shmall", NEEDS_IPC },   { "kernel/shmmax", NEEDS_IPC },
	{ "kernel/shmmni", NEEDS_IPC },   { "kernel/shm_rmid_forced", NEEDS_IPC },
	{ "fs/mqueue/", NEEDS_IPC },      { "net/", NEEDS_NETWORK },
	{ "user/", NEEDS_USER },          { "kernel/domainname", NEEDS_UTS },
	{ "kernel/hostname", NEEDS_UTS },
};

static const struct sysctl_row *row_of(const char *path)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		bool below = text_ends(rows[i].path, "/");

		if (below ? text_starts(path, rows[i].path) : text_equal(path, rows[i].path))
			return &rows[i];
	}
	return NULL;
}

static void rule_conflict(const struct spec *spec, struct problems *problems, const struct spec_pair *pair,
			  const char *path)
{
	struct rule_path place = rule_key_path("/linux/sysctl", pair->key);

	if (text_equal(path, "kernel/hostname"))
		problem_error(
			problems, 0, place.text,
			"sysctl \"kernel.hostname\" is not allowed as it conflicts with the OCI \"hostname\" field");
	/* Engines older than the OCI field set the domain name by sysctl: fine when there is but one. */
	if (text_equal(path, "kernel/domainname") && !text_is_empty(spec->domainname) &&
	    !text_equal(spec->domainname, pair->value))
		problem_error(problems, 0, place.text,
			      "sysctl \"kernel.domainname\" is not allowed as it conflicts with the OCI \"domainname\" "
			      "field");
}

static void rule_sysctl_one(const struct spec *spec, struct problems *problems, const struct spec_pair *pair)
{
	struct rule_path place = rule_key_path("/linux/sysctl", pair->key);
	char path[SYSCTL_PATH_SIZE], dotted[SYSCTL_PATH_SIZE];

	if (sysctl_path(pair->key, path, sizeof(path)) < 0 || sysctl_dotted(pair->key, dotted, sizeof(dotted)) < 0) {
		problem_error(problems, 0, place.text, "want names separated by dots or slashes, got '%s'",
			      rule_quote(pair->key).text);
		return;
	}

	const struct sysctl_row *row = row_of(path);
	if (!row)
		problem_error(problems, 0, place.text, "sysctl \"%s\" is not in a separate kernel namespace",
			      rule_quote(dotted).text);
	else if (!spec_has_namespace(spec, row->namespace))
		problem_error(problems, 0, place.text, "%s%s%s", row->before, rule_quote(dotted).text, row->after);
	else
		rule_conflict(spec, problems, pair, path);
}

void rule_sysctl(const struct spec *spec, struct problems *problems)
{
	for (size_t i = 0; spec->os_linux && i < spec->os_linux->sysctl.count; i++)
		rule_sysctl_one(spec, problems, &spec->os_linux->sysctl.items[i]);
}
