// SPDX-License-Identifier: GPL-2.0
/*
 * klp-torture DIRECTORY SECONDS SEED [OPTION...] - livepatches come and go at random
 *
 * The module klptorture calls functions and checks each call. This program loads
 * the livepatches of these functions, enables, stacks, replaces, reverses,
 * disables and removes them, and does to the rest of the system whatever may
 * matter: the patched module comes and goes, processes fork and exit, tracers,
 * probes and BPF programs come and go on the same functions, memory runs low.
 * What it does depends on SEED, and on how long each step takes.
 *
 * Every transition has to end, whatever is refused has to be refused for a reason,
 * whatever it does has to have been done once in a minute, and in the end the system
 * has to be as it was. What is wrong is told to klptorture, whose last line in the
 * log is the verdict.
 *
 * DIRECTORY has the modules, and klp-bpf. klptorture is loaded before and removed
 * at the end. OPTION is
 *
 *   force	force transitions. Livepatches that were forced stay for ever, so
 *		the test ends when all of them have been
 *   notracers	no tracers, probes and BPF programs
 *   nomemory	memory does not run low
 *   workers=N	processes that call (4)
 *   limit=N	seconds until a transition counts as stuck (40)
 *
 * If the kernel keeps it twice as long as that, "stuck: " and what it was about to do is
 * the last that it says: who started it need not wait for its end.
 */

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SYSFS	"/sys/kernel/livepatch"
#define DEBUGFS	"/sys/kernel/debug/klptorture"
#define TRACING	"/sys/kernel/tracing"
#define CALL	DEBUGFS "/call"
#define PASS	"/sys/module/test_klp_pass/parameters"
#define SPECIAL	"test_klp_special"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static const char *directory;
static bool may_force, no_tracers, no_memory;
/* A process takes nearly all memory; it has got it. */
static enum { ENOUGH, RUNS_LOW, RAN_LOW } low_on_memory;
static unsigned int nr_workers = 4, limit = 40;
static unsigned int errors;

/* ---- small things ---------------------------------------------------------------- */

static uint64_t random_state;

static unsigned int below(unsigned int n)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (random_state >> 16) % n;
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static void pause_ms(unsigned int ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000L };

	while (nanosleep(&ts, &ts) && errno == EINTR)
		;
}

__attribute__((format(printf, 2, 3)))
static int put(const char *path, const char *format, ...)
{
	char text[512];
	va_list args;
	int fd, len, err = 0;

	va_start(args, format);
	len = vsnprintf(text, sizeof(text), format, args);
	va_end(args);

	fd = open(path, O_WRONLY | O_APPEND);
	if (fd < 0)
		return -errno;
	if (write(fd, text, len) != len)
		err = -errno;
	close(fd);
	return err;
}

/* What a file says, without the newline at its end; empty if it is not there. */
static char *get(const char *path)
{
	static char text[65536];
	ssize_t len = 0, n;
	int fd;

	text[0] = '\0';
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return text;
	while ((n = read(fd, text + len, sizeof(text) - 1 - len)) > 0)
		len += n;
	close(fd);
	if (len && text[len - 1] == '\n')
		len--;
	text[len] = '\0';
	return text;
}

static bool exists(const char *path)
{
	return !access(path, F_OK);
}

__attribute__((format(printf, 1, 2)))
static void fail(const char *format, ...)
{
	char text[400];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	errors++;
	printf("wrong: %s\n", text);
	put(DEBUGFS "/control", "fail %.180s", text);
}

/* What has been done last, for who wants to know why something went wrong. */
static struct {
	double when;
	char text[100];
} history[64];
static unsigned int nr_history;

__attribute__((format(printf, 1, 2)))
static void remember(const char *format, ...)
{
	unsigned int i = nr_history++ % ARRAY_SIZE(history);
	va_list args;

	history[i].when = now();
	va_start(args, format);
	vsnprintf(history[i].text, sizeof(history[i].text), format, args);
	va_end(args);
}

static void tell_history(void)
{
	unsigned int size = ARRAY_SIZE(history);
	unsigned int i = nr_history > size ? nr_history - size : 0;

	for (; i < nr_history; i++)
		printf("%.3f %s\n", history[i % size].when, history[i % size].text);
}

/* ---- whether anything happens ------------------------------------------------------- */

/* Changes as long as it does. */
static atomic_uint progress;

