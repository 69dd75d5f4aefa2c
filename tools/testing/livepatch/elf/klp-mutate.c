// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Make malformed livepatch modules from a good one.
 *
 *	klp-mutate --list IN.ko		the cases, see struct mutation
 *	klp-mutate CASE IN.ko OUT.ko
 *
 * IN.ko is test_klp_reloc.ko or test_klp_special.ko, as the list says, whose
 * sections and symbols the cases name.  Each case changes one thing and leaves
 * everything else as it was, so that there is one reason to refuse the result.
 * New names are put into a copy of the string table at the end of the file;
 * nothing moves.
 *
 * Malformed structure is answered with ENOEXEC; a name that cannot be, or that
 * names nothing, with EINVAL.
 */
#include <elf.h>
#include <err.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

#define SHF_RELA_LIVEPATCH	0x00100000
#define SHF_RO_AFTER_INIT	0x00200000

#define MODULE_NAME_LEN		56
#define KSYM_NAME_LEN		512

/* Relocations that are applied at once, and those that wait for the target. */
#define EARLY		".klp.rela.vmlinux..text"
#define LATE		".klp.rela.test_klp_reloc_target..text"

/* A single one: it can be applied anywhere, several not at the same place. */
#define SINGLE		".klp.rela.vmlinux..data"

/* Symbols that these relocations use, and no others. */
#define EARLY_SYMBOL	".klp.sym.vmlinux.version_proc_show,0"
#define LATE_SYMBOL	".klp.sym.test_klp_reloc_target.klp_reloc_hidden,0"

/* A deferred section of the other module, and what relocates it. */
#define RELOC		"test_klp_reloc"
#define SPECIAL		"test_klp_special"
#define DEFERRED	".klp.arch.test_klp_special_target.__jump_table"
#define DEFERRED_RELA	".rela" DEFERRED
#define DEFERRED_CALLS_RELA \
	".rela.klp.arch.test_klp_special_target..static_call_sites"
#define DEFERRED_LATE	".klp.rela.test_klp_special_target." DEFERRED
#define DEFERRED_ALT	".klp.arch.test_klp_special_target..altinstructions"
#define DEFERRED_SYMBOL	".klp.sym.test_klp_special_target.klp_special_false,0"

/* A struct jump_entry, on both architectures. */
#define JUMP_CODE		0
#define JUMP_TARGET		4
#define JUMP_KEY		8
#define JUMP_SIZE		16

/* In its first entry, a struct alt_instr of arch/x86/include/asm/alternative.h. */
#define ALT_CPUID		8
#define ALT_FLAGS		10
#define ALT_REPLACEMENTLEN	13

struct image {
	unsigned char *data;
	size_t size;
	Elf64_Ehdr *ehdr;
	Elf64_Shdr *shdrs;
	Elf64_Sym *syms;
	size_t nr_syms;
};

/**
 * struct mutation - one case
 * @name:	of the case
 * @error:	what loading it gives
 * @when:	"load" when the target does not matter, "loaded" when the target
 *		is there, "coming" when it is loading the target that fails, "early"
 *		when not even the name of the module is looked at
 * @from:	the good module, if it is not test_klp_reloc
 * @machine:	the one that has this case; 0 for all
 * @says:	what the kernel's reason has in it, where @text has its %s, too; NULL
 *		if it does not say which module it is about
 * @mutate:	does it
 * @section:	the section that @mutate changes, or whose relocation
 * @symbol:	the symbol that @mutate changes
 * @text:	a new name; %s in it becomes @value characters
 * @value:	a new number, or how many bytes
 * @offset:	where in @section
 */
struct mutation {
	const char *name;
	const char *error;
	const char *when;
	const char *from;
	unsigned int machine;
	const char *says;
	void (*mutate)(struct image *image, const struct mutation *m);
	const char *section;
	const char *symbol;
	const char *text;
	uint64_t value;
	size_t offset;
};

static const char *string_at(const struct image *image, size_t table, size_t at)
{
	return (const char *)image->data + image->shdrs[table].sh_offset + at;
}

static Elf64_Shdr *find_section(const struct image *image, const char *name)
{
	for (size_t i = 1; i < image->ehdr->e_shnum; i++)
		if (!strcmp(string_at(image, image->ehdr->e_shstrndx,
				      image->shdrs[i].sh_name), name))
			return &image->shdrs[i];
	errx(1, "there is no section %s", name);
}

static size_t section_index(const struct image *image, const char *name)
{
	return find_section(image, name) - image->shdrs;
}

static Elf64_Sym *find_symbol(const struct image *image, const char *name)
{
	size_t table = find_section(image, ".symtab")->sh_link;

	for (size_t i = 1; i < image->nr_syms; i++)
		if (!strcmp(string_at(image, table, image->syms[i].st_name), name))
			return &image->syms[i];
	errx(1, "there is no symbol %s", name);
}

static void index_image(struct image *image)
{
	Elf64_Shdr *symtab;

	image->ehdr = (Elf64_Ehdr *)image->data;
	image->shdrs = (Elf64_Shdr *)(image->data + image->ehdr->e_shoff);
	symtab = find_section(image, ".symtab");
	image->syms = (Elf64_Sym *)(image->data + symtab->sh_offset);
	image->nr_syms = symtab->sh_size / sizeof(*image->syms);
}

