/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The scheduler's side of live patching: a task that runs through
 * cond_resched() while a transition waits for it is given the chance to switch,
 * and one that exits is not forgotten before its last schedule().
 *
 * <linux/sched.h> includes this file, so it must not need <linux/livepatch.h>.
 */
#ifndef _LINUX_LIVEPATCH_SCHED_H_
#define _LINUX_LIVEPATCH_SCHED_H_

#include <linux/jump_label.h>
#include <linux/static_call_types.h>

struct task_struct;

#ifndef CONFIG_LIVEPATCH

static inline void klp_sched_try_switch(void) {}
static inline void __klp_sched_try_switch(void) {}
static inline void klp_task_exiting(struct task_struct *task) {}
static inline void klp_task_dead(struct task_struct *task) {}

#else

void klp_task_exiting(struct task_struct *task);
void klp_task_dead(struct task_struct *task);

/**
 * __klp_sched_try_switch() - let the current task switch if it is waited for
 *
 * Looks at the stack of the current task only if the task is pending.
 *
 * Context: Task context, from a voluntary preemption point.  Does not sleep.
 */
void __klp_sched_try_switch(void);

#if !(defined(CONFIG_PREEMPT_DYNAMIC) && defined(CONFIG_HAVE_PREEMPT_DYNAMIC_CALL))

DECLARE_STATIC_KEY_FALSE(klp_sched_try_switch_key);

/**
 * klp_sched_try_switch() - the hook in cond_resched()
 *
 * A no-op instruction unless a transition has stragglers.  Kernels whose
 * cond_resched() is itself a static call have no need of it: there the
 * transition redirects the call, see sched_dynamic_klp_enable().
 */
static __always_inline void klp_sched_try_switch(void)
{
	if (static_branch_unlikely(&klp_sched_try_switch_key))
		__klp_sched_try_switch();
}

#endif

#endif /* CONFIG_LIVEPATCH */

#endif /* _LINUX_LIVEPATCH_SCHED_H_ */
