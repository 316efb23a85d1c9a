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
#include "libsandbox/seccomp/table.h"

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

/* The two numbers of a call behind others: its own, 0 for none, and the shared one, negative for none. */
static void shared_find(struct numbers *numbers, const struct table_answer *answer, bool is_in_table, uint32_t *ret_own,
			int *ret_shared)
{
	const int family = family_of(answer->number);
	struct table_answer shared;

	if (is_in_table && table_find(numbers->abi.token, families[family].shared, &shared)) {
		*ret_own = answer->own;
		*ret_shared = shared.number;
		return;
	}
	if (!numbers->scanned)
		own_scan(numbers);
	*ret_own = numbers->own[family][sub_of(answer->number)];
	*ret_shared = numbers->shared[family];
}

size_t numbers_find(struct numbers *numbers, const char *name, struct call_place to[CALL_PLACES_MAX])
{
	struct table_answer answer = { 0 };
	bool is_in_table = table_find(numbers->abi.token, name, &answer);
	size_t count = 0;
	uint32_t own;
	int shared;

	if (!is_in_table)
		answer.number = seccomp_syscall_resolve_name_arch(numbers->abi.token, name);
	if (answer.number == __NR_SCMP_ERROR && call_number(name, &own)) {
		to[0] = (struct call_place){ .number = numbers->abi.first + own };
		return 1;
	}
	if (answer.number >= 0) {
		to[0] = (struct call_place){ .number = (uint32_t)answer.number };
		return 1;
	}
	if (family_of(answer.number) < 0)
		return 0;
	shared_find(numbers, &answer, is_in_table, &own, &shared);
	/* x86_64 has no send(2), and libseccomp counts it among those behind socketcall, which x86_64 has not either. */
	if (shared < 0)
		return 0;
	if (own > 0)
		to[count++] = (struct call_place){ .number = own };
	to[count++] = (struct call_place){ .number = (uint32_t)shared, .sub = sub_of(answer.number) };
	return count;
}
