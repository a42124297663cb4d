//! The ways out where something was recorded and the rest failed, and where a name leads to nothing.

use vouchsafe_archive::ingest::WRITE_RECEIPT;
use vouchsafe_archive::{ArchiveError, KnownError};

use super::system::io_hint;

/// What to do where the entry is safe and something else is not, or a name is not right.
pub fn hint(error: &ArchiveError) -> Option<String> {
    match error {
        ArchiveError::NoExhibit { .. } => Some("see `vouchsafe list`".to_owned()),
        ArchiveError::NotIndexed { .. } => Some(
            "do not repeat the command: the entry is safe, and the index catches up when the archive is next opened"
                .to_owned(),
        ),
        ArchiveError::NotRemembered { .. } => Some(
            "do not repeat the command: the entry is safe. Put right what keeps this machine from remembering; the next \
             command does it"
                .to_owned(),
        ),
        ArchiveError::Known(KnownError::Io { action: "write" | "create the folder", .. }) => Some(
            "what was recorded is safe. Put right what keeps this machine from remembering; the next command does it"
                .to_owned(),
        ),
        ArchiveError::Known(KnownError::Io { source, .. }) => io_hint(source),
        ArchiveError::Exists { .. } => Some("give another name".to_owned()),
        ArchiveError::Io { action: WRITE_RECEIPT, .. } => {
            Some("the exhibit is safe all the same, and its receipt can be made later with: vouchsafe prove".to_owned())
        }
        ArchiveError::Io { source, .. } => io_hint(source),
        _ => None,
    }
}
