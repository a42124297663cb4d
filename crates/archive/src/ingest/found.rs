//! What a walk through files and folders finds.

use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use super::refused::RefusedFile;
use super::remark::Remark;

/// Folders deeper than this are refused; no real collection is that deep.
pub(super) const MAX_DEPTH: usize = 256;

/// A file that was found.
#[derive(Debug)]
pub(super) struct Candidate {
    /// As the user named it.
    pub shown: PathBuf,
    /// From the root, without links in the folders.
    pub path: PathBuf,
    /// Size at the time it was found.
    pub size_bytes: u64,
    /// The metadata file beside it.
    pub sidecar: Option<PathBuf>,
    /// The remark about it if it is ingested.
    pub remark: Option<Remark>,
}

impl Candidate {
    /// The last part of its path.
    pub fn name(&self) -> &[u8] {
        self.path.file_name().unwrap_or_default().as_bytes()
    }
}

pub(super) enum Found {
    File(Candidate),
    Refused { shown: PathBuf, reason: RefusedFile },
    Remarked { shown: PathBuf, remark: Remark },
}

/// Takes what is found; false ends the walk.
pub(super) type Each<'a> = &'a mut dyn FnMut(Found) -> bool;
