//! Every format: what is written reads back, and no second text has the same meaning.

use std::fmt::Display;
use std::str::FromStr;

use proptest::prelude::*;
use proptest::sample::Index;
use vouchsafe_core::digest::Digest;
use vouchsafe_core::format::entry::{MAX_ENTRY_BYTES, MAX_SIGNATURES};
use vouchsafe_core::format::fields::{self, MAX_FIELDS};
use vouchsafe_core::format::{
    ArchiveRef, Attached, Checkpoint, Entry, FormatError, LogKey, Receipt, SignedCheckpoint, SignedEntry, canonical,
};
use vouchsafe_core::model::{
    AgentAdded, AgentKind, AgentRecord, AgentRevoked, ArchiveCreated, ArchiveRepaired, ArchiveVerified, Coverage,
    Disclosure, EntryIndex, Event, EventKind, ExhibitDescribed, ExhibitId, ExhibitIngested, FieldName, FieldValue,
    Fingerprint, MAX_FAILED_OBJECTS, MAX_RANGES, MAX_STRETCHES, MediaType, Origin, Range, RepairSource, Role, Salt,
    Sample, Stretch, Timestamp, Verdict,
};
use vouchsafe_core::sign::{KeyId, PublicKey, SshSignature};

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
pub fn all_small_changes(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> + '_ {
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

    /// Judged by the library of canonical JSON, which knows nothing of our types.
    #[test]
    fn an_entry_is_canonical(entry in samples::any_entry(), signer in samples::any_signing_key()) {
        let line = entry.sign(&signer).unwrap().line().to_vec();
        let value: serde_json::Value = serde_json::from_slice(&line).unwrap();
        prop_assert_eq!(canonical::to_vec(&value), line);
    }

    #[test]
    fn the_fields_of_an_entry_are_canonical(disclosures in samples::any_disclosures()) {
        let line = fields::to_line(&disclosures).unwrap();
        let value: serde_json::Value = serde_json::from_slice(&line).unwrap();
        prop_assert_eq!(canonical::to_vec(&value), line);
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
    }

    /// Whatever order somebody says them in, one entry and one line come of it; no other line holds.
    #[test]
    fn the_order_in_which_fields_are_given_does_not_matter(
        (disclosures, given) in samples::any_disclosures().prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle()))
    ) {
        let written = samples::in_order(given.clone());
        prop_assert_eq!(fields::to_line(&written).unwrap(), fields::to_line(&disclosures).unwrap());
        let mut event = described();
        event.set_fields(given.iter().map(Disclosure::digest).collect());
        prop_assert_eq!(event.fields(), commitments(&disclosures));
        prop_assert!(fields::match_commitments(&written, event.fields()));
        prop_assert_eq!(fields::match_commitments(&given, event.fields()), given == disclosures);
        // A line in another order can be read, but is not the one that was committed to.
        let read = fields::parse_line(&fields::to_line(&given).unwrap()).unwrap();
        prop_assert_eq!(&read, &given);
    }

    #[test]
    fn a_checkpoint_reads_back(checkpoint in samples::any_checkpoint(), signer in samples::any_signing_key()) {
        let log_key = LogKey::new(checkpoint.origin.clone(), signer.public().clone());
        let signed = checkpoint.clone().sign(&signer);
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
        let signed = checkpoint.sign(&key(2));
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
        check::<SshSignature>(&text);
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
        let entry = Entry { index: EntryIndex(log.size()), previous: log.previous(), ..entry };
        log.append(samples::in_log(entry, origin(), Fingerprint(Digest::ZERO)).sign(&key(1)).unwrap());
    }
    log
}

