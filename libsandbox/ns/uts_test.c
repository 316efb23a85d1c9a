/* SPDX-License-Identifier: Apache-2.0 */
/* Names in a UTS namespace of the test's own. */
#include "libsandbox/ns/uts.h"

#include <sys/utsname.h>

#include "libsandbox/ns/fixture.h"

CHILD(both_names_are_set_and_absent_ones_kept)
{
	struct utsname names;
	struct error err;

	ERROR_INIT(&err);
	need_root();
	WANT(unshare(CLONE_NEWUTS) == 0);
	WANT_OK(names_set("deck", "ship.example", &err), &err);
	WANT_OK(names_set(NULL, "other", &err), &err);
	WANT_OK(names_set(NULL, NULL, &err), &err);
	WANT(uname(&names) == 0);
	WANT_TEXT(names.nodename, "deck");
	WANT_TEXT(names.domainname, "other");
}

CHILD(a_name_that_is_too_long_is_named)
{
	char name[80];
	struct error err;

	ERROR_INIT(&err);
	need_root();
	WANT(unshare(CLONE_NEWUTS) == 0);
	memset(name, 'x', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	WANT_INT(names_set(name, NULL, &err), -EINVAL);
	WANT_HAS(err.text, "set host name 'xxxx");
}
