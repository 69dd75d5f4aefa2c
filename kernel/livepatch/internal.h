/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The contracts between the parts of the live patching core.
 *
 * Each part is one file and owns one thing.  core.c decides what happens to a
 * patch.  Nothing calls back up: what a lower part has to say it returns.
 * Documentation/livepatch/design.rst tells the story and who uses whom, this file
 * the rules.
 */
#ifndef _KERNEL_LIVEPATCH_INTERNAL_H
#define _KERNEL_LIVEPATCH_INTERNAL_H

#include <linux/elf.h>
#include <linux/livepatch.h>
#include <linux/mutex.h>
#include <linux/string.h>
#include "busted.h"

/*
 * klp_mutex serialises everything that changes a patch, an object, a function,
 * the redirect table or the transition.  It is a sleeping lock, taken by sysfs
 * writers, by the module loader (with no lock of its own held) and by the
 * transition's worker.  It nests outside cpu_hotplug_lock, text_mutex,
 * module_mutex and ftrace's locks; callbacks run under it.
 *
 * What must not wait for it reads without: a task that checks its own stack (stack.c)
 * under RCU; fork under tasklist_lock, which set_fork_state() (transition.c) waits for;
 * the redirect handler (redirect.c) with preemption disabled, which klp_redirect_sync()
 * waits for.
 */
extern struct mutex klp_mutex;

/* All patches that are enabled or on the way, oldest first; klp_mutex. */
extern struct list_head klp_patches;

#define klp_for_each_patch(patch) \
	list_for_each_entry(patch, &klp_patches, list)

#define klp_for_each_patch_safe(patch, tmp_patch) \
	list_for_each_entry_safe(patch, tmp_patch, &klp_patches, list)

/* The name of an object in messages and in sysfs. */
static inline const char *klp_object_name(const struct klp_object *obj)
{
	return obj->name ?: "vmlinux";
}

static inline bool klp_is_module(const struct klp_object *obj)
{
	return obj->name;
}

static inline bool klp_is_object_loaded(const struct klp_object *obj)
{
	return !obj->name || obj->mod;
}

/* Three-way comparison, for sort() and bsearch(). */
static inline int klp_compare(unsigned long a, unsigned long b)
{
	return (a > b) - (a < b);
}

/* The name of a function in messages and in sysfs. */
static inline const char *klp_func_name(const struct klp_func *func)
{
	return func->old_name ?: func->new_name;
}

/*
 * 0 and 1 name the same function when it is unique: compare positions by this.
 * 0 is left for what is no function of the object.
 */
static inline unsigned long klp_func_position(const struct klp_func *func)
{
	return func->old_name ? func->old_sympos ?: 1 : 0;
}

/* ---- core.c: the life of a patch ---------------------------------------- */

/**
 * klp_patch_set_enabled() - what writing to "enabled" in sysfs does
 * @patch:	a patch whose kobject the caller holds
 * @enable:	the state that is asked for
 *
 * During the patch's own transition the opposite state reverses it.  A patch
 * that has been disabled cannot be enabled again.
 *
 * Context: May sleep; takes klp_mutex.
 * Return: 0; -EINVAL if the patch is in that state or cannot return to it;
 * -EBUSY while another patch is in transition; -ENOMEM.
 */
int klp_patch_set_enabled(struct klp_patch *patch, bool enable);

/**
 * klp_patch_force() - what writing to "force" in sysfs does
 * @patch:	a patch whose kobject the caller holds
 *
 * The transition is complete when this returns; with PREEMPT_RT the worker may have to
 * wait for a fork that is on its way.
 *
 * Context: May sleep; takes klp_mutex; runs callbacks.
 * Return: 0; -EINVAL if the patch is not in transition.
 */
int klp_patch_force(struct klp_patch *patch);

/* ---- object.c: an object and the module it is about ---------------------- */

/**
 * klp_object_check() - refuse an object that no core could patch
 * @patch:	the patch, for the message
 * @obj:	an object as the livepatch module filled it in
 *
 * Looks at names, missing functions, functions that are named twice, and
 * contradictions.  Logs the reason.
 *
 * Context: May sleep.
 * Return: 0; -EINVAL; -ENOMEM.
 */
int klp_object_check(const struct klp_patch *patch, const struct klp_object *obj);

/**
 * klp_compare_funcs() - compare functions of an object by name and position
 * @a:		pointer to a pointer to a function
 * @b:		another one
 *
 * Return: as sort() and bsearch() want it; 0 for those that would have the same
 * directory in sysfs.
 */
