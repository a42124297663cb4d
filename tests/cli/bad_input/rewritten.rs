//! A log that an insider rewrote with the archive's own keys: every signature in it holds, and only what was seen
//! before tells. An index that was forged to hide it does not help.

use std::fs;
use std::path::{Path, PathBuf};

use vouchsafe_archive::{IndexPlaces, Reader, SystemEnvironment};
use vouchsafe_core::digest::Digest;

use crate::desk::{Desk, Said, copy_folder};

/// How many entries this machine has seen.
const SEEN: u64 = 3;
/// How many entries a rewritten log has beyond that.
const MORE: u64 = 70;

/// An archive of which this machine has seen [`SEEN`] entries, and another history of it, made by somebody with
/// the same keys.
struct Rewritten {
    desk: Desk,
    seen_root: Digest,
}

impl Rewritten {
    fn new() -> Self {
        let desk = Desk::new();
        let beginning = desk.copy_archive("beginning");
        desk.ingest("a.txt", "an invented statement");
        desk.ingest("b.txt", "another one");
        let head = desk.run(["head", "--json"]).well().json();
        assert_eq!(head["size"], SEEN);
        desk.write("head.txt", head["checkpoint"].as_str().unwrap());
        fs::rename(desk.archive(), desk.path("seen")).unwrap();
        copy_folder(&beginning, &desk.archive());
        // Whoever rewrites it has the keys, and a memory of their own.
        copy_folder(&desk.path("home/keys"), &desk.path("insider/keys"));
        Self { desk, seen_root: head["root"].as_str().unwrap().parse().unwrap() }
    }

    /// Goes on from the beginning in another way.
    fn ingest_as_insider(&self, name: &str, content: &str) {
        self.desk.write(name, content);
        self.as_insider(&["ingest", name]).well();
    }

    fn as_insider(&self, arguments: &[&str]) -> Said {
        let mut command = self.desk.command(arguments);
        command.env("VOUCHSAFE_HOME", self.desk.path("insider"));
        Said::by(command)
    }

    fn index(&self) -> PathBuf {
        self.desk.archive().join("index")
    }

    /// The machine that has seen the log is not deceived, by reading or by writing.
    fn check_not_deceived(&self, code: &str, warning: &str) {
        let volume = self.desk.volume_bytes();
        self.desk.check_found(code);
        self.desk.run(["list"]).code(1).notes(&format!("WARNING: {warning}"));
        self.desk.run(["ingest", "a.txt"]).failed(warning).hints("vouchsafe head --accept");
        self.desk.run(["rebuild"]).code(3);
        self.desk.check_found(code);
        assert_eq!(self.desk.volume_bytes(), volume, "nothing is written to it");
        // A stranger who was only given the head that was seen is not deceived either.
        self.as_insider(&["verify", "--expect-head", "head.txt"]).code(1).says(code);
        self.as_insider(&["verify"]).code(0).says("SOUND");
    }
}

/// Puts the hashes of leaves of one index into another. Those of nodes with fewer than 64 leaves are computed from them.
fn splice_hashes(from: &Path, into: &Path, leaves: &[u64]) {
    let (from, into) = (sled::open(from).unwrap(), sled::open(into).unwrap());
    let tree = |database: &sled::Db, name: &str| database.open_tree(name).unwrap();
    for leaf in leaves {
        let key = leaf.to_be_bytes();
        let seen = tree(&from, "entries").get(key).unwrap().unwrap();
        let mut row = tree(&into, "entries").get(key).unwrap().unwrap().to_vec();
        // Each of these entries is a commit and a row by itself: the number of entries, then the hash of the leaf.
        assert_eq!((seen[0], row[0]), (1, 1));
        row[1..33].copy_from_slice(&seen[1..33]);
        tree(&into, "entries").insert(key, row).unwrap();
    }
    into.flush().unwrap();
}

#[test]
fn a_rewritten_log_is_found_whatever_its_index_says() {
    let rewritten = Rewritten::new();
    rewritten.ingest_as_insider("a.txt", "what somebody would rather have been said");
    rewritten.ingest_as_insider("b.txt", "another one");
    // Many more, so that the index holds hashes of nodes above the leaves that are forged below.
    for number in 0..MORE {
        rewritten.desk.write(format!("more/{number:02}.txt"), format!("statement {number}"));
    }
    rewritten.as_insider(&["ingest", "more"]).well();
    let warning = "the log's first 3 entries differ from those that this machine has seen: its history was rewritten";
    rewritten.check_not_deceived("V802", warning);

    // The index is forged: at the size that was seen it has the root that was seen, and its newest root is that of
    // the rewritten log.
    splice_hashes(&rewritten.desk.path("seen/index"), &rewritten.index(), &[1, 2]);
    let places = IndexPlaces { scratch: rewritten.desk.path("scratch"), cache: None };
    let (reader, _) = Reader::open(&rewritten.desk.archive(), None, &SystemEnvironment, &places).unwrap();
    assert_eq!(reader.root_at(SEEN).unwrap(), rewritten.seen_root, "who asks only this is deceived");
    assert_eq!(reader.size(), SEEN + MORE);
    drop(reader);
    rewritten.check_not_deceived("V802", warning);

    // The index of the log that was seen is put beside the volumes of the rewritten one.
    fs::remove_dir_all(rewritten.index()).unwrap();
    copy_folder(&rewritten.desk.path("seen/index"), &rewritten.index());
    rewritten.check_not_deceived("V802", warning);

    // None at all.
    fs::remove_dir_all(rewritten.index()).unwrap();
    rewritten.check_not_deceived("V802", warning);
}

#[test]
fn a_log_that_was_rewritten_and_is_shorter_is_found_whatever_its_index_says() {
    let rewritten = Rewritten::new();
    rewritten.ingest_as_insider("a.txt", "what somebody would rather have been said");
    let warning = "the log has 2 entries, but this machine has seen 3";
    rewritten.check_not_deceived("V801", warning);
    fs::remove_dir_all(rewritten.index()).unwrap();
    copy_folder(&rewritten.desk.path("seen/index"), &rewritten.index());
    rewritten.desk.check_found("V801");
    rewritten.desk.run(["list"]).code(1).says("1 exhibit").notes(&format!("WARNING: {warning}"));
    let said = rewritten.desk.run(["ingest", "a.txt"]);
    said.failed("committed bytes are gone").hints("restores the volume from another copy");
}

#[test]
fn a_log_that_was_rewritten_to_the_same_size_is_found() {
    let rewritten = Rewritten::new();
    rewritten.ingest_as_insider("a.txt", "what somebody would rather have been said");
    rewritten.ingest_as_insider("b.txt", "another one");
    let warning = "the log's first 3 entries differ from those that this machine has seen: its history was rewritten";
    rewritten.check_not_deceived("V802", warning);
}
