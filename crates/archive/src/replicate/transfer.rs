//! Copying whole commits, comparing what the copy holds already, and reading again what was copied.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::chain::Chain;
use super::error::CopyError;
use super::writer::{Differs, VolumeWriter};
use crate::error::ArchiveError;
use crate::layout::volume_file;
use crate::reader::Reader;
use crate::store::{Committed, Known, LocalVolumes, Position, Scan, ScanError, StoreError, TailCut, Volumes, scan};
use vouchsafe_core::format::SignedCheckpoint;
use vouchsafe_core::format::checkpoint::MAX_CHECKPOINT_BYTES;
use vouchsafe_core::format::volume::{self, Found, MemberName, ReadAt, VolumeNumber, pieces};
use vouchsafe_core::verify::{Unwatched, Watch, commits_behind, hash_pieces};

/// Between two commits: where, and how many entries are before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Point {
    pub at: Position,
    pub size: u64,
}

impl Point {
    pub const START: Self = Self { at: Position::START, size: 0 };
}

/// One run of copying.
pub(super) struct Transfer<'a> {
    pub archive: &'a Reader,
    pub target: &'a LocalVolumes,
    /// The copy's folder.
    pub folder: &'a Path,
    /// The log records that this many entries of the copy were read again.
    pub vouched_size: u64,
    /// For the names of what is set aside.
    pub time: String,
    pub watch: &'a dyn Watch,
    pub written_bytes: u64,
    pub reread_bytes: u64,
    pub set_aside: Vec<TailCut>,
}

/// Why the reading of commits ended before their end.
enum Halt {
    Error(ArchiveError),
    /// The copy holds other bytes after this point.
    Differs(Point),
}

impl<E: Into<ArchiveError>> From<E> for Halt {
    fn from(error: E) -> Self {
        Self::Error(error.into())
    }
}

