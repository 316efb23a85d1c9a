# SPDX-License-Identifier: Apache-2.0
# TAP of one program as bats writes it (a failure's lines stand behind it) to result rows; goes with cases.awk.
# Variables: build, program, code (its exit status).
/^(not )?ok( |$)/ {
	read_case($0)
	in_failure = case_status == "fail"
	if (in_failure)
		say("FAILED " build " " program ": " case_name)
	add_row(case_name, case_status, case_note)
	next
}
/^1\.\.[0-9]+/ {
	planned = substr($1, 4)
	next
}
# container_setup in conformance/bats/container.bash says so of peers.
/^# [^ ]+: tried once more: / {
	say("dev: " build ": " program ": " substr($0, 3))
	next
}
in_failure {
	say($0)
	next
}
{
	output = output $0 "\n"
}
END {
	read_end("exit status " code, output)
}
