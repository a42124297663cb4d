//! The other half of the pipeline: finishes commits, acknowledges their files, and writes receipts.

use std::path::{Path, PathBuf};

use crossbeam_channel::{Receiver, Sender};

use super::super::commit::Written;
use super::super::error::ArchiveError;
use super::super::index::{CommitRecord, Index, IndexError};
use super::outcome::{FileName, Follow, Outcome, Summary};
use crate::store::durable::{create_private_file_of_many, sync_folder};
use vouchsafe_core::format::{Receipt, Receipts, SignedEntry};
use vouchsafe_core::merkle;
use vouchsafe_core::model::ExhibitId;

/// What was tried when a receipt could not be written; the exhibit is durable by then.
pub const WRITE_RECEIPT: &str = "write the receipt";

/// A commit that was written, with the files that it acknowledges once it is durable.
pub(super) struct Handed {
    pub written: Written,
    pub files: Vec<(FileName, Outcome)>,
}

/// What became of the commits that were handed over.
#[derive(Default)]
pub(super) struct Finished {
    /// The files that were acknowledged.
    pub acknowledged: Summary,
    /// Why no further commits were taken.
    pub error: Option<ArchiveError>,
}

/// Takes written commits in order. Answers each with `()` when it is durable, acknowledged and applied;
/// the queue ends early with the error that made it impossible.
pub(super) fn finish_commits(
    index: &mut Index,
    handed: &Receiver<Handed>,
    durable: &Sender<()>,
    receipts: Option<&ReceiptsFolder>,
    follow: &dyn Follow,
) -> Finished {
    let mut finished = Finished::default();
    for commit in handed {
        if let Err(error) = finish_commit(index, commit, receipts, follow, &mut finished) {
            finished.error = Some(error);
            break;
        }
        // The other side may have given up already; then nobody waits for this.
        let _ = durable.send(());
    }
    finished
}

fn finish_commit(
    index: &mut Index,
    commit: Handed,
    receipts: Option<&ReceiptsFolder>,
    follow: &dyn Follow,
    finished: &mut Finished,
) -> Result<(), ArchiveError> {
    let acknowledge = || {
        for (path, outcome) in &commit.files {
            finished.acknowledged.count(outcome);
            follow.done(path, outcome);
        }
    };
    let record = commit.written.finish(index, acknowledge)?;
    match receipts {
        Some(to) => write_receipts(index, &record, to),
        None => Ok(()),
    }
}

/// Where receipts of new exhibits are written, and the entries that accompany each: those that introduced the keys.
#[derive(Debug, Clone)]
pub(super) struct ReceiptsFolder {
    pub folder: PathBuf,
    pub introductions: Vec<SignedEntry>,
}

fn write_receipts(index: &Index, record: &CommitRecord, to: &ReceiptsFolder) -> Result<(), ArchiveError> {
    let checkpoint = &record.checkpoint;
    let receipt = |entry: &SignedEntry| -> Result<Receipt, ArchiveError> {
        let size = checkpoint.checkpoint.size;
        let path = merkle::prove_inclusion(entry.entry.index.0, size, index).map_err(IndexError::from)?;
        Ok(Receipt { entry: entry.clone(), path, checkpoint: checkpoint.clone() })
    };
    let introductions = to.introductions.iter().map(receipt).collect::<Result<Vec<_>, _>>()?;
    for logged in &record.entries {
        let Some(exhibit) = logged.entry.entry.exhibit else { continue };
        let mut receipts = introductions.clone();
        receipts.push(receipt(&logged.entry)?);
        write_receipt(&Receipts(receipts), &receipt_path(&to.folder, exhibit))?;
    }
    make_receipts_durable(&to.folder)
}

/// Where the receipt of an exhibit's ingest is written.
pub(super) fn receipt_path(folder: &Path, exhibit: ExhibitId) -> PathBuf {
    folder.join(format!("{exhibit}.tlog-proof"))
}

/// Writes a receipt; never over another file. A crash leaves it whole or not there; it is there for certain after
/// [`make_receipts_durable`].
pub(super) fn write_receipt(receipts: &Receipts, file: &Path) -> Result<(), ArchiveError> {
    create_private_file_of_many(file, receipts.to_string().as_bytes()).map_err(ArchiveError::io(WRITE_RECEIPT, file))
}

/// Makes the names of the receipts durable, of many with one sync.
pub(super) fn make_receipts_durable(folder: &Path) -> Result<(), ArchiveError> {
    sync_folder(folder).map_err(ArchiveError::io(WRITE_RECEIPT, folder))
}
