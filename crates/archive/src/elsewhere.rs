//! An index that is not the archive's own: kept for the next time, or made for the moment.

use std::path::PathBuf;

use super::cache::Cached;
use super::scratch::Scratch;

/// Where such an index lies. Held as long as the index is open.
#[derive(Debug)]
pub(super) enum Elsewhere {
    /// In the user's cache folder.
    Kept(Cached),
    /// In a folder that is removed at the end.
    ForTheMoment(Scratch),
}

impl Elsewhere {
    /// The index's folder.
    pub fn index(&self) -> PathBuf {
        match self {
            Self::Kept(cached) => cached.index(),
            Self::ForTheMoment(scratch) => scratch.folder().to_owned(),
        }
    }
}
