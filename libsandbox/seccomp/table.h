/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libseccomp's numbers of system calls by name, without its walk through all names at each question: table_make.c asks it for all of them when orlop
 * is built. libseccomp stays the source; what is not in the table (an architecture that programs here are seldom written for, a name that is
 * newer) is its to answer.
 * Not for: what the numbers mean (numbers.h).
 */
#ifndef ORLOP_LIBSANDBOX_SECCOMP_TABLE_H
#define ORLOP_LIBSANDBOX_SECCOMP_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TABLE_ABIS_MAX    3
#define TABLE_SLOTS       2048 /* a power of two; most are empty */
#define TABLE_DIGEST_SIZE 64

struct table_row {
	uint16_t name; /* offset in `names` */
	uint16_t own
		[TABLE_ABIS_MAX]; /* of a call behind socketcall or ipc: its number of its own there, if it has one; else 0 */
	int32_t numbers[TABLE_ABIS_MAX];
};

/* Made when orlop is built. */
struct table {
	uint32_t tokens[TABLE_ABIS_MAX]; /* libseccomp's of the architectures; 0: no more */
	const char *names;
	const struct table_row *rows;
	const uint16_t *slots; /* by table_hash: 1 + the row, or the next slot that is free; 0: none */
	const char *version;   /* of the libseccomp that was asked */
	unsigned char digest
		[TABLE_DIGEST_SIZE]; /* SHA-512 of the table and of what makes programs of it; all zero: nobody knows */
};

extern const struct table seccomp_table;

/* FNV-1a. */
static inline uint32_t table_hash(const char *name)
{
	uint32_t hash = 2166136261U;

	while (*name)
		hash = (hash ^ (unsigned char)*name++) * 16777619U;
	return (hash ^ hash >> 16) & (TABLE_SLOTS - 1);
}

struct table_answer {
	int number;   /* what seccomp_syscall_resolve_name_arch says */
	uint32_t own; /* as in struct table_row */
};

/* For the architecture of this token, or the first of the table with token 0. False: ask libseccomp. */
bool table_find(uint32_t token, const char *name, struct table_answer *ret);

#endif
