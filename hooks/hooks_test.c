/* SPDX-License-Identifier: Apache-2.0 */
/* Hooks as real programs: what they get, what their failures say. */
#include "hooks/hooks.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "conformance/unit/check.h"
#include "libbase/arena.h"
#include "libbase/fd.h"
#include "libbase/path.h"
#include "libspec/load.h"

static const struct state state = {
	.oci_version = "1.3.0", .id = "web", .pid = 42, .bundle = "/b", .status = STATUS_STOPPED
};
static struct error err;

static int run(enum spec_hook_point point, const char *hooks, char *const *environment)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	struct problems problems;
	const struct spec *spec;
	char *config =
		arena_printf(&arena,
			     "{\"ociVersion\":\"1.0.0\",\"root\":{\"path\":\"r\"},\"process\":{\"cwd\":\"/\",\"args\":"
			     "[\"x\"],\"user\":{}},\"hooks\":{\"%s\":%s}}",
			     name_text(&names_hooks, (int)point), hooks);
	int r;

	ERROR_INIT(&err);
	problems_init(&problems, &arena);
	r = spec_load_bytes("config.json", config, strlen(config), &arena, &problems, &spec, &err);
	return r < 0 ? r : hooks_run(spec, point, &state, environment, FD_NONE, FD_NONE, &err);
}

/* What a hook wrote to `path`; removes it. */
static const char *written(const char *path)
{
	static char text[4096];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, text, sizeof(text) - 1) : -1;

	if (fd >= 0)
		close(fd);
	unlink(path);
	text[n < 0 ? 0 : n] = '\0';
	return text;
}

TEST(the_state_comes_on_stdin_with_the_points_status)
{
	const char *seen;

	CHECK_INT(run(HOOK_CREATE_RUNTIME,
		      "[{\"path\":\"/bin/sh\",\"args\":[\"sh\",\"-c\",\"cat >/tmp/orlop-hook-state\"]}]", NULL),
		  0);
	seen = written("/tmp/orlop-hook-state");
	CHECK_HAS(seen, "\"status\":\"creating\"");
	CHECK_HAS(seen, "\"pid\":42");
	CHECK_HAS(seen, "\"id\":\"web\"");
	CHECK_HAS(seen, "\"bundle\":\"/b\"");
}

TEST(a_hook_without_env_inherits_and_an_empty_env_is_empty)
{
	char inherited[] = "FROM=runtime";
	char *const environment[] = { inherited, NULL };
	static const char *const script = "\"args\":[\"sh\",\"-c\",\"echo $FROM >/tmp/orlop-hook-env\"]";
	char hooks[256];

	snprintf(hooks, sizeof(hooks), "[{\"path\":\"/bin/sh\",%s}]", script);
	CHECK_INT(run(HOOK_PRESTART, hooks, environment), 0);
	CHECK_TEXT(written("/tmp/orlop-hook-env"), "runtime\n");
	snprintf(hooks, sizeof(hooks), "[{\"path\":\"/bin/sh\",%s,\"env\":[]}]", script);
	CHECK_INT(run(HOOK_PRESTART, hooks, environment), 0);
	CHECK_TEXT(written("/tmp/orlop-hook-env"), "\n");
	snprintf(hooks, sizeof(hooks), "[{\"path\":\"/bin/sh\",%s,\"env\":[\"FROM=config\"]}]", script);
	CHECK_INT(run(HOOK_PRESTART, hooks, environment), 0);
	CHECK_TEXT(written("/tmp/orlop-hook-env"), "config\n");
}

TEST(a_failure_names_the_hook_and_quotes_its_output)
{
	CHECK_INT(run(HOOK_CREATE_RUNTIME,
		      "[{\"path\":\"/bin/true\"},{\"path\":\"/bin/sh\",\"args\":[\"sh\",\"-c\",\"echo out; echo why "
		      ">&2; exit "
		      "3\"]}]",
		      NULL),
		  -EIO);
	CHECK_TEXT(err.text, "error running createRuntime hook #1: '/bin/sh': exit status 3, stdout: out, stderr: why");
}

TEST(a_failure_stops_the_rest_where_it_stops)
{
	unlink("/tmp/orlop-hook-second");
	CHECK(run(HOOK_CREATE_RUNTIME,
		  "[{\"path\":\"/bin/false\"},{\"path\":\"/bin/touch\",\"args\":[\"touch\",\"/tmp/"
		  "orlop-hook-second\"]}]",
		  NULL) < 0);
	CHECK(access("/tmp/orlop-hook-second", F_OK) < 0);
}

TEST(after_poststop_failures_the_rest_still_runs)
{
	CHECK_INT(run(HOOK_POSTSTOP,
		      "[{\"path\":\"/bin/false\"},{\"path\":\"/bin/touch\",\"args\":[\"touch\",\"/tmp/"
		      "orlop-hook-second\"]}]",
		      NULL),
		  -EIO);
	CHECK_HAS(err.text, "error running poststop hook #0: '/bin/false': exit status 1");
	CHECK(access("/tmp/orlop-hook-second", F_OK) == 0);
	unlink("/tmp/orlop-hook-second");
}

TEST(a_hook_past_its_time_is_killed)
{
	CHECK_INT(run(HOOK_POSTSTART, "[{\"path\":\"/bin/sleep\",\"args\":[\"sleep\",\"60\"],\"timeout\":1}]", NULL),
		  -ETIMEDOUT);
	CHECK_TEXT(err.text, "error running poststart hook #0: '/bin/sleep': hook ran past specified timeout of 1.0s");
}

TEST(a_missing_program_and_a_signal_are_told)
{
	CHECK_INT(run(HOOK_PRESTART, "[{\"path\":\"/no/such\"}]", NULL), -ENOENT);
	CHECK_TEXT(err.text, "error running prestart hook #0: '/no/such': run it: No such file or directory");
	CHECK_INT(run(HOOK_PRESTART, "[{\"path\":\"/bin/sh\",\"args\":[\"sh\",\"-c\",\"kill -9 $$\"]}]", NULL), -EIO);
	CHECK_HAS(err.text, "killed by signal 9");
}

TEST(the_table_is_complete)
{
	for (int i = 0; i < HOOK_POINTS; i++) {
		CHECK_INT(hook_points[i].point, i + 1);
		CHECK(hook_points[i].summary && name_text(&names_statuses, hook_points[i].status));
	}
}
