//! `vouchsafe transfer`

use std::io::Write;
use std::path::{Path, PathBuf};

use vouchsafe_archive::{
    AcceptOutcome, ArchiveError, Environment as _, LetterRequest, OfferRequest, Reader, Side, Transfer, TransferState,
    is_letter_restored, not_understood_by_exhibit, read_letter, transfer,
};
use vouchsafe_core::format::identity::ArchiveNames;
use vouchsafe_core::model::{Answer, EntryIndex, Event, EventKind, Timestamp};
use vouchsafe_core::verify::letter::Told;

use super::agent::check_permission;
use super::context::Context;
use super::done::Done;
use super::error::CommandError;
use super::foreign::warn_not_compared;
use super::import;
use super::json;
use super::output::{self, count, printable, shorten, table};
use super::passed::{TRANSFERS_UNREAD, warn_passed};
use super::places::check_outside;
use super::prove::write_new;
use super::say;
use super::times::{short_time, time, zone_line};
use super::watcher::Watcher;
use vouchsafe_check::check;
use vouchsafe_check::text::note_undone;

/// Hand custody over to another archive, recorded in both logs
///
/// The sender exports a bundle, offers it, and gives the recipient the bundle and the letter that `offer` writes. The
/// recipient runs `accept`, which imports the bundle, or `refuse`, and sends back the letter that this writes. The
/// sender records the answer with `settle`. Each letter proves an entry in its sender's log, so neither side can deny
/// it.
#[derive(clap::Args)]
#[command(arg_required_else_help = true)]
pub struct Arguments {
    #[command(subcommand)]
    command: Step,
}

#[derive(clap::Subcommand)]
enum Step {
    Offer(OfferArguments),
    Accept(AcceptArguments),
    Refuse(RefuseArguments),
    Settle(SettleArguments),
    Read(ReadArguments),
    Letter(LetterArguments),
    List(ListArguments),
}

/// Offer custody of the exhibits in a bundle exported by this archive
#[derive(clap::Args)]
struct OfferArguments {
    /// The bundle, a folder or a zip file; it is checked again first
    #[arg(value_name = "BUNDLE")]
    bundle: PathBuf,
    /// Who will receive custody
    #[arg(long, value_name = "NAME")]
    recipient: String,
    /// How the bundle is handed over: by whom, on what medium, under which seals
    #[arg(long, value_name = "TEXT")]
    method: Option<String>,
    /// Write the letter for the recipient to this file; must not exist
    #[arg(long, value_name = "FILE")]
    letter: PathBuf,
}

/// Accept an offer of custody: import the bundle and record the acceptance
///
/// The bundle is checked, and must be the one that the letter offers. Running the command again resumes after an
/// interruption.
#[derive(clap::Args)]
struct AcceptArguments {
    /// The bundle: a folder or a zip file
    #[arg(value_name = "BUNDLE")]
    bundle: PathBuf,
    #[command(flatten)]
    offer: OfferLetter,
    /// A remark on the receipt, such as unbroken seals or what was on the stick; the sender reads it in the letter
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
}

