/* SPDX-License-Identifier: Apache-2.0 */
/* Rules on namespaces and what needs one: each fires, and each has a near miss that does not. */
#include "conformance/unit/check.h"
#include "libspec/check/rule_cases.h"

#define NS(type)      "{'type':'" type "'}"
#define ONE(id, host) "{'containerID':" #id ",'hostID':" #host ",'size':1}"
#define USER          "'namespaces':[" NS("user") "],"

TEST(namespace_types_stand_once)
{
	static const struct rule_case cases[] = {
		CASE_ERROR(AT_LINUX, "'namespaces':[" NS("pid") "," NS("ipc") "," NS("pid") "]", "/linux/namespaces/2",
			   "malformed spec file: duplicated ns \"pid\""),
		CASE_ERROR(AT_LINUX, "'namespaces':[{'type':'pid','path':'proc/1/ns/pid'}]", "/linux/namespaces/0/path",
			   "invalid namespace path 'proc/1/ns/pid'"),
		CASE_FINE(AT_LINUX, "'namespaces':[{'type':'pid','path':''},{'type':'ipc','path':'/proc/1/ns/ipc'}]"),
	};
	CHECK_CASES(cases);
}

TEST(names_need_a_uts_namespace)
{
	static const struct rule_case cases[] = {
		CASE_ERROR(AT_TOP, "'hostname':'h','linux':{}", "/hostname",
			   "unable to set hostname without a private UTS namespace"),
		CASE_ERROR(AT_TOP, "'domainname':'d','linux':{}", "/domainname",
			   "unable to set domainname without a private UTS namespace"),
		CASE_ERROR(AT_TOP, "'hostname':'12345678901234567890123456789012345678901234567890123456789012345'",
			   "/hostname", "want at most 64 bytes"),
		CASE_FINE(AT_TOP, "'hostname':'1234567890123456789012345678901234567890123456789012345678901234'"),
		CASE_FINE(AT_TOP, "'hostname':'','domainname':'','linux':{}"),
		CASE_FINE(AT_TOP, "'hostname':'h','linux':{'namespaces':[{'type':'uts','path':'/proc/1/ns/uts'}]}"),
	};
	CHECK_CASES(cases);
}

TEST(mappings_and_user_namespaces_go_together)
{
	static const struct rule_case cases[] = {
		CASE_ERROR(AT_LINUX, "'uidMappings':[" ONE(0, 1) "]", "/linux/uidMappings",
			   "user namespace mappings specified, but user namespace isn't enabled in the config"),
		CASE_ERROR(AT_LINUX, "'gidMappings':[" ONE(0, 1) "]", "/linux/gidMappings",
			   "user namespace mappings specified, but user namespace isn't enabled in the config"),
		CASE_ERROR(AT_LINUX, USER "'gidMappings':[]", "/linux/namespaces",
			   "user namespaces enabled, but no namespace path to join nor mappings to apply specified"),
		CASE_ERROR(AT_LINUX, USER "'gidMappings':[" ONE(0, 1) "]", "/linux/uidMappings", "want uid mappings"),
		CASE_ERROR(AT_LINUX, USER "'uidMappings':[" ONE(0, 1) "]", "/linux/gidMappings", "want gid mappings"),
		CASE_WARNING(AT_LINUX, "'namespaces':[{'type':'user','path':'/p'}],'gidMappings':[" ONE(0, 1) "]",
			     "/linux/gidMappings", "got both"),
		CASE_FINE(AT_LINUX, "'namespaces':[{'type':'user','path':'/p'}]"),
		CASE_FINE(AT_LINUX, USER "'uidMappings':[" ONE(0, 1) "],'gidMappings':[" ONE(0, 1) "]"),
		CASE_FINE(AT_LINUX, "'uidMappings':[],'gidMappings':[]"),
	};
	CHECK_CASES(cases);
}

#define GIDS "'gidMappings':[" ONE(0, 1) "]"

TEST(mappings_are_what_the_kernel_takes)
{
	static const struct rule_case cases[] = {
		CASE_ERROR(AT_LINUX, USER GIDS ",'uidMappings':[{'containerID':0,'hostID':0,'size':0}]",
			   "/linux/uidMappings/0/size", "want at least 1, got 0"),
		CASE_ERROR(AT_LINUX, USER GIDS ",'uidMappings':[" ONE(0, 10) ",{'containerID':5,'hostID':9,'size':2}]",
			   "/linux/uidMappings/1/hostID", "overlap with entry 0"),
		CASE_ERROR(AT_LINUX, USER GIDS ",'uidMappings':[{'containerID':0,'hostID':10,'size':5}," ONE(4, 20) "]",
			   "/linux/uidMappings/1/containerID", "overlap with entry 0"),
		CASE_FINE(AT_LINUX, USER GIDS ",'uidMappings':[{'containerID':0,'hostID':10,'size':5}," ONE(5, 15) "]"),
		CASE_FINE(AT_LINUX, USER GIDS ",'uidMappings':[" ONE(5, 15) ",{'containerID':0,'hostID':10,'size':5}]"),
		CASE_ERROR(AT_LINUX, USER GIDS ",'uidMappings':[{'containerID':2,'hostID':0,'size':4294967294}]",
			   "/linux/uidMappings/0/size", "want containerID + size of at most 4294967295"),
		CASE_ERROR(AT_LINUX, USER GIDS ",'uidMappings':[{'containerID':0,'hostID':4294967295,'size':1}]",
			   "/linux/uidMappings/0/size", "want hostID + size of at most 4294967295"),
		CASE_FINE(AT_LINUX, USER GIDS ",'uidMappings':[{'containerID':0,'hostID':0,'size':4294967295}]"),
	};
	CHECK_CASES(cases);
}

