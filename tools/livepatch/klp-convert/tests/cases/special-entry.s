# SPDX-License-Identifier: GPL-2.0-or-later
# Deferred entries that the kernel does not take.
	.include "klp.inc"
	klp_object target
	.type func, @function
func:
	# What is put there is longer than what is replaced.
	alternative "call target_hidden", "call exported_func; nop"
	# So long that the length means something else.
	alternative "call target_hidden; .skip 250", "nop"
	# ALT_FLAG_DIRECT_CALL
	alternative "call target_hidden", "nop", 0x20001
	# Nothing is replaced.
	alternative "", "call target_hidden"
	# ALT_FLAG_NOT is right.
	alternative "call target_hidden", "nop", 0x10001
	.size func, . - func

	# Code that goes, or is none.
	.section .init.text, "ax"
	static_branch target_key
	.data
1:	.long target_data - .
2:
	.pushsection .altinstructions, "a"
	.long 1b - ., 0, 1
	.byte 2b - 1b, 0
	.popsection
