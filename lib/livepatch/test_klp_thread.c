// SPDX-License-Identifier: GPL-2.0
/*
 * test_klp_thread - a livepatch with a thread of its own
 *
 * The thread, klp_thread, is in code of the livepatch until the module's exit function
 * stops it: while the parameter `left` is set in a function that is left when the
 * livepatch is disabled, else in none; then it is asleep in msleep() whenever anybody looks.
 * Once `tail` is set, it goes and parks in klp_park_tail().
 */

#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/livepatch.h>
#include <linux/module.h>
#include <linux/sched.h>
#include "test_klp_park.h"
#include "test_klp_target.h"

static struct task_struct *thread;

static DECLARE_COMPLETION(in_place);

static bool left;
module_param(left, bool, 0644);

static bool tail;
module_param(tail, bool, 0644);

static noinline __noclone void wait_in_left(void)
{
	complete(&in_place);
	while (READ_ONCE(left) && !kthread_should_stop())
		schedule_timeout_idle(1);
}

static void park_in_tail(void)
{
	typeof(klp_park_in_tail) *in_tail = symbol_get(klp_park_in_tail);

	if (!in_tail)
		return;
	in_tail();
	symbol_put(klp_park_in_tail);
}

static int thread_fn(void *unused)
{
	wait_in_left();
	while (!kthread_should_stop()) {
		msleep(20);
		if (READ_ONCE(tail)) {
			WRITE_ONCE(tail, false);
			park_in_tail();
		}
	}
	return 0;
}

static int new_value(void)
{
	return 't';
}

static struct klp_func funcs[] = {
	{
		.old_name = "klp_target_value",
		.new_func = new_value,
	}, {
		.new_name = "wait_in_left",
		.stack_only = true,
	}, { }
};

static struct klp_object objs[] = {
	{
		.name = "test_klp_target",
		.funcs = funcs,
	}, { }
};

static struct klp_patch patch = {
	.mod = THIS_MODULE,
	.objs = objs,
};

static int __init test_klp_thread_init(void)
{
	int err;

	thread = kthread_run(thread_fn, NULL, "klp_thread");
	if (IS_ERR(thread))
		return PTR_ERR(thread);
	wait_for_completion(&in_place);
	err = klp_enable_patch(&patch);
	if (err)
		kthread_stop(thread);
	return err;
}

static void __exit test_klp_thread_exit(void)
{
	kthread_stop(thread);
}

module_init(test_klp_thread_init);
module_exit(test_klp_thread_exit);
MODULE_INFO(livepatch, "Y");
MODULE_DESCRIPTION("Livepatch test: a thread in code that is not left");
MODULE_LICENSE("GPL");
