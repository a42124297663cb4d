//! Copying the archive to another folder: by appending only, checked before it is believed, and recorded.
//!
//! The order, and what an interruption leaves:
//!
//! 1. `copy.json` names the copy. From here on an interrupted run is recognised and continues.
//! 2. Whole commits are copied, volume by volume. What the copy already holds is compared, never overwritten.
//!    Bytes that differ and that no run has vouched for are moved into the copy's `quarantine/`.
//! 3. `fdatasync`; then everything new is read again from the copy, with the memory of the system emptied as far
//!    as far as it can be emptied, and checked as if somebody else had written it: hashes, entries, fields, the root.
//! 4. `README.txt`, `FORMAT.md`, and `archive.json` last: the folder is an archive from here on, and not before.
//! 5. The archive's log records it. Only what stands there is vouched for in later runs.
//! 6. The commit with that entry is copied and read again, too.

mod chain;
mod error;
mod target;
mod transfer;
mod writer;

use std::path::{Path, PathBuf};

pub use error::CopyError;

use target::{Found, Target};
use transfer::{Point, Transfer};

use super::copies::{CopyPlace, CopyStanding};
use super::custody::{Draft, Keys};
use super::environment::Environment;
use super::error::ArchiveError;
use super::exhibits::{UnreadEntry, metadata_field};
use super::health::{History, copies};
use super::layout::{DESCRIPTION, FORMAT, README, volumes_of};
use super::reader::Reader;
use super::session::Session;
use crate::store::durable::{free_bytes, read_limited};
use crate::store::{Position, TailCut, Volumes};
use vouchsafe_core::SOFTWARE;
use vouchsafe_core::format::volume::{self, BLOCK_BYTES, MemberName};
use vouchsafe_core::model::vocabulary::REASON;
use vouchsafe_core::model::{CopyId, EntryIndex, EventKind, FieldName, FieldValue, ReplicaLost, ReplicaMade};
use vouchsafe_core::verify::Watch;

/// The largest text file beside the volumes that is copied.
const MAX_TEXT_BYTES: u64 = 4 * 1024 * 1024;

/// Where to copy to.
#[derive(Debug, Clone)]
pub struct ReplicationRequest {
    /// The folder of the copy.
    pub target: PathBuf,
    /// What it lies on and where; needed for a copy that the log does not know.
    pub place: Option<CopyPlace>,
    /// What is said about the copy, to be committed to and kept apart.
    pub fields: Vec<(FieldName, FieldValue)>,
}

/// What was copied.
#[derive(Debug, Clone)]
pub struct Replication {
    /// The name of the copy.
    pub copy: CopyId,
    /// Whether it was begun in this run.
    pub is_new: bool,
    /// What it lies on and where.
    pub place: CopyPlace,
    /// Entries in the copy.
    pub size: u64,
    /// Bytes of its volumes.
    pub size_bytes: u64,
    /// Bytes that were written.
    pub written_bytes: u64,
    /// Bytes of the copy that were read again and checked.
    pub reread_bytes: u64,
    /// What an interruption had left in the copy, and where it is kept.
    pub set_aside: Vec<TailCut>,
    /// The entry that records it; none where the last entry did so already.
    pub recorded_as: Option<EntryIndex>,
    /// Whether archive and copy lie on one file system.
    pub shares_disk: bool,
    /// Files beside the volumes that are not those of the archive. They are left as they are.
    pub other_texts: Vec<PathBuf>,
    /// Entries of the archive about its copies that lie damaged in their volumes.
    pub unread: Vec<UnreadEntry>,
}

