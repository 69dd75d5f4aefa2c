// SPDX-License-Identifier: GPL-2.0
/*
 * test_klp_sibling - a livepatch with a sibling call, which ppc64le must refuse
 *
 * What a compiler may make of "return external();" unless it is told not to.
 */
#include <linux/livepatch.h>
#include <linux/module.h>

void klp_sibling(void);

asm(".pushsection .text, \"ax\", @progbits; .type klp_sibling, @function;"
	"klp_sibling: b dump_stack; .size klp_sibling, . - klp_sibling; .popsection");

static struct klp_func funcs[] = {
	{ .old_name = "nr_context_switches", .new_func = klp_sibling },
	{ }
};

static struct klp_object objs[] = {
	{ .funcs = funcs },
	{ }
};

static struct klp_patch patch = {
	.mod = THIS_MODULE,
	.objs = objs,
};

static int __init test_klp_sibling_init(void)
{
	return klp_enable_patch(&patch);
}

static void __exit test_klp_sibling_exit(void)
{
}

module_init(test_klp_sibling_init);
module_exit(test_klp_sibling_exit);
MODULE_INFO(livepatch, "Y");
/* It would refuse to make such a module. */
MODULE_INFO(klp_convert, "N");
MODULE_DESCRIPTION("Livepatch test: a sibling call");
MODULE_LICENSE("GPL");
