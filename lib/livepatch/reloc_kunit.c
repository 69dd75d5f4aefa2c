// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Unit tests of kernel/livepatch/reloc.c: the names of relocation sections and
 * of symbols are taken apart as Documentation/livepatch/module-elf-format.rst
 * says, and nothing else is taken for one.
 */
#include <kunit/test.h>
#include <linux/limits.h>
#include "../../kernel/livepatch/internal.h"

#define CANARY	0x5a

struct section_case {
	const char *name;
	int err;
	const char *object;
};

static const struct section_case section_cases[] = {
	{ ".klp.rela.vmlinux..text",		0,	"vmlinux" },
	{ ".klp.rela.ext4..text.ext4_fn",	0,	"ext4" },
	{ ".klp.rela.nf_nat..data",		0,	"nf_nat" },
	{ ".klp.rela.m.x",			0,	"m" },
	{ ".klp.rela.ext4..",			0,	"ext4" },
	{ ".klp.rela.ext4..klp.rela.x..y",	0,	"ext4" },
	{ ".klp.rela.ext4",			-EINVAL },
	{ ".klp.rela.ext4.",			-EINVAL },
	{ ".klp.rela..text",			-EINVAL },
	{ ".klp.rela..",			-EINVAL },
	{ ".klp.rela.",				-EINVAL },
	{ ".klp.rela",				-EINVAL },
	{ ".klp.relaext4..text",		-EINVAL },
	{ "klp.rela.ext4..text",		-EINVAL },
	{ " .klp.rela.ext4..text",		-EINVAL },
	{ ".KLP.rela.ext4..text",		-EINVAL },
	{ ".klp.sym.ext4.name,0",		-EINVAL },
	{ ".klp.arch.ext4..altinstructions",	-EINVAL },
	{ ".rela.text",				-EINVAL },
	{ ".rela.klp.rela.ext4..text",		-EINVAL },
	{ "",					-EINVAL },
};

static void describe_section(const struct section_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "\"%s\"", c->name);
}

KUNIT_ARRAY_PARAM(section, section_cases, describe_section);

static void parse_section_test(struct kunit *test)
{
	const struct section_case *c = test->param_value;
	char object[MODULE_NAME_LEN] = "";

	KUNIT_ASSERT_EQ(test, klp_parse_reloc_section(c->name, object), c->err);
	if (!c->err)
		KUNIT_EXPECT_STREQ(test, object, c->object);
}

/* Room for what is parsed, and a sign of somebody writing beyond it. */
struct parsed_section {
	char object[MODULE_NAME_LEN];
	char canary;
};

/* @prefix, @len times @fill, @suffix; lives as long as the test. */
static char *long_name(struct kunit *test, const char *prefix, char fill, size_t len,
		       const char *suffix)
{
	size_t start = strlen(prefix), end = strlen(suffix) + 1;
	char *name = kunit_kmalloc(test, start + len + end, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, name);
	memcpy(name, prefix, start);
	memset(name + start, fill, len);
	memcpy(name + start + len, suffix, end);
	return name;
}

static void parse_section_length_test(struct kunit *test)
{
	struct parsed_section parsed = { .canary = CANARY };
	char *name;

	/* The longest name that a module can have. */
	name = long_name(test, ".klp.rela.", 'm', MODULE_NAME_LEN - 1, "..text");
	KUNIT_ASSERT_EQ(test, klp_parse_reloc_section(name, parsed.object), 0);
	KUNIT_EXPECT_EQ(test, strnlen(parsed.object, MODULE_NAME_LEN), MODULE_NAME_LEN - 1);
	KUNIT_EXPECT_PTR_EQ(test, memchr_inv(parsed.object, 'm', MODULE_NAME_LEN - 1), NULL);
	KUNIT_EXPECT_EQ(test, parsed.canary, CANARY);

	name = long_name(test, ".klp.rela.", 'm', MODULE_NAME_LEN, "..text");
	KUNIT_EXPECT_EQ(test, klp_parse_reloc_section(name, parsed.object), -EINVAL);
	name = long_name(test, ".klp.rela.", 'm', 100 * MODULE_NAME_LEN, "..text");
	KUNIT_EXPECT_EQ(test, klp_parse_reloc_section(name, parsed.object), -EINVAL);
	KUNIT_EXPECT_EQ(test, parsed.canary, CANARY);

	/* The section that is relocated may be called anything. */
	name = long_name(test, ".klp.rela.ext4..text.", 's', 100 * MODULE_NAME_LEN, "");
	KUNIT_EXPECT_EQ(test, klp_parse_reloc_section(name, parsed.object), 0);
	KUNIT_EXPECT_STREQ(test, parsed.object, "ext4");
}

