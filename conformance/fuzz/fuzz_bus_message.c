/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What orlop and orlop-systemd say to each other, a byte for the kind before it: it is refused, or writing what was read gives the same bytes.
 */
#include <errno.h>
#include <string.h>

#include "conformance/fuzz/fuzz.h"
#include "libsandbox/cgroup/bus_message.h"

#define LENGTH_SIZE sizeof(uint32_t)

static void check_same(const struct text_buffer *again, const char *bytes, size_t length)
{
	if (again->length != length + LENGTH_SIZE || memcmp(again->bytes + LENGTH_SIZE, bytes, length) != 0)
		fuzz_fail("what was read is written otherwise", NULL);
}

static void check_request(const char *bytes, size_t length)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	_cleanup_(text_buffer_cleanup) struct text_buffer again = TEXT_BUFFER_INIT;
	struct socket_fds fds = { .count = SOCKET_FDS_MAX }, borrowed = SOCKET_FDS_INIT;
	struct bus_request request;
	int r;

	for (int i = 0; i < SOCKET_FDS_MAX; i++)
		fds.fds[i] = 100 + i;
	r = bus_request_decode(bytes, length, &fds, &arena, &request);
	if (r < 0) {
		if (r != -EBADMSG && r != -ENOMEM)
			fuzz_fail("refused with another error", NULL);
		return;
	}
	if (bus_request_encode(&request, &again, &borrowed) < 0)
		fuzz_fail("what was read cannot be written", NULL);
	for (size_t i = 0; i < borrowed.count; i++) {
		if (borrowed.fds[i] != fds.fds[i])
			fuzz_fail("another descriptor", NULL);
	}
	check_same(&again, bytes, length);
}

static void check_reply(const char *bytes, size_t length)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer again = TEXT_BUFFER_INIT;
	struct bus_reply reply;
	int r = bus_reply_decode(bytes, length, &reply);

	if (r < 0)
		return;
	if (bus_reply_encode(&reply, &again) < 0)
		fuzz_fail("what was read cannot be written", NULL);
	check_same(&again, bytes, length);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	if (length == 0)
		return 0;
	if (bytes[0] & 1)
		check_reply((const char *)bytes + 1, length - 1);
	else
		check_request((const char *)bytes + 1, length - 1);
	return 0;
}
