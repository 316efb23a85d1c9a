/* SPDX-License-Identifier: Apache-2.0 */
/* What options make of a container's process, and what they refuse. */
#include "runtime/exec_process.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "conformance/unit/check.h"
#include "libbase/fd.h"
#include "libspec/load.h"

struct setting {
	struct arena arena;
	struct problems problems;
	struct error err;
	const struct spec *spec;
	const struct spec_process *process;
};

static void setting_make(struct setting *setting)
{
	static const char config[] =
		"{\"ociVersion\":\"1.3.0\",\"root\":{\"path\":\"r\"},\"linux\":{},"
		"\"process\":{\"cwd\":\"/home\",\"args\":[\"init\"],\"env\":[\"A=1\"],\"terminal\":true,"
		"\"apparmorProfile\":\"deck\",\"selinuxLabel\":\"u:r:t:s0\","
		"\"user\":{\"uid\":5,\"gid\":6,\"additionalGids\":[7],\"umask\":63},"
		"\"capabilities\":{\"bounding\":[\"CAP_KILL\"],\"permitted\":[\"CAP_KILL\"],"
		"\"inheritable\":[\"CAP_CHOWN\",\"CAP_KILL\"]}}}";

	ERROR_INIT(&setting->err);
	problems_init(&setting->problems, &setting->arena);
	CHECK_INT(spec_load_bytes("config.json", config, strlen(config), &setting->arena, &setting->problems,
				  &setting->spec, &setting->err),
		  0);
}

static void setting_cleanup(struct setting *setting)
{
	arena_cleanup(&setting->arena);
}

#define SETTING(name)                                           \
	_cleanup_(setting_cleanup) struct setting name = { 0 }; \
	setting_make(&name)

static int read_process(struct setting *setting, const struct options_exec *options)
{
	static const char *const words[] = { "prog", "-x" };

	return exec_process_read(options, words, 2, setting->spec, &setting->arena, &setting->problems,
				 &setting->process, &setting->err);
}

TEST(plain)
{
	SETTING(setting);

	CHECK_INT(read_process(&setting, &(struct options_exec){ 0 }), 0);
	CHECK_INT(setting.process->args.count, 2);
	CHECK_TEXT(setting.process->args.items[1], "-x");
	CHECK_TEXT(setting.process->cwd, "/home");
	CHECK_INT(setting.process->env.count, 1);
	CHECK_INT(setting.process->user->uid.value, 5);
	CHECK_INT(setting.process->user->umask.value, 63);
	/* The container's terminal is its own. */
	CHECK(!setting.process->terminal.value);
	CHECK_TEXT(setting.spec->process->args.items[0], "init");
}

TEST(all_options)
{
	static const char *env[] = { "B=2", "C=" }, *gids[] = { "0", "4294967294" }, *caps[] = { "CAP_CHOWN" };
	const struct options_exec options = {
		.cwd = "/tmp",
		.environment = { env, 2 },
		.tty = true,
		.user = "8:9",
		.groups = { gids, 2 },
		.process_label = "label",
		.apparmor = "profile",
		.no_new_privs = true,
		.capabilities = { caps, 1 },
	};
	const struct spec_capabilities *sets;
	SETTING(setting);

	CHECK_INT(read_process(&setting, &options), 0);
	CHECK_TEXT(setting.process->cwd, "/tmp");
	CHECK_INT(setting.process->env.count, 3);
	CHECK_TEXT(setting.process->env.items[0], "A=1");
	CHECK_TEXT(setting.process->env.items[2], "C=");
	CHECK(setting.process->terminal.value && setting.process->no_new_privileges.value);
	CHECK_INT(setting.process->user->uid.value, 8);
	CHECK_INT(setting.process->user->gid.value, 9);
	CHECK_INT(setting.process->user->additional_gids.count, 3);
	CHECK_INT(setting.process->user->additional_gids.items[0], 7);
	CHECK_INT(setting.process->user->additional_gids.items[2], 4294967294);
	CHECK_TEXT(setting.process->selinux_label, "label");
	CHECK_TEXT(setting.process->apparmor_profile, "profile");
	sets = setting.process->capabilities;
	/* CHOWN is 0, KILL is 5. */
	CHECK_INT(sets->bounding.bits, 1 << 5 | 1);
	CHECK_INT(sets->permitted.bits, 1 << 5 | 1);
	CHECK_INT(sets->effective.bits, 1);
	CHECK_INT(sets->inheritable.bits, 1 << 5 | 1);
	CHECK_INT(sets->ambient.bits, 1);
	/* The container's own is as it was. */
	CHECK_INT(setting.spec->process->capabilities->bounding.bits, 1 << 5);
	CHECK_INT(setting.spec->process->user->uid.value, 5);
}

