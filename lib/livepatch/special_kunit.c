// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Unit tests of kernel/livepatch/special.c: the names of deferred special sections
 * are taken apart, and section headers judged, as
 * Documentation/livepatch/module-elf-format.rst says.
 */
#include <kunit/test.h>
#include <linux/elf.h>
#include <linux/jump_label.h>
#include "../../kernel/livepatch/internal.h"

struct name_case {
	const char *name;
	const char *object;
	const char *section;
};

static const struct name_case name_cases[] = {
	{ ".klp.arch.ext4.__jump_table",	"ext4",		"__jump_table" },
	{ ".klp.arch.ext4..altinstructions",	"ext4",		".altinstructions" },
	{ ".klp.arch.vmlinux..altinstructions",	"vmlinux",	".altinstructions" },
	{ ".klp.arch.nf_nat.x",			"nf_nat",	"x" },
	{ ".klp.arch.m..",			"m",		"." },
	{ ".klp.arch.ext4..init.text",		"ext4",		".init.text" },
	{ ".klp.arch.ext4" },
	{ ".klp.arch.ext4." },
	{ ".klp.arch..altinstructions" },
	{ ".klp.arch.." },
	{ ".klp.arch." },
	{ ".klp.arch" },
	{ ".klp.archext4.__jump_table" },
	{ "klp.arch.ext4.__jump_table" },
	{ " .klp.arch.ext4.__jump_table" },
	{ ".KLP.arch.ext4.__jump_table" },
	{ ".klp.rela.ext4..klp.arch.ext4.__jump_table" },
	{ ".rela.klp.arch.ext4.__jump_table" },
	{ "__jump_table" },
	{ "" },
};

static void describe_name(const struct name_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "\"%s\"", c->name);
}

KUNIT_ARRAY_PARAM(name, name_cases, describe_name);

static void parse_name_test(struct kunit *test)
{
	const struct name_case *c = test->param_value;
	char object[MODULE_NAME_LEN] = "";
	const char *section = klp_parse_special_section(c->name, object);

	if (!c->section) {
		KUNIT_EXPECT_NULL(test, section);
		return;
	}
	KUNIT_ASSERT_NOT_NULL(test, section);
	KUNIT_EXPECT_STREQ(test, section, c->section);
	KUNIT_EXPECT_STREQ(test, object, c->object);
}

static void parse_name_length_test(struct kunit *test)
{
	char name[sizeof(".klp.arch.") + MODULE_NAME_LEN + sizeof(".x")];
	char object[MODULE_NAME_LEN];

	/* The longest name that a module can have, and one that is longer. */
	snprintf(name, sizeof(name), ".klp.arch.%0*d.x", (int)MODULE_NAME_LEN - 1, 0);
	KUNIT_EXPECT_NOT_NULL(test, klp_parse_special_section(name, object));
	KUNIT_EXPECT_EQ(test, strnlen(object, sizeof(object)), MODULE_NAME_LEN - 1);
	snprintf(name, sizeof(name), ".klp.arch.%0*d.x", (int)MODULE_NAME_LEN, 0);
	KUNIT_EXPECT_NULL(test, klp_parse_special_section(name, object));
}

/* Which relocations may be applied when an object comes. */
static void may_wait_test(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, klp_special_may_wait("ext4", ".text"));
	KUNIT_EXPECT_TRUE(test, klp_special_may_wait("ext4", ".data"));
	KUNIT_EXPECT_TRUE(test, klp_special_may_wait("ext4", ".klp.arch.ext4.__jump_table"));
	KUNIT_EXPECT_FALSE(test, klp_special_may_wait("ext4", ".klp.arch.xfs.__jump_table"));
	KUNIT_EXPECT_TRUE(test, klp_special_may_wait("vmlinux", ".klp.arch.xfs.__jump_table"));
	if (!IS_ENABLED(CONFIG_JUMP_LABEL))
		return;
	KUNIT_EXPECT_TRUE(test, klp_special_may_wait("vmlinux", "__jump_table"));
	KUNIT_EXPECT_FALSE(test, klp_special_may_wait("ext4", "__jump_table"));
}

#ifdef CONFIG_JUMP_LABEL
#define SIZE	sizeof(struct jump_entry)
#define ALIGNMENT	__alignof__(struct jump_entry)
#define JUMPS	".klp.arch.ext4.__jump_table"

struct header_case {
	const char *name;
	unsigned int type;
	unsigned long flags;
	unsigned long size;
	unsigned long align;
	int err;
};

