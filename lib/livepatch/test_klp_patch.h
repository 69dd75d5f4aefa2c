/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A livepatch whose contents are chosen when it is loaded.
 *
 * Tests need several livepatches at once, and a module can be loaded only once:
 * test_klp_patch_a.c and the others define KLP_PATCH_LETTER and include this file, which
 * is the whole module.  Its parameters:
 *
 *   funcs=[OBJECT:]FUNCTION[@POSITION],...
 *		what to patch; without OBJECT: in vmlinux.  "OBJECT:" alone
 *		names an object without functions.  %[FUNCTION[@POSITION]][/NEW]
 *		is only looked for on stacks.  Nothing is checked, wrong input
 *		is for the core to refuse.
 *   states=ID:VERSION,...
 *		the system states that the livepatch modifies
 *   replace	atomic replace
 *   callbacks	record the callbacks of all objects in `calls`, and in the log,
 *		which is still there when the module is not
 *   veto=OBJECT
 *		the pre-patch callback of OBJECT fails with -ENODEV
 *   pause	1: pre-patch callbacks wait; 0: they go on
 *   keep		1: hold the livepatch's directory in sysfs; 0: let it go
 *   another	writing enables another patch of the module: of loadavg_proc_show
 *   calls	what was called, a line each: callback, object, and the state of
 *		its module.  Writing clears it
 *
 * Each new function returns KLP_PATCH_LETTER, so that a caller knows whose it was.
 */

#include <linux/kstrtox.h>
#include <linux/livepatch.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/seq_buf.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include "test_klp_park.h"
#include "test_klp_target.h"

#define KLP_MAX_OBJECTS		4
#define KLP_MAX_FUNCS		8
#define KLP_MAX_STATES		4

static char *funcs[KLP_MAX_OBJECTS * KLP_MAX_FUNCS];
static unsigned int nr_funcs;
module_param_array(funcs, charp, &nr_funcs, 0444);

static char *states[KLP_MAX_STATES];
static unsigned int nr_states;
module_param_array(states, charp, &nr_states, 0444);

static bool replace;
module_param(replace, bool, 0444);

static bool callbacks;
module_param(callbacks, bool, 0444);

/* The init function's own failure, an errno, when all is done. */
static int fail;
module_param(fail, int, 0444);

static char *veto;
module_param(veto, charp, 0644);

static bool pause;
module_param(pause, bool, 0644);

/* Readers of `calls` do not hold the lock that serialises callbacks. */
static DEFINE_MUTEX(calls_mutex);
static char calls_buffer[PAGE_SIZE - 1];
static struct seq_buf calls = {
	.buffer = calls_buffer,
	.size = sizeof(calls_buffer),
};

static int calls_get(char *buffer, const struct kernel_param *kp)
{
	int len;

	mutex_lock(&calls_mutex);
	len = sysfs_emit(buffer, "%s", seq_buf_str(&calls));
	mutex_unlock(&calls_mutex);
	return len;
}

static int calls_set(const char *value, const struct kernel_param *kp)
{
	mutex_lock(&calls_mutex);
	seq_buf_clear(&calls);
	mutex_unlock(&calls_mutex);
	return 0;
}

static const struct kernel_param_ops calls_ops = {
	.get = calls_get,
	.set = calls_set,
};
module_param_cb(calls, &calls_ops, NULL, 0644);

static int new_function(void)
{
	barrier();
	return KLP_PATCH_LETTER;
}

static int new_pair(const struct klp_target_halves *halves)
{
	int first = halves->first();

	schedule_timeout_uninterruptible(1);

	return first == KLP_PATCH_LETTER && halves->second() == KLP_PATCH_LETTER ?
		KLP_PATCH_LETTER : KLP_MIXED;
}

static int new_interruptible(struct klp_park *park)
{
	return klp_park_wait(park, TASK_INTERRUPTIBLE, KLP_PATCH_LETTER);
}

static int new_killable(struct klp_park *park)
{
	return klp_park_wait(park, TASK_KILLABLE, KLP_PATCH_LETTER);
}

static int new_cold(struct klp_park *park)
{
	return klp_park_wait_aside(park, KLP_PATCH_LETTER);
}

static int new_callback(struct klp_park *park)
{
	klp_distinct(new_callback);
	return klp_park_wait(park, TASK_KILLABLE, KLP_PATCH_LETTER);
}

