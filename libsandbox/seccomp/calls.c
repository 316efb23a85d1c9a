/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The calls since Linux 5.8, where the oldest libseccomp that we build with (2.5.0) ends, up to 6.18: arch/x86/entry/syscalls/syscall_64.tbl.
 * The place in the list is the number.
 */
#include "libsandbox/seccomp/calls.h"

#include "libbase/cleanup.h"
#include "libbase/text.h"

#define FIRST 440

static const char *const calls[] = {
	"process_madvise",
	"epoll_pwait2",
	"mount_setattr",
	"quotactl_fd",
	"landlock_create_ruleset",
	"landlock_add_rule",
	"landlock_restrict_self",
	"memfd_secret",
	"process_mrelease",
	"futex_waitv",
	"set_mempolicy_home_node", /* 450 */
	"cachestat",
	"fchmodat2",
	"map_shadow_stack",
	"futex_wake",
	"futex_wait",
	"futex_requeue",
	"statmount",
	"listmount",
	"lsm_get_self_attr",
	"lsm_set_self_attr", /* 460 */
	"lsm_list_modules",
	"mseal",
	"setxattrat",
	"getxattrat",
	"listxattrat",
	"removexattrat",
	"open_tree_attr",
	"file_getattr",
	"file_setattr",
};

bool call_number(const char *name, uint32_t *ret)
{
	for (uint32_t i = 0; i < ARRAY_SIZE(calls); i++) {
		if (text_equal(calls[i], name)) {
			*ret = FIRST + i;
			return true;
		}
	}
	return false;
}
