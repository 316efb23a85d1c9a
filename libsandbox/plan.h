/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plan: every decision that can be made before acting, from (spec, host facts, options); const once built.
 *
 * plan_build is pure: no system call, no clock, no environment. Steps read the plan and act; nothing else decides. `plan_print` shows it.
 * A plan points into the spec it was built from; both live at least as long as the arenas they were made in.
 */
#ifndef ORLOP_LIBSANDBOX_PLAN_H
#define ORLOP_LIBSANDBOX_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "libbase/arena.h"
#include "libbase/error.h"
#include "libbase/text.h"
#include "libsandbox/host.h"
#include "libspec/problem.h"
#include "libspec/spec.h"

/* -- what the caller asks for beside config.json ------------------------------------------------------------------------------------- */

enum plan_cgroup_driver { CGROUP_DRIVER_CGROUPFS = 1, CGROUP_DRIVER_SYSTEMD, CGROUP_DRIVER_DISABLED };
enum plan_rootless { ROOTLESS_AUTO = 1, ROOTLESS_TRUE, ROOTLESS_FALSE };

struct plan_options {
	const char *id;
	const char *bundle; /* absolute */
	int cgroup_driver;  /* enum plan_cgroup_driver; 0: cgroupfs */
	int rootless;       /* enum plan_rootless; 0: auto */
	bool no_pivot;
	bool no_new_keyring;
	bool console_socket; /* one was given */
	bool detach;         /* create, run --detach */
	uint32_t preserve_fds;
	uint32_t listen_fds;
	const char *notify_socket;    /* the host's NOTIFY_SOCKET, or NULL */
	const char *notify_directory; /* on the host, to be mounted where the container's NOTIFY_SOCKET is; or NULL */
};

/* -- namespaces and ids --------------------------------------------------------------------------------------------------------------- */

struct plan_namespace {
	const struct name *name; /* row of names_namespaces */
	const char *path;        /* joined: where; NULL: a new one */
};

struct plan_namespaces {
	struct plan_namespace items[NAMESPACE_TYPES]; /* in the order the kernel demands: user first */
	size_t count;
	uint64_t new_flags; /* CLONE_NEW* */
	uint64_t
		handed_flags; /* of the new ones those that init is not born in: the host side makes and hands them over */
	uint64_t join_flags; /* CLONE_NEW* */
	bool of_target;      /* exec: they are entered at once, through the pidfd of the container's init */
	bool via_joiner; /* a process of its own must enter namespaces (or prepare time offsets) before init is cloned */
	bool born_last; /* exec: all is set up by a process outside of the pid namespace, which then clones the program's */
	bool traced; /* exec: somebody in the container may be able to trace whom he sees */
};

enum plan_id_writer { ID_WRITER_NONE = 1, ID_WRITER_DIRECT, ID_WRITER_HELPERS };

struct plan_ids {
	struct spec_id_maps uid_maps;
	struct spec_id_maps gid_maps;
	int writer;          /* enum plan_id_writer */
	bool deny_setgroups; /* write "deny" before the gid map */
	uint32_t root_uid;   /* the container's 0 on the host; the overflow id when it is not mapped */
	uint32_t root_gid;
};

struct plan_time_offset {
	const char *clock; /* "monotonic", "boottime" */
	int64_t secs;
	uint32_t nanosecs;
};

/* -- the root file system -------------------------------------------------------------------------------------------------------------- */

struct plan_root {
	const char *path; /* absolute, clean */
	bool readonly;
	int propagation; /* enum spec_propagation, of the mount namespace's root */
	bool own_mounts; /* a new mount namespace: everything below is done only then */
	bool pivot;      /* pivot_root; else move and chroot */
};

enum plan_mount_kind {
	MOUNT_FILESYSTEM = 1, /* fsopen(type) */
	MOUNT_BIND,           /* open_tree(source) */
	MOUNT_CGROUP,         /* the container's view of cgroup2 */
	MOUNT_REMOUNT,        /* change what is mounted at the destination */
};

enum plan_idmap { IDMAP_NONE = 0, IDMAP_CONTAINER, IDMAP_OWN };

