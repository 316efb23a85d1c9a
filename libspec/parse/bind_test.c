/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bind.c, complain.c and lines.c: words, places and lines of what is refused, what is passed over, and what a refused
 * document still holds. That every row reads what it should is write_test.c's business.
 */
#include "libspec/parse/bind.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "conformance/unit/check.h"
#include "libspec/parse/lines.h"
#include "libspec/parse/tables.h"

#define MIB ((size_t)1 << 20)

struct bound {
	struct arena arena, scratch;
	struct problems problems;
	struct json_document document;
	struct error err;
	void *object;
};

static void bind_bytes(struct bound *bound, const struct fields *fields, const char *text, size_t length)
{
	char *copy;

	*bound = (struct bound){ 0 };
	problems_init(&bound->problems, &bound->arena);
	copy = arena_copy(&bound->arena, text, length);
	CHECK(copy);
	if (json_parse(copy, length, &bound->arena, &bound->scratch, &bound->document, &bound->err) < 0)
		check_fail(__FILE__, __LINE__, "%s", error_text(&bound->err));
	CHECK_INT(bind_document(fields, &bound->document, &bound->arena, &bound->problems, &bound->object), 0);
	problems_tell(&bound->problems, "doc", &bound->err);
}

static void bind(struct bound *bound, const struct fields *fields, const char *text)
{
	bind_bytes(bound, fields, text, strlen(text));
}

static void drop(struct bound *bound)
{
	arena_cleanup(&bound->arena);
	arena_cleanup(&bound->scratch);
}

static void says(const struct fields *fields, const char *text, const char *words)
{
	struct bound bound;

	bind(&bound, fields, text);
	CHECK_TEXT(bound.err.text, words);
	drop(&bound);
}

TEST(words_of_refusal)
{
	says(&fields_spec, "[]", "doc: line 1: want an object, got an array");
	says(&fields_spec, "\n\n3", "doc: line 3: want an object, got a number");
	says(&fields_cpu, "{\n \"quota\": \"1\"\n}", "doc: line 2: /quota: want an integer, got a string");
	says(&fields_cpu, "{\"quota\": 1.5}", "doc: line 1: /quota: want an integer, got 1.5");
	says(&fields_cpu, "{\"shares\": -1}", "doc: line 1: /shares: want 0 to 18446744073709551615, got -1");
	says(&fields_cpu, "{\"shares\": true}", "doc: line 1: /shares: want an integer, got a boolean");
	says(&fields_cpu, "{\"cpus\": 1}", "doc: line 1: /cpus: want a string, got a number");
	says(&fields_root, "{\"path\": \"\", \"readonly\": 1}",
	     "doc: line 1: /readonly: want true or false, got a number");
	says(&fields_root, "{}", "doc: line 1: missing required property 'path'");
	says(&fields_block_io, "{\"weight\": 70000}", "doc: line 1: /weight: want 0 to 65535, got 70000");
	says(&fields_hook, "{\"path\": \"/x\", \"timeout\": 0}",
	     "doc: line 1: /timeout: want 1 to 9223372036854775807, got 0");
	says(&fields_io_priority, "{\"class\": \"best\"}",
	     "doc: line 1: /class: want one of IOPRIO_CLASS_RT, IOPRIO_CLASS_BE, IOPRIO_CLASS_IDLE, got 'best'");
	says(&fields_seccomp_call, "{\"names\": [], \"action\": \"SCMP_ACT_LOG\"}",
	     "doc: line 1: /names: want at least one item");
	says(&fields_linux, "{\"sysctl\": {\"\": \"1\"}}", "doc: line 1: /sysctl: want no empty key");
	says(&fields_linux, "{\"sysctl\": []}", "doc: line 1: /sysctl: want an object, got an array");
	says(&fields_linux, "{\"maskedPaths\": \"/proc\"}", "doc: line 1: /maskedPaths: want an array, got a string");
	says(&fields_linux, "{\"maskedPaths\": [null]}", "doc: line 1: /maskedPaths/0: want a string, got null");
}

