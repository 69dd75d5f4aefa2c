// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Find the late entries of special sections, and move them, see special.h
 *
 * What is late is told by livepatch relocations alone, so the same look serves
 * a module that is being converted and one that somebody else made.
 */
#include <stdlib.h>
#include <string.h>

#include "names.h"
#include "places.h"
#include "special.h"
#include "util.h"

/**
 * struct entry - one entry of a special section
 * @spans:	what is patched, and what is put there
 * @use:	the first relocation that makes it late, or NULL
 * @queued:	entries that share its code have been looked for
 */
struct entry {
	struct arch_span spans[ARCH_RANGES];
	const struct place *use;
	bool queued;
};

/**
 * struct table - a special section, taken apart
 * @file:	the module
 * @uses:	its relocations
 * @sec:	the section
 * @spec:	its layout
 * @entries:	its entries
 * @nr:		their number
 */
struct table {
	const struct elf_file *file;
	const struct places *uses;
	const struct elf_section *sec;
	const struct arch_special *spec;
	struct entry *entries;
	size_t nr;
};

static const char *entry_function(const struct table *table, size_t index)
{
	const struct arch_span *span = &table->entries[index].spans[0];

	if (!span->sec)
		return "no code";
	return elf_symbol_at(table->file, span->sec, span->from);
}

/* What the field of an entry refers to. */
static bool read_field(const struct table *table, size_t index, size_t field,
		       const struct elf_section **sec, uint64_t *value)
{
	uint64_t offset = index * table->spec->size + field;
	const struct places *uses = table->uses;

	for (size_t i = places_at(uses, table->sec, offset); i < uses->nr; i++) {
		const struct elf_reloc *reloc = uses->items[i].reloc;

		if (place_cmp(table->sec, offset, &uses->items[i]))
			break;
		if (!reloc->sym->sec)
			continue;
		*sec = reloc->sym->sec;
		*value = reloc->sym->sym.st_value + reloc->addend;
		if (table->spec->from_entry)
			*value -= field;
		return *value <= (*sec)->sh.sh_size;
	}
	return false;
}

/* Of a key that this module does not define only its flags are known. */
static uint64_t read_key(const struct table *table, size_t index)
{
	uint64_t offset = index * table->spec->size + table->spec->key;
	const struct places *uses = table->uses;
	size_t i = places_at(uses, table->sec, offset);

	if (i == uses->nr || place_cmp(table->sec, offset, &uses->items[i]))
		return 0;
	return uses->items[i].reloc->sym->sym.st_value +
	       uses->items[i].reloc->addend;
}

/*
 * Does the entry say the same as the jump, or could a jump lead there?  A relocation
 * may change the jump, and how far apart sections come to be is not known.
 */
static const char *wrong_jump(const struct table *table, size_t index,
			      const struct arch_insn *insn,
			      const struct arch_span *span)
{
	static const char elsewhere[] = "does not jump where it says";
	const struct places *uses = table->uses;
	const struct elf_section *sec;
	uint64_t target;
	size_t i;

	if (!table->spec->target)
		return NULL;
	if (!read_field(table, index, table->spec->target, &sec, &target) ||
	    !(sec->sh.sh_flags & SHF_EXECINSTR))
		return elsewhere;
	if (!insn->jumps) {
		bool far = insn->reach && sec == span->sec &&
			   (target > span->to + insn->reach ||
			    target + insn->reach + 1 < span->to);

		return far ? "is too short to jump where it says" : NULL;
	}
	i = places_at(uses, span->sec, span->from);
	if (i < uses->nr && uses->items[i].sec == span->sec &&
	    uses->items[i].reloc->offset < span->to)
		return NULL;
	return sec == span->sec && target == insn->target ? NULL : elsewhere;
}

static bool read_insn(const struct table *table, size_t index,
		      struct arch_span *span)
{
	struct arch_insn insn = {
		.room = span->sec->sh.sh_size - span->from,
		.offset = span->from,
		.key = read_key(table, index),
	};
	const char *wrong;

	if (span->sec->sh.sh_type != SHT_PROGBITS)
		return false;
	insn.code = elf_contents(table->file, span->sec);
	insn.code += span->from;
	if (!table->spec->insn(&insn)) {
		complain("%s: %s: entry %zu, for %s: is about another instruction",
			 table->file->path, table->sec->name, index,
			 elf_symbol_at(table->file, span->sec, span->from));
		return true;
	}
	span->to = span->from + insn.len;
	wrong = wrong_jump(table, index, &insn, span);
	if (wrong)
		complain("%s: %s: entry %zu, for %s: %s",
			 table->file->path, table->sec->name, index,
			 elf_symbol_at(table->file, span->sec, span->from), wrong);
	return true;
}

