//! Vectors that others published: RFC 8785, RFC 6962, C2SP checkpoints, Ed25519.

use std::collections::HashMap;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::Value;
use vouchsafe_core::digest::Digest;
use vouchsafe_core::format::canonical;
use vouchsafe_core::format::{LogKey, SignedCheckpoint};
use vouchsafe_core::merkle::{self, Frontier};
use vouchsafe_core::sign::{KeyError, PublicKey, Signature};

use crate::data;

fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap()
}

fn hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    base16ct::lower::decode_vec(text).unwrap().try_into().ok()
}

#[test]
fn canonical_json_is_that_of_rfc_8785() {
    let Some(folder) = data::published("canonical_json_is_that_of_rfc_8785", "jcs-rfc8785") else { return };
    let mut names: Vec<_> = fs::read_dir(folder.join("input")).unwrap().map(|file| file.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names.len(), 6);
    for name in names {
        let value = json(&folder.join("input").join(&name));
        let expected = fs::read(folder.join("output").join(&name)).unwrap();
        assert_eq!(canonical::to_vec(&value), expected, "{name:?}");
        // What is canonical stays as it is.
        let again: Value = serde_json::from_slice(&expected).unwrap();
        assert_eq!(canonical::to_vec(&again), expected, "{name:?}");
    }
}

#[test]
fn numbers_are_written_as_ecmascript_writes_them() {
    let name = "numbers_are_written_as_ecmascript_writes_them";
    let Some(file) = data::published(name, "jcs-rfc8785/es6-numbers-10000.txt") else { return };
    let mut count = 0;
    for line in fs::read_to_string(file).unwrap().lines() {
        let (bits, expected) = line.split_once(',').unwrap();
        let number = f64::from_bits(u64::from_str_radix(bits, 16).unwrap());
        assert_eq!(String::from_utf8(canonical::to_vec(&number)).unwrap(), expected, "{bits}");
        count += 1;
    }
    assert_eq!(count, 10_000);
}

/// All files below a folder.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files.extend(files_below(&path)) } else { files.push(path) }
    }
    files
}

/// A hash of a vector; some are damaged so that they are no hash at all.
fn hash(value: &Value) -> Option<Digest> {
    let bytes = BASE64.decode(value.as_str()?).ok()?;
    Some(Digest::from_bytes(bytes.try_into().ok()?))
}

#[test]
fn inclusion_proofs_are_judged_as_rfc_6962_says() {
    let name = "inclusion_proofs_are_judged_as_rfc_6962_says";
    let Some(folder) = data::published(name, "merkle-rfc6962/inclusion") else { return };
    let (mut accepted, mut refused) = (0, 0);
    for file in files_below(&folder) {
        let case = json(&file);
        let holds = (|| {
            let index = case["leafIdx"].as_u64()?;
            let size = case["treeSize"].as_u64()?;
            let path: Option<Vec<_>> = case["proof"].as_array().into_iter().flatten().map(hash).collect();
            merkle::check_inclusion(index, size, hash(&case["leafHash"])?, hash(&case["root"])?, &path?).ok()
        })();
        assert_eq!(holds.is_none(), case["wantErr"].as_bool().unwrap(), "{}: {}", file.display(), case["desc"]);
        if holds.is_some() { accepted += 1 } else { refused += 1 }
    }
    assert_eq!((accepted, refused), (6, 92));
}

/// The entries of a C2SP tlog-tiles entry bundle: each with its length in two bytes in front.
fn bundled_entries(mut bytes: &[u8]) -> Vec<&[u8]> {
    let mut entries = Vec::new();
    while let Some((length, rest)) = bytes.split_first_chunk() {
        let (entry, rest) = rest.split_at(u16::from_be_bytes(*length).into());
        entries.push(entry);
        bytes = rest;
    }
    entries
}

#[test]
fn the_checkpoints_of_another_log_are_read_and_verified() {
    let name = "the_checkpoints_of_another_log_are_read_and_verified";
    let Some(folder) = data::published(name, "tlog-tessera") else { return };
    let source = fs::read_to_string(folder.join("SOURCE.md")).unwrap();
    let key = source.lines().find_map(|line| line.strip_prefix("Signed-note key: ")).unwrap();
    let key: LogKey = key.parse().unwrap();
    let other: LogKey = {
        let public = vouchsafe_core::sign::SigningKey::from_secret(&[2; 32]).unwrap().public().clone();
        LogKey::new(key.name().clone(), public)
    };

    let entries = fs::read(folder.join("log/tile/entries/000.p/15")).unwrap();
    let entries = bundled_entries(&entries);
    assert_eq!(entries.len(), 15);
    assert_eq!(entries[14], b"fivten");

    let mut frontier = Frontier::default();
    for size in 0..=15 {
        let bytes = fs::read(folder.join(format!("log/checkpoint.{size}"))).unwrap();
        let signed = SignedCheckpoint::parse(&bytes).unwrap();
        assert!(signed.is_signed_by(&key), "size {size}");
        assert!(!signed.is_signed_by(&other), "size {size}");
        assert_eq!(signed.checkpoint.size, size as u64);
        assert_eq!(signed.checkpoint.root, frontier.root(), "size {size}");
        assert_eq!(signed.text().as_bytes(), bytes);
        if let Some(entry) = entries.get(size) {
            frontier.append(merkle::leaf_hash(entry));
        }
    }
    // The newest checkpoint is the one of size 15 with another file name.
    let newest = SignedCheckpoint::parse(&fs::read(folder.join("log/checkpoint")).unwrap()).unwrap();
    assert!(newest.is_signed_by(&key));
    assert_eq!((newest.checkpoint.size, newest.checkpoint.root), (15, frontier.root()));
}

