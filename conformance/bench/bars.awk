# SPDX-License-Identifier: Apache-2.0
# facts.tsv's lines whose names begin with -v what=PREFIX as an SVG of bars. -v title=TEXT.
BEGIN { FS = "\t" }
index($1, what ".") == 1 {
	name[++count] = substr($1, length(what) + 2)
	value[count] = $2 + 0
	if (value[count] > most) most = value[count]
}

END {
	printf "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"720\" height=\"%d\" font-family=\"sans-serif\" font-size=\"12\">\n", 40 + 26 * count
	printf "<rect width=\"100%%\" height=\"100%%\" fill=\"#ffffff\"/>\n<text x=\"10\" y=\"18\">%s</text>\n", title
	for (i = 1; i <= count; i++) {
		y = 8 + 26 * i
		printf "<text x=\"10\" y=\"%d\">%s</text><rect x=\"110\" y=\"%d\" width=\"%.1f\" height=\"16\" fill=\"#4477aa\"/>", y + 13, name[i], y,
			520 * value[i] / (most + 1e-9)
		printf "<text x=\"%.1f\" y=\"%d\">%d</text>\n", 116 + 520 * value[i] / (most + 1e-9), y + 13, value[i]
	}
	print "</svg>"
}