static void maps_write(struct text_buffer *to, unsigned int count)
{
	text_append(to, USER GIDS ",'uidMappings':[");
	for (unsigned int i = 0; i < count; i++)
		text_append_format(to, "%s{'containerID':%u,'hostID':%u,'size':1}", i > 0 ? "," : "", i, i);
	text_append(to, "]");
}

TEST(mappings_have_at_most_340_lines)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer most = TEXT_BUFFER_INIT, more = TEXT_BUFFER_INIT;
	maps_write(&most, 340);
	maps_write(&more, 341);
	const struct rule_case cases[] = {
		CASE_FINE(AT_LINUX, most.bytes),
		CASE_ERROR(AT_LINUX, more.bytes, "/linux/uidMappings", "want at most 340 entries"),
	};
	CHECK_CASES(cases);
}

TEST(time_offsets_need_a_new_time_namespace)
{
	static const struct rule_case cases[] = {
		CASE_ERROR(AT_LINUX, "'timeOffsets':{'boottime':{'secs':1}}", "/linux/timeOffsets",
			   "time namespace offsets specified, but time namespace isn't enabled in the config"),
		CASE_ERROR(AT_LINUX,
			   "'namespaces':[{'type':'time','path':'/t'}],'timeOffsets':{'monotonic':{'secs':1}}",
			   "/linux/timeOffsets", "both namespace path and time offsets specified"),
		CASE_ERROR(AT_LINUX, "'namespaces':[" NS("time") "],'timeOffsets':{'boottime':{'nanosecs':1000000000}}",
			   "/linux/timeOffsets/boottime/nanosecs", "want less than 1000000000"),
		CASE_ERROR(AT_LINUX,
			   "'namespaces':[" NS("time") "],'timeOffsets':{'monotonic':{'nanosecs':1000000000}}",
			   "/linux/timeOffsets/monotonic/nanosecs", "want less than 1000000000"),
		CASE_FINE(AT_LINUX, "'namespaces':[" NS("time") "],'timeOffsets':{'boottime':{'secs':-1,"
								"'nanosecs':999999999}}"),
		CASE_FINE(AT_LINUX, "'timeOffsets':{}"),
	};
	CHECK_CASES(cases);
}

TEST(sysctls_belong_to_the_container)
{
	static const struct rule_case cases[] = {
		CASE_ERROR(AT_LINUX, "'namespaces':[],'sysctl':{'kernel.msgmax':'1'}", "/linux/sysctl/kernel.msgmax",
			   "sysctl \"kernel.msgmax\" is not allowed in the hosts ipc namespace"),
		CASE_ERROR(AT_LINUX, "'namespaces':[],'sysctl':{'fs/mqueue/msg_max':'1'}",
			   "/linux/sysctl/fs~1mqueue~1msg_max",
			   "sysctl \"fs.mqueue.msg_max\" is not allowed in the hosts ipc namespace"),
		CASE_ERROR(AT_LINUX, "'namespaces':[],'sysctl':{'net.core.somaxconn':'1'}",
			   "/linux/sysctl/net.core.somaxconn",
			   "sysctl \"net.core.somaxconn\" not allowed in host network namespace"),
		CASE_ERROR(AT_LINUX, "'sysctl':{'user.max_user_namespaces':'1'}",
			   "/linux/sysctl/user.max_user_namespaces",
			   "setting ucounts without a user namespace not allowed: user.max_user_namespaces"),
		CASE_ERROR(AT_LINUX, "'sysctl':{'vm.swappiness':'1'}", "/linux/sysctl/vm.swappiness",
			   "sysctl \"vm.swappiness\" is not in a separate kernel namespace"),
		CASE_ERROR(AT_LINUX, "'sysctl':{'kernel.msgmaxx':'1'}", "/linux/sysctl/kernel.msgmaxx",
			   "is not in a separate kernel namespace"),
		CASE_ERROR(AT_LINUX, "'namespaces':[],'sysctl':{'kernel.domainname':'d'}",
			   "/linux/sysctl/kernel.domainname", "is not in a separate kernel namespace"),
		CASE_FINE(AT_LINUX,
			  "'sysctl':{'kernel.msgmax':'1','kernel/shm_rmid_forced':'0','fs.mqueue.msg_max':'1',"
			  "'net/ipv4/conf/eth0.100/forwarding':'1','kernel.domainname':'d'}"),
	};
	CHECK_CASES(cases);
}

