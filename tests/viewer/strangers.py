#!/usr/bin/env python3
"""Makes what strangers could send: bundles and letters that hold by themselves and are meant to harm others.

    python3 strangers.py KIND FOLDER        writes everything of this kind below FOLDER, and prints whose it is as JSON

Nothing here is signed by anybody but the stranger, unless it is said: of the framed archive, only what everybody can have.
"""
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import bundles as cases  # noqa: E402
from writer import (ADMIN, ARCHIVIST, LOG, MEMO, OBJECTS, ORIGIN, STATEMENT, Key, Log, agent, bundle,  # noqa: E402
                    checkpoint, dossier, letter, seal, sha256, story, write_entry)

EVIL, EVIL_LOG = Key(90), Key(91)
NAME = "X-QW3R-8T2Y-6MZK-4HNB"
DATA = b"Something harmless and invented.\n"


def created(log, key, fields=()):
    body = {"administrator": agent(key, "administrator"), "log_key": log.key.vkey(log.origin)}
    log.add(key, "archive.created", body, fields)
    return log


def archive(origin="evil.example/e", key=EVIL, log_key=EVIL_LOG, fields=()):
    return created(Log(origin, log_key), key, fields)


def ingest(log, key, exhibit=NAME, data=DATA, media_type="text/plain", fields=()):
    body = {"media_type": media_type, "object": sha256(data), "size_bytes": len(data), "software": "vouchsafe/0.1.0"}
    log.add(key, "exhibit.ingested", body, fields, exhibit=exhibit)


def digest(files):
    return sha256(files["tagmanifest-sha256.txt"])


def trust(made):
    """What is given from outside to know the archive by that this bundle or letter is of: its fingerprint, in hex."""
    return json.loads(made if isinstance(made, bytes) else made["bundle.json"])["archive"]


def sealed(log, key=EVIL, objects=None, beside=None, **kwargs):
    files = bundle(log, signer=key, objects=objects or {NAME: (DATA, "text/plain", "txt")}, known=(key,), **kwargs)
    return seal(dict(files, **(beside or {})), signer=key)


def genuine(**kwargs):
    return seal(bundle(story(), **kwargs))


def offer(log, key, files, exhibits, size_bytes, fields):
    body = {"bundle": digest(files), "exhibits": exhibits, "size_bytes": size_bytes}
    return log.add(key, "transfer.offered", body, fields)


# ---- Dossiers that frame a third archive -------------------------------------------------------------------------


def invented_receipt():
    """A receipt of an entry that the framed archive never made, under a log key of the stranger's."""
    log = created(Log(ORIGIN, Key(92)), EVIL)
    log.add(EVIL, "exhibit.noted", {}, [], exhibit=STATEMENT, change={"exhibit_sequence": 1})
    files = {}
    write_entry(files, log, 0, f"exhibits/{STATEMENT}/0000", checkpoint(log), ())
    return files[f"exhibits/{STATEMENT}/0000.tlog-proof"]


def with_genuine_key(files):
    """What the framed archive shows to everybody, and one invented receipt beside it."""
    name = f"exhibits/{STATEMENT}/0000.tlog-proof"
    return {"bundle.json": files["bundle.json"], "log/checkpoint": files["log/checkpoint"], name: invented_receipt()}


def framing():
    """Bundles of a stranger that hold by themselves. With each of them: is there anything in it that check must tell?"""
    framed, made = genuine(), {"genuine": genuine()}
    unnamed = {
        "garbage": b"not a dossier",
        "empty": bytes(1024),
        "nothing": b"",
        "half": dossier(framed)[:5000],
        "no-description": cases.tree({"log/checkpoint": framed["log/checkpoint"]}),
        "invented": cases.tree(with_genuine_key(framed)),
        "genuine-dossier": dossier(framed),
    }
    for name, data in unnamed.items():
        log = archive()
        ingest(log, EVIL)
        made[f"unnamed-{name}"] = sealed(log, beside={f"foreign/{sha256(data)}.tar": data})
    for name, change in {
        "other-exhibit": lambda files: files.update({f"exhibits/{STATEMENT}/0000.tlog-proof": invented_receipt()}),
        "later-entry": lambda files: files.update({f"exhibits/{STATEMENT}/0009.tlog-proof": invented_receipt()}),
        "other-agent": lambda files: files.update({"agents/0000000009.tlog-proof": invented_receipt()}),
    }.items():
        # The dossier is genuine, an entry names it for another exhibit, and the stranger changed or added one file in it.
        inside = cases.in_dossier(framed)
        change(inside)
        log, (data, media_type, ending) = archive(), OBJECTS[MEMO]
        ingest(log, EVIL, data=data, media_type=media_type)
        log.add(EVIL, "exhibit.received", {"bundle": digest(framed), "foreign_exhibit": MEMO}, [], exhibit=NAME)
        objects = {NAME: (data, media_type, ending)}
        made[f"named-{name}"] = sealed(log, objects=objects, beside={f"foreign/{digest(framed)}.tar": cases.tree(inside)})
    # A whole archive of the framed one's name, of which one exhibit came to the stranger.
    namesake = archive(ORIGIN, Key(93), Key(94))
    ingest(namesake, Key(93), STATEMENT)
    theirs = sealed(namesake, Key(93), {STATEMENT: (DATA, "text/plain", "txt")})
    log = archive()
    ingest(log, EVIL)
    log.add(EVIL, "exhibit.received", {"bundle": digest(theirs), "foreign_exhibit": STATEMENT}, [], exhibit=NAME)
    made["named-namesake"] = sealed(log, beside={f"foreign/{digest(theirs)}.tar": dossier(theirs)})
    return made


# ---- Archives of one name ----------------------------------------------------------------------------------------


