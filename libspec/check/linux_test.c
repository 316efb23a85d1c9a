/* SPDX-License-Identifier: Apache-2.0 */
/* Rules on `linux` but namespaces and resources, and on the whole document: each fires, and each has a near miss that does not. */
#include "conformance/unit/check.h"
#include "libspec/check/rule_cases.h"

TEST(version_is_one)
{
	static const struct rule_case cases[] = {
		CASE_ERROR(AT_TOP, "'ociVersion':''", "/ociVersion", "want the version"),
		CASE_ERROR(AT_TOP, "'ociVersion':'2.0.0'", "/ociVersion", "want a version 1.MINOR.PATCH, got '2.0.0'"),
		CASE_ERROR(AT_TOP, "'ociVersion':'1.0'", "/ociVersion", "got '1.0'"),
		CASE_ERROR(AT_TOP, "'ociVersion':'1.02.0'", "/ociVersion", "got '1.02.0'"),
		CASE_ERROR(AT_TOP, "'ociVersion':'1.0.0-'", "/ociVersion", "got '1.0.0-'"),
		CASE_ERROR(AT_TOP, "'ociVersion':'1.0.0 '", "/ociVersion", "got '1.0.0 '"),
		CASE_ERROR(AT_TOP, "'ociVersion':'11.0.0'", "/ociVersion", "got '11.0.0'"),
		CASE_FINE(AT_TOP, "'ociVersion':'1.0.0'"),
		CASE_FINE(AT_TOP, "'ociVersion':'1.0.0-rc5'"),
		CASE_FINE(AT_TOP, "'ociVersion':'1.0.2-dev'"),
		CASE_FINE(AT_TOP, "'ociVersion':'1.99.10-rc.1+dev.x-1'"),
	};
	CHECK_CASES(cases);
}

TEST(process_is_there)
{
	static const struct rule_case cases[] = {
		CASE_ERROR(AT_TOP, "'process':null", "/process", "process property must not be empty"),
	};
	CHECK_CASES(cases);
}

TEST(hooks_are_runnable)
{
	static const struct rule_case cases[] = {
		CASE_ERROR(AT_TOP, "'hooks':{'poststop':[{'path':'/h'},{'path':'h'}]}", "/hooks/poststop/1/path",
			   "want an absolute path, got 'h'"),
		CASE_ERROR(AT_TOP, "'hooks':{'prestart':[{'path':''}]}", "/hooks/prestart/0/path", "got ''"),
		CASE_ERROR(AT_TOP, "'hooks':{'createContainer':[{'path':'/h','timeout':0}]}",
			   "/hooks/createContainer/0/timeout", "0"),
		CASE_WARNING(AT_TOP, "'hooks':{'startContainer':[{'path':'/h','env':['A']}]}",
			     "/hooks/startContainer/0/env/0", "missing '='"),
		CASE_FINE(AT_TOP, "'hooks':{'createRuntime':[{'path':'/h','timeout':1,'env':['A=']}],'poststart':[]}"),
	};
	CHECK_CASES(cases);
}

TEST(systemd_properties_have_names)
{
	static const struct rule_case cases[] = {
		CASE_ERROR(AT_TOP, "'annotations':{'org.systemd.property.Ab':'1'}",
			   "/annotations/org.systemd.property.Ab",
			   "annotation org.systemd.property.Ab name incorrect: too short"),
		CASE_ERROR(AT_TOP, "'annotations':{'org.systemd.property.Abc1':'1'}",
			   "/annotations/org.systemd.property.Abc1", "contains non-alphabetic character"),
		CASE_FINE(AT_TOP,
			  "'annotations':{'org.systemd.property.Abc':'1','org.systemd.propertyx':'','a~/b':''}"),
	};
	CHECK_CASES(cases);
}

#define NULL_DEVICE "{'type':'c','path':'/dev/x','major':1,'minor':3}"

