/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See cache.h. Who may write below the state directory can also change the records of containers: the checks are not against the caller's own user,
 * but against others where the state directory is everybody's (--root /tmp), against damage, and against accidents.
 */
#include "libsandbox/seccomp/cache.h"

#include "libsandbox/seccomp/names.h"

#if HAVE_SECCOMP && HAVE_LIBMD

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sha512.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libbase/cleanup.h"
#include "libbase/fd.h"
#include "libbase/path.h"
#include "libbase/text.h"
#include "libsandbox/seccomp/table.h"
#include "libspec/names.h"

_Static_assert(CACHE_DIGEST_SIZE == SHA512_DIGEST_LENGTH && CACHE_DIGEST_SIZE == TABLE_DIGEST_SIZE, "one digest");

#define FILE_MAGIC   "orlopbpf"
#define FILE_VERSION 1
#define FILE_MODE    0600
#define MAGIC_SIZE   (sizeof(FILE_MAGIC) - 1)

/* In the machine's byte order, which is its architecture's, and so the key's. */
struct file_head {
	unsigned char digest[CACHE_DIGEST_SIZE]; /* of all that follows in the file */
	char magic[MAGIC_SIZE];
	uint32_t version;
	uint32_t count; /* instructions, which follow the head */
	unsigned char key[CACHE_DIGEST_SIZE];
};

#define FILE_SIZE(count) (sizeof(struct file_head) + (count) * sizeof(struct sock_filter))

struct file {
	struct file_head head;
	struct sock_filter instructions[BPF_MAXINSNS];
};

_Static_assert(sizeof(struct file) == FILE_SIZE(BPF_MAXINSNS), "no byte of a file is padding");

/* -- the key --------------------------------------------------------------------------------------------------------------------------- */

bool cache_maker(struct cache_maker *ret, char version[])
{
	static const unsigned char none[TABLE_DIGEST_SIZE];

	if (memcmp(seccomp_table.digest, none, sizeof(none)) == 0)
		return false;
	seccomp_version_text(version);
	*ret = (struct cache_maker){ seccomp_table.digest, version, seccomp_abi_native().token };
	return true;
}

/* A digest of bytes in a row: so each piece has a fixed size, or its size before it, or a NUL at its end. */
static void add(SHA2_CTX *digest, const void *bytes, size_t length)
{
	SHA512Update(digest, bytes, length);
}

static void add_number(SHA2_CTX *digest, uint64_t number)
{
	add(digest, &number, sizeof(number));
}

static void add_text(SHA2_CTX *digest, const char *text)
{
	add(digest, text, strlen(text) + 1);
}

/* Words, not their values: those are this build's. */
static void add_word(SHA2_CTX *digest, const struct name_table *table, int value)
{
	const char *word = name_text(table, value);

	add_text(digest, word ? word : "");
}

static void add_optional(SHA2_CTX *digest, struct opt_u32 number)
{
	add_number(digest, number.set ? UINT64_C(1) << 32 | number.value : 0);
}

static void add_call(SHA2_CTX *digest, const struct spec_seccomp_call *call)
{
	add_word(digest, &names_seccomp_actions, call->action);
	add_optional(digest, call->errno_ret);
	add_number(digest, call->args.count);
	for (size_t i = 0; i < call->args.count; i++) {
		const struct spec_seccomp_arg *arg = &call->args.items[i];

		add_number(digest, arg->index);
		add_word(digest, &names_seccomp_operators, arg->op);
		add_number(digest, arg->value);
		add_number(digest, arg->value_two);
	}
	add_number(digest, call->names.count);
	for (size_t i = 0; i < call->names.count; i++)
		add_text(digest, call->names.items[i]);
}

static void add_plan(SHA2_CTX *digest, const struct plan_seccomp *plan)
{
	const struct spec_seccomp *spec = plan->spec;

	/* How it is loaded is no part of the program, but a program for one way of loading shall not be another's. */
	add_number(digest, plan->flags);
	add_number(digest, plan->notify);
	add_word(digest, &names_seccomp_actions, spec->default_action);
	add_optional(digest, spec->default_errno_ret);
	for (size_t i = 0; i < names_seccomp_archs.count; i++) {
		const struct name *arch = &names_seccomp_archs.names[i];

		if (spec->architectures.bits >> (arch->value - 1) & 1)
			add_text(digest, arch->text);
	}
	add_text(digest, "");
	add_number(digest, spec->syscalls.count);
	for (size_t i = 0; i < spec->syscalls.count; i++)
		add_call(digest, &spec->syscalls.items[i]);
}

