/* SPDX-License-Identifier: Apache-2.0 */
/* `orlop features`: what this build does, as the runtime-spec's features document. The words come from the tables that work with them. */
#include <errno.h>

#include "libbase/json_writer.h"
#include "libsandbox/host.h"
#include "libsandbox/vocabulary.h"
#include "libspec/features.h"
#include "libspec/write.h"
#include "runtime/commands.h"
#include "runtime/output.h"
#include "runtime/version.h"

/* A member is true when the steps act on it, not when it is only parsed: engines choose by this. */
static const struct features_facts acted_on = {
	.cgroup_systemd = HAVE_SYSTEMD,
	.cgroup_systemd_user = HAVE_SYSTEMD,
	.cgroup_rdma = true,
	.apparmor = true,
	.selinux = true,
	.intel_rdt = true,
	.idmap = true,
	.net_devices = true,
	.checkpoint = false,
	.version = version_number,
	.commit = version_commit,
};

/* Filters: what libseccomp and the running kernel can do. */
static int seccomp_fill(struct features_facts *facts, struct arena *arena, struct error *err)
{
	struct vocabulary_seccomp seccomp;
	struct host host = { 0 };
	int r = vocabulary_seccomp(arena, &seccomp);

	if (r < 0)
		return error_set(err, r, "features");
	r = host_probe_parts(HOST_PART(HOST_SECCOMP), arena, &host, err);
	if (r < 0)
		return r;
	facts->seccomp = seccomp.built;
	facts->seccomp_archs = seccomp.archs;
	facts->seccomp_flags = host.seccomp_flags;
	facts->libseccomp_version = seccomp.version;
	return 0;
}

/* The build has both modules' labels always; whether the host takes them is another question, which the document has annotations for. */
static int lsm_fill(struct features_facts *facts, struct arena *arena, struct error *err)
{
	struct host host = { 0 };
	int r = host_probe_parts(HOST_PART(HOST_LSM), arena, &host, err);

	facts->host_apparmor = host.apparmor ? "true" : "false";
	facts->host_selinux = host.selinux ? "true" : "false";
	return r;
}

static int run_features(struct call *call, struct error *err)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer text = TEXT_BUFFER_INIT;
	struct features_facts facts = acted_on;
	const struct features *features;
	struct json_writer json;
	int r;

	r = vocabulary_mount_options(call->arena, &facts.mount_options);
	if (r < 0)
		return error_set(err, r, "features");
	r = seccomp_fill(&facts, call->arena, err);
	if (r == 0)
		r = lsm_fill(&facts, call->arena, err);
	if (r < 0)
		return r;
	features = features_build(call->arena, &facts);
	if (!features)
		return error_set(err, -ENOMEM, "features");
	json_writer_init(&json, &text, "    ");
	features_write(&json, NULL, features);
	r = json_writer_finish(&json);
	if (r < 0)
		return error_set(err, r, "write features");
	text_append(&text, "\n");
	return output_write(&text, err);
}

const struct command command_features = {
	.name = "features",
	.summary = "show what this build can do, as JSON",
	.description = "Prints the features document of the OCI runtime-spec.",
	.run = run_features,
};