/* Give a string table at @index one more string. */
static uint32_t add_string(struct image *image, size_t index, const char *s)
{
	size_t old_size = image->shdrs[index].sh_size;
	size_t old_offset = image->shdrs[index].sh_offset;
	size_t added = strlen(s) + 1;

	image->data = realloc(image->data, image->size + old_size + added);
	if (!image->data)
		errx(1, "out of memory");
	memcpy(image->data + image->size, image->data + old_offset, old_size);
	memcpy(image->data + image->size + old_size, s, added);
	image->shdrs = (Elf64_Shdr *)(image->data + ((Elf64_Ehdr *)image->data)->e_shoff);
	image->shdrs[index].sh_offset = image->size;
	image->shdrs[index].sh_size += added;
	image->size += old_size + added;
	index_image(image);
	return old_size;
}

static const char *with_filler(const struct mutation *m, const char *text)
{
	static char name[2 * KSYM_NAME_LEN];
	char filler[KSYM_NAME_LEN + 1] = "";

	/* Of cases without a filler it is something else. */
	if (m->value < sizeof(filler))
		memset(filler, 'x', m->value);
	snprintf(name, sizeof(name), text, filler);
	return name;
}

static void section_name(struct image *image, const struct mutation *m)
{
	uint32_t name = add_string(image, image->ehdr->e_shstrndx, with_filler(m, m->text));

	find_section(image, m->section)->sh_name = name;
}

static void symbol_name(struct image *image, const struct mutation *m)
{
	size_t table = find_section(image, ".symtab")->sh_link;
	uint32_t name = add_string(image, table, with_filler(m, m->text));

	find_symbol(image, m->symbol)->st_name = name;
}

static void section_flags(struct image *image, const struct mutation *m)
{
	find_section(image, m->section)->sh_flags ^= m->value;
}

static void section_type(struct image *image, const struct mutation *m)
{
	find_section(image, m->section)->sh_type = m->value;
}

static void section_entsize(struct image *image, const struct mutation *m)
{
	find_section(image, m->section)->sh_entsize = m->value;
}

static void section_size(struct image *image, const struct mutation *m)
{
	find_section(image, m->section)->sh_size += m->value;
}

static void section_info(struct image *image, const struct mutation *m)
{
	find_section(image, m->section)->sh_info = m->value;
}

static void section_info_shnum(struct image *image, const struct mutation *m)
{
	find_section(image, m->section)->sh_info = image->ehdr->e_shnum;
}

static void section_info_name(struct image *image, const struct mutation *m)
{
	Elf64_Shdr *sh = find_section(image, m->section);
	Elf64_Rela *reloc = (Elf64_Rela *)(image->data + sh->sh_offset);

	sh->sh_info = section_index(image, m->text);
	/* Not past the end of the new target as well. */
	for (size_t i = 0; i < sh->sh_size / sizeof(*reloc); i++)
		reloc[i].r_offset = 0;
}

/* Which the loader will have made smaller by the time. */
static void section_info_stubs(struct image *image, const struct mutation *m)
{
	Elf64_Shdr *stubs = find_section(image, m->text);

	section_info_name(image, m);
	stubs->sh_type = SHT_PROGBITS;
	stubs->sh_offset = 0;
	stubs->sh_size = image->size;
}

static void section_info_alloc(struct image *image, const struct mutation *m)
{
	section_info_name(image, m);
	find_section(image, m->text)->sh_flags |= SHF_ALLOC;
}

/* The last one, so that those before it are applied when it is looked at. */
static Elf64_Rela *last_reloc(const struct image *image, const struct mutation *m)
{
	const Elf64_Shdr *sh = find_section(image, m->section);

	return (Elf64_Rela *)(image->data + sh->sh_offset + sh->sh_size) - 1;
}

static void reloc_offset(struct image *image, const struct mutation *m)
{
	last_reloc(image, m)->r_offset = m->value;
}

/* Whose sizes need not be those of what is relocated. */
static void reloc_offset_packed(struct image *image, const struct mutation *m)
{
	image->shdrs[find_section(image, m->section)->sh_info].sh_flags |= SHF_COMPRESSED;
	reloc_offset(image, m);
}

/* Relative to the end of the section that is relocated. */
static void reloc_offset_end(struct image *image, const struct mutation *m)
{
	const Elf64_Shdr *sh = find_section(image, m->section);

	last_reloc(image, m)->r_offset = image->shdrs[sh->sh_info].sh_size + m->value;
}

static void set_reloc_symbol(Elf64_Rela *reloc, uint64_t symbol)
{
	reloc->r_info = ELF64_R_INFO(symbol, ELF64_R_TYPE(reloc->r_info));
}

static void reloc_symbol(struct image *image, const struct mutation *m)
{
	set_reloc_symbol(last_reloc(image, m), m->value);
}

static void reloc_symbol_end(struct image *image, const struct mutation *m)
{
	set_reloc_symbol(last_reloc(image, m), image->nr_syms);
}

static void reloc_symbol_name(struct image *image, const struct mutation *m)
{
	set_reloc_symbol(last_reloc(image, m), find_symbol(image, m->symbol) - image->syms);
}

static void reloc_type(struct image *image, const struct mutation *m)
{
	Elf64_Rela *reloc = last_reloc(image, m);

	reloc->r_info = ELF64_R_INFO(ELF64_R_SYM(reloc->r_info), m->value);
}

static void symbol_section(struct image *image, const struct mutation *m)
{
	find_symbol(image, m->symbol)->st_shndx = m->value;
}

static void symbol_string(struct image *image, const struct mutation *m)
{
	find_symbol(image, m->symbol)->st_name = m->value;
}

static void section_align(struct image *image, const struct mutation *m)
{
	find_section(image, m->section)->sh_addralign = m->value;
}

static void section_size_set(struct image *image, const struct mutation *m)
{
	find_section(image, m->section)->sh_size = m->value;
}

