// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From names to addresses: symbols of vmlinux and of modules, their sizes, and
 * the cold parts that the compiler split off functions.
 *
 * kallsyms keeps vmlinux sorted by name and by address, so each look-up there is
 * a binary search, of exact names.  A module's symbol table is in no order: a
 * look-up by name or of a size walks all of it.  A patch of many functions asks
 * many times, so the table is copied and sorted once, see klp_symbols_open().
 */
#include <linux/ctype.h>
#include <linux/kallsyms.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/module_symbol.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/string.h>
#include <asm/sections.h>
#include "internal.h"

#define COLD_SUFFIX ".cold"

/* vmlinux needs no preparation: look-ups go to kallsyms. */
static struct klp_symbols vmlinux_symbols;

/* A cold part in vmlinux, and a function of that name. */
struct cold_part {
	unsigned long func;
	unsigned long part;
};

/*
 * All of them, sorted by the function's address: kallsyms can be asked neither for
 * the names of an address nor for "<func>.cold.<any number>".  Found by one walk over
 * all symbols, at the first use; klp_mutex.
 */
static struct cold_part *vmlinux_cold;
static size_t vmlinux_cold_nr;
static bool vmlinux_cold_valid;

static int compare_name(const void *a, const void *b)
{
	const struct klp_symbol *x = a, *y = b;

	return strcmp(x->name, y->name) ?: klp_compare(x->order, y->order);
}

static int compare_addr(const void *a, const void *b)
{
	const struct klp_symbol *x = a, *y = b;

	return klp_compare(x->addr, y->addr) ?: klp_compare(x->order, y->order);
}

void klp_symbols_sort(struct klp_symbols *syms)
{
	memcpy(syms->by_addr, syms->by_name, array_size(syms->nr, sizeof(*syms->by_addr)));
	sort(syms->by_name, syms->nr, sizeof(*syms->by_name), compare_name, NULL);
	sort(syms->by_addr, syms->nr, sizeof(*syms->by_addr), compare_addr, NULL);
}

struct klp_symbols *klp_symbols_open(const struct module *mod)
{
	const struct mod_kallsyms *kallsyms;
	struct klp_symbols *syms;
	unsigned int i;

	if (!mod)
		return &vmlinux_symbols;

	syms = kzalloc(sizeof(*syms), GFP_KERNEL);
	if (!syms)
		return ERR_PTR(-ENOMEM);
	syms->mod = mod;

	/* Not mod->kallsyms: until the init function is done its names are in memory that goes. */
	kallsyms = &mod->core_kallsyms;
	syms->by_name = kvmalloc_array(kallsyms->num_symtab, sizeof(*syms->by_name), GFP_KERNEL);
	syms->by_addr = kvmalloc_array(kallsyms->num_symtab, sizeof(*syms->by_addr), GFP_KERNEL);
	if (!syms->by_name || !syms->by_addr) {
		klp_symbols_close(syms);
		return ERR_PTR(-ENOMEM);
	}

	/*
	 * Of a livepatch module these are all symbols, also those of its init sections.
	 * When these are gone their addresses are nowhere in it.
	 */
	for (i = 1; i < kallsyms->num_symtab; i++) {
		const Elf_Sym *sym = &kallsyms->symtab[i];
		const char *name = kallsyms->strtab + sym->st_name;
		unsigned long addr = kallsyms_symbol_value(sym);

		if (sym->st_shndx == SHN_UNDEF || !*name || is_mapping_symbol(name) ||
		    (mod->klp && !within_module_core(addr, mod)))
			continue;
		syms->by_name[syms->nr++] = (struct klp_symbol){
			.addr = addr, .name = name, .order = i,
		};
	}

	klp_symbols_sort(syms);
	return syms;
}

void klp_symbols_close(struct klp_symbols *syms)
{
	if (IS_ERR_OR_NULL(syms) || syms == &vmlinux_symbols)
		return;

	kvfree(syms->by_addr);
	kvfree(syms->by_name);
	kfree(syms);
}

struct match {
	unsigned long sympos;
	unsigned long count;
	unsigned long addr;
};

