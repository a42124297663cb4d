//! `vouchsafe list`, `find` and `show`

use std::io::Write;

use unicode_width::UnicodeWidthStr as _;
use vouchsafe_archive::metadata;
use vouchsafe_archive::{Archive, ExhibitRow, Filter, Holder, LoggedEntry, Partner, in_order_of_display};
use vouchsafe_core::digest::Digest;
use vouchsafe_core::model::{Event, ExhibitId, FieldName, MediaType};

use super::agent_names::{agent_name, find_agent};
use super::context::Context;
use super::done::Done;
use super::entry::{approvals_json, unanchored};
use super::error::CommandError;
use super::nothing;
use super::output::{self, bytes, count, number, printable, shorten, table, time};

/// List exhibits
///
/// In the order of ingest. All conditions must hold.
#[derive(clap::Args)]
pub struct ListArguments {
    #[command(flatten)]
    conditions: Conditions,
}

/// Find exhibits by file name, title, exhibit number, exhibit name or SHA-256, or by a field with --field
///
/// TEXT is looked for in file names, titles and exhibit numbers, whatever its letter case and Unicode
/// form; an exhibit's name (or its beginning) or an object's SHA-256 finds just that. Other fields are looked at with
/// --field, and what the exhibits contain is not. Where nothing is found, the
/// fields that have the text are named.
#[derive(clap::Args)]
pub struct FindArguments {
    /// What to look for
    #[arg(value_name = "TEXT")]
    text: Option<String>,
    #[command(flatten)]
    conditions: Conditions,
}

#[derive(clap::Args)]
struct Conditions {
    /// Belongs to a collection whose name contains this
    #[arg(long, value_name = "NAME")]
    collection: Option<String>,
    /// Media type, its first half, or a usual ending: application/pdf, image, hwp
    #[arg(long = "type", value_name = "TYPE")]
    media_type: Option<String>,
    /// File name, title or exhibit number contains this
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,
    /// Any field contains a text; may be repeated
    #[arg(long, value_name = "NAME=TEXT")]
    field: Vec<String>,
    /// Ingested by this agent: the beginning of a fingerprint, or a name
    #[arg(long, value_name = "AGENT")]
    agent: Option<String>,
    /// Recorded on this day (UTC) or later
    #[arg(long, value_name = "DATE")]
    since: Option<String>,
    /// Recorded on this day (UTC) or earlier
    #[arg(long, value_name = "DATE")]
    until: Option<String>,
    /// At most so many
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
}

/// Show an exhibit with all its fields and entries
#[derive(clap::Args)]
pub struct ShowArguments {
    /// The exhibit's name, or a beginning of it
    #[arg(value_name = "EXHIBIT")]
    exhibit: String,
}

pub fn list(context: &Context, arguments: &ListArguments) -> Result<Done, CommandError> {
    let archive = context.open()?;
    let filter = filter(&archive, &arguments.conditions)?;
    print_found(context, &archive, &filter, arguments.conditions.limit, true)
}

pub fn find(context: &Context, arguments: &FindArguments) -> Result<Done, CommandError> {
    let archive = context.open()?;
    let mut filter = filter(&archive, &arguments.conditions)?;
    let Some(text) = &arguments.text else {
        return print_found(context, &archive, &filter, arguments.conditions.limit, false);
    };
    if let Ok(object) = text.parse::<Digest>() {
        filter.object = Some(object);
    } else if let Some(exhibit) = text
        .get(..2)
        .filter(|start| start.eq_ignore_ascii_case("x-"))
        .and_then(|_| context.exhibit(&archive, text).ok())
    {
        let row = archive.exhibit(exhibit)?;
        return print_rows(context, &archive, vec![(exhibit, row)]);
    } else if filter.name.replace(text.clone()).is_some() {
        return Err(CommandError::usage("give either TEXT or --name, not both"));
    }
    print_found(context, &archive, &filter, arguments.conditions.limit, false)
}

