/* SPDX-License-Identifier: Apache-2.0 */
/* Opening a container's cgroup. */
#include "runtime/container_cgroup.h"

#include <errno.h>

#include "libbase/text.h"

int container_cgroup_open(const struct container *container, struct control *ret, struct error *err)
{
	const struct record *record = &container->record;
	int r;

	*ret = CONTROL_INIT;
	if (text_is_empty(record->cgroup_mount) || text_is_empty(record->cgroup_path))
		return error_say(err, -ENOENT, "cgroup not exist: the container was made without one");
	r = control_open(ret, record->cgroup_mount, record->cgroup_path, err);
	if (r < 0)
		return r == -ENOENT ? error_wrap(err, "cgroup not exist") : r;
	ret->unit = record->systemd.value ? record->unit : NULL;
	ret->user_manager = record->user_manager.value;
	return 0;
}
