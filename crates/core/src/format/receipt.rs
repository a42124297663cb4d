//! Receipts: proof that an entry is in the log (C2SP tlog-proof), with the entry itself inside.
//!
//! ```text
//! c2sp.org/tlog-proof@v1
//! extra <base64 of the entry's line>
//! index 17
//! <base64 hash>…
//!
//! <signed checkpoint>
//! ```

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::canonical::{self, FormatError};
use super::checkpoint::{LogKey, MAX_CHECKPOINT_BYTES, SignedCheckpoint};
use super::entry::{MAX_ENTRY_BYTES, SignedEntry};
use super::version;
use crate::digest::Digest;
use crate::merkle::{self, MerkleError};

/// The longest receipt in bytes.
pub const MAX_RECEIPT_BYTES: usize = MAX_CHECKPOINT_BYTES + 2 * MAX_ENTRY_BYTES;
/// The most receipts that are given out together.
pub const MAX_RECEIPTS: usize = 256;
/// The most bytes of receipts that are given out together.
pub const MAX_RECEIPTS_BYTES: usize = 4 * 1024 * 1024;
/// The longest audit path: a tree of 2^63 leaves.
const MAX_PATH: usize = 63;

const HEADER: &str = "c2sp.org/tlog-proof@v1";
/// What stands before its version.
const NAME: &str = "c2sp.org/tlog-proof";
const WHAT: &str = "the receipt";

/// An entry, its audit path and the checkpoint that the path leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The entry that is proved to be in the log.
    pub entry: SignedEntry,
    /// RFC 6962 audit path from the entry's leaf to the checkpoint's root.
    pub path: Vec<Digest>,
    /// The checkpoint.
    pub checkpoint: SignedCheckpoint,
}

/// Why a receipt does not prove what it says.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReceiptError {
    /// The checkpoint is not signed by the log's key that was given.
    #[error("the checkpoint in the receipt is not signed by the log's key")]
    Checkpoint,
    /// The path does not lead to the root.
    #[error(transparent)]
    Path(#[from] MerkleError),
}

impl fmt::Display for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADER}")?;
        writeln!(f, "extra {}", BASE64.encode(self.entry.line()))?;
        writeln!(f, "index {}", self.entry.entry.index)?;
        for hash in &self.path {
            writeln!(f, "{}", BASE64.encode(hash.as_bytes()))?;
        }
        write!(f, "\n{}", self.checkpoint.text())
    }
}

impl Receipt {
    /// The first line of a receipt of a version that is not known, if these bytes begin with one.
    #[must_use]
    pub fn newer(bytes: &[u8]) -> Option<&str> {
        let line = bytes.split(|&byte| byte == b'\n').next().and_then(|line| std::str::from_utf8(line).ok())?;
        let digits = line.strip_prefix(NAME)?.strip_prefix("@v")?;
        version::number_of(digits).filter(|&number| number > 1).map(|_| line)
    }

    /// Whether these bytes begin as a receipt does, and not as a checkpoint.
    #[must_use]
    pub fn is_begun_by(bytes: &[u8]) -> bool {
        bytes.strip_prefix(HEADER.as_bytes()).is_some_and(|rest| rest.starts_with(b"\n"))
    }

    /// Refuses a receipt of a version that is not known, whatever else is in it.
    fn check_version(bytes: &[u8]) -> Result<(), FormatError> {
        match Self::newer(bytes) {
            Some(found) => Err(FormatError::NotUnderstood { what: WHAT, found: found.to_owned() }),
            None => Ok(()),
        }
    }

