// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Read, check and write ELF files, see elf.h
 *
 * Sections that are neither a symbol table, relocations nor the names of either
 * are carried over byte for byte.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "elf.h"
#include "util.h"

/* No section of a kernel needs more; a larger value would blow up the output. */
#define MAX_ALIGN	0x100000

static struct elf_section *section_at(const struct elf_file *file, size_t index)
{
	return index && index <= file->nr_secs ? file->secs[index - 1] : NULL;
}

/* A name from the file; a message that has it in it must stay one line. */
static const char *name_at(const struct elf_file *file, size_t table, size_t at,
			   const char *what, size_t index)
{
	const char *name = elf_strptr(file->elf, table, at);

	if (!name)
		die("%s: %s %zu: bad name: %s", file->path, what, index,
		    elf_errmsg(-1));
	for (const char *c = name; *c; c++)
		if (iscntrl((unsigned char)*c))
			die("%s: %s %zu: bad name: unprintable", file->path,
			    what, index);
	return name;
}

static bool info_is_section(const Elf64_Shdr *sh)
{
	return sh->sh_type == SHT_RELA || sh->sh_type == SHT_REL ||
	       sh->sh_flags & SHF_INFO_LINK;
}

static void read_sections(struct elf_file *file)
{
	size_t nr, names;

	if (elf_getshdrnum(file->elf, &nr) || elf_getshdrstrndx(file->elf, &names))
		die("%s: %s", file->path, elf_errmsg(-1));
	if (nr < 2 || nr >= SHN_LORESERVE)
		die("%s: has %zu sections", file->path, nr);

	file->read_secs = xalloc(nr, sizeof(*file->read_secs));
	for (size_t i = 1; i < nr; i++) {
		struct elf_section *sec = &file->read_secs[i];
		Elf64_Shdr *sh;

		sec->scn = elf_getscn(file->elf, i);
		sh = elf64_getshdr(sec->scn);
		if (!sh)
			die("%s: section %zu: %s", file->path, i, elf_errmsg(-1));
		sec->sh = *sh;
		sec->name = name_at(file, names, sh->sh_name, "section", i);
		if (sh->sh_addralign > MAX_ALIGN ||
		    sh->sh_addralign & (sh->sh_addralign - 1))
			die("%s: %s: bad alignment", file->path, sec->name);
		push(file->secs, file->nr_secs, sec);
	}

	file->shstrtab = section_at(file, names);
	for (size_t i = 0; i < file->nr_secs; i++) {
		struct elf_section *sec = file->secs[i];

		sec->link = section_at(file, sec->sh.sh_link);
		if (!sec->link && sec->sh.sh_link)
			die("%s: %s: links to section %u, which does not exist",
			    file->path, sec->name, sec->sh.sh_link);
		if (!info_is_section(&sec->sh))
			continue;
		sec->info = section_at(file, sec->sh.sh_info);
		/* A linked kernel has relocations of no section in particular. */
		if (!sec->info && (sec->sh.sh_info || file->ehdr.e_type == ET_REL))
			die("%s: %s: belongs to section %u, which does not exist",
			    file->path, sec->name, sec->sh.sh_info);
	}
}

static Elf_Data *table_of(const struct elf_file *file,
			  const struct elf_section *sec, size_t entsize)
{
	Elf_Data *data;

	if (sec->sh.sh_entsize != entsize || sec->sh.sh_size % entsize)
		die("%s: %s: bad entry size", file->path, sec->name);
	data = elf_getdata(sec->scn, NULL);
	if (!data || data->d_size != sec->sh.sh_size)
		die("%s: %s: %s", file->path, sec->name, elf_errmsg(-1));
	if (data->d_size / entsize > INT_MAX)
		die("%s: %s: too large", file->path, sec->name);
	return data;
}

/* Others would not stay the first when they are sorted. */
static bool is_null(const struct elf_symbol *sym)
{
	return !*sym->name && !sym->sym.st_info && sym->sym.st_shndx == SHN_UNDEF;
}

