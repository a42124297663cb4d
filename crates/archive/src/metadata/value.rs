//! Values as people give them, and the form in which they are kept: the one check of them all, for options, metadata files and
//! tables.

use std::collections::BTreeMap;

use super::coordinates;
use super::error::ValueError;
use super::labels::key;
use crate::nearest::nearest;
use crate::{languages, written_dates};
use vouchsafe_core::model::vocabulary::{AS_WRITTEN, Choice, FieldKind, KnownField, field};
use vouchsafe_core::model::{FieldName, FieldValue};

/// Fields with their values, in order of their names.
pub type Fields = BTreeMap<FieldName, FieldValue>;

/// What stands before the reason of a value that is not known.
const UNKNOWN: [&str; 2] = ["unknown:", "모름:"];
/// What people write for a value that is not known, without the reason.
const NOT_KNOWN: [&str; 6] = ["unknown", "notknown", "모름", "미상", "알수없음", "불명"];
const EMPTY: &str = "the value is empty; omit the field, or write unknown:REASON if the value is not known";
/// How much of a value is quoted, in characters.
const QUOTED: usize = 80;

/// Reads the value of a field as a person writes it into an option or a cell: one field; or, for a date that is not in EDTF,
/// the date and its words, or the words alone. `unknown:REASON` says that the value is not known. The items of a list are
/// separated by semicolons, of which `\;` is none; languages also by commas.
///
/// # Errors
/// The value is not allowed.
pub fn parse_value(name: &FieldName, text: &str) -> Result<Fields, ValueError> {
    check_value(name, FieldValue::Text(text.to_owned()))
}

/// The text that [`parse_value`] reads as this value; none where there is no such text, as for bytes.
#[must_use]
pub fn write_value(name: &FieldName, value: &FieldValue) -> Option<String> {
    let kind = field(name.as_str()).map(|known| known.kind);
    let text = match value {
        FieldValue::Text(text) => text.clone(),
        FieldValue::List(items) if kind == Some(FieldKind::Languages) => items.join(", "),
        FieldValue::List(items) => {
            let escaped = items.iter().map(|item| item.replace('\\', r"\\").replace(';', r"\;"));
            escaped.collect::<Vec<_>>().join("; ")
        }
        FieldValue::Unknown(reason) => format!("{}{reason}", UNKNOWN[0]),
        FieldValue::Integer(_) | FieldValue::Bytes(_) | FieldValue::Withdrawn(_) => return None,
    };
    let is_read_back = |fields: Fields| fields.len() == 1 && fields.get(name) == Some(value);
    parse_value(name, &text).is_ok_and(is_read_back).then_some(text)
}

/// Checks a value and converts it into the form in which it is kept.
pub(super) fn check_value(name: &FieldName, value: FieldValue) -> Result<Fields, ValueError> {
    let known = field(name.as_str());
    let value = match value {
        FieldValue::Text(text) => match unknown(&text)? {
            Some(unknown) => unknown,
            None => return of_text(name, known, text),
        },
        FieldValue::List(items) => list(known, items)?,
        other => other,
    };
    one(name, value)
}

/// Within the limits, one field.
fn one(name: &FieldName, value: FieldValue) -> Result<Fields, ValueError> {
    value.check().map_err(|error| ValueError::new(error.to_string()))?;
    Ok(Fields::from([(name.clone(), value)]))
}

/// That the value is not known, if that is what a text says.
fn unknown(text: &str) -> Result<Option<FieldValue>, ValueError> {
    if text.trim().is_empty() {
        return Err(ValueError::new(EMPTY));
    }
    let beginning = |words: &&&str| text.get(..words.len()).is_some_and(|start| start.to_lowercase() == ***words);
    let Some(words) = UNKNOWN.iter().find(beginning) else { return Ok(None) };
    match text[words.len()..].trim() {
        "" => Err(ValueError::new(EMPTY)),
        reason => Ok(Some(FieldValue::Unknown(reason.to_owned()))),
    }
}

