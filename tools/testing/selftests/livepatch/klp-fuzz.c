// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * klp-fuzz MODULE SEED COUNT SECONDS - load livepatch modules that are not well formed
 *
 * MODULE is test_klp_reloc.ko or test_klp_special.ko.  Each of COUNT times, or until
 * SECONDS are over, a copy of it is changed in one to four places, chosen by a number
 * that begins with SEED and grows by one, and given to init_module(2).  What is loaded
 * is disabled and removed again.  Prints what the kernel said how often.  Ends with 0 if it said nothing that
 * it should not, and the last seed is in the kernel's log.
 *
 * What is changed is what live patching has to check: headers of its relocation
 * sections, names and indices of its symbols, and its relocations; of special sections
 * that wait, headers, entries, and which code these are about.  Not changed is
 * what would make a well-formed module that does harm, which nobody can refuse, or
 * what the module loader itself trusts in every module:
 *
 *  - the place of a relocation, other than to one out of bounds, and the section that
 *    it is for, other than to one that cannot be relocated: the module's own code and
 *    data would be overwritten with addresses of the kernel
 *  - the sections of other relocations, and the symbols that these use: they are not
 *    checked in any module
 *  - the number of sections, and the size of the symbol table: the relocations of any
 *    module would have indices that are out of bounds
 *  - names of sections without a type: find_any_sec() follows them, whatever they are
 *  - names to those of other sections: sysfs has a file for each, and complains
 *  - alignments, other than to powers of two: layout_sections() computes with them
 *  - the keys that entries of special sections refer to: what relocates them is not
 *    changed at all
 *  - special sections to smaller ones: other relocations would write behind them
 */
#include <elf.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof(*(array)))

#define SHF_RELA_LIVEPATCH	0x00100000
#define SHN_LIVEPATCH		0xff20

#define ARCH_PREFIX		".klp.arch."

/* Of all errors, those that a module may be refused with; the order is that of output. */
static const struct {
	int error;
	const char *name;
} answers[] = {
	{ 0,		"loaded" },
	{ ENOEXEC,	"ENOEXEC" },
	{ EINVAL,	"EINVAL" },
	{ ENOENT,	"ENOENT" },
	{ ENOMEM,	"ENOMEM" },
};

#define NR_ANSWERS	ARRAY_SIZE(answers)

static unsigned char *original, *image;
static size_t original_size, image_size, room;

static Elf64_Ehdr *ehdr;
static Elf64_Shdr *shdrs;
static Elf64_Shdr *symtab, *strtab;
static Elf64_Sym *syms;

/* Sections of relocations for live patching, and symbols with its names. */
static unsigned int klp_sections[64], nr_klp_sections;
static unsigned int klp_symbols[256], nr_klp_symbols;

/* Special sections that wait for a module, and what says which code they are about. */
static unsigned int arch_sections[64], nr_arch_sections;
static unsigned int arch_rela_sections[64], nr_arch_rela_sections;

static char module_name[56], sysfs_dir[128], sysfs_enabled[144];

static uint64_t random_state;

