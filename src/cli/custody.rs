//! `vouchsafe custody`

use std::io::Write;

use vouchsafe_archive::{
    ExhibitStory, HistoryElsewhere, LoggedEntry, Reader, Side, StoryEntry, Transfer, TransferState,
    is_passing_anchored, not_understood_by_exhibit, sender_of, transfer,
};
use vouchsafe_core::digest::Digest;
use vouchsafe_core::model::Event;

use super::agent_names::agent_name;
use super::context::Context;
use super::done::Done;
use super::entry::{approvals_json, print_approvals, sentence, unanchored};
use super::error::CommandError;
use super::exhibit_names::find_exhibit;
use super::foreign;
use super::json;
use super::output::{self, FIELDS_INDENT, SENTENCE_INDENT, count, printable};
use super::passed::TRANSFERS_UNREAD;
use super::say;
use super::times::{recorded_in_utc, short_time, time};

/// The indent of texts from letters, where the program itself writes nothing.
const LETTER_INDENT: usize = 8;

/// The consequence of an unreadable entry about a bundle.
const EXPORTS_UNREAD: &str = "The recipient and purpose of that bundle are not shown";

/// Print an exhibit's custody history: who did what and when, and what proves it
#[derive(clap::Args)]
pub struct Arguments {
    /// The exhibit's name, or the beginning of it
    #[arg(value_name = "EXHIBIT")]
    exhibit: String,
}

pub fn run(context: &Context, arguments: &Arguments) -> Result<Done, CommandError> {
    let archive = context.open()?;
    let exhibit = find_exhibit(&archive, &arguments.exhibit)?;
    let story = ExhibitStory::read(&archive, exhibit)?;
    let histories = story.elsewhere(&archive)?;
    let foreign = histories.of(exhibit);
    let unread_foreign: Vec<_> = histories.unread(exhibit).filter_map(foreign::told).collect();
    let is_doubtful = foreign.iter().any(|one| !one.history.findings.is_empty());
    let mut is_whole = unread_foreign.is_empty();
    is_whole &= !output::warn_unread(&story.unread, "Its content is not shown");
    let (transfers, about_transfers) = transfer::transfers(&archive)?;
    let unread: Vec<_> = about_transfers.into_iter().filter(|entry| !story.unread.contains(entry)).collect();
    is_whole &= !output::warn_unread(&unread, TRANSFERS_UNREAD);
    let (exports, unread) = transfer::exports(&archive)?;
    is_whole &= !output::warn_unread(&unread, EXPORTS_UNREAD);
    let done = if is_whole && !is_doubtful { Done::Well } else { Done::WithFindings };
    let not_understood = not_understood_by_exhibit(&archive)?;
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    if context.options.json {
        unread_foreign.iter().for_each(say::warning);
        for StoryEntry { logged, elsewhere } in story.line_of_time(&foreign) {
            let mut value = json_of(&archive, logged, elsewhere);
            if elsewhere.is_none() {
                value.not_understood = Some(not_understood.of_entry(logged.entry.entry.index)?);
                let event = &logged.entry.entry.event;
                value.transfers = Some(transfers.iter().filter(|transfer| is_of(&archive, transfer, event)).collect());
                if let Event::CustodyPassed(_) = event {
                    value.anchored = Some(is_passing_anchored(logged, &transfers));
                }
            }
            output::json(&mut out, &value)?;
        }
        out.flush()?;
        return Ok(done);
    }
    writeln!(out, "Custody of exhibit {exhibit}")?;
    writeln!(out, "  SHA-256 {}, {}\n", story.row.object, count(story.row.size_bytes, "byte"))?;
    let names = foreign::names(&archive, &histories);
    for StoryEntry { logged, elsewhere } in story.line_of_time(&foreign) {
        match elsewhere {
            Some(one) => foreign::print_entry(&mut out, &archive, logged, one.history, &names)?,
            None => print_entry(&mut out, &archive, logged, &exports, &transfers)?,
        }
    }
    foreign::print_proofs(&mut out, &foreign, &names)?;
    for thing in not_understood.of(exhibit)? {
        writeln!(out, "NOT UNDERSTOOD: {}", printable(&thing.told()))?;
    }
    unread_foreign.iter().try_for_each(|unread| writeln!(out, "NOT SHOWN: {unread}"))?;
    let head = &archive.head()?.checkpoint;
    let size = count(head.size, "entry");
    output::hanging(&mut out, &format!("Proved by the log {} of {size}, root {}", head.origin, head.root), 2)?;
    let checked = format!(
        "`vouchsafe verify` checks the signatures and approvals; `vouchsafe prove {exhibit} --kit DIR` writes what \
         others need to check them."
    );
    output::hanging(&mut out, &checked, 2)?;
    out.flush()?;
    Ok(done)
}

