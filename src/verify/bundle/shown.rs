//! What a bundle shows of its log, by which two bundles can contradict each other: a log that was rewritten, or shown
//! differently to two recipients.
//!
//! A bundle holds no consistency proof: nothing in it says that its checkpoint continues an earlier one. But each receipt
//! shows subtrees of the log, and a log that only grows keeps these for ever. Where two bundles show one of them
//! differently, the log was forked; where one shows the root that the other has, its log is a continuation; and where
//! they show nothing in common, nothing is found, and nothing is proved.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::ops::{ControlFlow, Range};

use super::BundleFiles;
use super::entry::Place;
use crate::digest::Digest;
use crate::format::bundle::{BundlePath, EntryFile, Part};
use crate::format::receipt::MAX_RECEIPT_BYTES;
use crate::format::{LogKey, Receipt};
use crate::merkle::{join_subtrees, shown_subtrees};
use crate::model::ExhibitId;
use crate::verify::{Code, Finding};

/// What a bundle, or a dossier, shows of the log that it is from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogView {
    /// Where it is shown, as a finding names it.
    pub place: String,
    /// What that is called in a sentence.
    pub named: String,
    /// The log's key, whose name is its origin.
    pub log_key: LogKey,
    /// Its size.
    pub size: u64,
    /// Its root.
    pub root: Digest,
    /// What is shown of it.
    pub shown: ShownLog,
}

impl LogView {
    /// What these entries of a log show of it, whose checkpoint has this size and root.
    pub(super) fn new<'a>(
        place: &str,
        named: &str,
        log_key: &LogKey,
        (size, root): (u64, Digest),
        places: impl Iterator<Item = &'a Place>,
    ) -> Self {
        let shown = ShownLog::of_places(size, root, places);
        Self { place: place.to_owned(), named: named.to_owned(), log_key: log_key.clone(), size, root, shown }
    }

    /// What an earlier view of a log of the same origin says against this one.
    #[must_use]
    pub fn against(&self, earlier: &Self) -> Option<Finding> {
        if self.log_key.name() != earlier.log_key.name() {
            return None;
        }
        if self.log_key != earlier.log_key {
            let message = format!("{} names the log key {}, this one {}", earlier.named, earlier.log_key, self.log_key);
            return Some(Finding::new(Code::BundleOtherKeys, self.place.as_str(), message));
        }
        let message = self.shown.contradiction(&earlier.shown, &earlier.named)?;
        Some(Finding::new(Code::BundleForked, self.place.as_str(), message))
    }
}

/// What a bundle shows of its log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ShownLog {
    /// The roots of its subtrees, by the leaves that they cover.
    subtrees: HashMap<Range<u64>, Digest>,
    /// The leaf hashes of the entries about exhibits, by their numbers about it.
    entries: BTreeMap<(ExhibitId, u64), Digest>,
}

impl ShownLog {
    /// What these entries of a log of this size and root show.
    pub(super) fn of_places<'a>(size: u64, root: Digest, places: impl Iterator<Item = &'a Place>) -> Self {
        let mut shown = Self::default();
        shown.subtrees.insert(0..size, root);
        places.for_each(|place| shown.add(place, size));
        join_subtrees(&mut shown.subtrees);
        shown
    }

    fn add(&mut self, place: &Place, size: u64) {
        self.subtrees.extend(shown_subtrees(place.index.0, size, place.leaf, &place.path));
        if let (Some(exhibit), Some(sequence)) = (place.exhibit, place.sequence) {
            self.entries.insert((exhibit, sequence), place.leaf);
        }
    }

    /// What the receipts of a bundle show that was checked before; they are believed.
    ///
    /// # Errors
    /// One of them cannot be read.
    pub fn of_receipts(bundle: &dyn BundleFiles) -> io::Result<Self> {
        let mut shown = Self::default();
        for (number, item) in bundle.list()?.items.into_iter().enumerate() {
            let path = std::str::from_utf8(&item.name).ok().and_then(|name| name.parse::<BundlePath>().ok());
            let is_receipt = |path: &BundlePath| matches!(path.part(), Some(Part::Entry(.., EntryFile::Receipt)));
            if !path.is_some_and(|path| is_receipt(&path)) || item.size_bytes > MAX_RECEIPT_BYTES as u64 {
                continue;
            }
            let mut bytes = Vec::new();
            bundle.read(number, &mut |piece| {
                bytes.extend_from_slice(piece);
                ControlFlow::Continue(())
            })?;
            if let Ok(Receipt { entry, path, checkpoint }) = Receipt::parse(&bytes) {
                shown.add(&Place::new(&entry, path), checkpoint.checkpoint.size);
            }
        }
        join_subtrees(&mut shown.subtrees);
        Ok(shown)
    }

    /// Whether this shows that its log had this root when it had this size.
    #[must_use]
    pub fn had_root(&self, size: u64, root: Digest) -> bool {
        self.subtrees.get(&(0..size)) == Some(&root)
    }

    /// What these receipts of one log show, which were checked before; they are believed.
    pub(crate) fn of_letter(receipts: &[Receipt]) -> Self {
        let mut shown = Self::default();
        for Receipt { entry, path, checkpoint } in receipts {
            shown.add(&Place::new(entry, path.clone()), checkpoint.checkpoint.size);
        }
        join_subtrees(&mut shown.subtrees);
        shown
    }

    /// How this contradicts what another bundle of the same log shows, which is called `other_name`: the smallest
    /// difference that both show.
    #[must_use]
    pub fn contradiction(&self, other: &Self, other_name: &str) -> Option<String> {
        let differs = |(range, hash): &(&Range<u64>, &Digest)| other.subtrees.get(*range).is_some_and(|it| it != *hash);
        let smallest =
            self.subtrees.iter().filter(differs).map(|(range, _)| (range.end - range.start, range.start)).min();
        if let Some((length, first)) = smallest {
            let last = first + length - 1;
            return Some(match length {
                1 => format!("its log has another entry {first} than {other_name}"),
                _ => format!("its log has other entries among those from {first} to {last} than {other_name}"),
            });
        }
        let differs =
            |(key, leaf): &(&(ExhibitId, u64), &Digest)| other.entries.get(*key).is_some_and(|it| it != *leaf);
        let ((exhibit, number), _) = self.entries.iter().find(differs)?;
        Some(format!("entry number {number} about {exhibit} is another one in its log than in {other_name}"))
    }
}
