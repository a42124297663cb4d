//! What a bundle shows of its log, by which two bundles can contradict each other: a log that was rewritten, or shown
//! differently to two recipients.
//!
//! A bundle holds no consistency proof: nothing in it says that its checkpoint continues an earlier one. But each receipt
//! shows subtrees of the log, and a log that only grows keeps these for ever. Where two bundles show one of them
//! differently, the log was forked; where one shows the root that the other has, its log is a continuation; and where
//! they show nothing in common, nothing is found, and nothing is proved.
//!
//! Only what is proved speaks for or against anybody. An entry counts where its path leads to the root of a checkpoint
//! that is signed by the log's key, as the archive's first entry under the same root names it. Without that key,
//! nobody can make any of it, whatever else a bundle holds.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use super::place::LogPlace;
use super::{Code, Finding};
use crate::digest::Digest;
use crate::format::{ArchiveIdentity, LogKey, Receipt};
use crate::language::{Text, text};
use crate::merkle::{join_subtrees, shown_subtrees};
use crate::model::{ExhibitId, Fingerprint};

/// What a bundle, or a dossier, proves of the log that it is from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogView {
    /// Where it is shown, as a finding names it.
    pub place: String,
    /// What that is called in a sentence.
    pub named: Text,
    /// The archive whose log it is.
    pub archive: ArchiveIdentity,
    /// The log's key.
    pub log_key: LogKey,
    /// Its size.
    pub size: u64,
    /// Its root.
    pub root: Digest,
    /// What is shown of it.
    pub shown: ShownLog,
}

impl LogView {
    /// What an earlier view of the same log says against this one.
    #[must_use]
    pub fn against(&self, earlier: &Self) -> Option<Finding> {
        let message = self.shown.contradiction(&earlier.shown, &earlier.named)?;
        Some(Finding::new(Code::BundleForked, self.place.as_str(), message))
    }
}

/// What a bundle shows of its log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ShownLog {
    /// Of so many entries.
    size: u64,
    /// The roots of its subtrees, by the leaves that they cover.
    subtrees: HashMap<Range<u64>, Digest>,
    /// The leaf hashes of the entries about exhibits, by their numbers about it.
    entries: BTreeMap<(ExhibitId, u64), Digest>,
}

impl ShownLog {
    /// What the root of a log of this size shows, to which proved entries are added.
    pub(super) fn of_root(size: u64, root: Digest) -> Self {
        Self { size, subtrees: HashMap::from([(0..size, root)]), entries: BTreeMap::new() }
    }

    /// What these proved entries of a log of this size and root show.
    pub(super) fn of_places<'a>(size: u64, root: Digest, places: impl Iterator<Item = &'a LogPlace>) -> Self {
        let mut shown = Self::of_root(size, root);
        places.for_each(|place| shown.add(place));
        shown.join();
        shown
    }

    /// Adds what an entry shows whose path leads to the root.
    pub(super) fn add(&mut self, place: &LogPlace) {
        self.subtrees.extend(shown_subtrees(place.index.0, self.size, place.leaf, &place.path));
        if let (Some(exhibit), Some(sequence)) = (place.exhibit, place.sequence) {
            self.entries.insert((exhibit, sequence), place.leaf);
        }
    }

    /// Adds what follows from all of them together.
    pub(super) fn join(&mut self) {
        join_subtrees(&mut self.subtrees);
    }

    /// Whether this shows that its log had this root when it had this size.
    #[must_use]
    pub fn had_root(&self, size: u64, root: Digest) -> bool {
        self.subtrees.get(&(0..size)) == Some(&root)
    }

    /// What these receipts show, which were checked and lead to one checkpoint.
    pub fn of_receipts(receipts: &[Receipt]) -> Self {
        let Some(first) = receipts.first() else { return Self::default() };
        let head = &first.checkpoint.checkpoint;
        let places: Vec<_> =
            receipts.iter().map(|receipt| LogPlace::new(&receipt.entry, receipt.path.clone())).collect();
        Self::of_places(head.size, head.root, places.iter())
    }

    /// How this contradicts what another bundle of the same log shows, which is called `other_name`: the smallest
    /// difference that both show.
    #[must_use]
    pub fn contradiction(&self, other: &Self, other_name: &Text) -> Option<Text> {
        let differs = |(range, hash): &(&Range<u64>, &Digest)| other.subtrees.get(*range).is_some_and(|it| it != *hash);
        let smallest =
            self.subtrees.iter().filter(differs).map(|(range, _)| (range.end - range.start, range.start)).min();
        if let Some((length, first)) = smallest {
            return Some(other_subtree(first, length, other_name));
        }
        let differs =
            |(key, leaf): &(&(ExhibitId, u64), &Digest)| other.entries.get(*key).is_some_and(|it| it != *leaf);
        let ((exhibit, number), _) = self.entries.iter().find(differs)?;
        Some(other_entry(*exhibit, *number, other_name))
    }
}

fn other_subtree(first: u64, length: u64, other: &Text) -> Text {
    match length {
        1 => text!(
            [other] "its log has another entry {first} than {other}",
            "그 기록부의 기록 항목 {first}의 내용이 다음과 다릅니다: {other}"
        ),
        _ => text!(
            [other] "its log has other entries among those from {first} to {last} than {other}",
            "그 기록부의 기록 항목 {first}부터 {last}까지의 내용이 다음과 다릅니다: {other}";
            last = first + length - 1
        ),
    }
}

