# SPDX-License-Identifier: Apache-2.0
# Functions on race.c's lines, for the other scripts: `awk -f stats.awk -f OTHER.awk FILE`. Times are in microseconds.

# race_read(): takes the present line. Fills cases, case_name, contenders[case], order[case, i], runs[key], time[key, i], peak[key] and
# faults[key, i]; a key is case SUBSEP contender.
function race_read(    key) {
	key = $1 SUBSEP $2
	if (!($1 in contenders)) case_name[++cases] = $1
	if (!(key in runs)) order[$1, ++contenders[$1]] = $2
	time[key, ++runs[key]] = $4 / 1000
	if ($5 + 0 > peak[key]) peak[key] = $5 + 0
	faults[key, runs[key]] = $6
}

# Sorts values[key, 1..n] in place and returns the one at the share `part`.
function quantile(values, key, n, part,    i, j, value) {
	for (i = 2; i <= n; i++) {
		value = values[key, i]
		for (j = i - 1; j >= 1 && values[key, j] > value; j--) values[key, j + 1] = values[key, j]
		values[key, j + 1] = value
	}
	return n ? values[key, int((n - 1) * part + 0.5) + 1] : 0
}

# 0 when it was not measured.
function time_at(name, who, part) { return quantile(time, name SUBSEP who, runs[name, who], part) }
function median_of(name, who) { return time_at(name, who, 0.5) }
