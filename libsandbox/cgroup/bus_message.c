/* SPDX-License-Identifier: Apache-2.0 */
/* See bus_message.h. Both ways are led by the signature, so that a tree that does not fit its own is neither sent nor made. */
#include "libsandbox/cgroup/bus_message.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "libsandbox/limits.h"
#include "libsandbox/signature.h"

#define DEPTH_MAX 16

/* The shortest thing that an array can have as an item. */
#define ITEM_LEAST 4

static size_t type_length(const char *signature)
{
	return signature_type_length(signature, "bynqiuxtdsogh", DEPTH_MAX);
}

static bool is_one_type(const char *signature)
{
	size_t length = type_length(signature);

	return length > 0 && length <= PLAN_VARIANT_SIGNATURE_MAX && signature[length] == '\0';
}

/* -- writing ---------------------------------------------------------------------------------------------------------------------- */

static void put(struct text_buffer *to, const void *bytes, size_t length)
{
	text_append_bytes(to, bytes, length);
}

static void put_32(struct text_buffer *to, uint32_t number)
{
	put(to, &number, sizeof(number));
}

static void put_64(struct text_buffer *to, uint64_t number)
{
	put(to, &number, sizeof(number));
}

static void put_text(struct text_buffer *to, const char *text)
{
	const size_t length = text ? strlen(text) : 0;

	/* What is longer makes the message too long, whatever stands here. */
	put_32(to, length > UINT32_MAX ? UINT32_MAX : (uint32_t)length);
	put(to, text ? text : "", length + 1);
}

static int put_fd(struct text_buffer *to, struct socket_fds *fds, int fd)
{
	if (fds->count == SOCKET_FDS_MAX)
		return -EMSGSIZE;
	put_32(to, (uint32_t)fds->count);
	fds->fds[fds->count++] = fd;
	return 0;
}

static int put_value(struct text_buffer *to, struct socket_fds *fds, const struct plan_variant *value);

static int put_array(struct text_buffer *to, struct socket_fds *fds, const struct plan_variant *value)
{
	int r = 0;

	if (value->count > BUS_MESSAGE_MAX)
		return -EMSGSIZE;
	put_32(to, (uint32_t)value->count);
	for (size_t i = 0; r == 0 && i < value->count; i++)
		r = text_equal(value->items[i].signature, value->signature + 1) ? put_value(to, fds, &value->items[i])
										: -EINVAL;
	return r;
}

static int put_struct(struct text_buffer *to, struct socket_fds *fds, const struct plan_variant *value)
{
	const char *rest = value->signature + 1;
	int r = 0;

	for (size_t i = 0; r == 0 && i < value->count; i++) {
		rest = value->items[i].signature ? text_after(rest, value->items[i].signature) : NULL;
		r = rest ? put_value(to, fds, &value->items[i]) : -EINVAL;
	}
	return r == 0 && !text_equal(rest, ")") ? -EINVAL : r;
}

static int put_value(struct text_buffer *to, struct socket_fds *fds, const struct plan_variant *value)
{
	switch (value->signature[0]) {
	case 'a':
		return put_array(to, fds, value);
	case '(':
		return put_struct(to, fds, value);
	case 's':
	case 'o':
	case 'g':
		put_text(to, value->text);
		return 0;
	case 'd':
		put(to, &value->real, sizeof(value->real));
		return 0;
	case 'h':
		return put_fd(to, fds, (int)value->number);
	default:
		put_64(to, value->number);
		return 0;
	}
}

static int put_properties(struct text_buffer *to, struct socket_fds *fds, const struct bus_request *request)
{
	int r = 0;

	if (request->property_count > BUS_MESSAGE_MAX)
		return -EMSGSIZE;
	put_32(to, (uint32_t)request->property_count);
	for (size_t i = 0; r == 0 && i < request->property_count; i++) {
		const struct bus_property *property = &request->properties[i];

		if (!is_one_type(property->value->signature))
			return -EINVAL;
		put_text(to, property->name);
		put_text(to, property->value->signature);
		r = put_value(to, fds, property->value);
	}
	return r;
}

/* The length is known now. */
static int message_end(struct text_buffer *to, size_t start)
{
	uint32_t length;

	if (to->failed)
		return -ENOMEM;
	if (to->length - start - sizeof(length) > BUS_MESSAGE_MAX)
		return -EMSGSIZE;
	length = (uint32_t)(to->length - start - sizeof(length));
	memcpy(to->bytes + start, &length, sizeof(length));
	return 0;
}