static bool read_span(const struct table *table, size_t index,
		      const struct arch_range *range, struct arch_span *span)
{
	const unsigned char *entry = elf_contents(table->file, table->sec);
	const struct elf_section *end;

	entry += index * table->spec->size;
	/* No code, and then perhaps no field that would say where. */
	if (range->kind == RANGE_NONE ||
	    (range->kind == RANGE_BYTE && !entry[range->end]))
		return true;
	if (!read_field(table, index, range->start, &span->sec, &span->from))
		return false;
	switch (range->kind) {
	case RANGE_FIELD:
		return read_field(table, index, range->end, &end, &span->to) &&
		       end == span->sec && span->to >= span->from;
	case RANGE_BYTE:
		span->to = span->from + entry[range->end];
		break;
	case RANGE_INSN:
		return read_insn(table, index, span);
	default:
		span->to = span->from + range->end;
	}
	return span->to <= span->sec->sh.sh_size;
}

static void complain_shared(const struct table *table, size_t index,
			    const struct place *use, const struct place *other)
{
	complain("%s: %s: entry %zu, for %s: is shared by modules %s (%s) and %s (%s)",
		 table->file->path, table->sec->name, index,
		 entry_function(table, index), use->object,
		 elf_symbol_name(use->reloc->sym), other->object,
		 elf_symbol_name(other->reloc->sym));
}

/*
 * The first relocation in a range that waits for a module, if @use is not known
 * yet; complains if it waits for another module than @use.
 */
static const struct place *late_use(const struct table *table, size_t index,
				    const struct arch_span *span,
				    const struct place *use)
{
	const struct places *uses = table->uses;

	for (size_t i = places_at(uses, span->sec, span->from); i < uses->nr; i++) {
		const struct place *other = &uses->items[i];

		if (other->sec != span->sec || other->reloc->offset >= span->to)
			break;
		if (!other->object)
			continue;
		if (!use)
			use = other;
		if (!strcmp(use->object, other->object))
			continue;
		complain_shared(table, index, use, other);
		break;
	}
	return use;
}

static bool overlap(const struct arch_span *x, const struct arch_span *y)
{
	return x->sec && x->sec == y->sec && x->from < y->to && y->from < x->to;
}

static bool share_code(const struct entry *x, const struct entry *y)
{
	for (size_t i = 0; i < ARCH_RANGES; i++)
		for (size_t j = 0; j < ARCH_RANGES; j++)
			if (overlap(&x->spans[i], &y->spans[j]))
				return true;
	return false;
}

/*
 * Several entries may be about the same code, one inside the other, or each an
 * alternative of its own.  They have their effect in their order, so if one has
 * to wait all do.
 */
static void spread(const struct table *table, size_t index)
{
	struct entry *entry = &table->entries[index];

	if (!entry->use || entry->queued)
		return;
	entry->queued = true;
	for (size_t i = 0; i < table->nr; i++) {
		struct entry *other = &table->entries[i];

		if (other == entry || !share_code(entry, other))
			continue;
		if (!other->use)
			other->use = entry->use;
		else if (i > index &&
			 strcmp(other->use->object, entry->use->object))
			complain_shared(table, i, entry->use, other->use);
	}
}

static void spread_all(const struct table *table)
{
	bool again = true;

	while (again) {
		again = false;
		for (size_t i = 0; i < table->nr; i++) {
			struct entry *entry = &table->entries[i];

			again |= entry->use && !entry->queued;
			spread(table, i);
		}
	}
}

static const struct place *entry_use(struct table *table, size_t index)
{
	uint64_t at = index * table->spec->size;
	struct arch_span itself = { table->sec, at, at + table->spec->size };
	struct entry *entry = &table->entries[index];
	const struct place *use = NULL;

	for (size_t i = 0; i < ARCH_RANGES; i++)
		if (!read_span(table, index, &table->spec->ranges[i],
			       &entry->spans[i])) {
			complain("%s: %s: entry %zu names no code of this module",
				 table->file->path, table->sec->name, index);
			return NULL;
		}
	use = late_use(table, index, &itself, use);
	for (size_t i = 0; i < ARCH_RANGES; i++)
		if (entry->spans[i].sec)
			use = late_use(table, index, &entry->spans[i], use);
	return use;
}

