//! Values to test with: any that the types allow, and a log to prove inclusion in.

use std::collections::BTreeSet;

use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use vouchsafe_core::digest::Digest;
use vouchsafe_core::format::volume::{MAX_COMMIT_ENTRIES, MemberName};
use vouchsafe_core::format::{
    Approval, ArchiveRef, Attached, Checkpoint, Entry, LogKey, Receipt, Sealed, SignedCheckpoint, SignedEntry,
};
use vouchsafe_core::language::Text;
use vouchsafe_core::merkle::{self, Frontier, MerkleError, StoredHashes};
use vouchsafe_core::model::{
    AgentAdded, AgentChanged, AgentKind, AgentRecord, AgentRecovered, AgentRevoked, AgentRotated, Answer,
    ArchiveCreated, ArchiveRepaired, ArchiveVerified, BundleExported, BundleReceived, CopyId, CopyIssued, Coverage,
    CustodyPassed, Direction, Disclosure, EntryIndex, Event, EventKind, ExhibitDescribed, ExhibitExported, ExhibitId,
    ExhibitIngested, ExhibitNoted, ExhibitReceived, FieldName, FieldValue, Fingerprint, GapBound, GapDeclared,
    LogKeyChanged, MediaType, Medium, Origin, Range, Recovery, RecoverySet, RepairSource, ReplicaLost, ReplicaMade,
    Role, Salt, Sample, Site, Stretch, Timestamp, TransferAccepted, TransferOffered, TransferRefused, TransferSettled,
    Verdict,
};
use vouchsafe_core::sign::{APPROVAL_NAMESPACE, ENTRY_NAMESPACE, KeyId, SigningKey};

use crate::who_may_sign::second_key;

/// The key with this number, the same in every run.
pub fn key(number: u8) -> SigningKey {
    SigningKey::from_secret(&[number; 32]).unwrap()
}

/// The origin of logs that need no particular one.
pub fn origin() -> Origin {
    "ngo.example/dprk".parse().unwrap()
}

pub fn any_digest() -> impl Strategy<Value = Digest> {
    any::<[u8; 32]>().prop_map(Digest::from_bytes)
}

pub fn any_key_id() -> impl Strategy<Value = KeyId> {
    any::<[u8; 32]>().prop_map(KeyId::from_bytes)
}

pub fn any_salt() -> impl Strategy<Value = Salt> {
    any::<[u8; 16]>().prop_map(Salt::from_bytes)
}

/// Any text that UTF-8 can hold, control characters and all.
pub fn any_text() -> impl Strategy<Value = String> {
    vec(any::<char>(), 0..30).prop_map(String::from_iter)
}

fn any_software() -> impl Strategy<Value = String> {
    "[!-~]{1,100}"
}

pub fn any_number() -> impl Strategy<Value = u64> {
    prop_oneof![0..100_u64, 0..=EntryIndex::MAX.0, Just(EntryIndex::MAX.0)]
}

pub fn any_time() -> impl Strategy<Value = Timestamp> {
    const LAST_MS: i64 = 253_402_300_799_999;
    prop_oneof![0..=LAST_MS, LAST_MS - 200_000_000..=LAST_MS].prop_map(|ms| Timestamp::from_unix_ms(ms).unwrap())
}

pub fn any_origin() -> impl Strategy<Value = Origin> {
    "[!#-*,-\\[\\]-~]{1,200}".prop_map(|text| text.parse().unwrap())
}

pub fn any_exhibit() -> impl Strategy<Value = ExhibitId> {
    any::<[u8; 10]>().prop_map(ExhibitId::from_bytes)
}

fn any_media_type() -> impl Strategy<Value = MediaType> {
    "[a-z0-9!#$&^_.+-]{1,20}/[a-z0-9!#$&^_.+-]{1,60}".prop_map(|text| text.parse().unwrap())
}

pub fn any_signing_key() -> impl Strategy<Value = SigningKey> {
    any::<[u8; 32]>().prop_map(|secret| SigningKey::from_secret(&secret).unwrap())
}

