/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the names of livepatch symbols and sections say
 *
 *	.klp.sym.OBJECT.NAME,POSITION		a symbol of another object
 *	.klp.rela.OBJECT.SECTION		relocations applied when it comes
 *	.klp.arch.OBJECT.SECTION		a special section that is used then
 *	.klp.sym.rela.LP_OBJECT.OBJECT.NAME,POSITION	KLP_RELOC_SYMBOL()
 *	.klp.module_relocs.OBJECT		KLP_MODULE_RELOC()
 *	.klp.undefined				what nobody exports, says modpost
 *
 * An object's name holds no dot; a symbol's may.
 */
#ifndef KLP_CONVERT_NAMES_H
#define KLP_CONVERT_NAMES_H

#include <stdbool.h>

#define KLP_SYM_PREFIX		".klp.sym."
#define KLP_RELA_PREFIX		".klp.rela."
#define KLP_ARCH_PREFIX		".klp.arch."
#define KLP_DECLARED_PREFIX	".klp.sym.rela."
#define KLP_LISTED_PREFIX	".klp.module_relocs."
#define KLP_UNDEFINED		".klp.undefined"

/* As in the kernel; both count the terminating zero. */
#define MODULE_NAME_LEN		56
#define KSYM_NAME_LEN		512

/**
 * struct klp_ref - a reference to a symbol of another object
 * @lp_obj:	the object whose arrival resolves it
 * @sym_obj:	the object that defines the symbol
 * @name:	the symbol
 * @pos:	its position among those of that name, from 1; 0 if it is unique
 */
struct klp_ref {
	const char *lp_obj;
	const char *sym_obj;
	const char *name;
	unsigned long pos;
};

const char *klp_parse_symbol(const char *s, struct klp_ref *ref);
const char *klp_parse_declared(const char *s, struct klp_ref *ref);
const char *klp_parse_rela(const char *s, const char **object);
const char *klp_parse_arch(const char *s, const char **object,
			   const char **section);
const char *klp_parse_object(const char *s, const char **object);

const char *klp_object_of(const char *path);
bool klp_is_vmlinux(const char *object);

#endif /* KLP_CONVERT_NAMES_H */
