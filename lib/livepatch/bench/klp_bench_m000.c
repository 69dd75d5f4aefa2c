// SPDX-License-Identifier: GPL-2.0
/*
 * klp_bench_m000 - a thousand functions to patch, and what calling one costs
 *
 * Owns klp_bench_0() to klp_bench_999().  More are had from copies of the file,
 * in which the name is replaced by klp_bench_m001 and so on, wherever it stands.
 * (Loading one module with many more takes long: for each of its functions the
 * kernel goes through all symbols of the module.)
 *
 * Below /sys/module/klp_bench_m000/parameters/, each in nanoseconds for a hundred
 * thousand calls, which is instructions when the emulator counts them:
 *
 *   calls_ns		klp_bench_0(), called by whoever reads the file
 *   vmlinux_calls_ns	jiffies_to_msecs(), likewise
 *   holder_calls_ns, holder_vmlinux_calls_ns
 *			the same, called by a kthread that has been inside
 *			klp_bench_hold() since 1 was written to `hold`: if that is
 *			being patched, by a task that has not changed over
 *
 * Writing the name of a function to `trace` puts a tracer that does nothing on it.
 * `nappers` kthreads, a number that is written, are in klp_bench_nap() nearly
 * all the time, and return from it every 5 ms.
 */

#include <linux/delay.h>
#include <linux/ftrace.h>
#include <linux/irqflags.h>
#include <linux/jiffies.h>
#include <linux/kallsyms.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include <linux/timekeeping.h>
#include "klp_bench.h"

#define CALLS	100000

#define KLP_BENCH(index)								\
	static noinline __noclone __used					\
	unsigned int klp_bench_##index(const unsigned long unused)		\
	{									\
		barrier();							\
		return 0;							\
	}
#include "klp_bench_list.h"

static u64 time_calls(klp_bench_fn *func)
{
	unsigned long flags;
	unsigned int i;
	u64 ns;

	/* Through a pointer, as most functions that matter are called. */
	OPTIMIZER_HIDE_VAR(func);

	/* The timer's instructions are not the call's. */
	local_irq_save(flags);
	ns = ktime_get_ns();
	for (i = 0; i < CALLS; i++)
		func(1);
	ns = ktime_get_ns() - ns;
	local_irq_restore(flags);
	return ns;
}

static int calls_ns_get(char *buffer, const struct kernel_param *kp)
{
	return sysfs_emit(buffer, "%llu\n", time_calls(klp_bench_0));
}

static const struct kernel_param_ops calls_ns_ops = {
	.get = calls_ns_get,
};
module_param_cb(calls_ns, &calls_ns_ops, NULL, 0444);

static int vmlinux_calls_ns_get(char *buffer, const struct kernel_param *kp)
{
	return sysfs_emit(buffer, "%llu\n", time_calls(jiffies_to_msecs));
}

static const struct kernel_param_ops vmlinux_calls_ns_ops = {
	.get = vmlinux_calls_ns_get,
};
module_param_cb(vmlinux_calls_ns, &vmlinux_calls_ns_ops, NULL, 0444);

/* ---- a task that has not changed over --------------------------------------- */

static struct task_struct *holder;
static DECLARE_WAIT_QUEUE_HEAD(holder_wait);
static klp_bench_fn *holder_asked;
static u64 holder_ns;

static noinline __noclone void klp_bench_hold(void)
{
	while (!kthread_should_stop()) {
		wait_event_idle(holder_wait, READ_ONCE(holder_asked) || kthread_should_stop());
		if (!READ_ONCE(holder_asked))
			continue;
		holder_ns = time_calls(holder_asked);
		WRITE_ONCE(holder_asked, NULL);
		wake_up(&holder_wait);
	}
}

static int holder_fn(void *unused)
{
	klp_bench_hold();
	return 0;
}

static void stop_holder(void)
{
	if (holder)
		kthread_stop(holder);
	holder = NULL;
}

static int hold_set(const char *value, const struct kernel_param *kp)
{
	bool hold;
	int err;

	err = kstrtobool(value, &hold);
	if (err)
		return err;

	stop_holder();
	if (!hold)
		return 0;

	holder = kthread_run(holder_fn, NULL, "klp_bench_hold");
	if (!IS_ERR(holder))
		return 0;
	err = PTR_ERR(holder);
	holder = NULL;
	return err;
}