pub fn any_log_key() -> impl Strategy<Value = LogKey> {
    (any_origin(), any_signing_key()).prop_map(|(origin, key)| LogKey::new(origin, key.public().clone()))
}

fn any_fields() -> impl Strategy<Value = Vec<Digest>> {
    proptest::collection::btree_set(any::<[u8; 32]>(), 0..6)
        .prop_map(|digests: BTreeSet<_>| digests.into_iter().map(Digest::from_bytes).collect())
}

fn any_expiry() -> impl Strategy<Value = (Option<Timestamp>, Option<KeyId>)> {
    (option::of(any_time()), option::of(any_key_id()))
}

fn any_roles() -> impl Strategy<Value = Vec<Role>> {
    subsequence(Role::ALL, 1..=Role::ALL.len())
}

fn any_recovery() -> impl Strategy<Value = Recovery> {
    (vec(any_signing_key(), 1..5), any::<prop::sample::Index>()).prop_map(|(keys, threshold)| {
        let mut keys: Vec<_> = keys.iter().map(|key| key.public().clone()).collect();
        keys.sort_by_key(|key| key.to_openssh());
        keys.dedup();
        Recovery { threshold: threshold.index(keys.len()) as u64 + 1, keys }
    })
}

fn any_agent() -> impl Strategy<Value = AgentRecord> {
    (any_expiry(), select(AgentKind::ALL), any_signing_key(), any_roles()).prop_map(
        |((expires, next), kind, key, roles)| AgentRecord {
            expires,
            next,
            ..AgentRecord::new(kind, key.public().clone(), roles)
        },
    )
}