TEST(user_without_group)
{
	SETTING(setting);

	CHECK_INT(read_process(&setting, &(struct options_exec){ .user = "8" }), 0);
	CHECK_INT(setting.process->user->uid.value, 8);
	CHECK_INT(setting.process->user->gid.value, 6);
}

static void expect_refusal(const struct options_exec *options, const char *want)
{
	SETTING(setting);

	CHECK_INT(read_process(&setting, options), -EINVAL);
	CHECK_HAS(setting.err.text, want);
}

TEST(refusals)
{
	static const char *no_name[] = { "=x" }, *no_value[] = { "X" }, *bad_gid[] = { "-1" }, *bad_cap[] = { "KILL" };
	static const char *const users[] = { "root", "1:", ":1", "1:2:3", "4294967295", "-1", "0x1", "1 " };

	for (size_t i = 0; i < ARRAY_SIZE(users); i++)
		expect_refusal(&(struct options_exec){ .user = users[i] }, "--user: want UID");
	expect_refusal(&(struct options_exec){ .cwd = "tmp" }, "Cwd must be an absolute path");
	expect_refusal(&(struct options_exec){ .environment = { no_name, 1 } }, "want NAME=VALUE");
	expect_refusal(&(struct options_exec){ .environment = { no_value, 1 } }, "want NAME=VALUE");
	expect_refusal(&(struct options_exec){ .groups = { bad_gid, 1 } }, "--additional-gids");
	expect_refusal(&(struct options_exec){ .capabilities = { bad_cap, 1 } }, "unknown capability \"KILL\"");
}

TEST(no_words)
{
	SETTING(setting);

	CHECK_INT(exec_process_read(&(struct options_exec){ 0 }, NULL, 0, setting.spec, &setting.arena,
				    &setting.problems, &setting.process, &setting.err),
		  -EINVAL);
	CHECK_TEXT(setting.err.text, "exec args cannot be empty");
}

static int read_document(struct setting *setting, const char *text)
{
	char path[] = "/tmp/orlop-process-XXXXXX";
	int fd = mkstemp(path), r;

	CHECK(fd >= 0);
	CHECK_INT(fd_write_all(fd, text, strlen(text)), 0);
	fd_close(fd);
	r = exec_process_read(&(struct options_exec){ .process = path, .cwd = "/other" }, NULL, 0, setting->spec,
			      &setting->arena, &setting->problems, &setting->process, &setting->err);
	(void)unlink(path);
	return r;
}

TEST(document)
{
	SETTING(setting);

	CHECK_INT(read_document(&setting, "{\"cwd\":\"/d\",\"args\":[\"doc\"],\"user\":{\"uid\":1,\"gid\":2}}"), 0);
	/* The document alone says it. */
	CHECK_TEXT(setting.process->cwd, "/d");
	CHECK_TEXT(setting.process->args.items[0], "doc");
	CHECK_INT(setting.process->env.count, 0);
	CHECK_INT(setting.process->user->uid.value, 1);
	/* But for labels: without a word about them they are the container's. */
	CHECK_TEXT(setting.process->apparmor_profile, "deck");
	CHECK_TEXT(setting.process->selinux_label, "u:r:t:s0");
}

TEST(document_with_labels)
{
	SETTING(setting);

	CHECK_INT(read_document(&setting, "{\"cwd\":\"/d\",\"args\":[\"doc\"],\"user\":{\"uid\":1,\"gid\":2},"
					  "\"apparmorProfile\":\"other\",\"selinuxLabel\":\"\"}"),
		  0);
	CHECK_TEXT(setting.process->apparmor_profile, "other");
	CHECK_TEXT(setting.process->selinux_label, "");
}
