//! The YAML of a metadata file. Errors are reported in the terms of people who write such files, with the line.

use std::cell::RefCell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{Error, Spanned};

use super::names::{check_name, is_reserved};
use vouchsafe_core::model::FieldValue;
use vouchsafe_core::model::vocabulary::{LANGUAGES, described_fields};

/// A field as it is written, with its line.
pub(super) struct Written {
    pub name: String,
    pub value: FieldValue,
    pub line: u64,
}

const OWN_FIELDS: &str = "fields";
const EMPTY: &str = "the value is empty; omit the field, or write unknown:REASON if the value is not known";

const TAG: &str = "a value that begins with ! is not accepted; put it in quotation marks";

/// Reads the fields of a metadata file, in their order.
///
/// # Errors
/// What is wrong, as a sentence that begins with the line.
pub(super) fn read(text: &str) -> Result<Vec<Written>, String> {
    let says_nothing = |line: &str| {
        let line = line.trim_start_matches('\u{feff}').trim();
        line.is_empty() || line.starts_with('#') || line == "---" || line == "..."
    };
    if text.split(['\n', '\r']).all(says_nothing) {
        return Err("the metadata file is empty: write the fields into it, or remove it".to_owned());
    }
    let reading = Reading { text, at: RefCell::default(), problem: RefCell::default(), fields: RefCell::default() };
    let read = serde_saphyr::with_deserializer_from_str(text, |yaml| Sheet(&reading, Part::Top).deserialize(yaml));
    match read {
        Ok(()) => Ok(reading.fields.into_inner()),
        Err(error) => Err(reading.problem.take().unwrap_or_else(|| reading.sentence(&error))),
    }
}

/// What was read so far, and where.
struct Reading<'a> {
    text: &'a str,
    /// The field whose value is being read, and its line.
    at: RefCell<Option<(String, u64)>>,
    /// What was found wrong here, and not by the reader of YAML.
    problem: RefCell<Option<String>>,
    fields: RefCell<Vec<Written>>,
}

#[derive(Clone, Copy, PartialEq)]
enum Part {
    Top,
    /// Below `fields`.
    Own,
}

struct Sheet<'a, 'b>(&'b Reading<'a>, Part);

impl<'de> DeserializeSeed<'de> for Sheet<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, yaml: D) -> Result<(), D::Error> {
        yaml.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Sheet<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("lines such as `title: a title`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Self(reading, part) = self;
        while let Some(key) = map.next_key::<Spanned<String>>()? {
            let (name, line) = (key.value, key.referenced.line());
            *reading.at.borrow_mut() = Some((name.clone(), line));
            if is_reserved(&name)
                && let Err(error) = check_name(&name)
            {
                return reading.end(format!("line {line}: {error}"));
            }
            let is_known = described_fields().any(|known| known.name == name);
            let value = match name.as_str() {
                OWN_FIELDS if part == Part::Top => {
                    if map.next_value_seed(OwnFields(reading))? {
                        return reading.fail(line, &name, &reading.why_empty(line));
                    }
                    continue;
                }
                LANGUAGES if part == Part::Top => match map.next_value_seed(Languages(reading, line))? {
                    None => return reading.fail(line, &name, &reading.why_empty(line)),
                    Some(_) if reading.behind_colon(line).starts_with('!') => return reading.fail(line, &name, TAG),
                    Some(languages) => languages,
                },
                _ if part == Part::Top && !is_known => {
                    let known = described_fields().map(|known| known.name).collect::<Vec<_>>().join(", ");
                    let unknown = format!(
                        "unknown field; the known fields are {known}; write any other under \
                        `fields`"
                    );
                    return reading.fail(line, &name, &unknown);
                }
                _ => match map.next_value::<Option<String>>()? {
                    None => return reading.fail(line, &name, &reading.why_empty(line)),
                    // Its meaning would be lost, or applied to the text after it.
                    Some(_) if reading.behind_colon(line).starts_with('!') => return reading.fail(line, &name, TAG),
                    Some(text) => FieldValue::Text(text),
                },
            };
            *reading.at.borrow_mut() = None;
            reading.fields.borrow_mut().push(Written { name, value, line });
        }
        Ok(())
    }
}

/// The languages: one text, or a list; none if nothing is there.
struct Languages<'a, 'b>(&'b Reading<'a>, u64);

impl<'de> DeserializeSeed<'de> for Languages<'_, '_> {
    type Value = Option<FieldValue>;

    fn deserialize<D: Deserializer<'de>>(self, yaml: D) -> Result<Self::Value, D::Error> {
        yaml.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Languages<'_, '_> {
    type Value = Option<FieldValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a language such as ko, or a list of them such as [ko, en]")
    }

    fn visit_none<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Some(FieldValue::Text(text.to_owned())))
    }

    /// What YAML takes for a truth value, as the tag of Norwegian.
    fn visit_bool<E: serde::de::Error>(self, _: bool) -> Result<Self::Value, E> {
        let problem = "YAML reads this word as yes or no; write it in brackets, such as [no]";
        self.0.fail(self.1, LANGUAGES, problem)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut tags = Vec::new();
        while let Some(tag) = items.next_element::<Option<String>>()? {
            match tag {
                Some(tag) => tags.push(tag),
                None => return self.0.fail(self.1, LANGUAGES, "a language in the list is empty"),
            }
        }
        Ok(Some(FieldValue::List(tags)))
    }
}

/// The own fields, which may be missing. Whether they are.
struct OwnFields<'a, 'b>(&'b Reading<'a>);

impl<'de> DeserializeSeed<'de> for OwnFields<'_, '_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, yaml: D) -> Result<bool, D::Error> {
        yaml.deserialize_option(self)
    }
}

