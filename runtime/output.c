/* SPDX-License-Identifier: Apache-2.0 */
/* Writing to standard output. */
#include "runtime/output.h"

#include <errno.h>
#include <unistd.h>

#include "libbase/fd.h"

int output_write(const struct text_buffer *text, struct error *err)
{
	int r = text->failed ? -ENOMEM : fd_write_all(STDOUT_FILENO, text->bytes, text->length);

	return r < 0 ? error_set(err, r, "write standard output") : 0;
}
