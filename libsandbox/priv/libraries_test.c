/* SPDX-License-Identifier: Apache-2.0 */
/* Libraries that are copied: nothing of them is mapped any more, and they work. */
#include "libsandbox/priv/libraries.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conformance/unit/check.h"

/* The test program's own file is not meant. */
static size_t libraries_mapped(bool *ret_bad)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[1024];
	size_t count = 0;

	*ret_bad = false;
	while (maps && fgets(line, sizeof(line), maps)) {
		count += strstr(line, ".so") != NULL;
		/* Writable and executable at once nothing may become. */
		*ret_bad = *ret_bad || strstr(line, " rwx");
	}
	if (maps)
		(void)fclose(maps);
	return count;
}

static int child_body(void)
{
	struct error err;
	bool bad;
	char *text;

	ERROR_INIT(&err);
	if (libraries_mapped(&bad) == 0)
		return 77;
	if (libraries_copy(&err) < 0)
		return 1;
	if (libraries_mapped(&bad) != 0 || bad)
		return 2;
	/* Allocation, formatting, a symbol that is bound only now, another process. */
	if (asprintf(&text, "%d %.1f", 42, sqrt(getpid() * 0.0 + 16)) < 0 || strcmp(text, "42 4.0") != 0)
		return 3;
	free(text);
	if (fork() == 0)
		_exit(libraries_mapped(&bad) == 0 ? 0 : 4);
	(void)wait(&(int){ 0 });
	return libraries_copy(&err) < 0 ? 5 : 0;
}

TEST(nothing_of_a_library_stays_mapped)
{
	pid_t pid = fork();
	int status;

	CHECK(pid >= 0);
	if (pid == 0)
		_exit(child_body());
	CHECK_INT(waitpid(pid, &status, 0), pid);
	CHECK(WIFEXITED(status));
	/* 77: a static program has none. */
	CHECK(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 77);
}
