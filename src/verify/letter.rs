//! Checking letters: that another archive's log holds the entry that its letter tells of, and who signed it.

use super::bundle::{ShownLog, Signers};
use crate::format::{ArchiveIdentity, Checkpoint, FormatError, Letter, LogKey, SignedEntry, fields};
use crate::model::{Disclosure, Event};
use crate::sign::PublicKey;

/// What a letter tells, and its keys. Whose keys these are is for the caller to compare.
#[derive(Debug, Clone)]
pub struct Told {
    /// The first administrator of the archive that wrote it.
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
        ArchiveIdentity::of_log(&self.log_key)
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

/// Reads and checks a letter: every receipt leads to one checkpoint, signed by the log's key that the first entry names;
/// every signature holds and is by a key that an earlier entry in the letter introduces; the fields are those of the
/// last entry.
///
/// What this does not show: that the keys are those of the archive that they claim to be of, and that no key was
/// revoked behind the letter's back.
///
/// # Errors
/// It cannot be read, or something in it does not hold.
pub fn check(bytes: &[u8]) -> Result<Told, LetterError> {
    let letter = Letter::parse(bytes)?;
    let [first, .., last] = letter.receipts.as_slice() else { return Err(wrong("it has no receipts")) };
    let Event::ArchiveCreated(created) = &first.entry.entry.event else {
        return Err(wrong("it does not begin with the first entry of an archive"));
    };
    let log_key: LogKey = created.log_key.parse().map_err(|_| wrong("its first entry names no log key"))?;
    let mut signers = Signers::default();
    signers.set_log_key(log_key.key());
    let mut before = None;
    for receipt in &letter.receipts {
        let entry = &receipt.entry.entry;
        let of = |reason: String| wrong(format!("entry {}: {reason}", entry.index));
        if receipt.checkpoint != first.checkpoint {
            return Err(of("its receipt leads to another checkpoint than the first one".to_owned()));
        }
        receipt.check(&log_key).map_err(|error| of(error.to_string()))?;
        if before.is_some_and(|before| before >= entry.index) {
            return Err(of("it is not behind the one in front of it".to_owned()));
        }
        before = Some(entry.index);
        if let Event::ArchiveCreated(body) = &entry.event
            && !signers.add(&body.administrator, entry.index)
        {
            return Err(of("its administrator is introduced twice, or has the log's key".to_owned()));
        }
        check_signatures(&receipt.entry, &signers).map_err(of)?;
        let is_taken = match &entry.event {
            Event::ArchiveCreated(_) => entry.index.0 == 0,
            Event::AgentAdded(body) => signers.add(&body.agent, entry.index),
            Event::AgentRevoked(body) => signers.revoke(body, entry.index),
            Event::TransferOffered(_) | Event::TransferAccepted(_) | Event::TransferRefused(_) => receipt == last,
            _ => false,
        };
        if !is_taken {
            return Err(of(format!("{} has no place here", entry.event.kind())));
        }
    }
    if !fields::match_commitments(&letter.fields, last.entry.entry.event.fields()) {
        return Err(wrong("its fields are not those of its last entry"));
    }
    if matches!(last.entry.entry.event, Event::ArchiveCreated(_) | Event::AgentAdded(_) | Event::AgentRevoked(_)) {
        return Err(wrong("it tells of no transfer"));
    }
    Ok(Told {
        administrator: created.administrator.public_key.clone(),
        log_key,
        checkpoint: last.checkpoint.checkpoint.clone(),
        entry: last.entry.clone(),
        shown: ShownLog::of_letter(&letter.receipts),
        fields: letter.fields,
    })
}

fn check_signatures(signed: &SignedEntry, signers: &Signers) -> Result<(), String> {
    let entry = &signed.entry;
    for (number, signature) in signed.signatures.iter().enumerate() {
        if number == 0 && signature.key != entry.actor {
            return Err("its first signature is not by its actor".to_owned());
        }
        let permitted = signers.permit(signature.key, entry.index, entry.event.kind(), number == 0)?;
        if permitted.is_in_question {
            return Err(format!("{} is no longer trusted there", signature.key));
        }
        if !signed.verifies(number, permitted.key) {
            return Err(format!("the signature does not hold for {}", signature.key));
        }
    }
    Ok(())
}