static void read_symbols(struct elf_file *file)
{
	Elf_Data *data;
	size_t nr;

	for (size_t i = 0; i < file->nr_secs; i++) {
		struct elf_section *sec = file->secs[i];

		if (sec->sh.sh_type == SHT_SYMTAB_SHNDX)
			die("%s: %s: extended section numbers", file->path,
			    sec->name);
		if (sec->sh.sh_type != SHT_SYMTAB)
			continue;
		if (file->symtab)
			die("%s: %s: second symbol table", file->path, sec->name);
		file->symtab = sec;
	}
	if (!file->symtab)
		return;
	if (!file->symtab->link)
		die("%s: %s: has no names", file->path, file->symtab->name);

	data = table_of(file, file->symtab, sizeof(Elf64_Sym));
	nr = data->d_size / sizeof(Elf64_Sym);
	file->read_syms = xalloc(nr, sizeof(*file->read_syms));
	for (size_t i = 0; i < nr; i++) {
		struct elf_symbol *sym = &file->read_syms[i];
		unsigned int shndx;
		GElf_Sym entry;

		if (!gelf_getsym(data, i, &entry))
			die("%s: symbol %zu: %s", file->path, i, elf_errmsg(-1));
		sym->sym = entry;
		sym->index = i;
		sym->name = name_at(file, file->symtab->sh.sh_link,
				    entry.st_name, "symbol", i);
		shndx = entry.st_shndx;
		if (shndx && shndx < SHN_LORESERVE) {
			sym->sec = section_at(file, shndx);
			if (!sym->sec)
				die("%s: symbol %s: in section %u, which does not exist",
				    file->path, sym->name, shndx);
		}
		push(file->syms, file->nr_syms, sym);
	}
	if (!nr || !is_null(file->syms[0]))
		die("%s: %s: does not begin with the null symbol", file->path,
		    file->symtab->name);
}

/**
 * elf_open() - open a file and read its sections and symbols
 * @path: the file
 *
 * Return: the file; ends the program if it is not what it should be.
 */
struct elf_file *elf_open(const char *path)
{
	struct elf_file *file = xalloc(1, sizeof(*file));
	Elf64_Ehdr *ehdr;
	char *ident;

	file->path = path;
	file->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (file->fd < 0)
		die("%s: %s", path, strerror(errno));

	elf_version(EV_CURRENT);
	file->elf = elf_begin(file->fd, ELF_C_READ_MMAP, NULL);
	if (!file->elf || elf_kind(file->elf) != ELF_K_ELF)
		die("%s: not an ELF file", path);
	ident = elf_getident(file->elf, NULL);
	if (ident[EI_CLASS] != ELFCLASS64 || ident[EI_DATA] != ELFDATA2LSB)
		die("%s: not a 64-bit little-endian ELF file", path);
	ehdr = elf64_getehdr(file->elf);
	if (!ehdr)
		die("%s: %s", path, elf_errmsg(-1));
	file->ehdr = *ehdr;

	read_sections(file);
	read_symbols(file);
	return file;
}

/**
 * elf_close() - give back what elf_open() took
 * @file: the file; names that point into it are gone, too
 *
 * For those who read thousands of files.
 */
void elf_close(struct elf_file *file)
{
	elf_end(file->elf);
	close(file->fd);
	free(file->read_secs);
	free(file->read_syms);
	free(file->secs);
	free(file->syms);
	free(file);
}

/*
 * Places in debugging information are in what it will be when it is read.  The flag may be
 * set elsewhere by mistake, where places are looked at.
 */
static bool is_packed(const struct elf_section *sec)
{
	return sec->sh.sh_flags & SHF_COMPRESSED &&
	       !(sec->sh.sh_flags & SHF_ALLOC) &&
	       starts_with(sec->name, ".debug");
}

/**
 * elf_read_relocs() - read the relocations of a relocatable file
 * @file: the file
 *
 * Ends the program if it is no relocatable file, or if an entry names a symbol
 * or a place that does not exist.
 */
