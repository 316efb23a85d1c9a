/* SPDX-License-Identifier: Apache-2.0 */
/* config.json: load, write, load, write. */
#include "conformance/fuzz/fuzz.h"
#include "libspec/load.h"
#include "libspec/write.h"

static int copy_config(const char *bytes, size_t length, struct arena *arena, struct problems *problems,
		       struct json_writer *json, struct error *err)
{
	const struct spec *spec = NULL;
	int code = spec_load_bytes("config", bytes, length, arena, problems, &spec, err);

	if (code == 0)
		spec_write(json, NULL, spec);
	return code;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	fuzz_round_trip(copy_config, bytes, length);
	return 0;
}
