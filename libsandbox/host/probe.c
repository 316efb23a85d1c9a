/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the facts of the machine are found: system calls without privileges and without side effects, few enough for every command.
 *
 * Not for: their text form (libsandbox/host.c).
 * Read: cgroups(7), capabilities(7), seccomp(2), user_namespaces(7), proc_pid_cgroup(5).
 */
#include "libsandbox/host/probe.h"

#include <errno.h>
#include <link.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/vfs.h>

#include "libbase/fd.h"
#include "libbase/kernel.h"
#include "libbase/path.h"
#include "libbase/text.h"
#include "libspec/names.h"
#include "libspec/ranges.h"

#define KERNEL_FLOOR_MAJOR 5
#define KERNEL_FLOOR_MINOR 14

#define USUAL_BYTES     4096
#define WHOLE_BYTES_MAX (1024 * 1024)

/* PROC_USER_INIT_INO of the kernel, USER_NS_INIT_INO of its headers since 6.17. */
#define USER_NAMESPACE_FIRST 0xEFFFFFFDU

/* -- small files ------------------------------------------------------------------------------------------------------- */

/* The first bytes of a kernel file without the final newline. One read: such files are made for it. */
static int file_read(const char *path, char *to, size_t size)
{
	_cleanup_(fd_cleanup) int fd = path_open_host(AT_FDCWD, path, O_RDONLY, 0);
	ssize_t length;

	if (fd < 0)
		return fd;
	length = read(fd, to, size - 1);
	if (length < 0)
		return -errno;
	while (length > 0 && to[length - 1] == '\n')
		length--;
	to[length] = '\0';
	return (int)length;
}

static bool file_says(const char *path, const char *wanted)
{
	char text[64];

	return file_read(path, text, sizeof(text)) >= 0 && text_equal(text, wanted);
}

static bool path_exists(const char *path)
{
	return access(path, F_OK) == 0;
}

static bool path_is_on(const char *path, uint64_t magic)
{
	struct statfs fs;

	return statfs(path, &fs) == 0 && (uint32_t)fs.f_type == (uint32_t)magic;
}

/* -- text to values ---------------------------------------------------------------------------------------------------- */

/* Cuts `text` at blanks. */
int host_words_parse(const char *text, struct arena *arena, struct spec_strings *ret)
{
	const char *blanks = " \t\n";
	size_t count = 0;
	const char **items;

	for (const char *at = text + strspn(text, blanks); *at; at += strspn(at, blanks)) {
		at += strcspn(at, blanks);
		count++;
	}
	items = arena_calloc(arena, count + 1, sizeof(*items));
	if (!items)
		return -ENOMEM;
	count = 0;
	for (const char *at = text + strspn(text, blanks); *at; at += strspn(at, blanks)) {
		size_t length = strcspn(at, blanks);

		items[count] = arena_copy(arena, at, length);
		if (!items[count++])
			return -ENOMEM;
		at += length;
	}
	*ret = (struct spec_strings){ items, count };
	return 0;
}

static const char *digits_read(const char *text, uint32_t *ret)
{
	const char *start = text;
	uint32_t value = 0;

	while (*text >= '0' && *text <= '9' && text - start < 9)
		value = value * 10 + (uint32_t)(*text++ - '0');
	*ret = value;
	return text == start ? NULL : text;
}

int host_kernel_parse(const char *release, uint32_t *ret_major, uint32_t *ret_minor, struct error *err)
{
	uint32_t major, minor;
	const char *rest = digits_read(release, &major);

	if (!rest || *rest != '.' || !digits_read(rest + 1, &minor))
		return error_say(err, -EINVAL, "kernel release '%s': want a version such as 6.1", release);
	if (major < KERNEL_FLOOR_MAJOR || (major == KERNEL_FLOOR_MAJOR && minor < KERNEL_FLOOR_MINOR))
		return error_say(err, -ENOSYS, "Linux %d.%d or newer is needed, this is %s", KERNEL_FLOOR_MAJOR,
				 KERNEL_FLOOR_MINOR, release);
	*ret_major = major;
	*ret_minor = minor;
	return 0;
}

/* -- probes ------------------------------------------------------------------------------------------------------------ */

