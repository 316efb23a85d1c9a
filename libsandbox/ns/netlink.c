/* SPDX-License-Identifier: Apache-2.0 */
/* rtnetlink. See netlink.h. Headers are copied out: the macros of the kernel's header cast away const and alignment. */
#include "libsandbox/ns/netlink.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "libbase/cleanup.h"
#include "libbase/fd.h"

#define ANSWER_MAX 32768             /* the kernel fills at most this much at a time */
#define DUMP_MAX   (4 * 1024 * 1024) /* some ten thousand addresses */

int netlink_open(void)
{
	_cleanup_(fd_cleanup) int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	const int on = 1;

	if (fd < 0)
		return -errno;
	/* Dumps then heed what is asked for: one device's addresses, not everybody's. */
	if (setsockopt(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof(on)) < 0)
		return -errno;
	return fd_take(&fd);
}

void netlink_begin(struct netlink_request *request, uint16_t type, uint16_t flags, const void *head, size_t length)
{
	memset(request, 0, sizeof(*request));
	request->header.nlmsg_type = type;
	request->header.nlmsg_flags = flags | NLM_F_REQUEST;
	request->header.nlmsg_len = (uint32_t)NLMSG_LENGTH(length);
	memcpy(request->bytes + NLMSG_HDRLEN, head, length);
}

void netlink_add(struct netlink_request *request, uint16_t attribute, const void *bytes, size_t length)
{
	size_t at = NLMSG_ALIGN(request->header.nlmsg_len);
	struct nlattr head = { .nla_type = attribute };

	if (length > NETLINK_REQUEST_MAX || at + NLA_HDRLEN + NLA_ALIGN(length) > NETLINK_REQUEST_MAX) {
		request->full = true;
		return;
	}
	head.nla_len = (uint16_t)(NLA_HDRLEN + length);
	memcpy(request->bytes + at, &head, sizeof(head));
	memcpy(request->bytes + at + NLA_HDRLEN, bytes, length);
	request->header.nlmsg_len = (uint32_t)(at + NLA_HDRLEN + length);
}

static int request_send(int fd, struct netlink_request *request)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	ssize_t n;

	if (request->full)
		return -EMSGSIZE;
	do
		n = sendto(fd, request->bytes, request->header.nlmsg_len, 0, (struct sockaddr *)&kernel,
			   sizeof(kernel));
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}

/* One datagram, from the kernel and nobody else. */
static int answer_receive(int fd, void *bytes, size_t size, size_t *ret_length)
{
	struct sockaddr_nl from = { 0 };
	socklen_t length;
	ssize_t n;

	do {
		length = sizeof(from);
		n = recvfrom(fd, bytes, size, MSG_TRUNC, (struct sockaddr *)&from, &length);
	} while ((n < 0 && errno == EINTR) || (n >= 0 && from.nl_pid != 0));
	if (n < 0)
		return -errno;
	if ((size_t)n > size)
		return -EMSGSIZE;
	*ret_length = (size_t)n;
	return 0;
}

/* -- reading ------------------------------------------------------------------------------------------------------------------- */

static void bytes_skip(struct netlink_bytes *bytes, size_t length)
{
	/* The last one may lack its padding. */
	length = NLMSG_ALIGN(length) < bytes->length ? NLMSG_ALIGN(length) : bytes->length;
	bytes->at += length;
	bytes->length -= length;
}

bool netlink_message_next(struct netlink_bytes *rest, uint16_t *ret_type, struct netlink_bytes *ret_payload)
{
	struct nlmsghdr head;

	if (rest->length < sizeof(head))
		return false;
	memcpy(&head, rest->at, sizeof(head));
	if (head.nlmsg_len < sizeof(head) || head.nlmsg_len > rest->length)
		return false;
	*ret_type = head.nlmsg_type;
	*ret_payload = (struct netlink_bytes){ rest->at + NLMSG_HDRLEN, head.nlmsg_len - NLMSG_HDRLEN };
	bytes_skip(rest, head.nlmsg_len);
	return true;
}

bool netlink_attribute_next(struct netlink_bytes *rest, uint16_t *ret_type, struct netlink_bytes *ret_payload)
{
	struct nlattr head;

	if (rest->length < sizeof(head))
		return false;
	memcpy(&head, rest->at, sizeof(head));
	if (head.nla_len < sizeof(head) || head.nla_len > rest->length)
		return false;
	*ret_type = head.nla_type & NLA_TYPE_MASK;
	*ret_payload = (struct netlink_bytes){ rest->at + NLA_HDRLEN, head.nla_len - (size_t)NLA_HDRLEN };
	bytes_skip(rest, head.nla_len);
	return true;
}

bool netlink_head(struct netlink_bytes *payload, void *to, size_t size)
{
	if (payload->length < size)
		return false;
	memcpy(to, payload->at, size);
	bytes_skip(payload, size);
	return true;
}

/* -- asking -------------------------------------------------------------------------------------------------------------------- */

/* NLMSG_ERROR and NLMSG_DONE begin with the errno. */
static int answer_code(struct netlink_bytes payload)
{
	int code;

	if (!netlink_head(&payload, &code, sizeof(code)))
		return -EPROTO;
	return code > 0 ? -EPROTO : code;
}

int netlink_call(int fd, struct netlink_request *request)
{
	char bytes[NETLINK_REQUEST_MAX * 4];
	struct netlink_bytes answer = { .at = bytes }, payload;
	uint16_t type;
	int r;

	request->header.nlmsg_flags |= NLM_F_ACK;
	r = request_send(fd, request);
	if (r == 0)
		r = answer_receive(fd, bytes, sizeof(bytes), &answer.length);
	if (r < 0)
		return r;
	if (!netlink_message_next(&answer, &type, &payload) || type != NLMSG_ERROR)
		return -EPROTO;
	return answer_code(payload);
}

/* 1: the list is complete; 0: there is more. */
static int dump_is_done(struct netlink_bytes messages)
{
	struct netlink_bytes payload;
	uint16_t type;

	while (netlink_message_next(&messages, &type, &payload)) {
		if (type == NLMSG_ERROR || type == NLMSG_DONE) {
			int r = answer_code(payload);

			return r < 0 ? r : 1;
		}
	}
	return 0;
}

int netlink_dump(int fd, struct netlink_request *request, struct arena *arena, struct netlink_bytes *ret)
{
	char bytes[ANSWER_MAX], *all = NULL;
	size_t have = 0, length;
	int r;

	request->header.nlmsg_flags |= NLM_F_DUMP;
	r = request_send(fd, request);
	while (r == 0) {
		r = answer_receive(fd, bytes, sizeof(bytes), &length);
		if (r < 0)
			return r;
		if (have + NLMSG_ALIGN(length) > DUMP_MAX)
			return -EFBIG;
		all = arena_grow(arena, all, have, have + NLMSG_ALIGN(length), 1);
		if (!all)
			return -ENOMEM;
		memcpy(all + have, bytes, length);
		have += NLMSG_ALIGN(length);
		r = dump_is_done((struct netlink_bytes){ bytes, length });
	}
	if (r < 0)
		return r;
	*ret = (struct netlink_bytes){ all, have };
	return 0;
}
