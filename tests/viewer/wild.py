"""Bundles that nobody thought of: from a seed, a story by chance, and changes by chance before and after signing.

Each is written by writer.py. Nobody says what is right: differ.py asks all readers, and they must agree.
"""
import base64
import copy
import hashlib
import json
import random

import bundles
from writer import (ADMIN, ARCHIVIST, BUNDLE, ENTRY, INVESTIGATOR, LAWYER, LOG, SEALS, STRANGER, Key, Log, agent, b64, bundle, canonical, dossier,
                    leaf, letter, manifest, path, root, sha256, sign, string, tar_header, vkey_pq)

SECOND, THIRD, PARTNER = Key(20), Key(21), bundles.PARTNER
AGENTS = (ARCHIVIST, INVESTIGATOR, LAWYER, SECOND, THIRD)
ROLES = ("administrator", "archivist", "investigator", "lawyer")
MAY = {"exhibit.noted": ROLES, "copy.issued": ROLES, "exhibit.exported": ("administrator", "archivist", "lawyer")}
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

ORIGINS = ("ngo.example/dprk", "a", "x" * 200, "a[b]*c", "$HOME", "-e", "a.b\t"[:3], "'`;|&", "%s%d", "a/b~^", "#", "(.*)", "{}", "a=b,c:d", "<b>&amp;")
TEXTS = ("", "a", "증언 17", 'a"b\\c', "line\nline", "\u0000", "\u007f\u0085\u2028", "😀", "\ufeffa", "],[", '","', "é", "{}", "$(id)`id`", "\\u0041", "a" * 300)
VALUES = (*TEXTS, [], [""], ["a", "b"], ["],[", '"'], 0, -1, 17, 2**53 - 1, 1 - 2**53, {"bytes": ""}, {"bytes": "AQ=="}, {"bytes": "wfW+8C50eHQ="},
          {"unknown": ""}, {"unknown": "not asked"})
ODD_VALUES = (None, True, False, 1.5, 2**53, -(2**53), 2**64, 1e300, {}, {"bytes": "AQ"}, {"bytes": "AR=="}, {"bytes": 1}, {"unknown": None}, {"unknown": 1}, {"bytes": "", "unknown": ""},
              {"text": "a"}, [1], [None], [["a"]], ["a", 1], {"bytes": "AQ==\n"}, {"bytes": "A Q=="}, {"bytes": "_-=="})
RAW_VALUES = (b"1.0", b"1e2", b"-0", b"00", b"+1", b"01", b'"\\/"', b'"\\u00e9"', b'"\\u000A"', b'"\\u000a"', b'"\\u001F"', b'"\\u001f"', b'"\x7f"', b'"\xc3\xa9"', b'"\xc0\x80"', b'"\xf4\x90\x80\x80"',
              b'"\xed\xb0\x80"', b'"\\ud83d\\ude00"', b'"\xef\xbb\xbf"', b"NaN", b"Infinity", b"[1,]", b"[,]", b'{"unknown":"a","unknown":"a"}', b'{"unknown" :"a"}', b"tru", b"'a'", b'"a', b"", b"[", b"\t1",
              b'"a"\n', b"9007199254740993", b"9007199254740992", b"-9007199254740992", b"1E2", b"1e400", b'"\\b\\f\\n\\r\\t\\"\\\\"', b'"\\u0008"', b'"\x08"')
FIELD_NAMES = ("title", "a", "a" * 64, "z_9", "original_name", "collection", "languages", "name", "recipient")
ODD_NAMES = ("", "A", "9a", "_a", "a-b", "a" * 65, "a b", "ä", "title\n", "a.b", "constructor", "__proto__")
TIMES = ("1970-01-01T00:00:00.000Z", "1969-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z", "2024-02-29T00:00:00.000Z", "2025-02-29T00:00:00.000Z", "1900-02-29T00:00:00.000Z", "2000-02-29T00:00:00.000Z",
         "2026-11-23T24:00:00.000Z", "2026-11-23T23:60:00.000Z", "2026-11-23T23:59:60.000Z", "2026-11-23T09:00:00Z", "2026-11-23T09:00:00.12Z", "2026-11-23T09:00:00.1200Z", "2026-11-23t09:00:00.000z",
         "2026-11-23 09:00:00.000Z", "2026-11-23T09:00:00.000+00:00", "2026-00-10T00:00:00.000Z", "2026-11-00T00:00:00.000Z", "2026-11-31T00:00:00.000Z", "+002026-11-23T09:00:00.000Z", "10000-01-01T00:00:00.000Z",
         "2026-11-23T09:00:00.000Z\n", " 2026-11-23T09:00:00.000Z", "2026-11-23T09:00:00.00٠Z", "2026-11-23T-1:00:00.000Z", "2026-1-23T09:00:00.0000Z", "0000-01-01T00:00:00.000Z")
BOUNDS = ("..", "2003", "2003-07", "2003-07-08", "0000", "0000-02-29", "0001-01-01", "1900-02-29", "2000-02-29", "9999", "9999-12-31", "1969-12-31", "2003-12", "2003-01-31")
ODD_BOUNDS = ("", ".", "...", "2003-13", "2003-00", "2003-07-00", "2003-02-29", "1900-02-29", "10000", "-001", "200", "2003-7", "2003-07-8", "2003-07-08T00:00", "2003\n", "+2003", "2003-", "２００３", "2003-07-32", None, 2003)
MEDIA_TYPES = ("text/plain", "application/pdf", "application/octet-stream", "image/svg+xml", "text/csv", "video/mp2t", "application/x-hwp", "a/b", "a!#$&-^_.+/x", "a/" + "b" * 125, "application/x-msdownload", "&/&", "././.."[:3], "text/html")
ODD_MEDIA_TYPES = ("", "/", "a/", "/b", "a/b/c", "Text/plain", "text/plain ", "text/plain;charset=utf-8", "a/" + "b" * 126, "a/b\n", "a*/b", "ä/b", "a'/b", "a%/b", "a/b\\", 'a"/b', "a|/b", "a~/b")
SOFTWARE = ("vouchsafe/0.1.0", "x", "~" * 100, 'a"b', "a\\b", "'$(id)'", "&amp;", "%s", "[a-z]*", "-n", "\\n", '"', "a,b", '","signatures":[', "}")
ODD_SOFTWARE = ("", "a b", "~" * 101, "ä", "a\n", "a\t", "\u007f", "\u0000")
# A browser shows the page a backslash in a name as a slash: there is none here.
ODD_FILES = ("notes.txt", "report/extra.html", "metadata/x.xml", "metadata/a/b/c.xml", "keys/extra", "log/checkpoint.old", "log/old/checkpoint", "agents/extra", "agents/0000000000.txt", "exhibits/extra", "exhibits/X-1/0000.json",
             "foreign/extra.tar", "letters/extra.json", "letters/" + "1" * 64 + ".json", "foreign/" + "1" * 64 + ".tar", "foreign/" + "A" * 64 + ".tar", "foreign/" + "1" * 64, "data/extra", "data/a/b.txt", "verify.py", "Verify.SH", "bundle.json.bak", "data.txt", "tagmanifest-sha256.txt.sig2",
             "tagmanifest-sha512.txt", "manifest-sha512.txt", "fetch.txt", "completeness.json.sig", "README.txt", "report", "exhibits/X-0000-0000-0000-0000/0000.json", "data/X-0000-0000-0000-0000.txt", "data/X-0000-0000-0000-0000",
             "data/X-0000-0000-0000-OOOO.txt", "data/X-0000-0000-0000-0000.TXT", "data/X-0000-0000-0000-0000.tar.gz", "agents/00000000001.json", "agents/9999999999.json", "agents/99999999999.json", "exhibits/X-0000-0000-0000-0000/x",
             "n" * 100, "n" * 101, "_x", "a.", "a..b", "x/y.", "x/.y", "x/-y", "a+b", "a b", "ä", "a~", "CON", "nul.txt", "a/b/c/d/e/f/g/h", "anchors/a.tst", "anchors", "approvals/a/b", "records/r.json", "evidence/e", "tagmanifest-sha256.txt.tst", "tagmanifest-sha256.txt.TST", "bagit.TXT", "Data/x", "EXHIBITS/x", "report/a:b", "report/\x01")


def odd(r, old):
    """Another value than this, of its type or of another one."""
    other = [None, True, 0, "", [], {}, "a", 1.5]
    if isinstance(old, bool):
        other += [int(old), not old, str(old).lower()]
    elif isinstance(old, int):
        other += [old + 1, old - 1, old + 2, -1, 1, 2**53 - 1, 2**53, 2**63, 2**64, float(old), str(old), 10**30]
    elif isinstance(old, str):
        at = r.randrange(len(old) + 1)
        sign = r.choice("0aZ-_ \n\0é٠=+/\"\\")
        other += [old + " ", " " + old, old + "\n", old.upper(), old.lower(), old[:-1], old + old[-1:], old[:at] + sign + old[at:], old[:at] + sign + old[at + 1:], [old], {"a": old}, old[::-1], "0" * len(old)]
    elif isinstance(old, list):
        other += [old[::-1], old + old[-1:], old[:-1], old[1:], [old], old + [None], old + [""]]
    elif isinstance(old, dict):
        other += [dict(old, extra=1), dict(old, **{"": ""}), {name: value for name, value in list(old.items())[1:]}, [old], dict(old, __proto__={}), dict(old, constructor=1)]
    return r.choice([one for one in other if one != old or type(one) is not type(old)])


