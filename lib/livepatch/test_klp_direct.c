// SPDX-License-Identifier: GPL-2.0
/*
 * test_klp_direct - an ftrace direct call on klp_target_value()
 *
 * Does what a BPF fexit trampoline does, without BPF: it calls the function
 * itself, to see it return.  Left alone it calls the body behind the call to
 * ftrace, which is the *original* code.  When a livepatch shares the function,
 * ftrace tells so through ops_func, and from then on the trampoline has to go
 * where its return address points.  A livepatch that gets onto a function in
 * a way that ftrace does not announce leaves the original running.
 *
 * Parameters: `hits` counts calls, `shared` is set while ftrace says so.
 */

#include <linux/atomic.h>
#include <linux/ftrace.h>
#include <linux/module.h>
#include <linux/objtool.h>
#include <asm/ibt.h>
#include <asm/nospec-branch.h>
#include "test_klp_target.h"

static bool shared;
module_param(shared, bool, 0444);

static atomic_t hits;
module_param_named(hits, hits.counter, int, 0444);

static const unsigned long body = (unsigned long)klp_target_value + MCOUNT_INSN_SIZE +
				  (IS_ENABLED(CONFIG_X86_KERNEL_IBT) ? ENDBR_INSN_SIZE : 0);

asmlinkage unsigned long klp_direct_destination(unsigned long return_address);
asmlinkage void klp_direct_trampoline(void);

/* Called by the trampoline: where is the function that it is to call? */
asmlinkage unsigned long klp_direct_destination(unsigned long return_address)
{
	atomic_inc(&hits);
	return READ_ONCE(shared) ? return_address : body;
}

/*
 * On entry the stack holds where ftrace would go on, then the caller of the
 * function.  The function was called from here, so the first is dropped.
 */
asm("	.pushsection	.text, \"ax\", @progbits\n"
"	.type		klp_direct_trampoline, @function\n"
"	.globl		klp_direct_trampoline\n"
"klp_direct_trampoline:\n"
	ASM_ENDBR
"	pushq	%rbp\n"
"	movq	%rsp, %rbp\n"
"	subq	$8, %rsp\n"
	CALL_DEPTH_ACCOUNT
"	movq	8(%rbp), %rdi\n"
"	call	klp_direct_destination\n"
	ANNOTATE_RETPOLINE_SAFE
"	call	*%rax\n"
"	leave\n"
"	addq	$8, %rsp\n"
	ASM_RET
"	.size		klp_direct_trampoline, .-klp_direct_trampoline\n"
"	.popsection\n"
);
STACK_FRAME_NON_STANDARD(klp_direct_trampoline);

static int klp_direct_share(struct ftrace_ops *ops, enum ftrace_ops_cmd cmd)
{
	WRITE_ONCE(shared, cmd != FTRACE_OPS_CMD_DISABLE_SHARE_IPMODIFY_PEER);
	return 0;
}

static struct ftrace_ops direct_ops = {
	.ops_func = klp_direct_share,
};

static int __init test_klp_direct_init(void)
{
	int ret;

	ret = ftrace_set_filter_ip(&direct_ops, (unsigned long)klp_target_value, 0, 0);
	if (ret)
		return ret;

	ret = register_ftrace_direct(&direct_ops, (unsigned long)klp_direct_trampoline);
	if (ret)
		ftrace_free_filter(&direct_ops);
	return ret;
}

static void __exit test_klp_direct_exit(void)
{
	unregister_ftrace_direct(&direct_ops, (unsigned long)klp_direct_trampoline, true);
}

module_init(test_klp_direct_init);
module_exit(test_klp_direct_exit);
MODULE_DESCRIPTION("Livepatch test: an ftrace direct call on a patched function");
MODULE_LICENSE("GPL");
