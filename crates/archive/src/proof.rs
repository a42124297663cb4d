//! When an exhibit was last proven good, as the log records it.

use super::reader::Reader;
use super::{ArchiveError, UnreadEntry};
use vouchsafe_core::model::{
    ArchiveVerified, Coverage, EntryIndex, Event, ExhibitId, MAX_FAILED_OBJECTS, Timestamp, Verdict,
};
use vouchsafe_core::sign::KeyId;

/// What the recorded verifications say of an exhibit.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Verified {
    /// The newest that found nothing wrong with its bytes nor with the log.
    pub last_proven_good: Option<Proof>,
    /// The newest after that which found its bytes missing, changed or unreadable.
    pub found_damaged: Option<EntryIndex>,
    /// Entries that lie damaged in their volumes, so that what they record is not counted.
    pub unread: Vec<UnreadEntry>,
}

vouchsafe_core::described! {
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
}

/// What the verifications that were recorded since the exhibit was ingested say of it.
///
/// That is what was recorded, not what is so now: only `verify` knows that. What was recorded with a key that
/// the log no longer trusts counts for nothing.
///
/// # Errors
/// There is no such exhibit, or a volume cannot be opened. Damaged entries are named.
pub fn verified(reader: &Reader, exhibit: ExhibitId) -> Result<Verified, ArchiveError> {
    let row = reader.exhibit(exhibit)?;
    let number = reader.object(row.object)?.number;
    let mut verified = Verified::default();
    for index in reader.index.verifications_since(row.ingested_at) {
        let index = index?;
        let Some(logged) = reader.entry_or_note(index, &mut verified.unread)? else { continue };
        let entry = logged.entry.entry;
        let Event::ArchiveVerified(body) = entry.event else { continue };
        if distrusted_from(reader, entry.actor, &mut verified.unread)?.is_some_and(|from| index >= from) {
            continue;
        }
        if body.failed_objects.contains(&row.object) {
            verified.found_damaged.get_or_insert(index);
        } else if proves(&body) && body.coverage.includes(number, row.object) {
            let (recorded_at, actor) = (entry.recorded_at, entry.actor);
            verified.last_proven_good = Some(Proof { index, recorded_at, actor, coverage: body.coverage });
            break;
        }
    }
    Ok(verified)
}

/// The index from which a key is not to be trusted, if it was revoked. Where the revocation is damaged, from the
/// first entry.
fn distrusted_from(
    reader: &Reader,
    key: KeyId,
    unread: &mut Vec<UnreadEntry>,
) -> Result<Option<EntryIndex>, ArchiveError> {
    let Some(revoked_at) = reader.index.roster().get(key).and_then(|standing| standing.revoked_at) else {
        return Ok(None);
    };
    Ok(match reader.entry_or_note(revoked_at, unread)?.map(|logged| logged.entry.entry.event) {
        Some(Event::AgentRevoked(body)) => Some(body.from_index),
        Some(_) => None,
        None => Some(EntryIndex(0)),
    })
}

/// Whether what it does not name as failed was good. Where the log failed, numbers of objects may not be
/// what they were; and as many failed objects as an entry holds say nothing of the others.
fn proves(body: &ArchiveVerified) -> bool {
    body.log_verdict != Verdict::Failed && body.failed_objects.len() < MAX_FAILED_OBJECTS
}
