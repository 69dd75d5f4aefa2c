# SPDX-License-Identifier: GPL-2.0-or-later
# Nothing is done for an object that is not one of the livepatch's: said once for each.
	.include "klp.inc"
func:
	call target_hidden
	call other_hidden
	.data
	.quad target_data
