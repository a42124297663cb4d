//! What the entries about an exhibit say of the collection that it belongs to.

use super::entry::Proved;
use crate::digest::Digest;
use crate::model::{EntryIndex, FieldValue, Salt};

/// The field that says which collection an exhibit belongs to.
use crate::model::vocabulary::COLLECTION;

/// What an entry says of the collection that its exhibit belongs to, as far as it is disclosed. The name is kept by its
/// digest: it is only compared, and may be long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Said {
    pub index: EntryIndex,
    pub leaf: Digest,
    pub collection: Option<(Salt, Option<Digest>)>,
    pub withholds: bool,
    pub is_understood: bool,
}

impl Said {
    /// What this entry says; `None` if it is of a kind that describes no exhibit. One that is not understood may say
    /// anything.
    pub fn of(proved: &Proved) -> Option<Self> {
        let entry = &proved.entry.entry;
        let is_understood = entry.event.not_understood().is_none();
        if is_understood && !entry.event.describes_an_exhibit() {
            return None;
        }
        let field = proved.disclosed.iter().find(|field| field.name().as_str() == COLLECTION);
        let collection = field.map(|field| match field.value() {
            FieldValue::Text(name) => (field.0, Some(name_digest(name))),
            _ => (field.0, None),
        });
        let (_, withheld) = proved.fields();
        Some(Self { index: entry.index, leaf: proved.entry.leaf(), collection, withholds: withheld > 0, is_understood })
    }
}

pub(super) fn name_digest(name: &str) -> Digest {
    Digest::of(name.as_bytes())
}