TEST(devices_are_what_mknod_takes)
{
	static const struct rule_case cases[] = {
		CASE_ERROR(AT_LINUX, "'devices':[{'type':'c','path':'dev/x','major':1,'minor':3}]",
			   "/linux/devices/0/path", "want an absolute path, got 'dev/x'"),
		CASE_ERROR(AT_LINUX, "'devices':[{'type':'b','path':'/dev/x','minor':3}]", "/linux/devices/0/major",
			   "want a number"),
		CASE_ERROR(AT_LINUX, "'devices':[{'type':'u','path':'/dev/x','major':1}]", "/linux/devices/0/minor",
			   "want a number"),
		CASE_ERROR(AT_LINUX, "'devices':[{'type':'c','path':'/dev/x','major':4096,'minor':3}]",
			   "/linux/devices/0/major", "want 0 to 4095, got 4096"),
		CASE_ERROR(AT_LINUX, "'devices':[{'type':'c','path':'/dev/x','major':0,'minor':-1}]",
			   "/linux/devices/0/minor", "want 0 to 1048575, got -1"),
		CASE_ERROR(AT_LINUX, "'devices':[{'type':'p','path':'/dev/x','fileMode':65536}]",
			   "/linux/devices/0/fileMode", "want at most 4095 (octal 7777), got 65536"),
		/* S_IFCHR|0666, as engines send it */
		CASE_FINE(AT_LINUX,
			  "'devices':[{'type':'c','path':'/dev/x','major':4095,'minor':1048575,'fileMode':8630}]"),
		CASE_FINE(AT_LINUX, "'devices':[{'type':'p','path':'/dev/x','fileMode':4095}]"),
	};
	CHECK_CASES(cases);
}

TEST(devices_do_not_share_a_place)
{
	static const struct rule_case cases[] = {
		CASE_ERROR(AT_LINUX,
			   "'devices':[" NULL_DEVICE ",{'type':'p','path':'/dev/f'},"
			   "{'type':'c','path':'/dev/x','major':1,'minor':5}]",
			   "/linux/devices", "want one device at '/dev/x', got two different ones"),
		CASE_ERROR(AT_LINUX, "'devices':[" NULL_DEVICE ",{'type':'b','path':'/dev/x','major':1,'minor':3}]",
			   "/linux/devices", "two different ones"),
		CASE_FINE(AT_LINUX, "'devices':[" NULL_DEVICE ",{'type':'u','path':'/dev/x','major':1,'minor':3,"
				    "'fileMode':384}]"),
		CASE_FINE(AT_LINUX, "'devices':[" NULL_DEVICE ",{'type':'c','path':'/dev/y','major':1,'minor':3}]"),
	};
	CHECK_CASES(cases);
}

#define SECCOMP(members) "'seccomp':{'defaultAction':'SCMP_ACT_ALLOW'," members "}"
#define CALL(members)    SECCOMP("'syscalls':[{" members "}]")
#define CALLS            "/linux/seccomp/syscalls"

TEST(seccomp_default_action)
{
	static const struct rule_case cases[] = {
		CASE_ERROR(AT_LINUX, "'seccomp':{'defaultAction':'SCMP_ACT_NOTIFY'}", "/linux/seccomp/defaultAction",
			   "SCMP_ACT_NOTIFY cannot be used as default action"),
		CASE_ERROR(AT_LINUX, SECCOMP("'defaultErrnoRet':1"), "/linux/seccomp/defaultErrnoRet",
			   "SCMP_ACT_ALLOW takes no errno, got 1"),
		CASE_ERROR(AT_LINUX, "'seccomp':{'defaultAction':'SCMP_ACT_ERRNO','defaultErrnoRet':4096}",
			   "/linux/seccomp/defaultErrnoRet", "want at most 4095, got 4096"),
		CASE_ERROR(AT_LINUX, "'seccomp':{'defaultAction':'SCMP_ACT_TRACE','defaultErrnoRet':65536}",
			   "/linux/seccomp/defaultErrnoRet", "want at most 65535, got 65536"),
		CASE_FINE(AT_LINUX, "'seccomp':{'defaultAction':'SCMP_ACT_TRACE','defaultErrnoRet':65535}"),
		CASE_FINE(AT_LINUX, "'seccomp':{'defaultAction':'SCMP_ACT_ERRNO','defaultErrnoRet':4095}"),
		CASE_FINE(AT_LINUX, "'seccomp':{'defaultAction':'SCMP_ACT_ERRNO'}"),
		CASE_WARNING(AT_LINUX, "'seccomp':{}", "/linux/seccomp", "there is no filter"),
		CASE_WARNING(AT_LINUX, "'seccomp':{'defaultAction':''}", "/linux/seccomp", "there is no filter"),
		CASE_WARNING(AT_LINUX,
			     "'seccomp':{'defaultAction':null,'syscalls':[],'architectures':['SCMP_ARCH_X86']}",
			     "/linux/seccomp", "there is no filter"),
		CASE_WARNING(AT_LINUX, "'seccomp':{'defaultAction':'','defaultErrnoRet':5}", "/linux/seccomp",
			     "there is no filter"),
		CASE_ERROR(AT_LINUX, "'seccomp':{'syscalls':[{'names':['read'],'action':'SCMP_ACT_ALLOW'}]}",
			   "/linux/seccomp/defaultAction", "want an action for all other calls"),
		CASE_ERROR(AT_LINUX,
			   "'seccomp':{'defaultAction':'','syscalls':[{'names':['read'],'action':'SCMP_ACT_ALLOW'}]}",
			   "/linux/seccomp/defaultAction", "want an action for all other calls"),
	};
	CHECK_CASES(cases);
}

