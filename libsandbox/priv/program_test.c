/* SPDX-License-Identifier: Apache-2.0 */
/* The look-up in a root of the test's own, with the words that engines look for, and execve's failures. */
#include "libsandbox/priv/program.h"

#include "libsandbox/priv/fixture.h"

static void program(const char *path, mode_t mode)
{
	text_write(path, "#!/bin/none\n");
	WANT(chmod(path, mode) == 0);
}

/* /bin/tool /bin/data(0644) /bin/dir/ /bin/up->../up /sbin/data(0755) /w/run /up /link->/w; PATH=/bin:/sbin */
static void root_make(void)
{
	scratch_make();
	WANT(chroot(SCRATCH) == 0 && chdir("/") == 0);
	WANT(mkdir("/bin", 0755) == 0 && mkdir("/sbin", 0755) == 0 && mkdir("/w", 0755) == 0);
	WANT(mkdir("/bin/dir", 0755) == 0 && mkdir("/proc", 0755) == 0);
	program("/bin/tool", 0755);
	program("/bin/data", 0644);
	program("/sbin/data", 0755);
	program("/w/run", 0755);
	program("/up", 0711);
	WANT(symlink("../../../up", "/bin/up") == 0);
	WANT(symlink("/w", "/link") == 0);
}

static char path_usual[] = "PATH=/bin:/sbin";
static char *const usual[] = { path_usual, NULL };

static int look(const char *name, char *const *envp, const char *cwd, const char **ret, struct error *err)
{
	static struct arena arena;
	_cleanup_(fd_cleanup) int root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct program_query query = { .root_fd = root_fd, .name = name, .envp = envp, .cwd = cwd };

	ERROR_INIT(err);
	*ret = NULL;
	return program_lookup(&query, &arena, ret, err);
}

static void want_found(const char *name, char *const *envp, const char *cwd, const char *path)
{
	const char *found;
	struct error err;

	WANT_OK(look(name, envp, cwd, &found, &err), &err);
	WANT_TEXT(found, path);
}

static void want_error(const char *name, char *const *envp, const char *cwd, const char *words)
{
	const char *found;
	struct error err;

	WANT(look(name, envp, cwd, &found, &err) < 0);
	WANT_TEXT(err.text, words);
}

CHILD(names_are_searched_in_path)
{
	char odd_path[] = "PATH=/nowhere::/w", empty_path[] = "PATH=", other[] = "OTHER=1";
	char *const odd[] = { other, odd_path, NULL }, *const empty[] = { empty_path, NULL }, *const unset[] = { NULL };

	root_make();
	want_found("tool", usual, "/", "/bin/tool");
	want_found("up", usual, "/", "/bin/up");
	/* The first entry that can be executed. */
	want_found("data", usual, "/", "/sbin/data");
	want_found("run", odd, "/", "/w/run");
	want_found("run", odd, "/link", "./run");
	want_found("tool", unset, "/", "/bin/tool");
	want_error("dir", usual, "/", "exec: \"dir\": executable file not found in $PATH");
	want_error("none", usual, "/", "exec: \"none\": executable file not found in $PATH");
	want_error("", usual, "/", "exec: \"\": executable file not found in $PATH");
	want_error("tool", empty, "/", "exec: \"tool\": executable file not found in $PATH");
}

CHILD(paths_are_taken_as_they_are)
{
	root_make();
	want_found("/bin/tool", usual, "/", "/bin/tool");
	want_found("./run", usual, "/w", "./run");
	want_found("../up", usual, "/link", "../up");
	want_found("../../../up", usual, "/w", "../../../up");
	want_error("/X", usual, "/", "exec: \"/X\": stat /X: no such file or directory");
	want_error("./run", usual, "/", "exec: \"./run\": stat ./run: no such file or directory");
	want_error("/bin/tool/x", usual, "/", "exec: \"/bin/tool/x\": stat /bin/tool/x: not a directory");
	want_error("/bin/dir", usual, "/", "exec: \"/bin/dir\": is a directory");
	want_error("/bin/data", usual, "/", "exec: \"/bin/data\": permission denied");
	WANT(mkfifo("/fifo", 0755) == 0);
	want_error("/fifo", usual, "/", "exec: \"/fifo\": permission denied");
}

CHILD(nothing_runs_from_a_noexec_mount)
{
	root_make();
	WANT(mkdir("/noexec", 0755) == 0);
	WANT(mount("none", "/noexec", "tmpfs", MS_NOEXEC, NULL) == 0);
	program("/noexec/tool", 0755);
	want_error("/noexec/tool", usual, "/", "exec: \"/noexec/tool\": permission denied");
}

/* CVE-2019-5736, CVE-2024-21626 */
CHILD(magic_links_are_refused)
{
	int host_fd = open("/bin", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char name[64], words[256];

	root_make();
	WANT(mount("proc", "/proc", "proc", 0, NULL) == 0);
	want_error("/proc/self/exe", usual, "/",
		   "exec: \"/proc/self/exe\": stat /proc/self/exe: too many levels of symbolic links");
	WANT(symlink("/proc/self/exe", "/bin/evil") == 0);
	want_error("evil", usual, "/", "exec: \"evil\": executable file not found in $PATH");
	snprintf(name, sizeof(name), "/proc/self/fd/%d/sh", host_fd);
	snprintf(words, sizeof(words), "exec: \"%s\": stat %s: too many levels of symbolic links", name, name);
	want_error(name, usual, "/", words);
	snprintf(name, sizeof(name), "/proc/self/fd/%d", host_fd);
	want_error("./sh", usual, name, "exec: \"./sh\": stat ./sh: too many levels of symbolic links");
}

static void want_failure(const char *path, const char *words)
{
	char *const none[] = { NULL };
	struct error err;

	ERROR_INIT(&err);
	WANT(program_execute(path, usual, none, &err) < 0);
	WANT_TEXT(err.text, words);
}

CHILD(execve_tells_why_not)
{
	root_make();
	text_write("/bin/noise", "not a program\n");
	WANT(chmod("/bin/noise", 0755) == 0);
	want_failure("/X", "exec /X: no such file or directory");
	want_failure("/bin/data", "exec /bin/data: permission denied");
	want_failure("/bin/noise", "exec /bin/noise: exec format error");
	want_failure("/bin/tool", "exec /bin/tool: no such file or directory"); /* its interpreter */
}

CHILD(execve_that_works_does_not_return)
{
	char name[] = "sh", option[] = "-c", text[] = "exit $CODE", code[] = "CODE=33";
	char *const argv[] = { name, option, text, NULL }, *const envp[] = { code, NULL };
	struct error err;
	int status;
	pid_t pid = fork();

	ERROR_INIT(&err);
	if (pid == 0) {
		(void)program_execute("/bin/sh", argv, envp, &err);
		_exit(1);
	}
	WANT(waitpid(pid, &status, 0) == pid);
	WANT(WIFEXITED(status) && WEXITSTATUS(status) == 33);
}
