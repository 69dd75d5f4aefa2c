// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * livepatch-cumulative-v2.c - the next of a line of cumulative livepatches
 *
 * Takes the place of livepatch-cumulative-v1, whose file tells the beginning.
 * Compared with it:
 *
 *  - version_proc_show() is no longer patched.  Nothing needs to be said about
 *    that: a function that the new livepatch does not name goes back to the
 *    original, in the same transition in which the others change.
 *  - The reboot comes after 60 s.  The state is there already when v1 is, and
 *    then its data must be taken over: only v1 knows what the administrator
 *    had set before.
 */

#include <linux/livepatch.h>
#include <linux/module.h>
#include <linux/panic.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#define STATE_PANIC_TIMEOUT	1

static int v2_cmdline_proc_show(struct seq_file *m, void *v)
{
	seq_puts(m, "cmdline: second cumulative livepatch\n");
	return 0;
}

static struct klp_func funcs[] = {
	{
		.old_name = "cmdline_proc_show",
		.new_func = v2_cmdline_proc_show,
	},
	{ }
};

/* Version 2: v1 would not know how to take this back, and cannot replace it. */
static struct klp_state states[] = {
	{
		.id = STATE_PANIC_TIMEOUT,
		.version = 2,
	},
	{ }
};

static struct klp_patch patch;

/*
 * Of a replaced livepatch no callback runs; all work is left to the new one.  The
 * data of the old one is not taken here yet: the transition can still be
 * reversed, and then the old livepatch stays and needs it.
 */
static int allocate_timeout(struct klp_object *obj)
{
	struct klp_state *state = klp_get_state(&patch, STATE_PANIC_TIMEOUT);

	if (klp_get_prev_state(STATE_PANIC_TIMEOUT))
		return 0;

	state->data = kzalloc(sizeof(panic_timeout), GFP_KERNEL);
	return state->data ? 0 : -ENOMEM;
}

static void set_timeout(struct klp_object *obj)
{
	struct klp_state *state = klp_get_state(&patch, STATE_PANIC_TIMEOUT);
	struct klp_state *prev = klp_get_prev_state(STATE_PANIC_TIMEOUT);

	if (prev) {
		state->data = prev->data;
		prev->data = NULL;
	} else {
		*(int *)state->data = panic_timeout;
	}
	panic_timeout = 60;
}

static void restore_timeout(struct klp_object *obj)
{
	struct klp_state *state = klp_get_state(&patch, STATE_PANIC_TIMEOUT);

	panic_timeout = *(int *)state->data;
}

static void free_timeout(struct klp_object *obj)
{
	struct klp_state *state = klp_get_state(&patch, STATE_PANIC_TIMEOUT);

	kfree(state->data);
}

static struct klp_object objs[] = {
	{
		.funcs = funcs,
		.callbacks = {
			.pre_patch = allocate_timeout,
			.post_patch = set_timeout,
			.pre_unpatch = restore_timeout,
			.post_unpatch = free_timeout,
		},
	},
	{ }
};

static struct klp_patch patch = {
	.mod = THIS_MODULE,
	.objs = objs,
	.states = states,
	.replace = true,
};

static int __init livepatch_cumulative_v2_init(void)
{
	return klp_enable_patch(&patch);
}

static void __exit livepatch_cumulative_v2_exit(void)
{
}

module_init(livepatch_cumulative_v2_init);
module_exit(livepatch_cumulative_v2_exit);
MODULE_DESCRIPTION("Livepatch sample: take the place, and the states, of an older livepatch");
MODULE_LICENSE("GPL");
MODULE_INFO(livepatch, "Y");
