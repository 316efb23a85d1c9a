# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Where recipes of images and trees take Debian's packages from; to be sourced. Sets ORLOP_MIRROR unless it is given: where this host's apt has
# Debian's from. Returns 1 when apt knows none.
find_mirror() {
	[[ -z ${ORLOP_MIRROR:-} ]] || return 0
	# shellcheck disable=SC2016 # apt's own variable
	ORLOP_MIRROR=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' 'Label: Debian' 2>/dev/null | sort -u |
		head -n 1) || true
	[[ -n $ORLOP_MIRROR ]] || return 1
	export ORLOP_MIRROR
}
