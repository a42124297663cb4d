//! Shares, times and sizes as they are typed. Each has its unit, so that none is mistaken for another.

use std::time::Duration;

use vouchsafe_core::model::{EntryIndex, Timestamp};
use vouchsafe_core::verify::Since;

/// A share such as 5% or 0.5%, in millionths.
pub fn share(text: &str) -> Result<u32, String> {
    let not_a_share =
        || "a share is above 0% and below 100%, such as 5% or 0.5%, with at most four decimals".to_owned();
    let digits = text.strip_suffix('%').ok_or_else(not_a_share)?;
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, "0"));
    let are_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !are_digits(whole) || !are_digits(decimals) || whole.len() > 2 || decimals.len() > 4 {
        return Err(not_a_share());
    }
    let per_million = format!("{whole}{decimals:0<4}").parse().map_err(|_| not_a_share())?;
    if per_million == 0 { Err(not_a_share()) } else { Ok(per_million) }
}

/// A time such as 30m, 2h or 1h30m.
pub fn time(text: &str) -> Result<Duration, String> {
    let time: Option<jiff::SignedDuration> = text.parse().ok();
    let time = time.filter(jiff::SignedDuration::is_positive).and_then(|time| Duration::try_from(time).ok());
    time.ok_or_else(|| "a time is above zero and has its unit, such as 90s, 30m, 2h or 1h30m".to_owned())
}

const UNITS: [(&str, u64); 9] = [
    ("kB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
    ("B", 1),
];

/// A size such as 500MB, 10GB or 4GiB.
pub fn size(text: &str) -> Result<u64, String> {
    let (digits, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let unit = UNITS.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit.trim_start())).map(|(_, bytes)| *bytes);
    let bytes = unit.and_then(|unit| digits.parse::<u64>().ok()?.checked_mul(unit)).filter(|&bytes| bytes > 0);
    bytes.ok_or_else(|| "a size is a whole number above 0 with its unit, such as 500MB, 10GB or 4GiB".to_owned())
}

/// A day, a time or an entry.
pub fn since(text: &str) -> Result<Since, String> {
    if let Some(index) = text.strip_prefix("entry:") {
        let index = index.parse().map(EntryIndex).ok().filter(|&index| index <= EntryIndex::MAX);
        return index.map(Since::Entry).ok_or_else(|| "an entry is given by its index, such as entry:812".to_owned());
    }
    let time = text.parse::<Timestamp>().or_else(|_| format!("{text}T00:00:00.000Z").parse());
    time.map(Since::Time).map_err(|_| {
        "give a day such as 2026-11-23, a time such as 2026-11-23T09:12:44.120Z, or an entry such as entry:812"
            .to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_has_its_sign_and_is_a_part() {
        for (text, per_million) in
            [("5%", 50_000), ("0.5%", 5_000), ("99.9999%", 999_999), ("0.0001%", 1), ("12.50%", 125_000)]
        {
            assert_eq!(share(text), Ok(per_million), "{text}");
        }
        for bad in ["5", "0%", "100%", "101%", "0.00001%", "-5%", "+5%", ".5%", "5.%", "%", "", "5%%", "1e1%", "0.0%"] {
            assert!(share(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_time_has_its_unit() {
        for (text, seconds) in [("90s", 90), ("30m", 1_800), ("2h", 7_200), ("1h30m", 5_400), ("48h", 172_800)] {
            assert_eq!(time(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for bad in ["-1h", "0s", "30", "", "h", "2 years", "1h ago"] {
            assert!(time(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_size_has_its_unit() {
        for (text, bytes) in [("10GB", 10_000_000_000), ("4GiB", 4 << 30), ("500mb", 500_000_000), ("1 TB", 1 << 40)] {
            assert_eq!(size(text), Ok(if text == "1 TB" { 1_000_000_000_000 } else { bytes }), "{text}");
        }
        for bad in ["10", "0GB", "GB", "-1GB", "1.5GB", "99999999999TB", "", "10 apples"] {
            assert!(size(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_year_is_not_an_entry() {
        assert_eq!(since("entry:2026"), Ok(Since::Entry(EntryIndex(2026))));
        let day = "2026-11-23T00:00:00.000Z".parse().unwrap();
        assert_eq!(since("2026-11-23"), Ok(Since::Time(day)));
        assert_eq!(since("2026-11-23T00:00:00.000Z"), Ok(Since::Time(day)));
        for bad in ["2026", "812", "2026-13-01", "23.11.2026", "08/07/2003", "entry:", "entry:-1", "", "yesterday"] {
            assert!(since(bad).is_err(), "{bad}");
        }
    }
}