int klp_compare_funcs(const void *a, const void *b);

/**
 * klp_object_find_module() - is the object's module loaded?
 * @obj:	any object
 *
 * Sets @obj->mod if the module is there and klp_module_coming() has seen it;
 * otherwise klp_module_coming() is going to.  klp_module_going() clears it.
 *
 * Context: klp_mutex held.
 */
void klp_object_find_module(struct klp_object *obj);

/**
 * klp_object_load() - bind a loaded object to its target
 * @patch:	the object's patch
 * @obj:	an object that is loaded
 *
 * Finds the address, the size and the cold parts of every function, on both sides;
 * then, since that changes the livepatch, applies the object's relocations and processes
 * the special sections that waited for it.  Logs the reason of a failure.
 *
 * Context: klp_mutex held; may sleep.
 * Return: 0, or an error and nothing is bound: -EINVAL for a symbol that is
 * unknown, ambiguous or cannot be traced; -ENOEXEC for a bad relocation or special
 * section; -EBUSY if a kprobe is in the way of one; -ENOMEM.
 */
int klp_object_load(struct klp_patch *patch, struct klp_object *obj);

/**
 * klp_object_unload() - undo klp_object_load()
 * @patch:	the object's patch
 * @obj:	an object that is loaded and not patched
 *
 * Clears the relocations of a module, so that it can come back, and forgets it.
 *
 * Context: klp_mutex held; may sleep.
 */
void klp_object_unload(struct klp_patch *patch, struct klp_object *obj);

/**
 * klp_object_free_parts() - free what klp_object_load() allocated for functions
 * @obj:	any object
 *
 * Context: klp_mutex held, or the patch is reachable by nobody else.
 */
void klp_object_free_parts(struct klp_object *obj);

/**
 * klp_objects_patch() - redirect all functions of objects, in one batch
 * @patch:	the patch
 * @only:	one object of @patch, or NULL for all that are loaded
 *
 * Context: klp_mutex held; may sleep.
 * Return: 0, or an error and none is redirected, see klp_redirect_add().
 */
int klp_objects_patch(struct klp_patch *patch, struct klp_object *only);

/**
 * klp_object_unpatch() - take an object's functions out of the redirect table
 * @obj:	any object
 * @nops_only:	leave functions alone that are not nops
 *
 * New calls run the code below.  The caller has to end the batch with
 * klp_redirect_shrink().
 *
 * Context: klp_mutex held.
 */
void klp_object_unpatch(struct klp_object *obj, bool nops_only);

/* Run an object's callback if it has one and is due; klp_mutex held, may sleep. */
int klp_pre_patch_callback(struct klp_object *obj);
void klp_post_patch_callback(struct klp_object *obj);
void klp_pre_unpatch_callback(struct klp_object *obj);
void klp_post_unpatch_callback(struct klp_object *obj);

/* ---- symbol.c: from names to addresses ----------------------------------- */

/**
 * struct klp_range - a stretch of code
 */
struct klp_range {
	/** @start: First address. */
	unsigned long start;
	/** @end: First address after it. */
	unsigned long end;
};

/**
 * struct klp_ranges - the cold parts of one function
 */
struct klp_ranges {
	/** @nr: How many there are, at least 1. */
	unsigned int nr;
	/** @range: The parts, in no order. */
	struct klp_range range[] __counted_by(nr);
};

/**
 * struct klp_symbol - one symbol of a module
 */
struct klp_symbol {
	/** @addr: Its value. */
	unsigned long addr;
	/** @name: Its name, owned by the module. */
	const char *name;
	/** @order: Its place in the module's symbol table. */
	unsigned int order;
};

/**
 * struct klp_symbols - the symbols of one object, opened for many look-ups
 *
 * vmlinux is searched through kallsyms, which is sorted by name and by address.
 * The table of a module is not, so it is copied and sorted once.
 */
struct klp_symbols {
	/** @mod: The module, or NULL for vmlinux. */
	const struct module *mod;
	/** @nr: Length of the two arrays; 0 for vmlinux. */
	unsigned int nr;
	/** @by_name: Sorted by name, equal names in the order of the symbol table. */
	struct klp_symbol *by_name;
	/** @by_addr: Sorted by address. */
	struct klp_symbol *by_addr;
};

/**
 * klp_symbols_open() - prepare to look up symbols of an object
 * @mod:	a module that stays loaded until klp_symbols_close(), or NULL for vmlinux
 *
 * Symbols of a module's init sections are left out: they go when the module has been
 * initialised, and their code cannot be patched. Where they stay (powerpc) they count.
 *
 * Context: May sleep.
 * Return: the symbols, or ERR_PTR(-ENOMEM).
 */
