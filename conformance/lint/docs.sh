#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# docs/generated holds what the build directory `$1` generates; what is measured, in docs/generated/bench, is not its subject.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

[[ -x conformance/docs/generate.sh ]] || exit 0
fresh=$(mktemp -d)
trap 'rm -rf -- "$fresh"' EXIT
if ! conformance/docs/generate.sh "${1:?build directory}" "$fresh" >"$fresh/.log" 2>&1; then
	echo "conformance/docs/generate.sh:1: fails: $(tail -n1 "$fresh/.log")"
	exit 1
fi
rm -f -- "$fresh/.log"
{ diff -rq -x bench -- docs/generated "$fresh" || true; } | sed -E \
	-e 's/^Files ([^ ]*) and .* differ$/\1:1: stale: run .\/dev docs and add the result/' \
	-e 's/^Only in docs\/generated[^:]*: (.*)/docs\/generated\/\1:1: nothing generates it: remove it/' \
	-e 's/^Only in [^:]*: (.*)/docs\/generated\/\1:1: missing: run .\/dev docs and add the result/' | end_with
