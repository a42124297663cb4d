//! Extends one volume of the copy by what the archive's has more, and never writes over what is there.

use std::fs;
use std::ops::Range;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::error::CopyError;
use crate::error::ArchiveError;
use crate::store::durable::DiskFile;
use crate::store::{Committed, LocalVolumes, StoreError, Volumes};
use vouchsafe_core::digest::Hasher;
use vouchsafe_core::format::volume::{self, Member, MemberName, ReadAt, VolumeNumber};
use vouchsafe_core::verify::Watch;

/// This many bytes are written at once.
const BUFFER_BYTES: usize = 1024 * 1024;
/// After this many bytes, the disk must catch up with what was written.
const SYNC_BYTES: u64 = 256 * 1024 * 1024;

/// The copy holds other bytes than the archive.
#[derive(Debug, Clone, Copy)]
pub(super) struct Differs;

/// A volume of the copy that is being updated.
pub(super) struct VolumeWriter {
    pub number: VolumeNumber,
    pub written_bytes: u64,
    source: Arc<dyn ReadAt>,
    source_path: PathBuf,
    path: PathBuf,
    /// What the copy holds: compared, not written.
    held: Arc<dyn ReadAt>,
    held_bytes: u64,
    /// Opened when there is something to write: a closed volume is read-only.
    file: Option<Box<dyn DiskFile>>,
    target: LocalVolumes,
    /// Where `buffer` belongs.
    at: u64,
    buffer: Vec<u8>,
    unsynced_bytes: u64,
    /// Behind the last commit that is here wholly.
    committed: u64,
}

impl VolumeWriter {
    /// Opens the copy's volume, or creates it; everything up to `begin` is there already. `own_file` is the file of the
    /// archive's volume, which must be another one.
    pub fn open(
        target: &LocalVolumes,
        (source, own_file): (&dyn Volumes, &Path),
        number: VolumeNumber,
        begin: u64,
    ) -> Result<Self, ArchiveError> {
        let (path, source_path) = (target.path(number), source.place(number));
        let file = match fs::symlink_metadata(&path) {
            Ok(found) if !found.is_file() => return Err(CopyError::Foreign { path }.into()),
            Ok(found) => {
                let own = fs::metadata(own_file).map_err(ArchiveError::io("read", own_file))?;
                if (own.dev(), own.ino()) == (found.dev(), found.ino()) {
                    return Err(CopyError::SameFile { path }.into());
                }
                None
            }
            Err(_) => Some(target.disk().create(&path).map_err(StoreError::io("create the volume", &path))?),
        };
        let held = target.open_volume(number)?;
        let held_bytes = held.size_bytes().map_err(StoreError::io("read the volume's size", &path))?;
        Ok(Self {
            number,
            written_bytes: 0,
            source: source.open_volume(number)?,
            source_path,
            path,
            held,
            held_bytes,
            file,
            target: target.clone(),
            at: held_bytes.max(begin),
            buffer: Vec::new(),
            unsynced_bytes: 0,
            committed: begin,
        })
    }

    /// Brings a commit that begins at `begin`. The bytes of its objects are hashed on the way: what is damaged
    /// in the archive does not become a copy.
    pub fn bring_commit(
        &mut self,
        begin: u64,
        commit: &Committed,
        watch: &dyn Watch,
    ) -> Result<Result<(), Differs>, ArchiveError> {
        let mut at = begin;
        for member in &commit.objects {
            let mut hasher = Hasher::default();
            let brought = self.bring(at..member.offset, None, watch)?;
            let brought = brought.and(self.bring(member.content(), Some(&mut hasher), watch)?);
            if brought.is_err() {
                return Ok(Err(Differs));
            }
            let found = hasher.finish();
            if MemberName::Object(found) != member.name {
                return Err(self.give_up(member, found));
            }
            at = member.offset + member.size_bytes;
        }
        let brought = self.bring(at..commit.end.offset, None, watch)?;
        self.committed = commit.end.offset;
        Ok(brought)
    }

