// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Unit tests of kernel/livepatch/symbol.c: from names to addresses, sizes and
 * cold parts.
 *
 * The symbols are made up, of a module that is nothing but the bounds of its
 * text.
 */
#include <kunit/test.h>
#include <linux/module.h>
#include <linux/slab.h>
#include "../../kernel/livepatch/internal.h"

#define TEXT_START	0x10000UL
#define TEXT_SIZE	0x1000UL
#define TEXT_END	(TEXT_START + TEXT_SIZE)

/* Some address that no symbol has, to see that a failure leaves it alone. */
#define UNTOUCHED	0xdeadUL

static struct klp_symbols *new_symbols(struct kunit *test, unsigned int nr)
{
	struct klp_symbols *syms = kunit_kzalloc(test, sizeof(*syms), GFP_KERNEL);
	struct module *mod = kunit_kzalloc(test, sizeof(*mod), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, syms);
	KUNIT_ASSERT_NOT_NULL(test, mod);
	mod->mem[MOD_TEXT].base = (void *)TEXT_START;
	mod->mem[MOD_TEXT].size = TEXT_SIZE;

	syms->mod = mod;
	syms->nr = nr;
	syms->by_name = kunit_kcalloc(test, nr, sizeof(*syms->by_name), GFP_KERNEL);
	syms->by_addr = kunit_kcalloc(test, nr, sizeof(*syms->by_addr), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, syms->by_name);
	KUNIT_ASSERT_NOT_NULL(test, syms->by_addr);
	return syms;
}

static struct klp_symbols *sorted_symbols(struct kunit *test, const struct klp_symbol *table,
					  unsigned int nr)
{
	struct klp_symbols *syms = new_symbols(test, nr);

	memcpy(syms->by_name, table, nr * sizeof(*table));
	klp_symbols_sort(syms);
	return syms;
}

/* ---- names and positions ---- */

/* Homonyms, aliases, and names that begin like others; in no order. */
static const struct klp_symbol name_table[] = {
	{ .addr = 0x3000, .name = "twin",	.order = 6 },
	{ .addr = 0x1400, .name = "foobar",	.order = 2 },
	{ .addr = 0x9000, .name = "zebra",	.order = 8 },
	{ .addr = 0x1000, .name = "twin",	.order = 4 },
	{ .addr = 0x1000, .name = "foo",	.order = 3 },
	{ .addr = 0x0800, .name = "ant",	.order = 0 },
	{ .addr = 0x5000, .name = "twin",	.order = 1 },
	{ .addr = 0x1000, .name = "alias",	.order = 7 },
	{ .addr = 0x1800, .name = "foo.cold",	.order = 5 },
};

static void symbols_sort_test(struct kunit *test)
{
	static const unsigned int by_name[] = { 7, 0, 3, 5, 2, 1, 4, 6, 8 };
	static const unsigned int by_addr[] = { 0, 3, 4, 7, 2, 5, 6, 1, 8 };
	struct klp_symbols *syms = sorted_symbols(test, name_table, ARRAY_SIZE(name_table));
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(name_table); i++) {
		KUNIT_EXPECT_EQ_MSG(test, syms->by_name[i].order, by_name[i], "place %u", i);
		KUNIT_EXPECT_EQ_MSG(test, syms->by_addr[i].order, by_addr[i], "place %u", i);
	}
}

struct find_case {
	const char *name;
	unsigned long sympos;
	int err;
	unsigned long addr;
};

static const struct find_case find_cases[] = {
	{ "foo",	0,		0,		0x1000 },
	{ "foo",	1,		0,		0x1000 },
	{ "foo",	2,		-ERANGE },
	{ "foo",	ULONG_MAX,	-ERANGE },
	{ "foo.cold",	0,		0,		0x1800 },
	{ "foobar",	1,		0,		0x1400 },
	{ "alias",	0,		0,		0x1000 },
	{ "ant",	0,		0,		0x0800 },
	{ "zebra",	0,		0,		0x9000 },
	{ "zebra",	1,		0,		0x9000 },
	{ "zebra",	2,		-ERANGE },
	{ "twin",	0,		-ENOTUNIQ },
	{ "twin",	1,		0,		0x5000 },
	{ "twin",	2,		0,		0x1000 },
	{ "twin",	3,		0,		0x3000 },
	{ "twin",	4,		-ERANGE },
	{ "twin",	ULONG_MAX,	-ERANGE },
	{ "fo",		0,		-ENOENT },
	{ "foob",	0,		-ENOENT },
	{ "foobars",	1,		-ENOENT },
	{ "foo.",	0,		-ENOENT },
	{ "twins",	2,		-ENOENT },
	{ "aardvark",	0,		-ENOENT },
	{ "zoo",	0,		-ENOENT },
	{ "",		0,		-ENOENT },
};

