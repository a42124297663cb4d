//! The histories of exhibits, read from a dossier: what a bundle said of them, checked again.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::Arc;

use super::entry::{Extent, Proved};
use super::exhibit::{Job, Work};
use super::exhibit_report::ExhibitReport;
use super::files::{File, Files, check_listed};
use super::findings::Findings;
use super::frame::Frame;
use super::listing::BundleFiles;
use super::passing::OtherSide;
use super::walk::{Name, received_in};
use crate::digest::Digest;
use crate::format::bundle::{BAG_INFO, BAGIT, BundleDescription, BundlePath, Part, TAG_MANIFEST};
use crate::format::{ArchiveIdentity, LogKey, SignedCheckpoint, SignedEntry};
use crate::language::Text;
use crate::model::{Disclosure, Event, ExhibitId, ExhibitIngested, Origin};
use crate::verify::shown::{LogView, ShownLog};
use crate::verify::{Code, Finding, Watch};

/// An entry of another archive's log.
#[derive(Debug, Clone)]
pub struct HistoryEntry {
    /// The entry.
    pub entry: SignedEntry,
    /// The fields that were disclosed.
    pub fields: Vec<Disclosure>,
    /// What there is of the other side's word, if the entry says that custody passed.
    pub other_side: Option<OtherSide>,
}

/// What a dossier says of one exhibit.
#[derive(Debug, Clone)]
pub struct BundleHistory {
    /// SHA-256 of the bundle's tag manifest.
    pub bundle: Digest,
    /// The archive that the bundle is from.
    pub archive: ArchiveIdentity,
    /// The log's key, which signed the checkpoint.
    pub log_key: LogKey,
    /// Size of that log.
    pub size: u64,
    /// Its root.
    pub root: Digest,
    /// The entries about the exhibit, oldest first.
    pub entries: Vec<HistoryEntry>,
    /// The object that was ingested.
    pub object: Option<Digest>,
    /// What speaks against it.
    findings: Vec<Finding>,
    /// What speaks against the dossier as a whole; all histories of one dossier share it.
    of_the_whole: Arc<[Finding]>,
}

impl BundleHistory {
    /// What the archive calls itself.
    #[must_use]
    pub const fn origin(&self) -> &Origin {
        self.archive.origin()
    }

    /// The bundles that this exhibit came in, as its entries name them, with what it is called there; each once.
    #[must_use]
    pub fn received(&self) -> BTreeSet<Name> {
        self.entries.iter().filter_map(|entry| received_in(&entry.entry)).collect()
    }

    /// The letters of other archives by which custody passed, as its entries name them.
    pub fn letters(&self) -> impl Iterator<Item = Digest> {
        self.entries.iter().filter_map(|one| match &one.entry.entry.event {
            Event::CustodyPassed(body) => Some(body.letter),
            _ => None,
        })
    }

    /// What speaks against any of it, or is not understood; a notice does not.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        let all = self.findings.iter().chain(&*self.of_the_whole);
        all.filter(|finding| finding.code.is_weighty())
    }
}

/// The object that an ingest names; not known where it is sealed, since what is named then is what lies in that archive.
pub(super) fn object_of(ingest: &ExhibitIngested) -> Option<Digest> {
    ingest.media_type.is_some().then_some(ingest.object)
}

/// What a dossier says of an exhibit, in short.
#[derive(Debug, Clone, Default)]
pub struct Outline {
    /// The object that was ingested.
    pub object: Option<Digest>,
    /// Whether its ingest is sealed, so that its object is not known.
    pub is_sealed: bool,
    /// How many entries about it were checked.
    pub entries: u64,
    /// The bundles that it came in, with what it is called there; each once.
    pub received: BTreeSet<Name>,
    /// Whether any file about it is there; if not, it was left out when the dossier was handed on.
    pub is_there: bool,
    /// What speaks against it.
    pub findings: Vec<Finding>,
}

impl Outline {
    /// Whether all entries about it are understood.
    #[must_use]
    pub fn is_understood(&self) -> bool {
        self.findings.iter().all(|found| found.code != Code::BundleEntryNotUnderstood)
    }
}

/// A dossier that was read and checked whole, once.
#[derive(Debug)]
pub struct DossierReport {
    /// SHA-256 of the bundle's tag manifest.
    pub bundle: Digest,
    /// The archive that the bundle is from.
    pub archive: ArchiveIdentity,
    /// The log's key, which signed the checkpoint.
    pub log_key: LogKey,
    /// What it proves of that log; none where it does not prove whose log it is.
    pub log: Option<LogView>,
    /// All exhibits in it, and those that its manifest names.
    pub exhibits: BTreeMap<ExhibitId, Outline>,
    /// What speaks against the dossier as a whole.
    pub findings: Vec<Finding>,
}