/* The word that device rules have for "all" is no type of a device. */
TEST(words_with_a_least_value)
{
	says(&fields_device, "{\"path\": \"/dev/x\", \"type\": \"a\"}",
	     "doc: line 1: /type: want one of b, c, u, p, got 'a'");
	says(&fields_device_rule, "{\"allow\": true, \"type\": \"a\"}", "");
}

TEST(long_tables_are_not_listed)
{
	says(&fields_seccomp, "{\"defaultAction\": \"SCMP_ACT_LOG\", \"architectures\": [\"VAX\"]}",
	     "doc: line 1: /architectures/0: want a known seccomp architecture, got 'VAX'");
}

TEST(strange_values_are_shown_safely)
{
	says(&fields_io_priority, "{\"class\": \"\\u001b[2J\\n\"}",
	     "doc: line 1: /class: want one of IOPRIO_CLASS_RT, IOPRIO_CLASS_BE, IOPRIO_CLASS_IDLE, got "
	     "'\\x1b[2J\\x0a'");
	says(&fields_io_priority,
	     "{\"class\": \"0123456789012345678901234567890123456789012345678901234567890123456789\"}",
	     "doc: line 1: /class: want one of IOPRIO_CLASS_RT, IOPRIO_CLASS_BE, IOPRIO_CLASS_IDLE, got "
	     "'0123456789012345678901234567890123456789012345678901234567890123...'");
	says(&fields_cpu,
	     "{\"shares\": 11111111111111111111111111111111111111111111111111111111111111111111111111111111111}",
	     "doc: line 1: /shares: want 0 to 18446744073709551615, got "
	     "1111111111111111111111111111111111111111111111111111111111111111...");
}

TEST(places_are_pointers)
{
	says(&fields_spec,
	     "{\"ociVersion\": \"1\",\n\"annotations\":\n{\"a/b~c\":\n5},\n\"linux\": {\"rdma\": 1, \"resources\": "
	     "{\"rdma\": "
	     "{\"mlx/0\": {\"hcaHandles\":\n-1}}}}}",
	     "doc: line 4: /annotations/a~1b~0c: want a string, got a number; "
	     "line 6: /linux/resources/rdma/mlx~10/hcaHandles: want 0 to 4294967295, got -1");
}

TEST(missing_is_told_at_the_object)
{
	says(&fields_spec, "{\"mounts\": [\n{\"destination\": \"/a\"},\n{\"source\": \"x\"}]}",
	     "doc: line 3: /mounts/1: missing required property 'destination'; line 1: missing required property "
	     "'ociVersion'");
}

TEST(unknown_and_ignored_properties_are_passed_over)
{
	struct bound bound;

	bind(&bound, &fields_spec,
	     "{\"ociVersion\": \"1.0.2\", \"OCIVERSION\": 1, \"x\": [[{}]], \"x\": 2, \"windows\": 7, \"hostname\": "
	     "null}");
	CHECK_INT(bound.problems.count, 0);
	CHECK_TEXT(((struct spec *)bound.object)->oci_version, "1.0.2");
	CHECK(!((struct spec *)bound.object)->hostname);
	drop(&bound);
}

TEST(null_in_a_map_is_absent)
{
	struct bound bound;
	const struct spec_linux *os_linux;

	bind(&bound, &fields_linux,
	     "{\"sysctl\": {\"a\": null, \"b\": \"1\"}, \"netDevices\": {\"eth0\": {}, \"eth1\": null, \"eth2\": "
	     "{\"name\": \"x\"}}}");
	CHECK_TEXT(bound.err.text, "");
	os_linux = bound.object;
	CHECK_INT(os_linux->sysctl.count, 1);
	CHECK_TEXT(os_linux->sysctl.items[0].key, "b");
	CHECK_INT(os_linux->net_devices.count, 2);
	CHECK_TEXT(os_linux->net_devices.items[0].key, "eth0");
	CHECK(!os_linux->net_devices.items[0].name);
	CHECK_TEXT(os_linux->net_devices.items[1].key, "eth2");
	CHECK_TEXT(os_linux->net_devices.items[1].name, "x");
	drop(&bound);
}