fn filter(archive: &Archive, conditions: &Conditions) -> Result<Filter, CommandError> {
    let mut fields = Vec::new();
    for argument in &conditions.field {
        let (name, part) = argument
            .split_once('=')
            .ok_or_else(|| CommandError::usage(format!("{argument:?}: a condition on a field is NAME=TEXT")))?;
        let name: FieldName = name.parse().map_err(|error| CommandError::usage(format!("{error}")))?;
        fields.push((name, part.to_owned()));
    }
    if let Some(collection) = &conditions.collection {
        let name = "collection".parse().map_err(|error| CommandError::usage(format!("{error}")))?;
        fields.push((name, collection.clone()));
    }
    for date in [&conditions.since, &conditions.until].into_iter().flatten() {
        let is_iso = date.len() >= 4 && date.bytes().all(|byte| byte.is_ascii_digit() || b"-:.TZ".contains(&byte));
        metadata::check_date(date.get(..10).unwrap_or(date))
            .ok()
            .filter(|()| is_iso)
            .ok_or_else(|| CommandError::usage(format!("{date:?} is not a day such as 2026-11-23")))?;
    }
    Ok(Filter {
        name: conditions.name.clone(),
        media_type: conditions.media_type.as_deref().map(media_type),
        object: None,
        actor: conditions.agent.as_deref().map(|typed| find_agent(archive, typed)).transpose()?,
        since: conditions.since.clone(),
        until: conditions.until.clone(),
        fields,
    })
}

/// A media type, or the ending of file names, in the form in which the archive knows it.
fn media_type(typed: &str) -> String {
    let typed = typed.to_ascii_lowercase();
    match typed.trim_start_matches('.') {
        "jpeg" => "jpg",
        "tiff" => "tif",
        "htm" => "html",
        "mpeg" => "mpg",
        known => known,
    }
    .to_owned()
}

/// So many rows are put into columns together.
const ROWS_TOGETHER: usize = 1_000;

fn print_found(
    context: &Context,
    archive: &Archive,
    filter: &Filter,
    limit: Option<usize>,
    is_list: bool,
) -> Result<Done, CommandError> {
    let mut rows = Vec::new();
    let mut output_error = None;
    let (mut found, mut found_bytes, mut has_more) = (0_u64, 0, false);
    archive.find(filter, |exhibit, row| {
        if limit.is_some_and(|limit| found >= limit as u64) {
            has_more = true;
            return false;
        }
        found += 1;
        found_bytes += row.size_bytes;
        rows.push((exhibit, row));
        if rows.len() == ROWS_TOGETHER {
            output_error = print_rows(context, archive, std::mem::take(&mut rows)).err();
        }
        output_error.is_none()
    })?;
    if let Some(error) = output_error {
        return Err(error);
    }
    print_rows(context, archive, rows)?;
    if found == 0 && !has_more && archive.index().totals().exhibits > 0 {
        nothing::explain(archive, filter)?;
    }
    if context.options.json {
        return Ok(Done::Well);
    }
    let mut out = std::io::stdout().lock();
    let totals = archive.index().totals();
    let found_text = count(found, "exhibit");
    if has_more {
        writeln!(out, "{found_text} shown; there are more")?;
    } else if is_list && found == totals.exhibits {
        writeln!(out, "{found_text}, {} ({})", count(totals.objects, "object"), bytes(totals.object_bytes))?;
    } else {
        writeln!(out, "{found_text} found ({})", bytes(found_bytes))?;
    }
    Ok(Done::Well)
}

fn print_rows(context: &Context, archive: &Archive, rows: Vec<(ExhibitId, ExhibitRow)>) -> Result<Done, CommandError> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    if context.options.json {
        let not_understood = archive.not_understood_by_exhibit()?;
        for (exhibit, row) in &rows {
            let mut value = json_of(*exhibit, row);
            // Where all is understood, a list is what it always was.
            let things = not_understood.of(*exhibit)?;
            if !things.is_empty() {
                value["not_understood"] = serde_json::json!(things);
            }
            output::json(&mut out, &value)?;
        }
        out.flush()?;
        return Ok(Done::Well);
    }
    table(&mut out, &cells(&rows, output::terminal_width()))?;
    out.flush()?;
    Ok(Done::Well)
}

