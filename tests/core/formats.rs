//! Every format: what is written reads back, and no second text has the same meaning.

use std::fmt::Display;
use std::str::FromStr;

use proptest::prelude::*;
use proptest::sample::Index;
use vouchsafe::digest::Digest;
use vouchsafe::format::entry::{MAX_ENTRY_BYTES, MAX_SIGNATURES};
use vouchsafe::format::fields::{self, MAX_FIELDS};
use vouchsafe::format::{Checkpoint, Entry, FormatError, LogKey, Receipt, SignedCheckpoint, SignedEntry, canonical};
use vouchsafe::model::{
    AgentAdded, AgentKind, AgentRecord, ArchiveVerified, Disclosure, EntryIndex, Event, EventKind, ExhibitDescribed,
    ExhibitId, ExhibitIngested, FieldName, FieldValue, MediaType, Origin, Role, Salt, Timestamp, Verdict,
};
use vouchsafe::sign::{ENTRY_NAMESPACE, KeyId, PublicKey, Signature};

use crate::samples::{self, Log, key, origin};

/// One byte that an adversary, or a bad disk, changes.
#[derive(Debug, Clone)]
enum Change {
    Replace(Index, u8),
    Insert(Index, u8),
    Remove(Index),
}

fn any_change() -> impl Strategy<Value = Change> {
    // Bytes that mean something to a JSON reader come more often than by chance.
    let byte = || prop_oneof![any::<u8>(), proptest::sample::select(b" \n\r\t\",:[]{}+-/=\\09afAFe.".as_slice())];
    prop_oneof![
        (any::<Index>(), byte()).prop_map(|(at, byte)| Change::Replace(at, byte)),
        (any::<Index>(), byte()).prop_map(|(at, byte)| Change::Insert(at, byte)),
        any::<Index>().prop_map(Change::Remove),
    ]
}

impl Change {
    /// The changed bytes; `None` where they are the same.
    fn apply(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        let mut changed = bytes.to_vec();
        match self {
            Self::Replace(at, byte) => changed[at.index(bytes.len())] = *byte,
            Self::Insert(at, byte) => changed.insert(at.index(bytes.len() + 1), *byte),
            Self::Remove(at) => {
                changed.remove(at.index(bytes.len()));
            }
        }
        (changed != bytes).then_some(changed)
    }
}

/// Every text that differs in one bit, lacks one byte, or has one space or repeated byte more.
fn all_small_changes(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> + '_ {
    let with = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut changed = bytes.to_vec();
        change(&mut changed);
        changed
    };
    (0..bytes.len()).flat_map(move |at| {
        let mut all: Vec<_> = (0..8).map(|bit| with(&|bytes| bytes[at] ^= 1 << bit)).collect();
        all.push([&bytes[..at], &bytes[at + 1..]].concat());
        all.push(with(&|bytes| bytes.insert(at, b' ')));
        all.push(with(&|bytes| bytes.insert(at, bytes[at])));
        all
    })
}

fn is_explained(error: &impl Display) -> bool {
    !error.to_string().trim().is_empty()
}

/// What must hold of the bytes of an entry after a change: refused with a reason, or another entry
/// that is written in exactly these bytes and that the signature does not fit.
fn check_changed_entry(original: &SignedEntry, public: &PublicKey, changed: &[u8]) {
    match SignedEntry::parse(changed) {
        Err(error) => assert!(is_explained(&error)),
        Ok(other) => {
            assert_eq!(other.line(), changed);
            assert_ne!(&other, original);
            assert_ne!(other.leaf(), original.leaf());
            assert!(!other.verifies(0, public), "{}", String::from_utf8_lossy(changed));
        }
    }
}

fn check_changed_fields(original: &[Disclosure], changed: &[u8]) {
    match fields::parse_line(changed) {
        Err(error) => assert!(is_explained(&error)),
        Ok(other) => {
            assert_eq!(fields::to_line(&other).unwrap(), changed);
            assert_ne!(other, original);
            assert!(!fields::match_commitments(&other, &commitments(original)));
        }
    }
}

