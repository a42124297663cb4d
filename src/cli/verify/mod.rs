//! `vouchsafe verify`

mod amounts;
mod render;

use std::collections::HashSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use vouchsafe_archive::store::durable::read_limited;
use vouchsafe_archive::{
    Draft, Environment, ExpectedHead, Keys, NotUnderstoodThing, Round, RoundFile, Verification, verify_archive,
};
use vouchsafe_core::SOFTWARE;
use vouchsafe_core::format::receipt::MAX_RECEIPTS_BYTES;
use vouchsafe_core::format::{FormatError, Receipt, Receipts, SignedCheckpoint, carried};
use vouchsafe_core::language::Language;
use vouchsafe_core::model::{ArchiveVerified, EntryIndex, EventKind, MAX_FAILED_OBJECTS, Salt, Sample};
use vouchsafe_core::text;
use vouchsafe_core::verify::receipts::{self, ReceiptsError};
use vouchsafe_core::verify::{Budget, Report, ReportVerdict, Selection, Since};

use super::agent::check_permission;
use super::context::Context;
use super::done::Done;
use super::error::CommandError;
use super::exhibit_names::find_exhibit;
use super::json;
use super::output;
use super::say;
use super::watcher::Watcher;
use vouchsafe_check::check;
use vouchsafe_check::text::{ASK_FOR_THE_FILE, NEWER_HINT, note_undone};

/// Verify every byte, signature, field and checkpoint, from the volumes
///
/// The index is not trusted, and nothing in the archive is changed. The whole log is always checked. All objects are
/// read, unless you name exhibits, select some with --sample, --changed-since or --resume, or set a limit with
/// --max-time or --max-bytes. The report states what was not read. The exit status is 0 if everything that was read is
/// sound.
#[derive(clap::Args)]
pub struct Arguments {
    /// Read only the objects of these exhibits
    #[arg(value_name = "EXHIBIT")]
    exhibits: Vec<String>,
    /// Read a random sample of the objects, such as 5% or 0.5%; the report states what follows from it
    #[arg(long, value_name = "SHARE", value_parser = amounts::share, conflicts_with_all = ["exhibits", "changed_since", "resume"])]
    sample: Option<u32>,
    /// Read only objects added since a day (2026-11-23, UTC), a time, or an entry (entry:812)
    #[arg(long, value_name = "WHEN", value_parser = amounts::since, conflicts_with_all = ["exhibits", "resume"])]
    changed_since: Option<Since>,
    /// Resume the last interrupted or limited run, until every object has been read
    #[arg(long, conflicts_with = "exhibits")]
    resume: bool,
    /// Start no further object after this much time, such as 30m, 2h or 1h30m
    #[arg(long, value_name = "TIME", value_parser = amounts::time)]
    max_time: Option<Duration>,
    /// Read at most this many bytes of objects, but at least one object, such as 500MB, 10GB or 4GiB
    #[arg(long, value_name = "SIZE", value_parser = amounts::size)]
    max_bytes: Option<u64>,
    /// The archive's fingerprint, from a separate channel, or a file of fingerprints, one per line
    ///
    /// A key of the archive is reported but is not a trust anchor: its owner can make another archive.
    #[arg(long, value_name = "FINGERPRINT|FILE")]
    trust: Vec<String>,
    /// A head (checkpoint) or receipt that somebody else kept; the log must contain it
    #[arg(long, value_name = "FILE")]
    expect_head: Vec<PathBuf>,
    /// Also compare the archive with this copy, byte for byte
    #[arg(long, value_name = "COPY", conflicts_with = "record")]
    against: Option<PathBuf>,
    /// Record the outcome in the log
    #[arg(long)]
    record: bool,
    /// The language of the report: `en` or `ko`. JSON and the log stay in English
    #[arg(long, value_name = "LANGUAGE", default_value_t)]
    language: Language,
}

