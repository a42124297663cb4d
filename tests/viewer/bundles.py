#!/usr/bin/env python3
"""Makes bundles (docs/bundle.md), good ones and broken ones, one defect each, without vouchsafe.

    python3 bundles.py FOLDER        writes every case to FOLDER/<case>/, zip cases to FOLDER/<case>.zip
"""
import base64
import functools
import hashlib
import json
import os
import struct
import sys
import zipfile
import zlib

from writer import (ADMIN, ARCHIVIST, BUNDLE, INVESTIGATOR, LAWYER, LOG, MEMO, OBJECTS, ORIGIN, STATEMENT, STRANGER, VIDEO, Key, Log, agent,
                    bundle, canonical, checkpoint, dossier, encode, leaf, manifest, read, seal, sha256, sign, statement, story)

# ---- The cases: a name, and what makes it -----------------------------------------------------------------------

CASES, ZIPS = {}, {}


def case(function):
    CASES[function.__name__.replace("_", "-")] = function
    return function


def in_zip(function):
    ZIPS[function.__name__.replace("_", "-")] = function
    return function


@functools.lru_cache(None)
def story_once():
    return story()


def made(**kwargs):
    return seal(bundle(story_once(), **kwargs))


def told(step, **kwargs):
    return seal(bundle(story(step or (lambda name, log: None), **kwargs)))


def resealed(name, change):
    files = bundle(story_once())
    files[name] = change(files[name])
    return seal(files)


def after(name, change):
    files = made()
    files[name] = change(files[name])
    return files


def flip(data, at=-1):
    data = bytearray(data)
    data[at] ^= 1
    return bytes(data)


def when(name, **change):
    return lambda step, log: change if step == name else None


FIRST = f"exhibits/{STATEMENT}/0000"
PAPER = f"data/{STATEMENT}.txt"


@case
def good():
    return made()


@case
def good_with_a_cosigner():
    return made(cosigner=STRANGER)


def with_gap(begin, end):
    def step(name, log):
        if name == "end":
            log.add(ARCHIVIST, "gap.declared", {"from": begin, "to": end}, [("reason", "kept by a source")], exhibit=MEMO)
    return told(step)


@case
def good_with_a_gap():
    return with_gap("2003-02-28", "..")


PARTNER, HANDED = STRANGER.vkey("partner.example/archive"), sha256(b"the tag manifest of an earlier bundle")


def with_passing(moved=True, **change):
    """Custody of the memo came from another archive in one bundle, or it went to it."""
    def step(name, log):
        if name == "end":
            body = {"bundle": HANDED, "from": LOG.vkey(ORIGIN), "to": PARTNER}
            if moved:
                log.add(ARCHIVIST, "exhibit.exported", {"bundle": HANDED, "withheld_fields": 0}, exhibit=MEMO)
            log.add(ARCHIVIST, "custody.passed", dict(body, **change), exhibit=MEMO)
    return told(step)


@case
def good_with_custody_that_passed():
    return with_passing()


@case
def custody_passed_with_a_bundle_that_never_left():
    return with_passing(moved=False)


@case
def custody_passed_the_other_way_round():
    return with_passing(**{"from": PARTNER, "to": LOG.vkey(ORIGIN)})


@case
def custody_passed_by_another_key_of_the_same_name():
    return with_passing(**{"from": STRANGER.vkey(ORIGIN)})


@case
def custody_passed_between_two_other_logs():
    return with_passing(**{"from": STRANGER.vkey("third.example/archive")})


@case
def good_with_a_gap_from_a_year_to_a_day():
    return with_gap("2003", "2019-02-03")


@case
def good_with_a_gap_until_a_month():
    return with_gap("..", "2005-07")


@case
def gap_on_a_day_that_never_was():
    return with_gap("2003-02-30", "..")


@case
def gap_that_ends_before_it_begins():
    return with_gap("2005", "2003-07")


@case
def hostile_fields():
    return seal(bundle(story(hostile=True)))


@case
def object_changed():
    return after(PAPER, flip)


@case
def object_changed_and_resealed():
    return resealed(PAPER, flip)


@case
def object_missing():
    files = made()
    del files[PAPER]
    return files


@case
def object_missing_and_resealed():
    files = bundle(story_once())
    del files[PAPER]
    return seal(files)


@case
def file_added():
    return dict(made(), **{"report/later.txt": b"added later\n"})


@case
def object_added():
    return dict(made(), **{"data/X-7777-7777-7777-7777.txt": b"added later\n"})


@case
def report_changed():
    return after("report/index.csv", flip)


@case
def file_unlisted_by_the_signer():
    return seal(bundle(story_once()), leave_out=("report/index.csv",))


@case
def manifest_with_carriage_returns():
    return seal(bundle(story_once()), ending="\r\n")


@case
def manifest_changed_after_signing():
    files = bundle(story_once())
    files = seal(files)
    files["report/index.csv"] += b"X-9999-9999-9999-9999,invented\n"
    files["tagmanifest-sha256.txt"] = manifest(files, False)
    return files