void elf_read_relocs(struct elf_file *file)
{
	if (file->ehdr.e_type != ET_REL)
		die("%s: not a relocatable file", file->path);
	if (!file->symtab)
		die("%s: has no symbol table", file->path);

	for (size_t i = 0; i < file->nr_secs; i++) {
		struct elf_section *sec = file->secs[i];
		Elf_Data *data;
		size_t nr;

		if (sec->sh.sh_type == SHT_REL)
			die("%s: %s: sections of type %u are not supported",
			    file->path, sec->name, sec->sh.sh_type);
		if (sec->sh.sh_type != SHT_RELA)
			continue;
		if (sec->link != file->symtab)
			die("%s: %s: does not refer to the symbol table",
			    file->path, sec->name);
		if (sec->info->sh.sh_type == SHT_RELA ||
		    sec->info->sh.sh_type == SHT_STRTAB ||
		    sec->info == file->symtab)
			die("%s: %s: relocates a table", file->path, sec->name);

		data = table_of(file, sec, sizeof(Elf64_Rela));
		nr = data->d_size / sizeof(Elf64_Rela);
		for (size_t j = 0; j < nr; j++) {
			struct elf_reloc reloc;
			GElf_Rela entry;

			if (!gelf_getrela(data, j, &entry))
				die("%s: %s: entry %zu: %s", file->path,
				    sec->name, j, elf_errmsg(-1));
			if (ELF64_R_SYM(entry.r_info) >= file->nr_syms)
				die("%s: %s: entry %zu: there is no symbol %lu",
				    file->path, sec->name, j,
				    (unsigned long)ELF64_R_SYM(entry.r_info));
			if (!is_packed(sec->info) &&
			    entry.r_offset >= sec->info->sh.sh_size)
				die("%s: %s: entry %zu: past the end of %s",
				    file->path, sec->name, j, sec->info->name);
			reloc.offset = entry.r_offset;
			reloc.type = ELF64_R_TYPE(entry.r_info);
			reloc.addend = entry.r_addend;
			reloc.sym = file->syms[ELF64_R_SYM(entry.r_info)];
			push(sec->relocs, sec->nr_relocs, reloc);
		}
	}
}

/**
 * elf_contents() - the bytes of a section
 * @file: the file
 * @sec: the section
 *
 * Return: sh_size bytes in the file's form; ends the program if the file does
 * not hold them.
 */
const void *elf_contents(const struct elf_file *file,
			 const struct elf_section *sec)
{
	Elf_Data *data;

	if (sec->data)
		return sec->data;
	data = elf_rawdata(sec->scn, NULL);
	if (!data || data->d_size != sec->sh.sh_size ||
	    (data->d_size && !data->d_buf))
		die("%s: %s: the file ends before the section", file->path,
		    sec->name);
	return data->d_buf;
}

/**
 * elf_symbol_at() - name the function or variable that a place is in
 * @file: the file
 * @sec: the section
 * @offset: the offset in it
 *
 * Return: its name; the section's if there is none.
 */
const char *elf_symbol_at(const struct elf_file *file,
			  const struct elf_section *sec, uint64_t offset)
{
	for (size_t i = 0; i < file->nr_syms; i++) {
		const struct elf_symbol *sym = file->syms[i];

		if (sym->sec == sec && *sym->name &&
		    (ELF64_ST_TYPE(sym->sym.st_info) == STT_FUNC ||
		     ELF64_ST_TYPE(sym->sym.st_info) == STT_OBJECT) &&
		    offset >= sym->sym.st_value &&
		    offset - sym->sym.st_value < sym->sym.st_size)
			return sym->name;
	}
	return sec->name;
}

/* Messages name it, and are one line each. */
static const char *check_text(const struct elf_file *file, const char *key, const char *value)
{
	for (const char *c = value; *c; c++)
		if (!isprint((unsigned char)*c))
			die("%s: .modinfo: %s is not text", file->path, key);
	return value;
}

/**
 * elf_modinfo() - look up an entry of .modinfo
 * @file: the module
 * @key: for example "livepatch"
 *
 * Return: the value, which can be printed, or NULL.
 */
const char *elf_modinfo(const struct elf_file *file, const char *key)
{
	size_t len = strlen(key);

	for (size_t i = 0; i < file->nr_secs; i++) {
		struct elf_section *sec = file->secs[i];
		const char *s, *end;

		if (strcmp(sec->name, ".modinfo") || !sec->sh.sh_size ||
		    sec->sh.sh_type == SHT_NOBITS)
			continue;
		s = elf_contents(file, sec);
		end = s + sec->sh.sh_size;
		if (end[-1])
			die("%s: .modinfo: not terminated", file->path);
		for (; s < end; s += strlen(s) + 1)
			if (!strncmp(s, key, len) && s[len] == '=')
				return check_text(file, key, s + len + 1);
	}
	return NULL;
}

