/* SPDX-License-Identifier: Apache-2.0 */
/* For the tests of statistics: the document that a cgroup's directory gives. Included behind conformance/unit/check.h. */
#ifndef ORLOP_LIBSANDBOX_CGROUP_STATS_FIXTURE_H
#define ORLOP_LIBSANDBOX_CGROUP_STATS_FIXTURE_H

#include "libsandbox/stats.h"

static inline struct control control_of(int fd)
{
	return (struct control){ .mount_fd = FD_NONE, .cgroup_fd = fd, .path = "/test" };
}

static inline void print(int fd, struct text_buffer *to)
{
	const struct control control = control_of(fd);
	struct json_writer json;
	struct error err;

	ERROR_INIT(&err);
	json_writer_init(&json, to, "");
	json_object_begin(&json, NULL);
	CHECK_INT(stats_write(&control, &json, &err), 0);
	json_object_end(&json);
	CHECK_INT(json_writer_finish(&json), 0);
}

#endif
