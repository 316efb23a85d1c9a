/* SPDX-License-Identifier: Apache-2.0 */
/* See systemd_program.h. */
#include "runtime/systemd_program.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>

#include "libbase/fd.h"
#include "libbase/path.h"
#include "runtime/self_exe.h"

#define ENVIRONMENT_MAX 3

/*
 * /proc/self/exe says nothing: by now it is a file without a name (self_exe.h). What execve was told has a name, but may be relative to a directory that
 * was left, or a descriptor: so it counts only if it is the file that runs. Of a copy orlop itself said of which file it is.
 */
static int own_file_open(const struct globals *globals, struct stat *ret)
{
	const char *given = globals->options.exe;
	const char *name = given ? given : (const char *)(uintptr_t)getauxval(AT_EXECFN);
	_cleanup_(fd_cleanup) int fd = name ? path_open_host(AT_FDCWD, name, O_PATH, 0) : FD_NONE;
	struct stat running;

	if (fd < 0)
		return fd;
	if (fstat(fd, ret) < 0 || (!given && stat("/proc/self/exe", &running) < 0))
		return -errno;
	if (!given && (running.st_dev != ret->st_dev || running.st_ino != ret->st_ino))
		return -ENOENT;
	return fd_take(&fd);
}

static const char *path_beside(int own_fd, struct arena *arena)
{
	char *path = self_exe_path(own_fd, arena);
	char *slash = path ? strrchr(path, '/') : NULL;

	if (!slash)
		return NULL;
	*slash = '\0';
	return arena_printf(arena, "%s/" SYSTEMD_PROGRAM_NAME, path);
}

static char *const *environment_make(const struct environment *from, struct arena *arena)
{
	const struct {
		const char *name, *value;
	} variables[ENVIRONMENT_MAX] = {
		{ "DBUS_SYSTEM_BUS_ADDRESS", from->system_bus },
		{ "DBUS_SESSION_BUS_ADDRESS", from->session_bus },
		{ "XDG_RUNTIME_DIR", from->runtime_directory },
	};
	char **words = arena_calloc(arena, ENVIRONMENT_MAX + 1, sizeof(*words));
	size_t count = 0;

	for (size_t i = 0; words && i < ENVIRONMENT_MAX; i++) {
		if (!variables[i].value)
			continue;
		words[count] = arena_printf(arena, "%s=%s", variables[i].name, variables[i].value);
		if (!words[count++])
			return NULL;
	}
	return words;
}

const struct systemd_program *systemd_program_find(const struct globals *globals, struct arena *arena)
{
	struct systemd_program *program = arena_new(arena, struct systemd_program);
	struct stat own = { 0 };
	_cleanup_(fd_cleanup) int own_fd = own_file_open(globals, &own);

	if (!program)
		return NULL;
	*program = (struct systemd_program){
		.paths = { own_fd >= 0 ? path_beside(own_fd, arena) : NULL,
			   LIBEXEC_DIRECTORY "/" SYSTEMD_PROGRAM_NAME },
		.owner = own_fd >= 0 ? own.st_uid : 0,
		.group = own_fd >= 0 && (own.st_mode & S_IWGRP) ? own.st_gid : (gid_t)-1,
		.environment = environment_make(&globals->environment, arena),
	};
	return program->environment ? program : NULL;
}
