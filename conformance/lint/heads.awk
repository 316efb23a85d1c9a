# SPDX-License-Identifier: Apache-2.0
# The first two lines of C files.
FNR == 1 && $0 != "/* SPDX-License-Identifier: Apache-2.0 */" {
	print FILENAME ":1: no licence: begin with /* SPDX-License-Identifier: Apache-2.0 */"
}
FNR == 2 && !/^\/\*/ {
	print FILENAME ":2: no head comment: say what the file is for and what it is not for"
}
