// SPDX-License-Identifier: GPL-2.0
/*
 * klp-spin - a process that uses its CPU and never enters the kernel
 *
 * It polls for nothing, as programs do that spin: with the instruction that
 * says so. Without, a CPU of an emulated machine makes the others wait for its
 * whole time slice whenever they need an answer from it. But not all of the time,
 * for an emulator takes many times as long for that instruction as for others.
 */

static void relax(void)
{
#if defined(__x86_64__)
	__asm__ volatile("pause");
#elif defined(__powerpc64__)
	__asm__ volatile("or 27,27,27");
#else
	__asm__ volatile("");
#endif
}

int main(void)
{
	unsigned int i;

	for (;;) {
		for (i = 0; i < 1000; i++)
			__asm__ volatile("");
		relax();
	}
}
