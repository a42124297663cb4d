//! The keys that a bundle or a letter introduces, and what each may sign at which place of the log.

use std::collections::HashMap;
use std::collections::hash_map::Entry as Slot;

use crate::model::{AgentRecord, AgentRevoked, EntryIndex, EventKind, Permission, Role};
use crate::sign::{KeyId, KeyKind, PublicKey};

/// The agents of a bundle. Others than in the whole log, they are asked about entries in any order.
#[derive(Debug, Default)]
pub(in crate::verify) struct Signers {
    known: HashMap<KeyId, Signer>,
    log_key: Option<PublicKey>,
    /// The first entry about agents or the archive that is not understood: from there on, it may have introduced keys.
    not_understood: Option<EntryIndex>,
}

/// Why a key may not sign here, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::verify) enum Refused {
    /// An entry that is not understood may have introduced it.
    NotUnderstood(String),
    /// It may not.
    Wrong(String),
}

impl Refused {
    /// In words.
    pub fn reason(self) -> String {
        match self {
            Self::NotUnderstood(reason) | Self::Wrong(reason) => reason,
        }
    }
}

#[derive(Debug)]
struct Signer {
    record: AgentRecord,
    added_at: EntryIndex,
    revoked: Option<(EntryIndex, EntryIndex)>,
}

/// A key that may sign here.
pub(in crate::verify) struct Permitted<'a> {
    pub key: &'a PublicKey,
    /// Whether the entry lies behind the index from which the key, revoked later, is no longer trusted.
    pub is_in_question: bool,
}

impl Signers {
    /// The log's key, which signs checkpoints and nothing else: it is no agent's.
    pub fn set_log_key(&mut self, key: &PublicKey) {
        self.log_key = Some(key.clone());
    }

    /// Takes in a key. False if it is there already, or is the log's.
    pub fn add(&mut self, record: &AgentRecord, added_at: EntryIndex) -> bool {
        if self.log_key.as_ref() == Some(&record.public_key) {
            return false;
        }
        match self.known.entry(record.public_key.id()) {
            Slot::Occupied(_) => false,
            Slot::Vacant(slot) => {
                slot.insert(Signer { record: record.clone(), added_at, revoked: None });
                true
            }
        }
    }

    /// Takes in a revocation. False if the key is not there (unless an entry before it that is not understood may have
    /// introduced it), or is revoked already.
    pub fn revoke(&mut self, body: &AgentRevoked, at: EntryIndex) -> bool {
        match self.known.get_mut(&body.key) {
            Some(signer) if signer.revoked.is_none() => {
                signer.revoked = Some((at, body.from_index));
                true
            }
            Some(_) => false,
            None => self.not_understood.is_some_and(|first| first < at),
        }
    }

    /// Whether no entry is there that is not understood and may have introduced further keys.
    pub const fn are_all_known(&self) -> bool {
        self.not_understood.is_none()
    }

    /// Whether the key is one of them.
    pub fn knows(&self, key: KeyId) -> bool {
        self.known.contains_key(&key)
    }

    /// The keys.
    pub fn keys(&self) -> impl Iterator<Item = &PublicKey> {
        self.known.values().map(|signer| &signer.record.public_key)
    }

    /// Takes in an entry about agents or the archive that is not understood.
    pub fn take_not_understood(&mut self, at: EntryIndex) {
        self.not_understood = Some(self.not_understood.map_or(at, |first| first.min(at)));
    }

    /// Whether the key is an administrator's who may sign the entry at this index, or may be one's whom an entry that is not
    /// understood introduced.
    pub fn may_be_administrator(&self, key: KeyId, index: EntryIndex) -> bool {
        match self.permit(key, index, Permission::Anyone, false) {
            Ok(_) => self.known.get(&key).is_some_and(|signer| signer.record.roles.contains(&Role::Administrator)),
            Err(Refused::NotUnderstood(_)) => true,
            Err(Refused::Wrong(_)) => false,
        }
    }

    /// The key, if it may sign the entry at this index. Only the actor, whose signature is the first, needs a role
    /// that allows the event.
    pub fn permit(
        &self,
        key: KeyId,
        index: EntryIndex,
        permission: Permission,
        is_actor: bool,
    ) -> Result<Permitted<'_>, Refused> {
        let wrong = |reason: String| Err(Refused::Wrong(reason));
        let Some(signer) = self.known.get(&key) else {
            return match self.not_understood.is_some_and(|at| at < index || index.0 == 0) {
                true => Err(Refused::NotUnderstood(format!(
                    "{key} is not introduced in it, unless by an entry that is not understood"
                ))),
                false => wrong(format!("{key} is not introduced in it")),
            };
        };
        // The first entry introduces the key that signs it, and no other one.
        if signer.added_at >= index && signer.added_at.0 > 0 {
            return wrong(format!("{key} is introduced only at entry {}", signer.added_at));
        }
        // A revocation may be signed by the key that it revokes.
        if let Some((at, _)) = signer.revoked.filter(|&(at, _)| index > at) {
            return wrong(format!("{key} was revoked at entry {at}"));
        }
        if let Permission::Kind(event) = permission
            && is_actor
            && !signer.record.roles.iter().any(|&role| event.is_allowed_to(role))
        {
            return wrong(format!("none of the roles of {key} allows {event}"));
        }
        let is_in_question = signer.revoked.is_some_and(|(at, from)| index >= from && index < at);
        Ok(Permitted { key: &signer.record.public_key, is_in_question })
    }

    /// The key, if it may sign a bundle: introduced, never revoked, with a role for it, and able to make the plain signature
    /// that `openssl` checks.
    pub fn permit_bundle(&self, key: KeyId) -> Result<&PublicKey, Refused> {
        let permission = Permission::Kind(EventKind::BundleExported);
        let permitted = self.permit(key, EntryIndex::MAX, permission, true)?;
        match permitted.key.kind() {
            KeyKind::Ed25519 => Ok(permitted.key),
            KeyKind::Fido => {
                Err(Refused::Wrong(format!("{key} is a FIDO key, and a bundle is signed by an ssh-ed25519 key")))
            }
        }
    }
}
