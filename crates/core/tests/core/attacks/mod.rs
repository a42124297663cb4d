//! Attacks on an archive: each is a small broken archive in `fixtures/archives/bad`, named by what must be
//! found, and a row in `docs/threat-model.md`. What `verify` finds is compared exactly.
//!
//! The archives are made here, the same bytes in every run. After a change that is meant,
//! `VOUCHSAFE_BLESS=1 cargo test -p vouchsafe-core --test core -- attacks` writes them and the table.

pub mod story;
mod table;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use vouchsafe_core::digest::Digest;
use vouchsafe_core::format::volume::{Member, ReadAt, VolumeNumber};
use vouchsafe_core::format::{LogKey, Receipt, SignedCheckpoint, SignedEntry};
use vouchsafe_core::language::Text;
use vouchsafe_core::model::Fingerprint;
use vouchsafe_core::sign::PublicKey;
use vouchsafe_core::verify::{
    Budget, Code, Evidence, KnownHead, Observer, Request, Selection, Severity, Trust, Unwatched, verify,
};

use crate::data;
use crate::samples::assert_korean;
use story::{Archive, Story};

/// One attack.
pub struct Attack {
    /// The name of the fixture: a code, and what was done.
    pub name: &'static str,
    /// What was done, in a sentence.
    pub what: &'static str,
    /// The codes of all findings.
    pub finds: &'static [&'static str],
    /// The same where nobody outside has kept anything; only where somebody has.
    pub alone: Option<&'static [&'static str]>,
    pub archive: Archive,
}

impl Attack {
    /// The same attack with other findings than it would have by itself.
    fn and_finds(self, finds: &'static [&'static str]) -> Self {
        Self { finds, ..self }
    }

    /// The file that tells what must be found.
    fn expect(&self) -> String {
        let mut text = format!("attack: {}\nfinds: {}\n", self.what, self.finds.join(" "));
        if let Some(alone) = self.alone {
            let outside = self.archive.outside.as_ref().unwrap().0;
            writeln!(text, "outside: {outside}\nalone: {}", alone.join(" ")).unwrap();
        }
        text.lines().flat_map(|line| [line.trim_end(), "\n"]).collect()
    }

    /// The row of the table in the documentation.
    fn row(&self) -> String {
        let names: Vec<_> = self.finds.iter().map(|code| format!("{code} {}", code_of(code).name())).collect();
        let alone = match self.alone {
            Some(&[]) => format!("; without `{}`: **nothing**", self.archive.outside.as_ref().unwrap().0),
            _ => String::new(),
        };
        format!("| {} | {}{alone} | `{}` |\n", self.what, names.join(", "), self.name)
    }
}

fn code_of(text: &str) -> Code {
    *Code::ALL.iter().find(|code| code.code() == text).unwrap()
}

/// The files of an archive, by their paths.
pub type Files = BTreeMap<String, Vec<u8>>;

/// An archive in memory.
pub struct Held<'a>(pub &'a Files);

impl Held<'_> {
    fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().filter_map(|path| path.strip_prefix("volumes/"))
    }
}

impl Evidence for Held<'_> {
    fn volumes(&self) -> io::Result<(Vec<VolumeNumber>, Vec<String>)> {
        let numbers = self.names().filter_map(VolumeNumber::from_file_name).collect();
        let others = self.names().filter(|name| VolumeNumber::from_file_name(name).is_none());
        Ok((numbers, others.map(str::to_owned).collect()))
    }

    fn open(&self, volume: VolumeNumber) -> io::Result<Arc<dyn ReadAt>> {
        Ok(Arc::new(self.0[&volume.to_string()].clone()))
    }
}

pub struct Nobody;

impl Observer for Nobody {
    fn object(&mut self, _: Digest, _: VolumeNumber, _: &Member) {}
    fn entry(&mut self, _: &SignedEntry, _: VolumeNumber, _: u64, _: Digest) {}
}

