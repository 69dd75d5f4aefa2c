// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where calls come from: tasks of all kinds, and whatever interrupts them.
 */
#include <linux/completion.h>
#include <linux/cpu.h>
#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/irq_work.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/srcu.h>
#include <linux/timer.h>
#include <linux/workqueue.h>
#include "internal.h"

/* How long functions that must not sleep keep a CPU, in microseconds. */
#define SPIN_USECS	150

/* And those that may. */
#define BUSY_USECS	4000
#define SLEEP_USECS	80000

#define DEPTH		24

enum klpt_context {
	USER, KTHREAD, BUSY, SHORT_LIVED, WORK, TASKLET, TIMER, HRTIMER, IRQ_WORK, IPI, RCU,
	CALLBACK, CONTEXTS,
};

static const char * const names[CONTEXTS] = {
	[USER]		= "user",
	[KTHREAD]	= "kthread",
	[BUSY]		= "busy",
	[SHORT_LIVED]	= "short-lived",
	[WORK]		= "work",
	[TASKLET]	= "tasklet",
	[TIMER]		= "timer",
	[HRTIMER]	= "hrtimer",
	[IRQ_WORK]	= "irq_work",
	[IPI]		= "ipi",
	[RCU]		= "rcu",
	[CALLBACK]	= "callback",
};

static atomic_long_t nr_calls[CONTEXTS];

static DEFINE_TORTURE_RANDOM_PERCPU(random);

/* Interrupts may come in between: it is random all the more. */
static unsigned int below(unsigned int n)
{
	return torture_random(raw_cpu_ptr(&random)) % n;
}

/* The pair of the module that comes and goes, while it is there. */
static const struct klpt_pair *target;
DEFINE_STATIC_SRCU(target_srcu);

const char *klpt_context_name(unsigned int context)
{
	return context < CONTEXTS ? names[context] : "?";
}

static void call_and_check(struct klpt_call *call)
{
	struct klpt_world before;
	unsigned int nr;

	atomic_long_inc(&nr_calls[call->context]);
	nr = klpt_world_get(&before);
	call->pair->first(call);
	if (!call->wrong)
		klpt_world_check(call, &before, nr);
}

static void do_call(struct klpt_call *call)
{
	int idx;

	if (call->id != KLPT_TARGET) {
		call->pair = &klpt_pairs[call->id];
		call_and_check(call);
		return;
	}

	idx = srcu_read_lock(&target_srcu);
	/* Pairs with klpt_add_target(): what the pair points to is there. */
	call->pair = smp_load_acquire(&target);
	if (call->pair)
		call_and_check(call);
	srcu_read_unlock(&target_srcu, idx);
}

static void call_atomic(enum klpt_context context)
{
	struct klpt_call call = {
		.id = below(KLPT_PAIRS),
		.context = context,
		.pause = below(2) ? KLPT_SPIN : KLPT_NOTHING,
		.usecs = below(SPIN_USECS),
		.depth = below(DEPTH / 4),
	};

	do_call(&call);
}

static void call_sleeping(enum klpt_context context, unsigned int usecs)
{
	struct klpt_call call = {
		.id = below(KLPT_PAIRS),
		.context = context,
		.pause = below(KLPT_PAUSES),
		.depth = below(DEPTH),
	};

	if (call.pause == KLPT_SPIN || call.pause == KLPT_RESCHED)
		usecs = min(usecs, BUSY_USECS);
	call.usecs = below(usecs);
	do_call(&call);
}

void klpt_call_by_user(void)
{
	call_sleeping(USER, SLEEP_USECS);
}

void klpt_call_by_callback(void)
{
	struct klpt_call call = { .context = CALLBACK };

	for (call.id = 0; call.id < KLPT_TARGET; call.id++)
		do_call(&call);
}

void klpt_add_target(const struct klpt_pair *pair)
{
	/* Pairs with do_call(). */
	smp_store_release(&target, pair);
}
EXPORT_SYMBOL_GPL(klpt_add_target);