fn check_changed_checkpoint(original: &SignedCheckpoint, key: &LogKey, changed: &[u8]) {
    match SignedCheckpoint::parse(changed) {
        Err(error) => assert!(is_explained(&error)),
        Ok(other) => {
            assert_eq!(other.text().as_bytes(), changed);
            assert_ne!(&other, original);
            assert!(!other.is_signed_by(key), "{}", other.text());
        }
    }
}

fn check_changed_receipt(original: &Receipt, key: &LogKey, changed: &[u8]) {
    match Receipt::parse(changed) {
        Err(error) => assert!(is_explained(&error)),
        Ok(other) => {
            assert_eq!(other.to_string().as_bytes(), changed);
            assert_ne!(&other, original);
            assert!(is_explained(&other.check(key).unwrap_err()));
        }
    }
}

fn commitments(disclosures: &[Disclosure]) -> Vec<Digest> {
    let mut digests: Vec<_> = disclosures.iter().map(Disclosure::digest).collect();
    digests.sort_unstable();
    digests
}

proptest! {
    #[test]
    fn an_entry_reads_back(entry in samples::any_entry(), signer in samples::any_signing_key()) {
        let signed = entry.clone().sign(&signer).unwrap();
        let read = SignedEntry::parse(signed.line()).unwrap();
        prop_assert_eq!(&read, &signed);
        prop_assert_eq!(&read.entry, &entry);
        prop_assert_eq!(read.message(), entry.message());
        prop_assert_eq!(read.leaf(), Digest::of(&[b"\0", signed.line()].concat()));
        prop_assert!(read.verifies(0, signer.public()));
        prop_assert!(!read.verifies(0, key(77).public()));
        prop_assert!(!read.verifies(1, signer.public()));
    }

    #[test]
    fn a_changed_byte_of_an_entry_is_seen(entry in samples::any_entry(), change in any_change()) {
        let signed = entry.sign(&key(1)).unwrap();
        if let Some(changed) = change.apply(signed.line()) {
            check_changed_entry(&signed, key(1).public(), &changed);
        }
    }

    #[test]
    fn fields_read_back(disclosures in samples::any_disclosures()) {
        let line = fields::to_line(&disclosures).unwrap();
        prop_assert_eq!(&fields::parse_line(&line).unwrap(), &disclosures);
        prop_assert!(fields::match_commitments(&disclosures, &commitments(&disclosures)));
        // What is committed to is the text of one array, as it stands in the line.
        for disclosure in &disclosures {
            let bytes = disclosure.to_bytes();
            prop_assert!(line.windows(bytes.len()).any(|part| part == bytes));
            prop_assert_eq!(disclosure.digest(), Digest::of(&bytes));
        }
    }

    #[test]
    fn a_changed_byte_of_fields_is_seen(disclosures in samples::any_disclosures(), change in any_change()) {
        let line = fields::to_line(&disclosures).unwrap();
        if let Some(changed) = change.apply(&line) {
            check_changed_fields(&disclosures, &changed);
        }
    }

    #[test]
    fn a_field_that_is_left_out_or_added_is_seen(disclosures in samples::any_disclosures()) {
        let committed = commitments(&disclosures);
        for at in 0..disclosures.len() {
            let mut fewer = disclosures.clone();
            let one = fewer.remove(at);
            prop_assert!(!fields::match_commitments(&fewer, &committed));
            let mut more = disclosures.clone();
            more.push(one);
            prop_assert!(!fields::match_commitments(&more, &committed));
        }
        // Their order says nothing.
        let mut reversed = disclosures.clone();
        reversed.reverse();
        prop_assert!(fields::match_commitments(&reversed, &committed));
    }

    #[test]
    fn a_checkpoint_reads_back(checkpoint in samples::any_checkpoint(), signer in samples::any_signing_key()) {
        let log_key = LogKey::new(checkpoint.origin.clone(), signer.public().clone());
        let signed = checkpoint.clone().sign(&signer).unwrap();
        let read = SignedCheckpoint::parse(signed.text().as_bytes()).unwrap();
        prop_assert_eq!(&read, &signed);
        prop_assert_eq!(&read.checkpoint, &checkpoint);
        prop_assert!(read.is_signed_by(&log_key));
        prop_assert!(!read.is_signed_by(&LogKey::new(checkpoint.origin, key(77).public().clone())));
        prop_assert!(!read.is_signed_by(&LogKey::new("another.example".parse().unwrap(), signer.public().clone())));
    }

    #[test]
    fn a_changed_byte_of_a_checkpoint_is_seen(checkpoint in samples::any_checkpoint(), change in any_change()) {
        let log_key = LogKey::new(checkpoint.origin.clone(), key(2).public().clone());
        let signed = checkpoint.sign(&key(2)).unwrap();
        if let Some(changed) = change.apply(signed.text().as_bytes()) {
            check_changed_checkpoint(&signed, &log_key, &changed);
        }
    }

    #[test]
    fn a_log_key_reads_back(log_key in samples::any_log_key()) {
        prop_assert_eq!(log_key.to_string().parse::<LogKey>().unwrap(), log_key);
    }

    #[test]
    fn a_changed_byte_of_a_log_key_is_refused(log_key in samples::any_log_key(), change in any_change()) {
        let changed = change.apply(log_key.to_string().as_bytes());
        if let Some(changed) = changed.and_then(|changed| String::from_utf8(changed).ok()) {
            prop_assert!(is_explained(&changed.parse::<LogKey>().unwrap_err()));
        }
    }

    #[test]
    fn a_receipt_reads_back_and_proves(
        entries in proptest::collection::vec(samples::any_entry(), 1..20),
        at in any::<Index>(),
        change in any_change(),
    ) {
        let log = log_of(entries);
        let index = at.index(log.entries.len()) as u64;
        let log_key = LogKey::new(origin(), key(2).public().clone());
        let receipt = log.receipt(index, log.checkpoint(origin(), &key(2)));
        let text = receipt.to_string();
        let read = Receipt::parse(text.as_bytes()).unwrap();
        prop_assert_eq!(&read, &receipt);
        prop_assert!(read.check(&log_key).is_ok());
        prop_assert!(read.check(&LogKey::new(origin(), key(77).public().clone())).is_err());
        if let Some(changed) = change.apply(text.as_bytes()) {
            check_changed_receipt(&receipt, &log_key, &changed);
        }
    }

    #[test]
    fn any_bytes_are_read_without_a_panic(bytes: Vec<u8>) {
        prop_assert!(SignedEntry::parse(&bytes).is_err());
        prop_assert!(fields::parse_line(&bytes).is_err());
        prop_assert!(SignedCheckpoint::parse(&bytes).is_err());
        prop_assert!(Receipt::parse(&bytes).is_err());
    }

    #[test]
    fn a_name_has_one_written_form(text in any_name_like_text()) {
        fn check<T: FromStr<Err: Display> + Display>(text: &str) {
            match text.parse::<T>() {
                Ok(value) => assert_eq!(value.to_string(), text),
                Err(error) => assert!(is_explained(&error)),
            }
        }
        check::<Digest>(&text);
        check::<EventKind>(&text);
        check::<ExhibitId>(&text);
        check::<FieldName>(&text);
        check::<KeyId>(&text);
        check::<LogKey>(&text);
        check::<MediaType>(&text);
        check::<Origin>(&text);
        check::<PublicKey>(&text);
        check::<Role>(&text);
        check::<Salt>(&text);
        check::<Signature>(&text);
        check::<Timestamp>(&text);
        check::<Verdict>(&text);
    }
}