struct klp_symbols *klp_symbols_open(const struct module *mod);

/**
 * klp_symbols_close() - the counterpart of klp_symbols_open()
 * @syms:	from klp_symbols_open(), or NULL, or an ERR_PTR()
 */
void klp_symbols_close(struct klp_symbols *syms);

/**
 * klp_symbols_sort() - make the two sorted arrays of @syms usable
 * @syms:	@nr entries in @by_name, in any order; room for as many in @by_addr
 */
void klp_symbols_sort(struct klp_symbols *syms);

/**
 * klp_symbols_find() - the address of a symbol
 * @syms:	where to look
 * @name:	the exact name
 * @sympos:	which of several, counted from 1; 0 if there must be only one
 * @addr:	set on success
 *
 * Return: 0; -ENOENT if there is no such name; -ERANGE if there are fewer than
 * @sympos; -ENOTUNIQ if @sympos is 0 and there are several.
 */
int klp_symbols_find(const struct klp_symbols *syms, const char *name,
		     unsigned long sympos, unsigned long *addr);

/**
 * klp_symbols_size() - how far a function reaches
 * @syms:	the symbols of its object
 * @addr:	where it starts
 *
 * Return: bytes up to the next symbol or the end of the text, padding included;
 * 0 if @addr is not in the object's text, or in what the kernel frees after its boot.
 */
unsigned long klp_symbols_size(const struct klp_symbols *syms, unsigned long addr);

/**
 * klp_symbols_cold() - the cold parts of a function
 * @syms:	the symbols of its object
 * @addr:	the function's address; all symbols there count
 * @cold:	set to a kmalloc()ed list, or NULL if there are none
 *
 * Parts of functions with the same name cannot be told apart and all count.
 *
 * Context: klp_mutex held for vmlinux; may sleep.
 * Return: 0 or -ENOMEM.
 */
int klp_symbols_cold(const struct klp_symbols *syms, unsigned long addr,
		     struct klp_ranges **cold);

/**
 * klp_symbol_is_cold_part() - is this the cold part of that function?
 * @symbol:	name of a symbol
 * @func:	name of a function
 *
 * GCC calls it "<func>.cold", some versions and clang append ".<number>".
 *
 * Return: true if it is.
 */
bool klp_symbol_is_cold_part(const char *symbol, const char *func);

/* ---- reloc.c: relocations and symbols of other objects -------------------- */

/**
 * struct klp_reloc_name - a symbol name ".klp.sym.<object>.<name>,<position>", taken apart
 */
struct klp_reloc_name {
	/** @object: "vmlinux" or a module. */
	char object[MODULE_NAME_LEN];
	/** @name: The symbol in that object. */
	char name[KSYM_NAME_LEN];
	/** @sympos: See klp_symbols_find(). */
	unsigned long sympos;
};

/**
 * klp_section_name() - the name of a section of a livepatch module
 * @secstrings:	the names of its sections
 * @sec:	the section's header
 *
 * Return: the name; "" for a section without a type: the module loader has not
 * looked where the name of such a one is.
 */
static inline const char *klp_section_name(const char *secstrings, const Elf_Shdr *sec)
{
	return sec->sh_type == SHT_NULL ? "" : secstrings + sec->sh_name;
}

/**
 * klp_take_part() - copy the first part of a name that has several
 * @name:	what is left of the name
 * @end:	what ends the part
 * @part:	where to copy it
 * @size:	room there
 *
 * Return: what follows @end, or NULL if there is no part, or it does not fit.
 */
static inline const char *klp_take_part(const char *name, char end, char *part,
					size_t size)
{
	const char *stop = strchr(name, end);

	if (!stop || stop == name || stop - name >= size)
		return NULL;

	memcpy(part, name, stop - name);
	part[stop - name] = '\0';
	return stop + 1;
}

/**
 * klp_parse_reloc_section() - take ".klp.rela.<object>.<section>" apart
 * @name:	name of the section
 * @object:	set to the object
 *
 * Return: 0, or -EINVAL if a part is missing, empty or too long.
 */
int klp_parse_reloc_section(const char *name, char object[MODULE_NAME_LEN]);

/**
 * klp_parse_reloc_symbol() - take ".klp.sym.<object>.<name>,<position>" apart
 * @symbol:	name of the symbol
 * @parsed:	set to the parts
 *
 * Return: 0, or -EINVAL if a part is missing, empty, too long or no number.
 */
