/* SPDX-License-Identifier: Apache-2.0 */
/* Rules on `linux.resources`: each fires, and each has a near miss that does not. */
#include "conformance/unit/check.h"
#include "libspec/check/rule_cases.h"

#define AT "/linux/resources"

TEST(memory_values_are_bytes)
{
	static const struct rule_case cases[] = {
		CASE_ERROR(AT_RESOURCES, "'memory':{'limit':-2}", AT "/memory/limit", "or -1 for no limit, got -2"),
		CASE_ERROR(AT_RESOURCES, "'memory':{'reservation':-2}", AT "/memory/reservation", "got -2"),
		CASE_ERROR(AT_RESOURCES, "'memory':{'swap':-2}", AT "/memory/swap", "got -2"),
		{ AT_RESOURCES, "'memory':{'swappiness':101}", AT "/memory/swappiness", "want 0 to 100, got 101",
		  PROBLEM_ERROR, 1 },
		CASE_FINE(AT_RESOURCES, "'memory':{'limit':-1,'reservation':-1,'swap':-1}"),
		CASE_FINE(AT_RESOURCES, "'memory':{'limit':0,'reservation':0,'swap':0}"),
	};
	CHECK_CASES(cases);
}

TEST(swap_counts_memory_too)
{
	static const struct rule_case cases[] = {
		CASE_ERROR(AT_RESOURCES, "'memory':{'swap':1048576}", AT "/memory/swap",
			   "unable to set swap limit without memory limit"),
		CASE_ERROR(AT_RESOURCES, "'memory':{'limit':0,'swap':1048576}", AT "/memory/swap",
			   "unable to set swap limit without memory limit"),
		CASE_ERROR(AT_RESOURCES, "'memory':{'limit':2,'swap':1}", AT "/memory/swap",
			   "memory+swap limit should be >= memory limit"),
		CASE_FINE(AT_RESOURCES, "'memory':{'limit':2,'swap':2}"),
		CASE_FINE(AT_RESOURCES, "'memory':{'limit':2,'swap':-1}"),
		CASE_FINE(AT_RESOURCES, "'memory':{'limit':2,'swap':0}"),
		CASE_FINE(AT_RESOURCES, "'memory':{'limit':-1,'swap':5}"),
	};
	CHECK_CASES(cases);
}

TEST(cpu_bandwidth_is_what_the_kernel_takes)
{
	static const struct rule_case cases[] = {
		CASE_ERROR(AT_RESOURCES, "'cpu':{'quota':999}", AT "/cpu/quota", "want at least 1000"),
		CASE_FINE(AT_RESOURCES, "'cpu':{'quota':-5}"),
		CASE_FINE(AT_RESOURCES, "'cpu':{'quota':0,'period':0,'shares':0}"),
		CASE_ERROR(AT_RESOURCES, "'cpu':{'period':999}", AT "/cpu/period", "want 1000 to 1000000"),
		CASE_ERROR(AT_RESOURCES, "'cpu':{'period':1000001}", AT "/cpu/period", "got 1000001"),
		CASE_FINE(AT_RESOURCES, "'cpu':{'quota':1000,'period':1000000}"),
		CASE_FINE(AT_RESOURCES, "'cpu':{'period':1000}"),
		CASE_FINE(AT_RESOURCES, "'cpu':{'quota':0,'burst':1000}"),
		CASE_ERROR(AT_RESOURCES, "'cpu':{'quota':1000,'burst':1001}", AT "/cpu/burst",
			   "want at most the quota 1000, got 1001"),
		CASE_FINE(AT_RESOURCES, "'cpu':{'quota':1000,'burst':1000}"),
		CASE_FINE(AT_RESOURCES, "'cpu':{'quota':-1,'burst':1000}"),
		CASE_ERROR(AT_RESOURCES, "'cpu':{'idle':2}", AT "/cpu/idle", "want 0 or 1, got 2"),
		CASE_FINE(AT_RESOURCES, "'cpu':{'idle':1}"),
		CASE_ERROR(AT_RESOURCES, "'cpu':{'cpus':'0-x'}", AT "/cpu/cpus", "got '0-x'"),
		CASE_ERROR(AT_RESOURCES, "'cpu':{'mems':'a'}", AT "/cpu/mems", "got 'a'"),
		CASE_FINE(AT_RESOURCES, "'cpu':{'cpus':'0-3,7','mems':'0'}"),
	};
	CHECK_CASES(cases);
}

