/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config.json as typed memory: one member per property of the OCI runtime-spec (1.3), nothing decided yet.
 *
 * Made by libspec/load.h, owned by the caller's arena, const after load. Absent is not zero: optional scalars are `struct opt_*`, optional
 * objects are NULL pointers, optional enums are 0, lists that were not given have items == NULL (an empty list has items != NULL and
 * count 0). Strings are UTF-8 without NUL bytes and never NULL inside lists.
 *
 * Source: opencontainers/runtime-spec config.md, config-linux.md, config-vm.md. Names follow the properties; the enums are in names.h.
 */
#ifndef ORLOP_LIBSPEC_SPEC_H
#define ORLOP_LIBSPEC_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libspec/names.h"

struct opt_bool {
	bool set;
	bool value;
};
struct opt_i32 {
	bool set;
	int32_t value;
};
struct opt_u16 {
	bool set;
	uint16_t value;
};
struct opt_u32 {
	bool set;
	uint32_t value;
};
struct opt_i64 {
	bool set;
	int64_t value;
};
struct opt_u64 {
	bool set;
	uint64_t value;
};
/* A list of words of one table as a set of bits: bit (value - 1). `unknown` keeps the words that no row has (only where the spec says to
 * warn and go on: capabilities). */
struct opt_mask {
	bool set;
	uint64_t bits;
	const char *const *unknown;
	size_t unknown_count;
};

/* All lists have this one layout. */
#define SPEC_LIST(type)            \
	struct {                   \
		const type *items; \
		size_t count;      \
	}

struct spec_strings {
	const char *const *items;
	size_t count;
};
struct spec_u32s {
	const uint32_t *items;
	size_t count;
};
struct spec_pair {
	const char *key; /* not empty, unique within its map */
	const char *value;
};
struct spec_pairs {
	const struct spec_pair *items;
	size_t count;
};

struct spec_id_map {
	uint32_t container_id;
	uint32_t host_id;
	uint32_t size;
};
struct spec_id_maps {
	const struct spec_id_map *items;
	size_t count;
};

struct spec_root {
	const char *path;
	struct opt_bool readonly;
};

struct spec_mount {
	const char *destination;
	const char *source;
	const char *type;
	struct spec_strings options;
	struct spec_id_maps uid_mappings;
	struct spec_id_maps gid_mappings;
};
struct spec_mounts {
	const struct spec_mount *items;
	size_t count;
};

struct spec_hook {
	const char *path;
	struct spec_strings args;
	struct spec_strings env; /* items NULL: not given, which is not the same as [] */
	struct opt_i64 timeout;  /* seconds, > 0 */
};
struct spec_hook_list {
	const struct spec_hook *items;
	size_t count;
};
struct spec_hooks {
	struct spec_hook_list points[HOOK_POINTS]; /* [enum spec_hook_point - 1] */
};

struct spec_console_size {
	uint64_t height;
	uint64_t width;
};

struct spec_user {
	struct opt_u32 uid;
	struct opt_u32 gid;
	struct opt_u32 umask;
	struct spec_u32s additional_gids;
	const char *username;
};

struct spec_capabilities {
	struct opt_mask bounding;
	struct opt_mask effective;
	struct opt_mask inheritable;
	struct opt_mask permitted;
	struct opt_mask ambient;
};

struct spec_rlimit {
	int type; /* names_rlimits */
	uint64_t hard;
	uint64_t soft;
};

struct spec_scheduler {
	int policy; /* enum spec_scheduler_policy */
	struct opt_i32 nice;
	struct opt_i32 priority;
	struct opt_mask flags;
	struct opt_u64 runtime;  /* ns */
	struct opt_u64 deadline; /* ns */
	struct opt_u64 period;   /* ns */
};

struct spec_io_priority {
	int class; /* enum spec_io_class */
	struct opt_i32 priority;
};

struct spec_cpu_affinity {
	const char *initial; /* "0-3,7" */
	const char *final;
};

