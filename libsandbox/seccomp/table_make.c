/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes the table of table.h as C to standard output, out of the libseccomp that it is linked with. Run when orlop is built, with the sources of
 * the compiler, which go into the table's digest.
 */
#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "libbase/arena.h"
#include "libbase/cleanup.h"
#include "libbase/fd.h"
#include "libbase/path.h"
#include "libbase/text.h"
#include "libsandbox/seccomp/table.h"

#if HAVE_LIBMD
#include <sha512.h>
#endif

#define ROWS_MAX         (TABLE_SLOTS / 2)
#define SOURCE_BYTES_MAX (1U << 20)

/* Each architecture's calls begin somewhere; ARM has a few far behind the others. */
#define NUMBERS 1024

static const struct {
	uint32_t token;
	int first;
} sources[] = {
	{ SCMP_ARCH_X86_64, 0 },  { SCMP_ARCH_X86, 0 },        { SCMP_ARCH_X32, 0x40000000 },
	{ SCMP_ARCH_ARM, 0 },     { SCMP_ARCH_ARM, 0x0f0000 }, { SCMP_ARCH_AARCH64, 0 },
	{ SCMP_ARCH_MIPS, 4000 }, { SCMP_ARCH_MIPS64, 5000 },  { SCMP_ARCH_MIPS64N32, 6000 },
	{ SCMP_ARCH_PPC64LE, 0 }, { SCMP_ARCH_S390X, 0 },      { SCMP_ARCH_S390, 0 },
	{ SCMP_ARCH_PARISC, 0 },  { SCMP_ARCH_RISCV64, 0 },
};

struct maker {
	struct arena arena;
	uint32_t tokens[TABLE_ABIS_MAX];
	const char *names[ROWS_MAX];
	uint16_t own[ROWS_MAX][TABLE_ABIS_MAX];
	size_t count;
	uint16_t slots[TABLE_SLOTS];
};

/* False: it is there already. */
static bool slot_take(struct maker *maker, const char *name)
{
	uint32_t slot = table_hash(name);

	for (; maker->slots[slot]; slot = (slot + 1) % TABLE_SLOTS)
		if (text_equal(maker->names[maker->slots[slot] - 1], name))
			return false;
	maker->slots[slot] = (uint16_t)(maker->count + 1);
	return true;
}

static int names_collect(struct maker *maker)
{
	for (size_t i = 0; i < ARRAY_SIZE(sources); i++) {
		for (int at = 0; at < NUMBERS; at++) {
			char *name = seccomp_syscall_resolve_num_arch(sources[i].token, sources[i].first + at);

			if (name && slot_take(maker, name)) {
				maker->names[maker->count] = arena_string(&maker->arena, name);
				if (!maker->names[maker->count++] || maker->count == ROWS_MAX)
					return -ENOMEM;
			}
			free(name);
		}
	}
	return 0;
}

/* What runs here, and what can run beside it. */
static void tokens_choose(uint32_t tokens[TABLE_ABIS_MAX])
{
	tokens[0] = seccomp_arch_native();
	if (tokens[0] == SCMP_ARCH_X86_64) {
		tokens[1] = SCMP_ARCH_X86;
		tokens[2] = SCMP_ARCH_X32;
	} else if (tokens[0] == SCMP_ARCH_AARCH64) {
		tokens[1] = SCMP_ARCH_ARM;
	}
}

static uint16_t row_find(const struct maker *maker, const char *name)
{
	uint32_t slot = table_hash(name);

	while (!text_equal(maker->names[maker->slots[slot] - 1], name))
		slot = (slot + 1) % TABLE_SLOTS;
	return (uint16_t)(maker->slots[slot] - 1);
}

/* Asked by name libseccomp tells only where such a call is behind others, so its own number is found the other way round. */
static void own_find(struct maker *maker, size_t abi)
{
	for (int at = 0; at < NUMBERS; at++) {
		char *name = seccomp_syscall_resolve_num_arch(maker->tokens[abi], at);

		if (name && seccomp_syscall_resolve_name_arch(maker->tokens[abi], name) < 0)
			maker->own[row_find(maker, name)][abi] = (uint16_t)at;
		free(name);
	}
}

