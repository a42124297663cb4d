#!/bin/sh
# Checks an evidence bundle (see BUNDLE.md) with ordinary tools and without the program that made it.
#
#     sh verify.sh [--trust FINGERPRINT|FILE]... [FOLDER]
#
# FOLDER is the bundle, or a folder that holds nothing else; without it, the folder of this script, or else the one in
# which it is started. FINGERPRINT is
# that of the archive, as you received it by a separate channel: in 14 groups of four, or as 64 hexadecimal
# digits. FILE holds such, one a line. Where several are given, the archive must be one of them. A key may be given as
# well, and is named in the report; it shows nothing, since whoever holds it can make another archive.
#
# Needs a POSIX shell, find, grep, sed, awk, sort, comm, cmp, tr, cut, od, fold, head, tail, wc, uniq, mktemp, sha256sum
# (or shasum), and openssl 3; where ssh-keygen is there, it gives a second opinion on the signature of the bundle.
# It reads the bundle and writes only into a new folder for temporary files. Nothing in the bundle is run.
#
# The histories that exhibits had in other archives (foreign/), and what letters of other archives say of custody that
# passed (letters/), are NOT CHECKED by it: verify.html and `vouchsafe check` do that. Where there are some, it does not
# say sound.
#
# What a newer version wrote is checked as far as it can be, and is NOT UNDERSTOOD, which is no failure.
#
# Exit: 0 sound; 1 something was found; 2 wrong use; 3 it could not be checked, or not all of it, or not all of it was
# understood, or no fingerprint was given to check against.
set -uf +eC
# What bash takes over from SHELLOPTS; other shells do not know it.
if (set +o pipefail) 2> /dev/null; then set +o pipefail; fi
LC_ALL=C IFS=' 	
'
export LC_ALL
unset CDPATH
umask 077

for tool in awk cat cmp comm cp cut find fold grep head mktemp od rm sed sort tail tr uniq wc; do
    command -v "$tool" > /dev/null 2>&1 || { printf 'COULD NOT BE CHECKED: %s is not here\n' "$tool" >&2; exit 3; }
done
work=$(mktemp -d) || { printf 'COULD NOT BE CHECKED: there is no folder for temporary files (TMPDIR names another one)\n' >&2; exit 3; }
trap 'rm -rf "$work"' EXIT
trap 'exit 3' HUP INT TERM

# ---- What is found ----------------------------------------------------------------------------------------------

# What cannot be checked ends the script, also where it is said in a part of a pipeline, which is a process of its own.
cannot() { printf 'COULD NOT BE CHECKED: %s\n' "$1" >&2; kill -s TERM $$; exit 3; }
unwritten() { cannot 'a tool failed, or the folder for temporary files is full (TMPDIR names another one)'; }
lines() { grep "$@"; [ $? -le 1 ]; } # that there are none is no error

# Findings: "failed|newer|degraded CODE EXHIBIT|- PLACE: what". The codes are those of FORMAT.md.
for name in findings letters letters-withheld letters-missing revoked-unknown log-ids agents changes recoveries recovery log-keys points used chain nonces introductions collections said received fingerprints keys; do true > "$work/$name" || unwritten; done
shown() { printf %s "$1" | tr -c ' -~' '?' | cut -c1-300; }
wrong() { # TEXT [WHY]
    printf 'WRONG USE: %s%s\n' "$(shown "$1")" "${2:-}" >&2
    exit 2
}
usage() { wrong "$1" '
usage: sh verify.sh [--trust FINGERPRINT|FILE]... [FOLDER]'; }
finding() { # SEVERITY CODE PLACE TEXT
    whose=-
    case $3 in data/X-* | exhibits/X-*) whose=$(printf %s "$3" | sed 's|^[a-z]*/||; s|[./].*||') ;; letters/*) whose=${passed_thing:--} ;; esac
    printf '%s %s %s %s: %s\n' "$1" "$2" "$whose" "$(shown "$3")" "$(shown "$4")" >> "$work/findings" || unwritten
    word=$1
    [ "$word" != newer ] || word='not understood'
    printf '%-8s %s %s: %s\n' "$word" "$2" "$(shown "$3")" "$(shown "$4")"
}
failed() { finding failed "$@"; }
not_understood() { finding newer "$@"; }
degraded() { finding degraded "$@"; }
notice() { printf '%-8s %s %s: %s\n' notice "$1" "$(shown "$2")" "$3"; } # changes no verdict
step() { printf '\n== %s\n' "$1"; }

# ---- Tools ------------------------------------------------------------------------------------------------------

if command -v sha256sum > /dev/null 2>&1; then sums() { sha256sum "$@"; }
elif command -v shasum > /dev/null 2>&1; then sums() { shasum -a 256 "$@"; }
else cannot 'neither sha256sum nor shasum is here'; fi
openssl pkeyutl -help 2>&1 | grep -q rawin || cannot 'openssl 3 is not here (on macOS: brew install openssl)'
has_ssh_keygen=no
# An ssh-keygen that knows -Y and is given no file complains about something else than -Y.
if command -v ssh-keygen > /dev/null 2>&1; then
    ssh-keygen -Y check-novalidate -n x -s /nonexistent < /dev/null 2>&1 | grep -q -i 'option\|usage' || has_ssh_keygen=yes
fi

decode() { openssl base64 -d -A; }
encode() { openssl base64 -A; }
# shellcheck disable=SC2046 # the bytes are the words
hex() ( set -- $(od -An -v -tx1); IFS=''; printf %s "$*" )
unhex() { # HEX
    # shellcheck disable=SC2059 # what is printed has nothing but \ooo in it
    printf "$(printf %s "$1" | sed 's/../&\
/g' | awk '/./ { d = "0123456789abcdef"; printf "\\%03o", 16 * index(d, substr($0, 1, 1)) + index(d, substr($0, 2)) - 17 }')"
}
sha256() { openssl dgst -sha256 -binary; }
# Some wc write blanks in front of the number.
size() { set -- "$(wc -c < "$1")"; printf %s "${1##* }"; }
lines_of() { set -- "$(wc -l < "$1")"; printf %s "${1##* }"; }
is_nothing() { cmp -s - /dev/null; }
# NAME FILE: the text or the number that a member has; names of logs hold commas and braces, too.
scalar() { sed -n -e "s/.*[{,]\"$1\":\"\\([^\"]*\\)\".*/\\1/p" -e "s/.*[{,]\"$1\":\\([0-9]\\{1,\\}\\)[,}].*/\\1/p" "$2"; }
matches() { grep -q -x -E -e "$1" "$2"; } # the one line of a file, as a whole

# Base64 in its one form: the bits that stand for nothing are zero.
B='[A-Za-z0-9+/]' LAST2='[AEIMQUYcgkosw048]' LAST4='[AQgw]'
BASE64="($B{4})*($B{2}$LAST2=|$B$LAST4==)?"
ID="SHA256:$B{42}$LAST2" H='[0-9a-f]{64}' X='X(-[0-9A-HJKMNP-TV-Z]{4}){4}' FIDO='sk-ssh-ed25519@openssh.com'
KEY="(ssh-ed25519 $B{68}|sk-ssh-ed25519@openssh\\.com $B{99}=)" S="($B{85}$LAST4==|$B{92})"
# Whole numbers up to 2^53 - 1, which is 9007199254740991.
UP_TO='[1-9][0-9]{0,14}|[1-8][0-9]{15}|900[0-6][0-9]{12}|90070[0-9]{11}|90071[0-8][0-9]{10}|900719[0-8][0-9]{9}|9007199[01][0-9]{8}'
UP_TO="$UP_TO|90071992[0-4][0-9]{7}|900719925[0-3][0-9]{6}|9007199254[0-6][0-9]{5}|90071992547[0-3][0-9]{4}|9007199254740[0-8][0-9]{2}"
UP_TO="($UP_TO|90071992547409[0-8][0-9]|900719925474099[01])"
N="(0|$UP_TO)"
# Times: days that exist, in the years 1970 to 9999; the 29th of February in every fourth year, but not in every hundredth.
DAY='(0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8])'
LEAP='(19(7[26]|8[048]|9[26])|[2-9][0-9](0[48]|[2468][048]|[13579][26])|([2468][048]|[3579][26])00)-02-29'
T="((19[7-9]|[2-9][0-9]{2})[0-9]-($DAY)|$LEAP)T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\\.[0-9]{3}Z"
LIST="\\[(\"$H\"(,\"$H\")*)?\\]"
ROLES='\["(administrator(","archivist)?(","investigator)?(","lawyer)?|archivist(","investigator)?(","lawyer)?|investigator(","lawyer)?|lawyer)"\]'
AGENT="\\{(\"expires\":\"$T\",)?\"kind\":\"(organisation|person|software)\",(\"next\":\"$ID\",)?\"public_key\":\"$KEY\",\"roles\":$ROLES\\}"
RECOVERY="\\{\"keys\":\\[\"$KEY\"(,\"$KEY\")*\\],\"threshold\":([1-9]|1[0-6])\\}"
# What the body of every event may hold: by whom it was approved before, and that what came with it is sealed.
APPROVAL="\\{\"key\":\"$ID\",\"nonce\":\"[0-9a-f]{32}\",\"not_after\":\"$T\",\"request\":\"$H\",\"signature\":\"$S\"\\}"
APPROVALS="\"approvals\":\\[$APPROVAL(,$APPROVAL)*\\]," SEALED="\"sealed\":\\{\"epoch\":$UP_TO,\"fields\":\"$H\",\"key\":\"$H\"\\}"
GAP='(\.\.|[0-9]{4}(-[0-9]{2}){0,2})'
EVENT='[a-z][a-z0-9_]{0,31}\.[a-z][a-z0-9_]{0,31}' EVIDENCE="\\{\"object\":\"$H\",\"size_bytes\":$N\\}" SUBJECT='(-[0-9A-HJKMNP-TV-Z]{4}){4}'
TEXT='[]!#-[^-~]+' ORIGIN='[]!#-*,-[^-~]{1,200}' SOFTWARE='([]!#-[^-~]|\\["\]){1,100}' MEDIA='[a-z0-9!#$&^_.+-]+' VKEY="[]!#-*,-[^-~]{1,200}\\+[0-9a-f]{8}\\+$B{44}" VKEY_PQ="[]!#-*,-[^-~]{1,200}\\+[0-9a-f]{8}\\+$B+="
# A text as canonical JSON writes it: no control characters, and one escape for each. A field, and what it may hold.
QUOTED="\"([^\"\\$(printf '\001-\037')]|\\\\([\"\\bfnrt]|u00(0[0-7be-f]|1[0-9a-f])))*\""
VALUE="$QUOTED|\\[($QUOTED(,$QUOTED)*)?\\]|0|-?$UP_TO|\\{\"bytes\":\"$BASE64\"\\}|\\{\"(unknown|withdrawn)\":$QUOTED\\}"
FIELD="\\[\"[0-9a-f]{32}\",\"[a-z][a-z0-9_]{0,63}\",($VALUE)\\]"

# Whether the bytes of a file are UTF-8 (without surrogates, and in the shortest form); of fields, a line each, also
# whether each value keeps within its limits. With `no-spaces`, no character is one that Unicode calls a space.
text_holds() { # FILE fields|no-spaces
    od -An -v -tu1 "$1" | awk -v what="$2" '
        function wrong() { bad = 1; exit 1 }
        function is_space(c) { return c == 133 || c == 160 || c == 5760 || c >= 8192 && c <= 8202 || c == 8232 || c == 8233 || c == 8239 || c == 8287 || c == 12288 }
        function byte(b) {
            if (left) {
                if (b < low || b > high) wrong()
                code = code * 64 + b - 128; low = 128; high = 191
                if (--left == 0 && what == "no-spaces" && is_space(code)) wrong()
                return
            }
            if (b < 128) return
            if (b < 194 || b > 244) wrong()
            left = b < 224 ? 1 : b < 240 ? 2 : 3
            code = b - (b < 224 ? 192 : b < 240 ? 224 : 240)
            low = b == 224 ? 160 : b == 240 ? 144 : 128; high = b == 237 ? 159 : b == 244 ? 143 : 191
        }
        # The first two texts of a field are its salt and its name; an object has a name in front of its text. An escape
        # stands for one byte: the others of its six are not counted.
        function check_limits() { if (items > 1000 || (kind == 123 && is_bytes ? total * 3 / 4 - padding : total) > 262144) wrong(); texts = items = total = kind = padding = is_bytes = 0 }
        function field(b) {
            if (inside && escaped) { escaped = 0; if (b == 117) skip = 4; return }
            if (inside && skip) { skip--; return }
            if (inside && b == 34) { inside = 0; return }
            if (inside) {
                if (b == 92) escaped = 1
                if (texts == 3 && kind == 123) { if (b == 98) is_bytes = 1; return }
                if (texts > 2) { total++; if (b == 61) padding++ }
                return
            }
            if (b == 10) { check_limits(); return }
            if (b == 34) { inside = 1; texts++; if (texts > 2) items++; if (texts == 3 && !kind) kind = 34; return }
            if (texts == 2 && !kind && (b == 91 || b == 123)) kind = b
        }
        { for (n = 1; n <= NF; n++) { byte($n + 0); if (what == "fields") field($n + 0) } }
        END { if (!bad && what == "fields") check_limits(); exit bad || left > 0 }'
}

# Points of small order, in all their encodings: with such a key, or such a first half of a signature, a signature
# can be made to fit several messages.
is_weak() { # HEX
    case ${1%??} in
    00000000000000000000000000000000000000000000000000000000000000 | 01000000000000000000000000000000000000000000000000000000000000) ;;
    26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc | c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03) ;;
    ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff | edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff) ;;
    eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff) ;;
    *) return 1 ;;
    esac
}
key_blob() { printf %s "${1#* }" | decode; }
# The 32 bytes of a key: behind them, a FIDO key has the name of the application.
key_point() { if [ "$(size "$1")" = 74 ]; then head -c 66 "$1"; else cat "$1"; fi | tail -c 32; }
key_id() { printf 'SHA256:%s' "$(key_blob "$1" | sha256 | encode | tr -d =)"; }
der() { printf '\060\052\060\005\006\003\053\145\160\003\041\000'; tail -c 32; }
pem() { printf -- '-----BEGIN PUBLIC KEY-----\n%s\n-----END PUBLIC KEY-----\n' "$(encode)"; }
is_key() { # an OpenSSH key in its one form, not weak
    key_blob "$1" > "$work/blob"
    case $1 in
    "$FIDO "*) key_form='74 0000001a736b2d7373682d65643235353139406f70656e7373682e636f6d00000020 000000047373683a' ;;
    *) key_form='51 0000000b7373682d6564323535313900000020 ' ;;
    esac
    [ "$(encode < "$work/blob")" = "${1#* }" ] && ! is_weak "$(key_point "$work/blob" | hex)" &&
        [ "$(size "$work/blob") $(hex < "$work/blob" | sed "s/$(key_point "$work/blob" | hex)/ /")" = "$key_form" ]
}

