//! `vouchsafe check`, which is all that the small program `vouchsafe-check` does.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use vouchsafe_bundle::{is_no_bundle, open};
use vouchsafe_core::format::salvage::is_of_the_process;
use vouchsafe_core::model::{MediaType, WithholdingReason};
use vouchsafe_core::verify::bundle::{
    BundleReport, BundleRequest, BundleVerdict, CompletenessReport, EarlierReport, ExhibitReport, Held, NotChecked,
    check,
};
use vouchsafe_core::verify::{Finding, MAX_TRUST_BYTES, Severity, Trust, TrustError, Watch};

use super::check_error::{CheckError, LIMIT_HINT, NO_BUNDLE_HINT, no_trust};
use super::paint::{Tone, on_stdout, verdict};
use super::receipt::{self, ReceiptReport};
use super::text::{NEWER_HINT, bytes, count, number, printable, quoted, write_findings};

/// Check a bundle exported from an archive, or a receipt, head or letter
///
/// Checks every file, signature, receipt, field and object, without an archive or a network, and writes nothing. Give
/// the archive's fingerprint, which you received through a separate channel. Without it, the check shows only that the
/// bundle is consistent, and anybody can make a consistent bundle.
#[derive(clap::Args, Debug)]
#[command(after_help = EXIT_STATUS)]
pub struct Arguments {
    /// The bundle (a folder or a zip file), or the file of a receipt, head or letter
    #[arg(value_name = "BUNDLE")]
    bundle: PathBuf,
    /// The archive's fingerprint, from a separate channel, or a file of fingerprints, one per line
    ///
    /// A key of the archive is reported but is not a trust anchor: its owner can make another archive.
    #[arg(long, value_name = "FINGERPRINT|FILE")]
    trust: Vec<String>,
    /// An earlier bundle from the same archive, to compare with this one: what both show of the log, and which withheld
    /// exhibits of the earlier bundle this one discloses
    #[arg(long, value_name = "BUNDLE")]
    earlier: Option<PathBuf>,
}

const EXIT_STATUS: &str = "Exit status: 0 every exhibit is sound; 1 there are findings; 2 wrong usage; 3 not \
    completed, the carrier prevents checking the bundle, or no fingerprint was given to check against.";

/// At most this many exhibits without findings are named; of more, the number.
const SHOWN_EXHIBITS: usize = 50;
/// At most this much of a collection's name is shown.
const MAX_NAME_CHARS: usize = 200;

/// What was checked.
#[derive(Debug, serde::Serialize)]
#[serde(untagged)]
pub enum Checked {
    /// A bundle.
    Bundle(Box<BundleReport>),
    /// A receipt, a head or a letter.
    Receipt(Box<ReceiptReport>),
    /// Nothing: the carrier prevents it.
    Nothing(Hindrance),
}

vouchsafe_core::described! {
    /// What prevents checking a bundle. It says nothing about the evidence.
    #[derive(Debug, serde::Serialize)]
    pub struct Hindrance {
        verdict: &'static str,
        reason: String,
        hint: &'static str,
    }
}

impl Hindrance {
    fn new(why: &NotChecked, is_earlier: bool) -> Self {
        let of = if is_earlier { "the earlier bundle: " } else { "" };
        Self { verdict: "not-checked", reason: format!("{of}{}", why.reason), hint: why.hint }
    }

    fn render(&self, out: &mut dyn Write) -> io::Result<()> {
        let text = format!("COULD NOT BE CHECKED: {}", printable(&self.reason));
        writeln!(out, "{}", verdict(Tone::Doubtful, &text))?;
        writeln!(out, "  {}", self.hint)?;
        writeln!(out, "  This says nothing about the evidence, neither for it nor against it.")
    }
}

