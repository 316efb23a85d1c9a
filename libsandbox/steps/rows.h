/* SPDX-License-Identifier: Apache-2.0 */
/* How a row of a step table is written. A message is two rows, the sender's first: SEND here meets EXPECT there. */
#ifndef ORLOP_LIBSANDBOX_ROWS_H
#define ORLOP_LIBSANDBOX_ROWS_H

#include "libsandbox/steps/step.h"

#define ROW(row_name, row_side, row_kind, what, wanted, action, back, phrase)                                    \
	{                                                                                                        \
		.name = (row_name), .side = (row_side), .kind = (row_kind), .message = (what), .when = (wanted), \
		.run = (action), .undo = (back), .summary = (phrase)                                             \
	}

#define HOST(name, when, run, undo, phrase) ROW(name, STEP_HOST, STEP_DO, MESSAGE_NONE, when, run, undo, phrase)
#define INIT(name, when, run, phrase)       ROW(name, STEP_INIT, STEP_DO, MESSAGE_NONE, when, run, NULL, phrase)
/* `before` runs on the sender's side before the message goes, `after` on the other side when it came. */
#define FROM_HOST(name, when, what, before, after, phrase)                 \
	ROW(name, STEP_HOST, STEP_SEND, what, when, before, NULL, phrase), \
		ROW(name, STEP_INIT, STEP_EXPECT, what, when, after, NULL, "wait for it")
#define FROM_INIT(name, when, what, before, after, phrase)                 \
	ROW(name, STEP_INIT, STEP_SEND, what, when, before, NULL, phrase), \
		ROW(name, STEP_HOST, STEP_EXPECT, what, when, after, NULL, "wait for it")

#endif
