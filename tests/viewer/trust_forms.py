#!/usr/bin/env python3
"""What can be given from outside to know an archive by, in every form and with every slip, and what each verifier makes of it.

    python3 trust_forms.py page                  each form in the text area of verify.html, in a real browser
    python3 trust_forms.py script SHELL …        each form as values of verify.sh's --trust, and as a file of lines
    python3 trust_forms.py program VOUCHSAFE     the same for `vouchsafe check`

The bundle is a good one. A form is `trusted` (sound), `unverifiable`, `failed`, or `wrong-use`, which gives no verdict.
"""
import concurrent.futures
import os
import re
import subprocess
import sys
import tempfile
from typing import NamedTuple, Optional

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import bundles  # noqa: E402
from writer import ADMIN, ARCHIVIST, INVESTIGATOR, LOG, ORIGIN, STRANGER, Fido, paper, sha256  # noqa: E402

TRUSTED, UNVERIFIABLE, FAILED, WRONG_USE = "trusted", "unverifiable", "failed", "wrong-use"
SAME = "the same"


class Form(NamedTuple):
    """Lines that somebody gives, and what becomes of them; `says` is in what is said of them."""

    name: str
    text: str
    expected: str
    says: str = ""
    # What becomes of the lines where each is a value of the command line: another one, or None where that is not tried.
    as_values: Optional[str] = SAME
    # Whether it is tried in the text area of the page, and in a file of lines.
    in_page: bool = True
    in_file: bool = True


AS_OF = "As of entry 10 of the log, 2026-11-23: later entries and revocations are not known here."
CHECK = "a character was read or typed wrongly"
NEITHER = "neither a fingerprint of an archive"
ALONE = "no fingerprint from outside was given, so the bundle can only be shown to agree with itself"
NO_ANCHOR = ": a key is no anchor, since whoever holds it can make another archive"
FIRST, AGENT, OF_LOG = (f"is the key of {whose}{NO_ANCHOR}" for whose in (
    "this archive's first administrator", "an agent of this archive", "this archive's log"))
UNKNOWN = "is no key that this bundle shows" + NO_ANCHOR


def length(number):
    return f"has {number} characters; a fingerprint has 56, or 64 hexadecimal digits"


def slip(number):
    return f"differs from the fingerprint of this archive in {number} digit"


def other_digits(text, number):
    """With other hexadecimal digits in so many places."""
    return "".join(f"{int(digit, 16) ^ 1:x}" if at % 12 == 3 and at < 12 * number else digit for at, digit in enumerate(text))


def groups(text, size, between):
    bare = text.replace("-", "")
    return between.join(bare[at : at + size] for at in range(0, len(bare), size))


IN_HEX = bundles.story_once().fingerprint()
ON_PAPER = paper(IN_HEX)
FIDO = Fido(9)
BARE = ON_PAPER.replace("-", "")
# Of another archive; on paper it has a digit 0, which can be read as O.
ANOTHER = next(one for one in (sha256(b"another archive %d" % n) for n in range(99)) if "0" in paper(one))
ODD_LOGS = "ngo.example/~desk#2", "#ngo.example"
SIGNERS = 'namespaces="vouchsafe-approval@1,vouchsafe-bundle@1,vouchsafe-entry@1"'


def swapped(text):
    """With two neighbours that differ exchanged."""
    at = next(at for at in range(20, 50) if text[at] != text[at + 1])
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def another_digit(text, at=30, digit=None):
    return text[:at] + (digit or ("7" if text[at] != "7" else "8")) + text[at + 1 :]


