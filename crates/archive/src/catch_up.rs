//! Brings the index up to date with the volumes, and decides what becomes of bytes after the last commit.

use std::path::Path;
use std::time::Duration;

use super::description::Description;
use super::environment::Environment;
use super::error::ArchiveError;
use super::index::{CommitRecord, Index, IndexError};
use super::opening::{Note, Purpose};
use crate::store::{Known, Position, Scan, ScanError, StoreError, Volumes, scan};

/// How often the volumes are read again where they look damaged while another process writes.
const SCANS_BESIDE_A_WRITER: u32 = 5;

/// How long a writer is given before that: closing a volume, or taking back what did not become durable, takes less.
const PAUSE_BESIDE_A_WRITER: Duration = Duration::from_millis(20);

/// What is needed to bring an index up to date with the volumes.
pub(super) struct CatchUp<'a> {
    pub archive: &'a Path,
    pub description: &'a Description,
    pub store: &'a dyn Volumes,
    /// A log of this many entries is known to have been durable.
    pub durable_size: u64,
    pub environment: &'a dyn Environment,
    pub purpose: Purpose<'a>,
    /// Another process may be writing meanwhile: what is after the last commit is its work, and what looks damaged may look
    /// otherwise in a moment.
    pub is_being_written: bool,
}

/// Damage that keeps the volumes from being read to their end.
#[derive(Debug, Clone)]
pub(super) struct Damage {
    pub place: String,
    pub reason: String,
}

impl Damage {
    /// If it is one that leaves something to be read.
    pub fn of(error: &ScanError) -> Option<Self> {
        let (path, reason) = error.damage()?;
        Some(Self { place: path.display().to_string(), reason })
    }
}

impl From<Damage> for ArchiveError {
    fn from(damage: Damage) -> Self {
        Self::Damaged { place: damage.place, reason: damage.reason }
    }
}

/// An index that is as far as the volumes can be read.
pub(super) struct Current {
    pub index: Index,
    /// Why they cannot be read to their end; only in an archive that is opened to be read.
    pub damage: Option<Damage>,
}

impl CatchUp<'_> {
    /// Opens the index in this folder and brings it up to date with the volumes. One that does not fit them is rebuilt.
    pub fn open(&self, folder: &Path, notes: &mut Vec<Note>) -> Result<Current, ArchiveError> {
        let index = self.open_fitting(folder, notes)?;
        let current = self.apply_commits(index, notes);
        let Some(reason) = does_not_fit(&current) else { return current };
        drop(current);
        remove_index(folder)?;
        notes.push(Note::IndexRebuilt { reason });
        self.apply_commits(Index::open(folder)?, notes)
    }

    /// Opens the index; one that is damaged, of another version or of another archive is rebuilt.
    fn open_fitting(&self, folder: &Path, notes: &mut Vec<Note>) -> Result<Index, ArchiveError> {
        let existed = folder.exists();
        let reason = match Index::open(folder) {
            Ok(index) => match is_foreign(&index, self.description, self.store) {
                None => {
                    if !existed && self.store.numbers().is_ok_and(|numbers| !numbers.is_empty()) {
                        notes.push(Note::IndexRebuilt { reason: "there was none".to_owned() });
                    }
                    return Ok(index);
                }
                Some(reason) => reason,
            },
            Err(error) if is_refused(&error) => return Err(error.into()),
            Err(error) => error.to_string(),
        };
        remove_index(folder)?;
        notes.push(Note::IndexRebuilt { reason });
        Ok(Index::open(folder)?)
    }

    /// Applies the commits that the index does not have; then cuts what was never committed, or leaves it alone.
    fn apply_commits(&self, mut index: Index, notes: &mut Vec<Note>) -> Result<Current, ArchiveError> {
        let (from, mut commits) = (index.position(), 0);
        let mut scanned = self.scan(&mut index, self.durable_size, &mut commits);
        for _ in 0..SCANS_BESIDE_A_WRITER {
            let is_done = !matches!(&scanned, Err(ArchiveError::Scan(_)));
            if is_done || !self.is_being_written {
                break;
            }
            std::thread::sleep(PAUSE_BESIDE_A_WRITER);
            scanned = self.scan(&mut index, self.durable_size, &mut commits);
        }
        let (end, damage) = match (scanned, self.purpose) {
            (
                Err(ArchiveError::Scan(error @ (ScanError::Damaged { .. } | ScanError::Stray { .. }))),
                Purpose::Read(_),
            ) => {
                match self.scan(&mut index, 0, &mut commits) {
                    // Taken by itself it is an interruption; that the log was longer is for its remembered head
                    // to tell.
                    Ok(end) => (Some(end), None),
                    Err(ArchiveError::Scan(_)) if index.frontier().size() > 0 => (None, Damage::of(&error)),
                    Err(error) => return Err(error),
                }
            }
            (end, _) => (Some(end?), None),
        };
        if commits > 0 {
            if !self.is_being_written {
                self.make_durable(index.position())?;
            }
            index.flush()?;
            if from != Position::START {
                notes.push(Note::CommitsApplied { commits });
            }
        }
        // Nothing is cut of what a newer version writes.
        let is_cut = matches!(self.purpose, Purpose::Write) && index.not_understood()?.is_none();
        match (end, is_cut) {
            (None, _) => {}
            (Some(Scan::Clean { end }), _) => index.move_to(end),
            (Some(Scan::Tail { .. }), _) if self.is_being_written => {}
            (Some(Scan::Tail { from, size_bytes, is_begun_commit }), false) => {
                notes.push(Note::TailLeft { from, size_bytes, is_begun_commit });
            }
            (Some(Scan::Tail { from, is_begun_commit, .. }), true) => {
                let time = self.environment.now().in_file_name();
                let name = format!("{}-from-{}-{time}.tail", from.volume.file_name(), from.offset);
                let cut = self.store.set_aside(from, &name)?;
                notes.push(Note::TailCut { cut, is_begun_commit });
            }
        }
        Ok(Current { index, damage })
    }

    fn scan(&self, index: &mut Index, durable_size: u64, commits: &mut u64) -> Result<Scan, ArchiveError> {
        let known = Known { from: index.position(), size: index.frontier().size(), durable_size };
        let agents = index.signing(&self.description.log_key);
        scan(self.store, &agents, known, |committed| {
            let damaged = |reason: String| ScanError::Damaged {
                path: self.store.place(committed.volume),
                offset: committed.log.header_offset,
                reason,
            };
            let record = CommitRecord::parse(&committed).map_err(|error| damaged(error.to_string()))?;
            // The index ends at a checkpoint of this log (`is_foreign`): what does not continue that is not its fault.
            index.apply(&record).map_err(|error| match error {
                IndexError::Unfit { reason, .. } => ArchiveError::from(damaged(reason)),
                error => error.into(),
            })?;
            *commits += 1;
            Ok(())
        })
    }

    /// The commits may have been read from memory that never reached the disk.
    fn make_durable(&self, position: Position) -> Result<(), ArchiveError> {
        match self.store.make_durable(position.volume) {
            // A process that may not write to it was not interrupted while writing it.
            Err(error) if matches!(self.purpose, Purpose::Read(_)) && is_permission(&error) => Ok(()),
            Err(error) => {
                let place = self.store.place(position.volume);
                Err(StoreError::io("make the volume durable", &place)(error).into())
            }
            Ok(()) => Ok(()),
        }
    }
}