/// Texts that are names, nearly names, or anything.
fn any_name_like_text() -> impl Strategy<Value = String> {
    let names = prop_oneof![
        samples::any_digest().prop_map(|name| name.to_string()),
        samples::any_exhibit().prop_map(|name| name.to_string()),
        samples::any_key_id().prop_map(|name| name.to_string()),
        samples::any_log_key().prop_map(|name| name.to_string()),
        samples::any_origin().prop_map(|name| name.to_string()),
        samples::any_salt().prop_map(|name| name.to_string()),
        samples::any_signing_key().prop_map(|key| key.public().to_string()),
        samples::any_signing_key().prop_map(|key| key.sign(b"").to_string()),
        samples::any_time().prop_map(|name| name.to_string()),
        Just("exhibit.ingested".to_owned()),
        Just("application/pdf".to_owned()),
    ];
    prop_oneof![
        (names, any_change()).prop_map(|(name, change)| {
            change.apply(name.as_bytes()).and_then(|changed| String::from_utf8(changed).ok()).unwrap_or(name)
        }),
        samples::any_text(),
        "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z",
    ]
}

/// A log of these entries, with the indices and `previous` that their places need.
fn log_of(entries: Vec<Entry>) -> Log {
    let mut log = Log::default();
    for entry in entries {
        let entry = Entry { index: EntryIndex(log.size()), origin: origin(), previous: log.previous(), ..entry };
        log.append(entry.sign(&key(1)).unwrap());
    }
    log
}