/// Brings a copy up to date with the archive, or begins one, and records it. Nothing in the copy is overwritten.
///
/// # Errors
/// The target cannot be the copy, is ahead, forked or damaged, is not kept by its disk, or has no room; the
/// archive is damaged; the agent may not. What was copied until then stays and is resumed.
pub fn replicate(
    session: &mut Session<'_>,
    request: &ReplicationRequest,
    keys: &Keys,
    watch: &dyn Watch,
) -> Result<Replication, ArchiveError> {
    // Whether it can be recorded is asked before the long work, not after it.
    drop(session.begin(keys, EventKind::ReplicaMade)?);
    let archive = session.reader.description().fingerprint;
    let folder = &request.target;
    let found = target::look(session.reader.folder(), folder, archive)?;
    let is_new = matches!(found, Found::Nothing);
    let history = History::of(&session.reader)?;
    let unread = history.unread.clone();
    let (standing, place) = place_of(&found, request, history.copies.finish(history.size))?;
    target::check_place(session.reader.folder(), folder, place)?;
    check_room(&session.reader, folder, session.environment, watch)?;
    let target = Target::prepare(folder, found, archive, session.environment)?;
    let vouched_size = standing.as_ref().map_or(0, |known| known.size);
    // A copy that lacks what it once held is compared from its beginning.
    let from = point_at(&session.reader, vouched_size, &target.store)?.unwrap_or(Point::START);
    let mut transfer = Transfer {
        archive: &session.reader,
        target: &target.store,
        folder,
        vouched_size,
        time: session.environment.now().in_file_name(),
        watch,
        written_bytes: 0,
        reread_bytes: 0,
        set_aside: Vec::new(),
    };
    transfer.bring_up(from)?;
    let mut done = Replication {
        copy: target.label.copy,
        is_new,
        place,
        size: 0,
        size_bytes: 0,
        written_bytes: transfer.written_bytes,
        reread_bytes: transfer.reread_bytes,
        set_aside: transfer.set_aside,
        recorded_as: None,
        shares_disk: target::shares_disk(session.reader.folder(), folder),
        other_texts: copy_texts(&session.reader, folder, session.environment)?,
        unread,
    };
    record_copy(session, request, keys, (&target, standing.as_ref()), &mut done)?;
    done.size = session.reader.index.frontier().size();
    done.size_bytes = session.reader.store.size_bytes()?;
    Ok(done)
}

/// Where the commit ends that made the log this long, if the copy has it there, byte for byte the checkpoint
/// of the archive. It pins everything before it.
fn point_at(reader: &Reader, size: u64, copy: &dyn Volumes) -> Result<Option<Point>, ArchiveError> {
    let Some(row) = size.checked_sub(1).map(|last| reader.index.entry(EntryIndex(last))).transpose()?.flatten() else {
        return Ok(None);
    };
    let number = volume::VolumeNumber(row.volume);
    // The last line of the commit ends its log; the checkpoint follows in the next block.
    let header = (row.offset + u64::from(row.length_bytes) + 1).next_multiple_of(BLOCK_BYTES);
    let checkpoint = |store: &dyn Volumes| {
        let reader = store.open_volume(number).ok()?;
        let Ok(volume::Found::Member(member)) = volume::look_at(&*reader, header) else { return None };
        let text = volume::read_member(&*reader, &member, 64 * 1024).ok()??;
        (member.name == MemberName::Checkpoint { size }).then_some((member.end(), text))
    };
    let (Some(here), Some(there)) = (checkpoint(&*reader.store), checkpoint(copy)) else { return Ok(None) };
    let size_of = |store: &dyn Volumes, number| store.open_volume(number).ok()?.size_bytes().ok();
    let are_closed_ones_whole = (0..number.0)
        .map(volume::VolumeNumber)
        .all(|number| size_of(copy, number).is_some_and(|size| size_of(&*reader.store, number) == Some(size)));
    let at = Position { volume: number, offset: here.0 };
    Ok((here == there && are_closed_ones_whole).then_some(Point { at, size }))
}

/// Refuses to begin what cannot be finished, and reports how much there is to do.
fn check_room(
    reader: &Reader,
    target: &Path,
    environment: &dyn Environment,
    watch: &dyn Watch,
) -> Result<(), ArchiveError> {
    let copy = volumes_of(target, environment.disk());
    let held_bytes = if copy.folder().is_dir() { copy.size_bytes()? } else { 0 };
    let needed_bytes = reader.store.size_bytes()?.saturating_sub(held_bytes);
    watch.total(2 * needed_bytes);
    let existing = target.ancestors().find(|path| path.is_dir()).unwrap_or(Path::new("."));
    let free_bytes = free_bytes(existing).map_err(ArchiveError::io("find out what is free in", existing))?;
    if free_bytes < needed_bytes {
        return Err(CopyError::NoRoom { path: target.to_owned(), needed_bytes, free_bytes }.into());
    }
    Ok(())
}