static int cmp_entries(const void *a, const void *b)
{
	const struct entry *x = *(const struct entry *const *)a;
	const struct entry *y = *(const struct entry *const *)b;

	if (x->spans[0].sec != y->spans[0].sec)
		return x->spans[0].sec < y->spans[0].sec ? -1 : 1;
	return (x->spans[0].from > y->spans[0].from) -
	       (x->spans[0].from < y->spans[0].from);
}

/* An instruction that two entries patch is what neither of them expects. */
static void refuse_overlaps(const struct table *table)
{
	const struct entry **sorted = xalloc(table->nr, sizeof(*sorted));

	for (size_t i = 0; i < table->nr; i++)
		sorted[i] = &table->entries[i];
	qsort(sorted, table->nr, sizeof(*sorted), cmp_entries);
	for (size_t i = 1; i < table->nr; i++) {
		size_t one = sorted[i - 1] - table->entries;
		size_t other = sorted[i] - table->entries;

		if (overlap(&sorted[i - 1]->spans[0], &sorted[i]->spans[0]))
			complain("%s: %s: entries %zu and %zu, for %s: are about the same code",
				 table->file->path, table->sec->name,
				 one, other, entry_function(table, other));
	}
	free(sorted);
}

static bool read_table(struct table *table)
{
	const struct elf_section *sec = table->sec;
	unsigned int before = complaints;

	if (sec->sh.sh_type != SHT_PROGBITS || !(sec->sh.sh_flags & SHF_ALLOC) ||
	    sec->sh.sh_flags & (SHF_EXECINSTR | SHF_RO_AFTER_INIT) ||
	    sec->sh.sh_size % table->spec->size) {
		complain("%s: %s: is not a table of entries of %u bytes",
			 table->file->path, sec->name, table->spec->size);
		return false;
	}
	/* Makes sure that the file is as large as it says. */
	elf_contents(table->file, sec);
	table->nr = sec->sh.sh_size / table->spec->size;
	table->entries = xalloc(table->nr, sizeof(*table->entries));
	for (size_t i = 0; i < table->nr; i++)
		table->entries[i].use = entry_use(table, i);
	if (table->spec->insn)
		refuse_overlaps(table);
	spread_all(table);
	return complaints == before;
}

/* Nobody but relocations of the section itself may know where entries are. */
static bool may_be_moved(const struct table *table)
{
	const struct elf_section *sec = table->sec;

	for (size_t i = 0; i < table->file->nr_syms; i++) {
		const struct elf_symbol *sym = table->file->syms[i];

		if (sym->sec != sec || !*sym->name)
			continue;
		complain("%s: %s: %s: is a symbol in a section that has to be split",
			 table->file->path, sec->name, sym->name);
		return false;
	}
	for (size_t i = 0; i < table->uses->nr; i++) {
		const struct place *use = &table->uses->items[i];

		if (use->reloc->sym->sec != sec)
			continue;
		complain("%s: %s: refers to section %s, which has to be split",
			 table->file->path, use->sec->name, sec->name);
		return false;
	}
	return true;
}

/*
 * The relocations of the deferred section that are like @old of the original, and
 * have their place like these: see klp_section().
 */
static struct elf_section *relocs_of(struct elf_file *file,
				     const struct elf_section *old,
				     struct elf_section *deferred)
{
	const char *object, *name = xasprintf(".rela%s", deferred->name);
	struct elf_section *after = deferred;
	struct elf_section *sec;

	if (old->sh.sh_flags & SHF_RELA_LIVEPATCH) {
		klp_parse_rela(old->name, &object);
		name = xasprintf(KLP_RELA_PREFIX "%s.%s", object,
				 deferred->name);
		after = NULL;
	}
	sec = elf_find_section(file, name);
	if (sec)
		return sec;
	sec = elf_add_section(file, name, after);
	sec->sh = old->sh;
	sec->link = old->link;
	sec->info = deferred;
	return sec;
}

/*
 * A section's entries in their old order, either those that wait for @object or,
 * if that is NULL, those that do not wait.  New places go to @places.
 */
static void copy_entries(const struct table *table, const char *object,
			 struct elf_section *to, uint64_t *places)
{
	unsigned char *copy = xalloc(table->nr, table->spec->size);
	const unsigned char *from = elf_contents(table->file, table->sec);
	size_t size = table->spec->size, nr = 0;