/* The section, and what of its relocations would show that it was another one. */
static void deferred_name(struct image *image, const struct mutation *m)
{
	uint32_t name = add_string(image, image->ehdr->e_shstrndx, m->text);
	uint32_t late = add_string(image, image->ehdr->e_shstrndx, ".klp.rela.no_such_object..x");

	find_section(image, DEFERRED_LATE)->sh_name = late;
	find_section(image, DEFERRED)->sh_name = name;
}

/* Another deferred section becomes one like it. */
static void deferred_twice(struct image *image, const struct mutation *m)
{
	Elf64_Shdr *sh = find_section(image, m->section);

	for (size_t i = 1; i < image->ehdr->e_shnum; i++) {
		const char *name = string_at(image, image->ehdr->e_shstrndx,
					     image->shdrs[i].sh_name);

		if (&image->shdrs[i] == sh || strncmp(name, ".klp.arch.", 10))
			continue;
		image->shdrs[i].sh_name = sh->sh_name;
		image->shdrs[i].sh_size = 16;
		image->shdrs[i].sh_addralign = sh->sh_addralign;
		return;
	}
	errx(1, "there is only one deferred section");
}

/* The relocation of a byte in the deferred section. */
static Elf64_Rela *deferred_reloc(const struct image *image, const char *relocs, size_t at)
{
	const Elf64_Shdr *sh = find_section(image, relocs);
	Elf64_Rela *reloc = (Elf64_Rela *)(image->data + sh->sh_offset);

	for (size_t i = 0; i < sh->sh_size / sizeof(*reloc); i++)
		if (reloc[i].r_offset == at)
			return &reloc[i];
	errx(1, "there is no relocation in %s at %zu", relocs, at);
}

/* What the first entry says at @offset: at first where its code is. */
static void deferred_code(struct image *image, const struct mutation *m)
{
	deferred_reloc(image, m->section ?: DEFERRED_RELA, m->offset)->r_addend += m->value;
}

static unsigned char *section_data(const struct image *image, const char *name)
{
	return image->data + find_section(image, name)->sh_offset;
}

static unsigned char *deferred_code_of(const struct image *image, size_t entry)
{
	return section_data(image, ".text") +
	       deferred_reloc(image, DEFERRED_RELA, entry)->r_addend;
}

/* The first bytes of the first entry's code. */
static void deferred_code_bytes(struct image *image, const struct mutation *m)
{
	memcpy(deferred_code_of(image, 0), m->text, strlen(m->text));
}

/* Is the code a jump: "b", or "jmp" with 1 byte or 4? */
static bool is_jump(const struct image *image, const unsigned char *code)
{
	if (image->ehdr->e_machine == EM_PPC64)
		return code[3] >> 2 == 0x12;
	return code[0] == 0xeb || code[0] == 0xe9;
}

/* The first entry at or behind @entry whose code is a jump, or is none. */
static size_t deferred_entry(const struct image *image, size_t entry, bool jump)
{
	size_t size = find_section(image, DEFERRED)->sh_size;

	for (; entry < size; entry += JUMP_SIZE)
		if (is_jump(image, deferred_code_of(image, entry)) == jump)
			return entry;
	errx(1, "there are too few entries in %s", DEFERRED);
}

/* An entry is about the code of another one, and leads where that leads. */
static void deferred_overlap(struct image *image, const struct mutation *m)
{
	size_t from = deferred_entry(image, 0, false);
	size_t to = deferred_entry(image, from + JUMP_SIZE, false);

	(void)m;
	for (size_t at = JUMP_CODE; at <= JUMP_TARGET; at += JUMP_TARGET - JUMP_CODE)
		deferred_reloc(image, DEFERRED_RELA, to + at)->r_addend =
			deferred_reloc(image, DEFERRED_RELA, from + at)->r_addend;
}

/* What is a nop would have to be a jump, or the other way round. */
static void deferred_branch_bit(struct image *image, const struct mutation *m)
{
	size_t entry = deferred_entry(image, 0, m->value);

	deferred_reloc(image, DEFERRED_LATE, entry + JUMP_KEY)->r_addend ^= 1;
}

static void deferred_jump_target(struct image *image, const struct mutation *m)
{
	size_t entry = deferred_entry(image, 0, true);

	deferred_reloc(image, DEFERRED_RELA, entry + JUMP_TARGET)->r_addend += m->value;
}

/* A nop of 2 bytes, and a jump from there does not reach that far. */
static void deferred_jump_far(struct image *image, const struct mutation *m)
{
	size_t entry = deferred_entry(image, 0, false);
	uint64_t code = deferred_reloc(image, DEFERRED_RELA, entry + JUMP_CODE)->r_addend;

	if (memcmp(deferred_code_of(image, entry), "\x66\x90", 2))
		errx(1, "the first nop is not of 2 bytes");
	deferred_reloc(image, DEFERRED_RELA, entry + JUMP_TARGET)->r_addend =
		code > m->value ? code - m->value : code + m->value;
}

static void deferred_bytes(struct image *image, const struct mutation *m)
{
	memset(section_data(image, m->section) + m->offset, 0xff, m->value);
}

static void module_name(struct image *image, const struct mutation *m)
{
	const Elf64_Shdr *sh = find_section(image, m->section);
	unsigned char *name = memmem(image->data + sh->sh_offset, sh->sh_size,
				     RELOC, sizeof(RELOC));

	if (!name)
		errx(1, "there is no name in %s", m->section);
	memcpy(name, m->text, strlen(m->text) + 1);
}

