/* SPDX-License-Identifier: Apache-2.0 */
/* plan_namespaces_build: order, flags, when a joiner is needed, rootless, clocks, sysctl names, and what the host must have. */
#include "conformance/unit/check.h"
#include "libbase/kernel.h"
#include "libsandbox/plan/fixture.h"

#define BUILD(fixture, linux_members)                                            \
	do {                                                                     \
		CHECK_INT(fixture_load(&(fixture), "", "", (linux_members)), 0); \
		CHECK_INT(plan_namespaces_build(&(fixture).work), 0);            \
	} while (0)

#define MAPS                                                         \
	",'uidMappings':[{'containerID':0,'hostID':1000,'size':1}]," \
	"'gidMappings':[{'containerID':0,'hostID':1000,'size':1}]"

TEST(user_is_joined_first_and_mount_last)
{
	FIXTURE(f);
	BUILD(f, "'namespaces':[{'type':'mount','path':'/a'},{'type':'pid'},{'type':'network','path':'/n'},"
		 "{'type':'user','path':'/u'},{'type':'cgroup'}]");
	CHECK_INT(f.plan.namespaces.count, 5);
	CHECK_TEXT(f.plan.namespaces.items[0].name->text, "user");
	CHECK_TEXT(f.plan.namespaces.items[0].path, "/u");
	CHECK_TEXT(f.plan.namespaces.items[4].name->text, "mount");
	CHECK_INT(f.plan.namespaces.new_flags, CLONE_NEWPID | CLONE_NEWCGROUP);
	CHECK_INT(f.plan.namespaces.join_flags, CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWUSER);
}

TEST(every_type_of_the_table_has_its_place)
{
	FIXTURE(f);
	BUILD(f, "'namespaces':[{'type':'cgroup'},{'type':'ipc'},{'type':'mount'},{'type':'network'},{'type':'pid'},"
		 "{'type':'time'},{'type':'user'},{'type':'uts'}]" MAPS);
	CHECK_INT(f.plan.namespaces.count, NAMESPACE_TYPES);
	CHECK_INT(f.plan.namespaces.new_flags, CLONE_NEWCGROUP | CLONE_NEWIPC | CLONE_NEWNS | CLONE_NEWNET |
						       CLONE_NEWPID | CLONE_NEWTIME | CLONE_NEWUSER | CLONE_NEWUTS);
	CHECK(!f.plan.namespaces.via_joiner);
}

TEST(an_empty_path_means_a_new_namespace)
{
	FIXTURE(f);
	BUILD(f, "'namespaces':[{'type':'network','path':''}]");
	CHECK_INT(f.plan.namespaces.new_flags, CLONE_NEWNET);
	CHECK_INT(f.plan.namespaces.join_flags, 0);
	CHECK(!f.plan.namespaces.items[0].path);
}

