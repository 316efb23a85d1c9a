/* SPDX-License-Identifier: Apache-2.0 */
/* The rows about the root file system: what the leaves of root/ need out of the sandbox. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>

#include "libbase/kernel.h"
#include "libbase/path.h"
#include "libbase/text.h"
#include "libsandbox/root/console.h"
#include "libsandbox/root/device.h"
#include "libsandbox/root/idmap.h"
#include "libsandbox/root/mask.h"
#include "libsandbox/root/mount.h"
#include "libsandbox/root/pivot.h"
#include "libsandbox/root/rootfs.h"
#include "libsandbox/root/source.h"
#include "libsandbox/root/sysctl.h"
#include "libsandbox/steps/run.h"
#include "libsandbox/steps/when.h"

#define CWD_MODE 0755

static bool has_masked_paths(const struct sandbox *sandbox)
{
	return sandbox->plan->masked_paths.count > 0;
}

/* The user namespace whose maps a mount gets. Borrowed when it is the container's, then kept for the next; else owned by `*owned`. */
static int mapping_namespace(struct sandbox *sandbox, const struct plan_mount *mount, int *owned, struct error *err)
{
	const struct plan *plan = sandbox->plan;

	if (mount->idmap == IDMAP_OWN)
		return *owned = idmap_namespace(sandbox->proc_fd, &mount->uid_maps, &mount->gid_maps, err);
	for (size_t i = 0; i < plan->namespaces.count; i++)
		if (plan->namespaces.items[i].name->value == NAMESPACE_USER && sandbox->namespace_fds[i] >= 0)
			return sandbox->namespace_fds[i];
	/* The container's own does not exist yet; one with the same maps is as good. */
	if (sandbox->user_namespace_fd < 0)
		sandbox->user_namespace_fd =
			idmap_namespace(sandbox->proc_fd, &plan->ids.uid_maps, &plan->ids.gid_maps, err);
	return sandbox->user_namespace_fd;
}

static int source_map(struct sandbox *sandbox, const struct plan_mount *mount, int tree_fd, struct error *err)
{
	_cleanup_(fd_cleanup) int owned = FD_NONE;
	int namespace_fd, r;

	if (mount->idmap == IDMAP_NONE)
		return 0;
	namespace_fd = mapping_namespace(sandbox, mount, &owned, err);
	r = namespace_fd < 0 ? namespace_fd : idmap_apply(tree_fd, namespace_fd, mount->idmap_recursive, err);
	return r < 0 ? error_wrap(err, "mount '%s'", mount->destination) : 0;
}

static int sources_open(struct sandbox *sandbox, struct error *err)
{
	const struct plan *plan = sandbox->plan;

	for (size_t i = 0; i < plan->mount_count; i++) {
		int r;

		if (plan->mounts[i].kind != MOUNT_BIND)
			continue;
		sandbox->source_fds[i] =
			source_open(&plan->mounts[i], plan->root.propagation, &sandbox->sources_unsettled, err);
		if (sandbox->source_fds[i] < 0)
			return sandbox->source_fds[i];
		r = source_map(sandbox, &plan->mounts[i], sandbox->source_fds[i], err);
		if (r < 0)
			return r;
	}
	if (has_masked_paths(sandbox)) {
		sandbox->null_fd = device_null_open(err);
		if (sandbox->null_fd < 0)
			return error_wrap(err, "what masks files");
	}
	return 0;
}

/* Replaces the O_PATH descriptor of the root by a tree. */
static int root_clone(struct sandbox *sandbox)
{
	int fd = rootfs_clone(sandbox->root_fd, &sandbox->root_is_slave);

	if (fd < 0)
		return fd;
	(void)fd_close(sandbox->root_fd);
	sandbox->root_fd = fd;
	return 0;
}

static void root_learn(struct sandbox *sandbox, const struct rootfs_facts *facts)
{
	sandbox->root_mount = facts->mount;
	sandbox->root_known = facts->known;
	sandbox->root_plain = facts->plain;
}

