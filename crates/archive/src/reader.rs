//! An archive that is open: what it is, what it holds, and who may do what in it. A reader changes nothing of it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::cannot_sign;
use super::catch_up::Damage;
use super::description::Description;
use super::elsewhere::Elsewhere;
use super::error::ArchiveError;
use super::index::{AgentRow, ExhibitRow, Index, Totals};
use super::known::KnownError;
use super::layout::{self, DESCRIPTION};
use super::locking::{Guard, Unlocked};
use super::memory::Memory;
use super::standing::HeadStanding;
use crate::store::Volumes;
use vouchsafe_core::digest::Digest;
use vouchsafe_core::format::{ArchiveIdentity, LogKey, SignedCheckpoint};
use vouchsafe_core::model::{EntryIndex, EventKind, ExhibitId};
use vouchsafe_core::sign::KeyId;
use vouchsafe_core::verify::{AgentError, Agents};

/// An open archive, to be read. [`Session`](super::Session) adds to one.
/// Its answers follow the log, as far as the index is up to date with the volumes. Entries are compared with what
/// was committed when they are read; signatures, and the bytes of objects, are for
/// [`verify_archive`](super::verify_archive).
#[derive(Debug)]
pub struct Reader {
    pub(super) folder: PathBuf,
    pub(super) description: Description,
    pub(super) store: Arc<dyn Volumes>,
    pub(super) index: Index,
    pub(super) memory: Memory,
    pub(super) damage: Option<Damage>,
    // After the index, which may lie in it and is closed before.
    pub(super) _elsewhere: Option<Elsewhere>,
    pub(super) guard: Guard,
}

impl Reader {
    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Which archive this is, and its first keys.
    #[must_use]
    pub const fn description(&self) -> &Description {
        &self.description
    }

    /// Which archive this is.
    #[must_use]
    pub fn identity(&self) -> ArchiveIdentity {
        self.description.archive()
    }

    /// Who may sign in the log as it is continued.
    pub(super) fn signing(&self) -> Agents {
        self.index.signing(&self.description.log_key)
    }

    /// The agents of the log, and what they may do.
    #[must_use]
    pub const fn roster(&self) -> &Agents {
        self.index.roster()
    }

    /// The key of the log that is in force for its newest checkpoint.
    #[must_use]
    pub fn log_key(&self) -> LogKey {
        self.index.log_key(&self.description.log_key).clone()
    }

    /// How the log stands to what this machine remembers of it.
    #[must_use]
    pub const fn standing(&self) -> &HeadStanding {
        &self.memory.standing
    }

    /// What keeps the volumes from being read to their end, if something does: place and reason. Such an archive
    /// can be read; it shows what comes before that.
    #[must_use]
    pub fn damage(&self) -> Option<(&str, &str)> {
        self.damage.as_ref().map(|damage| (damage.place.as_str(), damage.reason.as_str()))
    }

    /// The newest checkpoint.
    ///
    /// # Errors
    /// The log is empty, which the log of a created archive never is.
    pub fn head(&self) -> Result<&SignedCheckpoint, ArchiveError> {
        self.index.head().ok_or(ArchiveError::NoEntry { index: EntryIndex(0) })
    }

