/* SPDX-License-Identifier: Apache-2.0 */
/* Capability sets. See caps.h. */
#include "libsandbox/priv/caps.h"

#include <errno.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/prctl.h>

#include "libbase/kernel.h"
#include "libspec/names.h"

struct sets {
	struct __user_cap_data_struct half[_LINUX_CAPABILITY_U32S_3];
};

static const char *capability_name(unsigned int number)
{
	const char *text = name_text(&names_capabilities, (int)number + 1);

	return text ? text : "a capability without a name";
}

static uint32_t half_of(uint64_t set, size_t i)
{
	return (uint32_t)(set >> (32 * i));
}

int capabilities_bound(const struct plan_capabilities *capabilities, uint64_t had, uint64_t last, struct error *err)
{
	for (unsigned int number = 0; number < 64; number++) {
		if ((capabilities->bounding | ~had) & (UINT64_C(1) << number) ||
		    prctl(PR_CAPBSET_DROP, number, 0, 0, 0) == 0)
			continue;
		/* The kernel does not know this one, nor any behind it. */
		if (errno == EINVAL && number > last)
			return 0;
		return error_set(err, -errno, "drop %s from the bounding set", capability_name(number));
	}
	return 0;
}

/* The kernel does not say which bit it was. */
static int apply_failed(const struct plan_capabilities *capabilities, int code, struct error *err)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct sets have;

	if (code == -EPERM && syscall(SYS_capget, &header, have.half) == 0) {
		for (unsigned int number = 0; number < 64; number++) {
			if (half_of(capabilities->permitted, number / 32) & ~have.half[number / 32].permitted &
			    (1U << (number % 32)))
				return error_set(err, code, "set capabilities: %s is not ours to give",
						 capability_name(number));
		}
	}
	return error_set(err, code, "set capabilities");
}

/* `possible`: both permitted and inheritable. capset(2) took all else out of the ambient set. */
static int ambient_apply(uint64_t ambient, uint64_t possible, struct error *err)
{
	if (possible && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
		return error_set(err, -errno, "clear the ambient set");
	for (unsigned int number = 0; ambient && number < 64; number++) {
		if (!(ambient & (UINT64_C(1) << number)))
			continue;
		if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, number, 0, 0) < 0 && errno != EPERM)
			return error_set(err, -errno, "raise %s in the ambient set", capability_name(number));
	}
	return 0;
}

int capabilities_apply(const struct plan_capabilities *capabilities, struct error *err)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct sets sets;

	for (size_t i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
		sets.half[i].effective = half_of(capabilities->effective, i);
		sets.half[i].permitted = half_of(capabilities->permitted, i);
		sets.half[i].inheritable = half_of(capabilities->inheritable, i);
	}
	if (syscall(SYS_capset, &header, sets.half) < 0)
		return apply_failed(capabilities, -errno, err);
	return ambient_apply(capabilities->ambient, capabilities->permitted & capabilities->inheritable, err);
}