/* Take the first letter of a line away. */
static void module_info(struct image *image, const struct mutation *m)
{
	const Elf64_Shdr *sh = find_section(image, m->section);
	unsigned char *line = memmem(image->data + sh->sh_offset, sh->sh_size,
				     m->text, strlen(m->text) + 1);

	if (!line)
		errx(1, "%s does not say %s", m->section, m->text);
	*line = '-';
}

static void header_flags(struct image *image, const struct mutation *m)
{
	image->ehdr->e_flags = m->value;
}

/* As far as it takes to see that it is of the other kind. */
static void header_big_endian(struct image *image, const struct mutation *m)
{
	Elf64_Ehdr *ehdr = image->ehdr;

	(void)m;
	ehdr->e_ident[EI_DATA] = ELFDATA2MSB;
	ehdr->e_type = __builtin_bswap16(ehdr->e_type);
	ehdr->e_machine = __builtin_bswap16(ehdr->e_machine);
	ehdr->e_version = __builtin_bswap32(ehdr->e_version);
	ehdr->e_flags = __builtin_bswap32(ehdr->e_flags);
	ehdr->e_shoff = __builtin_bswap64(ehdr->e_shoff);
	ehdr->e_ehsize = __builtin_bswap16(ehdr->e_ehsize);
	ehdr->e_shentsize = __builtin_bswap16(ehdr->e_shentsize);
	ehdr->e_shnum = __builtin_bswap16(ehdr->e_shnum);
	ehdr->e_shstrndx = __builtin_bswap16(ehdr->e_shstrndx);
}

/* A call, without a stub, of what is @value bytes behind a symbol. */
static void reloc_call_far(struct image *image, const struct mutation *m)
{
	const Elf64_Shdr *sh = find_section(image, m->section);
	Elf64_Rela *reloc = (Elf64_Rela *)(image->data + sh->sh_offset);

	while (ELF64_R_TYPE(reloc->r_info) != R_PPC64_REL24)
		if (++reloc == last_reloc(image, m) + 1)
			errx(1, "there is no call in %s", m->section);
	set_reloc_symbol(reloc, find_symbol(image, m->symbol) - image->syms);
	reloc->r_addend = m->value;
}

/* An instruction, at @offset from where a relocation is applied. */
static void reloc_insn(struct image *image, const struct mutation *m)
{
	const Elf64_Shdr *target = &image->shdrs[find_section(image, m->section)->sh_info];
	uint32_t insn = m->value;

	memcpy(image->data + target->sh_offset + last_reloc(image, m)->r_offset + m->offset,
	       &insn, sizeof(insn));
}

/* What is said about several cases. */
#define BAD_NAME	" has an incorrectly formatted name"
#define NO_TABLE	EARLY ": not a table of relocations"
#define BAD_INFO	": section "
#define BAD_RELOC	": bad relocation "
#define NOT_MARKED	"' is not marked as a livepatch symbol"
#define NO_ACCESS	": invalid access to symbol '"
#define OTHER_TIME	DEFERRED_LATE ": relocations of a section that is processed at another time"
#define NO_SYMBOL	": symbol 'klp_no_such_symbol' not found in object 'test_klp_reloc_target'"
#define NO_KEY		": symbol 'klp_no_such_key' not found in object 'test_klp_special_target'"
#define FOR_OBJECT	" for object 'test_klp_special_target'"
#define NO_CODE		FOR_OBJECT " is about no code that it could change"
#define NO_JUMP		"__jump_table" NO_CODE
#define NO_NOP		"Expected nop after call"
#define NO_ALT		".altinstructions" NO_CODE
#define SAME_CODE	"entries of __jump_table and __jump_table" FOR_OBJECT	\
			" are about the same code"

#define SECTION_NAME(case, new_text, nr)				\
	{ .name = case, .error = "EINVAL", .when = "load",		\
	  .mutate = section_name, .section = EARLY, .text = new_text,	\
	  .value = nr, .says = new_text BAD_NAME " or no flag" }
#define SYMBOL_NAME(case, new_text, nr)					\
	{ .name = case, .error = "EINVAL", .when = "load",		\
	  .mutate = symbol_name, .symbol = EARLY_SYMBOL, .text = new_text, \
	  .value = nr, .says = EARLY ": symbol '" new_text "'" BAD_NAME }
#define SECTION(case, how, nr, reason)					\
	{ .name = case, .error = "ENOEXEC", .when = "load",		\
	  .mutate = how, .section = EARLY, .value = nr, .says = reason }
#define TARGET(case, klp_section, target_name, reason)			\
	{ .name = case, .error = "ENOEXEC", .when = "load",		\
	  .mutate = section_info_name, .section = klp_section,		\
	  .text = target_name, .says = klp_section reason }

#define DEFERRED_NAME(case, new_text, nr, reason)			\
	{ .name = case, .error = "EINVAL", .when = "load",		\
	  .from = SPECIAL, .mutate = section_name, .section = DEFERRED,	\
	  .text = new_text, .value = nr, .says = reason }
#define DEFERRED_SECTION(case, how, nr, reason)				\
	{ .name = case, .error = "ENOEXEC", .when = "load",		\
	  .from = SPECIAL, .mutate = how, .section = DEFERRED, .value = nr, \
	  .says = reason }
#define DEFERRED_ENTRY(case, when_seen, how, nr, reason)		\
	{ .name = case, .error = "ENOEXEC", .when = when_seen,		\
	  .from = SPECIAL, .mutate = how, .value = nr, .says = reason }