void klpt_del_target(void)
{
	WRITE_ONCE(target, NULL);
	synchronize_srcu(&target_srcu);
}
EXPORT_SYMBOL_GPL(klpt_del_target);

/* ---- interrupts and what follows them ------------------------------------------ */

struct per_cpu_things {
	struct hrtimer hrtimer;
	struct timer_list timer;
	struct tasklet_struct tasklet;
	struct irq_work irq_work;
	struct work_struct work;
	struct rcu_head rcu;
	bool rcu_pending;
};

static struct per_cpu_things __percpu *things;

static enum hrtimer_restart hrtimer_fn(struct hrtimer *timer)
{
	call_atomic(HRTIMER);
	/*
	 * Here and not in ipi_fn(): with PREEMPT_RT that must not raise a soft interrupt,
	 * see do_softirq_post_smp_call_flush().
	 */
	tasklet_schedule(&this_cpu_ptr(things)->tasklet);
	return HRTIMER_NORESTART;
}

static void timer_fn(struct timer_list *timer)
{
	call_atomic(TIMER);
}

static void tasklet_fn(struct tasklet_struct *tasklet)
{
	call_atomic(TASKLET);
}

static void irq_work_fn(struct irq_work *work)
{
	call_atomic(IRQ_WORK);
}

static void work_fn(struct work_struct *work)
{
	call_sleeping(WORK, SLEEP_USECS);
}

static void rcu_fn(struct rcu_head *head)
{
	call_atomic(RCU);
	/* Pairs with ipi_fn(): the head can be used again. */
	smp_store_release(&container_of(head, struct per_cpu_things, rcu)->rcu_pending, false);
}

/* On each CPU, in an interrupt: a call now, and some for later. */
static void ipi_fn(void *unused)
{
	struct per_cpu_things *my = this_cpu_ptr(things);

	call_atomic(IPI);

	if (!hrtimer_active(&my->hrtimer))
		hrtimer_start(&my->hrtimer, ns_to_ktime(below(5000 * NSEC_PER_USEC)),
			      HRTIMER_MODE_REL_PINNED_HARD);
	if (!timer_pending(&my->timer))
		mod_timer(&my->timer, jiffies + below(3));
	irq_work_queue(&my->irq_work);
	/* Pairs with rcu_fn(). */
	if (!smp_load_acquire(&my->rcu_pending)) {
		my->rcu_pending = true;
		call_rcu(&my->rcu, rcu_fn);
	}
}

static int init_things(void)
{
	int cpu;

	things = alloc_percpu(struct per_cpu_things);
	if (!things)
		return -ENOMEM;

	for_each_possible_cpu(cpu) {
		struct per_cpu_things *its = per_cpu_ptr(things, cpu);

		hrtimer_init(&its->hrtimer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED_HARD);
		its->hrtimer.function = hrtimer_fn;
		timer_setup(&its->timer, timer_fn, TIMER_PINNED);
		tasklet_setup(&its->tasklet, tasklet_fn);
		its->irq_work = IRQ_WORK_INIT_HARD(irq_work_fn);
		INIT_WORK(&its->work, work_fn);
		init_rcu_head(&its->rcu);
	}
	return 0;
}

static void stop_things(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct per_cpu_things *its = per_cpu_ptr(things, cpu);

		hrtimer_cancel(&its->hrtimer);
		timer_shutdown_sync(&its->timer);
		tasklet_kill(&its->tasklet);
		irq_work_sync(&its->irq_work);
		cancel_work_sync(&its->work);
	}
	rcu_barrier();
	for_each_possible_cpu(cpu)
		destroy_rcu_head(&per_cpu_ptr(things, cpu)->rcu);
	free_percpu(things);
}

/* ---- tasks ---------------------------------------------------------------------- */

static struct task_struct **kthreads;
static unsigned int wanted_kthreads, nr_started;
static struct task_struct *interrupter, *busy, *spawner;