@case
def plain_signature_changed():
    return after("tagmanifest-sha256.txt.ed25519", flip)


@case
def bundle_signed_by_stranger():
    return seal(bundle(story_once(), signer=STRANGER), signer=STRANGER)


@case
def bundle_signed_by_revoked():
    return seal(bundle(story_once(), signer=INVESTIGATOR), signer=INVESTIGATOR)


@case
def checkpoint_by_other_key():
    return made(log_key=STRANGER)


@case
def checkpoint_of_another_state():
    files = bundle(story_once())
    longer = story(lambda name, log: name == "end" and log.add(ADMIN, "exhibit.noted", {}, [], exhibit=MEMO) and None)
    files["log/checkpoint"] = checkpoint(longer)
    return seal(files)


@case
def receipt_path_changed():
    def change(data):
        lines = data.split(b"\n")
        lines[3], lines[4] = lines[4], lines[3]
        return b"\n".join(lines)

    return resealed(FIRST + ".tlog-proof", change)


@case
def receipt_of_another_entry():
    files = bundle(story_once())
    files[FIRST + ".tlog-proof"] = files[f"exhibits/{MEMO}/0000.tlog-proof"]
    return seal(files)


@case
def message_changed():
    return resealed(FIRST + ".json", lambda data: data.replace(b"2026-11-23T09:03", b"2026-11-22T09:03"))


@case
def entry_signature_wrong():
    return told(when("describe", forge="other key"))


@case
def entry_signature_plus_order():
    return told(when("describe", forge="plus order"))


@case
def signature_file_of_another_entry():
    files = bundle(story_once())
    files[FIRST + ".json.sig"] = files[f"exhibits/{STATEMENT}/0001.json.sig"]
    return seal(files)


@case
def entry_not_canonical():
    return told(when("describe", forge="white space"))


@case
def entry_by_unknown_key():
    return told(when("describe", actor=STRANGER))


@case
def entry_by_revoked_key():
    return told(when("late note", actor=INVESTIGATOR))


@case
def signer_in_question():
    return told(None, in_question_from=6)


@case
def entry_not_allowed():
    return told(when("describe", actor=INVESTIGATOR))


@case
def agent_added_by_archivist():
    return told(when("investigator", actor=ARCHIVIST))


@case
def weak_key():
    weak = Key(9, public=encode((0, 1, 1, 0)))

    def step(name, log):
        if name == "describe":
            log.add(ADMIN, "agent.added", {"agent": agent(weak, "archivist")}, [("name", "Weak")])
            return {"actor": weak, "forge": "identity"}

    return told(step)


@case
def agent_left_out():
    return made(agents={0, 1, 9})


@case
def first_entry_left_out():
    return made(agents={1, 2, 9})


@case
def entry_left_out():
    files = bundle(story_once())
    for name in [name for name in files if name.startswith(f"exhibits/{STATEMENT}/0001")]:
        del files[name]
    return seal(files)


@case
def signature_file_too_many():
    files = bundle(story_once())
    files[FIRST + ".json.2.sig"] = files[FIRST + ".json.sig"]
    return seal(files)


@case
def receipt_without_an_entry():
    files = bundle(story_once())
    files[FIRST.replace("0000", "0004") + ".tlog-proof"] = files[FIRST + ".tlog-proof"]
    return seal(files)


@case
def entry_of_another_exhibit():
    files = bundle(story_once())
    for name in [name for name in files if name.startswith(f"exhibits/{MEMO}/0001")]:
        files[name] = files[name.replace(MEMO, STATEMENT)]
    return seal(files)


@case
def previous_wrong():
    return told(when("describe", change={"previous": "11" * 32}))


@case
def time_runs_back():
    return told(when("describe", change={"recorded_at": "2026-11-23T08:00:00.000Z", "occurred_at": "2026-11-23T08:00:00.000Z"}))


@case
def field_changed():
    return resealed(f"exhibits/{MEMO}/0000.fields.json", lambda data: data.replace(b"Map", b"Mop"))


@case
def fields_in_other_order():
    def change(data):
        fields = json.loads(data)
        return canonical(fields[::-1])

    return resealed(FIRST + ".fields.json", change)


@case
def description_counts_wrong():
    return made(describe={"withheld_fields": 0})


@case
def description_of_another_log():
    return made(describe={"origin": "other.example/log"})


@case
def allowed_signers_of_a_stranger():
    change = lambda data: data.replace(ARCHIVIST.line.encode(), STRANGER.line.encode())
    return resealed("keys/allowed_signers", change)


@case
def signing_key_file_of_a_stranger():
    return resealed("keys/signer.pub.pem", lambda data: STRANGER.pem())


def stating(said):
    return seal(dict(bundle(story_once()), **{"completeness.json": said}))


@case
def completeness_good():
    return stating(statement())


