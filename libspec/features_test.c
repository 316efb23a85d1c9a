/* SPDX-License-Identifier: Apache-2.0 */
/* The features document: what engines look for, with the facts given. */
#include "conformance/unit/check.h"
#include "libspec/features.h"
#include "libspec/load.h"
#include "libspec/template.h"
#include "libspec/write.h"

static const char *const options[] = { "rro", "bind", "ro", "bind", "atime" };
static const struct features_facts whole = {
	.mount_options = { .items = options, .count = ARRAY_SIZE(options) },
	.seccomp = true,
	.seccomp_flags = 1 | 4, /* TSYNC, LOG */
	.cgroup_systemd = true,
	.cgroup_rdma = true,
	.apparmor = true,
	.idmap = true,
	.net_devices = true,
	.checkpoint = true,
	.host_apparmor = "false",
	.host_selinux = "true",
	.version = "0.1.0",
	.commit = "abc",
	.libseccomp_version = "2.5.4",
};

static const char *joined(struct arena *arena, const struct spec_strings *strings)
{
	const char *text = "";

	for (size_t i = 0; i < strings->count; i++)
		text = arena_printf(arena, "%s%s%s", text, i > 0 ? " " : "", strings->items[i]);
	return text;
}

TEST(tables_are_printed)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	const struct features *features = features_build(&arena, &whole);

	CHECK(features);
	CHECK_TEXT(features->oci_version_min, "1.0.0");
	CHECK_TEXT(features->oci_version_max, SPEC_VERSION);
	CHECK_TEXT(joined(&arena, &features->hooks),
		   "prestart createRuntime createContainer startContainer poststart poststop");
	CHECK_TEXT(joined(&arena, &features->mount_options), "atime bind ro rro");
	CHECK_TEXT(joined(&arena, &features->os_linux->namespaces), "cgroup ipc mount network pid time user uts");
	CHECK_INT(features->os_linux->capabilities.count, 41);
	CHECK_TEXT(features->os_linux->capabilities.items[0], "CAP_AUDIT_CONTROL");
	CHECK_TEXT(joined(&arena, &features->os_linux->memory_policy->modes),
		   "MPOL_BIND MPOL_DEFAULT MPOL_INTERLEAVE MPOL_LOCAL MPOL_PREFERRED MPOL_PREFERRED_MANY "
		   "MPOL_WEIGHTED_INTERLEAVE");
	CHECK_TEXT(joined(&arena, &features->os_linux->memory_policy->flags),
		   "MPOL_F_NUMA_BALANCING MPOL_F_RELATIVE_NODES MPOL_F_STATIC_NODES");
	CHECK_TEXT(joined(&arena, &features->potentially_unsafe_config_annotations),
		   "bundle org.systemd.property. org.criu.config");
}

TEST(seccomp_has_its_words)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	const struct features_seccomp *seccomp = features_build(&arena, &whole)->os_linux->seccomp;

	CHECK(seccomp->enabled.value);
	CHECK_TEXT(joined(&arena, &seccomp->actions),
		   "SCMP_ACT_ALLOW SCMP_ACT_ERRNO SCMP_ACT_KILL SCMP_ACT_KILL_PROCESS SCMP_ACT_KILL_THREAD "
		   "SCMP_ACT_LOG SCMP_ACT_NOTIFY SCMP_ACT_TRACE SCMP_ACT_TRAP");
	CHECK_INT(seccomp->operators.count, 7);
	CHECK_INT(seccomp->archs.count, 23);
	CHECK_TEXT(joined(&arena, &seccomp->known_flags),
		   "SECCOMP_FILTER_FLAG_TSYNC SECCOMP_FILTER_FLAG_SPEC_ALLOW SECCOMP_FILTER_FLAG_LOG "
		   "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV");
	CHECK_TEXT(joined(&arena, &seccomp->supported_flags), "SECCOMP_FILTER_FLAG_TSYNC SECCOMP_FILTER_FLAG_LOG");
}