TEST(seccomp_listener)
{
	static const struct rule_case cases[] = {
		CASE_ERROR(AT_LINUX, CALL("'names':['mount'],'action':'SCMP_ACT_NOTIFY'"),
			   "/linux/seccomp/listenerPath", "seccomp listenerPath is not set"),
		CASE_ERROR(AT_LINUX,
			   SECCOMP("'listenerPath':'s','syscalls':[{'names':['mount'],'action':'SCMP_ACT_NOTIFY'}]"),
			   "/linux/seccomp/listenerPath", "want an absolute path, got 's'"),
		CASE_FINE(AT_LINUX, SECCOMP("'listenerPath':'/s','listenerMetadata':'m','syscalls':[{'names':['mount'],"
					    "'action':'SCMP_ACT_NOTIFY'}]")),
		CASE_FINE(AT_LINUX, SECCOMP("'listenerPath':'s'")),
		CASE_ERROR(AT_LINUX, SECCOMP("'listenerMetadata':'m'"), "/linux/seccomp/listenerMetadata",
			   "want it with listenerPath only"),
		CASE_ERROR(AT_LINUX,
			   SECCOMP("'listenerPath':'/s','syscalls':[{'names':['read','write'],"
				   "'action':'SCMP_ACT_NOTIFY'}]"),
			   CALLS "/0/names/1", "SCMP_ACT_NOTIFY cannot be used for the write syscall"),
	};
	CHECK_CASES(cases);
}

TEST(seccomp_calls)
{
	static const struct rule_case cases[] = {
		CASE_ERROR(AT_LINUX, CALL("'names':['read',''],'action':'SCMP_ACT_KILL'"), CALLS "/0/names/1",
			   "empty string is not a valid syscall"),
		CASE_ERROR(AT_LINUX, CALL("'names':['read'],'action':'SCMP_ACT_KILL','errnoRet':2"),
			   CALLS "/0/errnoRet", "SCMP_ACT_KILL takes no errno, got 2"),
		CASE_FINE(AT_LINUX, CALL("'names':['write'],'action':'SCMP_ACT_ERRNO','errnoRet':0")),
		CASE_ERROR(AT_LINUX,
			   CALL("'names':['read'],'action':'SCMP_ACT_KILL','args':[{'index':5,'value':1,"
				"'op':'SCMP_CMP_EQ'},{'index':6,'value':1,'op':'SCMP_CMP_EQ'}]"),
			   CALLS "/0/args/1/index", "want 0 to 5, got 6"),
	};
	CHECK_CASES(cases);
}

TEST(personality_and_its_flags)
{
	static const struct rule_case cases[] = {
		CASE_ERROR(AT_LINUX, "'personality':{}", "/linux/personality/domain", "invalid personality domain"),
		CASE_WARNING(AT_LINUX, "'personality':{'domain':'LINUX','flags':['x']}", "/linux/personality/flags",
			     "ignoring unsupported personality flags"),
		CASE_FINE(AT_LINUX, "'personality':{'domain':'LINUX32','flags':[]}"),
	};
	CHECK_CASES(cases);
}

#define POLICY(members) "'memoryPolicy':{" members "}"