/// What the archive says of itself, with nothing from outside.
pub fn request(files: &Files) -> Request {
    let description: HashMap<String, String> = serde_json::from_slice(&files["archive.json"]).unwrap();
    Request {
        archive: Fingerprint(description["archive"].parse().unwrap()),
        origin: description["origin"].parse().unwrap(),
        log_key: description["log_key"].parse::<LogKey>().unwrap(),
        administrator: description["administrator"].parse::<PublicKey>().unwrap().id(),
        trust: Trust::default(),
        told_of_trust: Text::same(""),
        known_heads: Vec::new(),
        selection: Selection::default(),
        budget: Budget::default(),
        threads: 1,
    }
}

/// The codes of what is found, each once; with or without what somebody else has kept.
pub fn finds(files: &Files, with_outside: bool) -> BTreeSet<&'static str> {
    let mut request = request(files);
    let mut found = BTreeSet::new();
    // A head that is not of this log says nothing about it.
    let add_head = |head: SignedCheckpoint, request: &mut Request| {
        assert!(head.is_signed_by(&request.log_key));
        request.known_heads.push(KnownHead { checkpoint: head.checkpoint, kept_in: Text::same("a letter") });
    };
    if with_outside {
        if let Some(bytes) = files.get("head.txt") {
            add_head(SignedCheckpoint::parse(bytes).unwrap(), &mut request);
        }
        if let Some(bytes) = files.get("receipt.tlog-proof") {
            add_head(Receipt::parse(bytes).unwrap().checkpoint, &mut request);
        }
        if let Some(bytes) = files.get("fingerprint.txt") {
            request.trust = Trust::read(str::from_utf8(bytes).unwrap()).unwrap();
        }
    }
    let report = verify(&Held(files), &request, &mut Nobody, &Unwatched).unwrap();
    assert!(report.complete);
    report.findings.iter().map(|finding| &finding.message).chain(&report.not_checked).for_each(assert_korean);
    found.extend(report.findings.iter().map(|finding| finding.code.code()));
    found
}

fn folder() -> std::path::PathBuf {
    data::project_file("fixtures/archives/bad")
}

/// The files below a folder, by their paths.
fn read_files(folder: &Path) -> Files {
    let mut files = Files::new();
    for item in fs::read_dir(folder).unwrap() {
        let path = item.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() {
            files.extend(read_files(&path).into_iter().map(|(below, content)| (format!("{name}/{below}"), content)));
        } else {
            files.insert(name, fs::read(path).unwrap());
        }
    }
    files
}

/// The fixtures, by name. Where they are to be written anew, that is done before they are read.
fn fixtures() -> &'static BTreeMap<String, Files> {
    static FIXTURES: LazyLock<BTreeMap<String, Files>> = LazyLock::new(|| {
        let in_folder = || {
            let all = fs::read_dir(folder()).into_iter().flatten().map(|item| item.unwrap().path());
            all.filter(|path| path.is_dir()).collect::<Vec<_>>()
        };
        if data::is_blessed() {
            in_folder().iter().for_each(|path| fs::remove_dir_all(path).unwrap());
            for attack in table::attacks() {
                for (path, content) in made(&attack) {
                    let path = folder().join(attack.name).join(path);
                    fs::create_dir_all(path.parent().unwrap()).unwrap();
                    fs::write(path, content).unwrap();
                }
            }
        }
        let named = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
        in_folder().iter().map(|path| (named(path), read_files(path))).collect()
    });
    &FIXTURES
}

fn made(attack: &Attack) -> Files {
    let mut files = attack.archive.files();
    files.insert("expect".to_owned(), attack.expect().into_bytes());
    files
}

/// What a line of the file `expect` says, if there is such a line.
fn said<'a>(files: &'a Files, name: &str) -> Option<&'a str> {
    let text = str::from_utf8(&files["expect"]).unwrap();
    text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).map(str::trim)
}