TEST(block_io_weights_and_devices)
{
	static const struct rule_case cases[] = {
		CASE_ERROR(AT_RESOURCES, "'blockIO':{'weight':9}", AT "/blockIO/weight", "want 10 to 1000"),
		CASE_ERROR(AT_RESOURCES, "'blockIO':{'weight':1001}", AT "/blockIO/weight", "got 1001"),
		CASE_FINE(AT_RESOURCES, "'blockIO':{'weight':0}"),
		CASE_FINE(AT_RESOURCES, "'blockIO':{'weight':10}"),
		CASE_FINE(AT_RESOURCES, "'blockIO':{'weight':1000}"),
		CASE_ERROR(AT_RESOURCES, "'blockIO':{'weightDevice':[{'major':8,'minor':0,'weight':9}]}",
			   AT "/blockIO/weightDevice/0/weight", "got 9"),
		CASE_WARNING(AT_RESOURCES, "'blockIO':{'weightDevice':[{'major':8,'minor':0}]}",
			     AT "/blockIO/weightDevice/0", "neither weight nor leafWeight"),
		CASE_ERROR(AT_RESOURCES, "'blockIO':{'throttleReadBpsDevice':[{'major':-1,'minor':0,'rate':1}]}",
			   AT "/blockIO/throttleReadBpsDevice/0/major", "got -1"),
		CASE_ERROR(AT_RESOURCES, "'blockIO':{'throttleWriteBpsDevice':[{'major':8,'minor':-1,'rate':1}]}",
			   AT "/blockIO/throttleWriteBpsDevice/0/minor", "got -1"),
		CASE_ERROR(AT_RESOURCES, "'blockIO':{'throttleReadIOPSDevice':[{'major':-1,'minor':0,'rate':1}]}",
			   AT "/blockIO/throttleReadIOPSDevice/0/major", "got -1"),
		CASE_ERROR(AT_RESOURCES,
			   "'blockIO':{'throttleWriteIOPSDevice':[{'major':8,'minor':0,'rate':1},"
			   "{'major':-1,'minor':0,'rate':1}]}",
			   AT "/blockIO/throttleWriteIOPSDevice/1/major", "got -1"),
		CASE_FINE(AT_RESOURCES, "'blockIO':{'throttleReadBpsDevice':[{'major':0,'minor':0,'rate':0}]}"),
	};
	CHECK_CASES(cases);
}

TEST(names_of_pages_and_devices)
{
	static const struct rule_case cases[] = {
		CASE_ERROR(AT_RESOURCES, "'hugepageLimits':[{'pageSize':'2MiB','limit':1}]",
			   AT "/hugepageLimits/0/pageSize", "got '2MiB'"),
		CASE_ERROR(AT_RESOURCES, "'hugepageLimits':[{'pageSize':'02MB','limit':1}]",
			   AT "/hugepageLimits/0/pageSize", "02MB"),
		CASE_ERROR(AT_RESOURCES, "'hugepageLimits':[{'pageSize':'2XB','limit':1}]",
			   AT "/hugepageLimits/0/pageSize", "2XB"),
		CASE_ERROR(AT_RESOURCES, "'hugepageLimits':[{'pageSize':'../x','limit':1}]",
			   AT "/hugepageLimits/0/pageSize", "../x"),
		CASE_FINE(AT_RESOURCES, "'hugepageLimits':[{'pageSize':'9KB','limit':1},{'pageSize':'64KB','limit':1},{"
					"'pageSize':'1GB','limit':0}]"),
		CASE_ERROR(AT_RESOURCES, "'rdma':{'mlx5 0':{'hcaHandles':1}}", AT "/rdma/mlx5 0",
			   "want the name of a device"),
		CASE_FINE(AT_RESOURCES, "'rdma':{'mlx5_0':{'hcaHandles':1}}"),
	};
	CHECK_CASES(cases);
}

