/* SPDX-License-Identifier: Apache-2.0 */
/* The messages of the dialogue between host side and init side. */
#include "libsandbox/steps/step.h"

#include "libbase/cleanup.h"

static const char *const message_names[] = {
	[MESSAGE_NONE] = "NONE",
	[MESSAGE_ERROR] = "ERROR",
	[MESSAGE_SPAWNED] = "SPAWNED",
	[MESSAGE_GO] = "GO",
	[MESSAGE_NETWORK] = "NETWORK",
	[MESSAGE_DEVICES_RULED] = "DEVICES_RULED",
	[MESSAGE_AT_HOOKS] = "AT_HOOKS",
	[MESSAGE_HOOKS_DONE] = "HOOKS_DONE",
	[MESSAGE_CONSOLE] = "CONSOLE",
	[MESSAGE_AT_LISTENER] = "AT_LISTENER",
	[MESSAGE_LISTENER_SENT] = "LISTENER_SENT",
	[MESSAGE_READY] = "READY",
	[MESSAGE_START] = "START",
	[MESSAGE_EXEC] = "EXEC",
};

const char *message_name(enum message message)
{
	return (size_t)message < ARRAY_SIZE(message_names) ? message_names[message] : "unknown";
}
