//! Checking bundles: files in, report out.
//!
//! A bundle is hostile input. Names are looked at before anything is opened, sizes before anything is kept in
//! memory, and nothing is ever written. Bad evidence is a finding in the report; an error means that the bundle
//! could not be listed at all, or that what carried it keeps it from being checked ([`NotChecked`]).

mod collection;
mod completeness;
mod dossier;
mod earlier;
mod earlier_report;
mod entry;
mod exhibit;
mod exhibit_report;
mod files;
mod findings;
mod foreign;
mod frame;
mod history;
mod letters;
mod listing;
mod not_checked;
mod passing;
mod report;
pub mod walk;

use std::io;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

pub use completeness::{Compared, CompletenessReport};
pub use dossier::DossierBundle;
pub use earlier::EarlierError;
pub use earlier_report::{EarlierReport, Held};
pub use exhibit_report::{BundleVerdict, ExhibitReport, ForeignReport};
pub use foreign::{MAX_FOREIGN_BYTES, MAX_SHARING};
pub use history::{
    BundleHistory, DossierReport, Histories, HistoryEntry, Outline, Unread, read_dossier, read_histories,
};
pub use letters::text_of;
pub use listing::{BundleFiles, ItemKind, Listed, Listing};
pub use not_checked::{AS_ZIP, COPY_AGAIN, NotChecked, OUTER_ONE, UNPACK, WITH_PASSWORD};
pub use passing::{OtherSide, PARTNER_ARCHIVE, PARTNER_ORIGIN};
pub use report::{BundleChecked, BundleReport};

pub use super::shown::{KnownLogs, LogView, Namesake, ShownLog, told_of_namesake};
use super::{Trust, Watch};
use entry::Extent;
use exhibit::Work;
use files::Files;
use findings::Findings;
use frame::Frame;

use crate::language::text;
use crate::threads;

/// What to check against.
#[derive(Debug, Clone, Default)]
pub struct BundleRequest {
    /// What was given from outside. Without any fingerprint, only self-consistency can be shown.
    pub trust: Trust,
    /// How many threads read and check; at least one is used.
    pub threads: usize,
}

/// Checks a bundle.
///
/// # Errors
/// It cannot be listed, or what carried it keeps it from being checked ([`NotChecked`]). Bad evidence is no error.
pub fn check(bundle: &dyn BundleFiles, request: &BundleRequest, watch: &dyn Watch) -> io::Result<BundleReport> {
    let mut findings = Findings::default();
    let mut files = Files::list(bundle, watch, &mut findings)?;
    if files.is_unreadable {
        return Ok(BundleReport::without_frame(findings, text!("what is in the zip file", "zip 파일에 들어 있는 것")));
    }
    let Some(frame) = Frame::read(&mut files, Extent::Whole, &mut findings)? else {
        files.check_not_refused()?;
        let reason = text!(
            "the exhibits: without its manifests, nothing says what belongs to the bundle",
            "증거물: 파일 목록(manifest)이 없으면 무엇이 제출 묶음에 속하는지 알 수 없습니다."
        );
        return Ok(BundleReport::without_frame(findings, reason));
    };
    let trusted = frame.judge(&request.trust, &mut findings);
    let work = Work::of(&files, &frame);
    let findings = Mutex::new(findings);
    let exhibits = Mutex::new(Vec::new());
    let next = AtomicUsize::new(0);
    threads::share(request.threads, || {
        while let Some(job) = work.get(next.fetch_add(1, Relaxed)).filter(|_| !watch.is_stopped()) {
            let report = job.check(&files, &frame, &findings);
            // A poisoned lock means that another thread panicked, which is passed on.
            if let (Some(report), Ok(mut exhibits)) = (report, exhibits.lock()) {
                exhibits.push(report);
            }
        }
    });
    let mut findings = findings.into_inner().unwrap_or_default();
    let mut exhibits = exhibits.into_inner().unwrap_or_default();
    exhibits.sort_by_key(|report| report.exhibit);
    let mut foreign = foreign::Elsewhere::default();
    if !watch.is_stopped() {
        frame.letters.object_to_others(&exhibits, &mut findings);
        frame.compare_with(&exhibits, &mut findings);
        if let Some(statement) = &frame.completeness {
            completeness::check(statement, &exhibits, &mut findings);
        }
        foreign = foreign::check(&files, &frame, &mut exhibits, &mut findings, watch);
    }
    files.check_not_refused()?;
    Ok(BundleReport::of(&frame, &files, findings, exhibits, foreign, trusted, !watch.is_stopped()))
}
