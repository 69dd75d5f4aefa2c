/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A livepatch that uses symbols which are not exported, of vmlinux and of a
 * module.
 *
 * What includes it is the whole module and defines KLP_RELOC_ADD, which is
 * added to the answers so that a reader knows who gave them.  The parameter
 * `replace` makes it an atomic replacement.
 *
 * The parameter `cleared` tells whether everything that refers to symbols of
 * test_klp_reloc_target, and can be looked at, is zero.  Who writes to `changed`
 * makes one of these pointers refer to something else.
 *
 * With the parameter `callbacks` that module's object has callbacks.  The parameter
 * `seen` has what each has read through relocations when it was last called.
 *
 * /proc/cmdline shows /proc/version, and the command line once for each way of
 * reaching it.  test_klp_reloc_target answers as test_klp_reloc.h says.
 */

#include <linux/init.h>
#include <linux/livepatch.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/seq_file.h>
#include <linux/sysfs.h>
#include "test_klp_reloc.h"
#include "test_klp_reloc_hidden.h"

static bool replace;
module_param(replace, bool, 0444);

KLP_MODULE_RELOC(test_klp_reloc_target) target_relocs[] = {
	KLP_SYMPOS(klp_reloc_twin, 1),
};

/*
 * Pointers that are relocated where they are.  READ_ONCE() at their users keeps
 * the compiler from using the address itself; without __section() it would move
 * what nobody writes to .rodata.
 */
static char **cmdline_data __section(".data") = &saved_command_line;
static char **const cmdline_rodata = &saved_command_line;
static char **cmdline_ro_after_init __ro_after_init = &saved_command_line;

static int *seed_data __section(".data") = &klp_reloc_seed;
static int *const seed_rodata = &klp_reloc_seed;
static int *seed_ro_after_init __ro_after_init = &klp_reloc_seed;

/* Distances from where they are. */
extern const s32 seed_rel32;
extern const s64 seed_rel64;
asm(".pushsection .data, \"aw\"\n"
	".balign 8\n"
	"seed_rel64: .quad klp_reloc_seed - .\n"
	"seed_rel32: .long klp_reloc_seed - .\n"
	".popsection");

static int seed_by_distance(const void *from, long distance)
{
	return *(const int *)(from + distance);
}

#ifdef CONFIG_PPC64
/* Code that gets there from the TOC itself and has no entry there for it. */
int seed_toc(void);
int seed_toc_ds(void);
asm(".pushsection .text, \"ax\"\n"
	".balign 4\n"
	".type seed_toc, @function\n"
	"seed_toc: addis 3, 2, klp_reloc_seed@toc@ha\n"
	"lwz 3, klp_reloc_seed@toc@l(3)\n"
	"blr\n"
	".size seed_toc, . - seed_toc\n"
	".type seed_toc_ds, @function\n"
	"seed_toc_ds: addis 3, 2, klp_reloc_seed@toc@ha\n"
	"lwa 3, klp_reloc_seed@toc@l(3)\n"
	"blr\n"
	".size seed_toc_ds, . - seed_toc_ds\n"
	".popsection");

static bool code_cleared(void)
{
	const u32 *d = (const u32 *)seed_toc, *ds = (const u32 *)seed_toc_ds;

	return !((d[0] | d[1] | ds[0]) & 0xffff) && !(ds[1] & 0xfffc);
}
#else
static int seed_toc(void)
{
	return 0;
}

static int seed_toc_ds(void)
{
	return 0;
}

static bool code_cleared(void)
{
	return true;
}
#endif

static int cleared_get(char *buffer, const struct kernel_param *kp)
{
	return sysfs_emit(buffer, "%c\n",
			  !READ_ONCE(seed_data) && !READ_ONCE(seed_rodata) &&
			  !READ_ONCE(seed_ro_after_init) && !READ_ONCE(seed_rel32) &&
			  !READ_ONCE(seed_rel64) && code_cleared() ? 'Y' : 'N');
}

static const struct kernel_param_ops cleared_ops = {
	.get = cleared_get,
};
module_param_cb(cleared, &cleared_ops, NULL, 0444);

static int changed_set(const char *text, const struct kernel_param *kp)
{
	static int none;

	WRITE_ONCE(seed_data, &none);
	return 0;
}

static const struct kernel_param_ops changed_ops = {
	.set = changed_set,
};
module_param_cb(changed, &changed_ops, NULL, 0200);

/* Only to have these sections: malformed copies of this module relocate them. */
static long in_bss __used;
static DEFINE_PER_CPU(long, in_percpu) __used;