fn other_entry(exhibit: ExhibitId, number: u64, other: &Text) -> Text {
    text!(
        [other] "entry number {number} about {exhibit} is another one in its log than in {other}",
        "{exhibit}에 관한 {number}번째 기록 항목이 다음과 다릅니다: {other}"
    )
}

/// What is known of logs from several places, put together by the archives that they are of, so that one more view costs
/// what it shows itself, however many there were before.
#[derive(Debug, Default)]
pub struct KnownLogs {
    archives: HashMap<ArchiveIdentity, KnownLog>,
    /// By origin, the archives that have it, in the order in which they came.
    origins: HashMap<String, Vec<ArchiveIdentity>>,
    /// What the places are called.
    names: Vec<Text>,
}

#[derive(Debug)]
struct KnownLog {
    /// The place that showed it first.
    first: usize,
    is_anchored: bool,
    subtrees: HashMap<Range<u64>, Vec<(Digest, usize)>>,
    entries: HashMap<(ExhibitId, u64), Vec<(Digest, usize)>>,
}

/// An archive that has the same origin as another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Namesake<'a> {
    /// The place that shows it.
    pub named: &'a Text,
    /// Its fingerprint.
    pub fingerprint: Fingerprint,
    /// Whether it was compared with what came from outside.
    pub is_anchored: bool,
}

/// Of archives of one origin, so many are remembered: one is enough to show that there are others.
const MAX_NAMESAKES: usize = 16;

impl KnownLogs {
    /// Adds what a place proves of a log, and whether that archive was compared with what came from outside.
    pub fn add(&mut self, view: &LogView, is_anchored: bool) {
        let place = self.names.len();
        self.names.push(view.named.clone());
        let log = self.archives.entry(view.archive.clone()).or_insert_with(|| KnownLog {
            first: place,
            is_anchored: false,
            subtrees: HashMap::new(),
            entries: HashMap::new(),
        });
        log.is_anchored |= is_anchored;
        let namesakes = self.origins.entry(view.archive.origin().to_string()).or_default();
        if (namesakes.len() < MAX_NAMESAKES || is_anchored) && !namesakes.contains(&view.archive) {
            namesakes.push(view.archive.clone());
        }
        for (range, hash) in &view.shown.subtrees {
            note(log.subtrees.entry(range.clone()).or_default(), *hash, place);
        }
        for (key, leaf) in &view.shown.entries {
            note(log.entries.entry(*key).or_default(), *leaf, place);
        }
    }

    /// What is known of the same log and cannot be true together with this view.
    #[must_use]
    pub fn against(&self, view: &LogView) -> Option<Finding> {
        let log = self.archives.get(&view.archive)?;
        let other =
            |known: &[(Digest, usize)], hash: Digest| known.iter().find(|(found, _)| *found != hash).map(|it| it.1);
        let subtrees = view.shown.subtrees.iter().filter_map(|(range, hash)| {
            let place = other(log.subtrees.get(range)?, *hash)?;
            Some((range.end - range.start, range.start, place))
        });
        let message = match subtrees.min() {
            Some((length, first, place)) => other_subtree(first, length, &self.names[place]),
            None => view.shown.entries.iter().find_map(|((exhibit, number), leaf)| {
                let place = other(log.entries.get(&(*exhibit, *number))?, *leaf)?;
                Some(other_entry(*exhibit, *number, &self.names[place]))
            })?,
        };
        Some(Finding::new(Code::BundleForked, view.place.as_str(), message))
    }

    /// Another archive of the same origin, if one is known: one that was compared with what came from outside before
    /// any other.
    #[must_use]
    pub fn namesake(&self, archive: &ArchiveIdentity) -> Option<Namesake<'_>> {
        let others = self.origins.get(archive.origin().as_str())?.iter().filter(|other| *other != archive);
        let others = others.filter_map(|other| Some((other.fingerprint(), self.archives.get(other)?)));
        let (fingerprint, log) = others.min_by_key(|(_, log)| !log.is_anchored)?;
        Some(Namesake { named: &self.names[log.first], fingerprint, is_anchored: log.is_anchored })
    }

    /// Whether an archive was compared with what came from outside.
    #[must_use]
    pub fn is_anchored(&self, archive: &ArchiveIdentity) -> bool {
        self.archives.get(archive).is_some_and(|log| log.is_anchored)
    }
}

/// Two are enough: whatever is shown later differs from one of them.
fn note(known: &mut Vec<(Digest, usize)>, hash: Digest, place: usize) {
    if known.len() < 2 && known.iter().all(|(found, _)| *found != hash) {
        known.push((hash, place));
    }
}

/// That an archive has the origin of another one, in words. It is no fault of either: they are distinguished by what is
/// known of them besides.
#[must_use]
pub fn told_of_namesake(place: &str, archive: &ArchiveIdentity, other: Namesake<'_>) -> Finding {
    let message = text!(
        [named = other.named]
        "two archives call themselves {origin}: {named} shows one with the fingerprint {known}, and this is another, with the \
         fingerprint {own}",
        "두 보존소의 기록부 이름이 모두 {origin}입니다. 한 보존소의 지문: {known}({named}). 이것은 다른 보존소이며, 그 지문: {own}";
        origin = archive.origin(), known = other.fingerprint.paper(), own = archive.fingerprint().paper()
    );
    Finding::new(Code::BundleNamesake, place, message)
}