#[test]
fn ed25519_agrees_with_wycheproof() {
    let name = "ed25519_agrees_with_wycheproof";
    let Some(file) = data::published(name, "wycheproof/ed25519_test.json") else { return };
    let suite = json(&file);
    let (mut accepted, mut refused) = (0, 0);
    for group in suite["testGroups"].as_array().unwrap() {
        // None of these keys is weak.
        let key = PublicKey::from_bytes(&hex(text(&group["publicKey"], "pk")).unwrap()).unwrap();
        for case in group["tests"].as_array().unwrap() {
            let message = base16ct::lower::decode_vec(text(case, "msg")).unwrap();
            // A signature of another length cannot even be expressed.
            let signature = hex(text(case, "sig")).map(Signature::from_bytes);
            let holds = signature.is_some_and(|signature| key.verifies(&message, &signature));
            assert_eq!(holds, text(case, "result") == "valid", "case {}: {}", case["tcId"], case["comment"]);
            if holds { accepted += 1 } else { refused += 1 }
        }
    }
    assert_eq!((accepted, refused), (88, 63));
}

/// Of the 914 edge cases, other programs accept 208 and `verify_strict` of ed25519-dalek 43. Ours is
/// narrower still, because it refuses keys with a part of small order before any signature is looked at.
#[test]
fn ed25519_is_stricter_than_any_other_on_edge_cases() {
    let name = "ed25519_is_stricter_than_any_other_on_edge_cases";
    let Some(folder) = data::published(name, "ed25519-cctv") else { return };
    let cases = json(&folder.join("ed25519vectors.json"));
    let measured = json(&folder.join("MEASURED-verifiers.json"));
    let (cases, measured) = (cases.as_array().unwrap(), measured.as_array().unwrap());
    assert_eq!((cases.len(), measured.len()), (914, 914));

    let (mut not_canonical, mut weak, mut signature_refused, mut accepted) = (0, 0, 0, Vec::new());
    let (mut accepted_by_strict, mut weak_but_accepted_by_strict) = (0, 0);
    for (case, peer) in cases.iter().zip(measured) {
        assert_eq!(case["number"], peer["number"]);
        let has = |flag: &str| case["flags"].as_array().into_iter().flatten().any(|found| found == flag);
        let strict = peer["dalek2_verify_strict"].as_bool().unwrap();
        accepted_by_strict += usize::from(strict);
        let key = match PublicKey::from_bytes(&hex(text(case, "key")).unwrap()) {
            Ok(key) => key,
            Err(KeyError::NotCanonical) => {
                assert!(has("non_canonical_A"), "{}", case["number"]);
                not_canonical += 1;
                continue;
            }
            Err(error) => {
                assert_eq!(error, KeyError::Weak);
                assert!(has("low_order_A") || has("low_order_component_A"), "{}", case["number"]);
                weak += 1;
                weak_but_accepted_by_strict += usize::from(strict);
                continue;
            }
        };
        let signature = Signature::from_bytes(hex(text(case, "sig")).unwrap());
        if key.verifies(text(case, "msg").as_bytes(), &signature) {
            assert!(strict, "verify_strict refuses {}", case["number"]);
            accepted.push(case["number"].as_u64().unwrap());
        } else {
            signature_refused += 1;
        }
    }
    // 886 keys are refused, among them those of 42 signatures that `verify_strict` accepts.
    assert_eq!((not_canonical, weak), (226, 660));
    assert_eq!((accepted_by_strict, weak_but_accepted_by_strict), (43, 42));
    // Of the 28 cases with a good key, only the one without any flag is accepted.
    assert_eq!(signature_refused, 27);
    assert_eq!(accepted, [305]);
    assert!(cases[305]["flags"].is_null());
}

fn root(leaves: &[Digest]) -> Digest {
    let mut frontier = Frontier::default();
    leaves.iter().for_each(|leaf| frontier.append(*leaf));
    frontier.root()
}

