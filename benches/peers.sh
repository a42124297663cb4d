#!/bin/sh
# Measures vouchsafe beside other tools that keep files and check them, in one run on the same files.
#
#     cargo build --release && benches/peers.sh [--runs 3] [--folder DIR] [--write]
#
# As root on Debian or Ubuntu, what is missing is installed with apt-get; elsewhere it says what to install.
# bagit comes from PyPI, into an environment of its own that is removed at the end. A tool that cannot be
# had is shown as not run. Needs python3 with venv, and about 10 GB of free disk in DIR. See peers.py.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
trap 'exit 1' INT TERM

# name of the program, name of its package
need() {
    command -v "$1" >/dev/null || missing="$missing $2"
}
missing=
need restic restic
need borg borgbackup
need git git
need git-annex git-annex
need hashdeep hashdeep
if [ -n "$missing" ]; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        # shellcheck disable=SC2086 # one word for each package
        { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing; } >&2 ||
            echo "could not install:$missing" >&2
    else
        echo "not installed, and shown as not run:$missing" >&2
    fi
fi
if ! command -v bagit.py >/dev/null; then
    # bagit 1.9 needs setuptools at run time.
    { python3 -m venv "$tools/python" && "$tools/python/bin/pip" install --quiet bagit setuptools; } >&2 ||
        echo "could not install bagit from PyPI" >&2
    PATH="$PATH:$tools/python/bin"
fi

python3 "$here/peers.py" "$@"