static const struct mutation mutations[] = {
	/* What a section is called. */
	SECTION_NAME("sec-no-object", ".klp.rela..text", 0),
	SECTION_NAME("sec-no-section", ".klp.rela.vmlinux.", 0),
	SECTION_NAME("sec-no-dot", ".klp.rela.vmlinux", 0),
	SECTION_NAME("sec-object-long", ".klp.rela.%s.text", MODULE_NAME_LEN),
	SECTION_NAME("sec-flag-only", ".rela.klp", 0),
	{ .name = "sec-name-only", .error = "EINVAL", .when = "load",
	  .mutate = section_flags, .section = EARLY, .value = SHF_RELA_LIVEPATCH,
	  .says = EARLY BAD_NAME " or no flag" },

	{ .name = "sec-not-patched", .error = "EINVAL", .when = "load",
	  .mutate = section_name, .section = LATE, .text = ".klp.rela.no_such_object..text",
	  .says = ".klp.rela.no_such_object..text is for an object that is not patched" },

	/* What it says about itself. */
	SECTION("sec-type", section_type, SHT_PROGBITS, NO_TABLE),
	{ .name = "sec-null", .error = "EINVAL", .when = "load",
	  .mutate = section_type, .section = EARLY, .value = SHT_NULL,
	  .says = BAD_NAME " or no flag" },
	SECTION("sec-entsize", section_entsize, 8, NO_TABLE),
	SECTION("sec-size", section_size, -1, NO_TABLE),
	SECTION("sec-nonalloc", section_flags, SHF_ALLOC, EARLY ": not allocated"),
	{ .name = "sec-nonalloc-late", .error = "ENOEXEC", .when = "load",
	  .mutate = section_flags, .section = LATE, .value = SHF_ALLOC,
	  .says = LATE ": not allocated" },

	/* What it relocates. */
	SECTION("info-range", section_info_shnum, 0, EARLY BAD_INFO),
	SECTION("info-huge", section_info, UINT32_MAX, EARLY BAD_INFO),
	SECTION("info-zero", section_info, 0, EARLY BAD_INFO),
	TARGET("info-self", EARLY, EARLY, BAD_INFO),
	TARGET("info-nonalloc", EARLY, ".comment", BAD_INFO),
	TARGET("info-symtab", EARLY, ".symtab", BAD_INFO),
	{ .name = "info-symtab-late", .error = "ENOEXEC", .when = "load",
	  .mutate = section_info_alloc, .section = LATE, .text = ".symtab", .says = LATE BAD_INFO },
	{ .name = "info-strtab-late", .error = "ENOEXEC", .when = "load",
	  .mutate = section_info_alloc, .section = LATE, .text = ".strtab", .says = LATE BAD_INFO },
	TARGET("info-nobits", SINGLE, ".bss", BAD_INFO),
	{ .name = "info-null", .error = "ENOEXEC", .when = "load",
	  .mutate = section_type, .section = ".data", .value = SHT_NULL,
	  .says = "..data" BAD_INFO },
	TARGET("info-nonalloc-late", LATE, ".comment", BAD_INFO),
	TARGET("info-percpu-late", LATE, ".data..percpu", BAD_INFO),
	TARGET("info-klp-late", LATE, EARLY, BAD_INFO),
	TARGET("info-init-late", LATE, ".init.text",
	       ": init or exit section cannot be relocated late"),
	TARGET("info-exit-late", LATE, ".exit.text",
	       ": init or exit section cannot be relocated late"),

	/* What the module is called, and what kind it is. */
	{ .name = "unmarked", .error = "EINVAL", .when = "load",
	  .mutate = module_info, .section = ".modinfo", .text = "livepatch=Y",
	  .says = " in a module that is no livepatch" },
	{ .name = "name-vmlinux", .error = "EINVAL", .when = "early",
	  .mutate = module_name, .section = ".gnu.linkonce.this_module", .text = "vmlinux" },

	/* Relocations. */
	SECTION("rela-offset-end", reloc_offset_end, 0, EARLY BAD_RELOC),
	SECTION("rela-offset-tail", reloc_offset_end, -1, EARLY BAD_RELOC),
	SECTION("rela-offset-huge", reloc_offset, -8, EARLY BAD_RELOC),
	SECTION("rela-offset-packed", reloc_offset_packed, -8, EARLY BAD_RELOC),
	SECTION("rela-sym-range", reloc_symbol_end, 0, EARLY BAD_RELOC),
	SECTION("rela-sym-huge", reloc_symbol, UINT32_MAX, EARLY BAD_RELOC),
	{ .name = "rela-sym-zero", .error = "EINVAL", .when = "load",
	  .mutate = reloc_symbol, .section = EARLY, .value = 0,
	  .says = EARLY ": symbol '" NOT_MARKED },
	SECTION("rela-type", reloc_type, 0xff, EARLY BAD_RELOC),
	/* What is there is not zero, so one has been applied already, or this is no place. */
	{ .name = "rela-place-late", .error = "ENOEXEC", .when = "loaded",
	  .machine = EM_X86_64, .mutate = reloc_offset, .section = LATE, .value = 0,
	  .says = "cannot apply " LATE },
	{ .name = "rela-type-late", .error = "ENOEXEC", .when = "loaded",
	  .mutate = reloc_type, .section = LATE, .value = 0xff,
	  .says = LATE BAD_RELOC },

	/* Symbols. */
	{ .name = "sym-strtab-end", .error = "ENOEXEC", .when = "load",
	  .mutate = section_size, .section = ".strtab", .value = -1,
	  .says = ".strtab: symbol names do not end" },
	{ .name = "sym-index", .error = "EINVAL", .when = "load",
	  .mutate = symbol_section, .symbol = EARLY_SYMBOL, .value = SHN_ABS,
	  .says = EARLY ": symbol '" EARLY_SYMBOL NOT_MARKED },
	{ .name = "sym-strtab", .error = "ENOEXEC", .when = "load",
	  .mutate = symbol_string, .symbol = EARLY_SYMBOL, .value = 0x7fffffff,
	  .says = ".symtab: symbol " },
	SYMBOL_NAME("sym-prefix", ".klp.xyz.vmlinux.version_proc_show,0", 0),
	SYMBOL_NAME("sym-no-object", ".klp.sym..version_proc_show,0", 0),
	SYMBOL_NAME("sym-no-name", ".klp.sym.vmlinux.,0", 0),
	SYMBOL_NAME("sym-no-comma", ".klp.sym.vmlinux.version_proc_show", 0),
	SYMBOL_NAME("sym-no-position", ".klp.sym.vmlinux.version_proc_show,", 0),
	SYMBOL_NAME("sym-position-letter", ".klp.sym.vmlinux.version_proc_show,x", 0),
	SYMBOL_NAME("sym-position-tail", ".klp.sym.vmlinux.version_proc_show,0z", 0),
	SYMBOL_NAME("sym-position-negative", ".klp.sym.vmlinux.version_proc_show,-1", 0),
	SYMBOL_NAME("sym-position-overflow",
		    ".klp.sym.vmlinux.version_proc_show,18446744073709551616", 0),
	SYMBOL_NAME("sym-object-long", ".klp.sym.%s.version_proc_show,0", MODULE_NAME_LEN),
	SYMBOL_NAME("sym-name-long", ".klp.sym.vmlinux.%s,0", KSYM_NAME_LEN),

	/* Which symbols are where. */
	{ .name = "sym-vmlinux-late", .error = "EINVAL", .when = "load",
	  .mutate = reloc_symbol_name, .section = LATE, .symbol = EARLY_SYMBOL,
	  .says = LATE NO_ACCESS EARLY_SYMBOL },
	{ .name = "sym-module-early", .error = "EINVAL", .when = "load",
	  .mutate = reloc_symbol_name, .section = EARLY, .symbol = LATE_SYMBOL,
	  .says = EARLY NO_ACCESS LATE_SYMBOL },
	{ .name = "sym-unknown", .error = "EINVAL", .when = "load",
	  .mutate = symbol_name, .symbol = EARLY_SYMBOL,
	  .text = ".klp.sym.vmlinux.klp_no_such_symbol,0",
	  .says = EARLY ": symbol 'klp_no_such_symbol' not found in object 'vmlinux'" },
	{ .name = "sym-init", .error = "EINVAL", .when = "load",
	  .mutate = symbol_name, .symbol = EARLY_SYMBOL,
	  .text = ".klp.sym.vmlinux.start_kernel,0",
	  .says = EARLY ": symbol 'start_kernel' of object 'vmlinux' is gone after boot" },
	{ .name = "sym-unknown-late", .error = "EINVAL", .when = "loaded",
	  .mutate = symbol_name, .symbol = LATE_SYMBOL,
	  .text = ".klp.sym.test_klp_reloc_target.klp_no_such_symbol,0",
	  .says = LATE NO_SYMBOL },
	{ .name = "sym-object-absent", .error = "EINVAL", .when = "loaded",
	  .mutate = symbol_name, .symbol = LATE_SYMBOL,
	  .text = ".klp.sym.no_such_object.klp_reloc_hidden,0",
	  .says = LATE ": symbol 'klp_reloc_hidden' not found in object 'no_such_object'" },
	/* Is there, but may go before the target, which does not use it. */
	{ .name = "sym-elsewhere", .error = "EINVAL", .when = "loaded",
	  .mutate = symbol_name, .symbol = LATE_SYMBOL,
	  .text = ".klp.sym.test_klp_reloc.klp_reloc_hidden,0",
	  .says = LATE ": 'test_klp_reloc' may go before" },
	{ .name = "sym-unknown-coming", .error = "EINVAL", .when = "coming",
	  .mutate = symbol_name, .symbol = LATE_SYMBOL,
	  .text = ".klp.sym.test_klp_reloc_target.klp_no_such_symbol,0",
	  .says = LATE NO_SYMBOL },
	{ .name = "sym-ambiguous", .error = "EINVAL", .when = "loaded",
	  .mutate = symbol_name, .symbol = LATE_SYMBOL,
	  .text = ".klp.sym.test_klp_reloc_target.klp_reloc_twin,0",
	  .says = LATE ": unresolvable ambiguity for symbol 'klp_reloc_twin' in object" },
	{ .name = "sym-past-last", .error = "EINVAL", .when = "load",
	  .mutate = symbol_name, .symbol = EARLY_SYMBOL,
	  .text = ".klp.sym.vmlinux.version_proc_show,99",
	  .says = EARLY ": symbol position 99 for symbol 'version_proc_show'" },

	/* Special sections that wait: what they are called. */
	DEFERRED_NAME("arch-no-object", ".klp.arch..__jump_table", 0,
		      ".klp.arch..__jump_table" BAD_NAME),
	DEFERRED_NAME("arch-no-section", ".klp.arch.test_klp_special_target.", 0,
		      ".klp.arch.test_klp_special_target." BAD_NAME),
	DEFERRED_NAME("arch-object-long", ".klp.arch.%s.__jump_table", MODULE_NAME_LEN,
		      ".klp.arch.%s.__jump_table" BAD_NAME),
	DEFERRED_NAME("arch-vmlinux", ".klp.arch.vmlinux.__jump_table", 0,
		      ".klp.arch.vmlinux.__jump_table: vmlinux is there"),
	DEFERRED_NAME("arch-unknown", ".klp.arch.test_klp_special_target.__no_table", 0,
		      "__no_table: sections __no_table cannot be deferred"),
	DEFERRED_NAME("arch-init", ".klp.arch.test_klp_special_target..init.text", 0,
		      "..init.text: sections .init.text cannot be deferred"),
	DEFERRED_NAME("arch-other-object", ".klp.arch.no_such_object.__jump_table", 0,
		      OTHER_TIME),
	DEFERRED_NAME("arch-not-deferred", "__jump_table", 0,
		      OTHER_TIME),
	{ .name = "arch-not-patched", .error = "EINVAL", .when = "load", .from = SPECIAL,
	  .mutate = deferred_name, .text = ".klp.arch.no_such_object.__jump_table",
	  .says = ".klp.arch.no_such_object.__jump_table is for an object that is not patched" },
	{ .name = "arch-twice", .error = "EINVAL", .when = "load", .from = SPECIAL,
	  .mutate = deferred_twice, .section = DEFERRED,
	  .says = DEFERRED " appears twice" },

	/* What they say about themselves. */
	DEFERRED_SECTION("arch-nobits", section_type, SHT_NOBITS,
			 DEFERRED " has no contents"),
	DEFERRED_SECTION("arch-type", section_type, SHT_NOTE,
			 DEFERRED " has no contents"),
	DEFERRED_SECTION("arch-null", section_type, SHT_NULL,
			 DEFERRED_LATE BAD_INFO),
	DEFERRED_SECTION("arch-nonalloc", section_flags, SHF_ALLOC,
			 DEFERRED " is not allocated"),
	DEFERRED_SECTION("arch-exec", section_flags, SHF_EXECINSTR,
			 DEFERRED " would be read-only by then"),
	DEFERRED_SECTION("arch-ro-after-init", section_flags, SHF_RO_AFTER_INIT,
			 DEFERRED " would be read-only by then"),
	DEFERRED_SECTION("arch-size", section_size, 1,
			 DEFERRED " is no table of entries"),
	DEFERRED_SECTION("arch-empty", section_size_set, 0,
			 DEFERRED " is no table of entries"),
	DEFERRED_SECTION("arch-align", section_align, 1,
			 DEFERRED " is misaligned"),

	/* Their entries. */
	DEFERRED_ENTRY("arch-code-away", "loaded", deferred_code, 0x1000000, NO_JUMP),
	DEFERRED_ENTRY("arch-code-away-coming", "coming", deferred_code, 0x1000000, NO_JUMP),
	DEFERRED_ENTRY("arch-code-other", "loaded", deferred_code, 1, NO_JUMP),
	DEFERRED_ENTRY("arch-code-other-coming", "coming", deferred_code, 1, NO_JUMP),
	{ .name = "arch-sym-unknown", .error = "EINVAL", .when = "loaded", .from = SPECIAL,
	  .mutate = symbol_name, .symbol = DEFERRED_SYMBOL,
	  .text = ".klp.sym.test_klp_special_target.klp_no_such_key,0",
	  .says = DEFERRED_LATE NO_KEY },
	/* Is there, but may go before the target, which does not use it. */
	{ .name = "arch-sym-elsewhere", .error = "EINVAL", .when = "loaded", .from = SPECIAL,
	  .mutate = symbol_name, .symbol = DEFERRED_SYMBOL,
	  .text = ".klp.sym.test_klp_special.take_alt_taken,0",
	  .says = DEFERRED_LATE ": 'test_klp_special' may go before" },
	{ .name = "arch-sym-unknown-coming", .error = "EINVAL", .when = "coming",
	  .from = SPECIAL, .mutate = symbol_name, .symbol = DEFERRED_SYMBOL,
	  .text = ".klp.sym.test_klp_special_target.klp_no_such_key,0",
	  .says = DEFERRED_LATE NO_KEY },

	/* Code that is not as the entry and its key say, or that two entries are about. */
	DEFERRED_ENTRY("arch-overlap", "loaded", deferred_overlap, 0, SAME_CODE),
	DEFERRED_ENTRY("arch-overlap-coming", "coming", deferred_overlap, 0, SAME_CODE),
	DEFERRED_ENTRY("arch-branch-bit", "loaded", deferred_branch_bit, false, NO_JUMP),
	DEFERRED_ENTRY("arch-branch-bit-coming", "coming", deferred_branch_bit, false, NO_JUMP),
	DEFERRED_ENTRY("arch-branch-bit-jump", "loaded", deferred_branch_bit, true, NO_JUMP),
	DEFERRED_ENTRY("arch-jump-target", "loaded", deferred_jump_target, 4, NO_JUMP),
	{ .name = "arch-jump-far", .error = "ENOEXEC", .when = "loaded", .from = SPECIAL,
	  .machine = EM_X86_64, .mutate = deferred_jump_far, .value = 0x90,
	  .says = NO_JUMP },

	/* Of x86_64: where a static key jumps to, and the place of a static call. */
	{ .name = "arch-jump-away", .error = "ENOEXEC", .when = "loaded", .from = SPECIAL,
	  .machine = EM_X86_64, .mutate = deferred_code, .value = 0x1000000, .offset = 4,
	  .says = NO_JUMP },
	{ .name = "arch-static-call-away", .error = "ENOEXEC", .when = "loaded",
	  .from = SPECIAL, .machine = EM_X86_64, .mutate = deferred_code,
	  .section = DEFERRED_CALLS_RELA, .value = 0x1000000,
	  .says = ".static_call_sites" NO_CODE },

	/* Of x86_64: code that cannot be what an entry says. */
	{ .name = "arch-insn-garbage", .error = "ENOEXEC", .when = "loaded", .from = SPECIAL,
	  .machine = EM_X86_64, .mutate = deferred_code_bytes,
	  /* There is no SYSCALL with a VEX prefix. */
	  .text = "\xc5\xf8\x05",
	  .says = NO_JUMP },
	{ .name = "arch-insn-no-jump", .error = "ENOEXEC", .when = "loaded", .from = SPECIAL,
	  .machine = EM_X86_64, .mutate = deferred_code_bytes,
	  .text = "\xb8",
	  .says = NO_JUMP },
	{ .name = "arch-alt-feature", .error = "ENOEXEC", .when = "loaded", .from = SPECIAL,
	  .machine = EM_X86_64, .mutate = deferred_bytes, .section = DEFERRED_ALT,
	  .offset = ALT_CPUID, .value = 2,
	  .says = NO_ALT },
	{ .name = "arch-alt-length", .error = "ENOEXEC", .when = "loaded", .from = SPECIAL,
	  .machine = EM_X86_64, .mutate = deferred_bytes, .section = DEFERRED_ALT,
	  .offset = ALT_REPLACEMENTLEN, .value = 1,
	  .says = NO_ALT },

	/* All flags: a call that could become a direct one. */
	{ .name = "arch-alt-call", .error = "ENOEXEC", .when = "loaded", .from = SPECIAL,
	  .machine = EM_X86_64, .mutate = deferred_bytes, .section = DEFERRED_ALT,
	  .offset = ALT_FLAGS, .value = 1,
	  .says = NO_ALT },

	/* Of ppc64le: other kinds of object files, and calls. */
	{ .name = "abi-v1", .error = "ENOEXEC", .when = "early", .machine = EM_PPC64,
	  .mutate = header_flags, .value = 1 },
	{ .name = "big-endian", .error = "ENOEXEC", .when = "early", .machine = EM_PPC64,
	  .mutate = header_big_endian },
	{ .name = "call-far", .error = "ENOEXEC", .when = "load", .machine = EM_PPC64,
	  .mutate = reloc_call_far, .section = ".rela.text", .symbol = "new_call",
	  .value = 64 << 20,
	  .says = "out of range" },
	{ .name = "info-stubs", .error = "ENOEXEC", .when = "load", .machine = EM_PPC64,
	  .mutate = section_info_stubs, .section = EARLY, .text = ".stubs",
	  .says = EARLY BAD_INFO },
	{ .name = "rela-near-toc", .error = "ENOEXEC", .when = "load", .machine = EM_PPC64,
	  .mutate = reloc_type, .section = EARLY, .value = R_PPC64_TOC16_HA,
	  .says = "out of range" },
	{ .name = "rela-near-place", .error = "ENOEXEC", .when = "load", .machine = EM_PPC64,
	  .mutate = reloc_type, .section = EARLY, .value = R_PPC64_REL16_HA,
	  .says = "out of range" },
	{ .name = "rela-near-zero", .error = "ENOEXEC", .when = "load", .machine = EM_PPC64,
	  .mutate = reloc_type, .section = EARLY, .value = R_PPC64_ADDR32,
	  .says = "out of range" },
	/* Behind calls of the kernel and of the target: mflr r0. */
	{ .name = "call-no-nop", .error = "ENOEXEC", .when = "load", .machine = EM_PPC64,
	  .mutate = reloc_insn, .section = EARLY, .value = 0x7c0802a6, .offset = 4,
	  .says = NO_NOP },
	{ .name = "call-no-nop-late", .error = "ENOEXEC", .when = "loaded", .machine = EM_PPC64,
	  .mutate = reloc_insn, .section = LATE, .value = 0x7c0802a6, .offset = 4,
	  .says = NO_NOP },
};

