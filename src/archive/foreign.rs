//! The histories that exhibits had in other archives, as their bundles' dossiers hold them.

use std::collections::HashSet;

use super::exhibits::LoggedEntry;
use super::{Archive, ArchiveError};
use crate::digest::Digest;
use crate::format::bundle::BundlePath;
use crate::model::{Event, ExhibitId, Origin};
use crate::verify::bundle::{DossierBundle, read_histories};
use crate::verify::{Finding, Unwatched};

/// What another archive's log says of an exhibit.
#[derive(Debug, Clone)]
pub struct ForeignHistory {
    /// The bundle that it came in.
    pub bundle: Digest,
    /// That archive.
    pub origin: Origin,
    /// What the exhibit is called there.
    pub exhibit: ExhibitId,
    /// Size of that log at the bundle's checkpoint.
    pub size: u64,
    /// Its root.
    pub root: Digest,
    /// Whether this archive compared that archive's keys with keys from outside, when it took the bundle in.
    pub anchored: bool,
    /// Which archive handed it on, if it is not the one that this archive had it from.
    pub through: Option<Origin>,
    /// The entries about it, oldest first, with the fields that were disclosed.
    pub entries: Vec<LoggedEntry>,
    /// What speaks against any of it, now.
    pub findings: Vec<Finding>,
}

/// A history that is to be read.
struct Wanted {
    dossier: DossierBundle,
    /// The dossier that this archive received: all that are behind it stand in it, beside each other.
    outermost: DossierBundle,
    bundle: Digest,
    exhibit: ExhibitId,
    anchored: bool,
    through: Option<Origin>,
}

impl Archive {
    /// The histories that an exhibit had in other archives: of each bundle that it came in, and of the bundles behind
    /// those. Everything is checked again. Of several bundles from one archive, the one with the longest log counts.
    ///
    /// # Errors
    /// An entry or a dossier cannot be read.
    pub fn foreign_histories(
        &self,
        exhibit: ExhibitId,
        history: &[LoggedEntry],
    ) -> Result<Vec<ForeignHistory>, ArchiveError> {
        let mut wanted = Vec::new();
        for logged in history {
            let Event::ExhibitReceived(received) = &logged.entry.entry.event else { continue };
            let damaged = |reason: &str| ArchiveError::Damaged {
                place: format!("entry {} about {exhibit}", logged.entry.entry.index),
                reason: reason.to_owned(),
            };
            let index = self.index.received(received.bundle)?;
            let index = index.ok_or_else(|| damaged("no entry says that its bundle was received"))?;
            let Event::BundleReceived(body) = self.entry(index)?.entry.entry.event else {
                return Err(damaged("the index names an entry that is not about its bundle"));
            };
            let dossier = self.dossier(body.dossier)?;
            wanted.push(Wanted {
                outermost: dossier.clone(),
                dossier,
                bundle: received.bundle,
                exhibit: received.foreign_exhibit,
                anchored: body.anchored,
                through: None,
            });
        }
        read_all(wanted)
    }
}

fn read_all(mut wanted: Vec<Wanted>) -> Result<Vec<ForeignHistory>, ArchiveError> {
    let mut histories: Vec<ForeignHistory> = Vec::new();
    let mut seen = HashSet::new();
    while let Some(next) = wanted.pop() {
        if !seen.insert((next.bundle, next.exhibit)) {
            continue;
        }
        let damaged =
            |reason: String| ArchiveError::Damaged { place: format!("the dossier of {}", next.bundle), reason };
        let read = read_histories(&next.dossier, &[next.exhibit], &Unwatched);
        let read = read.map_err(|error| damaged(error.to_string()))?;
        let read = read.map_err(|findings| {
            damaged(findings.first().map_or_else(String::new, |finding| finding.message.clone()))
        })?;
        let Some(read) = read.into_iter().next() else { continue };
        if read.bundle != next.bundle {
            return Err(damaged(format!("it is the dossier of {}", read.bundle)));
        }
        for (bundle, exhibit) in read.received() {
            let path = BundlePath::foreign(bundle);
            if let Some(dossier) = next.outermost.nested(&path).map_err(|error| damaged(error.to_string()))? {
                let through = Some(read.origin.clone());
                let outermost = next.outermost.clone();
                wanted.push(Wanted { dossier, outermost, bundle, exhibit, anchored: false, through });
            }
        }
        histories.push(ForeignHistory {
            bundle: next.bundle,
            origin: read.origin,
            exhibit: next.exhibit,
            size: read.size,
            root: read.root,
            anchored: next.anchored,
            through: next.through,
            entries: read
                .entries
                .into_iter()
                .map(|entry| LoggedEntry { entry: entry.entry, fields: entry.fields })
                .collect(),
            findings: read.findings,
        });
    }
    // The same exhibit in a later bundle has all its earlier entries again.
    histories.sort_by_key(|history| std::cmp::Reverse(history.size));
    let mut told = HashSet::new();
    histories.retain(|history| told.insert((history.origin.clone(), history.exhibit)) || !history.findings.is_empty());
    histories.reverse();
    Ok(histories)
}
