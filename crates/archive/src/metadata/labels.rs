//! Names of fields as people type them: the name itself, or what the field is called in English or Korean.

use unicode_normalization::UnicodeNormalization as _;

use super::error::MetadataError;
use crate::nearest::nearest;
use vouchsafe_core::model::FieldName;
use vouchsafe_core::model::vocabulary::{AS_WRITTEN, FIELDS, FieldKind, KnownField, field};

/// What follows the English and the Korean label of a date where its words are meant, as the report has it.
pub(crate) const WORDS_OF_A_DATE: [&str; 2] = [", as it was written", "(적힌 그대로)"];

/// The form in which names, labels and choices are compared: composed (NFC), in lower case, letters and digits only.
#[must_use]
pub(crate) fn key(text: &str) -> String {
    text.nfc().flat_map(char::to_lowercase).filter(|letter| letter.is_alphanumeric()).collect()
}

/// The field of the table that a text names: by its name, or by its English or Korean label. Letter case, Unicode form,
/// spaces, hyphens, underscores and other signs make no difference.
#[must_use]
pub fn named(text: &str) -> Option<&'static KnownField> {
    let typed = key(text);
    let is_meant =
        |known: &&KnownField| [known.name, known.english, known.korean].iter().any(|name| key(name) == typed);
    field(text).or_else(|| FIELDS.iter().find(is_meant))
}

/// The name of the field that a person typed, who may also use a label. A text that could be the name of a field
/// somebody made up is always that name, so that no label of a later version changes what it means.
///
/// # Errors
/// It is neither a field name nor a label.
pub fn name_of(typed: &str) -> Result<FieldName, MetadataError> {
    let source = match typed.parse::<FieldName>() {
        Ok(name) => return Ok(name),
        Err(source) => source,
    };
    let known = named(typed).map(|known| known.name.to_owned());
    let name = known.or_else(|| words_named(typed));
    name.and_then(|name| name.parse().ok()).ok_or_else(|| MetadataError::Name { source, near: near(typed) })
}

/// The field with the words of a date, by a label.
fn words_named(typed: &str) -> Option<String> {
    let typed = key(typed);
    let is_meant = |known: &&KnownField| {
        let labels = [known.english, known.korean].into_iter().zip(WORDS_OF_A_DATE);
        labels.map(|(label, words)| key(&format!("{label}{words}"))).any(|label| label == typed)
    };
    let date = FIELDS.iter().filter(|known| known.kind == FieldKind::Date).find(is_meant)?;
    Some(format!("{}{AS_WRITTEN}", date.name))
}

/// What a field is called that is probably meant.
fn near(typed: &str) -> Option<String> {
    let called = FIELDS.iter().flat_map(|known| [known.name, known.english, known.korean]);
    nearest(typed.trim(), called).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_named_in_three_ways_in_any_case_and_form() {
        for known in FIELDS {
            let decomposed = |text: &str| text.nfd().collect::<String>();
            for text in [known.name, known.english, known.korean] {
                let others = [text.to_uppercase(), text.replace(' ', "-"), text.replace(' ', ""), decomposed(text)];
                for typed in others.iter().map(String::as_str).chain([text]) {
                    assert_eq!(named(typed).map(|found| found.name), Some(known.name), "{typed}");
                }
            }
        }
        assert_eq!(named("period of the EVENTS").map(|found| found.name), Some("events_period"));
        assert!(named("box").is_none() && named("").is_none() && named("…").is_none());
    }

    /// No label or name may be that of another field: what somebody types would be put elsewhere than meant.
    #[test]
    fn no_two_fields_are_called_alike() {
        let mut called = std::collections::BTreeMap::new();
        for known in FIELDS {
            let mut names = vec![key(known.name), key(known.english), key(known.korean)];
            if known.kind == FieldKind::Date {
                names.push(key(&format!("{}{AS_WRITTEN}", known.name)));
                names.extend([key(&format!("{}{}", known.english, WORDS_OF_A_DATE[0]))]);
                names.extend([key(&format!("{}{}", known.korean, WORDS_OF_A_DATE[1]))]);
            }
            for name in names {
                assert!(!name.is_empty(), "{}", known.name);
                let before = called.insert(name.clone(), known.name);
                assert!(before.is_none_or(|before| before == known.name), "{name}: {before:?} and {}", known.name);
            }
        }
    }

    #[test]
    fn a_made_up_name_is_never_taken_for_a_label() {
        let name = |typed| name_of(typed).map(|name| name.to_string());
        for (typed, meant) in [
            ("증인", "witness"),
            ("Made by", "creator"),
            ("made by", "creator"),
            ("작성일", "created_date"),
            ("작성일(적힌 그대로)", "created_date_as_written"),
            ("Date made, as it was written", "created_date_as_written"),
            ("witness", "witness"),
            // These could be names that somebody made up.
            ("remark", "remark"),
            ("made_by", "made_by"),
            ("box", "box"),
        ] {
            assert_eq!(name(typed).unwrap(), meant, "{typed}");
        }
        assert!(name("Box").unwrap_err().to_string().contains("is not a field name"));
        assert!(name("Witnes").unwrap_err().to_string().ends_with("; did you mean Witness?"));
        assert!(name("작섬자").unwrap_err().to_string().ends_with("; did you mean 작성자?"));
    }
}
