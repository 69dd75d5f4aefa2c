# SPDX-License-Identifier: GPL-2.0-or-later
# Nothing says that the livepatch waits for the module: an ordinary dependency.
	.include "klp.inc"
func:
	call target_exported
	call exported_func
