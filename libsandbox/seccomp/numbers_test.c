/* SPDX-License-Identifier: Apache-2.0 */
/* Names to numbers on every architecture that libseccomp knows, against its own way from numbers to names. */
#include "libsandbox/seccomp/numbers.h"

#include <seccomp.h>
#include <stdlib.h>

#include "conformance/unit/check.h"
#include "libbase/cleanup.h"
#include "libsandbox/seccomp/table.h"
#include "libspec/names.h"

#define NUMBERS 500

static bool place_is_among(const struct call_place *places, size_t count, uint32_t number)
{
	for (size_t i = 0; i < count; i++) {
		if (places[i].number == number && places[i].sub == 0)
			return true;
	}
	return false;
}

TEST(every_number_is_found_by_its_name)
{
	for (size_t i = 0; i < names_seccomp_archs.count; i++) {
		struct numbers numbers = { 0 };

		if (!seccomp_abi_find(names_seccomp_archs.names[i].value, &numbers.abi))
			continue;
		for (uint32_t at = 0; at < NUMBERS; at++) {
			uint32_t number = numbers.abi.first + at;
			char *name = seccomp_syscall_resolve_num_arch(numbers.abi.token, (int)number);
			struct call_place places[CALL_PLACES_MAX];

			if (!name)
				continue;
			if (!place_is_among(places, numbers_find(&numbers, name, places), number))
				check_fail(__FILE__, __LINE__, "%s: %s is not at %u", names_seccomp_archs.names[i].text,
					   name, number);
			free(name);
		}
	}
}

static size_t places_of(const char *arch, const char *name, struct call_place places[CALL_PLACES_MAX])
{
	struct numbers numbers = { 0 };

	CHECK(seccomp_abi_find(name_find(&names_seccomp_archs, arch)->value, &numbers.abi));
	return numbers_find(&numbers, name, places);
}

TEST(calls_behind_a_shared_number_have_two_places)
{
	static const struct {
		const char *arch, *name;
		uint32_t own, shared, sub;
	} rows[] = {
		{ "SCMP_ARCH_X86", "socket", 359, 102, 1 },     { "SCMP_ARCH_X86", "accept4", 364, 102, 18 },
		{ "SCMP_ARCH_X86", "accept", 0, 102, 5 },       { "SCMP_ARCH_X86", "shmget", 395, 117, 23 },
		{ "SCMP_ARCH_X86", "semtimedop", 0, 117, 4 },   { "SCMP_ARCH_S390X", "socket", 359, 102, 1 },
		{ "SCMP_ARCH_PPC64LE", "accept", 330, 102, 5 }, { "SCMP_ARCH_MIPSEL", "socket", 4183, 4102, 1 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct call_place places[CALL_PLACES_MAX];
		size_t count = places_of(rows[i].arch, rows[i].name, places);

		CHECK_INT(count, rows[i].own ? 2 : 1);
		if (rows[i].own)
			CHECK(place_is_among(places, count, rows[i].own));
		CHECK_INT(places[count - 1].number, rows[i].shared);
		CHECK_INT(places[count - 1].sub, rows[i].sub);
	}
}

TEST(calls_that_are_not_there_have_no_place)
{
	struct call_place places[CALL_PLACES_MAX];

	CHECK_INT(places_of("SCMP_ARCH_X86_64", "socketcall", places), 0);
	/* libseccomp counts it among those behind socketcall. */
	CHECK_INT(places_of("SCMP_ARCH_X86_64", "send", places), 0);
	CHECK_INT(places_of("SCMP_ARCH_AARCH64", "mkdir", places), 0);
	CHECK_INT(places_of("SCMP_ARCH_X86_64", "frobnicate", places), 0);
	CHECK(seccomp_call_known("send") && seccomp_call_known("set_tls") && seccomp_call_known("file_setattr"));
	CHECK(!seccomp_call_known("frobnicate") && !seccomp_call_known("") && !seccomp_call_known("Read"));
}

/* All that libseccomp can be asked, by the names of every architecture. */
TEST(the_table_answers_as_libseccomp_does)
{
	size_t answers = 0;

	for (size_t i = 0; i < names_seccomp_archs.count; i++) {
		struct seccomp_abi of, asked;

		if (!seccomp_abi_find(names_seccomp_archs.names[i].value, &of))
			continue;
		for (uint32_t at = 0; at < NUMBERS; at++) {
			char *name = seccomp_syscall_resolve_num_arch(of.token, (int)(of.first + at));
			struct table_answer answer;

			for (size_t j = 0; name && j < names_seccomp_archs.count; j++) {
				if (!seccomp_abi_find(names_seccomp_archs.names[j].value, &asked) ||
				    !table_find(asked.token, name, &answer))
					continue;
				answers++;
				if (answer.number != seccomp_syscall_resolve_name_arch(asked.token, name))
					check_fail(__FILE__, __LINE__, "%s is not %d on %s", name, answer.number,
						   names_seccomp_archs.names[j].text);
			}
			if (name && table_find(0, name, &answer))
				CHECK_INT(answer.number, seccomp_syscall_resolve_name(name));
			free(name);
		}
	}
	/* x86_64, x86 and x32 share some 350 names, of which each was met at least thrice. */
	CHECK(answers > 3000);
}

TEST(the_table_leaves_the_rest_to_libseccomp)
{
	struct table_answer answer;

	CHECK(table_find(SCMP_ARCH_X86_64, "read", &answer) && answer.number == 0 && answer.own == 0);
	CHECK(table_find(SCMP_ARCH_X86, "socket", &answer) && answer.number == -101 && answer.own == 359);
	CHECK(table_find(SCMP_ARCH_X86_64, "socketcall", &answer) && answer.number < 0);
	CHECK(!table_find(SCMP_ARCH_X86_64, "frobnicate", &answer) && !table_find(SCMP_ARCH_X86_64, "", &answer));
	CHECK(!table_find(SCMP_ARCH_RISCV64, "read", &answer));
}

TEST(new_calls_are_counted_from_the_first)
{
	struct call_place places[CALL_PLACES_MAX];

	CHECK_INT(places_of("SCMP_ARCH_X32", "file_setattr", places), 1);
	CHECK_INT(places[0].number, 0x40000000 + 469);
	CHECK_INT(places_of("SCMP_ARCH_MIPS64N32", "mseal", places), 1);
	CHECK_INT(places[0].number, 6000 + 462);
}
