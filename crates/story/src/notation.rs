//! How the files for people write numbers and times, and texts in two languages.

use std::fmt;

pub(super) use vouchsafe_core::model::Bilingual;
use vouchsafe_core::model::Timestamp;

/// A time with its zone, so that nobody has to guess it.
pub(super) fn time(at: Timestamp) -> String {
    format!("{} UTC", at.to_string().trim_end_matches('Z').replace('T', " "))
}

/// The day alone.
pub(super) fn day(at: Timestamp) -> String {
    time(at).get(.."2026-12-01".len()).unwrap_or_default().to_owned()
}

/// The same to the minute, where the whole stands elsewhere.
pub(super) fn minute(at: Timestamp) -> String {
    let time = time(at);
    format!("{} UTC", time.get(.."2026-12-01 04:12".len()).unwrap_or(&time))
}

/// A number with separators: 1,234,567.
pub(super) struct Number(pub u64);

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string();
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                f.write_str(",")?;
            }
            write!(f, "{digit}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_in_threes() {
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(Number(number).to_string(), text);
        }
    }
}
