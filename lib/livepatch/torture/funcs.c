// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The functions that livepatches change, and what these call.
 */
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/objtool.h>
#include <linux/sched.h>
#include "../test_klp_target.h"
#include "internal.h"

#define KLPT_ORIGINAL 0

noinline __noclone void klpt_plain_first(struct klpt_call *call)
{
	klp_distinct(plain_first);
	klpt_do_first(call, KLPT_ORIGINAL);
}

noinline __noclone void klpt_plain_second(struct klpt_call *call)
{
	klp_distinct(plain_second);
	klpt_check(call, KLPT_ORIGINAL);
}

noinline __noclone void klpt_other_first(struct klpt_call *call)
{
	klp_distinct(other_first);
	klpt_do_first(call, KLPT_ORIGINAL);
}

noinline __noclone void klpt_other_second(struct klpt_call *call)
{
	klp_distinct(other_second);
	klpt_check(call, KLPT_ORIGINAL);
}

noinline __noclone void klpt_deep_first(struct klpt_call *call)
{
	klp_distinct(deep_first);
	klpt_do_deep(call, KLPT_ORIGINAL);
}

noinline __noclone void klpt_deep_second(struct klpt_call *call)
{
	klp_distinct(deep_second);
	klpt_check(call, KLPT_ORIGINAL);
}

noinline __noclone void klpt_begin(struct klpt_call *call)
{
	klp_distinct(begin);
	klpt_do_begin(call, KLPT_ORIGINAL);
}

noinline __noclone void klpt_end(struct klpt_call *call)
{
	klp_distinct(end);
	klpt_do_begin(call, KLPT_ORIGINAL);
}

/*
 * Never redirected; only looked for on stacks.  No livepatch has another version
 * of it, so on the way back nothing keeps a task from switching in here: then the
 * two functions may differ.
 */
noinline __noclone void klpt_caller(struct klpt_call *call)
{
	struct klpt_world world;
	unsigned int backwards;
	int version;
	bool back;

	klpt_world_get(&world);
	backwards = world.backwards;
	back = world.back;

	klpt_begin(call);
	version = call->version;
	klpt_pause(call);

	/* The second function writes as well: who compares has to know more. */
	klpt_end(call);
	swap(version, call->version);
	if (call->version != version) {
		klpt_world_get(&world);
		if (!back && !world.back && world.backwards == backwards)
			klpt_mixed(call, version);
	}
	barrier();
}

const struct klpt_pair klpt_pairs[KLPT_PAIRS] = {
	[KLPT_PLAIN]	= { klpt_plain_first, klpt_plain_second },
	[KLPT_OTHER]	= { klpt_other_first, klpt_other_second },
	[KLPT_DEEP]	= { klpt_deep_first, klpt_deep_second },
	[KLPT_CALLER]	= { klpt_caller, klpt_end },
};

static void sleep_usecs(unsigned int usecs)
{
	schedule_timeout_uninterruptible(usecs_to_jiffies(usecs) + 1);
}

/* objtool knows nothing of it, and neither does the ORC unwinder. */
static noinline __noclone void sleep_unreliably(unsigned int usecs)
{
	sleep_usecs(usecs);
	barrier();
}

STACK_FRAME_NON_STANDARD(sleep_unreliably);

noinline void klpt_pause(const struct klpt_call *call)
{
	ktime_t end;

	switch (call->pause) {
	case KLPT_SPIN:
		udelay(call->usecs);
		break;
	case KLPT_RESCHED:
		end = ktime_add_us(ktime_get(), call->usecs);
		while (ktime_before(ktime_get(), end)) {
			cpu_relax();
			cond_resched();
		}
		break;
	case KLPT_SLEEP:
	case KLPT_COLD:
		sleep_usecs(call->usecs);
		break;
	case KLPT_UNRELIABLE:
		sleep_unreliably(call->usecs);
		break;
	default:
		break;
	}
	barrier();
}
EXPORT_SYMBOL_GPL(klpt_pause);

noinline void klpt_pause_aside(const struct klpt_call *call)
{
	klpt_pause(call);
	barrier();
}
EXPORT_SYMBOL_GPL(klpt_pause_aside);

noinline void klpt_mixed(struct klpt_call *call, int version)
{
	call->wrong = true;
	if (klpt_world_forced())
		return;
	klpt_error("mixed: pair %d, begun in version %d, goes on in %d, pause %d, %s, %s/%d",
		   call->id, call->version, version, call->pause,
		   klpt_context_name(call->context), current->comm, current->pid);
}
EXPORT_SYMBOL_GPL(klpt_mixed);
