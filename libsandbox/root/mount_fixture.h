/* SPDX-License-Identifier: Apache-2.0 */
/* For the tests of mount.h: mounts of a plan, made in a root as the rows make them. */
#ifndef ORLOP_LIBSANDBOX_ROOT_MOUNT_FIXTURE_H
#define ORLOP_LIBSANDBOX_ROOT_MOUNT_FIXTURE_H

#include "libsandbox/root/fixture.h"
#include "libsandbox/root/mount.h"
#include "libsandbox/root/source.h"

static const struct plan_cgroup no_cgroup;

static inline struct mount_site site_of(int root)
{
	return (struct mount_site){
		.root_fd = root,
		.propagation = PROPAGATION_RSLAVE,
		.cgroup = &no_cgroup,
		.cgroup_fd = FD_NONE,
		.sources_settled = true,
	};
}

/* As the rows do it; a site whose sources are not settled has the kernel's call for it not tried. */
static inline int source_of(struct mount_site *site, const struct plan_mount *mount, struct error *err)
{
	bool unsettled = !site->sources_settled;
	int source = mount->kind == MOUNT_BIND ? source_open(mount, site->propagation, &unsettled, err) : FD_NONE;

	site->sources_settled = !unsettled;
	return source;
}

static inline void mount_want(const struct mount_site *given, struct plan_mount mount)
{
	struct mount_site site = *given;
	struct error err;
	int source;

	ERROR_INIT(&err);
	source = source_of(&site, &mount, &err);
	if (mount.kind == MOUNT_BIND)
		WANT_OK(source, &err);
	WANT_OK(mount_make(&site, &mount, &source, &err), &err);
	if (mount.readonly_late) {
		WANT(source >= 0);
		WANT(!(mount_flags(SCRATCH "/root/late") & ST_RDONLY));
		WANT_OK(mount_read_only(source, "/late", &err), &err);
		WANT(mount_flags(SCRATCH "/root/late") & ST_RDONLY);
		fd_cleanup(&source);
	}
	if (text_equal(mount.destination, "/proc") || text_equal(mount.destination, "/sys")) {
		WANT(source >= 0);
		fd_cleanup(&source);
	}
	WANT_INT(source, FD_NONE);
}

static inline void mount_refuse(const struct mount_site *given, struct plan_mount mount, int code, const char *text)
{
	struct mount_site site = *given;
	struct error err;
	int source, r;

	ERROR_INIT(&err);
	source = source_of(&site, &mount, &err);
	r = mount.kind == MOUNT_BIND && source < 0 ? source : mount_make(&site, &mount, &source, &err);
	WANT_INT(r, code);
	WANT_HAS(error_text(&err), text);
}

static inline bool line_has(const char *path, const char *word)
{
	char line[4096];

	WANT(mountinfo_find(path, line));
	return strstr(line, word) != NULL;
}

static inline struct plan_mount tmpfs_at(const char *destination)
{
	return (struct plan_mount){
		.kind = MOUNT_FILESYSTEM, .destination = destination, .type = "tmpfs", .source = destination
	};
}

#endif
