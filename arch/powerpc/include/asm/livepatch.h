/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What live patching keeps for each task on ppc64le.
 *
 * A new function is in another module than the one it replaces, and has another
 * TOC.  Whoever calls the old function from the same module expects r2 unchanged
 * when it returns.  So something has to put r2 back, and for that it must be
 * returned to, and know where to go on.  It cannot have a stack frame, because
 * arguments are found relative to the stack pointer.  What it knows is a struct
 * klp_return instead, on a stack that grows from the lower end of the task's
 * kernel stack towards the frames.
 *
 * Interrupts use the stack of the task that they interrupt: they return before it
 * goes on.  What calls of functions that never return leave there goes with the task.
 */
#ifndef _ASM_POWERPC_LIVEPATCH_H
#define _ASM_POWERPC_LIVEPATCH_H

/* struct klp_return, seen from behind its end. */
#define KLP_RETURN_SIZE		24
#define KLP_RETURN_SP		(-24)
#define KLP_RETURN_LR		(-16)
#define KLP_RETURN_TOC		(-8)

/*
 * The least that is left between it and the frames when a new function is
 * called: as much as the kernel wants to see free of any stack.
 */
#define KLP_STACK_MARGIN	2048

#ifndef __ASSEMBLY__
#include <linux/compiler.h>
#include <linux/sched.h>
#include <linux/sched/task_stack.h>

/**
 * struct klp_return - where a new function returns to
 * @sp:		the stack pointer at the call; also tells whose return this is
 * @lr:		the return address, behind the call of the old function
 * @toc:	r2 for the code there
 */
struct klp_return {
	unsigned long sp;
	unsigned long lr;
	unsigned long toc;
};

#ifdef CONFIG_LIVEPATCH_64
/* The return address of each new function, see livepatch_entry.S. */
extern const char klp_return[];

static inline struct klp_return *klp_returns(const struct task_struct *task)
{
	return (struct klp_return *)(end_of_stack(task) + 1);
}

/* A task that starts with an empty stack, or starts anew. */
static inline void klp_init_thread_info(struct task_struct *task)
{
	task_thread_info(task)->livepatch_sp = (unsigned long *)klp_returns(task);
}

/*
 * Where does what has saved @ip in the frame at @stack return to in the end?  For
 * unwinders, which go from the innermost frame outwards; *@pos, NULL in the
 * beginning, is where they are in the returns.  Gives @ip back if it is not the way
 * through klp_return, or if nothing is known of it.
 */
static __always_inline unsigned long klp_ret_addr(struct task_struct *task,
						  const struct klp_return **pos,
						  unsigned long ip, unsigned long *stack)
{
	const struct klp_return *ret = *pos;

	if (ip != (unsigned long)klp_return)
		return ip;

	if (!ret)
		ret = (void *)READ_ONCE(task_thread_info(task)->livepatch_sp);
	while (ret > klp_returns(task)) {
		ret--;
		if (READ_ONCE_NOCHECK(ret->sp) == (unsigned long)stack) {
			*pos = ret;
			return READ_ONCE_NOCHECK(ret->lr);
		}
	}
	return ip;
}

static inline bool klp_is_return(unsigned long ip)
{
	return ip == (unsigned long)klp_return;
}

int klp_patch_bytes(void *place, const void *src, size_t len);
#else
static inline void klp_init_thread_info(struct task_struct *task)
{
}

static __always_inline unsigned long klp_ret_addr(struct task_struct *task,
						  const struct klp_return **pos,
						  unsigned long ip, unsigned long *stack)
{
	return ip;
}

static inline bool klp_is_return(unsigned long ip)
{
	return false;
}

static inline int klp_patch_bytes(void *place, const void *src, size_t len)
{
	return -EFAULT;
}
#endif /* CONFIG_LIVEPATCH_64 */
#endif /* __ASSEMBLY__ */

#endif /* _ASM_POWERPC_LIVEPATCH_H */
