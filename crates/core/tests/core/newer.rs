//! What a newer version writes, and what somebody hides behind it: bundles, letters and receipts in `fixtures/newer`, each
//! with what must be said of it. Archives of this kind are among `fixtures/archives/bad`, with names that begin with V208 or V309.
//!
//! `tests/cli/newer.rs` runs the program on the same files. After a change that is meant,
//! `VOUCHSAFE_BLESS=1 cargo test -p vouchsafe-core --test core -- newer` writes them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD as BASE64;
use serde_json::value::RawValue;
use vouchsafe_core::format::bundle::DESCRIPTION;
use vouchsafe_core::format::{Entry, Letter, Receipts, SignedEntry};
use vouchsafe_core::model::{Event, NotUnderstood};
use vouchsafe_core::sign::SigningKey;
use vouchsafe_core::verify::letter::{self, LetterError};
use vouchsafe_core::verify::receipts::{self, ReceiptsError};
use vouchsafe_core::verify::{Code, Severity};

use crate::bundles::{self, Bundle};
use crate::data;
use crate::example::{self, administrator, log_signer};
use crate::samples::{Log, origin};

/// What is said of a file or a folder: the exit status of a check, and the codes that are found.
struct Said {
    status: u8,
    codes: Vec<&'static str>,
}

/// All of them, by their paths.
#[derive(Default)]
struct Made {
    files: BTreeMap<String, Vec<u8>>,
    said: BTreeMap<String, Said>,
}

