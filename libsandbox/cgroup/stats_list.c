/* SPDX-License-Identifier: Apache-2.0 */
/* Statistics that are more than one number. See stats.h. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "libbase/fd.h"
#include "libbase/path.h"
#include "libbase/text.h"
#include "libsandbox/cgroup/file.h"
#include "libsandbox/cgroup/stats.h"

/* -- maps -------------------------------------------------------------------------------------------------------------------- */

struct entry {
	const char *key;
	uint64_t value;
};

static int entry_compare(const void *a, const void *b)
{
	return strcmp(((const struct entry *)a)->key, ((const struct entry *)b)->key);
}

static size_t lines_count(const char *text)
{
	size_t count = 1;

	while ((text = strchr(text, '\n'))) {
		count++;
		text++;
	}
	return count;
}

int stats_map_write(const char *text, struct arena *arena, struct json_writer *json, const char *key)
{
	struct entry *entries = arena_calloc(arena, lines_count(text), sizeof(*entries));
	char word[64], value[32];
	size_t count = 0, most = lines_count(text);

	if (!entries)
		return -ENOMEM;
	while (count < most && cgroup_word_next(&text, word, sizeof(word)) &&
	       cgroup_word_next(&text, value, sizeof(value))) {
		if (number_parse_u64(value, UINT64_MAX, &entries[count].value) < 0)
			continue;
		entries[count].key = arena_string(arena, word);
		if (!entries[count].key)
			return -ENOMEM;
		count++;
	}
	qsort(entries, count, sizeof(*entries), entry_compare);
	json_object_begin(json, key);
	for (size_t i = 0; i < count; i++)
		json_u64(json, entries[i].key, entries[i].value);
	json_object_end(json);
	return 0;
}

/* -- pressure ---------------------------------------------------------------------------------------------------------------- */

/* The kernel's "12.50" is JSON already, but Go writes 12.5, and 0 for 0.00. */
static void decimal_write(struct json_writer *json, const char *key, char *text)
{
	size_t length = strlen(text);

	if (length == 0 || text[strspn(text, "0123456789.")] != '\0') {
		json_u64(json, key, 0);
		return;
	}
	while (strchr(text, '.') && length > 1 && (text[length - 1] == '0' || text[length - 1] == '.')) {
		bool point = text[length - 1] == '.';

		text[--length] = '\0';
		if (point)
			break;
	}
	json_number(json, key, text);
}

/* "some avg10=0.00 avg60=0.00 avg300=0.00 total=0" */
static void pressure_line_write(const char *text, const char *line, struct json_writer *json)
{
	static const char *const keys[] = { "avg10", "avg60", "avg300", "total" };
	char word[64];

	json_object_begin(json, line);
	while (cgroup_word_next(&text, word, sizeof(word)) && !text_equal(word, line))
		;
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		char *equals = cgroup_word_next(&text, word, sizeof(word)) ? strchr(word, '=') : NULL;

		decimal_write(json, keys[i], equals ? equals + 1 : word + strlen(word));
	}
	json_object_end(json);
}

void stats_pressure_write(const char *text, struct json_writer *json, const char *key)
{
	json_object_begin(json, key);
	pressure_line_write(text, "some", json);
	pressure_line_write(text, "full", json);
	json_object_end(json);
}

/* -- devices ----------------------------------------------------------------------------------------------------------------- */

struct device {
	uint64_t major, minor;
};

static bool device_parse(char *word, struct device *ret)
{
	char *colon = strchr(word, ':');

	if (!colon)
		return false;
	*colon = '\0';
	return number_parse_u64(word, UINT32_MAX, &ret->major) == 0 &&
	       number_parse_u64(colon + 1, UINT32_MAX, &ret->minor) == 0;
}

static void number_if(struct json_writer *json, const char *key, uint64_t number)
{
	if (number)
		json_u64(json, key, number);
}

static void device_write(struct json_writer *json, const struct device *device, const char *operation, uint64_t value)
{
	json_object_begin(json, NULL);
	number_if(json, "major", device->major);
	number_if(json, "minor", device->minor);
	json_string(json, "op", operation);
	number_if(json, "value", value);
	json_object_end(json);
}

/* "8:0 rbytes=1 wbytes=2 rios=3 ...": a device is followed by what it did, or by the next one when it did nothing. */
void stats_devices_write(const char *text, const char *keys, struct json_writer *json, const char *key)
{
	const char *second = strchr(keys, ' ');
	size_t first_length = (size_t)(second - keys);
	struct device device = { 0 };
	char word[64];

	json_array_begin(json, key);
	while (cgroup_word_next(&text, word, sizeof(word))) {
		char *equals = strchr(word, '=');
		uint64_t value;

		if (!equals) {
			(void)device_parse(word, &device);
			continue;
		}
		*equals = '\0';
		if (number_parse_u64(equals + 1, UINT64_MAX, &value) < 0)
			continue;
		if (strlen(word) == first_length && strncmp(word, keys, first_length) == 0)
			device_write(json, &device, "Read", value);
		else if (text_equal(word, second + 1))
			device_write(json, &device, "Write", value);
	}
	json_array_end(json);
}

bool stats_devices_have(const char *text)
{
	return text && strchr(text, '=');
}

/* -- huge pages -------------------------------------------------------------------------------------------------------------- */

static int size_compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

#define SIZES_MAX 16

/* The sizes of "hugetlb.2MB.current", sorted. They are the machine's; only the directory names them without a doubt. */
static int sizes_list(int cgroup_fd, struct arena *arena, const char *sizes[SIZES_MAX], size_t *ret_count)
{
	int fd = path_open_beneath(cgroup_fd, ".", O_RDONLY | O_DIRECTORY, 0);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	int r = 0;

	*ret_count = 0;
	if (!dir) {
		fd_close(fd);
		return 0;
	}
	while (r == 0 && *ret_count < SIZES_MAX && (entry = readdir(dir))) {
		const char *size = text_after(entry->d_name, "hugetlb.");
		size_t length = size ? strcspn(size, ".") : 0;

		if (!size || !text_equal(size + length, ".current"))
			continue;
		sizes[*ret_count] = arena_copy(arena, size, length);
		r = sizes[(*ret_count)++] ? 0 : -ENOMEM;
	}
	(void)closedir(dir);
	qsort(sizes, *ret_count, sizeof(*sizes), size_compare);
	return r;
}

static int size_write(struct stats_reading *reading, const char *size, struct json_writer *json)
{
	const char *reserved = arena_printf(&reading->arena, "hugetlb.%s.rsvd.current", size);
	const char *current = arena_printf(&reading->arena, "hugetlb.%s.current", size);
	const char *events = arena_printf(&reading->arena, "hugetlb.%s.events", size);

	if (!reserved || !current || !events)
		return -ENOMEM;
	json_object_begin(json, size);
	/* Reserved pages are what a program is refused by. */
	number_if(json, "usage", stats_number(reading, stats_text(reading, reserved) ? reserved : current, NULL));
	json_u64(json, "failcnt", stats_number(reading, events, "max"));
	json_object_end(json);
	return 0;
}

int stats_hugepages_write(struct stats_reading *reading, struct json_writer *json, const char *key)
{
	const char *sizes[SIZES_MAX];
	size_t count;
	int r = sizes_list(reading->cgroup_fd, &reading->arena, sizes, &count);

	json_object_begin(json, key);
	for (size_t i = 0; r == 0 && i < count; i++)
		r = size_write(reading, sizes[i], json);
	json_object_end(json);
	return r;
}
