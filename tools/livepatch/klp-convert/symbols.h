/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The file symbols.klp: which symbols each object of a build defines
 *
 * A text file, one line for an object and then one for each name in it:
 *
 *	klp-convert-symbol-data.3
 *	6.12.117 SMP mod_unload			version magic, or "-"
 *	*vmlinux 5f4dcc3b...			object, build id or "-"
 *	+printk					exported
 *	saved_command_line			occurs once
 *	state_show 3 main.c suspend.c -		three times, from these files
 *	early_param 2 ~setup.c boot.c		the first is gone after boot
 *	.					the end
 *
 * The files are in the order in which the kernel counts positions: by address
 * in vmlinux, by place in the symbol table in a module; both after the final
 * link.  Symbols in a module's init sections do not count where they are gone
 * when a livepatch looks, which they are not on powerpc; nor do those in exit
 * sections if no module can be removed.
 *
 * A build has millions of names and a livepatch asks for a few hundred: say
 * which with symbols_want(), then load; only those are kept.
 */
#ifndef KLP_CONVERT_SYMBOLS_H
#define KLP_CONVERT_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>

#include "elf.h"
#include "names.h"

/**
 * struct symbol_def - one object's symbols of one name
 * @object:	the object
 * @count:	how many
 * @files:	the source file of each, or "-", with a mark if it is gone after boot;
 *		NULL if @count is 1 and it stays
 * @exported:	one of them is exported
 */
struct symbol_def {
	const char *object;
	unsigned long count;
	const char **files;
	bool exported;
};

/**
 * struct symbol_name - a name that was asked for
 * @name:	the name
 * @defs:	who defines it
 * @nr_defs:	their number
 */
struct symbol_name {
	const char *name;
	struct symbol_def *defs;
	size_t nr_defs;
};

/**
 * struct symbol_object - an object of the build
 * @name:	"vmlinux" or the module
 * @build_id:	hexadecimal, or "-"
 * @replaced:	that of what a file before has called so, or NULL
 */
struct symbol_object {
	const char *name;
	const char *build_id;
	const char *replaced;
};

/**
 * struct symbols - what is known of a build; starts as zeroes
 * @names:	asked for; sorted once something is loaded
 * @nr_names:	their number
 * @objects:	all that were loaded
 * @nr_objects:	their number
 * @vermagic:	that of modules of the build; NULL if it is not known
 */
struct symbols {
	struct symbol_name *names;
	size_t nr_names;
	struct symbol_object *objects;
	size_t nr_objects;
	const char *vermagic;
};

void symbols_want(struct symbols *symbols, const char *name);
void symbols_load(struct symbols *symbols, const char *const *paths,
		  size_t nr_paths);
const struct symbol_name *symbols_find(const struct symbols *symbols,
				       const char *name);
const char *symbols_check(const struct symbols *symbols,
			  const struct klp_ref *ref);
bool symbols_have(const struct symbols *symbols, const char *object);
bool symbols_are_all(const struct symbols *symbols, const struct elf_file *file);
void symbols_match(const struct symbols *symbols, const struct elf_file *file);
void symbols_mark(const struct symbols *symbols, struct elf_file *file);
const char *symbols_object(const struct elf_file *file);
bool symbols_same_build(const struct symbols *symbols,
			const struct elf_file *file, const char *object);
void symbols_suggest(const struct symbol_name *name);

void symbols_make(const char *output, const char *const *paths,
		  size_t nr_paths);

#endif /* KLP_CONVERT_SYMBOLS_H */
