// SPDX-License-Identifier: GPL-2.0
/*
 * test_klp_park - tasks that wait inside a function that a livepatch patches
 *
 * Owns the parking functions and the files that send tasks there, in
 * /sys/kernel/debug/test_klp_park/:
 *
 *   interruptible, killable	a reader is parked until released (or signalled)
 *				and then reads which version of the function it
 *				was in
 *   cold, twin1, twin2		the same; the reader is parked outside of the
 *				function, and has only its cold part on the stack
 *   tail			the same; a livepatch's new function jumps to another one
 *   callback			the same; the function is called through a pointer
 *   register			which version set that pointer, when this was read
 *   unreliable			the same, in a function that objtool and thus the
 *				ORC unwinder know nothing of
 *   kthreads			write N: run N kthreads; they are parked, then
 *				wait to be stopped.  write 0: stop them
 *   spinners			the same, but instead of sleeping they spin:
 *				only preemption takes the CPU from them
 *   rescheds			the same, with cond_resched() in between
 *   sleepers			the same, asleep interruptibly until anybody
 *				wakes them
 *   injectors			the same, injecting idle time again and again
 *   kthread			which version the last released kthread was in; whoever
 *				reads this waits until no kthread is in any
 *   busy			write 1: on each CPU, a kthread that never
 *				sleeps and calls cond_resched(). write 0: stop
 *   work			write 1: a kworker of no CPU is parked
 *   spin			write 1: on the last CPU, a kthread that never
 *				does either, which the others have to make do
 *				without. write 0: stop
 *   parked			how many tasks are parked now
 *   hold			1: park whoever comes; 0: release everybody
 *
 * Removing the module stops the kthreads; readers hold it.
 */

#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/debugfs.h>
#include <linux/error-injection.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/objtool.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/wait_bit.h>
#include <linux/workqueue.h>
#include "test_klp_park.h"
#include "test_klp_target.h"

#define KLP_PARK_KTHREADS 100000

static int klp_park_callback(struct klp_park *park);

static struct klp_park park = {
	.queue = __WAIT_QUEUE_HEAD_INITIALIZER(park.queue),
	.hold = true,
	.callback = klp_park_callback,
};

/* Serialises starting and stopping of kthreads. */
static DEFINE_MUTEX(kthreads_mutex);
static struct task_struct **parked_kthreads;
static unsigned int nr_parked_kthreads;
static struct task_struct *spinning_kthread;
static DEFINE_PER_CPU(struct task_struct *, busy_kthread);
static int kthread_version;
/* How many have not told yet; they count as parked no longer than they are. */
static atomic_t nr_kthreads_inside;

static noinline __noclone int klp_park_interruptible(struct klp_park *park)
{
	return klp_park_wait(park, TASK_INTERRUPTIBLE, KLP_ORIGINAL);
}

static noinline __noclone int klp_park_killable(struct klp_park *park)
{
	return klp_park_wait(park, TASK_KILLABLE, KLP_ORIGINAL);
}

static noinline __noclone int klp_park_cold(struct klp_park *park)
{
	klp_distinct(cold);
	return klp_park_wait_aside(park, KLP_ORIGINAL);
}

static noinline __noclone int klp_park_twin(struct klp_park *park)
{
	klp_distinct(first twin);
	return klp_park_wait_aside(park, KLP_ORIGINAL);
}

static noinline __noclone int klp_park_tail(struct klp_park *park)
{
	klp_distinct(tail);
	return klp_park_wait(park, TASK_KILLABLE, KLP_ORIGINAL);
}

/* For a livepatch that does not need this module. */
int klp_park_in_tail(void)
{
	return klp_park_tail(&park);
}
EXPORT_SYMBOL_GPL(klp_park_in_tail);

static noinline __noclone int klp_park_callback(struct klp_park *park)
{
	klp_distinct(callback);
	return klp_park_wait(park, TASK_KILLABLE, KLP_ORIGINAL);
}

static noinline __noclone int klp_park_register(struct klp_park *park)
{
	park->callback = klp_park_callback;
	return KLP_ORIGINAL;
}

static int call_callback(struct klp_park *park)
{
	return park->callback(park);
}

static int last_kthread(struct klp_park *park)
{
	return wait_var_event_killable(&nr_kthreads_inside, !atomic_read(&nr_kthreads_inside)) ?:
	       READ_ONCE(kthread_version);
}

/*
 * TASK_IDLE: neither a signal nor the load average should know about it.  BPF
 * programs may modify what it returns, and may sleep where it is called.
 */
static noinline __noclone int klp_park_kthread(struct klp_park *park)
{
	return klp_park_wait(park, TASK_IDLE, KLP_ORIGINAL);
}
ALLOW_ERROR_INJECTION(klp_park_kthread, ERRNO);

/* What is on the stack behind a function that is traced. */
static noinline __noclone int klp_park_caller(struct klp_park *park)
{
	int version = klp_park_kthread(park);

	/* No sibling call: it would leave no frame. */
	barrier();
	return version;
}