pub fn run(context: &Context, arguments: &Arguments) -> Result<Done, CommandError> {
    let keys = match arguments.record {
        true => {
            // Whether the outcome can be recorded is checked before the long work.
            let archive = context.open()?;
            archive.check_recordable()?;
            Some(check_permission(context, &archive, EventKind::ArchiveVerified)?)
        }
        false => None,
    };
    let (round_file, round) = round_before(context, arguments)?;
    let trust = check::trust(&arguments.trust, Some(context.archive()))?;
    let verification = Verification {
        known: Some(context.known()),
        trust: trust.clone(),
        expected_heads: arguments.expect_head.iter().map(|path| read_head(path)).collect::<Result<_, _>>()?,
        selection: selection(context, arguments, round.as_ref())?,
        budget: Budget { max_bytes: arguments.max_bytes, max_time: arguments.max_time },
        threads: 0,
        places: Some(context.places()),
    };
    let watcher = Watcher::new(context);
    let report = verify_archive(context.archive(), &verification, &context.environment, &watcher);
    watcher.finish();
    let mut report = report?;
    if let Some(slip) = &report.slip {
        return Err(CommandError::usage(slip.to_string()));
    }
    let round = Round::after(round.as_ref(), &report, context.environment.now());
    let is_kept = match (&round_file, &round) {
        (Some(file), Some(round)) => keep(file, round),
        _ => true,
    };
    let is_told = arguments.resume || !report.complete || verification.budget != Budget::default();
    let round = round.filter(|_| is_told);
    watcher.begin_again();
    let comparison = super::replicate::compare(context, arguments.against.as_deref(), &mut report, &watcher);
    watcher.finish();
    // The outcome is printed before it is recorded, so that it is not lost if recording fails. The reader may have
    // gone; the exit status still reports the outcome.
    let quiet =
        |told: Result<(), CommandError>| told.or_else(|error| if error.is_broken_pipe() { Ok(()) } else { Err(error) });
    if !context.options.json {
        quiet(render::report(&report, round.as_ref(), arguments.language))?;
        if let Ok(comparison) = &comparison {
            quiet(super::replicate::render_comparison(comparison, arguments.language))?;
        }
    }
    let recorded = match keys.filter(|_| report.complete) {
        Some(keys) => record(context, &report, &keys),
        None => Ok(None),
    };
    if context.options.json {
        let value = json::Verified {
            compared: comparison.as_ref().ok().and_then(Option::as_ref),
            not_understood: NotUnderstoodThing::of_findings(&report.findings),
            recorded_as: recorded.as_ref().ok().copied().flatten(),
            report: &report,
            round: round.as_ref().map(|round| render::round_json(round, &report)),
        };
        quiet(output::json(&mut std::io::stdout().lock(), &value))?;
    } else if let Ok(Some(index)) = &recorded {
        let recorded = text!("\nRecorded as entry {index}", "\n기록 항목 {index}에 기록했습니다");
        let _ = writeln!(std::io::stdout(), "{}", recorded.in_language(arguments.language));
    }
    recorded?;
    comparison?;
    // Objects that earlier runs of the round found bad stay bad, whatever this run read.
    let is_bad_before = round.as_ref().is_some_and(|round| round.is_over() && !round.failed_objects.is_empty());
    if is_bad_before {
        return Ok(Done::WithFindings);
    }
    Ok(match (report.complete && is_kept, report.verdict) {
        (_, ReportVerdict::Failed | ReportVerdict::Degraded) => Done::WithFindings,
        (_, ReportVerdict::NotUnderstood) | (false, ReportVerdict::Sound) => Done::Incomplete,
        (true, ReportVerdict::Sound) if report.unverifiable => Done::Incomplete,
        (true, ReportVerdict::Sound) => Done::Well,
    })
}

/// The file of the round that this run is part of, and the round so far. Without --resume, a run over the whole archive
/// begins a new one.
fn round_before(context: &Context, arguments: &Arguments) -> Result<(Option<RoundFile>, Option<Round>), CommandError> {
    if !arguments.exhibits.is_empty() || arguments.sample.is_some() || arguments.changed_since.is_some() {
        return Ok((None, None));
    }
    let file = RoundFile::of(context.archive(), &context.known())?;
    let round = if arguments.resume { file.read()? } else { None };
    Ok((Some(file), round))
}

/// Saves the state of the round. False if that fails: the next run would then not resume here.
fn keep(file: &RoundFile, round: &Round) -> bool {
    // A run that reads everything at once only has to end an existing round.
    if round.is_over() && !matches!(file.read(), Ok(Some(_))) {
        return true;
    }
    let kept = file.write(round);
    if let Err(error) = &kept {
        say::warning(format_args!(
            "--resume will not be able to continue this run: {}",
            output::printable(&error.to_string())
        ));
    }
    kept.is_ok()
}

fn selection(context: &Context, arguments: &Arguments, round: Option<&Round>) -> Result<Selection, CommandError> {
    if !arguments.exhibits.is_empty() {
        let archive = context.open()?;
        let exhibits = arguments.exhibits.iter().map(|typed| find_exhibit(&archive, typed));
        return Ok(Selection::Exhibits(exhibits.collect::<Result<HashSet<_>, _>>()?));
    }
    if let Some(per_million) = arguments.sample {
        let mut seed = [0; 16];
        context.environment.fill_random(&mut seed).map_err(|error| {
            CommandError::incomplete(format!("the system provides no randomness to draw a sample: {error}"))
        })?;
        return Ok(Selection::Sample(Sample { per_million, seed: Salt::from_bytes(seed) }));
    }
    Ok(match (arguments.changed_since, round) {
        (Some(since), _) => Selection::Since(since),
        (None, Some(round)) => Selection::Rest(round.progress.clone()),
        (None, None) => Selection::All,
    })
}

