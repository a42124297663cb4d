//! Appending to the last volume: objects, then the members that make them a commit.

use std::io;
use std::path::{Path, PathBuf};

use super::durable::DiskFile;
use super::recover::Position;
use super::volumes::{StoreError, VolumeStore};
use vouchsafe_core::digest::Digest;
use vouchsafe_core::format::volume::{self, END_BYTES, Member, MemberName, VolumeNumber};

/// Small members are gathered up to this size before they are written.
const BUFFER_BYTES: usize = 1024 * 1024;

/// The bytes of a commit's last members.
#[derive(Debug, Clone, Copy)]
pub struct CommitBytes<'a> {
    /// Index of the first entry.
    pub first: u64,
    /// Number of entries.
    pub count: u64,
    /// The lines of fields, one an entry.
    pub fields: &'a [u8],
    /// The lines of entries.
    pub log: &'a [u8],
    /// The signed checkpoint.
    pub checkpoint: &'a [u8],
}

/// Where a commit's lines came to lie, and what makes it durable.
#[derive(Debug)]
pub struct WrittenCommit {
    /// The volume.
    pub volume: VolumeNumber,
    /// Where the lines of fields begin.
    pub fields_offset: u64,
    /// Where the lines of entries begin.
    pub log_offset: u64,
    /// The position after the commit.
    pub end: Position,
    /// Syncs the commit.
    pub sync: SyncHandle,
}

/// Makes a written commit durable; may be used from another thread.
#[derive(Debug)]
pub struct SyncHandle {
    file: Box<dyn DiskFile>,
    path: PathBuf,
}

impl SyncHandle {
    /// Waits until the commit is durable.
    ///
    /// # Errors
    /// It is not, and must not be acknowledged: [`Appender::roll_back_to`] removes it, so that nobody
    /// relies on bytes that may exist only in memory.
    pub fn sync(self) -> Result<(), StoreError> {
        self.file.sync().map_err(StoreError::io("make the commit durable", &self.path))
    }
}

/// Syncs what was written so far, beside the writing.
#[derive(Debug)]
pub struct SyncAhead {
    file: Box<dyn DiskFile>,
    path: PathBuf,
}

impl SyncAhead {
    /// Waits until what was written so far is on the disk.
    ///
    /// # Errors
    /// It may not be. The system tells so only once: whoever ignores this loses data unseen.
    pub fn sync(&self) -> Result<(), StoreError> {
        self.file.sync().map_err(StoreError::io("write to the volume", &self.path))
    }
}

/// Appends to the last volume. There is at most one in all processes; the archive's lock sees to that.
#[derive(Debug)]
pub struct Appender {
    store: VolumeStore,
    number: VolumeNumber,
    path: PathBuf,
    file: Box<dyn DiskFile>,
    /// Syncs the commit that is being written.
    next_sync: Box<dyn DiskFile>,
    /// Behind the last commit that was written.
    committed: u64,
    /// Where `buffer` belongs.
    written: u64,
    buffer: Vec<u8>,
    target_bytes: u64,
}

/// Stands in the place of a file that is not to be written.
#[derive(Debug)]
struct Refusing;

impl DiskFile for Refusing {
    fn write_at(&self, _: u64, _: &[u8]) -> io::Result<()> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }

    fn cut(&self, _: u64) -> io::Result<()> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }

    fn sync(&self) -> io::Result<()> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }

    fn make_read_only(&self) -> io::Result<()> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }

    fn size_bytes(&self) -> io::Result<u64> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }
}

/// An object whose bytes are still coming in.
#[derive(Debug)]
#[must_use]
pub struct OpenObject {
    header_offset: u64,
    extended: bool,
    size_bytes: u64,
}

