//! What was healed and is not in the log yet. A repair comes before the archive can be opened, and its entry
//! after; what lies between is a note in `repair/`, so that a crash or a missing key takes nothing from the log.
//!
//! A note is written before its volume is renamed into its place, and is no proof that it was. Two things are:
//! the healed volume no longer lies beside it, and the volume in place has what the note says. While the first is
//! not so, the rename did not happen, and the note is dropped. While the second is not so, it waits: the place
//! was damaged again, and when it is healed again both repairs are logged.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::Repair;
use crate::custody::{Draft, Keys};
use crate::environment::Environment;
use crate::error::ArchiveError;
use crate::layout::{QUARANTINE, REPAIR};
use crate::reader::Reader;
use crate::session::Session;
use crate::store::durable::{Disk, read_limited};
use vouchsafe_core::SOFTWARE;
use vouchsafe_core::digest::{Digest, Hasher};
use vouchsafe_core::format::volume::{MAX_COMMIT_ENTRIES, ReadAt, VolumeNumber, pieces};
use vouchsafe_core::model::{
    ArchiveRepaired, EntryIndex, Event, EventKind, MAX_STRETCHES, RepairSource, Stretch, Timestamp,
};

/// The largest note that is read.
const MAX_BYTES: u64 = 256 << 20;
/// How the name of a healed volume ends that waits to be renamed.
const WAITING: &str = ".new";

/// What was healed from one source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Noted {
    pub source: RepairSource,
    pub healed_at: Timestamp,
    /// In ascending order, none overlapping, all of one volume.
    pub stretches: Vec<Stretch>,
    /// The SHA-256 of their bytes, one stretch after the other.
    pub sha256: Digest,
}

impl Noted {
    /// Notes these stretches of a healed volume.
    ///
    /// # Errors
    /// They cannot be read.
    pub fn of(
        healed: &dyn ReadAt,
        source: RepairSource,
        healed_at: Timestamp,
        stretches: Vec<Stretch>,
    ) -> io::Result<Self> {
        Ok(Self { source, healed_at, sha256: digest_of(healed, &stretches)?, stretches })
    }

    /// Whether a volume has what was put into it. What cannot be read, it does not have.
    fn is_in(&self, volume: &dyn ReadAt) -> bool {
        digest_of(volume, &self.stretches).is_ok_and(|found| found == self.sha256)
    }

    fn is_well_formed(&self, volume: u32) -> bool {
        let end = |stretch: &Stretch| stretch.offset.checked_add(stretch.size_bytes);
        let mut pairs = self.stretches.windows(2);
        !self.stretches.is_empty()
            && self.stretches.iter().all(|stretch| stretch.volume == volume && end(stretch).is_some())
            && pairs.all(|pair| end(&pair[0]).is_some_and(|end| end <= pair[1].offset))
    }
}

/// When something was healed, and from what.
type Healing = (Timestamp, RepairSource);

/// What is noted, by volume.
type Notes = BTreeMap<u32, Vec<Noted>>;

fn path(folder: &Path) -> PathBuf {
    folder.join(REPAIR).join("healed.json")
}

/// Where a healed volume waits. The name is of this one repair, so that nothing that a later one leaves is taken
/// for it.
pub(super) fn waiting_path(folder: &Path, volume: VolumeNumber, healed_at: Timestamp) -> PathBuf {
    let time = healed_at.in_file_name();
    folder.join(REPAIR).join(format!("{}-{time}{WAITING}", volume.file_name()))
}

fn read(folder: &Path) -> Result<Notes, ArchiveError> {
    let path = path(folder);
    let bytes = match read_limited(&path, MAX_BYTES, false) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Notes::new()),
        Err(error) => return Err(ArchiveError::io("read", &path)(error)),
    };
    let notes: Notes = serde_json::from_slice(&bytes).map_err(|error| ArchiveError::io("read", &path)(error.into()))?;
    let is_well_formed = |(volume, noted): (&u32, &Vec<Noted>)| {
        let repairs: BTreeSet<_> = noted.iter().map(|noted| (noted.healed_at, noted.source)).collect();
        repairs.len() == noted.len() && noted.iter().all(|noted| noted.is_well_formed(*volume))
    };
    match notes.iter().all(is_well_formed) {
        true => Ok(notes),
        false => Err(ArchiveError::io("read", &path)(io::Error::other("its stretches are not in order"))),
    }
}

