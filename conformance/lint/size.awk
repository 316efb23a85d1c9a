# SPDX-License-Identifier: Apache-2.0
# Prints what is too long in stripped C files: rule, path, line, name, lines.
# With the formatter as law, a line that begins at the margin with a word begins a declaration or a definition, and a function's
# braces stand at the margin.
function file_end()
{
	if (lines > 600)
		print "file-size", path, 1, "-", lines
}

FNR == 1 {
	file_end()
	path = FILENAME
	body = start = 0
}
{
	lines = FNR
}
/^\{/ && start {
	body = 1
}
/^\}/ {
	if (body && FNR - start + 1 > 60)
		print "function-size", path, start, name, FNR - start + 1
	body = start = 0
}
/^[A-Za-z_]/ && !body && !start {
	start = FNR
	name = ""
}
start && !body && name == "" && match($0, /[A-Za-z_0-9]+\(/) {
	name = substr($0, RSTART, RLENGTH - 1)
	if (name == "TEST") {
		name = substr($0, RSTART + RLENGTH)
		sub(/\).*/, "", name)
	}
}
start && !body && /[;=]/ {
	start = 0
}
END {
	file_end()
}
