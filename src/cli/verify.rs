//! `vouchsafe verify`

use std::collections::HashSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use vouchsafe::SOFTWARE;
use vouchsafe::archive::{Draft, Keys, Verification, verify_archive};
use vouchsafe::format::{LogKey, Receipt, SignedCheckpoint};
use vouchsafe::model::{ArchiveVerified, Coverage, EntryIndex, EventKind, MAX_FAILED_OBJECTS, Verdict};
use vouchsafe::sign::{KeyId, PublicKey};
use vouchsafe::store::durable::read_limited;
use vouchsafe::verify::{Anchor, Report, Severity, Watch};

use super::Done;
use super::agent::check_permission;
use super::context::Context;
use super::error::CommandError;
use super::output::{self, bytes, count, number, printable};

/// Check everything again: every byte, signature, field and checkpoint, from the volumes
///
/// Nothing is believed that the index says, and nothing is changed. With exhibits, the whole log is
/// checked, but only the bytes of those exhibits are read.
#[derive(clap::Args)]
pub struct Arguments {
    /// Read only the objects of these exhibits
    #[arg(value_name = "EXHIBIT")]
    exhibits: Vec<String>,
    /// A key from outside: the first administrator's fingerprint or public key, or the log's verifier key
    ///
    /// The key of an administrator who was added later does not serve: only the log itself introduces it, and whoever
    /// forged the log could introduce any key.
    #[arg(long, value_name = "KEY")]
    trust: Vec<String>,
    /// A head (checkpoint) or a receipt from outside, which the log must contain
    #[arg(long, value_name = "FILE")]
    expect_head: Vec<PathBuf>,
    /// Record the outcome in the log
    #[arg(long)]
    record: bool,
}

pub fn run(context: &Context, arguments: &Arguments) -> Result<Done, CommandError> {
    if arguments.record && !arguments.exhibits.is_empty() {
        return Err(CommandError::usage("only a verification of the whole archive can be recorded")
            .hint("leave out the exhibits, or --record"));
    }
    let keys = match arguments.record {
        true => {
            // Whether it can be recorded is asked before the long work, not after it.
            let archive = context.open()?;
            Some(check_permission(context, &archive, EventKind::ArchiveVerified)?)
        }
        false => None,
    };
    let only = match arguments.exhibits.is_empty() {
        true => None,
        false => {
            let archive = context.open()?;
            let exhibits = arguments.exhibits.iter().map(|typed| context.exhibit(&archive, typed));
            Some(exhibits.collect::<Result<HashSet<_>, _>>()?)
        }
    };
    let verification = Verification {
        known: Some(context.known()),
        anchors: arguments.trust.iter().map(|text| anchor(text)).collect::<Result<_, _>>()?,
        expected_heads: arguments.expect_head.iter().map(|path| read_head(path)).collect::<Result<_, _>>()?,
        only,
        threads: 0,
    };
    let watcher = Watcher::new(context);
    let _ = ctrlc::set_handler(|| {
        if STOPPED.swap(true, Relaxed) {
            std::process::exit(3);
        }
    });
    let report = verify_archive(context.archive(), &verification, &watcher);
    watcher.bar.finish_and_clear();
    let report = report?;
    // The outcome is told before it is recorded, so that it is not lost if it cannot be recorded. Nobody may
    // read on; the exit status still tells it.
    let quiet =
        |told: Result<(), CommandError>| told.or_else(|error| if error.is_broken_pipe() { Ok(()) } else { Err(error) });
    if !context.options.json {
        quiet(render(&report))?;
    }
    let recorded = match keys.filter(|_| report.complete) {
        Some(keys) => record(context, &report, &keys),
        None => Ok(None),
    };
    if context.options.json {
        let mut value = serde_json::to_value(&report).map_err(std::io::Error::from)?;
        value["recorded_as"] = serde_json::json!(recorded.as_ref().ok());
        quiet(output::json(&mut std::io::stdout().lock(), &value))?;
    } else if let Ok(Some(index)) = &recorded {
        let _ = writeln!(std::io::stdout(), "\nRecorded as entry {index}");
    }
    recorded?;
    Ok(match (report.complete, report.verdict) {
        (_, Verdict::Failed | Verdict::Degraded) => Done::WithFindings,
        (false, Verdict::Sound) => Done::Incomplete,
        (true, Verdict::Sound) => Done::Well,
    })
}

fn record(context: &Context, report: &Report, keys: &Keys) -> Result<Option<EntryIndex>, CommandError> {
    let mut archive = context.open_to_write()?;
    let event = ArchiveVerified {
        coverage: Coverage::whole(report.objects),
        entries: report.checked.entries,
        failed_objects: report.failed_objects.iter().take(MAX_FAILED_OBJECTS).copied().collect(),
        fields: Vec::new(),
        findings: report.weighty_findings(),
        log_verdict: report.log_verdict,
        objects: report.checked.objects,
        root: report.root,
        size: report.size,
        size_bytes: report.checked.object_bytes,
        software: SOFTWARE.to_owned(),
        verdict: report.verdict,
    };
    let draft = Draft { event: event.into(), exhibit: None, occurred_at: None, fields: Vec::new() };
    Ok(archive.record(keys, vec![draft], &context.environment)?.first().copied())
}

