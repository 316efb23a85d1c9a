/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two documents that a runtime writes: the state of a container (runtime.md, "State") and the features of the runtime
 * (features.md, features-linux.md).
 */
#ifndef ORLOP_LIBSPEC_STATE_H
#define ORLOP_LIBSPEC_STATE_H

#include "libspec/spec.h"

struct state {
	const char *oci_version;
	const char *id;
	int64_t pid; /* 0: no process */
	int status;  /* enum spec_status */
	const char *bundle;
	const char *rootfs;  /* runc's extra */
	const char *created; /* runc's extra: RFC 3339 with nanoseconds, UTC */
	struct spec_pairs annotations;
	const char *owner; /* runc's extra */
};

struct features_cgroup {
	struct opt_bool v1, v2, systemd, systemd_user, rdma;
};
struct features_seccomp {
	struct opt_bool enabled;
	struct spec_strings actions;
	struct spec_strings operators;
	struct spec_strings archs;
	struct spec_strings known_flags;
	struct spec_strings supported_flags;
};
struct features_enabled {
	struct opt_bool enabled;
};
struct features_intel_rdt {
	struct opt_bool enabled, schemata, monitoring;
};
struct features_memory_policy {
	struct spec_strings modes;
	struct spec_strings flags;
};
struct features_mount_extensions {
	const struct features_enabled *idmap;
};
struct features_linux {
	struct spec_strings namespaces;
	struct spec_strings capabilities;
	const struct features_cgroup *cgroup;
	const struct features_seccomp *seccomp;
	const struct features_enabled *apparmor;
	const struct features_enabled *selinux;
	const struct features_intel_rdt *intel_rdt;
	const struct features_memory_policy *memory_policy;
	const struct features_mount_extensions *mount_extensions;
	const struct features_enabled *net_devices;
};
struct features {
	const char *oci_version_min;
	const char *oci_version_max;
	struct spec_strings hooks;
	struct spec_strings mount_options;
	const struct features_linux *os_linux;
	struct spec_pairs annotations;
	struct spec_strings potentially_unsafe_config_annotations;
};

#endif
