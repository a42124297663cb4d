//! The table of fields: every field that has a fixed meaning, once.
//!
//! Metadata files, options, searching, the report, the page that checks a bundle, what is disclosed and the documentation are made
//! from it. A field that is not in it may have any value; those who give it know what it means.

pub mod choices;
mod field;
mod names;
mod table;

pub use choices::Choice;
pub use field::{FieldKind, KnownField, Obligation, When, WrittenBy};
pub use names::*;
pub use table::FIELDS;

/// What the name of the field ends with that keeps the words of a date, beside the field with the date.
pub const AS_WRITTEN: &str = "_as_written";

/// The field of this name, where it has a fixed meaning.
#[must_use]
pub fn field(name: &str) -> Option<&'static KnownField> {
    FIELDS.iter().find(|field| field.name == name)
}

/// The fields that anybody who describes an exhibit may give, in the order in which they are shown.
pub fn described_fields() -> impl Iterator<Item = &'static KnownField> {
    FIELDS.iter().filter(|field| field.written_by == WrittenBy::Person)
}

/// Whether this is a field with a date.
#[must_use]
pub fn is_date(name: &str) -> bool {
    field(name).is_some_and(|field| field.kind == FieldKind::Date)
}

/// The date whose words a field of this name keeps.
#[must_use]
pub fn date_of_words(name: &str) -> Option<&'static KnownField> {
    name.strip_suffix(AS_WRITTEN).and_then(field).filter(|field| field.kind == FieldKind::Date)
}

/// The place of a field in the order in which fields are shown: that of the table, the words of a date beside the date, and
/// every other field after them. Fields in one place are shown by name, which puts the words after their date.
#[must_use]
pub fn place_of(name: &str) -> usize {
    let name = date_of_words(name).map_or(name, |date| date.name);
    FIELDS.iter().position(|field| field.name == name).unwrap_or(FIELDS.len())
}

/// Whether the program writes this field itself, so that nobody else may give it.
#[must_use]
pub fn is_observed(name: &str) -> bool {
    field(name).is_some_and(|field| field.written_by == WrittenBy::Program)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::FieldName;

    #[test]
    fn every_field_is_there_once_and_has_what_people_read() {
        let mut names: Vec<_> = FIELDS.iter().map(|field| field.name).collect();
        names.sort_unstable();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{names:?}");
        for field in FIELDS {
            assert!(field.name.parse::<FieldName>().is_ok(), "{}", field.name);
            assert!(
                !field.english.is_empty() && !field.korean.is_empty() && !field.meaning.is_empty(),
                "{}",
                field.name
            );
            assert!(field.korean.chars().any(|c| ('가'..='힣').contains(&c)), "{}", field.korean);
            assert!(!field.name.ends_with(AS_WRITTEN), "{}", field.name);
        }
    }

    /// The others belong to the program or to an act: nobody is asked for them.
    #[test]
    fn what_is_asked_for_has_a_question_in_both_languages() {
        for field in FIELDS {
            let is_asked = field.obligation != Obligation::Optional;
            let [english, korean] = field.question;
            assert_eq!([english.ends_with('?'), korean.ends_with('?')], [is_asked; 2], "{}", field.name);
            assert!(!is_asked || field.written_by == WrittenBy::Person, "{}", field.name);
            assert!(is_asked || field.when == When::Always, "{}", field.name);
        }
    }

    #[test]
    fn choices_are_codes_with_labels_and_stand_at_texts() {
        for field in FIELDS.iter().filter(|field| !field.choices.is_empty()) {
            assert_eq!(field.kind, FieldKind::Text, "{}", field.name);
            for choice in field.choices {
                assert!(choice.code.parse::<FieldName>().is_ok(), "{}", choice.code);
                assert!(!choice.english.is_empty() && !choice.korean.is_ascii(), "{}", choice.code);
            }
        }
        assert!(FIELDS.iter().all(|field| !field.is_closed || field.choices.len() > 1));
    }

    /// What is disclosed by default can name nobody, whatever somebody writes into it: nothing but codes are.
    #[test]
    fn only_lists_of_codes_are_disclosed_by_default() {
        let disclosed: Vec<_> = FIELDS.iter().filter(|field| field.disclosed).collect();
        assert!(!disclosed.is_empty());
        assert!(disclosed.iter().all(|field| field.kind == FieldKind::Languages));
    }

    #[test]
    fn a_date_and_its_words_belong_together() {
        assert_eq!(date_of_words("created_date_as_written").map(|field| field.name), Some("created_date"));
        assert!(date_of_words("title_as_written").is_none());
        assert!(is_date("events_period") && !is_date("title"));
        assert!(is_observed("source_path") && !is_observed("source"));
    }
}