static noinline __noclone int tail(struct klp_park *park)
{
	klp_distinct(jumped to);
	return klp_park_wait(park, TASK_KILLABLE, KLP_PATCH_LETTER);
}

/* Compiled as a jump where that is allowed: it is not on the stack of who waits. */
static int new_tail(struct klp_park *park)
{
	klp_distinct(new_tail);
	return tail(park);
}

/* What it leaves behind leads to code that nobody redirects. */
static int new_register(struct klp_park *park)
{
	park->callback = new_callback;
	return KLP_PATCH_LETTER;
}

/*
 * Without padding in front: who unwinds through a trampoline that goes on here
 * must not look at what precedes this function.
 */
static __attribute__((patchable_function_entry(0, 0))) int new_kthread(struct klp_park *park)
{
	return klp_park_wait(park, TASK_IDLE, KLP_PATCH_LETTER);
}

static int new_cmdline_proc_show(struct seq_file *m, void *v)
{
	seq_printf(m, "%c: this has been live patched\n", KLP_PATCH_LETTER);
	return 0;
}

/* Functions that are not listed are of no arguments, or do not exist. */
static const struct {
	const char *old_name;
	void *new_func;
} replacements[] = {
	{ "cmdline_proc_show", new_cmdline_proc_show },
	{ "loadavg_proc_show", new_cmdline_proc_show },
	{ "klp_target_pair", new_pair },
	{ "klp_park_interruptible", new_interruptible },
	{ "klp_park_killable", new_killable },
	{ "klp_park_kthread", new_kthread },
	{ "klp_park_callback", new_callback },
	{ "klp_park_cold", new_cold },
	{ "klp_park_twin", new_cold },
	{ "klp_park_tail", new_tail },
	{ "klp_park_register", new_register },
};

static void *replacement(const char *old_name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(replacements); i++)
		if (!strcmp(replacements[i].old_name, old_name))
			return replacements[i].new_func;

	return new_function;
}

static struct klp_func all_funcs[KLP_MAX_OBJECTS][KLP_MAX_FUNCS + 1];
static struct klp_object all_objects[KLP_MAX_OBJECTS + 1];
static struct klp_state all_states[KLP_MAX_STATES + 1];

static struct klp_patch patch = {
	.mod = THIS_MODULE,
	.objs = all_objects,
};

static bool keep;

static int keep_set(const char *value, const struct kernel_param *kp)
{
	bool kept = keep;
	int ret = param_set_bool(value, kp);

	if (keep && !kept)
		kobject_get(&patch.kobj);
	else if (kept && !keep)
		kobject_put(&patch.kobj);
	return ret;
}

static const struct kernel_param_ops keep_ops = {
	.set = keep_set,
	.get = param_get_bool,
};
module_param_cb(keep, &keep_ops, &keep, 0644);

static struct klp_func other_funcs[] = {
	{
		.old_name = "loadavg_proc_show",
		.new_func = new_cmdline_proc_show,
	}, { }
};

static struct klp_object other_objects[] = {
	{
		.funcs = other_funcs,
	}, { }
};

static struct klp_patch other_patch = {
	.mod = THIS_MODULE,
	.objs = other_objects,
};

static int another_set(const char *value, const struct kernel_param *kp)
{
	return klp_enable_patch(&other_patch);
}

static const struct kernel_param_ops another_ops = {
	.set = another_set,
};
module_param_cb(another, &another_ops, NULL, 0200);

static const char *object_name(struct klp_object *obj)
{
	return obj->name ?: "vmlinux";
}

static const char *module_state(struct klp_object *obj)
{
	if (!obj->mod)
		return "-";

	switch (obj->mod->state) {
	case MODULE_STATE_LIVE:
		return "live";
	case MODULE_STATE_COMING:
		return "coming";
	case MODULE_STATE_GOING:
		return "going";
	case MODULE_STATE_UNFORMED:
		return "unformed";
	}
	return "unknown";
}

static void record(const char *callback, struct klp_object *obj)
{
	pr_info("%s: %s %s %s\n", THIS_MODULE->name, callback, object_name(obj),
		module_state(obj));
	mutex_lock(&calls_mutex);
	seq_buf_printf(&calls, "%s %s %s\n", callback, object_name(obj), module_state(obj));
	mutex_unlock(&calls_mutex);
}

