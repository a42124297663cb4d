//! What a bundle shows of its log, by which two bundles can contradict each other: a log that was rewritten, or shown
//! differently to two recipients.
//!
//! A bundle holds no consistency proof: nothing in it says that its checkpoint continues an earlier one. But each receipt
//! shows subtrees of the log, and a log that only grows keeps these for ever. Where two bundles show one of them
//! differently, the log was forked; where they show none in common, nothing is found, and nothing is proved.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::ops::{ControlFlow, Range};

use super::BundleFiles;
use super::entry::Place;
use crate::digest::Digest;
use crate::format::Receipt;
use crate::format::bundle::{BundlePath, EntryFile, Part};
use crate::format::receipt::MAX_RECEIPT_BYTES;
use crate::merkle::shown_subtrees;
use crate::model::ExhibitId;

/// What a bundle shows of its log.
#[derive(Debug, Default)]
pub struct ShownLog {
    /// The roots of its subtrees, by the leaves that they cover.
    subtrees: HashMap<Range<u64>, Digest>,
    /// The leaf hashes of the entries about exhibits, by their numbers about it.
    entries: BTreeMap<(ExhibitId, u64), Digest>,
}

impl ShownLog {
    /// What these entries of a log of this size and root show.
    pub(super) fn new<'a>(size: u64, root: Digest, places: impl Iterator<Item = &'a Place>) -> Self {
        let mut shown = Self::default();
        shown.subtrees.insert(0..size, root);
        places.for_each(|place| shown.add(place, size));
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
        Ok(shown)
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