/// Whether a transfer is about the bundle of this entry. The archive is compared too: anybody can offer another
/// archive's bundle under the same name.
fn is_of(archive: &Reader, transfer: &Transfer, event: &Event) -> bool {
    match (event, transfer.side) {
        (Event::ExhibitExported(body), Side::Sent) => body.bundle == transfer.bundle,
        (Event::ExhibitReceived(body), Side::Received) => {
            body.bundle == transfer.bundle
                && sender_of(archive, body.bundle).ok().flatten().map(|partner| partner.archive) == transfer.partner()
        }
        _ => false,
    }
}

/// The state of a transfer, in words.
fn state_in_words(transfer: &Transfer) -> String {
    let other = transfer.other().map(|origin| printable(origin.as_str())).unwrap_or_default();
    match (transfer.side, &transfer.state) {
        (Side::Sent, state) => {
            let recipient = transfer.recipient.as_deref().map(output::printable).unwrap_or_default();
            let answer = match state {
                TransferState::Open => "not answered yet".to_owned(),
                TransferState::Answered { answer, index, anchored, at, .. } => {
                    format!("{answer} by {other}, {}, entry {index}{}", time(*at), unanchored(*anchored))
                }
            };
            let at = time(transfer.at);
            format!("custody was offered to {recipient}, {at}, entry {}; {answer}", transfer.index)
        }
        (Side::Received, TransferState::Open) => String::new(),
        (Side::Received, TransferState::Answered { answer, anchored, .. }) => {
            let at = time(transfer.at);
            format!(
                "custody that {other} offered was {answer}, {at}, entry {}{}",
                transfer.index,
                unanchored(*anchored)
            )
        }
    }
}

fn print_entry(
    out: &mut dyn Write,
    archive: &Reader,
    logged: &LoggedEntry,
    exports: &[LoggedEntry],
    transfers: &[Transfer],
) -> std::io::Result<()> {
    let entry = &logged.entry.entry;
    let line = format!("{}  {}", short_time(entry.occurred_at), sentence(archive, logged, transfers));
    output::hanging(out, &line, SENTENCE_INDENT)?;
    if entry.occurred_at != entry.recorded_at {
        writeln!(out, "    recorded later, at {}", time(entry.recorded_at))?;
    }
    // The recipient and purpose of a bundle are in one place, the entry about the bundle.
    let export = match &entry.event {
        Event::ExhibitExported(body) => exports.iter().find(|export| is_export_of(export, body.bundle)),
        _ => None,
    };
    let mut fields: Vec<_> = export.unwrap_or(logged).fields.iter().collect();
    fields.sort_by_key(|field| field.name().clone());
    let width = fields.iter().map(|field| field.name().as_str().len()).max().unwrap_or(0);
    // Texts by people are indented further than the program's own words, so that no field name can look like those.
    for field in fields {
        output::labelled(out, FIELDS_INDENT, field.name().as_str(), width, &output::value(field.value()))?;
    }
    for transfer in transfers.iter().filter(|transfer| is_of(archive, transfer, &entry.event)) {
        output::labelled(out, 4, "transfer", 8, &state_in_words(transfer))?;
        // For what was sent, the line above names the recipient.
        let recipient = transfer.recipient.as_ref().filter(|_| transfer.side == Side::Received);
        let said =
            [("offered to", recipient), ("method", transfer.method.as_ref()), ("remark", transfer.remark.as_ref())];
        for (label, text) in said.into_iter().filter_map(|(label, text)| Some((label, text?))) {
            output::labelled(out, LETTER_INDENT, label, 10, &output::shorten(&output::printable(text), 2000))?;
        }
    }
    print_approvals(out, entry, &|key| agent_name(archive, key))?;
    let recorded = recorded_in_utc(entry.recorded_at);
    output::hanging(
        out,
        &format!("    entry {}{recorded}, signed with {}", entry.index, entry.actor),
        SENTENCE_INDENT,
    )?;
    writeln!(out)
}

fn is_export_of(logged: &LoggedEntry, bundle: Digest) -> bool {
    matches!(&logged.entry.entry.event, Event::BundleExported(body) if body.bundle == bundle)
}

/// An entry as data, of this archive or of the other one that a history is from, whose agents have no names here.
fn json_of<'a>(
    archive: &Reader,
    logged: &'a LoggedEntry,
    elsewhere: Option<HistoryElsewhere<'a>>,
) -> json::CustodyEntry<'a> {
    let entry = &logged.entry.entry;
    let names = elsewhere.is_none_or(|one| one.history.is_own).then_some(archive);
    json::CustodyEntry {
        actor: entry.actor,
        actor_name: names.map(|archive| agent_name(archive, entry.actor)),
        anchored: None,
        approvals: approvals_json(names, entry),
        body: output::json_body(&entry.event),
        event: entry.event.name(),
        exhibit: entry.exhibit,
        fields: json::fields(logged.fields.iter().map(|field| (field.name(), field.value()))),
        foreign: elsewhere.map(foreign::json_of),
        index: entry.index,
        leaf: logged.entry.leaf(),
        not_understood: None,
        occurred_at: entry.occurred_at,
        recorded_at: entry.recorded_at,
        transfers: None,
    }
}