impl Transfer<'_> {
    /// Brings the copy from a point to the end of the log, and reads all of that again.
    pub fn bring_up(&mut self, from: Point) -> Result<(), ArchiveError> {
        let mut begin = from;
        loop {
            match self.extend(begin) {
                Ok(()) => break,
                Err(Halt::Differs(point)) => {
                    self.put_aside(point)?;
                    begin = point;
                }
                Err(Halt::Error(error)) => return Err(error),
            }
        }
        self.read_again(from)
    }

    fn end(&self) -> Point {
        Point { at: self.archive.index.position(), size: self.archive.index.frontier().size() }
    }

    /// How many bytes of a volume of the archive are committed.
    pub fn committed_bytes(&self, number: VolumeNumber) -> Result<u64, ArchiveError> {
        let end = self.end().at;
        if number == end.volume {
            return Ok(end.offset);
        }
        let path = self.archive.store.place(number);
        let reader = self.archive.store.open_volume(number)?;
        Ok(reader.size_bytes().map_err(StoreError::io("read the volume's size", &path))?)
    }

    fn known(&self, from: Point) -> Known {
        // All of it is known to be durable, so nothing of it is taken for a tail.
        Known { from: from.at, size: from.size, durable_size: self.end().size }
    }

    /// Copies what is missing. What is there is compared, not written.
    fn extend(&mut self, from: Point) -> Result<(), Halt> {
        let source = &*self.archive.store;
        let mut chain = Chain::behind(from.size, &self.archive.index)?;
        let mut point = from;
        // A volume that was begun may lack no commit, but the blocks that close it.
        let first = from.at.volume;
        let mut writer = match source.numbers()?.contains(&first) {
            true => Some(self.begin(first, from.at.offset)?),
            false => None,
        };
        let agents = self.archive.signing();
        scan(source, &agents, self.known(from), |commit| {
            if self.watch.is_stopped() {
                return Err(Halt::from(CopyError::Stopped));
            }
            chain.take(&commit, &source.place(commit.volume))?;
            if writer.as_ref().is_some_and(|open| open.number != commit.volume) {
                self.finish(writer.take(), point)?;
            }
            // What follows the commit before this one belongs to the volume that was just finished.
            let begin = if commit.volume == point.at.volume { point.at.offset } else { 0 };
            let open = match &mut writer {
                Some(open) => open,
                none => none.insert(self.begin(commit.volume, begin)?),
            };
            let differs = |_: Differs| Halt::Differs(point);
            match open.bring_commit(begin, &commit, self.watch)? {
                Ok(()) => {}
                Err(found) => return Err(differs(found)),
            }
            point = Point { at: commit.end, size: chain.size() };
            Ok(())
        })?;
        self.finish(writer, point)?;
        self.check_surplus(point)
    }

    /// Opens the copy's volume, which has everything up to `begin` already.
    fn begin(&self, number: VolumeNumber, begin: u64) -> Result<VolumeWriter, ArchiveError> {
        let own_file = volume_file(self.archive.folder(), number);
        VolumeWriter::open(self.target, (&*self.archive.store, &own_file), number, begin)
    }

    /// Ends a volume: with the end-of-archive blocks if the archive's is closed, and durably.
    fn finish(&mut self, writer: Option<VolumeWriter>, point: Point) -> Result<(), Halt> {
        let Some(mut writer) = writer else { return Ok(()) };
        let size_bytes = self.committed_bytes(writer.number)?;
        let is_closed = writer.number < self.end().at.volume;
        let kept = writer.finish(size_bytes, is_closed)?;
        self.written_bytes += writer.written_bytes;
        kept.map_err(|_: Differs| Halt::Differs(point))
    }

    /// The copy may hold nothing after the end of the archive.
    fn check_surplus(&self, end: Point) -> Result<(), Halt> {
        for number in self.target.numbers()? {
            let beyond = match number.cmp(&self.end().at.volume) {
                std::cmp::Ordering::Less => continue,
                std::cmp::Ordering::Equal => self.end().at.offset,
                std::cmp::Ordering::Greater => 0,
            };
            let path = self.target.place(number);
            let size_bytes = self.target.open_volume(number)?.size_bytes();
            let size_bytes = size_bytes.map_err(StoreError::io("read the volume's size", &path))?;
            if number > self.end().at.volume {
                self.check_history(end, number)?;
                return Err(CopyError::Foreign { path }.into());
            }
            if size_bytes > beyond {
                return Err(Halt::Differs(end));
            }
        }
        Ok(())
    }

    /// What differs is the trace of an interruption only if no signed history speaks from it.
    fn check_history(&self, point: Point, first: VolumeNumber) -> Result<(), ArchiveError> {
        let mut ahead = None;
        for number in self.target.numbers()?.into_iter().filter(|number| *number >= first) {
            let offset = if number == point.at.volume { point.at.offset } else { 0 };
            let path = self.target.place(number);
            let reader = self.target.open_volume(number)?;
            let agents = self.archive.signing();
            let commits = commits_behind(&*reader, offset, &agents, point.size)
                .map_err(StoreError::io("read the volume", &path))?;
            for (signed, _) in commits {
                let found = &signed.checkpoint;
                if found.size > self.end().size {
                    ahead = Some(ahead.unwrap_or(0).max(found.size));
                } else if found.root != self.archive.index.root_at(found.size)? {
                    return Err(CopyError::Forked { path: self.folder.to_owned(), size: found.size }.into());
                }
            }
        }
        match ahead {
            Some(copy) => Err(CopyError::Ahead { path: self.folder.into(), copy, archive: self.end().size }.into()),
            None => Ok(()),
        }
    }

    /// The first commit, if it is whole, must be of this log: otherwise these are another archive's volumes,
    /// whatever the label says.
    fn check_origin(&self) -> Result<(), ArchiveError> {
        let first = VolumeNumber(0);
        let path = self.target.place(first);
        let reader = self.target.open_volume(first)?;
        let failed = || StoreError::io("read the volume", &path);
        let mut at = 0;
        while let Found::Member(member) = volume::look_at(&*reader, at).map_err(failed())? {
            at = member.end();
            if !matches!(member.name, MemberName::Checkpoint { .. }) {
                continue;
            }
            let text = volume::read_member(&*reader, &member, MAX_CHECKPOINT_BYTES as u64).map_err(failed())?;
            let signed = text.and_then(|text| SignedCheckpoint::parse(&text).ok());
            return match signed.filter(|signed| !self.archive.signing().have_signed(signed)) {
                Some(signed) => {
                    let called = signed.checkpoint.origin.to_string();
                    Err(CopyError::OfAnother { path: self.folder.to_owned(), called }.into())
                }
                None => Ok(()),
            };
        }
        Ok(())
    }

    /// Moves what differs into the copy's quarantine. Only what no run has vouched for yet: such bytes are the
    /// trace of an interruption.
    fn put_aside(&mut self, point: Point) -> Result<(), ArchiveError> {
        self.check_history(point, point.at.volume)?;
        self.check_origin()?;
        if point.size < self.vouched_size {
            let path = self.target.place(point.at.volume);
            return Err(CopyError::Damaged { path, offset: point.at.offset }.into());
        }
        let numbers = self.target.numbers()?;
        // The last first: what is left in between is always a copy that ends earlier.
        for number in numbers.into_iter().rev().filter(|number| *number >= point.at.volume) {
            let offset = if number == point.at.volume { point.at.offset } else { 0 };
            let from = Position { volume: number, offset };
            let name = format!("{}-from-{offset}-{}-{}.tail", number.file_name(), self.time, self.set_aside.len());
            let cut = self.target.set_aside(from, &name)?;
            self.set_aside.push(cut);
        }
        Ok(())
    }

    /// Reads everything after a point again, from the copy alone, and believes it only then.
    fn read_again(&mut self, from: Point) -> Result<(), ArchiveError> {
        for number in self.target.numbers()?.into_iter().filter(|number| *number >= from.at.volume) {
            self.target.forget_cached(number)?;
        }
        let mut chain = Chain::behind(from.size, &self.archive.index)?;
        let mut read_bytes = 0;
        let agents = self.archive.signing();
        let mut begin = from.at;
        let read = scan(self.target, &agents, self.known(from), |commit| {
            let path = self.target.place(commit.volume);
            chain.take(&commit, &path)?;
            let offset = if commit.volume == begin.volume { begin.offset } else { 0 };
            self.compare_commit(&commit, offset, &path)?;
            read_bytes += commit.end.offset - offset;
            begin = commit.end;
            Ok::<(), ArchiveError>(())
        });
        let end = read.map_err(|error| not_kept(error, self.target))?;
        self.reread_bytes += read_bytes;
        let (expected, size) = (self.end(), chain.size());
        let is_all = size == expected.size && chain.root() == self.archive.index.frontier().root();
        if !is_all || end != (Scan::Clean { end: expected.at }) {
            let path = self.target.place(expected.at.volume);
            let reason = format!("it ends after {size} of {} entries", expected.size);
            return Err(CopyError::NotKept { path, reason }.into());
        }
        Ok(())
    }

    /// The objects are those that they are named by; everything between them is what the archive has there.
    fn compare_commit(&self, commit: &Committed, begin: u64, path: &Path) -> Result<(), ArchiveError> {
        fn read(path: &Path) -> impl FnOnce(std::io::Error) -> StoreError {
            StoreError::io("read the volume", path)
        }
        let (ours, theirs) = (self.archive.store.open_volume(commit.volume)?, self.target.open_volume(commit.volume)?);
        let source_path: PathBuf = self.archive.store.place(commit.volume);
        let not_kept = |reason: String| ArchiveError::from(CopyError::NotKept { path: path.to_owned(), reason });
        for member in &commit.objects {
            if self.watch.is_stopped() {
                return Err(CopyError::Stopped.into());
            }
            let here = volume::look_at(&*ours, member.header_offset).map_err(read(&source_path))?;
            if here != Found::Member(*member) {
                return Err(not_kept(format!("{} does not belong at byte {}", member.name, member.header_offset)));
            }
            if MemberName::Object(hash_pieces(pieces(&*theirs, member.content()), &Unwatched).map_err(read(path))?)
                != member.name
            {
                return Err(not_kept(format!("the bytes of {} differ", member.name)));
            }
            self.watch.advance(member.end() - member.header_offset);
        }
        let from = commit.objects.last().map_or(begin, volume::Member::end);
        if !is_same(&ours, &theirs, from, commit.end.offset).map_err(read(path))? {
            return Err(not_kept(format!("the bytes after {from} differ")));
        }
        self.watch.advance(commit.end.offset - from);
        Ok(())
    }
}

/// A commit of the copy that does not read back was not kept by the disk.
fn not_kept(error: ArchiveError, target: &dyn Volumes) -> ArchiveError {
    match error {
        ArchiveError::Scan(ScanError::Damaged { path, offset, reason }) => {
            CopyError::NotKept { path, reason: format!("byte {offset}: {reason}") }.into()
        }
        ArchiveError::Scan(ScanError::Cut { path, size_bytes, .. }) => {
            CopyError::NotKept { path, reason: format!("it ends at byte {size_bytes}") }.into()
        }
        ArchiveError::Scan(ScanError::Store(StoreError::Missing { path })) if path.starts_with(target.root()) => {
            CopyError::NotKept { path, reason: "it is not there".to_owned() }.into()
        }
        other => other,
    }
}

/// Whether two volumes have the same bytes between two places.
fn is_same(a: &Arc<dyn ReadAt>, b: &Arc<dyn ReadAt>, from: u64, to: u64) -> std::io::Result<bool> {
    let (mut left, mut right) = (pieces(&**a, from..to), pieces(&**b, from..to));
    while let Some(piece) = left.next_piece()? {
        if right.next_piece()? != Some(piece) {
            return Ok(false);
        }
    }
    Ok(true)
}
