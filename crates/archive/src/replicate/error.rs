//! Why an archive could not be copied.

use std::path::PathBuf;

use vouchsafe_core::model::{CopyId, Medium, Site, count, number};

/// Why an archive could not be copied to another folder, or not be compared with its copy.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CopyError {
    /// The copy would lie in the archive's own folder.
    #[error("{}: the copy would be inside the archive", path.display())]
    Inside {
        /// The target.
        path: PathBuf,
    },
    /// The copy would lie in another archive's folder.
    #[error("{}: the copy would be inside another archive", path.display())]
    InsideAnother {
        /// The target.
        path: PathBuf,
    },
    /// The archive lies in the folder of the copy.
    #[error("{}: the archive itself is inside this folder", path.display())]
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
    /// A link or a file is where the copy should have a folder.
    #[error("{}: a copy has a folder here, but this is something else", path.display())]
    NotAFolder {
        /// What should be a folder.
        path: PathBuf,
    },
    /// The folder is neither empty nor a copy.
    #[error("{}: the folder is neither empty nor a copy (there is no copy.json in it)", path.display())]
    NotACopy {
        /// The target.
        path: PathBuf,
    },
    /// There is no copy yet, and no new one was asked for.
    #[error("{}: there is no copy in this folder yet", path.display())]
    NoCopyYet {
        /// The target.
        path: PathBuf,
    },
    /// The log does not record the copy, or its entry is damaged, so its place must be given.
    #[error("the log does not record the medium and site of the copy {copy}")]
    PlaceUnknown {
        /// The copy.
        copy: CopyId,
    },
    /// The log does not record the copy, or records that it was lost.
    #[error("the log records no copy {copy}")]
    Unknown {
        /// The copy.
        copy: CopyId,
    },
    /// The stated place is impossible.
    #[error("{}: it is on the same file system as the archive, so it cannot be {medium} and {site}", path.display())]
    SameDisk {
        /// The target.
        path: PathBuf,
        /// As stated.
        medium: Medium,
        /// As stated.
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
    /// The copy names other keys.
    #[error("{}: this is not the archive.json of this archive", path.display())]
    DescriptionDiffers {
        /// The file.
        path: PathBuf,
    },
    /// There is something among the volumes that this archive does not have.
    #[error("{}: the archive has nothing of this name", path.display())]
    Foreign {
        /// What.
        path: PathBuf,
    },
    /// The copy has a longer log.
    #[error("{}: the copy holds {}, but the archive only {}", path.display(), count(*copy, "entry"), number(*archive))]
    Ahead {
        /// The target.
        path: PathBuf,
        /// Entries there.
        copy: u64,
        /// Entries here.
        archive: u64,
    },
    /// The copy has another history.
    #[error("{}: the first {} in the copy differ from those in the archive", path.display(), count(*size, "entry"))]
    Forked {
        /// The target.
        path: PathBuf,
        /// At which size both are signed and differ.
        size: u64,
    },
    /// Bytes that an earlier run checked have changed.
    #[error("{}: the copy is damaged after byte {offset}: it has changed since it was last checked", path.display())]
    Damaged {
        /// The volume.
        path: PathBuf,
        /// Where the commit begins that differs.
        offset: u64,
    },
    /// What was read back is not what was written.
    #[error("{}: the copy does not keep what is written to it: {reason}", path.display())]
    NotKept {
        /// The volume.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// There is not enough room.
    #[error("{}: {needed_bytes} bytes must be copied, but only {free_bytes} are free there", path.display())]
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