/*
 * A livepatch that takes over a state passes the data on.  Here the data is
 * the number of livepatches that had the state before.  Only vmlinux is there
 * in each transition, hence the test in the callers.
 */
static void adopt_states(void)
{
	struct klp_state *state, *prev;

	for (state = all_states; state->id; state++) {
		prev = klp_get_prev_state(state->id);
		if (prev)
			state->data = prev->data + 1;

		mutex_lock(&calls_mutex);
		seq_buf_printf(&calls, "state %lu version %u after %u, owner %lu\n",
			       state->id, state->version, prev ? prev->version : 0,
			       (unsigned long)state->data);
		mutex_unlock(&calls_mutex);
	}
}

static int pre_patch(struct klp_object *obj)
{
	record("pre_patch", obj);
	while (READ_ONCE(pause))
		schedule_timeout_idle(1);
	if (veto && sysfs_streq(veto, object_name(obj)))
		return -ENODEV;
	if (!obj->name)
		adopt_states();
	return 0;
}

static void post_patch(struct klp_object *obj)
{
	record("post_patch", obj);
}

static void pre_unpatch(struct klp_object *obj)
{
	record("pre_unpatch", obj);
}

static void post_unpatch(struct klp_object *obj)
{
	record("post_unpatch", obj);
}

static struct klp_object *find_object(const char *name)
{
	struct klp_object *obj;
	unsigned int i;

	for (i = 0; i < KLP_MAX_OBJECTS; i++) {
		obj = &all_objects[i];
		if (!obj->funcs) {
			obj->funcs = all_funcs[i];
			obj->name = name;
			if (callbacks) {
				obj->callbacks.pre_patch = pre_patch;
				obj->callbacks.post_patch = post_patch;
				obj->callbacks.pre_unpatch = pre_unpatch;
				obj->callbacks.post_unpatch = post_unpatch;
			}
			return obj;
		}
		if (name ? obj->name && !strcmp(obj->name, name) : !obj->name)
			return obj;
	}
	return NULL;
}

static int add_function(char *spec)
{
	char *name = spec, *position, *new_name, *object = NULL;
	struct klp_object *obj;
	struct klp_func *func;
	unsigned int i;

	if (strchr(spec, ':')) {
		object = strsep(&spec, ":");
		name = spec;
	}

	obj = find_object(object);
	if (!obj)
		return -E2BIG;
	if (!*name)
		return 0;

	for (i = 0; obj->funcs[i].old_name || obj->funcs[i].stack_only; i++)
		;
	if (i == KLP_MAX_FUNCS)
		return -E2BIG;

	func = &obj->funcs[i];
	func->stack_only = *name == '%';
	if (func->stack_only) {
		new_name = name + 1;
		name = strsep(&new_name, "/");
		func->new_name = new_name;
	}

	position = name;
	name = strsep(&position, "@");
	if (*name)
		func->old_name = name;
	if (!func->stack_only)
		func->new_func = replacement(name);
	return position ? kstrtoul(position, 10, &func->old_sympos) : 0;
}

static int add_state(struct klp_state *state, char *version)
{
	char *id = strsep(&version, ":");
	int ret;

	if (!version)
		return -EINVAL;
	ret = kstrtoul(id, 10, &state->id);
	if (ret)
		return ret;
	return kstrtouint(version, 10, &state->version);
}

static int __init test_klp_patch_init(void)
{
	unsigned int i;
	int ret;

	for (i = 0; i < nr_funcs; i++) {
		ret = add_function(funcs[i]);
		if (ret)
			return ret;
	}

	for (i = 0; i < nr_states; i++) {
		ret = add_state(&all_states[i], states[i]);
		if (ret)
			return ret;
		patch.states = all_states;
	}

	patch.replace = replace;
	ret = klp_enable_patch(&patch);
	return ret ?: -fail;
}

static void __exit test_klp_patch_exit(void)
{
}

module_init(test_klp_patch_init);
module_exit(test_klp_patch_exit);
MODULE_INFO(livepatch, "Y");
MODULE_DESCRIPTION("Livepatch test: a livepatch made to order");
MODULE_LICENSE("GPL");
