/* SPDX-License-Identifier: Apache-2.0 */
/* Checks that kernel parameters go to the caller's own namespaces, and nowhere else. */
#include "libsandbox/root/sysctl.h"

#include "libbase/proc.h"
#include "libsandbox/root/fixture.h"

#define PAIRS(...)                                                                       \
	(&(const struct spec_pairs){ .items = (const struct spec_pair[]){ __VA_ARGS__ }, \
				     .count = ARRAY_SIZE(((const struct spec_pair[]){ __VA_ARGS__ })) })

#define PORT_START "/proc/sys/net/ipv4/ip_unprivileged_port_start"

static void own_body(void)
{
	/* Opened before: what counts is who opens a file in it. */
	_cleanup_(fd_cleanup) int proc = proc_open();
	struct error err;

	ERROR_INIT(&err);
	WANT(proc >= 0);
	WANT(text_is(PORT_START, "1024\n"));
	if (unshare(CLONE_NEWNET | CLONE_NEWIPC) < 0)
		_exit(SKIPPED);
	WANT_OK(sysctls_write(proc,
			      PAIRS({ "net/ipv4/ip_unprivileged_port_start", "77" }, { "kernel/msgmax", "9000" },
				    { "net/ipv4/conf/lo/forwarding", "1" }),
			      &err),
		&err);
	WANT(text_is(PORT_START, "77\n") && text_is("/proc/sys/kernel/msgmax", "9000\n"));
	WANT(text_is("/proc/sys/net/ipv4/conf/lo/forwarding", "1\n"));
}

TEST(namespaces_get_their_values)
{
	child_run(own_body);
	/* Ours are as they were. */
	CHECK(text_is(PORT_START, "1024\n"));
	CHECK(!text_is("/proc/sys/kernel/msgmax", "9000\n"));
}

static void user_body(void)
{
	_cleanup_(fd_cleanup) int proc = proc_open();
	struct error err;

	ERROR_INIT(&err);
	WANT(proc >= 0);
	scratch_make_as_user();
	if (unshare(CLONE_NEWNET) < 0)
		_exit(SKIPPED);
	WANT_OK(sysctls_write(proc, PAIRS({ "net/ipv4/ip_unprivileged_port_start", "77" }), &err), &err);
	WANT(text_is(PORT_START, "77\n"));
}

TEST(a_user_namespace_owns_its_network)
{
	child_run(user_body);
	CHECK(text_is(PORT_START, "1024\n"));
}

static void refuse_want(int proc, const char *key, const char *value, int code, const char *text)
{
	struct error err;

	ERROR_INIT(&err);
	CHECK_INT(sysctls_write(proc, PAIRS({ key, value }), &err), code);
	CHECK_HAS(error_text(&err), text);
}

TEST(keys_stay_below_sys)
{
	static const char *const keys[] = { "kernel/../../sysrq-trigger",
					    "../sysrq-trigger",
					    "net//ipv4",
					    "/net/ipv4",
					    "",
					    ".",
					    "net/",
					    "net/./ipv4" };
	_cleanup_(fd_cleanup) int proc = proc_open();
	char key[600];

	CHECK(proc >= 0);
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		refuse_want(proc, keys[i], "1", -EINVAL, "want names between slashes");
	memset(key, 'x', sizeof(key) - 1);
	key[sizeof(key) - 1] = '\0';
	refuse_want(proc, key, "1", -EINVAL, "want names between slashes");
	refuse_want(proc, "net/ipv4/none_such", "1", -ENOENT, "sysctl 'net/ipv4/none_such': write '1': No such file");
}

static void value_body(void)
{
	_cleanup_(fd_cleanup) int proc = proc_open();
	struct error err;

	ERROR_INIT(&err);
	WANT(proc >= 0);
	if (unshare(CLONE_NEWNET) < 0)
		_exit(SKIPPED);
	WANT_INT(sysctls_write(proc, PAIRS({ "net/ipv4/ip_unprivileged_port_start", "port" }), &err), -EINVAL);
	WANT_HAS(error_text(&err), "sysctl 'net/ipv4/ip_unprivileged_port_start': write 'port': Invalid argument");
}

TEST(bad_values_are_told)
{
	child_run(value_body);
}
