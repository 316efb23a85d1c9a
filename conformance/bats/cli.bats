#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # bats sets status, output, stderr, lines
# The command line's grammar, its texts and exit statuses, help, version and log. What callers of runc rely on is tested on runc too.
bats_require_minimum_version 1.5.0
load helpers

setup() { cd "$BATS_TEST_TMPDIR" || return; }

# The text behind msg=" in a record of the log's text form, with \" for ".
expect_record() {
	local pattern='^time="[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}(Z|[+-][0-9:]{5})" level='$1' msg="'
	[[ $stderr =~ $pattern && $stderr == *"$2"* ]] && return
	printf 'want a record of level %s with: %s\ngot: %s\n' "$1" "$2" "$stderr"
	return 1
}

@test "no command: help, exit 0" {
	run --separate-stderr runtime
	expect_status 0
	expect_output_has 'COMMANDS:'
	expect_output_has 'GLOBAL OPTIONS:'
	[[ -z $stderr ]]
}

@test "--help, -h, help and h are the same" {
	runtime --help >want
	for form in -h -help help h '--debug --help' '--help nosuch'; do
		# shellcheck disable=SC2086 # two words
		runtime $form >got
		cmp want got
	done
}

@test "every command that the help lists has --help and help COMMAND, exit 0" {
	local commands
	# runc's own help for its help has no name in it.
	commands=$(runtime --help | sed -n '/^COMMANDS:/,/^$/s/^   \([a-z]*\).*/\1/p' | grep -v help)
	[[ $commands == *spec* && $commands == *features* ]]
	for command in $commands; do
		run --separate-stderr runtime "$command" --help
		expect_status 0
		expect_output_has "$command - "
		[[ -z $stderr ]]
		run runtime help "$command"
		expect_status 0
		expect_output_has "$command - "
	done
}

@test "help: no command that is not there is listed" {
	skip_unless_orlop
	for command in $(runtime --help | sed -n '/^COMMANDS:/,/^$/s/^   \([a-z]*\).*/\1/p'); do
		run runtime "$command" --nosuch
		expect_status 1
		expect_output_has 'flag provided but not defined: -nosuch'
	done
}

@test "unknown command: exit 3" {
	run --separate-stderr runtime nosuch --flag
	expect_status 3
	expect_output ''
	expect_record error "No help topic for 'nosuch'"
	run runtime - spec
	expect_status 3
	expect_output_has "No help topic for '-'"
	run runtime -- nosuch
	expect_status 3
}

@test "help for an unknown command: exit 3" {
	run --separate-stderr runtime help nosuch
	expect_status 3
	expect_output ''
	expect_record error "No help topic for 'nosuch'"
}

@test "--version: the lines that go-runc and dockerd parse" {
	local name=${RUNTIME:-orlop}
	run --separate-stderr runtime --version
	expect_status 0
	[[ ${lines[0]} =~ ^"${name##*/} version "[^\ ]+$ ]]
	[[ ${lines[1]} =~ ^commit:\ [^\ ]+$ ]]
	[[ ${lines[2]} =~ ^spec:\ 1\.[0-9]+\.[0-9]+ ]]
	# dockerd takes the last line with that word.
	[[ $(grep -c version <<<"$output") == 1 ]]
	[[ -z $stderr ]]
	local first=$output
	run runtime -v spec
	expect_status 0
	expect_output "$first"
}

@test "--version names the commit, the spec and the parser, which is 2.1 or later" {
	skip_unless_orlop
	run runtime --version
	[[ ${lines[2]} == 'spec: 1.3.0' ]]
	[[ ${lines[1]} =~ ^commit:\ ([0-9a-f]{40}(-dirty)?|unknown)$ ]]
	[[ ${lines[3]} =~ ^libyajl:\ [2-9]\.[0-9]+\.[0-9]+$ ]]
}

