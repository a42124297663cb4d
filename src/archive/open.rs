//! Opening: lock, index, recovery, and the comparison with what this machine remembers.

use std::path::{Path, PathBuf};

use super::description::{Description, MAX_DESCRIPTION_BYTES};
use super::environment::Environment;
use super::error::ArchiveError;
use super::index::{CommitRecord, Index, IndexError};
use super::known::{KnownArchive, KnownArchives};
use super::lock::{LockError, lock};
use super::{Archive, DESCRIPTION, INDEX, LOCK, QUARANTINE, VOLUME_BYTES, VOLUMES};
use crate::merkle::check_consistency;
use crate::model::EntryIndex;
use crate::store::durable::read_limited;
use crate::store::{Known, Position, Scan, StoreError, TailCut, VolumeStore, cut_tail, scan};

/// Something that opening did or saw, to be told to the user.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Note {
    /// The index was made anew.
    IndexRebuilt {
        /// Why.
        reason: String,
    },
    /// Commits that the index did not know were applied.
    CommitsApplied {
        /// How many.
        commits: u64,
    },
    /// Bytes of an interrupted commit were moved out of the volume.
    TailCut(TailCut),
    /// This machine sees this archive for the first time and remembers its keys from now on.
    FirstSeen {
        /// Where that is kept.
        kept_in: PathBuf,
    },
}

/// How the log stands to what this machine remembers of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeadStanding {
    /// Nothing is remembered: the first time, or no memory was given.
    Unknown,
    /// It contains what was seen before.
    Continues,
    /// It is shorter.
    Behind {
        /// Entries now.
        found: u64,
        /// Entries seen.
        seen: u64,
    },
    /// It has another history.
    Forked {
        /// Entries seen.
        size: u64,
    },
}

impl HeadStanding {
    /// Refuses to go on with a log that does not continue what was seen: that would make a fork.
    ///
    /// # Errors
    /// Behind or forked.
    pub fn check(&self) -> Result<(), ArchiveError> {
        match self {
            Self::Unknown | Self::Continues => Ok(()),
            Self::Behind { found, seen } => Err(ArchiveError::HeadBehind { found: *found, seen: *seen }),
            Self::Forked { size } => Err(ArchiveError::HeadForked { size: *size }),
        }
    }
}

/// Reads `archive.json`.
///
/// # Errors
/// There is none, or it is not what the format says.
pub(super) fn describe(folder: &Path) -> Result<Description, ArchiveError> {
    if folder.is_file() {
        return Err(ArchiveError::NotAFolder { path: folder.to_owned() });
    }
    let path = folder.join(DESCRIPTION);
    let bytes = match read_limited(&path, MAX_DESCRIPTION_BYTES, false) {
        Ok(bytes) => bytes,
        Err(error) if matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory) => {
            return Err(ArchiveError::NotAnArchive { path: folder.to_owned() });
        }
        Err(error) => return Err(ArchiveError::io("read", &path)(error)),
    };
    Description::parse(&bytes).map_err(|source| ArchiveError::Format { path, source })
}

pub(super) fn take_lock(folder: &Path) -> Result<super::lock::Lock, ArchiveError> {
    let path = folder.join(LOCK);
    lock(&path).map_err(|error| match error {
        LockError::Held { pid } => ArchiveError::InUse { path: folder.to_owned(), pid },
        LockError::ReadOnly => ArchiveError::ReadOnly { path: folder.to_owned() },
        LockError::Io(error) => ArchiveError::io("lock", &path)(error),
    })
}

