//! Texts for people: those that come from outside, numbers and sizes. The small program that checks bundles uses
//! them too.

use std::fmt::Write as _;
use std::io;

use vouchsafe::verify::{Finding, Severity};

/// A text that comes from outside, safe to print: control characters and those that turn the writing
/// direction are shown, not obeyed. File names and notes must not be able to fake what a user reads.
pub fn printable(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        let turns_direction =
            matches!(c, '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if (c.is_control() && c != '\n') || turns_direction || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}') {
            let _ = write!(safe, "{}", c.escape_unicode());
        } else {
            safe.push(c);
        }
    }
    safe
}

/// A text that comes from outside, safe to print, on one line.
pub fn one_line(text: &str) -> String {
    printable(text).replace('\n', "\\n")
}

/// The same in quotation marks, so that it cannot go over into the words around it.
pub fn quoted(text: &str) -> String {
    format!("\"{}\"", one_line(text).replace('"', "\\\""))
}

/// A number with separators: 1,234,567.
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

/// A count with its noun.
pub fn count(count: u64, noun: &str) -> String {
    match (count, noun.strip_suffix('y')) {
        (1, _) => format!("1 {noun}"),
        (_, Some(stem)) => format!("{} {stem}ies", number(count)),
        (_, None) => format!("{} {noun}s", number(count)),
    }
}

/// A size for people: 3,776 bytes, 1.4 MB.
#[allow(clippy::cast_precision_loss)]
pub fn bytes(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if bytes < 10_000 {
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

/// Findings with their weight and meaning, and how many more there are. `about` is put behind the place of each.
pub fn write_findings(
    out: &mut dyn io::Write,
    findings: &[Finding],
    more: u64,
    about: impl Fn(&Finding) -> String,
) -> io::Result<()> {
    for finding in findings {
        let weight = match finding.code.severity() {
            Severity::Failed => "failed",
            Severity::Degraded => "degraded",
            Severity::Notice => "notice",
        };
        // On one line each: a name or a text from outside must not make a line that looks like another finding.
        let (place, message) = (one_line(&finding.place), one_line(&finding.message));
        writeln!(out, "  {} ({weight})  {place}{}", finding.code, about(finding))?;
        writeln!(out, "      {message}")?;
        writeln!(out, "      {}", finding.code.meaning())?;
    }
    if more > 0 {
        writeln!(out, "  and {}", count(more, "further finding"))?;
    }
    if !findings.is_empty() {
        writeln!(out)?;
    }
    Ok(())
}
