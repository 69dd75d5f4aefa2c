// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Write and read symbols.klp, see symbols.h
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arch.h"
#include "elf.h"
#include "symbols.h"
#include "util.h"

#define HEADER		"klp-convert-symbol-data.3"
#define END		"."
#define EXPORT_PREFIX	"__ksymtab_"

/* In front of a file: the symbol from there is in memory that is freed after boot. */
#define GONE		'~'

/* In a livepatch's .modinfo: the build id of the vmlinux that it is for. */
#define BUILD_KEY	"klp_build"

/* Formats for an object, a symbol and a position. */
#define LIST_ANNOTATION \
	"KLP_MODULE_RELOC(%1$s) %2$s_reloc[] = { KLP_SYMPOS(%2$s, %3$lu) };"
#define DECLARATION_ANNOTATION \
	"KLP_RELOC_SYMBOL_POS(%1$s, %1$s, %2$s, %3$lu)"

/* One definition found in an object. */
struct found {
	const char *name;
	const char *file;
	uint64_t order;
	bool gone;
};

static int cmp_found(const void *a, const void *b)
{
	const struct found *x = a, *y = b;
	int diff = strcmp(x->name, y->name);

	return diff ? diff : (x->order > y->order) - (x->order < y->order);
}

static int cmp_string(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool is_vmlinux(const struct elf_file *file)
{
	return file->ehdr.e_type != ET_REL;
}

/*
 * Is a section of a module gone when that is running?  Without mod_unload in its version
 * magic the exit sections are, too: module_init_layout_section().
 */
static bool is_freed(const struct elf_file *file, const struct elf_section *sec)
{
	const char *vermagic;

	if (starts_with(sec->name, ".init"))
		return arch_frees_init(file->ehdr.e_machine);
	if (!starts_with(sec->name, ".exit"))
		return false;
	vermagic = elf_modinfo(file, "vermagic");
	return vermagic && !strstr(vermagic, " mod_unload");
}

/* The names that kallsyms has, in vmlinux or for a module that is running. */
static bool in_kallsyms(const struct elf_file *file,
			const struct elf_symbol *sym)
{
	return *sym->name && sym->sec && sym->sec->sh.sh_flags & SHF_ALLOC &&
	       (is_vmlinux(file) || !is_freed(file, sym->sec));
}

/**
 * symbols_object() - what the kernel calls an object
 * @file: vmlinux or a module, whatever the file is called
 *
 * Return: its name; ends the program if a module cannot be called so.  vmlinux.o is none:
 * functions of one name may stand in another order there.
 */
const char *symbols_object(const struct elf_file *file)
{
	const char *name, *object, *wrong;

	if (is_vmlinux(file))
		return "vmlinux";
	name = elf_modinfo(file, "name");
	if (!name)
		name = klp_object_of(file->path);
	wrong = klp_parse_object(name, &object);
	if (wrong)
		die("%s: the module's name: %s", file->path, wrong);
	if (klp_is_vmlinux(object))
		die("%s: is not the kernel as it was linked last", file->path);
	return object;
}

static void print_word(FILE *out, const char *prefix, const char *word)
{
	fputs(prefix, out);
	for (; *word; word++)
		fputc(isgraph((unsigned char)*word) ? *word : '?', out);
}

static uint64_t address_of(const struct elf_file *file, const char *name)
{
	for (size_t i = 0; i < file->nr_syms; i++)
		if (!strcmp(file->syms[i]->name, name))
			return file->syms[i]->sym.st_value;
	return 0;
}

/* Of vmlinux what is between these two is freed, but for what has become per CPU. */
static void find_gone(const struct elf_file *file, uint64_t *from, uint64_t *to)
{
	*from = is_vmlinux(file) ? address_of(file, "__init_begin") : 0;
	*to = is_vmlinux(file) ? address_of(file, "__init_end") : 0;
}

static void write_object(FILE *out, const struct elf_file *file)
{
	const char *source = "-", **exports = NULL;
	struct found *found = NULL;
	size_t nr = 0, nr_exports = 0;
	uint64_t gone_from, gone_to;
	char *build_id = elf_build_id(file);

	if (!file->symtab)
		die("%s: has no symbol table", file->path);

	find_gone(file, &gone_from, &gone_to);
	for (size_t i = 0; i < file->nr_syms; i++) {
		const struct elf_symbol *sym = file->syms[i];
		bool local = ELF64_ST_BIND(sym->sym.st_info) == STB_LOCAL;
		struct found new = { .name = sym->name, .file = local ? source : "-" };

		if (ELF64_ST_TYPE(sym->sym.st_info) == STT_FILE)
			source = *sym->name ? sym->name : "-";
		if (!in_kallsyms(file, sym))
			continue;
		if (starts_with(sym->name, EXPORT_PREFIX)) {
			push(exports, nr_exports,
			     sym->name + strlen(EXPORT_PREFIX));
			continue;
		}
		new.order = is_vmlinux(file) ? sym->sym.st_value : i;
		new.gone = sym->sym.st_value >= gone_from &&
			   sym->sym.st_value < gone_to &&
			   !starts_with(sym->sec->name, ".data..percpu");
		push(found, nr, new);
	}
	if (nr)
		qsort(found, nr, sizeof(*found), cmp_found);
	if (nr_exports)
		qsort(exports, nr_exports, sizeof(*exports), cmp_string);

	print_word(out, "*", symbols_object(file));
	print_word(out, " ", build_id ? build_id : "-");
	fputc('\n', out);
	for (size_t i = 0, next; i < nr; i = next) {
		bool exported = nr_exports &&
			bsearch(&found[i].name, exports, nr_exports,
				sizeof(*exports), cmp_string);

		print_word(out, exported ? "+" : "", found[i].name);
		for (next = i + 1; next < nr; next++)
			if (strcmp(found[next].name, found[i].name))
				break;
		if (next - i > 1 || found[i].gone) {
			fprintf(out, " %zu", next - i);
			for (size_t j = i; j < next; j++)
				print_word(out, found[j].gone ? (char[]){ ' ', GONE, 0 } : " ",
					   found[j].file);
		}
		fputc('\n', out);
	}
	free(build_id);
	free(found);
	free(exports);
}

/*
 * What a module's vermagic must be: vmlinux has it as a string, to compare
 * modules with, and any module has it in its .modinfo.
 */
static char *build_vermagic(const struct elf_file *file)
{
	const char *vermagic = elf_modinfo(file, "vermagic");

	for (size_t i = 0; is_vmlinux(file) && i < file->nr_syms; i++) {
		const struct elf_symbol *sym = file->syms[i];
		uint64_t at;

		if (strcmp(sym->name, "vermagic") || !sym->sec ||
		    sym->sec->sh.sh_type == SHT_NOBITS)
			continue;
		at = sym->sym.st_value - sym->sec->sh.sh_addr;
		if (at < sym->sec->sh.sh_size &&
		    memchr((const char *)elf_contents(file, sym->sec) + at, 0,
			   sym->sec->sh.sh_size - at))
			vermagic = (const char *)elf_contents(file, sym->sec) + at;
	}
	return vermagic && *vermagic ? xstrdup(vermagic) : NULL;
}

/* The first of a build that tells; it is written before all objects. */
static char *find_vermagic(const char *const *paths, size_t nr_paths)
{
	char *vermagic = NULL;

	for (size_t i = 0; i < nr_paths && !vermagic; i++) {
		struct elf_file *file = elf_open(paths[i]);

		vermagic = build_vermagic(file);
		elf_close(file);
	}
	for (char *c = vermagic; c && *c; c++)
		if (!isprint((unsigned char)*c))
			*c = '?';
	return vermagic;
}

/**
 * symbols_make() - write the file for a build
 * @output: where to; replaced only when all is written
 * @paths: vmlinux and modules, in any order; livepatches are passed over
 * @nr_paths: their number
 */
void symbols_make(const char *output, const char *const *paths,
		  size_t nr_paths)
{
	FILE *out = fdopen(output_open(output), "w");
	char *vermagic = find_vermagic(paths, nr_paths);

	if (!out)
		die("%s: %s", output, strerror(errno));
	fprintf(out, "%s\n%s\n", HEADER, vermagic ?: "-");
	for (size_t i = 0; i < nr_paths; i++) {
		struct elf_file *file = elf_open(paths[i]);

		if (!elf_modinfo(file, "livepatch"))
			write_object(out, file);
		elf_close(file);
	}
	fprintf(out, "%s\n", END);
	if (ferror(out) || fclose(out))
		die("%s: %s", output, strerror(errno));
	output_done();
}

/**
 * symbols_want() - ask for a name before loading
 * @symbols: the symbols
 * @name: the name, which must stay valid
 */
void symbols_want(struct symbols *symbols, const char *name)
{
	struct symbol_name new = { .name = name };

	push(symbols->names, symbols->nr_names, new);
}

static int cmp_name(const void *a, const void *b)
{
	const struct symbol_name *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static void sort_names(struct symbols *symbols)
{
	size_t nr = 0;

	if (!symbols->nr_names)
		return;
	qsort(symbols->names, symbols->nr_names, sizeof(*symbols->names),
	      cmp_name);
	for (size_t i = 0; i < symbols->nr_names; i++)
		if (!nr || cmp_name(&symbols->names[nr - 1], &symbols->names[i]))
			symbols->names[nr++] = symbols->names[i];
	symbols->nr_names = nr;
}

static struct symbol_name *find_name(const struct symbols *symbols,
				     const char *name)
{
	struct symbol_name key = { .name = name };

	if (!symbols->nr_names)
		return NULL;
	return bsearch(&key, symbols->names, symbols->nr_names,
		       sizeof(*symbols->names), cmp_name);
}

static struct symbol_object *find_object(const struct symbols *symbols,
					 const char *name)
{
	for (size_t i = 0; i < symbols->nr_objects; i++)
		if (!strcmp(symbols->objects[i].name, name))
			return &symbols->objects[i];
	return NULL;
}

static void forget_definitions(struct symbols *symbols, const char *object)
{
	for (size_t i = 0; i < symbols->nr_names; i++) {
		struct symbol_name *name = &symbols->names[i];
		size_t nr = 0;

		for (size_t j = 0; j < name->nr_defs; j++)
			if (strcmp(name->defs[j].object, object))
				name->defs[nr++] = name->defs[j];
		name->nr_defs = nr;
	}
}

/* "*OBJECT BUILD_ID": returns NULL if it is known from another file. */
static const char *parse_object_line(struct symbols *symbols, char *line,
				     const char *where)
{
	struct symbol_object new, *known;
	char *space = strchr(line, ' ');
	const char *wrong;

	if (!space || !space[1])
		die("%s: an object without a build id", where);
	*space = '\0';
	wrong = klp_parse_object(line + 1, &new.name);
	if (wrong)
		die("%s: the object's name: %s", where, wrong);
	new.build_id = xstrdup(space + 1);
	new.replaced = NULL;
	known = find_object(symbols, new.name);
	if (!known) {
		push(symbols->objects, symbols->nr_objects, new);
		return new.name;
	}
	if (!strcmp(known->build_id, new.build_id))
		return NULL;
	if (klp_is_vmlinux(new.name))
		die("%s: %s is of another build than in the files before",
		    where, new.name);
	/* Somebody builds a module of the kernel's once more, outside. */
	forget_definitions(symbols, new.name);
	new.replaced = known->build_id;
	*known = new;
	return new.name;
}

/* "[+]NAME[ COUNT FILE...]" */
static void parse_name_line(struct symbols *symbols, const char *object,
			    char *line, const char *where)
{
	struct symbol_def def = { .object = object, .count = 1 };
	struct symbol_name *name;
	char *rest = strchr(line, ' '), *file;
	size_t nr = 0;

	def.exported = *line == '+';
	if (rest)
		*rest++ = '\0';
	name = find_name(symbols, line + def.exported);
	if (!name)
		return;
	if (rest) {
		def.count = strtoul(rest, &rest, 10);
		for (file = strtok(rest, " "); file; file = strtok(NULL, " "))
			push(def.files, nr, xstrdup(file));
		if (nr != def.count || !nr)
			die("%s: %s: the count does not match the files", where,
			    name->name);
	}
	push(name->defs, name->nr_defs, def);
}

/* Modules need not tell, but those that do must agree. */
static void parse_vermagic(struct symbols *symbols, const char *line,
			   const char *path)
{
	if (!strcmp(line, "-"))
		return;
	if (symbols->vermagic && strcmp(symbols->vermagic, line))
		die("%s: is of another build than the files before: \"%s\", not \"%s\"",
		    path, line, symbols->vermagic);
	symbols->vermagic = xstrdup(line);
}

static void load(struct symbols *symbols, const char *path)
{
	const char *object = NULL;
	FILE *in = fopen(path, "r");
	bool objects = false, end = false;
	size_t size = 0, nr = 0;
	char *line = NULL;
	ssize_t len;

	if (!in)
		die("%s: %s", path, strerror(errno));
	while ((len = getline(&line, &size, in)) > 0) {
		if (line[len - 1] == '\n')
			line[--len] = '\0';
		nr++;
		if (strlen(line) != (size_t)len || !len || end)
			die("%s:%zu: not a line of a symbols file", path, nr);
		if (nr == 1) {
			if (strcmp(line, HEADER))
				die("%s: unknown format, not \"%s\"", path,
				    HEADER);
		} else if (nr == 2) {
			parse_vermagic(symbols, line, path);
		} else if (*line == '*') {
			object = parse_object_line(symbols, line,
						   xasprintf("%s:%zu", path, nr));
			objects = true;
		} else if (!strcmp(line, END)) {
			end = true;
		} else if (!objects) {
			die("%s:%zu: a symbol of no object", path, nr);
		} else if (object) {
			parse_name_line(symbols, object, line, path);
		}
	}
	if (ferror(in))
		die("%s: %s", path, strerror(errno));
	if (!end)
		die("%s: ends too early", path);
	free(line);
	fclose(in);
}

/**
 * symbols_load() - read what was asked for
 * @symbols: the symbols; symbols_want() may not be called any more
 * @paths: files that symbols_make() wrote
 * @nr_paths: their number
 *
 * An object that is in several files counts once.  A module may be of another
 * build in a later file, and then is what that file says.
 */
void symbols_load(struct symbols *symbols, const char *const *paths,
		  size_t nr_paths)
{
	sort_names(symbols);
	for (size_t i = 0; i < nr_paths; i++)
		load(symbols, paths[i]);
}

/**
 * symbols_find() - who defines a name?
 * @symbols: loaded symbols
 * @name: a name that was asked for
 *
 * Return: the definitions, or NULL if there are none.
 */
const struct symbol_name *symbols_find(const struct symbols *symbols,
				       const char *name)
{
	const struct symbol_name *found = find_name(symbols, name);

	return found && found->nr_defs ? found : NULL;
}

/**
 * symbols_check() - does the symbol exist, and is it the only one meant?
 * @symbols: loaded symbols
 * @ref: the reference, whose name was asked for
 *
 * Return: NULL if so, else what is wrong.
 */
const char *symbols_check(const struct symbols *symbols,
			  const struct klp_ref *ref)
{
	const struct symbol_name *found = symbols_find(symbols, ref->name);

	if (!find_object(symbols, ref->sym_obj))
		return xasprintf("there is no object %s", ref->sym_obj);
	for (size_t i = 0; found && i < found->nr_defs; i++) {
		const struct symbol_def *def = &found->defs[i];

		if (strcmp(def->object, ref->sym_obj))
			continue;
		if (ref->pos > def->count)
			return xasprintf("%s has only %lu of that name",
					 def->object, def->count);
		if (!ref->pos && def->count > 1)
			return xasprintf("%s has %lu of that name: a position is needed",
					 def->object, def->count);
		if (def->files && *def->files[ref->pos ? ref->pos - 1 : 0] == GONE)
			return xasprintf("is gone from %s after boot", def->object);
		return NULL;
	}
	return xasprintf("%s has no symbol %s", ref->sym_obj, ref->name);
}

/**
 * symbols_have() - is an object one of the build?
 * @symbols: loaded symbols
 * @object: its name
 *
 * Return: true if so.
 */
bool symbols_have(const struct symbols *symbols, const char *object)
{
	return find_object(symbols, object);
}

/**
 * symbols_are_all() - do they have every module that a module depends on?
 * @symbols: loaded symbols
 * @file: the module
 *
 * Return: false if there may be exported symbols that are not known.
 */
bool symbols_are_all(const struct symbols *symbols, const struct elf_file *file)
{
	char *depends = xstrdup(elf_modinfo(file, "depends") ?: ""), *name;

	while ((name = strsep(&depends, ",")))
		if (*name && !find_object(symbols, klp_object_of(name)))
			return false;
	return true;
}

/* The build id of vmlinux, or NULL if that is not known. */
static const char *vmlinux_build_id(const struct symbols *symbols)
{
	const struct symbol_object *vmlinux = find_object(symbols, "vmlinux");

	if (!vmlinux || !strcmp(vmlinux->build_id, "-"))
		return NULL;
	return vmlinux->build_id;
}

/**
 * symbols_match() - end the program if a module is for another build
 * @symbols: loaded symbols
 * @file: the module
 *
 * Any module tells the version and the main options of its kernel.  Which build
 * it is for only those tell that symbols_mark() has seen.
 */
void symbols_match(const struct symbols *symbols, const struct elf_file *file)
{
	const char *vermagic = elf_modinfo(file, "vermagic");
	const char *build = elf_modinfo(file, BUILD_KEY);
	const char *known = vmlinux_build_id(symbols);

	if (vermagic && symbols->vermagic && strcmp(vermagic, symbols->vermagic))
		die("%s: .modinfo: is for the kernel \"%s\", but the symbols are of \"%s\"",
		    file->path, vermagic, symbols->vermagic);
	if (build && known && strcmp(build, known))
		die("%s: .modinfo: is for a vmlinux with the build id %s, but the symbols are of one with %s",
		    file->path, build, known);
}

/**
 * symbols_mark() - write into a livepatch which build it is for
 * @symbols: loaded symbols
 * @file: the module, which symbols_match() has found to be for that build
 */
void symbols_mark(const struct symbols *symbols, struct elf_file *file)
{
	const char *build = vmlinux_build_id(symbols);

	if (build && !elf_modinfo(file, BUILD_KEY))
		elf_add_modinfo(file, BUILD_KEY, build);
}

/**
 * symbols_same_build() - is an object the one whose symbols are known?
 * @symbols: loaded symbols
 * @file: the object
 * @object: its name
 *
 * Ends the program if the object is of another build.
 *
 * Return: false if it is the kernel's own form of a module that somebody has
 * built once more, outside.
 */
bool symbols_same_build(const struct symbols *symbols,
			const struct elf_file *file, const char *object)
{
	const struct symbol_object *known = find_object(symbols, object);
	const char *build_id = elf_build_id(file);

	if (!known || !build_id || !strcmp(known->build_id, "-") ||
	    !strcmp(known->build_id, build_id))
		return true;
	if (known->replaced && !strcmp(known->replaced, build_id))
		return false;
	die("%s: has the build id %s, but %s in the symbols has %s",
	    file->path, build_id, object, known->build_id);
}

static bool is_identifier(const char *name)
{
	for (; *name; name++)
		if (!isalnum((unsigned char)*name) && *name != '_')
			return false;
	return true;
}

/**
 * symbols_suggest() - print the annotations that tell homonyms apart
 * @name: the name
 *
 * One line for each definition, to be pasted into the livepatch's source: a
 * list of its own, or the attribute of a declaration if the name is not one
 * that C can spell.
 */
void symbols_suggest(const struct symbol_name *name)
{
	for (size_t i = 0; i < name->nr_defs; i++) {
		const struct symbol_def *def = &name->defs[i];

		for (unsigned long pos = 1; pos <= def->count; pos++) {
			const char *file = def->files ? def->files[pos - 1] : "-";
			bool gone = *file == GONE;

			file += gone;
			fprintf(stderr, is_identifier(name->name) ?
				LIST_ANNOTATION : DECLARATION_ANNOTATION,
				def->object, name->name, pos);
			if (gone || strcmp(file, "-"))
				fprintf(stderr, " /* %s%s */", file,
					gone ? ", gone after boot" : "");
			fputc('\n', stderr);
		}
	}
}
