#!/usr/bin/env python3
"""Measures vouchsafe beside ordinary tools, in one run on the same files, and prints a table.

    cargo build --release && benches/speed.py [--runs 5] [--folder DIR] [--write]

Each figure is the median of several runs; the tools take turns, so that a slow minute of the machine
hits all of them. Ratios are what counts; seconds depend on the machine. --write puts the table into
docs/performance.md. Needs python3, openssl and about 12 GB of free disk in DIR (a new folder below the
system's temporary folder by default), which it clears up.
"""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from measure import MIB, Archive, Failed, check_built, machine, make_big, make_many, markdown, median, run, write_between


def copy_and_sync(source, target):
    shutil.rmtree(target, ignore_errors=True)
    target.unlink(missing_ok=True)
    run(["sync"])
    measured = run(["sh", "-c", 'cp -r "$0" "$1" && sync', str(source), str(target)])
    shutil.rmtree(target, ignore_errors=True)
    target.unlink(missing_ok=True)
    return measured


def digest_all(source):
    if source.is_file():
        return run(["openssl", "dgst", "-sha256", str(source)])
    return run(["sh", "-c", 'find "$0" -type f -print0 | xargs -0 openssl dgst -sha256', str(source)])


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
        return markdown(["what", "vouchsafe", "reference", "ratio", "goal", "peak memory", "goal"], self.rows)


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
    make_many(source, range(100_000), 300)
    archive = Archive(folder / "bench")
    archive.make()
    seconds, _, peak = archive.run("ingest", str(source))
    table.add_plain("ingest 100,000 × 300 bytes", f"{seconds:.1f} s", "", f"{peak:.0f} MiB")
    exhibit = archive.first_exhibit()
    for arguments in (["show", exhibit], ["find", exhibit], ["find", "item 0050500"], ["custody", exhibit], ["list"]):
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
    check_built()
    folder = Path(tempfile.mkdtemp(prefix="vouchsafe-bench-", dir=arguments.folder))
    table = Table()
    try:
        big = folder / "big.bin"
        make_big(big, 2048 * MIB)
        measure_files(table, folder, big, "one file of 2 GiB", arguments.runs, {
            "ingest": "1.10", "verify": "1.10", "disk": "1.01", "memory": "64 MiB"})
        big.unlink()
        many = folder / "many"
        make_many(many, range(20_000), 20_000)
        measure_files(table, folder, many, "20,000 files of 20 kB", arguments.runs, {
            "ingest": "1.50", "verify": "0.70", "disk": "1.15", "memory": "256 MiB", "files": 20_000, "rate": "10,000"})
        shutil.rmtree(many)
        measure_lookups(table, folder, arguments.runs)
    except Failed as failed:
        sys.exit(str(failed))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    text = f"{machine(f'medians of {arguments.runs} runs.')}\n\n{table.text()}\n"
    print(text)
    if arguments.write:
        write_between("table", text)


if __name__ == "__main__":
    main()
