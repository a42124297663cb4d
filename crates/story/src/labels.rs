//! What fields are called, and what dates and other values mean, in words that need no glossary.

use std::fmt::Write as _;

use vouchsafe_core::model::vocabulary::{date_of_words, field as known, is_date};
use vouchsafe_core::model::{FieldName, FieldValue};

/// What a field is called. One that only this archive knows keeps its name.
pub(super) fn field(name: &FieldName) -> String {
    if let Some(date) = date_of_words(name.as_str()) {
        return format!("{}, as it was written {}(적힌 그대로)", date.english, date.korean);
    }
    known(name.as_str()).map_or_else(|| name.to_string(), |known| format!("{} {}", known.english, known.korean))
}

/// A value for people: what stands in front of it, the value itself, and what it means. Only the value is what somebody
/// said, so that no value can look like the words around it.
pub(super) fn value(name: &FieldName, value: &FieldValue) -> (&'static str, String, String) {
    match value {
        FieldValue::Unknown(reason) => ("not known 알 수 없음: ", reason.clone(), String::new()),
        FieldValue::Withdrawn(reason) => ("withdrawn 철회됨: ", reason.clone(), String::new()),
        FieldValue::Text(text) if is_date(name.as_str()) => {
            let meaning = meaning(text).map(|(english, korean)| format!(" ({english} / {korean})"));
            ("", text.clone(), meaning.unwrap_or_default())
        }
        other => ("", other.to_string(), String::new()),
    }
}

/// What an EDTF date says, where it is more than a day, a month or a year. Nothing for what is plain, and for what is
/// not understood.
fn meaning(text: &str) -> Option<(String, String)> {
    let Some((from, to)) = text.split_once('/') else {
        let is_plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        return if is_plain { None } else { date(text) };
    };
    let is_open = |end: &str| end.is_empty() || end == "..";
    match (is_open(from), is_open(to)) {
        (true, true) => None,
        (true, false) => date(to).map(|(english, korean)| (format!("until {english}"), format!("{korean}까지"))),
        (false, true) => date(from).map(|(english, korean)| (format!("from {english} on"), format!("{korean}부터"))),
        (false, false) => {
            let ((from, from_korean), (to, to_korean)) = (date(from)?, date(to)?);
            Some((format!("from {from} to {to}"), format!("{from_korean}부터 {to_korean}까지")))
        }
    }
}

/// A date of EDTF in words: a year, a month or a day, some of its last digits not known, and how sure it is.
fn date(text: &str) -> Option<(String, String)> {
    let plain = text.trim_end_matches(['~', '?', '%']);
    let qualifier = &text[plain.len()..];
    let parts: Vec<_> = plain.split('-').collect();
    let (year, rest) = parts.split_first()?;
    let mut korean = format!("{year}년");
    for (part, unit) in rest.iter().zip(["월", "일"]) {
        let number: u8 = part.parse().ok()?;
        write!(korean, " {number}{unit}").ok()?;
    }
    let unknown_digits = year.trim_start_matches(|c: char| c.is_ascii_digit());
    let english = match (unknown_digits, rest) {
        _ if year.len() != 4 || rest.len() > 2 => return None,
        ("", _) => plain.to_owned(),
        (digits, []) if digits.bytes().all(|byte| byte == b'X') => {
            let (first, last) = (year.replace('X', "0"), year.replace('X', "9"));
            korean = format!("{first}년부터 {last}년 사이의 어느 해");
            format!("some year from {first} to {last}")
        }
        _ => return None,
    };
    match qualifier {
        "" => Some((english, korean)),
        "~" => Some((format!("about {english}"), format!("{korean}경"))),
        "?" => Some((format!("{english}, uncertain"), format!("{korean}, 불확실"))),
        "%" => Some((format!("about {english}, uncertain"), format!("{korean}경, 불확실"))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_told_in_words() {
        for (text, told) in [
            ("2003~", Some(("about 2003", "2003년경"))),
            ("2003-07?", Some(("2003-07, uncertain", "2003년 7월, 불확실"))),
            ("200X", Some(("some year from 2000 to 2009", "2000년부터 2009년 사이의 어느 해"))),
            ("2001/2003-05~", Some(("from 2001 to about 2003-05", "2001년부터 2003년 5월경까지"))),
            ("../2003", Some(("until 2003", "2003년까지"))),
            ("2003-07-08/..", Some(("from 2003-07-08 on", "2003년 7월 8일부터"))),
            ("2003-07-08", None),
            ("2003", None),
            ("some day in spring", None),
            ("2003-1X-08", None),
        ] {
            let said = meaning(text);
            assert_eq!(said.as_ref().map(|(english, korean)| (english.as_str(), korean.as_str())), told, "{text}");
        }
    }
}
