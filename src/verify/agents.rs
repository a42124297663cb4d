//! Which agents the log knows at a given entry, and what they may do there.

use std::collections::HashMap;

use crate::model::{AgentRecord, EntryIndex, EventKind, Role};
use crate::sign::{KeyId, PublicKey};

/// An agent's standing.
#[derive(Debug, Clone)]
pub struct Standing {
    /// The agent as the log introduced it.
    pub record: AgentRecord,
    /// The entry that introduced it.
    pub added_at: EntryIndex,
    /// The entry that revoked it, if any.
    pub revoked_at: Option<EntryIndex>,
    /// The last entry that it signed, if any.
    pub last_signed: Option<EntryIndex>,
}

impl Standing {
    /// Whether the key may still act.
    #[must_use]
    pub const fn is_active(&self) -> bool {
        self.revoked_at.is_none()
    }
}

/// The agents of a log, as of the last entry that was taken in.
#[derive(Debug, Clone, Default)]
pub struct Agents(HashMap<KeyId, Standing>);

/// Why an entry about agents or by an agent does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AgentError {
    /// The log does not know the key.
    #[error("the log does not know this key here")]
    Unknown,
    /// The key was revoked.
    #[error("this key was revoked at entry {at}")]
    Revoked {
        /// The entry that revoked it.
        at: EntryIndex,
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
    /// Nobody could add an agent after this.
    #[error("this is the last administrator: without one, nobody could add or revoke agents any more")]
    LastAdministrator,
    /// The log key signs checkpoints and nothing else.
    #[error("this is the archive's log key, which signs checkpoints and nothing else")]
    LogKey,
    /// The revocation speaks of the future.
    #[error("a key is revoked at most from the entry after the revocation on")]
    FromTheFuture,
}

impl Agents {
    /// The standing of a key.
    #[must_use]
    pub fn get(&self, key: KeyId) -> Option<&Standing> {
        self.0.get(&key)
    }

    /// All agents, in the order in which they were introduced.
    #[must_use]
    pub fn in_order(&self) -> Vec<(KeyId, &Standing)> {
        let mut agents: Vec<_> = self.0.iter().map(|(key, standing)| (*key, standing)).collect();
        agents.sort_by_key(|(key, standing)| (standing.added_at, *key));
        agents
    }

    /// The key, if its agent may act now.
    ///
    /// # Errors
    /// Unknown or revoked.
    pub fn active(&self, key: KeyId) -> Result<&PublicKey, AgentError> {
        let standing = self.0.get(&key).ok_or(AgentError::Unknown)?;
        match standing.revoked_at {
            Some(at) => Err(AgentError::Revoked { at }),
            None => Ok(&standing.record.public_key),
        }
    }

    /// Whether the key's agent may act now, and has this role.
    #[must_use]
    pub fn is_active_as(&self, key: KeyId, role: Role) -> bool {
        self.0.get(&key).is_some_and(|standing| standing.is_active() && standing.record.roles.contains(&role))
    }

    /// Whether the agent may make an entry of this kind now.
    ///
    /// # Errors
    /// Unknown, revoked, or not allowed to.
    pub fn permit(&self, key: KeyId, event: EventKind) -> Result<&PublicKey, AgentError> {
        let public = self.active(key)?;
        let allowed = self.0.get(&key).is_some_and(|agent| agent.record.roles.iter().any(|&r| event.is_allowed_to(r)));
        if allowed { Ok(public) } else { Err(AgentError::NotAllowed) }
    }

    /// Remembers that the key signed this entry.
    pub fn note_signature(&mut self, key: KeyId, at: EntryIndex) {
        if let Some(standing) = self.0.get_mut(&key) {
            standing.last_signed = Some(at);
        }
    }

    /// Takes in an agent.
    ///
    /// # Errors
    /// The key was introduced before.
    pub fn add(&mut self, record: AgentRecord, at: EntryIndex) -> Result<(), AgentError> {
        let key = record.public_key.id();
        if let Some(standing) = self.0.get(&key) {
            return Err(AgentError::AddedTwice { at: standing.added_at });
        }
        self.0.insert(key, Standing { record, added_at: at, revoked_at: None, last_signed: None });
        Ok(())
    }

    /// Checks that a key can be revoked by the entry at `at`.
    ///
    /// # Errors
    /// Unknown, revoked before, the last administrator, or from an index in the future.
    pub fn check_revocation(&self, key: KeyId, from_index: EntryIndex, at: EntryIndex) -> Result<(), AgentError> {
        self.active(key)?;
        if from_index.0 > at.0 + 1 {
            return Err(AgentError::FromTheFuture);
        }
        let administers =
            |standing: &Standing| standing.is_active() && standing.record.roles.contains(&Role::Administrator);
        let others = self.0.iter().filter(|(other, standing)| **other != key && administers(standing)).count();
        let is_administrator = self.0.get(&key).is_some_and(administers);
        if is_administrator && others == 0 { Err(AgentError::LastAdministrator) } else { Ok(()) }
    }

    /// Revokes a key, and tells the last entry that it signed at or after `from_index`, if any.
    ///
    /// # Errors
    /// As [`Agents::check_revocation`].
    pub fn revoke(
        &mut self,
        key: KeyId,
        from_index: EntryIndex,
        at: EntryIndex,
    ) -> Result<Option<EntryIndex>, AgentError> {
        self.check_revocation(key, from_index, at)?;
        let standing = self.0.get_mut(&key).ok_or(AgentError::Unknown)?;
        standing.revoked_at = Some(at);
        Ok(standing.last_signed.filter(|&last| last >= from_index))
    }
}
