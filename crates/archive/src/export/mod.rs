//! Export: exhibits leave the archive in a bundle, for a court, an expert of the other side, or another archive.
//!
//! The order of the steps is what makes it safe:
//!
//! | step | a crash after it leaves |
//! |---|---|
//! | the bundle is written beside its place, under a name that says that it is not finished | a part of it under that name |
//! | everything is synced at once | a whole bundle under that name |
//! | it is read again and checked, as its recipient will | the same |
//! | the export is recorded | the same; the log says that it was exported, and nobody has it |
//! | it gets its name, which must still be free | the bundle |
//!
//! So there is never a part of a bundle under the final name, and never a bundle under it that the log does not know.

mod completeness;
mod content;
mod disclosed;
mod disclosure;
mod foreign;
mod handed_on;
mod letters;
mod not_handed_on;
mod plan;
mod planned_letters;
mod planning;
mod reports;
mod target;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

pub use completeness::{collection, plan_completeness};
pub use disclosed::{DisclosedValue, Disclosures, disclosures, disclosures_about_agents};
pub use disclosure::{AGENT_NAME, DisclosurePolicy, PARTNER_LETTER};
pub use foreign::PlannedDossier;
pub use handed_on::histories_handed_on;
pub use not_handed_on::{HistoryNotHandedOn, LetterNotHandedOn, WhyLetterStays, WhyNotHandedOn};
pub use plan::{ExportPlan, PlannedCompleteness, PlannedExhibit};
pub use planning::plan;
pub use reports::{Handover, ReportError, ReportSource, Reports, WriteReport};

use content::Writing;
use target::{FolderTarget, Target, ZipTarget, top_folder};

use super::custody::{Draft, Keys, check_expiry};
use super::environment::random_salt;
use super::exhibits::metadata_field;
use super::reader::Reader;
use super::session::Session;
use super::{ArchiveError, threads};
use vouchsafe_core::SOFTWARE;
use vouchsafe_core::digest::Digest;
use vouchsafe_core::format::volume::MAX_COMMIT_ENTRIES;
use vouchsafe_core::model::vocabulary::{PURPOSE, RECIPIENT};
use vouchsafe_core::model::{BundleExported, EntryIndex, Event, EventKind, ExhibitExported, ExhibitId};
use vouchsafe_core::verify::bundle::{BundleReport, BundleRequest, BundleVerdict, check};
use vouchsafe_core::verify::{Severity, Trust, Watch};

/// What a bundle is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportForm {
    /// A folder.
    Folder,
    /// The same folder as a zip file.
    Zip,
}

/// A bundle that is asked for.
#[derive(Debug, Clone)]
pub struct ExportRequest {
    /// Which exhibits, and what is disclosed of them.
    pub plan: ExportPlan,
    /// Where to; must not exist.
    pub to: PathBuf,
    /// As what.
    pub form: ExportForm,
    /// Who gets it.
    pub recipient: String,
    /// What for.
    pub purpose: String,
    /// How many threads write and check; 0 for one a core.
    pub threads: usize,
}

vouchsafe_core::described! {
    /// A bundle that was exported.
    #[derive(Debug, Clone, serde::Serialize)]
    pub struct Exported {
        /// SHA-256 of its tag manifest, by which the log names it.
        pub bundle: Digest,
        /// The entry that records it.
        pub index: EntryIndex,
        /// How many exhibits it holds.
        pub exhibits: u64,
        /// Bytes of them.
        pub size_bytes: u64,
        /// Fields of their entries that are not disclosed.
        pub withheld_fields: u64,
        /// What the check found before it was released.
        #[serde(skip)]
        pub report: BundleReport,
    }
}

