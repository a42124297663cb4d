//! The purposes of opening an archive, and what opening reports.

use std::path::PathBuf;

use crate::store::{Position, TailCut};

/// Where an index may be made if the archive's own cannot be used: another process uses it, or nobody can write it.
///
/// It holds fields, which may name people. So nobody else should be able to look there.
#[derive(Debug, Clone)]
pub struct IndexPlaces {
    /// The folder for one that is removed at the end.
    pub scratch: PathBuf,
    /// The folder for one that is kept for the next time; without one, none is kept.
    pub cache: Option<PathBuf>,
}

/// What an archive is opened for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Purpose<'a> {
    /// To add to it. What an interrupted commit left is moved out of the way.
    Write,
    /// To look at it. No byte of the volumes is changed.
    Read(&'a IndexPlaces),
}

/// Something that opening did or found, to be reported to the user.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Note {
    /// The index was rebuilt.
    IndexRebuilt {
        /// Why.
        reason: String,
    },
    /// Commits that the index did not know were applied.
    CommitsApplied {
        /// How many.
        commits: u64,
    },
    /// Bytes after the last commit were moved out of the volume.
    TailCut {
        /// Which, and where they are kept.
        cut: TailCut,
        /// Whether they are what an interrupted writer leaves; if not, they may have been committed and then damaged.
        is_begun_commit: bool,
    },
    /// Bytes follow the last commit. They were left alone, since the archive was opened for reading.
    TailLeft {
        /// Where they begin.
        from: Position,
        /// How many they are.
        size_bytes: u64,
        /// As for [`Note::TailCut`].
        is_begun_commit: bool,
    },
    /// The archive's index cannot be used: another process has it, it cannot be written, or it knows more than there is. So
    /// another one is.
    IndexElsewhere {
        /// Why.
        reason: String,
        /// Where it is.
        folder: PathBuf,
        /// Whether it is kept for the next time; if not, it is removed when the archive is closed.
        is_kept: bool,
        /// Whether it was there already.
        was_kept: bool,
    },
    /// The drive has no file locks: another program may write to the archive while it is read.
    NotLocked,
    /// Another archive of the same name is remembered, and nothing is remembered of this one.
    Namesake {
        /// The message about the two.
        told: String,
    },
    /// A newer version wrote to the archive: what is shown may not be all of it, nor the newest.
    NotUnderstood {
        /// The first entry, or the file, that is not understood.
        place: String,
        /// The message about it.
        what: String,
    },
    /// This machine sees this archive for the first time and remembers its fingerprint from now on.
    FirstSeen {
        /// Where that is kept.
        kept_in: PathBuf,
    },
}