int bus_request_encode(const struct bus_request *request, struct text_buffer *to, struct socket_fds *to_fds)
{
	const size_t start = to->length;
	int r;

	put_32(to, 0);
	put_32(to, (uint32_t)request->call);
	put_32(to, request->user);
	put_64(to, (uint64_t)request->deadline_ns);
	put_text(to, request->unit);
	put_text(to, request->below);
	put_32(to, (uint32_t)request->pid);
	r = put_properties(to, to_fds, request);
	return r < 0 ? r : message_end(to, start);
}

int bus_reply_encode(const struct bus_reply *reply, struct text_buffer *to)
{
	const size_t start = to->length;

	put_32(to, 0);
	put_32(to, (uint32_t)reply->code);
	put_32(to, reply->version);
	put_text(to, reply->text);
	return message_end(to, start);
}

/* -- reading ---------------------------------------------------------------------------------------------------------------------- */

struct reader {
	const char *at;
	size_t left;
	const struct socket_fds *fds;
	size_t fd_count; /* those that values have */
	struct arena *arena;
};

static int take(struct reader *reader, void *to, size_t length)
{
	if (reader->left < length)
		return -EBADMSG;
	memcpy(to, reader->at, length);
	reader->at += length;
	reader->left -= length;
	return 0;
}

static int take_32(struct reader *reader, uint32_t *ret)
{
	return take(reader, ret, sizeof(*ret));
}

/* Where it stands. */
static int take_text(struct reader *reader, const char **ret)
{
	uint32_t length;
	int r = take_32(reader, &length);

	if (r < 0)
		return r;
	if (reader->left <= length || reader->at[length] != '\0' || memchr(reader->at, '\0', length))
		return -EBADMSG;
	*ret = reader->at;
	reader->at += length + 1;
	reader->left -= (size_t)length + 1;
	return 0;
}

static int take_fd(struct reader *reader, uint64_t *ret)
{
	uint32_t place;
	int r = take_32(reader, &place);

	if (r < 0)
		return r;
	/* In order, each once. */
	if (place != reader->fd_count || place >= reader->fds->count)
		return -EBADMSG;
	*ret = (uint64_t)reader->fds->fds[reader->fd_count++];
	return 0;
}

static int take_value(struct reader *reader, const char *signature, struct plan_variant *to);

static int take_array(struct reader *reader, struct plan_variant *to)
{
	struct plan_variant *items;
	uint32_t count;
	int r = take_32(reader, &count);

	if (r < 0)
		return r;
	if (count > reader->left / ITEM_LEAST)
		return -EBADMSG;
	items = arena_calloc(reader->arena, count, sizeof(*items));
	if (!items && count > 0)
		return -ENOMEM;
	for (uint32_t i = 0; r == 0 && i < count; i++)
		r = take_value(reader, to->signature + 1, &items[i]);
	to->items = items;
	to->count = count;
	return r;
}

static int take_struct(struct reader *reader, struct plan_variant *to)
{
	struct plan_variant *items = arena_calloc(reader->arena, PLAN_VARIANT_SIGNATURE_MAX, sizeof(*items));
	const char *rest = to->signature + 1;
	int r = items ? 0 : -ENOMEM;

	/* The whole signature was checked: there is a type here, or its end. */
	for (; r == 0 && *rest != ')'; to->count++) {
		size_t length = type_length(rest);
		const char *inner = arena_copy(reader->arena, rest, length);

		r = inner ? take_value(reader, inner, &items[to->count]) : -ENOMEM;
		rest += length;
	}
	to->items = items;
	return r;
}

static int take_value(struct reader *reader, const char *signature, struct plan_variant *to)
{
	to->signature = signature;
	switch (*signature) {
	case 'a':
		return take_array(reader, to);
	case '(':
		return take_struct(reader, to);
	case 's':
	case 'o':
	case 'g':
		return take_text(reader, &to->text);
	case 'd':
		return take(reader, &to->real, sizeof(to->real));
	case 'h':
		return take_fd(reader, &to->number);
	default:
		return take(reader, &to->number, sizeof(to->number));
	}
}

