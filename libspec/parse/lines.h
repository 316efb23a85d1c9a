/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The last touch on a document's problems: where each stands, once, in the order of the document.
 */
#ifndef ORLOP_LIBSPEC_PARSE_LINES_H
#define ORLOP_LIBSPEC_PARSE_LINES_H

#include "libspec/parse/json.h"
#include "libspec/problem.h"

/*
 * Those without a line (from checks and plans) get that of the deepest node on their path, if they have one. A check's error at or below a place
 * where the binder complained is dropped: it would judge a value that was never read. Then sorts by line, keeping the
 * order within one.
 */
void problems_find_lines(struct problems *problems, const struct json_document *document);

#endif
