#!/usr/bin/env python3
"""Makes bundles by chance (wild.py), asks `vouchsafe check`, verify.html and verify.sh of each, and compares the verdicts.

    python3 differ.py VOUCHSAFE                        the seed and the budget of every day
    python3 differ.py VOUCHSAFE --seed S --count N     N bundles of another seed
    python3 differ.py VOUCHSAFE --seed S --only N --keep DIR     one bundle again, to look at; DIR is then a folder with it

With VOUCHSAFE_LONG it makes twenty times as many bundles. A verdict that differs is a failure; other codes are only told (--codes).
Without Chromium and Selenium the page is not asked, and the exit is 77, as where the program or the shell is not here.
"""
import argparse
import concurrent.futures
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import bundles  # noqa: E402
import view  # noqa: E402
import wild  # noqa: E402

SCRIPT = os.path.abspath(os.path.join(HERE, "../../crates/archive/kit/verify.sh"))
SEED, COUNT, ONE_SCRIPT_IN = 1, 150, 15
# What the script cannot see, it says so; and a folder for it is not a zip file.
NOT_ASKED = "not asked"
# What is found in dossiers and letters, which the script does not read; and what changes no verdict.
IN_OTHER_ARCHIVES, NOTICES = {"B603", "B604", "B605", "B606"}, {"B210", "B211", "B414", "B703"}


def from_program(program, path, fingerprint):
    """The verdict, that of every exhibit, and the codes."""
    trust = ["--trust", fingerprint] if fingerprint else []
    done = subprocess.run([program, "check", path, "--json", *trust], capture_output=True, text=True, errors="replace", check=False)
    if done.returncode == 3 and "not a bundle of vouchsafe" in done.stdout + done.stderr:
        return "not a bundle", "", set()
    try:
        report = json.loads(done.stdout)
    except ValueError:
        return f"exit {done.returncode}: {(done.stdout + done.stderr)[:200]}", "", set()
    exhibits = " ".join(sorted(f"{one['exhibit']}={one['verdict']}" for one in report.get("exhibits", [])))
    return report["verdict"].replace("-", " "), exhibits, {one["code"] for one in report.get("findings", [])} - {"B703"}


def from_page(viewer, path, fingerprint):
    # The page is opened once, and asked for another bundle then, as somebody would who has several.
    again = "const button = document.querySelector('#result > p:last-child > button:last-child'); if (button) button.click(); return Boolean(button)"
    if not viewer.browser.execute_script(again):
        viewer.open()
    viewer.choose(path)
    viewer.trust(fingerprint)
    found = viewer.browser.execute_script("return { ...document.getElementById('result').dataset }")
    complaints = viewer.complaints()
    if "verdict" not in found or complaints:
        return f"nothing: {viewer.said()[:200]} {complaints}", "", set()
    return found["verdict"].replace("-", " "), " ".join(sorted(found.get("exhibits", "").split())), set(found.get("codes", "").split())


def from_script(path, fingerprint):
    trust = ["--trust", fingerprint] if fingerprint else []
    done = subprocess.run(["dash", SCRIPT, *trust, "--", path], capture_output=True, text=True, errors="replace", check=False)
    verdicts = re.findall(r"^(SOUND|NOT ALL CHECKED|NOT UNDERSTOOD|DEGRADED|UNVERIFIABLE|FAILED|COULD NOT BE CHECKED)", done.stdout + done.stderr, re.M)
    codes = set(re.findall(r"^(?:failed|not understood|degraded) +([BV]\d{3})", done.stdout, re.M))
    said = verdicts[-1].lower().replace("could not be checked", "not checked") if verdicts else ""
    return (said or f"nothing: {done.stdout[-200:]}{done.stderr[-200:]}"), "", codes


def agree(program, page, script):
    """Whether the verdicts are one. Where there are histories in other archives, the script says that it did not check all."""
    verdicts = {said[0] for said in (program, page, script) if said[0] != NOT_ASKED and said is not script}
    if len(verdicts) > 1:
        return False
    if script[0] == NOT_ASKED or not verdicts:
        return True
    if script[0] == "not all checked":
        return True
    # Beside something that it finds itself, it tells of these only that they were not checked.
    not_seen = program[2] - script[2] - NOTICES
    return script[0] in verdicts or bool(not_seen) and not_seen <= IN_OTHER_ARCHIVES