/// Any event of any kind.
pub fn any_event() -> impl Strategy<Value = Event> {
    prop_oneof![
        (any_agent(), any_fields(), any_log_key(), option::of(any_digest()), option::of(any_recovery())).prop_map(
            |(administrator, fields, log_key, next_log_key, recovery)| {
                let created = ArchiveCreated::new(administrator, log_key.to_string());
                Event::from(ArchiveCreated { fields, next_log_key, recovery, ..created })
            }
        ),
        (any_expiry(), any_fields(), any_key_id(), any_roles()).prop_map(|((expires, next), fields, key, roles)| {
            AgentChanged { expires, fields, key, next, roles }.into()
        }),
        (any_agent(), any_fields(), any_key_id())
            .prop_map(|(agent, fields, key)| AgentRotated { agent, fields, key }.into()),
        (any_agent(), any_fields()).prop_map(|(agent, fields)| AgentRecovered { agent, fields }.into()),
        (any_fields(), any_recovery()).prop_map(|(fields, recovery)| RecoverySet { fields, recovery }.into()),
        (any_fields(), any_log_key(), any::<bool>(), option::of(any_digest())).prop_map(
            |(fields, log_key, has_second, next_log_key)| {
                let log_key_pq = has_second.then(|| second_key(log_key.name().as_str()));
                LogKeyChanged { fields, log_key: log_key.to_string(), log_key_pq, next_log_key }.into()
            }
        ),
        (any_agent(), any_fields()).prop_map(|(agent, fields)| AgentAdded { agent, fields }.into()),
        (any_fields(), any_number(), any_key_id()).prop_map(|(fields, from, key)| AgentRevoked {
            fields,
            from_index: EntryIndex(from),
            key
        }
        .into()),
        (any_fields(), any_media_type(), any_digest(), any_number(), any_software()).prop_map(
            |(fields, media_type, object, size_bytes, software)| {
                ExhibitIngested { fields, media_type: Some(media_type), object, size_bytes, software }.into()
            }
        ),
        any_fields().prop_map(|fields| ExhibitDescribed { fields }.into()),
        any_fields().prop_map(|fields| ExhibitNoted { fields }.into()),
        (any_fields(), any_digest()).prop_map(|(fields, object)| CopyIssued { fields, object }.into()),
        any_verification().prop_map(Event::from),
        (
            any_copy(),
            any_fields(),
            select(Medium::ALL),
            select(Site::ALL),
            any_digest(),
            any_software(),
            vec(any_number(), 2)
        )
            .prop_map(|(copy, fields, medium, site, root, software, numbers)| {
                let [size, size_bytes] = numbers.try_into().unwrap();
                ReplicaMade { fields, medium, replica: copy, root, site, size, size_bytes, software }.into()
            }),
        (any_copy(), any_fields()).prop_map(|(copy, fields)| ReplicaLost { fields, replica: copy }.into()),
        (any_fields(), any_software(), select(RepairSource::ALL), any_stretches()).prop_map(
            |(fields, software, source, stretches)| ArchiveRepaired { fields, software, source, stretches }.into()
        ),
        (any_digest(), any_fields(), any_software(), vec(any_number(), 5)).prop_map(
            |(bundle, fields, software, numbers)| {
                let [exhibits, objects, size, size_bytes, withheld_fields] = numbers.try_into().unwrap();
                let counts =
                    BundleExported { bundle, exhibits, fields, objects, size, size_bytes, software, withheld_fields };
                counts.into()
            }
        ),
        (any_digest(), any_fields(), any_number()).prop_map(|(bundle, fields, withheld_fields)| {
            ExhibitExported { bundle, fields, withheld_fields }.into()
        }),
        (any::<bool>(), vec(any_digest(), 3), any_fields(), any_software(), vec(any_number(), 4)).prop_map(
            |(anchored, digests, fields, software, numbers)| {
                let [bundle, dossier, root] = digests.try_into().unwrap();
                let [exhibits, findings, size, size_bytes] = numbers.try_into().unwrap();
                BundleReceived {
                    anchored,
                    bundle,
                    dossier,
                    exhibits,
                    fields,
                    findings,
                    root,
                    size,
                    size_bytes,
                    software,
                }
                .into()
            }
        ),
        (any_digest(), any_fields(), any_exhibit()).prop_map(|(bundle, fields, foreign_exhibit)| {
            ExhibitReceived { bundle, fields, foreign_exhibit }.into()
        }),
        (any_digest(), any_fields(), vec(any_number(), 2)).prop_map(|(bundle, fields, numbers)| {
            let [exhibits, size_bytes] = numbers.try_into().unwrap();
            TransferOffered { bundle, exhibits, fields, size_bytes }.into()
        }),
        any_answer().prop_map(|(anchored, fields, [bundle, letter, offer], size_bytes)| {
            TransferAccepted { anchored, bundle, fields, letter, offer, size_bytes }.into()
        }),
        any_answer().prop_map(|(anchored, fields, [bundle, letter, offer], size_bytes)| {
            TransferRefused { anchored, bundle, fields, letter, offer, size_bytes }.into()
        }),
        (any_answer(), any_number(), select(Answer::ALL)).prop_map(|(answered, offer, answer)| {
            let (anchored, fields, [letter, ..], size_bytes) = answered;
            let offer = EntryIndex(offer);
            TransferSettled { anchored, answer, fields, letter, offer, size_bytes }.into()
        }),
        (any_fields(), any_gap_bound(0..1500), any_gap_bound(1500..10_000))
            .prop_map(|(fields, from, to)| GapDeclared { fields, from, to }.into()),
        (any_digest(), any_digest(), any_fields(), select(Direction::ALL)).prop_map(
            |(bundle, letter, fields, direction)| { CustodyPassed { bundle, direction, fields, letter }.into() }
        ),
    ]
}

fn any_answer() -> impl Strategy<Value = (bool, Vec<Digest>, [Digest; 3], u64)> {
    let digests = [any_digest(), any_digest(), any_digest()];
    (any::<bool>(), any_fields(), digests, any_number())
}

