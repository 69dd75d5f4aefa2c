// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Special sections of a livepatch module that have to wait for another module.
 *
 * The module loader changes the code of a module according to tables in it:
 * alternatives, static keys, static calls and the like.  When an entry, or the code
 * that it is about, refers to a module that may come later, it is in a section
 * ".klp.arch.<object>.<section>" instead, which the loader leaves alone.  It is
 * processed as soon as the module is there and the relocations are applied; and
 * undone when the module goes, so that it can come back, with its keys in another
 * state and at another address.
 *
 * Which sections there can be, and what to do with them, is in the architecture's
 * table.  Processing changes the tables and the code.  Rather than knowing how each
 * of those changes is undone, sections and code are saved before, and put back.
 *
 * The format is described in Documentation/livepatch/module-elf-format.rst.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/elf.h>
#include <linux/jump_label.h>
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/livepatch.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/moduleloader.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/string.h>
#include "internal.h"

#define SECTION_PREFIX	".klp.arch."

/* How many bytes behind its own a kprobe may change. */
#ifdef CONFIG_OPTPROBES
#define KPROBE_REACH	((int)MAX_OPTIMIZED_LENGTH - 1)
#else
#define KPROBE_REACH	0
#endif

/**
 * struct piece - what was there
 */
struct piece {
	/** @start: Where. */
	void *start;
	/** @len: Length of @bytes. */
	unsigned int len;
	/** @row: What entries it is code of; NULL if it is a table of them. */
	const struct klp_arch_section *row;
	/** @bytes: What. */
	u8 bytes[] __counted_by(len);
};

/**
 * struct klp_special - what it takes to undo the processing for one object
 */
struct klp_special {
	/** @size: Bytes in @pieces. */
	size_t size;
	/** @pieces: Many struct piece, each aligned. */
	u8 pieces[];
};

static size_t piece_size(unsigned int len)
{
	return ALIGN(sizeof(struct piece) + len, __alignof__(struct piece));
}

const char *klp_parse_special_section(const char *name, char object[MODULE_NAME_LEN])
{
	if (!strstarts(name, SECTION_PREFIX))
		return NULL;

	name = klp_take_part(name + strlen(SECTION_PREFIX), '.', object, MODULE_NAME_LEN);
	return name && *name ? name : NULL;
}

/**
 * klp_arch_sections() - the special sections that can be deferred
 *
 * Return: a table that ends with an entry without name, in the order in which the
 * module loader processes them.
 */
const struct klp_arch_section * __weak klp_arch_sections(void)
{
	static const struct klp_arch_section none;

	return &none;
}

/**
 * klp_arch_write_text() - change code of a module that is complete
 * @place:	where; nobody runs it
 * @bytes:	what
 * @len:	how much
 *
 * Context: May sleep.
 */
void __weak klp_arch_write_text(void *place, const void *bytes, size_t len)
{
}

/**
 * klp_is_module_text() - is this code that stays as long as its module?
 * @mod:	the module
 * @start:	first byte
 * @len:	how many
 *
 * Return: true if it is.
 */
bool klp_is_module_text(const struct module *mod, const void *start, size_t len)
{
	unsigned long first = (unsigned long)start;

	return len && first + len > first &&
	       within_module_mem_type(first, mod, MOD_TEXT) &&
	       within_module_mem_type(first + len - 1, mod, MOD_TEXT);
}

#ifdef CONFIG_JUMP_LABEL
/**
 * klp_add_jumps() - register the static keys' branches of a livepatch module
 * @mod:	the livepatch module
 * @start:	first struct jump_entry of a deferred __jump_table
 * @stop:	behind the last
 *
 * For architectures' tables: struct klp_arch_section.add.
 *
 * Context: May sleep.
 * Return: 0 or -ENOMEM.
 */
int klp_add_jumps(struct module *mod, void *start, void *stop)
{
	return jump_label_add_entries(mod, start, stop);
}

/**
 * klp_del_jumps() - undo klp_add_jumps()
 * @mod:	as there
 * @start:	as there
 * @stop:	as there
 *
 * Context: May sleep.
 */
void klp_del_jumps(struct module *mod, void *start, void *stop)
{
	jump_label_del_entries(mod, start, stop);
}

