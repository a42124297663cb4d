//! A folder of volumes.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::durable::{Disk, DiskFile, RegularFile};
use super::volumes::{LastVolume, Position, StoreError, Syncer, TailCut, Volumes};
use vouchsafe_core::format::volume::{END_BYTES, ReadAt, VolumeNumber, pieces};
use vouchsafe_core::verify::Evidence;

/// A folder of volumes on this computer, or on a drive that looks like one. Written through a [`Disk`].
#[derive(Debug, Clone)]
pub struct LocalVolumes {
    folder: PathBuf,
    quarantine: PathBuf,
    disk: Arc<dyn Disk>,
}

impl LocalVolumes {
    /// The volumes in a folder. What is set aside goes into another one, which need not be there yet.
    #[must_use]
    pub const fn new(folder: PathBuf, quarantine: PathBuf, disk: Arc<dyn Disk>) -> Self {
        Self { folder, quarantine, disk }
    }

    /// The disk, for what is done with files of volumes besides appending.
    #[must_use]
    pub fn disk(&self) -> &dyn Disk {
        &*self.disk
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The file of a volume.
    #[must_use]
    pub fn path(&self, number: VolumeNumber) -> PathBuf {
        self.place(number)
    }

    /// Whether a volume must not be written to, as one that was closed.
    #[must_use]
    pub fn is_read_only(&self, number: VolumeNumber) -> bool {
        fs::metadata(self.path(number)).is_ok_and(|metadata| metadata.permissions().readonly())
    }

    /// Asks the system to forget what it keeps of a volume in memory, so that it is read from the disk. It is
    /// a request: pages that are not written yet stay, and a network drive, its server or the disk itself may
    /// keep copies of their own that nobody can see from here.
    ///
    /// # Errors
    /// The volume cannot be opened.
    pub fn forget_cached(&self, number: VolumeNumber) -> Result<(), StoreError> {
        let path = self.path(number);
        RegularFile::open(&path).map_err(StoreError::io("open the volume", &path))?.forget_cached();
        Ok(())
    }
}

impl Evidence for LocalVolumes {
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
        Ok(Arc::new(RegularFile::open(&self.path(volume))?))
    }
}

impl Volumes for LocalVolumes {
    fn root(&self) -> &Path {
        &self.folder
    }

    fn append_to(&self, end: Position) -> Result<Box<dyn LastVolume>, StoreError> {
        let path = self.path(end.volume);
        let is_begun = end.offset == 0 && !path.exists();
        let file = match is_begun {
            false => self.disk.open(&path).map_err(StoreError::io("open the volume for writing", &path))?,
            true => self.disk.create(&path).map_err(StoreError::io("create the volume", &path))?,
        };
        let size_bytes = file.size_bytes().map_err(StoreError::io("read the volume's size", &path))?;
        if size_bytes != end.offset {
            let unexpected = io::Error::other(format!("it ends at byte {size_bytes}, not at {}", end.offset));
            return Err(StoreError::io("continue after the last commit", &path)(unexpected));
        }
        let next_sync = self.disk.open(&path).map_err(|error| {
            if is_begun {
                // If the volume before it is opened again, an empty one after it would be a stray file to whoever opens.
                let _ = self.disk.remove(&path);
            }
            StoreError::io("open the volume again", &path)(error)
        })?;
        Ok(Box::new(LastFile { disk: self.disk.clone(), path, file, next_sync }))
    }

    fn make_durable(&self, volume: VolumeNumber) -> io::Result<()> {
        match self.disk.open(&self.path(volume)).and_then(|file| file.sync()) {
            Err(error) if !self.is_read_only(volume) => Err(error),
            // A closed one was synced before its mode was changed.
            _ => Ok(()),
        }
    }

    fn set_aside(&self, from: Position, name: &str) -> Result<TailCut, StoreError> {
        let path = self.path(from.volume);
        let reader = self.open_volume(from.volume)?;
        let size_bytes = reader.size_bytes().map_err(StoreError::io("read the volume's size", &path))?;
        let kept_in = self.quarantine.join(name);
        let created = self.disk.create_folder(&self.quarantine);
        created.map_err(StoreError::io("create the folder", &self.quarantine))?;
        let copy = self.disk.create(&kept_in).map_err(StoreError::io("create the copy", &kept_in))?;
        let mut pieces = pieces(&*reader, from.offset..size_bytes);
        let mut done = 0;
        while let Some(piece) = pieces.next_piece().map_err(StoreError::io("read the volume", &path))? {
            copy.write_at(done, piece).map_err(StoreError::io("write the copy", &kept_in))?;
            done += piece.len() as u64;
        }
        copy.make_read_only().map_err(StoreError::io("make the copy durable", &kept_in))?;
        let file = self.disk.open(&path).map_err(StoreError::io("open the volume for writing", &path))?;
        file.cut(from.offset).and_then(|()| file.sync()).map_err(StoreError::io("cut the volume", &path))?;
        Ok(TailCut { from, size_bytes: done, kept_in })
    }
}

/// The file of the last volume.
#[derive(Debug)]
struct LastFile {
    disk: Arc<dyn Disk>,
    path: PathBuf,
    file: Box<dyn DiskFile>,
    /// Syncs the commit that is being gathered.
    next_sync: Box<dyn DiskFile>,
}

impl LastVolume for LastFile {
    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.file.write_at(offset, bytes)
    }

    fn cut(&self, size_bytes: u64) -> io::Result<()> {
        self.file.cut(size_bytes)
    }

    /// The system reports a failed write to each handle of its own, once; handles that were made from one another would
    /// take the news away from each other. So each is opened again, before what it syncs is written.
    fn end_commit(&mut self) -> io::Result<Box<dyn Syncer>> {
        let next = self.disk.open(&self.path)?;
        Ok(Box::new(FileSyncer(std::mem::replace(&mut self.next_sync, next))))
    }

    fn sync_ahead(&self) -> io::Result<Box<dyn Syncer>> {
        Ok(Box::new(FileSyncer(self.disk.open(&self.path)?)))
    }

    fn close(&self, size_bytes: u64) -> io::Result<()> {
        self.file.write_at(size_bytes, &[0; END_BYTES as usize])?;
        self.file.sync()
    }

    fn protect(&self) {
        // Not every file system can do it.
        let _ = self.file.make_read_only();
    }
}

#[derive(Debug)]
struct FileSyncer(Box<dyn DiskFile>);

impl Syncer for FileSyncer {
    fn sync(&self) -> io::Result<()> {
        self.0.sync()
    }
}
