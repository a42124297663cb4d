//! The end of each command's help: where to find the global options, examples and the exit statuses.

use clap::builder::styling::Style;
use clap::{Arg, Command};

/// The meaning of a command's exit statuses, from 0 on. `findings` is absent if the command never exits with 1.
struct Status {
    done: &'static str,
    findings: Option<&'static str>,
    not_completed: &'static str,
}

const NOT_COMPLETED: &str = "not completed";
const DONE: Status = Status { done: "done", findings: None, not_completed: NOT_COMPLETED };
const READING: Status = Status {
    done: "done",
    findings: Some("something cannot be read, or the log differs from the one seen before"),
    not_completed: NOT_COMPLETED,
};
const TAKING_OVER: Status = Status {
    done: "done",
    findings: Some("there are findings (a bundle that fails is never imported)"),
    not_completed: "not completed, or no fingerprint was given",
};

/// Commands with examples and exit statuses; a command without the latter states them itself.
const COMMANDS: &[(&[&str], &[&str], Option<Status>)] = &[
    (
        &["init"],
        &[
            "vouchsafe init /srv/case-7 --origin ngo.example/case-7 --name 'A. Archivist'",
            "vouchsafe init case-7 --origin ngo.example/case-7 --key ~/.ssh/id_ed25519",
        ],
        Some(DONE),
    ),
    (
        &["ingest"],
        &[
            "vouchsafe ingest /media/stick/deposit --collection Interviews --receipts receipts",
            "vouchsafe ingest deposit --table deposit.xlsx --map 'File=source_path' --dry-run",
            "vouchsafe ingest statement.pdf --title 'Statement of 17 March' --field place=Tumen --dry-run",
        ],
        Some(Status {
            done: "the archive now holds every file",
            findings: Some("files were refused"),
            not_completed: "stopped before the end: run it again",
        }),
    ),
    (
        &["list"],
        &[
            "vouchsafe list --collection Interviews --type pdf --since 2026-11-01",
            "vouchsafe list --sort events_period --columns exhibit,events_period,place,title",
            "vouchsafe list --xlsx interviews.xlsx --columns title,place,created_date",
        ],
        Some(READING),
    ),
    (
        &["find"],
        &["vouchsafe find tumen repatriation", "vouchsafe find '(tumen OR 투먼) -rumour type:pdf' --during 2003/2005"],
        Some(READING),
    ),
    (&["fields"], &["vouchsafe fields", "vouchsafe fields place"], Some(READING)),
    (&["collections"], &["vouchsafe collections"], Some(READING)),
    (&["show"], &["vouchsafe show X-7K3M"], Some(READING)),
    (&["get"], &["vouchsafe get X-7K3M --to copy.pdf --purpose 'translation' --recipient 'T. Translator'"], Some(DONE)),
    (&["custody"], &["vouchsafe custody X-7K3M"], Some(READING)),
    (&["note"], &["vouchsafe note X-7K3M 'The second page is missing in the original, too'"], Some(DONE)),
    (
        &["describe"],
        &[
            "vouchsafe describe X-7K3M title='Statement of 17 March' events_period=2003/2005",
            "vouchsafe describe X-7K3M --withdraw title --reason 'it named the source'",
            "vouchsafe describe --from interviews.xlsx --map 'File=original_name' --dry-run",
        ],
        Some(Status { done: "done", findings: Some("rows of the table are not sound"), not_completed: NOT_COMPLETED }),
    ),
    (
        &["template"],
        &["vouchsafe template interviews.xlsx", "vouchsafe template 면담.xlsx --language ko --match exhibit"],
        Some(DONE),
    ),
    (&["gap"], &["vouchsafe gap X-7K3M --from 2003-07 --to 2004-01 --reason 'the depositor does not say'"], Some(DONE)),
    (&["log"], &["vouchsafe log --last 20"], Some(READING)),
    (&["head"], &["vouchsafe head > head-2026-11-29.txt"], Some(READING)),
    (
        &["prove"],
        &["vouchsafe prove X-7K3M --to receipt.tlog-proof", "vouchsafe prove X-7K3M --kit kit"],
        Some(READING),
    ),
    (
        &["verify"],
        &[
            "vouchsafe verify --record",
            "vouchsafe verify --max-time 2h --resume",
            "vouchsafe verify --against /media/copy",
        ],
        Some(Status {
            done: "everything that was read is sound",
            findings: Some("there are findings"),
            not_completed: "stopped, or not completed",
        }),
    ),
    (
        &["check"],
        &[
            "vouchsafe check b.zip --trust fingerprint.txt",
            "vouchsafe check receipt.tlog-proof --trust fingerprint.txt",
        ],
        None,
    ),
    (
        &["export"],
        &[
            "vouchsafe export X-7K3M X-9QRT --dry-run",
            "vouchsafe export X-7K3M X-9QRT --to b.zip --purpose 'case 12/26' --recipient 'District Court'",
            "vouchsafe export --collection Interviews --to b.zip --purpose review --recipient 'L. Lawyer'",
        ],
        Some(Status {
            done: "done",
            findings: Some("done, but checking the bundle will report findings"),
            not_completed: NOT_COMPLETED,
        }),
    ),
    (&["import"], &["vouchsafe import partner.zip --trust partner-keys.txt --sender 'P. Partner'"], Some(TAKING_OVER)),
    (&["transfer"], &["vouchsafe transfer list"], Some(TAKING_OVER)),
    (
        &["transfer", "offer"],
        &["vouchsafe transfer offer bundle.zip --recipient 'National Archive' --letter offer.json"],
        Some(DONE),
    ),
    (
        &["transfer", "accept"],
        &["vouchsafe transfer accept b.zip --offer offer.json --trust partner.txt --letter answer.json"],
        Some(TAKING_OVER),
    ),
    (
        &["transfer", "refuse"],
        &["vouchsafe transfer refuse --offer offer.json --trust partner.txt --reason x --letter answer.json"],
        Some(TAKING_OVER),
    ),
    (&["transfer", "settle"], &["vouchsafe transfer settle answer.json --trust partner-keys.txt"], Some(TAKING_OVER)),
    (&["transfer", "read"], &["vouchsafe transfer read offer.json"], Some(DONE)),
    (&["transfer", "letter"], &["vouchsafe transfer letter 1505 --to offer-again.json"], Some(DONE)),
    (&["transfer", "list"], &["vouchsafe transfer list"], Some(READING)),
    (&["agent"], &["vouchsafe agent list"], Some(DONE)),
    (&["agent", "add"], &["vouchsafe agent add bea.pub --name 'Bea B.' --role investigator"], Some(DONE)),
    (&["agent", "list"], &["vouchsafe agent list"], Some(READING)),
    (&["agent", "revoke"], &["vouchsafe agent revoke 'Bea B.' --reason 'left the organisation'"], Some(DONE)),
    (
        &["replicate"],
        &[
            "vouchsafe replicate /media/stick/case-7 --medium removable --site other-site --place Geneva",
            "vouchsafe replicate /media/stick/case-7",
        ],
        Some(Status {
            done: "the copy holds everything",
            findings: Some("it does, but there is a warning"),
            not_completed: "not completed: run it again",
        }),
    ),
    (
        &["status"],
        &["vouchsafe status"],
        Some(Status {
            done: "there are no warnings",
            findings: Some("there are warnings"),
            not_completed: NOT_COMPLETED,
        }),
    ),
    (
        &["doctor"],
        &["vouchsafe doctor"],
        Some(Status {
            done: "nothing is wrong or risky",
            findings: Some("something is"),
            not_completed: NOT_COMPLETED,
        }),
    ),
    (
        &["parity"],
        &["vouchsafe parity --share 5%"],
        Some(Status { done: "done", findings: Some("a volume is damaged"), not_completed: NOT_COMPLETED }),
    ),
    (
        &["repair"],
        &["vouchsafe repair", "vouchsafe repair --from /media/copy --apply"],
        Some(Status {
            done: "nothing is damaged any more",
            findings: Some("something is damaged, or missing"),
            not_completed: NOT_COMPLETED,
        }),
    ),
    (&["rebuild"], &["vouchsafe rebuild"], Some(DONE)),
    (&["forget-index"], &["vouchsafe forget-index", "vouchsafe forget-index --all"], Some(DONE)),
    (&["demo"], &["vouchsafe demo"], Some(DONE)),
    (
        &["completions"],
        &[
            "vouchsafe completions bash > ~/.local/share/bash-completion/completions/vouchsafe",
            "vouchsafe completions fish > ~/.config/fish/completions/vouchsafe.fish",
        ],
        Some(DONE),
    ),
    (&["man"], &["vouchsafe man --to ~/.local/share/man/man1"], Some(DONE)),
];

