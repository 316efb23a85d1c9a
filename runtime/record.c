/* SPDX-License-Identifier: Apache-2.0 */
/* The record on disk. See record.h. */
#include "runtime/record.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdalign.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libbase/json_writer.h"
#include "libbase/kernel.h"
#include "libbase/path.h"
#include "libbase/proc.h"
#include "libbase/text.h"
#include "libspec/load.h"
#include "libspec/write.h"

#define STAT_BYTES_MAX 4096

/* Field 22, counted from the state, which is field 3 and the first behind the name. */
#define START_TIME_FIELD (22 - 3)

/* By what the vdso's reading of a clock may differ from the kernel's, with room to spare. */
#define CLOCK_ROUNDING_NS 1000

/* Ours hold files and one directory of a socket; deeper is somebody else's. */
#define REMOVE_DEPTH_MAX 8

/* Of what is read of a directory at a time. */
#define LIST_SIZE 2048

/* -- the directories --------------------------------------------------------------------------------------------------------- */

/* The sticky bit keeps a user's runtime directory from being tidied away by its age. */
static mode_t root_mode(void)
{
	return geteuid() == 0 ? 0711 : 01700;
}

static int root_make(const char *root, struct error *err)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	_cleanup_(fd_cleanup) int top_fd = FD_NONE, parent_fd = FD_NONE;
	char *path = path_clean(&arena, root);
	const char *parent = "/";
	char *name;
	int fd;

	if (!path)
		return error_set(err, -ENOMEM, "state directory '%s'", root);
	name = strrchr(path, '/');
	if (!name || !path_is_name(name + 1))
		return error_say(err, -EINVAL, "state directory '%s': want an absolute path", root);
	*name++ = '\0';
	if (*path != '\0')
		parent = path;
	top_fd = path_open_host(AT_FDCWD, "/", O_PATH | O_DIRECTORY, 0);
	parent_fd = top_fd < 0 ? top_fd : path_make_directories_in_root(top_fd, parent, 0755);
	if (parent_fd < 0)
		return error_set(err, parent_fd, "make the directory of '%s'", root);
	fd = path_make_directories_in_root(parent_fd, name, root_mode());
	return fd < 0 ? error_set(err, fd, "make state directory '%s'", root) : fd;
}

/*
 * Records say what is killed, which cgroups are removed and whose hooks run, with the caller's rights: nobody else may put one there or take one's
 * place. The sticky bit is enough, since what is in each container's directory is its owner's.
 */
static int owner_check(const char *what, const char *name, const struct stat *st, struct error *err)
{
	if (st->st_uid != 0 && st->st_uid != geteuid())
		return error_say(err, -EPERM, "%s '%s' belongs to user %u, who may change what is in it", what, name,
				 st->st_uid);
	if (st->st_mode & S_ISVTX)
		return 0;
	if (st->st_mode & S_IWOTH || (st->st_mode & S_IWGRP && st->st_gid != 0 && st->st_gid != getegid()))
		return error_say(err, -EPERM,
				 "%s '%s' has mode %04o: others may change what is in it (the sticky bit would do)",
				 what, name, st->st_mode & 07777);
	return 0;
}

int record_root_open(const char *root, bool make, struct error *err)
{
	_cleanup_(fd_cleanup) int fd = path_open_host(AT_FDCWD, root, O_PATH | O_DIRECTORY, 0);
	struct stat st;
	int r;

	if (fd == -ENOENT && make)
		fd = root_make(root, err);
	else if (fd < 0)
		return error_set(err, fd, "open state directory '%s'", root);
	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return error_set(err, -errno, "look at state directory '%s'", root);
	r = owner_check("state directory", root, &st, err);
	return r < 0 ? r : fd_take(&fd);
}

static int directory_open(int root_fd, const char *id)
{
	return path_open_beneath(root_fd, id, O_RDONLY | O_DIRECTORY, 0);
}

static int directory_lock(int dir_fd)
{
	while (flock(dir_fd, LOCK_EX) < 0)
		if (errno != EINTR)
			return -errno;
	return 0;
}

/* Who waited for the lock may have got that of a directory which was removed meanwhile; another may stand in its place. */
static bool is_removed(const struct stat *st)
{
	return st->st_nlink == 0;
}

static bool directory_is_removed(int dir_fd)
{
	struct stat st;

	return fstat(dir_fd, &st) == 0 && is_removed(&st);
}

int record_directory_make(int root_fd, const char *id, struct error *err)
{
	for (;;) {
		_cleanup_(fd_cleanup) int fd = FD_NONE;
		int r;

		if (mkdirat(root_fd, id, 0700) < 0)
			return errno == EEXIST ? error_say(err, -EEXIST, "container with given ID already exists")
					       : error_set(err, -errno, "make the container's state directory");
		fd = directory_open(root_fd, id);
		if (fd == -ENOENT)
			continue;
		r = fd < 0 ? fd : directory_lock(fd);
		if (r < 0) {
			/* Whoever has put something into it meanwhile keeps it. */
			(void)unlinkat(root_fd, id, AT_REMOVEDIR);
			return error_set(err, r, "make the container's state directory");
		}
		if (!directory_is_removed(fd))
			return fd_take(&fd);
	}
}