void cache_key(const struct plan_seccomp *plan, const struct cache_maker *maker, struct cache_key *ret)
{
	static const char digits[] = "0123456789abcdef";
	SHA2_CTX digest;

	SHA512Init(&digest);
	add_number(&digest, FILE_VERSION);
	add(&digest, maker->digest, CACHE_DIGEST_SIZE);
	add_text(&digest, maker->library);
	add_number(&digest, maker->native);
	add_plan(&digest, plan);
	SHA512Final(ret->digest, &digest);
	for (size_t i = 0; i < CACHE_DIGEST_SIZE; i++) {
		ret->name[2 * i] = digits[ret->digest[i] >> 4];
		ret->name[2 * i + 1] = digits[ret->digest[i] & 15];
	}
	ret->name[CACHE_NAME_SIZE - 1] = '\0';
}

/* -- a file ---------------------------------------------------------------------------------------------------------------------------- */

static void file_digest(const struct file *file, unsigned char to[CACHE_DIGEST_SIZE])
{
	SHA2_CTX digest;

	SHA512Init(&digest);
	add(&digest, (const unsigned char *)file + CACHE_DIGEST_SIZE, FILE_SIZE(file->head.count) - CACHE_DIGEST_SIZE);
	SHA512Final(to, &digest);
}

static bool directory_is_fit(int fd, uid_t owner)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_uid == owner && !(st.st_mode & (S_IWGRP | S_IWOTH));
}

static bool file_is_fit(int fd, uid_t owner, size_t *ret_size)
{
	struct stat st;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_uid != owner || st.st_nlink != 1 ||
	    (st.st_mode & 07777) != FILE_MODE || st.st_size < (off_t)FILE_SIZE(1) ||
	    st.st_size > (off_t)FILE_SIZE(BPF_MAXINSNS))
		return false;
	*ret_size = (size_t)st.st_size;
	return true;
}

static bool content_is_fit(const struct file *file, size_t size, const struct cache_key *key)
{
	const struct file_head *head = &file->head;
	unsigned char digest[CACHE_DIGEST_SIZE];

	if (memcmp(head->magic, FILE_MAGIC, MAGIC_SIZE) != 0 || head->version != FILE_VERSION || head->count == 0 ||
	    head->count > BPF_MAXINSNS || size != FILE_SIZE(head->count) ||
	    memcmp(head->key, key->digest, CACHE_DIGEST_SIZE) != 0)
		return false;
	file_digest(file, digest);
	return memcmp(digest, head->digest, CACHE_DIGEST_SIZE) == 0;
}

static int directory_open(int root_fd, uid_t owner)
{
	_cleanup_(fd_cleanup) int fd = path_open_beneath(root_fd, CACHE_DIRECTORY, O_PATH | O_DIRECTORY, 0);

	return fd >= 0 && !directory_is_fit(fd, owner) ? -EPERM : fd_take(&fd);
}