@case
def completeness_without_a_name():
    """Where no exhibit discloses its collection, the statement names none."""
    files = bundle(story_once(), withhold=("collection",))
    return seal(dict(files, **{"completeness.json": statement(None)}))


@case
def completeness_lists_a_stranger():
    return stating(statement(included=(STATEMENT, MEMO, VIDEO, "X-7777-7777-7777-7777")))


@case
def completeness_lists_one_less():
    return stating(statement(included=(STATEMENT, MEMO)))


@case
def completeness_counts_wrong():
    return stating(statement(held=5))


@case
def completeness_out_of_order():
    return stating(statement(withheld=json.loads(statement())["withheld"][::-1]))


@case
def completeness_names_one_twice():
    withheld = json.loads(statement())["withheld"]
    return stating(statement(withheld=[withheld[0], *withheld], held=7))


def counted_twice(index):
    """A statement that counts an exhibit of the bundle as withheld, by the field `collection` of this entry."""
    log, said = story_once(), json.loads(statement())
    salt = next(json.loads(one)[0] for one in log.fields[index] if json.loads(one)[1] == "collection")
    member = sha256(b"vouchsafe-member@1\n" + bytes.fromhex(said["salt"]) + leaf(log.lines[index]) + bytes.fromhex(salt))
    withheld = sorted([*said["withheld"], {"member": member, "reason": "privilege"}], key=lambda one: one["member"])
    return stating(statement(withheld=withheld, held=7))


@case
def completeness_counts_an_exhibit_twice():
    return counted_twice(4)


@case
def completeness_counts_an_exhibit_by_an_older_field():
    return counted_twice(3)


@case
def completeness_gives_an_unknown_reason():
    return stating(statement(reasons=("consent", "inconvenience")))


@case
def completeness_of_another_collection():
    return stating(statement("another one, at first"))


@case
def completeness_hides_the_name():
    return stating(statement(None))


@case
def completeness_with_a_space():
    return stating(statement().replace(b",", b", ", 1))


@case
def completeness_escapes_a_letter():
    return stating(statement().replace(b"Case", b"\\u0043ase"))


@case
def completeness_changed():
    return dict(stating(statement()), **{"completeness.json": statement(reasons=("consent",))})


@case
def completeness_added():
    return dict(made(), **{"completeness.json": statement()})


@case
def completeness_removed():
    files = stating(statement())
    del files["completeness.json"]
    return files


@case
def entry_added():
    """A genuine receipt, for an entry that the exhibit does not have."""
    files = made()
    return dict(files, **{f"exhibits/{STATEMENT}/0004.tlog-proof": files[FIRST + ".tlog-proof"]})


@case
def file_added_beside_entries():
    return dict(made(), **{f"exhibits/{STATEMENT}/extra": b"added later\n"})


@case
def object_added_beside_another():
    """To be run by whoever opens the exhibit."""
    return dict(made(), **{f"data/{STATEMENT}.bat": b"added later\r\n"})


@case
def fields_unlisted_by_the_signer():
    return seal(bundle(story_once()), leave_out=(f"exhibits/{MEMO}/0000.fields.json",))


@case
def key_unlisted_by_the_signer():
    return seal(bundle(story_once()), leave_out=("keys/log.vkey",))


@case
def object_with_another_ending():
    files = bundle(story_once())
    files[f"data/{STATEMENT}.bat"] = files.pop(PAPER)
    return seal(files)


@case
def bag_info_with_another_line():
    return resealed("bag-info.txt", lambda data: data + b"Contact-Name: somebody else\n")


@case
def bag_info_counts_wrong():
    return resealed("bag-info.txt", lambda data: data.replace(b".3\n", b".2\n"))


@case
def description_made_before_its_entries():
    """The newest entry was recorded at 09:10."""
    return made(describe={"created_at": "2026-11-23T09:10:00.119Z"})


@case
def deep_folders():
    return dict(made(), **{"report/" + "deep/" * 60 + "later.txt": b"added later\n"})


# Bundles that the shell could see with other eyes than the others do.


@case
def fields_with_nul():
    return resealed(FIRST + ".fields.json", lambda data: data[:-1] + b"\0" + data[-1:])


@case
def no_fields_with_nul():
    return resealed(FIRST + ".fields.json", lambda data: b"[\0]")


@case
def receipt_with_nul():
    return resealed(FIRST + ".tlog-proof", lambda data: data.replace(b"@v1", b"@v1\0"))


@case
def allowed_signers_in_other_order():
    return resealed("keys/allowed_signers", lambda data: b"".join(data.splitlines(True)[::-1]))


@case
def allowed_signers_for_all():
    return resealed("keys/allowed_signers", lambda data: data.replace(b",vouchsafe-entry@1", b",vouchsafe-entry@1,file"))


@case
def object_without_an_ending():
    return seal(dict(bundle(story_once()), **{"data/X-0000-0000-0000-0000": b"listed\n"}))


@case
def long_name():
    return dict(made(), **{"report/" + "n" * 94: b"added later\n"})


