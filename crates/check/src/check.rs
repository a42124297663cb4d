//! `vouchsafe check`, which is all that the small program `vouchsafe-check` does.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use vouchsafe_bundle::{is_no_bundle, open};
use vouchsafe_core::format::salvage::is_of_the_process;
use vouchsafe_core::language::{Language, Text};
use vouchsafe_core::model::{Bilingual, MediaType, WithholdingReason};
use vouchsafe_core::text;
use vouchsafe_core::verify::bundle::{
    BundleReport, BundleRequest, BundleVerdict, Compared, CompletenessReport, EarlierReport, ExhibitReport, Held,
    NotChecked, check,
};
use vouchsafe_core::verify::{Finding, MAX_TRUST_BYTES, Severity, Trust, TrustError, Watch};

use super::check_error::{CheckError, LIMIT_HINT, NO_BUNDLE_HINT, no_trust};
use super::findings::{write_findings, write_not_checked};
use super::page::Page;
use super::paint::{Tone, verdict};
use super::receipt::{self, ReceiptReport};
use super::text::{NEWER, count, number, printable, quoted, size};

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
    /// The language of the report: `en` or `ko`. JSON stays in English
    #[arg(long, value_name = "LANGUAGE", default_value_t)]
    pub language: Language,
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
        reason: Text,
        hint: Text,
    }
}

impl Hindrance {
    fn new(why: &NotChecked, is_earlier: bool) -> Self {
        let reason = match is_earlier {
            true => text!(
                [reason = why.reason] "the earlier bundle: {reason}", "이전 제출 묶음: {reason}"
            ),
            false => why.reason.clone(),
        };
        Self { verdict: "not-checked", reason, hint: why.hint.into() }
    }

