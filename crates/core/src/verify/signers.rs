//! What is said of the signers of a bundle or a letter. It introduces keys by some entries of a log, about which [`Agents`] is
//! asked in any order: the rules of who may sign are there alone, and here only the words for whoever may not.

use super::agent_error::AgentError;
use super::agents::{Agents, Signer};
use crate::format::{Entry, SignedEntry};
use crate::language::{Text, text};
use crate::model::{Bilingual, EventKind, Timestamp};
use crate::sign::{KeyId, KeyKind, PublicKey};

/// Why a key may not sign here, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refused {
    /// An entry that is not understood may have introduced it.
    NotUnderstood(Text),
    /// It may not.
    Wrong(Text),
}

impl Refused {
    /// In words.
    pub fn reason(self) -> Text {
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
    ) -> (Vec<Result<Signer<'a>, Refused>>, Option<Bilingual>) {
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
                let reason = text!(
                    "{key} is a FIDO key, and a bundle is signed by an ssh-ed25519 key",
                    "키 {key}: FIDO 키입니다. 제출 묶음은 ssh-ed25519 키로 서명합니다"
                );
                Err(Refused::Wrong(reason))
            }
        }
    }
}

fn refused(key: KeyId, event: &str, error: AgentError) -> Refused {
    Refused::Wrong(match error {
        AgentError::NotUnderstood => {
            return Refused::NotUnderstood(text!(
                "{key} is not introduced in it, unless by an entry that is not understood",
                "키 {key}: 이해할 수 없는 기록 항목이 등록한 것이 아니라면, 등록되어 있지 않습니다"
            ));
        }
        AgentError::Unknown => text!("{key} is not introduced in it", "키 {key}: 등록되어 있지 않습니다"),
        AgentError::Later { at } => {
            text!("{key} is introduced only at entry {at}", "키 {key}: 기록 항목 {at}에서야 등록됩니다")
        }
        AgentError::Revoked { at } => {
            text!("{key} was revoked at entry {at}", "키 {key}: 기록 항목 {at}에서 폐지되었습니다")
        }
        AgentError::NotAllowed => text!(
            "none of the roles of {key} allows {event}",
            "키 {key}: 담당자의 어느 역할도 {event} 처리를 허용하지 않습니다"
        ),
        error => text!([error = error.text()] "{key}: {error}", "키 {key}: {error}"),
    })
}

/// What is said of a signature by a key that a later entry revoked from before there on.
pub(super) fn no_longer_trusted(key: KeyId) -> Text {
    text!("{key} is no longer trusted there", "키 {key}: 그 시점에는 더 이상 신뢰되지 않습니다")
}

/// What is said of a signature that does not hold for its key.
pub(super) fn wrong_signature(key: KeyId) -> Text {
    text!("the signature does not hold for {key}", "키 {key}의 서명이 유효하지 않습니다")
}

/// That something is said of an approval.
pub(super) fn of_approval(reason: &Text) -> Text {
    text!([reason] "of an approval, {reason}", "승인: {reason}")
}
