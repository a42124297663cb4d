//! The ways out of what stands in the way of a copy of the archive.

use vouchsafe_archive::{ArchiveError, CopyError};

/// What to do about copies, and about repairs from them.
pub fn hint(error: &ArchiveError) -> Option<String> {
    match error {
        ArchiveError::Copy(error) => hint_for_copy(error),
        ArchiveError::NotACopy { .. } => Some(
            "give the folder of a copy: one with the same archive.json, in another place".to_owned(),
        ),
        ArchiveError::RepairRefused { .. } => Some(
            "the copy may be forged or damaged, or something else is wrong than damage: see `vouchsafe verify`, here and \
             with --archive on the copy"
                .to_owned(),
        ),
        _ => None,
    }
}

/// The way out of what stands in the way of a copy.
fn hint_for_copy(error: &CopyError) -> Option<String> {
    Some(match error {
        CopyError::Inside { .. }
        | CopyError::InsideAnother { .. }
        | CopyError::Around { .. }
        | CopyError::Same { .. } => {
            "give a folder apart from the archive, best on another disk".to_owned()
        }
        CopyError::SameFile { .. } => {
            "copies with hard links (cp -l) change together with the archive: give a new folder".to_owned()
        }
        CopyError::NotACopy { path } => format!(
            "give a new or empty folder, such as '{}'. A copy that was made in another way cannot be extended; \
             `vouchsafe verify --against DIR` compares it",
            path.join("archive").display()
        ),
        CopyError::NoCopyYet { .. } => "if a copy should be here, its disk may not be connected. To begin a new copy: --medium \
             disk|removable|network|other --site same-site|other-site"
            .to_owned(),
        CopyError::Unknown { .. } => "`vouchsafe status` lists the copies that the log knows".to_owned(),
        CopyError::PlaceUnknown { .. } => {
            "add --medium disk|removable|network|other --site same-site|other-site".to_owned()
        }
        CopyError::SameDisk { .. } => "is the other disk connected (mounted)? A copy on the same disk is --medium disk \
             --site same-site, and is lost together with the archive"
            .to_owned(),
        CopyError::OfAnother { .. } | CopyError::DescriptionDiffers { .. } => {
            "nothing was changed. Give the folder of this archive's copy, or a new one".to_owned()
        }
        CopyError::Foreign { .. } | CopyError::NotAFolder { .. } => {
            "nothing of it was changed. See what it is and who put it there; then move it away, or begin a new copy in \
             another folder"
                .to_owned()
        }
        CopyError::Ahead { .. } => "nothing was changed. Either entries were cut off this archive, or somebody wrote on the \
             copy. Compare both with a head that somebody else keeps: vouchsafe verify --expect-head FILE"
            .to_owned(),
        CopyError::Forked { .. } => "nothing was changed. One of the two was rewritten, or both were written on. Compare both \
             with a head that somebody else keeps: vouchsafe verify --expect-head FILE"
            .to_owned(),
        CopyError::Damaged { .. } => {
            "nothing of it was changed. `vouchsafe verify --against DIR` tells what differs; begin a new copy in another \
             folder, best on another disk"
                .to_owned()
        }
        CopyError::NotKept { .. } => "the copy is not recorded. Its disk or the connection to it does not keep what it is given: \
             use another disk"
            .to_owned(),
        CopyError::NoRoom { .. } => "nothing was copied. Make room there, or use a larger disk".to_owned(),
        CopyError::Stopped => "run the same command again to go on; what was copied is not copied again".to_owned(),
        _ => return None,
    })
}
