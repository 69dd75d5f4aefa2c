// SPDX-License-Identifier: GPL-2.0
/*
 * klp-failnth N load MODULE.ko [PARAMETER=VALUE...]
 * klp-failnth N write VALUE FILE - one system call with a failing allocation
 *
 * Lets the N-th allocation of the system call fail, among those that the fault
 * injection is set up to count, and prints "failed" if there was an N-th or
 * "spared" if there was none, then the errno of the system call (0 for
 * success). It is one program because the counter is one of the task:
 * insmod(8) would use it up before it comes to the point.
 */

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FAIL_NTH "/proc/thread-self/fail-nth"

static int do_load(int fd, const char *parameters)
{
	return syscall(SYS_finit_module, fd, parameters, 0) ? errno : 0;
}

static int do_write(int fd, const char *value)
{
	return write(fd, value, strlen(value)) < 0 ? errno : 0;
}

int main(int argc, char **argv)
{
	char parameters[1024] = "", rest[32] = "";
	int control, fd, error, i;
	const char *argument;

	if (argc < 4)
		errx(2, "usage: klp-failnth N load MODULE.ko [PARAMETER=VALUE...]\n"
			"       klp-failnth N write VALUE FILE");

	control = open(FAIL_NTH, O_RDWR);
	if (control < 0)
		err(2, FAIL_NTH);

	if (!strcmp(argv[2], "load")) {
		for (i = 4; i < argc; i++) {
			strncat(parameters, argv[i], sizeof(parameters) - strlen(parameters) - 1);
			strncat(parameters, " ", sizeof(parameters) - strlen(parameters) - 1);
		}
		argument = parameters;
		fd = open(argv[3], O_RDONLY | O_CLOEXEC);
	} else if (argc == 5 && !strcmp(argv[2], "write")) {
		argument = argv[3];
		fd = open(argv[4], O_WRONLY);
	} else {
		errx(2, "%s: unknown, or wrong arguments", argv[2]);
	}
	if (fd < 0)
		err(2, "%s", argv[argc - 1]);

	if (write(control, argv[1], strlen(argv[1])) < 0)
		err(2, FAIL_NTH);
	error = argv[2][0] == 'l' ? do_load(fd, argument) : do_write(fd, argument);
	if (pread(control, rest, sizeof(rest) - 1, 0) < 0 || pwrite(control, "0", 1, 0) < 0)
		err(2, FAIL_NTH);

	printf("%s %d\n", atoi(rest) ? "spared" : "failed", error);
	return 0;
}
