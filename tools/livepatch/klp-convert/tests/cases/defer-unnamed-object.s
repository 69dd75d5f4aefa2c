# SPDX-License-Identifier: GPL-2.0-or-later
# Something waits for a module that the livepatch does not name.
	.include "klp.inc"
func:
	static_branch target_key