static void describe_find(const struct find_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "\"%s\" at position %lu", c->name, c->sympos);
}

KUNIT_ARRAY_PARAM(find, find_cases, describe_find);

static void symbols_find_test(struct kunit *test)
{
	const struct find_case *c = test->param_value;
	struct klp_symbols *syms = sorted_symbols(test, name_table, ARRAY_SIZE(name_table));
	unsigned long addr = UNTOUCHED;

	KUNIT_EXPECT_EQ(test, klp_symbols_find(syms, c->name, c->sympos, &addr), c->err);
	KUNIT_EXPECT_EQ(test, addr, c->err ? UNTOUCHED : c->addr);
}

static void symbols_none_test(struct kunit *test)
{
	struct klp_symbols *syms = new_symbols(test, 0);
	unsigned long addr = UNTOUCHED;

	KUNIT_EXPECT_EQ(test, klp_symbols_find(syms, "foo", 0, &addr), -ENOENT);
	KUNIT_EXPECT_EQ(test, klp_symbols_find(syms, "foo", 1, &addr), -ENOENT);
	KUNIT_EXPECT_EQ(test, addr, UNTOUCHED);
}

/* The sort is not stable: only by their order are so many homonyms told apart. */
static void symbols_homonyms_test(struct kunit *test)
{
	static const char * const names[] = { "f", "f.0", "f.cold", "g", "ff" };
	const unsigned int each = 200, nr = each * ARRAY_SIZE(names);
	struct klp_symbols *syms = new_symbols(test, nr);
	unsigned int name, pos, i;
	unsigned long addr;

	/* 7 has no divisor in common with nr: every place is taken once. */
	for (i = 0; i < nr; i++)
		syms->by_name[i * 7 % nr] = (struct klp_symbol){
			.addr = TEXT_END - i, .name = names[i % ARRAY_SIZE(names)], .order = i,
		};
	klp_symbols_sort(syms);

	for (name = 0; name < ARRAY_SIZE(names); name++) {
		for (pos = 1; pos <= each; pos++) {
			i = (pos - 1) * ARRAY_SIZE(names) + name;
			KUNIT_ASSERT_EQ(test, klp_symbols_find(syms, names[name], pos, &addr), 0);
			KUNIT_ASSERT_EQ_MSG(test, addr, TEXT_END - i, "%s at position %u",
					    names[name], pos);
		}
		KUNIT_EXPECT_EQ(test, klp_symbols_find(syms, names[name], pos, &addr), -ERANGE);
		KUNIT_EXPECT_EQ(test, klp_symbols_find(syms, names[name], 0, &addr), -ENOTUNIQ);
	}
}

/* The same rules where kallsyms does the search. */
static void symbols_vmlinux_test(struct kunit *test)
{
	struct klp_symbols *syms = klp_symbols_open(NULL);
	unsigned long want = (unsigned long)klp_symbols_find, addr = 0;

	KUNIT_EXPECT_EQ(test, klp_symbols_find(syms, "klp_symbols_find", 0, &addr), 0);
	KUNIT_EXPECT_EQ(test, addr, want);
	addr = 0;
	KUNIT_EXPECT_EQ(test, klp_symbols_find(syms, "klp_symbols_find", 1, &addr), 0);
	KUNIT_EXPECT_EQ(test, addr, want);

	addr = UNTOUCHED;
	KUNIT_EXPECT_EQ(test, klp_symbols_find(syms, "klp_symbols_find", 2, &addr), -ERANGE);
	KUNIT_EXPECT_EQ(test, klp_symbols_find(syms, "klp_symbols_fin", 0, &addr), -ENOENT);
	KUNIT_EXPECT_EQ(test, klp_symbols_find(syms, "klp_symbols_fin", 1, &addr), -ENOENT);
	KUNIT_EXPECT_EQ(test, addr, UNTOUCHED);
	klp_symbols_close(syms);
}

/* ---- sizes and cold parts ---- */

