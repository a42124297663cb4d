//! What is damaged, and what each place can be healed from.

use std::ops::Range;

use super::sources::{Patched, Sources, differences, intersection, merged};
use super::{Repair, VolumePlan, Work};
use crate::error::ArchiveError;
use crate::store::durable::RegularFile;
use crate::store::parity::Parity;
use crate::store::{LogPoint, Survey, Volumes, survey};
use vouchsafe_core::format::volume::{END_BYTES, ReadAt, VolumeNumber};
use vouchsafe_core::model::Stretch;
use vouchsafe_core::verify::Watch;

/// What is found out about a volume.
pub(super) struct Examined {
    /// If anything is wrong with it.
    pub plan: Option<VolumePlan>,
    /// The log after it, if that is known.
    pub end: Option<LogPoint>,
    /// Bytes at its end that are not readable as members and stay: whether they were ever committed is not known.
    pub unreadable_tail: Option<Stretch>,
}

/// Healing one commit can show that the one before it is wrong, too; so it is looked again, so often.
const MAX_ROUNDS: usize = 4;

impl Repair {
    pub(super) fn examine_all(&mut self, watch: &dyn Watch) -> Result<(), ArchiveError> {
        let mut point = Some(LogPoint::start());
        let numbers = self.numbers.clone();
        for number in numbers {
            let examined = self.examine(number, point, true, watch)?;
            point = examined.end;
            self.plans.extend(examined.plan);
            self.unreadable_tail = examined.unreadable_tail;
        }
        self.end_size = point.map(|point| point.size);
        Ok(())
    }

    /// Looks at a volume and at what it can be healed from.
    pub(super) fn examine(
        &self,
        number: VolumeNumber,
        start: Option<LogPoint>,
        uses_parity: bool,
        watch: &dyn Watch,
    ) -> Result<Examined, ArchiveError> {
        let sources = self.sources(number)?;
        let is_last = self.is_last(number, &sources);
        let look = |volume: &dyn ReadAt| {
            survey(volume, &self.agents, start.clone(), is_last, watch)
                .map_err(ArchiveError::io("read the volume", &self.store.place(number)))
        };
        let own = look(&*sources.own)?;
        // Whatever follows the last commit of the last volume: a copy may have more.
        let committed = own.tail_from.unwrap_or(own.size_bytes);
        let copy_bytes = match &sources.copy {
            Some(copy) => copy.size_bytes().map_err(ArchiveError::io("read the copy of", &self.store.place(number)))?,
            None => 0,
        };
        let may_be_short = is_last && !own.is_closed && copy_bytes > committed;
        let is_damaged = sources.is_missing || !own.is_right(is_last);
        if !is_damaged && !may_be_short {
            let unreadable_tail = unreadable_tail(number, &own, None);
            return Ok(Examined { plan: None, end: own.end, unreadable_tail });
        }
        let mut examination = Examination { repair: self, number, sources: &sources, is_last, plan: None, watch };
        let mut parity_says = None;
        for parity in sources.parity.iter().filter(|_| uses_parity && is_damaged) {
            match examination.by_blocks(parity, &own)? {
                None => {
                    let plan = examination.plan(&own, start, parity_says);
                    return Ok(Examined { plan, end: None, unreadable_tail: None });
                }
                Some(reason) => parity_says = Some(reason),
            }
        }
        examination.by_members(&own, copy_bytes, &look)?;
        let plan = examination.plan(&own, start, parity_says);
        let unreadable_tail = unreadable_tail(number, &own, plan.as_ref());
        let end = if plan.is_none() { own.end } else { None };
        Ok(Examined { plan, end, unreadable_tail })
    }

    /// The last volume is still written to; one that has parity was closed.
    pub(super) fn is_last(&self, number: VolumeNumber, sources: &Sources) -> bool {
        self.numbers.last() == Some(&number) && sources.parity.is_empty()
    }
}

/// What is found out about one volume.
#[derive(Default)]
struct Found {
    healed_size_bytes: u64,
    from_copy: Vec<Range<u64>>,
    blocks: Vec<usize>,
    block_ranges: Vec<Range<u64>>,
    not_healed: Vec<Range<u64>>,
    is_by_blocks: bool,
    copy_unreadable_bytes: u64,
}

struct Examination<'a> {
    repair: &'a Repair,
    number: VolumeNumber,
    sources: &'a Sources,
    is_last: bool,
    plan: Option<Found>,
    watch: &'a dyn Watch,
}