PAPER_FORMS = [
    Form("paper form", ON_PAPER, TRUSTED, AS_OF),
    Form("paper form in lower case", ON_PAPER.lower(), TRUSTED),
    Form("paper form without groups", BARE, TRUSTED),
    Form("paper form with spaces", groups(BARE, 4, " "), TRUSTED),
    Form("paper form with tabs", groups(BARE, 4, "\t"), TRUSTED),
    Form("paper form in groups of seven, with both", groups(BARE, 7, " - "), TRUSTED),
    Form("paper form between spaces", f"  \t{ON_PAPER} \t", TRUSTED),
    Form("paper form, I for 1", ON_PAPER.replace("1", "I"), TRUSTED),
    Form("paper form, L for 1", ON_PAPER.replace("1", "L"), TRUSTED),
    Form("paper form, i and l for 1, in lower case", ON_PAPER.lower().replace("1", "i", 1).replace("1", "l"), TRUSTED),
    Form("paper form of another archive", paper(ANOTHER), FAILED, ON_PAPER),
    Form("paper form of another archive, O for 0", paper(ANOTHER).replace("0", "O"), FAILED, ON_PAPER),
    Form("paper form of another archive, o for 0, in lower case", paper(ANOTHER).lower().replace("0", "o"), FAILED),
    Form("paper form of another archive, which differs in one digit", paper(other_digits(IN_HEX, 1)), FAILED),
    Form("paper form with another digit", another_digit(BARE), WRONG_USE, CHECK),
    Form("paper form with another digit in its check", another_digit(BARE, 55), WRONG_USE, CHECK),
    Form("paper form with two digits exchanged", swapped(BARE), WRONG_USE, CHECK),
    Form("paper form with two groups exchanged", "-".join([*ON_PAPER.split("-")[1::-1], *ON_PAPER.split("-")[2:]]), WRONG_USE, CHECK),
    Form("56 digits 0", "0" * 56, WRONG_USE, CHECK),
    Form("56 hexadecimal digits", IN_HEX[:56], WRONG_USE, CHECK),
    Form("paper form with U", another_digit(BARE, digit="U"), WRONG_USE, length(56)),
    Form("paper form without its last character", ON_PAPER[:-1], WRONG_USE, length(55)),
    Form("paper form with a character more", ON_PAPER + "7", WRONG_USE, length(57)),
    Form("paper form without its last group", ON_PAPER[:-5], WRONG_USE, length(52)),
    Form("paper form without two groups", ON_PAPER[:-10], WRONG_USE, NEITHER),
    Form("paper form with a full stop", ON_PAPER + ".", WRONG_USE, NEITHER),
    Form("paper form with long dashes", ON_PAPER.replace("-", "\u2013"), WRONG_USE),
    Form("paper form with spaces that do not break", groups(BARE, 4, "\u00a0"), WRONG_USE),
    Form("paper form on two lines", f"{ON_PAPER[:34]}\n{ON_PAPER[35:]}", WRONG_USE, NEITHER),
]

HEX_FORMS = [
    Form("hex", IN_HEX, TRUSTED, AS_OF),
    Form("hex in capitals", IN_HEX.upper(), TRUSTED),
    Form("hex in groups", groups(IN_HEX, 8, "-"), TRUSTED),
    Form("hex in groups, with spaces", groups(IN_HEX, 16, " "), TRUSTED),
    Form("hex of another archive", ANOTHER, FAILED, ON_PAPER),
    Form("hex with 1 other digit", other_digits(IN_HEX, 1), WRONG_USE, slip(1)),
    Form("hex with 1 other digit, in capitals and groups", groups(other_digits(IN_HEX, 1).upper(), 8, " "), WRONG_USE, slip(1)),
    Form("hex with 4 other digits", other_digits(IN_HEX, 4), WRONG_USE, slip(4)),
    Form("hex with 5 other digits", other_digits(IN_HEX, 5), FAILED, ON_PAPER),
    Form("hex with two digits exchanged", swapped(IN_HEX), WRONG_USE, slip(2)),
    Form("hex with g", another_digit(IN_HEX, digit="g"), WRONG_USE, length(64)),
    Form("hex with O", another_digit(IN_HEX, digit="O"), WRONG_USE, length(64)),
    Form("hex without its last digit", IN_HEX[:-1], WRONG_USE, length(63)),
    Form("hex with a digit more", IN_HEX + "7", WRONG_USE, length(65)),
    Form("hex with 0x", "0x" + IN_HEX, WRONG_USE, length(66)),
    Form("hex with 70 digits", IN_HEX + "7" * 6, WRONG_USE, length(70)),
    Form("hex with 71 digits", IN_HEX + "7" * 7, WRONG_USE, NEITHER),
    Form("half of the hex", IN_HEX[:32], WRONG_USE, NEITHER),
]

