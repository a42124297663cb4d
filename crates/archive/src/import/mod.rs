//! Import: the exhibits of another archive's bundle become exhibits of this one.
//!
//! | step | a crash after it leaves |
//! |---|---|
//! | the bundle is checked, and compared with this archive's log and with all bundles that came before | nothing |
//! | its files but the objects, and but for dossiers that no entry names, are appended as one object, the dossier; `bundle.received` names it; commit | a bundle that was received, without its exhibits |
//! | each exhibit: its object, if it is not held; `exhibit.ingested`, `exhibit.received`, and `exhibit.described` with what the sender discloses; commits in between | some of its exhibits |
//!
//! Importing it again resumes where it was interrupted, and changes nothing where it was not. What is taken in is
//! what was checked: each file is compared with what the check read.

mod contradiction;
mod description;
mod importer;
mod request;

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use contradiction::{against_statements, contradictions, own_bundle};
use importer::Importer;
pub use request::{ImportOutcome, ImportRequest, Imported, ImportedExhibit, Offered, Taken};

use super::custody::Keys;
use super::error::ArchiveError;
use super::heard::heard;
use super::own_keys::{START_BYTES, own_keys};
use super::reader::Reader;
use super::session::Session;
use super::threads;
use vouchsafe_bundle::{self, NotedBundle};
use vouchsafe_core::format::bundle::DESCRIPTION;
use vouchsafe_core::language::Text;
use vouchsafe_core::model::{Bilingual, EventKind, Origin};
use vouchsafe_core::sign::secrets::secrets_in;
use vouchsafe_core::verify::bundle::{BundleRequest, LogView, check};
use vouchsafe_core::verify::{Code, Finding, Severity, Watch};

const OFFERING_LETTER: Bilingual = ("the letter that offers it", "이 제출 묶음의 인계를 제안한 서신");

/// Takes the exhibits of a bundle into this archive.
///
/// # Errors
/// The bundle cannot be read, changes while it is read, or is this archive's own; or the archive cannot be written
/// to. Exhibits of commits before that are here, and importing it again continues.
pub fn import(
    session: &mut Session<'_>,
    request: &ImportRequest,
    keys: &Keys,
    watch: &dyn Watch,
) -> Result<ImportOutcome, ArchiveError> {
    session.reader.check_understood()?;
    session.reader.permit(keys.agent.public().id(), EventKind::BundleReceived)?;
    session.reader.memory.standing.check()?;
    let unreadable = |source| ArchiveError::BundleUnreadable { path: request.bundle.clone(), source };
    let opened = vouchsafe_bundle::open(&request.bundle).map_err(unreadable)?;
    let bundle = NotedBundle::new(&*opened);
    let threads = threads(request.threads);
    let to_check = BundleRequest { trust: request.trust.clone(), threads };
    let mut report = check(&bundle, &to_check, &TwiceRead(watch)).map_err(unreadable)?;
    if !report.complete {
        return Err(ArchiveError::Stopped);
    }
    if let Some(slip) = report.slip {
        return Err(ArchiveError::Slip(slip));
    }
    let is_own = report.archive.as_ref() == Some(&session.reader.identity());
    if is_own && report.worst() < Some(Severity::Failed) {
        return Err(own_bundle(&session.reader, &report)?);
    }
    let mut not_compared = Vec::new();
    if report.worst() < Some(Severity::Failed) {
        let origins: BTreeSet<_> = report.shown_log().iter().chain(&report.foreign_logs).map(origin_of).collect();
        let heard = heard(&session.reader, &|origin| origins.contains(origin), report.bundle)?;
        let mut findings = contradictions(&session.reader, &report, &heard)?;
        not_compared = heard.not_compared;
        let offered = request.offered.as_ref().zip(report.shown_log());
        let message =
            offered.and_then(|(offered, shown)| shown.shown.contradiction(&offered.shown, &OFFERING_LETTER.into()));
        findings.extend(message.map(|message| Finding::new(Code::BundleForked, DESCRIPTION, message)));
        for finding in findings {
            match finding.code.severity() {
                Severity::Notice => report.note(finding),
                Severity::Degraded | Severity::NotUnderstood | Severity::Failed => report.object(finding),
            }
        }
    }
    if let (Some(Offered { bundle, archive, .. }), Some(found)) = (&request.offered, report.bundle)
        && (found != *bundle || report.archive.as_ref() != Some(archive))
    {
        let of = archive.origin();
        let reason = format!("it is the bundle {found}, and the letter offers {bundle} of {of}");
        return Err(ArchiveError::BundleUnfit { path: request.bundle.clone(), reason, remedy: None });
    }
    let is_accepted = report.trusted || request.accepts_unanchored;
    // What a newer version said of an exhibit may be against it.
    if report.worst() >= Some(Severity::NotUnderstood) || !is_accepted {
        report
            .not_checked
            .extend(not_compared.iter().map(|one| Text::same(format_args!("{}: {}", one.what, one.reason))));
        return Ok(ImportOutcome::Refused(Box::new(report)));
    }
    check_no_own_key(&session.reader, request, &bundle)?;
    let against_statements = against_statements(&session.reader, &report, &mut not_compared)?;
    let importer = Importer::new(session, request, &bundle, report, keys, watch)?;
    let imported = importer.run()?;
    Ok(ImportOutcome::Imported(Box::new(Imported { against_statements, not_compared, ..imported })))
}

/// What is imported leaves again with the bundles of this archive, like what is ingested.
fn check_no_own_key(reader: &Reader, request: &ImportRequest, bundle: &NotedBundle<'_>) -> Result<(), ArchiveError> {
    let own = own_keys(reader);
    for (path, _) in bundle.files().filter(|(path, _)| path.is_payload()) {
        let mut start = Vec::new();
        let read = bundle.read_object(path, &mut |piece| {
            start.extend_from_slice(piece);
            if start.len() as u64 >= START_BYTES { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        read.map_err(|source| ArchiveError::BundleUnreadable { path: request.bundle.clone(), source })?;
        start.truncate(usize::try_from(START_BYTES).unwrap_or(usize::MAX));
        if own.are_among(&secrets_in(&start)) {
            return Err(ArchiveError::BundleHoldsOwnKey { path: request.bundle.clone(), file: path.to_string() });
        }
    }
    Ok(())
}

fn origin_of(log: &LogView) -> Origin {
    log.archive.origin().clone()
}

/// Follows the check before the import; everything is read twice.
struct TwiceRead<'a>(&'a dyn Watch);

impl Watch for TwiceRead<'_> {
    fn total(&self, bytes: u64) {
        self.0.total(bytes.saturating_mul(2));
    }

    fn advance(&self, bytes: u64) {
        self.0.advance(bytes);
    }

    fn is_stopped(&self) -> bool {
        self.0.is_stopped()
    }
}