/// An entry with nothing special in it.
fn entry(event: impl Into<Event>) -> Entry {
    let event = event.into();
    let exhibit = event.kind().is_about_an_exhibit().then_some(ExhibitId::from_bytes([0x5a; 10]));
    let time = "2026-11-23T09:12:44.120Z".parse().unwrap();
    Entry {
        actor: key(1).public().id(),
        event,
        exhibit,
        index: EntryIndex(3),
        occurred_at: time,
        origin: origin(),
        previous: Digest::of(b"previous"),
        recorded_at: time,
        salt: Salt::from_bytes([7; 16]),
    }
}

fn described() -> Event {
    ExhibitDescribed { fields: vec![Digest::ZERO] }.into()
}

fn ingested(size_bytes: u64, software: &str) -> Event {
    let media_type = MediaType::UNKNOWN.parse().unwrap();
    let object = Digest::of(b"object");
    ExhibitIngested { fields: Vec::new(), media_type, object, size_bytes, software: software.to_owned() }.into()
}

fn added(roles: &[Role]) -> Event {
    let agent = AgentRecord { kind: AgentKind::Person, public_key: key(3).public().clone(), roles: roles.to_vec() };
    AgentAdded { agent, fields: Vec::new() }.into()
}

/// The proptest above changes a byte here and there; this changes every byte of one entry.
#[test]
fn every_changed_byte_of_an_entry_is_seen() {
    let signed = entry(added(&[Role::Archivist])).sign(&key(1)).unwrap();
    for changed in all_small_changes(signed.line()) {
        check_changed_entry(&signed, key(1).public(), &changed);
    }
}

#[test]
fn every_changed_byte_of_fields_is_seen() {
    let name = |text: &str| text.parse().unwrap();
    let salt = Salt::from_bytes([9; 16]);
    let disclosures = [
        Disclosure(salt, name("title"), FieldValue::Text("증언 \"17\"\\\n\u{1}\u{7f}\u{2028}".to_owned())),
        Disclosure(salt, name("tags"), FieldValue::List(vec!["a".to_owned(), String::new()])),
        Disclosure(salt, name("pages"), FieldValue::Integer(-12)),
        Disclosure(salt, name("file_name"), FieldValue::Bytes(vec![0xff, 0xfe, 0xfd, 0xfc])),
        Disclosure(salt, name("place"), FieldValue::Unknown("not asked".to_owned())),
    ];
    let line = fields::to_line(&disclosures).unwrap();
    for changed in all_small_changes(&line) {
        check_changed_fields(&disclosures, &changed);
    }
}

#[test]
fn every_changed_byte_of_a_checkpoint_and_its_key_is_seen() {
    let checkpoint = Checkpoint { origin: origin(), size: 17, root: Digest::of(b"root") };
    let log_key = LogKey::new(origin(), key(2).public().clone());
    let signed = checkpoint.sign(&key(2)).unwrap();
    for changed in all_small_changes(signed.text().as_bytes()) {
        check_changed_checkpoint(&signed, &log_key, &changed);
    }
    for changed in all_small_changes(log_key.to_string().as_bytes()) {
        assert!(String::from_utf8(changed).ok().and_then(|text| text.parse::<LogKey>().ok()).is_none());
    }
}