KEY_FORMS = [
    Form("key id of the first administrator", ADMIN.id, UNVERIFIABLE, FIRST),
    Form("key id of an archivist", ARCHIVIST.id, UNVERIFIABLE, AGENT),
    Form("key id of an agent who was revoked", INVESTIGATOR.id, UNVERIFIABLE, AGENT),
    Form("key id of a stranger", STRANGER.id, UNVERIFIABLE, UNKNOWN),
    Form("key id, and that whose archive it is was not checked", ADMIN.id, UNVERIFIABLE, ALONE),
    Form("key id with spaces", f"SHA256: {ADMIN.id[7:30]} \t{ADMIN.id[30:]}", UNVERIFIABLE, f"{ADMIN.id} {FIRST}"),
    Form("key id without its last character", ADMIN.id[:-1], WRONG_USE, NEITHER),
    Form("key id with a character more", ADMIN.id + "A", WRONG_USE, NEITHER),
    Form("key id with padding", ADMIN.id + "=", WRONG_USE, NEITHER),
    Form("key id with a character that is none", ADMIN.id.replace("+", "_"), WRONG_USE, NEITHER),
    Form("key id of MD5", "MD5:" + ":".join(["0f"] * 16), WRONG_USE, NEITHER),
    Form("key id as ssh-keygen -l shows it", f"256 {ADMIN.id} desk (ED25519)", WRONG_USE, NEITHER),
    Form("public key", ADMIN.line, UNVERIFIABLE, f"{ADMIN.id} {FIRST}"),
    Form("public key with a remark", f"{ARCHIVIST.line} archivist@desk.example", UNVERIFIABLE, f"{ARCHIVIST.id} {AGENT}"),
    Form("public key with a remark of several words", f"{STRANGER.line} the key of a stranger", UNVERIFIABLE, f"{STRANGER.id} {UNKNOWN}"),
    Form("public key cut short", ADMIN.line[:-9], WRONG_USE, NEITHER),
    Form("public key of another kind", "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQ==", WRONG_USE, NEITHER),
    Form("base64 of a public key", ADMIN.line.split()[1], WRONG_USE),
    Form("public key in an authenticator", FIDO.line, UNVERIFIABLE, f"{FIDO.id} {UNKNOWN}"),
    Form("public key in an authenticator, with a remark", f"{FIDO.line} desk key", UNVERIFIABLE, f"{FIDO.id} {UNKNOWN}"),
    Form("key id of one in an authenticator", FIDO.id, UNVERIFIABLE, UNKNOWN),
    Form("public key in an authenticator, cut short", FIDO.line[:-9], WRONG_USE, NEITHER),
    Form("public key in an authenticator, for another application", Fido(9, application=b"ssh:desk").line, WRONG_USE, NEITHER),
    Form("public key in an authenticator, under the name of the other kind", f"ssh-ed25519 {FIDO.line.split()[1]}", WRONG_USE, NEITHER),
    Form("public key under the name of one in an authenticator", f"sk-ssh-ed25519@openssh.com {ADMIN.line.split()[1]}", WRONG_USE, NEITHER),
    Form("fingerprint, and a public key in an authenticator", f"{ON_PAPER}\n{FIDO.line}", TRUSTED, UNKNOWN),
    Form("log key", LOG.vkey(ORIGIN), UNVERIFIABLE, f"{LOG.vkey(ORIGIN)} {OF_LOG}"),
    Form("key of this log under another name", LOG.vkey("other.example/log"), UNVERIFIABLE, UNKNOWN),
    Form("log key with # and ~ in its name", STRANGER.vkey(ODD_LOGS[0]), UNVERIFIABLE, f"{STRANGER.vkey(ODD_LOGS[0])} {UNKNOWN}"),
    Form("log key with # in front, as a value", STRANGER.vkey(ODD_LOGS[1]), UNVERIFIABLE, UNKNOWN, in_page=False, in_file=False),
    Form("log key with # in front, which is a remark on a line", f"{STRANGER.vkey(ODD_LOGS[1])}\n{ON_PAPER}", TRUSTED, as_values=None),
    Form("log key of another archive, and the fingerprint", f"{STRANGER.vkey(ODD_LOGS[0])}\n{ON_PAPER}", TRUSTED, UNKNOWN),
    Form("log key without its key", LOG.vkey(ORIGIN).rsplit("+", 1)[0], WRONG_USE, NEITHER),
    Form("fingerprint and log key", f"{ON_PAPER}\n{LOG.vkey(ORIGIN)}", TRUSTED, OF_LOG),
    Form("fingerprint and a stranger's key", f"{ON_PAPER}\n{STRANGER.id}", TRUSTED, UNKNOWN),
    Form("fingerprint of another archive, and the log key", f"{paper(ANOTHER)}\n{LOG.vkey(ORIGIN)}", FAILED, OF_LOG),
    Form("fingerprint of another archive, and the administrator's key", f"{ADMIN.line}\n{ANOTHER}", FAILED, FIRST),
    Form("every key of the archive", "\n".join([ADMIN.id, ARCHIVIST.line, LOG.vkey(ORIGIN)]), UNVERIFIABLE, ALONE),
]

