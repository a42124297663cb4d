//! The names of the files and folders in an archive, and the one that makes it a copy.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::store::LocalVolumes;
use crate::store::durable::Disk;
use vouchsafe_core::format::volume::VolumeNumber;

pub(super) const DESCRIPTION: &str = "archive.json";
pub(super) const README: &str = "README.txt";
pub(super) const FORMAT: &str = "FORMAT.md";
pub(super) const COPY: &str = "copy.json";
pub(super) const VOLUMES: &str = "volumes";
pub(super) const INDEX: &str = "index";
pub(super) const QUARANTINE: &str = "quarantine";
pub(super) const PARITY: &str = "parity";
/// What is being prepared by a repair; no part of the archive, and empty between repairs.
pub(super) const REPAIR: &str = "repair";
pub(super) const LOCK: &str = "lock";

/// The volumes of the archive, or the copy, in a folder.
pub(super) fn volumes_of(folder: &Path, disk: Arc<dyn Disk>) -> LocalVolumes {
    LocalVolumes::new(folder.join(VOLUMES), folder.join(QUARANTINE), disk)
}

/// The file of a volume in the folder of an archive, or of a copy.
pub(super) fn volume_file(folder: &Path, volume: VolumeNumber) -> PathBuf {
    folder.join(VOLUMES).join(volume.file_name())
}

/// Whether a folder is a copy, on which nothing may be written but by copying.
pub(super) fn is_copy(folder: &Path) -> bool {
    std::fs::symlink_metadata(folder.join(COPY)).is_ok()
}
