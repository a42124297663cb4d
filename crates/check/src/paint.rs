//! Colour on the terminal: of few words, and only where a person looks who has not asked for none.

use std::env;
use std::io::{self, IsTerminal};

use clap::builder::styling::{AnsiColor, Color, Style};

/// What a colour stands for. The words say it as well: nothing is said by colour alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Nothing to object to.
    Good,
    /// Something is not as it should be, or is not known.
    Doubtful,
    /// Something is lost or forged, or was not done.
    Bad,
    /// The beginning of a part that must not be overlooked.
    Heading,
}

/// A text as standard output is to show it.
pub fn on_stdout(tone: Tone, text: &str) -> String {
    painted(tone, text, is_wanted(&io::stdout()))
}

/// A text as standard error is to show it.
pub fn on_stderr(tone: Tone, text: &str) -> String {
    painted(tone, text, is_wanted(&io::stderr()))
}

/// A verdict as standard output is to show it: the word in its colour, then what it means.
pub fn verdict(tone: Tone, text: &str) -> String {
    match text.split_once(": ") {
        Some((word, meaning)) => format!("{}: {meaning}", on_stdout(tone, word)),
        None => on_stdout(tone, text),
    }
}

/// Whether colour is wanted there: a terminal that knows it, and no `NO_COLOR` (no-color.org).
pub fn is_wanted(stream: &impl IsTerminal) -> bool {
    let is_refused = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let is_known = env::var_os("TERM").is_some_and(|name| !name.is_empty() && name != "dumb");
    stream.is_terminal() && is_known && !is_refused
}

fn painted(tone: Tone, text: &str, is_wanted: bool) -> String {
    if !is_wanted {
        return text.to_owned();
    }
    let colour = match tone {
        Tone::Good => Some(AnsiColor::Green),
        Tone::Doubtful => Some(AnsiColor::Yellow),
        Tone::Bad => Some(AnsiColor::Red),
        Tone::Heading => None,
    };
    let style = Style::new().bold().fg_color(colour.map(Color::Ansi));
    format!("{style}{text}{style:#}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_takes_nothing_from_a_text() {
        assert_eq!(painted(Tone::Bad, "FAILED", false), "FAILED");
        assert_eq!(painted(Tone::Bad, "FAILED", true), "\u{1b}[1m\u{1b}[31mFAILED\u{1b}[0m");
    }
}
