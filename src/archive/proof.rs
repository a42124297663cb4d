//! When an exhibit was last proven good, as the log records it.

use super::{Archive, ArchiveError};
use crate::model::{ArchiveVerified, Coverage, EntryIndex, Event, ExhibitId, MAX_FAILED_OBJECTS, Timestamp, Verdict};
use crate::sign::KeyId;

/// A recorded verification that found an exhibit's bytes to be those that were committed to.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Proof {
    /// The entry that records it.
    pub index: EntryIndex,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// Who recorded it.
    pub actor: KeyId,
    /// Which objects were read.
    pub coverage: Coverage,
}

impl Archive {
    /// The newest recorded verification since the exhibit was ingested that read its bytes and found
    /// nothing wrong with them nor with the log.
    ///
    /// That is what was recorded, not what is so now: only `verify` knows that.
    ///
    /// # Errors
    /// There is no such exhibit, or an entry cannot be read.
    pub fn last_proven_good(&self, exhibit: ExhibitId) -> Result<Option<Proof>, ArchiveError> {
        let row = self.exhibit(exhibit)?;
        let number = self.object(row.object)?.number;
        for index in self.index.verifications_since(row.ingested_at) {
            let index = index?;
            let entry = self.entry(index)?.entry.entry;
            let Event::ArchiveVerified(body) = entry.event else { continue };
            if proves(&body) && body.coverage.includes(number, row.object) && !body.failed_objects.contains(&row.object)
            {
                let (recorded_at, actor) = (entry.recorded_at, entry.actor);
                return Ok(Some(Proof { index, recorded_at, actor, coverage: body.coverage }));
            }
        }
        Ok(None)
    }
}

/// Whether what it does not name as failed was good. Where the log failed, numbers of objects may not be
/// what they were; and as many failed objects as an entry holds say nothing of the others.
fn proves(body: &ArchiveVerified) -> bool {
    body.log_verdict != Verdict::Failed && body.failed_objects.len() < MAX_FAILED_OBJECTS
}
