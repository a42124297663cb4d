//! The help: the commands by what they are for, each with its texts.

use std::io::{self, IsTerminal, Write};

use clap::builder::StyledStr;
use clap::{Command, CommandFactory};

use super::command_line::Cli;
use super::done::Done;
use super::error::CommandError;
use super::help_texts::{Texts, paths, without_global_options};
use vouchsafe_check::paint::is_wanted;

/// The commands grouped by purpose, in the order in which an archive needs them.
const GROUPS: &[(&str, &[&str])] = &[
    ("Getting started", &["init", "agent", "demo"]),
    ("Adding and describing exhibits", &["ingest", "describe", "template", "note", "gap", "import"]),
    ("Looking things up", &["list", "find", "fields", "collections", "show", "custody", "log", "status"]),
    ("Handing out", &["get", "export", "transfer", "prove", "head"]),
    ("Checking", &["verify", "check", "doctor"]),
    ("Keeping the archive safe", &["replicate", "parity", "repair", "rebuild", "forget-index"]),
    ("Setting up your shell", &["completions", "man"]),
];

/// The program's arguments with all of their help, for lines of this width or of that of the terminal. Only the help of
/// the program and of `options` lists the global options.
pub fn command(width: Option<usize>) -> Command {
    let mut command = Cli::command();
    if let Some(width) = width {
        command = command.term_width(width);
    }
    for path in paths() {
        command = with_texts(command, path, path);
    }
    command.build();
    command = command.mut_subcommands(|command| match command.get_name() {
        OPTIONS_PAGE => command.help_template("{about-with-newline}\n{all-args}"),
        _ => without_global_options(command),
    });
    let help = command.clone().render_help().ansi().to_string();
    command.override_help(grouped(&help))
}

/// The program's arguments without hidden ones, for generators of man pages and completions.
pub fn visible_command() -> Command {
    let all = Cli::command();
    let commands = all.get_subcommands().filter(|command| !command.is_hide_set()).cloned();
    let visible = Command::new("vouchsafe").args(all.get_arguments().cloned()).subcommands(commands);
    let visible = visible.version(env!("CARGO_PKG_VERSION")).disable_help_subcommand(true);
    let (about, after) = (all.get_about().cloned(), all.get_after_help().cloned());
    visible.about(about.unwrap_or_default()).after_help(after.unwrap_or_default())
}

/// The name of the command that shows the global options.
const OPTIONS_PAGE: &str = "options";

/// Prints the help of the program.
pub fn print_program() -> io::Result<()> {
    print(&mut io::stdout(), &command(None).render_help())
}

/// Prints the global options.
pub fn print_global_options() -> Result<Done, CommandError> {
    let mut command = command(None);
    if let Some(page) = command.find_subcommand_mut(OPTIONS_PAGE) {
        print(&mut io::stdout(), &page.render_help())?;
    }
    Ok(Done::Well)
}

/// Prints a text of the parser, in colour if that is wanted.
pub fn print(out: &mut (impl Write + IsTerminal), text: &StyledStr) -> io::Result<()> {
    if is_wanted(out) { write!(out, "{}", text.ansi()) } else { write!(out, "{text}") }
}

/// Appends the texts of the command at `path` to its help; `rest` is the part of the path below `command`.
fn with_texts(command: Command, path: &[&str], rest: &[&str]) -> Command {
    match rest {
        [first, rest @ ..] => command.mut_subcommand(*first, |command| with_texts(command, path, rest)),
        [] => {
            let texts = Texts::of(path, &command);
            let header = *command.get_styles().get_header();
            command.after_help(texts.styled(header))
        }
    }
}

/// The help with its list of commands grouped by purpose, styles included.
fn grouped(help: &str) -> String {
    let Some(start) = help.lines().position(|line| plain(line) == "Commands:") else { return help.to_owned() };
    let lines: Vec<&str> = help.lines().collect();
    let end = lines.iter().skip(start).position(|line| line.is_empty()).map_or(lines.len(), |length| start + length);
    let (heading, list) = (lines[start], &lines[start + 1..end]);
    let is_entry = |line: &str| line.starts_with("  ") && !line.starts_with("   ");
    // A command's lines unchanged, so that their line breaks still fit the terminal.
    let entry_of = |name: &&str| {
        let first = list.iter().position(|line| {
            let line = plain(line);
            is_entry(&line) && line.split_whitespace().next() == Some(*name)
        });
        let mut entry = Vec::new();
        if let Some(first) = first {
            entry.push(list[first]);
            entry.extend(list[first + 1..].iter().take_while(|line| !is_entry(&plain(line))));
        }
        entry
    };
    let mut made: Vec<String> = lines[..start].iter().map(|line| (*line).to_owned()).collect();
    for (index, (group, names)) in GROUPS.iter().enumerate() {
        if index > 0 {
            made.push(String::new());
        }
        made.push(heading.replace("Commands:", &format!("{group}:")));
        made.extend(names.iter().flat_map(entry_of).map(str::to_owned));
    }
    made.extend(lines[end..].iter().map(|line| (*line).to_owned()));
    made.join("\n")
}

/// A line without its styles.
fn plain(line: &str) -> String {
    let mut parts = line.split('\u{1b}');
    let first = parts.next().unwrap_or_default().to_owned();
    // A style is an escape, a bracket, numbers and an m.
    parts.fold(first, |all, part| all + part.split_once('m').map_or("", |(_, text)| text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_stands_in_one_group_and_has_an_example() {
        let all = Cli::command();
        let names = |command: &Command| -> Vec<String> {
            command.get_subcommands().filter(|sub| !sub.is_hide_set()).map(|sub| sub.get_name().to_owned()).collect()
        };
        let mut grouped: Vec<_> =
            GROUPS.iter().flat_map(|(_, names)| names.iter().map(|name| (*name).to_owned())).collect();
        let mut expected = names(&all);
        grouped.sort();
        expected.sort();
        assert_eq!(grouped, expected);
        for sub in all.get_subcommands().filter(|sub| !sub.is_hide_set()) {
            let has = |path: &[&str]| paths().any(|known| known == path);
            assert!(has(&[sub.get_name()]), "{}", sub.get_name());
            for below in names(sub) {
                assert!(has(&[sub.get_name(), &below]), "{} {below}", sub.get_name());
            }
        }
    }

    #[test]
    fn no_command_is_lost_from_the_list() {
        for width in [40, 60, 100] {
            let help = command(Some(width)).render_long_help().to_string();
            for (heading, names) in GROUPS {
                assert!(help.contains(&format!("{heading}:\n")), "{help}");
                for name in *names {
                    let is_listed = help.lines().any(|line| line.split_whitespace().next() == Some(*name));
                    assert!(is_listed, "{name}: {help}");
                }
            }
            assert!(help.contains("--archive <DIR>") && help.contains("Exit status:"), "{help}");
        }
    }
}