#[test]
fn what_the_attacks_are_made_from_is_sound() {
    for story in [Story::base(), Story::long()] {
        assert_eq!(finds(&story.archive().files(), true), BTreeSet::new());
    }
    assert_eq!(finds(&Story::long().archive_in([2, 1, 1]).files(), true), BTreeSet::new());
}

#[test]
fn every_attack_is_found_and_nothing_else() {
    let codes = |text: &str| text.split_whitespace().map(str::to_owned).collect::<BTreeSet<_>>();
    let mut wrong = Vec::new();
    for (name, files) in fixtures() {
        let mut compare = |found: BTreeSet<&str>, expected: &str, how: &str| {
            if codes(expected) != found.iter().map(|&code| code.to_owned()).collect() {
                wrong.push(format!("{name}{how}: {expected:?} is expected, {found:?} found"));
            }
        };
        compare(finds(files, true), said(files, "finds").unwrap(), "");
        if let Some(expected) = said(files, "alone") {
            assert!(files.contains_key(said(files, "outside").unwrap()), "{name}");
            compare(finds(files, false), expected, " alone");
        }
        let code = name.split('-').next().unwrap();
        assert!(codes(said(files, "finds").unwrap()).contains(code), "{name} is named by what is found");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(fixtures().len() > 80);
}

#[test]
fn the_fixtures_are_as_they_are_made() {
    let attacks = table::attacks();
    let names: BTreeSet<_> = attacks.iter().map(|attack| attack.name).collect();
    assert_eq!(names.len(), attacks.len(), "a name is there twice");
    let hint = "VOUCHSAFE_BLESS=1 writes the fixtures";
    assert_eq!(fixtures().keys().map(String::as_str).collect::<BTreeSet<_>>(), names, "{hint}");
    for attack in &attacks {
        assert!(fixtures()[attack.name] == made(attack), "{} is not as it is made ({hint})", attack.name);
    }
}

/// The finding codes that no archive in a folder can provoke, and the tests that do.
const MADE_IN_TESTS: &[(&str, &str)] = &[
    ("V106", "an_object_that_the_disk_cannot_read_is_found"),
    ("V607", "a_sector_that_cannot_be_read_does_not_hold_a_verification_up"),
    ("V701", "an_index_of_another_archive_is_not_believed"),
    ("V702", "verify_works_without_an_index_and_says_so"),
    ("V811", "a_comparison_tells_which_is_behind_and_what_differs"),
    ("V812", "a_comparison_tells_which_is_behind_and_what_differs"),
    ("V813", "a_copy_that_is_ahead_is_refused"),
    ("V814", "a_comparison_tells_which_is_behind_and_what_differs"),
    ("V902", "a_description_of_a_newer_version_does_not_stop_the_checking"),
];

#[test]
fn every_finding_has_a_fixture() {
    let found: BTreeSet<_> =
        fixtures().values().flat_map(|files| said(files, "finds").unwrap().split_whitespace()).collect();
    // Those of bundles, which begin with B, have a table of their own in tests/core/bundles.rs.
    let of_archives = || Code::ALL.iter().filter(|code| code.code().starts_with('V'));
    for code in of_archives() {
        let is_elsewhere = MADE_IN_TESTS.iter().any(|(other, _)| *other == code.code());
        assert!(found.contains(code.code()) || is_elsewhere, "nothing provokes {code}");
    }
    // Most of them alone, so that it is their own doing.
    let alone: BTreeSet<_> = fixtures().values().filter_map(|files| said(files, "finds")).collect();
    for code in of_archives().filter(|code| code.severity() == Severity::Failed) {
        let needs_others = ["V202", "V203", "V204", "V801", "V802"].contains(&code.code());
        let is_elsewhere = MADE_IN_TESTS.iter().any(|(other, _)| *other == code.code());
        assert!(is_elsewhere || alone.contains(code.code()) || needs_others, "{code} is never found alone");
    }
}

const BEGIN: &str = "<!-- the fixtures: written by tests/core/attacks -->\n";
const END: &str = "<!-- the fixtures end here -->\n";

#[test]
fn the_threat_model_has_a_row_for_every_fixture() {
    let path = data::project_file("docs/threat-model.md");
    let page = fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(BEGIN).unwrap();
    let (_, after) = rest.split_once(END).unwrap();
    let rows: String = table::attacks().iter().map(Attack::row).collect();
    let table = format!("| attack | found | fixture |\n|---|---|---|\n{rows}");
    let expected = format!("{before}{BEGIN}\n{table}\n{END}{after}");
    if data::is_blessed() {
        fs::write(&path, &expected).unwrap();
    } else {
        assert!(page == expected, "the table of attacks is not as it is made (VOUCHSAFE_BLESS=1 writes it)");
    }
}

/// Rows that name a test instead of a fixture name one that is there.
#[test]
fn the_threat_model_names_tests_that_are_there() {
    let page = fs::read_to_string(data::project_file("docs/threat-model.md")).unwrap();
    let (_, after) = page.split_once(END).unwrap();
    let (section, _) = after.split_once("\n## ").unwrap();
    let tests: String = ["tests", "crates"].map(|folder| test_sources(&data::project_file(folder))).concat();
    let mut count = 0;
    for row in section.lines().filter(|line| line.starts_with("| ") && line.contains('`')) {
        let name = row.rsplit('`').nth(1).unwrap();
        assert!(tests.contains(&format!("fn {name}()")), "no test {name}");
        count += 1;
    }
    assert!(count >= 15, "only {count} rows");
    for (_, name) in MADE_IN_TESTS {
        assert!(tests.contains(&format!("fn {name}()")), "no test {name}");
    }
}

fn test_sources(folder: &Path) -> String {
    let paths = fs::read_dir(folder).unwrap().map(|item| item.unwrap().path());
    let text = |path: std::path::PathBuf| match path.is_dir() {
        true => test_sources(&path),
        false if path.extension().is_some_and(|ending| ending == "rs") => fs::read_to_string(path).unwrap(),
        false => String::new(),
    };
    paths.map(text).collect()
}

/// A disk that cannot read a part of a volume any more, as it is when it begins to fail.
struct Failing {
    bytes: Vec<u8>,
    bad: std::ops::Range<u64>,
}

impl ReadAt for Failing {
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        if offset < self.bad.end && offset + buffer.len() as u64 > self.bad.start {
            return Err(io::Error::other("the disk cannot read this"));
        }
        self.bytes.read_at(offset, buffer)
    }

    fn size_bytes(&self) -> io::Result<u64> {
        self.bytes.size_bytes()
    }
}

