//! What the names before a colon mean.

use vouchsafe_core::model::FieldName;
use vouchsafe_core::model::vocabulary::{WrittenBy, field};

use crate::metadata::key;

/// What a condition is about, where it is no field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Own {
    /// The name of the exhibit.
    Exhibit,
    /// The SHA-256 of its bytes.
    Object,
    /// Its media type.
    MediaType,
    /// Who ingested it.
    Agent,
    /// When its ingest was recorded.
    Recorded,
    /// When what it is about happened.
    During,
}

/// The name of the period.
pub const DURING: &str = "during";

/// The names of what is no field, with the labels in English and Korean. No field that somebody gives should have one of them;
/// where an archive has such a field all the same, `--field` finds it.
pub const OWN: &[(Own, &[&str])] = &[
    (Own::Exhibit, &["exhibit", "증거물"]),
    (Own::Object, &["sha256", "SHA-256"]),
    (Own::MediaType, &["type", "media_type", "형식"]),
    (Own::Agent, &["agent", "담당자"]),
    (Own::Recorded, &["recorded", "기록일"]),
    (Own::During, &[DURING, "시기"]),
];

/// What is no field, by its name.
pub fn own(typed: &str) -> Option<Own> {
    let wanted = key(typed);
    OWN.iter().find(|(_, names)| names.iter().any(|name| key(name) == wanted)).map(|(own, _)| *own)
}

/// Whether exhibits can have a field of this name. What is recorded with an act, such as a remark, is no field of an exhibit.
pub fn is_of_exhibits(name: &FieldName) -> bool {
    field(name.as_str()).is_none_or(|known| known.written_by != WrittenBy::Act)
}

#[cfg(test)]
mod tests {
    use super::*;
    use vouchsafe_core::model::vocabulary::FIELDS;

    #[test]
    fn no_field_has_a_name_of_something_else() {
        for known in FIELDS.iter().filter(|known| known.written_by != WrittenBy::Act) {
            for name in [known.name, known.english, known.korean] {
                assert_eq!(own(name), None, "{name}");
            }
        }
        assert_eq!([own("SHA256"), own("형식"), own("title")], [Some(Own::Object), Some(Own::MediaType), None]);
    }
}
