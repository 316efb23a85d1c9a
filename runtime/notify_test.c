/* SPDX-License-Identifier: Apache-2.0 */
/* What of a container's words reaches the service manager, which is played here. */
#include "runtime/notify.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conformance/unit/check.h"
#include "libbase/clock.h"
#include "libbase/path.h"
#include "libbase/socket.h"

struct place {
	char path[40];
	char host[64];
	int dir_fd;
	int manager_fd;
	struct notify notify;
	struct error err;
};

static void place_make(struct place *place)
{
	*place = (struct place){ .path = "/tmp/orlop-notify-XXXXXX", .notify = NOTIFY_INIT };
	ERROR_INIT(&place->err);
	CHECK(mkdtemp(place->path));
	place->dir_fd = path_open_host(AT_FDCWD, place->path, O_RDONLY | O_DIRECTORY, 0);
	CHECK(place->dir_fd >= 0);
	(void)snprintf(place->host, sizeof(place->host), "%s/manager", place->path);
	place->manager_fd = socket_listen(AT_FDCWD, place->host, SOCK_DGRAM, 0600, 1);
	CHECK(place->manager_fd >= 0);
	CHECK_INT(notify_prepare(place->dir_fd, &place->err), 0);
	CHECK_INT(notify_listen(&place->notify, place->dir_fd, place->host, 4711, &place->err), 0);
}

static void place_cleanup(struct place *place)
{
	notify_cleanup(&place->notify);
	fd_cleanup(&place->manager_fd);
	(void)unlinkat(place->dir_fd, "manager", 0);
	(void)unlinkat(place->dir_fd, "notify/notify.sock", 0);
	(void)unlinkat(place->dir_fd, "notify", AT_REMOVEDIR);
	fd_cleanup(&place->dir_fd);
	(void)unlinkat(AT_FDCWD, place->path, AT_REMOVEDIR);
}

#define PLACE(name)                                         \
	_cleanup_(place_cleanup) struct place name = { 0 }; \
	place_make(&name)

static void container_says(const struct place *place, const char *message)
{
	_cleanup_(fd_cleanup) int fd = socket_connect(place->dir_fd, "notify/notify.sock", SOCK_DGRAM);

	CHECK(fd >= 0);
	CHECK_INT(socket_send(fd, message, strlen(message), NULL, 0), 0);
}

/* As a loop would do it. Returns what the last step said. */
static int pass_all(struct place *place)
{
	int r = 0;

	while (r == 0) {
		struct pollfd item;

		notify_poll(&place->notify, &item);
		CHECK(poll(&item, 1, 10000) > 0);
		r = notify_step(&place->notify, &place->err);
	}
	return r;
}

static void expect_heard(int fd, const char *want, int *ret_fd)
{
	_cleanup_(socket_fds_cleanup) struct socket_fds fds = SOCKET_FDS_INIT;
	char text[256] = "";

	CHECK(socket_wait(fd, POLLIN, clock_deadline_ns(60000)) > 0);
	CHECK(socket_receive(fd, text, sizeof(text) - 1, &fds) > 0);
	CHECK_TEXT(text, want);
	if (ret_fd) {
		CHECK_INT(fds.count, 1);
		*ret_fd = fd_take(&fds.fds[0]);
	}
}

/* The manager, in a child: hears all three, lets go of the barrier. */
static pid_t manager_fork(struct place *place, const char *ready)
{
	pid_t pid = fork();
	int barrier = FD_NONE;

	if (pid != 0)
		return pid;
	expect_heard(place->manager_fd, ready, NULL);
	expect_heard(place->manager_fd, "MAINPID=4711\n", NULL);
	expect_heard(place->manager_fd, "BARRIER=1", &barrier);
	(void)usleep(200000);
	_exit(0);
}

TEST(modes)
{
	PLACE(place);
	struct stat st;

	CHECK_INT(fstatat(place.dir_fd, "notify", &st, 0), 0);
	CHECK_INT(st.st_mode, S_IFDIR | 0755);
	CHECK_INT(fstatat(place.dir_fd, "notify/notify.sock", &st, 0), 0);
	CHECK_INT(st.st_mode, S_IFSOCK | 0777);
	/* start binds it anew. */
	fd_cleanup(&place.notify.fd);
	CHECK_INT(notify_listen(&place.notify, place.dir_fd, place.host, 1, &place.err), 0);
}

