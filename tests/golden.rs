//! An archive of every version of the format must open for ever.

use std::fs;
use std::path::{Path, PathBuf};

use vouchsafe_archive::Grade;
use vouchsafe_core::digest::Digest;
use vouchsafe_core::model::EventKind;

use crate::desk::{Desk, copy_folder};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/archives")
}

/// A desk with a copy of the golden archive.
fn golden() -> Desk {
    let desk = Desk::bare();
    copy_folder(&fixtures().join("v1"), &desk.archive());
    desk
}

#[test]
fn an_archive_of_format_1_is_listed_as_it_was_when_it_was_made() {
    let desk = golden();
    let expected = fs::read_to_string(fixtures().join("v1.list.jsonl")).unwrap();
    // What later versions say beside that: members may be added.
    let listed = desk.run(["list", "--json"]).out;
    let grades = Grade::ALL.map(|grade| format!("\"grade\":\"{}\",", grade.name()));
    assert_eq!(grades.iter().fold(listed, |listed, grade| listed.replace(grade, "")), expected);
    let head = fs::read_to_string(fixtures().join("v1.head")).unwrap();
    assert_eq!(desk.run(["head"]).out, head);
}

#[test]
fn an_archive_of_format_1_is_sound_against_a_head_and_a_fingerprint_kept_elsewhere() {
    let desk = golden();
    let head = fixtures().join("v1.head");
    let trust = ["verify", "--json", "--trust", &desk.fingerprint(), "--expect-head", head.to_str().unwrap()];
    let report = desk.run(trust).well().json();
    assert_eq!(report["verdict"], "sound");
    assert_eq!(report["complete"], true);
    let listed = fs::read_to_string(fixtures().join("v1.list.jsonl")).unwrap().lines().count();
    assert_eq!(report["exhibits"], listed);
    // One object has two exhibits, another one came in a second time; what came with that is an object, too, and so
    // are three letters about transfers.
    assert_eq!(report["checked"]["objects"], listed + 2);
}

#[test]
fn an_archive_of_format_1_holds_every_kind_of_entry() {
    let desk = golden();
    let log = desk.run(["log", "--json"]).out;
    // No command makes these yet.
    let is_later = |kind: EventKind| {
        use EventKind::{AgentChanged, AgentRecovered, AgentRotated, LogKeyChanged, RecoverySet};
        matches!(kind, AgentChanged | AgentRecovered | AgentRotated | LogKeyChanged | RecoverySet)
    };
    for kind in EventKind::ALL.iter().filter(|kind| !is_later(**kind)) {
        assert!(log.contains(&format!("\"event\":\"{kind}\"")), "{kind}");
    }
}

#[test]
fn another_version_of_the_description_is_named_and_not_written_to() {
    let desk = golden();
    let path = desk.archive().join("archive.json");
    let text = fs::read_to_string(&path).unwrap().replace("vouchsafe-archive/1", "vouchsafe-archive/2");
    fs::write(&path, text).unwrap();
    let error = desk.run(["list"]).well().err;
    assert!(error.contains("vouchsafe-archive/2") && error.contains("archive.json"), "{error}");
}

/// A bundle of the golden archive, in which custody of one exhibit came and that of another one went.
#[test]
fn a_bundle_of_format_1_is_sound_against_a_fingerprint_kept_elsewhere() {
    let desk = golden();
    let bundle = fixtures().join("v1.bundle.zip");
    let said = desk.run(["check", "--json", bundle.to_str().unwrap(), "--trust", &desk.fingerprint()]);
    let report = said.json();
    assert_eq!((&report["verdict"], said.code), (&"sound".into(), 0), "{report}");
    assert_eq!(report["findings"].as_array().map(Vec::len), Some(0));
    assert_eq!(report["exhibits"].as_array().map(Vec::len), Some(2));
    assert!(report["checked"]["foreign_entries"].as_u64() > Some(0), "{report}");
    let told = report["not_checked"].to_string();
    assert!(told.contains("1 entry says: the letter is here in which the other archive"), "{told}");
}

/// What format 1 is, in files: those that later versions must go on reading as they are, each with its SHA-256, in the
/// form that `sha256sum --check` reads. Vectors and archives may be added; none of these changes any more.
const FROZEN: &str = include_str!("../fixtures/format-1.sha256");
/// SHA-256 of that list.
const FROZEN_SHA256: &str = "9840da73414265e6451d3c0f83bb4492b3729239a496c69313f19b54b86afea6";

#[test]
fn format_1_is_frozen() {
    let fixtures = fixtures().parent().unwrap().to_owned();
    let digest = Digest::of(FROZEN.as_bytes()).to_string();
    assert_eq!(digest, FROZEN_SHA256, "fixtures/format-1.sha256 was changed");
    for line in FROZEN.lines() {
        let (expected, name) = line.split_once("  ").unwrap();
        let found = fs::read(fixtures.join(name)).map(|bytes| Digest::of(&bytes).to_string());
        assert_eq!(
            found.ok().as_deref(),
            Some(expected),
            "fixtures/{name} is not what it was when format 1 was frozen"
        );
    }
}
