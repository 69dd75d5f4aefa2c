/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A livepatch whose code is changed according to what test_klp_special_target has.
 *
 * What includes it is the whole module and defines KLP_SPECIAL_ADD, which is added
 * to the answers so that a reader knows who gave them.  The parameter `replace`
 * makes it an atomic replacement.
 *
 * A function of vmlinux is replaced as well: /proc/cmdline says what it thinks of a
 * key of the target, which may not be there.
 */

#include <linux/bug.h>
#include <linux/init.h>
#include <linux/livepatch.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/stacktrace.h>
#include <linux/string_choices.h>
#include <linux/uaccess.h>
#include "test_klp_special.h"

#ifdef CONFIG_X86_64
#include <asm/alternative.h>
#else
#include <asm/asm-const.h>
#include <asm/cputable.h>
#include <asm/feature-fixups.h>
#include <asm/firmware.h>
#include <asm/mmu.h>
#endif

static bool replace;
module_param(replace, bool, 0444);

/* Nothing of it is exported. */
extern struct static_key_false klp_special_false;
extern struct static_key_true klp_special_true;
extern struct static_key_false klp_special_base_key
	KLP_RELOC_SYMBOL(test_klp_special_target, test_klp_special_base, klp_special_base_key);
extern long klp_special_counter;
int klp_special_one(int *where);
int klp_special_right(void);
int klp_special_wrong(void);
DECLARE_STATIC_CALL(klp_special_sc, klp_special_one);

static noinline int take_call(void)
{
	int where = 0;

	static_call_cond(klp_special_sc)(&where);
	return where;
}

/* The last thing that it does is the call. */
static noinline void take_call_tail(int *where)
{
	static_call_cond(klp_special_sc)(where);
}

static noinline int take_trace(void)
{
	int hits = 0;

	trace_klp_special(&hits);
	return hits;
}

