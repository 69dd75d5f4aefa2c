# SPDX-License-Identifier: GPL-2.0-or-later
# Homonyms inside an object, and in two objects.
	.include "klp.inc"
	call homonym
	call everywhere
	call target_twice
