//! `vouchsafe check`, and all that the small program `vouchsafe-check` does.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use vouchsafe::bundle::{is_no_bundle, open};
use vouchsafe::format::LogKey;
use vouchsafe::format::salvage::is_of_the_process;
use vouchsafe::model::WithholdingReason;
use vouchsafe::sign::{KeyId, PublicKey};
use vouchsafe::verify::bundle::{
    BundleReport, BundleRequest, BundleVerdict, CompletenessReport, EarlierReport, ExhibitReport, Held, check,
};
use vouchsafe::verify::{Anchor, Severity, Watch};

use super::text::{bytes, count, number, printable, quoted, write_findings};

/// Check a bundle that was exported from an archive
///
/// Every file, signature, receipt, field and object is checked, without an archive and without a network, and nothing
/// is written. Give a key that reached you by another road than the bundle: without one, it can only be shown that
/// the bundle agrees with itself, which anybody can make.
#[derive(clap::Args, Debug)]
#[command(after_help = EXIT_STATUS)]
pub struct Arguments {
    /// The bundle: a folder or a zip file
    #[arg(value_name = "BUNDLE")]
    bundle: PathBuf,
    /// A key from outside: the administrator's fingerprint or public key, the log's verifier key, or a file with any of
    /// these, one a line (an allowed_signers file is one)
    #[arg(long, value_name = "KEY|FILE")]
    trust: Vec<String>,
    /// An earlier bundle from the same archive: what the two show of the log is compared, and what its statement of
    /// completeness counts with what this one discloses
    #[arg(long, value_name = "BUNDLE")]
    earlier: Option<PathBuf>,
}

const EXIT_STATUS: &str = "Exit status: 0 every exhibit is sound; 1 there are findings; 2 the command was not \
understood; 3 it could not be completed, or no key was given to check against.";

/// What to give instead of something that is no bundle.
pub const NO_BUNDLE_HINT: &str = "give the folder in which bundle.json lies, or the zip file that was handed over; an archive \
is verified with: vouchsafe verify --archive DIR";

/// What to do where this process may not open a further file.
pub const LIMIT_HINT: &str = "this program may not open a further file or take more memory: raise the limit (ulimit -n, \
ulimit -v), or end other programs, and run the command again; what was acknowledged is safe";

/// The largest file of keys in bytes.
const MAX_KEYS_BYTES: u64 = 1024 * 1024;
/// So many exhibits without findings are named; of more, the number.
const SHOWN_EXHIBITS: usize = 50;
/// So much of a collection's name is shown.
const MAX_NAME_CHARS: usize = 200;

/// Why a bundle could not be checked.
#[derive(Debug)]
pub enum CheckError {
    /// The command makes no sense.
    Usage {
        /// Why.
        message: String,
        /// The way out.
        hint: &'static str,
    },
    /// It could not be read.
    Incomplete {
        /// Why.
        message: String,
        /// The way out, where there is one.
        hint: Option<&'static str>,
    },
}

/// Checks a bundle.
pub fn run(arguments: &Arguments, watch: &dyn Watch) -> Result<BundleReport, CheckError> {
    let anchors = all_anchors(&arguments.trust, &arguments.bundle)?;
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let request = BundleRequest { anchors, threads };
    let mut report = check_one(&arguments.bundle, &request, watch)?;
    if let Some(path) = &arguments.earlier {
        let earlier = check_one(path, &request, watch)?;
        report.compare_with_earlier(&earlier).map_err(|error| CheckError::Usage {
            message: format!("{}: {error}", path.display()),
            hint: "give a bundle that the same archive made before",
        })?;
    }
    Ok(report)
}

fn check_one(path: &Path, request: &BundleRequest, watch: &dyn Watch) -> Result<BundleReport, CheckError> {
    let failed = |error: io::Error| CheckError::Incomplete {
        message: format!("{}: cannot read the bundle: {error}", path.display()),
        hint: match &error {
            error if is_no_bundle(error) => Some(NO_BUNDLE_HINT),
            error if is_of_the_process(error) => Some(LIMIT_HINT),
            _ => None,
        },
    };
    let bundle = open(path).map_err(failed)?;
    check(&*bundle, request, watch).map_err(failed)
}

