// SPDX-License-Identifier: GPL-2.0
/*
 * test_klp_unmarked - a livepatch whose author forgot MODULE_INFO(livepatch, "Y")
 *
 * It is right in everything else.  Loading must fail.
 */

#include <linux/livepatch.h>
#include <linux/module.h>

static int new_function(void)
{
	barrier();
	return 'u';
}

static struct klp_func funcs[] = {
	{ .old_name = "klp_target_value", .new_func = new_function },
	{ }
};

static struct klp_object objs[] = {
	{ .name = "test_klp_target", .funcs = funcs },
	{ }
};

static struct klp_patch patch = {
	.mod = THIS_MODULE,
	.objs = objs,
};

static int __init test_klp_unmarked_init(void)
{
	return klp_enable_patch(&patch);
}

static void __exit test_klp_unmarked_exit(void)
{
}

module_init(test_klp_unmarked_init);
module_exit(test_klp_unmarked_exit);
MODULE_DESCRIPTION("Livepatch test: a module that is not marked as a livepatch");
MODULE_LICENSE("GPL");
