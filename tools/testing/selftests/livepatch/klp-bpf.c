// SPDX-License-Identifier: GPL-2.0
/*
 * klp-bpf KIND[,KIND...] [MODULE:]FUNCTION - BPF programs on a kernel function
 *
 * Attaches a program of each KIND, prints "attached", answers each line on
 * standard input with the number of times that programs have run, and detaches
 * at the end of input. It speaks to bpf(2) itself: a few instructions and a look
 * into the kernel's BTF are not worth a library. KIND is
 *
 *   fentry, fexit, fmod_ret	on the function
 *   fentry.s			the same as fentry, but it first sleeps in
 *				bpf_klp_park(), which has to be in MODULE
 *   fexit-of			fexit, on the program before
 */

#include <err.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define BTF_DIR "/sys/kernel/btf/"

/* The type information of the kernel, or of a module, which goes on from that. */
struct btf {
	const struct btf *base;
	const struct btf_header *header;
	const char *types;
	const char *names;
	/* Types have ids from first on, up to but not including end. */
	__u32 first, end;
};

#define for_each_type(btf, type, id)						\
	for (id = (btf)->first, type = (void *)(btf)->types;			\
	     (const char *)type < (btf)->types + (btf)->header->type_len;	\
	     id++, type = (void *)((char *)(type + 1) + type_extra(type)))

static int bpf(int cmd, union bpf_attr *attr)
{
	return syscall(SYS_bpf, cmd, attr, sizeof(*attr));
}

/* How much follows a type of this kind. */
static size_t type_extra(const struct btf_type *type)
{
	size_t vlen = BTF_INFO_VLEN(type->info);

	switch (BTF_INFO_KIND(type->info)) {
	case BTF_KIND_INT:
	case BTF_KIND_VAR:
	case BTF_KIND_DECL_TAG:
		return sizeof(__u32);
	case BTF_KIND_ARRAY:
		return sizeof(struct btf_array);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return vlen * sizeof(struct btf_member);
	case BTF_KIND_ENUM:
		return vlen * sizeof(struct btf_enum);
	case BTF_KIND_ENUM64:
		return vlen * sizeof(struct btf_enum64);
	case BTF_KIND_FUNC_PROTO:
		return vlen * sizeof(struct btf_param);
	case BTF_KIND_DATASEC:
		return vlen * sizeof(struct btf_var_secinfo);
	default:
		return 0;
	}
}

static struct btf read_btf(const char *object, const struct btf *base)
{
	struct btf btf = { .base = base, .first = base ? base->end : 1 };
	const struct btf_type *type;
	size_t size, done = 0;
	char path[PATH_MAX];
	struct stat st;
	char *data;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), BTF_DIR "%s", object);
	fd = open(path, O_RDONLY);
	if (fd < 0 || fstat(fd, &st))
		err(1, "%s", path);
	size = st.st_size;
	data = calloc(1, size);
	if (!data)
		err(1, "calloc");
	while (done < size) {
		n = read(fd, data + done, size - done);
		if (n <= 0)
			err(1, "%s", path);
		done += n;
	}
	close(fd);

	btf.header = (void *)data;
	btf.types = data + btf.header->hdr_len + btf.header->type_off;
	btf.names = data + btf.header->hdr_len + btf.header->str_off;
	for_each_type(&btf, type, btf.end)
		;
	return btf;
}

static const char *type_name(const struct btf *btf, const struct btf_type *type)
{
	__u32 at = type->name_off;

	if (!btf->base)
		return btf->names + at;
	if (at < btf->base->header->str_len)
		return btf->base->names + at;
	return btf->names + at - btf->base->header->str_len;
}

/* The id of a function, or 0. */
static __u32 find_function(const struct btf *btf, const char *name)
{
	const struct btf_type *type;
	__u32 id;

	for_each_type(btf, type, id)
		if (BTF_INFO_KIND(type->info) == BTF_KIND_FUNC &&
		    !strcmp(type_name(btf, type), name))
			return id;
	return 0;
}

