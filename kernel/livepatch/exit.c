// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tasks that are leaving: gone from the list of tasks, or about to go, but still
 * running kernel code that a patch may change.
 *
 * do_exit() takes a task out of the list long before its last schedule(), and
 * its parent may do so at any time after exit_notify().  From just before
 * exit_notify() until another task has taken over its CPU for good, a task is in
 * a table here, so that whoever looks for all tasks finds it in the list, in the
 * table, or in both.  Every task passes through the table, whether a transition
 * runs or not: the next one must find it there.
 */
#include <linux/cache.h>
#include <linux/hash.h>
#include <linux/rculist.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include "internal.h"

#define EXIT_BITS 6

/*
 * Written by tasks that exit and by those that take over from them, never in an
 * interrupt; read under RCU.  A task is freed a grace period after it has left.
 */
static struct klp_exit_bucket {
	raw_spinlock_t lock;
	struct hlist_head tasks;
} ____cacheline_aligned_in_smp exit_buckets[1 << EXIT_BITS] = {
	[0 ... (1 << EXIT_BITS) - 1] = {
		.lock = __RAW_SPIN_LOCK_UNLOCKED(exit_buckets.lock),
	},
};

static struct klp_exit_bucket *bucket_of(const struct task_struct *task)
{
	return &exit_buckets[hash_ptr(task, EXIT_BITS)];
}

/**
 * klp_task_exiting() - a task may leave the list of tasks from now on
 * @task:	current
 *
 * Context: do_exit(), before exit_notify(); preemptible.
 */
void klp_task_exiting(struct task_struct *task)
{
	struct klp_exit_bucket *bucket = bucket_of(task);

	/*
	 * The task is in the table before it leaves the list: the two sections,
	 * this one and that of tasklist_lock, order it on the writer's side.
	 * Pairs with smp_rmb() in klp_walk_tasks().
	 */
	raw_spin_lock(&bucket->lock);
	/* model: exit 1, table */
	hlist_add_head_rcu(&task->klp_exit_node, &bucket->tasks);
	raw_spin_unlock(&bucket->lock);
}

/**
 * klp_task_dead() - a task will never run again
 * @task:	a task that has called schedule() for the last time
 *
 * Context: finish_task_switch(), in the task that runs next; preemption disabled.
 */
void klp_task_dead(struct task_struct *task)
{
	struct klp_exit_bucket *bucket = bucket_of(task);

	/*
	 * One that died of a fault while it was exiting may not have come that far.
	 * Without the lock: neighbours that join change where the node is linked
	 * from, but not whether it is.
	 */
	if (hlist_unhashed_lockless(&task->klp_exit_node))
		return;

	raw_spin_lock(&bucket->lock);
	/* model: exit 2, dead */
	hlist_del_init_rcu(&task->klp_exit_node);
	raw_spin_unlock(&bucket->lock);
}

bool klp_task_is_exiting(const struct task_struct *task)
{
	return !hlist_unhashed_lockless(&task->klp_exit_node);
}

struct task_struct *klp_next_exiting(struct task_struct *task, unsigned int *bucket)
{
	struct hlist_node *node;

	if (task)
		node = rcu_dereference(hlist_next_rcu(&task->klp_exit_node));
	else
		node = rcu_dereference(hlist_first_rcu(&exit_buckets[*bucket].tasks));
	while (!node && ++*bucket < ARRAY_SIZE(exit_buckets))
		node = rcu_dereference(hlist_first_rcu(&exit_buckets[*bucket].tasks));

	return hlist_entry_safe(node, struct task_struct, klp_exit_node);
}
