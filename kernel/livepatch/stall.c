// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a transition waits for: all that is told about it, in the file "stalled"
 * of a patch and in the log.  Documentation/livepatch/stalled-transitions.rst
 *
 * Nothing here changes a task.  The file can be read at any time: it does not
 * take klp_mutex, which callbacks may hold for as long as they like.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/jiffies.h>
#include <linux/kallsyms.h>
#include <linux/kernfs.h>
#include <linux/ktime.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/seq_buf.h>
#include <linux/seq_file.h>
#include <linux/seqlock.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/string_helpers.h>
#include "internal.h"

/* When the log first tells what a transition waits for, and how often from then on. */
#define REPORT_FIRST	(15 * HZ)
#define REPORT_AGAIN	(60 * HZ)

/* The log names the commonest of this many different causes. */
#define CAUSES_COUNTED	32
#define CAUSES_NAMED	3

/* Room for waiting tasks in a snapshot before it is known how many there are. */
#define SNAPSHOT_MIN	64

/* A transition, from the time that tasks are asked to switch until it ends or turns. */
struct leg {
	/* NULL if there is none. */
	const struct klp_patch *patch;
	int target_state;
	/* In nanoseconds of the monotonic clock, like task_struct::start_time. */
	u64 since;
};

/* Written under klp_mutex as well.  The sequence number tells one leg from another. */
static DEFINE_SEQLOCK(leg_lock);
static struct leg current_leg;

/* When the log will tell next, in jiffies; klp_mutex. */
static unsigned long report_at;

static const char * const reasons[] = {
	[KLP_BLOCK_ON_STACK]	= "on_stack",
	[KLP_BLOCK_UNRELIABLE]	= "unreliable",
	[KLP_BLOCK_RUNNING]	= "running",
	[KLP_BLOCK_EXITING]	= "exiting",
};

static void set_leg(const struct leg *leg)
{
	lockdep_assert_held(&klp_mutex);

	write_seqlock(&leg_lock);
	current_leg = *leg;
	write_sequnlock(&leg_lock);
}

void klp_stall_begin(void)
{
	set_leg(&(struct leg){
		.patch = klp_transition_patch,
		.target_state = klp_target_state,
		.since = ktime_get_ns(),
	});
	report_at = jiffies + REPORT_FIRST;
}

void klp_stall_end(void)
{
	set_leg(&(struct leg){ });
}

static unsigned int read_leg(struct leg *leg)
{
	unsigned int seq;

	do {
		seq = read_seqbegin(&leg_lock);
		*leg = current_leg;
	} while (read_seqretry(&leg_lock, seq));
	return seq;
}

static void look_at_all(klp_walk_fn fn, void *data)
{
	unsigned int cpu;

	klp_walk_tasks(fn, data);

	/* Nobody waits for the idle task of a CPU that is offline. */
	for_each_online_cpu(cpu) {
		rcu_read_lock();
		fn(idle_task(cpu), data);
		rcu_read_unlock();
	}
}

/* ---- the file -------------------------------------------------------------- */

struct waiter {
	/* Only tells two tasks apart: it may be freed. */
	const struct task_struct *task;
	u64 waited;
	unsigned long addr;
	enum klp_block_reason reason;
	pid_t pid;
	pid_t tgid;
	char comm[TASK_COMM_LEN];
};

/* What one reader of the file sees. */
struct snapshot {
	struct leg leg;
	unsigned int seq;
	/* How many are waited for; only the first @max have an entry. */
	size_t nr;
	size_t max;
	struct waiter *waiters;
};

static unsigned int add_waiter(struct task_struct *task, void *data)
{
	struct snapshot *snapshot = data;
	bool room = snapshot->nr < snapshot->max;
	struct klp_blocker blocker;
	struct waiter *waiter;
	u64 born;

	/* Without room they are only counted, which is cheap. */
	if (!klp_transition_waits_for(task, snapshot->leg.target_state,
				      room ? &blocker : NULL))
		return 1;

	snapshot->nr++;
	if (!room)
		return 1;

	/* exec by another thread gives that the leader's id and time of birth. */
	born = data_race(task->start_time);

	waiter = &snapshot->waiters[snapshot->nr - 1];
	waiter->task = task;
	waiter->waited = ktime_get_ns() - max(snapshot->leg.since, born);
	waiter->addr = blocker.addr;
	waiter->reason = blocker.reason;
	waiter->pid = READ_ONCE(task->pid);
	waiter->tgid = task->tgid;
	get_task_comm(waiter->comm, task);
	return KLP_STACK_COST;
}