    /// How many entries the log has.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.index.frontier().size()
    }

    /// The root of the log when it had this many entries.
    ///
    /// # Errors
    /// The log never had that many entries, or the index cannot be read.
    pub fn root_at(&self, size: u64) -> Result<Digest, ArchiveError> {
        Ok(self.index.root_at(size)?)
    }

    /// How much the archive holds.
    #[must_use]
    pub const fn totals(&self) -> Totals {
        self.index.totals()
    }

    /// All exhibits, in the order of ingest.
    pub fn exhibits(&self) -> impl Iterator<Item = Result<(ExhibitId, ExhibitRow), ArchiveError>> {
        self.index.exhibits().map(|item| item.map_err(ArchiveError::from))
    }

    /// At most `limit` of the exhibits whose names are between these two, which are included.
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn exhibits_from(
        &self,
        first: ExhibitId,
        last: ExhibitId,
        limit: usize,
    ) -> Result<Vec<ExhibitId>, ArchiveError> {
        Ok(self.index.exhibits_from(first, last, limit)?)
    }

    /// The entries about an exhibit, oldest first; none where it is not known.
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn history(&self, exhibit: ExhibitId) -> Result<Vec<EntryIndex>, ArchiveError> {
        Ok(self.index.history(exhibit)?)
    }

    /// All agents, in the order in which they were introduced, with their fields.
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn agents(&self) -> Result<Vec<(KeyId, AgentRow)>, ArchiveError> {
        Ok(self.index.agents()?)
    }

    /// The agent with this key; none where the log does not know it.
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn agent(&self, key: KeyId) -> Result<Option<AgentRow>, ArchiveError> {
        Ok(self.index.agent(key)?)
    }

    /// Accepts the log as it is, although this machine has seen a longer or another one. Only what this machine remembers
    /// is changed.
    ///
    /// # Errors
    /// The volumes are damaged, so that this is not all of the log; another archive is remembered under this name; or it
    /// cannot be written down.
    pub fn accept_head(&mut self) -> Result<(), ArchiveError> {
        match self.damage.clone() {
            Some(damage) => Err(damage.into()),
            None => self.memory.accept(&self.description, &self.index),
        }
    }

    /// Whether an agent may make an entry of this kind now.
    ///
    /// # Errors
    /// Unknown, revoked, or not allowed to.
    pub fn permit(&self, agent: KeyId, event: EventKind) -> Result<(), ArchiveError> {
        let roster = self.index.roster();
        roster.permit(agent, event).map(|_| ()).map_err(|source| match (source, roster.get(agent)) {
            (AgentError::NotAllowed, Some(standing)) => {
                ArchiveError::NotAllowed { key: agent, event, roles: standing.record.roles.clone() }
            }
            (source, _) => ArchiveError::Agent { key: agent, source },
        })
    }

    /// Whether something could be recorded in a session. What damage or a log that does not continue says against that is
    /// not asked.
    ///
    /// # Errors
    /// The folder cannot be written to, is a copy, or was written to by a newer version.
    pub fn check_recordable(&self) -> Result<(), ArchiveError> {
        if layout::is_copy(&self.folder) {
            return Err(ArchiveError::IsACopy { path: self.folder.clone() });
        }
        self.check_understood()?;
        self.check_signable()?;
        self.guard.check_writable(&self.folder)
    }

    /// Whether anybody may write at all.
    pub(super) fn check_writable(&self) -> Result<(), ArchiveError> {
        if let Some(damage) = self.damage.clone() {
            return Err(damage.into());
        }
        // What is written on a copy and on the archive makes two histories of one log.
        if layout::is_copy(&self.folder) {
            return Err(ArchiveError::IsACopy { path: self.folder.clone() });
        }
        self.memory.standing.check()?;
        self.check_understood()?;
        self.check_signable()?;
        Ok(self.index.check_whole()?)
    }

    /// Whether this program understands all of it. What a newer version wrote is not continued: its content may be
    /// against it.
    pub(super) fn check_understood(&self) -> Result<(), ArchiveError> {
        let not_understood = |place: String, what: String| Err(ArchiveError::NotUnderstood { place, what });
        if let Some(format) = &self.description.newer_format {
            return not_understood(DESCRIPTION.to_owned(), format!("this program does not know the format {format}"));
        }
        match self.index.not_understood()? {
            Some((index, what)) => not_understood(format!("entry {index}"), what),
            None => Ok(()),
        }
    }

    /// Whether this version signs checkpoints as this log needs it.
    pub(super) fn check_signable(&self) -> Result<(), ArchiveError> {
        match cannot_sign::cannot_sign(self.index.roster()) {
            Some(what) => Err(ArchiveError::CannotSign { what: what.to_owned() }),
            None => Ok(()),
        }
    }

    /// Remembers the newest checkpoint on this machine, and says whether it did.
    pub(super) fn remember(&self) -> Result<bool, KnownError> {
        // What another process is writing may not be on the disk yet, and be gone after a power cut.
        if self.damage.is_some() || self.guard.unlocked() == Some(Unlocked::InUse) {
            return Ok(false);
        }
        self.memory.remember(&self.description, &self.index)
    }
}