OTHER_FORMS = [
    Form("one of two fingerprints", f"{paper(ANOTHER)}\n{ON_PAPER}", TRUSTED),
    Form("none of two fingerprints", f"{paper(ANOTHER)}\n{sha256(b'a third archive')}", FAILED),
    Form("one fingerprint twice", f"{IN_HEX}\n{ON_PAPER}", TRUSTED),
    Form("hex with 1 other digit beside the right one", f"{other_digits(IN_HEX, 1)}\n{ON_PAPER}", TRUSTED),
    Form("hex with 1 other digit beside another archive's", f"{ANOTHER}\n{other_digits(IN_HEX, 1)}", WRONG_USE, slip(1)),
    Form("a slip beside the right one", f"{ON_PAPER}\n{another_digit(BARE)}", WRONG_USE, CHECK),
    Form("a word beside the right one", f"{ON_PAPER}\nhello", WRONG_USE, NEITHER),
    Form("a word", "hello", WRONG_USE, NEITHER),
    Form("name of a file that is not there", "fingerprint.txt", WRONG_USE, NEITHER),
    Form("a name in front", f"Fingerprint: {ON_PAPER}", WRONG_USE, NEITHER),
    Form("a word in front", f"fingerprint {ON_PAPER}", WRONG_USE, length(67)),
    Form("line of allowed_signers", f"archivist {SIGNERS} {ARCHIVIST.line}", WRONG_USE, NEITHER),
    Form("line of keys/allowed_signers", f"{ARCHIVIST.id} {SIGNERS} {ARCHIVIST.line}", WRONG_USE, NEITHER),
    Form("private key", "-----BEGIN OPENSSH PRIVATE KEY-----", WRONG_USE, NEITHER, None),
]

LINES = [
    Form("nothing", "", UNVERIFIABLE, ALONE, None, in_file=False),
    Form("empty lines and remarks alone", "\n# our archive\n\n", UNVERIFIABLE, ALONE, None, in_file=False),
    Form("line feed behind it", ON_PAPER + "\n", TRUSTED, as_values=None),
    Form("carriage returns", f"# ours\r\n\r\n{ON_PAPER}\r\n", TRUSTED, as_values=None),
    Form("byte order mark", f"\ufeff{ON_PAPER}\n", TRUSTED, as_values=None),
    Form("byte order mark before a remark", f"\ufeff# ours\n{IN_HEX}\n", TRUSTED, as_values=None),
    Form("remarks and empty lines", f"# Desk A\n\n  \t\n#{paper(ANOTHER)}\n{ON_PAPER}\n", TRUSTED, as_values=None),
    Form("a name behind it", f"{ON_PAPER} Desk A", TRUSTED, as_values=WRONG_USE),
    Form("a name behind a tab", f"{ON_PAPER}\tDesk A", TRUSTED, as_values=WRONG_USE),
    Form("a name in Korean behind it", f"{ON_PAPER} 보존소 가", TRUSTED, as_values=WRONG_USE),
    Form("a number behind it", f"{ON_PAPER} 2026", TRUSTED, as_values=WRONG_USE),
    Form("a name behind hex", f"{IN_HEX} Desk A", TRUSTED, as_values=WRONG_USE),
    Form("a name behind the hex of another archive", f"{ANOTHER} Desk B", FAILED, as_values=WRONG_USE),
    Form("a name behind a slip", f"{ON_PAPER}7 Desk A", WRONG_USE, length(57), None),
    Form("a name behind another digit", f"{another_digit(BARE)} Desk A", WRONG_USE, CHECK, None),
    Form("a name behind a fingerprint with spaces", f"{groups(BARE, 4, ' ')} Desk A", WRONG_USE, length(61)),
    Form("a name behind a comma", f"{ON_PAPER}, Desk A", WRONG_USE, NEITHER),
    Form("a name behind a key id", f"{ADMIN.id} Desk A", UNVERIFIABLE, FIRST, WRONG_USE),
    Form("a name behind a log key", f"{LOG.vkey(ORIGIN)} Desk A", UNVERIFIABLE, OF_LOG, WRONG_USE),
    Form("many names", f"{paper(ANOTHER)} Desk B\n{ON_PAPER} Desk A\n{STRANGER.id} somebody", TRUSTED, as_values=None),
    Form("1,000 lines", "\n".join([*(sha256(b"%d" % n) for n in range(999)), ON_PAPER]), TRUSTED, as_values=None),
    Form("1,000 lines, and remarks", "# one\n\n" + "\n".join([*(sha256(b"%d" % n) for n in range(999)), ON_PAPER]), TRUSTED, as_values=None),
    Form("1,001 lines", "\n".join([*(sha256(b"%d" % n) for n in range(1000)), ON_PAPER]), WRONG_USE, as_values=None),
    Form("more than 1 MiB", "# remark\n" * 120000 + ON_PAPER, WRONG_USE, as_values=None),
]

