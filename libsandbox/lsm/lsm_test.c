/* SPDX-License-Identifier: Apache-2.0 */
/* Labels on a machine that may have no security module: what is refused, and that a false procfs is never written to. */
#include "libsandbox/lsm/lsm.h"

#include <sys/vfs.h>

#include "libbase/proc.h"
#include "libsandbox/lsm/fixture.h"

static void want_modules_off(void)
{
	struct statfs fs;
	char text[4096];

	if (statfs("/sys/fs/selinux", &fs) == 0 && fs.f_type == 0xf97cff8c)
		SKIP("SELinux is on");
	if (access("/sys/module/apparmor/parameters/enabled", R_OK) == 0 &&
	    text_read("/sys/module/apparmor/parameters/enabled", text)[0] == 'Y')
		SKIP("AppArmor is on");
}

CHILD(without_a_module_each_label_is_an_error)
{
	_cleanup_(fd_cleanup) int proc_fd = proc_open();
	struct error err;

	ERROR_INIT(&err);
	want_modules_off();
	WANT(lsm_apparmor.exec_label_set(proc_fd, "deck", false, &err) < 0);
	WANT_HAS(err.text, "apparmor failed to apply profile 'deck': ");
	WANT(lsm_selinux.exec_label_set(proc_fd, "a:b:c:s0", false, &err) < 0);
	WANT_HAS(err.text, "selinux failed to set exec label 'a:b:c:s0': ");
	WANT(lsm_selinux.key_label_set(proc_fd, "a:b:c:s0", &err) < 0);
	WANT_HAS(err.text, "selinux failed to set key label 'a:b:c:s0': ");
	WANT(!lsm_apparmor.key_label_set);
}

static void make_directory(const char *path)
{
	WANT(mkdir(path, 0755) == 0 || errno == EEXIST);
}

/* A tree that looks like procfs, as an image would bring it for /proc (CVE-2019-16884). */
static int false_proc(void)
{
	static const char *const places[] = { "1", "self", "thread-self" };
	char path[128];

	scratch_make();
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		snprintf(path, sizeof(path), SCRATCH "/%s", places[i]);
		make_directory(path);
		snprintf(path, sizeof(path), SCRATCH "/%s/attr", places[i]);
		make_directory(path);
		snprintf(path, sizeof(path), SCRATCH "/%s/attr/apparmor", places[i]);
		make_directory(path);
		snprintf(path, sizeof(path), SCRATCH "/%s/attr/apparmor/exec", places[i]);
		text_write(path, "");
		snprintf(path, sizeof(path), SCRATCH "/%s/attr/exec", places[i]);
		text_write(path, "");
		snprintf(path, sizeof(path), SCRATCH "/%s/attr/keycreate", places[i]);
		text_write(path, "");
	}
	return open(SCRATCH, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static void want_untouched(const char *path)
{
	char text[4096];

	WANT_TEXT(text_read(path, text), "");
}

CHILD(a_false_procfs_is_not_written_to)
{
	_cleanup_(fd_cleanup) int proc_fd = false_proc();
	struct error err;

	ERROR_INIT(&err);
	WANT(lsm_apparmor.exec_label_set(proc_fd, "deck", false, &err) < 0);
	WANT(lsm_selinux.exec_label_set(proc_fd, "a:b:c:s0", false, &err) < 0);
	WANT(lsm_selinux.key_label_set(proc_fd, "a:b:c:s0", &err) < 0);
	want_untouched(SCRATCH "/thread-self/attr/exec");
	want_untouched(SCRATCH "/thread-self/attr/keycreate");
	want_untouched(SCRATCH "/self/attr/keycreate");
	want_untouched(SCRATCH "/thread-self/attr/apparmor/exec");
	want_untouched(SCRATCH "/self/attr/exec");
}

/* One file of a true procfs with another mounted on it. */
static int covered_proc(const char *file)
{
	char path[128];

	text_write(SCRATCH "/trap", "");
	snprintf(path, sizeof(path), "/proc/%d/task/%d/attr/%s", (int)getpid(), (int)getpid(), file);
	if (mount(SCRATCH "/trap", path, NULL, MS_BIND, NULL) < 0)
		SKIP("cannot mount on procfs");
	return open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
}

CHILD(a_file_that_is_mounted_over_is_not_written_to)
{
	_cleanup_(fd_cleanup) int proc_fd = FD_NONE;
	struct error err;

	ERROR_INIT(&err);
	scratch_make();
	proc_fd = covered_proc("exec");
	WANT_INT(lsm_selinux.exec_label_set(proc_fd, "a:b:c:s0", false, &err), -EXDEV);
	want_untouched(SCRATCH "/trap");
}

CHILD(neither_is_the_file_for_keys)
{
	_cleanup_(fd_cleanup) int proc_fd = FD_NONE;
	struct error err;

	ERROR_INIT(&err);
	scratch_make();
	proc_fd = covered_proc("keycreate");
	WANT_INT(lsm_selinux.key_label_set(proc_fd, "a:b:c:s0", &err), -EXDEV);
	WANT_INT(lsm_selinux.key_label_set(proc_fd, NULL, &err), -EXDEV);
	want_untouched(SCRATCH "/trap");
}