/* The kernel wants to be given the BTF of a module as a file. */
static int open_btf(const char *object)
{
	union bpf_attr next = {};

	while (!bpf(BPF_BTF_GET_NEXT_ID, &next)) {
		char name[64] = "";
		struct bpf_btf_info info = {
			.name = (uintptr_t)name,
			.name_len = sizeof(name),
		};
		union bpf_attr attr = { .btf_id = next.next_id };
		int fd = bpf(BPF_BTF_GET_FD_BY_ID, &attr);

		if (fd < 0)
			err(1, "BPF_BTF_GET_FD_BY_ID");
		attr = (union bpf_attr){
			.info.bpf_fd = fd,
			.info.info_len = sizeof(info),
			.info.info = (uintptr_t)&info,
		};
		if (bpf(BPF_OBJ_GET_INFO_BY_FD, &attr))
			err(1, "BPF_OBJ_GET_INFO_BY_FD");
		if (info.kernel_btf && !strcmp(name, object))
			return fd;
		close(fd);
		next.start_id = next.next_id;
	}
	errx(1, "the kernel has no BTF of %s", object);
}

/* What a program is attached to. */
struct target {
	/* The function, or if prog_fd is not zero the program. */
	__u32 id;
	int prog_fd;
	/* The module; zero for the kernel itself. */
	int btf_fd;
	/* The function of the module in which programs sleep, or zero. */
	__u32 park_id;
};

static struct target find_target(char *function)
{
	char *module = strchr(function, ':') ? strsep(&function, ":") : NULL;
	struct btf btf = read_btf("vmlinux", NULL), module_btf;
	struct target target = {};

	if (module) {
		module_btf = read_btf(module, &btf);
		target.id = find_function(&module_btf, function);
		target.btf_fd = open_btf(module);
		target.park_id = find_function(&module_btf, "bpf_klp_park");
	} else {
		target.id = find_function(&btf, function);
	}
	if (!target.id)
		errx(1, "%s is not in " BTF_DIR "%s", function, module ?: "vmlinux");
	return target;
}

/* Only a program that has a type can be traced: "int klp(void)". */
static const struct {
	struct btf_header header;
	struct btf_type type_int;
	__u32 encoding;
	struct btf_type type_proto, type_func;
	char names[9];
} program_btf = {
	.header = {
		.magic = BTF_MAGIC,
		.version = BTF_VERSION,
		.hdr_len = sizeof(program_btf.header),
		.type_len = offsetof(typeof(program_btf), names) - sizeof(program_btf.header),
		.str_off = offsetof(typeof(program_btf), names) - sizeof(program_btf.header),
		.str_len = sizeof(program_btf.names),
	},
	.type_int = { .name_off = 1, .info = BTF_KIND_INT << 24, .size = sizeof(int) },
	.encoding = BTF_INT_SIGNED << 24 | 32,
	.type_proto = { .info = BTF_KIND_FUNC_PROTO << 24, .type = 1 },
	.type_func = { .name_off = 5, .info = BTF_KIND_FUNC << 24, .type = 2 },
	.names = "\0int\0klp",
};

#define PROGRAM_ID 3

static int load_program_btf(void)
{
	union bpf_attr attr = {
		.btf = (uintptr_t)&program_btf,
		.btf_size = offsetof(typeof(program_btf), names) + sizeof(program_btf.names),
	};
	int fd = bpf(BPF_BTF_LOAD, &attr);

	if (fd < 0)
		err(1, "BPF_BTF_LOAD");
	return fd;
}

static int make_counter(void)
{
	union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_ARRAY,
		.key_size = sizeof(__u32),
		.value_size = sizeof(__u64),
		.max_entries = 1,
	};
	int fd = bpf(BPF_MAP_CREATE, &attr);

	if (fd < 0)
		err(1, "BPF_MAP_CREATE");
	return fd;
}

static __u64 read_counter(int map)
{
	__u32 key = 0;
	__u64 value;
	union bpf_attr attr = {
		.map_fd = map,
		.key = (uintptr_t)&key,
		.value = (uintptr_t)&value,
	};

	if (bpf(BPF_MAP_LOOKUP_ELEM, &attr))
		err(1, "BPF_MAP_LOOKUP_ELEM");
	return value;
}