@case
def names_in_other_case():
    files = bundle(story_once())
    files["report/Index.csv"] = b"one more\n"
    return seal(files)


@case
def folder_in_other_case():
    return dict(made(), **{"DATA/later.txt": b"added later\n"})


@case
def left_by_a_file_manager():
    return dict(made(), **{".DS_Store": b"left", "report/._index.csv": b"left"})


@case
def left_by_another_file_manager():
    return dict(made(), **{"Thumbs.db": b"left", "report/desktop.ini": b"left"})


@case
def hostile_names():
    return dict(made(), **{
        "report/<img src=x onerror=alert(1)>.txt": b"1", "-rf": b"2", ".hidden": b"3", "report/a b.txt": b"4",
        "report/$(touch injected).txt": b"5", "report/new\nline.txt": b"6", "report/`touch injected`": b"7"})


@case
def hostile_description():
    """Everything that a shell could trip over, where the scripts read names and values."""
    return made(describe={"signer": "$(touch injected)`touch injected`; touch injected", "software": "-e s/a/b/"})


@case
def manifest_leads_out():
    files = bundle(story_once())
    files = seal(files)
    files["manifest-sha256.txt"] += f"{'0' * 64}  ../outside.txt\n".encode()
    tags = files["tagmanifest-sha256.txt"] = manifest(files, False)
    files["tagmanifest-sha256.txt.sig"] = ARCHIVIST.armor(BUNDLE, ARCHIVIST.sshsig(BUNDLE, tags))
    files["tagmanifest-sha256.txt.ed25519"] = sign(ARCHIVIST.seed, tags)
    return files


# ---- Forms, signed and in the log -------------------------------------------------------------------------------


def at_the_end(event="exhibit.noted", body=None, actor=ARCHIVIST, known=(), exhibit=MEMO, about=None, **kwargs):
    """The story, with one entry more."""
    def step(name, log):
        if name == "end":
            log.add(actor, event, body or {}, exhibit=exhibit, **kwargs)
    return seal(bundle(story(step), known=(ADMIN, ARCHIVIST, INVESTIGATOR, *known), describe=about))


@case
def time_of_no_day():
    return at_the_end(change={"occurred_at": "2026-02-30T09:00:00.000Z"})


@case
def time_of_a_leap_second():
    return at_the_end(change={"occurred_at": "2016-12-31T23:59:60.000Z"})


@case
def time_before_1970():
    return at_the_end(change={"occurred_at": "1969-12-31T23:59:59.999Z"})


@case
def good_with_a_leap_day():
    return at_the_end(change={"occurred_at": "2000-02-29T23:59:59.999Z"})


@case
def time_after_it_was_recorded():
    return at_the_end(change={"occurred_at": "2026-11-23T09:59:59.999Z"})


@case
def description_made_on_no_day():
    return made(describe={"created_at": "2026-13-45T10:00:00.000Z"})


def committing(*digests):
    return at_the_end(change={"body": {"fields": list(digests)}}, about={"withheld_fields": 2 + len(digests)})


@case
def commitments_out_of_order():
    return committing("22" * 32, "11" * 32)


@case
def commitments_twice():
    return committing("11" * 32, "11" * 32)


@case
def good_with_256_commitments():
    return committing(*(f"{n:064x}" for n in range(256)))


@case
def commitments_too_many():
    return committing(*(f"{n:064x}" for n in range(257)))


def with_roles(*roles):
    record = {"kind": "person", "public_key": LAWYER.line, "roles": roles}
    return at_the_end("agent.added", {"agent": record}, ADMIN, (LAWYER,), None)


@case
def good_with_all_roles():
    return with_roles("administrator", "archivist", "investigator", "lawyer")


@case
def role_unknown():
    return with_roles("archivist", "king")


@case
def role_twice():
    return with_roles("lawyer", "lawyer")


@case
def roles_out_of_order():
    return with_roles("lawyer", "archivist")


@case
def agent_with_the_key_of_the_log():
    return at_the_end("agent.added", {"agent": agent(LOG, "archivist")}, ADMIN, (LOG,), None)


@case
def revoked_from_the_future():
    return at_the_end("agent.revoked", {"key": STRANGER.id, "from_index": 500}, ADMIN, exhibit=None)


@case
def number_too_large():
    return at_the_end("exhibit.exported", {"bundle": "11" * 32, "withheld_fields": 2**53})


@case
def good_with_the_largest_number():
    return at_the_end("exhibit.exported", {"bundle": "11" * 32, "withheld_fields": 2**53 - 1})


def ingested(media_type="application/octet-stream", software="vouchsafe/0.1.0"):
    """A bundle of an exhibit more, which was ingested so."""
    one = "X-3333-3333-3333-3333"
    body = {"media_type": media_type, "object": sha256(b"one more\n"), "size_bytes": 9, "software": software}
    step = lambda name, log: name == "end" and log.add(ARCHIVIST, "exhibit.ingested", body, exhibit=one) and None
    objects = dict(OBJECTS, **{one: (b"one more\n", media_type, "bin")})
    return seal(bundle(story(step), objects=objects))