#[test]
fn every_changed_byte_of_a_receipt_is_seen() {
    let log = log_of(vec![entry(described()), entry(described()), entry(described())]);
    let log_key = LogKey::new(origin(), key(2).public().clone());
    let receipt = log.receipt(1, log.checkpoint(origin(), &key(2)));
    for changed in all_small_changes(receipt.to_string().as_bytes()) {
        check_changed_receipt(&receipt, &log_key, &changed);
    }
}

/// An entry's line with these keys' signatures, as several agents sign a handover.
fn with_signatures(entry: &Entry, keys: impl Iterator<Item = u8>) -> Vec<u8> {
    let message = String::from_utf8(entry.message()).unwrap();
    let signatures: Vec<_> = keys
        .map(|number| {
            let key = key(number);
            let signature = key.sign_sshsig(ENTRY_NAMESPACE, message.as_bytes());
            format!(r#"{{"key":"{}","signature":"{signature}"}}"#, key.public().id())
        })
        .collect();
    let open = message.strip_suffix('}').unwrap();
    format!(r#"{open},"signatures":[{}]}}"#, signatures.join(",")).into_bytes()
}

#[test]
fn an_entry_has_one_to_sixteen_signatures() {
    let entry = entry(described());
    let most = u8::try_from(MAX_SIGNATURES).unwrap();
    let signed = SignedEntry::parse(&with_signatures(&entry, 1..=most)).unwrap();
    assert_eq!(signed.entry, entry);
    for number in 0..MAX_SIGNATURES {
        assert!(signed.verifies(number, key(u8::try_from(number).unwrap() + 1).public()));
    }
    assert!(SignedEntry::parse(&with_signatures(&entry, 1..=most + 1)).is_err());
    assert!(SignedEntry::parse(&with_signatures(&entry, 1..1)).is_err());
}

#[test]
fn an_entry_is_at_most_65535_bytes() {
    let empty = entry(ingested(0, "")).sign(&key(1)).unwrap().line().len();
    let filled = |count: usize| entry(ingested(0, &"x".repeat(count))).sign(&key(1));
    let longest = filled(MAX_ENTRY_BYTES - empty).unwrap();
    assert_eq!(longest.line().len(), 65_535);
    assert_eq!(SignedEntry::parse(longest.line()).unwrap(), longest);
    assert!(matches!(filled(MAX_ENTRY_BYTES - empty + 1), Err(FormatError::TooLong { .. })));
}

/// What a reader refuses, the writer does not write: else an archive could lock itself out.
#[test]
fn an_entry_against_the_rules_is_not_written() {
    let good = [ingested(EntryIndex::MAX.0, "x"), added(&[Role::Administrator, Role::Archivist]), described()];
    for event in good {
        assert!(entry(event).sign(&key(1)).is_ok());
    }
    let verified = ArchiveVerified {
        entries: 1,
        fields: Vec::new(),
        findings: 0,
        objects: 0,
        root: Digest::ZERO,
        size: 1,
        size_bytes: EntryIndex::MAX.0 + 1,
        software: String::new(),
        verdict: Verdict::Sound,
    };
    let digests = |count: u16| (0..count).map(|n| [[0; 30].as_slice(), &n.to_be_bytes()].concat());
    let many =
        digests(u16::try_from(MAX_FIELDS).unwrap() + 1).map(|bytes| Digest::from_bytes(bytes.try_into().unwrap()));
    let bad = [
        entry(ingested(EntryIndex::MAX.0 + 1, "x")),
        entry(verified),
        entry(added(&[])),
        entry(added(&[Role::Archivist, Role::Archivist])),
        entry(added(&[Role::Archivist, Role::Administrator])),
        entry(ExhibitDescribed { fields: vec![Digest::of(b"b"), Digest::ZERO] }),
        entry(ExhibitDescribed { fields: vec![Digest::ZERO, Digest::ZERO] }),
        entry(ExhibitDescribed { fields: many.collect() }),
        Entry { exhibit: None, ..entry(described()) },
        Entry { exhibit: Some(ExhibitId::from_bytes([1; 10])), ..entry(added(&[Role::Lawyer])) },
        Entry { index: EntryIndex(EntryIndex::MAX.0 + 1), ..entry(described()) },
    ];
    for entry in bad {
        let error = entry.clone().sign(&key(1)).unwrap_err();
        assert!(matches!(error, FormatError::Rule { .. }), "{error}");
        assert!(is_explained(&error));
        // The same line, written by a program that does not care, is refused as well.
        assert!(SignedEntry::parse(&with_signatures(&entry, 1..=1)).is_err(), "{entry:?}");
    }
}

#[test]
fn fields_over_a_limit_are_neither_written_nor_read() {
    let disclosure = |value: FieldValue| Disclosure(Salt::from_bytes([1; 16]), "text".parse().unwrap(), value);
    let too_many_items = vec!["x".to_owned(); 1_001];
    let too_long = "x".repeat(256 * 1024 + 1);
    let bad = [
        vec![disclosure(FieldValue::List(too_many_items))],
        vec![disclosure(FieldValue::Text(too_long.clone()))],
        vec![disclosure(FieldValue::Unknown(too_long.clone()))],
        vec![disclosure(FieldValue::List(vec![too_long.clone()]))],
        vec![disclosure(FieldValue::Bytes(too_long.into_bytes()))],
        vec![disclosure(FieldValue::Integer(1 << 53))],
        vec![disclosure(FieldValue::Integer(-(1 << 53)))],
        vec![disclosure(FieldValue::Integer(i64::MIN))],
        vec![disclosure(FieldValue::Integer(0)); MAX_FIELDS + 1],
        vec![disclosure(FieldValue::Text("x".repeat(256 * 1024))); 4],
    ];
    for disclosures in bad {
        assert!(is_explained(&fields::to_line(&disclosures).unwrap_err()));
        assert!(is_explained(&fields::parse_line(&canonical::to_vec(&disclosures)).unwrap_err()));
    }
    let most = vec![disclosure(FieldValue::Text("x".repeat(256 * 1024))); 3];
    assert_eq!(fields::parse_line(&fields::to_line(&most).unwrap()).unwrap(), most);
}

/// Cosigners add lines to a checkpoint; a reader that does not know them lets them stand.
#[test]
fn further_signature_lines_are_kept_and_not_judged() {
    let checkpoint = Checkpoint { origin: origin(), size: 17, root: Digest::of(b"root") };
    let log_key = LogKey::new(origin(), key(2).public().clone());
    let signed = checkpoint.sign(&key(2)).unwrap();
    let line = "— cosigner.example/2027 bm90IGEgc2lnbmF0dXJl\n";
    for text in [format!("{}{line}", signed.text()), signed.text().replacen("\n\n", &format!("\n\n{line}"), 1)] {
        let read = SignedCheckpoint::parse(text.as_bytes()).unwrap();
        assert_eq!(read.text(), text);
        assert_eq!(read.checkpoint, signed.checkpoint);
        assert!(read.is_signed_by(&log_key));
    }
}

#[test]
fn a_receipt_of_another_log_proves_nothing() {
    let log = log_of(vec![entry(described()), entry(described())]);
    let log_key = LogKey::new(origin(), key(2).public().clone());
    // The same key signs for another origin: the entries do not belong to that log.
    let other: Origin = "other.example".parse().unwrap();
    let receipt = log.receipt(0, log.checkpoint(other.clone(), &key(2)));
    assert!(receipt.check(&log_key).is_err());
    assert!(receipt.check(&LogKey::new(other, key(2).public().clone())).is_err());
    // Inside another entry's receipt, the path does not fit.
    let mut receipt = log.receipt(0, log.checkpoint(origin(), &key(2)));
    receipt.entry = log.entries[1].clone();
    assert!(receipt.check(&log_key).is_err());
}

/// Whoever holds a key of the wrong kind is told so.
#[test]
fn a_key_of_another_kind_is_refused_with_a_reason() {
    let rsa = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQC7";
    let good = key(1).public().to_openssh();
    for bad in ["", rsa, &good[4..], &good[..40], &good.replace("ssh-ed25519", "ssh-dss"), &format!("{good} comment")] {
        assert!(is_explained(&bad.parse::<PublicKey>().unwrap_err()), "{bad}");
    }
    // What a person pastes may have a comment.
    assert_eq!(&PublicKey::from_openssh(&format!("{good} me@laptop\n")).unwrap(), key(1).public());
}
