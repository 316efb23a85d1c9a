/* SPDX-License-Identifier: Apache-2.0 */
/* One mount of the plan. See mount.h. */
#include "libsandbox/root/mount.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include "libbase/fd.h"
#include "libbase/kernel.h"
#include "libbase/path.h"
#include "libbase/text.h"
#include "libsandbox/root/cgroup_mount.h"
#include "libsandbox/root/filesystem.h"
#include "libsandbox/root/source.h"
#include "libsandbox/root/symlink.h"
#include "libsandbox/root/target.h"
#include "libsandbox/root/tmpcopyup.h"
#include "libsandbox/root/tree.h"
#include "libspec/names.h"

#define READ_ONLY_TRIES      5
#define READ_ONLY_TRY_MS     100
#define NANOSECONDS_OF_MS(n) ((n)*1000000L)

static int propagations_apply(const struct plan_mount *mount, int tree_fd, struct error *err)
{
	for (size_t i = 0; i < mount->propagation_count; i++) {
		int r = tree_propagate(tree_fd, mount->propagations[i]);

		if (r < 0)
			return error_set(err, r, "make it %s", name_text(&names_propagations, mount->propagations[i]));
	}
	return 0;
}

/* Attributes that wait for mount_read_only are left out. */
static uint64_t attributes_now(const struct plan_mount *mount)
{
	return mount->readonly_late ? mount->attr_set & ~(uint64_t)MOUNT_ATTR_RDONLY : mount->attr_set;
}

static int attributes_error(int code, uint64_t clear, struct error *err)
{
	if (code == -EPERM && clear & MOUNT_ATTR__ATIME)
		return error_set(err, code, "cannot change locked atime flags");
	if (code == -EPERM && clear)
		return error_set(err, code, "cannot clear locked flags");
	return error_set(err, code, "mount_setattr");
}

static int attributes_apply(const struct plan_mount *mount, int tree_fd, struct error *err)
{
	int r = tree_change(tree_fd, attributes_now(mount), mount->attr_clear, false);

	if (r < 0)
		return attributes_error(r, mount->attr_clear, err);
	r = tree_change(tree_fd, mount->recursive_set, mount->recursive_clear, true);
	return r < 0 ? attributes_error(r, mount->recursive_clear, err) : 0;
}

static bool is_new_dev(const struct plan_mount *mount)
{
	return mount->kind == MOUNT_FILESYSTEM && text_equal(mount->type, "tmpfs") &&
	       text_equal(mount->destination, "/dev");
}

static bool is_kept(const struct plan_mount *mount)
{
	return text_equal(mount->destination, "/proc") || text_equal(mount->destination, "/sys");
}

/* In *source_fd, an attached tree with which there is more to do. `straight`: see struct target. */
static void tree_keep(const struct mount_site *site, const struct plan_mount *mount, int *tree_fd, bool straight,
		      int *source_fd)
{
	if (is_new_dev(mount) && straight && site->own) {
		site->own->dev_fd = *source_fd = fd_take(tree_fd);
		site->own->entered_fd = FD_NONE;
	} else if (mount->readonly_late || is_kept(mount)) {
		*source_fd = fd_take(tree_fd);
	}
}

static int tree_place(const struct mount_site *site, const struct plan_mount *mount, int *tree_fd,
		      const struct target *target, int *source_fd, struct error *err)
{
	int r = tree_attach(*tree_fd, target->fd);

	if (r < 0)
		return error_set(err, r, "move_mount");
	tree_keep(site, mount, tree_fd, target->straight, source_fd);
	return 0;
}

static bool has_mode(const struct spec_strings *words)
{
	for (size_t i = 0; i < words->count; i++)
		if (text_starts(words->items[i], "mode="))
			return true;
	return false;
}

bool mount_has_plain_mode(const struct plan_mount *mount)
{
	size_t modes = 0, plain = 0;

	/* Of two it is the kernel that decides. */
	for (size_t i = 0; i < mount->super.count; i++) {
		const char *value = text_after(mount->super.items[i], "mode=");
		uint64_t mode;

		modes += value != NULL;
		plain += value && number_parse_octal(value, UINT32_MAX, &mode) == 0 && !(mode & S_ISGID);
	}
	return modes == 1 && plain == 1;
}

