//! Rendering: times, tables, values and JSON.

use std::fmt::Write as _;
use std::io::{self, Write};

use unicode_width::UnicodeWidthStr;
use vouchsafe::archive::UnreadEntry;
use vouchsafe::model::{FieldName, FieldValue, Timestamp};

pub use super::text::{bytes, count, number, one_line, printable};

use super::Done;
use super::error::CommandError;

/// A field's value, safe to print.
pub fn value(value: &FieldValue) -> String {
    match value {
        FieldValue::Bytes(bytes) => {
            let mut text = String::new();
            for chunk in bytes.utf8_chunks() {
                text.push_str(&printable(chunk.valid()));
                for byte in chunk.invalid() {
                    let _ = write!(text, "\\x{byte:02x}");
                }
            }
            text
        }
        other => printable(&other.to_string()),
    }
}

/// A time for people, with its zone: 2026-11-23 09:12:44 UTC.
pub fn time(time: Timestamp) -> String {
    let text = time.to_string();
    format!("{} {} UTC", &text[..10], &text[11..19])
}

/// Fills a text up to a width in columns; Korean letters are two columns wide.
pub fn pad(text: &str, width: usize) -> String {
    let missing = width.saturating_sub(text.width());
    format!("{text}{}", " ".repeat(missing))
}

/// Warns of entries that lie damaged in their volumes, and says what becomes of what they say. True if there are any.
pub fn warn_unread(unread: &[UnreadEntry], consequence: &str) -> bool {
    for UnreadEntry { index, reason } in unread {
        let reason = printable(reason);
        eprintln!("WARNING: entry {index} cannot be read: {reason}. {consequence}; see `vouchsafe repair`");
    }
    !unread.is_empty()
}

/// Shortens a text to a width in columns.
pub fn shorten(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut short = String::new();
    for c in text.chars() {
        if short.width() + 2 > width {
            break;
        }
        short.push(c);
    }
    while short.width() + 1 > width {
        short.pop();
    }
    short.truncate(short.trim_end().len());
    short.push('…');
    short
}

/// Rows in columns, two spaces apart; the last column is not filled up.
pub fn table(out: &mut dyn Write, rows: &[Vec<String>]) -> io::Result<()> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.width()).max();
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
    for row in rows {
        let mut line = String::new();
        for (column, cell) in row.iter().enumerate() {
            if column + 1 == row.len() {
                line.push_str(cell);
            } else {
                line.push_str(&pad(cell, widths[column] + 2));
            }
        }
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

/// A labelled text; further lines are indented as the first.
pub fn labelled(out: &mut dyn Write, indent: usize, label: &str, width: usize, text: &str) -> io::Result<()> {
    let mut lines = text.split('\n');
    let first = lines.next().unwrap_or_default();
    writeln!(out, "{}{}  {first}", " ".repeat(indent), pad(label, width))?;
    lines.try_for_each(|line| writeln!(out, "{}{line}", " ".repeat(indent + width + 2)))
}

/// A text in lines of at most 100 columns; the first begins with `first`, the others with `other`. Words are not
/// broken, so that commands and paths can be copied.
pub fn wrapped(text: &str, first: &str, other: &str) -> String {
    let mut lines = vec![first.to_owned()];
    let mut begin = first.len();
    for word in text.split(' ') {
        let line = lines.last().map_or(0, |line| line.width());
        if line + 1 + word.width() > 100 && line > begin {
            lines.push(other.to_owned());
            begin = other.len();
        }
        if let Some(line) = lines.last_mut() {
            if line.len() > begin {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines.join("\n") + "\n"
}

/// A value as JSON on one line.
pub fn json(out: &mut dyn Write, value: &impl serde::Serialize) -> Result<(), CommandError> {
    let text = serde_json::to_string(value).map_err(io::Error::from)?;
    Ok(writeln!(out, "{text}")?)
}

/// Fields as a JSON object, by name.
pub fn json_fields<'a>(fields: impl IntoIterator<Item = (&'a FieldName, &'a FieldValue)>) -> serde_json::Value {
    let value = |value| serde_json::to_value(value).unwrap_or_default();
    fields.into_iter().map(|(name, found)| (name.to_string(), value(found))).collect::<serde_json::Map<_, _>>().into()
}

/// The whole command line reference as Markdown, from the same texts as the help.
pub fn reference(command: &mut clap::Command) -> Result<Done, CommandError> {
    let mut out = io::stdout().lock();
    command.build();
    writeln!(out, "# The commands of vouchsafe\n")?;
    writeln!(out, "This page is made from the program's own help (`vouchsafe reference`); a test keeps it so.\n")?;
    section(&mut out, command, "vouchsafe")?;
    Ok(Done::Well)
}

fn section(out: &mut dyn Write, command: &clap::Command, name: &str) -> io::Result<()> {
    let help = command.clone().bin_name(name).term_width(100).render_long_help().to_string();
    let help: Vec<_> = help.lines().map(str::trim_end).collect();
    writeln!(out, "## {name}\n\n```text\n{}\n```\n", help.join("\n").trim_end())?;
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set() && sub.get_name() != "help") {
        section(out, sub, &format!("{name} {}", sub.get_name()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_from_outside_cannot_command_the_terminal() {
        assert_eq!(printable("a\u{1b}[2Jb"), "a\\u{1b}[2Jb");
        assert_eq!(printable("abc\u{202e}cod.exe"), "abc\\u{202e}cod.exe");
        assert_eq!(printable("증언 목록"), "증언 목록");
        assert_eq!(value(&FieldValue::Bytes(b"a\xff\x07b".to_vec())), "a\\xff\\u{7}b");
    }

    #[test]
    fn numbers_are_readable() {
        assert_eq!(number(0), "0");
        assert_eq!(number(1_234_567), "1,234,567");
        assert_eq!(bytes(9_999), "9,999 bytes");
        assert_eq!(bytes(1), "1 byte");
        assert_eq!(bytes(1_400_000), "1.4 MB");
        assert_eq!(count(1, "entry"), "1 entry");
        assert_eq!(count(2, "entry"), "2 entries");
    }

    #[test]
    fn korean_letters_are_two_columns_wide() {
        assert_eq!(pad("증언", 6), "증언  ");
        assert_eq!(shorten("증언 목록", 6), "증언…");
        assert_eq!(shorten("short", 6), "short");
    }
}