class Bundle:
    """A bundle of this seed and number, in a folder or a zip file."""

    def __init__(self, seed, number, folder):
        self.seed, self.number = seed, number
        self.files, self.fingerprint, self.is_zip, self.told = wild.world(seed, number)
        self.path = os.path.join(folder, f"{seed}-{number}")
        try:
            if self.is_zip:
                self.path += ".zip"
                bundles.write_zip(self.path, self.files)
            else:
                bundles.write_folder(self.path, self.files)
        except (OSError, ValueError):
            # A name of a file is that of a folder, or the system has no such names.
            self.remove()
            self.path = None

    def remove(self):
        if self.path and self.is_zip and os.path.exists(self.path):
            os.remove(self.path)
        elif self.path:
            shutil.rmtree(self.path, ignore_errors=True)


def tell(one, answers, codes):
    names = ("vouchsafe check", "verify.html", "verify.sh")
    print(f"{'DIFFER' if codes is None else 'codes'} seed {one.seed}, number {one.number}{', a zip file' if one.is_zip else ''}")
    for line in one.told:
        print(f"    {line}")
    for name, (verdict, exhibits, found) in zip(names, answers):
        if verdict != NOT_ASKED:
            print(f"    {name}: {verdict} {' '.join(sorted(found))} | {exhibits}")
    sys.stdout.flush()


def ask(one, program, viewer, script):
    return [from_program(program, one.path, one.fingerprint), from_page(viewer, one.path, one.fingerprint),
            script.result() if script else (NOT_ASKED, "", set())]


def compare(options, viewer, folder, pool):
    """How many bundles were compared, and how many of them differ."""
    made, differ, other_codes, verdicts = 0, 0, 0, {}
    numbers = [options.only] if options.only is not None else range(options.start, options.start + options.count)
    for number in numbers:
        one = Bundle(options.seed, number, folder)
        if not one.path:
            continue
        with_script = not one.is_zip and (options.only is not None or number % options.scripts == 0)
        script = pool.submit(from_script, one.path, one.fingerprint) if with_script else None
        answers = ask(one, options.program, viewer, script)
        made += 1
        verdicts[answers[0][0]] = verdicts.get(answers[0][0], 0) + 1
        same_exhibits = not answers[0][1] or not answers[1][1] or answers[0][1] == answers[1][1]
        same_codes = answers[0][2] == answers[1][2]
        if not agree(*answers) and not script and not one.is_zip:
            answers[2] = from_script(one.path, one.fingerprint)
        if not agree(*answers) or (options.exhibits and same_codes and not same_exhibits):
            differ += 1
            tell(one, answers, None)
        elif options.only is not None or options.codes and not same_codes:
            tell(one, answers, same_codes)
        other_codes += not same_codes
        if not options.keep:
            one.remove()
    print(f"seed {options.seed}: {made} bundles, {verdicts}; {differ} differ in the verdict, {other_codes} in the codes alone or too")
    return differ


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("program")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--start", type=int, default=0)
    parser.add_argument("--count", type=int, default=COUNT * (20 if "VOUCHSAFE_LONG" in os.environ else 1))
    parser.add_argument("--scripts", type=int, default=ONE_SCRIPT_IN, help="of so many bundles, verify.sh is asked of one")
    parser.add_argument("--only", type=int)
    parser.add_argument("--keep", help="a folder for the bundles, which are left there")
    parser.add_argument("--codes", action="store_true", help="also tell where the codes differ, which is no failure")
    parser.add_argument("--exhibits", action="store_true", help="the verdicts of the exhibits are compared too")
    return parser.parse_args()


def main(options):
    if not shutil.which("dash") or subprocess.run([options.program, "check", "--help"], capture_output=True, check=False).returncode:
        print("NOT RUN: the readers on bundles by chance: dash is not here, or the program has no command `check`")
        return 77
    browser = view.start()
    try:
        with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(1) as pool:
            if options.keep:
                os.makedirs(options.keep, exist_ok=True)
            return 1 if compare(options, view.Viewer(browser), os.path.abspath(options.keep) if options.keep else folder, pool) else 0
    finally:
        browser.quit()


if __name__ == "__main__":
    sys.exit(main(arguments()))
