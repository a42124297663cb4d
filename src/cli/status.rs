//! `vouchsafe status`

use std::collections::BTreeMap;
use std::io::Write;

use vouchsafe_archive::{
    CopyStanding, Environment, Grade, LastVerification, Overview, Weight, cached_index, health, transfer,
};
use vouchsafe_core::model::Verdict;

use super::context::Context;
use super::done::Done;
use super::error::CommandError;
use super::forget_index;
use super::json;
use super::output::{self, bytes, count, number, printable};
use super::passed::TRANSFERS_UNREAD;
use super::risks::{print_risks, risks_json};
use super::times::{short_time, zone_line};

/// Show the archive on one page: contents, head, copies and last verification
///
/// Warns if there are fewer than three copies (counting the archive itself), if none is at another site, if all are on
/// the same kind of medium, or if one lacks entries. The exact place of a copy is shown only to those who can read the
/// archive.
#[derive(clap::Args)]
pub struct Arguments {}

pub fn run(context: &Context, _arguments: &Arguments) -> Result<Done, CommandError> {
    let archive = context.open()?;
    let overview = health::overview(&archive, context.environment.now())?;
    let done =
        if overview.risks.iter().any(|risk| risk.weight < Weight::Notice) { Done::WithFindings } else { Done::Well };
    let mut passed = BTreeMap::new();
    let (holders, unread) = transfer::passed_on(&archive)?;
    let done = if output::warn_unread(&unread, TRANSFERS_UNREAD) { Done::WithFindings } else { done };
    for (_, holder) in holders {
        *passed.entry(holder.origin.to_string()).or_insert(0_u64) += 1;
    }
    let mut out = std::io::stdout().lock();
    if context.options.json {
        let head = &overview.head.checkpoint;
        output::json(
            &mut out,
            &json::Status {
                agents: &overview.agents,
                archive: context.archive().display().to_string(),
                cached_index: cached_index(&context.folders.cache, context.archive(), overview.fingerprint)
                    .map(|kept| kept.folder.display().to_string()),
                copies: &overview.copies,
                custody_passed: &passed,
                descriptions: grades(&overview).map(|(grade, count)| (grade.to_owned(), count)).collect(),
                fingerprint: overview.fingerprint,
                last_recorded: overview.last_recorded,
                last_verification: &overview.verified,
                log_is_whole: overview.is_whole,
                not_understood: &overview.not_understood,
                origin: &head.origin,
                root: head.root,
                size: head.size,
                totals: overview.totals,
                volume_bytes: overview.volume_bytes,
                volumes: overview.volumes,
                warnings: risks_json(&overview.risks),
            },
        )?;
        return Ok(done);
    }
    render_overview(&mut out, context, &overview, forget_index::kept_index(context, archive.description()))?;
    for (origin, exhibits) in passed {
        writeln!(out, "\nCustody of {} has passed to {}", count(exhibits, "exhibit"), printable(&origin))?;
    }
    print_risks(&mut out, &overview.risks)?;
    if overview.risks.is_empty() {
        writeln!(out, "\nThe rule of three copies is kept. `vouchsafe doctor` checks the rest.")?;
    }
    Ok(done)
}

fn render_overview(
    out: &mut dyn Write,
    context: &Context,
    overview: &Overview,
    kept: Option<String>,
) -> Result<(), CommandError> {
    let head = &overview.head.checkpoint;
    let totals = &overview.totals;
    let revoked = overview.agents.iter().filter(|agent| agent.revoked).count() as u64;
    let replaced = overview.agents.iter().filter(|agent| agent.replaced).count() as u64;
    let ended: Vec<_> = [(revoked, "revoked"), (replaced, "replaced by another key")]
        .into_iter()
        .filter(|(ended, _)| *ended > 0)
        .map(|(ended, how)| format!("{} {how}", number(ended)))
        .collect();
    let agents = match ended.as_slice() {
        [] => number(overview.agents.len() as u64),
        ended => format!("{}, including {}", number(overview.agents.len() as u64), ended.join(" and ")),
    };
    let last = overview.last_recorded.map(|last| format!(", the last of {}", short_time(last))).unwrap_or_default();
    writeln!(out, "{}  in {}\n", head.origin, printable(&context.archive().display().to_string()))?;
    let rows = vec![
        vec!["fingerprint".to_owned(), overview.fingerprint.paper()],
        vec!["exhibits".to_owned(), number(totals.exhibits)],
        vec!["described".to_owned(), descriptions(overview)],
        vec!["objects".to_owned(), format!("{} ({})", number(totals.objects), bytes(totals.object_bytes))],
        vec!["volumes".to_owned(), format!("{} ({})", number(overview.volumes), bytes(overview.volume_bytes))],
        vec!["entries".to_owned(), format!("{}{last}", number(head.size))],
        vec!["root".to_owned(), head.root.to_string()],
        vec!["agents".to_owned(), agents],
        vec!["verified".to_owned(), overview.verified.as_ref().map_or_else(|| "never".to_owned(), verification)],
    ];
    output::table(out, &rows)?;
    if let Some(kept) = kept {
        output::hanging(out, &format!("kept for reading: {kept}"), 2)?;
    }
    let (copies, others) = (overview.copies.len() + 1, count_copies(overview));
    match overview.is_whole {
        true => writeln!(out, "\nCopies in all: {copies} (this archive and {others})")?,
        false => writeln!(out, "\nCopies recorded in the readable part of the log: {others}")?,
    }
    let rows = overview.copies.iter().map(copy).collect::<Vec<_>>();
    output::table(out, &rows)?;
    if let Some(line) = zone_line() {
        writeln!(out)?;
        output::hanging(out, &line, 2)?;
    }
    Ok(())
}

/// Every grade of a description, and how many exhibits have it.
fn grades(overview: &Overview) -> impl Iterator<Item = (&'static str, u64)> {
    Grade::ALL.into_iter().map(|grade| (grade.name(), overview.grades.get(&grade).copied().unwrap_or_default()))
}

fn descriptions(overview: &Overview) -> String {
    let grades = grades(overview).filter(|(_, count)| *count > 0);
    match grades.map(|(grade, count)| format!("{} {grade}", number(count))).collect::<Vec<_>>() {
        grades if grades.is_empty() => number(0),
        grades => grades.join(", "),
    }
}

fn count_copies(overview: &Overview) -> String {
    match overview.copies.len() {
        0 => "no other".to_owned(),
        1 => "1 other".to_owned(),
        others => format!("{others} others"),
    }
}

fn copy(copy: &CopyStanding) -> Vec<String> {
    let how_far = match copy.lacks_entries {
        0 => "holds everything".to_owned(),
        lacking => format!("lacks {}", count(lacking, "entry")),
    };
    let mut row = vec![
        format!("  {}", copy.copy),
        format!("{}, {}", copy.place.medium, copy.place.site),
        how_far,
        format!("as of {}", short_time(copy.recorded_at)),
    ];
    row.extend(copy.place_text.as_ref().map(|text| output::printable(text)));
    row
}

fn verification(last: &LastVerification) -> String {
    let verdict = match last.verdict {
        Verdict::Sound => "sound",
        Verdict::Degraded => "degraded",
        Verdict::Failed => "FAILED",
    };
    let scope = match last.is_whole {
        true => format!("all {}", count(last.objects_held, "object")),
        false => format!("{} of {}", number(last.objects), count(last.objects_held, "object")),
    };
    format!("{}: {verdict} ({}, {scope})", short_time(last.recorded_at), count(last.size, "entry"))
}
