# SPDX-License-Identifier: Apache-2.0
# The lines of race.c as a table: medians, the spread (10th to 90th), the 99th percentile, peak memory, page faults, and ratios of medians. Needs
# stats.awk.
BEGIN { FS = "\t" }
{ race_read() }

END {
	print "| command | who | median us | 10th to 90th | 99th | times the floor | times orlop | peak KiB | page faults |"
	print "|---|---|---|---|---|---|---|---|---|"
	for (c = 1; c <= cases; c++) {
		name = case_name[c]
		base = median_of(name, "floor")
		own = median_of(name, "orlop")
		for (i = 1; i <= contenders[name]; i++) {
			who = order[name, i]
			key = name SUBSEP who
			median = median_of(name, who)
			printf "| %s | %s | %.0f | %.0f to %.0f | %.0f | %s | %s | %d | %d |\n", name, who, median, time_at(name, who, 0.1),
				time_at(name, who, 0.9), time_at(name, who, 0.99), base ? sprintf("%.2f", median / base) : "",
				own ? sprintf("%.2f", median / own) : "", peak[key], quantile(faults, key, runs[key], 0.5)
		}
	}
}
