//! The help: the commands by what they are for, and for each of them examples and the exit statuses.

use clap::{Command, CommandFactory};

use super::command_line::Cli;

/// What the commands are for, in the order in which an archive needs them.
const GROUPS: &[(&str, &[&str])] = &[
    ("To begin", &["init", "agent", "demo"]),
    ("To take in and describe", &["ingest", "describe", "note", "gap", "import"]),
    ("To look", &["list", "find", "show", "custody", "log", "status"]),
    ("To give out", &["get", "export", "transfer", "prove", "head"]),
    ("To check", &["verify", "check", "doctor"]),
    ("To keep safe", &["replicate", "parity", "repair", "rebuild"]),
];

/// What the exit statuses of a command mean, from 0 on; where a command has no 1, it is left out.
struct Status {
    done: &'static str,
    findings: Option<&'static str>,
    not_completed: &'static str,
}

const NOT_COMPLETED: &str = "it could not be completed";
const DONE: Status = Status { done: "done", findings: None, not_completed: NOT_COMPLETED };
const READING: Status = Status {
    done: "done",
    findings: Some("something cannot be read, or the log is not the one that was seen before"),
    not_completed: NOT_COMPLETED,
};
const TAKING_OVER: Status = Status {
    done: "done",
    findings: Some("there are findings; nothing that fails is taken over"),
    not_completed: "it could not be completed, or no fingerprint from outside was given",
};

/// Commands with examples and exit statuses.
const COMMANDS: &[(&[&str], &[&str], Status)] = &[
    (
        &["init"],
        &[
            "vouchsafe init /srv/case-7 --origin ngo.example/case-7 --name 'A. Archivist'",
            "vouchsafe init case-7 --origin ngo.example/case-7 --key ~/.ssh/id_ed25519",
        ],
        DONE,
    ),
    (
        &["ingest"],
        &[
            "vouchsafe ingest /media/stick/deposit --collection Interviews --receipts receipts",
            "vouchsafe ingest statement.pdf --title 'Statement of 17 March' --field place=Tumen --dry-run",
        ],
        Status {
            done: "every file is held now",
            findings: Some("files were refused"),
            not_completed: "it was stopped, or could not go on: run it again",
        },
    ),
    (&["list"], &["vouchsafe list --collection Interviews --type pdf --since 2026-11-01"], READING),
    (&["find"], &["vouchsafe find 녹취록", "vouchsafe find --field place=Tumen --type image"], READING),
    (&["show"], &["vouchsafe show X-7K3M"], READING),
    (&["get"], &["vouchsafe get X-7K3M --to copy.pdf --purpose 'translation' --recipient 'T. Translator'"], DONE),
    (&["custody"], &["vouchsafe custody X-7K3M"], READING),
    (&["note"], &["vouchsafe note X-7K3M 'The second page is missing in the original, too'"], DONE),
    (
        &["describe"],
        &[
            "vouchsafe describe X-7K3M title='Statement of 17 March' events_period=2003/2005",
            "vouchsafe describe X-7K3M --withdraw title --reason 'it named the source'",
        ],
        DONE,
    ),
    (&["gap"], &["vouchsafe gap X-7K3M --from 2003-07 --to 2004-01 --reason 'the depositor does not say'"], DONE),
    (&["log"], &["vouchsafe log --last 20"], READING),
    (&["head"], &["vouchsafe head > head-2026-11-29.txt"], READING),
    (&["prove"], &["vouchsafe prove X-7K3M --to receipt.tlog-proof", "vouchsafe prove X-7K3M --kit kit"], READING),
    (
        &["verify"],
        &[
            "vouchsafe verify --record",
            "vouchsafe verify --max-time 2h --resume",
            "vouchsafe verify --against /media/copy",
        ],
        Status {
            done: "what was read is sound",
            findings: Some("there are findings"),
            not_completed: "it was stopped, or could not be completed",
        },
    ),
    (
        &["export"],
        &[
            "vouchsafe export X-7K3M X-9QRT --dry-run",
            "vouchsafe export X-7K3M X-9QRT --to b.zip --purpose 'case 12/26' --recipient 'District Court'",
            "vouchsafe export --collection Interviews --to b.zip --purpose review --recipient 'L. Lawyer'",
        ],
        Status {
            done: "done",
            findings: Some("it is done, and whoever checks the bundle will be told of findings"),
            not_completed: NOT_COMPLETED,
        },
    ),
    (&["import"], &["vouchsafe import partner.zip --trust partner-keys.txt --sender 'P. Partner'"], TAKING_OVER),
    (&["transfer"], &["vouchsafe transfer list"], TAKING_OVER),
    (
        &["transfer", "offer"],
        &["vouchsafe transfer offer bundle.zip --recipient 'National Archive' --letter offer.json"],
        DONE,
    ),
    (
        &["transfer", "accept"],
        &["vouchsafe transfer accept b.zip --offer offer.json --trust partner.txt --letter answer.json"],
        TAKING_OVER,
    ),
    (
        &["transfer", "refuse"],
        &["vouchsafe transfer refuse --offer offer.json --trust partner.txt --reason x --letter answer.json"],
        TAKING_OVER,
    ),
    (&["transfer", "settle"], &["vouchsafe transfer settle answer.json --trust partner-keys.txt"], TAKING_OVER),
    (&["transfer", "read"], &["vouchsafe transfer read offer.json"], DONE),
    (&["transfer", "letter"], &["vouchsafe transfer letter 1505 --to offer-again.json"], DONE),
    (&["transfer", "list"], &["vouchsafe transfer list"], READING),
    (&["agent"], &["vouchsafe agent list"], DONE),
    (&["agent", "add"], &["vouchsafe agent add bea.pub --name 'Bea B.' --role investigator"], DONE),
    (&["agent", "list"], &["vouchsafe agent list"], READING),
    (&["agent", "revoke"], &["vouchsafe agent revoke 'Bea B.' --reason 'left the organisation'"], DONE),
    (
        &["replicate"],
        &[
            "vouchsafe replicate /media/stick/case-7 --medium removable --site other-site --place Geneva",
            "vouchsafe replicate /media/stick/case-7",
        ],
        Status {
            done: "the copy holds everything",
            findings: Some("it does, but something beside it is not as it should be"),
            not_completed: "it could not be completed: run it again",
        },
    ),
    (
        &["status"],
        &["vouchsafe status"],
        Status { done: "the rule of three copies is kept", findings: Some("it is not"), not_completed: NOT_COMPLETED },
    ),
    (
        &["doctor"],
        &["vouchsafe doctor"],
        Status { done: "nothing is wrong or risky", findings: Some("something is"), not_completed: NOT_COMPLETED },
    ),
    (
        &["parity"],
        &["vouchsafe parity --share 5%"],
        Status { done: "done", findings: Some("a volume is damaged"), not_completed: NOT_COMPLETED },
    ),
    (
        &["repair"],
        &["vouchsafe repair", "vouchsafe repair --from /media/copy --apply"],
        Status {
            done: "nothing is damaged any longer",
            findings: Some("something is damaged, or missing"),
            not_completed: NOT_COMPLETED,
        },
    ),
    (&["rebuild"], &["vouchsafe rebuild"], DONE),
    (&["demo"], &["vouchsafe demo"], DONE),
];

