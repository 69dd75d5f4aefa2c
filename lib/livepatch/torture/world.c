// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which versions there may be: a model of the livepatches that are enabled, kept
 * up by their callbacks.
 *
 * From post_patch or post_unpatch of one transition until pre_patch or pre_unpatch
 * of the next, every call of a pair runs the one version that the topmost
 * livepatch has of it.  In between it may be that or the one which the
 * transition leads to, and nothing else.
 */
#include <linux/module.h>
#include <linux/seqlock.h>
#include <linux/spinlock.h>
#include "internal.h"

static DEFINE_RAW_SPINLOCK(world_lock);
static seqcount_raw_spinlock_t world_seq =
	SEQCNT_RAW_SPINLOCK_ZERO(world_seq, &world_lock);
static struct klpt_world world;

/* A forced transition lets tasks run what they must not: no calls are compared. */
static bool forced;

/* Enabled livepatches, bottom first; callbacks are called one at a time. */
static struct klpt_patch layers[KLPT_PATCHES];
static unsigned int nr_layers;

/* The version of the livepatch in transition, or 0. */
static int in_transition;
static bool enabling;

/* What was called last, for each object of each livepatch. */
static enum stage { OFF, COMING, ON, GOING } stages[KLPT_PATCHES + 1][KLPT_OBJECTS];
static const char * const stage_names[] = { "off", "coming", "on", "going" };

static unsigned long nr_patched, nr_unpatched, nr_reversed;
static atomic_long_t nr_settled, nr_moving, nr_unknown;

static int version_of(enum klpt_pair_id id, unsigned int bottom, int without)
{
	unsigned int i = nr_layers;

	while (i-- > bottom)
		if (layers[i].version != without && test_bit(id, &layers[i].pairs))
			return layers[i].version;
	return 0;
}

static unsigned int bottom_after_replace(const struct klpt_patch *patch)
{
	return patch && patch->replace ? nr_layers - 1 : 0;
}

/* Write the world: what is now, and what it will be. */
static void set_world(int now_without, const struct klpt_patch *coming, int then_without,
		      bool back)
{
	unsigned int id, bottom = bottom_after_replace(coming);
	unsigned long flags;

	raw_spin_lock_irqsave(&world_lock, flags);
	write_seqcount_begin(&world_seq);
	for (id = 0; id < KLPT_PAIRS; id++) {
		world.from[id] = version_of(id, 0, now_without);
		world.to[id] = version_of(id, bottom, then_without);
	}
	world.back = back;
	if (back)
		world.backwards++;
	write_seqcount_end(&world_seq);
	raw_spin_unlock_irqrestore(&world_lock, flags);
}

static void settle_world(void)
{
	set_world(0, NULL, 0, false);
}

static void remove_layer(int version)
{
	unsigned int i, to = 0;

	for (i = 0; i < nr_layers; i++)
		if (layers[i].version != version)
			layers[to++] = layers[i];
	nr_layers = to;
}

static void keep_only_top(void)
{
	unsigned int i, object;

	for (i = 0; i + 1 < nr_layers; i++)
		for (object = 0; object < KLPT_OBJECTS; object++)
			stages[layers[i].version][object] = OFF;
	layers[0] = layers[nr_layers - 1];
	nr_layers = 1;
}

static void step(const struct klpt_patch *patch, enum klpt_object_id object,
		 const char *callback, unsigned long allowed, enum stage next)
{
	enum stage *stage = &stages[patch->version][object];

	if (!(allowed & BIT(*stage)) && !READ_ONCE(forced))
		klpt_error("callbacks: %s of livepatch %d, object %d, which is %s", callback,
			   patch->version, object, stage_names[*stage]);
	*stage = next;
}

static void begin(const struct klpt_patch *patch, bool enable)
{
	if (in_transition && !READ_ONCE(forced))
		klpt_error("callbacks: livepatch %d begins while %d is in transition",
			   patch->version, in_transition);
	in_transition = patch->version;
	enabling = enable;
}

static void end(const struct klpt_patch *patch)
{
	if (in_transition != patch->version && !READ_ONCE(forced))
		klpt_error("callbacks: livepatch %d ends, %d is in transition",
			   patch->version, in_transition);
	in_transition = 0;
}