fn record(context: &Context, report: &Report, keys: &Keys) -> Result<Option<EntryIndex>, CommandError> {
    let mut session = context.open_to_write()?;
    let (Some(verdict), Some(log_verdict)) = (report.verdict.recorded(), report.log_verdict.recorded()) else {
        return Err(CommandError::incomplete(
            "the outcome was not recorded, because a newer version writes to this \
            archive",
        ));
    };
    let event = ArchiveVerified {
        coverage: report.coverage.clone(),
        entries: report.checked.entries,
        failed_objects: report.failed_objects.iter().take(MAX_FAILED_OBJECTS).copied().collect(),
        fields: Vec::new(),
        findings: report.weighty_findings(),
        log_verdict,
        objects: report.checked.objects,
        root: report.root,
        size: report.size,
        size_bytes: report.checked.object_bytes,
        software: SOFTWARE.to_owned(),
        verdict,
    };
    let draft = Draft { event: event.into(), exhibit: None, occurred_at: None, fields: Vec::new() };
    Ok(session.record(keys, vec![draft])?.first().copied())
}

/// A head as it was handed out: with the archive's first entry, or alone.
enum Head {
    Receipts(Receipts),
    Note(SignedCheckpoint),
}

impl Head {
    fn parse(bytes: &[u8]) -> Result<Self, FormatError> {
        match Receipt::is_begun_by(bytes) || Receipt::newer(bytes).is_some() {
            true => Receipts::parse(bytes).map(Self::Receipts),
            false => SignedCheckpoint::parse(bytes).map(Self::Note),
        }
    }
}

/// The checkpoint in a file: a bare one, or that of receipts. A receipt whose path leads to the root of its own
/// checkpoint needs no further check: if the log has that root, it has the entry.
fn read_head(path: &Path) -> Result<ExpectedHead, CommandError> {
    let failed = |reason: String| CommandError::incomplete(format!("{}: {reason}", path.display()));
    let unread = |error: std::io::Error| failed(format!("cannot read the checkpoint: {error}"));
    let size_bytes = path.metadata().map_err(unread)?.len();
    if size_bytes > carried::limit_bytes(MAX_RECEIPTS_BYTES) {
        let most = output::number(MAX_RECEIPTS_BYTES as u64);
        let size = output::count(size_bytes, "byte");
        return Err(failed(format!("this is not a head: it has {size}, and a head has at most {most}"))
            .hint("give a file with the output of `vouchsafe head`"));
    }
    let bytes = read_limited(path, carried::limit_bytes(MAX_RECEIPTS_BYTES), true).map_err(unread)?;
    let read = carried::read(&bytes, Head::parse).map_err(|error| match &error {
        FormatError::NotUnderstood { .. } => failed(error.to_string()).hint(NEWER_HINT),
        _ => failed(error.to_string()).hint(ASK_FOR_THE_FILE),
    })?;
    if read.was_changed {
        note_undone(path);
    }
    let receipts = match read.value {
        Head::Note(head) => {
            return Ok(ExpectedHead { head, archive: None, is_proved: false, path: path.to_owned() });
        }
        Head::Receipts(receipts) => receipts.0,
    };
    let doubtful = |error: String| {
        failed(format!("the receipt is not consistent, so nothing is compared with it: {error}"))
            .hint("ask its keeper for another copy of the file, or omit it")
    };
    let Some(last) = receipts.last() else { return Err(failed("the file contains no receipt".to_owned())) };
    // A receipt out of a bundle comes alone: only its path is checked here, and its log key with the archive.
    let (archive, is_proved) = match receipts.as_slice() {
        [only] if only.entry.entry.index.0 > 0 => {
            only.check_path().map_err(|error| doubtful(error.to_string()))?;
            (None, false)
        }
        all => match receipts::check(all) {
            // They show which keys sign the log, even after its end here.
            Ok(shown) => (Some(shown.fingerprint), shown.not_understood.is_empty()),
            // The paths are right; the signers are compared with the archive.
            Err(ReceiptsError::NotUnderstood { archive, .. }) => (Some(archive), false),
            Err(error) => return Err(doubtful(error.to_string())),
        },
    };
    Ok(ExpectedHead { head: last.checkpoint.clone(), archive, is_proved, path: path.to_owned() })
}
