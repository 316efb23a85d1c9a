/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opening and entering namespaces that already exist.
 *
 * Not for: making new ones (clone3 in steps/spawn.c), the clocks of a time namespace (ns/time.h).
 */
#ifndef ORLOP_LIBSANDBOX_NS_JOIN_H
#define ORLOP_LIBSANDBOX_NS_JOIN_H

#include "libbase/error.h"
#include "libsandbox/plan.h"

/*
 * Host side. Opens the path of every joined namespace into fds[i], i the index in `namespaces->items`; new ones get FD_NONE. Paths are the
 * config's own, on the host's terms: bind mounts and /proc/PID/ns/x. Each is seen to be a namespace of its type. On failure nothing stays
 * open: "namespace 'network' at '/run/netns/x': is a pid namespace".
 */
int namespaces_open(const struct plan_namespaces *namespaces, int fds[NAMESPACE_TYPES], struct error *err)
	_warn_unused_;

/*
 * Moves the caller into them; FD_NONE is skipped, descriptors stay the caller's. A pid namespace holds for children only. Root directory and
 * working directory change with the mount namespace. Single-threaded callers only.
 */
int namespaces_join(const struct plan_namespaces *namespaces, const int fds[NAMESPACE_TYPES], struct error *err)
	_warn_unused_;

/*
 * The same by one call, for the namespaces of the process behind `pidfd`; `flags` are CLONE_NEW* without CLONE_NEWUSER. All or none: "join the
 * container's namespaces". -ESRCH: "the container's init has ended".
 */
int namespaces_join_process(int pidfd, uint64_t flags, struct error *err) _warn_unused_;

/* Leaves the cgroup namespace for a new one, whose root is the cgroup that the caller is in. */
int cgroup_namespace_unshare(struct error *err) _warn_unused_;

#endif