# Ed25519 by openssl: FILE signed by the key in the DER file KEY, signature in the file SIGNATURE.
plain_holds() { # KEY FILE SIGNATURE
    [ "$(size "$3")" = 64 ] && ! is_weak "$(head -c 32 "$3" | hex)" &&
        openssl pkeyutl -verify -pubin -keyform DER -inkey "$1" -rawin -in "$2" -sigfile "$3" > /dev/null 2>&1
}
# What OpenSSH signs for a file, and the file that it makes of a signature (PROTOCOL.sshsig). The namespace is
# written with its length: \021 is 17, \022 is 18, \024 is 20.
entry_space() { printf '\000\000\000\021vouchsafe-entry@1'; }
approval_space() { printf '\000\000\000\024vouchsafe-approval@1'; }
bundle_space() { printf '\000\000\000\022vouchsafe-bundle@1'; }
ssh_data() { # NAMESPACE FILE
    printf SSHSIG; "$1"; printf '\000\000\000\000\000\000\000\006sha512\000\000\000\100'
    openssl dgst -sha512 -binary < "$2"
}
# The key that the next two functions are about: its blob, and what openssl reads.
of_key() { # KEY
    [ "$1" != "${key_now:-}" ] || return 0
    key_blob "$1" > "$work/key.blob" && key_point "$work/key.blob" | der > "$work/key.der" || unwritten
    key_now=$1
}
ssh_armor() { # NAMESPACE SIGNATURE
    printf -- '-----BEGIN SSH SIGNATURE-----\n'
    {
        printf 'SSHSIG\000\000\000\001'
        case $key_now in "$FIDO "*) printf '\000\000\000\112' ;; *) printf '\000\000\000\063' ;; esac
        cat "$work/key.blob"; "$1"; printf '\000\000\000\000\000\000\000\006sha512'
        case $key_now in "$FIDO "*) printf '\000\000\000\147\000\000\000\032%s' "$FIDO" ;; *) printf '\000\000\000\123\000\000\000\013ssh-ed25519' ;; esac
        printf '\000\000\000\100'; cat "$2"
    } | encode | fold -w 70
    printf '\n-----END SSH SIGNATURE-----\n'
}
ssh_holds() { # NAMESPACE FILE SIGNATURE
    ssh_data "$1" "$2" > "$work/data" || unwritten
    case $key_now in "$FIDO "*) ;; *) plain_holds "$work/key.der" "$work/data" "$3"; return ;; esac
    # Behind the 64 bytes of such a signature are flags, of which the lowest says that somebody touched the key, and a counter.
    [ "$(size "$3")" = 69 ] || return 1
    case $(tail -c 5 "$3" | head -c 1 | hex) in *[13579bdf]) ;; *) return 1 ;; esac
    head -c 64 "$3" > "$work/plain" && { printf ssh: | sha256; tail -c 5 "$3"; sha256 < "$work/data"; } > "$work/touched" || unwritten
    plain_holds "$work/key.der" "$work/touched" "$work/plain"
}

# JSON, read byte by byte. With `entry`, it must be canonical (RFC 8785), and is a line of the log: printed is at which byte
# its signatures begin, whether it has members that no entry of today has, and the line without these and with no more of
# its body than every reader knows. With `any`, it may be written in any way; printed is its `format`, if that is a text.
json() { # entry|any
    od -An -v -tu1 | awk -v how="$1" '
        function wrong() { bad = 1; exit 1 }
        function step() {
            at++
            if (kept) raw = raw sprintf("%c", c)
            while (++n > NF) { if ((getline) <= 0) { c = -1; return } n = 0 }
            c = $n + 0
        }
        function expect(code) { if (c != code) wrong(); step() }
        function blank() { if (!strict) while (c == 32 || c == 9 || c == 10 || c == 13) step() }
        function hex(d) {
            d = c < 48 || c > 102 ? 0 : index(strict ? "0123456789abcdef" : "0123456789abcdefABCDEF", sprintf("%c", c))
            if (!d) wrong()
            return d > 16 ? d - 7 : d - 1
        }
        function escape(k, code) {
            step()
            if (c == 117) {
                for (k = 0; k < 4; k++) { step(); code = code * 16 + hex() }
                if (strict && (code > 31 || code >= 8 && code <= 10 || code == 12 || code == 13)) wrong()
                return code
            }
            k = c < 34 || c > 116 ? 0 : index("\"\\bfnrt/", sprintf("%c", c))
            if (!k || strict && k == 8) wrong()
            return escapes[k] + 0
        }
        # Names are in the order of UTF-16, in which the last characters of the first plane stand behind all other planes.
        function text(is_name, key, d) {
            said = ""; step()
            while (c != 34) {
                if (c < 32) wrong()
                d = c == 92 ? escape() : c
                if (is_name && strict) key = key sprintf("%03d", d == 238 || d == 239 ? d + 16 : d)
                if (length(said) < 100) said = said (d < 32 || d > 126 ? "?" : sprintf("%c", d))
                step()
            }
            step()
            return key
        }
        function digits(d) {
            if (c < 48 || c > 57) wrong()
            while (c >= 48 && c <= 57) { if (length(d) < 17) d = d (c - 48); step() }
            return d
        }
        function number(is_below, d) {
            if (c == 45) { is_below = 1; step() }
            if (c == 48) { d = "0"; step() } else d = digits()
            if (strict && (is_below && d == "0" || length(d) > 16 || length(d) == 16 && (d "") > "9007199254740991")) wrong()
            if (strict) return
            if (c == 46) { step(); digits() }
            if (c == 69 || c == 101) { step(); if (c == 43 || c == 45) step(); digits() }
        }
        function literal(codes, k, length_, letters) { length_ = split(codes, letters, " "); for (k = 1; k <= length_; k++) expect(letters[k] + 0) }
        # A value with all that is in it, without functions that call themselves: some awks do not go deep. Of each list and
        # object that is begun, `opened` says which of them it is, and `last` is the newest name in it.
        function value(kind) {
            for (;;) {
                kind = c
                if (c == 34) text(0)
                else if (c == 123 || c == 91) {
                    if (strict && level == 100) wrong()
                    opened[++level] = c; step(); blank()
                    if (c != opened[level] + 2) { if (opened[level] == 123) name(0); continue }
                    step(); level--
                }
                else if (c == 116) literal("116 114 117 101")
                else if (c == 102) literal("102 97 108 115 101")
                else if (c == 110) literal("110 117 108 108")
                else number()
                # What ends here may be the last of what it is in, which then ends as well.
                for (;;) {
                    if (!level) return
                    if (level <= 2 && opened[level] == 123) member_ends(kind)
                    blank()
                    if (c != opened[level] + 2) break
                    kind = opened[level--]; step()
                }
                if (level == 1) comma = at
                expect(44); blank()
                if (opened[level] == 123) name(1)
            }
        }
        function name(is_later, key) {
            if (level == 1 && !is_later) comma = at
            if (c != 34) wrong()
            key = text(1)
            if (strict && is_later && key <= last[level]) wrong()
            if (strict) last[level] = key
            blank(); expect(58); blank()
            if (level <= 2) member_begins(said)
        }
        function member_begins(name_) {
            if (level == 1) {
                if (name_ == "signatures") cut = comma
                newest = inside = name_
                if (!(name_ in known)) others = 1
            }
            inner[level] = name_
            if (strict && (level == 1 && name_ in known && name_ != "body" || level == 2 && inside == "body" && (name_ == "approvals" || name_ == "evidence" || name_ == "fields" || name_ == "sealed"))) { kept = level; raw = "" }
        }
        function member_ends(kind) {
            if (kept == level) { kept = 0; parts[level == 2 ? inside inner[2] : inner[1]] = raw; is_there[level == 2 ? inside inner[2] : inner[1]] = 1 }
            if (level == 1 && inner[1] == "body" && kind == 123) is_there["body"] = 1
            if (level == 1 && inner[1] == "format") format = kind == 34 ? said : ""
        }
        BEGIN {
            strict = how == "entry"; at = -1
            split("34 92 8 12 10 13 9 47", escapes, " ")
            count = split("actor archive body event exhibit exhibit_sequence format index occurred_at origin previous record record_sequence recorded_at salt signatures", names, " ")
            for (k = 1; k <= count; k++) known[names[k]] = 1
            step(); blank()
            if (c != 123) wrong()
            value(); blank()
            if (c != -1) wrong()
            if (!strict) { print format; exit }
            if (newest != "signatures") wrong()
            parts["body"] = "{}"
            if (format == "vouchsafe-entry/1" && is_there["bodyfields"]) parts["body"] = "{" (is_there["bodyapprovals"] ? "\"approvals\":" parts["bodyapprovals"] "," : "") (is_there["bodyevidence"] ? "\"evidence\":" parts["bodyevidence"] "," : "") "\"fields\":" parts["bodyfields"] (is_there["bodysealed"] ? ",\"sealed\":" parts["bodysealed"] : "") "}"
            for (k = 1; k <= count; k++) if (is_there[names[k]]) line = line ",\"" names[k] "\":" parts[names[k]]
            print cut, others + 0
            print "{" substr(line, 2) "}"
        }
        END { exit bad }'
}
newer_format() { # FILE WHAT: the format of a file of JSON, if it is newer than the one that is known here
    text_holds "$1" any && json any < "$1" > "$work/format" || return 0
    ! matches "vouchsafe-$2/([2-9]|[1-9][0-9]{1,8})" "$work/format" || cat "$work/format"
}

# ---- Fingerprints of archives, and what was given --------------------------------------------------------------

# The form that is shown to people: the 32 bytes and 3 of their SHA-256 as digits of base 32, 8 of them for 5 bytes.
paper_form() { # HEX
    printf '%s%s\n' "$1" "$(unhex "$1" | sha256 | head -c 3 | hex)" | awk '{
        for (at = 1; at < 70; at += 10) {
            whole = 0; group = ""
            for (n = 0; n < 10; n++) whole = whole * 16 + index("0123456789abcdef", substr($0, at + n, 1)) - 1
            for (n = 0; n < 8; n++) { group = substr("0123456789ABCDEFGHJKMNPQRSTVWXYZ", whole % 32 + 1, 1) group; whole = int(whole / 32) }
            text = text "-" substr(group, 1, 4) "-" substr(group, 5)
        }
        print substr(text, 2)
    }'
}
[ "$(paper_form "$(printf '\000x' | sha256 | hex)")" = 7HZ9-QJ9G-VJ9Z-07X6-K62Y-Y91D-KYF8-C7SW-ADAT-M96E-BVTB-9E57-1K5R-9XSS ] ||
    cannot 'openssl, od, sed or awk do not give the result that they should'

# Of each text that may be a fingerprint or a key, what it is: a line with its number, its kind and its content, which is
# for the paper form the 35 bytes in hex, and for what is none of these the reason.
kinds() { # FILE argument|list
    awk -v how="$2" -v mark="$(printf '\357\273\277')" '
        function is_base64(text) { return text ~ /^[A-Za-z0-9+\/]+=?=?$/ }
        function is_vkey(text, parts) {
            parts = index(text, "+")
            return parts > 1 && text !~ /[ \t]/ && substr(text, parts + 1, 9) ~ /^[0-9a-f]*[+]$/ && length(text) == parts + 53 && is_base64(substr(text, parts + 10))
        }
        # What stands behind a fingerprint or a key is a name; a line of an allowed_signers file is neither.
        function without_name(text, first, rest) {
            first = text; sub(/[ \t].*/, "", first)
            rest = substr(text, length(first) + 1)
            if (rest ~ /^[ \t]+namespaces="/) return text
            gsub(/-/, "", first)
            if (length(first) >= 56 || first ~ /^SHA256:/ && length(first) >= 50) return substr(text, 1, length(text) - length(rest))
            first = substr(text, 1, length(text) - length(rest))
            return is_vkey(first) ? first : text
        }
        function from_paper(digits, at, n, whole, digit, text, bytes) {
            digits = toupper(digits); gsub(/O/, "0", digits); gsub(/[IL]/, "1", digits)
            for (at = 1; at < 56; at += 8) {
                whole = 0; bytes = ""
                for (n = 0; n < 8; n++) {
                    digit = index("0123456789ABCDEFGHJKMNPQRSTVWXYZ", substr(digits, at + n, 1))
                    if (!digit) return ""
                    whole = whole * 32 + digit - 1
                }
                for (n = 0; n < 5; n++) { bytes = sprintf("%02x", whole % 256) bytes; whole = int(whole / 256) }
                text = text bytes
            }
            return text
        }
        function kind_of(text, bare, joined, words) {
            bare = text; gsub(/[ \t-]/, "", bare)
            if (length(bare) == 64 && bare !~ /[^0-9A-Fa-f]/) return "hex " tolower(bare)
            if (length(bare) == 56 && bare !~ /[^0-9A-Za-z]/ && from_paper(bare) != "") return "paper " from_paper(bare)
            joined = text; gsub(/[ \t]/, "", joined)
            if (joined ~ /^SHA256:/ && length(joined) == 50 && joined !~ /=/ && is_base64(substr(joined, 8))) return "agent " joined
            if (text ~ /^(ssh-ed25519|sk-ssh-ed25519@openssh[.]com)[ \t]/) { split(text, words, /[ \t]+/); if (length(words[2]) == (words[1] ~ /@/ ? 100 : 68) && is_base64(words[2])) return "openssh " words[1] " " words[2] }
            if (is_vkey(text)) return "log " text
            if (length(bare) >= 50 && length(bare) <= 70 && bare !~ /[^0-9A-Za-z]/) return "none it has " length(bare) " characters; a fingerprint has 56, or 64 hexadecimal digits"
            return "none is neither a fingerprint of an archive, nor a key, nor a file"
        }
        {
            text = $0
            if (NR == 1 && how == "list" && index(text, mark) == 1) text = substr(text, length(mark) + 1)
            if (how == "list") gsub(/\r/, "", text)
            gsub(/^[ \t\r\001]+/, "", text); gsub(/[ \t\r\001]+$/, "", text)
            if (how == "list" && (text == "" || text ~ /^#/)) next
            print NR, kind_of(how == "list" ? without_name(text) : text)
        }
        END { if (!NR && how == "argument") print 1, kind_of("") }' "$1"
}
is_vkey_of() { # VKEY TYPE SIZE: a verifier key that is one of its name; leaves its bytes in log.raw
    # Name, hash and key: the name has no plus sign, but the base64 of the key may have some.
    vkey_rest=${1#*+}
    printf %s "${vkey_rest#*+}" | decode > "$work/log.raw"
    [ "$(encode < "$work/log.raw")" = "${vkey_rest#*+}" ] && [ "$(size "$work/log.raw")" = "$3" ] && [ "$(head -c 1 "$work/log.raw" | hex)" = "$2" ] &&
        [ "$({ printf '%s\n' "${1%%+*}"; cat "$work/log.raw"; } | sha256 | head -c 4 | hex)" = "${vkey_rest%%+*}" ]
}
is_vkey() { is_vkey_of "$1" 01 33 && ! is_weak "$(tail -c 32 "$work/log.raw" | hex)"; }
take() { # KIND CONTENT PLACE: notes a fingerprint or a key that was given, or ends with what is wrong with it
    neither=' is neither a fingerprint of an archive, nor a key, nor a file'
    case $1 in
    hex) printf '%s hex\n' "$2" >> "$work/fingerprints" || unwritten ;;
    paper)
        bytes=$(printf %s "$2" | cut -c1-64)
        [ "$bytes$(unhex "$bytes" | sha256 | head -c 3 | hex)" = "$2" ] ||
            wrong "$3" ': the check characters do not fit: a character was read or typed wrongly'
        printf '%s paper\n' "$bytes" >> "$work/fingerprints" || unwritten ;;
    agent) printf '%s\n' "$2" >> "$work/keys" || unwritten ;;
    openssh)
        is_key "$2" || wrong "$3" "$neither"
        printf '%s\n' "$(key_id "$2")" >> "$work/keys" || unwritten ;;
    log)
        is_vkey "$2" || wrong "$3" "$neither"
        printf '%s\n' "$2" >> "$work/keys" || unwritten ;;
    none) case $2 in 'it has'*) wrong "$3" ": $2" ;; *) wrong "$3" " $2" ;; esac ;;
    esac
}
take_file() { # FILE
    place=$(absolute "$(dirname_of "$1")")/
    case $place in "$bundle_folder"/*) wrong "$1" ': this file is in the bundle itself, so it proves nothing about it' ;; esac
    head -c 1048577 < "$1" > "$work/list" || wrong "$1" ': it cannot be read'
    [ "$(size "$work/list")" -le 1048576 ] || wrong "$1" ': it is larger than 1 MiB'
    tr '\000\001' '??' < "$work/list" > "$work/data" && kinds "$work/data" list > "$work/kinds" || unwritten
    [ -s "$work/kinds" ] || wrong "$1" ': there is no fingerprint and no key in this file'
    [ "$(wc -l < "$work/kinds")" -le 1000 ] || wrong "$1" ': it has more than 1,000 lines'
    while read -r number kind content; do take "$kind" "$content" "$1, line $number"; done < "$work/kinds"
}
take_argument() { # TEXT
    printf %s "$1" | tr '\n' '\001' > "$work/data" && kinds "$work/data" argument > "$work/kinds" || unwritten
    read -r number kind content < "$work/kinds"
    # A secret that was pasted by mistake is not shown again.
    case $1 in *'PRIVATE KEY'*) take "$kind" "$content" 'a private key' ;; esac
    if [ "$kind" = none ] && [ -e "$1" ] && [ ! -d "$1" ]; then take_file "$1"
    else take "$kind" "$content" "$1"; fi
}

# Of paths, those of folders with a slash at their end, what systems leave in folders, and what lies in folders that they
# leave; or everything else.
litter() { # only|without
    awk -v how="$1" -v cr="$(printf '\r')" '
        BEGIN {
            n = split(".ds_store/.localized/icon" cr "/thumbs.db/ehthumbs.db/desktop.ini/.directory", names, "/")
            while (n > 0) files[names[n--]] = 1
            n = split("__macosx/.spotlight-v100/.trashes/.fseventsd/.temporaryitems/$recycle.bin/system volume information", names, "/")
            while (n > 0) folders[names[n--]] = 1
        }
        {
            n = split(tolower($0), names, "/")
            is_litter = names[n] in files || substr(names[n], 1, 2) == "._"
            for (i = 1; i < n; i++) if (names[i] in folders) is_litter = 1
            if (is_litter == (how == "only")) print
        }'
}

# A folder that has none of these is no bundle: whatever is wrong with it, it is not that a bundle was changed.
is_bundle() { # FOLDER
    for name in bundle.json tagmanifest-sha256.txt.sig; do
        if [ -e "$1/$name" ] || [ -L "$1/$name" ]; then return 0; fi
    done
    return 1
}
dirname_of() { case $1 in */*) printf %s "${1%/*}/" ;; *) printf ./ ;; esac; }
absolute() { (cd -P -- "$1" && pwd); }
inside() { # FOLDER: what lies in it, folders with a slash at their end
    (cd "$1" && { find . ! -name . -prune -type d -print | sed 's|$|/|'; find . ! -name . -prune ! -type d -print; })
}
# The one folder in a folder that holds nothing else but litter, if it is a bundle.
deeper() { # FOLDER
    inside "$1" | litter without > "$work/names" || unwritten
    inner=$(cat "$work/names")
    case $inner in *'
'* | *[!/] | '') return 0 ;; esac
    inner=${inner%/}
    ! is_bundle "$1/${inner#./}" || printf '%s/%sx' "$1" "${inner#./}"
}

