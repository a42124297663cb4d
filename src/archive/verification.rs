//! Verifying an archive in a folder: the verifier on its volumes, and the index beside them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::environment::Environment;
use super::error::ArchiveError;
use super::index::Index;
use super::index_check::IndexCheck;
use super::known::{KnownArchive, KnownArchives};
use super::open::{Unlocked, describe, take_lock_to_read};
use super::{INDEX, VOLUMES, threads};
use crate::format::SignedCheckpoint;
use crate::model::count;
use crate::store::VolumeStore;
use crate::store::durable::SystemDisk;
use crate::verify::{self, Anchor, Budget, Code, Finding, KnownHead, Report, Request, Selection, Watch};

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
pub fn verify_archive(
    folder: &Path,
    verification: &Verification,
    environment: &dyn Environment,
    watch: &dyn Watch,
) -> Result<Report, ArchiveError> {
    let description = describe(folder)?;
    let lock = take_lock_to_read(folder, environment)?;
    let remembered = match &verification.known {
        Some(known) => known.get(description.origin())?,
        None => None,
    };
    let store = VolumeStore::new(folder.join(VOLUMES), Arc::new(SystemDisk));
    // Without it there is nothing to judge: its disk may not be connected.
    store.list()?;
    let (index, no_index) = match lock.as_ref().map(|_| open_index(folder)) {
        Ok(Ok(index)) => (Some(index), None),
        Ok(Err(reason)) => (None, Some(reason)),
        Err(_) => (None, None),
    };
    let mut check = IndexCheck::new(index.as_ref());
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
    match no_index {
        Some(NoIndex::Unread(reason)) => report.add(Finding::new(Code::IndexUnread, "index", reason)),
        Some(NoIndex::NotOpened(reason)) => report.not_checked.push(format!("the index: {reason}")),
        None => {}
    }
    if let Err(unlocked) = &lock {
        // Nothing is wrong with it, as far as anybody knows.
        let reason = format!("the index: {}, and the index can only be opened for writing", unlocked.reason());
        report.not_checked.push(reason);
    }
    if matches!(lock, Err(Unlocked::NoLocks)) {
        let reason = "whether another program wrote to the archive meanwhile: the drive has no file locks";
        report.not_checked.push(reason.to_owned());
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
    report.explain_forks();
    report.sort();
    Ok(report)
}

/// Why the index is not compared with the volumes.
enum NoIndex {
    /// Something is wrong with it.
    Unread(String),
    /// Nothing is known to be wrong with it: this process cannot open it.
    NotOpened(String),
}

fn open_index(folder: &Path) -> Result<Index, NoIndex> {
    let path = folder.join(INDEX);
    if !path.exists() {
        let reason = "there is none; in an archive `vouchsafe rebuild` makes it, a copy needs none";
        return Err(NoIndex::Unread(reason.to_owned()));
    }
    Index::open(&path).map_err(|error| match error.is_of_the_process() {
        true => NoIndex::NotOpened(error.to_string()),
        false => NoIndex::Unread(error.to_string()),
    })
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
            "keys that this machine remembers since {}, and its newest head, of {}",
            known.first_seen,
            count(known.head.checkpoint.size, "entry")
        ));
    }
    let of_this_key = |head: &&(SignedCheckpoint, PathBuf)| head.0.is_signed_by(&description.log_key);
    for (head, path) in verification.expected_heads.iter().filter(of_this_key) {
        trust.push(format!(
            "the log key that signed the head of {} in {} (--expect-head)",
            count(head.checkpoint.size, "entry"),
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
        threads: threads(verification.threads),
    }
}
