/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making and limiting. See driver_fs.h; removal is in remove.c.
 *
 * Read: the kernel's cgroup-v2.rst, "Organizing Processes and Threads", "Controlling Controllers", "Delegation".
 */
#include "libsandbox/cgroup/driver_fs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libbase/fd.h"
#include "libbase/path.h"
#include "libbase/text.h"
#include "libsandbox/cgroup/control.h"
#include "libsandbox/cgroup/file.h"
#include "libsandbox/cgroup/resource_table.h"

#define CONTROLLERS_MAX 512
#define ROOT_INO        1

/* -- directories ------------------------------------------------------------------------------------------------------------- */

struct maker {
	int mount_fd;
	const char *path;           /* without the leading slash */
	size_t made_from;           /* length of the shortest prefix that was made; 0: none */
	bool is_plain;              /* there is nothing about the last one that has to be looked for */
	char root[CONTROLLERS_MAX]; /* the controllers of the mount's root */
	uint64_t needed;
	/* The first level that did not hand down a needed controller, and why. */
	const char *lacking;
	size_t lacking_at; /* length of the prefix */
	int lacking_code;  /* 0: it does not have it itself */
};

/* The prefix of the path that is one component longer than `length`; the whole length at the end. */
static size_t prefix_next(const char *path, size_t length)
{
	length += strspn(path + length, "/");
	return length + strcspn(path + length, "/");
}

static int prefix_open(const struct maker *maker, size_t length)
{
	char prefix[PATH_MAX];

	if (length == 0)
		return path_open_beneath(maker->mount_fd, ".", O_RDONLY | O_DIRECTORY, 0);
	memcpy(prefix, maker->path, length);
	prefix[length] = '\0';
	return path_open_beneath(maker->mount_fd, prefix, O_RDONLY | O_DIRECTORY, 0);
}

/* Deepest first, down to the first that was made here. Others may use them already: then they stay. */
static void made_remove(const struct maker *maker)
{
	char prefix[PATH_MAX];
	size_t length = strlen(maker->path);

	memcpy(prefix, maker->path, length + 1);
	while (maker->made_from > 0 && length >= maker->made_from) {
		prefix[length] = '\0';
		(void)unlinkat(maker->mount_fd, prefix, AT_REMOVEDIR);
		while (length > 0 && prefix[length - 1] != '/')
			length--;
		while (length > 0 && prefix[length - 1] == '/')
			length--;
	}
}

/* Thread mode: the group below a threaded one holds no process until it is threaded too, which rules out most controllers. */
static int type_settle(const struct maker *maker, int fd, size_t length, struct error *err)
{
	const uint64_t threaded = RESOURCE_CONTROLLER_BIT(CONTROLLER_PIDS) | RESOURCE_CONTROLLER_BIT(CONTROLLER_CPU) |
				  RESOURCE_CONTROLLER_BIT(CONTROLLER_CPUSET);
	char type[32];
	int r = cgroup_file_read_small(fd, "cgroup.type", type, sizeof(type));

	/* The root has no such file. */
	if (r == -ENOENT || (r == 0 && text_equal(type, "domain")))
		return 0;
	if (r < 0)
		return error_set(err, r, "read cgroup.type of '/%.*s'", (int)length, maker->path);
	if (maker->needed & ~threaded)
		return error_say(err, -EOPNOTSUPP,
				 "cannot enter cgroupv2 \"/%.*s\" with domain controllers -- it is in %s", (int)length,
				 maker->path,
				 text_equal(type, "domain invalid") ? "an invalid state" : "threaded mode");
	if (!text_equal(type, "domain invalid"))
		return 0;
	r = cgroup_file_write(fd, "cgroup.type", "threaded", strlen("threaded"));
	return r < 0 ? error_set(err, r, "make cgroup '/%.*s' threaded", (int)length, maker->path) : 0;
}

static int component_make(struct maker *maker, int parent_fd, const char *name, size_t length)
{
	if (!path_is_name(name))
		return -EINVAL;
	if (mkdirat(parent_fd, name, 0755) == 0) {
		if (maker->made_from == 0)
			maker->made_from = length;
	} else if (errno != EEXIST) {
		/* A read-only mount says so for what is there too. */
		int r = -errno;
		int fd = path_open_beneath(parent_fd, name, O_RDONLY | O_DIRECTORY, 0);

		return fd >= 0 ? fd : r;
	}
	return path_open_beneath(parent_fd, name, O_RDONLY | O_DIRECTORY, 0);
}