/* Text from end to end, its last symbol followed by others only behind a gap. */
static const struct klp_symbol text_table[] = {
	{ .addr = 0x08000, .name = "absolute",		.order = 0 },
	{ .addr = 0x10000, .name = "foo",		.order = 1 },
	{ .addr = 0x10100, .name = "bar",		.order = 2 },
	{ .addr = 0x10180, .name = "bar",		.order = 3 },
	{ .addr = 0x10200, .name = "baz",		.order = 4 },
	{ .addr = 0x10200, .name = "qux",		.order = 5 },
	{ .addr = 0x10300, .name = "plain",		.order = 6 },
	{ .addr = 0x10400, .name = "outside",		.order = 7 },
	{ .addr = 0x10500, .name = "empty",		.order = 20 },
	{ .addr = 0x10600, .name = "edge",		.order = 21 },
	{ .addr = 0x10800, .name = "foo.cold",		.order = 8 },
	{ .addr = 0x10840, .name = "foo.cold.7",	.order = 9 },
	{ .addr = 0x10880, .name = "foo.coldish",	.order = 10 },
	{ .addr = 0x108c0, .name = "foo.cold.12.part",	.order = 11 },
	{ .addr = 0x10900, .name = "bar.cold",		.order = 12 },
	{ .addr = 0x10940, .name = "bar.cold",		.order = 13 },
	{ .addr = 0x10980, .name = "baz.cold",		.order = 14 },
	{ .addr = 0x10980, .name = "empty.cold",	.order = 22 },
	{ .addr = 0x109c0, .name = "qux.cold",		.order = 15 },
	{ .addr = 0x10a00, .name = "foobar.cold",	.order = 16 },
	{ .addr = 0x10f00, .name = "last.cold",		.order = 17 },
	{ .addr = 0x11000, .name = "edge.cold",		.order = 23 },
	{ .addr = 0x11800, .name = "rodata",		.order = 18 },
	{ .addr = 0x20000, .name = "outside.cold",	.order = 19 },
};

struct size_case {
	const char *desc;
	unsigned long addr;
	unsigned long size;
};

static const struct size_case size_cases[] = {
	{ "first of the text",		0x10000, 0x100 },
	{ "middle of a function",	0x10010, 0x0f0 },
	{ "last byte of a function",	0x100ff, 0x001 },
	{ "two names for one address",	0x10200, 0x100 },
	{ "last of the text",		0x10f00, 0x100 },
	{ "last byte of the text",	0x10fff, 0x001 },
	{ "byte before the text",	0x0ffff, 0 },
	{ "byte behind the text",	0x11000, 0 },
	{ "symbol before the text",	0x08000, 0 },
	{ "symbol behind the text",	0x20000, 0 },
	{ "address 0",			0, 0 },
	{ "last address",		ULONG_MAX, 0 },
};

KUNIT_ARRAY_PARAM_DESC(size, size_cases, desc);

static void symbols_size_test(struct kunit *test)
{
	const struct size_case *c = test->param_value;
	struct klp_symbols *syms = sorted_symbols(test, text_table, ARRAY_SIZE(text_table));

	KUNIT_EXPECT_EQ(test, klp_symbols_size(syms, c->addr), c->size);
}

/* No symbol follows the last one: it reaches to the end of the text. */
static void symbols_size_last_test(struct kunit *test)
{
	static const struct klp_symbol one = { .addr = TEXT_START + 0x10, .name = "foo" };
	struct klp_symbols *syms = sorted_symbols(test, &one, 1);

	KUNIT_EXPECT_EQ(test, klp_symbols_size(syms, one.addr), TEXT_SIZE - 0x10);
	KUNIT_EXPECT_EQ(test, klp_symbols_size(syms, TEXT_START), 0x10);
}

#define MAX_PARTS	2

/* Parts end before the first whose start is 0; all are 0x40 bytes long. */
struct cold_case {
	const char *desc;
	unsigned long addr;
	unsigned long parts[MAX_PARTS + 1];
};

static const struct cold_case cold_cases[] = {
	{ "with and without a number",		0x10000, { 0x10800, 0x10840 } },
	{ "first of two homonyms",		0x10100, { 0x10900, 0x10940 } },
	{ "second of two homonyms",		0x10180, { 0x10900, 0x10940 } },
	{ "aliases",				0x10200, { 0x10980, 0x109c0 } },
	{ "none",				0x10300 },
	{ "part outside the text",		0x10400 },
	{ "part of no bytes, at a function",	0x10500, { 0x10980 } },
	{ "part of no bytes, at the end",	0x10600 },
	{ "address without a symbol",		0x10001 },
	{ "address behind all symbols",		0x30000 },
};