@case
def good_with_an_odd_media_type():
    return ingested("a!#$&-^_.+/" + "b" * 116, "[]")


@case
def media_type_in_capitals():
    return ingested("TEXT/PLAIN")


@case
def media_type_too_long():
    return ingested("a/" + "b" * 126)


@case
def software_with_a_space():
    return ingested(software="vouchsafe 0.1.0")


def disclosing(*values):
    """A remark with fields of which the values are these bytes."""
    values = [value if isinstance(value, bytes) else value.encode() for value in values]
    return at_the_end(raw=[b'["%032x","remark_%d",%s]' % (n, n, value) for n, value in enumerate(values)])


LONGEST = 262144


@case
def good_with_fields_of_every_kind():
    return disclosing(
        '"\\u0001\\b\\t\\n\\u000b\\f\\r\\"\\\\/\x7f 증언 😀"', "[]", '[""]', '["a","],[\\"","b"]', "0", "-1", str(2**53 - 1), str(1 - 2**53),
        '{"bytes":""}', '{"bytes":"AQ=="}', '{"bytes":"AQI="}', '{"bytes":"AQID"}', '{"unknown":""}', '{"unknown":"not \\"asked\\""}')


@case
def good_with_the_longest_field():
    return disclosing('"' + "\\n" * LONGEST + '"')


@case
def good_with_the_longest_list():
    return disclosing("[" + ",".join(['"' + "b" * 262 + '"'] * 1000) + "]")


@case
def field_too_long():
    return disclosing('"' + "a" * (LONGEST + 1) + '"')