/// An entry with nothing special in it.
fn entry(event: impl Into<Event>) -> Entry {
    let event = event.into();
    let is_first = event.kind() == Some(EventKind::ArchiveCreated);
    let exhibit = event.kind().is_some_and(EventKind::is_about_an_exhibit).then_some(ExhibitId::from_bytes([0x5a; 10]));
    let time = "2026-11-23T09:12:44.120Z".parse().unwrap();
    Entry {
        actor: key(1).public().id(),
        archive: if is_first { ArchiveRef::First(origin()) } else { ArchiveRef::Of(Fingerprint(Digest::ZERO)) },
        exhibit,
        exhibit_sequence: exhibit.map(|_| u64::from(event.kind() != Some(EventKind::ExhibitIngested))),
        index: EntryIndex(if is_first { 0 } else { 3 }),
        occurred_at: time,
        previous: if is_first { Digest::ZERO } else { Digest::of(b"previous") },
        attached: Attached::default(),
        event,
        record: None,
        record_sequence: None,
        recorded_at: time,
        salt: Salt::from_bytes([7; 16]),
    }
}

fn described() -> Event {
    ExhibitDescribed { fields: vec![Digest::ZERO] }.into()
}

fn ingested(size_bytes: u64, software: &str) -> Event {
    let media_type = Some(MediaType::UNKNOWN.parse().unwrap());
    let object = Digest::of(b"object");
    ExhibitIngested { fields: Vec::new(), media_type, object, size_bytes, software: software.to_owned() }.into()
}

/// The beginning of a log with this name.
fn created(name: &Origin) -> Event {
    let administrator = AgentRecord::new(AgentKind::Person, key(1).public().clone(), vec![Role::Administrator]);
    let log_key = LogKey::new(name.clone(), key(2).public().clone()).to_string();
    ArchiveCreated::new(administrator, log_key).into()
}