static int new_cmdline_proc_show(struct seq_file *m, void *v)
{
	vmlinux_version_proc_show(m, v);
	seq_printf(m, "load: %s\n", saved_command_line);
	seq_printf(m, "data: %s\n", *READ_ONCE(cmdline_data));
	seq_printf(m, "rodata: %s\n", *READ_ONCE(cmdline_rodata));
	seq_printf(m, "ro_after_init: %s\n", *READ_ONCE(cmdline_ro_after_init));
	return 0;
}

static int answer(enum klp_reloc_way way)
{
	switch (way) {
	case KLP_RELOC_CALL:
		return klp_reloc_hidden(way);
	case KLP_RELOC_LOAD:
		return klp_reloc_seed + way;
	case KLP_RELOC_DATA:
		return *READ_ONCE(seed_data) + way;
	case KLP_RELOC_RODATA:
		return *READ_ONCE(seed_rodata) + way;
	case KLP_RELOC_RO_AFTER_INIT:
		return *READ_ONCE(seed_ro_after_init) + way;
	case KLP_RELOC_TWIN1:
		return klp_reloc_twin();
	case KLP_RELOC_TWIN2:
		return klp_reloc_second_twin();
	case KLP_RELOC_EXPORTED:
		return klp_reloc_exported();
	case KLP_RELOC_BASE:
		return klp_reloc_base_hidden(way);
	case KLP_RELOC_REL32:
		return seed_by_distance(&seed_rel32, READ_ONCE(seed_rel32)) + way;
	case KLP_RELOC_REL64:
		return seed_by_distance(&seed_rel64, READ_ONCE(seed_rel64)) + way;
	case KLP_RELOC_TOC:
		return seed_toc() + way;
	case KLP_RELOC_TOC_DS:
		return seed_toc_ds() + way;
	}
	return -EINVAL;
}

static int new_call(enum klp_reloc_way way)
{
	return answer(way) + KLP_RELOC_ADD;
}

static bool callbacks;
module_param(callbacks, bool, 0444);

/* By pre_patch, post_patch, pre_unpatch, post_unpatch.  Writing makes room for new ones. */
static int seen[4] = { -1, -1, -1, -1 };
module_param_array(seen, int, NULL, 0644);

/* The target's seed, if all ways of reading it agree; no function of it may be called. */
static int seed_by_relocs(void)
{
	int seed = klp_reloc_seed;

	if (!READ_ONCE(seed_data) || !READ_ONCE(seed_rodata) ||
	    !READ_ONCE(seed_ro_after_init) || !READ_ONCE(seed_rel32) || !READ_ONCE(seed_rel64))
		return -ENODATA;
	if (answer(KLP_RELOC_DATA) != seed + KLP_RELOC_DATA ||
	    answer(KLP_RELOC_RODATA) != seed + KLP_RELOC_RODATA ||
	    answer(KLP_RELOC_RO_AFTER_INIT) != seed + KLP_RELOC_RO_AFTER_INIT ||
	    answer(KLP_RELOC_REL32) != seed + KLP_RELOC_REL32 ||
	    answer(KLP_RELOC_REL64) != seed + KLP_RELOC_REL64)
		return -EINVAL;
	return seed;
}

static int see_pre_patch(struct klp_object *obj)
{
	seen[0] = seed_by_relocs();
	return 0;
}

static void see_post_patch(struct klp_object *obj)
{
	seen[1] = seed_by_relocs();
}

static void see_pre_unpatch(struct klp_object *obj)
{
	seen[2] = seed_by_relocs();
}

static void see_post_unpatch(struct klp_object *obj)
{
	seen[3] = seed_by_relocs();
}

static const struct klp_callbacks see = {
	.pre_patch = see_pre_patch,
	.post_patch = see_post_patch,
	.pre_unpatch = see_pre_unpatch,
	.post_unpatch = see_post_unpatch,
};

static struct klp_func vmlinux_funcs[] = {
	{
		.old_name = "cmdline_proc_show",
		.new_func = new_cmdline_proc_show,
	}, { }
};

static struct klp_func target_funcs[] = {
	{
		.old_name = "klp_reloc_call",
		.new_func = new_call,
	}, { }
};

static struct klp_object objects[] = {
	{
		.funcs = vmlinux_funcs,
	}, {
		.name = "test_klp_reloc_target",
		.funcs = target_funcs,
	}, { }
};

static struct klp_object *const target = &objects[1];

static struct klp_patch patch = {
	.mod = THIS_MODULE,
	.objs = objects,
};

static int __init test_klp_reloc_init(void)
{
	patch.replace = replace;
	if (callbacks)
		target->callbacks = see;
	return klp_enable_patch(&patch);
}

static void __exit test_klp_reloc_exit(void)
{
}

module_init(test_klp_reloc_init);
module_exit(test_klp_reloc_exit);
MODULE_INFO(livepatch, "Y");
MODULE_DESCRIPTION("Livepatch test: symbols that are not exported");
MODULE_LICENSE("GPL");
