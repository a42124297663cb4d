//! The ways out if an archive does not open, or is not the one that was seen before.

use vouchsafe_archive::ArchiveError;
use vouchsafe_core::format::FormatError;

use vouchsafe_check::text::NEWER_HINT;

/// What to do if an archive does not open, or must not be written to.
pub fn hint(error: &ArchiveError) -> Option<String> {
    match error {
        // Somebody's evidence lies there: do not suggest a new archive.
        ArchiveError::NotAnArchive { path } if path.join("volumes").is_dir() => Some(
            "the volumes of an archive are there: restore archive.json from a copy of this archive, or from a \
             backup".to_owned(),
        ),
        ArchiveError::NoFolder { .. } => Some(
            "name the archive's folder with --archive DIR or VOUCHSAFE_ARCHIVE, or create an archive with `vouchsafe \
             init DIR`. If it is on a separate disk, connect the disk"
                .to_owned(),
        ),
        ArchiveError::NotAnArchive { .. } => Some(
            "name the archive's folder with --archive DIR or VOUCHSAFE_ARCHIVE, or create an archive with `vouchsafe \
             init DIR`"
                .to_owned(),
        ),
        ArchiveError::NotEmpty { path } => Some(format!(
            "name a new folder, such as '{}'. If an earlier init was interrupted here, first remove the folder and its \
             keys",
            path.join("archive").display()
        )),
        ArchiveError::NotUnderstood { .. }
        | ArchiveError::LetterNotUnderstood { .. }
        | ArchiveError::CannotSign { .. } => Some(NEWER_HINT.to_owned()),
        ArchiveError::Format { source: FormatError::NotUnderstood { .. }, .. } => Some(NEWER_HINT.to_owned()),
        ArchiveError::IsACopy { .. } => Some(
            "write to the archive itself. If it is lost and this copy must replace it, see \"Three copies\" in the \
             guide"
                .to_owned(),
        ),
        ArchiveError::InUse { .. } => Some("this command waited ten seconds; run it again when the other command has \
            finished".to_owned()),
        ArchiveError::ReadOnly { .. } => Some(
            "commands that only read work on a read-only copy: verify, list, find, show, custody, log, head, prove, \
             `repair` without --apply, and `ingest --dry-run`. To add to the archive, copy it to a writable disk"
                .to_owned(),
        ),
        ArchiveError::NoLocks { .. } => Some(
            "two programs that write at the same time would break the log. Keep the archive on a disk of this \
             computer. `vouchsafe verify` and commands that only read also work here"
                .to_owned(),
        ),
        ArchiveError::Format { .. } => Some(
            "if the file was changed by hand, restore it from another copy; if a newer version wrote it, use that \
             version"
                .to_owned(),
        ),
        ArchiveError::HeadBehind { .. } | ArchiveError::HeadForked { .. } => Some(
            "nothing is written until this is explained; see `vouchsafe verify`. If you put an older copy in place on \
             purpose: vouchsafe head --accept"
                .to_owned(),
        ),
        ArchiveError::ForeignHead { .. } => Some(
            "omit this head, or verify the archive that it belongs to".to_owned(),
        ),
        ArchiveError::HeadOfUnknownKey { .. } => Some(
            "ask its keeper for the head as `vouchsafe head` prints it (without --note), which shows the archive it \
             belongs to. If its log is longer, find a newer copy of the archive before you write. To verify without it, omit it"
                .to_owned(),
        ),
        ArchiveError::OtherArchive { .. } => Some(
            "compare the fingerprint with the one that you wrote down. If this is a second archive of the same name: \
             vouchsafe verify --trust FINGERPRINT"
                .to_owned(),
        ),
        _ => None,
    }
}
