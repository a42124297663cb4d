//! Comparing an archive with a copy of it, byte for byte. Neither side is believed: what differs is a finding.

use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Arc;

use super::error::ArchiveError;
use super::layout::{DESCRIPTION, FORMAT, README, volumes_of};
use super::open::describe;
use crate::store::durable::{SystemDisk, read_limited};
use crate::store::{LocalVolumes, StoreError, Volumes, read_agents};
use vouchsafe_core::format::volume::{BLOCK_BYTES, ReadAt, VolumeNumber, pieces};
use vouchsafe_core::language::Text;
use vouchsafe_core::text;
use vouchsafe_core::verify::{Agents, Code, Finding, Report, Watch, commits_behind};

/// The most stretches of one volume that are spelled out; further ones are counted.
const MAX_STRETCHES: usize = 20;

vouchsafe_core::described! {
    /// What was compared.
    #[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
    pub struct Comparison {
        /// Volumes that are in both.
        pub volumes: u64,
        /// Bytes that are in both.
        pub size_bytes: u64,
        /// Whether it came to its end.
        pub complete: bool,
        /// What differs.
        #[serde(skip)]
        pub findings: Vec<Finding>,
    }
}

impl Comparison {
    /// Adds what differs to the report on the archive.
    pub fn add_to(&mut self, report: &mut Report) {
        std::mem::take(&mut self.findings).into_iter().for_each(|finding| report.add(finding));
        report.sort();
        if !self.complete {
            report.not_checked.push(text!(
                "the rest of the copy: the comparison was stopped",
                "복제본의 나머지: 비교가 중단되었습니다."
            ));
            report.complete = false;
        }
    }
}

/// Compares the volumes of an archive with those of a copy. Changes nothing in either.
///
/// # Errors
/// One of the two is no archive or cannot be read. A difference is no error.
pub fn compare_with_copy(archive: &Path, copy: &Path, watch: &dyn Watch) -> Result<Comparison, ArchiveError> {
    let description = describe(archive)?;
    let of_copy = describe(copy)?;
    // What a newer version says of one of the two is not compared; which log it is, the volumes show.
    let has_newer = description.newer_format.is_some() || of_copy.newer_format.is_some();
    let mut done = Comparison { complete: true, ..Comparison::default() };
    for name in [DESCRIPTION, README, FORMAT].into_iter().filter(|name| !has_newer || *name != DESCRIPTION) {
        let read = |folder: &Path| read_limited(&folder.join(name), 4 * 1024 * 1024, false).ok();
        if read(archive) != read(copy) {
            let message = text!("it is not what the archive has", "보존소에 있는 것과 다릅니다");
            done.findings.push(finding(Code::CopyDiffers, copy, name, message));
        }
    }
    let stores = [archive, copy].map(|folder| volumes_of(folder, Arc::new(SystemDisk)));
    let lists = [list(&stores[0])?, list(&stores[1])?];
    // An archive is as it is itself, which says nothing of any copy.
    let file = |store: &LocalVolumes, number| {
        std::fs::metadata(store.path(number)).ok().map(|metadata| (metadata.dev(), metadata.ino()))
    };
    let is_same =
        |number: &VolumeNumber| file(&stores[0], *number).is_some_and(|one| file(&stores[1], *number) == Some(one));
    if lists[0].iter().any(is_same) {
        return Err(ArchiveError::NotACopy { path: copy.to_owned() });
    }
    let mut numbers = lists.concat();
    numbers.sort_unstable();
    numbers.dedup();
    let read = stores.iter().map(|store| read_agents(store, &description.log_key));
    let agents = read.max_by_key(|agents| agents.log_keys().count());
    let agents = agents.unwrap_or_else(|| Agents::of_log(description.log_key.clone()));
    let mut compared = Both { stores: &stores, copy, agents, done };
    let shared = numbers.iter().filter(|number| lists.iter().all(|list| list.contains(number)));
    let total = shared.map(|number| compared.sizes(*number).map(|[a, b]| a.min(b))).sum::<Result<u64, _>>()?;
    watch.total(total);
    for number in numbers {
        let is_there = [lists[0].contains(&number), lists[1].contains(&number)];
        compared.volume(number, is_there, watch)?;
    }
    Ok(compared.done)
}

fn list(store: &LocalVolumes) -> Result<Vec<VolumeNumber>, ArchiveError> {
    Ok(store.list()?.0)
}

fn finding(code: Code, copy: &Path, name: &str, message: Text) -> Finding {
    let place = text!("{name} in {copy}", "{copy}의 {name}"; copy = copy.display());
    Finding::new(code, place, message)
}

struct Both<'a> {
    stores: &'a [LocalVolumes; 2],
    copy: &'a Path,
    /// Who may sign in the log, as the volumes of either say that can be read.
    agents: Agents,
    done: Comparison,
}

