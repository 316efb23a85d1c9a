# SPDX-License-Identifier: Apache-2.0
# One case (-v what=run) of race.c's lines as an SVG: every run a dot, in microseconds on a logarithmic scale, a bar at each median.
BEGIN { FS = "\t"; least = 1e12 }
$1 == what {
	us = $4 / 1000
	if (!($2 in runs)) name[++names] = $2
	value[$2, ++runs[$2]] = us
	if (us < least) least = us
	if (us > most) most = us
}

function x_of(us) { return 90 + 560 * (log(us) - log(least)) / (log(most) - log(least) + 1e-9) }

function median_of(who,    i, j, swap, n) {
	n = runs[who]
	for (i = 2; i <= n; i++)
		for (j = i; j > 1 && value[who, j - 1] > value[who, j]; j--) {
			swap = value[who, j]
			value[who, j] = value[who, j - 1]
			value[who, j - 1] = swap
		}
	return value[who, int((n + 1) / 2)]
}

END {
	height = 50 + 36 * names
	printf "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"720\" height=\"%d\" font-family=\"sans-serif\" font-size=\"12\">\n", height
	printf "<text x=\"10\" y=\"18\">%s: microseconds, logarithmic; a dot a run, a bar at the median</text>\n", what
	for (i = 1; i <= names; i++) {
		y = 20 + 36 * i
		who = name[i]
		median = median_of(who)
		printf "<text x=\"10\" y=\"%d\">%s</text>\n", y + 4, who
		for (j = 1; j <= runs[who]; j++)
			printf "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"2\" fill=\"#4477aa\" fill-opacity=\"0.4\"/>\n", x_of(value[who, j]), y + j % 7 - 3
		printf "<rect x=\"%.1f\" y=\"%d\" width=\"2\" height=\"20\" fill=\"#cc3311\"/>", x_of(median), y - 10
		printf "<text x=\"%.1f\" y=\"%d\">%.0f</text>\n", x_of(median) + 5, y - 6, median
	}
	print "</svg>"
}
