// SPDX-License-Identifier: GPL-2.0
/*
 * klp_bench_threads - many sleeping tasks with deep stacks
 *
 * While the module is loaded, `threads` kthreads sleep, each under `depth`
 * calls of a function.  Loading it returns when all of them are there.  Reading
 * /sys/module/klp_bench_threads/parameters/unwind_ns tells how long it takes to do
 * with each of them what livepatching cannot do without: unwind its stack, by the
 * function at `unwinder`, the address of stack_trace_save_tsk_reliable(); and how
 * many entries each stack has.
 */

#include <linux/atomic.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/sysfs.h>
#include <linux/timekeeping.h>
#include <linux/wait.h>

static unsigned int threads = 1;
module_param(threads, uint, 0444);

/* The scheduler and the start of a kthread make it twenty frames in all. */
static unsigned int depth = 13;
module_param(depth, uint, 0444);

static unsigned long unwinder;
module_param(unwinder, ulong, 0400);

static struct task_struct **tasks;
static atomic_t asleep = ATOMIC_INIT(0);
static DECLARE_WAIT_QUEUE_HEAD(all_asleep);

static noinline __noclone void klp_bench_sleep(void)
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

static noinline __noclone void sleep_below(unsigned int calls)
{
	if (calls > 1)
		sleep_below(calls - 1);
	else
		klp_bench_sleep();

	/* What follows a call keeps its frame on the stack. */
	barrier();
}

static int unwind_ns_get(char *buffer, const struct kernel_param *kp)
{
	int (*unwind)(struct task_struct *task, unsigned long *store, unsigned int size);
	static unsigned long entries[256];
	int frames = 0;
	unsigned int i;
	u64 start;

	if (!unwinder)
		return -ENODEV;
	unwind = (void *)unwinder;

	start = ktime_get_ns();
	for (i = 0; i < threads; i++) {
		frames = unwind(tasks[i], entries, ARRAY_SIZE(entries));
		if (frames < 0)
			return frames;
		cond_resched();
	}
	return sysfs_emit(buffer, "%llu %d\n", ktime_get_ns() - start, frames);
}

static const struct kernel_param_ops unwind_ns_ops = {
	.get = unwind_ns_get,
};
module_param_cb(unwind_ns, &unwind_ns_ops, NULL, 0444);

static int thread_fn(void *unused)
{
	if (depth)
		sleep_below(depth);
	else
		klp_bench_sleep();
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
