#!/usr/bin/env python3
"""Measures how time, memory and disk grow with an archive, and draws it.

    cargo build --release && benches/scale.py [--most 1000000] [--large] [--folder DIR] [--write]

One archive is filled in parts, to 10,000, 100,000 and 1,000,000 exhibits (files of 200 to 1,000 random
bytes, a thousand to a folder), and measured after each; --large adds single objects of 2 and 20 GB (--most 0
measures these alone). The page cache is warm. --write puts the tables into docs/performance.md and the
drawing into docs/scale.svg. Needs python3 and about 12 GB of free disk in DIR (a new folder below the
system's temporary folder by default), 25 GB with --large, which it clears up.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from chart import Panel, draw
from measure import (
    MIB, PROGRAM, ROOT, Archive, Failed, bytes_below, check_built, machine, make_many, markdown, median, run, write_between,
)

COUNTS = [10_000, 100_000, 1_000_000]
LARGE = [2 * 10**9, 20 * 10**9]
FILE_BYTES = (200, 1000)
LOOKUP_RUNS = 5


class Figures:
    """Seconds, processor time and peak memory of each command, at each size of the archive."""

    def __init__(self):
        self.seconds, self.busy, self.memory = {}, {}, {}

    def add(self, what, size, measured):
        self.seconds.setdefault(what, {})[size] = median([one[0] for one in measured])
        self.busy.setdefault(what, {})[size] = median([one[1] for one in measured])
        self.memory.setdefault(what, {})[size] = max(one[2] for one in measured)

    def row(self, what, counts):
        return [what, *[
            f"{seconds_of(self.seconds[what][count])} ({seconds_of(self.busy[what][count])}), {self.memory[what][count]:.0f} MiB"
            for count in counts
        ]]


def seconds_of(seconds):
    return f"{seconds:.2f} s" if seconds < 10 else f"{seconds:.0f} s"


def lookups(exhibit, number):
    """The commands that answer one question each."""
    return {
        "open (`head`)": ["head"],
        "`show EXHIBIT`": ["show", exhibit],
        "`custody EXHIBIT`": ["custody", exhibit],
        "`prove EXHIBIT`": ["prove", exhibit],
        "`find EXHIBIT`": ["find", exhibit],
        "`find` a part of a name": ["find", f"item {number:07}"],
        "`log --last 10`": ["log", "--last", "10"],
    }


def grow(archive, folder, counts, figures):
    """Fills one archive in parts and measures it after each. Rows of the table that are no command."""
    rates, disk, content, held = [], [], 0, 0
    for count in counts:
        print(f"{count:,} exhibits", file=sys.stderr)
        source = folder / f"up to {count}"
        content += make_many(source, range(held, count), FILE_BYTES)
        run(["sync"])
        figures.add("`ingest` of the part", count, [archive.run("ingest", str(source))])
        rates.append(f"{(count - held) / figures.seconds['`ingest` of the part'][count]:,.0f} a second")
        held = count
        disk.append(f"{archive.volume_bytes() / count:,.0f} + {archive.index_bytes() / count:,.0f} bytes")
        for what, arguments in lookups(archive.first_exhibit(), count // 2).items():
            figures.add(what, count, [archive.run(*arguments) for _ in range(LOOKUP_RUNS)])
        figures.add("`verify`", count, [archive.run("verify")])
        figures.add("`rebuild`", count, [archive.run("rebuild")])
    per_file = f"volumes + index for each exhibit (content: {content / held:,.0f} bytes)"
    return [["`ingest` of the part: exhibits", *rates], [per_file, *disk]]


def feed(archive, size):
    """Ingests a stream of bytes that no tool can make smaller, so that the disk need not hold them twice."""
    block = bytearray(os.urandom(MIB))
    command = [str(PROGRAM), "ingest", "--stdin-name", "large.bin", "-"]
    start = time.monotonic()
    child = subprocess.Popen(command, env=archive.env, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    left = size
    while left > 0:
        # No two blocks are the same.
        block[:8] = left.to_bytes(8, "big")
        left -= child.stdin.write(memoryview(block)[:left])
    child.stdin.close()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        raise Failed(f"{command} ended with {child.returncode}")
    return time.monotonic() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def measure_large(folder, is_written):
    """One object, from standard input, in an archive of its own."""
    rows = []
    for size in LARGE:
        print(f"{size / 10**9:.0f} GB", file=sys.stderr)
        archive = Archive(folder / "bench")
        archive.make()
        measured = {"ingest": feed(archive, size)}
        exhibit = archive.first_exhibit()
        for arguments in (["verify"], ["show", exhibit], ["prove", exhibit], ["rebuild"]):
            measured[arguments[0]] = archive.run(*arguments)
        cells = [f"{measured[what][0]:.2f} s" for what in ("show", "prove", "rebuild")]
        rates = [f"{size / measured[what][0] / 10**6:,.0f} MB/s, {measured[what][2]:.0f} MiB" for what in ("ingest", "verify")]
        rows.append([f"{size / 10**9:.0f} GB", *rates, *cells, f"{bytes_below(archive.path) / size:.3f} × the bytes"])
        shutil.rmtree(archive.folder)
    head = ["one object of", "`ingest`", "`verify`", "`show`", "`prove`", "`rebuild`", "disk"]
    report("large", "one run.", markdown(head, rows), is_written)


def measure_counts(counts, folder, is_written):
    figures, archive = Figures(), Archive(folder / "bench")
    archive.make()
    others = grow(archive, folder, counts, figures)
    run(["rm", "-r", "--", str(archive.folder)])
    rows = [figures.row("`ingest` of the part", counts), *others]
    rows += [figures.row(what, counts) for what in figures.seconds if what != "`ingest` of the part"]
    runs = f"lookups are medians of {LOOKUP_RUNS} runs, the others one run; in brackets processor time, then peak memory."
    report("scale", runs, markdown(["exhibits", *[f"{count:,}" for count in counts]], rows), is_written)
    if is_written:
        (ROOT / "docs/scale.svg").write_text(drawing(figures))


def report(marker, runs, table, is_written):
    text = f"{machine(runs)}\n\n{table}\n"
    print(text, flush=True)
    if is_written:
        write_between(marker, text)


def drawing(figures):
    in_time = {what.replace("`", ""): line for what, line in figures.seconds.items()}
    in_memory = {what.replace("`", ""): figures.memory[what] for what in
                 ("`ingest` of the part", "`verify`", "`rebuild`", "open (`head`)", "`find` a part of a name")}
    return draw([
        Panel("Time, by the number of exhibits", "seconds", in_time),
        Panel("Peak memory, by the number of exhibits", "MiB", in_memory),
    ], "exhibits in the archive")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--most", type=int, default=COUNTS[-1])
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    check_built()
    counts = [count for count in COUNTS if count <= arguments.most]
    folder = Path(tempfile.mkdtemp(prefix="vouchsafe-bench-", dir=arguments.folder))
    try:
        if counts:
            measure_counts(counts, folder, arguments.write)
        if arguments.large:
            measure_large(folder, arguments.write)
    except Failed as failed:
        sys.exit(str(failed))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
