//! Ingest: files become exhibits.
//!
//! ```text
//! walk ──► read and hash small files (all cores) ──► in order: append, sign ──► sync, index, acknowledge
//!   └────► large files: read and hash beside writing ──┘        (one commit ahead of the sync)
//! ```
//! Every queue is bounded, so memory does not grow with the number or size of the files; only a dry run
//! remembers two digests of each new file, since no index does. Sources are only ever read.

mod attributes;
mod commit;
mod far;
mod found;
mod guard;
mod media_type;
mod outcome;
mod pipeline;
mod read;
mod refused;
mod remark;
mod request;
mod sidecar;
mod walk;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::commit::Committer;
use super::custody::Keys;
use super::environment::Environment;
use super::error::ArchiveError;
use super::own_keys::own_keys;
use super::reader::Reader;
use super::receipts::{introductions, receipts};
use super::session::Session;
use vouchsafe_core::model::{EventKind, ExhibitId};

pub use commit::WRITE_RECEIPT;
use commit::{ReceiptsFolder, make_receipts_durable, receipt_path, write_receipt};
use found::Found;
use guard::KeyGuard;
pub(super) use media_type::known_media_type;
pub use outcome::{FileName, Follow, IngestError, Outcome, Summary, Unfollowed};
use pipeline::{Destination, Ingested, Ingestion};
pub use refused::RefusedFile;
pub use remark::Remark;
pub use request::{DEFAULT_WHOLE_BYTES, IngestRequest, Input, Permitted};
use walk::Walker;

/// The files that an ingest would find below these paths, without links in their folders. All of their names are held in memory.
#[must_use]
pub fn files(paths: &[PathBuf], excluded: &[PathBuf], permitted: Permitted) -> Vec<PathBuf> {
    let walker = Walker::new(excluded, paths.iter(), permitted.metadata_files);
    let mut files = Vec::new();
    for root in paths {
        walker.walk(root, &mut |found| {
            if let Found::File(candidate) = found {
                files.push(candidate.path);
            }
            true
        });
    }
    files
}

/// Ingests files.
///
/// A file that cannot be ingested is refused and the rest continues; a disk that cannot be written to
/// ends it.
///
/// # Errors
/// The agent may not ingest, or the archive cannot be written to. Whatever was acknowledged through
/// `follow` is durable anyway.
pub fn ingest(
    session: &mut Session<'_>,
    mut request: IngestRequest,
    keys: &Keys,
    follow: &dyn Follow,
) -> Result<Summary, IngestError> {
    let fail = |source| IngestError::new(Summary::default(), source);
    let receipts = request.receipts.take();
    let receipts_to = match &receipts {
        Some(folder) => Some(receipts_folder(&session.reader, folder, keys).map_err(fail)?),
        None => None,
    };
    let mut committer = session.begin(keys, EventKind::ExhibitIngested).map_err(fail)?;
    request.excluded.push(session.reader.folder.clone());
    let guard = KeyGuard::new(own_keys(&session.reader), request.permitted.private_keys);
    let to = Destination { committer: &mut committer, receipts: receipts_to, is_dry_run: false };
    let result = Ingestion::new(to, request, guard, session.environment, follow).run(&mut session.reader.index);
    // What was acknowledged stays, and is remembered, also if it could not continue.
    let ended = session.end(committer);
    let Ingested { summary, without_receipt } = result?;
    let fail = |source| IngestError::new(summary, source);
    ended.map_err(|failed| fail(failed.into()))?;
    if let Some(folder) = receipts {
        complete_receipts(&session.reader, &folder, &without_receipt).map_err(fail)?;
    }
    Ok(summary)
}

/// Tells what an ingest would do, and writes nothing. Nothing is signed, so any keys will do.
///
/// # Errors
/// Something speaks against writing to the archive, or it cannot be read.
pub fn try_out(
    reader: &mut Reader,
    mut request: IngestRequest,
    keys: &Keys,
    environment: &dyn Environment,
    follow: &dyn Follow,
) -> Result<Summary, IngestError> {
    let fail = |source| IngestError::new(Summary::default(), source);
    // No receipt is written, and the folder may not be there; but what one needs must be readable.
    if request.receipts.take().is_some() {
        introductions(reader, BTreeSet::from([keys.agent.public().id()])).map_err(fail)?;
    }
    reader.check_writable().map_err(fail)?;
    let (log_key, store) = (reader.description.log_key.clone(), reader.store.clone());
    let committer = Committer::without_writing(&reader.index, log_key, store, keys, environment);
    let mut committer = committer.map_err(fail)?;
    request.excluded.push(reader.folder.clone());
    let guard = KeyGuard::new(own_keys(reader), request.permitted.private_keys);
    let to = Destination { committer: &mut committer, receipts: None, is_dry_run: true };
    let ingested = Ingestion::new(to, request, guard, environment, follow).run(&mut reader.index)?;
    Ok(ingested.summary)
}

/// Where receipts go, and the entries that introduced the key which signs what they are of.
fn receipts_folder(reader: &Reader, folder: &Path, keys: &Keys) -> Result<ReceiptsFolder, ArchiveError> {
    let entries = introductions(reader, BTreeSet::from([keys.agent.public().id()]))?;
    let introductions = entries.into_iter().map(|index| reader.entry(index).map(|logged| logged.entry));
    Ok(ReceiptsFolder { folder: folder.to_owned(), introductions: introductions.collect::<Result<_, _>>()? })
}

/// Writes the receipts that an earlier, interrupted run left out.
fn complete_receipts(reader: &Reader, folder: &Path, exhibits: &[ExhibitId]) -> Result<(), ArchiveError> {
    for &exhibit in exhibits {
        let file = receipt_path(folder, exhibit);
        if !file.exists() {
            write_receipt(&receipts(reader, reader.exhibit(exhibit)?.ingested_at)?, &file)?;
        }
    }
    // Those that were there may come from a run that was ended before it did this.
    make_receipts_durable(folder)
}
