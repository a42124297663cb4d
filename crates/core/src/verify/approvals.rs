//! Approvals: what every reader asks of them beside the standing of their keys, which each reader knows in its own way.

use std::collections::HashMap;

use crate::digest::Digest;
use crate::format::attached::REQUEST;
use crate::format::{Approval, Entry};
use crate::model::{Disclosure, EntryIndex, FieldValue, Salt};
use crate::sign::PublicKey;

/// What speaks against an approval of an entry whosoever's key it is by, in words; `None` if nothing does.
pub(super) fn flaw(entry: &Entry, approval: &Approval) -> Option<String> {
    if approval.key == entry.actor {
        return Some("the actor approves of it, who cannot".to_owned());
    }
    (approval.not_after < entry.recorded_at).then(|| {
        format!("approved by {} until {}, and recorded at {}", approval.key, approval.not_after, entry.recorded_at)
    })
}

/// What is said of an approval whose signature does not hold for this key; `None` if it does.
pub(super) fn wrong_signature(entry: &Entry, approval: &Approval, key: &PublicKey) -> Option<String> {
    let holds = |archive| approval.verifies(archive, entry.event.name(), key);
    (!entry.archive.fingerprint().is_some_and(holds))
        .then(|| format!("the signature of the approval by {} does not hold", approval.key))
}

/// What is said of the approvals where the text of the request is there, and one of them is for another text; `None` if it
/// is not there, or all are for it.
pub(super) fn other_request(entry: &Entry, fields: &[Disclosure]) -> Option<String> {
    let said = fields.iter().find(|field| field.name().as_str() == REQUEST)?;
    let text = match said.value() {
        FieldValue::Text(text) => Some(Digest::of(text.as_bytes())),
        _ => None,
    };
    let other = entry.attached.approvals.iter().find(|approval| Some(approval.request) != text)?;
    Some(format!("{} approved another text than its field `{REQUEST}`", other.key))
}

/// The nonces of the entries that were read, and the first entry that has each.
#[derive(Debug, Default)]
pub(super) struct Nonces(HashMap<Salt, EntryIndex>);

impl Nonces {
    /// Takes in those of the approvals of an entry, none of which is in front of one that was taken in. Tells the first
    /// that an earlier entry has, in words.
    pub fn take(&mut self, index: EntryIndex, nonces: impl Iterator<Item = Salt>) -> Option<String> {
        let mut again = None;
        for nonce in nonces {
            let first = *self.0.entry(nonce).or_insert(index);
            if first < index && again.is_none() {
                again = Some(format!("the nonce {nonce} of an approval was used by entry {first}"));
            }
        }
        again
    }
}

/// The nonces of an entry.
pub(super) fn nonces_of(entry: &Entry) -> impl Iterator<Item = Salt> {
    entry.attached.approvals.iter().map(|approval| approval.nonce)
}
