# SPDX-License-Identifier: Apache-2.0
# Lines "series, place on the x axis, value" (separated by tabs) as an SVG: a line a series; places in the order in which they come, a logarithmic y
# axis. -v title=TEXT.
BEGIN {
	FS = "\t"
	split("#777777 #cc3311 #4477aa #88ccee #117733 #999933", colour, " ")
}
$3 > 0 {
	if (!($1 in line)) {
		line[$1] = ++lines
		name[lines] = $1
	}
	if (!($2 in place)) {
		place[$2] = ++places
		label[places] = $2
	}
	value[line[$1], place[$2]] = $3
	if (!least || $3 + 0 < least) least = $3 + 0
	if ($3 + 0 > most) most = $3 + 0
}

function x_of(p) { return places > 1 ? 70 + 480 * (p - 1) / (places - 1) : 300 }
function y_of(v) { return 250 - 200 * (log(v) - log(least)) / (log(most) - log(least) + 1e-9) }

END {
	printf "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"720\" height=\"290\" font-family=\"sans-serif\" font-size=\"12\">\n"
	printf "<rect width=\"100%%\" height=\"100%%\" fill=\"#ffffff\"/>\n<text x=\"10\" y=\"18\">%s</text>\n", title
	for (p = 1; p <= places; p++)
		printf "<text x=\"%.0f\" y=\"275\" text-anchor=\"middle\">%s</text><path stroke=\"#dddddd\" d=\"M%.0f 40V255\"/>\n", x_of(p), label[p], x_of(p)
	for (i = 1; i <= lines; i++) {
		printf "<path fill=\"none\" stroke=\"%s\" stroke-width=\"2\" d=\"", colour[i]
		from = "M"
		for (p = 1; p <= places; p++) {
			if (!((i, p) in value)) continue
			printf "%s%.0f %.0f", from, x_of(p), y_of(value[i, p])
			from = "L"
		}
		printf "\"/>\n"
		for (p = 1; p <= places; p++)
			# Where many stand close, the figures of the median and the 99th percentile: the fourth and the eighth.
			if ((i, p) in value && (places <= 7 || p % 4 == 0))
				printf "<text x=\"%.0f\" y=\"%.0f\" font-size=\"9\" fill=\"%s\">%.0f</text>\n", x_of(p) + 3, y_of(value[i, p]) - 3, colour[i], value[i, p]
		printf "<text x=\"600\" y=\"%d\" fill=\"%s\">%s</text>\n", 45 + 18 * i, colour[i], name[i]
	}
	print "</svg>"
}