int run_sources(struct sandbox *sandbox, struct error *err)
{
	const struct plan *plan = sandbox->plan;
	struct rootfs_facts facts = { .known = false };
	int r;

	sandbox->source_fds = arena_calloc(&sandbox->arena, plan->mount_count + 1, sizeof(int));
	if (!sandbox->source_fds)
		return error_set(err, -ENOMEM, "list the mounts");
	for (size_t i = 0; i < plan->mount_count; i++)
		sandbox->source_fds[i] = FD_NONE;
	sandbox->root_fd = rootfs_copy(plan->root.path, &facts);
	root_learn(sandbox, &facts);
	sandbox->root_is_slave = sandbox->root_fd >= 0;
	if (sandbox->root_is_slave)
		return sources_open(sandbox, err);
	sandbox->root_fd = rootfs_open(plan->root.path, err);
	if (sandbox->root_fd < 0)
		return sandbox->root_fd;
	r = root_clone(sandbox);
	/* Without power over the host's mount namespace only init, in its copy of it, may clone; a descriptor from here would be of no use
	 * there. */
	if (r == -EPERM) {
		sandbox->sources_late = true;
		return 0;
	}
	if (r < 0)
		return error_set(err, r, "root '%s': open_tree", plan->root.path);
	return sources_open(sandbox, err);
}

static int sources_open_late(struct sandbox *sandbox, struct error *err)
{
	int r;

	(void)fd_close(sandbox->root_fd);
	sandbox->root_fd = rootfs_open(sandbox->plan->root.path, err);
	if (sandbox->root_fd < 0)
		return sandbox->root_fd;
	r = root_clone(sandbox);
	if (r < 0)
		return error_set(err, r, "root '%s': open_tree", sandbox->plan->root.path);
	return sources_open(sandbox, err);
}

int run_root(struct sandbox *sandbox, struct error *err)
{
	const struct plan *plan = sandbox->plan;
	/* For hooks; and so that --no-pivot sees what else it has to hide. On top of "/" nothing climbs out of it: there a ".." ends. */
	bool named = when_runtime_hooks(plan) || when_container_hooks(plan) || !plan->root.pivot;
	int r = sandbox->sources_late ? sources_open_late(sandbox, err) : 0;

	return r < 0 ? r : rootfs_attach(sandbox->root_fd, sandbox->root_is_slave, plan->root.path, named, err);
}

/* The last one on a path is what is seen. `*to` is what was kept of one before. */
static int mount_keep(struct sandbox *sandbox, size_t i, int *to, struct error *err)
{
	const struct plan_mount *mount = &sandbox->plan->mounts[i];
	int fd;

	if (sandbox->source_fds[i] < 0)
		return 0;
	fd = mount->readonly_late ? kernel_dup(sandbox->source_fds[i], 0) : fd_take(&sandbox->source_fds[i]);
	if (fd < 0)
		return error_set(err, -errno, "keep the mount of '%s'", mount->destination);
	fd_cleanup(to);
	*to = fd;
	return 0;
}

/* What is found by their mounts from now on: /proc, /sys, and what mount_make has put into `own`. */
static int mounts_keep(struct sandbox *sandbox, size_t i, struct target_own *own, struct error *err)
{
	const struct plan_mount *mount = &sandbox->plan->mounts[i];
	const int dev_fd = sandbox->own_dev_fd;
	int r = 0;

	if (text_equal(mount->destination, "/proc"))
		r = mount_keep(sandbox, i, &sandbox->own_proc_fd, err);
	else if (text_equal(mount->destination, "/sys"))
		r = mount_keep(sandbox, i, &sandbox->own_sys_fd, err);
	else if (own->dev_fd >= 0 && own->dev_fd == sandbox->source_fds[i])
		r = mount_keep(sandbox, i, &sandbox->own_dev_fd, err);
	if (r == 0 && mount->kind == MOUNT_FILESYSTEM && text_equal(mount->destination, "/sys"))
		own->sys_fd = text_equal(mount->type, "sysfs") ? sandbox->own_sys_fd : FD_NONE;
	if (own->dev_fd >= 0)
		own->dev_fd = sandbox->own_dev_fd;
	else
		fd_cleanup(&sandbox->own_dev_fd);
	if (sandbox->own_dev_fd != dev_fd)
		sandbox->devices_stand = false;
	return r;
}

