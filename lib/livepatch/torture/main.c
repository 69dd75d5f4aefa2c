// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * klptorture - torture test of live patching
 *
 * Calls pairs of functions from everywhere and checks each call, while
 * klp-torture, a program, loads livepatches of them, enables, replaces, reverses,
 * disables and removes these at random.  Documentation/livepatch/torture.rst
 * describes both.
 *
 * Files in /sys/kernel/debug/klptorture/:
 *
 *   call	reading it calls a pair in a system call
 *   control	"reverse": the transition that runs is about to be turned back;
 *		"force": transitions will be forced; "fail TEXT": something
 *		that the program has found; "end": the verdict, now. Removing
 *		the module does it, too, but livepatches that were forced
 *		keep it
 */
#define pr_fmt(fmt) fmt

#include <linux/cpumask.h>
#include <linux/debugfs.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <linux/torture.h>
#include <linux/uaccess.h>
#include "internal.h"

/* After so many seconds whatever calls must have called. */
#define ALL_CALLED 60

/* How many errors are told; those that follow are mostly the same. */
#define TOLD 20

torture_param(int, nkthreads, -1, "Number of kthreads that call, -1 for three for each CPU");
torture_param(int, onoff_holdoff, 2, "Time after boot before CPU hotplugs (s)");
torture_param(int, onoff_interval, 0, "Time between CPU hotplugs (jiffies), 0=disable");
torture_param(int, shuffle_interval, 3, "Number of seconds between shuffles, 0=disable");
torture_param(int, shutdown_secs, 0, "Shutdown time (s), <= zero to disable.");
torture_param(int, stat_interval, 15, "Number of seconds between stats printk()s, 0=disable");
torture_param(int, stutter, 5, "Number of seconds to run/halt test, 0=disable");
torture_param(int, verbose, 0, "Enable verbose debugging printk()s");

char *torture_type = "klptorture";

static struct task_struct *stats_task;
static struct dentry *dir;
static atomic_long_t nr_errors;
static time64_t started;

void klpt_error(const char *format, ...)
{
	struct va_format vaf;
	va_list args;

	if (atomic_long_inc_return(&nr_errors) > TOLD)
		return;

	va_start(args, format);
	vaf.fmt = format;
	vaf.va = &args;
	pr_alert("%s" TORTURE_FLAG "!!! %pV\n", torture_type, &vaf);
	va_end(args);
}

static int call_show(struct seq_file *m, void *v)
{
	klpt_call_by_user();
	seq_puts(m, "done\n");
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(call);

static int errors_show(struct seq_file *m, void *v)
{
	seq_printf(m, "%ld\n", atomic_long_read(&nr_errors));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(errors);

static void print_stats(void)
{
	klpt_contexts_stats();
	klpt_world_stats();
	pr_alert("%s" TORTURE_FLAG " errors: %ld ", torture_type, atomic_long_read(&nr_errors));
	/* Goes on with the line. */
	torture_onoff_stats();
}

static int klpt_stats(void *unused)
{
	do {
		schedule_timeout_interruptible(stat_interval * HZ);
		print_stats();
		torture_shutdown_absorb("klpt_stats");
	} while (!torture_must_stop());
	torture_kthread_stopping("klpt_stats");
	return 0;
}

static void print_parameters(const char *tag)
{
	pr_alert("%s" TORTURE_FLAG "--- %s: nkthreads=%d onoff=%d/%d shuffle=%d stat=%d stutter=%d\n",
		 torture_type, tag, nkthreads, onoff_holdoff, onoff_interval,
		 shuffle_interval, stat_interval, stutter);
}

static void end_of_test(void)
{
	static atomic_t ended;

	if (atomic_xchg(&ended, 1) || torture_cleanup_begin())
		return;

	torture_stop_kthread(klpt_stats, stats_task);
	klpt_contexts_stop();
	if (ktime_get_seconds() - started >= ALL_CALLED)
		klpt_contexts_check();
	print_stats();

	if (atomic_long_read(&nr_errors))
		print_parameters("End of test: FAILURE");
	else if (torture_onoff_failures())
		print_parameters("End of test: CPU_HOTPLUG");
	else
		print_parameters("End of test: SUCCESS");
	torture_cleanup_end();
}

static ssize_t control_write(struct file *file, const char __user *user, size_t count,
			     loff_t *pos)
{
	char text[200], *line;
	ssize_t len;

	len = simple_write_to_buffer(text, sizeof(text) - 1, pos, user, count);
	if (len < 0)
		return len;
	text[len] = '\0';
	line = strim(text);

	if (!strcmp(line, "reverse"))
		klpt_world_reverse();
	else if (!strcmp(line, "force"))
		klpt_world_force();
	else if (strstarts(line, "fail "))
		klpt_error("%s", line + strlen("fail "));
	else if (!strcmp(line, "end"))
		end_of_test();
	else
		return -EINVAL;
	*pos = 0;
	return count;
}

static const struct file_operations control_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = control_write,
};

static void klptorture_cleanup(void)
{
	debugfs_remove(dir);
	end_of_test();
}

static int __init klptorture_init(void)
{
	int err;

	if (!torture_init_begin(torture_type, verbose))
		return -EBUSY;
	if (nkthreads < 0)
		nkthreads = 3 * num_online_cpus();
	print_parameters("Start of test");
	started = ktime_get_seconds();

	err = klpt_contexts_start(nkthreads);
	if (torture_init_error(err))
		goto unwind;
	if (stat_interval > 0) {
		err = torture_create_kthread(klpt_stats, NULL, stats_task);
		if (torture_init_error(err))
			goto unwind;
	}
	if (shuffle_interval > 0) {
		err = torture_shuffle_init(shuffle_interval * HZ);
		if (torture_init_error(err))
			goto unwind;
	}
	if (stutter > 0) {
		err = torture_stutter_init(stutter * HZ, stutter * HZ);
		if (torture_init_error(err))
			goto unwind;
	}
	err = torture_onoff_init(onoff_holdoff * HZ, onoff_interval, NULL);
	if (torture_init_error(err))
		goto unwind;
	err = torture_shutdown_init(shutdown_secs, klptorture_cleanup);
	if (torture_init_error(err))
		goto unwind;

	dir = debugfs_create_dir("klptorture", NULL);
	debugfs_create_file("call", 0444, dir, NULL, &call_fops);
	debugfs_create_file("errors", 0444, dir, NULL, &errors_fops);
	debugfs_create_file("control", 0200, dir, NULL, &control_fops);
	torture_init_end();
	return 0;

unwind:
	torture_init_end();
	klptorture_cleanup();
	return err;
}

module_init(klptorture_init);
module_exit(klptorture_cleanup);
MODULE_DESCRIPTION("Torture test of live patching");
MODULE_LICENSE("GPL");