def namesakes():
    """A genuine bundle that withholds, and those of three other archives of its name, with exhibits of the same names.

    The thief has the key of the genuine log.
    """
    made = {"genuine": genuine(withhold=("title", "original_name", "languages", "pages", "place"))}
    for name, key, log_key, padding in (("impostor", Key(90), Key(91), 40), ("second", Key(70), Key(71), 0), ("thief", Key(95), LOG, 0)):
        log = archive(ORIGIN, key, log_key, [("name", name)])
        data, media_type, _ = OBJECTS[STATEMENT]
        ingest(log, key, STATEMENT, data, media_type, [("title", f"TITLE OF THE {name.upper()}"), ("languages", ["fr"])])
        log.add(key, "exhibit.noted", {}, [("note", f"REMARK OF THE {name.upper()}")], exhibit=STATEMENT)
        for number in range(padding):
            log.add(key, "agent.added", {"agent": agent(Key(100 + number), "archivist")}, [])
        made[name] = sealed(log, key, {STATEMENT: OBJECTS[STATEMENT]}, agents={0})
    return made


# ---- Letters -----------------------------------------------------------------------------------------------------


def replay():
    """A genuine offer, and the same signed entry in logs of strangers that have its name."""
    log = story()
    files = seal(bundle(log))
    size_bytes = sum(len(data) for data, _, _ in OBJECTS.values())
    place = offer(log, ARCHIVIST, files, 3, size_bytes, [("recipient", "Victim"), ("method", "by hand")])
    made = {"bundle": files, "genuine.letter": letter(log, [0, 1, place], log.fields[place])}
    for number in (1, 2):
        # Its own administrator, who introduces the genuine archivist's public key; the entry is the genuine one,
        # byte for byte: it names the genuine archive.
        key = Key(90 + number)
        other = archive(ORIGIN, key, Key(80 + number))
        other.add(key, "agent.added", {"agent": agent(ARCHIVIST, "archivist")}, [])
        while len(other.lines) < place:
            other.add(key, "agent.added", {"agent": agent(Key(100 + len(other.lines)), "archivist")}, [])
        other.lines.append(log.lines[place])
        made[f"replayed-{number}.letter"] = letter(other, [0, 1, place], log.fields[place])
    return made


def spoof():
    """Letters whose fields look like what the program says of a letter."""
    made = {}
    texts = {
        "keys": [("administrator", ADMIN.id), ("log_key", LOG.vkey(ORIGIN)), ("when", "2020-01-01 00:00:00 UTC, entry 1 of its log")],
        "lines": [("recipient", f"you\n  administrator  {ADMIN.id}\n  log key        {LOG.vkey(ORIGIN)}\nThe keys are those that were given from outside.")],
    }
    # Two archives: with one log key, they would be two histories of one log.
    for log_key, (name, fields) in zip((EVIL_LOG, Key(96)), texts.items()):
        log = archive(ORIGIN, EVIL, log_key)
        ingest(log, EVIL, fields=[("title", "planted"), *fields])
        files = sealed(log)
        place = offer(log, EVIL, files, 1, len(DATA), [field for field in fields if field[0] != "recipient"] + [("recipient", dict(fields).get("recipient", "you"))])
        made[f"{name}-bundle"], made[f"{name}.letter"] = files, letter(log, [0, place], log.fields[place])
    return made


def one_sided():
    """An archive that says that custody came to it from another one, which never said so."""
    log = archive()
    ingest(log, EVIL)
    log.add(EVIL, "exhibit.received", {"bundle": "ab" * 32, "foreign_exhibit": STATEMENT}, [], exhibit=NAME)
    body = {"bundle": "ab" * 32, "direction": "in", "letter": "cd" * 32}
    log.add(EVIL, "custody.passed", body, [], exhibit=NAME)
    return {"bundle": sealed(log)}


# ---- Small things that cost much ---------------------------------------------------------------------------------


def again_and_again(number):
    """One exhibit with so many entries that name one history of so many entries."""
    partner = archive("partner.example/p", Key(10), Key(11))
    data, media_type, _ = OBJECTS[MEMO]
    ingest(partner, Key(10), NAME, data, media_type)
    for _ in range(number):
        partner.add(Key(10), "exhibit.noted", {}, [], exhibit=NAME, change=cases.at_second(partner))
    theirs = sealed(partner, Key(10), {NAME: OBJECTS[MEMO]})
    # Another archive for each number; the partner's log only grows.
    log = archive(log_key=Key(60 + number))
    ingest(log, EVIL, MEMO, data, media_type)
    for _ in range(number):
        body = {"bundle": digest(theirs), "foreign_exhibit": NAME}
        log.add(EVIL, "exhibit.received", body, [], exhibit=MEMO, change=cases.at_second(log))
    return sealed(log, objects={MEMO: OBJECTS[MEMO]}, beside={f"foreign/{digest(theirs)}.tar": dossier(theirs)})


def work():
    return {f"again-{number}": again_and_again(number) for number in (10, 20, 40)}


KINDS = {"framing": framing, "namesakes": namesakes, "replay": replay, "spoof": spoof, "one-sided": one_sided, "work": work}


def main(kind, folder):
    """Prints what each of them, by its name, is known by, and keys of agents."""
    known = {"genuine": story().fingerprint(), "evil": archive().fingerprint()}
    for name, made in KINDS[kind]().items():
        known[name] = trust(made)
        target = os.path.join(folder, name)
        if isinstance(made, bytes):
            with open(target, "wb") as file:
                file.write(made)
        else:
            cases.write_folder(target, made)
    print(json.dumps({**known, "administrator": ADMIN.id, "evil administrator": EVIL.id, "archivist": ARCHIVIST.id}))


if __name__ == "__main__":
    main(*sys.argv[1:3])
