//! Why an archive could not be copied.

use std::path::PathBuf;

use vouchsafe_core::model::{CopyId, Medium, Site, count, number};

/// Why an archive could not be copied to another folder, or not be compared with its copy.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CopyError {
    /// The copy would lie in the archive's own folder.
    #[error("{}: the copy would lie inside the archive", path.display())]
    Inside {
        /// The target.
        path: PathBuf,
    },
    /// The copy would lie in another archive's folder.
    #[error("{}: the copy would lie inside another archive", path.display())]
    InsideAnother {
        /// The target.
        path: PathBuf,
    },
    /// The archive lies in the folder of the copy.
    #[error("{}: the archive itself lies inside this folder", path.display())]
    Around {
        /// The target.
        path: PathBuf,
    },
    /// The target is the archive.
    #[error("{}: this is the archive itself", path.display())]
    Same {
        /// The target.
        path: PathBuf,
    },
    /// A volume of the copy is the archive's own file under a second name.
    #[error("{}: this is the archive's own file under a second name (a hard link), not a copy of it", path.display())]
    SameFile {
        /// The volume.
        path: PathBuf,
    },
    /// A link or a file stands where the copy has a folder.
    #[error("{}: something else stands where a copy has a folder", path.display())]
    NotAFolder {
        /// What should be a folder.
        path: PathBuf,
    },
    /// The folder holds something and is no copy.
    #[error("{}: the folder is not empty, and not a copy (there is no copy.json in it)", path.display())]
    NotACopy {
        /// The target.
        path: PathBuf,
    },
    /// There is no copy yet, and nobody said that one is to begin.
    #[error("{}: there is no copy in this folder yet", path.display())]
    NoCopyYet {
        /// The target.
        path: PathBuf,
    },
    /// The log does not know the copy, or its entry is damaged, so its place must be told.
    #[error("the log does not say what the copy {copy} lies on and where: it has to be told")]
    PlaceUnknown {
        /// The copy.
        copy: CopyId,
    },
    /// The log does not know the copy, or it was lost before.
    #[error("the log knows no copy {copy}")]
    Unknown {
        /// The copy.
        copy: CopyId,
    },
    /// What is said of the place cannot be.
    #[error("{}: it lies on the same file system as the archive, so it is not {medium} and not {site} as was said", path.display())]
    SameDisk {
        /// The target.
        path: PathBuf,
        /// What was said.
        medium: Medium,
        /// What was said.
        site: Site,
    },
    /// It is a copy of another archive.
    #[error("{}: this is a copy of another archive, {called}", path.display())]
    OfAnother {
        /// The target.
        path: PathBuf,
        /// Of which: its fingerprint, or what it calls itself.
        called: String,
    },
    /// The keys in the copy are others.
    #[error("{}: it is not the archive.json of this archive", path.display())]
    DescriptionDiffers {
        /// The file.
        path: PathBuf,
    },
    /// There is something among the volumes that is none of this archive's.
    #[error("{}: the archive has nothing of this name", path.display())]
    Foreign {
        /// What.
        path: PathBuf,
    },
    /// The copy has a longer log.
    #[error("{}: the copy holds {}, the archive only {}", path.display(), count(*copy, "entry"), number(*archive))]
    Ahead {
        /// The target.
        path: PathBuf,
        /// Entries there.
        copy: u64,
        /// Entries here.
        archive: u64,
    },
    /// The copy has another history.
    #[error("{}: the first {} in the copy are not those of the archive", path.display(), count(*size, "entry"))]
    Forked {
        /// The target.
        path: PathBuf,
        /// At which size both are signed and differ.
        size: u64,
    },
    /// Bytes that were checked in an earlier run are others now.
    #[error("{}: the copy is damaged behind byte {offset}: it is not what it was when it was last checked", path.display())]
    Damaged {
        /// The volume.
        path: PathBuf,
        /// Where the commit begins that differs.
        offset: u64,
    },
    /// What was read again is not what was written.
    #[error("{}: what was written does not read back: {reason}", path.display())]
    NotKept {
        /// The volume.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// There is not enough room.
    #[error("{}: {needed_bytes} bytes are to be copied, and {free_bytes} are free there", path.display())]
    NoRoom {
        /// The target.
        path: PathBuf,
        /// What is missing in the copy.
        needed_bytes: u64,
        /// What is free.
        free_bytes: u64,
    },
    /// It was asked to stop.
    #[error("stopped before the end")]
    Stopped,
}
