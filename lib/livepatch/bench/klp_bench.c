// SPDX-License-Identifier: GPL-2.0
/*
 * klp_bench - instruments of the benchmark
 *
 * /sys/module/klp_bench/parameters/:
 *
 *   clock_ns		the time, and how much of it all CPUs together were idle
 *   kthreads_ns	reading it makes a thousand kthreads one after the other, waits
 *			for the end of each, and tells how long that takes: the median.
 *			Each is made when the memory of the one before it is free again:
 *			where memory comes from makes a difference of some percents
 *   transition_ns	how long it took to patch, from the message that the transition
 *			starts to the one that it is complete
 *   task_calls		the addresses of functions that are given a task, and
 *   task_calls_ns	what it takes to call each of them a hundred thousand times, with
 *			a task that is all zeroes
 *   latency_ns		for how long, at most, an interrupt has had to wait, and then
 *			a thread of the highest priority that it has woken, since a
 *			period in microseconds was written: of those the timer is set
 *			for.  0 stops it.
 *
 * With preemption ("preempt=full") a thread waits for nothing but spin locks,
 * interrupts, and sections that switch preemption off.
 */

#include <linux/err.h>
#include <linux/hrtimer.h>
#include <linux/irqflags.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include <linux/timekeeping.h>
#include <linux/tracepoint.h>
#include <trace/events/printk.h>
#include "klp_bench.h"

#define KTHREADS	1000
#define CALLS		100000

static int clock_ns_get(char *buffer, const struct kernel_param *kp)
{
	u64 idle = klp_bench_idle_time();

	return sysfs_emit(buffer, "%llu %llu\n", ktime_get_ns(), idle);
}

static const struct kernel_param_ops clock_ns_ops = {
	.get = clock_ns_get,
};
module_param_cb(clock_ns, &clock_ns_ops, NULL, 0444);

/* ---- fork and exit ----------------------------------------------------------- */

static int nothing_fn(void *unused)
{
	return 0;
}

static int live_and_die(void)
{
	struct task_struct *task = kthread_create(nothing_fn, NULL, "klp_bench");

	if (IS_ERR(task))
		return PTR_ERR(task);

	/* It may be gone before it is asked to stop, or be asked before it runs. */
	get_task_struct(task);
	wake_up_process(task);
	kthread_stop(task);
	/* That has waited for what it does on its way to its end, which is near. */
	while (READ_ONCE(task->__state) != TASK_DEAD)
		schedule_timeout_uninterruptible(1);
	put_task_struct(task);
	return 0;
}

static int compare_u32(const void *a, const void *b)
{
	u32 x = *(const u32 *)a, y = *(const u32 *)b;

	return x < y ? -1 : x > y;
}

static int kthreads_ns_get(char *buffer, const struct kernel_param *kp)
{
	unsigned int i;
	u64 start;
	int err = 0;
	u32 *ns;

	ns = kvmalloc_array(KTHREADS, sizeof(*ns), GFP_KERNEL);
	if (!ns)
		return -ENOMEM;

	for (i = 0; !err && i < KTHREADS; i++) {
		rcu_barrier();
		start = ktime_get_ns();
		err = live_and_die();
		ns[i] = ktime_get_ns() - start;
	}
	if (!err) {
		sort(ns, KTHREADS, sizeof(*ns), compare_u32, NULL);
		err = sysfs_emit(buffer, "%u\n", ns[KTHREADS / 2]);
	}
	kvfree(ns);
	return err;
}

static const struct kernel_param_ops kthreads_ns_ops = {
	.get = kthreads_ns_get,
};
module_param_cb(kthreads_ns, &kthreads_ns_ops, NULL, 0444);

static unsigned long task_calls[2];
static unsigned int nr_task_calls;
module_param_array(task_calls, ulong, &nr_task_calls, 0600);

