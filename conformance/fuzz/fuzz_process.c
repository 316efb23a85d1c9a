/* SPDX-License-Identifier: Apache-2.0 */
/* The document of `exec --process`: load, write, load, write. */
#include "conformance/fuzz/fuzz.h"
#include "libspec/load.h"
#include "libspec/write.h"

static int copy_process(const char *bytes, size_t length, struct arena *arena, struct problems *problems,
			struct json_writer *json, struct error *err)
{
	const struct spec_process *process = NULL;
	int code = process_load_bytes("process", bytes, length, arena, problems, &process, err);

	if (code == 0)
		process_write(json, NULL, process);
	return code;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	fuzz_round_trip(copy_process, bytes, length);
	return 0;
}