/* splitmix64: any seed is a good one. */
static uint64_t random64(void)
{
	uint64_t z = random_state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

static unsigned int below(unsigned int n)
{
	return random64() % n;
}

/* Numbers near limits are more interesting than others. */
static uint64_t some_number(uint64_t near)
{
	static const uint64_t limits[] = {
		0, 1, 7, 8, 0x7f, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff,
		0x7fffffffffffffff, 0x8000000000000000, 0xfffffffffffffff8, 0xffffffffffffffff,
	};

	switch (below(4)) {
	case 0:
		return limits[below(ARRAY_SIZE(limits))];
	case 1:
		return near + below(17) - 8;
	case 2:
		return near ^ 1ULL << below(64);
	default:
		return random64() >> below(64);
	}
}

static const char *section_name(const Elf64_Shdr *sh)
{
	return (char *)image + shdrs[ehdr->e_shstrndx].sh_offset + sh->sh_name;
}

static bool is_arch(const Elf64_Shdr *sh)
{
	return !strncmp(section_name(sh), ARCH_PREFIX, strlen(ARCH_PREFIX));
}

static void index_section(unsigned int i)
{
	const Elf64_Shdr *sh = &shdrs[i];
	bool for_arch = sh->sh_type == SHT_RELA && is_arch(&shdrs[sh->sh_info]);

	if (is_arch(sh) && nr_arch_sections < 64)
		arch_sections[nr_arch_sections++] = i;
	else if (sh->sh_flags & SHF_RELA_LIVEPATCH && !for_arch && nr_klp_sections < 64)
		klp_sections[nr_klp_sections++] = i;
	else if (!(sh->sh_flags & SHF_RELA_LIVEPATCH) && for_arch && nr_arch_rela_sections < 64)
		arch_rela_sections[nr_arch_rela_sections++] = i;
}

static void index_image(void)
{
	unsigned int i;

	ehdr = (Elf64_Ehdr *)image;
	shdrs = (Elf64_Shdr *)(image + ehdr->e_shoff);
	symtab = NULL;
	nr_klp_sections = 0;
	nr_klp_symbols = 0;
	nr_arch_sections = 0;
	nr_arch_rela_sections = 0;
	for (i = 1; i < ehdr->e_shnum; i++) {
		if (shdrs[i].sh_type == SHT_SYMTAB)
			symtab = &shdrs[i];
		index_section(i);
	}
	if (!symtab)
		errx(1, "no symbols");
	strtab = &shdrs[symtab->sh_link];
	syms = (Elf64_Sym *)(image + symtab->sh_offset);
	for (i = 1; i < symtab->sh_size / sizeof(*syms); i++)
		if (syms[i].st_shndx == SHN_LIVEPATCH && nr_klp_symbols < 256)
			klp_symbols[nr_klp_symbols++] = i;
	if (!nr_klp_sections || !nr_klp_symbols)
		errx(1, "no livepatch relocations");
}

/* Start anew.  There is room behind the image for one more copy of its names. */
static void copy_original(void)
{
	memcpy(image, original, original_size);
	image_size = original_size;
	index_image();
}

static Elf64_Shdr *klp_section(void)
{
	return &shdrs[klp_sections[below(nr_klp_sections)]];
}

static Elf64_Sym *klp_symbol(void)
{
	return &syms[klp_symbols[below(nr_klp_symbols)]];
}

/* A relocation of the original, wherever an earlier change has put the section. */
static Elf64_Rela *klp_reloc(const Elf64_Shdr *sh)
{
	const Elf64_Shdr *old = (Elf64_Shdr *)(original + ehdr->e_shoff) + (sh - shdrs);

	return (Elf64_Rela *)(image + old->sh_offset) + below(old->sh_size / sizeof(Elf64_Rela));
}

/* A name that is nearly right: parts are doubled, left out, and changed. */
static void change_string(char *s, size_t size)
{
	static const char specials[] = ".,+-0123456789\n\t \xff%/klpsymrea";
	size_t len = strlen(s), at, n;

	for (n = 1 + below(3); n; n--) {
		at = len ? below(len) : 0;
		switch (below(5)) {
		case 0:
			if (len)
				s[at] = specials[below(sizeof(specials) - 1)];
			break;
		case 1:
			s[at] = '\0';
			break;
		case 2:
			memmove(s + at, s + at + !!len, len - at + !len);
			break;
		case 3:
			memset(s + at, 'a' + below(26), size - 1 - at);
			s[at + below(size - at)] = '\0';
			break;
		case 4:
			snprintf(s + at, size - at, ".%llu,%llu",
				 (unsigned long long)some_number(0),
				 (unsigned long long)some_number(0));
			break;
		}
		len = strlen(s);
	}
}

/* Put the names of a table behind the file, with one more; return where that is. */
static uint32_t add_string(Elf64_Shdr *table, const char *s)
{
	size_t old_size = table->sh_size, added = strlen(s) + 1;

	if (table->sh_offset >= image_size || old_size > image_size - table->sh_offset ||
	    old_size + added > room - image_size)
		return 0;
	memcpy(image + image_size, image + table->sh_offset, old_size);
	memcpy(image + image_size + old_size, s, added);
	table->sh_offset = image_size;
	table->sh_size += added;
	image_size += old_size + added;
	return old_size;
}

static bool name_is_taken(const Elf64_Shdr *sh)
{
	const Elf64_Shdr *names = &shdrs[ehdr->e_shstrndx], *other;

	if (sh->sh_name >= names->sh_size)
		return false;
	for (other = shdrs + 1; other < shdrs + ehdr->e_shnum; other++)
		if (other != sh && other->sh_name < names->sh_size &&
		    !strcmp(section_name(other), section_name(sh)))
			return true;
	return false;
}

static void change_name_of(Elf64_Shdr *sh)
{
	Elf64_Shdr *names = &shdrs[ehdr->e_shstrndx];
	uint32_t old = sh->sh_name;
	char name[600];

	if (sh->sh_name >= names->sh_size || sh->sh_type == SHT_NULL)
		return;
	snprintf(name, sizeof(name), "%s", section_name(sh));
	change_string(name, sizeof(name));
	sh->sh_name = below(4) ? add_string(names, name) : some_number(names->sh_size);
	if (name_is_taken(sh))
		sh->sh_name = old;
}

static void change_section_name(void)
{
	change_name_of(klp_section());
}

static void change_symbol_name(void)
{
	Elf64_Sym *sym = klp_symbol();
	char name[600];

	if (sym->st_name >= strtab->sh_size)
		return;
	snprintf(name, sizeof(name), "%s", (char *)image + strtab->sh_offset + sym->st_name);
	change_string(name, sizeof(name));
	sym->st_name = below(4) ? add_string(strtab, name) : some_number(strtab->sh_size);
}

static void change_symbol(void)
{
	Elf64_Sym *sym = klp_symbol();

	switch (below(4)) {
	case 0:
		sym->st_shndx = some_number(SHN_LIVEPATCH);
		break;
	case 1:
		sym->st_info = random64();
		break;
	case 2:
		sym->st_value = some_number(0);
		break;
	case 3:
		sym->st_size = some_number(0);
		break;
	}
}

static uint32_t some_type(const Elf64_Shdr *sh)
{
	uint32_t type = below(2) ? below(20) : some_number(sh->sh_type);

	/* Nothing else does so before a section without a type is looked at. */
	return type == SHT_SYMTAB || type == SHT_NULL ? SHT_NOBITS : type;
}

static void change_section_numbers(void)
{
	Elf64_Shdr *sh = klp_section();
	uint64_t offset;

	switch (below(6)) {
	case 0:
		sh->sh_type = some_type(sh);
		break;
	case 1:
		sh->sh_flags ^= 1ULL << below(32);
		break;
	case 2:
		sh->sh_size = some_number(sh->sh_size);
		break;
	case 3:
		offset = some_number(sh->sh_offset);
		/* Not to the relocations of another section, or what looks like some. */
		if (offset >= original_size || offset % 8)
			sh->sh_offset = offset;
		break;
	case 4:
		sh->sh_entsize = some_number(sh->sh_entsize);
		break;
	case 5:
		sh->sh_link = some_number(sh->sh_link);
		break;
	}
}

/* To a section that cannot be relocated. */
static void change_target(void)
{
	Elf64_Shdr *sh = klp_section();
	uint32_t info = some_number(ehdr->e_shnum);

	if (info < ehdr->e_shnum && shdrs[info].sh_flags & SHF_ALLOC &&
	    shdrs[info].sh_type != SHT_NOBITS && !(shdrs[info].sh_flags & SHF_RELA_LIVEPATCH))
		return;
	sh->sh_info = info;
}

static void change_reloc(void)
{
	Elf64_Shdr *sh = klp_section();
	Elf64_Rela *rela = klp_reloc(sh);
	uint64_t offset, size;

	switch (below(3)) {
	case 0:
		size = sh->sh_info < ehdr->e_shnum ? shdrs[sh->sh_info].sh_size : 0;
		offset = some_number(size);
		if (offset >= size)
			rela->r_offset = offset;
		break;
	case 1:
		rela->r_info = ELF64_R_INFO(ELF64_R_SYM(rela->r_info),
					    (uint32_t)some_number(ELF64_R_TYPE(rela->r_info)));
		break;
	case 2:
		rela->r_info = ELF64_R_INFO(some_number(symtab->sh_size / sizeof(*syms)),
					    ELF64_R_TYPE(rela->r_info));
		break;
	}
}

static Elf64_Shdr *arch_section(void)
{
	return &shdrs[arch_sections[below(nr_arch_sections)]];
}

static void change_arch_name(void)
{
	change_name_of(arch_section());
}

static void change_arch_numbers(void)
{
	Elf64_Shdr *sh = arch_section();
	uint64_t size;

	switch (below(5)) {
	case 0:
		sh->sh_type = some_type(sh);
		break;
	case 1:
		sh->sh_flags ^= 1ULL << below(32);
		break;
	case 2:
		size = some_number(sh->sh_size);
		if (!size || size > sh->sh_size)
			sh->sh_size = size;
		break;
	case 3:
		sh->sh_offset = some_number(sh->sh_offset);
		break;
	case 4:
		sh->sh_addralign = 1ULL << below(13);
		break;
	}
}

/* What of an entry is not written by relocations. */
static void change_arch_entry(void)
{
	const Elf64_Shdr *old = (Elf64_Shdr *)(original + ehdr->e_shoff) +
				(arch_section() - shdrs);

	image[old->sh_offset + below(old->sh_size)] = some_number(0);
}

static void change_arch_code(void)
{
	const Elf64_Shdr *sh;
	Elf64_Rela *rela;

	if (!nr_arch_rela_sections)
		return;
	sh = &shdrs[arch_rela_sections[below(nr_arch_rela_sections)]];
	rela = (Elf64_Rela *)(image + sh->sh_offset) + below(sh->sh_size / sizeof(*rela));
	rela->r_addend = some_number(rela->r_addend);
}

/* The table of names itself: it may not end, or be somewhere else. */
static void change_names(void)
{
	switch (below(3)) {
	case 0:
		strtab->sh_size = some_number(strtab->sh_size);
		break;
	case 1:
		strtab->sh_type = below(20);
		break;
	case 2:
		symtab->sh_link = some_number(symtab->sh_link);
		break;
	}
}

static void mutate(uint64_t seed)
{
	static void (* const changes[])(void) = {
		change_section_name, change_symbol_name, change_symbol,
		change_section_numbers, change_target, change_reloc,
	};
	static void (* const arch_changes[])(void) = {
		change_arch_name, change_arch_numbers, change_arch_entry, change_arch_code,
	};
	unsigned int n;

	random_state = seed;
	copy_original();
	for (n = 1 + below(4); n; n--) {
		if (nr_arch_sections && below(2))
			arch_changes[below(ARRAY_SIZE(arch_changes))]();
		else
			changes[below(ARRAY_SIZE(changes))]();
	}
	/* Last: the others look for names. */
	if (!below(16))
		change_names();
}

static bool exists(const char *path)
{
	return !access(path, F_OK);
}

static void pause_ms(unsigned int ms)
{
	const struct timespec time = { .tv_nsec = ms * 1000000L };

	nanosleep(&time, NULL);
}

static void write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0)
		return;
	if (write(fd, text, strlen(text)) < 0)
		pause_ms(1);
	close(fd);
}