/* As LINUX_VERSION_CODE, from the note in the page that the kernel gives each process (vdso(7)): no call. 0: there is none. */
static uint32_t kernel_version_noted(void)
{
	const char *page = (const char *)getauxval(AT_SYSINFO_EHDR);
	const ElfW(Ehdr) *header = (const void *)page;
	const ElfW(Phdr) *parts = (const void *)(page + (page ? header->e_phoff : 0));
	static const char owner[] = "Linux";
	uint32_t version = 0;

	for (size_t i = 0; page && i < header->e_phnum; i++) {
		const ElfW(Nhdr) *note = (const void *)(page + parts[i].p_offset);

		/* The kernel's build puts it first. */
		if (parts[i].p_type == PT_NOTE && note->n_type == 0 && note->n_namesz == sizeof(owner) &&
		    note->n_descsz == sizeof(version) && memcmp(note + 1, owner, sizeof(owner)) == 0)
			memcpy(&version, (const char *)(note + 1) + ((sizeof(owner) + 3) & ~3UL), sizeof(version));
	}
	return version;
}

int host_probe_kernel(struct arena *arena, struct host *host, struct error *err)
{
	const uint32_t version = kernel_version_noted();
	struct utsname name;

	(void)arena;
	if (version >= (KERNEL_FLOOR_MAJOR << 16 | KERNEL_FLOOR_MINOR << 8)) {
		host->kernel_major = version >> 16;
		host->kernel_minor = version >> 8 & 0xff;
		return 0;
	}
	if (uname(&name) < 0)
		return error_set(err, -errno, "uname");
	return host_kernel_parse(name.release, &host->kernel_major, &host->kernel_minor, err);
}

/* The number behind `name`, such as "\nSigIgn:\t", as digits of `base` up to what is no digit; word `skip` of the line. */
static bool status_number(const char *status, const char *name, int skip, unsigned int base, uint64_t *ret)
{
	const char *at = strstr(status, name);

	if (!at)
		return false;
	at += strlen(name);
	while (skip-- > 0)
		at += strcspn(at, "\t\n") + 1;
	for (*ret = 0; (*at >= '0' && *at <= '9') || (base == 16 && *at >= 'a' && *at <= 'f'); at++)
		*ret = *ret * base + (uint64_t)(*at <= '9' ? *at - '0' : *at - 'a' + 10);
	return true;
}

/* The effective one of the four ids of a line; *equal becomes false where the others differ. */
static bool status_id(const char *status, const char *name, uint32_t *ret, bool *equal)
{
	uint64_t ids[4];

	for (int i = 0; i < 4; i++)
		if (!status_number(status, name, i, 10, &ids[i]))
			return false;
	*ret = (uint32_t)ids[1];
	*equal = *equal && ids[0] == ids[1] && ids[2] == ids[1] && ids[3] == ids[1];
	return true;
}

/* One read, unless the process is in hundreds of groups or very deep cgroups. */
static char *whole_read(struct arena *arena, const char *path, int *ret_code)
{
	_cleanup_(fd_cleanup) int fd = FD_NONE;
	char *usual = arena_alloc(arena, USUAL_BYTES), *whole = NULL;

	*ret_code = usual ? file_read(path, usual, USUAL_BYTES) : -ENOMEM;
	if (*ret_code < USUAL_BYTES - 2)
		return usual;
	fd = path_open_host(AT_FDCWD, path, O_RDONLY, 0);
	*ret_code = fd < 0 ? fd : fd_read_all(fd, WHOLE_BYTES_MAX, arena, &whole, NULL);
	return whole;
}

/*
 * The highest capability that the kernel is known to know: one of the bounding set, or the last that the headers know which we were built with. Mostly
 * no call is needed. One that has neither a place in the set nor a name here can be neither asked for nor taken away.
 */
static uint64_t capability_last(uint64_t bounding)
{
	unsigned int last = 63;

	while (last > CAP_LAST_CAP && !(bounding >> last & 1))
		last--;
	while (last > 0 && !(bounding >> last & 1) && prctl(PR_CAPBSET_READ, last, 0, 0, 0) < 0)
		last--;
	return last;
}