/* Those from `begin` to `end`. */
static int mounts_make(struct sandbox *sandbox, size_t begin, size_t end, struct error *err)
{
	const struct plan *plan = sandbox->plan;
	/* Of a sysfs made before it is not known any more whether something is on top of it. */
	struct target_own own = {
		.dev_fd = sandbox->own_dev_fd,
		.sys_fd = FD_NONE,
		.entered_fd = FD_NONE,
		.root = { .mount = sandbox->root_mount, .known = sandbox->root_known, .plain = sandbox->root_plain },
	};
	const struct mount_site site = {
		.root_fd = sandbox->root_fd,
		.propagation = plan->root.propagation,
		.label = plan->spec->os_linux->mount_label,
		.context = plan->mount_context,
		.cgroup = &plan->cgroup,
		.cgroup_fd = sandbox->cgroup_fd,
		.cgroup_namespace = ((plan->namespaces.new_flags | plan->namespaces.join_flags) & CLONE_NEWCGROUP) != 0,
		.sources_settled = !sandbox->sources_unsettled,
		.own = &own,
	};
	int r = 0;

	for (size_t i = begin; r == 0 && i < end; i++) {
		r = mount_make(&site, &plan->mounts[i], &sandbox->source_fds[i], err);
		if (r == 0)
			r = mounts_keep(sandbox, i, &own, err);
	}
	fd_batch_close(&own.left);
	root_learn(sandbox, &own.root);
	return r;
}

int run_mounts(struct sandbox *sandbox, struct error *err)
{
	return mounts_make(sandbox, 0, sandbox->plan->mounts_network, err);
}

int run_mounts_network(struct sandbox *sandbox, struct error *err)
{
	return mounts_make(sandbox, sandbox->plan->mounts_network, sandbox->plan->mounts_devices, err);
}

int run_mounts_devices(struct sandbox *sandbox, struct error *err)
{
	return mounts_make(sandbox, sandbox->plan->mounts_devices, sandbox->plan->mount_count, err);
}

/* What is seen there. */
static const struct plan_mount *last_mount(const struct plan *plan, const char *place)
{
	for (size_t i = plan->mount_count; i-- > 0;)
		if (text_equal(plan->mounts[i].destination, place))
			return &plan->mounts[i];
	return NULL;
}

static bool is_dev_plain(const struct plan *plan)
{
	const struct plan_mount *dev = last_mount(plan, "/dev");

	return dev && mount_has_plain_mode(dev);
}

int run_devices(struct sandbox *sandbox, struct error *err)
{
	const struct plan *plan = sandbox->plan;
	int r;

	/* Early, and no mount went over them since. */
	if (sandbox->devices_stand)
		return 0;
	r = devices_make(sandbox->root_fd, sandbox->own_dev_fd, is_dev_plain(plan), plan->devices, plan->device_count,
			 err);
	if (r == 0)
		r = device_links_make(sandbox->root_fd, sandbox->own_dev_fd, plan->symlinks, plan->symlink_count, err);
	sandbox->devices_stand = r == 0 && sandbox->own_dev_fd >= 0;
	return r;
}

/* A slave (of what it was cloned from) below and private itself is what the root is already. */
static int propagation_wanted(int propagation)
{
	return propagation == PROPAGATION_SLAVE || propagation == PROPAGATION_RSLAVE ||
			       propagation == PROPAGATION_PRIVATE
		       ? 0
		       : propagation;
}

int run_pivot(struct sandbox *sandbox, struct error *err)
{
	const struct plan_root *root = &sandbox->plan->root;
	int r = sandbox->init_move ? sandbox->init_move(sandbox->init_move_context) : 0;

	if (r < 0)
		return error_set(err, r, "move to the read-only mount of the runtime's file");
	/* Hung up among the host's mounts, which init alone has in this namespace, it ends with them: the kernel waits once instead of twice. */
	if (root->pivot && sandbox->spare_fd >= 0 &&
	    move_mount(sandbox->spare_fd, "", AT_FDCWD, "/proc/version", MOVE_MOUNT_F_EMPTY_PATH) == 0)
		fd_leave(&sandbox->spare_fd);
	r = root->pivot ? pivot_root_to(sandbox->root_fd, err)
			: pivot_move_to(sandbox->root_fd, sandbox->proc_fd, sandbox->plan->mount_context, err);

	/* Waiting for other processors, like the unmount: see run_spawn. */
	fd_cleanup(&sandbox->spare_fd);
	return r < 0 ? r : pivot_propagate(sandbox->root_fd, propagation_wanted(root->propagation), err);
}

/* The container's root; in exec, and with a joined mount namespace, that is where joining led. */
int run_root_open(struct sandbox *sandbox, struct error *err)
{
	if (sandbox->root_fd != FD_NONE)
		return 0;
	if (run_stands_at_root(sandbox)) {
		sandbox->root_fd = AT_FDCWD;
		return 0;
	}
	sandbox->root_fd = path_open_host(AT_FDCWD, "/", O_PATH | O_DIRECTORY, 0);
	return sandbox->root_fd < 0 ? error_set(err, sandbox->root_fd, "open '/'") : 0;
}

