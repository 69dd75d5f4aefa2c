# SPDX-License-Identifier: GPL-2.0-or-later
# A relocation that the kernel cannot apply.
	.include "klp.inc"
	.data
	.byte hidden_data - .
