// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_klp_special_sealed - a livepatch that uses a static key of the target which
 * nobody can write to any more
 *
 * It must be refused, or the target that comes later.
 */

#include <linux/jump_label.h>
#include <linux/livepatch.h>
#include <linux/module.h>
#include "test_klp_special.h"

extern struct static_key_false klp_special_sealed;

static int new_call(enum klp_special_way way)
{
	return static_branch_unlikely(&klp_special_sealed) ? 1 : 0;
}

static struct klp_func funcs[] = {
	{
		.old_name = "klp_special_call",
		.new_func = new_call,
	}, { }
};

static struct klp_object objs[] = {
	{
		.name = "test_klp_special_target",
		.funcs = funcs,
	}, { }
};

static struct klp_patch patch = {
	.mod = THIS_MODULE,
	.objs = objs,
};

static int __init test_klp_special_sealed_init(void)
{
	return klp_enable_patch(&patch);
}

static void __exit test_klp_special_sealed_exit(void)
{
}

module_init(test_klp_special_sealed_init);
module_exit(test_klp_special_sealed_exit);
MODULE_INFO(livepatch, "Y");
MODULE_DESCRIPTION("Livepatch test: a static key that cannot be waited for");
MODULE_LICENSE("GPL");