/// What an entry records becomes what no program of today knows.
pub fn weighed(entry: &mut Entry, name: &str) {
    let fields = serde_json::to_string(entry.event.fields()).unwrap();
    let body = RawValue::from_string(format!(r#"{{"fields":{fields},"grams":12}}"#)).unwrap();
    entry.event = Event::NotUnderstood(NotUnderstood::read(name.parse().unwrap(), body).unwrap());
}

/// The example, in which the third entry about the exhibit is of a newer version.
fn with_event() -> (Log, Vec<Vec<vouchsafe_core::model::Disclosure>>) {
    example::log_with(|entry| {
        if entry.index.0 == 4 {
            weighed(entry, "exhibit.weighed");
        }
    })
}

/// The example, in which an entry about the archive is of a newer version: the last one, which the administrator signs, or
/// the one at index 8, which the archivist signs.
fn with_event_of_archive(index: u64) -> (Log, Vec<Vec<vouchsafe_core::model::Disclosure>>) {
    example::log_with(move |entry| {
        if entry.index.0 == index {
            weighed(entry, "archive.weighed");
        }
    })
}

/// The example, in which the entry at this index says something of a checkpoint that no program of today knows.
fn with_statement(index: u64) -> (Log, Vec<Vec<vouchsafe_core::model::Disclosure>>) {
    example::log_with(move |entry| {
        if entry.index.0 == index {
            weighed(entry, "checkpoint.stamped");
        }
    })
}

/// The example, in which the entry at this index has a newer format, and its agent a signature of a kind that is not known.
fn with_long_signature(index: u64) -> (Log, Vec<Vec<vouchsafe_core::model::Disclosure>>) {
    let sign = |entry: Entry, key: &SigningKey| {
        let signed = entry.sign(key).unwrap();
        if signed.entry.index.0 != index {
            return signed;
        }
        let long = BASE64.encode([7; 2420]);
        let line = String::from_utf8(signed.line().to_vec()).unwrap();
        let line = line.replacen("vouchsafe-entry/1", "vouchsafe-entry/2", 1);
        SignedEntry::parse(line.replacen(&signed.signatures[0].signature.to_string(), &long, 1).as_bytes()).unwrap()
    };
    example::log_signed(|_| {}, sign)
}

fn receipts_of(log: &Log, indices: &[u64]) -> String {
    let head = log.checkpoint(origin(), &log_signer());
    Receipts(indices.iter().map(|&index| log.receipt(index, head.clone())).collect()).to_string()
}

fn letter_of(log: &Log, fields: &[Vec<vouchsafe_core::model::Disclosure>], indices: &[u64]) -> Vec<u8> {
    let head = log.checkpoint(origin(), &log_signer());
    let receipts = indices.iter().map(|&index| log.receipt(index, head.clone())).collect();
    let fields = fields[usize::try_from(*indices.last().unwrap()).unwrap()].clone();
    Letter { archive: log.fingerprint(), fields, receipts }.to_bytes().unwrap()
}

impl Made {
    fn file(&mut self, path: &str, status: u8, content: impl Into<Vec<u8>>) {
        self.files.insert(path.to_owned(), content.into());
        self.said.insert(path.to_owned(), Said { status, codes: Vec::new() });
    }

    fn bundle(&mut self, path: &str, codes: &[&'static str], bundle: &Bundle) {
        for (name, content) in &bundle.files {
            self.files.insert(format!("{path}/{name}"), content.clone());
        }
        let severity = |code: &&str| Code::ALL.iter().find(|one| one.code() == *code).unwrap().severity();
        let status = match codes.iter().map(severity).max() {
            Some(Severity::Failed | Severity::Degraded) => 1,
            Some(Severity::NotUnderstood) => 3,
            Some(Severity::Notice) | None => 0,
        };
        self.said.insert(path.to_owned(), Said { status, codes: codes.to_vec() });
    }

    fn all() -> Self {
        let mut made = Self::default();
        made.add_receipts();
        made.add_letters();
        made.add_bundles();
        made
    }

    fn add_receipts(&mut self) {
        let (event, by_administrator, by_archivist) =
            (with_event().0, with_event_of_archive(20).0, with_event_of_archive(8).0);
        self.file("receipts/event", 3, receipts_of(&event, &[0, 1, 4]));
        self.file("receipts/event-of-archive", 3, receipts_of(&by_administrator, &[0, 20]));
        self.file("receipts/beside-event-of-archive", 3, receipts_of(&by_administrator, &[0, 1, 20, 2]));
        let statement = with_statement(8).0;
        self.file("receipts/statement", 3, receipts_of(&statement, &[0, 1, 8]));
        self.file("receipts/behind-statement", 0, receipts_of(&statement, &[0, 1, 9]));
        self.file("receipts/beside-statement", 0, receipts_of(&statement, &[0, 1, 8, 2]));
        let good = receipts_of(&example::log().0, &[0, 1, 2]);
        self.file("receipts/version-2", 3, good.replace("tlog-proof@v1", "tlog-proof@v2"));
        // What is hidden behind it.
        self.file("receipts/failed-by-archivist", 1, receipts_of(&by_archivist, &[0, 1, 8]));
        self.file("receipts/failed-unknown-signer", 1, receipts_of(&event, &[0, 4]));
        let (other, _) = example::log();
        let mut mixed: Vec<_> = Receipts::parse(receipts_of(&event, &[0, 1, 4]).as_bytes()).unwrap().0;
        mixed[2].path.clone_from(&Receipts::parse(receipts_of(&other, &[0, 1, 4]).as_bytes()).unwrap().0[1].path);
        self.file("receipts/failed-path", 1, Receipts(mixed).to_string());
    }

    fn add_letters(&mut self) {
        const OFFER: u64 = 11;
        let (log, fields) = example::log();
        let good = String::from_utf8(letter_of(&log, &fields, &[0, 1, OFFER])).unwrap();
        self.file("letters/version-2", 3, good.replace("vouchsafe-letter/1", "vouchsafe-letter/2"));
        let with_member = good.replace("{\"archive\"", "{\"approvals\":[],\"archive\"");
        self.file("letters/version-2-with-member", 3, with_member.replace("letter/1", "letter/2"));
        let (log, fields) = with_event_of_archive(20);
        self.file("letters/beside-event-of-archive", 3, letter_of(&log, &fields, &[0, 1, 20, OFFER]));
        let (log, fields) = example::log_with(|entry| {
            if entry.index.0 == OFFER {
                weighed(entry, "transfer.weighed");
            }
        });
        // The archivist signs it, and it is about neither an exhibit nor a record.
        self.file("letters/failed-by-archivist", 1, letter_of(&log, &fields, &[0, 1, OFFER]));
        let (log, fields) = with_event_of_archive(8);
        self.file("letters/failed-beside-by-archivist", 1, letter_of(&log, &fields, &[0, 1, 8, OFFER]));
    }

    fn add_bundles(&mut self) {
        let sealed = |(log, fields): (Log, Vec<Vec<vouchsafe_core::model::Disclosure>>),
                      change: &dyn Fn(&mut Bundle)| {
            let mut bundle = bundles::unsealed(&log, &fields);
            change(&mut bundle);
            bundles::seal(&mut bundle, &administrator());
            bundle
        };
        let with_other_object = |bundle: &mut Bundle| {
            let object = bundle.files.keys().find(|name| name.starts_with("data/")).unwrap().clone();
            bundle.files.insert(object, vec![b'x'; example::OBJECT.len()]);
        };
        let version_2 = |bundle: &mut Bundle| {
            let text = String::from_utf8(bundle.files[DESCRIPTION].clone()).unwrap();
            bundle
                .files
                .insert(DESCRIPTION.to_owned(), text.replace("vouchsafe-bundle/1", "vouchsafe-bundle/2").into());
        };
        self.bundle("bundles/event", &["B409"], &sealed(with_event(), &|_| {}));
        self.bundle("bundles/event-of-archive", &["B409"], &sealed(with_event_of_archive(20), &|_| {}));
        // An archivist says something of a checkpoint.
        self.bundle("bundles/statement", &["B414"], &sealed(with_statement(8), &|_| {}));
        self.bundle(
            "bundles/failed-statement-and-object",
            &["B414", "B502"],
            &sealed(with_statement(8), &with_other_object),
        );
        self.bundle("bundles/failed-long-signature", &["B405", "B409"], &sealed(with_long_signature(20), &|_| {}));
        self.bundle("bundles/version-2", &["B307"], &sealed(example::log(), &version_2));
        let introduced = example::log_with(|entry| {
            if entry.index.0 == 1 {
                weighed(entry, "agent.invited");
            }
        });
        self.bundle("bundles/introduced", &["B409", "B410"], &sealed(introduced, &|_| {}));
        self.bundle("bundles/failed-object", &["B409", "B502"], &sealed(with_event(), &with_other_object));
        self.bundle("bundles/failed-by-archivist", &["B406", "B409"], &sealed(with_event_of_archive(8), &|_| {}));
        let mut changed = sealed(example::log(), &version_2);
        with_other_object(&mut changed);
        self.bundle("bundles/failed-version-2-object", &["B203", "B307"], &changed);
    }

    /// What is said of all of them, a line each.
    fn expected(&self) -> String {
        let line = |(path, said): (&String, &Said)| format!("{path}\t{}\t{}\n", said.status, said.codes.join(" "));
        self.said.iter().map(line).collect()
    }
}

fn folder() -> std::path::PathBuf {
    data::project_file("fixtures/newer")
}

fn files_in(folder: &Path, below: &str, files: &mut BTreeMap<String, Vec<u8>>) {
    for item in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let name = format!("{below}{}", item.file_name().to_str().unwrap());
        match item.file_type().unwrap().is_dir() {
            true => files_in(&item.path(), &format!("{name}/"), files),
            false => drop(files.insert(name, fs::read(item.path()).unwrap())),
        }
    }
}

#[test]
fn the_fixtures_are_as_they_are_made() {
    let made = Made::all();
    let mut expected = made.files.clone();
    expected.insert("expected.tsv".to_owned(), made.expected().into_bytes());
    if data::is_blessed() {
        for part in ["bundles", "letters", "receipts"] {
            let _ = fs::remove_dir_all(folder().join(part));
        }
        for (name, content) in &expected {
            let path = folder().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
    }
    let mut there = BTreeMap::new();
    files_in(&folder(), "", &mut there);
    there.remove("README.md");
    assert!(there.keys().eq(expected.keys()), "(VOUCHSAFE_BLESS=1 writes them)");
    for (name, content) in expected {
        assert!(there[&name] == content, "{name} is not as it is made (VOUCHSAFE_BLESS=1 writes it)");
    }
}

#[test]
fn each_is_judged_as_it_should_be() {
    let made = Made::all();
    for (path, said) in &made.said {
        let status = match path.split_once('/').unwrap().0 {
            "receipts" => match Receipts::parse(&made.files[path]).map(|all| receipts::check(&all.0)) {
                Ok(Ok(shown)) if shown.not_understood.is_empty() => 0,
                Ok(Ok(_) | Err(ReceiptsError::NotUnderstood { .. })) => 3,
                Ok(Err(_)) => 1,
                Err(error) => {
                    assert!(
                        matches!(error, vouchsafe_core::format::FormatError::NotUnderstood { .. }),
                        "{path}: {error}"
                    );
                    3
                }
            },
            "letters" => match letter::check(&made.files[path]) {
                Ok(_) => 0,
                Err(LetterError::NotUnderstood { .. }) => 3,
                Err(_) => 1,
            },
            _ => {
                let mut bundle = Bundle::default();
                let inside = format!("{path}/");
                let files = made.files.iter().filter_map(|(name, bytes)| Some((name.strip_prefix(&inside)?, bytes)));
                bundle.files = files.map(|(name, bytes)| (name.to_owned(), bytes.clone())).collect();
                let report = bundles::report(&bundle);
                assert_eq!(bundles::codes(&report), said.codes.iter().copied().collect(), "{path}: {report:#?}");
                match report.verdict {
                    vouchsafe_core::verify::bundle::BundleVerdict::Sound => 0,
                    vouchsafe_core::verify::bundle::BundleVerdict::NotUnderstood => 3,
                    vouchsafe_core::verify::bundle::BundleVerdict::Failed => 1,
                    other => panic!("{path}: {other:?}"),
                }
            }
        };
        assert_eq!(status, said.status, "{path}");
    }
}
