//! The histories that exhibits had in other archives, as the dossiers of bundles hold them.
//!
//! Dossiers are found in two places: those that this archive received are what it knows, and those that a bundle hands on
//! are what its reader will see. Which histories are reached, and which of them are shown, is the same for both.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::ArchiveError;
use super::exhibits::LoggedEntry;
use super::heard::{Partner, compared_archives};
use super::reader::Reader;
use super::received::{ReceivedDossier, bundle_received, entry_about_received};
use vouchsafe_core::digest::Digest;
use vouchsafe_core::format::{ArchiveIdentity, LogKey};
use vouchsafe_core::model::{EntryIndex, ExhibitId};
use vouchsafe_core::verify::bundle::walk::{Name, Names, Step, Walk, by_bundle, received_in};
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
    /// The entries about it, oldest first, with the fields that were disclosed.
    pub entries: Vec<LoggedEntry>,
    /// What there is of the other side's word that custody passed, as some of these entries say.
    pub other_sides: BTreeMap<EntryIndex, OtherSide>,
    /// The bundles in which it came to that archive, with what it is called in them.
    pub received: Vec<Name>,
    /// What speaks against any of it, now.
    pub findings: Vec<Finding>,
}

/// A history of an exhibit, and the way by which it is known here.
#[derive(Debug, Clone, Copy)]
pub struct HistoryElsewhere<'a> {
    /// The history.
    pub history: &'a ForeignHistory,
    /// Which archive handed it on, if it is not the one that this archive had the exhibit from.
    pub through: Option<&'a ArchiveIdentity>,
}

/// A history in another archive that an entry names and that is not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadHistory {
    /// The bundle that it came in.
    pub bundle: Digest,
    /// What the exhibit is called in it.
    pub exhibit: ExhibitId,
    /// Why.
    pub why: WhyUnread,
}

/// Why a history in another archive is not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WhyUnread {
    /// Whoever handed on what names it did not hand on this.
    NotHandedOn,
    /// It is too large for what it is read for.
    TooLarge,
    /// It cannot be read.
    Unreadable {
        /// What is wrong.
        reason: String,
        /// Whether the bytes are no longer those that came: then this archive's disk is at fault, and not who sent it.
        is_damaged: bool,
    },
}

/// The histories of some exhibits in other archives.
#[derive(Debug, Default)]
pub struct Histories {
    read: BTreeMap<Name, ForeignHistory>,
    of: HashMap<ExhibitId, Visited>,
}

/// What an exhibit's entries lead to.
#[derive(Debug, Default)]
struct Visited {
    /// In the order of the walk, each with the one that names it, unless an entry of this archive does.
    read: Vec<(Name, Option<Name>)>,
    unread: Vec<UnreadHistory>,
}

/// Where dossiers are found.
pub(super) trait Dossiers {
    /// Where one lies.
    type Place;

    /// Where the dossier of a bundle lies that is named at this place, or by an entry of this archive.
    ///
    /// # Errors
    /// This archive cannot be read.
    fn find(
        &mut self,
        from: Option<&Self::Place>,
        bundle: Digest,
    ) -> Result<Result<Self::Place, WhyUnread>, ArchiveError>;

    /// What it says of these exhibits, in their order.
    ///
    /// # Errors
    /// This archive cannot be read.
    fn read(
        &mut self,
        place: &Self::Place,
        bundle: Digest,
        exhibits: &[ExhibitId],
    ) -> Result<Result<Vec<BundleHistory>, WhyUnread>, ArchiveError>;
}

/// Where a step of the walk is: the dossier's place, and a history in the dossier that names it.
type At<P> = (P, Option<Name>);

/// A walk that visits each history once for each exhibit of this archive.
type HistoryWalk<P> = Walk<(ExhibitId, Name), Step<At<P>, ExhibitId>>;

