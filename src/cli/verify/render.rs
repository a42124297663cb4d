//! The report of a verification, for people.

use std::collections::BTreeSet;
use std::io;

use vouchsafe_archive::Round;
use vouchsafe_check::Page;
use vouchsafe_core::language::{Language, Text};
use vouchsafe_core::model::{Sample, size};
use vouchsafe_core::text;
use vouchsafe_core::verify::{Finding, Report, ReportVerdict};

use super::super::error::CommandError;
use super::super::json;
use super::super::output::{self, count, number};
use super::super::remedy::command;
use super::super::times::short_time;
use vouchsafe_check::findings::{write_findings, write_not_checked};
use vouchsafe_check::paint::{self, Tone};
use vouchsafe_check::text::NEWER;

/// The report, for people.
pub fn report(report: &Report, round: Option<&Round>, language: Language) -> Result<(), CommandError> {
    let mut page = Page { out: &mut std::io::stdout().lock(), language };
    let page = &mut page;
    let verdict = verdict(report);
    page.line(Text::same(paint::verdict(tone(report), verdict.in_language(language))))?;
    if let (ReportVerdict::Sound | ReportVerdict::Degraded, Some(as_of)) = (report.verdict, report.as_of()) {
        page.line(as_of)?;
    }
    if report.verdict == ReportVerdict::NotUnderstood {
        page.line(NEWER)?;
    }
    page.blank()?;
    findings(page, report)?;
    remedies(page, report)?;
    checked(page, report)?;
    if let Some(sample) = report.coverage.sample {
        print_sample(page, sample, report)?;
    }
    page.line(("Checked against", "확인의 기준"))?;
    let trust = page.printable(&report.trust);
    page.line(Text::same(format_args!("  {trust}")))?;
    write_not_checked(page, &report.not_checked)?;
    if let Some(round) = round {
        print_round(page, round, report)?;
    }
    page.line((
        "Not proved by this: what an exhibit shows, who made it, and what happened to it before it was ingested.",
        "이 검증이 증명하지 않는 것: 증거물이 무엇을 보여 주는지, 누가 만들었는지, 수록되기 전에 무슨 일이 있었는지.",
    ))?;
    Ok(())
}

/// A verdict that is sound only in part must not look like an all-clear.
fn tone(report: &Report) -> Tone {
    let is_whole = report.complete && (report.coverage.is_whole() || report.objects == 0) && !report.unverifiable;
    match report.verdict {
        ReportVerdict::Sound if is_whole => Tone::Good,
        ReportVerdict::Failed => Tone::Bad,
        ReportVerdict::Sound | ReportVerdict::Degraded | ReportVerdict::NotUnderstood => Tone::Doubtful,
    }
}

fn verdict(report: &Report) -> Text {
    match (report.verdict, report.complete) {
        (ReportVerdict::Sound, true) if report.unverifiable => text!(
            "UNVERIFIABLE: the archive agrees with itself, but only keys were given to check it against",
            "확인 불가 (UNVERIFIABLE): 보존소가 스스로와는 일치하지만, 대조할 것으로 키만 주어졌습니다"
        ),
        (ReportVerdict::Sound, true) if report.coverage.is_whole() || report.objects == 0 => text!(
            "SOUND: everything that was checked is as it was committed to",
            "이상 없음 (SOUND): 확인한 모든 것이 확정된 그대로입니다"
        ),
        (ReportVerdict::Sound, true) if report.checked.objects == 0 => text!(
            "SOUND IN PART: the log is as it was committed to; of its {objects} NONE was read",
            "일부 이상 없음 (SOUND IN PART): 기록부는 확정된 그대로입니다. 원본 객체 {number}개 가운데 하나도 읽지 않았습니다";
            objects = count(report.objects, "object"), number = number(report.objects)
        ),
        (ReportVerdict::Sound, true) => text!(
            "SOUND IN PART: the log, and the {read} of {objects} that were read, are as they were committed to",
            "일부 이상 없음 (SOUND IN PART): 기록부와, 원본 객체 {number}개 가운데 읽은 {read}개가 확정된 그대로입니다";
            read = number(report.checked.objects),
            objects = count(report.objects, "object"), number = number(report.objects)
        ),
        (ReportVerdict::Sound, false) => text!(
            "NOT FINISHED: what was checked so far is as it was committed to",
            "끝내지 못함 (NOT FINISHED): 지금까지 확인한 것은 확정된 그대로입니다"
        ),
        (ReportVerdict::Degraded, _) => text!(
            "DEGRADED: nothing is lost or forged, but something is not as it should be",
            "주의 (DEGRADED): 잃거나 위조된 것은 없으나, 그래야 할 상태가 아닌 것이 있습니다"
        ),
        (ReportVerdict::NotUnderstood, _) => text!(
            "NOT UNDERSTOOD: nothing failed, but a newer version wrote something that this program does not know",
            "이해할 수 없음 (NOT UNDERSTOOD): 불합격은 없으나, 더 새로운 버전이 이 프로그램이 모르는 것을 썼습니다"
        ),
        (ReportVerdict::Failed, _) => text!(
            "FAILED: something is missing, changed or not what it claims to be",
            "불합격 (FAILED): 누락되었거나 변경되었거나 표시된 것과 다른 것이 있습니다"
        ),
    }
}

fn findings(page: &mut Page<'_>, report: &Report) -> io::Result<()> {
    let exhibit = |finding: &Finding| {
        finding.exhibit.map_or(Text::same(""), |exhibit| text!(" of {exhibit}", ", 증거물 {exhibit}"))
    };
    write_findings(page, &report.findings, exhibit)
}

