/* SPDX-License-Identifier: Apache-2.0 */
/* What is sent is what arrives: every type, nested, empty, with descriptors. What is cut, too long or not what it says is refused, wherever that is. */
#include "libsandbox/cgroup/bus_message.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "conformance/unit/check.h"
#include "libbase/clock.h"
#include "libbase/fd.h"

#define LENGTH_SIZE sizeof(uint32_t)

/* -- values ----------------------------------------------------------------------------------------------------------------------- */

#define NUMBER(type, value)                                      \
	{                                                        \
		.signature = (type), .number = (uint64_t)(value) \
	}
#define TEXT(type, value)                            \
	{                                            \
		.signature = (type), .text = (value) \
	}
#define ITEMS(type, of, many)                                       \
	{                                                           \
		.signature = (type), .items = (of), .count = (many) \
	}

static const struct plan_variant fds[] = { NUMBER("h", 7), NUMBER("h", 8) };
static const struct plan_variant device[] = { TEXT("s", "/dev/null"), TEXT("s", "rw") };
static const struct plan_variant devices[] = { ITEMS("(ss)", device, 2), ITEMS("(ss)", device, 2) };
static const struct plan_variant bytes[] = { NUMBER("y", 0), NUMBER("y", 255), NUMBER("y", 1) };
static const struct plan_variant lists[] = { ITEMS("ay", bytes, 3), ITEMS("ay", NULL, 0), ITEMS("ay", bytes, 1) };
static const struct plan_variant deep_device[] = { TEXT("s", ""), ITEMS("aay", lists, 3), NUMBER("h", 9) };
static const struct plan_variant deep[] = { ITEMS("(saayh)", deep_device, 3) };
static const struct plan_variant both[] = { ITEMS("a(saayh)", deep, 1), { .signature = "d", .real = -1.5e300 } };
static const struct plan_variant values[] = {
	NUMBER("b", 1),
	NUMBER("y", 0x1f),
	NUMBER("n", -3),
	NUMBER("q", UINT16_MAX),
	NUMBER("i", INT32_MIN),
	NUMBER("u", UINT32_MAX),
	NUMBER("x", INT64_MIN),
	NUMBER("t", UINT64_MAX),
	{ .signature = "d", .real = 0.1 },
	TEXT("s", "a\tb \xc3\xa9 '\""),
	TEXT("s", ""),
	TEXT("o", "/org/a"),
	TEXT("g", "a{sv}"),
	NUMBER("h", 6),
	ITEMS("ah", fds, 2),
	ITEMS("as", NULL, 0),
	ITEMS("a(ss)", NULL, 0),
	ITEMS("(ss)", device, 2),
	ITEMS("a(ss)", devices, 2),
	ITEMS("aay", lists, 3),
	ITEMS("(a(saayh)d)", both, 2),
};

static void value_compare(const struct plan_variant *got, const struct plan_variant *want)
{
	CHECK_TEXT(got->signature, want->signature);
	CHECK(got->number == want->number);
	CHECK(fabs(got->real - want->real) <= 0);
	CHECK_TEXT(got->text, want->text);
	CHECK_INT(got->count, want->count);
	for (size_t i = 0; i < want->count; i++)
		value_compare(&got->items[i], &want->items[i]);
}

struct message {
	struct arena arena;
	struct text_buffer text;
	struct socket_fds fds;
	struct bus_property properties[ARRAY_SIZE(values)];
	struct bus_request request;
};

static void message_cleanup(struct message *message)
{
	text_buffer_cleanup(&message->text);
	arena_cleanup(&message->arena);
}

static void message_make(struct message *message)
{
	for (size_t i = 0; i < ARRAY_SIZE(values); i++)
		message->properties[i] = (struct bus_property){ .name = values[i].signature, .value = &values[i] };
	message->request = (struct bus_request){
		.call = BUS_UNIT_START,
		.user = true,
		.deadline_ns = INT64_C(123456789012345),
		.unit = "a.scope",
		.below = "/b",
		.pid = 4711,
		.properties = message->properties,
		.property_count = ARRAY_SIZE(values),
	};
	CHECK_INT(bus_request_encode(&message->request, &message->text, &message->fds), 0);
}

#define MESSAGE(name)                                                                \
	_cleanup_(message_cleanup) struct message name = { .fds = SOCKET_FDS_INIT }; \
	message_make(&name)

static int decode(struct message *message, size_t length, struct bus_request *ret)
{
	return bus_request_decode(message->text.bytes + LENGTH_SIZE, length, &message->fds, &message->arena, ret);
}

