#!/bin/sh
# Checks a receipt (C2SP tlog-proof) with a POSIX shell and OpenSSL 3, without vouchsafe:
#     sh check-receipt.sh RECEIPT log.pub.pem
set -eu
receipt=$1 key=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "NOT PROVED: $1" >&2; exit 1; }
decode() { openssl base64 -d -A; }
hash() { openssl dgst -sha256 -binary | openssl base64 -A; }

# The receipt: a header, the entry, its index, the path to the root, an empty line, the signed checkpoint.
[ "$(sed -n 1p "$receipt")" = c2sp.org/tlog-proof@v1 ] || fail "this is not a receipt"
sed -n '2s/^extra //p' "$receipt" | decode > "$work/entry"
index=$(sed -n '3s/^index //p' "$receipt")
sed '1,3d;/^$/,$d' "$receipt" > "$work/path"
sed '1,/^$/d' "$receipt" > "$work/checkpoint"

# The checkpoint: the log's name, its size and its root, signed by the log's key.
sed '/^$/,$d' "$work/checkpoint" > "$work/text"
origin=$(sed -n 1p "$work/text") size=$(sed -n 2p "$work/text") root=$(sed -n 3p "$work/text")
awk -v name="$origin" 'text && $2 == name { print $3; exit } /^$/ { text = 1 }' "$work/checkpoint" |
    decode | tail -c +5 > "$work/signature"
openssl pkeyutl -verify -pubin -inkey "$key" -rawin -in "$work/text" -sigfile "$work/signature" > "$work/said" 2>&1 ||
    fail "the checkpoint is not signed by this key"

# The entry says itself which one it is.
grep -q "\"index\":$index,\"occurred_at\"" "$work/entry" || fail "the entry is not the one with index $index"
[ "$index" -lt "$size" ] || fail "the log has only $size entries"

# From the entry up to the root (RFC 9162, section 2.1.3.2).
node=$({ printf '\000'; cat "$work/entry"; } | hash)
place=$index last=$((size - 1))
while IFS= read -r beside; do
    [ "$last" -gt 0 ] || fail "the path is too long"
    if [ $((place & 1)) -eq 1 ] || [ "$place" -eq "$last" ]; then
        node=$({ printf '\001'; printf %s "$beside" | decode; printf %s "$node" | decode; } | hash)
        while [ $((place & 1)) -eq 0 ] && [ "$place" -ne 0 ]; do place=$((place >> 1)) last=$((last >> 1)); done
    else
        node=$({ printf '\001'; printf %s "$node" | decode; printf %s "$beside" | decode; } | hash)
    fi
    place=$((place >> 1)) last=$((last >> 1))
done < "$work/path"
[ "$last" -eq 0 ] || fail "the path is too short"
[ "$node" = "$root" ] || fail "the path does not lead to the root"
echo "proved: this is entry $index of the $size entries of the log $origin"
