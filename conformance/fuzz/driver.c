/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Replays files, or all files of directories, through a fuzz target without libFuzzer: one TAP line a file, in the
 * order of their names. A fault ends the program, so the last "# " line names the culprit.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "conformance/fuzz/fuzz.h"
#include "libbase/path.h"

#define FILE_MAX ((size_t)64 << 20)

struct tally {
	int replayed, failed;
};

/* Bytes of their exact size on the heap: a sanitizer sees a step over the end. */
static void replay_bytes(const char *text, size_t length)
{
	uint8_t *bytes = malloc(length > 0 ? length : 1);

	if (!bytes)
		abort();
	memcpy(bytes, text, length);
	LLVMFuzzerTestOneInput(bytes, length);
	free(bytes);
}

static void replay_file(struct tally *tally, const char *path)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	char *text;
	size_t length;
	bool read = path_read_file(AT_FDCWD, path, FILE_MAX, &arena, &text, &length) >= 0;

	printf("# %s\n", path);
	fflush(stdout);
	if (read)
		replay_bytes(text, length);
	tally->failed += !read;
	printf("%sok %d - %s\n", read ? "" : "not ", ++tally->replayed, path);
}

static void replay(struct tally *tally, const char *path)
{
	struct dirent **entries;
	struct stat info;
	int count;

	if (stat(path, &info) < 0 || !S_ISDIR(info.st_mode)) {
		replay_file(tally, path);
		return;
	}
	count = scandir(path, &entries, NULL, alphasort);
	for (int i = 0; i < count; i++) {
		char file[4096];

		if (entries[i]->d_name[0] != '.') {
			snprintf(file, sizeof(file), "%s/%s", path, entries[i]->d_name);
			replay(tally, file);
		}
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
}

int main(int argc, char **argv)
{
	struct tally tally = { 0 };

	for (int i = 1; i < argc; i++)
		replay(&tally, argv[i]);
	printf("1..%d\n", tally.replayed);
	return tally.failed > 0 || tally.replayed == 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