static int make_room(struct snapshot *snapshot, size_t max)
{
	kvfree(snapshot->waiters);
	snapshot->waiters = kvmalloc_array(max, sizeof(*snapshot->waiters), GFP_KERNEL);
	snapshot->max = snapshot->waiters ? max : 0;
	return snapshot->waiters ? 0 : -ENOMEM;
}

static int compare_waiters(const void *a, const void *b)
{
	const struct waiter *x = a, *y = b;

	/* There may be very many of them. */
	cond_resched();
	return klp_compare(x->pid, y->pid) ?:
	       klp_compare((unsigned long)x->task, (unsigned long)y->task);
}

/* In the order of their ids, and each task once, however often the walk came to it. */
static void sort_waiters(struct snapshot *snapshot)
{
	struct waiter *waiters = snapshot->waiters;
	size_t from, to = 0;

	if (!snapshot->nr)
		return;

	sort(waiters, snapshot->nr, sizeof(*waiters), compare_waiters, NULL);
	for (from = 1; from < snapshot->nr; from++)
		if (compare_waiters(&waiters[to], &waiters[from]))
			waiters[++to] = waiters[from];
	snapshot->nr = to + 1;
}

static bool turns_round(const struct leg *leg)
{
	return leg->target_state != READ_ONCE(klp_target_state);
}

static int take_snapshot(struct snapshot *snapshot, const struct klp_patch *patch)
{
	int err = 0;

	do {
		snapshot->nr = 0;
		snapshot->seq = read_leg(&snapshot->leg);

		/* While it turns round there is nobody yet who is waited for. */
		if (snapshot->leg.patch != patch || turns_round(&snapshot->leg))
			return 0;

		look_at_all(add_waiter, snapshot);

		if (fatal_signal_pending(current))
			err = -EINTR;
		else if (snapshot->nr > snapshot->max)
			err = make_room(snapshot, snapshot->nr + snapshot->nr / 4);
		else if (!read_seqretry(&leg_lock, snapshot->seq) &&
			 !turns_round(&snapshot->leg))
			break;
	} while (!err);

	if (err)
		snapshot->nr = 0;
	sort_waiters(snapshot);
	return err;
}

static int stalled_open(struct kernfs_open_file *of)
{
	struct snapshot *snapshot;
	int err;

	snapshot = kzalloc(sizeof(*snapshot), GFP_KERNEL);
	if (!snapshot)
		return -ENOMEM;

	err = make_room(snapshot, SNAPSHOT_MIN);
	if (err) {
		kfree(snapshot);
		return err;
	}
	of->priv = snapshot;
	return 0;
}

/* Also called when the patch goes and the file is still open. */
static void stalled_release(struct kernfs_open_file *of)
{
	struct snapshot *snapshot = of->priv;

	kvfree(snapshot->waiters);
	kfree(snapshot);
}

static void *stalled_at(struct snapshot *snapshot, loff_t pos)
{
	return pos < snapshot->nr ? &snapshot->waiters[pos] : NULL;
}

/* Who reads from the start sees the present; all that follows is of the same moment. */
static void *stalled_start(struct seq_file *file, loff_t *pos)
{
	struct kernfs_open_file *of = file->private;
	int err;

	if (!*pos) {
		err = take_snapshot(of->priv, of->kn->priv);
		if (err)
			return ERR_PTR(err);
	}
	return stalled_at(of->priv, *pos);
}

static void *stalled_next(struct seq_file *file, void *v, loff_t *pos)
{
	struct kernfs_open_file *of = file->private;

	return stalled_at(of->priv, ++*pos);
}

static int stalled_show(struct seq_file *file, void *v)
{
	const struct waiter *waiter = v;
	u64 seconds;
	u32 ms;

	seconds = div_u64_rem(div_u64(waiter->waited, NSEC_PER_MSEC), MSEC_PER_SEC, &ms);

	seq_printf(file, "%d %d ", waiter->pid, waiter->tgid);
	/* The columns are separated by spaces, and a task can call itself anything. */
	seq_escape_str(file, waiter->comm, ESCAPE_OCTAL | ESCAPE_NAP | ESCAPE_APPEND, " \\");
	seq_printf(file, " %s %llu.%03u ", reasons[waiter->reason], seconds, ms);
	if (waiter->addr)
		seq_printf(file, "%pS\n", (void *)waiter->addr);
	else
		seq_puts(file, "-\n");
	return 0;
}

