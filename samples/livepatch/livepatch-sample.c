// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * livepatch-sample.c - the smallest livepatch
 *
 * Replaces the function behind /proc/cmdline:
 *
 *	# cat /proc/cmdline
 *	console=ttyS0 ...
 *	# insmod livepatch-sample.ko
 *	# cat /proc/cmdline
 *	this has been live patched
 *	# echo 0 > /sys/kernel/livepatch/livepatch_sample/enabled
 *	# cat /proc/cmdline
 *	console=ttyS0 ...
 *	# rmmod livepatch_sample
 *
 * A livepatch is a module with four things in it: the new functions, the table
 * that says which functions they replace, a call of klp_enable_patch(), and the
 * livepatch mark.  Start yours from this file.
 */

#include <linux/livepatch.h>
#include <linux/module.h>
#include <linux/seq_file.h>

/*
 * The new function.  Return type and arguments must be those of the old one:
 * the callers are not changed, and find this function where the old one was.
 *
 * It may call whatever is exported to modules.  It may be static, and it should
 * not have the name of the old one, or you will not tell them apart in a trace.
 */
static int livepatch_cmdline_proc_show(struct seq_file *m, void *v)
{
	seq_puts(m, "this has been live patched\n");
	return 0;
}

/*
 * What it replaces.  The old function is named, not referenced, because most
 * functions worth patching are static.  When an object has several functions
 * of the same name, .old_sympos says which one: 1 is the first of them in
 * /proc/kallsyms.  An empty entry ends the table.
 */
static struct klp_func funcs[] = {
	{
		.old_name = "cmdline_proc_show",
		.new_func = livepatch_cmdline_proc_show,
	},
	{ }
};

/*
 * Functions are listed by the object they live in.  An object without a name is
 * the kernel itself; for a function of a module give the name of the module.
 * It need not be loaded: the functions are patched when it comes.
 */
static struct klp_object objs[] = {
	{
		.funcs = funcs,
	},
	{ }
};

static struct klp_patch patch = {
	.mod = THIS_MODULE,
	.objs = objs,
};

/*
 * Enabling the patch is all that loading does, and it must be the last step:
 * from here on the new code runs.  When this returns, the transition has
 * begun, but some tasks may use the old function for a little longer.
 */
static int __init livepatch_sample_init(void)
{
	return klp_enable_patch(&patch);
}

/*
 * There is nothing to undo.  The module can be removed only after the patch
 * was disabled through sysfs and no task can be in the new code any more.  The
 * empty function is needed nevertheless: a module without an exit function
 * cannot be removed at all.
 */
static void __exit livepatch_sample_exit(void)
{
}

module_init(livepatch_sample_init);
module_exit(livepatch_sample_exit);
MODULE_DESCRIPTION("Livepatch sample: replace one function of the kernel");
MODULE_LICENSE("GPL");

/* Without this mark klp_enable_patch() refuses the module. */
MODULE_INFO(livepatch, "Y");
