/* SPDX-License-Identifier: Apache-2.0 */
/* The document of `update --resources`: load, write, load, write. */
#include "conformance/fuzz/fuzz.h"
#include "libspec/load.h"
#include "libspec/write.h"

static int copy_resources(const char *bytes, size_t length, struct arena *arena, struct problems *problems,
			  struct json_writer *json, struct error *err)
{
	const struct spec_resources *resources = NULL;
	int code = resources_load_bytes("resources", bytes, length, arena, problems, &resources, err);

	if (code == 0)
		resources_write(json, NULL, resources);
	return code;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	fuzz_round_trip(copy_resources, bytes, length);
	return 0;
}
