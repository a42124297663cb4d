"""The measuring part of peers.sh: ingest, verify, disk and memory of tools that keep files and check them.

Every tool takes the same folder, three times, in turn with the others. Making an empty repository is not
timed. Ingest means: the sources stay where they are, a copy of them is kept, its checksums are kept, and
all of it is on the disk at the end: a tool that does not see to that itself is followed by `sync`. Verify
means: every kept byte is read again and compared. Each tool is given what makes it fast: no compression (the
files are random bytes), no encryption where it can be left out, as many jobs as there are cores.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from measure import PROGRAM, Archive, Failed, check_built, machine, make_big, make_many, markdown, median, run, write_between

CORES = str(os.cpu_count())
SHELL = ["sh", "-ceu"]


class Peer:
    """A tool. Commands are lines of shell with $source, $place and $cores; nothing is shared between runs."""

    def __init__(self, name, needs, prepare, ingest, verify, version="", syncs=False, is_limit=False):
        self.name, self.needs, self.prepare, self.version = name, needs, prepare, version
        self.ingest = ingest if syncs else f"{ingest}; sync"
        self.verify, self.is_limit = verify, is_limit

    def missing(self):
        """Why it cannot be run, if it cannot."""
        lacking = [name for name in self.needs if shutil.which(name) is None]
        return f"{', '.join(lacking)} is not installed" if lacking else None

    def run(self, command, source, place):
        home = str(place / "home")
        env = {**os.environ, "source": str(source), "place": str(place), "cores": CORES, "HOME": home,
               "RESTIC_PASSWORD": "bench", "RESTIC_REPOSITORY": str(place / "kept"), "BORG_REPO": str(place / "kept"),
               "BORG_BASE_DIR": home, "BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK": "yes"}
        return run([*SHELL, command], env=env, cwd=place)

    def measure(self, source, place):
        (place / "home").mkdir(parents=True)
        self.run(self.prepare, source, place)
        self.run("sync", source, place)
        ingested = self.run(self.ingest, source, place)
        verified = self.run(self.verify, source, place)
        space = disk_bytes(place / "kept")
        remove(place)
        return ingested, verified, space

    def title(self):
        if not self.version:
            return self.name
        said = subprocess.run([*SHELL, self.version], capture_output=True, check=True).stdout.decode().split()
        return f"{self.name} {next(word for word in said if word[0].isdigit())}"


class Ours(Peer):
    """vouchsafe, with a key without passphrase."""

    def __init__(self):
        super().__init__("**vouchsafe**", [], "", "", "")

    def measure(self, source, place):
        archive = Archive(place)
        archive.make()
        ingested = archive.run("ingest", str(source))
        verified = archive.run("verify")
        space = disk_bytes(archive.path)
        shutil.rmtree(place)
        return ingested, verified, space


PEERS = [
    Ours(),
    Peer("restic", ["restic"], "restic init", "restic backup --quiet --compression off \"$source\"",
         "restic check --read-data", version="restic version", syncs=True),
    Peer("borg", ["borg"], "borg init --encryption none", "borg create --compression none ::all \"$source\"",
         "borg check --verify-data", version="borg --version", syncs=True),
    Peer("git-annex", ["git", "git-annex"],
         "git init -q kept; cd kept; git config user.name bench; git config user.email bench@example.org; git annex init -q",
         "cp -r \"$source\" kept/all; cd kept; git annex add --quiet --jobs \"$cores\" .; git commit -q -m all",
         "cd kept; git annex fsck --quiet --jobs \"$cores\"", version="git-annex version"),
    Peer("bagit.py", ["bagit.py"], ":",
         "cp -r \"$source\" kept; bagit.py --quiet --sha256 --processes \"$cores\" kept",
         "bagit.py --quiet --validate --processes \"$cores\" kept", version="bagit.py --version"),
    Peer("hashdeep", ["hashdeep"], ":",
         "cp -r \"$source\" kept; hashdeep -c sha256 -l -r kept > home/manifest",
         "hashdeep -c sha256 -l -r -a -k home/manifest kept", version="hashdeep -V"),
    Peer("`cp -r`; `sha256sum`", ["sha256sum"], ":", "cp -r \"$source\" kept",
         "find kept -type f -print0 | xargs -0 sha256sum", is_limit=True),
]


def disk_bytes(folder):
    """What the disk gives for a folder, in whole blocks."""
    return int(subprocess.run(["du", "-s", "-B1", str(folder)], capture_output=True, check=True).stdout.split()[0])


def remove(folder):
    """Removes a folder, also where git-annex has taken away the right to write."""
    subprocess.run(["chmod", "-R", "u+w", str(folder)], check=False)
    shutil.rmtree(folder, ignore_errors=True)


def compare(title, source, content, folder, runs, without):
    """The table of one set of files, and where something was faster than vouchsafe."""
    measured, missing = {}, dict.fromkeys(without, "left out")
    for number in range(runs):
        for peer in PEERS:
            reason = missing.get(peer.name) or peer.missing()
            if reason is None:
                print(f"{title}, run {number + 1} of {runs}: {peer.name}", file=sys.stderr)
                try:
                    measured.setdefault(peer.name, []).append(peer.measure(source, folder / "peer"))
                    continue
                except Failed as failed:
                    remove(folder / "peer")
                    reason = " ".join(str(failed).split())
            missing[peer.name] = reason
    ours = measured.get(PEERS[0].name)
    if PEERS[0].name in missing:
        raise Failed(missing[PEERS[0].name])
    rows, ahead = [], []
    for peer in PEERS:
        if peer.name in missing:
            rows.append([f"NOT RUN: {peer.name}: {missing[peer.name]}", *[""] * 5])
            continue
        row, faster = row_of(peer, measured[peer.name], ours, content)
        rows.append(row)
        ahead += faster
    head = [title, "ingest", "verify", "disk", "peak, ingest", "peak, verify"]
    return markdown(head, rows), ahead


def row_of(peer, runs, ours, content):
    """Seconds, how many times ours, and processor time, which other work on the machine does not change. Ratios
    are taken run by run, since the runs of one round had the same minutes."""
    cells, faster = [], []
    for number, what in enumerate(["ingest", "verify"]):
        ratio = median([run[number][0] / our[number][0] for run, our in zip(runs, ours)])
        seconds, busy = (median([run[number][place] for run in runs]) for place in (0, 1))
        cells.append(f"{seconds:.2f} s" if runs is ours else f"{seconds:.2f} s ({ratio:.2f} ×)")
        cells[-1] += f", {busy:.2f} s"
        if runs is not ours and not peer.is_limit and ratio < 1:
            faster.append(f"{peer.name} at {what}")
    peaks = [f"{max(run[number][2] for run in runs):.0f} MiB" for number in range(2)]
    return [peer.title(), *cells, f"{median([run[2] for run in runs]) / content:.3f} ×", *peaks], faster


SETS = {
    "one file of 2 GiB": (1, 2 * 1024**3),
    "20,000 files of 20 kB": (20_000, 20_000),
    "500 files of 2 MB": (500, 2_000_000),
}


def main():
    parser = argparse.ArgumentParser(prog="peers.sh", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--set", choices=SETS, action="append", help="only these files; may be repeated")
    parser.add_argument("--without", action="append", default=[], help="a tool to leave out; shown as not run")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    check_built()
    folder = Path(tempfile.mkdtemp(prefix="vouchsafe-peers-", dir=arguments.folder))
    parts = [machine(f"medians of {arguments.runs} runs in turn; "
                     "in brackets, how many times as long as vouchsafe; after the comma, processor time.")]
    try:
        for title in arguments.set or SETS:
            count, size = SETS[title]
            source = folder / "source"
            source.mkdir()
            if count == 1:
                make_big(source / "item.bin", size)
            else:
                make_many(source, range(count), size)
            table, ahead = compare(title, source, count * size, folder, arguments.runs, arguments.without)
            faster = f"Faster than vouchsafe: {', '.join(ahead)}." if ahead else "None of them is faster than vouchsafe."
            parts += [table, faster]
            print(f"{table}\n\n{faster}\n", file=sys.stderr)
            shutil.rmtree(source)
    except Failed as failed:
        sys.exit(str(failed))
    finally:
        remove(folder)
    text = "\n\n".join(parts) + "\n"
    print(text)
    if arguments.write:
        write_between("peers", text)


if __name__ == "__main__":
    main()