int klp_parse_reloc_symbol(const char *symbol, struct klp_reloc_name *parsed);

/**
 * klp_relocs_check_objects() - are objects of the patch all that sections wait for?
 * @patch:	a patch of a livepatch module
 *
 * Relocations and deferred sections for any other module would wait for ever, and code
 * of the livepatch run without them.  Logs the reason.
 *
 * Return: 0 or -EINVAL.
 */
int klp_relocs_check_objects(const struct klp_patch *patch);

/**
 * klp_relocs_apply() - apply a livepatch's relocations that wait for a module
 * @patch:	the livepatch
 * @obj:	an object whose module is loaded
 * @syms:	the symbols of that module
 *
 * Context: klp_mutex held; may sleep.
 * Return: 0, or an error after undoing what was done: -EINVAL, -ENOEXEC, -ENOMEM.
 */
int klp_relocs_apply(const struct klp_patch *patch, const struct klp_object *obj,
		     const struct klp_symbols *syms);

/**
 * klp_relocs_clear() - undo klp_relocs_apply()
 * @patch:	the livepatch
 * @obj:	an object whose module is loaded or going
 *
 * Context: klp_mutex held; may sleep.
 */
void klp_relocs_clear(const struct klp_patch *patch, const struct klp_object *obj);

/* ---- special.c: special sections that wait for an object ------------------ */

/**
 * klp_parse_special_section() - take ".klp.arch.<object>.<section>" apart
 * @name:	name of the section
 * @object:	set to the object
 *
 * Return: the section, part of @name; NULL if a part is missing, empty or too long.
 */
const char *klp_parse_special_section(const char *name, char object[MODULE_NAME_LEN]);

/**
 * klp_special_check() - is this deferred special section well formed?
 * @modname:	name of the livepatch module
 * @sechdrs:	its section headers
 * @secstrings:	names of the sections
 * @i:		index of any section
 *
 * Sections that are not deferred pass.  Those that are become writable: they are
 * changed long after the module has been laid out.  Logs the reason.
 *
 * Return: 0; -EINVAL for a name; -ENOEXEC for anything else.
 */
int klp_special_check(const char *modname, Elf_Shdr *sechdrs, const char *secstrings,
		      unsigned int i);

/**
 * klp_special_may_wait() - may relocations of a section wait for an object?
 * @object:	"vmlinux" or a module
 * @section:	name of the section that is relocated
 *
 * Return: false if the section is a special one that is processed before the
 * object is there, or when another object is.
 */
bool klp_special_may_wait(const char *object, const char *section);

/**
 * klp_special_add() - process the deferred sections that wait for a module
 * @patch:	the livepatch
 * @obj:	an object whose module is loaded, and its relocations applied
 *
 * In the order in which the module loader would.  Logs the reason of a failure.
 *
 * Context: klp_mutex held; may sleep.
 * Return: 0, or an error after undoing what was done: -ENOEXEC for entries that
 * make no sense; -EBUSY if a kprobe is in the way; -EINVAL; -ENOMEM.
 */
int klp_special_add(const struct klp_patch *patch, struct klp_object *obj);

/**
 * klp_special_del() - undo klp_special_add()
 * @patch:	the livepatch
 * @obj:	any object; its module is loaded or going
 * @restore:	put sections and code back as they were, to be processed again;
 *		otherwise tasks may still be running the code
 *
 * Context: klp_mutex held; may sleep.
 */
void klp_special_del(const struct klp_patch *patch, struct klp_object *obj, bool restore);

/* ---- redirect.c: from a traced address to the newest function ------------ */

/**
 * struct klp_redirect - everything that replaces one function
 */
struct klp_redirect {
	/** @ip: Where ftrace is called from, the key of the table. */
	unsigned long ip;
	/**
	 * @funcs: The functions, newest first, through &klp_func.stack_node.
	 * Changed under klp_mutex, read by the handler without a lock.  Empty once
	 * the last has gone, until no handler can have found it.
	 */
	struct list_head funcs;
	union {
		/**
		 * @jump: The function that the original jumps to, past the handler, or
		 * 0.  It does not if others trace it.  Changed under klp_mutex and
		 * ftrace's lock.
		 */
		unsigned long jump;
		/** @next: In no table: links those that join or have left together. */
		struct klp_redirect *next;
	};
};