/* Calls of functions of the target, of which one takes the other's place. */
#ifdef CONFIG_X86_64
#define CALL_EITHER(_old, _new, _feature)				\
({									\
	int _ret;							\
									\
	asm volatile(ALTERNATIVE("call " #_old, "call " #_new, _feature) \
		     : ASM_CALL_CONSTRAINT, "=a" (_ret) :	\
		     : "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", \
		       "cc", "memory");					\
	_ret;								\
})

static noinline int take_alt_taken(void)
{
	return CALL_EITHER(klp_special_wrong, klp_special_right, X86_FEATURE_ALWAYS);
}

static noinline int take_alt_kept(void)
{
	return CALL_EITHER(klp_special_right, klp_special_wrong, ALT_NOT(X86_FEATURE_ALWAYS));
}
#else
#define CALL_EITHER(_if, _have, _lack, _feature)			\
({									\
	register long _ret asm("r3");					\
									\
	asm volatile(".set klp_feature, %1;"				\
		     _if("bl " #_have "; nop", "bl " #_lack "; nop", klp_feature) \
		     : "=r" (_ret)					\
		     : "i" (_feature)					\
		     : "r0", "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12", \
		       "lr", "ctr", "xer", "cr0", "cr1", "cr5", "cr6", "cr7", "memory"); \
	(int)_ret;							\
})

#define ASM_FW_FTR_IFSET(_have, _lack, _feature)			\
	stringify_in_c(BEGIN_FW_FTR_SECTION)				\
	_have "; "							\
	stringify_in_c(FTR_SECTION_ELSE)				\
	_lack "; "							\
	stringify_in_c(ALT_FW_FTR_SECTION_END((_feature), (_feature)))

/* The compiler must know that this is a function that calls others. */
static noinline int take_alt_taken(void)
{
	return CALL_EITHER(ASM_FTR_IFSET, klp_special_wrong, klp_special_right,
			   CPU_FTR_CELL_TB_BUG) * klp_special_right();
}

static noinline int take_alt_kept(void)
{
	return CALL_EITHER(ASM_FTR_IFSET, klp_special_right, klp_special_wrong,
			   CPU_FTR_ARCH_207S) * klp_special_right();
}

static noinline int take_alt_mmu(void)
{
	return CALL_EITHER(ASM_MMU_FTR_IFSET, klp_special_wrong, klp_special_right,
			   MMU_FTR_TYPE_8xx) * klp_special_right();
}

static noinline int take_alt_firmware(void)
{
	return CALL_EITHER(ASM_FW_FTR_IFSET, klp_special_wrong, klp_special_right,
			   FW_FEATURE_PS3_LV1) * klp_special_right();
}
#endif

/* The way through a thunk does not depend on where it leads. */
static noinline int take_indirect(void)
{
	int (*func)(void) = klp_special_right;

	OPTIMIZER_HIDE_VAR(func);
	return func();
}

/* The prefix is next to a reference to the target. */
static noinline int take_lock(void)
{
	long before = READ_ONCE(klp_special_counter);

#ifdef CONFIG_X86_64
	asm volatile(LOCK_PREFIX "incq %0" : "+m" (klp_special_counter));
#else
	klp_special_counter++;
#endif
	return READ_ONCE(klp_special_counter) - before;
}

/* Nothing is mapped in the last page. */
static noinline int take_fault(void)
{
	long value;

	pagefault_disable();
	__get_kernel_nofault(&value, (long *)-PAGE_SIZE, long, fault);
	pagefault_enable();
	return 0;
fault:
	pagefault_enable();
	return 1;
}

/* The kernel knows where a warning would come from. */
static noinline int take_bug(void)
{
	bool warned = WARN_ON_ONCE(!klp_special_right());

	return !warned;
}

static noinline int take_unwind(void)
{
	unsigned long entries[16];
	unsigned int i, nr = stack_trace_save(entries, ARRAY_SIZE(entries), 0);
	int own = 0;

	for (i = 0; i < nr; i++)
		own += within_module(entries[i], THIS_MODULE);
	/* The livepatch's functions, and then others. */
	return own && own < nr;
}

static int take(enum klp_special_way way)
{
	int where = 0;

	switch (way) {
	case KLP_SPECIAL_KEY_FALSE:
		return static_branch_unlikely(&klp_special_false) ? 1 : 0;
	case KLP_SPECIAL_KEY_TRUE:
		return static_branch_likely(&klp_special_true) ? 1 : 0;
	case KLP_SPECIAL_KEY_BASE:
		return static_branch_unlikely(&klp_special_base_key) ? 1 : 0;
	case KLP_SPECIAL_CALL:
		return take_call();
	case KLP_SPECIAL_CALL_TAIL:
		take_call_tail(&where);
		return where;
	case KLP_SPECIAL_TRACE:
		return take_trace();
	case KLP_SPECIAL_ALT_TAKEN:
		return take_alt_taken();
	case KLP_SPECIAL_ALT_KEPT:
		return take_alt_kept();
#ifdef CONFIG_PPC64
	case KLP_SPECIAL_ALT_MMU:
		return take_alt_mmu();
	case KLP_SPECIAL_ALT_FIRMWARE:
		return take_alt_firmware();
#endif
	case KLP_SPECIAL_INDIRECT:
		return take_indirect();
	case KLP_SPECIAL_LOCK:
		return take_lock();
	case KLP_SPECIAL_FAULT:
		return take_fault();
	case KLP_SPECIAL_BUG:
		return take_bug();
	case KLP_SPECIAL_UNWIND:
		return take_unwind();
	default:
		return -EINVAL;
	}
}

static int new_call(enum klp_special_way way)
{
	return take(way) + KLP_SPECIAL_ADD;
}

static int new_cmdline_proc_show(struct seq_file *m, void *v)
{
	seq_printf(m, "the target's key is %s\n",
		   str_on_off(static_branch_unlikely(&klp_special_false)));
	return 0;
}

static struct klp_func vmlinux_funcs[] = {
	{
		.old_name = "cmdline_proc_show",
		.new_func = new_cmdline_proc_show,
	}, { }
};

static struct klp_func target_funcs[] = {
	{
		.old_name = "klp_special_call",
		.new_func = new_call,
	}, { }
};

static struct klp_object objects[] = {
	{
		.funcs = vmlinux_funcs,
	}, {
		.name = "test_klp_special_target",
		.funcs = target_funcs,
	}, { }
};

static struct klp_patch patch = {
	.mod = THIS_MODULE,
	.objs = objects,
};

static int __init test_klp_special_init(void)
{
	patch.replace = replace;
	return klp_enable_patch(&patch);
}

static void __exit test_klp_special_exit(void)
{
}

module_init(test_klp_special_init);
module_exit(test_klp_special_exit);
MODULE_INFO(livepatch, "Y");
MODULE_DESCRIPTION("Livepatch test: special sections that wait for a module");
MODULE_LICENSE("GPL");
