/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kernel live patching: what a livepatch module fills in and calls, and what
 * the rest of the kernel calls.
 *
 * A livepatch module describes its changes in a &struct klp_patch, which holds
 * one &struct klp_object for each kernel object it changes (vmlinux or a
 * module, which need not be loaded), each with a &struct klp_func for every
 * function it replaces, and passes it to klp_enable_patch() from its init
 * function.  See Documentation/livepatch/.
 */
#ifndef _LINUX_LIVEPATCH_H_
#define _LINUX_LIVEPATCH_H_

#include <linux/module.h>
#include <linux/ftrace.h>
#include <linux/completion.h>
#include <linux/list.h>
#include <linux/livepatch_sched.h>

#if IS_ENABLED(CONFIG_LIVEPATCH)

/*
 * Values of task_struct::patch_state.  IDLE: no transition is running.  The
 * other two say which version of the code in transition the task runs.
 */
#define KLP_TRANSITION_IDLE		-1
#define KLP_TRANSITION_UNPATCHED	 0
#define KLP_TRANSITION_PATCHED		 1

struct klp_object;
struct klp_ranges;

/**
 * struct klp_func - one function and what replaces it
 *
 * The array of functions of an object ends with an entry in which all that the
 * livepatch module fills in is zero.
 *
 * A function with @stack_only is not redirected: it is only looked for on stacks,
 * @old_name while the patch is being enabled and @new_name while it is being
 * disabled or replaced.  Either may be missing.
 *
 * @patched and @transition together tell where the function is in its life::
 *
 *	patched  transition
 *	   0         0       not redirected
 *	   0         1       about to be redirected, or no longer redirected
 *	   1         1       redirected for the tasks that have switched
 *	   1         0       redirected for every task
 */
struct klp_func {
	/* Filled in by the livepatch module. */

	/** @old_name: Name of the function that is replaced. */
	const char *old_name;
	/**
	 * @new_func: The replacement, a function of the livepatch module; NULL
	 * with @stack_only, until the core has found @new_name.
	 */
	void *new_func;
	/**
	 * @old_sympos: Which of several symbols called @old_name, counted
	 * from 1 in the order of kallsyms within the object.  0 demands that
	 * there is only one, and then names the same function as 1.
	 */
	unsigned long old_sympos;
	/**
	 * @new_name: Only with @stack_only: name of a function of the livepatch
	 * module, the only one of that name there.
	 */
	const char *new_name;
	/** @stack_only: Look for the function on stacks, and leave its calls alone. */
	bool stack_only;

	/* Owned by the core; protected by klp_mutex unless said otherwise. */

	/** @old_func: Address of the replaced function; NULL while its object is not loaded. */
	void *old_func;
	/** @kobj: The function's directory in sysfs. */
	struct kobject kobj;
	/** @node: Entry in &klp_object.func_list. */
	struct list_head node;
	/**
	 * @stack_node: Entry in the list of functions that replace the same
	 * @old_func, the newest first.  The redirect handler reads it with
	 * preemption disabled, and is waited for by klp_redirect_sync().
	 */
	struct list_head stack_node;
	/** @old_size: Size of @old_func in bytes. */
	unsigned long old_size;
	/** @new_size: Size of @new_func in bytes. */
	unsigned long new_size;
	/** @ip: Where @old_func calls ftrace. */
	unsigned long ip;
	/** @old_cold: Further parts of @old_func that the compiler split off; may be NULL. */
	struct klp_ranges *old_cold;
	/** @new_cold: Further parts of @new_func that the compiler split off; may be NULL. */
	struct klp_ranges *new_cold;
	/** @nop: Allocated by atomic replace, leads back to the original code. */
	bool nop;
	/** @unlisted: A nop whose directory in sysfs would be that of a @stack_only function. */
	bool unlisted;
	/** @patched: The function is on the list of @stack_node. */
	bool patched;
	/** @transition: Tasks may still disagree about this function. */
	bool transition;
};

/**
 * struct klp_callbacks - what runs before and after an object is (un)patched
 *
 * Each is optional and runs only for an object that is loaded.  Once
 * @pre_patch has failed, none of the others runs.
 * Documentation/livepatch/callbacks.rst says when each runs and what it may do.
 */
