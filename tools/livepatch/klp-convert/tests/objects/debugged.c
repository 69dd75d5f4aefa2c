// SPDX-License-Identifier: GPL-2.0-or-later
/* A livepatch that has debugging information, and the address of what is not exported. */

struct shown_member {
	int inside;
};

struct shown {
	struct shown_member member;
} shown;

__asm__(".data; .quad hidden_data; .section .modinfo, \"a\"; .asciz \"livepatch=Y\"");
