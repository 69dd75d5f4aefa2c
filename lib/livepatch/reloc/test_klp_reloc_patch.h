/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A livepatch that uses symbols which are not exported, of vmlinux and of a
 * module.
 *
 * What includes it is the whole module and defines KLP_RELOC_ADD, which is
 * added to the answers so that a reader knows who gave them.  The parameter
 * `replace` makes it an atomic replacement.
 *
 * /proc/cmdline shows /proc/version, and the command line once for each way of
 * reaching it.  test_klp_reloc_target answers as test_klp_reloc.h says.
 */

#include <linux/init.h>
#include <linux/livepatch.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/seq_file.h>
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
	}
	return -EINVAL;
}

static int new_call(enum klp_reloc_way way)
{
	return answer(way) + KLP_RELOC_ADD;
}

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

static struct klp_patch patch = {
	.mod = THIS_MODULE,
	.objs = objects,
};

static int __init test_klp_reloc_init(void)
{
	patch.replace = replace;
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