/// Refuse an offer of custody, with a reason
#[derive(clap::Args)]
struct RefuseArguments {
    #[command(flatten)]
    offer: OfferLetter,
    /// Why custody is refused; the sender reads it in the letter
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

#[derive(clap::Args)]
struct OfferLetter {
    /// The sender's letter with the offer
    #[arg(long, value_name = "FILE")]
    offer: PathBuf,
    /// Write the answer for the sender to this file; must not exist
    #[arg(long, value_name = "FILE")]
    letter: PathBuf,
    #[command(flatten)]
    trust: Trust,
}

/// Record the recipient's answer to an offer
#[derive(clap::Args)]
struct SettleArguments {
    /// The recipient's letter with the answer
    #[arg(value_name = "LETTER")]
    letter: PathBuf,
    #[command(flatten)]
    trust: Trust,
}

#[derive(clap::Args)]
struct Trust {
    /// The fingerprint of the other archive, from a separate channel, or a file of fingerprints, one per line
    #[arg(long, value_name = "FINGERPRINT|FILE")]
    trust: Vec<String>,
    /// Continue without a fingerprint: anybody may have written the letter, and the log records that it was not
    /// compared
    #[arg(long, conflicts_with = "trust")]
    accept_self_consistent: bool,
}

impl Trust {
    fn of(&self, letter: &Path) -> Result<LetterRequest, CommandError> {
        note_if_restored(letter);
        Ok(LetterRequest {
            path: letter.to_owned(),
            trust: check::trust(&self.trust, None)?,
            accepts_unanchored: self.accept_self_consistent,
        })
    }
}

/// Show what a letter says and which keys prove it; needs no archive
#[derive(clap::Args)]
struct ReadArguments {
    /// The file of the letter
    #[arg(value_name = "LETTER")]
    letter: PathBuf,
}

/// Write a letter again: this archive's own, or one received from the other side
///
/// The other side's letter, unchanged, proves to a third party what they signed. `vouchsafe transfer read` shows it.
#[derive(clap::Args)]
struct LetterArguments {
    /// The number of the entry, from `vouchsafe transfer list`
    #[arg(value_name = "ENTRY")]
    entry: u64,
    /// Write the letter to this file; must not exist. For the entry of a settlement, this is the other side's letter
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
    /// For the entry of an answer: also write the other side's letter to this file; must not exist
    #[arg(long, value_name = "FILE")]
    theirs: Option<PathBuf>,
}

/// List the transfers of this archive and their state
#[derive(clap::Args)]
struct ListArguments {}

pub fn run(context: &Context, arguments: &Arguments) -> Result<Done, CommandError> {
    match &arguments.command {
        Step::Offer(arguments) => offer(context, arguments),
        Step::Accept(arguments) => accept(context, arguments),
        Step::Refuse(arguments) => refuse(context, arguments),
        Step::Settle(arguments) => settle(context, arguments),
        Step::Letter(arguments) => write_again(context, arguments),
        Step::Read(arguments) => read(context, &arguments.letter),
        Step::List(_) => list(context),
    }
}

fn write_again(context: &Context, arguments: &LetterArguments) -> Result<Done, CommandError> {
    check_free(&arguments.to)?;
    let archive = context.open()?;
    let index = EntryIndex(arguments.entry);
    let is_settled = matches!(archive.entry(index)?.entry.entry.event, Event::TransferSettled(_));
    // Both are read before one is written.
    let theirs =
        arguments.theirs.as_ref().map(|to| Ok::<_, ArchiveError>((to, transfer::other_letter(&archive, index)?)));
    let theirs = theirs.transpose()?;
    let letter = if is_settled { transfer::other_letter(&archive, index)? } else { transfer::letter(&archive, index)? };
    if let Some((to, _)) = &theirs {
        check_free(to)?;
    }
    write_new(&arguments.to, &letter)?;
    if let Some((to, letter)) = &theirs {
        write_new(to, letter)?;
    }
    let mut out = std::io::stdout().lock();
    if context.options.json {
        let letter = arguments.to.to_string_lossy().into_owned();
        output::json(&mut out, &json::LetterRewritten { index, letter, theirs: &arguments.theirs })?;
        return Ok(Done::Well);
    }
    for path in [Some(&arguments.to), arguments.theirs.as_ref()].into_iter().flatten() {
        writeln!(out, "Wrote {}", shown(path))?;
    }
    Ok(Done::Well)
}

/// Warns if something received was made later than now: one of the two clocks is wrong.
fn warn_newer(context: &Context, what: &str, made_at: Option<Timestamp>) {
    if let Some(made_at) = made_at.filter(|made_at| *made_at > context.environment.now()) {
        say::warning(format_args!("{what} is from {}, which is in the future by this computer's clock", time(made_at)));
    }
}

fn offer(context: &Context, arguments: &OfferArguments) -> Result<Done, CommandError> {
    check_text("recipient", Some(&arguments.recipient))?;
    check_text("method", arguments.method.as_deref())?;
    check_free(&arguments.letter)?;
    let mut session = context.open_to_write()?;
    let keys = check_permission(context, session.reader(), EventKind::TransferOffered)?;
    let request = OfferRequest {
        bundle: arguments.bundle.clone(),
        recipient: arguments.recipient.clone(),
        method: arguments.method.clone(),
    };
    let watcher = Watcher::new(context);
    let offered = transfer::offer(&mut session, &request, &keys, &watcher);
    watcher.finish();
    let index = offered?;
    let (transfers, _) = transfer::transfers(session.reader())?;
    let bundle = transfers.iter().find(|transfer| transfer.index == index).map(|transfer| transfer.bundle);
    let is_earlier =
        |other: &&Transfer| other.side == Side::Sent && other.index < index && Some(other.bundle) == bundle;
    for earlier in transfers.iter().filter(is_earlier) {
        let state = row(earlier, &ArchiveNames::default()).pop().unwrap_or_default();
        say::warning(format_args!(
            "this bundle was already offered, as entry {}; that offer is \
            {state}",
            earlier.index
        ));
    }
    let caveats = transfer::offer_caveats(session.reader(), index)?;
    warn_passed(&caveats.passed);
    if caveats.later_entries > 0 {
        say::warning(format_args!(
            "{} about these exhibits {} newer than the bundle: export them again, and offer the new bundle",
            count(caveats.later_entries, "entry"),
            if caveats.later_entries == 1 { "is" } else { "are" }
        ));
    }
    if caveats.withheld_fields > 0 {
        say::warning(format_args!(
            "the bundle withholds {} of these exhibits, so the recipient will not learn them; see \"Closing an \
             archive\" in the guide",
            count(caveats.withheld_fields, "field")
        ));
    }
    let said = format!("Offered to {}, as entry {index}", output::printable(&arguments.recipient));
    let next = "Give the recipient the bundle and this letter. Record their answer with `vouchsafe transfer settle`.";
    write_and_report(context, session.reader(), index, &arguments.letter, &said, next)
}

fn accept(context: &Context, arguments: &AcceptArguments) -> Result<Done, CommandError> {
    let OfferLetter { offer, letter, trust } = &arguments.offer;
    check_text("remark", arguments.note.as_deref())?;
    check_free(letter)?;
    let request = trust.of(offer)?;
    let mut session = context.open_to_write()?;
    let keys = check_permission(context, session.reader(), EventKind::TransferAccepted)?;
    let (bundle, note) = (&arguments.bundle, arguments.note.as_deref());
    let watcher = Watcher::new(context);
    let outcome = transfer::accept(&mut session, &request, bundle, note, &keys, &watcher);
    watcher.finish();
    match outcome? {
        AcceptOutcome::Refused(report) => import::refuse(context, &report),
        AcceptOutcome::Accepted { offer, imported, index, was_known, passed } => {
            warn_newer(context, "the letter", Some(offer.shown.entry.entry.recorded_at));
            warn_newer(context, "the bundle", imported.report.created_at);
            if !context.options.json {
                let verdict = if imported.anchored { Verdict::Compared } else { Verdict::NotCompared };
                print_told(&mut std::io::stdout().lock(), &offer, verdict)?;
            }
            let found = import::print_imported(context, &imported)?;
            let said = match (was_known, passed) {
                (true, 0) => format!("It was already accepted, as entry {index}"),
                (true, _) => format!(
                    "It was already accepted, as entry {index}; now recorded that custody of {} passed here",
                    count(passed, "exhibit")
                ),
                (false, _) => {
                    format!("Accepted, as entry {index}: custody of {} passed here", count(passed, "exhibit"))
                }
            };
            write_and_report(context, session.reader(), index, letter, &said, "Send this letter back to the sender.")?;
            Ok(found)
        }
    }
}

fn refuse(context: &Context, arguments: &RefuseArguments) -> Result<Done, CommandError> {
    let OfferLetter { offer, letter, trust } = &arguments.offer;
    check_text("reason", Some(&arguments.reason))?;
    check_free(letter)?;
    let request = trust.of(offer)?;
    let mut session = context.open_to_write()?;
    let keys = check_permission(context, session.reader(), EventKind::TransferRefused)?;
    let (index, not_compared) = transfer::refuse(&mut session, &request, &arguments.reason, &keys)?;
    let is_open = warn_not_compared(&not_compared);
    let said = format!("Refused, as entry {index}");
    let done =
        write_and_report(context, session.reader(), index, letter, &said, "Send this letter back to the sender.")?;
    Ok(if is_open { Done::WithFindings } else { done })
}

fn settle(context: &Context, arguments: &SettleArguments) -> Result<Done, CommandError> {
    let request = arguments.trust.of(&arguments.letter)?;
    let mut session = context.open_to_write()?;
    let keys = check_permission(context, session.reader(), EventKind::TransferSettled)?;
    let settled = transfer::settle(&mut session, &request, &keys)?;
    let done = if warn_not_compared(&settled.not_compared) { Done::WithFindings } else { Done::Well };
    context.recorded(settled.index);
    let mut out = std::io::stdout().lock();
    if context.options.json {
        output::json_as_declared(&mut out, &settled)?;
        return Ok(done);
    }
    let answer = match settled.answer {
        Answer::Accepted => "They have accepted custody",
        Answer::Refused => "They have refused custody",
    };
    let when = match (settled.was_known, settled.passed) {
        (true, 0) => "Nothing was changed: already recorded",
        (true, _) => "Already recorded",
        (false, _) => "Recorded",
    };
    writeln!(out, "{answer}: {}", printable(settled.other.as_str()))?;
    writeln!(out, "{when} as entry {}", settled.index)?;
    if settled.passed > 0 {
        writeln!(out, "Recorded that custody of {} passed to them", count(settled.passed, "exhibit"))?;
    }
    if !settled.anchored {
        writeln!(out, "Their fingerprint was NOT compared with one from outside, so it is not known who answered.")?;
    }
    if let Some(said) = &settled.said {
        writeln!(out, "{LETTER_SAYS}")?;
        output::labelled(&mut out, LETTER_INDENT, "they say", 8, &short(&output::value(said)))?;
    }
    Ok(done)
}

fn list(context: &Context) -> Result<Done, CommandError> {
    let archive = context.open()?;
    let (transfers, unread) = transfer::transfers(&archive)?;
    let done = if output::warn_unread(&unread, TRANSFERS_UNREAD) { Done::WithFindings } else { Done::Well };
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    if context.options.json {
        let not_understood = not_understood_by_exhibit(&archive)?;
        for transfer in &transfers {
            let value = json::ListedTransfer { not_understood: not_understood.of_all(), transfer };
            output::json(&mut out, &value)?;
        }
        out.flush()?;
        return Ok(done);
    }
    let mut names = ArchiveNames::default();
    names.add(&archive.identity());
    transfers.iter().filter_map(Transfer::partner).for_each(|partner| names.add(&partner));
    table(&mut out, &transfers.iter().map(|transfer| row(transfer, &names)).collect::<Vec<_>>())?;
    let open = transfers.iter().filter(|transfer| transfer.state == TransferState::Open).count() as u64;
    writeln!(out, "{}, {} of them open", count(transfers.len() as u64, "transfer"), output::number(open))?;
    if !transfers.is_empty() {
        zone_line().into_iter().try_for_each(|line| output::hanging(&mut out, &line, 2))?;
    }
    out.flush()?;
    Ok(done)
}

fn row(transfer: &Transfer, names: &ArchiveNames) -> Vec<String> {
    let other = transfer.partner().map(|partner| printable(&names.called(&partner)));
    let (direction, whom) = match transfer.side {
        Side::Sent => ("to", transfer.recipient.as_deref().map(|name| shorten(&output::printable(name), 40))),
        Side::Received => ("from", other.clone()),
    };
    let state = match (&transfer.state, transfer.side) {
        (TransferState::Open, _) => "open".to_owned(),
        (TransferState::Answered { answer, anchored, .. }, Side::Received) => format!("{answer}{}", mark(*anchored)),
        (TransferState::Answered { answer, index, anchored, .. }, Side::Sent) => {
            format!("{answer} by {} (entry {index}){}", other.unwrap_or_default(), mark(*anchored))
        }
    };
    vec![
        format!("entry {}", transfer.index),
        short_time(transfer.at),
        format!("bundle {}", transfer.bundle.short()),
        format!("{direction} {}", whom.unwrap_or_default()),
        state,
    ]
}

const fn mark(is_anchored: bool) -> &'static str {
    if is_anchored { "" } else { ", NOT compared" }
}

