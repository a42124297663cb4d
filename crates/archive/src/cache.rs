//! Indexes of one's own, for archives whose own index another process uses or nobody can write: kept in the user's
//! cache folder from one command to the next, since rebuilding one means reading the whole log.
//!
//! They hold fields, which may name people. So nobody else can enter their folder, none is made unless the archive's
//! own index cannot be used, and [`forget`] removes them. They are derived: whatever is wrong with one, it is rebuilt.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::error::ArchiveError;
use super::lock::{Lock, LockError, lock};
use crate::store::durable::create_private_folders;
use vouchsafe_core::digest::Digest;
use vouchsafe_core::model::Fingerprint;

const INDEX: &str = "index";
const LOCK: &str = "lock";
/// Where the archive is that it was made of.
const OF: &str = "archive";

/// An index in the cache folder, which no other process uses meanwhile.
#[derive(Debug)]
pub(super) struct Cached {
    folder: PathBuf,
    _lock: Lock,
}

impl Cached {
    /// Takes the index that is kept of the archive in this folder; `None` where another process uses it, or the cache
    /// folder cannot be written or locked: a reader then builds a temporary one.
    pub fn take(cache: &Path, archive: &Path, fingerprint: Fingerprint) -> Option<Self> {
        let folder = folder_of(cache, archive, fingerprint);
        create_private_folders(&folder).ok()?;
        let held = lock(&folder.join(LOCK), None).ok()?;
        let of = folder.join(OF);
        if !of.exists() {
            // For people, and for nothing else; the folder is private.
            let _ = fs::write(of, archive.as_os_str().as_encoded_bytes());
        }
        Some(Self { folder, _lock: held })
    }

    /// The same, if one is kept already.
    pub fn take_kept(cache: &Path, archive: &Path, fingerprint: Fingerprint) -> Option<Self> {
        let is_kept = folder_of(cache, archive, fingerprint).join(INDEX).is_dir();
        is_kept.then(|| Self::take(cache, archive, fingerprint)).flatten()
    }

    /// Where the index is.
    pub fn index(&self) -> PathBuf {
        self.folder.join(INDEX)
    }
}

/// One for each archive in each place: a copy may lack entries of its archive.
fn folder_of(cache: &Path, archive: &Path, fingerprint: Fingerprint) -> PathBuf {
    let place = fs::canonicalize(archive).unwrap_or_else(|_| archive.to_owned());
    let mut name = fingerprint.0.as_bytes().to_vec();
    name.extend_from_slice(place.as_os_str().as_encoded_bytes());
    let name = Digest::of(&name).to_string();
    cache.join(&name[..32])
}

/// An index that is kept in the cache folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CachedIndex {
    /// Its folder.
    pub folder: PathBuf,
    /// What it takes on the disk, in bytes.
    pub size_bytes: u64,
}

/// The index that is kept of the archive in this folder, if there is one.
#[must_use]
pub fn cached_index(cache: &Path, archive: &Path, fingerprint: Fingerprint) -> Option<CachedIndex> {
    let folder = folder_of(cache, archive, fingerprint);
    folder.join(INDEX).is_dir().then(|| CachedIndex { size_bytes: size_of(&folder), folder })
}

/// Removes the index that is kept of the archive in this folder, or without one all that are kept. Returns those that were
/// removed.
///
/// # Errors
/// Another process uses one, or it cannot be removed. What came before it is removed.
pub fn forget(cache: &Path, of: Option<(&Path, Fingerprint)>) -> Result<Vec<CachedIndex>, ArchiveError> {
    let folders = match of {
        Some((archive, fingerprint)) => vec![folder_of(cache, archive, fingerprint)],
        None => match fs::read_dir(cache) {
            Ok(items) => items.flatten().map(|item| item.path()).filter(|path| path.join(LOCK).is_file()).collect(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(ArchiveError::io("read the folder", cache)(error)),
        },
    };
    let mut removed = Vec::new();
    for folder in folders.into_iter().filter(|folder| folder.is_dir()) {
        let held = match lock(&folder.join(LOCK), None) {
            Ok(held) => Some(held),
            Err(LockError::Held(holder)) => return Err(ArchiveError::InUse { path: folder, holder }),
            // Where nothing can be locked, nothing is.
            Err(LockError::Unsupported | LockError::ReadOnly) => None,
            Err(LockError::Io(error)) => return Err(ArchiveError::io("lock", &folder)(error)),
        };
        let size_bytes = size_of(&folder);
        fs::remove_dir_all(&folder).map_err(ArchiveError::io("remove the index", &folder))?;
        drop(held);
        removed.push(CachedIndex { folder, size_bytes });
    }
    Ok(removed)
}

fn size_of(folder: &Path) -> u64 {
    let items = fs::read_dir(folder).into_iter().flatten().flatten();
    items
        .map(|item| match item.file_type() {
            Ok(kind) if kind.is_dir() => size_of(&item.path()),
            Ok(_) => item.metadata().map_or(0, |metadata| metadata.len()),
            Err(_) => 0,
        })
        .sum()
}
