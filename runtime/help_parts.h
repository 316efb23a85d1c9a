/* SPDX-License-Identifier: Apache-2.0 */
/* Phrases that the help on a terminal and the one in the docs have in common. For help.c and help_markdown.c only. */
#ifndef ORLOP_RUNTIME_HELP_PARTS_H
#define ORLOP_RUNTIME_HELP_PARTS_H

#include <stddef.h>

#include "libbase/text.h"
#include "runtime/cli.h"
#include "runtime/commands.h"

#define HELP_PROGRAM_SUMMARY "low-level container runtime for OCI bundles"
#define HELP_PROGRAM_USAGE   "orlop [global options] COMMAND [options] [arguments]"

/* "DIR", "text|json", or "" when the option takes no value. */
void help_option_value(const struct cli_option *option, char *to, size_t size);
/* What the kind of the option says beside its help: "" or " (may be repeated)". */
const char *help_option_note(const struct cli_option *option);
/* "orlop spec [options]". */
void help_write_usage(struct text_buffer *to, const struct command *command);

#endif