impl Archive {
    /// Opens an archive: takes the lock, brings the index up to the volumes, moves an interrupted
    /// commit out of the way, and compares the log with what this machine remembers of it.
    ///
    /// # Errors
    /// Not an archive, in use, not writable, or with damaged volumes.
    pub fn open(
        folder: &Path,
        known: Option<KnownArchives>,
        environment: &dyn Environment,
    ) -> Result<(Self, Vec<Note>), ArchiveError> {
        let description = describe(folder)?;
        let lock = take_lock(folder)?;
        let mut notes = Vec::new();
        let remembered = match &known {
            Some(known) => known.get(description.origin())?,
            None => None,
        };
        // Other keys than those that are remembered: nothing is believed, and above all nothing is cut.
        if remembered.as_ref().is_some_and(|known| known.has_other_keys_than(&description)) {
            return Err(ArchiveError::KeysDiffer { origin: description.origin().to_string() });
        }
        let durable_size = remembered.as_ref().map_or(0, |known| known.head.checkpoint.size);
        let store = VolumeStore::new(folder.join(VOLUMES), environment.disk());
        let index = open_index(&folder.join(INDEX), &description, &store, &mut notes)?;
        let mut index = catch_up(folder, index, &description, &store, durable_size, environment, &mut notes);
        if let Some(reason) = does_not_fit(&index) {
            drop(index);
            remove_index(&folder.join(INDEX))?;
            notes.push(Note::IndexRebuilt { reason });
            let anew = Index::open(&folder.join(INDEX))?;
            index = catch_up(folder, anew, &description, &store, durable_size, environment, &mut notes);
        }
        let index = index?;
        let administrator = index.roster().get(description.administrator.id());
        if administrator.is_none_or(|standing| standing.added_at != EntryIndex(0)) {
            let reason = "it names another administrator than the first entry of the log".to_owned();
            return Err(ArchiveError::Damaged { place: DESCRIPTION.to_owned(), reason });
        }
        let standing = compare(&index, remembered.as_ref())?;
        let first_seen = remembered.as_ref().map_or_else(|| environment.now(), |known| known.first_seen);
        if let (Some(known), None) = (&known, &remembered) {
            notes.push(Note::FirstSeen { kept_in: known.path(description.origin()) });
        }
        let archive = Self {
            folder: folder.to_owned(),
            description,
            store,
            index,
            known,
            first_seen,
            standing,
            volume_bytes: VOLUME_BYTES,
            _lock: lock,
        };
        let newest = archive.index.frontier().size();
        if remembered.is_none_or(|known| known.head.checkpoint.size < newest) {
            archive.remember()?;
        }
        Ok((archive, notes))
    }
}

/// Makes the index anew from the volumes.
///
/// # Errors
/// As [`Archive::open`].
pub fn rebuild(
    folder: &Path,
    known: Option<KnownArchives>,
    environment: &dyn Environment,
) -> Result<(Archive, Vec<Note>), ArchiveError> {
    describe(folder)?;
    let lock = take_lock(folder)?;
    let (path, aside) = (folder.join(INDEX), folder.join("index.before-rebuild"));
    remove_index(&aside)?;
    let had_one = path.exists();
    if had_one {
        std::fs::rename(&path, &aside).map_err(ArchiveError::io("put the index aside", &path))?;
    }
    drop(lock);
    let opened = Archive::open(folder, known, environment);
    if opened.is_ok() {
        remove_index(&aside)?;
    } else if had_one {
        // With unreadable volumes, the old index is of more use than none.
        let _ = remove_index(&path);
        let _ = std::fs::rename(&aside, &path);
    }
    opened
}

/// Why the index does not fit the volumes although it ends where a commit ends, if it does not.
fn does_not_fit(brought_up: &Result<Index, ArchiveError>) -> Option<String> {
    match brought_up {
        Ok(index) => match index.is_ahead() {
            Ok(false) => None,
            Ok(true) => Some("it spoke of entries that the volumes do not hold".to_owned()),
            Err(error) => Some(error.to_string()),
        },
        Err(ArchiveError::Index(error)) if !is_refused(error) => Some(error.to_string()),
        Err(_) => None,
    }
}

/// Whether the system refused, so that making the index anew would be refused as well.
fn is_refused(error: &IndexError) -> bool {
    use std::io::ErrorKind::{PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull};
    let kind = error.io_error().map(std::io::Error::kind);
    matches!(kind, Some(StorageFull | QuotaExceeded | PermissionDenied | ReadOnlyFilesystem))
}

