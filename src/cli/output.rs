//! Rendering: values, findings and JSON.

use std::fmt::Write as _;
use std::io::{self, Write};

use vouchsafe_archive::{UnreadEntry, as_cp949};
use vouchsafe_core::model::{Event, FieldValue};
use vouchsafe_core::verify::Finding;

pub use vouchsafe_check::layout::{hanging, labelled, shorten, table, terminal_width, wrapped};
pub use vouchsafe_check::text::{bytes, count, escaped, number, printable, printable_lines, quoted};

use super::done::Done;
use super::error::CommandError;
use super::json;
use super::say;

/// The indent of the fields of entries, where the program itself writes nothing.
pub const FIELDS_INDENT: usize = 6;
/// The indent of the rest of a sentence that does not fit on the terminal.
pub const SENTENCE_INDENT: usize = 4;

/// A field's value, safe to print. It may have line breaks, so every line of it must be indented.
pub fn value(value: &FieldValue) -> String {
    match value {
        FieldValue::Bytes(bytes) => {
            let mut text = String::new();
            for chunk in bytes.utf8_chunks() {
                text.push_str(&printable_lines(chunk.valid()));
                for byte in chunk.invalid() {
                    let _ = write!(text, "\\x{byte:02x}");
                }
            }
            match as_cp949(bytes) {
                Some(read) => format!("{} ({text}, read as CP949)", printable_lines(&read)),
                None => text,
            }
        }
        other => printable_lines(&other.to_string()),
    }
}

/// A finding on one line; no text in it can look like a second finding.
pub fn finding_line(finding: &Finding) -> String {
    format!("  {}  {}: {}", finding.code, printable(&finding.place.to_string()), printable(finding.message.english()))
}

/// Warns of entries that are damaged in their volumes, and states the consequence. True if there are any.
pub fn warn_unread(unread: &[UnreadEntry], consequence: &str) -> bool {
    for UnreadEntry { index, reason } in unread {
        let reason = printable(reason);
        say::warning(format_args!("entry {index} cannot be read: {reason}. {consequence}; see `vouchsafe repair`"));
    }
    !unread.is_empty()
}

/// A value as JSON on one line, its members in alphabetical order.
pub fn json(out: &mut dyn Write, value: &impl serde::Serialize) -> Result<(), CommandError> {
    Ok(writeln!(out, "{}", json::line(value)?)?)
}

/// A report of the library as JSON on one line, its members in the order of their declaration.
pub fn json_as_declared(out: &mut dyn Write, value: &impl serde::Serialize) -> Result<(), CommandError> {
    let text = serde_json::to_string(value).map_err(io::Error::from)?;
    Ok(writeln!(out, "{}", escaped(&text))?)
}

/// The body of an entry; the original text if the entry is not understood.
pub fn json_body(event: &Event) -> serde_json::Value {
    match event.not_understood() {
        Some(event) => event.body().into(),
        None => serde_json::to_value(event).unwrap_or_default(),
    }
}

/// Prints the page about JSON as Markdown, from the types that are printed.
pub fn json_page() -> Result<Done, CommandError> {
    json::write_page(&mut io::stdout().lock())?;
    Ok(Done::Well)
}

/// Prints the whole command line reference as Markdown, from the texts of the help.
pub fn reference(mut command: clap::Command) -> Result<Done, CommandError> {
    let mut out = io::stdout().lock();
    command.build();
    writeln!(out, "# The commands of vouchsafe\n")?;
    writeln!(
        out,
        "This page is generated from the program's own help (`vouchsafe reference`), and a test compares the two. Every\n\
         command accepts the global options in the first section.\n"
    )?;
    section(&mut out, &command, "vouchsafe")?;
    Ok(Done::Well)
}

fn section(out: &mut dyn Write, command: &clap::Command, name: &str) -> io::Result<()> {
    let only_own = |argument: clap::Arg| match argument.is_global_set() {
        true => argument.hide(true),
        false => argument,
    };
    let mut command = command.clone().bin_name(name).term_width(100);
    if name.contains(' ') {
        command = command.mut_args(only_own);
    }
    let help = command.render_long_help().to_string();
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
        assert_eq!(printable("Bea\nAdministrator  active"), "Bea\\nAdministrator  active");
        assert_eq!(printable("a\r\nb\u{2028}c"), "a\\u{d}\\nb\\u{2028}c");
        assert_eq!(printable("a\u{ad}\u{3164}\u{fe0f}\u{e0041}"), "a\\u{ad}\\u{3164}\\u{fe0f}\\u{e0041}");
        assert_eq!(value(&FieldValue::Bytes(b"a\xff\x07b".to_vec())), "a\\xff\\u{7}b");
        let korean = FieldValue::Bytes(b"\xc1\xf5\xbe\xf0.txt".to_vec());
        assert_eq!(value(&korean), "증언.txt (\\xc1\\xf5\\xbe\\xf0.txt, read as CP949)");
    }

    #[test]
    fn json_is_harmless_on_a_terminal_and_says_the_same() {
        let value = serde_json::json!({"a\u{9b}": "증언 \u{202e}\u{7f}\u{e0041}\n\u{ad}"});
        let mut out = Vec::new();
        json(&mut out, &value).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text, "{\"a\\u009b\":\"증언 \\u202e\\u007f\\udb40\\udc41\\n\\u00ad\"}\n");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), value);
    }
}
