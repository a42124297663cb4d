//! The ways out of obstacles to a copy of the archive.

use vouchsafe_archive::{ArchiveError, CopyError};

/// What to do about copies, and about repairs from them.
pub fn hint(error: &ArchiveError) -> Option<String> {
    match error {
        ArchiveError::Copy(error) => hint_for_copy(error),
        ArchiveError::NotACopy { .. } => {
            Some("name the folder of a copy: another folder with the same archive.json".to_owned())
        }
        ArchiveError::RepairRefused { .. } => Some(
            "the copy may be forged or damaged, or the cause is not damage: run `vouchsafe verify` here, and with \
             --archive on the copy"
                .to_owned(),
        ),
        _ => None,
    }
}

/// The way out of an obstacle to a copy.
fn hint_for_copy(error: &CopyError) -> Option<String> {
    Some(match error {
        CopyError::Inside { .. }
        | CopyError::InsideAnother { .. }
        | CopyError::Around { .. }
        | CopyError::Same { .. } => "name a folder outside the archive, ideally on another disk".to_owned(),
        CopyError::SameFile { .. } => {
            "a copy made of hard links (cp -l) changes together with the archive; name a new folder".to_owned()
        }
        CopyError::NotACopy { path } => format!(
            "name a new or empty folder, such as '{}'. A copy that was made in another way cannot be extended, but \
             `vouchsafe verify --against DIR` compares it",
            path.join("archive").display()
        ),
        CopyError::NoCopyYet { .. } => "if a copy should be here, its disk may not be connected. To make a new copy, \
            add --medium disk|removable|network|other --site same-site|other-site"
            .to_owned(),
        CopyError::Unknown { .. } => "`vouchsafe status` lists the copies that the log records".to_owned(),
        CopyError::PlaceUnknown { .. } => {
            "add --medium disk|removable|network|other --site same-site|other-site".to_owned()
        }
        CopyError::SameDisk { .. } => "check that the other disk is connected (mounted). For a copy on the same disk, \
            which is lost together with the archive: --medium disk --site same-site"
            .to_owned(),
        CopyError::OfAnother { .. } | CopyError::DescriptionDiffers { .. } => {
            "nothing was changed. Name the folder of this archive's copy, or a new one".to_owned()
        }
        CopyError::Foreign { .. } | CopyError::NotAFolder { .. } => {
            "it was not changed. Find out what it is and who put it there; then move it away, or make a new copy in \
             another folder"
                .to_owned()
        }
        CopyError::Ahead { .. } => "nothing was changed. Either entries were cut off this archive, or somebody wrote \
            to the copy. Compare both with a head that somebody else keeps: vouchsafe verify --expect-head FILE"
            .to_owned(),
        CopyError::Forked { .. } => "nothing was changed. One of the two was rewritten, or somebody wrote to both. \
            Compare both with a head that somebody else keeps: vouchsafe verify --expect-head FILE"
            .to_owned(),
        CopyError::Damaged { .. } => {
            "the copy was not changed. `vouchsafe verify --against DIR` shows what differs; make a new copy in another \
             folder, ideally on another disk"
                .to_owned()
        }
        CopyError::NotKept { .. } => "the copy is not recorded. Its disk, or the connection to it, does not keep what \
            is written: use another disk"
            .to_owned(),
        CopyError::NoRoom { .. } => "nothing was copied. Free some space there, or use a larger disk".to_owned(),
        CopyError::Stopped => "run the same command again to resume; what was copied is not copied again".to_owned(),
        _ => return None,
    })
}