TEST(memory_policy_and_its_nodes)
{
	static const struct rule_case cases[] = {
		CASE_ERROR(AT_LINUX, POLICY("'nodes':'0'"), "/linux/memoryPolicy/mode", "invalid memory policy mode"),
		CASE_ERROR(AT_LINUX, POLICY("'mode':'MPOL_DEFAULT','nodes':'0-1'"), "/linux/memoryPolicy/nodes",
			   "memory policy mode requires 0 nodes but got '0-1'"),
		CASE_ERROR(AT_LINUX, POLICY("'mode':'MPOL_BIND'"), "/linux/memoryPolicy/nodes",
			   "memory policy mode requires at least one node but got 0"),
		CASE_ERROR(AT_LINUX, POLICY("'mode':'MPOL_WEIGHTED_INTERLEAVE','nodes':''"),
			   "/linux/memoryPolicy/nodes", "at least one node"),
		CASE_ERROR(AT_LINUX, POLICY("'mode':'MPOL_PREFERRED','nodes':'0-'"), "/linux/memoryPolicy/nodes",
			   "want a list of numbers"),
		CASE_ERROR(AT_LINUX,
			   POLICY("'mode':'MPOL_PREFERRED','flags':['MPOL_F_STATIC_NODES',"
				  "'MPOL_F_RELATIVE_NODES']"),
			   "/linux/memoryPolicy/flags", "got both"),
		CASE_FINE(AT_LINUX, POLICY("'mode':'MPOL_LOCAL','nodes':''")),
		CASE_FINE(AT_LINUX, POLICY("'mode':'MPOL_PREFERRED'")),
		CASE_FINE(AT_LINUX, POLICY("'mode':'MPOL_BIND','nodes':'0,2-3','flags':['MPOL_F_STATIC_NODES',"
					   "'MPOL_F_NUMA_BALANCING']")),
	};
	CHECK_CASES(cases);
}

#define RDT(members) "'intelRdt':{" members "}"

TEST(intel_rdt_names_and_lines)
{
	static const struct rule_case cases[] = {
		CASE_ERROR(AT_LINUX, RDT("'closID':'..'"), "/linux/intelRdt/closID", "invalid intelRdt.ClosID \"..\""),
		CASE_ERROR(AT_LINUX, RDT("'closID':'.'"), "/linux/intelRdt/closID", "invalid intelRdt.ClosID"),
		CASE_ERROR(AT_LINUX, RDT("'closID':'/a'"), "/linux/intelRdt/closID", "invalid intelRdt.ClosID"),
		CASE_ERROR(AT_LINUX, RDT("'memBwSchema':'L3:0=f'"), "/linux/intelRdt/memBwSchema", "want 'MB:'"),
		CASE_ERROR(AT_LINUX, RDT("'memBwSchema':'MB:0=1\\nL3:0=f'"), "/linux/intelRdt/memBwSchema",
			   "want one line"),
		CASE_WARNING(AT_LINUX, RDT("'l3CacheSchema':'L3:0=1\\nMB:0=1'"), "/linux/intelRdt/l3CacheSchema",
			     "want one line"),
		CASE_ERROR(AT_LINUX, RDT("'schemata':['MB:0=1','a\\nb']"), "/linux/intelRdt/schemata/1",
			   "want one line"),
		CASE_FINE(AT_LINUX, RDT("'closID':'/'")),
		CASE_FINE(AT_LINUX, RDT("'closID':'a..b','memBwSchema':'MB:0=1','l3CacheSchema':'L3:0=f'")),
	};
	CHECK_CASES(cases);
}

TEST(cgroups_path_does_not_climb)
{
	static const struct rule_case cases[] = {
		CASE_ERROR(AT_LINUX, "'cgroupsPath':'/a/../b'", "/linux/cgroupsPath", "want a path without '..'"),
		CASE_ERROR(AT_LINUX, "'cgroupsPath':'..'", "/linux/cgroupsPath", "want a path without '..'"),
		CASE_FINE(AT_LINUX, "'cgroupsPath':'/a/..b/c../...'"),
		CASE_FINE(AT_LINUX, "'cgroupsPath':'system.slice:orlop:web'"),
	};
	CHECK_CASES(cases);
}

TEST(mount_label_is_one_value)
{
	static const struct rule_case cases[] = {
		CASE_ERROR(AT_LINUX, "'mountLabel':'a\\\",b'", "/linux/mountLabel", "without quotes"),
		CASE_ERROR(AT_LINUX, "'mountLabel':'a\\nb'", "/linux/mountLabel", "without quotes and newlines"),
		CASE_FINE(AT_LINUX, "'mountLabel':'system_u:object_r:container_file_t:s0:c1,c2'"),
	};
	CHECK_CASES(cases);
}