/// Exports exhibits as a bundle, with the files for people that `reports` writes.
///
/// # Errors
/// The place is taken, an object has changed, the disk refuses, the bundle does not hold when it is read again,
/// or the export cannot be recorded. Then no bundle is there.
pub fn export(
    session: &mut Session<'_>,
    request: &ExportRequest,
    reports: &dyn Reports,
    keys: &Keys,
    watch: &dyn Watch,
) -> Result<Exported, ArchiveError> {
    session.reader.check_understood()?;
    let agent = keys.agent.public().id();
    session.reader.permit(agent, EventKind::BundleExported)?;
    session.reader.check_signable()?;
    check_expiry(&session.reader.index, agent, session.environment.now())?;
    session.reader.memory.standing.check()?;
    if request.to.symlink_metadata().is_ok() {
        return Err(ArchiveError::Exists { path: request.to.clone() });
    }
    let unfinished = unfinished(&request.to);
    if unfinished.symlink_metadata().is_ok() {
        return Err(ArchiveError::Exists { path: unfinished });
    }
    let result = write_and_release(session, request, reports, &unfinished, keys, watch);
    // What the log names is never deleted.
    if result.as_ref().is_err_and(|error| !matches!(error, ArchiveError::BundleNotNamed { .. })) {
        remove(&unfinished, request.form);
    }
    result
}

fn write_and_release(
    session: &mut Session<'_>,
    request: &ExportRequest,
    reports: &dyn Reports,
    unfinished: &Path,
    keys: &Keys,
    watch: &dyn Watch,
) -> Result<Exported, ArchiveError> {
    let disk = session.environment.disk();
    let threads = threads(request.threads);
    let statement = match &request.plan.completeness {
        Some(planned) => {
            let salt = random_salt(session.environment).map_err(ArchiveError::no_randomness)?;
            Some(planned.state(&request.plan, salt)?)
        }
        None => None,
    };
    // Everything is read twice: from the archive, and from the bundle.
    watch.total(2 * request.plan.size_bytes);
    // After a clock that was set back a little, entries have the time of the newest one; and so has the bundle.
    let now = session.environment.now();
    let created_at = session.reader.index.last_recorded().map_or(now, |last| last.max(now));
    let target: Box<dyn Target + '_> = match request.form {
        ExportForm::Folder => Box::new(FolderTarget::create(&*disk, unfinished)?),
        ExportForm::Zip => {
            let folder = top_folder(created_at, &session.reader.head()?.checkpoint);
            Box::new(ZipTarget::create(&*disk, unfinished, folder)?)
        }
    };
    let handover = Handover::disclosed(&request.plan, &request.purpose, &request.recipient);
    let writing = Writing::new(&session.reader, &request.plan, handover, reports, &*target, watch);
    let bundle = writing.run(&keys.agent, created_at, threads, statement.as_ref())?;
    target.finish()?;
    drop(target);
    let report = check_own_bundle(&session.reader, unfinished, threads, &SecondHalf(watch))?;
    let index = record_export(session, request, bundle, keys)?;
    disk.move_new(unfinished, &request.to).map_err(|source| ArchiveError::BundleNotNamed {
        path: request.to.clone(),
        kept_in: unfinished.to_owned(),
        index,
        source,
    })?;
    let plan = &request.plan;
    Ok(Exported {
        bundle,
        index,
        exhibits: plan.exhibits.len() as u64,
        size_bytes: plan.size_bytes,
        withheld_fields: plan.withheld_fields,
        report,
    })
}

/// Reads a bundle of this archive as its recipient will, and compares it with this archive's fingerprint.
pub(super) fn check_own_bundle(
    reader: &Reader,
    path: &Path,
    threads: usize,
    watch: &dyn Watch,
) -> Result<BundleReport, ArchiveError> {
    let failed = |error| ArchiveError::io("read the bundle again", path)(error);
    let bundle = vouchsafe_bundle::open(path).map_err(failed)?;
    let request = BundleRequest { trust: Trust::in_archive(reader.description.fingerprint), threads };
    let report = check(&*bundle, &request, watch).map_err(failed)?;
    if !report.complete {
        return Err(ArchiveError::Stopped);
    }
    // A finding about a doubtful key of the archive's own log is reported, but is not a fault of the bundle.
    if report.verdict > BundleVerdict::Degraded
        && let Some(finding) = report.findings.iter().find(|found| found.code.severity() == Severity::Failed)
    {
        return Err(ArchiveError::BundleNotSound { finding: Box::new(finding.clone()) });
    }
    Ok(report)
}