TEST(sysctl_names_are_sound_and_have_no_field_of_their_own)
{
	static const struct rule_case cases[] = {
		CASE_ERROR(AT_LINUX, "'sysctl':{'kernel.hostname':'h'}", "/linux/sysctl/kernel.hostname",
			   "not allowed as it conflicts with the OCI \"hostname\" field"),
		CASE_ERROR(AT_TOP,
			   "'domainname':'a','linux':{'namespaces':[" NS("uts") "],'sysctl':{'kernel.domainname':'b'}}",
			   "/linux/sysctl/kernel.domainname", "conflicts with the OCI \"domainname\" field"),
		CASE_FINE(AT_TOP,
			  "'domainname':'a','linux':{'namespaces':[" NS("uts") "],'sysctl':{'kernel.domainname':'a'}}"),
		CASE_ERROR(AT_LINUX, "'sysctl':{'net/../kernel/core_pattern':'x'}",
			   "/linux/sysctl/net~1..~1kernel~1core_pattern", "want names separated by dots or slashes"),
		CASE_ERROR(AT_LINUX, "'sysctl':{'net.//.kernel':'x'}", "/linux/sysctl/net.~1~1.kernel", "want names"),
		CASE_ERROR(AT_LINUX, "'sysctl':{'net..core':'x'}", "/linux/sysctl/net..core", "want names"),
		CASE_ERROR(AT_LINUX, "'sysctl':{'/net/core':'x'}", "/linux/sysctl/~1net~1core", "want names"),
		CASE_ERROR(AT_LINUX, "'sysctl':{'net.a\\nb':'x'}", "/linux/sysctl/net.a\nb", "want names"),
	};
	CHECK_CASES(cases);
}

TEST(hidden_paths_need_a_mount_namespace)
{
	static const struct rule_case cases[] = {
		CASE_ERROR(AT_LINUX, "'namespaces':[],'maskedPaths':['/proc/kcore']", "/linux/maskedPaths",
			   "unable to restrict sys entries without a private MNT namespace"),
		CASE_ERROR(AT_LINUX, "'namespaces':[],'readonlyPaths':['/proc/sys']", "/linux/readonlyPaths",
			   "unable to restrict sys entries without a private MNT namespace"),
		CASE_ERROR(AT_LINUX, "'maskedPaths':['/a','b']", "/linux/maskedPaths/1",
			   "want an absolute path, got 'b'"),
		CASE_ERROR(AT_LINUX, "'readonlyPaths':['']", "/linux/readonlyPaths/0", "want an absolute path, got ''"),
		CASE_FINE(AT_LINUX, "'namespaces':[],'maskedPaths':[],'readonlyPaths':[]"),
		CASE_FINE(AT_LINUX, "'maskedPaths':['/proc/kcore'],'readonlyPaths':['/proc/sys']"),
	};
	CHECK_CASES(cases);
}

TEST(network_devices_need_names_and_a_network_namespace)
{
	static const struct rule_case cases[] = {
		CASE_ERROR(AT_LINUX, "'namespaces':[],'netDevices':{'eth0':{}}", "/linux/netDevices",
			   "unable to move network devices without a NET namespace"),
		CASE_ERROR(AT_LINUX, "'netDevices':{'a/b':{}}", "/linux/netDevices/a~1b",
			   "invalid network device name \"a/b\""),
		CASE_ERROR(AT_LINUX, "'netDevices':{'1234567890123456':{}}", "/linux/netDevices/1234567890123456",
			   "invalid network device name"),
		CASE_ERROR(AT_LINUX, "'netDevices':{'eth0':{'name':'..'}}", "/linux/netDevices/eth0/name",
			   "invalid network device name \"..\""),
		CASE_ERROR(AT_LINUX, "'netDevices':{'eth0':{'name':'e%d%d'}}", "/linux/netDevices/eth0/name",
			   "invalid network device name \"e%d%d\""),
		CASE_ERROR(AT_LINUX, "'netDevices':{'eth0':{'name':'e%s'}}", "/linux/netDevices/eth0/name", "e%s"),
		CASE_ERROR(AT_LINUX, "'netDevices':{'eth0':{'name':'a'},'eth1':{},'eth2':{'name':'eth1'}}",
			   "/linux/netDevices", "'eth1' again"),
		CASE_FINE(AT_LINUX, "'netDevices':{'eth0':{'name':'eth1'},'eth1':{'name':'eth0'},'123456789012345':{},"
				    "'e2':{'name':'n%d'},'e3':{'name':'n%d'},'e4':{'name':''}}"),
		CASE_FINE(AT_LINUX, "'namespaces':[],'netDevices':{}"),
	};
	CHECK_CASES(cases);
}
