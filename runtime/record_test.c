/* SPDX-License-Identifier: Apache-2.0 */
/* Directories, locks and documents of records in a throw-away root; which process a record means. */
#include "runtime/record.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conformance/unit/check.h"
#include "libbase/clock.h"
#include "libbase/path.h"
#include "libbase/text.h"

struct place {
	char path[32];
	int root_fd;
	struct error err;
	struct arena arena;
};

static void place_cleanup(struct place *place)
{
	(void)record_directory_remove(AT_FDCWD, place->path, place->root_fd, false, NULL);
	fd_cleanup(&place->root_fd);
	arena_cleanup(&place->arena);
}

static void place_make(struct place *place)
{
	*place = (struct place){ .path = "/tmp/orlop-record-XXXXXX", .root_fd = FD_NONE };
	ERROR_INIT(&place->err);
	CHECK(mkdtemp(place->path));
	place->root_fd = path_open_host(AT_FDCWD, place->path, O_RDONLY | O_DIRECTORY, 0);
	CHECK(place->root_fd >= 0);
}

#define PLACE(name)                                         \
	_cleanup_(place_cleanup) struct place name = { 0 }; \
	place_make(&name)

static mode_t mode_of(int dir_fd, const char *name)
{
	struct stat st;

	return fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 ? st.st_mode : 0;
}

TEST(root)
{
	PLACE(place);
	char path[64];
	mode_t old = umask(077);
	int fd;

	(void)snprintf(path, sizeof(path), "%s/a/b//c/", place.path);
	CHECK_INT(record_root_open(path, false, &place.err), -ENOENT);
	fd = record_root_open(path, true, &place.err);
	umask(old);
	CHECK(fd >= 0);
	fd_close(fd);
	CHECK_INT(mode_of(place.root_fd, "a") & 07777, 0755);
	CHECK_INT(mode_of(place.root_fd, "a/b") & 07777, 0755);
	CHECK_INT(mode_of(place.root_fd, "a/b/c") & 07777, geteuid() == 0 ? 0711 : 01700);
	/* What is there stays as it is. */
	CHECK_INT(fchmodat(place.root_fd, "a/b/c", 0750, 0), 0);
	fd = record_root_open(path, true, &place.err);
	CHECK(fd >= 0);
	fd_close(fd);
	CHECK_INT(mode_of(place.root_fd, "a/b/c") & 07777, 0750);
}

/* A root that takes no directories: an error, at once. */
TEST(directory_cannot_be_made)
{
	PLACE(place);
	char path[64];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/file", place.path);
	CHECK_INT(path_write_file_atomic(place.root_fd, "file", "", 0, 0600), 0);
	fd = path_open_host(AT_FDCWD, path, O_RDONLY, 0);
	CHECK(fd >= 0);
	CHECK_INT(record_directory_make(fd, "web", &place.err), -ENOTDIR);
	CHECK_HAS(place.err.text, "make the container's state directory");
	fd_close(fd);
	/* Removed meanwhile. */
	CHECK_INT(mkdirat(place.root_fd, "gone", 0700), 0);
	fd = path_open_beneath(place.root_fd, "gone", O_PATH | O_DIRECTORY, 0);
	CHECK_INT(unlinkat(place.root_fd, "gone", AT_REMOVEDIR), 0);
	CHECK_INT(record_directory_make(fd, "web", &place.err), -ENOENT);
	fd_close(fd);
}

TEST(directories)
{
	PLACE(place);
	_cleanup_(fd_cleanup) int fd = record_directory_make(place.root_fd, "web", &place.err);
	_cleanup_(fd_cleanup) int other = FD_NONE;

	CHECK(fd >= 0);
	CHECK_INT(mode_of(place.root_fd, "web"), S_IFDIR | 0700);
	CHECK_INT(record_directory_make(place.root_fd, "web", &place.err), -EEXIST);
	CHECK_TEXT(place.err.text, "container with given ID already exists");
	CHECK_INT(record_directory_open(place.root_fd, "nosuch", false, &place.err), -ENOENT);
	CHECK_TEXT(place.err.text, "container does not exist");
	CHECK_INT(symlinkat("web", place.root_fd, "link"), 0);
	CHECK(record_directory_open(place.root_fd, "link", false, &place.err) < 0);

	/* Readers need no lock; whoever asks for it waits. */
	other = record_directory_open(place.root_fd, "web", false, &place.err);
	CHECK(other >= 0);
	CHECK(record_directory_locked(place.root_fd, "web"));
	CHECK_INT(flock(fd, LOCK_UN), 0);
	CHECK(!record_directory_locked(place.root_fd, "web"));
	CHECK(!record_directory_locked(place.root_fd, "nosuch"));
}

