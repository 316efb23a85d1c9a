/* SPDX-License-Identifier: Apache-2.0 */
/* AppArmor: the profile that execve changes to. Read: aa_change_onexec(2), aa_stack_onexec(2), apparmor.d(5) "change_profile". */
#include <errno.h>
#include <string.h>
#include <sys/prctl.h>

#include "libbase/arena.h"
#include "libbase/text.h"
#include "libsandbox/lsm/lsm.h"

/* The most of a label that is looked at; only whether it is "unconfined", and a message, depend on it. */
#define LABEL_MAX 256

/*
 * The module's own folder is there when AppArmor is built in. Without it, attr/exec belongs to whichever module is there; it knows no
 * such words.
 */
static int attribute_write(int proc_fd, const char *order, bool *ret_opened)
{
	int r = lsm_attribute_write(proc_fd, "apparmor/exec", order, strlen(order), ret_opened);

	return r == -ENOENT && !*ret_opened ? lsm_attribute_write(proc_fd, "exec", order, strlen(order), ret_opened)
					    : r;
}

/*
 * Whether a profile confines the caller, whose label goes to `to`. "unconfined", "name (unconfined)" and what a policy namespace shows of
 * its own, which is what counts there, are no confinement.
 */
static bool is_confined(int proc_fd, char to[LABEL_MAX])
{
	int r = lsm_attribute_read(proc_fd, "apparmor/current", to, LABEL_MAX);

	if (r == -ENOENT)
		r = lsm_attribute_read(proc_fd, "current", to, LABEL_MAX);
	if (r < 0)
		to[0] = '\0';
	return r >= 0 && !text_equal(to, "unconfined") && !text_ends(to, " (unconfined)");
}

static int exec_label_set(int proc_fd, const char *profile, bool no_new_privileges, struct error *err)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	char own[LABEL_MAX];
	bool confined = is_confined(proc_fd, own);
	/* A confined task with no_new_privs may only lose rights: both profiles at once are less than either. */
	bool stack = confined && (no_new_privileges || prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) > 0);
	char *order = arena_printf(&arena, "%s %s", stack ? "stack" : "exec", profile);
	bool opened = false;
	int r = order ? attribute_write(proc_fd, order, &opened) : -ENOMEM;

	if (r == -ENOENT && opened)
		return error_say(err, r, "apparmor failed to apply profile '%s': no such profile is loaded", profile);
	if (r == -EACCES && opened && confined)
		return error_say(
			err, r,
			"apparmor failed to apply profile '%s': the profile of orlop itself, '%s', has no rule "
			"'change_profile -> %s%s'",
			profile, own, stack ? "&" : "", profile);
	return r < 0 ? error_set(err, r, "apparmor failed to apply profile '%s'", profile) : 0;
}

const struct lsm lsm_apparmor = { .name = "apparmor", .exec_label_set = exec_label_set };