/*
 * mqueue takes no word for a label: its root is labelled as a file is. That file belongs to whoever made the ipc namespace; in a new user
 * namespace that is nobody whom it knows, and no one in it may label the file: it keeps what the policy gave it, which is less for the container.
 */
static int mqueue_label(int mount_fd, const char *label, struct error *err)
{
	_cleanup_(fd_cleanup) int fd = path_open_beneath(mount_fd, ".", O_RDONLY | O_DIRECTORY, 0);

	if (fd < 0)
		return error_set(err, fd, "open the root of mqueue");
	if (fsetxattr(fd, "security.selinux", label, strlen(label) + 1, 0) < 0 && errno != EPERM)
		return error_set(err, -errno, "label '%s'", label);
	return 0;
}

/* A file system by the new mount API, whose errors say what is wrong, and which gives a descriptor of the mount before it is seen. */
static int filesystem_attach(const struct mount_site *site, const struct plan_mount *mount,
			     const struct filesystem *filesystem, const struct target *target, int *made_fd,
			     int *source_fd, struct error *err)
{
	_cleanup_(fd_leave) int fd = *made_fd >= 0 ? fd_take(made_fd) : filesystem_make(filesystem, err);
	int r = 0;

	if (fd < 0)
		return fd;
	if (text_equal(mount->type, "mqueue") && !text_is_empty(site->label))
		r = mqueue_label(fd, site->label, err);
	if (r == 0 && mount->tmpcopyup && !target->made)
		r = tmpcopyup_copy(target->fd, fd, err);
	if (r == 0)
		r = propagations_apply(mount, fd, err);
	return r < 0 ? r : tree_place(site, mount, &fd, target, source_fd, err);
}

/* Nothing is to be done with the mount but to make it. */
static bool is_plain(const struct mount_site *site, const struct plan_mount *mount)
{
	return !is_kept(mount) && !is_new_dev(mount) && !mount->readonly_late && !mount->tmpcopyup &&
	       mount->propagation_count == 0 && text_is_empty(site->label);
}

/* By whatever name: what was at /dev or /sys may be out of sight now. */
static void own_forget(const struct mount_site *site, const struct target *target)
{
	if (target->covers && site->own)
		target_own_forget(site->own);
}

/* By mount(2). It leaves the working directory where it was last needed. */
static bool filesystem_shortly(const struct mount_site *site, const struct filesystem *filesystem,
			       const struct target *target)
{
	if (target->name)
		return target_own_enter(site->own, target->dir_fd) && filesystem_put_at(filesystem, target->name);
	if (site->own)
		site->own->entered_fd = FD_NONE;
	return filesystem_put(filesystem, target->fd);
}

/* proc, /dev and sysfs as everybody has them: nothing about them is asked of their places. */
static bool is_usual(const struct mount_site *site, const struct plan_mount *mount)
{
	const char *name = mount->destination + 1;

	if (!site->own || mount->tmpcopyup || mount->propagation_count > 0)
		return false;
	if (!(is_new_dev(mount) && has_mode(&mount->super)) &&
	    !(text_equal(name, "proc") && text_equal(mount->type, "proc")) &&
	    !(text_equal(name, "sys") && text_equal(mount->type, "sysfs")))
		return false;
	return target_root_is_plain(site->root_fd, site->own);
}

/*
 * Such a one is wanted by its descriptor, so it is made before it has a place; and that is the name in the root's own directory. A link there is not
 * followed, and is no directory to the kernel; what else somebody may exchange for it hides no more than the place that he takes away.
 */
static bool usual_place(const struct mount_site *site, const struct plan_mount *mount,
			const struct filesystem *filesystem, int *made_fd, int *source_fd)
{
	if (!is_usual(site, mount))
		return false;
	*made_fd = filesystem_make(filesystem, NULL);
	if (*made_fd < 0 || tree_attach_at(*made_fd, site->root_fd, mount->destination + 1) < 0)
		return false;
	tree_keep(site, mount, made_fd, true, source_fd);
	return true;
}

