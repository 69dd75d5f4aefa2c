# SPDX-License-Identifier: GPL-2.0-or-later
# A weak symbol may stay undefined, also if it is called like what nobody exports.
	.include "klp.inc"
	.weak nowhere
	.quad nowhere
	.weak hidden_func
	.quad hidden_func
	.weak everywhere
	.quad everywhere