    /// Reads a receipt strictly.
    ///
    /// # Errors
    /// Over a limit, not a tlog-proof, or without an entry of ours inside.
    pub fn parse(bytes: &[u8]) -> Result<Self, FormatError> {
        Self::check_version(bytes)?;
        canonical::check_length(WHAT, bytes.len() as u64, MAX_RECEIPT_BYTES as u64)?;
        let rule = |reason: &str| FormatError::Rule { what: WHAT, reason: reason.to_owned() };
        let text = std::str::from_utf8(bytes).map_err(|_| rule("it is not UTF-8 text"))?;
        let (proof, checkpoint) = text.split_once("\n\n").ok_or_else(|| rule("it has no checkpoint"))?;
        let mut lines = proof.split('\n');
        if lines.next() != Some(HEADER) {
            return Err(rule("its first line is not c2sp.org/tlog-proof@v1"));
        }
        let line = lines
            .next()
            .and_then(|line| line.strip_prefix("extra "))
            .and_then(|base64| BASE64.decode(base64).ok())
            .ok_or_else(|| rule("it has no `extra` line with the entry"))?;
        let entry = SignedEntry::parse(&line)?;
        let index =
            lines.next().and_then(|line| line.strip_prefix("index ")).ok_or_else(|| rule("it has no `index` line"))?;
        if index != entry.entry.index.to_string() {
            return Err(rule("its index is not the entry's"));
        }
        let mut path = Vec::new();
        for line in lines {
            let hash = BASE64.decode(line).ok().and_then(|hash| hash.try_into().ok());
            path.push(Digest::from_bytes(hash.ok_or_else(|| rule("a hash of the path is not 32 bytes in base64"))?));
            if path.len() > MAX_PATH {
                return Err(rule("its path is too long"));
            }
        }
        let checkpoint = SignedCheckpoint::parse(checkpoint.as_bytes())?;
        let receipt = Self { entry, path, checkpoint };
        if receipt.to_string().as_bytes() == bytes {
            Ok(receipt)
        } else {
            Err(FormatError::NotCanonical { what: WHAT })
        }
    }

    /// Checks that the entry is in the log whose key is given. Says nothing of the entry's own signatures.
    ///
    /// # Errors
    /// The checkpoint is not that log's, or the path does not lead to it.
    pub fn check(&self, log: &LogKey) -> Result<(), ReceiptError> {
        if !self.checkpoint.is_signed_by(log) {
            return Err(ReceiptError::Checkpoint);
        }
        self.check_path()
    }

    /// Checks that the entry is in the log of the receipt's own checkpoint, no matter who signed that.
    ///
    /// # Errors
    /// The checkpoint is of another log than the entry, or the path does not lead to its root.
    pub fn check_path(&self) -> Result<(), ReceiptError> {
        let checkpoint = &self.checkpoint.checkpoint;
        if self.entry.entry.archive.origin().is_some_and(|origin| *origin != checkpoint.origin) {
            return Err(ReceiptError::Checkpoint);
        }
        let index = self.entry.entry.index.0;
        merkle::check_inclusion(index, checkpoint.size, self.entry.leaf(), checkpoint.root, &self.path)?;
        Ok(())
    }
}

/// The receipts of an entry as they are given out: of the archive's first entry, of those that introduced the keys that sign,
/// and last of the entry itself; one text after the other, all under one checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipts(pub Vec<Receipt>);

impl Receipts {
    /// Reads them strictly. Whether they prove anything is for `verify::receipts` to say.
    ///
    /// # Errors
    /// Over a limit, or one of them is none.
    pub fn parse(bytes: &[u8]) -> Result<Self, FormatError> {
        Receipt::check_version(bytes)?;
        canonical::check_length(WHAT, bytes.len() as u64, MAX_RECEIPTS_BYTES as u64)?;
        let rule = |reason: &str| FormatError::Rule { what: WHAT, reason: reason.to_owned() };
        let text = std::str::from_utf8(bytes).map_err(|_| rule("it is not UTF-8 text"))?;
        // A line of the header stands in no other place: the other lines have other beginnings.
        let separator = format!("\n{HEADER}\n");
        let mut begins = vec![0];
        begins.extend(text.match_indices(&separator).map(|(at, _)| at + 1).take(MAX_RECEIPTS));
        if begins.len() > MAX_RECEIPTS {
            return Err(rule("it has more than 256 parts"));
        }
        let ends = begins.iter().skip(1).copied().chain([text.len()]);
        let parts = begins.iter().zip(ends).map(|(&begin, end)| Receipt::parse(&text.as_bytes()[begin..end]));
        parts.collect::<Result<_, _>>().map(Self)
    }
}

impl fmt::Display for Receipts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|receipt| receipt.fmt(f))
    }
}