fn of_text(name: &FieldName, known: Option<&KnownField>, text: String) -> Result<Fields, ValueError> {
    let Some(known) = known else { return one(name, FieldValue::Text(text)) };
    match known.kind {
        FieldKind::Text if known.choices.is_empty() => one(name, FieldValue::Text(text)),
        FieldKind::Text => one(name, FieldValue::Text(choice(known, text)?)),
        FieldKind::Time => one(name, FieldValue::Text(text)),
        FieldKind::Date => date(name, known, text),
        FieldKind::Languages => one(name, FieldValue::List(tags(text.split([',', ';']).map(str::to_owned).collect())?)),
        FieldKind::List => one(name, list(Some(known), items(&text))?),
        FieldKind::Coordinates => one(name, FieldValue::Text(coordinates::read(&text)?)),
    }
}

/// The items of a list, each of which says something.
fn list(known: Option<&KnownField>, items: Vec<String>) -> Result<FieldValue, ValueError> {
    if items.is_empty() {
        return Err(ValueError::new(EMPTY));
    }
    match known.map(|known| known.kind) {
        Some(FieldKind::Languages) => Ok(FieldValue::List(tags(items)?)),
        Some(FieldKind::List) if items.iter().any(|item| item.trim().is_empty()) => {
            let others: Vec<_> = items.iter().filter(|item| !item.trim().is_empty()).map(String::as_str).collect();
            let error = ValueError::new("an item of the list is empty");
            Err(if others.is_empty() { error } else { error.accepting(others.join("; ")) })
        }
        Some(FieldKind::List) | None => Ok(FieldValue::List(items)),
        Some(_) => Err(ValueError::new("the field has a single value, and this is a list")),
    }
}

/// The items of a list that is written in one text.
fn items(text: &str) -> Vec<String> {
    let mut items = vec![String::new()];
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let next = if letter == '\\' { letters.next_if(|next| matches!(next, ';' | '\\')) } else { None };
        match (letter, items.last_mut()) {
            (';' | '；', _) => items.push(String::new()),
            (_, Some(item)) => item.push(next.unwrap_or(letter)),
            (_, None) => {}
        }
    }
    // A semicolon at the end separates nothing.
    if items.len() > 1 && items.last().is_some_and(|item| item.trim().is_empty()) {
        items.pop();
    }
    items.into_iter().map(|item| item.trim().to_owned()).collect()
}

/// The code of a choice that is given by its code or one of its labels; another value where the list is open.
fn choice(known: &KnownField, text: String) -> Result<String, ValueError> {
    let typed = key(&text);
    let names = |choice: &Choice| [choice.code, choice.english, choice.korean];
    if let Some(choice) = known.choices.iter().find(|choice| names(choice).iter().any(|name| key(name) == typed)) {
        return Ok(choice.code.to_owned());
    }
    if !known.is_closed {
        return Ok(text);
    }
    if NOT_KNOWN.contains(&typed.as_str()) {
        return Err(ValueError::new("a value that is not known needs the reason").accepting("unknown:REASON"));
    }
    let codes: Vec<_> = known.choices.iter().map(|choice| choice.code).collect();
    let reason = format!("{:?} is none of the values: {}", shortened(&text), codes.join(", "));
    let all = known.choices.iter().flat_map(names);
    let near = nearest(&text.trim().to_lowercase(), all);
    let code = near.and_then(|near| known.choices.iter().find(|choice| names(choice).contains(&near)));
    Err(match code {
        Some(choice) => ValueError::new(reason).accepting(choice.code),
        None => ValueError::new(reason),
    })
}

/// The tags of languages that were given by tag or by name.
fn tags(items: Vec<String>) -> Result<Vec<String>, ValueError> {
    let tag = |item: &String| {
        languages::tag_of(item).ok_or_else(|| {
            ValueError::new(format!(
                "{:?} is neither a language tag (BCP 47) such as ko, en or zh-Hant, nor the name of a known language",
                shortened(item.trim())
            ))
        })
    };
    items.iter().map(tag).collect()
}