/* Who is kept in the kernel for ever cannot tell; this thread can. */
static void *watchdog_fn(void *unused)
{
	unsigned int seen = progress;
	double since = now();
	char text[200];

	while (now() - since <= 2 * limit) {
		pause_ms(500);
		if (progress == seen)
			continue;
		seen = progress;
		since = now();
	}
	snprintf(text, sizeof(text), "nothing has happened for %u s, the last is: %.100s",
		 2 * limit, nr_history ? history[(nr_history - 1) % ARRAY_SIZE(history)].text : "");
	put(DEBUGFS "/control", "fail %s", text);
	/* Where the CPUs are. */
	put("/proc/sysrq-trigger", "l");
	printf("stuck: %s\n", text);
	return unused;
}

static void start_watchdog(void)
{
	pthread_t thread;

	errno = pthread_create(&thread, NULL, watchdog_fn, NULL);
	if (errno)
		err(1, "watchdog");
}

/* How often each thing was done, and how often it was refused. */
static struct count {
	const char *name;
	unsigned long done, refused;
	/* Of the last time. */
	char refusal[100];
} counts[32];

static struct count *count_of(const char *name)
{
	struct count *c = counts;

	while (c->name && strcmp(c->name, name))
		c++;
	c->name = name;
	return c;
}

static void count_refused(const char *name, const char *why)
{
	struct count *c = count_of(name);

	c->refused++;
	snprintf(c->refusal, sizeof(c->refusal), "%s", why);
	remember("%s: %s", name, why);
}

static void count(const char *name, int err)
{
	if (err) {
		count_refused(name, strerror(abs(err)));
		return;
	}
	count_of(name)->done++;
	remember("%s: done", name);
}

/* ---- modules ---------------------------------------------------------------------- */

static char path_buffer[512];

__attribute__((format(printf, 1, 2)))
static const char *path(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(path_buffer, sizeof(path_buffer), format, args);
	va_end(args);
	return path_buffer;
}

static bool loaded(const char *name)
{
	return exists(path("/sys/module/%s/refcnt", name));
}

static int references(const char *name)
{
	return atoi(get(path("/sys/module/%s/refcnt", name)));
}

static int load(const char *name, const char *parameters)
{
	int fd, err = 0;

	fd = open(path("%s/%s.ko", directory, name), O_RDONLY);
	if (fd < 0)
		return -errno;
	if (syscall(SYS_finit_module, fd, parameters, 0))
		err = -errno;
	close(fd);
	return err;
}

static int unload(const char *name)
{
	return syscall(SYS_delete_module, name, O_NONBLOCK) ? -errno : 0;
}

static bool is_bad(int err)
{
	return err && err != -EBUSY && !(err == -ENOMEM && low_on_memory);
}

/* ---- livepatches ------------------------------------------------------------------- */

struct livepatch {
	const char *name;
	/* Chosen anew each time, for those of klptorture. */
	bool ours;
	const char *parameters;
	bool was_enabled;
	bool pinned;
};

static struct livepatch livepatches[] = {
	{ "klptorture_v1", .ours = true },
	{ "klptorture_v2", .ours = true },
	{ "klptorture_v3", .ours = true },
	{ "klptorture_v4", .ours = true },
	{ "test_klp_reloc", .parameters = "" },
	{ "test_klp_pass", .parameters = "funcs=proc_flush_pid" },
	{ "test_klp_special", .parameters = "" },
};

/* Modules that are patched and come and go; and what they need, which stays. */
static const struct target {
	const char *name, *base;
} targets[] = {
	{ "klptorture_target", NULL },
	{ "test_klp_reloc_target", "test_klp_reloc_base" },
	{ SPECIAL "_target", SPECIAL "_base" },
};

#define for_each_livepatch(p) \
	for (p = livepatches; p < livepatches + ARRAY_SIZE(livepatches); p++)

static bool is_enabled(const struct livepatch *p)
{
	return exists(path(SYSFS "/%s", p->name));
}

static bool in_transition(const struct livepatch *p)
{
	return *get(path(SYSFS "/%s/transition", p->name)) == '1';
}

static struct livepatch *find_in_transition(void)
{
	struct livepatch *p;

	for_each_livepatch(p)
		if (in_transition(p))
			return p;
	return NULL;
}

static struct livepatch *find_livepatch(const char *name)
{
	struct livepatch *p = livepatches;

	while (strcmp(p->name, name))
		p++;
	return p;
}

static bool is_available(const struct livepatch *p)
{
	return exists(path("%s/%s.ko", directory, p->name));
}

