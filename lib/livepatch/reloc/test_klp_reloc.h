/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a livepatch and the modules that it patches agree on.
 *
 * test_klp_reloc_target has one function to patch, klp_reloc_call().  The new
 * version reaches a symbol that is not exported in the way that it is asked
 * for; there is a file for each in /sys/module/test_klp_reloc_target/parameters.
 * A way answers with the seed of the module that holds the symbol, plus a
 * number of its own: modules are loaded with other seeds each time, so an old
 * address cannot answer correctly.
 */
#ifndef TEST_KLP_RELOC_H
#define TEST_KLP_RELOC_H

#define KLP_RELOC_ORIGINAL	(-1)

/* The value is what is added to the seed. */
enum klp_reloc_way {
	KLP_RELOC_CALL = 1,		/* code calls a static function */
	KLP_RELOC_LOAD,			/* code reads a static variable */
	KLP_RELOC_DATA,			/* pointer in .data */
	KLP_RELOC_RODATA,		/* pointer in .rodata */
	KLP_RELOC_RO_AFTER_INIT,	/* pointer in .data..ro_after_init */
	KLP_RELOC_TWIN1,		/* homonym, by a list of positions */
	KLP_RELOC_TWIN2,		/* homonym, by its declaration */
	KLP_RELOC_EXPORTED,		/* exported by a module that may be away */
	KLP_RELOC_BASE,			/* of a module that the target needs */
	KLP_RELOC_REL32,		/* distance in .data, 32 bits */
	KLP_RELOC_REL64,		/* distance in .data, 64 bits */
	KLP_RELOC_TOC,			/* code, relative to the TOC (ppc64le) */
	KLP_RELOC_TOC_DS,		/* the same, part of the opcode is kept */
};

int klp_reloc_base(void);
int klp_reloc_exported(void);
int klp_reloc_get_seed(void);

#endif /* TEST_KLP_RELOC_H */
