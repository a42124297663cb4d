//! Repair: damaged or missing bytes of volumes are replaced by those that were committed, taken from
//! another copy of the archive or computed from parity.
//!
//! Neither is believed. What may be replaced is what is not shown to be right, and what replaces it must be
//! shown to be right afterwards, by the hashes that the log's key signed. The healed volume is a new file;
//! the damaged bytes go to `quarantine/` before it takes the old one's place.

mod apply;
mod examine;
mod history;
mod journal;
mod sources;

use std::ops::Range;
use std::path::{Path, PathBuf};

use super::cannot_sign::cannot_sign;
use super::description::Description;
use super::environment::Environment;
use super::error::ArchiveError;
use super::index::CommitRecord;
use super::known::{KnownArchive, KnownArchives};
use super::layout::{PARITY, volumes_of};
use super::lock::Lock;
use super::locking::{Unlocked, take_lock, take_lock_to_read};
use super::only_read::{NotUnderstoodThing, OnlyRead};
use super::open::describe;
use super::standing::other_archive;
use crate::store::{Known, LocalVolumes, LogPoint, Position, Volumes, read_agents, scan};
use vouchsafe_core::format::volume::{self, END_BYTES, VolumeNumber, read_exact_at};
use vouchsafe_core::model::Stretch;
use vouchsafe_core::verify::{Agents, Evidence, Watch};

pub use apply::Repaired;
pub use journal::{LoggedRepairs, record};

/// What is said above the list of damaged bytes.
const QUARANTINE_NOTE: &str = "\
# Bytes of a volume that a repair replaced or cut off, kept as they were; where a sector could not be
# read, there are zeros. Each line: where they begin in the file beside this one, where they were in
# the volume, how many they are.
";

vouchsafe_core::described! {
    /// What can be done for a volume.
    #[derive(Debug, Clone, serde::Serialize)]
    pub struct VolumePlan {
        /// The number of the volume.
        pub volume: u32,
        /// Whether there is no such file.
        pub is_missing: bool,
        /// Whether it only ends too early: what is there is right, and the commits after it are missing.
        pub is_cut_short: bool,
        /// Whether commits of it are signed by a key that what can be read of the log does not name. Whether they are damaged is
        /// known once the volumes before it are healed.
        pub is_key_unknown: bool,
        /// How many bytes its file has.
        pub size_bytes: u64,
        /// How many it has when it is healed.
        pub healed_size_bytes: u64,
        /// What another copy has.
        pub from_copy: Vec<Stretch>,
        /// The blocks that are computed from parity; the damage lies somewhere in each.
        pub from_parity: Vec<Stretch>,
        /// What neither has.
        pub not_healed: Vec<Stretch>,
        /// Why parity does not help, where there is some.
        pub parity_says: Option<String>,
        /// How many bytes at the end of the copy are not readable, where this volume gets its end from there: the copy may
        /// lack entries.
        pub copy_unreadable_bytes: u64,
        #[serde(skip)]
        work: Work,
    }
}

/// How a plan is carried out.
#[derive(Debug, Clone, Default)]
struct Work {
    from_copy: Vec<Range<u64>>,
    /// Blocks for parity, ascending.
    blocks: Vec<usize>,
    /// Whether every block is known to be right afterwards.
    is_by_blocks: bool,
    /// The log before the volume, where it is known.
    start: Option<LogPoint>,
}

impl VolumePlan {
    /// Whether it can be judged only once the volumes before it are healed.
    #[must_use]
    pub fn waits(&self) -> bool {
        self.is_key_unknown && !self.is_missing && !self.heals()
    }

    /// Whether something can be healed.
    #[must_use]
    pub fn heals(&self) -> bool {
        !self.from_copy.is_empty()
            || !self.from_parity.is_empty()
            || (self.not_healed.is_empty() && self.healed_size_bytes != self.size_bytes)
    }
}

