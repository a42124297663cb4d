//! What is said of the signers of a bundle or a letter. It introduces keys by some entries of a log, about which [`Agents`] is
//! asked in any order: the rules of who may sign are there alone, and here only the words for whoever may not.

use super::agent_error::AgentError;
use super::agents::{Agents, Signer};
use crate::format::{Entry, SignedEntry};
use crate::model::{EventKind, Timestamp};
use crate::sign::{KeyId, KeyKind, PublicKey};

/// Why a key may not sign here, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refused {
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

impl Agents {
    /// The key of an agent who may approve this entry, and whether that key is no longer trusted there.
    pub(super) fn approver(&self, key: KeyId, entry: &Entry) -> Result<(&PublicKey, bool), Refused> {
        let active = self.active_at(key, entry.index, entry.recorded_at);
        active.map_err(|error| refused(key, entry.event.name(), error))
    }

    /// By whom each signature of an entry is, or why that key may not sign it; and what it lacks besides.
    pub(super) fn judge<'a>(
        &'a self,
        signed: &'a SignedEntry,
    ) -> (Vec<Result<Signer<'a>, Refused>>, Option<&'static str>) {
        let (entry, index) = (&signed.entry, signed.entry.index);
        let signers = self.signers(signed, index);
        let shortfall = self.shortfall(entry, index, &signers);
        let judged = signers
            .into_iter()
            .zip(&signed.signatures)
            .map(|(signer, signature)| signer.map_err(|error| refused(signature.key, entry.event.name(), error)));
        (judged.collect(), shortfall)
    }

    /// The key, if it may sign a bundle made at this time: introduced, never revoked, not expired, with a role for it, and
    /// able to make the plain signature that `openssl` checks.
    pub(super) fn permit_bundle(&self, key: KeyId, created_at: Timestamp) -> Result<&PublicKey, Refused> {
        let event = EventKind::BundleExported;
        let refused = |error| refused(key, event.as_str(), error);
        let public = self.permit(key, event).map_err(refused)?;
        if let Some(at) = self.get(key).and_then(|agent| agent.record.expired_at(created_at)) {
            return Err(refused(AgentError::Expired { at }));
        }
        match public.kind() {
            KeyKind::Ed25519 => Ok(public),
            KeyKind::Fido => {
                Err(Refused::Wrong(format!("{key} is a FIDO key, and a bundle is signed by an ssh-ed25519 key")))
            }
        }
    }
}

fn refused(key: KeyId, event: &str, error: AgentError) -> Refused {
    Refused::Wrong(match error {
        AgentError::NotUnderstood => {
            let reason = format!("{key} is not introduced in it, unless by an entry that is not understood");
            return Refused::NotUnderstood(reason);
        }
        AgentError::Unknown => format!("{key} is not introduced in it"),
        AgentError::Later { at } => format!("{key} is introduced only at entry {at}"),
        AgentError::Revoked { at } => format!("{key} was revoked at entry {at}"),
        AgentError::NotAllowed => format!("none of the roles of {key} allows {event}"),
        error => format!("{key}: {error}"),
    })
}