TEST(the_network_is_handed_over_where_the_host_side_may_come_back)
{
	static const struct {
		const char *members;
		bool handed;
	} rows[] = {
		{ "'namespaces':[{'type':'network'}]", true },
		{ "'namespaces':[{'type':'network'},{'type':'mount','path':'/m'}]", true },
		{ "'namespaces':[{'type':'network','path':'/n'}]", false },
		{ "'namespaces':[{'type':'mount'}]", false },
		{ "'namespaces':[{'type':'network'},{'type':'pid','path':'/p'}]", false },
		{ "'namespaces':[{'type':'network'},{'type':'user','path':'/u'}]", false },
		{ "'namespaces':[{'type':'network'},{'type':'user'}]" MAPS, false },
		{ "'namespaces':[{'type':'network'},{'type':'time'}],'timeOffsets':{'boottime':{'secs':1}}", false },
		{ "'namespaces':[{'type':'network'}],'netDevices':{'eth0':{}}", false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		FIXTURE(f);
		BUILD(f, rows[i].members);
		CHECK_INT(f.plan.namespaces.handed_flags, rows[i].handed ? CLONE_NEWNET : 0);
		CHECK_INT(f.plan.namespaces.handed_flags & ~f.plan.namespaces.new_flags, 0);
	}
}

TEST(the_network_is_not_handed_over_by_who_might_not_come_back)
{
	FIXTURE(f);
	f.host.caps_effective &= ~(UINT64_C(1) << 12);
	BUILD(f, "'namespaces':[{'type':'network'}]");
	CHECK_INT(f.plan.namespaces.handed_flags, 0);

	FIXTURE(g);
	g.host.caps_effective &= ~(UINT64_C(1) << 21);
	BUILD(g, "'namespaces':[{'type':'network'}]");
	CHECK_INT(g.plan.namespaces.handed_flags, 0);

	FIXTURE(h);
	h.host.in_user_namespace = true;
	BUILD(h, "'namespaces':[{'type':'network'}]");
	CHECK_INT(h.plan.namespaces.handed_flags, 0);
}

TEST(a_joiner_where_init_cannot_enter_itself)
{
	static const struct {
		const char *members;
		bool joiner;
	} rows[] = {
		{ "'namespaces':[]", false },
		{ "'namespaces':[{'type':'network','path':'/n'},{'type':'mount'}]", false },
		{ "'namespaces':[{'type':'time','path':'/t'}]", false },
		{ "'namespaces':[{'type':'time'}]", false },
		{ "'namespaces':[{'type':'user'}]" MAPS, false },
		{ "'namespaces':[{'type':'pid','path':'/p'}]", true },
		{ "'namespaces':[{'type':'user','path':'/u'}]", true },
		{ "'namespaces':[{'type':'user'},{'type':'network','path':'/n'}]" MAPS, true },
		{ "'namespaces':[{'type':'time'}],'timeOffsets':{'boottime':{'secs':5}}", true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		FIXTURE(f);
		BUILD(f, rows[i].members);
		CHECK_INT(f.plan.namespaces.via_joiner, rows[i].joiner);
	}
}

TEST(clocks_keep_their_sign_and_nanoseconds)
{
	FIXTURE(f);
	BUILD(f, "'namespaces':[{'type':'time'}],"
		 "'timeOffsets':{'monotonic':{'secs':-7,'nanosecs':5},'boottime':{'secs':86400}}");
	CHECK_INT(f.plan.time_offset_count, 2);
	CHECK_TEXT(f.plan.time_offsets[0].clock, "monotonic");
	CHECK_INT(f.plan.time_offsets[0].secs, -7);
	CHECK_INT(f.plan.time_offsets[0].nanosecs, 5);
	CHECK_TEXT(f.plan.time_offsets[1].clock, "boottime");
	CHECK_INT(f.plan.time_offsets[1].secs, 86400);
}

TEST(sysctl_names_become_paths)
{
	FIXTURE(f);
	BUILD(f,
	      "'namespaces':[{'type':'network'},{'type':'ipc'}],'sysctl':{'net.ipv4.ip_forward':'1',"
	      "'net.ipv4.conf.eth0/100.forwarding':'0','net/ipv4/conf/eth0.7/forwarding':'0','kernel.sem':'1 2 3 4'}");
	CHECK_INT(f.plan.sysctl.count, 4);
	CHECK_TEXT(f.plan.sysctl.items[0].key, "net/ipv4/ip_forward");
	CHECK_TEXT(f.plan.sysctl.items[1].key, "net/ipv4/conf/eth0.100/forwarding");
	CHECK_TEXT(f.plan.sysctl.items[2].key, "net/ipv4/conf/eth0.7/forwarding");
	CHECK_TEXT(f.plan.sysctl.items[3].value, "1 2 3 4");
}

TEST(names_need_content)
{
	FIXTURE(f);
	CHECK_INT(fixture_load(&f, "'hostname':'web','domainname':''", "", "'namespaces':[{'type':'uts'}]"), 0);
	CHECK_INT(plan_namespaces_build(&f.work), 0);
	CHECK_TEXT(f.plan.hostname, "web");
	CHECK(!f.plan.domainname);
}

TEST(rootless_is_asked_for_or_found_out)
{
	static const struct {
		int option;
		uint32_t euid;
		bool in_user_namespace, rootless;
	} rows[] = {
		{ ROOTLESS_AUTO, 0, false, false }, { ROOTLESS_AUTO, 1000, false, true },
		{ ROOTLESS_AUTO, 0, true, true },   { ROOTLESS_TRUE, 0, false, true },
		{ ROOTLESS_FALSE, 0, true, false }, { ROOTLESS_FALSE, 1000, false, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		FIXTURE(f);
		f.options.rootless = rows[i].option;
		f.host.euid = rows[i].euid;
		f.host.in_user_namespace = rows[i].in_user_namespace;
		BUILD(f, "'namespaces':[{'type':'user','path':'/u'}]");
		CHECK_INT(f.plan.rootless, rows[i].rootless);
	}
}

TEST(a_user_needs_a_user_namespace)
{
	FIXTURE(f);
	const char *path = NULL;

	fixture_become_user(&f);
	BUILD(f, "'namespaces':[{'type':'mount'}]");
	CHECK_HAS(fixture_problem(&f, PROBLEM_ERROR, &path), "rootless container requires user namespaces");
	CHECK_TEXT(path, "/linux/namespaces");

	FIXTURE(joins);
	fixture_become_user(&joins);
	BUILD(joins, "'namespaces':[{'type':'user','path':'/u'}]");
	CHECK_TEXT(fixture_error(&joins), "");
}

TEST(what_the_kernel_lacks_is_refused)
{
	FIXTURE(f);
	f.host.user_namespaces = false;
	BUILD(f, "'namespaces':[{'type':'user'}]" MAPS);
	CHECK_HAS(fixture_error(&f), "user namespaces aren't enabled in the kernel");

	FIXTURE(joined);
	joined.host.user_namespaces = false;
	BUILD(joined, "'namespaces':[{'type':'user','path':'/u'}]");
	CHECK_TEXT(fixture_error(&joined), "");

	FIXTURE(clock);
	clock.host.time_namespaces = false;
	BUILD(clock, "'namespaces':[{'type':'time','path':'/t'}]");
	CHECK_HAS(fixture_error(&clock), "time namespaces aren't enabled in the kernel");
}

TEST(network_devices_need_root)
{
	FIXTURE(f);
	fixture_become_user(&f);
	BUILD(f, "'namespaces':[{'type':'user','path':'/u'},{'type':'network'}],'netDevices':{'eth1':{'name':'lan'}}");
	CHECK_HAS(fixture_error(&f), "network devices are not supported for rootless containers");

	FIXTURE(root);
	BUILD(root, "'namespaces':[{'type':'network'}],'netDevices':{'eth1':{'name':'lan'}}");
	CHECK_TEXT(fixture_error(&root), "");
	CHECK_INT(root.plan.net_device_count, 1);
	CHECK_TEXT(root.plan.net_devices[0].key, "eth1");
}
