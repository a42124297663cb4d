//! `vouchsafe show`

use std::io::Write;

use vouchsafe_archive::{
    ExhibitStory, Grade, Grading, Holder, Partner, grade, in_order_of_display, not_understood_by_exhibit, same_bytes,
    verified,
};
use vouchsafe_core::model::vocabulary::{KnownField, ORIGINAL_NAME, Obligation};
use vouchsafe_core::model::{Event, MediaType};

use super::agent_names::agent_name;
use super::context::Context;
use super::done::Done;
use super::entry::{approvals_json, unanchored};
use super::error::CommandError;
use super::exhibit_names::find_exhibit;
use super::exhibit_rows::json_of;
use super::json;
use super::output::{self, count, number, printable, shorten, table};
use super::times::{short_time, time, zone_line};

/// At most this many exhibits with the same bytes are named.
const SAME_SHOWN: usize = 5;

/// Show an exhibit with all its fields and entries
#[derive(clap::Args)]
pub struct Arguments {
    /// The exhibit's name, or the beginning of it
    #[arg(value_name = "EXHIBIT")]
    exhibit: String,
    /// List everything that a court would ask and the description leaves open, in English and Korean
    #[arg(long)]
    questions: bool,
}

pub fn run(context: &Context, arguments: &Arguments) -> Result<Done, CommandError> {
    let archive = context.open()?;
    let exhibit = find_exhibit(&archive, &arguments.exhibit)?;
    let story = ExhibitStory::read(&archive, exhibit)?;
    let (row, history, mut unread) = (&story.row, &story.entries, story.unread.clone());
    let mut verified = verified(&archive, exhibit)?;
    unread.append(&mut verified.unread);
    let (holder, mut about_transfers) = story.holder(&archive)?;
    about_transfers.retain(|entry| !unread.contains(entry));
    unread.append(&mut about_transfers);
    let senders = story.senders(&archive)?;
    let same_bytes = same_bytes(&archive, exhibit, row.object)?;
    let not_understood = not_understood_by_exhibit(&archive)?.of(exhibit)?;
    let done = match output::warn_unread(&unread, "Its content is not shown") {
        true => Done::WithFindings,
        false => Done::Well,
    };
    let graded = grade(&row.fields);
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    if context.options.json {
        let approved =
            history.iter().map(|logged| &logged.entry.entry).filter(|entry| !entry.attached.approvals.is_empty());
        let approved = approved
            .map(|entry| json::ApprovedEntry { approvals: approvals_json(Some(&archive), entry), index: entry.index });
        let came_from = senders.iter().map(|(Partner { archive, is_anchored }, foreign)| json::CameFrom {
            anchored: *is_anchored,
            exhibit: *foreign,
            fingerprint: archive.fingerprint(),
            origin: archive.origin(),
        });
        let value = json::ShownExhibit {
            exhibit: json_of(exhibit, row),
            approved: approved.collect(),
            came_from: came_from.collect(),
            custody: holder,
            description: description_json(&graded),
            entries: history.iter().map(|logged| logged.entry.entry.index).collect(),
            found_damaged: verified.found_damaged,
            last_proven_good: verified.last_proven_good,
            not_understood,
            same_bytes,
            unread_entries: unread,
        };
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
        let custody = format!("not known: entry {index} is not understood, and may record that custody passed");
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
        output::labelled(&mut out, 2, "sealed", width, &format!("entry {index}; sealed content is not shown"))?;
    }
    for (partner, foreign) in &senders {
        let (archive, mark) = (printable(&partner.archive.to_string()), unanchored(partner.is_anchored));
        output::labelled(&mut out, 2, "came from", width, &format!("{archive} as {foreign}{mark}"))?;
    }
    for other in same_bytes.iter().take(SAME_SHOWN) {
        let other_row = archive.exhibit(*other)?;
        let name = other_row.field(ORIGINAL_NAME).map(output::value).unwrap_or_default();
        output::labelled(&mut out, 2, "same bytes", width, &format!("{other}  {}", shorten(&name, 60)))?;
    }
    if let Some(more) = same_bytes.len().checked_sub(SAME_SHOWN).filter(|more| *more > 0) {
        let more = count(more as u64, "further exhibit");
        output::labelled(&mut out, 2, "same bytes", width, &format!("{more}: vouchsafe find {}", row.object))?;
    }
    let proven = match &verified.last_proven_good {
        Some(proof) => format!(
            "last proved good {}, entry {}, by a verification of {} ({})",
            time(proof.recorded_at),
            proof.index,
            proof.coverage.scope(),
            agent_name(&archive, proof.actor)
        ),
        None => "no recorded verification has proved it good since it was ingested".to_owned(),
    };
    if let Some(index) = verified.found_damaged {
        output::labelled(&mut out, 2, "DAMAGED", width, &format!("found by the verification in entry {index}"))?;
    }
    output::labelled(&mut out, 2, "verified", width, &proven)?;
    writeln!(out, "\n  Fields (private: the log holds only their digests)")?;
    let fields = in_order_of_display(&row.fields);
    let width = fields.iter().map(|(name, _)| name.as_str().len()).max().unwrap_or(0);
    for (name, value) in fields {
        output::labelled(&mut out, 4, name.as_str(), width, &output::value(value))?;
    }
    print_questions(&mut out, &graded, arguments.questions)?;
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
                short_time(entry.occurred_at),
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
    zone_line().into_iter().try_for_each(|line| output::hanging(&mut out, &format!("    {line}"), 6))?;
    out.flush()?;
    Ok(done)
}

/// At most this many open questions are printed unless all are asked for.
const QUESTIONS: usize = 5;

/// Prints how far the exhibit is described, and what a court would ask next: the mandatory fields, or all that are asked for.
fn print_questions(out: &mut dyn Write, graded: &Grading, is_all: bool) -> Result<(), CommandError> {
    let mandatory = graded.mandatory().count();
    let grade = graded.grade.name();
    writeln!(out)?;
    let heading = match (graded.grade, graded.missing.len()) {
        (Grade::Complete, 0) => grade.to_owned(),
        (Grade::Complete, more) => {
            format!("{grade}; {} left open (--questions)", count(more as u64, "recommended field"))
        }
        _ => format!("{grade}. A court would ask:"),
    };
    output::hanging(out, &format!("  Description: {heading}"), 4)?;
    let shown = match is_all {
        true => graded.missing.len(),
        false => mandatory.min(QUESTIONS),
    };
    for field in graded.missing.iter().take(shown) {
        let recommended = if field.obligation == Obligation::Recommended { ", recommended" } else { "" };
        let [english, korean] = field.question;
        match is_all {
            true => output::hanging(out, &format!("    {english} / {korean} ({}{recommended})", field.name), 6)?,
            false => output::hanging(out, &format!("    {english} ({})", field.name), 6)?,
        }
    }
    if !is_all && mandatory > shown {
        let more = mandatory - shown;
        output::hanging(out, &format!("    and {more} more that are mandatory; --questions lists everything"), 6)?;
    }
    if shown > 0 {
        let hint = "`describe` answers them; unknown:REASON is an answer, too";
        output::hanging(out, &format!("    {hint}"), 6)?;
    }
    Ok(())
}

fn description_json(graded: &Grading) -> json::ExhibitDescription {
    let question = |field: &&KnownField| json::OpenQuestion {
        english: field.question[0],
        field: field.name,
        korean: field.question[1],
        mandatory: field.obligation == Obligation::Mandatory,
    };
    json::ExhibitDescription { grade: graded.grade, questions: graded.missing.iter().map(question).collect() }
}
