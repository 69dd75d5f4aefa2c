// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * livepatch-late-mod.c - a module whose code is changed while it runs
 *
 * A thermometer.  In /sys/module/livepatch_late_mod/parameters/ there are
 *
 *   temperature	what it is; wrong by a unit, see livepatch-late
 *   precise		0 or 1: a static key
 *   fahrenheit		0 or 1: chooses what a static call calls
 *   watch		0 or 1: a probe of a tracepoint
 *   watched		what the probe has seen last
 *   unit		the unit, see livepatch-symbols
 *
 * The sensor is read in one of two ways, by an alternative.
 */

#include <linux/module.h>
#include <linux/sysfs.h>
#include "livepatch-late.h"

DEFINE_STATIC_KEY_FALSE(late_precise);

const char *late_unit = "degrees Celsius";

/* Tenths of a degree.  The processor says which of the two is called. */
noinline int late_read_old(void)
{
	barrier();
	return 0;
}

noinline int late_read_new(void)
{
	barrier();
	return 215;
}

noinline int late_celsius(int reading)
{
	return reading;
}

static noinline int late_fahrenheit(int reading)
{
	return reading * 9 / 5 + 320;
}

DEFINE_STATIC_CALL(late_convert, late_celsius);
DEFINE_TRACE(livepatch_late, TP_PROTO(int reading), TP_ARGS(reading));

/* Here is the bug: nobody knows what the number means. */
static noinline __noclone
int late_temperature_get(char *buffer, const struct kernel_param *kp)
{
	int reading = late_read();

	trace_livepatch_late(reading);
	reading = static_call(late_convert)(reading);
	if (static_branch_unlikely(&late_precise))
		return sysfs_emit(buffer, "%d.%d\n", reading / 10, reading % 10);
	return sysfs_emit(buffer, "%d\n", reading / 10);
}

static noinline __noclone int late_unit_get(char *buffer, const struct kernel_param *kp)
{
	return sysfs_emit(buffer, "%s\n", late_unit);
}

static int late_precise_set(const char *value, const struct kernel_param *kp)
{
	bool on;
	int err = kstrtobool(value, &on);

	if (err)
		return err;
	if (on)
		static_branch_enable(&late_precise);
	else
		static_branch_disable(&late_precise);
	return 0;
}

static int late_fahrenheit_set(const char *value, const struct kernel_param *kp)
{
	bool on;
	int err = kstrtobool(value, &on);

	if (err)
		return err;
	static_call_update(late_convert, on ? late_fahrenheit : late_celsius);
	late_unit = on ? "degrees Fahrenheit" : "degrees Celsius";
	return 0;
}

static int watched;
module_param(watched, int, 0444);

static void late_probe(void *data, int reading)
{
	watched = reading;
}

static bool watching;

static int late_watch_set(const char *value, const struct kernel_param *kp)
{
	bool on;
	int err = kstrtobool(value, &on);

	if (err || on == watching)
		return err;
	if (on)
		err = register_trace_livepatch_late(late_probe, NULL);
	else
		unregister_trace_livepatch_late(late_probe, NULL);
	if (!err)
		watching = on;
	return err;
}

static const struct kernel_param_ops temperature_ops = { .get = late_temperature_get };
static const struct kernel_param_ops unit_ops = { .get = late_unit_get };
static const struct kernel_param_ops precise_ops = { .set = late_precise_set };
static const struct kernel_param_ops fahrenheit_ops = { .set = late_fahrenheit_set };
static const struct kernel_param_ops watch_ops = { .set = late_watch_set };

module_param_cb(temperature, &temperature_ops, NULL, 0444);
module_param_cb(unit, &unit_ops, NULL, 0444);
module_param_cb(precise, &precise_ops, NULL, 0200);
module_param_cb(fahrenheit, &fahrenheit_ops, NULL, 0200);
module_param_cb(watch, &watch_ops, NULL, 0200);

static int __init livepatch_late_mod_init(void)
{
	return 0;
}

static void __exit livepatch_late_mod_exit(void)
{
	if (watching)
		unregister_trace_livepatch_late(late_probe, NULL);
	tracepoint_synchronize_unregister();
}

module_init(livepatch_late_mod_init);
module_exit(livepatch_late_mod_exit);
MODULE_DESCRIPTION("Livepatch sample: a module whose code is changed while it runs");
MODULE_LICENSE("GPL");
