/* SPDX-License-Identifier: Apache-2.0 */
/* See stepper_meet.h. Files, since the container has nothing else in common with the stepper. */
#include "conformance/security/stepper_meet.h"

#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "libbase/cleanup.h"
#include "libbase/fd.h"
#include "libbase/text.h"

#define MEET_MS 20000

/* The last number of its NSpid line is what it is called by in its own namespace, the others what it is called by above. 0: it is in ours. */
static uint64_t pid_inside(uint32_t pid)
{
	char path[64], line[256];
	uint64_t number = 0;
	size_t count = 0;
	FILE *status;

	(void)snprintf(path, sizeof(path), "/proc/%u/status", pid);
	status = fopen(path, "re");
	while (status && fgets(line, sizeof(line), status)) {
		char *word = line + strlen("NSpid:");

		if (!text_starts(line, "NSpid:"))
			continue;
		for (word += strspn(word, " \t\n"); *word; word += strspn(word, " \t\n")) {
			char *end = word + strcspn(word, " \t\n");

			*end = '\0';
			if (number_parse_u64(word, UINT32_MAX, &number) < 0)
				number = 0;
			count++;
			word = end + 1;
		}
	}
	if (status)
		(void)fclose(status);
	return count > 1 ? number : 0;
}

static bool meeting_is_over(int dir_fd, uint64_t wanted)
{
	_cleanup_(fd_cleanup) int fd = openat(dir_fd, "done", O_RDONLY | O_CLOEXEC);
	char text[32] = "";
	uint64_t number;

	if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
		return false;
	return number_parse_u64(text, UINT64_MAX, &number) >= 0 && number == wanted;
}

void stepper_meet(const char *dir, uint64_t number, uint32_t pid, const char *call)
{
	_cleanup_(fd_cleanup) int dir_fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	_cleanup_(fd_cleanup) int fd = FD_NONE;
	uint64_t inside = pid_inside(pid);
	char text[128];
	int length;

	if (dir_fd < 0 || inside == 0)
		return;
	length = snprintf(text, sizeof(text), "%llu %llu %s\n", (unsigned long long)number, (unsigned long long)inside,
			  call);
	fd = openat(dir_fd, "at.new", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0 || write(fd, text, (size_t)length) != length || renameat(dir_fd, "at.new", dir_fd, "at") < 0)
		return;
	for (int waited = 0; waited < MEET_MS && !meeting_is_over(dir_fd, number); waited++)
		(void)poll(NULL, 0, 1);
}