KUNIT_ARRAY_PARAM_DESC(cold, cold_cases, desc);

static void symbols_cold_test(struct kunit *test)
{
	const struct cold_case *c = test->param_value;
	struct klp_symbols *syms = sorted_symbols(test, text_table, ARRAY_SIZE(text_table));
	struct klp_ranges *cold = (void *)UNTOUCHED;
	unsigned int nr, i, found;

	KUNIT_ASSERT_EQ(test, klp_symbols_cold(syms, c->addr, &cold), 0);
	KUNIT_ASSERT_PTR_NE(test, cold, (void *)UNTOUCHED);

	for (nr = 0; c->parts[nr]; nr++) {
		found = 0;
		for (i = 0; cold && i < cold->nr; i++)
			found += cold->range[i].start == c->parts[nr] &&
				 cold->range[i].end == c->parts[nr] + 0x40;
		KUNIT_EXPECT_EQ_MSG(test, found, 1, "part at %#lx", c->parts[nr]);
	}
	if (nr)
		KUNIT_EXPECT_EQ(test, cold ? cold->nr : 0, nr);
	else
		KUNIT_EXPECT_NULL(test, cold);
	kfree(cold);
}

/* With the suffix, the name is longer than any symbol's may be, and than the room for one. */
static void symbols_cold_long_name_test(struct kunit *test)
{
	char *name = kunit_kzalloc(test, KSYM_NAME_LEN, GFP_KERNEL);
	struct klp_symbol symbol = { .addr = TEXT_START, .name = name };
	struct klp_ranges *cold = (void *)UNTOUCHED;
	struct klp_symbols *syms;

	KUNIT_ASSERT_NOT_NULL(test, name);
	memset(name, 'f', KSYM_NAME_LEN - 1);
	syms = sorted_symbols(test, &symbol, 1);
	KUNIT_EXPECT_EQ(test, klp_symbols_cold(syms, TEXT_START, &cold), 0);
	KUNIT_EXPECT_NULL(test, cold);
}

/* A function of vmlinux with all the parts that it may have by the names of compilers. */
static noinline __used void split_function(void)
	__asm__("klp_kunit_split");
static noinline __used void split_cold(void)
	__asm__("klp_kunit_split.cold");
static noinline __used void split_alias_cold(void)
	__asm__("klp_kunit_split_alias.cold");
static noinline __used void split_numbered(void)
	__asm__("klp_kunit_split.cold.17");
static noinline __used void split_other(void)
	__asm__("klp_kunit_split.cold.17a");

/* The function has another name, by which the compiler may call a part. */
asm(".set klp_kunit_split_alias, klp_kunit_split");

static void split_cold(void)
{
	asm volatile("# cold");
}

static void split_alias_cold(void)
{
	asm volatile("# cold part by the other name");
}

static void split_numbered(void)
{
	asm volatile("# numbered");
}

static void split_other(void)
{
	asm volatile("# other");
}

/* Goes to its parts as functions do: objtool says of others that they are never reached. */
static void split_function(void)
{
	unsigned int part;

	asm volatile("# function" : "=r" (part));
	if (part == 1)
		split_cold();
	else if (part == 2)
		split_alias_cold();
	else if (part == 3)
		split_numbered();
	else if (part == 4)
		split_other();
}

static int vmlinux_cold(void *func, struct klp_ranges **cold)
{
	struct klp_symbols *syms = klp_symbols_open(NULL);
	int err;

	mutex_lock(&klp_mutex);
	err = klp_symbols_cold(syms, (unsigned long)dereference_function_descriptor(func), cold);
	mutex_unlock(&klp_mutex);
	klp_symbols_close(syms);
	return err;
}

static void symbols_cold_vmlinux_test(struct kunit *test)
{
	void * const parts[] = { split_cold, split_numbered, split_alias_cold };
	struct klp_ranges *cold = (void *)UNTOUCHED;
	unsigned int i, j;

	KUNIT_ASSERT_EQ(test, vmlinux_cold(split_other, &cold), 0);
	KUNIT_ASSERT_NULL(test, cold);

	KUNIT_ASSERT_EQ(test, vmlinux_cold(split_function, &cold), 0);
	KUNIT_ASSERT_NOT_NULL(test, cold);
	KUNIT_ASSERT_EQ(test, cold->nr, ARRAY_SIZE(parts));
	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		for (j = 0; j < cold->nr; j++)
			if (cold->range[j].start == (unsigned long)parts[i])
				break;
		KUNIT_ASSERT_LT(test, j, cold->nr);
		KUNIT_EXPECT_GT(test, cold->range[j].end, cold->range[j].start);
	}
	kfree(cold);
}

