# SPDX-License-Identifier: Apache-2.0
# From objdump -t: the objects that can change, with the file `path` they are from.
NF > 4 {
	section = $(NF - 1) == ".hidden" ? $(NF - 3) : $(NF - 2)
	if ($NF !~ /^\./ && section ~ /^(\.data|\.bss|\.tdata|\.tbss|\*COM\*)/ && section !~ /^\.data\.rel\.ro/)
		print path, $NF
}