/// The exit status that a report leads to.
pub fn exit_status(report: &BundleReport) -> u8 {
    match report.verdict {
        _ if report.earlier.as_ref().is_some_and(|earlier| !earlier.findings.is_empty()) => 1,
        BundleVerdict::Failed | BundleVerdict::Degraded => 1,
        BundleVerdict::Unverifiable if report.worst().is_none_or(|worst| worst == Severity::Notice) => 3,
        BundleVerdict::Unverifiable => 1,
        BundleVerdict::Sound if report.complete => 0,
        BundleVerdict::Sound => 3,
    }
}

/// The keys that the arguments name; of each, one has to fit.
pub fn all_anchors(texts: &[String], bundle: &Path) -> Result<Vec<Vec<Anchor>>, CheckError> {
    texts.iter().map(|text| anchors(text, bundle)).collect()
}

/// The keys that an argument names: one, or those of a file, of which one has to fit.
fn anchors(text: &str, bundle: &Path) -> Result<Vec<Anchor>, CheckError> {
    if let Some(anchor) = anchor(text) {
        return Ok(vec![anchor]);
    }
    let usage = |message, hint| Err(CheckError::Usage { message, hint });
    let path = Path::new(text);
    if !path.is_file() {
        return usage(
            format!("{text:?} is neither a key nor a file"),
            "a fingerprint is SHA256:…, a public key is ssh-ed25519 AAAA…, a verifier key is name+hash+base64",
        );
    }
    let is_inside = |folder: PathBuf| path.canonicalize().is_ok_and(|path| path.starts_with(folder));
    if bundle.canonicalize().is_ok_and(is_inside) {
        return usage(
            format!("{text}: this file is in the bundle itself, so it proves nothing about it"),
            "take the keys from elsewhere: from the archive's owner, in person or in print",
        );
    }
    let failed = |error: io::Error| CheckError::Incomplete {
        message: format!("{text}: cannot read the keys: {error}"),
        hint: None,
    };
    let mut content = String::new();
    File::open(path).map_err(failed)?.take(MAX_KEYS_BYTES).read_to_string(&mut content).map_err(failed)?;
    let hint = "a line is a fingerprint, a public key or a verifier key, with a name beside it or without, or a line of an \
                allowed_signers file";
    let mut anchors = Vec::new();
    for (number, line) in (1..).zip(content.trim_start_matches('\u{feff}').lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        match anchor(line).or_else(|| allowed_signer(line)).or_else(|| labelled(line)) {
            Some(anchor) => anchors.push(anchor),
            None => return usage(format!("{text}, line {number}: there is no key in it"), hint),
        }
    }
    if anchors.is_empty() { usage(format!("{text}: there is no key in this file"), hint) } else { Ok(anchors) }
}

/// The one key of a line that has a name or a remark beside it, such as the lines that `init` prints.
fn labelled(line: &str) -> Option<Anchor> {
    let mut found = line.split_whitespace().filter_map(anchor);
    found.next().filter(|_| found.next().is_none())
}

fn anchor(text: &str) -> Option<Anchor> {
    if let Ok(key) = text.parse::<KeyId>() {
        return Some(Anchor::Administrator(key));
    }
    if let Ok(key) = text.parse::<LogKey>() {
        return Some(Anchor::Log(Box::new(key)));
    }
    PublicKey::from_openssh(text).ok().map(|key| Anchor::Administrator(key.id()))
}

/// The key of a line such as `name namespaces="…" ssh-ed25519 AAAA…`.
fn allowed_signer(line: &str) -> Option<Anchor> {
    let key = &line[line.find(" ssh-ed25519 ")?..];
    PublicKey::from_openssh(key).ok().map(|key| Anchor::Administrator(key.id()))
}

