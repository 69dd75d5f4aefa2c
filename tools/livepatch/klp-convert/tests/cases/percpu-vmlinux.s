# SPDX-License-Identifier: GPL-2.0-or-later
# The loader relocates nothing in what is copied for each CPU.
	.include "klp.inc"
	.section .data..percpu, "aw"
	.quad hidden_func