static void read_image(struct image *image, const char *path)
{
	FILE *f = fopen(path, "rb");
	long size;

	if (!f || fseek(f, 0, SEEK_END))
		errx(1, "cannot read %s", path);
	size = ftell(f);
	rewind(f);
	if (size < (long)sizeof(Elf64_Ehdr))
		errx(1, "%s is no module", path);
	image->size = size;
	image->data = malloc(image->size);
	if (!image->data || fread(image->data, 1, image->size, f) != image->size)
		errx(1, "cannot read %s", path);
	fclose(f);
	index_image(image);
}

static void write_image(const struct image *image, const char *path)
{
	FILE *f = fopen(path, "wb");

	if (!f || fwrite(image->data, 1, image->size, f) != image->size || fclose(f))
		errx(1, "cannot write %s", path);
}

static const struct mutation *find_mutation(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(mutations); i++)
		if (!strcmp(mutations[i].name, name))
			return &mutations[i];
	errx(1, "there is no case %s", name);
}

int main(int argc, char **argv)
{
	const struct mutation *m;
	struct image image;

	if (argc == 3 && !strcmp(argv[1], "--list")) {
		read_image(&image, argv[2]);
		for (m = mutations; m < mutations + ARRAY_SIZE(mutations); m++)
			if (!m->machine || m->machine == image.ehdr->e_machine)
				printf("%s %s %s %s %s\n", m->name, m->error, m->when,
				       m->from ? m->from : RELOC,
				       m->says ? with_filler(m, m->says) : "");
		return 0;
	}
	if (argc != 4) {
		fputs("usage: klp-mutate {--list IN.ko | CASE IN.ko OUT.ko}\n", stderr);
		return 2;
	}
	m = find_mutation(argv[1]);
	read_image(&image, argv[2]);
	m->mutate(&image, m);
	write_image(&image, argv[3]);
	return 0;
}
