# SPDX-License-Identifier: GPL-2.0-or-later
# The module's own name ends like that of an object, which is named nowhere.
	.include "klp.inc"
	.section .gnu.linkonce.this_module, "aw"
	.asciz "fix_target"
	.data
	.asciz "fix_target"
	.text
	call target_hidden
