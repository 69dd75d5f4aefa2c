/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * livepatch-late.h - what livepatch-late-mod and the livepatch for it share
 *
 * In real life this is a header of the subsystem, which a livepatch includes as
 * the original source does.
 */
#ifndef _LIVEPATCH_LATE_H
#define _LIVEPATCH_LATE_H

#include <linux/jump_label.h>
#include <linux/static_call.h>
#include <linux/tracepoint.h>

#ifdef CONFIG_X86_64
#include <asm/alternative.h>
#else
#include <asm/asm-const.h>
#include <asm/cputable.h>
#include <asm/feature-fixups.h>
#endif

DECLARE_STATIC_KEY_FALSE(late_precise);

extern const char *late_unit;

int late_celsius(int reading);
DECLARE_STATIC_CALL(late_convert, late_celsius);

DECLARE_TRACE(livepatch_late, TP_PROTO(int reading), TP_ARGS(reading));

int late_read_old(void);
int late_read_new(void);

/* Reads the sensor in the way that is right for the processor. */
static __always_inline int late_read(void)
{
#ifdef CONFIG_X86_64
	int reading;

	asm volatile(ALTERNATIVE("call late_read_old", "call late_read_new",
				 X86_FEATURE_ALWAYS)
		     : ASM_CALL_CONSTRAINT, "=a" (reading)
		     :
		     : "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "cc", "memory");
	return reading;
#else
	register long reading asm("r3");

	asm volatile(".set late_feature, %1;"
		     ASM_FTR_IFSET("bl late_read_new; nop", "bl late_read_old; nop", late_feature)
		     : "=r" (reading)
		     : "i" (CPU_FTR_ARCH_207S)
		     : "r0", "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12",
		       "lr", "ctr", "xer", "cr0", "cr1", "cr5", "cr6", "cr7", "memory");
	return reading;
#endif
}

#endif /* _LIVEPATCH_LATE_H */