static const struct header_case header_cases[] = {
	{ JUMPS, SHT_PROGBITS, SHF_ALLOC, SIZE, ALIGNMENT, 0 },
	{ JUMPS, SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, 7 * SIZE, 4 * ALIGNMENT, 0 },
	{ ".klp.arch.", SHT_PROGBITS, SHF_ALLOC, SIZE, ALIGNMENT, -EINVAL },
	{ ".klp.arch.ext4", SHT_PROGBITS, SHF_ALLOC, SIZE, ALIGNMENT, -EINVAL },
	{ ".klp.arch.vmlinux.__jump_table", SHT_PROGBITS, SHF_ALLOC, SIZE, ALIGNMENT, -EINVAL },
	{ ".klp.arch.ext4.__unknown", SHT_PROGBITS, SHF_ALLOC, SIZE, ALIGNMENT, -EINVAL },
	{ ".klp.arch.ext4..init.text", SHT_PROGBITS, SHF_ALLOC, SIZE, ALIGNMENT, -EINVAL },
	{ ".klp.arch.xfs.__jump_table", SHT_PROGBITS, SHF_ALLOC, SIZE, ALIGNMENT, -EINVAL },
	{ JUMPS, SHT_NOBITS, SHF_ALLOC, SIZE, ALIGNMENT, -ENOEXEC },
	{ JUMPS, SHT_PROGBITS, 0, SIZE, ALIGNMENT, -ENOEXEC },
	{ JUMPS, SHT_PROGBITS, SHF_ALLOC, 0, ALIGNMENT, -ENOEXEC },
	{ JUMPS, SHT_PROGBITS, SHF_ALLOC, SIZE - 1, ALIGNMENT, -ENOEXEC },
	{ JUMPS, SHT_PROGBITS, SHF_ALLOC, SIZE + 1, ALIGNMENT, -ENOEXEC },
	{ JUMPS, SHT_PROGBITS, SHF_ALLOC, SIZE, 1, -ENOEXEC },
	{ JUMPS, SHT_PROGBITS, SHF_ALLOC, SIZE, 0, -ENOEXEC },
	/* Not deferred, or not there: anything goes. */
	{ JUMPS, SHT_NULL, SHF_ALLOC, SIZE, ALIGNMENT, 0 },
	{ "__jump_table", SHT_NOBITS, 0, 1, 0, 0 },
	{ ".text", SHT_PROGBITS, SHF_ALLOC, 1, 1, 0 },
};

static void describe_header(const struct header_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s type %u flags %lu size %lu align %lu",
		 c->name, c->type, c->flags, c->size, c->align);
}

KUNIT_ARRAY_PARAM(header, header_cases, describe_header);

static void header_test(struct kunit *test)
{
	static const char other[] = ".klp.arch.xfs.__jump_table";
	const struct header_case *c = test->param_value;
	char names[1 + sizeof(other) + 64] = "";
	Elf_Shdr sechdrs[3] = {};

	/* Section 1 is there before. */
	memcpy(names + 1, other, sizeof(other));
	strscpy(names + 1 + sizeof(other), c->name, 64);
	sechdrs[1].sh_name = 1;
	sechdrs[1].sh_type = SHT_PROGBITS;
	sechdrs[2].sh_name = 1 + sizeof(other);
	sechdrs[2].sh_type = c->type;
	sechdrs[2].sh_flags = c->flags;
	sechdrs[2].sh_size = c->size;
	sechdrs[2].sh_addralign = c->align;

	KUNIT_ASSERT_EQ(test, klp_special_check("name of a livepatch", sechdrs, names, 2),
			c->err);
	if (!c->err && c->type != SHT_NULL && klp_parse_special_section(c->name, names))
		KUNIT_EXPECT_TRUE(test, sechdrs[2].sh_flags & SHF_WRITE);
	else
		KUNIT_EXPECT_EQ(test, sechdrs[2].sh_flags, c->flags);
}
#endif

static struct kunit_case special_tests[] = {
	KUNIT_CASE_PARAM(parse_name_test, name_gen_params),
	KUNIT_CASE(parse_name_length_test),
	KUNIT_CASE(may_wait_test),
#ifdef CONFIG_JUMP_LABEL
	KUNIT_CASE_PARAM(header_test, header_gen_params),
#endif
	{ }
};

static struct kunit_suite special_suite = {
	.name = "livepatch_special_sections",
	.test_cases = special_tests,
};

kunit_test_suite(special_suite);