folder='' given=0
while [ $# -gt 0 ]; do
    case $1 in
    --trust)
        [ $# -gt 1 ] || usage '--trust needs a fingerprint, or a file with fingerprints'
        given=$((given + 1)); printf %s "$2" > "$work/given-$given" || unwritten
        shift 2; continue ;;
    --trust=*) given=$((given + 1)); printf %s "${1#--trust=}" > "$work/given-$given" || unwritten ;;
    --) shift; break ;;
    -*) usage "$1 is no option" ;;
    *) [ -z "$folder" ] || usage 'more than one folder'; folder=$1; [ -n "$folder" ] || usage 'the name of the folder is empty' ;;
    esac
    shift
done
if [ $# -gt 0 ]; then
    [ $# -eq 1 ] && [ -z "$folder" ] && [ -n "$1" ] || usage 'more than one folder, or none'
    folder=$1
fi
named=$folder
if [ -n "$folder" ]; then
    case $folder in /*) ;; *) folder=./$folder ;; esac
    [ -d "$folder" ] || wrong "$folder" ' is no folder; a zip file has to be unpacked'
else
    folder=$(dirname_of "$0")
    if ! is_bundle "$folder"; then folder=.
    elif is_bundle . && [ "$(absolute "$folder")" != "$(absolute .)" ]; then
        usage 'this folder is a bundle, and that of the script is another one: name the one that you mean'
    fi
fi
if ! is_bundle "$folder" && [ -n "${named:-}" ]; then
    inner=$(deeper "$folder")
    [ -z "$inner" ] || folder=${inner%x}
fi
bundle_folder=$(absolute "$folder") || cannot "the folder $(shown "$folder") cannot be opened"
if ! is_bundle "$folder"; then
    [ ! -e "$folder/bagit.txt" ] || cannot "$(shown "$bundle_folder"): this is not a bundle of vouchsafe; it is a BagIt bag of another program: \`bagit.py --validate FOLDER\` checks it"
    cannot "$(shown "$bundle_folder"): this is not a bundle of vouchsafe; give the folder in which bundle.json lies"
fi
one=0
while [ "$one" -lt "$given" ]; do
    one=$((one + 1))
    take_argument "$(cat "$work/given-$one")"
done
cd "$folder" || cannot "the folder $(shown "$folder") cannot be opened"
CR=$(printf '\r')
for name in tagmanifest-sha256.txt manifest-sha256.txt; do
    if [ -s "$name" ] && [ -f "$name" ] && [ ! -L "$name" ] && ! grep -q -v "^[^$CR]*$CR\$" "$name" && [ "$(tail -c 1 "$name" | hex)" = 0a ]; then
        cannot "its line ends were changed on the way (CR LF, in $name); get it again as a zip file"
    fi
done

# ---- Names, before anything is opened ---------------------------------------------------------------------------

step 'names'
# What systems left is not looked at further, unless a manifest lists it.
find . -type d > "$work/names" && find . ! -type d > "$work/odd" && { sed 's|$|/|' "$work/names"; cat "$work/odd"; } > "$work/long" && litter only < "$work/long" > "$work/found" || unwritten
for name in tagmanifest-sha256.txt manifest-sha256.txt; do [ ! -f "$name" ] || [ -L "$name" ] || [ "$(size "$name")" -gt 100663296 ] || cut -c67- "$name"; done > "$work/listed" || unwritten
awk 'FILENAME == ARGV[1] { name = "./" $0; do { listed[name] = 1; listed[name "/"] = 1 } while (sub(/\/[^\/]*$/, "", name)); next } !($0 in listed) { sub(/\/$/, ""); print }' "$work/listed" "$work/found" > "$work/litter" || unwritten
find_all() { # NAME, and what find is given: everything but litter
    into=$work/$1; shift
    find . "$@" > "$work/short" && awk 'FILENAME == ARGV[1] { left[$0] = 1; next } !($0 in left)' "$work/litter" "$work/short" > "$into" || unwritten
}
# Of what lies in a folder that a system left, the folder is named.
awk '{ left[$0] = 1; names[NR] = $0 } END { for (n = 1; n <= NR; n++) { above = names[n]; do sub(/\/[^\/]*$/, "", above); while (above != "." && above != "" && !(above in left)); if (!(above in left)) print names[n] } }' \
    "$work/litter" > "$work/names" || unwritten
while IFS= read -r name; do notice B210 "${name#./}" 'a file that a system leaves in folders; not opened'; done < "$work/names"
find_all odd ! -type f ! -type d
while IFS= read -r name; do failed B102 "${name#./}" 'a link, a device or a pipe'; done < "$work/odd"
# Below a name that is too long, every other name is too long as well: it is not entered.
ten='??????????'
LONG="./$ten$ten$ten$ten$ten$ten$ten$ten$ten$ten?*"
# A folder says nothing by itself: what lies in it bears its name.
find_all inside -path "$LONG" -prune -o ! -type d -print
find_all names ! -name . \( -name '*[!A-Za-z0-9._-]*' -o -name '.*' -o -name '-*' \)
awk 'FILENAME == ARGV[1] { name = $0; do seen[name] = 1; while (sub(/\/[^\/]*$/, "", name) && !(name in seen)); next } $0 in seen' "$work/inside" "$work/names" > "$work/unsafe" || unwritten
while IFS= read -r name; do failed B101 "${name#./}" 'a name that may not be in a bundle; not opened'; done < "$work/unsafe"
find_all long -path "$LONG" -prune
while IFS= read -r name; do failed B101 "${name#./}" 'a name of more than 100 characters; not opened'; done < "$work/long"
find_all found -path "$LONG" -prune -o -type f -print
find_all names -path "$LONG" -prune -o -print
tr A-Z a-z < "$work/names" | sort | uniq -d | while IFS= read -r name; do failed B103 "${name#./}" 'twice, but for the case of letters'; done
if [ -s "$work/odd" ]; then printf '\nFAILED: nothing was opened\n'; exit 1; fi
needed() { for name in "$@"; do [ -f "$name" ] || { failed B202 "$name" 'missing'; printf '\nFAILED: this is not a whole bundle\n'; exit 1; }; done; }
needed tagmanifest-sha256.txt manifest-sha256.txt bundle.json
# Of a bundle in a newer format, nothing else is known.
newer=''
if grep -q '^[0-9a-f]\{64\}  bundle\.json$' tagmanifest-sha256.txt && [ "$(size bundle.json)" -le 65536 ]; then newer=$(newer_format bundle.json bundle); fi
[ -n "$newer" ] || needed tagmanifest-sha256.txt.sig tagmanifest-sha256.txt.ed25519 log/checkpoint

# The archive's fingerprint is the leaf hash of its first entry; below, the entry is checked like all others.
FIRST=agents/0000000000.tlog-proof
fingerprint=none
if [ -z "$newer" ] && [ -f "$FIRST" ] && [ "$(size "$FIRST")" -le 196606 ]; then
    sed -n '2s/^extra //p' "$FIRST" | tr -d '\n' | decode > "$work/line"
    [ ! -s "$work/line" ] || fingerprint=$({ printf '\000'; cat "$work/line"; } | sha256 | hex)
fi
is_given() { grep -q -e "^$fingerprint " "$work/fingerprints"; }
# Nobody can make an archive whose fingerprint is almost another one: whoever gives it made a slip.
is_given || awk -v ours="$fingerprint" '$2 == "hex" {
    others = 0
    for (n = 1; n <= 64; n++) others += substr($1, n, 1) != substr(ours, n, 1)
    if (others <= 4) { print $1 " differs from the fingerprint of this archive in " others (others == 1 ? " digit" : " digits") ": probably a slip of the pen; compare it again"; exit }
}' "$work/fingerprints" > "$work/slip" || unwritten
[ ! -s "$work/slip" ] || wrong "$(cat "$work/slip")"

# ---- Manifests --------------------------------------------------------------------------------------------------

step 'manifests and files'
NAME='[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*'
manifest() { # FILE: in its one form?
    tr -d 'A-Za-z0-9._/ \n-' < "$1" | is_nothing && [ "$(tail -c 1 "$1" | hex)" = 0a ] &&
        ! grep -q -v -x -E "$H  $NAME" "$1" && ! cut -c67- "$1" | grep -q '.\{101\}' &&
        cut -c67- "$1" | sort -u | cmp -s - "$work/names"
}
for name in manifest-sha256.txt tagmanifest-sha256.txt; do
    [ "$(size "$name")" -le 100663296 ] || { failed B104 "$name" 'too large'; printf '\nFAILED: nothing else can be checked\n'; exit 1; }
    cut -c67- "$name" > "$work/names" || unwritten
    manifest "$name" || { failed B201 "$name" 'not in its one form'; printf '\nFAILED: nothing else can be checked\n'; exit 1; }
done
cut -c67- manifest-sha256.txt > "$work/payload" && cut -c67- tagmanifest-sha256.txt > "$work/tags" || unwritten
grep -v '^data/' "$work/payload" | while IFS= read -r name; do failed B201 "$name" 'does not belong into this manifest'; done
grep -e '^data/' -e '^tagmanifest-sha256\.txt$' -e '^tagmanifest-sha256\.txt\.sig$' -e '^tagmanifest-sha256\.txt\.ed25519$' -e '^tagmanifest-sha256\.txt\.tst$' "$work/tags" | while IFS= read -r name; do failed B201 "$name" 'does not belong into this manifest'; done
sort "$work/payload" "$work/tags" > "$work/listed" || unwritten
tr A-Z a-z < "$work/listed" | sort | uniq -d | while IFS= read -r name; do failed B103 "$name" 'twice, but for the case of letters'; done
is_listed() { grep -q -x -F -e "$1" "$work/listed"; }
# Of the files that every entry has, those that are not listed: looked for once for all of them.
awk '{ listed[$0] = 1; if (/^(exhibits|agents)\/.*[0-9]\.json$/) stems[substr($0, 1, length($0) - 5)] = 1 }
    END { for (stem in stems) for (n = split("json.sig tlog-proof fields.json", files, " "); n > 0; n--) if (!((stem "." files[n]) in listed)) print stem "." files[n] }' "$work/tags" > "$work/lacking" || unwritten
is_lacking() { [ -s "$work/lacking" ] && grep -q -x -F -e "$1" "$work/lacking"; }

# Each line of the manifests has its answer, and the exit status agrees: else the tool ended before it was done.
sums -c tagmanifest-sha256.txt manifest-sha256.txt > "$work/sums" 2> /dev/null
status=$?
lines -v ': OK$' "$work/sums" > "$work/bad" || unwritten
{ [ "$status" -eq 0 ] && [ ! -s "$work/bad" ]; } || { [ "$status" -eq 1 ] && [ -s "$work/bad" ]; } ||
    cannot "the tool for SHA-256 failed (exit $status)"
sed -n -e 's/: OK$//p' -e 's/: FAILED$//p' -e 's/: FAILED open or read$//p' "$work/sums" | sort | cmp -s - "$work/listed" ||
    cannot 'the tool for SHA-256 did not check every file, or the folder for temporary files is full'
while IFS= read -r line; do
    name=${line%%: *}
    case $name in report/* | metadata/* | README-VERIFY.txt | verify.sh | verify.ps1 | verify.html | FORMAT.md | BUNDLE.md) how=degraded changed=B208 missing=B207 ;;
    *) how=failed changed=B203 missing=B202 ;; esac
    if [ -f "$name" ]; then finding "$how" "$changed" "$name" 'was changed'; else finding "$how" "$missing" "$name" 'is missing'; fi
done < "$work/bad"
cut -c3- "$work/found" | lines -x -E "$NAME" > "$work/names" || unwritten
lines -v -x -e 'tagmanifest-sha256\.txt' -e 'tagmanifest-sha256\.txt\.sig' -e 'tagmanifest-sha256\.txt\.ed25519' -e '.\{101,\}' "$work/names" > "$work/short" || unwritten
# What is larger is no stamp.
stamp=''
if [ -f tagmanifest-sha256.txt.tst ] && [ "$(size tagmanifest-sha256.txt.tst)" -le 65536 ]; then
    stamp=tagmanifest-sha256.txt.tst
    lines -v -x -F -e "$stamp" "$work/short" > "$work/names" && cat "$work/names" > "$work/short" || unwritten
fi
sort "$work/short" > "$work/there" && comm -13 "$work/listed" "$work/there" > "$work/added" || unwritten
while IFS= read -r name; do
    degraded B205 "$name" 'is in no manifest: it was added later'
    case $newer$name in data/*) failed B504 "$name" 'belongs to no exhibit' ;; esac
done < "$work/added"
printf '%s files are listed\n' "$(lines_of "$work/listed")"
no_fingerprint() { printf '  whose archive this is: no fingerprint from outside was given, so the bundle can only be shown to agree with itself\n'; }
end_failed() { printf 'FAILED: something is missing, was changed, or is not what it claims to be; see above.\n'; exit 1; }
end_not_understood() {
    printf 'NOT UNDERSTOOD: a newer version of vouchsafe wrote a part of this bundle; nothing failed in what this script understands.\n'
    printf 'A newer version of vouchsafe can read it. Get that from a source of your own, never from whoever sent the bundle.\n'
    exit 3
}
if [ -n "$newer" ]; then
    not_understood B307 bundle.json "has the format $newer, which this script does not know"
    step 'verdict'
    printf 'NOT checked\n  everything but the manifests: bundle.json has the format %s, which this script does not know\n' "$newer"
    if [ -s "$work/fingerprints" ]; then printf '  whose archive this is: it could not be compared with what was given\n'; else no_fingerprint; fi
    printf '\n'
    ! grep -q '^failed' "$work/findings" || end_failed
    end_not_understood
fi
# What no manifest lists is no part of the bundle, whatever else is said of it below.
for name in manifest-sha256.txt bundle.json log/checkpoint keys/allowed_signers keys/signer.pub.pem keys/log.pub.pem keys/log.vkey bagit.txt bag-info.txt; do
    is_listed "$name" || failed B202 "$name" 'is not in the manifest'
done
OBJECT="data/$X\\.[a-z0-9]{1,8}"
# There is one name for each file of an entry: no needless zero is in its numbers.
ENTRY="(exhibits/$X/([0-9]{4}|[1-9][0-9]{4,})|agents/([0-9]{10}|[1-9][0-9]{10,}))"
KNOWN="$ENTRY\\.(json|json\\.sig|json\\.([2-9]|[1-9][0-9]+)\\.sig|tlog-proof|fields\\.json)"
KNOWN="$KNOWN|log/checkpoint|keys/(allowed_signers|signer\\.pub\\.pem|log\\.pub\\.pem|log\\.vkey)|bundle\\.json|completeness\\.json|bagit\\.txt|bag-info\\.txt"
KNOWN="$KNOWN|manifest-sha256\\.txt|README-VERIFY\\.txt|verify\\.(sh|ps1|html)|(FORMAT|BUNDLE)\\.md|foreign/$H\\.tar|letters/$H\\.json|(report|metadata|anchors|approvals|records|evidence)/.+"
grep -v -e '^data/' "$work/tags" | grep -v -x -E "$KNOWN" | while IFS= read -r name; do degraded B206 "$name" 'has no place in a bundle'; done
find_all long -name '*.sig' -size +16384c
cut -c3- "$work/long" | sort > "$work/names" && sort "$work/tags" | comm -12 - "$work/names" | lines -x -E "$ENTRY\\.json.*" > "$work/short" || unwritten
while IFS= read -r name; do failed B104 "$name" 'too large'; done < "$work/short"
# What later versions add: proof from outside, and parts of a bundle. No exhibit is judged by these.
for name in anchors/ approvals/ $stamp; do
    case $name in */) grep -q "^$name" "$work/tags" || continue ;; esac
    notice B211 "$name" 'lies where later versions put proof from outside, such as a time stamp: nothing in it was checked'
done
for name in records/ evidence/; do
    ! grep -q "^$name" "$work/tags" || not_understood B212 "$name" 'a part of a kind that this script does not know: its files were compared with the manifest, and what they say was not checked'
done

# ---- bundle.json and the checkpoint -----------------------------------------------------------------------------

step 'bundle.json and checkpoint'
FORM="\\{\"administrator\":\"$KEY\",\"archive\":\"$H\",\"created_at\":\"$T\",\"entries\":$N,\"exhibits\":$N,\"format\":\"vouchsafe-bundle/1\",\"log_key\":\"$VKEY\""
FORM="$FORM,\"origin\":\"$ORIGIN\",\"root\":\"$H\",\"signer\":\"$ID\",\"size\":$N,\"software\":\"$SOFTWARE\",\"withheld_fields\":$N\\}"
{ [ "$(lines_of bundle.json)" = 1 ] && tr -d ' -~\n' < bundle.json | is_nothing &&
    [ "$(tail -c 1 bundle.json | hex)" = 0a ] && matches "$FORM" bundle.json; } ||
    { failed B301 bundle.json 'not in its one form'; printf '\nFAILED: nothing else can be checked\n'; exit 1; }
said() { scalar "$1" bundle.json; }
origin=$(said origin) log_key=$(said log_key) signer=$(said signer) administrator=$(said administrator)
log_hash=${log_key#*+} log_hash=${log_hash%%+*}
is_vkey "$log_key" && [ "${log_key%%+*}" = "$origin" ] || failed B301 bundle.json 'its log key is not one of this origin'
der < "$work/log.raw" > "$work/log.der" || unwritten
log_point=$(tail -c 32 "$work/log.raw" | hex)

# Whether a note is in its one form. Its text and its signature lines come to lie in $work.
note_holds() {
    sed '/^$/,$d' "$1" > "$work/text" && sed '1,/^$/d' "$1" > "$work/lines" || unwritten
    tr -d '\000' < "$1" | cmp -s - "$1" && [ "$(lines_of "$work/text")" = 3 ] && [ "$(tail -c 1 "$1" | hex)" = 0a ] && [ -s "$work/lines" ] &&
        [ "$(size "$1")" -le 65536 ] && [ "$(lines_of "$work/lines")" -le 100 ] && sed -n 3p "$work/text" | grep -q -x -E "$B{42}$LAST2=" &&
        ! grep -q -v -x -E "— [^+$(printf '\001- ')]+ $B{4}(($B{4})*($B{4}|$B{2}$LAST2=)|($B{4})+$B$LAST4==)" "$work/lines" && text_holds "$1" no-spaces
}
# Whether the log's key signed the text, and each line that claims to be by this key holds. Sets signed_by_log.
log_signature_holds() {
    grep -F -e "— $origin " "$work/lines" | cut -d' ' -f3 > "$work/by-log" || unwritten
    signed_by_log=no
    while IFS= read -r by_log; do
        printf %s "$by_log" | decode > "$work/data"
        # A line of another key, though under the same name, is that of a cosigner (c2sp.org/signed-note).
        [ "$(head -c 4 "$work/data" | hex)" = "$log_hash" ] || continue
        signed_by_log=yes
        tail -c +5 "$work/data" > "$work/signature" || unwritten
        plain_holds "$work/log.der" "$work/text" "$work/signature" || return 1
    done < "$work/by-log"
    [ "$signed_by_log" = yes ]
}
# Where the newest entry about the log's key names a second one, of ML-DSA-44, the checkpoint has a line by it. The signature is not verified here.
log_key_pq='' has_second_key=no
has_line_pq() {
    vkey_rest=${log_key_pq#*+}
    grep -F -e "— $origin " "$work/lines" | cut -d' ' -f3 > "$work/by-log" || unwritten
    while IFS= read -r by_log; do printf %s "$by_log" | decode | head -c 4 | hex; printf '\n'; done < "$work/by-log" | grep -q -x -F -e "${vkey_rest%%+*}"
}
note_holds log/checkpoint || failed B401 log/checkpoint 'not in its one form'
cp "$work/text" "$work/log-text" || unwritten
log_origin=$(sed -n 1p "$work/text") log_size=$(sed -n 2p "$work/text") log_root=$(sed -n 3p "$work/text")
printf '%s\n' "$log_size" > "$work/number" || unwritten
matches "$N" "$work/number" || { failed B401 log/checkpoint 'its size is not a number'; log_size=0; }
[ "$log_origin" = "$origin" ] && [ "$log_size" = "$(said size)" ] && [ "$(printf %s "$log_root" | decode | hex)" = "$(said root)" ] ||
    failed B302 bundle.json 'names another checkpoint'
log_signature_holds || failed B401 log/checkpoint 'is not signed by the log key'

# ---- One entry: its files, its receipt, its form ----------------------------------------------------------------

# The body of each event, and who may do it. What is sealed has no media type.
body_of() {
    approved=${approvals:+$APPROVALS} sealing=${sealed:+,$SEALED} media=",\"media_type\":\"$MEDIA/$MEDIA\""
    [ -z "$sealed" ] || media=''
    case $1 in
    # bodies: generated from the declaration of events
    archive.created) printf %s "\\{\"administrator\":$AGENT,\"fields\":$LIST,\"log_key\":\"$VKEY\"(,\"log_key_pq\":\"$VKEY_PQ\")?(,\"next_log_key\":\"$H\")?(,\"recovery\":$RECOVERY)?$sealing\\}" ;;
    agent.added | agent.recovered) printf %s "\\{\"agent\":$AGENT,$approved\"fields\":$LIST$sealing\\}" ;;
    agent.revoked) printf %s "\\{$approved\"fields\":$LIST,\"from_index\":$N,\"key\":\"$ID\"$sealing\\}" ;;
    agent.changed) printf %s "\\{$approved(\"expires\":\"$T\",)?\"fields\":$LIST,\"key\":\"$ID\"(,\"next\":\"$ID\")?,\"roles\":$ROLES$sealing\\}" ;;
    agent.rotated) printf %s "\\{\"agent\":$AGENT,$approved\"fields\":$LIST,\"key\":\"$ID\"$sealing\\}" ;;
    recovery.set) printf %s "\\{$approved\"fields\":$LIST,\"recovery\":$RECOVERY$sealing\\}" ;;
    log.key_changed) printf %s "\\{$approved\"fields\":$LIST,\"log_key\":\"$VKEY\"(,\"log_key_pq\":\"$VKEY_PQ\")?(,\"next_log_key\":\"$H\")?$sealing\\}" ;;
    exhibit.ingested) printf %s "\\{$approved\"fields\":$LIST$media,\"object\":\"$H\"$sealing,\"size_bytes\":$N,\"software\":\"$SOFTWARE\"\\}" ;;
    exhibit.described | exhibit.noted) printf %s "\\{$approved\"fields\":$LIST$sealing\\}" ;;
    copy.issued) printf %s "\\{$approved\"fields\":$LIST,\"object\":\"$H\"$sealing\\}" ;;
    exhibit.exported) printf %s "\\{$approved\"bundle\":\"$H\",\"fields\":$LIST$sealing,\"withheld_fields\":$N\\}" ;;
    exhibit.received) printf %s "\\{$approved\"bundle\":\"$H\",\"fields\":$LIST,\"foreign_exhibit\":\"$X\"$sealing\\}" ;;
    gap.declared) printf %s "\\{$approved\"fields\":$LIST,\"from\":\"$GAP\"$sealing,\"to\":\"$GAP\"\\}" ;;
    custody.passed) printf %s "\\{$approved\"bundle\":\"$H\",\"direction\":\"(in|out)\",\"fields\":$LIST,\"letter\":\"$H\"$sealing\\}" ;;
    # end of what is generated
    *) printf 'no such event' ;;
    esac
}
allowed_to() {
    case $1 in
    # roles: generated from the declaration of events
    agent.recovered) ;;
    archive.created | agent.added | agent.revoked | agent.changed | agent.rotated | recovery.set | log.key_changed) printf 'administrator' ;;
    exhibit.ingested | exhibit.described | replica.made | replica.lost | archive.repaired | bundle.received | exhibit.received) printf 'administrator archivist' ;;
    transfer.offered | transfer.accepted | transfer.refused | transfer.settled | gap.declared | custody.passed) printf 'administrator archivist' ;;
    exhibit.noted | copy.issued | archive.verified) printf 'administrator archivist investigator lawyer' ;;
    bundle.exported | exhibit.exported) printf 'administrator archivist lawyer' ;;
    # end of what is generated
    *) printf 'administrator archivist investigator lawyer' ;;
    esac
}
is_known() { # EVENT
    case $1 in
    # known events: generated from the declaration of events
    archive.created | agent.added | agent.revoked | agent.changed | agent.rotated | agent.recovered | recovery.set) ;;
    log.key_changed | exhibit.ingested | exhibit.described | exhibit.noted | copy.issued | archive.verified | replica.made) ;;
    replica.lost | archive.repaired | bundle.exported | exhibit.exported | bundle.received | exhibit.received | transfer.offered) ;;
    transfer.accepted | transfer.refused | transfer.settled | gap.declared | custody.passed) ;;
    # end of what is generated
    *) return 1 ;;
    esac
}
is_about_agents() { # EVENT
    case $1 in
    # events about agents: generated from the declaration of events
    archive.created | agent.added | agent.revoked | agent.changed | agent.rotated | agent.recovered | recovery.set) ;;
    log.key_changed) ;;
    # end of what is generated
    *) return 1 ;;
    esac
}
is_description() { # EVENT: whether it gives fields of an exhibit their values
    case $1 in
    # events that describe: generated from the declaration of events
    exhibit.ingested | exhibit.described) ;;
    # end of what is generated
    *) return 1 ;;
    esac
}
# Events about checkpoints, such as time stamps, change nothing of who may sign: one that is not known reaches no other entry.
is_of_checkpoints() { case $understood$subject,$format,$event in no,vouchsafe-entry/1,checkpoint.*) ;; *) return 1 ;; esac; }
member() { scalar "$1" "$bare"; }
# The same of those that every entry needs, at once, a line each: a process for each of them would take longer.
members() { # MESSAGE
    awk '
        function member(name, n, parts, value) {
            n = split($0, parts, "[{,]\"" name "\":")
            if (n < 2) return ""
            value = parts[n]
            if (sub(/^"/, "", value)) sub(/".*/, "", value); else sub(/[,}].*/, "", value)
            return value
        }
        NR == 1 {
            n = split("event actor index previous recorded_at occurred_at origin archive exhibit exhibit_sequence from_index media_type format record record_sequence approvals sealed", names, " ")
            for (i = 1; i <= n; i++) print member(names[i])
        }' "$1"
}

