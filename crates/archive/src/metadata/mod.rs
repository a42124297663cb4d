//! Metadata that comes with files: from a YAML file for all, from one beside a file, from arguments.

mod coordinates;
mod error;
mod labels;
mod names;
mod sheet;
mod value;

use std::path::Path;

pub use error::{MetadataError, ValueError};
pub(crate) use labels::{WORDS_OF_A_DATE, key};
pub use labels::{name_of, named};
pub(super) use names::is_reserved;
pub use names::{check_name, is_other_half};
use sheet::Written;
use value::check_value;
pub use value::{Fields, parse_value, write_value};

pub use super::edtf_dates::check_date;
use crate::store::durable::read_limited;
use vouchsafe_core::model::vocabulary::{AS_WRITTEN, FIELDS, FieldKind, KnownField};
use vouchsafe_core::model::{FieldName, FieldValue};
use vouchsafe_core::sign::secrets::secrets_in;

/// What a metadata file's name ends with: `NAME.meta.yaml` speaks of the file `NAME` beside it.
pub const SIDECAR_SUFFIX: &str = ".meta.yaml";
/// The largest metadata file in bytes.
pub const MAX_METADATA_BYTES: u64 = 1024 * 1024;

/// Reads a metadata file.
///
/// # Errors
/// It cannot be read, is not YAML of the expected shape, or has an unknown or repeated key or a value
/// that is not allowed.
pub fn read_file(path: &Path) -> Result<Fields, MetadataError> {
    let failed = |source| MetadataError::Io { path: path.to_owned(), source };
    // What a link leads to is not what lies beside the file.
    let bytes = read_limited(path, MAX_METADATA_BYTES, false).map_err(failed)?;
    let wrong = |reason| MetadataError::Yaml { path: path.to_owned(), reason };
    if let Some(secret) = secrets_in(&bytes).first() {
        return Err(wrong(format!(
            "it holds {}, and nothing can be removed from the archive \
            again",
            secret.form.name()
        )));
    }
    parse(utf_8(&bytes).map_err(wrong)?).map_err(wrong)
}

/// The text of a file.
///
/// # Errors
/// It is in other letters than UTF-8, as a sentence.
fn utf_8(bytes: &[u8]) -> Result<&str, String> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err("it is text in UTF-16; save it as UTF-8".to_owned());
    }
    std::str::from_utf8(bytes).map_err(|error| {
        let line = bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count() + 1;
        format!("line {line}: it is not UTF-8 text; save it as UTF-8")
    })
}

/// Reads the text of a metadata file.
///
/// # Errors
/// As [`read_file`], as a sentence.
pub fn parse(text: &str) -> Result<Fields, String> {
    let mut fields = Fields::new();
    for Written { name, value, line } in sheet::read(text)? {
        let checked = check(&name, value).and_then(|checked| add(&mut fields, checked));
        checked.map_err(|error| format!("line {line}: {error}"))?;
    }
    Ok(fields)
}

/// Adds fields to others that are given beside them.
///
/// # Errors
/// One is given twice.
pub fn add(fields: &mut Fields, more: Fields) -> Result<(), MetadataError> {
    for (name, value) in more {
        if fields.contains_key(&name) {
            return Err(MetadataError::Twice { name: name.to_string() });
        }
        fields.insert(name, value);
    }
    Ok(())
}

/// Puts fields in the place of others of the same names. A date and its words are one: the words of another date go with it.
pub fn overlay(fields: &mut Fields, newer: Fields) {
    fields.retain(|name, _| !newer.keys().any(|newer| newer == name || is_other_half(newer.as_str(), name.as_str())));
    fields.extend(newer);
}

/// A date that was not given in EDTF.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenDate {
    /// The field.
    pub name: &'static str,
    /// The words, which are kept.
    pub words: String,
    /// The date that they were read as; none if they can be read in no way, or in more than one.
    pub date: Option<String>,
}

/// The dates among fields that were not given in EDTF.
#[must_use]
pub fn written_dates(fields: &Fields) -> Vec<WrittenDate> {
    let get = |name: String| name.parse().ok().and_then(|name: FieldName| fields.get(&name)).map(ToString::to_string);
    let written = |field: &KnownField| {
        let words = get(format!("{}{AS_WRITTEN}", field.name))?;
        Some(WrittenDate { name: field.name, words, date: get(field.name.to_owned()) })
    };
    FIELDS.iter().filter(|field| field.kind == FieldKind::Date).filter_map(written).collect()
}

/// Reads `NAME=VALUE` from an argument: [`name_of`] and [`parse_value`].
///
/// # Errors
/// No `=`, or a name or value that is not allowed.
pub fn parse_argument(argument: &str) -> Result<Fields, MetadataError> {
    let (name, value) =
        argument.split_once('=').ok_or_else(|| MetadataError::NoValue { found: argument.to_owned() })?;
    check(name_of(name)?.as_str(), FieldValue::Text(value.to_owned()))
}