impl Both<'_> {
    fn open(&self, side: usize, number: VolumeNumber) -> Result<Arc<dyn ReadAt>, ArchiveError> {
        Ok(self.stores[side].open_volume(number)?)
    }

    fn sizes(&self, number: VolumeNumber) -> Result<[u64; 2], ArchiveError> {
        let size = |side: usize| -> Result<u64, ArchiveError> {
            let path = self.stores[side].place(number);
            Ok(self.open(side, number)?.size_bytes().map_err(StoreError::io("read the volume's size", &path))?)
        };
        Ok([size(0)?, size(1)?])
    }

    fn add(&mut self, code: Code, number: VolumeNumber, message: Text) {
        let found = finding(code, self.copy, &number.to_string(), message);
        self.done.findings.push(found);
    }

    fn volume(&mut self, number: VolumeNumber, is_there: [bool; 2], watch: &dyn Watch) -> Result<(), ArchiveError> {
        let sizes = match is_there {
            [true, true] => self.sizes(number)?,
            [true, false] => return self.rest(number, 0, 0),
            [false, _] => return self.rest(number, 1, 0),
        };
        let both = sizes[0].min(sizes[1]);
        if !self.bytes(number, both, watch)? {
            self.done.complete = false;
            return Ok(());
        }
        self.done.volumes += 1;
        match sizes[0].cmp(&sizes[1]) {
            std::cmp::Ordering::Equal => Ok(()),
            std::cmp::Ordering::Greater => self.rest(number, 0, both),
            std::cmp::Ordering::Less => self.rest(number, 1, both),
        }
    }

    /// Compares what both have of a volume; `false` if it was stopped.
    fn bytes(&mut self, number: VolumeNumber, size_bytes: u64, watch: &dyn Watch) -> Result<bool, ArchiveError> {
        let readers = [self.open(0, number)?, self.open(1, number)?];
        let [mut ours, mut theirs] = [&readers[0], &readers[1]].map(|reader| pieces(&**reader, 0..size_bytes));
        let places = [0, 1].map(|side: usize| self.stores[side].place(number));
        let failed = |side: usize| StoreError::io("read the volume", &places[side]);
        let mut differences = Differences::default();
        let mut at = 0;
        while !ours.is_done() {
            if watch.is_stopped() {
                return Ok(false);
            }
            let ours = ours.next_piece().map_err(failed(0))?.unwrap_or_default();
            let theirs = theirs.next_piece().map_err(failed(1))?.unwrap_or_default();
            if ours != theirs {
                differences.take(at, ours, theirs);
            }
            at += ours.len() as u64;
            self.done.size_bytes += ours.len() as u64;
            watch.advance(ours.len() as u64);
        }
        for (from, to) in &differences.stretches {
            let message = text!(
                "the bytes from {from} to {last} are not those of the archive",
                "바이트 {from}부터 {last}까지가 보존소의 것과 다릅니다";
                last = to - 1
            );
            self.add(Code::CopyDiffers, number, message);
        }
        if differences.more > 0 {
            let message =
                text!("and {more} further stretches", "그 밖에 {more}곳이 더 다릅니다"; more = differences.more);
            self.add(Code::CopyDiffers, number, message);
        }
        Ok(true)
    }

    /// What only one of the two has, after `from`: committed entries, or the trace of an interruption.
    fn rest(&mut self, number: VolumeNumber, side: usize, from: u64) -> Result<(), ArchiveError> {
        let path = self.stores[side].place(number);
        let reader = self.open(side, number)?;
        let failed = || StoreError::io("read the volume", &path);
        let size_bytes = reader.size_bytes().map_err(failed())?.saturating_sub(from);
        // Between two blocks, as every member begins: a copy that was cut may end anywhere.
        let block = from / BLOCK_BYTES * BLOCK_BYTES;
        let newest = commits_behind(&*reader, block, &self.agents, 0).map_err(failed())?;
        let newest = newest.last().map(|(signed, _)| signed.checkpoint.size);
        match (side, newest) {
            (0, Some(size)) => {
                let message = text!(
                    "it lacks {size_bytes} bytes: the log up to {size} entries",
                    "{size_bytes}바이트가 없습니다(기록 항목 {size}건까지의 기록부)"
                );
                self.add(Code::CopyBehind, number, message);
            }
            (0, None) if size_bytes > 0 => {
                let message = text!("it lacks {size_bytes} bytes", "{size_bytes}바이트가 없습니다");
                self.add(Code::CopyBehind, number, message);
            }
            (1, Some(size)) => {
                let message = text!(
                    "it has {size_bytes} bytes more, with a log of {size} entries",
                    "{size_bytes}바이트가 더 있고, 기록 항목 {size}건의 기록부가 들어 있습니다"
                );
                self.add(Code::CopyAhead, number, message);
            }
            (1, None) if size_bytes > 0 => {
                let message = text!(
                    "it has {size_bytes} bytes more, and no commit in them",
                    "{size_bytes}바이트가 더 있으나, 그 안에 확정 단위가 없습니다"
                );
                self.add(Code::CopyTail, number, message);
            }
            _ => {}
        }
        Ok(())
    }
}

/// Stretches of bytes that differ, in steps of a block; adjacent ones are merged.
#[derive(Default)]
struct Differences {
    stretches: Vec<(u64, u64)>,
    more: u64,
    last_end: u64,
}

impl Differences {
    fn take(&mut self, at: u64, a: &[u8], b: &[u8]) {
        let block = usize::try_from(BLOCK_BYTES).unwrap_or(512);
        let blocks = (at..).step_by(block).zip(a.chunks(block).zip(b.chunks(block)));
        for (from, (a, _)) in blocks.filter(|(_, (a, b))| a != b) {
            let to = from + a.len() as u64;
            let is_neighbour = from == self.last_end && self.last_end > 0;
            let (spelled_out, is_room) = (self.more == 0, self.stretches.len() < MAX_STRETCHES);
            match self.stretches.last_mut().filter(|_| is_neighbour) {
                Some(last) if spelled_out => last.1 = to,
                Some(_) => {}
                None if is_room => self.stretches.push((from, to)),
                None => self.more += 1,
            }
            self.last_end = to;
        }
    }
}
