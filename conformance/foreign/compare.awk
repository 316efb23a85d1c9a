# SPDX-License-Identifier: Apache-2.0
# Rows of rows.awk, with FILE and the digest of CASE behind them, compared with the file `expected`, to the total. Ends with 1 when a case failed that is not on the list, unless only_tell is set.
# A case on the list that passed is told: on another machine it may.
BEGIN {
	while ((getline line < expected) > 0) {
		at = index(line, " -- ")
		if (line !~ /^#/ && at)
			reason[substr(line, 1, at - 1)] = substr(line, at + 4)
	}
	FS = "\t"
}
{
	total[$2]++
	if ($2 != "fail") {
		if ($2 == "pass" && $3 in reason)
			passed[$1] = 1
		next
	}
	if ($3 in reason)
		known++
	else {
		if (!new)
			print "\nfailed" (only_tell ? ":" : ", and not expected to:")
		print "  " $1 " (" $3 ")"
		new++
	}
}
END {
	for (name in passed)
		print "note: passed though it is on the list: " name
	printf "\n%d passed, %d failed, %d skipped", total["pass"], new, total["skip"]
	if (known)
		printf "; %d failed as expected", known
	printf "\n"
	exit !only_tell && new > 0 || !total["pass"]
}
