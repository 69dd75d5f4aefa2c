// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Unit tests of kernel/livepatch/redirect.c: the table from a traced address to
 * what replaces the function.
 *
 * These tables are never published, nothing here is redirected.
 */
#include <kunit/test.h>
#include <linux/hash.h>
#include <linux/mm.h>
#include "../../kernel/livepatch/internal.h"

/* Functions are aligned: real keys differ by multiples of this. */
#define FUNC_ALIGN	16UL
#define FIRST_IP	(ULONG_MAX - 0x7effffffUL)

KUNIT_DEFINE_ACTION_WRAPPER(free_memory, kvfree, const void *);

static struct klp_redirect_table *new_table(struct kunit *test, unsigned int nr)
{
	struct klp_redirect_table *table = klp_table_alloc(nr);

	KUNIT_ASSERT_NOT_NULL(test, table);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, free_memory, table));
	return table;
}

/* One entry for each of @nr functions that follow one another. */
static struct klp_redirect *new_redirects(struct kunit *test, unsigned int nr)
{
	struct klp_redirect *redirects = kvcalloc(nr, sizeof(*redirects), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, redirects);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, free_memory, redirects));
	for (i = 0; i < nr; i++)
		redirects[i].ip = FIRST_IP + i * FUNC_ALIGN;
	return redirects;
}

/* Give @nr entries addresses that all want the same place of @table. */
static void make_collide(struct klp_redirect *redirects, unsigned int nr,
			 const struct klp_redirect_table *table, unsigned int place)
{
	unsigned long ip = FIRST_IP;

	while (nr) {
		if (hash_long(ip, table->bits) == place) {
			redirects->ip = ip;
			redirects++;
			nr--;
		}
		ip += FUNC_ALIGN;
	}
}

/* Entries at the end of the table continue at its beginning. */
static void table_wrap_test(struct kunit *test)
{
	struct klp_redirect_table *table = new_table(test, 4);
	unsigned int last = (1U << table->bits) - 1, i;
	struct klp_redirect entry[4] = { };

	make_collide(entry, 4, table, last);
	for (i = 0; i < 3; i++)
		klp_table_insert(table, &entry[i]);

	KUNIT_EXPECT_PTR_EQ(test, table->slots[last], &entry[0]);
	KUNIT_EXPECT_PTR_EQ(test, table->slots[0], &entry[1]);
	KUNIT_EXPECT_PTR_EQ(test, table->slots[1], &entry[2]);

	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_PTR_EQ(test, klp_table_find(table, entry[i].ip), &entry[i]);
	KUNIT_EXPECT_NULL(test, klp_table_find(table, entry[3].ip));
}

/* An entry whose place is taken by one that belongs elsewhere. */
static void table_displaced_test(struct kunit *test)
{
	struct klp_redirect_table *table = new_table(test, 4);
	struct klp_redirect entry[4] = { };
	unsigned int i;

	make_collide(&entry[0], 2, table, 3);
	make_collide(&entry[2], 2, table, 4);
	for (i = 0; i < 3; i++)
		klp_table_insert(table, &entry[i]);

	KUNIT_EXPECT_PTR_EQ(test, table->slots[4], &entry[1]);
	KUNIT_EXPECT_PTR_EQ(test, table->slots[5], &entry[2]);

	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_PTR_EQ(test, klp_table_find(table, entry[i].ip), &entry[i]);
	KUNIT_EXPECT_NULL(test, klp_table_find(table, entry[3].ip));
}

/* Whichever entry of a chain leaves, those before and behind it are found. */
static void table_remove_test(struct kunit *test)
{
	unsigned int gone, i;

	for (gone = 0; gone < 3; gone++) {
		struct klp_redirect_table *table = new_table(test, 4);
		struct klp_redirect entry[3] = { };

		make_collide(entry, 3, table, 6);
		for (i = 0; i < 3; i++)
			klp_table_insert(table, &entry[i]);
		KUNIT_EXPECT_EQ(test, table->live, 3);

		klp_table_remove(table, &entry[gone]);
		KUNIT_EXPECT_EQ(test, table->live, 2);
		for (i = 0; i < 3; i++)
			KUNIT_EXPECT_PTR_EQ_MSG(test, klp_table_find(table, entry[i].ip),
						i == gone ? NULL : &entry[i],
						"entry %u without %u", i, gone);
	}
}