fn anchor(text: &str) -> Result<Anchor, CommandError> {
    if let Ok(key) = text.parse::<KeyId>() {
        return Ok(Anchor::Administrator(key));
    }
    if let Ok(key) = text.parse::<LogKey>() {
        return Ok(Anchor::Log(Box::new(key)));
    }
    if let Ok(key) = PublicKey::from_openssh(text) {
        return Ok(Anchor::Administrator(key.id()));
    }
    Err(CommandError::usage(format!("{text:?} is not a key"))
        .hint("a fingerprint is SHA256:…, a public key is ssh-ed25519 AAAA…, a verifier key is name+hash+base64"))
}

/// The checkpoint in a file: a head, or that of a receipt. A receipt whose path leads to the root of its own
/// checkpoint needs no further check: if the log has that root, it has the entry.
fn read_head(path: &Path) -> Result<(SignedCheckpoint, PathBuf), CommandError> {
    let failed = |reason: String| CommandError::incomplete(format!("{}: {reason}", path.display()));
    let bytes = read_limited(path, 1024 * 1024, true)
        .map_err(|error| failed(format!("cannot read the checkpoint: {error}")))?;
    if !Receipt::is_begun_by(&bytes) {
        let head = SignedCheckpoint::parse(&bytes).map_err(|error| failed(error.to_string()))?;
        return Ok((head, path.to_owned()));
    }
    let receipt = Receipt::parse(&bytes).map_err(|error| failed(error.to_string()))?;
    receipt.check_path().map_err(|error| {
        failed(format!("the receipt does not hold in itself, so nothing is compared with it: {error}"))
            .hint("ask whoever kept it for another copy of the file, or leave it out")
    })?;
    Ok((receipt.checkpoint, path.to_owned()))
}

static STOPPED: AtomicBool = AtomicBool::new(false);

struct Watcher {
    bar: ProgressBar,
}

impl Watcher {
    fn new(context: &Context) -> Self {
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr_with_hz(8));
        if !context.shows_progress() {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        let style = "{bar:30} {decimal_bytes} of {decimal_total_bytes}  {decimal_bytes_per_sec}  {eta} left";
        if let Ok(style) = ProgressStyle::with_template(style) {
            bar.set_style(style);
        }
        Self { bar }
    }
}

impl Watch for Watcher {
    fn total(&self, bytes: u64) {
        self.bar.set_length(bytes);
    }

    fn advance(&self, bytes: u64) {
        self.bar.inc(bytes);
    }

    fn is_stopped(&self) -> bool {
        STOPPED.load(Relaxed)
    }
}

fn render(report: &Report) -> Result<(), CommandError> {
    let mut out = std::io::stdout().lock();
    let verdict = match (report.verdict, report.complete) {
        (Verdict::Sound, true) => "SOUND: everything that was checked is as it was committed to",
        (Verdict::Sound, false) => "NOT FINISHED: what was checked so far is as it was committed to",
        (Verdict::Degraded, _) => "DEGRADED: nothing is lost or forged, but something is not as it should be",
        (Verdict::Failed, _) => "FAILED: something is missing, changed or not what it claims to be",
    };
    writeln!(out, "{verdict}\n")?;
    for finding in &report.findings {
        let weight = match finding.code.severity() {
            Severity::Failed => "failed",
            Severity::Degraded => "degraded",
            Severity::Notice => "notice",
        };
        let exhibit = finding.exhibit.map(|exhibit| format!(" of {exhibit}")).unwrap_or_default();
        writeln!(out, "  {} ({weight})  {}{exhibit}", finding.code, printable(&finding.place))?;
        writeln!(out, "      {}", printable(&finding.message))?;
        writeln!(out, "      {}", finding.code.meaning())?;
    }
    if report.more_findings > 0 {
        writeln!(out, "  and {}", count(report.more_findings, "further finding"))?;
    }
    if !report.findings.is_empty() {
        writeln!(out)?;
    }
    let checked = &report.checked;
    writeln!(out, "Checked")?;
    let rows = vec![
        vec!["  volumes".to_owned(), number(checked.volumes)],
        vec![
            "  objects".to_owned(),
            format!("{} of {}, {}", number(checked.objects), number(report.objects), bytes(checked.object_bytes)),
        ],
        vec!["  entries".to_owned(), format!("{} ({})", number(checked.entries), count(report.exhibits, "exhibit"))],
        vec!["  signatures".to_owned(), number(checked.signatures)],
        vec!["  fields".to_owned(), number(checked.fields)],
        vec!["  checkpoints".to_owned(), number(checked.checkpoints)],
        vec!["  index".to_owned(), count(checked.index_records, "record")],
        vec!["  root".to_owned(), report.root.to_string()],
    ];
    output::table(&mut out, &rows)?;
    writeln!(out, "Keys checked against\n  {}", printable(&report.trust))?;
    if !report.not_checked.is_empty() {
        writeln!(out, "NOT checked")?;
        for text in &report.not_checked {
            writeln!(out, "  {}", printable(text))?;
        }
    }
    writeln!(
        out,
        "Not proved by this: what an exhibit shows, who made it, and what happened to it before it was ingested."
    )?;
    Ok(())
}
