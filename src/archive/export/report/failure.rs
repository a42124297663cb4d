//! Why a file for people was not written.

use std::io;

use crate::archive::ArchiveError;

/// Why a file was not written.
pub(in crate::archive::export) enum Failure {
    /// What it is made from cannot be read.
    Read(ArchiveError),
    /// It cannot be written.
    Write(io::Error),
}

impl From<ArchiveError> for Failure {
    fn from(error: ArchiveError) -> Self {
        Self::Read(error)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Write(error)
    }
}