/// What the paths of the first `size` of these leaves show, for every size and every leaf.
fn all_shown(leaves: &[Digest], mut each: impl FnMut(usize, usize, Vec<(Range<u64>, Digest)>)) {
    for size in 1..=leaves.len() {
        let tree = Stored(leaves[..size].to_vec());
        for (index, leaf) in leaves.iter().enumerate().take(size) {
            let path = merkle::prove_inclusion(index as u64, size as u64, &tree).unwrap();
            let shown = merkle::shown_subtrees(index as u64, size as u64, *leaf, &path);
            // The leaf, and each hash of the path with what it makes; the last is the root.
            assert_eq!(shown.len(), 1 + 2 * path.len());
            assert!(path.iter().all(|hash| shown.iter().any(|(_, other)| other == hash)));
            each(index, size, shown);
        }
    }
}

/// Every subtree that a path shows has the root that its leaves have, also one at the right edge that is complete though
/// it is smaller than those of its level.
#[test]
fn an_audit_path_shows_subtrees_with_the_roots_of_their_leaves() {
    let leaves: Vec<_> = (0..40_u64).map(|number| merkle::leaf_hash(&number.to_be_bytes())).collect();
    all_shown(&leaves, |index, size, shown| {
        assert_eq!(shown[0], (index as u64..index as u64 + 1, leaves[index]));
        assert_eq!(shown.last(), Some(&(0..size as u64, root(&leaves[..size]))));
        for (range, hash) in &shown {
            assert!(range.end <= size as u64, "{range:?} of {size}");
            assert_eq!(*hash, root(&leaves[range.start as usize..range.end as usize]), "{range:?} of {size}");
        }
        if (index, size) == (5, 7) {
            assert!(shown.contains(&(6..7, leaves[6])));
        }
    });
}

#[test]
fn two_logs_differ_wherever_both_show_what_differs_and_nowhere_else() {
    let leaves: Vec<_> = (0..17_u64).map(|number| merkle::leaf_hash(&number.to_be_bytes())).collect();
    let mut ours = HashMap::new();
    all_shown(&leaves, |_, _, shown| ours.extend(shown));
    for place in 0..leaves.len() {
        let mut forked = leaves.clone();
        forked[place] = merkle::leaf_hash(b"another");
        all_shown(&forked, |_, _, shown| {
            for (range, hash) in shown {
                let is_forked = range.contains(&(place as u64));
                assert_eq!(ours[&range] != hash, is_forked, "{range:?} of logs that differ at {place}");
            }
        });
    }
}

/// Where the halves of a subtree are shown, so is all of it; and never anything else than its root.
#[test]
fn paths_that_show_both_halves_show_the_whole() {
    let leaves: Vec<_> = (0..40_u64).map(|number| merkle::leaf_hash(&number.to_be_bytes())).collect();
    let tree = |size: usize| Stored(leaves[..size].to_vec());
    let shown = |indices: &[u64], size: usize| {
        let path = |index: u64| merkle::prove_inclusion(index, size as u64, &tree(size)).unwrap();
        let mut shown: HashMap<_, _> = indices
            .iter()
            .flat_map(|&index| merkle::shown_subtrees(index, size as u64, leaves[index as usize], &path(index)))
            .collect();
        merkle::join_subtrees(&mut shown);
        for (range, hash) in &shown {
            assert_eq!(*hash, root(&leaves[range.start as usize..range.end as usize]), "{range:?} of {size}");
        }
        shown
    };
    for size in 1..=leaves.len() {
        for index in 0..size as u64 {
            // The last entry of an earlier log: whoever is shown it sees the root that the log had.
            assert!(shown(&[index], size).contains_key(&(0..index + 1)), "entry {index} of {size}");
        }
        // All leaves show all subtrees, those at the right edge of every smaller tree among them.
        let all = shown(&(0..size as u64).collect::<Vec<_>>(), size);
        for level in 0..7 {
            for first in (0..size as u64).step_by(1 << level) {
                let ends = first + 1..=(first + (1 << level)).min(size as u64);
                assert!(ends.into_iter().all(|end| all.contains_key(&(first..end))), "from {first} of {size}");
            }
        }
    }
    merkle::join_subtrees(&mut HashMap::from([(u64::MAX - 1..u64::MAX, Digest::ZERO), (0..u64::MAX, Digest::ZERO)]));
}

/// A path that leads nowhere is no tree, and shows no more than one can have.
#[test]
fn an_audit_path_that_is_too_long_is_cut() {
    let path = vec![Digest::ZERO; 200];
    for (index, size) in [(0, 1), (0, u64::MAX), (u64::MAX - 1, u64::MAX), (u64::MAX, 3), (7, 0)] {
        assert!(merkle::shown_subtrees(index, size, Digest::ZERO, &path).len() < 140);
    }
}

/// A tree of these leaves.
struct Stored(Vec<Digest>);

impl merkle::StoredHashes for Stored {
    fn read(&self, numbers: &[u64]) -> Result<Vec<Digest>, merkle::MerkleError> {
        let mut stored = Vec::new();
        let mut frontier = Frontier::default();
        self.0.iter().for_each(|leaf| frontier.append_storing(*leaf, |_, hash| stored.push(hash)));
        let read = |number: u64| stored.get(usize::try_from(number).ok()?).copied();
        numbers.iter().map(|&number| read(number).ok_or(merkle::MerkleError::Missing { number })).collect()
    }
}
