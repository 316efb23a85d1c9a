/* SPDX-License-Identifier: Apache-2.0 */
/* Look-ups take documents with anything missing. */
#include "conformance/unit/check.h"
#include "libspec/spec.h"

TEST(nothing_is_found_in_an_empty_spec)
{
	const struct spec spec = { 0 };

	CHECK_INT(spec_hooks_at(&spec, HOOK_POSTSTOP).count, 0);
	CHECK(!spec_namespace_of(&spec, NAMESPACE_PID));
	CHECK(!spec_has_namespace(&spec, NAMESPACE_PID));
	CHECK(!spec_annotation(&spec, "a"));
}

TEST(what_is_there_is_found)
{
	static const struct spec_namespace namespaces[] = {
		{ .type = NAMESPACE_PID, .path = "/proc/1/ns/pid" },
		{ .type = NAMESPACE_UTS },
		{ .type = NAMESPACE_PID },
	};
	static const struct spec_hook hook = { .path = "/h" };
	static const struct spec_pair annotations[] = { { "a", "1" }, { "ab", "" } };
	struct spec_hooks hooks = { 0 };
	const struct spec_linux os_linux = { .namespaces = { .items = namespaces, .count = 3 } };
	const struct spec spec = {
		.hooks = &hooks,
		.os_linux = &os_linux,
		.annotations = { .items = annotations, .count = 2 },
	};

	hooks.points[HOOK_POSTSTOP - 1] = (struct spec_hook_list){ .items = &hook, .count = 1 };
	CHECK_INT(spec_hooks_at(&spec, HOOK_POSTSTOP).count, 1);
	CHECK_INT(spec_hooks_at(&spec, HOOK_POSTSTART).count, 0);
	CHECK(spec_namespace_of(&spec, NAMESPACE_PID) == &namespaces[0]);
	CHECK(spec_has_namespace(&spec, NAMESPACE_UTS));
	CHECK(!spec_has_namespace(&spec, NAMESPACE_USER));
	CHECK_TEXT(spec_annotation(&spec, "ab"), "");
	CHECK_TEXT(spec_annotation(&spec, "a"), "1");
	CHECK(!spec_annotation(&spec, "abc"));
}
