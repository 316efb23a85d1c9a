/* SPDX-License-Identifier: Apache-2.0 */
/* plan_print: what people read, and JSON that stays JSON whatever the config holds. */
#include <ctype.h>
#include <linux/mount.h>
#include <sys/stat.h>

#include "conformance/unit/check.h"
#include "libsandbox/cgroup/resource_table.h"
#include "libsandbox/plan/fixture.h"

/* -- a reader of JSON that knows structure only ------------------------------------------------------------------------ */

static const char *json_value(const char *at);

static const char *json_blanks(const char *at)
{
	return at + strspn(at, " \n\t");
}

static const char *json_string_end(const char *at)
{
	if (*at++ != '"')
		return NULL;
	for (; *at != '"'; at++) {
		if ((unsigned char)*at < 0x20)
			return NULL;
		if (*at == '\\' && !strchr("\"\\/bfnrtu", *++at))
			return NULL;
	}
	return at + 1;
}

static const char *json_container(const char *at, bool object)
{
	char end = object ? '}' : ']';

	at = json_blanks(at + 1);
	if (*at == end)
		return at + 1;
	for (;;) {
		if (object) {
			at = json_string_end(json_blanks(at));
			if (!at || *at++ != ':')
				return NULL;
		}
		at = json_value(at);
		if (!at)
			return NULL;
		at = json_blanks(at);
		if (*at == end)
			return at + 1;
		if (*at++ != ',')
			return NULL;
	}
}

static const char *json_value(const char *at)
{
	static const char *const words[] = { "true", "false", "null" };

	at = json_blanks(at);
	if (*at == '{' || *at == '[')
		return json_container(at, *at == '{');
	if (*at == '"')
		return json_string_end(at);
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (text_starts(at, words[i]))
			return at + strlen(words[i]);
	}
	at += *at == '-';
	return isdigit((unsigned char)*at) ? at + strspn(at, "0123456789") : NULL;
}

static bool is_json_document(const char *text)
{
	const char *end = json_value(text);

	return end && *json_blanks(end) == '\0';
}

TEST(the_reader_of_this_test_can_say_no)
{
	CHECK(is_json_document("{\"a\": [1, -2, {\"b\": \"\\u0041\"}], \"c\": null}\n"));
	CHECK(!is_json_document("{\"a\": 1,}"));
	CHECK(!is_json_document("{\"a\" 1}"));
	CHECK(!is_json_document("{\"a\": \"\n\"}"));
	CHECK(!is_json_document("[1 2]"));
	CHECK(!is_json_document("{}}"));
	CHECK(!is_json_document("{\"a\": \"\\x41\"}"));
}

/* -- the plan ---------------------------------------------------------------------------------------------------------- */

static const struct plan *plan_make(struct fixture *f, const char *root, const char *process, const char *os_linux)
{
	const struct plan *plan = NULL;

	if (fixture_load(f, root, process, os_linux) < 0)
		CHECK_TEXT(f->err.text, "");
	if (plan_build(f->spec, &f->host, &f->options, &f->arena, &f->problems, &plan, &f->err) < 0)
		CHECK_TEXT(f->err.text, "");
	return plan;
}

static const char full_root[] =
	"'hostname':'web','domainname':'lan',"
	"'mounts':[{'destination':'/proc','type':'proc','source':'proc','options':['nosuid','noexec','nodev']},"
	"{'destination':'/dev','type':'tmpfs','source':'tmpfs','options':['nosuid','strictatime','mode=755']},"
	"{'destination':'/data','source':'/srv','options':['rbind','rro','rslave','rw']}],"
	"'hooks':{'poststop':[{'path':'/bin/bye','args':['bye','now then'],'timeout':3}]}";
static const char full_process[] =
	"'terminal':true,'consoleSize':{'height':24,'width':80},'env':['PATH=/bin','TERM=xterm'],"
	"'user':{'uid':5,'gid':6,'additionalGids':[7,8]},'noNewPrivileges':true,'oomScoreAdj':-3,"
	"'capabilities':{'bounding':['CAP_KILL','CAP_CHOWN']},"
	"'rlimits':[{'type':'RLIMIT_NOFILE','soft':1024,'hard':18446744073709551615}],"
	"'scheduler':{'policy':'SCHED_FIFO','priority':3},'ioPriority':{'class':'IOPRIO_CLASS_BE','priority':4}";
