/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libseccomp gives calls that an architecture lacks negative numbers; for those behind socketcall and ipc they tell which one it is:
 * -101 to -120, -201 to -224.
 */
#include "libsandbox/seccomp/numbers.h"

#include <seccomp.h>
#include <stdlib.h>

#include "libbase/cleanup.h"
#include "libsandbox/seccomp/calls.h"

enum family { SOCKETS, IPC, FAMILIES };

static const struct {
	int first, last;
	const char *shared;
} families[FAMILIES] = {
	[SOCKETS] = { -101, -120, "socketcall" },
	[IPC] = { -201, -224, "ipc" },
};

static int family_of(int number)
{
	for (int i = 0; i < FAMILIES; i++) {
		if (number <= families[i].first && number >= families[i].last)
			return i;
	}
	return -1;
}

static uint32_t sub_of(int number)
{
	return (uint32_t)-number % 100;
}

/* Asked by name libseccomp tells only where the call is behind others, so its own number is found the other way round. That is slow; they
 * lie within these, counted from the architecture's first. */
static const struct {
	uint32_t first, last;
} own_ranges[] = {
	{ 160, 190 },
	{ 320, 410 },
};

static void own_find(struct numbers *numbers, uint32_t at)
{
	char *name = seccomp_syscall_resolve_num_arch(numbers->abi.token, (int)at);
	int number = name ? seccomp_syscall_resolve_name_arch(numbers->abi.token, name) : 0;
	int family = family_of(number);

	if (family >= 0)
		numbers->own[family][sub_of(number)] = at;
	free(name);
}

static void own_scan(struct numbers *numbers)
{
	numbers->scanned = true;
	for (int i = 0; i < FAMILIES; i++)
		numbers->shared[i] = seccomp_syscall_resolve_name_arch(numbers->abi.token, families[i].shared);
	for (size_t i = 0; i < ARRAY_SIZE(own_ranges); i++) {
		for (uint32_t at = own_ranges[i].first; at <= own_ranges[i].last; at++)
			own_find(numbers, numbers->abi.first + at);
	}
}

size_t numbers_find(struct numbers *numbers, const char *name, struct call_place to[CALL_PLACES_MAX])
{
	int number = seccomp_syscall_resolve_name_arch(numbers->abi.token, name);
	int family = family_of(number);
	size_t count = 0;
	uint32_t own;

	if (number == __NR_SCMP_ERROR && call_number(name, &own)) {
		to[0] = (struct call_place){ .number = numbers->abi.first + own };
		return 1;
	}
	if (number >= 0) {
		to[0] = (struct call_place){ .number = (uint32_t)number };
		return 1;
	}
	if (family < 0)
		return 0;
	if (!numbers->scanned)
		own_scan(numbers);
	/* x86_64 has no send(2), and libseccomp counts it among those behind socketcall, which x86_64 has not either. */
	if (numbers->shared[family] < 0)
		return 0;
	own = numbers->own[family][sub_of(number)];
	if (own > 0)
		to[count++] = (struct call_place){ .number = own };
	to[count++] = (struct call_place){ .number = (uint32_t)numbers->shared[family], .sub = sub_of(number) };
	return count;
}