/**
 * klp_check_jump() - can a static key be put in charge of a branch late?
 * @mod:	the livepatch module
 * @entry:	the entry, whose key is there
 * @site:	set: where the branch is; what is wrong, if it is the key
 *
 * The branch must lead to code that stays.  A key has in it where its entries are; one
 * that its module cannot write to any more, when it is initialised, has no place for more.
 *
 * Context: Any.
 * Return: 0 or -ENOEXEC.
 */
int klp_check_jump(const struct module *mod, const struct jump_entry *entry,
		   struct klp_site *site)
{
	unsigned long key = (unsigned long)jump_entry_key(entry);
	const struct module *owner;

	site->start = (void *)jump_entry_code(entry);
	guard(preempt)();
	owner = __module_address(key);
	if (owner && within_module_mem_type(key, owner, MOD_RO_AFTER_INIT)) {
		site->mistake = "has a static key that is read-only once its module is initialised";
		return -ENOEXEC;
	}
	return klp_is_module_text(mod, (void *)jump_entry_target(entry), 1) ? 0 : -ENOEXEC;
}

/**
 * klp_is_jump() - what has the compiler put where a static key's branch is?
 * @entry:	the entry, whose key is there
 *
 * Context: May sleep; takes jump_label_lock().
 * Return: true if it is a jump, false if it is a nop.
 */
bool klp_is_jump(const struct jump_entry *entry)
{
	bool type;

	/* The bit is not there while somebody changes the key's list of entries. */
	jump_label_lock();
	type = jump_entry_key(entry)->type & JUMP_TYPE_TRUE;
	jump_label_unlock();
	return type != jump_entry_is_branch(entry);
}
#endif

static const struct klp_arch_section *find_row(const char *section)
{
	const struct klp_arch_section *row;

	for (row = klp_arch_sections(); row->name; row++)
		if (!strcmp(row->name, section))
			return row;
	return NULL;
}

bool klp_special_may_wait(const char *object, const char *section)
{
	char own[MODULE_NAME_LEN];

	/* Those of vmlinux are applied before anything is processed. */
	if (!strcmp(object, "vmlinux"))
		return true;
	if (klp_parse_special_section(section, own))
		return !strcmp(object, own);
	return !find_row(section);
}

static const char *find_mistake(const Elf_Shdr *sec, const struct klp_arch_section *row)
{
	if (sec->sh_type != SHT_PROGBITS)
		return "has no contents, or of another type";
	if (!(sec->sh_flags & SHF_ALLOC))
		return "is not allocated, but to be processed late";
	if (sec->sh_flags & (SHF_EXECINSTR | SHF_RO_AFTER_INIT))
		return "would be read-only by then";
	if (!sec->sh_size || sec->sh_size % row->entsize)
		return "is no table of entries";
	/* 0 is as good as 1, says the specification of ELF. */
	if (max(sec->sh_addralign, 1) < row->align)
		return "is misaligned";
	return NULL;
}

int klp_special_check(const char *modname, Elf_Shdr *sechdrs, const char *secstrings,
		      unsigned int i)
{
	const char *name = klp_section_name(secstrings, &sechdrs[i]), *section, *mistake;
	const struct klp_arch_section *row;
	char object[MODULE_NAME_LEN];
	unsigned int other;

	if (!strstarts(name, SECTION_PREFIX))
		return 0;

	section = klp_parse_special_section(name, object);
	if (!section) {
		pr_err("%s: deferred section %s has an incorrectly formatted name\n",
		       modname, name);
		return -EINVAL;
	}
	if (!strcmp(object, "vmlinux")) {
		pr_err("%s: %s: vmlinux is there, nothing can wait for it\n", modname, name);
		return -EINVAL;
	}
	row = find_row(section);
	if (!row) {
		pr_err("%s: %s: sections %s cannot be deferred\n", modname, name, section);
		return -EINVAL;
	}
	for (other = 1; other < i; other++) {
		if (strcmp(klp_section_name(secstrings, &sechdrs[other]), name))
			continue;
		pr_err("%s: %s appears twice\n", modname, name);
		return -EINVAL;
	}
	mistake = find_mistake(&sechdrs[i], row);
	if (mistake) {
		pr_err("%s: %s %s\n", modname, name, mistake);
		return -ENOEXEC;
	}

	sechdrs[i].sh_flags |= SHF_WRITE;
	return 0;
}

