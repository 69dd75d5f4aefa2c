/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A livepatch of klptorture's pairs.  What includes it is the whole module and
 * defines KLPT_VERSION.  Parameters, which count when it is enabled:
 *
 *   pairs	which to patch, bits of enum klpt_pair_id
 *   replace	atomic replace
 *   veto	the pre-patch callback of vmlinux, the last object, fails
 *   enable	write 1: enable it anew; nobody may do so before the module is unused
 */
#include <linux/livepatch.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include "../test_klp_target.h"
#include "klptorture.h"

static ulong pairs = BIT(KLPT_PAIRS) - 1;
module_param(pairs, ulong, 0644);

static bool replace;
module_param(replace, bool, 0644);

static bool veto;
module_param(veto, bool, 0644);

static struct klpt_patch self = { .version = KLPT_VERSION };

#define KLPT_NEW(name, body)						\
static noinline __noclone void new_##name(struct klpt_call *call)	\
{									\
	klp_distinct(name);						\
	body(call, KLPT_VERSION);					\
}

KLPT_NEW(plain_first, klpt_do_first)
KLPT_NEW(plain_second, klpt_check)
KLPT_NEW(other_first, klpt_do_first)
KLPT_NEW(other_second, klpt_check)
KLPT_NEW(deep_first, klpt_do_deep)
KLPT_NEW(deep_second, klpt_check)
KLPT_NEW(begin, klpt_do_begin)
KLPT_NEW(end, klpt_do_begin)
KLPT_NEW(target_first, klpt_do_first)
KLPT_NEW(target_second, klpt_check)

#define KLPT_FUNC(name) { .old_name = "klpt_" #name, .new_func = new_##name }

/* In the order of the pairs. */
static const struct klp_func all_funcs[KLPT_PAIRS][2] = {
	[KLPT_PLAIN]	= { KLPT_FUNC(plain_first), KLPT_FUNC(plain_second) },
	[KLPT_OTHER]	= { KLPT_FUNC(other_first), KLPT_FUNC(other_second) },
	[KLPT_DEEP]	= { KLPT_FUNC(deep_first), KLPT_FUNC(deep_second) },
	[KLPT_CALLER]	= { KLPT_FUNC(begin), KLPT_FUNC(end) },
	[KLPT_TARGET]	= { KLPT_FUNC(target_first), KLPT_FUNC(target_second) },
};

static int new_cmdline_proc_show(struct seq_file *m, void *v)
{
	seq_printf(m, "klptorture %d\n", KLPT_VERSION);
	return 0;
}

static int pre_patch(enum klpt_object_id object)
{
	if (veto && object == KLPT_VMLINUX)
		return -ENODEV;
	klpt_pre_patch(&self, object);
	return 0;
}

#define KLPT_CALLBACKS(name, id)					\
static int pre_patch_##name(struct klp_object *obj)			\
{									\
	return pre_patch(id);						\
}									\
static void post_patch_##name(struct klp_object *obj)			\
{									\
	klpt_post_patch(&self, id);					\
}									\
static void pre_unpatch_##name(struct klp_object *obj)			\
{									\
	klpt_pre_unpatch(&self, id);					\
}									\
static void post_unpatch_##name(struct klp_object *obj)			\
{									\
	klpt_post_unpatch(&self, id);					\
}

KLPT_CALLBACKS(self, KLPT_SELF)
KLPT_CALLBACKS(module, KLPT_MODULE)
KLPT_CALLBACKS(vmlinux, KLPT_VMLINUX)

#define KLPT_USE_CALLBACKS(id) .callbacks = {				\
		.pre_patch = pre_patch_##id,				\
		.post_patch = post_patch_##id,				\
		.pre_unpatch = pre_unpatch_##id,			\
		.post_unpatch = post_unpatch_##id,			\
	}

static struct klp_func self_funcs[2 * KLPT_PAIRS + 2];
static struct klp_func module_funcs[3];
static struct klp_func vmlinux_funcs[] = {
	{
		.old_name = "cmdline_proc_show",
		.new_func = new_cmdline_proc_show,
	}, { }
};

static struct klp_object objects[] = {
	[KLPT_SELF] = {
		.name = "klptorture",
		.funcs = self_funcs,
		KLPT_USE_CALLBACKS(self),
	},
	[KLPT_MODULE] = {
		.name = "klptorture_target",
		.funcs = module_funcs,
		KLPT_USE_CALLBACKS(module),
	},
	[KLPT_VMLINUX] = {
		.funcs = vmlinux_funcs,
		KLPT_USE_CALLBACKS(vmlinux),
	},
	{ }
};

static struct klp_patch patch = {
	.mod = THIS_MODULE,
	.objs = objects,
};

static void choose(unsigned int *nr, struct klp_func *funcs, enum klpt_pair_id id)
{
	if (!test_bit(id, &pairs))
		return;
	funcs[(*nr)++] = all_funcs[id][0];
	funcs[(*nr)++] = all_funcs[id][1];
}

static int enable(void)
{
	unsigned int id, nr = 0;

	memset(self_funcs, 0, sizeof(self_funcs));
	memset(module_funcs, 0, sizeof(module_funcs));
	for (id = 0; id < KLPT_TARGET; id++)
		choose(&nr, self_funcs, id);
	/* Whoever replaces this livepatch may give its pair back: look for it always. */
	self_funcs[nr].old_name = "klpt_caller";
	self_funcs[nr].stack_only = true;
	nr = 0;
	choose(&nr, module_funcs, KLPT_TARGET);

	self.pairs = pairs;
	self.replace = replace;
	patch.replace = replace;
	return klp_enable_patch(&patch);
}

static int enable_set(const char *value, const struct kernel_param *kp)
{
	return enable();
}

static const struct kernel_param_ops enable_ops = {
	.set = enable_set,
};
module_param_cb(enable, &enable_ops, NULL, 0200);

static int __init klptorture_patch_init(void)
{
	return enable();
}

static void __exit klptorture_patch_exit(void)
{
	klpt_patch_exit(&self);
}

module_init(klptorture_patch_init);
module_exit(klptorture_patch_exit);
MODULE_INFO(livepatch, "Y");
/* All that it refers to is exported, and is needed when it goes: nothing is late. */
MODULE_INFO(klp_convert, "N");
MODULE_DESCRIPTION("Torture test of live patching: a livepatch");
MODULE_LICENSE("GPL");