int record_directory_open(int root_fd, const char *id, bool lock, struct error *err)
{
	for (;;) {
		_cleanup_(fd_cleanup) int fd = directory_open(root_fd, id);
		struct stat st;
		int r;

		if (fd == -ENOENT)
			return error_say(err, fd, "container does not exist");
		r = fd < 0 || !lock ? fd : directory_lock(fd);
		if (r >= 0 && fstat(fd, &st) < 0)
			r = -errno;
		if (r < 0)
			return error_set(err, r, "open the container's state directory");
		if (lock && is_removed(&st))
			continue;
		r = owner_check("container", id, &st, err);
		return r < 0 ? r : fd_take(&fd);
	}
}

int record_directory_lock(int dir_fd, struct error *err)
{
	int r = directory_lock(dir_fd);

	if (r < 0)
		return error_set(err, r, "lock the container's state directory");
	return directory_is_removed(dir_fd) ? error_say(err, -ENOENT, "container does not exist") : 0;
}

bool record_directory_locked(int root_fd, const char *id)
{
	/* A descriptor of its own: locks belong to what was opened, not to who asks. */
	_cleanup_(fd_cleanup) int fd = directory_open(root_fd, id);

	return fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK;
}

/* -- removal ----------------------------------------------------------------------------------------------------------------- */

static int entries_remove(int dir_fd, unsigned int depth);

