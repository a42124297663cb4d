//! `docs/format.md` is checked: its examples are made here from fixed inputs, are read again from the
//! page alone, and its commands are run. Its table of findings is that of the code.
//!
//! After a change that is meant, `VOUCHSAFE_BLESS=1 cargo test -p vouchsafe-core --test core -- format_doc`
//! writes the examples and the table into the page.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

use tempfile::TempDir;
use vouchsafe_core::digest::Digest;
use vouchsafe_core::format::attached::MAX_APPROVALS;
use vouchsafe_core::format::volume::{self, MemberName};
use vouchsafe_core::format::{
    Approval, ArchiveRef, Checkpoint, LogKey, Receipt, SignedCheckpoint, SignedEntry, canonical, checkpoint, entry,
    fields, receipt,
};
use vouchsafe_core::merkle::Frontier;
use vouchsafe_core::model::{
    AgentAdded, AgentKind, ArchiveCreated, Disclosure, EntryIndex, Event, EventKind, ExhibitId, MAX_FIELD_LIST_ITEMS,
    MAX_FIELD_VALUE_BYTES, MediaType, Role, Salt, Verdict,
};
use vouchsafe_core::sign::{APPROVAL_NAMESPACE, ENTRY_NAMESPACE, KeyId, PublicKey};
use vouchsafe_core::verify::{Code, Severity};

use crate::data;
use crate::example::{self, DOSSIER, LETTER, OBJECT, administrator, archivist, commit, log_key, log_signer};
use crate::fido::{Token, by_token_for_plain_key};
use crate::samples::{Log, origin};

const PAGE: &str = "docs/format.md";
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

/// The page. Where it is to be written anew, that is done before the first test sees it.
fn page() -> &'static str {
    static TEXT: LazyLock<String> = LazyLock::new(|| {
        let path = data::project_file(PAGE);
        let page = fs::read_to_string(&path).unwrap();
        if !data::is_blessed() {
            return page;
        }
        let page = with_findings(&with_examples(&page));
        fs::write(&path, &page).unwrap();
        page
    });
    &TEXT
}

/// Checks that the page is as it should be, and shows the first line that is not.
fn check_page(expected: &str) {
    let page = page();
    if page == expected {
        return;
    }
    let mut lines = page.lines().chain([""]).zip(expected.lines().chain([""])).enumerate();
    let (line, (found, made)) = lines.find(|(_, (a, b))| a != b).unwrap();
    panic!("{PAGE}, line {}: is\n{found}\nand should be\n{made}\n(VOUCHSAFE_BLESS=1 writes it)", line + 1);
}