impl Examination<'_> {
    fn failed(&self) -> impl Fn(std::io::Error) -> ArchiveError + use<> {
        let path = self.repair.store.place(self.number);
        move |error| ArchiveError::io("read what heals", &path)(error)
    }

    /// Heals block by block, if that heals everything; otherwise returns why not.
    fn by_blocks(&mut self, file: &RegularFile, own: &Survey) -> Result<Option<String>, ArchiveError> {
        let failed = self.failed();
        let volume = &*self.sources.own;
        let parity = match Parity::read(file, self.watch).map_err(&failed)? {
            Some(parity) if parity.table.volume == self.number => parity,
            Some(_) => return Ok(Some("the parity is of another volume".to_owned())),
            None => return Ok(Some("the parity file is damaged from one end to the other".to_owned())),
        };
        let geometry = parity.table.geometry;
        let (mut from_copy, mut blocks) = (Vec::new(), Vec::new());
        for block in 0..geometry.data_blocks as usize {
            if parity.is_right(volume, block, self.watch).map_err(&failed)? {
                continue;
            }
            let (offset, length) = geometry.data_block(block);
            let copy = self.sources.copy.as_deref().map(|copy| parity.is_right(copy, block, self.watch));
            if copy.transpose().map_err(&failed)? == Some(true) {
                from_copy.push(offset..offset + length);
            } else {
                blocks.push(block);
            }
        }
        if from_copy.is_empty() && blocks.is_empty() && geometry.volume_bytes == own.size_bytes {
            return Ok(Some("the parity was made from the volume as it is now".to_owned()));
        }
        if blocks.len() > parity.heals() {
            let (lost, heals) = (blocks.len(), parity.heals());
            return Ok(Some(format!("{lost} blocks are damaged, and there is parity for {heals}")));
        }
        let range = |&block: &usize| {
            let (offset, length) = geometry.data_block(block);
            offset..offset + length
        };
        let mut narrowed = Vec::new();
        for range in merged(from_copy) {
            let copy = self.sources.copy.as_deref().unwrap_or(volume);
            narrowed.extend(differences(volume, copy, &range).map_err(&failed)?);
        }
        self.plan = Some(Found {
            healed_size_bytes: geometry.volume_bytes,
            from_copy: merged(narrowed),
            block_ranges: blocks.iter().map(range).collect(),
            blocks,
            not_healed: Vec::new(),
            is_by_blocks: true,
            copy_unreadable_bytes: 0,
        });
        Ok(None)
    }

    /// Heals member by member: whatever is wrong here and right in the copy.
    fn by_members(
        &mut self,
        own: &Survey,
        copy_bytes: u64,
        look: &dyn Fn(&dyn ReadAt) -> Result<Survey, ArchiveError>,
    ) -> Result<(), ArchiveError> {
        let failed = self.failed();
        let committed = own.tail_from.unwrap_or(own.size_bytes);
        let Some(copy) = self.sources.copy.as_deref() else {
            self.plan = Some(Found {
                healed_size_bytes: own.size_bytes,
                not_healed: self.lost(own, committed),
                ..Found::default()
            });
            return Ok(());
        };
        let theirs = look(copy)?;
        let their_end = theirs.right.last().map_or(0, |range| range.end);
        // `size` is what the healed volume will have, `limit` how much of it must be shown to be right. Whichever side has an end
        // decides, ours before theirs. Without one, a volume that is not the last is damaged at its end, however long it is. In
        // the last one, bytes after the last commit are nobody's: they stay, and need not be right, unless the copy shows
        // commits there.
        let is_longer = self.is_last && !own.is_closed && their_end > committed;
        let (size, limit) = if own.is_closed {
            (own.size_bytes, own.size_bytes)
        } else if theirs.is_closed {
            (theirs.size_bytes, theirs.size_bytes)
        } else if is_longer {
            (their_end, their_end)
        } else if self.is_last {
            (own.size_bytes, committed)
        } else {
            (own.size_bytes.max(copy_bytes), own.size_bytes.max(copy_bytes))
        };
        let mut patches: Vec<Range<u64>> = Vec::new();
        let mut wrong = own.wrong(limit);
        // A patch goes only where this volume is not right and the copy is. Each round judges the patched volume as a whole
        // again: that its bytes came from a copy makes none of them right.
        for _ in 0..MAX_ROUNDS {
            let mut found = Vec::new();
            let patched = Patched { own: &*self.sources.own, copy, from_copy: &patches, size_bytes: size };
            for range in intersection(&wrong, &theirs.right) {
                found.extend(differences_of(&patched, own.size_bytes, copy, &range, &patches).map_err(&failed)?);
            }
            if found.is_empty() {
                break;
            }
            patches.extend(found);
            patches = merged(patches);
            wrong =
                look(&Patched { own: &*self.sources.own, copy, from_copy: &patches, size_bytes: size })?.wrong(limit);
        }
        // That all commits are right does not show that they are all there: only its end shows where a volume ends.
        if wrong.is_empty() && !self.is_last && !own.is_closed && !theirs.is_closed {
            wrong = self.lost(own, committed);
        }
        // Every archive begins with a commit. Where nothing brings it back, all of the volume is lost, whatever is readable in it.
        if own.lacks_first_commit && patches.is_empty() {
            wrong = self.lost(own, committed);
        }
        let is_right = wrong.is_empty() && !own.lacks_first_commit;
        let is_longer_only = is_right && patches.is_empty() && size == own.size_bytes;
        let their_tail = theirs.tail_from.filter(|_| is_longer && theirs.is_tail_unreadable);
        self.plan = (!is_longer_only || self.sources.is_missing).then_some(Found {
            healed_size_bytes: size,
            from_copy: patches,
            not_healed: wrong,
            copy_unreadable_bytes: their_tail.map_or(0, |tail| theirs.size_bytes - tail),
            ..Found::default()
        });
        Ok(())
    }

    /// What is wrong, where nothing is there to heal it.
    fn lost(&self, own: &Survey, committed: u64) -> Vec<Range<u64>> {
        let mut lost = own.wrong(if own.lacks_first_commit { own.size_bytes } else { committed });
        if !own.is_closed && !self.is_last {
            lost.push(own.size_bytes..own.size_bytes + END_BYTES);
        }
        merged(lost)
    }

    fn plan(&self, own: &Survey, start: Option<LogPoint>, parity_says: Option<String>) -> Option<VolumePlan> {
        let found = self.plan.as_ref()?;
        let committed = own.tail_from.unwrap_or(own.size_bytes);
        let stretches = |ranges: &[Range<u64>]| ranges.iter().map(|range| stretch(self.number, range)).collect();
        Some(VolumePlan {
            volume: self.number.0,
            is_missing: self.sources.is_missing,
            is_cut_short: !self.sources.is_missing
                && !own.is_closed
                && (!own.lacks_first_commit || own.size_bytes == 0)
                && own.wrong(committed).is_empty()
                && found.healed_size_bytes > committed,
            is_key_unknown: own.has_unknown_key && start.is_none(),
            size_bytes: own.size_bytes,
            healed_size_bytes: found.healed_size_bytes,
            from_copy: stretches(&found.from_copy),
            from_parity: stretches(&found.block_ranges),
            not_healed: stretches(&found.not_healed),
            parity_says,
            copy_unreadable_bytes: found.copy_unreadable_bytes,
            work: Work {
                from_copy: found.from_copy.clone(),
                blocks: found.blocks.clone(),
                is_by_blocks: found.is_by_blocks,
                start,
            },
        })
    }
}