/// Checks a field and converts it into the form in which it is kept, as [`parse_value`] does.
///
/// # Errors
/// A name or value that is not allowed.
pub fn check(name: &str, value: FieldValue) -> Result<Fields, MetadataError> {
    let name = check_name(name)?;
    check_value(&name, value).map_err(|source| MetadataError::Value { name: name.to_string(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_and_repeated_keys_are_refused() {
        assert!(parse("title: a\n").is_ok());
        assert!(parse("titel: a\n").unwrap_err().contains("titel"));
        assert!(parse("title: a\ntitle: b\n").is_err());
        assert!(parse("fields:\n  a: b\n  a: c\n").is_err());
        assert!(parse("title: a\nfields:\n  title: b\n").unwrap_err().contains("twice"));
        assert!(parse("fields:\n  source_path: /x\n").unwrap_err().contains("itself"));
        assert!(parse("title: ''\n").unwrap_err().contains("empty"));
    }

    #[test]
    fn a_value_that_yaml_takes_for_none_is_refused_with_the_reason() {
        for (text, words) in [
            ("title: x\ncreator:\n", "line 2: creator: the value is empty; omit the field"),
            ("creator: ~\n", "line 1: creator: YAML reads ~ as no value"),
            ("creator: Null\n", "line 1: creator: YAML reads Null as no value, so the value is empty; if it is a name"),
            ("creator: null # nobody\n", "line 1: creator: YAML reads null as no value"),
            ("title: #1 statement\n", "line 1: title: what follows # is a comment"),
            ("title: x\nfields:\n", "line 2: fields: the value is empty"),
            ("title: x\nfields: ~\n", "line 2: fields: YAML reads ~ as no value"),
            ("fields:\n  box: 1\n  witness: NULL\n", "line 3: witness: YAML reads NULL as no value"),
            ("languages:\n", "line 1: languages: the value is empty"),
            ("languages: [~, ko]\n", "line 1: languages: a language in the list is empty"),
            ("", "the metadata file is empty"),
            ("\u{feff}\r\n# title: later\n---\n", "the metadata file is empty"),
        ] {
            let found = parse(text).unwrap_err();
            assert!(found.starts_with(words), "{text:?}: {found}");
        }
        let fields = parse("creator: 'Null'\ntitle: '#1 statement'\nfields:\n  # the box\n  box: '~'\n").unwrap();
        assert_eq!(fields.len(), 3);
    }

    #[test]
    fn what_is_wrong_is_said_in_plain_words_with_the_line() {
        let jargon =
            ["scalar", "mapping", "sequence", "deserializ", "Option<", "budget", "anchor", "serde", "expected"];
        let mut wrong = Vec::new();
        for (text, words) in [
            ("title: x\nplace: y\n\nlanguages: 7\n", "line 4: languages must be a language such as ko, or a list"),
            ("languages:\n  ko: yes\n", "line 1: languages must be a language such as ko, or a list"),
            ("languages: no\n", "line 1: languages: YAML reads this word as yes or no; write it in brackets"),
            (
                "title: x\nlanguages: Hamgyong dialect\n",
                "line 2: languages: \"Hamgyong dialect\" is neither a language tag",
            ),
            ("date: 2003\n", "line 1: date: no field may have this name, which the program itself uses; did"),
            ("fields:\n  language: [ko]\n", "line 2: language: no field may have this name, which the program"),
            ("title: [a, b]\n", "line 1: title must be a text"),
            ("title: x\ncase: {a: b}\n", "line 2: case must be a text"),
            ("fields: [a]\n", "line 1: below `fields`, write your own fields"),
            ("fields:\n  - a\n", "line 1: below `fields`, write your own fields"),
            ("fields:\n  box: [1]\n", "line 2: box must be a text"),
            ("- title: a\n", "line 1, column 1: a metadata file consists of lines such as"),
            ("just a text\n", "line 1, column 1: a metadata file consists of lines such as"),
            ("title: a\n---\ntitle: b\n", "line 3, column 1: a second document begins here"),
            (
                "title: a\ntitel: b\n",
                "line 2: titel: unknown field; did you mean title? Otherwise, write a field of your own under `fields`",
            ),
            ("title: a\ntitle: b\n", "line 2, column 1: title: the field is given twice"),
            ("title: !include secret.txt\n", "line 1: title: a value that begins with ! is not accepted"),
            ("title: !!binary U0VDUkVU\n", "line 1: title: a value that begins with ! is not accepted"),
            ("title: \"\\ud800\"\n", "line 1, column 8: in double quotes, what follows this \\"),
            ("title: *a\n", "line 1, column 8: YAML reads a value that begins with *"),
            ("title: 'open\n", "line "),
            ("fields:\n\ta: b\n", "line 2, "),
            ("title: Interview: part 1\n", "line 1, "),
        ] {
            let found = parse(text).unwrap_err();
            let has_jargon = jargon.iter().any(|word| found.contains(word));
            if !found.starts_with(words) || has_jargon {
                wrong.push(format!("{text:?}: {found}"));
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
        let repeated = format!("title: &a {}\nlanguages: [{}]\n", "x".repeat(100_000), "*a, ".repeat(11));
        assert!(parse(&repeated).unwrap_err().contains("too many repetitions"));
        let nested = format!("title: {}\n", "[".repeat(100_000));
        assert!(parse(&nested).unwrap_err().starts_with("line 1"), "{}", parse(&nested).unwrap_err());
        assert_eq!(
            utf_8(b"title: a\nplace: \xc1\xf8\n").unwrap_err(),
            "line 2: it is not UTF-8 text; save it as UTF-8"
        );
        assert_eq!(utf_8(b"\xff\xfet\0").unwrap_err(), "it is text in UTF-16; save it as UTF-8");
    }

    #[test]
    fn values_stay_as_they_are_written() {
        let one = parse("languages: Korean\n").unwrap();
        assert_eq!(one[&"languages".parse::<FieldName>().unwrap()], FieldValue::List(vec!["ko".into()]));
        let fields =
            parse("created_date: 2003\nexhibit_no: 007\nlanguages: [ko, en]\nplace: 'unknown:not said'\n").unwrap();
        let get = |name: &str| fields[&name.parse::<FieldName>().unwrap()].clone();
        assert_eq!(get("created_date"), FieldValue::Text("2003".into()));
        assert_eq!(get("exhibit_no"), FieldValue::Text("007".into()));
        assert_eq!(get("languages"), FieldValue::List(vec!["ko".into(), "en".into()]));
        assert_eq!(get("place"), FieldValue::Unknown("not said".into()));
    }
}
