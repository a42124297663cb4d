//! What the log says of the archive as a whole: its copies, its last verification, and what of it is not understood.

use serde::Serialize;

use crate::cannot_sign::{KEY_CHANGED, SECOND_KEY, cannot_sign};
use crate::copies::{CopyList, CopyStanding};
use crate::error::ArchiveError;
use crate::exhibits::UnreadEntry;
use crate::index::CommitRecord;
use crate::only_read::{NotUnderstoodThing, entries_not_understood};
use crate::reader::Reader;
use vouchsafe_core::format::Entry;
use vouchsafe_core::model::{Disclosure, EntryIndex, Event, EventKind, Timestamp, Verdict};

vouchsafe_core::described! {
    /// The newest verification that the log records.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
    pub struct LastVerification {
        /// The entry.
        pub entry: EntryIndex,
        /// When.
        pub recorded_at: Timestamp,
        /// Its outcome.
        pub verdict: Verdict,
        /// Entries that the log had then.
        pub size: u64,
        /// Objects that were read.
        pub objects: u64,
        /// Objects that there were.
        pub objects_held: u64,
        /// Whether all of them were meant to be read.
        pub is_whole: bool,
        /// An earlier verification that failed, where none of the whole archive has been sound since.
        pub failed_before: Option<EntryIndex>,
    }
}

/// What the log says of the archive as a whole.
#[derive(Debug, Default)]
pub(crate) struct History {
    pub copies: CopyList,
    pub verified: Option<LastVerification>,
    pub size: u64,
    pub last_recorded: Option<Timestamp>,
    /// Entries about copies and verifications that lie damaged in their volumes.
    pub unread: Vec<UnreadEntry>,
    /// What of the log is not understood, each thing once.
    pub not_understood: Vec<NotUnderstoodThing>,
    /// What this version cannot sign for, if the log needs it.
    pub cannot_sign: Option<&'static str>,
}

impl History {
    /// What the log says up to where the index is. Damaged entries are skipped and named.
    pub fn of(reader: &Reader) -> Result<Self, ArchiveError> {
        let mut history = Self::default();
        for (index, kind) in reader.index.acts()? {
            if matches!(kind, EventKind::ReplicaMade | EventKind::ReplicaLost | EventKind::ArchiveVerified) {
                let logged = reader.entry_or_note(index, &mut history.unread)?;
                logged.iter().for_each(|logged| history.take(&logged.entry.entry, &logged.fields));
            }
        }
        history.size = reader.index.frontier().size();
        history.last_recorded = reader.index.last_recorded();
        history.not_understood = entries_not_understood(&reader.index)?;
        history.cannot_sign = cannot_sign(reader.index.roster());
        Ok(history)
    }

    /// What a commit adds.
    pub fn take_commit(&mut self, commit: &CommitRecord) {
        for logged in &commit.entries {
            self.take(&logged.entry.entry, &logged.fields);
            self.take_what_is_newer(&logged.entry.entry);
        }
    }

    fn take_what_is_newer(&mut self, entry: &Entry) {
        NotUnderstoodThing::tally_entry(&mut self.not_understood, entry);
        match &entry.event {
            Event::LogKeyChanged(_) => self.cannot_sign = Some(KEY_CHANGED),
            Event::ArchiveCreated(body) if body.log_key_pq.is_some() => self.cannot_sign = Some(SECOND_KEY),
            _ => {}
        }
    }

    fn take(&mut self, entry: &Entry, fields: &[Disclosure]) {
        self.size = entry.index.0 + 1;
        self.last_recorded = Some(entry.recorded_at);
        match &entry.event {
            Event::ReplicaMade(body) => self.copies.take(entry, fields, body),
            Event::ReplicaLost(body) => self.copies.lose(entry.index, body.replica),
            Event::ArchiveVerified(body) => {
                let is_whole = body.coverage.is_whole();
                // A part that is sound says nothing of what was found wrong elsewhere.
                let failed_before = self.verified.as_ref().filter(|_| !is_whole || body.verdict == Verdict::Failed);
                let failed_before = failed_before
                    .and_then(|last| last.failed_before.or((last.verdict == Verdict::Failed).then_some(last.entry)));
                self.verified = Some(LastVerification {
                    entry: entry.index,
                    recorded_at: entry.recorded_at,
                    verdict: body.verdict,
                    size: body.size,
                    objects: body.objects,
                    objects_held: body.coverage.objects_held,
                    is_whole,
                    failed_before,
                });
            }
            _ => {}
        }
    }
}

/// The copies that the log knows, in the order in which they were first made; not those that only damaged entries
/// tell of.
///
/// # Errors
/// The index or a volume cannot be read.
pub fn copies(reader: &Reader) -> Result<Vec<CopyStanding>, ArchiveError> {
    let history = History::of(reader)?;
    Ok(history.copies.finish(history.size))
}