TEST(unified_keys_are_files_of_controllers)
{
	static const struct rule_case cases[] = {
		CASE_ERROR(AT_RESOURCES, "'unified':{'../memory.max':'1'}", AT "/unified/..~1memory.max",
			   "unified resource \"../memory.max\" must be a file name (no slashes)"),
		CASE_ERROR(AT_RESOURCES, "'unified':{'memory':'1'}", AT "/unified/memory",
			   "must be in the form CONTROLLER.PARAMETER"),
		CASE_ERROR(AT_RESOURCES, "'unified':{'.max':'1'}", AT "/unified/.max", "CONTROLLER.PARAMETER"),
		CASE_ERROR(AT_RESOURCES, "'unified':{'memory.':'1'}", AT "/unified/memory.", "CONTROLLER.PARAMETER"),
		CASE_ERROR(AT_RESOURCES, "'unified':{'memory.max\\n':'1'}", AT "/unified/memory.max\n",
			   "unified resource \"memory.max\\x0a\" must be a file name (no blanks)"),
		CASE_ERROR(AT_RESOURCES, "'unified':{'memory.\\u0001max':'1'}", AT "/unified/memory.\001max",
			   "file name"),
		CASE_ERROR(AT_RESOURCES, "'unified':{'memory .max':'1'}", AT "/unified/memory .max", "file name"),
		CASE_ERROR(AT_RESOURCES, "'unified':{'memory.m\u00e4x':'1'}", AT "/unified/memory.m\u00e4x",
			   "file name"),
		CASE_ERROR(AT_RESOURCES, "'unified':{'cgroup.procs':'1'}", AT "/unified/cgroup.procs",
			   "only the runtime may"),
		CASE_ERROR(AT_RESOURCES, "'unified':{'cgroup.kill':'1'}", AT "/unified/cgroup.kill",
			   "only the runtime may"),
		CASE_FINE(AT_RESOURCES, "'unified':{'cgroup.max.depth':'1','memory.high':'max','hugetlb.2MB.max':'0'}"),
	};
	CHECK_CASES(cases);
}

TEST(device_rules_are_of_cgroups)
{
	static const struct rule_case cases[] = {
		CASE_ERROR(AT_RESOURCES, "'devices':[{'allow':true,'type':'p','access':'r'}]", AT "/devices/0/type",
			   "invalid cgroup device type \"p\""),
		CASE_ERROR(AT_RESOURCES, "'devices':[{'allow':true,'access':''}]", AT "/devices/0/access",
			   "device access at 0 field cannot be empty"),
		CASE_ERROR(AT_RESOURCES, "'devices':[{'allow':true,'access':'rwx'}]", AT "/devices/0/access",
			   "want letters of 'rwm', got 'rwx'"),
		CASE_ERROR(AT_RESOURCES, "'devices':[{'allow':true},{'allow':true,'major':-2}]", AT "/devices/1/major",
			   "got -2"),
		CASE_ERROR(AT_RESOURCES, "'devices':[{'allow':true,'minor':-2}]", AT "/devices/0/minor", "got -2"),
		CASE_FINE(AT_RESOURCES, "'devices':[{'allow':false},{'allow':true,'type':'c','major':-1,'minor':3,"
					"'access':'rwm'}]"),
	};
	CHECK_CASES(cases);
}

TEST(settings_of_cgroup_v1_are_warned_of)
{
	static const struct rule_case cases[] = {
		CASE_WARNING(AT_RESOURCES, "'memory':{'kernel':1}", AT "/memory",
			     "Kernel memory settings are ignored and will be removed"),
		CASE_WARNING(AT_RESOURCES, "'memory':{'swappiness':100}", AT "/memory/swappiness", "no effect"),
		CASE_WARNING(AT_RESOURCES, "'memory':{'disableOOMKiller':true}", AT "/memory/disableOOMKiller",
			     "no effect"),
		CASE_WARNING(AT_RESOURCES, "'memory':{'useHierarchy':false}", AT "/memory/useHierarchy", "no effect"),
		CASE_FINE(AT_RESOURCES, "'memory':{'disableOOMKiller':false,'useHierarchy':true}"),
		CASE_WARNING(AT_RESOURCES, "'cpu':{'realtimeRuntime':1}", AT "/cpu/realtimeRuntime", "no effect"),
		CASE_WARNING(AT_RESOURCES, "'cpu':{'realtimePeriod':1}", AT "/cpu/realtimePeriod", "no effect"),
		CASE_FINE(AT_RESOURCES, "'cpu':{'realtimePeriod':0,'realtimeRuntime':0}"),
		CASE_WARNING(AT_RESOURCES, "'blockIO':{'leafWeight':10}", AT "/blockIO/leafWeight", "no effect"),
		CASE_WARNING(AT_RESOURCES,
			     "'blockIO':{'weightDevice':[{'major':8,'minor':0,'weight':10,'leafWeight':0},"
			     "{'major':8,'minor':1,'leafWeight':10}]}",
			     AT "/blockIO/weightDevice/1/leafWeight", "no effect"),
		CASE_WARNING(AT_RESOURCES, "'network':{'classID':1}", AT "/network/classID", "no effect"),
		CASE_WARNING(AT_RESOURCES, "'network':{'priorities':[{'name':'eth0','priority':1}]}",
			     AT "/network/priorities", "no effect"),
		CASE_FINE(AT_RESOURCES, "'network':{'classID':0,'priorities':[]}"),
	};
	CHECK_CASES(cases);
}
