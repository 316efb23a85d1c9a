/* SPDX-License-Identifier: Apache-2.0 */
/* Rules on `root` and `mounts`: each fires, and each has a near miss that does not. */
#include "conformance/unit/check.h"
#include "libspec/check/rule_cases.h"

#define MAP "[{'containerID':0,'hostID':1000,'size':1}]"

TEST(root_has_a_path)
{
	static const struct rule_case cases[] = {
		CASE_ERROR(AT_TOP, "'root':null", "/root", "root must be specified"),
		CASE_ERROR(AT_TOP, "'root':{'path':''}", "/root/path", "want the path"),
		CASE_FINE(AT_TOP, "'root':{'path':'/r','readonly':true}"),
	};
	CHECK_CASES(cases);
}

TEST(destinations_are_paths)
{
	static const struct rule_case cases[] = {
		CASE_ERROR(AT_MOUNT, "'destination':''", "/mounts/0/destination", "want a path in the container"),
		CASE_WARNING(AT_MOUNT, "'destination':'data'", "/mounts/0/destination",
			     "relative destination path is **deprecated**, using it as relative to /"),
		CASE_FINE(AT_MOUNT, "'destination':'/data'"),
	};
	CHECK_CASES(cases);
}

TEST(nothing_covers_the_root)
{
	static const struct rule_case cases[] = {
		CASE_ERROR(AT_MOUNT, "'destination':'/'", "/mounts/0/destination", "is on the top of rootfs"),
		CASE_ERROR(AT_MOUNT, "'destination':'//a/..'", "/mounts/0/destination", "is on the top of rootfs"),
		{ AT_MOUNT, "'destination':'.'", "/mounts/0/destination", "is on the top of rootfs", PROBLEM_ERROR, 1 },
		CASE_FINE(AT_MOUNT, "'destination':'/a'"),
	};
	CHECK_CASES(cases);
}

TEST(proc_is_guarded)
{
	static const struct rule_case cases[] = {
		CASE_ERROR(AT_MOUNT, "'destination':'/proc','type':'tmpfs'", "/mounts/0/destination",
			   "\"/proc\" cannot be mounted because it is not of type proc"),
		CASE_ERROR(AT_MOUNT, "'destination':'/proc/'", "/mounts/0/destination",
			   "not of type proc, got type ''"),
		CASE_FINE(AT_MOUNT, "'destination':'/proc','type':'proc'"),
		CASE_FINE(AT_MOUNT, "'destination':'/proc','source':'/proc','options':['rbind']"),
		CASE_ERROR(AT_MOUNT, "'destination':'/x/../proc/sys','options':['bind']", "/mounts/0/destination",
			   "\"/proc/sys\" cannot be mounted because it is inside /proc"),
		CASE_ERROR(AT_MOUNT, "'destination':'/proc/uptime','type':'tmpfs'", "/mounts/0/destination",
			   "inside /proc"),
		CASE_FINE(AT_MOUNT, "'destination':'/proc/uptime','source':'/u','options':['bind','ro']"),
		CASE_FINE(AT_MOUNT, "'destination':'/proc/sys/kernel/ns_last_pid','source':'/u','options':['bind']"),
		CASE_FINE(AT_MOUNT, "'destination':'/processes','type':'tmpfs'"),
		CASE_FINE(AT_MOUNT, "'destination':'/a/proc/sys','type':'tmpfs'"),
	};
	CHECK_CASES(cases);
}

TEST(id_mapped_mounts_have_both_mappings)
{
	static const struct rule_case cases[] = {
		CASE_ERROR(AT_MOUNT, "'destination':'/d','options':['rbind','idmap']", "/mounts/0",
			   "id-mapped mounts must have both uid and gid mappings specified"),
		CASE_ERROR(AT_MOUNT, "'destination':'/d','options':['bind'],'uidMappings':" MAP, "/mounts/0",
			   "id-mapped mounts must have both"),
		CASE_ERROR(AT_MOUNT, "'destination':'/d','options':['bind','ridmap'],'gidMappings':" MAP, "/mounts/0",
			   "id-mapped mounts must have both"),
		CASE_FINE(AT_MOUNT,
			  "'destination':'/d','options':['bind','idmap'],'uidMappings':" MAP ",'gidMappings':" MAP),
		CASE_FINE(AT_TOP,
			  "'mounts':[{'destination':'/d','options':['bind','idmap']}],"
			  "'linux':{'namespaces':[{'type':'user'}],'uidMappings':" MAP ",'gidMappings':" MAP "}"),
	};
	CHECK_CASES(cases);
}

TEST(mappings_of_mounts_are_sound)
{
	static const struct rule_case cases[] = {
		CASE_ERROR(
			AT_MOUNT,
			"'destination':'/d','options':['bind'],'uidMappings':[{'containerID':0,'hostID':0,'size':0}],"
			"'gidMappings':" MAP,
			"/mounts/0/uidMappings/0/size", "want at least 1"),
		CASE_ERROR(
			AT_MOUNT,
			"'destination':'/d','options':['bind'],'uidMappings':" MAP
			",'gidMappings':[{'containerID':0,'hostID':0,'size':2},{'containerID':1,'hostID':9,'size':1}]",
			"/mounts/0/gidMappings/1/containerID", "overlap with entry 0"),
	};
	CHECK_CASES(cases);
}