TEST(keys_of_a_map_are_unique)
{
	char text[4096];
	int length;

	says(&fields_linux, "{\"sysctl\": {\"a\": \"1\", \"b\": \"2\",\n\"a\": \"3\"}}",
	     "doc: line 2: /sysctl/a: given twice");
	says(&fields_linux, "{\"netDevices\": {\"a\": {}, \"a\": {}}}", "doc: line 1: /netDevices/a: given twice");
	/* More keys than are compared pair by pair. */
	length = snprintf(text, sizeof(text), "{\"sysctl\": {\"same\": \"\"");
	for (int i = 0; i < 40; i++)
		length += snprintf(text + length, sizeof(text) - (size_t)length, ",\n\"%s%d\": \"\"", i % 2 ? "a" : "z",
				   i);
	snprintf(text + length, sizeof(text) - (size_t)length, ",\n\"same\": \"\"}}");
	says(&fields_linux, text, "doc: line 42: /sysctl/same: given twice");
}

TEST(refused_documents_keep_their_promises)
{
	const struct spec_process *process;
	const struct spec *spec;
	struct bound bound;

	bind(&bound, &fields_spec,
	     "{\"process\": {\"args\": [\"a\", 2, \"c\"], \"env\": 7, \"rlimits\": [3, {\"hard\": 1}]},"
	     "\"mounts\": [5, {\"destination\": 5}, {\"destination\": \"/ok\"}], \"annotations\": {\"a\": 1},"
	     "\"root\": {}}");
	CHECK_INT(bound.problems.errors, 11);
	spec = bound.object;
	process = spec->process;
	CHECK_TEXT(spec->oci_version, "");
	CHECK_TEXT(spec->root->path, "");
	CHECK_TEXT(process->cwd, "");
	CHECK_INT(process->args.count, 3);
	CHECK_TEXT(process->args.items[0], "a");
	CHECK_TEXT(process->args.items[1], "");
	CHECK(!process->env.items);
	CHECK_INT(process->rlimits.count, 2);
	CHECK_INT(process->rlimits.items[1].hard, 1);
	CHECK_INT(spec->mounts.count, 3);
	CHECK_TEXT(spec->mounts.items[0].destination, "");
	CHECK_TEXT(spec->mounts.items[1].destination, "");
	CHECK_TEXT(spec->mounts.items[2].destination, "/ok");
	CHECK_TEXT(spec->annotations.items[0].value, "");
	drop(&bound);
}

/* All that is wrong is counted, the first ones are told, and a flood takes neither memory nor time. */
TEST(floods)
{
	size_t room = 16 * MIB, length = 0;
	char *text = malloc(room);
	struct bound bound;

	CHECK(text);
	length += (size_t)snprintf(text, room, "{\"sysctl\": {\"a\": \"\"");
	for (int i = 0; i < 100000; i++)
		length += (size_t)snprintf(text + length, room - length, ",\"a\": \"\"");
	length += (size_t)snprintf(text + length, room - length, "}}");
	bind_bytes(&bound, &fields_linux, text, length);
	CHECK_INT(bound.problems.errors, 100000);
	CHECK_INT(bound.problems.count, PROBLEMS_KEPT);
	CHECK_HAS(bound.err.text, " more");
	CHECK(bound.arena.held < 8 * MIB);
	drop(&bound);

	length = (size_t)snprintf(text, room, "{\"bounding\": [0");
	for (int i = 0; i < 500000; i++)
		length += (size_t)snprintf(text + length, room - length, ",\n\"CAP_X%d\"", i);
	length += (size_t)snprintf(text + length, room - length, "]}");
	bind_bytes(&bound, &fields_capabilities, text, length);
	CHECK_INT(bound.problems.errors, 1);
	CHECK_INT(bound.problems.warnings, 500000);
	CHECK_HAS(bound.err.text, "/bounding/0: want a string, got a number");
	CHECK(bound.arena.held < 24 * MIB);
	drop(&bound);
	free(text);
}

