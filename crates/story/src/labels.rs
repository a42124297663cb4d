//! What fields are called, and what dates and other values mean, in words that need no glossary.

use std::borrow::Borrow;
use std::fmt::Write as _;

use super::language::ReportLanguage;
use vouchsafe_core::model::vocabulary::{date_of_words, field as known, is_date, place_of};
use vouchsafe_core::model::{Disclosure, FieldName, FieldValue};

/// What a field is called. One that only this archive knows keeps its name.
pub(super) fn field(name: &FieldName, language: ReportLanguage) -> String {
    if let Some(date) = date_of_words(name.as_str()) {
        let words = (format!("{}, as it was written", date.english), format!("{}(적힌 그대로)", date.korean));
        return language.join((&words.0, &words.1), " ");
    }
    known(name.as_str()).map_or_else(|| name.to_string(), |known| language.join((known.english, known.korean), " "))
}

/// Puts fields into the order in which people read them: that of the table of fields, the words of a date after the date,
/// and then the others by name. In an entry they stand in the order of their digests, which is random.
pub(super) fn sort(fields: &mut [impl Borrow<Disclosure>]) {
    fields.sort_by_key(|field| rank(field.borrow().name()));
}

/// The place of a field among others.
pub(super) fn rank(name: &FieldName) -> (usize, FieldName) {
    (place_of(name.as_str()), name.clone())
}

/// A value for people: what stands before it, the value itself, and what it means. Only the value is what somebody
/// said, so that no value can look like the words around it.
pub(super) fn value(name: &FieldName, value: &FieldValue, language: ReportLanguage) -> (String, String, String) {
    let instead = |words| format!("{}: ", language.join(words, " "));
    match value {
        FieldValue::Unknown(reason) => (instead(("not known", "알 수 없음")), reason.clone(), String::new()),
        FieldValue::Withdrawn(reason) => (instead(("withdrawn", "철회됨")), reason.clone(), String::new()),
        FieldValue::Text(text) if is_date(name.as_str()) => {
            let meaning =
                meaning(text).map(|(english, korean)| format!(" ({})", language.join((&english, &korean), " / ")));
            (String::new(), text.clone(), meaning.unwrap_or_default())
        }
        other => (String::new(), other.to_string(), String::new()),
    }
}

/// From when to when dates of EDTF are, together. Nothing where one of them is not understood: it could lie outside.
pub(super) fn span(dates: &[String]) -> Option<(String, String)> {
    let (mut first, mut last) = (None::<(String, &str)>, None::<(String, &str)>);
    let (mut is_open_before, mut is_open_after) = (false, false);
    for text in dates {
        let (from, to) = text.split_once('/').unwrap_or((text, text));
        let is_open = |end: &str| end.is_empty() || end == "..";
        is_open_before |= is_open(from);
        is_open_after |= is_open(to);
        for end in [from, to].into_iter().filter(|end| !is_open(end)) {
            date(end)?;
            let digits = end.trim_end_matches(['~', '?', '%']);
            // A year begins with its first month, and ends with its last: `~` stands after every digit.
            let (begins, ends) = (digits.replace('X', "0"), digits.replace('X', "9") + "~");
            if first.as_ref().is_none_or(|(known, _)| begins < *known) {
                first = Some((begins, end));
            }
            if last.as_ref().is_none_or(|(known, _)| ends > *known) {
                last = Some((ends, end));
            }
        }
    }
    let ((_, first), (_, last)) = (first?, last?);
    let (from, to) = (if is_open_before { ".." } else { first }, if is_open_after { ".." } else { last });
    match from == to {
        true if from != ".." => date(from),
        true => None,
        false => meaning(&format!("{from}/{to}")),
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
    for (part, unit) in rest.iter().zip(&["월", "일"]) {
        let number: u8 = part.parse().ok()?;
        // Seasons stand in the place of months.
        if *unit == "월" && number > 12 {
            return None;
        }
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
    fn fields_are_in_the_order_of_the_table_and_then_by_name() {
        let names = ["zeal", "note", "color", "created_date_as_written", "place", "created_date", "title"];
        let mut names: Vec<FieldName> = names.iter().map(|name| name.parse().unwrap()).collect();
        names.sort_by_key(rank);
        let sorted: Vec<_> = names.iter().map(FieldName::as_str).collect();
        assert_eq!(sorted, ["title", "created_date", "created_date_as_written", "place", "note", "color", "zeal"]);
    }

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

    #[test]
    fn dates_of_several_exhibits_are_a_span() {
        for (dates, said) in [
            (&["2003-05", "2001/2002"][..], Some("from 2001 to 2003-05")),
            (&["2003", "2003-05"], Some("2003")),
            (&["200X", "2004~"], Some("some year from 2000 to 2009")),
            (&["2003/..", "2001"], Some("from 2001 on")),
            (&["../2003", "2001/.."], None),
            (&["2003", "2003-23"], None),
            (&["2003", "one autumn"], None),
            (&[], None),
        ] {
            let dates: Vec<_> = dates.iter().map(|&text| text.to_owned()).collect();
            assert_eq!(span(&dates).map(|(english, _)| english).as_deref(), said, "{dates:?}");
        }
    }
}
