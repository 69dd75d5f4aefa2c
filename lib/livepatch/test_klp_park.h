/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The wait that test_klp_park and the livepatches of its functions share.
 *
 * A livepatch cannot link against a module it patches, so everything a parked
 * task needs arrives as an argument, and the wait itself is inline: the task
 * must sleep in the patched function, not in a helper that stays the same.
 */
#ifndef _TEST_KLP_PARK_H
#define _TEST_KLP_PARK_H

#include <linux/atomic.h>
#include <linux/sched.h>
#include <linux/wait.h>

/**
 * struct klp_park - where tasks are parked
 * @queue:	parked tasks sleep here
 * @parked:	how many do
 * @hold:	while set, whoever comes is parked
 * @callback:	parks as well, and is called from nowhere else
 */
struct klp_park {
	wait_queue_head_t queue;
	atomic_t parked;
	bool hold;
	int (*callback)(struct klp_park *park);
};

/* Returns @version once released, -ERESTARTSYS when a signal came first. */
static __always_inline int klp_park_wait(struct klp_park *park, unsigned int state, int version)
{
	int ret;

	atomic_inc(&park->parked);
	ret = wait_event_state(park->queue, !READ_ONCE(park->hold), state);
	atomic_dec(&park->parked);

	return ret ?: version;
}

/*
 * The compiler takes a call of a cold function for something that hardly ever
 * happens, and moves it out of the caller: to a part of its own, "<caller>.cold".
 * Not __cold, which is empty with some compilers.
 */
static noinline __noclone __attribute__((__cold__)) int klp_park_aside(struct klp_park *park)
{
	return klp_park_wait(park, TASK_KILLABLE, 0);
}

/* Parks the task outside of the caller, who is on its stack only with that part. */
static __always_inline int klp_park_wait_aside(struct klp_park *park, int version)
{
	int ret = 0;

	if (READ_ONCE(park->hold))
		ret = klp_park_aside(park);

	/* What follows a call keeps it from becoming a jump. */
	barrier();
	return ret ?: version;
}

int klp_park_twin2(struct klp_park *park);
int klp_park_in_tail(void);

#endif