	for (size_t i = 0; i < table->nr; i++) {
		const struct place *use = table->entries[i].use;

		if (object ? !use || strcmp(use->object, object) : !!use)
			continue;
		memcpy(copy + nr * size, from + i * size, size);
		places[i] = nr++ * size;
	}
	to->data = copy;
	to->sh.sh_size = nr * size;
}

static struct elf_section *deferred_section(struct elf_file *file,
					    struct elf_section *sec,
					    const char *object)
{
	const char *name = xasprintf(KLP_ARCH_PREFIX "%s.%s", object, sec->name);
	struct elf_section *deferred = elf_find_section(file, name);

	if (deferred)
		die("%s: %s: is there already", file->path, name);
	deferred = elf_add_section(file, name, sec);
	deferred->sh = sec->sh;
	deferred->link = sec->link;
	return deferred;
}

/* Give one object its entries, with their relocations. */
static void defer_for(struct elf_file *file, struct table *table,
		      const char *object)
{
	struct elf_section *sec = (struct elf_section *)table->sec;
	struct elf_section *deferred = deferred_section(file, sec, object);
	struct elf_section **old = NULL;
	uint64_t *places = xalloc(table->nr, sizeof(*places));
	size_t size = table->spec->size, nr = 0;

	copy_entries(table, object, deferred, places);
	for (size_t i = 0; i < file->nr_secs; i++)
		if (elf_relocates_memory(file->secs[i]) &&
		    file->secs[i]->info == sec)
			push(old, nr, file->secs[i]);
	for (size_t i = 0; i < nr; i++)
		for (size_t j = 0; j < old[i]->nr_relocs; j++) {
			struct elf_reloc reloc = old[i]->relocs[j];
			size_t index = reloc.offset / size;
			const struct place *use = table->entries[index].use;
			struct elf_section *to;

			if (!use || strcmp(use->object, object))
				continue;
			to = relocs_of(file, old[i], deferred);
			reloc.offset = places[index] + reloc.offset % size;
			push(to->relocs, to->nr_relocs, reloc);
		}
}

/* Leave only what does not wait. */
static void keep_rest(struct elf_file *file, struct table *table)
{
	struct elf_section *sec = (struct elf_section *)table->sec;
	uint64_t *places = xalloc(table->nr, sizeof(*places));
	struct elf_section **empty = NULL;
	size_t size = table->spec->size, nr = 0;

	copy_entries(table, NULL, sec, places);
	for (size_t i = 0; i < file->nr_secs; i++) {
		struct elf_section *relocs = file->secs[i];
		size_t kept = 0;

		if (!elf_relocates_memory(relocs) || relocs->info != sec)
			continue;
		for (size_t j = 0; j < relocs->nr_relocs; j++) {
			struct elf_reloc reloc = relocs->relocs[j];
			size_t index = reloc.offset / size;

			if (table->entries[index].use)
				continue;
			reloc.offset = places[index] + reloc.offset % size;
			relocs->relocs[kept++] = reloc;
		}
		relocs->nr_relocs = kept;
		if (!kept)
			push(empty, nr, relocs);
	}
	if (!sec->sh.sh_size) {
		elf_remove_section(file, sec);
		return;
	}
	for (size_t i = 0; i < nr; i++)
		elf_remove_section(file, empty[i]);
}

static void defer(struct elf_file *file, struct table *table)
{
	const char **objects = NULL;
	size_t nr = 0;

	for (size_t i = 0; i < table->nr; i++) {
		const struct place *use = table->entries[i].use;
		bool known = !use;

		for (size_t j = 0; j < nr && !known; j++)
			known = !strcmp(objects[j], use->object);
		if (!known)
			push(objects, nr, use->object);
	}
	if (!nr || !may_be_moved(table))
		return;
	for (size_t i = 0; i < nr; i++)
		defer_for(file, table, objects[i]);
	keep_rest(file, table);
}

/**
 * special_defer() - move late entries into sections of their own
 * @file: the module, with its livepatch relocations
 * @arch: its architecture
 *
 * Entries keep their order.  A section of which nothing is left is left out.
 * Complains, and moves nothing, if an entry waits for two modules, or is none.
 */
void special_defer(struct elf_file *file, const struct arch *arch)
{
	for (const struct arch_special *spec = arch->specials; spec->name; spec++) {
		struct places uses = {0};
		struct table table = { .file = file, .uses = &uses, .spec = spec };

		table.sec = elf_find_section(file, spec->name);
		if (!table.sec)
			continue;
		places_read(file, &uses);
		if (read_table(&table))
			defer(file, &table);
	}
}