static int task_calls_ns_get(char *buffer, const struct kernel_param *kp)
{
	struct task_struct *task;
	unsigned long flags;
	unsigned int i, j;
	u64 ns;

	/* Only one that has never run can be given to any of them. */
	task = kzalloc(sizeof(*task), GFP_KERNEL);
	if (!task)
		return -ENOMEM;

	local_irq_save(flags);
	ns = ktime_get_ns();
	for (i = 0; i < CALLS; i++)
		for (j = 0; j < nr_task_calls; j++)
			((void (*)(struct task_struct *))task_calls[j])(task);
	ns = ktime_get_ns() - ns;
	local_irq_restore(flags);

	kfree(task);
	return sysfs_emit(buffer, "%llu\n", ns);
}

static const struct kernel_param_ops task_calls_ns_ops = {
	.get = task_calls_ns_get,
};
module_param_cb(task_calls_ns, &task_calls_ns_ops, NULL, 0400);

/* ---- transitions ------------------------------------------------------------- */

static u64 transition_start;
static unsigned long long transition_ns;
module_param(transition_ns, ullong, 0444);

/* Whatever core it is says so, and the log itself only tells microseconds. */
static void note_message(void *unused, const char *text, size_t len)
{
	if (strnstr(text, ": starting patching transition", len))
		transition_start = ktime_get_ns();
	else if (strnstr(text, ": patching complete", len))
		transition_ns = ktime_get_ns() - transition_start;
}

/* ---- latency ----------------------------------------------------------------- */

static struct hrtimer timer;
static struct task_struct *waiter;
static u64 period_ns;
static u64 irq_max, thread_max;

/* When the interrupt was due that the thread has not answered yet; 0 for none. */
static u64 due_ns;

static enum hrtimer_restart latency_tick(struct hrtimer *timer)
{
	u64 due = ktime_to_ns(hrtimer_get_expires(timer));
	u64 now = ktime_get_ns();

	irq_max = max(irq_max, now - due);
	if (!READ_ONCE(due_ns)) {
		WRITE_ONCE(due_ns, due);
		wake_up_process(waiter);
	}
	hrtimer_forward_now(timer, ns_to_ktime(period_ns));
	return HRTIMER_RESTART;
}

static int latency_fn(void *unused)
{
	set_current_state(TASK_IDLE);
	while (!kthread_should_stop()) {
		if (READ_ONCE(due_ns)) {
			thread_max = max(thread_max, ktime_get_ns() - due_ns);
			WRITE_ONCE(due_ns, 0);
		}
		schedule();
		set_current_state(TASK_IDLE);
	}
	__set_current_state(TASK_RUNNING);
	return 0;
}

static void stop_latency(void)
{
	if (!waiter)
		return;
	hrtimer_cancel(&timer);
	kthread_stop(waiter);
	waiter = NULL;
}

static int latency_ns_set(const char *value, const struct kernel_param *kp)
{
	unsigned int us;
	int err;

	err = kstrtouint(value, 0, &us);
	if (err)
		return err;

	stop_latency();
	if (!us)
		return 0;

	waiter = kthread_create(latency_fn, NULL, "klp_bench_wait");
	if (IS_ERR(waiter)) {
		err = PTR_ERR(waiter);
		waiter = NULL;
		return err;
	}
	sched_set_fifo(waiter);
	wake_up_process(waiter);

	irq_max = 0;
	thread_max = 0;
	due_ns = 0;
	period_ns = us * NSEC_PER_USEC;
	hrtimer_start(&timer, ns_to_ktime(period_ns), HRTIMER_MODE_REL_HARD);
	return 0;
}

static int latency_ns_get(char *buffer, const struct kernel_param *kp)
{
	return sysfs_emit(buffer, "%llu %llu\n", irq_max, thread_max);
}

static const struct kernel_param_ops latency_ns_ops = {
	.get = latency_ns_get,
	.set = latency_ns_set,
};
module_param_cb(latency_ns, &latency_ns_ops, NULL, 0644);

static int __init klp_bench_init(void)
{
	hrtimer_init(&timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_HARD);
	timer.function = latency_tick;
	return register_trace_console(note_message, NULL);
}

static void __exit klp_bench_exit(void)
{
	stop_latency();
	unregister_trace_console(note_message, NULL);
	tracepoint_synchronize_unregister();
}

module_init(klp_bench_init);
module_exit(klp_bench_exit);
MODULE_DESCRIPTION("Livepatch benchmark: instruments");
MODULE_LICENSE("GPL");