/* "Groups:" and each with a space behind it, and one more space. */
static bool status_groups_none(const char *status)
{
	static const char name[] = "\nGroups:\t";
	const char *found = strstr(status, name);

	return found && found[strlen(name)] == ' ';
}

int host_probe_ids(struct arena *arena, struct host *host, struct error *err)
{
	struct stat st;
	int r;
	const char *status = whole_read(arena, "/proc/self/status", &r);

	if (r < 0)
		return error_set(err, r, "read '/proc/self/status'");
	host->ids_equal = true;
	if (!status_id(status, "\nUid:\t", &host->euid, &host->ids_equal) ||
	    !status_id(status, "\nGid:\t", &host->egid, &host->ids_equal) ||
	    !status_number(status, "\nSigIgn:\t", 0, 16, &host->signals_ignored) ||
	    !status_number(status, "\nCapEff:\t", 0, 16, &host->caps_effective) ||
	    !status_number(status, "\nCapBnd:\t", 0, 16, &host->caps_bounding))
		return error_say(err, -EPROTO,
				 "'/proc/self/status' lacks the ids, the ignored signals or the capabilities");
	host->groups_none = status_groups_none(status);
	host->caps_last = capability_last(host->caps_bounding);
	/* The first namespace has the number that the kernel is built with. Nothing there: a kernel without user namespaces. */
	if (stat("/proc/self/ns/user", &st) < 0)
		return errno == ENOENT ? 0 : error_set(err, -errno, "look at '/proc/self/ns/user'");
	host->in_user_namespace = st.st_ino != USER_NAMESPACE_FIRST;
	host->setgroups_denied = host->in_user_namespace && file_says("/proc/self/setgroups", "deny");
	return 0;
}

int host_probe_cgroup(struct arena *arena, struct host *host, struct error *err)
{
	(void)arena, (void)err;
	host->cgroup = HOST_CGROUP_NONE;
	if (path_is_on("/sys/fs/cgroup", CGROUP2_SUPER_MAGIC)) {
		host->cgroup = HOST_CGROUP_UNIFIED;
		host->cgroup_mount = "/sys/fs/cgroup";
	} else if (path_is_on("/sys/fs/cgroup/unified", CGROUP2_SUPER_MAGIC)) {
		host->cgroup = HOST_CGROUP_HYBRID;
		host->cgroup_mount = "/sys/fs/cgroup/unified";
	}
	return 0;
}

/* The line "0::/path": there are other lines on hybrid hosts. */
int host_probe_cgroup_own(struct arena *arena, struct host *host, struct error *err)
{
	char *text;
	int r;

	if (host->cgroup == HOST_CGROUP_NONE)
		return 0;
	text = whole_read(arena, "/proc/self/cgroup", &r);
	if (r < 0)
		return error_set(err, r, "read '/proc/self/cgroup'");
	host->cgroup_own = "/";
	for (char *line = text; line && *line;) {
		char *end = strchrnul(line, '\n');
		char *next = *end ? end + 1 : NULL;
		const char *path;

		*end = '\0';
		path = text_after(line, "0::");
		if (path) {
			host->cgroup_own = path;
			return 0;
		}
		line = next;
	}
	return 0;
}

int host_probe_controllers(struct arena *arena, struct host *host, struct error *err)
{
	char controllers[256];
	const char *path;
	int r;

	if (host->cgroup == HOST_CGROUP_NONE)
		return 0;
	path = arena_printf(arena, "%s/cgroup.controllers", host->cgroup_mount);
	r = path ? file_read(path, controllers, sizeof(controllers)) : -ENOMEM;
	if (r >= 0)
		r = host_words_parse(controllers, arena, &host->controllers);
	return r < 0 ? error_set(err, r, "read '%s/cgroup.controllers'", host->cgroup_mount) : 0;
}

/* The root cgroup has no io files at all, so our own may not tell; the module does. */
int host_probe_bfq(struct arena *arena, struct host *host, struct error *err)
{
	const char *path;

	if (host->cgroup == HOST_CGROUP_NONE)
		return 0;
	path = arena_printf(arena, "%s%s/io.bfq.weight", host->cgroup_mount, host->cgroup_own);
	if (!path)
		return error_set(err, -ENOMEM, "read '%s'", host->cgroup_mount);
	host->cgroup_bfq = path_exists(path) || path_exists("/sys/module/bfq");
	return 0;
}