TEST(a_request_of_every_type_arrives)
{
	MESSAGE(message);
	struct bus_request got;
	uint32_t length;

	memcpy(&length, message.text.bytes, sizeof(length));
	CHECK_INT(length, message.text.length - LENGTH_SIZE);
	/* In the order of their places. */
	CHECK_INT(message.fds.count, 4);
	CHECK_INT(message.fds.fds[0], 6);
	CHECK_INT(message.fds.fds[3], 9);
	CHECK_INT(decode(&message, length, &got), 0);
	CHECK_INT(got.call, BUS_UNIT_START);
	CHECK(got.user);
	CHECK_INT(got.deadline_ns, message.request.deadline_ns);
	CHECK_TEXT(got.unit, "a.scope");
	CHECK_TEXT(got.below, "/b");
	CHECK_INT(got.pid, 4711);
	CHECK_INT(got.property_count, ARRAY_SIZE(values));
	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		CHECK_TEXT(got.properties[i].name, values[i].signature);
		value_compare(got.properties[i].value, &values[i]);
	}
}

TEST(a_request_that_is_cut_or_longer_is_none)
{
	MESSAGE(message);
	const size_t length = message.text.length - LENGTH_SIZE;
	struct bus_request got;

	for (size_t cut = 0; cut < length; cut++) {
		/* Of its own size, so that a sanitizer sees who reads behind it. */
		char *part = malloc(cut ? cut : 1);

		CHECK(part);
		memcpy(part, message.text.bytes + LENGTH_SIZE, cut);
		CHECK_INT(bus_request_decode(part, cut, &message.fds, &message.arena, &got), -EBADMSG);
		free(part);
	}
	text_append_bytes(&message.text, "", 1);
	CHECK_INT(decode(&message, length + 1, &got), -EBADMSG);
}

/* Whatever a byte is changed to, the decoder ends, and reads nothing that is not there. */
TEST(a_request_that_is_damaged_does_no_harm)
{
	MESSAGE(message);
	const size_t length = message.text.length - LENGTH_SIZE;
	static const unsigned char others[] = { 0x00, 0x01, 0x7f, 0x80, 0xff, 'a', '(', ')', 'h' };
	size_t refused = 0;

	for (size_t at = 0; at < length; at++) {
		char *place = message.text.bytes + LENGTH_SIZE + at, was = *place;

		for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
			_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
			struct bus_request got;
			int r;

			*place = (char)others[i];
			r = bus_request_decode(message.text.bytes + LENGTH_SIZE, length, &message.fds, &arena, &got);
			CHECK(r == 0 || r == -EBADMSG);
			refused += r < 0;
		}
		*place = was;
	}
	CHECK(refused > length);
}

TEST(a_descriptor_that_did_not_come_is_refused)
{
	MESSAGE(message);
	struct bus_request got;

	message.fds.count--;
	CHECK_INT(decode(&message, message.text.length - LENGTH_SIZE, &got), -EBADMSG);
}

static int encode_one(const struct plan_variant *value)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer text = TEXT_BUFFER_INIT;
	struct socket_fds borrowed = SOCKET_FDS_INIT;
	const struct bus_property property = { .name = "A", .value = value };
	const struct bus_request request = {
		.call = BUS_UNIT_SET, .unit = "a", .properties = &property, .property_count = 1
	};

	return bus_request_encode(&request, &text, &borrowed);
}

TEST(a_value_that_is_not_what_its_signature_says_is_not_sent)
{
	static const struct plan_variant wrong[] = {
		NUMBER("v", 1),
		NUMBER("", 1),
		NUMBER("uu", 1),
		ITEMS("a", NULL, 0),
		ITEMS("()", NULL, 0),
		ITEMS("(ss", device, 2),
		ITEMS("a{ss}", device, 2),
		ITEMS("as", fds, 2),
		ITEMS("(sss)", device, 2),
		ITEMS("(s)", device, 2),
		ITEMS("(su)", device, 2),
		ITEMS("aaaaaaaaaaaaaaaaas", NULL, 0),
		ITEMS("(sssssssssssssssssssssssssssssssss)", NULL, 0),
	};

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		CHECK_INT(encode_one(&wrong[i]), -EINVAL);
}

TEST(what_is_too_large_is_not_sent)
{
	struct plan_variant many[SOCKET_FDS_MAX + 1];
	struct plan_variant value = ITEMS("ah", many, SOCKET_FDS_MAX);
	char *text;

	for (size_t i = 0; i < ARRAY_SIZE(many); i++)
		many[i] = fds[0];
	CHECK_INT(encode_one(&value), 0);
	value.count++;
	CHECK_INT(encode_one(&value), -EMSGSIZE);
	text = calloc(1, BUS_MESSAGE_MAX + 1);
	CHECK(text);
	memset(text, 'a', BUS_MESSAGE_MAX);
	value = (struct plan_variant)TEXT("s", text);
	CHECK_INT(encode_one(&value), -EMSGSIZE);
	text[BUS_MESSAGE_MAX / 2] = '\0';
	CHECK_INT(encode_one(&value), 0);
	free(text);
}

