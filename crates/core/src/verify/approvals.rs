//! Approvals: what every reader asks of them beside the standing of their keys, which each reader knows in its own way.

use std::collections::HashMap;

use crate::digest::Digest;
use crate::format::attached::REQUEST;
use crate::format::{Approval, Entry};
use crate::language::{Text, text};
use crate::model::{Disclosure, EntryIndex, FieldValue, Salt};
use crate::sign::PublicKey;

/// What speaks against an approval of an entry whosoever's key it is by, in words; `None` if nothing does.
pub(super) fn flaw(entry: &Entry, approval: &Approval) -> Option<Text> {
    if approval.key == entry.actor {
        return Some(text!(
            "its own actor approved it, which does not count",
            "처리한 담당자는 스스로 승인할 수 없습니다"
        ));
    }
    let (key, until, at) = (approval.key, approval.not_after, entry.recorded_at);
    (until < at).then(|| {
        text!(
            "approved by {key} until {until}, and recorded at {at}",
            "키 {key}의 승인은 {until}까지 유효한데, {at}에 기록되었습니다"
        )
    })
}

/// What is said of an approval whose signature does not hold for this key; `None` if it does.
pub(super) fn wrong_signature(entry: &Entry, approval: &Approval, key: &PublicKey) -> Option<Text> {
    let holds = |archive| approval.verifies(archive, entry.event.name(), key);
    (!entry.archive.fingerprint().is_some_and(holds)).then(|| {
        text!(
            "the signature of the approval by {key} does not hold", "키 {key}의 승인 서명이 유효하지 않습니다";
            key = approval.key
        )
    })
}

/// What is said of the approvals where the text of the request is there, and one of them is for another text; `None` if it
/// is not there, or all are for it.
pub(super) fn other_request(entry: &Entry, fields: &[Disclosure]) -> Option<Text> {
    let said = fields.iter().find(|field| field.name().as_str() == REQUEST)?;
    let text = match said.value() {
        FieldValue::Text(text) => Some(Digest::of(text.as_bytes())),
        _ => None,
    };
    let other = entry.attached.approvals.iter().find(|approval| Some(approval.request) != text)?;
    Some(text!(
        "{key} approved another text than its field `{REQUEST}`",
        "키 {key}의 승인은 기록 항목의 `{REQUEST}` 항목과 다른 문구에 대한 것입니다";
        key = other.key
    ))
}

/// The nonces of the entries that were read, and the first entry that has each.
#[derive(Debug, Default)]
pub(super) struct Nonces(HashMap<Salt, EntryIndex>);

impl Nonces {
    /// Takes in those of the approvals of an entry, none of which is before one that was taken in. Returns the first
    /// that an earlier entry has, in words.
    pub fn take(&mut self, index: EntryIndex, nonces: impl Iterator<Item = Salt>) -> Option<Text> {
        let mut again = None;
        for nonce in nonces {
            let first = *self.0.entry(nonce).or_insert(index);
            if first < index && again.is_none() {
                again = Some(text!(
                    "the nonce {nonce} of an approval was used by entry {first}",
                    "승인의 일회용 값(nonce) {nonce}: 기록 항목 {first}에서 이미 쓰였습니다"
                ));
            }
        }
        again
    }
}

/// The nonces of an entry.
pub(super) fn nonces_of(entry: &Entry) -> impl Iterator<Item = Salt> {
    entry.attached.approvals.iter().map(|approval| approval.nonce)
}
