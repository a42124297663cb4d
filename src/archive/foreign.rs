//! The histories that exhibits had in other archives, as their bundles' dossiers hold them.

use std::collections::HashSet;

use super::exhibits::LoggedEntry;
use super::{Archive, ArchiveError};
use crate::digest::Digest;
use crate::format::LogKey;
use crate::format::bundle::BundlePath;
use crate::model::{Event, ExhibitId, ExhibitReceived, Origin};
use crate::verify::bundle::{BundleHistory, DossierBundle, read_histories};
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
    /// Whether it is of this archive's own log: the exhibit went from here and came back.
    pub is_own: bool,
    /// Which archive handed it on, if it is not the one that this archive had it from.
    pub through: Option<Origin>,
    /// The entries about it, oldest first, with the fields that were disclosed.
    pub entries: Vec<LoggedEntry>,
    /// What speaks against any of it, now.
    pub findings: Vec<Finding>,
}

/// A history in another archive that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadHistory {
    /// The bundle that it came in.
    pub bundle: Digest,
    /// What the exhibit is called in it.
    pub exhibit: ExhibitId,
    /// What is wrong.
    pub reason: String,
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
    /// With them, those that cannot be read: what is damaged there hides nothing of this archive's own.
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn foreign_histories(
        &self,
        exhibit: ExhibitId,
        history: &[LoggedEntry],
    ) -> Result<(Vec<ForeignHistory>, Vec<UnreadHistory>), ArchiveError> {
        let (mut wanted, mut unread) = (Vec::new(), Vec::new());
        for logged in history {
            let Event::ExhibitReceived(received) = &logged.entry.entry.event else { continue };
            match self.received_dossier(exhibit, logged, received) {
                Ok(found) => wanted.push(found),
                Err(error @ ArchiveError::Index(_)) => return Err(error),
                Err(error) => unread.push(UnreadHistory {
                    bundle: received.bundle,
                    exhibit: received.foreign_exhibit,
                    reason: error.to_string(),
                }),
            }
        }
        let histories = read_all(wanted, &self.description.log_key, &mut unread);
        Ok((histories, unread))
    }

    fn received_dossier(
        &self,
        exhibit: ExhibitId,
        logged: &LoggedEntry,
        received: &ExhibitReceived,
    ) -> Result<Wanted, ArchiveError> {
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
        Ok(Wanted {
            outermost: dossier.clone(),
            dossier,
            bundle: received.bundle,
            exhibit: received.foreign_exhibit,
            anchored: body.anchored,
            through: None,
        })
    }
}

fn read_all(mut wanted: Vec<Wanted>, own: &LogKey, unread: &mut Vec<UnreadHistory>) -> Vec<ForeignHistory> {
    let mut histories: Vec<ForeignHistory> = Vec::new();
    let mut seen = HashSet::new();
    while let Some(next) = wanted.pop() {
        if !seen.insert((next.bundle, next.exhibit)) {
            continue;
        }
        let not_read = |bundle, exhibit, reason| UnreadHistory { bundle, exhibit, reason };
        let read = match read_one(&next) {
            Ok(Some(read)) => read,
            Ok(None) => continue,
            Err(reason) => {
                unread.push(not_read(next.bundle, next.exhibit, reason));
                continue;
            }
        };
        for (bundle, exhibit) in read.received() {
            match next.outermost.nested(&BundlePath::foreign(bundle)) {
                Ok(None) => {}
                Ok(Some(dossier)) => {
                    let through = Some(read.origin.clone());
                    let outermost = next.outermost.clone();
                    wanted.push(Wanted { dossier, outermost, bundle, exhibit, anchored: false, through });
                }
                Err(error) => unread.push(not_read(bundle, exhibit, error.to_string())),
            }
        }
        histories.push(ForeignHistory {
            bundle: next.bundle,
            origin: read.origin,
            exhibit: next.exhibit,
            size: read.size,
            root: read.root,
            anchored: next.anchored,
            is_own: read.log_key == *own,
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
    histories
}

/// Reads what a dossier says of its exhibit, or tells why that cannot be read.
fn read_one(wanted: &Wanted) -> Result<Option<BundleHistory>, String> {
    let read = read_histories(&wanted.dossier, &[wanted.exhibit], &Unwatched).map_err(|error| error.to_string())?;
    let told = |finding: &Finding| format!("{} {}: {}", finding.code, finding.place, finding.message);
    let read = read.map_err(|findings| findings.first().map_or_else(String::new, told))?;
    match read.into_iter().next() {
        Some(read) if read.bundle != wanted.bundle => Err(format!("it is the dossier of {}", read.bundle)),
        read => Ok(read),
    }
}
