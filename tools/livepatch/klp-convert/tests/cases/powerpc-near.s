# SPDX-License-Identifier: GPL-2.0-or-later
# What is hidden is taken to be near: from a module to vmlinux it is not.
	.include "klp.inc"
	klp_object target
	.text
	addis 3, 2, hidden_data@toc@ha
	ld 3, hidden_data@toc@l(3)
	addis 3, 2, target_data@toc@ha
	ld 3, target_data@toc@l(3)

	.data
	.long hidden_data - .
	.long hidden_data
	.quad hidden_data
