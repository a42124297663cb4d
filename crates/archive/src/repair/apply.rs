//! Carrying a plan out: the healed volumes are made beside the old ones, checked, and put in their place.
//!
//! | step | what a crash after it leaves |
//! |---|---|
//! | the healed volumes are written into `repair/` and synced | the old volumes; the next repair begins again |
//! | everything is verified as it would be | the same |
//! | for each volume: its damaged bytes go to `quarantine/`, what is healed is noted in `repair/` | the old volume, and the healed one in `repair/`: so the next repair drops the note |
//! | it is renamed into its place | the healed volume, which the next repair finds right, and whose note it logs |
//!
//! Whatever fails before the last step, the healed volumes that did not come into their place are removed: at once,
//! or by the next repair if it was the power that failed.

use std::collections::BTreeMap;
use std::io;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use super::examine::{Examined, stretch};
use super::journal::{self, Noted};
use super::sources::{Patched, Sources, differences, merged, salvaged};
use super::{QUARANTINE_NOTE, Repair, VolumePlan};
use crate::environment::Environment;
use crate::error::ArchiveError;
use crate::layout::{QUARANTINE, REPAIR};
use crate::store::durable::{DiskFile, RegularFile};
use crate::store::parity::Parity;
use crate::store::{LogPoint, Survey, Volumes, survey};
use crate::verification::{Verification, request};
use vouchsafe_core::digest::Digest;
use vouchsafe_core::format::SignedEntry;
use vouchsafe_core::format::volume::{Member, ReadAt, VolumeNumber, pieces};
use vouchsafe_core::language::Text;
use vouchsafe_core::model::{RepairSource, Stretch, Timestamp};
use vouchsafe_core::verify::{self, Code, Evidence, KnownHead, Observer, Severity, Unwatched, Watch};

vouchsafe_core::described! {
    /// What a repair did.
    #[derive(Debug, Clone, Default, serde::Serialize)]
    pub struct Repaired {
        /// The volumes that were healed, as far as the plan says.
        pub volumes: Vec<u32>,
        /// What was replaced, from another copy.
        pub from_copy: Vec<Stretch>,
        /// What was replaced, from parity.
        pub from_parity: Vec<Stretch>,
        /// Where the damaged bytes are kept.
        pub kept_in: Vec<PathBuf>,
        /// The lists of where in the volumes these bytes were, one for each file of them.
        pub listed_in: Vec<PathBuf>,
        /// Volumes for which what was planned did not lead to what the log names; they are as they were.
        pub refused: Vec<u32>,
        /// How many entries this machine has seen that are not there now either.
        pub missing_entries: u64,
        /// Whether the log may lack entries that nobody here knows of: it ends, or that of the copy which gave its end does,
        /// where unreadable bytes begin.
        pub may_lack_entries: bool,
    }
}

/// A healed volume that waits to be put into its place.
struct Healed {
    number: VolumeNumber,
    path: PathBuf,
    size_bytes: u64,
    from_copy: Vec<Range<u64>>,
    from_parity: Vec<Range<u64>>,
    /// Whether only what came after its end goes, and no byte is replaced.
    is_only_cut: bool,
    is_closed: bool,
    end: Option<LogPoint>,
}

/// What is to be done about a volume, and the log before it and after it, as far as they are known.
struct Planned {
    plan: Option<VolumePlan>,
    start: Option<LogPoint>,
    end: Option<LogPoint>,
}

impl Repair {
    /// Heals what the plan says can be healed. When this returns, the healed volumes are durable; whatever goes
    /// wrong before leaves each volume as it was or healed.
    ///
    /// # Errors
    /// A file cannot be read or written, it was stopped, or the healed volumes do not lead to the log that is
    /// known of this archive. Volumes that were put into their place before that stay healed.
    pub fn apply(&self, environment: &dyn Environment, watch: &dyn Watch) -> Result<Repaired, ArchiveError> {
        if !self.plans.iter().any(VolumePlan::heals) {
            return Ok(Repaired {
                missing_entries: self.missing_entries(),
                may_lack_entries: self.unreadable_tail.is_some(),
                ..Repaired::default()
            });
        }
        if let Err(unlocked) = &self.lock {
            return Err(unlocked.refuse(&self.folder));
        }
        let repaired = self.heal_all(environment, watch);
        // What it could not put into its place is as large as the volumes. If it stays, the next repair removes it.
        let _ = self.clear_up(environment);
        repaired
    }