/**
 * struct klp_redirect_table - open addressing with linear probing
 *
 * A table that handlers can see gains no entries: a larger copy takes its
 * place, so that a whole batch appears at once and a look-up needs no barrier.
 * Entries leave it by having their place marked, which allocates nothing.
 */
struct klp_redirect_table {
	/** @bits: The table has 1 << @bits places, at least twice as many as entries. */
	unsigned int bits;
	/** @live: Places with a redirect. */
	unsigned int live;
	/** @slots: The places; NULL for one that was never used. */
	struct klp_redirect *slots[];
};

/**
 * klp_table_alloc() - an empty table
 * @nr:		how many entries must fit
 *
 * Context: May sleep.
 * Return: the table, to be freed by kvfree(), or NULL.
 */
struct klp_redirect_table *klp_table_alloc(unsigned int nr);

/**
 * klp_table_insert() - add an entry to a table that no handler sees
 * @table:	a table with room
 * @redirect:	the entry; its ip is not in the table
 */
void klp_table_insert(struct klp_redirect_table *table, struct klp_redirect *redirect);

/**
 * klp_table_remove() - take an entry out of a table, which may be in use
 * @table:	a table that holds @redirect
 * @redirect:	the entry; must outlive handlers that have found it
 */
void klp_table_remove(struct klp_redirect_table *table, struct klp_redirect *redirect);

/**
 * klp_table_find() - what replaces the function that is traced at an address?
 * @table:	a table, which may be in use
 * @ip:		any address
 *
 * Context: Any; the handler calls it with preemption disabled.
 * Return: the entry, or NULL if there is none or it has left.
 */
struct klp_redirect *klp_table_find(const struct klp_redirect_table *table,
				    unsigned long ip);

/**
 * klp_redirect_add() - redirect a batch of functions
 * @batch:	functions, linked through &klp_func.stack_node
 * @refused:	set to the function that ftrace refuses, on that error; else left alone
 *
 * All of the batch is redirected by one ftrace update, or none.  Functions of
 * the batch are the newest of their address.  On success @batch is empty.
 *
 * Context: klp_mutex held; may sleep.
 * Return: 0; an error of ftrace with @refused set, such as -EBUSY for a function
 * whose entry somebody else modifies; -ENOMEM.
 */
int klp_redirect_add(struct list_head *batch, const struct klp_func **refused);

/**
 * klp_redirect_unlink() - no more calls to this function
 * @func:	a function that is redirected
 *
 * Handlers that run may still have found it: klp_redirect_sync() waits for them.
 *
 * Context: klp_mutex held.
 */
void klp_redirect_unlink(struct klp_func *func);

/**
 * klp_redirect_shrink() - end a batch of klp_redirect_unlink()
 *
 * Gives back to ftrace, by one update, all addresses that are no longer
 * redirected.  If ftrace has no memory for it, calls go on through the handler
 * to the original, no new function is redirected, and the next batch tries again.
 *
 * Context: klp_mutex held; may sleep.
 * Return: 0, or ftrace's error if some are left.
 */
int klp_redirect_shrink(void);

/**
 * klp_redirect_refresh() - let functions jump where all their calls go
 *
 * To be called when functions have begun or ceased to be in transition.  Makes
 * one update of ftrace if anything is to change, and needs no memory.  On return
 * the calls of a function that is in transition go through the handler; a task
 * may still be at the start of the function to which it has jumped before.
 *
 * Context: klp_mutex held; may sleep.
 */
void klp_redirect_refresh(void);

/**
 * klp_redirect_sync() - wait for all running handlers, and free what has left
 *
 * On return no handler uses anything that was changed before the call, but on a CPU
 * that goes off and has left the scheduler for good: what such a one still calls is
 * refused, see never_left.  A task may still be on its way from the handler to the
 * function it was sent to; the check of its stack sees that.
 *
 * Context: klp_mutex held; may sleep.
 */
void klp_redirect_sync(void);

/**
 * klp_redirect_newest() - what replaces a function now
 * @func:	any function of a loaded object; need not be redirected itself
 *
 * Context: klp_mutex held.
 * Return: the newest function of the same address; NULL if none is redirected.
 */
struct klp_func *klp_redirect_newest(const struct klp_func *func);

/**
 * klp_redirect_above() - the function that replaces a function
 * @func:	a function that is redirected
 *
 * Context: klp_mutex held.
 * Return: the next newer function of the same address, or NULL for the newest.
 */
struct klp_func *klp_redirect_above(const struct klp_func *func);

/**
 * klp_redirect_below() - the function that a function replaces
 * @func:	a function that is redirected
 *
 * Context: klp_mutex held.
 * Return: the next older function of the same address, or NULL for the original.
 */