/// Checks a bundle, a receipt or a letter.
pub fn run(arguments: &Arguments, watch: &dyn Watch) -> Result<Checked, CheckError> {
    let trust = trust(&arguments.trust, Some(&arguments.bundle))?;
    let path = &arguments.bundle;
    let failed = |error: io::Error| CheckError::Incomplete {
        message: format!("{}: cannot read it: {error}", path.display()),
        hint: None,
    };
    if let Some(bytes) = receipt::read(path).map_err(failed)? {
        return receipt::check(path, &bytes, &trust).map(|report| Checked::Receipt(Box::new(report)));
    }
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let request = BundleRequest { trust, threads };
    let mut report = match check_one(&arguments.bundle, &request, watch)? {
        Ok(report) => report,
        Err(why) => return Ok(Checked::Nothing(Hindrance::new(&why, false))),
    };
    if let Some(path) = &arguments.earlier {
        let earlier = match check_one(path, &request, watch)? {
            Ok(earlier) => earlier,
            Err(why) => return Ok(Checked::Nothing(Hindrance::new(&why, true))),
        };
        report.compare_with_earlier(&earlier).map_err(|error| CheckError::Usage {
            message: format!("{}: {error}", path.display()),
            hint: "give a bundle that the same archive made before",
        })?;
    }
    Ok(Checked::Bundle(Box::new(report)))
}

fn check_one(
    path: &Path,
    request: &BundleRequest,
    watch: &dyn Watch,
) -> Result<Result<BundleReport, NotChecked>, CheckError> {
    let report = match open(path).and_then(|bundle| check(&*bundle, request, watch)) {
        Ok(report) => report,
        Err(error) => return NotChecked::of(&error).cloned().map(Err).ok_or_else(|| unreadable(path, &error)),
    };
    match &report.slip {
        Some(slip) => Err(no_trust(slip.to_string())),
        None => Ok(Ok(report)),
    }
}

fn unreadable(path: &Path, error: &io::Error) -> CheckError {
    CheckError::Incomplete {
        message: format!("{}: cannot read the bundle: {error}", path.display()),
        hint: match error {
            error if is_no_bundle(error) => Some(NO_BUNDLE_HINT),
            error if is_of_the_process(error) => Some(LIMIT_HINT),
            _ => None,
        },
    }
}

/// The exit status that a report leads to.
pub fn exit_status(checked: &Checked) -> u8 {
    let report = match checked {
        Checked::Receipt(report) => return report.exit_status(),
        Checked::Nothing(_) => return 3,
        Checked::Bundle(report) => report,
    };
    match report.verdict {
        _ if report.earlier.as_ref().is_some_and(|earlier| speaks_against(&earlier.findings)) => 1,
        BundleVerdict::Failed | BundleVerdict::Degraded => 1,
        BundleVerdict::NotUnderstood => 3,
        BundleVerdict::Unverifiable if report.worst().is_none_or(|worst| worst == Severity::Notice) => 3,
        BundleVerdict::Unverifiable => 1,
        BundleVerdict::Sound if report.complete => 0,
        BundleVerdict::Sound => 3,
    }
}

/// Whether one of these findings speaks against what was checked.
fn speaks_against(findings: &[Finding]) -> bool {
    findings.iter().any(|finding| matches!(finding.code.severity(), Severity::Degraded | Severity::Failed))
}

/// Whether one of them is more than a notice.
fn are_weighty(findings: &[Finding]) -> bool {
    findings.iter().any(|finding| finding.code.is_weighty())
}

/// What was given with --trust, each a fingerprint, a key or a file of these.
pub fn trust(texts: &[String], bundle: Option<&Path>) -> Result<Trust, CheckError> {
    let mut trust = Trust::default();
    for text in texts {
        trust.add(match Trust::read(text) {
            Err(TrustError::Other) => read_trust_file(text, bundle)?,
            read => read.map_err(|error| no_trust(format!("{text:?}: {error}")))?,
        });
    }
    Ok(trust)
}

