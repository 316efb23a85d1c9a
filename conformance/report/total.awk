# SPDX-License-Identifier: Apache-2.0
# Result rows (build, program, case, pass|fail|skip, note) to the total. A case that ran on several builds counts once: it fails if it
# failed on one, and is skipped only if it ran on none. The builds `peers` are other runtimes, which prove the cases: what passes or is
# skipped there says nothing of ours, what fails does. Skips are printed with their reasons and compared with the file `allowed` (none: not
# compared): its lines begin with a number, the sum is the most there may be; a line `BUILD number` is about one build alone. The last line
# is the total; ends with 1 when something failed or nothing ran.
BEGIN {
	FS = "\t"
	weight["skip"] = 1
	weight["pass"] = 2
	weight["fail"] = 3
	split(peers, list, " ")
	for (i in list)
		peer[list[i]] = 1
}
function show_reasons(build, title,    reason, part)
{
	for (reason in reasons) {
		split(reason, part, "\t")
		if (part[1] != build)
			continue
		if (title != "")
			print "\n" title
		title = ""
		printf "%6d  %s\n", reasons[reason], part[2]
	}
}
function compare_skips(build, count, most,    where)
{
	where = build == "" ? "" : " on " build
	if (count > most) {
		print "FAILED skips: " count " cases are skipped" where ", " allowed " allows " most
		total["fail"]++
	} else if (count < most) {
		print "note: " count " cases are skipped" where ", " allowed " may be lowered from " most
	}
}
{
	runs[$1 "\t" $4]++
	builds[$1] = 1
	if ($1 in peer && $4 == "skip")
		reasons[$1 "\t" $5]++
	if ($1 in peer && $4 != "fail")
		next
	key = $2 "\t" $3
	# A name that comes twice in one run is two cases.
	seen[$1, key]++
	key = key "\t" seen[$1, key]
	if (!(key in status))
		keys[++count] = key
	if (weight[$4] > weight[status[key]]) {
		status[key] = $4
		note[key] = ($1 in peer ? $1 : "") ($1 in peer && $5 != "" ? ": " : "") $5
	}
}
END {
	for (i = 1; i <= count; i++) {
		total[status[keys[i]]]++
		if (status[keys[i]] == "skip")
			reasons["\t" note[keys[i]]]++
	}
	show_reasons("", "skipped:")
	for (build in builds)
		if (build in peer)
			show_reasons(build, "skipped by " build ":")
	if (allowed != "none") {
		most[""] = 0
		while ((getline line < allowed) > 0) {
			if (line ~ /^[ \t]*[0-9]+/)
				most[""] += line + 0
			else if (split(line, word, " ") >= 2 && word[1] in builds && word[2] ~ /^[0-9]+$/)
				most[word[1]] += word[2]
		}
		compare_skips("", total["skip"] + 0, most[""])
		for (build in builds)
			if (build in peer || build in most)
				compare_skips(build, runs[build "\tskip"] + 0, most[build] + 0)
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
