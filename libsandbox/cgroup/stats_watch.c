/* SPDX-License-Identifier: Apache-2.0 */
/* Waiting for the end of a cgroup, and for kills in it. See libsandbox/stats.h. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "libbase/fd.h"
#include "libbase/path.h"
#include "libbase/text.h"
#include "libsandbox/cgroup/file.h"
#include "libsandbox/stats.h"

/* Reading arms the poll. -ENODEV: the cgroup is gone. */
static int number_read(int fd, const char *key, uint64_t *ret)
{
	char text[512], word[32], value[32];
	ssize_t length = pread(fd, text, sizeof(text) - 1, 0);
	const char *rest = text;

	if (length < 0)
		return -errno;
	text[length] = '\0';
	while (cgroup_word_next(&rest, word, sizeof(word)) && cgroup_word_next(&rest, value, sizeof(value))) {
		if (text_equal(word, key))
			return number_parse_u64(value, UINT64_MAX, ret);
	}
	return -ENODATA;
}

int stats_watch_open(struct stats_watch *watch, const struct control *control, struct error *err)
{
	int r;

	*watch = STATS_WATCH_INIT;
	r = path_open_beneath(control->cgroup_fd, "cgroup.events", O_RDONLY, 0);
	if (r < 0)
		return error_set(err, r == -ENOENT ? -ENODEV : r, "watch cgroup '%s'", control->path);
	watch->cgroup_fd = r;
	r = path_open_beneath(control->cgroup_fd, "memory.events", O_RDONLY, 0);
	if (r >= 0)
		watch->memory_fd = r;
	if (r >= 0 && number_read(watch->memory_fd, "oom_kill", &watch->kills) < 0)
		watch->kills = 0;
	return 0;
}

void stats_watch_cleanup(struct stats_watch *watch)
{
	fd_cleanup(&watch->cgroup_fd);
	fd_cleanup(&watch->memory_fd);
}

int stats_watch_look(struct stats_watch *watch, uint64_t *ret_kills, bool *ret_ended, struct error *err)
{
	uint64_t kills = watch->kills, populated = 1;
	int r = watch->memory_fd >= 0 ? number_read(watch->memory_fd, "oom_kill", &kills) : 0;

	if (r == 0)
		r = number_read(watch->cgroup_fd, "populated", &populated);
	if (r < 0 && r != -ENODEV)
		return error_set(err, r, "watch the container's cgroup");
	*ret_kills = kills > watch->kills ? kills - watch->kills : 0;
	*ret_ended = r == -ENODEV || populated == 0;
	watch->kills = kills;
	return 0;
}
