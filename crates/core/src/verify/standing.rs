//! How an agent stands in a log.

use crate::model::{AgentRecord, EntryIndex, Role};
use crate::sign::KeyId;

/// An agent's standing.
#[derive(Debug, Clone)]
pub struct Standing {
    /// The agent as the log has it in the end.
    pub record: AgentRecord,
    /// The entry that introduced it.
    pub added_at: EntryIndex,
    /// The entry that revoked it or replaced its key, if any.
    pub revoked_at: Option<EntryIndex>,
    /// The index from which it is not trusted, if it was revoked or its key replaced.
    pub distrusted_from: Option<EntryIndex>,
    /// The key that took its place, if it was not revoked but replaced.
    pub replaced_by: Option<KeyId>,
    /// The last entry that it signed, if any.
    pub last_signed: Option<EntryIndex>,
    /// What it was before each entry that changed it.
    pub(super) earlier: Vec<(EntryIndex, AgentRecord)>,
}

impl Standing {
    /// The standing of an agent whom an entry introduces.
    #[must_use]
    pub const fn new(record: AgentRecord, added_at: EntryIndex) -> Self {
        Self {
            record,
            added_at,
            revoked_at: None,
            distrusted_from: None,
            replaced_by: None,
            last_signed: None,
            earlier: Vec::new(),
        }
    }

    /// Whether the key may still act.
    #[must_use]
    pub const fn is_active(&self) -> bool {
        self.revoked_at.is_none()
    }

    /// The entries that changed what the agent may do.
    pub fn changed_at(&self) -> impl Iterator<Item = EntryIndex> {
        self.earlier.iter().map(|(changed_at, _)| *changed_at)
    }

    /// The agent as of the entry before this one.
    pub(super) fn record_at(&self, index: EntryIndex) -> &AgentRecord {
        self.earlier.iter().find(|(changed_at, _)| index <= *changed_at).map_or(&self.record, |(_, record)| record)
    }

    /// Whether an entry lies where the key, which a later entry revoked, is no longer trusted.
    pub(super) fn is_in_question_at(&self, index: EntryIndex) -> bool {
        self.revoked_at.is_some_and(|at| index < at) && self.distrusted_from.is_some_and(|from| index >= from)
    }

    pub(super) fn is_active_administrator(&self) -> bool {
        self.is_active() && self.record.roles.contains(&Role::Administrator)
    }
}