struct klp_callbacks {
	/** @pre_patch: Before any code of the object is redirected; not 0 vetoes. */
	int (*pre_patch)(struct klp_object *obj);
	/** @post_patch: The transition is complete, every task runs the new code. */
	void (*post_patch)(struct klp_object *obj);
	/** @pre_unpatch: Before the first task goes back to the old code. */
	void (*pre_unpatch)(struct klp_object *obj);
	/** @post_unpatch: No task can reach the object's new code any more. */
	void (*post_unpatch)(struct klp_object *obj);
	/** @post_unpatch_enabled: Owned by the core: @pre_patch has succeeded. */
	bool post_unpatch_enabled;
};

/**
 * struct klp_object - vmlinux or a module, and the functions replaced in it
 *
 * The array of objects of a patch ends with an entry in which @name and @funcs
 * are both NULL.
 */
struct klp_object {
	/* Filled in by the livepatch module. */

	/** @name: Name of the module, or NULL for vmlinux. */
	const char *name;
	/** @funcs: The functions; may be an empty array. */
	struct klp_func *funcs;
	/** @callbacks: See &struct klp_callbacks. */
	struct klp_callbacks callbacks;

	/* Owned by the core; protected by klp_mutex. */

	/** @kobj: The object's directory in sysfs. */
	struct kobject kobj;
	/** @func_list: The entries of @funcs, and nops of an atomic replace. */
	struct list_head func_list;
	/** @node: Entry in &klp_patch.obj_list. */
	struct list_head node;
	/** @mod: The module while it is loaded; NULL for vmlinux. */
	struct module *mod;
	/** @special: What was there before its deferred sections were processed, or NULL. */
	struct klp_special *special;
	/** @dynamic: Allocated by atomic replace, holds only nops. */
	bool dynamic;
	/** @patched: The object's functions are redirected. */
	bool patched;
};

/**
 * struct klp_state - something outside the code that a patch changes
 *
 * The array of states of a patch ends with an entry whose @id is 0.
 */
struct klp_state {
	/** @id: What is changed; any number but 0, the same in every patch that changes it. */
	unsigned long id;
	/** @version: How it is changed; a later patch must know at least this version. */
	unsigned int version;
	/** @data: Free for the livepatch's callbacks. */
	void *data;
};

/**
 * struct klp_patch - all that a livepatch module changes
 */
struct klp_patch {
	/* Filled in by the livepatch module. */

	/** @mod: The livepatch module, THIS_MODULE. */
	struct module *mod;
	/** @objs: The objects. */
	struct klp_object *objs;
	/** @states: The states, or NULL. */
	struct klp_state *states;
	/** @replace: Takes the place of every patch that is enabled now. */
	bool replace;

	/* Owned by the core; protected by klp_mutex. */

	/** @list: Entry in the list of patches, in the order in which they were enabled. */
	struct list_head list;
	/** @kobj: The patch's directory in sysfs. */
	struct kobject kobj;
	/** @obj_list: The entries of @objs, and objects added by atomic replace. */
	struct list_head obj_list;
	/** @enabled: Enabled, or on the way there. */
	bool enabled;
	/** @forced: A task that was forced may still be in its code: the module stays. */
	bool forced;
	/** @free_work: Frees the patch where it is safe to wait for its sysfs users. */
	struct work_struct free_work;
	/** @finish: Completed when the last user of @kobj has gone. */
	struct completion finish;
};

#define klp_for_each_object_static(patch, obj) \
	for (obj = (patch)->objs; obj->funcs || obj->name; obj++)

#define klp_for_each_object_safe(patch, obj, tmp_obj) \
	list_for_each_entry_safe(obj, tmp_obj, &(patch)->obj_list, node)

#define klp_for_each_object(patch, obj) \
	list_for_each_entry(obj, &(patch)->obj_list, node)

#define klp_for_each_func_static(obj, func) \
	for (func = (obj)->funcs; \
	     func->old_name || func->new_func || func->old_sympos || \
	     func->new_name || func->stack_only; \
	     func++)

#define klp_for_each_func_safe(obj, func, tmp_func) \
	list_for_each_entry_safe(func, tmp_func, &(obj)->func_list, node)

#define klp_for_each_func(obj, func) \
	list_for_each_entry(func, &(obj)->func_list, node)

int klp_enable_patch(struct klp_patch *patch);

/* The module loader tells when a module arrives (before its init) and leaves. */
int klp_module_coming(struct module *mod);
void klp_module_going(struct module *mod);
bool klp_module_stays(const struct module *mod);

void klp_copy_process(struct task_struct *child);
void klp_update_patch_state(struct task_struct *task);

