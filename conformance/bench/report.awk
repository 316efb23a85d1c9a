# SPDX-License-Identifier: Apache-2.0
# The lines of race.c as a table: medians, the 99th percentile, the spread (10th to 90th), peak memory, page faults, and ratios of medians.
BEGIN { FS = "\t" }
{
	key = $1 SUBSEP $2
	if (!($1 in seen_case)) {
		seen_case[$1] = ++cases
		case_name[cases] = $1
	}
	if (!(key in runs)) {
		order[$1, ++contenders[$1]] = $2
	}
	time[key, ++runs[key]] = $4 / 1000
	if ($5 > peak[key]) peak[key] = $5
	faults[key, runs[key]] = $6
}

# Sorts name[key, 1..n] in place and returns the value at the share `part`.
function quantile(values, key, n, part,    i, j, value, at) {
	for (i = 2; i <= n; i++) {
		value = values[key, i]
		for (j = i - 1; j >= 1 && values[key, j] > value; j--) values[key, j + 1] = values[key, j]
		values[key, j + 1] = value
	}
	at = int((n - 1) * part + 0.5) + 1
	return values[key, at]
}

END {
	print "| command | who | median us | 10th to 90th | 99th | times the floor | times orlop | peak KiB | page faults |"
	print "|---|---|---|---|---|---|---|---|---|"
	for (c = 1; c <= cases; c++) {
		name = case_name[c]
		for (i = 1; i <= contenders[name]; i++) {
			key = name SUBSEP order[name, i]
			median[key] = quantile(time, key, runs[key], 0.5)
		}
		base = median[name SUBSEP "floor"]
		own = median[name SUBSEP "orlop"]
		for (i = 1; i <= contenders[name]; i++) {
			who = order[name, i]
			key = name SUBSEP who
			printf "| %s | %s | %.0f | %.0f to %.0f | %.0f | %s | %s | %d | %d |\n", name, who, median[key],
				quantile(time, key, runs[key], 0.1), quantile(time, key, runs[key], 0.9), quantile(time, key, runs[key], 0.99),
				base ? sprintf("%.2f", median[key] / base) : "", own ? sprintf("%.2f", median[key] / own) : "", peak[key],
				quantile(faults, key, runs[key], 0.5)
		}
	}
}
