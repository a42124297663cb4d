#!/usr/bin/env python3
"""Runs verify.sh on every bundle of bundles.py that is a folder, and compares what it says with expected.tsv.

    python3 script.py            with every shell that is here of dash, bash and busybox; all cases with the first
    python3 script.py CASE …     these cases, with every shell
"""
import concurrent.futures
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import bundles  # noqa: E402

SCRIPT = os.path.join(HERE, "../../src/archive/kit/verify.sh")
SHELLS = [shell for shell in (["dash"], ["bash", "--posix"], ["busybox", "sh"]) if shutil.which(shell[0])]
# With every shell, because they take different ways through the script.
EVERYWHERE = {"good", "hostile-names", "hostile-fields"}


def with_stub(tool, body, folder):
    """A PATH on which a tool is replaced."""
    os.makedirs(folder)
    with open(os.path.join(folder, tool), "w", encoding="utf-8") as out:
        out.write("#!/bin/sh\n" + body)
    os.chmod(out.name, 0o755)
    return folder + os.pathsep + os.environ["PATH"]


def path_without(tool, folder):
    """A folder with links to the tools that the script needs, but one."""
    os.makedirs(folder, exist_ok=True)
    for name in ("find grep sed awk sort comm cmp tr cut od fold tail head wc mktemp sha256sum openssl ssh-keygen cat rm cp uniq "
                 "basename printf").split():
        if name != tool and shutil.which(name):
            os.symlink(shutil.which(name), os.path.join(folder, name))
    return folder


def run(shell, folder, trust=True, path=None, file_bytes=None):
    """The verdict, the codes and the exit status of one run, in which no file becomes larger than `file_bytes`."""
    arguments = [*shell, SCRIPT]
    if trust:
        for key in bundles.anchors().split():
            arguments += ["--trust", key]
    environment = dict(os.environ, **({"PATH": path} if path else {}))
    # Without the signal, which stays ignored in what Python starts, a write over the limit fails as on a full disk.
    limit = (lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))) if file_bytes is not None else None
    done = subprocess.run(arguments, cwd=folder, capture_output=True, text=True, errors="replace", env=environment, check=False,
                          preexec_fn=limit, restore_signals=limit is None)
    if limit and done.returncode == 3:
        return "could not be checked" if "COULD NOT BE CHECKED" in done.stderr else "nothing"
    verdicts = re.findall(r"^(SOUND|NOT ALL CHECKED|DEGRADED|UNVERIFIABLE|FAILED|COULD NOT BE CHECKED)", done.stdout + done.stderr, re.M)
    codes = sorted(set(re.findall(r"^(?:failed|degraded) +([BV]\d{3})", done.stdout, re.M)))
    said = " ".join([verdicts[-1].lower() if verdicts else "nothing", *codes])
    noise = [line for line in done.stderr.splitlines() if not line.startswith("COULD NOT") and line != "Killed"]
    status = {"SOUND": 0, "COULD NOT BE CHECKED": 3, "NOT ALL CHECKED": 3, "UNVERIFIABLE": 3}.get(verdicts[-1] if verdicts else "", 1)
    if noise or done.returncode != status:
        said += f" (exit {done.returncode}; {noise})"
    return said


def expected():
    with open(os.path.join(HERE, "expected.tsv"), encoding="utf-8") as file:
        rows = [line.rstrip("\n").split("\t") for line in file if not line.startswith("#")]
    return {row[0]: row[3] for row in rows}


def main(names):
    wanted, wrong, everywhere = expected(), 0, names or EVERYWHERE
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        bundles.main(folder)
        jobs = []
        for name in names or [*bundles.CASES, "link"]:
            for shell in SHELLS if name in everywhere else SHELLS[:1]:
                jobs.append((" ".join([*shell, name]), wanted.get(name), pool.submit(run, shell, os.path.join(folder, name))))
        if not names:
            good = os.path.join(folder, "good")
            jobs.append(("no key", "unverifiable", pool.submit(run, SHELLS[0], good, trust=False)))
            without = path_without("ssh-keygen", os.path.join(folder, "no ssh-keygen"))
            for name in ("good", "entry-signature-wrong", "entry-signature-plus-order"):
                jobs.append((f"without ssh-keygen {name}", wanted.get(name), pool.submit(run, [shutil.which(SHELLS[0][0]), *SHELLS[0][1:]], os.path.join(folder, name), path=without)))
            without = path_without("openssl", os.path.join(folder, "no openssl"))
            jobs.append(("without openssl", "could not be checked", pool.submit(run, [shutil.which(SHELLS[0][0]), *SHELLS[0][1:]], good, path=without)))
            changed, unable = os.path.join(folder, "object-changed"), "could not be checked"
            real = shutil.which("sha256sum")
            stubs = {"dies": "kill -KILL $$\n", "says nothing": "exit 1\n", "says nothing, and succeeds": "exit 0\n",
                     "is cut off": f'{real} "$@" | head -n 3\nkill -KILL $$\n', "is cut off, and succeeds": f'{real} "$@" | head -n 3\n'}
            for what, body in stubs.items():
                path = with_stub("sha256sum", body, os.path.join(folder, "sha256sum " + what))
                for shell in SHELLS:
                    # The applets of busybox go before PATH.
                    if shell[0] != "busybox":
                        jobs.append((f"{shell[0]}, sha256sum {what}", unable, pool.submit(run, shell, changed, path=path)))
            for tool in ("find", "comm"):
                path = with_stub(tool, "kill -KILL $$\n", os.path.join(folder, tool + " dies"))
                jobs.append((f"{tool} dies", unable, pool.submit(run, SHELLS[0], os.path.join(folder, "file-added"), path=path)))
            for size in (0, 40, 200, 1000):
                for name in ("good", "object-changed", "entry-by-revoked-key", "hostile-names"):
                    jobs.append((f"files of at most {size} bytes, {name}", unable, pool.submit(run, SHELLS[0], os.path.join(folder, name), file_bytes=size)))
        for what, want, job in jobs:
            fits = job.result() == want
            wrong += not fits
            print(f"{'ok ' if fits else 'BAD'} {what}: {job.result()}" + ("" if fits else f"; expected {want}"), flush=True)
        for name in os.listdir(folder):
            if name == "injected" or os.path.exists(os.path.join(folder, name, "injected")):
                print(f"BAD {name}: something of the bundle was run")
                wrong += 1
    print(f"{wrong} wrong" if wrong else "verify.sh says of every bundle what it should")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
