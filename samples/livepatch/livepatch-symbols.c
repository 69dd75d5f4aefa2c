// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * livepatch-symbols.c - a livepatch that uses symbols nobody exports
 *
 * It replaces the function behind /proc/cmdline, and one of the module
 * livepatch-late-mod:
 *
 *	# insmod livepatch-symbols.ko
 *	# cat /proc/cmdline
 *	patched: console=ttyS0 ...
 *	# insmod livepatch-late-mod.ko
 *	# cat /sys/module/livepatch_late_mod/parameters/unit
 *	patched: degrees Celsius
 *
 * Declare what is needed as if it were exported.  The build knows all symbols of
 * the kernel and its modules and makes a livepatch relocation of each reference;
 * if there are several symbols of that name it stops and prints lines to choose
 * from.
 */

#include <linux/init.h>
#include <linux/livepatch.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/sysfs.h>
#include "livepatch-late.h"

/*
 * Of the kernel is saved_command_line, which <linux/init.h> declares, of the module
 * late_unit.  Both are unique, so there is nothing more to say.
 */
static int new_cmdline_proc_show(struct seq_file *m, void *v)
{
	seq_printf(m, "patched: %s\n", saved_command_line);
	return 0;
}

/* The relocation of late_unit is applied when livepatch_late_mod is there. */
static noinline int new_late_unit_get(char *buffer, const struct kernel_param *kp)
{
	return sysfs_emit(buffer, "patched: %s\n", late_unit);
}

static struct klp_func vmlinux_funcs[] = {
	{
		.old_name = "cmdline_proc_show",
		.new_func = new_cmdline_proc_show,
	},
	{ }
};

static struct klp_func late_mod_funcs[] = {
	{
		.old_name = "late_unit_get",
		.new_func = new_late_unit_get,
	},
	{ }
};

static struct klp_object objs[] = {
	{
		.funcs = vmlinux_funcs,
	},
	{
		.name = "livepatch_late_mod",
		.funcs = late_mod_funcs,
	},
	{ }
};

static struct klp_patch patch = {
	.mod = THIS_MODULE,
	.objs = objs,
};

static int __init livepatch_symbols_init(void)
{
	return klp_enable_patch(&patch);
}

static void __exit livepatch_symbols_exit(void)
{
}

module_init(livepatch_symbols_init);
module_exit(livepatch_symbols_exit);
MODULE_DESCRIPTION("Livepatch sample: use symbols that are not exported");
MODULE_LICENSE("GPL");
MODULE_INFO(livepatch, "Y");
