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
mod pipeline;
mod read;
mod refused;
mod remark;
mod sidecar;
mod walk;

use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::custody::Keys;
use super::environment::Environment;
use super::error::ArchiveError;
use super::metadata::{Fields, WrittenDate};
use super::{Archive, LogWriter};
use crate::digest::Digest;
use crate::model::{EntryIndex, EventKind, ExhibitId, MediaType};

pub use commit::WRITE_RECEIPT;
use commit::{ReceiptsFolder, make_receipts_durable, receipt_path, write_receipt};
use guard::KeyGuard;
pub(super) use media_type::known_media_type;
use pipeline::{Ingested, Ingestion};
pub use refused::RefusedFile;
pub use remark::Remark;

/// Where evidence comes from.
pub enum Input {
    /// A file, or a folder with everything in it.
    Path(PathBuf),
    /// A stream, with the name that it is to have.
    Stream {
        /// The name.
        name: String,
        /// The bytes.
        reader: Box<dyn Read + Send>,
    },
}

/// What to ingest, and what is said about all of it.
pub struct IngestRequest {
    /// The inputs, in order.
    pub inputs: Vec<Input>,
    /// Fields for every file; a metadata file beside a file goes before them.
    pub fields: Fields,
    /// Files and folders that must not get into an archive, such as those with keys. The archive's own folder
    /// need not be named.
    pub excluded: Vec<PathBuf>,
    /// What is taken in although it is refused otherwise.
    pub permitted: Permitted,
    /// Only tell what would happen.
    pub is_dry_run: bool,
    /// Write a receipt for every new exhibit into this folder.
    pub receipts: Option<PathBuf>,
    /// Files up to this size are read whole and hashed in parallel; larger ones are streamed, each a commit of its
    /// own. [`DEFAULT_WHOLE_BYTES`] is what serves.
    pub whole_bytes: u64,
    /// Threads that read and hash; 0 for as many as there are cores.
    pub threads: usize,
}

/// What is taken in although it is refused otherwise.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Permitted {
    /// Files that hold private keys of others. Those of the archive's own agents, and its log key, never are.
    pub private_keys: bool,
    /// Files that are called like metadata files. They are evidence then, and none is read as metadata.
    pub metadata_files: bool,
    /// Streams of which nothing came.
    pub empty_streams: bool,
}

/// The size up to which files are read whole.
pub const DEFAULT_WHOLE_BYTES: u64 = 8 * 1024 * 1024;

/// What became of one file.
#[derive(Debug)]
pub enum Outcome {
    /// A new exhibit, durable.
    Ingested {
        /// Its name.
        exhibit: ExhibitId,
        /// The entry; none in a dry run.
        index: Option<EntryIndex>,
        /// The object.
        object: Digest,
        /// Its size.
        size_bytes: u64,
        /// What it was recognised as.
        media_type: MediaType,
        /// Whether the same bytes were held already, from another place.
        is_same_object: bool,
        /// The dates in its metadata file that were given in other words than EDTF.
        written_dates: Vec<WrittenDate>,
    },
    /// The same content from the same place is an exhibit already.
    AlreadyHeld {
        /// Which.
        exhibit: ExhibitId,
        /// The object.
        object: Digest,
        /// Its size.
        size_bytes: u64,
        /// Whether metadata was given for it now that the exhibit does not have, or has otherwise: it was
        /// not applied.
        has_other_metadata: bool,
    },
    /// Not ingested, and why.
    Refused {
        /// Why.
        reason: RefusedFile,
    },
}

/// Follows an ingest. Called from several threads.
pub trait Follow: Sync {
    /// A file was found, with the size that it seems to have.
    fn found(&self, _size_bytes: u64) {}
    /// Bytes of files were read.
    fn read(&self, _bytes: u64) {}
    /// What became of a file. For a new exhibit: it is durable now.
    fn done(&self, _path: &FileName, _outcome: &Outcome) {}
    /// Something about a file that is taken in, and that whoever ingests must hear.
    fn remark(&self, _path: &FileName, _remark: Remark) {}
    /// Whether to stop: what is durable by then stays, and running it again finishes the rest.
    fn is_stopped(&self) -> bool {
        false
    }
}