/**
 * klp_patch_pending() - is a transition waiting for this task?
 * @task:	any task
 *
 * Return: true if the task has been asked to switch and has not yet.
 */
static inline bool klp_patch_pending(struct task_struct *task)
{
	return test_tsk_thread_flag(task, TIF_PATCH_PENDING);
}

/**
 * klp_have_reliable_stack() - can stacks of sleeping tasks be trusted here?
 *
 * Return: false if tasks can only switch when they leave the kernel.
 */
static inline bool klp_have_reliable_stack(void)
{
	return IS_ENABLED(CONFIG_STACKTRACE) &&
	       IS_ENABLED(CONFIG_HAVE_RELIABLE_STACKTRACE);
}

/* Fills a new shadow variable; not 0 gives up the allocation.  Must not sleep. */
typedef int (*klp_shadow_ctor_t)(void *obj, void *shadow_data, void *ctor_data);
/* Releases what a shadow variable refers to.  Must not sleep. */
typedef void (*klp_shadow_dtor_t)(void *obj, void *shadow_data);

void *klp_shadow_get(void *obj, unsigned long id);
void *klp_shadow_alloc(void *obj, unsigned long id, size_t size, gfp_t gfp_flags,
		       klp_shadow_ctor_t ctor, void *ctor_data);
void *klp_shadow_get_or_alloc(void *obj, unsigned long id, size_t size, gfp_t gfp_flags,
			      klp_shadow_ctor_t ctor, void *ctor_data);
void klp_shadow_free(void *obj, unsigned long id, klp_shadow_dtor_t dtor);
void klp_shadow_free_all(unsigned long id, klp_shadow_dtor_t dtor);

struct klp_state *klp_get_state(struct klp_patch *patch, unsigned long id);
struct klp_state *klp_get_prev_state(unsigned long id);

/* The module loader has relocations checked and, for vmlinux, applied. */
int klp_check_elf(const char *modname, const Elf_Ehdr *hdr, Elf_Shdr *sechdrs,
		  const char *secstrings, const char *strtab, unsigned int symndx);
int klp_apply_section_relocs(struct module *pmod, Elf_Shdr *sechdrs,
			     const char *shstrtab, const char *strtab,
			     unsigned int symndx, unsigned int secndx,
			     const char *objname);
int klp_arch_reloc_size(unsigned int type);
bool klp_module_uses(const struct module *mod, const struct module *other);

/**
 * struct klp_site - the code that one entry of a special section is about
 */
struct klp_site {
	/** @start: Where the code is that may be changed. */
	void *start;
	/** @len: How many bytes of it. */
	unsigned int len;
	/** @alt: Code that may take its place, or NULL. */
	const void *alt;
	/** @alt_len: How many bytes of that. */
	unsigned int alt_len;
	/** @mistake: What is wrong with the entry, if it is not the code; or NULL. */
	const char *mistake;
};

/**
 * struct klp_arch_section - a special section that an architecture can defer
 */
struct klp_arch_section {
	/** @name: What the section is called in any module. */
	const char *name;
	/** @entsize: Size of an entry. */
	unsigned int entsize;
	/** @align: What the section has to be aligned to. */
	unsigned int align;
	/** @alone: Nothing else may change the code that an entry is about. */
	bool alone;
	/**
	 * @site: Say what code an entry is about.  Returns -ENOEXEC if the entry or
	 * the code is none that @add can handle.  Whether the code is part of the
	 * module is looked at by the caller, unless @site has to read it.
	 */
	int (*site)(const struct module *mod, const void *entry, struct klp_site *site);
	/**
	 * @add: Do what the module loader does with a section.  All relocations are
	 * applied, and nobody runs the code.  Returns an error after undoing what
	 * the restored contents of section and code will not undo.
	 */
	int (*add)(struct module *mod, void *start, void *stop);
	/** @del: Undo as much of @add; NULL if there is nothing. */
	void (*del)(struct module *mod, void *start, void *stop);
};

const struct klp_arch_section *klp_arch_sections(void);
bool klp_is_module_text(const struct module *mod, const void *start, size_t len);
void klp_arch_write_text(void *place, const void *bytes, size_t len);
#ifdef CONFIG_JUMP_LABEL
int klp_add_jumps(struct module *mod, void *start, void *stop);
void klp_del_jumps(struct module *mod, void *start, void *stop);
int klp_check_jump(const struct module *mod, const struct jump_entry *entry,
		   struct klp_site *site);
