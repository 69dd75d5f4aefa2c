// SPDX-License-Identifier: GPL-2.0-or-later
/* A kernel in which the compiler has done what an author must know of. */
int inlined(int a);
int merged(int a);
int same(int a) __attribute__((alias("merged")));
int cloned(int a);
int part(int a) __asm__("cloned.part.0");
int left_alone(int a);
int caller(int a);
int patched_caller(int a);

int inlined(int a)
{
	return a * 3 + 1;
}

int merged(int a)
{
	return a - 7;
}

__attribute__((noinline, noclone)) int part(int a)
{
	return a / 5;
}

__attribute__((noinline)) int cloned(int a)
{
	return a < 0 ? 0 : part(a);
}

__attribute__((noinline)) int left_alone(int a)
{
	return a ^ 5;
}

__attribute__((flatten)) int caller(int a)
{
	return inlined(a) + left_alone(a);
}

__attribute__((flatten)) int patched_caller(int a)
{
	return inlined(a) * inlined(a + 1);
}
