//! What can go wrong with the index.

use super::rows::RowError;
use vouchsafe_core::format::salvage::is_of_the_process;
use vouchsafe_core::format::volume::VolumeNumber;
use vouchsafe_core::merkle::MerkleError;
use vouchsafe_core::threads::NoThread;

/// An index that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IndexError {
    /// The database cannot be opened, read or written.
    #[error("the index (the folder index/) cannot be read or written: {}", plain(.0))]
    Sled(#[from] sled::Error),
    /// A row does not read back.
    #[error(transparent)]
    Row(#[from] RowError),
    /// A hash is missing.
    #[error(transparent)]
    Merkle(#[from] MerkleError),
    /// A commit does not continue what the index holds; nothing of it was applied.
    #[error("{volume} at byte {offset}: {reason}")]
    Unfit {
        /// The volume.
        volume: VolumeNumber,
        /// Where the commit's entries begin.
        offset: u64,
        /// What does not fit.
        reason: String,
    },
    /// An entry of a commit does not follow from the entries before it.
    #[error("{volume} at byte {offset}: {reason}")]
    Commit {
        /// The volume.
        volume: VolumeNumber,
        /// Where the commit's entries begin.
        offset: u64,
        /// What does not fit.
        reason: String,
    },
    /// Another version of the program made the index.
    #[error("another version of this program made the index")]
    Version,
    /// The database's files are damaged.
    #[error("the files of the index are damaged")]
    Damaged,
    /// The database needs its own threads, and would wait for ever if it does not get them.
    #[error("the index cannot be opened: {0}")]
    NoThread(#[from] NoThread),
    /// The database cannot work with a clock that is so wrong.
    #[error("the index cannot be opened: the computer's clock is before the year 1970")]
    Clock,
    /// The folder is a link.
    #[error("the index is a link, not a folder")]
    Link,
    /// A commit was applied only partly.
    #[error("an earlier write to the index failed; it is updated the next time the archive is opened")]
    Torn,
}

/// An error of the system that the database met.
impl From<std::io::Error> for IndexError {
    fn from(error: std::io::Error) -> Self {
        Self::Sled(sled::Error::Io(error))
    }
}

impl IndexError {
    /// Whether the index itself is damaged and must be rebuilt.
    #[must_use]
    pub const fn is_damage(&self) -> bool {
        match self {
            Self::Sled(error) => matches!(error, sled::Error::Corruption { .. } | sled::Error::ReportableBug(_)),
            Self::Row(_) | Self::Merkle(_) | Self::Damaged => true,
            Self::Unfit { .. }
            | Self::Commit { .. }
            | Self::Version
            | Self::NoThread(_)
            | Self::Clock
            | Self::Link
            | Self::Torn => false,
        }
    }

    /// Whether the index could not be looked at because this process cannot start a thread, open a file or allocate
    /// memory, or its clock is wrong.
    #[must_use]
    pub fn is_of_the_process(&self) -> bool {
        matches!(self, Self::NoThread(_) | Self::Clock) || self.io_error().is_some_and(is_of_the_process)
    }

    /// The error of the system, if the system refused.
    #[must_use]
    pub const fn io_error(&self) -> Option<&std::io::Error> {
        match self {
            Self::Sled(sled::Error::Io(error)) => Some(error),
            _ => None,
        }
    }
}

/// The error of the system, without the database's wrapping.
fn plain(error: &sled::Error) -> String {
    match error {
        sled::Error::Io(error) => error.to_string(),
        sled::Error::Corruption { .. } => "its files are damaged".to_owned(),
        other => other.to_string(),
    }
}
