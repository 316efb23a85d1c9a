/* SPDX-License-Identifier: Apache-2.0 */
/* Session keyrings: which one a process has, and with which rights. */
#include "libsandbox/priv/keyring.h"

#include <linux/keyctl.h>
#include <stdint.h>

#include "libsandbox/priv/fixture.h"

/* "keyring;uid;gid;perm;name" */
static void describe(char to[256])
{
	long n = kernel_keyctl(KEYCTL_DESCRIBE, (unsigned long)KEY_SPEC_SESSION_KEYRING, (unsigned long)(uintptr_t)to,
			       256, 0);

	if (n < 0)
		SKIP("no keyrings here");
	WANT(n <= 256);
}

static long serial(void)
{
	return kernel_keyctl(KEYCTL_GET_KEYRING_ID, (unsigned long)KEY_SPEC_SESSION_KEYRING, 0, 0, 0);
}

static void join_as_exec(const char *id, long expected)
{
	struct error err;
	int status;
	pid_t pid = fork();

	ERROR_INIT(&err);
	if (pid == 0) {
		WANT(kernel_keyctl(KEYCTL_JOIN_SESSION_KEYRING, 0, 0, 0, 0) > 0);
		WANT(serial() != expected);
		WANT_OK(keyring_join(id, &err), &err);
		WANT_INT(serial(), expected);
		_exit(0);
	}
	WANT(waitpid(pid, &status, 0) == pid && status == 0);
}

CHILD(a_container_has_its_own_and_exec_finds_it)
{
	char text[256], id[64];
	struct error err;
	long before;

	ERROR_INIT(&err);
	describe(text);
	before = serial();
	snprintf(id, sizeof(id), "keyring-test.%d", (int)getpid());
	WANT_OK(keyring_make(id, false, &err), &err);
	WANT(serial() != before);
	describe(text);
	WANT_HAS(text, ";3f1b0000;_ses.keyring-test.");
	join_as_exec(id, serial());
}

CHILD(in_a_user_namespace_others_may_search)
{
	char text[256], id[64];
	struct error err;

	ERROR_INIT(&err);
	describe(text);
	snprintf(id, sizeof(id), "keyring-test.u%d", (int)getpid());
	WANT_OK(keyring_make(id, true, &err), &err);
	describe(text);
	WANT_HAS(text, ";3f130008;_ses.keyring-test.u");
}

CHILD(an_id_that_is_too_long_is_refused)
{
	char id[1024];
	struct error err;

	ERROR_INIT(&err);
	memset(id, 'x', sizeof(id));
	id[sizeof(id) - 1] = '\0';
	WANT_INT(keyring_make(id, false, &err), -ENAMETOOLONG);
	WANT_HAS(err.text, "unable to join session keyring");
}
