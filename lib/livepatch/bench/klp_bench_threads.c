// SPDX-License-Identifier: GPL-2.0
/*
 * klp_bench_threads - many sleeping tasks with deep stacks
 *
 * While the module is loaded, `threads` kthreads sleep, each under `depth`
 * calls of a function.  Loading it returns when all of them are there.
 */

#include <linux/atomic.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/wait.h>

static unsigned int threads = 1;
module_param(threads, uint, 0444);

/* The scheduler and the start of a kthread make it twenty frames in all. */
static unsigned int depth = 14;
module_param(depth, uint, 0444);

static struct task_struct **tasks;
static atomic_t asleep = ATOMIC_INIT(0);
static DECLARE_WAIT_QUEUE_HEAD(all_asleep);

static void sleep_until_stopped(void)
{
	if (atomic_inc_return(&asleep) == threads)
		wake_up(&all_asleep);

	set_current_state(TASK_IDLE);
	while (!kthread_should_stop()) {
		schedule();
		set_current_state(TASK_IDLE);
	}
	__set_current_state(TASK_RUNNING);
}

static noinline __noclone void sleep_below(unsigned int frames)
{
	if (frames > 1)
		sleep_below(frames - 1);
	else
		sleep_until_stopped();

	/* What follows a call keeps its frame on the stack. */
	barrier();
}

static int thread_fn(void *unused)
{
	sleep_below(depth);
	return 0;
}

static void stop_threads(void)
{
	unsigned int i;

	for (i = 0; i < threads && tasks[i]; i++)
		kthread_stop(tasks[i]);
	kvfree(tasks);
}

static int __init klp_bench_threads_init(void)
{
	struct task_struct *task;
	unsigned int i;

	tasks = kvcalloc(threads, sizeof(*tasks), GFP_KERNEL);
	if (!tasks)
		return -ENOMEM;

	for (i = 0; i < threads; i++) {
		task = kthread_run(thread_fn, NULL, "klp_bench/%u", i);
		if (IS_ERR(task)) {
			stop_threads();
			return PTR_ERR(task);
		}
		tasks[i] = task;
	}
	wait_event(all_asleep, atomic_read(&asleep) == threads);
	return 0;
}

static void __exit klp_bench_threads_exit(void)
{
	stop_threads();
}

module_init(klp_bench_threads_init);
module_exit(klp_bench_threads_exit);
MODULE_DESCRIPTION("Livepatch benchmark: sleeping tasks");
MODULE_LICENSE("GPL");
