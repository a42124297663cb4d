//! Numbers as people read them, the same wherever they are shown.

use crate::language::{Text, text};

/// Sizes below this are given in bytes.
const SPELLED_OUT_BYTES: u64 = 10_000;

/// A number with separators: 1,234,567.
#[must_use]
pub fn number(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A count with its noun: 1 entry, 1,505 entries.
#[must_use]
pub fn count(count: u64, noun: &str) -> String {
    // One entry, two entries; one key, two keys.
    match (count, noun.strip_suffix('y').filter(|stem| !stem.ends_with(['a', 'e', 'o', 'u']))) {
        (1, _) => format!("1 {noun}"),
        (_, Some(stem)) => format!("{} {stem}ies", number(count)),
        (_, None) => format!("{} {noun}s", number(count)),
    }
}

/// A size: 3,776 bytes, 1.4 MB.
#[must_use]
#[allow(clippy::cast_precision_loss)]
pub fn bytes(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if bytes < SPELLED_OUT_BYTES {
        return count(bytes, "byte");
    }
    let mut size = bytes as f64 / 1000.0;
    let mut unit = 0;
    while size >= 1000.0 && unit + 1 < UNITS.len() {
        size /= 1000.0;
        unit += 1;
    }
    format!("{size:.1} {}", UNITS[unit])
}

/// The same in English and in Korean.
#[must_use]
pub fn size(bytes: u64) -> Text {
    let english = self::bytes(bytes);
    match bytes < SPELLED_OUT_BYTES {
        true => text!("{english}", "{number}바이트"; number = number(bytes)),
        false => Text::same(english),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_readable() {
        assert_eq!(number(0), "0");
        assert_eq!(number(1_234_567), "1,234,567");
        assert_eq!(bytes(9_999), "9,999 bytes");
        assert_eq!(bytes(1), "1 byte");
        assert_eq!(bytes(1_400_000), "1.4 MB");
        assert_eq!(count(1, "entry"), "1 entry");
        assert_eq!(count(2, "entry"), "2 entries");
        assert_eq!(count(1_505, "file"), "1,505 files");
    }
}
