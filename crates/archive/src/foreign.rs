//! The histories that exhibits had in other archives, as their bundles' dossiers hold them.

use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};

use super::ArchiveError;
use super::exhibits::LoggedEntry;
use super::heard::{Partner, compared_archives};
use super::reader::Reader;
use vouchsafe_core::digest::Digest;
use vouchsafe_core::format::bundle::BundlePath;
use vouchsafe_core::format::{ArchiveIdentity, LogKey};
use vouchsafe_core::model::{EntryIndex, Event, ExhibitId, ExhibitReceived, Origin};
use vouchsafe_core::verify::bundle::{BundleHistory, DossierBundle, HistoryEntry, OtherSide, read_histories};
use vouchsafe_core::verify::{Finding, Unwatched};

/// What another archive's log says of an exhibit.
#[derive(Debug, Clone)]
pub struct ForeignHistory {
    /// The bundle that it came in.
    pub bundle: Digest,
    /// That archive.
    pub archive: ArchiveIdentity,
    /// The key of its log.
    pub log_key: LogKey,
    /// What the exhibit is called there.
    pub exhibit: ExhibitId,
    /// Size of that log at the bundle's checkpoint.
    pub size: u64,
    /// Its root.
    pub root: Digest,
    /// Whether this archive ever compared that archive's fingerprint with one from outside.
    pub anchored: bool,
    /// Whether it is of this archive's own log: the exhibit went from here and came back.
    pub is_own: bool,
    /// Which archive handed it on, if it is not the one that this archive had it from.
    pub through: Option<Origin>,
    /// The entries about it, oldest first, with the fields that were disclosed.
    pub entries: Vec<LoggedEntry>,
    /// What there is of the other side's word that custody passed, as some of these entries say.
    pub other_sides: BTreeMap<EntryIndex, OtherSide>,
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
    /// Whether the bytes are no longer those that came: then this archive's disk is at fault, and not who sent it.
    pub is_damaged: bool,
}

/// A dossier with what is wanted of it.
struct Wanted {
    dossier: DossierBundle,
    /// The dossier that this archive received, and its object: all that are behind it stand in it, beside each other.
    outermost: DossierBundle,
    object: Digest,
    bundle: Digest,
    exhibits: BTreeSet<ExhibitId>,
    through: Option<Origin>,
}

/// The histories that an exhibit had in other archives: of each bundle that it came in, and of the bundles behind
/// those. Everything is checked again. Of several bundles from one archive, the one with the longest log counts.
/// With them, those that cannot be read: what is damaged there hides nothing of this archive's own.
///
/// # Errors
/// The index cannot be read.
pub fn foreign_histories(
    reader: &Reader,
    exhibit: ExhibitId,
    history: &[LoggedEntry],
) -> Result<(Vec<ForeignHistory>, Vec<UnreadHistory>), ArchiveError> {
    let (mut wanted, mut unread): (BTreeMap<Digest, Wanted>, Vec<UnreadHistory>) = Default::default();
    for logged in history {
        let Event::ExhibitReceived(received) = &logged.entry.entry.event else { continue };
        if let Some(known) = wanted.get_mut(&received.bundle) {
            known.exhibits.insert(received.foreign_exhibit);
            continue;
        }
        let mut object = None;
        match received_dossier(reader, exhibit, logged, received, &mut object) {
            Ok(found) => drop(wanted.insert(received.bundle, found)),
            Err(ArchiveError::Index(error)) => return Err(ArchiveError::Index(error)),
            Err(error) => unread.push(UnreadHistory {
                bundle: received.bundle,
                exhibit: received.foreign_exhibit,
                reason: error.to_string(),
                is_damaged: object.is_none_or(|object| reader.is_damaged(object)),
            }),
        }
    }
    let mut histories = read_all(reader, wanted.into_values().collect(), &mut unread);
    let compared = compared_archives(reader)?;
    // What does not hold does not show which archive it is of.
    for history in histories.iter_mut().filter(|history| history.findings.is_empty()) {
        history.anchored = compared.contains(&history.archive);
    }
    Ok((histories, unread))
}

/// The archive from which a bundle came, if it was received.
///
/// # Errors
/// The entry about it cannot be read.
pub fn sender_of(reader: &Reader, bundle: Digest) -> Result<Option<Partner>, ArchiveError> {
    Ok(entry_about_received(reader, bundle)?.and_then(|logged| logged.partner()))
}

/// The entry that says that a bundle was received, if there is one.
pub(super) fn entry_about_received(reader: &Reader, bundle: Digest) -> Result<Option<LoggedEntry>, ArchiveError> {
    reader.index.received(bundle)?.map(|index| reader.entry(index)).transpose()
}

