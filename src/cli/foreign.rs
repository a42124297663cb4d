//! The histories that an exhibit had in other archives, shown beside its own.

use std::io::{self, Write};

use vouchsafe_archive::{
    ForeignHistory, Histories, HistoryElsewhere, LoggedEntry, NotCompared, Reader, UnreadHistory, WhyUnread,
};
use vouchsafe_core::format::ArchiveIdentity;
use vouchsafe_core::format::identity::ArchiveNames;

use super::agent_names::agent_name;
use super::entry::{print_approvals, sentence_with};
use super::json;
use super::output::{self, FIELDS_INDENT, SENTENCE_INDENT, count, printable};
use super::say;
use super::times::{recorded_in_utc, short_time, time};

/// The names of the archives involved, including this one.
pub fn names(archive: &Reader, foreign: &Histories) -> ArchiveNames {
    let mut names = ArchiveNames::default();
    names.add(&archive.identity());
    foreign.archives().for_each(|archive| names.add(archive));
    names
}

/// Prints an entry of another archive, or one of this archive about an exhibit that came back.
pub fn print_entry(
    out: &mut dyn Write,
    archive: &Reader,
    logged: &LoggedEntry,
    history: &ForeignHistory,
    names: &ArchiveNames,
) -> io::Result<()> {
    let entry = &logged.entry.entry;
    let origin = printable(&names.called(&history.archive));
    let who = |key: vouchsafe_core::sign::KeyId| match history.is_own {
        true => agent_name(archive, key),
        false => format!("an agent of {origin} ({key})"),
    };
    let here = if history.is_own { "this archive" } else { origin.as_str() };
    let line = format!("{}  {}", short_time(entry.occurred_at), sentence_with(logged, here, &who));
    output::hanging(out, &line, SENTENCE_INDENT)?;
    if entry.occurred_at != entry.recorded_at {
        writeln!(out, "    recorded later, at {}", time(entry.recorded_at))?;
    }
    let mut fields: Vec<_> = logged.fields.iter().collect();
    fields.sort_by_key(|field| field.name().clone());
    let width = fields.iter().map(|field| field.name().as_str().len()).max().unwrap_or(0);
    if !fields.is_empty() {
        writeln!(out, "    in its words (not checked):")?;
    }
    for field in &fields {
        output::labelled(out, FIELDS_INDENT, field.name().as_str(), width, &output::value(field.value()))?;
    }
    if let Some(other_side) = history.other_sides.get(&entry.index).filter(|_| !history.is_own) {
        writeln!(out, "    {}", other_side.told().0)?;
    }
    let withheld = logged.withheld_fields();
    if withheld > 0 {
        writeln!(out, "    {} withheld by the sender", count(withheld, "field"))?;
    }
    print_approvals(out, entry, &who)?;
    let log = if history.is_own { "this archive's own log".to_owned() } else { format!("the log {origin}") };
    let recorded = recorded_in_utc(entry.recorded_at);
    let line = format!("    entry {} of {log}{recorded}, about its exhibit {}", entry.index, history.exhibit);
    output::hanging(out, &line, SENTENCE_INDENT)?;
    writeln!(out)
}

/// Names what proves the entries of other archives, and the findings against them.
pub fn print_proofs(out: &mut dyn Write, foreign: &[HistoryElsewhere<'_>], names: &ArchiveNames) -> io::Result<()> {
    for HistoryElsewhere { history, through } in foreign {
        let origin = printable(&names.called(&history.archive));
        let entries = count(history.size, "entry");
        writeln!(
            out,
            "Proved by the log {origin} of {entries}, root {}, in the bundle {}",
            history.root, history.bundle
        )?;
        let keys = match (through.map(ArchiveIdentity::origin), history.anchored) {
            _ if history.is_own => "this archive's own log, by its own log key".to_owned(),
            (Some(through), false) => {
                format!("handed on by {}; its fingerprint was not compared here", printable(through.as_str()))
            }
            (Some(through), true) => {
                format!("handed on by {}; its fingerprint is one that was compared before", printable(through.as_str()))
            }
            (None, true) => "its fingerprint was compared with one from outside".to_owned(),
            (None, false) => "its fingerprint was NOT compared with one from outside".to_owned(),
        };
        writeln!(out, "  {keys}")?;
        if !history.is_own {
            writeln!(out, "  fingerprint {}", history.archive.fingerprint().paper())?;
        }
        for finding in &history.findings {
            writeln!(out, "{}", output::finding_line(finding))?;
        }
    }
    Ok(())
}

/// States that a history of another archive cannot be read, and why. What was never handed on to this archive is not reported.
pub fn told(UnreadHistory { bundle, exhibit, why }: &UnreadHistory) -> Option<String> {
    let WhyUnread::Unreadable { reason, is_damaged } = why else { return None };
    let (reason, way_out) = (output::printable(reason), way_out(*is_damaged));
    Some(format!(
        "its history in another archive, as {exhibit} in the bundle {bundle}, cannot be read: {reason}; {way_out}"
    ))
}

/// What to do about something from another archive that cannot be read.
pub const fn way_out(is_damaged: bool) -> &'static str {
    match is_damaged {
        true => "see `vouchsafe repair`",
        false => "nothing here is damaged, since it arrived like this: ask its sender for another bundle",
    }
}

/// Warns of what could not be compared with the new bundle or letter. True if there is any.
pub fn warn_not_compared(not_compared: &[NotCompared]) -> bool {
    for NotCompared { what, reason, is_damaged, .. } in not_compared {
        let (reason, way_out) = (output::printable(reason), way_out(*is_damaged));
        say::warning(format_args!("{what} cannot be read, so it was not compared with this: {reason}; {way_out}"));
    }
    !not_compared.is_empty()
}

/// The log that an entry is from, as data.
pub fn json_of(HistoryElsewhere { history, through }: HistoryElsewhere<'_>) -> json::ForeignLog<'_> {
    json::ForeignLog {
        anchored: history.anchored,
        bundle: history.bundle,
        findings: &history.findings,
        fingerprint: history.archive.fingerprint(),
        log_key: history.log_key.to_string(),
        origin: history.archive.origin(),
        own: history.is_own,
        root: history.root,
        size: history.size,
        through: through.map(ArchiveIdentity::origin),
    }
}
