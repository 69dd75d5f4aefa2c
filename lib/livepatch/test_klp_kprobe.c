// SPDX-License-Identifier: GPL-2.0
/*
 * test_klp_kprobe - a kprobe on a function that a livepatch wants as well
 *
 * A probe with a post_handler may have to change where the function goes on,
 * which only one user of a function can do; a probe without can share.
 *
 * Parameters: `symbol` is probed, `post` adds the post_handler, `hits` counts, and
 * `busy` is for how many microseconds the probe keeps each caller; with `comm`, only
 * tasks of that name are kept and counted.
 */

#include <linux/atomic.h>
#include <linux/delay.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/time64.h>

static char *symbol = "klp_target_value";
module_param(symbol, charp, 0444);

static bool post;
module_param(post, bool, 0444);

static unsigned int busy;
module_param(busy, uint, 0444);

static char comm[TASK_COMM_LEN];
module_param_string(comm, comm, sizeof(comm), 0444);

static atomic_t hits;
module_param_named(hits, hits.counter, int, 0444);

static int pre_handler(struct kprobe *p, struct pt_regs *regs)
{
	if (*comm && strcmp(current->comm, comm))
		return 0;
	atomic_inc(&hits);
	/* udelay() is for short times. */
	mdelay(busy / USEC_PER_MSEC);
	udelay(busy % USEC_PER_MSEC);
	return 0;
}

static void post_handler(struct kprobe *p, struct pt_regs *regs, unsigned long flags)
{
}

static struct kprobe probe = {
	.pre_handler = pre_handler,
};

static int __init test_klp_kprobe_init(void)
{
	probe.symbol_name = symbol;
	if (post)
		probe.post_handler = post_handler;

	return register_kprobe(&probe);
}

static void __exit test_klp_kprobe_exit(void)
{
	unregister_kprobe(&probe);
}

module_init(test_klp_kprobe_init);
module_exit(test_klp_kprobe_exit);
MODULE_DESCRIPTION("Livepatch test: a kprobe on a patched function");
MODULE_LICENSE("GPL");
