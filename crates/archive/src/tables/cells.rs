//! What stands in a cell, and what a field's value looks like in one. The two fit: what goes out comes back unchanged.

use vouchsafe_core::model::FieldValue;
use vouchsafe_core::model::vocabulary::{FieldKind, LANGUAGES, field, is_date};

use crate::metadata::{self, Fields, MetadataError, ValueError};

/// The most letters that a spreadsheet holds in a cell, counted as it counts them (UTF-16).
pub const MAX_CELL_LETTERS: usize = 32_767;
/// Before the reason in a cell that withdraws a field.
pub const WITHDRAWN: &str = "withdrawn:";
const UNKNOWN: &str = "unknown:";
/// Between the items of a list, in the tables that are written; a semicolon is read as one, too. After `\`, neither is.
const BETWEEN_ITEMS: char = '|';

/// A cell that no spreadsheet takes for a formula: one that begins as formulas do gets an apostrophe before it, and so
/// does one that begins with an apostrophe, so that what was there is known. In much of the world the list separator is a
/// semicolon: then quotation marks do not hold a cell together, and what stands after a semicolon, a tab or a line break
/// begins one too.
#[must_use]
pub fn harmless(cell: &str) -> String {
    let mut safe = String::with_capacity(cell.len() + 1);
    if cell.starts_with(['\t', '\r', '\n']) {
        safe.push('\'');
    }
    for part in cell.split_inclusive(ends) {
        if begins_as_formulas_do(part) {
            safe.push('\'');
        }
        safe.push_str(part);
    }
    safe
}

/// What [`harmless`] made a cell of.
#[must_use]
pub fn original(cell: &str) -> String {
    let mut text = String::with_capacity(cell.len());
    for (at, part) in cell.split_inclusive(ends).enumerate() {
        text.push_str(match part.strip_prefix('\'') {
            Some(rest) if begins_as_formulas_do(rest) => rest,
            Some(rest) if at == 0 && rest.starts_with(['\t', '\r', '\n']) => rest,
            _ => part,
        });
    }
    text
}

const fn ends(c: char) -> bool {
    matches!(c, ';' | '\t' | '\r' | '\n')
}

fn begins_as_formulas_do(part: &str) -> bool {
    let begins = |c: char| matches!(c, '=' | '+' | '-' | '@' | '\'' | '＝' | '＋' | '－' | '＠');
    part.trim_start_matches([' ', '"']).starts_with(begins)
}

/// Line ends in one form: programs change them when they save a table.
fn with_one_line_end(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

/// What a value looks like in a cell, before [`harmless`]; none if a cell cannot hold it so that it comes back the same.
#[must_use]
pub fn shown(value: &FieldValue) -> Option<String> {
    let text = match value {
        FieldValue::Text(text) => text.clone(),
        FieldValue::List(items) => {
            let escaped: Vec<_> =
                items.iter().map(|item| item.replace('\\', "\\\\").replace('|', "\\|").replace(';', "\\;")).collect();
            escaped.join("|")
        }
        FieldValue::Integer(number) => number.to_string(),
        FieldValue::Unknown(reason) => format!("{UNKNOWN}{reason}"),
        FieldValue::Bytes(_) | FieldValue::Withdrawn(_) => return None,
    };
    let is_plain =
        |c: char| matches!(c, '\n' | '\r' | '\t') || !(c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}'));
    let fits = text.trim() == text && !text.is_empty() && text.chars().all(is_plain);
    (fits && harmless(&text).encode_utf16().count() <= MAX_CELL_LETTERS).then_some(text)
}

/// Whether a cell says what a field has already.
pub(super) fn says_the_same(cell: &str, value: &FieldValue) -> bool {
    shown(value).is_some_and(|shown| with_one_line_end(&shown) == with_one_line_end(cell))
}

/// Why a cell is refused, and what would be accepted there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub reason: String,
    pub accepted: Option<String>,
}

impl Refusal {
    pub fn of(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), accepted: None }
    }

    pub fn accepted(mut self, text: impl Into<String>) -> Self {
        self.accepted = Some(text.into());
        self
    }
}

