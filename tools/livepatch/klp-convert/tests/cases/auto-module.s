# SPDX-License-Identifier: GPL-2.0-or-later
# A module's symbols; one that it exports is converted, too, because the
# livepatch is made to be loaded without that module.
	.include "klp.inc"
	klp_object target
func:
	call target_hidden
	call target_exported
	call other_exported

	.data
	.quad target_data
