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

/// Take the exhibits of another archive's bundle into this one
///
/// The bundle is checked first, as `vouchsafe check` does, and is not taken in if anything fails, or if it contradicts
/// a bundle that came from the same archive before. Its exhibits become exhibits of this archive, with names of their
/// own; everything else in it (entries, signatures, receipts, keys) is kept unchanged, and `vouchsafe custody` shows
/// both archives' entries in one line of time.
///
/// Running it again goes on where it was interrupted; what is here already is not taken in twice.
#[derive(clap::Args)]
pub struct Arguments {
    /// The bundle: a folder or a zip file
    #[arg(value_name = "BUNDLE")]
    bundle: PathBuf,
    /// The fingerprint of the sender's archive, from outside, or a file with fingerprints, one a line
    #[arg(long, value_name = "FINGERPRINT|FILE")]
    trust: Vec<String>,
    /// Take it in without a fingerprint from outside: then anybody may have made it, and the log says that it was not compared
    #[arg(long, conflicts_with = "trust")]
    accept_self_consistent: bool,
    /// Who handed it over
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
            tell(context, &imported)
        }
        ImportOutcome::Refused(report) => refuse(context, &report),
    }
}

/// Says what was taken in.
pub fn tell(context: &Context, imported: &Imported) -> Result<Done, CommandError> {
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
        writeln!(out, "Nothing was changed: this bundle of {origin} was received before, as entry {}", imported.index)?;
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
            Taken::NewSameObject => "new; the same bytes were held already",
            Taken::Again => "held; its newer history was added",
            Taken::AlreadyHeld => "already held",
        };
        writeln!(out, "  {}  is {} there  ({taken})", exhibit.exhibit, exhibit.foreign_exhibit)?;
    }
    for finding in imported.report.findings.iter().chain(&imported.against_statements) {
        writeln!(out, "{}", output::finding_line(finding))?;
    }
    if !imported.anchored {
        writeln!(out, "Its fingerprint was NOT compared with one from outside: whose archive it is, is not known.")?;
    }
    if !imported.against_statements.is_empty() {
        writeln!(
            out,
            "What it holds contradicts what the same archive stated of its collection before; it was taken in."
        )?;
    }
    out.flush()?;
    Ok(done)
}

/// Says why a bundle was not taken in.
pub fn refuse(context: &Context, report: &BundleReport) -> Result<Done, CommandError> {
    let is_bad = report.worst() == Some(Severity::Failed);
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    if context.options.json {
        output::json_as_declared(&mut out, report)?;
    } else {
        writeln!(out, "Nothing was taken in.\n")?;
        check::render(&mut Page { out: &mut out, language: Language::English }, report)?;
    }
    out.flush()?;
    if is_bad {
        return Ok(Done::WithFindings);
    }
    if report.worst() == Some(Severity::NotUnderstood) {
        let reason = "a newer version wrote what is not understood here, and that may be against an exhibit";
        return Err(CommandError::incomplete(format!("it was not taken in: {reason}")).hint(NEWER_HINT));
    }
    Err(CommandError::incomplete(
        "no fingerprint from outside was given, so anybody may have made this bundle; it was not taken in",
    )
    .hint("ask its sender, by a separate channel, for the archive's fingerprint, and give it with --trust")
    .hint("to take it in all the same, and have the log say so: --accept-self-consistent"))
}