/* Only while the world changes is the first object, which is always there, looked at. */
void klpt_pre_patch(const struct klpt_patch *patch, enum klpt_object_id object)
{
	step(patch, object, "pre_patch", BIT(OFF), COMING);
	klpt_call_by_callback();
	if (object != KLPT_SELF)
		return;

	begin(patch, true);
	if (WARN_ON_ONCE(nr_layers == KLPT_PATCHES))
		return;
	layers[nr_layers++] = *patch;
	set_world(patch->version, patch, 0, false);
}
EXPORT_SYMBOL_GPL(klpt_pre_patch);

void klpt_post_patch(const struct klpt_patch *patch, enum klpt_object_id object)
{
	step(patch, object, "post_patch", BIT(COMING) | BIT(GOING), ON);
	if (object == KLPT_SELF) {
		end(patch);
		if (enabling) {
			nr_patched++;
			if (patch->replace)
				keep_only_top();
		} else {
			nr_reversed++;
		}
		settle_world();
	}
	klpt_call_by_callback();
}
EXPORT_SYMBOL_GPL(klpt_post_patch);

void klpt_pre_unpatch(const struct klpt_patch *patch, enum klpt_object_id object)
{
	step(patch, object, "pre_unpatch", BIT(ON), GOING);
	klpt_call_by_callback();
	if (object != KLPT_SELF)
		return;

	begin(patch, false);
	set_world(0, NULL, patch->version, true);
}
EXPORT_SYMBOL_GPL(klpt_pre_unpatch);

void klpt_post_unpatch(const struct klpt_patch *patch, enum klpt_object_id object)
{
	step(patch, object, "post_unpatch", BIT(COMING) | BIT(GOING), OFF);
	if (object == KLPT_SELF) {
		end(patch);
		if (enabling)
			nr_reversed++;
		else
			nr_unpatched++;
		remove_layer(patch->version);
		settle_world();
	}
	klpt_call_by_callback();
}
EXPORT_SYMBOL_GPL(klpt_post_unpatch);

/* The module of a livepatch goes: nothing may be left of it. */
void klpt_patch_exit(const struct klpt_patch *patch)
{
	unsigned int object;

	for (object = 0; object < KLPT_OBJECTS; object++)
		step(patch, object, "the end", BIT(OFF), OFF);
}
EXPORT_SYMBOL_GPL(klpt_patch_exit);

unsigned int klpt_world_get(struct klpt_world *copy)
{
	unsigned int seq;

	do {
		seq = read_seqcount_begin(&world_seq);
		*copy = world;
	} while (read_seqcount_retry(&world_seq, seq));
	return seq;
}

static bool fits(const struct klpt_world *w, const struct klpt_call *call)
{
	return call->version == w->from[call->id] || call->version == w->to[call->id];
}

void klpt_world_check(const struct klpt_call *call, const struct klpt_world *before,
		      unsigned int before_nr)
{
	struct klpt_world after;
	unsigned int changes = (klpt_world_get(&after) - before_nr) / 2;

	if (changes > 1 || READ_ONCE(forced)) {
		atomic_long_inc(&nr_unknown);
		return;
	}
	if (!changes && after.from[call->id] == after.to[call->id])
		atomic_long_inc(&nr_settled);
	else
		atomic_long_inc(&nr_moving);

	if (!fits(before, call) && !fits(&after, call))
		klpt_error("wrong version %d of pair %d, not %d, %d (then %d, %d), %s, %s/%d",
			   call->version, call->id, before->from[call->id],
			   before->to[call->id], after.from[call->id], after.to[call->id],
			   klpt_context_name(call->context), current->comm, current->pid);
}

void klpt_world_reverse(void)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&world_lock, flags);
	write_seqcount_begin(&world_seq);
	world.back = true;
	world.backwards++;
	write_seqcount_end(&world_seq);
	raw_spin_unlock_irqrestore(&world_lock, flags);
}

void klpt_world_force(void)
{
	WRITE_ONCE(forced, true);
}

bool klpt_world_forced(void)
{
	return READ_ONCE(forced);
}

void klpt_world_stats(void)
{
	pr_alert("%s" TORTURE_FLAG " transitions: patched %lu unpatched %lu reversed %lu\n",
		 torture_type, nr_patched, nr_unpatched, nr_reversed);
	pr_alert("%s" TORTURE_FLAG " calls compared: settled %ld moving %ld unknown %ld\n",
		 torture_type,
		 atomic_long_read(&nr_settled), atomic_long_read(&nr_moving),
		 atomic_long_read(&nr_unknown));
}
