//! What the fuzzer begins with, as an ordinary test: every seed goes through its target (`fuzz/targets.rs`).
//!
//! The seeds are the fixtures: vectors, the volumes of all archives with their entries, fields and checkpoints,
//! metadata files, what the program gives to others, and in `fixtures/fuzz` what a fuzzer has found, one folder a target. With
//! `VOUCHSAFE_FUZZ_SEEDS=FOLDER` they are written there, one folder a target; `./test --long` does that.

#[path = "../fuzz/targets.rs"]
mod targets;

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::ops::ControlFlow;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use vouchsafe_core::digest::Digest;
use vouchsafe_core::format::Letter;
use vouchsafe_core::format::volume::{Found, MemberName, find_member_after, look_at, read_member};
use vouchsafe_core::verify::bundle::DossierBundle;

use crate::desk::{Desk, files_below};

type Target = fn(&[u8]);

const TARGETS: [(&str, Target); 18] = [
    ("archive", targets::archive),
    ("bundle_description", targets::bundle_description),
    ("checkpoint", targets::checkpoint),
    ("completeness", targets::completeness),
    ("dossier", targets::dossier),
    ("entry", targets::entry),
    ("fields", targets::fields),
    ("labels", targets::labels),
    ("letter", targets::letter),
    ("manifest", targets::manifest),
    ("metadata", targets::metadata),
    ("parity", targets::parity),
    ("receipt", targets::receipt),
    ("receipts", targets::receipts),
    ("sshsig", targets::sshsig),
    ("trust", targets::trust),
    ("volume", targets::volume),
    ("zip", targets::zip),
];

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// The seeds of every target, each once.
#[derive(Default)]
struct Seeds(BTreeMap<String, BTreeMap<Digest, Vec<u8>>>);

impl Seeds {
    fn add(&mut self, target: &str, bytes: &[u8]) {
        self.0.entry(target.to_owned()).or_default().insert(Digest::of(bytes), bytes.to_vec());
    }