struct symbol_case {
	const char *symbol;
	int err;
	const char *object;
	const char *name;
	unsigned long sympos;
};

static const struct symbol_case symbol_cases[] = {
	{ ".klp.sym.vmlinux.printk,0",		0,	"vmlinux",	"printk",	0 },
	{ ".klp.sym.vmlinux.printk,1",		0,	"vmlinux",	"printk",	1 },
	{ ".klp.sym.ext4.ext4_fn,12",		0,	"ext4",		"ext4_fn",	12 },
	{ ".klp.sym.m.f,010",			0,	"m",		"f",		10 },
	{ ".klp.sym.ext4.fn.isra.0,3",		0,	"ext4",		"fn.isra.0",	3 },
	{ ".klp.sym.vmlinux.__key.42,2",	0,	"vmlinux",	"__key.42",	2 },
	{ ".klp.sym.ext4..hidden,0",		0,	"ext4",		".hidden",	0 },
	{ ".klp.sym.ext4.4294967296,4294967296", 0,	"ext4", "4294967296", 4294967296UL },
	{ ".klp.sym.ext4.fn,18446744073709551615", 0,	"ext4",	"fn",	ULONG_MAX },

	/* Something is missing or empty. */
	{ ".klp.sym.ext4.fn",			-EINVAL },
	{ ".klp.sym.ext4.fn,",			-EINVAL },
	{ ".klp.sym.ext4.,0",			-EINVAL },
	{ ".klp.sym.ext4,0",			-EINVAL },
	{ ".klp.sym.ext4,0.fn",			-EINVAL },
	{ ".klp.sym..fn,0",			-EINVAL },
	{ ".klp.sym.fn,0",			-EINVAL },
	{ ".klp.sym.,0",			-EINVAL },
	{ ".klp.sym..,0",			-EINVAL },
	{ ".klp.sym.",				-EINVAL },
	{ ".klp.sym",				-EINVAL },
	{ "",					-EINVAL },

	/* The position is not a number, or too large. */
	{ ".klp.sym.ext4.fn,x",			-EINVAL },
	{ ".klp.sym.ext4.fn,1x",		-EINVAL },
	{ ".klp.sym.ext4.fn,0x1",		-EINVAL },
	{ ".klp.sym.ext4.fn,-1",		-EINVAL },
	{ ".klp.sym.ext4.fn,+1",		-EINVAL },
	{ ".klp.sym.ext4.fn, 1",		-EINVAL },
	{ ".klp.sym.ext4.fn,1 ",		-EINVAL },
	{ ".klp.sym.ext4.fn,1\n",		-EINVAL },
	{ ".klp.sym.ext4.fn,\n",		-EINVAL },
	{ ".klp.sym.ext4.fn,1.0",		-EINVAL },
	{ ".klp.sym.ext4.fn,1,2",		-EINVAL },
	{ ".klp.sym.ext4.fn,,1",		-EINVAL },
	{ ".klp.sym.ext4.fn,18446744073709551616", -EINVAL },
	{ ".klp.sym.ext4.fn,99999999999999999999999", -EINVAL },

	/* Not of this kind. */
	{ "klp.sym.ext4.fn,0",			-EINVAL },
	{ ".klp.symext4.fn,0",			-EINVAL },
	{ ".klp.SYM.ext4.fn,0",			-EINVAL },
	{ ".klp.rela.ext4.fn,0",		-EINVAL },
	{ "x.klp.sym.ext4.fn,0",		-EINVAL },
	{ "printk",				-EINVAL },
};

