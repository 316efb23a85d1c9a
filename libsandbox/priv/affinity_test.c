/* SPDX-License-Identifier: Apache-2.0 */
/* CPU lists and the way back to all CPUs. */
#include "libsandbox/priv/affinity.h"

#include "libsandbox/priv/fixture.h"

static int cpus(void)
{
	cpu_set_t set;

	WANT(sched_getaffinity(0, sizeof(set), &set) == 0);
	return CPU_COUNT(&set);
}

CHILD(a_list_holds_until_it_is_reset)
{
	cpu_set_t set;
	struct error err;
	int all = cpus(), first = 0;
	char list[32];

	ERROR_INIT(&err);
	if (all < 2)
		SKIP("needs two CPUs");
	WANT(sched_getaffinity(0, sizeof(set), &set) == 0);
	while (!CPU_ISSET(first, &set))
		first++;
	snprintf(list, sizeof(list), "%d", first);
	WANT_OK(affinity_set(list, &err), &err);
	WANT_INT(cpus(), 1);
	WANT(sched_getaffinity(0, sizeof(set), &set) == 0 && CPU_ISSET(first, &set));
	WANT_OK(affinity_set("0-65536", &err), &err);
	WANT_INT(cpus(), all);
	WANT_OK(affinity_set(list, &err), &err);
	affinity_reset();
	WANT_INT(cpus(), all);
}

CHILD(lists_that_are_none_are_refused)
{
	struct error err;
	int before = cpus();

	ERROR_INIT(&err);
	WANT_INT(affinity_set("0,x", &err), -EINVAL);
	WANT_TEXT(err.text, "CPU affinity '0,x': not a list of CPUs");
	WANT(affinity_set("0-99999999", &err) < 0);
	WANT_HAS(err.text, "not a list of CPUs");
	WANT_INT(affinity_set("60000", &err), -EINVAL);
	WANT_TEXT(err.text, "CPU affinity '60000': Invalid argument");
	WANT_INT(cpus(), before);
}
