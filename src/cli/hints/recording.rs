//! The ways out if something was recorded but the rest failed, or if a name is unknown.

use vouchsafe_archive::ingest::WRITE_RECEIPT;
use vouchsafe_archive::{ArchiveError, KnownError};

use super::system::io_hint;

/// What to do if the entry is safe but something else failed, or a name is wrong.
pub fn hint(error: &ArchiveError) -> Option<String> {
    match error {
        ArchiveError::NoExhibit { .. } => Some("see `vouchsafe list`".to_owned()),
        ArchiveError::NotIndexed { .. } => Some(
            "do not repeat the command: the entry is safe, and the index is updated the next time the archive is opened"
                .to_owned(),
        ),
        ArchiveError::NotRemembered { .. } => Some(
            "do not repeat the command: the entry is safe. Fix what prevents this machine from remembering it; the \
             next command then does"
                .to_owned(),
        ),
        ArchiveError::Known(KnownError::Io { action: "write" | "create the folder", .. }) => Some(
            "what was recorded is safe. Fix what prevents this machine from remembering it; the next command then does"
                .to_owned(),
        ),
        ArchiveError::Known(KnownError::Io { source, .. }) => io_hint(source),
        ArchiveError::Exists { .. } => Some("choose another name".to_owned()),
        ArchiveError::Io { action: WRITE_RECEIPT, .. } => {
            Some("the exhibit is safe. To write its receipt later: vouchsafe prove".to_owned())
        }
        ArchiveError::Io { source, .. } => io_hint(source),
        _ => None,
    }
}