TEST(ready_is_passed_on)
{
	PLACE(place);
	int64_t begin;
	pid_t manager;
	int status;

	container_says(&place, "STATUS=READY=1\nWATCHDOG=1\n");
	CHECK_INT(notify_step(&place.notify, &place.err), 0);
	CHECK(place.notify.fd >= 0);
	CHECK_INT(notify_left_ms(&place.notify), -1);
	container_says(&place, "STATUS=up\nREADY=1\nMAINPID=1\nFDSTORE=1");
	manager = manager_fork(&place, "READY=1\n");
	begin = clock_now_ns();
	CHECK_INT(pass_all(&place), 1);
	/* Not before the manager let go. */
	CHECK(clock_now_ns() - begin > 150000000);
	CHECK(place.notify.fd < 0);
	CHECK_INT(waitpid(manager, &status, 0), manager);
	CHECK_INT(status, 0);
}

TEST(manager_is_gone)
{
	PLACE(place);

	(void)unlinkat(place.dir_fd, "manager", 0);
	container_says(&place, "READY=1");
	CHECK(notify_step(&place.notify, &place.err) < 0);
	CHECK_HAS(place.err.text, place.host);
	CHECK(place.notify.fd < 0);
}

/* Whoever watches a process and a terminal as well must not stand still for a manager that does not read. */
TEST(a_slow_manager_holds_nothing_up)
{
	PLACE(place);
	struct pollfd item;
	int64_t begin;

	container_says(&place, "READY=1");
	begin = clock_now_ns();
	CHECK_INT(notify_step(&place.notify, &place.err), 0);
	CHECK_INT(notify_step(&place.notify, &place.err), 0);
	CHECK(clock_now_ns() - begin < 5000000000);
	notify_poll(&place.notify, &item);
	CHECK(item.fd >= 0);
	CHECK_INT(poll(&item, 1, 0), 0);
	CHECK(notify_left_ms(&place.notify) > 0 && notify_left_ms(&place.notify) <= 30000);
	/* The time is over. */
	place.notify.deadline_ns = clock_now_ns();
	CHECK_INT(notify_step(&place.notify, &place.err), -ETIMEDOUT);
	CHECK_HAS(place.err.text, place.host);
	notify_poll(&place.notify, &item);
	CHECK(item.fd < 0);
	CHECK_INT(notify_step(&place.notify, &place.err), 1);
}

/* Its queue holds one message until somebody reads: the rest follows. */
TEST(a_full_queue_is_waited_for)
{
	PLACE(place);
	struct pollfd item;
	char text[64];
	int status, filled = 0, before;
	pid_t manager;

	/* Many senders: each has a limit of its own as well. */
	do {
		_cleanup_(fd_cleanup) int other = socket_connect(AT_FDCWD, place.host, SOCK_DGRAM);

		CHECK(other >= 0);
		before = filled;
		while (send(other, "FILL", 4, MSG_DONTWAIT) == 4)
			filled++;
	} while (filled > before);
	container_says(&place, "READY=1");
	CHECK_INT(notify_step(&place.notify, &place.err), 0);
	notify_poll(&place.notify, &item);
	CHECK_INT(item.events, POLLOUT);
	CHECK_INT(poll(&item, 1, 0), 0);
	while (filled-- > 0)
		CHECK_INT(recv(place.manager_fd, text, sizeof(text), MSG_DONTWAIT), 4);
	manager = manager_fork(&place, "READY=1\n");
	CHECK_INT(pass_all(&place), 1);
	CHECK_INT(waitpid(manager, &status, 0), manager);
	CHECK_INT(status, 0);
}

TEST(wait_ends_with_the_process)
{
	PLACE(place);
	int pair[2];

	/* End of file is as good as a pidfd that is readable. */
	CHECK_INT(pipe2(pair, O_CLOEXEC), 0);
	fd_close(pair[1]);
	container_says(&place, "STATUS=dying");
	CHECK_INT(notify_wait(&place.notify, pair[0], &place.err), 0);
	fd_close(pair[0]);
}