/// A date, and its words where they are other than EDTF. Words that cannot be read in one way only are kept alone, for no date
/// may keep the evidence out.
fn date(name: &FieldName, known: &KnownField, words: String) -> Result<Fields, ValueError> {
    let read = written_dates::read(&words);
    if read.as_ref() == Some(&words) {
        return one(name, FieldValue::Text(words));
    }
    let beside = format!("{}{AS_WRITTEN}", known.name);
    let beside: FieldName = beside.parse().map_err(|_| ValueError::new(EMPTY))?;
    let mut fields = one(&beside, FieldValue::Text(words))?;
    fields.extend(read.map(|date| (name.clone(), FieldValue::Text(date))));
    Ok(fields)
}

fn shortened(text: &str) -> String {
    text.chars().take(QUOTED).collect()
}

#[cfg(test)]
mod tests {
    use unicode_normalization::UnicodeNormalization as _;

    use super::*;
    use vouchsafe_core::model::vocabulary::described_fields;

    fn name(name: &str) -> FieldName {
        name.parse().unwrap()
    }

    /// What a text is kept as, in the field of its own name.
    fn kept(field: &str, text: &str) -> Result<FieldValue, ValueError> {
        parse_value(&name(field), text).map(|fields| fields[&name(field)].clone())
    }

    fn texts(items: &[&str]) -> FieldValue {
        FieldValue::List(items.iter().map(|&item| item.to_owned()).collect())
    }

    #[test]
    fn a_choice_is_kept_as_its_code_however_it_is_given() {
        let mut given = 0;
        for known in described_fields() {
            for choice in known.choices {
                for text in [choice.code, choice.english, choice.korean] {
                    let decomposed: String = text.nfd().collect();
                    for typed in [text.to_owned(), text.to_uppercase(), format!(" {text} "), decomposed] {
                        let value = kept(known.name, &typed).unwrap();
                        assert_eq!(value, FieldValue::Text(choice.code.to_owned()), "{}: {typed}", known.name);
                        given += 1;
                    }
                }
            }
        }
        assert!(given > 600, "{given}");
    }

    #[test]
    fn no_two_choices_of_a_field_are_called_alike() {
        for known in described_fields() {
            let mut called = BTreeMap::new();
            for choice in known.choices {
                for name in [choice.code, choice.english, choice.korean] {
                    let before = called.insert(key(name), choice.code);
                    assert!(before.is_none_or(|before| before == choice.code), "{}: {name}", known.name);
                }
            }
        }
    }

    #[test]
    fn another_value_than_the_choices_is_refused_with_the_nearest_where_the_list_is_closed() {
        for (field, text, accepted) in [
            ("sensitivity", "restrictd", Some("restricted")),
            ("sensitivity", "top secret", None),
            ("recording_mode", "vidoe", Some("video")),
            ("object_category", "위성사진들", Some("satellite_image")),
            ("first_account", "maybe", None),
            ("first_account", "Unknown", Some("unknown:REASON")),
            ("copy_generation", "모름", Some("unknown:REASON")),
        ] {
            let error = kept(field, text).unwrap_err();
            assert_eq!(error.accepted.as_deref(), accepted, "{field}: {error}");
        }
        let error = kept("sensitivity", "top secret").unwrap_err().to_string();
        let all = "public, internal, confidential, restricted, sealed";
        assert_eq!(error, format!("\"top secret\" is none of the values: {all}"));
        for (field, text) in [("channel", "by carrier pigeon"), ("clock_source", "radio clock DCF77")] {
            assert_eq!(kept(field, text), Ok(FieldValue::Text(text.to_owned())), "an open list");
        }
    }

    /// What an archive asks for can be answered with `unknown`, whatever the kind of the field.
    #[test]
    fn every_field_can_be_unknown_with_the_reason() {
        for known in described_fields() {
            for text in ["unknown:not said", "Unknown: not said", "UNKNOWN:not said", "모름: not said"] {
                let value = kept(known.name, text);
                assert_eq!(value, Ok(FieldValue::Unknown("not said".to_owned())), "{}", known.name);
            }
            for text in ["", " ", "unknown:", "unknown: ", "모름:"] {
                assert!(kept(known.name, text).unwrap_err().reason.contains("unknown:REASON"), "{}", known.name);
            }
        }
    }

