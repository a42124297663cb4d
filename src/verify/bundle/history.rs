//! The history of one exhibit, read from a dossier: what a bundle said of it, checked again.

use std::io;

use super::BundleFiles;
use super::entry::{Extent, Place, Proved};
use super::exhibit::Work;
use super::files::Files;
use super::frame::Frame;
use super::report::{ExhibitReport, Findings};
use crate::digest::Digest;
use crate::format::{LogKey, SignedEntry};
use crate::model::{Disclosure, Event, ExhibitId, Origin};
use crate::verify::{Finding, Watch};

/// An entry of another archive's log.
#[derive(Debug, Clone)]
pub struct HistoryEntry {
    /// The entry.
    pub entry: SignedEntry,
    /// The fields that were disclosed.
    pub fields: Vec<Disclosure>,
}

/// What a dossier says of one exhibit.
#[derive(Debug, Clone)]
pub struct BundleHistory {
    /// SHA-256 of the bundle's tag manifest.
    pub bundle: Digest,
    /// The archive that the bundle is from.
    pub origin: Origin,
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
    /// What speaks against any of it.
    pub findings: Vec<Finding>,
    /// Where these entries, and those about the keys, stand in that log.
    pub(super) places: Vec<Place>,
}

impl BundleHistory {
    /// The bundles that this exhibit came in, as its entries name them, with what it is called there.
    pub fn received(&self) -> impl Iterator<Item = (Digest, ExhibitId)> {
        self.entries.iter().filter_map(|entry| match &entry.entry.entry.event {
            Event::ExhibitReceived(body) => Some((body.bundle, body.foreign_exhibit)),
            _ => None,
        })
    }
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
) -> io::Result<Result<Vec<BundleHistory>, Vec<Finding>>> {
    let mut of_the_whole = Findings::default();
    let mut files = Files::list(dossier, watch, &mut of_the_whole)?;
    let frame = Frame::read(&mut files, Extent::Dossier, &mut of_the_whole);
    let Some((frame, (description, checkpoint))) = frame.and_then(|frame| {
        let said = frame.description.clone().zip(frame.checkpoint.clone())?;
        Some((frame, said))
    }) else {
        return Ok(Err(of_the_whole.into_list()));
    };
    let work = Work::of(&files, &frame);
    let of_the_whole = of_the_whole.into_list();
    let read = |exhibit: &ExhibitId| {
        let (mut entries, mut findings) = (Vec::new(), Findings::default());
        let mut report = ExhibitReport::new(*exhibit);
        let ingest = work.exhibit(*exhibit).and_then(|job| {
            let mut each = |proved: Proved| {
                entries.push(HistoryEntry { entry: proved.entry, fields: proved.disclosed });
            };
            let mut add = |finding| findings.add(finding);
            job.check_entries(&files, &frame, &checkpoint, &mut report, &mut each, &mut add)
        });
        let about = |finding: &&Finding| finding.exhibit.is_none_or(|about| about == *exhibit);
        let mut findings = findings.into_list();
        findings.extend(of_the_whole.iter().filter(about).cloned());
        BundleHistory {
            bundle: frame.bundle,
            origin: checkpoint.checkpoint.origin.clone(),
            log_key: description.log_key.clone(),
            size: checkpoint.checkpoint.size,
            root: checkpoint.checkpoint.root,
            entries,
            object: ingest.map(|(body, _)| body.object),
            findings,
            places: frame.places.iter().cloned().chain(report.places).collect(),
        }
    };
    Ok(Ok(wanted.iter().map(read).collect()))
}
