//! What the fuzzer begins with, as an ordinary test: every seed goes through its target (`fuzz/targets.rs`).
//!
//! The seeds are the fixtures: vectors, the volumes of all archives with their entries, fields and checkpoints,
//! metadata files, and in `fixtures/fuzz` what a fuzzer has found, one folder a target. With
//! `VOUCHSAFE_FUZZ_SEEDS=FOLDER` they are written there, one folder a target; `./test --long` does that.

#![allow(clippy::unwrap_used)]

#[path = "../fuzz/targets.rs"]
mod targets;

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use vouchsafe::digest::Digest;
use vouchsafe::format::volume::{Found, MemberName, find_member_after, look_at, read_member};

type Target = fn(&[u8]);

const TARGETS: [(&str, Target); 7] = [
    ("archive", targets::archive),
    ("checkpoint", targets::checkpoint),
    ("entry", targets::entry),
    ("fields", targets::fields),
    ("metadata", targets::metadata),
    ("receipt", targets::receipt),
    ("volume", targets::volume),
];

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// All files below a folder.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for item in fs::read_dir(folder).unwrap() {
        let path = item.unwrap().path();
        if path.is_dir() { files.extend(files_below(&path)) } else { files.push(path) }
    }
    files.sort();
    files
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
                MemberName::Object(_) => {}
            }
        }
    }

    fn all() -> Self {
        let mut seeds = Self::default();
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
                Some("head") => seeds.add("checkpoint", &bytes),
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
        assert!(seeds.0[name].len() >= 5, "{name} has {} seeds", seeds.0[name].len());
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
        assert!(fs::read_dir(folder).unwrap().count() >= 5);
    }
}