int run_console(struct sandbox *sandbox, struct error *err)
{
	const struct plan_process *process = &sandbox->plan->process;
	const struct console_options options = {
		.uid = process->uid,
		.size_set = process->console_size_set,
		.height = process->console_height,
		.width = process->console_width,
		.bind = !sandbox->exec && sandbox->plan->root.own_mounts,
		.lend = sandbox->plan->namespaces.born_last,
	};
	int r = run_root_open(sandbox, err);

	if (r < 0)
		return r;
	sandbox->message_fd = console_make(sandbox->root_fd, &options, err);
	return sandbox->message_fd < 0 ? sandbox->message_fd : 0;
}

int run_console_received(struct sandbox *sandbox, struct error *err)
{
	int r;

	if (sandbox->message_fd < 0)
		return error_say(err, -EPROTO, "init sent no terminal");
	r = console_check(sandbox->message_fd, err);
	if (r < 0)
		return r;
	if (sandbox->console_fd < 0) {
		fd_cleanup(&sandbox->terminal_fd);
		sandbox->terminal_fd = fd_take(&sandbox->message_fd);
		return 0;
	}
	r = console_send(sandbox->console_fd, sandbox->message_fd, err);
	fd_cleanup(&sandbox->message_fd);
	fd_cleanup(&sandbox->console_fd);
	return r;
}

int run_cwd_make(struct sandbox *sandbox, struct error *err)
{
	const char *cwd = sandbox->plan->process.spec->cwd;
	_cleanup_(fd_cleanup) int fd = FD_NONE;
	const char *clean;

	/* Never missing. */
	if (text_equal(cwd, "/"))
		return 0;
	fd = path_open_in_root(sandbox->root_fd, cwd, O_PATH | O_DIRECTORY, 0);
	if (fd == -ENOENT) {
		clean = path_clean(&sandbox->arena, cwd);
		fd = clean ? path_make_directories_in_root(sandbox->root_fd, clean, CWD_MODE) : -ENOMEM;
	}
	/* The user may be allowed where root is not, and a read-only root has no room; entering it tells. */
	if (fd == -EACCES || fd == -EROFS)
		return 0;
	return fd < 0 ? error_set(err, fd, "working directory '%s'", cwd) : 0;
}

int run_sysctl(struct sandbox *sandbox, struct error *err)
{
	/* The host's procfs will do: what a sysctl file shows depends on who opens it. The container's own may have anything mounted on it. */
	return sysctls_write(sandbox->proc_fd, &sandbox->plan->sysctl, err);
}

int run_read_only_late(struct sandbox *sandbox, struct error *err)
{
	const struct plan *plan = sandbox->plan;

	for (size_t i = 0; i < plan->mount_count; i++) {
		int r;

		if (!plan->mounts[i].readonly_late || sandbox->source_fds[i] < 0)
			continue;
		r = mount_read_only(sandbox->source_fds[i], plan->mounts[i].destination, err);
		fd_cleanup(&sandbox->source_fds[i]);
		if (r < 0)
			return r;
	}
	return plan->root.readonly ? mount_read_only(sandbox->root_fd, "/", err) : 0;
}

static bool is_new(const struct plan *plan, const char *place, const char *type)
{
	const struct plan_mount *last = last_mount(plan, place);

	return last && last->kind == MOUNT_FILESYSTEM && text_equal(last->type, type);
}

static struct mask_roots mask_roots_of(const struct sandbox *sandbox)
{
	return (struct mask_roots){
		.root_fd = sandbox->root_fd,
		.proc_fd = sandbox->own_proc_fd,
		.sys_fd = sandbox->own_sys_fd,
		.proc_new = is_new(sandbox->plan, "/proc", "proc"),
		.sys_new = is_new(sandbox->plan, "/sys", "sysfs"),
	};
}

int run_read_only_paths(struct sandbox *sandbox, struct error *err)
{
	const struct mask_roots roots = mask_roots_of(sandbox);

	return paths_make_read_only(&roots, &sandbox->plan->readonly_paths, err);
}

int run_masked_paths(struct sandbox *sandbox, struct error *err)
{
	const struct mask_roots roots = mask_roots_of(sandbox);
	int r = paths_mask(&roots, &sandbox->plan->masked_paths, sandbox->null_fd, sandbox->plan->mount_context, err);

	fd_leave(&sandbox->null_fd);
	return r;
}
