// SPDX-License-Identifier: GPL-2.0
/*
 * klp_bench_patch - a livepatch of test_klp_many that takes its own time
 *
 * Parameter `count` is how many functions are patched, `calls` how often one of
 * them is called: a hundred thousand times.  Read from
 * /sys/module/klp_bench_patch/parameters/:
 *
 *   enable_ns	what klp_enable_patch() took
 *   calls_ns	what `calls` calls of the first function take now:
 *		patched, or not any more, as long as the target is loaded
 *
 * Nanoseconds of the guest.  When the emulator counts instructions, one of
 * them is one instruction.
 */

#include <linux/irqflags.h>
#include <linux/livepatch.h>
#include <linux/module.h>
#include <linux/sysfs.h>
#include <linux/timekeeping.h>
#include "../test_klp_many.h"

static unsigned int count = KLP_MANY_FUNCTIONS;
module_param(count, uint, 0444);

static unsigned int calls = 100000;
module_param(calls, uint, 0444);

static unsigned long long enable_ns;
module_param(enable_ns, ullong, 0444);

/* The original; NULL when the target was not there to be patched. */
static unsigned int (*first_func)(void);

/* As the original does it, so that a call differs in nothing but its way here. */
#define KLP_MANY(index)								\
	static unsigned int new_many_##index(void)				\
	{									\
		barrier();							\
		return KLP_MANY_RESULT(index, 1);				\
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

static int calls_ns_get(char *buffer, const struct kernel_param *kp)
{
	unsigned int (*func)(void) = first_func;
	unsigned long flags;
	unsigned int i;
	u64 ns;

	if (!func)
		return -ENODEV;

	/* The timer's instructions are not the call's. */
	local_irq_save(flags);
	ns = ktime_get_ns();
	for (i = 0; i < calls; i++)
		func();
	ns = ktime_get_ns() - ns;
	local_irq_restore(flags);

	return sysfs_emit(buffer, "%llu\n", ns);
}

static const struct kernel_param_ops calls_ns_ops = {
	.get = calls_ns_get,
};
module_param_cb(calls_ns, &calls_ns_ops, NULL, 0444);

static int __init klp_bench_patch_init(void)
{
	u64 start;
	int err;

	if (!count || count > KLP_MANY_FUNCTIONS)
		return -EINVAL;
	funcs[count] = (struct klp_func){ };

	start = ktime_get_ns();
	err = klp_enable_patch(&patch);
	enable_ns = ktime_get_ns() - start;

	first_func = funcs[0].old_func;
	return err;
}

static void __exit klp_bench_patch_exit(void)
{
}

module_init(klp_bench_patch_init);
module_exit(klp_bench_patch_exit);
MODULE_INFO(livepatch, "Y");
MODULE_DESCRIPTION("Livepatch benchmark: a livepatch of up to a thousand functions");
MODULE_LICENSE("GPL");
