/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Builds the document that `orlop features` prints (runtime-spec features.md, features-linux.md) from the tables of libspec and from
 * what the floors above know. Pure: no system call.
 */
#ifndef ORLOP_LIBSPEC_FEATURES_H
#define ORLOP_LIBSPEC_FEATURES_H

#include "libbase/arena.h"
#include "libspec/state.h"

struct features_facts {
	struct spec_strings mount_options; /* every word that is understood, in any order */
	bool seccomp;                      /* built with it */
	struct spec_strings
		seccomp_archs;  /* what libseccomp can make filters for; items NULL: all of names_seccomp_archs */
	uint64_t seccomp_flags; /* bits of names_seccomp_flags that libseccomp and the kernel take */
	bool cgroup_systemd, cgroup_systemd_user, cgroup_rdma;
	bool apparmor, selinux;
	const char *host_apparmor, *host_selinux; /* "true", "false"; NULL: not told */
	bool intel_rdt;
	bool idmap;
	bool net_devices;
	bool checkpoint;
	const char *version; /* NULL: left out, as the next two */
	const char *commit;
	const char *libseccomp_version; /* "2.5.4"; only with `seccomp` */
};

/* Annotations that orlop writes. The checkpoint one has runc's name, which crun writes too: engines look for it. */
#define FEATURES_ANNOTATION_VERSION    "io.orlop.version"
#define FEATURES_ANNOTATION_COMMIT     "io.orlop.commit"
#define FEATURES_ANNOTATION_CHECKPOINT "org.opencontainers.runc.checkpoint.enabled"
/* Whether the module is on where `features` runs; `linux.apparmor` and `linux.selinux` tell of the build, as the spec wants it. */
#define FEATURES_ANNOTATION_APPARMOR   "io.orlop.host.apparmor"
#define FEATURES_ANNOTATION_SELINUX    "io.orlop.host.selinux"
#define FEATURES_ANNOTATION_LIBSECCOMP "io.github.seccomp.libseccomp.version"

/* Lives in `arena` and borrows the strings of `facts`; NULL when memory is gone. */
const struct features *features_build(struct arena *arena, const struct features_facts *facts);

#endif