/* Its transition has to end, and who reads its files to be gone. */
static void take_down(uint64_t seed)
{
	unsigned int tries;

	for (tries = 0; tries < 30000; tries++) {
		if (exists(sysfs_dir))
			write_text(sysfs_enabled, "0");
		else if (!syscall(SYS_delete_module, module_name, O_NONBLOCK))
			return;
		pause_ms(1);
	}
	errx(1, "seed %llu: cannot be removed", (unsigned long long)seed);
}

static void note_seed(uint64_t seed)
{
	char text[64];

	snprintf(text, sizeof(text), "<7>klp-fuzz: seed %llu", (unsigned long long)seed);
	write_text("/dev/kmsg", text);
}

static void read_original(const char *path)
{
	const char *file = strrchr(path, '/');
	struct stat st;
	int fd;

	snprintf(module_name, sizeof(module_name), "%s", file ? file + 1 : path);
	module_name[strcspn(module_name, ".")] = '\0';
	snprintf(sysfs_dir, sizeof(sysfs_dir), "/sys/kernel/livepatch/%s", module_name);
	snprintf(sysfs_enabled, sizeof(sysfs_enabled), "%s/enabled", sysfs_dir);

	fd = open(path, O_RDONLY);
	if (fd < 0 || fstat(fd, &st))
		err(1, "%s", path);
	original_size = st.st_size;
	room = 4 * original_size;
	original = malloc(original_size);
	image = malloc(room);
	if (!original || !image || read(fd, original, original_size) != (ssize_t)original_size)
		errx(1, "cannot read %s", path);
	close(fd);
}

