//! Whether a bundle contradicts what this archive knows: its own log, and those that came in bundles before.

use std::collections::BTreeSet;
use std::io;

use crate::archive::{Archive, ArchiveError};
use crate::digest::Digest;
use crate::format::LogKey;
use crate::format::bundle::{COMPLETENESS, Completeness, DESCRIPTION, MAX_COMPLETENESS_BYTES, Part};
use crate::model::{BundleReceived, Event, Origin};
use crate::verify::bundle::{BundleReport, DossierBundle, LogView, ShownLog};
use crate::verify::{Code, Finding};

/// A bundle that was received before.
struct Earlier {
    body: BundleReceived,
    log_key: LogKey,
    dossier: DossierBundle,
}

impl Archive {
    /// What this archive's own log, and the bundles that were received before, say against this one, which was checked
    /// and holds by itself: against its own log, and against those in the dossiers that it hands on.
    pub(super) fn contradictions(&self, report: &BundleReport) -> Result<Vec<Finding>, ArchiveError> {
        let own = report.shown_log();
        let logs: Vec<_> = own.iter().chain(&report.foreign_logs).collect();
        let origins: BTreeSet<_> = logs.iter().map(|log| log.log_key.name().clone()).collect();
        let mut findings = Vec::new();
        for log in &logs {
            findings.extend(self.against_own_log(log)?);
        }
        for earlier in self.received_before(report)? {
            for (known, is_anchored) in known_logs(&earlier, &origins)? {
                // Anybody can make a log of this name and have it handed on first; that must not keep the one out whose
                // key was given from outside.
                for log in &logs {
                    let is_genuine = report.trusted && log.place == DESCRIPTION && !is_anchored;
                    let found = log.against(&known);
                    findings.extend(found.filter(|found| found.code != Code::BundleOtherKeys || !is_genuine));
                }
            }
        }
        // One log may be shown in several dossiers of one bundle.
        findings.sort_by(|a, b| (a.code, &a.place, &a.message).cmp(&(b.code, &b.place, &b.message)));
        findings.dedup();
        Ok(findings)
    }

    /// What the bundle shows against statements of completeness that the same archive made in bundles before. It speaks
    /// against who made the statement, and is no reason not to take in what was left out.
    pub(super) fn against_statements(&self, report: &BundleReport) -> Result<Vec<Finding>, ArchiveError> {
        let mut findings = Vec::new();
        let (Some(log), Some(size)) = (report.shown_log(), report.size) else { return Ok(findings) };
        let of_log = |earlier: &Earlier| earlier.log_key == log.log_key && earlier.body.size <= size.0;
        for Earlier { body, dossier, .. } in self.received_before(report)?.into_iter().filter(of_log) {
            let is_there = dossier.files().iter().any(|file| file.path.as_str() == COMPLETENESS);
            if !is_there {
                continue;
            }
            let text = dossier.read_file(COMPLETENESS, MAX_COMPLETENESS_BYTES).map_err(damaged(body.dossier))?;
            // One that does not hold was told when its bundle was taken in.
            let Ok(statement) = Completeness::parse(&text) else { continue };
            let named = format!("the statement in the bundle {}", body.bundle.short());
            findings.extend(report.against(&statement, body.size, &named));
        }
        Ok(findings)
    }

    /// Whether what is shown of a log that has this archive's origin is what this archive's log is.
    fn against_own_log(&self, log: &LogView) -> Result<Option<Finding>, ArchiveError> {
        let own = &self.description.log_key;
        if log.log_key.name() != own.name() {
            return Ok(None);
        }
        if log.log_key != *own {
            let message = format!("it names this archive, and the log key {}; this archive's is {own}", log.log_key);
            return Ok(Some(Finding::new(Code::BundleOtherKeys, log.place.as_str(), message)));
        }
        let own_size = self.index.frontier().size();
        let message = if log.size > own_size {
            format!("it shows {} entries of this archive's own log, which has {own_size}", log.size)
        } else if self.index.root_at(log.size)? != log.root {
            format!("it shows another log of this archive than this one, among the first {} entries", log.size)
        } else {
            return Ok(None);
        };
        Ok(Some(Finding::new(Code::BundleForked, log.place.as_str(), message)))
    }

    /// The bundles that were received before, this one apart.
    fn received_before(&self, report: &BundleReport) -> Result<Vec<Earlier>, ArchiveError> {
        let mut found = Vec::new();
        for index in self.index.all_received()? {
            let Event::BundleReceived(body) = self.entry(index)?.entry.entry.event else { continue };
            if Some(body.bundle) != report.bundle
                && let Ok(log_key) = body.log_key.parse()
            {
                let dossier = self.dossier(body.dossier)?;
                found.push(Earlier { body, log_key, dossier });
            }
        }
        Ok(found)
    }
}

/// What a bundle that was received before shows of the logs of these origins, of its own and of those behind it; and
/// whether the key of each was compared with keys from outside.
fn known_logs(earlier: &Earlier, origins: &BTreeSet<Origin>) -> Result<Vec<(LogView, bool)>, ArchiveError> {
    let Earlier { body, log_key, dossier } = earlier;
    let damaged = damaged(body.dossier);
    let named = format!("the bundle {} that was received before", body.bundle.short());
    let mut logs = Vec::new();
    if origins.contains(log_key.name()) {
        let shown = ShownLog::of_receipts(dossier).map_err(&damaged)?;
        let log = LogView {
            place: String::new(),
            named: named.clone(),
            log_key: log_key.clone(),
            size: body.size,
            root: body.root,
            shown,
        };
        logs.push((log, body.anchored));
    }
    for file in dossier.files().iter().filter(|file| matches!(file.path.part(), Some(Part::Foreign(_)))) {
        let Some(behind) = dossier.nested(&file.path).map_err(&damaged)? else { continue };
        let description = behind.description().map_err(&damaged)?;
        if !origins.contains(description.log_key.name()) {
            continue;
        }
        let log = LogView {
            place: String::new(),
            named: format!("{} in {named}", file.path),
            log_key: description.log_key,
            size: description.checkpoint.size,
            root: description.checkpoint.root,
            shown: ShownLog::of_receipts(&behind).map_err(&damaged)?,
        };
        logs.push((log, false));
    }
    Ok(logs)
}

fn damaged(dossier: Digest) -> impl Fn(io::Error) -> ArchiveError {
    move |error| ArchiveError::Damaged { place: format!("objects/{dossier}"), reason: error.to_string() }
}
