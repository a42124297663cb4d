//! The page about the JSON that commands print, from the types themselves.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};

use vouchsafe_archive::working_copies::IssuedCopy;
use vouchsafe_archive::{CollectionInUse, Imported, Settled};
use vouchsafe_check::check::Hindrance;
use vouchsafe_check::receipt::ReceiptReport;
use vouchsafe_core::shape::{Described, Kind, Member, Shape};
use vouchsafe_core::verify::bundle::BundleReport;

use super::*;

/// A command, what it prints, and the shapes of that.
type Printed = (&'static str, &'static str, &'static [fn() -> Kind]);

/// What every command prints. `log`, whose lines are those of the log, is described by hand.
const COMMANDS: &[Printed] = &[
    ("init", "one object", &[Created::kind]),
    (
        "ingest",
        "with `--table`, one object about it; one object for each file, one for each remark on a file or folder, and a \
         last one with the sums",
        &[FilesDescribed::kind, IngestedFile::kind, FileRemark::kind, IngestSummary::kind],
    ),
    ("list", "one object for each exhibit", &[ListedExhibit::kind]),
    ("find", "one object for each exhibit", &[ListedExhibit::kind]),
    ("fields", "one object for each field", &[FieldInUse::kind]),
    ("collections", "one object for each collection", &[CollectionInUse::kind]),
    ("show", "one object", &[ShownExhibit::kind]),
    ("get", "one object", &[IssuedCopy::kind]),
    ("custody", "one object for each entry", &[CustodyEntry::kind]),
    ("note", "one object for each exhibit", &[Recorded::kind]),
    (
        "describe",
        "one object; the second one if there is nothing to record; the third one with `--from`",
        &[Recorded::kind, Unchanged::kind, TableDescribed::kind],
    ),
    ("template", "one object", &[TemplateWritten::kind]),
    ("gap", "one object for each exhibit", &[Recorded::kind]),
    ("head", "one object", &[Head::kind]),
    ("prove", "one object; the second one with `--kit`", &[Proved::kind, ProofKit::kind]),
    ("verify", "one object", &[Verified::kind]),
    ("export", "one object; the second one with `--dry-run`", &[ExportDone::kind, ExportRehearsed::kind]),
    (
        "check",
        "one object: of a bundle; of a receipt, a head or a letter; or of what carried the bundle, if that is in the \
         way",
        &[BundleReport::kind, ReceiptReport::kind, Hindrance::kind],
    ),
    ("import", "one object; the second one if the bundle was not imported", &[Imported::kind, BundleReport::kind]),
    ("transfer offer", "one object", &[LetterWritten::kind]),
    (
        "transfer accept",
        "two objects: the imported bundle, and the letter; or one, if it was not imported",
        &[Imported::kind, LetterWritten::kind, BundleReport::kind],
    ),
    ("transfer refuse", "one object", &[LetterWritten::kind]),
    ("transfer settle", "one object", &[Settled::kind]),
    ("transfer letter", "one object", &[LetterRewritten::kind]),
    ("transfer read", "one object", &[LetterRead::kind]),
    ("transfer list", "one object for each transfer", &[ListedTransfer::kind]),
    ("agent add", "one object", &[AgentAdded::kind]),
    ("agent list", "one object for each agent", &[Agent::kind]),
    ("agent revoke", "one object", &[AgentRevoked::kind]),
    ("replicate", "one object; the second one with `--lost`", &[Replicated::kind, CopyLost::kind]),
    ("status", "one object", &[Status::kind]),
    ("doctor", "one object", &[Examined::kind]),
    ("parity", "one object", &[ParityMade::kind]),
    (
        "repair",
        "one object; the second one with `--apply`, if there was anything to do",
        &[RepairPlan::kind, RepairDone::kind],
    ),
    ("rebuild", "one object", &[Rebuilt::kind]),
    ("forget-index", "one object", &[IndexesForgotten::kind]),
    ("man", "one object", &[ManualPages::kind]),
];

const INTRODUCTION: &str = "\
# What commands print with `--json`

This page is made from the types that the program prints; a test keeps it so, and holds the output of every command against it. How scripts use it is in [Scripts](guide/scripts.md).

- Each object is one line. Members may be added; the order of members means nothing.
- Sizes are in bytes and end with `_bytes`. Times are UTC, by the clock of the archive that wrote them.
- A member that may be absent is left out if there is nothing to say; all others are always there, some of them `null`.
- `log` prints the exact lines of the log instead, which are specified in [format.md](format.md).
- An error is one [`Failure`](#failure) on standard error. Notes and warnings are texts there.
- Where the meaning says *none*, the value is `null`. Where a value is one of several words, later versions may have more of them.
";

/// Writes the page.
pub fn write_page(out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{INTRODUCTION}\n## Commands\n\n| command | prints | shape |\n|---|---|---|")?;
    let mut shapes = BTreeMap::new();
    let of_errors = Failure::kind();
    collect(&of_errors, &mut shapes);
    for (command, prints, kinds) in COMMANDS {
        let kinds: Vec<_> = kinds.iter().map(|kind| kind()).collect();
        kinds.iter().for_each(|kind| collect(kind, &mut shapes));
        let links: Vec<_> = kinds.iter().map(in_words).collect();
        writeln!(out, "| `{command}` | {prints} | {} |", links.join(", "))?;
    }
    writeln!(out, "\n## Shapes")?;
    shapes.values().try_for_each(|shape| write_shape(out, shape))
}

/// All shapes in a value, by name.
fn collect(kind: &Kind, shapes: &mut BTreeMap<&'static str, Shape>) {
    match kind {
        Kind::List(of) | Kind::Map(of) | Kind::OrNull(of) => collect(of, shapes),
        Kind::Object(shape) => {
            shape.members.iter().for_each(|member| collect(&member.kind, shapes));
            shapes.insert(shape.name, shape.clone());
        }
        Kind::Number | Kind::Truth | Kind::Text(_) | Kind::Words(_) | Kind::Any(_) => {}
    }
}

fn write_shape(out: &mut dyn Write, shape: &Shape) -> io::Result<()> {
    writeln!(out, "\n### {}\n\n{}\n\n| member | value | meaning |\n|---|---|---|", shape.name, shape.about)?;
    let mut members: Vec<_> = shape.members.iter().collect();
    members.sort_by(|one, other| one.name.cmp(&other.name));
    for Member { name, about, kind, may_be_absent } in members {
        let absent = if *may_be_absent { "; may be absent" } else { "" };
        writeln!(out, "| `{name}` | {}{absent} | {} |", in_words(kind), about.replace('|', "\\|"))?;
    }
    Ok(())
}

/// What a value is, as the page says it.
fn in_words(kind: &Kind) -> String {
    match kind {
        Kind::Number => "number".to_owned(),
        Kind::Truth => "true or false".to_owned(),
        Kind::Text("") => "text".to_owned(),
        Kind::Text(what) => format!("text: {what}"),
        Kind::Words(words) => {
            let mut text = String::new();
            for (at, word) in words.iter().enumerate() {
                let between = match at {
                    0 => "",
                    _ if at + 1 == words.len() => " or ",
                    _ => ", ",
                };
                let _ = write!(text, "{between}`{word}`");
            }
            text
        }
        Kind::List(of) => format!("list of {}", in_words(of)),
        Kind::Map(of) => format!("members with {}", in_words(of)),
        Kind::OrNull(of) => format!("{}, or null", in_words(of)),
        Kind::Object(shape) => format!("[`{}`](#{})", shape.name, shape.name.to_lowercase()),
        Kind::Any(what) => format!("any: {what}"),
    }
}
