//! Why somebody may not sign, or an entry that changes who may sign cannot stand where it does.

use crate::model::{EntryIndex, Timestamp};

/// Why an entry about who may sign, or by an agent, does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AgentError {
    /// The log does not know the key.
    #[error("the log does not know this key here")]
    Unknown,
    /// The log does not know the key, unless an entry that is not understood introduced it.
    #[error("the log does not know this key here, unless by an entry that is not understood")]
    NotUnderstood,
    /// The log knows the key only later.
    #[error("the log knows this key only from entry {at} on")]
    Later {
        /// The entry that introduces it.
        at: EntryIndex,
    },
    /// The key was revoked, or another one took its place.
    #[error("this key was revoked at entry {at}")]
    Revoked {
        /// The entry that revoked it.
        at: EntryIndex,
    },
    /// The key expired.
    #[error("this key expired at {at}")]
    Expired {
        /// When.
        at: Timestamp,
    },
    /// None of the agent's roles allows the event.
    #[error("none of the agent's roles allows this")]
    NotAllowed,
    /// A key is introduced twice. A revoked key stays revoked: a new key is needed.
    #[error("this key was already introduced at entry {at}")]
    AddedTwice {
        /// The entry that introduced it.
        at: EntryIndex,
    },
    /// A log begins once.
    #[error("the log begins at entry 0")]
    Begun,
    /// Nobody could add an agent after this.
    #[error("this is the last administrator: without one, nobody could add or revoke agents any more")]
    LastAdministrator,
    /// The log key signs checkpoints and nothing else.
    #[error("this is the archive's log key, which signs checkpoints and nothing else")]
    LogKey,
    /// The revocation speaks of the future.
    #[error("a key is revoked at most from the entry after the revocation on")]
    FromTheFuture,
    /// A rotation that is more than one.
    #[error("with another key, an agent has the kind and the roles that it had before")]
    OtherAgent,
    /// There are no recovery keys.
    #[error("no recovery keys are in force")]
    NoRecovery,
    /// A recovery key is nothing else.
    #[error("this is a recovery key, which is no agent's and not the log's")]
    RecoveryKey,
    /// An agent's key is no recovery key and not the log's.
    #[error("this is the key of an agent, from entry {at} on")]
    AgentKey {
        /// The entry that introduced it.
        at: EntryIndex,
    },
    /// The log's key has another name.
    #[error("the name of a log key is the origin, which never changes")]
    OtherName,
    /// A log key that was replaced does not come back.
    #[error("this was the log's key before")]
    LogKeyTwice,
    /// The log's key is not the one that was committed to.
    #[error("this is not the log key that was announced as the next one")]
    OtherLogKey,
}
