//! Bad inputs, one a line: each is a good text with one thing wrong, and must be refused with a reason.

use std::fmt::Display;

use vouchsafe_core::digest::Digest;
use vouchsafe_core::format::checkpoint::MAX_CHECKPOINT_BYTES;
use vouchsafe_core::format::entry::MAX_ENTRY_BYTES;
use vouchsafe_core::format::fields::{self, MAX_FIELDS_BYTES};
use vouchsafe_core::format::receipt::MAX_RECEIPT_BYTES;
use vouchsafe_core::format::{ArchiveRef, Attached, Entry, LogKey, Receipt, SignedCheckpoint, SignedEntry};
use vouchsafe_core::model::{
    AgentAdded, AgentKind, AgentRecord, AgentRevoked, ArchiveCreated, ArchiveVerified, Coverage, Disclosure,
    EntryIndex, Event, EventKind, ExhibitId, ExhibitIngested, ExhibitNoted, FieldName, FieldValue, Fingerprint,
    MediaType, Origin, Role, Salt, Sample, Verdict,
};
use vouchsafe_core::sign::{KeyId, PublicKey, SshSignature};

use crate::samples::{Log, key, origin};

/// What is wrong, the good text that is replaced, and what it is replaced by.
type Wrong = (&'static str, &'static str, &'static str);

/// Checks that `parse` reads the good text, and none of the wrong ones.
fn refuse_all<T, E: Display>(good: &str, wrongs: &[Wrong], parse: impl Fn(&[u8]) -> Result<T, E>) {
    assert!(parse(good.as_bytes()).is_ok(), "the good text is refused: {good}");
    for (what, from, to) in wrongs {
        assert!(good.contains(from), "{what}: {from:?} is not in {good}");
        refuse(what, good.replacen(from, to, 1).as_bytes(), &parse);
    }
    refuse("nothing", b"", &parse);
    refuse("a byte order mark", &[b"\xef\xbb\xbf", good.as_bytes()].concat(), &parse);
    refuse("UTF-16", &good.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>(), &parse);
    refuse("bytes that are not UTF-8", &[good.as_bytes(), b"\xff"].concat(), &parse);
    refuse("white space in front", format!(" {good}").as_bytes(), &parse);
    for trailing in [" ", "\n", "\r\n", "\0", "x", good] {
        refuse("something behind it", format!("{good}{trailing}").as_bytes(), &parse);
    }
    if good.contains('\n') {
        refuse("CRLF", good.replace('\n', "\r\n").as_bytes(), &parse);
    }
    for length in 0..good.len() {
        refuse("the beginning alone", &good.as_bytes()[..length], &parse);
    }
}

fn refuse<T, E: Display>(what: &str, bytes: &[u8], parse: impl Fn(&[u8]) -> Result<T, E>) {
    match parse(bytes) {
        Ok(_) => panic!("{what} is accepted: {}", String::from_utf8_lossy(bytes)),
        // The reason is for people: it is there, and not a copy of the input.
        Err(error) => assert!((10..400).contains(&error.to_string().len()), "{what}: {error}"),
    }
}

fn entry(event: impl Into<Event>) -> String {
    let event = event.into();
    let time = "2026-11-23T09:12:44.120Z".parse().unwrap();
    let is_first = event.kind() == Some(EventKind::ArchiveCreated);
    let exhibit = event.kind().is_some_and(EventKind::is_about_an_exhibit).then_some(ExhibitId::from_bytes([0; 10]));
    let entry = Entry {
        actor: key(1).public().id(),
        archive: if is_first {
            ArchiveRef::First(origin())
        } else {
            ArchiveRef::Of(Fingerprint(Digest::from_bytes([0xba; 32])))
        },
        exhibit,
        exhibit_sequence: exhibit.map(|_| u64::from(event.kind() != Some(EventKind::ExhibitIngested))),
        index: EntryIndex(if is_first { 0 } else { 17 }),
        occurred_at: time,
        previous: if is_first { Digest::ZERO } else { Digest::from_bytes([0xab; 32]) },
        attached: Attached::default(),
        event,
        record: None,
        record_sequence: None,
        recorded_at: time,
        salt: Salt::from_bytes([0xcd; 16]),
    };
    String::from_utf8(entry.sign(&key(1)).unwrap().line().to_vec()).unwrap()
}

fn ingested() -> Event {
    ExhibitIngested {
        fields: vec![Digest::from_bytes([0xee; 32]), Digest::from_bytes([0xff; 32])],
        media_type: Some("application/pdf".parse().unwrap()),
        object: Digest::from_bytes([0xef; 32]),
        size_bytes: 1000,
        software: "vouchsafe/0.1.0".to_owned(),
    }
    .into()
}

#[test]
fn a_bad_entry_is_refused() {
    const ZERO: &str = r#""exhibit":"X-0000-0000-0000-0000","exhibit_sequence":0,"#;
    const TIME: &str = r#""occurred_at":"2026-11-23T09:12:44.120Z""#;
    let wrongs: [Wrong; 75] = [
        ("white space", r#","format""#, r#", "format""#),
        ("white space behind a colon", r#""index":17"#, r#""index": 17"#),
        ("a line break", r#","format""#, ",\n\"format\""),
        ("another order", r#""format":"vouchsafe-entry/1","index":17"#, r#""index":17,"format":"vouchsafe-entry/1""#),
        (
            "another order in the body",
            r#""size_bytes":1000,"software":"vouchsafe/0.1.0""#,
            r#""software":"vouchsafe/0.1.0","size_bytes":1000"#,
        ),
        ("a repeated member", r#""index":17"#, r#""index":17,"index":17"#),
        ("a repeated member in the body", r#""size_bytes":1000"#, r#""size_bytes":1000,"size_bytes":1000"#),
        ("a repeated body", r#","event""#, r#","body":{},"event""#),
        ("a repeated member by another spelling", r#""index":17"#, r#""index":17,"ind\u0065x":17"#),
        ("a repeated member in a signature", r#"[{"key""#, r#"[{"key":"x","key""#),
        ("an unknown member", r#","format""#, r#","flag":true,"format""#),
        ("an unknown member in the body", r#","media_type""#, r#","flag":1,"media_type""#),
        ("an unknown member in a signature", r#"[{"key""#, r#"[{"algorithm":"none","key""#),
        ("a missing member", r#""index":17,"#, ""),
        ("a missing member in the body", r#""size_bytes":1000,"#, ""),
        ("null for a member", r#""index":17"#, r#""index":null"#),
        ("null for the exhibit", ZERO, r#""exhibit":null,"#),
        ("null for the exhibit and its sequence", ZERO, r#""exhibit":null,"exhibit_sequence":null,"#),
        ("a sequence without an exhibit", ZERO, r#""exhibit_sequence":0,"#),
        ("no sequence", r#""exhibit_sequence":0,"#, ""),
        ("null for the sequence", r#""exhibit_sequence":0"#, r#""exhibit_sequence":null"#),
        ("an ingest that is not the first of its exhibit", r#""exhibit_sequence":0"#, r#""exhibit_sequence":1"#),
        ("a sequence in front of its exhibit", ZERO, r#""exhibit_sequence":0,"exhibit":"X-0000-0000-0000-0000","#),
        ("a time behind that of recording", TIME, r#""occurred_at":"2026-11-23T09:12:44.121Z""#),
        ("no software", r#""vouchsafe/0.1.0""#, r#""""#),
        ("software with a space", r#""vouchsafe/0.1.0""#, r#""vouchsafe 0.1.0""#),
        ("software in Korean", r#""vouchsafe/0.1.0""#, r#""증언/0.1.0""#),
        ("no exhibit", ZERO, ""),
        ("a list for the body", r#""body":{"#, r#""body":[{"#),
        ("a list in the body's stead", r#""size_bytes":1000"#, r#""size_bytes":[1000]"#),
        ("a text for a number", r#""index":17"#, r#""index":"17""#),
        ("a float", r#""index":17"#, r#""index":17.0"#),
        ("a float in the body", r#""size_bytes":1000"#, r#""size_bytes":1000.0"#),
        ("an exponent", r#""size_bytes":1000"#, r#""size_bytes":1e3"#),
        ("a sign", r#""index":17"#, r#""index":+17"#),
        ("a zero in front", r#""index":17"#, r#""index":017"#),
        ("a number below zero", r#""index":17"#, r#""index":-17"#),
        ("a zero below zero", r#""index":17"#, r#""index":-0"#),
        ("an index of 2^53", r#""index":17"#, r#""index":9007199254740992"#),
        ("an index over 2^53", r#""index":17"#, r#""index":9007199254740993"#),
        ("a size of 2^53", r#""size_bytes":1000"#, r#""size_bytes":9007199254740992"#),
        ("a size of 2^53 + 2", r#""size_bytes":1000"#, r#""size_bytes":9007199254740994"#),
        ("a size over 2^64", r#""size_bytes":1000"#, r#""size_bytes":18446744073709552000"#),
        ("an infinite size", r#""size_bytes":1000"#, r#""size_bytes":1e999"#),
        ("not a number", r#""size_bytes":1000"#, r#""size_bytes":NaN"#),
        ("a lone surrogate", r#""vouchsafe/0.1.0""#, r#""\ud800""#),
        ("a reversed pair of surrogates", r#""vouchsafe/0.1.0""#, r#""\udc00\ud800""#),
        ("a needless escape", r#""vouchsafe/0.1.0""#, r#""vouchsafe\/0.1.0""#),
        ("an escape in another spelling", r#""vouchsafe/0.1.0""#, r#""\u0076ouchsafe/0.1.0""#),
        ("an upper-case escape", r#""vouchsafe/0.1.0""#, r#""v\u006Fuchsafe/0.1.0""#),
        ("a control character", r#""vouchsafe/0.1.0""#, "\"\u{1}\""),
        ("another format", "vouchsafe-entry/1", "vouchsafe-entry/0"),
        ("an unknown event that begins a history", "exhibit.ingested", "exhibit.deleted"),
        ("an event in upper case", "exhibit.ingested", "Exhibit.ingested"),
        ("another event with this body", "exhibit.ingested", "exhibit.noted"),
        ("a digest in upper case", "abababab", "ABABABAB"),
        ("a short digest", "ababababab", "abababab"),
        ("a salt in upper case", "cdcdcdcd", "CDCDCDCD"),
        ("a short salt", "cdcdcdcd", "cdcdcd"),
        ("a fingerprint with padding", r#"","body""#, r#"=","body""#),
        ("a fingerprint of another kind", "SHA256:", "MD5:"),
        ("a signature in the URL alphabet", r#""signature":""#, r#""signature":"-_"#),
        ("a signature without padding", r#"=="}]}"#, r#""}]}"#),
        ("no signatures", r#""signatures":[{"#, r#""signatures":[],"x":[{"#),
        ("a time with another offset", "2026-11-23T09:12:44.120Z", "2026-11-23T09:12:44.120+00:00"),
        ("a time without milliseconds", "2026-11-23T09:12:44.120Z", "2026-11-23T09:12:44Z"),
        ("a day that does not exist", "2026-11-23T09:12:44.120Z", "2026-02-29T09:12:44.120Z"),
        ("a leap second", "2026-11-23T09:12:44.120Z", "2016-12-31T23:59:60.000Z"),
        ("an archive of 62 digits", r#""archive":"ba"#, r#""archive":""#),
        ("an exhibit's name with a letter that is no digit", "X-0000-0000-0000-0000", "X-0000-0000-0000-000O"),
        ("an exhibit's name in lower case", "X-0000-0000-0000-0000", "X-0000-0000-0000-000a"),
        ("an exhibit's name with another letter in front", "X-0000-0000-0000-0000", "Y-0000-0000-0000-0000"),
        ("an exhibit's name with its dashes elsewhere", "X-0000-0000-0000-0000", "X-00000-000-0000-0000"),
        ("a media type in upper case", "application/pdf", "application/PDF"),
        ("a media type with a parameter", "application/pdf", "text/plain; charset=utf-8"),
    ];
    refuse_all(&entry(ingested()), &wrongs, SignedEntry::parse);

    // The last base64 digit of a signature carries four bits that mean nothing, that of a fingerprint two.
    let good = entry(ingested());
    for end in ["==\"}]}", "\",\"archive\""] {
        let at = good.find(end).unwrap() - 1;
        let mut wrong = good.clone().into_bytes();
        // In the alphabet of base64, these digits are followed by the next letter; the others wrap around.
        wrong[at] = if matches!(wrong[at], b'Z' | b'z' | b'9' | b'+' | b'/') { b'B' } else { wrong[at] + 1 };
        refuse("spare bits", &wrong, SignedEntry::parse);
    }
    // Fields in descending order, and one twice.
    let fields = ["ee", "ff"].map(|byte| byte.repeat(32));
    let both = format!(r#""{}","{}""#, fields[0], fields[1]);
    for wrong in [format!(r#""{}","{}""#, fields[1], fields[0]), format!(r#""{}","{}""#, fields[0], fields[0])] {
        refuse("fields out of order", good.replacen(&both, &wrong, 1).as_bytes(), SignedEntry::parse);
    }
    let software = |length: usize| good.replacen("vouchsafe/0.1.0", &"v".repeat(length), 1);
    refuse("software of 101 characters", software(101).as_bytes(), SignedEntry::parse);
    assert!(SignedEntry::parse(software(100).as_bytes()).is_ok());
    let signature = &good[good.find(r#"[{"key""#).unwrap() + 1..good.len() - 2];
    let twice = good.replacen(signature, &format!("{signature},{signature}"), 1);
    refuse("a key that signs twice", twice.as_bytes(), SignedEntry::parse);
    refuse("white space up to the limit", &[b' '; MAX_ENTRY_BYTES], SignedEntry::parse);
    refuse("a line over the limit", &[b' '; MAX_ENTRY_BYTES + 1], SignedEntry::parse);
}

#[test]
fn a_bad_body_is_refused() {
    let agent = AgentRecord::new(AgentKind::Person, key(3).public().clone(), vec![Role::Archivist, Role::Lawyer]);
    let wrongs: [Wrong; 14] = [
        ("no roles", r#"["archivist","lawyer"]"#, "[]"),
        ("a role twice", r#"["archivist","lawyer"]"#, r#"["lawyer","lawyer"]"#),
        ("roles out of order", r#"["archivist","lawyer"]"#, r#"["lawyer","archivist"]"#),
        ("an unknown role", r#""lawyer""#, r#""judge""#),
        ("an unknown kind of agent", r#""person""#, r#""animal""#),
        ("an exhibit where there is none", r#","format""#, r#","exhibit":"X-0000-0000-0000-0000","format""#),
        ("a sequence without an exhibit", r#","format""#, r#","exhibit_sequence":1,"format""#),
        (
            "an exhibit with its sequence where there is none",
            r#","format""#,
            r#","exhibit":"X-0000-0000-0000-0000","exhibit_sequence":1,"format""#,
        ),
        ("a key with a comment", r#"","roles""#, r#" me","roles""#),
        ("a key of another kind", "ssh-ed25519 ", "ssh-rsa "),
        ("a key without its kind", "ssh-ed25519 ", ""),
        ("a key with two spaces", "ssh-ed25519 ", "ssh-ed25519  "),
        ("a key cut short", "AAAAC3NzaC1lZDI1NTE5AAAAI", "AAAAC3NzaC1lZDI1NTE5AAAAE"),
        ("a name beside the key", r#"{"kind""#, r#"{"comment":"","kind""#),
    ];
    refuse_all(&entry(AgentAdded { agent: agent.clone(), fields: Vec::new() }), &wrongs, SignedEntry::parse);

    let wrongs: [Wrong; 3] = [
        ("a sequence of 0", r#""exhibit_sequence":1"#, r#""exhibit_sequence":0"#),
        ("a sequence of 2^53", r#""exhibit_sequence":1"#, r#""exhibit_sequence":9007199254740992"#),
        ("a sequence below zero", r#""exhibit_sequence":1"#, r#""exhibit_sequence":-1"#),
    ];
    refuse_all(&entry(ExhibitNoted { fields: Vec::new() }), &wrongs, SignedEntry::parse);

    let log_key = |name: Origin| LogKey::new(name, key(2).public().clone()).to_string();
    let created = ArchiveCreated::new(agent, log_key(origin()));
    let good = entry(created);
    refuse_all(&good, &[("a log key with another hash", "+6b414cf1+", "+6b414cf2+")], SignedEntry::parse);
    for wrong in [log_key("other.example".parse().unwrap()), key(2).public().to_openssh(), String::new()] {
        refuse(&wrong, good.replacen(&log_key(origin()), &wrong, 1).as_bytes(), SignedEntry::parse);
    }

    let revoked = AgentRevoked { fields: Vec::new(), from_index: EntryIndex(5), key: key(3).public().id() };
    let wrongs: [Wrong; 3] = [
        ("an index of 2^53", r#""from_index":5"#, r#""from_index":9007199254740992"#),
        ("an index below zero", r#""from_index":5"#, r#""from_index":-1"#),
        ("a key in the fingerprint's stead", r#""key":"SHA256:"#, r#""key":"ssh-ed25519 "#),
    ];
    refuse_all(&entry(revoked), &wrongs, SignedEntry::parse);

    let verified = ArchiveVerified {
        coverage: Coverage {
            objects_held: 20,
            ranges: vec![(1, 2).into(), (7, 3).into()],
            sample: Some(Sample { per_million: 50_000, seed: Salt::from_bytes([1; 16]) }),
        },
        failed_objects: Vec::new(),
        log_verdict: Verdict::Degraded,
        entries: 11,
        fields: Vec::new(),
        findings: 12,
        objects: 13,
        root: Digest::ZERO,
        size: 14,
        size_bytes: 15,
        software: "vouchsafe/0.1.0".to_owned(),
        verdict: Verdict::Sound,
    };
    let wrongs: [Wrong; 15] = [
        ("ranges that touch", "[[1,2],[7,3]]", "[[1,6],[7,3]]"),
        ("ranges in another order", "[[1,2],[7,3]]", "[[7,3],[1,2]]"),
        ("a range that is empty", "[[1,2],[7,3]]", "[[1,0],[7,3]]"),
        ("a range beyond what is held", "[7,3]", "[7,14]"),
        ("a range of three numbers", "[7,3]", "[7,3,1]"),
        ("a share of nothing", r#""per_million":50000"#, r#""per_million":0"#),
        (
            "no sample, written out",
            r#""sample":{"per_million":50000,"seed":"01010101010101010101010101010101"}"#,
            r#""sample":null"#,
        ),
        ("no software", r#""vouchsafe/0.1.0""#, r#""""#),
        ("software with a line break", r#""vouchsafe/0.1.0""#, r#""vouchsafe\n0.1.0""#),
        ("an unknown verdict", r#""sound""#, r#""perfect""#),
        ("entries over 2^53", r#""entries":11"#, r#""entries":9007199254740994"#),
        ("findings over 2^53", r#""findings":12"#, r#""findings":9007199254740994"#),
        ("objects over 2^53", r#""objects":13"#, r#""objects":9007199254740994"#),
        ("a size over 2^53", r#""size":14"#, r#""size":9007199254740994"#),
        ("bytes over 2^53", r#""size_bytes":15"#, r#""size_bytes":9007199254740994"#),
    ];
    refuse_all(&entry(verified), &wrongs, SignedEntry::parse);
}

#[test]
fn bad_fields_are_refused() {
    let disclosures = [
        ("title", FieldValue::Text("Statement".to_owned())),
        ("tags", FieldValue::List(vec!["a".to_owned()])),
        ("pages", FieldValue::Integer(12)),
        ("file_name", FieldValue::Bytes(vec![0xff])),
        ("place", FieldValue::Unknown("not asked".to_owned())),
    ]
    .map(|(name, value)| Disclosure(Salt::from_bytes([0xab; 16]), name.parse().unwrap(), value));
    let good = String::from_utf8(fields::to_line(&disclosures).unwrap()).unwrap();
    let wrongs: [Wrong; 39] = [
        ("a name twice", "tags", "title"),
        ("white space", r#","title""#, r#", "title""#),
        ("a float", "12", "12.0"),
        ("an exponent", "12", "12e0"),
        ("a fraction", "12", "12.5"),
        ("a zero below zero", "12", "-0"),
        ("a zero in front", "12", "012"),
        ("a number of 2^53", "12", "9007199254740992"),
        ("a number of -2^53", "12", "-9007199254740992"),
        ("a number over 2^63", "12", "9223372036854775808"),
        ("a number over 2^64", "12", "18446744073709551616"),
        ("a boolean", "12", "true"),
        ("null", "12", "null"),
        ("an object without a member", "12", "{}"),
        ("an object with another member", r#"{"unknown""#, r#"{"reason""#),
        ("an object with two members", r#"{"unknown":"not asked"}"#, r#"{"bytes":"","unknown":"not asked"}"#),
        ("unknown and withdrawn", r#"{"unknown":"not asked"}"#, r#"{"unknown":"not asked","withdrawn":"x"}"#),
        ("a repeated member", r#"{"unknown""#, r#"{"unknown":"","unknown""#),
        ("a number for a reason", r#""not asked""#, "1"),
        ("a list in a list", r#"["a"]"#, r#"[["a"]]"#),
        ("a number in a list", r#"["a"]"#, "[1]"),
        ("an object in a list", r#"["a"]"#, r#"[{"unknown":"x"}]"#),
        ("base64 without padding", r#""/w==""#, r#""/w""#),
        ("base64 with spare bits", r#""/w==""#, r#""/x==""#),
        ("base64 in the URL alphabet", r#""/w==""#, r#""_w==""#),
        ("base64 with white space", r#""/w==""#, r#""/w ==""#),
        ("a name in upper case", "title", "Title"),
        ("an empty name", "title", ""),
        ("a name with a dash", "title", "ti-tle"),
        ("a name that begins with a digit", "title", "1title"),
        ("a salt in upper case", "abab", "ABAB"),
        ("a short salt", "abab", "ab"),
        ("a lone surrogate", "Statement", r"\udfff"),
        ("a needless escape", "Statement", r"State\/ment"),
        ("an escape in another spelling", "Statement", r"\u0053tatement"),
        ("an upper-case escape", "Statement", r"\u000B"),
        ("a control character", "Statement", "\u{1}"),
        ("an array of two", r#","Statement""#, ""),
        ("an array of four", r#","Statement""#, r#","Statement","Statement""#),
    ];
    refuse_all(&good, &wrongs, fields::parse_line);

    for deep in [100, 127, 128, 1_000, 100_000] {
        let nested = format!("{}{}", "[".repeat(deep), "]".repeat(deep));
        refuse("deep nesting", nested.as_bytes(), fields::parse_line);
        refuse("a deep value", good.replacen("12", &nested, 1).as_bytes(), fields::parse_line);
        let nested = format!("{}{}", r#"{"unknown":"#.repeat(deep), "}".repeat(deep));
        refuse("a deep object", good.replacen("12", &nested, 1).as_bytes(), fields::parse_line);
        if nested.len() < MAX_ENTRY_BYTES {
            let entry = entry(ingested());
            refuse("a deep body", entry.replacen("1000", &nested, 1).as_bytes(), SignedEntry::parse);
            refuse("a deep member", entry.replacen("17", &nested, 1).as_bytes(), SignedEntry::parse);
        }
    }
    for (what, line) in [("an object", "{}"), ("a text", "\"\""), ("no array inside", "[1]"), ("no list", "null")] {
        refuse(what, line.as_bytes(), fields::parse_line);
    }
    refuse("a name that is too long", good.replacen("title", &"t".repeat(65), 1).as_bytes(), fields::parse_line);
    refuse("a line over the limit", &vec![b'['; MAX_FIELDS_BYTES + 1], fields::parse_line);
}

/// A log of one entry, and its checkpoint.
fn log() -> (Log, SignedCheckpoint) {
    let mut log = Log::default();
    for index in 0..3 {
        let mut entry = SignedEntry::parse(entry(ingested()).as_bytes()).unwrap().entry;
        entry.index = EntryIndex(index);
        if index == 0 {
            entry.previous = Digest::ZERO;
        }
        log.append(entry.sign(&key(1)).unwrap());
    }
    let checkpoint = log.checkpoint(origin(), &key(2));
    (log, checkpoint)
}

/// What is wrong with the text of a checkpoint, wherever it stands.
const WRONG_CHECKPOINTS: [Wrong; 13] = [
    ("a zero in front", "\n3\n", "\n03\n"),
    ("a sign", "\n3\n", "\n+3\n"),
    ("a size of 2^53", "\n3\n", "\n9007199254740992\n"),
    ("a size over 2^64", "\n3\n", "\n18446744073709551616\n"),
    ("no size", "\n3\n", "\n"),
    ("an empty size", "\n3\n", "\n\n"),
    ("a root without padding", "=\n\n—", "\n\n—"),
    ("no blank line", "\n\n—", "\n—"),
    ("an extension line", "\n\n—", "\nextension\n\n—"),
    ("an empty extension line", "\n\n—", "\n\n\n—"),
    ("a dash of another kind", "\n— ", "\n- "),
    ("no space behind the dash", "\n— ", "\n—"),
    ("a signature in white space", "\n— ngo.example/dprk ", "\n— ngo.example/dprk  "),
];

#[test]
fn a_bad_checkpoint_is_refused() {
    let (_, checkpoint) = log();
    let good = checkpoint.text();
    refuse_all(good, &WRONG_CHECKPOINTS, SignedCheckpoint::parse);
    let wrongs: [Wrong; 4] = [
        ("an empty origin", "ngo.example/dprk\n", "\n"),
        ("an origin with a space", "ngo.example/dprk\n", "ngo.example dprk\n"),
        ("an origin with a plus", "ngo.example/dprk\n", "ngo.example+dprk\n"),
        ("an origin that is not ASCII", "ngo.example/dprk\n", "엔지오.example\n"),
    ];
    refuse_all(good, &wrongs, SignedCheckpoint::parse);
    let unsigned = good.split("\n— ").next().unwrap();
    refuse("no signature", format!("{unsigned}\n").as_bytes(), SignedCheckpoint::parse);
    refuse("a short signature", format!("{unsigned}\n— x AAAAAA==\n").as_bytes(), SignedCheckpoint::parse);
    let many = "— cosigner.example bm90IGEgc2lnbmF0dXJl\n".repeat(100);
    refuse("101 signatures", format!("{good}{many}").as_bytes(), SignedCheckpoint::parse);
    let long = format!("— cosigner.example {}\n", "AAAA".repeat(MAX_CHECKPOINT_BYTES / 4));
    refuse("a note over the limit", format!("{good}{long}").as_bytes(), SignedCheckpoint::parse);
}

#[test]
fn a_bad_receipt_is_refused() {
    let (log, checkpoint) = log();
    let good = log.receipt(1, checkpoint).to_string();
    let path: Vec<_> = good.lines().skip(3).take(2).collect();
    let wrongs: [Wrong; 9] = [
        ("another version", "c2sp.org/tlog-proof@v1", "c2sp.org/tlog-proof@v2"),
        ("no extra line", "extra ", "entry "),
        ("an empty extra line", "extra ", "extra \nextra "),
        ("another index", "\nindex 1\n", "\nindex 2\n"),
        ("an index with a zero in front", "\nindex 1\n", "\nindex 01\n"),
        ("an index twice", "\nindex 1\n", "\nindex 1\nindex 1\n"),
        ("no index", "\nindex 1\n", "\n"),
        ("an empty line in the path", "\nindex 1\n", "\nindex 1\n\n"),
        ("white space in the path", "\nindex 1\n", "\nindex 1\n "),
    ];
    refuse_all(&good, &wrongs, Receipt::parse);
    refuse_all(&good, &WRONG_CHECKPOINTS[..5], Receipt::parse);
    refuse("a hash in hex", good.replace(path[0], &"ab".repeat(32)).as_bytes(), Receipt::parse);
    refuse("a short hash", good.replace(path[0], "AAAA").as_bytes(), Receipt::parse);
    refuse("a hash without padding", good.replace(path[0], &path[0][..43]).as_bytes(), Receipt::parse);
    let endless = good.replace(path[0], &[path[0]; 63].join("\n"));
    refuse("a path of 64 hashes", endless.as_bytes(), Receipt::parse);
    let extra = good.lines().nth(1).unwrap();
    refuse("an entry without padding", good.replace(extra, &format!("{extra}=")).as_bytes(), Receipt::parse);
    refuse("an entry that is none", good.replace(extra, "extra e30=").as_bytes(), Receipt::parse);
    refuse("a receipt over the limit", &vec![b'x'; MAX_RECEIPT_BYTES + 1], Receipt::parse);
}

#[test]
fn a_name_over_its_limit_is_refused() {
    let origin = |length: usize| "o".repeat(length).parse::<Origin>();
    assert!(origin(200).is_ok() && origin(201).is_err());
    let field = |length: usize| "f".repeat(length).parse::<FieldName>();
    assert!(field(64).is_ok() && field(65).is_err());
    let media_type = |length: usize| format!("text/{}", "m".repeat(length - 5)).parse::<MediaType>();
    assert!(media_type(127).is_ok() && media_type(128).is_err());
}

#[test]
fn an_exhibit_name_in_another_form_is_refused() {
    assert!("X-0000-0000-0000-00ZZ".parse::<ExhibitId>().is_ok());
    for wrong in ["Y-0000-0000-0000-00ZZ", "X-00000-000-0000-00ZZ", "X00000-0000-0000-00ZZ", "X-0000-0000-0000-00zz"] {
        refuse(wrong, wrong.as_bytes(), |_| wrong.parse::<ExhibitId>());
    }
}

#[test]
fn a_bad_key_is_refused() {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();

    let log_key = LogKey::new(origin(), key(2).public().clone()).to_string();
    let hash = &log_key[17..25];
    for wrong in [
        log_key.replacen(hash, &hash.to_uppercase(), 1),
        log_key.replacen(hash, "00000000", 1),
        log_key.replacen("+AY", "+AoE", 1),
        log_key.replacen("+AY", "+AQ", 1),
        format!("{log_key}===="),
        log_key.replacen("ngo", "npo", 1),
    ] {
        // The hash has letters in it; else the first line would change nothing.
        assert_ne!(wrong, log_key);
        refuse("a log key", wrong.as_bytes(), |bytes| text(bytes).parse::<LogKey>());
    }
    refuse_all(&log_key, &[], |bytes| text(bytes).parse::<LogKey>());
    refuse_all(&key(1).public().to_openssh(), &[], |bytes| text(bytes).parse::<PublicKey>());
    refuse_all(&key(1).public().id().to_string(), &[], |bytes| text(bytes).parse::<KeyId>());
    refuse_all(&key(1).sign(b"").to_string(), &[], |bytes| text(bytes).parse::<SshSignature>());

    // A log key whose Ed25519 key is a point of small order: every signature could be made to fit.
    let weak = [[1].as_slice(), &[0; 32]].concat();
    let id = Digest::of(&[b"ngo.example/dprk\n".as_slice(), &weak].concat()).to_string();
    let weak = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, weak);
    let error = format!("ngo.example/dprk+{}+{weak}", &id[..8]).parse::<LogKey>().unwrap_err();
    assert_eq!(error, vouchsafe_core::sign::KeyError::Weak);
}