/// What is not readable at the end of a volume and stays there.
fn unreadable_tail(number: VolumeNumber, own: &Survey, plan: Option<&VolumePlan>) -> Option<Stretch> {
    let tail = own.tail_from.filter(|_| own.is_tail_unreadable && !own.lacks_first_commit)?;
    let is_replaced = |plan: &VolumePlan| {
        plan.healed_size_bytes <= tail || plan.work.from_copy.last().is_some_and(|patch| patch.end > tail)
    };
    (!plan.is_some_and(is_replaced)).then(|| stretch(number, &(tail..own.size_bytes)))
}

/// Where a patched volume differs from the copy: what was patched does not, and what it does not have itself
/// does, even if it is zeros.
fn differences_of(
    patched: &Patched<'_>,
    own_bytes: u64,
    copy: &dyn ReadAt,
    range: &Range<u64>,
    patches: &[Range<u64>],
) -> std::io::Result<Vec<Range<u64>>> {
    let mut found = differences(patched, copy, &(range.start..range.end.min(own_bytes).max(range.start)))?;
    let behind = range.start.max(own_bytes)..range.end;
    if behind.start < behind.end && !patches.iter().any(|patch| patch.start <= behind.start && behind.end <= patch.end)
    {
        found.push(behind);
    }
    Ok(found)
}

pub(super) fn stretch(number: VolumeNumber, range: &Range<u64>) -> Stretch {
    Stretch { offset: range.start, size_bytes: range.end - range.start, volume: number.0 }
}
