//! Appending to the last volume: objects, then the members that make them a commit.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::object::{HeldObject, ObjectName};
use super::volumes::{LastVolume, Position, StoreError, Syncer, Volumes};
use vouchsafe_core::format::volume::{self, Member, MemberName, VolumeNumber};

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
    syncer: Box<dyn Syncer>,
    place: PathBuf,
}

impl SyncHandle {
    /// Waits until the commit is durable.
    ///
    /// # Errors
    /// It is not, and must not be acknowledged: [`Appender::roll_back_to`] removes it, so that nobody
    /// relies on bytes that may exist only in memory.
    pub fn sync(self) -> Result<(), StoreError> {
        self.syncer.sync().map_err(StoreError::io("make the commit durable", &self.place))
    }
}

/// Syncs what was written so far, beside the writing.
#[derive(Debug)]
pub struct SyncAhead {
    syncer: Box<dyn Syncer>,
    place: PathBuf,
}

impl SyncAhead {
    /// Waits until what was written so far is on the disk.
    ///
    /// # Errors
    /// It may not be. The system reports that only once: whoever ignores this loses data unseen.
    pub fn sync(&self) -> Result<(), StoreError> {
        self.syncer.sync().map_err(StoreError::io("write to the volume", &self.place))
    }
}

/// Appends to the last volume. There is at most one in all processes; the archive's lock sees to that.
#[derive(Debug)]
pub struct Appender {
    store: Arc<dyn Volumes>,
    number: VolumeNumber,
    /// Where the volume is, for messages.
    place: PathBuf,
    last: Box<dyn LastVolume>,
    /// After the last commit that was written.
    committed: u64,
    /// Where `buffer` belongs.
    written: u64,
    buffer: Vec<u8>,
    target_bytes: u64,
}

/// Stands in the place of a volume that is not to be written.
#[derive(Debug)]
struct Refusing;

