// SPDX-License-Identifier: GPL-2.0
/*
 * test_klp_abi_a - a livepatch of functions of all kinds, see test_klp_abi.h
 *
 * Of the two functions that call each other it patches one, test_klp_abi_b the
 * other.  In vmlinux it patches nr_context_switches(), which /proc/stat shows.
 */
#include <linux/kthread.h>
#include <linux/livepatch.h>
#include <linux/module.h>
#include <linux/sched.h>
#include "test_klp_abi.h"

/* Each new function reads it, see klp_abi_mark. */
static long mark = KLP_ABI_NEW;

static unsigned long long new_nr_context_switches(void)
{
	barrier();
	return READ_ONCE(mark);
}

static long new_add(long n)
{
	barrier();
	return n + READ_ONCE(mark);
}

/* Like the original: without a TOC, and so without a global entry on ppc64le. */
static long new_leaf(long n)
{
	barrier();
	return n + KLP_ABI_NEW;
}

static long new_many(long a, long b, long c, long d, long e, long f, long g, long h,
		     long i, long j, long k, long l)
{
	barrier();
	return klp_abi_weigh(a, b, c, d, e, f, g, h, i, j, k, l) + READ_ONCE(mark);
}

static long new_sum(int count, ...)
{
	va_list args;
	long sum;

	va_start(args, count);
	sum = klp_abi_vsum(count, args) + READ_ONCE(mark);
	va_end(args);
	return sum;
}

static struct klp_abi_small new_small(long n)
{
	barrier();
	return (struct klp_abi_small){ n, n + READ_ONCE(mark) };
}

static struct klp_abi_big new_big(long n)
{
	barrier();
	return (struct klp_abi_big){ { n, 2 * n, 3 * n, 4 * n, 5 * n, READ_ONCE(mark) } };
}

/* Calls back what has called it, and lets other tasks run in the middle. */
static long new_up(const struct klp_abi_calls *calls, long n)
{
	long ret = n ? calls->down(calls, n - 1) + READ_ONCE(mark) : 0;

	if (n % 8 == 1 && preemptible())
		schedule();
	return ret;
}

static long new_leave(struct completion *left)
{
	kthread_complete_and_exit(left, 0);
}

static struct klp_func vmlinux_funcs[] = {
	{ .old_name = "nr_context_switches", .new_func = new_nr_context_switches },
	{ }
};

static struct klp_func funcs[] = {
	{ .old_name = "klp_abi_add", .new_func = new_add },
	{ .old_name = "klp_abi_leaf", .new_func = new_leaf },
	{ .old_name = "klp_abi_many", .new_func = new_many },
	{ .old_name = "klp_abi_sum", .new_func = new_sum },
	{ .old_name = "klp_abi_small", .new_func = new_small },
	{ .old_name = "klp_abi_big", .new_func = new_big },
	{ .old_name = "klp_abi_up", .new_func = new_up },
	{ .old_name = "klp_abi_leave", .new_func = new_leave },
	{ }
};

static struct klp_object objs[] = {
	{ .funcs = vmlinux_funcs },
	{ .name = "test_klp_abi_target", .funcs = funcs },
	{ }
};

static struct klp_patch patch = {
	.mod = THIS_MODULE,
	.objs = objs,
};

static int __init test_klp_abi_a_init(void)
{
	return klp_enable_patch(&patch);
}

static void __exit test_klp_abi_a_exit(void)
{
}

module_init(test_klp_abi_a_init);
module_exit(test_klp_abi_a_exit);
MODULE_INFO(livepatch, "Y");
MODULE_DESCRIPTION("Livepatch test: new functions of all kinds");
MODULE_LICENSE("GPL");