static int take_property(struct reader *reader, struct bus_property *to)
{
	struct plan_variant *value = arena_new(reader->arena, struct plan_variant);
	const char *signature;
	int r = value ? take_text(reader, &to->name) : -ENOMEM;

	if (r == 0)
		r = take_text(reader, &signature);
	if (r == 0)
		r = is_one_type(signature) ? take_value(reader, signature, value) : -EBADMSG;
	to->value = value;
	return r;
}

static int take_properties(struct reader *reader, struct bus_request *to)
{
	struct bus_property *properties;
	uint32_t count;
	int r = take_32(reader, &count);

	if (r < 0)
		return r;
	if (count > reader->left / ITEM_LEAST)
		return -EBADMSG;
	properties = arena_calloc(reader->arena, count, sizeof(*properties));
	if (!properties && count > 0)
		return -ENOMEM;
	for (uint32_t i = 0; r == 0 && i < count; i++)
		r = take_property(reader, &properties[i]);
	to->properties = properties;
	to->property_count = count;
	return r;
}

int bus_request_decode(const char *bytes, size_t length, const struct socket_fds *fds, struct arena *arena,
		       struct bus_request *ret)
{
	struct reader reader = { .at = bytes, .left = length, .fds = fds, .arena = arena };
	struct bus_request request = { 0 };
	uint32_t call = 0, user = 0, pid = 0;
	int r = take_32(&reader, &call);

	if (r == 0)
		r = take_32(&reader, &user);
	if (r == 0)
		r = take(&reader, &request.deadline_ns, sizeof(request.deadline_ns));
	if (r == 0)
		r = take_text(&reader, &request.unit);
	if (r == 0)
		r = take_text(&reader, &request.below);
	if (r == 0)
		r = take_32(&reader, &pid);
	if (r == 0)
		r = take_properties(&reader, &request);
	if (r < 0)
		return r;
	if (reader.left > 0 || call < BUS_OPEN || call > BUS_UNIT_ATTACH || user > 1)
		return -EBADMSG;
	request.call = (int)call;
	request.user = user;
	request.pid = (pid_t)pid;
	*ret = request;
	return 0;
}

int bus_reply_decode(const char *bytes, size_t length, struct bus_reply *ret)
{
	struct reader reader = { .at = bytes, .left = length };
	struct bus_reply reply = { 0 };
	uint32_t code = 0;
	int r = take_32(&reader, &code);

	if (r == 0)
		r = take_32(&reader, &reply.version);
	if (r == 0)
		r = take_text(&reader, &reply.text);
	if (r < 0)
		return r;
	reply.code = (int32_t)code;
	/* The range of errno, as system calls return it. */
	if (reader.left > 0 || reply.code > 0 || reply.code < -4095)
		return -EBADMSG;
	*ret = reply;
	return 0;
}

/* -- the socket ------------------------------------------------------------------------------------------------------------------- */

/* Returns 0, 1 at end of file before the first byte, or -errno. */
static int receive_all(int fd, int64_t deadline_ns, char *to, size_t length, struct socket_fds *fds)
{
	size_t done = 0;

	while (done < length) {
		int r = socket_wait(fd, POLLIN, deadline_ns);
		ssize_t n = r < 0 ? r : socket_receive(fd, to + done, length - done, done == 0 ? fds : NULL);

		if (n < 0)
			return (int)n;
		if (n == 0)
			return done == 0 ? 1 : -ECONNRESET;
		done += (size_t)n;
	}
	return 0;
}

int bus_message_receive(int fd, int64_t deadline_ns, struct arena *arena, char **ret, size_t *ret_length,
			struct socket_fds *ret_fds)
{
	_cleanup_(socket_fds_cleanup) struct socket_fds fds = SOCKET_FDS_INIT;
	uint32_t length;
	char *bytes;
	int r;

	if (ret_fds)
		*ret_fds = SOCKET_FDS_INIT;
	r = receive_all(fd, deadline_ns, (char *)&length, sizeof(length), ret_fds ? &fds : NULL);
	if (r != 0)
		return r > 0 ? 0 : r;
	if (length > BUS_MESSAGE_MAX)
		return -EMSGSIZE;
	bytes = arena_alloc(arena, (size_t)length + 1);
	if (!bytes)
		return -ENOMEM;
	r = receive_all(fd, deadline_ns, bytes, length, NULL);
	if (r != 0)
		return r > 0 ? -ECONNRESET : r;
	if (ret_fds) {
		*ret_fds = fds;
		fds.count = 0;
	}
	*ret = bytes;
	*ret_length = length;
	return 1;
}