/// The dossier of a bundle in which an exhibit came. `object` becomes the object that it is, as soon as that is known.
fn received_dossier(
    reader: &Reader,
    exhibit: ExhibitId,
    logged: &LoggedEntry,
    received: &ExhibitReceived,
    object: &mut Option<Digest>,
) -> Result<Wanted, ArchiveError> {
    let damaged = |reason: &str| ArchiveError::Damaged {
        place: format!("entry {} about {exhibit}", logged.entry.entry.index),
        reason: reason.to_owned(),
    };
    let entry = entry_about_received(reader, received.bundle)?;
    let entry = entry.ok_or_else(|| damaged("no entry says that its bundle was received"))?;
    let Event::BundleReceived(body) = &entry.entry.entry.event else {
        return Err(damaged("the index names an entry that is not about its bundle"));
    };
    *object = Some(body.dossier);
    let dossier = reader.dossier(body.dossier)?;
    Ok(Wanted {
        outermost: dossier.clone(),
        dossier,
        object: body.dossier,
        bundle: received.bundle,
        exhibits: BTreeSet::from([received.foreign_exhibit]),
        through: None,
    })
}

/// Reads each dossier once for all that is wanted of it at a time, and then what its entries name.
fn read_all(reader: &Reader, wanted: Vec<Wanted>, unread: &mut Vec<UnreadHistory>) -> Vec<ForeignHistory> {
    let own = reader.identity();
    let mut wanted: VecDeque<_> = wanted.into();
    let mut histories: Vec<ForeignHistory> = Vec::new();
    let mut seen = HashSet::new();
    while let Some(mut next) = wanted.pop_front() {
        next.exhibits.retain(|exhibit| seen.insert((next.bundle, *exhibit)));
        if next.exhibits.is_empty() {
            continue;
        }
        let read = match read_some(&next) {
            Ok(read) => read,
            Err(reason) => {
                unread.extend(unread_in(reader, &next, next.bundle, &next.exhibits, &reason));
                continue;
            }
        };
        let mut behind: BTreeMap<Digest, BTreeSet<ExhibitId>> = BTreeMap::new();
        for (exhibit, history) in next.exhibits.iter().zip(read) {
            for (bundle, name) in history.received() {
                behind.entry(bundle).or_default().insert(name);
            }
            histories.push(history_of(history, *exhibit, &next, &own));
        }
        let through = histories.last().map(|history| history.archive.origin().clone());
        for (bundle, exhibits) in behind {
            match next.outermost.nested(&BundlePath::foreign(bundle)) {
                Ok(None) => {}
                Ok(Some(dossier)) => wanted.push_back(Wanted {
                    dossier,
                    outermost: next.outermost.clone(),
                    object: next.object,
                    bundle,
                    exhibits,
                    through: through.clone(),
                }),
                Err(error) => unread.extend(unread_in(reader, &next, bundle, &exhibits, &error.to_string())),
            }
        }
    }
    longest(histories)
}

/// That these histories cannot be read, in what was received with this dossier.
fn unread_in<'a>(
    reader: &Reader,
    wanted: &Wanted,
    bundle: Digest,
    exhibits: &'a BTreeSet<ExhibitId>,
    reason: &'a str,
) -> impl Iterator<Item = UnreadHistory> + use<'a> {
    let is_damaged = reader.is_damaged(wanted.object);
    let unread =
        move |exhibit: &ExhibitId| UnreadHistory { bundle, exhibit: *exhibit, reason: reason.to_owned(), is_damaged };
    exhibits.iter().map(unread)
}

/// Of one archive, the same exhibit in a later bundle has all its earlier entries again; but one against which something
/// speaks stands in the place of no other, and is shown beside it.
fn longest(mut histories: Vec<ForeignHistory>) -> Vec<ForeignHistory> {
    histories.sort_by_key(|history| std::cmp::Reverse(history.size));
    let mut told = HashSet::new();
    histories.retain(|history| !history.findings.is_empty() || told.insert((history.archive.clone(), history.exhibit)));
    histories.reverse();
    histories
}

fn history_of(read: BundleHistory, exhibit: ExhibitId, wanted: &Wanted, own: &ArchiveIdentity) -> ForeignHistory {
    let findings = read.findings().cloned().collect();
    let other_side = |one: &HistoryEntry| Some((one.entry.entry.index, one.other_side?));
    let other_sides = read.entries.iter().filter_map(other_side).collect();
    let entries = read.entries.into_iter().map(|entry| LoggedEntry { entry: entry.entry, fields: entry.fields });
    ForeignHistory {
        bundle: wanted.bundle,
        is_own: read.archive == *own,
        archive: read.archive,
        log_key: read.log_key,
        exhibit,
        size: read.size,
        root: read.root,
        anchored: false,
        through: wanted.through.clone(),
        entries: entries.collect(),
        other_sides,
        findings,
    }
}

/// Reads what a dossier says of the exhibits that are wanted, in their order, or tells why that cannot be read.
fn read_some(wanted: &Wanted) -> Result<Vec<BundleHistory>, String> {
    let exhibits: Vec<_> = wanted.exhibits.iter().copied().collect();
    let read = read_histories(&wanted.dossier, &exhibits, &Unwatched).map_err(|error| error.to_string())?;
    let told = |finding: &Finding| format!("{} {}: {}", finding.code, finding.place, finding.message);
    let read = read.map_err(|unread| unread.findings.first().map_or_else(String::new, told))?;
    let read = read.histories;
    match read.first() {
        Some(read) if read.bundle != wanted.bundle => Err(format!("it is the dossier of {}", read.bundle)),
        _ => Ok(read),
    }
}
