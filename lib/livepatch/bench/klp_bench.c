// SPDX-License-Identifier: GPL-2.0
/*
 * klp_bench - instruments of the benchmark
 *
 * /sys/module/klp_bench/parameters/:
 *
 *   clock_ns		the time, and how much of it all CPUs together were idle
 *   kthreads_ns	reading it makes 10000 kthreads one after the other, waits for
 *			the end of each, and tells how long that took
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
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/sysfs.h>
#include <linux/timekeeping.h>
#include "klp_bench.h"

#define KTHREADS	10000

static int clock_ns_get(char *buffer, const struct kernel_param *kp)
{
	u64 idle = klp_bench_idle_time();

	return sysfs_emit(buffer, "%llu %llu\n", ktime_get_ns(), idle);
}

static const struct kernel_param_ops clock_ns_ops = {
	.get = clock_ns_get,
};
module_param_cb(clock_ns, &clock_ns_ops, NULL, 0444);

static int nothing_fn(void *unused)
{
	return 0;
}

static int kthreads_ns_get(char *buffer, const struct kernel_param *kp)
{
	u64 start = ktime_get_ns();
	struct task_struct *task;
	unsigned int i;

	for (i = 0; i < KTHREADS; i++) {
		task = kthread_create(nothing_fn, NULL, "klp_bench");
		if (IS_ERR(task))
			return PTR_ERR(task);

		/* It may be gone before it is asked to stop. */
		get_task_struct(task);
		wake_up_process(task);
		kthread_stop_put(task);
	}
	return sysfs_emit(buffer, "%llu\n", ktime_get_ns() - start);
}

static const struct kernel_param_ops kthreads_ns_ops = {
	.get = kthreads_ns_get,
};
module_param_cb(kthreads_ns, &kthreads_ns_ops, NULL, 0444);

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
	return 0;
}

static void __exit klp_bench_exit(void)
{
	stop_latency();
}

module_init(klp_bench_init);
module_exit(klp_bench_exit);
MODULE_DESCRIPTION("Livepatch benchmark: instruments");
MODULE_LICENSE("GPL");
