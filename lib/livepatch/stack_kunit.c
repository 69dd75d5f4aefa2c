// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Unit tests of kernel/livepatch/stack.c: the index of ranges that a task must
 * not be in.
 *
 * What a look-up has to find is written down, or marked in a bitmap, and never
 * worked out by sorting or searching as the index does.
 */
#include <kunit/test.h>
#include <linux/bitmap.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/prandom.h>
#include "../../kernel/livepatch/internal.h"

#define MAX_SPANS	5

/* A kernel address in the upper half, where a signed comparison goes wrong. */
#define TEXT		(ULONG_MAX - 0x7effffffUL)

struct span {
	unsigned long start;
	unsigned long end;
};

/* A list of spans ends before the first whose end is 0. */
struct index_case {
	const char *desc;
	struct span added[MAX_SPANS + 1];
	struct span sealed[MAX_SPANS + 1];
};

static const struct index_case index_cases[] = {
	{
		.desc = "no range",
	}, {
		.desc = "one range",
		.added = { { 0x1000, 0x1100 } },
		.sealed = { { 0x1000, 0x1100 } },
	}, {
		.desc = "one byte",
		.added = { { 0x1000, 0x1001 } },
		.sealed = { { 0x1000, 0x1001 } },
	}, {
		.desc = "adjacent ranges stay apart",
		.added = { { 0x1000, 0x1100 }, { 0x1100, 0x1200 } },
		.sealed = { { 0x1000, 0x1100 }, { 0x1100, 0x1200 } },
	}, {
		.desc = "a gap of one byte",
		.added = { { 0x1000, 0x1100 }, { 0x1101, 0x1200 } },
		.sealed = { { 0x1000, 0x1100 }, { 0x1101, 0x1200 } },
	}, {
		.desc = "overlap of one byte",
		.added = { { 0x1000, 0x1101 }, { 0x1100, 0x1200 } },
		.sealed = { { 0x1000, 0x1200 } },
	}, {
		.desc = "chain of overlaps",
		.added = { { 0x1000, 0x1200 }, { 0x1100, 0x1300 }, { 0x1200, 0x1400 } },
		.sealed = { { 0x1000, 0x1400 } },
	}, {
		.desc = "nested",
		.added = { { 0x1000, 0x2000 }, { 0x1100, 0x1200 } },
		.sealed = { { 0x1000, 0x2000 } },
	}, {
		.desc = "nested, then beyond the inner one only",
		.added = { { 0x1000, 0x2000 }, { 0x1100, 0x1200 }, { 0x1300, 0x1400 } },
		.sealed = { { 0x1000, 0x2000 } },
	}, {
		.desc = "nested, then across the end of the outer one",
		.added = { { 0x1000, 0x2000 }, { 0x1100, 0x1200 }, { 0x1f00, 0x2100 } },
		.sealed = { { 0x1000, 0x2100 } },
	}, {
		.desc = "nested, then behind the outer one",
		.added = { { 0x1000, 0x2000 }, { 0x1100, 0x1200 }, { 0x2000, 0x2100 } },
		.sealed = { { 0x1000, 0x2000 }, { 0x2000, 0x2100 } },
	}, {
		.desc = "same start, shorter first",
		.added = { { 0x1000, 0x1100 }, { 0x1000, 0x1200 } },
		.sealed = { { 0x1000, 0x1200 } },
	}, {
		.desc = "same start, longer first",
		.added = { { 0x1000, 0x1200 }, { 0x1000, 0x1100 } },
		.sealed = { { 0x1000, 0x1200 } },
	}, {
		.desc = "same end",
		.added = { { 0x1000, 0x1200 }, { 0x1100, 0x1200 } },
		.sealed = { { 0x1000, 0x1200 } },
	}, {
		.desc = "duplicates",
		.added = { { 0x1000, 0x1100 }, { 0x1000, 0x1100 }, { 0x1000, 0x1100 } },
		.sealed = { { 0x1000, 0x1100 } },
	}, {
		.desc = "unsorted",
		.added = {
			{ 0x3000, 0x3100 }, { 0x1000, 0x1100 }, { 0x5000, 0x5100 },
			{ 0x2000, 0x2100 }, { 0x4000, 0x4100 },
		},
		.sealed = {
			{ 0x1000, 0x1100 }, { 0x2000, 0x2100 }, { 0x3000, 0x3100 },
			{ 0x4000, 0x4100 }, { 0x5000, 0x5100 },
		},
	}, {
		.desc = "unsorted overlaps and duplicates",
		.added = {
			{ 0x3000, 0x3100 }, { 0x1080, 0x1100 }, { 0x3000, 0x3100 },
			{ 0x1000, 0x1081 }, { 0x2000, 0x2100 },
		},
		.sealed = { { 0x1000, 0x1100 }, { 0x2000, 0x2100 }, { 0x3000, 0x3100 } },
	}, {
		.desc = "from address 0",
		.added = { { 0, 0x10 }, { 0x20, 0x30 } },
		.sealed = { { 0, 0x10 }, { 0x20, 0x30 } },
	}, {
		.desc = "up to the last address",
		.added = { { ULONG_MAX - 0x10, ULONG_MAX }, { 0x1000, 0x1100 } },
		.sealed = { { 0x1000, 0x1100 }, { ULONG_MAX - 0x10, ULONG_MAX } },
	}, {
		.desc = "all addresses but the last",
		.added = { { 0x1000, 0x1100 }, { 0, ULONG_MAX } },
		.sealed = { { 0, ULONG_MAX } },
	}, {
		.desc = "lower and upper half",
		.added = {
			{ TEXT, TEXT + 0x100 }, { 0x1000, 0x1100 }, { LONG_MAX, LONG_MAX + 2UL },
		},
		.sealed = {
			{ 0x1000, 0x1100 }, { LONG_MAX, LONG_MAX + 2UL }, { TEXT, TEXT + 0x100 },
		},
	}, {
		.desc = "starts that are equal in the lower half of their bits",
		.added = {
			{ TEXT, TEXT + 0x100 },
			{ (u32)TEXT, (u32)TEXT + 0x100UL },
		},
		.sealed = {
			{ (u32)TEXT, (u32)TEXT + 0x100UL },
			{ TEXT, TEXT + 0x100 },
		},
	}, {
		.desc = "empty ranges",
		.added = { { 0x1000, 0x1000 }, { ULONG_MAX, ULONG_MAX } },
	}, {
		.desc = "ranges that end before they start",
		.added = { { 0x1001, 0x1000 }, { ULONG_MAX, 1 } },
	}, {
		.desc = "empty ranges among others",
		.added = {
			{ 0x1080, 0x1080 }, { 0x1000, 0x1100 }, { 0x1100, 0x1100 },
			{ 0x2100, 0x2000 }, { 0x3000, 0x3100 },
		},
		.sealed = { { 0x1000, 0x1100 }, { 0x3000, 0x3100 } },
	},
};

