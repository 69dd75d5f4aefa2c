// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What live patching needs to know about ppc64le: relocations, and what to say
 * when the stack is full.
 */
#define pr_fmt(fmt) "livepatch: " fmt

#include <linux/elf.h>
#include <linux/livepatch.h>
#include <linux/minmax.h>
#include <linux/moduleloader.h>
#include <linux/panic.h>
#include <linux/printk.h>
#include <linux/string.h>
#include <asm/code-patching.h>
#include <asm/livepatch.h>
#include <asm/ppc-opcode.h>

/* How many callers are told when the stack is full. */
#define CHAIN_SHOWN	32

static_assert(sizeof(struct klp_return) == KLP_RETURN_SIZE);
static_assert(offsetof(struct klp_return, sp) == KLP_RETURN_SIZE + KLP_RETURN_SP);
static_assert(offsetof(struct klp_return, lr) == KLP_RETURN_SIZE + KLP_RETURN_LR);
static_assert(offsetof(struct klp_return, toc) == KLP_RETURN_SIZE + KLP_RETURN_TOC);

/* Called by klp_enter() on the emergency stack. */
asmlinkage void __noreturn klp_stack_overflow(unsigned long caller, unsigned long func);

asmlinkage void __noreturn klp_stack_overflow(unsigned long caller, unsigned long func)
{
	const struct klp_return *first = klp_returns(current);
	const struct klp_return *ret = (void *)task_thread_info(current)->livepatch_sp;
	int shown = 0;

	pr_emerg("no room on the kernel stack of %s:%d for a call of %pS from %pS, after %td calls of patched functions, from\n",
		 current->comm, task_pid_nr(current), (void *)func, (void *)caller,
		 ret - first);
	while (ret-- > first && shown++ < CHAIN_SHOWN)
		pr_emerg("  %pS\n", (void *)ret->lr);
	panic("livepatch: kernel stack overflow");
}

/* The types that apply_relocate_add() knows.  The instruction after a call counts. */
int klp_arch_reloc_size(unsigned int type)
{
	switch (type) {
	case R_PPC64_TOCSAVE:
		return 0;
	case R_PPC64_ADDR32:
	case R_PPC64_REL32:
		return 4;
	case R_PPC64_ADDR64:
	case R_PPC64_REL64:
	case R_PPC_REL24:
		return 8;
#ifndef CONFIG_PPC_KERNEL_PCREL
	case R_PPC64_TOC:
	case R_PPC64_ENTRY:
		return 8;
	case R_PPC64_TOC16:
	case R_PPC64_TOC16_LO:
	case R_PPC64_TOC16_HA:
	case R_PPC64_TOC16_DS:
	case R_PPC64_TOC16_LO_DS:
	case R_PPC64_REL16_HA:
	case R_PPC64_REL16_LO:
		return 2;
#endif
	default:
		return -ENOEXEC;
	}
}

/**
 * klp_patch_bytes() - write to a module that is read-only by now
 * @place:	where
 * @src:	what
 * @len:	bytes
 *
 * Return: 0 or -EFAULT.
 */
int klp_patch_bytes(void *place, const void *src, size_t len)
{
	while (len) {
		u32 *word = PTR_ALIGN_DOWN((u32 *)place, sizeof(u32));
		size_t offset = place - (void *)word;
		size_t n = min(len, sizeof(u32) - offset);
		u32 value = *word;

		memcpy((void *)&value + offset, src, n);
		if (patch_u32(word, value))
			return -EFAULT;
		place += n;
		src += n;
		len -= n;
	}
	return 0;
}

/* A call goes nowhere, and what follows it is what the compiler has left there. */
static void clear_call(u32 *insn)
{
	patch_instruction(insn, ppc_inst(*insn & ~PPC_LI_MASK));
	if (insn[1] == PPC_INST_LD_TOC)
		patch_instruction(insn + 1, ppc_inst(PPC_RAW_NOP()));
}

/**
 * clear_relocate_add() - undo apply_relocate_add()
 * @sechdrs:	section headers of the livepatch module
 * @strtab:	names of its symbols
 * @symindex:	index of its symbol table
 * @relsec:	index of the relocations
 * @me:		the livepatch module
 *
 * Places that were never written are left as they are.  The stubs of calls stay;
 * the next apply_relocate_add() makes them anew.
 */
void clear_relocate_add(Elf_Shdr *sechdrs, const char *strtab, unsigned int symindex,
			unsigned int relsec, struct module *me)
{
	const Elf_Rela *rela = (void *)sechdrs[relsec].sh_addr;
	void *target = (void *)sechdrs[sechdrs[relsec].sh_info].sh_addr;
	size_t i, nr = sechdrs[relsec].sh_size / sizeof(*rela);
	static const u64 zero;

	for (i = 0; i < nr; i++) {
		unsigned int type = ELF_R_TYPE(rela[i].r_info);
		void *place = target + rela[i].r_offset;
		u16 low;

		switch (type) {
		case R_PPC_REL24:
			clear_call(place);
			break;
		case R_PPC64_TOC16_DS:
		case R_PPC64_TOC16_LO_DS:
			/* Part of the opcode. */
			low = *(u16 *)place & 3;
			klp_patch_bytes(place, &low, sizeof(low));
			break;
		case R_PPC64_ENTRY:
			/* Depends on the livepatch module alone. */
			break;
		default:
			klp_patch_bytes(place, &zero, klp_arch_reloc_size(type));
		}
	}
}