/// The files beside the volumes, `archive.json` last. Returns those that are there and differ.
fn copy_texts(reader: &Reader, target: &Path, environment: &dyn Environment) -> Result<Vec<PathBuf>, ArchiveError> {
    let mut others = Vec::new();
    for name in [README, FORMAT, DESCRIPTION] {
        let (from, to) = (reader.folder().join(name), target.join(name));
        let ours = match read_limited(&from, MAX_TEXT_BYTES, false) {
            Ok(bytes) => bytes,
            // The explanations may be missing; the archive's own description may not.
            Err(_) if name != DESCRIPTION => continue,
            Err(error) => return Err(ArchiveError::io("read", &from)(error)),
        };
        match read_limited(&to, MAX_TEXT_BYTES, false) {
            Ok(theirs) if theirs == ours => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                environment.disk().create_file(&to, &ours, 0o644).map_err(ArchiveError::io("write", &to))?;
            }
            _ => others.push(to),
        }
    }
    Ok(others)
}

/// Records the copy, and copies that entry into it.
fn record_copy(
    session: &mut Session<'_>,
    request: &ReplicationRequest,
    keys: &Keys,
    (target, standing): (&Target, Option<&CopyStanding>),
    done: &mut Replication,
) -> Result<(), ArchiveError> {
    let size = session.reader.index.frontier().size();
    // If nothing was added since the log recorded this, recording it again would add nothing.
    let is_told = standing.is_some_and(|known| known.entry.0 + 1 == size && known.place == done.place);
    if is_told && request.fields.is_empty() {
        return Ok(());
    }
    let event = ReplicaMade {
        replica: done.copy,
        fields: Vec::new(),
        medium: done.place.medium,
        root: session.reader.index.frontier().root(),
        site: done.place.site,
        size,
        size_bytes: session.reader.store.size_bytes()?,
        software: SOFTWARE.to_owned(),
    };
    let before = Point { at: session.reader.index.position(), size };
    let draft = Draft { event: event.into(), exhibit: None, occurred_at: None, fields: request.fields.clone() };
    done.recorded_as = session.record(keys, vec![draft])?.first().copied();
    let mut last = Transfer {
        archive: &session.reader,
        target: &target.store,
        folder: &target.folder,
        vouched_size: size,
        time: session.environment.now().in_file_name(),
        watch: &vouchsafe_core::verify::Unwatched,
        written_bytes: 0,
        reread_bytes: 0,
        set_aside: Vec::new(),
    };
    last.bring_up(before)?;
    done.written_bytes += last.written_bytes;
    done.reread_bytes += last.reread_bytes;
    Ok(())
}

/// Records that a copy is gone, or is no longer relied on; from then on it is not counted.
///
/// # Errors
/// The log knows no such copy, the agent may not, or it cannot be recorded.
pub fn lose(session: &mut Session<'_>, copy: CopyId, reason: &str, keys: &Keys) -> Result<EntryIndex, ArchiveError> {
    if !copies(&session.reader)?.iter().any(|known| known.copy == copy) {
        return Err(CopyError::Unknown { copy }.into());
    }
    let event = ReplicaLost { fields: Vec::new(), replica: copy }.into();
    let fields = vec![metadata_field(REASON, reason)];
    session.record_one(keys, event, fields, None)
}

/// What the log knows of the copy, and where it is to be recorded to lie.
fn place_of(
    found: &Found,
    request: &ReplicationRequest,
    copies: Vec<CopyStanding>,
) -> Result<(Option<CopyStanding>, CopyPlace), ArchiveError> {
    let label = match found {
        Found::Copy(label) => label,
        Found::Nothing => {
            let path = request.target.clone();
            return Ok((None, request.place.ok_or(CopyError::NoCopyYet { path })?));
        }
    };
    let standing = copies.into_iter().find(|known| known.copy == label.copy);
    let place = request.place.or(standing.as_ref().map(|known| known.place));
    Ok((standing, place.ok_or(CopyError::PlaceUnknown { copy: label.copy })?))
}
