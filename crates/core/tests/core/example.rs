//! The example archive: the one that `docs/format.md` shows and that the vectors are made from.

use vouchsafe_core::digest::Digest;
use vouchsafe_core::format::volume::MemberName;
use vouchsafe_core::format::{Attached, Entry, LogKey, SignedEntry};
use vouchsafe_core::model::{
    AgentAdded, AgentKind, AgentRecord, AgentRevoked, Answer, ArchiveCreated, ArchiveRepaired, ArchiveVerified,
    BundleExported, BundleReceived, CopyIssued, Coverage, CustodyPassed, Direction, Disclosure, EntryIndex, Event,
    EventKind, ExhibitDescribed, ExhibitExported, ExhibitId, ExhibitIngested, ExhibitNoted, ExhibitReceived,
    FieldValue, GapDeclared, MediaType, Medium, RepairSource, ReplicaLost, ReplicaMade, Role, Salt, Site, Stretch,
    Timestamp, TransferAccepted, TransferOffered, TransferRefused, TransferSettled, Verdict,
};
use vouchsafe_core::sign::SigningKey;

use crate::samples::{Log, in_order, key, origin};
use crate::volumes::member;

/// Stands for the dossier of a bundle: the smallest one, without any file.
pub const DOSSIER: &[u8] = &[0; 1024];
/// What stands for the letters of other archives. The verifier looks at the bytes of objects, not into them.
pub const LETTER: &[u8] = b"A letter of another archive.\n";
/// The object of the examples.
pub const OBJECT: &str = "This statement is invented. It stands for a testimony.\n";

pub fn administrator() -> SigningKey {
    key(1)
}

pub fn log_signer() -> SigningKey {
    key(2)
}

pub fn archivist() -> SigningKey {
    key(3)
}

pub fn log_key() -> LogKey {
    LogKey::new(origin(), log_signer().public().clone())
}

/// A salt that is the same in every run. A real one is random.
pub fn salt(of: &str) -> Salt {
    Salt::from_bytes(Digest::of(of.as_bytes()).as_bytes()[..16].try_into().unwrap())
}

/// The log of the examples, with one entry of every kind, and the fields of each.
pub fn log() -> (Log, Vec<Vec<Disclosure>>) {
    log_with(|_| {})
}

/// The same log, but each entry is changed before it is signed.
pub fn log_with(change: impl Fn(&mut Entry)) -> (Log, Vec<Vec<Disclosure>>) {
    log_signed(change, |entry, key| entry.sign(key).unwrap())
}

