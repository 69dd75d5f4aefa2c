/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parts of klptorture share with each other, with the module that comes
 * and goes, and with the livepatches.
 *
 * A pair are two functions that a livepatch changes together or not at all.  Who
 * calls the first one hands it a token, struct klpt_call: the first function
 * writes its version there and the second one compares.  In between the task
 * sleeps, spins, or recurses, with the first function on its stack, or only the
 * cold part of it.  Versions are the numbers of livepatches; the original is 0.
 */
#ifndef _KLPTORTURE_H
#define _KLPTORTURE_H

#include <linux/compiler.h>
#include <linux/types.h>

struct klp_object;

/**
 * enum klpt_pair_id - the pairs
 * @KLPT_PLAIN:		first and second function
 * @KLPT_OTHER:		the same, for livepatches that change only one of them
 * @KLPT_DEEP:		the first one calls itself before it calls the second
 * @KLPT_CALLER:	both are called by a function that is stack_only
 * @KLPT_TARGET:	in a module that comes and goes
 * @KLPT_PAIRS:		how many there are
 */
enum klpt_pair_id { KLPT_PLAIN, KLPT_OTHER, KLPT_DEEP, KLPT_CALLER, KLPT_TARGET, KLPT_PAIRS };

/**
 * enum klpt_pause - what happens between the two functions
 * @KLPT_NOTHING:	they follow each other
 * @KLPT_SPIN:		the CPU is kept busy
 * @KLPT_RESCHED:	the same, with cond_resched()
 * @KLPT_SLEEP:		the task sleeps
 * @KLPT_COLD:		it sleeps with nothing but the cold part on its stack
 * @KLPT_UNRELIABLE:	it sleeps in a function that no unwinder gets past
 * @KLPT_PAUSES:	how many there are
 */
enum klpt_pause {
	KLPT_NOTHING, KLPT_SPIN, KLPT_RESCHED, KLPT_SLEEP, KLPT_COLD, KLPT_UNRELIABLE,
	KLPT_PAUSES,
};

struct klpt_call;

/**
 * struct klpt_pair - two functions that change together
 * @first:	begins a call
 * @second:	goes on with it
 */
struct klpt_pair {
	void (*first)(struct klpt_call *call);
	void (*second)(struct klpt_call *call);
};

/**
 * struct klpt_call - one call of a pair
 * @pair:	what is called
 * @id:		which that is
 * @context:	from where, enum klpt_context of contexts.c
 * @pause:	what to do in between
 * @usecs:	for how long
 * @depth:	how often the first function still has to call itself
 * @version:	of the function that has begun
 * @wrong:	a function of another version has gone on
 */
struct klpt_call {
	const struct klpt_pair *pair;
	enum klpt_pair_id id;
	unsigned int context;
	enum klpt_pause pause;
	unsigned int usecs;
	unsigned int depth;
	int version;
	bool wrong;
};

/* funcs.c; what functions of all versions call, and is never patched. */
void klpt_pause(const struct klpt_call *call);
__attribute__((__cold__)) void klpt_pause_aside(const struct klpt_call *call);
void klpt_mixed(struct klpt_call *call, int version);

/*
 * The bodies of the functions, the same in all versions.  What follows a call keeps
 * it from becoming a jump, which would leave no frame.
 */
static __always_inline void klpt_check(struct klpt_call *call, int version)
{
	if (call->version != version)
		klpt_mixed(call, version);
}

static __always_inline void klpt_do_first(struct klpt_call *call, int version)
{
	call->version = version;
	call->pair->second(call);
	/* The call of a cold function is moved to the caller's cold part. */
	if (call->pause == KLPT_COLD)
		klpt_pause_aside(call);
	else
		klpt_pause(call);
	call->pair->second(call);
	barrier();
}

static __always_inline void klpt_do_deep(struct klpt_call *call, int version)
{
	if (call->depth) {
		call->depth--;
		call->pair->first(call);
	} else {
		call->version = version;
		klpt_pause(call);
		call->pair->second(call);
	}
	/* On the way back each level belongs to the same version as the deepest. */
	klpt_check(call, version);
}

static __always_inline void klpt_do_begin(struct klpt_call *call, int version)
{
	call->version = version;
	barrier();
}

/* A livepatch, as far as the test is concerned. */
struct klpt_patch {
	int version;
	/* Which pairs it changes, as bits. */
	unsigned long pairs;
	bool replace;
};

#define KLPT_PATCHES	4

/* Objects of a livepatch. */
enum klpt_object_id { KLPT_SELF, KLPT_MODULE, KLPT_VMLINUX, KLPT_OBJECTS };

/* world.c; called by callbacks of livepatches */
void klpt_pre_patch(const struct klpt_patch *patch, enum klpt_object_id object);
void klpt_post_patch(const struct klpt_patch *patch, enum klpt_object_id object);
void klpt_pre_unpatch(const struct klpt_patch *patch, enum klpt_object_id object);
void klpt_post_unpatch(const struct klpt_patch *patch, enum klpt_object_id object);
void klpt_patch_exit(const struct klpt_patch *patch);

/* contexts.c; called by the module that comes and goes. */
void klpt_add_target(const struct klpt_pair *pair);
void klpt_del_target(void);

#endif /* _KLPTORTURE_H */