fn note_if_restored(letter: &Path) {
    if is_letter_restored(letter) {
        note_undone(letter);
    }
}

fn read(context: &Context, letter: &Path) -> Result<Done, CommandError> {
    note_if_restored(letter);
    let told = read_letter(letter)?;
    let mut out = std::io::stdout().lock();
    if context.options.json {
        let entry = &told.shown.entry.entry;
        let of = told.archive();
        let value = json::LetterRead {
            actor: entry.actor,
            administrator: told.shown.administrator.id(),
            body: output::json_body(&entry.event),
            event: entry.event.name(),
            fields: json::fields(told.fields.iter().map(|field| (field.name(), field.value()))),
            fingerprint: told.shown.fingerprint,
            index: entry.index,
            log_key: told.shown.log_key.to_string(),
            not_checked: &told.shown.not_checked,
            occurred_at: entry.occurred_at,
            origin: of.origin(),
            root: told.shown.checkpoint.root,
            size: told.shown.checkpoint.size,
        };
        output::json(&mut out, &value)?;
        return Ok(Done::Well);
    }
    print_told(&mut out, &told, Verdict::NotCompared)?;
    Ok(Done::Well)
}

/// Whether the writer of a letter is known.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// Its fingerprint was compared with one from outside.
    Compared,
    /// It was not; the reader must compare it.
    NotCompared,
}