struct klp_func *klp_redirect_below(const struct klp_func *func);

/* ---- exit.c: tasks that have left the list but still run ------------------ */

/**
 * typedef klp_walk_fn - what a walk calls for each task
 * @task:	a task, kept from being freed by RCU
 * @data:	what the walk was given
 *
 * Return: what it has cost: 1, or KLP_STACK_COST if a stack was looked at.
 */
typedef unsigned int (*klp_walk_fn)(struct task_struct *task, void *data);

#define KLP_STACK_COST 32

/**
 * klp_task_is_exiting() - may the task have left the list of tasks?
 * @task:	any task
 *
 * Context: Any.
 * Return: true between klp_task_exiting() and klp_task_dead().
 */
bool klp_task_is_exiting(const struct task_struct *task);

/**
 * klp_next_exiting() - go through the tasks that exit
 * @task:	the last one, still one of them when this RCU section began; NULL for the
 *		first one of @bucket
 * @bucket:	0 at first; where to go on without @task
 *
 * Context: An RCU read-side critical section.
 * Return: the next one, or NULL when there is none.
 */
struct task_struct *klp_next_exiting(struct task_struct *task, unsigned int *bucket);

/* ---- stack.c: may this task switch? --------------------------------------- */

/**
 * struct klp_stack_index - the code that a task must not be in
 *
 * Immutable once sealed, so that any number of tasks can be checked at once.
 */
struct klp_stack_index {
	/** @rcu: Frees the index after its last reader. */
	struct rcu_head rcu;
	/** @target_state: The state a task may take when the check finds nothing. */
	int target_state;
	/** @max: Room for @nr. */
	unsigned int max;
	/** @nr: Ranges; after sealing sorted, and none overlaps another. */
	unsigned int nr;
	/** @texts: Livepatches may go: there is as much room again, for the next two. */
	bool texts;
	/** @nr_parts: Ranges behind @max: as they were added, without texts. */
	unsigned int nr_parts;
	/** @nr_texts: Ranges from the end backwards: texts of livepatches. */
	unsigned int nr_texts;
	/** @ranges: The code. */
	struct klp_range ranges[];
};

/**
 * enum klp_block_reason - why a task may not switch
 */
enum klp_block_reason {
	/** @KLP_BLOCK_NONE: It may. */
	KLP_BLOCK_NONE,
	/** @KLP_BLOCK_ON_STACK: It is in code that is being left. */
	KLP_BLOCK_ON_STACK,
	/** @KLP_BLOCK_UNRELIABLE: Its stack cannot be trusted. */
	KLP_BLOCK_UNRELIABLE,
	/** @KLP_BLOCK_RUNNING: It runs, so its stack cannot be read. */
	KLP_BLOCK_RUNNING,
	/** @KLP_BLOCK_EXITING: One of these, in a task that klp_task_is_exiting(). */
	KLP_BLOCK_EXITING,
};

/**
 * struct klp_blocker - what the check of a stack has found
 */
struct klp_blocker {
	/** @reason: Why the task may not switch. */
	enum klp_block_reason reason;
	/** @addr: The stack entry found, or the last good one before it became unreliable. */
	unsigned long addr;
};

/**
 * klp_index_alloc() - an empty index
 * @max:	how many ranges must fit
 * @texts:	klp_index_add_text() may be called
 *
 * Context: May sleep.
 * Return: the index, to be freed by kvfree() or kvfree_rcu(), or NULL.
 */
struct klp_stack_index *klp_index_alloc(unsigned int max, bool texts);

/**
 * klp_index_add() - add a range to an index that is not sealed
 * @index:	an index with room
 * @start:	first address
 * @end:	first address after it; an empty range is left out
 */
void klp_index_add(struct klp_stack_index *index, unsigned long start, unsigned long end);

/**
 * klp_index_add_text() - add all code of a livepatch to an index that is not sealed
 * @index:	an index with room
 * @mod:	the livepatch module, which may go when nobody is found in it
 */
void klp_index_add_text(struct klp_stack_index *index, const struct module *mod);

/**
 * klp_index_seal() - make an index ready for look-ups
 * @index:	an index to which nothing more is added
 */
void klp_index_seal(struct klp_stack_index *index);

/**
 * klp_index_has() - does a range hold an address?
 * @index:	a sealed index
 * @addr:	any address
 *
 * Return: true if one does.
 */
bool klp_index_has(const struct klp_stack_index *index, unsigned long addr);