/**
 * elf_shorten_modinfo() - replace the value of an entry of .modinfo
 * @file: the module
 * @old: the value, as returned by elf_modinfo()
 * @value: the new value, not longer than that
 *
 * What is left over becomes zeroes, which readers of .modinfo skip.
 */
void elf_shorten_modinfo(struct elf_file *file, const char *old, const char *value)
{
	size_t len = strlen(old);

	for (size_t i = 0; i < file->nr_secs; i++) {
		struct elf_section *sec = file->secs[i];
		const char *contents;
		char *data;

		if (strcmp(sec->name, ".modinfo") || !sec->sh.sh_size ||
		    sec->sh.sh_type == SHT_NOBITS)
			continue;
		contents = elf_contents(file, sec);
		if (old < contents || old >= contents + sec->sh.sh_size)
			continue;
		data = xalloc(sec->sh.sh_size, 1);
		memcpy(data, contents, sec->sh.sh_size);
		memset(data + (old - contents), 0, len);
		memcpy(data + (old - contents), value, strlen(value));
		sec->data = data;
		return;
	}
}

/**
 * elf_add_modinfo() - add an entry to .modinfo
 * @file: the module, which has at least one entry
 * @key: for example "klp_build"
 * @value: the value
 */
void elf_add_modinfo(struct elf_file *file, const char *key, const char *value)
{
	const char *entry = xasprintf("%s=%s", key, value);
	size_t len = strlen(entry) + 1;

	for (size_t i = 0; i < file->nr_secs; i++) {
		struct elf_section *sec = file->secs[i];
		char *data;

		if (strcmp(sec->name, ".modinfo") || !sec->sh.sh_size ||
		    sec->sh.sh_type == SHT_NOBITS)
			continue;
		data = xalloc(sec->sh.sh_size + len, 1);
		memcpy(data, elf_contents(file, sec), sec->sh.sh_size);
		memcpy(data + sec->sh.sh_size, entry, len);
		sec->data = data;
		sec->sh.sh_size += len;
		return;
	}
}

/**
 * elf_build_id() - the build id that the linker wrote
 * @file: the file
 *
 * Return: its hexadecimal form in new memory, or NULL if there is none.
 */
char *elf_build_id(const struct elf_file *file)
{
	for (size_t i = 0; i < file->nr_secs; i++) {
		struct elf_section *sec = file->secs[i];
		size_t pos = 0, name, desc;
		Elf_Data *data;
		GElf_Nhdr note;

		if (sec->sh.sh_type != SHT_NOTE)
			continue;
		data = elf_getdata(sec->scn, NULL);
		while (data && (pos = gelf_getnote(data, pos, &note, &name, &desc))) {
			const unsigned char *bytes = data->d_buf;
			char *id;

			if (note.n_type != NT_GNU_BUILD_ID || note.n_namesz != 4 ||
			    memcmp(bytes + name, "GNU", 4))
				continue;
			id = xalloc(note.n_descsz * 2UL + 1, 1);
			for (size_t j = 0; j < note.n_descsz; j++)
				sprintf(id + 2 * j, "%02x", bytes[desc + j]);
			return id;
		}
	}
	return NULL;
}

/**
 * elf_find_section() - find a section by its name
 * @file: the file
 * @name: its name
 *
 * Return: the first that is called so, or NULL.
 */
struct elf_section *elf_find_section(const struct elf_file *file,
				     const char *name)
{
	for (size_t i = 0; i < file->nr_secs; i++)
		if (!strcmp(file->secs[i]->name, name))
			return file->secs[i];
	return NULL;
}

/**
 * elf_relocs_of() - find the relocations of a section
 * @file: the file
 * @sec: the section
 *
 * Return: the first section of them, or NULL.
 */
struct elf_section *elf_relocs_of(const struct elf_file *file,
				  const struct elf_section *sec)
{
	for (size_t i = 0; i < file->nr_secs; i++)
		if (file->secs[i]->sh.sh_type == SHT_RELA &&
		    file->secs[i]->info == sec)
			return file->secs[i];
	return NULL;
}

/**
 * elf_add_section() - add an empty section
 * @file: the file
 * @name: its name
 * @after: the section that it follows; NULL for the last one
 *
 * Return: the section, for the caller to fill.
 */