/// The heading of everything that the writer of a letter could choose.
const LETTER_SAYS: &str = "The letter says (not checked):";
/// The indent of what the letter says, where the program itself writes nothing.
const LETTER_INDENT: usize = 6;

/// The content of a letter, for people.
fn print_told(out: &mut dyn Write, told: &Told, verdict: Verdict) -> std::io::Result<()> {
    let entry = &told.shown.entry.entry;
    let (what, bundle) = match &entry.event {
        Event::TransferOffered(body) => ("offers custody", body.bundle),
        Event::TransferAccepted(body) => ("accepts custody", body.bundle),
        Event::TransferRefused(body) => ("refuses custody", body.bundle),
        _ => return Ok(()),
    };
    writeln!(out, "This letter is consistent: it proves an entry in the log of this archive")?;
    output::labelled(out, 2, "fingerprint", 13, &told.shown.fingerprint.paper())?;
    output::labelled(out, 2, "administrator", 13, &told.shown.administrator.id().to_string())?;
    output::labelled(out, 2, "log key", 13, &printable(&told.shown.log_key.to_string()))?;
    match verdict {
        Verdict::Compared => writeln!(out, "The fingerprint matches one that was given from outside.")?,
        Verdict::NotCompared => {
            writeln!(out, "Compare the fingerprint with the one that you received through a separate channel.")?;
        }
    }
    for text in &told.shown.not_checked {
        writeln!(out, "NOT checked: {text}")?;
    }
    let origin = printable(told.archive().origin().as_str());
    writeln!(out, "{origin} {what} of the exhibits in the bundle {bundle}")?;
    output::labelled(out, 2, "when", 13, &format!("{}, entry {} of its log", time(entry.occurred_at), entry.index))?;
    if !told.fields.is_empty() {
        writeln!(out, "{LETTER_SAYS}")?;
    }
    for field in &told.fields {
        let (name, value) = (field.name().as_str(), short(&output::value(field.value())));
        output::labelled(out, LETTER_INDENT, name, 9, &value)?;
    }
    Ok(())
}

