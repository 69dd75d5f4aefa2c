/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The symbols that the livepatch uses and that are not exported, in all ways
 * in which klp-convert can be told where they are.
 */
#ifndef TEST_KLP_RELOC_HIDDEN_H
#define TEST_KLP_RELOC_HIDDEN_H

#include <linux/livepatch.h>

struct seq_file;

/* Unique names are found without help; so is saved_command_line. */
int klp_reloc_hidden(int add);
extern int klp_reloc_seed;

/* See KLP_MODULE_RELOC() in test_klp_reloc_patch.h. */
int klp_reloc_twin(void);

/* Each of these is declared twice: its type, and where it is. */
int klp_reloc_second_twin(void);
int klp_reloc_base_hidden(int add);
int vmlinux_version_proc_show(struct seq_file *m, void *v);

extern typeof(klp_reloc_second_twin) klp_reloc_second_twin
	KLP_RELOC_SYMBOL_POS(test_klp_reloc_target, test_klp_reloc_target, klp_reloc_twin, 2);

extern typeof(klp_reloc_base_hidden) klp_reloc_base_hidden
	KLP_RELOC_SYMBOL(test_klp_reloc_target, test_klp_reloc_base, klp_reloc_base_hidden);

extern typeof(vmlinux_version_proc_show) vmlinux_version_proc_show
	KLP_RELOC_SYMBOL(vmlinux, vmlinux, version_proc_show);

#endif /* TEST_KLP_RELOC_HIDDEN_H */