# Whether the ends of a gap in custody are days, months or years of the calendar, and not the wrong way round.
gap_holds() {
    awk -v from="$(member from)" -v to="$(member to)" '
        function filled(text, rest) { return text == ".." ? "" : text substr(rest, length(text) + 1) }
        function is_day(text, year, month, days) {
            if (text == "..") return 1
            text = filled(text, "0000-01-01"); year = substr(text, 1, 4) + 0; month = substr(text, 6, 2) + 0
            days = month == 2 ? 28 + (year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)) : 31 - (month == 4 || month == 6 || month == 9 || month == 11)
            return month >= 1 && month <= 12 && substr(text, 9, 2) + 0 >= 1 && substr(text, 9, 2) + 0 <= days
        }
        BEGIN { exit !(is_day(from) && is_day(to) && (from == ".." || to == ".." || filled(from, "0000-01-01") <= filled(to, "9999-12-31"))) }'
}

# What of an entry no expression can tell: the order of commitments, of times and of indices, and lengths. Texts are
# compared as such, also where they look like numbers.
entry_holds() {
    awk -v event="$event" -v at="$index" -v before="$previous" -v from="$from_index" -v type="$media_type" \
        -v happened="$happened" -v recorded="$recorded" '
        ($0 "") <= (last "") { bad = 1 } { last = $0 }
        END {
            if ((happened "") > (recorded "") || length(type) > 127 || NR > 256) bad = 1
            if ((at == 0) != (event == "archive.created") || at == 0 && before !~ /^0*$/) bad = 1
            if (event == "agent.revoked" && from + 0 > at + 1) bad = 1
            exit bad
        }' "$work/committed"
}

