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
use std::path::Path;

use super::Archive;
use super::custody::Keys;
use super::environment::Environment;
use super::error::ArchiveError;
use vouchsafe_core::model::{EventKind, ExhibitId};

pub use commit::WRITE_RECEIPT;
use commit::{ReceiptsFolder, make_receipts_durable, receipt_path, write_receipt};
use guard::KeyGuard;
pub(super) use media_type::known_media_type;
pub use outcome::{FileName, Follow, IngestError, Outcome, Summary};
use pipeline::{Ingested, Ingestion};
pub use refused::RefusedFile;
pub use remark::Remark;
pub use request::{DEFAULT_WHOLE_BYTES, IngestRequest, Input, Permitted};

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
