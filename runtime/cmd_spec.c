/* SPDX-License-Identifier: Apache-2.0 */
/* `orlop spec`: a config.json to start from. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "libbase/fd.h"
#include "libbase/json_writer.h"
#include "libbase/path.h"
#include "libspec/template.h"
#include "libspec/write.h"
#include "runtime/bundle.h"
#include "runtime/commands.h"

static int write_template(const struct options_spec *options, struct arena *arena, struct text_buffer *to)
{
	const struct template_options wanted = {
		.rootless = options->rootless,
		.uid = (uint32_t)geteuid(),
		.gid = (uint32_t)getegid(),
	};
	const struct spec *spec = spec_template(arena, &wanted);
	struct json_writer json;
	int r;

	if (!spec)
		return -ENOMEM;
	json_writer_init(&json, to, "\t");
	spec_write(&json, NULL, spec);
	r = json_writer_finish(&json);
	text_append(to, "\n");
	return r < 0 ? r : to->failed ? -ENOMEM : 0;
}

/* Writes a file that has no name yet and gives it one when it is whole: a full disk leaves nothing behind. -EEXIST: the name is taken. */
static int create_by_link(int dir_fd, const char *name, const struct text_buffer *text)
{
	char link[sizeof("/proc/self/fd/2147483647")];
	_cleanup_(fd_cleanup) int fd = path_open_host(dir_fd, ".", O_TMPFILE | O_WRONLY, 0666);
	int r;

	if (fd < 0)
		return fd;
	r = fd_write_all(fd, text->bytes, text->length);
	if (r < 0)
		return r;
	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	return linkat(AT_FDCWD, link, dir_fd, name, AT_SYMLINK_FOLLOW) < 0 ? -errno : 0;
}

/* For file systems without O_TMPFILE. */
static int create_by_name(int dir_fd, const char *name, const struct text_buffer *text)
{
	_cleanup_(fd_cleanup) int fd = path_open_host(dir_fd, name, O_CREAT | O_EXCL | O_WRONLY, 0666);
	int r;

	if (fd < 0)
		return fd;
	r = fd_write_all(fd, text->bytes, text->length);
	if (r < 0)
		(void)unlinkat(dir_fd, name, 0);
	return r;
}

static int create_file(int dir_fd, const char *name, const struct text_buffer *text, struct error *err)
{
	int r = create_by_link(dir_fd, name, text);

	if (r == -EOPNOTSUPP || r == -EISDIR || r == -ENOENT)
		r = create_by_name(dir_fd, name, text);
	if (r == -EEXIST)
		return error_say(err, r, "File %s exists. Remove it first", name);
	return r < 0 ? error_set(err, r, "write '%s'", name) : 0;
}

static int run_spec(struct call *call, struct error *err)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer text = TEXT_BUFFER_INIT;
	_cleanup_(bundle_cleanup) struct bundle bundle = BUNDLE_INIT;
	const struct options_spec *options = &call->options->spec;
	int r;

	r = write_template(options, call->arena, &text);
	if (r < 0)
		return error_set(err, r, "write the template");
	r = bundle_open(options->bundle, call->arena, &bundle, err);
	if (r < 0)
		return r;
	return create_file(bundle.fd, BUNDLE_CONFIG_NAME, &text, err);
}

static const struct cli_option options[] = {
	CLI_OPTION(CLI_PATH, "bundle", "b", struct options_spec, bundle, .value = "DIR",
		   .help = "write into DIR (default: the current directory)"),
	CLI_OPTION(CLI_BOOL, "rootless", NULL, struct options_spec, rootless,
		   .help = "for a container of the calling user, in a user namespace"),
};

const struct command command_spec = {
	.name = "spec",
	.summary = "write a config.json to start from",
	.description = "The config runs \"sh\" on a terminal, in the root file system that it expects in\n"
		       "the directory rootfs beside it. A config.json that is there already is kept.",
	.syntax = { .options = options, .option_count = ARRAY_SIZE(options) },
	.run = run_spec,
};