# The approvals, a line each, are of different keys in ascending order. The message without what any body may hold is where
# its own members are found by their names.
approvals_hold() { # MESSAGE
    bare=$1
    [ -n "$approvals$sealed" ] || return 0
    bare=$work/bare
    sed -e 's/"approvals":\[[^]]*\],//' -e 's/,"sealed":{[^}]*}//' "$1" > "$bare" || unwritten
    [ -n "$approvals" ] || return 0
    { sed 's/.*"approvals":\[\([^]]*\)\].*/\1/' "$1"; printf '\n'; } | tr '{' '\n' |
        sed -n 's/^"key":"\([^"]*\)","nonce":"\([^"]*\)","not_after":"\([^"]*\)","request":"\([^"]*\)","signature":"\([^"]*\)".*/\1 \2 \3 \4 \5/p' > "$work/approvals" || unwritten
    awk '($1 "") <= (last "") { bad = 1 } { last = $1 } END { exit bad || NR > 16 }' "$work/approvals"
}

# The keys that an entry names beside those of agents: of the log, and those by which the archive can be recovered.
keys_hold() {
    case $event in archive.created | recovery.set | log.key_changed) ;; *) return 0 ;; esac
    vkey=$(member log_key) vkey_pq=$(member log_key_pq)
    [ -z "$vkey" ] || is_vkey "$vkey" || return 1
    [ -z "$of_log" ] || [ "${vkey%%+*}" = "$of_log" ] || return 1
    [ -z "$vkey_pq" ] || { is_vkey_of "$vkey_pq" 06 1313 && [ "${vkey_pq%%+*}" = "${vkey%%+*}" ]; } || return 1
    recovery_keys
    while IFS= read -r one; do is_key "$one" || return 1; done < "$work/recovery-keys"
    [ ! -s "$work/recovery-keys" ] || { sort -c -u "$work/recovery-keys" 2> /dev/null && [ "$(member threshold)" -le "$(lines_of "$work/recovery-keys")" ]; }
}
recovery_keys() { { sed -n 's/.*"recovery":{"keys":\[\([^]]*\)\].*/\1/p' "$bare"; printf '\n'; } | tr ',' '\n' | sed -n 's/^"\(.*\)"$/\1/p' > "$work/recovery-keys" || unwritten; }

ONE_SIGNED="\\{\"key\":\"$ID\",\"signature\":\"$S\"\\}" ONE_OF_ANY="\\{\"key\":\"$ID\",\"signature\":\"$B+={0,2}\"\\}"
are_signed_as() { matches ",\"signatures\":\\[$1(,$1)*\\]\\}" "$work/list"; } # FORM
# In an entry of a later format, a signature by a key of another kind may be longer: 1 to 8,192 bytes.
are_signed_in_any_way() {
    are_signed_as "$ONE_OF_ANY" || return 1
    while read -r _ signature; do
        printf %s "$signature" | decode > "$work/signature"
        [ "$(encode < "$work/signature")" = "$signature" ] && [ "$(size "$work/signature")" -le 8192 ] || return 1
    done < "$work/signed"
}
# What a line says in its last member, and in those that every entry has; the line without the last one is the message.
take_apart() { # LINE MESSAGE
    tr -d ' -~' < "$1" | is_nothing || return 1
    sed 's/,"signatures":.*/}/' "$1" | tr -d '\n' > "$2" && tail -c "+$(size "$2")" "$1" > "$work/list" || unwritten
    { cat "$work/list"; printf '\n'; } | tr '{' '\n' | sed -n 's/^"key":"\([^"]*\)","signature":"\([^"]*\)".*/\1 \2/p' > "$work/signed" || unwritten
    signatures=$(tr -cd '{' < "$work/list" | wc -c)
    signatures=${signatures##* }
    members "$2" > "$work/members" || unwritten
    for name in event actor index previous recorded happened of_log of_archive exhibit sequence from_index media_type format record record_sequence approvals sealed; do IFS= read -r "$name" || unwritten; done < "$work/members"
    # The first entry says the name of the log; every other one, by the fingerprint, which archive it is of.
    if [ "$event" = archive.created ]; then named="\"origin\":\"$TEXT\"," of=''; else named='' of="\"archive\":\"$H\","; fi
    subject=$exhibit$record
}
has_committed() { sed 's/.*"fields":\[\([^]]*\)\].*/\1/' "$1" | tr , '\n' | tr -d '"' | lines . > "$work/committed" || unwritten; }
FRAME_END="\"recorded_at\":\"$T\",\"salt\":\"[0-9a-f]{32}\"\\}"
# An entry of today. Without a backslash, which a well-formed entry of these events does not need, no text in it can hold a
# quotation mark, so the expressions below see members and nothing else.
is_of_today() {
    take_apart "$work/line" "$work/message" && are_signed_as "$ONE_SIGNED" || return 1
    about=''
    case $base in exhibits/*) about="\"exhibit\":\"$X\",\"exhibit_sequence\":$N," ;; *) exhibit='' sequence='' ;; esac
    matches "\\{\"actor\":\"$ID\",$of\"body\":$(body_of "$event"),\"event\":\"[a-z._]+\",${about}\"format\":\"vouchsafe-entry/1\",\"index\":$N,\"occurred_at\":\"$T\",$named\"previous\":\"$H\",$FRAME_END" "$work/message" || return 1
    has_committed "$work/message"
    [ "$signatures" -le 16 ] && entry_holds && approvals_hold "$work/message" && keys_hold && { [ "$event" != gap.declared ] || gap_holds; }
}
# One that a newer version wrote: what is said of every entry holds for it, and what else is in it is not looked at.
is_of_later() {
    [ "$(size "$work/line")" -le 65535 ] && text_holds "$work/line" any && json entry < "$work/line" > "$work/parts" || return 1
    sed -n '2p' "$work/parts" | tr -d '\n' > "$work/framed" && read -r cut others < "$work/parts" || unwritten
    take_apart "$work/framed" "$work/frame" || return 1
    body='\{\}'
    if [ "$format" = vouchsafe-entry/1 ]; then
        body="\\{($APPROVALS)?(\"evidence\":\\[$EVIDENCE(,$EVIDENCE)*\\],)?\"fields\":$LIST(,$SEALED)?\\}"
        [ "$others" = 0 ] && ! is_known "$event" && are_signed_as "$ONE_SIGNED" || return 1
    else are_signed_in_any_way || return 1; fi
    matches "\\{\"actor\":\"$ID\",$of\"body\":$body,\"event\":\"$EVENT\",(\"exhibit\":\"X$SUBJECT\",\"exhibit_sequence\":$N,)?\"format\":\"vouchsafe-entry/[1-9][0-9]{0,8}\",\"index\":$N,\"occurred_at\":\"$T\",$named\"previous\":\"$H\",(\"record\":\"R$SUBJECT\",\"record_sequence\":$N,)?$FRAME_END" "$work/frame" || return 1
    [ -z "$exhibit" ] || [ -z "$record" ] || return 1
    if is_known "$event" && [ -n "$record" ]; then return 1; fi
    case $event,$sequence in exhibit.ingested,0) ;; exhibit.ingested,* | *,0) return 1 ;; esac
    # The body is here with what is known of it alone.
    true > "$work/committed" || unwritten
    [ "$format" != vouchsafe-entry/1 ] || has_committed "$work/frame"
    sed -n 's/.*"evidence":\[\([^]]*\)\].*/\1/p' "$work/frame" | tr '{' '\n' | sed -n 's/^"object":"\([0-9a-f]*\)".*/\1/p' | sort > "$work/evidence" || unwritten
    [ "$signatures" -le 16 ] && [ "$(lines_of "$work/evidence")" -le 256 ] && uniq -d "$work/evidence" | is_nothing && entry_holds && approvals_hold "$work/frame" || return 1
    { head -c "$cut" "$work/line"; printf '}'; } > "$work/message" || unwritten
}

# Reads BASE.tlog-proof and so on. Sets what the entry says, and whether it is understood; false where there is no entry to
# go on with.
read_entry() { # BASE
    base=$1
    printf '%s\n' "$base.json" "$base.json.sig" "$base.tlog-proof" "$base.fields.json" >> "$work/used" || unwritten
    for file in json tlog-proof fields.json; do
        ! is_lacking "$base.$file" || { failed B202 "$base.$file" 'is missing'; return 1; }
        [ -f "$base.$file" ] || return 1
    done
    [ "$(size "$base.tlog-proof")" -le 196606 ] && [ "$(size "$base.fields.json")" -le 1048576 ] || { failed B104 "$base.tlog-proof" 'too large'; return 1; }
    sed -n '2s/^extra //p' "$base.tlog-proof" | tr -d '\n' > "$work/extra" || unwritten
    decode < "$work/extra" > "$work/line"
    place=$(sed -n '3s/^index //p' "$base.tlog-proof")
    printf '%s\n' "$place" > "$work/number" || unwritten
    sed '1,3d;/^$/,$d' "$base.tlog-proof" > "$work/path" && sed '1,/^$/d' "$base.tlog-proof" > "$work/note" || unwritten
    # Put together again from its parts: so nothing else is in it, not even a NUL, which the shell does not see.
    {
        printf 'c2sp.org/tlog-proof@v1\nextra '; cat "$work/extra"; printf '\nindex %s\n' "$place"
        cat "$work/path"; printf '\n'; cat "$work/note"
    } | cmp -s - "$base.tlog-proof" && ! grep -q -v -x '[A-Za-z0-9+/]\{42\}[AEIMQUYcgkosw048]=' "$work/path" && encode < "$work/line" | cmp -s - "$work/extra" && matches "$N" "$work/number" ||
        { failed B402 "$base.tlog-proof" 'not in its one form'; return 1; }
    leaf='' understood=yes
    if [ "$(size "$work/line")" -gt 65535 ] || ! is_of_today; then
        understood=no
        is_of_later || { failed B402 "$base.tlog-proof" 'its entry is not in its one form'; return 1; }
    fi
    cmp -s "$work/message" "$base.json" || failed B403 "$base.json" 'is not the entry in the receipt'
    check_receipt
    # Of an entry in a newer format, nothing is known of its fields.
    if [ "$format" = vouchsafe-entry/1 ]; then check_fields
    else true > "$work/disclosed" || unwritten; withheld=0 counted=no; fi
}

# Where the first entry is not here, which is found below, there is nothing to compare with.
is_of_the_archive() {
    if [ "$event" = archive.created ]; then [ "$of_log" = "$origin" ]
    else [ "$fingerprint" = none ] || [ "$of_archive" = "$fingerprint" ]; fi
}

check_receipt() {
    cmp -s "$work/note" log/checkpoint || { note_holds "$work/note" && cmp -s "$work/text" "$work/log-text" && log_signature_holds; } ||
        { failed B402 "$base.tlog-proof" 'leads to another checkpoint'; return; }
    [ "$place" = "$index" ] && is_of_the_archive && [ "$index" -lt "$log_size" ] ||
        { failed B402 "$base.tlog-proof" 'is of another entry or another archive'; return; }
    # From the entry up to the root (RFC 9162, section 2.1.3.2).
    { printf '\000'; cat "$work/line"; } | sha256 > "$work/node" || unwritten
    leaf=$(hex < "$work/node") node=$work/node above=$work/above
    # The hashes beside the path, as what printf makes bytes of.
    awk '{
        for (n = 1; n <= 43; n++) v[n] = index("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", substr($0, n, 1)) - 1
        v[44] = 0; text = ""
        for (n = 1; n <= 41; n += 4) {
            whole = ((v[n] * 64 + v[n + 1]) * 64 + v[n + 2]) * 64 + v[n + 3]
            text = text sprintf("\\%03o\\%03o", int(whole / 65536), int(whole / 256) % 256)
            if (n < 41) text = text sprintf("\\%03o", whole % 256)
        }
        print text
    }' "$work/path" > "$work/beside" || unwritten
    printf '%s %s %s %s %s\n' "$index" "$leaf" "$previous" "$recorded" "$base" >> "$work/chain" || unwritten
    last=$((log_size - 1))
    while IFS= read -r beside; do
        [ "$last" -gt 0 ] || { last=long; break; }
        if [ $((place & 1)) -eq 1 ] || [ "$place" -eq "$last" ]; then
            # shellcheck disable=SC2059 # it has nothing but \ooo in it
            { printf "\\001$beside"; cat "$node"; } | sha256 > "$above" || unwritten
            while [ $((place & 1)) -eq 0 ] && [ "$place" -ne 0 ]; do place=$((place >> 1)) last=$((last >> 1)); done
        else
            # shellcheck disable=SC2059 # it has nothing but \ooo in it
            { printf '\001'; cat "$node"; printf "$beside"; } | sha256 > "$above" || unwritten
        fi
        swap=$node node=$above above=$swap
        place=$((place >> 1)) last=$((last >> 1))
    done < "$work/beside"
    [ "$last" = 0 ] && [ "$(encode < "$node")" = "$log_root" ] || failed B402 "$base.tlog-proof" 'does not lead to the root'
}

# The disclosed fields: each one's SHA-256 is among those that the entry commits to, in the same order.
check_fields() {
    tr -d '\000\n' < "$base.fields.json" | cmp -s - "$base.fields.json" && matches '\[(\[.*\])?\]' "$base.fields.json" || failed B601 "$base.fields.json" 'not in its one form'
    true > "$work/shown" && true > "$work/disclosed" || unwritten
    if ! printf '[]' | cmp -s - "$base.fields.json"; then
        # The line feed in the replacement is written so that every sed knows it.
        sed 's/^\[//; s/\]$//; s/\],\(\["[0-9a-f]\{32\}","\)/]\
\1/g' "$base.fields.json" > "$work/disclosed" || unwritten
        while IFS= read -r one || [ -n "$one" ]; do printf %s "$one" | sums || unwritten; done < "$work/disclosed" | cut -c1-64 > "$work/shown" || unwritten
        cut -d'"' -f4 "$work/disclosed" | awk 'seen[$0]++ { twice = 1 } END { exit !twice }' && failed B601 "$base.fields.json" 'a name twice'
        if grep -q -v -x -E "$FIELD" "$work/disclosed"; then failed B601 "$base.fields.json" 'not fields in their one form'
        # Only what is not ASCII can be no UTF-8, and only what is long enough can be over a limit.
        elif ! tr -d '\001-\177' < "$base.fields.json" | is_nothing || [ "$(size "$base.fields.json")" -gt 2000 ]; then
            text_holds "$work/disclosed" fields || failed B601 "$base.fields.json" 'not UTF-8, or over a limit'
        fi
    fi
    awk 'FILENAME == ARGV[1] { shown[++n] = $0; next } (shown[at + 1] "") == ($0 "") { at++ } END { exit at != n }' "$work/shown" "$work/committed" ||
        failed B602 "$base.fields.json" 'a field is not one that the entry commits to'
    withheld=$(($(wc -l < "$work/committed") - $(wc -l < "$work/shown")))
}

# The ending of an object's name, after its media type.
ending_of() { # MEDIA TYPE
    case $1 in
    application/gzip) printf gz ;;
    application/hwp+zip) printf hwpx ;;
    application/json) printf json ;;
    application/msword) printf doc ;;
    application/pdf) printf pdf ;;
    application/rtf) printf rtf ;;
    application/vnd.ms-excel) printf xls ;;
    application/vnd.ms-outlook) printf msg ;;
    application/vnd.ms-powerpoint) printf ppt ;;
    application/vnd.oasis.opendocument.spreadsheet) printf ods ;;
    application/vnd.oasis.opendocument.text) printf odt ;;
    application/vnd.openxmlformats-officedocument.presentationml.presentation) printf pptx ;;
    application/vnd.openxmlformats-officedocument.spreadsheetml.sheet) printf xlsx ;;
    application/vnd.openxmlformats-officedocument.wordprocessingml.document) printf docx ;;
    application/x-hwp) printf hwp ;;
    application/x-tar) printf tar ;;
    application/xml | text/xml) printf xml ;;
    application/zip) printf zip ;;
    audio/aac) printf aac ;;
    audio/amr) printf amr ;;
    audio/flac) printf flac ;;
    audio/mp4) printf m4a ;;
    audio/mpeg) printf mp3 ;;
    audio/ogg) printf ogg ;;
    audio/vnd.wave | audio/wav | audio/x-wav) printf wav ;;
    image/bmp) printf bmp ;;
    image/gif) printf gif ;;
    image/heic) printf heic ;;
    image/jpeg) printf jpg ;;
    image/png) printf png ;;
    image/tiff) printf tif ;;
    image/webp) printf webp ;;
    message/rfc822) printf eml ;;
    text/csv) printf csv ;;
    text/html) printf html ;;
    text/plain) printf txt ;;
    video/mp2t) printf ts ;;
    video/mp4) printf mp4 ;;
    video/mpeg) printf mpg ;;
    video/quicktime) printf mov ;;
    video/webm) printf webm ;;
    video/x-matroska) printf mkv ;;
    video/x-msvideo) printf avi ;;
    *) printf bin ;;
    esac
}