TEST(removal)
{
	PLACE(place);
	_cleanup_(fd_cleanup) int fd = record_directory_make(place.root_fd, "web", &place.err);

	CHECK(fd >= 0);
	CHECK_INT(mkfifoat(fd, "gate", 0600), 0);
	CHECK_INT(path_write_file_atomic(fd, "config.json", "{}", 2, 0600), 0);
	CHECK_INT(mkdirat(fd, "notify", 0755), 0);
	CHECK_INT(path_write_file_atomic(fd, "notify/../config.json", "", 0, 0600), -EINVAL);
	CHECK_INT(symlinkat("/etc/hostname", fd, "notify/link"), 0);
	CHECK_INT(record_directory_remove(place.root_fd, "web", fd, true, &place.err), 0);
	CHECK_INT(mode_of(place.root_fd, "web"), 0);
	/* Removed already. Another of the same name is not ours to remove. */
	CHECK_INT(record_directory_remove(place.root_fd, "web", fd, false, &place.err), 0);
	CHECK_INT(mkdirat(place.root_fd, "web", 0700), 0);
	CHECK_INT(record_directory_remove(place.root_fd, "web", fd, false, &place.err), 0);
	CHECK(mode_of(place.root_fd, "web") != 0);
	CHECK_INT(record_directory_lock(fd, &place.err), -ENOENT);
}

/* In a call that waits; or it has ended. */
static void until_it_waits(pid_t pid)
{
	char path[64], text[512];
	char state = 'R';

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	while (state != 'S' && state != 'Z') {
		FILE *file = fopen(path, "re");

		CHECK(file && fgets(text, sizeof(text), file));
		(void)fclose(file);
		state = strrchr(text, ')')[2];
	}
}

/* A child that waits for the lock which we hold, while the directory goes away and another takes its place. */
TEST(lock_of_the_dead)
{
	PLACE(place);
	_cleanup_(fd_cleanup) int fd = record_directory_make(place.root_fd, "web", &place.err);
	_cleanup_(fd_cleanup) int again = FD_NONE;
	int status;
	pid_t pid;

	CHECK(fd >= 0);
	pid = fork();
	if (pid == 0) {
		int mine, r;

		/* Not the parent's lock by inheritance. */
		fd_cleanup(&fd);
		mine = record_directory_open(place.root_fd, "web", true, NULL);
		r = mine < 0 ? 1 : record_load(mine, &place.arena, &(struct record){ 0 }, NULL);
		_exit(r == 0 ? 7 : 1);
	}
	until_it_waits(pid);
	CHECK_INT(waitpid(pid, &status, WNOHANG), 0);
	CHECK_INT(record_directory_remove(place.root_fd, "web", fd, true, &place.err), 0);
	again = record_directory_make(place.root_fd, "web", &place.err);
	CHECK(again >= 0);
	CHECK_INT(record_save(again, &(struct record){ .oci_version = "1", .id = "web", .bundle = "/" }, NULL), 0);
	fd_cleanup(&fd);
	fd_cleanup(&again);
	CHECK_INT(waitpid(pid, &status, 0), pid);
	CHECK_INT(WEXITSTATUS(status), 7);
}

TEST(document)
{
	const struct spec_pair pairs[] = {
		{ "a", "1" },
		{ "b", "" },
	};
	const struct record record = {
		.oci_version = "1.2.0",
		.id = "web",
		.bundle = "/b",
		.rootfs = "/b/rootfs",
		.created = "2026-01-02T03:04:05Z",
		.pid = 4711,
		.start_time = UINT64_MAX,
		.owner = 1000,
		.ready = { true, true },
		.systemd = { true, false },
		.cgroup_mount = "/sys/fs/cgroup",
		.cgroup_path = "/web",
		.annotations = { pairs, 2 },
	};
	struct record back = { 0 };
	PLACE(place);

	CHECK_INT(record_save(place.root_fd, &record, &place.err), 0);
	CHECK_INT(mode_of(place.root_fd, RECORD_NAME), S_IFREG | 0600);
	CHECK_INT(record_load(place.root_fd, &place.arena, &back, &place.err), 0);
	CHECK_INT(back.version, RECORD_VERSION);
	CHECK_TEXT(back.id, "web");
	CHECK_TEXT(back.cgroup_path, "/web");
	CHECK(!back.unit);
	CHECK_INT(back.pid, 4711);
	CHECK(back.start_time == UINT64_MAX);
	CHECK(back.ready.set && back.ready.value && back.systemd.set && !back.systemd.value && !back.poststop.set);
	CHECK_INT(back.annotations.count, 2);
	CHECK_TEXT(back.annotations.items[1].key, "b");
}

