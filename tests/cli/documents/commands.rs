//! Commands in running text and in blocks, and whether the program knows them.

use std::collections::BTreeMap;

use super::page::Page;

/// What the program knows: the help of each command, by its words.
pub struct Known {
    help: BTreeMap<String, String>,
    /// What is said outside of any command: options that all have.
    common: String,
}

impl Known {
    /// Reads the reference of the commands.
    pub fn from(reference: &str) -> Self {
        let mut known = Self { help: BTreeMap::new(), common: String::new() };
        let mut name = String::new();
        for line in reference.lines() {
            if let Some(heading) = line.strip_prefix("## ") {
                name = heading.strip_prefix("vouchsafe").unwrap_or_default().trim().to_owned();
            }
            let text = if name.is_empty() { &mut known.common } else { known.help.entry(name.clone()).or_default() };
            text.push_str(line);
            text.push('\n');
        }
        assert!(known.help.len() > 18, "{:?}", known.help.keys());
        known
    }

    /// The command exists, and it has these options.
    pub fn check(&self, command: &str) -> Result<(), String> {
        let words: Vec<&str> = command.split_whitespace().collect();
        // The help of the program, of the options that every command has, and of one command.
        let words = match words.as_slice() {
            ["help"] | ["help", "options"] => return Ok(()),
            ["help", rest @ ..] => rest.to_vec(),
            _ => words,
        };
        let Some(at) = words.iter().position(|word| self.help.contains_key(*word)) else {
            // An option of its own, such as --version, needs no command.
            let is_alone = words.iter().all(|word| word.starts_with('-'));
            return if is_alone { Ok(()) } else { Err("there is no such command".to_owned()) };
        };
        let below = words.get(at + 1).map(|below| format!("{} {below}", words[at])).unwrap_or_default();
        let help = self.help.get(&below).unwrap_or(&self.help[words[at]]);
        for option in words.iter().filter(|word| word.starts_with("--") && word.len() > 2) {
            let option = option.split('=').next().unwrap_or_default().trim_end_matches([',', '.', ';', ')']);
            let is_in =
                |text: &str| text.split(|c: char| !(c.is_alphanumeric() || c == '-')).any(|word| word == option);
            if !is_in(help) && !is_in(&self.common) {
                return Err(format!("{option} is no option of this command"));
            }
        }
        Ok(())
    }
}

/// Everything after the name of the program, for each time that it is run in a block or named in running text.
pub fn in_text(text: &str) -> Vec<String> {
    let blocks = Page::read(text);
    let mut typed: Vec<String> = blocks.steps().map(|step| step.command.replace("\\\n", " ")).collect();
    let mut is_in_block = false;
    let mut running = String::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            is_in_block = !is_in_block;
        } else if !is_in_block {
            running.push_str(line);
            running.push(' ');
        }
    }
    typed.extend(running.split('`').skip(1).step_by(2).map(str::to_owned));
    typed.iter().flat_map(|line| of_program(line)).collect()
}

/// A line may run it more than once.
fn of_program(line: &str) -> Vec<String> {
    let parts = line.split(['|', ';', '&']).flat_map(|part| part.split("$("));
    let is_program = |part: &&str| part.trim_start().starts_with("vouchsafe ");
    let quoted = |part: &str| {
        // What is in quotation marks is no option.
        part.split('"').step_by(2).collect::<Vec<_>>().join("QUOTED")
    };
    parts.filter(is_program).map(|part| quoted(part.trim_start().trim_start_matches("vouchsafe "))).collect()
}