    fn heal_all(&self, environment: &dyn Environment, watch: &dyn Watch) -> Result<Repaired, ArchiveError> {
        let disk = environment.disk();
        let folder = self.folder.join(REPAIR);
        let has_unread_end = self.plans.iter().any(|plan| plan.heals() && plan.copy_unreadable_bytes > 0);
        let may_lack_entries = has_unread_end || self.unreadable_tail.is_some();
        let mut repaired = Repaired { may_lack_entries, ..Repaired::default() };
        let healed_at = environment.now();
        disk.create_folder(&folder).map_err(ArchiveError::io("create the folder", &folder))?;
        let mut healed: BTreeMap<VolumeNumber, Healed> = BTreeMap::new();
        let (mut is_all, mut before) = (true, None);
        for &number in &self.numbers {
            let Planned { plan, start, end } = self.plan_again(number, before, watch)?;
            before = end;
            let Some(plan) = plan else { continue };
            is_all &= plan.not_healed.is_empty();
            if !plan.heals() {
                continue;
            }
            match self.heal(&plan, start, (healed_at, environment), watch)? {
                Some(volume) => {
                    before.clone_from(&volume.end);
                    healed.insert(volume.number, volume);
                }
                None => repaired.refused.push(plan.volume),
            }
        }
        is_all &= repaired.refused.is_empty();
        if !healed.is_empty() {
            let size = self.check(&healed, is_all, watch)?;
            let seen = self.remembered.as_ref().map_or(0, |known| known.head.checkpoint.size);
            repaired.missing_entries = seen.saturating_sub(size);
        }
        for (number, volume) in healed {
            let kept_in = self.put_in_place(&volume, healed_at, environment)?;
            let stretches =
                |ranges: &[Range<u64>]| ranges.iter().map(|range| stretch(number, range)).collect::<Vec<_>>();
            repaired.volumes.push(number.0);
            repaired.from_copy.extend(stretches(&volume.from_copy));
            repaired.from_parity.extend(stretches(&volume.from_parity));
            if let Some((bytes, list)) = kept_in {
                repaired.kept_in.push(bytes);
                repaired.listed_in.push(list);
            }
        }
        Ok(repaired)
    }

    /// Behind a damaged volume the log was not known when all were examined. An entry that was changed, and still is one,
    /// shows only now that the volume in front (with the log `before`) is healed.
    fn plan_again(
        &self,
        number: VolumeNumber,
        before: Option<LogPoint>,
        watch: &dyn Watch,
    ) -> Result<Planned, ArchiveError> {
        let plan = self.plans.iter().find(|plan| plan.volume == number.0);
        let start = plan.and_then(|plan| plan.work.start.clone());
        match (start, before) {
            (None, Some(before)) => {
                let Examined { plan, end, .. } = self.examine(number, Some(before.clone()), true, watch)?;
                Ok(Planned { plan, start: Some(before), end })
            }
            (start, _) => Ok(Planned { plan: plan.cloned(), start, end: None }),
        }
    }

    /// Writes the healed volume, and looks whether it is. Where parity led astray, what a copy has is tried
    /// without it; `None` if that leads nowhere either.
    fn heal(
        &self,
        plan: &VolumePlan,
        start: Option<LogPoint>,
        at: (Timestamp, &dyn Environment),
        watch: &dyn Watch,
    ) -> Result<Option<Healed>, ArchiveError> {
        let number = VolumeNumber(plan.volume);
        let sources = self.sources(number)?;
        if let Some(healed) = self.write(plan, &sources, start.clone(), at, watch)? {
            return Ok(Some(healed));
        }
        if !plan.work.is_by_blocks {
            return Ok(None);
        }
        match self.examine(number, start.clone(), false, watch)?.plan {
            Some(plan) if plan.heals() => self.write(&plan, &sources, start, at, watch),
            _ => Ok(None),
        }
    }

    fn write(
        &self,
        plan: &VolumePlan,
        sources: &Sources,
        start: Option<LogPoint>,
        (healed_at, environment): (Timestamp, &dyn Environment),
        watch: &dyn Watch,
    ) -> Result<Option<Healed>, ArchiveError> {
        let number = VolumeNumber(plan.volume);
        let path = journal::waiting_path(&self.folder, number, healed_at);
        let failed = || ArchiveError::io("write the healed volume", &path);
        let own = &*sources.own;
        let patched = Patched {
            own,
            copy: sources.copy.as_deref().unwrap_or(own),
            from_copy: &plan.work.from_copy,
            size_bytes: plan.healed_size_bytes,
        };
        let disk = environment.disk();
        disk.remove(&path).map_err(failed())?;
        let file = disk.create(&path).map_err(failed())?;
        let write = || {
            copy_all(&patched, &*file, watch)?;
            let written = RegularFile::open(&path)?;
            if !plan.work.blocks.is_empty() && !heal_blocks(plan, sources, &written, &*file, watch)? {
                return Ok(None);
            }
            file.sync()?;
            Ok(Some(written))
        };
        let Some(written) = write().map_err(failed())? else { return Ok(None) };
        let is_last = self.is_last(number, sources);
        let found = survey(&written, &self.agents, start, is_last, watch).map_err(failed())?;
        if !leads_to_the_log(plan, &found, is_last) {
            return Ok(None);
        }
        let mut from_parity = Vec::new();
        for stretch in &plan.from_parity {
            let range = stretch.offset..stretch.offset + stretch.size_bytes;
            from_parity.extend(differences(own, &written, &range).map_err(failed())?);
        }
        let from_copy = plan.work.from_copy.clone();
        // Where only what came after its end goes, no byte is replaced, and there is nothing to log.
        let is_only_cut = from_copy.is_empty() && from_parity.is_empty();
        Ok(Some(Healed {
            number,
            path,
            size_bytes: plan.healed_size_bytes,
            from_copy,
            from_parity: merged(from_parity),
            is_only_cut,
            is_closed: found.is_closed,
            end: found.end,
        }))
    }

