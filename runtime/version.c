/* SPDX-License-Identifier: Apache-2.0 */
/* Versions: the only file that is compiled anew for every commit. */
#include "runtime/version.h"

#include "orlop_version.h"

const char version_number[] = ORLOP_VERSION;
const char version_commit[] = ORLOP_COMMIT;

void version_write(struct text_buffer *to)
{
	text_append_format(to, "orlop version %s\n", version_number);
	text_append_format(to, "commit: %s\n", version_commit);
	text_append_format(to, "spec: %s\n", VERSION_SPEC);
	text_append_format(to, "libyajl: %s\n", VERSION_YAJL);
}
