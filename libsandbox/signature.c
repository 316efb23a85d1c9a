/* SPDX-License-Identifier: Apache-2.0 */
/* See signature.h. */
#include "libsandbox/signature.h"

#include <string.h>

size_t signature_type_length(const char *signature, const char *basic, unsigned int depth)
{
	size_t length = 1;

	if (depth == 0 || *signature == '\0')
		return 0;
	if (strchr(basic, *signature))
		return 1;
	if (*signature == 'a') {
		size_t inner = signature_type_length(signature + 1, basic, depth - 1);

		return inner ? inner + 1 : 0;
	}
	if (*signature != '(' || signature[1] == ')')
		return 0;
	while (signature[length] != ')') {
		size_t inner = signature_type_length(signature + length, basic, depth - 1);

		if (inner == 0)
			return 0;
		length += inner;
	}
	return length + 1;
}
