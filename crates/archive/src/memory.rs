//! What this machine remembers of the archive that is open, and what it may remember from now on.

use super::description::Description;
use super::error::ArchiveError;
use super::index::Index;
use super::known::{KnownArchive, KnownArchives, KnownError};
use super::standing::{HeadStanding, other_archive};
use vouchsafe_core::model::Timestamp;

/// The memory of an open archive.
#[derive(Debug)]
pub(super) struct Memory {
    /// Where to remember it, if anything is to be remembered.
    pub known: Option<KnownArchives>,
    /// Another archive of this one's name that is remembered, while this one is not.
    pub namesake: Option<KnownArchive>,
    /// When this machine first saw the archive.
    pub first_seen: Timestamp,
    /// How the log stands to what was remembered.
    pub standing: HeadStanding,
}

impl Memory {
    /// The memory of an archive that this machine has not seen before.
    pub const fn of_unseen(known: Option<KnownArchives>, now: Timestamp) -> Self {
        Self { known, namesake: None, first_seen: now, standing: HeadStanding::Unknown }
    }

    /// Remembers the newest checkpoint of a log that was read to its end, and returns whether it did: nothing is remembered
    /// of a log that does not continue what was seen before.
    ///
    /// # Errors
    /// It cannot be written down.
    pub fn remember(&self, description: &Description, index: &Index) -> Result<bool, KnownError> {
        let log_key = index.log_key(&description.log_key);
        if self.standing.check().is_ok()
            && let (Some(known), Some(head)) = (&self.known, index.head())
            // One that a key signed which is not known here is no proof of anything later.
            && head.is_signed_by(log_key)
        {
            known.remember(description, (log_key, head), self.first_seen)?;
            return Ok(true);
        }
        Ok(false)
    }

    /// Accepts the log as it is, although this machine has seen a longer or another one.
    ///
    /// # Errors
    /// Another archive is remembered under this name, or it cannot be written down.
    pub fn accept(&mut self, description: &Description, index: &Index) -> Result<(), ArchiveError> {
        if let Some(other) = &self.namesake {
            return Err(other_archive(description, other));
        }
        self.standing = HeadStanding::Continues;
        self.remember(description, index)?;
        Ok(())
    }
}
