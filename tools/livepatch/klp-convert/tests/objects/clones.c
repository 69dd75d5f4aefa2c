// SPDX-License-Identifier: GPL-2.0-or-later
/* Functions of which GCC makes others, or one, or knows too much, all by itself. */

struct large {
	int first;
	int rest[100];
};

int data[100];

/* .isra: needs no more than a part of what it is given. */
static __attribute__((noinline)) int reduced(struct large *large)
{
	int first = large->first;

	for (int i = 0; i < 100; i++)
		data[i] += data[99 - i] * first;
	return data[0];
}

int call_reduced(struct large *large)
{
	return reduced(large) + 1;
}

/* .constprop: an argument is always the same. */
static __attribute__((noinline)) int constant(int a, int b)
{
	for (int i = 0; i < b; i++)
		data[i] += a * data[99 - i];
	return data[a];
}

int call_constant(int a)
{
	return constant(a, 100) - constant(a + 1, 100);
}

/* .part: its beginning is inlined. */
int split(int *p)
{
	if (!p)
		return 0;
	for (int i = 0; i < 100; i++)
		data[i] += p[i] * data[99 - i];
	for (int i = 0; i < 100; i++)
		data[i] ^= p[i] / (data[99 - i] | 1);
	return data[0];
}

int call_split(int *p, int *q)
{
	return split(p) + split(q) + split(data);
}

/* The same code: one is left, and called in place of both. */
static __attribute__((noinline)) int one(int a)
{
	return data[a % 100] * 17;
}

static __attribute__((noinline)) int other(int a)
{
	return data[a % 100] * 17;
}

int call_both(int a)
{
	return one(a) - other(a + 1);
}

/* Callers rely on it that nothing is read or written, or nothing written. */
__attribute__((noinline)) int constant_effect(int a)
{
	return a * a + 7;
}

__attribute__((noinline)) int pure_effect(int a)
{
	return data[a % 100] + 7;
}

__attribute__((noinline)) int effect(int a)
{
	return data[a % 100]++;
}
