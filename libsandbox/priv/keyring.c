/* SPDX-License-Identifier: Apache-2.0 */
/* Session keyrings. See keyring.h. Read: keyctl(2), keyrings(7). */
#include "libsandbox/priv/keyring.h"

#include <errno.h>
#include <limits.h>
#include <linux/keyctl.h>
#include <stdint.h>
#include <string.h>

#include "libbase/kernel.h"

/* What the kernel gives a new session keyring: all to its possessor; view, read and link to its user. */
#define PERMISSIONS_STANDARD 0x3f130000U
#define USER_MAY_SEARCH      0x00080000U
#define OTHERS_MAY_SEARCH    0x00000008U

/* Returns the keyring's number; 0: the kernel has none. */
static int32_t session_join(const char *id, struct error *err)
{
	char name[NAME_MAX + 8] = "_ses.";
	const size_t prefix = strlen(name), length = strlen(id);
	long key;

	if (prefix + length >= sizeof(name))
		return error_set(err, -ENAMETOOLONG, "unable to join session keyring");
	memcpy(name + prefix, id, length + 1);
	key = kernel_keyctl(KEYCTL_JOIN_SESSION_KEYRING, (unsigned long)(uintptr_t)name, 0, 0, 0);
	if (key >= 0)
		return (int32_t)key;
	if (errno == ENOSYS)
		return 0;
	/* To go on would leave the caller's keys with the container. */
	if (errno == EDQUOT)
		return error_set(err, -errno,
				 "unable to join session keyring '%s' (kernel.keys.maxkeys bounds them; "
				 "--no-new-keyring does without)",
				 name);
	return error_set(err, -errno, "unable to join session keyring '%s'", name);
}

int keyring_make(const char *id, bool in_user_namespace, struct error *err)
{
	int32_t key = session_join(id, err);
	unsigned long permissions = PERMISSIONS_STANDARD | (in_user_namespace ? OTHERS_MAY_SEARCH : USER_MAY_SEARCH);

	if (key <= 0)
		return key;
	if (kernel_keyctl(KEYCTL_SETPERM, (unsigned long)key, permissions, 0, 0) < 0)
		return error_set(err, -errno, "unable to mod keyring permissions");
	return 0;
}

int keyring_join(const char *id, struct error *err)
{
	int32_t key = session_join(id, err);

	return key < 0 ? key : 0;
}
