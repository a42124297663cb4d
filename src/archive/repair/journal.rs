//! What was healed and is not in the log yet. A repair comes before the archive can be opened, and its entry
//! after; what lies between is a note in `repair/`, so that a crash or a missing key takes nothing from the log.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{REPAIR, Repair, VolumePlan};
use crate::SOFTWARE;
use crate::archive::Archive;
use crate::archive::custody::{Draft, Keys};
use crate::archive::environment::Environment;
use crate::archive::error::ArchiveError;
use crate::format::volume::{MAX_COMMIT_ENTRIES, VolumeNumber};
use crate::model::{ArchiveRepaired, EntryIndex, MAX_STRETCHES, RepairSource, Stretch, Timestamp};
use crate::store::durable::{Disk, read_limited};

/// The largest note that is read.
const MAX_BYTES: u64 = 256 << 20;
/// So far back it is looked whether a note was logged already.
const LOOK_BACK: u64 = 2 * MAX_COMMIT_ENTRIES;

/// What was healed from one source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Noted {
    pub source: RepairSource,
    pub healed_at: Timestamp,
    pub stretches: Vec<Stretch>,
}

/// What is noted, by volume.
type Notes = BTreeMap<u32, Vec<Noted>>;

fn path(folder: &Path) -> PathBuf {
    folder.join(REPAIR).join("healed.json")
}

fn read(folder: &Path) -> Result<Notes, ArchiveError> {
    let path = path(folder);
    let bytes = match read_limited(&path, MAX_BYTES, false) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Notes::new()),
        Err(error) => return Err(ArchiveError::io("read", &path)(error)),
    };
    serde_json::from_slice(&bytes).map_err(|error| ArchiveError::io("read", &path)(error.into()))
}

fn write(folder: &Path, disk: &dyn Disk, notes: &Notes) -> Result<(), ArchiveError> {
    let path = path(folder);
    if notes.is_empty() {
        return disk.remove(&path).map_err(ArchiveError::io("remove", &path));
    }
    let bytes = serde_json::to_vec(notes).map_err(|error| ArchiveError::io("write", &path)(error.into()))?;
    disk.replace_file(&path, &bytes, 0o600).map_err(ArchiveError::io("write", &path))
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
    write(folder, disk, &notes)
}

impl Repair {
    /// Forgets notes of places that are not healed: the repair that made them did not come so far.
    ///
    /// # Errors
    /// The notes cannot be read or written.
    pub fn forget_unfinished(&self, environment: &dyn Environment) -> Result<(), ArchiveError> {
        let notes = read(&self.folder)?;
        let mut kept = notes.clone();
        let wrong =
            |plan: &VolumePlan| [&plan.from_copy, &plan.from_parity, &plan.not_healed].map(Clone::clone).concat();
        let wrong: Vec<Stretch> = self.plans.iter().flat_map(wrong).collect();
        let is_healed = |stretch: &Stretch| !wrong.iter().any(|wrong| touch(wrong, stretch));
        for noted in kept.values_mut().flatten() {
            noted.stretches.retain(is_healed);
        }
        for of_volume in kept.values_mut() {
            of_volume.retain(|noted| !noted.stretches.is_empty());
        }
        kept.retain(|_, of_volume| !of_volume.is_empty());
        if kept == notes { Ok(()) } else { write(&self.folder, &*environment.disk(), &kept) }
    }

    /// Whether something was healed that is not in the log yet.
    ///
    /// # Errors
    /// The notes cannot be read.
    pub fn has_unlogged(&self) -> Result<bool, ArchiveError> {
        Ok(!read(&self.folder)?.is_empty())
    }

    /// Lets go of the archive, so that it can be opened.
    pub fn close(self) {
        drop(self.lock);
    }
}

/// Records in the log what was healed and is not recorded yet.
///
/// # Errors
/// The agent may not, or the archive cannot be written to; then it stays noted.
pub fn record_repairs(
    archive: &mut Archive,
    keys: &Keys,
    environment: &dyn Environment,
) -> Result<Vec<EntryIndex>, ArchiveError> {
    let notes = read(&archive.folder)?;
    let mut by_source: BTreeMap<(Timestamp, RepairSource), Vec<Stretch>> = BTreeMap::new();
    for noted in notes.into_values().flatten() {
        by_source.entry((noted.healed_at, noted.source)).or_default().extend(noted.stretches);
    }
    let mut drafts = Vec::new();
    for ((healed_at, source), stretches) in by_source {
        for stretches in ascending(stretches).chunks(MAX_STRETCHES) {
            let (software, stretches) = (SOFTWARE.to_owned(), stretches.to_vec());
            let event = ArchiveRepaired { fields: Vec::new(), software, source, stretches }.into();
            let draft = Draft { event, exhibit: None, occurred_at: Some(healed_at), fields: Vec::new() };
            if !is_logged(archive, &draft)? {
                drafts.push(draft);
            }
        }
    }
    let mut recorded = Vec::new();
    let mut drafts = drafts.into_iter().peekable();
    while drafts.peek().is_some() {
        // One commit holds so many; a repair of more is recorded in several.
        let commit = drafts.by_ref().take(MAX_COMMIT_ENTRIES as usize).collect();
        recorded.extend(archive.record(keys, commit, environment)?);
    }
    write(&archive.folder, &*environment.disk(), &Notes::new())?;
    let _ = std::fs::remove_dir(archive.folder.join(REPAIR));
    Ok(recorded)
}

/// Whether two stretches have a byte in common.
const fn touch(a: &Stretch, b: &Stretch) -> bool {
    a.volume == b.volume
        && a.offset < b.offset.saturating_add(b.size_bytes)
        && b.offset < a.offset.saturating_add(a.size_bytes)
}

/// The same stretches as an entry holds them: in ascending order, those that overlap as one.
fn ascending(mut stretches: Vec<Stretch>) -> Vec<Stretch> {
    stretches.sort_by_key(|stretch| (stretch.volume, stretch.offset));
    let mut merged: Vec<Stretch> = Vec::with_capacity(stretches.len());
    for stretch in stretches.into_iter().filter(|stretch| stretch.size_bytes > 0) {
        match merged.last_mut() {
            Some(last) if touch(last, &stretch) => {
                let end = (last.offset + last.size_bytes).max(stretch.offset + stretch.size_bytes);
                last.size_bytes = end - last.offset;
            }
            _ => merged.push(stretch),
        }
    }
    merged
}

/// Whether a run before this one recorded it and was interrupted before it forgot its notes: the same, healed
/// at the same time.
fn is_logged(archive: &Archive, draft: &Draft) -> Result<bool, ArchiveError> {
    let size = archive.head()?.checkpoint.size;
    for index in size.saturating_sub(LOOK_BACK)..size {
        let entry = archive.entry(EntryIndex(index))?.entry.entry;
        if entry.event == draft.event && Some(entry.occurred_at) == draft.occurred_at {
            return Ok(true);
        }
    }
    Ok(false)
}