TEST(seccomp_architectures_can_be_fewer)
{
	static const char *const archs[] = { "SCMP_ARCH_X86_64", "SCMP_ARCH_ARM" };
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	struct features_facts facts = whole;

	facts.seccomp_archs = (struct spec_strings){ .items = archs, .count = 2 };
	CHECK_TEXT(joined(&arena, &features_build(&arena, &facts)->os_linux->seccomp->archs),
		   "SCMP_ARCH_ARM SCMP_ARCH_X86_64");
}

TEST(facts_are_told)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	const struct features_linux *os_linux = features_build(&arena, &whole)->os_linux;

	CHECK(os_linux->cgroup->v1.set && !os_linux->cgroup->v1.value);
	CHECK(os_linux->cgroup->v2.value && os_linux->cgroup->systemd.value && os_linux->cgroup->rdma.value);
	CHECK(os_linux->cgroup->systemd_user.set && !os_linux->cgroup->systemd_user.value);
	CHECK(os_linux->apparmor->enabled.value);
	CHECK(os_linux->selinux->enabled.set && !os_linux->selinux->enabled.value);
	CHECK(os_linux->intel_rdt->enabled.set && !os_linux->intel_rdt->monitoring.value);
	CHECK(os_linux->mount_extensions->idmap->enabled.value);
	CHECK(os_linux->net_devices->enabled.value);
}

TEST(what_is_not_built_in_is_left_out)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	const struct features_facts facts = { .libseccomp_version = "2.5.4" };
	const struct features *features = features_build(&arena, &facts);
	const struct spec spec = { .annotations = features->annotations };

	CHECK(features->os_linux->seccomp->enabled.set && !features->os_linux->seccomp->enabled.value);
	CHECK_INT(features->os_linux->seccomp->actions.count, 0);
	CHECK_INT(features->annotations.count, 1);
	CHECK_TEXT(spec_annotation(&spec, "org.opencontainers.runc.checkpoint.enabled"), "false");
	CHECK_INT(features->mount_options.count, 0);
}

TEST(annotations_are_sorted)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	const struct spec_pairs annotations = features_build(&arena, &whole)->annotations;
	const struct spec spec = { .annotations = annotations };

	CHECK_INT(annotations.count, 6);
	for (size_t i = 1; i < annotations.count; i++)
		CHECK(strcmp(annotations.items[i - 1].key, annotations.items[i].key) < 0);
	CHECK_TEXT(spec_annotation(&spec, "io.orlop.host.apparmor"), "false");
	CHECK_TEXT(spec_annotation(&spec, "io.orlop.host.selinux"), "true");
	CHECK_TEXT(spec_annotation(&spec, FEATURES_ANNOTATION_VERSION), "0.1.0");
	CHECK_TEXT(spec_annotation(&spec, FEATURES_ANNOTATION_COMMIT), "abc");
	CHECK_TEXT(spec_annotation(&spec, FEATURES_ANNOTATION_LIBSECCOMP), "2.5.4");
	CHECK_TEXT(spec_annotation(&spec, FEATURES_ANNOTATION_CHECKPOINT), "true");
}

TEST(the_document_can_be_read_back)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	_cleanup_(text_buffer_cleanup) struct text_buffer text = TEXT_BUFFER_INIT;
	const struct features *features = NULL;
	struct json_writer json;
	struct problems problems;
	struct error err;

	ERROR_INIT(&err);
	problems_init(&problems, &arena);
	json_writer_init(&json, &text, "    ");
	features_write(&json, NULL, features_build(&arena, &whole));
	CHECK_INT(json_writer_finish(&json), 0);
	features_load_bytes("features", text.bytes, text.length, &arena, &problems, &features, &err);
	CHECK_TEXT(err.text, "");
	CHECK_INT(features->os_linux->capabilities.count, 41);
	CHECK_INT(features->os_linux->seccomp->supported_flags.count, 2);
}

TEST(no_features_without_memory)
{
	_cleanup_(arena_cleanup) struct arena arena = { .limit = 1 };

	CHECK(!features_build(&arena, &whole));
}