/* -- replies ---------------------------------------------------------------------------------------------------------------------- */

TEST(a_reply_arrives_and_one_that_is_none_is_refused)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer text = TEXT_BUFFER_INIT;
	const struct bus_reply reply = { .code = -EEXIST, .version = 257, .text = "Unit a.scope already exists." };
	struct bus_reply got;
	int32_t code = 1;

	CHECK_INT(bus_reply_encode(&reply, &text), 0);
	CHECK_INT(bus_reply_decode(text.bytes + LENGTH_SIZE, text.length - LENGTH_SIZE, &got), 0);
	CHECK_INT(got.code, -EEXIST);
	CHECK_INT(got.version, 257);
	CHECK_TEXT(got.text, reply.text);
	for (size_t cut = 0; cut < text.length - LENGTH_SIZE; cut++)
		CHECK_INT(bus_reply_decode(text.bytes + LENGTH_SIZE, cut, &got), -EBADMSG);
	/* Neither a success nor an errno. */
	memcpy(text.bytes + LENGTH_SIZE, &code, sizeof(code));
	CHECK_INT(bus_reply_decode(text.bytes + LENGTH_SIZE, text.length - LENGTH_SIZE, &got), -EBADMSG);
	code = -5000;
	memcpy(text.bytes + LENGTH_SIZE, &code, sizeof(code));
	CHECK_INT(bus_reply_decode(text.bytes + LENGTH_SIZE, text.length - LENGTH_SIZE, &got), -EBADMSG);
}

/* -- the socket ------------------------------------------------------------------------------------------------------------------- */

static void pair_make(int pair[2])
{
	CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
}

TEST(messages_are_received_one_by_one_with_their_descriptors)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	_cleanup_(text_buffer_cleanup) struct text_buffer text = TEXT_BUFFER_INIT;
	_cleanup_(socket_fds_cleanup) struct socket_fds came = SOCKET_FDS_INIT;
	const struct bus_reply reply = { .text = "first" }, second = { .text = "second" };
	struct bus_reply got;
	int pair[2], null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	size_t length;
	char *received;

	pair_make(pair);
	CHECK_INT(bus_reply_encode(&reply, &text), 0);
	CHECK_INT(socket_send(pair[0], text.bytes, text.length, &null_fd, 1), 0);
	text.length = 0;
	CHECK_INT(bus_reply_encode(&second, &text), 0);
	CHECK_INT(socket_send(pair[0], text.bytes, text.length, NULL, 0), 0);
	CHECK_INT(bus_message_receive(pair[1], CLOCK_NEVER, &arena, &received, &length, &came), 1);
	CHECK_INT(bus_reply_decode(received, length, &got), 0);
	CHECK_TEXT(got.text, "first");
	CHECK_INT(came.count, 1);
	CHECK_INT(bus_message_receive(pair[1], CLOCK_NEVER, &arena, &received, &length, NULL), 1);
	CHECK_INT(bus_reply_decode(received, length, &got), 0);
	CHECK_TEXT(got.text, "second");
	/* The third is only begun, and then nothing comes. */
	CHECK_INT(socket_send(pair[0], text.bytes, text.length - 1, NULL, 0), 0);
	CHECK_INT(bus_message_receive(pair[1], clock_deadline_ns(20), &arena, &received, &length, NULL), -ETIMEDOUT);
	fd_close(pair[0]);
	fd_close(pair[1]);
	fd_close(null_fd);
}

TEST(an_end_is_told_from_an_end_in_the_middle)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	static const unsigned char begun[] = { 8, 0, 0, 0, 'a' };
	size_t length;
	char *received;
	int pair[2];

	for (size_t sent = 0; sent <= sizeof(begun); sent++) {
		pair_make(pair);
		if (sent > 0)
			CHECK_INT(socket_send(pair[0], begun, sent, NULL, 0), 0);
		fd_close(pair[0]);
		CHECK_INT(bus_message_receive(pair[1], CLOCK_NEVER, &arena, &received, &length, NULL),
			  sent == 0 ? 0 : -ECONNRESET);
		fd_close(pair[1]);
	}
}

TEST(a_length_that_is_too_large_is_refused_before_anything_is_allocated)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	const uint32_t too_long = BUS_MESSAGE_MAX + 1;
	size_t length;
	char *received;
	int pair[2];

	pair_make(pair);
	CHECK_INT(socket_send(pair[0], &too_long, sizeof(too_long), NULL, 0), 0);
	CHECK_INT(bus_message_receive(pair[1], CLOCK_NEVER, &arena, &received, &length, NULL), -EMSGSIZE);
	CHECK_INT(arena.held, 0);
	fd_close(pair[0]);
	fd_close(pair[1]);
}
