// SPDX-License-Identifier: GPL-2.0
/*
 * klp-call - make system calls, for as long as somebody asks
 *
 * Reads a line for each:
 *
 *   N load FILE [PARAMETER=VALUE...]
 *   N unload MODULE
 *   N write FILE VALUE
 *   N read FILE
 *   N fork
 *   N log FILE		puts there what the kernel has said since the last "forget"
 *   N forget		what it has said is not read again, by others neither
 *
 * and writes one: "failed", "spared" or "-", the errno of the call, 0 for success, and what
 * strerror(3) says of it. If N is not 0, the N-th call fails that the system call makes,
 * among those that the fault injection is set up to count; it is spared if there were not
 * as many. The counter is one of the task, and a program that first has to start would use
 * it up. Where memory is checked, to start one takes longer, too, than what it is asked for.
 *
 * It ends when there is nobody left who could ask.
 */

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* What there is of it before anything fails. */
struct call {
	const char *name;	/* of a file or module, NULL if there was none */
	const char *text;	/* what follows it */
	int fd;			/* the file, if it is to be open before */
};

static long call_load(const struct call *call)
{
	return syscall(SYS_finit_module, call->fd, call->text, 0);
}

static long call_unload(const struct call *call)
{
	return syscall(SYS_delete_module, call->name, O_NONBLOCK);
}

static long call_write(const struct call *call)
{
	return write(call->fd, call->text, strlen(call->text));
}

/* Two of them: what opens the file may fail as well. */
static long call_read(const struct call *call)
{
	static char contents[1 << 16];
	int fd = open(call->name, O_RDONLY | O_CLOEXEC);
	long ret = fd < 0 ? fd : read(fd, contents, sizeof(contents));
	int error = errno;

	if (fd >= 0)
		close(fd);
	errno = error;
	return ret;
}

static long call_fork(const struct call *call)
{
	pid_t pid = fork();

	(void)call;
	if (!pid)
		_exit(0);
	return pid;
}

/* As dmesg does; see syslog(2). If there is more, it gets the end. */
static long call_log(const struct call *call)
{
	static char log[2 << 20];
	long size = klogctl(3, log, sizeof(log));

	return size < 0 ? size : write(call->fd, log, size);
}

static long call_forget(const struct call *call)
{
	(void)call;
	return klogctl(5, NULL, 0);
}

#define NOT_OPENED (-1)

static const struct {
	const char *what;
	int open;
	bool named;
	long (*call)(const struct call *call);
} calls[] = {
	{ "load", O_RDONLY, true, call_load },
	{ "unload", NOT_OPENED, true, call_unload },
	{ "write", O_WRONLY, true, call_write },
	{ "read", NOT_OPENED, true, call_read },
	{ "fork", NOT_OPENED, false, call_fork },
	{ "log", O_WRONLY | O_CREAT | O_TRUNC, true, call_log },
	{ "forget", NOT_OPENED, false, call_forget },
};

/* control() is the file of the fault injection; there is none without. */
static int control(void)
{
	static int fd = -1;

	if (fd < 0)
		fd = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	return fd;
}

/* answer() makes the call and tells what came of it. */
static void answer(long (*make)(const struct call *call), const struct call *call,
		   const char *nth)
{
	const char *outcome = "-";
	char rest[32] = "";
	int error;

	if (!strcmp(nth, "0")) {
		error = make(call) < 0 ? errno : 0;
	} else {
		if (write(control(), nth, strlen(nth)) < 0)
			err(1, "fail-nth");
		error = make(call) < 0 ? errno : 0;
		if (pread(control(), rest, sizeof(rest) - 1, 0) < 0 ||
		    pwrite(control(), "0", 1, 0) < 0)
			err(1, "fail-nth");
		outcome = atoi(rest) ? "spared" : "failed";
	}
	while (wait(NULL) > 0)
		;
	printf("%s %d %s\n", outcome, error, strerror(error));
}

static void make_call(char *line)
{
	const char *nth = strsep(&line, " "), *what = strsep(&line, " ");
	struct call call = { .name = strsep(&line, " "), .text = line ?: "", .fd = -1 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(calls); i++)
		if (what && !strcmp(what, calls[i].what))
			break;
	if (i == ARRAY_SIZE(calls) || (!call.name && calls[i].named))
		errx(1, "not a call: %s %s", nth, what ?: "");

	if (calls[i].open != NOT_OPENED) {
		call.fd = open(call.name, calls[i].open | O_CLOEXEC, 0600);
		if (call.fd < 0) {
			printf("- %d %s\n", errno, strerror(errno));
			return;
		}
	}
	answer(calls[i].call, &call, nth);
	if (call.fd >= 0)
		close(call.fd);
}

int main(void)
{
	static char line[1 << 16];

	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = '\0';
		make_call(line);
		if (fflush(stdout))
			err(1, "standard output");
	}
	return 0;
}
