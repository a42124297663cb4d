//! Whether a bundle contradicts what this archive knows: its own log, and those of which it holds anything.

use crate::error::ArchiveError;
use crate::heard::{Heard, NotCompared};
use crate::reader::Reader;
use vouchsafe_core::digest::Digest;
use vouchsafe_core::format::bundle::{COMPLETENESS, Completeness, DESCRIPTION, MAX_COMPLETENESS_BYTES};
use vouchsafe_core::model::{Event, count, number};
use vouchsafe_core::verify::bundle::{BundleReport, LogView, Namesake, told_of_namesake};
use vouchsafe_core::verify::{Code, Finding};

/// What this archive's own log, and what it holds from others, say against a bundle, which was checked and holds by
/// itself: against its own log, and against those in the dossiers that it hands on. Notices among them are no fault
/// of it.
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

/// Another archive with the origin of this log's: this one, or one that something is held from.
fn namesake<'a>(reader: &'a Reader, log: &LogView, heard: &'a Heard) -> Option<Namesake<'a>> {
    let own = reader.identity();
    if log.archive.origin() == own.origin() && log.archive != own {
        let fingerprint = own.fingerprint();
        return Some(Namesake { named: "this archive", fingerprint, is_anchored: true });
    }
    heard.logs.namesake(&log.archive)
}

/// What the bundle shows against statements of completeness that the same archive made in bundles before. It speaks
/// against who made the statement, and is no reason not to take in what was left out. A statement that cannot be read
/// is told as not compared.
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
            Ok(Some(statement)) => findings.extend(report.against(&statement, body.size, &named)),
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

/// What to say of a bundle of this archive's own log, which is not taken in: which of its exhibits are here, and which
/// are not, because another copy of the archive was written on by itself.
pub(super) fn own_bundle(reader: &Reader, report: &BundleReport) -> Result<ArchiveError, ArchiveError> {
    let (mut here, mut missing) = (Vec::new(), Vec::new());
    for exhibit in &report.exhibits {
        let row = reader.index.exhibit(exhibit.exhibit)?;
        let is_here = row.is_some_and(|row| Some(row.object) == exhibit.object);
        if is_here { &mut here } else { &mut missing }.push(exhibit.exhibit);
    }
    let differs = match report.shown_log() {
        Some(log) => against_own_log(reader, &log)?.map(|finding| finding.message),
        None => None,
    };
    let origin = reader.description.origin().to_string();
    Ok(ArchiveError::OwnBundle { origin, here, missing, differs })
}

/// The statement of completeness in a dossier, if there is one that holds: one that does not was told when its bundle
/// was taken in.
fn statement_in(reader: &Reader, dossier: Digest) -> Result<Option<Completeness>, String> {
    let dossier = reader.dossier(dossier).map_err(|error| error.to_string())?;
    if dossier.files().iter().all(|file| file.path.as_str() != COMPLETENESS) {
        return Ok(None);
    }
    let text = dossier.read_file(COMPLETENESS, MAX_COMPLETENESS_BYTES).map_err(|error| error.to_string())?;
    Ok(Completeness::parse(&text).ok())
}

/// Whether what is shown of this archive's own log is what it is.
fn against_own_log(reader: &Reader, log: &LogView) -> Result<Option<Finding>, ArchiveError> {
    if log.archive != reader.identity() {
        return Ok(None);
    }
    let own_size = reader.index.frontier().size();
    let message = if log.size > own_size {
        format!("it shows {} of this archive's own log, which has {}", count(log.size, "entry"), number(own_size))
    } else if reader.index.root_at(log.size)? != log.root {
        format!("it shows another log of this archive than this one, among the first {}", count(log.size, "entry"))
    } else {
        return Ok(None);
    };
    Ok(Some(Finding::new(Code::BundleForked, log.place.as_str(), message)))
}

/// A bundle of an archive that nobody compared with anything, under the name of one that was.
fn under_anothers_name(log: &LogView, other: Namesake<'_>) -> Finding {
    let message = format!(
        "it calls itself {}, and the archive that is known under this name is another: {} shows the fingerprint {}, this one has {}. \
         Nothing from outside says that this is a second archive of that name",
        log.archive.origin(),
        other.named,
        other.fingerprint.paper(),
        log.archive.fingerprint().paper(),
    );
    Finding::new(Code::BundleOtherKeys, log.place.as_str(), message)
}
