/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a plan must know of the machine, and nothing else: gathered once by host_probe, or read from a test's host.txt.
 *
 * Kernel floor: Linux 5.14 with cgroup v2 (DESIGN section 7). A fact is a row in host.c: its name in host.txt, its member, its probe.
 */
#ifndef ORLOP_LIBSANDBOX_HOST_H
#define ORLOP_LIBSANDBOX_HOST_H

#include <stdbool.h>
#include <stdint.h>

#include "libbase/arena.h"
#include "libbase/error.h"
#include "libspec/spec.h"

enum host_cgroup {
	HOST_CGROUP_NONE = 1, /* no cgroup2 mounted anywhere we look */
	HOST_CGROUP_UNIFIED,  /* cgroup2 at /sys/fs/cgroup */
	HOST_CGROUP_HYBRID,   /* v1 controllers; cgroup2 at /sys/fs/cgroup/unified */
};

struct host {
	uint32_t kernel_major;
	uint32_t kernel_minor;
	uint32_t euid;
	uint32_t egid;
	bool ids_equal;           /* real, saved and file system ids are the effective ones */
	bool groups_none;         /* no supplementary groups */
	bool in_user_namespace;   /* the ids are not the machine's own */
	bool setgroups_denied;    /* in our user namespace setgroups(2) is off, and in every one made in it */
	uint64_t signals_ignored; /* what the caller ignores, bit 0 is signal 1: init takes that back */
	uint64_t caps_effective;  /* bits by capability number */
	uint64_t caps_bounding;   /* of the caller; whoever enters a user namespace has all that the kernel knows */
	uint64_t caps_last;       /* highest capability that the kernel is known to know */
	int cgroup;               /* enum host_cgroup */
	const char *cgroup_mount; /* where cgroup2 is; NULL for HOST_CGROUP_NONE */
	const char *cgroup_own;   /* our own cgroup there: "/" or "/a/b" */
	struct spec_strings controllers; /* cgroup.controllers of the cgroup2 root: "cpu", "memory", ... */
	bool cgroup_bfq;                 /* io.bfq.weight exists */
	bool systemd;                    /* booted with systemd: /run/systemd/system exists */
	bool apparmor;
	bool selinux;
	bool seccomp;           /* filters: the kernel takes them, and we are built with the library that makes them */
	uint64_t seccomp_flags; /* names_seccomp_flags bits (value - 1) that the kernel takes */
	bool user_namespaces;   /* max_user_namespaces > 0 */
	bool time_namespaces;
	bool resctrl;
	uint32_t cpus;         /* possible ones */
	const char *newuidmap; /* absolute path of the set-uid helpers; NULL when missing */
	const char *newgidmap;
};

/* Facts that are found together. A command that knows what it needs asks for those parts only: HOST_PART(HOST_CGROUP) | ... */
enum host_part {
	HOST_KERNEL,
	HOST_IDS, /* the capabilities too */
	HOST_CGROUP,
	HOST_CGROUP_OWN,
	HOST_CONTROLLERS,
	HOST_BFQ,
	HOST_SYSTEMD,
	HOST_LSM,
	HOST_SECCOMP,
	HOST_NAMESPACES,
	HOST_RESCTRL,
	HOST_CPUS,
	HOST_ID_HELPERS,
};
#define HOST_PART(part) (1U << (part))
#define HOST_PARTS_ALL  ((HOST_PART(HOST_ID_HELPERS) << 1) - 1)

/* Probes by system calls, without privileges and without side effects. Strings live in `arena`. Fails with a clear message on a kernel
 * below the floor (-ENOSYS). */
int host_probe(struct arena *arena, struct host *ret, struct error *err);

/* The same for some parts: the facts of the others stay zero, so they must not be planned with. */
int host_probe_parts(unsigned int parts, struct arena *arena, struct host *ret, struct error *err);

/* Reads the version off a uname release, "6.1.0-13-amd64", and holds it against the floor: -ENOSYS below it, -EINVAL when it has none. */
int host_kernel_parse(const char *release, uint32_t *ret_major, uint32_t *ret_minor, struct error *err);

/* Reads "name value" lines ('#' starts a comment). Unknown names and bad values are errors with the line. */
int host_parse(const char *text, struct arena *arena, struct host *ret, struct error *err);

/* Writes such lines: what `orlop plan --show-host` prints, and what tests feed back. */
struct text_buffer;
void host_write(const struct host *host, struct text_buffer *to);

bool host_has_controller(const struct host *host, const char *name);
bool host_has_capability(const struct host *host, int capability);

#endif
