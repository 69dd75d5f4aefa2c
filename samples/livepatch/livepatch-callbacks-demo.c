// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * livepatch-callbacks-demo.c - code that runs around patching and unpatching
 *
 * Some fixes need more than new functions: a data structure must be converted,
 * a setting changed, a service registered.  That is done in callbacks, of which
 * each object of a livepatch has its own four.  This one patches the kernel and
 * livepatch-callbacks-mod, and reports each call.  Things to try, with dmesg:
 *
 *  - load it before, and after, livepatch-callbacks-mod;
 *  - remove livepatch-callbacks-mod while it is enabled, and load it again;
 *  - disable it while livepatch-callbacks-mod is loaded, and while it is not;
 *  - insmod livepatch-callbacks-demo.ko refuse=livepatch_callbacks_mod, before
 *    and after livepatch-callbacks-mod: once the livepatch is refused, and once
 *    the module.  refuse=vmlinux refuses the livepatch always.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/livepatch.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/string.h>

static char *refuse;
module_param(refuse, charp, 0444);
MODULE_PARM_DESC(refuse, "object whose pre-patch callback fails");

static const char *object_name(struct klp_object *obj)
{
	return obj->name ?: "vmlinux";
}

/*
 * The same callback runs in two worlds.
 *
 * The livepatch is being enabled or disabled, and the module is there: everybody
 * uses its old code (pre-patch) or may use either.
 *
 * Or the module arrives or leaves.  Then nobody uses its code, and nothing of it may
 * be called: its init function has not run, or its exit function has.
 *
 * The state of the module does not tell which: a livepatch may be enabled or disabled
 * just while that init function or exit function runs.  So what a callback does to
 * the module's data it should do under the module's locks in any case.
 */
static const char *module_state(struct klp_object *obj)
{
	if (!obj->mod)
		return "always there";

	switch (obj->mod->state) {
	case MODULE_STATE_LIVE:
		return "live";
	case MODULE_STATE_COMING:
		return "coming, its init function has not returned";
	case MODULE_STATE_GOING:
		return "going, its exit function has run or its init function has not succeeded";
	default:
		return "in no state to be patched";
	}
}

/*
 * Runs before any task can reach the new code.  The place for what may fail,
 * such as allocating memory: an error refuses the livepatch or, when the
 * module is coming, the module.  No other callback of this object runs then.
 */
static int pre_patch(struct klp_object *obj)
{
	pr_info("%s: %s, %s\n", __func__, object_name(obj), module_state(obj));

	if (refuse && !strcmp(refuse, object_name(obj)))
		return -ENODEV;
	return 0;
}

/*
 * Runs when the transition is complete: nobody uses the old code any more.
 * The place for changes that old code would not understand.
 */
static void post_patch(struct klp_object *obj)
{
	pr_info("%s: %s, %s\n", __func__, object_name(obj), module_state(obj));
}

/*
 * Runs before any task goes back to the old code.  Undoes what post_patch did.
 * It is not called when the transition is reversed before it was complete,
 * because post_patch was not called either.
 */
static void pre_unpatch(struct klp_object *obj)
{
	pr_info("%s: %s, %s\n", __func__, object_name(obj), module_state(obj));
}

/*
 * Runs when nobody uses the new code any more.  Undoes what pre_patch did, if
 * pre_patch succeeded; also when the transition was reversed.
 */
static void post_unpatch(struct klp_object *obj)
{
	pr_info("%s: %s, %s\n", __func__, object_name(obj), module_state(obj));
}

static int demo_cmdline_proc_show(struct seq_file *m, void *v)
{
	seq_puts(m, "patched together with a callback\n");
	return 0;
}

static void demo_report_once(unsigned long uptime)
{
	pr_info("up for %lu min, says the patched function\n", uptime / 60);
}

static struct klp_func vmlinux_funcs[] = {
	{
		.old_name = "cmdline_proc_show",
		.new_func = demo_cmdline_proc_show,
	},
	{ }
};

static struct klp_func mod_funcs[] = {
	{
		.old_name = "report_once",
		.new_func = demo_report_once,
	},
	{ }
};

/* Objects may share callbacks, as here, or have different ones, or none. */
static struct klp_object objs[] = {
	{
		.funcs = vmlinux_funcs,
		.callbacks = {
			.pre_patch = pre_patch,
			.post_patch = post_patch,
			.pre_unpatch = pre_unpatch,
			.post_unpatch = post_unpatch,
		},
	},
	{
		.name = "livepatch_callbacks_mod",
		.funcs = mod_funcs,
		.callbacks = {
			.pre_patch = pre_patch,
			.post_patch = post_patch,
			.pre_unpatch = pre_unpatch,
			.post_unpatch = post_unpatch,
		},
	},
	{ }
};

static struct klp_patch patch = {
	.mod = THIS_MODULE,
	.objs = objs,
};

static int __init livepatch_callbacks_demo_init(void)
{
	return klp_enable_patch(&patch);
}

static void __exit livepatch_callbacks_demo_exit(void)
{
}

module_init(livepatch_callbacks_demo_init);
module_exit(livepatch_callbacks_demo_exit);
MODULE_DESCRIPTION("Livepatch sample: callbacks");
MODULE_LICENSE("GPL");
MODULE_INFO(livepatch, "Y");
