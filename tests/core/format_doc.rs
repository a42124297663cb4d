//! `docs/format.md` is checked: its examples are made here from fixed inputs, are read again from the
//! page alone, and its commands are run.
//!
//! After a change that is meant, `VOUCHSAFE_BLESS=1 cargo test --test core format_doc` writes the
//! examples into the page.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;
use vouchsafe::digest::Digest;
use vouchsafe::format::volume::{self, MemberName};
use vouchsafe::format::{
    Checkpoint, Entry, LogKey, Receipt, SignedCheckpoint, SignedEntry, canonical, checkpoint, entry, fields, receipt,
};
use vouchsafe::merkle::Frontier;
use vouchsafe::model::{
    AgentAdded, AgentKind, AgentRecord, AgentRevoked, ArchiveCreated, ArchiveVerified, CopyIssued, Disclosure,
    EntryIndex, Event, EventKind, ExhibitDescribed, ExhibitId, ExhibitIngested, ExhibitNoted, FieldValue,
    MAX_FIELD_LIST_ITEMS, MAX_FIELD_VALUE_BYTES, MediaType, Role, Salt, Timestamp, Verdict,
};
use vouchsafe::sign::{ENTRY_NAMESPACE, KeyId, PublicKey, SigningKey};

use crate::data;
use crate::samples::{Log, key, origin};
use crate::volumes::member;

const PAGE: &str = "docs/format.md";
/// The object of the examples.
const OBJECT: &str = "This statement is invented. It stands for a testimony.\n";
/// How many entries are in the first commit; the others are in the second.
const FIRST_COMMIT: usize = 2;

/// A fenced block of the page: its info string and what stands in it.
type Block = (String, String);

/// The blocks of the page, in order.
fn blocks(page: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut lines = page.split_inclusive('\n');
    while let Some(line) = lines.next() {
        let Some(info) = line.strip_prefix("```").map(str::trim_end) else { continue };
        let content: String = lines.by_ref().take_while(|line| line.trim_end() != "```").collect();
        blocks.push((info.to_owned(), content));
    }
    blocks
}

/// Whether a block is an example, to be made again.
fn is_example(info: &str) -> bool {
    ["json ", "text "].iter().any(|kind| info.starts_with(kind))
}

fn page() -> String {
    fs::read_to_string(data::project_file(PAGE)).unwrap()
}

fn only<'a>(blocks: &'a [Block], info: &str) -> &'a str {
    let found: Vec<_> = blocks.iter().filter(|(found, _)| found == info).collect();
    assert_eq!(found.len(), 1, "blocks with {info:?}");
    &found[0].1
}

/// The lines of all blocks of a kind, each without its newline.
fn all<'a>(blocks: &'a [Block], info: &str) -> Vec<&'a str> {
    blocks.iter().filter(|(found, _)| found == info).map(|(_, text)| text.strip_suffix('\n').unwrap()).collect()
}

// --- how the examples are made ----------------------------------------------------------------

fn administrator() -> SigningKey {
    key(1)
}

fn log_signer() -> SigningKey {
    key(2)
}

fn archivist() -> SigningKey {
    key(3)
}

/// A salt that is the same in every run. A real one is random.
fn salt(of: &str) -> Salt {
    Salt::from_bytes(Digest::of(of.as_bytes()).as_bytes()[..16].try_into().unwrap())
}

