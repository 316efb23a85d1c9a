/* SPDX-License-Identifier: Apache-2.0 */
/* Checks that masked paths show nothing and read-only paths take nothing, whatever the container's /dev has. */
#include "libsandbox/root/mask.h"

#include <dirent.h>

#include "libsandbox/root/device.h"
#include "libsandbox/root/fixture.h"

#define PATHS(...)                                                                    \
	(&(const struct spec_strings){ .items = (const char *const[]){ __VA_ARGS__ }, \
				       .count = ARRAY_SIZE(((const char *const[]){ __VA_ARGS__ })) })

static bool is_empty(const char *path)
{
	DIR *directory = opendir(path);
	const struct dirent *entry;
	int count = 0;

	WANT(directory);
	while ((entry = readdir(directory)))
		count += entry->d_name[0] != '.';
	closedir(directory);
	return count == 0;
}

static void secrets_make(void)
{
	WANT(mkdir(SCRATCH "/root/secret", 0755) == 0 && mkdir(SCRATCH "/root/other", 0700) == 0);
	text_write(SCRATCH "/root/secret/x", "hidden");
	text_write(SCRATCH "/root/other/x", "hidden");
	text_write(SCRATCH "/root/key", "hidden");
	text_write(SCRATCH "/root/token", "hidden");
	text_write(SCRATCH "/victim", "host's");
	WANT(symlink("key", SCRATCH "/root/to_key") == 0);
	WANT(symlink("../../../.." SCRATCH "/victim", SCRATCH "/root/out") == 0);
}

static void mask_run(bool long_way)
{
	static const char *const hidden[] = { "secret", "other", "d1", "d2", "d3", "d4", "sys/d5", "sys/d6" };
	_cleanup_(fd_cleanup) int root = FD_NONE, null = FD_NONE;
	struct error err;

	ERROR_INIT(&err);
	scratch_make();
	root = root_make();
	secrets_make();
	/* A /dev/null of the image's that leads to what must not be touched. */
	WANT(mkdir(SCRATCH "/root/dev", 0755) == 0 && symlink("/key", SCRATCH "/root/dev/null") == 0);
	WANT(mkdirat(root, "sys", 0755) == 0);
	text_write(SCRATCH "/root/sys/key", "hidden");
	for (size_t i = 2; i < ARRAY_SIZE(hidden); i++)
		WANT(mkdirat(root, hidden[i], 0755) == 0);
	null = device_null_open(&err);
	WANT_OK(null, &err);
	if (long_way)
		short_ways_deny();
	/* More directories than get an empty one each. */
	WANT_OK(paths_mask(&(const struct mask_roots){ root, FD_NONE, FD_NONE, false, false },
			   PATHS("/secret", "/to_key", "/token", "/other", "/none", "/key/none", "/out", "/none/at/all",
				 "/d1", "/d2", "/d3", "/d4", "/sys/d5", "/sys/key", "/sys/d6"),
			   null, NULL, &err),
		&err);
	WANT(is_null(SCRATCH "/root/sys/key"));
	WANT(is_null(SCRATCH "/root/key") && is_null(SCRATCH "/root/token"));
	WANT(text_is(SCRATCH "/root/key", "") && text_is(SCRATCH "/victim", "host's"));
	for (size_t i = 0; i < ARRAY_SIZE(hidden); i++) {
		char path[64];

		snprintf(path, sizeof(path), SCRATCH "/root/%s", hidden[i]);
		WANT(is_empty(path) && mount_flags(path) & ST_RDONLY);
		WANT(rename(SCRATCH "/root/token", path) < 0);
	}
	WANT(mkdir(SCRATCH "/root/secret/new", 0755) < 0 && errno == EROFS);
	WANT_INT(fcntl(null, F_GETFD), FD_CLOEXEC);
}

static void mask_body(void)
{
	mask_run(false);
}

static void mask_long_body(void)
{
	mask_run(true);
}

TEST(masked_paths_show_nothing)
{
	child_run(mask_body);
}

TEST(masked_paths_show_nothing_the_long_way_either)
{
	child_run(mask_long_body);
}

#define SEEN_SIZE (64 << 10)

/* A procfs and a sysfs that init made, or that it did not: shared with the children, what becomes of it. */
static char *seen;
static bool is_new;

static void kernel_names_body(void)
{
	/* Directories first: else a copy of the null device is made for one in vain, which mountinfo then tells earlier. */
	static const char *const hidden[] = { "/proc/acpi",       "/proc/asound", "/proc/bus",     "/proc/fs",
					      "/proc/irq",        "/proc/scsi",   "/sys/firmware", "/proc/none",
					      "/proc/interrupts", "/proc/kcore",  "/proc/keys",    "/proc/timer_list",
					      "/proc/timer_stats" };
	const struct spec_strings paths = { .items = hidden, .count = ARRAY_SIZE(hidden) };
	_cleanup_(fd_cleanup) int root = FD_NONE, null = FD_NONE, proc = FD_NONE, sys = FD_NONE;
	struct mask_roots roots;
	struct error err;

	ERROR_INIT(&err);
	scratch_make();
	root = root_make();
	WANT(mkdir(SCRATCH "/root/proc", 0755) == 0 && mount("proc", SCRATCH "/root/proc", "proc", 0, NULL) == 0);
	WANT(mkdir(SCRATCH "/root/sys", 0755) == 0 && mount("sysfs", SCRATCH "/root/sys", "sysfs", 0, NULL) == 0);
	proc = open(SCRATCH "/root/proc", O_PATH | O_CLOEXEC);
	sys = open(SCRATCH "/root/sys", O_PATH | O_CLOEXEC);
	roots = (struct mask_roots){ root, proc, sys, is_new, is_new };
	null = device_null_open(&err);
	WANT_OK(null, &err);
	WANT_OK(paths_make_read_only(&roots,
				     PATHS("/proc/bus", "/proc/sys", "/proc/sysrq-trigger", "/proc/none", "/proc/sys"),
				     &err),
		&err);
	WANT_OK(paths_mask(&roots, &paths, null, NULL, &err), &err);
	WANT(mount_flags(SCRATCH "/root/proc/sys") & ST_RDONLY && is_null(SCRATCH "/root/proc/keys"));
	for (size_t i = 0; i < paths.count; i++) {
		char path[64];
		struct stat st;

		snprintf(path, sizeof(path), SCRATCH "/root%s", hidden[i]);
		WANT(stat(path, &st) < 0 || (S_ISDIR(st.st_mode) ? is_empty(path) : is_null(path)));
	}
	mountinfo_see(seen, SEEN_SIZE);
	/* What is a link is refused or followed as ever. */
	WANT_INT(paths_mask(&roots, PATHS("/proc/self/root"), null, NULL, &err), -ELOOP);
	WANT_OK(paths_mask(&roots, PATHS("/proc/mounts"), null, NULL, &err), &err);
	WANT(is_null(SCRATCH "/root/proc/self/mounts"));
}

