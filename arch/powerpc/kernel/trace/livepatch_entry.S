/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a function that has been redirected to the new one, and back.
 */
#include <asm/asm-offsets.h>
#include <asm/bug.h>
#include <asm/hw_irq.h>
#include <asm/livepatch.h>
#include <asm/ppc_asm.h>
#include <asm/thread_info.h>

/*
 * ftrace jumps here at its end when its handler has changed where to go on.
 *
 *   r1, r3 to r10	as the caller has left them for the function
 *   LR			the return address, in the caller
 *   r2			the TOC with which the old function was entered, and with
 *			which it would return
 *   CTR		the new function; or the return address, if a handler has the
 *			function return at once, as error injection does
 *
 * Nobody's: r0, r11, r12, cr0.  Interrupts may come at any time and call redirected
 * functions of their own: an entry is taken before it is filled, and read before
 * it is given back.
 */
_GLOBAL(klp_enter)
	ld	r12, PACA_THREAD_INFO(r13)
	ld	r11, TI_livepatch_sp(r12)

	/*
	 * Room?  Beyond THREAD_SIZE, r1 is on another stack.  (Or on this one, but below
	 * r11: then frames have overflowed into the returns before.)
	 */
	subf	r0, r11, r1
	cmpldi	r0, THREAD_SIZE
	bge-	.Lother_stack
	cmpldi	r0, KLP_STACK_MARGIN
	blt-	.Lno_room

.Lpush:
	addi	r11, r11, KLP_RETURN_SIZE
	std	r11, TI_livepatch_sp(r12)
	mflr	r0
	std	r1, KLP_RETURN_SP(r11)
	std	r0, KLP_RETURN_LR(r11)
	std	r2, KLP_RETURN_TOC(r11)

	/* The global entry makes the TOC from r12. */
	mfctr	r12
	cmpd	r12, r0
	beq-	.Lat_once
	bctrl

/*
 * The new function returns here: r3 and r4 may have its result, r0, r11, r12 and
 * cr0 are free, r2 is whatever it was.  With anything but the stack pointer of the
 * call, the topmost entry is not of this call or no longer what it was.
 */
_GLOBAL(klp_return)
	ld	r12, PACA_THREAD_INFO(r13)
	ld	r11, TI_livepatch_sp(r12)
	ld	r0, KLP_RETURN_SP(r11)
0:	tdne	r0, r1
	EMIT_BUG_ENTRY 0b, __FILE__, __LINE__ - 1, 0
	ld	r0, KLP_RETURN_LR(r11)
	ld	r2, KLP_RETURN_TOC(r11)
	mtlr	r0
	subi	r11, r11, KLP_RETURN_SIZE
	std	r11, TI_livepatch_sp(r12)
	blr

/* Nothing comes back here. */
.Lat_once:
	ld	r12, PACA_THREAD_INFO(r13)
	subi	r11, r11, KLP_RETURN_SIZE
	std	r11, TI_livepatch_sp(r12)
	bctr

/* In an interrupt: it is the innermost frame on the task's stack that counts. */
.Lother_stack:
	mr	r12, r1
1:	ld	r12, 0(r12)
	cmpdi	r12, 0
	bge-	2f			/* no address of the kernel: the chain has ended */
	subf	r0, r11, r12
	cmpldi	r0, THREAD_SIZE
	bge	1b
	cmpldi	r0, KLP_STACK_MARGIN
	blt-	.Lno_room
2:	ld	r12, PACA_THREAD_INFO(r13)
	b	.Lpush

/* Tell, on a stack that has room, with the frames of this one behind it. */
.Lno_room:
	li	r0, IRQS_ALL_DISABLED
	stb	r0, PACAIRQSOFTMASK(r13)
	mflr	r3
	std	r3, LRSAVE(r1)
	mfctr	r4
	mr	r5, r1
	ld	r1, PACAEMERGSP(r13)
	subi	r1, r1, STACK_FRAME_MIN_SIZE
	std	r5, 0(r1)
	LOAD_PACA_TOC()
	bl	klp_stack_overflow
0:	trap
	EMIT_BUG_ENTRY 0b, __FILE__, __LINE__ - 1, 0

_ASM_NOKPROBE_SYMBOL(klp_enter)
_ASM_NOKPROBE_SYMBOL(klp_return)
