# SPDX-License-Identifier: Apache-2.0
# Result rows (build, program, case, pass|fail|skip, note) to the total. A case that ran on several builds counts once: it fails if it
# failed on one, and is skipped only if it ran on none. Skips are printed with their reasons and compared with the file `allowed`
# (none: not compared): its lines begin with a number, the sum is the most there may be. The last line is the total; ends with 1 when
# something failed or nothing ran.
BEGIN {
	FS = "\t"
	weight["skip"] = 1
	weight["pass"] = 2
	weight["fail"] = 3
}
{
	key = $2 "\t" $3
	# A name that comes twice in one run is two cases.
	seen[$1, key]++
	key = key "\t" seen[$1, key]
	if (!(key in status))
		keys[++count] = key
	if (weight[$4] > weight[status[key]]) {
		status[key] = $4
		note[key] = $5
	}
	runs[$1 "\t" $4]++
	builds[$1] = 1
}
END {
	for (i = 1; i <= count; i++) {
		total[status[keys[i]]]++
		if (status[keys[i]] == "skip")
			reasons[note[keys[i]]]++
	}
	if (total["skip"]) {
		print "\nskipped:"
		for (reason in reasons)
			printf "%6d  %s\n", reasons[reason], reason
	}
	if (allowed != "none") {
		most = 0
		while ((getline line < allowed) > 0)
			if (line ~ /^[ \t]*[0-9]+/)
				most += line + 0
		if (total["skip"] > most) {
			print "FAILED skips: " total["skip"] " cases are skipped, " allowed " allows " most
			total["fail"]++
		} else if (total["skip"] + 0 < most) {
			print "note: " total["skip"] + 0 " cases are skipped, " allowed " may be lowered from " most
		}
	}
	if (total["fail"]) {
		print "\nfailed:"
		for (i = 1; i <= count; i++)
			if (status[keys[i]] == "fail") {
				split(keys[i], part, "\t")
				print "  " part[1] ": " part[2] (note[keys[i]] == "" ? "" : ": " note[keys[i]])
			}
	}
	print ""
	for (build in builds)
		printf "%-8s %5d passed %5d failed %5d skipped\n", build, runs[build "\tpass"], runs[build "\tfail"], runs[build "\tskip"]
	printf "%d passed, %d failed", total["pass"], total["fail"]
	if (total["skip"])
		printf ", %d skipped", total["skip"]
	printf "\n"
	exit total["fail"] > 0 || count == 0 || !total["pass"]
}