fn write(folder: &Path, disk: &dyn Disk, notes: &Notes) -> Result<(), ArchiveError> {
    let path = path(folder);
    if notes.is_empty() {
        return disk.remove(&path).map_err(ArchiveError::io("remove", &path));
    }
    let bytes = serde_json::to_vec(notes).map_err(|error| ArchiveError::io("write", &path)(error.into()))?;
    disk.replace_file(&path, &bytes, 0o600).map_err(ArchiveError::io("write", &path))
}

/// Keeps the notes for which this is true.
fn retain(notes: &mut Notes, keeps: impl Fn(u32, &Noted) -> bool) {
    for (volume, noted) in notes.iter_mut() {
        noted.retain(|noted| keeps(*volume, noted));
    }
    notes.retain(|_, noted| !noted.is_empty());
}

/// Notes what a volume is about to be healed from.
pub(super) fn note(
    folder: &Path,
    disk: &dyn Disk,
    volume: VolumeNumber,
    noted: [Noted; 2],
) -> Result<(), ArchiveError> {
    let mut notes = read(folder)?;
    let of_volume = notes.entry(volume.0).or_default();
    of_volume.extend(noted.into_iter().filter(|noted| !noted.stretches.is_empty()));
    retain(&mut notes, |_, _| true);
    write(folder, disk, &notes)
}

impl Repair {
    /// Clears up after a repair that was interrupted: the notes of volumes that did not come into their place are
    /// dropped, and then those volumes are removed. Notes that cannot be read are moved to `quarantine/`; where they
    /// are then is returned.
    ///
    /// # Errors
    /// The archive can only be read, or a file cannot be written or removed.
    pub fn clear_up(&self, environment: &dyn Environment) -> Result<Option<PathBuf>, ArchiveError> {
        if let Err(unlocked) = &self.lock {
            return Err(unlocked.refuse(&self.folder));
        }
        let disk = environment.disk();
        let put_aside = match read(&self.folder) {
            Ok(notes) => {
                let mut kept = notes.clone();
                retain(&mut kept, |volume, noted| {
                    !waiting_path(&self.folder, VolumeNumber(volume), noted.healed_at).exists()
                });
                if kept != notes {
                    write(&self.folder, &*disk, &kept)?;
                }
                None
            }
            Err(_) => Some(put_aside(&self.folder, environment)?),
        };
        remove_waiting(&self.folder, &*disk)?;
        Ok(put_aside)
    }

    /// Why the notes of earlier repairs cannot be read, if they cannot.
    #[must_use]
    pub fn unreadable_notes(&self) -> Option<ArchiveError> {
        read(&self.folder).err()
    }

    /// Whether something was healed that is not in the log yet, as far as can be read.
    #[must_use]
    pub fn has_unlogged(&self) -> bool {
        read(&self.folder).is_ok_and(|notes| !notes.is_empty())
    }

    /// Lets go of the archive, so that it can be opened.
    pub fn close(self) {
        drop(self.lock);
    }
}

/// Moves notes that nobody can read to where damaged bytes are kept.
fn put_aside(folder: &Path, environment: &dyn Environment) -> Result<PathBuf, ArchiveError> {
    let (path, quarantine) = (path(folder), folder.join(QUARANTINE));
    let time = environment.now().in_file_name();
    let kept_in = quarantine.join(format!("healed.json-{time}.damaged"));
    let disk = environment.disk();
    disk.create_folder(&quarantine).map_err(ArchiveError::io("create the folder", &quarantine))?;
    disk.rename(&path, &kept_in).map_err(ArchiveError::io("put aside", &path))?;
    Ok(kept_in)
}

/// Removes healed volumes that wait, and the folder if nothing is left in it.
fn remove_waiting(folder: &Path, disk: &dyn Disk) -> Result<(), ArchiveError> {
    let folder = folder.join(REPAIR);
    for item in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
        if item.file_name().to_string_lossy().ends_with(WAITING) {
            let path = item.path();
            disk.remove(&path).map_err(ArchiveError::io("remove", &path))?;
        }
    }
    let _ = std::fs::remove_dir(folder);
    Ok(())
}