/// A text by the other side, shortened for display.
fn short(text: &str) -> String {
    shorten(text, 2000)
}

/// Writes the letter about an entry that was just recorded, and reports it.
fn write_and_report(
    context: &Context,
    archive: &Reader,
    index: EntryIndex,
    letter: &Path,
    said: &str,
    next: &str,
) -> Result<Done, CommandError> {
    context.recorded(index);
    write_letter(archive, index, letter).map_err(|error| {
        error.hint(format!(
            "the entry is recorded. To write the letter again: vouchsafe transfer letter {index} --to \
            FILE"
        ))
    })?;
    let mut out = std::io::stdout().lock();
    if context.options.json {
        output::json(&mut out, &json::LetterWritten { index, letter: letter.to_string_lossy().into_owned() })?;
        return Ok(Done::Well);
    }
    writeln!(out, "{said}")?;
    writeln!(out, "Wrote {}", shown(letter))?;
    writeln!(out, "{next}")?;
    Ok(Done::Well)
}

fn write_letter(archive: &Reader, index: EntryIndex, to: &Path) -> Result<(), CommandError> {
    write_new(to, &transfer::letter(archive, index)?)
}

/// The longest text that a letter can hold, in characters.
const MAX_TEXT: usize = 2000;

fn check_text(name: &str, text: Option<&str>) -> Result<(), CommandError> {
    match text {
        Some(text) if text.trim().is_empty() => Err(CommandError::usage(format!("the {name} is empty"))),
        Some(text) if text.chars().count() > MAX_TEXT => {
            Err(CommandError::usage(format!("the {name} is too long: at most {MAX_TEXT} characters are allowed")))
        }
        _ => Ok(()),
    }
}

/// Refuses a letter's name if it exists or its folder does not, before anything is recorded.
fn check_free(letter: &Path) -> Result<(), CommandError> {
    check_outside(letter)?;
    if letter.symlink_metadata().is_ok() {
        return Err(ArchiveError::Exists { path: letter.to_owned() }.into());
    }
    let folder = letter.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match folder.is_dir() {
        true => Ok(()),
        false => Err(CommandError::usage(format!("{}: there is no such folder for the letter", shown(folder)))),
    }
}

fn shown(path: &Path) -> String {
    printable(&path.display().to_string())
}
