// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * livepatch-cumulative-v1.c - the first of a line of cumulative livepatches
 *
 * A fleet is easiest to keep when each livepatch holds all fixes so far and takes
 * the place of the one before: a system runs one livepatch, and its version
 * says everything.  That is what .replace is for.
 *
 * This one changes two functions and one setting: the kernel shall reboot 30 s
 * after a panic.  The setting is a system state, declared in .states, so that
 * the next livepatch of the line knows of it and can take it over, and one
 * that does not know it is refused.  livepatch-cumulative-v2 is the next:
 *
 *	# insmod livepatch-cumulative-v1.ko
 *	# cat /proc/cmdline /proc/version /proc/sys/kernel/panic
 *	# insmod livepatch-cumulative-v2.ko
 *	# rmmod livepatch_cumulative_v1
 *	# cat /proc/cmdline /proc/version /proc/sys/kernel/panic
 *	# echo 0 > /sys/kernel/livepatch/livepatch_cumulative_v2/enabled
 */

#include <linux/livepatch.h>
#include <linux/module.h>
#include <linux/panic.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

/* The states of a line of livepatches are numbered once and for all. */
#define STATE_PANIC_TIMEOUT	1

static int v1_cmdline_proc_show(struct seq_file *m, void *v)
{
	seq_puts(m, "cmdline: first cumulative livepatch\n");
	return 0;
}

static int v1_version_proc_show(struct seq_file *m, void *v)
{
	seq_puts(m, "version: first cumulative livepatch\n");
	return 0;
}

static struct klp_func funcs[] = {
	{
		.old_name = "cmdline_proc_show",
		.new_func = v1_cmdline_proc_show,
	},
	{
		.old_name = "version_proc_show",
		.new_func = v1_version_proc_show,
	},
	{ }
};

/*
 * The version counts the ways in which the state was changed.  A livepatch that
 * replaces this one must have the state, in this version or a later one.
 */
static struct klp_state states[] = {
	{
		.id = STATE_PANIC_TIMEOUT,
		.version = 1,
	},
	{ }
};

static struct klp_patch patch;

/* What can fail comes first, while the livepatch can still be refused. */
static int allocate_timeout(struct klp_object *obj)
{
	struct klp_state *state = klp_get_state(&patch, STATE_PANIC_TIMEOUT);

	state->data = kzalloc(sizeof(panic_timeout), GFP_KERNEL);
	return state->data ? 0 : -ENOMEM;
}

/* The setting follows the code: it changes when all tasks run the new one. */
static void set_timeout(struct klp_object *obj)
{
	struct klp_state *state = klp_get_state(&patch, STATE_PANIC_TIMEOUT);

	*(int *)state->data = panic_timeout;
	panic_timeout = 30;
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

static int __init livepatch_cumulative_v1_init(void)
{
	return klp_enable_patch(&patch);
}

static void __exit livepatch_cumulative_v1_exit(void)
{
}

module_init(livepatch_cumulative_v1_init);
module_exit(livepatch_cumulative_v1_exit);
MODULE_DESCRIPTION("Livepatch sample: a cumulative livepatch with a system state");
MODULE_LICENSE("GPL");
MODULE_INFO(livepatch, "Y");
