// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * May this task switch?  A task must not change its version while a function
 * that is being left is on its stack.  All code that is being left, cold parts
 * included, is in one sorted array, so that each stack entry costs one binary
 * search however many functions the patch has.  When a livepatch is left for good,
 * so is the rest of its code.
 *
 * The stack is walked entry by entry without being stored: its depth is not
 * limited and the walk ends at the first hit.  A walk that the unwinder cannot
 * vouch for means "not yet" and never "fine".
 */
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched/task_stack.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/stacktrace.h>
#include "internal.h"

struct klp_stack_index *klp_index_alloc(unsigned int max, bool texts)
{
	size_t room = texts ? 2 * (size_t)max : max;
	struct klp_stack_index *index;

	index = kvzalloc(struct_size(index, ranges, room), GFP_KERNEL);
	if (index) {
		index->max = max;
		index->texts = texts;
	}
	return index;
}

static bool add_any(struct klp_stack_index *index, struct klp_range range)
{
	if (range.start >= range.end || WARN_ON_ONCE(index->nr == index->max))
		return false;

	index->ranges[index->nr++] = range;
	return index->texts;
}

void klp_index_add(struct klp_stack_index *index, unsigned long start, unsigned long end)
{
	struct klp_range range = { .start = start, .end = end };

	if (add_any(index, range))
		index->ranges[index->max + index->nr_parts++] = range;
}

void klp_index_add_text(struct klp_stack_index *index, const struct module *mod)
{
	unsigned long start = (unsigned long)mod->mem[MOD_TEXT].base;
	struct klp_range range = { .start = start, .end = start + mod->mem[MOD_TEXT].size };

	if (add_any(index, range))
		index->ranges[2 * index->max - ++index->nr_texts] = range;
}

static int compare_start(const void *a, const void *b)
{
	const struct klp_range *x = a, *y = b;

	return klp_compare(x->start, y->start);
}

void klp_index_seal(struct klp_stack_index *index)
{
	unsigned int from, to = 0;

	if (!index->nr)
		return;

	sort(index->ranges, index->nr, sizeof(index->ranges[0]), compare_start, NULL);

	/* A range that begins inside the one before it would hide from the search. */
	for (from = 1; from < index->nr; from++) {
		struct klp_range *last = &index->ranges[to], *range = &index->ranges[from];

		if (range->start < last->end)
			last->end = max(last->end, range->end);
		else
			index->ranges[++to] = *range;
	}
	index->nr = to + 1;
}

bool klp_index_has(const struct klp_stack_index *index, unsigned long addr)
{
	const struct klp_range *range = index->ranges;
	unsigned int nr = index->nr;

	/* Most stack entries are nowhere near the code that is left. */
	if (!nr || addr < range[0].start || addr >= range[nr - 1].end)
		return false;

	/* The last range that does not begin behind @addr. */
	while (nr > 1) {
		unsigned int half = nr / 2;

		if (addr >= range[half].start)
			range += half;
		nr -= half;
	}
	return addr < range->end;
}

#if defined(CONFIG_ARCH_STACKWALK) && defined(CONFIG_HAVE_RELIABLE_STACKTRACE)

struct stack_check {
	const struct klp_stack_index *index;
	/* The text of the livepatch that has created the task, or NULL. */
	const struct klp_range *own_text;
	struct klp_blocker *blocker;
};

/* The first range with @addr in it, or NULL. */
static const struct klp_range *find_range(const struct klp_range *range, unsigned int nr,
					  unsigned long addr)
{
	for (; nr; nr--, range++)
		if (addr >= range->start && addr < range->end)
			return range;
	return NULL;
}

/* A livepatch's own thread is always in its text.  The caller holds @task. */
static const struct klp_range *own_text(const struct klp_stack_index *index,
					struct task_struct *task)
{
	if (!index->nr_texts || !(task->flags & PF_KTHREAD))
		return NULL;
	return find_range(&index->ranges[2 * index->max - index->nr_texts], index->nr_texts,
			  (unsigned long)kthread_func(task));
}

/* Out of the way of all entries that are nowhere; what is rare need not be fast. */
static noinline bool check_hit(struct stack_check *check, unsigned long addr)
{
	const struct klp_stack_index *index = check->index;

	if (check->own_text && find_range(check->own_text, 1, addr) &&
	    !find_range(&index->ranges[index->max], index->nr_parts, addr))
		return true;

	check->blocker->reason = KLP_BLOCK_ON_STACK;
	return false;
}

static bool check_entry(void *data, unsigned long addr)
{
	struct stack_check *check = data;

	check->blocker->addr = addr;
	return !klp_index_has(check->index, addr) || check_hit(check, addr);
}

bool klp_stack_check(const struct klp_stack_index *index, struct task_struct *task,
		     struct klp_blocker *blocker)
{
	struct stack_check check = {
		.index = index,
		.own_text = own_text(index, task),
		.blocker = blocker,
	};
	int err;

	*blocker = (struct klp_blocker){ };

	/* A task without a stack, such as a zombie, is nowhere. */
	if (!try_get_task_stack(task))
		return true;
	err = arch_stack_walk_reliable(check_entry, &check, task);
	put_task_stack(task);

	if (klp_busted(unreliable_is_fine))
		err = 0;
	if (err && blocker->reason == KLP_BLOCK_NONE)
		blocker->reason = KLP_BLOCK_UNRELIABLE;
	if (klp_busted(no_stack_check))
		return true;
	return blocker->reason == KLP_BLOCK_NONE;
}

#else

bool klp_stack_check(const struct klp_stack_index *index, struct task_struct *task,
		     struct klp_blocker *blocker)
{
	*blocker = (struct klp_blocker){ .reason = KLP_BLOCK_UNRELIABLE };
	return false;
}

#endif