/// Why the index does not fit the volumes although it ends where a commit ends, if it does not.
fn does_not_fit(brought_up: &Result<Current, ArchiveError>) -> Option<String> {
    match brought_up {
        Ok(Current { index, .. }) => match index.is_ahead() {
            Ok(false) => None,
            Ok(true) => Some("it had entries that the volumes do not hold".to_owned()),
            Err(error) => Some(error.to_string()),
        },
        Err(ArchiveError::Index(error)) if !is_refused(error) => Some(error.to_string()),
        Err(_) => None,
    }
}

/// Whether the system refused, so that rebuilding the index would be refused as well.
fn is_refused(error: &IndexError) -> bool {
    use std::io::ErrorKind::{QuotaExceeded, StorageFull};
    let kind = error.io_error().map(std::io::Error::kind);
    matches!(kind, Some(StorageFull | QuotaExceeded)) || is_not_permitted(error) || error.is_of_the_process()
}

/// Whether the index must not be written where it is.
pub(super) fn is_not_permitted(error: &IndexError) -> bool {
    error.io_error().is_some_and(is_permission)
}

fn is_permission(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{PermissionDenied, ReadOnlyFilesystem};
    matches!(error.kind(), PermissionDenied | ReadOnlyFilesystem)
}

/// Removes an index, or whatever stands in its place.
pub(super) fn remove_index(path: &Path) -> Result<(), ArchiveError> {
    let removed = std::fs::remove_dir_all(path).or_else(|error| match error.kind() {
        // Whatever stands in its place is no more believed than a damaged index.
        std::io::ErrorKind::NotADirectory => std::fs::remove_file(path),
        std::io::ErrorKind::NotFound => Ok(()),
        _ => Err(error),
    });
    removed.map_err(ArchiveError::io("remove the index", path))
}

/// Why the index is not of these volumes, if it is not: it must end where a checkpoint ends, the one
/// that it holds, signed by the key of this archive's log.
pub(super) fn is_foreign(index: &Index, description: &Description, store: &dyn Volumes) -> Option<String> {
    use vouchsafe_core::format::volume::{BLOCK_BYTES, Found, MemberName, look_at, padding_bytes, read_exact_at};

    let head = index.head()?;
    let agents = index.signing(&description.log_key);
    // After what is not understood, it may be signed by a key that is not known here; the volumes still hold it.
    let is_signed = agents.have_signed(head) || !agents.are_all_known();
    if agents.log_keys().next() != Some(&description.log_key) || !is_signed {
        return Some("it was of another archive".to_owned());
    }
    let position = index.position();
    let length = head.text().len() as u64;
    let begin = position.offset.checked_sub(BLOCK_BYTES + length + padding_bytes(length));
    // Volumes that end before the index does are for the reading of the volumes to complain about.
    let reader = store.open_volume(position.volume).ok()?;
    if reader.size_bytes().ok()? < position.offset {
        return None;
    }
    let ends_there = begin.is_some_and(|begin| {
        let mut text = vec![0; head.text().len()];
        matches!(look_at(&*reader, begin), Ok(Found::Member(member))
            if member.name == MemberName::Checkpoint { size: head.checkpoint.size }
                && member.end() == position.offset
                && read_exact_at(&*reader, member.offset, &mut text).is_ok()
                && text == head.text().as_bytes())
    });
    (!ends_there).then(|| "it did not end where a commit of these volumes ends".to_owned())
}
