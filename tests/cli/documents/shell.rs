//! A shell in which a session is typed, and what differs from one run to the next.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use super::page::Step;
use crate::desk::{Desk, PROGRAM};

/// After a command, the shell prints this and the exit status.
const MARK: char = '\u{1e}';

/// A shell on a desk. What a command sets, the next one has.
pub struct Shell {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    /// The names in a page, and those of this run.
    names: BTreeMap<String, String>,
}

/// What a command printed.
pub struct Seen {
    /// Both streams, as a terminal shows them.
    pub output: Vec<String>,
    /// The exit status.
    pub status: i32,
}

impl Shell {
    /// Starts one in the desk's folder, with the program under test on its path.
    pub fn on(desk: &Desk) -> Self {
        let folder = Path::new(PROGRAM).parent().unwrap();
        let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
        let mut command = desk.prepare(Command::new("bash"), ["--norc", "--noprofile"]);
        command.env("PATH", path).env("PASSPHRASE", desk.write("home/passphrase", "the pale river keeps its bed\n"));
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (input, output) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        let mut shell = Self { child, input, output, names: BTreeMap::new() };
        shell.run("exec 2>&1");
        shell
    }

    /// From now on nobody is asked for the passphrase.
    pub fn gives_the_passphrase(&mut self) {
        self.run(r#"vouchsafe() { command vouchsafe --passphrase-file "$PASSPHRASE" "$@"; }"#);
    }

    /// Runs a command, with the names of this run in place of those of the page.
    pub fn run(&mut self, command: &str) -> Seen {
        let command = self.with_own_names(command);
        writeln!(self.input, "{{ {command}\n}} < /dev/null; printf '{MARK}%s\\n' $?").unwrap();
        let mut output = Vec::new();
        loop {
            let mut line = String::new();
            assert_ne!(self.output.read_line(&mut line).unwrap(), 0, "the shell ended at `{command}`");
            let line = line.trim_end_matches('\n');
            match line.split_once(MARK) {
                None => output.push(line.to_owned()),
                Some((last, status)) => {
                    output.extend(Some(last.to_owned()).filter(|last| !last.is_empty()));
                    return Seen { output, status: status.parse().unwrap() };
                }
            }
        }
    }

    /// Compares what a page shows with what was printed, and learns which names stand for which.
    pub fn learn(&mut self, step: &Step, seen: &Seen) -> Result<(), String> {
        let is_prompt = |line: &&str| !line.contains("assphrase for") && *line != "Repeat the passphrase:";
        let shown: Vec<&str> = step.output.iter().map(|line| line.trim_end()).filter(is_prompt).collect();
        let printed: Vec<&str> = seen.output.iter().map(|line| line.trim_end()).collect();
        let pairs = compare(&shown, &printed)?;
        for (shown, printed) in pairs {
            for (shown, printed) in words(shown).zip(words(printed)) {
                if shown != printed && kind_of(shown).is_some() {
                    self.names.insert(shown.to_owned(), printed.to_owned());
                }
            }
        }
        Ok(())
    }

    fn with_own_names(&self, command: &str) -> String {
        let mut own = command.to_owned();
        for word in words(command).filter(|word| word.contains('-') && word.len() >= 6) {
            if let Some((_, name)) = self.names.iter().find(|(shown, _)| shown.starts_with(word)) {
                own = own.replace(word, name);
            }
        }
        own
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        // It has nothing left to do; a failed test must not leave it behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Lays the lines of a page beside those that were printed; `…` stands for any number of them.
fn compare<'a>(shown: &[&'a str], printed: &[&'a str]) -> Result<Vec<(&'a str, &'a str)>, String> {
    let Some((first, rest)) = shown.split_first() else {
        return match printed.first() {
            None => Ok(Vec::new()),
            Some(line) => Err(format!("it does not show: {line}")),
        };
    };
    if *first == "…" {
        let tried = (0..=printed.len()).map(|skipped| compare(rest, &printed[skipped..]));
        let mut failed = String::new();
        for result in tried {
            match result {
                Ok(pairs) => return Ok(pairs),
                Err(error) if failed.is_empty() => failed = error,
                Err(_) => {}
            }
        }
        return Err(failed);
    }
    match printed.split_first() {
        Some((line, others)) if masked(first) == masked(line) => {
            let mut pairs = compare(rest, others)?;
            pairs.push((*first, *line));
            Ok(pairs)
        }
        Some((line, _)) => Err(format!("it shows: {first}\nprinted is: {line}")),
        None => Err(format!("it shows, and nothing is printed: {first}")),
    }
}

/// The words of a line, also of one in a drawing.
fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| c.is_whitespace() || "<>\"'`(),;".contains(c)).filter(|word| !word.is_empty())
}

/// A line with a sign in place of each word that differs from one run to the next.
pub fn masked(line: &str) -> String {
    let mut masked = String::new();
    let mut rest = line;
    while !rest.is_empty() {
        let start = words(rest).next().map_or(rest.len(), |word| word.as_ptr() as usize - rest.as_ptr() as usize);
        masked.push_str(&rest[..start]);
        rest = &rest[start..];
        let word = words(rest).next().unwrap_or_default();
        rest = &rest[word.len()..];
        // How many times of a file are known depends on the file system.
        let is_count = word.bytes().all(|byte| byte.is_ascii_digit()) && rest.starts_with(" fields withheld");
        masked.push_str(if is_count { "N" } else { kind_of(word).unwrap_or(word) });
    }
    masked
}

/// What a word is that differs from one run to the next; none for words that stay.
fn kind_of(word: &str) -> Option<&'static str> {
    let word = word.trim_end_matches(['.', ':', '…', '-']);
    let in_groups = |text: &str| {
        let is_group =
            |group: &str| group.len() == 4 && group.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase());
        text.split('-').count() > 1 && text.split('-').all(is_group)
    };
    let is_time = |text: &str| text.len() >= 8 && text.bytes().all(|b| b.is_ascii_digit() || b"-:.TZ".contains(&b));
    if word.strip_prefix("X-").is_some_and(in_groups) {
        Some("EXHIBIT")
    } else if in_groups(word) {
        Some("FINGERPRINT")
    } else if word.len() == 64 && word.bytes().all(|b| b.is_ascii_hexdigit()) {
        Some("HASH")
    } else if word.starts_with("SHA256:") {
        Some("KEY")
    } else if word.contains(".example/") {
        Some("ORIGIN")
    } else if is_time(word) && word.contains(['-', ':']) {
        Some("TIME")
    } else {
        None
    }
}