/// Whoever looks an event up finds the example of that event below its name.
#[test]
fn each_example_of_an_event_stands_below_its_name() {
    let mut below = None;
    let mut seen = 0;
    for line in page().lines() {
        if let Some(name) = line.strip_prefix("#### ") {
            below = Some(name).filter(|name| name.contains('.'));
        } else if line.starts_with("##") {
            below = None;
        }
        let (Some(name), true) = (below, line.starts_with("{\"actor\":")) else { continue };
        assert!(line.contains(&format!("\"event\":\"{name}\"")), "below {name}: {line}");
        seen += 1;
    }
    assert!(seen >= 18, "{seen}");
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

/// The text of `archive.json`.
fn description() -> String {
    let members: HashMap<_, _> = [
        ("administrator", administrator().public().to_openssh()),
        ("archive", example::log().0.fingerprint().to_string()),
        ("format", "vouchsafe-archive/1".to_owned()),
        ("log_key", log_key().to_string()),
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
    let (log, all_fields) = example::log();
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
        example("text fingerprint", format!("{}\n{}\n", log.fingerprint(), log.fingerprint().paper())),
        example("text header", hex_dump(&header)),
    ];
    for (index, entry) in log.entries.iter().enumerate().filter(|(index, _)| *index != 2) {
        examples.push(example("json entry", line(entry.line())));
        examples.push(example("json fields", line(&fields::to_line(&all_fields[index]).unwrap())));
    }
    let approval = Approval {
        key: administrator().public().id(),
        nonce: Salt::from_bytes(std::array::from_fn(|place| place as u8)),
        not_after: "2026-11-30T00:00:00.000Z".parse().unwrap(),
        request: Digest::of(b"hello\n"),
        signature: administrator().sign_sshsig(APPROVAL_NAMESPACE, b""),
    };
    examples.push(example("text approval", line(&approval.message(log.fingerprint(), "bundle.exported"))));
    examples.push(example("json message", line(&ingest.message())));
    examples.push(example("text signature", signature));
    let title = all_fields[2].iter().find(|disclosure| disclosure.name().as_str() == "title").unwrap();
    examples.push(example("text disclosure", line(&title.to_bytes())));
    examples.push(example("text log key", log_key().to_string() + "\n"));
    examples.push(example("text receipt", log.receipt(2, checkpoint).to_string()));
    examples
}

/// The page with the examples as they should be.
fn with_examples(page: &str) -> String {
    let mut made = examples().into_iter();
    let mut lines = page.split_inclusive('\n');
    let mut written = String::new();
    while let Some(line) = lines.next() {
        written.push_str(line);
        let Some(info) = line.strip_prefix("```").map(str::trim_end) else { continue };
        let old: String = lines.by_ref().take_while(|line| line.trim_end() != "```").collect();
        let new = if is_example(info) {
            let (expected, text) = made.next().expect("the page has more examples than are made");
            assert_eq!(info, expected, "the examples are in another order");
            text
        } else {
            old
        };
        written.push_str(&new);
        written.push_str("```\n");
    }
    assert_eq!(made.next(), None, "an example is missing on the page");
    written
}

#[test]
fn the_examples_are_made_from_fixed_inputs() {
    check_page(&with_examples(page()));
}

// --- the findings -----------------------------------------------------------------------------

/// The codes of this severity, as a list in a sentence.
fn codes_that_are(severity: Severity) -> String {
    let codes: Vec<_> = Code::ALL.iter().filter(|code| code.severity() == severity).map(|code| code.code()).collect();
    let (last, others) = codes.split_last().unwrap();
    if others.is_empty() { (*last).to_owned() } else { format!("{} and {last}", others.join(", ")) }
}

/// What the page says of findings.
fn findings() -> String {
    let (degraded, notice) = (codes_that_are(Severity::Degraded), codes_that_are(Severity::Notice));
    let newer = codes_that_are(Severity::NotUnderstood);
    let mut text = format!(
        "A verifier names what it finds by these codes. They keep their meaning for ever. Each has a severity:\n\n\
         - *Failed*: something is missing, changed, or not what it claims to be. All codes but the following.\n\
         - *Not understood*: a newer version wrote it ([Changes](#changes)), which is nothing against it: {newer}.\n\
         - *Degraded*: nothing is lost or forged, but something is not as it should be: {degraded}.\n\
         - *Notice*: worth knowing; it says nothing against the evidence: {notice}.\n\n\
         | code | name | meaning |\n|---|---|---|\n"
    );
    for code in Code::ALL {
        writeln!(text, "| {} | {} | {} |", code.code(), code.name(), code.meaning()).unwrap();
    }
    text
}

/// The page with the section on findings, its last one, as it should be.
fn with_findings(page: &str) -> String {
    const HEADING: &str = "\n## Finding codes\n\n";
    let (before, section) = page.split_once(HEADING).unwrap();
    assert!(!section.contains("\n#"), "a section follows that on findings");
    format!("{before}{HEADING}{}", findings())
}

#[test]
fn the_findings_are_those_of_the_code() {
    check_page(&with_findings(page()));
}

// --- what a reader makes of the page alone ----------------------------------------------------

/// The examples as a stranger reads them.
struct Read {
    log_key: LogKey,
    object: String,
    entries: Vec<SignedEntry>,
    fields: Vec<Vec<Disclosure>>,
    checkpoint: SignedCheckpoint,
}

fn read() -> Read {
    let blocks = blocks(page());
    let archive: HashMap<String, String> = serde_json::from_str(only(&blocks, "json archive")).unwrap();
    assert_eq!(archive.len(), 5);
    assert_eq!(archive["format"], "vouchsafe-archive/1");
    let log_key: LogKey = archive["log_key"].parse().unwrap();
    assert_eq!(log_key.to_string(), archive["log_key"]);
    assert_eq!(log_key.name().as_str(), archive["origin"]);
    let administrator: PublicKey = archive["administrator"].parse().unwrap();
    // Written again, it is the same.
    assert_eq!(String::from_utf8(canonical::to_vec(&archive)).unwrap() + "\n", only(&blocks, "json archive"));

    let lines: Vec<_> = all(&blocks, "json entry").into_iter().zip(all(&blocks, "json fields")).collect();
    let mut pairs: Vec<_> = lines
        .into_iter()
        .map(|(entry, fields_line)| {
            let signed = SignedEntry::parse(entry.as_bytes()).unwrap();
            let disclosures = fields::parse_line(fields_line.as_bytes()).unwrap();
            assert_eq!(fields::to_line(&disclosures).unwrap(), fields_line.as_bytes());
            (signed, disclosures)
        })
        .collect();
    pairs.sort_by_key(|(signed, _)| signed.entry.index);
    let (entries, fields): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
    match &entries[0].entry.event {
        Event::ArchiveCreated(body) => {
            assert_eq!(body.administrator.public_key, administrator);
            assert_eq!(body.log_key, archive["log_key"]);
        }
        other => panic!("the first entry is {other:?}"),
    }
    let checkpoint = SignedCheckpoint::parse(only(&blocks, "text checkpoint").as_bytes()).unwrap();
    Read { log_key, object: only(&blocks, "text object").to_owned(), entries, fields, checkpoint }
}

#[test]
fn the_examples_are_a_log_that_holds() {
    let read = read();
    let mut keys: HashMap<KeyId, PublicKey> = HashMap::new();
    let mut frontier = Frontier::default();
    let mut previous = Digest::ZERO;
    let mut exhibits: HashMap<ExhibitId, u64> = HashMap::new();
    for (signed, disclosures) in read.entries.iter().zip(&read.fields) {
        let entry = &signed.entry;
        match &entry.event {
            Event::ArchiveCreated(ArchiveCreated { administrator: agent, .. })
            | Event::AgentAdded(AgentAdded { agent, .. }) => {
                keys.insert(agent.public_key.id(), agent.public_key.clone());
            }
            Event::ArchiveVerified(body) => assert_eq!((body.size, body.root), (frontier.size(), frontier.root())),
            Event::ExhibitIngested(body) => {
                assert_eq!(body.object, Digest::of(read.object.as_bytes()));
                assert_eq!(body.size_bytes, read.object.len() as u64);
            }
            _ => {}
        }
        assert_eq!(entry.index.0, frontier.size());
        if let Some(exhibit) = entry.exhibit {
            let earlier = exhibits.entry(exhibit).or_default();
            assert_eq!(entry.exhibit_sequence, Some(*earlier), "entry {}", entry.index);
            *earlier += 1;
        }
        assert_eq!(entry.previous, previous);
        match &entry.archive {
            ArchiveRef::First(origin) => assert_eq!(origin, read.log_key.name()),
            ArchiveRef::Of(archive) => assert_eq!(archive.0, read.entries[0].leaf()),
        }
        assert_eq!(signed.signatures[0].key, entry.actor);
        assert!(signed.verifies(0, &keys[&entry.actor]), "entry {}", entry.index);
        assert!(fields::match_commitments(disclosures, entry.event.fields()), "entry {}", entry.index);
        previous = signed.leaf();
        frontier.append(previous);
    }
    assert!(read.checkpoint.is_signed_by(&read.log_key));
    assert_eq!((read.checkpoint.checkpoint.size, read.checkpoint.checkpoint.root), (frontier.size(), frontier.root()));
    // There is an example of every kind of event, but of those that nothing writes yet: tests/core/who_may_sign.rs has
    // them.
    const WITHOUT: [EventKind; 5] = [
        EventKind::AgentChanged,
        EventKind::AgentRotated,
        EventKind::AgentRecovered,
        EventKind::RecoverySet,
        EventKind::LogKeyChanged,
    ];
    for kind in EventKind::ALL {
        let count = read.entries.iter().filter(|signed| signed.entry.event.kind() == Some(*kind)).count();
        assert_eq!(count, usize::from(!WITHOUT.contains(kind)), "examples of {kind}");
    }
}

#[test]
fn the_other_examples_are_parts_of_that_log() {
    let (page, read) = (page(), read());
    let blocks = blocks(page);
    let ingest = &read.entries[2];
    assert_eq!(only(&blocks, "json message").trim_end().as_bytes(), ingest.message());
    let disclosure = only(&blocks, "text disclosure").trim_end();
    assert!(ingest.entry.event.fields().contains(&Digest::of(disclosure.as_bytes())));
    assert_eq!(only(&blocks, "text log key").trim_end(), read.log_key.to_string());
    let signature: ssh_key::SshSig = only(&blocks, "text signature").parse().unwrap();
    assert_eq!(signature.signature_bytes(), ingest.signatures[0].signature.to_bytes());

    let text = only(&blocks, "text receipt");
    let receipt = Receipt::parse(text.as_bytes()).unwrap();
    assert_eq!(receipt.to_string(), text);
    assert_eq!((&receipt.entry, &receipt.checkpoint), (ingest, &read.checkpoint));
    receipt.check(&read.log_key).unwrap();

    let size_bytes = read.checkpoint.text().len() as u64;
    let header = volume::header(MemberName::Checkpoint { size: 21 }, size_bytes, false);
    assert_eq!(only(&blocks, "text header"), hex_dump(&header));
}

#[test]
fn the_commands_on_the_page_know_every_event() {
    let (_, rest) = page().split_once("\nevents='").unwrap();
    let (known, _) = rest.split_once('\'').unwrap();
    let known: Vec<_> = known.split_whitespace().collect();
    assert_eq!(known, EventKind::ALL.iter().map(|kind| kind.as_str()).collect::<Vec<_>>());
}

#[test]
fn the_page_says_who_may_do_what() {
    let page = page();
    for kind in EventKind::ALL {
        let cells: Vec<_> = Role::ALL.iter().map(|&role| if kind.is_allowed_to(role) { "yes" } else { "no" }).collect();
        let row = format!("| `{kind}` | {} |\n", cells.join(" | "));
        assert!(page.contains(&row), "the page lacks {row}");
        assert!(page.contains(&format!("#### {kind}\n")), "the page lacks a section on {kind}");
    }
    let head = Role::ALL.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(" | ");
    assert!(page.contains(&format!("| event | {head} |\n")));
    for word in AgentKind::ALL.iter().map(|word| word.as_str()).chain(Verdict::ALL.iter().map(|word| word.as_str())) {
        assert!(page.contains(&format!("`{word}`")), "the page lacks {word}");
    }
    for word in [ENTRY_NAMESPACE, entry::ENTRY_FORMAT, MediaType::UNKNOWN, "PaxHeaders/size"] {
        assert!(page.contains(word), "the page lacks {word}");
    }
}

/// What stands in the body of an event, its section names: in prose, or in an example. What many of them have, is named before
/// all of them.
#[test]
fn the_page_names_the_members_of_each_event() {
    for kind in EventKind::ALL {
        let (_, section) = page().split_once(&format!("#### {kind}\n")).unwrap();
        let section = section.split("\n#### ").next().unwrap();
        for name in
            kind.members().iter().map(|member| member.name).filter(|name| !["fields", "software"].contains(name))
        {
            let is_named = section.contains(&format!("`{name}`")) || section.contains(&format!("\"{name}\":"));
            assert!(is_named, "the section on {kind} does not name {name}");
        }
    }
}

/// `1234567` as `1,234,567`.
fn with_commas(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<_> = digits.as_bytes().rchunks(3).rev().map(|group| str::from_utf8(group).unwrap()).collect();
    groups.join(",")
}

#[test]
fn the_page_says_the_limits_of_the_code() {
    let page = page();
    assert_eq!(EntryIndex::MAX.0, (1 << 53) - 1);
    let bytes = |limit: usize| format!("{} bytes", with_commas(limit as u64));
    let rows = [
        ("a number", "2^53 − 1".to_owned()),
        ("an entry's line, without its newline", bytes(entry::MAX_ENTRY_BYTES)),
        ("signatures of an entry", entry::MAX_SIGNATURES.to_string()),
        ("approvals of an entry", MAX_APPROVALS.to_string()),
        ("fields of an entry", fields::MAX_FIELDS.to_string()),
        ("a line of fields, without its newline", bytes(fields::MAX_FIELDS_BYTES)),
        ("the same of a sealed entry, or of one in a larger format", bytes(fields::MAX_SEALED_LINE_BYTES)),
        ("the value of a field", bytes(MAX_FIELD_VALUE_BYTES)),
        ("items of a list in a field", with_commas(MAX_FIELD_LIST_ITEMS as u64)),
        ("entries of a commit", with_commas(volume::MAX_COMMIT_ENTRIES)),
        ("a `log/` or `fields/` member", format!("{} bytes", with_commas(volume::MAX_LINES_BYTES))),
        ("a member without a pax header", format!("{} bytes", with_commas(volume::MAX_USTAR_SIZE_BYTES))),
        ("a checkpoint", bytes(checkpoint::MAX_CHECKPOINT_BYTES)),
        ("a receipt", bytes(receipt::MAX_RECEIPT_BYTES)),
    ];
    for (what, limit) in rows {
        assert!(page.contains(&format!("| {what} | {limit} |\n")), "the page lacks: {what}, {limit}");
    }
}

// --- the commands -----------------------------------------------------------------------------

/// The archive of the page, as a folder.
fn write_archive(folder: &Path) {
    write_archive_of(folder, &read());
}

/// An archive with these entries and fields.
fn write_archive_of(folder: &Path, read: &Read) {
    let lines = |from: usize, to: usize| -> (Vec<u8>, Vec<u8>) {
        let (mut entries, mut disclosures) = (Vec::new(), Vec::new());
        for (signed, fields_of) in read.entries[from..to].iter().zip(&read.fields[from..to]) {
            entries.extend_from_slice(signed.line());
            entries.push(b'\n');
            disclosures.extend(fields::to_line(fields_of).unwrap());
            disclosures.push(b'\n');
        }
        (entries, disclosures)
    };
    let checkpoint = |size: usize| {
        let mut frontier = Frontier::default();
        read.entries[..size].iter().for_each(|signed| frontier.append(signed.leaf()));
        let checkpoint = Checkpoint { origin: origin(), size: size as u64, root: frontier.root() };
        checkpoint.sign(&log_signer()).text().to_owned()
    };
    let mut volumes = Vec::new();
    let end = read.entries.len();
    for (from, to) in [(0, FIRST_COMMIT), (FIRST_COMMIT, end)] {
        let (entries, disclosures) = lines(from, to);
        let object = read.object.as_bytes();
        let objects = if from > 0 { vec![object, DOSSIER, LETTER] } else { Vec::new() };
        volumes.push(commit(&objects, from as u64, &disclosures, &entries, to as u64, &checkpoint(to)));
    }
    // The first volume is closed, the second is growing.
    volumes[0].extend([0; volume::END_BYTES as usize]);
    fs::create_dir(folder.join("volumes")).unwrap();
    for (number, bytes) in volumes.iter().enumerate() {
        fs::write(folder.join(format!("volumes/{number:06}.tar")), bytes).unwrap();
    }
    let blocks = blocks(page());
    fs::write(folder.join("archive.json"), only(&blocks, "json archive")).unwrap();
    fs::write(folder.join("receipt.txt"), only(&blocks, "text receipt")).unwrap();
}

/// Runs the commands of the page in a folder. What they printed, if all went well.
fn run_commands(folder: &Path) -> Result<String, String> {
    let page = page();
    let commands: Vec<_> =
        blocks(page).into_iter().filter(|(info, _)| info.starts_with("sh ")).map(|(_, text)| text).collect();
    assert_eq!(commands.len(), 7);
    let output = Command::new("bash")
        .args(["-c", &commands.concat()])
        .env("TMPDIR", folder)
        .current_dir(folder)
        .output()
        .unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    if output.status.success() { Ok(stdout) } else { Err(stdout + &String::from_utf8_lossy(&output.stderr)) }
}

/// Whether the programs that the page speaks of are here.
fn has_tools(test: &str) -> bool {
    if !cfg!(target_os = "linux") {
        crate::programs::say_not_run(test, "GNU sed and coreutils are part of Linux only");
        return false;
    }
    let names = ["bash", "tar", "sed", "sha256sum", "base64", "od", "ssh-keygen", "openssl"];
    names.iter().all(|name| crate::programs::has_tool(test, name))
}

#[test]
fn the_commands_on_the_page_check_an_archive() {
    if !has_tools("the_commands_on_the_page_check_an_archive") {
        return;
    }
    let folder = TempDir::new().unwrap();
    write_archive(folder.path());
    let printed = run_commands(folder.path()).unwrap();
    assert!(printed.contains("sound: 21 entries of the archive "), "{printed}");
    assert!(printed.ends_with("the entry is in the log\n"), "{printed}");
}

/// Whoever changes one byte of the evidence, the log, the fields, the checkpoint or the receipt is found out.
#[test]
fn the_commands_on_the_page_find_what_was_changed() {
    if !has_tools("the_commands_on_the_page_find_what_was_changed") {
        return;
    }
    let changes = [
        ("volumes/000001.tar", "It stands for", "It speaks for"),
        ("volumes/000001.tar", "\"size_bytes\":55", "\"size_bytes\":56"),
        ("volumes/000001.tar", "text/plain", "text/plaim"),
        ("volumes/000001.tar", "Read to the source.", "Read by the source."),
        ("volumes/000000.tar", "Desk A", "Desk B"),
        ("volumes/000000.tar", "\"signature\":\"", "\"signature\":\"A"),
        ("volumes/000000.tar", "agent.added", "agent.bdded"),
        ("volumes/000001.tar", "\n21\n", "\n22\n"),
        ("archive.json", "ngo.example", "npo.example"),
        ("receipt.txt", "index 2", "index 3"),
        ("receipt.txt", "\n21\n", "\n17\n"),
    ];
    for (file, from, to) in changes {
        let folder = TempDir::new().unwrap();
        write_archive(folder.path());
        let path = folder.path().join(file);
        let mut bytes = fs::read(&path).unwrap();
        let at = bytes.windows(from.len()).position(|part| part == from.as_bytes()).unwrap();
        // The length stays, so that the tar files stay readable.
        bytes[at..at + to.len()].copy_from_slice(to.as_bytes());
        fs::write(&path, bytes).unwrap();
        match run_commands(folder.path()) {
            Ok(printed) => panic!(
                "{file}: {from:?} became {to:?}, and nobody minds:
{printed}"
            ),
            Err(printed) => assert!(printed.contains("NOT SOUND"), "{file}: {printed}"),
        }
    }
}

/// What a newer version wrote is told apart from what is wrong. What is sealed is not opened, and the line in which it lies is compared.
#[test]
fn the_commands_on_the_page_tell_what_they_do_not_understand() {
    if !has_tools("the_commands_on_the_page_tell_what_they_do_not_understand") {
        return;
    }
    let newer = "not understood: written by a newer version: entry ";
    for (name, expected) in [
        ("V208-event", newer),
        ("V208-format", newer),
        ("V208-event-of-the-archive", newer),
        ("V208-log-key", "not understood: who signs checkpoints: entry "),
        ("V309-introduced", newer),
        ("V309-first", newer),
        ("V309-long-signature", newer),
        ("V301-long-signature", "NOT SOUND"),
        ("V302-event", "NOT SOUND"),
        ("V210-statement", "sound: 5 entries of the archive "),
        ("V302-behind-a-statement", "NOT SOUND"),
        ("V209-note", "not understood: written by a newer version: an entry that is sealed"),
        ("V209-ingest", "not understood: written by a newer version: an entry that is sealed"),
        ("V502-sealed", "NOT SOUND"),
        ("V501-not-sealed", "NOT SOUND"),
    ] {
        let (folder, fixture) = (TempDir::new().unwrap(), data::project_file("fixtures/archives/bad").join(name));
        fs::create_dir(folder.path().join("volumes")).unwrap();
        for file in ["archive.json", "volumes/000000.tar"] {
            fs::copy(fixture.join(file), folder.path().join(file)).unwrap();
        }
        let printed = run_commands(folder.path()).unwrap_err();
        assert!(printed.contains(expected), "{name}: {printed}");
    }
}

/// Agents who sign what is wrong, and a log that signs it, are found out as well.
#[test]
fn the_commands_on_the_page_count_entries_and_see_the_order_of_fields() {
    if !has_tools("the_commands_on_the_page_count_entries_and_see_the_order_of_fields") {
        return;
    }
    let run = |entries: Vec<SignedEntry>, fields: Vec<Vec<Disclosure>>| {
        let folder = TempDir::new().unwrap();
        write_archive_of(folder.path(), &Read { entries, fields, ..read() });
        run_commands(folder.path()).unwrap_err()
    };
    for (index, sequence) in [(3, 2), (4, 1), (5, 4)] {
        let (log, fields) = example::log_with(|entry| {
            if entry.index.0 == index {
                entry.exhibit_sequence = Some(sequence);
            }
        });
        let printed = run(log.entries, fields);
        assert!(printed.contains(&format!("entry {index}: not the one that follows about its exhibit")), "{printed}");
    }
    let (log, mut fields) = example::log();
    fields[2].swap(0, 1);
    let printed = run(log.entries, fields);
    assert!(printed.contains("NOT SOUND") && !printed.contains("sound: 21 entries"), "{printed}");
}

/// What `ssh-keygen` does not ask of a FIDO key, the commands ask themselves.
#[test]
fn the_commands_on_the_page_check_signatures_by_a_fido_key() {
    if !has_tools("the_commands_on_the_page_check_signatures_by_a_fido_key") {
        return;
    }
    let run = |(log, fields): (Log, Vec<Vec<Disclosure>>)| {
        let folder = TempDir::new().unwrap();
        write_archive_of(folder.path(), &Read { entries: log.entries, fields, ..read() });
        run_commands(folder.path())
    };
    let token = Token::touched(archivist());
    let sound = run(token.log()).unwrap();
    assert!(sound.contains("sound: 21 entries of the archive "), "{sound}");
    let by_plain_key = token.log_signed(|entry| token.sign_as_plain_key(entry));
    for (log, stopped_at) in [
        (Token::untouched(archivist()).log(), "$((flags % 2)) = 1"),
        (by_plain_key, "= \"$signature_bytes\""),
        (by_token_for_plain_key(), "= \"$signature_bytes\""),
    ] {
        let printed = run(log).unwrap_err();
        assert!(printed.contains("NOT SOUND") && printed.contains(stopped_at), "{printed}");
    }
}

/// Arithmetic in a shell runs commands that stand inside brackets, so nothing unchecked may get there.
#[test]
fn the_commands_on_the_page_do_not_run_what_a_stranger_wrote() {
    if !has_tools("the_commands_on_the_page_do_not_run_what_a_stranger_wrote") {
        return;
    }
    for (from, to) in [
        ("index 2\n", "index check[$(touch stranger)]\n"),
        ("index 2\n", "index $(touch stranger)\n"),
        ("\n21\n", "\ncheck[$(touch stranger)]\n"),
        ("extra ", "extra $(touch stranger)"),
    ] {
        let folder = TempDir::new().unwrap();
        write_archive(folder.path());
        let path = folder.path().join("receipt.txt");
        let receipt = fs::read_to_string(&path).unwrap();
        assert!(receipt.contains(from));
        fs::write(&path, receipt.replacen(from, to, 1)).unwrap();
        assert!(run_commands(folder.path()).is_err(), "{to}");
        assert!(!folder.path().join("stranger").exists(), "{to}");
    }
}
