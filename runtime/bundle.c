/* SPDX-License-Identifier: Apache-2.0 */
/* Opening, loading and planning bundles. */
#include "runtime/bundle.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "libbase/path.h"
#include "libbase/text.h"
#include "libspec/load.h"

/* The kernel's own name for what was opened: no second walk that could end elsewhere. */
static int read_path(int fd, struct arena *arena, const char **ret, struct error *err)
{
	char link[sizeof("/proc/self/fd/2147483647")], path[PATH_MAX];
	ssize_t length;

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	length = readlink(link, path, sizeof(path));
	if (length < 0)
		return error_set(err, -errno, "readlink '%s'", link);
	if ((size_t)length >= sizeof(path))
		return error_set(err, -ENAMETOOLONG, "readlink '%s'", link);
	*ret = arena_copy(arena, path, (size_t)length);
	return *ret ? 0 : error_set(err, -ENOMEM, "readlink '%s'", link);
}

int bundle_open(const char *path, struct arena *arena, struct bundle *ret, struct error *err)
{
	_cleanup_(fd_cleanup) int fd = FD_NONE;
	int r;

	if (text_is_empty(path))
		path = ".";
	fd = path_open_host(AT_FDCWD, path, O_PATH | O_DIRECTORY, 0);
	if (fd < 0)
		return error_set(err, fd, "bundle '%s'", path);
	r = read_path(fd, arena, &ret->path, err);
	if (r < 0)
		return error_wrap(err, "bundle '%s'", path);
	ret->fd = fd_take(&fd);
	return 0;
}

int bundle_load(struct bundle *bundle, struct arena *arena, struct problems *problems, struct error *err)
{
	int r = spec_load(bundle->fd, BUNDLE_CONFIG_NAME, arena, problems, &bundle->spec, err);

	if (r == -ENOENT)
		return error_say(err, r, "JSON specification file %s not found", BUNDLE_CONFIG_NAME);
	return r;
}

static bool lacks_lines(const struct problems *problems)
{
	for (unsigned int i = 0; i < problems->count; i++) {
		if (problems->items[i]->line == 0)
			return true;
	}
	return false;
}

int bundle_plan(const struct bundle *bundle, const struct host *host, const struct plan_options *options,
		struct arena *arena, struct problems *problems, const struct plan **ret, struct error *err)
{
	int r = plan_build(bundle->spec, host, options, arena, problems, ret, err);

	if (lacks_lines(problems))
		spec_locate(bundle->fd, BUNDLE_CONFIG_NAME, problems);
	return r == -EINVAL && problems->errors > 0 ? problems_tell(problems, BUNDLE_CONFIG_NAME, err) : r;
}

void bundle_cleanup(struct bundle *bundle)
{
	fd_cleanup(&bundle->fd);
}