/*
 * What was just made in the root of the whole tree is a domain, empty and not frozen, and nothing above it can be otherwise: the root has neither a type
 * nor a freezer. A cgroup namespace shows another cgroup as its root: the kernel numbers only the first one 1.
 */
static bool is_plain(const struct maker *maker)
{
	struct stat st;

	return maker->made_from > 0 && !strchr(maker->path, '/') && fstat(maker->mount_fd, &st) == 0 &&
	       st.st_ino == ROOT_INO;
}

/* Returns the fd of the last one. */
static int path_make(struct maker *maker, struct error *err)
{
	_cleanup_(fd_cleanup) int fd = FD_NONE;
	size_t length = 0;

	while (maker->path[length]) {
		size_t start = length + strspn(maker->path + length, "/");
		char name[NAME_MAX + 1] = "";
		int next, r;

		length = prefix_next(maker->path, length);
		if (length - start > NAME_MAX)
			return error_set(err, -ENAMETOOLONG, "make cgroup '/%s'", maker->path);
		memcpy(name, maker->path + start, length - start);
		next = component_make(maker, fd < 0 ? maker->mount_fd : fd, name, length);
		fd_close(fd);
		fd = next;
		/* Removed by somebody meanwhile: not to be told as a missing file. */
		if (fd < 0)
			return error_set(err, fd == -ENOENT ? -ENODEV : fd, "make cgroup '/%.*s'", (int)length,
					 maker->path);
		maker->is_plain = is_plain(maker);
		r = !maker->is_plain && (maker->made_from || !maker->path[length]) ? type_settle(maker, fd, length, err)
										   : 0;
		if (r < 0)
			return r;
	}
	return fd_take(&fd);
}

/* -- controllers --------------------------------------------------------------------------------------------------------------- */

static bool is_needed(const struct maker *maker, const char *controller)
{
	int bit = resource_controller_of_file(controller);

	return bit && maker->needed & RESOURCE_CONTROLLER_BIT(bit);
}

static void lack_note(struct maker *maker, const char *controller, size_t length, int code)
{
	if (maker->lacking || !is_needed(maker, controller))
		return;
	maker->lacking = resource_controller_name(resource_controller_of_file(controller));
	maker->lacking_at = length;
	maker->lacking_code = code;
}

static int control_write(int fd, const char *words)
{
	return cgroup_file_write(fd, "cgroup.subtree_control", words, strlen(words));
}

/* One that cannot be handed down must not keep the others back. */
static void level_enable_each(struct maker *maker, int fd, const char *words, size_t length)
{
	char word[64];

	while (cgroup_word_next(&words, word, sizeof(word))) {
		int r = control_write(fd, word);

		if (r < 0)
			lack_note(maker, word + 1, length, r);
	}
}

/* Hands down to the children of this level whatever it has. */
static void level_enable(struct maker *maker, int fd, size_t length)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer words = TEXT_BUFFER_INIT;
	char here[CONTROLLERS_MAX], below[CONTROLLERS_MAX], word[64];

	if (cgroup_file_read_small(fd, "cgroup.controllers", here, sizeof(here)) < 0 ||
	    cgroup_file_read_small(fd, "cgroup.subtree_control", below, sizeof(below)) < 0)
		return;
	for (const char *rest = maker->root; cgroup_word_next(&rest, word, sizeof(word));) {
		if (!cgroup_words_have(here, word))
			lack_note(maker, word, length, 0);
		else if (!cgroup_words_have(below, word))
			text_append_format(&words, "%s+%s", words.length ? " " : "", word);
	}
	if (words.length > 0 && !words.failed && control_write(fd, words.bytes) < 0)
		level_enable_each(maker, fd, words.bytes, length);
}

static const char *lack_reason(int code)
{
	if (code == -EBUSY)
		return "it has processes of its own";
	if (cgroup_is_denied(code))
		return "it was not delegated to this user";
	return code == 0 ? "it does not have it" : error_name(code);
}

