// SPDX-License-Identifier: GPL-2.0
/*
 * klp_bench_reloc - a livepatch with a thousand livepatch relocations
 *
 * Each against another function of klp_bench_m000, none of which is exported: it
 * has to be converted, see ../reloc/Makefile.  They are applied when the module
 * is patched.  `enable_ns` and `idle_ns` are as with klp_bench_patch.
 */

#include <linux/livepatch.h>
#include <linux/module.h>
#include <linux/timekeeping.h>
#include "klp_bench.h"

static unsigned long long enable_ns;
module_param(enable_ns, ullong, 0444);

static unsigned long long idle_ns;
module_param(idle_ns, ullong, 0444);

#define KLP_BENCH(index)	klp_bench_##index,

/* Declared one after the other; the last one only ends the list. */
klp_bench_fn
#include "klp_bench_list.h"
	klp_bench_none;

static klp_bench_fn *hidden[] __used __section(".data") = {
#include "klp_bench_list.h"
};

static unsigned int new_func(const unsigned long unused)
{
	barrier();
	return 0;
}

static struct klp_func funcs[] = {
	{ .old_name = "klp_bench_0", .new_func = new_func },
	{ }
};

static struct klp_object objs[] = {
	{ .name = "klp_bench_m000", .funcs = funcs },
	{ }
};

static struct klp_patch patch = {
	.mod = THIS_MODULE,
	.objs = objs,
};

static int __init klp_bench_reloc_init(void)
{
	u64 idle = klp_bench_idle_time();
	u64 start = ktime_get_ns();
	int err = klp_enable_patch(&patch);

	enable_ns = ktime_get_ns() - start;
	idle_ns = klp_bench_idle_time() - idle;
	return err;
}

static void __exit klp_bench_reloc_exit(void)
{
}

module_init(klp_bench_reloc_init);
module_exit(klp_bench_reloc_exit);
MODULE_INFO(livepatch, "Y");
MODULE_DESCRIPTION("Livepatch benchmark: livepatch relocations");
MODULE_LICENSE("GPL");
