/* SPDX-License-Identifier: Apache-2.0 */
/* `orlop state`: the state document (runtime-spec runtime.md, "Query State"), in runc's exact form. */
#include "libbase/json_writer.h"
#include "libspec/write.h"
#include "runtime/commands.h"
#include "runtime/container.h"
#include "runtime/output.h"

static int run_state(struct call *call, struct error *err)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer text = TEXT_BUFFER_INIT;
	_cleanup_(container_close) struct container container = CONTAINER_INIT;
	struct json_writer json;
	struct state state;
	int r;

	r = container_open(&container, call->globals, call->arguments[0], false, call->arena, err);
	if (r < 0)
		return r;
	container_state(&container, &state);
	json_writer_init(&json, &text, "  ");
	state_write(&json, NULL, &state);
	r = json_writer_finish(&json);
	return r < 0 ? error_set(err, r, "write the state") : output_write(&text, err);
}

const struct command command_state = {
	.name = "state",
	.summary = "show the state of a container, as JSON",
	.arguments = "ID",
	.description = "Prints the state document of the OCI runtime-spec, with runc's additions.",
	.least = 1,
	.most = 1,
	.run = run_state,
};
