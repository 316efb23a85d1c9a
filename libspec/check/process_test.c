/* SPDX-License-Identifier: Apache-2.0 */
/* Rules on `process`: each fires, and each has a near miss that does not. */
#include "conformance/unit/check.h"
#include "libspec/check/rule_cases.h"

TEST(cwd_is_an_absolute_path)
{
	static const struct rule_case cases[] = {
		CASE_ERROR(AT_PROCESS, "'cwd':''", "/process/cwd", "Cwd property must not be empty"),
		CASE_ERROR(AT_PROCESS, "'cwd':'tmp'", "/process/cwd", "Cwd must be an absolute path, got 'tmp'"),
		CASE_FINE(AT_PROCESS, "'cwd':'/tmp'"),
	};
	CHECK_CASES(cases);
}

TEST(args_name_a_command)
{
	static const struct rule_case cases[] = {
		CASE_ERROR(AT_PROCESS, "'args':[]", "/process/args", "args must not be empty"),
		CASE_ERROR(AT_PROCESS, "'args':null", "/process/args", "args must not be empty"),
		CASE_ERROR(AT_PROCESS, "'args':['']", "/process/args/0", "executable file not found in $PATH"),
		CASE_FINE(AT_PROCESS, "'args':['sh','']"),
	};
	CHECK_CASES(cases);
}

TEST(environment_has_names)
{
	static const struct rule_case cases[] = {
		CASE_ERROR(AT_PROCESS, "'env':['A=1','B']", "/process/env/1",
			   "invalid environment variable: missing '='"),
		CASE_ERROR(AT_PROCESS, "'env':['=1']", "/process/env/0", "name cannot be empty"),
		CASE_ERROR(AT_PROCESS, "'env':['\\u001b[2J']", "/process/env/0", "got '\\x1b[2J'"),
		CASE_FINE(AT_PROCESS, "'env':['A=1','B=','A=2','C==']"),
	};
	CHECK_CASES(cases);
}

TEST(rlimits_stand_once_and_in_order)
{
	static const struct rule_case cases[] = {
		CASE_ERROR(
			AT_PROCESS,
			"'rlimits':[{'type':'RLIMIT_CORE','hard':1,'soft':1},{'type':'RLIMIT_CORE','hard':1,'soft':1}]",
			"/process/rlimits/1/type", "'RLIMIT_CORE' again"),
		CASE_ERROR(AT_PROCESS, "'rlimits':[{'type':'RLIMIT_NOFILE','hard':10,'soft':11}]",
			   "/process/rlimits/0/soft", "want at most the hard limit 10, got 11"),
		CASE_FINE(AT_PROCESS, "'rlimits':[{'type':'RLIMIT_CORE','hard':1,'soft':1},"
				      "{'type':'RLIMIT_CPU','hard':18446744073709551615,'soft':0}]"),
	};
	CHECK_CASES(cases);
}

TEST(capabilities_that_cannot_be_granted_are_warned_of)
{
	static const struct rule_case cases[] = {
		CASE_WARNING(AT_PROCESS, "'capabilities':{'effective':['CAP_KILL']}", "/process/capabilities/effective",
			     "CAP_KILL cannot be granted: not in the permitted set"),
		{ AT_PROCESS, "'capabilities':{'ambient':['CAP_CHOWN']}", "/process/capabilities/ambient",
		  "can't raise ambient capability CAP_CHOWN: not in the inheritable set", PROBLEM_WARNING, 1 },
		CASE_WARNING(AT_PROCESS,
			     "'capabilities':{'ambient':['CAP_KILL','CAP_CHOWN'],'permitted':['CAP_KILL','CAP_CHOWN']}",
			     "/process/capabilities/ambient",
			     "can't raise ambient capability CAP_CHOWN: not in the inheritable set; "
			     "can't raise ambient capability CAP_KILL: not in the inheritable set"),
		CASE_WARNING(AT_PROCESS, "'capabilities':{'bounding':['CAP_FLY','CAP_KILL']}",
			     "/process/capabilities/bounding/0", "CAP_FLY"),
		CASE_FINE(AT_PROCESS,
			  "'capabilities':{'effective':['CAP_KILL'],'permitted':['CAP_KILL','CAP_CHECKPOINT_RESTORE'],"
			  "'inheritable':['CAP_CHECKPOINT_RESTORE'],'ambient':['CAP_CHECKPOINT_RESTORE']}"),
	};
	CHECK_CASES(cases);
}

