//! The report of a verification, for people.

use std::collections::BTreeSet;
use std::io::{self, Write};

use vouchsafe_archive::Round;
use vouchsafe_core::model::Sample;
use vouchsafe_core::verify::{Finding, Report, ReportVerdict};

use super::super::error::CommandError;
use super::super::json;
use super::super::output::{self, bytes, count, number, printable};
use super::super::remedy::command;
use super::super::times::short_time;
use vouchsafe_check::paint::{self, Tone};
use vouchsafe_check::text::{NEWER_HINT, write_findings};

/// The report, for people.
pub fn report(report: &Report, round: Option<&Round>) -> Result<(), CommandError> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", paint::verdict(tone(report), &verdict(report)))?;
    if let (ReportVerdict::Sound | ReportVerdict::Degraded, Some(as_of)) = (report.verdict, report.as_of()) {
        writeln!(out, "{as_of}")?;
    }
    if report.verdict == ReportVerdict::NotUnderstood {
        writeln!(out, "{NEWER_HINT}")?;
    }
    writeln!(out)?;
    findings(&mut out, report)?;
    remedies(&mut out, report)?;
    checked(&mut out, report)?;
    if let Some(sample) = report.coverage.sample {
        print_sample(&mut out, sample, report)?;
    }
    writeln!(out, "Checked against\n  {}", printable(&report.trust))?;
    if !report.not_checked.is_empty() {
        writeln!(out, "{}", paint::on_stdout(Tone::Heading, "NOT checked"))?;
        for text in &report.not_checked {
            writeln!(out, "  {}", printable(text))?;
        }
    }
    if let Some(round) = round {
        print_round(&mut out, round, report)?;
    }
    writeln!(
        out,
        "Not proved by this: what an exhibit shows, who made it, and what happened to it before it was ingested."
    )?;
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

fn verdict(report: &Report) -> String {
    match (report.verdict, report.complete) {
        (ReportVerdict::Sound, true) if report.unverifiable => {
            "UNVERIFIABLE: the archive agrees with itself, but only keys were given to check it against".to_owned()
        }
        (ReportVerdict::Sound, true) if report.coverage.is_whole() || report.objects == 0 => {
            "SOUND: everything that was checked is as it was committed to".to_owned()
        }
        (ReportVerdict::Sound, true) if report.checked.objects == 0 => format!(
            "SOUND IN PART: the log is as it was committed to; of its {} NONE was read",
            count(report.objects, "object"),
        ),
        (ReportVerdict::Sound, true) => format!(
            "SOUND IN PART: the log, and the {} of {} that were read, are as they were committed to",
            number(report.checked.objects),
            count(report.objects, "object"),
        ),
        (ReportVerdict::Sound, false) => "NOT FINISHED: what was checked so far is as it was committed to".to_owned(),
        (ReportVerdict::Degraded, _) => {
            "DEGRADED: nothing is lost or forged, but something is not as it should be".to_owned()
        }
        (ReportVerdict::NotUnderstood, _) => {
            "NOT UNDERSTOOD: nothing failed, but a newer version wrote something that this program does not know"
                .to_owned()
        }
        (ReportVerdict::Failed, _) => "FAILED: something is missing, changed or not what it claims to be".to_owned(),
    }
}

fn findings(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    let exhibit = |finding: &Finding| finding.exhibit.map(|exhibit| format!(" of {exhibit}")).unwrap_or_default();
    write_findings(out, &report.findings, exhibit)
}

/// What can be done about the findings, each command once.
fn remedies(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    let remedies: BTreeSet<_> = report.findings.iter().filter_map(|finding| finding.code.remedy()).collect();
    if remedies.is_empty() {
        return Ok(());
    }
    writeln!(out, "What can be done")?;
    remedies.into_iter().try_for_each(|remedy| writeln!(out, "  {}", command(remedy)))
}

fn checked(out: &mut dyn Write, report: &Report) -> io::Result<()> {
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
    output::table(out, &rows)
}

/// The sample, and what follows from it.
fn print_sample(out: &mut dyn Write, sample: Sample, report: &Report) -> io::Result<()> {
    writeln!(out, "Sample")?;
    writeln!(out, "  {} of the objects, drawn with the seed {}", sample.share(), sample.seed)?;
    match report.confidence {
        Some(said) => writeln!(
            out,
            "  with {} % confidence, fewer than {} of {} are damaged",
            said.confidence_percent,
            number(said.damaged_fewer_than),
            count(said.held, "object"),
        ),
        None if report.verdict == ReportVerdict::Failed => {
            writeln!(out, "  nothing follows for the other objects, except that there may be more findings")
        }
        None if report.checked.objects == 0 => {
            writeln!(out, "  no object was drawn, so nothing follows; give a larger share")
        }
        None => writeln!(out, "  it was not read to its end, so nothing follows for the other objects"),
    }
}

/// The progress of the round.
fn print_round(out: &mut dyn Write, round: &Round, report: &Report) -> io::Result<()> {
    writeln!(out, "Round of verifications")?;
    if report.has_begun_anew {
        writeln!(out, "  restarted, because the volumes do not begin with the objects that were read before")?;
    }
    let (read, since) = (round.progress.read.count(), short_time(round.began_at));
    if report.ends_round() {
        writeln!(
            out,
            "  complete: all of {} have been read since {since}; the next run begins a new round",
            count(report.objects, "object")
        )?;
    } else {
        let held = match report.complete {
            true => format!("{} of {}", number(read), count(report.objects, "object")),
            false => count(read, "object"),
        };
        writeln!(out, "  {held} read since {since}; resume with `vouchsafe verify --resume`")?;
    }
    let earlier = round.failed_objects.difference(&report.failed_objects).count() as u64;
    if earlier > 0 {
        writeln!(out, "  NOT SOUND: earlier runs found {} missing, changed or unreadable", count(earlier, "object"))?;
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