/// What can be done about the findings, each command once.
fn remedies(page: &mut Page<'_>, report: &Report) -> io::Result<()> {
    let remedies: BTreeSet<_> = report.findings.iter().filter_map(|finding| finding.code.remedy()).collect();
    if remedies.is_empty() {
        return Ok(());
    }
    page.line(("What can be done", "할 수 있는 것"))?;
    for remedy in remedies {
        page.line(text!([command = Text::from(command(remedy))] "  {command}", "  {command}"))?;
    }
    Ok(())
}

fn checked(page: &mut Page<'_>, report: &Report) -> io::Result<()> {
    let checked = &report.checked;
    page.line(("Checked", "확인한 것"))?;
    let objects = text!(
        [size = size(checked.object_bytes)] "{read} of {held}, {size}", "{held}개 가운데 {read}개, {size}";
        read = number(checked.objects), held = number(report.objects)
    );
    let entries = text!(
        "{entries} ({exhibits})", "{entries} (증거물 {number}건)";
        entries = number(checked.entries), exhibits = count(report.exhibits, "exhibit"), number = number(report.exhibits)
    );
    let records = text!(
        "{records}", "{number}건";
        records = count(checked.index_records, "record"), number = number(checked.index_records)
    );
    let rows = [
        (("volumes", "볼륨"), Text::same(number(checked.volumes))),
        (("objects", "원본 객체"), objects),
        (("entries", "기록 항목"), entries),
        (("signatures", "서명"), Text::same(number(checked.signatures))),
        (("fields", "서술 정보"), Text::same(number(checked.fields))),
        (("checkpoints", "기준점"), Text::same(number(checked.checkpoints))),
        (("index", "색인"), records),
        (("root", "루트"), Text::same(report.root)),
    ];
    let language = page.language;
    let rows =
        rows.map(|(label, text)| vec![format!("  {}", language.of(label)), text.in_language(language).to_owned()]);
    output::table(page.out, &rows)
}

/// The sample, and what follows from it.
fn print_sample(page: &mut Page<'_>, sample: Sample, report: &Report) -> io::Result<()> {
    page.line(("Sample", "표본"))?;
    page.line(text!(
        "  {share} of the objects, drawn with the seed {seed}", "  원본 객체의 {share}, 다음 시드로 뽑음: {seed}";
        share = sample.share(), seed = sample.seed
    ))?;
    page.line(match report.confidence {
        Some(said) => text!(
            "  with {confidence} % confidence, fewer than {fewer} of {objects} are damaged",
            "  신뢰도 {confidence} %로, 원본 객체 {number}개 가운데 손상된 것은 {fewer}개 미만입니다";
            confidence = said.confidence_percent, fewer = number(said.damaged_fewer_than),
            objects = count(said.held, "object"), number = number(said.held)
        ),
        None if report.verdict == ReportVerdict::Failed => text!(
            "  nothing follows for the other objects, except that there may be more findings",
            "  지적 사항이 더 있을 수 있다는 것 말고는, 다른 원본 객체에 대해 아무것도 말하지 않습니다"
        ),
        None if report.checked.objects == 0 => text!(
            "  no object was drawn, so nothing follows; give a larger share",
            "  뽑힌 원본 객체가 없어 아무것도 말하지 않습니다. 비율을 더 크게 하십시오"
        ),
        None => text!(
            "  it was not read to its end, so nothing follows for the other objects",
            "  끝까지 읽지 않아, 다른 원본 객체에 대해 아무것도 말하지 않습니다"
        ),
    })
}

/// The progress of the round.
fn print_round(page: &mut Page<'_>, round: &Round, report: &Report) -> io::Result<()> {
    page.line(("Round of verifications", "검증 주기"))?;
    if report.has_begun_anew {
        page.line((
            "  restarted, because the volumes do not begin with the objects that were read before",
            "  새로 시작함: 볼륨의 앞부분이 이 주기에서 읽은 원본 객체와 다릅니다",
        ))?;
    }
    let (read, since) = (round.progress.read.count(), short_time(round.began_at));
    let (objects, held) = (count(report.objects, "object"), number(report.objects));
    let read_number = number(read);
    page.line(match (report.ends_round(), report.complete) {
        (true, _) => text!(
            "  complete: all of {objects} have been read since {since}; the next run begins a new round",
            "  끝남: {since} 이후 원본 객체 {held}개를 모두 읽었습니다. 다음 주기는 새로 시작합니다"
        ),
        (false, true) => text!(
            "  {read_number} of {objects} read since {since}; resume with `vouchsafe verify --resume`",
            "  {since} 이후 원본 객체 {held}개 가운데 {read_number}개를 읽었습니다. `vouchsafe verify --resume`으로 이어서 하십시오"
        ),
        (false, false) => text!(
            "  {objects} read since {since}; resume with `vouchsafe verify --resume`",
            "  {since} 이후 원본 객체 {read_number}개를 읽었습니다. `vouchsafe verify --resume`으로 이어서 하십시오";
            objects = count(read, "object")
        ),
    })?;
    let earlier = round.failed_objects.difference(&report.failed_objects).count() as u64;
    if earlier > 0 {
        page.line(text!(
            "  NOT SOUND: earlier runs found {objects} missing, changed or unreadable",
            "  이상 있음 (NOT SOUND): 앞선 검증에서 원본 객체 {number}개가 없거나 변경되었거나 읽을 수 없었습니다";
            objects = count(earlier, "object"), number = number(earlier)
        ))?;
    }
    Ok(())
}

/// The same as data.
pub fn round_json<'a>(round: &'a Round, report: &Report) -> json::VerificationRound<'a> {
    json::VerificationRound {
        began_at: round.began_at,
        begun_anew: report.has_begun_anew,
        complete: report.ends_round(),
        failed_objects: round.failed_objects.iter().copied().collect(),
        objects_read: round.progress.read.count(),
        ranges: &round.progress.read.ranges,
    }
}
