// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_klp_reloc_target - a module whose static symbols a livepatch uses
 *
 * See test_klp_reloc.h.  Parameters:
 *
 *   seed	what the module's symbols answer with
 *   call, load, data, ...
 *		reading one calls klp_reloc_call() for that way; "original"
 *		while the module is not patched
 */

#include <linux/module.h>
#include <linux/sysfs.h>
#include "test_klp_reloc.h"

static int klp_reloc_seed;
module_param_named(seed, klp_reloc_seed, int, 0444);

int klp_reloc_get_seed(void)
{
	return klp_reloc_seed;
}

/* These two are called by nobody but the livepatch. */
static __used noinline __noclone int klp_reloc_hidden(int add)
{
	barrier();
	return klp_reloc_seed + add;
}

static __used noinline __noclone int klp_reloc_twin(void)
{
	barrier();
	return klp_reloc_seed + KLP_RELOC_TWIN1;
}

int klp_reloc_exported(void)
{
	return klp_reloc_seed + KLP_RELOC_EXPORTED;
}
EXPORT_SYMBOL_GPL(klp_reloc_exported);

static noinline __noclone int klp_reloc_call(enum klp_reloc_way way)
{
	barrier();
	return KLP_RELOC_ORIGINAL;
}

static int klp_reloc_get(char *buffer, const struct kernel_param *kp)
{
	int value = klp_reloc_call((unsigned long)kp->arg);

	if (value == KLP_RELOC_ORIGINAL)
		return sysfs_emit(buffer, "original\n");
	return sysfs_emit(buffer, "%d\n", value);
}

static const struct kernel_param_ops klp_reloc_ops = {
	.get = klp_reloc_get,
};

module_param_cb(call, &klp_reloc_ops, (void *)KLP_RELOC_CALL, 0444);
module_param_cb(load, &klp_reloc_ops, (void *)KLP_RELOC_LOAD, 0444);
module_param_cb(data, &klp_reloc_ops, (void *)KLP_RELOC_DATA, 0444);
module_param_cb(rodata, &klp_reloc_ops, (void *)KLP_RELOC_RODATA, 0444);
module_param_cb(ro_after_init, &klp_reloc_ops, (void *)KLP_RELOC_RO_AFTER_INIT, 0444);
module_param_cb(twin1, &klp_reloc_ops, (void *)KLP_RELOC_TWIN1, 0444);
module_param_cb(twin2, &klp_reloc_ops, (void *)KLP_RELOC_TWIN2, 0444);
module_param_cb(exported, &klp_reloc_ops, (void *)KLP_RELOC_EXPORTED, 0444);
module_param_cb(base, &klp_reloc_ops, (void *)KLP_RELOC_BASE, 0444);
module_param_cb(rel32, &klp_reloc_ops, (void *)KLP_RELOC_REL32, 0444);
module_param_cb(rel64, &klp_reloc_ops, (void *)KLP_RELOC_REL64, 0444);
#ifdef CONFIG_PPC64
module_param_cb(toc, &klp_reloc_ops, (void *)KLP_RELOC_TOC, 0444);
module_param_cb(toc_ds, &klp_reloc_ops, (void *)KLP_RELOC_TOC_DS, 0444);
#endif

static int __init test_klp_reloc_target_init(void)
{
	pr_debug("seed %d, base %d\n", klp_reloc_seed, klp_reloc_base());
	return 0;
}

static void __exit test_klp_reloc_target_exit(void)
{
}

module_init(test_klp_reloc_target_init);
module_exit(test_klp_reloc_target_exit);
MODULE_DESCRIPTION("Livepatch test: static symbols for livepatches to use");
MODULE_LICENSE("GPL");