static const char full_linux[] =
	"'namespaces':[{'type':'mount'},{'type':'pid'},{'type':'uts'},{'type':'ipc'},{'type':'time'},"
	"{'type':'network','path':'/run/netns/a'}],'timeOffsets':{'boottime':{'secs':9}},"
	"'sysctl':{'net.ipv4.ip_forward':'1'},'resources':{'memory':{'limit':67108864},'pids':{'limit':-1},"
	"'devices':[{'allow':false,'access':'rwm'},{'allow':true,'type':'c','major':1,'access':'rw'}]},"
	"'maskedPaths':['/proc/kcore'],'readonlyPaths':['/proc/sys'],"
	"'seccomp':{'defaultAction':'SCMP_ACT_ERRNO','architectures':['SCMP_ARCH_X86_64'],"
	"'syscalls':[{'names':['read'],'action':'SCMP_ACT_ALLOW'}]}";

TEST(people_read_what_will_be_done)
{
	FIXTURE(f);
	_cleanup_(text_buffer_cleanup) struct text_buffer text = TEXT_BUFFER_INIT;
	static const char *const wanted[] = {
		"container             demo\nbundle                /tmp/demo\nprocess\n  args                sh\n",
		"  env                 PATH=/bin\n                      TERM=xterm\n",
		"  user                uid 5, gid 6, umask 0022\n  groups              7 8\n",
		"  console size        80x24\n",
		"    bounding          CAP_CHOWN CAP_KILL\n    effective         none\n",
		"  no new privileges   yes\n",
		"    RLIMIT_NOFILE  soft 1024  hard unlimited\n",
		"  scheduler           SCHED_FIFO, priority 3\n",
		"  io priority         IOPRIO_CLASS_BE, priority 4\n",
		"namespaces\n  new                 pid ipc uts time mount\n",
		"  joined\n    network  /run/netns/a\n",
		"hostname              web\n",
		"clocks\n  boottime  secs 9  nanosecs 0\n",
		"sysctl\n  net/ipv4/ip_forward  1\n",
		"root                  /tmp/demo/rootfs, ",
		"0  /proc  proc   proc   nodev noexec nosuid\n",
		"1  /dev   tmpfs  tmpfs  nosuid strictatime  superblock mode=755\n",
		"/data  rbind  /srv",
		" rro rslave\n",
		"  /dev/null     c 1:3  0666  0:0  standard\n",
		"masked paths          /proc/kcore\n",
		"readonly paths        /proc/sys\n",
		"  memory.max  67108864\n",
		"  pids.max    max\n",
		"device rules\n  deny   a *:*     rwm\n  allow  c 1:*     rw\n  allow  c *:*     m\n",
		"  default             SCMP_ACT_ERRNO\n  default errno ret   1\n  rules               1\n",
		"  archs               SCMP_ARCH_X86_64\n",
		"  flags               SECCOMP_FILTER_FLAG_SPEC_ALLOW\n",
		"  loaded              after privileges are dropped\n",
		"hooks\n  poststop  /bin/bye  bye 'now then'  timeout 3\n",
		"steps\n  host  ",
	};

	f.options.detach = f.options.console_socket = true;
	CHECK_INT(plan_print(plan_make(&f, full_root, full_process, full_linux), PLAN_TEXT, &text), 0);
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
		CHECK_HAS(text.bytes, wanted[i]);
	CHECK(!strstr(text.bytes, " \n"));
}

TEST(a_users_container_with_a_unit)
{
	FIXTURE(f);
	_cleanup_(text_buffer_cleanup) struct text_buffer text = TEXT_BUFFER_INIT, json = TEXT_BUFFER_INIT;
	const struct plan *plan;

	fixture_become_user(&f);
	f.options.cgroup_driver = CGROUP_DRIVER_SYSTEMD;
	plan = plan_make(&f, "", "",
			 "'namespaces':[{'type':'user'},{'type':'mount'}],"
			 "'uidMappings':[{'containerID':0,'hostID':1000,'size':1},"
			 "{'containerID':1,'hostID':100000,'size':65536}],"
			 "'gidMappings':[{'containerID':0,'hostID':100,'size':1}],"
			 "'resources':{'memory':{'limit':4096}},'intelRdt':{'schemata':['L3:0=f','MB:0=10']}");
	CHECK_INT(plan_print(plan, PLAN_TEXT, &text), 0);
	CHECK_HAS(text.bytes, "rootless              yes\n");
	CHECK_HAS(text.bytes, "ids\n  root                uid 1000, gid 100\n"
			      "  maps by             newuidmap and newgidmap\n"
			      "  uid maps\n"
			      "    container 0  host 1000  size 1\n"
			      "    container 1  host 100000  size 65536\n");
	CHECK_HAS(text.bytes, "  driver              systemd\n");
	CHECK_HAS(text.bytes, "  user manager        yes\n");
	CHECK_HAS(text.bytes, "  memory.max  4096  property MemoryMax\n");
	CHECK_HAS(text.bytes, "  schemata            L3:0=f\n                      MB:0=10\n");
	CHECK_INT(plan_print(plan, PLAN_JSON, &json), 0);
	CHECK(is_json_document(json.bytes));
	CHECK_HAS(json.bytes, "\"host\": 100000");
}