    /// Verifies the whole archive with the healed volumes in the place of the old ones. Gives the size of its log.
    fn check(
        &self,
        healed: &BTreeMap<VolumeNumber, Healed>,
        is_all: bool,
        watch: &dyn Watch,
    ) -> Result<u64, ArchiveError> {
        let evidence = Overlaid { store: &self.store, healed };
        let mut request = request(&self.description, &Verification::default(), self.remembered.as_ref());
        if let Some(known) = &self.remembered {
            let head =
                KnownHead { checkpoint: known.head.checkpoint.clone(), kept_in: Text::same(known.kept_in.display()) };
            if !request.known_heads.iter().any(|other| other.checkpoint == head.checkpoint) {
                request.known_heads.push(head);
            }
        }
        let report = verify::verify(&evidence, &request, &mut Unobserved, watch)
            .map_err(ArchiveError::io("read the volumes", self.store.root()))?;
        if !report.complete {
            return Err(ArchiveError::io("repair", &self.folder)(io::ErrorKind::Interrupted.into()));
        }
        let objection = report.findings.iter().find(|finding| match finding.code {
            Code::HeadForked | Code::KeyDiffers | Code::DescriptionDiffers => true,
            // The copy may be older than what was lost. No commit that was there goes, so it is better than before.
            Code::HeadBehind => false,
            // Signatures of keys that were revoked, or a file that somebody left among the volumes, are no
            // damage: they were there before, and healing changes nothing about them.
            Code::VolumeForeign | Code::SignerRevoked | Code::SignerNotAllowed | Code::SignerUnknown => false,
            // While something is still damaged, its consequences are there, too.
            code => is_all && code.severity() == Severity::Failed,
        });
        match objection {
            None => Ok(report.size),
            Some(finding) => Err(ArchiveError::RepairRefused {
                reason: format!("{} at {}: {}", finding.code, finding.place, finding.message),
            }),
        }
    }

    fn put_in_place(
        &self,
        healed: &Healed,
        healed_at: Timestamp,
        environment: &dyn Environment,
    ) -> Result<Option<(PathBuf, PathBuf)>, ArchiveError> {
        let disk = environment.disk();
        let path = self.store.path(healed.number);
        let kept_in = self.keep_damaged(healed, environment)?;
        let written = RegularFile::open(&healed.path).map_err(ArchiveError::io("read", &healed.path))?;
        let noted = |source, ranges: &[Range<u64>]| {
            let stretches = ranges.iter().map(|range| stretch(healed.number, range)).collect();
            Noted::of(&written, source, healed_at, stretches).map_err(ArchiveError::io("read", &healed.path))
        };
        let noted = [noted(RepairSource::Copy, &healed.from_copy)?, noted(RepairSource::Parity, &healed.from_parity)?];
        journal::note(&self.folder, &*disk, healed.number, noted)?;
        let failed = || ArchiveError::io("put the healed volume into its place", &path);
        disk.create_folder(self.store.folder()).map_err(failed())?;
        if healed.is_closed {
            disk.open(&healed.path).and_then(|file| file.make_read_only()).map_err(failed())?;
        }
        disk.rename(&healed.path, &path).map_err(failed())?;
        Ok(kept_in)
    }