fn read_trust_file(text: &str, bundle: Option<&Path>) -> Result<Trust, CheckError> {
    let path = Path::new(text);
    if !path.is_file() {
        return Err(no_trust(format!("{text:?} is neither a fingerprint of an archive, nor a key, nor a file")));
    }
    let is_inside = |folder: PathBuf| path.canonicalize().is_ok_and(|path| path.starts_with(folder));
    if bundle.is_some_and(|bundle| bundle.canonicalize().is_ok_and(is_inside)) {
        return Err(CheckError::Usage {
            message: format!("{text}: this file is inside the bundle, so it proves nothing about it"),
            hint: "get the fingerprint from elsewhere: from the archive's owner, in person or in print",
        });
    }
    let failed = |error: io::Error| CheckError::Incomplete {
        message: format!("{text}: cannot read the fingerprints: {error}"),
        hint: None,
    };
    let mut content = String::new();
    File::open(path).map_err(failed)?.take(MAX_TRUST_BYTES).read_to_string(&mut content).map_err(failed)?;
    Trust::read_lines(&content).map_err(|(line, error)| no_trust(format!("{text}, line {line}: {error}")))
}

/// Prints the report.
pub fn render_checked(out: &mut dyn Write, checked: &Checked) -> io::Result<()> {
    match checked {
        Checked::Bundle(report) => render(out, report),
        Checked::Receipt(report) => report.render(out),
        Checked::Nothing(why) => why.render(out),
    }
}

/// Prints the report on a bundle.
pub fn render(out: &mut dyn Write, report: &BundleReport) -> io::Result<()> {
    let (word, meaning) = match (report.verdict, report.complete) {
        (BundleVerdict::Failed, _) => ("FAILED", "something is missing, changed or not what it claims to be"),
        (BundleVerdict::NotUnderstood, true) => {
            ("NOT UNDERSTOOD", "nothing failed, but a newer version wrote something that this program does not know")
        }
        (_, false) => ("NOT FINISHED", "what was checked so far is as it was committed to"),
        (BundleVerdict::Sound, true) => ("SOUND", "everything in the bundle is as it was committed to"),
        (BundleVerdict::Degraded, true) => ("DEGRADED", "the exhibits hold, but something beside them does not"),
        (BundleVerdict::Unverifiable, true) => {
            ("UNVERIFIABLE", "the bundle is consistent, but no fingerprint from outside was given to check it against")
        }
    };
    let tone = match (report.verdict, report.complete) {
        (BundleVerdict::Failed, _) => Tone::Bad,
        (BundleVerdict::Sound, true) => Tone::Good,
        _ => Tone::Doubtful,
    };
    // A reader of only the first line must not take the one bundle for both.
    match report.earlier.as_ref().filter(|earlier| are_weighty(&earlier.findings)) {
        Some(earlier) => {
            let of_the_earlier = earlier.verdict.as_str().to_uppercase();
            writeln!(out, "{}", verdict(Tone::Bad, &format!("{word}, BUT THE EARLIER BUNDLE IS {of_the_earlier}")))?;
            writeln!(out, "  this bundle: {meaning}")?;
            writeln!(out, "  the earlier bundle: see the findings about it below")?;
        }
        None => writeln!(out, "{}", verdict(tone, &format!("{word}: {meaning}")))?,
    }
    if let (BundleVerdict::Sound | BundleVerdict::Degraded, Some(as_of)) = (report.verdict, report.as_of()) {
        writeln!(out, "{as_of}")?;
    }
    if report.verdict == BundleVerdict::NotUnderstood {
        writeln!(out, "{NEWER_HINT}")?;
    }
    writeln!(out)?;
    write_findings(out, &report.findings, |_| String::new())?;
    render_exhibits(out, &report.exhibits)?;
    if let Some(stated) = &report.completeness {
        writeln!(out, "Completeness\n  {}", completeness(stated))?;
    }
    if let Some(earlier) = &report.earlier {
        render_earlier(out, earlier)?;
    }
    render_origin(out, report)?;
    let checked = &report.checked;
    writeln!(out, "Checked")?;
    writeln!(out, "  files       {} ({})", number(checked.files), bytes(checked.bytes))?;
    writeln!(out, "  entries     {}", number(checked.entries))?;
    writeln!(out, "  signatures  {}", number(checked.signatures))?;
    writeln!(out, "  fields      {}", number(checked.fields))?;
    if !report.not_checked.is_empty() {
        writeln!(out, "{}", on_stdout(Tone::Heading, "NOT checked"))?;
        for text in &report.not_checked {
            writeln!(out, "  {}", printable(text))?;
        }
    }
    writeln!(
        out,
        "Not proved by this: what an exhibit shows, who made it, what happened to it before it was ingested, and that\n\
         these are all exhibits, or all entries about them."
    )
}

