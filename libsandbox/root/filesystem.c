/* SPDX-License-Identifier: Apache-2.0 */
/* New file system instances. See filesystem.h. */
#include "libsandbox/root/filesystem.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "libbase/fd.h"
#include "libbase/kernel.h"
#include "libbase/text.h"

/* The most that fsconfig(2) takes of a key or a value, its NUL included. */
#define CONFIG_SIZE  256
#define MESSAGE_SIZE 512

/* Room for what is usual. */
#define DATA_SIZE 256

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

/* What mount(2) takes as a string is cut at commas, and by some at quotes: words that are known and have neither, of file systems that read both
 * alike. Not proc and sysfs, whose mounts are kept: mount(2) gives no descriptor. */
static const char *const plain_types[] = { "tmpfs", "devpts", "mqueue", "cgroup2" };
static const char *const plain_keys[] = { "mode=",      "size=",      "uid=",      "gid=",
					  "nr_inodes=", "nr_blocks=", "ptmxmode=", "max=" };

static bool is_one_of(const char *word, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (text_equal(word, list[i]))
			return true;
	return false;
}

static bool is_plain(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '%';
}

static bool word_is_plain(const char *word)
{
	const char *value = NULL;

	if (text_equal(word, "newinstance"))
		return true;
	for (size_t i = 0; !value && i < ARRAY_SIZE(plain_keys); i++)
		value = text_after(word, plain_keys[i]);
	if (!value || !*value)
		return false;
	for (; *value; value++)
		if (!is_plain(*value))
			return false;
	return true;
}

/* Appends the word to the string for mount(2), or to its flags. */
static bool word_put(const char *word, char data[DATA_SIZE], unsigned long *flags)
{
	size_t used = strlen(data), length = strlen(word);

	/* Of the superblock; that the mount is read-only as well, as MS_RDONLY has it, is seen to by who asks. */
	if (text_equal(word, "ro")) {
		*flags |= MS_RDONLY;
		return true;
	}
	if (!word_is_plain(word) || used + 1 + length >= DATA_SIZE)
		return false;
	if (used > 0)
		data[used++] = ',';
	memcpy(data + used, word, length + 1);
	return true;
}

static bool attributes_put(uint64_t attributes, bool shared, unsigned long *flags)
{
	static const struct {
		uint64_t attribute;
		unsigned long flag;
	} rows[] = {
		{ MOUNT_ATTR_RDONLY, 0 },
		{ MOUNT_ATTR_NOSUID, MS_NOSUID },
		{ MOUNT_ATTR_NODEV, MS_NODEV },
		{ MOUNT_ATTR_NOEXEC, MS_NOEXEC },
		{ MOUNT_ATTR_NODIRATIME, MS_NODIRATIME },
		{ MOUNT_ATTR_NOSYMFOLLOW, MS_NOSYMFOLLOW },
		{ MOUNT_ATTR_NOATIME, MS_NOATIME },
		{ MOUNT_ATTR_STRICTATIME, MS_STRICTATIME },
	};

	/* mount(2) knows one "read-only" for the mount and for its file system, unless that is there already. */
	if (shared && !(*flags & MS_RDONLY))
		*flags |= attributes & MOUNT_ATTR_RDONLY ? MS_RDONLY : 0;
	else if (shared || ((attributes & MOUNT_ATTR_RDONLY) != 0) != ((*flags & MS_RDONLY) != 0))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (attributes & rows[i].attribute)
			*flags |= rows[i].flag;
		attributes &= ~rows[i].attribute;
	}
	return attributes == 0;
}

bool filesystem_put_at(const struct filesystem *filesystem, const char *name)
{
	const struct spec_strings *words = filesystem->words;
	const char *source = filesystem->source;
	char data[DATA_SIZE] = "";
	unsigned long flags = 0;

	if (filesystem->label || text_is_empty(source) || strlen(source) >= CONFIG_SIZE ||
	    !is_one_of(filesystem->type, plain_types, ARRAY_SIZE(plain_types)))
		return false;
	for (size_t i = 0; words && i < words->count; i++)
		if (!word_put(words->items[i], data, &flags))
			return false;
	if (filesystem->mode && !word_put(filesystem->mode, data, &flags))
		return false;
	if (!attributes_put(filesystem->attributes, filesystem->shared, &flags))
		return false;
	return mount(source, name, filesystem->type, flags, data) == 0;
}

bool filesystem_put(const struct filesystem *filesystem, int place_fd)
{
	return fchdir(place_fd) == 0 && filesystem_put_at(filesystem, ".");
}

/* A limit of 0 would mean none, and the root directory is an inode. */
static const char *const empty_items[] = { "ro", "nr_blocks=1", "nr_inodes=2", "mode=0555" };
static const struct spec_strings empty_words = { .items = empty_items, .count = ARRAY_SIZE(empty_items) };

static struct filesystem empty_of(uint64_t attributes, const char *label)
{
	return (struct filesystem){
		.type = "tmpfs",
		.source = "tmpfs",
		.words = &empty_words,
		.label = label,
		.attributes = attributes | MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC,
	};
}

int filesystem_make_empty(uint64_t attributes, const char *label, struct error *err)
{
	const struct filesystem filesystem = empty_of(attributes, label);

	return filesystem_make(&filesystem, err);
}

bool filesystem_put_empty(const char *label, int place_fd)
{
	const struct filesystem filesystem = empty_of(0, label);

	return filesystem_put(&filesystem, place_fd);
}

bool filesystem_put_empty_at(const char *label, const char *name)
{
	const struct filesystem filesystem = empty_of(0, label);

	return filesystem_put_at(&filesystem, name);
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
