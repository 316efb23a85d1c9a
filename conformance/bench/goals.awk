# SPDX-License-Identifier: Apache-2.0
# The goals, computed: `awk -f stats.awk -f goals.awk facts.tsv race.tsv` prints a line a goal: what is wanted, the figure, and "reached", "not reached"
# or "not measured", separated by tabs. bench.sh puts those of several places side by side.
BEGIN { FS = "\t" }
NF == 2 {
	fact[$1] = $2
	next
}
{ race_read() }

function row(goal, measured, figure, reached) {
	printf "%s\t%s\t%s\n", goal, measured ? figure : "", !measured ? "not measured" : reached ? "reached" : "not reached"
}

# newest(prefix): the contender of that kind with the newest version.
function newest(prefix,    i, who, best, version, best_version, part) {
	for (i = 1; i <= contenders["run"]; i++) {
		who = order["run", i]
		if (index(who, prefix "-") != 1) continue
		split(substr(who, length(prefix) + 2), part, ".")
		version = part[1] * 1000000 + part[2] * 1000 + part[3]
		if (version > best_version) {
			best = who
			best_version = version
		}
	}
	return best
}

# Faster than a peer by this factor. Nobody can be faster than the floor is.
function row_faster(name, kind, factor,    who, own, theirs, floors) {
	who = newest(kind)
	own = median_of(name, "orlop")
	theirs = median_of(name, who)
	floors = median_of(name, "floor")
	row(sprintf("`%s` at least %s times faster than %s", name, factor, kind == "crun" ? "crun 1.28" : "runc 1.3.6"), own && theirs,
		own ? sprintf("%.2f times (%s)%s", theirs / own, who, floors ? sprintf(", the floor %.2f", theirs / floors) : "") : "", own && theirs >= factor * own)
}

# How much longer a run takes beside others than alone, and what that is for the floor.
function row_beside(what, many, alone,    own, floors) {
	if (median_of(many, "orlop")) {
		own = median_of(many, "orlop") / median_of(alone, "orlop")
		floors = median_of(many, "floor") / median_of(alone, "floor")
	}
	row("`run` beside " what ": within 10 % of what it is without, as far as the floor is", own,
		sprintf("%.2f times as long, the floor %.2f", own, floors), own <= 1.1 || own <= 1.1 * floors)
}

# What one of 500 costs more than none. 5 % are within the noise of two medians' difference.
function row_each(name, what,    own, floors) {
	own = (median_of(name, "orlop") - median_of("run", "orlop")) / 500
	floors = (median_of(name, "floor") - median_of("run", "floor")) / 500
	row("500 " what " in one config: none costs more than the floor's", median_of(name, "orlop") && median_of(name, "floor"),
		sprintf("%.1f us each, the floor's %.1f", own, floors), own <= 1.05 * floors)
}

# A create that has both processors to itself may have used both: what 64 take is told beside it.
function row_ways(    own, floors, each) {
	if (median_of("create-64-ways", "orlop")) {
		own = median_of("create-1-ways", "orlop") / median_of("create-64-ways", "orlop")
		floors = median_of("create-1-ways", "floor") / median_of("create-64-ways", "floor")
		each = median_of("create-64-ways", "orlop") / median_of("create-64-ways", "floor")
	}
	row("64 creates at once scale with the processors, as far as the floor does", own && fact["cpus"] > 1,
		sprintf("%.2f times the throughput of one at a time on %d, the floor %.2f; 64 take %.2f times as long as the floor", own, fact["cpus"], floors, each), own >= 0.9 * floors)
}

# Measured elsewhere, where crun may be of another version.
function row_memory(    name, crun) {
	for (name in fact) if (index(name, "memory.crun-") == 1) crun = substr(name, 8)
	row("a container starts under the smallest memory.max of the floor plus 64 KiB", fact["memory.orlop"],
		sprintf("%d KiB, the floor %d", fact["memory.orlop"], fact["memory.floor"]), fact["memory.orlop"] <= fact["memory.floor"] + 64)
	row("and under less than crun", fact["memory.orlop"] && fact["memory." crun],
		sprintf("%d KiB, %s %d", fact["memory.orlop"], crun, fact["memory." crun]), fact["memory.orlop"] < fact["memory." crun])
}

END {
	own = median_of("run", "orlop")
	row("`run` at most 1.3 times the floor", own, sprintf("%.2f times", own / median_of("run", "floor")), own <= 1.3 * median_of("run", "floor"))
	row_faster("run", "crun", 2.5)
	row_faster("run", "runc", 8)
	row_faster("run-seccomp", "crun", 2.5)
	row_faster("run-seccomp", "runc", 8)
	count = split("create start delete exec kill state", commands, " ")
	for (i = 1; i <= count; i++) row_faster(commands[i], "crun", 2)
	more = median_of("version", "orlop") - median_of("version", "floor")
	row("`orlop --version` within 0.5 ms of /bin/true", own, sprintf("%.2f ms", more / 1000), more <= 500)
	row("at most 250 system calls for `run`", fact["calls.orlop"], sprintf("%d, the floor %d", fact["calls.orlop"], fact["calls.floor"]), fact["calls.orlop"] <= 250)
	most = peak["run", "orlop"]
	if (peak["run-seccomp", "orlop"] > most) most = peak["run-seccomp", "orlop"]
	row("peak memory of `run` at most 3 MiB", most, sprintf("%d KiB", most), most <= 3072)
	row_memory()
	row("an init that waits for start has less than 150 KiB of its own", fact["waiting.orlop"],
		sprintf("%d KiB, the floor's %d", fact["waiting.orlop"], fact["waiting.floor"]), fact["waiting.orlop"] < 150)
	row_beside("1,000 containers", "beside-1000-containers", "beside-0-containers")
	row_beside("10,000 mounts", "beside-10000-mounts", "beside-0-mounts")
	row_each("500-mounts", "mounts")
	row_each("500-masks", "masked paths")
	row_ways()
	late = time_at("run", "orlop", 0.99)
	row("the 99th percentile of `run` within 3 times the median", own && runs["run", "orlop"] >= 50, sprintf("%.2f times", late / own), late <= 3 * own)
	row("the binary below 700 KiB stripped", fact["stripped"], sprintf("%d KiB", fact["stripped"] / 1024), fact["stripped"] < 700 * 1024)
}