struct plan_mount {
	int kind;                /* enum plan_mount_kind */
	size_t index;            /* in /mounts: messages name "/mounts/<index>" */
	const char *destination; /* absolute in the container, clean */
	const char *source;      /* absolute on the host for binds; the file system's own word otherwise; may be NULL */
	const char *type;        /* file system type; NULL for binds */
	bool recursive;          /* rbind */
	uint64_t attr_set;       /* MOUNT_ATTR_* of this mount */
	uint64_t attr_clear;
	uint64_t recursive_set; /* MOUNT_ATTR_* of this mount and all below it */
	uint64_t recursive_clear;
	struct spec_strings super; /* words for the file system's superblock: "ro", "sync", "size=64k" */
	const int *propagations;   /* enum spec_propagation, in the order given */
	size_t propagation_count;
	const char *label; /* SELinux context word ("context=...") or NULL */
	bool tmpcopyup;
	bool copy_symlink;
	bool source_nofollow;
	bool destination_nofollow;
	bool readonly_late; /* must be writable while the rest is set up */
	int idmap;          /* enum plan_idmap */
	bool idmap_recursive;
	struct spec_id_maps uid_maps; /* IDMAP_OWN */
	struct spec_id_maps gid_maps;
};

struct plan_device {
	const char *path; /* absolute in the container, clean */
	mode_t mode;      /* S_IFCHR, S_IFBLK or S_IFIFO with the permission bits */
	uint32_t major;
	uint32_t minor;
	uint32_t uid; /* in the container */
	uint32_t gid;
	bool bind;     /* bind the host's node: no right to mknod in a user namespace */
	bool standard; /* one of the default set */
};

struct plan_symlink {
	const char *path;
	const char *target;
};

/* -- the process ----------------------------------------------------------------------------------------------------------------------- */

/* What was not asked for is not given: an object that is absent is five empty sets. */
struct plan_capabilities {
	uint64_t bounding, effective, inheritable, permitted, ambient; /* bits by capability number */
};

struct plan_process {
	const struct spec_process *spec; /* what needs no decision: cwd, rlimits, scheduler, labels, ... */
	char *const *argv;               /* NULL-terminated */
	char *const *envp;               /* NULL-terminated; of names given twice the last one stands */
	bool home_unset;                 /* HOME is to be filled from the rootfs's passwd */
	uint32_t uid, gid;
	struct spec_u32s groups;
	bool set_groups; /* setgroups is called, perhaps with none */
	bool set_umask;
	uint32_t umask;
	struct plan_capabilities capabilities;
	bool terminal;
	bool console_size_set;
	uint16_t console_height, console_width;
	uint32_t preserve_fds; /* LISTEN_FDS included */
	bool keyring;          /* join a session keyring of its own */
};

enum plan_seccomp_load { SECCOMP_LOAD_NONE = 1, SECCOMP_LOAD_EARLY, SECCOMP_LOAD_LATE, SECCOMP_LOAD_BORN };

struct plan_seccomp {
	const struct spec_seccomp *spec; /* NULL: no filter */
	int load; /* early: before privileges are dropped; late: needs no_new_privs; born: late, after the last clone */
	uint64_t flags; /* SECCOMP_FILTER_FLAG_* for seccomp(2) */
	bool notify;    /* some rule notifies an agent */
};

/* -- cgroup and limits ----------------------------------------------------------------------------------------------------------------- */

struct resource_row; /* libsandbox/cgroup/resource_table.h */

/* One limit in canonical cgroup v2 form. */
struct plan_resource {
	const struct resource_row *row; /* NULL for a `unified` key that no row knows */
	const char *file;               /* "memory.max" */
	const char *value;              /* what is written, one line per write: "max", "100000 50000" */
	uint64_t number;                /* the value for the systemd property; UINT64_MAX: infinity */
	bool has_number;
	bool optional; /* a missing file is not an error (swap.max 0 or max without swap accounting) */
};

struct plan_device_rule {
	bool allow;
	char type;     /* 'a', 'b', 'c' */
	int64_t major; /* -1: any */
	int64_t minor;
	bool read, write, mknod;
};

/* A value of a property as D-Bus knows it. */
#define PLAN_VARIANT_SIGNATURE_MAX 32
struct plan_variant {
	const char
		*signature; /* one complete type of b y n q i u x t d s o g h, arrays and structs: "t", "as", "a(ss)" */
	uint64_t number;    /* b and whole numbers, negative ones as two's complement; h: a descriptor */
	double real;        /* d */
	const char *text;   /* s o g */
	const struct plan_variant *items; /* of an array or a struct */
	size_t count;
};

struct plan_property {
	const char *name;  /* of an org.systemd.property.* annotation, already renamed (XSec to XUSec) */
	const char *value; /* its text in GVariant notation; a time that was given in seconds is in microseconds */
	const struct plan_variant *variant; /* the same, read */
};

