/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parts of the module klptorture share with each other only.
 */
#ifndef _KLPTORTURE_INTERNAL_H
#define _KLPTORTURE_INTERNAL_H

#include <linux/atomic.h>
#include <linux/printk.h>
#include <linux/torture.h>
#include "klptorture.h"

/* ---- main.c: parameters, errors, the end ------------------------------------ */

extern char *torture_type;

/*
 * Something is wrong: count it, tell the first of them.
 */
__printf(1, 2) void klpt_error(const char *format, ...);

/* ---- funcs.c: what is patched ------------------------------------------------ */

/* All but that of KLPT_TARGET. */
extern const struct klpt_pair klpt_pairs[KLPT_PAIRS];

/* Calls the functions of its pair, and is stack_only. */
void klpt_caller(struct klpt_call *call);

/* Stand on their own in the object file, so that each is traced and found by name. */
void klpt_plain_first(struct klpt_call *call);
void klpt_plain_second(struct klpt_call *call);
void klpt_other_first(struct klpt_call *call);
void klpt_other_second(struct klpt_call *call);
void klpt_deep_first(struct klpt_call *call);
void klpt_deep_second(struct klpt_call *call);
void klpt_begin(struct klpt_call *call);
void klpt_end(struct klpt_call *call);

/* ---- world.c: which versions there may be ------------------------------------ */

/**
 * struct klpt_world - which versions of each pair somebody may run
 * @from:	before the transition
 * @to:		after it; the same if none runs
 * @backwards:	changes when a transition leads, or may lead, back
 * @back:	it does so now
 */
struct klpt_world {
	int from[KLPT_PAIRS];
	int to[KLPT_PAIRS];
	unsigned int backwards;
	bool back;
};

/*
 * Copy the world and return its number, which changes whenever it does.  Any
 * context but NMI.
 */
unsigned int klpt_world_get(struct klpt_world *world);

/* Compare a call that has ended with the worlds at its begin and at its end. */
void klpt_world_check(const struct klpt_call *call, const struct klpt_world *before,
		      unsigned int before_nr);

/* The transition that runs will be turned back, or forced. */
void klpt_world_reverse(void);
void klpt_world_force(void);
bool klpt_world_forced(void);

/* Figures for the statistics, on one line of the log. */
void klpt_world_stats(void);

/* ---- contexts.c: where calls come from ----------------------------------------- */

int klpt_contexts_start(unsigned int nr_kthreads);
void klpt_contexts_stop(void);
void klpt_contexts_stats(void);

/* Each context has called by now. */
void klpt_contexts_check(void);

const char *klpt_context_name(unsigned int context);

/* From a system call, which may be anything that user space is in the middle of. */
void klpt_call_by_user(void);

/* From a callback: of all pairs, without a pause. */
void klpt_call_by_callback(void);

#endif /* _KLPTORTURE_INTERNAL_H */
