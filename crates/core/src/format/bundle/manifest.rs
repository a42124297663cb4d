//! Manifests: one line a file, so that BagIt and `sha256sum --check` read the same.

use std::fmt::Write as _;

use super::path::{BundlePath, MAX_PATH_BYTES};
use crate::digest::Digest;
use crate::format::FormatError;
use crate::format::canonical::check_length;

/// The most files of a bundle.
pub const MAX_FILES: usize = 500_000;
/// The largest manifest in bytes.
pub const MAX_MANIFEST_BYTES: usize = 96 * 1024 * 1024;

const WHAT: &str = "the manifest";

/// The files of one manifest with their SHA-256, in ascending order of the bytes of the names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Manifest(Vec<(BundlePath, Digest)>);

impl Manifest {
    /// A manifest of these files.
    ///
    /// # Errors
    /// A name is there twice, or there are too many.
    pub fn new(mut files: Vec<(BundlePath, Digest)>) -> Result<Self, FormatError> {
        files.sort_unstable();
        check_files(&files)?;
        Ok(Self(files))
    }

    /// The files.
    #[must_use]
    pub fn files(&self) -> &[(BundlePath, Digest)] {
        &self.0
    }

    /// The SHA-256 that a file should have.
    #[must_use]
    pub fn get(&self, path: &BundlePath) -> Option<Digest> {
        let place = self.0.binary_search_by(|(listed, _)| listed.cmp(path)).ok()?;
        Some(self.0[place].1)
    }

    /// The text.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = String::with_capacity(self.0.len() * 110);
        for (path, digest) in &self.0 {
            let _ = writeln!(text, "{digest}  {path}");
        }
        text
    }

    /// Reads a manifest strictly.
    ///
    /// # Errors
    /// Over a limit, with another line than `digest, two spaces, name`, or not in order.
    pub fn parse(bytes: &[u8]) -> Result<Self, FormatError> {
        check_length(WHAT, bytes.len() as u64, MAX_MANIFEST_BYTES as u64)?;
        let text = std::str::from_utf8(bytes).map_err(|_| rule("it is not UTF-8 text"))?;
        let Some(text) = text.strip_suffix('\n') else {
            return match text.is_empty() {
                true => Ok(Self::default()),
                false => Err(rule("it does not end with a line feed")),
            };
        };
        let mut files = Vec::new();
        for (number, line) in text.split('\n').enumerate() {
            let read = line.split_once("  ").filter(|_| line.len() <= 64 + 2 + MAX_PATH_BYTES);
            let read = read.and_then(|(digest, path)| Some((path.parse().ok()?, digest.parse().ok()?)));
            files.push(read.ok_or_else(|| {
                rule(&format!("line {} is not 64 hexadecimal digits, two spaces and a name", number + 1))
            })?);
        }
        check_files(&files)?;
        Ok(Self(files))
    }
}

fn check_files(files: &[(BundlePath, Digest)]) -> Result<(), FormatError> {
    if files.len() > MAX_FILES {
        return Err(rule(&format!("it lists {} files; at most {MAX_FILES} are allowed", files.len())));
    }
    if !files.is_sorted_by(|a, b| a.0 < b.0) {
        return Err(rule("its names are not in ascending order, or one is repeated"));
    }
    Ok(())
}

fn rule(reason: &str) -> FormatError {
    FormatError::Rule { what: WHAT, reason: reason.to_owned() }
}
