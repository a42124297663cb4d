//! What keeps a bundle from being checked: its carrier, and not the evidence.

use std::fmt;
use std::io;

use crate::language::Text;
use crate::model::Bilingual;

/// What to do about a zip file that is read in place and cannot be.
pub const UNPACK: Bilingual = ("unpack it and check the folder", "압축을 풀고 그 폴더를 검증하십시오.");
/// What to do about one with a password.
pub const WITH_PASSWORD: Bilingual =
    ("unpack it with its password and check the folder", "암호로 압축을 풀고 그 폴더를 검증하십시오.");
/// What to do about one that is not whole.
pub const COPY_AGAIN: Bilingual = ("copy or download it again", "다시 복사하거나 내려받아 검증하십시오.");
/// What to do about a zip file in a zip file.
pub const OUTER_ONE: Bilingual =
    ("unpack it, and check the zip file inside", "바깥 zip 파일의 압축을 풀고 그 안의 zip 파일을 검증하십시오.");
/// What to do about a folder whose files were changed by what carried it.
pub const AS_ZIP: Bilingual = ("get it again as a zip file", "제출 묶음을 zip 파일로 다시 받으십시오.");

/// Why a bundle could not be checked. Nothing is said of the evidence: neither for it nor against it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotChecked {
    /// What is in the way.
    pub reason: Text,
    /// What to do.
    pub hint: Bilingual,
}

impl NotChecked {
    /// For this reason, with what to do.
    #[must_use]
    pub fn new(reason: impl Into<Text>, hint: Bilingual) -> Self {
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
