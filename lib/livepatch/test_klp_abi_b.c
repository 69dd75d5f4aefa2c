// SPDX-License-Identifier: GPL-2.0
/* test_klp_abi_b - the other half of what test_klp_abi_a patches */

#include <linux/livepatch.h>
#include <linux/module.h>
#include "test_klp_abi.h"

static long mark = KLP_ABI_NEW;

static long new_down(const struct klp_abi_calls *calls, long n)
{
	barrier();
	return n ? calls->up(calls, n - 1) + READ_ONCE(mark) : 0;
}

static struct klp_func funcs[] = {
	{ .old_name = "klp_abi_down", .new_func = new_down },
	{ }
};

static struct klp_object objs[] = {
	{ .name = "test_klp_abi_target", .funcs = funcs },
	{ }
};

static struct klp_patch patch = {
	.mod = THIS_MODULE,
	.objs = objs,
};

static int __init test_klp_abi_b_init(void)
{
	return klp_enable_patch(&patch);
}

static void __exit test_klp_abi_b_exit(void)
{
}

module_init(test_klp_abi_b_init);
module_exit(test_klp_abi_b_exit);
MODULE_INFO(livepatch, "Y");
MODULE_DESCRIPTION("Livepatch test: the other of two functions that call each other");
MODULE_LICENSE("GPL");
