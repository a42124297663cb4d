//! A folder for an index that lives no longer than one command, where the archive's own cannot be written.
//!
//! It holds names. So nobody else can enter it, it is removed at the end, and what a killed process left of
//! one is removed by the next that needs one.

use std::fs;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use super::environment::Environment;
use super::error::ArchiveError;
use super::lock::{Lock, LockError, lock};
use crate::store::durable::create_private_folders;

const PREFIX: &str = "reading-";

/// Removed when this is dropped.
#[derive(Debug)]
pub(super) struct Scratch {
    folder: PathBuf,
    lock_path: PathBuf,
    _lock: Option<Lock>,
}

impl Scratch {
    /// A new folder within this one, which is created if it is not there.
    pub fn new(parent: &Path, environment: &dyn Environment) -> Result<Self, ArchiveError> {
        create_private_folders(parent).map_err(ArchiveError::io("create the folder", parent))?;
        remove_left_behind(parent);
        let mut random = [0; 8];
        environment.fill_random(&mut random).map_err(ArchiveError::no_randomness)?;
        let folder = parent.join(format!("{PREFIX}{:016x}", u64::from_be_bytes(random)));
        let lock_path = lock_of(&folder);
        // The lock comes first: a folder whose lock nobody holds was left behind.
        let lock = match lock(&lock_path, None) {
            Ok(lock) => Some(lock),
            // Its name is drawn at random: nobody else uses it, and without a lock nobody removes it, either.
            Err(LockError::Unsupported) => None,
            Err(error) => {
                let error = match error {
                    LockError::Io(error) => error,
                    LockError::ReadOnly => std::io::ErrorKind::PermissionDenied.into(),
                    LockError::Held(_) | LockError::Unsupported => std::io::ErrorKind::AlreadyExists.into(),
                };
                return Err(ArchiveError::io("lock", &lock_path)(error));
            }
        };
        fs::DirBuilder::new().mode(0o700).create(&folder).map_err(ArchiveError::io("create the folder", &folder))?;
        Ok(Self { folder, lock_path, _lock: lock })
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        remove(&self.folder, &self.lock_path);
    }
}

fn lock_of(folder: &Path) -> PathBuf {
    folder.with_extension("lock")
}

/// The folder first: while it is there, so is its lock.
fn remove(folder: &Path, lock_path: &Path) {
    if fs::remove_dir_all(folder).is_ok() {
        let _ = fs::remove_file(lock_path);
    }
}

fn remove_left_behind(parent: &Path) {
    let Ok(items) = fs::read_dir(parent) else { return };
    for item in items.flatten() {
        let is_ours = item.file_name().to_string_lossy().starts_with(PREFIX);
        if is_ours && item.file_type().is_ok_and(|kind| kind.is_dir()) {
            let (folder, lock_path) = (item.path(), lock_of(&item.path()));
            if let Ok(_lock) = lock(&lock_path, None) {
                remove(&folder, &lock_path);
            }
        }
    }
}