/// Prints the report.
pub fn render(out: &mut dyn Write, report: &BundleReport) -> io::Result<()> {
    let (word, meaning) = match (report.verdict, report.complete) {
        (BundleVerdict::Failed, _) => ("FAILED", "something is missing, changed or not what it claims to be"),
        (_, false) => ("NOT FINISHED", "what was checked so far is as it was committed to"),
        (BundleVerdict::Sound, true) => ("SOUND", "everything in the bundle is as it was committed to"),
        (BundleVerdict::Degraded, true) => ("DEGRADED", "the exhibits hold, but something beside them does not"),
        (BundleVerdict::Unverifiable, true) => {
            ("UNVERIFIABLE", "the bundle agrees with itself, but no key from outside was given to check it against")
        }
    };
    // Whoever reads no further than the first line must not take the one bundle for both.
    match report.earlier.as_ref().filter(|earlier| !earlier.findings.is_empty()) {
        Some(earlier) => {
            let of_the_earlier = earlier.verdict.as_str().to_uppercase();
            writeln!(out, "{word}, BUT THE EARLIER BUNDLE IS {of_the_earlier}")?;
            writeln!(out, "  this bundle: {meaning}")?;
            writeln!(out, "  the earlier bundle: there are findings about it, which are told below")?;
        }
        None => writeln!(out, "{word}: {meaning}")?,
    }
    writeln!(out)?;
    write_findings(out, &report.findings, report.more_findings, |_| String::new())?;
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
        writeln!(out, "NOT checked")?;
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
        let media_type = exhibit.media_type.as_ref().map_or("", |media_type| media_type.as_str());
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
            if let Some(log_key) = &foreign.log_key {
                writeln!(out, "        log key {}", printable(log_key))?;
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
    write_findings(out, &earlier.findings, earlier.more_findings, |_| String::new())?;
    match earlier.is_continued {
        Some(true) => writeln!(out, "  This bundle proves that its log continues that one's.")?,
        Some(false) => writeln!(
            out,
            "  What both show of the log agrees. Whether the whole log continues that one's, these two do not show."
        )?,
        None => return writeln!(out, "  The two were NOT compared: that bundle or this one does not hold."),
    }
    let Some(stated) = &earlier.completeness else {
        return writeln!(
            out,
            "  It has no statement of completeness: of no exhibit it is told whether it was left out."
        );
    };
    let Some(compared) = &earlier.compared else { return Ok(()) };
    writeln!(out, "  {}", completeness(stated))?;
    writeln!(out, "Compared with it")?;
    let disclosed = compared.disclosed.values().sum::<u64>();
    let by_reason = if disclosed > 0 { format!(" ({})", reasons(&compared.disclosed)) } else { String::new() };
    let verb = if disclosed == 1 { "is" } else { "are" };
    // What could not be compared may be among them.
    let here = if compared.not_compared > 0 { "shown to be here" } else { "here now" };
    let withheld = number(stated.held - stated.included);
    writeln!(out, "  {} of the {withheld} withheld then {verb} {here}{by_reason}", number(disclosed))?;
    writeln!(out, "  {} of this bundle also in it", count(compared.included, "exhibit"))?;
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

/// Tells what two statements say of one collection.
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
            "  Exhibits that were counted then were moved out of it since, or are not counted; the log shows which."
        )?;
    }
    Ok(())
}

fn render_origin(out: &mut dyn Write, report: &BundleReport) -> io::Result<()> {
    writeln!(out, "The bundle says that it is")?;
    let mut say = |label: &str, text: Option<String>| match text {
        Some(text) => writeln!(out, "  {label:<13}  {}", printable(&text)),
        None => Ok(()),
    };
    say("from", report.origin.as_ref().map(ToString::to_string))?;
    say("made at", report.created_at.map(|at| at.to_string()))?;
    say("signed by", report.signer.map(|key| key.to_string()))?;
    say("administrator", report.administrator.map(|key| key.to_string()))?;
    say("log key", report.log_key.clone())?;
    say("checkpoint", report.size.zip(report.root).map(|(size, root)| format!("{size} entries, root {root}")))?;
    say("bundle", report.bundle.map(|bundle| bundle.to_string()))?;
    match report.trusted {
        true => writeln!(out, "The keys are those that were given from outside."),
        false => writeln!(out, "Whether that is so, only a key from outside can show (--trust)."),
    }
}