/// The columns of a list, for a terminal of this width. Where it is too narrow for all of them, names are shortened
/// first, and then columns are left out: a line that the terminal breaks by itself cannot be read.
fn cells(rows: &[(ExhibitId, ExhibitRow)], width: Option<usize>) -> Vec<Vec<String>> {
    let text = |row: &ExhibitRow, field: &str| {
        row.field(field).map(|value| output::value(value).replace('\n', " ")).unwrap_or_default()
    };
    let all: Vec<Vec<String>> = rows
        .iter()
        .map(|(exhibit, row)| {
            vec![
                exhibit.to_string(),
                row.recorded_at.to_string()[..10].to_owned(),
                format!("{:>11}", bytes(row.size_bytes)),
                shorten(MediaType::told(row.media_type.as_ref()), 24),
                shorten(&text(row, "original_name"), 48),
                shorten(&text(row, "title"), 40),
            ]
        })
        .collect();
    let Some(width) = width else { return all };
    let widest = |column: usize| all.iter().map(|row| row[column].width()).max().unwrap_or(0);
    let mut kept: Vec<usize> = (0..6).collect();
    // The title goes last: it says most.
    for left_out in [None, Some(3), Some(2), Some(1), Some(4)] {
        kept.retain(|column| Some(*column) != left_out);
        let fixed: usize = kept.iter().filter(|column| **column < 4).map(|column| widest(*column) + 2).sum();
        let names: Vec<usize> = kept.iter().copied().filter(|column| *column >= 4).collect();
        let room = width.saturating_sub(fixed + 2 * names.len().saturating_sub(1));
        let wanted: usize = names.iter().map(|column| widest(*column)).sum();
        if wanted <= room || room >= LEAST_NAME * names.len() || left_out == Some(4) {
            let share = room / names.len().max(1);
            let limit = |column: usize| if column >= 4 && wanted > room { share.max(1) } else { usize::MAX };
            return all
                .iter()
                .map(|row| kept.iter().map(|column| shorten(&row[*column], limit(*column))).collect())
                .collect();
        }
    }
    all
}

/// The fewest columns in which a name says anything.
const LEAST_NAME: usize = 16;

fn json_of(exhibit: ExhibitId, row: &ExhibitRow) -> serde_json::Value {
    let fields = output::json_fields(row.fields.iter().map(|(name, value)| (name, value)));
    serde_json::json!({
        "exhibit": exhibit, "object": row.object, "size_bytes": row.size_bytes, "media_type": row.media_type,
        "index": row.ingested_at, "recorded_at": row.recorded_at, "actor": row.actor, "fields": fields,
    })
}

/// The archives that an exhibit came from, and what each calls it, with whether they were ever compared with what came from
/// outside.
fn senders(archive: &Archive, history: &[LoggedEntry]) -> Result<Vec<(Partner, ExhibitId)>, CommandError> {
    let mut senders: Vec<(Partner, ExhibitId)> = Vec::new();
    for logged in history {
        let Event::ExhibitReceived(body) = &logged.entry.entry.event else { continue };
        // An entry that cannot be read is named elsewhere.
        let Ok(Some(partner)) = archive.sender_of(body.bundle) else { continue };
        let is_same = |(known, foreign): &(Partner, ExhibitId)| {
            known.archive == partner.archive && *foreign == body.foreign_exhibit
        };
        if !senders.iter().any(is_same) {
            senders.push((partner, body.foreign_exhibit));
        }
    }
    if !senders.is_empty() {
        let compared = archive.compared_archives()?;
        senders.iter_mut().for_each(|(partner, _)| partner.is_anchored = compared.contains(&partner.archive));
    }
    Ok(senders)
}

