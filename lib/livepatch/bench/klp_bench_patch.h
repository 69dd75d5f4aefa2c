/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A livepatch that takes its own time.  Each including file is one: it names by
 * NEW_FUNCTIONS a list of what it has functions of its own for.  Where more are
 * needed, they are used again.
 *
 * Patches functions of klp_bench_m000, `count` from number `first` on, and from
 * number 1000 on those of klp_bench_m001, and so on; with `hold` and `nap` also those
 * that kthreads are in, with `vmlinux` jiffies_to_msecs(), with `sleepers` the
 * function in which klp_bench_threads sleep.  `replace` makes it an atomic
 * replace.  With `dry` nothing is enabled.
 *
 * Read from its parameters, in nanoseconds: `enable_ns`, what klp_enable_patch()
 * took, and `idle_ns`, for how much of that all CPUs together were idle.  Reading
 * `unused_ns` waits until nobody uses the module any more, and gives that time,
 * and the idle time then, by the clock of klp_bench.
 */

#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/livepatch.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/sysfs.h>
#include <linux/timekeeping.h>
#include "klp_bench.h"

static unsigned int first;
module_param(first, uint, 0444);

static unsigned int count = 1;
module_param(count, uint, 0444);

static bool hold;
module_param(hold, bool, 0444);

static bool nap;
module_param(nap, bool, 0444);

static bool vmlinux;
module_param(vmlinux, bool, 0444);

static bool sleepers;
module_param(sleepers, bool, 0444);

static bool replace;
module_param(replace, bool, 0444);

static bool dry;
module_param(dry, bool, 0444);

static unsigned long long enable_ns;
module_param(enable_ns, ullong, 0444);

static unsigned long long idle_ns;
module_param(idle_ns, ullong, 0444);

/* As the originals do it, so that a call differs in nothing but its way here. */
#define KLP_BENCH(index)								\
	static unsigned int new_##index(const unsigned long unused)		\
	{									\
		barrier();							\
		return 0;							\
	}
#include NEW_FUNCTIONS
#undef KLP_BENCH

#define KLP_BENCH(index)	new_##index,
static klp_bench_fn * const new_funcs[] = {
#include NEW_FUNCTIONS
};

static unsigned int new_jiffies_to_msecs(const unsigned long j)
{
	return (MSEC_PER_SEC / HZ) * j;
}

static void new_hold(void)
{
}

static void new_nap(void)
{
	fsleep(5000);
	barrier();
}

static struct klp_func vmlinux_funcs[] = {
	{ .old_name = "jiffies_to_msecs", .new_func = new_jiffies_to_msecs },
	{ }
};

static struct klp_func sleeper_funcs[] = {
	{ .old_name = "klp_bench_sleep", .new_func = new_hold },
	{ }
};

#define MODULES_MAX	32

/* Those of the modules, one each of sleepers and vmlinux, and the end. */
static struct klp_object objs[MODULES_MAX + 3];

static struct klp_patch patch = {
	.mod = THIS_MODULE,
	.objs = objs,
};

static char module_names[MODULES_MAX][MODULE_NAME_LEN];
static char names[KLP_BENCH_FUNCTIONS][sizeof("klp_bench_999")];

/* An array for each module, one behind the other, with an empty entry at the end of each. */
static struct klp_func *funcs;

static void add_func(struct klp_func *func, const char *name, void *new_func)
{
	func->old_name = name;
	func->new_func = new_func;
}

static struct klp_object *add_modules(struct klp_object *obj)
{
	struct klp_func *func = funcs;
	unsigned int i, n = first;

	while (n < first + count || ((hold || nap) && obj == objs)) {
		snprintf(module_names[obj - objs], sizeof(module_names[0]), KLP_BENCH_MODULE,
			 n / KLP_BENCH_FUNCTIONS);
		obj->name = module_names[obj - objs];
		obj->funcs = func;
		if (hold && obj == objs)
			add_func(func++, "klp_bench_hold", new_hold);
		if (nap && obj == objs)
			add_func(func++, "klp_bench_nap", new_nap);
		for (; n < first + count; n++) {
			i = n % KLP_BENCH_FUNCTIONS;
			add_func(func++, names[i], new_funcs[i % ARRAY_SIZE(new_funcs)]);
			if (i == KLP_BENCH_FUNCTIONS - 1) {
				n++;
				break;
			}
		}
		func++;
		obj++;
	}
	return obj;
}

static void make_objects(void)
{
	struct klp_object *obj = add_modules(objs);

	if (sleepers)
		*obj++ = (struct klp_object){
			.name = "klp_bench_threads", .funcs = sleeper_funcs,
		};
	if (vmlinux)
		*obj++ = (struct klp_object){ .funcs = vmlinux_funcs };
}

static int make_patch(void)
{
	unsigned int i;

	/* Two that may be added, and the ends. */
	funcs = kvcalloc(count + 2 + MODULES_MAX, sizeof(*funcs), GFP_KERNEL);
	if (!funcs)
		return -ENOMEM;

	for (i = 0; i < KLP_BENCH_FUNCTIONS; i++)
		snprintf(names[i], sizeof(names[i]), KLP_BENCH_NAME, i);
	make_objects();
	patch.replace = replace;
	return 0;
}

/* Looks so often that what it returns is right to a 256th, and what that costs is little. */
static int unused_ns_get(char *buffer, const struct kernel_param *kp)
{
	u64 start = ktime_get_ns();

	while (module_refcount(THIS_MODULE)) {
		if (signal_pending(current))
			return -EINTR;
		fsleep(max_t(u64, 20, (ktime_get_ns() - start) / NSEC_PER_USEC / 256));
	}
	return sysfs_emit(buffer, "%llu %llu\n", ktime_get_ns(), klp_bench_idle_time());
}

static const struct kernel_param_ops unused_ns_ops = {
	.get = unused_ns_get,
};
module_param_cb(unused_ns, &unused_ns_ops, NULL, 0444);

static int __init klp_bench_patch_init(void)
{
	u64 start, idle;
	int err;

	/* One more, for a first module that is not used from its start. */
	if (first > KLP_BENCH_FUNCTIONS * (MODULES_MAX - 1) ||
	    count > KLP_BENCH_FUNCTIONS * (MODULES_MAX - 1) - first)
		return -EINVAL;
	err = make_patch();
	if (err || dry)
		return err;

	idle = klp_bench_idle_time();
	start = ktime_get_ns();
	err = klp_enable_patch(&patch);
	enable_ns = ktime_get_ns() - start;
	idle_ns = klp_bench_idle_time() - idle;

	if (err)
		kvfree(funcs);
	return err;
}

static void __exit klp_bench_patch_exit(void)
{
	kvfree(funcs);
}

module_init(klp_bench_patch_init);
module_exit(klp_bench_patch_exit);
MODULE_INFO(livepatch, "Y");
MODULE_DESCRIPTION("Livepatch benchmark: a livepatch of any number of functions");
MODULE_LICENSE("GPL");
