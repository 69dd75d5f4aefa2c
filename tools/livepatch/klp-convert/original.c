// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Warn of what the compiler did, see original.h
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "inlined.h"
#include "original.h"
#include "util.h"

/* What GCC appends to the name of a function that is not the whole one. */
static const char *const clones[] = { ".isra.", ".constprop.", ".part." };

static bool is_function(const struct elf_symbol *sym)
{
	return sym->sec && *sym->name &&
	       ELF64_ST_TYPE(sym->sym.st_info) == STT_FUNC;
}

static void find_clones(const struct elf_file *file, const struct patch *patch,
			const struct patch_func *func)
{
	size_t len = strlen(func->name);

	for (size_t i = 0; i < file->nr_syms; i++) {
		const char *name = file->syms[i]->name;

		if (!is_function(file->syms[i]) || strncmp(name, func->name, len))
			continue;
		for (size_t j = 0; j < ARRAY_SIZE(clones); j++)
			if (starts_with(name + len, clones[j]) &&
			    !strstr(name, ".cold") &&
			    !patch_has_func(patch, func->object, name))
				caution("%s: %s: has the clone %s: patch its callers, too",
					file->path, func->name, name);
	}
}

static void find_merged(const struct elf_file *file,
			const struct patch_func *func)
{
	for (size_t i = 0; i < file->nr_syms; i++) {
		const struct elf_symbol *sym = file->syms[i];

		if (!is_function(sym) || strcmp(sym->name, func->name))
			continue;
		for (size_t j = 0; j < file->nr_syms; j++) {
			const struct elf_symbol *other = file->syms[j];

			if (is_function(other) && other->sec == sym->sec &&
			    other->sym.st_value == sym->sym.st_value &&
			    strcmp(other->name, sym->name))
				caution("%s: %s: is the same code as %s: both will be patched",
					file->path, func->name, other->name);
		}
	}
}

static int cmp_inlined(const void *a, const void *b)
{
	const struct inlined *x = a, *y = b;
	int diff = strcmp(x->name, y->name);

	if (!diff)
		diff = strcmp(x->caller, y->caller);
	return diff ? diff : strcmp(x->unit, y->unit);
}

static void find_inlined(const struct elf_file *file, const struct patch *patch,
			 const char *object)
{
	const char **names = NULL, *wrong;
	struct inlined *found = NULL;
	size_t nr = 0, nr_names = 0;

	for (size_t i = 0; i < patch->nr_funcs; i++)
		if (!strcmp(patch->funcs[i].object, object))
			push(names, nr_names, patch->funcs[i].name);
	if (!nr_names)
		return;
	wrong = inlined_find(file->path, names, nr_names, &found, &nr);
	if (wrong) {
		caution("%s: %s: what has been inlined is not known",
			file->path, wrong);
		return;
	}
	if (nr)
		qsort(found, nr, sizeof(*found), cmp_inlined);
	for (size_t i = 0; i < nr; i++)
		if (!(i && !cmp_inlined(&found[i - 1], &found[i])) &&
		    !patch_has_func(patch, object, found[i].caller))
			caution("%s: %s: is inlined in %s (%s): patch that, too",
				file->path, found[i].name, found[i].caller,
				found[i].unit);
}

/**
 * original_object() - warn of what is seen in an object of the original build
 * @path: vmlinux or a module; passed over if it is a module that is not patched
 * @patch: what is patched
 * @symbols: the symbols of the build, to be sure that it is the same
 */
void original_object(const char *path, const struct patch *patch,
		     const struct symbols *symbols)
{
	struct elf_file *file = elf_open(path);
	const char *object = symbols_object(file);

	if ((klp_is_vmlinux(object) || patch_has_object(patch, object)) &&
	    symbols_same_build(symbols, file, object)) {
		for (size_t i = 0; i < patch->nr_funcs; i++) {
			if (strcmp(patch->funcs[i].object, object))
				continue;
			find_clones(file, patch, &patch->funcs[i]);
			find_merged(file, &patch->funcs[i]);
		}
		find_inlined(file, patch, object);
	}
	elf_close(file);
}

/* "Function found to be [looping ]{pure|const}: NAME/NUMBER" */
static void dump_line(const char *path, char *line, const struct patch *patch)
{
	static const char found[] = "Function found to be ", looping[] = "looping ";
	char *kind = line + strlen(found), *name;

	if (!starts_with(line, found))
		return;
	if (starts_with(kind, looping))
		kind += strlen(looping);
	name = strchr(kind, ':');
	if (!name)
		return;
	*name++ = '\0';
	if (strcmp(kind, "pure") && strcmp(kind, "const"))
		return;
	name += *name == ' ';
	name[strcspn(name, "/\n")] = '\0';
	for (size_t i = 0; i < patch->nr_funcs; i++)
		if (!strcmp(patch->funcs[i].name, name))
			caution("%s: %s: callers assume that it is %s: keep it so, or patch them, too",
				path, name, kind);
}

/**
 * original_dump() - warn of what GCC wrote down when it built the original
 * @path: what -fdump-tree-local-pure-const1 made
 * @patch: what is patched
 */
void original_dump(const char *path, const struct patch *patch)
{
	FILE *in = fopen(path, "r");
	size_t size = 0;
	char *line = NULL;

	if (!in)
		die("%s: %s", path, strerror(errno));
	while (getline(&line, &size, in) > 0)
		dump_line(path, line, patch);
	if (ferror(in))
		die("%s: %s", path, strerror(errno));
	free(line);
	fclose(in);
}
