//! What there is to ask for: fields with their values, collections, and exhibits with the same bytes.

use std::collections::{BTreeMap, HashMap};

use super::error::ArchiveError;
use super::query::folded;
use super::reader::Reader;
use super::selecting::{Filter, all_exhibits};
use vouchsafe_core::digest::Digest;
use vouchsafe_core::model::vocabulary::{COLLECTION, place_of};
use vouchsafe_core::model::{ExhibitId, FieldName, FieldValue, Timestamp};

/// A field that exhibits have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldInUse {
    /// Its name.
    pub name: FieldName,
    /// How many exhibits have it.
    pub exhibits: u64,
    /// Its values, each with the number of exhibits that have it, the most frequent first. Of a list, each item is one. What was
    /// given in two Unicode forms is one value.
    pub values: Vec<(String, u64)>,
}

vouchsafe_core::described! {
    /// A collection that exhibits belong to.
    #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
    pub struct CollectionInUse {
        /// Its name; null for the exhibits that belong to none.
        pub collection: Option<String>,
        /// How many exhibits belong to it.
        pub exhibits: u64,
        /// When the ingest of the first of them was recorded.
        pub first_recorded_at: Timestamp,
        /// When the ingest of the last of them was recorded.
        pub last_recorded_at: Timestamp,
        /// The sizes of its exhibits together, in bytes.
        pub size_bytes: u64,
    }
}

/// The fields that exhibits have, in the order in which they are shown; or only the one of this name.
///
/// # Errors
/// The index cannot be read.
pub fn fields_in_use(reader: &Reader, only: Option<&FieldName>) -> Result<Vec<FieldInUse>, ArchiveError> {
    // By the form in which they are compared but in their letter case, so that one text is one value.
    let mut fields: BTreeMap<FieldName, (u64, HashMap<String, u64>)> = BTreeMap::new();
    for item in all_exhibits(reader) {
        let (_, row) = item?;
        for (name, value) in row.fields {
            if only.is_some_and(|only| *only != name) {
                continue;
            }
            let (exhibits, values) = fields.entry(name).or_default();
            *exhibits += 1;
            let mut texts = texts_of(&value);
            texts.sort_unstable();
            texts.dedup();
            for text in texts {
                *values.entry(text).or_default() += 1;
            }
        }
    }
    let mut made: Vec<_> = fields
        .into_iter()
        .map(|(name, (exhibits, values))| {
            let mut values: Vec<_> = values.into_iter().collect();
            values.sort_by(|(one, of_one), (other, of_other)| of_other.cmp(of_one).then_with(|| one.cmp(other)));
            FieldInUse { name, exhibits, values }
        })
        .collect();
    made.sort_by_key(|field| (place_of(field.name.as_str()), field.name.clone()));
    Ok(made)
}

/// The collections that exhibits belong to, by name; those that belong to none at the end.
///
/// # Errors
/// The index cannot be read.
pub fn collections(reader: &Reader) -> Result<Vec<CollectionInUse>, ArchiveError> {
    let mut collections: HashMap<Option<String>, CollectionInUse> = HashMap::new();
    for item in all_exhibits(reader) {
        let (_, row) = item?;
        let name = row.field(COLLECTION).map(|value| texts_of(value).join(", "));
        let found = collections.entry(name.clone()).or_insert(CollectionInUse {
            collection: name,
            exhibits: 0,
            first_recorded_at: row.recorded_at,
            last_recorded_at: row.recorded_at,
            size_bytes: 0,
        });
        found.exhibits += 1;
        found.size_bytes += row.size_bytes;
        found.first_recorded_at = found.first_recorded_at.min(row.recorded_at);
        found.last_recorded_at = found.last_recorded_at.max(row.recorded_at);
    }
    let mut made: Vec<_> = collections.into_values().collect();
    made.sort_by_key(|found| (found.collection.is_none(), found.collection.as_deref().map(folded)));
    Ok(made)
}

/// The other exhibits with the same bytes as this one, in the order in which they were recorded.
///
/// # Errors
/// The index cannot be read.
pub fn same_bytes(reader: &Reader, exhibit: ExhibitId, object: Digest) -> Result<Vec<ExhibitId>, ArchiveError> {
    let mut found = reader.index.exhibits_of(object)?;
    found.retain(|other| *other != exhibit);
    Ok(found)
}

/// The exhibits that meet a filter and whose bytes another of them has, too: group by group, in the order in which the first
/// of each was recorded.
///
/// # Errors
/// As [`select`](super::select).
pub fn duplicates(reader: &Reader, filter: &Filter) -> Result<Vec<Vec<ExhibitId>>, ArchiveError> {
    let mut groups: Vec<Vec<ExhibitId>> = Vec::new();
    let mut place_of_object: HashMap<Digest, usize> = HashMap::new();
    reader.find(filter, |exhibit, row| {
        let place = *place_of_object.entry(row.object).or_insert(groups.len());
        match groups.get_mut(place) {
            Some(group) => group.push(exhibit),
            None => groups.push(vec![exhibit]),
        }
        true
    })?;
    groups.retain(|group| group.len() > 1);
    Ok(groups)
}

/// What people see of a value, item by item, in one Unicode form.
pub(super) fn texts_of(value: &FieldValue) -> Vec<String> {
    use unicode_normalization::UnicodeNormalization as _;
    match value {
        FieldValue::List(items) => items.iter().map(|item| item.nfc().collect()).collect(),
        FieldValue::Bytes(bytes) => vec![super::old_names::as_cp949(bytes).unwrap_or_else(|| value.to_string())],
        value => vec![value.to_string().nfc().collect()],
    }
}