/* A transition that takes too long is stuck; say for whom it waits. */
static void watch(void)
{
	static struct livepatch *waiting;
	static bool told;
	static double since;
	static char leg;
	struct livepatch *p = find_in_transition();
	char state = p ? *get(path(SYSFS "/%s/enabled", p->name)) : '-';

	if (!p || p != waiting || state != leg) {
		waiting = p;
		leg = state;
		since = now();
		told = false;
	} else if (!told && now() - since > limit) {
		told = true;
		fail("transition of %s has not ended after %u s; it waits for: %.200s",
		     p->name, limit, get(path(SYSFS "/%s/stalled", p->name)));
	}
}

static void set_parameter(const struct livepatch *p, const char *name, unsigned int value)
{
	if (put(path("/sys/module/%s/parameters/%s", p->name, name), "%u", value))
		fail("cannot set %s of %s", name, p->name);
}

static void enable_livepatch(struct livepatch *p)
{
	/* Mostly all pairs; a replacement gives the others back. */
	unsigned int pairs = below(2) ? 31 : below(32);
	bool replace = !below(3), veto = !below(10);
	char text[100];
	int err;

	if (is_enabled(p) || p->pinned || !is_available(p))
		return;
	if (loaded(p->name)) {
		/* Its last transition has ended, but it has not been let go yet. */
		if (references(p->name))
			return;
		if (p->ours) {
			set_parameter(p, "pairs", pairs);
			set_parameter(p, "replace", replace);
			set_parameter(p, "veto", veto);
			err = put(path("/sys/module/%s/parameters/enable", p->name), "1");
		} else if (!strcmp(p->name, "test_klp_pass")) {
			err = put(PASS "/enable", "1");
		} else {
			err = unload(p->name) ?: load(p->name, p->parameters);
		}
	} else if (p->ours) {
		snprintf(text, sizeof(text), "pairs=%u replace=%u veto=%u", pairs, replace, veto);
		err = load(p->name, text);
	} else {
		err = load(p->name, p->parameters);
	}

	remember("%s: pairs %x%s%s", p->name, pairs, replace ? " replace" : "",
		 veto ? " veto" : "");
	count(!p->ours ? "enable others" : veto ? "veto" : replace ? "replace" : "enable", err);
	if (p->ours && veto ? !err || (err != -ENODEV && is_bad(err)) : is_bad(err))
		fail("enabling %s%s: %s", p->name, veto ? " with a veto" : "", strerror(-err));
}

static int set_enabled(struct livepatch *p, bool on)
{
	int err = put(path(SYSFS "/%s/enabled", p->name), "%d", on);

	remember("%s: enabled %d", p->name, on);

	/* It may just have gone, or have been replaced. */
	if (is_bad(err) && err != -ENOENT && err != -EINVAL && err != -ENODEV)
		fail("writing %d to enabled of %s: %s", on, p->name, strerror(-err));
	return err;
}

static void reverse_transition(void)
{
	struct livepatch *p = find_in_transition();

	if (!p)
		return;
	put(DEBUGFS "/control", "reverse");
	count("reverse", set_enabled(p, *get(path(SYSFS "/%s/enabled", p->name)) != '1'));
}

/* What is disabled or replaced by force stays in memory, and is out of sysfs at once. */
static void force_transition(void)
{
	struct livepatch *p = find_in_transition(), *other;
	int err;

	if (!p || below(4))
		return;
	for_each_livepatch(other)
		other->was_enabled = is_enabled(other);
	err = put(path(SYSFS "/%s/force", p->name), "1");
	count("force", err);
	if (err)
		return;
	for_each_livepatch(other)
		if (other->was_enabled)
			other->pinned = true;
}

static void remove_module(struct livepatch *p)
{
	double end = now() + limit;
	int err;

	if (!loaded(p->name) || is_enabled(p) || p->pinned)
		return;
	/* Let go of in a work item. */
	while ((err = unload(p->name)) == -EAGAIN && now() < end)
		pause_ms(5);
	count("remove", err);
	if (err)
		fail("removing %s: %s, %d references", p->name, strerror(-err),
		     references(p->name));
}

/* Some of them go at once, and take along what somebody might still run. */
static void disable_livepatch(struct livepatch *p, bool remove)
{
	double end = now() + 0.5;

	if (!is_enabled(p) || in_transition(p))
		return;
	count("disable", set_enabled(p, false));
	if (!remove)
		return;
	while (is_enabled(p) && now() < end)
		pause_ms(2);
	remove_module(p);
}

