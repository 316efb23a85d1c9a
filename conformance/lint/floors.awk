# SPDX-License-Identifier: Apache-2.0
# The project's own includes against the rows of the file `rules` (floors.txt).
function to_regex(glob)
{
	gsub(/\./, "\\.", glob)
	gsub(/\*\*/, "\001", glob)
	gsub(/\*/, "[^/]*", glob)
	gsub(/\001/, ".*", glob)
	return "^" glob "$"
}

function may_include(floor, name,    globs, count, i)
{
	if (FILENAME ~ /(_test\.c|fixture\.[ch])$/ && name == "conformance/unit/check.h")
		return 1
	count = split(allowed[floor], globs, /[ \t]+/)
	for (i = 1; i <= count; i++)
		if (name ~ to_regex(globs[i]) && name !~ /\.\./)
			return 1
	return 0
}

BEGIN {
	while ((getline line < rules) > 0) {
		if (line ~ /^[ \t]*(#|$)/)
			continue
		folder = line
		sub(/:.*/, "", folder)
		sub(/^[^:]*:[ \t]*/, "", line)
		allowed[folder] = line
	}
}

# The longest row that names the file's folder or one above it; each folder in libsandbox needs a row of its own.
FNR == 1 {
	floor = FILENAME
	while (floor != "" && !(floor in allowed))
		if (!sub(/\/[^\/]*$/, "", floor))
			floor = ""
	if (floor == "libsandbox" && FILENAME ~ /^libsandbox\/.*\//)
		floor = ""
	if (floor == "")
		print FILENAME ":1: no floor: floors.txt names no folder for it"
}

floor != "" && /^[ \t]*#[ \t]*include[ \t]*"/ {
	name = $0
	sub(/^[^"]*"/, "", name)
	sub(/".*/, "", name)
	if (may_include(floor, name))
		next
	if (name ~ /^(libbase|libspec|hooks|libsandbox|runtime|conformance)\//)
		print FILENAME ":" FNR ": includes \"" name "\": " floor "/ may include " allowed[floor]
	else
		print FILENAME ":" FNR ": includes \"" name "\": write the path from the root of the repository"
}
