// SPDX-License-Identifier: GPL-2.0
/*
 * test_klp_abi_target - functions of all kinds to patch, see test_klp_abi.h
 *
 * Files in /sys/module/test_klp_abi_target/parameters/:
 *
 *   add, leaf, many, sum, small, big
 *		one call of that function, in this module
 *   recurse	klp_abi_up() and klp_abi_down() call each other, `depth` calls deep
 *   storm	write N: two kthreads make all these calls again and again, until
 *		timers have made them in N interrupts and in N soft interrupts, which
 *		have a stack of their own on some architectures.  Fails with EIO if
 *		one went wrong
 *   crowd	write N: when there are less than N bytes left on the stack, wait
 *		there for a soft interrupt that makes a call of klp_abi_add()
 *   leave	write N: as many kthreads, one after the other, call
 *		klp_abi_leave(), which a livepatch does not return from.
 *		read: how many came back
 */
#include <linux/completion.h>
#include <linux/hrtimer.h>
#include <linux/kstrtox.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/sched/task_stack.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include "test_klp_abi.h"

/* Between two interrupts. */
#define STORM_NS	(200 * NSEC_PER_USEC)

static unsigned int depth = 50;
module_param(depth, uint, 0644);

/* Each function reads it: with a wrong TOC it would find something else. */
static long klp_abi_mark = KLP_ABI_ORIGINAL;

noinline __noclone long klp_abi_add(long n)
{
	barrier();
	return n + READ_ONCE(klp_abi_mark);
}
EXPORT_SYMBOL_GPL(klp_abi_add);

/* Uses no data: it has no global entry on ppc64le. */
noinline __noclone long klp_abi_leaf(long n)
{
	barrier();
	return n + KLP_ABI_ORIGINAL;
}

noinline __noclone long klp_abi_many(long a, long b, long c, long d, long e, long f,
				     long g, long h, long i, long j, long k, long l)
{
	barrier();
	return klp_abi_weigh(a, b, c, d, e, f, g, h, i, j, k, l) + READ_ONCE(klp_abi_mark);
}
EXPORT_SYMBOL_GPL(klp_abi_many);

noinline __noclone long klp_abi_sum(int count, ...)
{
	va_list args;
	long sum;

	va_start(args, count);
	sum = klp_abi_vsum(count, args) + READ_ONCE(klp_abi_mark);
	va_end(args);
	return sum;
}
EXPORT_SYMBOL_GPL(klp_abi_sum);

noinline __noclone struct klp_abi_small klp_abi_small(long n)
{
	barrier();
	return (struct klp_abi_small){ n, n + READ_ONCE(klp_abi_mark) };
}

noinline __noclone struct klp_abi_big klp_abi_big(long n)
{
	barrier();
	return (struct klp_abi_big){ { n, 2 * n, 3 * n, 4 * n, 5 * n, READ_ONCE(klp_abi_mark) } };
}

noinline __noclone long klp_abi_up(const struct klp_abi_calls *calls, long n)
{
	barrier();
	return n ? klp_abi_down(calls, n - 1) + READ_ONCE(klp_abi_mark) : 0;
}

noinline __noclone long klp_abi_down(const struct klp_abi_calls *calls, long n)
{
	barrier();
	return n ? klp_abi_up(calls, n - 1) + READ_ONCE(klp_abi_mark) : 0;
}

noinline __noclone long klp_abi_leave(struct completion *left)
{
	barrier();
	return READ_ONCE(klp_abi_mark);
}

static const struct klp_abi_calls calls = {
	.up = klp_abi_up,
	.down = klp_abi_down,
};

static long call_add(int *err)
{
	return klp_abi_call(err, klp_abi_add(100));
}

static long call_leaf(int *err)
{
	return klp_abi_call(err, klp_abi_leaf(100));
}

static long call_many(int *err)
{
	return klp_abi_call(err, klp_abi_many(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12));
}

