/* SPDX-License-Identifier: Apache-2.0 */
/* Help, printed from the rows of commands and options: nothing here knows a command. */
#ifndef ORLOP_RUNTIME_HELP_H
#define ORLOP_RUNTIME_HELP_H

#include "libbase/text.h"
#include "runtime/commands.h"

/* `orlop --help`: all commands and the global options. */
void help_write_program(struct text_buffer *to);
/* `orlop COMMAND --help`. */
void help_write_command(struct text_buffer *to, const struct command *command);
/* docs/generated/commands.md: the same for all commands. */
void help_write_markdown(struct text_buffer *to);

#endif