/// Records the export, about the archive and about each exhibit.
fn record_export(
    session: &mut Session<'_>,
    request: &ExportRequest,
    bundle: Digest,
    keys: &Keys,
) -> Result<EntryIndex, ArchiveError> {
    let plan = &request.plan;
    let draft = |event: Event, exhibit: Option<ExhibitId>, fields| Draft { event, exhibit, occurred_at: None, fields };
    let exported = BundleExported {
        bundle,
        exhibits: plan.exhibits.len() as u64,
        fields: Vec::new(),
        objects: plan.objects,
        size: session.reader.head()?.checkpoint.size,
        size_bytes: plan.size_bytes,
        software: SOFTWARE.to_owned(),
        withheld_fields: plan.withheld_fields,
    };
    let fields = vec![metadata_field(PURPOSE, &request.purpose), metadata_field(RECIPIENT, &request.recipient)];
    let mut drafts = vec![draft(exported.into(), None, fields)];
    for exhibit in &plan.exhibits {
        let withheld_fields = exhibit.withheld_fields;
        let body = ExhibitExported { bundle, fields: Vec::new(), withheld_fields };
        drafts.push(draft(body.into(), Some(exhibit.exhibit), Vec::new()));
    }
    let mut first = None;
    let limit = usize::try_from(MAX_COMMIT_ENTRIES).unwrap_or(usize::MAX);
    while !drafts.is_empty() {
        let rest = drafts.split_off(drafts.len().min(limit));
        let made = session.record(keys, std::mem::replace(&mut drafts, rest))?;
        first = first.or(made.first().copied());
    }
    first.ok_or(ArchiveError::Stopped)
}

/// What the name of a bundle that is not finished ends with, before the number of the process.
const PARTIAL: &str = ".partial-";

/// Follows the check after the writing; the amount of work was reported before.
struct SecondHalf<'a>(&'a dyn Watch);

impl Watch for SecondHalf<'_> {
    fn advance(&self, bytes: u64) {
        self.0.advance(bytes);
    }

    fn is_stopped(&self) -> bool {
        self.0.is_stopped()
    }
}

/// The most bytes of a file's name that file systems take.
const MAX_NAME_BYTES: usize = 255;

/// The name of a bundle that is not finished, beside its place: of a long name, the beginning.
fn unfinished(to: &Path) -> PathBuf {
    let suffix = format!("{PARTIAL}{}", std::process::id());
    let name = to.file_name().unwrap_or_default();
    let room = MAX_NAME_BYTES.saturating_sub(suffix.len());
    let mut unfinished = match name.len() <= room {
        true => name.to_owned(),
        false => {
            let name = name.to_string_lossy();
            let end = (0..=room).rev().find(|&end| name.is_char_boundary(end)).unwrap_or(0);
            OsString::from(&name[..end])
        }
    };
    unfinished.push(suffix);
    to.with_file_name(unfinished)
}

/// What interrupted exports left beside this place, or exports that are running: no bundles, and perhaps copies of
/// exhibits in clear.
#[must_use]
pub fn unfinished_beside(to: &Path) -> Vec<PathBuf> {
    let parent = to.parent().filter(|parent| *parent != Path::new("")).unwrap_or(Path::new("."));
    let is_unfinished = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        name.rsplit_once(PARTIAL)
            .is_some_and(|(_, pid)| !pid.is_empty() && pid.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let items = std::fs::read_dir(parent).into_iter().flatten().flatten();
    let mut left: Vec<_> = items.map(|item| to.with_file_name(item.file_name())).filter(is_unfinished).collect();
    left.sort();
    left
}

/// Removes an unfinished bundle. The failure itself is already reported.
fn remove(unfinished: &Path, form: ExportForm) {
    let _ = match form {
        ExportForm::Folder => std::fs::remove_dir_all(unfinished),
        ExportForm::Zip => std::fs::remove_file(unfinished),
    };
}
