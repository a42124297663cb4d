//! Where a bundle is written: a new folder, or a new zip file. Nothing of it is durable before `finish`.

use std::collections::BTreeSet;
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::ArchiveError;
use crate::store::durable::{Disk, DiskFile};
use vouchsafe_core::format::Checkpoint;
use vouchsafe_core::format::bundle::BundlePath;
use vouchsafe_core::model::Timestamp;

/// Small writes are put together.
const BUFFER_BYTES: usize = 256 * 1024;

/// Writes the content of a file.
pub(super) type Content<'a> = dyn FnMut(&mut dyn Write) -> Result<(), ArchiveError> + 'a;

/// Takes in files, from several threads.
pub(super) trait Target: Sync {
    /// Writes a file of this size, which must be new.
    fn add(&self, path: &BundlePath, size_bytes: u64, content: &mut Content<'_>) -> Result<(), ArchiveError>;

    /// Makes everything durable.
    fn finish(&self) -> Result<(), ArchiveError>;
}

/// A folder.
///
/// Files and folders are not synced one by one: for a bundle of ten thousand exhibits that would be a hundred
/// thousand waits for the disk. The folder has a name under which nobody looks for a bundle until everything below
/// it was synced at once; only then it is checked, recorded and given its own name. A crash before leaves a folder
/// of which anything may be missing, under a name that shows this.
pub(super) struct FolderTarget<'a> {
    disk: &'a dyn Disk,
    folder: PathBuf,
    made: Mutex<BTreeSet<PathBuf>>,
}

impl<'a> FolderTarget<'a> {
    pub fn create(disk: &'a dyn Disk, folder: &Path) -> Result<Self, ArchiveError> {
        disk.create_loose_folder(folder).map_err(ArchiveError::io("create the folder", folder))?;
        Ok(Self { disk, folder: folder.to_owned(), made: Mutex::new(BTreeSet::from([folder.to_owned()])) })
    }

    /// Makes the folders above a file, once.
    fn make_folders(&self, path: &Path) -> Result<(), ArchiveError> {
        let Some(parent) = path.parent() else { return Ok(()) };
        // A poisoned lock means that another thread panicked, which the scope it runs in passes on.
        let mut made = self.made.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let missing: Vec<_> = parent.ancestors().take_while(|folder| !made.contains(*folder)).collect();
        for folder in missing.into_iter().rev() {
            self.disk.create_loose_folder(folder).map_err(ArchiveError::io("create the folder", folder))?;
            made.insert(folder.to_owned());
        }
        Ok(())
    }
}

impl Target for FolderTarget<'_> {
    fn add(&self, path: &BundlePath, size_bytes: u64, content: &mut Content<'_>) -> Result<(), ArchiveError> {
        let path = self.folder.join(path.as_str());
        self.make_folders(&path)?;
        let file = self.disk.create_loose_file(&path).map_err(ArchiveError::io("create the file", &path))?;
        let buffer_bytes = usize::try_from(size_bytes).unwrap_or(usize::MAX).min(BUFFER_BYTES);
        let mut writer = BufWriter::with_capacity(buffer_bytes, Cursor::new(file));
        content(&mut writer)?;
        writer.flush().map_err(ArchiveError::io("write the file", &path))
    }

    fn finish(&self) -> Result<(), ArchiveError> {
        self.disk.sync_below(&self.folder).map_err(ArchiveError::io("write the bundle", &self.folder))
    }
}

/// The folder that all names in a zip file begin with, as RFC 8493 §4 asks of a bag in one file. No other bundle has the same, so
/// that several can be unpacked in one place; it says nothing that the bundle does not say, and not what whoever sends the
/// file calls it.
pub(super) fn top_folder(created_at: Timestamp, head: &Checkpoint) -> String {
    let (day, root) = (created_at.to_string(), head.root.to_string());
    format!("bundle-{}-{}", &day[..DAY_CHARS], &root[..ROOT_CHARS])
}