TEST(sections_without_content_are_left_out)
{
	FIXTURE(f);
	_cleanup_(text_buffer_cleanup) struct text_buffer text = TEXT_BUFFER_INIT;
	static const char *const unwanted[] = { "seccomp", "hooks", "clocks", "sysctl", "intel rdt", "limits",
						"masked",  "ids",   "(null)", "joined", "rootless",  "rlimits" };

	CHECK_INT(plan_print(plan_make(&f, "", "", "'namespaces':[{'type':'mount'}]"), PLAN_TEXT, &text), 0);
	for (size_t i = 0; i < ARRAY_SIZE(unwanted); i++) {
		char *heading = arena_printf(&f.arena, "\n%s\n", unwanted[i]);

		CHECK(!strstr(text.bytes, heading));
	}
}

TEST(programs_read_json)
{
	FIXTURE(f);
	_cleanup_(text_buffer_cleanup) struct text_buffer json = TEXT_BUFFER_INIT;

	f.options.detach = f.options.console_socket = true;
	CHECK_INT(plan_print(plan_make(&f, full_root, full_process, full_linux), PLAN_JSON, &json), 0);
	CHECK(is_json_document(json.bytes));
	CHECK_HAS(json.bytes, "\"container\": \"demo\"");
	CHECK_HAS(json.bytes, "\"hard\": 18446744073709551615");
	CHECK_HAS(json.bytes, "\"clock\": \"boottime\"");
	CHECK_HAS(json.bytes, "\"file\": \"memory.max\"");
}

TEST(no_capabilities_given_are_no_capabilities)
{
	FIXTURE(f);
	_cleanup_(text_buffer_cleanup) struct text_buffer text = TEXT_BUFFER_INIT, json = TEXT_BUFFER_INIT;
	_cleanup_(text_buffer_cleanup) struct text_buffer absent = TEXT_BUFFER_INIT;
	const struct plan *plan = plan_make(&f, "", "'capabilities':{}", "'namespaces':[{'type':'mount'}]");

	CHECK_INT(plan_print(plan, PLAN_TEXT, &text), 0);
	CHECK_HAS(text.bytes, "  capabilities\n    bounding          none\n    effective         none\n"
			      "    permitted         none\n    inheritable       none\n    ambient           none\n");
	CHECK_INT(plan_print(plan, PLAN_JSON, &json), 0);
	CHECK_HAS(json.bytes, "\"bounding\": []");
	plan = plan_make(&f, "", "", "'namespaces':[{'type':'mount'}]");
	CHECK_INT(plan_print(plan, PLAN_TEXT, &absent), 0);
	CHECK_HAS(absent.bytes, "  capabilities\n    bounding          none\n    effective         none\n");
}

TEST(the_filters_rules_are_for_programs)
{
	FIXTURE(f);
	_cleanup_(text_buffer_cleanup) struct text_buffer text = TEXT_BUFFER_INIT, json = TEXT_BUFFER_INIT;
	const struct plan *plan =
		plan_make(&f, "", "",
			  "'namespaces':[{'type':'mount'}],'seccomp':{'defaultAction':'SCMP_ACT_ALLOW',"
			  "'listenerPath':'/run/a','listenerMetadata':'blue','syscalls':["
			  "{'names':['read','write'],'action':'SCMP_ACT_ERRNO','errnoRet':38,"
			  "'args':[{'index':1,'value':7,'valueTwo':9,'op':'SCMP_CMP_MASKED_EQ'}]},"
			  "{'names':['mount'],'action':'SCMP_ACT_NOTIFY'}]}");

	CHECK_INT(plan_print(plan, PLAN_TEXT, &text), 0);
	CHECK_HAS(text.bytes, "  rules               2\n");
	CHECK_HAS(text.bytes, "  agent               /run/a\n  agent metadata      blue\n");
	CHECK_INT(plan_print(plan, PLAN_JSON, &json), 0);
	CHECK(is_json_document(json.bytes));
	CHECK_HAS(json.bytes,
		  "\"names\": [\n          \"read\",\n          \"write\"\n        ],\n"
		  "        \"action\": \"SCMP_ACT_ERRNO\",\n        \"errnoRet\": 38,\n        \"args\": [\n");
	CHECK_HAS(json.bytes, "\"index\": 1,\n            \"op\": \"SCMP_CMP_MASKED_EQ\",\n            \"value\": 7,\n"
			      "            \"valueTwo\": 9\n");
	CHECK_HAS(json.bytes, "\"action\": \"SCMP_ACT_NOTIFY\"\n      }");
}