struct spec_process {
	struct opt_bool terminal;
	const struct spec_console_size *console_size;
	const char *cwd;
	struct spec_strings env;
	struct spec_strings args;
	const char *command_line;
	const struct spec_user *user; /* never NULL after defaults */
	const struct spec_capabilities *capabilities;
	SPEC_LIST(struct spec_rlimit) rlimits;
	struct opt_bool no_new_privileges;
	const char *apparmor_profile;
	const char *selinux_label;
	struct opt_i32 oom_score_adj;
	const struct spec_scheduler *scheduler;
	const struct spec_io_priority *io_priority;
	const struct spec_cpu_affinity *exec_cpu_affinity;
};

struct spec_device {
	int type; /* enum spec_device_type, not DEVICE_ALL */
	const char *path;
	struct opt_i64 major;
	struct opt_i64 minor;
	struct opt_u32 file_mode;
	struct opt_u32 uid;
	struct opt_u32 gid;
};

struct spec_net_device {
	const char *key; /* the name on the host */
	const char *name;
};

struct spec_namespace {
	int type; /* enum spec_namespace_type */
	const char *path;
};

struct spec_device_rule {
	struct opt_bool allow;
	int type; /* enum spec_device_type; 0: not given, means DEVICE_ALL */
	struct opt_i64 major;
	struct opt_i64 minor;
	const char *access; /* of "rwm" */
};

struct spec_memory {
	struct opt_i64 limit;
	struct opt_i64 reservation;
	struct opt_i64 swap;
	struct opt_i64 kernel;
	struct opt_i64 kernel_tcp;
	struct opt_u64 swappiness;
	struct opt_bool disable_oom_killer;
	struct opt_bool use_hierarchy;
	struct opt_bool check_before_update;
};

struct spec_cpu {
	struct opt_u64 shares;
	struct opt_i64 quota;
	struct opt_u64 burst;
	struct opt_u64 period;
	struct opt_i64 realtime_runtime;
	struct opt_u64 realtime_period;
	const char *cpus;
	const char *mems;
	struct opt_i64 idle;
};

struct spec_pids {
	struct opt_i64 limit;
};

struct spec_weight_device {
	int64_t major;
	int64_t minor;
	struct opt_u16 weight;
	struct opt_u16 leaf_weight;
};
struct spec_throttle_device {
	int64_t major;
	int64_t minor;
	struct opt_u64 rate;
};
struct spec_throttle_devices {
	const struct spec_throttle_device *items;
	size_t count;
};
struct spec_block_io {
	struct opt_u16 weight;
	struct opt_u16 leaf_weight;
	SPEC_LIST(struct spec_weight_device) weight_device;
	struct spec_throttle_devices throttle_read_bps;
	struct spec_throttle_devices throttle_write_bps;
	struct spec_throttle_devices throttle_read_iops;
	struct spec_throttle_devices throttle_write_iops;
};

struct spec_hugepage_limit {
	const char *page_size; /* "2MB" */
	uint64_t limit;
};

struct spec_net_priority {
	const char *name;
	uint32_t priority;
};
struct spec_net_class {
	struct opt_u32 class_id;
	SPEC_LIST(struct spec_net_priority) priorities;
};

struct spec_rdma {
	const char *key; /* the device */
	struct opt_u32 hca_handles;
	struct opt_u32 hca_objects;
};

struct spec_resources {
	SPEC_LIST(struct spec_device_rule) devices;
	const struct spec_memory *memory;
	const struct spec_cpu *cpu;
	const struct spec_pids *pids;
	const struct spec_block_io *block_io;
	SPEC_LIST(struct spec_hugepage_limit) hugepage_limits;
	const struct spec_net_class *network;
	SPEC_LIST(struct spec_rdma) rdma;
	struct spec_pairs unified;
};

