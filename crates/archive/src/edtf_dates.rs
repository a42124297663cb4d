//! Dates in EDTF (ISO 8601-2): which texts are one.

use edtf::level_1::{Edtf, Precision};

/// Whether a text is a date that can be read in one way only: EDTF (ISO 8601-2), levels 0 and 1.
///
/// # Errors
/// Why not, as the end of a sentence.
pub fn check_date(text: &str) -> Result<(), &'static str> {
    let has_numbers_only = text.split(['/', '.', '-']).all(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    let parts: Vec<_> = text.split(['/', '.', '-']).collect();
    if has_numbers_only && parts.len() == 3 && parts[0].len() <= 2 {
        return Err(
            "is ambiguous: which number is the day and which the month is a guess; write year-month-day, such as \
             2003-07-08",
        );
    }
    let date = |text| match Edtf::parse(text) {
        Ok(Edtf::Date(date)) => Some(date.precision()),
        _ => None,
    };
    // The library puts the two ends of an interval in order; the writer meant something else.
    let ends = text.split_once('/').and_then(|(from, to)| Some((date(from)?, date(to)?)));
    if ends.is_some_and(|(from, to)| ends_before_it_begins(from, to)) {
        return Err("ends before it begins");
    }
    Edtf::parse(text).map(|_| ()).map_err(|_| {
        "is not a date of the form 2003-07-08, 2003-07, 2003, 2003~ (about), 2003? (uncertain), 200X, or \
         2003-01/2003-02 (EDTF)"
    })
}

fn ends_before_it_begins(from: Precision, to: Precision) -> bool {
    if let (Precision::Season(from_year, from), Precision::Season(to_year, to)) = (from, to) {
        return (to_year, to as u32) < (from_year, from as u32);
    }
    let [_, last] = first_and_last_day(to);
    let [first, _] = first_and_last_day(from);
    last < first
}

/// The first and the last day (year, month, day) that a date may mean.
fn first_and_last_day(date: Precision) -> [(i32, u32, u32); 2] {
    match date {
        Precision::Century(year) => [(year, 1, 1), (year + 99, 12, 31)],
        Precision::Decade(year) => [(year, 1, 1), (year + 9, 12, 31)],
        Precision::Month(year, month) | Precision::DayOfMonth(year, month) => [(year, month, 1), (year, month, 31)],
        Precision::Day(year, month, day) => [(year, month, day); 2],
        Precision::Year(year)
        | Precision::Season(year, _)
        | Precision::MonthOfYear(year)
        | Precision::DayOfYear(year) => [(year, 1, 1), (year, 12, 31)],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ambiguous_dates_are_refused_with_the_reason() {
        for text in ["08/07/2003", "8.7.2003", "08-07-03", "1/2/03"] {
            assert!(check_date(text).unwrap_err().contains("ambiguous"), "{text}");
        }
        for text in [
            "2003-07-08",
            "2003-07",
            "2003",
            "2003~",
            "2003?",
            "200X",
            "2003-01/2003-02",
            "../2003",
            "2003-21",
            "2003/2003-05",
            "2003-05/2003",
            "199X/1995",
        ] {
            assert_eq!(check_date(text), Ok(()), "{text}");
        }
        for text in [
            "2003/2002",
            "2003-05/2003-04",
            "2012-24/2012-21",
            "2003-13",
            "2003-02-30",
            "July 2003",
            "20030708x",
            "2003/07/08",
        ] {
            assert!(check_date(text).is_err(), "{text}");
        }
    }
}
