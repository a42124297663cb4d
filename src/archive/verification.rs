//! Verifying an archive in a folder: the verifier on its volumes, and the index beside them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::error::ArchiveError;
use super::index::EntryRow;
use super::index::Index;
use super::known::{KnownArchive, KnownArchives};
use super::lock::Lock;
use super::open::{describe, take_lock};
use super::{INDEX, VOLUMES};
use crate::digest::Digest;
use crate::format::volume::{Member, VolumeNumber};
use crate::format::{SignedCheckpoint, SignedEntry};
use crate::model::{Event, Verdict};
use crate::store::durable::SystemDisk;
use crate::store::{Position, VolumeStore};
use crate::verify::{self, Anchor, Budget, Code, Finding, KnownHead, Observer, Report, Request, Selection, Watch};

/// What is said of trust where nothing from outside is there to rely on.
const SELF_CONSISTENCY: &str =
    "only the archive's own archive.json: this shows that the archive agrees with itself, not whose it is";

/// What to verify, and against what.
#[derive(Debug, Clone, Default)]
pub struct Verification {
    /// What this machine remembers.
    pub known: Option<KnownArchives>,
    /// Keys given from outside.
    pub anchors: Vec<Anchor>,
    /// Checkpoints given from outside, and where they come from.
    pub expected_heads: Vec<(SignedCheckpoint, PathBuf)>,
    /// Which objects to read.
    pub selection: Selection,
    /// How much of them at most.
    pub budget: Budget,
    /// Threads; 0 for as many as there are cores.
    pub threads: usize,
}

/// Verifies an archive. Changes nothing; works on a read-only copy, too.
///
/// # Errors
/// It is no archive, is in use, or cannot be read. Bad evidence is no error but in the report.
pub fn verify_archive(folder: &Path, verification: &Verification, watch: &dyn Watch) -> Result<Report, ArchiveError> {
    let description = describe(folder)?;
    let lock = match take_lock(folder) {
        Ok(lock) => Some(lock),
        Err(ArchiveError::ReadOnly { .. }) => None,
        Err(error) => return Err(error),
    };
    let remembered = match &verification.known {
        Some(known) => known.get(description.origin())?,
        None => None,
    };
    let store = VolumeStore::new(folder.join(VOLUMES), Arc::new(SystemDisk));
    let (index, no_index) = match open_index(folder, lock.as_ref()) {
        Ok(index) => (Some(index), None),
        Err(reason) => (None, Some(reason)),
    };
    let mut check =
        IndexCheck { index: index.as_ref(), records: 0, objects: 0, misnumbered: 0, differences: Vec::new(), more: 0 };
    let mut request = request(&description, verification, remembered.as_ref());
    // A longer log that was signed is a longer log, whoever kept the checkpoint.
    let indexed = index.as_ref().and_then(Index::head).filter(|head| head.is_signed_by(&description.log_key));
    if let Some(head) = indexed {
        request.known_heads.push(KnownHead { checkpoint: head.checkpoint.clone(), kept_in: "the index".to_owned() });
    }
    let volumes = folder.join(VOLUMES);
    let mut report =
        verify::verify(&store, &request, &mut check, watch).map_err(ArchiveError::io("read the volumes", &volumes))?;
    check.report_to(&mut report);
    if let Some(reason) = no_index {
        report.add(Finding::new(Code::IndexUnread, "index", reason));
    }
    for (head, path) in &verification.expected_heads {
        if !head.is_signed_by(&description.log_key) {
            let message = "it is not signed by this archive's log key";
            report.add(Finding::new(Code::KeyDiffers, path.display().to_string(), message));
        }
    }
    if let Some(known) = remembered
        && known.has_other_keys_than(&description)
    {
        let place = known.kept_in.display().to_string();
        report.add(Finding::new(Code::KeyDiffers, place, "this machine remembers other keys of this origin"));
    }
    if report.trust == SELF_CONSISTENCY {
        report.not_checked.push(
            "whose archive this is, and whether entries were cut off its end: no key or head from outside was given \
             (--trust, --expect-head), and this machine remembers none"
                .to_owned(),
        );
    }
    report.sort();
    Ok(report)
}

fn open_index(folder: &Path, lock: Option<&Lock>) -> Result<Index, String> {
    let path = folder.join(INDEX);
    match lock {
        None => Err("the archive is read-only here, and the index can only be opened for writing".to_owned()),
        Some(_) if !path.exists() => Err("there is none; `vouchsafe rebuild` makes it".to_owned()),
        Some(_) => Index::open(&path).map_err(|error| error.to_string()),
    }
}

