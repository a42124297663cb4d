//! Dates in EDTF (ISO 8601-2): which texts are one, and which days they mean.

use edtf::level_1::{Date, Edtf, Precision, Season};

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

/// The days that a date may mean. A doubt (`2003?`, `2003~`) adds none: who asks for 2004 is not shown what is about 2003.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Days(Vec<[i64; 2]>);

impl Days {
    /// The days of an EDTF date of level 0 or 1; none if the text is no such date.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        // The library puts the two ends of an interval in order; the writer meant something else.
        check_date(text).ok()?;
        let (first, last) = (|date| first_of(&days_of(date)), |date| last_of(&days_of(date)));
        let year = |year: i64| [number(year, 1, 1), number(year, 12, 31)];
        Some(Self(match Edtf::parse(text).ok()? {
            Edtf::Date(date) => days_of(date),
            Edtf::DateTime(time) => {
                let date = time.date();
                vec![[number(date.year().into(), date.month(), date.day()); 2]]
            }
            Edtf::YYear(years) => vec![year(years.value())],
            Edtf::Interval(from, to) => vec![[first(from), last(to)]],
            // An end that is not known may be any day, as an open one.
            Edtf::IntervalFrom(from, _) => vec![[first(from), i64::MAX]],
            Edtf::IntervalTo(_, to) => vec![[i64::MIN, last(to)]],
        }))
    }

    /// Whether they have a day in common with others.
    #[must_use]
    pub fn overlap(&self, others: &Self) -> bool {
        self.0.iter().any(|[first, last]| others.0.iter().any(|[from, to]| first <= to && from <= last))
    }

    /// The earliest and the latest day, as numbers that grow with time.
    #[must_use]
    pub fn ends(&self) -> [i64; 2] {
        [first_of(&self.0), last_of(&self.0)]
    }
}

fn first_of(days: &[[i64; 2]]) -> i64 {
    days.iter().map(|[first, _]| *first).min().unwrap_or(i64::MIN)
}

fn last_of(days: &[[i64; 2]]) -> i64 {
    days.iter().map(|[_, last]| *last).max().unwrap_or(i64::MAX)
}

/// A day as a number that grows with time.
fn number(year: i64, month: u32, day: u32) -> i64 {
    year.saturating_mul(10_000).saturating_add(i64::from(month * 100 + day))
}

fn days_of(date: Date) -> Vec<[i64; 2]> {
    let months = |year: i32, first, last| [number(year.into(), first, 1), number(year.into(), last, 31)];
    match date.precision() {
        Precision::Season(year, Season::Spring) => vec![months(year, 3, 5)],
        Precision::Season(year, Season::Summer) => vec![months(year, 6, 8)],
        Precision::Season(year, Season::Autumn) => vec![months(year, 9, 11)],
        // The winter of a year is the one that it begins with or the one that it ends with.
        Precision::Season(year, Season::Winter) => {
            let next_year = i64::from(year) + 1;
            vec![months(year, 1, 2), [number(year.into(), 12, 1), number(next_year, 2, 31)]]
        }
        other => {
            vec![first_and_last_day(other).map(|(year, month, day): (i32, u32, u32)| number(year.into(), month, day))]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_overlap_where_they_have_a_day_in_common() {
        let overlap = |one: &str, other: &str| {
            let [one, other] = [one, other].map(|text| Days::of(text).unwrap_or_else(|| panic!("{text}")));
            assert_eq!(one.overlap(&other), other.overlap(&one));
            one.overlap(&other)
        };
        for (one, other) in [
            ("2004", "2003/2005"),
            ("2004-03", "2003/2005"),
            ("2003", "2003/2005"),
            ("200X", "2003/2005"),
            ("20XX", "2003/2005"),
            ("2003?", "2003"),
            ("2003~", "2003-07"),
            ("2003-21", "2003-03-08"),
            ("2003-24", "2003-01-15"),
            ("2003-24", "2004-02-10"),
            ("2004-XX", "2004-07"),
            ("2004-02-XX", "2004-02-29"),
            ("2004-XX-XX", "2004"),
            ("2004/..", "2030"),
            ("2004/", "2005"),
            ("../2004", "1998"),
            ("/2004", "2003-12-31"),
            ("1999/2010", "2003/2005"),
            ("2004-05-06T07:08:09Z", "2004-05"),
            ("-0001", "-0001"),
            ("Y17000", "2003/.."),
        ] {
            assert!(overlap(one, other), "{one} {other}");
        }
        for (one, other) in [
            ("2002", "2003/2005"),
            ("2006-01-01", "2003/2005"),
            ("199X", "2003/2005"),
            ("2003-21", "2003-07"),
            ("2003-24", "2003-07"),
            ("2003-24", "2004-03"),
            ("2006/..", "2003/2005"),
            ("../2002", "2003/2005"),
            ("2003~", "2004"),
            ("-0003", "-0001"),
        ] {
            assert!(!overlap(one, other), "{one} {other}");
        }
        for text in ["", "2005/2003", "autumn 2003", "08/07/2003"] {
            assert_eq!(Days::of(text), None, "{text}");
        }
        assert_eq!(Days::of("2003/2005").unwrap().ends(), [20_030_101, 20_051_231]);
    }

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