fn remove_index(path: &Path) -> Result<(), ArchiveError> {
    let removed = std::fs::remove_dir_all(path).or_else(|error| match error.kind() {
        // Whatever stands in its place is no more believed than a damaged index.
        std::io::ErrorKind::NotADirectory => std::fs::remove_file(path),
        std::io::ErrorKind::NotFound => Ok(()),
        _ => Err(error),
    });
    removed.map_err(ArchiveError::io("remove the index", path))
}

/// Opens the index; one that is damaged, of another version or of another archive is made anew.
fn open_index(
    path: &Path,
    description: &Description,
    store: &VolumeStore,
    notes: &mut Vec<Note>,
) -> Result<Index, ArchiveError> {
    let existed = path.exists();
    let reason = match Index::open(path) {
        Ok(index) => match is_foreign(&index, description, store) {
            None => {
                if !existed && store.numbers().is_ok_and(|numbers| !numbers.is_empty()) {
                    notes.push(Note::IndexRebuilt { reason: "there was none".to_owned() });
                }
                return Ok(index);
            }
            Some(reason) => reason,
        },
        Err(error) if is_refused(&error) => return Err(error.into()),
        Err(error) => error.to_string(),
    };
    remove_index(path)?;
    notes.push(Note::IndexRebuilt { reason });
    Ok(Index::open(path)?)
}

/// Why the index is not of these volumes, if it is not: it must end where a checkpoint ends, the one
/// that it holds, signed by this archive's log key.
fn is_foreign(index: &Index, description: &Description, store: &VolumeStore) -> Option<String> {
    use crate::format::volume::{BLOCK_BYTES, Found, MemberName, look_at, padding_bytes, read_exact_at};

    let head = index.head()?;
    if !head.is_signed_by(&description.log_key) {
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

/// Applies the commits that the index does not have, then cuts what was never committed.
fn catch_up(
    folder: &Path,
    mut index: Index,
    description: &Description,
    store: &VolumeStore,
    durable_size: u64,
    environment: &dyn Environment,
    notes: &mut Vec<Note>,
) -> Result<Index, ArchiveError> {
    let mut commits = 0;
    let from = index.position();
    let known = Known { from, size: index.frontier().size(), durable_size };
    let end = scan(store, &description.log_key, known, |committed| {
        let record = CommitRecord::parse(&committed)?;
        index.apply(&record)?;
        commits += 1;
        Ok::<(), ArchiveError>(())
    })?;
    if commits > 0 {
        // The commits may have been read from memory that never reached the disk.
        let path = store.path(index.position().volume);
        let sync = store.disk().open(&path).and_then(|file| file.sync());
        let is_read_only = std::fs::metadata(&path).is_ok_and(|metadata| metadata.permissions().readonly());
        if !is_read_only {
            sync.map_err(StoreError::io("make the volume durable", &path))?;
        }
        index.flush()?;
        if from != Position::START {
            notes.push(Note::CommitsApplied { commits });
        }
    }
    match end {
        Scan::Clean { end } => index.move_to(end),
        Scan::Tail { from, .. } => {
            let time = environment.now().to_string().replace([':', '.'], "-");
            let name = format!("{}-from-{}-{time}.tail", from.volume.file_name(), from.offset);
            notes.push(Note::TailCut(cut_tail(store, &folder.join(QUARANTINE), from, &name)?));
        }
    }
    Ok(index)
}

fn compare(index: &Index, remembered: Option<&KnownArchive>) -> Result<HeadStanding, ArchiveError> {
    let Some(remembered) = remembered else { return Ok(HeadStanding::Unknown) };
    let (found, seen) = (index.frontier().size(), &remembered.head.checkpoint);
    if found < seen.size {
        return Ok(HeadStanding::Behind { found, seen: seen.size });
    }
    let Some(head) = index.head() else { return Ok(HeadStanding::Behind { found, seen: seen.size }) };
    // The index is derived and may be forged: a proof is made of its hashes and checked between the two
    // signed heads.
    let head = &head.checkpoint;
    let continues = check_consistency((seen.size, seen.root), (head.size, head.root), index).is_ok();
    Ok(if continues && head.size == found { HeadStanding::Continues } else { HeadStanding::Forked { size: seen.size } })
}