pub(super) fn request(
    description: &super::Description,
    verification: &Verification,
    remembered: Option<&KnownArchive>,
) -> Request {
    let mut known_heads: Vec<KnownHead> = verification
        .expected_heads
        .iter()
        .map(|(head, path)| KnownHead { checkpoint: head.checkpoint.clone(), kept_in: path.display().to_string() })
        .collect();
    let mut trust = Vec::new();
    if !verification.anchors.is_empty() {
        trust.push("keys given with --trust".to_owned());
    }
    if let Some(known) = remembered {
        let kept_in = known.kept_in.display().to_string();
        known_heads.push(KnownHead { checkpoint: known.head.checkpoint.clone(), kept_in });
        trust.push(format!(
            "keys that this machine remembers since {}, and its newest head, of {} entries",
            known.first_seen, known.head.checkpoint.size
        ));
    }
    let of_this_key = |head: &&(SignedCheckpoint, PathBuf)| head.0.is_signed_by(&description.log_key);
    for (head, path) in verification.expected_heads.iter().filter(of_this_key) {
        trust.push(format!(
            "the log key that signed the head of {} entries in {} (--expect-head)",
            head.checkpoint.size,
            path.display()
        ));
    }
    let trust = match trust.is_empty() {
        true => SELF_CONSISTENCY.to_owned(),
        false => trust.join("; "),
    };
    Request {
        origin: description.origin().clone(),
        log_key: description.log_key.clone(),
        administrator: description.administrator.id(),
        anchors: verification.anchors.clone(),
        trust,
        known_heads,
        selection: verification.selection.clone(),
        budget: verification.budget,
        threads: match verification.threads {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            threads => threads,
        },
    }
}

/// Compares the index with what the volumes hold.
struct IndexCheck<'a> {
    index: Option<&'a Index>,
    records: u64,
    /// How many objects were seen so far.
    objects: u64,
    /// How many of them have another number in the index.
    misnumbered: u64,
    differences: Vec<Finding>,
    more: u64,
}

impl IndexCheck<'_> {
    fn compare<T: PartialEq>(&mut self, what: impl Fn() -> String, indexed: Option<T>, found: T) {
        self.records += 1;
        if indexed.as_ref() == Some(&found) {
            return;
        }
        if self.differences.len() >= 20 {
            self.more += 1;
            return;
        }
        let message = if indexed.is_none() { "the index does not hold it" } else { "the index says something else" };
        self.differences.push(Finding::new(Code::IndexDiffers, what(), message));
    }

    /// The index, if it is so far: a crash leaves it behind, and it catches up when it is opened.
    fn index_at(&self, volume: VolumeNumber, offset: u64) -> Option<&Index> {
        self.index.filter(|index| Position { volume, offset } < index.position())
    }

    fn report_to(mut self, report: &mut Report) {
        if let Some(index) = self.index
            && report.complete
        {
            let behind = report.size.saturating_sub(index.frontier().size());
            if behind > 0 {
                let message = format!(
                    "it lacks {behind} of {} entries and catches up when the archive is next opened",
                    report.size
                );
                report.add(Finding::new(Code::IndexUnread, "index", message));
            }
            self.differences.extend(surplus(index, report));
        }
        // Where a part of a volume is not readable, the objects behind it cannot be numbered.
        if self.misnumbered > 0 && report.log_verdict != Verdict::Failed {
            let message = format!("it counts objects in another order than the volumes: {} of them", self.misnumbered);
            self.differences.push(Finding::new(Code::IndexDiffers, "index", message));
        }
        report.checked.index_records = self.records;
        if self.more > 0 {
            let message = format!("{} further differences", self.more);
            self.differences.push(Finding::new(Code::IndexDiffers, "index", message));
        }
        self.differences.into_iter().for_each(|finding| report.add(finding));
    }
}

/// Rows of what the volumes do not hold.
fn surplus(index: &Index, report: &Report) -> Vec<Finding> {
    let finding = |message| Finding::new(Code::IndexDiffers, "index", message);
    let (objects, entries, exhibits) = match index.row_counts() {
        Ok(counts) => counts,
        Err(error) => return vec![finding(error.to_string())],
    };
    [("objects", objects, report.objects), ("entries", entries, report.size), ("exhibits", exhibits, report.exhibits)]
        .into_iter()
        .filter(|(_, rows, found)| rows > found)
        .map(|(what, rows, found)| finding(format!("it holds {rows} {what}, the volumes {found}")))
        .collect()
}

impl Observer for IndexCheck<'_> {
    fn object(&mut self, digest: Digest, volume: VolumeNumber, member: &Member) {
        let number = self.objects;
        self.objects += 1;
        let Some(index) = self.index_at(volume, member.offset) else { return };
        let found = (volume.0, member.offset, member.size_bytes);
        let row = index.object(digest).ok().flatten();
        self.misnumbered += u64::from(row.is_some_and(|row| row.number != number));
        let indexed = row.map(|row| (row.volume, row.offset, row.size_bytes));
        self.compare(|| format!("objects/{digest}"), indexed, found);
    }

    fn entry(&mut self, entry: &SignedEntry, volume: VolumeNumber, offset: u64, leaf: Digest) {
        let Some(index) = self.index_at(volume, offset) else { return };
        let place = (*leaf.as_bytes(), volume.0, offset, entry.line().len());
        let of_row = |row: EntryRow| (row.leaf, row.volume, row.offset, row.length_bytes as usize);
        let indexed = index.entry(entry.entry.index).ok().flatten().map(of_row);
        let exhibit = match (&entry.entry.event, entry.entry.exhibit) {
            (Event::ExhibitIngested(body), Some(exhibit)) => {
                let indexed = index.exhibit(exhibit).ok().flatten().map(|row| (row.object, row.ingested_at));
                Some((exhibit, indexed, (body.object, entry.entry.index)))
            }
            _ => None,
        };
        self.compare(|| format!("entry {}", entry.entry.index), indexed, place);
        if let Some((exhibit, indexed, found)) = exhibit {
            self.compare(|| format!("exhibit {exhibit}"), indexed, found);
        }
    }
}
