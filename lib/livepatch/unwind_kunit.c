// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Unit tests of what the core asks of x86's unwinder at places where a task is too
 * seldom for a selftest to find it there.
 */
#include <kunit/test.h>
#include <linux/kallsyms.h>
#include <linux/module.h>
#include <asm/ibt.h>
#include <asm/linkage.h>
#include <asm/nospec-branch.h>
#include <asm/unwind.h>
#include "../../kernel/livepatch/internal.h"

/*
 * A function, and right in front of it the end of one with another frame, which is not its
 * end to who calls it: panic() does not return.
 */
asm(".pushsection .text\n"
	".type klp_kunit_framed, @function\n"
	"klp_kunit_framed:\n"
	"	subq	$24, %rsp\n"
	"	call	panic\n"
	".size klp_kunit_framed, . - klp_kunit_framed\n"
	".type klp_kunit_entry, @function\n"
	"klp_kunit_entry:\n"
	"	" ASM_ENDBR
	"	" ASM_RET
	".size klp_kunit_entry, . - klp_kunit_entry\n"
	".popsection");

static unsigned long entry_address(void)
{
	unsigned long addr;

	asm("leaq klp_kunit_entry(%%rip), %0" : "=r" (addr));
	return addr;
}

/*
 * returns_at() - unwind from where a task was interrupted
 * @ip:		where
 * @stack:	what is on top of its stack there: where it returns to, and where that returns
 *		to, at its entry
 *
 * Return: true if that is what the unwinder says of them, false if it starts with
 * something else, or cannot be trusted to say anything.
 */
static bool returns_at(struct kunit *test, unsigned long ip, const unsigned long *stack)
{
	struct pt_regs regs = {
		.ip = ip,
		.sp = (unsigned long)stack,
		.cs = __KERNEL_CS,
	};
	struct unwind_state state;

	/* This passes over the registers. */
	unwind_start(&state, current, &regs, NULL);
	if (unwind_error(&state) || unwind_done(&state) ||
	    unwind_get_return_address(&state) != stack[0])
		return false;

	KUNIT_EXPECT_TRUE_MSG(test, unwind_next_frame(&state), "from %pS", (void *)ip);
	KUNIT_EXPECT_EQ_MSG(test, unwind_get_return_address(&state), stack[1],
			    "from %pS", (void *)ip);
	return true;
}

/*
 * Wherever the callers of handlers are about to go on in what a handler has chosen: at the
 * entry of a new function, or of a trampoline.
 */
static void handler_chosen_test(struct kunit *test)
{
	static const char * const ends[] = { "ftrace_caller_end", "ftrace_regs_caller_end" };
	const unsigned long stack[8] = { entry_address(), _THIS_IP_ };
	struct klp_symbols *syms = klp_symbols_open(NULL);
	unsigned long ip, size, found;
	int i;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, syms);
	for (i = 0; i < ARRAY_SIZE(ends); i++) {
		found = 0;
		ip = kallsyms_lookup_name(ends[i]);
		KUNIT_ASSERT_NE(test, ip, 0UL);
		for (size = klp_symbols_size(syms, ip); size; size--, ip++)
			found += returns_at(test, ip, stack);
		KUNIT_EXPECT_GT(test, found, 0UL);
	}
	klp_symbols_close(syms);
}

/* In a return thunk, which has been jumped to from there; whether it is in force or not. */
static void return_thunk_test(struct kunit *test)
{
	const unsigned long stack[8] = { entry_address(), _THIS_IP_ };

	if (!IS_ENABLED(CONFIG_MITIGATION_RETHUNK))
		kunit_skip(test, "functions return by themselves");
	KUNIT_EXPECT_TRUE(test, returns_at(test, (unsigned long)x86_return_thunk, stack));
}

/* What some of the thunks call: this returns, after an instruction of five bytes. */
static void called_by_thunk_test(struct kunit *test)
{
	static const char * const names[] = { "srso_safe_ret", "srso_alias_safe_ret" };
	const unsigned long stack[8] = { entry_address(), _THIS_IP_ };
	unsigned long addr;
	int i;

	if (!IS_ENABLED(CONFIG_MITIGATION_SRSO))
		kunit_skip(test, "no thunk calls anything");
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		addr = kallsyms_lookup_name(names[i]);
		KUNIT_ASSERT_NE(test, addr, 0UL);
		KUNIT_EXPECT_TRUE_MSG(test, returns_at(test, addr + 5, stack), "%s", names[i]);
	}
}

static struct kunit_case unwind_tests[] = {
	KUNIT_CASE(handler_chosen_test),
	KUNIT_CASE(return_thunk_test),
	KUNIT_CASE(called_by_thunk_test),
	{ }
};

static struct kunit_suite unwind_suite = {
	.name = "livepatch_unwind",
	.test_cases = unwind_tests,
};

kunit_test_suite(unwind_suite);
