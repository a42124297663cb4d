//! `vouchsafe import`

use std::io::Write;
use std::path::PathBuf;

use vouchsafe_archive::{ImportOutcome, ImportRequest, Imported, Taken, import};
use vouchsafe_core::language::Language;
use vouchsafe_core::model::EventKind;
use vouchsafe_core::verify::Severity;
use vouchsafe_core::verify::bundle::BundleReport;

use super::agent::check_permission;
use super::context::Context;
use super::done::Done;
use super::error::CommandError;
use super::foreign::warn_not_compared;
use super::output::{self, count, printable};
use super::passed::warn_if_passed;
use super::watcher::Watcher;
use vouchsafe_check::text::NEWER_HINT;
use vouchsafe_check::{Page, check};

/// Import the exhibits of another archive's bundle
///
/// The bundle is first checked as `vouchsafe check` does. It is not imported if anything fails, or if it contradicts an
/// earlier bundle from the same archive. Its exhibits become exhibits of this archive, with new names. Everything else
/// in it (entries, signatures, receipts, keys) is kept unchanged. `vouchsafe custody` shows the entries of both
/// archives in one timeline.
///
/// Running the command again resumes an interrupted import; nothing is imported twice.
#[derive(clap::Args)]
pub struct Arguments {
    /// The bundle: a folder or a zip file
    #[arg(value_name = "BUNDLE")]
    bundle: PathBuf,
    /// The fingerprint of the sender's archive, from a separate channel, or a file of fingerprints, one per line
    #[arg(long, value_name = "FINGERPRINT|FILE")]
    trust: Vec<String>,
    /// Import it without a fingerprint: anybody may have made it, and the log records that it was not compared
    #[arg(long, conflicts_with = "trust")]
    accept_self_consistent: bool,
    /// Who handed the bundle over
    #[arg(long, value_name = "NAME")]
    sender: Option<String>,
}

pub fn run(context: &Context, arguments: &Arguments) -> Result<Done, CommandError> {
    if arguments.sender.as_ref().is_some_and(|sender| sender.trim().is_empty()) {
        return Err(CommandError::usage("the sender is empty"));
    }
    let trust = check::trust(&arguments.trust, Some(&arguments.bundle))?;
    let mut session = context.open_to_write()?;
    let keys = check_permission(context, session.reader(), EventKind::BundleReceived)?;
    let request = ImportRequest {
        bundle: arguments.bundle.clone(),
        trust,
        accepts_unanchored: arguments.accept_self_consistent,
        offered: None,
        sender: arguments.sender.clone(),
        threads: 0,
    };
    let watcher = Watcher::new(context);
    let outcome = import::import(&mut session, &request, &keys, &watcher);
    watcher.finish();
    match outcome? {
        ImportOutcome::Imported(imported) => {
            warn_if_passed(session.reader(), imported.exhibits.iter().map(|exhibit| &exhibit.exhibit))?;
            print_imported(context, &imported)
        }
        ImportOutcome::Refused(report) => refuse(context, &report),
    }
}

/// Reports what was imported.
pub fn print_imported(context: &Context, imported: &Imported) -> Result<Done, CommandError> {
    context.recorded(imported.index);
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let is_open = warn_not_compared(&imported.not_compared);
    let done = if imported.against_statements.is_empty() && !is_open { Done::Well } else { Done::WithFindings };
    if context.options.json {
        output::json_as_declared(&mut out, imported)?;
        out.flush()?;
        return Ok(done);
    }
    let of = |taken| imported.exhibits.iter().filter(|exhibit| exhibit.taken == taken).count() as u64;
    let origin = printable(imported.origin.as_str());
    let is_unchanged = imported.was_received && of(Taken::AlreadyHeld) == imported.exhibits.len() as u64;
    if is_unchanged {
        writeln!(out, "Nothing was changed: entry {} already records this bundle of {origin}", imported.index)?;
    } else {
        writeln!(
            out,
            "Received {} of {origin}, as entry {}",
            count(imported.exhibits.len() as u64, "exhibit"),
            imported.index
        )?;
    }
    writeln!(out, "  bundle  {}", imported.bundle)?;
    for exhibit in &imported.exhibits {
        let taken = match exhibit.taken {
            Taken::New => "new",
            Taken::NewSameObject => "new; the archive already held the same bytes",
            Taken::Again => "already held; its newer history was added",
            Taken::AlreadyHeld => "already held",
        };
        writeln!(out, "  {}  is {} there  ({taken})", exhibit.exhibit, exhibit.foreign_exhibit)?;
    }
    for finding in imported.report.findings.iter().chain(&imported.against_statements) {
        writeln!(out, "{}", output::finding_line(finding))?;
    }
    if !imported.anchored {
        writeln!(
            out,
            "Its fingerprint was NOT compared with one from outside, so it is not known whose archive it \
            is."
        )?;
    }
    if !imported.against_statements.is_empty() {
        writeln!(
            out,
            "The bundle was imported, but it contradicts what the same archive stated before about its collection."
        )?;
    }
    out.flush()?;
    Ok(done)
}

/// Reports why a bundle was not imported.
pub fn refuse(context: &Context, report: &BundleReport) -> Result<Done, CommandError> {
    let is_bad = report.worst() == Some(Severity::Failed);
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    if context.options.json {
        output::json_as_declared(&mut out, report)?;
    } else {
        writeln!(out, "Nothing was imported.\n")?;
        check::render(&mut Page { out: &mut out, language: Language::English }, report)?;
    }
    out.flush()?;
    if is_bad {
        return Ok(Done::WithFindings);
    }
    if report.worst() == Some(Severity::NotUnderstood) {
        let reason = "a newer version wrote something that is not understood here and may concern an exhibit";
        return Err(CommandError::incomplete(format!("the bundle was not imported: {reason}")).hint(NEWER_HINT));
    }
    Err(CommandError::incomplete(
        "no fingerprint from outside was given, so anybody may have made this bundle; it was not imported",
    )
    .hint("ask its sender for the archive's fingerprint, through a separate channel, and give it with --trust")
    .hint("to import it without a fingerprint, and have the log record that: --accept-self-consistent"))
}