fn added(roles: &[Role]) -> Event {
    let agent = AgentRecord::new(AgentKind::Person, key(3).public().clone(), roles.to_vec());
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
        Disclosure(salt, name("source"), FieldValue::Withdrawn("it named somebody".to_owned())),
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
    let signed = checkpoint.sign(&key(2));
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
fn with_signatures(entry: &Entry, keys: impl IntoIterator<Item = u8>) -> Vec<u8> {
    samples::sign_message(str::from_utf8(&entry.message()).unwrap(), keys).into_bytes()
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
fn a_key_signs_an_entry_once() {
    let entry = entry(described());
    for keys in [[1, 1, 2], [1, 2, 1], [2, 1, 1]] {
        let error = SignedEntry::parse(&with_signatures(&entry, keys)).unwrap_err();
        assert!(matches!(error, FormatError::Rule { .. }), "{error}");
        assert!(error.to_string().contains("twice"), "{error}");
    }
}

/// With everything at its limit, an entry stays far below what a line can hold: no limit hides another.
#[test]
fn the_longest_entry_fits_into_its_line() {
    let origin: Origin = "o".repeat(200).parse().unwrap();
    let log_key = LogKey::new(origin.clone(), key(2).public().clone());
    let agent = || AgentRecord::new(AgentKind::Organisation, key(3).public().clone(), Role::ALL.to_vec());
    let fields = || many_fields(MAX_FIELDS);
    let largest = EntryIndex::MAX;
    let events: [Event; 4] = [
        ArchiveCreated { fields: fields(), ..ArchiveCreated::new(agent(), log_key.to_string()) }.into(),
        ExhibitIngested {
            fields: fields(),
            media_type: Some(format!("{}/{}", "m".repeat(60), "m".repeat(66)).parse().unwrap()),
            object: Digest::ZERO,
            size_bytes: largest.0,
            software: "x".repeat(100),
        }
        .into(),
        ArchiveVerified {
            coverage: longest_coverage(),
            failed_objects: many_fields(MAX_FAILED_OBJECTS),
            log_verdict: Verdict::Degraded,
            entries: largest.0,
            fields: fields(),
            findings: largest.0,
            objects: largest.0,
            root: Digest::ZERO,
            size: largest.0,
            size_bytes: largest.0,
            software: "x".repeat(100),
            verdict: Verdict::Degraded,
        }
        .into(),
        ArchiveRepaired {
            fields: fields(),
            software: "x".repeat(100),
            source: RepairSource::Parity,
            stretches: (0..MAX_STRETCHES as u64)
                .map(|n| Stretch { offset: largest.0 - 2 * (MAX_STRETCHES as u64 - n), size_bytes: 1, volume: 999_999 })
                .collect(),
        }
        .into(),
    ];
    for event in events {
        let entry =
            samples::in_log(Entry { index: largest, ..entry(event) }, origin.clone(), Fingerprint(Digest::ZERO));
        let line = with_signatures(&entry, 1..=u8::try_from(MAX_SIGNATURES).unwrap());
        assert_eq!(SignedEntry::parse(&line).unwrap().entry, entry);
        assert!(line.len() < MAX_ENTRY_BYTES / 10 * 8, "{} bytes", line.len());
    }
    for length in [MAX_ENTRY_BYTES + 1, 2 * MAX_ENTRY_BYTES] {
        let error = SignedEntry::parse(&vec![b' '; length]).unwrap_err();
        assert!(matches!(error, FormatError::TooLong { .. }), "{error}");
    }
}

/// So many digests, in ascending order.
fn many_fields(count: usize) -> Vec<Digest> {
    let bytes = |n: usize| [[0; 24].as_slice(), &(n as u64).to_be_bytes()].concat();
    (0..count).map(|n| Digest::from_bytes(bytes(n).try_into().unwrap())).collect()
}

/// The one with the most ranges, of the largest numbers.
fn longest_coverage() -> Coverage {
    let from = EntryIndex::MAX.0 - 2 * MAX_RANGES as u64;
    let ranges = (0..MAX_RANGES as u64).map(|n| Range { first: from + 2 * n, count: 1 }).collect();
    let sample = Some(Sample { per_million: 999_999, seed: Salt::from_bytes([1; 16]) });
    Coverage { objects_held: EntryIndex::MAX.0, ranges, sample }
}

fn repaired(stretches: &[(u32, u64, u64)]) -> ArchiveRepaired {
    let stretch = |&(volume, offset, size_bytes): &(u32, u64, u64)| Stretch { offset, size_bytes, volume };
    ArchiveRepaired {
        fields: Vec::new(),
        software: "x".to_owned(),
        source: RepairSource::Copy,
        stretches: stretches.iter().map(stretch).collect(),
    }
}

/// What a reader refuses, the writer does not write: else an archive could lock itself out.
#[test]
fn an_entry_against_the_rules_is_not_written() {
    let (time, later) = ("2026-11-23T09:12:44.120Z", "2026-11-23T09:12:44.121Z");
    let [time, later]: [Timestamp; 2] = [time, later].map(|time| time.parse().unwrap());
    let good = [
        entry(ingested(EntryIndex::MAX.0, "x")),
        entry(ingested(0, "!~")),
        entry(ingested(0, &"x".repeat(100))),
        entry(added(&[Role::Administrator, Role::Archivist])),
        entry(created(&origin())),
        entry(described()),
        entry(repaired(&[(0, 0, 512), (0, 512, 1), (1, 0, 1)])),
        Entry { exhibit_sequence: Some(EntryIndex::MAX.0), ..entry(described()) },
        Entry { occurred_at: time, recorded_at: later, ..entry(described()) },
        entry(ExhibitDescribed { fields: many_fields(MAX_FIELDS) }),
    ];
    for entry in good {
        let signed = entry.sign(&key(1)).unwrap();
        assert_eq!(SignedEntry::parse(signed.line()).unwrap(), signed);
    }
    let verified = |size_bytes: u64, software: &str| ArchiveVerified {
        coverage: Coverage::whole(3),
        failed_objects: Vec::new(),
        log_verdict: Verdict::Sound,
        entries: 1,
        fields: Vec::new(),
        findings: 0,
        objects: 0,
        root: Digest::ZERO,
        size: 1,
        size_bytes,
        software: software.to_owned(),
        verdict: Verdict::Sound,
    };
    assert!(entry(verified(EntryIndex::MAX.0, "x")).sign(&key(1)).is_ok());
    let other: Origin = "other.example".parse().unwrap();
    let with_log_key = |log_key: &str| match created(&origin()) {
        Event::ArchiveCreated(body) => ArchiveCreated { log_key: log_key.to_owned(), ..body },
        other => panic!("{other:?}"),
    };
    let log_key = LogKey::new(origin(), key(2).public().clone()).to_string();
    let bad = [
        entry(ingested(EntryIndex::MAX.0 + 1, "x")),
        entry(verified(EntryIndex::MAX.0 + 1, "x")),
        entry(verified(0, "")),
        entry(ArchiveVerified { failed_objects: vec![Digest::ZERO; 2], ..verified(0, "x") }),
        entry(ArchiveVerified { failed_objects: many_fields(MAX_FAILED_OBJECTS + 1), ..verified(0, "x") }),
        entry(ArchiveVerified { coverage: Coverage { objects_held: 2, ..Coverage::whole(3) }, ..verified(0, "x") }),
        entry(ArchiveVerified { coverage: Coverage::whole(EntryIndex::MAX.0 + 1), ..verified(0, "x") }),
        entry(repaired(&[])),
        entry(repaired(&[(0, 0, 0)])),
        entry(repaired(&[(0, 512, 512), (0, 0, 512)])),
        entry(repaired(&[(0, 0, 513), (0, 512, 512)])),
        entry(repaired(&[(1, 0, 1), (0, 0, 1)])),
        entry(repaired(&[(0, EntryIndex::MAX.0 + 1, 1)])),
        entry(repaired(&(0..=MAX_STRETCHES as u32).map(|volume| (volume, 0, 1)).collect::<Vec<_>>())),
        entry(verified(0, "vouchsafe 0.1.0")),
        entry(ingested(0, "")),
        entry(ingested(0, "vouchsafe 0.1.0")),
        entry(ingested(0, "vouchsafe\t0.1.0")),
        entry(ingested(0, "vouchsafe/0.1.0\u{7f}")),
        entry(ingested(0, "증언/0.1.0")),
        entry(ingested(0, &"x".repeat(101))),
        entry(created(&other)),
        Entry { archive: ArchiveRef::First(other.clone()), ..entry(created(&origin())) },
        Entry { archive: ArchiveRef::First(origin()), ..entry(described()) },
        Entry { archive: ArchiveRef::Of(Fingerprint(Digest::ZERO)), ..entry(created(&origin())) },
        Entry { previous: Digest::of(b"previous"), ..entry(created(&origin())) },
        entry(AgentRevoked { fields: Vec::new(), from_index: EntryIndex(5), key: key(3).public().id() }),
        entry(with_log_key("")),
        entry(with_log_key(&log_key[1..])),
        entry(with_log_key(&format!("{log_key}="))),
        entry(with_log_key(&key(2).public().to_openssh())),
        Entry { exhibit_sequence: None, ..entry(described()) },
        Entry { exhibit_sequence: Some(0), ..entry(described()) },
        Entry { exhibit_sequence: Some(EntryIndex::MAX.0 + 1), ..entry(described()) },
        Entry { exhibit_sequence: None, ..entry(ingested(0, "x")) },
        Entry { exhibit_sequence: Some(1), ..entry(ingested(0, "x")) },
        Entry { exhibit_sequence: Some(0), ..entry(added(&[Role::Lawyer])) },
        Entry { exhibit_sequence: Some(1), ..entry(added(&[Role::Lawyer])) },
        Entry { occurred_at: later, recorded_at: time, ..entry(described()) },
        entry(added(&[])),
        entry(added(&[Role::Archivist, Role::Archivist])),
        entry(added(&[Role::Archivist, Role::Administrator])),
        entry(ExhibitDescribed { fields: vec![Digest::of(b"b"), Digest::ZERO] }),
        entry(ExhibitDescribed { fields: vec![Digest::ZERO, Digest::ZERO] }),
        entry(ExhibitDescribed { fields: many_fields(MAX_FIELDS + 1) }),
        Entry { exhibit: None, ..entry(described()) },
        Entry { exhibit: None, exhibit_sequence: None, ..entry(described()) },
        Entry { exhibit: Some(ExhibitId::from_bytes([1; 10])), ..entry(added(&[Role::Lawyer])) },
        Entry {
            exhibit: Some(ExhibitId::from_bytes([1; 10])),
            exhibit_sequence: Some(1),
            ..entry(added(&[Role::Lawyer]))
        },
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

/// Disclosures of these values, in order, each under a name of its own.
fn named(values: impl IntoIterator<Item = FieldValue>) -> Vec<Disclosure> {
    let disclosure = |(number, value): (usize, FieldValue)| {
        Disclosure(Salt::from_bytes([1; 16]), format!("text_{number}").parse().unwrap(), value)
    };
    values.into_iter().enumerate().map(disclosure).collect()
}

fn are_refused(disclosures: &[Disclosure]) {
    assert!(is_explained(&fields::to_line(disclosures).unwrap_err()));
    assert!(is_explained(&fields::parse_line(&canonical::to_vec(&disclosures)).unwrap_err()));
}

#[test]
fn fields_over_a_limit_are_neither_written_nor_read() {
    let too_many_items = vec!["x".to_owned(); 1_001];
    let too_long = "x".repeat(256 * 1024 + 1);
    let bad = [
        FieldValue::List(too_many_items),
        FieldValue::Text(too_long.clone()),
        FieldValue::Unknown(too_long.clone()),
        FieldValue::Withdrawn(too_long.clone()),
        FieldValue::List(vec![too_long.clone()]),
        FieldValue::Bytes(too_long.into_bytes()),
        FieldValue::Integer(1 << 53),
        FieldValue::Integer(-(1 << 53)),
        FieldValue::Integer(i64::MIN),
    ];
    for value in bad {
        are_refused(&named([value]));
    }
    let many = |count| named((0..count).map(FieldValue::Integer));
    let long = |count| named(vec![FieldValue::Text("x".repeat(256 * 1024)); count]);
    let most = i64::try_from(MAX_FIELDS).unwrap();
    are_refused(&many(most + 1));
    are_refused(&long(4));
    for most in [many(most), long(3)] {
        assert_eq!(fields::parse_line(&fields::to_line(&most).unwrap()).unwrap(), most);
    }
}

/// Of two values under one name, some would see the first and others the last.
#[test]
fn a_field_name_stands_once_in_an_entry() {
    let good = named((0..5).map(FieldValue::Integer));
    assert!(fields::to_line(&good).is_ok());
    for one in 0..good.len() {
        for other in (0..good.len()).filter(|&other| other != one) {
            let mut twice = good.clone();
            twice[one].1 = good[other].name().clone();
            are_refused(&twice);
            // The same value does not make it better.
            twice[one] = good[other].clone();
            are_refused(&twice);
        }
    }
}

/// Cosigners add lines to a checkpoint; a reader that does not know them lets them stand.
#[test]
fn further_signature_lines_are_kept_and_not_judged() {
    let checkpoint = Checkpoint { origin: origin(), size: 17, root: Digest::of(b"root") };
    let log_key = LogKey::new(origin(), key(2).public().clone());
    let signed = checkpoint.sign(&key(2));
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
    // The same key signs for another origin: that is another log.
    let other: Origin = "other.example".parse().unwrap();
    let receipt = log.receipt(0, log.checkpoint(other.clone(), &key(2)));
    assert!(receipt.check(&log_key).is_err());
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