impl Appender {
    /// Continues at the end of the last commit; everything after it was cut before.
    ///
    /// # Errors
    /// The volume cannot be opened or created, or does not end at this position.
    pub fn open(store: VolumeStore, end: Position, target_bytes: u64) -> Result<Self, StoreError> {
        let path = store.path(end.volume);
        let exists = path.exists();
        let file = match exists {
            true => store.disk().open(&path).map_err(StoreError::io("open the volume for writing", &path))?,
            false => store.disk().create(&path).map_err(StoreError::io("create the volume", &path))?,
        };
        let size_bytes = file.size_bytes().map_err(StoreError::io("read the volume's size", &path))?;
        if size_bytes != end.offset {
            let unexpected = io::Error::other(format!("it ends at byte {size_bytes}, not at {}", end.offset));
            return Err(StoreError::io("continue after the last commit", &path)(unexpected));
        }
        let next_sync = store.disk().open(&path).map_err(|error| {
            if !exists {
                // If the volume before it is opened again, an empty one after it would be a stray file to whoever opens.
                let _ = store.disk().remove(&path);
            }
            StoreError::io("open the volume again", &path)(error)
        })?;
        Ok(Self {
            next_sync,
            store,
            number: end.volume,
            path,
            file,
            committed: end.offset,
            written: end.offset,
            buffer: Vec::with_capacity(BUFFER_BYTES + BUFFER_BYTES / 4),
            target_bytes,
        })
    }

    /// The same where nothing is to be written: whatever is, is refused, and the volume is not even opened.
    #[must_use]
    pub fn without_writing(store: VolumeStore, end: Position) -> Self {
        Self {
            next_sync: Box::new(Refusing),
            path: store.path(end.volume),
            store,
            number: end.volume,
            file: Box::new(Refusing),
            committed: end.offset,
            written: end.offset,
            buffer: Vec::new(),
            target_bytes: u64::MAX,
        }
    }

    /// The path of the volume that is written to.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How many bytes are written since the last commit.
    #[must_use]
    pub fn uncommitted_bytes(&self) -> u64 {
        self.position() - self.committed
    }

    /// Behind the last commit, where the next one begins.
    #[must_use]
    pub const fn end(&self) -> Position {
        Position { volume: self.number, offset: self.committed }
    }

    fn position(&self) -> u64 {
        self.written + self.buffer.len() as u64
    }