fn any_gap_bound(years: std::ops::Range<i16>) -> impl Strategy<Value = GapBound> {
    (years, 1..=12, 1..=28, 0..4).prop_map(|(year, month, day, parts)| {
        let text = match parts {
            0 => "..".to_owned(),
            1 => format!("{year:04}"),
            2 => format!("{year:04}-{month:02}"),
            _ => format!("{year:04}-{month:02}-{day:02}"),
        };
        text.parse().unwrap()
    })
}

fn any_verification() -> impl Strategy<Value = ArchiveVerified> {
    let verdicts = (select(Verdict::ALL), select(Verdict::ALL));
    (vec(any_number(), 5), any_fields(), any_fields(), any_digest(), any_software(), verdicts, any_coverage()).prop_map(
        |(numbers, fields, failed_objects, root, software, (verdict, log_verdict), coverage)| {
            let [entries, findings, objects, size, size_bytes] = numbers.try_into().unwrap();
            ArchiveVerified {
                coverage,
                entries,
                failed_objects,
                fields,
                findings,
                log_verdict,
                objects,
                root,
                size,
                size_bytes,
                software,
                verdict,
            }
        },
    )
}

fn any_coverage() -> impl Strategy<Value = Coverage> {
    let sample = proptest::option::of((1_u32..1_000_000, any_salt()));
    (vec((1_u64..1_000, 1_u64..1_000), 0..5), any::<bool>(), sample).prop_map(|(gaps, from_zero, sample)| {
        let mut end = 0;
        let mut ranges = Vec::new();
        for (number, (gap, count)) in gaps.into_iter().enumerate() {
            let first = if number == 0 && from_zero { 0 } else { end + gap };
            ranges.push(Range { first, count });
            end = first + count;
        }
        let sample = sample.map(|(per_million, seed)| Sample { per_million, seed });
        Coverage { objects_held: end, ranges, sample }
    })
}

fn any_stretches() -> impl Strategy<Value = Vec<Stretch>> {
    vec((0_u32..3, 0_u64..1_000, 1_u64..1_000), 1..6).prop_map(|steps| {
        let (mut volume, mut end) = (0, 0);
        let place = |(next, gap, size_bytes): (u32, u64, u64)| {
            if next > 0 {
                (volume, end) = (volume + next, 0);
            }
            let offset = end + gap;
            end = offset + size_bytes;
            Stretch { offset, size_bytes, volume }
        };
        steps.into_iter().map(place).collect()
    })
}

fn any_copy() -> impl Strategy<Value = CopyId> {
    any::<[u8; 10]>().prop_map(CopyId::from_bytes)
}

/// Anything that may be attached to an entry; nothing, to most.
fn any_attached() -> impl Strategy<Value = Attached> {
    let sealed = (1..=EntryIndex::MAX.0, any_digest(), any_digest()).prop_map(|(epoch, fields, key)| Sealed {
        epoch,
        fields,
        key,
    });
    let approval = (any_signing_key(), any_salt(), any_time(), any_digest(), any_digest());
    let approval = approval.prop_map(|(key, nonce, not_after, request, archive)| {
        let signature = key.sign_sshsig(APPROVAL_NAMESPACE, b"");
        let unsigned = Approval { key: key.public().id(), nonce, not_after, request, signature };
        let message = unsigned.message(Fingerprint(archive), "exhibit.noted");
        Approval { signature: key.sign_sshsig(APPROVAL_NAMESPACE, &message), ..unsigned }
    });
    let approvals = proptest::option::weighted(0.3, vec(approval, 0..4)).prop_map(Option::unwrap_or_default);
    (proptest::option::weighted(0.3, sealed), approvals).prop_map(|(sealed, mut approvals)| {
        approvals.sort_by_key(|approval| approval.key.to_string());
        Attached { approvals, sealed }
    })
}

