//! The folder of volumes, read.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::durable::Disk;
use vouchsafe_core::format::volume::{ReadAt, VolumeNumber};
use vouchsafe_core::verify::Evidence;

/// A volume that cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// A file effect failed.
    #[error("{}: cannot {action}: {source}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A volume is missing from the sequence.
    #[error("{}: the volume is missing", path.display())]
    Missing {
        /// Where it should be.
        path: PathBuf,
    },
    /// There is no folder of volumes.
    #[error("{}: the folder of the volumes is missing", path.display())]
    NoFolder {
        /// Where it should be.
        path: PathBuf,
    },
}

impl StoreError {
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { action, path, source }
    }
}

/// The folder of volumes.
#[derive(Debug, Clone)]
pub struct VolumeStore {
    folder: PathBuf,
    disk: Arc<dyn Disk>,
}

impl VolumeStore {
    /// The volumes in this folder, written through this disk.
    #[must_use]
    pub const fn new(folder: PathBuf, disk: Arc<dyn Disk>) -> Self {
        Self { folder, disk }
    }

    /// The disk.
    #[must_use]
    pub fn disk(&self) -> &dyn Disk {
        &*self.disk
    }

    /// The disk, to be shared with another folder of volumes.
    #[must_use]
    pub fn disk_handle(&self) -> Arc<dyn Disk> {
        self.disk.clone()
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The path of a volume.
    #[must_use]
    pub fn path(&self, number: VolumeNumber) -> PathBuf {
        self.folder.join(number.file_name())
    }

    /// The numbers of the volumes, ascending, and the names of what is no volume.
    ///
    /// # Errors
    /// The folder is missing, or cannot be read.
    pub fn list(&self) -> Result<(Vec<VolumeNumber>, Vec<String>), StoreError> {
        self.volumes().map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => StoreError::NoFolder { path: self.folder.clone() },
            _ => StoreError::io("list the folder", &self.folder)(error),
        })
    }

    /// The numbers of the volumes, ascending and without a gap.
    ///
    /// # Errors
    /// The folder cannot be read, or a volume is missing.
    pub fn numbers(&self) -> Result<Vec<VolumeNumber>, StoreError> {
        let (numbers, _) = self.list()?;
        match (0..).map(VolumeNumber).zip(&numbers).find(|(expected, number)| expected != *number) {
            Some((missing, _)) => Err(StoreError::Missing { path: self.path(missing) }),
            None => Ok(numbers),
        }
    }

    /// Bytes of all volumes.
    ///
    /// # Errors
    /// The folder or a volume cannot be read, or a volume is missing.
    pub fn size_bytes(&self) -> Result<u64, StoreError> {
        self.numbers()?.into_iter().try_fold(0, |sum, number| {
            let size = self.open_volume(number)?.size_bytes();
            Ok(sum + size.map_err(StoreError::io("read the volume's size", &self.path(number)))?)
        })
    }

    /// Asks the system to forget what it keeps of a volume in memory, so that it is read from the disk. It is
    /// a request: pages that are not written yet stay, and a network drive, its server or the disk itself may
    /// keep copies of their own that nobody can see from here.
    ///
    /// # Errors
    /// The volume cannot be opened.
    pub fn forget_cached(&self, number: VolumeNumber) -> Result<(), StoreError> {
        let file = self.open_file(number).map_err(StoreError::io("open the volume", &self.path(number)))?;
        #[cfg(target_os = "linux")]
        let _ = rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::DontNeed);
        drop(file);
        Ok(())
    }

    fn open_file(&self, number: VolumeNumber) -> io::Result<File> {
        // A link planted in place of a volume is not followed.
        let flags = rustix::fs::OFlags::NOFOLLOW.bits().cast_signed();
        File::options().read(true).custom_flags(flags).open(self.path(number))
    }

    /// Opens a volume for reading.
    ///
    /// # Errors
    /// It cannot be opened, or is not a regular file.
    pub fn open_volume(&self, number: VolumeNumber) -> Result<Arc<dyn ReadAt>, StoreError> {
        self.open(number).map_err(StoreError::io("open the volume", &self.path(number)))
    }
}

impl Evidence for VolumeStore {
    fn volumes(&self) -> io::Result<(Vec<VolumeNumber>, Vec<String>)> {
        let mut numbers = Vec::new();
        let mut strangers = Vec::new();
        for item in fs::read_dir(&self.folder)? {
            let item = item?;
            let name = item.file_name().to_string_lossy().into_owned();
            match VolumeNumber::from_file_name(&name).filter(|_| item.file_type().is_ok_and(|kind| kind.is_file())) {
                Some(number) => numbers.push(number),
                None => strangers.push(name),
            }
        }
        numbers.sort_unstable();
        strangers.sort_unstable();
        Ok((numbers, strangers))
    }

    fn open(&self, volume: VolumeNumber) -> io::Result<Arc<dyn ReadAt>> {
        Ok(Arc::new(VolumeFile(self.open_file(volume)?)))
    }
}

struct VolumeFile(File);

impl ReadAt for VolumeFile {
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        FileExt::read_at(&self.0, buffer, offset)
    }

    fn size_bytes(&self) -> io::Result<u64> {
        self.0.metadata().map(|metadata| metadata.len())
    }
}
