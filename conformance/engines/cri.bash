# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# A client of the CRI, for want of one in Debian: `load cri`. Messages are protobuf's text form of what cri.proto has.

# cri CALL [MESSAGE]: prints the answer; if it is an error, says so and returns 1.
cri() {
	local dir=$BATS_TEST_TMPDIR/cri.$BASHPID size
	mkdir -p "$dir"
	printf '%s' "${2:-}" | protoc --proto_path="$BATS_TEST_DIRNAME" --encode="$1Request" cri.proto >"$dir/message" || return 1
	size=$(stat -c %s "$dir/message")
	# shellcheck disable=SC2059 # a byte that says "not compressed" and four of the length
	printf "$(printf '\\x%02x' 0 $((size >> 24 & 255)) $((size >> 16 & 255)) $((size >> 8 & 255)) $((size & 255)))" |
		cat - "$dir/message" >"$dir/request"
	curl --silent --show-error --max-time 120 --http2-prior-knowledge --unix-socket /run/containerd/containerd.sock \
		--header 'content-type: application/grpc' --header 'te: trailers' --data-binary "@$dir/request" \
		--dump-header "$dir/headers" --output "$dir/answer" "http://localhost/runtime.v1.RuntimeService/$1" || return 1
	grep -qi '^grpc-status: 0' "$dir/headers" || {
		printf '%s: ' "$1" && sed -n 's/\r$//; s/^grpc-message: //Ip' "$dir/headers"
		return 1
	}
	tail -c +6 "$dir/answer" | protoc --proto_path="$BATS_TEST_DIRNAME" --decode="$1Response" cri.proto
}

# The string that a field of an answer has: `field_of NAME <<<ANSWER`.
field_of() { sed -n "s/^ *$1: \"\(.*\)\"\$/\1/p"; }

# cri_stream URL [INPUT]: what exec and attach stream, by a web socket: the input is sent, then all that comes is printed until the other side
# ends it. Between the texts are the frames' heads.
cri_stream() {
	local rest=${1#http://} address line socket
	address=${rest%%/*}
	exec {socket}<>"/dev/tcp/${address%:*}/${address##*:}"
	printf 'GET /%s HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\nSec-WebSocket-Protocol: %s\r\n\r\n' \
		"${rest#*/}" "$address" MDEyMzQ1Njc4OWFiY2RlZg== v4.channel.k8s.io >&"$socket"
	while read -r -u "$socket" line && [[ $line != $'\r' ]]; do
		[[ $line != HTTP/* || $line == *' 101 '* ]] || printf '%s\n' "$line"
	done
	# Channel 0 is the input's; the mask of what a client sends is nought here.
	# shellcheck disable=SC2059
	[[ -z ${2:-} ]] || printf "\\x82\\x$(printf %02x $((128 + 1 + ${#2})))\\0\\0\\0\\0\\0%s" "$2" >&"$socket"
	timeout 300 cat <&"$socket" | tr -d '\0' || true
	exec {socket}>&-
}
