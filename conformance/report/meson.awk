# SPDX-License-Identifier: Apache-2.0
# meson's testlog.txt to result rows; goes with cases.awk. A program that speaks TAP gives a row a case (a failure's lines stand before
# it, as check.c writes them, or behind it), another program one row. Variable: build.
function program_end()
{
	if (program == "")
		return
	if (!cases && planned == "") {
		case_status = result == "exit status 0" ? "pass" : result == "exit status 77" ? "skip" : "fail"
		if (case_status == "fail")
			say("FAILED " build " " program ": " result "\n" said errors)
		add_row("(all)", case_status, case_status == "skip" ? (last_line == "" ? "no reason given" : last_line) : "")
	} else {
		if (failed && errors != "")
			say(errors)
		read_end(result, said errors)
	}
	program = ""
}

/^=+ [0-9]+\/[0-9]+ =+$/ {
	program_end()
	result = part = said = errors = first_comment = last_line = skip_note = planned = ""
	cases = failed = told_behind = 0
	next
}
/^test: / && part == "" {
	program = $0
	sub(/^test: */, "", program)
	sub(/^.* \/ /, "", program)
	next
}
/^result: / && part == "" {
	result = $0
	sub(/^result: */, "", result)
	next
}
/^-+ stdout -+$/ {
	part = "stdout"
	next
}
/^-+ stderr -+$/ {
	part = "stderr"
	next
}
/^=+$/ && part != "" {
	part = "done"
	next
}
/^Summary of Failures:$/ || /^Ok: +[0-9]+ *$/ {
	program_end()
	next
}
part == "stdout" && /^(not )?ok( |$)/ {
	read_case($0)
	if (case_status == "fail")
		say("FAILED " build " " program ": " case_name (said == "" ? "" : "\n" said))
	told_behind = case_status == "fail" && said == ""
	add_row(case_name, case_status, case_status == "fail" ? first_comment : case_note)
	said = first_comment = last_line = ""
	next
}
part == "stdout" && /^1\.\.[0-9]+/ {
	planned = substr($1, 4)
	next
}
part == "stdout" && /^# skip: / {
	skip_note = substr($0, 9)
	next
}
# A failure without a line before it has them behind it.
part == "stdout" && told_behind && /^#/ {
	say($0)
	next
}
part == "stdout" && $0 != "" {
	said = said $0 "\n"
	last_line = $0
	if (first_comment == "" && /^# /)
		first_comment = substr($0, 3)
}
part == "stderr" && $0 != "" {
	errors = errors $0 "\n"
}
END {
	program_end()
}
