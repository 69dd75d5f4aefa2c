// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * livepatch-callbacks-mod.c - the module that livepatch-callbacks-demo patches
 *
 * It reports once a second, for as long as it is loaded.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/workqueue.h>

static void report(struct work_struct *work);
static DECLARE_DELAYED_WORK(report_work, report);

/* The attributes keep it the function that it is here, for a livepatch to find. */
static noinline __noclone void report_once(unsigned long uptime)
{
	pr_info("up for %lu s\n", uptime);
}

static void report(struct work_struct *work)
{
	report_once((jiffies - INITIAL_JIFFIES) / HZ);
	schedule_delayed_work(&report_work, HZ);
}

static int __init livepatch_callbacks_mod_init(void)
{
	pr_info("init\n");
	schedule_delayed_work(&report_work, 0);
	return 0;
}

static void __exit livepatch_callbacks_mod_exit(void)
{
	cancel_delayed_work_sync(&report_work);
	pr_info("exit\n");
}

module_init(livepatch_callbacks_mod_init);
module_exit(livepatch_callbacks_mod_exit);
MODULE_DESCRIPTION("Livepatch sample: a module to be patched");
MODULE_LICENSE("GPL");
