/* SPDX-License-Identifier: Apache-2.0 */
/* Prints docs/generated/mount_options.md: every word that a mount's options may have, and what it does, from the table. */
#include <linux/mount.h>
#include <stdio.h>

#include "libbase/cleanup.h"
#include "libbase/kernel.h"
#include "libsandbox/root/mount_options.h"

static const struct {
	uint64_t bit;
	const char *text;
} attributes[] = {
	{ MOUNT_ATTR_RDONLY, "MOUNT_ATTR_RDONLY" },         { MOUNT_ATTR_NOSUID, "MOUNT_ATTR_NOSUID" },
	{ MOUNT_ATTR_NODEV, "MOUNT_ATTR_NODEV" },           { MOUNT_ATTR_NOEXEC, "MOUNT_ATTR_NOEXEC" },
	{ MOUNT_ATTR_NODIRATIME, "MOUNT_ATTR_NODIRATIME" }, { MOUNT_ATTR_NOSYMFOLLOW, "MOUNT_ATTR_NOSYMFOLLOW" },
	{ MOUNT_ATTR_NOATIME, "MOUNT_ATTR_NOATIME" },       { MOUNT_ATTR_STRICTATIME, "MOUNT_ATTR_STRICTATIME" },
};

static const char *const flags[] = {
	[MOUNT_FLAG_REMOUNT] = "changes what is mounted at the destination",
	[MOUNT_FLAG_TMPCOPYUP] = "type tmpfs: what the destination holds is copied into it",
	[MOUNT_FLAG_COPY_SYMLINK] = "bind mounts: a source that is a symbolic link is made anew in the container",
	[MOUNT_FLAG_SOURCE_NOFOLLOW] = "bind mounts: a source that is a symbolic link is not followed",
	[MOUNT_FLAG_DESTINATION_NOFOLLOW] = "a destination that is a symbolic link is not followed",
	[MOUNT_FLAG_IDMAP] = ("bind mounts: ids are mapped, by the mount's own mappings, by those written behind "
			      "`idmap=`, or by the container's"),
	[MOUNT_FLAG_RIDMAP] = "as `idmap`, and of all mounts below",
};

static const char *attribute_text(uint64_t bits)
{
	for (size_t i = 0; i < ARRAY_SIZE(attributes); i++) {
		if (attributes[i].bit == bits)
			return attributes[i].text;
	}
	return "MOUNT_ATTR_RELATIME"; /* 0: what is left of the access times when the others are clear */
}

static void attribute_print(const struct mount_option *option)
{
	/* Whoever sets an access time clears the whole field; that is no news. */
	if (!option->set && !option->clear)
		printf("nothing: `relatime` is the kernel's default");
	else if (option->set || option->clear == MOUNT_ATTR__ATIME)
		printf("sets `%s`", attribute_text(option->set));
	else
		printf("clears `%s`", attribute_text(option->clear));
}

static void effect_print(const struct mount_option *option)
{
	switch (option->kind) {
	case MOUNT_OPTION_ATTR:
		attribute_print(option);
		break;
	case MOUNT_OPTION_RECURSIVE:
		attribute_print(option);
		printf("%s", option->set || option->clear ? ", also of all mounts below" : "");
		break;
	case MOUNT_OPTION_PROPAGATION:
		printf("propagation of the mount%s", option->name[0] == 'r' ? " and all mounts below" : "");
		break;
	case MOUNT_OPTION_BIND:
		printf("binds the source%s", option->value ? " and all mounts below it" : "");
		break;
	case MOUNT_OPTION_SUPER:
		printf("`%s` for the file system", option->super);
		if (option->undoes)
			printf("; takes `%s` back", option->undoes);
		break;
	case MOUNT_OPTION_FLAG:
		printf("%s", flags[option->value]);
		break;
	case MOUNT_OPTION_NOTHING:
		printf("nothing: taken for compatibility");
		break;
	default:
		printf("nothing: taken with a warning, since the mount API cannot set it");
		break;
	}
}

int main(void)
{
	printf("# Mount options\n\nGenerated from the table of mount options; do not edit. Words that are not here are "
	       "handed to the file system as they are; bind mounts refuse them.\nOf words that contradict each other "
	       "the last one stands.\n\n| option | effect | |\n|---|---|---|\n");
	for (size_t i = 0; i < mount_options_count; i++) {
		printf("| `%s` | ", mount_options[i].name);
		effect_print(&mount_options[i]);
		printf(" | %s |\n", mount_options[i].extension ? "not in runc" : "");
	}
	return ferror(stdout) || fflush(stdout) ? 1 : 0;
}
