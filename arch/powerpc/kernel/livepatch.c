// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What live patching needs to know about ppc64le: relocations, which special
 * sections can be about code that refers to another module, and what to say when
 * the stack is full.
 */
#define pr_fmt(fmt) "livepatch: " fmt

#include <linux/elf.h>
#include <linux/jump_label.h>
#include <linux/livepatch.h>
#include <linux/minmax.h>
#include <linux/moduleloader.h>
#include <linux/panic.h>
#include <linux/printk.h>
#include <linux/string.h>
#include <linux/unaligned.h>
#include <asm/code-patching.h>
#include <asm/cputable.h>
#include <asm/feature-fixups.h>
#include <asm/firmware.h>
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
 * Whoever reads an aligned pointer meanwhile finds the old or the new one.
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

		if (len >= sizeof(u64) && IS_ALIGNED((unsigned long)place, sizeof(u64))) {
			n = sizeof(u64);
			if (patch_u64(place, get_unaligned((u64 *)src)))
				return -EFAULT;
		} else {
			memcpy((void *)&value + offset, src, n);
			if (patch_u32(word, value))
				return -EFAULT;
		}
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

void klp_arch_write_text(void *place, const void *bytes, size_t len)
{
	WARN_ON_ONCE(klp_patch_bytes(place, bytes, len));
}

static int feature_site(const struct module *mod, const void *entry, struct klp_site *site)
{
	const struct fixup_entry *fixup = entry;
	long len = fixup->end_off - fixup->start_off;
	long alt_len = fixup->alt_end_off - fixup->alt_start_off;

	site->start = (void *)entry + fixup->start_off;
	site->alt = (void *)entry + fixup->alt_start_off;
	if (len <= 0 || len > U16_MAX || alt_len < 0 || alt_len > len ||
	    !IS_ALIGNED((unsigned long)site->start | (unsigned long)site->alt |
			len | alt_len, sizeof(u32)))
		return -ENOEXEC;
	site->len = len;
	site->alt_len = alt_len;
	return 0;
}

static int add_cpu_features(struct module *mod, void *start, void *stop)
{
	do_late_feature_fixups(cur_cpu_spec->cpu_features, start, stop);
	return 0;
}

static int add_mmu_features(struct module *mod, void *start, void *stop)
{
	do_late_feature_fixups(cur_cpu_spec->mmu_features, start, stop);
	return 0;
}

static int add_firmware_features(struct module *mod, void *start, void *stop)
{
	do_late_feature_fixups(powerpc_firmware_features, start, stop);
	return 0;
}

#ifdef CONFIG_JUMP_LABEL
/*
 * Nothing has been changed yet, or it has been put back: what the compiler has left there
 * must be what the key says.  The other form must be possible, too.
 */
static int jump_site(const struct module *mod, const void *entry, struct klp_site *site)
{
	const struct jump_entry *jump = entry;
	ppc_inst_t branch;
	int err;

	err = klp_check_jump(mod, jump, site);
	if (err)
		return err;

	site->len = sizeof(u32);
	if (!IS_ALIGNED((unsigned long)site->start, sizeof(u32)) ||
	    !klp_is_module_text(mod, site->start, site->len) ||
	    create_branch(&branch, site->start, jump_entry_target(jump), 0))
		return -ENOEXEC;

	return *(u32 *)site->start ==
	       (klp_is_jump(jump) ? ppc_inst_val(branch) : PPC_RAW_NOP()) ? 0 : -ENOEXEC;
}
#endif

/*
 * Documentation/livepatch/module-elf-format.rst says why other special sections
 * need not wait.
 */
static const struct klp_arch_section sections[] = {
	{
		.name		= "__ftr_fixup",
		.entsize	= sizeof(struct fixup_entry),
		.align		= __alignof__(struct fixup_entry),
		.site		= feature_site,
		.add		= add_cpu_features,
	},
	{
		.name		= "__mmu_ftr_fixup",
		.entsize	= sizeof(struct fixup_entry),
		.align		= __alignof__(struct fixup_entry),
		.site		= feature_site,
		.add		= add_mmu_features,
	},
	{
		.name		= "__fw_ftr_fixup",
		.entsize	= sizeof(struct fixup_entry),
		.align		= __alignof__(struct fixup_entry),
		.site		= feature_site,
		.add		= add_firmware_features,
	},
#ifdef CONFIG_JUMP_LABEL
	{
		.name		= "__jump_table",
		.entsize	= sizeof(struct jump_entry),
		.align		= __alignof__(struct jump_entry),
		.alone		= true,
		.site		= jump_site,
		.add		= klp_add_jumps,
		.del		= klp_del_jumps,
	},
#endif
	{}
};

const struct klp_arch_section *klp_arch_sections(void)
{
	return sections;
}
