//! The ways out of damaged volumes and a damaged index.

use vouchsafe_archive::ArchiveError;
use vouchsafe_archive::IndexError;
use vouchsafe_archive::store::{ScanError, StoreError};

use super::system::io_hint;

/// What to do about a damaged index.
pub const REBUILD_HINT: &str =
    "`vouchsafe verify` shows whether the volumes are sound, and `vouchsafe rebuild` rebuilds the index";

const DAMAGE_HINT: &str = "`vouchsafe verify` shows what is affected; `vouchsafe repair` repairs it from parity, or \
    with --from DIR from another copy of the archive";

/// What to do about damage, and about an incomplete index.
pub fn hint(error: &ArchiveError) -> Option<String> {
    match error {
        ArchiveError::Index(IndexError::Clock) => Some("nothing was changed; set the computer's clock".to_owned()),
        ArchiveError::NoThread(_) | ArchiveError::Index(IndexError::NoThread(_)) => Some(
            "what was acknowledged is safe. Raise the limit of processes and threads (ulimit -u, or that of the \
             container), or end other programs; then run the command again"
                .to_owned(),
        ),
        ArchiveError::Scan(ScanError::Stray { .. }) => Some(
            "nothing was changed. Move this file away; it is not part of the archive. If entries are missing after \
             that, the volume before it was cut: vouchsafe repair --from DIR"
                .to_owned(),
        ),
        ArchiveError::Scan(ScanError::Store(StoreError::NoFolder { .. })) | ArchiveError::Store(StoreError::NoFolder { .. }) => {
            Some(
                "nothing was changed. If it is on a separate disk, connect the disk. `vouchsafe repair --from DIR` \
                 restores all volumes from another copy of the archive"
                    .to_owned(),
            )
        }
        ArchiveError::Scan(ScanError::Damaged { .. } | ScanError::Store(StoreError::Missing { .. })) | ArchiveError::Store(StoreError::Missing { .. }) => {
            Some(format!("nothing was changed. {DAMAGE_HINT}"))
        }
        ArchiveError::Scan(ScanError::Cut { .. }) => Some(
            "nothing was changed. `vouchsafe verify` shows what is affected; `vouchsafe repair --from DIR` restores \
             the volume from another copy of the archive. If you put an older copy in place on purpose: vouchsafe rebuild"
                .to_owned(),
        ),
        ArchiveError::Emptied { .. } => Some(
            "nothing was changed. `vouchsafe repair --from DIR` restores everything from another copy of the \
             archive".to_owned(),
        ),
        ArchiveError::Index(error) if error.io_error().and_then(io_hint).is_some() => error.io_error().and_then(io_hint),
        ArchiveError::Damaged { place, .. } if place == "archive.json" => Some(
            "nothing was changed. Neither parity nor the index contains this file: restore it from another copy of the \
             archive or from a backup, and compare the fingerprint"
                .to_owned(),
        ),
        ArchiveError::Damaged { .. } | ArchiveError::Index(IndexError::Commit { .. } | IndexError::Unfit { .. }) => {
            Some(format!("{DAMAGE_HINT}. If the volumes are sound, `vouchsafe rebuild` rebuilds the index"))
        }
        ArchiveError::Index(_) => Some(REBUILD_HINT.to_owned()),
        ArchiveError::ObjectChanged { .. } => {
            Some("no copy was made. `vouchsafe repair` restores the object from parity, or with --from DIR from \
                another copy of the archive".to_owned())
        }
        ArchiveError::Store(StoreError::Io { source, .. }) => io_hint(source),
        ArchiveError::Scan(ScanError::Store(StoreError::Io { source, .. })) => io_hint(source),
        _ => None,
    }
}