int host_probe_systemd(struct arena *arena, struct host *host, struct error *err)
{
	(void)arena, (void)err;
	host->systemd = path_exists("/run/systemd/system"); /* as sd_booted(3) */
	return 0;
}

int host_probe_lsm(struct arena *arena, struct host *host, struct error *err)
{
	(void)arena, (void)err;
	host->apparmor = file_says("/sys/module/apparmor/parameters/enabled", "Y");
	host->selinux = path_is_on("/sys/fs/selinux", SELINUX_MAGIC) && path_exists("/sys/fs/selinux/enforce");
	return 0;
}

/* The kernel looks at the flags, then at the filter: EFAULT for a filter at address 0 means that it takes the flags. */
static bool seccomp_takes(uint64_t flags)
{
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, (unsigned int)flags, NULL) < 0 && errno == EFAULT;
}

int host_probe_seccomp(struct arena *arena, struct host *host, struct error *err)
{
	/* WAIT_KILLABLE_RECV is refused without a listener, and TSYNC beside a listener without TSYNC_ESRCH. */
	uint64_t company = SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_TSYNC_ESRCH;
	uint64_t all = company, bits = 0;

	(void)arena, (void)err;
	if (!HAVE_SECCOMP)
		return 0;
	for (size_t i = 0; i < names_seccomp_flags.count; i++) {
		all |= (uint64_t)names_seccomp_flags.names[i].kernel;
		bits |= UINT64_C(1) << (names_seccomp_flags.names[i].value - 1);
	}
	host->seccomp = true;
	host->seccomp_flags = bits;
	if (seccomp_takes(all))
		return 0;

	host->seccomp = seccomp_takes(0);
	host->seccomp_flags = 0;
	for (size_t i = 0; host->seccomp && i < names_seccomp_flags.count; i++) {
		if (seccomp_takes((uint64_t)names_seccomp_flags.names[i].kernel | company))
			host->seccomp_flags |= UINT64_C(1) << (names_seccomp_flags.names[i].value - 1);
	}
	return 0;
}

int host_probe_namespaces(struct arena *arena, struct host *host, struct error *err)
{
	char most[32];

	(void)arena, (void)err;
	host->user_namespaces =
		file_read("/proc/sys/user/max_user_namespaces", most, sizeof(most)) > 0 && !text_equal(most, "0");
	host->time_namespaces = path_exists("/proc/self/ns/time");
	return 0;
}

int host_probe_resctrl(struct arena *arena, struct host *host, struct error *err)
{
	(void)arena, (void)err;
	host->resctrl = path_is_on("/sys/fs/resctrl", RDTGROUP_SUPER_MAGIC);
	return 0;
}

int host_probe_cpus(struct arena *arena, struct host *host, struct error *err)
{
	const char *path = "/sys/devices/system/cpu/possible";
	uint32_t first, last = 0;
	char text[256];
	const char *rest = text;
	int r = file_read(path, text, sizeof(text));

	(void)arena;
	if (r < 0)
		return error_set(err, r, "read '%s'", path);
	while ((r = ranges_next(&rest, &first, &last)) > 0)
		host->cpus = last + 1;
	if (r < 0)
		return error_say(err, r, "'%s': want ranges such as 0-7, got '%s'", path, text);
	return 0;
}

/* They are set-uid programs: taken from the places where distributions put them, never from anybody's PATH. */
static const char *id_helper_find(struct arena *arena, const char *name)
{
	static const char *const places[] = { "/usr/bin", "/bin", "/usr/local/bin" };

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		const char *path = arena_printf(arena, "%s/%s", places[i], name);

		if (path && access(path, X_OK) == 0)
			return path;
	}
	return NULL;
}

int host_probe_id_helpers(struct arena *arena, struct host *host, struct error *err)
{
	(void)err;
	host->newuidmap = id_helper_find(arena, "newuidmap");
	host->newgidmap = id_helper_find(arena, "newgidmap");
	return 0;
}