/// The program's arguments with all of their help, for lines of this width or of that of the terminal.
pub fn command(width: Option<usize>) -> Command {
    let mut command = Cli::command();
    if let Some(width) = width {
        command = command.term_width(width);
    }
    for (path, examples, status) in COMMANDS {
        command = with_text(command, path, &text(examples, status));
    }
    let plain = command.clone().render_help().to_string();
    command.override_help(grouped(&plain))
}

/// The same command with a text at the end of the help of one of those under it. `check` has its own.
fn with_text(command: Command, path: &[&str], text: &str) -> Command {
    match path {
        [] => command.after_help(text.to_owned()),
        [first, rest @ ..] => command.mut_subcommand(*first, |command| with_text(command, rest, text)),
    }
}

fn text(examples: &[&str], status: &Status) -> String {
    let heading = if examples.len() == 1 { "Example:" } else { "Examples:" };
    let examples: String = examples.iter().map(|example| format!("\n  {example}")).collect();
    let findings = status.findings.map(|findings| format!("; 1 {findings}")).unwrap_or_default();
    format!(
        "{heading}{examples}\n\nExit status: 0 {}{findings}; 2 the command was not understood; 3 {}.",
        status.done, status.not_completed
    )
}

/// The help with the list of commands by what they are for.
fn grouped(help: &str) -> String {
    let Some((before, rest)) = help.split_once("Commands:\n") else { return help.to_owned() };
    let Some((list, after)) = rest.split_once("\n\n") else { return help.to_owned() };
    // A command's lines as they are, so that they stay broken as the terminal needs them.
    let entry_of = |name: &str| {
        let begins = |line: &&str| line.split_whitespace().next() == Some(name) && line.starts_with("  ");
        let mut lines = list.lines().skip_while(|line| !begins(line) || line.starts_with("   "));
        let first = lines.next().unwrap_or_default();
        let others = lines.take_while(|line| line.starts_with("   "));
        std::iter::once(first).chain(others).map(|line| format!("{line}\n")).collect::<String>()
    };
    let groups = GROUPS.iter().map(|(heading, names)| {
        let entries: String = names.iter().map(|name| entry_of(name)).collect();
        format!("{heading}:\n{entries}\n")
    });
    format!("{before}{}{after}", groups.collect::<String>())
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
        for sub in all.get_subcommands().filter(|sub| !sub.is_hide_set() && sub.get_name() != "check") {
            let has = |path: &[&str]| COMMANDS.iter().any(|(known, ..)| *known == path);
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