/* Disable it just when a task that exits, and is in no list, waits in its new code. */
static void disable_under_exiting(void)
{
	struct livepatch *p = find_livepatch("test_klp_pass");
	double end = now() + 0.7;

	enable_livepatch(p);
	while (atoi(get(PASS "/held")) <= 0 && now() < end)
		pause_ms(2);
	if (atoi(get(PASS "/held")) > 0)
		count("exiting", 0);
	disable_livepatch(p, true);
}

static void toggle_target(const struct target *target)
{
	const char *name = target->name;
	int err;

	if (!exists(path("%s/%s.ko", directory, name)))
		return;
	if (loaded(name)) {
		err = unload(name);
		count("target goes", err);
		if (err && err != -EAGAIN)
			fail("removing %s: %s", name, strerror(-err));
	} else {
		if (target->base && !loaded(target->base))
			load(target->base, "");
		err = load(name, "");
		count("target comes", err);
		if (is_bad(err))
			fail("loading %s: %s", name, strerror(-err));
	}
}

/* What the code of test_klp_special follows, and where it says what it does. */
static struct special {
	const char *module, *change;
	unsigned int values;
	const char *answer;
	unsigned int value;
} specials[] = {
	{ SPECIAL "_target", "set_false", 2, .answer = "key_false" },
	{ SPECIAL "_target", "set_call", 3, .answer = "call" },
	{ SPECIAL "_base", "key", 2, .answer = "key_base" },
	{ SPECIAL "_base", "call", 3, .answer = "call_base" },
};

/*
 * Switch a static key, or lead a static call elsewhere: the new code follows at once.
 * What belongs to the base module is changed as well while the new code's module is away.
 */
static void change_special(struct special *s)
{
	bool patched = *get(SYSFS "/" SPECIAL "/enabled") == '1' && !find_in_transition();
	const char *answer;

	s->value = (s->value + 1 + below(s->values - 1)) % s->values;
	if (put(path("/sys/module/%s/parameters/%s", s->module, s->change), "%u", s->value))
		return;
	remember("%s of %s: %u", s->change, s->module, s->value);
	answer = get(path("/sys/module/" SPECIAL "_target/parameters/%s", s->answer));
	if (!*answer || (!patched && !strcmp(answer, "original")))
		return;
	if (atoi(answer) != (int)s->value || !strcmp(answer, "original"))
		fail("%s of %s is %u, and the new code sees: %.20s", s->change, s->module,
		     s->value, answer);
	else
		count("special", 0);
}

/* That it is all there together is rare: the module comes now, or comes back. */
static void make_special_follow(void)
{
	const struct target *target = &targets[ARRAY_SIZE(targets) - 1];
	unsigned int i;

	enable_livepatch(find_livepatch(SPECIAL));
	if (loaded(target->name))
		toggle_target(target);
	toggle_target(target);
	for (i = 0; i < ARRAY_SIZE(specials); i++)
		change_special(&specials[i]);
}

/* klp-bpf detaches its programs when nobody has the other end of its input open. */
static struct {
	pid_t pid;
	int fd;
	/* It has said whether they are attached. */
	bool told;
} bpf;

/* ---- processes ---------------------------------------------------------------------- */

/* First thing in a child that lives until it is killed. */
static void begin_child(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setpriority(PRIO_PROCESS, 0, 0);
	if (bpf.pid > 0)
		close(bpf.fd);
}

static void read_call(void)
{
	char text[16];
	int fd = open(CALL, O_RDONLY);

	if (fd < 0)
		return;
	if (read(fd, text, sizeof(text)) < 0)
		_exit(1);
	close(fd);
}

static void *thread_fn(void *unused)
{
	(void)unused;
	read_call();
	return NULL;
}

/* In user space, where a task is nowhere. */
static void spend_time(void)
{
	double end = now() + below(10) / 1000.0;

	while (now() < end)
		;
}

static void worker(unsigned int seed)
{
	pthread_t thread;
	char text[200];
	pid_t pid;
	int fd;

	random_state = seed * 2654435761u + 1;
	for (;;) {
		read_call();
		switch (below(8)) {
		case 0:
			pid = fork();
			if (pid == 0) {
				read_call();
				_exit(0);
			}
			if (pid > 0)
				waitpid(pid, NULL, 0);
			break;
		case 1:
			if (!pthread_create(&thread, NULL, thread_fn, NULL))
				pthread_join(thread, NULL);
			break;
		case 2:
			fd = open("/proc/cmdline", O_RDONLY);
			if (fd >= 0 && read(fd, text, sizeof(text)) > 0)
				close(fd);
			break;
		case 3:
			spend_time();
			break;
		}
	}
}

