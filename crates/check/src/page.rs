//! Lines for people, in the language that was asked for.

use std::io::{self, Write};

use vouchsafe_core::language::{Language, Text};

use super::layout::{hanging, pad};
use super::text::printable;

/// How much further in the rest of a line stands that a terminal has no room for.
const FURTHER_IN: usize = 2;

/// Where lines for people are written.
pub struct Page<'a> {
    /// Where they go.
    pub out: &'a mut dyn Write,
    /// In which language they are.
    pub language: Language,
}

impl Page<'_> {
    /// A line. What a terminal has no room for goes below in Korean, whose words a terminal would break anywhere; English is
    /// left to the terminal.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn line(&mut self, text: impl Into<Text>) -> io::Result<()> {
        let text = text.into();
        match self.language {
            Language::English => writeln!(self.out, "{}", text.english()),
            Language::Korean => {
                let text = text.korean();
                let indent = text.len() - text.trim_start().len();
                hanging(self.out, text, indent + FURTHER_IN)
            }
        }
    }

    /// An empty line.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn blank(&mut self) -> io::Result<()> {
        writeln!(self.out)
    }

    /// A line with a label in a column of this width, in English and in Korean.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn labelled(&mut self, label: (&str, &str), widths: (usize, usize), text: &str) -> io::Result<()> {
        let label = pad(self.language.of(label), self.language.of(widths));
        self.line(Text::same(format_args!("  {label}  {text}")))
    }

    /// A text with parts that come from outside, safe to print on one line.
    #[must_use]
    pub fn printable(&self, text: &Text) -> String {
        printable(text.in_language(self.language))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_in_the_language_that_was_asked_for() {
        for (language, expected) in
            [(Language::English, "entries\n  log key    x\n"), (Language::Korean, "기록 항목\n  기록부 키  x\n")]
        {
            let mut out = Vec::new();
            let mut page = Page { out: &mut out, language };
            page.line(("entries", "기록 항목")).unwrap();
            page.labelled(("log key", "기록부 키"), (9, 9), "x").unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), expected);
        }
    }
}
