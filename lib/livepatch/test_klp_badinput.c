// SPDX-License-Identifier: GPL-2.0
/*
 * test_klp_badinput - livepatches that no builder should ever make
 *
 * Owns the mistakes in the structures themselves, one for each value of the
 * parameter `mistake`; mistakes in names and positions are made with
 * test_klp_patch_a and its `funcs`.  Loading must fail with the errno of
 * klp_enable_patch().
 *
 * The parameter `early` enables the livepatch where that must fail: before the init
 * function.
 *
 * "twice" and "two-patches" are special: the first klp_enable_patch() is right, so
 * the module stays, and `second` holds what the second call returned, for the same
 * patch or for another one.
 */

#include <linux/livepatch.h>
#include <linux/module.h>
#include <linux/printk.h>
#include <linux/string.h>

static char *mistake = "none";
module_param(mistake, charp, 0444);

static int second;
module_param(second, int, 0444);

static void new_function(void)
{
	barrier();
}

static struct klp_func good_funcs[] = {
	{ .old_name = "klp_target_value", .new_func = new_function },
	{ }
};

static struct klp_func nameless_funcs[] = {
	{ .old_name = "klp_target_value", .new_func = new_function },
	{ .new_func = new_function },
	{ }
};

static struct klp_func codeless_funcs[] = {
	{ .old_name = "klp_target_value", .new_func = new_function },
	{ .old_name = "klp_target_other" },
	{ }
};

static struct klp_func renamed_funcs[] = {
	{ .old_name = "klp_target_value", .new_func = new_function, .new_name = "new_function" },
	{ }
};

/* Filled in by the init function, which may refer to init code. */
static struct klp_func misplaced_funcs[] = {
	{ .old_name = "klp_target_value" },
	{ }
};

static struct klp_func undecided_funcs[] = {
	{ .old_name = "klp_target_value", .new_func = new_function, .stack_only = true },
	{ }
};

static struct klp_object two_objs[] = {
	{ .name = "test_klp_target", .funcs = good_funcs },
	{ .name = "test_klp_target", .funcs = good_funcs },
	{ }
};

static struct klp_object objs[] = {
	{ .name = "test_klp_target", .funcs = good_funcs },
	{ }
};

static struct klp_patch patch = {
	.mod = THIS_MODULE,
	.objs = objs,
};

static struct klp_func other_funcs[] = {
	{ .old_name = "klp_target_other", .new_func = new_function },
	{ }
};

static struct klp_object other_objs[] = {
	{ .name = "test_klp_target", .funcs = other_funcs },
	{ }
};

static struct klp_patch other_patch = {
	.mod = THIS_MODULE,
	.objs = other_objs,
};

static int set_early(const char *value, const struct kernel_param *kp)
{
	return klp_enable_patch(&patch);
}

static const struct kernel_param_ops early_ops = { .set = set_early };
module_param_cb(early, &early_ops, NULL, 0);

static int __init init_function(void)
{
	barrier();
	return 0;
}

static int __init test_klp_badinput_init(void)
{
	int ret;

	if (!strcmp(mistake, "null-patch"))
		return klp_enable_patch(NULL);

	if (!strcmp(mistake, "null-mod"))
		patch.mod = NULL;
	else if (!strcmp(mistake, "null-objs"))
		patch.objs = NULL;
	else if (!strcmp(mistake, "null-funcs"))
		objs[0].funcs = NULL;
	else if (!strcmp(mistake, "same-object"))
		patch.objs = two_objs;
	else if (!strcmp(mistake, "no-old-name"))
		objs[0].funcs = nameless_funcs;
	else if (!strcmp(mistake, "no-new-func"))
		objs[0].funcs = codeless_funcs;
	else if (!strcmp(mistake, "foreign-func"))
		misplaced_funcs[0].new_func = dump_stack;
	else if (!strcmp(mistake, "init-func"))
		misplaced_funcs[0].new_func = init_function;
	else if (!strcmp(mistake, "new-name"))
		objs[0].funcs = renamed_funcs;
	else if (!strcmp(mistake, "new-func"))
		objs[0].funcs = undecided_funcs;
	else if (strcmp(mistake, "none") && strcmp(mistake, "twice") &&
		 strcmp(mistake, "two-patches"))
		return -E2BIG;

	if (misplaced_funcs[0].new_func)
		objs[0].funcs = misplaced_funcs;

	ret = klp_enable_patch(&patch);
	if (!ret && !strcmp(mistake, "twice"))
		second = klp_enable_patch(&patch);
	else if (!ret && !strcmp(mistake, "two-patches"))
		second = klp_enable_patch(&other_patch);
	return ret;
}

static void __exit test_klp_badinput_exit(void)
{
}

module_init(test_klp_badinput_init);
module_exit(test_klp_badinput_exit);
MODULE_INFO(livepatch, "Y");
MODULE_DESCRIPTION("Livepatch test: malformed livepatches");
MODULE_LICENSE("GPL");