static pid_t workers[64];

static void start_worker(unsigned int i)
{
	unsigned int seed = below(1000000) + 1;

	workers[i] = fork();
	if (workers[i] == 0) {
		begin_child();
		worker(seed);
	}
}

/* Wherever it is in the kernel; those that it has forked end by themselves. */
static void stop_worker(unsigned int i)
{
	if (workers[i] <= 0)
		return;
	kill(workers[i], SIGKILL);
	waitpid(workers[i], NULL, 0);
	workers[i] = 0;
}

static void restart_worker(void)
{
	unsigned int i = below(nr_workers);

	stop_worker(i);
	start_worker(i);
	count("worker", 0);
}

/*
 * Tasks that exit wait in the new proc_flush_pid(), when they are in no list any
 * more.  A process of its own, because much of what is done here waits for them.
 */
static pid_t holder;

static void start_holder(void)
{
	holder = fork();
	if (holder)
		return;
	begin_child();
	for (;;) {
		pause_ms(below(300));
		if (!exists(PASS "/hold"))
			continue;
		put(PASS "/hold", "1");
		pause_ms(below(300));
		put(PASS "/hold", "0");
	}
}

static void stop_holder(void)
{
	kill(holder, SIGKILL);
	waitpid(holder, NULL, 0);
	put(PASS "/hold", "0");
}

/* ---- memory -------------------------------------------------------------------------- */

/* What is left to others. */
#define LEFT_KIB (48UL * 1024)

static pid_t hog;

static unsigned long available_kib(void)
{
	const char *line = strstr(get("/proc/meminfo"), "MemAvailable:");

	return line ? strtoul(line + strlen("MemAvailable:"), NULL, 10) : 0;
}

/* It takes its time, and may be the first that has to die for it. */
static void watch_memory(void)
{
	siginfo_t info = {};

	if (hog <= 0 || low_on_memory == RAN_LOW)
		return;
	waitid(P_PID, hog, &info, WEXITED | WNOHANG | WNOWAIT);
	if (info.si_pid || available_kib() < 2 * LEFT_KIB) {
		low_on_memory = RAN_LOW;
		count("low on memory", 0);
	}
}

/* What others give back meanwhile it takes as well. */
static void take_memory(void)
{
	size_t size = 4096 * 1024, i;
	char *memory;

	for (;;) {
		memory = MAP_FAILED;
		if (available_kib() > LEFT_KIB)
			memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
				      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (memory == MAP_FAILED)
			pause_ms(50);
		else
			for (i = 0; i < size; i += 4096)
				memory[i] = 1;
	}
}

static void start_hog(void)
{
	hog = fork();
	if (hog == 0) {
		begin_child();
		put("/proc/self/oom_score_adj", "1000");
		take_memory();
	}
	if (hog > 0)
		low_on_memory = RUNS_LOW;
	else
		count("low on memory", errno);
}

static void stop_hog(void)
{
	double end = now() + limit;
	char text[50];

	if (hog <= 0)
		return;
	watch_memory();
	while (low_on_memory != RAN_LOW && now() < end) {
		pause_ms(10);
		watch_memory();
	}
	if (low_on_memory != RAN_LOW) {
		snprintf(text, sizeof(text), "there are %lu KiB left", available_kib());
		count_refused("low on memory", text);
	}
	kill(hog, SIGKILL);
	waitpid(hog, NULL, 0);
	hog = 0;
	low_on_memory = ENOUGH;
}

static void run_low(void)
{
	if (hog <= 0)
		start_hog();
}

static void toggle_memory(void)
{
	if (no_memory)
		return;
	if (hog <= 0)
		start_hog();
	else if (low_on_memory == RAN_LOW)
		stop_hog();
}

/* ---- tracers -------------------------------------------------------------------------- */

static const char *const traced[] = {
	"klpt_plain_first", "klpt_plain_second", "klpt_deep_first", "klpt_begin", "klpt_caller",
	"klpt_pause", "proc_flush_pid",
};

static const char *a_function(void)
{
	return traced[below(ARRAY_SIZE(traced))];
}

