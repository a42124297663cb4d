//! Times for people: in the time zone of this computer, together with the recorded time in UTC.
//! `--json`, `log`, and everything written into archives, bundles and letters use only UTC.

use std::sync::LazyLock;

use jiff::fmt::strtime;
use jiff::tz::TimeZone;
use vouchsafe_core::model::Timestamp;

/// The time zone of this computer; UTC if it is not known.
static ZONE: LazyLock<TimeZone> = LazyLock::new(|| TimeZone::try_system().unwrap_or(TimeZone::UTC));

/// The recorded time to the second: 2026-11-23 09:12:44 UTC.
pub fn utc(time: Timestamp) -> String {
    let text = time.to_string();
    format!("{} {} UTC", &text[..10], &text[11..19])
}

/// A time on its own: 2026-12-01 14:03:12 (+09:00), recorded as 2026-12-01T05:03:12.120Z. If the local time is UTC, it
/// is shown once.
pub fn time(time: Timestamp) -> String {
    match local(time, &ZONE, "%F %T (%:z)") {
        Some(text) => format!("{text}, recorded as {time}"),
        None => utc(time),
    }
}

/// A time in a table or list: 2026-12-01 14:03:12 +09:00. Print [`zone_line`] below.
pub fn short_time(time: Timestamp) -> String {
    local(time, &ZONE, "%F %T %:z").unwrap_or_else(|| utc(time))
}

/// The local day of a time: 2026-12-01. Print [`day_line`] below.
pub fn day(time: Timestamp) -> String {
    local(time, &ZONE, "%F").unwrap_or_else(|| time.to_string()[..10].to_owned())
}

/// The end of a line about an entry: the recorded time, if the line before shows a local one.
pub fn recorded_in_utc(time: Timestamp) -> String {
    local(time, &ZONE, "").map(|_| format!(", recorded as {time}")).unwrap_or_default()
}

/// The time zone of the times above; none if it is UTC.
pub fn zone_line() -> Option<String> {
    zone_name().map(|name| format!("Times are local ({name}); the log records UTC, which --json shows."))
}

/// The same for days, which --since and --until take in UTC.
pub fn day_line() -> Option<String> {
    zone_name()
        .map(|name| format!("Days are local ({name}); the log records UTC, and --since and --until take days in UTC."))
}

fn zone_name() -> Option<String> {
    let zone = &*ZONE;
    let is_utc = *zone == TimeZone::UTC || zone.to_fixed_offset().is_ok_and(|offset| offset.is_zero());
    let name = || zone.iana_name().map_or_else(|| "the time zone of this computer".to_owned(), str::to_owned);
    (!is_utc && !zone.is_unknown()).then(name)
}

/// A time in a zone, in a format of strftime; none if the zone's offset is zero then.
fn local(time: Timestamp, zone: &TimeZone, format: &str) -> Option<String> {
    let time = time.to_string().parse::<jiff::Timestamp>().ok()?.to_zoned_datetime(zone.clone());
    if time.offset().is_zero() { None } else { strtime::format(format, &time).ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_local_time_has_its_offset_and_its_own_day() {
        let time: Timestamp = "2026-11-30T20:03:12.120Z".parse().unwrap();
        let seoul = TimeZone::posix("KST-9").unwrap();
        assert_eq!(local(time, &seoul, "%F %T (%:z)").unwrap(), "2026-12-01 05:03:12 (+09:00)");
        assert_eq!(local(time, &seoul, "%F").unwrap(), "2026-12-01");
        assert_eq!(local(time, &TimeZone::posix("NST3:30").unwrap(), "%:z").unwrap(), "-03:30");
        assert_eq!(local(time, &TimeZone::UTC, "%F"), None);
        assert_eq!(utc(time), "2026-11-30 20:03:12 UTC");
    }
}