/// An archive that is being repaired: locked, and not opened, since damage may forbid that.
#[derive(Debug)]
pub struct Repair {
    folder: PathBuf,
    description: Description,
    /// Who may sign in the log, as the volumes say that can be read.
    agents: Agents,
    remembered: Option<KnownArchive>,
    store: LocalVolumes,
    copy: Option<(PathBuf, LocalVolumes)>,
    numbers: Vec<VolumeNumber>,
    plans: Vec<VolumePlan>,
    /// How many entries the volumes hold, where that is known.
    end_size: Option<u64>,
    copy_is_ahead_by: u64,
    unreadable_tail: Option<Stretch>,
    lock: Result<Lock, Unlocked>,
}

impl Repair {
    /// Finds out what is damaged and what each place can be healed from. Changes nothing; an archive that can only be
    /// read has a plan, too, which cannot be applied.
    ///
    /// # Errors
    /// It is no archive, in use, or cannot be read; its keys are not those that this machine remembers; or
    /// `from` is not a copy of it, or has another history ([`super::CopyError::Forked`]).
    pub fn plan(
        folder: &Path,
        from: Option<&Path>,
        is_to_apply: bool,
        known: Option<&KnownArchives>,
        environment: &dyn Environment,
        watch: &dyn Watch,
    ) -> Result<Self, ArchiveError> {
        let description = describe(folder)?;
        let lock = match is_to_apply {
            true => Ok(take_lock(folder, environment)?),
            false => take_lock_to_read(folder, environment)?,
        };
        let remembered = match known {
            Some(known) => known.get(description.fingerprint)?,
            None => None,
        };
        let namesake = known.filter(|_| remembered.is_none()).and_then(|known| known.namesake(&description));
        if let Some(other) = namesake {
            return Err(other_archive(&description, &other));
        }
        let store = |folder: &Path| volumes_of(folder, environment.disk());
        let copy = match from {
            Some(from) => Some((check_copy(from, folder, &description)?, store(from))),
            None => None,
        };
        let own = store(folder);
        let stores = [Some(&own), copy.as_ref().map(|(_, copy)| copy)];
        let read = stores.into_iter().flatten().map(|store| read_agents(store, &description.log_key));
        let agents = read.max_by_key(|agents| agents.log_keys().count());
        let agents = agents.unwrap_or_else(|| Agents::of_log(description.log_key.clone()));
        let mut repair = Self {
            folder: folder.to_owned(),
            description,
            agents,
            remembered,
            store: own,
            copy,
            numbers: Vec::new(),
            plans: Vec::new(),
            end_size: None,
            copy_is_ahead_by: 0,
            unreadable_tail: None,
            lock,
        };
        if let Some((folder, copy)) = &repair.copy {
            repair.copy_is_ahead_by =
                history::compare(&repair.store, (folder, copy), &Agents::of_log(repair.description.log_key.clone()))?;
        }
        repair.numbers = repair.expected_volumes()?;
        repair.examine_all(watch)?;
        Ok(repair)
    }

    /// Why this version can log no repair, if it can only read the archive: the volumes are still healed. Where the
    /// log cannot be read to its end, what follows that is not known.
    #[must_use]
    pub fn why_not_logged(&self) -> Option<ArchiveError> {
        let mut things = Vec::new();
        let known = Known { from: Position::START, size: 0, durable_size: 0 };
        let _ = scan(&self.store, &Agents::of_log(self.description.log_key.clone()), known, |commit| {
            for logged in CommitRecord::parse(&commit)?.entries {
                NotUnderstoodThing::tally_entry(&mut things, &logged.entry.entry);
            }
            Ok::<(), ArchiveError>(())
        });
        Some(match OnlyRead::of(&self.description, &things, cannot_sign(&self.agents))? {
            OnlyRead::NotUnderstood(things) => {
                let thing = things.into_iter().next()?;
                ArchiveError::NotUnderstood { place: thing.place, what: thing.what }
            }
            OnlyRead::CannotSign(what) => ArchiveError::CannotSign { what: what.to_owned() },
        })
    }

