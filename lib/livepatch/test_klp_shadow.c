// SPDX-License-Identifier: GPL-2.0
/*
 * test_klp_shadow - shadow variables, driven from a script
 *
 * Shadow variables need no livepatch, so this is an ordinary module.  A command
 * written to the parameter `command` is executed and its outcome read from
 * `result`; objects are numbered 0 to 7:
 *
 *   get OBJECT ID
 *   alloc OBJECT ID VALUE
 *   get_or_alloc OBJECT ID VALUE
 *   free OBJECT ID
 *   free_all ID
 *   race OBJECT ID THREADS	get_or_alloc from so many kthreads at once
 *
 * The result is the value of the variable, "none" when there is no variable,
 * and for race how many kthreads got the one variable.  `constructed` and
 * `destroyed` count calls; while `refuse` is set the constructor fails.  It takes
 * `linger` milliseconds.
 */

#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/livepatch.h>
#include <linux/module.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#define KLP_SHADOW_THREADS 16

static int constructed;
module_param(constructed, int, 0644);

static int destroyed;
module_param(destroyed, int, 0644);

static bool refuse;
module_param(refuse, bool, 0644);

static unsigned int linger;
module_param(linger, uint, 0644);

static int result;

#define RESULT_NONE	(-1)

/* Only their addresses matter. */
static char objects[8];

/* Ids that have been given variables, to leave none behind at these addresses. */
static unsigned long used_ids[16];
static unsigned int nr_used_ids;

static int use_id(unsigned long id)
{
	unsigned int i;

	for (i = 0; i < nr_used_ids; i++)
		if (used_ids[i] == id)
			return 0;
	if (nr_used_ids == ARRAY_SIZE(used_ids))
		return -ENOSPC;

	used_ids[nr_used_ids++] = id;
	return 0;
}

static int construct(void *obj, void *shadow_data, void *ctor_data)
{
	if (refuse)
		return -EINVAL;

	mdelay(linger);
	*(int *)shadow_data = *(int *)ctor_data;
	constructed++;
	return 0;
}

static void destroy(void *obj, void *shadow_data)
{
	destroyed++;
}

struct racer {
	struct completion *go;
	void *obj;
	unsigned long id;
	int *variable;
	struct completion done;
};

static int race_fn(void *data)
{
	struct racer *racer = data;
	int value = 1;

	wait_for_completion(racer->go);
	racer->variable = klp_shadow_get_or_alloc(racer->obj, racer->id, sizeof(value),
						  GFP_KERNEL, construct, &value);

	/* Not just complete(): the module may be gone before this returns. */
	kthread_complete_and_exit(&racer->done, 0);
}

/* Commands come one at a time, so one set of racers will do. */
static struct racer racers[KLP_SHADOW_THREADS];

static int race(void *obj, unsigned long id, unsigned int threads)
{
	DECLARE_COMPLETION_ONSTACK(go);
	unsigned int i, started = 0;
	int *variable, same = 0;

	for (i = 0; i < min(threads, KLP_SHADOW_THREADS); i++) {
		racers[i].go = &go;
		racers[i].obj = obj;
		racers[i].id = id;
		init_completion(&racers[i].done);
		if (IS_ERR(kthread_run(race_fn, &racers[i], "klp_race/%u", i)))
			break;
		started++;
	}

	complete_all(&go);
	for (i = 0; i < started; i++)
		wait_for_completion(&racers[i].done);

	variable = klp_shadow_get(obj, id);
	for (i = 0; i < started; i++)
		same += variable && racers[i].variable == variable;
	return same;
}

static int command_set(const char *text, const struct kernel_param *kp)
{
	unsigned long id;
	unsigned int obj = 0;
	char verb[16];
	int *variable = NULL;
	int value = 0;
	int ret;

	if (sscanf(text, "free_all %lu", &id) == 1) {
		klp_shadow_free_all(id, destroy);
		result = RESULT_NONE;
		return 0;
	}

	if (sscanf(text, "%15s %u %lu %d", verb, &obj, &id, &value) < 3 ||
	    obj >= ARRAY_SIZE(objects))
		return -EINVAL;

	ret = use_id(id);
	if (ret)
		return ret;

	if (!strcmp(verb, "race")) {
		result = race(&objects[obj], id, value);
		return 0;
	}

	if (!strcmp(verb, "get"))
		variable = klp_shadow_get(&objects[obj], id);
	else if (!strcmp(verb, "alloc"))
		variable = klp_shadow_alloc(&objects[obj], id, sizeof(value), GFP_KERNEL,
					    construct, &value);
	else if (!strcmp(verb, "get_or_alloc"))
		variable = klp_shadow_get_or_alloc(&objects[obj], id, sizeof(value), GFP_KERNEL,
						   construct, &value);
	else if (!strcmp(verb, "free"))
		klp_shadow_free(&objects[obj], id, destroy);
	else
		return -EINVAL;

	result = variable ? *variable : RESULT_NONE;
	return 0;
}

static const struct kernel_param_ops command_ops = {
	.set = command_set,
};
module_param_cb(command, &command_ops, NULL, 0200);

static int result_get(char *buffer, const struct kernel_param *kp)
{
	if (result == RESULT_NONE)
		return sysfs_emit(buffer, "none\n");
	return sysfs_emit(buffer, "%d\n", result);
}

static const struct kernel_param_ops result_ops = {
	.get = result_get,
};
module_param_cb(result, &result_ops, NULL, 0444);

static int __init test_klp_shadow_init(void)
{
	return 0;
}

static void __exit test_klp_shadow_exit(void)
{
	unsigned int i;

	for (i = 0; i < nr_used_ids; i++)
		klp_shadow_free_all(used_ids[i], destroy);
}

module_init(test_klp_shadow_init);
module_exit(test_klp_shadow_exit);
MODULE_DESCRIPTION("Livepatch test: shadow variables");
MODULE_LICENSE("GPL");
