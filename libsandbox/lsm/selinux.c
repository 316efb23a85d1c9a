/* SPDX-License-Identifier: Apache-2.0 */
/* SELinux: the context that execve changes to, and that of new keys. Read: setexeccon(3), setkeycreatecon(3). */
#include <errno.h>
#include <string.h>

#include "libbase/text.h"
#include "libsandbox/lsm/lsm.h"

static int label_error(int code, const char *what, const char *label, struct error *err)
{
	if (code == -EINVAL)
		return error_say(err, code, "selinux failed to set %s label '%s': the loaded policy has no such label",
				 what, label);
	return error_set(err, code, "selinux failed to set %s label '%s'", what, label);
}

static int exec_label_set(int proc_fd, const char *label, bool no_new_privileges, struct error *err)
{
	/* The kernel takes the context with its NUL, as libselinux writes it. */
	int r = lsm_attribute_write(proc_fd, "exec", label, strlen(label) + 1, NULL);

	/* Whether the policy lets it change with no_new_privs is asked at the execve. */
	(void)no_new_privileges;
	return r < 0 ? label_error(r, "exec", label, err) : 0;
}

static int key_label_set(int proc_fd, const char *label, struct error *err)
{
	size_t length = label ? strlen(label) + 1 : 0;
	int r = lsm_attribute_write(proc_fd, "keycreate", label ? label : "", length, NULL);

	return r < 0 ? label_error(r, "key", label ? label : "", err) : 0;
}

const struct lsm lsm_selinux = {
	.name = "selinux",
	.exec_label_set = exec_label_set,
	.key_label_set = key_label_set,
};
