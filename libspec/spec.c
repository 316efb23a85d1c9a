/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Look-ups in a spec. They take a document that is not checked yet: any part may be absent.
 *
 * Not for: deciding anything (libsandbox/plan).
 */
#include "libspec/spec.h"

#include "libbase/text.h"

struct spec_hook_list spec_hooks_at(const struct spec *spec, enum spec_hook_point point)
{
	if (!spec->hooks)
		return (struct spec_hook_list){ 0 };
	return spec->hooks->points[point - 1];
}

const struct spec_namespace *spec_namespace_of(const struct spec *spec, enum spec_namespace_type type)
{
	if (!spec->os_linux)
		return NULL;
	for (size_t i = 0; i < spec->os_linux->namespaces.count; i++) {
		if (spec->os_linux->namespaces.items[i].type == (int)type)
			return &spec->os_linux->namespaces.items[i];
	}
	return NULL;
}

bool spec_has_namespace(const struct spec *spec, enum spec_namespace_type type)
{
	return spec_namespace_of(spec, type) != NULL;
}

const char *spec_annotation(const struct spec *spec, const char *key)
{
	for (size_t i = 0; i < spec->annotations.count; i++) {
		if (text_equal(spec->annotations.items[i].key, key))
			return spec->annotations.items[i].value;
	}
	return NULL;
}
