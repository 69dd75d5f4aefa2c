// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * System states: what patches change besides code, such as data structures or
 * settings, and which patch may follow which.
 *
 * Documentation/livepatch/system-state.rst
 */
#include <linux/livepatch.h>
#include "internal.h"

static struct klp_state *find_state(struct klp_state *states, unsigned long id)
{
	struct klp_state *state;

	for (state = states; state && state->id; state++)
		if (state->id == id)
			return state;
	return NULL;
}

/**
 * klp_get_state() - a state that a patch declares
 * @patch:	the patch
 * @id:		which state
 *
 * The place to keep a pointer to what a callback has changed.
 *
 * Context: Any, as long as the patch's module is loaded.
 * Return: the state or NULL.
 */
struct klp_state *klp_get_state(struct klp_patch *patch, unsigned long id)
{
	return find_state(patch->states, id);
}
EXPORT_SYMBOL_GPL(klp_get_state);

/**
 * klp_get_prev_state() - the same state in the newest patch before this one
 * @id:		which state
 *
 * Lets the callbacks of a cumulative patch take over what an earlier patch has
 * changed.
 *
 * Context: Only from callbacks during a transition: klp_mutex is held then.
 * Return: the state, valid until the transition is complete, or NULL.
 */
struct klp_state *klp_get_prev_state(unsigned long id)
{
	struct klp_state *state, *newest = NULL;
	struct klp_patch *patch;

	if (WARN_ON_ONCE(!klp_transition_patch))
		return NULL;

	klp_for_each_patch(patch) {
		if (patch == klp_transition_patch)
			break;
		state = klp_get_state(patch, id);
		if (state)
			newest = state;
	}
	return newest;
}
EXPORT_SYMBOL_GPL(klp_get_prev_state);

bool klp_state_covers(const struct klp_state *states, bool replace,
		      const struct klp_state *old)
{
	const struct klp_state *state = find_state((struct klp_state *)states, old->id);

	/* A patch that replaces nothing leaves the state to its owner. */
	if (!state)
		return !replace;

	return state->version >= old->version;
}

bool klp_states_compatible(const struct klp_patch *patch)
{
	const struct klp_state *state;
	const struct klp_patch *old;

	lockdep_assert_held(&klp_mutex);

	klp_for_each_patch(old)
		for (state = old->states; state && state->id; state++)
			if (!klp_state_covers(patch->states, patch->replace, state))
				return false;
	return true;
}