impl Histories {
    /// The histories of exhibits whose entries have these names for them, and of those that these name in turn.
    ///
    /// # Errors
    /// The index cannot be read, or the dossiers refuse it.
    pub(super) fn read<D: Dossiers>(
        reader: &Reader,
        dossiers: &mut D,
        named: impl IntoIterator<Item = (Name, ExhibitId)>,
    ) -> Result<Self, ArchiveError> {
        let (own, mut histories) = (reader.identity(), Self::default());
        let mut walk: HistoryWalk<D::Place> = Walk::default();
        histories.go_on(dossiers, None, by_bundle(named), &mut walk)?;
        while let Some(Step { bundle, names, place }) = walk.next_stop() {
            // What another exhibit led to is read already.
            let is_new = |exhibit: &&ExhibitId| !histories.read.contains_key(&(bundle, **exhibit));
            let wanted: Vec<_> = names.keys().filter(is_new).copied().collect();
            let read = if wanted.is_empty() { Ok(Vec::new()) } else { dossiers.read(&place.0, bundle, &wanted)? };
            match read {
                Ok(read) => {
                    let read = wanted.iter().zip(read).map(|(exhibit, read)| ((bundle, *exhibit), read));
                    histories.read.extend(read.map(|(name, read)| (name, history_of(read, name, &own))));
                }
                Err(why) => {
                    histories.note_unread(bundle, &names, &why);
                    continue;
                }
            }
            let mut behind = Vec::new();
            for (exhibit, owns) in &names {
                let name = (bundle, *exhibit);
                let Some(history) = histories.read.get(&name) else { continue };
                for own in owns {
                    behind.extend(history.received.iter().map(|next| (*next, *own)));
                    histories.of.entry(*own).or_default().read.push((name, place.1));
                }
            }
            let from = names.keys().next().map(|exhibit| (&place.0, (bundle, *exhibit)));
            histories.go_on(dossiers, from, by_bundle(behind), &mut walk)?;
        }
        histories.anchor(reader)?;
        Ok(histories)
    }

    /// Adds to the walk what is named at a place, as far as it is found.
    fn go_on<D: Dossiers>(
        &mut self,
        dossiers: &mut D,
        from: Option<(&D::Place, Name)>,
        named: BTreeMap<Digest, Names<ExhibitId>>,
        walk: &mut HistoryWalk<D::Place>,
    ) -> Result<(), ArchiveError> {
        for (bundle, names) in named {
            match dossiers.find(from.map(|(place, _)| place), bundle)? {
                Ok(place) => {
                    walk.add_dossier(bundle, names, (place, from.map(|(_, name)| name)), |name, own| (own, name))
                }
                Err(why) => self.note_unread(bundle, &names, &why),
            }
        }
        Ok(())
    }

    fn note_unread(&mut self, bundle: Digest, names: &Names<ExhibitId>, why: &WhyUnread) {
        for (exhibit, owns) in names {
            for own in owns {
                let unread = &mut self.of.entry(*own).or_default().unread;
                let one = UnreadHistory { bundle, exhibit: *exhibit, why: why.clone() };
                if !unread.contains(&one) {
                    unread.push(one);
                }
            }
        }
    }

    /// Notes which archives' fingerprints were compared. What does not hold does not show which archive it is of.
    fn anchor(&mut self, reader: &Reader) -> Result<(), ArchiveError> {
        if !self.read.is_empty() {
            let compared = compared_archives(reader)?;
            for history in self.read.values_mut().filter(|history| history.findings.is_empty()) {
                history.anchored = compared.contains(&history.archive);
            }
        }
        Ok(())
    }

    /// The histories of an exhibit that are to be shown, those of shorter logs first. Of one archive, the same exhibit in a
    /// later bundle has all its earlier entries again, so the longest log counts. But one against which something speaks
    /// stands in the place of no other, and is shown beside it.
    #[must_use]
    pub fn of(&self, exhibit: ExhibitId) -> Vec<HistoryElsewhere<'_>> {
        let visited = self.of.get(&exhibit).into_iter().flat_map(|visited| &visited.read);
        let mut histories: Vec<_> = visited
            .filter_map(|(name, from)| {
                let through = from.and_then(|from| self.read.get(&from)).map(|from| &from.archive);
                Some(HistoryElsewhere { history: self.read.get(name)?, through })
            })
            .collect();
        histories.sort_by_key(|one| std::cmp::Reverse(one.history.size));
        let mut told = HashSet::new();
        histories.retain(|HistoryElsewhere { history, .. }| {
            !history.findings.is_empty() || told.insert((&history.archive, history.exhibit))
        });
        histories.reverse();
        histories
    }

    /// The histories of an exhibit that are not read, and why.
    pub fn unread(&self, exhibit: ExhibitId) -> impl Iterator<Item = &UnreadHistory> {
        self.of.get(&exhibit).into_iter().flat_map(|visited| &visited.unread)
    }

    /// The archives that the histories are of.
    pub fn archives(&self) -> impl Iterator<Item = &ArchiveIdentity> {
        self.read.values().map(|history| &history.archive)
    }
}

