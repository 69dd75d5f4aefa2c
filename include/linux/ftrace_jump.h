/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Traced functions that jump right to another one, which takes their place.
 *
 * An ops with FTRACE_OPS_FL_IPMODIFY decides at each call where a traced function
 * goes on.  If that is the same place for all calls, there may be a jump to it in
 * place of the call of ftrace.  As long as others have an ops on the function, and
 * on architectures that cannot do it, ftrace is called.
 */
#ifndef _LINUX_FTRACE_JUMP_H
#define _LINUX_FTRACE_JUMP_H

#include <linux/ftrace.h>

/**
 * struct ftrace_jumps - where the functions of an ops jump to
 *
 * The callbacks are called under ftrace's lock, and get to see functions of other
 * ops too, for which they return 0.
 */
struct ftrace_jumps {
	/** @ops: One with FTRACE_OPS_FL_IPMODIFY and a trampoline of its own. */
	struct ftrace_ops *ops;
	/**
	 * @find: Returns the function that the one with its ftrace location at @ip
	 * jumps to, or 0 if it calls ftrace.
	 */
	unsigned long (*find)(unsigned long ip);
	/** @update: Changes what @find returns, and returns that. */
	unsigned long (*update)(unsigned long ip);
};

/* Is there an ftrace_modify_jump()? */
#define FTRACE_HAS_JUMPS	(IS_ENABLED(CONFIG_X86_64) && IS_ENABLED(CONFIG_LIVEPATCH))

#if FTRACE_HAS_JUMPS

/**
 * ftrace_update_jumps() - change where functions jump to
 * @jumps:	the only ones that there are, for good
 *
 * Calls @jumps->update() for every function of the ops, which is the only place
 * where the answer of @jumps->find() may change.  That must be 0 while a function
 * is added to the filter of the ops or removed from it.
 *
 * Needs no memory, and goes on where ftrace has been disabled: jumps may lead to
 * what is about to be freed.  On return no CPU executes a jump that has been
 * changed; a task may have been interrupted where it has led to.
 *
 * Context: May sleep; takes ftrace's lock and text_mutex.
 */
void ftrace_update_jumps(const struct ftrace_jumps *jumps);

/* Of ftrace, for the architecture. */
unsigned long ftrace_get_jump_new(struct dyn_ftrace *rec);
unsigned long ftrace_get_jump_curr(struct dyn_ftrace *rec);

/**
 * ftrace_modify_jump() - replace a jump or a call at an ftrace location
 * @rec:	the record of the location
 * @addr:	what is called if there is no jump
 * @old_jump:	where the jump leads that is there, or 0 for the call
 * @jump:	where it is to lead, or 0 for the call
 *
 * Defined by the architecture.  The change may take place when
 * ftrace_arch_code_modify_post_process() is called.
 *
 * Return: as ftrace_modify_call().
 */
int ftrace_modify_jump(struct dyn_ftrace *rec, unsigned long addr,
		       unsigned long old_jump, unsigned long jump);

#else

static inline void ftrace_update_jumps(const struct ftrace_jumps *jumps)
{
}

static inline unsigned long ftrace_get_jump_new(struct dyn_ftrace *rec)
{
	return 0;
}

static inline unsigned long ftrace_get_jump_curr(struct dyn_ftrace *rec)
{
	return 0;
}

#endif /* FTRACE_HAS_JUMPS */

#endif /* _LINUX_FTRACE_JUMP_H */
