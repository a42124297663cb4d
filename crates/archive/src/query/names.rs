//! What the names before a colon mean.

use vouchsafe_core::model::FieldName;
use vouchsafe_core::model::vocabulary::{FIELDS, KnownField, WrittenBy, field};

use super::text::folded;

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

/// A name, or a label, in the form in which they are compared: letters and digits only.
fn key(text: &str) -> String {
    folded(text).chars().filter(|letter| letter.is_alphanumeric()).collect()
}

/// The field that a person means, who may type its name or its label in English or Korean, in any letter case, with blanks,
/// hyphens or underscores.
pub fn named(typed: &str) -> Option<&'static KnownField> {
    let wanted = key(typed);
    let is_meant =
        |known: &&KnownField| [known.name, known.english, known.korean].iter().any(|name| key(name) == wanted);
    field(typed).or_else(|| FIELDS.iter().find(is_meant))
}

/// What is no field, by its name.
pub fn own(typed: &str) -> Option<Own> {
    let wanted = key(typed);
    OWN.iter().find(|(_, names)| names.iter().any(|name| key(name) == wanted)).map(|(own, _)| *own)
}

/// The name of a field: what can be one is one, and everything else may be a label.
pub fn field_name(typed: &str) -> Option<FieldName> {
    typed.parse().ok().or_else(|| named(typed)?.name.parse().ok())
}

/// Whether exhibits can have a field of this name. What is recorded with an act, such as a remark, is no field of an exhibit.
pub fn is_of_exhibits(name: &FieldName) -> bool {
    field(name.as_str()).is_none_or(|known| known.written_by != WrittenBy::Act)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_meant_by_its_name_and_its_labels() {
        for known in FIELDS {
            for typed in [known.name, known.english, known.korean, &known.english.to_uppercase()] {
                assert_eq!(named(typed).map(|field| field.name), Some(known.name), "{typed}");
            }
        }
        assert_eq!(field_name("Date made").unwrap().as_str(), "created_date");
        assert_eq!(field_name("date-made").unwrap().as_str(), "created_date");
        assert_eq!(field_name("witness").unwrap().as_str(), "witness");
        assert!(field_name("no such").is_none());
    }

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
