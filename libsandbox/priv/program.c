/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Look-up and execve. See program.h.
 *
 * A path is kept rather than a descriptor: execveat of a close-on-exec descriptor cannot run scripts, whose interpreter would open
 * /dev/fd/N, and the kernel would show "N" as the command's name. The root directory is the container's by now; a path leads nowhere else.
 *
 * The walk refuses magic links, so that neither /proc/self/exe nor a link to it makes us execute our own file (CVE-2019-5736), nor
 * /proc/self/fd/N one of the host's (CVE-2024-21626). The file's identity is not compared with our own: to run orlop in a container, out of
 * a bind mount, is legitimate.
 *
 * Read: execve(2), exec(3).
 */
#include "libsandbox/priv/program.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libbase/fd.h"
#include "libbase/path.h"
#include "libbase/text.h"

#define PATH_DEFAULT "/bin:/usr/bin" /* execvp's own */
#define REASON_MAX   128

/* Engines compare with the words of runc, which begin in lower case. */
static const char *reason_of(int code, char to[REASON_MAX])
{
	const char *text = error_name(code);
	size_t i;

	for (i = 0; text[i] && i + 1 < REASON_MAX; i++)
		to[i] = i == 0 ? (char)tolower((unsigned char)text[i]) : text[i];
	to[i] = '\0';
	return to;
}

/* 0; -EISDIR; -EACCES: no file that anybody may execute; what the walk failed with. *ret_found: the walk came to an end. */
static int candidate_check(const struct program_query *query, const char *path, struct arena *arena, bool *ret_found)
{
	/* Not joined lexically: the working directory may be a symlink, and ".." is where that leads. */
	const char *whole = path_is_absolute(path)
				    ? path
				    : arena_chain(arena, (const char *const[]){ query->cwd, "/", path, NULL });
	_cleanup_(fd_leave) int fd = FD_NONE;
	struct stat st;

	*ret_found = false;
	if (!whole)
		return -ENOMEM;
	fd = path_open_in_root(query->root_fd, whole, O_PATH, 0);
	if (fd < 0)
		return fd;
	*ret_found = true;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	if (!S_ISREG(st.st_mode))
		return -EACCES;
	/* As root this asks for any x bit, and for a mount without noexec. */
	return faccessat(fd, "", X_OK, AT_EACCESS | AT_EMPTY_PATH) < 0 ? -errno : 0;
}

static int named_lookup(const struct program_query *query, struct arena *arena, const char **ret, struct error *err)
{
	char reason[REASON_MAX];
	bool found;
	int r = candidate_check(query, query->name, arena, &found);

	*ret = query->name;
	if (r == 0)
		return 0;
	(void)reason_of(r, reason);
	if (!found)
		return error_say(err, r, "exec: \"%s\": stat %s: %s", query->name, query->name, reason);
	return error_say(err, r, "exec: \"%s\": %s", query->name, reason);
}

static const char *path_variable(char *const *envp)
{
	for (size_t i = 0; envp[i]; i++) {
		const char *value = text_after(envp[i], "PATH=");

		if (value)
			return value;
	}
	return PATH_DEFAULT;
}

static int path_search(const struct program_query *query, struct arena *arena, const char **ret, struct error *err)
{
	const char *rest = query->name[0] ? path_variable(query->envp) : "";

	while (*rest) {
		size_t length = strcspn(rest, ":");
		/* An empty entry is the working directory. */
		const char *entry = length > 0 ? arena_copy(arena, rest, length) : ".";
		bool found;

		*ret = entry ? arena_chain(arena, (const char *const[]){ entry, "/", query->name, NULL }) : NULL;
		if (!*ret)
			return error_set(err, -ENOMEM, "search PATH");
		if (candidate_check(query, *ret, arena, &found) == 0)
			return 0;
		rest += length;
		rest += *rest == ':';
	}
	return error_say(err, -ENOENT, "exec: \"%s\": executable file not found in $PATH", query->name);
}

int program_lookup(const struct program_query *query, struct arena *arena, const char **ret, struct error *err)
{
	return strchr(query->name, '/') ? named_lookup(query, arena, ret, err) : path_search(query, arena, ret, err);
}

int program_execute(const char *path, char *const *argv, char *const *envp, struct error *err)
{
	char reason[REASON_MAX];
	int code;

	(void)execve(path, argv, envp);
	code = -errno;
	return error_say(err, code, "exec %s: %s", path, reason_of(code, reason));
}
