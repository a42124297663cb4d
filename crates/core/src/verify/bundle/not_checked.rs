//! What keeps a bundle from being checked: its carrier, and not the evidence.

use std::fmt;
use std::io;

/// What to do about a zip file that is read in place and cannot be.
pub const UNPACK: &str = "unpack it and check the folder";
/// What to do about one with a password.
pub const WITH_PASSWORD: &str = "unpack it with its password and check the folder";
/// What to do about one that is not whole.
pub const COPY_AGAIN: &str = "copy or download it again";
/// What to do about a zip file in a zip file.
pub const OUTER_ONE: &str = "unpack it, and check the zip file inside";
/// What to do about a folder whose files were changed by what carried it.
pub const AS_ZIP: &str = "get it again as a zip file";

/// Why a bundle could not be checked. Nothing is said of the evidence: neither for it nor against it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotChecked {
    /// What is in the way.
    pub reason: String,
    /// What to do.
    pub hint: &'static str,
}

impl NotChecked {
    /// For this reason, with what to do.
    #[must_use]
    pub fn new(reason: impl Into<String>, hint: &'static str) -> Self {
        Self { reason: reason.into(), hint }
    }

    /// The one in an error of reading a bundle, if it is such.
    #[must_use]
    pub fn of(error: &io::Error) -> Option<&Self> {
        error.get_ref()?.downcast_ref()
    }
}

impl fmt::Display for NotChecked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "it could not be checked: {}", self.reason)
    }
}

impl std::error::Error for NotChecked {}

impl From<NotChecked> for io::Error {
    fn from(why: NotChecked) -> Self {
        Self::new(io::ErrorKind::InvalidData, why)
    }
}