static noinline __noclone int klp_park_spin(struct klp_park *park)
{
	atomic_inc(&park->parked);
	while (READ_ONCE(park->hold))
		cpu_relax();
	atomic_dec(&park->parked);

	return KLP_ORIGINAL;
}

static noinline __noclone int klp_park_resched(struct klp_park *park)
{
	atomic_inc(&park->parked);
	while (READ_ONCE(park->hold)) {
		cpu_relax();
		cond_resched();
	}
	atomic_dec(&park->parked);

	return KLP_ORIGINAL;
}

static noinline __noclone int klp_park_sleep(struct klp_park *park)
{
	DEFINE_WAIT(wait);

	prepare_to_wait(&park->queue, &wait, TASK_INTERRUPTIBLE);
	atomic_inc(&park->parked);
	if (READ_ONCE(park->hold))
		schedule();
	atomic_dec(&park->parked);
	finish_wait(&park->queue, &wait);

	return KLP_ORIGINAL;
}

static noinline __noclone int klp_park_inject(struct klp_park *park)
{
	atomic_inc(&park->parked);
	while (READ_ONCE(park->hold)) {
		play_idle_precise(NSEC_PER_MSEC, S64_MAX);
		schedule_timeout_idle(1);
	}
	atomic_dec(&park->parked);

	return KLP_ORIGINAL;
}

/* Whoever injects idle time is bound to a CPU, and FIFO. */
static int become_injector(struct klp_park *park)
{
	int version;

	set_cpus_allowed_ptr(current, cpumask_of(raw_smp_processor_id()));
	current->flags |= PF_NO_SETAFFINITY;
	sched_set_fifo(current);
	version = klp_park_inject(park);
	/* No sibling call: it would leave no frame. */
	barrier();
	return version;
}

static noinline __noclone int klp_park_unreliable(struct klp_park *park)
{
	return klp_park_wait(park, TASK_KILLABLE, KLP_ORIGINAL);
}

STACK_FRAME_NON_STANDARD(klp_park_unreliable);

static noinline __noclone void klp_park_step(void)
{
	barrier();
}

int bpf_klp_park(void);

/* Where BPF programs sleep. */
__bpf_kfunc_start_defs();

__bpf_kfunc int bpf_klp_park(void)
{
	return klp_park_wait(&park, TASK_IDLE, KLP_ORIGINAL);
}

__bpf_kfunc_end_defs();

BTF_KFUNCS_START(kfunc_ids)
BTF_ID_FLAGS(func, bpf_klp_park, KF_SLEEPABLE)
BTF_KFUNCS_END(kfunc_ids)

static const struct btf_kfunc_id_set kfuncs = {
	.owner = THIS_MODULE,
	.set = &kfunc_ids,
};

static int parked_fn(void *where)
{
	int (*park_here)(struct klp_park *park) = where;

	atomic_inc(&nr_kthreads_inside);
	WRITE_ONCE(kthread_version, park_here(&park));
	if (atomic_dec_and_test(&nr_kthreads_inside))
		wake_up_var(&nr_kthreads_inside);

	while (!kthread_should_stop()) {
		set_current_state(TASK_IDLE);
		if (!kthread_should_stop())
			schedule();
		__set_current_state(TASK_RUNNING);
	}
	return 0;
}

/* Relaxing takes an emulator much longer than anything else that it does. */
static int busy_fn(void *unused)
{
	unsigned int i = 0;

	while (!kthread_should_stop()) {
		klp_park_step();
		if (i++ % 128 == 0)
			cpu_relax();
		cond_resched();
	}
	return 0;
}

static int spin_fn(void *unused)
{
	while (!kthread_should_stop()) {
		klp_park_step();
		cpu_relax();
	}
	return 0;
}

static void stop_kthread(struct task_struct **task)
{
	if (*task)
		kthread_stop(*task);
	*task = NULL;
}

static void stop_parked_kthreads(void)
{
	while (nr_parked_kthreads)
		stop_kthread(&parked_kthreads[--nr_parked_kthreads]);
	kvfree(parked_kthreads);
	parked_kthreads = NULL;
}

static int start_parked_kthreads(void *where, unsigned int count)
{
	struct task_struct *task;

	parked_kthreads = kvcalloc(count, sizeof(*parked_kthreads), GFP_KERNEL);
	if (!parked_kthreads)
		return -ENOMEM;

	while (nr_parked_kthreads < count) {
		task = kthread_run(parked_fn, where, "klp_parked/%u", nr_parked_kthreads);
		if (IS_ERR(task))
			return PTR_ERR(task);
		parked_kthreads[nr_parked_kthreads++] = task;
	}
	return 0;
}

static int kthreads_set(void *where, u64 count)
{
	int ret = 0;

	if (count > KLP_PARK_KTHREADS)
		return -EINVAL;

	mutex_lock(&kthreads_mutex);
	stop_parked_kthreads();
	if (count)
		ret = start_parked_kthreads(where, count);
	mutex_unlock(&kthreads_mutex);
	return ret;
}
DEFINE_DEBUGFS_ATTRIBUTE(kthreads_fops, NULL, kthreads_set, "%llu\n");