is_later() { [ "$1" != "$2" ] && [ "$(printf '%s\n%s\n' "$1" "$2" | sort | tail -n 1)" = "$1" ]; } # TIME TIME
# Agents, a line each: id, index, roles joined by commas, index of the revocation or -, index from which it is in
# question, the event that introduced it, its kind, until when its key is in use and which is to be its next, both or -, and key.
standing() { awk -v id="$1" '$1 == id' "$work/agents"; }
# As of the entry before: what of an agent was changed, if it was.
state_at() { # ID INDEX
    [ -s "$work/changes" ] || return 0
    awk -v id="$1" -v at="$2" '$1 == id && $2 < at { state = $3 " " $4 " " $5 } END { if (state != "") print state }' "$work/changes" > "$work/state" || unwritten
    [ ! -s "$work/state" ] || read -r roles expires next < "$work/state" || unwritten
}

# Whether it lies between the index from which the agent's key is no longer trusted and the key's revocation.
is_in_question() { [ "$revoked" != - ] && [ "$from" -le "$1" ] && [ "$1" -lt "$revoked" ]; } # INDEX

# A text in JSON as printf writes it, byte by byte.
unquoted() {
    od -An -v -tu1 | awk '
        BEGIN { split("34 92 8 12 10 13 9", codes, " ") }
        {
            for (n = 1; n <= NF; n++) {
                b = $n + 0
                if (digits) { code = code * 16 + b - (b > 57 ? 87 : 48); if (--digits == 0) printf "\\%03o", code }
                else if (escaped && b == 117) { escaped = code = 0; digits = 4 }
                else if (escaped) { escaped = 0; printf "\\%03o", codes[index("\"\\bfnrt", sprintf("%c", b))] }
                else if (b == 92) escaped = 1
                else if (b != 34 && b != 10) printf "\\%03o", b
            }
        }'
}
# By whom an entry was approved before it was made: agents other than the actor, of what the entry says now.
check_approvals() {
    asked=$(sed -n 's/^\["[0-9a-f]*","request",\(.*\)\]$/\1/p' "$work/disclosed")
    # shellcheck disable=SC2059 # it has nothing but \ooo in it
    case $asked in '"'*) asked=$(printf "$(printf %s "$asked" | unquoted)" | sha256 | hex) ;; ?*) asked=none ;; esac
    while read -r id nonce not_after request signature; do
        printf '%s %s %s\n' "$index" "$nonce" "$base" >> "$work/nonces" || unwritten
        agent=$(standing "$id")
        if [ -z "$agent" ] && may_be_introduced "$id" "$index"; then
            not_understood B410 "$base.json" "the key $id, which approved it, is not known: an entry that is not understood may have introduced it"
            continue
        fi
        read -r _ added roles revoked from _ _ expires next key <<EOT || unwritten
${agent:-none $index none - - none none - - none}
EOT
        state_at "$id" "$index"
        if [ "$added" -ge "$index" ] || { [ "$revoked" != - ] && [ "$revoked" -lt "$index" ]; } || [ "$id" = "$actor" ]; then
            failed B413 "$base.json" "the key $id may not approve it"
        elif [ "$expires" != - ] && is_later "$recorded" "$expires"; then
            failed B413 "$base.json" "the key $id had expired on $expires, and may not approve it"
        else
            ! is_in_question "$index" || degraded B407 "$base.json" "the key $id, which approved it, is in question from entry $from on"
            printf '{"archive":"%s","event":"%s","nonce":"%s","not_after":"%s","request":"%s"}' "$of_archive" "$event" "$nonce" "$not_after" "$request" > "$work/approved" &&
                printf %s "$signature" | decode > "$work/signature"
            of_key "$key"
            ssh_holds approval_space "$work/approved" "$work/signature" || failed B413 "$base.json" "the approval does not hold for the key $id"
        fi
        ! is_later "$recorded" "$not_after" || failed B413 "$base.json" "the approval by the key $id had run out on $not_after"
        [ -z "$asked" ] || [ "$asked" = "$request" ] || failed B413 "$base.json" "the approval by the key $id is of another request"
    done < "$work/approvals"
}

# The index of the first entry about the archive that is not understood, but for those about checkpoints: whom it may have
# introduced is not known here.
unclear=none counted=yes
known_id='' known=''
# Whether an entry in front of this one that is not understood may have introduced a key that is not known: it was not
# revoked since, and is not the log's.
may_be_introduced() { # ID INDEX
    [ "$unclear" != none ] && [ "$unclear" -lt "$2" ] && ! grep -q -x -F -e "$1" "$work/log-ids" &&
        awk -v id="$1" -v at="$2" '$1 == id && $2 < at { revoked = 1 } END { exit revoked }' "$work/revoked-unknown"
}
# Where it depends on several keys whether an entry may be made: a new key must sign, and whoever may put it in.
may_together() {
    read -r threshold _ < "$work/recovery" || threshold=0
    [ "$recovering" -ge "$threshold" ] || failed B406 "$base.json.sig" "$recovering of the keys for recovery sign, and $threshold of them must"
    [ "$event" != recovery.set ] || return 0
    fresh=$(key_id "$(member public_key)")
    case $event,$actor in agent.recovered,"$fresh") return 0 ;; agent.recovered,*) failed B406 "$base.json.sig" 'the actor is not the new key'; return 0 ;; esac
    old=$(member key) next=- others=' '
    agent=$(standing "$old")
    read -r _ _ roles _ _ _ _ expires next _ <<EOT || unwritten
${agent:-none 0 none - - none none - - none}
EOT
    state_at "$old" "$index"
    for one in $administrators; do [ "$one" = "$old" ] || [ "$one" = "$fresh" ] || others="$others$one "; done
    case $signers in *" $fresh "*) ;; *) next=- others=none ;; esac
    case "$fresh $others" in *" $actor "* | "$actor "*) ;; *) next=- others=' ' ;; esac
    case $others in ' ' | none) [ "$next" = "$fresh" ] || failed B406 "$base.json.sig" "neither was the new key announced, nor does it sign with an administrator" ;; esac
}
check_signatures() {
    number=0 by_administrator=no recovering=0 administrators=' ' signers=' ' is_unknown=no
    if is_of_checkpoints; then notice B414 "$base.json" 'an entry about a checkpoint, such as a time stamp, whose event is not known here: what it says was not checked'
    elif [ "$understood" = no ]; then not_understood B409 "$base.json" "the event $event in the format $format is not known here"; fi
    if [ -n "$sealed" ] && ! is_of_checkpoints; then not_understood B412 "$base.json" 'is sealed, and this script does not open what is sealed'; fi
    # One that puts in the key by which it is signed, and the first one.
    case $understood$subject$event in noagent.rotated | noagent.recovered) begins=yes ;; *) begins=no ;; esac
    [ "$understood$index" != no0 ] || begins=yes
    # The keys that may sign, beside those of agents, where the archive is recovered: threshold, id and key.
    case $event in
    agent.recovered | recovery.set) awk -v at="$index" '$1 < at { if ($1 != last) count = 0; last = $1; line[++count] = $2 " " $3 " " $4 " " $5 } END { for (n = 1; n <= count; n++) print line[n] }' "$work/recoveries" > "$work/recovery" || unwritten ;;
    *) : > "$work/recovery" || unwritten ;;
    esac
    while read -r id signature; do
        number=$((number + 1)) file=$base.json.sig signers="$signers$id "
        [ "$number" -eq 1 ] || file=$base.json.$number.sig
        printf '%s\n' "$file" >> "$work/used" || unwritten
        [ "$number" -gt 1 ] || [ "$id" = "$actor" ] || failed B406 "$file" 'the first signature is not by the actor'
        # Mostly it is the agent of the entry before.
        [ "$id" = "$known_id" ] || { known_id=$id known=$(standing "$id"); }
        agent=$known recovers=''
        [ ! -s "$work/recovery" ] || recovers=$(awk -v id="$id" '$2 == id { print $3 " " $4 }' "$work/recovery")
        if [ -z "$agent" ] && [ -n "$recovers" ]; then
            key=$recovers recovering=$((recovering + 1))
            [ "$number" -gt 1 ] || failed B406 "$file" "the key $id is no agent's"
        elif [ -z "$agent" ] && { [ "$begins" = yes ] || may_be_introduced "$id" "$index"; }; then
            # It may be an administrator.
            by_administrator=unknown is_unknown=yes
            not_understood B410 "$file" "the key $id is not known: an entry that is not understood may have introduced it"
            continue
        elif [ -z "$agent" ]; then failed B406 "$file" "the key $id is not introduced"; continue
        else
            read -r _ added roles revoked from by_event _ expires next key <<EOT || unwritten
$agent
EOT
            state_at "$id" "$index"
            case $added,$by_event in "$index",archive.created | "$index",agent.rotated | "$index",agent.recovered) is_there=yes ;; *) is_there=$([ "$added" -ge "$index" ] || printf yes) ;; esac
            [ -n "$is_there" ] || failed B406 "$file" "the key $id is introduced only later"
            case ,$roles, in *,administrator,*)
                [ "$added" -ge "$index" ] || by_administrator=yes
                if [ "$added" -lt "$index" ] && { [ "$revoked" = - ] || [ "$revoked" -ge "$index" ]; }; then administrators="$administrators$id "; fi ;;
            esac
            if [ "$revoked" != - ] && [ "$revoked" -lt "$index" ]; then failed B406 "$file" "the key $id was revoked at entry $revoked"
            elif is_in_question "$index"; then degraded B407 "$file" "the key $id is in question from entry $from on"; fi
            [ "$expires" = - ] || ! is_later "$recorded" "$expires" || failed B411 "$file" "the key $id had expired on $expires"
            if [ "$number" -eq 1 ]; then
                may=no
                for role in $(allowed_to "$event"); do case ,$roles, in *",$role,"*) may=yes ;; esac; done
                case $understood,$event in yes,agent.rotated | yes,agent.recovered) may=yes ;; esac
                [ "$may" = yes ] || failed B406 "$file" "no role of the key $id allows $event"
            fi
        fi
        printf %s "$signature" | decode > "$work/signature"
        of_key "$key"
        ssh_holds entry_space "$work/message" "$work/signature" || failed B405 "$file" "does not hold for the key $id"
        if [ "$number" -eq 1 ] && is_lacking "$file" || { [ "$number" -gt 1 ] && ! is_listed "$file"; }; then failed B202 "$file" 'is missing'
        elif [ -f "$file" ]; then ssh_armor entry_space "$work/signature" | cmp -s - "$file" || failed B405 "$file" 'is not the signature in the receipt'; fi
    done < "$work/signed"
    is_known "$event" || [ -n "$subject" ] || is_of_checkpoints || [ "$by_administrator" != no ] ||
        failed B406 "$base.json.sig" 'an event that is not known, about the archive, is not signed by an administrator'
    case $understood$is_unknown,$event in yesno,agent.rotated | yesno,agent.recovered | yesno,recovery.set) may_together ;; esac
    # As many as the entry holds were looked at: none was passed over.
    [ "$number" -ge 1 ] && [ "$number" -eq "$signatures" ] ||
        failed B405 "$base.json.sig" 'not every signature could be checked'
    [ "$number" -gt 1 ] && cut -d' ' -f1 "$work/signed" | sort | uniq -d | grep -q . && failed B402 "$base.tlog-proof" 'a key signs twice'
    [ -z "$approvals" ] || check_approvals
}

# ---- Agents -----------------------------------------------------------------------------------------------------

