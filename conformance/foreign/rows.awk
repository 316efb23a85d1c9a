# SPDX-License-Identifier: Apache-2.0
# TAP of a foreign suite's program to rows: `PROGRAM: CASE`, tab, pass|fail|skip. Variables: program, code (its exit status). A program that ends
# badly though no case of its failed is a case that failed, and so is one that ends before its plan does.
function row(name, status)
{
	print program ": " name "\t" status
	count[status]++
	cases++
}
/^(not )?ok( |$)/ {
	status = sub(/^not /, "") ? "fail" : "pass"
	sub(/^ok *[0-9]* *(- )?/, "")
	if (match($0, / *# *[Ss][Kk][Ii][Pp]/)) {
		if (status == "pass")
			status = "skip"
		$0 = substr($0, 1, RSTART - 1)
	}
	gsub(/\t/, " ")
	sub(/ +$/, "")
	row($0 == "" ? "(no name)" : $0, status)
}
/^1\.\.[0-9]+/ {
	planned = substr($1, 4) + 0
}
END {
	if (code != 0 && !count["fail"])
		row("(ended with " code ")", "fail")
	else if (cases + 0 < planned)
		row("(ended early)", "fail")
}