/// The histories that an exhibit had in other archives: of each bundle that it came in, and of the bundles behind
/// those. Everything is checked again. With them, those that cannot be read: what is damaged there hides nothing of this
/// archive's own.
///
/// # Errors
/// The index cannot be read.
pub fn foreign_histories(
    reader: &Reader,
    exhibit: ExhibitId,
    history: &[LoggedEntry],
) -> Result<Histories, ArchiveError> {
    let named = |logged: &LoggedEntry| Some((received_in(&logged.entry)?, logged.entry.entry.index));
    let named: Vec<_> = history.iter().filter_map(named).collect();
    let named_by = named.iter().rev().map(|((bundle, _), index)| (*bundle, *index)).collect();
    let mut received = Received { reader, exhibit, named_by };
    Histories::read(reader, &mut received, named.into_iter().map(|(name, _)| (name, exhibit)))
}

/// The dossiers that this archive received.
struct Received<'a> {
    reader: &'a Reader,
    exhibit: ExhibitId,
    /// The first entry about the exhibit that names each bundle.
    named_by: HashMap<Digest, EntryIndex>,
}

impl Received<'_> {
    fn open(&self, bundle: Digest) -> Result<Result<ReceivedDossier, WhyUnread>, ArchiveError> {
        let entry = self.named_by.get(&bundle).map(|index| format!("entry {index} about {}", self.exhibit));
        let object = bundle_received(self.reader, bundle, &entry.unwrap_or_default()).map(|(_, object)| object);
        let known = object.as_ref().ok().copied();
        match object.and_then(|object| ReceivedDossier::open(self.reader, object)) {
            Ok(place) => Ok(Ok(place)),
            Err(ArchiveError::Index(error)) => Err(ArchiveError::Index(error)),
            Err(error) => {
                let is_damaged = known.is_none_or(|object| self.reader.is_damaged(object));
                Ok(Err(WhyUnread::Unreadable { reason: error.to_string(), is_damaged }))
            }
        }
    }

    fn unreadable(&self, place: &ReceivedDossier, reason: String) -> WhyUnread {
        WhyUnread::Unreadable { reason, is_damaged: self.reader.is_damaged(place.object) }
    }
}

impl Dossiers for Received<'_> {
    type Place = ReceivedDossier;

    fn find(
        &mut self,
        from: Option<&ReceivedDossier>,
        bundle: Digest,
    ) -> Result<Result<ReceivedDossier, WhyUnread>, ArchiveError> {
        let Some(from) = from else { return self.open(bundle) };
        Ok(match from.behind(bundle) {
            Ok(place) => place.ok_or(WhyUnread::NotHandedOn),
            Err(error) => Err(self.unreadable(from, error.to_string())),
        })
    }

    fn read(
        &mut self,
        place: &ReceivedDossier,
        bundle: Digest,
        exhibits: &[ExhibitId],
    ) -> Result<Result<Vec<BundleHistory>, WhyUnread>, ArchiveError> {
        Ok(read_some(&place.dossier, bundle, exhibits).map_err(|reason| self.unreadable(place, reason)))
    }
}

/// Reads what the dossier of a bundle says of exhibits, in their order, or reports why that cannot be read.
fn read_some(dossier: &DossierBundle, bundle: Digest, exhibits: &[ExhibitId]) -> Result<Vec<BundleHistory>, String> {
    let read = read_histories(dossier, exhibits, &Unwatched).map_err(|error| error.to_string())?;
    let told = |finding: &Finding| format!("{} {}: {}", finding.code, finding.place, finding.message);
    let read = read.map_err(|unread| unread.findings.first().map_or_else(String::new, told))?;
    let read = read.histories;
    match read.first() {
        Some(read) if read.bundle != bundle => Err(format!("it is the dossier of {}", read.bundle)),
        _ => Ok(read),
    }
}

fn history_of(read: BundleHistory, (bundle, exhibit): Name, own: &ArchiveIdentity) -> ForeignHistory {
    let (received, findings) = (read.received().into_iter().collect(), read.findings().cloned().collect());
    let other_side = |one: &HistoryEntry| Some((one.entry.entry.index, one.other_side?));
    let other_sides = read.entries.iter().filter_map(other_side).collect();
    let entries = read.entries.into_iter().map(|entry| LoggedEntry { entry: entry.entry, fields: entry.fields });
    ForeignHistory {
        bundle,
        is_own: read.archive == *own,
        archive: read.archive,
        log_key: read.log_key,
        exhibit,
        size: read.size,
        root: read.root,
        anchored: false,
        entries: entries.collect(),
        other_sides,
        received,
        findings,
    }
}

/// The archive from which a bundle came, if it was received.
///
/// # Errors
/// The entry about it cannot be read.
pub fn sender_of(reader: &Reader, bundle: Digest) -> Result<Option<Partner>, ArchiveError> {
    Ok(entry_about_received(reader, bundle)?.and_then(|logged| logged.partner()))
}