static long call_sum(int *err)
{
	return klp_abi_call(err, klp_abi_sum(12, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L,
					     10L, 11L, 12L));
}

static long call_small(int *err)
{
	struct klp_abi_small ret = klp_abi_call(err, klp_abi_small(100));

	return ret.a + ret.b;
}

static long call_big(int *err)
{
	struct klp_abi_big ret = klp_abi_call(err, klp_abi_big(100));

	return ret.values[0] + ret.values[1] + ret.values[2] + ret.values[3] +
	       ret.values[4] + ret.values[5];
}

static long call_recurse(int *err)
{
	return klp_abi_call(err, klp_abi_up(&calls, depth));
}

static int call_get(char *buffer, const struct kernel_param *kp)
{
	long (*call)(int *err) = kp->arg;
	int err = 0;
	long ret = call(&err);

	return err ?: sysfs_emit(buffer, "%ld\n", ret);
}

static const struct kernel_param_ops call_ops = {
	.get = call_get,
};

module_param_cb(add, &call_ops, call_add, 0444);
module_param_cb(leaf, &call_ops, call_leaf, 0444);
module_param_cb(many, &call_ops, call_many, 0444);
module_param_cb(sum, &call_ops, call_sum, 0444);
module_param_cb(small, &call_ops, call_small, 0444);
module_param_cb(big, &call_ops, call_big, 0444);
module_param_cb(recurse, &call_ops, call_recurse, 0444);

/* What the calls give when nothing disturbs them: no transition runs meanwhile. */
static struct {
	long (*call)(int *err);
	long expected;
} all_calls[] = {
	{ call_add }, { call_leaf }, { call_many }, { call_sum }, { call_small }, { call_big },
	{ call_recurse },
};

static int storm_err;

static void make_all_calls(void)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < ARRAY_SIZE(all_calls); i++)
		if (all_calls[i].call(&err) != all_calls[i].expected)
			err = -EIO;
	if (err)
		WRITE_ONCE(storm_err, err);
}

struct storm_timer {
	struct hrtimer timer;
	unsigned int fired;
};

/* One for interrupts, one for soft interrupts. */
static const enum hrtimer_mode storm_modes[] = {
	HRTIMER_MODE_REL_HARD, HRTIMER_MODE_REL_SOFT,
};

static struct storm_timer storm_timers[ARRAY_SIZE(storm_modes)];

static enum hrtimer_restart storm_interrupt(struct hrtimer *timer)
{
	struct storm_timer *storm = container_of(timer, struct storm_timer, timer);

	make_all_calls();
	WRITE_ONCE(storm->fired, storm->fired + 1);
	hrtimer_forward_now(timer, ns_to_ktime(STORM_NS));
	return HRTIMER_RESTART;
}

static void start_storm_timers(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(storm_timers); i++) {
		struct storm_timer *storm = &storm_timers[i];

		storm->fired = 0;
		hrtimer_init(&storm->timer, CLOCK_MONOTONIC, storm_modes[i]);
		storm->timer.function = storm_interrupt;
		hrtimer_start(&storm->timer, ns_to_ktime(STORM_NS), storm_modes[i]);
	}
}

static void cancel_storm_timers(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(storm_timers); i++)
		hrtimer_cancel(&storm_timers[i].timer);
}

static unsigned int storm_fired(void)
{
	return min(READ_ONCE(storm_timers[0].fired), READ_ONCE(storm_timers[1].fired));
}

struct storm {
	unsigned int interrupts;
	struct completion done;
};

static int storm_thread(void *data)
{
	struct storm *storm = data;

	while (storm_fired() < storm->interrupts) {
		make_all_calls();
		cond_resched();
	}
	kthread_complete_and_exit(&storm->done, 0);
}