static int directory_open(const struct mount_site *site, const struct plan_mount *mount, struct target *ret,
			  struct error *err)
{
	int r;

	if (target_open_own(site->own, mount, ret))
		return 0;
	r = target_open(site->root_fd, site->own, mount, FD_NONE, ret, err);
	if (r == 0)
		own_forget(site, ret);
	return r;
}

static int filesystem_place(const struct mount_site *site, const struct plan_mount *mount, int *source_fd,
			    struct error *err)
{
	_cleanup_(target_cleanup) struct target target = TARGET_INIT;
	struct filesystem filesystem = {
		.type = mount->type,
		.source = mount->source,
		.words = &mount->super,
		.label = mount->label,
		.attributes = attributes_now(mount),
	};
	_cleanup_(fd_leave) int made = FD_NONE;
	char mode[] = "mode=07777";
	/* It looks like the directory that it covers, as runc has it. */
	bool alike = text_equal(mount->type, "tmpfs") && !has_mode(&mount->super);
	struct stat st;
	int r;

	if (usual_place(site, mount, &filesystem, &made, source_fd))
		return 0;
	r = directory_open(site, mount, &target, err);
	if (r < 0)
		return r;
	if (alike && !target.made) {
		if (fstat(target.fd, &st) < 0)
			return error_set(err, -errno, "look at the destination");
		snprintf(mode, sizeof(mode), "mode=%04o", st.st_mode & 07777U);
		filesystem.mode = mode;
	}
	if (is_plain(site, mount) && filesystem_shortly(site, &filesystem, &target))
		return 0;
	r = target_open_name(&target, err);
	return r < 0 ? r : filesystem_attach(site, mount, &filesystem, &target, &made, source_fd, err);
}

static int bind_settle(const struct mount_site *site, const struct plan_mount *mount, int tree_fd, struct error *err)
{
	const struct settlement wanted = source_settlement(mount, site->propagation);
	int r;

	if (wanted.simple && site->sources_settled)
		return 0;
	/* All that is asked of it at once; what is wrong with it is told below. */
	if (wanted.simple && tree_settle(tree_fd, wanted.propagation, wanted.set, wanted.clear) == 0)
		return 0;
	r = wanted.propagation ? tree_propagate(tree_fd, wanted.propagation) : 0;
	if (r < 0)
		return error_set(err, r, "make it %s", name_text(&names_propagations, wanted.propagation));
	r = propagations_apply(mount, tree_fd, err);
	return r < 0 ? r : attributes_apply(mount, tree_fd, err);
}

/* The link itself is made anew; what it leads to is the container's affair. */
static _noinline_ int symlink_place(const struct mount_site *site, const struct plan_mount *mount, int link_fd,
				    struct error *err)
{
	_cleanup_(fd_cleanup) int parent = FD_NONE;
	const char *name = strrchr(mount->destination, '/') + 1;
	char text[PATH_MAX], directory[PATH_MAX];
	ssize_t length = readlinkat(link_fd, "", text, sizeof(text) - 1);
	int r;

	if (length < 0)
		return error_set(err, -errno, "read the link '%s'", mount->source);
	text[length] = '\0';
	if ((size_t)(name - mount->destination) >= sizeof(directory))
		return error_set(err, -ENAMETOOLONG, "make the link");
	memcpy(directory, mount->destination, (size_t)(name - mount->destination));
	directory[name - mount->destination] = '\0';
	parent = path_make_directories_in_root(site->root_fd, directory, 0755);
	if (parent < 0)
		return error_set(err, parent, "make the directory of the link");
	r = symlink_make(parent, name, text, false);
	return r < 0 ? error_set(err, r, "make the link") : 0;
}

