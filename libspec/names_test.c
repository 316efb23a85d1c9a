/* SPDX-License-Identifier: Apache-2.0 */
/* Every table by one loop, and the numbers that other programs rely on. */
#include "conformance/unit/check.h"
#include "libspec/names.h"

#include <errno.h>
#include <signal.h>

/* Where several names share a number on purpose. */
static bool may_share(const struct name_table *table)
{
	return table == &names_signals;
}

static void check_table(const struct name_table *table)
{
	CHECK(table->what && table->what[0]);
	CHECK(table->count > 0);
	for (size_t i = 0; i < table->count; i++) {
		const struct name *row = &table->names[i];

		CHECK(row->text[0]);
		CHECK(row->value > 0 && row->value <= 64);
		CHECK(name_find(table, row->text) == row);
		CHECK_INT(name_of(table, row->value)->value, row->value);
		CHECK_INT(name_of(table, row->value)->kernel, row->kernel);
		if (!may_share(table))
			CHECK_TEXT(name_text(table, row->value), row->text);
	}
	CHECK(!name_find(table, ""));
	CHECK(!name_find(table, "no such word"));
	CHECK(!name_find(table, NULL));
	CHECK(!name_text(table, 0));
	CHECK(!name_of(table, 1000));
}

TEST(every_table_goes_forward_and_back)
{
	for (size_t i = 0; i < names_all_count; i++) {
		check_table(names_all[i].table);
		for (size_t j = 0; j < i; j++) {
			CHECK(strcmp(names_all[i].symbol, names_all[j].symbol) != 0);
			CHECK(names_all[i].table != names_all[j].table);
		}
	}
	CHECK_INT(names_all_count, 19);
}

TEST(tables_have_every_word_of_the_specification)
{
	CHECK_INT(names_namespaces.count, NAMESPACE_TYPES);
	CHECK_INT(names_hooks.count, HOOK_POINTS);
	CHECK_INT(names_capabilities.count, 41);
	CHECK_INT(names_rlimits.count, 16);
	CHECK_INT(names_seccomp_archs.count, 23);
	CHECK_INT(names_seccomp_actions.count, 9);
	CHECK_INT(names_seccomp_operators.count, 7);
	CHECK_INT(names_scheduler_policies.count, 7);
	CHECK_INT(names_scheduler_flags.count, 7);
	CHECK_INT(names_memory_modes.count, 7);
	CHECK_INT(names_propagations.count, 8);
}

/* Numbers of the kernel's ABI, written down here once more. */
TEST(numbers_are_those_of_the_kernel)
{
	CHECK_INT(name_find(&names_namespaces, "time")->kernel, 0x80);
	CHECK_INT(name_find(&names_namespaces, "mount")->kernel, 0x20000);
	CHECK_INT(name_find(&names_namespaces, "network")->kernel, 0x40000000);
	CHECK_INT(name_find(&names_propagations, "rslave")->kernel, (1 << 19) | (1 << 14));
	CHECK_INT(name_find(&names_capabilities, "CAP_CHECKPOINT_RESTORE")->kernel, 40);
	CHECK_INT(name_find(&names_capabilities, "CAP_CHOWN")->value, 1);
	CHECK_INT(name_find(&names_rlimits, "RLIMIT_NOFILE")->kernel, 7);
	CHECK_INT(name_find(&names_scheduler_policies, "SCHED_ISO")->kernel, 4);
	CHECK_INT(name_find(&names_scheduler_policies, "SCHED_DEADLINE")->kernel, 6);
	CHECK_INT(name_find(&names_io_classes, "IOPRIO_CLASS_IDLE")->kernel, 3);
	CHECK_INT(name_find(&names_personalities, "LINUX32")->kernel, 8);
	CHECK_INT(name_find(&names_memory_modes, "MPOL_WEIGHTED_INTERLEAVE")->kernel, 6);
	CHECK_INT(name_find(&names_memory_flags, "MPOL_F_STATIC_NODES")->kernel, 1 << 15);
	CHECK_INT(name_find(&names_seccomp_flags, "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV")->kernel, 1 << 5);
}

TEST(capabilities_are_their_number_plus_one)
{
	for (size_t i = 0; i < names_capabilities.count; i++)
		CHECK_INT(names_capabilities.names[i].value, names_capabilities.names[i].kernel + 1);
	for (size_t i = 0; i < names_rlimits.count; i++)
		CHECK_INT(names_rlimits.names[i].value, names_rlimits.names[i].kernel + 1);
}

static void check_sorted(const struct name_table *table)
{
	for (size_t i = 1; i < table->count; i++)
		CHECK(strcmp(table->names[i - 1].text, table->names[i].text) < 0);
}

TEST(what_features_prints_is_sorted)
{
	check_sorted(&names_namespaces);
	check_sorted(&names_capabilities);
	check_sorted(&names_seccomp_actions);
	check_sorted(&names_seccomp_operators);
	check_sorted(&names_seccomp_archs);
	check_sorted(&names_memory_modes);
	check_sorted(&names_memory_flags);
}

TEST(the_first_of_equal_signals_is_canonical)
{
	CHECK_TEXT(name_text(&names_signals, SIGABRT), "SIGABRT");
	CHECK_TEXT(name_text(&names_signals, SIGCHLD), "SIGCHLD");
	CHECK_TEXT(name_text(&names_signals, SIGIO), "SIGIO");
	CHECK_TEXT(name_text(&names_signals, SIGSYS), "SIGSYS");
	for (int number = 1; number <= 31; number++)
		CHECK(name_text(&names_signals, number));
}

TEST(signals_are_read_in_every_spelling)
{
	CHECK_INT(signal_parse("TERM"), 15);
	CHECK_INT(signal_parse("SIGTERM"), 15);
	CHECK_INT(signal_parse("sigterm"), 15);
	CHECK_INT(signal_parse("SigKill"), 9);
	CHECK_INT(signal_parse("15"), 15);
	CHECK_INT(signal_parse("0"), 0);
	CHECK_INT(signal_parse("64"), 64);
	CHECK_INT(signal_parse("IOT"), 6);
	CHECK_INT(signal_parse("poll"), 29);
	CHECK_INT(signal_parse("RTMIN"), 34);
	CHECK_INT(signal_parse("SIGRTMIN+3"), 37);
	CHECK_INT(signal_parse("rtmin+30"), 64);
	CHECK_INT(signal_parse("RTMAX"), 64);
	CHECK_INT(signal_parse("SIGRTMAX-30"), 34);
}

TEST(what_is_no_signal_is_refused)
{
	static const char *const wrong[] = {
		"",       "SIG",        "65",      "-1",      "+9",       " 9",       "9 ",
		"TERMS",  "SIGSIGTERM", "RTMIN-1", "RTMAX+1", "RTMIN+31", "RTMAX-31", "RTMIN+",
		"RTMIN3", "RTMI",       "SIGRT",   "0x9",     "TER",
	};
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		if (signal_parse(wrong[i]) != -EINVAL)
			check_fail(__FILE__, __LINE__, "'%s' was taken for %d", wrong[i], signal_parse(wrong[i]));
	}
	CHECK_INT(signal_parse(NULL), -EINVAL);
}
