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
#include <asm/ibt.h>
#include <asm/insn.h>
#include <asm/nospec-branch.h>
#else
#include <asm/asm-const.h>
#include <asm/cputable.h>
#include <asm/feature-fixups.h>
#include <asm/firmware.h>
#include <asm/mmu.h>
#endif

DECLARE_TRACE(klp_special_own, TP_PROTO(int *hits), TP_ARGS(hits));
DEFINE_TRACE(klp_special_own, TP_PROTO(int *hits), TP_ARGS(hits));

static bool replace;
module_param(replace, bool, 0444);

/* Nothing of it is exported. */
extern struct static_key_false klp_special_false;
extern struct static_key_true klp_special_true;
extern struct static_key_false klp_special_base_key
	KLP_RELOC_SYMBOL(test_klp_special_target, test_klp_special_base, klp_special_base_key);
extern long klp_special_counter;
extern bool uniproc_patched;
int klp_special_one(int *where);
int klp_special_right(void);
int klp_special_wrong(void);
DECLARE_STATIC_CALL(klp_special_sc, klp_special_one);
int klp_special_base_one(int *where);
DECLARE_STATIC_CALL(klp_special_base_sc, klp_special_base_one);

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

static noinline int take_call_base(void)
{
	int where = 0;

	static_call_cond(klp_special_base_sc)(&where);
	return where;
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

/* Not called before, so that nothing has been put in front of it yet. */
static __used noinline __noclone int own_right(void)
{
	barrier();
	return 1;
}

static noinline int take_alt_own(void)
{
	return CALL_EITHER(klp_special_wrong, own_right, X86_FEATURE_ALWAYS);
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

#ifdef CONFIG_X86_64
/* Where the call or the jump at @insn leads, of 5 bytes. */
static const void *leads_to(const u8 *insn)
{
	return insn + CALL_INSN_SIZE + *(const s32 *)(insn + 1);
}

static bool is_within(const void *p, const retpoline_thunk_t *thunks)
{
	return p >= (void *)thunks && p < (void *)(thunks + 16);
}

static noinline const u8 *who_calls(void)
{
	return __builtin_return_address(0);
}

/* What counts calls is in front of the function. */
static noinline int take_call_site(void)
{
	const void *right = klp_special_right, *dest;
	const u8 *insn;
	int ret;

	asm volatile("1: call klp_special_right; lea 1b(%%rip), %[insn]"
		     : ASM_CALL_CONSTRAINT, "=a" (ret), [insn] "=b" (insn) :
		     : "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "cc", "memory");
	dest = leads_to(insn);
	if (!cpu_feature_enabled(X86_FEATURE_CALL_DEPTH))
		return ret && dest == right;
	return ret && dest < right && dest >= right - CONFIG_FUNCTION_PADDING_BYTES;
}

/* Does a call have the form that this CPU wants? */
static bool is_indirect_call(const u8 *end)
{
	/* Through a register, and no thunk. */
	if (!cpu_feature_enabled(X86_FEATURE_RETPOLINE))
		return end[-2] == 0xff && (end[-1] & 0xf8) == 0xd0;
	return end[-5] == CALL_INSN_OPCODE &&
	       is_within(leads_to(end - 5), cpu_feature_enabled(X86_FEATURE_CALL_DEPTH) ?
			 __x86_indirect_call_thunk_array : __x86_indirect_thunk_array);
}

/* Global, and nobody has its address: so it is sealed. */
void klp_special_sealed(void);
notrace noinline void klp_special_sealed(void)
{
	barrier();
}

/* The address of its first byte would be a reason not to seal it. */
static const u8 *sealed(void)
{
	const u8 *second = (const u8 *)klp_special_sealed + 1;

	OPTIMIZER_HIDE_VAR(second);
	return second - 1;
}

static noinline int take_seal(void)
{
	klp_special_sealed();
#ifdef CONFIG_X86_KERNEL_IBT
	return *(const u32 *)sealed() == gen_endbr_poison();
#else
	return 1;
#endif
}

/* Nothing of vmlinux that it is compared with is exported. */
static noinline int take_return(void)
{
	const u8 *insn = sealed() + (IS_ENABLED(CONFIG_X86_KERNEL_IBT) ? 4 : 0);

	if (!cpu_feature_enabled(X86_FEATURE_RETHUNK))
		return *insn == RET_INSN_OPCODE;
	return *insn == JMP32_INSN_OPCODE && leads_to(insn) == x86_return_thunk;
}
#else
static const u8 *who_calls(void)
{
	return NULL;
}

static bool is_indirect_call(const u8 *end)
{
	return true;
}

/* The stronger barrier is compiled, and this CPU has the other. */
static noinline int take_barrier(void)
{
	const u32 *insn;

	asm volatile("bcl 20,31,1f; 1: mflr %0; addi %0,%0,2f-1b;"
		     stringify_in_c(START_LWSYNC_SECTION(97))
		     "2: sync;"
		     stringify_in_c(MAKE_LWSYNC_SECTION_ENTRY(97, __lwsync_fixup))
		     : "=b" (insn) : : "lr", "memory");
	return *insn == PPC_INST_LWSYNC;
}

static noinline int take_nospec(void)
{
	const u32 *insn;

	asm volatile("bcl 20,31,1f; 1: mflr %0; addi %0,%0,2f-1b; 2:"
		     stringify_in_c(barrier_nospec_asm)
		     : "=b" (insn) : : "lr", "memory");
	return *insn == PPC_RAW_ORI(_R31, _R31, 0);
}
#endif

/* The way through a thunk does not depend on where it leads. */
static noinline int take_indirect(void)
{
	int (*func)(void) = klp_special_right;
	const u8 *(*own)(void) = who_calls;

	OPTIMIZER_HIDE_VAR(func);
	OPTIMIZER_HIDE_VAR(own);
	return func() && is_indirect_call(own());
}

/*
 * The prefix is next to a reference to the target.  With one CPU it is another, and without
 * SMP there is none.
 */
static noinline int take_lock(void)
{
	long before = READ_ONCE(klp_special_counter);
	bool right = true;

#if defined(CONFIG_X86_64) && defined(CONFIG_SMP)
	u8 prefix;

	asm volatile("1:" LOCK_PREFIX "incq %0; movb 1b(%%rip), %1"
		     : "+m" (klp_special_counter), "=q" (prefix));
	right = prefix == (uniproc_patched ? 0x3e : 0xf0);
#else
	klp_special_counter++;
#endif
	return right && READ_ONCE(klp_special_counter) - before == 1;
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

/* Does the kernel know that a warning would come from there? */
static bool is_known(const struct bug_entry *bug)
{
	unsigned long addr = (unsigned long)&bug->bug_addr_disp + bug->bug_addr_disp;

	return within_module(addr, THIS_MODULE) && find_bug(addr) == bug;
}

/* No warning comes: it would be a defect. */
static noinline int take_bug(void)
{
	bool warned = WARN_ON_ONCE(!klp_special_right());
	unsigned int i, known = 0;

	for (i = 0; i < THIS_MODULE->num_bugs; i++)
		known += is_known(&THIS_MODULE->bug_table[i]);
	return !warned && known && known == i;
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

static void count_hit(void *data, int *hits)
{
	++*hits;
}

static void count_tracepoint(struct tracepoint *tp, struct module *mod, void *nr)
{
	*(int *)nr += mod == THIS_MODULE;
}

/* It works, and who looks for the livepatch's tracepoints finds it. */
static noinline int take_own_trace(void)
{
	int hits = 0, known = 0;

	if (register_trace_klp_special_own(count_hit, NULL))
		return 0;
	trace_klp_special_own(&hits);
	unregister_trace_klp_special_own(count_hit, NULL);
	tracepoint_synchronize_unregister();
	for_each_module_tracepoint(count_tracepoint, &known);
	return hits == 1 && known == 1 && klp_special_right();
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
	case KLP_SPECIAL_CALL_BASE:
		return take_call_base();
	case KLP_SPECIAL_TRACE:
		return take_trace();
	case KLP_SPECIAL_ALT_TAKEN:
		return take_alt_taken();
	case KLP_SPECIAL_ALT_KEPT:
		return take_alt_kept();
#ifdef CONFIG_X86_64
	case KLP_SPECIAL_ALT_OWN:
		return take_alt_own();
	case KLP_SPECIAL_CALL_SITE:
		return take_call_site();
	case KLP_SPECIAL_RETURN:
		return take_return();
	case KLP_SPECIAL_SEAL:
		return take_seal();
#else
	case KLP_SPECIAL_ALT_MMU:
		return take_alt_mmu();
	case KLP_SPECIAL_ALT_FIRMWARE:
		return take_alt_firmware();
	case KLP_SPECIAL_BARRIER:
		return take_barrier();
	case KLP_SPECIAL_NOSPEC:
		return take_nospec();
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
	case KLP_SPECIAL_OWN_TRACE:
		return take_own_trace();
	default:
		return -EINVAL;
	}
}

static int new_call(enum klp_special_way way)
{
	return take(way) + KLP_SPECIAL_ADD;
}

/* Compiled as a jump, which the branches of other keys are not. */
static int new_cmdline_proc_show(struct seq_file *m, void *v)
{
	seq_printf(m, "the target's key is %s\n",
		   str_on_off(static_branch_likely(&klp_special_false)));
	return 0;
}

static struct klp_func vmlinux_funcs[] = {
	{
		.old_name = "cmdline_proc_show",
		.new_func = new_cmdline_proc_show,
	}, { }
};

static struct klp_func no_funcs[] = {
	{ }
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
		.name = "test_klp_special_base",
		.funcs = no_funcs,
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
