//! Which names a field may have that somebody gives. Those with a fixed meaning are in the table of fields,
//! [`vouchsafe_core::model::vocabulary`].

use super::error::MetadataError;
use vouchsafe_core::model::FieldName;
use vouchsafe_core::model::vocabulary::{date_of_words, is_observed};

/// Names that no field may have, since they would look like what the program says itself of an exhibit, or be disclosed with
/// it; with the field that is probably meant.
const RESERVED_FIELDS: &[(&str, Option<&str>)] = &[
    ("agent", None),
    ("agent_name", None),
    ("custody", None),
    ("date", Some("created_date")),
    ("entry", None),
    ("exhibit", None),
    ("hash", None),
    ("index", None),
    ("ingested", None),
    ("lang", Some("languages")),
    ("language", Some("languages")),
    ("media_type", None),
    ("mime_type", None),
    ("object", None),
    ("partner_archive", None),
    ("partner_letter", None),
    ("partner_origin", None),
    ("recorded_at", None),
    ("request", None),
    ("sha256", None),
    ("sha_256", None),
    ("size", None),
    ("size_bytes", None),
    ("verified", None),
    ("withdrawn", None),
    ("withheld", None),
];

/// Whether a name is one of the program's own words.
pub(crate) fn is_reserved(name: &str) -> bool {
    RESERVED_FIELDS.iter().any(|(reserved, _)| *reserved == name)
}

/// Whether one of two fields holds a date, and the other the words of it.
#[must_use]
pub fn is_other_half(one: &str, other: &str) -> bool {
    let is_pair = |date: &str, words: &str| date_of_words(words).is_some_and(|field| field.name == date);
    is_pair(one, other) || is_pair(other, one)
}

/// Whether a field that somebody gives may have this name.
///
/// # Errors
/// It is not a field name, or the program itself uses it.
pub fn check_name(name: &str) -> Result<FieldName, MetadataError> {
    let parsed = name.parse().map_err(|source| MetadataError::Name { source, near: None })?;
    if is_observed(name) {
        return Err(MetadataError::Observed { name: name.to_owned() });
    }
    match RESERVED_FIELDS.iter().find(|(reserved, _)| *reserved == name) {
        Some((_, instead)) => Err(MetadataError::Reserved { name: name.to_owned(), instead: *instead }),
        None => Ok(parsed),
    }
}
