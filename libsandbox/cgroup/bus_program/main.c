/* SPDX-License-Identifier: Apache-2.0 */
/*
 * orlop-systemd: takes orlop's calls to the service manager from the socket that is its standard input, and answers them, until that ends.
 *
 * A program of its own, since orlop is linked whole and so can load no library, and since who has no use for systemd is not to wait for libsystemd or
 * to have it in his memory. It lives as long as one struct bus and knows nothing of containers.
 *
 * Not for: people. bus.c starts it.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "libbase/clock.h"
#include "libbase/fd.h"
#include "libsandbox/cgroup/bus_message.h"
#include "libsandbox/cgroup/bus_program/systemd.h"

/* The connection and the memory it is in last from the first call to the end. */
struct service {
	struct arena arena;
	struct systemd *systemd;
};

static int call_make(struct service *service, const struct bus_request *request, uint32_t *ret_version,
		     struct error *err)
{
	struct systemd *systemd = service->systemd;

	/* The one that opens comes first, and once. */
	if ((request->call == BUS_OPEN) == (systemd != NULL))
		return error_say(err, -EPROTO, "orlop-systemd was asked out of turn");
	switch (request->call) {
	case BUS_OPEN:
		return systemd_open(request->user, getenv("DBUS_SYSTEM_BUS_ADDRESS"), request->deadline_ns,
				    &service->arena, &service->systemd, err);
	case BUS_VERSION:
		return systemd_version(systemd, ret_version, err);
	case BUS_UNIT_START:
		return systemd_unit_start(systemd, request->unit, request->properties, request->property_count, err);
	case BUS_UNIT_STOP:
		return systemd_unit_stop(systemd, request->unit, err);
	case BUS_UNIT_RESET:
		return systemd_unit_reset(systemd, request->unit, err);
	case BUS_UNIT_SET:
		return systemd_unit_set(systemd, request->unit, request->properties, request->property_count, err);
	default:
		return systemd_unit_attach(systemd, request->unit, request->below, request->pid, err);
	}
}

static int reply_send(const struct bus_reply *reply)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer message = TEXT_BUFFER_INIT;
	int r = bus_reply_encode(reply, &message);

	return r < 0 ? r : socket_send(STDIN_FILENO, message.bytes, message.length, NULL, 0);
}

/* 1: there may be more; 0: orlop wants no more. */
static int request_serve(struct service *service)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	_cleanup_(socket_fds_cleanup) struct socket_fds fds = SOCKET_FDS_INIT;
	struct bus_reply reply = { 0 };
	struct bus_request request;
	struct error err;
	size_t length;
	char *bytes;
	int r = bus_message_receive(STDIN_FILENO, CLOCK_NEVER, &arena, &bytes, &length, &fds);

	if (r <= 0)
		return r;
	ERROR_INIT(&err);
	r = bus_request_decode(bytes, length, &fds, &arena, &request);
	if (r == 0)
		reply.code = call_make(service, &request, &reply.version, &err);
	else
		reply.code = error_set(&err, r, "orlop-systemd: read what it is asked");
	if (reply.code < 0)
		reply.text = error_text(&err);
	r = reply_send(&reply);
	return r < 0 ? r : 1;
}

int main(void)
{
	static const char advice[] = "orlop-systemd is no command: orlop starts it\n";
	struct service service = { .arena = ARENA_INIT };
	int r;

	/* It has orlop's rights: nobody else of the same user may look into it, or trace it. */
	(void)prctl(PR_SET_DUMPABLE, 0);
	/* What is executed by descriptor bears its number as a name. */
	(void)prctl(PR_SET_NAME, "orlop-systemd");
	do
		r = request_serve(&service);
	while (r > 0);
	if (r == -ENOTSOCK)
		(void)!fd_write_all(STDERR_FILENO, advice, sizeof(advice) - 1);
	systemd_close(service.systemd);
	arena_cleanup(&service.arena);
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