/**
 * special_dump() - print the entries of a deferred section
 * @file: the module
 * @arch: its architecture
 * @sec: a section
 *
 * Prints nothing for another section.
 */
void special_dump(const struct elf_file *file, const struct arch *arch,
		  const struct elf_section *sec)
{
	struct places uses = {0};
	struct table table = { .file = file, .uses = &uses, .sec = sec };
	const char *object, *name;

	if (!starts_with(sec->name, KLP_ARCH_PREFIX) ||
	    klp_parse_arch(sec->name, &object, &name))
		return;
	printf("deferred %s waits for %s\n", sec->name, object);
	table.spec = arch_special(arch, name);
	if (!table.spec)
		return;
	places_read(file, &uses);
	if (!read_table(&table))
		return;
	for (size_t i = 0; i < table.nr; i++) {
		const struct place *use = table.entries[i].use;

		printf("  entry %zu for %s", i, entry_function(&table, i));
		if (table.entries[i].spans[0].sec)
			printf(" at 0x%lx",
			       (unsigned long)table.entries[i].spans[0].from);
		printf(": %s\n", use ? elf_symbol_name(use->reloc->sym) : "-");
	}
}

static void verify_ordinary(const struct table *table)
{
	for (size_t i = 0; i < table->nr; i++) {
		const struct place *use = table->entries[i].use;

		if (use)
			complain("%s: %s: entry %zu, for %s: is not deferred, but %s needs module %s",
				 table->file->path, table->sec->name, i,
				 entry_function(table, i),
				 elf_symbol_name(use->reloc->sym), use->object);
	}
}

/* What the core has to ask when it processes an entry. */
static const char *wrong_entry(const struct table *table, size_t index)
{
	const unsigned char *entry = elf_contents(table->file, table->sec);
	const struct arch_span *spans = table->entries[index].spans;
	const struct elf_section *code = spans[0].sec;

	if (!code || !(code->sh.sh_flags & SHF_EXECINSTR) ||
	    starts_with(code->name, ".init"))
		return "is about no code that stays";
	if (!table->spec->wrong)
		return NULL;
	return table->spec->wrong(entry + index * table->spec->size, spans);
}

static void verify_deferred(const struct table *table, const char *object)
{
	for (size_t i = 0; i < table->nr; i++) {
		const struct place *use = table->entries[i].use;
		const char *wrong = wrong_entry(table, i);

		if (wrong)
			complain("%s: %s: entry %zu, for %s: %s",
				 table->file->path, table->sec->name, i,
				 entry_function(table, i), wrong);
		if (use && strcmp(use->object, object))
			complain("%s: %s: entry %zu, for %s: %s needs module %s",
				 table->file->path, table->sec->name, i,
				 entry_function(table, i),
				 elf_symbol_name(use->reloc->sym), use->object);
	}
}

static void verify_arch_section(const struct elf_file *file,
				const struct arch *arch,
				const struct elf_section *sec,
				const struct places *uses)
{
	struct table table = { .file = file, .uses = uses, .sec = sec };
	const char *object, *name;
	const char *wrong = klp_parse_arch(sec->name, &object, &name);

	if (!wrong && klp_is_vmlinux(object))
		wrong = "vmlinux is never late";
	if (!wrong && elf_find_section(file, sec->name) != sec)
		wrong = "occurs twice";
	if (!wrong) {
		table.spec = arch_special(arch, name);
		if (!table.spec)
			wrong = "the kernel does not process that section late";
		else if ((sec->sh.sh_addralign ?: 1) < table.spec->align)
			wrong = "is misaligned";
	}
	if (!wrong && !sec->sh.sh_size)
		wrong = "is empty";
	if (wrong)
		complain("%s: %s: %s", file->path, sec->name, wrong);
	else if (read_table(&table))
		verify_deferred(&table, object);
}

/**
 * special_verify() - complain about entries that are used at the wrong time
 * @file: a module that is ready to be loaded
 * @arch: its architecture
 */
void special_verify(const struct elf_file *file, const struct arch *arch)
{
	struct places uses = {0};

	places_read(file, &uses);
	for (size_t i = 0; i < file->nr_secs; i++) {
		struct table table = { .file = file, .uses = &uses };

		table.sec = file->secs[i];
		if (starts_with(table.sec->name, KLP_ARCH_PREFIX)) {
			verify_arch_section(file, arch, table.sec, &uses);
			continue;
		}
		table.spec = arch_special(arch, table.sec->name);
		if (table.spec && read_table(&table))
			verify_ordinary(&table);
	}
}