/* The section of the livepatch module that @row is about and waits for @obj. */
static const Elf_Shdr *find_section(const struct klp_patch *patch,
				    const struct klp_object *obj,
				    const struct klp_arch_section *row)
{
	const struct klp_modinfo *info = patch->mod->klp_info;
	char object[MODULE_NAME_LEN];
	const char *name, *section;
	unsigned int i;

	for (i = 1; i < info->hdr.e_shnum; i++) {
		name = klp_section_name(info->secstrings, &info->sechdrs[i]);
		section = klp_parse_special_section(name, object);
		if (section && !strcmp(section, row->name) && !strcmp(object, obj->name))
			return &info->sechdrs[i];
	}
	return NULL;
}

static void *section_start(const Elf_Shdr *sec)
{
	return (void *)sec->sh_addr;
}

static void *section_stop(const Elf_Shdr *sec)
{
	return section_start(sec) + sec->sh_size;
}

static int save_piece(struct klp_special *special, size_t *size, void *start,
		      unsigned int len, const struct klp_arch_section *row)
{
	struct piece *piece;

	/* At first it is only counted. */
	if (special) {
		/* The code has changed since. */
		if (piece_size(len) > special->size - *size)
			return -EBUSY;
		piece = (void *)special->pieces + *size;
		piece->start = start;
		piece->len = len;
		piece->row = row;
		memcpy(piece->bytes, start, len);
	}
	*size += piece_size(len);
	return 0;
}

/*
 * A kprobe has its own idea of what code was there.  One in front of the code may have
 * been made a jump that covers the first bytes of it, or is about to be.
 */
static bool is_probed(const struct klp_site *site)
{
	int i;

	guard(preempt)();
	for (i = -KPROBE_REACH; i < (int)site->len; i++)
		if (get_kprobe(site->start + i))
			return true;
	return false;
}

static int save_section(const struct klp_patch *patch, const struct klp_object *obj,
			const struct klp_arch_section *row, const Elf_Shdr *sec,
			struct klp_special *special, size_t *size)
{
	struct module *mod = patch->mod;
	struct klp_site site;
	void *entry;
	int err;

	err = save_piece(special, size, section_start(sec), sec->sh_size, NULL);
	for (entry = section_start(sec); !err && entry < section_stop(sec);
	     entry += row->entsize) {
		site = (struct klp_site){};
		err = row->site(mod, entry, &site);
		if (err || !klp_is_module_text(mod, site.start, site.len) ||
		    (site.alt_len &&
		     !within_module_core((unsigned long)site.alt, mod)) ||
		    (site.alt_len &&
		     !within_module_core((unsigned long)site.alt + site.alt_len - 1, mod))) {
			pr_err("'%s': entry %zu of %s for object '%s' %s (%pS)\n",
			       mod->name, (entry - section_start(sec)) / row->entsize,
			       row->name, obj->name,
			       site.mistake ?: "is about no code that it could change",
			       site.start);
			return -ENOEXEC;
		}
		if (is_probed(&site)) {
			pr_err("'%s': a kprobe is in the way of %s for object '%s' at %pS\n",
			       mod->name, row->name, obj->name, site.start);
			return -EBUSY;
		}
		err = save_piece(special, size, site.start, site.len, row);
	}
	return err;
}

static int save_sections(const struct klp_patch *patch, const struct klp_object *obj,
			 struct klp_special *special, size_t *size)
{
	const struct klp_arch_section *row;
	const Elf_Shdr *sec;
	int err;

	*size = 0;
	for (row = klp_arch_sections(); row->name; row++) {
		sec = find_section(patch, obj, row);
		if (!sec)
			continue;
		err = save_section(patch, obj, row, sec, special, size);
		if (err)
			return err;
	}
	return 0;
}

#define for_each_piece(piece, special)						\
	for (piece = (const void *)(special)->pieces;				\
	     (const u8 *)piece < (special)->pieces + (special)->size;		\
	     piece = (const void *)piece + piece_size(piece->len))

static int compare_start(const void *a, const void *b)
{
	const struct piece *x = *(const struct piece **)a;
	const struct piece *y = *(const struct piece **)b;

	return klp_compare((unsigned long)x->start, (unsigned long)y->start);
}