/// What became of the notes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LoggedRepairs {
    /// The entries that were made.
    pub recorded: Vec<EntryIndex>,
    /// What earlier repairs put in and is not there now, so that it cannot be logged; it stays noted.
    pub waiting: Vec<Stretch>,
}

/// Records in the log what was healed and is not recorded yet.
///
/// # Errors
/// The agent may not, or the archive cannot be written to; then it stays noted.
pub fn record(session: &mut Session<'_>, keys: &Keys) -> Result<LoggedRepairs, ArchiveError> {
    let (folder, store) = (session.reader.folder.clone(), session.reader.store.clone());
    let notes = read(&folder)?;
    let mut waiting = notes.clone();
    retain(&mut waiting, |volume, noted| {
        let volume = store.open_volume(VolumeNumber(volume));
        !volume.is_ok_and(|volume| noted.is_in(&*volume))
    });
    let logged = logged(&session.reader)?;
    let mut by_source: BTreeMap<Healing, Vec<Stretch>> = BTreeMap::new();
    for (volume, noted) in notes.iter().flat_map(|(volume, noted)| noted.iter().map(move |noted| (volume, noted))) {
        if waiting.get(volume).is_some_and(|waiting| waiting.contains(noted)) {
            continue;
        }
        let key = (noted.healed_at, noted.source);
        let new = noted.stretches.iter().filter(|stretch| !logged.contains(&(key, **stretch)));
        by_source.entry(key).or_default().extend(new.copied());
    }
    let mut drafts = Vec::new();
    for ((healed_at, source), stretches) in by_source {
        for stretches in stretches.chunks(MAX_STRETCHES) {
            let (software, stretches) = (SOFTWARE.to_owned(), stretches.to_vec());
            let event = ArchiveRepaired { fields: Vec::new(), software, source, stretches }.into();
            drafts.push(Draft { event, exhibit: None, occurred_at: Some(healed_at), fields: Vec::new() });
        }
    }
    let mut recorded = Vec::new();
    let mut drafts = drafts.into_iter().peekable();
    while drafts.peek().is_some() {
        // One commit holds this many; a repair of more is recorded in several.
        let commit = drafts.by_ref().take(MAX_COMMIT_ENTRIES as usize).collect();
        recorded.extend(session.record(keys, commit)?);
    }
    if waiting != notes {
        write(&folder, &*session.environment.disk(), &waiting)?;
    }
    let _ = std::fs::remove_dir(folder.join(REPAIR));
    Ok(LoggedRepairs { recorded, waiting: waiting.into_values().flatten().flat_map(|noted| noted.stretches).collect() })
}

/// What the log says was healed: a crash may have come between the entry and the removal of its note.
fn logged(reader: &Reader) -> Result<BTreeSet<(Healing, Stretch)>, ArchiveError> {
    let mut logged = BTreeSet::new();
    for (index, kind) in reader.index.acts()? {
        if kind != EventKind::ArchiveRepaired {
            continue;
        }
        // A repair entry that is damaged again does not show what it logged; the repair is then logged twice rather
        // than never.
        let Some(logged_entry) = reader.entry_or_note(index, &mut Vec::new())? else { continue };
        let entry = logged_entry.entry.entry;
        if let Event::ArchiveRepaired(body) = entry.event {
            logged.extend(body.stretches.into_iter().map(|stretch| ((entry.occurred_at, body.source), stretch)));
        }
    }
    Ok(logged)
}

/// The SHA-256 of these stretches of a volume, one after the other.
fn digest_of(volume: &dyn ReadAt, stretches: &[Stretch]) -> io::Result<Digest> {
    let mut hasher = Hasher::default();
    for stretch in stretches {
        let mut pieces = pieces(volume, stretch.offset..stretch.offset + stretch.size_bytes);
        while let Some(piece) = pieces.next_piece()? {
            hasher.update(piece);
        }
    }
    Ok(hasher.finish())
}