KUNIT_ARRAY_PARAM_DESC(index, index_cases, desc);

KUNIT_DEFINE_ACTION_WRAPPER(free_index, kvfree, const void *);

static struct klp_stack_index *new_index_of(struct kunit *test, unsigned int max, bool texts)
{
	struct klp_stack_index *index = klp_index_alloc(max, texts);

	KUNIT_ASSERT_NOT_NULL(test, index);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, free_index, index));
	return index;
}

static struct klp_stack_index *new_index(struct kunit *test, unsigned int max)
{
	return new_index_of(test, max, false);
}

static const struct span *span_of(const struct span *span, unsigned long addr)
{
	for (; span->end; span++)
		if (addr >= span->start && addr < span->end)
			return span;
	return NULL;
}

static void check_find(struct kunit *test, const struct index_case *c,
		       const struct klp_stack_index *index, unsigned long addr)
{
	KUNIT_EXPECT_EQ_MSG(test, klp_index_has(index, addr), !!span_of(c->sealed, addr),
			    "address %#lx", addr);
}

static void index_ranges_test(struct kunit *test)
{
	const struct index_case *c = test->param_value;
	struct klp_stack_index *index = new_index(test, MAX_SPANS);
	const struct span *span;
	unsigned int nr = 0;

	for (span = c->added; span->end; span++)
		klp_index_add(index, span->start, span->end);
	klp_index_seal(index);

	for (span = c->sealed; span->end; span++, nr++) {
		KUNIT_ASSERT_LT(test, nr, index->nr);
		KUNIT_EXPECT_EQ(test, index->ranges[nr].start, span->start);
		KUNIT_EXPECT_EQ(test, index->ranges[nr].end, span->end);
	}
	KUNIT_ASSERT_EQ(test, index->nr, nr);

	check_find(test, c, index, 0);
	check_find(test, c, index, LONG_MAX);
	check_find(test, c, index, ULONG_MAX);
	for (span = c->added; span->end; span++) {
		check_find(test, c, index, span->start - 1);
		check_find(test, c, index, span->start);
		check_find(test, c, index, span->end - 1);
		check_find(test, c, index, span->end);
	}
}