bool klp_is_jump(const struct jump_entry *entry);
#endif

/*
 * Naming symbols that are not exported.
 *
 * A livepatch may refer to a symbol that its target does not export.  The
 * reference stays undefined in the linked module; klp-convert replaces it by a
 * livepatch relocation.  A symbol whose name occurs only once in the build
 * needs none of the following.
 */

/**
 * struct klp_module_reloc - where one symbol is found, see KLP_MODULE_RELOC()
 * @sym:	the symbol, undefined in the livepatch module
 * @sympos:	its position among the symbols of that name in the object,
 *		counted from 1; 0 if the name must be unique there
 *
 * klp-convert reads these at build time and drops them from the module.
 */
struct klp_module_reloc {
	void *sym;
	unsigned int sympos;
} __packed;

/**
 * KLP_MODULE_RELOC() - list symbols together with the object they are in
 * @_obj:	"vmlinux" or the name of a module, without quotes
 *
 * Usage::
 *
 *	KLP_MODULE_RELOC(vmlinux) vmlinux_relocs[] = {
 *		KLP_SYMPOS(state_show, 2),
 *	};
 */
#define KLP_MODULE_RELOC(_obj)						\
	static struct klp_module_reloc __used __aligned(4)		\
	__section(".klp.module_relocs." #_obj)

/**
 * KLP_SYMPOS() - one entry of a KLP_MODULE_RELOC() list
 * @_symbol:	the symbol, declared extern in the livepatch's source
 * @_pos:	its position, see &struct klp_module_reloc
 */
#define KLP_SYMPOS(_symbol, _pos)					\
	{ .sym = (void *)&(_symbol), .sympos = (_pos) }

/* Names with commas are quoted in assembly: clang does that itself, GCC does not. */
#ifdef __clang__
#define __KLP_RELOC_SYMBOL(_name)	asm(_name)
#else
#define __KLP_RELOC_SYMBOL(_name)	asm("\"" _name "\"")
#endif

/**
 * KLP_RELOC_SYMBOL_POS() - name a symbol's object and position where it is declared
 * @_lp_obj:	the object whose arrival lets the reference be resolved: the one
 *		being patched, or "vmlinux" for at once
 * @_sym_obj:	the object that defines the symbol
 * @_name:	the symbol's name there, which may hold dots ("foo.isra.0")
 * @_pos:	its position among the symbols of that name, counted from 1;
 *		0 if the name must be unique
 *
 * The name in the livepatch's source is free, so two homonyms can be used side
 * by side::
 *
 *	extern int first_count
 *		KLP_RELOC_SYMBOL_POS(vmlinux, vmlinux, count, 1);
 *	extern int second_count
 *		KLP_RELOC_SYMBOL_POS(vmlinux, vmlinux, count, 2);
 */
#define KLP_RELOC_SYMBOL_POS(_lp_obj, _sym_obj, _name, _pos)		\
	__KLP_RELOC_SYMBOL(".klp.sym.rela." #_lp_obj "." #_sym_obj "." #_name "," #_pos)

/**
 * KLP_RELOC_SYMBOL() - KLP_RELOC_SYMBOL_POS() of a unique name
 * @_lp_obj:	the object whose arrival lets the reference be resolved
 * @_sym_obj:	the object that defines the symbol
 * @_name:	the symbol's name there
 */
#define KLP_RELOC_SYMBOL(_lp_obj, _sym_obj, _name)			\
	__KLP_RELOC_SYMBOL(".klp.sym.rela." #_lp_obj "." #_sym_obj "." #_name ",0")

#else /* !CONFIG_LIVEPATCH */

static inline int klp_module_coming(struct module *mod) { return 0; }
static inline void klp_module_going(struct module *mod) {}
static inline bool klp_module_stays(const struct module *mod) { return false; }
static inline bool klp_patch_pending(struct task_struct *task) { return false; }
static inline void klp_update_patch_state(struct task_struct *task) {}
static inline void klp_copy_process(struct task_struct *child) {}

static inline
int klp_apply_section_relocs(struct module *pmod, Elf_Shdr *sechdrs,
			     const char *shstrtab, const char *strtab,
			     unsigned int symindex, unsigned int secindex,
			     const char *objname)
{
	return 0;
}

#endif /* CONFIG_LIVEPATCH */

#endif /* _LINUX_LIVEPATCH_H_ */
