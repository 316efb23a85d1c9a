/* SPDX-License-Identifier: Apache-2.0 */
/* The state document, which hooks and engines read: load, write, load, write. */
#include "conformance/fuzz/fuzz.h"
#include "libspec/load.h"
#include "libspec/write.h"

static int copy_state(const char *bytes, size_t length, struct arena *arena, struct problems *problems,
		      struct json_writer *json, struct error *err)
{
	const struct state *state = NULL;
	int code = state_load_bytes("state", bytes, length, arena, problems, &state, err);

	if (code == 0)
		state_write(json, NULL, state);
	return code;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	fuzz_round_trip(copy_state, bytes, length);
	return 0;
}