static void table_write(const struct maker *maker, struct text_buffer *to)
{
	size_t offset = 0;

	/* Not as one string, which ISO C need not take at this length. */
	text_append(to, "#include \"libsandbox/seccomp/table.h\"\n\nstatic const char names[] = {\n");
	for (size_t i = 0; i < maker->count; i++) {
		for (const char *at = maker->names[i]; *at; at++)
			text_append_format(to, "'%c',", *at);
		text_append(to, "0,\n");
	}
	text_append(to, "};\n\nstatic const struct table_row rows[] = {\n");
	for (size_t i = 0; i < maker->count; i++) {
		text_append_format(to, "\t{ %zu, { %u, %u, %u }, { ", offset, maker->own[i][0], maker->own[i][1],
				   maker->own[i][2]);
		for (size_t j = 0; j < TABLE_ABIS_MAX && maker->tokens[j]; j++)
			text_append_format(to, "%d, ",
					   seccomp_syscall_resolve_name_arch(maker->tokens[j], maker->names[i]));
		text_append(to, "} },\n");
		offset += strlen(maker->names[i]) + 1;
	}
	text_append(to, "};\n\nstatic const uint16_t slots[TABLE_SLOTS] = {\n");
	for (size_t i = 0; i < TABLE_SLOTS; i++) {
		if (maker->slots[i])
			text_append_format(to, "\t[%zu] = %u,\n", i, maker->slots[i]);
	}
	text_append(to, "};\n\nconst struct table seccomp_table = {\n\t.tokens = { ");
	for (size_t j = 0; j < TABLE_ABIS_MAX; j++)
		text_append_format(to, "%uU, ", maker->tokens[j]);
	text_append_format(to,
			   "},\n\t.names = names,\n\t.rows = rows,\n\t.slots = slots,\n\t.version = \"%u.%u.%u\",\n",
			   seccomp_version()->major, seccomp_version()->minor, seccomp_version()->micro);
}

#if HAVE_LIBMD

static int digest_write(struct maker *maker, char *const *files, size_t count, struct text_buffer *to)
{
	unsigned char bytes[TABLE_DIGEST_SIZE];
	SHA2_CTX digest;

	SHA512Init(&digest);
	SHA512Update(&digest, (const unsigned char *)to->bytes, to->length);
	for (size_t i = 0; i < count; i++) {
		char *source;
		size_t length;
		int r = path_read_file(AT_FDCWD, files[i], SOURCE_BYTES_MAX, &maker->arena, &source, &length);

		if (r < 0)
			return r;
		SHA512Update(&digest, (const unsigned char *)&length, sizeof(length));
		SHA512Update(&digest, (const unsigned char *)source, length);
	}
	SHA512Final(bytes, &digest);
	text_append(to, "\t.digest = { ");
	for (size_t i = 0; i < sizeof(bytes); i++)
		text_append_format(to, "%u, ", bytes[i]);
	text_append(to, "},\n");
	return 0;
}

#else

static int digest_write(struct maker *maker, char *const *files, size_t count, struct text_buffer *to)
{
	(void)maker;
	(void)files;
	(void)count;
	(void)to;
	return 0;
}

#endif

int main(int argc, char **argv)
{
	struct maker maker = { .arena = ARENA_INIT };
	_cleanup_(text_buffer_cleanup) struct text_buffer text = TEXT_BUFFER_INIT;
	int r = names_collect(&maker);

	if (r == 0) {
		tokens_choose(maker.tokens);
		for (size_t i = 0; i < TABLE_ABIS_MAX && maker.tokens[i]; i++)
			own_find(&maker, i);
		table_write(&maker, &text);
		r = text.failed ? -ENOMEM : digest_write(&maker, argv + 1, (size_t)argc - 1, &text);
	}
	if (r == 0) {
		text_append(&text, "};\n");
		r = text.failed ? -ENOMEM : fd_write_all(STDOUT_FILENO, text.bytes, text.length);
	}
	arena_cleanup(&maker.arena);
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