TEST(oom_score_adj_is_in_range)
{
	static const struct rule_case cases[] = {
		CASE_ERROR(AT_PROCESS, "'oomScoreAdj':1001", "/process/oomScoreAdj", "want -1000 to 1000, got 1001"),
		CASE_ERROR(AT_PROCESS, "'oomScoreAdj':-1001", "/process/oomScoreAdj", "got -1001"),
		CASE_FINE(AT_PROCESS, "'oomScoreAdj':-1000"),
		CASE_FINE(AT_PROCESS, "'oomScoreAdj':1000"),
	};
	CHECK_CASES(cases);
}

TEST(scheduler_values_suit_the_policy)
{
	static const struct rule_case cases[] = {
		CASE_ERROR(AT_PROCESS, "'scheduler':{'policy':'SCHED_OTHER','nice':20}", "/process/scheduler/nice",
			   "invalid scheduler.nice: 20 when scheduler.policy is SCHED_OTHER"),
		CASE_ERROR(AT_PROCESS, "'scheduler':{'policy':'SCHED_BATCH','nice':-21}", "/process/scheduler/nice",
			   "-21"),
		CASE_FINE(AT_PROCESS, "'scheduler':{'policy':'SCHED_BATCH','nice':-20}"),
		CASE_FINE(AT_PROCESS, "'scheduler':{'policy':'SCHED_OTHER','nice':19}"),
		CASE_WARNING(AT_PROCESS, "'scheduler':{'policy':'SCHED_FIFO','priority':1,'nice':30}",
			     "/process/scheduler/nice", "no effect"),
		CASE_ERROR(AT_PROCESS, "'scheduler':{'policy':'SCHED_OTHER','priority':1}",
			   "/process/scheduler/priority",
			   "scheduler.priority can only be specified for SchedFIFO or SchedRR policy"),
		CASE_ERROR(AT_PROCESS, "'scheduler':{'policy':'SCHED_RR','priority':100}",
			   "/process/scheduler/priority", "want 1 to 99, got 100"),
		CASE_ERROR(AT_PROCESS, "'scheduler':{'policy':'SCHED_FIFO'}", "/process/scheduler/priority", "got 0"),
		CASE_FINE(AT_PROCESS, "'scheduler':{'policy':'SCHED_FIFO','priority':99}"),
		CASE_FINE(AT_PROCESS, "'scheduler':{'policy':'SCHED_FIFO','flags':['SCHED_FLAG_KEEP_PARAMS']}"),
		CASE_FINE(AT_PROCESS, "'scheduler':{'policy':'SCHED_IDLE','priority':0}"),
	};
	CHECK_CASES(cases);
}

