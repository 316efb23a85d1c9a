/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of rules as a whole, and documents that are a part of a config. */
#include "conformance/unit/check.h"
#include "libspec/check/check.h"
#include "libspec/check/rule.h"
#include "libspec/check/rule_cases.h"

static void check_unique(const struct check_row *rows, size_t count, const struct check_row *others, size_t more)
{
	for (size_t i = 0; i < count; i++) {
		CHECK(rows[i].name && rows[i].rule && rows[i].run);
		for (size_t j = 0; j < more; j++) {
			if (&rows[i] == &others[j])
				continue;
			CHECK(strcmp(rows[i].name, others[j].name) != 0);
			CHECK(rows[i].run != others[j].run);
		}
	}
}

TEST(rows_are_whole_and_unique)
{
	const struct {
		const struct check_row *rows;
		size_t count;
	} tables[] = {
		{ checks_process, checks_process_count }, { checks_resources, checks_resources_count },
		{ checks_mounts, checks_mounts_count },   { checks_namespaces, checks_namespaces_count },
		{ checks_linux, checks_linux_count },
	};
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
		CHECK(tables[i].count > 0);
		for (size_t j = 0; j < ARRAY_SIZE(tables); j++)
			check_unique(tables[i].rows, tables[i].count, tables[j].rows, tables[j].count);
	}
}

TEST(an_empty_document_breaks_rules_but_nothing_else)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	const struct spec spec = { 0 };
	const struct spec_process process = { 0 };
	const struct spec_resources resources = { 0 };
	struct problems problems;

	problems_init(&problems, &arena);
	spec_check(&spec, &problems);
	CHECK_INT(problems.errors, 3); /* no version, no root, no process */
	problems_init(&problems, &arena);
	process_check(&process, &problems);
	CHECK_INT(problems.errors, 2); /* no cwd, no args */
	problems_init(&problems, &arena);
	resources_check(&resources, &problems);
	CHECK_INT(problems.errors + problems.warnings, 0);
}

/* A rule must not rely on what the parser refuses. */
TEST(a_filter_without_default_action)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	static const char *const names[] = { "read" };
	const struct spec_seccomp_call call = { .names = { .items = names, .count = 1 }, .action = SECCOMP_KILL };
	struct spec_seccomp seccomp = { .default_action = 0 };
	const struct spec_linux os_linux = { .seccomp = &seccomp };
	const struct spec spec = { .os_linux = &os_linux };
	struct problems problems;

	problems_init(&problems, &arena);
	rule_seccomp_default(&spec, &problems);
	CHECK_INT(problems.errors, 0); /* neither default nor calls: no filter */
	CHECK_INT(problems.warnings, 1);
	problems_init(&problems, &arena);
	seccomp.syscalls.items = &call;
	seccomp.syscalls.count = 1;
	rule_seccomp_default(&spec, &problems);
	CHECK_INT(problems.errors, 1);
	CHECK_TEXT(problems.items[0]->path, "/linux/seccomp/defaultAction");
	CHECK_HAS(problems.items[0]->text, "is not a valid action for seccomp");
}

TEST(a_hook_without_time)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	struct spec_hook hook = { .path = "/h", .timeout = { .set = true, .value = 0 } };
	const struct spec_hooks hooks = { .points = { { .items = &hook, .count = 1 } } };
	const struct spec spec = { .hooks = &hooks };
	struct problems problems;

	problems_init(&problems, &arena);
	rule_hooks(&spec, &problems);
	CHECK_INT(problems.errors, 1);
	CHECK_TEXT(problems.items[0]->path, "/hooks/prestart/0/timeout");
	hook.timeout.value = 1;
	rule_hooks(&spec, &problems);
	CHECK_INT(problems.errors, 1);
}

TEST(all_violations_are_told_at_once_with_lines)
{
	static const char config[] = "{\"ociVersion\":\"1.3.0\",\n"
				     "\"process\":{\"cwd\":\"tmp\",\n"
				     "  \"args\":[\"sh\"],\n"
				     "  \"env\":[\"A=1\",\n"
				     "    \"B\"]},\n"
				     "\"hostname\":\"h\"}";
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	const struct spec *spec = NULL;
	struct problems problems;
	struct error err;

	ERROR_INIT(&err);
	problems_init(&problems, &arena);
	CHECK(spec_load_bytes("config.json", config, strlen(config), &arena, &problems, &spec, &err) < 0);
	CHECK(!spec);
	CHECK_INT(problems.errors, 4);
	CHECK_HAS(error_text(&err), "config.json: ");
	CHECK_HAS(error_text(&err), "line 2: /process/cwd: Cwd must be an absolute path");
	CHECK_HAS(error_text(&err), "line 5: /process/env/1: invalid environment variable");
	CHECK_HAS(error_text(&err), "root must be specified");
	CHECK_HAS(error_text(&err), "line 6: /hostname: unable to set hostname without a private UTS namespace");
}

TEST(parts_have_paths_of_their_own)
{
	static const char process[] = "{\"cwd\":\"/\",\"args\":[],\"env\":[\"X\"]}";
	static const char resources[] = "{\"memory\":{\"swap\":5,\"limit\":-7}}";
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	const struct spec_process *ret = NULL;
	const struct spec_resources *ret_resources = NULL;
	struct problems problems;
	struct error err;

	ERROR_INIT(&err);
	problems_init(&problems, &arena);
	CHECK(process_load_bytes("process.json", process, strlen(process), &arena, &problems, &ret, &err) < 0);
	CHECK_INT(problems.count, 2);
	CHECK_TEXT(problems.items[0]->path, "/args");
	CHECK_TEXT(problems.items[1]->path, "/env/0");

	problems_init(&problems, &arena);
	CHECK(resources_load_bytes("-", resources, strlen(resources), &arena, &problems, &ret_resources, &err) < 0);
	CHECK_INT(problems.count, 1); /* swap alone is fine in an update, which adds to what stands */
	CHECK_TEXT(problems.items[0]->path, "/memory/limit");
}

TEST(quotes_are_printable_and_cut)
{
	CHECK_TEXT(rule_quote(NULL).text, "");
	CHECK_TEXT(rule_quote("a'b").text, "a'b");
	CHECK_TEXT(rule_quote("1234567890123456789012345678901234567890123456789012345678901234").text,
		   "1234567890123456789012345678901234567890123456789012345678901234");
	CHECK_TEXT(rule_quote("1234567890123456789012345678901234567890123456789012345678901234x").text,
		   "1234567890123456789012345678901234567890123456789012345678901234...");
	/* Thirty escapes of four characters do not fit either. */
	CHECK_HAS(rule_quote("\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1").text, "\\x01...");
}

TEST(pointers_are_escaped_and_cut)
{
	char key[1000];

	memset(key, '/', sizeof(key));
	key[sizeof(key) - 1] = '\0';
	CHECK_TEXT(rule_key_path("/a", "b/c~d").text, "/a/b~1c~0d");
	CHECK(strlen(rule_key_path("/a", key).text) < sizeof(struct rule_path));
	CHECK_TEXT(rule_path("/a/%d", 7).text, "/a/7");
}

TEST(climbing_is_a_whole_component)
{
	CHECK(rule_climbs(".."));
	CHECK(rule_climbs("a/.."));
	CHECK(rule_climbs("../a"));
	CHECK(rule_climbs("a//../b"));
	CHECK(!rule_climbs(""));
	CHECK(!rule_climbs("..."));
	CHECK(!rule_climbs("a..b/.c/."));
}
