/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Identity. See user.h.
 *
 * Read: credentials(7), user_namespaces(7), passwd(5).
 */
#include "libsandbox/priv/user.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libbase/fd.h"
#include "libbase/kernel.h"
#include "libbase/path.h"
#include "libbase/text.h"

#define PASSWD_MAX (1024 * 1024)

/* -- ids --------------------------------------------------------------------------------------------------------------------- */

static int id_failed(const char *call, const char *kind, uint32_t id, int code, struct error *err)
{
	/* EINVAL means one thing only here: the id has no mapping. */
	if (code == -EINVAL)
		return error_say(err, code, "cannot %s to unmapped %s %u in user namespace", call, kind, id);
	return error_set(err, code, "%s to %u", call, id);
}

static int groups_set(const struct spec_u32s *groups, bool denied, struct error *err)
{
	if (denied && groups->count > 0)
		return error_say(err, -EPERM,
				 "cannot set any additional groups in a rootless container: setgroups is denied in the "
				 "user namespace that it joined");
	if (denied)
		return 0;
	if (kernel_setgroups(groups->count, groups->items) == 0)
		return 0;
	if (errno == EINVAL && groups->count <= NGROUPS_MAX)
		return error_say(err, -EINVAL, "cannot setgroups to a gid that is unmapped in user namespace");
	return error_set(err, -errno, "set %zu supplementary groups", groups->count);
}

int user_switch(const struct plan_process *process, const struct user_ids *have, bool groups_denied, struct error *err)
{
	const bool new_gid = !have->known || have->gid != process->gid;
	const bool groups_stand = have->groups_none && process->groups.count == 0;
	const bool new_uid = !have->known || have->uid != process->uid;
	/* Only a change from 0 to another uid clears the permitted set. */
	const bool keep_capabilities = new_uid && process->uid != 0;
	int r;

	if (keep_capabilities && prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0)
		return error_set(err, -errno, "keep capabilities while the ids change");
	r = process->set_groups && !groups_stand ? groups_set(&process->groups, groups_denied, err) : 0;
	if (r < 0)
		return r;
	if (new_gid && kernel_setresgid(process->gid, process->gid, process->gid) < 0)
		return id_failed("setgid", "gid", process->gid, -errno, err);
	if (new_uid && kernel_setresuid(process->uid, process->uid, process->uid) < 0)
		return id_failed("setuid", "uid", process->uid, -errno, err);
	if (keep_capabilities && prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0) < 0)
		return error_set(err, -errno, "keep capabilities no longer");
	return new_gid || new_uid;
}

/* -- working directory --------------------------------------------------------------------------------------------------------- */

int cwd_enter(const char *path, struct error *err)
{
	if (chdir(path) == 0)
		return 0;
	return error_set(err, -errno, "chdir to cwd (\"%s\") set in config.json failed", path);
}

int cwd_verify(struct error *err)
{
	char path[PATH_MAX];

	/* The bare call: the C library hides "(unreachable)/..." behind ENOENT, or walks up itself. */
	if (syscall(SYS_getcwd, path, sizeof(path)) < 0) {
		if (errno == ENAMETOOLONG || errno == ERANGE)
			return error_set(err, -errno, "verify the current working directory");
	} else if (path[0] == '/') {
		return 0;
	}
	return error_say(err, -EXDEV,
			 "current working directory is outside of container mount namespace root -- possible "
			 "container breakout detected");
}

/* -- home ---------------------------------------------------------------------------------------------------------------------- */

/* Cuts the line at its colons; returns field `number`, counted from 0, or NULL. */
static char *field_of(char *line, unsigned int number)
{
	while (line && number-- > 0) {
		line = strchr(line, ':');
		if (line)
			*line++ = '\0';
	}
	return line;
}

static const char *home_in(char *text, uint32_t uid)
{
	while (text) {
		char *next = strchr(text, '\n');
		char *id, *home;
		uint64_t number;

		if (next)
			*next++ = '\0';
		id = field_of(text, 2);
		home = id ? field_of(id, 3) : NULL;
		if (home && number_parse_u64(id, UINT32_MAX, &number) == 0 && number == uid) {
			home[strcspn(home, ":")] = '\0';
			return home;
		}
		text = next;
	}
	return NULL;
}

static int passwd_read(int root_fd, struct arena *arena, char **ret)
{
	/* The image's file: it may be a FIFO, a device, or without end. */
	_cleanup_(fd_cleanup) int fd = path_open_in_root(root_fd, "etc/passwd", O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
	struct stat st;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	return fd_read_all(fd, PASSWD_MAX, arena, ret, NULL);
}

int home_find(int root_fd, uint32_t uid, struct arena *arena, const char **ret, struct error *err)
{
	char *text = NULL;
	int r = passwd_read(root_fd, arena, &text);

	if (r == -ENOMEM)
		return error_set(err, r, "read /etc/passwd of the container");
	*ret = r < 0 ? NULL : home_in(text, uid);
	if (text_is_empty(*ret))
		*ret = "/";
	return 0;
}