/// The fields that a cell gives: one, or a date with its words. The value is judged as one that is typed on the command line.
///
/// # Errors
/// Why it is refused.
pub(super) fn given(name: &str, cell: &str) -> Result<Fields, Refusal> {
    if let Some(c) = cell.chars().find(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        return Err(Refusal::of(format!("the cell has the control character U+{:04X}", u32::from(c)))
            .accepted("the text without it"));
    }
    if let Some(reason) = withdrawn(cell) {
        let parsed = metadata::check_name(name).map_err(|error| Refusal::of(error.to_string()))?;
        let value = FieldValue::Withdrawn(reason.trim().to_owned());
        if reason.trim().is_empty() {
            return Err(Refusal::of("the reason of the withdrawal is missing").accepted("withdrawn:REASON"));
        }
        value.check().map_err(|error| Refusal::of(error.to_string()))?;
        return Ok(Fields::from([(parsed, value)]));
    }
    if is_date(name) {
        check_for_day_numbers(cell)?;
        check_for_slips(cell)?;
    }
    let value = match field(name).map(|field| field.kind) {
        _ if says_unknown(cell) => FieldValue::Text(cell.to_owned()),
        Some(FieldKind::List) => FieldValue::List(items(cell)),
        Some(FieldKind::Languages) if cell.contains(BETWEEN_ITEMS) => FieldValue::List(items(cell)),
        _ => FieldValue::Text(cell.to_owned()),
    };
    metadata::check(name, value).map_err(|error| match error {
        MetadataError::Value { source: ValueError { reason, accepted }, .. } => Refusal {
            reason,
            accepted: accepted.or_else(|| {
                let of_languages = "ko, en, zh-Hant, Korean, 한국어, or several with | between";
                (name == LANGUAGES).then(|| of_languages.to_owned())
            }),
        },
        other => Refusal::of(other.to_string()),
    })
}

/// The reason of a withdrawal, if that is what a cell says, in English or Korean; empty if it lacks one.
fn withdrawn(cell: &str) -> Option<&str> {
    let after = |words: &str| {
        let start = cell.trim_start().get(..words.len())?;
        (start.to_lowercase() == words).then(|| cell.trim_start()[words.len()..].trim_start())
    };
    let rest = after("withdrawn").or_else(|| after("철회"))?;
    if rest.is_empty() { Some("") } else { rest.strip_prefix([':', '：']) }
}

/// Whether a cell gives the reason why a value is not known, in English or Korean.
fn says_unknown(cell: &str) -> bool {
    [UNKNOWN, "모름:"].iter().any(|words| cell.get(..words.len()).is_some_and(|start| start.to_lowercase() == **words))
}

/// The items of a list, without the spaces around each.
fn items(cell: &str) -> Vec<String> {
    let mut items = vec![String::new()];
    let mut letters = cell.chars();
    while let Some(letter) = letters.next() {
        let item = items.last_mut().expect("there is always one");
        match letter {
            '\\' => item.push(letters.next().unwrap_or('\\')),
            BETWEEN_ITEMS | ';' => items.push(String::new()),
            other => item.push(other),
        }
    }
    items.into_iter().map(|item| item.trim().to_owned()).filter(|item| !item.is_empty()).collect()
}

/// Spreadsheets turn dates into the number of days since 1900. Such a number says no date to anybody, and a guess would be kept for ever.
fn check_for_day_numbers(cell: &str) -> Result<(), Refusal> {
    match cell.trim().parse::<f64>().ok().filter(|number| is_number_of_days(*number)).and_then(day_of_number) {
        Some(day) => Err(Refusal::of(format!(
            "{cell} is no date: a spreadsheet probably turned a date into the number of its day, which would be {day}"
        ))
        .accepted(format!("{day}, if that is the day"))),
        None => Ok(()),
    }
}

/// What has the form of an EDTF date and is none, such as 2003-02-30, is no wording that anybody wrote down: a digit is wrong.
fn check_for_slips(cell: &str) -> Result<(), Refusal> {
    let cell = cell.trim();
    let is_like_a_date = cell.len() > 5
        && cell.as_bytes()[..4].iter().all(u8::is_ascii_digit)
        && cell.as_bytes()[4] == b'-'
        && cell.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    match metadata::check_date(cell) {
        Err(reason) if is_like_a_date => {
            Err(Refusal::of(format!("{cell} {reason}")).accepted("a day that there is, such as 2003-07-08"))
        }
        _ => Ok(()),
    }
}

/// Whether a number may be a day of the years 1927 to 2173: five digits. Four digits are a year.
pub(super) fn is_number_of_days(number: f64) -> bool {
    (10_000.0..100_000.0).contains(&number)
}