static int klpt_kthread(void *unused)
{
	do {
		call_sleeping(KTHREAD, SLEEP_USECS);
		stutter_wait("klpt_kthread");
	} while (!torture_must_stop());
	torture_kthread_stopping("klpt_kthread");
	return 0;
}

/* Always runnable, and for its priority mostly preempted. */
static int klpt_busy(void *unused)
{
	set_user_nice(current, MAX_NICE);
	do {
		struct klpt_call call = {
			.id = below(KLPT_PAIRS),
			.context = BUSY,
			.pause = below(3),
			.usecs = below(BUSY_USECS),
			.depth = below(DEPTH),
		};

		do_call(&call);
		cond_resched();
		stutter_wait("klpt_busy");
	} while (!torture_must_stop());
	torture_kthread_stopping("klpt_busy");
	return 0;
}

static int klpt_interrupter(void *unused)
{
	int cpu;

	do {
		on_each_cpu(ipi_fn, NULL, true);
		cpus_read_lock();
		for_each_online_cpu(cpu)
			queue_work_on(cpu, system_wq, &per_cpu_ptr(things, cpu)->work);
		cpus_read_unlock();
		schedule_timeout_uninterruptible(1);
		stutter_wait("klpt_interrupter");
	} while (!torture_must_stop());
	torture_kthread_stopping("klpt_interrupter");
	return 0;
}

static int short_lived(void *data)
{
	call_sleeping(SHORT_LIVED, SLEEP_USECS / 4);
	kthread_complete_and_exit(data, 0);
}

/* Kthreads that call once and exit; their parent is kthreadd. */
static int klpt_spawner(void *unused)
{
	do {
		DECLARE_COMPLETION_ONSTACK(done);
		struct task_struct *task = kthread_run(short_lived, &done, "klpt_short");

		if (IS_ERR(task))
			schedule_timeout_uninterruptible(HZ / 10);
		else
			wait_for_completion(&done);
		stutter_wait("klpt_spawner");
	} while (!torture_must_stop());
	torture_kthread_stopping("klpt_spawner");
	return 0;
}

int klpt_contexts_start(unsigned int nr_kthreads)
{
	int err;

	wanted_kthreads = nr_kthreads;
	err = init_things();
	if (err)
		return err;
	kthreads = kcalloc(nr_kthreads, sizeof(*kthreads), GFP_KERNEL);
	if (!kthreads) {
		free_percpu(things);
		things = NULL;
		return -ENOMEM;
	}

	for (; nr_started < nr_kthreads; nr_started++) {
		err = torture_create_kthread(klpt_kthread, NULL, kthreads[nr_started]);
		if (err)
			return err;
	}
	return torture_create_kthread(klpt_interrupter, NULL, interrupter) ?:
	       torture_create_kthread(klpt_busy, NULL, busy) ?:
	       torture_create_kthread(klpt_spawner, NULL, spawner);
}

/* Also after klpt_contexts_start() has failed. */
void klpt_contexts_stop(void)
{
	if (!things)
		return;

	torture_stop_kthread(klpt_spawner, spawner);
	torture_stop_kthread(klpt_busy, busy);
	torture_stop_kthread(klpt_interrupter, interrupter);
	while (nr_started--)
		torture_stop_kthread(klpt_kthread, kthreads[nr_started]);
	kfree(kthreads);
	stop_things();
}

void klpt_contexts_stats(void)
{
	char text[300];
	int i, len = 0;

	for (i = 0; i < CONTEXTS; i++)
		len += scnprintf(text + len, sizeof(text) - len, " %s %ld", names[i],
				 atomic_long_read(&nr_calls[i]));
	pr_alert("%s" TORTURE_FLAG " calls:%s\n", torture_type, text);
}

/* Only a test that was long enough for all of them to have had their turn can tell. */
void klpt_contexts_check(void)
{
	int i;

	for (i = 0; i < CONTEXTS; i++)
		if (!atomic_long_read(&nr_calls[i]) && (i != KTHREAD || wanted_kthreads))
			klpt_error("nobody has called: %s", names[i]);
}