static void describe_symbol(const struct symbol_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "\"%*pE\"", (int)strlen(c->symbol), c->symbol);
}

KUNIT_ARRAY_PARAM(symbol, symbol_cases, describe_symbol);

static struct klp_reloc_name *new_parsed(struct kunit *test)
{
	struct klp_reloc_name *parsed = kunit_kzalloc(test, sizeof(*parsed), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, parsed);
	return parsed;
}

static void parse_symbol_test(struct kunit *test)
{
	const struct symbol_case *c = test->param_value;
	struct klp_reloc_name *parsed = new_parsed(test);

	KUNIT_ASSERT_EQ(test, klp_parse_reloc_symbol(c->symbol, parsed), c->err);
	if (c->err)
		return;

	KUNIT_EXPECT_STREQ(test, parsed->object, c->object);
	KUNIT_EXPECT_STREQ(test, parsed->name, c->name);
	KUNIT_EXPECT_EQ(test, parsed->sympos, c->sympos);
}

static void parse_symbol_length_test(struct kunit *test)
{
	struct klp_reloc_name *parsed = new_parsed(test);
	char *symbol;

	symbol = long_name(test, ".klp.sym.", 'm', MODULE_NAME_LEN - 1, ".fn,1");
	KUNIT_ASSERT_EQ(test, klp_parse_reloc_symbol(symbol, parsed), 0);
	KUNIT_EXPECT_EQ(test, strnlen(parsed->object, MODULE_NAME_LEN), MODULE_NAME_LEN - 1);
	KUNIT_EXPECT_STREQ(test, parsed->name, "fn");

	symbol = long_name(test, ".klp.sym.ext4.", 'f', KSYM_NAME_LEN - 1, ",1");
	KUNIT_ASSERT_EQ(test, klp_parse_reloc_symbol(symbol, parsed), 0);
	KUNIT_EXPECT_STREQ(test, parsed->object, "ext4");
	KUNIT_EXPECT_EQ(test, strnlen(parsed->name, KSYM_NAME_LEN), KSYM_NAME_LEN - 1);
	KUNIT_EXPECT_EQ(test, parsed->sympos, 1);

	/* One more does not fit: what lies behind the array stays as it is. */
	strscpy(parsed->name, "canary");
	symbol = long_name(test, ".klp.sym.", 'm', MODULE_NAME_LEN, ".fn,2");
	KUNIT_EXPECT_EQ(test, klp_parse_reloc_symbol(symbol, parsed), -EINVAL);
	KUNIT_EXPECT_STREQ(test, parsed->name, "canary");

	symbol = long_name(test, ".klp.sym.ext4.", 'f', KSYM_NAME_LEN, ",2");
	KUNIT_EXPECT_EQ(test, klp_parse_reloc_symbol(symbol, parsed), -EINVAL);
	KUNIT_EXPECT_EQ(test, parsed->sympos, 1);
}

static struct kunit_case reloc_tests[] = {
	KUNIT_CASE_PARAM(parse_section_test, section_gen_params),
	KUNIT_CASE(parse_section_length_test),
	KUNIT_CASE_PARAM(parse_symbol_test, symbol_gen_params),
	KUNIT_CASE(parse_symbol_length_test),
	{ }
};

static struct kunit_suite reloc_suite = {
	.name = "livepatch_reloc_names",
	.test_cases = reloc_tests,
};

kunit_test_suite(reloc_suite);
