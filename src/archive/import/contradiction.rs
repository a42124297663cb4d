//! Whether a bundle contradicts those that were received before.

use std::io;

use crate::archive::{Archive, ArchiveError};
use crate::format::LogKey;
use crate::format::bundle::DESCRIPTION;
use crate::model::{BundleReceived, Event};
use crate::verify::bundle::{BundleReport, ShownLog};
use crate::verify::{Code, Finding};

impl Archive {
    /// What bundles that were received before say against this one, which was checked and holds by itself.
    pub(super) fn contradictions(&self, report: &BundleReport) -> Result<Vec<Finding>, ArchiveError> {
        let (Some(log_key), Some(shown)) = (&report.log_key, report.shown_log()) else { return Ok(Vec::new()) };
        let mut findings = Vec::new();
        for earlier in self.received_from(report)? {
            let named = format!("the bundle {} that was received before", earlier.bundle.short());
            if earlier.log_key != *log_key {
                let message = format!("{named} names the log key {}, this one {log_key}", earlier.log_key);
                findings.push(Finding::new(Code::BundleOtherKeys, DESCRIPTION, message));
                continue;
            }
            let damaged = |error: io::Error| ArchiveError::Damaged {
                place: format!("objects/{}", earlier.dossier),
                reason: error.to_string(),
            };
            let old = ShownLog::of_receipts(&self.dossier(earlier.dossier)?).map_err(damaged)?;
            if let Some(message) = shown.contradiction(&old, &named) {
                findings.push(Finding::new(Code::BundleForked, DESCRIPTION, message));
            }
        }
        Ok(findings)
    }

    /// The bundles of the same origin that were received before, this one apart.
    fn received_from(&self, report: &BundleReport) -> Result<Vec<BundleReceived>, ArchiveError> {
        let mut found = Vec::new();
        for index in self.index.all_received()? {
            let Event::BundleReceived(body) = self.entry(index)?.entry.entry.event else { continue };
            let origin = body.log_key.parse::<LogKey>().ok().map(|key| key.name().clone());
            if origin == report.origin && Some(body.bundle) != report.bundle {
                found.push(body);
            }
        }
        Ok(found)
    }
}
