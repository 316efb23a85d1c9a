/* SPDX-License-Identifier: Apache-2.0 */
/* SELinux: the context that execve changes to, and that of new keys. Read: setexeccon(3), setkeycreatecon(3). */
#include <string.h>

#include "libbase/text.h"
#include "libsandbox/lsm/lsm.h"

static int exec_label_set(int proc_fd, const char *label, bool no_new_privileges, struct error *err)
{
	/* Whether the policy lets it change with no_new_privs is asked at the execve. */
	(void)no_new_privileges;
	/* The kernel takes the context with its NUL, as libselinux writes it. */
	int r = lsm_attribute_write(proc_fd, "exec", label, strlen(label) + 1, NULL);

	return r < 0 ? error_set(err, r, "selinux failed to set exec label '%s'", label) : 0;
}

static int key_label_set(int proc_fd, const char *label, struct error *err)
{
	size_t length = label ? strlen(label) + 1 : 0;
	int r = lsm_attribute_write(proc_fd, "keycreate", label ? label : "", length, NULL);

	return r < 0 ? error_set(err, r, "selinux failed to set key label '%s'", label ? label : "") : 0;
}

const struct lsm lsm_selinux = {
	.name = "selinux",
	.exec_label_set = exec_label_set,
	.key_label_set = key_label_set,
};
