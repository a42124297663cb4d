//! What may stand in the body of any event beside the event's own members: that others approved it, and that its fields
//! are sealed. "Approvals" and "Sealed" in `docs/format.md` have the rules. No command writes them yet; readers judge what
//! later versions write.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;

use super::canonical::{self, FormatError};
use super::entry_limits::{MAX_ENTRY_BYTES, WHAT, rule};
use crate::digest::Digest;
use crate::model::{Bilingual, EntryIndex, Event, Fingerprint, Salt, Timestamp};
use crate::sign::{APPROVAL_NAMESPACE, KeyId, PublicKey, SshSignature};

/// The most approvals of one entry.
pub const MAX_APPROVALS: usize = 16;
/// The name of the field that holds the text of a request.
pub const REQUEST: &str = "request";
/// The name of the member that holds the approvals of an entry.
const APPROVALS: &str = "approvals";
/// The name of the member that says that an entry is sealed, in its body and in the line of its fields.
const SEALED: &str = "sealed";

/// What is said of an entry that is sealed.
pub const NOT_OPENED: Bilingual = (
    "it is sealed, and this program does not open what is sealed",
    "봉인되어 있으며, 이 프로그램은 봉인된 것을 열지 않습니다",
);

/// What the body of an entry says of the sealed fields beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sealed {
    /// With which of the archive's epochs it was sealed, from 1 to 2^53 - 1.
    pub epoch: u64,
    /// SHA-256 of the line of fields in the volume, without its newline.
    pub fields: Digest,
    /// The digest of the key.
    pub key: Digest,
}

/// That somebody approved of what an entry records, before it was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approval {
    /// The key of the agent who approved.
    pub key: KeyId,
    /// Keeps an approval from being used again: those of one log have different ones, unless they stand in one entry.
    pub nonce: Salt,
    /// Until when the entry is to be recorded.
    pub not_after: Timestamp,
    /// SHA-256 of the text that says what is approved, which is the field [`REQUEST`] of the entry.
    pub request: Digest,
    /// Over the SSHSIG data of the message, namespace [`APPROVAL_NAMESPACE`], SHA-512.
    pub signature: SshSignature,
}

impl Approval {
    /// The bytes that are signed for an entry of this archive with an event of this name.
    #[must_use]
    pub fn message(&self, archive: Fingerprint, event: &str) -> Vec<u8> {
        #[derive(Serialize)]
        struct Message<'a> {
            archive: Fingerprint,
            event: &'a str,
            nonce: Salt,
            not_after: Timestamp,
            request: Digest,
        }
        let Self { nonce, not_after, request, .. } = *self;
        canonical::to_vec_in_order(&Message { archive, event, nonce, not_after, request })
    }

    /// Whether it is by this key, and the signature holds for an entry of this archive with an event of this name. Strict,
    /// see [`PublicKey::verifies_sshsig`].
    #[must_use]
    pub fn verifies(&self, archive: Fingerprint, event: &str, key: &PublicKey) -> bool {
        self.key == key.id() && key.verifies_sshsig(APPROVAL_NAMESPACE, &self.message(archive, event), &self.signature)
    }
}

/// What stands in the body of an entry beside the members of its event.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attached {
    /// The approvals, in ascending order of the texts of their keys.
    pub approvals: Vec<Approval>,
    /// That the fields are sealed.
    pub sealed: Option<Sealed>,
}

impl Attached {
    /// Whether there is nothing.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.approvals.is_empty() && self.sealed.is_none()
    }

    /// Takes what is attached out of the text of a body. Returns it with the text of the rest; `None` where nothing is
    /// attached.
    ///
    /// # Errors
    /// A member is not in its one form.
    pub(super) fn split(body: &str) -> Result<Option<(Self, String)>, FormatError> {
        let Ok(mut members) = serde_json::from_str::<BTreeMap<String, &RawValue>>(body) else { return Ok(None) };
        let approvals: Option<Vec<Approval>> = take(&mut members, APPROVALS)?;
        if approvals.as_ref().is_some_and(Vec::is_empty) {
            return Err(rule("its `approvals` are none"));
        }
        let attached = Self { approvals: approvals.unwrap_or_default(), sealed: take(&mut members, SEALED)? };
        let rest = || serde_json::to_string(&members).expect("members that were read can be written");
        Ok((!attached.is_empty()).then(|| (attached, rest())))
    }

    /// The members of an event together with what is attached, in canonical order.
    fn members_with(&self, event: &Event) -> BTreeMap<String, Box<RawValue>> {
        let read = serde_json::from_slice(&canonical::to_vec_in_order(event));
        let mut members: BTreeMap<_, _> = read.expect("the body of an event is an object");
        if !self.approvals.is_empty() {
            members.insert(APPROVALS.to_owned(), raw(&self.approvals));
        }
        if let Some(sealed) = &self.sealed {
            members.insert(SEALED.to_owned(), raw(sealed));
        }
        members
    }

    /// The rules that the types do not keep by themselves.
    pub(super) fn check(&self, event: &Event) -> Result<(), FormatError> {
        if self.sealed.as_ref().is_some_and(|sealed| !(1..=EntryIndex::MAX.0).contains(&sealed.epoch)) {
            return Err(rule("the `epoch` of its `sealed` is not from 1 to 2^53 - 1"));
        }
        if self.approvals.len() > MAX_APPROVALS {
            return Err(rule(&format!("it has more than {MAX_APPROVALS} approvals")));
        }
        if !self.approvals.iter().map(|approval| approval.key.to_string()).is_sorted_by(|a, b| a < b) {
            return Err(rule("its approvals are not in ascending order of their keys, or a key is repeated"));
        }
        match event {
            Event::ArchiveCreated(_) if !self.approvals.is_empty() => {
                Err(rule("it has approvals, and nobody was there who could approve"))
            }
            Event::ExhibitIngested(body) if body.media_type.is_some() == self.sealed.is_some() => {
                Err(rule("it is sealed and shows its `media_type`, or is not sealed and does not show it"))
            }
            _ => Ok(()),
        }
    }
}

fn take<T: Serialize + DeserializeOwned>(
    members: &mut BTreeMap<String, &RawValue>,
    name: &str,
) -> Result<Option<T>, FormatError> {
    let member = members.remove(name);
    member.map(|text| canonical::from_slice(WHAT, text.get().as_bytes(), MAX_ENTRY_BYTES)).transpose()
}

fn raw<T: Serialize>(value: &T) -> Box<RawValue> {
    serde_json::value::to_raw_value(value).expect("text, whole numbers, lists and named members can always be written")
}

/// The body of an entry as it is written.
pub(super) struct Body<'a> {
    pub event: &'a Event,
    pub attached: &'a Attached,
}

impl Serialize for Body<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.event {
            // What is not understood is kept as it was read, with all its members.
            Event::NotUnderstood(event) => event.serialize(serializer),
            event if self.attached.is_empty() => event.serialize(serializer),
            event => self.attached.members_with(event).serialize(serializer),
        }
    }
}
