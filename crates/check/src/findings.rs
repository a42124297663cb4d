//! How findings are shown, and what was not checked.

use std::io;

use vouchsafe_core::language::Text;
use vouchsafe_core::model::Bilingual;
use vouchsafe_core::text;
use vouchsafe_core::verify::{Finding, LimitedFindings, Severity};

use super::page::Page;
use super::paint::{Tone, on_stdout};
use super::text::{count, number};

/// Findings with their weight and meaning, and how many more there are. `about` comes after the place of each.
///
/// # Errors
/// They cannot be written.
pub fn write_findings(
    page: &mut Page<'_>,
    findings: &LimitedFindings,
    about: impl Fn(&Finding) -> Text,
) -> io::Result<()> {
    for finding in findings {
        let code = finding.code;
        let weight = page.language.of(weight(code.severity()));
        let weight = match code.severity() {
            Severity::Failed => on_stdout(Tone::Bad, weight),
            Severity::NotUnderstood | Severity::Degraded => on_stdout(Tone::Doubtful, weight),
            Severity::Notice => weight.to_owned(),
        };
        // On one line each: a name or a text from outside must not make a line that looks like another finding.
        let (place, message) = (page.printable(&finding.place.text()), page.printable(&finding.message));
        let (about, korean_name) = (about(finding), code.korean_name());
        page.line(text!(
            [about] "  {code} ({weight})  {place}{about}", "  {code}, {korean_name} ({weight})  {place}{about}"
        ))?;
        page.line(Text::same(format_args!("      {message}")))?;
        page.line(
            text!("      {english}", "      {korean}"; english = code.meaning(), korean = code.korean_meaning()),
        )?;
    }
    if findings.more() > 0 {
        let more = findings.more();
        page.line(text!(
            "  and {findings}", "  그 밖에 지적 사항 {more}건";
            findings = count(more, "further finding"), more = number(more)
        ))?;
    }
    if !findings.is_empty() {
        page.blank()?;
    }
    Ok(())
}

/// How much a finding weighs, in a word. The Korean ones are those of the page that checks a bundle.
const fn weight(severity: Severity) -> Bilingual {
    match severity {
        Severity::Failed => ("failed", "불합격"),
        Severity::NotUnderstood => ("not understood", "이해할 수 없음"),
        Severity::Degraded => ("degraded", "주의"),
        Severity::Notice => ("notice", "참고"),
    }
}

/// What was not checked, a sentence each, if there is anything.
///
/// # Errors
/// It cannot be written.
pub fn write_not_checked(page: &mut Page<'_>, not_checked: &[Text]) -> io::Result<()> {
    if not_checked.is_empty() {
        return Ok(());
    }
    page.line(Text::same(on_stdout(Tone::Heading, page.language.of(("NOT checked", "확인하지 않은 것")))))?;
    for text in not_checked {
        let text = page.printable(text);
        page.line(Text::same(format_args!("  {text}")))?;
    }
    Ok(())
}