static int load_text(struct place *place, const char *text)
{
	struct record record;

	CHECK_INT(path_write_file_atomic(place->root_fd, RECORD_NAME, text, strlen(text), 0600), 0);
	return record_load(place->root_fd, &place->arena, &record, &place->err);
}

TEST(broken_documents)
{
	struct record record;
	PLACE(place);

	CHECK_INT(record_load(place.root_fd, &place.arena, &record, &place.err), -ENOENT);
	CHECK_INT(load_text(&place, ""), -EINVAL);
	CHECK_INT(load_text(&place, "{\"version\":1"), -EINVAL);
	CHECK_INT(load_text(&place, "{}"), -EINVAL);
	CHECK_INT(load_text(&place, "{\"version\":2,\"ociVersion\":\"1\",\"id\":\"x\",\"bundle\":\"/\"}"), -EINVAL);
	CHECK_HAS(place.err.text, "version 2");
	CHECK_INT(load_text(&place, "{\"version\":1,\"ociVersion\":\"1\",\"id\":\"x\",\"bundle\":\"/\"}"), 0);
	/* A record that is a link leads out of the directory. */
	CHECK_INT(renameat(place.root_fd, RECORD_NAME, place.root_fd, "real"), 0);
	CHECK_INT(symlinkat("real", place.root_fd, RECORD_NAME), 0);
	CHECK(record_load(place.root_fd, &place.arena, &record, &place.err) < 0);
}

static pid_t child_sleep(const char *name)
{
	pid_t pid = fork();

	if (pid == 0) {
		(void)prctl(PR_SET_NAME, name);
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		(void)pause();
		_exit(0);
	}
	return pid;
}

TEST(process)
{
	struct record record = { .pid = child_sleep(") R 1 2 (") };
	uint64_t mine, its;
	int pidfd;

	(void)usleep(50000);
	CHECK_INT(process_start_time(getpid(), &mine), 0);
	CHECK_INT(process_start_time((pid_t)record.pid, &its), 0);
	CHECK(its >= mine && its - mine < 100000);
	CHECK(mine > 0);

	record.start_time = its;
	pidfd = record_process_open(&record);
	CHECK(pidfd >= 0);
	fd_close(pidfd);
	record.start_time = its + 1;
	CHECK_INT(record_process_open(&record), -ESRCH);
	record.start_time = its;

	/* A zombie has its number still. */
	CHECK_INT(kill((pid_t)record.pid, SIGKILL), 0);
	CHECK_INT(waitid(P_PID, (id_t)record.pid, &(siginfo_t){ 0 }, WEXITED | WNOWAIT), 0);
	CHECK_INT(process_start_time((pid_t)record.pid, &its), 0);
	CHECK_INT(record_process_open(&record), -ESRCH);
	CHECK_INT(waitpid((pid_t)record.pid, NULL, 0), record.pid);
	CHECK_INT(process_start_time((pid_t)record.pid, &its), -ESRCH);
	CHECK_INT(record_process_open(&record), -ESRCH);
	CHECK_INT(record_process_open(&(struct record){ .pid = 0 }), -ESRCH);
}

/* What the clock tells is what /proc tells, wherever in a tick the child was born. */
TEST(process_born_between)
{
	const int64_t tick_ns = 1000000000 / sysconf(_SC_CLK_TCK);

	for (int i = 0; i < 40; i++) {
		const int64_t after_ns = clock_boot_ns();
		const pid_t pid = child_sleep("born");
		const int64_t before_ns = clock_boot_ns(), edge_ns = after_ns / tick_ns * tick_ns;
		uint64_t asked = 0, told = 1, wide = 1;

		CHECK_INT(process_start_time(pid, &asked), 0);
		CHECK_INT(process_start_time_between(pid, after_ns, before_ns, &told), 0);
		CHECK_INT(process_start_time_between(pid, after_ns - tick_ns, before_ns + tick_ns, &wide), 0);
		CHECK_INT(told, asked);
		CHECK_INT(wide, asked);
		CHECK_INT(kill(pid, SIGKILL), 0);
		CHECK_INT(waitpid(pid, NULL, 0), pid);
		/* Within one tick, and not at its very edge, nobody is asked; else there is nobody any more. */
		CHECK_INT(process_start_time_between(pid, edge_ns + tick_ns / 2, edge_ns + tick_ns / 2, &told), 0);
		CHECK_INT(process_start_time_between(pid, after_ns, after_ns + tick_ns, &told), -ESRCH);
		CHECK_INT(process_start_time_between(pid, edge_ns, edge_ns, &told), -ESRCH);
		CHECK_INT(process_start_time_between(pid, edge_ns - 1, edge_ns - 1, &told), -ESRCH);
		(void)usleep((useconds_t)i * 83);
	}
}
