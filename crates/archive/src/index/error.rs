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
    /// A commit does not continue what the index holds; nothing of it was taken in.
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
    /// The index is of another version of the program.
    #[error("the index is of another version of this program")]
    Version,
    /// The database's files are damaged.
    #[error("the files of the index are damaged")]
    Damaged,
    /// The database works with threads of its own, and would wait for ever for those that it does not get.
    #[error("the index cannot be opened: {0}")]
    NoThread(#[from] NoThread),
    /// The database cannot work with a clock that is so wrong.
    #[error("the index cannot be opened: the computer's clock is before the year 1970")]
    Clock,
    /// The folder is a link to somewhere else.
    #[error("in the place of the index there is a link")]
    Link,
    /// A commit was taken in by halves before.
    #[error("the index could not be written before; it catches up when the archive is next opened")]
    Torn,
}

/// What the system said to the database.
impl From<std::io::Error> for IndexError {
    fn from(error: std::io::Error) -> Self {
        Self::Sled(sled::Error::Io(error))
    }
}

impl IndexError {
    /// Whether the index itself is at fault, and making it anew is the way out.
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

    /// Whether nothing is known of the index because this process may not start a thread, open a file or take memory, or
    /// has no clock to go by.
    #[must_use]
    pub fn is_of_the_process(&self) -> bool {
        matches!(self, Self::NoThread(_) | Self::Clock) || self.io_error().is_some_and(is_of_the_process)
    }

    /// What the system said, where it was the system that refused.
    #[must_use]
    pub const fn io_error(&self) -> Option<&std::io::Error> {
        match self {
            Self::Sled(sled::Error::Io(error)) => Some(error),
            _ => None,
        }
    }
}

/// What the system said, without the database's wrapping.
fn plain(error: &sled::Error) -> String {
    match error {
        sled::Error::Io(error) => error.to_string(),
        sled::Error::Corruption { .. } => "its files are damaged".to_owned(),
        other => other.to_string(),
    }
}