/// Any entry that may be written, whether or not it could stand in a log.
pub fn any_entry() -> impl Strategy<Value = Entry> {
    let times = (any_time(), any_time());
    let exhibit = (any_exhibit(), any_number());
    let event = (any_event(), any_attached());
    (any_key_id(), event, exhibit, any_number(), any_origin(), any_digest(), any_salt(), times).prop_map(
        |(
            actor,
            (mut event, mut attached),
            (exhibit, sequence),
            index,
            origin,
            previous,
            salt,
            (one_time, other_time),
        )| {
            if let (Event::ExhibitIngested(body), Some(_)) = (&mut event, &attached.sealed) {
                body.media_type = None;
            }
            if matches!(event, Event::ArchiveCreated(_)) {
                attached.approvals.clear();
            }
            let is_ingest = event.kind() == Some(EventKind::ExhibitIngested);
            let exhibit = event.kind().is_some_and(EventKind::is_about_an_exhibit).then_some(exhibit);
            let index = if event.kind() == Some(EventKind::ArchiveCreated) { 0 } else { index.max(1) };
            let entry = Entry {
                actor,
                archive: ArchiveRef::Of(Fingerprint(previous)),
                exhibit,
                exhibit_sequence: exhibit.map(|_| if is_ingest { 0 } else { sequence.max(1) }),
                attached,
                event,
                index: EntryIndex(index),
                occurred_at: one_time.min(other_time),
                previous: if index == 0 { Digest::ZERO } else { previous },
                record: None,
                record_sequence: None,
                recorded_at: one_time.max(other_time),
                salt,
            };
            in_log(entry, origin, Fingerprint(previous))
        },
    )
}

/// The entry as one of this archive: where it introduces the log's key, the key has the log's name.
pub fn in_log(mut entry: Entry, origin: Origin, archive: Fingerprint) -> Entry {
    if let Event::ArchiveCreated(body) = &mut entry.event {
        let key: LogKey = body.log_key.parse().unwrap();
        body.log_key = LogKey::new(origin.clone(), key.key().clone()).to_string();
    }
    if let Event::AgentRevoked(body) = &mut entry.event {
        body.from_index = body.from_index.min(EntryIndex(entry.index.0 + 1)).min(EntryIndex::MAX);
    }
    let archive = match entry.event.kind() {
        Some(EventKind::ArchiveCreated) => ArchiveRef::First(origin),
        _ => ArchiveRef::Of(archive),
    };
    Entry { archive, ..entry }
}