FORMS = PAPER_FORMS + HEX_FORMS + KEY_FORMS + OTHER_FORMS + LINES


# ---- The verifiers ----------------------------------------------------------------------------------------------


def plain(text):
    """As it is compared: without the ways in which pages and terminals write the same words."""
    return " ".join(text.replace("\u2019", "'").split()).lower()


def is_said(form, expected, said, text):
    """Compares one run, and tells."""
    fits = said == expected and (plain(form.says) in plain(text) or expected != form.expected)
    return fits, f"{said}" + ("" if fits else f"; expected {expected}, and in it {form.says!r}: {' '.join(text.split())[:1500]}")


def by_page(form, viewer):
    viewer.trust(form.text)
    verdict = "wrong use" if viewer.said("wrongUse") == "true" else viewer.said()
    text = viewer.browser.execute_script("return document.getElementById('compared').textContent + ' ' + document.getElementById('result').textContent")
    said = {"sound": TRUSTED, "unverifiable": UNVERIFIABLE, "failed": FAILED, "wrong use": WRONG_USE}.get(verdict, verdict)
    return is_said(form, form.expected, said, text)


def check_page():
    import view  # Without Selenium, it ends the program.

    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        bundles.write_folder(os.path.join(folder, "good"), bundles.good())
        browser = view.start()
        try:
            viewer = view.Viewer(browser)
            viewer.open()
            viewer.choose(os.path.join(folder, "good"))
            for form in (form for form in FORMS if form.in_page):
                fits, said = by_page(form, viewer)
                wrong += tell(form.name, fits, said)
        finally:
            browser.quit()
    return wrong


def by_command(command, bundle, form, expected, values):
    arguments = [argument for value in values for argument in ("--trust", value)]
    done = subprocess.run([*command, *arguments], cwd=bundle, capture_output=True, text=True, errors="replace", check=False)
    said = {0: TRUSTED, 1: FAILED, 2: WRONG_USE, 3: UNVERIFIABLE}.get(done.returncode, f"exit {done.returncode}")
    verdict = re.search(r"^(SOUND|DEGRADED|UNVERIFIABLE|FAILED)", done.stdout + done.stderr, re.M)
    if bool(verdict) == (said == WRONG_USE):
        said += f" and {verdict and verdict[0]}"
    return is_said(form, expected, said, done.stdout + done.stderr)


def check_command(command):
    """Runs a command in the folder of the bundle, with each form as values and as a file."""
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        bundle, jobs = os.path.join(folder, "good"), []
        bundles.write_folder(bundle, bundles.good())
        for number, form in enumerate(FORMS):
            if form.as_values:
                expected = form.expected if form.as_values == SAME else form.as_values
                jobs.append((f"{form.name}, as a value", pool.submit(by_command, command, bundle, form, expected, form.text.split("\n"))))
            if form.in_file:
                lines = os.path.join(folder, f"lines-{number}.txt")
                with open(lines, "w", encoding="utf-8", newline="") as out:
                    out.write(form.text)
                jobs.append((f"{form.name}, in a file", pool.submit(by_command, command, bundle, form, form.expected, [lines])))
        return sum(tell(name, *job.result()) for name, job in jobs)


def tell(name, fits, said):
    print(f"{'ok ' if fits else 'BAD'} {name}: {said}", flush=True)
    return not fits


def main(which, *command):
    if which == "page":
        wrong = check_page()
    elif which == "script":
        wrong = check_command([*command, os.path.join(HERE, "../../crates/archive/kit/verify.sh")])
    else:
        wrong = check_command([os.path.abspath(command[0]), "check", "."])
    print(f"{wrong} wrong" if wrong else "every form is taken for what it is")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
