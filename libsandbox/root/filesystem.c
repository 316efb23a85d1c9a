/* SPDX-License-Identifier: Apache-2.0 */
/* New file system instances. See filesystem.h. */
#include "libsandbox/root/filesystem.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "libbase/fd.h"
#include "libbase/kernel.h"
#include "libbase/text.h"

/* The most that fsconfig(2) takes of a key or a value, its NUL included. */
#define CONFIG_SIZE  256
#define MESSAGE_SIZE 512

/* Tells `code` with the last error that the kernel left in the context, if it left one. */
static int context_error(int context, int code, const char *what, struct error *err)
{
	char message[MESSAGE_SIZE], last[MESSAGE_SIZE] = "";
	ssize_t n;

	/* One message a read: "e tmpfs: Bad value for 'size'"; 'w' and 'i' are warnings and the like. */
	while ((n = read(context, message, sizeof(message) - 1)) > 0) {
		message[n] = '\0';
		message[strcspn(message, "\n")] = '\0';
		if (message[0] == 'e' && message[1] == ' ')
			snprintf(last, sizeof(last), "%s", message + 2);
	}
	return last[0] ? error_set(err, code, "%s: %s", what, last) : error_set(err, code, "%s", what);
}

static int too_long(const char *key, size_t length, struct error *err)
{
	return error_say(err, -E2BIG, "option '%.64s' with %zu bytes: longer than the %d bytes that the kernel takes",
			 key, length, CONFIG_SIZE - 1);
}

/* `value` NULL: a flag. */
static int context_set(int context, const char *key, const char *value, struct error *err)
{
	char what[CONFIG_SIZE + 16];
	int r;

	if (strlen(key) >= CONFIG_SIZE || (value && strlen(value) >= CONFIG_SIZE))
		return too_long(key, value ? strlen(value) : 0, err);
	r = value ? fsconfig(context, FSCONFIG_SET_STRING, key, value, 0)
		  : fsconfig(context, FSCONFIG_SET_FLAG, key, NULL, 0);
	if (r == 0)
		return 0;
	r = -errno;
	snprintf(what, sizeof(what), "option '%s'", key);
	return context_error(context, r, what, err);
}

/* Takes one layer off the front of overlay's "a:b\:c::data"; the words that take one at a time know no escapes. -E2BIG: it does not fit. */
static int layer_take(const char **at, char to[CONFIG_SIZE])
{
	size_t length = 0;

	for (; **at && **at != ':'; (*at)++) {
		if (**at == '\\' && (*at)[1])
			(*at)++;
		if (length + 1 >= CONFIG_SIZE)
			return -E2BIG;
		to[length++] = **at;
	}
	to[length] = '\0';
	return 0;
}

/* What is too long for one value is given layer by layer (Linux 6.5). "::" is in front of a layer of data only. */
static int layers_set(int context, const char *value, struct error *err)
{
	const char *key = "lowerdir+";
	const char *at = value;
	bool is_first = true;
	char layer[CONFIG_SIZE];

	for (;;) {
		if (layer_take(&at, layer) < 0)
			return error_say(
				err, -E2BIG,
				"option 'lowerdir': layer '%.64s...' is longer than the %d bytes that the kernel takes",
				layer, CONFIG_SIZE - 1);
		if (fsconfig(context, FSCONFIG_SET_STRING, key, layer, 0) < 0) {
			int code = -errno;

			/* Below Linux 6.5 the word itself is unknown. */
			if (code == -EINVAL && is_first)
				return too_long("lowerdir", strlen(value), err);
			return context_error(context, code, key, err);
		}
		is_first = false;
		if (*at == '\0')
			return 0;
		at++;
		key = *at == ':' ? "datadir+" : key;
		at += *at == ':';
	}
}

static int context_word(int context, bool is_overlay, const char *word, struct error *err)
{
	const char *equals = strchr(word, '=');
	char key[CONFIG_SIZE];

	if (!equals)
		return context_set(context, word, NULL, err);
	if ((size_t)(equals - word) >= sizeof(key))
		return error_say(err, -EINVAL, "option '%.64s': no file system has such a name", word);
	memcpy(key, word, (size_t)(equals - word));
	key[equals - word] = '\0';
	if (is_overlay && text_equal(key, "lowerdir") && strlen(equals + 1) >= CONFIG_SIZE)
		return layers_set(context, equals + 1, err);
	return context_set(context, key, equals + 1, err);
}

static int context_words(int context, const struct filesystem *from, struct error *err)
{
	const bool is_overlay = text_equal(from->type, "overlay");
	int r = from->source ? context_set(context, "source", from->source, err) : 0;

	for (size_t i = 0; r == 0 && from->words && i < from->words->count; i++)
		r = context_word(context, is_overlay, from->words->items[i], err);
	if (r == 0 && from->mode)
		r = context_word(context, is_overlay, from->mode, err);
	if (r == 0 && from->label)
		r = context_word(context, is_overlay, from->label, err);
	return r;
}

int filesystem_make(const struct filesystem *filesystem, struct error *err)
{
	_cleanup_(fd_leave) int context = fsopen(filesystem->type, FSOPEN_CLOEXEC);
	int fd, r;

	if (context < 0)
		return error_set(err, -errno, "file system '%s'", filesystem->type);
	r = context_words(context, filesystem, err);
	if (r < 0)
		return r;
	if (fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return context_error(context, -errno, filesystem->type, err);
	fd = fsmount(context, FSMOUNT_CLOEXEC, (unsigned int)filesystem->attributes);
	return fd < 0 ? context_error(context, -errno, filesystem->type, err) : fd;
}

int filesystem_make_empty(uint64_t attributes, const char *label, struct error *err)
{
	/* A limit of 0 would mean none, and the root directory is an inode. */
	static const char *const words[] = { "nr_blocks=1", "nr_inodes=2", "mode=0555" };
	const struct spec_strings super = { .items = words, .count = ARRAY_SIZE(words) };
	const struct filesystem filesystem = {
		.type = "tmpfs",
		.source = "tmpfs",
		.words = &super,
		.label = label,
		.attributes = attributes | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC,
	};

	return filesystem_make(&filesystem, err);
}

int filesystem_reconfigure(int mount_fd, const struct spec_strings *words, struct error *err)
{
	_cleanup_(fd_cleanup) int context = fspick(mount_fd, "", FSPICK_CLOEXEC | FSPICK_EMPTY_PATH);
	const struct filesystem changed = { .words = words };
	int r;

	if (context < 0)
		return error_set(err, -errno, "fspick");
	r = context_words(context, &changed, err);
	if (r < 0)
		return r;
	if (fsconfig(context, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0) < 0)
		return context_error(context, -errno, "reconfigure", err);
	return 0;
}
