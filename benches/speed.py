#!/usr/bin/env python3
"""Measures vouchsafe beside ordinary tools, in one run on the same files, and prints a table.

    cargo build --release && benches/speed.py [--runs 5] [--folder DIR] [--write]

Each figure is the median of several runs; the tools take turns, so that a slow minute of the machine
hits all of them. Ratios are what counts; seconds depend on the machine. --write puts the table into
docs/performance.md. Needs python3, openssl and about 12 GB of free disk in DIR (a new folder below the
system's temporary folder by default), which it clears up.
"""

import argparse
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = ROOT / "target/release/vouchsafe"
MIB = 1024 * 1024


def run(command, env=None, shell=False):
    """Runs a command. Wall-clock seconds, CPU seconds, peak memory in MiB."""
    start = time.monotonic()
    child = subprocess.Popen(command, env=env, shell=shell, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    errors = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.monotonic() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        sys.exit(f"{command} ended with {child.returncode}: {errors.decode(errors='replace')}")
    return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


class Archive:
    """An archive in a folder, made anew for every run of an ingest."""

    def __init__(self, folder):
        self.folder = folder
        self.path = folder / "archive"
        self.env = {**os.environ, "VOUCHSAFE_HOME": str(folder / "home"), "VOUCHSAFE_ARCHIVE": str(self.path)}

    def make(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        self.run("init", str(self.path), "--no-passphrase", "--origin", "bench.example/archive")
        os.sync()

    def run(self, *arguments):
        return run([str(PROGRAM), *arguments], env=self.env)

    def volume_bytes(self):
        return sum(file.stat().st_size for file in (self.path / "volumes").iterdir())


def make_big(path, size):
    with open(path, "wb") as file:
        for _ in range(size // MIB):
            file.write(os.urandom(MIB))


def make_many(folder, count, size):
    for number in range(count):
        place = folder / f"{number // 1000:03}"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"item {number:06}.bin").write_bytes(os.urandom(size))


def copy_and_sync(source, target):
    shutil.rmtree(target, ignore_errors=True)
    target.unlink(missing_ok=True)
    os.sync()
    measured = run(["sh", "-c", 'cp -r "$0" "$1" && sync', str(source), str(target)])
    shutil.rmtree(target, ignore_errors=True)
    target.unlink(missing_ok=True)
    return measured


def digest_all(source):
    if source.is_file():
        return run(["openssl", "dgst", "-sha256", str(source)])
    return run(["sh", "-c", 'find "$0" -type f -print0 | xargs -0 openssl dgst -sha256', str(source)])


def median(values):
    return statistics.median(values)


class Table:
    def __init__(self):
        self.rows = []

    def add(self, what, goal, ours, theirs, reference, memory):
        """Ratios are taken run by run and then the median, since both runs of a pair had the same minute."""
        ratio = median([a[0] / b[0] for a, b in zip(ours, theirs)])
        peak = max(run[2] for run in ours)
        self.rows.append([
            what, f"{median([run[0] for run in ours]):.2f} s", f"{median([run[0] for run in theirs]):.2f} s ({reference})",
            f"{ratio:.2f}", goal, f"{peak:.0f} MiB", memory,
        ])

    def add_plain(self, what, value, goal, peak="", memory=""):
        self.rows.append([what, value, "", "", goal, peak, memory])

    def text(self):
        head = ["what", "vouchsafe", "reference", "ratio", "goal", "peak memory", "goal"]
        lines = ["| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head), *self.rows]]
        return "\n".join(lines)


def measure_files(table, folder, source, what, runs, goals):
    archive = Archive(folder / "bench")
    ours, theirs = [], []
    for _ in range(runs):
        theirs.append(copy_and_sync(source, folder / "copy"))
        archive.make()
        ours.append(archive.run("ingest", str(source)))
    table.add(f"ingest {what}", goals["ingest"], ours, theirs, "cp -r, sync", goals["memory"])
    if "rate" in goals:
        rate = goals["files"] / median([run[0] for run in ours])
        table.add_plain(f"ingest {what}: files a second", f"{rate:,.0f}", goals["rate"])
    size = sum(file.stat().st_size for file in ([source] if source.is_file() else source.rglob("*")) if file.is_file())
    table.add_plain(f"disk, {what}", f"{archive.volume_bytes() / size:.3f} × the bytes", goals["disk"])
    ours, theirs = [], []
    archive.run("verify")
    digest_all(source)
    for _ in range(runs):
        theirs.append(digest_all(source))
        ours.append(archive.run("verify"))
    table.add(f"verify {what}, warm", goals["verify"], ours, theirs, "openssl dgst -sha256", "")
    shutil.rmtree(folder / "bench")


def measure_lookups(table, folder, runs):
    source = folder / "lookups"
    make_many(source, 100_000, 300)
    archive = Archive(folder / "bench")
    archive.make()
    seconds, _, peak = archive.run("ingest", str(source))
    table.add_plain("ingest 100,000 × 300 bytes", f"{seconds:.1f} s", "", f"{peak:.0f} MiB")
    listed = subprocess.run([str(PROGRAM), "list", "--limit", "1", "--json"], env=archive.env, capture_output=True, check=True)
    exhibit = listed.stdout.decode().split('"exhibit":"')[1].split('"')[0]
    for arguments in (["show", exhibit], ["find", exhibit], ["find", "item 050500"], ["custody", exhibit], ["list"]):
        measured = [archive.run(*arguments) for _ in range(runs)]
        name = " ".join("EXHIBIT" if word == exhibit else word for word in arguments)
        goal = "0.30 s" if arguments != ["list"] else ""
        value = f"{median([run[0] for run in measured]):.2f} s"
        table.add_plain(f"{name}, of 100,000 exhibits", value, goal, f"{max(run[2] for run in measured):.0f} MiB")
    measured = [archive.run("rebuild") for _ in range(runs)]
    table.add_plain("rebuild, of 100,000 exhibits", f"{median([run[0] for run in measured]):.1f} s", "", f"{max(run[2] for run in measured):.0f} MiB")
    shutil.rmtree(folder / "bench")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    if not PROGRAM.exists():
        sys.exit("build it first: cargo build --release")
    folder = Path(tempfile.mkdtemp(prefix="vouchsafe-bench-", dir=arguments.folder))
    table = Table()
    try:
        big = folder / "big.bin"
        make_big(big, 2048 * MIB)
        measure_files(table, folder, big, "one file of 2 GiB", arguments.runs, {
            "ingest": "1.10", "verify": "1.10", "disk": "1.01", "memory": "64 MiB"})
        big.unlink()
        many = folder / "many"
        make_many(many, 20_000, 20_000)
        measure_files(table, folder, many, "20,000 files of 20 kB", arguments.runs, {
            "ingest": "1.50", "verify": "0.70", "disk": "1.15", "memory": "256 MiB", "files": 20_000, "rate": "10,000"})
        shutil.rmtree(many)
        measure_lookups(table, folder, arguments.runs)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    machine = f"{os.cpu_count()} cores, {platform.system()} {platform.release().split('-')[0]}; medians of {arguments.runs} runs."
    text = f"{machine}\n\n{table.text()}\n"
    print(text)
    if arguments.write:
        page = ROOT / "docs/performance.md"
        before, rest = page.read_text().split("<!-- table -->\n")
        _, after = rest.split("<!-- end of table -->")
        page.write_text(f"{before}<!-- table -->\n{text}<!-- end of table -->{after}")


if __name__ == "__main__":
    main()