static const struct kernfs_ops stalled_ops = {
	.open		= stalled_open,
	.release	= stalled_release,
	.seq_start	= stalled_start,
	.seq_next	= stalled_next,
	.seq_show	= stalled_show,
};

/* Not an attribute: those end after a page. */
int klp_stall_add_file(struct klp_patch *patch)
{
	static struct lock_class_key key;
	struct kernfs_node *node;

	node = __kernfs_create_file(patch->kobj.sd, KLP_STALL_FILE, 0400, GLOBAL_ROOT_UID,
				    GLOBAL_ROOT_GID, 0, &stalled_ops, patch, NULL, &key);
	return PTR_ERR_OR_ZERO(node);
}

/* ---- the log --------------------------------------------------------------- */

/* Tasks that wait for the same reason in the same function, and one of them. */
struct cause {
	enum klp_block_reason reason;
	unsigned long func;
	unsigned int nr;
	pid_t pid;
	char comm[TASK_COMM_LEN];
};

/* klp_mutex. */
static struct {
	/* Of all causes; a task that the walk comes to twice counts twice. */
	unsigned int nr_tasks;
	unsigned int nr_causes;
	struct cause causes[CAUSES_COUNTED];
	char text[512];
} report;

static unsigned int count_cause(struct task_struct *task, void *unused)
{
	unsigned long size, offset, func;
	struct klp_blocker blocker;
	struct cause *cause;

	if (!klp_transition_waits_for(task, klp_target_state, &blocker))
		return 1;

	func = blocker.addr;
	if (kallsyms_lookup_size_offset(func, &size, &offset))
		func -= offset;

	report.nr_tasks++;
	for (cause = report.causes; cause < &report.causes[report.nr_causes]; cause++) {
		if (cause->reason == blocker.reason && cause->func == func) {
			cause->nr++;
			return KLP_STACK_COST;
		}
	}
	if (report.nr_causes < CAUSES_COUNTED) {
		report.nr_causes++;
		*cause = (struct cause){
			.reason = blocker.reason, .func = func, .nr = 1,
			.pid = READ_ONCE(task->pid),
		};
		get_task_comm(cause->comm, task);
	}
	return KLP_STACK_COST;
}

static int compare_causes(const void *a, const void *b)
{
	const struct cause *x = a, *y = b;

	return klp_compare(y->nr, x->nr);
}

static const char *describe_causes(void)
{
	const struct cause *cause = report.causes;
	const struct cause *end = cause + min(report.nr_causes, CAUSES_NAMED);
	struct seq_buf text;

	sort(report.causes, report.nr_causes, sizeof(report.causes[0]), compare_causes, NULL);

	seq_buf_init(&text, report.text, sizeof(report.text));
	for (; cause < end; cause++) {
		seq_buf_printf(&text, "%s%u %s", cause == report.causes ? "" : "; ",
			       cause->nr, reasons[cause->reason]);
		if (cause->func)
			seq_buf_printf(&text, " in %ps", (void *)cause->func);
		seq_buf_printf(&text, ", such as %*pE, pid %d", (int)strlen(cause->comm),
			       cause->comm, cause->pid);
	}
	return seq_buf_str(&text);
}

void klp_stall_report(void)
{
	const char *name = klp_transition_patch->mod->name;
	u64 waited = ktime_get_ns() - current_leg.since;

	lockdep_assert_held(&klp_mutex);

	if (time_before(jiffies, report_at))
		return;
	report_at = jiffies + REPORT_AGAIN;

	report.nr_tasks = 0;
	report.nr_causes = 0;
	look_at_all(count_cause, NULL);
	if (!report.nr_tasks)
		return;

	pr_warn("'%s': transition not complete after %llu s, tasks left: %u (%s). See /sys/kernel/livepatch/%s/stalled and Documentation/livepatch/stalled-transitions.rst, or turn back: echo %d >/sys/kernel/livepatch/%s/enabled\n",
		name, div_u64(waited, NSEC_PER_SEC), report.nr_tasks, describe_causes(),
		name, klp_target_state == KLP_TRANSITION_UNPATCHED, name);
}