/* Is every needed controller in the cgroup? */
static int needed_check(const struct maker *maker, const char *have, struct error *err)
{
	for (int i = CONTROLLER_CPU; i <= CONTROLLER_MISC; i++) {
		const char *name = resource_controller_name(i);

		if (!(maker->needed & RESOURCE_CONTROLLER_BIT(i)) || cgroup_words_have(have, name))
			continue;
		if (!text_equal(maker->lacking, name))
			return error_say(err, -ENOTSUP, "the %s controller is not available in cgroup '/%s'", name,
					 maker->path);
		return error_say(err, maker->lacking_code ? maker->lacking_code : -ENOTSUP,
				 "the %s controller is not available in cgroup '/%s': '/%.*s' cannot hand it down, %s",
				 name, maker->path, (int)maker->lacking_at, maker->path,
				 lack_reason(maker->lacking_code));
	}
	return 0;
}

/* Hands the controllers of maker->root down all levels above the leaf. */
static int levels_enable(struct maker *maker, int leaf_fd, struct error *err)
{
	char have[CONTROLLERS_MAX];
	size_t length = 0, whole = strlen(maker->path);
	int r;

	while (length < whole) {
		_cleanup_(fd_cleanup) int fd = prefix_open(maker, length);

		if (fd >= 0)
			level_enable(maker, fd, length);
		length = prefix_next(maker->path, length);
	}
	r = cgroup_file_read_small(leaf_fd, "cgroup.controllers", have, sizeof(have));
	if (r < 0)
		return error_set(err, r, "read cgroup.controllers of '/%s'", maker->path);
	return needed_check(maker, have, err);
}

static int controllers_enable(struct maker *maker, int leaf_fd, struct error *err)
{
	char have[CONTROLLERS_MAX];
	int r = cgroup_file_read_two(maker->mount_fd, leaf_fd, "cgroup.controllers", maker->root, have, sizeof(have));

	if (r < 0)
		return error_set(err, r, "read cgroup.controllers of the root and of '/%s'", maker->path);
	/* Most often somebody did all this before. */
	return text_equal(have, maker->root) ? 0 : levels_enable(maker, leaf_fd, err);
}

int cgroup_controllers_enable(int mount_fd, const char *path, int leaf_fd, uint64_t needed, struct error *err)
{
	struct maker maker = { .mount_fd = mount_fd, .path = path + strspn(path, "/"), .needed = needed };
	size_t length = 0;

	for (int i = CONTROLLER_CPU; i <= CONTROLLER_MISC; i++) {
		const char *name = resource_controller_name(i);

		if (!(needed & RESOURCE_CONTROLLER_BIT(i)) || length + strlen(name) + 2 > sizeof(maker.root))
			continue;
		length += (size_t)snprintf(maker.root + length, sizeof(maker.root) - length, "%s%s", length ? " " : "",
					   name);
	}
	return length ? levels_enable(&maker, leaf_fd, err) : 0;
}

/* -- the whole ------------------------------------------------------------------------------------------------------------------- */

/* cgroup.events may speak of an empty cgroup that was frozen once: then this is what counts. */
static bool is_frozen_here_or_above(const struct maker *maker)
{
	size_t length = 0, whole = strlen(maker->path);

	while (length < whole) {
		_cleanup_(fd_cleanup) int fd = FD_NONE;
		char state[8];

		length = prefix_next(maker->path, length);
		fd = prefix_open(maker, length);
		if (fd >= 0 && cgroup_file_read_small(fd, "cgroup.freeze", state, sizeof(state)) == 0 &&
		    text_equal(state, "1"))
			return true;
	}
	return false;
}

static int unused_check(const struct maker *maker, int fd, struct error *err)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	struct cgroup_events events = { 0 };
	size_t count = 0;
	pid_t *pids = NULL;
	int r = cgroup_events_read(fd, &events);

	if (r < 0)
		return error_set(err, r, "read cgroup.events of '/%s'", maker->path);
	if (events.populated) {
		r = cgroup_pids(fd, true, &arena, &pids, &count, err);
		return r < 0 ? r
			     : error_say(err, -EBUSY, "container's cgroup is not empty: %zu process(es) found", count);
	}
	/* Init would stand still for ever. */
	if (events.frozen && is_frozen_here_or_above(maker))
		return error_say(err, -EBUSY, "container's cgroup unexpectedly frozen");
	return 0;
}