static int match_symbol(void *data, unsigned long addr)
{
	struct match *match = data;

	match->count++;
	if (match->count == max(match->sympos, 1UL))
		match->addr = addr;

	/* Position 0 needs to know whether there is a second one. */
	return match->count > match->sympos && match->count > 1;
}

/* The first symbol that does not sort before @name. */
static unsigned int first_by_name(const struct klp_symbols *syms, const char *name)
{
	unsigned int low = 0, high = syms->nr;

	while (low < high) {
		unsigned int middle = low + (high - low) / 2;

		if (strcmp(syms->by_name[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

int klp_symbols_find(const struct klp_symbols *syms, const char *name,
		     unsigned long sympos, unsigned long *addr)
{
	struct match match = { .sympos = sympos };
	unsigned int i;

	if (syms->mod) {
		for (i = first_by_name(syms, name);
		     i < syms->nr && !strcmp(syms->by_name[i].name, name); i++)
			if (match_symbol(&match, syms->by_name[i].addr))
				break;
	} else {
		kallsyms_on_each_match_symbol(match_symbol, name, &match);
	}

	if (!match.count)
		return -ENOENT;
	if (!sympos && match.count > 1)
		return -ENOTUNIQ;
	if (match.count < sympos)
		return -ERANGE;

	*addr = match.addr;
	return 0;
}

/* The end of the text section of a module that @addr is in; 0 if in none. */
static unsigned long text_end(const struct module *mod, unsigned long addr)
{
	const struct module_memory *text = &mod->mem[MOD_TEXT];

	if (!within_module_mem_type(addr, mod, MOD_TEXT))
		return 0;
	return (unsigned long)text->base + text->size;
}

/* The first symbol whose address is not below @addr. */
static unsigned int first_by_addr(const struct klp_symbols *syms, unsigned long addr)
{
	unsigned int low = 0, high = syms->nr;

	while (low < high) {
		unsigned int middle = low + (high - low) / 2;

		if (syms->by_addr[middle].addr < addr)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

unsigned long klp_symbols_size(const struct klp_symbols *syms, unsigned long addr)
{
	unsigned long size, offset, end;
	unsigned int next;

	if (!syms->mod) {
		/* Until the kernel has booted its init section is text like any other. */
		if (!core_kernel_text(addr) || init_section_contains((void *)addr, 1) ||
		    !kallsyms_lookup_size_offset(addr, &size, &offset))
			return 0;
		return size - offset;
	}

	end = text_end(syms->mod, addr);
	if (!end)
		return 0;

	next = first_by_addr(syms, addr + 1);
	if (next < syms->nr)
		end = min(end, syms->by_addr[next].addr);
	return end - addr;
}

bool klp_symbol_is_cold_part(const char *symbol, const char *func)
{
	size_t len = strlen(func);

	if (strncmp(symbol, func, len))
		return false;
	symbol += len;

	len = strlen(COLD_SUFFIX);
	if (strncmp(symbol, COLD_SUFFIX, len))
		return false;
	symbol += len;

	if (!*symbol)
		return true;
	if (*symbol++ != '.' || !*symbol)
		return false;
	while (isdigit(*symbol))
		symbol++;
	return !*symbol;
}

static int add_part(const struct klp_symbols *syms, unsigned long addr,
		    struct klp_ranges **cold)
{
	unsigned int nr = *cold ? (*cold)->nr : 0;
	struct klp_ranges *grown;
	unsigned long size;

	size = klp_symbols_size(syms, addr);
	if (!size)
		return 0;

	grown = krealloc(*cold, struct_size(grown, range, nr + 1), GFP_KERNEL);
	if (!grown)
		return -ENOMEM;

	*cold = grown;
	grown->nr = nr + 1;
	grown->range[nr] = (struct klp_range){ .start = addr, .end = addr + size };
	return 0;
}

static int compare_cold(const void *a, const void *b)
{
	const struct cold_part *x = a, *y = b;

	return klp_compare(x->func, y->func) ?: klp_compare(x->part, y->part);
}

/* What find_vmlinux_cold() has found so far. */
struct cold_walk {
	struct cold_part *parts;
	size_t nr;
	size_t max;
	unsigned long part;
	int err;
	char func[KSYM_NAME_LEN];
};

static int add_cold_func(void *data, unsigned long addr)
{
	struct cold_walk *walk = data;

	if (walk->nr == walk->max) {
		size_t max = walk->max * 2 ?: 16;
		struct cold_part *grown;

		grown = kvrealloc(walk->parts, array_size(max, sizeof(*grown)), GFP_KERNEL);
		if (!grown) {
			walk->err = -ENOMEM;
			return walk->err;
		}
		walk->parts = grown;
		walk->max = max;
	}
	walk->parts[walk->nr++] = (struct cold_part){ .func = addr, .part = walk->part };
	return 0;
}

static int add_cold_symbol(void *data, const char *name, unsigned long addr)
{
	struct cold_walk *walk = data;
	const char *suffix = name;

	while ((suffix = strstr(suffix, COLD_SUFFIX))) {
		strscpy(walk->func, name, suffix - name + 1);
		if (klp_symbol_is_cold_part(name, walk->func)) {
			walk->part = addr;
			kallsyms_on_each_match_symbol(add_cold_func, walk->func, walk);
			return walk->err;
		}
		suffix += strlen(COLD_SUFFIX);
	}
	return 0;
}

static int find_vmlinux_cold(void)
{
	struct cold_walk *walk;
	int err;

	lockdep_assert_held(&klp_mutex);
	if (vmlinux_cold_valid)
		return 0;

	/* Too large for the stack. */
	walk = kzalloc(sizeof(*walk), GFP_KERNEL);
	if (!walk)
		return -ENOMEM;
	err = kallsyms_on_each_symbol(add_cold_symbol, walk);
	if (err) {
		kvfree(walk->parts);
	} else {
		if (walk->nr)
			sort(walk->parts, walk->nr, sizeof(*walk->parts), compare_cold, NULL);
		vmlinux_cold = walk->parts;
		vmlinux_cold_nr = walk->nr;
		vmlinux_cold_valid = true;
	}
	kfree(walk);
	return err;
}

static int cold_of_vmlinux(unsigned long addr, struct klp_ranges **cold)
{
	size_t low = 0, high;
	int err;

	err = find_vmlinux_cold();
	if (err)
		return err;

	high = vmlinux_cold_nr;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (vmlinux_cold[middle].func < addr)
			low = middle + 1;
		else
			high = middle;
	}
	for (; !err && low < vmlinux_cold_nr && vmlinux_cold[low].func == addr; low++)
		err = add_part(&vmlinux_symbols, vmlinux_cold[low].part, cold);
	return err;
}

static int cold_of_name(const struct klp_symbols *syms, const char *name,
			struct klp_ranges **cold)
{
	char part[KSYM_NAME_LEN];
	unsigned int i;
	int err;

	/* A name that leaves no room for the suffix has no such symbol. */
	if (snprintf(part, sizeof(part), "%s" COLD_SUFFIX, name) >= sizeof(part))
		return 0;

	for (i = first_by_name(syms, part);
	     i < syms->nr && strstarts(syms->by_name[i].name, part); i++) {
		if (!klp_symbol_is_cold_part(syms->by_name[i].name, name))
			continue;
		err = add_part(syms, syms->by_name[i].addr, cold);
		if (err)
			return err;
	}
	return 0;
}

/* The parts may have been named after any symbol that the function has. */
static int cold_of_module(const struct klp_symbols *syms, unsigned long addr,
			  struct klp_ranges **cold)
{
	unsigned int i;
	int err = 0;

	for (i = first_by_addr(syms, addr);
	     !err && i < syms->nr && syms->by_addr[i].addr == addr; i++)
		err = cold_of_name(syms, syms->by_addr[i].name, cold);
	return err;
}

int klp_symbols_cold(const struct klp_symbols *syms, unsigned long addr,
		     struct klp_ranges **cold)
{
	struct klp_ranges *parts = NULL;
	int err;

	if (syms->mod)
		err = cold_of_module(syms, addr, &parts);
	else
		err = cold_of_vmlinux(addr, &parts);

	if (err) {
		kfree(parts);
		return err;
	}
	*cold = parts;
	return 0;
}