static void toggle_tracer(void)
{
	static const char *const tracers[] = { "function", "function_graph" };
	static unsigned int turn;

	const char *tracer;

	if (strcmp(get(TRACING "/current_tracer"), "nop")) {
		remember("no tracer");
		put(TRACING "/current_tracer", "nop");
		return;
	}
	tracer = tracers[turn++ % ARRAY_SIZE(tracers)];
	put(TRACING "/set_ftrace_filter", "klpt_*");
	count(tracer, put(TRACING "/current_tracer", "%s", tracer));
}

static int nr_probes;

static void remove_probes(void)
{
	put(TRACING "/events/torture/enable", "0");
	while (nr_probes)
		put(TRACING "/kprobe_events", "-:torture/p%d\n", nr_probes--);
}

static void toggle_probes(void)
{
	static unsigned int turn;

	const char *function = a_function(), *name;
	bool on_return;
	int err;

	if (nr_probes >= 3) {
		remember("no probes");
		remove_probes();
		return;
	}
	on_return = turn++ % 2;
	name = on_return ? "kretprobe" : "kprobe";
	remember("%s on %s", name, function);
	err = put(TRACING "/kprobe_events", "%c:torture/p%d %s\n", on_return ? 'r' : 'p',
		  nr_probes + 1, function);
	if (!err) {
		nr_probes++;
		err = put(path(TRACING "/events/torture/p%d/enable", nr_probes), "1");
	}
	count(name, err);
}

/* How klp-bpf is called, and what it says on success and on failure, both to one end. */
static void start_bpf(const char *kind, const char *function)
{
	int ends[2], i;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends)) {
		count("bpf", errno);
		return;
	}
	bpf.pid = fork();
	if (bpf.pid == 0) {
		for (i = 0; i < 3; i++)
			dup2(ends[1], i);
		execl(path("%s/klp-bpf", directory), "klp-bpf", kind, function, NULL);
		err(1, "%s", path_buffer);
	}
	close(ends[1]);
	if (bpf.pid < 0) {
		count("bpf", errno);
		close(ends[0]);
		return;
	}
	bpf.fd = ends[0];
	bpf.told = false;
}

/* Programs are attached while other things happen. */
static void watch_bpf(int flags)
{
	char text[100];
	ssize_t len;

	if (bpf.pid <= 0 || bpf.told)
		return;
	len = recv(bpf.fd, text, sizeof(text) - 1, flags);
	if (len < 0)
		return;
	text[len] = '\0';
	text[strcspn(text, "\n")] = '\0';
	bpf.told = true;
	if (!strcmp(text, "attached"))
		count("bpf", 0);
	else
		count_refused("bpf", text);
}

static void stop_bpf(void)
{
	if (bpf.pid <= 0)
		return;
	remember("no bpf");
	shutdown(bpf.fd, SHUT_WR);
	watch_bpf(0);
	close(bpf.fd);
	waitpid(bpf.pid, NULL, 0);
	bpf.pid = 0;
}

/* Not on ppc64le, and not without type information. */
static bool has_bpf(void)
{
#ifdef __powerpc__
	return false;
#else
	return exists("/sys/kernel/btf/vmlinux");
#endif
}

static void toggle_bpf(void)
{
	static const char *const kinds[] = { "fentry", "fexit", "fentry,fexit-of" };

	const char *kind = kinds[below(ARRAY_SIZE(kinds))];
	char function[100];

	if (bpf.pid > 0) {
		stop_bpf();
		return;
	}
	if (!has_bpf())
		return;
	snprintf(function, sizeof(function), "klptorture:%s", traced[below(6)]);
	remember("%s on %s", kind, function);
	start_bpf(kind, function);
}

static void remove_tracers(void)
{
	stop_bpf();
	remove_probes();
	put(TRACING "/current_tracer", "nop");
	truncate(TRACING "/set_ftrace_filter", 0);
	close(open(TRACING "/set_ftrace_filter", O_WRONLY | O_TRUNC));
}

static void toggle_traces(void)
{
	if (no_tracers)
		return;
	switch (below(3)) {
	case 0:
		toggle_tracer();
		break;
	case 1:
		toggle_probes();
		break;
	case 2:
		toggle_bpf();
		break;
	}
}

/* ---- the whole ------------------------------------------------------------------------- */

