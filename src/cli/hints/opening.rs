//! The ways out where an archive does not open, or is not the one that was seen before.

use vouchsafe_archive::ArchiveError;
use vouchsafe_core::format::FormatError;

use vouchsafe_check::text::NEWER_HINT;

/// What to do where an archive does not open, or is not to be written to.
pub fn hint(error: &ArchiveError) -> Option<String> {
    match error {
        // Somebody's evidence lies there; a new archive is the last thing that is wanted.
        ArchiveError::NotAnArchive { path } if path.join("volumes").is_dir() => Some(
            "the volumes of an archive are there: take archive.json from a copy of this archive, or from a backup".to_owned(),
        ),
        ArchiveError::NoFolder { .. } => Some(
            "give the archive's folder with --archive DIR or VOUCHSAFE_ARCHIVE, or make one with `vouchsafe init DIR`; if it \
             lies on a disk of its own, connect that"
                .to_owned(),
        ),
        ArchiveError::NotAnArchive { .. } => Some(
            "give the archive's folder with --archive DIR or VOUCHSAFE_ARCHIVE, or make one with `vouchsafe init DIR`"
                .to_owned(),
        ),
        ArchiveError::NotEmpty { path } => Some(format!(
            "give a new folder, such as '{}'; if an earlier init was interrupted here, remove the folder and its keys first",
            path.join("archive").display()
        )),
        ArchiveError::NotUnderstood { .. }
        | ArchiveError::LetterNotUnderstood { .. }
        | ArchiveError::CannotSign { .. } => Some(NEWER_HINT.to_owned()),
        ArchiveError::Format { source: FormatError::NotUnderstood { .. }, .. } => Some(NEWER_HINT.to_owned()),
        ArchiveError::IsACopy { .. } => Some(
            "write on the archive itself. If it is lost and this copy is to take its place: see \"Three copies\" in the guide"
                .to_owned(),
        ),
        ArchiveError::InUse { .. } => Some("this command waited for ten seconds; run it again when the other one has finished".to_owned()),
        ArchiveError::ReadOnly { .. } => Some(
            "`vouchsafe verify` and the commands that only read (list, find, show, custody, log, head, prove), `repair` without \
             --apply and `ingest --dry-run` work on a read-only copy; to add to the archive, copy it to a disk that you can write to"
                .to_owned(),
        ),
        ArchiveError::NoLocks { .. } => Some(
            "two programs that write at the same time would break the log. Keep the archive on a disk of this computer; \
             `vouchsafe verify` and the commands that only read work here, too"
                .to_owned(),
        ),
        ArchiveError::Format { .. } => Some(
            "if the file was changed by hand, take it back from another copy; if it is of a newer version, use a newer vouchsafe"
                .to_owned(),
        ),
        ArchiveError::HeadBehind { .. } | ArchiveError::HeadForked { .. } => Some(
            "nothing is written while this is unexplained; see `vouchsafe verify`. If you know why (an older copy was \
             put in place on purpose): vouchsafe head --accept"
                .to_owned(),
        ),
        ArchiveError::ForeignHead { .. } => Some(
            "leave it out, or verify the archive that it is of; what it says of its log is not believed here".to_owned(),
        ),
        ArchiveError::HeadOfUnknownKey { .. } => Some(
            "ask whoever kept it for the head as `vouchsafe head` prints it (without --note): it shows which archive it is of. If \
             it is larger, look for a newer copy of the archive, and write nothing before; to verify without it, leave it out"
                .to_owned(),
        ),
        ArchiveError::OtherArchive { .. } => Some(
            "compare the fingerprint with the one that was written down. If this is a second archive of the same name: \
             vouchsafe verify --trust FINGERPRINT"
                .to_owned(),
        ),
        _ => None,
    }
}