impl LastVolume for Refusing {
    fn write_at(&self, _: u64, _: &[u8]) -> io::Result<()> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }

    fn cut(&self, _: u64) -> io::Result<()> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }

    fn end_commit(&mut self) -> io::Result<Box<dyn Syncer>> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }

    fn sync_ahead(&self) -> io::Result<Box<dyn Syncer>> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }

    fn close(&self, _: u64) -> io::Result<()> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }

    fn protect(&self) {}
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
    pub fn open(store: Arc<dyn Volumes>, end: Position, target_bytes: u64) -> Result<Self, StoreError> {
        let last = store.append_to(end)?;
        let buffer = Vec::with_capacity(BUFFER_BYTES + BUFFER_BYTES / 4);
        Ok(Self::of(store, end, last, buffer, target_bytes))
    }

    /// The same where nothing is to be written: whatever is, is refused, and the volume is not even opened.
    #[must_use]
    pub fn without_writing(store: Arc<dyn Volumes>, end: Position) -> Self {
        Self::of(store, end, Box::new(Refusing), Vec::new(), u64::MAX)
    }

    fn of(
        store: Arc<dyn Volumes>,
        end: Position,
        last: Box<dyn LastVolume>,
        buffer: Vec<u8>,
        target_bytes: u64,
    ) -> Self {
        let place = store.place(end.volume);
        Self {
            store,
            number: end.volume,
            place,
            last,
            committed: end.offset,
            written: end.offset,
            buffer,
            target_bytes,
        }
    }

    /// Where the volume is that is written to, for messages.
    #[must_use]
    pub fn place(&self) -> &Path {
        &self.place
    }

    /// How many bytes are written since the last commit.
    #[must_use]
    pub fn uncommitted_bytes(&self) -> u64 {
        self.position() - self.committed
    }

    /// After the last commit, where the next one begins.
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
    pub fn append_object<B: AsRef<[u8]>>(&mut self, object: &HeldObject<B>) -> Result<Member, StoreError> {
        self.append(MemberName::Object(object.name().digest()), object.bytes())
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
        self.last.write_at(self.written, &self.buffer).map_err(StoreError::io("write to the volume", &self.place))?;
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
        self.last.write_at(self.written, bytes).map_err(StoreError::io("write to the volume", &self.place))?;
        self.written += bytes.len() as u64;
        object.size_bytes += bytes.len() as u64;
        Ok(())
    }

    /// Ends the object: its header is written into the room that was left. `name` is of the bytes that were appended.
    ///
    /// # Errors
    /// The header cannot be written, or the name is of another number of bytes.
    pub fn finish_object(&mut self, object: OpenObject, name: ObjectName) -> Result<Member, StoreError> {
        let OpenObject { header_offset, extended, size_bytes } = object;
        if size_bytes != name.size_bytes() {
            let reason = format!("{size_bytes} bytes were appended, and {} hashed", name.size_bytes());
            return Err(StoreError::io("write to the volume", &self.place)(io::Error::other(reason)));
        }
        let name = MemberName::Object(name.digest());
        let header = volume::header(name, size_bytes, extended);
        self.last.write_at(header_offset, &header).map_err(StoreError::io("write to the volume", &self.place))?;
        self.pad(size_bytes);
        Ok(Member { name, header_offset, offset: header_offset + header.len() as u64, size_bytes })
    }

    /// Gives the object up: the volume ends where it began.
    ///
    /// # Errors
    /// The volume cannot be cut.
    pub fn abandon_object(&mut self, object: OpenObject) -> Result<(), StoreError> {
        self.last.cut(object.header_offset).map_err(StoreError::io("cut the volume", &self.place))?;
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
        let syncer = self.last.end_commit().map_err(StoreError::io("open the volume again", &self.place))?;
        Ok(WrittenCommit {
            volume: self.number,
            fields_offset: fields.offset,
            log_offset: log.offset,
            end: Position { volume: self.number, offset: self.written },
            sync: SyncHandle { syncer, place: self.place.clone() },
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
        self.last.cut(self.committed).map_err(StoreError::io("cut the volume", &self.place))
    }

    /// Another handle on the volume, to sync what is being written while the writing continues.
    ///
    /// # Errors
    /// There are too many open files.
    pub fn sync_ahead(&self) -> Result<SyncAhead, StoreError> {
        let syncer = self.last.sync_ahead().map_err(StoreError::io("open the volume again", &self.place))?;
        Ok(SyncAhead { syncer, place: self.place.clone() })
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
                std::mem::replace(self, next).last.protect();
                Ok(())
            }
            Err(error) => {
                let _ = self.last.cut(self.committed);
                Err(error)
            }
        }
    }

    fn close(&self) -> Result<(), StoreError> {
        self.last.close(self.committed).map_err(StoreError::io("close the volume", &self.place))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::store::conformance::{Bench, LocalBench, MemoryBench};
    use vouchsafe_core::format::volume::END_BYTES;

    fn a_volume_that_cannot_be_followed_stays_open_in<B: Bench>() {
        for effects in 0.. {
            let bench = B::new();
            let start = Position::START;
            let mut appender = Appender::open(bench.store(), start, 1).unwrap();
            let commit = |first| CommitBytes { first, count: 1, fields: b"f", log: b"l", checkpoint: b"c" };
            let end = appender.append_commit(commit(0)).unwrap().end;

            bench.fail_after(effects);
            if appender.roll_over_if_full().is_ok() {
                assert!(effects > 1);
                break;
            }
            let size_bytes = |store: &dyn Volumes| store.open_volume(start.volume).unwrap().size_bytes().unwrap();
            assert_eq!(bench.store().numbers().unwrap(), [start.volume], "{effects}");
            assert_eq!((size_bytes(&*bench.store()), appender.end()), (end.offset, end));

            let end = appender.append_commit(commit(1)).unwrap().end;
            appender.roll_over_if_full().unwrap();
            assert_eq!(appender.end(), Position { volume: VolumeNumber(1), offset: 0 });
            assert_eq!(size_bytes(&*bench.store()), end.offset + END_BYTES);
        }
    }

    #[test]
    fn a_volume_that_cannot_be_begun_leaves_no_file_and_the_one_before_open() {
        a_volume_that_cannot_be_followed_stays_open_in::<LocalBench>();
        a_volume_that_cannot_be_followed_stays_open_in::<MemoryBench>();
    }

    #[test]
    fn an_object_is_not_named_by_other_bytes_than_were_appended() {
        let bench = MemoryBench::new();
        let mut appender = Appender::open(bench.store(), Position::START, 1).unwrap();
        let mut open = appender.begin_object(false).unwrap();
        appender.extend_object(&mut open, b"all of it").unwrap();
        assert!(appender.finish_object(open, HeldObject::of(b"a part").name()).is_err());
    }
}
