//! A bundle in a folder.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::ops::ControlFlow;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use rustix::fs::OFlags;

use super::pieces::hand_on;
use vouchsafe_core::format::bundle::{DESCRIPTION, MAX_FILES, MAX_PATH_BYTES};
use vouchsafe_core::format::litter;
use vouchsafe_core::verify::bundle::{BundleFiles, ItemKind, Listed, Listing};

/// A bundle in a folder. Links are listed as what they are, and never followed.
#[derive(Debug)]
pub struct FolderBundle {
    folder: PathBuf,
    /// What a system left beside the folder.
    beside: Vec<Vec<u8>>,
    /// Name and size of every file of the listing, by number.
    files: OnceLock<Vec<(Vec<u8>, u64)>>,
}

impl FolderBundle {
    /// The bundle in this folder.
    #[must_use]
    pub const fn new(folder: PathBuf) -> Self {
        Self { folder, beside: Vec::new(), files: OnceLock::new() }
    }

    /// The bundle in the one folder that lies in this one, but for what a system left beside it; none if there is not one.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub(super) fn one_deeper(folder: &Path) -> io::Result<Option<Self>> {
        let (mut found, mut beside) = (None, Vec::new());
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let (name, is_folder) = (entry.file_name(), entry.file_type()?.is_dir());
            if litter::within(name.as_bytes(), is_folder).is_some() {
                beside.push(name.as_bytes().to_vec());
            } else if is_folder && found.is_none() {
                found = Some(entry.path());
            } else {
                return Ok(None);
            }
        }
        let found = found.filter(|folder| folder.join(DESCRIPTION).symlink_metadata().is_ok());
        Ok(found.map(|folder| Self { beside, ..Self::new(folder) }))
    }
}

impl BundleFiles for FolderBundle {
    fn list(&self) -> io::Result<Listing> {
        let mut items = Vec::new();
        let mut folders = vec![Vec::new()];
        while let Some(folder) = folders.pop() {
            let entries = match fs::read_dir(self.folder.join(OsStr::from_bytes(&folder))) {
                // What a system keeps for itself, others may often not look into. Nothing in it counts but what is listed.
                Err(_) if litter::within(&folder, true).is_some() => continue,
                entries => entries?,
            };
            for entry in entries {
                let entry = entry?;
                let mut name = folder.clone();
                if !name.is_empty() {
                    name.push(b'/');
                }
                name.extend_from_slice(entry.file_name().as_bytes());
                // `DirEntry::metadata` does not follow links.
                let metadata = entry.metadata()?;
                let kind = match metadata.file_type() {
                    kind if kind.is_file() => ItemKind::File,
                    kind if kind.is_dir() => ItemKind::Folder,
                    _ => ItemKind::Other,
                };
                // Below a name that is too long, every other name is too long as well.
                if kind == ItemKind::Folder && name.len() <= MAX_PATH_BYTES {
                    folders.push(name.clone());
                }
                items.push(Listed { name, kind, size_bytes: metadata.len() });
                if items.len() > MAX_FILES {
                    return Ok(Listing { items, ..Listing::default() });
                }
            }
        }
        let files = items.iter().map(|item| (item.name.clone(), item.size_bytes)).collect();
        let _ = self.files.set(files);
        Ok(Listing { items, beside: self.beside.clone(), ..Listing::default() })
    }

    fn read(&self, number: usize, take: &mut dyn FnMut(&[u8]) -> ControlFlow<()>) -> io::Result<()> {
        let listed = self.files.get().and_then(|files| files.get(number));
        let (name, size_bytes) = listed.ok_or_else(|| io::Error::other("it was not listed"))?;
        let path = self.folder.join(OsStr::from_bytes(name));
        // A link that was put in its place meanwhile is not followed, and a pipe is not waited for.
        let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed();
        let mut file = File::options().read(true).custom_flags(flags).open(path)?;
        if !file.metadata()?.is_file() {
            return Err(io::Error::other("it is no longer a regular file"));
        }
        hand_on(&mut file, *size_bytes, take).map(|_| ())
    }
}