/// The same, and `sign` signs each entry, of which the key is the one that signs it in the example.
pub fn log_signed(
    change: impl Fn(&mut Entry),
    sign: impl Fn(Entry, &SigningKey) -> SignedEntry,
) -> (Log, Vec<Vec<Disclosure>>) {
    let mut log = Log::default();
    let mut all_fields = Vec::new();
    let mut exhibit_entries = 0;
    let object = Digest::of(OBJECT.as_bytes());
    let text = |text: &str| FieldValue::Text(text.to_owned());
    let list = |items: &[&str]| FieldValue::List(items.iter().map(|&item| item.to_owned()).collect());
    let mut add = |log: &mut Log, signer: SigningKey, mut event: Event, named: Vec<(&str, FieldValue)>| {
        let index = log.size();
        let disclosures = in_order(
            named
                .into_iter()
                .map(|(name, value)| Disclosure(salt(&format!("{index} {name}")), name.parse().unwrap(), value))
                .collect(),
        );
        event.set_fields(disclosures.iter().map(Disclosure::digest).collect());
        let recorded_at = Timestamp::from_unix_ms(1_795_424_400_000 + 60_000 * index as i64 + 120).unwrap();
        let occurred_at = match event {
            Event::CopyIssued(_) => "2026-11-23T09:04:30.000Z".parse().unwrap(),
            _ => recorded_at,
        };
        let exhibit = event
            .kind()
            .is_some_and(EventKind::is_about_an_exhibit)
            .then(|| ExhibitId::from_bytes(Digest::of(b"exhibit").as_bytes()[..10].try_into().unwrap()));
        let mut entry = Entry {
            actor: signer.public().id(),
            archive: log.archive(),
            attached: Attached::default(),
            event,
            exhibit,
            exhibit_sequence: exhibit.map(|_| exhibit_entries),
            index: EntryIndex(index),
            occurred_at,
            previous: log.previous(),
            record: None,
            record_sequence: None,
            recorded_at,
            salt: salt(&format!("{index}")),
        };
        exhibit_entries += u64::from(exhibit.is_some());
        change(&mut entry);
        log.append(sign(entry, &signer));
        all_fields.push(disclosures);
    };
    let agent = |key: &SigningKey, role| AgentRecord::new(AgentKind::Person, key.public().clone(), vec![role]);
    let (nothing, log_key) = (Vec::new, log_key().to_string());
    let created = ArchiveCreated::new(agent(&administrator(), Role::Administrator), log_key);
    add(&mut log, administrator(), created.into(), vec![("name", text("Desk A"))]);
    let added = AgentAdded { agent: agent(&archivist(), Role::Archivist), fields: nothing() };
    add(&mut log, administrator(), added.into(), vec![("name", text("Archivist 7"))]);
    let ingested = ExhibitIngested {
        fields: nothing(),
        media_type: Some("text/plain".parse::<MediaType>().unwrap()),
        object,
        size_bytes: OBJECT.len() as u64,
        software: "vouchsafe/0.1.0".to_owned(),
    };
    let description = vec![
        ("title", text("증언 17")),
        ("languages", list(&["ko", "en"])),
        ("pages", FieldValue::Integer(1)),
        ("original_name", FieldValue::Bytes(b"\xc1\xf5\xbe\xf0.txt".to_vec())),
        ("place", FieldValue::Unknown("withheld by the source".to_owned())),
    ];
    add(&mut log, archivist(), ingested.into(), description);
    let described = ExhibitDescribed { fields: nothing() };
    add(&mut log, archivist(), described.into(), vec![("languages", list(&["ko"]))]);
    add(&mut log, archivist(), ExhibitNoted { fields: nothing() }.into(), vec![("note", text("Read to the source."))]);
    let copied = CopyIssued { fields: nothing(), object };
    let (purpose, recipient) = (text("translation"), text("Translator 2"));
    add(&mut log, archivist(), copied.into(), vec![("purpose", purpose), ("recipient", recipient)]);
    let verified = ArchiveVerified {
        coverage: Coverage::whole(1),
        failed_objects: nothing(),
        log_verdict: Verdict::Sound,
        entries: log.size(),
        fields: nothing(),
        findings: 0,
        objects: 1,
        root: log.root(),
        size: log.size(),
        size_bytes: OBJECT.len() as u64,
        software: "vouchsafe/0.1.0".to_owned(),
        verdict: Verdict::Sound,
    };
    add(&mut log, archivist(), verified.into(), Vec::new());
    let replicated = ReplicaMade {
        fields: nothing(),
        medium: Medium::Removable,
        replica: "C-4MQ8-XT2B-97WD-NE3Z".parse().unwrap(),
        root: log.root(),
        site: Site::Other,
        size: log.size(),
        size_bytes: 14_848,
        software: "vouchsafe/0.1.0".to_owned(),
    };
    add(&mut log, archivist(), replicated.into(), Vec::new());
    let repaired = ArchiveRepaired {
        fields: nothing(),
        software: "vouchsafe/0.1.0".to_owned(),
        source: RepairSource::Copy,
        stretches: vec![Stretch { offset: 512, size_bytes: 4_096, volume: 0 }],
    };
    add(&mut log, archivist(), repaired.into(), Vec::new());
    let bundle = Digest::of(b"the tag manifest of a bundle");
    let exported = BundleExported {
        bundle,
        exhibits: 1,
        fields: nothing(),
        objects: 1,
        size: log.size(),
        size_bytes: OBJECT.len() as u64,
        software: "vouchsafe/0.1.0".to_owned(),
        withheld_fields: 6,
    };
    let (purpose, recipient) = (text("disclosure to the court"), text("Court 3"));
    add(&mut log, archivist(), exported.into(), vec![("purpose", purpose), ("recipient", recipient)]);
    let exported = ExhibitExported { bundle, fields: nothing(), withheld_fields: 6 };
    add(&mut log, archivist(), exported.into(), Vec::new());
    let offer = EntryIndex(log.size());
    let offered = TransferOffered { bundle, exhibits: 1, fields: nothing(), size_bytes: OBJECT.len() as u64 };
    let (recipient, method) = (text("Partner organisation"), text("by courier, seal 17"));
    add(&mut log, archivist(), offered.into(), vec![("recipient", recipient), ("method", method)]);
    let partner = || {
        let archive = Digest::of(b"the first entry of the partner's log").to_string();
        vec![("partner_archive", text(&archive)), ("partner_origin", text("partner.example/interviews"))]
    };
    let and = |mut fields: Vec<(&'static str, FieldValue)>, name, value| {
        fields.push((name, text(value)));
        fields
    };
    let settled = TransferSettled {
        anchored: true,
        answer: Answer::Accepted,
        fields: nothing(),
        letter: Digest::of(LETTER),
        offer,
        size_bytes: LETTER.len() as u64,
    };
    add(&mut log, archivist(), settled.into(), partner());
    let received = BundleReceived {
        anchored: true,
        bundle: Digest::of(b"the tag manifest of a bundle of another archive"),
        dossier: Digest::of(DOSSIER),
        exhibits: 1,
        fields: nothing(),
        findings: 0,
        root: Digest::of(b"the root of its log"),
        size: 212,
        size_bytes: DOSSIER.len() as u64,
        software: "vouchsafe/0.1.0".to_owned(),
    };
    let bundle = received.bundle;
    add(&mut log, archivist(), received.into(), and(partner(), "sender", "Partner organisation"));
    let foreign_exhibit = "X-QW3R-8T2Y-6MZK-4HNB".parse().unwrap();
    let received = ExhibitReceived { bundle, fields: nothing(), foreign_exhibit };
    add(&mut log, archivist(), received.into(), Vec::new());
    let accepted = TransferAccepted {
        anchored: true,
        bundle,
        fields: nothing(),
        letter: Digest::of(LETTER),
        offer: Digest::of(b"the leaf of the offer"),
        size_bytes: LETTER.len() as u64,
    };
    add(&mut log, archivist(), accepted.into(), and(partner(), "note", "The seal was whole."));
    let refused = TransferRefused {
        anchored: true,
        bundle: Digest::of(b"the tag manifest of a bundle that is not wanted"),
        fields: nothing(),
        letter: Digest::of(LETTER),
        offer: Digest::of(b"the leaf of another offer"),
        size_bytes: LETTER.len() as u64,
    };
    add(&mut log, archivist(), refused.into(), and(partner(), "reason", "The seal was broken."));
    let gap = GapDeclared { fields: nothing(), from: "2003".parse().unwrap(), to: "2005-07".parse().unwrap() };
    add(&mut log, archivist(), gap.into(), vec![("reason", text("Kept by a source who does not say where."))]);
    let passed = CustodyPassed { bundle, direction: Direction::In, fields: nothing(), letter: Digest::of(LETTER) };
    add(&mut log, archivist(), passed.into(), partner());
    let lost = ReplicaLost { fields: nothing(), replica: "C-4MQ8-XT2B-97WD-NE3Z".parse().unwrap() };
    add(&mut log, archivist(), lost.into(), vec![("reason", text("The disk was seized."))]);
    let revoked =
        AgentRevoked { fields: nothing(), from_index: EntryIndex(log.size() + 1), key: archivist().public().id() };
    add(&mut log, administrator(), revoked.into(), vec![("reason", text("left the organisation"))]);
    (log, all_fields)
}

/// A commit, as it lies in a volume: objects, then the texts of fields and log, then the checkpoint.
pub fn commit(objects: &[&[u8]], first: u64, fields: &[u8], log: &[u8], size: u64, checkpoint: &str) -> Vec<u8> {
    let count = size - first;
    let mut bytes = Vec::new();
    for object in objects {
        bytes.extend(member(MemberName::Object(Digest::of(object)), object, true));
    }
    bytes.extend(member(MemberName::Fields { first, count }, fields, false));
    bytes.extend(member(MemberName::Log { first, count }, log, false));
    bytes.extend(member(MemberName::Checkpoint { size }, checkpoint.as_bytes(), false));
    bytes
}
