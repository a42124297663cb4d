//! The names of fields: those with a fixed meaning, those that the program writes itself, and those that no field may have.

use super::error::MetadataError;
use vouchsafe_core::model::FieldName;

/// The fields with a fixed meaning, in the order in which they are shown.
pub const KNOWN_FIELDS: &[(&str, &str)] = &[
    ("title", "a title that is safe to disclose"),
    ("description", "what it is, in a few sentences"),
    ("collection", "the collection that it belongs to"),
    ("case", "the case that it belongs to"),
    ("exhibit_no", "the organisation's own number for it"),
    ("source", "who gave it: name or pseudonym"),
    ("creator", "who made it: name or pseudonym"),
    ("channel", "how it came: in_person, physical_media, online_capture, encrypted_upload, messenger, email, …"),
    ("created_date", "when it was made (EDTF)"),
    ("published_date", "when it was published or broadcast, if that is another day (EDTF)"),
    ("events_period", "when the events happened that it speaks of (EDTF)"),
    ("place", "where it was made, as precisely as is known"),
    ("languages", "languages (BCP 47, or by name), separated by commas"),
    ("sensitivity", "public, internal, confidential, restricted, sealed"),
];

/// Fields that the program writes itself; metadata must not pretend to be them.
pub const OBSERVED_FIELDS: &[&str] =
    &["original_name", "source_path", "source_modified_at", "source_created_at", DOWNLOADED_FROM, DESCRIBED_BY];
/// The field with the addresses that a file was downloaded from.
pub const DOWNLOADED_FROM: &str = "source_downloaded_from";
/// The field that names the archive whose description of an exhibit was taken over.
pub const DESCRIBED_BY: &str = "described_by";

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

/// The fields that hold dates.
pub const DATE_FIELDS: &[&str] = &["created_date", "published_date", "events_period"];

/// What the name of the field ends with that keeps the words of a date, beside the field with the date.
pub const AS_WRITTEN: &str = "_as_written";

/// The field that holds languages.
pub(super) const LANGUAGES: &str = "languages";

/// Whether one of two fields holds a date, and the other the words of it.
#[must_use]
pub fn is_other_half(one: &str, other: &str) -> bool {
    let is_pair = |date: &str, words: &str| DATE_FIELDS.contains(&date) && words.strip_suffix(AS_WRITTEN) == Some(date);
    is_pair(one, other) || is_pair(other, one)
}

/// Whether a field that somebody gives may have this name.
///
/// # Errors
/// It is none, or is the program's own.
pub fn check_name(name: &str) -> Result<FieldName, MetadataError> {
    let parsed = name.parse().map_err(|source| MetadataError::Field { name: name.to_owned(), source })?;
    if OBSERVED_FIELDS.contains(&name) {
        return Err(MetadataError::Observed { name: name.to_owned() });
    }
    match RESERVED_FIELDS.iter().find(|(reserved, _)| *reserved == name) {
        Some((_, instead)) => Err(MetadataError::Reserved { name: name.to_owned(), instead: *instead }),
        None => Ok(parsed),
    }
}