fn render_exhibits(out: &mut dyn Write, exhibits: &[ExhibitReport]) -> io::Result<()> {
    writeln!(out, "Exhibits")?;
    let (mut shown, mut left_out) = (0, 0_u64);
    for exhibit in exhibits {
        let is_plain = matches!(exhibit.verdict, BundleVerdict::Sound | BundleVerdict::Unverifiable);
        if is_plain && shown >= SHOWN_EXHIBITS {
            left_out += 1;
            continue;
        }
        shown += usize::from(is_plain);
        let size = exhibit.size_bytes.map(bytes).unwrap_or_default();
        let media_type = exhibit.object.map_or("", |_| MediaType::told(exhibit.media_type.as_ref()));
        let ingested = exhibit.ingested_at.map(|at| format!("ingested {}", &at.to_string()[..10])).unwrap_or_default();
        writeln!(
            out,
            "  {}  {:<12}  {size:>11}  {media_type}  {ingested}, {}, {} withheld",
            exhibit.exhibit,
            exhibit.verdict.as_str(),
            count(exhibit.entries, "entry"),
            count(exhibit.withheld_fields, "field"),
        )?;
        if let Some(object) = exhibit.object {
            writeln!(out, "      SHA-256 {object}")?;
        }
        for foreign in &exhibit.foreign {
            let origin = foreign.origin.as_ref().map_or_else(|| "another archive".to_owned(), ToString::to_string);
            let checked = match foreign.is_there {
                true => count(foreign.entries, "entry"),
                false => "its history there is not in this bundle".to_owned(),
            };
            writeln!(out, "      came from {} as {} ({checked})", printable(&origin), foreign.exhibit)?;
            if let Some(fingerprint) = foreign.fingerprint {
                writeln!(out, "        fingerprint {}", fingerprint.paper())?;
            }
        }
    }
    if left_out > 0 {
        writeln!(out, "  and {} without findings (--json names them)", count(left_out, "further exhibit"))?;
    }
    Ok(())
}

/// What a statement of completeness says.
pub fn completeness(stated: &CompletenessReport) -> String {
    let name = stated.collection.as_ref().map(|name| format!(" {}", quoted(&shortened(name)))).unwrap_or_default();
    let withheld = stated.withheld.values().sum::<u64>();
    let mut text = format!(
        "The collection{name} holds {} at log size {}: {} here",
        count(stated.held, "exhibit"),
        stated.size,
        are(stated.included),
    );
    if withheld > 0 {
        text += &format!(", {} withheld ({})", are(withheld), reasons(&stated.withheld));
    }
    text
}

/// Reasons with how many exhibits each has.
pub fn reasons(counts: &BTreeMap<WithholdingReason, u64>) -> String {
    counts.iter().map(|(reason, count)| format!("{reason} {}", number(*count))).collect::<Vec<_>>().join(", ")
}

fn are(count: u64) -> String {
    format!("{} {}", number(count), if count == 1 { "is" } else { "are" })
}

/// The beginning of a text that may be long.
fn shortened(text: &str) -> String {
    let beginning: String = text.chars().take(MAX_NAME_CHARS).collect();
    let end = if beginning.len() < text.len() { "…" } else { "" };
    format!("{beginning}{end}")
}

