//! What other archives' logs say of the exhibits, as far as the bundle hands it on.
//!
//! Read are the dossiers as they are written into the bundle, and not those that this archive received: what is not
//! handed on is not there to be told.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use super::labels;
use super::notation::Bilingual;
use super::told::{Name, Told, ToldExhibit, received};
use super::words;
use vouchsafe_archive::{ArchiveError, ExportPlan, PlannedDossier, Reader, compared_archives};
use vouchsafe_core::digest::Digest;
use vouchsafe_core::format::SignedEntry;
use vouchsafe_core::format::bundle::{BundlePath, EntryFile, Subject};
use vouchsafe_core::format::identity::{ArchiveIdentity, ArchiveNames};
use vouchsafe_core::model::{Disclosure, ExhibitId};
use vouchsafe_core::verify::Unwatched;
use vouchsafe_core::verify::bundle::{BundleHistory, DossierBundle, HistoryEntry, read_histories};

/// The most bytes of dossiers that are read for the report. They are held in memory, and a report that is to be read
/// has less.
const MAX_READ_BYTES: u64 = 64 * 1024 * 1024;

/// The histories that the bundle hands on.
#[derive(Default)]
pub(super) struct Elsewhere {
    histories: BTreeMap<Name, BundleHistory>,
    /// Dossiers that are handed on and were not read, since they are too large.
    unread: BTreeSet<Digest>,
    /// The archives whose fingerprints this archive ever compared with one from outside.
    compared: HashSet<ArchiveIdentity>,
    /// What the archives are called that are spoken of, this one among them.
    names: ArchiveNames,
}

/// What is told of the time that an exhibit was in another archive.
pub(super) enum Before<'a> {
    /// Its history there, what the archive is called, and by which archive it was handed on, if not by the one that this
    /// archive had it from.
    Told { history: &'a BundleHistory, called: String, through: Option<String>, anchored: bool },
    /// It is in this file and is not shown.
    Unread(BundlePath),
    /// It is not in the bundle.
    NotHere,
}

/// An entry in the line of time of an exhibit.
pub(super) struct Line<'a> {
    pub signed: &'a SignedEntry,
    /// In the order in which they are shown.
    pub fields: Vec<&'a Disclosure>,
    pub withheld_fields: u64,
    /// Where it is in the bundle.
    pub files: Vec<String>,
    /// What the archive is called, if it is another one's.
    pub elsewhere: Option<String>,
    /// What is to be said of it beside what it says itself.
    pub remarks: Vec<Bilingual>,
}

impl Elsewhere {
    /// Reads the histories of these exhibits, and those behind them.
    pub fn read(archive: &Reader, plan: &ExportPlan, received: Vec<Name>) -> Result<Self, ArchiveError> {
        let mut read = Self::default();
        read.names.add(&archive.identity());
        if !received.is_empty() {
            read.compared = compared_archives(archive)?;
        }
        let mut left_bytes = MAX_READ_BYTES;
        let mut wanted = by_bundle(received);
        while let Some((bundle, names)) = wanted.pop_first() {
            let names: Vec<_> =
                names.into_iter().filter(|name| !read.histories.contains_key(&(bundle, *name))).collect();
            let Some(planned) = plan.foreign.iter().find(|planned| planned.bundle == bundle) else { continue };
            if names.is_empty() || read.unread.contains(&bundle) {
                continue;
            }
            let Some(left) = left_bytes.checked_sub(planned.size_bytes()) else {
                read.unread.insert(bundle);
                continue;
            };
            left_bytes = left;
            for (name, history) in names.iter().zip(histories(planned, &names)?) {
                for (behind, names) in by_bundle(history.received()) {
                    wanted.entry(behind).or_default().extend(names);
                }
                read.names.add(&history.archive);
                read.histories.insert((bundle, *name), history);
            }
        }
        Ok(read)
    }