/// A dossier whose frame cannot be read.
#[derive(Debug)]
pub struct Unread {
    /// SHA-256 of its tag manifest, if that can be read.
    pub bundle: Option<Digest>,
    /// What speaks against it; or that a newer version wrote it, with what speaks against its files.
    pub findings: Vec<Finding>,
}

impl Unread {
    /// The first finding, in words.
    #[must_use]
    pub fn reason(&self) -> Text {
        self.findings.first().map_or_else(|| Text::same(""), |finding| finding.message.clone())
    }
}

/// What all histories in a dossier rest on.
struct Opened<'a> {
    files: Files<'a>,
    frame: Frame,
    description: BundleDescription,
    checkpoint: SignedCheckpoint,
    findings: Findings,
}

impl<'a> Opened<'a> {
    /// Reads it; the findings, where not even that can be read.
    fn read(dossier: &'a dyn BundleFiles, watch: &'a dyn Watch) -> io::Result<Result<Self, Unread>> {
        let mut findings = Findings::default();
        let mut files = Files::list(dossier, watch, &mut findings)?;
        let frame = Frame::read(&mut files, Extent::Dossier, &mut findings)?;
        let Some(frame) = frame else { return Ok(Err(Unread { bundle: None, findings: findings.into_list() })) };
        match frame.description.clone().zip(frame.checkpoint.clone()) {
            Some((description, checkpoint)) => Ok(Ok(Self { files, frame, description, checkpoint, findings })),
            None => {
                if frame.newer_format.is_some() {
                    compare_files(&files, &frame, &mut findings, |_| true)?;
                }
                Ok(Err(Unread { bundle: Some(frame.bundle), findings: findings.into_list() }))
            }
        }
    }

    /// The history of an exhibit: its entries are handed on as they are checked. What the ingest says.
    fn history(
        &self,
        job: &Job<'_>,
        report: &mut ExhibitReport,
        each: &mut dyn FnMut(Proved),
        findings: &mut Findings,
    ) -> Option<ExhibitIngested> {
        let mut add = |finding| findings.add(finding);
        let ingest = job.check_entries(&self.files, &self.frame, &self.checkpoint, report, each, &mut add);
        ingest.map(|(body, _)| body)
    }

    /// What the entries about keys show of the log.
    fn shown(&self) -> ShownLog {
        let head = &self.checkpoint.checkpoint;
        let mut shown = ShownLog::of_root(head.size, head.root);
        self.frame.places.iter().for_each(|place| shown.add(place));
        shown
    }

    /// That as a view of a log. Another's name is no proof of being that archive: its first entry must be here, and name the
    /// key that signed.
    fn log(&self, mut shown: ShownLog, place: &str) -> Option<LogView> {
        let head = &self.checkpoint.checkpoint;
        shown.join();
        Some(LogView {
            place: place.to_owned(),
            named: Text::same(place),
            archive: self.frame.archive.clone()?,
            log_key: self.description.log_key.clone(),
            size: head.size,
            root: head.root,
            shown,
        })
    }

    /// Compares the files that no history and nothing else rests on with their manifest.
    fn compare_others(&mut self) -> io::Result<()> {
        compare_files(&self.files, &self.frame, &mut self.findings, |file| {
            let is_compared = match file.path.part() {
                // Entries are compared as they are read, and so is what the frame is made of.
                Some(Part::Entry(..)) => true,
                Some(Part::Required) => ![BAGIT, BAG_INFO].contains(&file.path.as_str()),
                Some(Part::Letter(_)) => true,
                Some(
                    Part::Completeness
                    | Part::Object(_)
                    | Part::Aid
                    | Part::Addition
                    | Part::Foreign(_)
                    | Part::Later(_),
                )
                | None => false,
            };
            !is_compared
        })
    }
}

/// Compares files with their manifest.
fn compare_files(
    files: &Files<'_>,
    frame: &Frame,
    findings: &mut Findings,
    is_meant: impl Fn(&File) -> bool,
) -> io::Result<()> {
    for file in files.all().iter().filter(|file| is_meant(file)) {
        let Some(content) = files.read(file, 0)? else { return Ok(()) };
        let code = if file.path.is_for_people() { Code::BundleAidChanged } else { Code::BundleFileChanged };
        check_listed(&frame.tag, &file.path, content.digest, code, &mut |finding| findings.add(finding));
    }
    Ok(())
}

/// The histories of some exhibits, as a dossier holds them.
#[derive(Debug)]
pub struct Histories {
    /// In the order in which they were asked for.
    pub histories: Vec<BundleHistory>,
    /// What they, and the entries about keys, prove of the log; none where the dossier does not prove whose log it is.
    pub log: Option<LogView>,
}

