//! What may stand in the body of any event beside the event's own members: that its fields are sealed. "Sealed" in
//! `docs/format.md` has the rules. No command writes it yet; readers judge what later versions write.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;

use super::canonical::{self, FormatError};
use super::entry::{MAX_ENTRY_BYTES, WHAT, rule};
use crate::digest::Digest;
use crate::model::{EntryIndex, Event};

/// The name of the member that says that an entry is sealed, in its body and in the line of its fields.
const SEALED: &str = "sealed";

/// What is said of an entry that is sealed.
pub const NOT_OPENED: &str = "it is sealed, and this program does not open what is sealed";

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

/// What stands in the body of an entry beside the members of its event.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attached {
    /// That the fields are sealed.
    pub sealed: Option<Sealed>,
}

impl Attached {
    /// Whether there is nothing.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.sealed.is_none()
    }

    /// Takes what is attached out of the text of a body. Returns it with the text of the rest; `None` where nothing is
    /// attached.
    ///
    /// # Errors
    /// A member is not in its one form.
    pub(super) fn split(body: &str) -> Result<Option<(Self, String)>, FormatError> {
        let Ok(mut members) = serde_json::from_str::<BTreeMap<String, &RawValue>>(body) else { return Ok(None) };
        let attached = Self { sealed: take(&mut members, SEALED)? };
        let rest = || serde_json::to_string(&members).expect("members that were read can be written");
        Ok((!attached.is_empty()).then(|| (attached, rest())))
    }

    /// The members of an event together with what is attached, in canonical order.
    fn members_with(&self, event: &Event) -> BTreeMap<String, Box<RawValue>> {
        let read = serde_json::from_slice(&canonical::to_vec_in_order(event));
        let mut members: BTreeMap<_, _> = read.expect("the body of an event is an object");
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
        match event {
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