TEST(memory_may_run_out_anywhere)
{
	const char *text =
		"{\"ociVersion\": \"1\", \"process\": {\"cwd\": \"/\", \"args\": [\"a\"], \"capabilities\": "
		"{\"ambient\": "
		"[\"X\"]}, \"user\": {\"additionalGids\": [1]}}, \"annotations\": {\"a\": \"b\"}, \"mounts\": "
		"[{\"destination\": \"/\"}], \"linux\": {\"netDevices\": {\"a\": {}}}, \"vm\": {}}";
	struct arena scratch = ARENA_INIT, keep = ARENA_INIT;
	struct json_document document;
	struct error err = { 0 };
	char *copy = arena_string(&keep, text);
	int code = -ENOMEM;

	CHECK(copy);
	CHECK_INT(json_parse(copy, strlen(copy), &keep, &scratch, &document, &err), 0);
	for (size_t limit = 1; code < 0; limit += 16) {
		struct arena arena = { .limit = limit };
		struct problems problems;
		void *object = NULL;

		problems_init(&problems, &arena);
		code = bind_document(&fields_spec, &document, &arena, &problems, &object);
		if (code < 0)
			CHECK_INT(code, -ENOMEM);
		arena_cleanup(&arena);
		CHECK(limit < MIB);
	}
	arena_cleanup(&keep);
	arena_cleanup(&scratch);
}

static void find_lines(struct bound *bound)
{
	ERROR_INIT(&bound->err);
	problems_find_lines(&bound->problems, &bound->document);
	problems_tell(&bound->problems, "doc", &bound->err);
}

TEST(checks_get_lines_and_an_order)
{
	struct bound bound;

	bind(&bound, &fields_spec,
	     "{\n\"ociVersion\": \"1\",\n\"process\": {\n\"cwd\": \"tmp\",\n\"env\": [\n\"A\"],\n\"args\": 1}}");
	problem_error(&bound.problems, 0, "/process/env/0", "want '='");
	problem_error(&bound.problems, 0, "/process/cwd", "want an absolute path, got 'tmp'");
	problem_error(&bound.problems, 0, "/process/user/uid", "want less");
	find_lines(&bound);
	CHECK_TEXT(bound.err.text, "doc: line 3: /process/user/uid: want less; "
				   "line 4: /process/cwd: want an absolute path, got 'tmp'; "
				   "line 6: /process/env/0: want '='; "
				   "line 7: /process/args: want an array, got a number");
	drop(&bound);
}

/* A check that stumbles over what the binder could not read has nothing new to say. */
TEST(checks_do_not_repeat_the_binder)
{
	struct bound bound;

	bind(&bound, &fields_spec, "{\"process\": {\"args\": 1, \"env\": []}, \"mounts\": [1]}");
	problem_error(&bound.problems, 0, "/process/args", "args must not be empty");
	problem_error(&bound.problems, 0, "/process/cwd", "want a path");
	problem_error(&bound.problems, 0, "/process/cwdx", "stays");
	problem_error(&bound.problems, 0, "/process", "stays too");
	problem_error(&bound.problems, 0, "/mounts/0/destination", "want a path");
	problem_warning(&bound.problems, 0, "/mounts/0", "strange");
	problem_error(&bound.problems, 0, "/ociVersion", "want a version");
	find_lines(&bound);
	CHECK_INT(bound.problems.errors, 6);
	CHECK_INT(bound.problems.warnings, 0);
	CHECK_TEXT(bound.err.text, "doc: line 1: /process/args: want an array, got a number; "
				   "line 1: /process: missing required property 'cwd': Cwd property must not be empty; "
				   "line 1: /mounts/0: want an object, got a number; "
				   "line 1: missing required property 'ociVersion'; "
				   "line 1: /process/cwdx: stays; line 1: /process: stays too");
	drop(&bound);
}