/**
 * klp_stack_check() - is a task in none of an index's ranges?
 * @index:	a sealed index
 * @task:	current, or a task that is kept from running
 * @blocker:	filled in
 *
 * A stack that cannot be walked reliably to its end counts as "no".  A thread that a
 * livepatch itself has created may be in that livepatch, outside the functions that are
 * left: whoever created it stops it.
 *
 * Context: Any; does not sleep.  The cost is one binary search a stack entry.
 * Return: true if the task may switch.
 */
bool klp_stack_check(const struct klp_stack_index *index, struct task_struct *task,
		     struct klp_blocker *blocker);

/* ---- transition.c: all tasks from one state to the other ------------------ */

/* The patch in transition, or NULL; written under klp_mutex. */
extern struct klp_patch *klp_transition_patch;

/*
 * Where the transition leads, a KLP_TRANSITION_* value; written under klp_mutex,
 * read without it by tasks that switch themselves.
 */
extern int klp_target_state;

/**
 * klp_walk_tasks() - call a function for every task but the idle ones
 * @fn:		the function, called under RCU
 * @data:	passed to @fn
 *
 * Others get to run between batches of what @fn costs.  A task may be visited
 * more than once.  One that is forked meanwhile may be missed, but has inherited
 * from a parent what that had before or after its own visit.
 *
 * Context: May sleep.
 */
void klp_walk_tasks(klp_walk_fn fn, void *data);

/**
 * klp_transition_waits_for() - has a task not switched yet, and why?
 * @task:	any task
 * @state:	where the caller believes the transition leads
 * @blocker:	set to the reason if so; may be NULL, which is cheaper
 *
 * Looks at the task as a sweep does and changes nothing.  A task that is in no
 * code that is left, and only waits for the next sweep, counts as running: it
 * has been since the last one.
 *
 * Context: RCU read lock held, or klp_mutex; does not sleep.
 * Return: true if it is waited for; false if not, or if the transition leads
 * somewhere else.
 */
bool klp_transition_waits_for(struct task_struct *task, int state,
			      struct klp_blocker *blocker);

/**
 * klp_transition_init() - every task is in the state that is being left
 * @patch:	the patch
 * @state:	KLP_TRANSITION_PATCHED or KLP_TRANSITION_UNPATCHED, where it leads
 *
 * From here on the handler asks which state the task is in, but no task changes
 * yet.
 *
 * Context: klp_mutex held, no transition running; may sleep.
 */
void klp_transition_init(struct klp_patch *patch, int state);

/**
 * klp_transition_index() - look for the code that is left now
 *
 * Called once functions are redirected, and again whenever an object of any patch
 * joins or leaves while the transition runs.
 *
 * Context: klp_mutex held, a transition initialised; may sleep.
 * Return: 0; -ENOMEM and the index stays as it was.
 */
int klp_transition_index(void);

/**
 * klp_transition_start() - let tasks switch
 *
 * Context: klp_mutex held, index made; may sleep.
 */
void klp_transition_start(void);

/**
 * klp_transition_try() - switch all tasks that can be switched now
 * @delay:	set to the time until the next try, in jiffies, if some cannot
 *
 * Context: klp_mutex held, transition started; may sleep.
 * Return: true if every task has switched.
 */
bool klp_transition_try(unsigned long *delay);

/**
 * klp_transition_cancel() - turn back before klp_transition_start()
 *
 * Every task still is where it was, so the transition can be settled at once.
 *
 * Context: klp_mutex held, transition initialised.
 */
void klp_transition_cancel(void);

/**
 * klp_transition_reverse() - lead a running transition back
 *
 * Context: klp_mutex held, transition started; may sleep.
 * Return: 0; -ENOMEM and the transition goes on as before.
 */
int klp_transition_reverse(void);

/**
 * klp_transition_force() - declare that every task has switched
 *
 * Context: klp_mutex held, transition started; may sleep.
 */
void klp_transition_force(void);

/**
 * klp_transition_settle() - no task has a state any more
 *
 * The caller has unlinked the functions that no task may enter.  On return no
 * handler knows them, and what klp_redirect_unlink() took out can be freed.
 *
 * Context: klp_mutex held, every task switched; may sleep.
 */
void klp_transition_settle(void);

/**
 * klp_transition_end() - the next transition may begin
 *
 * Context: klp_mutex held, transition settled and callbacks run.
 */
void klp_transition_end(void);

/* ---- stall.c: what a transition waits for ---------------------------------- */

