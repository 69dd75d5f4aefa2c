# SPDX-License-Identifier: GPL-2.0-or-later
# Second source file of the module.
	.file "target-second.c"
	.text
target_twice:
	ret