int main(int argc, char **argv)
{
	unsigned long counts[NR_ANSWERS] = { 0 }, unexpected = 0, i, count;
	uint64_t seed;
	time_t end;
	size_t a;

	if (argc != 5)
		errx(2, "usage: klp-fuzz MODULE SEED COUNT SECONDS");
	read_original(argv[1]);
	seed = strtoull(argv[2], NULL, 0);
	count = strtoul(argv[3], NULL, 0);
	end = time(NULL) + strtoul(argv[4], NULL, 0);

	for (i = 0; i < count && time(NULL) < end; i++, seed++) {
		int error = 0;

		note_seed(seed);
		mutate(seed);
		if (syscall(SYS_init_module, image, image_size, ""))
			error = errno;
		for (a = 0; a < NR_ANSWERS && answers[a].error != error; a++)
			;
		if (a < NR_ANSWERS) {
			counts[a]++;
		} else {
			unexpected++;
			printf("seed %llu: %s\n", (unsigned long long)seed, strerror(error));
		}
		if (!error)
			take_down(seed);
	}

	printf("%lu:", i);
	for (a = 0; a < NR_ANSWERS; a++)
		printf(" %s %lu", answers[a].name, counts[a]);
	printf(" other %lu\n", unexpected);
	return unexpected || !i;
}