static const struct kernel_param_ops hold_ops = {
	.set = hold_set,
};
module_param_cb(hold, &hold_ops, NULL, 0200);

static int ask_holder(char *buffer, klp_bench_fn *func)
{
	if (!holder)
		return -ENODEV;

	WRITE_ONCE(holder_asked, func);
	wake_up(&holder_wait);
	wait_event(holder_wait, !READ_ONCE(holder_asked));
	return sysfs_emit(buffer, "%llu\n", holder_ns);
}

static int holder_calls_ns_get(char *buffer, const struct kernel_param *kp)
{
	return ask_holder(buffer, klp_bench_0);
}

static const struct kernel_param_ops holder_calls_ns_ops = {
	.get = holder_calls_ns_get,
};
module_param_cb(holder_calls_ns, &holder_calls_ns_ops, NULL, 0444);

static int holder_vmlinux_calls_ns_get(char *buffer, const struct kernel_param *kp)
{
	return ask_holder(buffer, jiffies_to_msecs);
}

static const struct kernel_param_ops holder_vmlinux_calls_ns_ops = {
	.get = holder_vmlinux_calls_ns_get,
};
module_param_cb(holder_vmlinux_calls_ns, &holder_vmlinux_calls_ns_ops, NULL, 0444);

/* ---- kthreads that come out of a patched function now and then ---------------- */

#define NAPPERS_MAX	1000

static struct task_struct *nappers[NAPPERS_MAX];

static noinline __noclone void klp_bench_nap(void)
{
	fsleep(5000);
	barrier();
}

static int napper_fn(void *unused)
{
	while (!kthread_should_stop()) {
		klp_bench_nap();
		cond_resched();
	}
	return 0;
}

static void stop_nappers(void)
{
	unsigned int i;

	for (i = 0; i < NAPPERS_MAX && nappers[i]; i++) {
		kthread_stop(nappers[i]);
		nappers[i] = NULL;
	}
}

static int nappers_set(const char *value, const struct kernel_param *kp)
{
	struct task_struct *task;
	unsigned int i, nr;
	int err;

	err = kstrtouint(value, 0, &nr);
	if (err)
		return err;
	if (nr > NAPPERS_MAX)
		return -EINVAL;

	stop_nappers();
	for (i = 0; i < nr; i++) {
		task = kthread_run(napper_fn, NULL, "klp_bench_nap/%u", i);
		if (IS_ERR(task)) {
			stop_nappers();
			return PTR_ERR(task);
		}
		nappers[i] = task;
	}
	return 0;
}

static const struct kernel_param_ops nappers_ops = {
	.set = nappers_set,
};
module_param_cb(nappers, &nappers_ops, NULL, 0200);

/* ---- another user of ftrace --------------------------------------------------- */

static void notrace trace_nothing(unsigned long ip, unsigned long parent_ip,
				  struct ftrace_ops *ops, struct ftrace_regs *fregs)
{
}

static struct ftrace_ops trace_ops = {
	.func = trace_nothing,
};

static bool tracing;

static void stop_tracing(void)
{
	if (tracing)
		unregister_ftrace_function(&trace_ops);
	tracing = false;
}

static int trace_set(const char *value, const struct kernel_param *kp)
{
	static char buffer[KSYM_NAME_LEN];
	char *name;
	int err;

	if (strscpy(buffer, value, sizeof(buffer)) < 0)
		return -EINVAL;
	name = strim(buffer);

	stop_tracing();
	if (!*name)
		return 0;

	err = ftrace_set_filter(&trace_ops, name, strlen(name), 1) ?:
	      register_ftrace_function(&trace_ops);
	tracing = !err;
	return err;
}

static const struct kernel_param_ops trace_ops_param = {
	.set = trace_set,
};
module_param_cb(trace, &trace_ops_param, NULL, 0200);

static int __init klp_bench_m000_init(void)
{
	return 0;
}

static void __exit klp_bench_m000_exit(void)
{
	stop_tracing();
	stop_nappers();
	stop_holder();
}

module_init(klp_bench_m000_init);
module_exit(klp_bench_m000_exit);
MODULE_DESCRIPTION("Livepatch benchmark: a thousand functions");
MODULE_LICENSE("GPL");
