/* SPDX-License-Identifier: Apache-2.0 */
/* The only file that asks for environment variables. */
#include "runtime/environment.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "libbase/text.h"

static const char *read_variable(const char *name)
{
	const char *value = secure_getenv(name);

	return text_is_empty(value) ? NULL : value;
}

/* Descriptors that systemd meant for another process (sd_listen_fds(3)) are not ours to pass on. */
static uint32_t read_listen_fds(void)
{
	const char *pid_text = read_variable("LISTEN_PID"), *count_text = read_variable("LISTEN_FDS");
	uint64_t pid, count;

	if (!pid_text || number_parse_u64(pid_text, INT_MAX, &pid) < 0 || pid != (uint64_t)getpid())
		return 0;
	if (!count_text || number_parse_u64(count_text, INT_MAX, &count) < 0)
		return 0;
	return (uint32_t)count;
}

void environment_read(struct environment *ret)
{
	*ret = (struct environment){
		.runtime_directory = read_variable("XDG_RUNTIME_DIR"),
		.user = read_variable("USER"),
		.notify_socket = read_variable("NOTIFY_SOCKET"),
		.search_path = read_variable("PATH"),
		.system_bus = read_variable("DBUS_SYSTEM_BUS_ADDRESS"),
		.session_bus = read_variable("DBUS_SESSION_BUS_ADDRESS"),
		.listen_fds = read_listen_fds(),
	};
}
