//! What is asked of a verification of an archive.

use super::selection::{Budget, Selection};
use super::trust::Trust;
use crate::format::{Checkpoint, LogKey};
use crate::language::Text;
use crate::model::{Fingerprint, Origin};
use crate::sign::KeyId;

/// A head of the log that was seen before, from outside the archive.
#[derive(Debug, Clone)]
pub struct KnownHead {
    /// What was seen.
    pub checkpoint: Checkpoint,
    /// Where it was kept, for the report.
    pub kept_in: Text,
}

/// What to verify, and against what.
#[derive(Debug, Clone)]
pub struct Request {
    /// The archive's fingerprint, from `archive.json`.
    pub archive: Fingerprint,
    /// Its origin, from `archive.json`.
    pub origin: Origin,
    /// The log's key, from `archive.json`.
    pub log_key: LogKey,
    /// The first administrator's key, from `archive.json`.
    pub administrator: KeyId,
    /// What was given from outside. Without any, only self-consistency can be shown.
    pub trust: Trust,
    /// What the report says of that.
    pub told_of_trust: Text,
    /// Heads that were seen before.
    pub known_heads: Vec<KnownHead>,
    /// Which objects to read; the log is always checked whole.
    pub selection: Selection,
    /// How much of them to read at most.
    pub budget: Budget,
    /// How many threads hash and check signatures.
    pub threads: usize,
}

impl Request {
    /// Whether every object is read as soon as it is met, in the order of the volumes. Otherwise the log is
    /// read first: it says which objects are meant, and a limit is not to be spent on it.
    pub(super) fn reads_all_at_once(&self) -> bool {
        self.selection == Selection::All && !self.budget.is_limited()
    }
}