/* Everything that must be in the end as it was: livepatches, modules, ftrace. */
static void snapshot(char *text, size_t size)
{
	size_t len = 0;
	struct dirent *entry;
	char *line, *rest;
	DIR *dir;

	dir = opendir(SYSFS);
	while (dir && (entry = readdir(dir)))
		if (*entry->d_name != '.')
			len += snprintf(text + len, size - len, "livepatch %s\n", entry->d_name);
	if (dir)
		closedir(dir);

	rest = get("/proc/modules");
	while ((line = strsep(&rest, "\n")))
		/* Name, size, references. */
		len += snprintf(text + len, size - len, "%.*s\n",
				(int)strcspn(line, "-L"), line);

	rest = get(TRACING "/enabled_functions");
	while ((line = strsep(&rest, "\n")))
		len += snprintf(text + len, size - len, "traced %.*s\n",
				(int)strcspn(line, "\t"), line);
}

static void tell_lines_missing(const char *where, const char *what, const char *text)
{
	char *copy = strdup(text), *rest = copy, *line;

	while ((line = strsep(&rest, "\n")))
		if (*line && !strstr(where, line))
			fail("%s: %s", what, line);
	free(copy);
}

/* The kernel has found something: what follows would only hide it. */
static bool found_errors(void)
{
	return errors || atoi(get(DEBUGFS "/errors"));
}

/* ---- what has to happen ----------------------------------------------------------------- */

static bool has_tracer(void)
{
	return !no_tracers && strstr(get(TRACING "/available_tracers"), "function_graph");
}

static bool has_kprobes(void)
{
	return !no_tracers && exists(TRACING "/kprobe_events");
}

static bool may_attach_bpf(void)
{
	return !no_tracers && has_bpf();
}

/* The step that it would be forces transitions instead. */
static bool may_run_low(void)
{
	return !no_memory && !may_force;
}

/* Nothing can be disabled when all livepatches have been forced. */
static bool may_disable(void)
{
	return !may_force;
}

static bool forces(void)
{
	return may_force;
}

/* Each time, or every other time, it does what is counted under that name. */
static const struct disturbance {
	const char *name;
	void (*disturb)(void);
	bool (*expected)(void);
} disturbances[] = {
	{ "function", toggle_tracer, has_tracer },
	{ "function_graph", toggle_tracer, has_tracer },
	{ "kprobe", toggle_probes, has_kprobes },
	{ "kretprobe", toggle_probes, has_kprobes },
	{ "bpf", toggle_bpf, may_attach_bpf },
	{ "low on memory", run_low, may_run_low },
	{ "exiting", disable_under_exiting, may_disable },
	{ "special", make_special_follow, may_disable },
	{ "reverse", reverse_transition, may_disable },
	{ "force", force_transition, forces },
	{ "worker", restart_worker, NULL },
};

static bool is_expected(const struct disturbance *d)
{
	return !d->expected || d->expected();
}

static const struct disturbance *find_missing(void)
{
	unsigned int i, first = below(ARRAY_SIZE(disturbances));
	const struct disturbance *d;

	/* One that cannot be done must not keep the others from it. */
	for (i = 0; i < ARRAY_SIZE(disturbances); i++) {
		d = &disturbances[(first + i) % ARRAY_SIZE(disturbances)];
		if (is_expected(d) && !count_of(d->name)->done)
			return d;
	}
	return NULL;
}

static void check_disturbances(double seconds)
{
	const struct disturbance *d = disturbances;
	struct count *c;

	for (; d < disturbances + ARRAY_SIZE(disturbances); d++) {
		if (!is_expected(d)) {
			printf("%s: not possible here\n", d->name);
			continue;
		}
		c = count_of(d->name);
		if (!c->done && seconds >= 60)
			fail("%s: has not happened in %.0f s, was refused %lu times%s%s",
			     d->name, seconds, c->refused, *c->refusal ? ": " : "",
			     c->refusal);
	}
}

/* ---- steps ------------------------------------------------------------------------------ */

static void random_step(void)
{
	struct livepatch *p = &livepatches[below(ARRAY_SIZE(livepatches))];

	switch (below(22)) {
	case 0 ... 4:
		enable_livepatch(p);
		break;
	case 5 ... 8:
		disable_livepatch(p, below(2));
		break;
	case 9 ... 10:
		reverse_transition();
		break;
	case 11 ... 12:
		remove_module(p);
		break;
	case 13 ... 15:
		toggle_target(&targets[below(ARRAY_SIZE(targets))]);
		break;
	case 16:
		disable_under_exiting();
		break;
	case 17:
		toggle_traces();
		break;
	case 18:
		restart_worker();
		break;
	case 19:
		if (may_force)
			force_transition();
		else if (!below(4))
			toggle_memory();
		break;
	case 20 ... 21:
		if (below(2))
			make_special_follow();
		else
			change_special(&specials[below(ARRAY_SIZE(specials))]);
		break;
	}
}