TEST(deadlines_are_in_order)
{
	static const struct rule_case cases[] = {
		CASE_ERROR(AT_PROCESS, "'scheduler':{'policy':'SCHED_RR','priority':1,'period':5}",
			   "/process/scheduler",
			   "scheduler runtime/deadline/period can only be specified for SchedDeadline policy"),
		CASE_ERROR(AT_PROCESS, "'scheduler':{'policy':'SCHED_IDLE','runtime':5}", "/process/scheduler",
			   "runtime/deadline/period can only"),
		CASE_ERROR(AT_PROCESS, "'scheduler':{'policy':'SCHED_IDLE','deadline':5}", "/process/scheduler",
			   "runtime/deadline/period can only"),
		CASE_ERROR(AT_PROCESS, "'scheduler':{'policy':'SCHED_DEADLINE','runtime':1023,'deadline':5000}",
			   "/process/scheduler/runtime", "want at least 1024 ns, got 1023"),
		CASE_ERROR(AT_PROCESS, "'scheduler':{'policy':'SCHED_DEADLINE','runtime':2000,'deadline':1999}",
			   "/process/scheduler/deadline", "want at least the runtime, 2000 ns, got 1999"),
		CASE_ERROR(AT_PROCESS,
			   "'scheduler':{'policy':'SCHED_DEADLINE','runtime':2000,'deadline':3000,'period':2999}",
			   "/process/scheduler/period", "want at least the deadline, 3000 ns, got 2999"),
		CASE_FINE(AT_PROCESS,
			  "'scheduler':{'policy':'SCHED_DEADLINE','runtime':1024,'deadline':1024,'period':1024}"),
		CASE_FINE(AT_PROCESS, "'scheduler':{'policy':'SCHED_DEADLINE','runtime':1024,'deadline':2048}"),
	};
	CHECK_CASES(cases);
}

TEST(io_priority_has_eight_levels)
{
	static const struct rule_case cases[] = {
		CASE_ERROR(AT_PROCESS, "'ioPriority':{'class':'IOPRIO_CLASS_BE','priority':8}",
			   "/process/ioPriority/priority", "invalid ioPriority.Priority: 8"),
		CASE_ERROR(AT_PROCESS, "'ioPriority':{'class':'IOPRIO_CLASS_BE','priority':-1}",
			   "/process/ioPriority/priority", "invalid ioPriority.Priority: -1"),
		CASE_FINE(AT_PROCESS, "'ioPriority':{'class':'IOPRIO_CLASS_RT','priority':7}"),
		CASE_FINE(AT_PROCESS, "'ioPriority':{'class':'IOPRIO_CLASS_RT','priority':0}"),
	};
	CHECK_CASES(cases);
}

TEST(affinity_lists_are_lists)
{
	static const struct rule_case cases[] = {
		CASE_ERROR(AT_PROCESS, "'execCPUAffinity':{'initial':'3-1'}", "/process/execCPUAffinity/initial",
			   "got '3-1'"),
		CASE_ERROR(AT_PROCESS, "'execCPUAffinity':{'final':','}", "/process/execCPUAffinity/final", "got ','"),
		CASE_FINE(AT_PROCESS, "'execCPUAffinity':{'initial':'0-3, 7','final':''}"),
	};
	CHECK_CASES(cases);
}

TEST(console_size_counts_with_a_terminal_only)
{
	static const struct rule_case cases[] = {
		CASE_ERROR(AT_PROCESS, "'terminal':true,'consoleSize':{'height':65536,'width':1}",
			   "/process/consoleSize/height", "want at most 65535, got 65536"),
		CASE_ERROR(AT_PROCESS, "'terminal':true,'consoleSize':{'height':1,'width':65536}",
			   "/process/consoleSize/width", "got 65536"),
		CASE_FINE(AT_PROCESS, "'terminal':true,'consoleSize':{'height':65535,'width':65535}"),
		CASE_FINE(AT_PROCESS, "'terminal':false,'consoleSize':{'height':65536,'width':65536}"),
	};
	CHECK_CASES(cases);
}

TEST(labels_are_one_line)
{
	static const struct rule_case cases[] = {
		CASE_ERROR(AT_PROCESS, "'apparmorProfile':'a\\nb'", "/process/apparmorProfile", "got 'a\\x0ab'"),
		CASE_ERROR(AT_PROCESS, "'selinuxLabel':'a\\n'", "/process/selinuxLabel", "newlines"),
		CASE_FINE(AT_PROCESS, "'apparmorProfile':'a b','selinuxLabel':'u:r:t:s0:c1,c2'"),
	};
	CHECK_CASES(cases);
}