static int load_program(int map, enum bpf_attach_type type, const struct target *target,
			bool sleep)
{
	const struct bpf_insn insns[] = {
		/* bpf_klp_park(), of the module that is fds[1] */
		{
			.code = BPF_JMP | BPF_CALL,
			.src_reg = BPF_PSEUDO_KFUNC_CALL,
			.off = 1,
			.imm = target->park_id,
		},
		/* r1 = the address of the counter, an instruction of double width */
		{
			.code = BPF_LD | BPF_DW | BPF_IMM,
			.dst_reg = BPF_REG_1,
			.src_reg = BPF_PSEUDO_MAP_VALUE,
			.imm = map,
		},
		{ },
		/* r2 = 1 */
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_2, .imm = 1 },
		/* *r1 += r2 */
		{
			.code = BPF_STX | BPF_DW | BPF_ATOMIC,
			.dst_reg = BPF_REG_1,
			.src_reg = BPF_REG_2,
			.imm = BPF_ADD,
		},
		/* return 0 */
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	const struct bpf_func_info info = { .type_id = PROGRAM_ID };
	const int fds[] = { -1, target->btf_fd };
	int skip = sleep ? 0 : 1;
	static char log[65536];
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_TRACING,
		.expected_attach_type = type,
		.attach_btf_id = target->id,
		.insns = (uintptr_t)(insns + skip),
		.insn_cnt = sizeof(insns) / sizeof(struct bpf_insn) - skip,
		.fd_array = (uintptr_t)fds,
		.prog_flags = sleep ? BPF_F_SLEEPABLE : 0,
		.prog_btf_fd = load_program_btf(),
		.func_info_rec_size = sizeof(info),
		.func_info = (uintptr_t)&info,
		.func_info_cnt = 1,
		.license = (uintptr_t)"GPL",
		.log_buf = (uintptr_t)log,
		.log_size = sizeof(log),
		.log_level = 1,
	};
	int fd;

	if (target->prog_fd)
		attr.attach_prog_fd = target->prog_fd;
	else
		attr.attach_btf_obj_fd = target->btf_fd;
	fd = bpf(BPF_PROG_LOAD, &attr);
	if (fd < 0)
		err(1, "BPF_PROG_LOAD: %s", log);
	return fd;
}

/* Attach a program to the target, or to *prog_fd, and set *prog_fd to it. */
static void attach_program(int map, const char *kind, const struct target *target,
			   int *prog_fd)
{
	const struct target program = { .id = PROGRAM_ID, .prog_fd = *prog_fd };
	union bpf_attr attr = {};

	if (!strcmp(kind, "fentry"))
		*prog_fd = load_program(map, BPF_TRACE_FENTRY, target, false);
	else if (!strcmp(kind, "fentry.s"))
		*prog_fd = load_program(map, BPF_TRACE_FENTRY, target, true);
	else if (!strcmp(kind, "fexit"))
		*prog_fd = load_program(map, BPF_TRACE_FEXIT, target, false);
	else if (!strcmp(kind, "fexit-of"))
		*prog_fd = load_program(map, BPF_TRACE_FEXIT, &program, false);
	else if (!strcmp(kind, "fmod_ret"))
		*prog_fd = load_program(map, BPF_MODIFY_RETURN, target, false);
	else
		errx(2, "no such kind of program: %s", kind);

	attr.raw_tracepoint.prog_fd = *prog_fd;
	if (bpf(BPF_RAW_TRACEPOINT_OPEN, &attr) < 0)
		err(1, "cannot attach %s", kind);
}

int main(int argc, char **argv)
{
	int map, prog_fd = 0;
	struct target target;
	char line[16], *kind;

	if (argc != 3)
		errx(2, "usage: klp-bpf KIND[,KIND...] [MODULE:]FUNCTION");

	map = make_counter();
	target = find_target(argv[2]);
	while ((kind = strsep(&argv[1], ",")))
		attach_program(map, kind, &target, &prog_fd);

	setlinebuf(stdout);
	puts("attached");
	while (fgets(line, sizeof(line), stdin))
		printf("%llu\n", (unsigned long long)read_counter(map));

	/* To end is to detach. */
	return 0;
}
