//! The history of one exhibit, read from a dossier: what a bundle said of it, checked again.

use std::io;

use super::BundleFiles;
use super::entry::Extent;
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

/// Reads the history of an exhibit from the files of a bundle without its objects, and checks all that it rests on:
/// manifest, signature of the bundle, checkpoint, keys, receipts, signatures, fields. Against which keys it is to be
/// believed is for the caller to say.
///
/// `None` if not even the frame can be read; then the findings say why.
///
/// # Errors
/// It cannot be listed.
pub fn read_history(
    dossier: &dyn BundleFiles,
    exhibit: ExhibitId,
    watch: &dyn Watch,
) -> io::Result<Result<BundleHistory, Vec<Finding>>> {
    let mut findings = Findings::default();
    let files = Files::list(dossier, watch, &mut findings)?;
    let frame = Frame::read(&files, Extent::Dossier, &mut findings);
    let Some((frame, (description, checkpoint))) = frame.and_then(|frame| {
        let said = frame.description.clone().zip(frame.checkpoint.clone())?;
        Some((frame, said))
    }) else {
        return Ok(Err(findings.about(exhibit)));
    };
    let mut entries = Vec::new();
    let mut report = ExhibitReport::new(exhibit);
    let work = Work::of(&files, &frame);
    let mut add = |finding| findings.add(finding);
    let ingest = work.exhibit(exhibit).and_then(|job| {
        let mut each = |proved: super::entry::Proved| {
            entries.push(HistoryEntry { entry: proved.entry, fields: proved.disclosed });
        };
        job.check_entries(&files, &frame, &checkpoint, &mut report, &mut each, &mut add)
    });
    Ok(Ok(BundleHistory {
        bundle: frame.bundle,
        origin: checkpoint.checkpoint.origin.clone(),
        log_key: description.log_key,
        size: checkpoint.checkpoint.size,
        root: checkpoint.checkpoint.root,
        entries,
        object: ingest.map(|(body, _)| body.object),
        findings: findings.about(exhibit),
    }))
}
