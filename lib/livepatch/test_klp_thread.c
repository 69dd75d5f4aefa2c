// SPDX-License-Identifier: GPL-2.0
/*
 * test_klp_thread - a livepatch with a thread of its own
 *
 * The thread, klp_thread, waits in code of the livepatch, which replaces something else,
 * until the module's exit function stops it.
 */

#include <linux/kthread.h>
#include <linux/livepatch.h>
#include <linux/module.h>
#include "test_klp_target.h"

static struct task_struct *thread;

static noinline __noclone void wait_to_be_stopped(void)
{
	while (!kthread_should_stop()) {
		set_current_state(TASK_IDLE);
		if (!kthread_should_stop())
			schedule();
		__set_current_state(TASK_RUNNING);
	}
}

static int thread_fn(void *unused)
{
	wait_to_be_stopped();
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
