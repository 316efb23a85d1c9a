/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pairing test: for every combination of predicates, both sides of a table are walked as two processes would, DO rows skipped, and each
 * SEND must meet the EXPECT of the same message on the other side. A table that could hang fails here, without a container.
 */
#include "libsandbox/steps/step.h"

#include "conformance/unit/check.h"
#include "libbase/cleanup.h"
#include "libbase/trace.h"

#define PREDICATES_MAX 16

typedef bool (*predicate)(const struct plan *plan);

/* The distinct predicates of the table's message rows: only those decide the dialogue. */
static size_t predicates_collect(const struct step_table *table, predicate *to)
{
	size_t count = 0;

	for (size_t i = 0; i < table->count; i++) {
		size_t at = 0;

		if (table->steps[i].kind == STEP_DO)
			continue;
		while (at < count && to[at] != table->steps[i].when)
			at++;
		if (at < count)
			continue;
		CHECK(count < PREDICATES_MAX);
		to[count++] = table->steps[i].when;
	}
	return count;
}

static bool row_wanted(const struct step *step, const predicate *predicates, size_t count, unsigned int truth)
{
	for (size_t i = 0; i < count; i++) {
		if (predicates[i] == step->when)
			return truth & (1U << i);
	}
	return false;
}

/* The next message row of one side from `at` on, or the table's end. */
static size_t side_next(const struct step_table *table, int side, size_t at, const predicate *predicates, size_t count,
			unsigned int truth)
{
	for (; at < table->count; at++) {
		const struct step *step = &table->steps[at];

		if (step->side == side && step->kind != STEP_DO && row_wanted(step, predicates, count, truth))
			break;
	}
	return at;
}

/* Walks both sides of a table; false when a SEND does not meet its EXPECT. */
static bool table_pairs(const struct step_table *table, const predicate *predicates, size_t count, unsigned int truth)
{
	size_t host = 0, init = 0;

	for (;;) {
		const struct step *host_row, *init_row;

		host = side_next(table, STEP_HOST, host, predicates, count, truth);
		init = side_next(table, STEP_INIT, init, predicates, count, truth);
		if (host == table->count || init == table->count)
			return host == table->count && init == table->count;
		host_row = &table->steps[host];
		init_row = &table->steps[init];
		if (host_row->kind == init_row->kind || host_row->message != init_row->message)
			return false;
		host++;
		init++;
	}
}

static void table_check(const struct step_table *table)
{
	predicate predicates[PREDICATES_MAX];
	size_t count = predicates_collect(table, predicates);

	for (unsigned int truth = 0; truth < 1U << count; truth++)
		CHECK(table_pairs(table, predicates, count, truth));
}

TEST(create_messages_pair_in_every_combination)
{
	table_check(&steps_create);
}

TEST(start_messages_pair_in_every_combination)
{
	table_check(&steps_start);
}

TEST(exec_messages_pair_in_every_combination)
{
	table_check(&steps_exec);
}

static bool maybe(const struct plan *plan)
{
	return plan;
}

static bool perhaps(const struct plan *plan)
{
	return !plan;
}

TEST(a_pair_with_different_predicates_is_found)
{
	static const struct step rows[] = {
		{ "a", STEP_HOST, STEP_SEND, MESSAGE_GO, maybe, "", NULL, NULL },
		{ "a", STEP_INIT, STEP_EXPECT, MESSAGE_GO, perhaps, "", NULL, NULL },
	};
	const struct step_table table = { "broken", rows, ARRAY_SIZE(rows) };
	predicate predicates[PREDICATES_MAX];
	size_t count = predicates_collect(&table, predicates);

	CHECK_INT(count, 2);
	CHECK(table_pairs(&table, predicates, count, 3));
	CHECK(!table_pairs(&table, predicates, count, 1));
}

TEST(two_senders_are_found)
{
	static const struct step rows[] = {
		{ "a", STEP_HOST, STEP_SEND, MESSAGE_GO, maybe, "", NULL, NULL },
		{ "a", STEP_INIT, STEP_SEND, MESSAGE_GO, maybe, "", NULL, NULL },
	};
	const struct step_table table = { "broken", rows, ARRAY_SIZE(rows) };
	predicate predicates[PREDICATES_MAX];
	size_t count = predicates_collect(&table, predicates);

	CHECK(!table_pairs(&table, predicates, count, 1));
}

/* A name stands for one thing: once per side, and shared by the two sides only for a message. */
/* What is longer is refused by the engine, whatever the plan. */
TEST(tables_fit_into_the_trace)
{
	CHECK(steps_create.count <= TRACE_STEPS_MAX);
	CHECK(steps_start.count <= TRACE_STEPS_MAX);
	CHECK(steps_exec.count <= TRACE_STEPS_MAX);
}

/* What the host side takes for execve's stamp is no other row's. */
TEST(the_program_is_a_row_of_its_own)
{
	const struct step_table *tables[] = { &steps_create, &steps_exec };

	CHECK_TEXT(steps_start.steps[STEP_PROGRAM].name, "program");
	CHECK_INT(steps_start.count, STEP_PROGRAM + 1);
	for (size_t t = 0; t < ARRAY_SIZE(tables); t++)
		CHECK_INT(tables[t]->steps[STEP_PROGRAM].side, STEP_HOST);
}

TEST(names_are_unique)
{
	const struct step_table *tables[] = { &steps_create, &steps_start, &steps_exec };

	for (size_t t = 0; t < ARRAY_SIZE(tables); t++) {
		for (size_t i = 0; i < tables[t]->count; i++) {
			for (size_t j = i + 1; j < tables[t]->count; j++) {
				const struct step *a = &tables[t]->steps[i], *b = &tables[t]->steps[j];

				if (strcmp(a->name, b->name) == 0)
					CHECK(a->side != b->side && a->message != MESSAGE_NONE &&
					      a->message == b->message);
			}
		}
	}
}

TEST(every_message_has_a_name)
{
	for (int message = MESSAGE_ERROR; message <= MESSAGE_NETWORK; message++)
		CHECK(strcmp(message_name((enum message)message), "unknown") != 0);
	CHECK_TEXT(message_name((enum message)99), "unknown");
}