/* What chance has left out gets its turn in the second half. */
static void step(double half)
{
	const struct disturbance *missing = NULL;

	if (now() > half && below(2))
		missing = find_missing();
	if (missing)
		missing->disturb();
	else
		random_step();
	watch();
	watch_memory();
	watch_bpf(MSG_DONTWAIT);
}

/* Leave each other alone for a while, or let a transition end. */
static void rest(void)
{
	double end = now() + 0.5;

	if (below(3)) {
		pause_ms(below(20));
		return;
	}
	while (find_in_transition() && now() < end) {
		pause_ms(2);
		watch();
	}
}

static bool all_disabled(void)
{
	struct livepatch *p;
	bool done = true;

	for_each_livepatch(p) {
		if (!is_enabled(p))
			continue;
		done = false;
		if (!in_transition(p))
			set_enabled(p, false);
		else if (*get(path(SYSFS "/%s/enabled", p->name)) == '1' && !below(20))
			reverse_transition();
	}
	return done;
}

static void wind_down(void)
{
	struct livepatch *p;
	unsigned int i;
	double end;

	stop_holder();
	stop_hog();
	for (i = 0; i < nr_workers; i++)
		stop_worker(i);
	remove_tracers();

	end = now() + 2 * limit;
	while (!all_disabled() && now() < end) {
		progress++;
		watch();
		pause_ms(10);
	}
	if (!all_disabled())
		fail("livepatches could not be disabled");
	for_each_livepatch(p) {
		progress++;
		remove_module(p);
	}
	for (i = 0; i < ARRAY_SIZE(targets); i++) {
		progress++;
		if (loaded(targets[i].name))
			toggle_target(&targets[i]);
		if (targets[i].base && loaded(targets[i].base))
			unload(targets[i].base);
	}
}

static void parse_options(char **options)
{
	for (; *options; options++) {
		if (sscanf(*options, "workers=%u", &nr_workers) == 1 ||
		    sscanf(*options, "limit=%u", &limit) == 1)
			continue;
		if (!strcmp(*options, "force"))
			may_force = true;
		else if (!strcmp(*options, "notracers"))
			no_tracers = true;
		else if (!strcmp(*options, "nomemory"))
			no_memory = true;
		else
			errx(2, "unknown option %s", *options);
	}
	if (nr_workers > ARRAY_SIZE(workers))
		nr_workers = ARRAY_SIZE(workers);
}

int main(int argc, char **argv)
{
	static char before[65536], after[65536];
	unsigned int i, steps = 0;
	struct count *c;
	double begin, end, seconds;

	if (argc < 4)
		errx(2, "usage: klp-torture DIRECTORY SECONDS SEED [OPTION...]");
	directory = argv[1];
	begin = now();
	end = begin + atof(argv[2]);
	random_state = strtoull(argv[3], NULL, 10) * 0x9e3779b97f4a7c15 + 1;
	parse_options(argv + 4);
	setlinebuf(stdout);
	printf("seed %s, %s seconds\n", argv[3], argv[2]);

	if (may_force)
		put(DEBUGFS "/control", "force");
	snapshot(before, sizeof(before));
	/* Whatever all the others do, livepatches shall come and go. */
	setpriority(PRIO_PROCESS, 0, -15);
	start_watchdog();
	start_holder();
	for (i = 0; i < nr_workers; i++)
		start_worker(i);

	while (now() < end && !found_errors()) {
		steps++;
		progress++;
		step((begin + end) / 2);
		rest();
	}
	seconds = now() - begin;
	if (found_errors())
		tell_history();
	wind_down();
	check_disturbances(seconds);

	if (!may_force) {
		snapshot(after, sizeof(after));
		tell_lines_missing(before, "there is now", after);
		tell_lines_missing(after, "there is no longer", before);
	}
	put(DEBUGFS "/control", "end");
	if (!errors && !may_force && unload("klptorture")) {
		printf("wrong: klptorture cannot be removed\n");
		errors++;
	}
	printf("%u steps\n", steps);
	for (c = counts; c->name; c++)
		printf("%s: %lu, refused %lu\n", c->name, c->done, c->refused);
	return errors ? 1 : 0;
}
