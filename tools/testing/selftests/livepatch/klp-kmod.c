// SPDX-License-Identifier: GPL-2.0
/*
 * klp-kmod - load and remove modules, for as long as somebody asks
 *
 * Reads a line for each:
 *
 *   load FILE [PARAMETER=VALUE...]
 *   unload MODULE
 *
 * and writes one: nothing if that is done, or else what strerror(3) calls the error. It
 * ends when there is nobody left who could ask. Where memory is checked, to start
 * insmod(8) takes longer than what it does.
 */

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static long load(const char *file, const char *parameters)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	long ret;
	int error;

	if (fd < 0)
		return -1;
	ret = syscall(SYS_finit_module, fd, parameters, 0);
	error = errno;
	close(fd);
	errno = error;
	return ret;
}

int main(void)
{
	static char line[1 << 16];

	while (fgets(line, sizeof(line), stdin)) {
		char *rest = line, *what, *name;
		long ret = -1;

		line[strcspn(line, "\n")] = '\0';
		what = strsep(&rest, " ");
		name = strsep(&rest, " ");
		errno = EINVAL;
		if (name && !strcmp(what, "load"))
			ret = load(name, rest ?: "");
		else if (name && !strcmp(what, "unload"))
			ret = syscall(SYS_delete_module, name, O_NONBLOCK);

		if (puts(ret ? strerror(errno) : "") < 0 || fflush(stdout))
			err(1, "standard output");
	}
	return 0;
}
