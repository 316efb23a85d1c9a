/* SPDX-License-Identifier: Apache-2.0 */
/* Whose state goes where. */
#include "runtime/state_root.h"

#include <errno.h>
#include <limits.h>
#include <unistd.h>

#include "conformance/unit/check.h"
#include "libbase/text.h"

static const struct state_root_caller machine_root = { .euid = 0 };
static const struct state_root_caller mapped_root = { .euid = 0, .in_user_namespace = true };
static const struct state_root_caller somebody = { .euid = 1000 };

static void check_choice(const char *given, const struct environment *environment,
			 const struct state_root_caller *caller, const char *want)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	const char *got = NULL;
	struct error err;
	int r;

	ERROR_INIT(&err);
	r = state_root_choose(given, environment, caller, &arena, &got, &err);
	CHECK_TEXT(r < 0 ? error_text(&err) : got, want);
}

TEST(without_root_option)
{
	const struct environment none = { 0 };
	const struct environment xdg = { .runtime_directory = "/run/user/1000/" };
	const struct environment xdg_root = { .runtime_directory = "/run/user/0", .user = "root" };
	const struct environment xdg_user = { .runtime_directory = "/run/user/7", .user = "me" };

	check_choice(NULL, &none, &machine_root, "/run/orlop");
	check_choice(NULL, &none, &mapped_root, "/run/orlop");
	check_choice(NULL, &none, &somebody, "/run/orlop");

	check_choice(NULL, &xdg, &machine_root, "/run/orlop");
	check_choice(NULL, &xdg, &somebody, "/run/user/1000/orlop");
	check_choice(NULL, &xdg, &mapped_root, "/run/user/1000/orlop");

	check_choice(NULL, &xdg_root, &machine_root, "/run/orlop");
	check_choice(NULL, &xdg_root, &mapped_root, "/run/orlop");
	check_choice(NULL, &xdg_root, &somebody, "/run/user/0/orlop");
	check_choice(NULL, &xdg_user, &mapped_root, "/run/user/7/orlop");
}

TEST(with_root_option)
{
	const struct environment xdg = { .runtime_directory = "/run/user/1000" };

	check_choice("/var/x/../state/", &xdg, &somebody, "/var/state");
	check_choice("/run/a b", &xdg, &machine_root, "/run/a b");
}

TEST(the_root_of_all)
{
	static const char want[] = "Option --root argument should not be set to /";
	const struct environment none = { 0 };

	check_choice("/", &none, &machine_root, want);
	check_choice("//", &none, &machine_root, want);
	check_choice("/a/..", &none, &machine_root, want);
	check_choice("../../../../../../../../../../../../../..", &none, &machine_root, want);
}

TEST(relative_to_the_current_directory)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	const struct environment none = { 0 };
	char directory[PATH_MAX];

	CHECK(getcwd(directory, sizeof(directory)));
	if (text_equal(directory, "/"))
		check_skip("the current directory is /");
	check_choice("x/y", &none, &machine_root, arena_printf(&arena, "%s/x/y", directory));
	check_choice("", &none, &machine_root, directory);
}

TEST(the_caller_is_known)
{
	struct state_root_caller caller = { .euid = 12345 };

	state_root_caller_probe(&caller);
	CHECK_INT(caller.euid, geteuid());
}
