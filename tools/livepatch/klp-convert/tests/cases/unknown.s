# SPDX-License-Identifier: GPL-2.0-or-later
	.include "klp.inc"
	call nowhere
	call target_once	# only in init memory, so not there either