    /// How many entries this machine has seen that are not there although nothing that is there is damaged: the end
    /// was cut off, or a volume is gone from it.
    #[must_use]
    pub fn missing_entries(&self) -> u64 {
        let seen = self.remembered.as_ref().map_or(0, |known| known.head.checkpoint.size);
        self.end_size.map_or(0, |size| seen.saturating_sub(size))
    }

    /// How many entries the copy has after the end of the archive's log, where that is whole.
    #[must_use]
    pub const fn copy_is_ahead_by(&self) -> u64 {
        self.copy_is_ahead_by
    }

    /// Bytes at the end of the last volume that are not readable as members, and that no copy shows to be something
    /// else: whether they were ever committed is not known.
    #[must_use]
    pub const fn unreadable_tail(&self) -> Option<&Stretch> {
        self.unreadable_tail.as_ref()
    }

    /// What can be done, for each volume where something is damaged.
    #[must_use]
    pub fn plans(&self) -> &[VolumePlan] {
        &self.plans
    }

    /// Which archive this is.
    #[must_use]
    pub const fn description(&self) -> &Description {
        &self.description
    }

    /// Every volume that there is or must have been: up to the last one of the archive, of the copy, and of the
    /// parity, which only closed volumes have.
    fn expected_volumes(&self) -> Result<Vec<VolumeNumber>, ArchiveError> {
        let mut last = None;
        for store in [Some(&self.store), self.copy.as_ref().map(|(_, store)| store)].into_iter().flatten() {
            match store.volumes() {
                Ok((numbers, _)) => {
                    let is_volume = |number: &VolumeNumber| !is_none_yet(store, *number);
                    last = last.max(numbers.into_iter().rev().find(is_volume));
                }
                // The folder itself may be what is missing.
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(ArchiveError::io("list the folder", store.root())(error)),
            }
        }
        if let Ok(items) = std::fs::read_dir(self.folder.join(PARITY)) {
            let number = |name: &str| VolumeNumber::from_file_name(&format!("{}.tar", name.strip_suffix(".par")?));
            let names = items.filter_map(|item| item.ok()?.file_name().into_string().ok());
            last = last.max(names.filter_map(|name| number(&name)).max());
        }
        // A name alone must not make a million volumes that never were.
        let last = last.map_or(0, |last| last.0.min(MAX_VOLUMES));
        Ok((0..=last).map(VolumeNumber).collect())
    }
}

/// Whether a file after the last volume is none yet, or never was one: it is empty, or nothing of a volume is in it and
/// the one before it was not closed.
fn is_none_yet(store: &dyn Evidence, number: VolumeNumber) -> bool {
    let Ok(file) = store.open(number) else { return false };
    let is_empty = file.size_bytes().is_ok_and(|size_bytes| size_bytes == 0);
    is_empty
        || (follows_an_open_volume(store, number) && volume::holds_no_member(&*file).is_ok_and(|is_stray| is_stray))
}

fn follows_an_open_volume(store: &dyn Evidence, number: VolumeNumber) -> bool {
    let Some(before) = number.0.checked_sub(1) else { return false };
    let is_closed = store.open(VolumeNumber(before)).and_then(|file| {
        let Some(begin) = file.size_bytes()?.checked_sub(END_BYTES) else { return Ok(false) };
        let mut end = [1; END_BYTES as usize];
        read_exact_at(&*file, begin, &mut end)?;
        Ok(end.iter().all(|&byte| byte == 0))
    });
    is_closed.is_ok_and(|is_closed| !is_closed)
}

/// The number of volumes that six digits can name.
const MAX_VOLUMES: u32 = 999_999;

/// Refuses a folder that is not another copy of the same archive.
fn check_copy(from: &Path, folder: &Path, description: &Description) -> Result<PathBuf, ArchiveError> {
    let other = describe(from)?;
    let is_same = match (from.canonicalize(), folder.canonicalize()) {
        (Ok(from), Ok(folder)) => from == folder,
        _ => false,
    };
    if is_same || other.archive() != description.archive() || other.log_key != description.log_key {
        return Err(ArchiveError::NotACopy { path: from.to_owned() });
    }
    Ok(from.to_owned())
}
