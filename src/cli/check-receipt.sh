#!/bin/sh
# Checks a receipt (C2SP tlog-proof) with a POSIX shell and OpenSSL 3, without vouchsafe:
#     sh check-receipt.sh RECEIPT log.pub.pem
#     sh check-receipt.sh RECEIPT FINGERPRINT      (64 hexadecimal digits: the archive's)
# It does not check the signatures of the entries, which ssh-keygen does.
set -eu
receipt=$1 anchor=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "NOT PROVED: $1" >&2; exit 1; }
decode() { openssl base64 -d -A; }
hash() { openssl dgst -sha256 -binary | openssl base64 -A; }
leaf() { { printf '\000'; cat "$1"; } | hash; }

# Receipts that are given out have those of the first entry and of the keys before them: each is a part, the last is the
# one that is to be proved.
[ "$(sed -n 1p "$receipt")" = c2sp.org/tlog-proof@v1 ] || fail "this is not a receipt"
awk -v work="$work" '/^c2sp.org\/tlog-proof@v1$/ { part++ } { print > (work "/part-" part) }' "$receipt"

# The log's key: the one that was given, or the one that the first entry names, if that is the archive's.
if [ -f "$anchor" ]; then
    cp "$anchor" "$work/key"
else
    sed -n '2s/^extra //p' "$work/part-1" | decode > "$work/entry"
    found=$(leaf "$work/entry" | decode | od -An -v -tx1 | tr -d ' \n')
    [ "$found" = "$anchor" ] || fail "it is of another archive: its fingerprint is $found"
    { printf '\060\052\060\005\006\003\053\145\160\003\041\000'
      sed 's/.*"log_key":"[^"+]*+[0-9a-f]*+\([^"]*\)".*/\1/' "$work/entry" | decode | tail -c 32; } > "$work/key.der"
    openssl pkey -pubin -inform DER -in "$work/key.der" -out "$work/key"
fi

check_part() {
    # A header, the entry, its index, the path to the root, an empty line, the signed checkpoint.
    sed -n '2s/^extra //p' "$1" | decode > "$work/entry"
    index=$(sed -n '3s/^index //p' "$1")
    sed '1,3d;/^$/,$d' "$1" > "$work/path"
    sed '1,/^$/d' "$1" > "$work/checkpoint"
    case $index in '' | *[!0-9]*) fail "it has no index" ;; esac

    # The checkpoint: the log's name, its size and its root, signed by the log's key.
    sed '/^$/,$d' "$work/checkpoint" > "$work/text"
    origin=$(sed -n 1p "$work/text") size=$(sed -n 2p "$work/text") root=$(sed -n 3p "$work/text")
    case $size in '' | *[!0-9]*) fail "its checkpoint has no size" ;; esac
    awk -v name="$origin" 'text && $2 == name { print $3; exit } /^$/ { text = 1 }' "$work/checkpoint" |
        decode | tail -c +5 > "$work/signature"
    openssl pkeyutl -verify -pubin -inkey "$work/key" -rawin -in "$work/text" -sigfile "$work/signature" > "$work/said" 2>&1 ||
        fail "the checkpoint is not signed by this key"

    # The entry says itself which one it is.
    grep -q "\"index\":$index,\"occurred_at\"" "$work/entry" || fail "the entry is not the one with index $index"
    [ "$index" -lt "$size" ] || fail "the log has only $size entries"

    # From the entry up to the root (RFC 9162, section 2.1.3.2).
    node=$(leaf "$work/entry")
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
}

number=1
while [ -f "$work/part-$number" ]; do
    check_part "$work/part-$number"
    number=$((number + 1))
done
echo "proved: this is entry $index of the $size entries of the log $origin"
