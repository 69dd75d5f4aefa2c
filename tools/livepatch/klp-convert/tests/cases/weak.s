# SPDX-License-Identifier: GPL-2.0-or-later
# A weak symbol may stay undefined.
	.include "klp.inc"
	.weak nowhere
	.quad nowhere
