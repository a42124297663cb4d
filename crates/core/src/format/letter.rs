//! Letters: what one archive informs another of about a transfer of custody, with all that proves it.

use serde::{Deserialize, Serialize};

use super::canonical::{self, FormatError};
use super::fields;
use super::receipt::{MAX_RECEIPT_BYTES, Receipt};
use super::version;
use crate::model::{Disclosure, Fingerprint};

/// The value of `format`.
pub const LETTER_FORMAT: &str = "vouchsafe-letter/1";
/// The largest letter in bytes.
pub const MAX_LETTER_BYTES: usize = 4 * 1024 * 1024;
/// The most receipts of one letter.
pub const MAX_LETTER_RECEIPTS: usize = 256;

const WHAT: &str = "the letter";

/// An entry about a transfer, and the entries that introduced the keys that sign it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// The fingerprint of the archive that wrote it.
    pub archive: Fingerprint,
    /// The fields of the entry that the letter is about; all of them.
    pub fields: Vec<Disclosure>,
    /// The archive's first entry, those about agents, and last the entry that the letter is about.
    pub receipts: Vec<Receipt>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    archive: Fingerprint,
    fields: Vec<Disclosure>,
    format: String,
    receipts: Vec<String>,
}

impl Letter {
    /// The letter: canonical JSON and a line feed.
    ///
    /// # Errors
    /// It would be over a limit.
    pub fn to_bytes(&self) -> Result<Vec<u8>, FormatError> {
        check_count(self.receipts.len())?;
        let mut bytes = canonical::to_vec_in_order(&Wire {
            archive: self.archive,
            fields: self.fields.clone(),
            format: LETTER_FORMAT.to_owned(),
            receipts: self.receipts.iter().map(Receipt::to_string).collect(),
        });
        bytes.push(b'\n');
        canonical::check_length(WHAT, bytes.len() as u64, MAX_LETTER_BYTES as u64)?;
        Ok(bytes)
    }

    /// Reads a letter strictly. Whether it proves anything is for `verify::letter` to say.
    ///
    /// # Errors
    /// Over a limit, of another version, not canonical, or with a receipt that is none.
    pub fn parse(bytes: &[u8]) -> Result<Self, FormatError> {
        canonical::check_length(WHAT, bytes.len() as u64, MAX_LETTER_BYTES as u64)?;
        version::check(WHAT, bytes, "vouchsafe-letter")?;
        let line = bytes.strip_suffix(b"\n").ok_or_else(|| rule("it does not end with a line feed".to_owned()))?;
        let wire: Wire = canonical::from_slice(WHAT, line, MAX_LETTER_BYTES)?;
        if wire.format != LETTER_FORMAT {
            return Err(rule(format!("its format is {:?}; this program reads {LETTER_FORMAT}", wire.format)));
        }
        fields::to_line(&wire.fields)?;
        check_count(wire.receipts.len())?;
        let receipts = wire.receipts.iter().map(|receipt| Receipt::parse(receipt.as_bytes()));
        Ok(Self { archive: wire.archive, fields: wire.fields, receipts: receipts.collect::<Result<_, _>>()? })
    }
}

fn check_count(receipts: usize) -> Result<(), FormatError> {
    match receipts {
        2..=MAX_LETTER_RECEIPTS => Ok(()),
        _ => Err(rule(format!("it has {receipts} receipts; 2 to {MAX_LETTER_RECEIPTS} are allowed"))),
    }
}

fn rule(reason: String) -> FormatError {
    FormatError::Rule { what: WHAT, reason }
}

/// A receipt must fit into a letter.
const _: () = assert!(MAX_RECEIPT_BYTES < MAX_LETTER_BYTES);
