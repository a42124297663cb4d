//! The folder that the copy lies in, looked at before anything is written to it.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::error::CopyError;
use crate::copies::{CopyLabel, CopyPlace};
use crate::environment::{Environment, random_copy};
use crate::error::ArchiveError;
use crate::layout::{COPY, DESCRIPTION, LOCK, QUARANTINE, VOLUMES, volumes_of};
use crate::lock::Lock;
use crate::locking::take_lock;
use crate::store::LocalVolumes;
use crate::store::durable::{Disk, read_limited};
use vouchsafe_core::format::litter;
use vouchsafe_core::model::{Fingerprint, Medium, Site};

/// What stands in the target's place.
pub(super) enum Found {
    /// Nothing yet, or an empty folder.
    Nothing,
    /// A copy, perhaps one that was never finished.
    Copy(CopyLabel),
}

/// Looks at the target and changes nothing.
///
/// # Errors
/// It is the archive, in it or around it, holds something else, or is a copy of another archive.
pub(super) fn look(archive: &Path, target: &Path, own: Fingerprint) -> Result<Found, ArchiveError> {
    check_apart(archive, target)?;
    let items = match fs::read_dir(target) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
            return Err(ArchiveError::NotAFolder { path: target.to_owned() });
        }
        Err(error) => return Err(ArchiveError::io("read the folder", target)(error)),
        Ok(items) => items,
    };
    if let Some(label) = CopyLabel::read(target)? {
        if label.archive != own {
            let called = label.archive.paper();
            return Err(CopyError::OfAnother { path: target.to_owned(), called }.into());
        }
        check_same_description(archive, target)?;
        return Ok(Found::Copy(label));
    }
    for item in items {
        let name = item.map_err(ArchiveError::io("read the folder", target))?.file_name();
        // What an interruption leaves of the very first steps.
        let is_a_trace = name == LOCK || name.to_string_lossy().starts_with(&format!(".{COPY}."));
        if !is_a_trace && !litter::is_name_of_a_disk(name.as_encoded_bytes()) {
            return Err(CopyError::NotACopy { path: target.to_owned() }.into());
        }
    }
    Ok(Found::Nothing)
}

/// Refuses a target that is the archive, lies in it, or around it, by whatever name.
fn check_apart(archive: &Path, target: &Path) -> Result<(), ArchiveError> {
    let (archive, path) = (resolve(archive)?, resolve(target)?);
    let target = target.to_owned();
    let is_same_folder = |a: &Path, b: &Path| {
        fs::metadata(a).ok().zip(fs::metadata(b).ok()).is_some_and(|(a, b)| (a.dev(), a.ino()) == (b.dev(), b.ino()))
    };
    if path == archive || is_same_folder(&path, &archive) {
        return Err(CopyError::Same { path: target }.into());
    }
    // A folder may be mounted in two places, so names alone do not decide.
    if path.starts_with(&archive) || path.ancestors().skip(1).any(|above| is_same_folder(above, &archive)) {
        return Err(CopyError::Inside { path: target }.into());
    }
    let is_archive = |folder: &Path| folder.join(VOLUMES).is_dir() && folder.join(DESCRIPTION).is_file();
    if path.ancestors().skip(1).any(is_archive) {
        return Err(CopyError::InsideAnother { path: target }.into());
    }
    if archive.starts_with(&path) || archive.ancestors().skip(1).any(|above| is_same_folder(above, &path)) {
        return Err(CopyError::Around { path: target }.into());
    }
    Ok(())
}

/// The path without links; of what does not exist yet, that of the folder above it.
fn resolve(path: &Path) -> Result<PathBuf, ArchiveError> {
    match fs::canonicalize(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound && fs::symlink_metadata(path).is_err() => {
            let path = std::path::absolute(path).map_err(ArchiveError::io("find", path))?;
            match (path.parent(), path.file_name()) {
                (Some(parent), Some(name)) => Ok(resolve(parent)?.join(name)),
                _ => Ok(path),
            }
        }
        resolved => resolved.map_err(ArchiveError::io("find", path)),
    }
}

