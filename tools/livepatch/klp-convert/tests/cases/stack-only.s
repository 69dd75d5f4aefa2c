# SPDX-License-Identifier: GPL-2.0-or-later
# Functions that are only looked for on stacks: by one name, the other, or both.
	.include "klp.inc"
	klp_patch
	klp_patched 0, funcs
	klp_patch_end

	.text
	.type new_hidden, @function
new_hidden:
	ret
	.size new_hidden, . - new_hidden

	.data
	.type funcs, @object
funcs:
	klp_stack_only , new_hidden
	klp_stack_only homonym, , 2
	klp_stack_only exported_func, new_hidden
	.skip 40
	.size funcs, . - funcs
