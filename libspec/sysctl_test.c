/* SPDX-License-Identifier: Apache-2.0 */
/* Names of sysctls: both spellings, and no way out of /proc/sys. */
#include "conformance/unit/check.h"
#include "libspec/sysctl.h"

#include <errno.h>

static void check_both(const char *key, const char *want_path, const char *want_dotted)
{
	char path[SYSCTL_PATH_SIZE], dotted[SYSCTL_PATH_SIZE];

	CHECK_INT(sysctl_path(key, path, sizeof(path)), 0);
	CHECK_TEXT(path, want_path);
	CHECK_INT(sysctl_dotted(key, dotted, sizeof(dotted)), 0);
	CHECK_TEXT(dotted, want_dotted);
}

TEST(the_first_separator_decides)
{
	check_both("net.ipv4.ip_forward", "net/ipv4/ip_forward", "net.ipv4.ip_forward");
	check_both("net/ipv4/ip_forward", "net/ipv4/ip_forward", "net.ipv4.ip_forward");
	check_both("net.ipv4.conf.eth0/100.forwarding", "net/ipv4/conf/eth0.100/forwarding",
		   "net.ipv4.conf.eth0/100.forwarding");
	check_both("net/ipv4/conf/eth0.100/forwarding", "net/ipv4/conf/eth0.100/forwarding",
		   "net.ipv4.conf.eth0/100.forwarding");
	check_both("kernel", "kernel", "kernel");
}

TEST(paths_stay_below)
{
	static const char *const wrong[] = {
		"",         ".",       "/",      "/kernel", ".kernel", "kernel.", "kernel/",  "a..b",     "a//b",
		"net/../x", "net/./x", "a.//.b", "a./.b",   "..",      "../x",    "net.a\nb", "net.\x7f", "net/x/..",
	};
	char path[SYSCTL_PATH_SIZE];

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		if (sysctl_path(wrong[i], path, sizeof(path)) != -EINVAL)
			check_fail(__FILE__, __LINE__, "'%s' became '%s'", wrong[i], path);
	}
}

TEST(long_names_are_refused)
{
	char path[4];

	CHECK_INT(sysctl_path("abc", path, sizeof(path)), 0);
	CHECK_INT(sysctl_path("abcd", path, sizeof(path)), -ENAMETOOLONG);
	CHECK_INT(sysctl_dotted("abcd", path, sizeof(path)), -ENAMETOOLONG);
}
