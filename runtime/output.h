/* SPDX-License-Identifier: Apache-2.0 */
/* Standard output: what a command has to say goes out whole, or the command fails. */
#ifndef ORLOP_RUNTIME_OUTPUT_H
#define ORLOP_RUNTIME_OUTPUT_H

#include "libbase/error.h"
#include "libbase/text.h"

/* Also fails, with -ENOMEM, when the buffer did. */
int output_write(const struct text_buffer *text, struct error *err);

#endif
