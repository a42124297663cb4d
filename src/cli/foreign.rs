//! The histories that an exhibit had in other archives, beside its own.

use std::io::{self, Write};

use serde_json::Value;
use vouchsafe::archive::{Archive, ForeignHistory, LoggedEntry, UnreadHistory};

use super::context::agent_name;
use super::custody::sentence_with;
use super::output::{self, count, printable, time};

/// All entries in one line of time, as they were recorded; each log's own order stays. With an entry of another
/// archive comes the history that it is of.
pub fn in_order<'a>(
    own: &'a [LoggedEntry],
    foreign: &'a [ForeignHistory],
) -> Vec<(&'a LoggedEntry, Option<&'a ForeignHistory>)> {
    let elsewhere =
        foreign.iter().flat_map(|history| history.entries.iter().map(move |logged| (logged, Some(history))));
    let mut all: Vec<_> = elsewhere.chain(own.iter().map(|logged| (logged, None))).collect();
    all.sort_by_key(|(logged, _)| logged.entry.entry.recorded_at);
    all
}

/// Prints an entry of another archive, or of this one about an exhibit that came back.
pub fn print_entry(
    out: &mut dyn Write,
    archive: &Archive,
    logged: &LoggedEntry,
    history: &ForeignHistory,
) -> io::Result<()> {
    let entry = &logged.entry.entry;
    let origin = printable(&history.origin.to_string());
    let who = |key: vouchsafe::sign::KeyId| match history.is_own {
        true => agent_name(archive, key),
        false => format!("an agent of {origin} ({key})"),
    };
    writeln!(out, "{}  {}", time(entry.occurred_at), sentence_with(logged, &who))?;
    if entry.occurred_at != entry.recorded_at {
        writeln!(out, "    recorded later, at {}", time(entry.recorded_at))?;
    }
    let mut fields: Vec<_> = logged.fields.iter().collect();
    fields.sort_by_key(|field| field.name().clone());
    let width = fields.iter().map(|field| field.name().as_str().len()).max().unwrap_or(0);
    for field in &fields {
        output::labelled(out, 4, field.name().as_str(), width, &output::value(field.value()))?;
    }
    let withheld = entry.event.fields().len().saturating_sub(fields.len());
    if withheld > 0 {
        writeln!(out, "    {} withheld by whoever handed it over", count(withheld as u64, "field"))?;
    }
    let log = if history.is_own { "this archive's own log".to_owned() } else { format!("the log {origin}") };
    writeln!(out, "    entry {} of {log}, about its exhibit {}\n", entry.index, history.exhibit)
}

/// Tells by what the entries of other archives are proved, and what speaks against them.
pub fn print_proofs(out: &mut dyn Write, foreign: &[ForeignHistory]) -> io::Result<()> {
    for history in foreign {
        let origin = printable(&history.origin.to_string());
        let entries = count(history.size, "entry");
        writeln!(
            out,
            "Proved by the log {origin} of {entries}, root {}, in the bundle {}",
            history.root, history.bundle
        )?;
        let keys = match (&history.through, history.anchored) {
            _ if history.is_own => "this archive's own log, by its own log key".to_owned(),
            (Some(through), _) => {
                format!("handed on by {}; its keys were not compared here", printable(through.as_str()))
            }
            (None, true) => "its keys were compared with keys from outside when it was taken in".to_owned(),
            (None, false) => "its keys were NOT compared with keys from outside".to_owned(),
        };
        writeln!(out, "  {keys}")?;
        for finding in &history.findings {
            writeln!(out, "  {}  {}: {}", finding.code, printable(&finding.place), printable(&finding.message))?;
        }
    }
    Ok(())
}

/// That a history of another archive cannot be read, and why.
pub fn told(UnreadHistory { bundle, exhibit, reason }: &UnreadHistory) -> String {
    let reason = output::one_line(reason);
    format!(
        "the history that it had elsewhere as {exhibit}, in the bundle {bundle}, cannot be read: {reason}; see \
         `vouchsafe repair`"
    )
}

/// Adds to an entry's data where it is from.
pub fn json_of(mut entry: Value, history: &ForeignHistory) -> Value {
    if !history.is_own {
        entry["actor_name"] = Value::Null;
    }
    entry["foreign"] = serde_json::json!({
        "origin": history.origin, "bundle": history.bundle, "size": history.size, "root": history.root,
        "anchored": history.anchored, "own": history.is_own, "through": history.through, "findings": history.findings,
    });
    entry
}
