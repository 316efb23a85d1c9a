# SPDX-License-Identifier: Apache-2.0
# What the readers of test output share. A result row is: build, program, case, pass|fail|skip, note. Variables: build, program.
function say(text)
{
	print text > "/dev/stderr"
}

function add_row(name, status, note)
{
	gsub(/\t/, " ", note)
	print build "\t" program "\t" name "\t" status "\t" note
}

# Takes a line "ok ..." or "not ok ..." apart into case_name, case_status and case_note; skip_note is a reason that was told before.
function read_case(line)
{
	case_name = line
	case_note = ""
	case_status = sub(/^not /, "", case_name) ? "fail" : "pass"
	sub(/^ok *[0-9]* *(- )?/, "", case_name)
	if (match(case_name, /# *[Ss][Kk][Ii][Pp]/)) {
		case_note = substr(case_name, RSTART + RLENGTH)
		sub(/^[ :]*/, "", case_note)
		case_name = substr(case_name, 1, RSTART - 1)
		if (case_note == "")
			case_note = skip_note == "" ? "no reason given" : skip_note
		if (case_status == "pass")
			case_status = "skip"
	}
	sub(/ +$/, "", case_name)
	cases++
	if (case_name == "")
		case_name = "case " cases
	if (case_status == "fail")
		failed++
	skip_note = ""
}

# What a program's end adds: nothing when its cases tell it all. `end` is how it ended, "exit status 0" when well.
function read_end(end, output,    why)
{
	if ((planned == "" && !cases) || (planned != "" && planned != cases + 0) || (planned == "" && end != "exit status 0"))
		why = end " after " cases + 0 " of " (planned == "" ? "unknown" : planned) " cases"
	else if (planned == 0)
		why = "no case ran"
	else if (end != "exit status 0" && !failed)
		why = end " though no case failed"
	else
		return
	say("FAILED " build " " program ": " why "\n" output)
	add_row("(end)", "fail", why)
}