/* One who counts the room that is needed leaves empty ranges out, too. */
static void index_full_test(struct kunit *test)
{
	struct klp_stack_index *index = new_index(test, 2);

	klp_index_add(index, 0x1000, 0x1100);
	klp_index_add(index, 0x2000, 0x2100);
	klp_index_add(index, 0x3000, 0x3000);
	klp_index_seal(index);

	KUNIT_EXPECT_EQ(test, index->nr, 2);
	KUNIT_EXPECT_TRUE(test, klp_index_has(index, 0x20ff));
	KUNIT_EXPECT_FALSE(test, klp_index_has(index, 0x3000));
}

static void index_without_room_test(struct kunit *test)
{
	struct klp_stack_index *index = new_index(test, 0);

	klp_index_add(index, 0x1000, 0x1000);
	klp_index_seal(index);

	KUNIT_EXPECT_EQ(test, index->nr, 0);
	KUNIT_EXPECT_FALSE(test, klp_index_has(index, 0x1000));
}

/*
 * Thousands of ranges so close together that many overlap, nest or touch, and
 * about half of the addresses are in none.  Each address is asked for.
 */
static void index_random_test(struct kunit *test)
{
	const unsigned int nr_ranges = 10000, max_len = 16;
	const unsigned long nr_addrs = 1UL << 17;
	const unsigned long first = ULONG_MAX - nr_addrs;
	struct klp_stack_index *index = new_index(test, nr_ranges);
	unsigned long *covered, i;
	struct rnd_state rnd;

	covered = kunit_kcalloc(test, BITS_TO_LONGS(nr_addrs), sizeof(*covered), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, covered);

	prandom_seed_state(&rnd, 612);
	for (i = 0; i < nr_ranges; i++) {
		unsigned int offset = prandom_u32_state(&rnd) % (nr_addrs - max_len);
		unsigned int len = prandom_u32_state(&rnd) % (max_len + 1);

		bitmap_set(covered, offset, len);
		klp_index_add(index, first + offset, first + offset + len);
	}
	klp_index_seal(index);

	for (i = 1; i < index->nr; i++)
		KUNIT_ASSERT_LE(test, index->ranges[i - 1].end, index->ranges[i].start);

	for (i = 0; i < nr_addrs; i++)
		KUNIT_ASSERT_EQ_MSG(test, klp_index_has(index, first + i),
				    test_bit(i, covered), "address %lu", i);
}

/* A livepatch is found as a whole, and what is left of it also apart from that. */
static void index_texts_test(struct kunit *test)
{
	struct klp_stack_index *index = new_index_of(test, 3, true);
	struct module *mod = kunit_kzalloc(test, sizeof(*mod), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, mod);
	klp_index_add_text(index, mod);
	mod->mem[MOD_TEXT].base = (void *)TEXT;
	mod->mem[MOD_TEXT].size = 0x2000;

	klp_index_add(index, TEXT + 0x100, TEXT + 0x200);
	klp_index_add_text(index, mod);
	klp_index_add(index, TEXT - 0x200, TEXT - 0x100);
	klp_index_seal(index);

	KUNIT_EXPECT_EQ(test, index->nr, 2);
	KUNIT_EXPECT_EQ(test, index->nr_parts, 2);
	KUNIT_EXPECT_EQ(test, index->nr_texts, 1);
	KUNIT_EXPECT_FALSE(test, klp_index_has(index, TEXT - 1));
	KUNIT_EXPECT_TRUE(test, klp_index_has(index, TEXT));
	KUNIT_EXPECT_TRUE(test, klp_index_has(index, TEXT + 0x1fff));
	KUNIT_EXPECT_FALSE(test, klp_index_has(index, TEXT + 0x2000));
}

static struct kunit_case index_tests[] = {
	KUNIT_CASE_PARAM(index_ranges_test, index_gen_params),
	KUNIT_CASE(index_full_test),
	KUNIT_CASE(index_without_room_test),
	KUNIT_CASE(index_random_test),
	KUNIT_CASE(index_texts_test),
	{ }
};

static struct kunit_suite index_suite = {
	.name = "livepatch_index",
	.test_cases = index_tests,
};

kunit_test_suite(index_suite);
