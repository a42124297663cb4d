//! Checking bundles: files in, report out.
//!
//! A bundle is hostile input. Names are looked at before anything is opened, sizes before anything is kept in
//! memory, and nothing is ever written. Bad evidence is a finding in the report; an error means that the bundle
//! could not be listed at all, or that what carried it keeps it from being checked ([`NotChecked`]).

mod completeness;
mod dossier;
mod entry;
mod exhibit;
mod files;
mod foreign;
mod frame;
mod history;
mod letters;
mod moves;
mod not_checked;
mod report;
mod shown;
mod signers;

use std::io;
use std::ops::ControlFlow;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

pub use completeness::{Compared, CompletenessReport, EarlierError, EarlierReport, Held};
pub use dossier::DossierBundle;
pub use foreign::{ForeignReport, MAX_FOREIGN_BYTES, MAX_SHARING};
pub use history::{
    BundleHistory, DossierReport, Histories, HistoryEntry, Outline, Unread, read_dossier, read_histories,
};
#[cfg(feature = "archive")]
pub(crate) use letters::text_of;
pub use letters::{OtherSide, PARTNER_ARCHIVE, PARTNER_ORIGIN};
pub use not_checked::{AS_ZIP, COPY_AGAIN, NotChecked, OUTER_ONE, UNPACK, WITH_PASSWORD};
pub use report::{BundleChecked, BundleReport, BundleVerdict, ExhibitReport};
pub use shown::{KnownLogs, LogView, Namesake, ShownLog, told_of_namesake};

use super::{Trust, Watch};
use entry::Extent;
use exhibit::Work;
use files::Files;
use frame::Frame;
use report::Findings;
pub(super) use signers::{Refused, Signers};

use crate::threads;

/// The files of a bundle, wherever they are, to be read and not believed.
pub trait BundleFiles: Sync {
    /// Everything that is there, in any order, and what speaks against the container itself. At most one more than
    /// [`MAX_FILES`](crate::format::bundle::MAX_FILES) items; nothing is opened.
    ///
    /// # Errors
    /// It cannot be listed.
    fn list(&self) -> io::Result<Listing>;

    /// Reads a regular file of the listing, piece by piece, until `take` breaks. Never more than the size that the
    /// listing says: a file that goes on behind it is an error.
    ///
    /// # Errors
    /// It cannot be read, or is not what the listing says.
    fn read(&self, number: usize, take: &mut dyn FnMut(&[u8]) -> ControlFlow<()>) -> io::Result<()>;
}

/// What a bundle holds.
#[derive(Debug, Default)]
pub struct Listing {
    /// Files, folders, and what else there is.
    pub items: Vec<Listed>,
    /// What speaks against the container, a sentence each: a damaged zip file, members that overlap.
    pub objections: Vec<String>,
    /// What a system left beside the bundle's folder: no part of it, and never opened.
    pub beside: Vec<Vec<u8>>,
}

/// An item of a bundle.
#[derive(Debug)]
pub struct Listed {
    /// Its name below the folder of the bundle, with `/` between the parts; that folder itself has none.
    pub name: Vec<u8>,
    /// What it is.
    pub kind: ItemKind,
    /// The size of a file.
    pub size_bytes: u64,
}

/// What an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItemKind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A link, a device, a pipe.
    Other,
}

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
        return Ok(BundleReport::without_frame(findings, "what is in the zip file".to_owned()));
    }
    let Some(frame) = Frame::read(&mut files, Extent::Whole, &mut findings)? else {
        files.check_not_refused()?;
        let reason = "the exhibits: without its manifests, nothing says what belongs to the bundle".to_owned();
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
