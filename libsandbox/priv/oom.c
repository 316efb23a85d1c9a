/* SPDX-License-Identifier: Apache-2.0 */
/* OOM score. See oom.h. */
#include "libsandbox/priv/oom.h"

#include <errno.h>
#include <stdio.h>

#include "libbase/proc.h"

int oom_score_set(int proc_fd, pid_t pid, int32_t adjustment, struct error *err)
{
	char path[64], value[16];
	int length = snprintf(value, sizeof(value), "%d", adjustment);
	int r;

	(void)snprintf(path, sizeof(path), "%d/oom_score_adj", (int)pid);
	r = proc_write(proc_fd, path, value, (size_t)length);
	if (r == -EACCES)
		return error_set(err, r,
				 "failed to update oom_score_adj to %d (below the lowest that was set with privilege, "
				 "it needs CAP_SYS_RESOURCE)",
				 adjustment);
	return r < 0 ? error_set(err, r, "failed to update oom_score_adj to %d", adjustment) : 0;
}