/**
 * klp_stall_begin() - tasks are waited for from now on
 *
 * Called when tasks have been asked to switch; also when they have been asked to
 * switch back, which starts the clock anew.
 *
 * Context: klp_mutex held, transition started.
 */
void klp_stall_begin(void);

/**
 * klp_stall_end() - nobody is waited for any more
 *
 * Context: klp_mutex held.
 */
void klp_stall_end(void);

/**
 * klp_stall_report() - tell the log what the transition waits for, if it is time
 *
 * Called after each sweep that did not complete the transition.  One line after
 * 15 seconds, and one each minute from then on.
 *
 * Context: klp_mutex held, transition started; may sleep.
 */
void klp_stall_report(void);

#define KLP_STALL_FILE "stalled"

/**
 * klp_stall_add_file() - make the file "stalled"
 * @patch:	a patch whose directory is there; the file goes with it
 *
 * Who reads the file takes no lock that anybody holds for long.
 *
 * Context: May sleep.
 * Return: 0; -ENOMEM.
 */
int klp_stall_add_file(struct klp_patch *patch);

/* ---- replace.c: atomic replace -------------------------------------------- */

/**
 * klp_replace_add_nops() - undo what the new patch no longer changes
 * @patch:	a patch with @replace set
 *
 * Adds a nop for every function that an enabled patch redirects and @patch does
 * not, in objects that are allocated where @patch has none.
 *
 * Context: klp_mutex held; may sleep.
 * Return: 0 or -ENOMEM; what was added stays on the patch's lists.
 */
int klp_replace_add_nops(struct klp_patch *patch);

/**
 * klp_replace_unpatch() - take all that @patch has replaced out of the way
 * @patch:	a patch with @replace set, to which every task has switched
 *
 * Ends with the replaced patches disabled, and with neither their functions nor
 * the nops of @patch in the redirect table.
 *
 * Context: klp_mutex held; may sleep.
 */
void klp_replace_unpatch(struct klp_patch *patch);

/**
 * klp_replace_free_nops() - give back the nops
 * @patch:	a patch whose nops are in no table and on no handler's way
 *
 * Context: klp_mutex held, or the patch is reachable by nobody else; may sleep.
 */
void klp_replace_free_nops(struct klp_patch *patch);

/* ---- state.c: system states ------------------------------------------------ */

/**
 * klp_states_compatible() - may a patch be enabled on top of the others?
 * @patch:	a patch that is not enabled yet
 *
 * Context: klp_mutex held.
 * Return: false if an enabled patch has a state that @patch cannot carry on.
 */
bool klp_states_compatible(const struct klp_patch *patch);

/**
 * klp_state_covers() - can a set of states follow another state?
 * @states:	the states of the new patch, or NULL
 * @replace:	the new patch takes the place of the old one
 * @old:	a state of an enabled patch
 *
 * Return: true if @states knows @old in at least the same version, or need not.
 */
bool klp_state_covers(const struct klp_state *states, bool replace,
		      const struct klp_state *old);

/* ---- sysfs.c: /sys/kernel/livepatch ---------------------------------------- */

/**
 * klp_sysfs_ready() - has /sys/kernel/livepatch been made?
 *
 * Return: false too early in the boot, or if it could not be made.
 */
bool klp_sysfs_ready(void);

/**
 * klp_sysfs_is_file() - is there a file of that name in the directory of each patch?
 * @name:	name of an object
 *
 * Return: true if there is, so that the object cannot have its directory there.
 */
bool klp_sysfs_is_file(const char *name);

/**
 * klp_sysfs_has_patch() - is there a directory of that name?
 * @patch:	one that is not in use, with sysfs ready
 *
 * One that was in use has its directory until the work that releases it has run.
 *
 * Context: klp_mutex held, so that none is added.
 * Return: true if there is.
 */
bool klp_sysfs_has_patch(const struct klp_patch *patch);

/* Make the three kobjects usable by kobject_put(); no entry in sysfs yet. */
void klp_sysfs_init_patch(struct klp_patch *patch);
void klp_sysfs_init_object(struct klp_object *obj);
void klp_sysfs_init_func(struct klp_func *func);

/* Add the directory, below that of the parent; 0 or an error; may sleep. */
int klp_sysfs_add_patch(struct klp_patch *patch);
int klp_sysfs_add_object(struct klp_patch *patch, struct klp_object *obj);
int klp_sysfs_add_func(struct klp_object *obj, struct klp_func *func);

#endif /* _KERNEL_LIVEPATCH_INTERNAL_H */
