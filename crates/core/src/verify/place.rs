//! Where proved entries stand in a log, and whether they fit together.

use super::approvals::{self, Nonces};
use super::log::OTHER_PREVIOUS;
use super::{Code, Finding};
use crate::digest::Digest;
use crate::format::SignedEntry;
use crate::language::{Text, text};
use crate::model::{EntryIndex, ExhibitId, Salt, Timestamp};

/// Where an entry stands in the log and how that is proved, and what it says of the one before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LogPlace {
    pub index: EntryIndex,
    pub leaf: Digest,
    pub exhibit: Option<ExhibitId>,
    pub sequence: Option<u64>,
    pub path: Vec<Digest>,
    /// The nonces of its approvals.
    nonces: Vec<Salt>,
    previous: Digest,
    pub recorded_at: Timestamp,
}

impl LogPlace {
    /// Where this entry stands, with the hashes that lead from it to the root.
    pub fn new(signed: &SignedEntry, path: Vec<Digest>) -> Self {
        let entry = &signed.entry;
        Self {
            index: entry.index,
            leaf: signed.leaf(),
            exhibit: entry.exhibit,
            sequence: entry.exhibit_sequence,
            path,
            nonces: approvals::nonces_of(entry).collect(),
            previous: entry.previous,
            recorded_at: entry.recorded_at,
        }
    }
}

/// Compares entries, in ascending order of their indices, each with the one before it in the bundle. Receipts prove
/// where each stands; that they fit together, only this shows.
pub(super) fn check_order(places: &[LogPlace], add: &mut dyn FnMut(Finding)) {
    for pair in places.windows(2) {
        let [earlier, later] = pair else { continue };
        let mut object = |code, message: Text| {
            add(Finding::new(code, later.index, message).about(later.index, later.exhibit));
        };
        if later.index.0 == earlier.index.0 + 1 && later.previous != earlier.leaf {
            object(Code::EntryPrevious, OTHER_PREVIOUS.into());
        }
        if later.recorded_at < earlier.recorded_at {
            let message = text!(
                "recorded at {at}, entry {before} before it at {then}",
                "기록 시각은 {at}, 앞의 기록 항목 {before}의 기록 시각은 {then}";
                at = later.recorded_at, before = earlier.index, then = earlier.recorded_at
            );
            object(Code::EntryTime, message);
        }
    }
    let mut nonces = Nonces::default();
    for place in places {
        if let Some(again) = nonces.take(place.index, place.nonces.iter().copied()) {
            let found = Finding::new(Code::BundleApprovalWrong, place.index, again);
            add(found.about(place.index, place.exhibit));
        }
    }
}
