//! Runs the vectors in `fixtures/vectors`: one scenario a file, as other readers may run them too.

use std::collections::{BTreeMap, HashMap};
use std::fs;

use vouchsafe::digest::Digest;
use vouchsafe::format::fields;
use vouchsafe::format::{FormatError, LogKey, Receipt, SignedCheckpoint, SignedEntry};
use vouchsafe::sign::PublicKey;

use crate::data;

/// A vector: its header, and the bytes.
struct Vector {
    header: HashMap<String, String>,
    bytes: Vec<u8>,
}

impl Vector {
    fn read(bytes: &[u8]) -> Self {
        let at = bytes.windows(2).position(|pair| pair == b"\n\n").unwrap();
        let header = str::from_utf8(&bytes[..at]).unwrap();
        let header = header.lines().map(|line| {
            let (name, value) = line.split_once(':').unwrap();
            (name.to_owned(), value.trim().to_owned())
        });
        Self { header: header.collect(), bytes: bytes[at + 2..].to_vec() }
    }

    fn get(&self, name: &str) -> &str {
        self.header.get(name).unwrap_or_else(|| panic!("the header has no {name:?}"))
    }

    /// What our reader makes of it, in the words of the header `expect`.
    fn judge(&self) -> &'static str {
        let verdict = match self.get("what") {
            "entry" => SignedEntry::parse(&self.bytes).map(|read| {
                assert_eq!(read.line(), self.bytes);
                // Vectors that are refused before their signature is looked at name no key.
                self.header.get("key").is_none_or(|key| read.verifies(0, &key.parse::<PublicKey>().unwrap()))
            }),
            "fields" => fields::parse_line(&self.bytes).map(|read| {
                assert_eq!(fields::to_line(&read).unwrap(), self.bytes);
                let committed = self.get("commits").split(',').filter(|digest| !digest.is_empty());
                let committed: Vec<Digest> = committed.map(|digest| digest.parse().unwrap()).collect();
                fields::match_commitments(&read, &committed)
            }),
            "checkpoint" => SignedCheckpoint::parse(&self.bytes).map(|read| {
                assert_eq!(read.text().as_bytes(), self.bytes);
                read.is_signed_by(&self.log_key())
            }),
            "receipt" => Receipt::parse(&self.bytes).map(|read| {
                assert_eq!(read.to_string().as_bytes(), self.bytes);
                read.check(&self.log_key()).is_ok()
            }),
            other => panic!("nothing is known of {other:?}"),
        };
        match verdict {
            Ok(true) => "ok",
            Ok(false) => "does not hold",
            Err(FormatError::Shape { .. }) => "shape",
            Err(FormatError::NotCanonical { .. }) => "not canonical",
            Err(FormatError::Rule { .. }) => "rule",
            Err(error) => panic!("{error}"),
        }
    }

    fn log_key(&self) -> LogKey {
        self.get("log key").parse().unwrap()
    }
}

#[test]
fn every_vector_is_judged_as_its_header_says() {
    let mut judged: BTreeMap<String, usize> = BTreeMap::new();
    for item in fs::read_dir(data::project_file("fixtures/vectors")).unwrap() {
        let path = item.unwrap().path();
        if path.extension().is_some() {
            continue;
        }
        let vector = Vector::read(&fs::read(&path).unwrap());
        assert_eq!(vector.judge(), vector.get("expect"), "{}: {}", path.display(), vector.get("why"));
        *judged.entry(vector.get("expect").to_owned()).or_default() += 1;
    }
    // A vector that got lost would not fail by itself.
    let judged: Vec<_> = judged.iter().map(|(expect, count)| (expect.as_str(), *count)).collect();
    assert_eq!(judged, [("does not hold", 15), ("not canonical", 9), ("ok", 12), ("rule", 15), ("shape", 20)]);
}