struct spec_seccomp_arg {
	uint32_t index;
	uint64_t value;
	uint64_t value_two;
	int op; /* enum spec_seccomp_operator */
};
struct spec_seccomp_call {
	struct spec_strings names;
	int action; /* enum spec_seccomp_action */
	struct opt_u32 errno_ret;
	SPEC_LIST(struct spec_seccomp_arg) args;
};
struct spec_seccomp {
	int default_action; /* enum spec_seccomp_action */
	struct opt_u32 default_errno_ret;
	struct opt_mask architectures; /* names_seccomp_archs */
	struct opt_mask flags;         /* names_seccomp_flags; not set is not the same as [] */
	const char *listener_path;
	const char *listener_metadata;
	SPEC_LIST(struct spec_seccomp_call) syscalls;
};

struct spec_intel_rdt {
	const char *clos_id;
	struct spec_strings schemata;
	const char *l3_cache_schema;
	const char *mem_bw_schema;
	struct opt_bool enable_monitoring;
};

struct spec_memory_policy {
	int mode; /* enum spec_memory_mode */
	const char *nodes;
	struct opt_mask flags;
};

struct spec_personality {
	int domain; /* enum spec_personality_domain */
	struct spec_strings flags;
};

struct spec_time_offset {
	struct opt_i64 secs;
	struct opt_u32 nanosecs;
};
struct spec_time_offsets {
	const struct spec_time_offset *boottime;
	const struct spec_time_offset *monotonic;
};

struct spec_linux {
	struct spec_id_maps uid_mappings;
	struct spec_id_maps gid_mappings;
	struct spec_pairs sysctl;
	const struct spec_resources *resources;
	const char *cgroups_path;
	SPEC_LIST(struct spec_namespace) namespaces;
	SPEC_LIST(struct spec_device) devices;
	SPEC_LIST(struct spec_net_device) net_devices;
	const struct spec_seccomp *seccomp;
	int rootfs_propagation; /* enum spec_propagation */
	struct spec_strings masked_paths;
	struct spec_strings readonly_paths;
	const char *mount_label;
	const struct spec_intel_rdt *intel_rdt;
	const struct spec_memory_policy *memory_policy;
	const struct spec_personality *personality;
	const struct spec_time_offsets *time_offsets;
};

struct spec_vm_hypervisor {
	const char *path;
	struct spec_strings parameters;
};
struct spec_vm_kernel {
	const char *path;
	struct spec_strings parameters;
	const char *initrd;
};
struct spec_vm_image {
	const char *path;
	int format; /* enum spec_vm_format */
};
struct spec_vm_iomem {
	struct opt_u64 first_gfn;
	uint64_t first_mfn;
	uint64_t nr_mfns;
};
struct spec_vm_hardware {
	const char *device_tree;
	struct opt_u32 vcpus;
	struct opt_u64 memory; /* bytes */
	struct spec_strings dtdevs;
	SPEC_LIST(struct spec_vm_iomem) iomems;
	struct spec_u32s irqs;
};
struct spec_vm {
	const struct spec_vm_hypervisor *hypervisor;
	const struct spec_vm_kernel *kernel;
	const struct spec_vm_image *image;
	const struct spec_vm_hardware *hardware;
};

struct spec {
	const char *oci_version;
	const struct spec_process *process;
	const struct spec_root *root;
	const char *hostname;
	const char *domainname;
	struct spec_mounts mounts;
	const struct spec_hooks *hooks;
	struct spec_pairs annotations;
	const struct spec_linux *os_linux; /* `linux` is a macro in gnu17; never NULL after defaults */
	const struct spec_vm *vm;
};

/* The list of one hook point; an empty list when there are none. */
struct spec_hook_list spec_hooks_at(const struct spec *spec, enum spec_hook_point point);
/* The namespace row of a type, or NULL. */
const struct spec_namespace *spec_namespace_of(const struct spec *spec, enum spec_namespace_type type);
/* A namespace of its own or a joined one is asked for. */
bool spec_has_namespace(const struct spec *spec, enum spec_namespace_type type);
/* The value of an annotation, or NULL. */
const char *spec_annotation(const struct spec *spec, const char *key);

#endif