/* Data is in the tables of kallsyms, too; and while this runs, so is what is freed after. */
static void symbols_size_vmlinux_test(struct kunit *test)
{
	struct klp_symbols *syms = klp_symbols_open(NULL);

	KUNIT_EXPECT_GT(test, klp_symbols_size(syms, (unsigned long)split_function), 0UL);
	KUNIT_EXPECT_EQ(test, klp_symbols_size(syms, (unsigned long)&klp_mutex), 0UL);
	KUNIT_EXPECT_EQ(test, klp_symbols_size(syms, (unsigned long)_sinittext), 0UL);
	klp_symbols_close(syms);
}

struct part_case {
	const char *symbol;
	const char *func;
	bool is_part;
};

static const struct part_case part_cases[] = {
	{ "foo.cold",			"foo",			true },
	{ "foo.cold.0",			"foo",			true },
	{ "foo.cold.3",			"foo",			true },
	{ "foo.cold.1234567890123",	"foo",			true },
	{ "foo.isra.0.cold",		"foo.isra.0",		true },
	{ "foo.constprop.0.cold.5",	"foo.constprop.0",	true },
	{ "foo.cold.cold",		"foo.cold",		true },
	{ "foo.isra.0.cold",		"foo",			false },
	{ "foo.part.0.cold.3",		"foo",			false },
	{ "foo.cold",			"foo.isra.0",		false },
	{ "foo.cold.cold",		"foo",			false },
	{ "foobar.cold",		"foo",			false },
	{ "foo.cold",			"foobar",		false },
	{ "my_foo.cold",		"foo",			false },
	{ "foo",			"foo",			false },
	{ "foo.",			"foo",			false },
	{ "foo.col",			"foo",			false },
	{ "foo.cold.",			"foo",			false },
	{ "foo.coldish",		"foo",			false },
	{ "foo.cold3",			"foo",			false },
	{ "foo.cold..3",		"foo",			false },
	{ "foo.cold.3.",		"foo",			false },
	{ "foo.cold.3.4",		"foo",			false },
	{ "foo.cold.3a",		"foo",			false },
	{ "foo.cold.a3",		"foo",			false },
	{ "foo.cold.-3",		"foo",			false },
	{ "foo.cold 3",			"foo",			false },
	{ "foo_cold",			"foo",			false },
	{ "FOO.cold",			"foo",			false },
	{ "foo.COLD",			"foo",			false },
	{ "fo",				"foo",			false },
	{ "",				"foo",			false },
};

static void describe_part(const struct part_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "\"%s\" of \"%s\"", c->symbol, c->func);
}

KUNIT_ARRAY_PARAM(part, part_cases, describe_part);

static void symbol_is_cold_part_test(struct kunit *test)
{
	const struct part_case *c = test->param_value;

	KUNIT_EXPECT_EQ(test, klp_symbol_is_cold_part(c->symbol, c->func), c->is_part);
}

static struct kunit_case symbol_tests[] = {
	KUNIT_CASE(symbols_sort_test),
	KUNIT_CASE_PARAM(symbols_find_test, find_gen_params),
	KUNIT_CASE(symbols_none_test),
	KUNIT_CASE(symbols_homonyms_test),
	KUNIT_CASE(symbols_vmlinux_test),
	KUNIT_CASE_PARAM(symbols_size_test, size_gen_params),
	KUNIT_CASE(symbols_size_last_test),
	KUNIT_CASE_PARAM(symbols_cold_test, cold_gen_params),
	KUNIT_CASE(symbols_cold_long_name_test),
	KUNIT_CASE(symbols_cold_vmlinux_test),
	KUNIT_CASE(symbols_size_vmlinux_test),
	KUNIT_CASE_PARAM(symbol_is_cold_part_test, part_gen_params),
	{ }
};

static struct kunit_suite symbol_suite = {
	.name = "livepatch_symbols",
	.test_cases = symbol_tests,
};

kunit_test_suite(symbol_suite);
