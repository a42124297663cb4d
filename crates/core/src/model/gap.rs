//! The ends of a stretch of time in which it is not known who had an exhibit.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;

use super::ids::IdError;
use super::text::serde_as_text;

const EXPECTED: &str = "a day, month or year such as 2003-07-08, 2003-07 or 2003, or .. for one that is not known";

/// When a gap in custody begins or ends, as exactly as it is known: a day, a month or a year of the Gregorian calendar,
/// written as ISO 8601 does, or `..` where it is not known at all (EDTF, ISO 8601-2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GapBound(Bound);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bound {
    Unknown,
    Year(i16),
    Month(i16, i8),
    Day(Date),
}

impl GapBound {
    /// Whether all of it lies after all of another one. What is not known lies nowhere.
    #[must_use]
    pub fn begins_after(&self, other: &Self) -> bool {
        match (self.days(), other.days()) {
            (Some((first, _)), Some((_, last))) => first > last,
            _ => false,
        }
    }

    /// Whether anything is known of it.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.0 != Bound::Unknown
    }

    /// The time in English and in Korean.
    pub(super) fn in_words(&self) -> (String, String) {
        let korean = match self.0 {
            Bound::Unknown => return ("a time that is not known".to_owned(), "알 수 없는 때".to_owned()),
            Bound::Year(year) => format!("{year:04}년"),
            Bound::Month(year, month) => format!("{year:04}년 {month}월"),
            Bound::Day(day) => format!("{:04}년 {}월 {}일", day.year(), day.month(), day.day()),
        };
        (self.to_string(), korean)
    }

    /// The first and the last day that it may be.
    fn days(&self) -> Option<(Date, Date)> {
        match self.0 {
            Bound::Unknown => None,
            Bound::Year(year) => Some((Date::new(year, 1, 1).ok()?, Date::new(year, 12, 31).ok()?)),
            Bound::Month(year, month) => {
                let first = Date::new(year, month, 1).ok()?;
                Some((first, first.last_of_month()))
            }
            Bound::Day(day) => Some((day, day)),
        }
    }
}

impl fmt::Display for GapBound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Bound::Unknown => f.write_str(".."),
            Bound::Year(year) => write!(f, "{year:04}"),
            Bound::Month(year, month) => write!(f, "{year:04}-{month:02}"),
            Bound::Day(day) => write!(f, "{day}"),
        }
    }
}

impl FromStr for GapBound {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = |digits: &str| digits.parse::<i16>().ok();
        let parts: Vec<_> = text.split('-').collect();
        let bound = match *parts.as_slice() {
            [".."] => Some(Bound::Unknown),
            [year] => number(year).map(Bound::Year),
            [year, month] => number(year).zip(month.parse().ok()).map(|(year, month)| Bound::Month(year, month)),
            [year, month, day] => number(year)
                .zip(month.parse().ok().zip(day.parse().ok()))
                .and_then(|(year, (month, day))| Date::new(year, month, day).ok())
                .map(Bound::Day),
            _ => None,
        };
        // Signs, missing zeros and months that do not exist are found by writing it again.
        let bound = bound.map(Self).filter(|bound| bound.0 == Bound::Unknown || bound.days().is_some());
        bound.filter(|bound| bound.to_string() == text).ok_or_else(|| IdError::new(EXPECTED, text))
    }
}

serde_as_text!(GapBound);

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn bound(text: &str) -> GapBound {
        text.parse().unwrap()
    }

    #[test]
    fn days_months_years_and_what_is_not_known() {
        for text in ["2003", "2003-07", "2003-07-08", "2004-02-29", "0999", ".."] {
            assert_eq!(bound(text).to_string(), text);
        }
        let wrong = [
            "",
            ".",
            "...",
            "03",
            "20033",
            "2003-7",
            "2003-13",
            "2003-00",
            "2003-02-29",
            "2003-07-08-09",
            "-2003",
            "+2003",
            "2003-+7",
            "08/07/2003",
            "2003-07-08T00:00:00Z",
            "2003-07-",
            "２００３",
            " 2003",
        ];
        for text in wrong {
            assert!(text.parse::<GapBound>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn one_lies_behind_another_only_if_all_of_it_does() {
        for (from, to) in
            [("2004", "2003"), ("2003-08", "2003-07"), ("2003-07-09", "2003-07-08"), ("2004", "2003-12-31")]
        {
            assert!(bound(from).begins_after(&bound(to)), "{from} {to}");
        }
        for (from, to) in
            [("2003", "2003"), ("2003-07-09", "2003-07"), ("..", "2003"), ("2003", ".."), ("2003-07-08", "2003")]
        {
            assert!(!bound(from).begins_after(&bound(to)), "{from} {to}");
        }
    }
}
