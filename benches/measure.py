"""What the benchmarks share: running and measuring programs, making files, writing tables into the docs."""

import os
import platform
import random
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release/vouchsafe"
PAGE = ROOT / "docs/performance.md"
MIB = 1024 * 1024

median = statistics.median


class Failed(Exception):
    """A program that ended with another code than 0."""


def run(command, env=None, cwd=None):
    """Runs a command. Wall-clock seconds, CPU seconds, peak memory of its largest process in MiB.

    The system counts this program's own memory (some 15 MiB) to that of a program which it starts, so
    smaller peaks cannot be told apart.
    """
    start = time.monotonic()
    child = subprocess.Popen(command, env=env, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    errors = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.monotonic() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        raise Failed(f"{command} ended with {child.returncode}: {errors.decode(errors='replace')}")
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

    def answer(self, *arguments):
        said = subprocess.run([str(PROGRAM), *arguments], env=self.env, capture_output=True, check=True)
        return said.stdout.decode()

    def first_exhibit(self):
        return self.answer("list", "--limit", "1", "--json").split('"exhibit":"')[1].split('"')[0]

    def volume_bytes(self):
        return bytes_below(self.path / "volumes")

    def index_bytes(self):
        return bytes_below(self.path / "index")


def bytes_below(folder):
    """The bytes of the files in a folder and the folders in it."""
    total = 0
    with os.scandir(folder) as items:
        for item in items:
            total += bytes_below(item.path) if item.is_dir(follow_symlinks=False) else item.stat(follow_symlinks=False).st_size
    return total


def make_big(path, size):
    """One file of random bytes, which no tool can make smaller."""
    with open(path, "wb") as file:
        for begin in range(0, size, MIB):
            file.write(os.urandom(min(MIB, size - begin)))


def make_many(folder, numbers, size):
    """Files of random bytes, a thousand to a folder; `size` is one number, or the least and the greatest."""
    least, greatest = size if isinstance(size, tuple) else (size, size)
    total = 0
    for number in numbers:
        place = folder / f"{number // 1000:04}"
        if number % 1000 == 0 or number == numbers[0]:
            place.mkdir(parents=True, exist_ok=True)
        content = os.urandom(random.Random(number).randint(least, greatest))
        (place / f"item {number:07}.bin").write_bytes(content)
        total += len(content)
    return total


def machine(runs):
    """One sentence about where and how it was measured."""
    return f"{os.cpu_count()} cores, {platform.system()} {platform.release().split('-')[0]}; {runs}"


def markdown(head, rows):
    """A Markdown table."""
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head), *rows])


def write_between(marker, text):
    """Puts a text between two markers of docs/performance.md."""
    begin, end = f"<!-- {marker} -->\n", f"<!-- end of {marker} -->"
    before, rest = PAGE.read_text().split(begin)
    _, after = rest.split(end)
    PAGE.write_text(f"{before}{begin}{text}{end}{after}")


def check_built():
    if not PROGRAM.exists():
        sys.exit(f"{PROGRAM} is not there; build it first: cargo build --release")