struct plan_cgroup {
	int driver;        /* enum plan_cgroup_driver; DISABLED: cgroups are left alone */
	const char *mount; /* of cgroup2 on the host */
	const char *path;  /* below mount, clean, begins with '/'; for systemd the expected place */
	bool path_given;   /* /linux/cgroupsPath was set */
	const char *slice; /* systemd only */
	const char *unit;
	bool unit_is_slice;
	bool user_manager;     /* systemd --user */
	bool delegate;         /* hand the cgroup's files to the container's user */
	uint32_t delegate_uid; /* his id on the host */
	bool tolerate_denied;  /* rootless without limits: no permission is no error */
	const struct plan_resource *resources;
	size_t resource_count;
	uint64_t controllers;                   /* bits of resource_table.h: those the limits need */
	const struct plan_device_rule *devices; /* in order; the default set last */
	size_t device_count;
	bool device_program; /* false: everything is allowed, no program is loaded */
	const struct plan_property *properties;
	size_t property_count;
};

/* -- the whole ------------------------------------------------------------------------------------------------------------------------- */

struct plan_step {
	const char *name;
	const char *side;    /* "host" or "init" */
	const char *summary; /* one phrase */
};

struct plan {
	const char *id;
	const char *bundle;
	const struct spec *spec;
	bool rootless;

	struct plan_namespaces namespaces;
	struct plan_ids ids;
	struct plan_time_offset time_offsets[2];
	size_t time_offset_count;
	const char *hostname;
	const char *domainname;
	struct spec_pairs sysctl; /* keys as file names below /proc/sys: "net/ipv4/ip_forward" */

	struct plan_root root;
	const struct plan_mount *mounts;
	size_t mount_count;
	size_t mounts_network; /* from this one on they wait for a network namespace that is handed over */
	size_t mounts_devices; /* from this one on, or a later one, for the device rules as well */
	const char *
		mount_context; /* SELinux word ("context=...") of linux.mountLabel, for what is mounted anew, or NULL */
	const struct plan_device *devices;
	size_t device_count;
	const struct plan_symlink *symlinks;
	size_t symlink_count;
	bool dev_setup; /* false: /dev is bound from the host and left as it is */
	struct spec_strings masked_paths;
	struct spec_strings readonly_paths;

	struct plan_process process;
	struct plan_seccomp seccomp;
	struct plan_cgroup cgroup;
	const struct spec_intel_rdt *intel_rdt;
	const char *rdt_group;   /* below /sys/fs/resctrl; ".": the default one */
	const char *rdt_monitor; /* the container's group for measuring, below /sys/fs/resctrl; NULL: none */
	bool rdt_must_exist;     /* the group is others': it is entered as it is */
	bool rdt_own;            /* the group is the container's: it goes with it when it was made for it */
	const struct spec_net_device *net_devices;
	size_t net_device_count;

	const struct plan_step *steps; /* in order, both sides */
	size_t step_count;
};

/* Adds violations that need the host or the options to `problems` (with JSON paths), and returns -EINVAL with all of them in `err`, else 0 and
 * the plan in *ret. Warnings stay in `problems`. */
int plan_build(const struct spec *spec, const struct host *host, const struct plan_options *options,
	       struct arena *arena, struct problems *problems, const struct plan **ret, struct error *err);

/* What exec must know of the container that it enters. */
struct plan_target {
	pid_t pid;                /* of its init, on the host */
	const char *cgroup_mount; /* NULL: none, it stays where the caller is */
	const char *cgroup_path;  /* of the process: the container's or one below */
	const char *unit;         /* systemd's name for the container's; NULL: none */
	bool user_manager;        /* the unit is of the user's systemd */
	bool no_new_keyring;      /* the container has its creator's session keyring */
};

/*
 * The plan of another process in a container: `spec` is the container's config, `process` the process, complete. Of the namespaces that
 * the config lists it joins the target's; mounts, limits and names are the container's already. `options->id` and `bundle` are its own.
 */
int plan_build_exec(const struct spec *spec, const struct spec_process *process, const struct plan_target *target,
		    const struct host *host, const struct plan_options *options, struct arena *arena,
		    struct problems *problems, const struct plan **ret, struct error *err);

/* The facts that plan_build looks at for this spec and driver (enum plan_cgroup_driver; 0: not given), as bits for host_probe_parts; the others may stay
 * unprobed. */
unsigned int plan_host_parts(const struct spec *spec, int cgroup_driver);
/* The same for plan_build_exec: what the container is in was decided before. */
unsigned int plan_host_parts_exec(const struct spec *spec, const struct spec_process *process);

enum plan_format { PLAN_TEXT = 1, PLAN_JSON };

/* Returns 0 or -ENOMEM. */
int plan_print(const struct plan *plan, enum plan_format format, struct text_buffer *to);

#endif