/// The characters of a day.
const DAY_CHARS: usize = 10;
/// This many of the 64 digits of the root distinguish two exports: each is recorded, which changes the root.
const ROOT_CHARS: usize = 8;

/// A zip file: members are stored, since the objects are mostly compressed already, and then the bytes of an object
/// lie in it as they are.
pub(super) struct ZipTarget {
    path: PathBuf,
    top_folder: String,
    writer: Mutex<Option<ZipWriter<BufWriter<Cursor>>>>,
}

impl ZipTarget {
    pub fn create(disk: &dyn Disk, path: &Path, top_folder: String) -> Result<Self, ArchiveError> {
        let file = disk.create_loose_file(path).map_err(ArchiveError::io("create the file", path))?;
        let writer = ZipWriter::new(BufWriter::with_capacity(BUFFER_BYTES, Cursor::new(file)));
        Ok(Self { path: path.to_owned(), top_folder, writer: Mutex::new(Some(writer)) })
    }

    fn failed(&self) -> impl FnOnce(zip::result::ZipError) -> ArchiveError {
        let path = self.path.clone();
        move |error| ArchiveError::io("write the zip file", &path)(error.into())
    }
}

impl Target for ZipTarget {
    fn add(&self, path: &BundlePath, size_bytes: u64, content: &mut Content<'_>) -> Result<(), ArchiveError> {
        let mut writer = self.writer.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let Some(writer) = writer.as_mut() else { return Err(ArchiveError::Stopped) };
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .unix_permissions(0o600)
            .large_file(size_bytes >= u64::from(u32::MAX));
        writer.start_file(format!("{}/{path}", self.top_folder), options).map_err(self.failed())?;
        content(writer)
    }

    fn finish(&self) -> Result<(), ArchiveError> {
        let mut writer = self.writer.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let Some(writer) = writer.take() else { return Ok(()) };
        let cursor = writer.finish().map_err(self.failed())?.into_inner().map_err(io::IntoInnerError::into_error);
        let synced = cursor.and_then(|cursor| cursor.sync());
        synced.map_err(ArchiveError::io("write the zip file", &self.path))
    }
}

impl Drop for ZipTarget {
    /// A zip file that could not be written is removed, so nothing is written to its end any more. The library would
    /// try to, and would complain on the terminal; what it holds is left to the system instead.
    fn drop(&mut self) {
        let writer = self.writer.get_mut().unwrap_or_else(std::sync::PoisonError::into_inner);
        std::mem::forget(writer.take());
    }
}

/// A file that is written at a position.
struct Cursor {
    file: Box<dyn DiskFile>,
    position: u64,
    size_bytes: u64,
    /// A write has failed and was reported. What is written after that goes nowhere: the library of zip files tries to
    /// end a file that it could not end, and complains on the terminal if that fails again.
    is_broken: bool,
}

impl Cursor {
    fn new(file: Box<dyn DiskFile>) -> Self {
        Self { file, position: 0, size_bytes: 0, is_broken: false }
    }

    /// Makes everything durable that was written.
    fn sync(&self) -> io::Result<()> {
        if self.is_broken {
            return Err(io::Error::other("an earlier write has failed"));
        }
        self.file.sync()
    }
}

impl Write for Cursor {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !self.is_broken {
            self.file.write_at(self.position, bytes).inspect_err(|_| self.is_broken = true)?;
        }
        self.position += bytes.len() as u64;
        self.size_bytes = self.size_bytes.max(self.position);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for Cursor {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(position) => Some(position),
            // It may have failed between two places; the library continues from the end.
            SeekFrom::Current(0) if self.is_broken => Some(self.size_bytes),
            SeekFrom::End(distance) => self.size_bytes.checked_add_signed(distance),
            SeekFrom::Current(distance) => self.position.checked_add_signed(distance),
        };
        self.position = position.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.position)
    }
}