int cgroup_make(int mount_fd, const char *path, uint64_t needed, bool *ret_made, struct error *err)
{
	struct maker maker = { .mount_fd = mount_fd, .path = path + strspn(path, "/"), .needed = needed };
	_cleanup_(fd_cleanup) int fd = FD_NONE;
	int r;

	if (strlen(maker.path) >= PATH_MAX)
		return error_set(err, -ENAMETOOLONG, "make cgroup '%.64s...'", path);
	if (maker.path[0] == '\0')
		return error_say(err, -EINVAL, "a container cannot be in the root cgroup");
	fd = path_make(&maker, err);
	r = fd;
	if (fd >= 0)
		r = maker.is_plain ? 0 : unused_check(&maker, fd, err);
	if (r == 0)
		r = controllers_enable(&maker, fd, err);
	if (r < 0) {
		made_remove(&maker);
		return r;
	}
	*ret_made = maker.made_from > 0;
	return fd_take(&fd);
}

int cgroup_delegate(int cgroup_fd, uint32_t uid, struct error *err)
{
	static const char usual[] = "cgroup.procs cgroup.subtree_control cgroup.threads";
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	const char *files = usual;
	char *listed, file[256];

	if (path_read_file(AT_FDCWD, "/sys/kernel/cgroup/delegate", 65536, &arena, &listed, NULL) == 0)
		files = listed;
	if (fchownat(cgroup_fd, "", uid, (gid_t)-1, AT_EMPTY_PATH) < 0)
		return error_set(err, -errno, "give the cgroup to user %u", uid);
	while (cgroup_word_next(&files, file, sizeof(file))) {
		/* The list is of every controller's files; not all are in this cgroup. */
		if (fchownat(cgroup_fd, file, uid, (gid_t)-1, AT_SYMLINK_NOFOLLOW) < 0 && errno != ENOENT)
			return error_set(err, -errno, "give %s of the cgroup to user %u", file, uid);
	}
	return 0;
}

/* -- limits ---------------------------------------------------------------------------------------------------------------------- */

static int resource_refused(const struct plan_resource *resource, const char *line, int code, struct error *err)
{
	int length = (int)strcspn(line, "\n");

	if (code == -ENOENT)
		return error_say(err, -ENOTSUP, "write '%.*s' to %s: this kernel or cgroup has no such limit", length,
				 line, resource->file);
	if (resource->row && resource->row->field[0])
		return error_set(err, code, "write '%.*s' to %s (/linux/resources%.*s)", length, line, resource->file,
				 (int)strcspn(resource->row->field, " "), resource->row->field);
	return error_set(err, code, "write '%.*s' to %s", length, line, resource->file);
}

/* *ret_line: the line that was refused. */
static int resource_write(int cgroup_fd, const struct plan_resource *resource, const char **ret_line)
{
	_cleanup_(fd_cleanup) int fd = path_open_beneath(cgroup_fd, resource->file, O_WRONLY, 0);

	*ret_line = resource->value;
	if (fd < 0)
		return fd == -ENOENT && resource->optional ? 0 : fd;
	for (const char *line = resource->value; *line;) {
		size_t length = strcspn(line, "\n");
		int r = length > 0 ? fd_write_all(fd, line, length) : 0;

		*ret_line = line;
		if (r < 0)
			return r;
		line += length + (line[length] == '\n');
	}
	return 0;
}

int cgroup_apply(int cgroup_fd, const struct plan_resource *resources, size_t count, struct error *err)
{
	const char *line;
	size_t refused = 0;

	for (size_t i = 0; i < count; i++) {
		int r = resource_write(cgroup_fd, &resources[i], &line);

		if (r == -EINVAL)
			refused++;
		else if (r < 0)
			return resource_refused(&resources[i], line, r, err);
	}
	for (size_t i = 0; refused > 0 && i < count; i++) {
		int r = resource_write(cgroup_fd, &resources[i], &line);

		if (r < 0)
			return resource_refused(&resources[i], line, r, err);
	}
	return 0;
}