impl<'de> Visitor<'de> for OwnFields<'_, '_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("lines such as `box: 17`")
    }

    fn visit_none<E>(self) -> Result<bool, E> {
        Ok(true)
    }

    fn visit_unit<E>(self) -> Result<bool, E> {
        Ok(true)
    }

    fn visit_some<D: Deserializer<'de>>(self, yaml: D) -> Result<bool, D::Error> {
        Sheet(self.0, Part::Own).deserialize(yaml).map(|()| false)
    }
}

impl Reading<'_> {
    /// Ends the reading with a problem of this field.
    fn fail<T, E: serde::de::Error>(&self, line: u64, name: &str, problem: &str) -> Result<T, E> {
        let name: String = name.chars().take(80).collect();
        self.end(format!("line {line}: {name}: {problem}"))
    }

    /// Ends the reading with a sentence.
    fn end<T, E: serde::de::Error>(&self, sentence: String) -> Result<T, E> {
        *self.problem.borrow_mut() = Some(sentence);
        Err(E::custom("a field is not accepted"))
    }

    /// What follows the colon of this line.
    fn behind_colon(&self, line: u64) -> &str {
        let number = usize::try_from(line).unwrap_or_default().saturating_sub(1);
        let line = self.text.lines().nth(number).unwrap_or_default();
        line.split_once(':').map_or("", |(_, value)| value.trim())
    }

    /// Why a field has no value although something may stand there.
    fn why_empty(&self, line: u64) -> String {
        let value = self.behind_colon(line);
        let first = value.split_whitespace().next().unwrap_or_default();
        match first {
            _ if value.starts_with('#') => {
                "what follows # is a comment, so the value is empty; put it in quotation marks".to_owned()
            }
            _ if is_null(first) => format!(
                "YAML reads {first} as no value, so the value is empty; if it is a name, put it in quotation marks"
            ),
            _ => EMPTY.to_owned(),
        }
    }

    /// What the reader of YAML found, in plain words.
    fn sentence(&self, error: &Error) -> String {
        let error = error.without_snippet();
        if let Error::AliasError { error, .. } = error {
            return self.sentence(error);
        }
        let at = self.at.borrow().clone();
        let place = error.location().map(|place| format!("line {}, column {}: ", place.line(), place.column()));
        let place = place.unwrap_or_default();
        let of_field = |problem: &dyn Fn(&str) -> String| match &at {
            Some((name, line)) => format!("line {line}: {}", problem(&name.chars().take(80).collect::<String>())),
            None => format!("{place}a metadata file consists of lines such as `title: a title`"),
        };
        match error {
            Error::DuplicateMappingKey { key, .. } => {
                let key = key.as_deref().unwrap_or("a field");
                format!("{place}{key}: the field is given twice")
            }
            Error::MultipleDocuments { .. } => {
                format!("{place}a second document begins here; a metadata file is a single document")
            }
            Error::Budget { .. }
            | Error::AliasReplayLimitExceeded { .. }
            | Error::AliasExpansionLimitExceeded { .. }
            | Error::AliasReplayStackDepthExceeded { .. } => {
                format!("{place}it is nested too deeply or has too many repetitions; a metadata file is a short list")
            }
            Error::UnknownAnchor { .. } => {
                format!("{place}YAML reads a value that begins with * as a reference; put it in quotation marks")
            }
            Error::MergeKeyNotAllowed { .. } | Error::MergeValueNotMapOrSeqOfMaps { .. } => {
                format!("{place}<< is not accepted; write the fields themselves")
            }
            Error::InvalidBinaryBase64 { .. }
            | Error::BinaryNotUtf8 { .. }
            | Error::TaggedScalarCannotDeserializeIntoString { .. } => {
                format!("{place}{TAG}")
            }
            Error::Unexpected { .. }
            | Error::SerdeInvalidType { .. }
            | Error::NullIntoString { .. }
            | Error::UnexpectedSequenceEnd { .. }
            | Error::UnexpectedMappingEnd { .. } => of_field(&|name| match name {
                LANGUAGES => "languages must be a language such as ko, or a list of them such as [ko, en]".to_owned(),
                OWN_FIELDS => "below `fields`, write your own fields in lines such as `box: 17`".to_owned(),
                _ => format!("{name} must be a text; put it in quotation marks"),
            }),
            Error::Eof { .. } => format!("{place}the file ends too early"),
            other => format!("{place}{}", syntax(&other.to_string())),
        }
    }
}

fn is_null(value: &str) -> bool {
    matches!(value, "~" | "null" | "Null" | "NULL")
}

/// What is wrong with the signs of YAML, by what its reader says.
fn syntax(message: &str) -> &'static str {
    let message = message.to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| message.contains(word));
    if has(&["tab"]) {
        "there is a tab where only spaces are allowed"
    } else if has(&["escape", "surrogate", "unicode"]) {
        "in double quotes, what follows this \\ means nothing; write \\\\ for a backslash"
    } else if has(&["quoted scalar", "quote"]) {
        "a quotation mark is not closed, or something follows it; inside quotation marks, write \" as \\\""
    } else if has(&["flow", "bracket", "']'", "'}'", "sequence end", "nest", "depth"]) {
        "a bracket is not closed; put a text that begins with [ or { in quotation marks"
    } else if has(&["control char", "null byte", "non-printable", "invalid character"]) {
        "there is a character here that is not allowed in a text"
    } else if has(&["indent", "mapping", "block", "key"]) {
        "this line does not match those above it: begin it in the same column, and put a text with a colon in \
         quotation marks"
    } else {
        "this is not YAML; put texts with characters such as : # * & ! % @ in quotation marks"
    }
}