step 'agents'
lines -x -E "$ENTRY\\.json" "$work/tags" > "$work/messages" && sed -n 's|^\(agents/.*\)\.json$|\1|p' "$work/messages" > "$work/bases" || unwritten
administrator_id=none has_first=no expiring=no is_log_key_unclear=no
# What is said of an agent: its roles, and until when its key is in use.
said_of_agent() {
    roles=$(sed 's/.*"roles":\[\([^]]*\)\].*/\1/' "$bare" | tr -d '"') expires=$(member expires) next=$(member next)
    [ -z "$expires" ] || expiring=yes
    expires=${expires:--} next=${next:--}
}
introduce() {
    key=$(member public_key)
    is_key "$key" || { failed B402 "$base.json" 'introduces a weak key, or none'; return 1; }
    point=$(key_point "$work/blob" | hex) id=$(key_id "$key")
    [ "$point" != "$log_point" ] && ! grep -q -F -e " $point " "$work/log-keys" || { failed B408 "$base.json" 'introduces the key of the log'; return 1; }
    [ -z "$(standing "$id")" ] || { failed B408 "$base.json" 'introduces a key again'; return 1; }
    ! grep -q -F -e " $id " "$work/recoveries" || { failed B408 "$base.json" 'introduces a key for recovery'; return 1; }
    printf '%s %s %s - - %s %s %s %s %s\n' "$id" "$index" "$roles" "$event" "$(member kind)" "$expires" "$next" "$key" >> "$work/agents" && printf '%s\n' "$point" >> "$work/points" || unwritten
    [ "$index" -ne 0 ] || administrator_id=$id
}
# A key is revoked, or replaced, which is as if it was revoked; or what is said of it changes.
change_agent() {
    id=$(member key) from=$(member from_index)
    read -r _ _ was revoked _ _ kind _ <<EOT || unwritten
$(standing "$id")
EOT
    # One that is not known here may have been introduced by an entry that is not understood.
    if [ -z "$revoked" ] && [ "$unclear" != none ] && ! grep -q -F -e "$id " "$work/revoked-unknown"; then
        [ "$event" = agent.changed ] || printf '%s %s\n' "$id" "$index" >> "$work/revoked-unknown" || unwritten
        return
    fi
    [ "$revoked" = - ] || { failed B408 "$base.json" 'is about a key that is not introduced, or was revoked'; return; }
    if [ "$event" = agent.changed ]; then printf '%s %s %s %s %s\n' "$id" "$index" "$roles" "$expires" "$next" >> "$work/changes" || unwritten; return; fi
    if [ "$event" = agent.rotated ]; then
        from=$((index + 1)) fresh=$roles fresh_expires=$expires fresh_next=$next roles=$was
        state_at "$id" "$index"
        [ "$roles $kind" = "$fresh $(member kind)" ] || failed B408 "$base.json" 'the new key has another kind or other roles'
        roles=$fresh expires=$fresh_expires next=$fresh_next
    fi
    awk -v id="$id" -v at="$index" -v from="$from" '$1 == id { $4 = at; $5 = from } { print }' "$work/agents" > "$work/agents.new" && cat "$work/agents.new" > "$work/agents" || unwritten
}
# A log key that follows another one has its name, was none before, and is the one that was announced.
take_log_key() {
    key=$(member log_key)
    is_vkey "$key"
    point=$(tail -c 32 "$work/log.raw" | hex) announced=$(tail -n 1 "$work/log-keys" | cut -d' ' -f3)
    if grep -q -x -F -e "$point" "$work/points" || grep -q -F -e " $point " "$work/log-keys" || [ "${key%%+*}" != "$origin" ] ||
        { [ "${announced:--}" != - ] && [ "$announced" != "$(printf %s "$key" | sha256 | hex)" ]; }; then
        failed B408 "$base.json" 'its log key has another name, is a key that is known already, or not the one that was announced'
    fi
    next=$(member next_log_key) log_key_pq=$(member log_key_pq)
    [ -z "$log_key_pq" ] || has_second_key=yes
    printf '%s %s %s %s\n' "$index" "$point" "${next:--}" "$key" >> "$work/log-keys" &&
        { printf '\000\000\000\013ssh-ed25519\000\000\000\040'; tail -c 32 "$work/log.raw"; } | sha256 > "$work/data" && printf 'SHA256:%s\n' "$(encode < "$work/data" | tr -d =)" >> "$work/log-ids" || unwritten
}
take_recovery() {
    threshold=$(member threshold)
    recovery_keys
    while IFS= read -r key; do
        is_key "$key"
        point=$(key_point "$work/blob" | hex) id=$(key_id "$key")
        [ -z "$(standing "$id")" ] && ! grep -q -F -e " $point " "$work/log-keys" || failed B408 "$base.json" "the key $id for recovery is that of an agent or of the log"
        printf '%s %s %s %s\n' "$index" "$threshold" "$id" "$key" >> "$work/recoveries" && printf '%s\n' "$point" >> "$work/points" || unwritten
    done < "$work/recovery-keys"
}
while IFS= read -r stem <&3; do
    read_entry "$stem" || continue
    [ "$understood" = no ] || is_about_agents "$event" || { failed B408 "$base.json" 'is not about an agent'; continue; }
    [ -z "$subject" ] || { failed B408 "$base.json" 'is about an exhibit or a record'; continue; }
    [ "$base" = "agents/$(printf %010d "$index")" ] || { failed B408 "$base.json" 'has another index'; continue; }
    [ "$event" != archive.created ] || [ "$index" -eq 0 ] || failed B408 "$base.json" 'is not the first entry'
    printf '%s %s %s %s %s %s %s %s %s\n' "$index" "$event" "$actor" "$signatures" "$base" "$understood" "$format" "$recorded" "${of_archive:--}" >> "$work/introductions" || unwritten
    printf '%s\n%s\n' "$approvals" "$sealed" > "$work/more-$index" && cp "$work/message" "$work/message-$index" && cp "$work/signed" "$work/signed-$index" || unwritten
    [ -z "$approvals" ] || { cp "$work/disclosed" "$work/disclosed-$index" && cp "$work/approvals" "$work/approvals-$index"; } || unwritten
    if [ "$index" -eq 0 ]; then
        has_first=yes
        [ "$fingerprint" = "$(said archive)" ] || failed B408 "$FIRST" 'it is not the first entry that bundle.json names'
    fi
    if is_of_checkpoints; then continue; fi
    if [ "$understood" = no ]; then
        if [ "$unclear" = none ] || [ "$index" -lt "$unclear" ]; then unclear=$index; fi
        # Which log key is in force behind it, it alone says.
        [ "$event" != log.key_changed ] || is_log_key_unclear=yes
        continue
    fi
    case $event in archive.created | agent.*) said_of_agent ;; esac
    case $event in agent.revoked | agent.changed | agent.rotated) change_agent ;; esac
    case $event in archive.created | agent.added | agent.rotated | agent.recovered) introduce || continue ;; esac
    if [ "$event" = agent.recovered ] && [ ! -s "$work/recoveries" ] && [ "$unclear" = none ]; then failed B408 "$base.json" 'the archive has no keys for recovery'; fi
    if [ "$index" -eq 0 ]; then [ "$key" = "$administrator" ] || failed B302 bundle.json 'names another administrator than the first entry'; fi
    case $event in archive.created | log.key_changed) take_log_key ;; esac
    case $event in archive.created | recovery.set) take_recovery ;; esac
done 3< "$work/bases"
[ "$has_first" = yes ] || failed B408 agents/0000000000.json 'the first entry is missing'
[ ! -s "$work/log-keys" ] || [ "$is_log_key_unclear" = yes ] || [ "$(tail -n 1 "$work/log-keys" | cut -d' ' -f4-)" = "$log_key" ] || failed B302 bundle.json 'names another log key than the entries'
if [ -n "$log_key_pq" ] && [ "$is_log_key_unclear" = no ]; then
    note_holds log/checkpoint && has_line_pq || failed B401 log/checkpoint "has no line by the log's key of ML-DSA-44"
fi
# Now that all are known: who signed these entries.
subject='' bare=$work/message
while read -r index event actor signatures base understood format recorded of_archive <&3; do
    cp "$work/message-$index" "$work/message" && cp "$work/signed-$index" "$work/signed" || unwritten
    { IFS= read -r approvals && IFS= read -r sealed; } < "$work/more-$index" || unwritten
    [ "$understood" = no ] || approvals_hold "$work/message" || unwritten
    [ -z "$approvals" ] || { cp "$work/disclosed-$index" "$work/disclosed" && cp "$work/approvals-$index" "$work/approvals"; } || unwritten
    check_signatures
done 3< "$work/introductions"
printf '%s agents\n' "$(lines_of "$work/agents")"

# ---- The bundle's signature, and the files in keys/ -------------------------------------------------------------

step 'signature of the bundle'
# OpenSSL decides, here and with the entries, because it refuses more: OpenSSH takes a signature with S + L for S.
second_opinion() {
    [ "$has_ssh_keygen" = yes ] || { printf 'ssh-keygen is not here: no second opinion\n'; return 0; }
    printf 'signer %s\n' "$key" > "$work/allowed" || unwritten
    ssh-keygen -Y verify -f "$work/allowed" -I signer -n vouchsafe-bundle@1 -s tagmanifest-sha256.txt.sig < tagmanifest-sha256.txt > /dev/null 2>&1
}
agent=$(standing "$signer")
if [ -z "$agent" ] && may_be_introduced "$signer" 9007199254740992; then
    not_understood B410 bundle.json "the key $signer, which signed the bundle, is not known: an entry that is not understood may have introduced it"
elif [ -z "$agent" ]; then failed B304 tagmanifest-sha256.txt.sig "the key $signer is not introduced"
elif case $agent in *" $FIDO "*) ;; *) false ;; esac; then failed B304 tagmanifest-sha256.txt.sig "the key $signer is a FIDO key, which cannot sign a bundle"
else
    read -r _ _ roles revoked _ _ _ expires _ key <<EOT || unwritten
$agent
EOT
    state_at "$signer" 9007199254740992
    [ "$expires" = - ] || ! is_later "$(said created_at)" "$expires" || failed B304 tagmanifest-sha256.txt.sig "the key $signer had expired on $expires"
    [ "$revoked" = - ] || failed B304 tagmanifest-sha256.txt.sig "the key $signer was revoked"
    case ,$roles, in *,administrator,* | *,archivist,* | *,lawyer,*) ;; *) failed B304 tagmanifest-sha256.txt.sig "no role of the key $signer allows it" ;; esac
    of_key "$key"
    plain_holds "$work/key.der" tagmanifest-sha256.txt tagmanifest-sha256.txt.ed25519 || failed B303 tagmanifest-sha256.txt.ed25519 "is not by the key $signer"
    sed '1d;$d' tagmanifest-sha256.txt.sig | tr -d '\n' | decode | tail -c 64 > "$work/signature"
    ssh_armor bundle_space "$work/signature" | cmp -s - tagmanifest-sha256.txt.sig &&
        ssh_holds bundle_space tagmanifest-sha256.txt "$work/signature" && second_opinion || failed B303 tagmanifest-sha256.txt.sig "is not by the key $signer"
    pem < "$work/key.der" | cmp -s - keys/signer.pub.pem || failed B306 keys/signer.pub.pem 'is another key'
fi
pem < "$work/log.der" | cmp -s - keys/log.pub.pem || failed B306 keys/log.pub.pem 'is another key'
printf '%s\n' "$log_key" | cmp -s - keys/log.vkey || failed B306 keys/log.vkey 'is another key'
awk '{ print $1 " namespaces=\"vouchsafe-approval@1,vouchsafe-bundle@1,vouchsafe-entry@1\" " $10 " " $11 }' "$work/agents" | sort > "$work/allowed" || unwritten
# Where an entry that is not understood may have introduced keys, it may hold others as well.
if [ "$unclear" = none ]; then cmp -s "$work/allowed" keys/allowed_signers
elif [ -f keys/allowed_signers ]; then sort keys/allowed_signers | comm -23 "$work/allowed" - | is_nothing; fi || failed B306 keys/allowed_signers 'does not hold exactly the keys that are introduced'

# ---- bagit.txt and bag-info.txt, which follow from the rest --------------------------------------------------------

payload_bytes=0
while IFS= read -r name; do
    # Where an object is missing, that is found already.
    [ -f "$name" ] || { payload_bytes=unknown; break; }
    payload_bytes=$((payload_bytes + $(size "$name")))
done < "$work/payload"
printf 'BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n' | cmp -s - bagit.txt || [ ! -f bagit.txt ] || degraded B209 bagit.txt 'is not as it should be'
created=$(said created_at)
software=$(sed -n 's/.*,"software":"\(.*\)","withheld_fields":[0-9]*}$/\1/p' bundle.json | sed 's/\\\(["\\]\)/\1/g')
[ "$payload_bytes" = unknown ] || [ ! -f bag-info.txt ] ||
    printf 'Bag-Software-Agent: %s\nBagging-Date: %s\nPayload-Oxum: %s.%s\n' "$software" "${created%T*}" "$payload_bytes" "$(lines_of "$work/payload")" |
    cmp -s - bag-info.txt || degraded B209 bag-info.txt 'does not say what is there'

# ---- Exhibits ---------------------------------------------------------------------------------------------------

step 'exhibits'
lines -x -E "$OBJECT" "$work/payload" > "$work/objects" || unwritten
sed -n -e 's|^exhibits/\([^/]*\)/.*|\1|p' -e 's|^data/\([^.]*\)\..*|\1|p' "$work/tags" "$work/objects" > "$work/names" || unwritten
lines -x -E "$X" "$work/names" > "$work/short" && sort -u "$work/short" > "$work/exhibits" || unwritten
entries=0 all_withheld=0 done_exhibits=0 any_newer=no
while IFS= read -r thing <&4; do
    sed -n "s|^\\(exhibits/$thing/.*\\)\\.json\$|\\1|p" "$work/messages" | sort -t/ -k3,3n > "$work/bases" || unwritten
    count=0 before=-1 object='' bytes='' type='' collection=null moves=' ' all_understood=yes
    [ -s "$work/bases" ] || failed B404 "exhibits/$thing/0000.json" 'has no entries'
    while IFS= read -r stem <&3; do
        [ "$stem" = "exhibits/$thing/$(printf %04d "$count")" ] || failed B404 "$stem.json" "entry $count is not there"
        read_entry "$stem" || { count=$((count + 1)); continue; }
        number=${base##*/} number=${number#"${number%%[!0]*}"} number=${number:-0}
        [ "$exhibit" = "$thing" ] && [ "$sequence" = "$number" ] && [ "$index" -gt "$before" ] || failed B404 "$base.json" 'is not the entry that belongs here'
        if [ "$understood" = no ]; then
            # What it says of the object, of a bundle or of the collection is not known.
            all_understood=no any_newer=yes
            [ "$event" != exhibit.ingested ] || object=unknown
        else
            case $event$sequence in exhibit.ingested0)
                object=$(member object) bytes=$(member size_bytes) type=$media_type
                # What is sealed has another digest in the archive than here.
                [ -z "$sealed" ] || bytes=sealed ;;
            exhibit.ingested* | *[!0-9]0) failed B404 "$base.json" 'only the ingest is the first entry' ;;
            copy.issued*) [ "$object" = unknown ] || [ "$(member object)" = "$object" ] || failed V206 "$base.json" 'is about another object' ;; esac
            [ "$event" != exhibit.received ] || printf '%s\n' "$thing" >> "$work/received" || unwritten
            case $event in exhibit.exported | exhibit.received) moves="$moves$event:$(member bundle) " ;;
            custody.passed)
                if is_listed "letters/$(member letter).json" && [ -f "letters/$(member letter).json" ]; then
                    printf '%s letters/%s.json\n' "$thing" "$(member letter)" >> "$work/letters"
                elif [ "$withheld" -eq 0 ] || grep -q '^\["[0-9a-f]*","partner_archive",' "$work/disclosed"; then printf '%s\n' "$thing" >> "$work/letters-missing"
                else printf '%s\n' "$thing" >> "$work/letters-withheld"; fi || unwritten
                move=exhibit.exported
                [ "$(member direction)" != in ] || move=exhibit.received
                [ "$all_understood" = no ] || case $moves in *" $move:$(member bundle) "*) ;; *) failed V206 "$base.json" 'custody passes with a bundle that it did not leave or come in' ;; esac ;;
            esac
            if is_description "$event"; then
                newest=$(sed -n 's/^\["[0-9a-f]*","collection",\(.*\)\]$/\1/p' "$work/disclosed")
                salts=$(sed -n 's/^\["\([0-9a-f]*\)","collection",.*/\1/p' "$work/disclosed")
                for salt in ${leaf:+$salts}; do printf '%s %s %s\n' "$leaf" "$salt" "$thing" >> "$work/said" || unwritten; done
                collection=${newest:-$collection}
            fi
        fi
        before=$index count=$((count + 1)) entries=$((entries + 1)) all_withheld=$((all_withheld + withheld))
        check_signatures
    done 3< "$work/bases"
    [ "$all_understood" = no ] || printf '%s\n' "$collection" >> "$work/collections" || unwritten
    done_exhibits=$((done_exhibits + 1))
    [ $((done_exhibits % 50)) -ne 0 ] || printf '%s of %s exhibits\n' "$done_exhibits" "$(lines_of "$work/exhibits")"
    file=$(grep -F -e "data/$thing." "$work/objects")
    case $file in '') failed B501 "data/$thing." 'its object is missing' ;; *'