def places(value, here=()):
    """Where every value in a JSON value stands."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for name, one in items for place in [(*here, name), *places(one, (*here, name))]]


def put(value, place, new):
    for name in place[:-1]:
        value = value[name]
    value[place[-1]] = new


def at(value, place):
    for name in place:
        value = value[name]
    return value


# ---- A story by chance, that holds ------------------------------------------------------------------------------


def exhibit_name(r):
    return "X-" + "-".join("".join(r.choices(CROCKFORD, k=4)) for _ in range(4))


class World:
    """What a bundle is made of, before it is made."""

    def __init__(self, r):
        self.r, self.told = r, []
        self.origin = r.choice(ORIGINS) if r.random() < 0.3 else ORIGINS[0]
        self.objects, self.plan, self.roles = {}, [], {ADMIN: ("administrator",)}
        self.cosigners, self.describe, self.signer = None, {}, ARCHIVIST
        self.withhold, self.statement, self.dossiers, self.first_origin = set(), None, {}, self.origin
        self.note, self.agents_too, self.leave_out, self.trusted = None, set(), (), True
        self.before_seal, self.in_manifests, self.after_seal = [], [], []
        self.story()

    def step(self, actor, event, body=None, fields=(), exhibit=None, **more):
        self.plan.append(dict(actor=actor, event=event, body=body or {}, fields=list(fields), exhibit=exhibit, also=(), **more))
        return self.plan[-1]

    def fields(self, most=3):
        return [(name, self.r.choice(VALUES)) for name in self.r.sample(FIELD_NAMES, self.r.randrange(most + 1)) if name != "collection" or self.r.random() < 0.5]

    def add_agent(self, by, key, *roles):
        self.roles[key] = roles
        return self.step(by, "agent.added", {"agent": agent(key, *roles, kind=self.r.choice(("person", "organisation", "software")))}, [("name", self.r.choice(("Archivist 7", "Desk", "작업자 3")))])

    def who(self, event):
        return self.r.choice([key for key, roles in self.roles.items() if set(roles) & set(MAY.get(event, ROLES[:2]))])

    def story(self):
        r = self.r
        self.step(ADMIN, "archive.created", {"administrator": agent(ADMIN, "administrator"), "log_key": LOG.vkey(self.origin)}, [("name", "Desk A")])
        self.add_agent(ADMIN, ARCHIVIST, "archivist", *r.sample(("lawyer", "investigator"), r.randrange(2)))
        for key, roles in ((SECOND, ("administrator",)), (INVESTIGATOR, ("investigator",)), (LAWYER, ("lawyer",))):
            if r.random() < 0.4:
                self.add_agent(r.choice([one for one, has in self.roles.items() if "administrator" in has]), key, *roles)
        names = [exhibit_name(r) for _ in range(r.choice((1, 1, 2, 3)))]
        left = {name: r.randrange(4) for name in names}
        for name in names:
            self.ingest(name)
        while any(left.values()):
            name = r.choice([name for name, n in left.items() if n])
            left[name] -= 1
            self.about(name)
        if r.random() < 0.3:
            self.revoke()
        if r.random() < 0.3:
            self.about(names[0])
        self.signer = r.choice([key for key, roles in self.roles.items() if set(roles) & set(MAY["exhibit.exported"])])

    def ingest(self, name):
        r = self.r
        data = r.choice((b"", b"x", b"This statement is invented.\n", bytes(range(256)), b"one more\n"))
        kind = r.choice(MEDIA_TYPES) if r.random() < 0.4 else "text/plain"
        self.objects[name] = (data, kind, ENDINGS.get(kind, "bin"))
        body = {"media_type": kind, "object": sha256(data), "size_bytes": len(data), "software": r.choice(SOFTWARE) if r.random() < 0.3 else "vouchsafe/0.1.0"}
        self.step(self.who("exhibit.ingested"), "exhibit.ingested", body, self.fields(), name)

    def about(self, name):
        r = self.r
        event = r.choice(("exhibit.described", "exhibit.noted", "exhibit.noted", "copy.issued", "exhibit.exported", "gap.declared", "custody.passed"))
        body, handed = {}, sha256(b"an earlier bundle")
        if event == "copy.issued":
            body = {"object": sha256(self.objects[name][0])}
        elif event == "exhibit.exported":
            body = {"bundle": handed, "withheld_fields": r.choice((0, 3, 2**53 - 1))}
        elif event == "gap.declared":
            body = {"from": r.choice(BOUNDS), "to": ".."}
        elif event == "custody.passed":
            if not any(step["event"] == "exhibit.exported" and step["exhibit"] == name for step in self.plan):
                self.step(self.who("exhibit.exported"), "exhibit.exported", {"bundle": handed, "withheld_fields": 0}, (), name)
            body = {"bundle": handed, "direction": "out", "letter": sha256(b"a letter")}
        step = self.step(self.who(event), event, body, self.fields(), name)
        if r.random() < 0.3:
            step["also"] = tuple(r.sample([key for key in self.roles if key is not step["actor"]], r.randrange(min(3, len(self.roles)))))

    def revoke(self):
        key = self.r.choice([key for key in self.roles if key not in (ADMIN, ARCHIVIST)] or [None])
        if key:
            index = len(self.plan)
            del self.roles[key]
            self.step(ADMIN, "agent.revoked", {"key": key.id, "from_index": self.r.choice((index, index + 1, self.r.randrange(index + 1)))}, [("reason", "left")])

    # ---- From the plan to the files

    def log(self):
        log = Log(self.origin, LOG)
        for step in self.plan:
            edits = step.get("edits", ())

            def change(entry, edits=edits):
                for edit in edits:
                    edit(entry)

            place = {"exhibit": step["exhibit"], "body": copy.deepcopy(step["body"])}
            log.add(step["actor"], step["event"], copy.deepcopy(step["body"]), step["fields"], step["exhibit"], step["also"], change if edits else None, step.get("forge"), step.get("raw", ()), step.get("signing"))
            log.entries[-1] = (place, *log.entries[-1][1:])
        return log

    def make(self):
        """Every file of the bundle, and the fingerprint of its archive."""
        log = self.log()
        about_agents = {n for n, step in enumerate(self.plan) if step["event"].startswith("agent.") or n == 0} | self.agents_too
        known = {step["body"][name]["public_key"]: None for step in self.plan for name in ("agent", "administrator") if name in step["body"]}
        by_line = {key.line: key for key in (ADMIN, *AGENTS, STRANGER, LOG)}
        self.made_log = log
        files = bundle(log, signer=self.signer, objects=self.objects, agents=about_agents, describe=self.describe, cosigner=self.cosigners, withhold=self.withhold,
                       known=[by_line[line] for line in known if line in by_line])
        for name in ("README-VERIFY.txt", "verify.sh", "verify.ps1", "verify.html", "FORMAT.md", "BUNDLE.md"):
            del files[name]
        about = json.loads(files["bundle.json"])
        if not self.describe and 'software' in about:
            files["verify.sh"] = b"not the script\n"
        for name, data in self.dossiers.items():
            files[f"foreign/{name}.tar"] = data
        if self.statement:
            files["completeness.json"] = self.statement(log)
        for change in self.before_seal:
            change(files)
        self.seal(files)
        for change in self.after_seal:
            change(files)
        return files, log.fingerprint()

    def seal(self, files):
        listed = {name: data for name, data in files.items() if name not in SEALS and name not in self.leave_out}
        payload = manifest(listed, True)
        for change in self.in_manifests:
            payload = change("payload", payload)
        files["manifest-sha256.txt"] = listed["manifest-sha256.txt"] = payload
        tags = manifest(listed, False)
        for change in self.in_manifests:
            tags = change("tags", tags)
        files["tagmanifest-sha256.txt"] = tags
        files["tagmanifest-sha256.txt.sig"] = self.signer.armor(BUNDLE, self.signer.sshsig(BUNDLE, tags))
        files["tagmanifest-sha256.txt.ed25519"] = sign(self.signer.seed, tags)


ENDINGS = {"text/plain": "txt", "application/pdf": "pdf", "text/csv": "csv", "video/mp2t": "ts", "application/x-hwp": "hwp", "text/html": "html"}

# ---- Changes ----------------------------------------------------------------------------------------------------

CHANGES = []


def change(weight=1):
    def register(function):
        CHANGES.extend([function] * weight)
        return function
    return register


def edit(step, how):
    step.setdefault("edits", []).append(how)


def some_step(w, *events):
    steps = [step for step in w.plan if not events or step["event"] in events]
    return w.r.choice(steps) if steps else None


def said(step, w):
    return f"entry {next(n for n, one in enumerate(w.plan) if one is step)} ({step['event']})"


# What is in an entry


@change(4)
def value_of_an_entry(w):
    step = some_step(w)
    seed = w.r.random()

    def how(entry):
        r = random.Random(seed)
        place = r.choice(places(entry))
        new = odd(r, at(entry, place))
        w.told.append(f"  there {'.'.join(map(str, place))} = {new!r}"[:300])
        put(entry, place, new)
    edit(step, how)
    return f"a value in {said(step, w)}"


@change(1)
def member_of_an_entry_more_or_less(w):
    step = some_step(w)
    name = w.r.choice(("actor", "archive", "body", "event", "exhibit", "exhibit_sequence", "format", "index", "occurred_at", "origin", "previous", "recorded_at", "salt", "extra", "signatures", "a", "zz"))
    other = w.r.choice((None, 0, "", "11" * 32, w.origin, "X-0000-0000-0000-0000"))
    edit(step, lambda entry: entry.update({name: None if name in entry else other}))
    return f"{said(step, w)} with or without {name}"


@change(2)
def time_of_an_entry(w):
    step, r = some_step(w), w.r
    if r.random() < 0.5:
        name, time = r.choice(("occurred_at", "recorded_at")), r.choice(TIMES)
        edit(step, lambda entry: entry.update({name: time}))
        return f"{said(step, w)} {name} {time!r}"
    index = next(n for n, one in enumerate(w.plan) if one is step)
    time = f"2026-11-23T09:{max(0, index + r.choice((-2, -1, 1, 2))):02}:00.{r.choice((119, 120, 121))}Z"
    both = r.random() < 0.7
    edit(step, lambda entry: entry.update({"recorded_at": time, **({"occurred_at": time} if both else {})}))
    return f"{said(step, w)} recorded at {time}, {'happened then' if both else ''}"


@change(2)
def number_of_an_entry(w):
    step, r = some_step(w), w.r
    name = r.choice(("index", "exhibit_sequence"))
    by = r.choice((-1, 1, 1, 2, 100))
    edit(step, lambda entry: entry.update({name: entry[name] + by}) if name in entry else None)
    return f"{said(step, w)} {name} {by:+}"


@change(2)
def bound_of_a_gap(w):
    step, r = some_step(w, "gap.declared"), w.r
    if not step:
        name = r.choice(list(w.objects))
        step = w.step(ARCHIVIST, "gap.declared", {"from": "..", "to": ".."}, (), name)
    step["body"] = {"from": r.choice(BOUNDS), "to": r.choice(BOUNDS)}
    if r.random() < 0.5:
        step["body"][r.choice(("from", "to"))] = r.choice(ODD_BOUNDS)
    return f"{said(step, w)} {step['body']}"


@change(2)
def kind_or_program_of_an_ingest(w):
    step, r = some_step(w, "exhibit.ingested"), w.r
    if not step:
        return "nothing: no ingest is left"
    if r.random() < 0.6:
        step["body"]["media_type"] = kind = r.choice((*MEDIA_TYPES, *ODD_MEDIA_TYPES))
        data, _, ending = w.objects[step["exhibit"]]
        w.objects[step["exhibit"]] = (data, kind, ENDINGS.get(kind, "bin"))
    else:
        step["body"]["software"] = r.choice((*SOFTWARE, *ODD_SOFTWARE))
    return f"{said(step, w)} {step['body']['media_type']!r} {step['body']['software']!r}"


@change(2)
def object_of_an_entry(w):
    step, r = some_step(w, "exhibit.ingested", "copy.issued"), w.r
    if not step:
        return "nothing: no entry with an object is left"
    if step["event"] == "exhibit.ingested" and r.random() < 0.5:
        step["body"]["size_bytes"] += r.choice((-1, 1, 2**32))
    else:
        step["body"]["object"] = r.choice([sha256(data) for data, _, _ in w.objects.values()] + ["11" * 32])
    return f"{said(step, w)} {step['body']}"


@change(3)
def other_entry(w):
    """An entry of any kind, anywhere, by anybody."""
    r, name = w.r, w.r.choice([*w.objects, "X-0000-0000-0000-0000"])
    event, body = r.choice((
        ("exhibit.described", {}), ("exhibit.noted", {}), ("copy.issued", {"object": sha256(b"x")}), ("exhibit.exported", {"bundle": "22" * 32, "withheld_fields": 0}),
        ("exhibit.received", {"bundle": "22" * 32, "foreign_exhibit": "X-0000-0000-0000-0000"}), ("custody.passed", {"bundle": "22" * 32, "direction": r.choice(("in", "out")), "letter": "44" * 32}),
        ("exhibit.ingested", {"media_type": "text/plain", "object": sha256(b"x"), "size_bytes": 1, "software": "a"}), ("gap.declared", {"from": "..", "to": ".."})))
    if name not in w.objects:
        w.objects[name] = (b"x", "text/plain", "txt")
    where = r.randrange(1, len(w.plan) + 1)
    w.plan.insert(where, dict(actor=r.choice([ADMIN, *AGENTS, STRANGER]), event=event, body=body, fields=w.fields(), exhibit=name, also=()))
    return f"at {where}, {event} about {name} by {w.plan[where]['actor'].id}"


@change(1)
def entry_left_out_or_moved(w):
    r = w.r
    where = r.randrange(1, len(w.plan))
    step = w.plan.pop(where)
    to = None
    if r.random() < 0.5:
        to = r.randrange(1, len(w.plan) + 1)
        w.plan.insert(to, step)
    kept = {one["exhibit"] for one in w.plan}
    w.objects = {name: one for name, one in w.objects.items() if name in kept} or w.objects
    return f"the entry at {where} ({step['event']}) moved to {to}"


@change(2)
def entries_of_other_kinds_in_agents(w):
    r = w.r
    event, body = r.choice((
        ("archive.verified", {"coverage": {"objects_held": 1, "ranges": [[0, 1]]}, "entries": 1, "failed_objects": [], "findings": 0, "log_verdict": "sound", "objects": 1, "root": "11" * 32, "size": 1, "size_bytes": 1, "software": "a", "verdict": "sound"}),
        ("replica.lost", {"replica": "C-4MQ8-XT2B-97WD-NE3Z"}), ("archive.repaired", {"software": "a", "source": "copy", "stretches": [{"offset": 0, "size_bytes": 1, "volume": 0}]}),
        ("transfer.offered", {"bundle": "22" * 32, "exhibits": 1, "size_bytes": 1})))
    where = r.randrange(1, len(w.plan) + 1)
    w.plan.insert(where, dict(actor=ADMIN, event=event, body=body, fields=[], exhibit=None, also=()))
    shown = r.random() < 0.5
    if shown:
        w.agents_too.add(where)
    return f"at {where}, {event}, {'in agents/' if shown else 'not shown'}"


@change(3)
def checkpoint_events(w):
    """What later versions say of checkpoints: it reaches nothing else, unless it is about something or in a newer format."""
    r, where = w.r, w.r.randrange(1, len(w.plan) + 1)
    body = r.choice(({"stamp": 1}, {"stamp": 1}, {"sealed": bundles.SEALING}, {"approvals": [bundles.approval(r.choice((ADMIN, STRANGER)), "checkpoint.stamped")]}))
    event = r.choice(("checkpoint.stamped",) * 4 + ("checkpoint.cosigned", "checkpoints.stamped"))
    exhibit = r.choice((None,) * 6 + tuple(w.objects))
    step = dict(actor=r.choice((ADMIN, ARCHIVIST, ARCHIVIST, *w.roles, STRANGER)), event=event, body=body, fields=[], exhibit=exhibit, also=())
    newer = r.random() < 0.2
    if newer: edit(step, lambda entry: entry.update(bundles.NEWER))
    # Behind its ingest, an entry about an exhibit is in order.
    w.plan.insert(len(w.plan) if exhibit else where, step)
    if not exhibit: w.agents_too.add(where)
    return f"at {where}, {event} by {step['actor'].id}, about {exhibit}, with {sorted(body)}{', in a newer format' if newer else ''}"


@change(2)
def second_key_of_the_log(w):
    r = w.r
    key, line = vkey_pq(w.origin)
    w.plan[0]["body"]["log_key_pq"] = key
    w.cosigners = r.choice((line, line, vkey_pq(w.origin, 1)[1], vkey_pq("other.example")[1], None))
    return f"a second key of the log, and the checkpoint has {'the line' if w.cosigners == line else 'no line of it'}"


@change(2)
def approval_by_chance(w):
    """By anybody, of whom some are revoked later."""
    r, step = w.r, some_step(w)
    key = r.choice((*w.roles, *AGENTS))
    step["body"]["approvals"] = [bundles.approval(key, step["event"], archive=w.log().fingerprint())]
    if key is not ADMIN and r.random() < 0.6:
        w.step(ADMIN, "agent.revoked", {"key": key.id, "from_index": r.randrange(len(w.plan) + 2)})
    return f"{said(step, w)} approved by {key.id}"


# Who signs


@change(2)
def actor_of_an_entry(w):
    step = some_step(w)
    step["actor"] = w.r.choice([ADMIN, *AGENTS, STRANGER, LOG])
    step["also"] = tuple(key for key in step["also"] if key is not step["actor"])
    return f"{said(step, w)} by {step['actor'].id}"


@change(2)
def who_signs_the_first_entry(w):
    """Somebody who is added only later, beside the first administrator or in their place."""
    r, first = w.r, w.plan[0]
    key = r.choice([key for key in w.roles if key is not ADMIN])
    if r.random() < 0.5:
        first["also"] = (key,)
    else:
        if "administrator" not in w.roles[key]:
            key = SECOND
            w.add_agent(ADMIN, SECOND, "administrator")
        first["actor"] = key
    return f"the first entry, by {first['actor'].id[7:15]} with {[key.id[7:15] for key in first['also']]}"


@change(2)
def more_signatures(w):
    step, r = some_step(w), w.r
    many = [key for key in [ADMIN, *AGENTS, STRANGER] if key is not step["actor"]]
    step["also"] = tuple(r.sample(many, r.randrange(1, len(many) + 1)))
    if r.random() < 0.3:
        extra = r.choice((14, 15, 16))
        step["also"] = tuple(Key(30 + n) for n in range(extra))
    return f"{said(step, w)} also signed by {[key.id[:12] for key in step['also']]}"


@change(3)
def signatures_edited(w):
    step, r = some_step(w), w.r
    if not step["also"] and r.random() < 0.7:
        step["also"] = (r.choice([key for key in w.roles if key is not step["actor"]] or [STRANGER]),)
    how = r.choice(("turned round", "first one twice", "first one left out", "last one left out", "none", "a bit flipped in the last", "another key named", "with spare bits", "with a member more", "R of small order", "S not reduced", "of other message", "of another length", "of another length in a newer format"))
    length = r.choice((1, 63, 64, 69, 2420, 8192, 8193))
    if how.endswith("newer format"): edit(step, lambda entry: entry.update(bundles.NEWER))
    bit = r.randrange(512)

    def signing(pairs):
        pairs = [(key, dict(one)) for key, one in pairs]
        raw = base64.b64decode(pairs[-1][1]["signature"])
        last = pairs[-1][1]
        if how == "turned round": return pairs[::-1]
        if how == "first one twice": return pairs + pairs[:1]
        if how == "first one left out": return pairs[1:]
        if how == "last one left out": return pairs[:-1]
        if how == "none": return []
        if how == "a bit flipped in the last": last["signature"] = b64(bytes(byte ^ (1 << bit % 8 if n == bit // 8 else 0) for n, byte in enumerate(raw)))
        if how == "another key named": last["key"] = STRANGER.id
        if how == "with spare bits": last["signature"] = last["signature"][:-3] + chr(ord(last["signature"][-3]) + 1) + "=="
        if how == "with a member more": last["note"] = ""
        if how == "R of small order": last["signature"] = b64(bytes([1]) + bytes(31) + raw[32:])
        if how == "S not reduced": last["signature"] = b64(raw[:32] + (int.from_bytes(raw[32:], "little") + 2**252 + 27742317777372353535851937790883648493).to_bytes(32, "little"))
        if how.startswith("of another length"): last["signature"] = b64((raw * 129)[:length])
        if how == "of other message": last["signature"] = b64(pairs[-1][0].sshsig(ENTRY, b"other"))
        return pairs
    step["signing"] = signing
    return f"{said(step, w)} signatures {how}"


# Agents


@change(4)
def agents_by_chance(w):
    """More agents, added by anybody, who do something; and revocations of anybody from anywhere on."""
    r, told = w.r, []
    for _ in range(r.randrange(1, 4)):
        where = r.randrange(1, len(w.plan) + 1)
        by = r.choice([ADMIN, SECOND, ARCHIVIST, THIRD, *w.roles])
        key = r.choice((SECOND, THIRD, LAWYER, INVESTIGATOR, ADMIN, ARCHIVIST))
        what = r.choice(("added", "revoked", "acts"))
        if what == "added":
            roles = r.sample(ROLES, r.randrange(1, 4))
            new = dict(actor=by, event="agent.added", body={"agent": agent(key, *roles)}, fields=[], exhibit=None, also=())
        elif what == "revoked":
            new = dict(actor=by, event="agent.revoked", body={"key": key.id, "from_index": r.choice((0, 1, where, where + 1, r.randrange(where + 1)))}, fields=[], exhibit=None, also=())
        else:
            new = dict(actor=key, event="exhibit.noted", body={}, fields=[], exhibit=r.choice(list(w.objects)), also=())
            where = len(w.plan)
        w.plan.insert(where, new)
        told.append(f"at {where} {key.id[7:15]} {what} by {by.id[7:15]} {new['body']}")
    return "; ".join(told)


@change(3)
def chain_of_administrators(w):
    """An administrator adds another one, who adds the one that acts; the first of these is revoked from somewhere on."""
    r, begin = w.r, len(w.plan)
    if SECOND not in w.roles:
        w.add_agent(ADMIN, SECOND, "administrator")
    w.add_agent(SECOND, THIRD, "administrator", "archivist")
    w.step(THIRD, "exhibit.noted", exhibit=r.choice(list(w.objects)))
    key, by = r.choice(((SECOND, ADMIN), (SECOND, THIRD), (ADMIN, SECOND), (THIRD, SECOND), (SECOND, SECOND), (ADMIN, THIRD), (ADMIN, ADMIN)))
    index = len(w.plan)
    start = r.choice((0, 1, begin, begin + 1, index - 1, index, index + 1))
    w.step(by, "agent.revoked", {"key": key.id, "from_index": start})
    after = r.choice((None, SECOND, THIRD, ADMIN))
    if after:
        w.step(after, "exhibit.noted", exhibit=r.choice(list(w.objects)))
    w.signer = r.choice((ARCHIVIST, THIRD, SECOND, ADMIN, w.signer))
    return f"{key.id[7:15]} revoked by {by.id[7:15]} at {index} from {start}, then {after and after.id[7:15]} acts, and {w.signer.id[7:15]} signs the bundle"


@change(1)
def agents_left_out(w):
    r = w.r

    def how(files):
        bases = sorted({name.split(".")[0] for name in files if name.startswith("agents/")})
        gone = r.choice(bases)
        for name in [name for name in files if name.startswith(gone)]:
            del files[name]
        w.told.append("  that is " + gone)
    w.before_seal.append(how)
    return "an entry in agents/ is left out"


@change(1)
def signer_of_the_bundle(w):
    w.signer = w.r.choice([ADMIN, *AGENTS, STRANGER])
    return f"the bundle is signed by {w.signer.id}"


# Fields


@change(4)
def odd_field(w):
    step, r = some_step(w), w.r
    salt, kind = "%032x" % r.getrandbits(128), r.choice(("value", "raw", "name", "salt", "shape", "twice"))
    name = r.choice(FIELD_NAMES)
    one = {
        "value": lambda: canonical([salt, name, r.choice(ODD_VALUES)]),
        "raw": lambda: b'["%s","%s",%s]' % (salt.encode(), name.encode(), r.choice(RAW_VALUES)),
        "name": lambda: canonical([salt, r.choice(ODD_NAMES), "a"]),
        "salt": lambda: canonical([r.choice((salt[:-1], salt + "0", salt.upper(), "", 0, "g" + salt[1:])), name, "a"]),
        "shape": lambda: canonical(r.choice(([salt, name], [salt, name, "a", "b"], {"salt": salt}, salt, None, [salt, 1, "a"], [salt, [name], "a"], []))),
        "twice": lambda: canonical([salt, (step["fields"] or [(name, 0)])[0][0], "a"]),
    }[kind]()
    step["raw"] = (one,)
    w.withhold = set()
    return f"{said(step, w)} field {one!r}"[:400]


@change(2)
def fields_file(w):
    how, r = w.r.choice(("line feed", "space", "turned round", "twice", "left out", "none", "object", "empty", "bom", "other salt", "nul")), w.r

    def edit_one(files):
        name = r.choice(sorted(name for name in files if name.endswith(".fields.json")))
        data = files[name]
        ones = [canonical(one) for one in json.loads(data)]
        new = {
            "line feed": data + b"\n", "space": data.replace(b",", b", ", 1) if b"," in data else b"[ ]", "turned round": b"[" + b",".join(ones[::-1]) + b"]", "twice": b"[" + b",".join(ones + ones[:1]) + b"]",
            "left out": b"[" + b",".join(ones[1:]) + b"]", "none": b"[]", "object": b"{}", "empty": b"", "bom": b"\xef\xbb\xbf" + data, "nul": data + b"\0",
            "other salt": data.replace(b'["', b'["0', 1)}[how]
        files[name] = new
        if how in ("left out", "none") and r.random() < 0.7:
            about = json.loads(files["bundle.json"])
            about["withheld_fields"] += len(ones) - len(json.loads(new))
            files["bundle.json"] = canonical(about) + b"\n"
        w.told.append(f"  that is {name}: {data[:60]} -> {new[:60]}")
    w.before_seal.append(edit_one)
    return f"a file of fields, {how}"


@change(1)
def commitments(w):
    step, r = some_step(w), w.r
    how = r.choice(("turned round", "one more", "twice", "capitals", "many"))
    many = r.choice((255, 256, 257))

    def edit_fields(entry):
        fields = entry["body"].get("fields", [])
        entry["body"]["fields"] = {"turned round": fields[::-1], "one more": sorted(fields + ["ab" * 32]), "twice": sorted(fields * 2), "capitals": [one.upper() for one in fields],
                                   "many": sorted([*fields, *(f"{n:064x}" for n in range(many - len(fields)))])}[how]
    edit(step, edit_fields)
    if how in ("one more", "many"):
        more = 1 if how == "one more" else many - len(step["fields"])
        w.before_seal.append(lambda files: counts_more(files, more))
    return f"{said(step, w)} commitments {how} {many if how == 'many' else ''}"


def counts_more(files, more):
    about = json.loads(files["bundle.json"])
    about["withheld_fields"] += more
    files["bundle.json"] = canonical(about) + b"\n"


# Checkpoint and receipts


def b64_of(r, size):
    return b64(bytes(r.getrandbits(8) for _ in range(size)))


@change(2)
def cosigners(w):
    r = w.r
    names = ("c.example", w.origin, "c", "ä.example", "a+b", "a b", "a\tb", "a\u00a0b", "a\u2003b", "a\u200bb", "a\u0085b", "a\u007f", "", "a\u3000", "\ufeffa", "—", "a\u0301", "😀", "a\r", "a\u180e", "a\u1680b", "$(id)", "a\\b", "a\u2028b")
    lines = "".join(f"{r.choice(('— ',) * 8 + ('- ', '—', '—  '))}{r.choice(names) if r.random() < .6 else 'c.example'} {b64_of(r, r.choice((68, 68, 68, 5, 4, 3, 0, 76, 200)))}\n" for _ in range(r.choice((1, 1, 1, 2, 98, 99, 100))))
    if r.random() < 0.15:
        lines += r.choice(("\n", " ", "x", "— a AAAAAA==\n\n", "\r\n", "— c.example AAAAAAA\n", "— c.example AAAAAB==\n"))
    w.cosigners = lines
    return f"cosigners {lines[:200]!r} …"


def new_note(files, note):
    """The checkpoint of the bundle, and of every receipt in it."""
    old = files["log/checkpoint"]
    for name, data in files.items():
        if name == "log/checkpoint" or name.endswith(".tlog-proof"):
            files[name] = data.replace(old, note)


@change(3)
def checkpoint_edited(w):
    r = w.r
    how = r.choice(("signed twice", "signed first by a wrong one", "signed then by a wrong one", "of another size", "of another root", "of another origin", "with a line more", "with a needless zero", "without its end", "CR LF", "with a plus",
                    "root with spare bits", "signature too long", "signature of another key", "in the receipts alone", "here alone", "an empty line more", "the origin's line with a space"))

    def edit_note(files):
        log, old = w.made_log, files["log/checkpoint"].decode()
        text, size = old.split("\n\n")[0] + "\n", len(log.lines)
        lines = text.split("\n")
        if how == "of another size": lines[1] = str(size + r.choice((-1, 1, 5)))
        if how == "of another root": lines[2] = b64(bytes(32))
        if how == "of another origin": lines[0] = "other.example/log"
        if how == "with a line more": lines.insert(3, "more")
        if how == "with a needless zero": lines[1] = "0" + lines[1]
        if how == "with a plus": lines[1] = "+" + lines[1]
        if how == "the origin's line with a space": lines[0] += " "
        if how == "root with spare bits": lines[2] = lines[2][:-2] + chr(ord(lines[2][-2]) + 1) + "="
        text = "\n".join(lines)
        head = hashlib.sha256(log.origin.encode() + b"\n\x01" + LOG.public).digest()[:4]
        key = STRANGER if how == "signature of another key" else LOG
        good, bad = b64(head + sign(key.seed, text.encode())), b64(head + sign(STRANGER.seed, text.encode()))
        if how == "signature too long": good = b64(base64.b64decode(good) + b"\0")
        signatures = {"signed twice": [good, good], "signed first by a wrong one": [bad, good], "signed then by a wrong one": [good, bad]}.get(how, [good])
        note = text + "\n" + "".join(f"— {log.origin} {one}\n" for one in signatures)
        if how == "without its end": note = note[:-1]
        if how == "CR LF": note = note.replace("\n", "\r\n")
        if how == "an empty line more": note += "\n"
        other = (text + "\n" + f"— {log.origin} {good}\n— c.example {b64(bytes(68))}\n").encode()
        if how == "in the receipts alone":
            kept = files["log/checkpoint"]
            new_note(files, other)
            files["log/checkpoint"] = kept
        elif how == "here alone":
            files["log/checkpoint"] = other
        else:
            new_note(files, note.encode())
            about = json.loads(files["bundle.json"])
            if how == "of another size" and r.random() < 0.7: about["size"] = int(lines[1])
            if how == "of another root" and r.random() < 0.7: about["root"] = "00" * 32
            files["bundle.json"] = canonical(about) + b"\n"
    w.before_seal.append(edit_note)
    return f"checkpoint {how}"


@change(1)
def shorter_log(w):
    """The checkpoint and the receipts are of the log at an earlier size; what was later is here as well, or is not."""
    r = w.r

    def shorten(files):
        log = w.made_log
        size = r.randrange(1, len(log.lines) + 1)
        leaves = [leaf(line) for line in log.lines][:size]
        text = f"{log.origin}\n{size}\n{b64(root(leaves))}\n"
        head = hashlib.sha256(log.origin.encode() + b"\n\x01" + LOG.public).digest()[:4]
        note = f"{text}\n— {log.origin} {b64(head + sign(LOG.seed, text.encode()))}\n".encode()
        old = files["log/checkpoint"]
        for name, data in list(files.items()):
            if name.endswith(".tlog-proof"):
                index = int(data.split(b"\n")[2].split()[1])
                lines = data[: data.index(old)].split(b"\n")[:3]
                lines += [b64(one).encode() for one in path(index, leaves)] if index < size else []
                files[name] = b"\n".join(lines) + b"\n\n" + note
        files["log/checkpoint"] = note
        about = json.loads(files["bundle.json"])
        about.update(size=size, root=root(leaves).hex())
        files["bundle.json"] = canonical(about) + b"\n"
        w.told.append(f"  that is {size}")
    w.before_seal.append(shorten)
    return "the log at an earlier size"


@change(4)
def receipt_edited(w):
    r = w.r
    how = r.choice(("a hash less", "a hash more", "hashes turned round", "hash of other length", "hash with spare bits", "index + 1", "index 0", "index with a zero", "index with a plus", "index with a space", "a line more", "no extra", "extra empty",
                    "extra with a line feed more", "CR LF", "without its end", "other version", "64 hashes", "63 hashes", "empty", "entry with a space", "bom", "an empty line more", "of another entry", "index 2^53", "extra twice", "signatures turned round", "signature left out"))

    def edit_receipt(files):
        name = r.choice(sorted(name for name in files if name.endswith(".tlog-proof")))
        data = files[name]
        head, note = data.split(b"\n\n", 1)
        lines = head.split(b"\n")
        index = int(lines[2].split()[1])
        if how == "a hash less": lines = lines[:-1] if len(lines) > 3 else lines
        if how == "a hash more": lines.append(b64(bytes(32)).encode())
        if how == "hashes turned round": lines[3:] = lines[3:][::-1]
        if how == "hash of other length": lines.append(b64(bytes(31)).encode())
        if how == "hash with spare bits" and len(lines) > 3: lines[3] = lines[3][:-2] + bytes([lines[3][-2] + 1]) + b"="
        if how == "index + 1": lines[2] = b"index %d" % (index + 1)
        if how == "index 0": lines[2] = b"index 0"
        if how == "index with a zero": lines[2] = b"index 0%d" % index
        if how == "index with a plus": lines[2] = b"index +%d" % index
        if how == "index with a space": lines[2] += b" "
        if how == "index 2^53": lines[2] = b"index %d" % (2**53)
        if how == "a line more": lines.insert(1, b"note more")
        if how == "no extra": del lines[1]
        if how == "extra twice": lines.insert(1, lines[1])
        if how == "extra empty": lines[1] = b"extra "
        line = base64.b64decode(lines[1][6:]) if lines[1].startswith(b"extra ") else b""
        if how == "extra with a line feed more": lines[1] = b"extra " + b64(line + b"\n").encode()
        if how == "entry with a space": lines[1] = b"extra " + b64(line + b" ").encode()
        if how in ("signatures turned round", "signature left out"):
            entry = json.loads(line)
            entry["signatures"] = entry["signatures"][::-1] if how == "signatures turned round" else entry["signatures"][:-1]
            lines[1] = b"extra " + b64(canonical(entry)).encode()
        if how == "other version": lines[0] = b"c2sp.org/tlog-proof@v2"
        if how in ("64 hashes", "63 hashes"): lines[3:] = [b64(bytes(32)).encode()] * int(how[:2])
        new = b"\n".join(lines) + b"\n\n" + note
        if how == "CR LF": new = new.replace(b"\n", b"\r\n")
        if how == "without its end": new = new[:-1]
        if how == "empty": new = b""
        if how == "bom": new = b"\xef\xbb\xbf" + new
        if how == "an empty line more": new += b"\n"
        if how == "of another entry": new = files[r.choice(sorted(name for name in files if name.endswith(".tlog-proof")))]
        files[name] = new
        w.told.append(f"  that is {name}")
    w.before_seal.append(edit_receipt)
    return f"a receipt, {how}"


# Files beside the entries


@change(3)
def file_with_one_content(w):
    r = w.r
    how = r.choice(("line feed more", "line feed less", "CR LF", "bom", "space", "empty", "capitals", "doubled", "nul", "other bit"))

    def edit_file(files):
        names = sorted(name for name in files if not name.startswith(("data/", "report/")) and not name.endswith((".tar", ".tlog-proof", ".fields.json")) and name != "log/checkpoint")
        kind = r.choice(("keys/", "bag", ".sig", ".json", ""))
        name = r.choice([name for name in names if kind in name] or names)
        files[name] = spoiled(r, files[name], how)
        w.told.append(f"  that is {name}")
    w.before_seal.append(edit_file)
    return f"a file with one content, {how}"


def spoiled(r, data, how):
    if how == "other bit" and data:
        n = r.randrange(len(data))
        return data[:n] + bytes([data[n] ^ 1 << r.randrange(8)]) + data[n + 1:]
    return {"line feed more": data + b"\n", "line feed less": data[:-1], "CR LF": data.replace(b"\n", b"\r\n"), "bom": b"\xef\xbb\xbf" + data, "space": data + b" ", "empty": b"", "capitals": data.upper(),
            "doubled": data * 2, "nul": data + b"\0", "other bit": b"\0"}[how]


@change(2)
def armor(w):
    r = w.r
    how = r.choice(("wrapped at 64", "wrapped at 76", "wrapped at 77", "in one line", "other namespace", "sha256", "version 2", "reserved", "without padding", "text behind", "text in front", "other key", "blank line", "spare bits", "bytes behind"))

    def rewrap(files):
        name = r.choice(sorted(name for name in files if name.endswith(".sig")))
        data = files[name]
        files[name] = rearmored(data, how)
        w.told.append(f"  that is {name}")
    w.before_seal.append(rewrap)
    return f"an armored signature, {how}"


def rearmored(data, how):
    lines = data.decode().split("\n")
    begin, end, blob = lines[0], lines[-2], base64.b64decode("".join(lines[1:-2]))
    if how == "other namespace": blob = blob.replace(string(b"vouchsafe-entry@1"), string(b"vouchsafe-bundle@1"))
    if how == "sha256": blob = blob.replace(b"sha512", b"sha256")
    if how == "version 2": blob = blob.replace(b"SSHSIG\0\0\0\1", b"SSHSIG\0\0\0\2", 1)
    if how == "reserved": blob = blob.replace(b"@1\0\0\0\0", b"@1\0\0\0\1x")
    if how == "other key": blob = blob.replace(blob[33:65], STRANGER.public, 1)
    if how == "bytes behind": blob += b"\0"
    text = b64(blob)
    if how == "without padding": text = text.rstrip("=")
    if how == "spare bits": text = text[:-2] + chr(ord(text[-2]) + 1) + "=" if text.endswith("=") and not text.endswith("==") else text[:-3] + chr(ord(text[-3]) + 1) + "=="
    width = {"wrapped at 64": 64, "wrapped at 76": 76, "wrapped at 77": 77, "in one line": 10**6}.get(how, 70)
    body = "".join(text[n : n + width] + "\n" for n in range(0, len(text), width))
    if how == "blank line": body = body.replace("\n", "\n\n", 1)
    return (("x\n" if how == "text in front" else "") + f"{begin}\n{body}{end}\n" + ("x\n" if how == "text behind" else "")).encode()


@change(3)
def files_more_or_less(w):
    r = w.r
    how, extra = r.choice(("more", "more", "more", "more, and then changed", "more, and then gone", "less", "renamed", "copied")), r.choice(ODD_FILES)
    listed = r.random() < 0.6
    if "then" in how:
        listed = True
        w.before_seal.append(lambda files: files.setdefault(extra, b"more\n"))
        w.after_seal.append(lambda files: files.update({extra: b"other\n"}) if "changed" in how else files.pop(extra, None))

    def edit_files(files):
        name = r.choice(sorted(name for name in files if name != "bundle.json"))
        if how.startswith("more"): files.setdefault(extra, b"more\n")
        elif how == "copied": files.setdefault(extra, files[name])
        else: taken = files.pop(name)
        if how == "renamed": files.setdefault(extra, taken)
        w.told.append(f"  that is {name if not how.startswith('more') else ''} {extra if how != 'less' else ''}")
    (w.before_seal if listed else w.after_seal).append(edit_files)
    return f"{'a listed' if listed else 'an unlisted'} file {how}"


@change(2)
def numbers_in_names(w):
    r = w.r
    how = r.choice(("a digit more", "a digit less", "one more in number", "another signature number", "signature number 1", "signature number 02", "letters"))

    def rename(files):
        kinds = sorted({name.split(".")[0] for name in files if name.startswith(("agents/", "exhibits/"))})
        base = r.choice(kinds)
        folder, number = base.rsplit("/", 1)
        new = {"a digit more": "0" + number, "a digit less": number[1:], "one more in number": f"{int(number) + 1:0{len(number)}}", "letters": "a" + number}.get(how)
        if new:
            for name in [name for name in files if name.startswith(base + ".")]:
                files[f"{folder}/{new}{name[len(base):]}"] = files.pop(name)
        else:
            signature = files[base + ".json.sig"]
            files[base + {"another signature number": ".json.3.sig", "signature number 1": ".json.1.sig", "signature number 02": ".json.02.sig"}[how]] = signature
        w.told.append(f"  that is {base}")
    w.before_seal.append(rename)
    return f"the number in names, {how}"


@change(2)
def objects_of_the_bundle(w):
    r = w.r
    how = r.choice(("another ending", "no ending", "a second one", "changed", "left out", "longer", "in capitals", "empty ending", "long ending", "of another exhibit", "ending with a digit"))
    ending = r.choice(("bin", "exe", "txt", "tar.gz", "x", "abcdefgh", "pdf"))

    def edit_objects(files):
        name = r.choice(sorted(name for name in files if name.startswith("data/")))
        stem = name.rsplit(".", 1)[0]
        data = files[name]
        if how in ("another ending", "no ending", "in capitals", "empty ending", "long ending", "ending with a digit", "left out"): del files[name]
        if how == "another ending": files[f"{stem}.{ending}"] = data
        if how == "no ending": files[stem] = data
        if how == "in capitals": files[f"{stem}.TXT"] = data
        if how == "empty ending": files[f"{stem}."] = data
        if how == "long ending": files[f"{stem}.abcdefghi"] = data
        if how == "ending with a digit": files[f"{stem}.7z"] = data
        if how == "a second one": files[f"{stem}.{ending}"] = data
        if how == "changed": files[name] = data + b"x" if not data else bytes([data[0] ^ 1]) + data[1:]
        if how == "longer": files[name] = data + b"\n"
        if how == "of another exhibit": files[name] = files[r.choice(sorted(name for name in files if name.startswith("data/")))]
        payload = [name for name in files if name.startswith("data/")]
        if r.random() < 0.8:
            files["bag-info.txt"] = files["bag-info.txt"].rsplit(b" ", 1)[0] + f" {sum(len(files[name]) for name in payload)}.{len(payload)}\n".encode()
        w.told.append(f"  that is {name}")
    w.before_seal.append(edit_objects)
    return f"an object, {how} {ending if how in ('another ending', 'a second one') else ''}"


@change(4)
def description(w):
    r = w.r
    how = r.choice(("value", "value", "value", "value", "more", "less", "time", "software", "no line feed", "space", "two line feeds"))
    time, software = r.choice((*TIMES, "2026-11-23T09:30:00.000Z", "2026-11-22T00:00:00.000Z", "2026-11-23T23:59:59.999Z")), r.choice((*SOFTWARE, *ODD_SOFTWARE))

    def describe(files):
        about = json.loads(files["bundle.json"])
        name = r.choice(sorted(about))
        if how == "value":
            about[name] = odd(r, about[name])
            w.told.append(f"  there {name} = {about[name]!r}"[:300])
        if how == "more": about[r.choice(("a", "zz", "collection", "__proto__"))] = 1
        if how == "less": del about[name]
        if how == "time":
            about["created_at"] = time
            files["bag-info.txt"] = files["bag-info.txt"].replace(b"2026-11-23", time[:10].encode())
        if how == "software":
            about["software"] = software
            files["bag-info.txt"] = files["bag-info.txt"].replace(b"vouchsafe/0.1.0", software.encode())
        files["bundle.json"] = canonical(about) + {"no line feed": b"", "two line feeds": b"\n\n", "space": b" \n"}.get(how, b"\n")
    w.before_seal.append(describe)
    return f"bundle.json, {how} {time if how == 'time' else ''} {software if how == 'software' else ''}"


# Statements of completeness


@change(4)
def completeness(w):
    r = w.r
    names, collection = list(w.objects), r.choice((*TEXTS, "a collection"))
    disclosed = r.random() < 0.7
    for step in w.plan:
        if step["event"] == "exhibit.ingested":
            step["fields"] = [field for field in step["fields"] if field[0] != "collection"]
            if r.random() < 0.95:
                step["fields"].append(("collection", collection))
        elif r.random() < 0.8:
            step["fields"] = [field for field in step["fields"] if field[0] != "collection"]
    if not disclosed:
        w.withhold = {"collection"}
    how = r.choice(("good", "good", "value", "value", "value", "less", "more", "end", "other exhibits", "reason", "member", "own member"))

    def state(log):
        stated = json.loads(bundles.statement(collection if disclosed else None, [name for name in names if name in log.about], r.choice(((), ("consent",), ("erased",), ("privilege", "court-order")))))
        if how == "value":
            place = r.choice(places(stated))
            new = odd(r, at(stated, place))
            w.told.append(f"  there {'.'.join(map(str, place))} = {new!r}"[:300])
            put(stated, place, new)
        if how == "less": del stated[r.choice(sorted(stated))]
        if how == "more": stated["extra"] = None
        if how == "other exhibits": stated["included"] = sorted([*stated["included"], "X-0000-0000-0000-0000"]); stated["held"] += 1
        if how == "reason": stated["withheld"] = [{"member": "11" * 32, "reason": r.choice(("", "Consent", "consent ", "other", "Erased"))}]; stated["held"] = len(stated["included"]) + 1
        if how == "own member":
            index, salt = next(((n, json.loads(one)[0]) for n, fields in enumerate(log.fields) for one in fields if b'"collection"' in one), (0, "00" * 16))
            member = sha256(b"vouchsafe-member@1\n" + bytes.fromhex(stated["salt"]) + leaf(log.lines[index]) + bytes.fromhex(salt))
            stated["withheld"] = sorted([*stated["withheld"], {"member": member, "reason": "consent"}], key=lambda one: one["member"])
            stated["held"] += 1
        return canonical(stated) + {"end": r.choice((b"", b"\n\n", b" \n"))}.get(how, b"\n")
    w.statement = state
    return f"a statement of completeness, {how}, of {collection!r}, {'disclosed' if disclosed else 'withheld'}"[:300]


# Histories in other archives


def came_in(w, theirs, exhibit, one):
    """An exhibit came in this bundle, where it is called so, and is this object."""
    name, (data, kind, _) = w.r.choice(list(w.objects)), one
    w.objects[name] = one
    for step in w.plan:
        if step["exhibit"] == name and step["event"] == "exhibit.ingested":
            step["body"].update(media_type=kind, object=sha256(data), size_bytes=len(data))
        elif step["exhibit"] == name and step["event"] == "copy.issued":
            step["body"]["object"] = sha256(data)
    w.step(ARCHIVIST, "exhibit.received", {"bundle": bundles.digest(theirs), "foreign_exhibit": exhibit}, (), name)
    return name


@change(4)
def dossier_of_a_changed_bundle(w):
    """What came was changed before or after its signing, as any other bundle here."""
    r, theirs = w.r, World(w.r)
    # Another first entry is that of another archive.
    theirs.plan[0]["fields"] = [("name", "Desk P")]
    exhibit, before = r.choice(list(theirs.objects.items()))
    told = r.choice([how for how in CHANGES if how not in (dossier_of_a_changed_bundle, dossiers, nothing_is_trusted)])(theirs)
    files, _ = theirs.make()
    w.told += ["  " + line for line in (told, *theirs.told)]
    name = came_in(w, files, exhibit, before)
    inside = {one: data for one, data in bundles.in_dossier(files).items() if len(one) <= 100 and one.isascii()}
    w.dossiers[bundles.digest(files)] = bundles.tree(inside)
    return f"{name} came in a bundle in which it is {exhibit}, and that is changed as above"


@change(4)
def dossiers(w):
    r, theirs = w.r, bundles.partner()
    digest, name = bundles.digest(theirs), came_in(w, theirs, bundles.THEIRS, (bundles.OBJECTS[bundles.MEMO][0], "application/pdf", "pdf"))
    how = r.choice(("good", "good", "missing", "file less", "file less", "file changed", "file more", "header", "cut", "bytes behind", "out of order", "other exhibit", "twice", "custody in", "with data", "the same twice", "unlisted", "other name in the entry"))
    inside = bundles.in_dossier(theirs)
    if how == "file less": w.told.append(f"  without {pop(r, inside)}")
    if how == "file changed":
        one = r.choice(sorted(inside))
        kind = r.choice(("other bit", "line feed more", "empty"))
        inside[one] = spoiled(r, inside[one], kind)
        w.told.append(f"  {one} {kind}")
    if how == "file more":
        one = r.choice(ODD_FILES)
        if len(one) <= 100 and one.isascii(): inside.setdefault(one, b"more\n")
        w.told.append(f"  {one}")
    if how == "with data": inside.update({one: data for one, data in theirs.items() if one.startswith("data/")})
    data = bundles.tree(inside)
    if how == "header": data = data.replace(b"0000444\0", r.choice((b"0000644\0", b" 000444\0")), 1)
    if how == "cut": data = data[: r.choice((len(data) - 512, len(data) - 1024, len(data) // 1024 * 512, 0))]
    if how == "bytes behind": data += bytes(r.choice((1, 512)))
    if how == "out of order":
        names = sorted(inside, reverse=True)
        data = b"".join(tar_header(one, len(inside[one])) + inside[one] + bytes(-len(inside[one]) % 512) for one in names) + bytes(1024)
    if how == "other exhibit": w.plan[-1]["body"]["foreign_exhibit"] = bundles.OTHER
    if how == "other name in the entry": w.plan[-1]["body"]["foreign_exhibit"] = "X-0000-0000-0000-0000"
    if how == "the same twice": w.step(ARCHIVIST, "exhibit.received", dict(w.plan[-1]["body"]), (), name)
    if how == "custody in": w.step(ARCHIVIST, "custody.passed", {"bundle": digest, "direction": r.choice(("in", "out")), "letter": sha256(b"a letter")}, (), name)
    if how == "unlisted": w.leave_out = (f"foreign/{digest}.tar",)
    if how != "missing": w.dossiers[digest] = data
    if how == "twice": w.dossiers["33" * 32] = data
    return f"{name} came in a bundle of another archive, {how}"


def letter_by_chance(r):
    """The letter of an offer of another archive, of which the log went on in some way before it, or behind it."""
    log, told = bundles.others(), []
    key, name = Key(15), log.origin

    def go_on():
        index = len(log.lines)
        time = f"2026-11-23T09:{r.randrange(60):02}:00.000Z"
        agents = [bundles.CLERK, LAWYER, STRANGER, PARTNER]
        event, actor, body, also = r.choice((
            ("agent.added", PARTNER, {"agent": agent(r.choice((LAWYER, STRANGER)), r.choice(("archivist", "lawyer", "administrator")))}, ()),
            ("agent.revoked", PARTNER, {"from_index": r.choice((index + 1, index, 2)), "key": r.choice(agents).id}, ()),
            ("agent.changed", PARTNER, {"key": r.choice(agents).id, "roles": [r.choice(("archivist", "investigator"))], **({"expires": time} if r.random() < 0.4 else {}), **({"next": LAWYER.id} if r.random() < 0.5 else {})}, ()),
            ("agent.rotated", LAWYER, {"agent": agent(LAWYER, r.choice(("archivist", "archivist", "lawyer"))), "key": r.choice(agents).id}, r.choice(((), (PARTNER,), (bundles.CLERK,)))),
            ("agent.recovered", STRANGER, {"agent": agent(STRANGER, "archivist")}, ()),
            ("recovery.set", PARTNER, {"recovery": {"keys": [r.choice((LAWYER, Key(16))).line], "threshold": 1}}, r.choice(((), (Key(16),)))),
            ("log.key_changed", PARTNER, {"log_key": r.choice((key, log.key, LAWYER)).vkey(name)}, ()),
            ("archive.moved", r.choice((PARTNER, PARTNER, bundles.CLERK)), {}, ()),
            ("checkpoint.stamped", r.choice((PARTNER, bundles.CLERK, STRANGER)), {}, ()),
            ("agent.rotated", LAWYER, {}, ()), ("log.key_changed", PARTNER, {}, ())))
        how = {"change": bundles.NEWER} if not body and event not in ("archive.moved", "checkpoint.stamped") or r.random() < 0.05 else {}
        log.add(actor, event, body, (), also=also, forge="other key" if r.random() < 0.03 else None, **how)
        told.append(f"{event} {body} by {actor.id}{' and others' if also else ''} {how}")

    for _ in range(r.randrange(4)):
        go_on()
    actor = r.choice((bundles.CLERK,) * 5 + (PARTNER, LAWYER, STRANGER))
    place = bundles.offer(log, actor, also=r.choice(((), (), (LAWYER,))), change=bundles.NEWER if r.random() < 0.05 else None)
    told.append(f"the offer by {actor.id}")
    for _ in range(r.choice((0, 0, 1))):
        go_on()
    indices = [n for n in range(len(log.lines)) if n not in (2, place) and r.random() < 0.95]
    if r.random() < 0.5: log.key = key if any(entry["event"] == "log.key_changed" for entry, _, _ in log.entries) else log.key
    return letter(log, [*indices, place]), told


def letter_spoiled(r, data):
    """It, and what was done to it."""
    how = r.choice(("good",) * 6 + ("other bit", "line feed less", "line feed more", "space", "empty", "member", "receipt", "receipt less", "receipt twice", "turned round", "field"))
    said = json.loads(data)
    if how in ("good", "member", "receipt", "receipt less", "receipt twice", "turned round", "field"):
        at = r.randrange(len(said["receipts"]))
        if how == "member":
            name = r.choice(sorted(said))
            said[name] = odd(r, said[name])
        if how == "receipt": said["receipts"][at] = said["receipts"][at].replace(*r.choice((("@v1", "@v2"), ("@v1", "@v02"), ("index ", "index 0"), ("\n\n", "\n"), ("=\n", "\n"), ("extra ", "Extra "))), 1)
        if how == "receipt less": del said["receipts"][at]
        if how == "receipt twice": said["receipts"].insert(at, said["receipts"][at])
        if how == "turned round": said["receipts"] = said["receipts"][::-1]
        if how == "field": said["fields"] = r.choice((said["fields"][::-1], said["fields"][1:], said["fields"] * 2, [["22" * 16, "note", odd(r, "x")]]))
        try:
            data = canonical(said) + b"\n"
        except UnicodeEncodeError:
            pass
        return data, how
    return spoiled(r, data, how), how


@change(5)
def letters(w):
    r, name = w.r, w.r.choice(list(w.objects))
    (data, told), where = letter_by_chance(r), r.choice(("there", "there", "there", "there", "left out", "under another name", "unnamed", "unlisted"))
    data, how = letter_spoiled(r, data)
    w.told += ["  " + line for line in told]
    digest, direction = sha256(data), r.choice(("in", "in", "in", "out"))
    moved = {"in": ("exhibit.received", {"bundle": bundles.HANDED, "foreign_exhibit": bundles.VIDEO}), "out": ("exhibit.exported", {"bundle": bundles.HANDED, "withheld_fields": 0})}[direction]
    w.step(ARCHIVIST, *moved, (), name)
    named = "55" * 32 if where == "under another name" else digest
    fields = [one for one in (("partner_archive", bundles.others().fingerprint()), ("partner_origin", "partner.example/interviews")) if r.random() < 0.6]
    if where != "unnamed": w.step(ARCHIVIST, "custody.passed", {"bundle": bundles.HANDED, "direction": direction, "letter": named}, fields, name)
    if where != "left out": w.before_seal.append(lambda files: files.update({f"letters/{named}.json": data}))
    if where == "unlisted": w.leave_out = (*w.leave_out, f"letters/{named}.json")
    return f"a letter about {name} for {direction}, {how}, {where}"


def pop(r, files):
    name = r.choice(sorted(files))
    del files[name]
    return name


# The manifests, and what happens after signing


@change(3)
def manifest_lines(w):
    r = w.r
    which, how = r.choice(("payload", "tags")), r.choice(("a line twice", "a line less", "a line for nothing", "turned round", "capitals", "one space", "a star", "no line feed", "empty line", "CR LF", "in the other one", "itself", "dot slash", "bom", "comment", "empty", "other digest"))

    def edit_lines(kind, data):
        if kind != which:
            return data
        lines = data.split(b"\n")[:-1] or [b""]
        n = r.randrange(len(lines))
        w.told.append(f"  at {lines[n]!r}")
        if how == "a line twice": lines.insert(n, lines[n])
        if how == "a line less": del lines[n]
        if how == "a line for nothing": lines = sorted(lines + [b"11" * 32 + (b"  data/X-0000-0000-0000-0000.txt" if kind == "payload" else r.choice((b"  report/x", b"  zz", b"  README-VERIFY.txt", b"  verify.html")))], key=lambda line: line[66:])
        if how == "turned round": lines = lines[::-1]
        if how == "capitals": lines[n] = lines[n][:64].upper() + lines[n][64:]
        if how == "one space": lines[n] = lines[n].replace(b"  ", b" ")
        if how == "a star": lines[n] = lines[n].replace(b"  ", b" *")
        if how == "in the other one": lines = sorted(lines + [b"11" * 32 + (b"  zz" if kind == "payload" else b"  data/x")], key=lambda line: line[66:])
        if how == "itself": lines = sorted(lines + [b"11" * 32 + (b"  manifest-sha256.txt" if kind == "payload" else b"  tagmanifest-sha256.txt.sig")], key=lambda line: line[66:])
        if how == "dot slash": lines[n] = lines[n].replace(b"  ", b"  ./")
        if how == "comment": lines.insert(0, b"# a comment")
        if how == "empty line": lines.insert(n, b"")
        if how == "other digest": lines[n] = b"11" * 32 + lines[n][64:]
        data = b"\n".join(lines) + (b"" if how == "no line feed" else b"\n")
        return {"CR LF": data.replace(b"\n", b"\r\n"), "bom": b"\xef\xbb\xbf" + data, "empty": b""}.get(how, data)
    w.in_manifests.append(edit_lines)
    return f"the manifest of {which}, {how}"


@change(1)
def file_left_out_of_the_manifest(w):
    r = w.r

    def leave(files):
        name = r.choice(sorted(files))
        w.leave_out = (*w.leave_out, name)
        w.told.append(f"  that is {name}")
    w.before_seal.append(leave)
    return "a file is in no manifest"


@change(3)
def changed_after_signing(w):
    r = w.r
    how = r.choice(("other bit", "line feed more", "line feed less", "empty", "doubled", "gone", "renamed", "exchanged", "more"))
    extra = r.choice(ODD_FILES)

    def spoil(files):
        kind = r.choice(("", "", "", "tagmanifest", "manifest", "data/", "keys/", ".sig", "report/", "bag", "verify", "completeness"))
        names = sorted(name for name in files if name.startswith(kind) or kind in name and kind.startswith(".")) or sorted(files)
        name = r.choice([one for one in names if one != "bundle.json"] or ["bagit.txt"])
        if how == "gone": del files[name]
        elif how == "renamed": files[extra] = files.pop(name)
        elif how == "more": files.setdefault(extra, b"more\n")
        elif how == "exchanged":
            other = r.choice(sorted(files))
            files[name], files[other] = files[other], files[name]
        else: files[name] = spoiled(r, files[name], how)
        w.told.append(f"  that is {name} {extra if how in ('renamed', 'more') else ''}")
    w.after_seal.append(spoil)
    return f"after signing, a file {how}"


@change(1)
def plain_signature(w):
    r = w.r
    how = r.choice(("S not reduced", "65 bytes", "63 bytes", "in base64", "by another", "of other bytes"))

    def sign_so(files):
        name, tags = "tagmanifest-sha256.txt.ed25519", files["tagmanifest-sha256.txt"]
        raw = files[name]
        files[name] = {"S not reduced": raw[:32] + (int.from_bytes(raw[32:], "little") + 2**252 + 27742317777372353535851937790883648493).to_bytes(32, "little"), "65 bytes": raw + b"\0", "63 bytes": raw[:-1],
                       "in base64": b64(raw).encode(), "by another": sign(STRANGER.seed, tags), "of other bytes": sign(w.signer.seed, tags + b"\n")}[how]
    w.after_seal.append(sign_so)
    return f"the plain signature, {how}"


@change(1)
def armored_signature_of_the_bundle(w):
    r = w.r
    how = r.choice(("wrapped at 64", "wrapped at 76", "wrapped at 77", "in one line", "sha256", "version 2", "reserved", "without padding", "text behind", "text in front", "other key", "blank line", "bytes behind"))
    name = "tagmanifest-sha256.txt.sig"
    w.after_seal.append(lambda files: files.update({name: rearmored(files[name], how)}))
    return f"the armored signature of the bundle, {how}"


@change(1)
def nothing_is_trusted(w):
    w.trusted = False
    return "no fingerprint is given"


def world(seed, number):
    """The bundle of this number: its files, what is known of it from outside, whether it is a zip file, and what was changed."""
    r = random.Random(f"{seed}:{number}")
    w = World(r)
    for how in r.sample(CHANGES, r.choice((0, 1, 1, 1, 1, 1, 1, 2, 2, 3))):
        w.told.append(how(w))
    files, fingerprint = w.make()
    return files, fingerprint if w.trusted else "", r.random() < 0.15, w.told
