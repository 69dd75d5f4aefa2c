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
#include <linux/wait.h>

/**
 * struct klp_park - where tasks are parked
 * @queue:	parked tasks sleep here
 * @parked:	how many do
 * @hold:	while set, whoever comes is parked
 */
struct klp_park {
	wait_queue_head_t queue;
	atomic_t parked;
	bool hold;
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

#endif
