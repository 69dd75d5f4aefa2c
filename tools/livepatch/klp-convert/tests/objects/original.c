// SPDX-License-Identifier: GPL-2.0-or-later
/* A kernel in which the compiler has done what an author must know of. */

/* A second name, and what is called like a part of a function. */
__asm__(".globl same; .type same, @function; .set same, merged");
__asm__(".globl cloned.part.0; .type cloned.part.0, @function; .set cloned.part.0, part");

int inlined(int a)
{
	return a * 3 + 1;
}

int merged(int a)
{
	return a - 7;
}

int part(int a)
{
	return a / 5;
}

int cloned(int a)
{
	return a < 0 ? 0 : part(a);
}

int left_alone(int a)
{
	return a ^ 5;
}

__attribute__((flatten)) int caller(int a)
{
	return inlined(a) % 7 ^ a;
}

__attribute__((flatten)) int patched_caller(int a)
{
	return inlined(a) * inlined(a + 1);
}
