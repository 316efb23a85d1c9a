/* SPDX-License-Identifier: Apache-2.0 */
/* Host name and domain name. See uts.h. */
#include "libsandbox/ns/uts.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

int names_set(const char *hostname, const char *domainname, struct error *err)
{
	if (hostname && sethostname(hostname, strlen(hostname)) < 0)
		return error_set(err, -errno, "set host name '%s'", hostname);
	if (domainname && setdomainname(domainname, strlen(domainname)) < 0)
		return error_set(err, -errno, "set domain name '%s'", domainname);
	return 0;
}
