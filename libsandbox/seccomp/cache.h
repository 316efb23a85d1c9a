/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compiled programs, kept below the state directory: ROOT/@seccomp/KEY, one file each. No container's id has an '@'.
 *
 * The key is the SHA-512 of all that makes a program: the profile as planned, the architecture, the versions of libseccomp, and the compiler itself
 * (its sources and its table of calls, digested when orlop is built). So nothing in here is ever stale: what another build made has another name.
 * A file says its own key and a digest of all that is in it; what is not whole, not of this key, not the caller's own regular file of mode 0600 with
 * one name, or in a directory that others may write to, is as good as none: the profile is compiled and the file replaced.
 *
 * Without the cache and with it a program is the same to the byte, and no failure of it is a container's: nothing here has an `err`.
 * Not for: what the plan warns of, which is told each time; listenerPath and listenerMetadata, which are no part of a program.
 * Built without libmd, or without a table of calls (table_absent.c), there is none.
 */
#ifndef ORLOP_LIBSANDBOX_SECCOMP_CACHE_H
#define ORLOP_LIBSANDBOX_SECCOMP_CACHE_H

#include <stdbool.h>

#include "libbase/arena.h"
#include "libsandbox/plan.h"
#include "libsandbox/seccomp/filter.h"

#define CACHE_DIRECTORY "@seccomp"
/* The oldest go. A program has up to 4096 instructions of 8 bytes, so that these are 2 MiB at most. */
#define CACHE_FILES_MAX 64

#define CACHE_DIGEST_SIZE 64
#define CACHE_NAME_SIZE   (2 * CACHE_DIGEST_SIZE + 1)

struct cache_key {
	unsigned char digest[CACHE_DIGEST_SIZE];
	char name[CACHE_NAME_SIZE]; /* in hexadecimal digits: the file's name */
};

/* What a program depends on besides the profile. */
struct cache_maker {
	const unsigned char *digest; /* of the compiler; CACHE_DIGEST_SIZE bytes */
	const char *library;         /* libseccomp's version */
	uint32_t native;             /* libseccomp's number of the native architecture */
};

/* This orlop. False: there is no cache. */
bool cache_maker(struct cache_maker *ret, char version[]);
void cache_key(const struct plan_seccomp *plan, const struct cache_maker *maker, struct cache_key *ret);

/* Of the state directory `root_fd`. False: there is none that is fit. `*ret` and what it points to live in the arena. */
bool cache_find(int root_fd, const struct cache_key *key, struct arena *arena, struct seccomp_program *ret);
/* Keeps it, makes the directory for that, and drops the oldest. False: it could not be kept. */
bool cache_keep(int root_fd, const struct cache_key *key, const struct seccomp_program *program);

#endif
