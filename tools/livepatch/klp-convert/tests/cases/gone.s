# SPDX-License-Identifier: GPL-2.0-or-later
# Init memory of vmlinux is freed when a livepatch comes; what is per CPU is not.
	.include "klp.inc"
	klp_sympos vmlinux, sometimes, 2
	.text
	call hidden_func
	.data
	.quad gone
	.quad for_each_cpu
	.quad sometimes
