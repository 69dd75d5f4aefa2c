// SPDX-License-Identifier: GPL-2.0
/*
 * klp-failnth N load MODULE.ko [PARAMETER=VALUE...]
 * klp-failnth N unload MODULE
 * klp-failnth N write VALUE FILE
 * klp-failnth N read FILE
 * klp-failnth N fork - one system call in which something fails
 *
 * (To read is two of them, one to open the file.)  Lets the N-th call fail that it
 * makes, among those that the fault injection is set up to count, and prints
 * "failed" if there was an N-th or "spared" if there was none, then the errno of
 * the system call (0 for success). It is one program because the counter is one of
 * the task: insmod(8) would use it up before it comes to the point.
 */

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define FAIL_NTH "/proc/thread-self/fail-nth"

/* What a system call needs, opened and made before anything fails. */
struct call {
	int fd;
	const char *text;
};

static int open_file(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC);

	if (fd < 0)
		err(2, "%s", path);
	return fd;
}

static void prepare_load(struct call *call, char **arguments)
{
	static char parameters[1024];

	call->fd = open_file(*arguments, O_RDONLY);
	call->text = parameters;
	while (*++arguments) {
		strncat(parameters, *arguments, sizeof(parameters) - strlen(parameters) - 1);
		strncat(parameters, " ", sizeof(parameters) - strlen(parameters) - 1);
	}
}

static long do_load(const struct call *call)
{
	return syscall(SYS_finit_module, call->fd, call->text, 0);
}

static void prepare_unload(struct call *call, char **arguments)
{
	call->text = arguments[0];
}

static long do_unload(const struct call *call)
{
	return syscall(SYS_delete_module, call->text, O_NONBLOCK);
}

static void prepare_write(struct call *call, char **arguments)
{
	call->text = arguments[0];
	call->fd = open_file(arguments[1], O_WRONLY);
}

static long do_write(const struct call *call)
{
	return write(call->fd, call->text, strlen(call->text));
}

static void prepare_read(struct call *call, char **arguments)
{
	call->text = arguments[0];
}

static long do_read(const struct call *call)
{
	static char contents[1 << 16];
	int fd = open(call->text, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? fd : read(fd, contents, sizeof(contents));
}

static void prepare_fork(struct call *call, char **arguments)
{
	(void)call;
	(void)arguments;
}

static long do_fork(const struct call *call)
{
	pid_t pid = fork();

	(void)call;
	if (!pid)
		_exit(0);
	return pid;
}

static const struct {
	const char *name;
	int least, most;
	void (*prepare)(struct call *call, char **arguments);
	long (*make)(const struct call *call);
} calls[] = {
	{ "load", 1, 64, prepare_load, do_load },
	{ "unload", 1, 1, prepare_unload, do_unload },
	{ "write", 2, 2, prepare_write, do_write },
	{ "read", 1, 1, prepare_read, do_read },
	{ "fork", 0, 0, prepare_fork, do_fork },
};

int main(int argc, char **argv)
{
	struct call call = { .fd = -1 };
	char rest[32] = "";
	int control, error;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(calls); i++)
		if (argc >= 3 && !strcmp(argv[2], calls[i].name))
			break;
	if (i == ARRAY_SIZE(calls) || argc - 3 < calls[i].least || argc - 3 > calls[i].most)
		errx(2, "usage: klp-failnth N load MODULE.ko [PARAMETER=VALUE...]\n"
			"       klp-failnth N unload MODULE\n"
			"       klp-failnth N write VALUE FILE\n"
			"       klp-failnth N read FILE\n"
			"       klp-failnth N fork");

	control = open_file(FAIL_NTH, O_RDWR);
	calls[i].prepare(&call, argv + 3);

	if (write(control, argv[1], strlen(argv[1])) < 0)
		err(2, FAIL_NTH);
	error = calls[i].make(&call) < 0 ? errno : 0;
	if (pread(control, rest, sizeof(rest) - 1, 0) < 0 || pwrite(control, "0", 1, 0) < 0)
		err(2, FAIL_NTH);
	while (wait(NULL) > 0)
		;

	printf("%s %d\n", atoi(rest) ? "spared" : "failed", error);
	return 0;
}