@test "unknown option: usage and help on standard output, the error on standard error" {
	run --separate-stderr runtime spec --nosuch=1
	expect_status 1
	[[ ${lines[0]} == 'Incorrect Usage: flag provided but not defined: -nosuch' ]]
	expect_output_has 'OPTIONS:'
	expect_record error 'flag provided but not defined: -nosuch'
	run --separate-stderr runtime -x spec
	expect_status 1
	[[ ${lines[0]} == 'Incorrect Usage'[.:]' flag provided but not defined: -x' ]]
	expect_output_has 'GLOBAL OPTIONS:'
}

@test "a value that is missing" {
	run --separate-stderr runtime spec -b
	expect_status 1
	[[ ${lines[0]} == 'Incorrect Usage: flag needs an argument: -b' ]]
	expect_record error 'flag needs an argument: -b'
}

@test "a value that is missing: as podman and cri-o grep it" {
	skip_unless_orlop
	run runtime spec --bundle
	expect_status 1
	expect_output_has 'flag needs an argument: --bundle'
	run runtime --log
	expect_status 1
	expect_output_has 'flag needs an argument: --log'
}

@test "bools take Go's words and no others" {
	for word in 1 t T TRUE true True 0 f F FALSE false False; do
		mkdir "$word"
		runtime spec --rootless="$word" --bundle "$word"
	done
	cmp 1/config.json True/config.json
	cmp 0/config.json F/config.json
	run ! cmp -s t/config.json f/config.json
	run --separate-stderr runtime spec --rootless=maybe
	expect_status 1
	expect_output_has 'Incorrect Usage: invalid '
	expect_record error 'invalid'
	[[ $stderr == *maybe* ]]
	[[ ! -e config.json ]]
}

@test "wrong number of arguments" {
	run --separate-stderr runtime spec extra
	expect_status 1
	[[ ${lines[0]} == 'Incorrect Usage.' ]]
	expect_output_has 'OPTIONS:'
	expect_record error ': \"spec\" requires exactly 0 argument(s)'
	run --separate-stderr runtime features a b
	expect_status 1
	expect_record error ': \"features\" requires exactly 0 argument(s)'
	[[ ! -e config.json ]]
}

@test "one dash or two, = or a blank, long or short" {
	for form in '--bundle a' '-bundle b' '--bundle=c' '-b d' '-b=e' '--b f'; do
		mkdir "${form: -1}"
		# shellcheck disable=SC2086 # two words
		runtime spec $form
		[[ -f ${form: -1}/config.json ]]
	done
}

@test "an option that is given twice: the last one wins" {
	mkdir a b
	runtime spec --bundle a --bundle=b
	[[ -f b/config.json && ! -e a/config.json ]]
}

@test "-- ends the options" {
	runtime -- features >/dev/null
	runtime spec --
	[[ -f config.json ]]
	run runtime spec -- --help
	expect_status 1
	expect_output_has 'requires exactly 0 argument(s)'
}

@test "letters are not bundled, names not abbreviated, syntax is checked" {
	run runtime spec -bx
	expect_status 1
	expect_output_has 'flag provided but not defined: -bx'
	run runtime spec --bund x
	expect_status 1
	expect_output_has 'flag provided but not defined: -bund'
	run runtime spec ---bundle x
	expect_status 1
	[[ ! -e config.json ]]
}

@test "global options stand before the command" {
	run runtime spec --log-format json
	expect_status 1
	expect_output_has 'flag provided but not defined: -log-format'
}

@test "--log: JSON records in the file, the error also in plain on standard error" {
	run --separate-stderr runtime --log log --log-format json spec --bundle /nonexistent
	expect_status 1
	[[ -z $output ]]
	run ! grep -q '^{' <<<"$stderr"
	jq -es 'length == 1 and (.[0] | .level == "error" and (.time | test("^20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:]{8}")))' log
	jq -es '.[0].msg | test("/nonexistent.*no such file or directory"; "i")' log
	[[ $stderr == "$(jq -r .msg log)" ]]
}

@test "--log: text records, appended" {
	local pattern='^time="[^"]*" level=error msg=".*"$'
	runtime --log log spec --bundle /nonexistent || true
	runtime --log=log spec --bundle /nonexistent || true
	[[ $(grep -cE "$pattern" log) == 2 && $(wc -l <log) == 2 ]]
}