static int entry_remove(int dir_fd, const char *name, unsigned int depth)
{
	_cleanup_(fd_cleanup) int fd = FD_NONE;
	int r;

	if (unlinkat(dir_fd, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return -errno;
	fd = path_open_on_mount(dir_fd, name, O_RDONLY | O_DIRECTORY, 0);
	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	r = depth == REMOVE_DEPTH_MAX ? -ELOOP : entries_remove(fd, depth + 1);
	if (r < 0)
		return r;
	return unlinkat(dir_fd, name, AT_REMOVEDIR) < 0 && errno != ENOENT ? -errno : 0;
}

/* One piece of a directory's list. */
static int listed_remove(int dir_fd, const char *list, size_t length, unsigned int depth)
{
	for (size_t at = 0; at < length;) {
		const struct dirent64 *entry = (const struct dirent64 *)(const void *)(list + at);
		int r = 0;

		at += entry->d_reclen;
		if (path_is_name(entry->d_name) && !(depth == 0 && text_equal(entry->d_name, RECORD_NAME)))
			r = entry_remove(dir_fd, entry->d_name, depth);
		if (r < 0)
			return r;
	}
	return 0;
}

/* All but the record, by which the rest is found when this is cut short. */
static int entries_remove(int dir_fd, unsigned int depth)
{
	alignas(struct dirent64) char list[LIST_SIZE];

	if (lseek(dir_fd, 0, SEEK_SET) < 0)
		return -errno;
	for (;;) {
		ssize_t length = getdents64(dir_fd, (struct dirent64 *)(void *)list, sizeof(list));
		int r;

		/* -ENOENT: it was removed by another. */
		if (length <= 0)
			return length == 0 || errno == ENOENT ? 0 : -errno;
		r = listed_remove(dir_fd, list, (size_t)length, depth);
		if (r < 0)
			return r;
	}
}

/* What mostly is all there is. False: there was more, or less. */
static bool usual_remove(int root_fd, const char *id, int dir_fd)
{
	/* Before the record, by which the rest is found when this is cut short. */
	if (unlinkat(dir_fd, RECORD_CONFIG, 0) < 0 || unlinkat(dir_fd, RECORD_NAME, 0) < 0)
		return false;
	/* Its record was there a moment ago: so is the directory, and it is the one that is locked. */
	return unlinkat(root_fd, id, AT_REMOVEDIR) == 0;
}

int record_directory_remove(int root_fd, const char *id, int dir_fd, bool usual, struct error *err)
{
	int r;

	if (usual && usual_remove(root_fd, id, dir_fd))
		return 0;
	r = entries_remove(dir_fd, 0);
	if (r == 0 && unlinkat(dir_fd, RECORD_NAME, 0) < 0 && errno != ENOENT)
		r = -errno;
	if (r == 0 && !directory_is_removed(dir_fd) && unlinkat(root_fd, id, AT_REMOVEDIR) < 0 && errno != ENOENT)
		r = -errno;
	return r < 0 ? error_set(err, r, "remove the container's state directory") : 0;
}

/* -- the document ------------------------------------------------------------------------------------------------------------ */

int record_draft(int dir_fd, const struct record *record, struct record_draft *ret, struct error *err)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer text = TEXT_BUFFER_INIT;
	struct record current = *record;
	struct json_writer json;
	int r;

	current.version = RECORD_VERSION;
	json_writer_init(&json, &text, "");
	record_write(&json, NULL, &current);
	r = json_writer_finish(&json);
	if (r == 0)
		r = path_write_temporary(dir_fd, text.bytes, text.length, 0600, &ret->file);
	return r < 0 ? error_set(err, r, "write " RECORD_NAME) : 0;
}

int record_publish(int dir_fd, const struct record_draft *draft, struct error *err)
{
	int r = path_temporary_rename(dir_fd, &draft->file, RECORD_NAME);

	return r < 0 ? error_set(err, r, "write " RECORD_NAME) : 0;
}

int record_save(int dir_fd, const struct record *record, struct error *err)
{
	struct record_draft draft;
	int r = record_draft(dir_fd, record, &draft, err);

	return r < 0 ? r : record_publish(dir_fd, &draft, err);
}

int record_load(int dir_fd, struct arena *arena, struct record *ret, struct error *err)
{
	_cleanup_(fd_cleanup) int fd = path_open_beneath(dir_fd, RECORD_NAME, O_RDONLY | O_NONBLOCK, 0);
	const struct record *record;
	struct problems problems;
	size_t length;
	char *bytes;
	int r;

	if (fd == -ENOENT)
		return error_say(err, fd, RECORD_NAME " is missing");
	r = fd < 0 ? fd : fd_read_all(fd, SPEC_BYTES_MAX, arena, &bytes, &length);
	if (r < 0)
		return error_set(err, r == -ENOENT ? -EIO : r, "read " RECORD_NAME);
	problems_init(&problems, arena);
	r = record_load_bytes(RECORD_NAME, bytes, length, arena, &problems, &record, err);
	if (r < 0)
		return r;
	if (record->version != RECORD_VERSION)
		return error_say(err, -EINVAL, RECORD_NAME ": version %u, this orlop reads %u", record->version,
				 RECORD_VERSION);
	*ret = *record;
	return 0;
}

/* -- the process ------------------------------------------------------------------------------------------------------------- */

/* The name may hold anything, blanks and parentheses too, but it is the last thing in parentheses. */
static int start_time_parse(char *stat, uint64_t *ret)
{
	char *at = strrchr(stat, ')');

	if (!at)
		return -EPROTO;
	at++;
	for (int field = 0; field < START_TIME_FIELD; field++) {
		at = strchr(at + 1, ' ');
		if (!at)
			return -EPROTO;
	}
	at++;
	at[strcspn(at, " \n")] = '\0';
	return number_parse_u64(at, UINT64_MAX, ret) < 0 ? -EPROTO : 0;
}

int process_start_time(pid_t pid, uint64_t *ret)
{
	/* Not a mount of our own, as proc_open makes: this is asked by commands that are called often, about the host's own view. */
	_cleanup_(fd_cleanup) int proc_fd = proc_open_mounted("/proc");
	_cleanup_(fd_cleanup) int fd = FD_NONE;
	char path[32], stat[STAT_BYTES_MAX];
	ssize_t length;

	if (proc_fd < 0)
		return proc_fd;
	(void)snprintf(path, sizeof(path), "%d/stat", (int)pid);
	fd = proc_open_at(proc_fd, path, O_RDONLY | O_NONBLOCK);
	if (fd < 0)
		return fd == -ENOENT ? -ESRCH : fd;
	/* One line of some 300 bytes: one read takes the whole of it. */
	length = read(fd, stat, sizeof(stat) - 1);
	if (length < 0)
		return -errno;
	stat[length] = '\0';
	return start_time_parse(stat, ret);
}

int process_start_time_between(pid_t pid, int64_t after_ns, int64_t before_ns, uint64_t *ret)
{
	const long rate = sysconf(_SC_CLK_TCK);
	/* As the kernel does it where that is no fraction. */
	const int64_t tick_ns = rate > 0 && 1000000000 % rate == 0 ? 1000000000 / rate : 0;

	/* The kernel stamps a process by the same clock, and time namespaces shift both alike. */
	if (tick_ns == 0 || after_ns <= CLOCK_ROUNDING_NS ||
	    (after_ns - CLOCK_ROUNDING_NS) / tick_ns != (before_ns + CLOCK_ROUNDING_NS) / tick_ns)
		return process_start_time(pid, ret);
	*ret = (uint64_t)(after_ns / tick_ns);
	return 0;
}

int record_process_open(const struct record *record)
{
	_cleanup_(fd_cleanup) int pidfd = FD_NONE;
	struct pollfd item = { .events = POLLIN };
	uint64_t start_time = 0;
	int r;

	if (record->pid <= 0)
		return -ESRCH;
	pidfd = pidfd_open((pid_t)record->pid, 0);
	if (pidfd < 0)
		return errno == EINVAL ? -ESRCH : -errno;
	/* Readable means that all its threads have ended; the state in /proc tells of the first one only. Then nobody need be asked who it was. */
	item.fd = pidfd;
	if (poll(&item, 1, 0) != 0)
		return -ESRCH;
	/* Looked up after the pidfd is held: whoever has the number now is the one behind the pidfd, or was born later than the record says. */
	r = process_start_time((pid_t)record->pid, &start_time);
	if (r < 0)
		return r;
	return start_time == record->start_time ? fd_take(&pidfd) : -ESRCH;
}