    /// Copies what is replaced or cut off into the quarantine folder, with a list of where it was.
    fn keep_damaged(
        &self,
        healed: &Healed,
        environment: &dyn Environment,
    ) -> Result<Option<(PathBuf, PathBuf)>, ArchiveError> {
        let sources = self.sources(healed.number)?;
        let own_bytes = sources.own.size_bytes().map_err(ArchiveError::io("read", &self.store.place(healed.number)))?;
        let mut ranges = match healed.is_only_cut {
            true => Vec::new(),
            false => merged([healed.from_copy.clone(), healed.from_parity.clone()].concat()),
        };
        ranges.push(healed.size_bytes..own_bytes);
        ranges.iter_mut().for_each(|range| range.end = range.end.min(own_bytes));
        ranges.retain(|range| range.start < range.end);
        if ranges.is_empty() {
            return Ok(None);
        }
        let folder = self.folder.join(QUARANTINE);
        let time = environment.now().in_file_name();
        let name = |ending: &str| folder.join(format!("{}-repaired-{time}.{ending}", healed.number.file_name()));
        let (bytes, list) = (name("damaged"), name("txt"));
        let disk = environment.disk();
        disk.create_folder(&folder).map_err(ArchiveError::io("create the folder", &folder))?;
        let failed = || ArchiveError::io("keep the damaged bytes in", &bytes);
        let file = disk.create(&bytes).map_err(failed())?;
        let mut text = QUARANTINE_NOTE.to_owned();
        let mut at = 0;
        for range in ranges {
            copy_range(&*sources.own, range.clone(), &*file, at, &Unwatched).map_err(failed())?;
            let length = range.end - range.start;
            text.push_str(&format!("{at} {} {length}\n", range.start));
            at += length;
        }
        file.make_read_only().map_err(failed())?;
        disk.create_file(&list, text.as_bytes(), 0o400).map_err(ArchiveError::io("write", &list))?;
        Ok(Some((bytes, list)))
    }
}

/// Computes the blocks from parity; false if what comes out is not what parity was made of.
fn heal_blocks(
    plan: &VolumePlan,
    sources: &Sources,
    written: &RegularFile,
    target: &dyn DiskFile,
    watch: &dyn Watch,
) -> io::Result<bool> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    for file in &sources.parity {
        let Some(parity) = Parity::read(file, watch)? else { continue };
        let geometry = parity.table.geometry;
        let is_same = parity.table.volume.0 == plan.volume && geometry.volume_bytes == plan.healed_size_bytes;
        if !is_same || plan.work.blocks.len() > parity.heals() {
            continue;
        }
        parity.heal(written, &plan.work.blocks, target, threads, watch)?;
        for &block in &plan.work.blocks {
            if parity.table.data_hash(block).is_some() && !parity.is_right(written, block, watch)? {
                return Ok(false);
            }
        }
        return Ok(true);
    }
    Ok(false)
}

/// Whether what was put into a volume is shown to be right there.
fn leads_to_the_log(plan: &VolumePlan, found: &Survey, is_last: bool) -> bool {
    match plan.work.is_by_blocks || plan.not_healed.is_empty() {
        true => found.is_right(is_last) && found.tail_from.is_none_or(|tail| tail >= last_patch(plan)),
        false => plan.work.from_copy.iter().all(|range| found.holds(range)),
    }
}

fn last_patch(plan: &VolumePlan) -> u64 {
    plan.work.from_copy.last().map_or(0, |range| range.end)
}

fn copy_all(source: &dyn ReadAt, target: &dyn DiskFile, watch: &dyn Watch) -> io::Result<()> {
    copy_range(source, 0..source.size_bytes()?, target, 0, watch)
}

fn copy_range(
    source: &dyn ReadAt,
    range: Range<u64>,
    target: &dyn DiskFile,
    mut to: u64,
    watch: &dyn Watch,
) -> io::Result<()> {
    let mut pieces = pieces(source, range);
    while !pieces.is_done() {
        if watch.is_stopped() {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let piece = pieces.next_piece()?.unwrap_or_default();
        target.write_at(to, piece)?;
        to += piece.len() as u64;
    }
    Ok(())
}

/// The volumes as they will be.
struct Overlaid<'a> {
    store: &'a dyn Evidence,
    healed: &'a BTreeMap<VolumeNumber, Healed>,
}

impl Evidence for Overlaid<'_> {
    fn volumes(&self) -> io::Result<(Vec<VolumeNumber>, Vec<String>)> {
        let (mut numbers, strangers) = match self.store.volumes() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => (Vec::new(), Vec::new()),
            listed => listed?,
        };
        numbers.extend(self.healed.keys());
        numbers.sort_unstable();
        numbers.dedup();
        Ok((numbers, strangers))
    }

    fn open(&self, volume: VolumeNumber) -> io::Result<Arc<dyn ReadAt>> {
        match self.healed.get(&volume) {
            Some(healed) => Ok(Arc::new(RegularFile::open(&healed.path)?)),
            None => self.store.open(volume).map(salvaged),
        }
    }
}

/// Nothing is compared: the index is not evidence.
struct Unobserved;

impl Observer for Unobserved {
    fn object(&mut self, _: Digest, _: VolumeNumber, _: &Member) {}
    fn entry(&mut self, _: &SignedEntry, _: VolumeNumber, _: u64, _: Digest) {}
}