    /// Appends an object that is in memory.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn append_object(&mut self, digest: Digest, bytes: &[u8]) -> Result<Member, StoreError> {
        self.append(MemberName::Object(digest), bytes)
    }

    fn append(&mut self, name: MemberName, bytes: &[u8]) -> Result<Member, StoreError> {
        let size_bytes = bytes.len() as u64;
        let header = volume::header(name, size_bytes, false);
        let header_offset = self.position();
        let member = Member { name, header_offset, offset: header_offset + header.len() as u64, size_bytes };
        self.buffer.extend_from_slice(&header);
        self.buffer.extend_from_slice(bytes);
        self.pad(size_bytes);
        if self.buffer.len() >= BUFFER_BYTES {
            self.flush()?;
        }
        Ok(member)
    }

    fn pad(&mut self, size_bytes: u64) {
        let padding = usize::try_from(volume::padding_bytes(size_bytes)).unwrap_or_default();
        self.buffer.resize(self.buffer.len() + padding, 0);
    }

    fn flush(&mut self) -> Result<(), StoreError> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        self.file.write_at(self.written, &self.buffer).map_err(StoreError::io("write to the volume", &self.path))?;
        self.written += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }

    /// Begins an object whose digest is not known yet: room for its header is left free.
    ///
    /// `extended` leaves room for a size beyond 8 GiB.
    ///
    /// # Errors
    /// What was gathered before it cannot be written.
    pub fn begin_object(&mut self, extended: bool) -> Result<OpenObject, StoreError> {
        self.flush()?;
        let header_offset = self.written;
        self.written += volume::header_bytes(extended);
        Ok(OpenObject { header_offset, extended, size_bytes: 0 })
    }

    /// Appends the next bytes of the object.
    ///
    /// # Errors
    /// They cannot be written.
    pub fn extend_object(&mut self, object: &mut OpenObject, bytes: &[u8]) -> Result<(), StoreError> {
        self.file.write_at(self.written, bytes).map_err(StoreError::io("write to the volume", &self.path))?;
        self.written += bytes.len() as u64;
        object.size_bytes += bytes.len() as u64;
        Ok(())
    }

    /// Ends the object: its header is written into the room that was left.
    ///
    /// # Errors
    /// The header cannot be written.
    pub fn finish_object(&mut self, object: OpenObject, digest: Digest) -> Result<Member, StoreError> {
        let name = MemberName::Object(digest);
        let header = volume::header(name, object.size_bytes, object.extended);
        self.file.write_at(object.header_offset, &header).map_err(StoreError::io("write to the volume", &self.path))?;
        self.pad(object.size_bytes);
        Ok(Member {
            name,
            header_offset: object.header_offset,
            offset: object.header_offset + header.len() as u64,
            size_bytes: object.size_bytes,
        })
    }

    /// Gives the object up: the volume ends where it began.
    ///
    /// # Errors
    /// The volume cannot be cut.
    pub fn abandon_object(&mut self, object: OpenObject) -> Result<(), StoreError> {
        self.file.cut(object.header_offset).map_err(StoreError::io("cut the volume", &self.path))?;
        self.written = object.header_offset;
        Ok(())
    }

    /// Writes the members that end a commit. It is durable only after the handle in the answer has synced.
    ///
    /// # Errors
    /// They cannot be written.
    pub fn append_commit(&mut self, commit: CommitBytes<'_>) -> Result<WrittenCommit, StoreError> {
        let CommitBytes { first, count, .. } = commit;
        let fields = self.append(MemberName::Fields { first, count }, commit.fields)?;
        let log = self.append(MemberName::Log { first, count }, commit.log)?;
        self.append(MemberName::Checkpoint { size: first + count }, commit.checkpoint)?;
        self.flush()?;
        self.committed = self.written;
        let next = self.open_again()?;
        let file = std::mem::replace(&mut self.next_sync, next);
        Ok(WrittenCommit {
            volume: self.number,
            fields_offset: fields.offset,
            log_offset: log.offset,
            end: Position { volume: self.number, offset: self.written },
            sync: SyncHandle { file, path: self.path.clone() },
        })
    }

    /// Gives up everything after a position that [`Appender::end`] gave: commits that did not become
    /// durable, and what was appended since.
    ///
    /// # Errors
    /// The volume cannot be cut.
    pub fn roll_back_to(&mut self, end: Position) -> Result<(), StoreError> {
        self.buffer.clear();
        self.committed = if end.volume == self.number { end.offset } else { 0 };
        self.written = self.committed;
        self.file.cut(self.committed).map_err(StoreError::io("cut the volume", &self.path))
    }

    /// The system reports a failed write once per file description, so duplicated handles would steal the report from
    /// each other. So each is opened again, before what it syncs is written.
    fn open_again(&self) -> Result<Box<dyn DiskFile>, StoreError> {
        self.store.disk().open(&self.path).map_err(StoreError::io("open the volume again", &self.path))
    }

    /// Another handle on the volume, to sync what is being written while the writing continues.
    ///
    /// # Errors
    /// There are too many open files.
    pub fn sync_ahead(&self) -> Result<SyncAhead, StoreError> {
        let file = self.open_again()?;
        Ok(SyncAhead { file, path: self.path.clone() })
    }

    /// Whether the volume is past its target size.
    #[must_use]
    pub const fn is_full(&self) -> bool {
        self.committed >= self.target_bytes
    }

    /// Closes the volume and begins the next one if it is past its target size. To be called between
    /// commits, when the last one is durable.
    ///
    /// # Errors
    /// The volume cannot be closed or the next one not be created. Then this one is still open, and is
    /// closed after a later commit.
    pub fn roll_over_if_full(&mut self) -> Result<(), StoreError> {
        if !self.is_full() || self.uncommitted_bytes() > 0 {
            return Ok(());
        }
        let rolled_over = self.close().and_then(|()| {
            let next = Position { volume: VolumeNumber(self.number.0 + 1), offset: 0 };
            Self::open(self.store.clone(), next, self.target_bytes)
        });
        match rolled_over {
            Ok(next) => {
                let closed = std::mem::replace(self, next);
                // For people who look into the folder; not every file system can do it.
                let _ = closed.file.make_read_only();
                Ok(())
            }
            Err(error) => {
                let _ = self.file.cut(self.committed);
                Err(error)
            }
        }
    }

    /// Writes the end-of-archive blocks.
    fn close(&self) -> Result<(), StoreError> {
        let end = [0; END_BYTES as usize];
        self.file.write_at(self.committed, &end).map_err(StoreError::io("close the volume", &self.path))?;
        self.file.sync().map_err(StoreError::io("close the volume", &self.path))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::fs;
    use std::path::Path;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

    use super::*;
    use crate::store::durable::{Disk, SystemDisk};

    /// A disk that opens no file while it is told not to, as a process with too many open files.
    #[derive(Debug, Default)]
    struct FewHandles(AtomicBool);

    impl Disk for FewHandles {
        fn create_folder(&self, path: &Path) -> io::Result<()> {
            SystemDisk.create_folder(path)
        }

        fn create_file(&self, path: &Path, content: &[u8], mode: u32) -> io::Result<()> {
            SystemDisk.create_file(path, content, mode)
        }

        fn replace_file(&self, path: &Path, content: &[u8], mode: u32) -> io::Result<()> {
            SystemDisk.replace_file(path, content, mode)
        }

        fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
            SystemDisk.create(path)
        }

        fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
            if self.0.load(Relaxed) { Err(io::Error::other("too many open files")) } else { SystemDisk.open(path) }
        }

        fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
            SystemDisk.rename(from, to)
        }

        fn remove(&self, path: &Path) -> io::Result<()> {
            SystemDisk.remove(path)
        }

        fn create_loose_folder(&self, path: &Path) -> io::Result<()> {
            SystemDisk.create_loose_folder(path)
        }

        fn create_loose_file(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
            SystemDisk.create_loose_file(path)
        }

        fn sync_below(&self, folder: &Path) -> io::Result<()> {
            SystemDisk.sync_below(folder)
        }

        fn move_new(&self, from: &Path, to: &Path) -> io::Result<()> {
            SystemDisk.move_new(from, to)
        }
    }

    #[test]
    fn a_volume_that_cannot_be_begun_leaves_no_file_and_the_one_before_open() {
        let folder = tempfile::tempdir().unwrap();
        let disk = Arc::new(FewHandles::default());
        let store = VolumeStore::new(folder.path().to_owned(), disk.clone());
        let start = Position::START;
        let mut appender = Appender::open(store.clone(), start, 1).unwrap();
        let commit = |first| CommitBytes { first, count: 1, fields: b"f", log: b"l", checkpoint: b"c" };
        let end = appender.append_commit(commit(0)).unwrap().end;

        disk.0.store(true, Relaxed);
        assert!(appender.roll_over_if_full().is_err());
        assert_eq!(store.numbers().unwrap(), [start.volume]);
        assert_eq!((fs::metadata(store.path(start.volume)).unwrap().len(), appender.end()), (end.offset, end));

        disk.0.store(false, Relaxed);
        let end = appender.append_commit(commit(1)).unwrap().end;
        appender.roll_over_if_full().unwrap();
        assert_eq!(appender.end(), Position { volume: VolumeNumber(1), offset: 0 });
        assert_eq!(fs::metadata(store.path(start.volume)).unwrap().len(), end.offset + END_BYTES);
    }
}
