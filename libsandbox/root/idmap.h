/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Id-mapped mounts: files of a bind mount show other owners.
 *
 * Read: mount_setattr(2) "ID-mapped mounts"; user_namespaces(7).
 */
#ifndef ORLOP_LIBSANDBOX_IDMAP_H
#define ORLOP_LIBSANDBOX_IDMAP_H

#include <stdbool.h>

#include "libbase/error.h"
#include "libspec/spec.h"

/* Host side: a new user namespace with these maps and nobody in it, as a descriptor; owned. `proc_fd`: the verified procfs of the caller's pid
 * namespace. */
int idmap_namespace(int proc_fd, const struct spec_id_maps *uids, const struct spec_id_maps *gids, struct error *err)
	_warn_unused_;

/* Host side: gives a detached tree the maps of the user namespace; `recursive`: all mounts below too. */
int idmap_apply(int tree_fd, int namespace_fd, bool recursive, struct error *err) _warn_unused_;

#endif