bool cache_find(int root_fd, const struct cache_key *key, struct arena *arena, struct seccomp_program *ret)
{
	const uid_t owner = geteuid();
	_cleanup_(fd_cleanup) int dir_fd = directory_open(root_fd, owner), fd = FD_NONE;
	struct file *file;
	size_t size;

	if (dir_fd < 0)
		return false;
	/* A FIFO does not keep it waiting. */
	fd = path_open_beneath(dir_fd, key->name, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
	if (fd < 0 || !file_is_fit(fd, owner, &size))
		return false;
	file = arena_alloc(arena, size);
	/* A file that grows or shrinks meanwhile is none of ours: those are renamed when they are whole. */
	if (!file || read(fd, file, size) != (ssize_t)size || !content_is_fit(file, size, key))
		return false;
	ret->filter = (struct sock_fprog){ (unsigned short)file->head.count, file->instructions };
	return true;
}

/* -- the directory --------------------------------------------------------------------------------------------------------------------- */

struct entry {
	struct timespec written;
	char name[NAME_MAX + 1];
};

struct newest {
	struct entry items[CACHE_FILES_MAX - 1]; /* the newest first; another is the one that was just kept */
	size_t count;
};

static void directory_cleanup(DIR **directory)
{
	if (*directory)
		(void)closedir(*directory);
}

static DIR *directory_read(int dir_fd)
{
	int fd = path_open_beneath(dir_fd, ".", O_RDONLY | O_DIRECTORY, 0);
	DIR *directory = fd >= 0 ? fdopendir(fd) : NULL;

	if (!directory)
		fd_close(fd);
	return directory;
}

static bool entry_counts(const struct dirent *entry, const char *kept)
{
	return !text_equal(entry->d_name, ".") && !text_equal(entry->d_name, "..") && !text_equal(entry->d_name, kept);
}

static bool directory_is_full(DIR *directory, const char *kept)
{
	const struct dirent *entry;
	size_t count = 1;

	while (count <= CACHE_FILES_MAX && (entry = readdir(directory)))
		count += entry_counts(entry, kept);
	return count > CACHE_FILES_MAX;
}

static bool is_newer(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec != b->tv_sec ? a->tv_sec > b->tv_sec : a->tv_nsec > b->tv_nsec;
}

/* Puts it in its place; of one too many the oldest goes. */
static void newest_add(struct newest *newest, int dir_fd, const char *name)
{
	struct entry *items = newest->items;
	struct stat st;
	size_t at;

	if (strlen(name) > NAME_MAX || fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return;
	for (at = newest->count; at > 0 && is_newer(&st.st_mtim, &items[at - 1].written);)
		at--;
	if (newest->count == ARRAY_SIZE(newest->items)) {
		(void)unlinkat(dir_fd, at == newest->count ? name : items[newest->count - 1].name, 0);
		if (at == newest->count)
			return;
		newest->count--;
	}
	memmove(&items[at + 1], &items[at], (newest->count++ - at) * sizeof(*items));
	items[at].written = st.st_mtim;
	memcpy(items[at].name, name, strlen(name) + 1);
}

/* Whatever is in there is a program, or what a writer left that was killed: age decides alike. */
static void directory_trim(int dir_fd, const char *kept)
{
	_cleanup_(directory_cleanup) DIR *directory = directory_read(dir_fd);
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	const struct dirent *entry;
	struct newest *newest;

	if (!directory || !directory_is_full(directory, kept))
		return;
	newest = arena_new(&arena, struct newest);
	if (!newest)
		return;
	rewinddir(directory);
	while ((entry = readdir(directory)))
		if (entry_counts(entry, kept))
			newest_add(newest, dir_fd, entry->d_name);
}

static int directory_make(int root_fd)
{
	const uid_t owner = geteuid();
	int fd = directory_open(root_fd, owner);

	if (fd != -ENOENT)
		return fd;
	if (mkdirat(root_fd, CACHE_DIRECTORY, 0700) < 0 && errno != EEXIST)
		return -errno;
	return directory_open(root_fd, owner);
}

bool cache_keep(int root_fd, const struct cache_key *key, const struct seccomp_program *program)
{
	_cleanup_(fd_cleanup) int dir_fd = directory_make(root_fd);
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	const struct sock_fprog *filter = &program->filter;
	struct file *file = dir_fd < 0 ? NULL : arena_alloc(&arena, FILE_SIZE(filter->len));
	int r;

	if (!file)
		return false;
	file->head.version = FILE_VERSION;
	file->head.count = filter->len;
	memcpy(file->head.magic, FILE_MAGIC, MAGIC_SIZE);
	memcpy(file->head.key, key->digest, CACHE_DIGEST_SIZE);
	memcpy(file->instructions, filter->filter, filter->len * sizeof(*filter->filter));
	file_digest(file, file->head.digest);
	r = path_write_file_atomic(dir_fd, key->name, file, FILE_SIZE(filter->len), FILE_MODE);
	/* What is renamed takes the place of anything but a directory. */
	if (r == -EISDIR && unlinkat(dir_fd, key->name, AT_REMOVEDIR) == 0)
		r = path_write_file_atomic(dir_fd, key->name, file, FILE_SIZE(filter->len), FILE_MODE);
	if (r == 0)
		directory_trim(dir_fd, key->name);
	return r == 0;
}

#else

bool cache_maker(struct cache_maker *ret, char version[])
{
	(void)ret;
	(void)version;
	return false;
}

void cache_key(const struct plan_seccomp *plan, const struct cache_maker *maker, struct cache_key *ret)
{
	(void)plan;
	(void)maker;
	*ret = (struct cache_key){ 0 };
}

bool cache_find(int root_fd, const struct cache_key *key, struct arena *arena, struct seccomp_program *ret)
{
	(void)root_fd;
	(void)key;
	(void)arena;
	(void)ret;
	return false;
}

bool cache_keep(int root_fd, const struct cache_key *key, const struct seccomp_program *program)
{
	(void)root_fd;
	(void)key;
	(void)program;
	return false;
}

#endif
