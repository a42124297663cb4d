//! Checking letters: that another archive's log holds the entry that its letter tells of, and who signed it.

use super::bundle::ShownLog;
use super::receipts;
use crate::format::{ArchiveIdentity, Checkpoint, FormatError, Letter, LogKey, SignedEntry, fields};
use crate::model::{Disclosure, Event, Fingerprint};
use crate::sign::PublicKey;

/// What a letter tells, and which archive tells it. Whether that is the right one is for the caller to compare.
#[derive(Debug, Clone)]
pub struct Told {
    /// The fingerprint of the archive that wrote it.
    pub fingerprint: Fingerprint,
    /// Its first administrator.
    pub administrator: PublicKey,
    /// The key of its log.
    pub log_key: LogKey,
    /// The state of its log that the letter leads to.
    pub checkpoint: Checkpoint,
    /// The entry.
    pub entry: SignedEntry,
    /// The fields of the entry.
    pub fields: Vec<Disclosure>,
    /// What it shows of that log, by which it can contradict another letter, or a bundle.
    pub shown: ShownLog,
}

impl Told {
    /// The archive that wrote it, as the letter itself proves.
    #[must_use]
    pub fn archive(&self) -> ArchiveIdentity {
        ArchiveIdentity::new(self.log_key.name().clone(), self.fingerprint)
    }
}

/// Why a letter proves nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LetterError {
    /// It cannot be read.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// It does not hold.
    #[error("{0}")]
    Wrong(String),
}

fn wrong(reason: impl Into<String>) -> LetterError {
    LetterError::Wrong(reason.into())
}

/// Reads and checks a letter: its receipts hold, as [`receipts::check`] says; the archive that it names is theirs; the last
/// entry is about a transfer; and the fields are those of that entry.
///
/// # Errors
/// It cannot be read, or something in it does not hold.
pub fn check(bytes: &[u8]) -> Result<Told, LetterError> {
    let letter = Letter::parse(bytes)?;
    let shown = receipts::check(&letter.receipts).map_err(wrong)?;
    if shown.fingerprint != letter.archive {
        return Err(wrong("its first entry is not that of the archive that it names"));
    }
    let event = &shown.entry.entry.event;
    if !matches!(event, Event::TransferOffered(_) | Event::TransferAccepted(_) | Event::TransferRefused(_)) {
        return Err(wrong("it tells of no transfer"));
    }
    if !fields::match_commitments(&letter.fields, event.fields()) {
        return Err(wrong("its fields are not those of its last entry"));
    }
    Ok(Told {
        fingerprint: shown.fingerprint,
        administrator: shown.administrator,
        log_key: shown.log_key,
        checkpoint: shown.checkpoint,
        entry: shown.entry,
        fields: letter.fields,
        shown: shown.log,
    })
}
