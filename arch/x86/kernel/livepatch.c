// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What live patching needs to know about x86: relocations, and which special
 * sections can be about code that refers to another module.
 */
#include <linux/elf.h>
#include <linux/jump_label.h>
#include <linux/livepatch.h>
#include <linux/memory.h>
#include <linux/module.h>
#include <linux/static_call.h>
#include <linux/string.h>
#include <asm/alternative.h>
#include <asm/cpufeature.h>
#include <asm/insn.h>
#include <asm/nops.h>
#include <asm/text-patching.h>

/* The types that apply_relocate_add() knows. */
int klp_arch_reloc_size(unsigned int type)
{
	switch (type) {
	case R_X86_64_NONE:
		return 0;
	case R_X86_64_64:
	case R_X86_64_PC64:
		return 8;
	case R_X86_64_32:
	case R_X86_64_32S:
	case R_X86_64_PC32:
	case R_X86_64_PLT32:
		return 4;
	default:
		return -ENOEXEC;
	}
}

void klp_arch_write_text(void *place, const void *bytes, size_t len)
{
	text_poke_copy(place, bytes, len);
	text_poke_sync();
}

/* The code of an entry that has nothing but its distance, and is an instruction. */
static int read_site(const struct module *mod, const s32 *offset, struct klp_site *site,
		     u8 insn[MAX_INSN_SIZE])
{
	const struct module_memory *text = &mod->mem[MOD_TEXT];
	struct insn decoded;
	size_t room;

	site->start = (void *)offset + *offset;
	if (!klp_is_module_text(mod, site->start, CALL_INSN_SIZE))
		return -ENOEXEC;
	room = text->base + text->size - site->start;
	if (insn_decode(&decoded, site->start, min(room, MAX_INSN_SIZE), INSN_MODE_KERN))
		return -ENOEXEC;
	site->len = decoded.length;
	memcpy(insn, site->start, decoded.length);
	return 0;
}

static int alternative_site(const struct module *mod, const void *entry,
			    struct klp_site *site)
{
	const struct alt_instr *alt = entry;

	site->start = (void *)&alt->instr_offset + alt->instr_offset;
	site->len = alt->instrlen;
	site->alt = (void *)&alt->repl_offset + alt->repl_offset;
	site->alt_len = alt->replacementlen;
	if (alt->replacementlen > alt->instrlen || alt->instrlen == U8_MAX ||
	    alt->cpuid >= (NCAPINTS + NBUGINTS) * 32)
		return -ENOEXEC;
	/* Of a call through a pointer in vmlinux, which need not wait for anybody. */
	if (alt->flags & ALT_FLAG_DIRECT_CALL)
		return -ENOEXEC;
	return 0;
}

static int add_alternatives(struct module *mod, void *start, void *stop)
{
	struct callthunk_sites calls = { .alt_start = start, .alt_end = stop };

	mutex_lock(&text_mutex);
	apply_alternatives(start, stop);
	mutex_unlock(&text_mutex);
	callthunks_patch_module_calls(&calls, mod);
	text_poke_sync();
	return 0;
}

static int call_site(const struct module *mod, const void *entry, struct klp_site *site)
{
	u8 insn[MAX_INSN_SIZE];

	return read_site(mod, entry, site, insn);
}

static int add_calls(struct module *mod, void *start, void *stop)
{
	struct callthunk_sites calls = { .call_start = start, .call_end = stop };

	callthunks_patch_module_calls(&calls, mod);
	text_poke_sync();
	return 0;
}

#ifdef CONFIG_JUMP_LABEL
/*
 * Nothing has been changed yet, or it has been put back: what the compiler and objtool
 * have left there must be what the key says.  The other form must be possible, too.
 */
static int jump_site(const struct module *mod, const void *entry, struct klp_site *site)
{
	const struct jump_entry *jump = entry;
	void *target = (void *)jump_entry_target(jump);
	u8 insn[MAX_INSN_SIZE], form[JMP32_INSN_SIZE];
	long distance;
	int err;

	err = klp_check_jump(mod, jump, site);
	if (err)
		return err;
	err = read_site(mod, &jump->code, site, insn);
	if (err)
		return err;

	switch (site->len) {
	case JMP8_INSN_SIZE:
		distance = target - (site->start + site->len);
		if (distance != (s8)distance)
			return -ENOEXEC;
		__text_gen_insn(form, JMP8_INSN_OPCODE, site->start, target, site->len);
		break;
	case JMP32_INSN_SIZE:
		__text_gen_insn(form, JMP32_INSN_OPCODE, site->start, target, site->len);
		break;
	default:
		return -ENOEXEC;
	}
	return memcmp(insn, klp_is_jump(jump) ? form : x86_nops[site->len], site->len) ?
	       -ENOEXEC : 0;
}
#endif

#ifdef CONFIG_HAVE_STATIC_CALL_INLINE
static int static_call_site(const struct module *mod, const void *entry,
			    struct klp_site *site)
{
	const struct static_call_site *call = entry;
	bool tail = (call->key + (long)&call->key) & STATIC_CALL_SITE_TAIL;
	u8 insn[MAX_INSN_SIZE];
	int err;

	err = read_site(mod, &call->addr, site, insn);
	if (err)
		return err;

	if (!tail)
		return insn[0] == CALL_INSN_OPCODE ? 0 : -ENOEXEC;
	/* The other one is a conditional jump. */
	if (insn[0] == JMP32_INSN_OPCODE || (insn[0] == 0x0f && (insn[1] & 0xf0) == 0x80))
		return 0;
	return -ENOEXEC;
}

static int add_static_calls(struct module *mod, void *start, void *stop)
{
	return static_call_add_sites(mod, start, stop);
}

static void del_static_calls(struct module *mod, void *start, void *stop)
{
	static_call_del_sites(mod, start, stop);
}
#endif

/*
 * Documentation/livepatch/module-elf-format.rst says why other special sections
 * need not wait.
 */
static const struct klp_arch_section sections[] = {
	{
		.name		= ".altinstructions",
		.entsize	= sizeof(struct alt_instr),
		.align		= 1,
		.site		= alternative_site,
		.add		= add_alternatives,
	},
	{
		.name		= ".call_sites",
		.entsize	= sizeof(s32),
		.align		= 1,
		.site		= call_site,
		.add		= add_calls,
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
#ifdef CONFIG_HAVE_STATIC_CALL_INLINE
	{
		/* objtool makes it, and aligns it to nothing. */
		.name		= ".static_call_sites",
		.entsize	= sizeof(struct static_call_site),
		.align		= 1,
		.alone		= true,
		.site		= static_call_site,
		.add		= add_static_calls,
		.del		= del_static_calls,
	},
#endif
	{}
};

const struct klp_arch_section *klp_arch_sections(void)
{
	return sections;
}