/* Who of these two could not bear that the other one changes its code? */
static bool collide(const struct piece *before, const struct piece *piece)
{
	return before && before->start + before->len > piece->start &&
	       (before->row->alone || piece->row->alone);
}

/* The one of two that reaches farther. */
static const struct piece *farther(const struct piece *a, const struct piece *b)
{
	return a && a->start + a->len > b->start + b->len ? a : b;
}

/*
 * What is changed again and again, according to what is there, must be changed by one
 * entry only.  Others may be about the same code, as the loader has it.
 */
static int check_sites(const struct klp_patch *patch, const struct klp_object *obj,
		       const struct klp_special *special)
{
	const struct piece **sorted, *piece, *farthest = NULL, *other = NULL;
	size_t nr = 0, i;

	for_each_piece(piece, special)
		nr += !!piece->row;
	sorted = kvmalloc_array(nr, sizeof(*sorted), GFP_KERNEL);
	if (!sorted)
		return -ENOMEM;
	i = 0;
	for_each_piece(piece, special)
		if (piece->row)
			sorted[i++] = piece;
	sort(sorted, nr, sizeof(*sorted), compare_start, NULL);

	for (i = 0; !other && i < nr; i++) {
		piece = sorted[i];
		/* One that is not as far, and in the way, would be in the way of that one. */
		if (collide(farthest, piece))
			other = farthest;
		farthest = farther(farthest, piece);
	}
	kvfree(sorted);
	if (!other)
		return 0;

	pr_err("'%s': entries of %s and %s for object '%s' are about the same code (%pS)\n",
	       patch->mod->name, other->row->name, piece->row->name, obj->name,
	       piece->start);
	return -ENOEXEC;
}

static void restore_pieces(const struct klp_special *special)
{
	const struct piece *piece;

	for_each_piece(piece, special) {
		if (!piece->row)
			memcpy(piece->start, piece->bytes, piece->len);
		else if (memcmp(piece->start, piece->bytes, piece->len))
			klp_arch_write_text(piece->start, piece->bytes, piece->len);
	}
}

/* Undo what was added for the rows before @end, the last one first. */
static void del_rows(const struct klp_patch *patch, const struct klp_object *obj,
		     const struct klp_arch_section *end)
{
	const struct klp_arch_section *row = end;
	const Elf_Shdr *sec;

	while (row-- > klp_arch_sections()) {
		sec = row->del ? find_section(patch, obj, row) : NULL;
		if (sec && !klp_busted(special_stays))
			row->del(patch->mod, section_start(sec), section_stop(sec));
	}
}

int klp_special_add(const struct klp_patch *patch, struct klp_object *obj)
{
	const struct klp_arch_section *row;
	struct klp_special *special;
	const Elf_Shdr *sec;
	size_t size;
	int err;

	lockdep_assert_held(&klp_mutex);

	err = save_sections(patch, obj, NULL, &size);
	if (err || !size)
		return err;
	special = kvmalloc(sizeof(*special) + size, GFP_KERNEL);
	if (!special)
		return -ENOMEM;
	special->size = size;
	err = save_sections(patch, obj, special, &size);
	if (err)
		goto err_free;
	special->size = size;
	err = check_sites(patch, obj, special);
	if (err)
		goto err_free;

	for (row = klp_arch_sections(); row->name; row++) {
		sec = find_section(patch, obj, row);
		if (!sec)
			continue;
		err = row->add(patch->mod, section_start(sec), section_stop(sec));
		if (err) {
			pr_err("'%s': cannot process %s for object '%s' (%d)\n",
			       patch->mod->name, row->name, obj->name, err);
			goto err_del;
		}
	}
	obj->special = special;
	return 0;

err_del:
	del_rows(patch, obj, row);
	restore_pieces(special);
err_free:
	kvfree(special);
	return err;
}

void klp_special_del(const struct klp_patch *patch, struct klp_object *obj, bool restore)
{
	const struct klp_arch_section *end = klp_arch_sections();

	lockdep_assert_held(&klp_mutex);

	if (!obj->special)
		return;

	while (end->name)
		end++;
	del_rows(patch, obj, end);
	if (restore)
		restore_pieces(obj->special);
	kvfree(obj->special);
	obj->special = NULL;
}