    /// What is told of the time before this archive had an exhibit. Of several bundles from one archive, the one with
    /// the longest log counts.
    pub fn before(&self, exhibit: &ToldExhibit<'_>) -> Vec<Before<'_>> {
        let received = exhibit.entries.iter().filter_map(|told| received(&told.signed));
        let mut wanted: Vec<_> = received.map(|name| (name, None)).collect();
        let (mut seen, mut told, mut rest) = (HashSet::new(), Vec::new(), Vec::new());
        while let Some((name, through)) = wanted.pop() {
            if !seen.insert(name) {
                continue;
            }
            let Some(history) = self.histories.get(&name) else {
                rest.push(match self.unread.contains(&name.0) {
                    true => Before::Unread(BundlePath::foreign(name.0)),
                    false => Before::NotHere,
                });
                continue;
            };
            wanted.extend(history.received().into_iter().map(|name| (name, Some(&history.archive))));
            told.push((history, through, name));
        }
        told.sort_by_key(|(history, ..)| std::cmp::Reverse(history.size));
        let mut known = HashSet::new();
        // One against which something speaks stands in the place of no other.
        told.retain(|(history, _, (_, exhibit))| {
            history.findings().next().is_some() || known.insert((&history.archive, *exhibit))
        });
        let told = told.into_iter().rev().map(|(history, through, _)| Before::Told {
            called: self.names.called(&history.archive),
            history,
            through: through.map(|archive| self.names.called(archive)),
            // What does not hold does not show which archive it is of.
            anchored: history.findings().next().is_none() && self.compared.contains(&history.archive),
        });
        told.chain(rest).collect()
    }
}

/// All entries about an exhibit in one line of time, as they were recorded; each log's own order stays.
pub(super) fn lines<'a>(own: &'a [Told], before: &[Before<'a>]) -> Vec<Line<'a>> {
    let mut lines = Vec::new();
    for part in before {
        if let Before::Told { history, called, .. } = part {
            lines.extend(history.entries.iter().map(|entry| line(history, called, entry)));
        }
    }
    lines.extend(own.iter().map(|told| Line {
        signed: &told.signed,
        fields: told.fields.iter().collect(),
        withheld_fields: told.withheld_fields,
        files: vec![told.message.to_string(), told.receipt.to_string()],
        elsewhere: None,
        remarks: told.remarks.clone(),
    }));
    lines.sort_by_key(|line| line.signed.entry.recorded_at);
    lines
}

fn line<'a>(history: &BundleHistory, called: &str, one: &'a HistoryEntry) -> Line<'a> {
    let entry = &one.entry.entry;
    let file = entry.exhibit.zip(entry.exhibit_sequence).map(|(exhibit, number)| {
        let message = BundlePath::entry(Subject::Exhibit(exhibit), number, EntryFile::Message);
        format!("{}: {message}", BundlePath::foreign(history.bundle))
    });
    let mut fields: Vec<_> = one.fields.iter().collect();
    labels::sort(&mut fields);
    Line {
        signed: &one.entry,
        fields,
        withheld_fields: entry.event.fields().len().saturating_sub(one.fields.len()) as u64,
        files: file.into_iter().collect(),
        elsewhere: Some(called.to_owned()),
        remarks: one.other_side.map(words::other_side).into_iter().collect(),
    }
}

fn by_bundle(names: impl IntoIterator<Item = Name>) -> BTreeMap<Digest, BTreeSet<ExhibitId>> {
    let mut all: BTreeMap<Digest, BTreeSet<ExhibitId>> = BTreeMap::new();
    for (bundle, name) in names {
        all.entry(bundle).or_default().insert(name);
    }
    all
}

/// The histories of these exhibits in a dossier as it is handed on.
fn histories(planned: &PlannedDossier, names: &[ExhibitId]) -> Result<Vec<BundleHistory>, ArchiveError> {
    let damaged = |reason: String| ArchiveError::Damaged {
        place: format!("the dossier of the bundle {}", planned.bundle),
        reason,
    };
    let failed = |error: std::io::Error| damaged(error.to_string());
    let mut bytes = Vec::new();
    planned
        .write(&mut |piece| {
            bytes.extend_from_slice(piece);
            Ok(())
        })
        .map_err(failed)?;
    let size_bytes = bytes.len() as u64;
    let dossier = DossierBundle::open(Arc::new(bytes), 0, size_bytes).map_err(failed)?;
    let read = read_histories(&dossier, names, &Unwatched).map_err(failed)?.map(|read| read.histories);
    read.map_err(|unread| damaged(unread.reason().to_string()))
}
