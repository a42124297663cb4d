//! The ways out of damaged volumes and a damaged index.

use vouchsafe_archive::ArchiveError;
use vouchsafe_archive::IndexError;
use vouchsafe_archive::store::{ScanError, StoreError};

use super::system::io_hint;

/// What to do about a damaged index.
pub const REBUILD_HINT: &str =
    "`vouchsafe verify` tells whether the volumes are sound, `vouchsafe rebuild` makes the index anew";

const DAMAGE_HINT: &str = "`vouchsafe verify` tells what is affected; `vouchsafe repair` heals it from parity, \
     or with --from from another copy of the archive";

/// What to do about damage, and about what the index lacks.
pub fn hint(error: &ArchiveError) -> Option<String> {
    match error {
        ArchiveError::Index(IndexError::Clock) => Some("put the computer's clock right; nothing was changed".to_owned()),
        ArchiveError::NoThread(_) | ArchiveError::Index(IndexError::NoThread(_)) => Some(
            "raise the limit of processes and threads (ulimit -u, or that of the container), or end other programs, and \
             run the command again; what was acknowledged is safe"
                .to_owned(),
        ),
        ArchiveError::Scan(ScanError::Stray { .. }) => Some(
            "nothing was changed. Move this file away: it holds nothing of the archive. If entries are missing after that, the \
             volume before it was cut: vouchsafe repair --from DIR"
                .to_owned(),
        ),
        ArchiveError::Scan(ScanError::Store(StoreError::NoFolder { .. })) | ArchiveError::Store(StoreError::NoFolder { .. }) => {
            Some(
                "nothing was changed. If it lies on a disk of its own, connect that; `vouchsafe repair --from DIR` takes all \
                 volumes back from another copy of the archive"
                    .to_owned(),
            )
        }
        ArchiveError::Scan(ScanError::Damaged { .. } | ScanError::Store(StoreError::Missing { .. })) | ArchiveError::Store(StoreError::Missing { .. }) => {
            Some(format!("nothing was changed. {DAMAGE_HINT}"))
        }
        ArchiveError::Scan(ScanError::Cut { .. }) => Some(
            "nothing was changed. `vouchsafe verify` tells what is affected; `vouchsafe repair --from DIR` takes the \
             volume back from another copy of the archive. If this is an older copy that was put in place on purpose: vouchsafe rebuild"
                .to_owned(),
        ),
        ArchiveError::Emptied { .. } => Some(
            "nothing was changed. `vouchsafe repair --from COPY` takes all of it back from another copy of the archive".to_owned(),
        ),
        ArchiveError::Index(error) if error.io_error().and_then(io_hint).is_some() => error.io_error().and_then(io_hint),
        ArchiveError::Damaged { place, .. } if place == "archive.json" => Some(
            "nothing was changed. Neither parity nor the index has this file: take it from another copy of the archive, or from \
             a backup, and compare the fingerprint"
                .to_owned(),
        ),
        ArchiveError::Damaged { .. } | ArchiveError::Index(IndexError::Commit { .. } | IndexError::Unfit { .. }) => {
            Some(format!("{DAMAGE_HINT}; where the volumes are sound, `vouchsafe rebuild` makes the index anew"))
        }
        ArchiveError::Index(_) => Some(REBUILD_HINT.to_owned()),
        ArchiveError::ObjectChanged { .. } => {
            Some("no copy was made. `vouchsafe repair` takes the object back from parity, or with --from from another copy of the archive".to_owned())
        }
        ArchiveError::Store(StoreError::Io { source, .. }) => io_hint(source),
        ArchiveError::Scan(ScanError::Store(StoreError::Io { source, .. })) => io_hint(source),
        _ => None,
    }
}