/// A message with these keys' signatures, whatever it says: what a program writes that does not care.
pub fn sign_message(message: &str, keys: impl IntoIterator<Item = u8>) -> String {
    let signatures: Vec<_> = keys
        .into_iter()
        .map(|number| {
            let key = key(number);
            let signature = key.sign_sshsig(ENTRY_NAMESPACE, message.as_bytes());
            format!(r#"{{"key":"{}","signature":"{signature}"}}"#, key.public().id())
        })
        .collect();
    format!(r#"{},"signatures":[{}]}}"#, message.strip_suffix('}').unwrap(), signatures.join(","))
}

fn any_value() -> impl Strategy<Value = FieldValue> {
    const EXACT: i64 = (1 << 53) - 1;
    prop_oneof![
        any_text().prop_map(FieldValue::Text),
        vec(any_text(), 0..4).prop_map(FieldValue::List),
        prop_oneof![-EXACT..=EXACT, Just(EXACT), Just(-EXACT), Just(0)].prop_map(FieldValue::Integer),
        vec(any::<u8>(), 0..40).prop_map(FieldValue::Bytes),
        any_text().prop_map(FieldValue::Unknown),
        any_text().prop_map(FieldValue::Withdrawn),
    ]
}

/// Any fields of one entry, in the order of their digests.
pub fn any_disclosures() -> impl Strategy<Value = Vec<Disclosure>> {
    let name = "[a-z][a-z0-9_]{0,63}".prop_map(|text| text.parse::<FieldName>().unwrap());
    btree_map(name, (any_salt(), any_value()), 0..6).prop_map(|fields| {
        in_order(fields.into_iter().map(|(name, (salt, value))| Disclosure(salt, name, value)).collect())
    })
}

/// Disclosures as they lie in a volume: in ascending order of their digests.
pub fn in_order(mut disclosures: Vec<Disclosure>) -> Vec<Disclosure> {
    disclosures.sort_by_cached_key(Disclosure::digest);
    disclosures
}

pub fn any_checkpoint() -> impl Strategy<Value = Checkpoint> {
    (any_origin(), any_number(), any_digest()).prop_map(|(origin, size, root)| Checkpoint { origin, size, root })
}

pub fn any_member_name() -> impl Strategy<Value = MemberName> {
    let range = || {
        let first = prop_oneof![0..100_u64, 0..=EntryIndex::MAX.0 - MAX_COMMIT_ENTRIES];
        (first, 1..=MAX_COMMIT_ENTRIES)
    };
    prop_oneof![
        any_digest().prop_map(MemberName::Object),
        range().prop_map(|(first, count)| MemberName::Fields { first, count }),
        range().prop_map(|(first, count)| MemberName::Log { first, count }),
        any_number().prop_map(|size| MemberName::Checkpoint { size }),
    ]
}

/// The stored hashes of a tree.
#[derive(Default)]
struct Hashes(Vec<Digest>);

impl StoredHashes for Hashes {
    fn read(&self, numbers: &[u64]) -> Result<Vec<Digest>, MerkleError> {
        let hash = |&number: &u64| usize::try_from(number).ok().and_then(|at| self.0.get(at)).copied();
        numbers.iter().map(|number| hash(number).ok_or(MerkleError::Missing { number: *number })).collect()
    }
}

/// A log in memory, for proofs of inclusion.
#[derive(Default)]
pub struct Log {
    frontier: Frontier,
    hashes: Hashes,
    /// The entries, in order.
    pub entries: Vec<SignedEntry>,
}

impl Log {
    pub fn size(&self) -> u64 {
        self.frontier.size()
    }

    pub fn root(&self) -> Digest {
        self.frontier.root()
    }

    pub fn append(&mut self, entry: SignedEntry) {
        self.frontier.append_storing(entry.leaf(), |_, hash| self.hashes.0.push(hash));
        self.entries.push(entry);
    }

    /// The leaf hash that the next entry names as `previous`.
    pub fn previous(&self) -> Digest {
        self.entries.last().map_or(Digest::ZERO, SignedEntry::leaf)
    }

    /// The fingerprint of the archive, once it has an entry.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint(self.entries[0].leaf())
    }

    /// How the next entry names its archive.
    pub fn archive(&self) -> ArchiveRef {
        match self.entries.is_empty() {
            true => ArchiveRef::First(origin()),
            false => ArchiveRef::Of(self.fingerprint()),
        }
    }

    pub fn checkpoint(&self, origin: Origin, key: &SigningKey) -> SignedCheckpoint {
        Checkpoint { origin, size: self.size(), root: self.root() }.sign(key)
    }

    pub fn receipt(&self, index: u64, checkpoint: SignedCheckpoint) -> Receipt {
        let path = merkle::prove_inclusion(index, self.size(), &self.hashes).unwrap();
        Receipt { entry: self.entries[usize::try_from(index).unwrap()].clone(), path, checkpoint }
    }
}

/// Texts in English.
pub fn english(texts: &[Text]) -> Vec<&str> {
    texts.iter().map(Text::english).collect()
}

/// That a text is wholly in Korean: outside of what it quotes, no English word stands in it that names nothing.
pub fn assert_korean(text: &Text) {
    let korean = text.korean();
    let mut own = String::new();
    let mut depth = 0;
    for letter in korean.chars() {
        match letter {
            '“' => depth += 1,
            '”' => depth -= 1,
            letter if depth == 0 => own.push(letter),
            _ => {}
        }
    }
    assert!(own.chars().any(|letter| ('가'..='힣').contains(&letter)), "{korean}");
    let mut words = own.split(|letter: char| !letter.is_ascii_alphanumeric());
    let english =
        ["an", "the", "is", "are", "was", "not", "no", "of", "it", "its", "by", "this", "that", "has", "there"];
    assert_eq!(words.find(|word| english.contains(word)), None, "{korean}");
}