TEST(a_hooks_environment_is_shown_when_it_has_one)
{
	FIXTURE(f);
	_cleanup_(text_buffer_cleanup) struct text_buffer text = TEXT_BUFFER_INIT, json = TEXT_BUFFER_INIT;
	const struct plan *plan = plan_make(&f,
					    "'hooks':{'poststop':[{'path':'/a'},{'path':'/b','env':[]},"
					    "{'path':'/c','timeout':3,'env':['A=1','B=x y']}]}",
					    "", "'namespaces':[{'type':'mount'}]");

	CHECK_INT(plan_print(plan, PLAN_TEXT, &text), 0);
	CHECK_HAS(text.bytes, "hooks\n  poststop  /a  /a\n  poststop  /b  /b  env none\n"
			      "  poststop  /c  /c  timeout 3  env A=1 'B=x y'\n");
	CHECK_INT(plan_print(plan, PLAN_JSON, &json), 0);
	CHECK_HAS(json.bytes, "\"env\": []\n");
	CHECK_HAS(json.bytes, "\"B=x y\"");
}

TEST(a_mounts_own_id_maps_are_shown)
{
	FIXTURE(f);
	_cleanup_(text_buffer_cleanup) struct text_buffer text = TEXT_BUFFER_INIT, json = TEXT_BUFFER_INIT;
	const struct plan *plan = plan_make(
		&f,
		"'mounts':[{'destination':'/d','source':'/s','options':['bind','idmap'],"
		"'uidMappings':[{'containerID':0,'hostID':1000,'size':1},{'containerID':5,'hostID':2000,'size':3}],"
		"'gidMappings':[{'containerID':0,'hostID':1001,'size':2}]}]",
		"", "'namespaces':[{'type':'mount'}]");

	CHECK_INT(plan_print(plan, PLAN_TEXT, &text), 0);
	CHECK_HAS(text.bytes, "id map own  uid maps 0:1000:1,5:2000:3  gid maps 0:1001:2\n");
	CHECK_INT(plan_print(plan, PLAN_JSON, &json), 0);
	CHECK(is_json_document(json.bytes));
	CHECK_HAS(json.bytes, "\"host\": 2000,");
}

TEST(hostile_words_stay_data)
{
	FIXTURE(f);
	_cleanup_(text_buffer_cleanup) struct text_buffer json = TEXT_BUFFER_INIT, text = TEXT_BUFFER_INIT;
	const struct plan *plan;

	plan = plan_make(&f, "", "'args':['\\u001b[31m','\\n\\\\\\u0022','\\u202e'],'env':['A=\\u0007']",
			 "'namespaces':[{'type':'mount'}],'maskedPaths':['/a\\nsteps']");
	CHECK_INT(plan_print(plan, PLAN_JSON, &json), 0);
	CHECK(is_json_document(json.bytes));
	CHECK_INT(plan_print(plan, PLAN_TEXT, &text), 0);
	CHECK(!strpbrk(text.bytes, "\033\007"));
	CHECK_HAS(text.bytes, "A=\\x07");
	CHECK_HAS(text.bytes, "/a\\x0asteps");
	text_buffer_cleanup(&text);
}

/* Attribute bits have more than one spelling; what is shown means the same. */
TEST(attributes_are_shown_as_words)
{
	static const struct {
		uint64_t set, clear, recursive_set, recursive_clear;
		const char *want;
	} rows[] = {
		{ MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID, 0, 0, 0, " nosuid ro\n" },
		{ MOUNT_ATTR_NOATIME, MOUNT_ATTR__ATIME, 0, 0, " noatime\n" },
		{ MOUNT_ATTR_STRICTATIME, MOUNT_ATTR__ATIME, 0, 0, " strictatime\n" },
		{ 0, MOUNT_ATTR__ATIME, 0, 0, " relatime\n" },
		{ 0, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOEXEC, 0, 0, " exec rw\n" },
		{ 0, 0, MOUNT_ATTR_RDONLY, MOUNT_ATTR_NODEV, " rro rdev\n" },
		{ 0, 0, MOUNT_ATTR_NOATIME, MOUNT_ATTR__ATIME, " rnoatime\n" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		FIXTURE(f);
		_cleanup_(text_buffer_cleanup) struct text_buffer text = TEXT_BUFFER_INIT;
		struct plan_mount mount = {
			.kind = MOUNT_BIND,
			.destination = "/d",
			.source = "/s",
			.attr_set = rows[i].set,
			.attr_clear = rows[i].clear,
			.recursive_set = rows[i].recursive_set,
			.recursive_clear = rows[i].recursive_clear,
		};
		struct plan plan = *plan_make(&f, "", "", "'namespaces':[{'type':'mount'}]");

		plan.mounts = &mount;
		plan.mount_count = 1;
		CHECK_INT(plan_print(&plan, PLAN_TEXT, &text), 0);
		CHECK_HAS(text.bytes, rows[i].want);
	}
}
