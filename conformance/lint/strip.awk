# SPDX-License-Identifier: Apache-2.0
# Blanks comments and the insides of strings and character constants in C files; each result goes to the same path below `to`.
FNR == 1 {
	if (result != "")
		close(result)
	result = to "/" FILENAME
	inside = 0
	printf "" > result
}
{
	if (!inside && $0 !~ /["']|\/[*\/]/) {
		print > result
		next
	}
	line = ""
	quote = ""
	# An include's name is not a string of the program.
	if (!inside && $0 ~ /^[ \t]*#[ \t]*include/) {
		print > result
		next
	}
	count = length($0)
	for (i = 1; i <= count; i++) {
		c = substr($0, i, 1)
		pair = substr($0, i, 2)
		if (inside) {
			if (pair == "*/") {
				inside = 0
				i++
			}
		} else if (quote != "") {
			if (c == "\\")
				i++
			else if (c == quote) {
				line = line c
				quote = ""
			}
		} else if (pair == "/*") {
			inside = 1
			i++
			line = line " "
		} else if (pair == "//") {
			break
		} else {
			if (c == "\"" || c == "'")
				quote = c
			line = line c
		}
	}
	print line > result
}
