//! How an archive stands to what this machine remembers: of its log, and of another archive of its name.

use super::description::Description;
use super::error::ArchiveError;
use super::index::Index;
use super::known::KnownArchive;
use vouchsafe_core::merkle::check_consistency;

/// How the log stands to what this machine remembers of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeadStanding {
    /// Nothing is remembered: the first time, or no memory was given.
    Unknown,
    /// It contains what was seen before.
    Continues,
    /// It is shorter.
    Behind {
        /// Entries now.
        found: u64,
        /// Entries seen.
        seen: u64,
    },
    /// It has another history.
    Forked {
        /// Entries seen.
        size: u64,
    },
}

impl HeadStanding {
    /// Refuses to continue with a log that does not continue what was seen: that would make a fork.
    ///
    /// # Errors
    /// Behind or forked.
    pub fn check(&self) -> Result<(), ArchiveError> {
        match self {
            Self::Unknown | Self::Continues => Ok(()),
            Self::Behind { found, seen } => Err(ArchiveError::HeadBehind { found: *found, seen: *seen }),
            Self::Forked { size } => Err(ArchiveError::HeadForked { size: *size }),
        }
    }
}

/// Compares the log with what is remembered of it.
pub(super) fn compare(index: &Index, remembered: Option<&KnownArchive>) -> Result<HeadStanding, ArchiveError> {
    let Some(remembered) = remembered else { return Ok(HeadStanding::Unknown) };
    let (found, seen) = (index.frontier().size(), &remembered.head.checkpoint);
    if found < seen.size {
        return Ok(HeadStanding::Behind { found, seen: seen.size });
    }
    let Some(head) = index.head() else { return Ok(HeadStanding::Behind { found, seen: seen.size }) };
    // The index is derived and may be forged: a proof is made of its hashes and checked between the two
    // signed heads.
    let head = &head.checkpoint;
    let continues = check_consistency((seen.size, seen.root), (head.size, head.root), index).is_ok();
    Ok(if continues && head.size == found { HeadStanding::Continues } else { HeadStanding::Forked { size: seen.size } })
}

/// The message about an archive that has the name of another, remembered one.
pub(super) fn other_archive(description: &Description, known: &KnownArchive) -> ArchiveError {
    ArchiveError::OtherArchive {
        origin: description.origin().to_string(),
        remembered: known.fingerprint,
        found: description.fingerprint,
    }
}
