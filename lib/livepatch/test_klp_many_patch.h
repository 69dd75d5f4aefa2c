/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A livepatch of the functions of test_klp_many, as test_klp_patch.h is one of
 * single functions: each including file gives it a letter.
 *
 * Parameters: `first` and `count` choose the functions, `replace` makes it an
 * atomic replace.
 */

#include <linux/livepatch.h>
#include <linux/module.h>
#include "test_klp_many.h"

static unsigned int first;
module_param(first, uint, 0444);

static unsigned int count = KLP_MANY_FUNCTIONS;
module_param(count, uint, 0444);

static bool replace;
module_param(replace, bool, 0444);

#define KLP_MANY(index)								\
	static unsigned int new_many_##index(void)				\
	{									\
		barrier();							\
		return KLP_MANY_RESULT(index, KLP_PATCH_LETTER);		\
	}
#include "test_klp_many_list.h"
#undef KLP_MANY

#define KLP_MANY(index)	{ .old_name = "klp_many_" #index, .new_func = new_many_##index },
static struct klp_func funcs[] = {
#include "test_klp_many_list.h"
	{ }
};

static struct klp_object objs[] = {
	{ .name = "test_klp_many", .funcs = funcs },
	{ }
};

static struct klp_patch patch = {
	.mod = THIS_MODULE,
	.objs = objs,
};

static int __init test_klp_many_patch_init(void)
{
	if (first > KLP_MANY_FUNCTIONS || count > KLP_MANY_FUNCTIONS - first)
		return -EINVAL;

	objs[0].funcs = &funcs[first];
	funcs[first + count] = (struct klp_func){ };
	patch.replace = replace;
	return klp_enable_patch(&patch);
}

static void __exit test_klp_many_patch_exit(void)
{
}

module_init(test_klp_many_patch_init);
module_exit(test_klp_many_patch_exit);
MODULE_INFO(livepatch, "Y");
MODULE_DESCRIPTION("Livepatch test: a livepatch of a thousand functions");
MODULE_LICENSE("GPL");
