/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One probe for each part of the host's facts. Each fills its own members of a zeroed host; 0 or -errno with `err`.
 *
 * Not for: callers outside libsandbox/host.c; they use host_probe.
 */
#ifndef ORLOP_LIBSANDBOX_HOST_PROBE_H
#define ORLOP_LIBSANDBOX_HOST_PROBE_H

#include "libsandbox/host.h"

int host_probe_kernel(struct arena *arena, struct host *host, struct error *err);
int host_probe_ids(struct arena *arena, struct host *host, struct error *err);
int host_probe_cgroup(struct arena *arena, struct host *host, struct error *err);
/* These three ask for what host_probe_cgroup found, the last for what the first did. */
int host_probe_cgroup_own(struct arena *arena, struct host *host, struct error *err);
int host_probe_controllers(struct arena *arena, struct host *host, struct error *err);
int host_probe_bfq(struct arena *arena, struct host *host, struct error *err);
int host_probe_systemd(struct arena *arena, struct host *host, struct error *err);
int host_probe_lsm(struct arena *arena, struct host *host, struct error *err);
int host_probe_seccomp(struct arena *arena, struct host *host, struct error *err);
int host_probe_namespaces(struct arena *arena, struct host *host, struct error *err);
int host_probe_resctrl(struct arena *arena, struct host *host, struct error *err);
int host_probe_cpus(struct arena *arena, struct host *host, struct error *err);
int host_probe_id_helpers(struct arena *arena, struct host *host, struct error *err);

/* Cuts `text` at blanks; 0 or -ENOMEM. */
int host_words_parse(const char *text, struct arena *arena, struct spec_strings *ret);

#endif
