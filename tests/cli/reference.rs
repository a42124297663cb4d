//! The reference of the commands is the program's own help.

use std::fs;
use std::path::Path;

use crate::desk::Desk;

/// All commands, with the words that lead to them.
fn commands(desk: &Desk) -> Vec<Vec<String>> {
    let reference = desk.run(["reference"]).well().out;
    let headings = reference.lines().filter_map(|line| line.strip_prefix("## vouchsafe"));
    headings.map(|rest| rest.split_whitespace().map(str::to_owned).collect()).collect()
}

/// A page under `docs/`, if it is there.
fn page(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name)).unwrap_or_default()
}

#[test]
fn the_reference_is_what_the_program_says() {
    let desk = Desk::bare();
    let reference = desk.run(["reference"]).well().out;
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/cli.md");
    if std::env::var_os("UPDATE_DOCS").is_some_and(|update| update == "1") {
        fs::write(&path, &reference).unwrap();
    }
    let written = page("cli.md");
    let difference = written.lines().zip(reference.lines()).find(|(written, said)| written != said);
    assert!(
        written == reference,
        "docs/cli.md is not what the program says; `UPDATE_DOCS=1 cargo test --test main -- reference` writes it anew; first difference: {difference:?}"
    );
}

#[test]
fn the_reference_does_not_depend_on_who_prints_it() {
    let desk = Desk::bare();
    let mut command = desk.command(["reference"]);
    command.env("VOUCHSAFE_KEY", "/somewhere/key").env("COLUMNS", "40").env("LC_ALL", "ko_KR.UTF-8");
    assert_eq!(crate::desk::Said::by(command).well().out, desk.run(["reference"]).well().out);
}

#[test]
fn every_command_has_its_help() {
    let desk = Desk::bare();
    let commands = commands(&desk);
    assert!(commands.len() > 18, "{commands:?}");
    for words in commands {
        for help in ["--help", "-h"] {
            let said = desk.run(words.iter().map(String::as_str).chain([help])).well();
            let said = said.says(&format!(
                "Usage: {}",
                ["vouchsafe"].into_iter().chain(words.iter().map(String::as_str)).collect::<Vec<_>>().join(" ")
            ));
            assert_eq!(said.err, "");
            let widest = said.out.lines().map(|line| line.chars().count()).max().unwrap();
            assert!(widest <= 100, "{words:?}: a line of {widest} columns");
        }
        if let Some(first) = words.first() {
            let help = desk.run(["help", first]).well().out;
            assert_eq!(help, desk.run([first, "--help"]).well().out);
        }
    }
    desk.run(["--version"]).well().says("vouchsafe 0.");
}

#[test]
fn every_command_and_option_says_what_it_is_for() {
    let desk = Desk::bare();
    for words in commands(&desk) {
        let help = desk.run(words.iter().map(String::as_str).chain(["-h"])).well().out;
        let first = help.lines().next().unwrap();
        assert!(first.len() > 10 && first.chars().next().unwrap().is_uppercase(), "{words:?}: {first}");
        let mut lines = help.lines().peekable();
        while let Some(line) = lines.next() {
            let is_named = line.trim_start().starts_with(['-', '<']) && line.starts_with("  ");
            let is_alone = is_named && !line.trim().contains("  ");
            if is_alone {
                let next = lines.peek().copied().unwrap_or_default();
                assert!(next.starts_with("          "), "{words:?}: {line} says nothing");
            }
        }
    }
}

/// Terms of the trade that the glossary or the text itself must explain.
const TERMS: &[(&str, &str)] = &[
    ("tlog-proof", "receipt"),
    ("EDTF", "EDTF"),
    ("BCP 47", "BCP 47"),
    ("Merkle", "Merkle"),
    ("SSHSIG", "SSHSIG"),
    ("checkpoint", "checkpoint"),
    ("custody", "custody"),
    ("exhibit", "exhibit"),
    ("volume", "volume"),
    ("receipt", "receipt"),
    ("origin", "origin"),
    ("field", "field"),
    ("entr", "entry"),
    ("fingerprint", "fingerprint"),
    ("verifier key", "verifier key"),
];

#[test]
fn the_help_uses_the_words_of_the_glossary() {
    let desk = Desk::bare();
    let reference = desk.run(["reference"]).well().out;
    let guide = ["start-here", "archivist", "investigator", "lawyer", "partners", "operations", "scripts", "trouble"];
    let guide: String = guide.iter().map(|name| page(&format!("guide/{name}.md"))).collect();
    let explained = (page("glossary.md") + &guide).to_lowercase();
    for (used, explained_as) in TERMS {
        if reference.contains(used) {
            assert!(explained.contains(&explained_as.to_lowercase()), "{used} is not explained in docs/glossary.md");
        }
    }
    // A reason for withholding is about a person who testifies, as the glossary has it.
    let reference = reference.to_lowercase().replace("witness-identity", "");
    // Words for which the house has others, and those that only programmers know.
    for word in [
        "witness", "blob", "artifact", "artefact", "stdout", "stderr", "stdin,", "enum", "null", "struct", "sled",
        "bincode", "panic",
    ] {
        assert!(!reference.contains(word), "{word} is in the help");
    }
}
