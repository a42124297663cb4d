//! Whether a bundle contradicts what this archive knows: its own log, and other logs of which it holds something.

use std::sync::LazyLock;

use crate::error::ArchiveError;
use crate::heard::{Heard, NotCompared};
use crate::reader::Reader;
use vouchsafe_core::digest::Digest;
use vouchsafe_core::format::bundle::{COMPLETENESS, Completeness, DESCRIPTION, MAX_COMPLETENESS_BYTES};
use vouchsafe_core::language::Text;
use vouchsafe_core::model::{Event, count, number};
use vouchsafe_core::text;
use vouchsafe_core::verify::bundle::{BundleReport, LogView, Namesake, told_of_namesake};
use vouchsafe_core::verify::{Code, Finding};

static THIS_ARCHIVE: LazyLock<Text> = LazyLock::new(|| text!("this archive", "이 보존소"));

/// The findings of this archive's own log, and of what it holds from others, against a bundle that passed its check:
/// against the bundle's log, and against those in the dossiers in it. Notices among them are not its fault.
pub(super) fn contradictions(
    reader: &Reader,
    report: &BundleReport,
    heard: &Heard,
) -> Result<Vec<Finding>, ArchiveError> {
    let own = report.shown_log();
    let mut findings = Vec::new();
    for log in own.iter().chain(&report.foreign_logs) {
        findings.extend(against_own_log(reader, log)?);
        findings.extend(heard.logs.against(log));
        let is_trusted = log.place != DESCRIPTION || report.trusted || heard.logs.is_anchored(&log.archive);
        findings.extend(namesake(reader, log, heard).map(|other| match other.is_anchored && !is_trusted {
            true => under_anothers_name(log, other),
            false => told_of_namesake(&log.place, &log.archive, other),
        }));
    }
    // One log may be shown in several dossiers of one bundle.
    findings.sort_by(|a, b| (a.code, &a.place, &a.message).cmp(&(b.code, &b.place, &b.message)));
    findings.dedup();
    Ok(findings)
}

/// Another archive with the same origin: this one, or one from which something is held.
fn namesake<'a>(reader: &'a Reader, log: &LogView, heard: &'a Heard) -> Option<Namesake<'a>> {
    let own = reader.identity();
    if log.archive.origin() == own.origin() && log.archive != own {
        let fingerprint = own.fingerprint();
        return Some(Namesake { named: &THIS_ARCHIVE, fingerprint, is_anchored: true });
    }
    heard.logs.namesake(&log.archive)
}

/// The findings of the bundle against statements of completeness in earlier bundles of the same archive. They speak
/// against that archive, but are no reason to refuse exhibits that it left out. A statement that cannot be read is
/// reported as not compared.
pub(super) fn against_statements(
    reader: &Reader,
    report: &BundleReport,
    not_compared: &mut Vec<NotCompared>,
) -> Result<Vec<Finding>, ArchiveError> {
    let mut findings = Vec::new();
    let (Some(archive), Some(size)) = (&report.archive, report.size) else { return Ok(findings) };
    for index in reader.index.all_received()? {
        let logged = reader.entry(index)?;
        let Event::BundleReceived(body) = &logged.entry.entry.event else { continue };
        let is_earlier = body.size <= size.0 && Some(body.bundle) != report.bundle;
        if !is_earlier || logged.partner().is_none_or(|partner| partner.archive != *archive) {
            continue;
        }
        let named = format!("the statement in the bundle {}", body.bundle.short());
        match statement_in(reader, body.dossier) {
            Ok(Some(statement)) => findings.extend(report.against(&statement, body.size, &Text::same(&named))),
            Ok(None) => {}
            Err(reason) => not_compared.push(NotCompared {
                index,
                what: named,
                reason,
                is_damaged: reader.is_damaged(body.dossier),
            }),
        }
    }
    Ok(findings)
}

/// The error for a bundle of this archive's own log, which cannot be imported. It names the exhibits that are here and
/// those that are not, because they were added to another copy of the archive.
pub(super) fn own_bundle(reader: &Reader, report: &BundleReport) -> Result<ArchiveError, ArchiveError> {
    let (mut here, mut missing) = (Vec::new(), Vec::new());
    for exhibit in &report.exhibits {
        let row = reader.index.exhibit(exhibit.exhibit)?;
        let is_here = row.is_some_and(|row| Some(row.object) == exhibit.object);
        if is_here { &mut here } else { &mut missing }.push(exhibit.exhibit);
    }
    let differs = match report.shown_log() {
        Some(log) => against_own_log(reader, &log)?.map(|finding| finding.message.to_string()),
        None => None,
    };
    let origin = reader.description.origin().to_string();
    Ok(ArchiveError::OwnBundle { origin, here, missing, differs })
}

/// The statement of completeness in a dossier, if there is a valid one. An invalid one was reported when its bundle was
/// imported.
fn statement_in(reader: &Reader, dossier: Digest) -> Result<Option<Completeness>, String> {
    let dossier = reader.dossier(dossier).map_err(|error| error.to_string())?;
    if dossier.files().iter().all(|file| file.path.as_str() != COMPLETENESS) {
        return Ok(None);
    }
    let text = dossier.read_file(COMPLETENESS, MAX_COMPLETENESS_BYTES).map_err(|error| error.to_string())?;
    Ok(Completeness::parse(&text).ok())
}

/// The finding, if the bundle shows this archive's own log differently from what it is.
fn against_own_log(reader: &Reader, log: &LogView) -> Result<Option<Finding>, ArchiveError> {
    if log.archive != reader.identity() {
        return Ok(None);
    }
    let own_size = reader.index.frontier().size();
    let message = if log.size > own_size {
        text!(
            "it shows {shown} of this archive's own log, which has {own}",
            "이 보존소의 기록부는 기록 항목이 {own}건인데, 제출 묶음은 {size}건을 보여 줍니다";
            shown = count(log.size, "entry"), size = number(log.size), own = number(own_size)
        )
    } else if reader.index.root_at(log.size)? != log.root {
        text!(
            "it shows another log of this archive than this one, among the first {entries}",
            "처음 {size}건의 기록 항목 가운데 이 보존소의 기록부와 다른 것이 있습니다";
            entries = count(log.size, "entry"), size = number(log.size)
        )
    } else {
        return Ok(None);
    };
    Ok(Some(Finding::new(Code::BundleForked, log.place.as_str(), message)))
}

/// The finding for a bundle of an archive that was never compared, under the name of one that was.
fn under_anothers_name(log: &LogView, other: Namesake<'_>) -> Finding {
    let message = text!(
        [named = other.named]
        "it is named {origin}, but the known archive of that name is another one: {named} shows the fingerprint {known}, \
         and this one has {own}. Nothing from outside says that this is a second archive of that name",
        "기록부 이름은 {origin}인데, 그 이름으로 알려진 보존소는 다른 보존소입니다. 알려진 지문: {known}({named}). \
         이것의 지문: {own}. 같은 이름의 두 번째 보존소라는 것을 외부에서 받은 어떤 것도 보여 주지 않습니다";
        origin = log.archive.origin(), known = other.fingerprint.paper(), own = log.archive.fingerprint().paper()
    );
    Finding::new(Code::BundleOtherKeys, log.place.as_str(), message)
}