struct elf_section *elf_add_section(struct elf_file *file, const char *name,
				    struct elf_section *after)
{
	struct elf_section *sec = xalloc(1, sizeof(*sec));
	size_t i;

	sec->name = name;
	push(file->secs, file->nr_secs, sec);
	for (i = file->nr_secs - 1; after && file->secs[i - 1] != after; i--)
		file->secs[i] = file->secs[i - 1];
	file->secs[i] = sec;
	return sec;
}

/**
 * elf_remove_section() - leave a section and its symbols out
 * @file: the file, with its relocations read
 * @sec: the section
 *
 * The section's relocations go, too, and those in sections that the kernel does not keep
 * (debugging information) that refer to it.  Ends the program if anything else
 * refers to it.
 */
void elf_remove_section(struct elf_file *file, struct elf_section *sec)
{
	size_t nr = 0;

	for (size_t i = 0; i < file->nr_secs; i++) {
		struct elf_section *user = file->secs[i];
		size_t kept = 0;

		if (user == sec || (user->sh.sh_type == SHT_RELA && user->info == sec))
			continue;
		if (user->link == sec || user->info == sec)
			die("%s: %s: refers to section %s", file->path,
			    user->name, sec->name);
		for (size_t j = 0; j < user->nr_relocs; j++) {
			if (user->relocs[j].sym->sec != sec)
				user->relocs[kept++] = user->relocs[j];
			else if (elf_relocates_memory(user))
				die("%s: %s: refers to %s, which is not kept",
				    file->path, user->info->name,
				    elf_symbol_name(user->relocs[j].sym));
		}
		user->nr_relocs = kept;
		file->secs[nr++] = user;
	}
	file->nr_secs = nr;

	nr = 0;
	for (size_t i = 0; i < file->nr_syms; i++)
		if (file->syms[i]->sec != sec)
			file->syms[nr++] = file->syms[i];
	file->nr_syms = nr;
}

/* A string table being built; it begins with the empty string. */
struct strings {
	char *data;
	size_t size;
	size_t room;
};

static Elf64_Word strings_add(struct strings *strings, const char *s)
{
	size_t len = strlen(s) + 1;
	size_t at = strings->size ? strings->size : 1;

	if (!strings->room || at + len > strings->room) {
		strings->room = (at + len) * 2;
		strings->data = realloc(strings->data, strings->room);
		if (!strings->data)
			die("out of memory");
		strings->data[0] = '\0';
	}
	if (len == 1) {
		strings->size = at;
		return 0;
	}
	memcpy(strings->data + at, s, len);
	strings->size = at + len;
	return at;
}

static Elf_Data new_data(Elf_Type type, const void *buf, size_t size)
{
	Elf_Data data = {
		.d_type = type,
		.d_buf = (void *)buf,
		.d_size = size,
		.d_version = EV_CURRENT,
	};

	return data;
}

static Elf_Data strings_data(const struct strings *strings)
{
	return new_data(ELF_T_BYTE, strings->data, strings->size);
}

static int local_first(const void *a, const void *b)
{
	const struct elf_symbol *x = *(struct elf_symbol *const *)a;
	const struct elf_symbol *y = *(struct elf_symbol *const *)b;
	bool x_global = ELF64_ST_BIND(x->sym.st_info) != STB_LOCAL;
	bool y_global = ELF64_ST_BIND(y->sym.st_info) != STB_LOCAL;

	if (x_global != y_global)
		return x_global - y_global;
	return (x->index > y->index) - (x->index < y->index);
}

static Elf_Data symtab_data(struct elf_file *file, struct strings *strings)
{
	Elf64_Sym *table = xalloc(file->nr_syms, sizeof(*table));
	size_t locals = 0;

	for (size_t i = 0; i < file->nr_syms; i++)
		file->syms[i]->index = i;
	qsort(file->syms, file->nr_syms, sizeof(*file->syms), local_first);

	for (size_t i = 0; i < file->nr_syms; i++) {
		struct elf_symbol *sym = file->syms[i];

		sym->index = i;
		sym->sym.st_name = strings_add(strings, sym->name);
		if (sym->sec)
			sym->sym.st_shndx = sym->sec->index;
		locals += ELF64_ST_BIND(sym->sym.st_info) == STB_LOCAL;
		table[i] = sym->sym;
	}
	file->symtab->sh.sh_info = locals;
	return new_data(ELF_T_SYM, table, file->nr_syms * sizeof(*table));
}