/// Reads the histories of exhibits from the files of a bundle without its objects, in the order in which they are
/// wanted, and checks all that they rest on: manifest, signature of the bundle, checkpoint, keys, receipts, signatures,
/// fields. Against which keys they are to be believed is for the caller to say.
///
/// Where not even the frame can be read, the findings say why.
///
/// # Errors
/// It cannot be listed.
pub fn read_histories(
    dossier: &dyn BundleFiles,
    wanted: &[ExhibitId],
    watch: &dyn Watch,
) -> io::Result<Result<Histories, Unread>> {
    let mut opened = match Opened::read(dossier, watch)? {
        Ok(opened) => opened,
        Err(unread) => return Ok(Err(unread)),
    };
    let whole = std::mem::take(&mut opened.findings).into_list();
    let (about_exhibits, of_the_whole): (Vec<_>, Vec<_>) = whole.into_iter().partition(|found| found.exhibit.is_some());
    let of_the_whole: Arc<[Finding]> = of_the_whole.into();
    let work = Work::of(&opened.files, &opened.frame);
    let head = &opened.checkpoint.checkpoint;
    let (mut shown, mut reports) = (opened.shown(), Vec::new());
    let mut read = |exhibit: &ExhibitId| {
        let (mut entries, mut findings) = (Vec::new(), Findings::default());
        let mut each = |proved: Proved| {
            let Proved { entry, disclosed: fields, other_side, .. } = proved;
            entries.push(HistoryEntry { entry, fields, other_side });
        };
        let mut report = ExhibitReport::new(*exhibit);
        let job = work.exhibit(*exhibit);
        let ingest = job.and_then(|job| opened.history(job, &mut report, &mut each, &mut findings));
        report.places.iter().for_each(|place| shown.add(place));
        reports.push(report);
        let mut findings = findings.into_list();
        findings.extend(about_exhibits.iter().filter(|found| found.exhibit == Some(*exhibit)).cloned());
        BundleHistory {
            bundle: opened.frame.bundle,
            archive: opened.description.archive(),
            log_key: opened.description.log_key.clone(),
            size: head.size,
            root: head.root,
            entries,
            object: ingest.as_ref().and_then(object_of),
            findings,
            of_the_whole: Arc::clone(&of_the_whole),
        }
    };
    let mut histories: Vec<_> = wanted.iter().map(&mut read).collect();
    let mut against_each_other = Findings::default();
    opened.frame.compare_entries(&reports, &mut against_each_other);
    for finding in against_each_other.into_list() {
        for (history, report) in histories.iter_mut().zip(&reports) {
            if finding.exhibit.is_none_or(|exhibit| exhibit == report.exhibit) {
                history.findings.push(finding.clone());
            }
        }
    }
    Ok(Ok(Histories { histories, log: opened.log(shown, TAG_MANIFEST) }))
}

/// Reads and checks everything in a dossier: every file is compared with its manifest, and every entry is proved, also
/// those about exhibits that nobody asks for. What cannot be kept in mind for so many entries is handed on to nobody.
///
/// Where not even the frame can be read, the findings say why.
///
/// # Errors
/// It cannot be read.
pub fn read_dossier(
    dossier: &dyn BundleFiles,
    place: &BundlePath,
    watch: &dyn Watch,
) -> io::Result<Result<DossierReport, Unread>> {
    let mut opened = match Opened::read(dossier, watch)? {
        Ok(opened) => opened,
        Err(unread) => return Ok(Err(unread)),
    };
    opened.compare_others()?;
    let mut shown = opened.shown();
    let (mut exhibits, mut reports) = (BTreeMap::new(), Vec::new());
    let work = Work::of(&opened.files, &opened.frame);
    for job in work.exhibits() {
        if watch.is_stopped() {
            break;
        }
        let mut findings = Findings::default();
        let mut outline = Outline { is_there: job.is_there(), ..Outline::default() };
        let mut report = ExhibitReport::new(job.exhibit);
        let mut each = |proved: Proved| {
            outline.entries += 1;
            outline.received.extend(received_in(&proved.entry));
        };
        let ingest = opened.history(job, &mut report, &mut each, &mut findings);
        outline.object = ingest.as_ref().and_then(object_of);
        outline.is_sealed = ingest.is_some() && outline.object.is_none();
        outline.findings = findings.into_list();
        report.places.iter().for_each(|place| shown.add(place));
        exhibits.insert(job.exhibit, outline);
        reports.push(report);
    }
    if !watch.is_stopped() {
        opened.frame.letters.object_to_others(&reports, &mut opened.findings);
        opened.frame.compare_entries(&reports, &mut opened.findings);
    }
    let (archive, log_key) = (opened.description.archive(), opened.description.log_key.clone());
    let log = opened.log(shown, place.as_str());
    let bundle = opened.frame.bundle;
    let mut of_the_whole = Vec::new();
    for finding in opened.findings.into_list() {
        match finding.exhibit.and_then(|exhibit| exhibits.get_mut(&exhibit)) {
            Some(Outline { findings, .. }) => findings.push(finding),
            None => of_the_whole.push(finding),
        }
    }
    Ok(Ok(DossierReport { bundle, archive, log_key, log, exhibits, findings: of_the_whole }))
}