    fn render(&self, page: &mut Page<'_>) -> io::Result<()> {
        let reason = page.printable(&self.reason);
        let verdict = verdict(
            Tone::Doubtful,
            page.language.of((
                &format!("COULD NOT BE CHECKED: {reason}"),
                &format!("검증하지 못함 (COULD NOT BE CHECKED): {reason}"),
            )),
        );
        page.line(Text::same(verdict))?;
        page.line(text!([hint = self.hint] "  {hint}", "  {hint}"))?;
        page.line((
            "  This says nothing about the evidence, neither for it nor against it.",
            "  증거물이 유효하다는 뜻도, 유효하지 않다는 뜻도 아닙니다.",
        ))
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
///
/// # Errors
/// It cannot be written.
pub fn render_checked(page: &mut Page<'_>, checked: &Checked) -> io::Result<()> {
    match checked {
        Checked::Bundle(report) => render(page, report),
        Checked::Receipt(report) => report.render(page),
        Checked::Nothing(why) => why.render(page),
    }
}

/// The word of a verdict on a bundle, and what it means.
const fn verdict_on(verdict: BundleVerdict, is_complete: bool) -> (Tone, Bilingual, Bilingual) {
    match (verdict, is_complete) {
        (BundleVerdict::Failed, _) => (
            Tone::Bad,
            ("FAILED", "불합격 (FAILED)"),
            (
                "something is missing, changed or not what it claims to be",
                "누락되었거나 변경되었거나 표시된 것과 다른 것이 있습니다",
            ),
        ),
        (BundleVerdict::NotUnderstood, true) => (
            Tone::Doubtful,
            ("NOT UNDERSTOOD", "이해할 수 없음 (NOT UNDERSTOOD)"),
            (
                "nothing failed, but a newer version wrote something that this program does not know",
                "불합격은 없으나, 더 새로운 버전이 이 프로그램이 모르는 것을 썼습니다",
            ),
        ),
        (BundleVerdict::Degraded | BundleVerdict::NotUnderstood, false) => (
            Tone::Doubtful,
            ("NOT FINISHED", "끝내지 못함 (NOT FINISHED)"),
            ("nothing failed so far, but there are findings", "지금까지 불합격은 없으나, 지적 사항이 있습니다"),
        ),
        (_, false) => (
            Tone::Doubtful,
            ("NOT FINISHED", "끝내지 못함 (NOT FINISHED)"),
            ("what was checked so far is as it was committed to", "지금까지 확인한 것은 서명된 그대로입니다"),
        ),
        (BundleVerdict::Sound, true) => (
            Tone::Good,
            ("SOUND", "이상 없음 (SOUND)"),
            (
                "everything in the bundle is as it was committed to",
                "이 제출 묶음의 모든 내용이 서명된 그대로이며, 보존소 지문이 외부에서 받은 것과 같습니다",
            ),
        ),
        (BundleVerdict::Degraded, true) => (
            Tone::Doubtful,
            ("DEGRADED", "주의 (DEGRADED)"),
            (
                "the exhibits hold, but something beside them does not",
                "증거물은 유효하지만 그 밖의 것에 문제가 있습니다",
            ),
        ),
        (BundleVerdict::Unverifiable, true) => (
            Tone::Doubtful,
            ("UNVERIFIABLE", "확인 불가 (UNVERIFIABLE)"),
            (
                "the bundle is consistent, but no fingerprint from outside was given to check it against",
                "제출 묶음이 스스로와는 일치하지만, 대조할 외부의 지문이 주어지지 않았습니다",
            ),
        ),
    }
}

/// Prints the report on a bundle.
///
/// # Errors
/// It cannot be written.
pub fn render(page: &mut Page<'_>, report: &BundleReport) -> io::Result<()> {
    render_verdict(page, report)?;
    if let (BundleVerdict::Sound | BundleVerdict::Degraded, Some(as_of)) = (report.verdict, report.as_of()) {
        page.line(as_of)?;
    }
    if report.verdict == BundleVerdict::NotUnderstood {
        page.line(NEWER)?;
    }
    page.blank()?;
    write_findings(page, &report.findings, |_| Text::same(""))?;
    render_exhibits(page, &report.exhibits)?;
    if let Some(stated) = &report.completeness {
        page.line(("Completeness", "완전성 진술"))?;
        page.line(text!([stated = completeness(stated)] "  {stated}", "  {stated}"))?;
    }
    if let Some(earlier) = &report.earlier {
        render_earlier(page, earlier)?;
    }
    render_origin(page, report)?;
    let checked = &report.checked;
    page.line(("Checked", "확인한 것"))?;
    let files =
        text!([size = size(checked.bytes)] "{files} ({size})", "{files}개 ({size})"; files = number(checked.files));
    let files = page.printable(&files);
    let mut row = |label, text: &str| page.labelled(label, (10, 11), text);
    row(("files", "파일"), &files)?;
    row(("entries", "기록 항목"), &number(checked.entries))?;
    row(("signatures", "서명"), &number(checked.signatures))?;
    row(("fields", "공개된 항목"), &number(checked.fields))?;
    write_not_checked(page, &report.not_checked)?;
    page.line((
        "Not proved by this: what an exhibit shows, who made it, what happened to it before it was ingested, and that\n\
         these are all exhibits, or all entries about them.",
        "이 검증이 증명하지 않는 것: 증거물이 무엇을 보여 주는지, 누가 만들었는지, 수록되기 전에 무슨 일이 있었는지, 그리고 이것이 \
         증거물의 전부이거나 그에 관한 기록 항목의 전부라는 것.",
    ))
}

fn render_verdict(page: &mut Page<'_>, report: &BundleReport) -> io::Result<()> {
    let (tone, word, meaning) = verdict_on(report.verdict, report.complete);
    let (word, meaning) = (page.language.of(word), page.language.of(meaning));
    // A reader of only the first line must not take the one bundle for both.
    let Some(earlier) = report.earlier.as_ref().filter(|earlier| are_weighty(&earlier.findings)) else {
        return page.line(Text::same(verdict(tone, &format!("{word}: {meaning}"))));
    };
    let told = text!(
        "{word}, BUT THE EARLIER BUNDLE IS {english}", "{word}, 그러나 이전 제출 묶음은 {korean} ({english})";
        english = earlier.verdict.as_str().to_uppercase(), korean = earlier.verdict.korean()
    );
    page.line(Text::same(verdict(Tone::Bad, told.in_language(page.language))))?;
    page.line(text!("  this bundle: {meaning}", "  이 제출 묶음: {meaning}"))?;
    page.line((
        "  the earlier bundle: see the findings about it below",
        "  이전 제출 묶음: 아래에 지적 사항이 있습니다",
    ))
}

fn render_exhibits(page: &mut Page<'_>, exhibits: &[ExhibitReport]) -> io::Result<()> {
    page.line(("Exhibits", "증거물"))?;
    let (mut shown, mut left_out) = (0, 0_u64);
    for exhibit in exhibits {
        let is_plain = matches!(exhibit.verdict, BundleVerdict::Sound | BundleVerdict::Unverifiable);
        if is_plain && shown >= SHOWN_EXHIBITS {
            left_out += 1;
            continue;
        }
        shown += usize::from(is_plain);
        render_exhibit(page, exhibit)?;
    }
    if left_out > 0 {
        page.line(text!(
            "  and {further} without findings (--json names them)",
            "  그 밖에 지적 사항이 없는 증거물 {number}건 (--json으로 모두 볼 수 있습니다)";
            further = count(left_out, "further exhibit"), number = number(left_out)
        ))?;
    }
    Ok(())
}

fn render_exhibit(page: &mut Page<'_>, exhibit: &ExhibitReport) -> io::Result<()> {
    let size = exhibit.size_bytes.map_or(Text::same(""), size);
    let (size, korean_size) = (size.english(), size.korean());
    let media_type = exhibit.object.map(|_| exhibit.media_type.as_ref());
    let ingested = exhibit.ingested_at.map(|at| at.to_string()[..10].to_owned());
    let ingested = ingested.map_or(Text::same(""), |day| text!("ingested {day}", "{day} 수록"));
    page.line(text!(
        [ingested] "  {exhibit}  {word:<12}  {size:>11}  {media_type}  {ingested}, {entries}, {withheld} withheld",
        "  {exhibit}  {korean_word}  {korean_size}  {korean_type}  {ingested}, 기록 항목 {entry_count}건, 비공개 항목 {field_count}개";
        word = exhibit.verdict.as_str(), korean_word = verdict_word(exhibit.verdict),
        korean_type = media_type.map_or("", |shown| shown.map_or("봉인됨", MediaType::as_str)),
        media_type = media_type.map_or("", MediaType::told),
        entries = count(exhibit.entries, "entry"), entry_count = number(exhibit.entries),
        withheld = count(exhibit.withheld_fields, "field"), field_count = number(exhibit.withheld_fields),
        exhibit = exhibit.exhibit
    ))?;
    if let Some(object) = exhibit.object {
        page.line(Text::same(format_args!("      SHA-256 {object}")))?;
    }
    for foreign in &exhibit.foreign {
        let origin = foreign
            .origin
            .as_ref()
            .map_or_else(|| text!("another archive", "다른 보존소"), |origin| Text::same(printable(origin.as_str())));
        let checked = match foreign.is_there {
            true => text!(
                "{entries}", "기록 항목 {number}건";
                entries = count(foreign.entries, "entry"), number = number(foreign.entries)
            ),
            false => text!("its history there is not in this bundle", "그곳에서의 이력은 이 제출 묶음에 없습니다"),
        };
        page.line(text!(
            [origin, checked] "      came from {origin} as {name} ({checked})",
            "      {origin}에서 나옴, 그곳에서의 이름 {name} ({checked})";
            name = foreign.exhibit
        ))?;
        if let Some(fingerprint) = foreign.fingerprint {
            let fingerprint = fingerprint.paper();
            page.line(text!("        fingerprint {fingerprint}", "        지문 {fingerprint}"))?;
        }
    }
    Ok(())
}

/// The Korean word of a verdict, with the English one beside it.
fn verdict_word(verdict: BundleVerdict) -> String {
    format!("{} ({})", verdict.korean(), verdict.as_str())
}

/// What a statement of completeness says.
#[must_use]
pub fn completeness(stated: &CompletenessReport) -> Text {
    let name = stated.collection.as_ref().map(|name| format!(" {}", quoted(&shortened(name)))).unwrap_or_default();
    let withheld = stated.withheld.values().sum::<u64>();
    let withheld = match withheld {
        0 => Text::same(""),
        _ => text!(
            [reasons = reasons(&stated.withheld)] ", {are} withheld ({reasons})", ", {withheld}건은 비공개입니다({reasons})";
            are = are(withheld), withheld = number(withheld)
        ),
    };
    text!(
        [withheld] "The collection{name} holds {exhibits} at log size {size}: {here} here{withheld}",
        "기록부에 기록 항목이 {size}건일 때 모음{name}에 증거물 {held}건이 있습니다. {included}건은 이 제출 묶음에 있습니다{withheld}";
        exhibits = count(stated.held, "exhibit"), held = number(stated.held),
        size = stated.size, here = are(stated.included), included = number(stated.included)
    )
}

/// Reasons with how many exhibits each has.
#[must_use]
pub fn reasons(counts: &BTreeMap<WithholdingReason, u64>) -> Text {
    let told = |(reason, count): (&WithholdingReason, &u64)| text!("{reason} {count}", "{korean} {count}건"; count = number(*count), korean = reason.told().1);
    Text::joined(&counts.iter().map(told).collect::<Vec<_>>(), ", ")
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

fn render_earlier(page: &mut Page<'_>, earlier: &EarlierReport) -> io::Result<()> {
    page.line(("The earlier bundle", "이전 제출 묶음"))?;
    page.line(text!(
        "  {word:<12}  {bundle}", "  {korean}  {bundle}";
        word = earlier.verdict.as_str(), korean = verdict_word(earlier.verdict),
        bundle = earlier.bundle.map(|bundle| bundle.to_string()).unwrap_or_default()
    ))?;
    write_findings(page, &earlier.findings, |_| Text::same(""))?;
    page.line(match earlier.is_continued {
        Some(true) => (
            "  This bundle proves that its log continues the log of the earlier one.",
            "  이 제출 묶음은 그 기록부가 이전 제출 묶음의 기록부를 이어 간다는 것을 증명합니다.",
        ),
        Some(false) => (
            "  The parts of the log that both show agree. The two bundles do not show whether the whole log continues the earlier one.",
            "  두 제출 묶음이 보여 주는 기록부의 내용은 서로 맞습니다. 기록부 전체가 이어지는지는 이 둘로 알 수 없습니다.",
        ),
        None => (
            "  The two were NOT compared, since one of them failed its check.",
            "  두 제출 묶음을 비교하지 않았습니다. 이전 것이나 이것이 유효하지 않습니다.",
        ),
    })?;
    if earlier.is_continued.is_none() {
        return Ok(());
    }
    let Some(stated) = &earlier.completeness else {
        return page.line((
            "  The earlier bundle has no statement of completeness, so it does not show whether any exhibit was left out.",
            "  이전 제출 묶음에는 완전성 진술이 없어, 어떤 증거물이 제외되었는지 알 수 없습니다.",
        ));
    };
    let Some(compared) = &earlier.compared else { return Ok(()) };
    page.line(text!([stated = completeness(stated)] "  {stated}", "  {stated}"))?;
    render_compared(page, compared, stated)?;
    match &earlier.held {
        Some(held) => render_held(page, held),
        None => Ok(()),
    }
}

fn render_compared(page: &mut Page<'_>, compared: &Compared, stated: &CompletenessReport) -> io::Result<()> {
    page.line(("Compared with it", "이전 제출 묶음과 비교"))?;
    let disclosed = compared.disclosed.values().sum::<u64>();
    let by_reason = match disclosed {
        0 => Text::same(""),
        _ => text!([reasons = reasons(&compared.disclosed)] " ({reasons})", " ({reasons})"),
    };
    // Those that could not be compared may be among them.
    let here = match compared.not_compared {
        0 => ("here now", "이 제출 묶음에 있습니다"),
        _ => ("shown to be here", "이 제출 묶음에 있는 것으로 확인됩니다"),
    };
    page.line(text!(
        [here = Text::from(here), by_reason] "  {disclosed} of the {withheld} withheld then {verb} {here}{by_reason}",
        "  그때 비공개였던 {withheld}건 가운데 {disclosed}건이 {here}{by_reason}";
        withheld = number(stated.held - stated.included),
        verb = if disclosed == 1 { "is" } else { "are" },
        disclosed = number(disclosed)
    ))?;
    page.line(text!(
        "  {exhibits} of this bundle also in the earlier one", "  이 제출 묶음의 증거물 {number}건이 이전 제출 묶음에도 있습니다";
        exhibits = count(compared.included, "exhibit"), number = number(compared.included)
    ))?;
    page.line(text!(
        "  {exhibits} of this bundle did not belong to the collection then",
        "  이 제출 묶음의 증거물 {number}건은 그때 모음에 속하지 않았습니다";
        exhibits = count(compared.others, "exhibit"), number = number(compared.others)
    ))?;
    let contradicting = compared.left_out + compared.miscounted;
    if contradicting > 0 {
        page.line(text!(
            "  {exhibits} {verb} its statement", "  증거물 {number}건이 이전 제출 묶음의 진술과 모순됩니다";
            exhibits = count(contradicting, "exhibit"), number = number(contradicting),
            verb = if contradicting == 1 { "contradicts" } else { "contradict" }
        ))?;
    }
    if compared.not_compared > 0 {
        page.line(text!(
            "  {exhibits} could NOT be compared, since {their} `collection` is not disclosed, or that of the statement is not known",
            "  증거물 {number}건은 비교하지 못했습니다. `collection`(모음) 항목이 공개되지 않았거나, 진술이 어느 모음에 관한 것인지 모릅니다";
            exhibits = count(compared.not_compared, "exhibit"), number = number(compared.not_compared),
            their = if compared.not_compared == 1 { "its" } else { "their" }
        ))?;
    }
    Ok(())
}

/// Shows what two statements say of one collection.
fn render_held(page: &mut Page<'_>, held: &Held) -> io::Result<()> {
    page.line(text!(
        "  The collection held {exhibits} then and holds {now} now; of the {then} that were counted then, {here} in this bundle.",
        "  모음에는 그때 증거물 {then}건이 있었고 지금은 {now}건이 있습니다. 그때 센 {then}건 가운데 {counted}건이 이 제출 묶음에 있습니다.";
        exhibits = count(held.then, "exhibit"), now = number(held.now), then = number(held.then),
        here = are(held.counted_then_here_now), counted = number(held.counted_then_here_now)
    ))?;
    if held.now < held.then {
        page.line((
            "  Some exhibits that were counted then have been moved out of the collection, or are no longer counted; the log shows which.",
            "  그때 센 증거물 가운데 일부가 그 뒤에 다른 모음으로 옮겨졌거나, 지금은 세지 않습니다. 어느 것인지는 기록부에 나옵니다.",
        ))?;
    }
    Ok(())
}

fn render_origin(page: &mut Page<'_>, report: &BundleReport) -> io::Result<()> {
    let checkpoint = report.size.zip(report.root).map(|(size, root)| {
        let text = text!("{size} entries, root {root}", "기록 항목 {size}건, 루트 {root}");
        text.in_language(page.language).to_owned()
    });
    let said = [
        (("from", "보존소"), report.origin.as_ref().map(ToString::to_string)),
        (("made at", "작성"), report.created_at.map(|at| at.to_string())),
        (("signed by", "서명자"), report.signer.map(|key| key.to_string())),
        (("fingerprint", "지문"), report.fingerprint.map(|fingerprint| fingerprint.paper())),
        (("administrator", "첫 관리자의 키"), report.administrator.map(|key| key.to_string())),
        (("log key", "기록부 키"), report.log_key.clone()),
        (("checkpoint", "기록부 상태"), checkpoint),
        (("bundle", "제출 묶음"), report.bundle.map(|bundle| bundle.to_string())),
    ];
    if said.iter().all(|(_, text)| text.is_none()) {
        return Ok(());
    }
    page.line(("The bundle says that it is", "제출 묶음이 스스로에 대해 말하는 내용"))?;
    for (label, text) in said {
        if let Some(text) = text {
            page.labelled(label, (13, 14), &printable(&text))?;
        }
    }
    page.line(match (report.trusted, report.was_trust_given) {
        (true, _) => (
            "The fingerprint matches one that was given from outside.",
            "지문이 외부에서 받은 지문 가운데 하나와 같습니다.",
        ),
        (false, false) => (
            "Only a fingerprint from outside (--trust) can show whether this is true.",
            "이것이 맞는지는 외부에서 받은 지문으로만 확인할 수 있습니다(--trust).",
        ),
        (false, true) => (
            "Nothing that was given from outside confirms this.",
            "외부에서 받은 어떤 것도 이것이 맞다는 것을 보여 주지 않습니다.",
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_that_was_stopped_is_worded_as_clean_only_if_nothing_was_found() {
        let said = |verdict| {
            let (_, word, meaning) = verdict_on(verdict, false);
            (word.0, meaning.0.starts_with("what was checked so far is as it was committed to"))
        };
        assert_eq!(said(BundleVerdict::Failed), ("FAILED", false));
        for (verdict, is_clean) in [
            (BundleVerdict::Sound, true),
            (BundleVerdict::Unverifiable, true),
            (BundleVerdict::Degraded, false),
            (BundleVerdict::NotUnderstood, false),
        ] {
            assert_eq!(said(verdict), ("NOT FINISHED", is_clean), "{verdict:?}");
        }
    }
}
