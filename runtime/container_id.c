/* SPDX-License-Identifier: Apache-2.0 */
/* The check of ids. */
#include "runtime/container_id.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "libbase/text.h"

static const char id_characters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+.-";

int container_id_check(const char *id, struct error *err)
{
	size_t good;

	if (text_is_empty(id))
		return error_say(err, -EINVAL, "container id cannot be empty");
	good = strspn(id, id_characters);
	if (id[good] || good > NAME_MAX || text_equal(id, ".") || text_equal(id, ".."))
		return error_say(err, -EINVAL, "invalid container ID format");
	return 0;
}