static int storm_set(const char *value, const struct kernel_param *kp)
{
	struct storm storms[2];
	struct task_struct *task;
	unsigned int i, wanted;
	int err = 0;

	err = kstrtouint(value, 0, &wanted);
	if (err)
		return err;
	for (i = 0; i < ARRAY_SIZE(all_calls); i++)
		all_calls[i].expected = all_calls[i].call(&err);
	if (err)
		return err;

	storm_err = 0;
	start_storm_timers();
	for (i = 0; i < ARRAY_SIZE(storms); i++) {
		storms[i].interrupts = wanted;
		init_completion(&storms[i].done);
		task = kthread_run(storm_thread, &storms[i], "klp_abi_storm/%u", i);
		if (IS_ERR(task)) {
			err = PTR_ERR(task);
			complete(&storms[i].done);
		}
	}
	for (i = 0; i < ARRAY_SIZE(storms); i++)
		wait_for_completion(&storms[i].done);
	cancel_storm_timers();
	return err ?: storm_err;
}

static const struct kernel_param_ops storm_ops = {
	.set = storm_set,
};
module_param_cb(storm, &storm_ops, NULL, 0200);

static bool crowd_called;

static enum hrtimer_restart crowd_interrupt(struct hrtimer *timer)
{
	klp_abi_add(0);
	WRITE_ONCE(crowd_called, true);
	return HRTIMER_NORESTART;
}

static unsigned long stack_left(void)
{
	return (unsigned long)__builtin_frame_address(0) - (unsigned long)end_of_stack(current);
}

/* The value returned keeps each call's frame until the next has come back. */
static noinline int crowd_stack(unsigned long limit)
{
	char frame[128];

	OPTIMIZER_HIDE_VAR(limit);
	memset(frame, 1, sizeof(frame));
	OPTIMIZER_HIDE_VAR(frame[0]);
	if (stack_left() > limit)
		return crowd_stack(limit) + frame[0];
	while (!READ_ONCE(crowd_called))
		cpu_relax();
	return frame[0];
}

static int crowd_set(const char *value, const struct kernel_param *kp)
{
	static struct hrtimer timer;
	unsigned long limit;
	int err;

	err = kstrtoul(value, 0, &limit);
	if (err)
		return err;
	crowd_called = false;
	hrtimer_init(&timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_SOFT);
	timer.function = crowd_interrupt;
	hrtimer_start(&timer, ms_to_ktime(1), HRTIMER_MODE_REL_SOFT);
	crowd_stack(limit);
	hrtimer_cancel(&timer);
	return 0;
}

static const struct kernel_param_ops crowd_ops = {
	.set = crowd_set,
};
module_param_cb(crowd, &crowd_ops, NULL, 0200);

static unsigned int came_back;

static int leave_thread(void *data)
{
	struct completion *left = data;

	klp_abi_leave(left);
	came_back++;
	kthread_complete_and_exit(left, 0);
}

static int leave_set(const char *value, const struct kernel_param *kp)
{
	DECLARE_COMPLETION_ONSTACK(left);
	struct task_struct *task;
	unsigned int nr;
	int err;

	err = kstrtouint(value, 0, &nr);
	if (err)
		return err;
	came_back = 0;
	while (nr--) {
		task = kthread_run(leave_thread, &left, "klp_abi_leave");
		if (IS_ERR(task))
			return PTR_ERR(task);
		wait_for_completion(&left);
	}
	return 0;
}

static int leave_get(char *buffer, const struct kernel_param *kp)
{
	return sysfs_emit(buffer, "%u\n", came_back);
}

static const struct kernel_param_ops leave_ops = {
	.set = leave_set,
	.get = leave_get,
};
module_param_cb(leave, &leave_ops, NULL, 0644);

static int __init test_klp_abi_target_init(void)
{
	return 0;
}

static void __exit test_klp_abi_target_exit(void)
{
}

module_init(test_klp_abi_target_init);
module_exit(test_klp_abi_target_exit);
MODULE_DESCRIPTION("Livepatch test: calls of all kinds");
MODULE_LICENSE("GPL");