/// The name of a file as the user knows it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FileName(pub PathBuf);

/// The reconciliation: every file that was seen is in exactly one of the other counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Summary {
    /// Files seen, metadata files apart.
    pub seen: u64,
    /// New exhibits.
    pub ingested: u64,
    /// Files that are exhibits already.
    pub already_held: u64,
    /// Files that were refused.
    pub refused: u64,
    /// Bytes of the new exhibits.
    pub ingested_bytes: u64,
    /// New exhibits with fields from a metadata file beside them.
    pub metadata_files: u64,
    /// Files that are exhibits already, for which other metadata was given than the exhibit has. None of it
    /// was applied.
    pub metadata_not_applied: u64,
    /// New exhibits whose bytes were held already.
    pub same_object: u64,
    /// What was remarked of files that were taken in.
    pub remarks: u64,
    /// Whether it was stopped before the end.
    pub is_stopped: bool,
}

/// An ingest that could not go on. What was acknowledged before is durable.
#[derive(Debug, thiserror::Error)]
#[error("{source}")]
pub struct IngestError {
    /// What was done until then.
    pub summary: Summary,
    /// Why it could not go on.
    pub source: Box<ArchiveError>,
}

impl IngestError {
    fn new(summary: Summary, source: ArchiveError) -> Self {
        Self { summary, source: Box::new(source) }
    }
}

impl Archive {
    /// Ingests files.
    ///
    /// A file that cannot be ingested is refused and the rest goes on; a disk that cannot be written to
    /// ends it.
    ///
    /// # Errors
    /// The agent may not ingest, or the archive cannot be written to. Whatever was acknowledged through
    /// `follow` is durable all the same.
    pub fn ingest(
        &mut self,
        mut request: IngestRequest,
        keys: &Keys,
        environment: &dyn Environment,
        follow: &dyn Follow,
    ) -> Result<Summary, IngestError> {
        let fail = |source| IngestError::new(Summary::default(), source);
        let receipts_to = match &request.receipts {
            Some(folder) => Some(self.receipts_folder(folder, keys).map_err(fail)?),
            None => None,
        };
        let writer = match request.is_dry_run {
            true => self.writer_without_writing(keys, environment),
            false => self.writer(keys, EventKind::ExhibitIngested, environment),
        };
        let writer = writer.map_err(fail)?;
        request.excluded.push(self.folder.clone());
        // A dry run writes nothing, and the folder may not be there.
        let receipts = request.receipts.clone().filter(|_| !request.is_dry_run);
        let guard = KeyGuard::new(self.own_keys(), request.permitted.private_keys);
        let result = Ingestion::new(writer, request, guard, environment, follow, receipts_to).run(&mut self.index);
        // What was acknowledged stays, and is remembered, also if it could not go on.
        let finished = self.finish();
        let Ingested { summary, end, without_receipt } = result?;
        // Only now: the index on disk is to end where a commit ends.
        self.index.move_to(end);
        let fail = |source| IngestError::new(summary, source);
        finished.map_err(fail)?;
        if let Some(folder) = receipts {
            self.complete_receipts(&folder, &without_receipt).map_err(fail)?;
        }
        Ok(summary)
    }

    /// Where receipts go, and the entries that introduced the key which signs what they are of.
    fn receipts_folder(&self, folder: &Path, keys: &Keys) -> Result<ReceiptsFolder, ArchiveError> {
        let entries = self.introductions(BTreeSet::from([keys.agent.public().id()]))?;
        let introductions = entries.into_iter().map(|index| self.entry(index).map(|logged| logged.entry));
        Ok(ReceiptsFolder { folder: folder.to_owned(), introductions: introductions.collect::<Result<_, _>>()? })
    }

    /// Writes the receipts that an earlier, interrupted run left out.
    fn complete_receipts(&self, folder: &Path, exhibits: &[ExhibitId]) -> Result<(), ArchiveError> {
        for &exhibit in exhibits {
            let file = receipt_path(folder, exhibit);
            if !file.exists() {
                write_receipt(&self.receipts(self.exhibit(exhibit)?.ingested_at)?, &file)?;
            }
        }
        // Those that were there may come from a run that was ended before it did this.
        make_receipts_durable(folder)
    }
}