TEST(the_kernels_own_names_are_hidden_as_all_others)
{
	char *first;

	seen = shared_make(SEEN_SIZE);
	child_run(kernel_names_body);
	first = strdup(seen);
	CHECK(first && strstr(first, "/root/proc/keys"));
	seen[0] = '\0';
	is_new = true;
	child_run(kernel_names_body);
	CHECK_TEXT(seen, first);
	free(first);
	munmap(seen, SEEN_SIZE);
}

static void magic_body(void)
{
	_cleanup_(fd_cleanup) int root = FD_NONE, null = FD_NONE;
	struct error err;

	ERROR_INIT(&err);
	scratch_make();
	root = root_make();
	WANT(mkdir(SCRATCH "/root/proc", 0755) == 0 && mount("proc", SCRATCH "/root/proc", "proc", 0, NULL) == 0);
	null = device_null_open(&err);
	WANT_OK(null, &err);
	WANT_INT(paths_mask(&(const struct mask_roots){ root, FD_NONE, FD_NONE, false, false },
			    PATHS("/proc/self/root/etc"), null, NULL, &err),
		 -ELOOP);
	WANT_HAS(error_text(&err), "mask '/proc/self/root/etc': ");
	WANT_INT(paths_make_read_only(&(const struct mask_roots){ root, FD_NONE, FD_NONE, false, false },
				      PATHS("/proc/self/cwd"), &err),
		 -ELOOP);
	WANT_HAS(error_text(&err), "read-only path '/proc/self/cwd': ");
	WANT_OK(paths_mask(&(const struct mask_roots){ root, FD_NONE, FD_NONE, false, false },
			   PATHS("/proc/uptime", "/proc/fs"), null, NULL, &err),
		&err);
	WANT(is_null(SCRATCH "/root/proc/uptime") && is_empty(SCRATCH "/root/proc/fs"));
	WANT_INT(paths_mask(&(const struct mask_roots){ root, FD_NONE, FD_NONE, false, false }, PATHS("/proc/version"),
			    FD_NONE, NULL, &err),
		 -EBADF);
}

TEST(magic_links_are_not_followed)
{
	child_run(magic_body);
}

static void read_only_run(bool long_way)
{
	_cleanup_(fd_cleanup) int root = FD_NONE;
	struct error err;

	ERROR_INIT(&err);
	scratch_make();
	root = root_make();
	secrets_make();
	WANT(mkdir(SCRATCH "/root/secret/sub", 0755) == 0);
	WANT(mount("tmpfs", SCRATCH "/root/secret/sub", "tmpfs", MS_NOEXEC | MS_NODEV, NULL) == 0);
	WANT(mount(NULL, SCRATCH "/root", NULL, MS_REMOUNT | MS_BIND | MS_NOSUID, NULL) == 0);
	text_write(SCRATCH "/root/secret/sub/y", "below");
	if (long_way)
		short_ways_deny();
	WANT_OK(paths_make_read_only(&(const struct mask_roots){ root, FD_NONE, FD_NONE, false, false },
				     PATHS("/secret", "/to_key", "/none", "/out"), &err),
		&err);
	WANT_INT(mount_flags(SCRATCH "/root/secret") & (ST_RDONLY | ST_NOSUID), ST_RDONLY | ST_NOSUID);
	WANT_INT(mount_flags(SCRATCH "/root/secret/sub") & (ST_RDONLY | ST_NOEXEC | ST_NODEV),
		 ST_RDONLY | ST_NOEXEC | ST_NODEV);
	WANT(text_is(SCRATCH "/root/secret/x", "hidden") && text_is(SCRATCH "/root/secret/sub/y", "below"));
	WANT(mount_flags(SCRATCH "/root/key") & ST_RDONLY);
	WANT(!(mount_flags(SCRATCH "/root/token") & ST_RDONLY) && !(mount_flags(SCRATCH "/victim") & ST_RDONLY));
	WANT(unlink(SCRATCH "/root/secret/x") < 0 && errno == EROFS);
}

static void read_only_body(void)
{
	read_only_run(false);
}

static void read_only_long_body(void)
{
	read_only_run(true);
}

TEST(read_only_paths_take_nothing_the_long_way_either)
{
	child_run(read_only_long_body);
}

TEST(read_only_paths_take_nothing)
{
	child_run(read_only_body);
}