/// The log of the examples, with one entry of every kind, and the fields of each.
fn example_log() -> (Log, Vec<Vec<Disclosure>>) {
    let mut log = Log::default();
    let mut all_fields = Vec::new();
    let object = Digest::of(OBJECT.as_bytes());
    let text = |text: &str| FieldValue::Text(text.to_owned());
    let list = |items: &[&str]| FieldValue::List(items.iter().map(|&item| item.to_owned()).collect());
    let mut add = |log: &mut Log, signer: SigningKey, event: Event, named: Vec<(&str, FieldValue)>| {
        let index = log.size();
        let disclosures: Vec<_> = named
            .into_iter()
            .map(|(name, value)| Disclosure(salt(&format!("{index} {name}")), name.parse().unwrap(), value))
            .collect();
        let mut event = event;
        event.set_fields(disclosures.iter().map(Disclosure::digest).collect());
        let recorded_at = Timestamp::from_unix_ms(1_795_424_400_000 + 60_000 * index as i64 + 120).unwrap();
        let occurred_at = match event {
            Event::CopyIssued(_) => "2026-11-23T09:00:00.000Z".parse().unwrap(),
            _ => recorded_at,
        };
        let exhibit = event
            .kind()
            .is_about_an_exhibit()
            .then(|| ExhibitId::from_bytes(Digest::of(b"exhibit").as_bytes()[..10].try_into().unwrap()));
        let entry = Entry {
            actor: signer.public().id(),
            event,
            exhibit,
            index: EntryIndex(index),
            occurred_at,
            origin: origin(),
            previous: log.previous(),
            recorded_at,
            salt: salt(&format!("{index}")),
        };
        log.append(entry.sign(&signer).unwrap());
        all_fields.push(disclosures);
    };
    let agent = |key: &SigningKey, role| AgentRecord {
        kind: AgentKind::Person,
        public_key: key.public().clone(),
        roles: vec![role],
    };
    let (nothing, log_key) = (Vec::new, LogKey::new(origin(), log_signer().public().clone()).to_string());
    let created =
        ArchiveCreated { administrator: agent(&administrator(), Role::Administrator), fields: nothing(), log_key };
    add(&mut log, administrator(), created.into(), vec![("name", text("Desk A"))]);
    let added = AgentAdded { agent: agent(&archivist(), Role::Archivist), fields: nothing() };
    add(&mut log, administrator(), added.into(), vec![("name", text("Archivist 7"))]);
    let ingested = ExhibitIngested {
        fields: nothing(),
        media_type: "text/plain".parse::<MediaType>().unwrap(),
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
    let revoked =
        AgentRevoked { fields: nothing(), from_index: EntryIndex(log.size() + 1), key: archivist().public().id() };
    add(&mut log, administrator(), revoked.into(), vec![("reason", text("left the organisation"))]);
    (log, all_fields)
}

/// The text of `archive.json`.
fn description() -> String {
    let members: HashMap<_, _> = [
        ("administrator", administrator().public().to_openssh()),
        ("format", "vouchsafe-archive/1".to_owned()),
        ("log_key", LogKey::new(origin(), log_signer().public().clone()).to_string()),
        ("origin", origin().to_string()),
    ]
    .into();
    String::from_utf8(canonical::to_vec(&members)).unwrap() + "\n"
}

/// Bytes as `xxd` shows them, without lines of zeros.
fn hex_dump(bytes: &[u8]) -> String {
    let mut text = String::new();
    for (number, line) in bytes.chunks(16).enumerate().filter(|(_, line)| line.iter().any(|&byte| byte != 0)) {
        let pairs: Vec<_> = line.chunks(2).map(|pair| pair.iter().map(|b| format!("{b:02x}")).collect()).collect();
        let shown = |&b: &u8| if (b' '..=b'~').contains(&b) { char::from(b) } else { '.' };
        let letters: String = line.iter().map(shown).collect();
        writeln!(text, "{:08x}: {:39}  {letters}", number * 16, <[String]>::join(&pairs, " ")).unwrap();
    }
    text
}

/// All examples, in the order of the page.
fn examples() -> Vec<Block> {
    let (log, all_fields) = example_log();
    let line = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap() + "\n";
    let example = |info: &str, text: String| (info.to_owned(), text);
    let checkpoint = log.checkpoint(origin(), &log_signer());
    let ingest = &log.entries[2];
    let signature = ingest.signatures[0].signature.to_sshsig(ENTRY_NAMESPACE, archivist().public()).unwrap();
    let header = volume::header(MemberName::Checkpoint { size: log.size() }, checkpoint.text().len() as u64, false);
    let mut examples = vec![
        example("json archive", description()),
        example("text object", OBJECT.to_owned()),
        example("json entry", line(ingest.line())),
        example("json fields", line(&fields::to_line(&all_fields[2]).unwrap())),
        example("text checkpoint", checkpoint.text().to_owned()),
        example("text header", hex_dump(&header)),
    ];
    for (index, entry) in log.entries.iter().enumerate().filter(|(index, _)| *index != 2) {
        examples.push(example("json entry", line(entry.line())));
        examples.push(example("json fields", line(&fields::to_line(&all_fields[index]).unwrap())));
    }
    examples.push(example("json message", line(&ingest.message())));
    examples.push(example("text signature", signature));
    examples.push(example("text log key", LogKey::new(origin(), log_signer().public().clone()).to_string() + "\n"));
    examples.push(example("text receipt", log.receipt(2, checkpoint).to_string()));
    examples
}