fn check_same_description(archive: &Path, target: &Path) -> Result<(), ArchiveError> {
    let (ours, theirs) = (archive.join(DESCRIPTION), target.join(DESCRIPTION));
    let expected = read_limited(&ours, 64 * 1024, false).map_err(ArchiveError::io("read", &ours))?;
    match read_limited(&theirs, 64 * 1024, false) {
        Ok(found) if found == expected => Ok(()),
        // It is written last; a first run may have been interrupted before that.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Ok(_) => Err(CopyError::DescriptionDiffers { path: theirs }.into()),
        Err(error) => Err(ArchiveError::io("read", &theirs)(error)),
    }
}

/// Whether two folders lie on one file system, so that one failing disk takes both. Of a folder that does
/// not exist yet, the one above it counts.
pub(super) fn shares_disk(archive: &Path, target: &Path) -> bool {
    let device = |path: &Path| {
        path.ancestors().find_map(|path| {
            let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
            fs::metadata(path).ok()
        })
    };
    device(archive).zip(device(target)).is_some_and(|(a, b)| a.dev() == b.dev())
}

/// Refuses what cannot be: one file system is one medium at one site. A disk that is not mounted looks like an
/// empty folder of the disk that holds it.
pub(super) fn check_place(archive: &Path, target: &Path, place: CopyPlace) -> Result<(), CopyError> {
    let CopyPlace { medium, site } = place;
    let is_elsewhere = matches!(medium, Medium::Removable | Medium::Network) || site == Site::Other;
    if is_elsewhere && shares_disk(archive, target) {
        return Err(CopyError::SameDisk { path: target.to_owned(), medium, site });
    }
    Ok(())
}

/// The folder of a copy, locked.
pub(super) struct Target {
    pub folder: PathBuf,
    pub store: LocalVolumes,
    pub label: CopyLabel,
    _lock: Lock,
}

impl Target {
    /// Begins the copy if there is none, and takes its lock.
    ///
    /// # Errors
    /// It is in use, cannot be written, or has links where a copy has folders.
    pub fn prepare(
        folder: &Path,
        found: Found,
        archive: Fingerprint,
        environment: &dyn Environment,
    ) -> Result<Self, ArchiveError> {
        let disk = environment.disk();
        if matches!(found, Found::Nothing) && !folder.exists() {
            disk.create_folder(folder).map_err(ArchiveError::io("create the folder", folder))?;
            // Anybody who can enter the folder can read fields and objects. Not every file system can keep others out.
            let _ = fs::set_permissions(folder, Permissions::from_mode(0o700));
        }
        let lock = take_lock(folder, environment)?;
        let label = match found {
            Found::Copy(label) => label,
            Found::Nothing => begin(folder, archive, &disk, environment)?,
        };
        let store = volumes_of(folder, disk.clone());
        disk.create_folder(store.folder()).map_err(ArchiveError::io("create the folder", store.folder()))?;
        for path in [store.folder(), &folder.join(QUARANTINE)] {
            if fs::symlink_metadata(path).is_ok_and(|found| !found.is_dir()) {
                return Err(CopyError::NotAFolder { path: path.to_owned() }.into());
            }
        }
        Ok(Self { folder: folder.to_owned(), store, label, _lock: lock })
    }
}

/// Names the copy. The label comes first: what follows is known again after an interruption.
fn begin(
    folder: &Path,
    archive: Fingerprint,
    disk: &Arc<dyn Disk>,
    environment: &dyn Environment,
) -> Result<CopyLabel, ArchiveError> {
    let label = CopyLabel { copy: random_copy(environment).map_err(ArchiveError::no_randomness)?, archive };
    let path = folder.join(COPY);
    disk.create_file(&path, &label.to_bytes(), 0o644).map_err(ArchiveError::io("write", &path))?;
    Ok(label)
}