struct OnFailingDisk(Arc<Failing>);

impl Evidence for OnFailingDisk {
    fn volumes(&self) -> io::Result<(Vec<VolumeNumber>, Vec<String>)> {
        Ok((vec![VolumeNumber(0)], Vec::new()))
    }

    fn open(&self, _: VolumeNumber) -> io::Result<Arc<dyn ReadAt>> {
        struct Shared(Arc<Failing>);
        impl ReadAt for Shared {
            fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
                self.0.read_at(offset, buffer)
            }
            fn size_bytes(&self) -> io::Result<u64> {
                self.0.size_bytes()
            }
        }
        Ok(Arc::new(Shared(self.0.clone())))
    }
}

#[test]
fn an_object_that_the_disk_cannot_read_is_found() {
    let files = Story::base().archive().files();
    let bytes = files["volumes/000000.tar"].clone();
    let at = bytes.windows(story::FIRST.len()).position(|window| window == story::FIRST).unwrap() as u64;
    let disk = OnFailingDisk(Arc::new(Failing { bytes, bad: at..at + 10 }));
    let report = verify(&disk, &request(&files), &mut Nobody, &Unwatched).unwrap();
    let codes: Vec<_> = report.findings.iter().map(|finding| finding.code.code()).collect();
    assert_eq!(codes, ["V106"]);
}