    /// A volume, and the lines and checkpoints in it.
    fn add_volume(&mut self, bytes: Vec<u8>) {
        self.add("archive", &bytes);
        self.add("volume", &bytes);
        let mut at = Some(0);
        while let Some(offset) = at {
            let Found::Member(member) = look_at(&bytes, offset).unwrap() else {
                at = find_member_after(&bytes, offset).unwrap();
                continue;
            };
            at = Some(member.end());
            let content = read_member(&bytes, &member, 1 << 20).unwrap().unwrap_or_default();
            let mut add_lines = |target| {
                content.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()).for_each(|l| self.add(target, l));
            };
            match member.name {
                MemberName::Log { .. } => add_lines("entry"),
                MemberName::Fields { .. } => add_lines("fields"),
                MemberName::Checkpoint { .. } => self.add("checkpoint", &content),
                MemberName::Object(_) => self.add_object(&content),
            }
        }
    }

    /// What the program itself makes, of each kind of file that it gives to others: a bundle with all that is in it, receipts,
    /// a letter, a parity file, a copy.
    fn add_made(&mut self) {
        let desk = Desk::new();
        let path = |name: &str| desk.path(name);
        let run = |arguments: &[&str]| drop(desk.run(arguments).well());
        desk.write("a.txt", "An invented statement.\n");
        desk.write("b.txt", "Another invented statement.\n");
        run(&["ingest", "a.txt", "b.txt", "--collection", "Case 1", "--receipts", "receipts"]);
        let export = ["export", "--collection", "Case 1", "--purpose", "x", "--recipient", "y", "--to"];
        run(&[export.as_slice(), &["b.zip"]].concat());
        run(&["transfer", "offer", "b.zip", "--recipient", "y", "--letter", "letter"]);
        run(&["replicate", "copy", "--medium", "disk", "--site", "same-site"]);
        self.add("letter", &fs::read(path("letter")).unwrap());
        self.add("labels", &fs::read(path("copy/copy.json")).unwrap());
        self.add("labels", &fs::read(path("archive/archive.json")).unwrap());
        self.add("zip", &fs::read(path("b.zip")).unwrap());
        for receipt in files_below(&path("receipts")) {
            self.add("receipts", &fs::read(receipt).unwrap());
        }
        let bundle = vouchsafe_bundle::open(&path("b.zip")).unwrap();
        for (number, item) in bundle.list().unwrap().items.iter().enumerate() {
            let mut bytes = Vec::new();
            let read = bundle.read(number, &mut |piece| {
                bytes.extend_from_slice(piece);
                ControlFlow::Continue(())
            });
            if read.is_ok() {
                self.add_file(&String::from_utf8_lossy(&item.name), &bytes);
            }
        }
    }

    /// A file of a bundle.
    fn add_file(&mut self, name: &str, bytes: &[u8]) {
        match name {
            "bundle.json" => self.add("bundle_description", bytes),
            "completeness.json" => self.add("completeness", bytes),
            "manifest-sha256.txt" | "tagmanifest-sha256.txt" => self.add("manifest", bytes),
            name if name.ends_with(".sig") => self.add("sshsig", bytes),
            name if name.ends_with(".tlog-proof") => self.add("receipt", bytes),
            _ => {}
        }
    }

    /// What lies as an object in the golden archive: a dossier, and letters.
    fn add_object(&mut self, bytes: &[u8]) {
        if Letter::parse(bytes).is_ok() {
            self.add("letter", bytes);
        }
        if DossierBundle::open(Arc::new(bytes.to_vec()), 0, bytes.len() as u64).is_ok() {
            self.add("dossier", bytes);
        }
    }

    fn all() -> Self {
        let mut seeds = Self::default();
        seeds.add_made();
        let archive = fixtures().join("archives/v1/archive.json");
        let description: serde_json::Value = serde_json::from_slice(&fs::read(archive).unwrap()).unwrap();
        seeds.add("trust", format!("# known\n{} a partner\n", description["archive"].as_str().unwrap()).as_bytes());
        let mut parity = Vec::new();
        let geometry = vouchsafe_core::format::parity::PAGE_BYTES;
        parity.extend_from_slice(b"vouchsafe-parity");
        parity.resize(usize::try_from(3 * geometry).unwrap(), 0);
        seeds.add("parity", &parity);
        for path in files_below(&fixtures().join("vectors")) {
            let bytes = fs::read(&path).unwrap();
            let name = path.file_name().unwrap().to_str().unwrap();
            let (target, _) = name.split_once('-').unwrap_or((name, ""));
            if let Some(at) = bytes.windows(2).position(|pair| pair == b"\n\n").filter(|_| name != "README.md") {
                seeds.add(target, &bytes[at + 2..]);
            }
        }
        for path in files_below(&fixtures().join("archives")) {
            let bytes = fs::read(&path).unwrap();
            match path.extension().and_then(|ending| ending.to_str()) {
                Some("tar") => seeds.add_volume(bytes),
                Some("tlog-proof") => seeds.add("receipt", &bytes),
                Some("head") => seeds.add("receipts", &bytes),
                _ => {}
            }
        }
        for path in files_below(&fixtures()).iter().filter(|path| path.extension().is_some_and(|e| e == "yaml")) {
            seeds.add("metadata", &fs::read(path).unwrap());
        }
        for (target, _) in TARGETS {
            let folder = fixtures().join("fuzz").join(target);
            for path in folder.is_dir().then(|| files_below(&folder)).into_iter().flatten() {
                seeds.add(target, &fs::read(&path).unwrap());
            }
        }
        seeds
    }
}

#[test]
fn every_seed_keeps_the_promises_of_its_target() {
    let seeds = Seeds::all();
    assert_eq!(seeds.0.keys().collect::<Vec<_>>(), TARGETS.map(|(name, _)| name).iter().collect::<Vec<_>>());
    for (name, target) in TARGETS {
        for bytes in seeds.0[name].values() {
            let outcome = catch_unwind(|| target(bytes));
            assert!(outcome.is_ok(), "{name}: {:?}", String::from_utf8_lossy(bytes));
        }
    }
}

/// Each seed with its end cut off, and with one byte changed, at places spread over it.
#[test]
fn a_seed_that_is_damaged_keeps_them_as_well() {
    let seeds = Seeds::all();
    for (name, target) in TARGETS {
        for bytes in seeds.0[name].values() {
            for part in 0..16 {
                let at = bytes.len() * part / 16;
                let mut changed = bytes.clone();
                if let Some(byte) = changed.get_mut(at) {
                    *byte ^= 1 << (part % 8);
                }
                let outcome = catch_unwind(|| {
                    target(&changed);
                    target(&bytes[..at]);
                });
                assert!(outcome.is_ok(), "{name}, byte {at}: {:?}", String::from_utf8_lossy(bytes));
            }
        }
    }
}

#[test]
fn the_seeds_are_written_where_the_fuzzer_looks_for_them() {
    let asked = env::var_os("VOUCHSAFE_FUZZ_SEEDS").map(PathBuf::from);
    let kept = tempfile::tempdir().unwrap();
    let folder = asked.as_deref().unwrap_or(kept.path());
    for (target, seeds) in Seeds::all().0 {
        let folder = folder.join(target);
        fs::create_dir_all(&folder).unwrap();
        for (digest, bytes) in seeds {
            fs::write(folder.join(digest.to_string()), bytes).unwrap();
        }
        assert!(fs::read_dir(folder).unwrap().count() >= 1);
    }
}
