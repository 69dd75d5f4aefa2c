// SPDX-License-Identifier: GPL-2.0
/*
 * test_klp_target - a module for livepatches to patch
 *
 * Owns small functions that say which version of themselves ran, and the files
 * through which a test calls them:
 *
 *   /sys/module/test_klp_target/parameters/{value,other,aliased,untraced,twin1,twin2}
 *   /sys/kernel/debug/test_klp_target/pair
 *
 * With the parameter linger set its init function and its exit function wait until
 * it is no longer.  Otherwise nothing here ever stays asleep: the module can be
 * removed at any time, also during a transition.  Tasks that wait inside a patched
 * function are the business of test_klp_park.
 */

#include <linux/debugfs.h>
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/sysfs.h>
#include "test_klp_target.h"

noinline __noclone int klp_target_value(void)
{
	klp_distinct(value);
	return KLP_ORIGINAL;
}
EXPORT_SYMBOL_GPL(klp_target_value);

noinline __noclone int klp_target_other(void)
{
	klp_distinct(other);
	return KLP_ORIGINAL;
}

/* One function that the symbol table knows by two names. */
noinline __noclone int klp_target_aliased(void)
{
	klp_distinct(aliased);
	return KLP_ORIGINAL;
}

__alias(klp_target_aliased) int klp_target_alias(void);

noinline __noclone int klp_target_first(void)
{
	klp_distinct(first);
	return KLP_ORIGINAL;
}

noinline __noclone int klp_target_second(void)
{
	klp_distinct(second);
	return KLP_ORIGINAL;
}

/* A function without a call to ftrace: no livepatch can redirect it. */
noinline __noclone notrace int klp_target_untraced(void)
{
	klp_distinct(untraced);
	return KLP_ORIGINAL;
}

static noinline __noclone int klp_target_twin(void)
{
	klp_distinct(first twin);
	return KLP_ORIGINAL;
}

int klp_target_twin1(void)
{
	return klp_target_twin();
}

/*
 * Old code must meet old code only.  The sleep leaves room for a transition to
 * begin, or to end, between the two calls.
 */
noinline __noclone int klp_target_pair(const struct klp_target_halves *halves)
{
	int first = halves->first();

	schedule_timeout_uninterruptible(1);

	return first == KLP_ORIGINAL && halves->second() == KLP_ORIGINAL ? KLP_ORIGINAL : KLP_MIXED;
}

static const struct klp_target_halves halves = {
	.first = klp_target_first,
	.second = klp_target_second,
};

static const char *version_name(int version, char letter[2])
{
	if (version == KLP_ORIGINAL)
		return "original";
	if (version == KLP_MIXED)
		return "mixed";
	letter[0] = version;
	letter[1] = '\0';
	return letter;
}

static int klp_target_get(char *buffer, const struct kernel_param *kp)
{
	int (*func)(void) = kp->arg;
	char letter[2];

	return sysfs_emit(buffer, "%s\n", version_name(func(), letter));
}

static const struct kernel_param_ops klp_target_ops = {
	.get = klp_target_get,
};

module_param_cb(value, &klp_target_ops, klp_target_value, 0444);
module_param_cb(other, &klp_target_ops, klp_target_other, 0444);
module_param_cb(aliased, &klp_target_ops, klp_target_aliased, 0444);
module_param_cb(untraced, &klp_target_ops, klp_target_untraced, 0444);
module_param_cb(twin1, &klp_target_ops, klp_target_twin1, 0444);
module_param_cb(twin2, &klp_target_ops, klp_target_twin2, 0444);

static int pair_show(struct seq_file *m, void *v)
{
	char letter[2];

	seq_printf(m, "%s\n", version_name(klp_target_pair(&halves), letter));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(pair);

static struct dentry *klp_target_dir;

static bool linger;
module_param(linger, bool, 0644);
MODULE_PARM_DESC(linger, "let the init and the exit function wait");

/* Who looks at the directory knows that they have been called. */
static void klp_target_linger(void)
{
	while (READ_ONCE(linger))
		msleep(20);
}

static int __init test_klp_target_init(void)
{
	klp_target_dir = debugfs_create_dir("test_klp_target", NULL);
	debugfs_create_file("pair", 0444, klp_target_dir, NULL, &pair_fops);
	klp_target_linger();
	return 0;
}

static void __exit test_klp_target_exit(void)
{
	debugfs_remove(klp_target_dir);
	klp_target_linger();
}

module_init(test_klp_target_init);
module_exit(test_klp_target_exit);
MODULE_DESCRIPTION("Livepatch test: functions to patch");
MODULE_LICENSE("GPL");