    #[test]
    fn the_items_of_a_list_are_separated_by_semicolons() {
        for (text, items) in [
            ("K-1", &["K-1"][..]),
            ("K-1; K-2;K-3", &["K-1", "K-2", "K-3"]),
            ("Kim, C.; Lee, Y.;", &["Kim, C.", "Lee, Y."]),
            ("김；이", &["김", "이"]),
            (r"one\; still one; two \\ three", &["one; still one", r"two \ three"]),
            (r"C:\deposit; \n", &[r"C:\deposit", r"\n"]),
        ] {
            assert_eq!(kept("interviewers", text), Ok(texts(items)), "{text}");
        }
        let error = kept("interviewers", "K-1;; K-2").unwrap_err();
        assert_eq!(error.to_string(), "an item of the list is empty; write K-1; K-2");
        assert!(kept("interviewers", ";").unwrap_err().accepted.is_none());
        let fields = check_value(&name("title"), texts(&["a", "b"])).unwrap_err();
        assert!(fields.reason.contains("single value"));
    }

    #[test]
    fn languages_are_understood_in_every_field_of_them() {
        for field in ["languages", "interview_languages"] {
            for text in ["ko, en", "Korean; 영어", "조선말,English", "한국어, en"] {
                assert_eq!(kept(field, text), Ok(texts(&["ko", "en"])), "{field}: {text}");
            }
            assert!(kept(field, "Hamgyong dialect").unwrap_err().reason.contains("neither a language tag"));
        }
    }

    #[test]
    fn a_date_gives_its_words_beside_it() {
        let given = |field: &str, text: &str| {
            let fields = parse_value(&name(field), text).unwrap();
            fields.into_iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>()
        };
        assert_eq!(given("interview_date", "2005-03-17"), ["interview_date=2005-03-17"]);
        assert_eq!(
            given("received_date", "2005. 3. 17."),
            ["received_date=2005-03-17", "received_date_as_written=2005. 3. 17."]
        );
        assert_eq!(given("captured_date", "03/04/2005"), ["captured_date_as_written=03/04/2005"]);
        assert_eq!(given("captured_date", "2005-03-17T09:30:00Z"), ["captured_date=2005-03-17T09:30:00Z"]);
    }

    #[test]
    fn what_is_written_into_a_cell_is_read_back_as_it_was() {
        let unknown = || FieldValue::Unknown("the source; does not say".to_owned());
        for (field, value) in [
            ("title", FieldValue::Text("=1+1; \\; \"x\"\n".to_owned())),
            ("interviewers", texts(&["Kim; C.", r"\", r"a\;b", "last;"])),
            ("languages", texts(&["ko", "zh-Hant"])),
            ("sensitivity", FieldValue::Text("sealed".to_owned())),
            ("sensitivity", unknown()),
            ("created_date", FieldValue::Text("2003~".to_owned())),
            ("coordinates", FieldValue::Text("41.79, 128.88 ±500 m".to_owned())),
            ("box", FieldValue::Text("17".to_owned())),
        ] {
            let text = write_value(&name(field), &value).unwrap();
            assert_eq!(parse_value(&name(field), &text), Ok(Fields::from([(name(field), value)])), "{text}");
        }
        // No text says these, or says them again as they are.
        for (field, value) in [
            ("box", FieldValue::Integer(7)),
            ("box", FieldValue::Bytes(vec![0xff])),
            ("box", texts(&["a", "b"])),
            ("interviewers", texts(&[" a "])),
            ("sensitivity", FieldValue::Text("Sealed".to_owned())),
            ("created_date", FieldValue::Text("March 2003".to_owned())),
            ("title", FieldValue::Text("unknown: soldier".to_owned())),
            ("title", FieldValue::Withdrawn("x".to_owned())),
        ] {
            assert_eq!(write_value(&name(field), &value), None, "{field}: {value}");
        }
    }
}
