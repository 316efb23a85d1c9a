/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which table fills which struct. The tables themselves stand in fields_*.c, one file a subject, and hold rows only.
 */
#ifndef ORLOP_LIBSPEC_PARSE_TABLES_H
#define ORLOP_LIBSPEC_PARSE_TABLES_H

#include "libspec/parse/bind.h"
#include "libspec/record.h"
#include "libspec/spec.h"
#include "libspec/state.h"

/* fields_root.c */
FIELDS_DECLARE(fields_spec, struct spec);
FIELDS_DECLARE(fields_root, struct spec_root);
FIELDS_DECLARE(fields_mount, struct spec_mount);
FIELDS_DECLARE(fields_hooks, struct spec_hooks);
FIELDS_DECLARE(fields_hook, struct spec_hook);
FIELDS_DECLARE(fields_id_map, struct spec_id_map);

/* fields_process.c */
FIELDS_DECLARE(fields_process, struct spec_process);
FIELDS_DECLARE(fields_console_size, struct spec_console_size);
FIELDS_DECLARE(fields_user, struct spec_user);
FIELDS_DECLARE(fields_capabilities, struct spec_capabilities);
FIELDS_DECLARE(fields_rlimit, struct spec_rlimit);
FIELDS_DECLARE(fields_scheduler, struct spec_scheduler);
FIELDS_DECLARE(fields_io_priority, struct spec_io_priority);
FIELDS_DECLARE(fields_cpu_affinity, struct spec_cpu_affinity);

/* fields_linux.c */
FIELDS_DECLARE(fields_linux, struct spec_linux);
FIELDS_DECLARE(fields_namespace, struct spec_namespace);
FIELDS_DECLARE(fields_device, struct spec_device);
FIELDS_DECLARE(fields_net_device, struct spec_net_device);
FIELDS_DECLARE(fields_intel_rdt, struct spec_intel_rdt);
FIELDS_DECLARE(fields_memory_policy, struct spec_memory_policy);
FIELDS_DECLARE(fields_personality, struct spec_personality);
FIELDS_DECLARE(fields_time_offsets, struct spec_time_offsets);
FIELDS_DECLARE(fields_time_offset, struct spec_time_offset);

/* fields_seccomp.c */
FIELDS_DECLARE(fields_seccomp, struct spec_seccomp);
FIELDS_DECLARE(fields_seccomp_call, struct spec_seccomp_call);
FIELDS_DECLARE(fields_seccomp_arg, struct spec_seccomp_arg);

/* fields_resources.c */
FIELDS_DECLARE(fields_resources, struct spec_resources);
FIELDS_DECLARE(fields_device_rule, struct spec_device_rule);
FIELDS_DECLARE(fields_memory, struct spec_memory);
FIELDS_DECLARE(fields_cpu, struct spec_cpu);
FIELDS_DECLARE(fields_pids, struct spec_pids);
FIELDS_DECLARE(fields_block_io, struct spec_block_io);
FIELDS_DECLARE(fields_weight_device, struct spec_weight_device);
FIELDS_DECLARE(fields_throttle_device, struct spec_throttle_device);
FIELDS_DECLARE(fields_hugepage_limit, struct spec_hugepage_limit);
FIELDS_DECLARE(fields_net_class, struct spec_net_class);
FIELDS_DECLARE(fields_net_priority, struct spec_net_priority);
FIELDS_DECLARE(fields_rdma, struct spec_rdma);

/* fields_vm.c */
FIELDS_DECLARE(fields_vm, struct spec_vm);
FIELDS_DECLARE(fields_vm_hypervisor, struct spec_vm_hypervisor);
FIELDS_DECLARE(fields_vm_kernel, struct spec_vm_kernel);
FIELDS_DECLARE(fields_vm_image, struct spec_vm_image);
FIELDS_DECLARE(fields_vm_hardware, struct spec_vm_hardware);
FIELDS_DECLARE(fields_vm_iomem, struct spec_vm_iomem);

/* fields_record.c */
FIELDS_DECLARE(fields_record, struct record);

/* fields_state.c */
FIELDS_DECLARE(fields_state, struct state);
FIELDS_DECLARE(fields_features, struct features);
FIELDS_DECLARE(fields_features_linux, struct features_linux);
FIELDS_DECLARE(fields_features_cgroup, struct features_cgroup);
FIELDS_DECLARE(fields_features_seccomp, struct features_seccomp);
FIELDS_DECLARE(fields_features_enabled, struct features_enabled);
FIELDS_DECLARE(fields_features_rdt, struct features_intel_rdt);
FIELDS_DECLARE(fields_features_memory_policy, struct features_memory_policy);
FIELDS_DECLARE(fields_features_mounts, struct features_mount_extensions);

#endif
