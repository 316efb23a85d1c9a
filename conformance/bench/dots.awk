# SPDX-License-Identifier: Apache-2.0
# One case (-v what=run) of race.c's lines as an SVG: every run a dot, in microseconds on a logarithmic scale, a bar at each median. Needs stats.awk.
BEGIN { FS = "\t" }
$1 == what {
	race_read()
	us = $4 / 1000
	if (!least || us < least) least = us
	if (us > most) most = us
}

function x_of(us) { return 110 + 540 * (log(us) - log(least)) / (log(most) - log(least) + 1e-9) }

END {
	height = 50 + 36 * contenders[what]
	printf "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"720\" height=\"%d\" font-family=\"sans-serif\" font-size=\"12\">\n", height
	printf "<rect width=\"100%%\" height=\"100%%\" fill=\"#ffffff\"/>\n"
	printf "<text x=\"10\" y=\"18\">%s: microseconds, logarithmic; a dot a run, a bar at the median</text>\n", what
	for (i = 1; i <= contenders[what]; i++) {
		y = 20 + 36 * i
		who = order[what, i]
		median = median_of(what, who)
		printf "<text x=\"10\" y=\"%d\">%s</text>\n", y + 4, who
		printf "<path stroke=\"#4477aa\" stroke-opacity=\"0.4\" stroke-width=\"4\" stroke-linecap=\"round\" d=\""
		for (j = 1; j <= runs[what, who]; j++) printf "M%.0f %dh0", x_of(time[what, who, j]), y + j % 7 - 3
		printf "\"/>\n<rect x=\"%.1f\" y=\"%d\" width=\"2\" height=\"20\" fill=\"#cc3311\"/>", x_of(median), y - 10
		printf "<text x=\"%.1f\" y=\"%d\">%.0f</text>\n", x_of(median) + 5, y - 6, median
	}
	print "</svg>"
}