static int bind_place(const struct mount_site *site, const struct plan_mount *mount, int *source_fd, struct error *err)
{
	_cleanup_(target_cleanup) struct target target = TARGET_INIT;
	_cleanup_(fd_leave) int fd = fd_take(source_fd);
	struct stat st;
	int r;

	if (fd < 0)
		return error_say(err, fd, "the source was not opened");
	if (mount->copy_symlink && fstat(fd, &st) == 0 && S_ISLNK(st.st_mode))
		return symlink_place(site, mount, fd, err);
	r = target_open(site->root_fd, site->own, mount, fd, &target, err);
	if (r < 0)
		return r;
	own_forget(site, &target);
	r = bind_settle(site, mount, fd, err);
	if (r == 0)
		r = tree_place(site, mount, &fd, &target, source_fd, err);
	if (r < 0)
		return target_explain(&target, fd, r, err);
	/* It has its number since before init was, and is closed with all others. */
	(void)fd_take(&fd);
	if (site->own)
		fd_batch_put(&site->own->left, &target.fd);
	return 0;
}

/* Where nearly all have it. In init's own sysfs the kernel has made that name, and no link. */
static bool cgroup_shortly(const struct mount_site *site, const struct plan_mount *mount)
{
	return site->own && site->own->sys_fd >= 0 && text_equal(mount->destination, "/sys/fs/cgroup") &&
	       is_plain(site, mount) && target_own_enter(site->own, site->own->sys_fd) &&
	       cgroup_mount_put(site->cgroup_fd, site->cgroup_namespace, mount, "fs/cgroup");
}

static int cgroup_place(const struct mount_site *site, const struct plan_mount *mount, int *source_fd,
			struct error *err)
{
	_cleanup_(target_cleanup) struct target target = TARGET_INIT;
	_cleanup_(fd_leave) int fd = FD_NONE;
	int r;

	if (cgroup_shortly(site, mount))
		return 0;
	r = directory_open(site, mount, &target, err);
	if (r == 0)
		r = target_open_name(&target, err);
	if (r < 0)
		return r;
	fd = cgroup_mount_make(site->cgroup, site->cgroup_fd, site->cgroup_namespace, mount, site->context, err);
	if (fd < 0)
		return fd;
	r = propagations_apply(mount, fd, err);
	return r < 0 ? r : tree_place(site, mount, &fd, &target, source_fd, err);
}

static int remount(const struct mount_site *site, const struct plan_mount *mount, int *source_fd, struct error *err)
{
	_cleanup_(fd_cleanup) int fd = path_open_in_root(site->root_fd, mount->destination, O_PATH, 0);
	int r;

	if (fd < 0)
		return error_set(err, fd, "open what is to be remounted");
	r = attributes_apply(mount, fd, err);
	if (r == 0 && mount->super.count > 0)
		r = filesystem_reconfigure(fd, &mount->super, err);
	if (r == 0)
		r = propagations_apply(mount, fd, err);
	if (r == 0 && mount->readonly_late)
		*source_fd = fd_take(&fd);
	return r;
}

int mount_make(const struct mount_site *site, const struct plan_mount *mount, int *source_fd, struct error *err)
{
	int r;

	switch (mount->kind) {
	case MOUNT_FILESYSTEM:
		r = filesystem_place(site, mount, source_fd, err);
		break;
	case MOUNT_BIND:
		r = bind_place(site, mount, source_fd, err);
		break;
	case MOUNT_CGROUP:
		r = cgroup_place(site, mount, source_fd, err);
		break;
	default:
		r = remount(site, mount, source_fd, err);
		break;
	}
	return r < 0 ? error_wrap(err, "mount '%s'", mount->destination) : 0;
}

int mount_read_only(int fd, const char *what, struct error *err)
{
	const struct timespec pause = { .tv_nsec = NANOSECONDS_OF_MS(READ_ONLY_TRY_MS) };
	int r = tree_change(fd, MOUNT_ATTR_RDONLY, 0, false);

	for (int try = 1; r == -EBUSY && try < READ_ONLY_TRIES; try++) {
		(void)nanosleep(&pause, NULL);
		r = tree_change(fd, MOUNT_ATTR_RDONLY, 0, false);
	}
	return r < 0 ? error_set(err, r, "make '%s' read-only", what) : 0;
}
