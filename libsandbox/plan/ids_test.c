/* SPDX-License-Identifier: Apache-2.0 */
/* plan_ids_build: who writes the maps, where the container's root is, and ids that have no place in the maps. */
#include "conformance/unit/check.h"
#include "libsandbox/plan/fixture.h"

static void build(struct fixture *fixture, const char *process, const char *os_linux)
{
	CHECK_INT(fixture_load(fixture, "", process, os_linux), 0);
	CHECK_INT(plan_namespaces_build(&fixture->work), 0);
	CHECK_INT(plan_ids_build(&fixture->work), 0);
}

#define NEW_USER "'namespaces':[{'type':'user'}],"
#define RANGE                                                                                                 \
	NEW_USER "'uidMappings':[{'containerID':0,'hostID':100000,'size':10},{'containerID':1000,'hostID':7," \
		 "'size':1}],'gidMappings':[{'containerID':0,'hostID':200000,'size':10}]"
#define SELF                                                                                \
	NEW_USER "'uidMappings':[{'containerID':0,'hostID':1000,'size':1}],'gidMappings':[" \
		 "{'containerID':0,'hostID':100,'size':1}]"

TEST(without_a_user_namespace_ids_are_the_hosts)
{
	FIXTURE(f);
	build(&f, "'user':{'uid':4000000,'gid':5}", "'namespaces':[{'type':'mount'}]");
	CHECK_INT(f.plan.ids.writer, ID_WRITER_NONE);
	CHECK_INT(f.plan.ids.root_uid, 0);
	CHECK_INT(f.plan.ids.root_gid, 0);
	CHECK_INT(f.plan.ids.uid_maps.count, 0);
	CHECK_TEXT(fixture_error(&f), "");
}

TEST(root_writes_any_map)
{
	FIXTURE(f);
	build(&f, "'user':{'uid':1000,'gid':9}", RANGE);
	CHECK_INT(f.plan.ids.writer, ID_WRITER_DIRECT);
	CHECK(!f.plan.ids.deny_setgroups);
	CHECK_INT(f.plan.ids.uid_maps.count, 2);
	CHECK_INT(f.plan.ids.root_uid, 100000);
	CHECK_INT(f.plan.ids.root_gid, 200000);
	CHECK_TEXT(fixture_error(&f), "");
}

TEST(a_user_writes_only_his_own_id_and_gives_up_groups)
{
	FIXTURE(f);
	fixture_become_user(&f);
	build(&f, "", SELF);
	CHECK_INT(f.plan.ids.writer, ID_WRITER_DIRECT);
	CHECK(f.plan.ids.deny_setgroups);
	CHECK_INT(f.plan.ids.root_uid, 1000);
	CHECK_INT(f.plan.ids.root_gid, 100);
}

TEST(a_foreign_id_needs_the_helpers)
{
	FIXTURE(f);
	fixture_become_user(&f);
	f.host.egid = 101;
	build(&f, "", SELF);
	CHECK_INT(f.plan.ids.writer, ID_WRITER_HELPERS);
	CHECK(!f.plan.ids.deny_setgroups);

	FIXTURE(range);
	fixture_become_user(&range);
	build(&range, "", RANGE);
	CHECK_INT(range.plan.ids.writer, ID_WRITER_HELPERS);
	CHECK_TEXT(fixture_error(&range), "");
}

TEST(root_without_the_two_capabilities_is_a_user)
{
	FIXTURE(f);
	f.host.caps_effective = 0;
	build(&f, "", RANGE);
	CHECK_INT(f.plan.ids.writer, ID_WRITER_HELPERS);
}

TEST(missing_helpers_are_named)
{
	FIXTURE(f);
	const char *path = NULL;

	fixture_become_user(&f);
	f.host.newuidmap = NULL;
	build(&f, "", RANGE);
	CHECK_HAS(fixture_problem(&f, PROBLEM_ERROR, &path), "newuidmap, which is not in /usr/bin");
	CHECK_TEXT(path, "/linux/uidMappings");

	FIXTURE(gid);
	fixture_become_user(&gid);
	gid.host.newgidmap = NULL;
	build(&gid, "", RANGE);
	CHECK_HAS(fixture_problem(&gid, PROBLEM_ERROR, &path), "newgidmap");
	CHECK_TEXT(path, "/linux/gidMappings");

	FIXTURE(own);
	fixture_become_user(&own);
	own.host.newuidmap = own.host.newgidmap = NULL;
	build(&own, "", SELF);
	CHECK_TEXT(fixture_error(&own), "");
}

TEST(ids_outside_the_maps_are_refused)
{
	FIXTURE(f);
	build(&f, "'user':{'uid':10,'gid':10,'additionalGids':[3,4294967294]}", RANGE);
	CHECK_INT(f.problems.errors, 3);
	CHECK_TEXT(f.problems.items[0]->text, "cannot setuid to unmapped uid 10 in user namespace");
	CHECK_TEXT(f.problems.items[1]->text, "cannot setgid to unmapped gid 10 in user namespace");
	CHECK_TEXT(f.problems.items[2]->text, "cannot setgroups to unmapped gid 4294967294 in user namespace");
}

TEST(a_root_that_is_not_mapped_is_nobody)
{
	FIXTURE(f);
	build(&f, "'user':{'uid':5,'gid':5}",
	      NEW_USER "'uidMappings':[{'containerID':5,'hostID':1000,'size':1}],"
		       "'gidMappings':[{'containerID':5,'hostID':1000,'size':1}]");
	CHECK_INT(f.plan.ids.root_uid, 65534);
	CHECK_INT(f.plan.ids.root_gid, 65534);
}

TEST(a_joined_namespace_has_its_maps_already)
{
	FIXTURE(f);
	build(&f, "'user':{'uid':77,'gid':77}", "'namespaces':[{'type':'user','path':'/u'}]");
	CHECK_INT(f.plan.ids.writer, ID_WRITER_NONE);
	CHECK_INT(f.plan.ids.uid_maps.count, 0);
	CHECK_TEXT(fixture_error(&f), "");
}
