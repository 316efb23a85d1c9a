/* SPDX-License-Identifier: Apache-2.0 */
/* Problems to log records. */
#include "runtime/warnings.h"

#include "libbase/log.h"
#include "libbase/text.h"

void warnings_log(const struct problems *problems, const char *document)
{
	unsigned int logged = 0;

	for (unsigned int i = 0; i < problems->count; i++) {
		const struct problem *problem = problems->items[i];
		const char *colon = text_is_empty(problem->path) ? "" : ": ";

		if (problem->severity != PROBLEM_WARNING)
			continue;
		if (problem->line)
			log_warning("%s: line %u: %s%s%s", document, problem->line, problem->path, colon,
				    problem->text);
		else
			log_warning("%s: %s%s%s", document, problem->path, colon, problem->text);
		logged++;
	}
	if (problems->warnings > logged)
		log_warning("%s: and %u more warnings", document, problems->warnings - logged);
}