static Elf_Data relocs_data(const struct elf_section *sec)
{
	Elf64_Rela *table = xalloc(sec->nr_relocs, sizeof(*table));

	for (size_t i = 0; i < sec->nr_relocs; i++) {
		const struct elf_reloc *reloc = &sec->relocs[i];

		table[i].r_offset = reloc->offset;
		table[i].r_info = ELF64_R_INFO(reloc->sym->index, reloc->type);
		table[i].r_addend = reloc->addend;
	}
	return new_data(ELF_T_RELA, table, sec->nr_relocs * sizeof(*table));
}

static Elf_Data contents_data(const struct elf_file *file,
			      const struct elf_section *sec)
{
	if (sec->sh.sh_type == SHT_NOBITS)
		return new_data(ELF_T_BYTE, NULL, sec->sh.sh_size);
	return new_data(ELF_T_BYTE, elf_contents(file, sec), sec->sh.sh_size);
}

static void write_section(const struct elf_file *file, Elf_Scn *scn,
			  struct elf_section *sec, Elf_Data contents)
{
	Elf_Data *data = elf_newdata(scn);
	Elf64_Shdr *sh = elf64_getshdr(scn);

	if (!data || !sh)
		die("%s: %s: %s", file->path, sec->name, elf_errmsg(-1));
	*data = contents;
	data->d_align = sec->sh.sh_addralign ? sec->sh.sh_addralign : 1;

	if (sec->link)
		sec->sh.sh_link = sec->link->index;
	if (sec->info)
		sec->sh.sh_info = sec->info->index;
	sec->sh.sh_size = contents.d_size;
	*sh = sec->sh;
}

static void write_file(struct elf_file *file, Elf *out)
{
	struct elf_section *strtab = file->symtab->link;
	struct strings symbol_names = {0}, other_names = {0}, *section_names;
	Elf64_Ehdr *ehdr = elf64_newehdr(out);
	Elf_Data symbols;

	if (!ehdr)
		die("%s: %s", file->path, elf_errmsg(-1));
	if (file->nr_secs + 1 >= SHN_LORESERVE)
		die("%s: has become %zu sections", file->path, file->nr_secs + 1);

	/* Some linkers keep both kinds of names in one section. */
	section_names = strtab == file->shstrtab ? &symbol_names : &other_names;
	for (size_t i = 0; i < file->nr_secs; i++) {
		struct elf_section *sec = file->secs[i];

		sec->index = i + 1;
		sec->sh.sh_name = strings_add(section_names, sec->name);
	}
	symbols = symtab_data(file, &symbol_names);

	for (size_t i = 0; i < file->nr_secs; i++) {
		struct elf_section *sec = file->secs[i];
		Elf_Scn *scn = elf_newscn(out);
		Elf_Data data;

		if (sec == file->symtab)
			data = symbols;
		else if (sec == strtab)
			data = strings_data(&symbol_names);
		else if (sec == file->shstrtab)
			data = strings_data(section_names);
		else if (sec->sh.sh_type == SHT_RELA)
			data = relocs_data(sec);
		else
			data = contents_data(file, sec);
		write_section(file, scn, sec, data);
	}

	*ehdr = file->ehdr;
	ehdr->e_shstrndx = file->shstrtab->index;
	if (elf_update(out, ELF_C_WRITE) < 0)
		die("%s: %s", file->path, elf_errmsg(-1));
}

/**
 * elf_write() - write a relocatable file whose relocations were read
 * @file: the file; of no further use afterwards
 * @path: where to; may be the file that was read, and is replaced only when all
 *	  is written
 *
 * The output depends on nothing but @file: no time, no path, no padding left
 * to chance.
 */
void elf_write(struct elf_file *file, const char *path)
{
	int fd = output_open(path);
	Elf *out;

	elf_fill(0);
	out = elf_begin(fd, ELF_C_WRITE, NULL);
	if (!out)
		die("%s: %s", path, elf_errmsg(-1));
	write_file(file, out);
	elf_end(out);
	if (close(fd))
		die("%s: %s", path, strerror(errno));
	output_done();
}
