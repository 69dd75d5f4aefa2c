// SPDX-License-Identifier: GPL-2.0
/*
 * klp-bpf fentry|fexit FUNCTION - a BPF program on a function of the kernel
 *
 * Attaches a program that counts, prints "attached", answers each line on
 * standard input with the count so far, and detaches at the end of input. It
 * speaks to bpf(2) itself: six instructions and a look into the kernel's BTF
 * are not worth a library.
 */

#include <err.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/types.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define BTF_FILE "/sys/kernel/btf/vmlinux"

static int bpf(int cmd, union bpf_attr *attr)
{
	return syscall(SYS_bpf, cmd, attr, sizeof(*attr));
}

static char *read_btf(void)
{
	size_t size, done = 0;
	struct stat st;
	ssize_t n;
	char *btf;
	int fd;

	fd = open(BTF_FILE, O_RDONLY);
	if (fd < 0 || fstat(fd, &st))
		err(1, BTF_FILE);
	size = st.st_size;
	btf = malloc(size);
	if (!btf)
		err(1, "malloc");
	while (done < size) {
		n = read(fd, btf + done, size - done);
		if (n <= 0)
			err(1, BTF_FILE);
		done += n;
	}
	close(fd);
	return btf;
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

static __u32 function_id(const char *name)
{
	char *btf = read_btf();
	const struct btf_header *header = (void *)btf;
	const char *types = btf + header->hdr_len + header->type_off;
	const char *names = btf + header->hdr_len + header->str_off;
	const struct btf_type *type;
	__u32 id = 1;
	size_t at;

	for (at = 0; at < header->type_len; id++) {
		type = (void *)(types + at);
		if (BTF_INFO_KIND(type->info) == BTF_KIND_FUNC &&
		    !strcmp(names + type->name_off, name)) {
			free(btf);
			return id;
		}
		at += sizeof(*type) + type_extra(type);
	}
	errx(1, "%s is not in " BTF_FILE, name);
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

static int load_program(int map, enum bpf_attach_type type, __u32 id)
{
	const struct bpf_insn insns[] = {
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
	static char log[65536];
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_TRACING,
		.expected_attach_type = type,
		.attach_btf_id = id,
		.insns = (uintptr_t)insns,
		.insn_cnt = sizeof(insns) / sizeof(struct bpf_insn),
		.license = (uintptr_t)"GPL",
		.log_buf = (uintptr_t)log,
		.log_size = sizeof(log),
		.log_level = 1,
	};
	int fd = bpf(BPF_PROG_LOAD, &attr);

	if (fd < 0)
		err(1, "BPF_PROG_LOAD: %s", log);
	return fd;
}

int main(int argc, char **argv)
{
	enum bpf_attach_type type;
	union bpf_attr attr = {};
	char line[16];
	int map, link;

	if (argc != 3)
		errx(2, "usage: klp-bpf fentry|fexit FUNCTION");
	if (!strcmp(argv[1], "fentry"))
		type = BPF_TRACE_FENTRY;
	else if (!strcmp(argv[1], "fexit"))
		type = BPF_TRACE_FEXIT;
	else
		errx(2, "%s is neither fentry nor fexit", argv[1]);

	map = make_counter();
	attr.raw_tracepoint.prog_fd = load_program(map, type, function_id(argv[2]));
	link = bpf(BPF_RAW_TRACEPOINT_OPEN, &attr);
	if (link < 0)
		err(1, "cannot attach to %s", argv[2]);

	setlinebuf(stdout);
	puts("attached");
	while (fgets(line, sizeof(line), stdin))
		printf("%llu\n", (unsigned long long)read_counter(map));

	close(link);
	return 0;
}
