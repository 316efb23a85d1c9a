/* SPDX-License-Identifier: Apache-2.0 */
/* The choice of the state directory. */
#include "runtime/state_root.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include "libbase/path.h"
#include "libbase/text.h"

#define ID_MAP_BYTES_MAX 65536

/* The first user namespace maps everything onto itself in one line. */
static bool is_initial_map(const char *map)
{
	static const char digits_and_blanks[] = "0 0 4294967295\n";
	const char *want = digits_and_blanks;

	for (; *map; map++) {
		if (*map == ' ' && (*want != ' ' || map[1] == ' '))
			continue;
		if (*map != *want++)
			return false;
	}
	return *want == '\0';
}

void state_root_caller_probe(struct state_root_caller *ret)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	char *map;
	size_t length;

	*ret = (struct state_root_caller){ .euid = (uint32_t)geteuid() };
	/* A kernel without user namespaces has no such file. */
	if (path_read_file(AT_FDCWD, "/proc/self/uid_map", ID_MAP_BYTES_MAX, &arena, &map, &length) >= 0)
		ret->in_user_namespace = !is_initial_map(map);
}

static bool wants_runtime_directory(const struct environment *environment, const struct state_root_caller *caller)
{
	if (!environment->runtime_directory)
		return false;
	return caller->euid != 0 || (caller->in_user_namespace && !text_equal(environment->user, "root"));
}

static int make_absolute(const char *path, struct arena *arena, const char **ret, struct error *err)
{
	char directory[PATH_MAX] = "/";

	if (!path_is_absolute(path) && !getcwd(directory, sizeof(directory)))
		return error_set(err, -errno, "--root '%s': current directory", path);
	*ret = path_join(arena, directory, path);
	return *ret ? 0 : error_set(err, -ENOMEM, "--root");
}

int state_root_choose(const char *given, const struct environment *environment, const struct state_root_caller *caller,
		      struct arena *arena, const char **ret, struct error *err)
{
	int r;

	if (!given) {
		*ret = STATE_ROOT_DEFAULT;
		if (wants_runtime_directory(environment, caller))
			*ret = path_join(arena, environment->runtime_directory, "orlop");
		return *ret ? 0 : error_set(err, -ENOMEM, "state directory");
	}
	r = make_absolute(given, arena, ret, err);
	if (r < 0)
		return r;
	if (text_equal(*ret, "/"))
		return error_say(err, -EINVAL, "Option --root argument should not be set to /");
	return 0;
}
