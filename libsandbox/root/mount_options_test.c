/* SPDX-License-Identifier: Apache-2.0 */
/* The mount option table against the runtime-spec's list, against runc's and crun's, and against what mount_setattr(2) takes. */
#include "libsandbox/root/mount_options.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "conformance/unit/check.h"
#include "libbase/cleanup.h"
#include "libspec/names.h"

/* What runtime-spec, runc, crun and youki know between them. */
static const char *const all_words[] = {
	"async",         "atime",        "bind",       "copy-symlink",  "defaults",
	"dest-nofollow", "dev",          "diratime",   "dirsync",       "exec",
	"idmap",         "iversion",     "lazytime",   "loud",          "mand",
	"noatime",       "nodev",        "nodiratime", "noexec",        "noiversion",
	"nolazytime",    "nomand",       "norelatime", "nostrictatime", "nosuid",
	"nosymfollow",   "private",      "rasync",     "ratime",        "rbind",
	"rdev",          "rdiratime",    "rdirsync",   "relatime",      "remount",
	"rexec",         "ridmap",       "rmand",      "rnoatime",      "rnodev",
	"rnodiratime",   "rnoexec",      "rnomand",    "rnorelatime",   "rnostrictatime",
	"rnosuid",       "rnosymfollow", "ro",         "rprivate",      "rrelatime",
	"rro",           "rrw",          "rshared",    "rslave",        "rstrictatime",
	"rsuid",         "rsymfollow",   "rsync",      "runbindable",   "rw",
	"shared",        "silent",       "slave",      "src-nofollow",  "strictatime",
	"suid",          "symfollow",    "sync",       "tmpcopyup",     "unbindable",
};

TEST(every_word_has_a_row_and_no_row_is_invented)
{
	CHECK_INT(ARRAY_SIZE(all_words), 70);
	for (size_t i = 0; i < ARRAY_SIZE(all_words); i++) {
		const struct mount_option *row = mount_option_find(all_words[i]);
		CHECK_TEXT(row ? row->name : "no row", all_words[i]);
	}
	CHECK_INT(mount_options_count, 70);
}

TEST(rows_are_sorted)
{
	for (size_t i = 1; i < mount_options_count; i++)
		CHECK(strcmp(mount_options[i - 1].name, mount_options[i].name) < 0);
}

TEST(other_words_have_no_row)
{
	static const char *const others[] = {
		"", "RO", "ro ", "bindx", "acl", "noacl", "size=64k", "idmap=uids=0-0-1"
	};

	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		CHECK(mount_option_find(others[i]) == NULL);
}

TEST(crun_only_words_are_extensions)
{
	size_t count = 0;

	for (size_t i = 0; i < mount_options_count; i++)
		count += mount_options[i].extension;
	CHECK_INT(count, 8);
	CHECK(mount_option_find("rsync")->extension);
	CHECK(mount_option_find("copy-symlink")->extension);
	CHECK(!mount_option_find("idmap")->extension);
	CHECK(!mount_option_find("rnodev")->extension);
}

/* Each pair takes the other back: plain and recursive bits mirror each other. */
TEST(opposites_mirror)
{
	static const char *const pairs[][2] = {
		{ "ro", "rw" },         { "nosuid", "suid" },           { "nodev", "dev" },
		{ "noexec", "exec" },   { "nodiratime", "diratime" },   { "nosymfollow", "symfollow" },
		{ "rro", "rrw" },       { "rnosuid", "rsuid" },         { "rnodev", "rdev" },
		{ "rnoexec", "rexec" }, { "rnodiratime", "rdiratime" }, { "rnosymfollow", "rsymfollow" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		const struct mount_option *sets = mount_option_find(pairs[i][0]);
		const struct mount_option *clears = mount_option_find(pairs[i][1]);
		CHECK(sets->set != 0);
		CHECK_INT(sets->set, clears->clear);
		CHECK_INT(clears->set, 0);
		CHECK_INT(sets->clear, 0);
		CHECK_INT(sets->kind, clears->kind);
	}
}

TEST(superblock_opposites_name_each_other)
{
	for (size_t i = 0; i < mount_options_count; i++) {
		const struct mount_option *row = &mount_options[i];
		if (row->kind != MOUNT_OPTION_SUPER) {
			CHECK(row->super == NULL);
			continue;
		}
		CHECK(row->super != NULL);
		if (row->undoes)
			CHECK_TEXT(mount_option_find(row->undoes)->undoes, row->super);
	}
}

/* Every propagation word is one of the spec's and back. */
TEST(propagations_are_those_of_the_spec)
{
	size_t count = 0;

	for (size_t i = 0; i < mount_options_count; i++) {
		if (mount_options[i].kind != MOUNT_OPTION_PROPAGATION)
			continue;
		CHECK_TEXT(name_text(&names_propagations, mount_options[i].value), mount_options[i].name);
		count++;
	}
	CHECK_INT(count, names_propagations.count);
}

static int context_flag(const char *type, const char *word)
{
	int fd = (int)syscall(SYS_fsopen, type, FSOPEN_CLOEXEC);

	if (fd < 0)
		return -errno;
	int r = syscall(SYS_fsconfig, fd, FSCONFIG_SET_FLAG, word, NULL, 0) < 0 ? -errno : 0;
	close(fd);
	return r;
}

TEST(kernel_takes_every_superblock_word)
{
	if (context_flag("tmpfs", "rw") < 0)
		check_skip("no right to make a mount context");
	for (size_t i = 0; i < mount_options_count; i++) {
		if (mount_options[i].kind == MOUNT_OPTION_SUPER)
			CHECK_INT(context_flag("tmpfs", mount_options[i].super), 0);
	}
	CHECK_INT(context_flag("tmpfs", "ro"), 0);
}

/* Should the kernel learn one of these, its row can do something. */
TEST(kernel_refuses_the_words_that_are_left_out)
{
	if (context_flag("tmpfs", "rw") < 0)
		check_skip("no right to make a mount context");
	for (size_t i = 0; i < mount_options_count; i++) {
		if (mount_options[i].kind == MOUNT_OPTION_LEFT_OUT || mount_options[i].kind == MOUNT_OPTION_NOTHING)
			CHECK_INT(context_flag("tmpfs", mount_options[i].name), -EINVAL);
	}
}