@test "--log: the file's mode follows the umask" {
	(umask 027 && runtime --log log spec --bundle /nonexistent) || true
	[[ $(stat -c %a log) == 640 ]]
}

@test "--log: a file that cannot be opened" {
	run --separate-stderr runtime --log /nonexistent/log features
	expect_status 1
	[[ -z $output && ${stderr,,} == *'no such file or directory'* ]]
}

@test "--log-format: unknown" {
	run --separate-stderr runtime --log-format xml features
	expect_status 1
	[[ -z $output ]]
	expect_record error 'invalid log-format: xml'
}

@test "--log-format json on standard error" {
	run --separate-stderr runtime --log-format json spec --bundle /nonexistent
	expect_status 1
	jq -es 'length == 1 and .[0].level == "error"' <<<"$stderr"
}

@test "usage errors of a command are logged too" {
	runtime --log log --log-format json spec --nosuch || true
	jq -es '.[0].msg == "flag provided but not defined: -nosuch"' log
	runtime --log log2 --log-format json nosuch || true
	jq -es '.[0].msg | test("No help topic for .nosuch.")' log2
}

@test "--debug says nothing on standard output" {
	runtime features >want
	runtime --debug features >got 2>/dev/null
	cmp want got
}

@test "--root, --rootless, --systemd-cgroup, --criu are taken" {
	runtime --root "$PWD/state" --rootless=auto --systemd-cgroup features >/dev/null
	runtime --root=state --rootless true features >/dev/null
	# What `features` does not need is not made.
	[[ ! -e state ]]
}

@test "--root: not /" {
	skip_unless_orlop
	for root in / // /tmp/.. ../../../../../../../../../../..; do
		run --separate-stderr runtime --root "$root" features
		expect_status 1
		[[ -z $output ]]
		expect_record error 'Option --root argument should not be set to /'
	done
}

@test "--criu: ignored with a warning" {
	skip_unless_orlop
	run --separate-stderr runtime --criu /usr/sbin/criu features
	expect_status 0
	expect_record warning 'option --criu is ignored'
}

@test "words of options: what is not one is refused" {
	skip_unless_orlop
	run --separate-stderr runtime --cgroup-manager v1 features
	expect_status 1
	expect_record error 'invalid cgroup-manager: v1'
	run --separate-stderr runtime --rootless maybe features
	expect_status 1
	expect_record error 'invalid rootless: maybe'
}

@test "control bytes from the command line do not reach the terminal" {
	skip_unless_orlop
	run runtime $'\e[31mred\n'
	expect_status 3
	[[ $output != *$'\e'* && ${#lines[@]} == 1 ]]
	run runtime spec --bundle $'/\e[31mred'
	expect_status 1
	[[ $output != *$'\e'* ]]
}

@test "standard output that is full fails the command" {
	[[ -c /dev/full ]]
	run --separate-stderr bash -c 'exec "$@" >/dev/full' - "${RUNTIME:-$ORLOP}" features
	expect_status 1
	[[ ${stderr,,} == *'no space left on device'* ]]
}

@test "closed standard descriptors do not become anything else" {
	"${RUNTIME:-$ORLOP}" spec <&- >&- 2>&-
	jq -e .ociVersion config.json
	"${RUNTIME:-$ORLOP}" --log log spec <&- >&- 2>&- || true
	[[ $(wc -l <log) == 1 ]]
}

@test "environment variables change nothing of features" {
	runtime features >want
	env -i "${RUNTIME:-$(type -P "$ORLOP")}" features >got
	cmp want got
	XDG_RUNTIME_DIR=/nonexistent USER=x HOME=/x NOTIFY_SOCKET=/x LISTEN_FDS=3 LC_ALL=tr_TR.UTF-8 runtime features >got
	cmp want got
}

@test "help --markdown: every command and global option" {
	skip_unless_orlop
	run runtime help --markdown
	expect_status 0
	for command in plan spec features help; do
		expect_output_has "## $command"
	done
	expect_output_has '--log-format'
}