static int busy_set(void *data, u64 on)
{
	struct task_struct *task;
	unsigned int cpu;
	int ret = 0;

	mutex_lock(&kthreads_mutex);
	for_each_possible_cpu(cpu)
		stop_kthread(per_cpu_ptr(&busy_kthread, cpu));
	for_each_online_cpu(cpu) {
		if (!on)
			break;
		task = kthread_create_on_cpu(busy_fn, NULL, cpu, "klp_busy/%u");
		if (IS_ERR(task)) {
			ret = PTR_ERR(task);
			break;
		}
		per_cpu(busy_kthread, cpu) = task;
		wake_up_process(task);
	}
	mutex_unlock(&kthreads_mutex);
	return ret;
}
DEFINE_DEBUGFS_ATTRIBUTE(busy_fops, NULL, busy_set, "%llu\n");

static int spin_set(void *data, u64 on)
{
	struct task_struct *task;
	int ret = 0;

	mutex_lock(&kthreads_mutex);
	stop_kthread(&spinning_kthread);
	if (on) {
		task = kthread_create_on_cpu(spin_fn, NULL, cpumask_last(cpu_online_mask),
					     "klp_spin/%u");
		ret = PTR_ERR_OR_ZERO(task);
		if (!ret) {
			spinning_kthread = task;
			wake_up_process(task);
		}
	}
	mutex_unlock(&kthreads_mutex);
	return ret;
}
DEFINE_DEBUGFS_ATTRIBUTE(spin_fops, NULL, spin_set, "%llu\n");

static void park_work(struct work_struct *work)
{
	klp_park_wait(&park, TASK_IDLE, KLP_ORIGINAL);
}

static DECLARE_WORK(parked_work, park_work);

static int work_set(void *data, u64 unused)
{
	queue_work(system_unbound_wq, &parked_work);
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(work_fops, NULL, work_set, "%llu\n");

static int hold_get(void *data, u64 *value)
{
	*value = READ_ONCE(park.hold);
	return 0;
}

static int hold_set(void *data, u64 value)
{
	WRITE_ONCE(park.hold, value);
	if (!value)
		wake_up_all(&park.queue);
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(hold_fops, hold_get, hold_set, "%llu\n");

static int park_show(struct seq_file *m, void *unused)
{
	int (*park_here)(struct klp_park *park) = m->private;
	int version = park_here(&park);

	if (version < 0)
		return version;

	if (version == KLP_ORIGINAL)
		seq_puts(m, "original\n");
	else
		seq_printf(m, "%c\n", version);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(park);

static struct dentry *park_dir;

static int __init test_klp_park_init(void)
{
	int ret;

	ret = register_btf_kfunc_id_set(BPF_PROG_TYPE_TRACING, &kfuncs);
	if (ret)
		return ret;

	park_dir = debugfs_create_dir("test_klp_park", NULL);
	debugfs_create_file("interruptible", 0444, park_dir, klp_park_interruptible, &park_fops);
	debugfs_create_file("killable", 0444, park_dir, klp_park_killable, &park_fops);
	debugfs_create_file("cold", 0444, park_dir, klp_park_cold, &park_fops);
	debugfs_create_file("twin1", 0444, park_dir, klp_park_twin, &park_fops);
	debugfs_create_file("twin2", 0444, park_dir, klp_park_twin2, &park_fops);
	debugfs_create_file("tail", 0444, park_dir, klp_park_tail, &park_fops);
	debugfs_create_file("callback", 0444, park_dir, call_callback, &park_fops);
	debugfs_create_file("register", 0444, park_dir, klp_park_register, &park_fops);
	debugfs_create_file("unreliable", 0444, park_dir, klp_park_unreliable, &park_fops);
	debugfs_create_file("kthreads", 0200, park_dir, klp_park_caller, &kthreads_fops);
	debugfs_create_file("spinners", 0200, park_dir, klp_park_spin, &kthreads_fops);
	debugfs_create_file("rescheds", 0200, park_dir, klp_park_resched, &kthreads_fops);
	debugfs_create_file("sleepers", 0200, park_dir, klp_park_sleep, &kthreads_fops);
	debugfs_create_file("injectors", 0200, park_dir, become_injector, &kthreads_fops);
	debugfs_create_file("kthread", 0444, park_dir, last_kthread, &park_fops);
	debugfs_create_file("busy", 0200, park_dir, NULL, &busy_fops);
	debugfs_create_file("work", 0200, park_dir, NULL, &work_fops);
	debugfs_create_file("spin", 0200, park_dir, NULL, &spin_fops);
	debugfs_create_file("hold", 0644, park_dir, NULL, &hold_fops);
	debugfs_create_atomic_t("parked", 0444, park_dir, &park.parked);
	return 0;
}

static void __exit test_klp_park_exit(void)
{
	debugfs_remove(park_dir);
	hold_set(NULL, 0);
	flush_work(&parked_work);
	kthreads_set(NULL, 0);
	busy_set(NULL, 0);
	spin_set(NULL, 0);
}

module_init(test_klp_park_init);
module_exit(test_klp_park_exit);
MODULE_DESCRIPTION("Livepatch test: tasks parked in patched functions");
MODULE_LICENSE("GPL");
