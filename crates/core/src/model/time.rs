//! Points in time, always UTC.

use std::fmt;
use std::str::FromStr;

use jiff::SignedDuration;
use jiff::civil::{self, DateTime};

use super::text::serde_as_text;

/// Milliseconds since 1970-01-01T00:00:00Z, written `2026-11-23T09:12:44.120Z` (RFC 3339, UTC,
/// exactly three decimals) from the year 1970 to 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Timestamp(i64);

/// A text or number that is no such time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{found:?} is not a time such as 2026-11-23T09:12:44.120Z between 1970 and 9999")]
pub struct TimeError {
    found: String,
}

/// 9999-12-31T23:59:59.999Z.
const LATEST_MS: i64 = 253_402_300_799_999;
/// 1970-01-01T00:00:00Z. Civil time is used because it reaches to the end of 9999; `jiff::Timestamp`
/// ends more than a day before it, so that some times could be read but not written.
const EPOCH: DateTime = civil::date(1970, 1, 1).at(0, 0, 0, 0);

impl Timestamp {
    /// The time as a part of a file's name, which some systems forbid colons in.
    #[must_use]
    pub fn in_file_name(self) -> String {
        self.to_string().replace([':', '.'], "-")
    }

    /// A time from milliseconds since the Unix epoch.
    ///
    /// # Errors
    /// Before 1970 or after 9999.
    pub fn from_unix_ms(unix_ms: i64) -> Result<Self, TimeError> {
        if (0..=LATEST_MS).contains(&unix_ms) {
            Ok(Self(unix_ms))
        } else {
            Err(TimeError { found: format!("{unix_ms} ms") })
        }
    }

    /// Milliseconds since the Unix epoch.
    #[must_use]
    pub const fn unix_ms(self) -> i64 {
        self.0
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = EPOCH.checked_add(SignedDuration::from_millis(self.0)).map_err(|_| fmt::Error)?;
        f.pad(&format!("{time:.3}Z"))
    }
}

impl FromStr for Timestamp {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = || TimeError { found: text.chars().take(40).collect() };
        let civil = text.strip_suffix('Z').filter(|civil| civil.len() == 23).ok_or_else(error)?;
        let time: DateTime = civil.parse().map_err(|_| error())?;
        let unix_ms = i64::try_from(time.duration_since(EPOCH).as_millis()).map_err(|_| error())?;
        let time = Self::from_unix_ms(unix_ms).map_err(|_| error())?;
        // One time has one written form: no lower-case `t`, no leap second, no other precision.
        if time.to_string() == text { Ok(time) } else { Err(error()) }
    }
}

serde_as_text!(Timestamp);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_time_reads_back(unix_ms in 0..=LATEST_MS) {
            let time = Timestamp::from_unix_ms(unix_ms).unwrap();
            prop_assert_eq!(time.to_string().len(), 24);
            prop_assert_eq!(time.to_string().parse::<Timestamp>().unwrap(), time);
        }
    }

    #[test]
    fn the_first_and_the_last_time_read_back() {
        for text in ["1970-01-01T00:00:00.000Z", "9999-12-30T22:00:00.001Z", "9999-12-31T23:59:59.999Z"] {
            assert_eq!(text.parse::<Timestamp>().unwrap().to_string(), text);
        }
        assert_eq!(Timestamp::from_unix_ms(LATEST_MS).unwrap().to_string(), "9999-12-31T23:59:59.999Z");
    }

    #[test]
    fn a_time_has_one_written_form() {
        assert!("2026-11-23T09:12:44.120Z".parse::<Timestamp>().is_ok());
        for bad in [
            "2026-11-23T09:12:44Z",
            "2026-11-23t09:12:44.120Z",
            "2026-11-23 09:12:44.120Z",
            "2026-11-23T09:12:60.120Z",
            "2026-02-30T09:12:44.120Z",
            "2026-11-23T09:12:4.1200Z",
            "1969-12-31T23:59:59.999Z",
            "2026-11-23T09:12:44.120",
            "2026-11-23T18:12:44.120+0",
        ] {
            assert!(bad.parse::<Timestamp>().is_err(), "{bad}");
        }
    }
}
