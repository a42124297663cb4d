//! Why a table cannot be used at all. What is wrong with a single cell is in its report.

use std::path::{Path, PathBuf};

use crate::error::ArchiveError;

/// A table that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TableError {
    /// The file cannot be read or written.
    #[error("{}: cannot {action} the table: {source}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// It is no table that the program can use.
    #[error("{}: {reason}", path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// Why, as a sentence.
        reason: String,
        /// What to do about it.
        hint: Option<String>,
    },
    /// The archive could not be read or written.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
}

impl TableError {
    pub(super) fn unusable(path: &Path, reason: impl Into<String>) -> Self {
        Self::Unusable { path: path.to_owned(), reason: reason.into(), hint: None }
    }

    pub(super) fn hint(self, text: impl Into<String>) -> Self {
        match self {
            Self::Unusable { path, reason, .. } => Self::Unusable { path, reason, hint: Some(text.into()) },
            other => other,
        }
    }

    pub(super) fn io(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { action, path, source }
    }
}