    /// Copies a stretch, or compares it as far as the copy holds it.
    fn bring(
        &mut self,
        range: Range<u64>,
        mut hasher: Option<&mut Hasher>,
        watch: &dyn Watch,
    ) -> Result<Result<(), Differs>, ArchiveError> {
        let (source, held) = (self.source.clone(), self.held.clone());
        let mut pieces = volume::pieces(&*source, range.clone());
        let mut there = volume::pieces(&*held, range.start..range.end.min(self.held_bytes));
        while !pieces.is_done() {
            if watch.is_stopped() {
                return Err(CopyError::Stopped.into());
            }
            let piece = pieces.next_piece().map_err(StoreError::io("read the volume", &self.source_path))?;
            let piece = piece.unwrap_or_default();
            if let Some(hasher) = &mut hasher {
                hasher.update(piece);
            }
            let there = there.next_piece().map_err(StoreError::io("read the volume", &self.path))?;
            let there = there.unwrap_or_default();
            if *there != piece[..there.len()] {
                return Ok(Err(Differs));
            }
            self.append(&piece[there.len()..])?;
            watch.advance(piece.len() as u64);
        }
        Ok(Ok(()))
    }

    fn append(&mut self, bytes: &[u8]) -> Result<(), ArchiveError> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= BUFFER_BYTES { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), ArchiveError> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let length = self.buffer.len() as u64;
        let (at, path) = (self.at, self.path.clone());
        let buffer = std::mem::take(&mut self.buffer);
        self.file()?.write_at(at, &buffer).map_err(StoreError::io("write to the volume", &path))?;
        self.at += length;
        self.written_bytes += length;
        self.unsynced_bytes += length;
        if self.unsynced_bytes >= SYNC_BYTES {
            self.sync()?;
        }
        Ok(())
    }

    fn file(&mut self) -> Result<&dyn DiskFile, ArchiveError> {
        let file = match self.file.take() {
            Some(file) => file,
            None => {
                let opened = self.target.disk().open(&self.path);
                opened.map_err(StoreError::io("open the volume for writing", &self.path))?
            }
        };
        Ok(&**self.file.insert(file))
    }

    fn sync(&mut self) -> Result<(), ArchiveError> {
        let path = self.path.clone();
        self.file()?.sync().map_err(StoreError::io("make the copy durable", &path))?;
        self.unsynced_bytes = 0;
        Ok(())
    }

    /// Brings what follows the last commit, and makes the volume durable.
    pub fn finish(&mut self, size_bytes: u64, is_closed: bool) -> Result<Result<(), Differs>, ArchiveError> {
        if self.bring(self.committed..size_bytes, None, &vouchsafe_core::verify::Unwatched)?.is_err() {
            return Ok(Err(Differs));
        }
        self.flush()?;
        if is_closed && self.held_bytes > size_bytes {
            return Ok(Err(Differs));
        }
        // What an earlier run wrote may never have reached the disk, so it is synced even if nothing is new.
        if !self.target.is_read_only(self.number) {
            self.sync()?;
            if is_closed {
                // For people who look into the folder; not every file system can do it.
                let _ = self.file()?.make_read_only();
            }
        }
        Ok(Ok(()))
    }

    /// The archive's own bytes are not what they are named by: the copy ends before them.
    fn give_up(&mut self, member: &Member, found: vouchsafe_core::digest::Digest) -> ArchiveError {
        self.buffer.clear();
        let keep = self.committed.max(self.held_bytes);
        if self.at > keep
            && let Ok(file) = self.file()
        {
            let _ = file.cut(keep);
        }
        match member.name {
            MemberName::Object(object) => ArchiveError::ObjectChanged { object, found },
            name => CopyError::NotKept { path: self.source_path.clone(), reason: format!("{name} is damaged") }.into(),
        }
    }
}