'*) failed B501 "data/$thing." 'it has several objects' ;; *)
        if [ -f "$file" ] && { [ "$object" = unknown ] || [ "$bytes" = sealed ]; }; then :
        elif [ -f "$file" ]; then
            # A file that passed its manifest has the digest of its line: so nothing large is read twice.
            [ "$(grep -F -e "  $file" manifest-sha256.txt | cut -c1-64)" = "$object" ] || failed B502 "$file" 'is not the object that was ingested'
            [ "$(size "$file")" = "$bytes" ] || failed B503 "$file" 'has another size than the object that was ingested'
            [ -z "$object" ] || [ "${file##*.}" = "$(ending_of "$type")" ] || degraded B505 "$file" "does not have the ending of its media type, $type"
        else failed B501 "$file" 'its object is missing'; fi ;; esac
done 4< "$work/exhibits"
lines -v -x -E "$OBJECT" "$work/payload" > "$work/others" || unwritten
while IFS= read -r name; do failed B504 "$name" 'belongs to no exhibit'; done < "$work/others"
[ "$counted" = yes ] || all_withheld=$(said withheld_fields)
[ "$(lines_of "$work/exhibits") $entries $all_withheld" = "$(said exhibits) $(said entries) $(said withheld_fields)" ] ||
    failed B302 bundle.json 'counts other exhibits, entries or withheld fields'

# Of the letters of other archives, no more is checked than that each is the one that entries name.
sort -u "$work/letters" > "$work/names" || unwritten
while read -r passed_thing name; do
    # Read again only where it did not pass its manifest.
    digest=$(awk -v name="$name" '$2 == name { print $1 }' tagmanifest-sha256.txt)
    ! grep -q -F -e "$name: " "$work/bad" || digest=$(sums < "$name" | cut -c1-64)
    [ "letters/$digest.json" = "$name" ] || failed B605 "$name" 'is not the letter that the entry names'
done < "$work/names"
passed_thing=''
cut -d' ' -f2 "$work/letters" | sort -u > "$work/named" && lines -x -E "letters/$H\\.json" "$work/tags" > "$work/short" && comm -23 "$work/short" "$work/named" > "$work/names" || unwritten
# An entry that is not understood may name others.
[ "$any_newer" = yes ] || while IFS= read -r name; do
    [ ! -f "$name" ] || degraded B206 "$name" 'no entry names this letter: nothing in it is believed'
done < "$work/names"

# Everything of an entry was looked at by now: what was not belongs to none.
lines -x -E "$KNOWN" "$work/tags" > "$work/names" && lines -e '^exhibits/' -e '^agents/' "$work/names" > "$work/of-entries" || unwritten
sort -u "$work/used" > "$work/names" && comm -23 "$work/of-entries" "$work/names" > "$work/unused" || unwritten
while IFS= read -r name; do failed B403 "$name" 'belongs to no entry'; done < "$work/unused"

# Entries that stand beside each other in the log say so, and times do not run back.
sort -n -u "$work/chain" > "$work/ordered" || unwritten
next=''
while read -r index leaf previous recorded base; do
    [ "$next" != "$index" ] || [ "$previous" = "$last_leaf" ] || failed V203 "$base.json" 'does not name the entry in front of it'
    [ -z "$next" ] || [ "$(printf '%s\n%s\n' "$last_time" "$recorded" | sort | head -n 1)" = "$last_time" ] || failed V205 "$base.json" 'was recorded before the entry in front of it'
    next=$((index + 1)) last_leaf=$leaf last_time=$recorded
done < "$work/ordered"
[ -z "${last_time:-}" ] || [ "$(printf '%s\n%s\n' "$last_time" "$created" | sort | tail -n 1)" = "$created" ] || failed B302 bundle.json 'was made before the newest entry was recorded'

# An approval is used once.
sort -n -u "$work/nonces" | awk '$2 in first && first[$2] != $1 { print $3 } !($2 in first) { first[$2] = $1 }' > "$work/names" || unwritten
while IFS= read -r name; do failed B413 "$name.json" 'has an approval that an entry before it has'; done < "$work/names"

# ---- The statement of completeness, where one was signed --------------------------------------------------------

REASON='(witness-identity|family|third-party|source-protection|consent|originator-condition|ongoing-investigation|privilege|court-order|erased)'
STATED="\\{\"collection\":(null|$QUOTED),\"format\":\"vouchsafe-completeness/1\",\"held\":$N,\"included\":\\[(\"$X\"(,\"$X\")*)?\\]"
ONE="\\{\"member\":\"$H\",\"reason\":\"$REASON\"\\}"
STATED="$STATED,\"salt\":\"[0-9a-f]{32}\",\"withheld\":\\[($ONE(,$ONE)*)?\\]\\}"
stated() { # FILE: in its one form, and of these exhibits?
    [ "$(lines_of "$1")" = 1 ] && [ "$(tail -c 1 "$1" | hex)" = 0a ] &&
        tr -d '\000' < "$1" | cmp -s - "$1" && matches "$STATED" "$1" || return 1
    sed 's/.*"included":\[\([^]]*\)\].*/\1/' "$1" | tr -d '"' | tr , '\n' | lines . > "$work/included" &&
        sed 's/.*"withheld":\[\(.*\)\]}$/\1/' "$1" | tr '}' '\n' | sed -n 's/.*"member":"\([^"]*\)","reason":"\(.*\)"$/\1 \2/p' > "$work/withheld" &&
        sed 's/^{"collection":\(.*\),"format":"vouchsafe-completeness.*/\1/' "$1" > "$work/named" &&
        cut -d' ' -f1 "$work/withheld" > "$work/members" && sort -u "$work/members" > "$work/names" &&
        sort -u "$work/collections" > "$work/short" || unwritten
    held=$(sed 's/.*,"held":\([0-9]*\),"included".*/\1/' "$1")
    here=$(lines_of "$work/included") kept=$(lines_of "$work/withheld")
    cmp -s "$work/included" "$work/exhibits" && cmp -s "$work/members" "$work/names" &&
        [ "$held" = $((here + kept)) ] && { [ ! -s "$work/short" ] || cmp -s "$work/named" "$work/short"; }
}
if is_listed completeness.json && [ -f completeness.json ] && ! grep -q '^completeness\.json: ' "$work/bad"; then
    step 'statement of completeness'
    if [ "$(size completeness.json)" -gt 100663296 ]; then failed B104 completeness.json 'too large'
    elif stated completeness.json; then
        printf 'The collection holds %s exhibits at log size %s: %s here, %s withheld\n' "$held" "$log_size" "$here" "$kept"
        cut -d' ' -f2 "$work/withheld" | sort | uniq -c
        # An exhibit that is here is not withheld too, by any collection that is disclosed of it.
        statement_salt=$(sed 's/.*,"salt":"\([0-9a-f]*\)","withheld".*/\1/' completeness.json)
        while read -r leaf salt thing; do
            member=$({ printf 'vouchsafe-member@1\n'; unhex "$statement_salt$leaf$salt"; } | sha256 | hex)
            ! grep -q -x -F -e "$member" "$work/members" || failed B801 completeness.json "counts $thing as withheld, which is here"
        done < "$work/said"
    else
        newer=$(newer_format completeness.json completeness)
        if [ -n "$newer" ]; then not_understood B804 completeness.json "has the format $newer, which this script does not know"
        else failed B801 completeness.json 'not in its one form, or does not fit the bundle'; fi
    fi
fi

# ---- The verdict ------------------------------------------------------------------------------------------------

trusted=no
if [ -s "$work/fingerprints" ] && [ "$has_first" = yes ]; then
    if is_given; then trusted=yes
    else failed B305 bundle.json "its fingerprint is $(paper_form "$fingerprint"), which was not given from outside"; fi
fi
# What this script leaves out: the histories in other archives, which the dossiers in foreign/ show, and the letters of other archives.
foreign=no
if [ -s "$work/received" ] || grep -q '^foreign/' "$work/listed" "$work/there"; then foreign=yes; fi
letters=no
[ ! -s "$work/letters" ] || letters=yes
left_out=$foreign
[ "$letters" = no ] || left_out=yes
verdict_of() { # LEFT_OUT; from findings on standard input
    awk -v trusted="$trusted" -v left_out="$1" '$1 == "failed" { failed = 1 } $1 == "newer" { newer = 1 } { any = 1 }
        END { print (failed ? "failed" : newer ? "not understood" : trusted != "yes" ? "unverifiable" : any ? "degraded" : left_out == "yes" ? "not all checked" : "sound") }'
}
step 'verdict'
while IFS= read -r one; do
    came=no more=''
    if grep -q -x -F -e "$one" "$work/received"; then came=yes more='; its history in another archive was NOT CHECKED'; fi
    if grep -q -e "^$one " "$work/letters"; then came=yes more="$more; the letter of another archive was NOT CHECKED"; fi
    printf '%s: %s%s\n' "$one" "$(awk -v one="$one" 'FILENAME == ARGV[1] { known[$1] = 1; next } $3 == one || !($3 in known) && $2 != "B212"' "$work/exhibits" "$work/findings" | verdict_of "$came")" "$more"
done < "$work/exhibits"
verdict=$(verdict_of "$left_out" < "$work/findings")
# What is said of a key that was given: the same in every program that checks.
about_key() { # KEY
    if [ "$1" = "$log_key" ]; then printf "is the key of this archive's log"
    elif [ "$1" = "$administrator_id" ]; then printf "is the key of this archive's first administrator"
    elif [ -n "$(standing "$1")" ]; then printf 'is the key of an agent of this archive'
    else printf 'is no key that this bundle shows'; fi
}
[ "$fingerprint" = none ] || fingerprint=$(paper_form "$fingerprint")
printf '\nThe archive %s\n  fingerprint   %s\n  administrator %s\n  log key       %s\n  signed by     %s\n\n' "$origin" "$fingerprint" "$administrator_id" "$log_key" "$signer"
if [ ! -s "$work/fingerprints" ] || [ -s "$work/keys" ] || [ "$expiring" = yes ] || [ "$has_second_key" = yes ]; then
    printf 'NOT checked\n'
    [ -s "$work/fingerprints" ] || no_fingerprint
    awk '!seen[$0]++' "$work/keys" > "$work/names" || unwritten
    while IFS= read -r key; do
        printf '  %s %s: a key is no anchor, since whoever holds it can make another archive\n' "$(shown "$key")" "$(about_key "$key")"
    done < "$work/names"
    [ "$expiring" = no ] || printf "  whether keys had expired: that rests on the archive's own clock\n"
    [ "$has_second_key" = no ] || printf '  the ML-DSA-44 signatures of checkpoints\n'
    printf '\n'
fi
cat <<'EOT'
Not checked by this script: keys of mixed order and the strictest rules for signatures (verify.html and vouchsafe do).
No check can show what an exhibit shows, what happened to
it before it was ingested or after the checkpoint, when something happened, or that no exhibit, and no entry behind the
last one of a history, was left out. A statement of completeness is the signed word of the archive: what is disclosed
later can contradict it (vouchsafe check --earlier).

EOT
[ "$foreign" = no ] || printf 'The histories that exhibits had in other archives (foreign/) were NOT CHECKED by this script.\nverify.html and "vouchsafe check" check them.\n\n'
passed() { # FILE: that custody passed, as its lines say
    many=$(lines_of "$1") say=say
    [ "$many" -ne 1 ] || say=says
    printf 'That custody passed, as %s %s %s' "$many" "$([ "$many" -eq 1 ] && printf entry || printf entries)" "$say"
}
[ ! -s "$work/letters" ] || { passed "$work/letters"; printf ', was NOT CHECKED by this script:\nthe letters of the other archives are in letters/. verify.html and vouchsafe-check read them.\n\n'; }
[ ! -s "$work/letters-withheld" ] || { passed "$work/letters-withheld"; printf ', was NOT CHECKED: the letter of the other archive, which would prove it,\nis withheld.\n\n'; }
[ ! -s "$work/letters-missing" ] || { passed "$work/letters-missing"; printf ', was NOT CHECKED: the word of one side; the letter of the other archive,\nwhich would prove it, is not here.\n\n'; }
# Whoever has only this bundle knows nothing of what came later.
as_of() { printf 'As of entry %s of the log, %s: later entries and revocations are not known here.\n' "$((log_size - 1))" "${created%T*}"; }
case $verdict in
sound)
    printf 'SOUND: all of this holds, and the fingerprint of the archive is one that you gave.\n' && as_of || exit 3
    exit 0 ;;
'not all checked')
    printf 'NOT ALL CHECKED: what was checked holds, and the fingerprint of the archive is one that you gave; %s not checked.\n' \
        "$([ "$foreign" = no ] || printf 'the histories in other archives')$([ "$foreign$letters" != yesyes ] || printf ' and ')$([ "$letters" = no ] || printf 'the letters of other archives') were"
    as_of
    exit 3 ;;
degraded)
    printf 'DEGRADED: the exhibits hold, but something beside them does not.\n'
    as_of
    exit 1 ;;
unverifiable)
    printf 'UNVERIFIABLE: the bundle agrees with itself, which anybody can bring about. Give --trust FINGERPRINT, from elsewhere.\n'
    [ -s "$work/findings" ] && exit 1
    exit 3 ;;
'not understood') end_not_understood ;;
failed) end_failed ;;
*) unwritten ;;
esac