/// The line in a command's help that leads to the global options.
const WHERE_OPTIONS_ARE: &str = "Global options (--archive, --key, --quiet, --json …): vouchsafe help options";

/// The commands that have texts, each as the words that are typed for it.
pub fn paths() -> impl Iterator<Item = &'static [&'static str]> {
    COMMANDS.iter().map(|(path, ..)| *path)
}

/// The texts at the end of a command's help.
pub struct Texts {
    /// Command lines that can be typed.
    pub examples: &'static [&'static str],
    /// The meaning of the exit statuses.
    pub exit_status: String,
}

impl Texts {
    /// The texts of the command with these words.
    pub fn of(path: &[&str], command: &Command) -> Self {
        let found = COMMANDS.iter().find(|(known, ..)| *known == path);
        let examples = found.map_or(&[][..], |(_, examples, _)| examples);
        let exit_status = match found {
            Some((.., Some(Status { done, findings, not_completed }))) => {
                let findings = findings.map(|findings| format!("; 1 {findings}")).unwrap_or_default();
                format!("0 {done}{findings}; 2 wrong usage; 3 {not_completed}.")
            }
            // The command states them itself.
            _ => {
                let own = command.get_after_help().map(ToString::to_string).unwrap_or_default();
                own.trim_start_matches("Exit status: ").to_owned()
            }
        };
        Self { examples, exit_status }
    }

    /// All of it, with the heading of the examples in this style.
    pub fn styled(&self, header: Style) -> String {
        let heading = if self.examples.len() == 1 { "Example:" } else { "Examples:" };
        let examples: String = self.examples.iter().map(|example| format!("\n  {example}")).collect();
        format!("{WHERE_OPTIONS_ARE}\n\n{header}{heading}{header:#}{examples}\n\nExit status: {}", self.exit_status)
    }
}

/// The same command with the global options hidden but still accepted.
pub fn without_global_options(command: Command) -> Command {
    let hidden = |argument: Arg| {
        let is_hidden = argument.is_global_set() || argument.is_hide_set();
        argument.hide(is_hidden)
    };
    command.mut_args(hidden).mut_subcommands(without_global_options)
}