pub fn show(context: &Context, arguments: &ShowArguments) -> Result<Done, CommandError> {
    let archive = context.open()?;
    let exhibit = context.exhibit(&archive, &arguments.exhibit)?;
    let row = archive.exhibit(exhibit)?;
    let (history, mut unread) = archive.readable_custody(exhibit)?;
    let mut verified = archive.verified(exhibit)?;
    unread.append(&mut verified.unread);
    let (holders, mut about_transfers) = archive.holders([exhibit])?;
    about_transfers.retain(|entry| !unread.contains(entry));
    unread.append(&mut about_transfers);
    let holder = holders.into_iter().next().map(|(_, holder)| holder);
    let senders = senders(&archive, &history)?;
    let not_understood = archive.not_understood_by_exhibit()?.of(exhibit)?;
    let done = match output::warn_unread(&unread, "What it says is not shown") {
        true => Done::WithFindings,
        false => Done::Well,
    };
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    if context.options.json {
        let mut value = json_of(exhibit, &row);
        let entries: Vec<_> = history.iter().map(|logged| logged.entry.entry.index).collect();
        value["entries"] = serde_json::json!(entries);
        let approved =
            history.iter().map(|logged| &logged.entry.entry).filter(|entry| !entry.attached.approvals.is_empty());
        value["approved"] = approved
            .map(|entry| serde_json::json!({ "index": entry.index, "approvals": approvals_json(&archive, entry) }))
            .collect();
        value["last_proven_good"] = serde_json::json!(verified.last_proven_good);
        value["found_damaged"] = serde_json::json!(verified.found_damaged);
        value["custody"] = serde_json::json!(holder);
        let came_from = senders.iter().map(|(Partner { archive, is_anchored }, foreign)| {
            serde_json::json!({
                "origin": archive.origin(), "fingerprint": archive.fingerprint(), "exhibit": foreign, "anchored": is_anchored,
            })
        });
        value["came_from"] = came_from.collect();
        value["unread_entries"] = serde_json::json!(unread);
        value["not_understood"] = serde_json::json!(not_understood);
        output::json(&mut out, &value)?;
        out.flush()?;
        return Ok(done);
    }
    let object = archive.object(row.object)?;
    writeln!(out, "{exhibit}")?;
    let width = 12;
    output::labelled(&mut out, 2, "SHA-256", width, &row.object.to_string())?;
    output::labelled(&mut out, 2, "size", width, &count(row.size_bytes, "byte"))?;
    output::labelled(&mut out, 2, "media type", width, MediaType::told(row.media_type.as_ref()))?;
    let who = agent_name(&archive, row.actor);
    output::labelled(
        &mut out,
        2,
        "ingested",
        width,
        &format!("{} by {who} (entry {})", time(row.recorded_at), row.ingested_at),
    )?;
    output::labelled(&mut out, 2, "kept in", width, &format!("{} at byte {}", object.volume(), number(object.offset)))?;
    let may_pass = not_understood.iter().filter(|thing| !thing.is_sealed()).find_map(|thing| thing.index);
    if let Some(index) = may_pass {
        let custody = format!("not known: entry {index} is not understood, and may say that it passed");
        output::labelled(&mut out, 2, "custody", width, &custody)?;
    } else if let Some(Holder { origin, is_here, from, index, at, anchored }) = &holder {
        let (at, mark) = (time(*at), unanchored(*anchored));
        let custody = match is_here {
            true => {
                format!("here; it passed from {} to this archive, {at}, entry {index}{mark}", printable(from.as_str()))
            }
            false => format!("with {}, to which it passed, {at}, entry {index}{mark}", printable(origin.as_str())),
        };
        output::labelled(&mut out, 2, "custody", width, &custody)?;
    }
    if let Some(logged) = history.iter().find(|logged| logged.entry.entry.attached.sealed.is_some()) {
        let index = logged.entry.entry.index;
        output::labelled(&mut out, 2, "sealed", width, &format!("entry {index}; what is sealed is not shown"))?;
    }
    for (partner, foreign) in &senders {
        let (archive, mark) = (printable(&partner.archive.to_string()), unanchored(partner.is_anchored));
        output::labelled(&mut out, 2, "came from", width, &format!("{archive} as {foreign}{mark}"))?;
    }
    let proven = match &verified.last_proven_good {
        Some(proof) => format!(
            "last proven good {}, entry {}, by a verification of {} ({})",
            time(proof.recorded_at),
            proof.index,
            proof.coverage.scope(),
            agent_name(&archive, proof.actor)
        ),
        None => "no recorded verification has proven it good since it was ingested".to_owned(),
    };
    if let Some(index) = verified.found_damaged {
        output::labelled(&mut out, 2, "DAMAGED", width, &format!("found by the verification of entry {index}"))?;
    }
    output::labelled(&mut out, 2, "verified", width, &proven)?;
    writeln!(out, "\n  Fields (private: the log holds only their digests)")?;
    let fields = in_order_of_display(&row.fields);
    let width = fields.iter().map(|(name, _)| name.as_str().len()).max().unwrap_or(0);
    for (name, value) in fields {
        output::labelled(&mut out, 4, name.as_str(), width, &output::value(value))?;
    }
    writeln!(out, "\n  Entries")?;
    let rows: Vec<_> = history
        .iter()
        .map(|logged| {
            let entry = &logged.entry.entry;
            let what = match &entry.event {
                Event::ExhibitNoted(_) => logged.field("note").map(output::value).unwrap_or_default(),
                Event::CopyIssued(_) => {
                    logged.field("recipient").map(|to| format!("to {}", output::value(to))).unwrap_or_default()
                }
                _ => String::new(),
            };
            let approved = entry.attached.approvals.iter().map(|approval| agent_name(&archive, approval.key));
            let approved = match approved.collect::<Vec<_>>() {
                names if names.is_empty() => String::new(),
                names => format!("approved by {}", names.join(", ")),
            };
            vec![
                format!("    {}", entry.index),
                time(entry.occurred_at),
                entry.event.name().to_owned(),
                [agent_name(&archive, entry.actor), shorten(&what.replace('\n', " "), 50), approved]
                    .into_iter()
                    .filter(|part| !part.is_empty())
                    .collect::<Vec<_>>()
                    .join("  "),
            ]
        })
        .collect();
    table(&mut out, &rows)?;
    out.flush()?;
    Ok(done)
}