/// The day that a number of days stands for in Excel's calendar from 1900.
pub(super) fn day_of_number(number: f64) -> Option<String> {
    // Before 1 March 1900, the calendar has a day that never was.
    if !(61.0..2_958_466.0).contains(&number) {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "it is within the limits above")]
    let days = number.floor() as i64;
    let first = jiff::civil::date(1899, 12, 30);
    Some(first.checked_add(jiff::Span::new().days(days)).ok()?.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_begins_a_formula_and_each_comes_back() {
        for text in [
            "=1+1",
            "+82 10",
            "-5 °C",
            "@name",
            "'quoted'",
            "''",
            "'",
            "\t=1",
            "\n- a\n- b",
            "\r",
            "a;=cmd",
            "a\n=b",
            "＝1",
            " =1",
            "\"=1",
            "a'b",
            "'\t",
            "plain",
            "",
            ";;",
            "'=1",
            "a;'-b",
            "O'Neil; 'x'",
            "\u{feff}=1",
        ] {
            let safe = harmless(text);
            assert_eq!(original(&safe), text, "{safe:?}");
            for part in safe.split(['\n', ';', '\t', '\r']) {
                assert!(!part.trim_start_matches([' ', '"']).starts_with(['=', '+', '-', '@']), "{safe:?}");
            }
        }
        // What people type stays, but for an apostrophe that protects what stands after it.
        assert_eq!(original("'twas"), "'twas");
        assert_eq!(original("'=1"), "=1");
    }

    #[test]
    fn what_is_shown_of_a_value_gives_the_value() {
        let list = |items: &[&str]| FieldValue::List(items.iter().map(|item| (*item).to_owned()).collect());
        for (name, value) in [
            ("title", FieldValue::Text("a | b \\ c; d".into())),
            ("languages", list(&["ko", "en"])),
            ("languages", list(&["zh-Hant"])),
            ("place", FieldValue::Unknown("not said".into())),
            ("created_date", FieldValue::Text("2003-05/2004".into())),
            ("box", FieldValue::Text("17".into())),
        ] {
            let cell = original(&harmless(&shown(&value).unwrap()));
            assert_eq!(given(name, &cell).unwrap()[name], value, "{cell}");
        }
        assert_eq!(items(&shown(&list(&["a|b", "c\\", "d"])).unwrap()), ["a|b", "c\\", "d"]);
        assert_eq!(items(&shown(&list(&["a; b", "c"])).unwrap()), ["a; b", "c"]);
        assert_eq!(given("interviewers", "Kim; Lee").unwrap()["interviewers"], list(&["Kim", "Lee"]));
        let unknown = FieldValue::Unknown("not said".into());
        assert_eq!(given("interviewers", "Unknown: not said").unwrap()["interviewers"], unknown);
        for cell in ["Withdrawn: it named the source", "withdrawn : it named the source", "철회：it named the source"]
        {
            assert_eq!(given("place", cell).unwrap()["place"], FieldValue::Withdrawn("it named the source".into()));
        }
        assert!(given("place", "Withdrawn").is_err() && given("title", "withdrawn from school").is_ok());
        let given = given("place", "withdrawn: it named the source").unwrap();
        assert_eq!(given["place"], FieldValue::Withdrawn("it named the source".into()));
    }

    #[test]
    fn what_a_cell_cannot_hold_is_left_out() {
        for value in [
            FieldValue::Text("a\u{1}b".into()),
            FieldValue::Text(" a".into()),
            FieldValue::Text("가".repeat(MAX_CELL_LETTERS + 1)),
            FieldValue::Bytes(vec![0xff]),
        ] {
            assert_eq!(shown(&value), None);
        }
        assert!(shown(&FieldValue::Text("가".repeat(MAX_CELL_LETTERS))).is_some());
    }

    #[test]
    fn a_number_of_days_is_refused_with_the_day() {
        let refusal = given("created_date", "38473").unwrap_err();
        assert!(refusal.reason.contains("2005-05-01"), "{refusal:?}");
        assert_eq!(refusal.accepted.as_deref(), Some("2005-05-01, if that is the day"));
        assert!(given("created_date", "2005").is_ok() && given("exhibit_no", "38473").is_ok());
        for slip in ["2003-03-71", "2005-02-30"] {
            assert!(given("created_date", slip).unwrap_err().reason.contains(slip));
        }
        assert!(given("created_date", "2003년 가을").is_ok() && given("created_date", "2003-03").is_ok());
        assert!(given("place", "withdrawn:").unwrap_err().reason.contains("reason"));
        assert!(given("place", "a\u{7}").unwrap_err().reason.contains("U+0007"));
        assert!(given("languages", "Klingonisch").unwrap_err().accepted.is_some());
    }
}
