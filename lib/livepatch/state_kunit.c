// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Unit tests of kernel/livepatch/state.c: which states a patch has, and which
 * patch may follow which.
 */
#include <kunit/test.h>
#include <linux/limits.h>
#include "../../kernel/livepatch/internal.h"

/* The last entry ends the list, though it has a version. */
static struct klp_state states[] = {
	{ .id = 7, .version = 3 },
	{ .id = 1, .version = 0 },
	{ .id = ULONG_MAX, .version = UINT_MAX },
	{ .id = 0, .version = 9 },
	{ .id = 5, .version = 9 },
};

static struct klp_state no_states[] = {
	{ .id = 0 },
	{ .id = 7, .version = 3 },
};

/* May a patch with @states follow one that has state @id in @version? */
struct covers_case {
	const char *desc;
	const struct klp_state *states;
	bool replace;
	unsigned long id;
	unsigned int version;
	bool covers;
};

static const struct covers_case covers_cases[] = {
	{ "same version",		states, false,	7, 3, true },
	{ "same version, replace",	states, true,	7, 3, true },
	{ "older",			states, false,	7, 2, true },
	{ "older, replace",		states, true,	7, 2, true },
	{ "newer",			states, false,	7, 4, false },
	{ "newer, replace",		states, true,	7, 4, false },
	{ "version 0",			states, true,	1, 0, true },
	{ "newer than version 0",	states, true,	1, 1, false },
	{ "largest version",		states, true,	ULONG_MAX, UINT_MAX, true },
	{ "0 before largest version",	states, true,	ULONG_MAX, 0, true },
	{ "largest after version 3",	states, true,	7, UINT_MAX, false },
	{ "unknown",			states, false,	2, 1, true },
	{ "unknown, replace",		states, true,	2, 1, false },
	{ "other in upper half, replace", states, true,	7 + (1UL << 32), 1, false },
	{ "behind the end",		states, false,	5, 10, true },
	{ "behind the end, replace",	states, true,	5, 1, false },
	{ "no states",			no_states, false, 7, 9, true },
	{ "no states, replace",		no_states, true, 7, 1, false },
	{ "no list",			NULL, false,	7, 9, true },
	{ "no list, replace",		NULL, true,	7, 0, false },
};

KUNIT_ARRAY_PARAM_DESC(covers, covers_cases, desc);

static void state_covers_test(struct kunit *test)
{
	const struct covers_case *c = test->param_value;
	const struct klp_state old = { .id = c->id, .version = c->version };

	KUNIT_EXPECT_EQ(test, klp_state_covers(c->states, c->replace, &old), c->covers);
}

static void state_get_test(struct kunit *test)
{
	struct klp_patch patch = { .states = states };

	KUNIT_EXPECT_PTR_EQ(test, klp_get_state(&patch, 7), &states[0]);
	KUNIT_EXPECT_PTR_EQ(test, klp_get_state(&patch, 1), &states[1]);
	KUNIT_EXPECT_PTR_EQ(test, klp_get_state(&patch, ULONG_MAX), &states[2]);
	KUNIT_EXPECT_NULL(test, klp_get_state(&patch, 2));
	KUNIT_EXPECT_NULL(test, klp_get_state(&patch, 7 + (1UL << 32)));
	KUNIT_EXPECT_NULL(test, klp_get_state(&patch, 5));
	KUNIT_EXPECT_NULL(test, klp_get_state(&patch, 0));

	patch.states = no_states;
	KUNIT_EXPECT_NULL(test, klp_get_state(&patch, 7));

	patch.states = NULL;
	KUNIT_EXPECT_NULL(test, klp_get_state(&patch, 7));
	KUNIT_EXPECT_NULL(test, klp_get_state(&patch, 0));
}

static struct kunit_case state_tests[] = {
	KUNIT_CASE_PARAM(state_covers_test, covers_gen_params),
	KUNIT_CASE(state_get_test),
	{ }
};

static struct kunit_suite state_suite = {
	.name = "livepatch_states",
	.test_cases = state_tests,
};

kunit_test_suite(state_suite);