static void table_remove_all_test(struct kunit *test)
{
	struct klp_redirect_table *table = new_table(test, 4);
	struct klp_redirect entry[5] = { };
	unsigned int i;

	make_collide(entry, 5, table, 6);
	for (i = 0; i < 4; i++)
		klp_table_insert(table, &entry[i]);
	for (i = 4; i-- > 0; )
		klp_table_remove(table, &entry[i]);

	KUNIT_EXPECT_EQ(test, table->live, 0);
	for (i = 0; i < 5; i++)
		KUNIT_EXPECT_NULL(test, klp_table_find(table, entry[i].ip));

	/* The places are not free: a new entry goes behind them, four on from 6 of 8. */
	klp_table_insert(table, &entry[4]);
	KUNIT_EXPECT_PTR_EQ(test, table->slots[2], &entry[4]);
	KUNIT_EXPECT_EQ(test, table->live, 1);
	KUNIT_EXPECT_PTR_EQ(test, klp_table_find(table, entry[4].ip), &entry[4]);
}

/* An address that is in no entry, neither of an empty table nor of one where its place is taken. */
static void table_address_zero_test(struct kunit *test)
{
	struct klp_redirect_table *table = new_table(test, 4);
	struct klp_redirect entry[2] = { };
	unsigned int i;

	KUNIT_EXPECT_NULL(test, klp_table_find(table, 0));

	make_collide(entry, 2, table, hash_long(0UL, table->bits));
	for (i = 0; i < 2; i++)
		klp_table_insert(table, &entry[i]);
	KUNIT_EXPECT_NULL(test, klp_table_find(table, 0));
}

static const unsigned int table_sizes[] = { 0, 1, 2, 4, 5, 8, 9, 1000, 8192, 10000 };

static void describe_size(const unsigned int *nr, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%u entries", *nr);
}

KUNIT_ARRAY_PARAM(table_size, table_sizes, describe_size);

/* A table that holds all that it was made for: half of it is free, all are found. */
static void table_full_test(struct kunit *test)
{
	const unsigned int nr = *(const unsigned int *)test->param_value;
	struct klp_redirect_table *table = new_table(test, nr);
	struct klp_redirect *redirects = new_redirects(test, nr + 1);
	unsigned int i, left = 0;

	KUNIT_ASSERT_GE(test, 1U << table->bits, 2 * nr);
	KUNIT_ASSERT_EQ(test, table->live, 0);

	for (i = 0; i < nr; i++)
		klp_table_insert(table, &redirects[i]);
	KUNIT_EXPECT_EQ(test, table->live, nr);

	for (i = 0; i < nr; i++) {
		KUNIT_ASSERT_PTR_EQ(test, klp_table_find(table, redirects[i].ip), &redirects[i]);
		KUNIT_ASSERT_NULL(test, klp_table_find(table, redirects[i].ip + 1));
	}
	KUNIT_EXPECT_NULL(test, klp_table_find(table, redirects[nr].ip));

	for (i = 0; i < nr; i += 3)
		klp_table_remove(table, &redirects[i]);
	for (i = 0; i < nr; i++) {
		struct klp_redirect *want = i % 3 ? &redirects[i] : NULL;

		KUNIT_ASSERT_PTR_EQ(test, klp_table_find(table, redirects[i].ip), want);
		left += !!want;
	}
	KUNIT_EXPECT_EQ(test, table->live, left);
}

static struct kunit_case table_tests[] = {
	KUNIT_CASE(table_wrap_test),
	KUNIT_CASE(table_displaced_test),
	KUNIT_CASE(table_remove_test),
	KUNIT_CASE(table_remove_all_test),
	KUNIT_CASE(table_address_zero_test),
	KUNIT_CASE_PARAM(table_full_test, table_size_gen_params),
	{ }
};

static struct kunit_suite table_suite = {
	.name = "livepatch_table",
	.test_cases = table_tests,
};

kunit_test_suite(table_suite);
