//! What fields are called, and what dates and other values mean, in words that need no glossary.

use std::fmt::Write as _;

use super::notation::Bilingual;
use vouchsafe_core::model::{FieldName, FieldValue};

/// The known fields, in words.
const FIELDS: &[(&str, Bilingual)] = &[
    ("title", ("Title", "제목")),
    ("description", ("Description", "설명")),
    ("collection", ("Collection", "모음")),
    ("case", ("Case", "사건")),
    ("exhibit_no", ("Exhibit no.", "증거 번호")),
    ("source", ("Source", "출처")),
    ("creator", ("Made by", "작성자")),
    ("channel", ("How it came", "입수 경로")),
    ("created_date", ("Date made", "작성일")),
    ("created_date_as_written", ("Date made, as it was written", "작성일(적힌 그대로)")),
    ("published_date", ("Date published", "공표일")),
    ("published_date_as_written", ("Date published, as it was written", "공표일(적힌 그대로)")),
    ("events_period", ("Period of the events", "사건 시기")),
    ("events_period_as_written", ("Period of the events, as it was written", "사건 시기(적힌 그대로)")),
    ("place", ("Place", "장소")),
    ("languages", ("Languages", "언어")),
    ("sensitivity", ("Sensitivity", "민감도")),
    ("original_name", ("Original file name", "원래 파일 이름")),
    ("source_path", ("Path at the source", "출처에서의 경로")),
    ("source_modified_at", ("Last changed, as the source says", "출처에 표시된 수정 시각")),
    ("source_created_at", ("Created, as the source says", "출처에 표시된 생성 시각")),
    ("source_downloaded_from", ("Downloaded from", "내려받은 주소")),
    ("note", ("Remark", "비고")),
    ("purpose", ("Purpose", "목적")),
    ("recipient", ("Recipient", "받은 사람")),
    ("reason", ("Reason", "이유")),
];

/// The fields whose values are dates in EDTF.
const DATES: &[&str] = &["created_date", "published_date", "events_period"];

/// What a field is called. One that only this archive knows keeps its name.
pub(super) fn field(name: &FieldName) -> String {
    let known = FIELDS.iter().find(|(known, _)| *known == name.as_str());
    known.map_or_else(|| name.to_string(), |(_, (english, korean))| format!("{english} {korean}"))
}

/// A value for people: what stands in front of it, the value itself, and what it means. Only the value is what somebody
/// said, so that no value can look like the words around it.
pub(super) fn value(name: &FieldName, value: &FieldValue) -> (&'static str, String, String) {
    match value {
        FieldValue::Unknown(reason) => ("not known 알 수 없음: ", reason.clone(), String::new()),
        FieldValue::Withdrawn(reason) => ("withdrawn 철회됨: ", reason.clone(), String::new()),
        FieldValue::Text(text) if DATES.contains(&name.as_str()) => {
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
