/* SPDX-License-Identifier: Apache-2.0 */
/* AppArmor: the profile that execve changes to. Read: aa_change_onexec(2). */
#include <errno.h>
#include <string.h>

#include "libbase/arena.h"
#include "libbase/text.h"
#include "libsandbox/lsm/lsm.h"

static int exec_label_set(int proc_fd, const char *profile, struct error *err)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	char *order = arena_printf(&arena, "exec %s", profile);
	bool opened;
	int r;

	if (!order)
		return error_set(err, -ENOMEM, "apparmor failed to apply profile '%s'", profile);
	r = lsm_attribute_write(proc_fd, "apparmor/exec", order, strlen(order), &opened);
	/* The module's own folder is there since Linux 5.8 when it may share the process with others; else it has the common file. */
	if (r == -ENOENT && !opened)
		r = lsm_attribute_write(proc_fd, "exec", order, strlen(order), &opened);
	if (r == -ENOENT && opened)
		return error_say(err, r, "apparmor failed to apply profile '%s': no such profile is loaded", profile);
	return r < 0 ? error_set(err, r, "apparmor failed to apply profile '%s'", profile) : 0;
}

const struct lsm lsm_apparmor = { .name = "apparmor", .exec_label_set = exec_label_set };
