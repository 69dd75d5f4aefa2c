// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * livepatch-late.c - a livepatch for a module that may not be there yet
 *
 * The function that it replaces is made of code that the kernel changes: a
 * static key, a static call, a tracepoint and an alternative, all of them the
 * module's own.  The new one is written in the same way.
 *
 *	# insmod livepatch-late.ko
 *	# insmod livepatch-late-mod.ko precise=1
 *	# cat /sys/module/livepatch_late_mod/parameters/temperature
 *	21.5 degrees Celsius
 *
 * Nothing here says that the module may be late.  The build finds out which
 * places in the code depend on it, and the kernel sees to them whenever the
 * module comes, and again when it comes back.
 */

#include <linux/livepatch.h>
#include <linux/module.h>
#include <linux/sysfs.h>
#include "livepatch-late.h"

static noinline int new_late_temperature_get(char *buffer, const struct kernel_param *kp)
{
	int reading = late_read();

	trace_livepatch_late(reading);
	reading = static_call(late_convert)(reading);
	if (static_branch_unlikely(&late_precise))
		return sysfs_emit(buffer, "%d.%d %s\n", reading / 10, reading % 10, late_unit);
	return sysfs_emit(buffer, "%d %s\n", reading / 10, late_unit);
}

static struct klp_func funcs[] = {
	{
		.old_name = "late_temperature_get",
		.new_func = new_late_temperature_get,
	},
	{ }
};

static struct klp_object objs[] = {
	{
		.name = "livepatch_late_mod",
		.funcs = funcs,
	},
	{ }
};

static struct klp_patch patch = {
	.mod = THIS_MODULE,
	.objs = objs,
};

static int __init livepatch_late_init(void)
{
	return klp_enable_patch(&patch);
}

static void __exit livepatch_late_exit(void)
{
}

module_init(livepatch_late_init);
module_exit(livepatch_late_exit);
MODULE_DESCRIPTION("Livepatch sample: patch a module that is not there yet");
MODULE_LICENSE("GPL");
MODULE_INFO(livepatch, "Y");