fn render_earlier(out: &mut dyn Write, earlier: &EarlierReport) -> io::Result<()> {
    let bundle = earlier.bundle.map(|bundle| bundle.to_string()).unwrap_or_default();
    writeln!(out, "The earlier bundle\n  {:<12}  {bundle}", earlier.verdict.as_str())?;
    write_findings(out, &earlier.findings, |_| String::new())?;
    match earlier.is_continued {
        Some(true) => writeln!(out, "  This bundle proves that its log continues the log of the earlier one.")?,
        Some(false) => writeln!(
            out,
            "  The parts of the log that both show agree. The two bundles do not show whether the whole log continues \
             the earlier one."
        )?,
        None => return writeln!(out, "  The two were NOT compared, since one of them failed its check."),
    }
    let Some(stated) = &earlier.completeness else {
        return writeln!(
            out,
            "  The earlier bundle has no statement of completeness, so it does not show whether any exhibit was left \
             out."
        );
    };
    let Some(compared) = &earlier.compared else { return Ok(()) };
    writeln!(out, "  {}", completeness(stated))?;
    writeln!(out, "Compared with it")?;
    let disclosed = compared.disclosed.values().sum::<u64>();
    let by_reason = if disclosed > 0 { format!(" ({})", reasons(&compared.disclosed)) } else { String::new() };
    let verb = if disclosed == 1 { "is" } else { "are" };
    // Those that could not be compared may be among them.
    let here = if compared.not_compared > 0 { "shown to be here" } else { "here now" };
    let withheld = number(stated.held - stated.included);
    writeln!(out, "  {} of the {withheld} withheld then {verb} {here}{by_reason}", number(disclosed))?;
    writeln!(out, "  {} of this bundle also in the earlier one", count(compared.included, "exhibit"))?;
    writeln!(out, "  {} of this bundle did not belong to the collection then", count(compared.others, "exhibit"))?;
    if compared.left_out + compared.miscounted > 0 {
        let contradicting = compared.left_out + compared.miscounted;
        let verb = if contradicting == 1 { "contradicts" } else { "contradict" };
        writeln!(out, "  {} {verb} its statement", count(contradicting, "exhibit"))?;
    }
    if compared.not_compared > 0 {
        writeln!(
            out,
            "  {} could NOT be compared, since {} `collection` is not disclosed, or that of the statement is not known",
            count(compared.not_compared, "exhibit"),
            if compared.not_compared == 1 { "its" } else { "their" }
        )?;
    }
    match &earlier.held {
        Some(held) => render_held(out, held),
        None => Ok(()),
    }
}

/// Compares two statements about one collection.
fn render_held(out: &mut dyn Write, held: &Held) -> io::Result<()> {
    writeln!(
        out,
        "  The collection held {} then and holds {} now; of the {} that were counted then, {} in this bundle.",
        count(held.then, "exhibit"),
        number(held.now),
        number(held.then),
        are(held.counted_then_here_now),
    )?;
    if held.now < held.then {
        writeln!(
            out,
            "  Some exhibits that were counted then have been moved out of the collection, or are no longer counted; \
             the log shows which."
        )?;
    }
    Ok(())
}

fn render_origin(out: &mut dyn Write, report: &BundleReport) -> io::Result<()> {
    let said = [
        ("from", report.origin.as_ref().map(ToString::to_string)),
        ("made at", report.created_at.map(|at| at.to_string())),
        ("signed by", report.signer.map(|key| key.to_string())),
        ("fingerprint", report.fingerprint.map(|fingerprint| fingerprint.paper())),
        ("administrator", report.administrator.map(|key| key.to_string())),
        ("log key", report.log_key.clone()),
        ("checkpoint", report.size.zip(report.root).map(|(size, root)| format!("{size} entries, root {root}"))),
        ("bundle", report.bundle.map(|bundle| bundle.to_string())),
    ];
    if said.iter().all(|(_, text)| text.is_none()) {
        return Ok(());
    }
    writeln!(out, "The bundle says that it is")?;
    for (label, text) in said {
        if let Some(text) = text {
            writeln!(out, "  {label:<13}  {}", printable(&text))?;
        }
    }
    match (report.trusted, report.was_trust_given) {
        (true, _) => writeln!(out, "The fingerprint matches one that was given from outside."),
        (false, false) => writeln!(out, "Only a fingerprint from outside (--trust) can show whether this is true."),
        (false, true) => writeln!(out, "Nothing that was given from outside confirms this."),
    }
}