@case
def field_of_too_many_bytes():
    return disclosing('{"bytes":"' + "A" * (LONGEST // 3 * 4 + 8) + '"}')


@case
def field_of_too_many_texts():
    return disclosing("[" + ",".join(['"b"'] * 1001) + "]")


@case
def field_of_texts_too_long():
    return disclosing("[" + ",".join(['"' + "b" * 263 + '"'] * 1000) + "]")


@case
def field_that_is_no_json():
    return disclosing("garbage")


@case
def field_that_is_null():
    return disclosing("null")


@case
def field_with_a_fraction():
    return disclosing("1.5")


@case
def field_of_minus_nothing():
    return disclosing("-0")


@case
def field_with_a_number_too_large():
    return disclosing(str(2**53))


@case
def field_with_a_space():
    return disclosing(' "a"')


@case
def field_with_a_needless_escape():
    return disclosing('"\\u0041"')


@case
def field_with_a_lone_surrogate():
    return disclosing('"\\ud800"')


@case
def field_that_is_no_utf8():
    return disclosing(b'"\xff\xfe"')


@case
def field_with_a_surrogate_in_utf8():
    return disclosing(b'"\xed\xa0\x80"')


@case
def field_with_a_tab():
    return disclosing('"\t"')


@case
def field_of_base64_without_padding():
    return disclosing('{"bytes":"YQ"}')


@case
def field_of_base64_with_spare_bits():
    return disclosing('{"bytes":"YR=="}')


@case
def field_name_in_capitals():
    return at_the_end(raw=[b'["%032x","Remark","a"]' % 0])


def encoded(size):
    return base64.b64encode(bytes(size)).decode()


@case
def good_with_100_signatures():
    return made(cosigner="".join(f"— c{n}.example {encoded(68)}\n" for n in range(99)))


@case
def checkpoint_with_101_signatures():
    return made(cosigner="".join(f"— c{n}.example {encoded(68)}\n" for n in range(100)))


@case
def checkpoint_too_long():
    return made(cosigner="".join(f"— c{n}.example {encoded(800)}\n" for n in range(62)))


@case
def checkpoint_with_a_signature_of_4_bytes():
    return made(cosigner=f"— c.example {encoded(4)}\n")


@case
def checkpoint_with_a_signature_that_is_no_base64():
    return made(cosigner="— c.example AAAAAAAAA\n")


@case
def checkpoint_with_a_control_character():
    return made(cosigner=f"— c\x1b[31m {encoded(68)}\n")


@case
def checkpoint_with_a_wide_space():
    return made(cosigner=f"— c\u3000d {encoded(68)}\n")


@case
def good_with_a_cosigner_of_the_same_name():
    return made(cosigner=f"— {ORIGIN} {encoded(68)}\n")


@case
def good_with_a_gap_in_the_year_0():
    return with_gap("0000", "0000-01-01")


# ---- Histories in other archives --------------------------------------------------------------------------------

PARTNER, PARTNER_LOG = Key(10), Key(11)
THEIRS, OTHER = "X-QW3R-8T2Y-6MZK-4HNB", "X-2222-2222-2222-2222"


@functools.lru_cache(None)
def partner(name="partner.example/interviews", received=None, thing=MEMO):
    """A bundle of another archive, with two exhibits, the one of which came from a third archive, if one is named."""
    log = Log(name, PARTNER_LOG)
    log.add(PARTNER, "archive.created", {"administrator": agent(PARTNER, "administrator"), "log_key": PARTNER_LOG.vkey(name)}, [])
    for exhibit, is_of in ((THEIRS, thing), (OTHER, VIDEO)):
        body = {"media_type": OBJECTS[is_of][1], "object": sha256(OBJECTS[is_of][0]), "size_bytes": len(OBJECTS[is_of][0]), "software": "vouchsafe/0.1.0"}
        log.add(PARTNER, "exhibit.ingested", body, [("title", "Theirs"), ("source_name", "Source (invented)")], exhibit=exhibit)
    if received:
        log.add(PARTNER, "exhibit.received", {"bundle": received, "foreign_exhibit": THEIRS}, [], exhibit=THEIRS)
    objects = {THEIRS: OBJECTS[thing], OTHER: OBJECTS[VIDEO]}
    return seal(bundle(log, signer=PARTNER, objects=objects, known=(PARTNER,)), signer=PARTNER)


def digest(files):
    return sha256(files["tagmanifest-sha256.txt"])


def came_in(files, dossiers, foreign_exhibit=THEIRS):
    """A bundle of which an exhibit came in this one, with these dossiers by the bundles that they should be of."""
    def step(name, log):
        if name == "end":
            log.add(ARCHIVIST, "exhibit.received", {"bundle": digest(files), "foreign_exhibit": foreign_exhibit}, [], exhibit=MEMO)
    return seal(dict(bundle(story(step)), **{f"foreign/{name}.tar": data for name, data in dossiers.items()}))


def passed_on(change, files=None):
    files = files or partner()
    return came_in(files, {digest(files): change(dossier(files, without=(OTHER,)))})


@case
def foreign_good():
    return passed_on(lambda data: data)


@case
def foreign_good_by_two_archives():
    first = partner("first.example/log")
    second = partner(received=digest(first))
    return came_in(second, {digest(files): dossier(files, without=(OTHER,)) for files in (first, second)})


@case
def foreign_missing():
    return came_in(partner(), {})


@case
def foreign_unnamed():
    return seal(dict(bundle(story_once()), **{f"foreign/{digest(partner())}.tar": dossier(partner())}))


@case
def foreign_added():
    return dict(came_in(partner(), {}), **{f"foreign/{digest(partner())}.tar": dossier(partner())})


@case
def foreign_garbage():
    return passed_on(lambda data: b"garbage" * 100)


@case
def foreign_with_bytes_behind():
    return passed_on(lambda data: data + bytes(512))


@case
def foreign_of_another_mode():
    return passed_on(lambda data: data.replace(b"0000444\0", b"0000644\0", 1))


@case
def foreign_of_another_bundle():
    return passed_on(lambda data: dossier(partner("first.example/log")))


@case
def foreign_of_another_object():
    return passed_on(lambda data: data, partner(thing=STATEMENT))


@case
def foreign_without_the_exhibit():
    return came_in(partner(), {digest(partner()): dossier(partner(), without=(THEIRS, OTHER))})


@case
def foreign_signature_changed():
    files, name = dict(partner()), f"exhibits/{THEIRS}/0000.json.sig"
    files[name] = flip(files[name], -60)
    return came_in(files, {digest(files): dossier(files)})


@case
def foreign_receipt_missing():
    files = dict(partner())
    del files[f"exhibits/{THEIRS}/0000.tlog-proof"]
    return came_in(files, {digest(files): dossier(files)})


@case
def foreign_signed_by_another():
    files = dict(partner())
    files["tagmanifest-sha256.txt.ed25519"] = sign(STRANGER.seed, files["tagmanifest-sha256.txt"])
    return came_in(files, {digest(files): dossier(files)})


@case
def foreign_in_the_first_of_two_archives():
    """What is wrong lies in the dossier that only the other dossier names."""
    first = partner("first.example/log", thing=STATEMENT)
    second = partner(received=digest(first))
    return came_in(second, {digest(files): dossier(files) for files in (first, second)})


# ---- Zip files --------------------------------------------------------------------------------------------------


def write_zip(target, files, method=zipfile.ZIP_DEFLATED, prefix="bundle-1/", zip64=False, each=lambda info: None):
    with zipfile.ZipFile(target, "w", method) as out:
        for name, data in files.items():
            info = zipfile.ZipInfo(prefix + name, (2026, 11, 23, 10, 0, 0))
            info.compress_type = method
            each(info)
            with out.open(info, "w", force_zip64=zip64) as member:
                member.write(data)


@in_zip
def zip_good(target):
    with zipfile.ZipFile(target, "w") as out:
        for n, (name, data) in enumerate(made().items()):
            out.writestr("bundle-1/" + name, data, zipfile.ZIP_DEFLATED if n % 2 else zipfile.ZIP_STORED)


@in_zip
def zip_without_a_folder(target):
    write_zip(target, made(), prefix="")


@in_zip
def zip_64(target):
    write_zip(target, made(), zip64=True)


@in_zip
def zip_name_twice(target):
    write_zip(target, made())
    with zipfile.ZipFile(target, "a") as out:
        out.writestr("bundle-1/" + PAPER, b"another statement\n")


@in_zip
def zip_leads_out(target):
    write_zip(target, dict(made(), **{"../outside.txt": b"x"}))


@in_zip
def zip_encrypted(target):
    write_zip(target, made(), zipfile.ZIP_STORED)
    data = bytearray(read(target))
    at = data.rindex(b"PK\x01\x02")
    data[at + 8] |= 1
    with open(target, "wb") as out:
        out.write(data)


def with_size(target, size):
    data = bytearray(read(target))
    at = data.rindex(b"bundle-1/" + PAPER.encode(), 0, data.rindex(b"PK\x05\x06")) - 46
    data[at + 24 : at + 28] = struct.pack("<I", size)
    with open(target, "wb") as out:
        out.write(data)


@in_zip
def zip_size_too_small(target):
    write_zip(target, made())
    with_size(target, 10)


@in_zip
def zip_size_too_large(target):
    write_zip(target, made())
    with_size(target, 5000)


@in_zip
def zip_with_a_link(target):
    write_zip(target, made())
    with zipfile.ZipFile(target, "a") as out:
        link = zipfile.ZipInfo("bundle-1/report/link")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        out.writestr(link, "/etc/passwd")


@in_zip
def zip_with_folders(target):
    """As `zip -r` makes it, and most other programs."""
    names = {os.path.dirname(name) for name in made()} - {""}
    files = {"bundle-1/": b"", **{f"bundle-1/{name}/": b"" for name in sorted(names)}}
    write_zip(target, dict(files, **{"bundle-1/" + name: data for name, data in made().items()}), zipfile.ZIP_STORED, prefix="")


def with_folder(target, name):
    write_zip(target, made())
    with zipfile.ZipFile(target, "a") as out:
        out.writestr(f"bundle-1/{name}/", b"")


@in_zip
def zip_with_a_folder_in_other_case(target):
    with_folder(target, "DATA")


@in_zip
def zip_with_a_folder_named_as_a_file(target):
    with_folder(target, "bundle.json")


@in_zip
def zip_with_a_file_below_a_file(target):
    write_zip(target, dict(made(), **{"bundle.json/later.txt": b"added later\n"}))


@in_zip
def zip_bomb(target):
    write_zip(target, dict(made(), **{"report/large.txt": bytes(120 * 1024 * 1024)}))


@in_zip
def zip_as_a_stream(target):
    """Sizes behind the data, as programs write them that cannot go back."""

    class Stream:
        def __init__(self, out):
            self.write, self.flush = out.write, out.flush

    with open(target, "wb") as out:
        write_zip(Stream(out), made())


@in_zip
def zip_as_a_stream_of_other_sizes(target):
    zip_as_a_stream(target)

    def other(data):
        at = data.index(b"PK\x07\x08")
        return data[: at + 8] + flip(data[at + 8 : at + 9]) + data[at + 9 :]

    change(target, other)


@in_zip
def zip_with_a_link_by_dos(target):
    zip_with_a_link(target)

    def by_dos(data):
        at = data.rindex(b"PK\x01\x02")
        return data[: at + 5] + b"\0" + data[at + 6 :]

    change(target, by_dos)


@in_zip
def zip_with_a_link_by_macos(target):
    zip_with_a_link(target)

    def by_macos(data):
        at = data.rindex(b"PK\x01\x02")
        return data[: at + 5] + b"\x13" + data[at + 6 :]

    change(target, by_macos)


@in_zip
def zip_with_a_second_folder(target):
    write_zip(target, made())
    with zipfile.ZipFile(target, "a") as out:
        out.writestr("bundle-2/", b"")


@in_zip
def zip_with_a_second_name(target):
    """Info-ZIP's field for names that are not ASCII, which some programs believe, and others do not."""
    name = b"bundle-1/report/index.csv"
    other = b"\x01" + struct.pack("<I", zlib.crc32(name)) + b"bundle-1/report/other.csv"

    def extra(info):
        if info.filename.endswith("index.csv"):
            info.extra = struct.pack("<HH", 0x7075, len(other)) + other

    write_zip(target, made(), each=extra)


def change(target, how):
    data = how(read(target))
    with open(target, "wb") as out:
        out.write(data)


def end_of(data):
    return data.rindex(b"PK\x05\x06")


@in_zip
def zip_with_a_comment(target):
    write_zip(target, made())
    with zipfile.ZipFile(target, "a") as out:
        out.comment = b"a comment"


@in_zip
def zip_with_bytes_behind(target):
    write_zip(target, made())
    change(target, lambda data: data + bytes(60000))


@in_zip
def zip_with_another_behind(target):
    """Two ends of two directories: which one a program finds first depends on the program."""
    files = made()
    write_zip(target, files)
    first = read(target)
    write_zip(target, dict(files, **{PAPER: b"another statement\n"}))
    change(target, lambda data: first + data)


@in_zip
def zip_with_a_second_end(target):
    write_zip(target, made())
    change(target, lambda data: data + data[end_of(data) :])


def moved(data, at, more):
    """With more bytes at a place in front of the directory, and everything where the directory says."""
    data, end = bytearray(data), end_of(data)
    count, _, start = struct.unpack("<HII", data[end + 10 : end + 20])
    place = start
    for _ in range(count):
        offset, = struct.unpack("<I", data[place + 42 : place + 46])
        if offset >= at:
            data[place + 42 : place + 46] = struct.pack("<I", offset + len(more))
        place += 46 + sum(struct.unpack("<HHH", data[place + 28 : place + 34]))
    data[end + 16 : end + 20] = struct.pack("<I", start + len(more))
    return bytes(data[:at] + more + data[at:])


@in_zip
def zip_with_bytes_in_front(target):
    write_zip(target, made())
    change(target, lambda data: moved(data, 0, b"#!/bin/sh\nexit 0\n"))


@in_zip
def zip_with_bytes_between(target):
    write_zip(target, made())
    change(target, lambda data: moved(data, data.index(b"PK\x03\x04", 4), b"something else"))


@in_zip
def zip_with_bytes_before_the_directory(target):
    write_zip(target, made())
    change(target, lambda data: moved(data, struct.unpack("<I", data[end_of(data) + 16 : end_of(data) + 20])[0], b"something else"))


def wide_end(data, start=None, short_start=0xFFFFFFFF):
    """With an end in the zip64 form."""
    end = end_of(data)
    count, size, is_at = struct.unpack("<HII", data[end + 10 : end + 20])
    wide = struct.pack("<4sQHHIIQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, size, is_at if start is None else start)
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, end, 1)
    return data[:end] + wide + locator + data[end : end + 16] + struct.pack("<I", short_start) + b"\0\0"


@in_zip
def zip_64_at_its_end(target):
    write_zip(target, made())
    change(target, wide_end)


@in_zip
def zip_64_that_contradicts(target):
    write_zip(target, made())
    change(target, lambda data: wide_end(data, short_start=4))


@in_zip
def zip_with_bytes_behind_what_was_deflated(target):
    write_zip(target, made())

    def hidden(data):
        # Behind the compressed data of the first member, counted as a part of it.
        end = end_of(data)
        start, = struct.unpack("<I", data[end + 16 : end + 20])
        packed, = struct.unpack("<I", data[18:22])
        at = 30 + sum(struct.unpack("<HH", data[26:30])) + packed
        data = bytearray(moved(data, at, b"something else"))
        for place in (18, start + 14 + 20):
            data[place : place + 4] = struct.pack("<I", packed + 14)
        return bytes(data)

    change(target, hidden)


@in_zip
def zip_with_another_checksum(target):
    write_zip(target, made(), zipfile.ZIP_STORED)

    def other(data):
        data, start = bytearray(data), struct.unpack("<I", data[end_of(data) + 16 : end_of(data) + 20])[0]
        data[14] ^= 1
        data[start + 16] ^= 1
        return bytes(data)

    change(target, other)


@in_zip
def zip_cut_off(target):
    write_zip(target, made())
    data = read(target)
    with open(target, "wb") as out:
        out.write(data[: len(data) // 2])


# ---- Writing ----------------------------------------------------------------------------------------------------


def write_folder(folder, files):
    for name, data in files.items():
        target = os.path.join(folder, name)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "wb") as out:
            if isinstance(data, bytes):
                out.write(data)
            else:
                data[0](out)


def large(size):
    """A good bundle with one object of `size` bytes, which is never in memory."""
    block = bytes(range(256)) * 4096
    whole, digest = hashlib.sha256(), None
    for at in range(0, size, len(block)):
        whole.update(block[: min(len(block), size - at)])
    digest = whole.hexdigest()

    def write(out):
        for at in range(0, size, len(block)):
            out.write(block[: min(len(block), size - at)])

    objects = dict(OBJECTS)
    objects[VIDEO] = ((write, (size, digest)), "video/mp4", "mp4")
    return seal(bundle(story(objects=objects), objects=objects))


def anchors():
    return f"{ADMIN.id}\n{LOG.vkey(ORIGIN)}\n"


def main(folder):
    for name, make in CASES.items():
        write_folder(os.path.join(folder, name), make())
    for name, make in ZIPS.items():
        make(os.path.join(folder, name + ".zip"))
    write_folder(folder, {"anchors.txt": anchors().encode()})
    links = os.path.join(folder, "link")
    write_folder(links, made())
    os.remove(os.path.join(links, PAPER))
    os.symlink(os.path.abspath(os.path.join(folder, "good", PAPER)), os.path.join(links, PAPER))


if __name__ == "__main__":
    main(sys.argv[1])
